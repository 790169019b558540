//! `treff eval`: which judged documents a query finds, and the warnings. Unit tests cover the measures.

use std::fmt::Write;

use serde_json::Value;

use crate::golden::check;
use crate::{CommandOutput, TestEnv, repository};

/// A person wrote the queries of `tests/judged.tsv` after reading the five pages, without seeing treff's results.
#[test]
fn ranks_of_judged_queries_are_as_recorded() {
    let env = TestEnv::indexed();
    let judged = repository().join("tests/judged.tsv");
    let ran = env.run(&["eval", "--json", "-v", "--judged", judged.to_str().unwrap()]).exits(0);
    assert_eq!(ran.stderr, "", "every judged line should be in a passage");
    let mut lines = ran.hits();
    let summary = lines.pop().unwrap();
    let mut found = String::new();
    for line in &lines {
        let answer = match &line["found"] {
            Value::Null => line["rank"].as_u64().map_or("not found".to_string(), |rank| rank.to_string()),
            number => format!("{number} found"),
        };
        writeln!(found, "{answer}\t{}", line["text"].as_str().unwrap()).unwrap();
    }
    check("ranks.txt", &found);
    let first = summary["measures"]["P@1"].as_f64().unwrap();
    assert!(first >= 0.9, "the relevant passage is first for {first:.3} of the queries, less than 0.9");
    let nothing = &summary["must_find_nothing"];
    assert_eq!(nothing["queries"], nothing["found_nothing"], "{nothing}");
}

/// Indexes two files and two records. The second record is a copy of one of the files.
fn pages() -> TestEnv {
    let env = TestEnv::empty();
    let line = "Kommunen har plan for fjellrevens ynglehi i kommunens fjellområder.";
    env.write(
        "pages/a/side en.txt",
        format!("Fjellrev\n\n{line}\n\nFjellreven er hvit om vinteren, og reven er brun.\n"),
    );
    env.write("pages/b/two.txt", "Elgen i skogen\n\nElgen er større enn fjellreven og spiser bark.\n");
    let records = [
        r#"{"_id": "r:1", "title": "Hvalen", "text": "Hvalen synger i havet om natten.", "url": "https://a.no/hval"}"#,
        r#"{"_id": "r:2", "title": "Elgen i skogen", "text": "Elgen er større enn fjellreven og spiser bark."}"#,
    ];
    env.write("pages/c.jsonl", records.join("\n"));
    env.run(&["index", "pages"]).exits(0);
    env
}

/// Checks the rank of the first relevant document if `place` is judged relevant for `query`.
#[track_caller]
fn check_rank(env: &TestEnv, query: &str, place: &str, expected: Option<u64>) {
    env.write("judged.tsv", format!("{query}\t{place}\n"));
    let ran = env.run(&["eval", "--json", "-v", "--judged", "judged.tsv"]).exits(0);
    assert_eq!(ran.hits()[0]["rank"].as_u64(), expected, "{place}: {ran:#?}");
}

#[test]
fn finds_a_judged_page_by_each_of_its_names() {
    let env = pages();
    for name in
        ["r:1", "c.jsonl#r:1", "pages/c.jsonl#r:1", "./pages/c.jsonl#r:1", "https://a.no/hval", "c.jsonl:1", "c.jsonl"]
    {
        check_rank(&env, "hval", name, Some(1));
    }
    let absolute = env.path("pages/a/side en.txt");
    for name in
        ["side en.txt", "a/side en.txt", "side en.txt:3", "nowhere.txt,side en.txt:5", absolute.to_str().unwrap()]
    {
        check_rank(&env, "fjellrev", name, Some(1));
    }
    for name in ["en.txt", "c.jsonl:2", "r", "r:3", "side en.txt:99"] {
        check_rank(&env, "hval", name, None);
    }
    // Two names of one page, which is indexed once.
    check_rank(&env, "elg", "two.txt", Some(1));
    check_rank(&env, "elg", "r:2", Some(1));
}

#[test]
fn restores_letters_when_the_split_compound_occurs_on_no_page() {
    let env = TestEnv::empty();
    env.write("pages/a.txt", "Bygda\n\nDet er møte i bygda om hagen og om høner.\n");
    env.write("pages/b.txt", "Annet\n\nMange planer og en hage. Dette er en plass.\n");
    env.run(&["index", "pages"]).exits(0);
    for (query, shown) in [("mote plan", "møte plan"), ("mote plass", "møte plass"), ("hone plass", "høne plass")] {
        env.write("judged.tsv", format!("{query}\ta.txt\n"));
        let ran = env.run(&["eval", "--json", "-v", "--judged", "judged.tsv"]).exits(0);
        assert!(ran.hits()[0]["rank"].is_u64(), "{query}: {ran:#?}");
        env.run(&["search", query]).exits(0).says(&format!("showing results for “{shown}”"));
    }
}

#[track_caller]
fn evaluate(env: &TestEnv, more: &[&str]) -> CommandOutput {
    env.run(&[&["eval", "--queries", "q.tsv", "--qrels", "r.tsv"], more].concat())
}

#[test]
fn compares_with_a_baseline() {
    let env = pages();
    env.write("q.tsv", "q1\thval\nq2\telg\nq3\tfjellrev\nq4\tbark\n");
    env.write("r.tsv", "q1 0 r:1 1\nq2 0 two.txt 2\nq3 0 two.txt 1\nq5 0 r:1 1\nq2 0 r:9 1\n");
    evaluate(&env, &["--run", "one.trec"])
        .exits(0)
        .says("1 judged query missing from q.tsv: q5")
        .says("1 query without a relevant document in the judgments, skipped: q4")
        .says("1 judged document not in the index, counted as not found: r:9")
        .prints("3 queries");
    let run = std::fs::read_to_string(env.path("one.trec")).unwrap();
    assert!(run.starts_with("q1 Q0 r:1 1 1 treff\nq2 Q0 two.txt 1 1 treff\nq3 Q0 "), "{run}");
    let same = evaluate(&env, &["--baseline", "one.trec", "--json"]).exits(0);
    let same = &same.hits()[0];
    assert_eq!(same["measures"], same["baseline"]);
    assert_eq!(same["p"]["nDCG@10"], 1.0);
    env.write("other.trec", "q1 Q0 r:7 1 9 x\nq2 Q0 two.txt 1 1 x\n");
    evaluate(&env, &["--baseline", "other.trec"])
        .exits(0)
        .says("1 query missing from other.trec, counted as 0 there: q3")
        .prints("difference")
        .prints("queries better");
}

#[test]
fn errors_name_the_file_and_line() {
    let env = pages();
    env.write("q.tsv", "q1\thval\nno tab\n");
    env.write("r.tsv", "q1 0 r:1 1\n");
    evaluate(&env, &[]).exits(2).says("q.tsv:2: not a query");
    env.write("q.tsv", "q9\thval\n");
    evaluate(&env, &[]).exits(2).says("q.tsv: none of its queries is judged in r.tsv");
    env.write("q.tsv", "q1\thval\n");
    evaluate(&env, &["--baseline", "none.trec"]).exits(2).says("none.trec: cannot read");
    env.run(&["eval"]).exits(2).says("--judged");
    env.write("judged.tsv", "hval\n");
    env.run(&["eval", "--judged", "judged.tsv"]).exits(2).says("judged.tsv:1: ");
}

//! Tests result options: grouping by page, sorting by date, facets.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;
use treff::index;
use treff::search::page_of_hit;

use crate::{TestEnv, set_age};

/// A page of five passages; `matching` of them contain “Barnevernet”.
fn page(number: usize, matching: usize, date: &str) -> String {
    let filler = format!("Her står det noe annet om sak {number} som ingen leter etter i dag. ").repeat(5);
    let mut text = format!("Sak nummer {number}\n\n{date}\n\n");
    for part in 0..5 {
        let own = if part < matching { "Barnevernet har plikt til å følge opp." } else { "Ingenting mer." };
        text.push_str(&format!("{filler}{own} Del {part} av {number} er slutt her.\n\n"));
    }
    text
}

fn env() -> TestEnv {
    let env = TestEnv::empty();
    for (number, (matching, date)) in
        [(3, "12.03.2018"), (1, "19.02.2020"), (0, "01.01.2021"), (5, ""), (2, "19.02.2020"), (1, "31.12.2017")]
            .into_iter()
            .enumerate()
    {
        env.write(&format!("pages/{number}.txt"), page(number, matching, date));
    }
    env.run(&["index", "pages"]).exits(0);
    env
}

fn search(env: &TestEnv, flags: &[&str]) -> Vec<Value> {
    env.run(&[&["search", "--json", "-n", "100", "barnevernet"], flags].concat()).exits(0).hits()
}

fn text<'a>(hit: &'a Value, field: &str) -> &'a str {
    hit[field].as_str().unwrap_or("")
}

#[test]
fn grouping_returns_one_hit_per_page_with_its_passage_count() {
    let env = env();
    let all = search(&env, &["--similar"]);
    let mut counts: BTreeMap<&str, (u64, &Value)> = BTreeMap::new();
    for hit in &all {
        counts.entry(text(hit, "path")).or_insert((0, hit)).0 += 1;
        assert!(hit.get("matching_passages").is_none(), "{hit}");
    }
    let grouped = search(&env, &["--similar", "--group"]);
    assert_eq!(grouped.len(), counts.len());
    for hit in &grouped {
        let (passages, best) = &counts[text(hit, "path")];
        assert_eq!((hit["matching_passages"].as_u64().unwrap(), &hit["id"]), (*passages, &best["id"]));
    }
    let order: Vec<f64> = grouped.iter().map(|hit| hit["score"].as_f64().unwrap()).collect();
    assert!(order.is_sorted_by(|one, other| one >= other), "{order:?}");
    let first =
        &env.run(&["search", "--json", "--similar", "--group", "-n1", "--offset", "2", "barnevernet"]).hits()[0];
    assert_eq!((&first["id"], &first["rank"]), (&grouped[2]["id"], &Value::from(3)));
    env.run(&["search", "--group", "-n1", "barnevernet"]).exits(0).prints(" passages");
}

#[test]
fn sorting_by_date_puts_the_newest_first_and_undated_pages_last() {
    let env = env();
    let dates: Vec<String> =
        search(&env, &["--sort", "date"]).iter().map(|hit| text(hit, "date").to_string()).collect();
    let mut expected = dates.clone();
    expected.sort_by(|one, other| other.cmp(one));
    assert_eq!(dates, expected);
    assert_eq!(dates.first().unwrap(), "2020-02-19");
    assert_eq!(dates.last().unwrap(), "");
    let first = env.run(&["search", "--json", "-n", "1", "--sort", "date", "barnevernet"]).exits(0).hits();
    assert_eq!(text(&first[0], "date"), "2020-02-19");
    let grouped = search(&env, &["--sort", "date", "--group", "--similar"]);
    let pages: Vec<(&str, &str)> = grouped.iter().map(|hit| (text(hit, "date"), text(hit, "path"))).collect();
    assert_eq!(pages.len(), 5);
    assert_eq!(pages[2..], [("2018-03-12", "pages/0.txt"), ("2017-12-31", "pages/5.txt"), ("", "pages/3.txt")]);
}

#[test]
fn facets_count_pages_by_value() {
    let env = env();
    let flags = ["--facets", "year,lang,site,year", "-n0"];
    let lines = env.run(&[&["search", "--json", "barnevernet"], &flags[..]].concat()).exits(0).hits();
    assert_eq!(lines.len(), 1);
    let facets = &lines[0]["facets"];
    assert_eq!(lines[0]["v"], 1);
    let year = serde_json::json!({
        "values": [
            { "value": "2020", "pages": 2 }, { "value": "2017", "pages": 1 }, { "value": "2018", "pages": 1 }
        ],
        "more": 0,
        "without": 1
    });
    assert_eq!(facets["year"], year);
    assert_eq!(facets["site"], serde_json::json!({ "values": [], "more": 0, "without": 5 }));
    assert_eq!(facets["lang"]["values"][0], serde_json::json!({ "value": "nb", "pages": 5 }));
    let line = env.run(&["search", "--json", "-n0", "--facets", "site", "barnevernet"]).exits(0).stdout;
    assert_eq!(line, "{\"v\":1,\"facets\":{\"site\":{\"values\":[],\"more\":0,\"without\":5}}}\n");
    let shown = env.run(&["search", "--facets", "year", "-n", "1", "barnevernet"]).exits(0);
    assert!(shown.stdout.ends_with("\n\nyear    2020 (2) · 2017 (1) · 2018 (1) · none (1)\n"), "{shown:?}");
    env.run(&["search", "--facets", "year", "ukjentord"]).exits(1);
}

#[test]
fn facets_list_ten_values_and_count_the_others() {
    let env = TestEnv::empty();
    let record = |number: usize| {
        format!(
            "{{\"id\":\"{number}\",\"source\":\"Kilde {:02}\",\"text\":\"Barnevernet nummer {number}.\"}}\n",
            number % 13
        )
    };
    env.write("pages/a.jsonl", (0..14).map(record).collect::<String>());
    env.run(&["index", "pages"]).exits(0);
    let found = env.run(&["search", "--json", "-n0", "--facets", "source", "barnevernet"]).exits(0).hits();
    let facet = &found[0]["facets"]["source"];
    assert_eq!(facet["values"].as_array().unwrap().len(), 10);
    assert_eq!(facet["values"][0], serde_json::json!({ "value": "Kilde 00", "pages": 2 }));
    assert_eq!(facet["values"][1]["value"], "Kilde 01");
    assert_eq!(facet["more"], 3);
    env.run(&["search", "-n0", "--facets", "source", "barnevernet"]).exits(0).prints("and 3 more");
}

#[test]
fn boilerplate_hits_are_grouped_with_their_page() {
    let env = TestEnv::empty();
    let menu = |own: &str| {
        format!("Min kommune\nTjenester om varsling\nOm oss\nPolitikk\nMeld inn\n\n{own}\n\nFacebook\nSkriv ut")
    };
    for (name, own) in [
        ("a", "Plikten til varsling gjelder alle i kommunen hver eneste dag."),
        ("b", "Alle barn har rett til å gå på en god skole."),
        ("c", "Rapporten viser at tjenestene samarbeider mer enn før."),
    ] {
        env.write(&format!("pages/{name}.txt"), menu(own));
    }
    // A copy: the index has only its boilerplate.
    env.write("pages/d.txt", menu("Alle barn har rett til å gå på en god skole."));
    env.run(&["index", "pages"]).exits(0);
    let search = |flags: &[&str]| {
        env.run(&[&["search", "--json", "--with-boilerplate", "varsling"], flags].concat()).exits(0).hits()
    };
    let plain: BTreeSet<String> = search(&[]).iter().map(|hit| text(hit, "path").to_string()).collect();
    assert_eq!(plain.len(), 4, "{plain:?}");
    let grouped = search(&["--group"]);
    assert_eq!(grouped.len(), 4);
    let of_a = grouped.iter().find(|hit| text(hit, "path") == "pages/a.txt").unwrap();
    assert_eq!(of_a["matching_passages"], 2);
    let facets = search(&["--facets", "site", "-n0"]);
    assert_eq!(facets[0]["facets"]["site"]["without"], 4);
}

#[test]
fn an_updated_index_groups_and_counts_like_a_rebuilt_one() {
    let env = env();
    for number in [1, 3] {
        env.write(&format!("pages/{number}.txt"), page(number + 10, 2, "05.05.2019"));
        set_age(&env.path(&format!("pages/{number}.txt")), Duration::from_secs(60));
    }
    env.write("pages/7.txt", page(7, 4, "05.05.2019"));
    std::fs::remove_file(env.path("pages/0.txt")).unwrap();
    env.run(&["index"]).exits(0);
    let flags = ["--group", "--sort", "date", "--facets", "year,lang"];
    let updated = search(&env, &flags);
    env.run(&["index", "--rebuild", "pages"]).exits(0);
    assert_eq!(updated, search(&env, &flags));
}

/// The lines of the first hit, without its first two.
fn first_hit(env: &TestEnv, query: &str) -> Vec<String> {
    let ran = env.run(&["search", "-n", "1", query]).exits(0);
    ran.stdout.lines().skip(2).map(|line| line.trim().to_string()).collect()
}

#[test]
fn a_match_in_a_heading_alone_shows_the_heading_once_and_the_text_below() {
    let env = TestEnv::empty();
    let page = "# Regler for skolen\n\n## Ordensreglement\n\nElevene møter presis og har med bøker. Rektor avgjør \
                resten, og foreldrene får beskjed.\n\n## Permisjon\n\nForeldrene søker rektor om permisjon.\n";
    env.write("pages/skole.md", page);
    env.write(
        "pages/park.html",
        "<h1>Parker</h1><h2>Åpningstider</h2><p>Parken er åpen fra klokka ti til klokka åtte.</p>",
    );
    env.write(
        "pages/reise.md",
        "# Dokument om reiser\n\n## Kameler\n\n### Billetter\n\nVi kjøper dem på stasjonen hver dag.\n",
    );
    env.run(&["index", "pages"]).exits(0);
    let text = "Elevene møter presis og har med bøker. Rektor avgjør resten, og foreldrene får beskjed.";
    assert_eq!(first_hit(&env, "ordensreglement"), ["Ordensreglement", text]);
    let text = "Parken er åpen fra klokka ti til klokka åtte.";
    assert_eq!(first_hit(&env, "åpningstid"), ["Åpningstider", text]);
    assert_eq!(first_hit(&env, "kamel"), ["Kameler", "Vi kjøper dem på stasjonen hver dag."]);
    // A title that matches is highlighted in the first line of the hit, so it isn't repeated.
    assert_eq!(first_hit(&env, "park"), [text]);
}

#[test]
fn finds_the_page_of_a_hit_by_its_id() {
    let env = env();
    let index = index::open(&env.path("index")).unwrap();
    let hits = search(&env, &["--similar"]);
    assert!(!hits.is_empty());
    for hit in &hits {
        let page = page_of_hit(&index, text(hit, "id")).unwrap().expect("the hit is in the index");
        assert_eq!(page.hit().passage.text, text(hit, "passage"));
        assert!(page.passages.iter().all(|passage| passage.page == page.hit().page));
        let ordinals: Vec<u32> = page.passages.iter().map(|passage| passage.ordinal).collect();
        assert_eq!(ordinals, [0, 1, 2, 3, 4], "every passage once, in order");
    }
    let (page, _) = text(&hits[0], "id").split_once('.').unwrap();
    for id in ["", "00000000.1", "pages/0.txt:1", &format!("{page}.99"), &format!("{page}.0"), page] {
        assert!(page_of_hit(&index, id).unwrap().is_none(), "{id}");
    }
}

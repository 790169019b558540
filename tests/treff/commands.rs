//! Every command of the program, run on the five seed pages.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use treff::norwegian::{Standard, TermKind, analyze};

use crate::{CommandOutput, SEEDS, TestEnv};

/// Checks the set of the first hits. The expected hits come from reading the pages, not from the program.
#[track_caller]
fn check_first(env: &TestEnv, query: &str, expected: &[&str]) {
    let places = env.places(query);
    let found: BTreeSet<&str> = places.iter().take(expected.len()).map(String::as_str).collect();
    let expected: BTreeSet<&str> = expected.iter().copied().collect();
    assert_eq!(found, expected, "the first hits of {query:?}, out of {places:?}");
}

#[test]
fn finds_the_passages_that_a_reader_would_choose() {
    let env = TestEnv::indexed();
    check_first(&env, "taushetsplikt", &["002_d505e01479dfd589.txt:34"]);
    check_first(&env, "Taushetsplikten", &["002_d505e01479dfd589.txt:34"]);
    check_first(&env, "tverrsektoriell samhandling", &["000_a3209f500a9dfbf1.txt:27"]);
    check_first(&env, "124 virkemidler", &["001_57cddf6f4c5f92bf.txt:25", "003_1bcf3e5d1a9b0202.txt:7"]);
    check_first(&env, "økonomi", &["004_d59eab6fb950c723.txt:11", "002_d505e01479dfd589.txt:61"]);
    check_first(&env, "økonomi og ledelse", &["004_d59eab6fb950c723.txt:11"]);
    check_first(&env, "75 prosent", &["003_1bcf3e5d1a9b0202.txt:19"]);
    check_first(&env, "Proba Samfunnsanalyse", &["004_d59eab6fb950c723.txt:7"]);
    check_first(&env, "elastisitet", &["003_1bcf3e5d1a9b0202.txt:27"]);
    assert_eq!(env.places("økonomi").len(), 2);
}

#[test]
fn every_hit_of_a_phrase_contains_it() {
    let env = TestEnv::indexed();
    let hits = env.run(&["search", "--json", "-n", "100", "\"utsatte barn og unge\""]).exits(0).hits();
    assert!(hits.len() >= 8, "{} hits", hits.len());
    for hit in hits {
        let passage = hit["passage"].as_str().unwrap().replace('\n', " ").to_lowercase();
        assert!(passage.contains("utsatte barn og unge"), "{hit}");
    }
}

#[test]
fn does_not_find_boilerplate_or_absent_words() {
    let env = TestEnv::indexed();
    let check = |query: &str| {
        let ran = env.run(&["search", "--", query]).exits(1).says("nothing found");
        assert_eq!(ran.stdout, "", "{query}");
        assert_eq!(env.run(&["search", "--json", "--", query]).exits(1).stdout, "", "{query}");
    };
    // Words of menus, share buttons and forms, which are boilerplate.
    check("Facebook");
    check("Hold Ctrl-tasten");
    check("\"Tips en venn\"");
    // A word does not match another word that it is a prefix of.
    check("barnehage");
    // Words match fuzzily only with `~`.
    check("qwertyxyz");
    check("koronapandemi");
    check("taushetsplikt -lovverket");
    check("\"taushetsplikt og samtykke\"");
}

#[test]
fn first_search_builds_the_index_and_reports_it() {
    let env = TestEnv::with_seeds();
    let first = env
        .run(&["taushetsplikt"])
        .exits(0)
        .says("no index in index")
        .says("seeds")
        .prints("002_d505e01479dfd589.txt:34");
    let second = env.run(&["search", "taushetsplikt"]).exits(0);
    assert_eq!(second.stderr, "");
    assert_eq!(first.stdout, second.stdout);
}

#[test]
fn names_the_next_step_if_there_is_no_index() {
    let env = TestEnv::empty();
    env.run(&["barn"]).exits(2).says("no index in index").says("treff index");
    env.run(&["status"]).exits(2).says("no index in index");
    env.run(&["index"]).exits(2).says("seeds");
    env.run(&["index", "nowhere"]).exits(2).says("nowhere");
}

#[test]
fn index_can_be_in_any_folder() {
    let env = TestEnv::with_seeds();
    env.run(&["--index", "other/place", "taushetsplikt"]).exits(0);
    assert!(env.path("other/place/treff.json").exists() && !env.path("index").exists());
    let ran = CommandOutput::of(env.command(&["status"]).env("TREFF_INDEX", "other/place").spawn().unwrap());
    ran.exits(0).prints("other/place");
}

#[test]
fn searches_for_the_name_of_a_command() {
    let env = TestEnv::indexed();
    env.run(&["search", "status"]).exits(1);
    env.run(&["status"]).exits(0).prints("5 pages");
}

#[test]
fn json_hits_follow_the_schema() {
    let env = TestEnv::indexed();
    for query in
        ["taushetsplikt", "økonomi", "\"utsatte barn\" samarbeidet", "0-24-samarbeidet", "tjenestene i kommunene"]
    {
        let ran = env.run(&["search", "--json", "-n", "100", query]).exits(0);
        assert!(!ran.stdout.contains("\\u"), "non-ASCII characters are escaped: {}", ran.stdout);
        let hits = ran.hits();
        assert!(!hits.is_empty());
        for (index, hit) in hits.iter().enumerate() {
            assert_eq!(hit["rank"], index + 1);
            check_hit(&env, query, hit);
        }
        let scores: Vec<f64> = hits.iter().map(|hit| hit["score"].as_f64().unwrap()).collect();
        assert!(scores.is_sorted_by(|one, other| one >= other), "{scores:?}");
    }
}

fn check_hit(env: &TestEnv, query: &str, hit: &serde_json::Value) {
    let names: BTreeSet<&str> = hit.as_object().unwrap().keys().map(String::as_str).collect();
    for name in [
        "v", "rank", "id", "score", "title", "heading", "source", "date", "updated", "url", "lang", "record", "passage",
    ] {
        assert!(names.contains(name), "{name} is missing: {hit}");
    }
    assert_eq!(hit["v"], 1);
    let (line, path) = (hit["line"].as_u64().unwrap() as usize, hit["path"].as_str().unwrap());
    let (first, last) = (hit["lines"][0].as_u64().unwrap() as usize, hit["lines"][1].as_u64().unwrap() as usize);
    assert!((first..=last).contains(&line), "{hit}");
    let snippet = hit["snippet"].as_str().unwrap();
    let source = std::fs::read_to_string(env.path(path)).unwrap();
    let snippet_start: String = snippet.trim_start_matches(['…', '•', ' ']).chars().take(10).collect();
    assert!(
        source.lines().nth(line - 1).unwrap().contains(snippet_start.trim()),
        "line {line} does not contain the snippet: {hit}"
    );
    for page_mark in hit["page_marks"].as_array().unwrap() {
        let [line, start, end] = [0, 1, 2].map(|index| page_mark[index].as_u64().unwrap() as usize);
        let marked = source.lines().nth(line - 1).unwrap().get(start..end);
        let is_marked = hit["marks"].as_array().unwrap().iter().any(|mark| {
            let [start, end] = [0, 1].map(|index| mark[index].as_u64().unwrap() as usize);
            snippet.get(start..end) == marked
        });
        assert!(is_marked, "{marked:?} in line {line} is not a mark: {hit}");
    }
    assert!(hit["page_marks"].as_array().unwrap().len() >= hit["marks"].as_array().unwrap().len(), "{hit}");
    let query_keys = keys(query);
    let mut previous_end = 0;
    if hit["marks"].as_array().unwrap().is_empty() {
        // Only the title or heading matches: the snippet is the text below.
        let passage = hit["passage"].as_str().unwrap();
        let above = ["title", "heading"].iter().filter_map(|name| hit[name].as_str());
        assert!(above.into_iter().any(|text| passage.starts_with(text) && !snippet.starts_with(text)), "{hit}");
    }
    for mark in hit["marks"].as_array().unwrap() {
        let (start, end) = (mark[0].as_u64().unwrap() as usize, mark[1].as_u64().unwrap() as usize);
        assert!(previous_end <= start && start < end, "{hit}");
        previous_end = end;
        // `get` returns None for a range that is out of bounds or splits a character.
        let marked = snippet.get(start..end).unwrap_or_else(|| panic!("{start}..{end} of {hit}"));
        assert!(!keys(marked).is_disjoint(&query_keys), "{marked:?} shares no lemma with {query:?}");
    }
}

/// The lemma keys and components of a text.
fn keys(text: &str) -> BTreeSet<String> {
    let words = analyze(text, Standard::Both);
    words.iter().flat_map(|word| word.terms(&[TermKind::Lemma, TermKind::Component])).map(str::to_string).collect()
}

#[test]
fn colors_depend_on_option_and_environment() {
    let env = TestEnv::indexed();
    let check = |args: &[&str], variables: &[(&str, &str)], is_colored: bool| {
        let ran = CommandOutput::of(env.command(args).envs(variables.iter().copied()).spawn().unwrap()).exits(0);
        assert_eq!(ran.stdout.contains('\x1b'), is_colored, "{args:?} {variables:?}");
    };
    check(&["barn"], &[], false);
    check(&["--color", "always", "barn"], &[], true);
    check(&["--color=always", "barn"], &[("NO_COLOR", "1")], true);
    check(&["--color", "never", "barn"], &[("CLICOLOR_FORCE", "1")], false);
    check(&["barn"], &[("CLICOLOR_FORCE", "1")], true);
    check(&["barn"], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false);
    check(&["search", "--color=always", "--json", "barn"], &[], false);
    check(&["--color=always", "show", "seeds/002_d505e01479dfd589.txt:34"], &[], true);
    check(&["show", "seeds/002_d505e01479dfd589.txt:34"], &[], false);
}

#[test]
fn limit_and_offset_select_from_one_ranking() {
    let env = TestEnv::indexed();
    let ids = |args: &[&str]| -> Vec<String> {
        let hits = env.run(&[&["search", "--json"], args, &["barn"]].concat()).hits();
        hits.iter().map(|hit| format!("{} {}", hit["rank"], hit["id"])).collect()
    };
    let all = ids(&["-n", "100"]);
    assert!(all.len() > 10);
    assert_eq!(ids(&[]), all[..10]);
    assert_eq!(ids(&["-n", "3"]), all[..3]);
    assert_eq!(ids(&["--limit=4", "--offset", "3"]), all[3..7]);
    assert_eq!(ids(&["-n", "100", "--offset", "9"]), all[9..]);
    assert_eq!(ids(&["-n", "0"]), all[..0]);
    env.run(&["search", "-n", "0", "barn"]).exits(0).says("passages found");
    let past = env.run(&["search", "--offset", "1000", "barn"]).exits(1);
    assert_eq!(past.stdout, "");
}

#[test]
fn says_how_many_passages_match_without_the_filters() {
    let env = TestEnv::indexed();
    let passages = env.places("taushetsplikt").len();
    let verb = if passages == 1 { "passage matches" } else { "passages match" };
    let expected = format!("nothing found for taushetsplikt; without the filters, {passages} {verb}\n");
    env.run(&["search", "--since", "2090", "taushetsplikt"]).exits(1).says(&expected);
    // Here the filter is not the reason.
    env.run(&["search", "--since", "2090", "qwertyxyz"]).exits(1).says("nothing found for qwertyxyz\n");
    env.run(&["qwertyxyz"]).exits(1).says("nothing found for qwertyxyz\n");
}

#[test]
fn no_query_crashes_the_search() {
    let env = TestEnv::indexed();
    let long_text = "barn og unge ".repeat(800);
    let long_word = "æ".repeat(10_000);
    let check = |query: &str, code: i32| {
        let ran = env.run(&["search", "--", query]).exits(code);
        assert!(
            !ran.stdout.contains('\x1b') && !ran.stderr.contains('\x1b'),
            "{query:?} writes control characters to the terminal: {ran:?}"
        );
    };
    check("0-24", 0);
    check("(barn", 0);
    check("barn)", 0);
    check("barn OR", 0);
    check("NOT barn AND", 0);
    check("title:barn", 0);
    check("barn^2~1*", 0);
    check("\"barn", 0);
    check("\"\" barn", 0);
    check("barn -", 0);
    check("barn\u{0301} \u{200d}", 0);
    check(":", 1);
    check("\"", 1);
    check("\"\"", 1);
    check("", 1);
    check(" \t\n", 1);
    check("🙂", 1);
    check("…", 1);
    check("--", 1);
    check("-barn", 1);
    check("-\"barn og unge\"", 1);
    check("\u{1}\u{1b}[31m\u{7f}qwertyxyz", 1);
    check(&long_text, 0);
    check(&long_word, 1);
    env.run(&["--", "-barn"]).exits(1).says("nothing to search for");
    env.run(&[&long_word]).exits(1).says("words of more than 200 letters are not indexed");
    env.run(&["--index", "en annen", "status"]).exits(2).says("`treff --index 'en annen' index PATH…`");
}

#[test]
fn show_prints_the_page_of_a_hit() {
    let env = TestEnv::indexed();
    let line = ">   34  Samtidig er det utfordringer i grenseflatene";
    let title = "Trøbbel i grenseflatene. Samordnet innsats for utsatte barn og unge";
    let hit = &env.run(&["search", "--json", "taushetsplikt"]).hits()[0];
    let by_id =
        env.run(&["show", hit["id"].as_str().unwrap()]).exits(0).prints(line).prints(title).prints("2020-04-07");
    let by_place = env.run(&["show", "seeds/002_d505e01479dfd589.txt:34"]).exits(0);
    assert_eq!(by_id.stdout, by_place.stdout);
    let check_fails = |hit: &str| drop(env.run(&["show", hit]).exits(2));
    check_fails("nope");
    check_fails("");
    check_fails("00000000.1");
    check_fails("seeds/nope.txt:34");
    check_fails("seeds/002_d505e01479dfd589.txt:99999");
    check_fails("seeds/002_d505e01479dfd589.txt:abc");
}

#[test]
fn control_characters_of_metadata_are_not_printed() {
    let env = TestEnv::empty();
    let record = serde_json::json!({
        "text": "Kommunen \u{1b}[31m har plikt til å sørge for et forsvarlig tilbud til alle barn.",
        "id": "a\u{1b}[31m", "title": "Tittel \u{1b}[31m", "source": "Kilde \u{1b}[31m [32m", "url": "https://a.no/\u{1b}[31m",
    });
    env.write("p.jsonl", format!("{record}\n"));
    env.run(&["index", "p.jsonl"]).exits(0);
    let id = env.run(&["search", "--json", "forsvarlig"]).exits(0).hits()[0]["id"].as_str().unwrap().to_string();
    for args in
        [&["search", "forsvarlig"][..], &["show", &id], &["clean", "p.jsonl"], &["clean", "--explain", "p.jsonl"]]
    {
        let ran = env.run(args).exits(0);
        assert!(!ran.stdout.contains('\x1b') && !ran.stderr.contains('\x1b'), "{args:?} {ran:?}");
    }
}

#[test]
fn clean_explains_every_line() {
    let env = TestEnv::indexed();
    let page = "seeds/002_d505e01479dfd589.txt";
    let plain = env.run(&["clean", page]).exits(0).prints("   17  Trøbbel i grenseflatene");
    assert!(!plain.stdout.contains("Facebook"));
    let explained = env.run(&["clean", "--explain", page]).exits(0).prints("published  2020-04-07");
    let lines = std::fs::read_to_string(env.path(page)).unwrap().lines().count();
    let is_row = |line: &&str| line.trim_start().starts_with(|c: char| c.is_ascii_digit());
    assert_eq!(explained.stdout.lines().filter(is_row).count(), lines);
    env.run(&["clean", "nowhere.txt"]).exits(2).says("nowhere.txt");
    TestEnv::with_seeds().run(&["clean", page]).exits(0).says("no readable index");
}

#[test]
fn analyze_prints_terms_with_kind_and_offsets() {
    let env = TestEnv::empty();
    env.run(&["analyze", "barnehagene"])
        .exits(0)
        .prints("exact")
        .prints("lemma")
        .prints("component")
        .prints("barnehagene")
        .prints("0..11");
    env.run(&["analyze", "Fastlegge"])
        .exits(0)
        .prints("0..4       part       fast")
        .prints("4..9       part       legge");
    env.run(&["analyze", "…"]).exits(1);
}

#[test]
fn status_counts_changed_files() {
    let env = TestEnv::indexed();
    env.run(&["status"]).exits(0).prints("5 pages").prints("seeds").prints("up to date");
    let changed = std::fs::read_to_string(env.path("seeds").join(SEEDS[4])).unwrap() + "\n\nEn linje til.";
    env.write(&format!("seeds/{}", SEEDS[4]), changed);
    env.write("seeds/new.txt", "En ny side om barnevern.");
    std::fs::remove_file(env.path("seeds").join(SEEDS[0])).unwrap();
    env.run(&["status"]).exits(0).prints("1 new").prints("1 changed").prints("1 deleted");
    env.run(&["index"]).exits(0).prints("1 added").prints("1 changed").prints("1 removed");
    env.run(&["status"]).exits(0).prints("5 pages").prints("up to date");
    env.run(&["barnevern"]).exits(0).prints("seeds/new.txt:1");
    env.run(&["index"]).exits(0).prints("nothing changed");
}

#[test]
fn notices_a_change_right_after_indexing() {
    let env = TestEnv::empty();
    std::fs::write(env.path("page.txt"), "En side om barnevern.").unwrap();
    env.run(&["index", "page.txt"]).exits(0);
    std::fs::write(env.path("page.txt"), "En side om barnehager og skoler.").unwrap();
    env.run(&["status"]).exits(0).prints("1 changed");
    env.run(&["index"]).exits(0).prints("1 changed");
    env.run(&["barnevern"]).exits(1);
    env.run(&["skoler"]).exits(0);
}

/// Rewrites the head file as another version would have written it.
fn rewrite_head_with_other_format(env: &TestEnv) {
    let head = env.path("index/treff.json");
    let mut fields: serde_json::Value = serde_json::from_slice(&std::fs::read(&head).unwrap()).unwrap();
    fields["format"] = 0.into();
    fields["treff"] = "0.0.9".into();
    fields.as_object_mut().unwrap().remove("checksum");
    std::fs::write(head, fields.to_string()).unwrap();
}

#[test]
fn rebuilds_an_index_of_another_version() {
    let env = TestEnv::indexed();
    rewrite_head_with_other_format(&env);
    let ran = env.run(&["taushetsplikt"]);
    ran.exits(0).prints("002_d505e01479dfd589.txt:34").says("0.0.9");
    env.run(&["status"]).exits(0).prints("5 pages");
}

#[test]
fn keeps_an_index_of_another_version_if_its_sources_are_missing() {
    let env = TestEnv::indexed();
    rewrite_head_with_other_format(&env);
    std::fs::rename(env.path("seeds"), env.path("away")).unwrap();
    for command in ["search", "index"] {
        let args = if command == "search" { vec!["search", "taushetsplikt"] } else { vec![command] };
        env.run(&args).exits(2).says("treff index --rebuild");
    }
    std::fs::rename(env.path("away"), env.path("seeds")).unwrap();
    env.run(&["index"]).exits(0).prints("5 pages");
}

#[test]
fn refuses_a_folder_with_other_files() {
    let env = TestEnv::with_seeds();
    env.write("own/generation-1/mine.txt", "Min egen tekst.");
    env.run(&["--index", "own", "index", "seeds"]).exits(2).says("contains files that are not part of an index");
    assert!(env.path("own/generation-1/mine.txt").exists());
}

#[test]
fn prints_completions_and_manual() {
    let env = TestEnv::empty();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        env.run(&["completions", shell]).exits(0).prints("treff");
    }
    env.run(&["man"]).exits(0).prints(".TH").prints("completions");
}

/// Runs the completion function for the last of `words` in bash. Returns the `compopt` calls and the candidates, one
/// per line.
fn complete_in_bash(env: &TestEnv, words: &[&str]) -> Vec<String> {
    const SCRIPT: &str = r#"
        source completions.bash
        compopt() { echo "compopt $*"; }
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        _treff treff "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let mut command = Command::new("bash");
    command.args(["--norc", "-c", SCRIPT, "bash"]).args(words).current_dir(env.path(""));
    let ran = CommandOutput::of(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()).exits(0);
    assert_eq!(ran.stderr, "", "{words:?}");
    let mut lines: Vec<String> = ran.stdout.lines().filter(|line| !line.is_empty()).map(str::to_string).collect();
    lines.sort();
    lines
}

#[test]
fn bash_completes_paths_with_spaces() {
    if Command::new("bash").arg("--version").output().is_err() {
        eprintln!("skipped: bash is not installed");
        return;
    }
    let env = TestEnv::empty();
    let script = env.run(&["completions", "bash"]).exits(0).stdout;
    env.write("completions.bash", script);
    for name in ["my names.txt", "my other names.txt", "my index/treff.json"] {
        env.write(name, "");
    }
    let check = |words: &[&str], expected: &[&str]| assert_eq!(complete_in_bash(&env, words), expected, "{words:?}");
    let files = ["compopt -o filenames", "my index", "my names.txt", "my other names.txt"];
    check(&["treff", "search", "--synonyms", "my"], &files);
    check(&["treff", "search", "--synonyms", "my n"], &["compopt -o filenames", "my names.txt"]);
    for option in ["--queries", "--qrels", "--judged", "--run", "--baseline", "--synonyms"] {
        check(&["treff", "eval", option, "my"], &files);
    }
    // bash itself adds the folders, and quotes the spaces in their names.
    check(&["treff", "--index", "my"], &["compopt -o plusdirs"]);
    check(&["treff", "status", "--index", "my"], &["compopt -o plusdirs"]);
    // If the function returns no candidates, bash completes file names, because of `complete -o default` in the script.
    check(&["treff", "index", "my"], &[]);
    check(&["treff", "clean", "my"], &[]);
    check(&["treff", "index", ""], &[]);
    check(&["treff", "index", "a.txt", ""], &[]);
    check(&["treff", "index", "--reb"], &["--rebuild"]);
    // Free text is left as it is.
    for option in ["--source", "--since", "--until", "--lang", "--limit", "-n", "--offset", "--snippet-chars"] {
        check(&["treff", "search", option, "my"], &["compopt -o nospace", "my"]);
    }
}

#[test]
fn ignores_a_closed_pipe() {
    let env = TestEnv::indexed();
    let commands: [&[&str]; 7] = [
        &["search", "-n", "100", "barn"],
        &["search", "--json", "-n", "100", "barn"],
        &["show", "seeds/002_d505e01479dfd589.txt:34"],
        &["clean", "--explain", "seeds/002_d505e01479dfd589.txt"],
        &["completions", "bash"],
        &["man"],
        &["--help"],
    ];
    for args in commands {
        // Closed before the process starts, so that its first write fails.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ran = CommandOutput::of(env.command(args).stdout(writer).spawn().unwrap()).exits(0);
        assert_eq!(ran.stderr, "", "{args:?}");
    }
}

#[test]
fn usage_errors_exit_with_2() {
    let env = TestEnv::indexed();
    let check = |args: &[&str]| {
        let ran = env.run(args).exits(2);
        assert!(ran.stdout.is_empty() && !ran.stderr.is_empty(), "{args:?} {ran:?}");
    };
    check(&[]);
    check(&["search"]);
    check(&["search", "-n", "many", "barn"]);
    check(&["search", "--limit=-1", "barn"]);
    check(&["index", "--nope"]);
    check(&["show"]);
    check(&["completions", "nosuchshell"]);
    check(&["--color", "sometimes", "barn"]);
    env.run(&["--help"]).exits(0).prints("Usage");
    env.run(&["--version"]).exits(0).prints(env!("CARGO_PKG_VERSION"));
}

#[test]
fn bench_prints_two_rows() {
    let env = TestEnv::indexed();
    env.write("queries", "barn\nkoronapandemi\n");
    let ran = env.run(&["bench", "queries"]).exits(0).prints("2 queries").prints("1 with hits");
    let rows = ran.stdout.lines().filter(|line| line.matches(" ms").count() == 3).count();
    assert_eq!(rows, 2, "{}", ran.stdout);
    env.write("empty", "");
    env.run(&["bench", "empty"]).exits(2).says("no queries");
}

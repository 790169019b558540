//! Every command of the program, on the five pages it comes with.

use std::collections::BTreeSet;

use treff::norwegian::{Standard, TermKind, analyze};

use crate::{Ran, SEEDS, TestEnv};

/// Search on the five pages. What is expected was judged by reading them, not taken from the program.
#[track_caller]
fn check_first(env: &TestEnv, query: &str, expected: &[&str]) {
    let places = env.places(query);
    let found: BTreeSet<&str> = places.iter().take(expected.len()).map(String::as_str).collect();
    let expected: BTreeSet<&str> = expected.iter().copied().collect();
    assert_eq!(found, expected, "the first hits of {query:?} among {places:?}");
}

#[test]
fn searches_find_what_a_reader_would_point_at() {
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
fn a_phrase_stands_in_every_passage_found() {
    let env = TestEnv::indexed();
    let hits = env.run(&["search", "--json", "-n", "100", "\"utsatte barn og unge\""]).exits(0).hits();
    assert!(hits.len() >= 8, "{} hits", hits.len());
    for hit in hits {
        let passage = hit["passage"].as_str().unwrap().replace('\n', " ").to_lowercase();
        assert!(passage.contains("utsatte barn og unge"), "{hit}");
    }
}

#[test]
fn what_no_page_says_is_not_found() {
    let env = TestEnv::indexed();
    let check = |query: &str| {
        let ran = env.run(&["search", "--", query]).exits(1).says("nothing found");
        assert_eq!(ran.stdout, "", "{query}");
        assert_eq!(env.run(&["search", "--json", "--", query]).exits(1).stdout, "", "{query}");
    };
    // Menus, share buttons and forms are no content …
    check("Facebook");
    check("Hold Ctrl-tasten");
    check("\"Tips en venn\"");
    // … a word is not found in another that begins like it …
    check("barnehage");
    // … and nothing is guessed.
    check("qwertyxyz");
    check("koronapandemi");
    check("taushetsplikt -lovverket");
    check("\"taushetsplikt og samtykke\"");
}

#[test]
fn the_first_search_builds_the_index_and_says_so() {
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
fn without_an_index_and_seeds_the_next_step_is_said() {
    let env = TestEnv::empty();
    env.run(&["barn"]).exits(2).says("no index in index").says("treff index");
    env.run(&["status"]).exits(2).says("no index in index");
    env.run(&["index"]).exits(2).says("seeds");
    env.run(&["index", "nowhere"]).exits(2).says("nowhere");
}

#[test]
fn the_index_can_stand_anywhere() {
    let env = TestEnv::with_seeds();
    env.run(&["--index", "other/place", "taushetsplikt"]).exits(0);
    assert!(env.path("other/place/treff.json").exists() && !env.path("index").exists());
    let ran = Ran::of(env.command(&["status"]).env("TREFF_INDEX", "other/place").spawn().unwrap());
    ran.exits(0).prints("other/place");
}

#[test]
fn a_commands_name_can_be_searched() {
    let env = TestEnv::indexed();
    env.run(&["search", "status"]).exits(1);
    env.run(&["status"]).exits(0).prints("5 pages");
}

#[test]
fn json_lines_keep_their_promises() {
    let env = TestEnv::indexed();
    for query in
        ["taushetsplikt", "økonomi", "\"utsatte barn\" samarbeidet", "0-24-samarbeidet", "tjenestene i kommunene"]
    {
        let ran = env.run(&["search", "--json", "-n", "100", query]).exits(0);
        assert!(!ran.stdout.contains("\\u"), "UTF-8 as it is: {}", ran.stdout);
        let hits = ran.hits();
        assert!(!hits.is_empty());
        for (place, hit) in hits.iter().enumerate() {
            assert_eq!(hit["rank"], place + 1);
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
    let begins: String = snippet.trim_start_matches(['…', '•', ' ']).chars().take(10).collect();
    assert!(
        source.lines().nth(line - 1).unwrap().contains(begins.trim()),
        "line {line} doesn't hold the snippet: {hit}"
    );
    for place in hit["source_marks"].as_array().unwrap() {
        let [line, begin, end] = [0, 1, 2].map(|at| place[at].as_u64().unwrap() as usize);
        let marked = source.lines().nth(line - 1).unwrap().get(begin..end);
        let is_marked = hit["marks"].as_array().unwrap().iter().any(|mark| {
            let [begin, end] = [0, 1].map(|at| mark[at].as_u64().unwrap() as usize);
            snippet.get(begin..end) == marked
        });
        assert!(is_marked, "{marked:?} of line {line} is no mark: {hit}");
    }
    assert!(hit["source_marks"].as_array().unwrap().len() >= hit["marks"].as_array().unwrap().len(), "{hit}");
    let wanted = keys(query);
    let mut end_before = 0;
    assert_ne!(hit["marks"].as_array().unwrap().len(), 0, "{hit}");
    for mark in hit["marks"].as_array().unwrap() {
        let (begin, end) = (mark[0].as_u64().unwrap() as usize, mark[1].as_u64().unwrap() as usize);
        assert!(end_before <= begin && begin < end, "{hit}");
        end_before = end;
        // `get` is None where a range is outside or cuts a character.
        let marked = snippet.get(begin..end).unwrap_or_else(|| panic!("{begin}..{end} of {hit}"));
        assert!(!keys(marked).is_disjoint(&wanted), "{marked:?} shares no lemma with {query:?}");
    }
}

/// The keys of the lemmas and parts of a text.
fn keys(text: &str) -> BTreeSet<String> {
    let words = analyze(text, Standard::Both);
    words.iter().flat_map(|word| word.terms(&[TermKind::Lemma, TermKind::Component])).map(str::to_string).collect()
}

#[test]
fn colors_come_when_asked_for() {
    let env = TestEnv::indexed();
    let check = |args: &[&str], variables: &[(&str, &str)], is_colored: bool| {
        let ran = Ran::of(env.command(args).envs(variables.iter().copied()).spawn().unwrap()).exits(0);
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
fn limit_and_offset_cut_one_list() {
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
    env.run(&["search", "-n", "0", "barn"]).exits(0).says("none asked for").says("passages in all");
    let past = env.run(&["search", "--offset", "1000", "barn"]).exits(1);
    assert_eq!(past.stdout, "");
}

#[test]
fn whatever_is_typed_is_answered() {
    let env = TestEnv::indexed();
    let long_text = "barn og unge ".repeat(800);
    let long_word = "æ".repeat(10_000);
    let check = |query: &str, code: i32| {
        let ran = env.run(&["search", "--", query]).exits(code);
        assert!(
            !ran.stdout.contains('\x1b') && !ran.stderr.contains('\x1b'),
            "{query:?} reaches the terminal: {ran:?}"
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
fn show_leads_from_a_hit_to_its_page() {
    let env = TestEnv::indexed();
    let line = ">   34  Samtidig er det utfordringer i grenseflatene";
    let title = "Trøbbel i grenseflatene. Samordnet innsats for utsatte barn og unge";
    let hit = &env.run(&["search", "--json", "taushetsplikt"]).hits()[0];
    let by_id =
        env.run(&["show", hit["id"].as_str().unwrap()]).exits(0).prints(line).prints(title).prints("2020-04-07");
    let by_place = env.run(&["show", "seeds/002_d505e01479dfd589.txt:34"]).exits(0);
    assert_eq!(by_id.stdout, by_place.stdout);
    let check_nonsense = |hit: &str| drop(env.run(&["show", hit]).exits(2));
    check_nonsense("nope");
    check_nonsense("");
    check_nonsense("00000000.1");
    check_nonsense("seeds/nope.txt:34");
    check_nonsense("seeds/002_d505e01479dfd589.txt:99999");
    check_nonsense("seeds/002_d505e01479dfd589.txt:abc");
}

#[test]
fn what_a_page_says_of_itself_does_not_reach_the_terminal() {
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
    let judged = |line: &&str| line.trim_start().starts_with(|c: char| c.is_ascii_digit());
    assert_eq!(explained.stdout.lines().filter(judged).count(), lines);
    env.run(&["clean", "nowhere.txt"]).exits(2).says("nowhere.txt");
    TestEnv::with_seeds().run(&["clean", page]).exits(0).says("no index");
}

#[test]
fn analyze_shows_terms_and_places() {
    let env = TestEnv::empty();
    env.run(&["analyze", "barnehagene"])
        .exits(0)
        .prints("exact")
        .prints("lemma")
        .prints("component")
        .prints("barnehagene")
        .prints("0..11");
    env.run(&["analyze", "…"]).exits(1);
}

#[test]
fn status_tells_what_has_changed_since() {
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
fn a_file_changed_right_after_it_was_read_is_noticed() {
    let env = TestEnv::empty();
    std::fs::write(env.path("page.txt"), "En side om barnevern.").unwrap();
    env.run(&["index", "page.txt"]).exits(0);
    std::fs::write(env.path("page.txt"), "En side om barnehager og skoler.").unwrap();
    env.run(&["status"]).exits(0).prints("1 changed");
    env.run(&["index"]).exits(0).prints("1 changed");
    env.run(&["barnevern"]).exits(1);
    env.run(&["skoler"]).exits(0);
}

/// As another version would have left it.
fn with_other_format(env: &TestEnv) {
    let head = env.path("index/treff.json");
    let mut fields: serde_json::Value = serde_json::from_slice(&std::fs::read(&head).unwrap()).unwrap();
    fields["format"] = 0.into();
    fields["treff"] = "0.0.9".into();
    fields.as_object_mut().unwrap().remove("checksum");
    std::fs::write(head, fields.to_string()).unwrap();
}

#[test]
fn an_index_of_another_version_is_built_again_from_its_sources() {
    let env = TestEnv::indexed();
    with_other_format(&env);
    let ran = env.run(&["taushetsplikt"]);
    ran.exits(0).prints("002_d505e01479dfd589.txt:34").says("0.0.9");
    env.run(&["status"]).exits(0).prints("5 pages");
}

#[test]
fn an_index_of_another_version_without_its_sources_is_refused_and_kept() {
    let env = TestEnv::indexed();
    with_other_format(&env);
    std::fs::rename(env.path("seeds"), env.path("away")).unwrap();
    for command in ["search", "index"] {
        let args = if command == "search" { vec!["search", "taushetsplikt"] } else { vec![command] };
        env.run(&args).exits(2).says("treff index --rebuild");
    }
    std::fs::rename(env.path("away"), env.path("seeds")).unwrap();
    env.run(&["index"]).exits(0).prints("5 pages");
}

#[test]
fn a_folder_of_other_files_is_no_place_for_an_index() {
    let env = TestEnv::with_seeds();
    env.write("own/generation-1/mine.txt", "Min egen tekst.");
    env.run(&["--index", "own", "index", "seeds"]).exits(2).says("contains other files");
    assert!(env.path("own/generation-1/mine.txt").exists());
}

#[test]
fn shells_and_man_are_served() {
    let env = TestEnv::empty();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        env.run(&["completions", shell]).exits(0).prints("treff");
    }
    env.run(&["man"]).exits(0).prints(".TH").prints("completions");
}

#[test]
fn a_closed_pipe_is_silent() {
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
        // Closed before the process begins: what it writes first meets no reader already.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ran = Ran::of(env.command(args).stdout(writer).spawn().unwrap()).exits(0);
        assert_eq!(ran.stderr, "", "{args:?}");
    }
}

#[test]
fn misuse_is_an_error() {
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
fn bench_times_queries_in_two_ways() {
    let env = TestEnv::indexed();
    env.write("queries", "barn\nkoronapandemi\n");
    let ran = env.run(&["bench", "queries"]).exits(0).prints("2 queries").prints("1 with hits");
    let rows = ran.stdout.lines().filter(|line| line.matches(" ms").count() == 3).count();
    assert_eq!(rows, 2, "{}", ran.stdout);
    env.write("empty", "");
    env.run(&["bench", "empty"]).exits(2).says("no queries");
}

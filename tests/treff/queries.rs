//! The query language: which passages each kind of query matches, and the messages about syntax problems.

use treff::index::{self, DocumentKind, Index, StoredPassage};
use treff::norwegian::analyze;
use treff::query::{self, Synonyms};
use treff::search::{self, search};

use crate::{PLAIN, TestEnv, update};

/// The names of `.jsonl` files, each with the one record in the file.
const PAGES: [(&str, &str); 7] = [
    (
        "lover/a",
        r#"{"text": "Barnevernet og skolen samarbeider om utsatte barn i kommunen.", "title": "Samarbeid om barn", "url": "https://www.regjeringen.no/a", "source": "Ipsos", "date": "2018-03-12", "lang": "nb"}"#,
    ),
    (
        "lover/b",
        r#"{"text": "Taushetsplikten gjelder for alle i skolen. Hun er utsatt for press, og barnet merker det.", "title": "Om taushetsplikt", "url": "https://data.regjeringen.no/b", "source": "NIBR ved OsloMet", "date": "2019-06-01", "lang": "nb"}"#,
    ),
    (
        "lover/c",
        r#"{"text": "Kommunane samarbeider ikkje om born som treng ein barnehage no.", "title": "Born i kommunane", "url": "https://ssb.no/c", "source": "Rapport fra Ipsos", "date": "2020-01-31", "lang": "nn"}"#,
    ),
    ("andre/d", r#"{"text": "Samhandling er viktig. Den unge gikk på skolen uten samtykke.", "title": "Uten dato"}"#),
    ("andre/e", r#"{"text": "Samling for barn hver mandag, og en opplæringsplikt for voksne.", "title": "Samling"}"#),
    ("andre/f", r#"{"text": "Økonomi og ledelse. Ledelsen i skolen styrer økonomien.", "title": "Økonomi"}"#),
    ("andre/g", r#"{"text": "Press fra andre kan være at en er utsatt i lang tid.", "title": "Press"}"#),
];

fn small_index() -> (TestEnv, Index) {
    let env = TestEnv::empty();
    for (name, record) in PAGES {
        env.write(&format!("pages/{name}.jsonl"), record);
    }
    update(&env.path("index"), &[env.path("pages")]);
    let index = index::open(&env.path("index")).unwrap();
    (env, index)
}

/// The last letters of the names of the pages that a query matches, sorted.
fn matching_pages(index: &Index, text: &str) -> String {
    let results = search(index, &query::parse(text, &Synonyms::builtin()), &PLAIN).unwrap();
    let mut names: Vec<String> = results.hits.iter().map(|hit| hit.path.clone()).collect();
    names.sort_by_key(|path| path.rsplit('/').next().map(str::to_string));
    names.dedup();
    names.iter().filter_map(|path| path.strip_suffix(".jsonl")?.chars().last()).collect()
}

#[test]
fn every_kind_of_query_matches() {
    let (_env, index) = small_index();
    let mut wrong = Vec::new();
    let mut check = |text: &str, expected: &str| {
        let found = matching_pages(&index, text);
        if found != expected {
            wrong.push(format!("{text}: {found}, not {expected}"));
        }
    };
    // Words and operators.
    check("skole samtykke", "abdf");
    check("skole AND barn", "ab");
    check("skole OG barn", "ab");
    check("skole AND finnesikke", "");
    check("samtykke OR økonomi", "df");
    check("(samtykke OR økonomi) AND ledelse", "f");
    check("skole NOT barn", "df");
    check("skole AND NOT (samtykke OR økonomi)", "ab");
    check("skole -barn -samtykke", "f");
    check("plikt AND skole", "b");
    check("skole IKKE \"utsatte barn\"", "bdf");
    check("NOT barn AND skole", "df");
    check("samtykke OR økonomi -ledelse", "d");
    // Phrases.
    check("\"utsatt barn\"", "a");
    check("=\"utsatte barn\"", "a");
    check("=\"utsatt barn\"", "");
    check("=skolen", "abdf");
    check("=skole", "");
    check("=barn AND skole", "a");
    check("\"utsatt press\"~1", "b");
    check("\"utsatt press\"~5", "b");
    check("\"utsatt press\"~9", "bg");
    check("=\"press utsatt\"~9", "bg");
    check("\"skole økonomi\"~0", "");
    // Patterns.
    check("sam*ing", "de");
    check("samarb*", "ac");
    check("*plikt", "be");
    check("*plikt*", "be");
    check("skole~1", "abdf");
    check("barnt~", "abe");
    check("samarb* -barnehage", "a");
    check("skole -sam*ing", "abf");
    check("samarb* AND skole", "a");
    check("xyz*", "");
    // Filters.
    check("kilde:ipsos", "ac");
    check("source:\"NIBR ved OsloMet\" skole", "b");
    check("source:nibr source:ipsos skole", "ab");
    check("skole -source:ipsos", "bdf");
    check("site:regjeringen.no", "ab");
    check("site:data.regjeringen.no", "b");
    check("path:lover/*", "abc");
    check("path:andre skole", "df");
    check("lang:nn", "c");
    check("date:2018", "a");
    check("dato:2018..2019", "ab");
    check("date:>=2019-06", "bc");
    check("date:<2019", "a");
    check("date:12.03.2018", "a");
    check("date:2031", "");
    check("title:samarbeid", "a");
    check("title:barn", "ac");
    check("title:plikt", "b");
    check("title:barn skole", "a");
    check("(kilde:ipsos OR kilde:nibr) AND skole", "ab");
    check("samarbeid OR skole dato:2018", "a");
    check("NOT lang:nn AND samarbeid", "a");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_title_applies_to_every_passage_of_its_page() {
    let env = TestEnv::empty();
    let paragraph = |word: &str| format!("{word} skal drøftes av alle {}.", "som har saken til behandling ".repeat(9));
    let page = |title: &str, words: &[&str]| {
        let paragraphs: Vec<String> = words.iter().map(|word| paragraph(word)).collect();
        format!("{title}\n\n{}\n", paragraphs.join("\n\n"))
    };
    env.write("pages/a.txt", page("Om ferien", &["Skolen", "Klubben", "Vedtaket"]));
    env.write("pages/b.txt", page("Om budsjettet", &["Skolen", "Klagen", "Vedtaket", "Økonomien"]));
    env.write("pages/c.txt", page("Om ferien", &["Barnehagen", "Vedtaket"]));
    env.write("pages/d.txt", page("Budsjett og ferie", &["Skolen"]));
    let (paths, folder) = ([env.path("pages")], env.path("index"));
    let check = |text: &str, expected: &[&str]| {
        let index = index::open(&folder).unwrap();
        let query = query::parse(text, &Synonyms::builtin());
        let results = search(&index, &query, &PLAIN).unwrap();
        let mut found: Vec<String> = results
            .hits
            .iter()
            .map(|hit| format!("{}{}", hit.path.strip_suffix(".txt").unwrap().rsplit('/').next().unwrap(), hit.lines.1))
            .collect();
        found.sort();
        assert_eq!(
            (found, search::count_matches(&index, &query, false, &search::Interrupt::NEVER).unwrap()),
            (expected.iter().map(|it| it.to_string()).collect(), expected.len()),
            "{text}"
        );
    };
    update(&folder, &paths);
    check("title:budsjett", &["b3", "b5", "b7", "b9", "d3"]);
    check("title:ferie vedtak", &["a7", "c5"]);
    check("vedtak -title:ferie", &["b7"]);
    check("title:budsjett title:ferie", &["d3"]);
    // A page is deleted, and another one changes and is indexed after the others.
    std::fs::remove_file(env.path("pages/a.txt")).unwrap();
    env.write("pages/c.txt", page("Om budsjettet", &["Barnehagen", "Klubben", "Vedtaket"]));
    update(&folder, &paths);
    check("title:budsjett", &["b3", "b5", "b7", "b9", "c3", "c5", "c7", "d3"]);
    check("title:ferie vedtak", &[]);
    check("vedtak title:budsjett", &["b7", "c7"]);
    // The title raises the score of every hit.
    let index = index::open(&folder).unwrap();
    let explained = search::SearchOptions { is_explained: true, ..PLAIN };
    let results = search(&index, &query::parse("budsjett vedtak", &Synonyms::builtin()), &explained).unwrap();
    let explanations: Vec<_> = results.hits.iter().filter_map(|hit| hit.explanation.as_ref()).collect();
    assert!(
        explanations.iter().all(|explanation| explanation.words[0].signals.contains_key(&search::SignalName::Title)),
        "{explanations:#?}"
    );
}

#[test]
fn exact_phrases_match_the_passages_they_were_taken_from() {
    let env = TestEnv::with_seeds();
    let (paths, folder) = ([env.path("seeds")], env.path("index"));
    update(&folder, &paths);
    let index = index::open(&folder).unwrap();
    let mut texts = Vec::new();
    let collect = |address, stored: &StoredPassage| {
        if stored.kind == DocumentKind::Passage {
            texts.push((address, stored.passage.text.clone(), stored.standard));
        }
    };
    index.for_each_stored(collect).unwrap();
    let mut query_count = 0;
    for (address, text, standard) in &texts {
        let words = analyze(text, *standard);
        let typed: Vec<_> = words.iter().filter(|word| !word.is_implied && !word.is_hyphen_part).collect();
        for pair in typed.windows(2).step_by(11) {
            let phrase = &text[pair[0].start..pair[1].end];
            if phrase.contains(['"', '\n', ':']) {
                continue;
            }
            let found =
                search::top_passages(&index, &query::parse(&format!("=\"{phrase}\""), &Synonyms::builtin()), 100);
            assert!(found.unwrap().contains(address), "{phrase}");
            query_count += 1;
        }
    }
    assert!(query_count > 200, "{query_count}");
}

#[test]
fn a_filter_alone_lists_passages_in_the_order_of_their_pages() {
    let (_env, index) = small_index();
    let query = |text: &str| query::parse(text, &Synonyms::builtin());
    let count = |text: &str, with_boilerplate| {
        search::count_matches(&index, &query(text), with_boilerplate, &search::Interrupt::NEVER).unwrap()
    };
    let results = search(&index, &query("kilde:ipsos"), &PLAIN).unwrap();
    let names: Vec<&str> = results.hits.iter().map(|hit| hit.path.rsplit('/').next().unwrap()).collect();
    assert_eq!((names, count("kilde:ipsos", false)), (vec!["a.jsonl", "c.jsonl"], 2));
    assert!(results.hits.iter().all(|hit| hit.score.to_bits() == 0), "the score is 0.0, not -0.0");
    assert_eq!(count("-lang:en path:*", true), 0, "`path:*` is not a filter");
    assert_eq!(count("path:pages", true), PAGES.len());
}

#[test]
fn equal_scores_are_ordered_by_page_at_any_limit() {
    let env = TestEnv::empty();
    // Two segments: pages that are added later get a separate segment.
    for names in [0..40, 40..80] {
        for name in names {
            env.write(&format!("pages/{:02}.txt", name * 37 % 80), "En setning om noe som står på alle sider.");
            env.write(&format!("pages/{:02}b.txt", name * 37 % 80), format!("Side {name} om noe annet."));
        }
        update(&env.path("index"), &[env.path("pages")]);
    }
    let index = index::open(&env.path("index")).unwrap();
    let query = query::parse("path:b.txt", &Synonyms::builtin());
    for limit in [1, 5, 79, 80, 100] {
        let options = search::SearchOptions { limit, with_similar: true, ..PLAIN };
        let hits = search(&index, &query, &options).unwrap().hits;
        let names: Vec<String> = hits.iter().map(|hit| hit.path.rsplit('/').next().unwrap().to_string()).collect();
        let expected: Vec<String> = (0..limit.min(80)).map(|name| format!("{name:02}b.txt")).collect();
        assert_eq!(names, expected, "{limit}");
    }
}

#[test]
fn marks_matches_of_patterns_but_not_of_exclusions() {
    let (env, _) = small_index();
    let marked = |text: &str| -> Vec<String> {
        let hits = env.run(&["search", "--json", "--", text]).exits(0).hits();
        let marks_of = |hit: &serde_json::Value| -> Vec<String> {
            let snippet = hit["snippet"].as_str().unwrap().to_string();
            let marks: Vec<(usize, usize)> = serde_json::from_value(hit["marks"].clone()).unwrap();
            marks.into_iter().map(|(from, to)| snippet[from..to].to_string()).collect()
        };
        hits.iter().flat_map(marks_of).collect()
    };
    assert_eq!(marked("sam*ing -barn"), ["Samhandling"]);
    assert_eq!(marked("=\"utsatte barn\""), ["utsatte", "barn"]);
    assert_eq!(marked("\"barn utsatt\"~2"), ["utsatte", "barn"]);
    assert_eq!(marked("\"utsatt press\"~1"), ["utsatt", "press"]);
    assert_eq!(marked("barnehaga~1"), ["barnehage"]);
}

#[test]
fn syntax_problems_print_a_note_and_are_errors_with_the_strict_option() {
    let (env, _) = small_index();
    env.run(&["skole AND"])
        .exits(0)
        .says("`AND` needs a term after it; searching for the words instead")
        .says("--strict");
    let strict = env.run(&["search", "--strict", "skole AND"]).exits(2).says("`AND` needs a term after it");
    assert!(strict.stderr.contains("treff:   skole AND\ntreff:         ^^^\n"), "{}", strict.stderr);
    assert_eq!(strict.stdout, "");
    env.run(&["--strict", "skole AND (barn"]).exits(2).says("never closed");
    env.run(&["--strict", "skole dato:ifjor"]).exits(2).says("not a date");
    env.run(&["--strict", "forfatter:hansen"]).exits(2).says("no field is named `forfatter`").says("title");
    env.run(&["--strict", "\"skole"]).exits(2).says("never closed");
    env.run(&["--strict", "skole og \"utsatt for\" kl. 10:30"]).exits(0);
    env.run(&["SKOLE OG BARN"]).exits(0).says("in capitals");
    let plain = env.run(&["skole og barn: 10:30, https://x.no/a"]).exits(0);
    assert!(!plain.stderr.contains("words"), "{}", plain.stderr);
    env.run(&["a* skole"]).exits(0).says("two letters");
    let long = format!("skole +{}", "x".repeat(201));
    env.run(&[&long]).exits(0).says("more than 200 letters is not in the index; searching for the other words");
    for text in ["skole site:", "=\"skole", "title:\"skole", "\"skole barn\"~x", "skole +", "skole - barn", &long] {
        env.run(&["search", text]).says("--strict");
        env.run(&["search", "--strict", text]).exits(2);
    }
    for text in ["Source:ipsos skole", "SITE:ssb.no barnehage", "skole-barn", "C++ skole", "+47 skole"] {
        env.run(&["search", "--strict", text]).exits(0);
    }
}

#[test]
fn filters_ignore_differences_of_form() {
    let env = TestEnv::empty();
    let page = |url: &str, source: &str, text: &str| {
        format!(r#"{{"text": "{text}", "url": "{url}", "source": "{source}", "title": "Å reise"}}"#)
    };
    env.write("pages/bl%C3%A5.jsonl", page("https://xn--blbr-roah.no/1", "Ålesund kommune", "Fergen går fra kaia."));
    env.write("pages/gr\u{f8}nn.jsonl", page("https://blåbær.no/2", "A\u{30a}LESUND KOMMUNE", "Bussen går til byen."));
    env.write("pages/annen.jsonl", page("https://www.ssb.no./3", "Tromsø kommune", "Toget går til fjells."));
    env.run(&["index", "pages"]).exits(0);
    let count = |text: &str| env.run(&["search", "--json", text]).hits().len();
    for text in
        ["site:blåbær.no", "site:BLA\u{30a}BÆR.no", "site:xn--blbr-roah.no", "site:www.blåbær.no.", "site:blåbær"]
    {
        assert_eq!(count(text), 2, "{text}");
    }
    for text in ["source:ålesund", "kilde:A\u{30a}lesund", "kilde:\"ÅLE\u{ad}SUND KOMMUNE\""] {
        assert_eq!(count(text), 2, "{text}");
    }
    for text in ["path:blå", "path:bl%c3%a5", "path:\"bla\u{30a}*\"", "path:grønn", "site:ssb.no", "path:GRØNN"] {
        assert_eq!(count(text), 1, "{text}");
    }
    for text in ["title:å", "title:a\u{30a}", "TITTEL:Å"] {
        assert_eq!(count(text), 3, "{text}");
    }
    for text in ["site:blabar.no", "path:bla", "kilde:alesund"] {
        assert_eq!(count(text), 0, "{text}");
    }
    let facets = env.run(&["går", "-n", "0", "--facets", "site,source"]).exits(0);
    facets.prints("blåbær.no (2)").prints("Ålesund kommune (2)");
}

#[test]
fn words_next_to_a_group_of_filters_are_still_required() {
    let (_env, index) = small_index();
    assert_eq!(matching_pages(&index, "barn (lang:nb OR lang:nn)"), matching_pages(&index, "barn lang:no"));
    assert_eq!(matching_pages(&index, "taushetsplikt (site:ssb.no OR site:regjeringen.no)"), "b");
    assert_eq!(matching_pages(&index, "taushetsplikt +lang:nb"), "b");
    assert_eq!(matching_pages(&index, "taushetsplikt OR (site:ssb.no AND lang:nn)"), "bc");
}

#[test]
fn matches_in_boilerplate_are_announced_with_the_command() {
    let env = TestEnv::empty();
    let menu = "<nav><a href=/>Forsiden</a> <a href=/k>Kontakt redaksjonen</a></nav>";
    for name in ["a", "b"] {
        let text = format!("Kommunen vedtok planen for {name}-byen etter en lang debatt i går kveld.");
        env.write(&format!("pages/{name}.html"), format!("<html><body>{menu}<main><p>{text}</p></main></body></html>"));
    }
    env.run(&["index", "pages"]).exits(0);
    for text in
        ["redaksjonen", "\"kontakt redaksjonen\"", "redaksjon*", "redaksjonen AND kontakt", "redaksjonen path:pages"]
    {
        let ran = env.run(&["search", "--json", text]).exits(1);
        assert_eq!(ran.stdout, "", "{text}");
        ran.says(
            "2 pages match in lines that were dropped as boilerplate; run `treff search --with-boilerplate --json ",
        );
        assert_eq!(env.run(&["search", "--json", "--with-boilerplate", text]).hits().len(), 2, "{text}");
    }
    env.run(&["redaksjonen", "--lang", "und"])
        .exits(1)
        .says("`treff search --with-boilerplate --lang und redaksjonen`");
    for args in [&["finnesikke"][..], &["redaksjonen", "path:finnesikke"], &["planen"], &["\"redaksjonen kontakt\""]] {
        assert!(!env.run(args).stderr.contains("boilerplate"), "{args:?}");
    }
    assert!(!env.run(&["finnesikke", "--with-boilerplate"]).stderr.contains("boilerplate"));
}

#[test]
fn facets_without_pages_are_not_printed() {
    let (env, _) = small_index();
    assert_eq!(env.run(&["finnesikke", "--facets", "year"]).exits(1).stdout, "");
    env.run(&["skole", "-n", "0", "--facets", "year"]).exits(0).prints("year    ");
}

#[test]
fn filters_can_be_given_as_options() {
    let (env, _) = small_index();
    let count = |args: &[&str]| env.run(&[&["search", "--json"], args].concat()).hits().len();
    assert_eq!(count(&["--source", "ipsos"]), 2);
    assert_eq!(count(&["skole", "--source", "ipsos", "--source", "oslomet"]), 2);
    assert_eq!(count(&["--since", "2019", "--until", "2019-12-31"]), 1);
    assert_eq!(count(&["--lang", "nynorsk"]), 1);
    assert_eq!(count(&["skole", "-barn", "--since", "2018"]), 0);
    assert_eq!(count(&["skole", "OR", "samarbeid", "--lang", "nn"]), 1);
    env.run(&["search", "skole", "--since", "ifjor"]).exits(2).says("--since").says("not a date");
    env.run(&["search", "skole", "--lang", "de"]).exits(2).says("use nb, nn, en");
    env.run(&["search"]).exits(2);
    // A corrected query is searched with the same filters.
    env.run(&["okonomi", "--lang", "nn"]).exits(1);
}

#[test]
fn an_unknown_filter_value_lists_the_known_ones() {
    let (env, _) = small_index();
    let ran = env.run(&["kilde:ipso skole"]).exits(1);
    let ran =
        ran.says("no page has the source \"ipso\"; sources in the index: Ipsos, Rapport fra Ipsos, NIBR ved OsloMet");
    assert!(ran.stderr.contains("nothing found"), "{}", ran.stderr);
    env.run(&["site:uio.no"]).exits(1).says("ssb.no");
    env.run(&["date:2031"]).exits(1).says("the index has pages from 2018-03-12 to 2020-01-31");
    env.run(&["lang:en"]).exits(1).says("no page is in the language \"en\"");
    let known = env.run(&["kilde:ipsos finnesikke"]).exits(1);
    assert!(!known.stderr.contains("sources in the index"), "{}", known.stderr);
}

#[test]
fn suggestions_keep_the_filters_of_a_query() {
    let (env, _) = small_index();
    env.run(&["taushetsplict kilde:nibr"]).exits(1).says("taushetsplikt kilde:nibr");
    env.run(&["xyzz* =samarbeidr -taushetsplict skole"]).exits(1);
}

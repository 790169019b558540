//! Suggestions for misspelled queries, and how the command line presents them.

use std::collections::BTreeSet;

use treff::index::{self, Index};
use treff::query::{self, Synonyms};
use treff::search::{self, search, suggest_word};

use crate::{TestEnv, update};

const PAGES: [(&str, &str); 6] = [
    ("a", "Kommunen har ansvar for barnevernstjenesten og for økonomien. En barnevernstjeneste gir gode råd."),
    ("b", "Taushetsplikt gjelder for alle som arbeider i barnehagen. Økonomi og ledelse er to fag i skolen."),
    ("c", "Rådet møttes i kommunen. Skolen og lærerne samarbeider. Barn leker i skolen."),
    ("d", "Barnet og kommunen. Et barn får gode råd i skolen hver dag."),
    ("e", "Her står ordet samhandlingsreformen, og her står K2-18b og 2019."),
    ("f", "Kjærlighet og gjerninger. Norske skoler hjelper hvert barn."),
];

fn write(env: &TestEnv) {
    for (name, text) in PAGES {
        env.write(&format!("pages/{name}.txt"), text);
    }
}

fn small() -> (TestEnv, Index) {
    let env = TestEnv::empty();
    write(&env);
    update(&env.path("index"), &[env.path("pages")]);
    let index = index::open(&env.path("index")).unwrap();
    (env, index)
}

#[track_caller]
fn check(index: &Index, typed: &str, meant: Option<&str>) {
    assert_eq!(suggest_word(index, typed, |_| false).unwrap().as_deref(), meant, "{typed}");
}

#[test]
fn suggests_the_intended_word() {
    let (_env, index) = small();
    check(&index, "rad", Some("råd"));
    check(&index, "okonomi", Some("økonomi"));
    check(&index, "laererne", Some("lærerne"));
    check(&index, "kjaerlighet", Some("kjærlighet"));
    check(&index, "taushetplikt", Some("taushetsplikt"));
    check(&index, "barnvernstjeneste", Some("barnevernstjeneste"));
    check(&index, "komunen", Some("kommunen"));
    check(&index, "kommunne", Some("kommunen"));
    check(&index, "skoeln", Some("skolen"));
    check(&index, "skollen", Some("skolen"));
    check(&index, "jerninger", Some("gjerninger"));
    check(&index, "okonomien", Some("økonomien"));
}

#[test]
fn suggests_nothing_for_nonsense() {
    let (_env, index) = small();
    for typed in ["xqzvw", "asdfgh", "lkjhgf", "qwertyxyz", "bxrm", "ba", "rd", "2018", "k2-18c", "", "og", "ofte"] {
        check(&index, typed, None);
    }
    check(&index, &"a".repeat(1000), None);
    check(&index, "koronapandemi", None);
    // A word that occurs once and differs by two edits is suggested only if it is a known word.
    check(&index, "samhindlingsrefxrmen", None);
    let is_word = |word: &str| word == "samhandlingsreformen";
    let meant = suggest_word(&index, "samhindlingsreforman", is_word).unwrap();
    assert_eq!(meant.as_deref(), Some("samhandlingsreformen"));
}

#[test]
fn an_updated_index_suggests_the_same_as_a_rebuilt_one() {
    let env = TestEnv::empty();
    let (updated, rebuilt) = (env.path("updated"), env.path("rebuilt"));
    let pages = [env.path("pages")];
    env.write("pages/x.txt", "Skoten og skosen skrives slik. Radd og råd. Økonimi er feil skrevet.");
    update(&updated, &pages);
    for (name, text) in PAGES {
        env.write(&format!("pages/{name}.txt"), text);
        update(&updated, &pages);
    }
    std::fs::remove_file(env.path("pages/x.txt")).unwrap();
    update(&updated, &pages);
    update(&rebuilt, &pages);
    let (updated, rebuilt) = (index::open(&updated).unwrap(), index::open(&rebuilt).unwrap());
    let texts = ["skoten", "skolan", "okonimi", "radd", "barnt", "komunen taushetplikt -rad", "skosen"];
    let options = search::SearchOptions::DEFAULT;
    for text in texts {
        let suggestion = |index| search(index, &query::parse(text, &Synonyms::builtin()), &options).unwrap().suggestion;
        assert_eq!(suggestion(&updated), suggestion(&rebuilt), "{text}");
    }
    check(&updated, "skoten", Some("skolen"));
}

#[test]
fn suggests_the_query_with_words_replaced() {
    let (_env, index) = small();
    let check = |text: &str, meant: Option<&str>, words: &[(&str, &str)]| {
        let options = search::SearchOptions::DEFAULT;
        let suggestion = search(&index, &query::parse(text, &Synonyms::builtin()), &options).unwrap().suggestion;
        assert_eq!(suggestion.as_ref().map(|found| found.query.as_str()), meant, "{text}");
        let found: Vec<_> = suggestion.iter().flat_map(|found| &found.words).cloned().collect();
        let words: Vec<_> = words.iter().map(|(typed, meant)| (typed.to_string(), meant.to_string())).collect();
        assert_eq!(found, words, "{text}");
    };
    check("skolen", None, &[]);
    check("økonomiene", None, &[]);
    check("tjeneste", None, &[]);
    check("Bufdir", None, &[]);
    let word = ("barnvernstjeneste", "barnevernstjeneste");
    check(word.0, Some(word.1), &[word]);
    check("Okonomi og «god ledelse» -rad", Some("Økonomi og «god ledelse» -rad"), &[("Okonomi", "Økonomi")]);
    check("komunen, komunen!", Some("kommunen, kommunen!"), &[("komunen", "kommunen")]);
    check("barn skollen komunen", Some("barn skolen kommunen"), &[("skollen", "skolen"), ("komunen", "kommunen")]);
    check("\"komunen\"", None, &[]);
    check("barn -komunen", None, &[]);
    check("skole-komunen", Some("skole-kommunen"), &[("komunen", "kommunen")]);
    check("komunen 2018 xqzvw", Some("kommunen 2018 xqzvw"), &[("komunen", "kommunen")]);
    check("xqzvw", None, &[]);
}

#[test]
fn suggests_a_correction_but_returns_the_hits_of_the_typed_query() {
    let env = TestEnv::empty();
    write(&env);
    env.run(&["index", "pages"]).exits(0);
    for (args, command) in
        [(&["taushetplikt"][..], "treff search"), (&["--json", "taushetplikt"], "treff search --json")]
    {
        let question = format!("did you mean “taushetsplikt”? run `{command} taushetsplikt`");
        let ran = env.run(args).exits(1).says("nothing found for taushetplikt").says(&question);
        assert_eq!(ran.stdout, "");
    }
    let plain = env.run(&["barn"]).exits(0);
    assert_eq!(plain.stderr, "");
    let ran = env.run(&["barn komunen"]).exits(0);
    let ran = ran.says("did you mean “barn kommunen”? run `treff search 'barn kommunen'`");
    // Both searches list the same passages; “komunen” may only change their order, because it shares trigrams with
    // some.
    let passages =
        |out: &str| out.lines().filter(|line| line.contains(" · ")).map(str::to_string).collect::<BTreeSet<_>>();
    assert_eq!(passages(&ran.stdout), passages(&plain.stdout));
    env.run(&["--index", "./index", "komunen"]).exits(1).says("treff --index ./index search kommunen");
    assert!(!env.run(&["xqzvw"]).exits(1).stderr.contains("did you mean"));
}

#[test]
fn correct_option_searches_for_the_suggestion_and_reports_it() {
    let env = TestEnv::empty();
    write(&env);
    env.run(&["index", "pages"]).exits(0);
    let ran = env.run(&["--correct", "taushetplikt"]).exits(0).prints("b.txt");
    ran.says("nothing found for taushetplikt").says("showing results for “taushetsplikt”");
    let hits = env.run(&["taushetplikt", "--correct", "--json"]).exits(0).hits();
    assert_eq!(hits.len(), 1);
    assert_eq!(hits[0]["corrected_query"], "taushetsplikt");
    // A query with hits is not corrected.
    let hits = env.run(&["--", "barn komunen"]).exits(0).stdout;
    assert_eq!(env.run(&["search", "--correct", "barn komunen"]).exits(0).stdout, hits);
    let hits = env.run(&["search", "--json", "--correct", "barn"]).exits(0).hits();
    assert!(hits.iter().all(|hit| hit.get("corrected_query").is_none()));
    env.run(&["search", "--correct", "xqzvw"]).exits(1).says("nothing found");
}

#[test]
fn a_word_typed_without_norwegian_letters_is_corrected_even_without_the_option() {
    let env = TestEnv::empty();
    write(&env);
    env.run(&["index", "pages"]).exits(0);
    env.run(&["okonomi"]).exits(0).says("nothing found for okonomi").says("showing results for “økonomi”");
    // A word that occurs is never corrected.
    assert!(!env.run(&["barn"]).exits(0).stderr.contains("showing results for"));
}

#[test]
fn restores_the_norwegian_letters_of_a_query_and_reports_it() {
    let env = TestEnv::empty();
    env.write(
        "pages/a.txt",
        "Kommunane Ålesund, Hønefoss, Ålgård og Færder ligg ved sjøen. Østfold er eit fylke. Bjørn Sørås leier møta.",
    );
    env.write("pages/b.txt", "Rådet møttes på en ås i Tromsø. Turen gikk videre. Alle får en øl. Skolen er her.");
    env.run(&["index", "pages"]).exits(0);
    let check = |typed: &str, searched: &str, page: &str| {
        let ran = env.run(&["search", typed]).exits(0);
        let said = ran.says(&format!("showing results for “{searched}”"));
        said.prints(page);
    };
    check("alesund", "ålesund", "a.txt");
    check("Alesunds", "Ålesunds", "a.txt");
    check("honefoss", "hønefoss", "a.txt");
    check("ostfold", "østfold", "a.txt");
    check("algard", "ålgård", "a.txt");
    check("ferder", "færder", "a.txt");
    check("tromso", "tromsø", "b.txt");
    check("ol", "øl", "b.txt");
    // A word is not corrected to a stop word.
    env.run(&["search", "far"]).exits(1);
    check("alesund honefoss ostfold algard tromso", "ålesund hønefoss østfold ålgård tromsø", "a.txt");
    check("\"bjorn soras\"", "\"bjørn sørås\"", "a.txt");
    check("+\"Bjorn Soras\" alesund", "+\"Bjørn Sørås\" ålesund", "a.txt");
    check("\"soras bjorn\"~3", "\"sørås bjørn\"~3", "a.txt");
    check("alesund AND ostfold", "ålesund AND østfold", "a.txt");
    // `aa`, `ae` and `oe` are read as `å`, `æ` and `ø`, so these words need no correction.
    for typed in ["aalesund", "aalgaard", "hoenefoss", "oestfold", "faerder"] {
        env.run(&[typed]).exits(0).prints("a.txt");
    }
    // The other correction is only suggested.
    let both = env.run(&["alesund skollen"]).exits(0).says("showing results for “ålesund skollen”");
    both.says("did you mean “ålesund skolen”?");
    // A word that occurs is not replaced, not even in a phrase; exact forms and exclusions are kept.
    env.write("pages/c.txt", "Bjorn Borg kom til Alesund i Amerika.");
    env.run(&["index", "pages"]).exits(0);
    for typed in ["alesund", "\"bjorn soras\"", "=ostfold", "=\"bjorn soras\"", "skolen -ostfold", "ås", "får"] {
        let ran = env.run(&["search", typed]);
        assert!(!ran.stderr.contains("showing results"), "{typed}: {}", ran.stderr);
    }
}

#[test]
fn suggests_similar_words_if_all_words_are_unknown() {
    let env = TestEnv::empty();
    env.write("pages/a.txt", "Rosshavsgruppen adopterer. Rosshavsgruppen fikk et Informasjonssikkerhetsråd. Skolen.");
    env.run(&["index", "pages"]).exits(0);
    env.run(&["rosshavsgruppend deopter"]).exits(1).says("did you mean “rosshavsgruppen deopter”?");
    let ran = env.run(&["informasjonsikerhetsplan"]).exits(1).says("did you mean “informasjonssikkerhetsråd”?");
    assert_eq!(ran.stdout, "");
    // Nothing is suggested for nonsense, or if another word is known.
    for typed in ["xqzvwtrk", "rosenborg", "informasjonsikerhetsplan skolen"] {
        let ran = env.run(&["search", typed]);
        assert!(!ran.stderr.contains("did you mean"), "{typed}: {}", ran.stderr);
    }
}

#[test]
fn commands_in_messages_keep_the_options() {
    let env = TestEnv::empty();
    write(&env);
    env.run(&["index", "pages"]).exits(0);
    let ran = env.run(&["taushetplikt", "--lang", "no", "-n", "3", "--group", "--json", "--sort=date"]).exits(1);
    ran.says("run `treff search --lang no -n 3 --sort date --json --group taushetsplikt`");
    // A command that would find nothing because of the filters is not suggested.
    let ran = env.run(&["taushetplikt", "-skollen", "--source", "A B", "--since", "2018", "--until=2019"]).exits(1);
    let ran = ran.says(
        "nothing found for taushetplikt -skollen; without the filters, 1 passage matches with “taushetsplikt” instead of \
        “taushetplikt”",
    );
    assert!(!ran.stderr.contains("run `"), "{}", ran.stderr);
    assert_eq!(ran.stderr.matches("no page in the index has a date").count(), 1);
    env.run(&["okonomi", "--since", "2018"]).exits(1).says("2 passages match with “økonomi” instead of “okonomi”");
    for typed in ["taushetsplict site:ssb", "taushetplikt source:nrk", "kommunne AND site:ssb", "taushetplikt lang:en"]
    {
        let ran = env.run(&["search", typed]).exits(1);
        assert!(!ran.stderr.contains("did you mean"), "{typed}: {}", ran.stderr);
    }
    env.run(&["taushetplikt path:b.txt"]).exits(1).says("run `treff search 'taushetsplikt path:b.txt'`");
    env.run(&["xqzvw", "−skole"]).exits(1).says("nothing found for xqzvw −skole");
}

#[test]
fn operators_fields_and_parts_of_a_compound_are_not_corrected() {
    let env = TestEnv::empty();
    env.write("pages/a.txt", "En nøtt og nøt. Flyet landet på lufthavnen. Han er på luft. Side 1. Skole.");
    env.run(&["index", "pages"]).exits(0);
    for typed in ["skole NOT", "NOT", "luft havn", "luft havnen", "site:::1"] {
        let ran = env.run(&["search", typed]);
        assert!(!ran.stderr.contains("did you mean"), "{typed}: {}", ran.stderr);
        assert!(!ran.stderr.contains("showing results"), "{typed}: {}", ran.stderr);
    }
    env.run(&["luft havn"]).exits(0).prints("a.txt");
    env.run(&["skole skolle"]).says("did you mean “skole skole”?");
}

#[test]
fn foreign_letters_and_suspended_compounds_with_particles_are_found() {
    let env = TestEnv::empty();
    env.write("pages/ca.txt", "Reisen til Curaçao og İstanbul med Señor Çelik og en piñata.");
    env.write("pages/particle.txt", "Alle inn- og utbetalinger, av- og påmeldinger og opp- og nedtrapping.");
    env.write("pages/nynorsk.txt", "Det gjeld til- og fråkopling og før- og etterarbeid.");
    env.run(&["index", "pages"]).exits(0);
    for typed in ["curacao", "Curaçao", "istanbul", "İstanbul", "senor", "celik", "pinata"] {
        env.run(&["search", typed]).exits(0).prints("ca.txt");
    }
    for typed in ["innbetaling", "utbetaling", "avmelding", "opptrapping"] {
        env.run(&["search", typed]).exits(0).prints("particle.txt");
    }
    for typed in ["tilkopling", "førearbeid OR førarbeid OR etterarbeid"] {
        env.run(&["search", typed]).exits(0).prints("nynorsk.txt");
    }
    for typed in ["innmelding", "innpåmelding"] {
        env.run(&["search", typed]).exits(1);
    }
}

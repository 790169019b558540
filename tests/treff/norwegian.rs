//! What a word finds beside itself, and what it must not find: pages in both written standards, and in the ways in
//! which one thing can be written.

use treff::index::{self, Index};
use treff::query::{self, Synonyms};
use treff::search::{self, Hit, search};

use crate::{TestEnv, update};

/// An index of pages that have a name and a text each. Those of the second list are in Nynorsk.
fn indexed(bokmal: &[(&str, &str)], nynorsk: &[(&str, &str)]) -> (TestEnv, Index) {
    let env = TestEnv::empty();
    for (name, text) in bokmal {
        env.write(&format!("pages/{name}.txt"), format!("{text}\n\n{BOKMAL}"));
    }
    for (name, text) in nynorsk {
        env.write(&format!("pages/{name}.txt"), format!("{text}\n\n{NYNORSK}"));
    }
    update(&env.path("index"), &[env.path("pages")]);
    let index = index::open(&env.path("index")).unwrap();
    (env, index)
}

/// What tells the standard of a page that is too short to tell it by itself.
const BOKMAL: &str = "Dette er noe som ikke står i det andre, og hun sier at hvor mye en selv gjør bare er fra nå.";
const NYNORSK: &str =
    "Dette er noko som ikkje står i det andre, og ho seier at kor mykje ein sjølv gjer berre er frå no.";

fn hits(index: &Index, text: &str) -> Vec<Hit> {
    let options = search::SearchOptions { limit: 50, snippet_chars: 240, ..Default::default() };
    search(index, &query::parse(text, &Synonyms::builtin()), &options).unwrap().hits
}

fn name(hit: &Hit) -> &str {
    hit.path.rsplit('/').next().unwrap().trim_end_matches(".txt")
}

/// The names of the pages that a query finds, best first.
fn found(index: &Index, text: &str) -> Vec<String> {
    hits(index, text).iter().map(|hit| name(hit).to_string()).collect()
}

#[track_caller]
fn check(index: &Index, text: &str, expected: &[&str]) {
    let mut found = found(index, text);
    found.sort();
    assert_eq!(found, expected, "{text}");
}

/// What is marked in the page.
#[track_caller]
fn check_marks(index: &Index, text: &str, page: &str, expected: &[&str]) {
    let hits = hits(index, text);
    let hit = hits.iter().find(|hit| name(hit) == page).unwrap_or_else(|| panic!("{text} doesn't find {page}"));
    let marked: Vec<&str> = hit.marks.iter().map(|(start, end)| &hit.snippet[*start..*end]).collect();
    assert_eq!(marked, expected, "{text} in {page}");
}

/// Each form, in a page of its own, finds the pages of all.
#[track_caller]
fn check_each_finds_all(bokmal: &[&str], nynorsk: &[&str]) {
    let page = |(number, form): (usize, &&str)| (number.to_string(), format!("Det gjelder {form} i alt."));
    let pages: Vec<_> = bokmal.iter().chain(nynorsk).enumerate().map(page).collect();
    let pages: Vec<_> = pages.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let (in_bokmal, in_nynorsk) = pages.split_at(bokmal.len());
    let (_env, index) = indexed(in_bokmal, in_nynorsk);
    let all: Vec<&str> = pages.iter().map(|(name, _)| *name).collect();
    let missed: Vec<String> = bokmal
        .iter()
        .chain(nynorsk)
        .flat_map(|form| {
            let found = found(&index, form);
            let missed = all.iter().filter(move |name| !found.iter().any(|found| found == *name));
            missed.map(move |name| format!("{form} doesn't find {}", name))
        })
        .collect();
    assert!(missed.is_empty(), "{missed:?} of {bokmal:?} and {nynorsk:?}");
}

#[test]
fn a_compound_is_found_in_all_forms_standards_and_suspended() {
    let (_env, index) = indexed(
        &[
            ("a", "Omfanget av taushetspliktens regler er stort."),
            ("b", "Personalet har taushets- og opplysningsplikt overfor alle."),
            ("c", "Personalet har andre oppgaver."),
        ],
        &[("d", "Alle tilsette har teieplikt overfor dei andre.")],
    );
    check(&index, "taushetsplikt", &["a", "b", "d"]);
    check(&index, "teieplikt", &["a", "b", "d"]);
    check_marks(&index, "taushetsplikt", "a", &["taushetspliktens"]);
    check_marks(&index, "taushetsplikt", "b", &["taushets-", "plikt"]);
    check_marks(&index, "taushetsplikt", "d", &["teieplikt"]);
}

#[test]
fn a_part_of_a_compound_finds_it_and_is_marked_alone() {
    let (_env, index) =
        indexed(&[("a", "Alle har taushetsplikten med seg."), ("b", "Alle har en oppgave med seg.")], &[]);
    check(&index, "plikt", &["a"]);
    check(&index, "taushet", &["a"]);
    check_marks(&index, "plikt", "a", &["plikten"]);
    check_marks(&index, "taushet", "a", &["taushet"]);
}

#[test]
fn a_compound_is_not_found_by_its_part_alone() {
    let (_env, index) = indexed(&[("a", "Et barn leker ute."), ("b", "En barnehage er åpen.")], &[]);
    check(&index, "barnehage", &["b"]);
    check(&index, "barnehagene", &["b"]);
    check(&index, "barn", &["a", "b"]);
}

#[test]
fn suspended_compounds_are_found_by_their_wholes() {
    let (_env, index) = indexed(
        &[
            ("a", "Vi har støtte- og veiledningsressurser til alle."),
            ("b", "De har en god samarbeidskultur og -praksis nå."),
            ("c", "Det kommer fra Barne-, ungdoms- og familiedirektoratet i dag."),
        ],
        &[],
    );
    check(&index, "støtteressurser", &["a"]);
    check(&index, "støtteressurs", &["a"]);
    check(&index, "veiledningsressurser", &["a"]);
    check(&index, "samarbeidspraksis", &["b"]);
    check(&index, "barnedirektoratet", &["c"]);
    check(&index, "ungdomsdirektoratet", &["c"]);
    check(&index, "familiedirektoratet", &["c"]);
    check_marks(&index, "ungdomsdirektoratet", "c", &["ungdoms-", "direktoratet"]);
}

#[test]
fn words_of_both_standards_find_each_other() {
    check_each_finds_all(&["opplæringsloven"], &["opplæringslova"]);
    check_each_finds_all(&["spørreundersøkelse"], &["spørjeundersøking"]);
    check_each_finds_all(&["bok", "bøker"], &["bok", "bøker"]);
    check_each_finds_all(&["barn", "barna"], &["born", "barna"]);
    check_each_finds_all(&["ungdommer", "ungdom"], &["ungdom", "ungdommar"]);
    check_each_finds_all(&["virkemidler", "virkemiddel"], &["verkemiddel"]);
}

#[test]
fn a_letter_is_not_another_one() {
    let (_env, index) = indexed(&[("a", "Han bor på rod der."), ("b", "Den er rød der.")], &[]);
    check(&index, "rød", &["b"]);
    check(&index, "rod", &["a"]);
}

#[test]
fn a_name_is_found_in_its_older_spelling() {
    let (_env, index) = indexed(&[("a", "Håkon bor der."), ("b", "Haakon bor der."), ("c", "Olav bor der.")], &[]);
    check(&index, "Håkon", &["a", "b"]);
    check(&index, "Haakon", &["a", "b"]);
}

#[test]
fn numbers_and_dates_are_found_however_they_are_written() {
    let (_env, index) = indexed(
        &[
            ("a", "Om lag 75 % svarte ja."),
            ("b", "Møtet er 10.11.2020 i Oslo."),
            ("c", "Møtet er 10. november 2020 i Bergen."),
            ("d", "Det står i § 33 at alle skal med."),
            ("e", "Det står i paragraf 33 at alle skal med."),
            ("f", "I november var det 2020 som kom, i tillegg til paragraf og 33 andre."),
        ],
        &[],
    );
    check_marks(&index, "75 prosent", "a", &["75 %"]);
    let in_november = found(&index, "november 2020");
    assert!(in_november[0] == "c" && in_november.contains(&"b".to_string()), "{in_november:?}");
    check_marks(&index, "november 2020", "b", &["10.11.2020"]);
    check(&index, "\"10.11.2020\"", &["b", "c"]);
    check(&index, "\"10. november 2020\"", &["b", "c"]);
    check(&index, "\"paragraf 33\"", &["d", "e"]);
    check(&index, "\"§ 33\"", &["d", "e"]);
    check_marks(&index, "\"10.11.2020\"", "c", &["10. november 2020"]);
    check_marks(&index, "\"paragraf 33\"", "d", &["§ 33"]);
    check(&index, "møtet -10.11.2020", &[]);
}

#[test]
fn what_was_typed_ranks_before_its_inflections() {
    let (_env, index) = indexed(
        &[
            ("a", "Det gjelder barnehagene her."),
            ("b", "Det gjelder barnehage her."),
            ("c", "Det gjelder barnehagen her."),
        ],
        &[],
    );
    for (text, first) in [("barnehagene", "a"), ("barnehage", "b"), ("barnehagen", "c")] {
        let found = found(&index, text);
        assert_eq!((found.len(), found[0].as_str()), (3, first), "{text}");
    }
}

#[test]
fn a_name_finds_what_stands_for_the_same() {
    let full = "Barne-, ungdoms- og familiedirektoratet";
    let (env, index) = indexed(
        &[
            ("a", &format!("Det kommer fra {full} i dag.")),
            ("b", "Det kommer fra Bufdir i dag."),
            ("c", "Det kommer fra en familie og en ungdom i dag, og noen barn."),
            ("d", &format!("Det kommer fra Bufdir, som er {full}.")),
        ],
        &[],
    );
    check(&index, "Bufdir", &["a", "b", "d"]);
    check_marks(&index, "Bufdir", "a", &["Barne", "ungdoms", "og", "familiedirektoratet"]);
    check_marks(&index, full, "b", &["Bufdir"]);
    let ranked = found(&index, "Bufdir");
    let place = |name: &str| ranked.iter().position(|found| found == name);
    assert!(place("b") < place("a"), "what was typed before its synonym: {ranked:?}");
    let score = |name: &str, text: &str| hits(&index, text).iter().find(|hit| self::name(hit) == name).unwrap().score;
    assert!(score("d", "Bufdir") <= score("b", "Bufdir"), "both count once");
    // In quotes and where it is left out a name is itself.
    check(&index, "\"Bufdir\"", &["b", "d"]);
    check(&index, "dag -Bufdir", &["a", "c"]);
    let explained = env.run(&["search", "--explain", "Bufdir"]).exits(0);
    explained.says("bufdir: lemma bufdir; synonym «Barne-, ungdoms- og familiedirektoratet»");
}

#[test]
fn own_synonyms_find_from_the_file_given_and_from_the_index_folder() {
    let env = TestEnv::empty();
    env.write("pages/a.txt", "Her står det om den nye planen for hele byen.");
    env.run(&["index", "pages"]).exits(0);
    env.write("mine.txt", "glitrefabel = den nye planen\n");
    env.run(&["search", "glitrefabel"]).exits(1);
    env.run(&["search", "--synonyms", "mine.txt", "glitrefabel"]).exits(0).prints("a.txt");
    env.write("index/synonyms.txt", "glitrefabel = den nye planen\n");
    env.run(&["search", "glitrefabel"]).exits(0).prints("a.txt");
}

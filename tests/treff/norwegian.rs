//! Which words match which: inflections, compounds, both written standards and spelling variants, on small indexes; and
//! the analysis used as a tantivy tokenizer.

use tantivy::collector::DocSetCollector;
use tantivy::query::TermQuery;
use tantivy::schema::{IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{TextAnalyzer, TokenStream};
use tantivy::{Term, doc};
use treff::index::{self, Index};
use treff::norwegian::{NorwegianTokenizer, Standard, TermKind, lemma_keys};
use treff::query::{self, Synonyms};
use treff::search::{self, Hit, search};

use crate::{TestEnv, update};

/// An index of pages, each with a name and a text. The second list is in Nynorsk.
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

/// Closed-class words that identify the standard of a short page.
const BOKMAL: &str = "Dette er noe som ikke står i det andre, og hun sier at hvor mye en selv gjør bare er fra nå.";
const NYNORSK: &str =
    "Dette er noko som ikkje står i det andre, og ho seier at kor mykje ein sjølv gjer berre er frå no.";

fn hits(index: &Index, text: &str) -> Vec<Hit> {
    let options = search::SearchOptions { limit: 50, ..Default::default() };
    search(index, &query::parse(text, &Synonyms::builtin()), &options).unwrap().hits
}

fn name(hit: &Hit) -> &str {
    hit.path.rsplit('/').next().unwrap().trim_end_matches(".txt")
}

/// The names of the pages that a query matches, best first.
fn found(index: &Index, text: &str) -> Vec<String> {
    hits(index, text).iter().map(|hit| name(hit).to_string()).collect()
}

#[track_caller]
fn check(index: &Index, text: &str, expected: &[&str]) {
    let mut found = found(index, text);
    found.sort();
    assert_eq!(found, expected, "{text}");
}

/// Checks the marks in the snippet of a page.
#[track_caller]
fn check_marks(index: &Index, text: &str, page: &str, expected: &[&str]) {
    let hits = hits(index, text);
    let hit = hits.iter().find(|hit| name(hit) == page).unwrap_or_else(|| panic!("{text} doesn't match {page}"));
    let marked: Vec<&str> = hit.marks.iter().map(|(start, end)| &hit.snippet[*start..*end]).collect();
    assert_eq!(marked, expected, "{text} in {page}");
}

/// Checks that each form, as a query, matches the pages of all forms.
#[track_caller]
fn check_all_match(bokmal: &[&str], nynorsk: &[&str]) {
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
            missed.map(move |name| format!("{form} doesn't match {}", name))
        })
        .collect();
    assert!(missed.is_empty(), "{missed:?} of {bokmal:?} and {nynorsk:?}");
}

#[test]
fn a_compound_matches_its_inflections_counterparts_and_suspended_forms() {
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
fn a_component_matches_a_compound_and_is_marked_alone() {
    let (_env, index) =
        indexed(&[("a", "Alle har taushetsplikten med seg."), ("b", "Alle har en oppgave med seg.")], &[]);
    check(&index, "plikt", &["a"]);
    check(&index, "taushet", &["a"]);
    check_marks(&index, "plikt", "a", &["plikten"]);
    check_marks(&index, "taushet", "a", &["taushet"]);
}

#[test]
fn a_compound_does_not_match_its_component() {
    let (_env, index) = indexed(&[("a", "Et barn leker ute."), ("b", "En barnehage er åpen.")], &[]);
    check(&index, "barnehage", &["b"]);
    check(&index, "barnehagene", &["b"]);
    check(&index, "barn", &["a", "b"]);
}

#[test]
fn a_compound_matches_its_suspended_form() {
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
fn words_of_both_standards_match_each_other() {
    check_all_match(&["opplæringsloven"], &["opplæringslova"]);
    check_all_match(&["spørreundersøkelse"], &["spørjeundersøking"]);
    check_all_match(&["bok", "bøker"], &["bok", "bøker"]);
    check_all_match(&["barn", "barna"], &["born", "barna"]);
    check_all_match(&["ungdommer", "ungdom"], &["ungdom", "ungdommar"]);
    check_all_match(&["virkemidler", "virkemiddel"], &["verkemiddel"]);
}

#[test]
fn different_letters_do_not_match() {
    let (_env, index) = indexed(&[("a", "Han bor på rod der."), ("b", "Den er rød der.")], &[]);
    check(&index, "rød", &["b"]);
    check(&index, "rod", &["a"]);
}

#[test]
fn a_name_matches_its_older_spelling() {
    let (_env, index) = indexed(&[("a", "Håkon bor der."), ("b", "Haakon bor der."), ("c", "Olav bor der.")], &[]);
    check(&index, "Håkon", &["a", "b"]);
    check(&index, "Haakon", &["a", "b"]);
}

#[test]
fn numbers_and_dates_match_in_all_spellings() {
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
fn the_exact_form_ranks_above_inflections() {
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
fn a_name_matches_its_synonym() {
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
    let rank = |name: &str| ranked.iter().position(|found| found == name);
    assert!(rank("b") < rank("a"), "the exact name ranks above its synonym: {ranked:?}");
    let score = |name: &str, text: &str| hits(&index, text).iter().find(|hit| self::name(hit) == name).unwrap().score;
    assert!(score("d", "Bufdir") <= score("b", "Bufdir"), "a name and its synonym count once");
    // Quoted or excluded names have no synonyms.
    check(&index, "\"Bufdir\"", &["b", "d"]);
    check(&index, "dag -Bufdir", &["a", "c"]);
    let explained = env.run(&["search", "--explain", "Bufdir"]).exits(0);
    explained.says("bufdir: lemma bufdir; synonym “Barne-, ungdoms- og familiedirektoratet”");
}

#[test]
fn reads_synonyms_from_a_given_file_and_from_the_index_folder() {
    let env = TestEnv::empty();
    env.write("pages/a.txt", "Her står det om den nye planen for hele byen.");
    env.run(&["index", "pages"]).exits(0);
    env.write("mine.txt", "glitrefabel = den nye planen\n");
    env.run(&["search", "glitrefabel"]).exits(1);
    env.run(&["search", "--synonyms", "mine.txt", "glitrefabel"]).exits(0).prints("a.txt");
    env.write("index/synonyms.txt", "glitrefabel = den nye planen\n");
    env.run(&["search", "glitrefabel"]).exits(0).prints("a.txt");
}

#[test]
fn the_tokenizer_emits_terms_with_positions_and_offsets() {
    let terms = |kinds: &[TermKind], text: &str| {
        let mut analyzer = TextAnalyzer::from(NorwegianTokenizer::new(Standard::Bokmal, kinds));
        let mut terms = Vec::new();
        analyzer.token_stream(text).process(&mut |token| {
            let slice = &text[token.offset_from..token.offset_to];
            terms.push(format!("{}@{}={slice}", token.text, token.position));
        });
        terms.join(" ")
    };
    assert_eq!(
        terms(&[TermKind::Lemma], "Skolen har mange elever."),
        "skole@0=Skolen ha@1=har mange@2=mange elev@3=elever"
    );
    assert_eq!(terms(&[TermKind::Component], "om taushetsplikten"), "taushet@1=taushet plikt@1=plikten");
    assert_eq!(terms(&[TermKind::Exact], "Om 3 000 BARN"), "om@0=Om 3000@1=3 000 barn@2=BARN");
    assert_eq!(terms(&[], "Om barn"), "");
}

#[test]
fn a_tantivy_index_with_the_tokenizer_matches_inflections_and_components() {
    let indexing = TextFieldIndexing::default()
        .set_tokenizer("norwegian")
        .set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let mut schema = Schema::builder();
    let text = schema.add_text_field("text", TextOptions::default().set_indexing_options(indexing));
    let index = tantivy::Index::create_in_ram(schema.build());
    let tokenizer = NorwegianTokenizer::new(Standard::Both, &[TermKind::Lemma, TermKind::Component]);
    index.tokenizers().register("norwegian", TextAnalyzer::from(tokenizer));
    let mut writer = index.writer_with_num_threads(1, 15_000_000).unwrap();
    for line in ["Alle bøkene er her.", "Taushetsplikten gjelder.", "Skulen er ny."] {
        writer.add_document(doc!(text => line)).unwrap();
    }
    writer.commit().unwrap();
    let searcher = index.reader().unwrap().searcher();
    for (word, expected) in [("bok", Some(0)), ("plikt", Some(1)), ("skole", Some(2)), ("hylle", None)] {
        let key = &lemma_keys(word, Standard::Both)[0];
        let query = TermQuery::new(Term::from_field_text(text, key), IndexRecordOption::Basic);
        let matching = searcher.search(&query, &DocSetCollector).unwrap();
        assert_eq!(
            matching.into_iter().map(|address| address.doc_id).collect::<Vec<_>>(),
            Vec::from_iter(expected),
            "{word}"
        );
    }
}

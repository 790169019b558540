//! `--explain`: explanations add up to the score and say how words match.

use serde_json::Value;
use treff::index;
use treff::query::{self, Filter, Synonyms};
use treff::search::{self, Explanation, Hit, SortOrder, search};

use crate::{PLAIN, TestEnv, update};

const QUERIES: [&str; 18] = [
    "taushetsplikt",
    "teieplikt skule",
    "virkemidler for utsatte barn og unge",
    "taushets plikt i kommunen",
    "hva er",
    "\"utsatte barn\" kommune",
    "=barn =kommunene",
    "\"barn unge\"~5 samarbeid",
    "samarb* barn",
    "barnevernt~ *plikt",
    "barn -skole",
    "(barn OG unge) ELLER skole",
    "Bufdir NAV",
    "barn title:samarbeid dato:>=2018",
    "lang:nb",
    "lang:nb barn xyzzy",
    "Barne-, ungdoms- og familiedirektoratet kartlegging",
    "meny ansatte barn",
];

fn explained(index: &index::Index, text: &str, options: &search::SearchOptions) -> Vec<Hit> {
    let options = search::SearchOptions { is_explained: true, ..options.clone() };
    search(index, &query::parse(text, &Synonyms::builtin()), &options).unwrap().hits
}

/// The score as docs/json.md defines it.
fn explained_score(explanation: &Explanation) -> f64 {
    (explanation.words.iter().map(|word| word.score).sum::<f64>() + explanation.word_order + explanation.title_coverage)
        * explanation.factor
}

#[track_caller]
fn check(hits: &[Hit], about: &str) {
    for hit in hits {
        let explanation = hit.explanation.as_ref().expect("an explanation was requested");
        assert!(
            (explained_score(explanation) - hit.score).abs() < 1e-3,
            "{about}: {} is not {explanation:#?}",
            hit.score
        );
        for word in &explanation.words {
            let signals: f64 = word.signals.values().sum();
            assert!((signals - word.score).abs() < 1e-3, "{about}: {word:#?}");
            check_kinds(word, about);
        }
    }
}

/// Checks that the kinds of matches agree with the signals that contribute.
#[track_caller]
fn check_kinds(word: &search::WordExplanation, about: &str) {
    use search::SignalName as Name;
    use treff::snippet::MatchKind;
    let has_kind = |kinds: &[MatchKind]| word.matches.iter().any(|found| kinds.contains(&found.kind));
    let has_signal = |names: &[Name]| names.iter().any(|name| word.signals.contains_key(name));
    assert!(!word.matches.is_empty(), "{about}: {word:#?}");
    let by_lemma = [
        MatchKind::Exact,
        MatchKind::Lemma,
        MatchKind::Inflection,
        MatchKind::Nynorsk,
        MatchKind::Bokmal,
        MatchKind::Synonym,
    ];
    for (kinds, names) in [
        (&by_lemma[..], &[Name::Lemma, Name::Exact, Name::StopWord][..]),
        (&[MatchKind::SplitCompound], &[Name::SplitCompound]),
        (&[MatchKind::Pattern], &[Name::Pattern]),
    ] {
        assert_eq!(has_kind(kinds), has_signal(names), "{about}: {word:#?}");
    }
    // Each word of a split compound is a component of it.
    let is_component = has_kind(&[MatchKind::Component]);
    assert!(
        is_component <= has_signal(&[Name::Component])
            && has_signal(&[Name::Component]) <= (is_component || has_kind(&[MatchKind::SplitCompound])),
        "{word:#?}"
    );
    let in_passage = [Name::Lemma, Name::Exact, Name::StopWord, Name::Component, Name::SplitCompound, Name::Pattern];
    assert!(
        !has_signal(&in_passage)
            || !has_kind(&[MatchKind::Title, MatchKind::Page, MatchKind::Trigrams, MatchKind::None]),
        "{word:#?}"
    );
    assert_eq!(has_kind(&[MatchKind::None]), word.signals.is_empty(), "{about}: {word:#?}");
}

#[test]
fn explanations_add_up_to_the_score() {
    let env = TestEnv::indexed();
    let index = index::open(&env.path("index")).unwrap();
    let mut seen = 0;
    for text in QUERIES {
        for options in [
            PLAIN,
            search::SearchOptions { with_boilerplate: true, with_similar: true, ..PLAIN },
            search::SearchOptions { is_grouped: true, order: SortOrder::Date, limit: 3, offset: 1, ..PLAIN },
        ] {
            let hits = explained(&index, text, &options);
            seen += hits.len();
            check(&hits, text);
        }
    }
    assert!(seen > 300, "{seen}");
}

/// A site whose pages share a paragraph and a menu, with more passages than are reranked.
#[test]
fn explanations_add_up_for_repeated_dropped_and_low_ranked_passages() {
    let env = TestEnv::empty();
    let shared = "Har du spørsmål om saksbehandlingen i fylkeskommunen, ta kontakt med avdelingen som har ansvar \
        for området, eller skriv til postmottaket med navnet ditt og saken det gjelder.";
    for number in 0..160 {
        let own = format!("Sak {number} handler om vedtaket nummer {} i kommunen og om barn. ", number * 7).repeat(4);
        let shared = if number % 3 > 0 { shared } else { "" };
        let text = format!("Forsiden\n\nMeny for ansatte\n\nVedtak {number}\n\n{own}\n\nOm sak {number}\n\n{shared}\n");
        env.write(&format!("pages/{number}.txt"), text);
    }
    update(&env.path("index"), &[env.path("pages")]);
    // Updated pages leave deleted documents in the segments.
    for number in 0..20 {
        env.write(
            &format!("pages/{number}.txt"),
            format!("Ny sak {number}\n\nEtt vedtak om barn i kommunene {number}."),
        );
    }
    update(&env.path("index"), &[env.path("pages")]);
    let index = index::open(&env.path("index")).unwrap();
    let (mut repeated, mut boilerplate) = (0, 0);
    for text in ["vedtak", "vedtak om barn", "saksbehandling i kommunen", "meny ansatte", "fylkeskommune OG ansvar*"] {
        let options = search::SearchOptions { limit: 400, with_boilerplate: true, with_similar: true, ..PLAIN };
        let hits = explained(&index, text, &options);
        check(&hits, text);
        repeated += hits
            .iter()
            .filter(|hit| hit.explanation.as_ref().is_some_and(|explanation| explanation.factor < 1.0))
            .count();
        boilerplate += hits.iter().filter(|hit| hit.boilerplate).count();
    }
    assert!(repeated > 0 && boilerplate > 0, "{repeated} repeated, {boilerplate} boilerplate");
    assert!(
        explained(&index, "vedtak", &search::SearchOptions { limit: 400, with_similar: true, ..PLAIN }).len() > 100
    );
    let mut query = query::parse("vedtak om barn", &Synonyms::builtin());
    query.add_filters(vec![Filter::parse(query::FilterField::Path, "pages/3*").unwrap()]);
    let options = search::SearchOptions { is_explained: true, ..PLAIN };
    check(&search(&index, &query, &options).unwrap().hits, "a filter");
}

#[test]
fn prints_how_a_word_matched() {
    let env = TestEnv::empty();
    env.write("p/a.txt", "Rutiner for sykehus\n\nVirkemidlene gjelder ikke for taushetsplikten til de ansatte.");
    env.write(
        "p/b.txt",
        "Om helse\n\nDet er ikkje noko skulane kan gjere med teieplikta. Rutinane er ein plan for økonomi.",
    );
    env.run(&["index", "p"]).exits(0);
    let explain = |query: &str| env.run(&["search", "--explain", "-n1", query]).exits(0);
    explain("virkemiddel plikt")
        .prints("Virkemidlene (inflection of virkemiddel) [")
        .prints("taushetsplikten (component plikt) [");
    explain("virkemidlene").prints(", exact match [exact ");
    explain("skole økonomi").prints("skulane (Nynorsk for skole) [");
    explain("taushetsplikt ikkje").prints("teieplikta (Nynorsk for taushetsplikt) [");
    explain("okonomi").prints("økonomi (corrected from okonomi): ").prints(", exact match [");
    explain("økonomi xyzzy").prints("xyzzy: 0.00, no match\n");
    explain("virkem*").prints("virkem*: ").prints(", Virkemidlene (pattern) [pattern ");
    let hit: &Value = &env.run(&["search", "--explain", "--json", "-n1", "virkemiddel"]).exits(0).hits()[0];
    assert_eq!(
        hit["explanation"]["words"][0]["matches"],
        serde_json::json!([{ "kind": "inflection", "text": "Virkemidlene", "lemma": "virkemiddel" }])
    );
    assert!(env.run(&["search", "--json", "virkemiddel"]).exits(0).hits()[0].get("explanation").is_none());
    explain("lang:nn").prints("    score 0.00\n");
}

//! Top-k pruning (MaxScore) returns the same passages as a search that scores every match, in an index large enough for
//! most passages to be pruned.

use std::collections::BTreeSet;
use std::fmt::Write;

use tantivy::DocAddress;
use treff::index;
use treff::query::{Synonyms, parse};
use treff::search;

use crate::{TestEnv, update};

/// The words of the generated pages, in descending order of frequency.
const WORDS: [&str; 16] = [
    "skole",
    "kommune",
    "plikt",
    "barn",
    "tilbud",
    "loven",
    "elever",
    "taushetsplikt",
    "samarbeid",
    "skoleplikt",
    "rapporter",
    "barnehage",
    "opplæring",
    "tjenester",
    "ungdom",
    "vedtak",
];

const QUERIES: [&str; 14] = [
    "skole",
    "skolene",
    "skole kommune",
    "plikt samarbeid",
    "taushetsplikt",
    "om skole plikt vedtak",
    "+skole +plikt",
    "kommune -skole",
    "\"skole kommune\" barn",
    "rapport* barnehage",
    "sk* t*",
    "*er*",
    "+s* +kommune -b*",
    "title:skole plikt",
];

/// Number of pages: enough for several windows of documents.
const PAGES: usize = 6_000;

/// Returns records of one sentence or several paragraphs, leaving out every `omitted_every`th. The others are the same
/// in every call.
fn pages(omitted_every: usize) -> String {
    let mut state = 1u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut text = String::new();
    for number in 0..PAGES {
        let words: Vec<&str> =
            (0..4 + random(12)).map(|_| WORDS[random(WORDS.len()).min(random(WORDS.len()))]).collect();
        if number % omitted_every != 1 {
            let sentence = format!("Sak {number} handler om {}.", words.join(" "));
            // Some pages have a title, some several passages.
            let title = if number % 3 == 0 { words[..2].join(" ") } else { String::new() };
            let paragraphs = vec![sentence.repeat(10); if number % 20 == 0 { 4 } else { 0 }].join("\n\n");
            let page =
                serde_json::json!({ "id": number, "title": title, "text": format!("{sentence}\n\n{paragraphs}") });
            writeln!(text, "{page}").unwrap();
        }
    }
    text
}

#[test]
fn pruned_top_k_equals_exhaustive_top_k() {
    let env = TestEnv::empty();
    let (folder, file) = (env.path("index"), env.path("pages.jsonl"));
    // In the second round, some documents in the segments are deleted.
    for omitted_every in [PAGES + 2, 7] {
        env.write("pages.jsonl", pages(omitted_every));
        update(&folder, std::slice::from_ref(&file));
        let index = index::open(&folder).unwrap();
        for text in QUERIES {
            let query = parse(text, &Synonyms::builtin());
            let all = search::top_passages(&index, &query, 2 * PAGES).unwrap();
            assert_eq!(search::top_passages(&index, &query, 20).unwrap(), all[..all.len().min(20)], "{text}");
            assert_eq!(
                search::count_matches(&index, &query, false, &search::Interrupt::NEVER).unwrap(),
                all.len(),
                "{text}"
            );
        }
        let matches = |text: &str| -> BTreeSet<DocAddress> {
            let query = parse(text, &Synonyms::builtin());
            search::top_passages(&index, &query, 2 * PAGES).unwrap().into_iter().collect()
        };
        // Two words that don't form a compound.
        let (skole, vedtak) = (matches("skole"), matches("vedtak"));
        assert!(skole.len() > PAGES / 4, "{} matches", skole.len());
        assert_eq!(matches("skole vedtak"), &skole | &vedtak);
        assert_eq!(matches("+skole +vedtak"), &skole & &vedtak);
        assert_eq!(matches("+skole vedtak"), skole);
        assert_eq!(matches("skole -vedtak"), &skole - &vedtak);
        assert_eq!(matches("skole AND (barnehage OR vedtak)"), &skole & &(&matches("barnehage") | &vedtak));
    }
}

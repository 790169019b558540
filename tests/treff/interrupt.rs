//! Searches that are stopped at a deadline or canceled, and exact counts of the matches.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use treff::index::{self, Index};
use treff::query::{Query, Synonyms, parse};
use treff::search::{
    FacetField, Interrupt, SearchOptions, SearchResults, SortOrder, count_matches, count_without_filters,
    expand_patterns, search,
};

use crate::{TestEnv, update};

const QUERIES: [&str; 16] = [
    "skole",
    "skole kommune plikt",
    "om og for",
    "+skole +plikt",
    "skole -kommune",
    "(skole OR plikt) AND kommune",
    "\"skole kommune\"",
    "=\"skole kommune\"",
    "skole -=\"skole kommune\"",
    "\"plikt skole\"~4",
    "skol* *plikt",
    "skoel~",
    "skole path:pages",
    "date:>=2018",
    "title:sak -lang:nn",
    "skoole",
];

/// These are searched with all combinations of options.
const FEW_QUERIES: [&str; 4] = ["skole plikt", "\"skole kommune\" -=\"kommune skole\"", "skol* date:>=2018", "skoole"];

const FACETS: [FacetField; 4] = [FacetField::Source, FacetField::Year, FacetField::Lang, FacetField::Site];

fn small_index() -> (TestEnv, Index) {
    let env = TestEnv::empty();
    let mut records = String::new();
    for number in 0..200 {
        let words = ["skole", "kommune", "plikt", "tilbud", "taushetsplikt"];
        let word = |step: usize| words[(number / step) % words.len()];
        let text = format!("Saken handler om {} {} og {} for alle i {number}.", word(1), word(5), word(25));
        let record = serde_json::json!({
            "id": number, "title": format!("Sak {number}"), "text": format!("Facebook\nDel siden\n\n{text}\n\n{}", text.repeat(12)),
            "date": format!("{}-01-02", 2015 + number % 6), "source": format!("Kilde {}", number % 3),
            "url": format!("https://{}.no/{number}", number % 2),
        });
        writeln!(records, "{record}").unwrap();
    }
    env.write("pages.jsonl", records);
    update(&env.path("index"), &[env.path("pages.jsonl")]);
    let index = index::open(&env.path("index")).unwrap();
    (env, index)
}

/// Every combination of order, grouping, facets, boilerplate, explanation and counting.
fn all_options() -> Vec<SearchOptions> {
    let mut all = Vec::new();
    for bits in 0..64u32 {
        let is_set = |bit: u32| bits >> bit & 1 == 1;
        all.push(SearchOptions {
            order: if is_set(0) { SortOrder::Date } else { SortOrder::Score },
            is_grouped: is_set(1),
            facets: if is_set(2) { FACETS.to_vec() } else { Vec::new() },
            with_boilerplate: is_set(3),
            is_explained: is_set(4),
            count_matches: is_set(5),
            with_similar: is_set(1) != is_set(5),
            ..SearchOptions::default()
        });
    }
    all
}

fn passed() -> Interrupt {
    Interrupt { deadline: Some(Instant::now()), canceled: None }
}

fn canceled() -> Interrupt {
    Interrupt { deadline: None, canceled: Some(Arc::new(AtomicBool::new(true))) }
}

/// An interrupt that is checked, but not due during the test.
fn not_due() -> Interrupt {
    let deadline = Instant::now() + Duration::from_secs(24 * 3600);
    Interrupt { deadline: Some(deadline), canceled: Some(Arc::new(AtomicBool::new(false))) }
}

fn query(text: &str) -> Query {
    parse(text, &Synonyms::builtin())
}

fn shown(results: &SearchResults) -> String {
    let hits = serde_json::to_string(&results.hits).unwrap();
    let SearchResults { has_matches, matching_passages, pages, facets, suggestion, partial, .. } = results;
    format!("{hits} {has_matches} {matching_passages:?} {pages:?} {facets:?} {suggestion:?} {partial}")
}

#[test]
fn a_search_stops_at_a_deadline_that_has_passed() {
    let (_env, index) = small_index();
    for text in FEW_QUERIES {
        for options in all_options() {
            let complete = search(&index, &query(text), &options).unwrap();
            assert!(!complete.partial);
            let ids: BTreeSet<&str> = complete.hits.iter().map(|hit| hit.id.as_str()).collect();
            for interrupt in [passed(), canceled()] {
                let results = search(&index, &query(text), &SearchOptions { interrupt, ..options.clone() }).unwrap();
                assert!(results.partial, "{text}");
                assert!(results.hits.iter().all(|hit| ids.contains(hit.id.as_str())), "{text}");
                assert!(results.matching_passages <= complete.matching_passages && results.pages <= complete.pages);
                assert_eq!(results.facets.len(), complete.facets.len());
                assert_eq!(results.suggestion, None);
            }
        }
    }
}

#[test]
fn a_search_that_is_not_stopped_is_complete() {
    let (_env, index) = small_index();
    for text in FEW_QUERIES {
        for options in all_options() {
            let expected = search(&index, &query(text), &options).unwrap();
            let options = SearchOptions { interrupt: not_due(), ..options };
            assert_eq!(shown(&search(&index, &query(text), &options).unwrap()), shown(&expected), "{text}");
        }
    }
}

/// Stops searches at many different moments, some of them in the middle of a window or of the second stage.
#[test]
fn every_hit_of_a_stopped_search_matches() {
    let (_env, index) = small_index();
    let all = SearchOptions { limit: 2000, with_similar: true, ..SearchOptions::default() };
    for text in QUERIES {
        let query = query(text);
        let matches: BTreeSet<String> =
            search(&index, &query, &all).unwrap().hits.into_iter().map(|hit| hit.id).collect();
        for micros in [1, 50, 200, 800, 2000] {
            let interrupt =
                Interrupt { deadline: Some(Instant::now() + Duration::from_micros(micros)), canceled: None };
            let options = SearchOptions { interrupt, is_explained: true, count_matches: true, ..all.clone() };
            let results = search(&index, &query, &options).unwrap();
            assert!(results.hits.iter().all(|hit| matches.contains(&hit.id)), "{text}");
            assert!((results.hits.len()..=matches.len()).contains(&results.matching_passages.unwrap()), "{text}");
            assert!(results.partial || results.hits.len() == matches.len(), "{text}");
            // A deadline that passes while hits are built leaves out the last ones, but not those of the first page.
            assert!(!results.is_cut || results.partial && results.hits.len() >= 10, "{text}");
            assert!(results.hits.iter().enumerate().all(|(position, hit)| hit.rank == position + 1), "{text}");
        }
    }
}

/// Counting the pages may be stopped before it reaches those of the hits.
#[test]
fn a_stopped_search_counts_at_least_the_pages_of_its_hits() {
    let (_env, index) = small_index();
    let all = SearchOptions { limit: 2000, is_grouped: true, count_matches: true, ..SearchOptions::default() };
    for text in QUERIES {
        let complete = search(&index, &query(text), &all).unwrap();
        for micros in [100, 400, 1600, 6400, 25_600] {
            let interrupt =
                Interrupt { deadline: Some(Instant::now() + Duration::from_micros(micros)), canceled: None };
            let results = search(&index, &query(text), &SearchOptions { interrupt, ..all.clone() }).unwrap();
            let (pages, passages) = (results.pages.unwrap(), results.matching_passages.unwrap());
            assert!((results.hits.len()..=complete.pages.unwrap()).contains(&pages), "{text}");
            assert!((results.hits.len()..=complete.matching_passages.unwrap()).contains(&passages), "{text}");
            assert!(results.hits.iter().all(|hit| hit.matching_passages.unwrap() >= 1), "{text}");
        }
    }
}

/// Stops a search later and later, also while its hits are built, until it is complete.
#[test]
fn a_deadline_leaves_out_the_last_hits_of_a_complete_order() {
    let (_env, index) = small_index();
    let query = query("skole plikt");
    let all = SearchOptions {
        limit: 2000,
        full: true,
        order: SortOrder::Date,
        is_explained: true,
        ..SearchOptions::default()
    };
    let complete: Vec<String> = search(&index, &query, &all).unwrap().hits.into_iter().map(|hit| hit.id).collect();
    let mut time = Duration::from_millis(1);
    loop {
        let interrupt = Interrupt { deadline: Some(Instant::now() + time), canceled: None };
        let results = search(&index, &query, &SearchOptions { interrupt, ..all.clone() }).unwrap();
        let ids: Vec<&String> = results.hits.iter().map(|hit| &hit.id).collect();
        if !results.partial {
            assert!(!results.is_cut && ids.len() == complete.len());
            break;
        }
        if results.is_cut {
            assert!((10..complete.len()).contains(&ids.len()), "{}", ids.len());
        }
        time = time * 3 / 2;
    }
}

#[test]
fn hits_beyond_the_size_limit_are_left_for_the_next_search() {
    let (_env, index) = small_index();
    let query = query("skole plikt");
    for full in [false, true] {
        let all = SearchOptions { limit: 2000, full, with_similar: true, ..SearchOptions::default() };
        let complete = search(&index, &query, &all).unwrap();
        assert!(!complete.is_cut);
        let expected: Vec<String> = complete.hits.into_iter().map(|hit| hit.id).collect();
        for max_bytes in [1, 5_000, 50_000] {
            let mut found = Vec::new();
            loop {
                let options = SearchOptions { offset: found.len(), max_bytes, ..all.clone() };
                let results = search(&index, &query, &options).unwrap();
                assert!(!results.partial && !results.hits.is_empty());
                let bytes = |hit: &treff::search::Hit| hit.passage.len() + hit.snippet.len();
                let without_last: usize = results.hits.iter().rev().skip(1).map(bytes).sum();
                assert!(without_last < max_bytes, "{without_last}");
                found.extend(results.hits.into_iter().map(|hit| hit.id));
                if !results.is_cut {
                    break;
                }
            }
            assert_eq!(found, expected, "{max_bytes}");
        }
    }
}

#[test]
fn counts_and_patterns_can_be_interrupted() {
    let (_env, index) = small_index();
    for text in QUERIES {
        let complete = count_matches(&index, &query(text), false, &Interrupt::NEVER).unwrap();
        assert_eq!(count_matches(&index, &query(text), false, &not_due()).unwrap(), complete, "{text}");
        for interrupt in [passed(), canceled()] {
            assert!(count_matches(&index, &query(text), true, &interrupt).unwrap() <= complete, "{text}");
            assert_eq!(
                count_without_filters(&index, &query(text), false, &interrupt).unwrap().is_some(),
                text.contains("path:") || text.contains("lang:"),
                "{text}"
            );
        }
    }
    let mut patterns = query("skol*");
    expand_patterns(&index, &mut patterns, false, &canceled()).unwrap();
    assert_eq!(patterns.patterns[0].expansions, None, "incomplete expansions are not kept");
    expand_patterns(&index, &mut patterns, false, &not_due()).unwrap();
    assert_eq!(patterns.patterns[0].expansions.as_deref(), Some(&["skole".to_string()][..]));
}

#[test]
fn counts_all_matching_passages_on_request() {
    let (_env, index) = small_index();
    for text in FEW_QUERIES {
        for with_boilerplate in [false, true] {
            let all = SearchOptions { limit: 4000, with_similar: true, with_boilerplate, ..SearchOptions::default() };
            let matches = search(&index, &query(text), &all).unwrap().hits.len();
            let counted = count_matches(&index, &query(text), with_boilerplate, &Interrupt::NEVER).unwrap();
            assert_eq!(counted, matches, "{text}");
            for options in all_options().iter().filter(|options| options.with_boilerplate == with_boilerplate) {
                let results = search(&index, &query(text), options).unwrap();
                assert_eq!(results.matching_passages, options.count_matches.then_some(matches), "{text}");
            }
        }
    }
}

//! Property tests over random pages and queries: nothing panics, and the invariants of each stage hold.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::Config;

use treff::chunk::{passages, sentences};
use treff::clean::{PageFingerprint, SiteTemplate, clean, parse};
use treff::index::{self, Index};
use treff::model::{Format, LineClass, Page, PageId, PageMetadata, Passage};
use treff::norwegian::{Standard, Token, analyze, for_each_term};
use treff::query::{self, Phrase, Query, Synonyms};
use treff::search::{Interrupt, SearchResults, count_matches, search};
use treff::snippet::{Highlighter, best_snippet, full_snippet};

use crate::{PLAIN, SEEDS, TestEnv, repository};

/// Strings that some stage treats specially: markup, interface phrases, dates, bullets, hyphenated words, rare
/// characters.
const PAGE_STRINGS: [&str; 85] = [
    "barn",
    "Taushetspliktens",
    "og",
    "0–24-samarbeidet",
    "støtte-",
    "-praksis",
    "pc'en",
    "§ 33",
    "19.02.2018",
    "75 %",
    "10. november 2020",
    "3 000",
    "§ 8–1",
    "paragraf",
    "støtte- og veiledningsressurser",
    "Barne-, ungdoms- og familiedirektoratet",
    "samarbeidskultur og -praksis",
    "barneverns-\ntjenesten",
    "e-\npost",
    "e-\ngulﬁnans",
    "Nord-\nNorge",
    "likestil\u{ad}\nling",
    "støtte-\nog",
    "V E D T A K",
    "T a u s h e t s p l i k t",
    "ﬁnansielle",
    "loven¹",
    "målet2",
    "1Dette",
    "m²",
    "cœur",
    "OL'94",
    "§§ 2-4 og 2-5",
    "§§ 21–23,",
    "NOU 2020: 5",
    "19/04567-12",
    "22 24 90 90",
    "NO93 8601 1117 947",
    "|",
    "Publisert 31. august 2017.",
    "Skriv ut",
    "Facebook",
    "0/250",
    ">> HER",
    "•",
    "1.",
    "a)",
    "«",
    "»",
    "\"",
    "-",
    "…",
    "?!",
    ".",
    ":",
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    "\t",
    "\u{a0}",
    "\u{ad}",
    "\u{200b}",
    "\u{301}",
    "🙂",
    "\u{202e}",
    "\0",
    "<p>",
    "</p>",
    "<div>",
    "</div>",
    "<li>",
    "<table><tr><td>",
    "</td></tr>",
    "<br>",
    "<nav>",
    "</nav>",
    "<h1>",
    "</h1>",
    "<!--",
    "&aring;",
    "# ",
    "| a | b |\n|---|---|\n",
    "---\ntitle: x\n---\n",
    "Kommunen har plikt til å sørge for et forsvarlig tilbud til alle barn.",
];

fn any_text() -> impl Strategy<Value = String> {
    let string = prop_oneof![
        8 => proptest::sample::select(&PAGE_STRINGS[..]).prop_map(str::to_string),
        1 => any::<String>(),
    ];
    let joined = |(strings, spaced): (Vec<String>, bool)| strings.join(if spaced { " " } else { "" });
    (proptest::collection::vec(string, 0..40), any::<bool>()).prop_map(joined)
}

fn page(text: &str, format: Format) -> Page {
    let id = PageId { path: "a".into(), record: None };
    Page { id, index_in_file: 0, line: None, format, text: text.into(), metadata: PageMetadata::default(), note: None }
}

proptest! {
    #![proptest_config(Config { cases: 400, failure_persistence: None, ..Config::default() })]

    #[test]
    fn cleaning_and_chunking_lose_no_text(text in any_text(), other in any_text()) {
        for format in [Format::Text, Format::Html, Format::Markdown] {
            let parsed = parse(&page(&text, format));
            let fingerprints = [PageFingerprint::of(&parsed.lines), PageFingerprint::of(&parse(&page(&other, format)).lines)];
            let template = SiteTemplate::of(&fingerprints.iter().collect::<Vec<_>>());
            let count = parsed.lines.len();
            let document = clean(parsed, &template);
            prop_assert_eq!(document.lines.len(), count);
            let all: String = passages(&document).iter().map(|passage| passage.text.clone() + "\n").collect();
            for line in document.lines.iter().filter(|line| line.class.is_kept()) {
                for word in line.text.split_whitespace() {
                    prop_assert!(all.contains(word), "{word:?} is kept but is in no passage");
                }
            }
            for passage in passages(&document) {
                let non_empty = passage.text.split('\n').filter(|line| !line.is_empty()).count();
                prop_assert_eq!(non_empty, passage.lines.len());
                for sentence in sentences(&passage.text) {
                    prop_assert!(sentence.start < sentence.end);
                    prop_assert!(!passage.text[sentence.start..sentence.end].contains("\n\n"));
                }
            }
        }
    }

    #[test]
    fn term_offsets_are_valid(text in any_text(), standard in any_standard()) {
        let mut last = 0;
        let mut wrong = Vec::new();
        for_each_term(&text, standard, |term, kind, position, start, end| {
            let is_valid = text.get(start..end).is_some_and(|original| !original.is_empty());
            if !is_valid || term.is_empty() || position < last {
                wrong.push((term.to_string(), kind, position, start, end));
            }
            last = position;
        });
        prop_assert!(wrong.is_empty(), "{wrong:?}");
    }

    #[test]
    fn every_mark_is_a_match(text in any_text(), query_text in any_text(), length in 1..300usize, standard in any_standard()) {
        let query = query::parse(&query_text, &Synonyms::builtin());
        let found = Highlighter::new(&query).matches(&text, standard);
        for found in &found {
            let wanted_terms = wanted_terms(&query, found.word);
            let marked = text.get(found.start..found.end);
            let is_found = marked.is_some_and(|marked| has_wanted_term(marked, standard, &wanted_terms))
                || is_implied(&text, (found.start, found.end), standard, &wanted_terms)
                || is_part_of_reference(&text, (found.start, found.end), standard, &wanted_terms);
            prop_assert!(is_found, "{:?} of {wanted_terms:?}", text.get(found.start..found.end));
        }
        let passage = Passage { text: text.clone(), ..Passage::default() };
        for snippet in [best_snippet(&passage, 0, &found, |_| 1.0, length), full_snippet(&passage, &found)] {
            prop_assert_eq!(snippet.marks.len(), snippet.passage_marks.len());
            for (mark, (from, to)) in snippet.marks.iter().zip(&snippet.passage_marks) {
                let marked = snippet.text.get(mark.0..mark.1);
                prop_assert!(marked.is_some(), "{mark:?} of {:?}", snippet.text);
                let is_match = found.iter().any(|found| found.start == *from) && found.iter().any(|found| found.end == *to);
                prop_assert!(is_match, "{mark:?} of {:?}", snippet.text);
            }
        }
    }
}

/// Inflected words, compounds and names, from the word lists and the seed pages.
fn known_words() -> Vec<String> {
    let mut words = BTreeSet::new();
    for name in ["compounds.nb", "compounds.nn", "forms.nb", "forms.nn"] {
        let list = std::fs::read_to_string(repository().join(format!("tests/words/{name}.txt"))).unwrap();
        let lines = list.lines().filter(|line| !line.starts_with('#'));
        words.extend(lines.flat_map(str::split_whitespace).map(|word| word.replace(['*', '='], "")));
    }
    for name in SEEDS {
        let page = std::fs::read_to_string(repository().join("seeds").join(name)).unwrap();
        words.extend(page.split_whitespace().map(str::to_string));
    }
    words.into_iter().filter(|word| word.chars().any(char::is_alphanumeric)).collect()
}

proptest! {
    #![proptest_config(Config { cases: 300, failure_persistence: None, ..Config::default() })]

    /// The marked text is analyzed as it is shown, without the text around it.
    #[test]
    fn every_marked_text_alone_matches_the_query(
        chosen in proptest::collection::vec((any::<proptest::sample::Index>(), 0..8usize), 1..40),
        query_text in proptest::collection::vec((0..40usize, any::<bool>()), 1..4),
        is_phrase in proptest::bool::weighted(0.2),
        standard in any_standard(),
    ) {
        let known = KNOWN_WORDS.get_or_init(known_words);
        let words: Vec<&str> = chosen.iter().map(|(index, _)| index.get(known).as_str()).collect();
        let between = [" ", " ", " ", ". ", ", ", "- og ", "\n", "\n\n• "];
        let text: String = words.iter().zip(&chosen).flat_map(|(word, (_, gap))| [*word, between[*gap]]).collect();
        // Words of the text, and the first halves of such words, which are often components of compounds.
        let half = |word: &str| word.chars().take(word.chars().count() / 2).collect::<String>();
        let query_text = query_text.iter().map(|(index, is_half)| (words[index % words.len()], *is_half));
        let query_text: Vec<String> = query_text.map(|(word, is_half)| if is_half { half(word) } else { word.into() }).collect();
        let query_text = if is_phrase { format!("\"{}\"", query_text.join(" ")) } else { query_text.join(" ") };
        let query = query::parse(&query_text, &Synonyms::builtin());
        let found = Highlighter::new(&query).matches(&text, standard);
        let numbers = 0..query.matching_words().count() + query.phrases.len();
        let wanted_terms: Vec<&str> = numbers.flat_map(|number| wanted_terms(&query, number)).collect();
        let classes = text.split("\n\n").map(|block| if block.starts_with('•') { LineClass::Item } else { LineClass::Content });
        let passage = Passage { text: text.clone(), classes: classes.collect(), ..Passage::default() };
        for snippet in [best_snippet(&passage, 0, &found, |_| 1.0, 120), full_snippet(&passage, &found)] {
            for ((start, end), place) in snippet.marks.into_iter().zip(snippet.passage_marks) {
                let marked = &snippet.text[start..end];
                let is_found = has_wanted_term(marked, standard, &wanted_terms) || is_implied(&text, place, standard, &wanted_terms);
                prop_assert!(is_found, "{marked:?} of {query_text:?} in {text:?}");
            }
        }
    }
}

/// Whether a range contains part of a suspended compound that has a wanted term. Only part of the compound is written
/// there, so the marked text alone doesn't have that term.
fn is_implied(text: &str, place: (usize, usize), standard: Standard, wanted_terms: &[&str]) -> bool {
    let is_wanted = |key: &str| wanted_terms.contains(&key);
    let words = analyze(text, standard);
    let mut there = words.iter().filter(|word| word.is_implied && word.start < place.1 && word.end > place.0);
    there.any(|word| word.word.lemmas().any(is_wanted) || word.word.components().any(is_wanted))
}

/// Whether a range is a reference (the number of a section or a report) with a wanted term. Only the words before the
/// range, such as the section signs of a list, show what the number is.
fn is_part_of_reference(text: &str, place: (usize, usize), standard: Standard, wanted_terms: &[&str]) -> bool {
    let words = analyze(text, standard);
    let mut there = words.iter().filter(|word| (word.start, word.end) == place).map(|word| word.word.exact());
    there.any(|term| term.contains(['§', ':']) && wanted_terms.contains(&term))
}

static KNOWN_WORDS: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();

/// Strings with a meaning in the query syntax.
const QUERY_STRINGS: [&str; 40] = [
    "AND",
    "OR",
    "NOT",
    "OG",
    "ELLER",
    "IKKE",
    "(",
    ")",
    "-",
    "−",
    "\"",
    "«",
    "»",
    "\"barn og unge\"",
    "\"skole barn\"~5",
    "=\"utsatte barn\"",
    "=barna",
    "=",
    "~",
    "~1",
    "*",
    "barn*",
    "*plikt",
    "sam*ing",
    "skole~",
    "title:barn",
    "kilde:",
    "source:\"Ipsos\"",
    "site:x.no",
    "path:seeds/*",
    "lang:nn",
    "lang:xx",
    "date:2018..",
    "dato:>=2019-03",
    "date:9",
    "foo:bar",
    ":",
    "barn",
    "0-24-samarbeidet",
    "🙂",
];

proptest! {
    #![proptest_config(Config { cases: 1000, failure_persistence: None, ..Config::default() })]

    #[test]
    fn parses_any_text_as_a_query(strings in proptest::collection::vec((proptest::sample::select(&QUERY_STRINGS[..]), any::<bool>()), 0..20), other in any_text()) {
        let built: String = strings.iter().map(|(string, spaced)| format!("{string}{}", if *spaced { " " } else { "" })).collect();
        for text in [&built, &other] {
            let query = query::parse(text, &Synonyms::builtin());
            for problem in &query.problems {
                prop_assert!(text.get(problem.span.clone()).is_some(), "{problem:?}");
            }
            for (place, _) in query::plain_words(text) {
                prop_assert!(text.get(place.clone()).is_some_and(|word| !word.is_empty()), "{place:?}");
            }
            prop_assert!(!query.must_match_word || query.has_positive_clause);
        }
    }

    #[test]
    fn searches_for_any_query(strings in proptest::collection::vec(proptest::sample::select(&QUERY_STRINGS[..]), 0..12)) {
        let text = strings.join(" ");
        let query = query::parse(&text, &Synonyms::builtin());
        let (answer, matched) = INDEX.with(|index| (search(index, &query, &PLAIN), count_matches(index, &query, false, &Interrupt::NEVER).unwrap()));
        let is_right = |answer: SearchResults| answer.hits.len() <= matched && answer.has_matches == (matched > 0);
        prop_assert!(answer.is_ok_and(is_right), "{text}");
    }
}

thread_local! {
    /// An index of the seeds, opened once.
    static INDEX: Index = {
        let env = TestEnv::indexed();
        index::open(&env.path("index")).unwrap()
    };
}

fn any_standard() -> impl Strategy<Value = Standard> {
    proptest::sample::select(&[Standard::Bokmal, Standard::Nynorsk, Standard::Both][..])
}

/// The lemma keys and exact forms by which query word, phrase or proximity expression `number` may match.
fn wanted_terms(query: &Query, number: usize) -> Vec<&str> {
    let words: Vec<_> = query.matching_words().collect();
    match words.get(number) {
        None => match query.phrases.get(number - words.len()) {
            Some(phrase) => phrase_terms(phrase),
            None => {
                let proximity = &query.proximities[number - words.len() - query.phrases.len()];
                proximity.words.iter().flatten().map(String::as_str).collect()
            }
        },
        Some(word) => {
            let synonyms = word.synonyms.iter().flat_map(|synonym| phrase_terms(&synonym.phrase));
            let lemmas = word.lemmas.iter().map(String::as_str);
            let joined = word.split_compound.lemmas.iter().map(String::as_str);
            lemmas.chain([word.exact.as_str()]).chain(joined).chain(synonyms).collect()
        }
    }
}

fn phrase_terms(phrase: &Phrase) -> Vec<&str> {
    match phrase {
        Phrase::ExactWord(exact) => vec![exact],
        Phrase::ExactWords(words) => words.iter().map(|(_, exact)| exact.as_str()).collect(),
        Phrase::Lemmas(places) => places.iter().flat_map(|(_, lemmas)| lemmas).map(String::as_str).collect(),
    }
}

/// Whether a marked text, analyzed alone, has a wanted term or is a component of one. A component may belong to a
/// different written standard than the text.
fn has_wanted_term(marked: &str, standard: Standard, wanted_terms: &[&str]) -> bool {
    let wanted_tokens: Vec<Token> = wanted_terms.iter().flat_map(|key| analyze(key, Standard::Both)).collect();
    let is_wanted = |key: &str| {
        wanted_terms.contains(&key) || wanted_tokens.iter().any(|word| word.word.components().any(|part| part == key))
    };
    [standard, Standard::Both].into_iter().flat_map(|standard| analyze(marked, standard)).any(|word| {
        is_wanted(word.word.exact()) || word.word.lemmas().any(is_wanted) || word.word.components().any(is_wanted)
    })
}

//! Whatever stands in a page or a query: no panic, and the promises of each room hold.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::Config;

use treff::chunk::{passages, sentences};
use treff::clean::{PageFingerprint, SiteTemplate, clean, parse};
use treff::index::{self, Index};
use treff::model::{Format, LineClass, Page, PageId, PageMetadata, Passage};
use treff::norwegian::{Standard, Token, analyze, for_each_term};
use treff::query::{self, Phrase, Query, Synonyms};
use treff::search::{SearchResults, count_matches, search};
use treff::snippet::{Highlighter, best_snippet, full_snippet};

use crate::{PLAIN, SEEDS, TestEnv, repository};

/// Pieces that have meaning somewhere: markup, interface phrases, dates, bullets, joiners, odd characters.
const PIECES: [&str; 64] = [
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
    let piece = prop_oneof![
        8 => proptest::sample::select(&PIECES[..]).prop_map(str::to_string),
        1 => any::<String>(),
    ];
    let joined = |(pieces, spaced): (Vec<String>, bool)| pieces.join(if spaced { " " } else { "" });
    (proptest::collection::vec(piece, 0..40), any::<bool>()).prop_map(joined)
}

fn page(text: &str, format: Format) -> Page {
    let id = PageId { path: "a".into(), record: None };
    Page { id, index_in_file: 0, line: None, format, text: text.into(), metadata: PageMetadata::default(), note: None }
}

proptest! {
    #![proptest_config(Config { cases: 400, failure_persistence: None, ..Config::default() })]

    #[test]
    fn pages_are_cleaned_and_cut_without_loss(text in any_text(), other in any_text()) {
        for format in [Format::Text, Format::Html, Format::Markdown] {
            let parsed = parse(&page(&text, format));
            let sketches = [PageFingerprint::of(&parsed.lines), PageFingerprint::of(&parse(&page(&other, format)).lines)];
            let template = SiteTemplate::of(&sketches.iter().collect::<Vec<_>>());
            let count = parsed.lines.len();
            let document = clean(parsed, &template);
            prop_assert_eq!(document.lines.len(), count);
            let all: String = passages(&document).iter().map(|passage| passage.text.clone() + "\n").collect();
            for line in document.lines.iter().filter(|line| line.class.is_kept()) {
                for word in line.text.split_whitespace() {
                    prop_assert!(all.contains(word), "{word:?} is kept and in no passage");
                }
            }
            for passage in passages(&document) {
                let filled = passage.text.split('\n').filter(|line| !line.is_empty()).count();
                prop_assert_eq!(filled, passage.lines.len());
                for sentence in sentences(&passage.text) {
                    prop_assert!(sentence.start < sentence.end);
                    prop_assert!(!passage.text[sentence.start..sentence.end].contains("\n\n"));
                }
            }
        }
    }

    #[test]
    fn terms_stand_where_they_say(text in any_text(), standard in any_standard()) {
        let mut last = 0;
        let mut wrong = Vec::new();
        for_each_term(&text, standard, |term, kind, position, start, end| {
            let stands = text.get(start..end).is_some_and(|original| !original.is_empty());
            if !stands || term.is_empty() || position < last {
                wrong.push((term.to_string(), kind, position, start, end));
            }
            last = position;
        });
        prop_assert!(wrong.is_empty(), "{wrong:?}");
    }

    #[test]
    fn every_mark_is_a_match(text in any_text(), asked in any_text(), length in 1..300usize, standard in any_standard()) {
        let query = query::parse(&asked, &Synonyms::builtin());
        let found = Highlighter::new(&query).matches(&text, standard);
        for found in &found {
            let asked_for = asked_for(&query, found.word);
            let marked = text.get(found.start..found.end);
            let is_found = marked.is_some_and(|marked| is_found_by(marked, standard, &asked_for))
                || is_implied(&text, (found.start, found.end), standard, &asked_for);
            prop_assert!(is_found, "{:?} of {asked_for:?}", text.get(found.start..found.end));
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

/// Words in many forms, compounds and names, as the lists and the seed pages have them.
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

    /// A mark is read again as it is shown, without the text around it.
    #[test]
    fn every_mark_read_again_is_found_by_the_query(
        drawn in proptest::collection::vec((any::<proptest::sample::Index>(), 0..8usize), 1..40),
        asked in proptest::collection::vec((0..40usize, any::<bool>()), 1..4),
        is_phrase in proptest::bool::weighted(0.2),
        standard in any_standard(),
    ) {
        let known = KNOWN.get_or_init(known_words);
        let words: Vec<&str> = drawn.iter().map(|(index, _)| index.get(known).as_str()).collect();
        let between = [" ", " ", " ", ". ", ", ", "- og ", "\n", "\n\n• "];
        let text: String = words.iter().zip(&drawn).flat_map(|(word, (_, gap))| [*word, between[*gap]]).collect();
        // What stands there, and the half of it: often a part of a compound.
        let half = |word: &str| word.chars().take(word.chars().count() / 2).collect::<String>();
        let asked = asked.iter().map(|(place, is_half)| (words[place % words.len()], *is_half));
        let asked: Vec<String> = asked.map(|(word, is_half)| if is_half { half(word) } else { word.into() }).collect();
        let asked = if is_phrase { format!("\"{}\"", asked.join(" ")) } else { asked.join(" ") };
        let query = query::parse(&asked, &Synonyms::builtin());
        let found = Highlighter::new(&query).matches(&text, standard);
        let numbers = 0..query.matching_words().count() + query.phrases.len();
        let asked_for: Vec<&str> = numbers.flat_map(|number| asked_for(&query, number)).collect();
        let kinds = text.split("\n\n").map(|block| if block.starts_with('•') { LineClass::Item } else { LineClass::Content });
        let passage = Passage { text: text.clone(), classes: kinds.collect(), ..Passage::default() };
        for snippet in [best_snippet(&passage, 0, &found, |_| 1.0, 120), full_snippet(&passage, &found)] {
            for ((start, end), place) in snippet.marks.into_iter().zip(snippet.passage_marks) {
                let marked = &snippet.text[start..end];
                let is_found = is_found_by(marked, standard, &asked_for) || is_implied(&text, place, standard, &asked_for);
                prop_assert!(is_found, "{marked:?} of {asked:?} in {text:?}");
            }
        }
    }
}

/// Whether a suspended compound stands in the place that is found by what is asked for: a part of it that its neighbour
/// alone tells is marked with the word.
fn is_implied(text: &str, place: (usize, usize), standard: Standard, asked_for: &[&str]) -> bool {
    let is_asked = |key: &str| asked_for.contains(&key);
    let words = analyze(text, standard);
    let mut there = words.iter().filter(|word| word.is_implied && word.start < place.1 && word.end > place.0);
    there.any(|word| word.word.lemmas().any(is_asked) || word.word.components().any(is_asked))
}

static KNOWN: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();

/// Pieces that mean something in a query.
const ASKED: [&str; 40] = [
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
    fn any_text_is_a_query(pieces in proptest::collection::vec((proptest::sample::select(&ASKED[..]), any::<bool>()), 0..20), other in any_text()) {
        let built: String = pieces.iter().map(|(piece, spaced)| format!("{piece}{}", if *spaced { " " } else { "" })).collect();
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
    fn any_query_is_answered(pieces in proptest::collection::vec(proptest::sample::select(&ASKED[..]), 0..12)) {
        let text = pieces.join(" ");
        let query = query::parse(&text, &Synonyms::builtin());
        let (answer, matched) = INDEX.with(|index| (search(index, &query, &PLAIN), count_matches(index, &query, false).unwrap()));
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

/// The keys and exact forms that a match of this number may have.
fn asked_for(query: &Query, number: usize) -> Vec<&str> {
    let words: Vec<_> = query.matching_words().collect();
    match words.get(number) {
        None => match query.phrases.get(number - words.len()) {
            Some(phrase) => of_phrase(phrase),
            None => {
                let near = &query.proximities[number - words.len() - query.phrases.len()];
                near.words.iter().flatten().map(String::as_str).collect()
            }
        },
        Some(word) => {
            let synonyms = word.synonyms.iter().flat_map(|synonym| of_phrase(&synonym.phrase));
            let lemmas = word.lemmas.iter().map(String::as_str);
            let joined = word.split_compound.iter().map(String::as_str);
            lemmas.chain([word.exact.as_str()]).chain(joined).chain(synonyms).collect()
        }
    }
}

fn of_phrase(phrase: &Phrase) -> Vec<&str> {
    match phrase {
        Phrase::ExactWord(exact) => vec![exact],
        Phrase::ExactWords(words) => words.iter().map(|(_, exact)| exact.as_str()).collect(),
        Phrase::Lemmas(places) => places.iter().flat_map(|(_, lemmas)| lemmas).map(String::as_str).collect(),
    }
}

/// Whether a marked text, read again by itself, is found by what is asked for, or is a half of it. A part of a compound
/// may be a word of the other standard than the text's.
fn is_found_by(marked: &str, standard: Standard, asked_for: &[&str]) -> bool {
    let asked: Vec<Token> = asked_for.iter().flat_map(|key| analyze(key, Standard::Both)).collect();
    let is_asked =
        |key: &str| asked_for.contains(&key) || asked.iter().any(|word| word.word.components().any(|part| part == key));
    [standard, Standard::Both].into_iter().flat_map(|standard| analyze(marked, standard)).any(|word| {
        is_asked(word.word.exact()) || word.word.lemmas().any(is_asked) || word.word.components().any(is_asked)
    })
}

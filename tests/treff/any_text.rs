//! Whatever stands in a page or a query: no panic, and the promises of each room hold.

use proptest::prelude::*;
use proptest::test_runner::Config;

use treff::clean::{Sketch, Template, clean, parse};
use treff::norwegian::{Kind, analyze};
use treff::page::{Format, Given, Page, PageId};
use treff::passage::{passages, sentences};
use treff::query;
use treff::snippet::{matches, snippet};

/// Pieces that have meaning somewhere: markup, interface phrases, dates, bullets, joiners, odd characters.
const PIECES: [&str; 56] = [
    "barn",
    "Taushetspliktens",
    "og",
    "0–24-samarbeidet",
    "støtte-",
    "-praksis",
    "pc'en",
    "§ 33",
    "19.02.2018",
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
    Page { id, first_line: 1, format, text: text.into(), given: Given::default(), note: None }
}

proptest! {
    #![proptest_config(Config { cases: 400, failure_persistence: None, ..Config::default() })]

    #[test]
    fn pages_are_cleaned_and_cut_without_loss(text in any_text(), other in any_text()) {
        for format in [Format::Text, Format::Html, Format::Markdown] {
            let parsed = parse(&page(&text, format));
            let sketches = [Sketch::of(&parsed.lines), Sketch::of(&parse(&page(&other, format)).lines)];
            let template = Template::of(&sketches.iter().collect::<Vec<_>>());
            let count = parsed.lines.len();
            let document = clean(parsed, &template);
            prop_assert_eq!(document.lines.len(), count);
            let all: String = passages(&document).iter().map(|passage| passage.text.clone() + "\n").collect();
            for line in document.lines.iter().filter(|line| line.verdict.is_kept()) {
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
    fn terms_stand_where_they_say(text in any_text()) {
        let mut last = 0;
        for term in analyze(&text) {
            prop_assert!(text.get(term.start..term.end).is_some_and(|original| !original.is_empty()));
            prop_assert!(!term.text.is_empty());
            prop_assert!(term.position >= last);
            last = term.position;
        }
    }

    #[test]
    fn every_mark_is_a_match(text in any_text(), asked in any_text(), length in 1..300usize) {
        let query = query::parse(&asked);
        let snippet = snippet(&text, 0, &matches(&text, &query), |_| 1.0, length);
        let stems = |text: &str| -> Vec<String> {
            analyze(text).into_iter().filter(|term| term.kind == Kind::Stem).map(|term| term.text).collect()
        };
        let looked_for: Vec<String> = query.words.iter().map(|word| word.stem.clone()).collect();
        for (start, end) in snippet.marks {
            let marked = snippet.text.get(start..end);
            prop_assert!(marked.is_some(), "{start}..{end} of {:?}", snippet.text);
            let found = stems(marked.unwrap_or(""));
            prop_assert!(found.iter().any(|stem| looked_for.contains(stem)), "{marked:?} of {looked_for:?}");
        }
    }
}

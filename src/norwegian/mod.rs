//! Given text, which index terms stand at which offsets?
//!
//! `analyze` is the whole chain, readable from top to bottom; each step is a pure function in a file of its
//! own. The same chain reads pages and queries, so what matches is decided here and nowhere else.

mod fold;
mod lang;
mod stem;
mod stop;
mod words;

pub use lang::detect as detect_lang;
pub use stop::is_stop_word;

use serde::Serialize;

/// The version of what this module makes of a text. An index built with another one is rebuilt.
pub const ANALYSIS_VERSION: u32 = 1;

/// How a term was made from its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The word as it stands, composed (NFC) and in lower case.
    Exact,
    /// Its inflection taken off.
    Stem,
}

/// An index term and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Term {
    pub text: String,
    pub kind: Kind,
    /// Counts words; the whole of a hyphenated word stands at the position of its first part. Paragraphs
    /// are `PARAGRAPH_GAP` apart, so that no phrase reaches from one into the next.
    pub position: u32,
    /// Byte offsets into the text that was analysed.
    pub start: usize,
    pub end: usize,
    /// The term is one of several parts that hyphens join into one word; they follow one another behind it.
    pub part: bool,
}

/// Positions between the last word of a paragraph and the first of the next, beyond the usual one.
pub const PARAGRAPH_GAP: u32 = 4;

/// The terms of a text, ordered by position, the whole of a hyphenated word before its parts.
pub fn analyze(text: &str) -> Vec<Term> {
    let mut terms = Vec::with_capacity(text.len() / 3);
    words::each(text, |word| {
        let exact = fold::fold(word.text);
        let stem = stem::stem(&exact);
        for (kind, text) in [(Kind::Exact, exact.as_ref()), (Kind::Stem, stem.as_ref())] {
            terms.push(Term {
                text: text.to_string(),
                kind,
                position: word.position,
                start: word.start,
                end: word.end,
                part: word.part,
            });
        }
    });
    terms
}

/// `analyze` for one kind of term, without the cost of the others: `each(text, position, start, end)`.
pub fn each_of_kind(kind: Kind, text: &str, mut each: impl FnMut(&str, u32, usize, usize)) {
    words::each(text, |word| {
        let exact = fold::fold(word.text);
        match kind {
            Kind::Exact => each(&exact, word.position, word.start, word.end),
            Kind::Stem => each(&stem::stem(&exact), word.position, word.start, word.end),
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let stems: Vec<String> = analyze(text)
            .into_iter()
            .filter(|term| term.kind == Kind::Stem)
            .map(|term| format!("{}@{}", term.text, term.position))
            .collect();
        assert_eq!(stems.join(" "), expected, "{text}");
    }

    #[test]
    fn text_becomes_stems_with_positions() {
        check("Taushetspliktens grenser", "taushetsplikt@0 grens@1");
        check("0–24-samarbeidet i 2020", "0-24-samarbeid@0 0-24@0 samarbeid@1 i@2 2020@3");
        check("støtte- og veiledningsressurser", "støtt@0 og@1 veiledningsressurs@2");
        check("en\n\nto", "en@0 to@5");
    }

    #[test]
    fn offsets_are_those_of_the_original_text() {
        let text = "Pa\u{30a} «tvers» av EU-debatten";
        for term in analyze(text) {
            let original = &text[term.start..term.end];
            assert!(original.chars().all(|c| !"« »".contains(c)), "{original:?} for {term:?}");
        }
        let first = &analyze(text)[0];
        assert_eq!((first.text.as_str(), &text[first.start..first.end]), ("på", "Pa\u{30a}"));
    }

    #[test]
    fn one_kind_is_the_same_as_all_kinds_filtered() {
        let text = "Barne-, ungdoms- og familiedirektoratets 0-24-samarbeid, pc'en og § 33 a.";
        for kind in [Kind::Exact, Kind::Stem] {
            let mut found = Vec::new();
            each_of_kind(kind, text, |text, position, start, end| {
                found.push((text.to_string(), position, start, end));
            });
            let all: Vec<_> = analyze(text)
                .into_iter()
                .filter(|term| term.kind == kind)
                .map(|term| (term.text, term.position, term.start, term.end))
                .collect();
            assert_eq!(found, all);
        }
    }
}

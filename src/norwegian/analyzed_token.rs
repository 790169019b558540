//! A token of an analyzed text: a word with its position and byte offsets, and its terms by kind.

use serde::Serialize;

use super::analyzed_word::AnalyzedWord;

/// How a term was derived from its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TermKind {
    /// The word as written, in lower case and composed (NFC).
    Exact,
    /// A lemma key: the Bokmål spelling of the lemma, in both written standards.
    Lemma,
    /// The key of a component of a compound, or of several neighboring components.
    Component,
}

/// A word at a position in a text.
#[derive(Clone, Debug)]
pub struct Token {
    pub word: AnalyzedWord,
    /// Counts words. A hyphenated word has the position of its first part. A blank line adds `PARAGRAPH_GAP` positions,
    /// so that no phrase extends from one paragraph into the next.
    pub position: u32,
    /// Byte offsets into the analyzed text.
    pub start: usize,
    pub end: usize,
    /// Whether the word is a part of a hyphenated word. The parts follow the token of the hyphenated word.
    pub is_hyphen_part: bool,
    /// Whether the word is a suspended compound with its missing component added (`støtte-` before
    /// `veiledningsressurser`). Such a word doesn't occur in the text, and has the offsets of the part that does.
    pub is_implied: bool,
}

impl Token {
    /// The terms of the given kinds, in the order of `kinds`.
    pub fn terms(&self, kinds: &'static [TermKind]) -> impl Iterator<Item = &str> {
        (0..).map_while(|index| self.nth_term(kinds, index))
    }

    /// The term with this index among those of the given kinds.
    pub fn nth_term(&self, kinds: &[TermKind], mut index: usize) -> Option<&str> {
        for kind in kinds {
            let count = match kind {
                TermKind::Exact => usize::from(!self.is_implied),
                TermKind::Lemma => self.word.lemma_count(),
                TermKind::Component => self.word.component_count(),
            };
            if index < count {
                return Some(match kind {
                    TermKind::Exact => self.word.exact(),
                    TermKind::Lemma => self.word.lemma(index),
                    TermKind::Component => self.word.component(index),
                });
            }
            index -= count;
        }
        None
    }

    /// The components of a compound: the key of each with its byte offsets in the text.
    pub fn components(&self) -> impl Iterator<Item = (&str, (usize, usize))> {
        self.word.components_at(self.start, self.end, self.is_implied)
    }
}

//! The packed result of analyzing one word: one reference-counted string with all index terms of the word.
//!
//! Most of the time of an analysis is spent waiting for memory, so a word takes a single allocation: a header of
//! numbers, then the strings that the numbers point to. A number has 14 bits and is stored as two ASCII chars of seven
//! bits, low bits first; a span is two numbers, start and end. In order:
//!
//! - the number of lemmas and the number of components (one char each),
//! - the byte offset of the head of a compound in the exact form, or `NONE`,
//! - the spans of the word as written, of the exact form and of each lemma key,
//! - for each component the span of its key, and its byte offsets in the word as written, or `NONE` twice.

use std::rc::Rc;

/// The index terms of a word: its exact form, its lemma keys, and the keys of its components.
#[derive(Clone, Debug, PartialEq)]
pub struct AnalyzedWord(Rc<str>);

/// Start and end, in bytes.
pub(super) type Span = (usize, usize);

/// Marks a number that has no value. All offsets are smaller: a token has at most `MAX_WORD_CHARS` chars, a completed
/// suspended compound twice as many, and the few lemma keys of a word are about as long as the word.
const NONE: usize = (1 << 14) - 1;

// Sizes and offsets of the header, in bytes.
const SPAN: usize = 4;
const HEAD: usize = 2;
const WRITTEN: usize = 4;
const EXACT: usize = WRITTEN + SPAN;
const LEMMAS: usize = EXACT + SPAN;

/// A component of a compound, or several neighboring ones.
struct Component {
    /// The span of its key in the packed string.
    key: Span,
    /// Byte offsets from the start of the word; `None` where the word is spelled too differently from its lemma.
    offsets: Option<Span>,
}

impl AnalyzedWord {
    /// The word as written, in lower case and composed (NFC).
    pub fn exact(&self) -> &str {
        self.string(EXACT)
    }

    /// The keys of the word's lemmas, the most common first. There is at least one.
    pub fn lemmas(&self) -> impl Iterator<Item = &str> {
        (0..self.lemma_count()).map(|lemma| self.string(LEMMAS + lemma * SPAN))
    }

    /// The keys of the components of a compound, and of every run of neighboring components except the whole word.
    pub fn components(&self) -> impl Iterator<Item = &str> {
        self.packed_components().map(|component| &self.0[component.key.0..component.key.1])
    }

    /// The components with their byte offsets in a text that has this word at `start..end`. A component without
    /// offsets gets the offsets of the word, and so do all components of an implied word (a completed suspended
    /// compound).
    pub(super) fn components_at(
        &self,
        start: usize,
        end: usize,
        is_implied: bool,
    ) -> impl Iterator<Item = (&str, Span)> {
        self.packed_components().map(move |component| {
            let offsets = match component.offsets {
                Some((from, to)) if !is_implied && start + to <= end => (start + from, start + to),
                _ => (start, end),
            };
            (&self.0[component.key.0..component.key.1], offsets)
        })
    }

    fn packed_components(&self) -> impl Iterator<Item = Component> {
        let first = self.components_start();
        (0..self.component_count()).map(move |component| {
            let at = first + component * 2 * SPAN;
            let offsets = self.span(at + SPAN);
            Component { key: self.span(at), offsets: (offsets.0 != NONE).then_some(offsets) }
        })
    }

    /// The byte offset of the head in the exact form; `None` for a simplex word.
    pub(super) fn head_offset(&self) -> Option<usize> {
        Some(self.number(HEAD)).filter(|head| *head != NONE)
    }

    /// The word as written in the text, before it was normalized.
    pub(super) fn written(&self) -> &str {
        self.string(WRITTEN)
    }

    /// Whether this is the analysis of `text`.
    pub(super) fn is_analysis_of(&self, text: &str) -> bool {
        let (start, end) = self.span(WRITTEN);
        &self.0.as_bytes()[start..end] == text.as_bytes()
    }

    /// The lemma key with this index.
    pub(super) fn lemma(&self, index: usize) -> &str {
        self.string(LEMMAS + index * SPAN)
    }

    /// The component key with this index.
    pub(super) fn component(&self, index: usize) -> &str {
        self.string(self.components_start() + index * 2 * SPAN)
    }

    pub(super) fn lemma_count(&self) -> usize {
        usize::from(self.0.as_bytes()[0])
    }

    pub(super) fn component_count(&self) -> usize {
        usize::from(self.0.as_bytes()[1])
    }

    /// The offset at which the numbers of the components start.
    fn components_start(&self) -> usize {
        LEMMAS + self.lemma_count() * SPAN
    }

    fn string(&self, at: usize) -> &str {
        let (start, end) = self.span(at);
        &self.0[start..end]
    }

    fn span(&self, at: usize) -> Span {
        (self.number(at), self.number(at + 2))
    }

    fn number(&self, at: usize) -> usize {
        let bytes = self.0.as_bytes();
        usize::from(bytes[at]) | usize::from(bytes[at + 1]) << 7
    }
}

/// Packs an `AnalyzedWord`. The calls must follow the order of the format: head, word as written, exact form, lemmas,
/// components.
pub(super) struct WordWriter {
    header: String,
    strings: String,
    /// Length of the complete header, in bytes.
    header_length: usize,
}

impl WordWriter {
    pub(super) fn new(lemma_count: usize, component_count: usize) -> WordWriter {
        debug_assert!(lemma_count < 1 << 7 && component_count < 1 << 7, "a count has seven bits");
        let header_length = LEMMAS + lemma_count * SPAN + component_count * 2 * SPAN;
        let mut header = String::with_capacity(2 * header_length);
        header.push(low_seven_bits(lemma_count));
        header.push(low_seven_bits(component_count));
        WordWriter { header, strings: String::with_capacity(header_length), header_length }
    }

    /// Writes the byte offset of the head in the exact form.
    pub(super) fn head(&mut self, offset: Option<usize>) {
        self.number(offset.unwrap_or(NONE));
    }

    /// Writes a string: the word as written, the exact form or a lemma key. Returns where it starts. If the
    /// strings stored so far begin with this string, it is not stored again.
    pub(super) fn string(&mut self, string: &str) -> usize {
        let mut at = 0;
        if !self.strings.starts_with(string) {
            at = self.strings.len();
            self.strings.push_str(string);
        }
        self.span((self.header_length + at, self.header_length + at + string.len()));
        self.header_length + at
    }

    /// Writes a component: where its key is, and its byte offsets in the word as written.
    pub(super) fn component(&mut self, key: Span, offsets: Option<Span>) {
        self.span(key);
        self.span(offsets.unwrap_or((NONE, NONE)));
    }

    pub(super) fn finish(mut self) -> AnalyzedWord {
        debug_assert_eq!(self.header.len(), self.header_length, "all lemmas and components were written");
        self.header.push_str(&self.strings);
        AnalyzedWord(Rc::from(self.header))
    }

    fn span(&mut self, (start, end): Span) {
        self.number(start);
        self.number(end);
    }

    fn number(&mut self, number: usize) {
        debug_assert!(number <= NONE, "{number} has more than 14 bits");
        self.header.push(low_seven_bits(number));
        self.header.push(low_seven_bits(number >> 7));
    }
}

/// The lowest seven bits of a number, as an ASCII char.
fn low_seven_bits(number: usize) -> char {
    char::from((number & 0x7f) as u8)
}

//! The analysis as a tantivy `Tokenizer`, for your own tantivy index.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use super::analysis::for_each_term;
use super::analyzed_token::TermKind;
use super::standard::Standard;

/// Tokenizes Norwegian text into index terms, with their positions and byte offsets.
///
/// With [`TermKind::Lemma`] a field matches all forms of a word in both written standards, and with
/// [`TermKind::Component`] it also matches the components of compounds. Terms of one word share its position. Search
/// such a field by the lemma keys of the query's words (see [`lemma_keys`](super::lemma_keys)), because a query that is
/// itself tokenized with components requires all of them.
///
/// ```
/// use tantivy::tokenizer::{TextAnalyzer, TokenStream};
/// use treff::norwegian::{NorwegianTokenizer, Standard, TermKind};
///
/// let tokenizer = NorwegianTokenizer::new(Standard::Bokmal, &[TermKind::Lemma, TermKind::Component]);
/// let mut analyzer = TextAnalyzer::from(tokenizer);
/// let mut terms = Vec::new();
/// analyzer.token_stream("bøkene om taushetsplikten").process(&mut |token| {
///     terms.push((token.position, token.text.clone()));
/// });
/// assert!(terms.contains(&(0, "bok".to_string())));
/// assert!(terms.contains(&(2, "plikt".to_string())));
/// ```
#[derive(Clone, Debug)]
pub struct NorwegianTokenizer {
    standard: Standard,
    kinds: Vec<TermKind>,
}

impl NorwegianTokenizer {
    /// A tokenizer for texts in a written standard that emits terms of these kinds. Texts of mixed or unknown standard
    /// need [`Standard::Both`].
    pub fn new(standard: Standard, kinds: &[TermKind]) -> NorwegianTokenizer {
        NorwegianTokenizer { standard, kinds: kinds.to_vec() }
    }
}

impl Tokenizer for NorwegianTokenizer {
    type TokenStream<'a> = NorwegianTokenStream;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> NorwegianTokenStream {
        let mut stream = NorwegianTokenStream::default();
        for_each_term(text, self.standard, |term, kind, position, start, end| {
            if self.kinds.contains(&kind) {
                stream.letters.push_str(term);
                stream.terms.push(Term { letters_end: stream.letters.len(), position, start, end });
            }
        });
        stream
    }
}

/// The terms of a text, in the order of their positions.
#[derive(Default)]
pub struct NorwegianTokenStream {
    /// The terms, concatenated.
    letters: String,
    terms: Vec<Term>,
    /// The index of the next term, and where it starts in `letters`.
    next: usize,
    letters_start: usize,
    token: Token,
}

struct Term {
    /// Where the term ends in `NorwegianTokenStream::letters`.
    letters_end: usize,
    position: u32,
    /// Byte offsets in the text.
    start: usize,
    end: usize,
}

impl TokenStream for NorwegianTokenStream {
    fn advance(&mut self) -> bool {
        let Some(term) = self.terms.get(self.next) else {
            return false;
        };
        self.token.text.clear();
        self.token.text.push_str(&self.letters[self.letters_start..term.letters_end]);
        self.token.position = term.position as usize;
        self.token.offset_from = term.start;
        self.token.offset_to = term.end;
        self.letters_start = term.letters_end;
        self.next += 1;
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

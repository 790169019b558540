//! Tokenizers of the text fields: tantivy's interface to the Norwegian analysis.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer, TokenizerManager};

use crate::norwegian::{self, Standard, TermKind};

/// Called once for each document with text, when the index writer starts to index it.
pub type OnDocument = Arc<dyn Fn() + Send + Sync>;

/// The tokenizers that the schema names. They must be registered with every index that is opened.
pub fn tokenizers(on_document: &OnDocument) -> TokenizerManager {
    // tantivy looks up its own tokenizers too, even for numeric fields.
    let manager = TokenizerManager::default();
    let register = |name: &str, kinds| {
        manager.register(name, TextAnalyzer::from(TermTokenizer { kinds, on_document: Arc::clone(on_document) }))
    };
    register("exact", &[TermKind::Exact]);
    register("lemma", &[TermKind::Lemma]);
    register("component", &[TermKind::Component]);
    register("lemma_and_component", &[TermKind::Lemma, TermKind::Component]);
    manager
}

/// Prefixes a text with a letter for its written standard. tantivy passes nothing but the text to a tokenizer, so the
/// standard has to be part of it.
pub fn with_standard(standard: Standard, text: &str) -> String {
    let tag = match standard {
        Standard::Bokmal => 'b',
        Standard::Nynorsk => 'n',
        Standard::Both => ' ',
    };
    let mut tagged = String::with_capacity(text.len() + 1);
    tagged.push(tag);
    tagged.push_str(text);
    tagged
}

/// The inverse of `with_standard`.
fn split_standard(tagged: &str) -> (Standard, &str) {
    let standard = match tagged.as_bytes().first() {
        Some(b'b') => Standard::Bokmal,
        Some(b'n') => Standard::Nynorsk,
        _ => Standard::Both,
    };
    (standard, tagged.get(1..).unwrap_or(""))
}

/// A tokenizer that emits the terms of the given kinds from `norwegian::analyze`.
#[derive(Clone)]
struct TermTokenizer {
    kinds: &'static [TermKind],
    on_document: OnDocument,
}

thread_local! {
    /// The last text and its tokens. tantivy tokenizes the same text for one field after another, so one analysis
    /// serves all fields.
    static LAST_ANALYSIS: RefCell<(String, Rc<Vec<norwegian::Token>>)> = RefCell::default();
}

impl Tokenizer for TermTokenizer {
    type TokenStream<'a> = TermStream;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> TermStream {
        // Each document with text has one field of exact forms.
        if self.kinds == [TermKind::Exact] {
            (self.on_document)();
        }
        let tokens = LAST_ANALYSIS.with_borrow_mut(|(last, tokens)| {
            if last != text {
                let (standard, text_alone) = split_standard(text);
                *tokens = Rc::new(norwegian::analyze(text_alone, standard));
                last.clear();
                last.push_str(text);
            }
            Rc::clone(tokens)
        });
        TermStream { kinds: self.kinds, tokens, next_token: 0, next_term: 0, token: Token::default() }
    }
}

struct TermStream {
    kinds: &'static [TermKind],
    tokens: Rc<Vec<norwegian::Token>>,
    /// The index of the next token, and the index of its next term among its terms of all `kinds`.
    next_token: usize,
    next_term: usize,
    token: Token,
}

impl TokenStream for TermStream {
    fn advance(&mut self) -> bool {
        while let Some(token) = self.tokens.get(self.next_token) {
            if let Some(text) = token.nth_term(self.kinds, self.next_term) {
                self.next_term += 1;
                self.token.text.clear();
                self.token.text.push_str(text);
                self.token.position = token.position as usize;
                return true;
            }
            self.next_token += 1;
            self.next_term = 0;
        }
        false
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

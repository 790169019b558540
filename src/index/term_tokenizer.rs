//! Tokenizers of the text fields: tantivy's interface to the Norwegian analysis.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer, TokenizerManager};

use crate::norwegian::{self, Standard, TermKind};

/// Called once for each document with text that the index writer takes to index.
pub type OnDocument = Arc<dyn Fn() + Send + Sync>;

/// The tokenizers that `schema` names; they must be registered with every index that is opened. Passages that are being
/// indexed leave the queue.
pub fn tokenizers(on_document: &OnDocument) -> TokenizerManager {
    // tantivy asks for its own ones too, also for fields of numbers.
    let manager = TokenizerManager::default();
    let register = |name: &str, kinds| {
        manager.register(name, TextAnalyzer::from(Analysis { kinds, on_document: Arc::clone(on_document) }))
    };
    register("exact", &[TermKind::Exact]);
    register("lemma", &[TermKind::Lemma]);
    register("component", &[TermKind::Component]);
    register("lemma_and_component", &[TermKind::Lemma, TermKind::Component]);
    manager
}

/// A text as the fields take it: tantivy gives a tokenizer nothing but the text, so how it is read stands before it.
pub fn with_standard(standard: Standard, text: &str) -> String {
    let tag = match standard {
        Standard::Bokmal => 'b',
        Standard::Nynorsk => 'n',
        Standard::Both => ' ',
    };
    let mut with_standard = String::with_capacity(text.len() + 1);
    with_standard.push(tag);
    with_standard.push_str(text);
    with_standard
}

fn split_standard(with_standard: &str) -> (Standard, &str) {
    let standard = match with_standard.as_bytes().first() {
        Some(b'b') => Standard::Bokmal,
        Some(b'n') => Standard::Nynorsk,
        _ => Standard::Both,
    };
    (standard, with_standard.get(1..).unwrap_or(""))
}

/// `norwegian::analyze` as tantivy asks for it: the terms of some kinds.
#[derive(Clone)]
struct Analysis {
    kinds: &'static [TermKind],
    on_document: OnDocument,
}

thread_local! {
    /// The text that was analysed last: tantivy asks for the same one field after field.
    static LAST: RefCell<(String, Rc<Vec<norwegian::Token>>)> = RefCell::default();
}

impl Tokenizer for Analysis {
    type TokenStream<'a> = Tokens;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Tokens {
        // Every passage, and what was dropped of a page, has these once.
        if self.kinds == [TermKind::Exact] {
            (self.on_document)();
        }
        let found = LAST.with_borrow_mut(|(last, found)| {
            if last != text {
                let (standard, text_alone) = split_standard(text);
                *found = Rc::new(norwegian::analyze(text_alone, standard));
                last.clear();
                last.push_str(text);
            }
            Rc::clone(found)
        });
        Tokens { kinds: self.kinds, found, word: 0, term: 0, token: Token::default() }
    }
}

struct Tokens {
    kinds: &'static [TermKind],
    found: Rc<Vec<norwegian::Token>>,
    /// The next term: that of a word, counted over the kinds.
    word: usize,
    term: usize,
    token: Token,
}

impl TokenStream for Tokens {
    fn advance(&mut self) -> bool {
        while let Some(occurrence) = self.found.get(self.word) {
            if let Some(text) = occurrence.nth_term(self.kinds, self.term) {
                self.term += 1;
                self.token.text.clear();
                self.token.text.push_str(text);
                self.token.position = occurrence.position as usize;
                return true;
            }
            self.word += 1;
            self.term = 0;
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

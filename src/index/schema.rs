//! What is indexed of a passage, and why.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tantivy::schema::{
    BytesOptions, FAST, Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer, TokenizerManager};

use super::queue::Queue;
use crate::norwegian::{self, Standard, TermKind};

/// The version of the schema, the stored records and the manifest. With `norwegian::ANALYSIS_VERSION` it
/// decides whether an index can be read.
pub const FORMAT: u32 = 8;

/// The fields of a passage's document.
#[derive(Clone, Copy)]
pub struct Fields {
    /// The key of the page: all passages of a page are replaced and removed together. Fast, because
    /// passages of equal score are ordered by it.
    pub page: Field,
    /// A hash of the key, by which `show` finds a page from a hit's id.
    pub page_hash: Field,
    /// The document goes on with the page of the one before it (see `PageSpans`); passages of a page have their order.
    pub goes_on: Field,
    /// Words as they stand, so that what was typed ranks before its inflections. Which documents hold them and no more: how
    /// often a form stands there its lemma knows well enough, and where it stands, where that is asked, the text.
    pub exact: Field,
    /// The lemmas of words, with positions, for phrases: what a query matches.
    pub lemma: Field,
    /// The parts of compounds: apart, so that they weigh less.
    pub part: Field,
    /// Lemmas and parts of the page's title, in its first passage alone (see `search::titles`): they lift what matches by
    /// its own words, and make no hit alone.
    pub title: Field,
    /// The same of the passage's heading.
    pub heading: Field,
    /// What the page is filtered, counted and ordered by. Fast and nothing else: what they hold is compared document by
    /// document among those that match, so an index takes little more room and a search without them opens none. The
    /// source as it stands, the host of the address, the code of the language …
    pub source: Field,
    pub site: Field,
    pub lang: Field,
    /// … and the day that the page was published or else last updated, as the number 20201110.
    pub day: Field,
    /// What was dropped of a page as boilerplate: the same three fields over again, so that neither the terms nor the
    /// statistics of the content know of it.
    pub dropped_exact: Field,
    pub dropped_lemma: Field,
    pub dropped_part: Field,
    /// `REPEATS` for a passage that other pages of the site have too; for a page that is a copy of another, what it
    /// copies (see `Outcome::content`). One field, since each that is opened takes time.
    pub marks: Field,
    /// The page's `Signature`. Fast, and so on the disk once a page.
    pub signature: Field,
    /// Its `Digest`, in the page's first passage.
    pub digest: Field,
    /// `Stored`, packed: one field is read faster than ten.
    pub stored: Field,
}

impl Fields {
    /// The fields as they are searched for boilerplate: a query means the same there.
    pub fn of_boilerplate(self) -> Fields {
        Fields { exact: self.dropped_exact, lemma: self.dropped_lemma, part: self.dropped_part, ..self }
    }
}

/// The value of `Fields::page` for what was dropped of the page with this key: replaced and removed by itself.
pub fn boilerplate_key(key: &str) -> String {
    format!("{key}\u{1f}\u{1f}")
}

/// Among `Fields::marks`; no content has this hash.
pub const REPEATS: u64 = 1;

/// What a document of the index is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DocumentKind {
    Passage,
    /// What was dropped of a page, all in one.
    Boilerplate,
    /// Stands for a page whose passages are those of another.
    Copy,
}

pub fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let text = |tokenizer: &str, record| TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(record);
    let with_lengths = |indexing| TextOptions::default().set_indexing_options(indexing);
    // A passage has the same length in all of its fields.
    let without = |indexing: TextFieldIndexing| with_lengths(indexing.set_fieldnorms(false));
    let (held, often, placed) =
        (IndexRecordOption::Basic, IndexRecordOption::WithFreqs, IndexRecordOption::WithFreqsAndPositions);
    let key = || NumericOptions::default().set_indexed();
    let column = || TextOptions::default().set_fast("raw");
    let fields = Fields {
        page: builder.add_text_field("page", column().set_indexing_options(text("raw", held).set_fieldnorms(false))),
        page_hash: builder.add_u64_field("page_hash", key()),
        goes_on: builder.add_bool_field("goes_on", FAST),
        exact: builder.add_text_field("exact", without(text("exact", held))),
        lemma: builder.add_text_field("lemma", with_lengths(text("lemma", placed))),
        part: builder.add_text_field("part", without(text("part", often))),
        title: builder.add_text_field("title", with_lengths(text("both", often))),
        heading: builder.add_text_field("heading", with_lengths(text("both", often))),
        source: builder.add_text_field("source", column()),
        site: builder.add_text_field("site", column()),
        lang: builder.add_text_field("lang", column()),
        day: builder.add_u64_field("day", FAST),
        dropped_exact: builder.add_text_field("dropped_exact", without(text("exact", held))),
        dropped_lemma: builder.add_text_field("dropped_lemma", with_lengths(text("lemma", placed))),
        dropped_part: builder.add_text_field("dropped_part", without(text("part", often))),
        marks: builder.add_u64_field("marks", key()),
        signature: builder.add_bytes_field("signature", FAST),
        digest: builder.add_u64_field("digest", FAST),
        stored: builder.add_bytes_field("stored", BytesOptions::default().set_stored()),
    };
    (builder.build(), fields)
}

/// The tokenizers that `schema` names; they must be registered with every index that is opened. Passages that are being
/// indexed leave the queue.
pub fn tokenizers(queue: &Arc<Queue>) -> TokenizerManager {
    // tantivy asks for its own ones too, also for fields of numbers.
    let manager = TokenizerManager::default();
    let register =
        |name: &str, kinds| manager.register(name, TextAnalyzer::from(Analysis { kinds, queue: Arc::clone(queue) }));
    register("exact", &[TermKind::Exact]);
    register("lemma", &[TermKind::Lemma]);
    register("part", &[TermKind::Part]);
    register("both", &[TermKind::Lemma, TermKind::Part]);
    manager
}

/// A text as the fields take it: tantivy gives a tokenizer nothing but the text, so how it is read stands before it.
pub fn tagged(standard: Standard, text: &str) -> String {
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

fn untagged(tagged: &str) -> (Standard, &str) {
    let standard = match tagged.as_bytes().first() {
        Some(b'b') => Standard::Bokmal,
        Some(b'n') => Standard::Nynorsk,
        _ => Standard::Both,
    };
    (standard, tagged.get(1..).unwrap_or(""))
}

/// `norwegian::analyze` as tantivy asks for it: the terms of some kinds.
#[derive(Clone)]
struct Analysis {
    kinds: &'static [TermKind],
    queue: Arc<Queue>,
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
            self.queue.leave();
        }
        let found = LAST.with_borrow_mut(|(last, found)| {
            if last != text {
                let (standard, text_alone) = untagged(text);
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
            if let Some(text) = occurrence.term(self.kinds, self.term) {
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

//! What is indexed of a passage, and why.

use serde::{Deserialize, Serialize};
use tantivy::schema::{
    BytesOptions, FAST, Field, INDEXED, IndexRecordOption, STRING, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer, TokenizerManager};

use crate::norwegian::{self, Kind};
use crate::page::{Lang, PageId, Passage};

/// The version of the schema, the stored records and the manifest. With `norwegian::ANALYSIS_VERSION` it
/// decides whether an index can be read.
pub const FORMAT: u32 = 1;

/// The fields of a passage's document.
#[derive(Clone, Copy)]
pub struct Fields {
    /// The key of the page: all passages of a page are replaced and removed together. Fast, because
    /// passages of equal score are ordered by it.
    pub page: Field,
    /// A hash of the key, by which `show` finds a page from a hit's id.
    pub page_hash: Field,
    /// The place among the passages of its page: the second key of that order.
    pub ordinal: Field,
    /// Words as they stand, so that what was typed ranks before its inflections. No positions: phrases are
    /// looked for over stems.
    pub exact: Field,
    /// Words without their inflection, with positions: what a query matches.
    pub stem: Field,
    /// Stems of the page's title and the passage's heading: they lift a passage that matches by its own
    /// words, and make no hit alone.
    pub context: Field,
    /// `Stored`, encoded: one field is decoded faster than ten.
    pub stored: Field,
}

/// What a search needs of a passage that it shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stored {
    pub page: PageId,
    /// The line of the file at which the page begins; other than 1 for records.
    pub first_line: u32,
    pub ordinal: u32,
    pub title: Option<String>,
    /// The first sentence of a page that has no title.
    pub opening: Option<String>,
    pub source: Option<String>,
    /// ISO 8601 dates.
    pub published: Option<String>,
    pub updated: Option<String>,
    pub url: Option<String>,
    pub lang: Lang,
    pub passage: Passage,
}

impl Stored {
    pub fn encode(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("plain structs of strings and numbers always encode")
    }

    /// `None` for bytes that this version didn't write.
    pub fn decode(bytes: &[u8]) -> Option<Stored> {
        postcard::from_bytes(bytes).ok()
    }
}

pub fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let text = |tokenizer: &str, record| {
        TextOptions::default()
            .set_indexing_options(TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(record))
    };
    let fields = Fields {
        page: builder.add_text_field("page", STRING | FAST),
        page_hash: builder.add_u64_field("page_hash", INDEXED),
        ordinal: builder.add_u64_field("ordinal", FAST),
        exact: builder.add_text_field("exact", text("exact", IndexRecordOption::WithFreqs)),
        stem: builder.add_text_field("stem", text("stem", IndexRecordOption::WithFreqsAndPositions)),
        context: builder.add_text_field("context", text("stem", IndexRecordOption::WithFreqs)),
        stored: builder.add_bytes_field("stored", BytesOptions::default().set_stored()),
    };
    (builder.build(), fields)
}

/// The tokenizers that `schema` names; they must be registered with every index that is opened.
pub fn tokenizers() -> TokenizerManager {
    // tantivy asks for its own ones too, also for fields of numbers.
    let manager = TokenizerManager::default();
    manager.register("exact", TextAnalyzer::from(Analysis::new(Kind::Exact)));
    manager.register("stem", TextAnalyzer::from(Analysis::new(Kind::Stem)));
    manager
}

/// `norwegian::analyze` as tantivy asks for it.
#[derive(Clone)]
struct Analysis {
    kind: Kind,
    tokens: Vec<Token>,
}

impl Analysis {
    fn new(kind: Kind) -> Analysis {
        Analysis { kind, tokens: Vec::new() }
    }
}

impl Tokenizer for Analysis {
    type TokenStream<'a> = Tokens<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Tokens<'a> {
        let tokens = &mut self.tokens;
        let mut count = 0;
        norwegian::each_of_kind(self.kind, text, |text, position, start, end| {
            if count == tokens.len() {
                tokens.push(Token::default());
            }
            // The buffers of earlier texts are filled again.
            let token = &mut tokens[count];
            token.text.clear();
            token.text.push_str(text);
            token.position = position as usize;
            token.offset_from = start;
            token.offset_to = end;
            count += 1;
        });
        Tokens { tokens, count, next: 0 }
    }
}

struct Tokens<'a> {
    tokens: &'a mut [Token],
    count: usize,
    next: usize,
}

impl TokenStream for Tokens<'_> {
    fn advance(&mut self) -> bool {
        self.next += 1;
        self.next <= self.count
    }

    fn token(&self) -> &Token {
        &self.tokens[self.next - 1]
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.tokens[self.next - 1]
    }
}

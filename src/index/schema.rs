//! What is indexed of a passage, and why.

use serde::{Deserialize, Serialize};
use tantivy::schema::{
    BytesOptions, FAST, Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};
use xxhash_rust::xxh3::xxh3_64;

/// The version of the schema, the stored records and the manifest. With `norwegian::ANALYSIS_VERSION` it
/// decides whether an index can be read.
pub const FORMAT: u32 = 9;

/// The fields of a passage's document.
#[derive(Clone, Copy)]
pub struct Fields {
    /// The key of the page: all passages of a page are replaced and removed together. Fast, because
    /// passages of equal score are ordered by it.
    pub page: Field,
    /// A hash of the key, by which `show` finds a page from a hit's id.
    pub page_hash: Field,
    /// The document goes on with the page of the one before it (see `PageSpans`); passages of a page have their order.
    pub continues_page: Field,
    /// Words as they stand, so that what was typed ranks before its inflections. Which documents hold them and no more: how
    /// often a form stands there its lemma knows well enough, and where it stands, where that is asked, the text.
    pub exact: Field,
    /// The lemmas of words, with positions, for phrases: what a query matches.
    pub lemma: Field,
    /// The parts of compounds: apart, so that they weigh less.
    pub component: Field,
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
    pub boilerplate_exact: Field,
    pub boilerplate_lemma: Field,
    pub boilerplate_component: Field,
    /// `REPEATED_ON_SITE` for a passage that other pages of the site have too; for a page that is a copy of another, what it
    /// copies (see `Outcome::content`). One field, since each that is opened takes time.
    pub duplicate_key: Field,
    /// The page's `Signature`. Fast, and so on the disk once a page.
    pub minhash: Field,
    /// Its `Digest`, in the page's first passage.
    pub coarse_minhash: Field,
    /// `Stored`, packed: one field is read faster than ten.
    pub stored: Field,
}

impl Fields {
    /// The fields as they are searched for boilerplate: a query means the same there.
    pub fn of_boilerplate(self) -> Fields {
        Fields {
            exact: self.boilerplate_exact,
            lemma: self.boilerplate_lemma,
            component: self.boilerplate_component,
            ..self
        }
    }
}

/// The value of `Fields::page` for what was dropped of the page with this key: replaced and removed by itself.
pub fn boilerplate_key(key: &str) -> String {
    format!("{key}\u{1f}\u{1f}")
}

/// Among `Fields::duplicate_key`; no content has this hash.
pub const REPEATED_ON_SITE: u64 = 1;

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
        continues_page: builder.add_bool_field("continues_page", FAST),
        exact: builder.add_text_field("exact", without(text("exact", held))),
        lemma: builder.add_text_field("lemma", with_lengths(text("lemma", placed))),
        component: builder.add_text_field("component", without(text("component", often))),
        title: builder.add_text_field("title", with_lengths(text("lemma_and_component", often))),
        heading: builder.add_text_field("heading", with_lengths(text("lemma_and_component", often))),
        source: builder.add_text_field("source", column()),
        site: builder.add_text_field("site", column()),
        lang: builder.add_text_field("lang", column()),
        day: builder.add_u64_field("day", FAST),
        boilerplate_exact: builder.add_text_field("boilerplate_exact", without(text("exact", held))),
        boilerplate_lemma: builder.add_text_field("boilerplate_lemma", with_lengths(text("lemma", placed))),
        boilerplate_component: builder.add_text_field("boilerplate_component", without(text("component", often))),
        duplicate_key: builder.add_u64_field("duplicate_key", key()),
        minhash: builder.add_bytes_field("minhash", FAST),
        coarse_minhash: builder.add_u64_field("coarse_minhash", FAST),
        stored: builder.add_bytes_field("stored", BytesOptions::default().set_stored()),
    };
    (builder.build(), fields)
}

/// The hash of a page's key, the first half of a hit's id. It has 40 bits, so that ids stay short to type. If two pages
/// share one (a chance of one in 200 among 100,000 pages), only the second half of the id differs.
pub fn page_hash(key: &str) -> u64 {
    xxh3_64(key.as_bytes()) >> 24
}

//! The tantivy schema: the fields of a passage, and what each is for.

use serde::{Deserialize, Serialize};
use tantivy::schema::{
    BytesOptions, FAST, Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};
use xxhash_rust::xxh3::xxh3_64;

/// The version of the schema, the stored passages and the manifest. An index can be read if this and
/// `norwegian::ANALYSIS_VERSION` are the same as when it was built.
pub const FORMAT: u32 = 9;

/// The fields of a passage's document.
#[derive(Clone, Copy)]
pub struct Fields {
    /// The key of the page: all passages of a page are replaced and deleted together. A fast field, because passages of
    /// equal score are ordered by it.
    pub page: Field,
    /// `page_hash` of the key. `show` uses it to look up the page that a hit id names.
    pub page_hash: Field,
    /// Whether the document belongs to the same page as the previous one (see `PageSpans`). The passages of a page are
    /// adjacent and in order.
    pub continues_page: Field,
    /// Exact forms, so that the form that was typed ranks above other inflections. Doc ids only: the frequency of the
    /// lemma is close enough to the frequency of the form, and positions, which few queries need, are found in the
    /// stored text.
    pub exact: Field,
    /// Lemma keys with positions: what words and phrases of a query match.
    pub lemma: Field,
    /// Components of compounds, in a separate field because they weigh less.
    pub component: Field,
    /// Lemma keys and components of the page's title, indexed in its first passage only; a search extends a match to
    /// all passages of the page. A boost-only signal: it raises the score of passages that match by themselves.
    pub title: Field,
    /// Lemma keys and components of the passage's heading, also boost-only.
    pub heading: Field,
    /// The source of the page, for filters, facets and sorting. This and the next three are fast fields and not
    /// indexed: their values are compared for the documents that match, so the index stays small and a search without
    /// filters opens none.
    pub source: Field,
    /// The host of the page's URL.
    pub site: Field,
    /// The code of the page's language.
    pub lang: Field,
    /// The day on which the page was published, or otherwise last updated: 20201110 for 2020-11-10.
    pub day: Field,
    /// The boilerplate of a page, in separate fields, so that it affects neither the terms nor the statistics of the
    /// content.
    pub boilerplate_exact: Field,
    pub boilerplate_lemma: Field,
    pub boilerplate_component: Field,
    /// `REPEATED_ON_SITE` for a passage that occurs on other pages of its site, too; for a copy, the content hash of
    /// the page that it copies (see `PageOutcome::content`). One field for both, because each field that a search opens
    /// takes time.
    pub duplicate_key: Field,
    /// The page's `MinHash`, in its first passage only, so that it is on disk once per page. A fast field, because
    /// searches compare it.
    pub minhash: Field,
    /// The page's `CoarseMinHash`, in its first passage.
    pub coarse_minhash: Field,
    /// The encoded `StoredPassage`, in one field because reading one field is faster than reading ten.
    pub stored: Field,
}

impl Fields {
    /// The fields for a search in boilerplate, which a query matches in the same way as content.
    pub fn of_boilerplate(self) -> Fields {
        Fields {
            exact: self.boilerplate_exact,
            lemma: self.boilerplate_lemma,
            component: self.boilerplate_component,
            ..self
        }
    }
}

/// The value of `Fields::page` for the boilerplate of the page with this key, which is replaced and deleted separately.
pub fn boilerplate_key(key: &str) -> String {
    format!("{key}\u{1f}\u{1f}")
}

/// The value of `Fields::duplicate_key` for a passage that occurs on several pages of its site. No content has this
/// hash.
pub const REPEATED_ON_SITE: u64 = 1;

/// The kinds of documents in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DocumentKind {
    Passage,
    /// All boilerplate of a page.
    Boilerplate,
    /// A page whose passages are indexed under another page.
    Copy,
}

/// Builds the schema.
pub fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let text = |tokenizer: &str, record| TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(record);
    let with_lengths = |indexing| TextOptions::default().set_indexing_options(indexing);
    // The length of a passage is the same in all of its fields, so `lemma` alone stores it.
    let without_lengths = |indexing: TextFieldIndexing| with_lengths(indexing.set_fieldnorms(false));
    let docs = IndexRecordOption::Basic;
    let freqs = IndexRecordOption::WithFreqs;
    let positions = IndexRecordOption::WithFreqsAndPositions;
    let indexed = || NumericOptions::default().set_indexed();
    let column = || TextOptions::default().set_fast("raw");
    let fields = Fields {
        page: builder.add_text_field("page", column().set_indexing_options(text("raw", docs).set_fieldnorms(false))),
        page_hash: builder.add_u64_field("page_hash", indexed()),
        continues_page: builder.add_bool_field("continues_page", FAST),
        exact: builder.add_text_field("exact", without_lengths(text("exact", docs))),
        lemma: builder.add_text_field("lemma", with_lengths(text("lemma", positions))),
        component: builder.add_text_field("component", without_lengths(text("component", freqs))),
        title: builder.add_text_field("title", with_lengths(text("lemma_and_component", freqs))),
        heading: builder.add_text_field("heading", with_lengths(text("lemma_and_component", freqs))),
        source: builder.add_text_field("source", column()),
        site: builder.add_text_field("site", column()),
        lang: builder.add_text_field("lang", column()),
        day: builder.add_u64_field("day", FAST),
        boilerplate_exact: builder.add_text_field("boilerplate_exact", without_lengths(text("exact", docs))),
        boilerplate_lemma: builder.add_text_field("boilerplate_lemma", with_lengths(text("lemma", positions))),
        boilerplate_component: builder
            .add_text_field("boilerplate_component", without_lengths(text("component", freqs))),
        duplicate_key: builder.add_u64_field("duplicate_key", indexed()),
        minhash: builder.add_bytes_field("minhash", FAST),
        coarse_minhash: builder.add_u64_field("coarse_minhash", FAST),
        stored: builder.add_bytes_field("stored", BytesOptions::default().set_stored()),
    };
    (builder.build(), fields)
}

/// The hash of a page's key, the first half of a hit's id. It has 40 bits, so that ids are short enough to type. If two
/// pages share one (a chance of one in 200 among 100,000 pages), only the passage number distinguishes their ids.
pub fn page_hash(key: &str) -> u64 {
    xxh3_64(key.as_bytes()) >> 24
}

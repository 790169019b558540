//! Analyzes Norwegian text: splits it into words and maps each to index terms (exact forms, lemma keys, components).
//!
//! Start at [`analyze`]: its file shows the whole chain from top to bottom, and each step is a pure function in its own
//! file. Pages and queries pass through the same chain.

mod analysis;
mod analyzed_token;
mod analyzed_word;
mod detect_lang;
mod lexicon;
mod lexicon_build;
mod morph;
mod single_word;
mod standard;
mod stop_words;
mod tantivy_tokenizer;
mod token;
mod word_cache;

pub use analysis::{ANALYSIS_VERSION, analyze, for_each_term, is_word};
pub use analyzed_token::{TermKind, Token};
pub use analyzed_word::AnalyzedWord;
pub use detect_lang::{detect as detect_lang, detect_in as detect_lang_in};
pub use single_word::lemma_keys;
pub use standard::Standard;
pub use stop_words::is_stop_word;
pub use tantivy_tokenizer::{NorwegianTokenStream, NorwegianTokenizer};
pub use token::normalize::normalize;
pub use token::tokenizer::{MAX_WORD_CHARS, PARAGRAPH_GAP};

// For the other stages and the build of the lexicon; not part of the API.
#[doc(hidden)]
pub use analysis::analyze_matching;
#[doc(hidden)]
pub use lexicon::prefix_filter::PrefixFilter;
#[doc(hidden)]
pub use lexicon_build::{encoded_split, prefix_lines};
#[doc(hidden)]
pub use single_word::{head_offset, standard_of};
#[doc(hidden)]
pub use token::char_classes::{is_hyphen, is_invisible, is_word_char, may_have_invisible};
#[doc(hidden)]
pub use token::line_breaks::{WordBreak, is_break_hyphen, join_word_breaks, word_breaks};
#[doc(hidden)]
pub use token::numbers::is_day;

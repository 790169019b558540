//! Tokenization: from text to words with positions and byte offsets, before any lemma is looked up.

pub mod char_classes;
pub mod digit_groups;
pub mod footnote_marks;
pub mod line_breaks;
pub mod normalize;
pub mod numbers;
pub mod references;
pub mod spaced_letters;
pub mod suspended;
pub mod tokenizer;

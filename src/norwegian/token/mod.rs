//! Tokenization: from text to words with positions and byte offsets, before any lemma is looked up.

pub mod char_classes;
pub mod normalize;
pub mod numbers;
pub mod suspended;
pub mod tokenizer;

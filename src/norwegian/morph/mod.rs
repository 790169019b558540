//! Morphology: from a word to its lemmas and the components of compounds.

pub mod affixes;
pub mod constituents;
pub mod decompound;
pub mod lemma;
pub mod lemmatize;
pub mod opaque_split;
pub mod split_score;
pub mod stem;

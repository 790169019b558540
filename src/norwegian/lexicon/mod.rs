//! The lexicon: the word forms of Norsk Ordbank with their lemmas, and the role of each lemma in compounds.
//!
//! The data are compiled into the program as DAWGs and searched in place, so nothing is read or built at startup.

pub mod compound_info;
pub mod dawg;
pub mod packed_list;
pub mod prefix_filter;
pub mod readings;

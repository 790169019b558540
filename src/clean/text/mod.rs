//! Recognizes boilerplate, titles, headings and list items by the words and the shape of lines.

pub mod closing_lists;
pub mod comments;
pub mod interface_phrases;
pub mod menus;
mod phrase_list;
pub mod shape;

pub use interface_phrases::is_interface;
pub use shape::{is_prose, is_statement};

//! Rules that judge the lines of a page by their words and their shape.

pub(super) mod comments;
pub(super) mod interface_phrases;
pub(super) mod menus;
pub(super) mod shape;

pub use interface_phrases::is_interface;
pub use shape::{is_prose, is_statement};

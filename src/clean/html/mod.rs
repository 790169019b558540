//! Parses HTML pages, and separates their content from menus, lists of other pages and the like.

mod content;
mod elements;
mod extraction;
mod hints;
mod outside_phrases;
mod parse_html;
mod related;
mod repair;
mod stated_metadata;
mod threads;
mod tree;

pub use parse_html::parse_html;

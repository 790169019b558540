//! Decodes the bytes of a page, and repairs text that was decoded wrongly before it was saved.

mod code_pages;
mod decode;
mod legacy;
mod magic_numbers;
mod prescan;
mod wide;

pub use decode::decode;

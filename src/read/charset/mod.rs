//! Decodes the bytes of a page.

mod code_pages;
mod decode;
mod legacy;
mod prescan;
mod wide;

pub use code_pages::CodePage;
pub use decode::decode;

//! Parses, cleans and chunks arbitrary bytes as an HTML page.
#![no_main]

use libfuzzer_sys::fuzz_target;
use treff::clean::{self, SiteTemplate};
use treff::model::{Format, PageMetadata, Page, PageId};
use treff::chunk;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let id = PageId { path: "a.html".to_string(), record: None };
    let page = Page { id, index_in_file: 0, line: None, format: Format::Html, text, metadata: PageMetadata::default(), note: None };
    chunk::passages(&clean::clean(clean::parse(&page), &SiteTemplate::default()));
});

//! Texts and URLs of pages → the HTML and the links of the search page.

#![no_main]

use libfuzzer_sys::fuzz_target;
use treff::serve::{escaped_html, with_text_fragment};
use treff::service::web_url;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let html = escaped_html(&text);
    assert!(!html.contains(['<', '>', '"', '\0', '\r', '\u{202e}']), "{html}");
    let mut lines = text.splitn(3, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let (url, snippet, passage) = (line(), line(), line());
    let Some(url) = web_url(url) else { return };
    let lower = url.to_lowercase();
    assert!(lower.starts_with("http://") || lower.starts_with("https://"), "{url}");
    assert!(url.chars().all(|c| c.is_ascii_graphic() && !"\"<>".contains(c) || !c.is_ascii()), "{url}");
    for mark in [None, Some(0), Some(snippet.len() / 2)] {
        let link = with_text_fragment(&url, passage, snippet, mark);
        if let Some((_, directive)) = link.split_once(":~:text=") {
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".,_~%".contains(&byte);
            assert!(!directive.is_empty() && directive.bytes().all(is_plain), "{link}");
        }
    }
});

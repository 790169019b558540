//! Texts and addresses from pages in the form in which they may be shown among other text, on a page or to a model: the
//! one place that decides which characters are left out.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::norwegian::is_word_char;
use crate::snippet::is_not_displayed;

/// How a character is shown: as it is, as a blank instead of a control character, or not at all.
pub fn shown_char(c: char) -> Option<char> {
    match c {
        '\n' | '\t' | ' '..='~' => Some(c),
        '\u{2028}' | '\u{2029}' => Some(' '),
        _ if c.is_control() => Some(' '),
        _ if is_not_displayed(c) || is_ignorable(c) || is_noncharacter(c) => None,
        _ => Some(c),
    }
}

/// Further characters without a glyph (Unicode: Default_Ignorable_Code_Point, annotations). Some are letters, and some
/// are used to hide a text in another. The sixteen variation selectors, which many emoji contain, are kept.
fn is_ignorable(c: char) -> bool {
    matches!(
        c,
        '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{2061}'..='\u{206f}' | '\u{3164}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
    )
}

fn is_noncharacter(c: char) -> bool {
    matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe
}

/// A text as it is shown, with its line breaks and tabs.
pub fn shown_text(text: &str) -> Cow<'_, str> {
    let is_clean = text.chars().all(|c| shown_char(c) == Some(c));
    if is_clean { Cow::Borrowed(text) } else { Cow::Owned(text.chars().filter_map(shown_char).collect()) }
}

/// A text as it is shown, in one line, so that it can't pass for another line of what surrounds it.
pub fn one_line(text: &str) -> String {
    let blank = |c| if matches!(c, '\n' | '\t') { ' ' } else { c };
    text.chars().filter_map(shown_char).map(blank).collect()
}

/// Whether a reader can see something of the text, so that it can be a title or the text of a link.
pub fn is_visible(text: &str) -> bool {
    text.chars().any(|c| c.is_alphanumeric() && shown_char(c).is_some())
}

/// The title of a page or, if it has none that can be seen, its opening.
pub fn shown_title<'a>(title: Option<&'a str>, opening: Option<&'a str>) -> Option<&'a str> {
    title.into_iter().chain(opening).map(str::trim).find(|text| is_visible(text))
}

/// What is encoded in a URL besides white space: characters that occur in none, and that end a quoted or linked URL.
const NOT_IN_URLS: AsciiSet =
    CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\').add(b'^').add(b'`').add(b'{').add(b'|').add(b'}');

/// The URL of a page with all characters percent-encoded that are neither letters nor allowed in URLs. Returns `None`
/// for a text with white space or control characters, which is no URL.
pub fn shown_url(url: &str) -> Option<Cow<'_, str>> {
    let url = url.trim();
    if url.is_empty() || url.contains(|c: char| c.is_control() || c.is_whitespace()) {
        return None;
    }
    let is_kept = |c: char| !c.is_ascii() && is_word_char(c) && shown_char(c) == Some(c);
    let is_safe = |c: char| is_kept(c) || c.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&(c as u8));
    if url.chars().all(is_safe) {
        return Some(Cow::Borrowed(url));
    }
    let mut encoded = String::with_capacity(url.len() + 16);
    for c in url.chars() {
        if is_safe(c) {
            encoded.push(c);
        } else {
            encoded.extend(utf8_percent_encode(c.encode_utf8(&mut [0; 4]), &NOT_IN_URLS));
        }
    }
    Some(Cow::Owned(encoded))
}

/// Returns the URL of a page as `shown_url` if it may be a link: HTTP or HTTPS, and a host of letters and digits.
pub fn web_url(url: &str) -> Option<Cow<'_, str>> {
    let (scheme, rest) = url.trim().split_once("://")?;
    let is_web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    let has_host = rest.starts_with(|c: char| c.is_alphanumeric() || c == '[');
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let is_host = |c: char| is_word_char(c) && shown_char(c) == Some(c) || "-._~:@[]%!$&'()*+,;=".contains(c);
    if is_web && has_host && authority.chars().all(is_host) { shown_url(url) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_out_what_readers_cannot_see() {
        for (text, expected) in [
            ("a\0b\u{85}c\r\nd\te", "a b c \nd\te"),
            ("\u{202e}a\u{2066}b\u{2069}c\u{200f}d\u{61c}", "abcd"),
            ("a\u{ad}b\u{200b}c\u{200d}d\u{feff}e\u{2060}f\u{180e}g\u{3164}", "abcdefg"),
            ("a\u{e0041}\u{e007f}b\u{e0100}c\u{fff9}d\u{206a}e", "abcde"),
            ("a\u{2028}b\u{2029}c\u{1b}[31md\u{9b}", "a b c [31md "),
            ("a\u{fffe}b\u{1ffff}c\u{fdd0}", "abc"),
            ("\"blåbær\" 🫐 ❤\u{fe0f} e\u{301} שלום", "\"blåbær\" 🫐 ❤\u{fe0f} e\u{301} שלום"),
        ] {
            assert_eq!(shown_text(text), expected, "{text:?}");
            assert_eq!(one_line(text), expected.replace(['\n', '\t'], " "), "{text:?}");
        }
    }

    #[test]
    fn titles_can_be_seen() {
        let title = |title, opening| shown_title(title, opening);
        assert_eq!(title(Some(" Barn "), Some("x")), Some("Barn"));
        assert_eq!(title(None, Some("Innledning")), Some("Innledning"));
        for invisible in
            ["", " ", "\u{200b}\u{2066}\u{2069}", "\u{3164}\u{115f}", "\u{e0041}", "\u{ad}\n", "…", "\u{0}"]
        {
            assert_eq!(title(Some(invisible), Some("x")), Some("x"), "{invisible:?}");
            assert_eq!(title(Some(invisible), None), None, "{invisible:?}");
        }
    }

    #[test]
    fn urls_have_only_letters_and_what_urls_may_contain() {
        for (url, expected) in [
            (" https://a.no/b?c=d&e=%20#f ", "https://a.no/b?c=d&e=%20#f"),
            ("https://blåbær.no/søk/日本", "https://blåbær.no/søk/日本"),
            ("https://xn--a.no/\u{202e}gnp.exe", "https://xn--a.no/%E2%80%AEgnp.exe"),
            ("https://a.no/\u{200b}\u{2066}x\u{feff}", "https://a.no/%E2%80%8B%E2%81%A6x%EF%BB%BF"),
            ("https://a.no/\u{3164}\u{e0041}😀", "https://a.no/%E3%85%A4%F3%A0%81%81%F0%9F%98%80"),
            ("https://a.no/\"<b>`{|}\\^", "https://a.no/%22%3Cb%3E%60%7B%7C%7D%5C%5E"),
            ("ftp://a.no/x", "ftp://a.no/x"),
        ] {
            assert_eq!(shown_url(url).as_deref(), Some(expected), "{url:?}");
        }
        for text in
            ["", "  ", "https://a.no/\n[x]", "https://a.no/\u{9f}", "https://a b.no", "a\u{2003}b", "a\u{2028}b"]
        {
            assert_eq!(shown_url(text), None, "{text:?}");
        }
    }

    #[test]
    fn only_web_addresses_are_links() {
        for url in
            ["https://nrk.no", "HTTP://blåbær.no/å?x=1#y", " https://[::1]/ ", "https://bl\u{e5}b\u{e6}r.no:80?a"]
        {
            assert!(web_url(url).is_some(), "{url}");
        }
        for url in [
            "javascript:alert(1)",
            "javascript://a.no/%0aalert(1)",
            "data:text/html,x",
            "JaVaScRiPt://x",
            "file:///etc",
            "//evil.example",
            "https:",
            "https://",
            "https:// a",
            "https://a\u{0}b",
            "https://a\nb",
            "https://a\u{202e}b.no/",
            "https://nrk.no\u{200b}/",
            "https://a\u{3164}.no",
            "https://a.no😀/",
            "https://a\"b/",
            "ftp://a.no",
            "a.no",
            "",
        ] {
            assert_eq!(web_url(url), None, "{url}");
        }
    }
}

//! Comparable forms of metadata: values that differ only in Unicode normalization (NFKC), case or encoding have the
//! same form.

use std::borrow::Cow;

use encoding_rs::WINDOWS_1252;
use percent_encoding::percent_decode_str;
use unicode_normalization::UnicodeNormalization;

use crate::norwegian::{is_hyphen, is_invisible};

/// The comparable form of a text: in lower case, composed, without invisible characters, with compatibility characters
/// (full-width letters) and hyphens replaced by plain ones.
pub fn comparable_text(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        let has_capital = text.bytes().any(|byte| byte.is_ascii_uppercase());
        return if has_capital { Cow::Owned(text.to_ascii_lowercase()) } else { Cow::Borrowed(text) };
    }
    let visible = text.chars().filter(|c| !is_invisible(*c)).map(|c| if is_hyphen(c) { '-' } else { c });
    // The lower-case form of a character may be decomposed (`İ`), so the text is composed again.
    Cow::Owned(visible.nfkc().flat_map(char::to_lowercase).nfkc().collect())
}

/// The comparable form of a host name: internationalized names decoded from `xn--` (UTS 46), without `www.` and a final
/// dot.
pub fn comparable_host(host: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
    if host.bytes().all(is_plain) && !host.contains("xn--") {
        return Cow::Borrowed(without_www(host));
    }
    let decoded = percent_decoded(host);
    let host = match idna::domain_to_unicode(&decoded) {
        (host, Ok(())) => host,
        _ => comparable_text(&decoded).into_owned(),
    };
    Cow::Owned(without_www(&host).to_string())
}

fn without_www(host: &str) -> &str {
    host.strip_prefix("www.").unwrap_or(host).trim_matches('.')
}

/// The comparable form of a path or URL: percent-encoding and internationalized host names are decoded.
pub fn comparable_path(path: &str) -> Cow<'_, str> {
    let decoded = percent_decoded(path);
    let lower = match &decoded {
        Cow::Borrowed(path) => comparable_text(path),
        Cow::Owned(path) => Cow::Owned(comparable_text(path).into_owned()),
    };
    with_decoded_labels(lower)
}

/// The comparable form of a source. Internationalized host names are decoded, because a source is often a host.
pub fn comparable_source(source: &str) -> Cow<'_, str> {
    with_decoded_labels(comparable_text(source))
}

/// Decodes the labels of internationalized host names in a lower-case text.
fn with_decoded_labels(lower: Cow<str>) -> Cow<str> {
    const SEPARATORS: [char; 6] = ['/', '#', ':', '.', ' ', '@'];
    if !lower.contains("xn--") {
        return lower;
    }
    let mut with_hosts = String::with_capacity(lower.len());
    for part in lower.split_inclusive(SEPARATORS) {
        let label = part.trim_end_matches(SEPARATORS);
        let decoded = if label.starts_with("xn--") { comparable_host(label) } else { Cow::Borrowed(label) };
        with_hosts.push_str(&decoded);
        with_hosts.push_str(&part[label.len()..]);
    }
    Cow::Owned(with_hosts)
}

/// Decodes percent-encoding (`%C3%A5`) as UTF-8 or, if the bytes aren't UTF-8, as Windows-1252, which old servers use.
/// Escaped bytes of file names (`\xE5`) are decoded the same way.
fn percent_decoded(text: &str) -> Cow<'_, str> {
    if text.match_indices("\\x").any(|(at, _)| is_escape(&text.as_bytes()[at + 2..])) {
        return Cow::Owned(percent_decoded(&text.replace("\\x", "%")).into_owned());
    }
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let bytes: Vec<u8> = percent_decode_str(text).collect();
    match String::from_utf8(bytes) {
        Ok(decoded) => Cow::Owned(decoded),
        Err(_) if !text.is_ascii() => Cow::Borrowed(text),
        Err(error) => Cow::Owned(WINDOWS_1252.decode_without_bom_handling(error.as_bytes()).0.into_owned()),
    }
}

/// Whether bytes start with two hexadecimal digits that encode a byte outside ASCII.
fn is_escape(bytes: &[u8]) -> bool {
    matches!(bytes, [b'8'..=b'9' | b'A'..=b'F' | b'a'..=b'f', second, ..] if second.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(form: fn(&str) -> Cow<str>, values: &[&str], expected: &str) {
        for value in values {
            assert_eq!(form(value), expected, "{value}");
        }
    }

    #[test]
    fn texts_in_any_normalization_form_and_case_are_equal() {
        check(
            comparable_text,
            &["Ålesund", "A\u{30a}lesund", "\u{212b}lesund", "åle\u{ad}sund", "ÅＬＥＳＵＮＤ"],
            "ålesund",
        );
        check(comparable_text, &["Nord-Norge", "nord\u{2011}norge", "NORD–NORGE"], "nord-norge");
        check(comparable_text, &["øre"], "øre");
        check(comparable_text, &["ore"], "ore");
    }

    #[test]
    fn hosts_in_both_forms_are_equal() {
        let forms = ["blåbær.no", "BLÅBÆR.no.", "xn--blbr-roah.no", "XN--BLBR-ROAH.NO", "www.bla\u{30a}bær.no"];
        check(comparable_host, &forms, "blåbær.no");
        check(comparable_host, &["bl%C3%A5b%C3%A6r.no", "blå\u{ad}bær。no", "ｂｌåｂær.no"], "blåbær.no");
        check(comparable_host, &["ssb.no", "www.ssb.no", "WWW.ssb.no", "ssb.no.", "ｓｓｂ.no"], "ssb.no");
        check(comparable_host, &["xn--blbr-roah"], "blåbær");
        check(comparable_host, &["blabar.no"], "blabar.no");
        check(comparable_host, &["min_side.no"], "min_side.no");
    }

    #[test]
    fn percent_encoded_paths_are_decoded() {
        let forms = ["Lover/bl%C3%A5b%C3%A6r.txt", "lover/bla%CC%8Ab%c3%a6r.txt", "lover/bl%E5b%E6r.txt"];
        check(comparable_path, &forms, "lover/blåbær.txt");
        check(comparable_path, &["100%", "100%25"], "100%");
        check(comparable_path, &["å%E5"], "å%e5");
        check(comparable_path, &["p/m\\xF8te/\\xE5r.txt", "p/møte/år.txt", "p/M%D8te/\\xE5r.txt"], "p/møte/år.txt");
        check(comparable_path, &["bl\\xe5b\\xe6r", "bl\\xE5b\\xe6r", "bl\\xc3\\xa5b\\xC3\\xA6r"], "blåbær");
        check(comparable_path, &["a\\x6c", "a\\x6C"], "a\\x6c");
        check(comparable_path, &["a\\x41", "A\\x41"], "a\\x41");
        let crawl = ["c.warc#https://xn--blbr-roah.no/a", "c.warc#https://blåbær.no/a"];
        check(comparable_path, &crawl, "c.warc#https://blåbær.no/a");
    }
}

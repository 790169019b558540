//! Finds the encoding that an HTML page declares: "prescan a byte stream to determine its encoding" of the HTML
//! standard, and the encoding of an XML declaration.

use encoding_rs::{Encoding, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};

/// Number of bytes at the start of a page that are searched. The standard says 1024, but some pages have scripts and
/// styles before their `<meta charset>`, and browsers still find it when they parse the page.
const PRESCAN_BYTES: usize = 4096;

/// The encoding that a label in an HTTP header names; `None` if the label is unknown or a page can't have the encoding.
/// UTF-16 is recognized only by its bytes, because servers also state it for pages in other encodings.
pub fn encoding_for_label(label: &str) -> Option<&'static Encoding> {
    let encoding = Encoding::for_label(label.as_bytes())?;
    (![UTF_16LE, UTF_16BE, X_USER_DEFINED, REPLACEMENT].contains(&encoding)).then_some(encoding)
}

/// The encoding that a page declares in a `<meta>` element or in an XML declaration. A page whose declaration could be
/// read byte by byte isn't UTF-16, so a declared UTF-16 means UTF-8.
pub fn declared_encoding(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(PRESCAN_BYTES)];
    meta_encoding(head).or_else(|| xml_encoding(head))
}

/// The encoding that the label of a declaration inside the page names.
fn encoding_for_declared_label(label: &[u8]) -> Option<&'static Encoding> {
    let encoding = Encoding::for_label(label)?;
    if encoding == UTF_16LE || encoding == UTF_16BE {
        return Some(UTF_8);
    }
    if encoding == X_USER_DEFINED {
        return Some(WINDOWS_1252);
    }
    (encoding != REPLACEMENT).then_some(encoding)
}

/// The encoding in `<?xml version="1.0" encoding="…"?>` at the start.
fn xml_encoding(head: &[u8]) -> Option<&'static Encoding> {
    let head = head.trim_ascii_start();
    let declaration = head.strip_prefix(b"<?xml")?;
    let end = declaration.iter().position(|byte| *byte == b'>')?;
    let declaration = &declaration[..end];
    let at = memchr::memmem::find(declaration, b"encoding")?;
    let value = declaration[at + "encoding".len()..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let (quote, value) = value.split_first()?;
    if !matches!(quote, b'"' | b'\'') {
        return None;
    }
    encoding_for_declared_label(&value[..value.iter().position(|byte| byte == quote)?])
}

fn meta_encoding(head: &[u8]) -> Option<&'static Encoding> {
    let mut at = 0;
    while let Some(offset) = memchr::memchr(b'<', head.get(at..)?) {
        at += offset;
        let rest = &head[at..];
        if rest.starts_with(b"<!--") {
            // The two hyphens of `-->` may belong to `<!--`.
            at += 2 + memchr::memmem::find(&rest[2..], b"-->")? + "-->".len();
        } else if starts_with_name(rest, b"<meta") {
            let mut attributes = Attributes { bytes: head, at: at + "<meta".len() };
            if let Some(encoding) = encoding_of_meta(&mut attributes) {
                return Some(encoding);
            }
            at = attributes.at;
        } else if let Some(name) = RAW_TEXT_ELEMENTS.iter().find(|name| starts_with_name(rest, name)) {
            let mut attributes = Attributes { bytes: head, at: at + name.len() };
            while attributes.next().is_some() {}
            at = attributes.at + end_of_raw_text(&head[attributes.at..], &name[1..])?;
        } else if rest.get(1).is_some_and(u8::is_ascii_alphabetic)
            || (rest.get(1) == Some(&b'/') && rest.get(2).is_some_and(u8::is_ascii_alphabetic))
        {
            let name = rest.iter().position(|byte| byte.is_ascii_whitespace() || *byte == b'>')?;
            let mut attributes = Attributes { bytes: head, at: at + name };
            while attributes.next().is_some() {}
            at = attributes.at;
        } else if matches!(rest.get(1), Some(b'!' | b'/' | b'?')) {
            at += memchr::memchr(b'>', rest)? + 1;
        } else {
            at += 1;
        }
    }
    None
}

/// Elements whose content isn't markup. The standard's prescan looks into them, but a parser doesn't.
const RAW_TEXT_ELEMENTS: [&[u8]; 4] = [b"<script", b"<style", b"<title", b"<textarea"];

/// Whether the bytes start with this tag, ignoring case, and the name of the tag ends there.
fn starts_with_name(bytes: &[u8], tag: &[u8]) -> bool {
    bytes.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag))
        && bytes.get(tag.len()).is_some_and(|next| next.is_ascii_whitespace() || matches!(next, b'/' | b'>'))
}

/// The offset of the end tag of a raw text element.
fn end_of_raw_text(bytes: &[u8], name: &[u8]) -> Option<usize> {
    memchr::memmem::find_iter(bytes, b"</")
        .find(|at| bytes.get(at + 2..at + 2 + name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name)))
}

/// The encoding that the attributes of one `<meta>` declare: `charset`, or `content` next to `http-equiv=content-type`.
fn encoding_of_meta(attributes: &mut Attributes) -> Option<&'static Encoding> {
    let mut seen: Vec<Vec<u8>> = Vec::new();
    let mut is_content_type = false;
    let mut from_charset: Option<Option<&'static Encoding>> = None;
    let mut from_content = None;
    for (name, value) in attributes {
        if seen.contains(&name) {
            continue;
        }
        match name.as_slice() {
            b"http-equiv" => is_content_type = value == b"content-type",
            b"content" => from_content = charset_in_content(&value).and_then(encoding_for_declared_label),
            b"charset" => from_charset = Some(encoding_for_declared_label(&value)),
            _ => {}
        }
        seen.push(name);
    }
    match from_charset {
        Some(encoding) => encoding,
        None => from_content.filter(|_| is_content_type),
    }
}

/// The label in `text/html; charset=…` ("extracting a character encoding from a meta element"). `value` is in lower
/// case.
fn charset_in_content(mut value: &[u8]) -> Option<&[u8]> {
    loop {
        value = &value[memchr::memmem::find(value, b"charset")? + "charset".len()..];
        let Some(label) = value.trim_ascii_start().strip_prefix(b"=") else { continue };
        let label = label.trim_ascii_start();
        return match label.first()? {
            quote @ (b'"' | b'\'') => Some(&label[1..1 + label[1..].iter().position(|byte| byte == quote)?]),
            _ => {
                let end = label.iter().position(|byte| byte.is_ascii_whitespace() || *byte == b';');
                Some(&label[..end.unwrap_or(label.len())])
            }
        };
    }
}

/// The attributes of a tag, in lower case ("get an attribute").
struct Attributes<'a> {
    bytes: &'a [u8],
    /// The offset after what has been read; after the last attribute, the offset of the end of the tag.
    at: usize,
}

impl Attributes<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_whitespace(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn take_until(&mut self, is_end: impl Fn(u8) -> bool) -> Vec<u8> {
        let start = self.at;
        while self.peek().is_some_and(|byte| !is_end(byte)) {
            self.at += 1;
        }
        self.bytes[start..self.at].to_ascii_lowercase()
    }
}

impl Iterator for Attributes<'_> {
    type Item = (Vec<u8>, Vec<u8>);

    /// `None` at the end of the tag, and for an attribute that is cut off at the end of the searched bytes.
    fn next(&mut self) -> Option<Self::Item> {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace() || byte == b'/') {
            self.at += 1;
        }
        if self.peek()? == b'>' {
            return None;
        }
        // The first byte belongs to the name, even if it is "=".
        let start = self.at;
        self.at += 1;
        self.take_until(|byte| byte.is_ascii_whitespace() || matches!(byte, b'=' | b'/' | b'>'));
        let name = self.bytes[start..self.at].to_ascii_lowercase();
        self.skip_whitespace();
        if self.peek()? != b'=' {
            return Some((name, Vec::new()));
        }
        self.at += 1;
        self.skip_whitespace();
        let value = match self.peek()? {
            quote @ (b'"' | b'\'') => {
                self.at += 1;
                let value = self.take_until(|byte| byte == quote);
                self.peek()?;
                self.at += 1;
                value
            }
            _ => {
                let value = self.take_until(|byte| byte.is_ascii_whitespace() || byte == b'>');
                self.peek()?;
                value
            }
        };
        Some((name, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html: &str, expected: Option<&str>) {
        assert_eq!(declared_encoding(html.as_bytes()).map(Encoding::name), expected, "{html}");
    }

    #[test]
    fn reads_meta_elements() {
        check("<meta charset=\"iso-8859-2\">", Some("ISO-8859-2"));
        check("<!doctype html><HTML><META CHARSET=Latin1 >", Some("windows-1252"));
        check("<meta name=a charset='koi8-r'/>", Some("KOI8-R"));
        check("<meta http-equiv=Content-Type content='text/html; charset=iso-8859-2'>", Some("ISO-8859-2"));
        check("<meta content='text/html;charset = \"iso-8859-2\"' http-equiv='content-type'>", Some("ISO-8859-2"));
        check("<meta content='charset; charset=koi8-r; a' http-equiv='content-type'>", Some("KOI8-R"));
        check("<meta charset=nothing><meta charset=koi8-r>", Some("KOI8-R"));
        check(&format!("<style>{}</style><meta charset=koi8-r>", " ".repeat(3000)), Some("KOI8-R"));
    }

    #[test]
    fn a_meta_element_never_means_utf16() {
        for label in ["utf-16", "UTF-16LE", "utf-16be", "unicode", "ucs-2", "iso-10646-ucs-2"] {
            check(&format!("<meta charset=\"{label}\">"), Some("UTF-8"));
        }
        check("<meta charset=x-user-defined>", Some("windows-1252"));
        check("<meta charset=iso-2022-kr>", None);
        check("<meta charset=ukjent>", None);
        check("<meta charset=''>", None);
    }

    #[test]
    fn only_meta_elements_declare_an_encoding() {
        check("<!-- <meta charset=koi8-r> --><meta charset=iso-8859-2>", Some("ISO-8859-2"));
        check("<!--><meta charset=iso-8859-2>", Some("ISO-8859-2"));
        check("<script>var a = '<meta charset=koi8-r>';</script><meta charset=iso-8859-2>", Some("ISO-8859-2"));
        check("<script src=a.js charset=koi8-r></script><p>", None);
        check("<link title='<meta charset=koi8-r>'><a href='?charset=koi8-r'>charset=koi8-r</a>", None);
        check("<title>Om <meta charset=koi8-r></title><meta charset=iso-8859-2>", Some("ISO-8859-2"));
        check("<meta name=description content='text/html; charset=koi8-r'>", None);
        check("<metadata charset=koi8-r>", None);
        check("<a <meta charset=koi8-r>", None);
        check("<?php charset=koi8-r ?><meta charset=iso-8859-2>", Some("ISO-8859-2"));
        check("Tegnsettet er charset=koi8-r.", None);
        check("<meta charset=koi8-r", None);
        check("<meta charset='koi8-r", None);
    }

    #[test]
    fn reads_the_xml_declaration() {
        check("<?xml version=\"1.0\" encoding=\"iso-8859-2\"?><html>", Some("ISO-8859-2"));
        check("\n<?xml version='1.0' encoding = 'koi8-r' ?>", Some("KOI8-R"));
        check("<?xml version='1.0' encoding='utf-16'?>", Some("UTF-8"));
        check("<?xml version='1.0'?><p encoding='koi8-r'>", None);
        check("<p><?xml encoding='koi8-r'?>", None);
        check("<?xml encoding='koi8-r'?><meta charset=iso-8859-2>", Some("ISO-8859-2"));
    }
}

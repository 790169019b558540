//! Reads pages that a browser saved with their images in one file (MHTML: MIME, RFC 2557).

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{MessageParser, MimeHeaders};

/// The HTML of a saved page.
pub struct SavedPage {
    pub html: Vec<u8>,
    /// The character encoding that the HTML part states.
    pub charset: Option<String>,
    pub url: Option<String>,
    /// The number of other HTML parts, which are frames of the page.
    pub frames: usize,
    /// What is wrong with the HTML, if it is damaged.
    pub damage: Option<&'static str>,
}

/// The first HTML part of a MIME message, which is the page. The error is the reason why there is none.
pub fn saved_page(bytes: &[u8]) -> Result<SavedPage, String> {
    let no_html = || "contains no HTML".to_string();
    let message = MessageParser::default().parse(bytes).ok_or_else(no_html)?;
    let mut parts = message.parts.iter().filter(|part| {
        let is_html = |subtype: &str| ["html", "xhtml+xml"].iter().any(|html| subtype.eq_ignore_ascii_case(html));
        part.content_type().and_then(|content_type| content_type.subtype()).is_some_and(is_html)
    });
    let part = parts.next().ok_or_else(no_html)?;
    let frames = parts.count();
    // The part is decoded here, because the library replaces bytes that contradict the stated character encoding, and
    // leaves a damaged part encoded.
    let raw = bytes.get(part.offset_body as usize..part.offset_end as usize).ok_or_else(no_html)?;
    let encoding = part.content_transfer_encoding().unwrap_or_default().to_ascii_lowercase();
    let strict = match encoding.as_str() {
        "" | "7bit" | "8bit" | "binary" => Some(raw.to_vec()),
        "quoted-printable" => quoted_printable_decode(raw),
        // The decoder of the library stops at the byte FF.
        "base64" if raw.iter().all(|byte| is_base64(byte) || byte.is_ascii_whitespace()) => base64_decode(raw),
        "base64" => None,
        _ => return Err(format!("unknown Content-Transfer-Encoding “{encoding}”")),
    };
    let (html, damage) = match strict {
        Some(html) => (html, part.is_encoding_problem.then_some("truncated: the end of its HTML part is missing")),
        None if encoding == "base64" => (decode_damaged_base64(raw), Some("damaged base64")),
        None => (decode_damaged_quoted_printable(raw), Some("damaged quoted-printable text")),
    };
    // Text without a tag is not HTML: for example, base64 whose encoding is not stated.
    if !html.contains(&b'<') && !html.contains(&0) {
        return Err(no_html());
    }
    let charset = part.content_type().and_then(|content_type| content_type.attribute("charset"));
    let url = part.content_location().or_else(|| message.content_location());
    Ok(SavedPage {
        html,
        charset: charset.map(str::to_ascii_lowercase),
        url: url.filter(|url| url.starts_with("http")).map(str::to_string),
        frames,
        damage,
    })
}

/// Decodes base64 in which some bytes are damaged. Each damaged byte is replaced with a digit, so that the digits after
/// it keep their positions.
fn decode_damaged_base64(raw: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = (raw.iter().filter(|byte| !byte.is_ascii_whitespace()))
        .map(|byte| if is_base64(byte) { *byte } else { b'A' })
        .collect();
    base64_decode(&digits).unwrap_or_default()
}

fn is_base64(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=".contains(byte)
}

/// Decodes quoted-printable text. An invalid escape sequence is kept unchanged (RFC 2045, section 6.7).
fn decode_damaged_quoted_printable(raw: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'=' {
            decoded.push(byte);
        } else if let Some(line) = after.strip_prefix(b"\r\n").or_else(|| after.strip_prefix(b"\n")) {
            rest = line;
        } else {
            // The digits are checked here, because `from_str_radix` also accepts a sign.
            let digits = after.get(..2).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
            let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
            match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
                Some(value) => {
                    decoded.push(value);
                    rest = &after[2..];
                }
                None => decoded.push(byte),
            }
        }
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(part: &str, expected: &[u8], charset: Option<&str>) {
        let message = format!(
            "From: <Saved by Blink>\r\nSnapshot-Content-Location: http://a.no/\r\nSubject: T\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/related;\r\n\ttype=\"text/html\";\r\n\tboundary=\"----b\"\r\n\r\n\r\n\
             ------b\r\n{part}\r\n------b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n\
             iVBORw0KGgo=\r\n------b--\r\n"
        );
        let page = saved_page(message.as_bytes()).unwrap();
        assert_eq!(String::from_utf8_lossy(page.html.trim_ascii()), String::from_utf8_lossy(expected));
        assert_eq!((page.charset.as_deref(), page.url.as_deref()), (charset, Some("http://a.no/1")));
    }

    #[test]
    fn keeps_invalid_escape_sequences() {
        for (raw, expected) in
            [("a=+5b", "a=+5b"), ("a=-1=C3=A5", "a=-1å"), ("=G0=2B5", "=G0+5"), ("=a=\r\nb=", "=ab=")]
        {
            let decoded = decode_damaged_quoted_printable(raw.as_bytes());
            assert_eq!(String::from_utf8_lossy(&decoded), expected, "{raw}");
        }
    }

    #[test]
    fn decodes_the_html_part() {
        let location = "Content-Location: http://a.no/1";
        let quoted = format!("Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n{location}");
        check(
            &format!("{quoted}\r\n\r\n<p class=3D\"a\">p=C3=A5 =\r\nnorsk"),
            "<p class=\"a\">på norsk".as_bytes(),
            None,
        );
        let base64 =
            format!("Content-Type: text/html; charset=\"UTF-8\"\r\nContent-Transfer-Encoding: base64\r\n{location}");
        check(&format!("{base64}\r\n\r\nPHA+cMOl\r\nPC9wPg=="), "<p>på</p>".as_bytes(), Some("utf-8"));
        let latin1 = quoted.replace("text/html", "text/html; charset=iso-8859-1");
        check(&format!("{latin1}\r\n\r\n<p>p=E5"), b"<p>p\xe5", Some("iso-8859-1"));
        let plain = format!("Content-Type: text/html\r\nContent-Transfer-Encoding: 8bit\r\n{location}");
        check(&format!("{plain}\r\n\r\n<p>på"), "<p>på".as_bytes(), None);
        assert!(saved_page(b"").is_err());
        assert!(saved_page(b"Content-Type: text/plain\r\n\r\nhei").is_err());
    }
}

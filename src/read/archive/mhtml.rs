//! Reads pages that a browser saved with their images in one file (MHTML: MIME, RFC 2557).

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{Encoding, MessageParser, MimeHeaders};

/// The HTML of a saved page.
pub struct SavedPage {
    pub html: Vec<u8>,
    /// The character encoding that its part states.
    pub charset: Option<String>,
    pub url: Option<String>,
    /// The number of other HTML parts, which are frames of the page.
    pub frames: usize,
}

/// The first HTML part of a MIME message, which is the page; `None` if there is none.
pub fn saved_page(bytes: &[u8]) -> Option<SavedPage> {
    let message = MessageParser::default().parse(bytes)?;
    let mut parts = message.parts.iter().filter(|part| {
        let is_html = |subtype: &str| ["html", "xhtml+xml"].iter().any(|html| subtype.eq_ignore_ascii_case(html));
        part.content_type().and_then(|content_type| content_type.subtype()).is_some_and(is_html)
    });
    let part = parts.next()?;
    let frames = parts.count();
    // The part is decoded here, because the library replaces bytes that contradict the stated character encoding.
    let raw = bytes.get(part.offset_body as usize..part.offset_end as usize)?;
    let html = match part.encoding {
        Encoding::None => raw.to_vec(),
        Encoding::QuotedPrintable => quoted_printable_decode(raw).unwrap_or_else(|| part.contents().to_vec()),
        Encoding::Base64 => base64_decode(raw).unwrap_or_else(|| part.contents().to_vec()),
    };
    let charset = part.content_type().and_then(|content_type| content_type.attribute("charset"));
    let url = part.content_location().or_else(|| message.content_location());
    Some(SavedPage {
        html,
        charset: charset.map(str::to_ascii_lowercase),
        url: url.filter(|url| url.starts_with("http")).map(str::to_string),
        frames,
    })
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
        assert!(saved_page(b"").is_none());
        assert!(saved_page(b"Content-Type: text/plain\r\n\r\nhei").is_none());
    }
}

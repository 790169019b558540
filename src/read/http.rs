//! Given what a server answered, is it a page, and how are its bytes unwrapped?

use std::io::Read;

use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use super::{MAX_PAGE_BYTES, too_large};
use crate::error::{Error, Result};
use crate::model::Format;

/// How much brotli reads at a time.
const BROTLI_BUFFER: usize = 4096;

/// The first line and the fields that stand before a body, in HTTP as in WARC.
pub struct Head {
    pub first: String,
    fields: Vec<(String, String)>,
}

impl Head {
    /// Reads a head up to its empty line; gives it and where the body begins. `None` if the empty line is missing.
    pub fn parse(bytes: &[u8]) -> Option<(Head, usize)> {
        let mut fields: Vec<(String, String)> = Vec::new();
        let mut first = None;
        let mut at = 0;
        loop {
            let line = &bytes[at..];
            let length = line.iter().position(|byte| *byte == b'\n')?;
            at += length + 1;
            // Headers are ASCII; what is not stands in fields that don't matter here.
            let line = String::from_utf8_lossy(&line[..length]);
            let line = line.trim_end_matches('\r');
            if line.is_empty() {
                return Some((Head { first: first.unwrap_or_default(), fields }, at));
            }
            if first.is_none() {
                first = Some(line.to_string());
            } else if line.starts_with([' ', '\t'])
                && let Some((_, value)) = fields.last_mut()
            {
                value.push(' ');
                value.push_str(line.trim());
            } else if let Some((name, value)) = line.split_once(':') {
                fields.push((name.trim().to_ascii_lowercase(), value.trim().to_string()));
            }
        }
    }

    /// The field of this name, which is given in lower case.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What is around the bytes of a body.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wrapping {
    is_chunked: bool,
    /// In the order in which they were put on, in lower case.
    packings: Vec<String>,
    /// The encoding of the text, as the server names it.
    pub charset: Option<String>,
}

/// The format and the wrapping of an answer that is a page: found, and text of a kind that treff reads.
pub fn page(head: &Head) -> Option<(Format, Wrapping)> {
    let mut first = head.first.split_ascii_whitespace();
    if !first.next()?.starts_with("HTTP/") || first.next()? != "200" {
        return None;
    }
    let (format, charset) = format(head.field("content-type")?)?;
    let listed = |name: &str| {
        let values = head.field(name).unwrap_or("").to_ascii_lowercase();
        values.split(',').map(|value| value.trim().to_string()).filter(|value| !value.is_empty()).collect::<Vec<_>>()
    };
    let is_chunked = listed("transfer-encoding").iter().any(|value| value == "chunked");
    Some((format, Wrapping { is_chunked, packings: listed("content-encoding"), charset }))
}

/// The format of a media type, and the encoding it names.
pub fn format(media_type: &str) -> Option<(Format, Option<String>)> {
    let mut parts = media_type.split(';').map(|part| part.trim().to_ascii_lowercase());
    let format = match parts.next()?.as_str() {
        "text/html" | "application/xhtml+xml" => Format::Html,
        "text/plain" => Format::Text,
        "text/markdown" | "text/x-markdown" => Format::Markdown,
        _ => return None,
    };
    let charset = parts.find_map(|part| Some(part.strip_prefix("charset=")?.trim_matches(['"', '\'']).to_string()));
    Some((format, charset.filter(|charset| !charset.is_empty())))
}

impl Wrapping {
    pub fn of_text(charset: Option<String>) -> Wrapping {
        Wrapping { charset, ..Wrapping::default() }
    }

    /// The bytes of the page. Crawlers that unwrap a body leave what was said of its wrapping, so bytes that
    /// aren't wrapped stay as they are.
    pub fn unwrap(&self, bytes: Vec<u8>, place: &str) -> Result<Vec<u8>> {
        let mut bytes = match self.is_chunked.then(|| without_chunks(&bytes)).flatten() {
            Some(bytes) => bytes,
            None => bytes,
        };
        for packing in self.packings.iter().rev() {
            bytes = match packing.as_str() {
                "gzip" | "x-gzip" if bytes.starts_with(&[0x1f, 0x8b]) => {
                    unpacked(MultiGzDecoder::new(&bytes[..]), packing, place)?
                }
                "deflate" if is_zlib(&bytes) => unpacked(ZlibDecoder::new(&bytes[..]), packing, place)?,
                // Some servers leave out what zlib has around it.
                "deflate" => match unpacked(DeflateDecoder::new(&bytes[..]), packing, place) {
                    Err(_) if std::str::from_utf8(&bytes).is_ok() => bytes,
                    unpacked => unpacked?,
                },
                "br" if std::str::from_utf8(&bytes).is_err() => {
                    unpacked(brotli_decompressor::Decompressor::new(&bytes[..], BROTLI_BUFFER), packing, place)?
                }
                "zstd" | "compress" | "x-compress" if std::str::from_utf8(&bytes).is_err() => {
                    let why = format!("is packed as {packing}; treff unpacks gzip, deflate and br alone");
                    return Err(Error::page(place, why));
                }
                _ => bytes,
            };
        }
        Ok(bytes)
    }
}

fn unpacked(reader: impl Read, packing: &str, place: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = reader.take(MAX_PAGE_BYTES + 1).read_to_end(&mut bytes);
    if bytes.len() as u64 > MAX_PAGE_BYTES {
        return Err(too_large(place));
    }
    match read {
        Ok(_) => Ok(bytes),
        Err(error) => Err(Error::page(place, format!("its {packing} is damaged: {}", super::reason(&error)))),
    }
}

fn is_zlib(bytes: &[u8]) -> bool {
    matches!(bytes, [first, second, ..]
        if first & 0x0f == 8 && u16::from_be_bytes([*first, *second]).is_multiple_of(31))
}

/// The bytes of all chunks; those before the break where a chunk is cut off. `None` for what has no chunks.
fn without_chunks(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::with_capacity(bytes.len());
    let mut is_first = true;
    loop {
        let size = chunk_size(bytes);
        let Some((size, after)) = size else {
            return (!is_first).then_some(whole);
        };
        is_first = false;
        bytes = &bytes[after..];
        if size == 0 {
            return Some(whole);
        }
        let chunk = &bytes[..size.min(bytes.len())];
        whole.extend_from_slice(chunk);
        bytes = &bytes[chunk.len()..];
        bytes = bytes.strip_prefix(b"\r").unwrap_or(bytes);
        bytes = bytes.strip_prefix(b"\n").unwrap_or(bytes);
    }
}

/// The size that a chunk begins with, and how many bytes its line has.
fn chunk_size(bytes: &[u8]) -> Option<(usize, usize)> {
    let end = bytes.iter().take(1024).position(|byte| *byte == b'\n')?;
    let line = std::str::from_utf8(&bytes[..end]).ok()?;
    let digits = line.split(';').next()?.trim();
    // `from_str_radix` takes a sign.
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    Some((usize::from_str_radix(digits, 16).ok()?, end + 1))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn head(text: &str) -> Head {
        Head::parse(text.as_bytes()).unwrap().0
    }

    #[test]
    fn answers_that_are_pages() {
        let check = |head_text: &str, expected: Option<Format>| {
            let found = page(&head(&format!("{head_text}\r\n\r\n")));
            assert_eq!(found.map(|(format, _)| format), expected, "{head_text}");
        };
        check("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8", Some(Format::Html));
        check("HTTP/2 200\r\ncontent-TYPE:text/plain", Some(Format::Text));
        check("HTTP/1.0 200 OK\nContent-Type: Application/XHTML+xml", Some(Format::Html));
        check("HTTP/1.1 200 OK\r\nContent-Type: text/markdown", Some(Format::Markdown));
        check("HTTP/1.1 404 Not Found\r\nContent-Type: text/html", None);
        check("HTTP/1.1 200 OK\r\nContent-Type: image/png", None);
        check("HTTP/1.1 200 OK", None);
        check("", None);
        assert!(Head::parse(b"HTTP/1.1 200 OK\r\nA: b").is_none());
        let folded = head("x\r\nContent-Type:\r\n text/html;\r\n\tcharset=\"Latin1\"\r\n\r\n");
        assert_eq!(format(folded.field("content-type").unwrap()), Some((Format::Html, Some("latin1".into()))));
    }

    #[test]
    fn chunks_are_put_together() {
        let check = |bytes: &[u8], expected: Option<&str>| {
            let found = without_chunks(bytes).map(|bytes| String::from_utf8(bytes).unwrap());
            assert_eq!(found.as_deref(), expected, "{}", String::from_utf8_lossy(bytes));
        };
        check(b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", Some("abcde"));
        check(b"3\nabc\n0\n\n", Some("abc"));
        check(b"5\r\nabc", Some("abc"));
        check(b"3\r\nabc\r\nffffffffffffffffff\r\n", Some("abc"));
        check(b"<html>", None);
        check(b"+3\r\nabc", None);
        check(b"\r\n", None);
    }

    #[test]
    fn packed_bodies_are_unpacked() {
        let text = b"<p>side</p>".to_vec();
        let wrapping = |packing: &str| Wrapping { packings: vec![packing.to_string()], ..Wrapping::default() };
        let check = |packing: &str, bytes: Vec<u8>| {
            assert_eq!(wrapping(packing).unwrap(bytes, "").unwrap(), text, "{packing}");
        };
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), Default::default());
        gzip.write_all(&text).unwrap();
        let gzip = gzip.finish().unwrap();
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), Default::default());
        zlib.write_all(&text).unwrap();
        let mut deflate = flate2::write::DeflateEncoder::new(Vec::new(), Default::default());
        deflate.write_all(&text).unwrap();
        check("gzip", gzip.clone());
        check("deflate", zlib.finish().unwrap());
        check("deflate", deflate.finish().unwrap());
        // Stored as it stands, in brotli's own frame.
        check("br", [b"\x0b\x05\x80", &text[..], b"\x03"].concat());
        // Said, but not so.
        for packing in ["gzip", "deflate", "br", "identity"] {
            check(packing, text.clone());
        }
        assert!(wrapping("gzip").unwrap(gzip[..gzip.len() / 2].to_vec(), "").is_err());
        assert!(wrapping("br").unwrap(vec![0x8b, 0xff], "").is_err());
        assert!(wrapping("zstd").unwrap(vec![0x28, 0xb5, 0x2f, 0xfd], "").is_err());
    }

    #[test]
    fn a_bomb_ends_at_the_limit() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::copy(&mut std::io::repeat(b' ').take(MAX_PAGE_BYTES + 1), &mut gzip).unwrap();
        let wrapping = Wrapping { packings: vec!["gzip".to_string()], ..Wrapping::default() };
        let error = wrapping.unwrap(gzip.finish().unwrap(), "p.warc#a").unwrap_err().to_string();
        assert!(error.starts_with("p.warc#a: larger than"), "{error}");
    }
}

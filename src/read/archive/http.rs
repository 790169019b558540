//! Parses HTTP responses and decodes their bodies: chunks, gzip, deflate and brotli.

use std::io::Read;

use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use crate::error::{Error, Result};
use crate::model::Format;
use crate::read::page_errors::{MAX_PAGE_BYTES, io_reason, too_large};

const BROTLI_BUFFER_BYTES: usize = 4096;
/// Maximum length of a line that states the size of a chunk.
const MAX_CHUNK_LINE_BYTES: usize = 1024;

/// The start line and header fields of an HTTP message or a WARC record.
pub struct Headers {
    pub start_line: String,
    fields: Vec<(String, String)>,
}

impl Headers {
    /// Parses headers up to the empty line, and returns them and the offset of the body. `None` if there is no empty
    /// line.
    pub fn parse(bytes: &[u8]) -> Option<(Headers, usize)> {
        let mut fields: Vec<(String, String)> = Vec::new();
        let mut start_line = None;
        let mut offset = 0;
        loop {
            let line = &bytes[offset..];
            let length = line.iter().position(|byte| *byte == b'\n')?;
            offset += length + 1;
            // The fields that are used here are ASCII.
            let line = String::from_utf8_lossy(&line[..length]);
            let line = line.trim_end_matches('\r');
            if line.is_empty() {
                return Some((Headers { start_line: start_line.unwrap_or_default(), fields }, offset));
            }
            if start_line.is_none() {
                start_line = Some(line.to_string());
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

    /// The first field with this name, which must be lower-case.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// How the body of a response is encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BodyEncoding {
    is_chunked: bool,
    /// Compressions in the order in which the server applied them, in lower case.
    codings: Vec<String>,
    /// The character encoding, as the server names it.
    pub charset: Option<String>,
}

/// Format and encoding of a response that is a page: one with status 200 and a media type that treff reads.
pub fn parse_response(headers: &Headers) -> Option<(Format, BodyEncoding)> {
    let mut status_line = headers.start_line.split_ascii_whitespace();
    if !status_line.next()?.starts_with("HTTP/") || status_line.next()? != "200" {
        return None;
    }
    let (format, charset) = parse_media_type(headers.field("content-type")?)?;
    let values = |name: &str| {
        let values = headers.field(name).unwrap_or("").to_ascii_lowercase();
        values.split(',').map(|value| value.trim().to_string()).filter(|value| !value.is_empty()).collect::<Vec<_>>()
    };
    let is_chunked = values("transfer-encoding").iter().any(|value| value == "chunked");
    Some((format, BodyEncoding { is_chunked, codings: values("content-encoding"), charset }))
}

/// The format and character encoding of a media type; `None` for one that treff doesn't read.
pub fn parse_media_type(media_type: &str) -> Option<(Format, Option<String>)> {
    let mut parameters = media_type.split(';').map(|parameter| parameter.trim().to_ascii_lowercase());
    let format = match parameters.next()?.as_str() {
        "text/html" | "application/xhtml+xml" => Format::Html,
        "text/plain" => Format::Text,
        "text/markdown" | "text/x-markdown" => Format::Markdown,
        _ => return None,
    };
    let charset =
        parameters.find_map(|value| Some(value.strip_prefix("charset=")?.trim_matches(['"', '\'']).to_string()));
    Some((format, charset.filter(|charset| !charset.is_empty())))
}

impl BodyEncoding {
    /// An uncompressed body.
    pub fn plain(charset: Option<String>) -> BodyEncoding {
        BodyEncoding { charset, ..BodyEncoding::default() }
    }

    /// Decodes a body. Crawlers that store bodies decompressed often keep the original headers, so a body that is
    /// not encoded as the headers claim is returned unchanged.
    pub fn decode(&self, bytes: Vec<u8>, location: &str) -> Result<Vec<u8>> {
        let mut bytes = match self.is_chunked.then(|| decode_chunks(&bytes)).flatten() {
            Some(bytes) => bytes,
            None => bytes,
        };
        for coding in self.codings.iter().rev() {
            bytes = match coding.as_str() {
                "gzip" | "x-gzip" if bytes.starts_with(&[0x1f, 0x8b]) => {
                    decompress(MultiGzDecoder::new(&bytes[..]), coding, location)?
                }
                "deflate" if has_zlib_header(&bytes) => decompress(ZlibDecoder::new(&bytes[..]), coding, location)?,
                // Some servers send a raw deflate stream, without the zlib header.
                "deflate" => match decompress(DeflateDecoder::new(&bytes[..]), coding, location) {
                    Err(_) if std::str::from_utf8(&bytes).is_ok() => bytes,
                    decompressed => decompressed?,
                },
                "br" if std::str::from_utf8(&bytes).is_err() => {
                    let decoder = brotli_decompressor::Decompressor::new(&bytes[..], BROTLI_BUFFER_BYTES);
                    decompress(decoder, coding, location)?
                }
                "zstd" | "compress" | "x-compress" if std::str::from_utf8(&bytes).is_err() => {
                    let reason = format!(
                        "compressed with {coding}, but treff reads only gzip, deflate and br; decompress the body first"
                    );
                    return Err(Error::page(location, reason));
                }
                _ => bytes,
            };
        }
        Ok(bytes)
    }
}

fn decompress(decoder: impl Read, coding: &str, location: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let result = decoder.take(MAX_PAGE_BYTES + 1).read_to_end(&mut bytes);
    if bytes.len() as u64 > MAX_PAGE_BYTES {
        return Err(too_large(location));
    }
    match result {
        Ok(_) => Ok(bytes),
        Err(error) => Err(Error::page(location, format!("damaged {coding} data: {}", io_reason(&error)))),
    }
}

/// Whether the bytes start with a zlib header (RFC 1950): method 8, and check bits that make the first two bytes a multiple
/// of 31.
fn has_zlib_header(bytes: &[u8]) -> bool {
    matches!(bytes, [first, second, ..]
        if first & 0x0f == 8 && u16::from_be_bytes([*first, *second]).is_multiple_of(31))
}

/// Joins the chunks of a body, as far as they go if it is truncated. `None` if the body is not chunked.
fn decode_chunks(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::with_capacity(bytes.len());
    let mut is_first = true;
    loop {
        let Some((size, line_length)) = chunk_size(bytes) else {
            return (!is_first).then_some(body);
        };
        is_first = false;
        bytes = &bytes[line_length..];
        if size == 0 {
            return Some(body);
        }
        let chunk = &bytes[..size.min(bytes.len())];
        body.extend_from_slice(chunk);
        bytes = &bytes[chunk.len()..];
        bytes = bytes.strip_prefix(b"\r").unwrap_or(bytes);
        bytes = bytes.strip_prefix(b"\n").unwrap_or(bytes);
    }
}

/// The size of a chunk, and the length of the line that states it.
fn chunk_size(bytes: &[u8]) -> Option<(usize, usize)> {
    let end = bytes.iter().take(MAX_CHUNK_LINE_BYTES).position(|byte| *byte == b'\n')?;
    let line = std::str::from_utf8(&bytes[..end]).ok()?;
    let digits = line.split(';').next()?.trim();
    // `from_str_radix` accepts a sign.
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    Some((usize::from_str_radix(digits, 16).ok()?, end + 1))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn headers(text: &str) -> Headers {
        Headers::parse(text.as_bytes()).unwrap().0
    }

    #[test]
    fn accepts_successful_responses_of_readable_types() {
        let check = |text: &str, expected: Option<Format>| {
            let response = parse_response(&headers(&format!("{text}\r\n\r\n")));
            assert_eq!(response.map(|(format, _)| format), expected, "{text}");
        };
        check("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8", Some(Format::Html));
        check("HTTP/2 200\r\ncontent-TYPE:text/plain", Some(Format::Text));
        check("HTTP/1.0 200 OK\nContent-Type: Application/XHTML+xml", Some(Format::Html));
        check("HTTP/1.1 200 OK\r\nContent-Type: text/markdown", Some(Format::Markdown));
        check("HTTP/1.1 404 Not Found\r\nContent-Type: text/html", None);
        check("HTTP/1.1 200 OK\r\nContent-Type: image/png", None);
        check("HTTP/1.1 200 OK", None);
        check("", None);
        assert!(Headers::parse(b"HTTP/1.1 200 OK\r\nA: b").is_none());
        let folded = headers("x\r\nContent-Type:\r\n text/html;\r\n\tcharset=\"Latin1\"\r\n\r\n");
        assert_eq!(
            parse_media_type(folded.field("content-type").unwrap()),
            Some((Format::Html, Some("latin1".into())))
        );
    }

    #[test]
    fn joins_chunks() {
        let check = |bytes: &[u8], expected: Option<&str>| {
            let body = decode_chunks(bytes).map(|bytes| String::from_utf8(bytes).unwrap());
            assert_eq!(body.as_deref(), expected, "{}", String::from_utf8_lossy(bytes));
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
    fn decompresses_bodies() {
        let text = b"<p>side</p>".to_vec();
        let encoding = |coding: &str| BodyEncoding { codings: vec![coding.to_string()], ..BodyEncoding::default() };
        let check = |coding: &str, bytes: Vec<u8>| {
            assert_eq!(encoding(coding).decode(bytes, "").unwrap(), text, "{coding}");
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
        // Stored uncompressed in a brotli frame.
        check("br", [b"\x0b\x05\x80", &text[..], b"\x03"].concat());
        // Declared, but not compressed.
        for coding in ["gzip", "deflate", "br", "identity"] {
            check(coding, text.clone());
        }
        assert!(encoding("gzip").decode(gzip[..gzip.len() / 2].to_vec(), "").is_err());
        assert!(encoding("br").decode(vec![0x8b, 0xff], "").is_err());
        assert!(encoding("zstd").decode(vec![0x28, 0xb5, 0x2f, 0xfd], "").is_err());
    }

    #[test]
    fn stops_decompressing_at_the_page_limit() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::copy(&mut std::io::repeat(b' ').take(MAX_PAGE_BYTES + 1), &mut gzip).unwrap();
        let encoding = BodyEncoding { codings: vec!["gzip".to_string()], ..BodyEncoding::default() };
        let error = encoding.decode(gzip.finish().unwrap(), "p.warc#a").unwrap_err().to_string();
        assert!(error.starts_with("p.warc#a: larger than"), "{error}");
    }
}

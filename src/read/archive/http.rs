//! Parses HTTP responses and decodes their bodies: chunks, gzip, deflate, brotli and zstd.
//!
//! A stored body is often not encoded as its headers say, because the crawler decoded it and kept the headers, or
//! because the server was wrong. So the bytes decide: a stated encoding that they rule out is ignored, and a body whose
//! encoding is unclear is kept as it is.

use std::io::Read;

use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use crate::error::{Error, Result};
use crate::model::Format;
use crate::read::file_kind::is_html;
use crate::read::magic_numbers::{GZIP_MAGIC, ZSTD_MAGIC, kind_of_bytes};
use crate::read::not_read::{kind_of_extension, kind_of_media_type};
use crate::read::page_errors::{MAX_PAGE_BYTES, io_reason, too_large};

const BROTLI_BUFFER_BYTES: usize = 4096;
/// Maximum length of a line that states the size of a chunk.
const MAX_CHUNK_LINE_BYTES: usize = 1024;
/// Maximum number of times that a body is decompressed. Real bodies are compressed at most twice.
const MAX_LAYERS: usize = 4;
/// Number of bytes at the start of a body that are examined to tell text from compressed data.
const EXAMINED_BYTES: usize = 1024;
/// Text that isn't valid UTF-8 has at most one control character in this many bytes; compressed data has one in about
/// ten.
const TEXT_BYTES_PER_CONTROL: usize = 30;

/// The start line and header fields of an HTTP message or a WARC record.
pub struct Headers {
    pub start_line: String,
    fields: Vec<(String, String)>,
}

impl Headers {
    /// Parses headers up to the empty line, and returns them and the offset of the body. If the empty line is missing,
    /// the body starts at the first line that begins with `<`; `None` if there is no such line.
    pub fn parse(bytes: &[u8]) -> Option<(Headers, usize)> {
        let mut fields: Vec<(String, String)> = Vec::new();
        let mut start_line = None;
        let mut offset = 0;
        loop {
            let line = &bytes[offset..];
            if start_line.is_some() && line.starts_with(b"<") {
                return Some((Headers { start_line: start_line.unwrap_or_default(), fields }, offset));
            }
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
        self.values(name).next()
    }

    /// The values of all fields with this name, which must be lower-case.
    fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The comma-separated elements of all fields with this name, in lower case.
    fn elements(&self, name: &str) -> impl Iterator<Item = String> {
        let elements = self.values(name).flat_map(|value| value.split(','));
        elements.map(|value| value.trim().to_ascii_lowercase()).filter(|value| !value.is_empty())
    }
}

/// How the body of a response is encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BodyEncoding {
    is_chunked: bool,
    /// Compression formats in the order in which the server applied them, in lower case.
    codings: Vec<String>,
    /// The length that the headers state.
    length: Option<u64>,
    /// The character encoding, as the server names it.
    pub charset: Option<String>,
}

/// What a response contains according to its headers.
#[derive(Debug, PartialEq)]
pub enum Payload {
    /// A page. The format is `None` if it can be recognized only by the content.
    Page(Option<Format>, BodyEncoding),
    /// Content that treff doesn't read, named by a noun in the singular.
    NotRead(String),
    /// A response with damaged headers, possibly a page. Contains the reason.
    Damaged(&'static str),
}

/// The reason for a response whose status line or headers can't be parsed.
pub const MALFORMED_RESPONSE: &str = "malformed HTTP response";

/// Returns what a response contains. A page has status 200, 203 (from a proxy) or 206 (a part), and a supported media
/// type or none.
pub fn parse_response(headers: &Headers) -> Payload {
    let mut status_line = headers.start_line.split_ascii_whitespace();
    let status = match status_line.next() {
        Some(protocol) if protocol.starts_with("HTTP/") || protocol == ":status:" => status_line.next().unwrap_or(""),
        _ => "",
    };
    if !matches!(status, "200" | "203" | "206") {
        return match is_status_code(status) {
            true => Payload::NotRead(format!("HTTP {status} response")),
            false => Payload::Damaged(MALFORMED_RESPONSE),
        };
    }
    let is_chunked = headers.elements("transfer-encoding").any(|value| value == "chunked");
    let encoding = BodyEncoding {
        is_chunked,
        codings: headers.elements("content-encoding").collect(),
        length: headers.field("content-length").and_then(|length| length.parse().ok()),
        charset: None,
    };
    // Several media types may repeat or contradict each other; the first that treff supports is used.
    let media_types: Vec<&str> = headers.values("content-type").flat_map(|value| value.split(',')).collect();
    match parse_media_types(&media_types) {
        Ok((format, charset)) => Payload::Page(format, BodyEncoding { charset, ..encoding }),
        Err(kind) => Payload::NotRead(kind),
    }
}

/// Whether a word of a status line has the form of a status code.
pub fn is_status_code(word: &str) -> bool {
    word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// The format and character encoding of a media type. The format is `None` if the type doesn't determine it. The
/// error names what is not read.
pub fn parse_media_type(media_type: &str) -> std::result::Result<(Option<Format>, Option<String>), String> {
    parse_media_types(&[media_type])
}

fn parse_media_types(media_types: &[&str]) -> std::result::Result<(Option<Format>, Option<String>), String> {
    let mut charset = None;
    let mut format = None;
    let mut not_read = None;
    for media_type in media_types {
        let mut parameters = media_type.split(';').map(|parameter| parameter.trim().to_ascii_lowercase());
        let essence = parameters.next().unwrap_or_default();
        match essence.as_str() {
            "text/html" | "application/xhtml+xml" => format = format.or(Some(Format::Html)),
            "text/plain" => format = format.or(Some(Format::Text)),
            "text/markdown" | "text/x-markdown" => format = format.or(Some(Format::Markdown)),
            // Servers send these if they don't know the type.
            ""
            | "unknown/unknown"
            | "application/unknown"
            | "*/*"
            | "text"
            | "html"
            | "none"
            | "null"
            | "application/octet-stream"
            | "binary/octet-stream"
            | "application/x-download"
            | "application/force-download" => {}
            other => not_read = not_read.or_else(|| Some(kind_of_media_type(other))),
        }
        let stated =
            parameters.find_map(|value| Some(value.strip_prefix("charset=")?.trim_matches(['"', '\'']).to_string()));
        charset = charset.or(stated.filter(|charset| !charset.is_empty()));
    }
    match (format, not_read) {
        (None, Some(kind)) => Err(kind),
        (format, _) => Ok((format, charset)),
    }
}

/// Recognizes the format of a body without a media type by its bytes and the extension in its `url`. The error says
/// what the body is instead.
pub fn sniff_body(body: &[u8], url: Option<&str>) -> std::result::Result<Format, String> {
    let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
    let starts_with = |tag: &str| text.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag.as_bytes()));
    // The elements by which the MIME Sniffing standard recognizes HTML, and a few more.
    let tags = [
        "<head", "<script", "<iframe", "<h1", "<div", "<font", "<table", "<a", "<style", "<title", "<b", "<body",
        "<br", "<p", "<!--", "<meta", "<main", "<article", "<section",
    ];
    let is_tag = |tag: &&str| {
        starts_with(tag)
            && text.get(tag.len()).is_none_or(|byte| matches!(byte, b' ' | b'>' | b'\n' | b'\r' | b'\t' | b'/'))
    };
    if is_html(body) || tags.iter().any(is_tag) || starts_with("<!--") {
        return Ok(Format::Html);
    }
    if let Some(kind) = kind_of_bytes(body) {
        return Err(kind.to_string());
    }
    let path = url.map_or("", |url| url.split(['?', '#']).next().unwrap_or(""));
    let extension = path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map(|(_, extension)| extension);
    if let Some(kind) = extension.and_then(|extension| kind_of_extension(&extension.to_ascii_lowercase())) {
        return Err(kind.to_string());
    }
    match text.first() {
        Some(b'<') => Err("XML file".to_string()),
        Some(b'{' | b'[') if serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok() => {
            Err("JSON file".to_string())
        }
        _ if is_text(body) => Ok(Format::Text),
        _ => Err("binary file".to_string()),
    }
}

/// A decoded body, with what the user should know about it.
#[derive(Debug, Default, PartialEq)]
pub struct DecodedBody {
    pub bytes: Vec<u8>,
    pub notes: Vec<String>,
}

/// A compression format of bodies.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Coding {
    Gzip,
    Zlib,
    /// Some servers send a raw deflate stream, without the zlib header.
    Deflate,
    Brotli,
    Zstd,
}

impl BodyEncoding {
    /// An uncompressed body.
    pub fn plain(charset: Option<String>) -> BodyEncoding {
        BodyEncoding { charset, ..BodyEncoding::default() }
    }

    /// Decodes a body according to its bytes; leaves it as it is if its encoding is unclear. Fails if the body is too large, or if it
    /// is compressed and none of it can be decoded.
    pub fn decode(&self, bytes: Vec<u8>, location: &str) -> Result<DecodedBody> {
        let mut body = DecodedBody { bytes, notes: Vec::new() };
        self.check_length(&mut body);
        self.join_chunks(&mut body);
        let mut codings = self.codings.clone();
        for _ in 0..MAX_LAYERS {
            let Some(coding) = coding_of(&body.bytes, &mut codings) else {
                break;
            };
            let (decoded, error) = decompress(coding, &body.bytes, location)?;
            match error {
                Some(reason) if decoded.is_empty() => {
                    return Err(Error::page(location, format!("damaged {} data: {reason}", coding.name())));
                }
                Some(reason) => {
                    body.notes.push(format!("damaged {} data ({reason}); read up to the damage", coding.name()));
                }
                None => {}
            }
            body.bytes = decoded;
        }
        if let Some(coding) = codings.iter().find(|coding| coding.ends_with("compress"))
            && !is_text(&body.bytes)
        {
            let reason = format!("compressed with {coding}, which is not supported; decompress the body first");
            return Err(Error::page(location, reason));
        }
        Ok(body)
    }

    /// Adds a note if the body is shorter than its headers state. The length of an encoded body is not checked, because
    /// crawlers often decode the body and keep the length.
    fn check_length(&self, body: &mut DecodedBody) {
        let length = body.bytes.len();
        if let Some(stated) = self.length
            && self.codings.is_empty()
            && !self.is_chunked
            && (length as u64) < stated
        {
            body.notes.push(format!("truncated: the page has {length} of {stated} bytes"));
        }
    }

    fn join_chunks(&self, body: &mut DecodedBody) {
        let Some(chunks) = parse_chunks(&body.bytes) else {
            return;
        };
        let starts_like_body = |bytes: &[u8]| {
            bytes.trim_ascii_start().starts_with(b"<") || bytes.starts_with(GZIP_MAGIC) || !self.codings.is_empty()
        };
        // A line of hexadecimal digits can also be the first line of a text.
        let is_certain = match chunks.end {
            ChunksEnd::Complete => chunks.count > 0,
            ChunksEnd::Truncated if chunks.count > 1 => true,
            ChunksEnd::Truncated => self.is_chunked && starts_like_body(&chunks.body),
            ChunksEnd::Damaged => self.is_chunked && chunks.count > 0,
        };
        if !is_certain {
            if self.is_chunked {
                let note = "its headers say that it is chunked, but no valid chunks were found; read as is";
                body.notes.push(note.to_string());
            }
            return;
        }
        match chunks.end {
            ChunksEnd::Complete => {}
            ChunksEnd::Truncated => body.notes.push("truncated: its last chunk is incomplete".to_string()),
            ChunksEnd::Damaged => {
                body.notes.push("damaged chunks; the rest of the body is read as is".to_string());
            }
        }
        body.bytes = chunks.body;
    }
}

impl Coding {
    fn name(self) -> &'static str {
        match self {
            Coding::Gzip => "gzip",
            Coding::Zlib | Coding::Deflate => "deflate",
            Coding::Brotli => "br",
            Coding::Zstd => "zstd",
        }
    }
}

/// The outermost compression of a body. A magic number decides, no matter what the headers state. If there is none and
/// the bytes are not text, the formats without a magic number are tried, stated or not. `stated` are the codings that
/// are not yet decoded.
fn coding_of(bytes: &[u8], stated: &mut Vec<String>) -> Option<Coding> {
    let mut take = |names: &[&str]| {
        let position = stated.iter().rposition(|coding| names.contains(&coding.as_str()));
        position.map(|position| stated.remove(position)).is_some()
    };
    if bytes.starts_with(GZIP_MAGIC) {
        take(&["gzip", "x-gzip"]);
        return Some(Coding::Gzip);
    }
    if bytes.starts_with(ZSTD_MAGIC) {
        take(&["zstd"]);
        return Some(Coding::Zstd);
    }
    if bytes.is_empty() || is_text(bytes) || kind_of_bytes(bytes).is_some() {
        return None;
    }
    let is_stated = |names: &[&str]| stated.iter().any(|coding| names.contains(&coding.as_str()));
    let candidates = [
        (Coding::Zlib, has_zlib_header(bytes), is_stated(&["deflate"])),
        (Coding::Brotli, true, is_stated(&["br"])),
        (Coding::Deflate, true, is_stated(&["deflate"])),
    ];
    let complete = |coding: Coding| {
        let decoded = decompress(coding, bytes, "").ok().filter(|(_, error)| error.is_none());
        decoded
            .is_some_and(|(decoded, _)| !decoded.is_empty() && (is_text(&decoded) || decoded.starts_with(GZIP_MAGIC)))
    };
    let possible = || candidates.iter().filter(|(_, is_possible, _)| *is_possible);
    let by_content = possible().find(|(coding, ..)| complete(*coding));
    // Damaged data is decoded as stated.
    let (coding, ..) = by_content.or_else(|| possible().find(|(.., is_stated)| *is_stated))?;
    stated.retain(|name| name != coding.name());
    Some(*coding)
}

/// Whether bytes are text in some encoding rather than compressed or other binary data.
fn is_text(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(EXAMINED_BYTES)];
    if encoding_rs::Encoding::for_bom(head).is_some() {
        return true;
    }
    let is_control = |byte: &&u8| matches!(byte, 0..=8 | 14..=26 | 28..=31);
    let controls = head.iter().filter(is_control).count();
    let is_valid = match std::str::from_utf8(head) {
        Ok(_) => true,
        // The last character may be truncated.
        Err(error) => error.error_len().is_none() && bytes.len() > head.len(),
    };
    // UTF-16 without a byte order mark has a NUL in most characters, and no other control characters.
    let nuls = head.iter().filter(|byte| **byte == 0).count();
    if nuls * 3 > head.len() {
        return controls - nuls <= head.len() / TEXT_BYTES_PER_CONTROL;
    }
    if is_valid {
        controls * 4 <= head.len()
    } else {
        controls * TEXT_BYTES_PER_CONTROL <= head.len() && head.len() > 8
    }
}

/// Decompresses as much as possible. Returns the bytes and, if the data is damaged, the reason. Fails if there are more
/// than `MAX_PAGE_BYTES`.
fn decompress(coding: Coding, bytes: &[u8], location: &str) -> Result<(Vec<u8>, Option<String>)> {
    let read = |decoder: &mut dyn Read| -> Result<(Vec<u8>, Option<String>)> {
        let mut decoded = Vec::new();
        let result = decoder.take(MAX_PAGE_BYTES + 1).read_to_end(&mut decoded);
        if decoded.len() as u64 > MAX_PAGE_BYTES {
            return Err(too_large(location));
        }
        Ok((decoded, result.err().map(|error| io_reason(&error))))
    };
    match coding {
        Coding::Gzip => read(&mut MultiGzDecoder::new(bytes)).map(|(decoded, error)| {
            // Bytes after the compressed data are padding.
            let error = error.filter(|_| !is_complete_gzip(bytes, decoded.len()));
            (decoded, error)
        }),
        Coding::Zlib => read(&mut ZlibDecoder::new(bytes)),
        Coding::Deflate => read(&mut DeflateDecoder::new(bytes)),
        Coding::Brotli => read(&mut brotli_decompressor::Decompressor::new(bytes, BROTLI_BUFFER_BYTES)),
        Coding::Zstd => match zstd::stream::read::Decoder::with_buffer(bytes) {
            Ok(mut decoder) => read(&mut decoder),
            Err(error) => Ok((Vec::new(), Some(io_reason(&error)))),
        },
    }
}

/// Whether the first gzip member of the bytes is complete and has this length when decompressed.
fn is_complete_gzip(bytes: &[u8], length: usize) -> bool {
    let mut decoder = flate2::bufread::GzDecoder::new(bytes);
    std::io::copy(&mut decoder, &mut std::io::sink()).is_ok_and(|copied| copied == length as u64)
}

/// Whether the bytes start with a zlib header (RFC 1950): method 8, and check bits that make the first two bytes a
/// multiple of 31.
fn has_zlib_header(bytes: &[u8]) -> bool {
    matches!(bytes, [first, second, ..]
        if first & 0x0f == 8 && u16::from_be_bytes([*first, *second]).is_multiple_of(31))
}

/// The chunks of a body.
#[derive(Debug, PartialEq)]
struct Chunks {
    /// Their data and, if they are damaged, all bytes after the last valid chunk.
    body: Vec<u8>,
    /// The number of complete chunks.
    count: usize,
    end: ChunksEnd,
}

#[derive(Debug, PartialEq)]
enum ChunksEnd {
    /// The last chunk is present.
    Complete,
    /// The body ends before the last chunk.
    Truncated,
    /// What follows the complete chunks is not a chunk.
    Damaged,
}

/// Joins the chunks of a body. `None` if it doesn't begin with one.
fn parse_chunks(mut bytes: &[u8]) -> Option<Chunks> {
    chunk_size(bytes)?;
    let mut chunks = Chunks { body: Vec::with_capacity(bytes.len()), count: 0, end: ChunksEnd::Truncated };
    loop {
        let Some((size, line_length)) = chunk_size(bytes) else {
            // The line with the size of the next chunk may be truncated.
            let is_cut = bytes.len() <= 10 && bytes.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'\r');
            if !is_cut {
                chunks.end = ChunksEnd::Damaged;
                chunks.body.extend_from_slice(bytes);
            }
            return Some(chunks);
        };
        let data = &bytes[line_length..];
        if size == 0 {
            chunks.end = ChunksEnd::Complete;
            chunks.body.extend_from_slice(after_trailers(data));
            return Some(chunks);
        }
        if size > data.len() {
            chunks.body.extend_from_slice(data);
            return Some(chunks);
        }
        let (chunk, rest) = data.split_at(size);
        let rest_after = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n"));
        match rest_after {
            Some(rest) => bytes = rest,
            None if rest.is_empty() || rest == b"\r" => bytes = b"",
            // The stated size is wrong.
            None => {
                chunks.end = ChunksEnd::Damaged;
                chunks.body.extend_from_slice(data);
                return Some(chunks);
            }
        }
        chunks.body.extend_from_slice(chunk);
        chunks.count += 1;
    }
}

/// What follows the trailer fields and the empty line after the last chunk.
fn after_trailers(mut bytes: &[u8]) -> &[u8] {
    loop {
        let end = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| end + 1);
        let line = bytes[..end].trim_ascii();
        let is_field = line
            .iter()
            .position(|byte| *byte == b':')
            .is_some_and(|colon| line[..colon].iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-'));
        match line {
            [] => return if bytes[end..].trim_ascii().is_empty() { b"" } else { &bytes[end..] },
            _ if is_field => bytes = &bytes[end..],
            _ => return bytes,
        }
    }
}

/// The size of a chunk, and the length of the line that states it.
fn chunk_size(bytes: &[u8]) -> Option<(usize, usize)> {
    let end = bytes.iter().take(MAX_CHUNK_LINE_BYTES).position(|byte| *byte == b'\n')?;
    let line = std::str::from_utf8(&bytes[..end]).ok()?;
    let digits = line.split(';').next()?.trim_end();
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
            let format = match parse_response(&headers(&format!("{text}\r\n\r\n"))) {
                Payload::Page(format, _) => format,
                Payload::NotRead(_) | Payload::Damaged(_) => None,
            };
            assert_eq!(format, expected, "{text}");
        };
        check("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8", Some(Format::Html));
        check("HTTP/2 200\r\ncontent-TYPE:text/plain", Some(Format::Text));
        check("HTTP/1.0 200 OK\nContent-Type: Application/XHTML+xml", Some(Format::Html));
        check("HTTP/1.1 200 OK\r\nContent-Type: text/markdown", Some(Format::Markdown));
        check("HTTP/1.1 404 Not Found\r\nContent-Type: text/html", None);
        check("HTTP/1.1 200 OK\r\nContent-Type: image/png", None);
        check("HTTP/1.1 206 Partial Content\r\nContent-Type: text/html", Some(Format::Html));
        check(":status: 200\r\ncontent-type: text/html", Some(Format::Html));
        check(
            "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Type: text/html",
            Some(Format::Html),
        );
        check("HTTP/1.1 200 OK\r\nContent-Type: text/html, text/html; charset=utf-8", Some(Format::Html));
        check("HTTP/1.1 200 OK", None);
        check("", None);
        assert!(Headers::parse(b"HTTP/1.1 200 OK\r\nA: b").is_none());
        let folded = headers("x\r\nContent-Type:\r\n text/html;\r\n\tcharset=\"Latin1\"\r\n\r\n");
        assert_eq!(
            parse_media_type(folded.field("content-type").unwrap()),
            Ok((Some(Format::Html), Some("latin1".into())))
        );
        let not_read = |text: &str| match parse_response(&headers(&format!("{text}\r\n\r\n"))) {
            Payload::Page(..) => String::new(),
            Payload::NotRead(kind) => kind,
            Payload::Damaged(reason) => reason.to_string(),
        };
        assert_eq!(not_read("HTTP/1.1 404 Not Found\r\nContent-Type: text/html"), "HTTP 404 response");
        assert_eq!(not_read("HTTP/2 301"), "HTTP 301 response");
        assert_eq!(not_read("HTTP/1.1 200 OK\r\nContent-Type: image/png"), "image");
        for unknown in ["application/octet-stream", "binary/octet-stream; charset=utf-8", "", "*/*"] {
            assert_eq!(not_read(&format!("HTTP/1.1 200 OK\r\nContent-Type: {unknown}")), "");
        }
        assert_eq!(not_read("HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream, image/png"), "image");
        assert_eq!(not_read("HTTP/1.1 203 N\r\nA: b"), "");
    }

    fn decode(encoding: &BodyEncoding, bytes: &[u8]) -> (String, usize) {
        let body = encoding.decode(bytes.to_vec(), "p").unwrap();
        (String::from_utf8_lossy(&body.bytes).into_owned(), body.notes.len())
    }

    #[test]
    fn joins_chunks() {
        let check = |is_chunked: bool, bytes: &[u8], expected: &str, notes: usize| {
            let encoding = BodyEncoding { is_chunked, ..BodyEncoding::default() };
            let shown = String::from_utf8_lossy(bytes);
            assert_eq!(decode(&encoding, bytes), (expected.to_string(), notes), "{is_chunked} {shown}");
        };
        for is_chunked in [true, false] {
            check(is_chunked, b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", "abcde", 0);
            check(is_chunked, b"3\nabc\n0\n\n", "abc", 0);
            check(is_chunked, b"3\r\nabc\r\n0\r\nX-Trailer: a\r\n\r\n", "abc", 0);
            check(is_chunked, b"3\r\nabc\r\n3\r\ndef\r\n9\r\ng", "abcdefg", 1);
            check(is_chunked, b"<html>", "<html>", 0);
            check(is_chunked, b"+3\r\nabc", "+3\r\nabc", 0);
            check(is_chunked, b"\r\n", "\r\n", 0);
        }
        // Bodies that may not be chunked are kept as they are.
        check(true, b"2020\r\nPlan for kommunen.", "2020\r\nPlan for kommunen.", 1);
        check(false, b"2020\r\nPlan for kommunen.", "2020\r\nPlan for kommunen.", 0);
        check(false, b"5\r\n<p>ab", "5\r\n<p>ab", 0);
        check(true, b"5\r\n<p>a", "<p>a", 1);
        check(true, b"3\r\nabc\r\nffffffffffffffffff\r\nmer", "abcffffffffffffffffff\r\nmer", 1);
        check(true, b"3\r\nabc\r\n2\r\ndefg\r\n0\r\n\r\n", "abcdefg\r\n0\r\n\r\n", 1);
        check(true, b"3\r\nabc\r\n0\r\n\r\nmer tekst", "abcmer tekst", 0);
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Default::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn decompresses_bodies_regardless_of_their_headers() {
        // Long enough that compressed data is not mistaken for text.
        let text: String = (0..200).map(|number| format!("<p>Side {number} om kommunen, på norsk.</p>\n")).collect();
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), Default::default());
        zlib.write_all(text.as_bytes()).unwrap();
        let mut deflate = flate2::write::DeflateEncoder::new(Vec::new(), Default::default());
        deflate.write_all(text.as_bytes()).unwrap();
        let latin1: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        // Stored uncompressed in a brotli frame.
        let brotli = [b"\x0b\x05\x80", &b"<p>side</p>"[..], b"\x03"].concat();
        let encoding = |codings: &str| BodyEncoding {
            codings: codings.split_ascii_whitespace().map(str::to_string).collect(),
            ..BodyEncoding::default()
        };
        let check = |codings: &str, bytes: &[u8], expected: &[u8]| {
            let body = encoding(codings).decode(bytes.to_vec(), "p").unwrap();
            assert!(body.bytes == expected && body.notes.is_empty(), "{codings}: {:?}", body.notes);
        };
        let bodies = [
            gzip(text.as_bytes()),
            zlib.finish().unwrap(),
            deflate.finish().unwrap(),
            zstd::encode_all(text.as_bytes(), 3).unwrap(),
            gzip(&gzip(text.as_bytes())),
            zstd::encode_all(&gzip(text.as_bytes())[..], 3).unwrap(),
            text.clone().into_bytes(),
        ];
        for codings in
            ["", "gzip", "deflate", "br", "zstd", "identity", "gzip gzip", "gzip zstd", "zstd gzip", "x-gzip"]
        {
            for body in &bodies {
                check(codings, body, text.as_bytes());
            }
            check(codings, &latin1, &latin1);
        }
        check("br", &brotli, b"<p>side</p>");
        check("gzip", &[&gzip(text.as_bytes())[..], b"\0\0\0\0"].concat(), text.as_bytes());
        let packed = gzip(text.as_bytes());
        let cut = encoding("gzip").decode(packed[..packed.len() / 2].to_vec(), "p").unwrap();
        assert!(text.as_bytes().starts_with(&cut.bytes) && cut.bytes.len() > 100, "{} bytes", cut.bytes.len());
        assert!(cut.notes[0].starts_with("damaged gzip data (truncated data)"), "{:?}", cut.notes);
        assert!(encoding("gzip").decode(packed[..12].to_vec(), "p").is_err());
        assert!(encoding("br").decode(vec![0x8b, 0xff, 0, 1, 2, 3, 4, 5, 0x80, 0x81], "p").is_err());
        assert!(encoding("compress").decode(vec![0x1f, 0x9d, 0, 1, 2, 3, 4, 5, 0x80, 0x81], "p").is_err());
    }

    #[test]
    fn reports_bodies_that_are_shorter_than_stated() {
        let encoding = |length| BodyEncoding { length: Some(length), ..BodyEncoding::default() };
        assert_eq!(decode(&encoding(4), b"side"), ("side".to_string(), 0));
        assert_eq!(decode(&encoding(2), b"side"), ("side".to_string(), 0));
        assert_eq!(decode(&encoding(9), b"side"), ("side".to_string(), 1));
    }

    #[test]
    fn recognizes_bodies_without_a_media_type() {
        let check = |body: &[u8], url: &str, expected: std::result::Result<Format, &str>| {
            assert_eq!(sniff_body(body, Some(url)), expected.map_err(str::to_string), "{url}");
        };
        check(b"<!DOCTYPE html><p>", "http://a.no/", Ok(Format::Html));
        check(b"\n<title>T</title>", "http://a.no/a.html", Ok(Format::Html));
        check("Om barnevern på Ås.".as_bytes(), "http://a.no/om", Ok(Format::Text));
        check(b"%PDF-1.4", "http://a.no/om", Err("PDF document"));
        check(b"body { color: red }", "http://a.no/stil.css?v=2", Err("style sheet"));
        check(b"{\"a\": [1]}", "http://a.no/api", Err("JSON file"));
        check(b"<?xml version=\"1.0\"?><rss>", "http://a.no/feed", Err("XML file"));
        check(b"<?xml version=\"1.0\"?><html>", "http://a.no/side", Ok(Format::Html));
        check(b"\0\x01\x02\x03", "http://a.no/om", Err("binary file"));
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

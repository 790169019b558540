//! Reads web archives: WARC, and the WET files of extracted text.

use std::io::{BufRead, ErrorKind, Read};

use super::compressed_records::{DamagedMember, RECORD_START};
use super::http::{
    BodyEncoding, Headers, MALFORMED_RESPONSE, Payload, is_status_code, parse_media_type, parse_response,
};
use super::stream::read_from_buffer;
use crate::error::Error;
use crate::read::file_names::member_name;
use crate::read::page_errors::{MAX_PAGE_BYTES, REPLACE_ARCHIVE, io_reason, location, pages_before, too_large};
use crate::read::prefetch::{Flow, UnitSink};
use crate::read::unit::{RawBody, RawPage};

/// Maximum length of the headers of a record: longer than the headers of any real record.
const MAX_HEADER_BYTES: u64 = 1 << 16;
/// After this many damaged records in an archive, the rest is skipped, because recovering from each of them can require
/// reading a large block again.
const MAX_DAMAGED_RECORDS: usize = 100;
/// The standard separates records by two line ends; some writers add more.
const MAX_LINE_ENDS: usize = 16;
const WRONG_LENGTH: &str = "wrong Content-Length";
const RECORDS_AFTER_READ: &str = "the records after it were read";

/// Adds the pages of an archive, in archive order: responses, resources, and extracted texts (conversions). A page is
/// named by its URL. WARC-Date is ignored, because it is the time of the crawl, not of publication. `member` is the
/// name of the archive in a WACZ file.
pub fn read_warc(file: &str, member: Option<&str>, reader: &mut dyn BufRead, sink: &mut UnitSink) -> Flow {
    let in_member = member.map_or_else(String::new, |member| format!(" of {member}"));
    let mut input = Input { reader, unread: Vec::new(), unread_from: 0, offset: 0, damaged_next: None };
    let mut damaged = 0;
    let mut number = 0;
    loop {
        number += 1;
        let failure = match read_record(file, &in_member, number, &mut input, sink) {
            Ok(Step::Record(flow)) => {
                flow?;
                continue;
            }
            Ok(Step::End) => return Flow::Continue(()),
            Err(failure) => failure,
        };
        let Failure { name, offset, cause } = failure;
        damaged += 1;
        let record = format!("record at byte {offset}");
        let (reason, place, continues) = match cause {
            Cause::Truncated(reason) => (reason, record, None),
            Cause::Damaged(reason) => {
                let continues = damaged <= MAX_DAMAGED_RECORDS && input.skip_to_record(offset).unwrap_or(false);
                (reason, record, Some(continues))
            }
            Cause::DamagedMember(member) => {
                input.forget_unread();
                let place = format!("{} at byte {}", member.kind, member.offset);
                (member.reason, place, Some(damaged <= MAX_DAMAGED_RECORDS))
            }
        };
        let kept = match continues {
            None => pages_before(sink.page_count()),
            Some(true) => RECORDS_AFTER_READ.to_string(),
            Some(false) => "the rest of the archive is skipped".to_string(),
        };
        let shown_name = name.clone().unwrap_or_else(|| format!("record {number}"));
        let error = damage_error(file, &shown_name, &reason, &format!("{place}{in_member}"), &kept);
        if continues != Some(true) {
            return sink.push_rest(error, name.as_deref(), None);
        }
        sink.push_damaged(error, name.as_deref())?;
    }
}

fn damage_error(file: &str, name: &str, reason: &str, place: &str, kept: &str) -> Error {
    Error::page(location(file, Some(name)), format!("{reason}, in the {place}; {kept}; {REPLACE_ARCHIVE}"))
}

enum Step {
    Record(Flow),
    End,
}

/// A record that can't be read.
struct Failure {
    /// Its name, if that is known and may be the name of a page.
    name: Option<String>,
    /// The offset at which it starts in the decompressed archive.
    offset: u64,
    cause: Cause,
}

/// Why a record can't be read, with the reason as text.
enum Cause {
    /// No record follows.
    Truncated(String),
    /// Other records may follow.
    Damaged(String),
    /// The compressed data is damaged. The next record starts at the current position.
    DamagedMember(DamagedMember),
}

fn cause_of(error: &std::io::Error) -> Cause {
    match DamagedMember::of(error) {
        Some(member) if member.continues => Cause::DamagedMember(member.clone()),
        _ => Cause::Truncated(io_reason(error)),
    }
}

fn read_record(
    file: &str,
    in_member: &str,
    number: usize,
    input: &mut Input,
    sink: &mut UnitSink,
) -> Result<Step, Failure> {
    let damaged_next = input.damaged_next.take();
    let is_at_end = input.skip_line_ends();
    let offset = input.offset;
    let unnamed = |cause| Failure { name: None, offset, cause };
    if let Some(member) = damaged_next {
        return Err(unnamed(Cause::DamagedMember(member)));
    }
    if is_at_end.map_err(|error| unnamed(cause_of(&error)))? {
        return Ok(Step::End);
    }
    let headers = input.read_headers().map_err(unnamed)?;
    let name = match (target_uri(&headers), headers.field("warc-record-id")) {
        (Some(uri), _) => member_name(uri.as_bytes()),
        (None, Some(id)) => member_name(id.as_bytes()),
        (None, None) => format!("record {number}"),
    };
    let may_be_page = matches!(payload(&headers, &[]), Some((Payload::Page(..) | Payload::Damaged(_), _)));
    let failure = |cause| Failure { name: may_be_page.then(|| name.clone()), offset, cause };
    let Some(size) = headers.field("content-length").and_then(|size| size.parse::<u64>().ok()) else {
        return Err(failure(Cause::Damaged("no Content-Length".to_string())));
    };
    let damaged =
        |reason| damage_error(file, &name, reason, &format!("record at byte {offset}{in_member}"), RECORDS_AFTER_READ);
    if size > MAX_PAGE_BYTES {
        return match skip_large_record(&headers, size, offset, input).map_err(failure)? {
            None => Ok(Step::Record(Flow::Continue(()))),
            Some(Payload::NotRead(kind)) => Ok(Step::Record(sink.push_not_read(kind, 1))),
            Some(Payload::Damaged(reason)) => Ok(Step::Record(sink.push_lost(damaged(reason), Some(&name)))),
            Some(Payload::Page(..)) => {
                Ok(Step::Record(sink.push_lost(too_large(&location(file, Some(&name))), Some(&name))))
            }
        };
    }
    let mut block = read_block(size, offset, input).map_err(failure)?;
    let (format, encoding, body_offset) = match payload(&headers, &block) {
        None => return Ok(Step::Record(Flow::Continue(()))),
        Some((Payload::NotRead(kind), _)) => return Ok(Step::Record(sink.push_not_read(kind, 1))),
        Some((Payload::Damaged(reason), _)) => {
            return Ok(Step::Record(sink.push_lost(damaged(reason), Some(&name))));
        }
        Some((Payload::Page(format, encoding), body_offset)) => (format, encoding, body_offset),
    };
    block.drain(..body_offset);
    let url = target_uri(&headers).map(str::to_string);
    let note = headers.field("warc-truncated").map(|reason| format!("truncated by the crawler ({reason})"));
    let body = RawBody::Web { format, url, encoding, note };
    let raw = RawPage { file: file.to_string(), member: Some(name), index_in_file: 0, body, bytes: block, note: None };
    Ok(Step::Record(sink.push_page(raw)))
}

/// Skips a record of more than `MAX_PAGE_BYTES`, and returns what it contains.
fn skip_large_record(
    headers: &Headers,
    size: u64,
    record_offset: u64,
    input: &mut Input,
) -> Result<Option<Payload>, Cause> {
    let start = input.read_exactly(MAX_HEADER_BYTES).map_err(|(_, cause)| cause)?;
    let rest = size - MAX_HEADER_BYTES;
    let skipped = std::io::copy(&mut input.take(rest), &mut std::io::sink());
    if skipped.map_err(|error| cause_of(&error))? < rest {
        return Err(Cause::Truncated("truncated, or wrong Content-Length".to_string()));
    }
    if !input.is_at_record(record_offset)? {
        return Err(Cause::Damaged(WRONG_LENGTH.to_string()));
    }
    Ok(payload(headers, &start).map(|(payload, _)| payload))
}

/// Reads the block of a record, and checks that another record or the end of the archive follows. If not, the position
/// is set to the next record that starts within the block, if there is one.
fn read_block(size: u64, record_offset: u64, input: &mut Input) -> Result<Vec<u8>, Cause> {
    let (block, cause) = match input.read_exactly(size) {
        Ok(block) => (block, None),
        Err((_, cause @ Cause::DamagedMember(_))) => return Err(cause),
        Err((block, cause)) => (block, Some(cause)),
    };
    if cause.is_none() && input.is_at_record(record_offset)? {
        return Ok(block);
    }
    // A Content-Length that is too large makes the block include the records after it.
    let next = block.windows(9).position(|bytes| bytes == b"\r\n\r\nWARC/");
    if let Some(next) = next {
        input.unread(&block[next + 4..]);
    }
    Err(match cause {
        Some(cause) if next.is_none() => cause,
        _ => Cause::Damaged(WRONG_LENGTH.to_string()),
    })
}

/// What a record contains, and the offset of its body in the block. `None` for records about the crawl.
fn payload(headers: &Headers, block: &[u8]) -> Option<(Payload, usize)> {
    match headers.field("warc-type").unwrap_or("").to_ascii_lowercase().as_str() {
        "response" => Some(response_payload(block)),
        "resource" | "conversion" => Some(match parse_media_type(headers.field("content-type").unwrap_or("")) {
            Ok((format, charset)) => (Payload::Page(format, BodyEncoding::plain(charset)), 0),
            Err(kind) => (Payload::NotRead(kind), 0),
        }),
        "warcinfo" | "request" | "metadata" => None,
        // A type is a token (RFC 2616, section 2.2).
        kind if kind.is_empty() || !kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) => {
            Some((Payload::Damaged("no valid WARC-Type"), 0))
        }
        "revisit" => Some((Payload::NotRead("revisit record".to_string()), 0)),
        other => Some((Payload::NotRead(format!("{other} record")), 0)),
    }
}

/// What a response contains. Interim responses (100 Continue), and the response of a proxy that opened a connection,
/// are skipped. A block without HTTP headers is a body, unless its first line looks like a damaged status line.
fn response_payload(block: &[u8]) -> (Payload, usize) {
    let mut offset = 0;
    loop {
        let message = &block[offset..];
        if !message.starts_with(b"HTTP/") && !message.starts_with(b":status:") {
            let payload = match has_damaged_status_line(message) {
                true => Payload::Damaged(MALFORMED_RESPONSE),
                false => Payload::Page(None, BodyEncoding::plain(None)),
            };
            return (payload, offset);
        }
        let Some((response, body_offset)) = Headers::parse(message) else {
            // A server may leave out the empty line after the headers if there is no body.
            let mut lines = message.split(|byte| *byte == b'\n').skip(1).filter(|line| !line.trim_ascii().is_empty());
            let payload = match lines.all(|line| line.contains(&b':')) {
                true => Payload::NotRead("empty HTTP response".to_string()),
                false => Payload::Damaged(MALFORMED_RESPONSE),
            };
            return (payload, offset);
        };
        offset += body_offset;
        let is_interim =
            response.start_line.split_ascii_whitespace().nth(1).is_some_and(|status| status.starts_with('1'));
        let has_next = block[offset..].starts_with(b"HTTP/");
        if !(has_next && (is_interim || response.field("content-type").is_none())) {
            return (parse_response(&response), offset);
        }
    }
}

/// Whether a block starts with a line that contains a status code, followed by the header fields of a page.
fn has_damaged_status_line(block: &[u8]) -> bool {
    if block.trim_ascii_start().starts_with(b"<") {
        return false;
    }
    Headers::parse(block).is_some_and(|(headers, _)| {
        headers.start_line.split_ascii_whitespace().skip(1).any(is_status_code)
            && headers.field("content-type").is_some()
    })
}

/// The URL of a page. Early writers put it in angle brackets.
fn target_uri(headers: &Headers) -> Option<&str> {
    let uri = headers.field("warc-target-uri")?;
    let uri = uri.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(uri);
    Some(uri).filter(|uri| !uri.is_empty())
}

/// A stream that tracks its position and accepts bytes that are pushed back.
struct Input<'a> {
    reader: &'a mut dyn BufRead,
    /// Bytes that were pushed back; those from `unread_from` on are still to be read.
    unread: Vec<u8>,
    unread_from: usize,
    /// In the decompressed archive, without what was skipped after damage to the compressed data.
    offset: u64,
    /// The member after the current position, if it is already known to be damaged.
    damaged_next: Option<DamagedMember>,
}

impl Input<'_> {
    fn read_headers(&mut self) -> Result<Headers, Cause> {
        let damaged = |reason: &str| Cause::Damaged(reason.to_string());
        let mut bytes = Vec::new();
        loop {
            let line_start = bytes.len();
            let left = MAX_HEADER_BYTES - line_start as u64;
            let read = self.take(left).read_until(b'\n', &mut bytes);
            if !bytes.starts_with(&RECORD_START[..bytes.len().min(RECORD_START.len())]) {
                return Err(damaged("no WARC/ at the start"));
            }
            match read {
                Err(error) => return Err(cause_of(&error)),
                Ok(_) if bytes.len() as u64 == MAX_HEADER_BYTES => {
                    return Err(damaged("unterminated headers"));
                }
                Ok(read) if read == 0 || !bytes.ends_with(b"\n") => {
                    return Err(Cause::Truncated("truncated data".to_string()));
                }
                Ok(_) if bytes[line_start..].trim_ascii().is_empty() => break,
                Ok(_) => {}
            }
        }
        // The last line may contain white space, and `Headers::parse` accepts only an empty line as the end.
        bytes.extend(b"\n");
        Headers::parse(&bytes).map(|(headers, _)| headers).ok_or_else(|| damaged("no headers"))
    }

    /// Reads `size` bytes. The error contains the bytes that could be read, and why the rest could not.
    fn read_exactly(&mut self, size: u64) -> Result<Vec<u8>, (Vec<u8>, Cause)> {
        // `size` comes from the archive and may be far too large.
        let mut block = Vec::with_capacity(usize::try_from(size.min(1 << 20)).unwrap_or(0));
        match self.take(size).read_to_end(&mut block) {
            Ok(_) if block.len() as u64 == size => Ok(block),
            Ok(_) => Err((block, Cause::Truncated("truncated data".to_string()))),
            Err(error) => Err((block, cause_of(&error))),
        }
    }

    /// Whether a record starts or the archive ends here, after up to `MAX_LINE_ENDS` line ends. If so, the line ends
    /// are skipped; otherwise the position is unchanged. Fails if the compressed data of the record that starts at
    /// `record_offset` turns out to be damaged.
    fn is_at_record(&mut self, record_offset: u64) -> Result<bool, Cause> {
        let mut line_ends = Vec::new();
        let mut bytes = Vec::new();
        let mut skip = || {
            while line_ends.len() < MAX_LINE_ENDS
                && let Some(byte @ (b'\r' | b'\n')) = self.fill_buf()?.first().copied()
            {
                line_ends.push(byte);
                self.consume(1);
            }
            self.take(RECORD_START.len() as u64).read_to_end(&mut bytes)
        };
        if let Err(error) = skip() {
            return match DamagedMember::of(&error) {
                Some(member) if self.is_after(member, record_offset) => {
                    self.damaged_next = Some(member.clone()).filter(|member| member.continues);
                    Ok(true)
                }
                Some(member) if member.continues || error.kind() != ErrorKind::UnexpectedEof => Err(cause_of(&error)),
                // The block is complete, and the next read also fails.
                _ => Ok(true),
            };
        }
        self.unread(&bytes);
        // At the end of the archive there may be fewer bytes: none, or a truncated record.
        let is_at_record = RECORD_START.starts_with(&bytes);
        if !is_at_record {
            self.unread(&line_ends);
        }
        Ok(is_at_record)
    }

    /// Whether `member`, the damaged member that was read last, started after `record_offset`.
    fn is_after(&self, member: &DamagedMember, record_offset: u64) -> bool {
        self.offset - member.bytes_read > record_offset
    }

    /// Skips line ends, and returns whether the archive ends after them.
    fn skip_line_ends(&mut self) -> std::io::Result<bool> {
        loop {
            let bytes = self.fill_buf()?;
            if bytes.is_empty() {
                return Ok(true);
            }
            let line_ends = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            let is_all = line_ends == bytes.len();
            self.consume(line_ends);
            if !is_all {
                return Ok(false);
            }
        }
    }

    /// Skips to the next line that starts a record, and returns whether there is one. `record_offset` is where the
    /// damaged record starts.
    fn skip_to_record(&mut self, record_offset: u64) -> std::io::Result<bool> {
        let mut is_line_start = true;
        loop {
            let mut line = Vec::new();
            if let Err(error) = self.take(MAX_HEADER_BYTES).read_until(b'\n', &mut line) {
                let Some(member) = DamagedMember::of(&error).filter(|member| member.continues) else {
                    return Err(error);
                };
                if self.is_after(member, record_offset) {
                    self.damaged_next = Some(member.clone());
                }
                return Ok(true);
            }
            if line.is_empty() {
                return Ok(false);
            }
            if is_line_start && line.starts_with(RECORD_START) {
                self.unread(&line);
                return Ok(true);
            }
            is_line_start = line.ends_with(b"\n");
        }
    }

    /// Drops the bytes that were pushed back.
    fn forget_unread(&mut self) {
        self.unread = Vec::new();
        self.unread_from = 0;
    }

    /// Pushes back `bytes`, which were read last.
    fn unread(&mut self, bytes: &[u8]) {
        self.offset -= bytes.len() as u64;
        if self.unread[..self.unread_from].ends_with(bytes) {
            self.unread_from -= bytes.len();
            return;
        }
        self.unread.splice(..self.unread_from, bytes.iter().copied());
        self.unread_from = 0;
    }

    fn take(&mut self, limit: u64) -> std::io::Take<&mut Self> {
        Read::take(self, limit)
    }
}

impl BufRead for Input<'_> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.unread_from < self.unread.len() {
            return Ok(&self.unread[self.unread_from..]);
        }
        self.forget_unread();
        self.reader.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.offset += amount as u64;
        if self.unread_from < self.unread.len() {
            self.unread_from += amount;
        } else {
            self.reader.consume(amount);
        }
    }
}

impl Read for Input<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        read_from_buffer(self, into)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::read::archive::decompressed;
    use crate::read::file_kind::{Compression, ContentType, FileKind};
    use crate::read::load::{Loaded, load};
    use crate::read::prefetch::prefetch;

    fn record(kind: &str, uri: &str, media_type: &str, block: &str) -> String {
        format!(
            "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {uri}\r\nContent-Type: {media_type}\r\n\
             Content-Length: {}\r\n\r\n{block}\r\n\r\n",
            block.len()
        )
    }

    fn response(uri: &str, text: &str) -> String {
        let block = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{text}");
        record("response", uri, "application/http; msgtype=response", &block)
    }

    /// Pages as `name=text`, notes and errors, in order.
    fn read(archive: &str) -> Vec<String> {
        read_compressed(archive.as_bytes(), Compression::None)
    }

    fn read_compressed(archive: &[u8], compression: Compression) -> Vec<String> {
        let archive = archive.to_vec();
        let units = prefetch("p".to_string(), move |sink| {
            let kind = FileKind { content: ContentType::Warc, compression };
            let mut records = decompressed(Box::new(&archive[..]), kind).unwrap();
            read_warc("p", None, &mut records, sink)
        });
        units
            .map(|unit| match unit.and_then(load) {
                Ok(Loaded::Page(page)) => format!("{}={}", page.id.record.unwrap(), page.text),
                Ok(Loaded::Note(note)) => note,
                Ok(Loaded::NotRead(kind, _)) => format!("not read: {kind}"),
                Err(part) => part.error.to_string(),
            })
            .collect()
    }

    #[track_caller]
    fn check(archive: &str, expected: &[&str]) {
        let read = read(archive);
        let is_expected = |(read, expected): (&String, &&str)| read.contains(*expected);
        assert!(read.len() == expected.len() && read.iter().zip(expected).all(is_expected), "{read:#?}");
    }

    #[test]
    fn reads_responses_resources_and_conversions() {
        let archive = [
            record("warcinfo", "", "application/warc-fields", "software: x"),
            record("request", "http://a.no/1", "application/http; msgtype=request", "GET / HTTP/1.1\r\n\r\n"),
            response("http://a.no/1", "en"),
            response("http://a.no/2", "").replace("text/html", "image/png"),
            response("http://a.no/3", "").replace("200 OK", "404 NF"),
            record("resource", "<http://a.no/4>", "text/plain", "fire"),
            record("conversion", "http://a.no/5", "text/plain", "fem"),
            record("revisit", "http://a.no/1", "application/http", "HTTP/1.1 200 OK\r\n\r\n"),
        ];
        let expected = [
            "http://a.no/1=en",
            "not read: image",
            "not read: HTTP 404 response",
            "http://a.no/4=fire",
            "http://a.no/5=fem",
            "not read: revisit record",
        ];
        check(&archive.concat(), &expected);
        let unix = "WARC/1.0\nWARC-Type: conversion\nContent-Type: text/plain\nContent-Length: 2\n\nen\n\n";
        check(&unix.repeat(2), &["record 1=en", "record 2=en"]);
        check(unix.trim_end(), &["record 1=en"]);
        check("", &[]);
    }

    #[test]
    fn reads_responses_with_unusual_headers() {
        let page = |uri: &str, block: &str| record("response", uri, "application/http; msgtype=response", block);
        let archive = [
            page("a:1", "HTTP/1.1 200 OK\r\n\r\n<p>en"),
            page("a:2", "HTTP/1.1 203 Non-Authoritative\nContent-Type: text/html\n\n<p>to"),
            page("a:3", "HTTP/2 206\r\ncontent-type: text/plain\r\n\r\ntre"),
            page("a:4", "<!doctype html><p>fire"),
            page("a:5", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>fem"),
            page("a:6", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n<p>seks"),
            page("a:7", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n%PDF-1.4"),
            page("a:8", "HTTP/1.1 503 Feil\r\n\r\n<p>feil"),
            record("continuation", "a:9", "text/html", "<p>ni"),
            page("a:10", "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n<html><p>ti"),
            page("a:11", "HTTP/1.1 200 OK\r\nContent-Type: binary/octet-stream\r\n\r\n\x01\x02\x03\x04"),
            page("a:12.pdf", "HTTP/1.1 200 OK\r\nContent-Type: application/force-download\r\n\r\n%PDF-1.4"),
        ];
        let expected = [
            "a:1=<p>en",
            "a:2=<p>to",
            "a:3=tre",
            "a:4=<!doctype html><p>fire",
            "a:5=<p>fem",
            "a:6=<p>seks",
            "not read: PDF document",
            "not read: HTTP 503 response",
            "not read: continuation record",
            "a:10=<html><p>ti",
            "not read: binary file",
            "not read: PDF document",
        ];
        check(&archive.concat(), &expected);
    }

    #[test]
    fn damaged_headers_are_reported_with_the_name_of_the_page() {
        let page = response("a:1", "en");
        let check = |from: &str, to: &str, expected: &str| {
            assert_eq!(page.matches(from).count(), 1, "{from}");
            let archive = page.replace(from, to) + &response("a:2", "to");
            check(&archive, &[expected, "a:2=to"]);
        };
        let malformed =
            "p#a:1: malformed HTTP response, in the record at byte 0; the records after it were read; replace";
        for (from, to) in [
            ("1.1 200", "1.1 2x0"),
            ("1.1 200", "1.1 20\u{8}"),
            ("1.1 200", "1.12200"),
            ("HTTP/", "HTTQ/"),
            ("HTTP/", "\0TTP/"),
            ("html\r\n\r\nen", "html\r\n\rXen"),
        ] {
            check(from, to, malformed);
        }
        for (from, to) in
            [("WARC-Type:", "WERC-Type:"), ("WARC-Type:", "WARC-Type;"), ("Type: response", "Type: re{ponse")]
        {
            check(
                from,
                to,
                "p#a:1: no valid WARC-Type, in the record at byte 0; the records after it were read; replace",
            );
        }
        // These look like damage, but are valid.
        check("200 OK", "301 OK", "not read: HTTP 301 response");
        check("\r\n\r\nen\r\n", "\r\nA: b\r\n", "not read: empty HTTP response");
        check("Type: response", "Type: Response", "a:1=en");
    }

    #[test]
    fn a_truncated_archive_keeps_the_pages_before_the_break() {
        let archive = [response("http://a.no/1", "en"), response("http://a.no/2", "to")].concat();
        let second = archive.rfind("WARC/").unwrap();
        for end in second + 1..archive.len() - 4 {
            let read = read(&archive[..end]);
            assert_eq!(read[0], "http://a.no/1=en");
            assert!(read.len() == 2 && read[1].contains("; 1 page was read before this point; "), "{end}: {read:?}");
        }
        check(&archive[..second], &["/1=en"]);
        check(&archive[..archive.len() - 4], &["/1=en", "/2=to"]);
    }

    #[test]
    fn a_wrong_length_loses_one_page() {
        let (one, two, three) = (response("a:1", "en"), response("a:2", "to"), response("a:3", "tre"));
        let length = |record: &str, length: &str| {
            let at = record.find("Content-Length: ").unwrap() + 16;
            let end = at + record[at..].find('\r').unwrap();
            format!("{}{length}{}", &record[..at], &record[end..])
        };
        for wrong in ["0", "10", "40", "60", "100", "300", "100000", "60000000"] {
            let archive = [one.as_str(), &length(&two, wrong), &three].concat();
            check(&archive, &["a:1=en", "p#a:2: wrong Content-Length, in the record at byte", "a:3=tre"]);
        }
        for wrong in ["", "-1", "x", "99999999999999999999999"] {
            let archive = [one.as_str(), &length(&two, wrong), &three].concat();
            check(&archive, &["a:1=en", "no Content-Length", "a:3=tre"]);
        }
        let between = [
            "p#a:1: wrong Content-Length, in the record at byte 0",
            "p#record 2: no Content-Length, in the record at byte 185",
            "a:3=tre",
        ];
        check(&[one.as_str(), "noe annet\nWARC/ er det ikke\r\n\r\n", &three].concat(), &between);
        check(&["no archive", &three].concat(), &["p#record 1: no WARC/ at the start, in the record at byte 0"]);
    }

    fn gzip(bytes: &[u8], level: flate2::Compression) -> Vec<u8> {
        let mut packed = Vec::new();
        flate2::read::GzEncoder::new(bytes, level).read_to_end(&mut packed).unwrap();
        packed
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = zstd::stream::Encoder::new(Vec::new(), 3).unwrap();
        encoder.include_checksum(true).unwrap();
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// Some records, one of which contains compressed records and a magic number.
    fn records() -> Vec<Vec<u8>> {
        let inner = gzip(response("b:1", "inni").as_bytes(), flate2::Compression::default());
        let tricky = [&[0x1f, 0x8b, 0x08, 0, 0x28, 0xb5, 0x2f, 0xfd][..], &gzip(b"tekst", flate2::Compression::none())];
        let mut records: Vec<Vec<u8>> = (0..7)
            .map(|number| {
                response(&format!("a:{number}"), &format!("side nummer {number} om skolen, og mer")).into_bytes()
            })
            .collect();
        let head = format!(
            "WARC/1.0\r\nWARC-Type: metadata\r\nWARC-Target-URI: a:1\r\nContent-Length: {}\r\n\r\n",
            tricky.concat().len() + inner.len()
        );
        records.insert(2, [head.as_bytes(), &tricky.concat(), &inner, b"\r\n\r\n"].concat());
        records
    }

    #[track_caller]
    fn check_pages(archive: &[u8], compression: Compression, lost: &[usize]) {
        let read = read_compressed(archive, compression);
        let (pages, rest): (Vec<_>, Vec<_>) = read.iter().partition(|text| text.starts_with("a:"));
        let expected: Vec<String> = (0..7)
            .filter(|number| !lost.contains(number))
            .map(|number| format!("a:{number}=side nummer {number} om skolen, og mer"))
            .collect();
        assert!(pages.iter().copied().eq(expected.iter()), "{lost:?}: {read:#?}");
        assert!(rest.iter().all(|text| text.starts_with("p#") || *text == "not read: metadata record"), "{rest:?}");
        assert_eq!(rest.is_empty(), lost.is_empty(), "{rest:?}");
    }

    #[test]
    fn a_damaged_member_loses_only_its_record() {
        let records = records();
        let levels = [flate2::Compression::none(), flate2::Compression::default()];
        let archives = levels.map(|level| records.iter().map(|record| gzip(record, level)).collect::<Vec<_>>());
        let zstd_archive: Vec<Vec<u8>> = records.iter().map(|record| zstd(record)).collect();
        let archives = archives.into_iter().map(|members| (members, Compression::Gzip));
        for (members, compression) in archives.chain([(zstd_archive, Compression::Zstd)]) {
            let pages = [Some(0), Some(1), None, Some(2), Some(3), Some(4), Some(5), Some(6)];
            let replaced = |index: usize, member: Vec<u8>| {
                let mut members = members.clone();
                members[index] = member;
                members.concat()
            };
            check_pages(&members.concat(), compression, &[]);
            for (index, page) in pages.iter().enumerate() {
                let Some(page) = page else { continue };
                let member = &members[index];
                // The last bytes are the checksum and, in gzip, the length.
                let damaged = [0, 1, 2, member.len() / 2, member.len() - 12, member.len() - 7, member.len() - 1];
                for at in damaged {
                    let mut member = member.clone();
                    member[at] ^= 0x55;
                    check_pages(&replaced(index, member), compression, &[*page]);
                }
                for length in [1, 5, 30, member.len() / 2, member.len() - 10, member.len() - 5] {
                    if index + 1 < members.len() {
                        check_pages(&replaced(index, member[..length].to_vec()), compression, &[*page]);
                    }
                }
                let after = [&member[..], b"\x1f\x8b\x08 noe annet \x28\xb5\x2f\xfd"].concat();
                let read = read_compressed(&replaced(index, after), compression);
                assert_eq!(read.iter().filter(|text| text.starts_with("a:")).count(), 7, "{read:?}");
                // Zeros after the last gzip member are padding.
                if index + 1 < members.len() {
                    check_pages(&replaced(index, vec![0; 100]), compression, &[*page]);
                }
            }
        }
    }

    #[test]
    fn names_the_damaged_member() {
        let members: Vec<Vec<u8>> =
            records().iter().map(|record| gzip(record, flate2::Compression::default())).collect();
        let start: usize = members[..4].iter().map(Vec::len).sum();
        let mut archive = members.concat();
        archive[start + members[4].len() - 6] ^= 1;
        let read = read_compressed(&archive, Compression::Gzip);
        let expected = format!(
            "p#a:3: wrong checksum, in the gzip member at byte {start}; the records after it were read; replace the archive \
             with an intact copy"
        );
        assert!(read.contains(&expected), "{read:#?}");
        // Without an intact header the name is not known.
        archive[start] = 0;
        let expected = format!("p#record 5: invalid gzip header, in the gzip member at byte {start}; ");
        let read = read_compressed(&archive, Compression::Gzip);
        assert!(read.iter().any(|text| text.starts_with(&expected)), "{read:#?}");
    }

    #[test]
    fn many_damaged_members_take_linear_time() {
        let member = gzip(response("a:1", "side").as_bytes(), flate2::Compression::default());
        let cut = &member[..member.len() - 9];
        let read = read_compressed(&cut.repeat(2000), Compression::Gzip);
        assert_eq!(read.len(), MAX_DAMAGED_RECORDS + 1);
        assert!(read[MAX_DAMAGED_RECORDS].contains("the rest of the archive is skipped"), "{read:?}");
        let magic = [&member[..], &[0x1f, 0x8b, 0x08, 0].repeat(1 << 20)].concat();
        assert_eq!(read_compressed(&magic, Compression::Gzip).len(), 2);
    }

    #[test]
    fn reports_large_records_only_if_they_are_pages() {
        let large = " ".repeat(MAX_PAGE_BYTES as usize);
        let archive = [
            response("a:1", &large),
            response("a:2", &large).replace("text/html", "video/mp4"),
            response("a:3", "tre"),
        ];
        check(&archive.concat(), &["p#a:1: larger than 64 MB", "not read: video", "a:3=tre"]);
    }
}

//! Given a web archive (WARC, or the WET made of one), which pages are in it?

use std::io::{BufRead, Read};

use super::ahead::{Body, Flow, Out, Raw};
use super::http::{self, Head, Wrapping};
use super::{MAX_PAGE_BYTES, members, place, reason, too_large};
use crate::error::Error;
use crate::model::Format;

/// More than any head has.
const MAX_HEAD_BYTES: u64 = 1 << 16;
/// What has more damaged records than these is not read on: each can cost the reading of a large block.
const MAX_DAMAGED: usize = 100;
/// Two stand between records; some writers leave more.
const MAX_LINE_ENDS: usize = 16;
/// What a record begins with.
const BEGINNING: &[u8] = b"WARC/";

/// Reads the records from front to back. A page is an answer of a server with status 200, a file, or the text made
/// of one; its name is its address. When a crawler came by says nothing of when a page was published, so that date
/// is passed over.
pub fn read(file: &str, reader: &mut dyn BufRead, out: &mut Out) -> Flow {
    let mut input = Input { reader, again: Vec::new(), from: 0, at: 0 };
    let mut damaged = 0;
    let mut number = 0;
    loop {
        number += 1;
        let fault = match record(file, number, &mut input, out) {
            Ok(Step::Read(flow)) => {
                flow?;
                continue;
            }
            Ok(Step::End) => return Flow::Continue(()),
            Err(fault) => fault,
        };
        let at = fault.at;
        let name = fault.name.unwrap_or_else(|| format!("record {number}"));
        let why = match fault.why {
            Why::CutOff(why) => {
                let pages = out.pages();
                let why = format!("at byte {at} {why}; the {pages} pages before it are used; get the archive again");
                return out.problem(Error::page(place(file, Some(&name)), why));
            }
            Why::Damaged(why) => why,
        };
        damaged += 1;
        let goes_on = damaged <= MAX_DAMAGED && input.find_record().unwrap_or(false);
        let after = if goes_on { "the records after it are used" } else { "nothing after it is used" };
        out.problem(Error::page(
            place(file, Some(&name)),
            format!("at byte {at} {why}; {after}; get the archive again"),
        ))?;
        if !goes_on {
            return Flow::Continue(());
        }
    }
}

enum Step {
    Read(Flow),
    End,
}

/// What is wrong with a record, and where it begins in the unpacked archive.
struct Fault {
    name: Option<String>,
    at: u64,
    why: Why,
}

enum Why {
    /// There is no more to read.
    CutOff(String),
    /// Other records may follow.
    Damaged(String),
}

/// One record.
fn record(file: &str, number: usize, input: &mut Input, out: &mut Out) -> Result<Step, Fault> {
    let is_over = input.skip_line_ends();
    let at = input.at;
    let fault = |name: Option<String>, why| Fault { name, at, why };
    let cut_off = |error: &std::io::Error| Why::CutOff(reason(error));
    if is_over.map_err(|error| fault(None, cut_off(&error)))? {
        return Ok(Step::End);
    }
    let head = input.head().map_err(|why| fault(None, why))?;
    let name = match (address(&head), head.field("warc-record-id")) {
        (Some(address), _) => members::name(address.as_bytes()),
        (None, Some(id)) => members::name(id.as_bytes()),
        (None, None) => format!("record {number}"),
    };
    let fault = |why| Fault { name: Some(name.clone()), at, why };
    let Some(size) = head.field("content-length").and_then(|size| size.parse::<u64>().ok()) else {
        return Err(fault(Why::Damaged("has no length".to_string())));
    };
    if size > MAX_PAGE_BYTES {
        let mut flow = Flow::Continue(());
        let beginning = input.block(MAX_HEAD_BYTES).map_err(|(_, why)| fault(why))?;
        if payload(&head, &beginning).is_some() {
            flow = out.problem(too_large(&place(file, Some(&name))));
        }
        let rest = size - MAX_HEAD_BYTES;
        let skipped = std::io::copy(&mut input.take(rest), &mut std::io::sink());
        if skipped.map_err(|error| fault(cut_off(&error)))? < rest {
            return Err(fault(Why::CutOff("is cut off, or its length is wrong".to_string())));
        }
        if !input.is_at_record().unwrap_or(true) {
            return Err(fault(Why::Damaged("has another length than it says".to_string())));
        }
        return Ok(Step::Read(flow));
    }
    let (mut block, why) = match input.block(size) {
        Ok(block) => (block, None),
        Err((block, why)) => (block, Some(why)),
    };
    if why.is_some() || !input.is_at_record().unwrap_or(true) {
        // A length that is too large swallows what follows.
        let next = block.windows(9).position(|bytes| bytes == b"\r\n\r\nWARC/");
        if let Some(next) = next {
            input.give_back(&block[next + 4..]);
        }
        return Err(fault(match why {
            Some(why) if next.is_none() => why,
            _ => Why::Damaged("has another length than it says".to_string()),
        }));
    }
    let Some((format, wrapping, begins)) = payload(&head, &block) else {
        return Ok(Step::Read(Flow::Continue(())));
    };
    block.drain(..begins);
    let address = address(&head).map(str::to_string);
    let body = Body::Web { format, address, wrapping };
    Ok(Step::Read(out.page(Raw { file: file.to_string(), member: Some(name), nth: 0, body, bytes: block })))
}

/// The page in a record: its format, what is around it, and where in the block it begins.
fn payload(head: &Head, block: &[u8]) -> Option<(Format, Wrapping, usize)> {
    let media_type = head.field("content-type").unwrap_or("");
    match head.field("warc-type")? {
        "response" if block.starts_with(b"HTTP/") => {
            let (answer, begins) = Head::parse(block)?;
            let (format, wrapping) = http::page(&answer)?;
            Some((format, wrapping, begins))
        }
        "resource" | "conversion" => {
            let (format, charset) = http::format(media_type)?;
            Some((format, Wrapping::of_text(charset), 0))
        }
        _ => None,
    }
}

/// The address of a page. Early writers put it between angle brackets.
fn address(head: &Head) -> Option<&str> {
    let address = head.field("warc-target-uri")?;
    let address = address.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(address);
    Some(address).filter(|address| !address.is_empty())
}

/// A stream to which bytes can be given back, and that knows its place.
struct Input<'a> {
    reader: &'a mut dyn BufRead,
    /// Bytes that were given back, from `from` on.
    again: Vec<u8>,
    from: usize,
    at: u64,
}

impl Input<'_> {
    /// The head that begins here.
    fn head(&mut self) -> Result<Head, Why> {
        let mut bytes = Vec::new();
        loop {
            let before = bytes.len();
            let left = MAX_HEAD_BYTES - before as u64;
            let read = self.take(left).read_until(b'\n', &mut bytes);
            if !bytes.starts_with(&BEGINNING[..bytes.len().min(BEGINNING.len())]) {
                return Err(Why::Damaged("does not begin with WARC/".to_string()));
            }
            match read {
                Err(error) => return Err(Why::CutOff(reason(&error))),
                Ok(_) if bytes.len() as u64 == MAX_HEAD_BYTES => {
                    return Err(Why::Damaged("has a head without end".to_string()));
                }
                Ok(read) if read == 0 || !bytes.ends_with(b"\n") => {
                    return Err(Why::CutOff("it is cut off".to_string()));
                }
                Ok(_) if bytes[before..].trim_ascii().is_empty() => break,
                Ok(_) => {}
            }
        }
        // The line that seemed empty may be white space alone.
        bytes.extend(b"\n");
        Head::parse(&bytes).map(|(head, _)| head).ok_or_else(|| Why::Damaged("has no head".to_string()))
    }

    /// So many bytes; if there are fewer, those, and why.
    fn block(&mut self, size: u64) -> Result<Vec<u8>, (Vec<u8>, Why)> {
        // No more than is there, whatever the length says.
        let mut block = Vec::with_capacity(usize::try_from(size.min(1 << 20)).unwrap_or(0));
        match self.take(size).read_to_end(&mut block) {
            Ok(_) if block.len() as u64 == size => Ok(block),
            Ok(_) => Err((block, Why::CutOff("it is cut off".to_string()))),
            Err(error) => Err((block, Why::CutOff(reason(&error)))),
        }
    }

    /// Whether, after a few line ends, a record begins or the archive ends. If not, nothing was passed over.
    fn is_at_record(&mut self) -> std::io::Result<bool> {
        let mut ends = Vec::new();
        let mut bytes = Vec::new();
        while ends.len() < MAX_LINE_ENDS
            && let Some(byte @ (b'\r' | b'\n')) = self.fill_buf()?.first().copied()
        {
            ends.push(byte);
            self.consume(1);
        }
        self.take(BEGINNING.len() as u64).read_to_end(&mut bytes)?;
        self.give_back(&bytes);
        // What is shorter stands at the end: a record that is cut off.
        let is_at_record = BEGINNING.starts_with(&bytes);
        if !is_at_record {
            self.give_back(&ends);
        }
        Ok(is_at_record)
    }

    /// Passes over line ends; whether the archive ends there.
    fn skip_line_ends(&mut self) -> std::io::Result<bool> {
        loop {
            let bytes = self.fill_buf()?;
            if bytes.is_empty() {
                return Ok(true);
            }
            let ends = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            let is_all = ends == bytes.len();
            self.consume(ends);
            if !is_all {
                return Ok(false);
            }
        }
    }

    /// Goes to the next line that begins a record; whether there is one.
    fn find_record(&mut self) -> std::io::Result<bool> {
        let mut begins_line = true;
        loop {
            let mut line = Vec::new();
            self.take(MAX_HEAD_BYTES).read_until(b'\n', &mut line)?;
            if line.is_empty() {
                return Ok(false);
            }
            if begins_line && line.starts_with(BEGINNING) {
                self.give_back(&line);
                return Ok(true);
            }
            begins_line = line.ends_with(b"\n");
        }
    }

    /// Bytes that were just read are read again.
    fn give_back(&mut self, bytes: &[u8]) {
        self.at -= bytes.len() as u64;
        if self.again[..self.from].ends_with(bytes) {
            self.from -= bytes.len();
            return;
        }
        self.again.splice(..self.from, bytes.iter().copied());
        self.from = 0;
    }

    fn take(&mut self, most: u64) -> std::io::Take<&mut Self> {
        Read::take(self, most)
    }
}

impl BufRead for Input<'_> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.from < self.again.len() {
            return Ok(&self.again[self.from..]);
        }
        if !self.again.is_empty() {
            self.again = Vec::new();
            self.from = 0;
        }
        self.reader.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.at += amount as u64;
        if self.from < self.again.len() {
            self.from += amount;
        } else {
            self.reader.consume(amount);
        }
    }
}

impl Read for Input<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        super::read_buffered(self, into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::{Loaded, ahead, load};

    fn record(kind: &str, address: &str, media_type: &str, block: &str) -> String {
        format!(
            "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {address}\r\nContent-Type: {media_type}\r\n\
             Content-Length: {}\r\n\r\n{block}\r\n\r\n",
            block.len()
        )
    }

    fn response(address: &str, text: &str) -> String {
        let block = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{text}");
        record("response", address, "application/http; msgtype=response", &block)
    }

    /// Pages as `name=text` and problems, in order.
    fn found(archive: &str) -> Vec<String> {
        let archive = archive.to_string();
        let units = ahead::read("p".to_string(), move |out| read("p", &mut archive.as_bytes(), out));
        units
            .map(|unit| match unit.and_then(load) {
                Ok(Loaded::Page(page)) => format!("{}={}", page.id.record.unwrap(), page.text),
                Ok(Loaded::Note(note)) => note,
                Err(error) => error.to_string(),
            })
            .collect()
    }

    #[track_caller]
    fn check(archive: &str, expected: &[&str]) {
        let found = found(archive);
        let is_so = |(found, expected): (&String, &&str)| found.contains(*expected);
        assert!(found.len() == expected.len() && found.iter().zip(expected).all(is_so), "{found:#?}");
    }

    #[test]
    fn records_that_are_pages() {
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
        let expected = ["http://a.no/1=en", "http://a.no/4=fire", "http://a.no/5=fem"];
        check(&archive.concat(), &expected);
        let unix = "WARC/1.0\nWARC-Type: conversion\nContent-Type: text/plain\nContent-Length: 2\n\nen\n\n";
        check(&unix.repeat(2), &["record 1=en", "record 2=en"]);
        check(unix.trim_end(), &["record 1=en"]);
        check("", &[]);
    }

    #[test]
    fn a_cut_archive_gives_the_pages_before_the_break() {
        let whole = [response("http://a.no/1", "en"), response("http://a.no/2", "to")].concat();
        let second = whole.rfind("WARC/").unwrap();
        for end in second + 1..whole.len() - 4 {
            let found = found(&whole[..end]);
            assert_eq!(found[0], "http://a.no/1=en");
            assert!(found.len() == 2 && found[1].contains("cut off; the 1 pages before"), "{end}: {found:?}");
        }
        check(&whole[..second], &["/1=en"]);
        check(&whole[..whole.len() - 4], &["/1=en", "/2=to"]);
    }

    #[test]
    fn a_wrong_length_costs_one_page() {
        let (one, two, three) = (response("a:1", "en"), response("a:2", "to"), response("a:3", "tre"));
        let length = |record: &str, length: &str| {
            let at = record.find("Content-Length: ").unwrap() + 16;
            let end = at + record[at..].find('\r').unwrap();
            format!("{}{length}{}", &record[..at], &record[end..])
        };
        for wrong in ["0", "10", "40", "60", "100", "300", "100000", "60000000"] {
            let archive = [one.as_str(), &length(&two, wrong), &three].concat();
            check(&archive, &["a:1=en", "p#a:2: at byte", "a:3=tre"]);
        }
        for wrong in ["", "-1", "x", "99999999999999999999999"] {
            let archive = [one.as_str(), &length(&two, wrong), &three].concat();
            check(&archive, &["a:1=en", "has no length", "a:3=tre"]);
        }
        let between = ["p#a:1: at byte 0 has another", "p#record 2: at byte 185 has no length", "a:3=tre"];
        check(&[one.as_str(), "noe annet\nWARC/ er det ikke\r\n\r\n", &three].concat(), &between);
        check(&["no archive", &three].concat(), &["p#record 1: at byte 0 does not begin with WARC/"]);
    }

    #[test]
    fn a_large_record_that_is_no_page_is_passed_over() {
        let large = " ".repeat(MAX_PAGE_BYTES as usize);
        let archive = [
            response("a:1", &large),
            response("a:2", &large).replace("text/html", "video/mp4"),
            response("a:3", "tre"),
        ];
        check(&archive.concat(), &["p#a:1: larger than the 64 MB", "a:3=tre"]);
    }
}

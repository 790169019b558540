//! Given a path, which pages does it hold?
//!
//! `walk` finds the files, `units` cuts a file into what can be decoded apart (the file itself, its records, its
//! members), `load` turns one into a `Page`. Only the last is costly, so it can run on all cores.

mod ahead;
mod decode;
mod http;
mod members;
mod record;
mod tar;
mod walk;
mod warc;
mod zip;

pub use ahead::Raw;
pub use walk::{Found, Walk, folders, kind_of, stat, walk};

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use self::ahead::{Flow, Out};
use crate::error::{Error, Result};
use crate::model::{Format, Page};

/// The most bytes one page may have, decompressed. A page of this size is no page but an archive or an
/// attack, and a limit keeps a 1 GB file or a gzip bomb from filling the memory.
pub const MAX_PAGE_BYTES: u64 = 64 << 20;
/// What is read at once.
const BUFFER_BYTES: usize = 1 << 16;

/// How a file is read, told from its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileKind {
    pub content: ContentType,
    pub gzip: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ContentType {
    /// The file is one page.
    Page(Format),
    /// One page a line, as a JSON object.
    Records,
    /// The answers that a crawler got, or the text that was made of them.
    Warc,
    /// Files, read as those of a folder.
    Tar,
    Zip,
}

/// A file to read: where it is, and what it is called in the index and in messages.
#[derive(Clone, Debug)]
pub struct SourceFile {
    pub path: PathBuf,
    pub name: String,
    pub kind: FileKind,
}

/// What can be loaded by itself.
pub enum Unit {
    Page(Raw),
    Note(String),
}

/// What reading a file comes upon.
pub enum Loaded {
    Page(Box<Page>),
    /// Worth saying, but costs no page.
    Note(String),
}

/// Cuts a file into its units, in the order in which they stand. Records and members are streamed, by a thread
/// that reads a little ahead; no more than a few pages are in memory.
pub fn units(source: &SourceFile) -> Box<dyn Iterator<Item = Result<Unit>> + Send> {
    if let ContentType::Page(format) = source.kind.content {
        let raw = open(source).and_then(|mut file| Raw::read(&source.name, None, format, &mut file));
        return Box::new(std::iter::once(raw.map(Unit::Page)));
    }
    let source = source.clone();
    Box::new(ahead::read(source.name.clone(), move |out| {
        // Not a stream: the names of the members stand at its end.
        if source.kind == (FileKind { content: ContentType::Zip, gzip: false }) {
            return match open_file(&source) {
                Ok(file) => zip::read(&source.name, file, out),
                Err(error) => out.problem(error),
            };
        }
        match open(&source) {
            Ok(mut file) => stream(&source.name, None, source.kind.content, &mut file, out),
            Err(error) => out.problem(error),
        }
    }))
}

/// Decodes a page. Errors name the file, the record in it, and the reason.
pub fn load(unit: Unit) -> Result<Loaded> {
    match unit {
        Unit::Page(raw) => raw.decode().map(|page| Loaded::Page(Box::new(page))),
        Unit::Note(note) => Ok(Loaded::Note(note)),
    }
}

/// Cuts one file of any kind into its units, for commands that show a page rather than index it.
pub fn units_at(path: &Path, name: &str) -> Box<dyn Iterator<Item = Result<Unit>> + Send> {
    let kind = match kind_of(path) {
        Some(kind) => Ok(kind),
        None => File::open(path).and_then(|mut file| sniff(&mut file)),
    };
    match kind {
        Ok(kind) => units(&SourceFile { path: path.to_path_buf(), name: name.to_string(), kind }),
        Err(error) => Box::new(std::iter::once(Err(cannot_be_read(name, &error)))),
    }
}

/// What a file without a telling name is, as for standard input: gzip and archives by their magic numbers, then
/// records, a marked-up page, or text.
pub fn sniff(file: &mut impl Read) -> std::io::Result<FileKind> {
    let head = beginning(file)?;
    if !head.starts_with(&[0x1f, 0x8b]) {
        return Ok(FileKind { content: content_of(&head), gzip: false });
    }
    // What is damaged is told by what can be read of it.
    let unpacked = beginning(&mut flate2::read::MultiGzDecoder::new(&head[..])).unwrap_or_default();
    Ok(FileKind { content: content_of(&unpacked), gzip: true })
}

/// The first kilobytes.
fn beginning(from: &mut impl Read) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    match from.take(1 << 14).read_to_end(&mut head) {
        Err(error) if head.is_empty() => Err(error),
        _ => Ok(head),
    }
}

fn content_of(bytes: &[u8]) -> ContentType {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return ContentType::Zip;
    }
    if bytes.starts_with(b"WARC/") {
        return ContentType::Warc;
    }
    if bytes.get(257..262) == Some(b"ustar") {
        return ContentType::Tar;
    }
    let body = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let body = body.trim_ascii_start();
    match body.first() {
        Some(b'{') => ContentType::Records,
        Some(b'<') => ContentType::Page(Format::Html),
        _ => ContentType::Page(Format::Text),
    }
}

fn open(source: &SourceFile) -> Result<Box<dyn BufRead + Send>> {
    let file = open_file(source)?;
    Ok(if source.kind.gzip {
        let unpacked = flate2::bufread::MultiGzDecoder::new(BufReader::with_capacity(BUFFER_BYTES, file));
        Box::new(BufReader::with_capacity(BUFFER_BYTES, unpacked))
    } else {
        Box::new(BufReader::with_capacity(BUFFER_BYTES, file))
    })
}

fn open_file(source: &SourceFile) -> Result<File> {
    File::open(&source.path).map_err(|error| cannot_be_read(&source.name, &error))
}

/// Reads what a file, or the `member` of an archive of this name, holds.
fn stream(file: &str, member: Option<&str>, content: ContentType, reader: &mut dyn BufRead, out: &mut Out) -> Flow {
    match content {
        ContentType::Page(format) => match Raw::read(file, member, format, reader) {
            Ok(raw) => out.page(raw),
            Err(error) => out.problem(error),
        },
        ContentType::Records => record::read(file, member, reader, out),
        ContentType::Warc => warc::read(file, reader, out),
        ContentType::Tar => tar::read(file, reader, out),
        ContentType::Zip => out.problem(Error::page(file, "is a zip inside a gzip; unpack it once (`gunzip`)")),
    }
}

/// The place of a file, or of a member of an archive, in messages.
fn place(file: &str, member: Option<&str>) -> String {
    member.map_or_else(|| file.to_string(), |member| format!("{file}#{member}"))
}

fn cannot_be_read(place: &str, error: &std::io::Error) -> Error {
    Error::page(place, format!("cannot be read: {}", reason(error)))
}

/// Why a stream could not be read on.
fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => "it is cut off".to_string(),
        _ => crate::error::reason(error),
    }
}

fn too_large(place: &str) -> Error {
    Error::page(
        place,
        format!(
            "larger than the {} MB that one page may have; split it, or give its pages as lines of a .jsonl",
            MAX_PAGE_BYTES >> 20
        ),
    )
}

/// `Read::read` of what has a buffer.
fn read_buffered(reader: &mut impl BufRead, into: &mut [u8]) -> std::io::Result<usize> {
    let available = reader.fill_buf()?;
    let amount = available.len().min(into.len());
    into[..amount].copy_from_slice(&available[..amount]);
    reader.consume(amount);
    Ok(amount)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_unknown_kind_are_told_by_their_beginning() {
        let check = |bytes: &[u8], expected| {
            assert_eq!(sniff(&mut &bytes[..]).unwrap(), FileKind { content: expected, gzip: false });
        };
        check(b" {\"text\":1}", ContentType::Records);
        check(b"\xef\xbb\xbf<!doctype html>", ContentType::Page(Format::Html));
        check("Økonomi".as_bytes(), ContentType::Page(Format::Text));
        check(b"", ContentType::Page(Format::Text));
        check(b"WARC/1.0\r\n", ContentType::Warc);
        check(b"PK\x03\x04\x14", ContentType::Zip);
        check(::tar::Header::new_ustar().as_bytes(), ContentType::Tar);
    }
}

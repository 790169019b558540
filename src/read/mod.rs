//! Given a path, which pages does it hold?
//!
//! `walk` finds the files, `units` cuts a file into what can be read apart (the file itself, or its
//! records), `load` turns one unit into a `Page`. Only the last is costly, so it can run on all cores.

mod decode;
mod record;
mod walk;

pub use walk::{Found, Walk, kind_of, stat, walk};

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::page::{Format, Given, Page, PageId};

/// The most bytes one page may have, decompressed. A page of this size is no page but an archive or an
/// attack, and a limit keeps a 1 GB file or a gzip bomb from filling the memory.
pub const MAX_PAGE_BYTES: u64 = 64 << 20;

/// How a file is read, told from its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kind {
    pub content: Content,
    pub gzip: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content {
    /// The file is one page.
    Page(Format),
    /// One page a line, as a JSON object.
    Records,
}

/// A file to read: where it is, and what it is called in the index and in messages.
#[derive(Clone, Debug)]
pub struct Source {
    pub path: PathBuf,
    pub name: String,
    pub kind: Kind,
}

/// What can be loaded by itself.
pub enum Unit<'a> {
    File(&'a Source),
    Record { source: &'a Source, line: u32, bytes: Vec<u8> },
}

/// Cuts a file into its units; the records of a `.jsonl` are streamed.
pub fn units(source: &Source) -> Box<dyn Iterator<Item = Result<Unit<'_>>> + Send + '_> {
    match source.kind.content {
        Content::Page(_) => Box::new(std::iter::once(Ok(Unit::File(source)))),
        Content::Records => match open(source) {
            Ok(reader) => Box::new(RecordLines { source, reader, line: 0, done: false }),
            Err(error) => Box::new(std::iter::once(Err(error))),
        },
    }
}

/// Reads one page. Errors name the file, the line where it is a record, and the reason.
pub fn load(unit: &Unit) -> Result<Page> {
    match unit {
        Unit::File(source) => load_file(source),
        Unit::Record { source, line, bytes } => record::parse(&source.name, *line, bytes),
    }
}

/// What bytes of unknown kind are, as for standard input: gzip by its magic number, then records, a
/// marked-up page, or text.
pub fn sniff(bytes: &[u8]) -> Kind {
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut head = vec![0; 4096];
        let mut decoder = flate2::read::MultiGzDecoder::new(bytes);
        let mut filled = 0;
        while filled < head.len() {
            match decoder.read(&mut head[filled..]) {
                Ok(0) | Err(_) => break,
                Ok(read) => filled += read,
            }
        }
        return Kind { content: content_of(&head[..filled]), gzip: true };
    }
    Kind { content: content_of(bytes), gzip: false }
}

fn content_of(bytes: &[u8]) -> Content {
    let body = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let body = body.trim_ascii_start();
    match body.first() {
        Some(b'{') => Content::Records,
        Some(b'<') => Content::Page(Format::Html),
        _ => Content::Page(Format::Text),
    }
}

fn open(source: &Source) -> Result<Box<dyn BufRead + Send>> {
    let file = File::open(&source.path)
        .map_err(|error| Error::page(&source.name, format!("cannot be read: {}", crate::error::reason(&error))))?;
    Ok(if source.kind.gzip {
        Box::new(BufReader::with_capacity(1 << 16, flate2::read::MultiGzDecoder::new(BufReader::new(file))))
    } else {
        Box::new(BufReader::with_capacity(1 << 16, file))
    })
}

fn load_file(source: &Source) -> Result<Page> {
    let Content::Page(format) = source.kind.content else {
        return Err(Error::page(&source.name, "holds many pages, not one"));
    };
    let mut bytes = Vec::new();
    open(source)?
        .take(MAX_PAGE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Error::page(&source.name, format!("cannot be read: {}", crate::error::reason(&error))))?;
    if bytes.len() as u64 > MAX_PAGE_BYTES {
        return Err(too_large(&source.name));
    }
    let decoded = match format {
        Format::Html => decode::html(bytes),
        Format::Text | Format::Markdown => decode::text(bytes),
    };
    let (text, note) = decoded.map_err(|reason| Error::page(&source.name, reason))?;
    Ok(Page {
        id: PageId { path: source.name.clone(), record: None },
        first_line: 1,
        format,
        text,
        given: Given::default(),
        note,
    })
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

struct RecordLines<'a> {
    source: &'a Source,
    reader: Box<dyn BufRead + Send>,
    line: u32,
    done: bool,
}

impl<'a> Iterator for RecordLines<'a> {
    type Item = Result<Unit<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.done {
            self.line += 1;
            let mut bytes = Vec::new();
            let read = (&mut self.reader).take(MAX_PAGE_BYTES + 1).read_until(b'\n', &mut bytes);
            match read {
                Err(error) => {
                    self.done = true;
                    return Some(Err(Error::page(
                        format!("{}:{}", self.source.name, self.line),
                        format!(
                            "cannot be read: {}; the pages before this line are used",
                            crate::error::reason(&error)
                        ),
                    )));
                }
                Ok(0) => self.done = true,
                Ok(_) if bytes.len() as u64 > MAX_PAGE_BYTES => {
                    let place = format!("{}:{}", self.source.name, self.line);
                    if self.reader.skip_until(b'\n').is_err() {
                        self.done = true;
                    }
                    return Some(Err(too_large(&place)));
                }
                Ok(_) => {
                    if self.line == 1 && bytes.starts_with(b"\xef\xbb\xbf") {
                        bytes.drain(..3);
                    }
                    if bytes.trim_ascii().is_empty() {
                        continue;
                    }
                    return Some(Ok(Unit::Record { source: self.source, line: self.line, bytes }));
                }
            }
        }
        None
    }
}

/// Reads every page of one file, for commands that show a page rather than index it.
pub fn pages(path: &Path, name: &str) -> Vec<Result<Page>> {
    let kind = match kind_of(path) {
        Some(kind) => kind,
        None => {
            let mut head = vec![0; 4096];
            match File::open(path).and_then(|mut file| file.read(&mut head)) {
                Ok(read) => sniff(&head[..read]),
                Err(error) => {
                    return vec![Err(Error::page(name, format!("cannot be read: {}", crate::error::reason(&error))))];
                }
            }
        }
    };
    let source = Source { path: path.to_path_buf(), name: name.to_string(), kind };
    units(&source).map(|unit| unit.and_then(|unit| load(&unit))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_unknown_kind_are_told_by_their_beginning() {
        assert_eq!(sniff(b" {\"text\":1}").content, Content::Records);
        assert_eq!(sniff(b"\xef\xbb\xbf<!doctype html>").content, Content::Page(Format::Html));
        assert_eq!(sniff("Økonomi".as_bytes()).content, Content::Page(Format::Text));
        assert_eq!(sniff(b"").content, Content::Page(Format::Text));
    }
}

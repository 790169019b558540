//! Splits a file of any supported type into units.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use super::archive::{BUFFER_BYTES, decompressed, read_tar, read_warc, read_zip};
use super::file_kind::{Compression, ContentType, FileKind, SourceFile, file_kind, sniff};
use super::jsonl;
use super::page_errors::cannot_be_read;
use super::prefetch::{Flow, UnitSink, prefetch};
use super::unit::{LostPages, RawPage, ReadResult, Unit, Unreadable, page_body};
use crate::error::{Error, Result};

/// The units of a file, in file order.
pub type Units = Box<dyn Iterator<Item = ReadResult<Unit>> + Send>;

/// Splits a file into units, in file order. Records and members are streamed by a thread that reads ahead; only a few
/// pages are in memory at a time.
pub fn units(source: &SourceFile) -> Units {
    if let Some(body) = page_body(source.kind.content) {
        let raw = open(source).and_then(|mut file| RawPage::read(&source.name, None, body, &mut file));
        let lost = LostPages::One { record: None, index_in_file: 0 };
        return Box::new(std::iter::once(raw.map(Unit::Page).map_err(|error| Unreadable { error, lost })));
    }
    let source = source.clone();
    Box::new(prefetch(source.name.clone(), move |sink| {
        // Zip needs a seekable file: its central directory is at the end.
        if let FileKind { content: content @ (ContentType::Zip | ContentType::Wacz), compression: Compression::None } =
            source.kind
        {
            return match open_file(&source) {
                Ok(file) => read_zip(&source.name, file, content == ContentType::Wacz, sink),
                Err(error) => sink.push_rest(error, None, None),
            };
        }
        match open(&source) {
            Ok(mut file) => read_content(&source.name, source.kind.content, &mut file, sink),
            Err(error) => sink.push_rest(error, None, None),
        }
    }))
}

/// Splits a file whose type is not known into units; messages and page ids call it `name`.
pub fn units_at(path: &Path, name: &str) -> Units {
    let kind = match file_kind(path) {
        Some(kind) => Ok(kind),
        None => File::open(path).and_then(|mut file| sniff(&mut file)),
    };
    match kind {
        Ok(kind) => units(&SourceFile { path: path.to_path_buf(), name: name.to_string(), kind }),
        Err(error) => {
            let error = cannot_be_read(name, &error);
            Box::new(std::iter::once(Err(Unreadable { error, lost: LostPages::all() })))
        }
    }
}

/// Opens a file, and decompresses it if it is compressed as a whole.
fn open(source: &SourceFile) -> Result<Box<dyn BufRead>> {
    let file = BufReader::with_capacity(BUFFER_BYTES, open_file(source)?);
    decompressed(Box::new(file), source.kind).map_err(|error| cannot_be_read(&source.name, &error))
}

fn open_file(source: &SourceFile) -> Result<File> {
    File::open(&source.path).map_err(|error| cannot_be_read(&source.name, &error))
}

fn read_content(file: &str, content: ContentType, reader: &mut dyn BufRead, sink: &mut UnitSink) -> Flow {
    match content {
        ContentType::Page(_) | ContentType::Mhtml => Flow::Continue(()),
        ContentType::Records => jsonl::read_records(file, None, reader, sink),
        ContentType::Warc => read_warc(file, None, reader, sink),
        ContentType::Tar => read_tar(file, reader, sink),
        ContentType::Zip | ContentType::Wacz => {
            sink.push_rest(Error::page(file, "zip archive inside a compressed file; decompress it first"), None, None)
        }
    }
}

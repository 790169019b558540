//! File types, recognized by extension or, for files without a known one, by their first bytes.

use std::io::Read;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::model::Format;

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileKind {
    pub content: ContentType,
    pub gzip: bool,
}

/// What a file contains once it is decompressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ContentType {
    /// The file is one page.
    Page(Format),
    /// JSON Lines: each line is a JSON object and one page.
    Records,
    /// A web archive: the responses that a crawler received, or (WET) the text extracted from them.
    Warc,
    /// An archive whose members are read like the files of a folder.
    Tar,
    Zip,
}

/// A file to read.
#[derive(Clone, Debug)]
pub struct SourceFile {
    pub path: PathBuf,
    /// Its name in the index and in messages.
    pub name: String,
    pub kind: FileKind,
}

/// Bytes at the start of a file that `sniff` examines.
const SNIFFED_BYTES: u64 = 1 << 14;

/// The file type by extension; `None` for a type that treff doesn't read.
pub fn file_kind(path: &Path) -> Option<FileKind> {
    let name = path.file_name()?.to_str()?.to_ascii_lowercase();
    let (name, gzip) = match (name.strip_suffix(".gz"), name.strip_suffix(".tgz")) {
        (Some(inner), _) => (inner.to_string(), true),
        (None, Some(inner)) => (format!("{inner}.tar"), true),
        (None, None) => (name, false),
    };
    let content = match Path::new(&name).extension()?.to_str()? {
        "txt" | "text" => ContentType::Page(Format::Text),
        "html" | "htm" | "xhtml" => ContentType::Page(Format::Html),
        "md" | "markdown" => ContentType::Page(Format::Markdown),
        "jsonl" | "ndjson" => ContentType::Records,
        "warc" | "wet" => ContentType::Warc,
        "tar" => ContentType::Tar,
        "zip" if !gzip => ContentType::Zip,
        _ => return None,
    };
    Some(FileKind { content, gzip })
}

/// The file type by content, for standard input and for files without a known extension: gzip and archives by magic
/// number, then JSON Lines by `{`, HTML by `<`, and otherwise text.
pub fn sniff(file: &mut impl Read) -> std::io::Result<FileKind> {
    let head = read_head(file)?;
    if !head.starts_with(&[0x1f, 0x8b]) {
        return Ok(FileKind { content: content_type(&head), gzip: false });
    }
    // Damaged gzip data is classified by the part that could be decompressed.
    let decompressed = read_head(&mut flate2::read::MultiGzDecoder::new(&head[..])).unwrap_or_default();
    Ok(FileKind { content: content_type(&decompressed), gzip: true })
}

/// Up to `SNIFFED_BYTES` bytes. Fails only if nothing could be read.
fn read_head(reader: &mut impl Read) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    match reader.take(SNIFFED_BYTES).read_to_end(&mut head) {
        Err(error) if head.is_empty() => Err(error),
        _ => Ok(head),
    }
}

fn content_type(head: &[u8]) -> ContentType {
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return ContentType::Zip;
    }
    if head.starts_with(b"WARC/") {
        return ContentType::Warc;
    }
    if head.get(257..262) == Some(b"ustar") {
        return ContentType::Tar;
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    match text.trim_ascii_start().first() {
        Some(b'{') => ContentType::Records,
        Some(b'<') => ContentType::Page(Format::Html),
        _ => ContentType::Page(Format::Text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognizes_file_types_by_extension() {
        let check = |name: &str, expected: Option<(ContentType, bool)>| {
            let kind = file_kind(Path::new(name)).map(|kind| (kind.content, kind.gzip));
            assert_eq!(kind, expected, "{name}");
        };
        check("a.txt", Some((ContentType::Page(Format::Text), false)));
        check("a.HTM.gz", Some((ContentType::Page(Format::Html), true)));
        check("a.b.md", Some((ContentType::Page(Format::Markdown), false)));
        check("a.jsonl.gz", Some((ContentType::Records, true)));
        check("a.warc.gz", Some((ContentType::Warc, true)));
        check("a.warc.wet.gz", Some((ContentType::Warc, true)));
        check("a.tar", Some((ContentType::Tar, false)));
        check("a.TGZ", Some((ContentType::Tar, true)));
        check("a.tar.gz", Some((ContentType::Tar, true)));
        check("a.zip", Some((ContentType::Zip, false)));
        check("a.zip.gz", None);
        check(".tgz", None);
        check("a.pdf", None);
        check("txt", None);
        check("a.gz", None);
    }

    #[test]
    fn recognizes_content_by_its_first_bytes() {
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

//! File types, recognized by extension or, for files without a known one, by their first bytes.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::magic_numbers::{GZIP_MAGIC, ZSTD_MAGIC, kind_of_bytes};
use super::not_read::{BACKUP, kind_of_extension};
use crate::model::Format;

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileKind {
    pub content: ContentType,
    pub compression: Compression,
}

/// How a file is compressed as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Compression {
    None,
    Gzip,
    Zstd,
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
    /// A zip archive that contains web archives.
    Wacz,
    /// A page with its images, as a browser saves it in one file (MIME, RFC 2557).
    Mhtml,
}

/// A file to read.
#[derive(Clone, Debug)]
pub struct SourceFile {
    pub path: PathBuf,
    /// Its name in the index and in messages.
    pub name: String,
    pub kind: FileKind,
}

/// Number of bytes at the start of a file that `sniff` examines.
pub const SNIFFED_BYTES: u64 = 1 << 14;

/// The file type by extension; `None` for a type that is not read, and for a file without a known extension.
pub fn file_kind(path: &Path) -> Option<FileKind> {
    let (name, compression) = split_compression(path)?;
    let content = match extension(&name)? {
        "txt" | "text" => ContentType::Page(Format::Text),
        "html" | "htm" | "xhtml" | "shtml" | "shtm" => ContentType::Page(Format::Html),
        "md" | "markdown" => ContentType::Page(Format::Markdown),
        "jsonl" | "ndjson" => ContentType::Records,
        "warc" | "wet" => ContentType::Warc,
        "tar" => ContentType::Tar,
        "mhtml" | "mht" => ContentType::Mhtml,
        "zip" if compression == Compression::None => ContentType::Zip,
        "wacz" if compression == Compression::None => ContentType::Wacz,
        _ => return None,
    };
    Some(FileKind { content, compression })
}

/// The file type by extension, or by content for a file without a known extension. The error says what the file
/// is, as a singular noun.
pub fn recognize(path: &Path) -> Result<FileKind, String> {
    match file_kind(path) {
        Some(kind) => Ok(kind),
        None => recognize_content(path, || File::open(path).and_then(|mut file| read_head(&mut file)).ok()),
    }
}

/// Like `recognize`, for a file without a known extension; `head` returns its first bytes, or `None` if it can't be
/// read.
pub fn recognize_content(path: &Path, head: impl FnOnce() -> Option<Vec<u8>>) -> Result<FileKind, String> {
    let Some((name, compression)) = split_compression(path) else {
        return Err("file without a name".to_string());
    };
    if let Some(kind) = known_by_name(path) {
        return Err(kind.to_string());
    }
    let extension = extension(&name);
    let by_name = || match extension {
        Some(extension) => format!(".{extension} file"),
        None => "extensionless file".to_string(),
    };
    let Some(head) = head() else {
        return Err(by_name());
    };
    let (head, found) = decompressed_head(head);
    if let Some(kind) = kind_of_bytes(&head) {
        return Err(kind.to_string());
    }
    let content = content_type(&head);
    // The name of a compressed file often says nothing about the type of its contents.
    let is_certain = match content {
        ContentType::Page(Format::Html) => is_html(&head),
        ContentType::Page(_) => false,
        ContentType::Records => false,
        _ => true,
    };
    let is_named_compressed = compression != Compression::None && extension.is_none() && found == compression;
    if is_certain || is_named_compressed && !has_nul(&head) {
        return Ok(FileKind { content, compression: found });
    }
    Err(by_name())
}

/// The kind of a file by its name, if files of this kind are not read.
pub fn known_by_name(path: &Path) -> Option<&'static str> {
    let (name, _) = split_compression(path)?;
    if name.ends_with('~') { Some(BACKUP) } else { extension(&name).and_then(kind_of_extension) }
}

/// The name in lower case, without the extension of its compression. A name that is not UTF-8 is read with replacement
/// characters: only its extension matters.
fn split_compression(path: &Path) -> Option<(String, Compression)> {
    let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
    for (suffix, inner, compression) in [
        (".gz", "", Compression::Gzip),
        (".zst", "", Compression::Zstd),
        (".tgz", ".tar", Compression::Gzip),
        (".tzst", ".tar", Compression::Zstd),
    ] {
        if let Some(stem) = name.strip_suffix(suffix) {
            return Some((format!("{stem}{inner}"), compression));
        }
    }
    Some((name, Compression::None))
}

/// The extension of a lower-case name. Crawlers append the query of a URL to the name of the page: `page.html?id=5`,
/// or with `@` where `?` is not allowed.
fn extension(name: &str) -> Option<&str> {
    let of = |name: &'_ str| -> Option<usize> {
        let (stem, extension) = name.rsplit_once('.')?;
        let is_extension = |c: char| c.is_ascii_alphanumeric();
        (!stem.is_empty() && !extension.is_empty() && extension.chars().all(is_extension)).then_some(stem.len() + 1)
    };
    for separator in ["?", "%3f", "@"] {
        if let Some(query) = name.find(separator)
            && let Some(start) = of(&name[..query])
        {
            return Some(&name[start..query]);
        }
    }
    of(name).map(|start| &name[start..])
}

/// The file type by content, for standard input and for files without a known extension: compression and archives by
/// magic number, then JSON Lines by `{`, HTML by `<`, and otherwise text.
pub fn sniff(file: &mut impl Read) -> std::io::Result<FileKind> {
    let (head, compression) = decompressed_head(read_head(file)?);
    Ok(FileKind { content: content_type(&head), compression })
}

/// Decompresses the first bytes of a file. Damaged data is classified by the part that could be decompressed.
fn decompressed_head(head: Vec<u8>) -> (Vec<u8>, Compression) {
    if head.starts_with(GZIP_MAGIC) {
        let head = read_head(&mut flate2::read::MultiGzDecoder::new(&head[..])).unwrap_or_default();
        return (head, Compression::Gzip);
    }
    if head.starts_with(ZSTD_MAGIC) {
        let decoder = zstd::stream::read::Decoder::with_buffer(&head[..]);
        let head = decoder.and_then(|mut decoder| read_head(&mut decoder)).unwrap_or_default();
        return (head, Compression::Zstd);
    }
    (head, Compression::None)
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
        _ if is_html(head) => ContentType::Page(Format::Html),
        _ => ContentType::Page(Format::Text),
    }
}

/// Whether only an HTML page can begin with these bytes: a doctype or the `html` element, after comments and an
/// XML declaration.
pub fn is_html(head: &[u8]) -> bool {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    // UTF-16 has a NUL in every ASCII character.
    let is_utf16 = matches!(text, [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [b'<', 0, ..] | [0, b'<', ..]);
    let narrow: Vec<u8>;
    let mut text = if is_utf16 {
        narrow = text.iter().copied().filter(|byte| byte.is_ascii() && *byte != 0).collect();
        &narrow[..]
    } else {
        text
    };
    loop {
        text = text.trim_ascii_start();
        let end = match text {
            [b'<', b'!', b'-', b'-', ..] => b"-->".as_slice(),
            [b'<', b'?', ..] => b">",
            _ => break,
        };
        match memchr::memmem::find(text, end) {
            Some(at) => text = &text[at + end.len()..],
            None => return false,
        }
    }
    let starts_with = |tag: &str| text.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag.as_bytes()));
    let is_end_of_name = |length: usize| text.get(length).is_none_or(|byte| !byte.is_ascii_alphanumeric());
    starts_with("<!doctype html") && is_end_of_name(14) || starts_with("<html") && is_end_of_name(5)
}

fn has_nul(head: &[u8]) -> bool {
    head.contains(&0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognizes_file_types_by_extension() {
        let check = |name: &str, expected: Option<(ContentType, bool)>| {
            let kind = file_kind(Path::new(name)).map(|kind| (kind.content, kind.compression == Compression::Gzip));
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
        check("page.html?id=5", Some((ContentType::Page(Format::Html), false)));
        check("page.html@id=5", Some((ContentType::Page(Format::Html), false)));
        check("page.html%3Fid=5.gz", Some((ContentType::Page(Format::Html), true)));
        check("index.shtml?f=a.pdf", Some((ContentType::Page(Format::Html), false)));
        check("bilde.png?w=200", None);
        check("Hva er nav?.txt", Some((ContentType::Page(Format::Text), false)));
        check("post@a.no.txt", Some((ContentType::Page(Format::Text), false)));
        check("side.mht", Some((ContentType::Mhtml, false)));
        check("a.wacz", Some((ContentType::Wacz, false)));
    }

    #[test]
    fn recognizes_content_by_its_first_bytes() {
        let check = |bytes: &[u8], expected| {
            assert_eq!(sniff(&mut &bytes[..]).unwrap(), FileKind { content: expected, compression: Compression::None });
        };
        check(b" {\"text\":1}", ContentType::Records);
        check(b"\xef\xbb\xbf<!doctype html>", ContentType::Page(Format::Html));
        check("Økonomi".as_bytes(), ContentType::Page(Format::Text));
        check(b"", ContentType::Page(Format::Text));
        check(b"WARC/1.0\r\n", ContentType::Warc);
        check(b"PK\x03\x04\x14", ContentType::Zip);
        check(::tar::Header::new_ustar().as_bytes(), ContentType::Tar);
    }

    #[test]
    fn recognizes_files_without_a_known_extension_by_content() {
        let check = |name: &str, content: &[u8], expected: Result<ContentType, &str>| {
            let kind = recognize_content(Path::new(name), || Some(content.to_vec()));
            assert_eq!(kind.map(|kind| kind.content), expected.map_err(str::to_string), "{name}");
        };
        let html = Ok(ContentType::Page(Format::Html));
        check("side", b"<!DOCTYPE html><p>", html);
        check("side.php?id=5", b"\n<?xml version=\"1.0\"?>\n<!-- x -->\n<HTML lang=nb>", html);
        check("side", b"\xff\xfe<\0h\0t\0m\0l\0>\0", html);
        check("side", b"<htmlx>", Err("extensionless file"));
        check("side.xyz", b"<svg>", Err(".xyz file"));
        check("notat", b"Om barnevern", Err("extensionless file"));
        check("notat", b"%PDF-1.4", Err("PDF document"));
        check("side.html.bak", b"<!doctype html>", Err("backup or temporary file"));
        check("bilde.png?w=200", b"<!doctype html>", Err("image"));
        check("crawl", b"WARC/1.0\r\n", Ok(ContentType::Warc));
        let gzip = |content: &[u8]| {
            let mut encoder = flate2::read::GzEncoder::new(content, flate2::Compression::fast());
            let mut bytes = Vec::new();
            encoder.read_to_end(&mut bytes).unwrap();
            bytes
        };
        check("notat.gz", &gzip(b"Om barnevern"), Ok(ContentType::Page(Format::Text)));
        check("notat.gz", &gzip(b"{\"text\":\"a\"}"), Ok(ContentType::Records));
        check("side.gz", &gzip(b"<html>"), html);
        check("base.sql.gz", &gzip(b"SELECT"), Err(".sql file"));
        check("base.gz", &gzip(b"\x01\0\0\0"), Err("extensionless file"));
    }
}

//! Selects and reads the members of an archive as a walk would read the same files in a folder.

use std::collections::HashMap;
use std::io::{BufRead, Read};
use std::path::Path;

use xxhash_rust::xxh3::xxh3_64;

use super::compressed::decompressed;
use super::warc::read_warc;
use crate::error::Error;
use crate::read::file_kind::{
    Compression, ContentType, FileKind, SNIFFED_BYTES, file_kind, known_by_name, recognize_content,
};
use crate::read::file_names::{escape_non_ascii, member_name, without_current_folder};
use crate::read::jsonl;
use crate::read::not_read::NotRead;
use crate::read::page_errors::{cannot_be_read, location};
use crate::read::prefetch::{Flow, UnitSink};
use crate::read::unit::page_body;

/// Reads the members of one archive, and counts those that are not read.
pub struct MemberReader<'a> {
    file: &'a str,
    /// Whether only web archives are read (WACZ).
    is_wacz: bool,
    /// The decoded names of members that are not ASCII, each with the hash of its bytes.
    names: HashMap<String, u64>,
    nested: u64,
    first_nested: String,
    not_read: NotRead,
}

/// How a member is read.
#[derive(Clone, Copy)]
pub enum MemberKind {
    Known(FileKind),
    /// Recognized by its content.
    Unknown,
}

impl MemberKind {
    /// Whether each record of the member has its own checksum.
    pub fn has_record_checksums(self) -> bool {
        matches!(self, MemberKind::Known(FileKind { content: ContentType::Warc, compression: Compression::Gzip }))
    }
}

impl<'a> MemberReader<'a> {
    pub fn new(file: &'a str, is_wacz: bool) -> MemberReader<'a> {
        let (names, not_read) = (HashMap::new(), NotRead::new());
        MemberReader { file, is_wacz, names, nested: 0, first_nested: String::new(), not_read }
    }

    /// The name of a member as text (see `member_name`). Names that differ in their bytes stay distinct.
    pub fn name(&mut self, bytes: &[u8]) -> String {
        let name = member_name(bytes);
        if name.is_ascii() {
            return name;
        }
        let bytes = without_current_folder(bytes);
        let hash = xxh3_64(bytes);
        match self.names.insert(name.clone(), hash) {
            Some(other) if other != hash => {
                self.names.insert(name, other);
                escape_non_ascii(bytes)
            }
            _ => name,
        }
    }

    /// How a member is read; `None` for folders, hidden files, archives and types that are not read.
    pub fn readable_kind(&mut self, name: &str) -> Option<MemberKind> {
        let is_hidden = |component: &str| component.starts_with('.') && component != "." && component != "..";
        if name.ends_with('/') || name.split('/').any(is_hidden) {
            return None;
        }
        let kind = file_kind(Path::new(name));
        if self.is_wacz {
            // The other members of a WACZ file are indexes of its web archives.
            return kind.filter(|kind| kind.content == ContentType::Warc).map(MemberKind::Known);
        }
        match kind {
            Some(kind) if is_page_file(kind) => Some(MemberKind::Known(kind)),
            Some(_) => {
                self.count_nested(name);
                None
            }
            None => match known_by_name(Path::new(name)) {
                Some(kind) => {
                    *self.not_read.entry(kind.to_string()).or_default() += 1;
                    None
                }
                None => Some(MemberKind::Unknown),
            },
        }
    }

    fn count_nested(&mut self, name: &str) {
        self.nested += 1;
        if self.nested == 1 {
            self.first_nested = name.to_string();
        }
    }

    /// Adds the pages of a member; `kind` is what `readable_kind` returned for it.
    pub fn read(&mut self, name: &str, kind: MemberKind, reader: &mut dyn BufRead, sink: &mut UnitSink) -> Flow {
        let kind = match kind {
            MemberKind::Known(kind) => kind,
            MemberKind::Unknown => {
                let mut head = Vec::new();
                if let Err(error) = (&mut *reader).take(SNIFFED_BYTES).read_to_end(&mut head) {
                    return sink.push_lost(cannot_be_read(&location(self.file, Some(name)), &error), Some(name));
                }
                return match recognize_content(Path::new(name), || Some(head.clone())) {
                    Ok(kind) if is_page_file(kind) => self.read_known(name, kind, &mut head.chain(reader), sink),
                    Ok(_) => {
                        self.count_nested(name);
                        Flow::Continue(())
                    }
                    Err(kind) => {
                        *self.not_read.entry(kind).or_default() += 1;
                        Flow::Continue(())
                    }
                };
            }
        };
        self.read_known(name, kind, reader, sink)
    }

    fn read_known(&self, name: &str, kind: FileKind, reader: &mut dyn BufRead, sink: &mut UnitSink) -> Flow {
        let mut reader = match decompressed(Box::new(reader), kind) {
            Ok(reader) => reader,
            Err(error) => {
                let error = cannot_be_read(&location(self.file, Some(name)), &error);
                return self.push_lost(name, MemberKind::Known(kind), error, sink);
            }
        };
        match (kind.content, page_body(kind.content)) {
            (_, Some(body)) => sink.read_page(self.file, Some(name), body, &mut reader),
            (ContentType::Records, _) => jsonl::read_records(self.file, Some(name), &mut reader, sink),
            (ContentType::Warc, _) => read_warc(self.file, Some(name), &mut reader, sink),
            // `readable_kind` returns no other kind.
            _ => Flow::Continue(()),
        }
    }

    /// Adds the error of a member that can't be read; `kind` is what `readable_kind` returned for it.
    pub fn push_lost(&self, name: &str, kind: MemberKind, error: Error, sink: &mut UnitSink) -> Flow {
        match kind {
            MemberKind::Known(FileKind { content: ContentType::Records, .. }) => {
                sink.push_rest(error, None, Some(name))
            }
            MemberKind::Known(FileKind { content: ContentType::Warc, .. }) => sink.push_rest(error, None, None),
            _ => sink.push_lost(error, Some(name)),
        }
    }

    /// Reports what is not read.
    pub fn finish(self, sink: &mut UnitSink) -> Flow {
        for (kind, count) in self.not_read {
            sink.push_not_read(kind, count)?;
        }
        let example = format!("{}#{}", self.file, self.first_nested);
        match self.nested {
            0 => Flow::Continue(()),
            1 => sink.push_note(format!("{example}: nested archive, not read; unpack it first")),
            2 => sink.push_note(format!("{example}: nested archive, not read (and 1 more); unpack them first")),
            nested => sink
                .push_note(format!("{example}: nested archive, not read (and {} more); unpack them first", nested - 1)),
        }
    }
}

/// Whether a file contains pages rather than other files.
fn is_page_file(kind: FileKind) -> bool {
    page_body(kind.content).is_some() || kind.content == ContentType::Records
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_selected_like_the_files_of_a_folder() {
        let mut members = MemberReader::new("p.zip", false);
        let mut is_read = |name: &str| matches!(members.readable_kind(name), Some(MemberKind::Known(_)));
        for name in ["a.html", "b/c.txt.gz", "../x.md", "a/./b.jsonl"] {
            assert!(is_read(name), "{name}");
        }
        for name in ["a/", "a.html/", ".a.html", "__MACOSX/._a.html", ".git/a.txt", "a.png", "a.zip", "b/c.warc.gz"] {
            assert!(!is_read(name), "{name}");
        }
        assert_eq!((members.nested, members.first_nested.as_str()), (2, "a.zip"));
        assert_eq!(members.not_read.into_iter().collect::<Vec<_>>(), [("image".to_string(), 1)]);
    }

    #[test]
    fn member_names_are_decoded() {
        assert_eq!(member_name("./a/ø.html".as_bytes()), "a/ø.html");
        assert_eq!(member_name(b"../x.html"), "../x.html");
        assert_eq!(member_name(b"\xe5r.txt"), "år.txt");
    }

    #[test]
    fn names_with_different_bytes_stay_distinct() {
        let mut members = MemberReader::new("p.zip", false);
        let names = [b"\xe5r.txt".as_slice(), "år.txt".as_bytes(), b"\x86r.txt", b"./\xe5r.txt", b"\xffr.txt"];
        let names = names.map(|name| members.name(name));
        assert_eq!(names, ["år.txt", "\\xC3\\xA5r.txt", "\\x86r.txt", "år.txt", "ÿr.txt"]);
    }
}

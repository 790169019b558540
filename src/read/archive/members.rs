//! Selects and reads the members of an archive as a walk would read the same files in a folder.

use std::borrow::Cow;
use std::io::{BufRead, BufReader};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use super::stream::BUFFER_BYTES;
use crate::error::Error;
use crate::read::file_kind::{ContentType, FileKind, file_kind};
use crate::read::jsonl;
use crate::read::prefetch::{Flow, UnitSink};

/// Reads the members of one archive and counts those that are archives themselves.
pub struct MemberReader<'a> {
    file: &'a str,
    nested: usize,
    first_nested: String,
}

impl<'a> MemberReader<'a> {
    pub fn new(file: &'a str) -> MemberReader<'a> {
        MemberReader { file, nested: 0, first_nested: String::new() }
    }

    /// The type of a member to read; `None` for folders, hidden files, archives and unsupported types.
    pub fn readable_kind(&mut self, name: &str) -> Option<FileKind> {
        let is_hidden = |component: &str| component.starts_with('.') && component != "." && component != "..";
        if name.ends_with('/') || name.split('/').any(is_hidden) {
            return None;
        }
        let kind = file_kind(Path::new(name))?;
        if matches!(kind.content, ContentType::Page(_) | ContentType::Records) {
            return Some(kind);
        }
        self.nested += 1;
        if self.nested == 1 {
            self.first_nested = name.to_string();
        }
        None
    }

    /// Adds the pages of a member; `kind` is what `readable_kind` returned for it.
    pub fn read(&self, name: &str, kind: FileKind, reader: &mut dyn BufRead, sink: &mut UnitSink) -> Flow {
        if kind.gzip {
            let mut decoder = BufReader::with_capacity(BUFFER_BYTES, MultiGzDecoder::new(reader));
            return self.read_content(name, kind.content, &mut decoder, sink);
        }
        self.read_content(name, kind.content, reader, sink)
    }

    fn read_content(&self, name: &str, content: ContentType, reader: &mut dyn BufRead, sink: &mut UnitSink) -> Flow {
        match content {
            ContentType::Page(format) => sink.read_page(self.file, Some(name), format, reader),
            ContentType::Records => jsonl::read_records(self.file, Some(name), reader, sink),
            // `readable_kind` returns none of these.
            ContentType::Warc | ContentType::Tar | ContentType::Zip => Flow::Continue(()),
        }
    }

    /// Adds the error of a member that can't be read; `kind` is what `readable_kind` returned for it.
    pub fn push_lost(&self, name: &str, kind: FileKind, error: Error, sink: &mut UnitSink) -> Flow {
        match kind.content {
            ContentType::Page(_) => sink.push_lost(error, Some(name)),
            _ => sink.push_rest(error, None, Some(name)),
        }
    }

    /// Reports nested archives, which are not read.
    pub fn finish(self, sink: &mut UnitSink) -> Flow {
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

/// The name of a member as text, without the `./` that tar puts before it. It is only an identifier, never a path that
/// is written to.
pub fn member_name(bytes: &[u8]) -> String {
    let name = match std::str::from_utf8(bytes) {
        Ok(name) => Cow::Borrowed(name),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
    };
    let name = name.trim_start_matches("./");
    // U+001F separates file and record in `PageId::key`.
    name.replace('\u{1f}', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_selected_like_the_files_of_a_folder() {
        let mut members = MemberReader::new("p.zip");
        let mut is_read = |name: &str| members.readable_kind(name).is_some();
        for name in ["a.html", "b/c.txt.gz", "../x.md", "a/./b.jsonl"] {
            assert!(is_read(name), "{name}");
        }
        for name in ["a/", "a.html/", ".a.html", "__MACOSX/._a.html", ".git/a.txt", "a.png", "a.zip", "b/c.warc.gz"] {
            assert!(!is_read(name), "{name}");
        }
        assert_eq!((members.nested, members.first_nested.as_str()), (2, "a.zip"));
    }

    #[test]
    fn member_names_are_decoded() {
        assert_eq!(member_name("./a/ø.html".as_bytes()), "a/ø.html");
        assert_eq!(member_name(b"../x.html"), "../x.html");
        assert_eq!(member_name(b"\xe5r.txt"), "år.txt");
    }
}

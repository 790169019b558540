//! Given a file inside an archive, is it read, and as what?

use std::borrow::Cow;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use super::ahead::{Flow, Out};
use super::{BUFFER_BYTES, ContentType, FileKind, kind_of, stream};

/// The members of one archive: those are read that a walk would read if they lay in a folder.
pub struct Members<'a> {
    file: &'a str,
    /// Archives inside the archive: how many, and one of them.
    nested: usize,
    example: String,
}

impl<'a> Members<'a> {
    pub fn of(file: &'a str) -> Members<'a> {
        Members { file, nested: 0, example: String::new() }
    }

    /// How a member is read; `None` for folders, hidden files, archives, and kinds that treff doesn't read.
    pub fn kind_of(&mut self, name: &str) -> Option<FileKind> {
        let is_hidden = |part: &str| part.starts_with('.') && part != "." && part != "..";
        if name.ends_with('/') || name.split('/').any(is_hidden) {
            return None;
        }
        let kind = kind_of(Path::new(name))?;
        if matches!(kind.content, ContentType::Page(_) | ContentType::Records) {
            return Some(kind);
        }
        self.nested += 1;
        if self.nested == 1 {
            self.example = name.to_string();
        }
        None
    }

    /// Reads a member of a kind that was told by `kind_of`.
    pub fn read(&self, name: &str, kind: FileKind, reader: &mut dyn BufRead, out: &mut Out) -> Flow {
        if kind.gzip {
            let mut unpacked = BufReader::with_capacity(BUFFER_BYTES, MultiGzDecoder::new(reader));
            return stream(self.file, Some(name), kind.content, &mut unpacked, out);
        }
        stream(self.file, Some(name), kind.content, reader, out)
    }

    /// Says what was left out.
    pub fn finish(self, out: &mut Out) -> Flow {
        match self.nested {
            0 => Flow::Continue(()),
            1 => out.note(format!("{}#{}: an archive inside an archive; not read", self.file, self.example)),
            more => out.note(format!(
                "{}#{}: an archive inside an archive, as {} more in it; not read",
                self.file,
                self.example,
                more - 1
            )),
        }
    }
}

/// The name of a member as text, without the `./` that tar begins with. It is no path: nothing is ever written there.
pub fn name(bytes: &[u8]) -> String {
    let name = match std::str::from_utf8(bytes) {
        Ok(name) => Cow::Borrowed(name),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
    };
    let name = name.trim_start_matches("./");
    // U+001F sets a record apart from its file (see `PageId::key`).
    name.replace('\u{1f}', " ")
}

/// So many bytes of a stream; one that ends before is an error, not the end of the member.
pub struct Exactly<R> {
    pub inner: R,
    pub left: u64,
}

impl<R: BufRead> Exactly<R> {
    /// Passes over what is left.
    pub fn skip(&mut self) -> std::io::Result<()> {
        while self.left > 0 {
            let available = self.fill_buf()?.len();
            self.consume(available);
        }
        Ok(())
    }
}

impl<R: BufRead> BufRead for Exactly<R> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.left == 0 {
            return Ok(&[]);
        }
        let buffer = self.inner.fill_buf()?;
        if buffer.is_empty() {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let most = usize::try_from(self.left).unwrap_or(usize::MAX);
        Ok(&buffer[..buffer.len().min(most)])
    }

    fn consume(&mut self, amount: usize) {
        self.left -= amount as u64;
        self.inner.consume(amount);
    }
}

impl<R: BufRead> Read for Exactly<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        super::read_buffered(self, into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read_like_files_of_a_folder() {
        let mut members = Members::of("p.zip");
        let mut is_read = |name: &str| members.kind_of(name).is_some();
        for name in ["a.html", "b/c.txt.gz", "../x.md", "a/./b.jsonl"] {
            assert!(is_read(name), "{name}");
        }
        for name in ["a/", "a.html/", ".a.html", "__MACOSX/._a.html", ".git/a.txt", "a.png", "a.zip", "b/c.warc.gz"] {
            assert!(!is_read(name), "{name}");
        }
        assert_eq!((members.nested, members.example.as_str()), (2, "a.zip"));
    }

    #[test]
    fn names_are_text() {
        assert_eq!(name("./a/ø.html".as_bytes()), "a/ø.html");
        assert_eq!(name(b"../x.html"), "../x.html");
        assert_eq!(name(b"\xe5r.txt"), "år.txt");
    }

    #[test]
    fn a_member_that_ends_early_is_an_error() {
        let mut text = String::new();
        assert_eq!(Exactly { inner: &b"abc"[..], left: 2 }.read_to_string(&mut text).unwrap(), 2);
        assert!(Exactly { inner: &b"abc"[..], left: 4 }.read_to_string(&mut text).is_err());
    }
}

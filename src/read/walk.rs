//! Given a folder, which files in it hold pages?

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use walkdir::{DirEntry, WalkDir};

use super::{ContentType, FileKind};
use crate::error::{Error, Result, reason};
use crate::model::Format;

/// A file that holds pages.
#[derive(Clone, Debug)]
pub struct Found {
    pub path: PathBuf,
    pub kind: FileKind,
    /// Bytes on disk.
    pub size: u64,
    /// Nanoseconds since 1970.
    pub modified: i64,
}

/// What a walk saw.
#[derive(Debug, Default)]
pub struct Walk {
    /// In the order of their paths.
    pub files: Vec<Found>,
    /// Files whose endings treff doesn't read.
    pub ignored: usize,
    /// What could not be looked at. Pages below such a place are not known to be gone.
    pub unseen: Vec<(PathBuf, Error)>,
    /// What is worth saying but costs no page.
    pub notes: Vec<String>,
}

/// How a file is read, by its ending; `None` when treff doesn't read such files.
pub fn kind_of(path: &Path) -> Option<FileKind> {
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

/// The files that hold pages at or below `root`. Links are followed, loops cut, hidden files and the
/// folder `skip`, an absolute path, passed over. Errors only when the root itself isn't there or can't be looked at.
pub fn walk(root: &Path, skip: &Path) -> Result<Walk> {
    let mut seen = Walk::default();
    let meta = std::fs::metadata(root).map_err(Error::io(root, "read"))?;
    if meta.is_file() {
        let kind = kind_of(root).ok_or_else(|| {
            Error::page(
                root.display(),
                "is not of a kind that treff reads (.txt, .html, .md, .jsonl, .warc, .wet, .tar, each also as .gz; .zip)",
            )
        })?;
        seen.files.push(found(root, kind, &meta));
        return Ok(seen);
    }
    let entries = WalkDir::new(root).follow_links(true).sort_by_file_name();
    for entry in entries.into_iter().filter_entry(|entry| is_entered(entry, skip)) {
        match entry {
            Ok(entry) if entry.file_type().is_file() => match kind_of(entry.path()) {
                None => seen.ignored += 1,
                Some(_) if entry.path().to_str().is_none() => seen.unseen.push((
                    entry.path().to_path_buf(),
                    Error::page(entry.path().display(), "its name is not valid UTF-8; rename it"),
                )),
                Some(kind) => match entry.metadata() {
                    Ok(meta) => seen.files.push(found(entry.path(), kind, &meta)),
                    Err(error) => seen.unseen.push((
                        entry.path().to_path_buf(),
                        Error::page(entry.path().display(), format!("cannot be looked at: {error}")),
                    )),
                },
            },
            Ok(_) => {}
            Err(error) if error.loop_ancestor().is_some() => seen.notes.push(format!(
                "{}: links back to a folder above it; not followed",
                error.path().unwrap_or(root).display()
            )),
            Err(error) => {
                let path = error.path().unwrap_or(root).to_path_buf();
                if error.depth() == 0 {
                    let source = error.into_io_error().unwrap_or_else(|| std::io::Error::other("loop"));
                    return Err(Error::Io { path, action: "read", source });
                }
                let is_dangling_link = path.is_symlink() && !path.exists();
                if is_dangling_link && kind_of(&path).is_none() {
                    seen.ignored += 1;
                    continue;
                }
                let why = match error.io_error() {
                    Some(_) if is_dangling_link => "links to a file that isn't there".to_string(),
                    Some(error) => format!("cannot be read: {}", reason(error)),
                    None => error.to_string(),
                };
                let error = Error::page(path.display(), why);
                seen.unseen.push((path, error));
            }
        }
    }
    Ok(seen)
}

/// The folders that a walk of `root` looks into, as far as they can be looked at.
pub fn folders(root: &Path, skip: &Path) -> Vec<PathBuf> {
    let entries = WalkDir::new(root).follow_links(true).into_iter().filter_entry(|entry| is_entered(entry, skip));
    entries.flatten().filter(|entry| entry.file_type().is_dir()).map(DirEntry::into_path).collect()
}

/// Neither hidden nor the folder `skip`, unless a walk begins there.
fn is_entered(entry: &DirEntry, skip: &Path) -> bool {
    entry.depth() == 0
        || !(entry.file_name().to_string_lossy().starts_with('.')
            || entry.file_type().is_dir() && std::path::absolute(entry.path()).is_ok_and(|path| path == skip))
}

/// Size in bytes and time of change in nanoseconds since 1970.
pub fn stat(path: &Path) -> std::io::Result<(u64, i64)> {
    std::fs::metadata(path).map(|meta| (meta.len(), modified(&meta)))
}

fn found(path: &Path, kind: FileKind, meta: &std::fs::Metadata) -> Found {
    Found { path: path.to_path_buf(), kind, size: meta.len(), modified: modified(meta) }
}

fn modified(meta: &std::fs::Metadata) -> i64 {
    meta.modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .map_or(0, |since| since.as_nanos() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_ending() {
        let check = |name: &str, expected: Option<(ContentType, bool)>| {
            let kind = kind_of(Path::new(name)).map(|kind| (kind.content, kind.gzip));
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
}

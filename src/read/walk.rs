//! Walks a folder and finds the files in it that contain pages.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use walkdir::{DirEntry, WalkDir};

use super::file_kind::{FileKind, recognize};
use super::file_names::escape_path;
use super::not_read::NotRead;
use crate::error::{Error, Result, reason};

/// A file of a type that treff reads.
#[derive(Clone, Debug)]
pub struct FoundFile {
    pub path: PathBuf,
    pub kind: FileKind,
    /// Bytes on disk.
    pub size: u64,
    /// Modification time in nanoseconds since 1970.
    pub modified: i64,
}

/// The result of a walk.
#[derive(Debug, Default)]
pub struct Walk {
    /// Sorted by path.
    pub files: Vec<FoundFile>,
    /// The files of types that are not read.
    pub not_read: NotRead,
    /// Files and folders that can't be read. Their pages must not count as deleted.
    pub unreadable: Vec<(PathBuf, Error)>,
    /// Messages that aren't about any one page.
    pub notes: Vec<String>,
}

/// Returns the supported files at or below `root`. Symbolic links are followed, but not to a parent folder; hidden
/// files and the folder `skip` (an absolute path) are skipped. Fails only if the root itself is missing, unreadable or
/// unsupported.
pub fn walk(root: &Path, skip: &Path) -> Result<Walk> {
    let mut found = Walk::default();
    let metadata = std::fs::metadata(root).map_err(Error::io(root, "read"))?;
    if metadata.is_file() {
        let kind = recognize(root).map_err(|kind| {
            let reason = format!(
                "not read: {kind}; treff reads .txt, .html, .mhtml, .md, .jsonl, .warc, .wet and .tar files (each also \
                 as .gz or .zst), and .zip and .wacz files"
            );
            Error::page(escape_path(root), reason)
        })?;
        found.files.push(found_file(root, kind, &metadata));
        return Ok(found);
    }
    let entries = WalkDir::new(root).follow_links(true).sort_by_file_name();
    for entry in entries.into_iter().filter_entry(|entry| is_visited(entry, skip)) {
        match entry {
            Ok(entry) if entry.file_type().is_file() => found.add_file(&entry),
            Ok(_) => {}
            Err(error) => found.add_error(error, root)?,
        }
    }
    Ok(found)
}

impl Walk {
    fn add_file(&mut self, entry: &DirEntry) {
        let path = entry.path();
        match (recognize(path), entry.metadata()) {
            (Err(kind), _) => *self.not_read.entry(kind).or_default() += 1,
            (Ok(kind), Ok(metadata)) => self.files.push(found_file(path, kind, &metadata)),
            (Ok(_), Err(error)) => {
                let reason = format!("cannot read its metadata: {error}");
                self.unreadable.push((path.to_path_buf(), Error::page(escape_path(path), reason)));
            }
        }
    }

    fn add_error(&mut self, error: walkdir::Error, root: &Path) -> Result<()> {
        let path = error.path().unwrap_or(root).to_path_buf();
        if error.loop_ancestor().is_some() {
            self.notes.push(format!("{}: symbolic link to a parent folder; not followed", escape_path(&path)));
            return Ok(());
        }
        if error.depth() == 0 {
            let source = error.into_io_error().unwrap_or_else(|| std::io::Error::other("loop"));
            return Err(Error::Io { path, action: "read", source });
        }
        let is_dangling_link = path.is_symlink() && !path.exists();
        if is_dangling_link && let Err(kind) = recognize(&path) {
            *self.not_read.entry(kind).or_default() += 1;
            return Ok(());
        }
        let reason = match error.io_error() {
            Some(_) if is_dangling_link => "symbolic link to a missing file; fix or remove it".to_string(),
            Some(error) => format!("cannot be read: {}", reason(error)),
            None => error.to_string(),
        };
        let error = Error::page(escape_path(&path), reason);
        self.unreadable.push((path, error));
        Ok(())
    }
}

/// The folders that `walk` visits, without those that can't be read.
pub fn walked_folders(root: &Path, skip: &Path) -> Vec<PathBuf> {
    let entries = WalkDir::new(root).follow_links(true).into_iter().filter_entry(|entry| is_visited(entry, skip));
    entries.flatten().filter(|entry| entry.file_type().is_dir()).map(DirEntry::into_path).collect()
}

/// Whether an entry is neither hidden nor the folder `skip`. The root of a walk is always visited.
fn is_visited(entry: &DirEntry, skip: &Path) -> bool {
    entry.depth() == 0
        || !(entry.file_name().to_string_lossy().starts_with('.')
            || entry.file_type().is_dir() && std::path::absolute(entry.path()).is_ok_and(|path| path == skip))
}

/// The size in bytes and the modification time in nanoseconds since 1970.
pub fn size_and_mtime(path: &Path) -> std::io::Result<(u64, i64)> {
    std::fs::metadata(path).map(|metadata| (metadata.len(), modified(&metadata)))
}

fn found_file(path: &Path, kind: FileKind, metadata: &std::fs::Metadata) -> FoundFile {
    FoundFile { path: path.to_path_buf(), kind, size: metadata.len(), modified: modified(metadata) }
}

/// 0 where the file system has no modification time.
fn modified(metadata: &std::fs::Metadata) -> i64 {
    metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .map_or(0, |since| since.as_nanos() as i64)
}

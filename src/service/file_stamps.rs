//! Tells whether files have been written or replaced, without reading them.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What the system says about a file. Two stamps of a path differ if the file was written or replaced in between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileStamp {
    path: PathBuf,
    /// `None` if there is no such file.
    state: Option<FileState>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct FileState {
    length: u64,
    modified: Option<SystemTime>,
    /// The inode, and the time of its last change in seconds and nanoseconds: a copy may keep the time of modification.
    #[cfg(unix)]
    inode: (u64, i64, i64),
}

impl FileStamp {
    fn of(path: PathBuf) -> FileStamp {
        let state = std::fs::metadata(&path).ok().map(|found| FileState {
            length: found.len(),
            modified: found.modified().ok(),
            #[cfg(unix)]
            inode: {
                use std::os::unix::fs::MetadataExt;
                (found.ino(), found.ctime(), found.ctime_nsec())
            },
        });
        FileStamp { path, state }
    }

    /// The stamp of the same path now.
    pub fn now(&self) -> FileStamp {
        FileStamp::of(self.path.clone())
    }
}

/// The stamps of the files in a folder; none if it can't be read.
pub fn stamps_of_folder(folder: &Path) -> Vec<FileStamp> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| FileStamp::of(entry.path())).collect()
}

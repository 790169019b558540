//! The writer lock: one process at a time writes to an index.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// The lock of an index. It is released when dropped, and by the system when the process dies.
#[derive(Debug)]
pub struct WriterLock {
    _file: File,
    path: PathBuf,
    /// Whether the folder was created with the lock.
    is_new_folder: bool,
}

impl WriterLock {
    /// Removes the lock file after the first build of an index failed. Also removes the folder, if it was created with
    /// the lock and is now empty.
    pub fn remove(self) {
        let _ = std::fs::remove_file(&self.path);
        if let Some(folder) = self.path.parent()
            && self.is_new_folder
        {
            // Fails if other files are in it.
            let _ = std::fs::remove_dir(folder);
        }
    }
}

pub const LOCK_FILE: &str = "writer.lock";

/// Acquires the lock of the index in `dir`, creating the folder if needed. If another process holds the lock, calls
/// `on_wait` once with a description of that process. After `timeout`, returns `Error::Locked` with the description.
pub fn acquire(dir: &Path, timeout: Duration, on_wait: &dyn Fn(&str)) -> Result<WriterLock> {
    let is_new_folder = !dir.exists();
    let path = dir.join(LOCK_FILE);
    let open = || {
        std::fs::create_dir_all(dir).map_err(Error::io(dir, "create"))?;
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false).open(&path).map_err(Error::io(&path, "write"))
    };
    let mut file = open()?;
    let start = Instant::now();
    let mut is_reported = false;
    loop {
        match file.try_lock() {
            Ok(()) if is_at(&file, &path) => break,
            // Another process removed the file (see `WriterLock::remove`).
            Ok(()) => {
                file = open()?;
                continue;
            }
            Err(TryLockError::Error(error)) => return Err(Error::io(&path, "lock")(error)),
            Err(TryLockError::WouldBlock) => {}
        }
        let holder = holder(&path);
        if start.elapsed() >= timeout {
            return Err(Error::Locked { dir: dir.to_path_buf(), holder });
        }
        if !is_reported {
            on_wait(&holder);
            is_reported = true;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let since = jiff::Zoned::now().strftime("%H:%M:%S");
    let written = file
        .set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| write!(file, "process {} since {since}", std::process::id()));
    written.map_err(Error::io(&path, "write"))?;
    Ok(WriterLock { _file: file, path, is_new_folder })
}

/// Whether a path still names the open file.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(open), Ok(named)) => identity(open) == identity(named),
        _ => false,
    }
}

/// Always true: on this system, an open file can't be removed.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

/// Describes the process that holds the lock, from what it wrote to the lock file.
fn holder(path: &Path) -> String {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(200).read_to_string(&mut text));
    match read {
        Ok(_) if !text.is_empty() => format!("another treff ({text})"),
        _ => "another treff".to_string(),
    }
}

//! The writer lock: one process at a time writes to an index.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// The lock of an index. It is released when dropped, and by the system when the process dies.
#[derive(Debug)]
pub struct WriterLock {
    _file: File,
}

pub const LOCK_FILE: &str = "writer.lock";

/// Acquires the lock of the index in `dir`, creating the folder if needed. While another process holds the lock, calls
/// `on_wait` once with a description of it; after `timeout`, returns `Error::Locked` with the description.
pub fn acquire(dir: &Path, timeout: Duration, on_wait: &dyn Fn(&str)) -> Result<WriterLock> {
    std::fs::create_dir_all(dir).map_err(Error::io(dir, "create"))?;
    let path = dir.join(LOCK_FILE);
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(Error::io(&path, "write"))?;
    let start = Instant::now();
    let mut is_reported = false;
    loop {
        match file.try_lock() {
            Ok(()) => break,
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
    Ok(WriterLock { _file: file })
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

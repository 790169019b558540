//! Who may write to the index now?

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// Held while an index is written; given back when dropped, also by a process that dies.
#[derive(Debug)]
pub struct WriterLock {
    _file: File,
}

pub const LOCK_FILE: &str = "writer.lock";

/// Takes the lock. While another process holds it, `waiting` is told once who does, and after `patience`
/// the error says so.
pub fn acquire(dir: &Path, patience: Duration, waiting: &dyn Fn(&str)) -> Result<WriterLock> {
    std::fs::create_dir_all(dir).map_err(Error::io(dir, "create"))?;
    let path = dir.join(LOCK_FILE);
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(Error::io(&path, "write"))?;
    let begun = Instant::now();
    let mut said = false;
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::Error(error)) => return Err(Error::io(&path, "lock")(error)),
            Err(TryLockError::WouldBlock) => {}
        }
        let holder = holder(&path);
        if begun.elapsed() >= patience {
            return Err(Error::Locked { dir: dir.to_path_buf(), holder });
        }
        if !said {
            waiting(&holder);
            said = true;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let since = jiff::Zoned::now().strftime("%H:%M:%S");
    let named = file
        .set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| write!(file, "process {} since {since}", std::process::id()));
    named.map_err(Error::io(&path, "write"))?;
    Ok(WriterLock { _file: file })
}

fn holder(path: &Path) -> String {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(200).read_to_string(&mut text));
    match read {
        Ok(_) if !text.is_empty() => format!("another treff ({text})"),
        _ => "another treff".to_string(),
    }
}

//! How does tantivy read and write the files of a generation?
//!
//! Who searches needs neither a lock nor the right to write, so an index on a read-only disk, or of another
//! user, is searched like any other. tantivy asks for both, and gives the files that say what it committed to
//! their owner alone.

use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Write};
#[cfg(unix)]
use std::ops::Range;
#[cfg(unix)]
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use tantivy::Directory;
#[cfg(unix)]
use tantivy::HasLen;
#[cfg(unix)]
use tantivy::directory::OwnedBytes;
use tantivy::directory::error::{DeleteError, LockError, OpenDirectoryError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    AntiCallToken, DirectoryLock, FileHandle, Lock, MmapDirectory, TerminatingWrite, WatchCallback, WatchHandle,
    WritePtr,
};

use super::checksum::{self, MISMATCH};
use crate::error::Error;

/// tantivy's file on its last commit.
pub const META_FILE: &str = "meta.json";
/// Its list of the files that it has written.
pub const MANAGED_FILE: &str = ".managed.json";

/// The files of one commit, for reading.
///
/// It is safe without tantivy's lock, which keeps a writer from removing files while they are opened, for three
/// reasons. A file that a commit names is written before it and never changed after it. It is removed only when
/// another commit has taken its place. And what the commit is, is read once and told tantivy as often as it asks.
/// So who has opened all of its files has all of that commit, whatever was written meanwhile; who comes too late
/// for one of them is told so, and finds another commit there.
#[derive(Clone)]
pub struct SnapshotDirectory {
    files: MmapDirectory,
    meta: Arc<[u8]>,
}

impl SnapshotDirectory {
    /// Of the commit that `meta` describes, without its checksum, in the folder of its generation.
    pub fn open(generation: &Path, meta: &[u8]) -> tantivy::Result<SnapshotDirectory> {
        Ok(SnapshotDirectory { files: open_scattered(generation)?, meta: meta.into() })
    }
}

/// A search reads little of an index and that here and there: what the system would read ahead on a cold disk is
/// a hundred times as much.
#[cfg(unix)]
fn open_scattered(generation: &Path) -> Result<MmapDirectory, OpenDirectoryError> {
    MmapDirectory::open_with_madvice(generation, tantivy::directory::Advice::Random)
}

#[cfg(not(unix))]
fn open_scattered(generation: &Path) -> Result<MmapDirectory, OpenDirectoryError> {
    MmapDirectory::open(generation)
}

impl fmt::Debug for SnapshotDirectory {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "SnapshotDirectory({:?})", self.files)
    }
}

impl Directory for SnapshotDirectory {
    /// A file that isn't there is an error of its own: tantivy takes one of positions for a field without any.
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        self.files.get_file_handle(path).map_err(|error| match error {
            OpenReadError::FileDoesNotExist(file) => OpenReadError::wrap_io_error(io::ErrorKind::NotFound.into(), file),
            error => error,
        })
    }

    /// The commit; the list of files that a writer keeps is none of a reader's business.
    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        if path == Path::new(META_FILE) {
            Ok(self.meta.to_vec())
        } else {
            Err(OpenReadError::FileDoesNotExist(path.to_path_buf()))
        }
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        if path == Path::new(META_FILE) { Ok(true) } else { self.files.exists(path) }
    }

    fn acquire_lock(&self, _: &Lock) -> Result<DirectoryLock, LockError> {
        Ok(DirectoryLock::from(Box::new(())))
    }

    fn watch(&self, _: WatchCallback) -> tantivy::Result<WatchHandle> {
        Ok(WatchHandle::empty())
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        Err(OpenWriteError::wrap_io_error(read_only(), path.to_path_buf()))
    }

    fn atomic_write(&self, _: &Path, _: &[u8]) -> io::Result<()> {
        Err(read_only())
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        Err(DeleteError::IoError { io_error: Arc::new(read_only()), filepath: path.to_path_buf() })
    }

    fn sync_directory(&self) -> io::Result<()> {
        Ok(())
    }
}

fn read_only() -> io::Error {
    io::Error::new(io::ErrorKind::ReadOnlyFilesystem, "opened for reading")
}

/// A generation that is written: tantivy's own directory, but for three things.
///
/// The files that say what was committed have a checksum (see `sealed`). They are not for their owner alone, as
/// tantivy makes them, nor do they begin under a name by chance, which would stay behind when the process is
/// killed. And why a file could not be
/// written is kept, since tantivy tells only that a thread of it has died.
#[derive(Clone, Debug)]
pub struct WritableDirectory {
    files: MmapDirectory,
    generation: PathBuf,
    failure: WriteFailure,
}

/// Why a file of a generation could not be written, the first time that it happened.
#[derive(Clone, Debug, Default)]
pub struct WriteFailure(Arc<Mutex<Option<Error>>>);

impl WriteFailure {
    /// What has failed, if `error` is tantivy's word on it, else `error`.
    pub fn cause_of(&self, error: Error) -> Error {
        match error {
            Error::Tantivy(_) => self.kept().take().unwrap_or(error),
            error => error,
        }
    }

    fn keep<T>(&self, file: &Path, result: io::Result<T>) -> io::Result<T> {
        result.inspect_err(|error| self.note(file, error))
    }

    fn note(&self, file: &Path, error: &io::Error) {
        let source = error.raw_os_error().map_or_else(|| error.kind().into(), io::Error::from_raw_os_error);
        self.kept().get_or_insert(Error::Io { path: file.to_path_buf(), action: "write", source });
    }

    fn kept(&self) -> MutexGuard<'_, Option<Error>> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl WritableDirectory {
    pub fn open(generation: &Path, failure: &WriteFailure) -> tantivy::Result<WritableDirectory> {
        let files = MmapDirectory::open(generation)?;
        Ok(WritableDirectory { files, generation: generation.to_path_buf(), failure: failure.clone() })
    }
}

impl Directory for WritableDirectory {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        #[cfg(unix)]
        if path.extension().is_some_and(|ending| ending == "store") && self.files.exists(path)? {
            let file = self.generation.join(path);
            let opened = Copied::open(&file).map_err(|error| OpenReadError::wrap_io_error(error, file))?;
            return Ok(Arc::new(opened));
        }
        self.files.get_file_handle(path)
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        let mut bytes = self.files.atomic_read(path)?;
        let length = checksum::verify(&bytes).map(<[u8]>::len).ok_or_else(|| {
            let wrong = io::Error::new(io::ErrorKind::InvalidData, MISMATCH);
            OpenReadError::wrap_io_error(wrong, path.to_path_buf())
        })?;
        bytes.truncate(length);
        Ok(bytes)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.files.exists(path)
    }

    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        self.files.acquire_lock(lock).inspect_err(|error| {
            if let LockError::IoError(source) = error {
                self.failure.note(&self.generation.join(&lock.filepath), source);
            }
        })
    }

    fn watch(&self, callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.files.watch(callback)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        let file = self.generation.join(path);
        let opened = self.files.open_write(path).inspect_err(|error| {
            if let OpenWriteError::IoError { io_error, .. } = error {
                self.failure.note(&file, io_error);
            }
        })?;
        let to = opened.into_inner().map_err(|error| OpenWriteError::wrap_io_error(error.into(), file.clone()))?;
        Ok(BufWriter::new(Box::new(Writing { to, file, failure: self.failure.clone() })))
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        let file = self.generation.join(path);
        self.failure.keep(&file, compact(data).and_then(|data| replace(&file, &checksum::append(&data))))?;
        // Not before the commit is on the disk may the files be removed that the one before it names.
        if path == Path::new(META_FILE) { self.sync_directory() } else { Ok(()) }
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.files.delete(path)
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.files.sync_directory()
    }
}

/// A file of which a copy is read. Stored passages are half of an index, and a merge goes once through all of them: if
/// they were mapped, all would be counted as memory of the process.
#[cfg(unix)]
#[derive(Debug)]
struct Copied {
    file: File,
    length: usize,
}

#[cfg(unix)]
impl Copied {
    fn open(path: &Path) -> io::Result<Copied> {
        let file = File::open(path)?;
        let length = file.metadata()?.len() as usize;
        Ok(Copied { file, length })
    }
}

#[cfg(unix)]
impl HasLen for Copied {
    fn len(&self) -> usize {
        self.length
    }
}

#[cfg(unix)]
impl FileHandle for Copied {
    fn read_bytes(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        let mut bytes = vec![0; range.len()];
        self.file.read_exact_at(&mut bytes, range.start as u64)?;
        Ok(OwnedBytes::new(bytes))
    }
}

/// A file while it is written.
struct Writing {
    to: Box<dyn TerminatingWrite + Send + Sync>,
    file: PathBuf,
    failure: WriteFailure,
}

impl Write for Writing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.failure.keep(&self.file, self.to.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.failure.keep(&self.file, self.to.flush())
    }
}

impl TerminatingWrite for Writing {
    fn terminate_ref(&mut self, token: AntiCallToken) -> io::Result<()> {
        self.failure.keep(&self.file, self.to.terminate_ref(token))
    }
}

/// JSON on one line: to read over the blanks of the commit takes a search longer than to find a rare word.
fn compact(json: &[u8]) -> io::Result<Vec<u8>> {
    let value: serde_json::Value = serde_json::from_slice(json)?;
    Ok(serde_json::to_vec(&value)?)
}

/// Writes a file beside and renames it, so that it is always whole. One process writes at a time, so the name
/// beside it is free, or left by one that was killed. Who may read the file is up to the umask.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut beside = path.as_os_str().to_os_string();
    beside.push(".new");
    let mut file = File::create(&beside)?;
    file.write_all(content)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)
}

//! Implements tantivy's `Directory` twice: for reading one commit without locks, and for writing a generation.
//!
//! A search needs neither a lock nor write permission, so an index that is on a read-only disk or belongs to another
//! user can be searched like any other. tantivy's own directory needs both, and it makes `meta.json` readable only by
//! its owner.

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

/// tantivy's description of its last commit: segments and payload.
pub const META_FILE: &str = "meta.json";
/// tantivy's list of the files that it has written.
pub const MANAGED_FILE: &str = ".managed.json";

/// A read-only directory with the files of one commit.
///
/// It doesn't take tantivy's lock, which keeps a writer from removing files while they are opened. That is safe for
/// three reasons. The files that a commit names are written before the commit and never changed after it. They are
/// removed only after another commit has replaced it. And `meta.json` is read once, so tantivy gets the same content at
/// every read. A reader that has opened all files has a consistent snapshot, no matter what is written meanwhile. A
/// reader that comes too late for one of them gets an error, and can open the newer commit.
#[derive(Clone)]
pub struct SnapshotDirectory {
    files: MmapDirectory,
    meta: Arc<[u8]>,
}

impl SnapshotDirectory {
    /// Opens a commit of a generation. `meta` is the content of its `meta.json` without the checksum.
    pub fn open(generation: &Path, meta: &[u8]) -> tantivy::Result<SnapshotDirectory> {
        Ok(SnapshotDirectory { files: open_for_random_access(generation)?, meta: meta.into() })
    }
}

/// Opens the files for random access. A search reads a few scattered parts of an index; with a cold cache, the
/// read-ahead of the system would read a hundred times as much.
#[cfg(unix)]
fn open_for_random_access(generation: &Path) -> Result<MmapDirectory, OpenDirectoryError> {
    MmapDirectory::open_with_madvice(generation, tantivy::directory::Advice::Random)
}

#[cfg(not(unix))]
fn open_for_random_access(generation: &Path) -> Result<MmapDirectory, OpenDirectoryError> {
    MmapDirectory::open(generation)
}

impl fmt::Debug for SnapshotDirectory {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "SnapshotDirectory({:?})", self.files)
    }
}

impl Directory for SnapshotDirectory {
    /// Turns a missing file into an I/O error: tantivy would treat a field whose positions file is missing as one
    /// without positions.
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        self.files.get_file_handle(path).map_err(|error| match error {
            OpenReadError::FileDoesNotExist(file) => OpenReadError::wrap_io_error(io::ErrorKind::NotFound.into(), file),
            error => error,
        })
    }

    /// Reads `meta.json`. tantivy's list of files, which only a writer needs, does not exist here.
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

/// A directory for writing a generation. It differs from tantivy's own directory in these ways:
///
/// - `meta.json` and `.managed.json` are compact and have a checksum (see `checksum`). Their permissions follow the
///   umask, and their temporary names are not random, so that a killed process leaves no files behind.
/// - Stored passages are read instead of mapped (see `UnmappedFile`).
/// - The cause of a failed write is kept, because tantivy only reports that one of its threads died.
#[derive(Clone, Debug)]
pub struct WritableDirectory {
    files: MmapDirectory,
    generation: PathBuf,
    failure: WriteFailure,
}

/// The first error in writing a generation, shared by the writers of all of its files.
#[derive(Clone, Debug, Default)]
pub struct WriteFailure(Arc<Mutex<Option<Error>>>);

impl WriteFailure {
    /// The failed write that caused `error`, if there is one and the error is tantivy's; else `error` itself.
    pub fn cause_of(&self, error: Error) -> Error {
        match error {
            Error::Tantivy(_) => self.lock().take().unwrap_or(error),
            error => error,
        }
    }

    fn keep_error<T>(&self, file: &Path, result: io::Result<T>) -> io::Result<T> {
        result.inspect_err(|error| self.set(file, error))
    }

    fn set(&self, file: &Path, error: &io::Error) {
        let source = error.raw_os_error().map_or_else(|| error.kind().into(), io::Error::from_raw_os_error);
        self.lock().get_or_insert(Error::Io { path: file.to_path_buf(), action: "write", source });
    }

    fn lock(&self) -> MutexGuard<'_, Option<Error>> {
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
        if path.extension().is_some_and(|extension| extension == "store") && self.files.exists(path)? {
            let file = self.generation.join(path);
            let opened = UnmappedFile::open(&file).map_err(|error| OpenReadError::wrap_io_error(error, file))?;
            return Ok(Arc::new(opened));
        }
        self.files.get_file_handle(path)
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        let mut bytes = self.files.atomic_read(path)?;
        let length = checksum::verify(&bytes).map(<[u8]>::len).ok_or_else(|| {
            let error = io::Error::new(io::ErrorKind::InvalidData, MISMATCH);
            OpenReadError::wrap_io_error(error, path.to_path_buf())
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
                self.failure.set(&self.generation.join(&lock.filepath), source);
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
                self.failure.set(&file, io_error);
            }
        })?;
        let inner = opened.into_inner().map_err(|error| OpenWriteError::wrap_io_error(error.into(), file.clone()))?;
        Ok(BufWriter::new(Box::new(FileWriter { inner, file, failure: self.failure.clone() })))
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        let file = self.generation.join(path);
        self.failure.keep_error(&file, compact(data).and_then(|data| replace(&file, &checksum::append(&data))))?;
        // tantivy then removes the files of the previous commit, so the new one must be on disk first.
        if path == Path::new(META_FILE) { self.sync_directory() } else { Ok(()) }
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.files.delete(path)
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.files.sync_directory()
    }
}

/// A file that is read with `pread` instead of being mapped. Stored passages are half of an index, and a merge reads
/// all of them once: if they were mapped, all would count as memory of the process.
#[cfg(unix)]
#[derive(Debug)]
struct UnmappedFile {
    file: File,
    length: usize,
}

#[cfg(unix)]
impl UnmappedFile {
    fn open(path: &Path) -> io::Result<UnmappedFile> {
        let file = File::open(path)?;
        let length = file.metadata()?.len() as usize;
        Ok(UnmappedFile { file, length })
    }
}

#[cfg(unix)]
impl HasLen for UnmappedFile {
    fn len(&self) -> usize {
        self.length
    }
}

#[cfg(unix)]
impl FileHandle for UnmappedFile {
    fn read_bytes(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        let mut bytes = vec![0; range.len()];
        self.file.read_exact_at(&mut bytes, range.start as u64)?;
        Ok(OwnedBytes::new(bytes))
    }
}

/// A file being written, whose first error is kept.
struct FileWriter {
    inner: Box<dyn TerminatingWrite + Send + Sync>,
    file: PathBuf,
    failure: WriteFailure,
}

impl Write for FileWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.failure.keep_error(&self.file, self.inner.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.failure.keep_error(&self.file, self.inner.flush())
    }
}

impl TerminatingWrite for FileWriter {
    fn terminate_ref(&mut self, token: AntiCallToken) -> io::Result<()> {
        self.failure.keep_error(&self.file, self.inner.terminate_ref(token))
    }
}

/// Removes the whitespace of a JSON text. For a search, skipping the whitespace of `meta.json` takes longer than
/// looking up a rare word.
fn compact(json: &[u8]) -> io::Result<Vec<u8>> {
    let value: serde_json::Value = serde_json::from_slice(json)?;
    Ok(serde_json::to_vec(&value)?)
}

/// Replaces a file atomically: writes `NAME.new` and renames it. Only one process writes at a time, so an existing file
/// of that name was left by a process that was killed. Permissions follow the umask.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut new = path.as_os_str().to_os_string();
    new.push(".new");
    let mut file = File::create(&new)?;
    file.write_all(content)?;
    file.sync_all()?;
    std::fs::rename(&new, path)
}

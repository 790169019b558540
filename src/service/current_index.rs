//! Keeps the current snapshot of the index open, and follows its commits.
//!
//! A new snapshot is opened next to the old one and then replaces it; the old one is closed when its last request is
//! done. A server lets a thread look for new commits a few times a second; a process with few requests looks before
//! each of them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, Weak};
use std::time::Duration;

use super::file_stamps::{FileStamp, stamps_of_folder};
use super::load_synonyms::SynonymFiles;
use crate::error::{Error, Result};
use crate::index::{self, CorruptionGuard, Index};
use crate::query::Synonyms;

/// Time between two looks at the index folder. A look reads two small files and the lengths of the others.
const INTERVAL: Duration = Duration::from_millis(250);

/// An open snapshot with everything that an answer depends on.
pub struct Snapshot {
    pub index: Index,
    pub synonyms: Synonyms,
    /// Identifies the commit and the synonyms: equal values mean equal answers.
    pub version: String,
    guard: CorruptionGuard,
    /// See `Index::mapped_files`.
    mapped: Vec<(PathBuf, u64)>,
    /// What a request found to be damaged.
    damage: OnceLock<String>,
    /// The files of the generation when the snapshot was opened or, if damage was found since, when they were last
    /// verified.
    verified: Mutex<Vec<FileStamp>>,
    /// See `updated`.
    updated: OnceLock<i64>,
}

impl Snapshot {
    fn open(dir: &Path, synonyms_file: Option<&Path>) -> Result<Snapshot> {
        // First, so that an error in these files is found even if there is no index.
        let files = SynonymFiles::read(dir, synonyms_file)?;
        let hash = files.hash();
        let synonyms = files.parse()?;
        let index = index::open(dir)?;
        let version = version(index.commit_id(), hash);
        let mapped = index.mapped_files()?;
        let verified = Mutex::new(stamps_of_folder(index.generation_dir()));
        Ok(Snapshot {
            index,
            mapped,
            synonyms,
            version,
            guard: CorruptionGuard::new(dir),
            damage: OnceLock::new(),
            verified,
            updated: OnceLock::new(),
        })
    }

    /// Checks that no file has been truncated since it was opened: reading it would end the process.
    fn check_lengths(&self) -> Result<()> {
        for (file, length) in &self.mapped {
            // Updates remove files, which can still be read.
            if std::fs::metadata(file).is_ok_and(|found| found.len() < *length) {
                let reason = "the file has become shorter while it was open".to_string();
                return Err(Error::Damaged { file: file.clone(), reason });
            }
        }
        Ok(())
    }

    /// The time of the update that wrote the index, in seconds since 1970. The first call reads the whole manifest.
    pub fn updated(&self) -> Result<i64> {
        match self.updated.get() {
            Some(updated) => Ok(*updated),
            None => {
                let updated = self.index.manifest()?.updated;
                Ok(*self.updated.get_or_init(|| updated))
            }
        }
    }

    /// Runs `read`, which reads the index. If a panic or an error shows that the index is damaged, all files are
    /// verified once; later requests for this snapshot that fail get the same message at once.
    pub fn guarded<T>(&self, read: impl FnOnce() -> Result<T>) -> Result<T> {
        self.guard.run(read).inspect_err(|error| {
            if matches!(error, Error::Damaged { .. }) {
                self.damage.get_or_init(|| error.to_string());
            }
        })
    }

    /// The message of the first request that found damage.
    pub fn damage(&self) -> Option<&str> {
        self.damage.get().map(String::as_str)
    }

    /// Whether a request found damage and the files have been repaired since without a new commit, as by a copy of a
    /// backup. The files are verified only if one of them has changed since the last time.
    fn is_repaired(&self) -> bool {
        if self.damage().is_none() {
            return false;
        }
        let mut verified = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        let now: Vec<FileStamp> = verified.iter().map(FileStamp::now).collect();
        if now == *verified {
            return false;
        }
        if !index::is_damaged(self.index.dir()) {
            return true;
        }
        *verified = now;
        false
    }
}

/// What is known about the index.
#[derive(Clone)]
pub enum IndexStatus {
    Open(Arc<Snapshot>),
    /// There is no index that can be opened, for this reason.
    Unavailable(Arc<Error>),
}

/// The current snapshot of an index folder.
pub struct CurrentIndex {
    dir: PathBuf,
    synonyms_file: Option<PathBuf>,
    status: RwLock<IndexStatus>,
}

impl CurrentIndex {
    /// Opens the index and starts to follow it. `log` is called with a message when something changes. The thread ends
    /// when the returned value is dropped.
    ///
    /// # Errors
    ///
    /// A file of synonyms can't be read, or the thread can't be started.
    pub fn follow(
        dir: PathBuf,
        synonyms_file: Option<PathBuf>,
        log: impl Fn(&str) + Send + 'static,
    ) -> Result<Arc<CurrentIndex>> {
        let current = Arc::new(CurrentIndex::new(dir, synonyms_file)?);
        if let IndexStatus::Unavailable(error) = current.status() {
            log(&format!("{error}; waiting for an index"));
        }
        let weak = Arc::downgrade(&current);
        let thread = std::thread::Builder::new().name("follow-index".to_string());
        thread.spawn(move || watch(&weak, log)).map_err(Error::io(Path::new("a thread"), "start"))?;
        Ok(current)
    }

    /// Opens the index, if there is one. `latest` looks for new commits.
    ///
    /// # Errors
    ///
    /// A file of synonyms can't be read. Later, such an error leaves the open snapshot in place.
    pub fn new(dir: PathBuf, synonyms_file: Option<PathBuf>) -> Result<CurrentIndex> {
        let status = match Snapshot::open(&dir, synonyms_file.as_deref()) {
            Ok(snapshot) => IndexStatus::Open(Arc::new(snapshot)),
            Err(error @ Error::InputFile { .. }) => return Err(error),
            Err(error) => IndexStatus::Unavailable(Arc::new(error)),
        };
        Ok(CurrentIndex { dir, synonyms_file, status: RwLock::new(status) })
    }

    /// The status after looking for a new commit.
    pub fn latest(&self) -> IndexStatus {
        if let Err(error) = self.refresh() {
            self.set_unavailable(error);
        }
        self.status()
    }

    pub fn status(&self) -> IndexStatus {
        self.status.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Opens the index again if it has changed or has been repaired. Returns whether a new snapshot is current now. An
    /// index that can't be opened leaves the old snapshot in place, unless reading that would end the process.
    fn refresh(&self) -> Result<bool> {
        if let IndexStatus::Open(snapshot) = self.status()
            && let Err(error) = snapshot.check_lengths()
        {
            self.replace_status(IndexStatus::Unavailable(Arc::new(error)));
        }
        let version = current_version(&self.dir, self.synonyms_file.as_deref())?;
        if matches!(self.status(), IndexStatus::Open(snapshot) if snapshot.version == version && !snapshot.is_repaired())
        {
            return Ok(false);
        }
        let snapshot = Arc::new(Snapshot::open(&self.dir, self.synonyms_file.as_deref())?);
        self.replace_status(IndexStatus::Open(snapshot));
        Ok(true)
    }

    fn replace_status(&self, new: IndexStatus) {
        let old = {
            let mut status = self.status.write().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *status, new)
        };
        // Closed outside the lock.
        drop(old);
    }

    fn set_unavailable(&self, error: Error) {
        let mut status = self.status.write().unwrap_or_else(PoisonError::into_inner);
        if matches!(*status, IndexStatus::Unavailable(_)) {
            *status = IndexStatus::Unavailable(Arc::new(error));
        }
    }
}

/// Refreshes the index until it is dropped.
fn watch(current: &Weak<CurrentIndex>, log: impl Fn(&str)) {
    // What is wrong with the index; logged once.
    let mut trouble = None;
    loop {
        std::thread::sleep(INTERVAL);
        let Some(current) = current.upgrade() else { return };
        let refreshed = current.refresh();
        let found = match (&refreshed, current.status()) {
            (Err(error), IndexStatus::Open(_)) => {
                Some(format!("{error}; until this is corrected, the last version is served and updates are held back"))
            }
            (Err(error), IndexStatus::Unavailable(_)) => Some(error.to_string()),
            (Ok(false), IndexStatus::Open(snapshot)) => snapshot.damage().map(str::to_string),
            (Ok(_), _) => None,
        };
        if let Some(message) = found.as_deref().filter(|_| found != trouble) {
            log(message);
        }
        trouble = found;
        match refreshed {
            Ok(true) => log("opened a new version of the index"),
            Ok(false) => {}
            Err(error) => current.set_unavailable(error),
        }
    }
}

/// Identifies the current commit of the index and the synonyms, without opening the index.
fn current_version(dir: &Path, synonyms_file: Option<&Path>) -> Result<String> {
    let hash = SynonymFiles::read(dir, synonyms_file)?.hash();
    let commit = index::commit_id(dir)?.ok_or_else(|| Error::NoIndex { dir: dir.to_path_buf() })?;
    Ok(version(&commit, hash))
}

fn version(commit: &str, synonyms: u64) -> String {
    format!("{commit}-{:08x}", synonyms as u32)
}

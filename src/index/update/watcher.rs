//! Waits for changes below the roots, with the file system events of `notify` (inotify on Linux).
//!
//! The watcher reports when to update, never what has changed, because an update compares all files anyway. So events
//! may come in any order, twice or, if the system drops them, not at all. When folders appear or disappear, the watches
//! on all folders are set up again, always before the update that scans these folders. Changes without events (targets
//! of links, network file systems) are found by periodic updates.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind, RenameMode};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher as _};

use crate::error::Result;
use crate::index::store::paths::BaseDir;
use crate::index::user_files::RULES;
use crate::read;

/// A burst of changes has ended when there is no event for this long.
const QUIET_PERIOD: Duration = Duration::from_millis(300);
/// If changes keep coming, the index is updated this often.
const MAX_BURST: Duration = Duration::from_secs(5);
/// How often the identities of the roots are checked. Renaming a folder above a root causes no event for the root.
const ROOT_CHECK_INTERVAL: Duration = Duration::from_secs(1);
/// How often to update without an event if the system reports events.
const WATCHED_INTERVAL: Duration = Duration::from_secs(60);
/// How often to update if the system reports no events.
const UNWATCHED_INTERVAL: Duration = Duration::from_secs(5);
/// The interval between periodic updates is at least this many times as long as the last update, so that updates take
/// at most 5 % of the time. Other factors were not measured.
const MIN_INTERVAL_FACTOR: u32 = 20;

/// Waits for changes to pages below the roots of an index.
pub struct Watcher {
    scope: Arc<Scope>,
    /// `None` if the system can't report events.
    watcher: Option<RecommendedWatcher>,
    /// Signals that something changed. A capacity of one is enough, because it doesn't matter what changed, or how
    /// often.
    changes: (SyncSender<()>, Receiver<()>),
    /// Whether the set of watched folders is out of date: folders appeared or disappeared, or the system dropped
    /// events.
    is_outdated: Arc<AtomicBool>,
    /// Whether the system refused to watch the folders; if so, the watcher doesn't try again.
    is_unsupported: bool,
    /// The identity of each root when the watches were last set up.
    root_identities: Vec<Option<Identity>>,
}

/// The paths whose changes matter.
#[derive(Clone, Debug)]
struct Scope {
    /// Absolute, like all paths here.
    roots: Vec<PathBuf>,
    index: PathBuf,
}

/// The effect of an event.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Change {
    /// Pages may have changed.
    Pages,
    /// The set of folders may also have changed.
    Folders,
}

/// Device and inode, which differ if a file or folder was replaced by another of the same name.
type Identity = (u64, u64);

impl Watcher {
    /// Creates a watcher for an index and its roots, which must be absolute paths but need not exist. It watches
    /// nothing until `prepare` is called.
    pub fn new(index: &Path, roots: Vec<PathBuf>) -> Result<Watcher> {
        let index = BaseDir::of(index)?.index().to_path_buf();
        Ok(Watcher {
            root_identities: vec![None; roots.len()],
            scope: Arc::new(Scope { roots, index }),
            watcher: None,
            is_unsupported: false,
            changes: sync_channel(1),
            is_outdated: Arc::new(AtomicBool::new(true)),
        })
    }

    /// Watches all folders below the roots, if they are not watched already. Must be called before each update: any
    /// later change ends the next `wait`. If the system can't watch them, returns the reason once; `wait` then ends
    /// every few seconds.
    pub fn prepare(&mut self) -> Option<String> {
        if !self.is_outdated.swap(false, Ordering::SeqCst) {
            return None;
        }
        self.root_identities = self.scope.root_identities();
        if self.is_unsupported {
            return None;
        }
        // The old watcher is dropped first, because the number of watched folders is limited.
        self.watcher = None;
        match self.watch_all() {
            Ok(watcher) => {
                self.watcher = Some(watcher);
                None
            }
            Err(error) => {
                self.is_unsupported = true;
                Some(reason(&error))
            }
        }
    }

    /// Waits until pages may have changed, then until the burst of changes has ended or lasted some seconds.
    /// `last_update` is how long the last update took; after a long one the waits are longer.
    pub fn wait(&mut self, last_update: Duration) {
        let interval = if self.watcher.is_some() { WATCHED_INTERVAL } else { UNWATCHED_INTERVAL }
            .max(last_update * MIN_INTERVAL_FACTOR);
        let started = Instant::now();
        while self.changes.1.recv_timeout(ROOT_CHECK_INTERVAL.min(interval)).is_err() {
            if self.scope.root_identities() != self.root_identities {
                self.is_outdated.store(true, Ordering::SeqCst);
                break;
            }
            if started.elapsed() >= interval {
                return;
            }
        }
        let burst_start = Instant::now();
        let quiet = QUIET_PERIOD.max(last_update.min(MAX_BURST));
        while burst_start.elapsed() < MAX_BURST && self.changes.1.recv_timeout(quiet).is_ok() {}
    }

    /// Creates a watcher for all folders of the scope.
    fn watch_all(&self) -> notify::Result<RecommendedWatcher> {
        let (scope, changes, is_outdated) = (self.scope.clone(), self.changes.0.clone(), self.is_outdated.clone());
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            let change = match event {
                Ok(event) => scope.change(&event),
                Err(_) => Some(Change::Folders),
            };
            if change == Some(Change::Folders) {
                is_outdated.store(true, Ordering::SeqCst);
            }
            if change.is_some() {
                // If the channel is full, the change has been announced already.
                let _ = changes.try_send(());
            }
        })?;
        let mut watched = HashSet::new();
        // A folder created before its parent was watched causes no event, so all folders are listed again until there
        // are no new ones.
        loop {
            let new: Vec<PathBuf> =
                self.scope.folders().into_iter().filter(|folder| watched.insert(folder.clone())).collect();
            if new.is_empty() {
                return Ok(watcher);
            }
            let mut paths = watcher.paths_mut();
            for folder in &new {
                match paths.add(folder, RecursiveMode::NonRecursive) {
                    // The folder was removed since, or is unreadable; the update reports it.
                    Err(error) if !is_limit(&error) => {}
                    added => added?,
                }
            }
            paths.commit()?;
        }
    }
}

impl Scope {
    /// Returns the folders to watch: all that may contain pages, and the parents of the roots, which get the event if a
    /// root is created or deleted.
    fn folders(&self) -> Vec<PathBuf> {
        let mut folders = vec![self.index.clone()];
        for root in &self.roots {
            folders.extend(root.parent().map(Path::to_path_buf));
            folders.extend(read::walked_folders(root, &self.index));
        }
        folders
    }

    fn root_identities(&self) -> Vec<Option<Identity>> {
        self.roots.iter().map(|root| std::fs::metadata(root).ok().map(|meta| identity(&meta))).collect()
    }

    /// Returns the effect of an event. An update causes events too, by reading pages and writing the index; these must
    /// not start the next update.
    fn change(&self, event: &Event) -> Option<Change> {
        if event.need_rescan() {
            return Some(Change::Folders);
        }
        let path_change = |path: &PathBuf| {
            if *path == self.index.join(RULES) {
                return Some(Change::Pages);
            }
            if !self.is_relevant(path) {
                return None;
            }
            // May open the file, so it must not run for the events that opening causes.
            let is_page = || self.roots.contains(path) || read::recognize(path).is_ok();
            match event.kind {
                EventKind::Access(AccessKind::Close(AccessMode::Write)) | EventKind::Modify(ModifyKind::Data(_)) => {
                    is_page().then_some(Change::Pages)
                }
                EventKind::Access(_) => None,
                // The path may have been a page or a folder of pages.
                EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(RenameMode::From)) => Some(Change::Pages),
                _ if path.is_dir() => Some(Change::Folders),
                _ => is_page().then_some(Change::Pages),
            }
        };
        let changes: Vec<Change> = event.paths.iter().filter_map(path_change).collect();
        if changes.contains(&Change::Folders) { Some(Change::Folders) } else { changes.first().copied() }
    }

    /// Whether a path is a root, above a root, or below one where a walk would find it.
    fn is_relevant(&self, path: &Path) -> bool {
        let is_hidden = |component: std::path::Component| component.as_os_str().to_string_lossy().starts_with('.');
        !path.starts_with(&self.index)
            && self.roots.iter().any(|root| match path.strip_prefix(root) {
                Ok(below) => !below.components().any(is_hidden),
                Err(_) => root.starts_with(path),
            })
    }
}

#[cfg(unix)]
fn identity(meta: &std::fs::Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;
    (meta.dev(), meta.ino())
}

#[cfg(not(unix))]
fn identity(meta: &std::fs::Metadata) -> Identity {
    let created = meta.created().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    (created.map_or(0, |since| since.as_nanos() as u64), 0)
}

/// Whether an error means that nothing more can be watched, rather than that one folder can't.
fn is_limit(error: &notify::Error) -> bool {
    use std::io::ErrorKind::{NotADirectory, NotFound, PermissionDenied};
    match &error.kind {
        notify::ErrorKind::MaxFilesWatch => true,
        notify::ErrorKind::Io(error) => !matches!(error.kind(), NotADirectory | NotFound | PermissionDenied),
        _ => false,
    }
}

fn reason(error: &notify::Error) -> String {
    match &error.kind {
        notify::ErrorKind::MaxFilesWatch => {
            "the limit on watched folders is reached (fs.inotify.max_user_watches)".to_string()
        }
        notify::ErrorKind::Io(error) if error.raw_os_error() == Some(EMFILE) => {
            "the limit on watchers is reached (fs.inotify.max_user_instances)".to_string()
        }
        notify::ErrorKind::Io(error) => crate::error::reason(error),
        _ => error.to_string(),
    }
}

/// "Too many open files" on Linux.
const EMFILE: i32 = 24;

#[cfg(test)]
mod tests {
    use notify::event::{CreateKind, DataChange, Flag, RemoveKind};

    use super::*;

    #[test]
    fn ignores_events_of_other_files() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("pages");
        std::fs::create_dir_all(root.join("a.html")).unwrap();
        let scope = Scope { roots: vec![root.clone(), dir.path().join("one.jsonl")], index: root.join("index") };
        let check = |kind: EventKind, name: &str, expected: Option<Change>| {
            let event = Event::new(kind).add_path(dir.path().join(name));
            assert_eq!(scope.change(&event), expected, "{event:?}");
        };
        let written = EventKind::Modify(ModifyKind::Data(DataChange::Any));
        let removed = EventKind::Remove(RemoveKind::File);
        let created = EventKind::Create(CreateKind::Any);
        let read = EventKind::Access(AccessKind::Open(AccessMode::Any));
        let (pages, folders) = (Some(Change::Pages), Some(Change::Folders));
        check(written, "pages/b.txt", pages);
        check(written, "pages/b.log", None);
        check(written, "pages/.git/b.txt", None);
        check(written, "pages/index/treff.json", None);
        check(written, "pages/index/rules.txt", pages);
        check(written, "other.txt", None);
        check(written, "one.jsonl", pages);
        check(read, "pages/b.txt", None);
        check(removed, "one.jsonl", pages);
        check(removed, "pages/b", pages);
        check(removed, "pages", pages);
        check(created, "pages", folders);
        check(created, "pages/a.html", folders);
        check(created, "pages/b.html", pages);
        check(created, "pages/b.log", None);
        let lost = Event::new(EventKind::Other).set_flag(Flag::Rescan);
        assert_eq!(scope.change(&lost), folders);
    }
}

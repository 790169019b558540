//! When may the pages below some paths have changed?
//!
//! A watch says when it is time for an update, never what has changed: an update looks at everything that is there
//! anyway. So nothing has to be worked out from events that come in any order, twice or, where the system has too many
//! of them, not at all. Whenever folders come or go, all of them are watched anew, and an update always begins after
//! what it looks at is watched. What no event tells (links to files elsewhere, folders of a network) is found by an
//! update now and then.

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

/// A burst of changes has ended when nothing has happened for so long.
const QUIET: Duration = Duration::from_millis(300);
/// Changes that never end are followed so often.
const LONGEST_BURST: Duration = Duration::from_secs(5);
/// How often the paths themselves are looked at: of a path that is elsewhere, since a folder above it was renamed, the
/// system tells nothing.
const GLANCE: Duration = Duration::from_secs(1);
/// How often there is an update although nothing seems to have happened: where the system tells of changes, and where
/// it doesn't.
const WATCHED_LOOK: Duration = Duration::from_secs(60);
const UNWATCHED_LOOK: Duration = Duration::from_secs(5);
/// An update that finds nothing takes no more than this part of the time.
const SHARE: u32 = 20;

/// Waits for changes of pages.
pub struct Watcher {
    scope: Arc<Scope>,
    /// None where the system can't tell of changes.
    watcher: Option<RecommendedWatcher>,
    /// Something has happened. One place is enough: it doesn't matter what, nor how often.
    changes: (SyncSender<()>, Receiver<()>),
    /// Folders have come or gone, or the system has lost events: what is watched is no longer what should be.
    is_outdated: Arc<AtomicBool>,
    /// Whether the system refused to watch; it isn't asked again.
    is_blind: bool,
    /// Which file or folder each root was when it was last looked at.
    seen: Vec<Option<Identity>>,
}

/// Where changes concern the index.
#[derive(Clone, Debug)]
struct Scope {
    /// Absolute, as all paths here are.
    roots: Vec<PathBuf>,
    index: PathBuf,
}

/// What an event means.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Change {
    Pages,
    /// There are other folders now, too.
    Folders,
}

/// What tells a file from another that has its name later.
type Identity = (u64, u64);

impl Watcher {
    /// A watch over files and folders, absolute paths, for the index in a folder. They may be missing.
    /// `prepare` comes next.
    pub fn of(index: &Path, roots: Vec<PathBuf>) -> Result<Watcher> {
        let index = BaseDir::of(index)?.index().to_path_buf();
        Ok(Watcher {
            seen: vec![None; roots.len()],
            scope: Arc::new(Scope { roots, index }),
            watcher: None,
            is_blind: false,
            changes: sync_channel(1),
            is_outdated: Arc::new(AtomicBool::new(true)),
        })
    }

    /// Watches what is there now, if that isn't watched already: what happens from here on ends the next `wait`. Where
    /// the system turns out not to tell of changes, gives the reason; `wait` then ends every few seconds.
    pub fn prepare(&mut self) -> Option<String> {
        if !self.is_outdated.swap(false, Ordering::SeqCst) {
            return None;
        }
        self.seen = self.scope.identities();
        if self.is_blind {
            return None;
        }
        // The old one first: the system watches only so many folders.
        self.watcher = None;
        match self.watch_all() {
            Ok(watcher) => {
                self.watcher = Some(watcher);
                None
            }
            Err(error) => {
                self.is_blind = true;
                Some(reason(&error))
            }
        }
    }

    /// Waits until pages may have changed, and then until the changes have ended or go on for some seconds. `spent` is
    /// what the last update took: one that takes long is not begun again at once.
    pub fn wait(&mut self, spent: Duration) {
        let look = if self.watcher.is_some() { WATCHED_LOOK } else { UNWATCHED_LOOK }.max(spent * SHARE);
        let begun = Instant::now();
        while self.changes.1.recv_timeout(GLANCE.min(look)).is_err() {
            if self.scope.identities() != self.seen {
                self.is_outdated.store(true, Ordering::SeqCst);
                break;
            }
            if begun.elapsed() >= look {
                return;
            }
        }
        let burst = Instant::now();
        let quiet = QUIET.max(spent.min(LONGEST_BURST));
        while burst.elapsed() < LONGEST_BURST && self.changes.1.recv_timeout(quiet).is_ok() {}
    }

    /// A new watcher over everything.
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
                // Full means that it is known already.
                let _ = changes.try_send(());
            }
        })?;
        let mut watched = HashSet::new();
        // A folder made before its parent was watched is seen when all is listed once more.
        loop {
            let new: Vec<PathBuf> =
                self.scope.places().into_iter().filter(|place| watched.insert(place.clone())).collect();
            if new.is_empty() {
                return Ok(watcher);
            }
            let mut paths = watcher.paths_mut();
            for place in &new {
                match paths.add(place, RecursiveMode::NonRecursive) {
                    // Gone again, or closed to an update too, which says so.
                    Err(error) if !is_limit(&error) => {}
                    added => added?,
                }
            }
            paths.commit()?;
        }
    }
}

impl Scope {
    /// The folders to watch: those in which pages may lie, and those above the roots, where these come and go.
    fn places(&self) -> Vec<PathBuf> {
        let mut places = vec![self.index.clone()];
        for root in &self.roots {
            places.extend(root.parent().map(Path::to_path_buf));
            places.extend(read::walked_folders(root, &self.index));
        }
        places
    }

    fn identities(&self) -> Vec<Option<Identity>> {
        self.roots.iter().map(|root| std::fs::metadata(root).ok().map(|meta| identity(&meta))).collect()
    }

    /// What an event means for the index, if anything. The reading of pages and the writing of the index make events,
    /// too, and must not lead to the next update.
    fn change(&self, event: &Event) -> Option<Change> {
        if event.need_rescan() {
            return Some(Change::Folders);
        }
        let of_path = |path: &PathBuf| {
            if *path == self.index.join(RULES) {
                return Some(Change::Pages);
            }
            if !self.may_hold(path) {
                return None;
            }
            let is_page = self.roots.contains(path) || read::file_kind(path).is_some();
            match event.kind {
                EventKind::Access(AccessKind::Close(AccessMode::Write)) | EventKind::Modify(ModifyKind::Data(_)) => {
                    is_page.then_some(Change::Pages)
                }
                EventKind::Access(_) => None,
                // What it was can't be asked any more.
                EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(RenameMode::From)) => Some(Change::Pages),
                _ if path.is_dir() => Some(Change::Folders),
                _ => is_page.then_some(Change::Pages),
            }
        };
        let changes: Vec<Change> = event.paths.iter().filter_map(of_path).collect();
        if changes.contains(&Change::Folders) { Some(Change::Folders) } else { changes.first().copied() }
    }

    /// Whether a path is a root, is above one, or is where a walk of one looks.
    fn may_hold(&self, path: &Path) -> bool {
        let is_hidden = |part: std::path::Component| part.as_os_str().to_string_lossy().starts_with('.');
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

/// Whether the system refuses to watch any more.
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
        notify::ErrorKind::MaxFilesWatch => "no more folders can be watched (fs.inotify.max_user_watches)".to_string(),
        notify::ErrorKind::Io(error) if error.raw_os_error() == Some(EMFILE) => {
            "no more watches can be begun (fs.inotify.max_user_instances)".to_string()
        }
        notify::ErrorKind::Io(error) => crate::error::reason(error),
        _ => error.to_string(),
    }
}

/// Of Linux: too many.
const EMFILE: i32 = 24;

#[cfg(test)]
mod tests {
    use notify::event::{CreateKind, DataChange, Flag, RemoveKind};

    use super::*;

    #[test]
    fn only_events_of_pages_and_folders_count() {
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

//! The loop of `treff index --watch`: waits for file changes and updates the index after each burst of them.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use treff::index::{self, BaseDir, STDIN, UpdateReport, Watcher, release_memory};

use crate::cli::advice::error_message;
use crate::cli::apply_update::{UpdateRequest, apply_update, summary, update_messages};
use crate::cli::globals::Globals;
use crate::cli::outcome::{Failure, Result};
use crate::cli::output::{format_count, print, say};

/// `--watch` waits for another writer as long as it takes.
pub const WATCH_LOCK_TIMEOUT: Duration = Duration::MAX;

/// Fails if all paths are standard input, which can't be watched.
pub fn check_watchable(paths: &[PathBuf]) -> Result<()> {
    if !paths.is_empty() && paths.iter().all(|path| path.as_os_str() == STDIN) {
        return Err(nothing_to_watch());
    }
    Ok(())
}

/// Watches `paths`, or the paths the index was built from if there are none, until the process is stopped. It may be
/// stopped at any time, since an update is a single commit. A failed update is reported, and the next one tries again.
/// `messages` are those that the first update printed; a message is not repeated while it remains true.
pub fn watch_loop(paths: &[PathBuf], keep_all: bool, messages: Vec<String>, globals: &Globals) -> Result<()> {
    let roots = watched_roots(paths, &globals.index)?;
    let mut watcher = Watcher::new(&globals.index, roots.clone())?;
    say(&format!("watching {}; press Ctrl-C to stop", format_count(roots.len() as u64, "path")));
    let request = UpdateRequest { paths: &roots, rebuild: false, keep_all, lock_timeout: WATCH_LOCK_TIMEOUT };
    let mut current = CurrentMessages(messages.into_iter().collect());
    loop {
        if let Some(reason) = watcher.prepare() {
            say(&format!("{reason}; checking for changes every few seconds instead"));
        }
        let start = Instant::now();
        let updated = apply_update(&request, globals);
        let elapsed = start.elapsed();
        current.say_new(match &updated {
            Ok(report) => update_messages(report, globals),
            Err(error) => vec![error_message(error, globals)],
        });
        if let Ok(report) = updated
            && has_changed(&report)
        {
            print(|out| writeln!(out, "{}", summary(&report)))?;
        }
        release_memory();
        watcher.wait(elapsed);
    }
}

/// The messages of the last update.
struct CurrentMessages(HashSet<String>);

impl CurrentMessages {
    /// Prints the messages that the last update didn't have.
    fn say_new(&mut self, messages: Vec<String>) {
        messages.iter().filter(|message| !self.0.contains(*message)).for_each(|message| say(message));
        self.0 = messages.into_iter().collect();
    }
}

fn has_changed(report: &UpdateReport) -> bool {
    report.added + report.changed + report.removed + report.cleaned_again > 0
}

/// The files and folders to watch, as absolute paths. All of them are passed to every update, so that it notices when
/// one is gone.
fn watched_roots(paths: &[PathBuf], index: &Path) -> Result<Vec<PathBuf>> {
    let base = BaseDir::of(index)?;
    let names = match paths {
        [] => index::open(index)?.manifest()?.roots,
        paths => {
            let files = paths.iter().filter(|path| path.as_os_str() != STDIN);
            files.map(|path| base.stored_name(path)).collect::<treff::error::Result<Vec<_>>>()?
        }
    };
    let roots: Vec<PathBuf> = names.iter().filter(|name| *name != STDIN).map(|name| base.resolve(name)).collect();
    if roots.is_empty() { Err(nothing_to_watch()) } else { Ok(roots) }
}

fn nothing_to_watch() -> Failure {
    Failure::usage("standard input can't be watched; use --watch with files or folders")
}

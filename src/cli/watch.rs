//! `treff index --watch`: which pages are there now, and now?

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use treff::error::{Error, Result};
use treff::index::{self, BaseDir, STDIN, UpdateReport, Watcher, give_back_memory};

use super::suggest::with_index;
use super::{Globals, count, index as index_command, open, print, say};

/// Who watches has time to wait for another process that writes.
pub const PATIENCE: Duration = Duration::MAX;

/// Refuses paths that never change.
pub fn check(paths: &[PathBuf]) -> Result<()> {
    if !paths.is_empty() && paths.iter().all(|path| path.as_os_str() == STDIN) {
        return Err(nothing_to_watch());
    }
    Ok(())
}

/// Follows the paths that were given, else those that the index was built from, until the process is ended: an update is
/// one commit, so that may be at any moment. Errors of an update are said, and the next one tries again. `before` is what
/// the first update said.
pub fn run(args: index_command::Args, before: Vec<String>, globals: &Globals) -> Result<()> {
    let roots = roots(&args.paths, &globals.index)?;
    let mut watch = Watcher::of(&globals.index, roots.clone())?;
    say(&format!("watching {}; Ctrl-C ends it", count(roots.len() as u64, "path")));
    let mut said = Said(before.into_iter().collect());
    loop {
        if let Some(reason) = watch.prepare() {
            say(&format!("{reason}; looking for changes every few seconds instead"));
        }
        let begun = Instant::now();
        let updated = index_command::follow(&args, &roots, PATIENCE, globals);
        let spent = begun.elapsed();
        let problems = match &updated {
            Ok(report) => open::problems(report, globals),
            Err(error) => vec![with_index(&error.to_string(), globals)],
        };
        said.say_new(problems);
        if let Ok(report) = updated
            && has_changed(&report)
        {
            print(|out| writeln!(out, "{}", index_command::summary(&report)))?;
        }
        give_back_memory();
        watch.wait(spent);
    }
}

/// What there was to say of the last update. What stays is said once.
struct Said(HashSet<String>);

impl Said {
    fn say_new(&mut self, lines: Vec<String>) {
        lines.iter().filter(|line| !self.0.contains(*line)).for_each(|line| say(line));
        self.0 = lines.into_iter().collect();
    }
}

fn has_changed(report: &UpdateReport) -> bool {
    report.added + report.changed + report.removed + report.cleaned_again > 0
}

/// The files and folders to watch, absolute. They are named in every update, so that one that is gone is missed.
fn roots(given: &[PathBuf], index: &Path) -> Result<Vec<PathBuf>> {
    let base = BaseDir::of(index)?;
    let names = match given {
        [] => index::open(index)?.manifest()?.roots,
        given => {
            let given = given.iter().filter(|path| path.as_os_str() != STDIN);
            given.map(|path| base.store(path)).collect::<Result<Vec<_>>>()?
        }
    };
    let roots: Vec<PathBuf> = names.iter().filter(|name| *name != STDIN).map(|name| base.resolve(name)).collect();
    if roots.is_empty() { Err(nothing_to_watch()) } else { Ok(roots) }
}

fn nothing_to_watch() -> Error {
    Error::Usage("what came on standard input never changes; give files or folders to --watch".to_string())
}

//! Opens the index for a command that reads it; the first search builds it.

use std::path::Path;
use std::time::Duration;

use treff::error::{Error, Result};
use treff::index::{self, Index, IndexState, Progress, UpdateReport, update};

use super::suggest::command;
use super::{Globals, SEEDS, count, say, seconds};

/// How long to wait for another process that writes to the index.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// So many pages that lost most of their words are named; the others are counted.
const MAX_LOSSES: usize = 20;

/// The index, built from ./seeds if there is none, built again if it is another version's and its sources
/// are there.
pub fn open(globals: &Globals) -> Result<Index> {
    let dir = &globals.index;
    match index::open(dir) {
        Err(Error::NoIndex { .. } | Error::OtherFormat { .. }) => {}
        opened => return opened,
    }
    match index::state(dir)? {
        IndexState::Current => {}
        IndexState::Missing if Path::new(SEEDS).is_dir() => {
            say(&format!("no index in {}; building one from {SEEDS}/", dir.display()));
            build(globals)?;
        }
        IndexState::Missing => {
            return Err(Error::NoIndex { dir: dir.clone(), hint: "build one with `treff index PATH…`".to_string() });
        }
        IndexState::Other { built_by, sources_are_there: true, .. } => {
            say(&format!("the index in {} was built by treff {built_by}; building it again", dir.display()));
            build(globals)?;
        }
        IndexState::Other { built_by, roots, .. } => {
            return Err(Error::OtherFormat {
                dir: dir.clone(),
                built_by,
                hint: format!(
                    "run `treff index --rebuild PATH…`; it was built from {}, not all of which is there",
                    roots.join(", ")
                ),
            });
        }
    }
    index::open(dir)
}

/// Builds the index anew where there is none that can be read, with the settings that it had.
fn build(globals: &Globals) -> Result<()> {
    let report = update(&index::UpdateOptions {
        index: &globals.index,
        paths: &[],
        default_path: Path::new(SEEDS),
        rebuild: false,
        keep_all: false,
        patience: PATIENCE,
        progress: &|progress| {
            if let Progress::Waiting(holder) = progress {
                say_waiting(&holder);
            }
        },
    })?;
    say_problems(&report, globals);
    say(&format!(
        "indexed {}, {}, in {}",
        count(report.pages, "page"),
        count(report.passages, "passage"),
        seconds(report.elapsed)
    ));
    Ok(())
}

pub fn say_waiting(holder: &str) {
    say(&format!("waiting for {holder} to finish writing"));
}

/// Says what a person should know of an update beside its numbers.
pub fn say_problems(report: &UpdateReport, globals: &Globals) {
    problems(report, globals).iter().for_each(|problem| say(problem));
}

/// What a person should know of an update beside its numbers, a line each.
pub fn problems(report: &UpdateReport, globals: &Globals) -> Vec<String> {
    let mut lines = Vec::new();
    if report.pages == 0 {
        let ignored = count(report.ignored as u64, "file");
        lines.push(format!(
            "no pages found; treff reads .txt, .html, .md, .jsonl, .warc, .wet and .tar, each also as .gz, and .zip \
             ({ignored} of other kinds)"
        ));
    }
    lines.extend(report.notes.iter().cloned());
    lines.extend(report.problems.iter().map(|problem| problem.to_string()));
    for loss in report.losses.iter().take(MAX_LOSSES) {
        let record = loss.record.as_ref().map(|record| format!("#{record}")).unwrap_or_default();
        let lost = count(u64::from(loss.lost_words), "word");
        let kept = loss.kept_words;
        let page = format!("{}{record}", loss.path);
        let why = command(&["clean", "--explain"], &page, globals);
        lines.push(format!("{page}: {lost} dropped, {kept} kept; why: {why}"));
    }
    if let Some(more @ 1..) = report.losses.len().checked_sub(MAX_LOSSES) {
        lines.push(format!("… and {more} more pages lost more than half of their words"));
    }
    lines
}

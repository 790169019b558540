//! Runs an index update with a progress bar, and formats its report.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use treff::error::Result;
use treff::index::{self, Progress, UpdateOptions, UpdateReport};

use crate::cli::advice::{error_message, shell_command, treff_command};
use crate::cli::globals::{Globals, SEEDS};
use crate::cli::output::{format_bytes, format_count, format_duration, say};

/// How long to wait for another process that writes to the index.
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(30);

/// If more pages than this lost most of their words, only this many are named.
const MAX_NAMED_LOSSES: usize = 20;

/// Maximum number of kinds of unread files to name, so that the list fits on a line.
const MAX_NAMED_KINDS: usize = 8;

/// The progress bar appears after this time, so that it does not flicker in short updates.
const PROGRESS_DELAY: Duration = Duration::from_millis(500);

/// Which update to run.
pub struct UpdateRequest<'a> {
    pub paths: &'a [PathBuf],
    pub rebuild: bool,
    pub keep_all: bool,
    pub lock_timeout: Duration,
}

/// Updates the index. Shows a progress bar if standard error is a terminal.
pub fn apply_update(request: &UpdateRequest, globals: &Globals) -> Result<UpdateReport> {
    let bar = UpdateBar::new();
    let report = index::update(&options(request, globals, &|progress| bar.show(progress)));
    bar.finish();
    report
}

/// Builds an index that is missing or was written by another version. Keeps its roots and settings; a missing index is
/// built from ./seeds. Shows no progress bar.
pub fn build_missing_index(globals: &Globals) -> Result<UpdateReport> {
    let request = UpdateRequest { paths: &[], rebuild: false, keep_all: false, lock_timeout: LOCK_TIMEOUT };
    index::update(&options(&request, globals, &|progress| {
        if let Progress::Waiting(holder) = progress {
            say_waiting(&holder);
        }
    }))
}

fn options<'a>(
    request: &UpdateRequest<'a>,
    globals: &'a Globals,
    progress: &'a (dyn Fn(Progress) + Sync),
) -> UpdateOptions<'a> {
    UpdateOptions {
        index: &globals.index,
        paths: request.paths,
        default_path: Some(Path::new(SEEDS)),
        rebuild: request.rebuild,
        keep_all: request.keep_all,
        lock_timeout: request.lock_timeout,
        progress,
    }
}

/// Summarizes an update in one line.
pub fn summary(report: &UpdateReport) -> String {
    let changes: Vec<String> = [
        (report.added, "added"),
        (report.changed, "changed"),
        (report.removed, "removed"),
        (report.cleaned_again, "cleaned again"),
    ]
    .iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, what)| format!("{number} {what}"))
    .collect();
    let changes = if changes.is_empty() { "nothing changed".to_string() } else { changes.join(", ") };
    let copies = match report.copies {
        0 => String::new(),
        1 => ", 1 copy of another page".to_string(),
        copies => format!(", {} of other pages", format_count(copies, "copy")),
    };
    let not_read = match not_read(report) {
        kinds if kinds.is_empty() => String::new(),
        kinds => format!("not read: {kinds}; "),
    };
    let read = match report.bytes {
        0 => "done".to_string(),
        bytes => format!("{} read", format_bytes(bytes)),
    };
    format!(
        "{} ({changes}){copies}, {}, {} dropped as boilerplate; {not_read}{read} in {}",
        format_count(report.pages, "page"),
        format_count(report.passages, "passage"),
        format_count(report.dropped_lines, "line"),
        format_duration(report.elapsed),
    )
}

/// What was not read, most frequent first: "3 PDF documents, 1 image". Empty if everything was read.
fn not_read(report: &UpdateReport) -> String {
    let mut kinds: Vec<(&String, u64)> = report.not_read.iter().map(|(kind, count)| (kind, *count)).collect();
    kinds.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let named = kinds.iter().take(MAX_NAMED_KINDS).map(|(kind, count)| format_count(*count, kind));
    let others: u64 = kinds.iter().skip(MAX_NAMED_KINDS).map(|(_, count)| count).sum();
    let others = (others > 0).then(|| format_count(others, "other"));
    named.chain(others).collect::<Vec<_>>().join(", ")
}

/// Messages about an update for the user, besides its numbers.
pub fn update_messages(report: &UpdateReport, globals: &Globals) -> Vec<String> {
    let mut messages = Vec::new();
    if report.pages == 0 {
        let not_read = match not_read(report) {
            kinds if kinds.is_empty() => String::new(),
            kinds => format!(" (not read: {kinds})"),
        };
        messages.push(format!(
            "no pages found{not_read}; treff reads .txt, .html, .mhtml, .md, .jsonl, .warc, .wet and .tar, plain or \
             compressed (.gz, .zst), and .zip and .wacz"
        ));
    }
    messages.extend(report.notes.iter().cloned());
    for root in &report.kept_roots {
        let treff = treff_command(globals);
        messages.push(format!(
            "{root}: cannot be read; its pages stay in the index (`{treff} index --rebuild PATH…` rebuilds it without \
             them)"
        ));
    }
    messages.extend(report.problems.iter().map(|problem| error_message(problem, globals)));
    for loss in report.losses.iter().take(MAX_NAMED_LOSSES) {
        let record = loss.record.as_ref().map(|record| format!("#{record}")).unwrap_or_default();
        let lost = format_count(u64::from(loss.lost_words), "word");
        let kept = loss.kept_words;
        let page = format!("{}{record}", loss.path);
        let explain = shell_command(&["clean", "--explain"], &page, globals);
        messages.push(format!("{page}: {lost} dropped as boilerplate, {kept} kept; to see why, run `{explain}`"));
    }
    if let Some(more @ 1..) = report.losses.len().checked_sub(MAX_NAMED_LOSSES) {
        let pages = format_count(more as u64, "more page");
        messages.push(format!("… and {pages} with more than half of the words dropped"));
    }
    messages
}

/// Prints the messages about an update.
pub fn say_update_messages(report: &UpdateReport, globals: &Globals) {
    update_messages(report, globals).iter().for_each(|message| say(message));
}

fn say_waiting(holder: &str) {
    say(&format!("waiting for {holder} to finish writing"));
}

/// A progress bar for an update.
struct UpdateBar(Mutex<ProgressBar>);

impl UpdateBar {
    fn new() -> UpdateBar {
        let bar = ProgressBar::new(0);
        bar.set_draw_target(if std::io::stderr().is_terminal() {
            ProgressDrawTarget::stderr_with_hz(8)
        } else {
            ProgressDrawTarget::hidden()
        });
        let style = ProgressStyle::with_template("{msg:10} {wide_bar} {pos}/{len} {eta:>4}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        UpdateBar(Mutex::new(bar))
    }

    fn show(&self, progress: Progress) {
        let Ok(bar) = self.0.lock() else {
            return;
        };
        let (phase, done, of) = match progress {
            Progress::Waiting(holder) => {
                say_waiting(&holder);
                return;
            }
            Progress::Reading { done, total } => ("reading", done, total),
            Progress::Indexing { done, total } => ("indexing", done, total),
            Progress::Merging => ("merging", 1, 1),
        };
        if bar.elapsed() < PROGRESS_DELAY {
            return;
        }
        bar.set_message(phase);
        bar.set_length(of);
        bar.set_position(done);
    }

    fn finish(&self) {
        if let Ok(bar) = self.0.lock() {
            bar.finish_and_clear();
        }
    }
}

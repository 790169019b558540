//! `treff index`: which pages are there now?

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use treff::error::Result;
use treff::index::{self, Progress, UpdateReport, fit_allocator, update};

use super::{Globals, Outcome, SEEDS, bytes, count, open, print, seconds, watch};

/// Bring the index up to date with its pages
///
/// New pages are added, changed ones replaced, vanished ones removed, unchanged ones not read. Reads .txt, .html, .md and .jsonl (a page a line), archives of them (.tar, .zip) and of web crawls (.warc, .wet), and all but .zip as .gz.
#[derive(clap::Args)]
pub struct Args {
    /// Files and folders, or - for standard input [default: those the index was built from, else ./seeds]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Forget what is indexed and begin afresh, from the paths given or else the known ones
    #[arg(long)]
    rebuild: bool,
    /// Drop nothing from the pages, now and in later runs; `--rebuild` without it goes back
    #[arg(long)]
    keep_all: bool,
    /// Then wait for changes of the paths and follow them, until Ctrl-C
    #[arg(long)]
    watch: bool,
}

pub fn run(args: Args, globals: &Globals) -> Result<Outcome> {
    fit_allocator();
    if args.watch {
        watch::check(&args.paths)?;
    }
    let patience = if args.watch { watch::PATIENCE } else { open::PATIENCE };
    let report = follow(&args, &args.paths, patience, globals)?;
    open::say_problems(&report, globals);
    print(|out| writeln!(out, "{}", summary(&report)))?;
    if args.watch {
        watch::run(Args { rebuild: false, ..args }, open::problems(&report, globals), globals)?;
    }
    Ok(if report.problems.is_empty() { Outcome::Found } else { Outcome::Failed })
}

/// An update, with a progress bar.
pub fn follow(args: &Args, paths: &[PathBuf], patience: Duration, globals: &Globals) -> Result<UpdateReport> {
    let bar = Bar::new();
    let report = update(&index::UpdateOptions {
        index: &globals.index,
        paths,
        default_path: Path::new(SEEDS),
        rebuild: args.rebuild,
        keep_all: args.keep_all,
        patience,
        progress: &|progress| bar.show(progress),
    });
    bar.finish();
    report
}

/// What an update did, in a line.
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
    let read = if report.bytes > 0 { format!("{} read ", bytes(report.bytes)) } else { String::new() };
    let copies =
        if report.copies > 0 { format!(", {} of others", count(report.copies, "copy")) } else { String::new() };
    let ignored = match report.ignored as u64 {
        0 => String::new(),
        ignored => format!("{} of other kinds left out, ", count(ignored, "file")),
    };
    format!(
        "{} ({changes}){copies}, {}, {} dropped as boilerplate; {ignored}{read}in {}",
        count(report.pages, "page"),
        count(report.passages, "passage"),
        count(report.dropped_lines, "line"),
        seconds(report.elapsed),
    )
}

/// A progress bar on terminals, once the work has taken long enough to wonder.
struct Bar(Mutex<ProgressBar>);

impl Bar {
    fn new() -> Bar {
        let bar = ProgressBar::new(0);
        bar.set_draw_target(if std::io::stderr().is_terminal() {
            ProgressDrawTarget::stderr_with_hz(8)
        } else {
            ProgressDrawTarget::hidden()
        });
        let style = ProgressStyle::with_template("{msg:10} {wide_bar} {pos}/{len} {eta:>4}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Bar(Mutex::new(bar))
    }

    fn show(&self, progress: Progress) {
        let Ok(bar) = self.0.lock() else {
            return;
        };
        let (message, done, of) = match progress {
            Progress::Waiting(holder) => {
                open::say_waiting(&holder);
                return;
            }
            Progress::Reading { done, of } => ("reading", done, of),
            Progress::Indexing { done, of } => ("indexing", done, of),
            Progress::Merging => ("merging", 1, 1),
        };
        if bar.elapsed() < Duration::from_millis(500) {
            return;
        }
        bar.set_message(message);
        bar.set_length(of);
        bar.set_position(done);
    }

    fn finish(&self) {
        if let Ok(bar) = self.0.lock() {
            bar.finish_and_clear();
        }
    }
}

//! `treff index`: brings the index up to date with its sources.

use std::path::PathBuf;

use treff::index::tune_allocator;

use crate::cli::apply_update::{
    LOCK_TIMEOUT, UpdateRequest, apply_update, say_update_messages, summary, update_messages,
};
use crate::cli::globals::{Globals, expand_home};
use crate::cli::outcome::{Outcome, Result};
use crate::cli::output::print;
use crate::cli::watch_loop::{WATCH_LOCK_TIMEOUT, check_watchable, watch_loop};

/// Update the index to match its source files
///
/// Adds new pages, replaces changed ones and removes deleted ones; unchanged files are not read. Reads .txt, .html,
/// .md, .mhtml and .jsonl (one page per line), archives of them (.tar, .zip), and web crawls (.warc, .wet, .wacz). All
/// but .zip and .wacz may be compressed (.gz, .zst).
#[derive(clap::Args)]
pub struct Args {
    /// Files and folders, or - for standard input [default: the paths the index was built from, or ./seeds]
    #[arg(value_name = "PATH", value_hint = clap::ValueHint::AnyPath)]
    paths: Vec<PathBuf>,
    /// Discard the index and rebuild it, from the given paths or those it was built from
    #[arg(long)]
    rebuild: bool,
    /// Keep all lines, including boilerplate, in this and later updates; undo with `--rebuild`
    #[arg(long)]
    keep_all: bool,
    /// Keep running and update the index whenever files change; stop with Ctrl-C
    #[arg(long)]
    watch: bool,
}

pub fn run(args: Args, globals: &Globals) -> Result<Outcome> {
    tune_allocator();
    if args.watch {
        check_watchable(&args.paths)?;
    }
    let paths: Vec<PathBuf> = args.paths.into_iter().map(expand_home).collect();
    let request = UpdateRequest {
        paths: &paths,
        rebuild: args.rebuild,
        keep_all: args.keep_all,
        lock_timeout: if args.watch { WATCH_LOCK_TIMEOUT } else { LOCK_TIMEOUT },
    };
    let report = apply_update(&request, globals)?;
    say_update_messages(&report, globals);
    print(|out| writeln!(out, "{}", summary(&report)))?;
    if args.watch {
        watch_loop(&paths, args.keep_all, update_messages(&report, globals), globals)?;
    }
    Ok(if report.problems.is_empty() { Outcome::Success } else { Outcome::Failed })
}

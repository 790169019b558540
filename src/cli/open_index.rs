//! Opens the index for a command that reads it. A missing or outdated index is built first, unless its
//! sources are missing.

use std::path::Path;

use treff::error::Error;
use treff::index::{self, Index, IndexState};

use crate::cli::advice::treff_command;
use crate::cli::apply_update::{build_missing_index, say_update_messages};
use crate::cli::globals::{Globals, SEEDS};
use crate::cli::outcome::{Failure, Result};
use crate::cli::output::{format_count, format_duration, say};

/// Opens the index. Builds it from ./seeds if there is none, and rebuilds it if another version wrote it and its
/// sources are still there.
pub fn open_index(globals: &Globals) -> Result<Index> {
    let dir = &globals.index;
    match index::open(dir) {
        Err(Error::NoIndex { .. } | Error::OtherFormat { .. }) => {}
        opened => return Ok(opened?),
    }
    match index::state(dir)? {
        IndexState::Current => {}
        IndexState::Missing if Path::new(SEEDS).is_dir() => {
            say(&format!("no index in {}; building one from {SEEDS}/", dir.display()));
            build(globals)?;
        }
        IndexState::Missing => return Err(Error::NoIndex { dir: dir.clone() }.into()),
        IndexState::Other { built_by, sources_exist: true, .. } => {
            say(&format!("the index in {} was built by treff {built_by}; rebuilding it", dir.display()));
            build(globals)?;
        }
        IndexState::Other { built_by, roots, .. } => {
            let error = Error::OtherFormat { dir: dir.clone(), built_by };
            return Err(Failure::usage(format!(
                "{error}, and not all of its sources exist ({}); run `{} index --rebuild PATH…`",
                roots.join(", "),
                treff_command(globals)
            )));
        }
    }
    Ok(index::open(dir)?)
}

fn build(globals: &Globals) -> Result<()> {
    let report = build_missing_index(globals)?;
    say_update_messages(&report, globals);
    say(&format!(
        "indexed {}, {}, in {}",
        format_count(report.pages, "page"),
        format_count(report.passages, "passage"),
        format_duration(report.elapsed)
    ));
    Ok(())
}

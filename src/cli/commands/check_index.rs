//! `treff check`: verifies the checksums of the index, and checks that its parts agree.

use treff::index::{self, CheckReport, Repair};

use crate::cli::advice::treff_command;
use crate::cli::globals::Globals;
use crate::cli::outcome::{Outcome, Result};
use crate::cli::output::{format_bytes, format_count, print, printable, say};

/// Check the index for damage
///
/// Verifies the checksum of every file, and checks that the manifest and the index list the same pages. Prints each
/// damaged file with the command that repairs it; the exit code is 2 if there are any.
#[derive(clap::Args)]
pub struct Args {}

pub fn run(_: Args, globals: &Globals) -> Result<Outcome> {
    let CheckReport { files, bytes, pages, passages, damaged_files, missing } = index::check(&globals.index)?;
    let treff = treff_command(globals);
    print(|out| {
        for damaged in &damaged_files {
            let repair = match damaged.repair {
                Repair::Rebuild => format!("`{treff} index --rebuild` rebuilds the index from its sources"),
                Repair::ReadStdinAgain => format!(
                    "its pages are still in the index; pipe the same input to `{treff} index -` again, since no other \
                     file contains it"
                ),
            };
            let file = damaged.file.display().to_string();
            writeln!(out, "{}: {}; {repair}", printable(&file), printable(&damaged.reason))?;
        }
        if damaged_files.is_empty() {
            writeln!(
                out,
                "{}, {}: no damage found; {}, {}",
                format_count(files, "file"),
                format_bytes(bytes),
                format_count(pages, "page"),
                format_count(passages, "passage")
            )?;
        }
        Ok(())
    })?;
    if damaged_files.is_empty() {
        return Ok(Outcome::Success);
    }
    if !missing.is_empty() {
        let (no_longer_exist, them) = match missing.len() {
            1 => ("the source no longer exists", "it"),
            _ => ("these sources no longer exist", "them"),
        };
        say(&format!(
            "{}: {no_longer_exist}; restore {them}, or name the paths to build from: `{treff} index --rebuild PATH…`",
            missing.join(", ")
        ));
    }
    Ok(Outcome::Failed)
}

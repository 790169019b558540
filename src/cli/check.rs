//! `treff check`: is the index still what was written?

use treff::error::Result;
use treff::index::{self, CheckReport, Repair};

use super::style::printable;
use super::suggest::program;
use super::{Globals, Outcome, bytes, count, print, say};

/// Verify every file of the index, and that all of them tell of the same pages
///
/// Names each file that is damaged, and the command that mends it; the exit code is then 2.
#[derive(clap::Args)]
pub struct Args {}

pub fn run(_: Args, globals: &Globals) -> Result<Outcome> {
    let CheckReport { files, bytes: size, pages, passages, damages, missing } = index::check(&globals.index)?;
    let treff = program(globals);
    print(|out| {
        for damage in &damages {
            let repair = match damage.repair {
                Repair::Rebuild => format!("`{treff} index --rebuild` builds the index again from its sources"),
                Repair::ReadStdinAgain => format!(
                    "its pages are still in the index; give it again with `{treff} index -`, since nothing else holds it"
                ),
            };
            let file = damage.file.display().to_string();
            writeln!(out, "{}: {}; {repair}", printable(&file), printable(&damage.reason))?;
        }
        if damages.is_empty() {
            writeln!(
                out,
                "{}, {}: all as they were written; {}, {}",
                count(files, "file"),
                bytes(size),
                count(pages, "page"),
                count(passages, "passage")
            )?;
        }
        Ok(())
    })?;
    if damages.is_empty() {
        return Ok(Outcome::Found);
    }
    if !missing.is_empty() {
        say(&format!(
            "{}: not there now; put it back, or name the folders to build from: `{treff} index --rebuild PATH…`",
            missing.join(", ")
        ));
    }
    Ok(Outcome::Failed)
}

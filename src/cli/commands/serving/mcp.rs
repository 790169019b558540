//! `treff mcp`: serves the index to an assistant over standard input and output.

use std::path::{Path, PathBuf};

use clap::ValueHint;
use treff::error::Error;
use treff::mcp::serve_stdio;
use treff::service::{CurrentIndex, IndexStatus};

use crate::cli::advice::error_message;
use crate::cli::globals::Globals;
use crate::cli::outcome::{Outcome, Result};
use crate::cli::output::say;

/// Serve the index to an assistant, by MCP over standard input and output
///
/// Assistants start this command themselves; docs/mcp.md shows their configuration. It reads the index and never changes
/// it; new commits are followed. Ends when its standard input does.
#[derive(clap::Args)]
pub struct Args {
    /// Add synonyms from this file to the built-in ones
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    synonyms: Option<PathBuf>,
}

pub fn run(args: Args, globals: &Globals) -> Result<Outcome> {
    let index = CurrentIndex::new(globals.index.clone(), args.synonyms)?;
    // Not the end: the assistant gets the same message as the result of a call, and the index may be built meanwhile.
    if let IndexStatus::Unavailable(error) = index.status() {
        say(&error_message(&error, globals));
    }
    serve_stdio(index, std::io::stdin(), std::io::stdout())
        .map_err(Error::io(Path::new("standard output"), "write"))?;
    Ok(Outcome::Success)
}

//! Parses the command line, runs the command, prints its error if it fails, and returns the exit code.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::CommandFactory;
use treff::error::Error;
use treff::index::with_corruption_guard;

use crate::cli::advice::failure_message;
use crate::cli::args::{Cli, Command};
#[cfg(feature = "mcp")]
use crate::cli::commands::serving::mcp;
#[cfg(feature = "serve")]
use crate::cli::commands::serving::serve;
use crate::cli::commands::{analyze, bench, check_index, clean, completions, eval, index, man, search, show, status};
use crate::cli::globals::{Globals, expand_home};
use crate::cli::outcome::{Failure, Outcome, Result};
use crate::cli::output::say;

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let Cli { mut globals, command } = match Cli::parse_process_args(std::env::args_os().collect()) {
        Ok(cli) => cli,
        Err(error) => {
            let is_error = error.use_stderr();
            // A closed pipe is not an error here.
            let _ = error.print();
            return ExitCode::from(if is_error { 2 } else { 0 });
        }
    };
    // An empty TREFF_INDEX counts as unset, as is usual in shells.
    if globals.index.as_os_str().is_empty() {
        globals.index = PathBuf::from("index");
    }
    globals.index = expand_home(globals.index);
    match run(command, &globals) {
        Ok(Outcome::Success) => ExitCode::SUCCESS,
        Ok(Outcome::NothingFound) => ExitCode::from(1),
        Ok(Outcome::Failed) => ExitCode::from(2),
        Err(Failure::Library(Error::Io { source, .. })) if source.kind() == std::io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => {
            say(&failure_message(&failure, &globals));
            ExitCode::from(2)
        }
    }
}

fn run(command: Command, globals: &Globals) -> Result<Outcome> {
    let uses_index = !matches!(command, Command::Analyze(_) | Command::Completions(_) | Command::Man(_));
    if uses_index && globals.index.is_file() {
        let index = globals.index.display();
        return Err(Failure::usage(format!("{index} is a file, not the folder of an index; pass a folder to --index")));
    }
    match command {
        Command::Search(args) => guarded(globals, || search::run(args, globals)),
        Command::Index(args) => index::run(args, globals),
        Command::Show(args) => guarded(globals, || show::run(args, globals)),
        Command::Clean(args) => guarded(globals, || clean::run(args, globals)),
        Command::Analyze(args) => analyze::run(args),
        Command::Bench(args) => guarded(globals, || bench::run(args, globals)),
        Command::Eval(args) => guarded(globals, || eval::run(args, globals)),
        #[cfg(feature = "serve")]
        Command::Serve(args) => serve::run(args, globals),
        #[cfg(feature = "mcp")]
        Command::Mcp(args) => mcp::run(args, globals),
        Command::Status(args) => guarded(globals, || status::run(args, globals)),
        Command::Check(args) => check_index::run(args, globals),
        Command::Completions(args) => completions::run(args, Cli::command()),
        Command::Man(args) => man::run(args, Cli::command()),
    }
}

/// Runs a command that reads the index. If it fails because a file of the index is damaged, the error names the file.
fn guarded(globals: &Globals, command: impl FnOnce() -> Result<Outcome>) -> Result<Outcome> {
    with_corruption_guard(&globals.index, || match command() {
        Err(Failure::Library(error)) => Err(error),
        other => Ok(other),
    })?
}

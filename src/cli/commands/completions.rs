//! `treff completions`: prints a completion script for a shell.

use crate::cli::outcome::{Outcome, Result};
use crate::cli::output::print;

/// Print a completion script for a shell
#[derive(clap::Args)]
#[command(after_help = "Example:\n  treff completions bash > ~/.local/share/bash-completion/completions/treff")]
pub struct Args {
    #[arg(value_name = "SHELL")]
    shell: clap_complete::Shell,
}

/// `cli` is the definition of the whole command line.
pub fn run(args: Args, mut cli: clap::Command) -> Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut cli, "treff", &mut script);
    print(|out| out.write_all(&script))?;
    Ok(Outcome::Success)
}

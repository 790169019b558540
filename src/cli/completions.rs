//! `treff completions`: what completes a command line?

use clap::CommandFactory;
use treff::error::Result;

use super::{Cli, Outcome, print};

/// Print a completion script for a shell
#[derive(clap::Args)]
#[command(after_help = "Example:\n  treff completions bash > ~/.local/share/bash-completion/completions/treff")]
pub struct Args {
    #[arg(value_name = "SHELL")]
    shell: clap_complete::Shell,
}

pub fn run(args: Args) -> Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "treff", &mut script);
    print(|out| out.write_all(&script))?;
    Ok(Outcome::Found)
}

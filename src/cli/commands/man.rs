//! `treff man`: prints the manual page.

use std::path::Path;

use treff::error::Error;

use crate::cli::outcome::{Outcome, Result};
use crate::cli::output::print;

/// Print the manual page, which covers all commands
#[derive(clap::Args)]
#[command(after_help = "Example:\n  treff man > treff.1 && man ./treff.1")]
pub struct Args {}

/// `cli` is the definition of the whole command line.
pub fn run(_: Args, mut cli: clap::Command) -> Result<Outcome> {
    cli.build();
    let mut page = Vec::new();
    render(&cli, &mut page).map_err(Error::io(Path::new("manual page"), "write"))?;
    print(|out| out.write_all(&page))?;
    Ok(Outcome::Success)
}

fn render(cli: &clap::Command, page: &mut Vec<u8>) -> std::io::Result<()> {
    clap_mangen::Man::new(cli.clone()).render(page)?;
    for subcommand in cli.get_subcommands() {
        let man = clap_mangen::Man::new(subcommand.clone());
        man.render_name_section(page)?;
        man.render_synopsis_section(page)?;
        man.render_description_section(page)?;
        man.render_options_section(page)?;
    }
    Ok(())
}

//! `treff man`: the manual page.

use clap::CommandFactory;
use treff::error::{Error, Result};

use super::{Cli, Outcome, print};

/// Print the manual page, all commands in one
#[derive(clap::Args)]
#[command(after_help = "Example:\n  treff man > treff.1 && man ./treff.1")]
pub struct Args {}

pub fn run(_: Args) -> Result<Outcome> {
    let mut page = Vec::new();
    let mut command = Cli::command();
    command.build();
    let mut render = || -> std::io::Result<()> {
        clap_mangen::Man::new(command.clone()).render(&mut page)?;
        for subcommand in command.get_subcommands() {
            let man = clap_mangen::Man::new(subcommand.clone());
            man.render_name_section(&mut page)?;
            man.render_synopsis_section(&mut page)?;
            man.render_description_section(&mut page)?;
            man.render_options_section(&mut page)?;
        }
        Ok(())
    };
    render().map_err(Error::io(std::path::Path::new("manual page"), "write"))?;
    print(|out| out.write_all(&page))?;
    Ok(Outcome::Found)
}

//! `treff analyze`: which index terms does a text give?

use treff::error::Result;
use treff::norwegian::{Kind, analyze};

use super::{Globals, Outcome, print};

/// Print the index terms of a text with their kind, position and offsets
#[derive(clap::Args)]
pub struct Args {
    /// The text; one that begins with - goes after --
    #[arg(required = true, value_name = "TEXT")]
    text: Vec<String>,
}

pub fn run(args: Args, _: &Globals) -> Result<Outcome> {
    let text = args.text.join(" ");
    let terms = analyze(&text);
    print(|out| {
        if !terms.is_empty() {
            writeln!(out, "position  bytes      kind   term")?;
        }
        for term in &terms {
            let bytes = format!("{}..{}", term.start, term.end);
            let kind = match term.kind {
                Kind::Exact => "exact",
                Kind::Stem => "stem",
            };
            writeln!(out, "{:>8}  {bytes:<9}  {kind:<5}  {}", term.position, term.text)?;
        }
        Ok(())
    })?;
    Ok(if terms.is_empty() { Outcome::NothingFound } else { Outcome::Found })
}

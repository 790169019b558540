//! `treff analyze`: prints the index terms of a text.

use treff::norwegian::{Standard, TermKind, for_each_term};

use crate::cli::outcome::{Outcome, Result};
use crate::cli::output::print;

/// Print the index terms of a text, each with its kind, position and byte range
#[derive(clap::Args)]
pub struct Args {
    /// The text; put -- before a text that begins with -
    #[arg(required = true, value_name = "TEXT")]
    text: Vec<String>,

    /// Written standard of the text
    #[arg(long = "as", value_name = "STANDARD", default_value = "both")]
    standard: StandardArg,
}

pub fn run(args: Args) -> Result<Outcome> {
    let text = args.text.join(" ");
    let mut rows = Vec::new();
    for_each_term(&text, args.standard.into(), |term, kind, position, start, end| {
        rows.push((position, format!("{start}..{end}"), kind, term.to_string()));
    });
    print(|out| {
        if !rows.is_empty() {
            writeln!(out, "position  bytes      kind       term")?;
        }
        for (position, bytes, kind, term) in &rows {
            let kind = match kind {
                TermKind::Exact => "exact",
                TermKind::Lemma => "lemma",
                TermKind::Component => "component",
            };
            writeln!(out, "{position:>8}  {bytes:<9}  {kind:<9}  {term}")?;
        }
        Ok(())
    })?;
    Ok(if rows.is_empty() { Outcome::NothingFound } else { Outcome::Success })
}

/// The values of `--as`.
#[derive(Clone, Copy, clap::ValueEnum)]
enum StandardArg {
    /// Bokmål
    Nb,
    /// Nynorsk
    Nn,
    /// Both, as for queries
    Both,
}

impl From<StandardArg> for Standard {
    fn from(standard: StandardArg) -> Standard {
        match standard {
            StandardArg::Nb => Standard::Bokmal,
            StandardArg::Nn => Standard::Nynorsk,
            StandardArg::Both => Standard::Both,
        }
    }
}

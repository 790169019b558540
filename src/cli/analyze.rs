//! `treff analyze`: which index terms does a text give?

use treff::error::Result;
use treff::norwegian::{Standard, TermKind, for_each_term};

use super::{Globals, Outcome, print};

/// Print the index terms of a text with their kind, position and offsets
#[derive(clap::Args)]
pub struct Args {
    /// The text; one that begins with - goes after --
    #[arg(required = true, value_name = "TEXT")]
    text: Vec<String>,

    /// Read the text as one written standard
    #[arg(long = "as", value_name = "STANDARD", default_value = "both")]
    standard: As,
}

pub fn run(args: Args, _: &Globals) -> Result<Outcome> {
    let text = args.text.join(" ");
    let mut rows = Vec::new();
    for_each_term(&text, args.standard.into(), |term, kind, position, start, end| {
        rows.push((position, format!("{start}..{end}"), kind, term.to_string()));
    });
    print(|out| {
        if !rows.is_empty() {
            writeln!(out, "position  bytes      kind   term")?;
        }
        for (position, bytes, kind, term) in &rows {
            let kind = match kind {
                TermKind::Exact => "exact",
                TermKind::Lemma => "lemma",
                TermKind::Part => "part",
            };
            writeln!(out, "{position:>8}  {bytes:<9}  {kind:<5}  {term}")?;
        }
        Ok(())
    })?;
    Ok(if rows.is_empty() { Outcome::NothingFound } else { Outcome::Found })
}

/// The written standards, as they are named on the command line.
#[derive(Clone, Copy, clap::ValueEnum)]
enum As {
    /// Bokmål
    Nb,
    /// Nynorsk
    Nn,
    /// Either, as a query is read
    Both,
}

impl From<As> for Standard {
    fn from(standard: As) -> Standard {
        match standard {
            As::Nb => Standard::Bokmal,
            As::Nn => Standard::Nynorsk,
            As::Both => Standard::Both,
        }
    }
}

//! `treff analyze`: prints the index terms of a text, and the two parts of words that are split but have no components.

use treff::norwegian::{Standard, TermKind, analyze, for_each_term, head_offset};

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
    let standard = args.standard.into();
    for_each_term(&text, standard, |term, kind, position, start, end| {
        let kind = match kind {
            TermKind::Exact => "exact",
            TermKind::Lemma => "lemma",
            TermKind::Component => "component",
        };
        rows.push((position, start..end, kind, term.to_string()));
    });
    for token in analyze(&text, standard) {
        let (word, start) = (&text[token.start..token.end], token.start);
        if let Some(head) = head_offset(word, standard)
            && token.components().next().is_none()
            && token.word.exact().len() == word.len()
            && let (Some(before), Some(after)) = (word.get(..head), word.get(head..))
        {
            rows.push((token.position, start..start + head, "part", before.to_lowercase()));
            rows.push((token.position, start + head..token.end, "part", after.to_lowercase()));
        }
    }
    rows.sort_by_key(|(position, ..)| *position);
    print(|out| {
        if !rows.is_empty() {
            writeln!(out, "position  bytes      kind       term")?;
        }
        for (position, bytes, kind, term) in &rows {
            let bytes = format!("{}..{}", bytes.start, bytes.end);
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

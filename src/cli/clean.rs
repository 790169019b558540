//! `treff clean`: what of a page is content?

use std::io::Write;
use std::path::PathBuf;

use treff::clean;
use treff::error::Result;
use treff::index;
use treff::page::Document;
use treff::read::{self, Loaded};

use super::style::printable;
use super::{Globals, Outcome, print, say};

/// Print a page as the index sees it
#[derive(clap::Args)]
pub struct Args {
    /// The page, or a file of pages
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// Print every line of the source with its verdict and the reason
    #[arg(long)]
    explain: bool,
}

pub fn run(args: Args, globals: &Globals) -> Result<Outcome> {
    let name = args.path.display().to_string();
    let mut failed = false;
    let mut siblings = index::Siblings::of(&globals.index)?;
    if !siblings.is_indexed {
        say(&format!(
            "no index that can be read in {}: judged by the page alone, without others of its site",
            globals.index.display()
        ));
    }
    for unit in read::units_at(&args.path, &name) {
        let page = match unit.and_then(read::load) {
            Ok(Loaded::Page(page)) => page,
            Ok(Loaded::Note(note)) => {
                say(&note);
                continue;
            }
            Err(error) => {
                say(&error.to_string());
                failed = true;
                continue;
            }
        };
        if let Some(note) = &page.note {
            say(&format!("{}: {note}", page.id));
        }
        let parsed = clean::parse(&page);
        let document = siblings.clean(&page, parsed, &args.path)?;
        print(|out| {
            if page.id.record.is_some() {
                writeln!(out, "# {}", printable(&page.id.to_string()))?;
            }
            if args.explain { explain(out, &document) } else { content(out, &document) }
        })?;
    }
    Ok(if failed { Outcome::Failed } else { Outcome::Found })
}

fn content(out: &mut dyn Write, document: &Document) -> std::io::Result<()> {
    for line in document.lines.iter().filter(|line| line.verdict.is_kept()) {
        writeln!(out, "{:>5}  {}", line.number, printable(line.text.trim()))?;
    }
    Ok(())
}

fn explain(out: &mut dyn Write, document: &Document) -> std::io::Result<()> {
    let facts = [
        ("title", document.title.clone()),
        ("published", document.published.map(|date| date.to_string())),
        ("updated", document.updated.map(|date| date.to_string())),
        ("source", document.source.clone()),
        ("url", document.url.clone()),
        ("language", Some(document.lang.code().to_string())),
    ];
    for (name, fact) in facts {
        writeln!(out, "{name:<10} {}", printable(fact.as_deref().unwrap_or("-")))?;
    }
    writeln!(out, "\n{:>5}  {:<11}  {:<52}  text", "line", "verdict", "reason")?;
    for line in &document.lines {
        let text: String = line.text.trim().to_string();
        let shown =
            format!("{:>5}  {:<11}  {:<52}  {}", line.number, line.verdict.name(), line.reason, printable(&text));
        writeln!(out, "{}", shown.trim_end())?;
    }
    Ok(())
}

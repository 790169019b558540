//! `treff clean`: what of a page is content?

use std::io::Write;
use std::path::{Path, PathBuf};

use treff::clean;
use treff::index;
use treff::model::{Document, PageId};
use treff::read::{self, Loaded};

use crate::cli::advice::{error_message, shell_command};
use crate::cli::globals::Globals;
use crate::cli::outcome::{Failure, Outcome, Result};
use crate::cli::output::{print, printable, say};

/// Print a page as the index sees it
#[derive(clap::Args)]
pub struct Args {
    /// The page, a file of pages, or one page of such a file (pages.zip#a.html)
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// Print every line of the source with its verdict and the reason
    #[arg(long)]
    explain: bool,
}

pub fn run(args: Args, globals: &Globals) -> Result<Outcome> {
    let mut failed = false;
    let mut siblings = index::SiteContext::of(&globals.index)?;
    if !siblings.is_indexed {
        say(&format!(
            "no readable index in {}; cleaning the page without the other pages of its site",
            globals.index.display()
        ));
    }
    let (path, record) = file_and_record(&args.path);
    let name = path.display().to_string();
    let mut is_there = record.is_none();
    for unit in read::units_at(&path, &name) {
        let mut page = match unit.and_then(read::load) {
            Ok(Loaded::Page(page)) if record.is_some() && page.id.record != record => continue,
            Ok(Loaded::Page(page)) => page,
            Ok(Loaded::Note(note)) => {
                say(&note);
                continue;
            }
            Err(error) => {
                say(&error_message(&error, globals));
                failed = true;
                continue;
            }
        };
        is_there = true;
        if let Some(note) = &page.note {
            say(&format!("{}: {note}", page.id));
        }
        let parsed = clean::parse(&page);
        let shown = page.id.to_string();
        page.id.path = siblings.name_of(&path)?;
        let standing = if args.explain { siblings.standing(&page, &parsed) } else { Vec::new() };
        let document = siblings.clean(&page, parsed)?;
        print(|out| {
            if page.id.record.is_some() {
                writeln!(out, "# {}", printable(&shown))?;
            }
            if args.explain { explain(out, &document, &standing) } else { content(out, &document) }
        })?;
    }
    if !is_there && !failed {
        let record = record.unwrap_or_default();
        let all = shell_command(&["clean"], &name, globals);
        return Err(Failure::usage(format!("{name} contains no page {record:?}; `{all}` prints all of its pages")));
    }
    Ok(if failed { Outcome::Failed } else { Outcome::Found })
}

/// `pages.zip#a.html` where there is no file of that name: the page a.html of pages.zip.
fn file_and_record(path: &Path) -> (PathBuf, Option<String>) {
    if !path.exists() {
        let text = path.to_string_lossy();
        for (at, _) in text.match_indices('#') {
            let file = Path::new(&text[..at]);
            if file.is_file() {
                return (file.to_path_buf(), Some(text[at + 1..].to_string()));
            }
        }
    }
    (path.to_path_buf(), None)
}

fn content(out: &mut dyn Write, document: &Document) -> std::io::Result<()> {
    for line in document.lines.iter().filter(|line| line.class.is_kept()) {
        writeln!(out, "{:>5}  {}", line.number, printable(line.text.trim()))?;
    }
    Ok(())
}

/// `standing` tells of each line in how many other pages of the site it stands, and names two.
fn explain(out: &mut dyn Write, document: &Document, standing: &[(usize, Vec<PageId>)]) -> std::io::Result<()> {
    let origins = &document.origins;
    let facts = [
        ("title", document.title.clone(), &origins.title),
        ("published", document.published.map(|date| date.to_string()), &origins.published),
        ("updated", document.updated.map(|date| date.to_string()), &origins.updated),
        ("source", document.source.clone(), &origins.source),
        ("url", document.url.clone(), &origins.url),
        ("language", Some(document.lang.code().to_string()), &origins.lang),
    ];
    for (name, fact, origin) in facts {
        let origin = if origin.is_empty() { String::new() } else { format!("  ({origin})") };
        writeln!(out, "{name:<10} {}{origin}", printable(fact.as_deref().unwrap_or("-")))?;
    }
    let kept: Vec<usize> = (0..document.lines.len()).filter(|at| document.lines[*at].class.is_kept()).collect();
    let zone = |at: usize| match (kept.first(), kept.last()) {
        (Some(first), _) if at < *first => "top",
        (_, Some(last)) if at > *last => "foot",
        (None, _) => "",
        _ => "text",
    };
    writeln!(out, "\n{:>5}  {:<11}  {:<4}  {:<52}  text", "line", "verdict", "zone", "reason")?;
    for (at, line) in document.lines.iter().enumerate() {
        let (number, verdict, text) = (line.number, line.class.name(), line.text.trim());
        let shown = format!("{number:>5}  {verdict:<11}  {:<4}  {:<52}  {}", zone(at), line.reason, printable(text));
        writeln!(out, "{}", shown.trim_end())?;
        if let Some((count, examples)) = standing.get(at).filter(|(count, _)| *count > 0) {
            let names: Vec<String> = examples.iter().map(|id| printable(&id.to_string()).to_string()).collect();
            let more = if *count > names.len() { ", …" } else { "" };
            let pages = if *count == 1 { "other page" } else { "other pages" };
            writeln!(out, "{:26}in {count} {pages} of the site: {}{more}", "", names.join(", "))?;
        }
    }
    Ok(())
}

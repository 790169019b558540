//! `treff clean`: prints the content of a page, or the class of each line and the reason for it.

use std::io::Write;
use std::path::{Path, PathBuf};

use treff::clean;
use treff::index::SiteContext;
use treff::model::{Document, PageId};
use treff::read::{self, Loaded};

use crate::cli::advice::{error_message, shell_command};
use crate::cli::globals::{Globals, expand_home};
use crate::cli::outcome::{Failure, Outcome, Result};
use crate::cli::output::{print, printable, say};

/// Print the content of a page, without boilerplate
#[derive(clap::Args)]
pub struct Args {
    /// A page, a file with many pages, or one page in such a file (pages.zip#a.html)
    #[arg(value_name = "PATH", value_hint = clap::ValueHint::FilePath)]
    path: PathBuf,
    /// Print every line of the page with its class and the reason for it
    #[arg(long)]
    explain: bool,
}

pub fn run(args: Args, globals: &Globals) -> Result<Outcome> {
    let mut has_failed = false;
    let mut site = SiteContext::open(&globals.index)?;
    if !site.is_indexed {
        say(&format!(
            "no readable index in {}; cleaning the page without comparing it with other pages of its site",
            globals.index.display()
        ));
    }
    let (path, record) = split_record(&expand_home(args.path));
    let name = read::escape_path(&path);
    // The names of members have been decoded, but the argument may be the escaped bytes as stored in the archive.
    let typed = record.as_deref().and_then(read::member_name_of_escaped).or_else(|| record.clone());
    let mut is_found = record.is_none();
    for unit in read::units_at(&path, &name) {
        let mut page = match unit.and_then(read::load) {
            Ok(Loaded::Page(page)) if record.is_some() && page.id.record != record && page.id.record != typed => {
                continue;
            }
            Ok(Loaded::Page(page)) => page,
            Ok(Loaded::NotRead(..)) => continue,
            Ok(Loaded::Note(note)) => {
                say(&note);
                continue;
            }
            Err(part) => {
                say(&error_message(&part.error, globals));
                has_failed = true;
                continue;
            }
        };
        is_found = true;
        if let Some(note) = &page.note {
            say(&format!("{}: {note}", page.id));
        }
        let parsed = clean::parse(&page);
        let page_name = page.id.to_string();
        page.id.path = site.stored_name(&path)?;
        let recurrences = if args.explain { site.line_occurrences(&page, &parsed) } else { Vec::new() };
        let document = site.clean(&page, parsed)?;
        print(|out| {
            if page.id.record.is_some() {
                writeln!(out, "# {}", printable(&page_name))?;
            }
            if args.explain { print_explained(out, &document, &recurrences) } else { print_content(out, &document) }
        })?;
    }
    if !is_found && !has_failed {
        let record = record.unwrap_or_default();
        let all = shell_command(&["clean"], &name, globals);
        return Err(Failure::usage(format!("{name} contains no page {record:?}; `{all}` prints all of its pages")));
    }
    Ok(if has_failed { Outcome::Failed } else { Outcome::Success })
}

/// Splits `pages.zip#a.html` into the file and the record, unless there is a file of that name.
fn split_record(path: &Path) -> (PathBuf, Option<String>) {
    let text = path.to_str().map_or_else(|| read::escape_path(path), str::to_string);
    let unescaped = read::unescape_path(&text);
    for path in [&unescaped, path] {
        if path.exists() {
            return (path.to_path_buf(), None);
        }
    }
    for (hash, _) in text.match_indices('#') {
        let file = read::unescape_path(&text[..hash]);
        if file.is_file() {
            return (file, Some(text[hash + 1..].to_string()));
        }
    }
    (unescaped, None)
}

fn print_content(out: &mut dyn Write, document: &Document) -> std::io::Result<()> {
    for line in document.lines.iter().filter(|line| line.class.is_kept()) {
        writeln!(out, "{:>5}  {}", line.number, printable(line.text.trim()))?;
    }
    Ok(())
}

/// `recurrences` has, for each line, the number of other pages of the site that contain it, and the ids of up to two of
/// them.
fn print_explained(
    out: &mut dyn Write,
    document: &Document,
    recurrences: &[(usize, Vec<PageId>)],
) -> std::io::Result<()> {
    print_metadata(out, document)?;
    writeln!(out, "\n{:>5}  {:<11}  {:<4}  {:<52}  text", "line", "class", "zone", "reason")?;
    let is_kept = |index: &usize| document.lines[*index].class.is_kept();
    let first_kept = (0..document.lines.len()).find(is_kept);
    let last_kept = (0..document.lines.len()).rfind(is_kept);
    let zone = |index: usize| match (first_kept, last_kept) {
        (Some(first), _) if index < first => "top",
        (_, Some(last)) if index > last => "end",
        (None, _) => "",
        _ => "text",
    };
    for (index, line) in document.lines.iter().enumerate() {
        let (number, class, text) = (line.number, line.class.name(), printable(line.text.trim()));
        let row = format!("{number:>5}  {class:<11}  {:<4}  {:<52}  {text}", zone(index), line.reason);
        writeln!(out, "{}", row.trim_end())?;
        if let Some((count, examples)) = recurrences.get(index).filter(|(count, _)| *count > 0) {
            let names: Vec<String> = examples.iter().map(|id| printable(&id.to_string()).to_string()).collect();
            let more = if *count > names.len() { ", …" } else { "" };
            let pages = if *count == 1 { "other page" } else { "other pages" };
            writeln!(out, "{:26}on {count} {pages} of the site: {}{more}", "", names.join(", "))?;
        }
    }
    Ok(())
}

/// Prints the metadata of the page and where each value comes from.
fn print_metadata(out: &mut dyn Write, document: &Document) -> std::io::Result<()> {
    let origins = &document.origins;
    let fields = [
        ("title", document.title.clone(), &origins.title),
        ("published", document.published.map(|date| date.to_string()), &origins.published),
        ("updated", document.updated.map(|date| date.to_string()), &origins.updated),
        ("source", document.source.clone(), &origins.source),
        ("url", document.url.clone(), &origins.url),
        ("language", Some(document.lang.code().to_string()), &origins.lang),
    ];
    for (name, value, origin) in fields {
        let origin = if origin.is_empty() { String::new() } else { format!("  ({origin})") };
        writeln!(out, "{name:<10} {}{origin}", printable(value.as_deref().unwrap_or("-")))?;
    }
    Ok(())
}

//! `treff show`: prints the page of a passage, with the passage marked.

use std::io::Write;

use treff::chunk::paragraphs;
use treff::index::{DocumentKind, Index, PageEntry, StoredPassage};
use treff::model::PageId;
use treff::query;
use treff::read::{member_name_of_escaped, unescape_path};
use treff::search::{hit_id, page_of_hit, parse_hit_id, passages_of_page};
use treff::snippet::{self, Highlighter};

use crate::cli::globals::Globals;
use crate::cli::load_synonyms::load_synonyms;
use crate::cli::open_index::open_index;
use crate::cli::outcome::{Failure, Outcome, Result};
use crate::cli::output::{Style, print, printable};

/// Print the cleaned page that a passage is from, with line numbers
#[derive(clap::Args)]
pub struct Args {
    /// A hit id as printed by search (7f3k2m9q.3), or a line of a page (seeds/a.txt:34, pages.zip#a.html:34)
    #[arg(value_name = "HIT")]
    hit: String,
    /// Highlight the matches of this query in the passage
    #[arg(value_name = "QUERY")]
    query: Vec<String>,
}

pub fn run(args: Args, globals: &Globals) -> Result<Outcome> {
    let index = open_index(globals)?;
    let (page, is_hit) = find(&index, &args.hit)?;
    let Some(chosen) = page.iter().find(|passage| is_hit(passage)) else {
        return Err(Failure::usage(missing(&args.hit, &page)));
    };
    let query = query::parse(&args.query.join(" "), &load_synonyms(None, globals)?);
    let highlighter = Highlighter::new(&query);
    let style = Style::of_stdout(globals.color);
    print(|out| {
        print_heading(out, chosen, &index, &style)?;
        for passage in &page {
            print_passage(out, passage, is_hit(passage), &highlighter, &style)?;
        }
        Ok(())
    })?;
    Ok(Outcome::Success)
}

/// The message for a hit that is not in the index. `page` has the passages of the page that it names.
fn missing(hit: &str, page: &[StoredPassage]) -> String {
    let ranges = || page.iter().map(|passage| passage.passage.range());
    match (ranges().map(|(first, _)| first).min(), ranges().map(|(_, last)| last).max(), hit.rsplit_once(':')) {
        (Some(first), Some(last), Some((path, line))) => {
            format!("no passage of {path} covers line {line}; its passages are on lines {first} to {last}")
        }
        _ => format!("no passage {hit} in the index; use an id as printed by search"),
    }
}

/// Whether a passage is the one to show.
type IsHit = Box<dyn Fn(&StoredPassage) -> bool>;

/// Finds the passages of the page that a hit id or `path:line` names, and returns a test for the one to show.
fn find(index: &Index, hit: &str) -> Result<(Vec<StoredPassage>, IsHit)> {
    if let Some((_, ordinal)) = parse_hit_id(hit) {
        let page = page_of_hit(index, hit)?.map(|page| page.passages);
        return Ok((page.unwrap_or_default(), Box::new(move |passage| passage.ordinal == ordinal)));
    }
    if let Some((path, line)) = hit.rsplit_once(':')
        && let Ok(line) = line.parse::<u32>()
    {
        return find_line(index, path, line);
    }
    Err(Failure::usage(format!(
        "{hit:?} is not a passage; use an id as printed by search (7f3k2m9q.3) or a line of a page (seeds/a.txt:34)"
    )))
}

/// Finds the passages of the page that has this line. In a `.jsonl` file, a line is a record.
fn find_line(index: &Index, path: &str, line: u32) -> Result<(Vec<StoredPassage>, IsHit)> {
    let stored_name = |path: &str| index.base.stored_name(&unescape_path(path));
    let mut name = stored_name(path)?;
    let mut page = passages_of_page(index, &name)?;
    for (hash, _) in path.match_indices('#') {
        let record = &path[hash + 1..];
        // Names of members are Unicode, but may be typed in the encoding of the archive.
        for record in std::iter::once(record.to_string()).chain(member_name_of_escaped(record)) {
            if page.is_empty() {
                let id = PageId { path: stored_name(&path[..hash])?, record: Some(record) };
                page = passages_of_page(index, &id.key())?;
            }
        }
    }
    if page.is_empty()
        && path.contains(char::REPLACEMENT_CHARACTER)
        && let Some(other) = name_with_replacements(index, &name)?
    {
        name = other;
        page = passages_of_page(index, &name)?;
    }
    if page.iter().any(|stored| stored.kind == DocumentKind::Copy) {
        return Ok((passages_with_content(index, page[0].content)?, Box::new(|_| true)));
    }
    if !page.is_empty() {
        let contains_line = move |passage: &StoredPassage| {
            let (first, last) = passage.passage.range();
            (first..=last).contains(&line)
        };
        return Ok((page, Box::new(contains_line)));
    }
    let manifest = index.manifest()?;
    let file = manifest.files.iter().find(|file| file.path == name);
    let record = file.and_then(|file| file.pages.iter().find(|page| page.line == Some(line)));
    let page = match record {
        Some(record) if record.outcome.is_copy => passages_with_content(index, record.outcome.content)?,
        Some(record) => passages_of_page(index, &record.id(&name).key())?,
        None => Vec::new(),
    };
    Ok((page, Box::new(|_| true)))
}

/// Finds the stored name that other programs show as `shown`, with replacement characters for bytes that are not UTF-8.
/// `None` if there is none, or more than one.
fn name_with_replacements(index: &Index, shown: &str) -> Result<Option<String>> {
    let manifest = index.manifest()?;
    let mut names = manifest
        .files
        .iter()
        .map(|file| &file.path)
        .filter(|name| name.contains("\\x") && unescape_path(name).to_string_lossy() == shown);
    Ok(names.next().cloned().filter(|_| names.next().is_none()))
}

/// The passages of the page that is indexed for all copies of this content.
fn passages_with_content(index: &Index, content: u64) -> Result<Vec<StoredPassage>> {
    let manifest = index.manifest()?;
    let is_indexed = |page: &PageEntry| page.outcome.content == content && !page.outcome.is_copy;
    match manifest.entries().find(|(_, page)| is_indexed(page)) {
        Some((id, _)) => Ok(passages_of_page(index, &id.key())?),
        None => Ok(Vec::new()),
    }
}

/// Prints the title and metadata of the page.
fn print_heading(out: &mut dyn Write, chosen: &StoredPassage, index: &Index, style: &Style) -> std::io::Result<()> {
    let title = chosen.title.as_deref().or(chosen.opening.as_deref()).unwrap_or("");
    writeln!(out, "{}", style.bold(&printable(title)))?;
    let mut fields: Vec<String> = Vec::new();
    fields.extend(chosen.source.clone());
    fields.extend(chosen.published.clone());
    fields.extend(chosen.updated.as_ref().map(|date| format!("updated {date}")));
    fields.extend(chosen.url.clone());
    fields.push(index.base.show(&chosen.page.path));
    fields.extend(chosen.page.record.as_ref().map(|record| format!("#{record}")));
    fields.push(hit_id(chosen));
    writeln!(out, "{}\n", style.dim(&printable(&fields.join(" · "))))
}

/// Prints a passage with line numbers. The hit is marked with `>` and its matches are highlighted; other passages are
/// dimmed.
fn print_passage(
    out: &mut dyn Write,
    stored: &StoredPassage,
    is_hit: bool,
    highlighter: &Highlighter,
    style: &Style,
) -> std::io::Result<()> {
    let text = &stored.passage.text;
    let marks = if is_hit { snippet::merge_marks(&highlighter.matches(text, stored.standard)) } else { Vec::new() };
    let mut numbers = stored.passage.lines.iter();
    for (start, paragraph) in paragraphs(text) {
        if start > 0 {
            writeln!(out)?;
        }
        let mut offset = start;
        for line in paragraph.split('\n').filter(|line| !line.is_empty()) {
            let number = numbers.next().copied().unwrap_or(0);
            let gutter = format!("{}{number:>5}  ", if is_hit { '>' } else { ' ' });
            let end = offset + line.len();
            let visible = snippet::visible_text(text, offset, end, &clip(&marks, offset, end));
            // Lines are not wrapped here, so that each stays one line when it is copied; the terminal wraps it.
            let line = Style { width: None, ..*style }.marked(&visible.text, &visible.marks, "");
            writeln!(out, "{gutter}{}", if is_hit { line } else { style.dim(&line) })?;
            offset = end + 1;
        }
    }
    writeln!(out)
}

/// The parts of the marks that are between `start` and `end`.
fn clip(marks: &[(usize, usize)], start: usize, end: usize) -> Vec<(usize, usize)> {
    let inside = marks.iter().filter(|(from, to)| *from < end && *to > start);
    inside.map(|(from, to)| ((*from).max(start), (*to).min(end))).collect()
}

//! `treff show`: where in its page does a passage stand?

use std::io::Write;
use std::path::Path;

use tantivy::Term;
use treff::chunk::paragraphs;
use treff::index::{DocumentKind, Index, PageEntry, StoredPassage, check_for_damage, page_hash};
use treff::model::PageId;
use treff::query;
use treff::search::{hit_id, parse_hit_id};
use treff::snippet::{self, Highlighter};

use crate::cli::globals::Globals;
use crate::cli::load_synonyms::load_synonyms;
use crate::cli::open_index::open_index;
use crate::cli::outcome::{Failure, Outcome, Result};
use crate::cli::output::{Style, print, printable};

/// Print a passage in its page, cleaned, with line numbers
#[derive(clap::Args)]
pub struct Args {
    /// The id of a hit as search prints it (7f3k2m9q.3), or a place (seeds/a.txt:34, pages.zip#a.html:34)
    #[arg(value_name = "HIT")]
    hit: String,
    /// Mark in it what this query finds, as `treff search --full` does
    #[arg(value_name = "QUERY")]
    query: Vec<String>,
}

pub fn run(args: Args, globals: &Globals) -> Result<Outcome> {
    let index = open_index(globals)?;
    let (page, is_hit) = find(&index, &args.hit)?;
    let Some(chosen) = page.iter().find(|passage| is_hit(passage)) else {
        return Err(Failure::usage(format!(
            "no passage {} in the index; search prints the ids of those there are",
            args.hit
        )));
    };
    let query = query::parse(&args.query.join(" "), &load_synonyms(None, globals)?);
    let sought = Highlighter::new(&query);
    let style = Style::of_stdout(globals.color);
    print(|out| {
        writeln!(
            out,
            "{}",
            style.bold(&printable(chosen.title.as_deref().or(chosen.opening.as_deref()).unwrap_or("")))
        )?;
        let mut about: Vec<String> = Vec::new();
        about.extend(chosen.source.clone());
        about.extend(chosen.published.clone());
        about.extend(chosen.updated.as_ref().map(|date| format!("updated {date}")));
        about.extend(chosen.url.clone());
        about.push(index.base.show(&chosen.page.path));
        about.extend(chosen.page.record.as_ref().map(|record| format!("#{record}")));
        about.push(hit_id(chosen));
        writeln!(out, "{}\n", style.dim(&printable(&about.join(" · "))))?;
        // What was dropped is shown to who asks for it.
        let is_shown = |passage: &&StoredPassage| {
            passage.page == chosen.page
                && (passage.kind == DocumentKind::Passage || chosen.kind == DocumentKind::Boilerplate)
        };
        for passage in page.iter().filter(is_shown) {
            print_passage(out, passage, is_hit(passage), &sought, &style)?;
        }
        Ok(())
    })?;
    Ok(Outcome::Found)
}

type IsHit = Box<dyn Fn(&StoredPassage) -> bool>;

/// The passages of the page that is meant, and which of them it is.
fn find(index: &Index, hit: &str) -> Result<(Vec<StoredPassage>, IsHit)> {
    if let Some((hash, ordinal)) = parse_hit_id(hit) {
        let term = Term::from_field_u64(index.fields.page_hash, hash);
        let page = passages(index, &term, |stored| page_hash(&stored.page.key()) == hash)?;
        return Ok((page, Box::new(move |passage| passage.ordinal == ordinal)));
    }
    if let Some((path, line)) = hit.rsplit_once(':')
        && let Ok(line) = line.parse::<u32>()
    {
        let name = index.base.store(Path::new(path))?;
        let mut page = page_of(index, &name)?;
        if page.is_empty()
            && let Some((path, record)) = path.split_once('#')
        {
            let id = PageId { path: index.base.store(Path::new(path))?, record: Some(record.to_string()) };
            page = page_of(index, &id.key())?;
        }
        if page.iter().any(|stored| stored.kind == DocumentKind::Copy) {
            page = of_content(index, page[0].content)?;
            return Ok((page, Box::new(|_| true)));
        }
        if !page.is_empty() {
            let covers = move |passage: &StoredPassage| {
                let (first, last) = passage.passage.range();
                (first..=last).contains(&line)
            };
            return Ok((page, Box::new(covers)));
        }
        let manifest = index.manifest()?;
        let file = manifest.files.iter().find(|file| file.path == name);
        let record = file.and_then(|file| file.pages.iter().find(|page| page.line == Some(line)));
        let page = match record {
            Some(record) if record.outcome.is_copy => of_content(index, record.outcome.content)?,
            Some(record) => page_of(index, &record.id(&name).key())?,
            None => Vec::new(),
        };
        return Ok((page, Box::new(|_| true)));
    }
    Err(Failure::usage(format!(
        "{hit:?} names no passage; give an id as search prints it (7f3k2m9q.3) or a place (seeds/a.txt:34)"
    )))
}

/// The passages of the page that stands in the index for all with this content.
fn of_content(index: &Index, content: u64) -> Result<Vec<StoredPassage>> {
    let manifest = index.manifest()?;
    let is_it = |page: &PageEntry| page.outcome.content == content && !page.outcome.is_copy;
    match manifest.entries().find(|(_, page)| is_it(page)) {
        Some((id, _)) => page_of(index, &id.key()),
        None => Ok(Vec::new()),
    }
}

/// Everything stored of the page with this key.
fn page_of(index: &Index, key: &str) -> Result<Vec<StoredPassage>> {
    passages(index, &Term::from_field_text(index.fields.page, key), |stored| stored.page.key() == key)
}

/// What the index has under a term; each must be what the term stands for.
fn passages(index: &Index, term: &Term, is_right: impl Fn(&StoredPassage) -> bool) -> Result<Vec<StoredPassage>> {
    let found = index.passages_with(term)?;
    if !found.iter().all(is_right) {
        check_for_damage(index)?;
    }
    Ok(found)
}

fn print_passage(
    out: &mut dyn Write,
    stored: &StoredPassage,
    is_hit: bool,
    sought: &Highlighter,
    style: &Style,
) -> std::io::Result<()> {
    let text = &stored.passage.text;
    let marks = if is_hit { snippet::merge_marks(&sought.matches(text, stored.standard)) } else { Vec::new() };
    let mut numbers = stored.passage.lines.iter();
    for (begin, paragraph) in paragraphs(text) {
        if begin > 0 {
            writeln!(out)?;
        }
        let mut offset = begin;
        for line in paragraph.split('\n').filter(|line| !line.is_empty()) {
            let number = numbers.next().copied().unwrap_or(0);
            let gutter = format!("{}{number:>5}  ", if is_hit { '>' } else { ' ' });
            let end = offset + line.len();
            let shown = snippet::visible_text(text, offset, end, &within(&marks, offset, end));
            // The terminal wraps it, so that a line stays one.
            let line = Style { width: None, ..*style }.marked(&shown.text, &shown.marks, "");
            writeln!(out, "{gutter}{}", if is_hit { line } else { style.dim(&line) })?;
            offset = end + 1;
        }
    }
    writeln!(out)
}

/// The marks in a line, of one that reaches beyond it the part inside.
fn within(marks: &[(usize, usize)], start: usize, end: usize) -> Vec<(usize, usize)> {
    let inside = marks.iter().filter(|(from, to)| *from < end && *to > start);
    inside.map(|(from, to)| ((*from).max(start), (*to).min(end))).collect()
}

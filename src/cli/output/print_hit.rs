//! Lays out hits and facet counts for a terminal.

use std::io::Write;

use treff::chunk::paragraphs;
use treff::norwegian::Standard;
use treff::read::unescape_path;
use treff::search::{FacetCounts, Hit, PageLocation, ValueCount};
use treff::snippet::{self, Highlighter};

use super::print_explanation::print_explanation;
use super::quantities::format_count;
use super::style::{Style, printable};

/// Indent of all lines of a hit but the first, which begins with the rank.
const INDENT: &str = "    ";

/// Maximum number of copies of a page to name; `--json` prints all of them.
const MAX_NAMED_COPIES: usize = 3;

/// Prints a hit: title, metadata, heading (if only the heading matches), snippet, other locations, and the explanation
/// if there is one.
pub fn print_hit(out: &mut dyn Write, hit: &Hit, highlighter: &Highlighter, style: &Style) -> std::io::Result<()> {
    writeln!(out, "{:>2}  {}", hit.rank, style.bold(&title(hit, highlighter, style)))?;
    writeln!(out, "{INDENT}{}", metadata(hit, style).join(" · "))?;
    if let Some(heading) = matching_heading(hit, highlighter, style) {
        writeln!(out, "{heading}")?;
    }
    for (start, paragraph) in paragraphs(&hit.snippet) {
        let end = start + paragraph.len();
        let inside = hit.marks.iter().filter(|(from, to)| *from >= start && *to <= end);
        let marks: Vec<_> = inside.map(|(from, to)| (from - start, to - start)).collect();
        writeln!(out, "{}", style.marked(paragraph, &marks, INDENT))?;
    }
    if !hit.copies.is_empty() {
        let copies = hit.copies.iter().take(MAX_NAMED_COPIES);
        let names: Vec<String> = copies.map(|copy| location(copy, hit, style)).collect();
        let more = hit.copies.len() - names.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        writeln!(out, "{INDENT}{}", style.dim(&format!("also at {}{more}", names.join(", "))))?;
    }
    if !hit.similar.is_empty() {
        let pages = format_count(hit.similar.len() as u64, "similar page");
        writeln!(out, "{INDENT}{}", style.dim(&format!("{pages} not shown; see --similar")))?;
    }
    if let Some(explanation) = &hit.explanation {
        print_explanation(out, hit, explanation, style)?;
    }
    Ok(())
}

/// The title with its matches highlighted, wrapped like the lines below it.
fn title(hit: &Hit, highlighter: &Highlighter, style: &Style) -> String {
    let title = hit.title.as_deref().or(hit.opening.as_deref()).unwrap_or(&hit.path);
    highlight(title, &matching_ranges(title, highlighter), style).trim_start().to_string()
}

/// The heading that matches, with its matches highlighted, if the snippet shows no match. It is the heading above the
/// passage or one inside it; the title is printed anyway.
fn matching_heading(hit: &Hit, highlighter: &Highlighter, style: &Style) -> Option<String> {
    if !hit.marks.is_empty() {
        return None;
    }
    let inside = paragraphs(&hit.passage).map(|(_, paragraph)| paragraph);
    let candidates = hit.heading.as_deref().into_iter().chain(inside);
    candidates.filter(|heading| hit.title.as_deref() != Some(*heading)).find_map(|heading| {
        let marks = matching_ranges(heading, highlighter);
        (!marks.is_empty()).then(|| highlight(heading, &marks, style))
    })
}

fn matching_ranges(text: &str, highlighter: &Highlighter) -> Vec<(usize, usize)> {
    snippet::merge_marks(&highlighter.matches(text, Standard::Both))
}

fn highlight(text: &str, marks: &[(usize, usize)], style: &Style) -> String {
    let visible = snippet::visible_text(text, 0, text.len(), marks);
    style.marked(&visible.text, &visible.marks, INDENT)
}

fn metadata(hit: &Hit, style: &Style) -> Vec<String> {
    let target = match &hit.url {
        _ if !style.links => String::new(),
        Some(url) if url.starts_with("http") => printable(url).into_owned(),
        _ => file_url(&hit.path),
    };
    let line = format!("{}:{}", hit.path, hit.line);
    let mut fields: Vec<String> = Vec::new();
    fields.extend(hit.source.as_deref().map(|source| printable(source).into_owned()));
    fields.extend(hit.date.clone());
    fields.push(style.link(&target, &style.path(&printable(&line))));
    fields.extend(hit.record.as_deref().map(|record| format!("#{}", printable(record))));
    fields.push(style.dim(&hit.id));
    if let Some(passages) = hit.matching_passages.filter(|passages| *passages > 1) {
        fields.push(format_count(passages.into(), "passage"));
    }
    if hit.boilerplate {
        fields.push("dropped as boilerplate".to_string());
    }
    fields
}

/// The location of a copy: its URL if it differs from the hit's URL, otherwise its file.
fn location(copy: &PageLocation, hit: &Hit, style: &Style) -> String {
    match &copy.url {
        Some(url) if Some(url) != hit.url.as_ref() => style.link(&printable(url), &printable(url)),
        _ => {
            let record = copy.record.as_deref().map(|record| format!("#{record}")).unwrap_or_default();
            style.link(&file_url(&copy.path), &printable(&format!("{}{record}", copy.path)))
        }
    }
}

/// The `file:` URL of a path, percent-encoded.
fn file_url(path: &str) -> String {
    let path = unescape_path(path);
    let path = std::path::absolute(&path).unwrap_or(path);
    let mut url = String::from("file://");
    for byte in path.as_os_str().as_encoded_bytes().iter().copied() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) {
            url.push(char::from(byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
    url
}

/// Prints the counts of a facet on one line: `lang    nb (12) · nn (3)`.
pub fn print_facet(out: &mut dyn Write, facet: &FacetCounts, style: &Style) -> std::io::Result<()> {
    let value =
        |count: &ValueCount| format!("{} {}", printable(&count.value), style.dim(&format!("({})", count.pages)));
    let mut values: Vec<String> = facet.values.iter().map(value).collect();
    if facet.more > 0 {
        values.push(format!("and {} more", facet.more));
    }
    if facet.without > 0 {
        values.push(format!("none {}", style.dim(&format!("({})", facet.without))));
    }
    writeln!(out, "{:<8}{}", facet.field.name(), values.join(" · "))
}

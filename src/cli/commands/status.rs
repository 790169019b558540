//! `treff status`: prints what is indexed and whether the sources have changed.

use std::io::Write;

use treff::index::{self, Index, Manifest, RULES, STDIN, SourceChanges, source_changes};

use crate::cli::advice::treff_command;
use crate::cli::globals::Globals;
use crate::cli::outcome::{Outcome, Result};
use crate::cli::output::{format_bytes, format_count, print, printable};

/// Print what is indexed, where it came from, and whether the sources have changed since
#[derive(clap::Args)]
pub struct Args {}

/// Maximum number of pages without content that are listed by name.
const MAX_NAMED_PAGES: usize = 100;

pub fn run(_: Args, globals: &Globals) -> Result<Outcome> {
    let index = index::open(&globals.index)?;
    let manifest = index.manifest()?;
    let changes = source_changes(&globals.index, &manifest)?;
    let treff = treff_command(globals);
    print(|out| {
        print_contents(out, &index, &manifest, globals, &treff)?;
        print_empty_pages(out, &pages_without_content(&index, &manifest))?;
        writeln!(out, "from       {}", roots(&index, &manifest).join(", "))?;
        writeln!(out, "updated    {}, by treff {}", update_time(&manifest), index.built_by)?;
        writeln!(out, "sources    {}", describe_changes(&changes, &treff))
    })?;
    Ok(Outcome::Success)
}

fn print_contents(
    out: &mut dyn Write,
    index: &Index,
    manifest: &Manifest,
    globals: &Globals,
    treff: &str,
) -> std::io::Result<()> {
    let (size, segments) = index.size();
    let text_bytes: u64 = manifest.pages().map(|page| page.bytes).sum();
    let totals = manifest.totals();
    writeln!(
        out,
        "index      {} ({}, {})",
        globals.index.display(),
        format_bytes(size),
        format_count(segments as u64, "segment")
    )?;
    writeln!(
        out,
        "contents   {}, {}, {} of text; {} dropped as boilerplate",
        format_count(index.pages, "page"),
        format_count(index.passages, "passage"),
        format_bytes(text_bytes),
        format_count(totals.dropped_lines, "line")
    )?;
    if manifest.settings.keep_all {
        writeln!(out, "           built with --keep-all; `{treff} index --rebuild` drops boilerplate again")?;
    }
    if totals.copies > 0 {
        writeln!(
            out,
            "           {} of {}",
            format_count(totals.copies, "copy"),
            if totals.copies == 1 { "another page" } else { "other pages" }
        )?;
    }
    let losing = manifest.pages().filter(|page| page.outcome.lost_most()).count() as u64;
    if losing > 0 {
        writeln!(out, "           {} with more than half of the words dropped", format_count(losing, "page"))?;
    }
    Ok(())
}

fn print_empty_pages(out: &mut dyn Write, names: &[String]) -> std::io::Result<()> {
    if names.is_empty() {
        return Ok(());
    }
    writeln!(out, "           {} without content:", format_count(names.len() as u64, "page"))?;
    for name in names.iter().take(MAX_NAMED_PAGES) {
        writeln!(out, "             {}", printable(name))?;
    }
    if let Some(more @ 1..) = names.len().checked_sub(MAX_NAMED_PAGES) {
        writeln!(out, "             … and {more} more")?;
    }
    Ok(())
}

fn pages_without_content(index: &Index, manifest: &Manifest) -> Vec<String> {
    let empty = manifest.entries().filter(|(_, page)| !page.outcome.has_body);
    empty
        .map(|(id, _)| {
            let record = id.record.map(|record| format!("#{record}")).unwrap_or_default();
            format!("{}{record}", index.base.show(&id.path))
        })
        .collect()
}

fn roots(index: &Index, manifest: &Manifest) -> Vec<String> {
    let name = |root: &String| if root == STDIN { "standard input".to_string() } else { index.base.show(root) };
    manifest.roots.iter().map(name).collect()
}

/// The local time of the last update.
fn update_time(manifest: &Manifest) -> String {
    jiff::Timestamp::from_second(manifest.updated)
        .map(|time| time.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string())
        .unwrap_or_default()
}

/// How the sources differ from what is indexed.
fn describe_changes(changes: &SourceChanges, treff: &str) -> String {
    let counts = [(changes.new, "new"), (changes.changed, "changed"), (changes.gone, "deleted")];
    let mut changed: Vec<String> =
        counts.iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{number} {what}")).collect();
    if changes.rules {
        changed.push(RULES.to_string());
    }
    let mut parts = Vec::new();
    if !changed.is_empty() {
        parts.push(format!("changed since the last update: {}; run `{treff} index`", changed.join(", ")));
    }
    if !changes.unreachable.is_empty() {
        parts.push(format!("now missing, empty or unreadable: {}", changes.unreachable.join(", ")));
    }
    if parts.is_empty() {
        parts.push("up to date".to_string());
    }
    parts.join("; ")
}

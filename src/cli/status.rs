//! `treff status`: what is indexed?

use treff::error::Result;
use treff::index::{self, RULES, STDIN, source_changes};

use super::style::printable;
use super::suggest::program;
use super::{Globals, Outcome, bytes, count, print};

/// Say what is indexed, from where, and whether the sources have changed since
#[derive(clap::Args)]
pub struct Args {}

/// So many pages without content are named.
const MAX_EMPTY: usize = 100;

pub fn run(_: Args, globals: &Globals) -> Result<Outcome> {
    let index = index::open(&globals.index)?;
    let manifest = index.manifest()?;
    let source_changes = source_changes(&globals.index, &manifest)?;
    let (size, segments) = index.size();
    let text_bytes: u64 = manifest.pages().map(|page| page.bytes).sum();
    let totals = manifest.totals();
    let empty: Vec<String> = manifest
        .entries()
        .filter(|(_, page)| !page.outcome.has_body)
        .map(|(id, _)| {
            let record = id.record.map(|record| format!("#{record}")).unwrap_or_default();
            format!("{}{record}", index.base.show(&id.path))
        })
        .collect();
    let losing = manifest.pages().filter(|page| page.outcome.lost_most()).count() as u64;
    let roots: Vec<String> = manifest
        .roots
        .iter()
        .map(|root| if root == STDIN { "standard input".to_string() } else { index.base.show(root) })
        .collect();
    let updated = jiff::Timestamp::from_second(manifest.updated)
        .map(|time| time.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string())
        .unwrap_or_default();
    let mut changes = Vec::new();
    for (number, what) in
        [(source_changes.new, "new"), (source_changes.changed, "changed"), (source_changes.gone, "gone")]
    {
        if number > 0 {
            changes.push(format!("{number} {what}"));
        }
    }
    if source_changes.rules {
        changes.push(RULES.to_string());
    }
    let treff = program(globals);
    let mut freshness = Vec::new();
    if !changes.is_empty() {
        freshness.push(format!("files have changed since: {}; run `{treff} index`", changes.join(", ")));
    }
    if !source_changes.unreachable.is_empty() {
        freshness.push(format!("missing, empty or unreadable now: {}", source_changes.unreachable.join(", ")));
    }
    if freshness.is_empty() {
        freshness.push("up to date with its sources".to_string());
    }
    print(|out| {
        writeln!(
            out,
            "index      {} ({}, {})",
            globals.index.display(),
            bytes(size),
            count(segments as u64, "segment")
        )?;
        writeln!(
            out,
            "holds      {}, {}, {} of text; {} dropped as boilerplate",
            count(index.pages, "page"),
            count(index.passages, "passage"),
            bytes(text_bytes),
            count(totals.dropped_lines, "line")
        )?;
        if manifest.settings.keep_all {
            writeln!(out, "           all lines kept; `{treff} index --rebuild` goes back to dropping boilerplate")?;
        }
        if totals.copies > 0 {
            writeln!(out, "           {} of other pages, found with them", count(totals.copies, "copy"))?;
        }
        if losing > 0 {
            writeln!(out, "           {} that lost more than half of their words", count(losing, "page"))?;
        }
        if !empty.is_empty() {
            writeln!(out, "           {} without content:", count(empty.len() as u64, "page"))?;
            for name in empty.iter().take(MAX_EMPTY) {
                writeln!(out, "             {}", printable(name))?;
            }
            if let Some(more @ 1..) = empty.len().checked_sub(MAX_EMPTY) {
                writeln!(out, "             … and {more} more")?;
            }
        }
        writeln!(out, "from       {}", roots.join(", "))?;
        writeln!(out, "updated    {updated}, by treff {}", index.built_by)?;
        writeln!(out, "sources    {}", freshness.join("; "))
    })?;
    Ok(Outcome::Found)
}

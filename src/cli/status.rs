//! `treff status`: what is indexed?

use treff::error::Result;
use treff::index::{self, STDIN, stale};

use super::{Globals, Outcome, bytes, count, print};

/// Say what is indexed, from where, and whether the sources have changed since
#[derive(clap::Args)]
pub struct Args {}

pub fn run(_: Args, globals: &Globals) -> Result<Outcome> {
    let index = index::open(&globals.index)?;
    let manifest = index.manifest()?;
    let stale = stale(&globals.index, &manifest)?;
    let (size, segments) = index.size();
    let text_bytes: u64 = manifest.pages().map(|page| page.bytes).sum();
    let (_, _, dropped) = manifest.totals();
    let empty = manifest.pages().filter(|page| page.outcome.passages == 0).count() as u64;
    let roots: Vec<String> = manifest
        .roots
        .iter()
        .map(|root| if root == STDIN { "standard input".to_string() } else { index.base.show(root) })
        .collect();
    let updated = jiff::Timestamp::from_second(manifest.updated)
        .map(|time| time.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string())
        .unwrap_or_default();
    let mut changes = Vec::new();
    for (number, what) in [(stale.new, "new"), (stale.changed, "changed"), (stale.gone, "gone")] {
        if number > 0 {
            changes.push(format!("{number} {what}"));
        }
    }
    let mut freshness = if changes.is_empty() {
        "up to date with its sources".to_string()
    } else {
        format!("files have changed since: {}; run `treff index`", changes.join(", "))
    };
    if !stale.unreachable.is_empty() {
        freshness.push_str(&format!("; can't be read now: {}", stale.unreachable.join(", ")));
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
            count(dropped, "line")
        )?;
        if empty > 0 {
            writeln!(out, "           {} without content", count(empty, "page"))?;
        }
        writeln!(out, "from       {}", roots.join(", "))?;
        writeln!(out, "updated    {updated}, by treff {}", index.built_by)?;
        writeln!(out, "sources    {freshness}")
    })?;
    Ok(Outcome::Found)
}

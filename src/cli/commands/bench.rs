//! `treff bench`: how fast are queries on this index?

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use treff::error::Error;
use treff::index::{DocumentKind, Index};
use treff::query;
use treff::search::{SearchOptions, search};

use super::search::SNIPPET_CHARS;
use crate::cli::globals::Globals;
use crate::cli::load_synonyms::load_synonyms;
use crate::cli::open_index::open_index;
use crate::cli::outcome::{Failure, Outcome, Result};
use crate::cli::output::{format_count, print};

/// Time queries on this index, in one process and in a process each
#[derive(clap::Args)]
pub struct Args {
    /// A file with one query a line [default: words and word pairs drawn from the index]
    #[arg(value_name = "QUERIES")]
    queries: Option<PathBuf>,
}

/// Queries drawn from an index when none are given.
const DRAWN: usize = 200;
/// Queries are asked again, in turns, until this much time has gone by.
const MIN_TIME: Duration = Duration::from_secs(2);
/// Processes started at the most.
const MAX_PROCESSES: usize = 200;

pub fn run(args: Args, globals: &Globals) -> Result<Outcome> {
    let index = open_index(globals)?;
    let (queries, from) = match &args.queries {
        Some(path) => (read(path)?, path.display().to_string()),
        None => (draw(&index)?, "drawn from the index".to_string()),
    };
    if queries.is_empty() {
        return Err(Failure::usage(format!("no queries in {from}; give a file with one query a line")));
    }
    let options = SearchOptions { limit: 10, snippet_chars: SNIPPET_CHARS, ..SearchOptions::default() };
    let synonyms = load_synonyms(None, globals)?;
    let ask = |text: &str| search(&index, &query::parse(text, &synonyms), &options).map(|answer| answer.hits.len());
    let mut answered = 0;
    for text in &queries {
        answered += usize::from(ask(text)? > 0);
    }
    let mut inside = Vec::new();
    let begun = Instant::now();
    while begun.elapsed() < MIN_TIME {
        for text in &queries {
            let asked = Instant::now();
            ask(text)?;
            inside.push(asked.elapsed());
        }
    }
    let program = std::env::current_exe().map_err(Error::io(std::path::Path::new("treff"), "find"))?;
    let mut afresh = Vec::new();
    for text in queries.iter().take(MAX_PROCESSES) {
        let mut command = Command::new(&program);
        command.arg("--index").arg(&globals.index).args(["search", "--color=never", "--", text]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null());
        let asked = Instant::now();
        command.status().map_err(Error::io(&program, "run"))?;
        afresh.push(asked.elapsed());
    }
    print(|out| {
        writeln!(
            out,
            "{} ({from}), {answered} with hits; {} in {}",
            format_count(queries.len() as u64, "query"),
            format_count(index.passages, "passage"),
            globals.index.display()
        )?;
        writeln!(out, "{:<20} {:>9} {:>9} {:>9} {:>11}", "10 hits, snippets", "p50", "p90", "p99", "queries/s")?;
        line(out, "in one process", &mut inside)?;
        line(out, "a process each", &mut afresh)
    })?;
    Ok(Outcome::Found)
}

fn line(out: &mut dyn Write, name: &str, times: &mut [Duration]) -> std::io::Result<()> {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
    let total: Duration = times.iter().sum();
    let shown = |time: Duration| format!("{:.3} ms", time.as_secs_f64() * 1e3);
    writeln!(
        out,
        "{name:<20} {:>9} {:>9} {:>9} {:>11.0}",
        shown(at(0.5)),
        shown(at(0.9)),
        shown(at(0.99)),
        times.len() as f64 / total.as_secs_f64()
    )
}

fn read(path: &PathBuf) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(path).map_err(Error::io(path, "read"))?;
    Ok(text.lines().filter(|line| !line.trim().is_empty()).map(str::to_string).collect())
}

/// One word and two neighbouring words in turn, from passages spread over the index; the same at every call.
fn draw(index: &Index) -> Result<Vec<String>> {
    let mut state = 0x2545_f491_4f6c_dd1du64;
    let mut random = move |below: usize| {
        // xorshift64 (Marsaglia, 2003): the draw must be the same everywhere and needs no more.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below.max(1) as u64) as usize
    };
    let segments = index.searcher.segment_readers();
    let mut queries = Vec::new();
    for _ in 0..DRAWN * 20 {
        if queries.len() >= DRAWN || segments.is_empty() {
            break;
        }
        let segment = random(segments.len());
        let doc = random(segments[segment].max_doc() as usize) as u32;
        if segments[segment].max_doc() == 0 || segments[segment].is_deleted(doc) {
            continue;
        }
        let stored = index.stored(tantivy::DocAddress::new(segment as u32, doc))?;
        if stored.kind != DocumentKind::Passage {
            continue;
        }
        let words: Vec<&str> = stored
            .passage
            .text
            .split(|c: char| !c.is_alphanumeric() && c != '-')
            .filter(|word| word.chars().count() > 3)
            .collect();
        if words.len() < 2 {
            continue;
        }
        let at = random(words.len() - 1);
        let length = 1 + queries.len() % 2;
        queries.push(words[at..at + length].join(" "));
    }
    Ok(queries)
}

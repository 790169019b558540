//! `treff bench`: measures the latency of queries, in one process and in a new process for each query.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use treff::error::Error;
use treff::index::{DocumentKind, Index};
use treff::query::{self, Synonyms};
use treff::search::{SearchOptions, search};

use crate::cli::globals::Globals;
use crate::cli::open_index::open_index;
use crate::cli::outcome::{Failure, Outcome, Result};
use crate::cli::output::{format_count, print};
use treff::service::load_synonyms;

/// Measure the latency of queries on this index, within one process and with a new process for each query
#[derive(clap::Args)]
pub struct Args {
    /// A file with one query per line [default: words and word pairs sampled from the index]
    #[arg(value_name = "QUERIES", value_hint = clap::ValueHint::FilePath)]
    queries: Option<PathBuf>,
}

/// Number of queries to sample from the index if none are given.
const SAMPLED_QUERIES: usize = 200;
/// The queries are repeated until this much time has passed.
const MIN_TIME: Duration = Duration::from_secs(2);
/// Maximum number of processes to start.
const MAX_PROCESSES: usize = 200;

pub fn run(args: Args, globals: &Globals) -> Result<Outcome> {
    let index = open_index(globals)?;
    let (queries, origin) = match &args.queries {
        Some(path) => (read_queries(path)?, path.display().to_string()),
        None => (sample_queries(&index)?, "sampled from the index".to_string()),
    };
    if queries.is_empty() {
        return Err(Failure::usage(format!("no queries ({origin}); pass a file with one query per line")));
    }
    let (queries_with_hits, mut in_process) = time_in_process(&index, &queries, &load_synonyms(&globals.index, None)?)?;
    let mut new_processes = time_processes(&queries, globals)?;
    print(|out| {
        writeln!(
            out,
            "{} ({origin}), {queries_with_hits} with hits; {} in {}",
            format_count(queries.len() as u64, "query"),
            format_count(index.passages, "passage"),
            globals.index.display()
        )?;
        writeln!(out, "{:<20} {:>9} {:>9} {:>9} {:>11}", "10 hits, snippets", "p50", "p90", "p99", "queries/s")?;
        print_row(out, "in one process", &mut in_process)?;
        print_row(out, "process per query", &mut new_processes)
    })?;
    Ok(Outcome::Success)
}

/// Runs the queries in this process. Returns how many have hits, and the time of each run.
fn time_in_process(index: &Index, queries: &[String], synonyms: &Synonyms) -> Result<(usize, Vec<Duration>)> {
    let count_hits = |text: &str| {
        search(index, &query::parse(text, synonyms), &SearchOptions::DEFAULT).map(|found| found.hits.len())
    };
    // The first round warms the caches.
    let mut queries_with_hits = 0;
    for text in queries {
        queries_with_hits += usize::from(count_hits(text)? > 0);
    }
    let mut times = Vec::new();
    let start = Instant::now();
    while start.elapsed() < MIN_TIME {
        for text in queries {
            let query_start = Instant::now();
            count_hits(text)?;
            times.push(query_start.elapsed());
        }
    }
    Ok((queries_with_hits, times))
}

/// Runs each query in a new process, and returns the time of each process from start to end.
fn time_processes(queries: &[String], globals: &Globals) -> Result<Vec<Duration>> {
    let program = std::env::current_exe().map_err(Error::io(Path::new("treff"), "find"))?;
    let mut times = Vec::new();
    for text in queries.iter().take(MAX_PROCESSES) {
        let mut command = Command::new(&program);
        command.arg("--index").arg(&globals.index).args(["search", "--color=never", "--", text]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null());
        let start = Instant::now();
        command.status().map_err(Error::io(&program, "run"))?;
        times.push(start.elapsed());
    }
    Ok(times)
}

/// Prints the percentiles of the times and the number of queries per second.
fn print_row(out: &mut dyn Write, name: &str, times: &mut [Duration]) -> std::io::Result<()> {
    times.sort_unstable();
    let percentile = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
    let total: Duration = times.iter().sum();
    let format = |time: Duration| format!("{:.3} ms", time.as_secs_f64() * 1e3);
    writeln!(
        out,
        "{name:<20} {:>9} {:>9} {:>9} {:>11.0}",
        format(percentile(0.5)),
        format(percentile(0.9)),
        format(percentile(0.99)),
        times.len() as f64 / total.as_secs_f64()
    )
}

fn read_queries(path: &Path) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(path).map_err(Error::io(path, "read"))?;
    Ok(text.lines().filter(|line| !line.trim().is_empty()).map(str::to_string).collect())
}

/// Samples queries from passages all over the index: alternately one word and two adjacent words. Each call returns the
/// same ones.
fn sample_queries(index: &Index) -> Result<Vec<String>> {
    let mut state = 0x2545_f491_4f6c_dd1du64;
    let mut random_below = move |limit: usize| {
        // xorshift64 (Marsaglia, 2003): reproducible on every platform, and good enough for sampling.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % limit.max(1) as u64) as usize
    };
    let segments = index.searcher.segment_readers();
    let mut queries = Vec::new();
    // More attempts than samples, because some documents are not passages or have too few words.
    for _ in 0..SAMPLED_QUERIES * 20 {
        if queries.len() >= SAMPLED_QUERIES || segments.is_empty() {
            break;
        }
        let segment = random_below(segments.len());
        let doc = random_below(segments[segment].max_doc() as usize) as u32;
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
        let first = random_below(words.len() - 1);
        let length = 1 + queries.len() % 2;
        queries.push(words[first..first + length].join(" "));
    }
    Ok(queries)
}

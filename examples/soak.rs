//! Soak test: checks that a long-running watcher stays correct and does not need more resources over time.
//!
//! ```text
//! cargo run --release --example soak -- [--minutes N] [--seed N]
//! ```
//!
//! For an hour, or `--minutes`, a few hundred pages in a temporary folder are added, changed, copied, renamed and
//! removed at random, one by one and in bursts, as files and as records. Folders are renamed, and sometimes the whole
//! folder disappears for a moment. An index is kept up to date as `treff index --watch` does, while one reader reopens
//! it every second and another every minute, all in one process. Once a minute everything pauses, and the resources of
//! the process and the index are printed. At the end the index must answer queries like one built from scratch, no
//! update or query may have failed, and memory, handles and segments must be within their bounds (see `check_growth`);
//! otherwise the exit code is 1.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, RwLock};
use std::time::{Duration, Instant};

use clap::Parser;
use treff::index::{self, Index, SourceChanges, UpdateReport, Watcher, update};
use treff::query::{self, Synonyms};
use treff::search::{self, search};

#[path = "../benches/corpus/mod.rs"]
#[allow(dead_code, reason = "the benches use all of it")]
mod corpus;

#[derive(Parser)]
struct Args {
    #[arg(long, default_value_t = 60)]
    minutes: u64,
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// The number of files written at the start, which also determines the number of names to choose from.
const FILES: u64 = 300;
/// The number of texts to choose from. With an endless supply of new words, memory use would grow legitimately.
const TEXTS: usize = 600;
/// The maximum time from a change until the index is up to date.
const UPDATE_TIMEOUT: Duration = Duration::from_secs(90);
/// The number of samples to ignore at the start, while memory use still rises.
const WARM_UP: usize = 2;
/// The maximum ratio of the medians of the second and the first half of the samples.
const MAX_GROWTH: f64 = 1.1;
const MAX_SEGMENTS: usize = 6;

const QUERIES: [&str; 12] = [
    "kommunen",
    "samarbeid om barn og unge",
    "\"barn og unge\"",
    "barn* -skole",
    "tjenester AND (utsatte OR unge)",
    "taushetsplikt",
    "rapprten~",
    "lang:nb undersøkelse",
    "date:2015.. barn",
    "*plikt",
    "title:barn",
    "et ord som ingen har skrevet",
];

/// The state that the threads share.
struct Run {
    pages: PathBuf,
    index: PathBuf,
    /// Readers lock it for reading during a query; sampling locks it for writing to pause them.
    queries_lock: RwLock<()>,
    /// Locked during updates and sampling, since the watcher also starts periodic updates.
    update_lock: Mutex<()>,
    updates: AtomicU64,
    queries: AtomicU64,
    /// Errors of updates and queries, with the number of times that each occurred.
    errors: Mutex<BTreeMap<String, u64>>,
}

/// The resources of the paused process and its index.
struct Sample {
    rss: u64,
    handles: usize,
    /// Memory maps of index files.
    maps: usize,
    segments: usize,
    bytes: u64,
    pages: u64,
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let args = Args::parse();
    // The program calls this too: it determines how much freed memory the process keeps.
    index::tune_allocator();
    let dir = tempfile::tempdir()?;
    let run = Run {
        pages: dir.path().join("pages"),
        index: dir.path().join("index"),
        queries_lock: RwLock::new(()),
        update_lock: Mutex::new(()),
        updates: AtomicU64::new(0),
        queries: AtomicU64::new(0),
        errors: Mutex::new(BTreeMap::new()),
    };
    fs::create_dir(&run.pages)?;
    let texts: Vec<String> = corpus::pages(TEXTS).pages.iter().map(corpus::Page::text).collect();
    let mut changer = PageChanger { pages: run.pages.clone(), texts, random: Random(args.seed.max(1)), changes: 0 };
    (0..FILES).try_for_each(|_| changer.write())?;
    update_index(&run)?;
    // The threads end with the process, so the state is never freed.
    let run: &'static Run = Box::leak(Box::new(run));
    std::thread::spawn(|| watch(run));
    std::thread::spawn(|| run_queries(run, Duration::from_secs(1)));
    std::thread::spawn(|| run_queries(run, Duration::from_secs(60)));

    println!("minute  changes  updates  queries  RSS (MB)  handles  maps  segments  index (MB)  pages");
    let mut samples = Vec::new();
    for minute in 1..=args.minutes {
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(60) {
            changer.change()?;
        }
        let paused = run.queries_lock.write();
        wait_until_up_to_date(run)?;
        let sample = sample(run)?;
        println!(
            "{minute:6} {:8} {:8} {:8} {:9.1} {:8} {:5} {:9} {:11.2} {:6}",
            changer.changes,
            run.updates.load(Ordering::SeqCst),
            run.queries.load(Ordering::SeqCst),
            sample.rss as f64 / 1e6,
            sample.handles,
            sample.maps,
            sample.segments,
            sample.bytes as f64 / 1e6,
            sample.pages,
        );
        samples.push(sample);
        drop(paused);
    }

    let _paused = run.queries_lock.write();
    wait_until_up_to_date(run)?;
    // Files modified in the last few seconds are always read again; wait until no file is that recent.
    std::thread::sleep(Duration::from_secs(3));
    let last = update_index(run)?;
    let missed = last.added + last.changed + last.removed + last.cleaned_again;
    let is_same = answers(&run.index)? == answers_of_rebuilt_index(run, dir.path())?;
    let errors = run.errors.lock().map(|errors| errors.clone()).unwrap_or_default();
    errors.iter().for_each(|(error, count)| println!("{count} times: {error}"));
    println!("{missed} pages missed by watching");
    println!("the index answers {} one built from scratch", if is_same { "like" } else { "DIFFERENTLY FROM" });
    let is_bounded = check_growth(&samples);
    let has_passed = missed == 0 && is_same && is_bounded && errors.is_empty();
    drop(dir);
    Ok(if has_passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Prints and returns whether the samples stayed within their bounds.
fn check_growth(samples: &[Sample]) -> bool {
    let counted = samples.get(WARM_UP..).unwrap_or_default();
    if counted.len() < 2 {
        println!("too few samples to check for growth");
        return true;
    }
    let (early, late) = counted.split_at(counted.len() / 2);
    let growth = median(late, |sample| sample.rss) as f64 / median(early, |sample| sample.rss) as f64;
    let size = median(late, |sample| sample.bytes) as f64 / median(early, |sample| sample.bytes) as f64;
    let handles = || counted.iter().map(|sample| sample.handles);
    let (fewest_handles, most_handles) = (handles().min(), handles().max());
    let segments = counted.iter().map(|sample| sample.segments).max().unwrap_or(0);
    println!("second half of the samples relative to the first: RSS {growth:.3}, index {size:.3}");
    println!("handles {} to {}, at most {segments} segments", fewest_handles.unwrap_or(0), most_handles.unwrap_or(0));
    let is_bounded = growth <= MAX_GROWTH && fewest_handles == most_handles && segments <= MAX_SEGMENTS;
    println!("{}", if is_bounded { "resource use is within its bounds" } else { "RESOURCE USE EXCEEDS ITS BOUNDS" });
    is_bounded
}

fn median(samples: &[Sample], value: impl Fn(&Sample) -> u64) -> u64 {
    let mut values: Vec<u64> = samples.iter().map(value).collect();
    values.sort_unstable();
    values[values.len() / 2]
}

/// Changes pages at random.
struct PageChanger {
    pages: PathBuf,
    texts: Vec<String>,
    random: Random,
    changes: u64,
}

impl PageChanger {
    /// Makes one random change, then pauses up to 0.2 s.
    fn change(&mut self) -> std::io::Result<()> {
        match self.random.below(1000) {
            0..2 => self.hide_root()?,
            2..10 => self.rename_folder()?,
            10..15 => (0..100).try_for_each(|_| self.write())?,
            15..60 => self.write_records()?,
            60..300 => self.remove()?,
            300..450 => self.rename()?,
            450..550 => self.copy()?,
            _ => self.write()?,
        }
        std::thread::sleep(Duration::from_millis(self.random.below(200)));
        Ok(())
    }

    /// Returns a random name in one of a few folders. Usually a file with that name exists.
    fn name(&mut self) -> PathBuf {
        let folder = format!("{}{}", ["a", "b", "c/d"][self.random.below(3) as usize], self.random.below(2));
        self.pages.join(folder).join(format!("{}.txt", self.random.below(FILES / 4)))
    }

    /// Returns a random text, half of the time with one paragraph from another text.
    fn text(&mut self) -> String {
        let one = self.random.below(TEXTS as u64) as usize;
        let other = self.random.below(TEXTS as u64) as usize;
        let mut paragraphs: Vec<&str> = self.texts[one].split("\n\n").collect();
        if self.random.below(2) == 0 {
            let index = self.random.below(paragraphs.len() as u64) as usize;
            let others: Vec<&str> = self.texts[other].split("\n\n").collect();
            paragraphs[index] = others[self.random.below(others.len() as u64) as usize];
        }
        paragraphs.join("\n\n")
    }

    fn write(&mut self) -> std::io::Result<()> {
        let (name, text) = (self.name(), self.text());
        self.changes += 1;
        write_file(&name, &text)
    }

    fn write_records(&mut self) -> std::io::Result<()> {
        let name = self.pages.join(format!("records{}.jsonl", self.random.below(3)));
        let mut lines = String::new();
        for id in 0..self.random.below(20) {
            lines.push_str(&format!("{}\n", serde_json::json!({ "id": id.to_string(), "text": self.text() })));
        }
        self.changes += 1;
        write_file(&name, &lines)
    }

    fn remove(&mut self) -> std::io::Result<()> {
        let name = self.name();
        self.changes += 1;
        allow_missing(fs::remove_file(name))
    }

    fn rename(&mut self) -> std::io::Result<()> {
        let (from, to) = (self.name(), self.name());
        self.changes += 1;
        fs::create_dir_all(to.parent().unwrap_or(&to))?;
        allow_missing(fs::rename(from, to))
    }

    fn copy(&mut self) -> std::io::Result<()> {
        let (from, to) = (self.name(), self.name());
        self.changes += 1;
        match fs::read_to_string(from) {
            Ok(text) => write_file(&to, &text),
            error => allow_missing(error.map(drop)),
        }
    }

    fn rename_folder(&mut self) -> std::io::Result<()> {
        let (from, aside) = (self.name(), self.pages.join("aside"));
        let from = from.parent().unwrap_or(&self.pages).to_path_buf();
        self.changes += 2;
        allow_missing(fs::rename(&from, &aside))?;
        std::thread::sleep(Duration::from_millis(self.random.below(1500)));
        allow_missing(fs::rename(&aside, &from))
    }

    /// Renames the whole folder for a moment.
    fn hide_root(&mut self) -> std::io::Result<()> {
        let away = self.pages.with_file_name("away");
        self.changes += 2;
        fs::rename(&self.pages, &away)?;
        std::thread::sleep(Duration::from_millis(self.random.below(4000)));
        fs::rename(&away, &self.pages)
    }
}

fn write_file(path: &Path, text: &str) -> std::io::Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    fs::write(path, text)
}

fn allow_missing(result: std::io::Result<()>) -> std::io::Result<()> {
    match result {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

/// xorshift64 (Marsaglia, 2003).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((u128::from(self.0) * u128::from(bound)) >> 64) as u64
    }
}

/// Keeps the index up to date like `treff index --watch`.
fn watch(run: &Run) {
    let mut watcher = Watcher::new(&run.index, vec![run.pages.clone()]).expect("the paths are valid");
    loop {
        if let Some(reason) = watcher.prepare() {
            record_error(run, &reason);
        }
        let started = Instant::now();
        let guard = run.update_lock.lock();
        match update_index(run) {
            Ok(report) => {
                let is_root_hidden = report.problems.iter().all(|problem| problem.to_string().contains("no such file"));
                if !is_root_hidden {
                    report.problems.iter().for_each(|problem| record_error(run, &problem.to_string()));
                }
                run.updates.fetch_add(1, Ordering::SeqCst);
            }
            Err(error) => record_error(run, &error.to_string()),
        }
        drop(guard);
        // The program does this after each update too.
        index::release_memory();
        watcher.wait(started.elapsed());
    }
}

fn update_index(run: &Run) -> treff::error::Result<UpdateReport> {
    update_to(&run.index, &run.pages)
}

fn update_to(index: &Path, pages: &Path) -> treff::error::Result<UpdateReport> {
    let paths = [pages.to_path_buf()];
    update(&index::UpdateOptions { lock_timeout: UPDATE_TIMEOUT, ..index::UpdateOptions::new(index, &paths) })
}

/// Runs queries in a loop and reopens the index after `open_for`.
fn run_queries(run: &Run, open_for: Duration) {
    let mut opened: Option<(Index, Instant)> = None;
    for text in QUERIES.iter().cycle() {
        let guard = run.queries_lock.read();
        if opened.as_ref().is_none_or(|(_, since)| since.elapsed() >= open_for) {
            drop(opened.take());
            match index::open(&run.index) {
                Ok(index) => opened = Some((index, Instant::now())),
                Err(error) => record_error(run, &error.to_string()),
            }
        }
        if let Some((index, _)) = &opened {
            match answer(index, text) {
                Ok(_) => drop(run.queries.fetch_add(1, Ordering::SeqCst)),
                Err(error) => record_error(run, &error.to_string()),
            }
        }
        drop(guard);
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn answer(index: &Index, text: &str) -> treff::error::Result<Vec<String>> {
    let options = search::SearchOptions { limit: 50, ..Default::default() };
    let query = query::parse(text, &Synonyms::builtin());
    let results = search(index, &query, &options)?;
    let matched = search::count_matches(index, &query, false, &search::Interrupt::NEVER)?;
    let hits = results.hits.iter().map(|hit| serde_json::to_string(hit).unwrap_or_default());
    Ok(std::iter::once(format!("{text}: {matched}")).chain(hits).collect())
}

fn answers(index: &Path) -> treff::error::Result<Vec<Vec<String>>> {
    let index = index::open(index)?;
    QUERIES.iter().map(|text| answer(&index, text)).collect()
}

/// Builds an index from the current pages and returns its answers.
fn answers_of_rebuilt_index(run: &Run, dir: &Path) -> treff::error::Result<Vec<Vec<String>>> {
    let index = dir.join("rebuilt");
    update_to(&index, &run.pages)?;
    answers(&index)
}

fn record_error(run: &Run, error: &str) {
    if let Ok(mut errors) = run.errors.lock() {
        *errors.entry(error.to_string()).or_default() += 1;
    }
}

/// Waits until the index is up to date and no update is running.
fn wait_until_up_to_date(run: &Run) -> Result<(), Box<dyn Error>> {
    let started = Instant::now();
    loop {
        let updates = run.updates.load(Ordering::SeqCst);
        std::thread::sleep(Duration::from_secs(2));
        let is_quiet = run.updates.load(Ordering::SeqCst) == updates;
        let manifest = index::open(&run.index)?.manifest()?;
        if is_quiet && index::source_changes(&run.index, &manifest)? == SourceChanges::default() {
            return Ok(());
        }
        if started.elapsed() > UPDATE_TIMEOUT {
            return Err("the index was not brought up to date in time".into());
        }
    }
}

fn sample(run: &Run) -> Result<Sample, Box<dyn Error>> {
    let _guard = run.update_lock.lock();
    let status = fs::read_to_string("/proc/self/status")?;
    let rss = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse().ok());
    let handles = fs::read_dir("/proc/self/fd")?.count();
    let folder = run.index.to_string_lossy().into_owned();
    let maps = fs::read_to_string("/proc/self/maps")?.lines().filter(|line| line.contains(&folder)).count();
    let index = index::open(&run.index)?;
    let (bytes, segments) = index.size();
    Ok(Sample { rss: rss.unwrap_or(0) * 1024, handles, maps, segments, bytes, pages: index.pages })
}

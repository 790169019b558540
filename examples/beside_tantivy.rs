//! Compares the query latency of treff and plain tantivy.
//!
//! ```text
//! cargo run --release --example beside_tantivy -- PAGES.jsonl QUERIES [--index-dir FOLDER] [--rounds N] [--json]
//! cargo run --release --example beside_tantivy -- PAGES.jsonl --index-dir FOLDER   # only builds tantivy's index
//! ```
//!
//! Each line of the first file is a page: JSON with `id`, `title` and `text`. Each line of the second is a query: JSON
//! with its class (`cls`) and text (`q`), or the class and the text separated by a tab. In JSON, `kind` may be `parse`
//! (the default: both engines parse the text), `prefix`, `fuzzy1` or `fuzzy2`; queries of other kinds are skipped.
//!
//! tantivy indexes each page as one document with one field: title and text through SimpleTokenizer, LowerCaser and
//! Snowball's stemmer, in one segment with the text stored. It returns the ids of the ten best documents by its own
//! top-k. treff returns what `treff search` does, ten hits with their snippets, and in a second run only the ids of the
//! ten best. Both parse the query. They alternate in one thread of one process; for each query, the
//! best time of all rounds counts, since other load on the machine only adds to it. The figures for mixed queries come
//! from running all queries one after another: the number of queries per second of CPU time. The time for ten snippets
//! is the part of a query that loads ten passages and selects their snippets; tantivy doesn't do this.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::hint::black_box;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use clap::Parser;
use serde_json::{Value, json};
use tantivy::collector::TopDocs;
use tantivy::query::{FuzzyTermQuery, Query, QueryParser, RegexQuery};
use tantivy::schema::{Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{Language, LowerCaser, SimpleTokenizer, Stemmer, TextAnalyzer};
use tantivy::{Searcher, TantivyDocument, Term};
use treff::index;
use treff::query::Synonyms;
use treff::search::{SearchOptions, search, top_passages};
use treff::snippet::{Highlighter, best_snippet};

/// Compare the query latency of treff and plain tantivy
#[derive(Parser)]
struct Args {
    /// A file with one page per line: JSON with id, title and text
    pages: PathBuf,
    /// A file with one query per line; without it, only build tantivy's index in the folder given by --index-dir
    #[arg(required_unless_present = "index_dir")]
    queries: Option<PathBuf>,
    /// Folder for both indexes, which are reused if they exist [default: a temporary folder]
    #[arg(long, value_name = "FOLDER")]
    index_dir: Option<PathBuf>,
    /// Number of times that each query runs
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// Also print the slowest queries of each class
    #[arg(long)]
    worst: bool,
    /// Print one JSON object, with times in milliseconds
    #[arg(long, conflicts_with = "worst")]
    json: bool,
    /// Measure only treff
    #[arg(long, requires = "queries")]
    treff_only: bool,
}

type Failure = Box<dyn Error>;

fn main() -> ExitCode {
    match measure(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}

/// The best times for one query.
struct Times {
    /// In treff's query syntax.
    typed: String,
    plain: Duration,
    treff: Duration,
    ids: Duration,
    snippets: Duration,
}

impl Times {
    fn of(query: &FileQuery) -> Times {
        Times {
            typed: query.kind.typed(&query.text),
            plain: Duration::MAX,
            treff: Duration::MAX,
            ids: Duration::MAX,
            snippets: Duration::MAX,
        }
    }
}

/// The number of hits that `treff search` prints.
const LIMIT: usize = 10;
/// The maximum length of the snippets that `treff search` prints.
const SNIPPET_CHARS: usize = 240;

fn measure(args: &Args) -> Result<(), Failure> {
    let temporary = tempfile::tempdir()?;
    let folder = args.index_dir.as_deref().unwrap_or(temporary.path());
    let Some(queries_file) = &args.queries else {
        return PlainTantivy::open_or_build(&args.pages, &folder.join("tantivy")).map(drop);
    };
    let queries = queries(queries_file)?;
    let plain =
        if args.treff_only { None } else { Some(PlainTantivy::open_or_build(&args.pages, &folder.join("tantivy"))?) };
    let index = open_or_build_treff(&args.pages, &folder.join("treff"))?;
    let options = SearchOptions { limit: LIMIT, snippet_chars: SNIPPET_CHARS, ..SearchOptions::default() };
    let synonyms = Synonyms::builtin();
    let mut times: Vec<Times> = queries.iter().map(Times::of).collect();
    // The first round warms the caches.
    for round in 0..=args.rounds {
        for (FileQuery { kind, text, .. }, times) in queries.iter().zip(&mut times) {
            let start = Instant::now();
            if let Some(plain) = &plain {
                black_box(plain.search(*kind, text)?);
            }
            let plain_time = start.elapsed();
            let start = Instant::now();
            black_box(search(&index, &treff::query::parse(&times.typed, &synonyms), &options)?);
            let treff_time = start.elapsed();
            let (ids_time, snippets_time) = time_ids_and_snippets(&index, &times.typed, &synonyms)?;
            if round > 0 {
                times.plain = times.plain.min(plain_time);
                times.treff = times.treff.min(treff_time);
                times.ids = times.ids.min(ids_time);
                times.snippets = times.snippets.min(snippets_time.unwrap_or(Duration::MAX));
            }
        }
    }
    // All queries one after another, by CPU time.
    let mut mixed = [Duration::ZERO; 2];
    for _ in 0..args.rounds {
        let start = cpu();
        for times in &times {
            black_box(search(&index, &treff::query::parse(&times.typed, &synonyms), &options)?);
        }
        mixed[0] += cpu().saturating_sub(start);
        let start = cpu();
        for FileQuery { kind, text, .. } in &queries {
            plain.as_ref().map(|plain| plain.search(*kind, text)).transpose()?;
        }
        mixed[1] += cpu().saturating_sub(start);
    }
    let query_count = (queries.len() * args.rounds) as f64;
    let mixed = mixed.map(|time| if time.is_zero() { 0.0 } else { query_count / time.as_secs_f64() });
    let mut classes: BTreeMap<&str, Vec<Times>> = BTreeMap::new();
    for (FileQuery { class, .. }, times) in queries.iter().zip(times) {
        classes.entry(class).or_default().push(times);
    }
    if args.json {
        println!("{}", as_json(&classes, mixed, args.treff_only));
        return Ok(());
    }
    report(&mut classes, args.worst);
    println!("{} for ten snippets", with_unit(snippet_times(&classes).map_or(f64::NAN, |spread| spread.median)));
    println!("mixed: {:.0} queries per CPU second by treff, {:.0} by tantivy", mixed[0], mixed[1]);
    Ok(())
}

fn with_unit(milliseconds: f64) -> String {
    format!("{milliseconds:.3} ms")
}

/// Measures the time for the ids of ten hits, and the time for their snippets: to load the passages, find the matches
/// and select the snippets. The time for the snippets is `None` for a query with fewer hits.
fn time_ids_and_snippets(
    index: &index::Index,
    typed: &str,
    synonyms: &Synonyms,
) -> Result<(Duration, Option<Duration>), Failure> {
    let start = Instant::now();
    let query = treff::query::parse(typed, synonyms);
    let best = top_passages(index, &query, LIMIT)?;
    let ids_time = start.elapsed();
    let start = Instant::now();
    let highlighter = Highlighter::new(&query);
    for address in &best {
        let stored = index.stored(*address)?;
        let matched = highlighter.matches(&stored.passage.text, stored.standard);
        black_box(best_snippet(&stored.passage, 0, &matched, |_| 1.0, SNIPPET_CHARS));
    }
    Ok((ids_time, (best.len() == LIMIT).then(|| start.elapsed())))
}

/// The CPU time of the main thread, which runs the queries; elapsed time on systems other than Linux.
fn cpu() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    let schedstat = std::fs::read_to_string("/proc/self/schedstat").ok();
    let nanoseconds = schedstat.and_then(|text| text.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| START.get_or_init(Instant::now).elapsed(), Duration::from_nanos)
}

/// The snippet times of the queries with ten hits.
fn snippet_times(classes: &BTreeMap<&str, Vec<Times>>) -> Option<Percentiles> {
    let mut with_ten_hits =
        classes.values().flatten().map(|times| times.snippets).filter(|time| *time < Duration::MAX).peekable();
    with_ten_hits.peek().is_some().then(|| Percentiles::of(with_ten_hits))
}

fn as_json(classes: &BTreeMap<&str, Vec<Times>>, mixed: [f64; 2], treff_only: bool) -> Value {
    let spread = |spread: Percentiles| json!({ "p50": spread.median, "p99": spread.p99 });
    let of_class = |(class, times): (&&str, &Vec<Times>)| {
        let treff = spread(Percentiles::of(times.iter().map(|times| times.treff)));
        let plain = (!treff_only).then(|| spread(Percentiles::of(times.iter().map(|times| times.plain))));
        let ids = spread(Percentiles::of(times.iter().map(|times| times.ids)));
        (class.to_string(), json!({ "queries": times.len(), "treff": treff, "ids": ids, "tantivy": plain }))
    };
    let of_all = |of: fn(&Times) -> Duration| spread(Percentiles::of(classes.values().flatten().map(of)));
    json!({
        "classes": classes.iter().map(of_class).collect::<serde_json::Map<String, Value>>(),
        "all": { "treff": of_all(|times| times.treff), "tantivy": (!treff_only).then(|| of_all(|times| times.plain)) },
        "snippets": snippet_times(classes).map(spread),
        "mixed": { "treff": mixed[0], "tantivy": mixed[1] },
    })
}

fn report(classes: &mut BTreeMap<&str, Vec<Times>>, worst: bool) {
    println!(
        "{:<12} {:>7} {:>9} {:>9} {:>9} {:>9} {:>9} {:>7} {:>7} {:>9}",
        "class", "queries", "tantivy", "p99", "treff", "p99", "ids alone", "p50", "p99", "p99/p50"
    );
    for (class, times) in classes {
        let plain = Percentiles::of(times.iter().map(|times| times.plain));
        let treff = Percentiles::of(times.iter().map(|times| times.treff));
        let ids = Percentiles::of(times.iter().map(|times| times.ids));
        println!(
            "{class:<12} {:>7} {:>6.3} ms {:>6.3} ms {:>6.3} ms {:>6.3} ms {:>6.3} ms {:>6.2}x {:>6.2}x {:>8.1}x",
            times.len(),
            plain.median,
            plain.p99,
            treff.median,
            treff.p99,
            ids.median,
            treff.median / plain.median,
            treff.p99 / plain.p99,
            treff.p99 / treff.median,
        );
        if worst {
            times.sort_by_key(|times| std::cmp::Reverse(times.treff));
            for Times { typed, plain, treff, .. } in times.iter().take(5) {
                println!("    {:.3} ms, {:.3} ms: {typed}", plain.as_secs_f64() * 1e3, treff.as_secs_f64() * 1e3);
            }
        }
    }
}

/// The median and the 99th percentile, in milliseconds.
struct Percentiles {
    median: f64,
    p99: f64,
}

impl Percentiles {
    fn of(times: impl Iterator<Item = Duration>) -> Percentiles {
        let mut times: Vec<f64> = times.map(|time| time.as_secs_f64() * 1e3).collect();
        times.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
        Percentiles { median: at(0.5), p99: at(0.99) }
    }
}

/// A query of the query file.
struct FileQuery {
    class: String,
    kind: Kind,
    text: String,
}

/// How the text of a query is interpreted.
#[derive(Clone, Copy)]
enum Kind {
    Parse,
    Prefix,
    Fuzzy(u8),
}

impl Kind {
    fn named(name: &str) -> Option<Kind> {
        match name {
            "parse" => Some(Kind::Parse),
            "prefix" => Some(Kind::Prefix),
            "fuzzy1" => Some(Kind::Fuzzy(1)),
            "fuzzy2" => Some(Kind::Fuzzy(2)),
            _ => None,
        }
    }

    fn typed(self, text: &str) -> String {
        match self {
            Kind::Parse => text.to_string(),
            Kind::Prefix => format!("{text}*"),
            Kind::Fuzzy(edits) => format!("{text}~{edits}"),
        }
    }
}

fn queries(path: &Path) -> Result<Vec<FileQuery>, Failure> {
    let mut queries = Vec::new();
    for (at, line) in BufReader::new(open(path)?).lines().enumerate() {
        let line = line?;
        let format_error = || format!("{}, line {}: expected a class and a text", path.display(), at + 1);
        if line.starts_with('{') {
            let query: Value = serde_json::from_str(&line)?;
            let text = |name: &str| query[name].as_str().map(str::to_string);
            let Some(kind) = Kind::named(query["kind"].as_str().unwrap_or("parse")) else {
                continue;
            };
            let (class, text) = text("cls").zip(text("q")).ok_or_else(format_error)?;
            queries.push(FileQuery { class, kind, text });
        } else {
            let (class, text) = line.split_once('\t').ok_or_else(format_error)?;
            queries.push(FileQuery { class: class.to_string(), kind: Kind::Parse, text: text.to_string() });
        }
    }
    Ok(queries)
}

fn open(path: &Path) -> Result<File, Failure> {
    File::open(path).map_err(|error| format!("cannot read {}: {error}", path.display()).into())
}

/// A plain tantivy index of the pages.
struct PlainTantivy {
    searcher: Searcher,
    parser: QueryParser,
    text: Field,
}

impl PlainTantivy {
    /// Opens the index in `folder`, or builds it.
    fn open_or_build(pages: &Path, folder: &Path) -> Result<PlainTantivy, Failure> {
        let mut schema = Schema::builder();
        let indexing = TextFieldIndexing::default()
            .set_tokenizer("norwegian")
            .set_index_option(IndexRecordOption::WithFreqsAndPositions);
        let text = schema.add_text_field("text", TextOptions::default().set_indexing_options(indexing).set_stored());
        let schema = schema.build();
        let exists = folder.join("meta.json").exists();
        std::fs::create_dir_all(folder)?;
        let index =
            if exists { tantivy::Index::open_in_dir(folder)? } else { tantivy::Index::create_in_dir(folder, schema)? };
        let analyzer = TextAnalyzer::builder(SimpleTokenizer::default())
            .filter(LowerCaser)
            .filter(Stemmer::new(Language::Norwegian))
            .build();
        index.tokenizers().register("norwegian", analyzer);
        if !exists {
            let mut writer = index.writer_with_num_threads::<TantivyDocument>(1, 500_000_000)?;
            for line in BufReader::new(open(pages)?).lines() {
                let page: Value = serde_json::from_str(&line?)?;
                let field = |name: &str| page[name].as_str().unwrap_or("").to_string();
                let mut document = TantivyDocument::new();
                document.add_text(text, format!("{}\n{}", field("title"), field("text")));
                writer.add_document(document)?;
            }
            writer.commit()?;
            let segments = index.searchable_segment_ids()?;
            if segments.len() > 1 {
                writer.merge(&segments).wait()?;
            }
            writer.wait_merging_threads()?;
        }
        let parser = QueryParser::for_index(&index, vec![text]);
        Ok(PlainTantivy { searcher: index.reader()?.searcher(), parser, text })
    }

    /// Runs a query and returns its number of hits, ten at most.
    fn search(&self, kind: Kind, text: &str) -> Result<usize, Failure> {
        let query: Box<dyn Query> = match kind {
            Kind::Parse => self.parser.parse_query(text)?,
            Kind::Prefix => Box::new(RegexQuery::from_pattern(&format!("{text}.*"), self.text)?),
            Kind::Fuzzy(edits) => Box::new(FuzzyTermQuery::new(Term::from_field_text(self.text, text), edits, true)),
        };
        Ok(self.searcher.search(&query, &TopDocs::with_limit(10).order_by_score())?.len())
    }
}

/// Opens treff's index in `folder`, or builds it.
fn open_or_build_treff(pages: &Path, folder: &Path) -> Result<index::Index, Failure> {
    if index::state(folder)? != index::IndexState::Current {
        std::fs::create_dir_all(folder)?;
        let paths = [pages.to_path_buf()];
        index::update(&index::UpdateOptions { rebuild: true, ..index::UpdateOptions::new(folder, &paths) })?;
    }
    Ok(index::open(folder)?)
}

//! What does a query cost beside plain tantivy?
//!
//! ```text
//! cargo run --release --example beside_tantivy -- PAGES.jsonl QUERIES [--kept FOLDER] [--rounds N]
//! ```
//!
//! On each line of the first file stand the `id`, `title` and `text` of a page; on each line of the second a query as
//! JSON with its class, `cls`, and text, `q`, or as a class, a tab and a text. `kind` may be `parse` (both read the text
//! themselves, and so it is without it), `prefix`, `fuzzy1` or `fuzzy2`; a query of another kind is left out.
//!
//! tantivy has each page as one document in one field, title and text through SimpleTokenizer, LowerCaser and Snowball's
//! stemmer, in one segment, and answers with the ids of the ten best by its own top-k. treff answers as `treff search`
//! does, with ten hits and their snippets. Both read the query from its text. They answer in turns, in one thread of one
//! process; of each query the best time of all rounds counts, since whatever else the machine does only adds.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::hint::black_box;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use serde_json::Value;
use tantivy::collector::TopDocs;
use tantivy::query::{FuzzyTermQuery, Query, QueryParser, RegexQuery};
use tantivy::schema::{Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{Language, LowerCaser, SimpleTokenizer, Stemmer, TextAnalyzer};
use tantivy::{Searcher, TantivyDocument, Term};
use treff::index;
use treff::query::Synonyms;
use treff::search::{Options, search};

/// Measures what a query costs beside plain tantivy.
#[derive(Parser)]
struct Args {
    /// A file with a page on each line: JSON with id, title and text
    pages: PathBuf,
    /// A file with a query on each line
    queries: PathBuf,
    /// Where to keep both indexes, or take them from if they are there [default: a temporary folder]
    #[arg(long, value_name = "FOLDER")]
    kept: Option<PathBuf>,
    /// How often every query is asked
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// Print the dearest queries of each class too
    #[arg(long)]
    worst: bool,
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

/// What both took for one query.
struct Times {
    /// As a person types it for treff.
    typed: String,
    plain: Duration,
    treff: Duration,
}

impl Times {
    fn of(query: &Asked) -> Times {
        Times { typed: query.kind.typed(&query.text), plain: Duration::MAX, treff: Duration::MAX }
    }
}

fn measure(args: &Args) -> Result<(), Failure> {
    let queries = queries(&args.queries)?;
    let temporary = tempfile::tempdir()?;
    let kept = args.kept.as_deref().unwrap_or(temporary.path());
    let plain = Plain::of(&args.pages, &kept.join("tantivy"))?;
    let index = treff_index(&args.pages, &kept.join("treff"))?;
    let options = Options { limit: 10, snippet_chars: 240, ..Options::default() };
    let synonyms = Synonyms::builtin();
    let mut times: Vec<Times> = queries.iter().map(Times::of).collect();
    // The first round warms up.
    for round in 0..=args.rounds {
        for (Asked { kind, text, .. }, times) in queries.iter().zip(&mut times) {
            let begun = Instant::now();
            black_box(plain.ask(*kind, text)?);
            let plain_took = begun.elapsed();
            let begun = Instant::now();
            black_box(search(&index, &treff::query::parse(&times.typed, &synonyms), &options)?);
            let treff_took = begun.elapsed();
            if round > 0 {
                times.plain = times.plain.min(plain_took);
                times.treff = times.treff.min(treff_took);
            }
        }
    }
    let mut classes: BTreeMap<&str, Vec<Times>> = BTreeMap::new();
    for (Asked { class, .. }, times) in queries.iter().zip(times) {
        classes.entry(class).or_default().push(times);
    }
    report(&mut classes, args.worst);
    Ok(())
}

fn report(classes: &mut BTreeMap<&str, Vec<Times>>, worst: bool) {
    println!(
        "{:<12} {:>7} {:>9} {:>9} {:>9} {:>9} {:>7} {:>7} {:>9}",
        "class", "queries", "tantivy", "p99", "treff", "p99", "p50", "p99", "p99/p50"
    );
    for (class, times) in classes {
        let plain = Spread::of(times.iter().map(|times| times.plain));
        let treff = Spread::of(times.iter().map(|times| times.treff));
        println!(
            "{class:<12} {:>7} {:>6.3} ms {:>6.3} ms {:>6.3} ms {:>6.3} ms {:>6.2}x {:>6.2}x {:>8.1}x",
            times.len(),
            plain.median,
            plain.p99,
            treff.median,
            treff.p99,
            treff.median / plain.median,
            treff.p99 / plain.p99,
            treff.p99 / treff.median,
        );
        if worst {
            times.sort_by_key(|times| std::cmp::Reverse(times.treff));
            for Times { typed, plain, treff } in times.iter().take(5) {
                println!("    {:.3} ms, {:.3} ms: {typed}", plain.as_secs_f64() * 1e3, treff.as_secs_f64() * 1e3);
            }
        }
    }
}

/// Milliseconds.
struct Spread {
    median: f64,
    p99: f64,
}

impl Spread {
    fn of(times: impl Iterator<Item = Duration>) -> Spread {
        let mut times: Vec<f64> = times.map(|time| time.as_secs_f64() * 1e3).collect();
        times.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
        Spread { median: at(0.5), p99: at(0.99) }
    }
}

/// A query of the file.
struct Asked {
    class: String,
    kind: Kind,
    text: String,
}

/// What the text of a query is.
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

fn queries(path: &Path) -> Result<Vec<Asked>, Failure> {
    let mut queries = Vec::new();
    for (at, line) in BufReader::new(open(path)?).lines().enumerate() {
        let line = line?;
        let wrong = || format!("{}, line {}: no class and text", path.display(), at + 1);
        if line.starts_with('{') {
            let query: Value = serde_json::from_str(&line)?;
            let text = |name: &str| query[name].as_str().map(str::to_string);
            let Some(kind) = Kind::named(query["kind"].as_str().unwrap_or("parse")) else {
                continue;
            };
            let (class, text) = text("cls").zip(text("q")).ok_or_else(wrong)?;
            queries.push(Asked { class, kind, text });
        } else {
            let (class, text) = line.split_once('\t').ok_or_else(wrong)?;
            queries.push(Asked { class: class.to_string(), kind: Kind::Parse, text: text.to_string() });
        }
    }
    Ok(queries)
}

fn open(path: &Path) -> Result<File, Failure> {
    File::open(path).map_err(|error| format!("{} can't be read: {error}", path.display()).into())
}

/// tantivy's index of the pages.
struct Plain {
    searcher: Searcher,
    parser: QueryParser,
    text: Field,
}

impl Plain {
    /// Opens the index in `folder`, or makes it.
    fn of(pages: &Path, folder: &Path) -> Result<Plain, Failure> {
        let mut schema = Schema::builder();
        let indexing = TextFieldIndexing::default()
            .set_tokenizer("norwegian")
            .set_index_option(IndexRecordOption::WithFreqsAndPositions);
        let text = schema.add_text_field("text", TextOptions::default().set_indexing_options(indexing));
        let schema = schema.build();
        let is_there = folder.join("meta.json").exists();
        std::fs::create_dir_all(folder)?;
        let index = if is_there {
            tantivy::Index::open_in_dir(folder)?
        } else {
            tantivy::Index::create_in_dir(folder, schema)?
        };
        let analyzer = TextAnalyzer::builder(SimpleTokenizer::default())
            .filter(LowerCaser)
            .filter(Stemmer::new(Language::Norwegian))
            .build();
        index.tokenizers().register("norwegian", analyzer);
        if !is_there {
            let mut writer = index.writer_with_num_threads::<TantivyDocument>(1, 500_000_000)?;
            for line in BufReader::new(open(pages)?).lines() {
                let page: Value = serde_json::from_str(&line?)?;
                let of_page = |name: &str| page[name].as_str().unwrap_or("").to_string();
                let mut document = TantivyDocument::new();
                document.add_text(text, format!("{}\n{}", of_page("title"), of_page("text")));
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
        Ok(Plain { searcher: index.reader()?.searcher(), parser, text })
    }

    /// How many of the ten best ids there are.
    fn ask(&self, kind: Kind, text: &str) -> Result<usize, Failure> {
        let query: Box<dyn Query> = match kind {
            Kind::Parse => self.parser.parse_query(text)?,
            Kind::Prefix => Box::new(RegexQuery::from_pattern(&format!("{text}.*"), self.text)?),
            Kind::Fuzzy(edits) => Box::new(FuzzyTermQuery::new(Term::from_field_text(self.text, text), edits, true)),
        };
        Ok(self.searcher.search(&query, &TopDocs::with_limit(10).order_by_score())?.len())
    }
}

/// Opens treff's index in `folder`, or makes it.
fn treff_index(pages: &Path, folder: &Path) -> Result<index::Index, Failure> {
    if index::state(folder)? != index::State::Current {
        std::fs::create_dir_all(folder)?;
        index::update(&index::Options {
            index: folder,
            paths: &[pages.to_path_buf()],
            default_path: pages,
            rebuild: true,
            keep_all: false,
            patience: Duration::ZERO,
            progress: &|_| {},
        })?;
    }
    Ok(index::open(folder)?)
}

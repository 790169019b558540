//! Generates synthetic pages for measurements, or prints the word statistics of a collection of pages.
//!
//! ```text
//! cargo run --release --example corpus -- --pages 100000 --out FOLDER [--files]
//! cargo run --release --example corpus -- --measure PAGES.jsonl
//! ```
//!
//! The first form writes `pages.jsonl` (id, title and text of a page on each line) or, with `--files`, a folder `pages`
//! with one file for each page, a thousand per subfolder. It also writes `queries.jsonl`, drawn from the pages, for
//! `beside_tantivy`. The output is the same on every machine (see benches/corpus). The second form prints the
//! statistics by which the synthetic pages were fitted to real ones.

#[path = "../benches/corpus/mod.rs"]
#[allow(dead_code)]
mod corpus;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use corpus::{PageGenerator, Random};
use serde_json::{Value, json};
use treff::norwegian::{head_offset, is_stop_word, is_word};

/// Generate synthetic pages, or measure a file of pages
#[derive(Parser)]
struct Args {
    /// Number of pages
    #[arg(long, default_value_t = 100_000)]
    pages: u64,
    /// Folder to write the pages and queries to
    #[arg(long, value_name = "FOLDER", required_unless_present = "measure")]
    out: Option<PathBuf>,
    /// Write one file for each page
    #[arg(long)]
    files: bool,
    /// Print the statistics of a JSON Lines file with the title and text of a page on each line
    #[arg(long, value_name = "PAGES", conflicts_with = "out")]
    measure: Option<PathBuf>,
}

type Failure = Box<dyn Error>;

fn main() -> ExitCode {
    let args = Args::parse();
    let done = match (&args.measure, &args.out) {
        (Some(pages), _) => measure(pages),
        (None, Some(folder)) => generate(args.pages, folder, args.files),
        (None, None) => Err("nothing to do; give --out or --measure".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}

/// Number of pages per subfolder, so that no folder is too large to list.
const PAGES_PER_FOLDER: u64 = 1_000;

fn generate(count: u64, folder: &Path, as_files: bool) -> Result<(), Failure> {
    let generator = PageGenerator::new();
    fs::create_dir_all(folder).map_err(|error| format!("{} can't be created: {error}", folder.display()))?;
    if as_files {
        for number in 0..count {
            let parent = folder.join(format!("pages/{:04}", number / PAGES_PER_FOLDER));
            if number % PAGES_PER_FOLDER == 0 {
                fs::create_dir_all(&parent)?;
            }
            let page = generator.page(number);
            fs::write(parent.join(format!("{number:07}.txt")), format!("{}\n\n{}\n", page.title, page.body))?;
        }
    } else {
        let mut file = BufWriter::new(File::create(folder.join("pages.jsonl"))?);
        for number in 0..count {
            let page = generator.page(number);
            writeln!(file, "{}", json!({ "id": number, "title": page.title, "text": page.body }))?;
        }
        file.flush()?;
    }
    let mut file = BufWriter::new(File::create(folder.join("queries.jsonl"))?);
    for Query { class, kind, text } in queries(&generator, count) {
        writeln!(file, "{}", json!({ "cls": class, "kind": kind, "q": text }))?;
    }
    Ok(file.flush()?)
}

struct Query {
    class: &'static str,
    /// How the text is searched: `parse`, `prefix` or `fuzzy1` (see `beside_tantivy.rs`).
    kind: &'static str,
    text: String,
}

/// A class of queries, and the words that they are made of.
#[derive(Clone, Copy)]
struct QueryWords {
    class: &'static str,
    /// As in `Query`.
    kind: &'static str,
    count: usize,
    /// The range of ranks.
    from: u64,
    to: u64,
    /// Makes a query from the words.
    text: fn(&[String], &mut Random) -> String,
}

/// The rank given to all words that are too rare for the vocabulary table.
const RARE: u64 = u64::MAX;

const SINGLE_WORD: [QueryWords; 6] = [
    QueryWords { class: "term_hi", kind: "parse", count: 1, from: 60, to: 1_000, text: |words, _| words[0].clone() },
    QueryWords {
        class: "term_mid",
        kind: "parse",
        count: 1,
        from: 1_000,
        to: 10_000,
        text: |words, _| words[0].clone(),
    },
    QueryWords {
        class: "term_lo",
        kind: "parse",
        count: 1,
        from: 10_000,
        to: 100_000,
        text: |words, _| words[0].clone(),
    },
    QueryWords { class: "term_rare", kind: "parse", count: 1, from: RARE, to: RARE, text: |words, _| words[0].clone() },
    QueryWords {
        class: "prefix",
        kind: "prefix",
        count: 1,
        from: 1_000,
        to: 50_000,
        text: |words, random| words[0].chars().take(4 + random.below(3) as usize).collect(),
    },
    QueryWords {
        class: "fuzzy1",
        kind: "fuzzy1",
        count: 1,
        from: 1_000,
        to: 50_000,
        text: |words, random| with_error(&words[0], random),
    },
];
const SEVERAL_WORDS: [QueryWords; 5] = [
    QueryWords { class: "or2", kind: "parse", count: 2, from: 200, to: 30_000, text: |words, _| words.join(" ") },
    QueryWords { class: "or3", kind: "parse", count: 3, from: 200, to: 30_000, text: |words, _| words.join(" ") },
    QueryWords { class: "or6", kind: "parse", count: 6, from: 200, to: 30_000, text: |words, _| words.join(" ") },
    QueryWords { class: "and2", kind: "parse", count: 2, from: 200, to: 30_000, text: |words, _| all_of(words) },
    QueryWords { class: "and3", kind: "parse", count: 3, from: 200, to: 30_000, text: |words, _| all_of(words) },
];
const PHRASES: [(&str, usize); 2] = [("phrase2", 2), ("phrase3", 3)];
/// The number of queries per class.
const QUERIES_PER_CLASS: usize = 60;
/// Minimum length of a query word.
const MIN_LETTERS: usize = 3;
/// Minimum length of a word with an error: a shorter one is similar to too many words.
const MIN_LETTERS_WITH_ERROR: usize = 6;

/// Draws queries from pages, so each matches at least the page that it was drawn from.
fn queries(generator: &PageGenerator, pages: u64) -> Vec<Query> {
    let ranks: HashMap<&str, u64> = generator.vocabulary.ranked().collect();
    let rank = |word: &str| ranks.get(word).copied().unwrap_or(RARE);
    let mut random = Random(1);
    let mut found = Vec::new();
    for QueryWords { class, kind, count, from, to, text } in SINGLE_WORD.into_iter().chain(SEVERAL_WORDS) {
        let min_letters = if kind == "parse" { MIN_LETTERS } else { MIN_LETTERS_WITH_ERROR };
        let is_eligible = |word: &&String| (from..=to).contains(&rank(word)) && word.chars().count() >= min_letters;
        let mut texts = HashSet::new();
        while texts.len() < QUERIES_PER_CLASS {
            let page = generator.page(random.below(pages));
            let mut words: Vec<String> = runs(&page.body).flatten().filter(|word| is_eligible(&word)).collect();
            words.sort();
            words.dedup();
            if words.len() >= count {
                let drawn: Vec<String> =
                    (0..count).map(|_| words.swap_remove(random.below(words.len() as u64) as usize)).collect();
                let text = text(&drawn, &mut random);
                if texts.insert(text.clone()) {
                    found.push(Query { class, kind, text });
                }
            }
        }
    }
    for (class, count) in PHRASES {
        let mut texts = HashSet::new();
        while texts.len() < QUERIES_PER_CLASS {
            let page = generator.page(random.below(pages));
            let phrases: Vec<String> = runs(&page.body)
                .flat_map(|run| run.windows(count).map(|words| words.join(" ")).collect::<Vec<_>>())
                .collect();
            if !phrases.is_empty() {
                let text = format!("\"{}\"", random.one_of(&phrases));
                if texts.insert(text.clone()) {
                    found.push(Query { class, kind: "parse", text });
                }
            }
        }
    }
    found
}

fn all_of(words: &[String]) -> String {
    words.iter().map(|word| format!("+{word}")).collect::<Vec<_>>().join(" ")
}

/// Deletes, doubles or replaces one letter of a word.
fn with_error(word: &str, random: &mut Random) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let at = 1 + random.below(letters.len() as u64 - 1) as usize;
    match random.below(3) {
        0 => drop(letters.remove(at)),
        1 => letters.insert(at, letters[at]),
        _ => letters[at] = if letters[at] == 'a' { 'o' } else { 'a' },
    }
    letters.into_iter().collect()
}

/// Runs of adjacent words in lower case, without punctuation, numbers or stop words between them.
fn runs(text: &str) -> impl Iterator<Item = Vec<String>> + '_ {
    text.split(|c: char| !c.is_alphanumeric() && c != ' ').flat_map(|text| {
        let words: Vec<String> = text.split(' ').map(str::to_lowercase).collect();
        let is_plain = |word: &String| !word.is_empty() && word.chars().all(char::is_alphabetic) && !is_stop_word(word);
        words.split(|word| !is_plain(word)).filter(|run| !run.is_empty()).map(<[String]>::to_vec).collect::<Vec<_>>()
    })
}

/// The statistics of a file of pages.
#[derive(Default)]
struct Counts {
    pages: u64,
    bytes: u64,
    words: u64,
    /// The number of occurrences of each word, and of pages that contain it.
    by_word: HashMap<String, (u64, u64)>,
    /// Distinct pairs of adjacent words in the first `MAX_PAGES_WITH_PAIRS` pages.
    pairs: HashSet<(u32, u32)>,
    /// By the hash of a line: the number of pages that contain it, and the last of them.
    lines: HashMap<u64, (u64, u64)>,
    words_per_page: Vec<u64>,
    distinct_words_per_page: Vec<u64>,
    words_per_title: Vec<u64>,
    words_per_line: Vec<u64>,
    lines_per_page: Vec<u64>,
}

/// To save memory, pairs of words and recurring lines are counted only in the first pages, up to this number.
const MAX_PAGES_WITH_PAIRS: u64 = 10_000;
const RANKS: [usize; 9] = [1, 3, 10, 30, 100, 1_000, 10_000, 100_000, 300_000];

fn measure(path: &Path) -> Result<(), Failure> {
    let file = File::open(path).map_err(|error| format!("{} can't be read: {error}", path.display()))?;
    let mut counts = Counts::default();
    let mut numbers: HashMap<String, u32> = HashMap::new();
    for line in BufReader::new(file).lines() {
        let page: Value = serde_json::from_str(&line?)?;
        let field = |name: &str| page[name].as_str().unwrap_or("");
        counts.add(field("title"), field("text"), &mut numbers);
        if [1_000, MAX_PAGES_WITH_PAIRS, 100_000, 1_000_000].contains(&counts.pages) {
            counts.print_growth();
        }
    }
    counts.print_growth();
    Ok(counts.print()?)
}

impl Counts {
    fn add(&mut self, title: &str, text: &str, numbers: &mut HashMap<String, u32>) {
        self.pages += 1;
        self.bytes += (title.len() + text.len()) as u64;
        let mut words_of_page = 0;
        let mut counts_on_page: HashMap<String, u64> = HashMap::new();
        let mut lines = 0;
        for line in std::iter::once(title).chain(text.lines()).filter(|line| !line.trim().is_empty()) {
            lines += 1;
            let words: Vec<String> = line
                .split(|c: char| !c.is_alphanumeric())
                .filter(|word| !word.is_empty())
                .map(str::to_lowercase)
                .collect();
            words_of_page += words.len() as u64;
            if self.pages <= MAX_PAGES_WITH_PAIRS {
                let mut before = None;
                for word in &words {
                    let next = numbers.len() as u32;
                    let number = *numbers.entry(word.clone()).or_insert(next);
                    self.pairs.extend(before.map(|before| (before, number)));
                    before = Some(number);
                }
                let hash = line.trim().bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
                    (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
                });
                let (count, last) = self.lines.entry(hash).or_insert((0, 0));
                *count += u64::from(*last != self.pages);
                *last = self.pages;
            }
            self.words_per_line.push(words.len() as u64);
            for word in words {
                *counts_on_page.entry(word).or_default() += 1;
            }
        }
        self.lines_per_page.push(lines);
        self.words_per_title.push(title.split_whitespace().count() as u64);
        self.words_per_page.push(words_of_page);
        self.words += words_of_page;
        self.distinct_words_per_page.push(counts_on_page.len() as u64);
        for (word, times) in counts_on_page {
            let (all, pages) = self.by_word.entry(word).or_default();
            *all += times;
            *pages += 1;
        }
    }

    fn print_growth(&self) {
        print!("{:>9} pages {:>11} words {:>9} distinct", self.pages, self.words, self.by_word.len());
        if self.pages <= MAX_PAGES_WITH_PAIRS {
            let recurring = self.lines.values().filter(|(pages, _)| *pages > 1).map(|(pages, _)| pages).sum::<u64>();
            let lines = self.lines.values().map(|(pages, _)| pages).sum::<u64>();
            print!(
                ", {:.3} distinct pairs per word, {:.3} of lines also on another page",
                self.pairs.len() as f64 / self.words as f64,
                recurring as f64 / lines as f64
            );
        }
        println!();
    }

    fn print(&mut self) -> io::Result<()> {
        let mut ranked: Vec<(&str, u64, u64)> =
            self.by_word.iter().map(|(word, (all, pages))| (word.as_str(), *all, *pages)).collect();
        ranked.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(other.0)));
        let mut out = io::stdout().lock();
        writeln!(out, "{:.1} MB of text", self.bytes as f64 / 1e6)?;
        writeln!(out, "\n{:>8} {:>12} {:>16}", "rank", "per million", "times per page")?;
        for rank in RANKS.into_iter().filter(|rank| *rank <= ranked.len()) {
            let near = &ranked[(rank * 19 / 20).max(1) - 1..rank];
            let sum = |of: fn(&(&str, u64, u64)) -> u64| near.iter().map(of).sum::<u64>() as f64;
            let times = sum(|word| word.1) / sum(|word| word.2);
            writeln!(out, "{rank:>8} {:>12.3} {times:>16.2}", ranked[rank - 1].1 as f64 / self.words as f64 * 1e6)?;
        }
        let once = ranked.iter().filter(|word| word.1 == 1).count();
        writeln!(out, "{:.3} of the distinct words occur once", once as f64 / ranked.len() as f64)?;
        writeln!(
            out,
            "\n{:>26} {:>8} {:>8} {:>8} {:>8} {:>8}",
            "ranks", "numbers", "simple", "compound", "unknown", "letters"
        )?;
        for (from, to) in [(0, 1_000), (1_000, 10_000), (10_000, 100_000), (100_000, ranked.len())] {
            if to <= ranked.len() && from < to {
                writeln!(out, "{:>26} {}", format!("{} to {to}", from + 1), Kinds::of(&ranked[from..to]))?;
            }
        }
        writeln!(out, "{:>26} {}", "all occurrences", Kinds::weighted(&ranked))?;
        writeln!(out, "\n{:>16} {}", "", SHARES.map(|share| format!("{:>6}", format!("{share}‰"))).join(" "))?;
        let spreads: BTreeMap<&str, &mut Vec<u64>> = BTreeMap::from([
            ("words per page", &mut self.words_per_page),
            ("distinct words", &mut self.distinct_words_per_page),
            ("words per title", &mut self.words_per_title),
            ("words per line", &mut self.words_per_line),
            ("lines per page", &mut self.lines_per_page),
        ]);
        for (name, lengths) in spreads {
            lengths.sort_unstable();
            let at = |share: usize| lengths[(lengths.len() - 1) * share / 1000];
            writeln!(out, "{name:>16} {}", SHARES.map(|share| format!("{:>6}", at(share))).join(" "))?;
        }
        Ok(())
    }
}

/// The quantiles to print, in thousandths.
const SHARES: [usize; 11] = [10, 50, 100, 250, 500, 750, 900, 950, 990, 999, 1000];

/// The shares of the kinds of words, and their mean length in letters.
struct Kinds([f64; 5]);

impl Kinds {
    fn of(words: &[(&str, u64, u64)]) -> Kinds {
        Kinds::counted(words, |_| 1)
    }

    fn weighted(words: &[(&str, u64, u64)]) -> Kinds {
        Kinds::counted(words, |times| times)
    }

    fn counted(words: &[(&str, u64, u64)], weight: fn(u64) -> u64) -> Kinds {
        let mut kinds = [0.0; 5];
        let mut all = 0.0;
        for (word, times, _) in words {
            let weight = weight(*times) as f64;
            let kind = match () {
                () if word.starts_with(|c: char| c.is_numeric()) => 0,
                () if head_offset(word, treff::norwegian::Standard::Both).is_some() => 2,
                () if is_word(word) => 1,
                () => 3,
            };
            kinds[kind] += weight;
            kinds[4] += weight * word.chars().count() as f64;
            all += weight;
        }
        Kinds(kinds.map(|sum| sum / all))
    }
}

impl std::fmt::Display for Kinds {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [numbers, simple, compound, unknown, letters] = self.0;
        write!(out, "{numbers:>8.3} {simple:>8.3} {compound:>8.3} {unknown:>8.3} {letters:>8.2}")
    }
}

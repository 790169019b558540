//! Measures the quality and speed of the Norwegian analysis, with the Snowball stemmer as the baseline.
//!
//! ```text
//! cargo run --release --example analysis -- PATH…
//! ```
//!
//! Each path is a file, or a folder of files. The format of a file is recognized by its content:
//!
//! - A treebank of Universal Dependencies (CoNLL-U), in Nynorsk if its name contains `nynorsk`, otherwise in Bokmål.
//!   Its forms are for measuring conflation (two different forms should share a key if and only if they share a lemma
//!   and a word class), its running text for measuring speed.
//! - A list of compounds: words separated by white space, with `*` where the head starts. `=` precedes a word that is
//!   not a compound, `~` a word to skip. Lines that start with `#` are comments. A line `@nb`, `@nn`, `@probe` or
//!   `@dev` starts a section, which is measured separately under this label. Words after `@nn` are Nynorsk, all others
//!   Bokmål. `@probe` and `@dev` have no meaning of their own; they name two more sets of words.
//! - A list of counterparts: on each line a Bokmål lemma, its Nynorsk counterpart and its frequency in texts, separated
//!   by tabs. Comments as above.
//!
//! Conflation and speed are also measured for tantivy's Snowball stemmer for Norwegian.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;
use std::hint::black_box;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use tantivy::tokenizer::{
    Language, LowerCaser, RawTokenizer, SimpleTokenizer, Stemmer, TextAnalyzer, TokenStream, Tokenizer,
};
use treff::norwegian::{Standard, for_each_term, head_offset, lemma_keys};
use walkdir::WalkDir;

/// Measure the quality and speed of the Norwegian analysis
#[derive(Parser)]
struct Args {
    /// Treebanks (CoNLL-U), lists of compounds or of counterparts, or folders with such files
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Also print errors, at most 200 of each kind
    #[arg(long)]
    errors: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let report = match measure_all(&args) {
        Ok(report) => report,
        Err(message) => {
            eprintln!("error: {message}");
            return ExitCode::from(2);
        }
    };
    match std::io::stdout().write_all(report.as_bytes()) {
        // The reader may close the pipe early.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            eprintln!("error: the report can't be written: {error}");
            ExitCode::from(2)
        }
        _ => ExitCode::SUCCESS,
    }
}

fn measure_all(args: &Args) -> Result<String, String> {
    if args.paths.is_empty() {
        return Err("nothing to measure; pass treebanks (CoNLL-U), lists of compounds or of counterparts, or folders \
                    with such files"
            .to_string());
    }
    let mut data = Data::default();
    for path in &args.paths {
        data.read(path)?;
    }
    if data.treebanks.is_empty() && data.sections.is_empty() && data.counterparts.is_empty() {
        return Err(format!("no treebank, list of compounds or list of counterparts in {}", join_paths(&args.paths)));
    }
    let mut report = Report { text: String::new(), errors: args.errors };
    report.conflation(&data.treebanks);
    report.compounds(&data.sections);
    report.counterparts(&data.counterparts);
    report.speed(&data.treebanks);
    Ok(report.text)
}

fn join_paths(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// The data to measure on.
#[derive(Default)]
struct Data {
    treebanks: Vec<Treebank>,
    sections: Vec<Section>,
    counterparts: Vec<CounterpartList>,
}

struct Treebank {
    name: String,
    standard: Standard,
    /// The running text, a sentence on each line.
    text: String,
    /// Forms in lower case, each with its lemmas and their word classes.
    forms: BTreeMap<String, BTreeSet<(String, String)>>,
}

/// A section of a list of compounds.
struct Section {
    name: String,
    standard: Standard,
    words: Vec<GoldWord>,
}

/// A word, and the byte offset of its head if it is a compound.
struct GoldWord {
    word: String,
    head: Option<usize>,
}

struct CounterpartList {
    name: String,
    counterparts: Vec<Counterpart>,
}

struct Counterpart {
    bokmal: String,
    nynorsk: String,
    frequency: f64,
}

/// The format of a file, recognized by its first line of data.
enum Format {
    Treebank,
    Compounds,
    Counterparts,
}

const FORMATS: &str = "ten columns (CoNLL-U), two lemmas and a frequency (counterparts), or words with `*` at the head or \
                       `=` or `~` before them (compounds)";

impl Data {
    /// A file given as an argument must have a known format; other files in a folder are reported and skipped.
    fn read(&mut self, path: &Path) -> Result<(), String> {
        if !path.is_dir() {
            let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
            return self.add(path, &text, format(path, &text)?);
        }
        for entry in WalkDir::new(path).sort_by_file_name() {
            let entry = entry.map_err(|error| error.to_string())?;
            if entry.file_type().is_dir() {
                continue;
            }
            let known = match std::fs::read_to_string(entry.path()) {
                Ok(text) => format(entry.path(), &text).map(|format| (text, format)),
                Err(error) if error.kind() == ErrorKind::InvalidData => Err(unreadable(entry.path(), &error)),
                Err(error) => return Err(unreadable(entry.path(), &error)),
            };
            match known {
                Ok((text, format)) => self.add(entry.path(), &text, format)?,
                Err(message) => eprintln!("skipped: {message}"),
            }
        }
        Ok(())
    }

    fn add(&mut self, path: &Path, text: &str, format: Format) -> Result<(), String> {
        match format {
            Format::Treebank => self.treebanks.push(treebank(path, text)?),
            Format::Compounds => self.sections.extend(compounds(path, text)?),
            Format::Counterparts => self.counterparts.push(counterparts(path, text)?),
        }
        Ok(())
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> String {
    match (error.kind(), std::fs::read(path)) {
        (ErrorKind::InvalidData, Ok(bytes)) => {
            let valid = std::str::from_utf8(&bytes).map_or_else(|error| error.valid_up_to(), str::len);
            let line = 1 + bytes[..valid].iter().filter(|byte| **byte == b'\n').count();
            format_error(path, line, "UTF-8 text", "invalid bytes")
        }
        _ => format!("{} can't be read: {error}", path.display()),
    }
}

fn format_error(path: &Path, line: usize, expected: &str, found: &str) -> String {
    format!("{}:{line}: expected {expected}; found {found}", path.display())
}

/// The lines with data, and their numbers.
fn data_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    numbered.filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
}

fn format(path: &Path, text: &str) -> Result<Format, String> {
    let Some((number, line)) = data_lines(text).next() else {
        return Err(format_error(path, 1, FORMATS, "no data in the whole file"));
    };
    let columns: Vec<&str> = line.split('\t').collect();
    match columns[..] {
        [_, _, frequency] if frequency.parse::<f64>().is_ok() => Ok(Format::Counterparts),
        [words] if words.split_whitespace().all(|word| word.starts_with(['@', '=', '~']) || word.contains('*')) => {
            Ok(Format::Compounds)
        }
        _ if columns.len() == 10 => Ok(Format::Treebank),
        _ => Err(format_error(path, number, FORMATS, &excerpt(line))),
    }
}

fn excerpt(line: &str) -> String {
    let beginning: String = line.chars().take(40).collect();
    if beginning.len() < line.len() { format!("{beginning:?}…") } else { format!("{beginning:?}") }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn treebank(path: &Path, text: &str) -> Result<Treebank, String> {
    let name = name(path);
    let standard = if name.to_lowercase().contains("nynorsk") { Standard::Nynorsk } else { Standard::Bokmal };
    let sentences: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("# text = ")).collect();
    let mut forms: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    for (number, line) in data_lines(text) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [id, form, lemma, class, _, _, _, _, _, _] = columns[..] else {
            return Err(format_error(path, number, "ten columns with tabs between them (CoNLL-U)", &excerpt(line)));
        };
        if id.contains(['-', '.']) {
            // A multiword token or an empty node.
            continue;
        }
        if !id.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(format_error(
                path,
                number,
                "the number of a token in the first column (CoNLL-U)",
                &excerpt(line),
            ));
        }
        let class = match class {
            "NOUN" | "VERB" | "ADJ" => class,
            "AUX" => "VERB",
            _ => continue,
        };
        if form.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | '’')) {
            forms.entry(form.to_lowercase()).or_default().insert((lemma.to_string(), class.to_string()));
        }
    }
    Ok(Treebank { name, standard, text: sentences.join("\n"), forms })
}

fn compounds(path: &Path, text: &str) -> Result<Vec<Section>, String> {
    let section = |mark: &str, standard| Section { name: name(path) + mark, standard, words: Vec::new() };
    let mut sections = vec![section("", Standard::Bokmal)];
    for (number, line) in data_lines(text) {
        for marked in line.split_whitespace() {
            match marked {
                "@nn" => sections.push(section(" @nn", Standard::Nynorsk)),
                "@nb" | "@probe" | "@dev" => sections.push(section(&format!(" {marked}"), Standard::Bokmal)),
                _ => {
                    let gold = gold_word(marked).map_err(|expected| format_error(path, number, expected, marked))?;
                    if let Some(last) = sections.last_mut() {
                        last.words.extend(gold);
                    }
                }
            }
        }
    }
    sections.retain(|section| !section.words.is_empty());
    Ok(sections)
}

/// Returns `None` for a word to skip. The error says what was expected.
fn gold_word(marked: &str) -> Result<Option<GoldWord>, &'static str> {
    if marked.starts_with('@') {
        return Err("@nb, @nn, @probe or @dev");
    }
    if marked.starts_with('~') {
        return Ok(None);
    }
    if let Some(word) = marked.strip_prefix('=') {
        let is_word = !word.is_empty() && !word.contains('*');
        return is_word.then(|| Some(GoldWord { word: word.to_string(), head: None })).ok_or("a word without `*`");
    }
    match marked.rsplit_once('*') {
        // If a word has several boundaries, the head starts after the last.
        Some((before, after)) if !before.is_empty() && !after.is_empty() => {
            let before = before.replace('*', "");
            Ok(Some(GoldWord { word: before.clone() + after, head: Some(before.len()) }))
        }
        _ => Err("a word with `*` where its head starts, or with `=` or `~` before it"),
    }
}

fn counterparts(path: &Path, text: &str) -> Result<CounterpartList, String> {
    let mut counterparts = Vec::new();
    for (number, line) in data_lines(text) {
        let columns: Vec<&str> = line.split('\t').collect();
        let counterpart = match columns[..] {
            [bokmal, nynorsk, frequency] if !bokmal.is_empty() && !nynorsk.is_empty() => {
                frequency.parse().ok().filter(|frequency: &f64| frequency.is_finite() && *frequency >= 0.0).map(
                    |frequency| Counterpart { bokmal: bokmal.to_string(), nynorsk: nynorsk.to_string(), frequency },
                )
            }
            _ => None,
        };
        counterparts.push(counterpart.ok_or_else(|| {
            format_error(
                path,
                number,
                "a Bokmål lemma, a Nynorsk lemma and a frequency, separated by tabs",
                &excerpt(line),
            )
        })?);
    }
    Ok(CounterpartList { name: name(path), counterparts })
}

/// The counts of gold, predicted and correctly predicted items.
#[derive(Clone, Copy, Default)]
struct Counts {
    gold: usize,
    predicted: usize,
    correct: usize,
}

impl Counts {
    /// Precision, recall and F: the harmonic mean of the two.
    fn columns(&self) -> String {
        let share = |of: usize| format_share(self.correct as f64, of as f64);
        let f = format_share(2.0 * self.correct as f64, (self.gold + self.predicted) as f64);
        format!("{:>9} {:>9} {f:>9}", share(self.predicted), share(self.gold))
    }
}

fn format_share(part: f64, whole: f64) -> String {
    if whole > 0.0 { format!("{:.3}", part / whole) } else { "–".to_string() }
}

fn standard_name(standard: Standard) -> &'static str {
    match standard {
        Standard::Bokmal => "Bokmål",
        Standard::Nynorsk => "Nynorsk",
        Standard::Both => "both",
    }
}

/// Maximum number of errors printed of each kind.
const MAX_ERRORS: usize = 200;
/// The width of the first column, the subject of a row.
const SUBJECT_WIDTH: usize = 44;

/// The report: tables, one below the other.
struct Report {
    text: String,
    errors: bool,
}

impl Report {
    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn title(&mut self, title: &str, columns: &str) {
        if !self.text.is_empty() {
            self.line("");
        }
        self.line(&format!("{title:<SUBJECT_WIDTH$} {columns}"));
    }

    fn row(&mut self, subject: &str, columns: &str) {
        self.line(&format!("{subject:<SUBJECT_WIDTH$} {columns}"));
    }

    /// Prints at most `MAX_ERRORS` of the errors, spread evenly over the sorted list.
    fn list_errors(&mut self, what: &str, mut all: Vec<String>) {
        if !self.errors || all.is_empty() {
            return;
        }
        all.sort();
        let count = all.len().min(MAX_ERRORS);
        self.line(&format!("  {what}: {count} of {}", all.len()));
        for place in 0..count {
            self.line(&format!("    {}", all[place * all.len() / count]));
        }
    }

    fn conflation(&mut self, treebanks: &[Treebank]) {
        if treebanks.is_empty() {
            return;
        }
        let columns = ["forms", "gold", "pairs", "precision", "recall", "F"].map(|column| format!("{column:>9}"));
        self.title("Conflation of forms", &columns.join(" "));
        for treebank in treebanks {
            let Treebank { name, standard, forms, .. } = treebank;
            let gold = pairs(forms.values().map(|lemmas| lemmas.iter().collect()));
            let keys: Vec<Vec<String>> = forms.keys().map(|form| lemma_keys(form, *standard)).collect();
            let mut stemmer = stemmer(RawTokenizer::default());
            let stems: Vec<Vec<String>> = forms.keys().map(|form| stems(&mut stemmer, form)).collect();

            let predicted = pairs(keys.iter().map(|keys| keys.iter().collect()));
            let subject = format!("{name}, {}", standard_name(*standard));
            self.row(&subject, &conflation_columns(forms.len(), &gold, &predicted));
            let by_snowball = pairs(stems.iter().map(|stems| stems.iter().collect()));
            self.row("  Snowball", &conflation_columns(forms.len(), &gold, &by_snowball));

            let forms: Vec<_> = forms.iter().collect();
            let shown = |form: usize| {
                let (form, lemmas) = forms[form];
                let lemmas: Vec<_> = lemmas.iter().map(|(lemma, class)| format!("{lemma} {class}")).collect();
                format!("{form} ({})", lemmas.join(", "))
            };
            let list = |pairs: Vec<&(usize, usize)>| {
                let shown = |&&(one, other): &&(usize, usize)| {
                    let keys = format!("{} | {}", keys[one].join(" "), keys[other].join(" "));
                    format!("{} – {}: {keys}", shown(one), shown(other))
                };
                pairs.iter().map(shown).collect()
            };
            self.list_errors("without a common key, but should have one", list(gold.difference(&predicted).collect()));
            self.list_errors("with a common key, but should have none", list(predicted.difference(&gold).collect()));
        }
    }

    fn compounds(&mut self, sections: &[Section]) {
        if sections.is_empty() {
            return;
        }
        let columns = ["compounds", "precision", "recall", "F", "simplex", "split"];
        self.title("Boundaries of compounds", &columns.map(|column| format!("{column:>9}")).join(" "));
        for Section { name, standard, words } in sections {
            let mut counts = Counts::default();
            let mut split = 0;
            let (mut missed, mut misplaced, mut split_simplex) = (Vec::new(), Vec::new(), Vec::new());
            for GoldWord { word, head: gold } in words {
                let predicted = head_offset(word, *standard);
                counts.gold += usize::from(gold.is_some());
                counts.predicted += usize::from(predicted.is_some());
                match (gold, predicted) {
                    (Some(gold), Some(predicted)) if *gold == predicted => counts.correct += 1,
                    (Some(gold), Some(predicted)) => {
                        misplaced.push(format!("{} as {}", marked(word, *gold), marked(word, predicted)));
                    }
                    (Some(gold), None) => missed.push(marked(word, *gold)),
                    (None, Some(predicted)) => {
                        split += 1;
                        split_simplex.push(marked(word, predicted));
                    }
                    (None, None) => {}
                }
            }
            let simplex = words.len() - counts.gold;
            let share_split = format_share(f64::from(split), simplex as f64);
            let columns = format!("{:>9} {} {simplex:>9} {share_split:>9}", counts.gold, counts.columns());
            self.row(&format!("{name}, {}", standard_name(*standard)), &columns);
            self.list_errors("compounds left whole", missed);
            self.list_errors("compounds split in the wrong place", misplaced);
            self.list_errors("simplex words split", split_simplex);
        }
    }

    fn counterparts(&mut self, lists: &[CounterpartList]) {
        if lists.is_empty() {
            return;
        }
        let columns = ["pairs", "share", "weighted"].map(|column| format!("{column:>9}"));
        self.title("Counterparts in the two written standards", &columns.join(" "));
        for CounterpartList { name, counterparts } in lists {
            let mut without_common_key = Vec::new();
            let (mut with_common_key, mut weight_with_common_key) = (0, 0.0);
            for Counterpart { bokmal, nynorsk, frequency } in counterparts {
                let keys = (lemma_keys(bokmal, Standard::Bokmal), lemma_keys(nynorsk, Standard::Nynorsk));
                if keys.0.iter().any(|key| keys.1.contains(key)) {
                    with_common_key += 1;
                    weight_with_common_key += frequency;
                } else {
                    let keys = format!("{} | {}", keys.0.join(" "), keys.1.join(" "));
                    without_common_key.push(format!("{bokmal} – {nynorsk}, {frequency}: {keys}"));
                }
            }
            let weight: f64 = counterparts.iter().map(|counterpart| counterpart.frequency).sum();
            let share = format_share(f64::from(with_common_key), counterparts.len() as f64);
            let weighted = format_share(weight_with_common_key, weight);
            self.row(name, &format!("{:>9} {share:>9} {weighted:>9}", counterparts.len()));
            self.list_errors("without a common key, but should have one", without_common_key);
        }
    }

    fn speed(&mut self, treebanks: &[Treebank]) {
        let texts: Vec<&Treebank> = treebanks.iter().filter(|treebank| !treebank.text.is_empty()).collect();
        if texts.is_empty() {
            return;
        }
        let mut rounds = Vec::new();
        // The first round, which isn't counted, brings code and data into memory.
        for round in 0..=ROUNDS {
            let by_treff = run_in_new_thread(|| [timed(|| count_terms(&texts)), timed(|| count_terms(&texts))]);
            let by_tantivy = run_in_new_thread(|| {
                let mut analyzer = stemmer(SimpleTokenizer::default());
                timed(|| count_tokens(&mut analyzer, &texts))
            });
            if round > 0 {
                rounds.push((by_treff, by_tantivy));
            }
        }
        let tokens = rounds[0].1.count;
        let terms = rounds[0].0[0].count;
        let nanoseconds = |times: Vec<Duration>| median(times).as_nanos() as f64 / tokens as f64;
        let baseline = nanoseconds(rounds.iter().map(|(_, by_tantivy)| by_tantivy.time).collect());
        let columns = ["terms", "ns", "ratio"].map(|column| format!("{column:>9}"));
        self.title("Time per token", &columns.join(" "));
        for (pass, subject) in ["every field", "every field, words already cached"].into_iter().enumerate() {
            let time = nanoseconds(rounds.iter().map(|(by_treff, _)| by_treff[pass].time).collect());
            self.row(subject, &format!("{terms:>9} {time:>9.1} {:>9}", format_share(time, baseline)));
        }
        self.row("SimpleTokenizer, LowerCaser, Stemmer", &format!("{tokens:>9} {baseline:>9.1} {:>9}", "1.000"));
        let bytes: usize = texts.iter().map(|treebank| treebank.text.len()).sum();
        self.line(&format!(
            "  {tokens} tokens by SimpleTokenizer in {bytes} bytes of running text; medians of {ROUNDS} rounds"
        ));
    }
}

fn marked(word: &str, at: usize) -> String {
    match word.split_at_checked(at) {
        Some((before, after)) => format!("{before}*{after}"),
        None => format!("{word} at byte {at}"),
    }
}

/// The pairs of words that share a key; `words` yields the keys of each word.
fn pairs<'a, Key: std::hash::Hash + Eq + ?Sized + 'a>(
    words: impl Iterator<Item = Vec<&'a Key>>,
) -> HashSet<(usize, usize)> {
    let mut groups: HashMap<&Key, Vec<usize>> = HashMap::new();
    for (word, keys) in words.enumerate() {
        for key in keys {
            groups.entry(key).or_default().push(word);
        }
    }
    let mut pairs = HashSet::new();
    for group in groups.values() {
        for (place, one) in group.iter().enumerate() {
            pairs.extend(group[place + 1..].iter().filter(|other| *other != one).map(|other| (*one, *other)));
        }
    }
    pairs
}

fn conflation_columns(forms: usize, gold: &HashSet<(usize, usize)>, predicted: &HashSet<(usize, usize)>) -> String {
    let correct = gold.intersection(predicted).count();
    let counts = Counts { gold: gold.len(), predicted: predicted.len(), correct };
    let mut columns = String::new();
    for number in [forms, counts.gold, counts.predicted] {
        let _ = write!(columns, "{number:>9} ");
    }
    columns + &counts.columns()
}

/// tantivy's analyzer for Norwegian.
fn stemmer(tokenizer: impl Tokenizer) -> TextAnalyzer {
    TextAnalyzer::builder(tokenizer).filter(LowerCaser).filter(Stemmer::new(Language::Norwegian)).build()
}

fn stems(stemmer: &mut TextAnalyzer, word: &str) -> Vec<String> {
    let mut stems = Vec::new();
    stemmer.token_stream(word).process(&mut |token| stems.push(token.text.clone()));
    stems
}

/// Each round analyzes the texts twice with treff and once with tantivy.
const ROUNDS: usize = 15;

struct Timed {
    count: usize,
    time: Duration,
}

fn timed(work: impl FnOnce() -> usize) -> Timed {
    let start = Instant::now();
    let count = work();
    Timed { count, time: start.elapsed() }
}

/// The cache of words is thread-local, so all words are new in a new thread.
fn run_in_new_thread<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| scope.spawn(work).join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
}

/// Analyzes the texts for every field, and counts the terms.
fn count_terms(texts: &[&Treebank]) -> usize {
    let mut terms = 0;
    for treebank in texts {
        for_each_term(&treebank.text, treebank.standard, |term, kind, position, start, end| {
            black_box((term, kind, position, start, end));
            terms += 1;
        });
    }
    terms
}

/// Counts the tokens of the texts with tantivy's analyzer.
fn count_tokens(analyzer: &mut TextAnalyzer, texts: &[&Treebank]) -> usize {
    let mut tokens = 0;
    for treebank in texts {
        analyzer.token_stream(&treebank.text).process(&mut |token| {
            black_box(token);
            tokens += 1;
        });
    }
    tokens
}

/// The median of an odd number of times.
fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

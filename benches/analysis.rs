//! Measures the time to analyze running text, and to analyze a word for the first time.
//!
//! The text is the paragraphs, headings and lists of 1,000 synthetic pages (see `corpus`), without the menus, which are
//! not indexed either. An index build analyzes the text of its passages for every field in one pass; for comparison,
//! tantivy's own analyzer for Norwegian, which fills one field, runs on the same text. Each iteration runs in a new
//! thread, so that the cache of words is empty, as at the start of a build. For both, throughput is in tokens as
//! tantivy counts them.
//!
//! ```text
//! cargo bench --bench analysis
//! ```

mod corpus;

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use tantivy::tokenizer::{Language, LowerCaser, SimpleTokenizer, Stemmer, TextAnalyzer, TokenStream};
use treff::norwegian::{Standard, for_each_term, lemma_keys};

const PAGES: usize = 1_000;
/// Fewer tokens than this mean that the synthetic text is wrong.
const MIN_TOKENS: usize = 300 * PAGES;

struct Text {
    text: String,
    /// Runs of letters and digits, as SimpleTokenizer counts them.
    tokens: usize,
}

impl Text {
    fn new() -> Text {
        let pages = corpus::pages(PAGES).pages;
        let text = pages.iter().map(|page| page.body.as_str()).collect::<Vec<_>>().join("\n\n");
        let tokens = text.split(|c: char| !c.is_alphanumeric()).filter(|run| !run.is_empty()).count();
        assert!(tokens >= MIN_TOKENS, "{tokens} tokens");
        Text { text, tokens }
    }
}

/// The number of positions with a term, and of terms.
#[derive(Debug, PartialEq)]
struct Analyzed {
    positions: usize,
    terms: usize,
}

fn analyze_with_treff(text: &str) -> Analyzed {
    let mut analyzed = Analyzed { positions: 0, terms: 0 };
    let mut last = None;
    for_each_term(text, Standard::Bokmal, |term, kind, position, start, end| {
        black_box((term, kind, start, end));
        analyzed.positions += usize::from(last != Some(position));
        analyzed.terms += 1;
        last = Some(position);
    });
    analyzed
}

fn tokenize_with_tantivy(text: &str) -> usize {
    let mut analyzer = TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(LowerCaser)
        .filter(Stemmer::new(Language::Norwegian))
        .build();
    let mut tokens = 0;
    analyzer.token_stream(text).process(&mut |token| {
        black_box(token);
        tokens += 1;
    });
    tokens
}

fn run_in_new_thread<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| scope.spawn(work).join().expect("the analysis panicked"))
}

fn running_text(criterion: &mut Criterion) {
    let Text { text, tokens } = Text::new();
    let mut group = criterion.benchmark_group("analysis of running text");
    group.sample_size(20).sampling_mode(SamplingMode::Flat).throughput(Throughput::Elements(tokens as u64));

    let expected = analyze_with_treff(&text);
    // The two tokenizers differ only in dates, ranges and abbreviations, which are rare.
    let ratio = expected.positions as f64 / tokens as f64;
    assert!((0.9..1.1).contains(&ratio), "{expected:?} for {tokens} tokens");
    assert!(expected.terms > expected.positions, "expected terms of more than one field: {expected:?}");
    group.bench_function(BenchmarkId::from_parameter("every field"), |bencher| {
        bencher.iter(|| assert_eq!(run_in_new_thread(|| analyze_with_treff(black_box(&text))), expected));
    });
    group.bench_function(BenchmarkId::from_parameter("every field, words seen before"), |bencher| {
        bencher.iter(|| assert_eq!(analyze_with_treff(black_box(&text)), expected));
    });
    group.bench_function(BenchmarkId::from_parameter("SimpleTokenizer, LowerCaser, Stemmer"), |bencher| {
        bencher.iter(|| assert_eq!(run_in_new_thread(|| tokenize_with_tantivy(black_box(&text))), tokens));
    });
    group.finish();
}

/// A compound of three components in an inflected form: about the most expensive kind of word in real text.
const WORD: &str = "barnevernstjenestene";

fn unseen_word(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("analysis of a word");
    // Starting the thread takes many times longer than analyzing the word, and only the analysis is timed.
    group.warm_up_time(Duration::from_millis(50)).measurement_time(Duration::from_millis(200));
    group.bench_function(BenchmarkId::from_parameter("never seen"), |bencher| {
        bencher.iter_custom(|iterations| (0..iterations).map(|_| run_in_new_thread(time_of_unseen_word)).sum());
    });
    group.finish();
}

/// To be called in a new thread. Analyzes another word first, which sets up the thread-local data. The time includes
/// reading the clock.
fn time_of_unseen_word() -> Duration {
    assert!(!lemma_keys(black_box("og"), Standard::Bokmal).is_empty());
    let start = Instant::now();
    let lemmas = black_box(lemma_keys(black_box(WORD), Standard::Bokmal));
    let time = start.elapsed();
    assert!(!lemmas.is_empty(), "no lemma for {WORD}");
    time
}

criterion_group!(benches, running_text, unseen_word);
criterion_main!(benches);

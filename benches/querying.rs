//! Measures the latency of queries, from the typed text to ten hits with their snippets.
//!
//! Data: 1,000, 10,000 and 100,000 generated pages (see `corpus`). The queries are drawn from these pages by the page
//! frequency of their words, so that a class means the same at each size. Pages, queries and hits are the same on every
//! machine; only the times differ. The index is open and in the page cache; `treff bench` also measures
//! new processes, which have to open it first.
//!
//! ```text
//! cargo bench --bench querying
//! ```

mod corpus;

use std::cell::LazyCell;
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::hint::black_box;

use corpus::Page;
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use tempfile::TempDir;
use treff::index::{self, Index};
use treff::norwegian::{Standard, is_stop_word, lemma_keys};
use treff::query::{self, Synonyms};
use treff::search::{SearchOptions, SearchResults, search};

const SYNONYMS: Synonyms = Synonyms::builtin();

/// How many hits a class of queries must have.
#[derive(Clone, Copy)]
enum Hits {
    None,
    Some,
    Ten,
}

/// The minimum length of a drawn word: a shorter one has too few letters left when one is removed.
const MIN_LETTERS: usize = 5;

/// A class of queries, and a function that draws one from the pages.
struct Class {
    name: &'static str,
    hits: Hits,
    draw: fn(&Statistics) -> String,
}

const CLASSES: [Class; 9] = [
    Class { name: "one rare word", hits: Hits::Some, draw: |pages| pages.rarest_word() },
    Class { name: "one common word", hits: Hits::Ten, draw: |pages| pages.most_common_word() },
    Class {
        name: "two words",
        hits: Hits::Ten,
        draw: |pages| format!("{} {}", pages.word_in_one_page_of(10), pages.word_in_one_page_of(100)),
    },
    Class {
        name: "three words",
        hits: Hits::Ten,
        draw: |pages| {
            format!("{} {} {}", pages.most_common_word(), pages.word_in_one_page_of(10), pages.word_in_one_page_of(100))
        },
    },
    Class { name: "a phrase", hits: Hits::Ten, draw: |pages| format!("\"{}\"", pages.most_common_pair()) },
    Class {
        name: "one word, another excluded",
        hits: Hits::Ten,
        draw: |pages| format!("{} -{}", pages.most_common_word(), pages.word_in_one_page_of(10)),
    },
    Class {
        name: "a prefix",
        hits: Hits::Ten,
        draw: |pages| format!("{}*", prefix_query(&pages.word_in_one_page_of(100))),
    },
    Class { name: "a word with an error", hits: Hits::Some, draw: |pages| format!("{}~", pages.misspelled_word()) },
    Class { name: "an absent word", hits: Hits::None, draw: |pages| pages.absent_word() },
];

/// The page frequencies of words and of pairs of adjacent words. Menus are left out because they are not in the index,
/// and closed-class words because they match nothing by themselves in a query with other words.
struct Statistics {
    pages: usize,
    words: HashMap<String, usize>,
    pairs: HashMap<(String, String), usize>,
}

impl Statistics {
    fn of(pages: &[Page]) -> Statistics {
        let mut words = HashMap::new();
        for page in pages {
            let words_of_page: HashSet<String> = word_runs(page).flatten().collect();
            for word in words_of_page {
                *words.entry(word).or_default() += 1;
            }
        }
        // Pairs of rare words are rarer still, and there are too many of them to count.
        let is_frequent = |word: &String| words.get(word).is_some_and(|count| count * 100 >= pages.len());
        let mut pairs = HashMap::new();
        for page in pages {
            let pairs_of_page: HashSet<(String, String)> = word_runs(page)
                .flat_map(|run| run.windows(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect::<Vec<_>>())
                .filter(|(one, other)| one != other && is_frequent(one) && is_frequent(other))
                .collect();
            for pair in pairs_of_page {
                *pairs.entry(pair).or_default() += 1;
            }
        }
        Statistics { pages: pages.len(), words, pairs }
    }

    fn most_common_word(&self) -> String {
        let word = self.words.iter().max_by_key(|(word, count)| (**count, Reverse(*word)));
        word.expect("pages with words").0.clone()
    }

    /// The rarest word, counting all its inflections as a search does; among ties, the middle one in alphabetical
    /// order.
    fn rarest_word(&self) -> String {
        let mut pages_with_lemma: HashMap<String, usize> = HashMap::new();
        let words: Vec<(&String, Vec<String>)> =
            self.words.keys().map(|word| (word, lemma_keys(word, Standard::Both))).collect();
        for (word, lemmas) in &words {
            for lemma in lemmas {
                *pages_with_lemma.entry(lemma.clone()).or_default() += self.words[*word];
            }
        }
        let pages = |lemmas: &[String]| lemmas.iter().map(|lemma| pages_with_lemma[lemma]).sum::<usize>();
        let fewest = words.iter().map(|(_, lemmas)| pages(lemmas)).min().expect("pages with words");
        let mut rarest: Vec<&String> =
            words.iter().filter(|(_, lemmas)| pages(lemmas) == fewest).map(|(word, _)| *word).collect();
        rarest.sort();
        rarest[rarest.len() / 2].clone()
    }

    /// The word whose page frequency is nearest to one page in `pages`.
    fn word_in_one_page_of(&self, pages: usize) -> String {
        let target = self.pages / pages;
        let long = self.words.iter().filter(|(word, _)| word.chars().count() >= MIN_LETTERS);
        let word = long.min_by_key(|(word, count)| (count.abs_diff(target), *word));
        word.expect("pages with words").0.clone()
    }

    fn most_common_pair(&self) -> String {
        let pair = self.pairs.iter().max_by_key(|(pair, count)| (**count, Reverse(*pair)));
        let ((one, other), _) = pair.expect("a pair of frequent words");
        format!("{one} {other}")
    }

    /// A word that occurs on one page in a hundred, without its second-to-last letter.
    fn misspelled_word(&self) -> String {
        let mut letters: Vec<char> = self.word_in_one_page_of(100).chars().collect();
        letters.remove(letters.len() - 2);
        letters.into_iter().collect()
    }

    /// A string that no word of the pages contains.
    fn absent_word(&self) -> String {
        let mut word = "xqz".to_string();
        while self.words.keys().any(|known| known.contains(&word)) {
            word.push_str("xqz");
        }
        word
    }
}

/// The first half of a word.
fn prefix_query(word: &str) -> String {
    word.chars().take(word.chars().count().div_ceil(2)).collect()
}

/// The words of a page's paragraphs in lower case, in runs that a phrase can match: split at punctuation, stop words
/// and numbers. Links such as "read more" are left out; the index doesn't contain them, either.
fn word_runs(page: &Page) -> impl Iterator<Item = Vec<String>> + '_ {
    page.body
        .split("\n\n")
        .filter(|block| block.ends_with('.'))
        .flat_map(|paragraph| paragraph.split(|c: char| !c.is_alphanumeric() && !matches!(c, ' ' | '-')))
        .flat_map(|text| {
            let words: Vec<String> = text.split(' ').map(str::to_lowercase).collect();
            let is_plain = |word: &String| word.chars().all(char::is_alphabetic) && !is_stop_word(word);
            words.split(|word| !is_plain(word)).map(<[String]>::to_vec).collect::<Vec<_>>()
        })
        .map(|run| run.into_iter().filter(|word| !word.is_empty()).collect())
}

/// An index of generated pages, and their statistics.
struct Indexed {
    index: Index,
    statistics: Statistics,
    /// Removed when dropped.
    _dir: TempDir,
}

impl Indexed {
    fn of(count: usize) -> Indexed {
        let corpus = corpus::pages(count);
        let dir = TempDir::new().expect("a temporary folder");
        let paths = [corpus.dir.path().to_path_buf()];
        let report = index::update(&index::UpdateOptions::new(dir.path(), &paths)).expect("pages that can be indexed");
        assert_eq!((report.pages, report.added), (count as u64, count as u64));
        Indexed {
            index: index::open(dir.path()).expect("the index that was just built"),
            statistics: Statistics::of(&corpus.pages),
            _dir: dir,
        }
    }

    fn search(&self, text: &str) -> SearchResults {
        search(&self.index, &query::parse(text, &SYNONYMS), &SearchOptions::DEFAULT)
            .expect("a query that can be searched")
    }
}

fn assert_hits(results: &SearchResults, hits: Hits, text: &str) {
    let found = results.hits.len();
    let is_as_expected = match hits {
        Hits::None => found == 0,
        Hits::Some => found > 0,
        Hits::Ten => found == SearchOptions::DEFAULT.limit,
    };
    assert!(is_as_expected, "{found} hits for {text}");
    assert!(results.hits.iter().all(|hit| !hit.snippet.is_empty()), "a hit without a snippet for {text}");
}

fn latency(criterion: &mut Criterion) {
    for count in [1_000, 10_000, 100_000] {
        // Built lazily, since a filter on the command line may skip all benchmarks of this size.
        let indexed = LazyCell::new(|| Indexed::of(count));
        let mut group = criterion.benchmark_group(format!("query {count} pages"));
        for Class { name, hits, draw } in CLASSES {
            group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
                let text = draw(&indexed.statistics);
                assert_hits(&indexed.search(&text), hits, &text);
                bencher.iter(|| indexed.search(black_box(&text)));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, latency);
criterion_main!(benches);

//! Generates synthetic pages for the benchmarks, the same ones on every machine.
//!
//! `words.rs` has the words and their frequencies, counted in 98,348 real pages. The lengths of pages, titles and
//! paragraphs are distributed as in these pages, and three more numbers are fitted to them:
//!
//! - of a thousand words, `REPEATED` are copied from earlier in the page, in runs of a few words, so that a page stays
//!   on its subject;
//! - `WITH_NEIGHBOR` are followed by one of a few neighbors, the same in all pages, so that there are phrases;
//! - a third of the headings come from a pool that all pages share.
//!
//! The menus above and below the content are taken from `seeds/`. Limitations: apart from the above, words are drawn
//! independently; there is no grammar and no Nynorsk; all pages are of one kind.
//!
//! A page depends only on its number, so a smaller corpus is the beginning of a larger one.

mod words;

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

pub use words::{Random, Vocabulary};

/// A page. The menus above and below the content are separate, so that statistics can leave them out.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    pub above: String,
    pub title: String,
    pub date_line: String,
    pub body: String,
    pub below: String,
}

impl Page {
    /// The text of the page's file.
    pub fn text(&self) -> String {
        let parts = [&self.above, &self.title, &self.date_line, &self.body, &self.below];
        parts.map(String::as_str).into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
    }
}

/// Pages, and the folder with their files.
pub struct Corpus {
    pub dir: TempDir,
    pub pages: Vec<Page>,
}

impl Corpus {
    pub fn path(&self, page: usize) -> PathBuf {
        // One flat folder with numbered names, like the seeds: treff treats it as one site.
        self.dir.path().join(format!("{page:06}.txt"))
    }
}

/// Generates `count` pages and writes them to a temporary folder.
pub fn pages(count: usize) -> Corpus {
    let generator = PageGenerator::new();
    let pages: Vec<Page> = (0..count as u64).map(|number| generator.page(number)).collect();
    assert_eq!(pages.len(), count);
    assert!(generator.page(0) == pages[0], "a page must be the same each time it is generated");
    let corpus = Corpus { dir: TempDir::new().expect("a temporary folder"), pages };
    for (number, page) in corpus.pages.iter().enumerate() {
        write(&corpus.path(number), &page.text(), 0);
    }
    let files = std::fs::read_dir(corpus.dir.path()).expect("the folder was just created").count();
    assert_eq!(files, count);
    corpus
}

/// Writes a page that was changed `changes` times.
///
/// An index trusts the modification time of a file only if it is at least a few seconds in the past. So the files get
/// times in the past, later with each change; otherwise every update would read all pages again.
pub fn write(path: &Path, text: &str, changes: u64) {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_500_000_000 + changes);
    let mut file = File::create(path).expect("a file in a temporary folder");
    file.write_all(text.as_bytes()).expect("room in the temporary folder");
    file.set_modified(time).expect("a file system that keeps times");
}

/// Quantiles of a length, as pairs: how many of a thousand lengths are shorter, and the length. Lengths between two
/// quantiles are equally likely.
type Lengths = [(u64, u64)];

/// Number of words of a page.
const PAGE_WORDS: &Lengths = &[
    (0, 20),
    (10, 63),
    (50, 116),
    (100, 164),
    (200, 261),
    (250, 314),
    (300, 351),
    (400, 397),
    (500, 430),
    (600, 464),
    (700, 513),
    (800, 596),
    (900, 783),
    (950, 895),
    (990, 1090),
    (999, 1424),
    (1000, 2305),
];
/// Number of words of a title.
const TITLE_WORDS: &Lengths =
    &[(0, 1), (10, 2), (50, 3), (100, 5), (300, 6), (400, 8), (500, 11), (600, 14), (800, 20), (950, 28), (1000, 49)];
/// Number of words of a paragraph, heading or item.
const BLOCK_WORDS: &Lengths = &[
    (0, 1),
    (50, 2),
    (100, 3),
    (200, 4),
    (250, 5),
    (300, 6),
    (400, 10),
    (500, 17),
    (600, 25),
    (700, 33),
    (800, 44),
    (900, 61),
    (950, 80),
    (990, 157),
    (999, 786),
    (1000, 2216),
];
/// A block with fewer words is a heading or an item; any other is a paragraph of sentences.
const MIN_PARAGRAPH_WORDS: u64 = 8;
/// Number of words of a sentence. Assumed, not measured.
const SENTENCE_WORDS: &Lengths = &[(0, 4), (500, 14), (1000, 30)];

const REPEATED: u64 = 330;
/// Maximum number of words in a repeated run.
const MAX_RUN_WORDS: u64 = 8;
const WITH_NEIGHBOR: u64 = 200;
/// How many of a thousand headings come from the pool.
const HEADINGS_FROM_POOL: u64 = 350;
const HEADING_POOL: u64 = 4_000;
/// One in this many words is followed by a comma.
const WORDS_PER_COMMA: u64 = 14;

/// The last line of the menu above the content of a seed, and the possible beginnings of the first line below the
/// content.
const MENU_END: &str = "Send tips";
const FOOTER_STARTS: [&str; 2] = ["Brukerundersøkelse", "Fant du det"];

/// Generates pages.
pub struct PageGenerator {
    pub vocabulary: Vocabulary,
    /// The lines above and below the content of each seed.
    menus: Vec<(String, String)>,
    /// The sources in the date lines of the seeds.
    sources: Vec<String>,
}

impl PageGenerator {
    pub fn new() -> PageGenerator {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
        let entries = std::fs::read_dir(&folder).expect("the folder seeds");
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
        // Directory order depends on the file system.
        paths.sort();
        let seeds: Vec<String> =
            paths.iter().map(|path| std::fs::read_to_string(path).expect("a readable seed")).collect();
        let split_seeds: Vec<[String; 3]> = seeds.iter().map(|seed| split_seed(seed)).collect();
        let sources =
            split_seeds.iter().flat_map(|[_, body, _]| body.lines().filter_map(|line| line.split_once(" | ")));
        let bodies: Vec<String> = split_seeds.iter().map(|[_, body, _]| body.clone()).collect();
        PageGenerator {
            vocabulary: Vocabulary::of(&bodies),
            sources: sources.map(|(_, source)| source.to_string()).collect(),
            menus: split_seeds.iter().map(|[above, _, below]| (above.clone(), below.clone())).collect(),
        }
    }

    pub fn page(&self, number: u64) -> Page {
        let mut random = Random(number.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let (above, below) = random.one_of(&self.menus).clone();
        let mut words = PageWords { vocabulary: &self.vocabulary, written: Vec::new(), repeats: 0..0 };
        let mut left = draw_length(PAGE_WORDS, &mut random);
        let title_words = draw_length(TITLE_WORDS, &mut random).min(left / 2);
        left -= title_words;
        let title = words.sentence(title_words, &mut random);
        let date_line = self.date_line(&mut random);
        let mut body = String::new();
        while left > 0 {
            let block = draw_length(BLOCK_WORDS, &mut random).min(left);
            left -= block;
            if !body.is_empty() {
                body.push_str("\n\n");
            }
            if block < MIN_PARAGRAPH_WORDS && random.happens(HEADINGS_FROM_POOL) {
                body.push_str(&self.pool_heading(block, &mut random));
            } else if block < MIN_PARAGRAPH_WORDS {
                body.push_str(&words.sentence(block, &mut random));
            } else {
                body.push_str(&words.paragraph(block, &mut random));
            }
        }
        Page { above, title, date_line, body, below }
    }

    /// A heading from the pool that all pages share; the first ones of the pool are more common.
    fn pool_heading(&self, length: u64, random: &mut Random) -> String {
        let up_to = 1 + random.below(HEADING_POOL);
        let mut from_pool = Random(random.below(up_to) * MIN_PARAGRAPH_WORDS + length);
        PageWords { vocabulary: &self.vocabulary, written: Vec::new(), repeats: 0..0 }.sentence(length, &mut from_pool)
    }

    fn date_line(&self, random: &mut Random) -> String {
        let (day, month, year) = (1 + random.below(28), 1 + random.below(12), 2014 + random.below(8));
        format!("{day:02}.{month:02}.{year} | {}", random.one_of(&self.sources))
    }
}

/// The lines of a seed above its content, the content, and those below.
fn split_seed(seed: &str) -> [String; 3] {
    let lines: Vec<&str> = seed.lines().map(str::trim).collect();
    let begin = lines.iter().position(|line| *line == MENU_END).map_or(0, |menu| menu + 1);
    let is_footer = |line: &&str| FOOTER_STARTS.iter().any(|beginning| line.starts_with(beginning));
    let end = lines.iter().position(is_footer).unwrap_or(lines.len());
    [&lines[..begin], &lines[begin..end], &lines[end..]].map(|lines| lines.join("\n"))
}

fn draw_length(quantiles: &Lengths, random: &mut Random) -> u64 {
    let at = random.below(1_000_000);
    let above = quantiles.partition_point(|(share, _)| share * 1000 <= at).clamp(1, quantiles.len() - 1);
    let ((low, shortest), (high, longest)) = (quantiles[above - 1], quantiles[above]);
    shortest + (longest - shortest) * (at - low * 1000) / (1000 * (high - low))
}

/// Draws the words of a page one after another.
struct PageWords<'a> {
    vocabulary: &'a Vocabulary,
    written: Vec<u64>,
    /// The indices in `written` of the words that are being repeated.
    repeats: std::ops::Range<usize>,
}

impl PageWords<'_> {
    fn next(&mut self, random: &mut Random) -> u64 {
        // A run has (1 + MAX_RUN_WORDS) / 2 words on average. The probability of starting one, outside a run, makes the
        // share of words in runs REPEATED.
        let run_start = 2_000 * REPEATED / (1_000 * (MAX_RUN_WORDS + 1) - REPEATED * (MAX_RUN_WORDS - 1));
        if self.repeats.is_empty() && !self.written.is_empty() && random.happens(run_start) {
            let from = random.below(self.written.len() as u64) as usize;
            let length = 1 + random.below(MAX_RUN_WORDS) as usize;
            self.repeats = from..(from + length).min(self.written.len());
        }
        let before = self.written.last().copied();
        let rank = match self.repeats.next() {
            Some(place) => self.written[place],
            None => {
                let neighbor_of = before.filter(|_| random.happens(WITH_NEIGHBOR));
                match neighbor_of {
                    Some(rank) => self.vocabulary.neighbor(rank, random),
                    None => self.vocabulary.draw(random),
                }
            }
        };
        self.written.push(rank);
        rank
    }

    fn paragraph(&mut self, mut words: u64, random: &mut Random) -> String {
        let mut paragraph = String::new();
        while words > 0 {
            let length = draw_length(SENTENCE_WORDS, random).min(words);
            words -= length;
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(&self.sentence(length, random));
            paragraph.push('.');
        }
        paragraph
    }

    fn sentence(&mut self, words: u64, random: &mut Random) -> String {
        let mut sentence = String::new();
        for place in 0..words {
            if place > 0 {
                sentence.push_str(if random.below(WORDS_PER_COMMA) == 0 { ", " } else { " " });
            }
            let rank = self.next(random);
            self.vocabulary.write(rank, &mut sentence);
        }
        let mut chars = sentence.chars();
        chars.next().map(|first| first.to_uppercase().collect::<String>() + chars.as_str()).unwrap_or_default()
    }
}

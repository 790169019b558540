//! Pages made up for the benches: as many as are wanted, and the same ones on every machine.
//!
//! Layout, template, lengths and the commonest words are those of `seeds/`; the rest follows the statistics of
//! words in large texts.
//!
//! - A word's frequency falls with its rank r as 1/r: Zipf's law with s = 1, the textbook value.
//! - The vocabulary V grows with the words written n as V = K·n^(2/3): Heaps' law. K is the one with which the
//!   curve goes through the seeds. The exponent is an assumption: English has about 0.5 (Manning, Raghavan and
//!   Schütze, 2008), and a language that writes compounds as one word must lie above that. Two thirds can be
//!   reckoned in integers.
//! - A new word is a compound of two of the seeds' words. Joints and inflections, and how often each stands, are
//!   assumptions too.
//! - Each page has a subject: a few words that come back in it and stand more often in its title. That a twelfth
//!   of the words belong to it is an assumption.
//!
//! What it lacks: apart from the subject, words don't depend on one another, and new words come back more often
//! than in real text, in which about half of the vocabulary stands only once.
//!
//! Only integers decide, so no two processors can round differently. The first pages of a larger corpus are those
//! of a smaller one.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

/// A page, with what its site puts above and below it kept apart, so that statistics can pass that by.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    pub above: String,
    pub body: String,
    pub below: String,
}

impl Page {
    pub fn text(&self) -> String {
        let parts = [&self.above, &self.body, &self.below];
        parts.map(String::as_str).into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
    }
}

/// Pages, and the folder in which they stand as files.
pub struct Corpus {
    pub dir: TempDir,
    pub pages: Vec<Page>,
}

impl Corpus {
    pub fn path(&self, page: usize) -> PathBuf {
        // One flat folder with numbered names, as the seeds have it: to treff that is one site.
        self.dir.path().join(format!("{page:06}.txt"))
    }
}

/// Makes `count` pages and writes them into a folder of their own.
pub fn pages(count: usize) -> Corpus {
    let pages = texts(count);
    assert_eq!(pages.len(), count);
    assert!(pages == texts(count), "the corpus must be the same each time it is made");
    let corpus = Corpus { dir: TempDir::new().expect("a temporary folder"), pages };
    for (number, page) in corpus.pages.iter().enumerate() {
        write(&corpus.path(number), &page.text(), 0);
    }
    let files = std::fs::read_dir(corpus.dir.path()).expect("the folder was just made").count();
    assert_eq!(files, count);
    corpus
}

/// Writes a page as it is after so many changes.
///
/// An index trusts the time of a file only when it lies some seconds back. The files therefore get times long
/// past, a later one for each change: else every update would read all pages again.
pub fn write(path: &Path, text: &str, changes: u64) {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_500_000_000 + changes);
    let mut file = File::create(path).expect("a file in a temporary folder");
    file.write_all(text.as_bytes()).expect("room in the temporary folder");
    file.set_modified(time).expect("a file system that keeps times");
}

fn texts(count: usize) -> Vec<Page> {
    let mut author = Author::new();
    (0..count).map(|_| author.page()).collect()
}

/// xorshift64 (Marsaglia, 2003). Any seed but 0 does.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        // The high bits are the better ones of this generator.
        ((u128::from(self.0) * u128::from(bound)) >> 64) as u64
    }

    fn one_of<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len() as u64) as usize]
    }
}

/// The last line of the menu above a seed, and how the first line of what stands below one begins.
const MENU_ENDS: &str = "Send tips";
const FOOT_BEGINS: [&str; 2] = ["Brukerundersøkelse", "Fant du det"];
/// The most words of a heading in the seeds.
const HEADING_WORDS: usize = 14;

/// What a page is made of, with lengths in words.
#[derive(Clone, Debug)]
enum Block {
    Heading(usize),
    /// The length of each sentence.
    Paragraph(Vec<usize>),
    /// The length of each item.
    List(Vec<usize>),
    /// A call to follow a link, word for word: cleaning knows these by their words.
    Link(String),
}

/// A seed without its words.
struct Shape {
    above: String,
    below: String,
    title: Option<usize>,
    /// Who stands behind the date.
    source: Option<String>,
    blocks: Vec<Block>,
    body: String,
}

impl Shape {
    fn of(seed: &str) -> Shape {
        let lines: Vec<&str> = seed.lines().map(str::trim).collect();
        let begin = lines.iter().position(|line| *line == MENU_ENDS).map_or(0, |menu| menu + 1);
        let is_foot = |line: &&str| FOOT_BEGINS.iter().any(|beginning| line.starts_with(beginning));
        let end = lines.iter().position(is_foot).unwrap_or(lines.len());
        let body = &lines[begin..end];
        let mut shape = Shape {
            above: lines[..begin].join("\n"),
            below: lines[end..].join("\n"),
            title: None,
            source: None,
            blocks: Vec::new(),
            body: body.join("\n"),
        };
        for run in body.split(|line| line.is_empty()).filter(|run| !run.is_empty()) {
            let text = run.join(" ");
            let words = text.split_whitespace().count();
            let ends_sentence = text.ends_with(['.', '!', '?', ':']);
            if text.starts_with("Publisert") {
                // Every page made here has its date at the top.
                continue;
            } else if let Some((_, source)) = text.split_once(" | ") {
                shape.source = Some(source.to_string());
            } else if text.contains(">>") || text.ends_with("HER") {
                shape.blocks.push(Block::Link(text));
            } else if run.iter().all(|line| line.starts_with('•')) {
                shape.blocks.push(Block::List(run.iter().map(|line| line.split_whitespace().count() - 1).collect()));
            } else if shape.blocks.is_empty() && shape.title.is_none() && !ends_sentence {
                shape.title = Some(words);
            } else if words <= HEADING_WORDS && !ends_sentence {
                shape.blocks.push(Block::Heading(words));
            } else {
                shape.blocks.push(Block::Paragraph(sentences(&text)));
            }
        }
        shape
    }
}

fn sentences(text: &str) -> Vec<usize> {
    let mut lengths = Vec::new();
    let mut words = 0;
    for word in text.split_whitespace() {
        words += 1;
        if word.ends_with(['.', '!', '?', ':']) {
            lengths.push(std::mem::take(&mut words));
        }
    }
    lengths.extend((words > 0).then_some(words));
    lengths
}

/// The words of a text in lower case; numbers are none.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|word| word.contains(char::is_alphabetic))
        .map(str::to_lowercase)
}

/// The weight of rank 1. Whole numbers then give 1/r to four digits up to rank 100,000.
const ZIPF_SCALE: u64 = 1 << 32;
/// Shorter words are mostly of closed classes, which make no compounds.
const MIN_PART: usize = 6;
/// Longer ones, their inflection taken off, are compounds themselves; two of them make a word nobody would write.
const MAX_PART: usize = 8;
/// How the parts of a compound are joined, by frequency.
const JOINTS: [&str; 6] = ["", "", "", "s", "s", "e"];
const INFLECTIONS: [&str; 6] = ["", "en", "et", "er", "ene", "s"];

/// All words there are so far, the commonest first.
struct Vocabulary {
    words: Vec<String>,
    known: HashSet<String>,
    /// For each rank the sum of its weight and those above it.
    weights: Vec<u64>,
    parts: Vec<String>,
    /// Words written, those of the seeds among them.
    written: u64,
    /// How many words the seeds have, and how many different ones.
    seed: (u64, u64),
}

impl Vocabulary {
    fn of(seeds: &[Shape]) -> Vocabulary {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for word in seeds.iter().flat_map(|seed| words(&seed.body)) {
            *counts.entry(word).or_default() += 1;
        }
        let written = counts.values().sum();
        let parts: BTreeSet<String> = counts
            .keys()
            .filter(|word| word.chars().count() >= MIN_PART && word.chars().all(char::is_alphabetic))
            .map(|word| {
                let endings = ["ene", "en", "et", "er", "e"];
                endings.iter().find_map(|ending| word.strip_suffix(ending)).unwrap_or(word).to_string()
            })
            .filter(|part| part.chars().count() <= MAX_PART)
            .collect();
        let mut ranked: Vec<(String, u64)> = counts.into_iter().collect();
        ranked.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
        let mut vocabulary = Vocabulary {
            words: Vec::new(),
            known: HashSet::new(),
            weights: Vec::new(),
            parts: parts.into_iter().collect(),
            written,
            seed: (written, ranked.len() as u64),
        };
        for (word, _) in ranked {
            vocabulary.add(word);
        }
        vocabulary
    }

    fn add(&mut self, word: String) {
        let above = self.weights.last().copied().unwrap_or(0);
        self.known.insert(word.clone());
        self.words.push(word);
        self.weights.push(above + ZIPF_SCALE / self.words.len() as u64);
    }

    /// The next word of a text.
    fn draw(&mut self, random: &mut Random) -> String {
        self.written += 1;
        let cube = |number: u64| u128::from(number).pow(3);
        let square = |number: u64| u128::from(number).pow(2);
        // V < K·n^(2/3), both sides to the third power.
        let (seed_written, seed_words) = self.seed;
        if cube(self.words.len() as u64) * square(seed_written) < cube(seed_words) * square(self.written) {
            let word = self.invent(random);
            self.add(word.clone());
            return word;
        }
        let drawn = random.below(self.weights.last().copied().unwrap_or(0));
        self.words[self.weights.partition_point(|weight| *weight <= drawn)].clone()
    }

    fn invent(&self, random: &mut Random) -> String {
        loop {
            let (first, joint) = (random.one_of(&self.parts), random.one_of(&JOINTS));
            let (head, inflection) = (random.one_of(&self.parts), random.one_of(&INFLECTIONS));
            let word = format!("{first}{joint}{head}{inflection}");
            if !self.known.contains(&word) {
                return word;
            }
        }
    }
}

const SUBJECT_WORDS: usize = 6;
/// One in so many words of the text and of the title belongs to the subject.
const SUBJECT_IN_TEXT: u64 = 12;
const SUBJECT_IN_TITLE: u64 = 3;

struct Author {
    random: Random,
    vocabulary: Vocabulary,
    shapes: Vec<Shape>,
    titles: Vec<usize>,
    sources: Vec<String>,
    headings: Vec<usize>,
    paragraphs: Vec<Vec<usize>>,
    lists: Vec<Vec<usize>>,
    commas: u64,
    words: u64,
}

impl Author {
    fn new() -> Author {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
        let entries = std::fs::read_dir(&folder).expect("the seeds stand beside the benches");
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
        // Folders come in an order of the file system's own.
        paths.sort();
        let shapes: Vec<Shape> =
            paths.iter().map(|path| Shape::of(&std::fs::read_to_string(path).expect("a readable seed"))).collect();
        let bodies = || shapes.iter().map(|shape| &shape.body);
        let blocks = || shapes.iter().flat_map(|shape| &shape.blocks).cloned();
        Author {
            random: Random(0x2545_f491_4f6c_dd1d),
            vocabulary: Vocabulary::of(&shapes),
            titles: shapes.iter().filter_map(|shape| shape.title).collect(),
            sources: shapes.iter().filter_map(|shape| shape.source.clone()).collect(),
            headings: blocks()
                .filter_map(|block| if let Block::Heading(words) = block { Some(words) } else { None })
                .collect(),
            paragraphs: blocks()
                .filter_map(|block| if let Block::Paragraph(lengths) = block { Some(lengths) } else { None })
                .collect(),
            lists: blocks()
                .filter_map(|block| if let Block::List(lengths) = block { Some(lengths) } else { None })
                .collect(),
            commas: bodies().map(|body| body.matches(", ").count() as u64).sum(),
            words: bodies().map(|body| body.split_whitespace().count() as u64).sum(),
            shapes,
        }
    }

    /// A page in the order of blocks of one seed; the blocks have the lengths of any seed's of their kind.
    fn page(&mut self) -> Page {
        let seed = self.random.below(self.shapes.len() as u64) as usize;
        let subject = self.subject();
        let words = *self.random.one_of(&self.titles);
        let mut body = vec![self.sentence(words, &subject, SUBJECT_IN_TITLE), self.date_line()];
        for block in self.shapes[seed].blocks.clone() {
            body.push(match block {
                Block::Heading(_) => {
                    let words = *self.random.one_of(&self.headings);
                    self.sentence(words, &subject, SUBJECT_IN_TEXT)
                }
                Block::Paragraph(_) => {
                    let lengths = self.random.one_of(&self.paragraphs).clone();
                    let sentence = |words| self.sentence(words, &subject, SUBJECT_IN_TEXT) + ".";
                    lengths.into_iter().map(sentence).collect::<Vec<_>>().join(" ")
                }
                Block::List(_) => {
                    let lengths = self.random.one_of(&self.lists).clone();
                    let item = |words| format!("  • {}", self.sentence(words, &subject, SUBJECT_IN_TEXT));
                    lengths.into_iter().map(item).collect::<Vec<_>>().join("\n")
                }
                Block::Link(text) => text,
            });
        }
        Page { above: self.shapes[seed].above.clone(), body: body.join("\n\n"), below: self.shapes[seed].below.clone() }
    }

    fn subject(&mut self) -> Vec<String> {
        let mut subject = Vec::new();
        while subject.len() < SUBJECT_WORDS {
            let word = self.vocabulary.draw(&mut self.random);
            if word.chars().count() >= MIN_PART {
                subject.push(word);
            }
        }
        subject
    }

    fn date_line(&mut self) -> String {
        let day = 1 + self.random.below(28);
        let month = 1 + self.random.below(12);
        let year = 2014 + self.random.below(8);
        format!("{day:02}.{month:02}.{year} | {}", self.random.one_of(&self.sources))
    }

    fn sentence(&mut self, words: usize, subject: &[String], one_in: u64) -> String {
        let mut sentence = String::new();
        for place in 0..words {
            let word = if self.random.below(one_in) == 0 {
                self.random.one_of(subject).clone()
            } else {
                self.vocabulary.draw(&mut self.random)
            };
            if place == 0 {
                let mut chars = word.chars();
                sentence.extend(chars.next().into_iter().flat_map(char::to_uppercase));
                sentence.push_str(chars.as_str());
                continue;
            }
            let has_comma = self.random.below(self.words) < self.commas;
            sentence.push_str(if has_comma { ", " } else { " " });
            sentence.push_str(&word);
        }
        sentence
    }
}

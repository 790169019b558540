//! The vocabulary of the synthetic pages: a piecewise Zipf distribution over ranks, and the spelling of each rank.
//!
//! - Frequencies: a table of bands of ranks with the share of all words in each band, counted in 98,348 real pages
//!   (laws, regulations, reviews, documentation; 44 million words). Zipf's law with a single exponent doesn't fit them:
//!   the exponent is 0.40 from rank 1 to 10, 1.13, 0.99 and 1.09 in the next three powers of ten, and 1.38 from 10,000
//!   to 100,000.
//! - The vocabulary is practically unbounded: after the last band, the share of each doubling of the ranks is a fixed
//!   fraction of the share of the previous one. The number of different words in a text drawn from such a distribution
//!   grows according to Heaps' law, whose exponent is the inverse of the exponent of the tail.
//! - Spelling: the most common words are those of `seeds/`. Then come forms of the lexicon, the shorter ones first,
//!   mixed with numbers, new compounds of the lexicon's nouns, and words that are not in the lexicon, like names.
//!
//! Only integer arithmetic is used, so results don't depend on rounding.

use std::collections::{BTreeMap, HashSet};

use treff::norwegian::is_stop_word;

#[allow(dead_code)]
#[path = "../../src/norwegian/lexicon/dawg.rs"]
mod dawg;

/// splitmix64 (Steele, Lea and Flood, 2014): any seed will do, so each page can have its own.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    pub fn one_of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }

    /// Whether an event with this probability, in thousandths, happens.
    pub fn happens(&mut self, permille: u64) -> bool {
        self.below(1000) < permille
    }
}

fn mix(mut number: u64) -> u64 {
    number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// The first rank of a band, its number of occurrences per million words, and the frequency of its last word in
/// thousandths of the frequency of its first word. Frequency falls linearly between them.
const BANDS: [(u64, u64, u64); 29] = [
    (1, 30_476, 1000),
    (2, 26_620, 1000),
    (3, 19_318, 1000),
    (4, 19_177, 1000),
    (5, 18_036, 1000),
    (6, 29_856, 923),
    (8, 26_199, 878),
    (10, 42_617, 715),
    (14, 44_025, 695),
    (20, 49_993, 599),
    (30, 47_716, 520),
    (50, 31_502, 713),
    (70, 32_834, 675),
    (100, 37_559, 717),
    (150, 28_057, 780),
    (200, 41_486, 683),
    (300, 48_470, 542),
    (500, 31_555, 703),
    (700, 33_121, 703),
    (1_000, 37_184, 648),
    (1_500, 25_597, 744),
    (2_000, 35_227, 648),
    (3_000, 43_286, 573),
    (5_000, 27_189, 677),
    (7_000, 27_378, 669),
    (10_000, 29_293, 617),
    (15_000, 19_315, 702),
    (20_000, 24_622, 576),
    (30_000, 25_892, 482),
];
/// The first rank of the tail.
const TAIL: u64 = 50_000;
/// The share of a doubling of the tail, in thousandths of the share of the previous one.
const TAIL_RATIO: u64 = 715;
/// The frequency of the last word of a doubling, in thousandths of the frequency of its first word.
const TAIL_SLOPE: u64 = 330;
/// The number of doublings in the tail, which ends at rank 10^14.
const DOUBLINGS: u32 = 31;

struct Band {
    first: u64,
    /// The first rank after it.
    end: u64,
    slope: u64,
    /// The share of all bands up to and including this one, in billionths.
    cumulative_share: u64,
}

fn bands() -> Vec<Band> {
    let mut bands: Vec<Band> = Vec::new();
    let mut cumulative_share = 0;
    let ends = BANDS.iter().skip(1).map(|band| band.0).chain([TAIL]);
    for ((first, mass, slope), end) in BANDS.into_iter().zip(ends) {
        cumulative_share += mass * 1000;
        bands.push(Band { first, end, slope, cumulative_share });
    }
    let mut left = 1_000_000_000 - cumulative_share;
    for doubling in 0..DOUBLINGS {
        let mass = left * (1000 - TAIL_RATIO) / 1000;
        left -= mass;
        cumulative_share += mass;
        bands.push(Band { first: TAIL << doubling, end: TAIL << (doubling + 1), slope: TAIL_SLOPE, cumulative_share });
    }
    bands
}

/// The spellings of words below this rank are computed once, are all different, and are cached. The spellings of all
/// other words are computed each time they are written.
const CACHED_RANKS: u64 = 1 << 18;
/// The number of words from the seeds, which are the most common.
const FROM_SEEDS: usize = 300;
/// Forms of the lexicon are ranked by their length plus a pseudo-random number below this, so that some longer words
/// are common, too.
const SPREAD: u64 = 13;
/// The maximum number of spellings that are tried for a rank.
const MAX_TRIES: u64 = 8;
/// Words from this rank on have frequent neighbors; all words before it are closed-class words.
const FIRST_WITH_NEIGHBORS: u64 = 64;
/// The number of words that are neighbors of one another.
const NEIGHBORS: u64 = 4;
/// Links between the components of a compound.
const LINKS: [&str; 6] = ["", "", "", "s", "s", "e"];
const INFLECTIONS: [&str; 6] = ["", "en", "et", "er", "ene", "s"];

pub struct Vocabulary {
    bands: Vec<Band>,
    cached: Vec<String>,
    /// Forms of the lexicon, roughly the common ones first: the shorter a form, the more common.
    forms: Vec<String>,
    /// Nouns that compounds are made of.
    nouns: Vec<String>,
}

impl Vocabulary {
    /// Takes the most common words from the pages `seeds`.
    pub fn of(seeds: &[String]) -> Vocabulary {
        let (forms, nouns) = lexicon();
        let mut vocabulary = Vocabulary { bands: bands(), cached: Vec::new(), forms, nouns };
        let mut known: HashSet<String> = HashSet::new();
        // Ranks start at 1.
        for word in std::iter::once(String::new()).chain(most_common(seeds)) {
            if known.insert(word.clone()) {
                vocabulary.cached.push(word);
            }
        }
        let mut forms = vocabulary.forms.clone().into_iter();
        let mut tries = 0;
        while (vocabulary.cached.len() as u64) < CACHED_RANKS {
            let rank = vocabulary.cached.len() as u64;
            let spelling = Spelling::of(rank);
            let form = if matches!(spelling, Spelling::Form) { forms.next() } else { None };
            // If the word is a duplicate, another word is tried; after `MAX_TRIES` tries, a compound.
            tries += 1;
            let spelling = if tries > MAX_TRIES { Spelling::Compound } else { spelling };
            let word = form.unwrap_or_else(|| vocabulary.spell(spelling, mix(rank) ^ tries));
            if known.insert(word.clone()) {
                vocabulary.cached.push(word);
                tries = 0;
            }
        }
        vocabulary
    }

    /// Draws the rank of a word.
    pub fn draw(&self, random: &mut Random) -> u64 {
        let drawn = random.below(self.bands[self.bands.len() - 1].cumulative_share);
        let band = &self.bands[self.bands.partition_point(|band| band.cumulative_share <= drawn)];
        let span = band.end - band.first;
        loop {
            let place = random.below(span);
            let falls = u128::from(1000 - band.slope) * u128::from(place) / u128::from(span);
            if random.below(1000) >= falls as u64 {
                return band.first + place;
            }
        }
    }

    /// The rank of a word that often follows this one. Drawing neighbors doesn't change the frequencies of words.
    pub fn neighbor(&self, rank: u64, random: &mut Random) -> u64 {
        if rank >= FIRST_WITH_NEIGHBORS {
            return rank / NEIGHBORS * NEIGHBORS + (rank + 1) % NEIGHBORS;
        }
        loop {
            let drawn = self.draw(random);
            if drawn < FIRST_WITH_NEIGHBORS {
                return drawn;
            }
        }
    }

    pub fn write(&self, rank: u64, text: &mut String) {
        match self.cached.get(rank as usize) {
            Some(word) => text.push_str(word),
            None => text.push_str(&self.spell(Spelling::of(rank), mix(rank))),
        }
    }

    /// The cached words with their ranks. Used only by examples/corpus.rs.
    #[allow(dead_code)]
    pub fn ranked(&self) -> impl Iterator<Item = (&str, u64)> {
        self.cached.iter().skip(1).zip(1..).map(|(word, rank)| (word.as_str(), rank))
    }

    /// Spells the word that `bits` determine.
    fn spell(&self, spelling: Spelling, bits: u64) -> String {
        let mut random = Random(bits);
        match spelling {
            Spelling::Number => {
                let digits = 1 + random.below(4) as u32;
                random.below(10_u64.pow(digits)).to_string()
            }
            Spelling::Form => random.one_of(&self.forms).clone(),
            Spelling::Compound => {
                let (modifier, link) = (random.one_of(&self.nouns), random.one_of(&LINKS));
                let (head, inflection) = (random.one_of(&self.nouns), random.one_of(&INFLECTIONS));
                format!("{modifier}{link}{head}{inflection}")
            }
            Spelling::Unknown => {
                let (front, back) = (random.one_of(&self.nouns), random.one_of(&self.forms));
                let front: String = front.chars().take(2 + random.below(3) as usize).collect();
                let length = back.chars().count();
                let kept = length.min(3 + random.below(4) as usize);
                front + &back.chars().skip(length - kept).collect::<String>()
            }
        }
    }
}

/// The kind of a word.
#[derive(Clone, Copy)]
enum Spelling {
    Form,
    Number,
    /// A new compound of two nouns.
    Compound,
    /// Not in the lexicon: a name, a word of another language, a misspelling.
    Unknown,
}

impl Spelling {
    fn of(rank: u64) -> Spelling {
        let [number, compound, unknown] =
            SHARES.iter().rev().find(|(first, _)| *first <= rank).map_or([0; 3], |it| it.1);
        let at = mix(rank.wrapping_mul(3)) % 1000;
        if at < number {
            Spelling::Number
        } else if at < number + compound {
            Spelling::Compound
        } else if at < number + compound + unknown {
            Spelling::Unknown
        } else {
            Spelling::Form
        }
    }
}

/// By first rank: how many of a thousand words are numbers, compounds that the lexicon lacks, and unknown words.
const SHARES: [(u64, [u64; 3]); 4] =
    [(30, [150, 0, 10]), (1_000, [60, 50, 80]), (10_000, [60, 200, 200]), (100_000, [90, 400, 300])];

/// The most common words of the seeds, closed-class words first.
fn most_common(seeds: &[String]) -> Vec<String> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for word in seeds.iter().flat_map(|seed| seed.split(|c: char| !c.is_alphabetic())).filter(|word| !word.is_empty()) {
        *counts.entry(word.to_lowercase()).or_default() += 1;
    }
    let mut words: Vec<(String, u64)> = counts.into_iter().collect();
    words.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    let (closed, open): (Vec<String>, Vec<String>) =
        words.into_iter().map(|(word, _)| word).partition(|word| is_stop_word(word));
    closed.into_iter().chain(open).take(FROM_SEEDS).collect()
}

static FORMS: dawg::Dawg = dawg::Dawg(include_bytes!("../../data/forms.dawg"));
/// Bits of the byte after a form, as `data/lexicon.py` writes it: the class, below 3 for nouns, and a flag for lemmas.
const CLASS: u8 = 7;
const IS_LEMMA: u8 = 8;

/// The forms of the lexicon, and the lemmas of nouns that are too short to be compounds.
fn lexicon() -> (Vec<String>, Vec<String>) {
    let (mut forms, mut nouns): (Vec<String>, Vec<String>) = Default::default();
    FORMS.for_each_suffix(FORMS.root(), &mut |bytes| {
        let mut fields = bytes.splitn(2, |byte| *byte == 0);
        let form = fields.next().and_then(|form| std::str::from_utf8(form).ok()).unwrap_or_default();
        let flags = fields.next().and_then(|rest| rest.first()).copied().unwrap_or(CLASS);
        let length = form.chars().count();
        if length < 2 || !form.chars().all(char::is_alphabetic) {
            return;
        }
        forms.push(form.to_string());
        if flags & CLASS < 3 && flags & IS_LEMMA != 0 && (4..8).contains(&length) {
            nouns.push(form.to_string());
        }
    });
    let hash = |word: &str| word.bytes().fold(0, |hash, byte| mix(hash ^ u64::from(byte)));
    // Some of the longer words are common too.
    forms.sort_by_cached_key(|word| (word.chars().count() as u64 + hash(word) % SPREAD, hash(word)));
    forms.dedup();
    nouns.sort_by_cached_key(|word| hash(word));
    nouns.dedup();
    (forms, nouns)
}

//! A cache of analyzed words for each thread: set-associative, with eight words per set.
//!
//! More than nine in ten words of running text have been analyzed before. A word is looked up in the set that its hash
//! selects. A hit moves a word one slot closer to the front of its set, and a new word takes the last slot, so words
//! that occur only once don't evict common ones.
//!
//! # Memory
//!
//! Every thread that analyzes text has its own cache, which is freed when the thread ends. In a run over 98,348
//! pages (44 million words), the heap of one thread reached 24 MB after 10,000 pages and 28.3 MB after 40,000, and then
//! stopped growing. This is the size of a full cache (262,144 words) and of the cached lookups of compound splitting
//! (`constituents.rs`), which are also kept per thread. The table of sets takes 2 MB of it, the pointers to the words 4
//! MB. An index build has up to eight such threads (`MAX_THREADS` of the index writer): about 226 MB.

use std::cell::RefCell;
use std::hash::BuildHasher;

use rustc_hash::FxBuildHasher;

use super::analyzed_token::Token;
use super::analyzed_word::AnalyzedWord;
use super::standard::Standard;
use super::token::tokenizer::SourceWord;

thread_local! {
    static WORDS: RefCell<WordCache> = RefCell::default();
}

/// Calls `work` with the cache of this thread. Calls must not be nested.
pub fn with_word_cache<T>(work: impl FnOnce(&mut WordCache) -> T) -> T {
    WORDS.with_borrow_mut(work)
}

pub struct WordCache {
    /// Each is one cache line: the tags of eight words, 0 for an empty slot, then their indexes in `words`. The table
    /// starts small, since touching memory for the first time takes longer than a lookup, and grows when half of its
    /// slots are taken.
    sets: Vec<Set>,
    words: Vec<AnalyzedWord>,
    /// Empty between two texts; its memory is kept.
    batch: Batch,
}

const SLOTS: usize = 8;
/// Maximum number of sets, for 262,144 words in all. Of 9.4 million words of laws, reviews and documentation, 4.7 %
/// were not in the cache.
const MAX_SETS: usize = 1 << 15;
const FIRST_SETS: usize = 1 << 6;
/// The factor by which the number of sets grows.
const GROWTH: usize = 1 << 3;

type Set = [u32; 2 * SLOTS];

impl Default for WordCache {
    fn default() -> WordCache {
        WordCache { sets: vec![[0; 2 * SLOTS]; FIRST_SETS], words: Vec::new(), batch: Batch::default() }
    }
}

impl WordCache {
    /// The analysis of one word, from the cache or by `analyze_word`.
    pub fn get(
        &mut self,
        text: &str,
        standard: Standard,
        analyze_word: impl Fn(&str, Standard) -> AnalyzedWord,
    ) -> AnalyzedWord {
        let hash = WordHash::new(text, standard);
        let candidate = self.lookup(hash).map(|index| self.words[index].clone());
        self.verify_or_insert(candidate, text, standard, hash, analyze_word)
    }

    /// Takes the empty batch out of the cache; it must be given back with `return_batch`.
    pub fn take_batch(&mut self) -> Batch {
        std::mem::take(&mut self.batch)
    }

    pub fn return_batch(&mut self, batch: Batch) {
        self.batch = batch;
    }

    /// Analyzes the words of a batch and appends them to `tokens`. Each step is done for all words before the next, so
    /// that cache misses overlap.
    pub fn get_all(
        &mut self,
        batch: &mut Batch,
        standard: Standard,
        analyze_word: impl Fn(&str, Standard) -> AnalyzedWord,
        tokens: &mut Vec<Token>,
    ) {
        batch.indexes.extend(batch.words.iter().map(|word| self.lookup(word.hash)));
        batch.candidates.extend(batch.indexes.drain(..).map(|index| Some(self.words[index?].clone())));
        let mut text_start = 0;
        for (BatchWord { hash, text_end, position, start, end, is_hyphen_part }, candidate) in
            batch.words.drain(..).zip(batch.candidates.drain(..))
        {
            let text = &batch.text[text_start..text_end];
            let word = self.verify_or_insert(candidate, text, standard, hash, &analyze_word);
            tokens.push(Token { word, position, start, end, is_hyphen_part, is_implied: false });
            text_start = text_end;
        }
        batch.text.clear();
    }

    /// Finds a word with this hash, moves it one slot closer to the front of its set, and returns its index.
    fn lookup(&mut self, hash: WordHash) -> Option<usize> {
        let set = hash.set(&mut self.sets);
        let slot = set[..SLOTS].iter().position(|tag| *tag == hash.tag)?;
        let index = set[SLOTS + slot] as usize;
        if slot > 0 {
            set.swap(slot, slot - 1);
            set.swap(SLOTS + slot, SLOTS + slot - 1);
        }
        Some(index)
    }

    /// Returns the candidate if it is the analysis of `text`; otherwise analyzes the text and caches the result.
    fn verify_or_insert(
        &mut self,
        candidate: Option<AnalyzedWord>,
        text: &str,
        standard: Standard,
        hash: WordHash,
        analyze_word: impl Fn(&str, Standard) -> AnalyzedWord,
    ) -> AnalyzedWord {
        if let Some(word) = candidate.filter(|word| word.is_analysis_of(text)) {
            return word;
        }
        let word = analyze_word(text, standard);
        if self.words.len() >= self.sets.len() * SLOTS / 2 && self.sets.len() < MAX_SETS {
            self.grow();
        }
        let set = hash.set(&mut self.sets);
        let slot = free_slot(set).unwrap_or(SLOTS - 1);
        if set[slot] == 0 {
            set[SLOTS + slot] = self.words.len() as u32;
            self.words.push(word.clone());
        } else {
            self.words[set[SLOTS + slot] as usize] = word.clone();
        }
        set[slot] = hash.tag;
        word
    }

    fn grow(&mut self) {
        let mut sets = vec![[0; 2 * SLOTS]; self.sets.len() * GROWTH];
        for set in &self.sets {
            for slot in 0..SLOTS {
                let (tag, index) = (set[slot], set[SLOTS + slot]);
                if tag == 0 {
                    break;
                }
                let written = self.words[index as usize].written();
                // The standard affects only the tag, which is kept, so any standard will do here.
                let set = WordHash { tag, ..WordHash::new(written, Standard::Both) }.set(&mut sets);
                if let Some(slot) = free_slot(set) {
                    (set[slot], set[SLOTS + slot]) = (tag, index);
                }
            }
        }
        self.sets = sets;
    }
}

fn free_slot(set: &Set) -> Option<usize> {
    set[..SLOTS].iter().position(|tag| *tag == 0)
}

/// The hash by which a word is looked up.
#[derive(Clone, Copy)]
struct WordHash {
    /// Selects the set.
    set: u32,
    /// Never 0, and different for each standard.
    tag: u32,
}

impl WordHash {
    fn new(text: &str, standard: Standard) -> WordHash {
        let hash = FxBuildHasher.hash_one(text);
        WordHash { set: (hash >> 32) as u32, tag: (hash as u32) << 2 | (standard as u32 + 1) }
    }

    fn set(self, sets: &mut [Set]) -> &mut Set {
        let count = sets.len();
        &mut sets[self.set as usize % count]
    }
}

/// Words that are looked up together.
#[derive(Default)]
pub struct Batch {
    /// The words, concatenated. They are copied because some are spelled differently in the text.
    text: String,
    words: Vec<BatchWord>,
    indexes: Vec<Option<usize>>,
    candidates: Vec<Option<AnalyzedWord>>,
}

const BATCH_WORDS: usize = 64;

struct BatchWord {
    hash: WordHash,
    /// Where the word ends in `Batch::text`.
    text_end: usize,
    position: u32,
    start: usize,
    end: usize,
    is_hyphen_part: bool,
}

impl Batch {
    pub fn push(&mut self, word: &SourceWord, standard: Standard) {
        let SourceWord { text, position, start, end, is_hyphen_part, .. } = *word;
        self.text.push_str(text);
        let hash = WordHash::new(text, standard);
        self.words.push(BatchWord { hash, text_end: self.text.len(), position, start, end, is_hyphen_part });
    }

    pub fn len(&self) -> usize {
        self.words.len()
    }

    pub fn is_full(&self) -> bool {
        self.words.len() == BATCH_WORDS
    }
}

//! Character trigrams: the share of a query word's trigrams that occur in a text.

use rustc_hash::FxHashSet;

/// A query word with its trigrams.
pub struct TrigramWord {
    /// Without duplicates.
    pub trigrams: Vec<u64>,
    pub idf: f64,
}

/// The trigrams of a query. A bitmap rejects nearly all trigrams of a text without a hash lookup.
pub struct TrigramSet {
    all: FxHashSet<u64>,
    /// A bit for each 12-bit hash.
    bitmap: [u64; 64],
}

impl TrigramSet {
    pub fn new(words: &[TrigramWord]) -> TrigramSet {
        let all: FxHashSet<u64> = words.iter().flat_map(|word| &word.trigrams).copied().collect();
        let mut bitmap = [0; 64];
        for trigram in &all {
            let bit = hash(*trigram);
            bitmap[bit / 64] |= 1 << (bit % 64);
        }
        TrigramSet { all, bitmap }
    }

    /// Returns the trigrams of the query that occur in the words of a text.
    pub fn occurring_in(&self, text: &str) -> FxHashSet<u64> {
        let mut found = FxHashSet::default();
        for_each_trigram(text, |trigram| {
            let bit = hash(trigram);
            if self.bitmap[bit / 64] >> (bit % 64) & 1 == 1 && self.all.contains(&trigram) {
                found.insert(trigram);
            }
        });
        found
    }
}

/// The score of each word: its idf times the share of its trigrams that occur in the text, or the word's minimum share
/// in `floors` if that is more.
pub fn trigram_scores<'a>(
    words: &'a [TrigramWord],
    set: &TrigramSet,
    text: &str,
    floors: &'a [f64],
) -> impl Iterator<Item = f64> + use<'a> {
    let in_text = set.occurring_in(text);
    words.iter().enumerate().map(move |(index, TrigramWord { trigrams, idf })| {
        let shared = trigrams.iter().filter(|trigram| in_text.contains(trigram)).count() as f64;
        let floor = floors.get(index).copied().unwrap_or(0.0);
        idf * (shared / trigrams.len().max(1) as f64).max(floor)
    })
}

/// Twelve bits by multiplicative (Fibonacci) hashing.
fn hash(trigram: u64) -> usize {
    (trigram.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 52) as usize
}

/// The distinct trigrams of a word.
pub fn trigrams(word: &str) -> Vec<u64> {
    let mut all = Vec::new();
    for_each_trigram(word, |trigram| all.push(trigram));
    all.sort_unstable();
    all.dedup();
    all
}

/// Calls `visit` with all trigrams of a text: three consecutive letters or digits in lower case, 21 bits each, where
/// the start and the end of a word each count as a letter.
fn for_each_trigram(text: &str, mut visit: impl FnMut(u64)) {
    const MASK: u64 = (1 << 63) - 1;
    const EDGE: u64 = 1;
    let mut trigram = EDGE;
    let mut length = 0;
    for c in text.chars() {
        let letter = match c {
            'a'..='z' | '0'..='9' | 'æ' | 'ø' | 'å' => Some(c),
            'A'..='Z' => Some(c.to_ascii_lowercase()),
            '\0'..='\x7f' => None,
            _ => c.is_alphanumeric().then(|| c.to_lowercase().next().unwrap_or(c)),
        };
        if let Some(letter) = letter {
            trigram = (trigram << 21 | u64::from(u32::from(letter))) & MASK;
            length += 1;
            if length >= 2 {
                visit(trigram);
            }
        } else if length > 0 {
            visit((trigram << 21 | EDGE) & MASK);
            (trigram, length) = (EDGE, 0);
        }
    }
    if length > 0 {
        visit((trigram << 21 | EDGE) & MASK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trigrams_include_the_edges_of_a_word() {
        assert_eq!(trigrams("å").len(), 1);
        assert_eq!(trigrams("på").len(), 2);
        assert_eq!(trigrams("plikt").len(), 5);
        assert_eq!(trigrams("Ære"), trigrams("ære"));
    }

    #[test]
    fn trigrams_occur_inside_other_words() {
        let words = [TrigramWord { trigrams: trigrams("regning"), idf: 1.0 }];
        let shared = |text: &str| TrigramSet::new(&words).occurring_in(text).len();
        assert_eq!(shared("En regning."), 7);
        assert_eq!(shared("Reiseregningene"), 6, "all but the end");
        assert_eq!(shared("Noe annet"), 0);
    }
}

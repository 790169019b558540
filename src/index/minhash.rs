//! How much of their text do two pages share?
//!
//! A signature is a MinHash of the page's five-word shingles by one permutation: each shingle falls into one of 128
//! bins, and of each bin four bits of the least hash are kept. The share of bins in which two pages agree, of those that
//! are filled in either and without those that agree by chance (Li and König, b-bit minwise hashing, 2010), estimates the
//! Jaccard index of their shingles; at 0.8 it is off by 0.037 (standard deviation).

use xxhash_rust::xxh3::xxh3_64;

const BINS: usize = 128;
/// Bins of the digest, by which most pages are told apart before their signatures are read.
const DIGEST_BINS: usize = 8;
/// Of pages that share four fifths, one in 800 agrees in fewer bins of the digest.
const DIGEST_AGREES: usize = 3;
const SHINGLE_WORDS: usize = 5;
/// Shorter pages are similar to none: of two notices with the same words but for a name or a date, each says its own.
const MIN_WORDS: usize = 50;
/// Pages that share this part of their shingles are shown as one.
const SIMILAR: f64 = 0.8;

/// Of the values that the hashes of a bin may have, so many; none is 0.
const VALUES: u64 = 15;

/// Two bins a byte.
#[derive(Clone, Debug, PartialEq)]
pub struct MinHash(Vec<u8>);

/// A signature in a few bytes, too coarse to decide
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CoarseMinHash([u8; DIGEST_BINS]);

impl CoarseMinHash {
    pub fn number(self) -> u64 {
        u64::from_le_bytes(self.0)
    }

    pub fn read(number: u64) -> CoarseMinHash {
        CoarseMinHash(number.to_le_bytes())
    }

    /// Whether the signatures are worth comparing.
    pub fn may_be_similar(self, other: CoarseMinHash) -> bool {
        self.0.iter().zip(other.0).filter(|(one, other)| **one == *other).count() >= DIGEST_AGREES
    }
}

impl MinHash {
    /// Of a text that may come in pieces; no digest where it is similar to none.
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> (MinHash, Option<CoarseMinHash>) {
        let mut words: Vec<u64> = Vec::new();
        texts.into_iter().for_each(|text| add_words(text, &mut words));
        let mut least = [u64::MAX; BINS];
        let mut add = |shingle: &[u64]| {
            let hash = shingle.iter().fold(0u64, |hash, word| mixed(hash.rotate_left(5) ^ word));
            let bin = &mut least[(hash >> 57) as usize];
            *bin = (*bin).min(hash << 7);
        };
        if words.len() >= MIN_WORDS {
            words.windows(SHINGLE_WORDS).for_each(&mut add);
        }
        let least_of = |bins: &[u64]| bins.iter().copied().min().unwrap_or(u64::MAX);
        let mut digest = [0; DIGEST_BINS];
        for (place, bins) in digest.iter_mut().zip(least.chunks(BINS / DIGEST_BINS)) {
            *place = byte(least_of(bins));
        }
        let half = |hash| if hash == u64::MAX { 0 } else { ((hash >> 7) % VALUES) as u8 + 1 };
        let signature = MinHash(least.chunks(2).map(|two| half(two[0]) << 4 | half(two[1])).collect());
        (signature, (digest != [0; DIGEST_BINS]).then_some(CoarseMinHash(digest)))
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// `None` for bytes that are no signature.
    pub fn read(bytes: &[u8]) -> Option<MinHash> {
        (bytes.len() == BINS / 2).then(|| MinHash(bytes.to_vec()))
    }

    /// Whether the pages are the same but for details.
    pub fn is_similar(&self, other: &MinHash) -> bool {
        let pairs = || self.bins().zip(other.bins());
        let filled = pairs().filter(|(one, other)| one | other != 0).count();
        let equal = pairs().filter(|(one, other)| one == other && *one != 0).count();
        let by_chance = 1.0 / VALUES as f64;
        filled > 0 && equal as f64 >= (SIMILAR + (1.0 - SIMILAR) * by_chance) * filled as f64
    }

    fn bins(&self) -> impl Iterator<Item = u8> {
        self.0.iter().flat_map(|two| [two >> 4, two & 15])
    }
}

/// What is kept of the least hash of a bin; 0 is an empty one.
fn byte(hash: u64) -> u8 {
    if hash == u64::MAX { 0 } else { ((hash >> 7) % 255) as u8 + 1 }
}

/// Adds the hashes of the words of a text in lower case.
fn add_words(text: &str, words: &mut Vec<u64>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        // Most words; their lower case need not be made.
        let mut is_lower = true;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'a'..=b'z' | b'0'..=b'9' => at += 1,
                0..0x80 if !byte.is_ascii_uppercase() => break,
                _ => match text[at..].chars().next().filter(|c| c.is_alphanumeric()) {
                    Some(c) => {
                        is_lower &= matches!(c, 'æ' | 'ø' | 'å');
                        at += c.len_utf8();
                    }
                    None => break,
                },
            }
        }
        let word = &text[start..at];
        if word.is_empty() {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        } else {
            words.push(if is_lower { xxh3_64(word.as_bytes()) } else { xxh3_64(word.to_lowercase().as_bytes()) });
        }
    }
}

/// The finalizer of splitmix64 (Steele, Lea and Flood, 2014).
fn mixed(hash: u64) -> u64 {
    let hash = (hash ^ hash >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ hash >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ hash >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text of so many words, in which every n-th is another one.
    fn text(words: usize, other_every: usize) -> String {
        let word = |number: usize| {
            let is_other = other_every > 0 && number % other_every == other_every - 1;
            format!("{}{number}", if is_other { "annet" } else { "ord" })
        };
        (0..words).map(word).collect::<Vec<_>>().join(" ")
    }

    #[track_caller]
    fn check(one: &str, other: &str, expected: bool) {
        let ((one, one_digest), (other, other_digest)) = (MinHash::of([one]), MinHash::of([other]));
        assert_eq!((one.is_similar(&other), other.is_similar(&one)), (expected, expected));
        let may_be = one_digest.zip(other_digest).is_some_and(|(one, other)| one.may_be_similar(other));
        assert!(may_be || !expected);
    }

    #[test]
    fn pages_that_share_four_fifths_of_their_shingles_are_similar() {
        // One word in 100 is in five shingles: 5 of 100 differ, Jaccard 95 / 105.
        check(&text(1000, 0), &text(1000, 100), true);
        // One in 20: 25 of 100, Jaccard 75 / 125.
        check(&text(1000, 0), &text(1000, 20), false);
        check(&text(200, 0), &text(200, 0).to_uppercase(), true);
        check(&text(60, 0), &text(60, 60), true);
        check(&text(60, 0), &text(60, 15), false);
        check(&text(49, 0), &text(49, 0), false);
        check("", "", false);
    }

    #[test]
    fn pieces_make_no_difference() {
        let text = text(100, 0);
        let (one, other) = text.split_at(text.find("ord50").unwrap());
        assert_eq!(MinHash::of([one, other]), MinHash::of([text.as_str()]));
        assert_eq!(MinHash::read(MinHash::of([one]).0.bytes()), Some(MinHash::of([one]).0));
    }
}

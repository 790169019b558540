//! A prefix filter: excludes the words of a text that can't have any of the lemma keys searched for, without analyzing
//! them.
//!
//! Analyzing a whole text is wasteful if few of its words can match, above all in a search from the shell, which starts
//! with an empty cache of words. A lemma key starts with the key of its first component. A word that has the key, as a
//! lemma or as a component, contains a form of that first component, and nearly every form starts with the same letters
//! as its lemma. So only words that contain the first three letters of a key need to be analyzed. `data/prefixes.dawg`
//! lists the exceptions, such as `bøk` for `bok` and `sjø` for `selv`; `data/lexicon.py` builds it from all forms of
//! the lexicon.

use smallvec::{SmallVec, smallvec};
use smol_str::format_smolstr;

use super::dawg::Dawg;
use crate::norwegian::token::normalize;

static ALTERNATIVES: Dawg = Dawg(include_bytes!("../../../data/prefixes.dawg"));

/// The prefixes of the lemma keys and exact forms searched for. A word that contains none of them has none of the keys
/// or forms.
#[derive(Clone, Debug)]
pub struct PrefixFilter {
    /// Each prefix as a little-endian number, with a mask of its bytes.
    prefixes: SmallVec<[(u64, u64); 16]>,
    /// A bit for each pair of bytes that a prefix starts with (see `pair`).
    pairs: [u64; PAIRS / 64],
}

/// The number of different values of `pair`.
const PAIRS: usize = 1 << 10;

/// A hash of two bytes that ignores case and has few other collisions.
fn pair(one: u8, other: u8) -> usize {
    usize::from(one & 31) << 5 | usize::from(other & 31)
}

impl Default for PrefixFilter {
    fn default() -> PrefixFilter {
        let mut filter = PrefixFilter { prefixes: SmallVec::new(), pairs: [0; PAIRS / 64] };
        // The analysis tries å, æ and ø in place of these.
        ["aa", "ae", "oe"].iter().for_each(|prefix| filter.add(prefix));
        filter
    }
}

impl PrefixFilter {
    /// Adds a lemma key: words that may have it, as a lemma or as a component, will match.
    pub fn add_key(&mut self, key: &str) {
        // For words that the lexicon lacks, the stemmer reduces middel to midl.
        if let Some(before) = key.strip_suffix('l')
            && let Some(last) = before.chars().next_back().filter(|_| key.chars().count() == PREFIX_CHARS)
        {
            self.add(&format_smolstr!("{before}{last}"));
        }
        let mut is_start: SmallVec<[bool; 64]> = smallvec![false; key.len()];
        is_start.iter_mut().take(1).for_each(|first| *first = true);
        for start in 0..key.len() {
            if is_start[start] {
                self.add_component(key, start, &mut is_start);
            }
        }
    }

    /// Adds the prefixes of the component that starts at `start` in a key. If the component is shorter than a prefix,
    /// marks in `is_start` where the next component may start.
    fn add_component(&mut self, key: &str, start: usize, is_start: &mut [bool]) {
        self.add(key_prefix(&key[start..]));
        let mut node = ALTERNATIVES.root();
        for (at, byte) in key.bytes().enumerate().skip(start) {
            let Some(arc) = ALTERNATIVES.step(node, byte) else {
                return;
            };
            node = arc.target;
            let Some(after_key) = ALTERNATIVES.step(node, 0) else {
                continue;
            };
            let component = &key[start..=at];
            let is_short = at + 1 < key.len() && component.chars().count() < PREFIX_CHARS;
            ALTERNATIVES.for_each_suffix(after_key.target, &mut |letters| {
                if !is_short && letters != NEEDS_LINK {
                    self.add(std::str::from_utf8(letters).unwrap_or(""));
                } else if is_short && (letters == component.as_bytes() || letters == NEEDS_LINK) {
                    for link in &["", "s", "e"][usize::from(letters == NEEDS_LINK)..] {
                        let next = at + 1 + link.len();
                        if key[at + 1..].starts_with(*link) && can_start_component(&key[next..]) {
                            is_start[next] = true;
                        }
                    }
                }
            });
        }
    }

    /// Adds an exact form.
    pub fn add_form(&mut self, exact: &str) {
        self.add(key_prefix(&normalize::lookup_key(exact)));
    }

    fn add(&mut self, prefix: &str) {
        let bytes = prefix.as_bytes();
        let mut number = [0; 8];
        let mut mask = [0; 8];
        let (Some(first), Some(into)) = (bytes.first(), number.get_mut(..bytes.len())) else {
            return;
        };
        into.copy_from_slice(bytes);
        mask[..bytes.len()].fill(u8::MAX);
        let packed = (u64::from_le_bytes(number), u64::from_le_bytes(mask));
        if !self.is_saturated() && !self.prefixes.contains(&packed) {
            let seconds = bytes.get(1).map_or(0..=u8::MAX, |second| *second..=*second);
            for pair in seconds.map(|second| pair(*first, second)) {
                self.pairs[pair / 64] |= 1 << (pair % 64);
            }
            self.prefixes.push(packed);
        }
    }

    /// Whether there are too many prefixes for the filter to save time.
    pub fn is_saturated(&self) -> bool {
        self.prefixes.len() > MAX_PREFIXES
    }

    /// Whether a word, as written, may have one of the lemma keys or exact forms. False positives are possible, false
    /// negatives are not.
    pub fn may_match(&self, word: &str) -> bool {
        self.may_match_as_written(word) || may_have_other_spellings(word) && self.may_match_respelled(word)
    }

    /// Whether a word may match in one of its other spellings: without hyphens, or with plain letters for `œ`, `ç` and
    /// `ñ`. Without its hyphens, the word has a key that starts with its first part. If that part is shorter than a
    /// prefix, the prefix extends into the key of the next part, which is not known here, so the word may match.
    fn may_match_respelled(&self, word: &str) -> bool {
        let normalized = normalize::normalize(word);
        let key = normalize::lookup_key(&normalized);
        let joined = normalize::without_hyphens(&key);
        let is_short = |part: &str| part.chars().nth(PREFIX_CHARS - 1).is_none();
        if joined.is_some() && key.split('-').next().is_some_and(is_short) {
            return true;
        }
        let plain = normalize::key_with_plain_letters(&normalized);
        joined.into_iter().chain(plain).any(|key| self.may_match_as_written(&key))
    }

    fn may_match_as_written(&self, word: &str) -> bool {
        if word.is_ascii() && !self.has_prefix_pair(word.as_bytes()) {
            return false;
        }
        let mut key = [0; MAX_PLAIN + 8];
        if write_plain_key(word, &mut key) {
            return self.matches_key(&key, word.len());
        }
        let mut key = normalize::lookup_key(&normalize::normalize(word)).into_owned().into_bytes();
        let length = key.len();
        key.extend([0; 8]);
        self.matches_key(&key, length)
    }

    /// Whether some pair of adjacent bytes of a word starts a prefix.
    fn has_prefix_pair(&self, word: &[u8]) -> bool {
        let Some((mut before, rest)) = word.split_first() else {
            return false;
        };
        for byte in rest {
            if self.is_prefix_pair(*before, *byte) {
                return true;
            }
            before = byte;
        }
        self.is_prefix_pair(*before, 0)
    }

    fn is_prefix_pair(&self, one: u8, other: u8) -> bool {
        let pair = pair(one, other);
        self.pairs[pair / 64] >> (pair % 64) & 1 == 1
    }

    /// Whether the first `length` bytes of `key`, a lookup key, contain a prefix. Eight zero bytes must follow them.
    fn matches_key(&self, key: &[u8], length: usize) -> bool {
        key.windows(8).take(length).any(|window| {
            self.is_prefix_pair(window[0], window[1]) && {
                let bytes = window.first_chunk().map_or(0, |window| u64::from_le_bytes(*window));
                self.prefixes.iter().any(|(prefix, mask)| bytes & mask == *prefix)
            }
        })
    }
}

/// A filter with more prefixes is saturated: every word is then analyzed. A round number, not measured.
const MAX_PREFIXES: usize = 100;

/// The number of letters of a prefix. Longer prefixes would exclude more words, but have more exceptions.
pub const PREFIX_CHARS: usize = 3;

/// The value in `data/prefixes.dawg` of a one-letter key that can be a component only before a linking element.
pub const NEEDS_LINK: &[u8] = b"=";

/// Returns the first letters of a key, which nearly all forms of the lemma contain. They end before the first hyphen,
/// because another word starts after it.
pub fn key_prefix(key: &str) -> &str {
    let end = key.char_indices().nth(PREFIX_CHARS).map_or(key.len(), |(end, _)| end);
    match key[..end].find('-') {
        Some(hyphen) => &key[..=hyphen],
        None => &key[..end],
    }
}

/// Whether the rest of a key can start with a component: it is at least as long as a prefix, or is itself a short key
/// that needs no link.
fn can_start_component(rest: &str) -> bool {
    let is_listed = || {
        let after_key = ALTERNATIVES.step(ALTERNATIVES.descend(ALTERNATIVES.root(), rest.as_bytes())?, 0)?;
        let mut is_listed = false;
        ALTERNATIVES.for_each_suffix(after_key.target, &mut |letters| is_listed |= letters != NEEDS_LINK);
        Some(is_listed)
    };
    rest.chars().count() >= PREFIX_CHARS || !rest.is_empty() && is_listed() == Some(true)
}

/// Whether a word may have a hyphen, `œ`, `ç` or `ñ`. Bytes from 0xc4 on start a character after ÿ; the other four are
/// the second bytes of `Ç`, `Ñ`, `ç` and `ñ`.
fn may_have_other_spellings(word: &str) -> bool {
    word.bytes().any(|byte| matches!(byte, b'-' | 0x87 | 0x91 | 0xa7 | 0xb1 | 0xc4..))
}

/// Maximum length of a word, in bytes, for `write_plain_key`.
const MAX_PLAIN: usize = 64;

/// Writes the lookup key of a word that consists of ASCII and the letters æ, ø and å, as nearly all words do. Returns
/// `false` for other words, and for words longer than `MAX_PLAIN`.
fn write_plain_key(word: &str, into: &mut [u8; MAX_PLAIN + 8]) -> bool {
    if word.len() > MAX_PLAIN {
        return false;
    }
    let mut before = 0;
    for (to, byte) in into.iter_mut().zip(word.bytes()) {
        *to = match byte {
            0..=0x7f => byte.to_ascii_lowercase(),
            0xc3 => byte,
            // æ, ø and å, and their capitals.
            0xa6 | 0xb8 | 0xa5 if before == 0xc3 => byte,
            0x86 | 0x98 | 0x85 if before == 0xc3 => byte + 0x20,
            _ => return false,
        };
        before = byte;
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::norwegian::analysis::analyze_word;
    use crate::norwegian::lexicon::readings::for_each_reading;
    use crate::norwegian::standard::Standard;
    use crate::norwegian::token::tokenizer::for_each_word;

    const STANDARDS: [Standard; 3] = [Standard::Bokmal, Standard::Nynorsk, Standard::Both];

    /// Checks that a filter with any one term of a word matches the word.
    #[track_caller]
    fn check(text: &str) {
        for_each_word(text, |word| {
            for standard in STANDARDS {
                let analyzed = analyze_word(word.text, standard);
                let has = |add: fn(&mut PrefixFilter, &str), term: &str| {
                    let mut filter = PrefixFilter::default();
                    add(&mut filter, term);
                    assert!(filter.may_match(word.text), "{term} does not match {:?}", word.text);
                };
                has(PrefixFilter::add_form, analyzed.exact());
                analyzed.lemmas().chain(analyzed.components()).for_each(|key| has(PrefixFilter::add_key, key));
            }
        });
    }

    /// Every `step`th form of the lexicon, each once.
    fn forms(step: usize) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for_each_reading(|form, _| {
            if all.last().is_none_or(|last| last != form) {
                all.push(form.to_string());
            }
        });
        all.into_iter().step_by(step).collect()
    }

    #[test]
    fn forms_match_their_keys() {
        // Checking all forms takes a minute in a debug build.
        forms(if cfg!(debug_assertions) { 37 } else { 1 }).iter().for_each(|form| check(form));
    }

    #[test]
    fn other_spellings_match_their_keys() {
        check("e-post e-posten E-postadresse Nord-Norge Nord‑Norge Covid-19 bø-kene EU-debatten 0-24-samarbeidet");
        check("curaçao Çelik Señor FRANÇOIS İstanbul façade-maling");
        check("cœur Œuvre Sacré-Cœur Łódź Kárášjohka straße þing ﬁnansielle m² CO₂");
    }

    #[test]
    fn excludes_most_other_words() {
        let filter_of = |key: &str| {
            let mut filter = PrefixFilter::default();
            filter.add_key(key);
            filter
        };
        for (key, word, expected) in [
            ("bok", "bøkene", true),
            ("gå", "gikk", true),
            ("gå", "kommune", false),
            ("syk", "sjukehuset", true),
            ("taushetsplikt", "teieplikta", true),
            ("taushetsplikt", "kommunen", false),
            ("midl", "middelet", true),
            ("håkon", "Haakon", true),
            ("avtale", "AVTALEN", true),
            ("avtale", "kommunen", false),
        ] {
            assert_eq!(filter_of(key).may_match(word), expected, "{key} in {word}");
        }
    }

    #[test]
    fn the_plain_key_equals_the_lookup_key() {
        for word in ["Ærlig", "ØSTPÅ", "på", "pc'en", "EU-debatt", "kafé", "é", "×", "İ", "a\u{30a}", "Ÿ", "ÿ"]
        {
            let mut key = [0; MAX_PLAIN + 8];
            if write_plain_key(word, &mut key) {
                assert_eq!(&key[..word.len()], normalize::lookup_key(&normalize::normalize(word)).as_bytes(), "{word}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

        #[test]
        fn compounds_match_their_keys(
            parts in proptest::collection::vec(any::<proptest::sample::Index>(), 2..4),
            links in proptest::collection::vec(proptest::sample::select(&["", "s", "e", "-", "ing"][..]), 3),
        ) {
            thread_local!(static FORMS: Vec<String> = forms(7));
            let mut word = String::new();
            FORMS.with(|forms| {
                for (part, link) in parts.iter().zip(&links) {
                    word.push_str(&forms[part.index(forms.len())]);
                    word.push_str(link);
                }
            });
            check(&word);
            // The same word with each repeated consonant written once.
            let mut shorter: Vec<char> = word.chars().collect();
            shorter.dedup_by(|one, other| one == other && !"aeiou".contains(*one));
            check(&shorter.into_iter().collect::<String>());
        }

        #[test]
        fn any_letters_match_their_keys(
            word in "[A-Ca-eg-pr-vyæøåÆØÅ]{1,9}(el|elt|ere|mm|s|ene|het|'s|)",
            before in "([a-z0-9]{1,3}-|)",
        ) {
            check(&format!("{before}{word}"));
        }
    }
}

//! Given the keys that somebody looks for, can a word of a text have any of them?
//!
//! Reading a word is dear where most words of a text are none that is looked for, and a search from the shell reads them
//! all for the first time. A word that has a key, as a lemma or as a part, holds a form of one of the lemmas that the key
//! begins with, and nearly every form begins with the same letters as its key. So only words in which the first three
//! letters of a key stand anywhere need to be read. `data/prefixes.dawg` has what else may stand there: `bøk` for `bok`,
//! `sjø` for `selv`; `data/lexicon.py` makes it from all forms of the lexicon.

use smallvec::{SmallVec, smallvec};
use smol_str::format_smolstr;

use super::dawg::Dawg;
use crate::norwegian::token::normalize;

static ALTERNATIVES: Dawg = Dawg(include_bytes!("../../../data/prefixes.dawg"));

/// What must stand in a word that has one of some keys or is one of some forms.
#[derive(Clone, Debug)]
pub struct PrefixFilter {
    /// Each as the number that its bytes are, and with ones where it has bytes.
    all: SmallVec<[(u64, u64); 16]>,
    /// A bit for each pair of bytes that one of them begins with (see `pair`).
    pairs: [u64; PAIRS / 64],
}

/// Of so many kinds.
const PAIRS: usize = 1 << 10;

/// A pair of bytes as a number: the same of capitals and small letters, and of few others.
fn pair(one: u8, other: u8) -> usize {
    usize::from(one & 31) << 5 | usize::from(other & 31)
}

impl Default for PrefixFilter {
    fn default() -> PrefixFilter {
        let mut starts = PrefixFilter { all: SmallVec::new(), pairs: [0; PAIRS / 64] };
        // What may stand for å, æ and ø is tried when the word is read.
        ["aa", "ae", "oe"].iter().for_each(|start| starts.add(start));
        starts
    }
}

impl PrefixFilter {
    /// Adds those of a key.
    pub fn add_key(&mut self, key: &str) {
        // Of words that no lexicon has, the stem of middel is midl.
        if let Some(before) = key.strip_suffix('l')
            && let Some(last) = before.chars().next_back().filter(|_| key.chars().count() == PREFIX_CHARS)
        {
            self.add(&format_smolstr!("{before}{last}"));
        }
        let mut begins: SmallVec<[bool; 64]> = smallvec![false; key.len()];
        begins.iter_mut().take(1).for_each(|first| *first = true);
        for begin in 0..key.len() {
            if begins[begin] {
                self.add_piece(key, begin, &mut begins);
            }
        }
    }

    /// Adds those of the piece of a key that begins at `begin`, and notes where the next begins if this one is too short to
    /// be looked for.
    fn add_piece(&mut self, key: &str, begin: usize, begins: &mut [bool]) {
        self.add(key_prefix(&key[begin..]));
        let mut node = ALTERNATIVES.root();
        for (at, byte) in key.bytes().enumerate().skip(begin) {
            let Some(arc) = ALTERNATIVES.step(node, byte) else {
                return;
            };
            node = arc.target;
            let Some(ends) = ALTERNATIVES.step(node, 0) else {
                continue;
            };
            let piece = &key[begin..=at];
            let is_short = at + 1 < key.len() && piece.chars().count() < PREFIX_CHARS;
            ALTERNATIVES.ends(ends.target, &mut |start| {
                if !is_short && start != NEEDS_LINK {
                    self.add(std::str::from_utf8(start).unwrap_or(""));
                } else if is_short && (start == piece.as_bytes() || start == NEEDS_LINK) {
                    for link in &["", "s", "e"][usize::from(start == NEEDS_LINK)..] {
                        let next = at + 1 + link.len();
                        if key[at + 1..].starts_with(*link) && may_be_piece(&key[next..]) {
                            begins[next] = true;
                        }
                    }
                }
            });
        }
    }

    /// Adds that of a word in its exact form.
    pub fn add_form(&mut self, exact: &str) {
        self.add(key_prefix(&normalize::lower_key(exact)));
    }

    fn add(&mut self, start: &str) {
        let bytes = start.as_bytes();
        let mut number = [0; 8];
        let mut mask = [0; 8];
        let (Some(first), Some(into)) = (bytes.first(), number.get_mut(..bytes.len())) else {
            return;
        };
        into.copy_from_slice(bytes);
        mask[..bytes.len()].fill(u8::MAX);
        let packed = (u64::from_le_bytes(number), u64::from_le_bytes(mask));
        if !self.is_saturated() && !self.all.contains(&packed) {
            let seconds = bytes.get(1).map_or(0..=u8::MAX, |second| *second..=*second);
            for pair in seconds.map(|second| pair(*first, second)) {
                self.pairs[pair / 64] |= 1 << (pair % 64);
            }
            self.all.push(packed);
        }
    }

    /// Whether to look for them in every word takes longer than to read it.
    pub fn is_saturated(&self) -> bool {
        self.all.len() > MANY
    }

    /// Whether a word as it stands may have one of the keys or be one of the forms: `false` is sure.
    pub fn may_match(&self, word: &str) -> bool {
        if word.is_ascii() && !self.may_begin_in(word.as_bytes()) {
            return false;
        }
        let mut key = [0; MAX_PLAIN + 8];
        if write_plain_key(word, &mut key) {
            return self.are_in_key(&key, word.len());
        }
        let mut key = normalize::lower_key(&normalize::normalize(word)).into_owned().into_bytes();
        let length = key.len();
        key.extend([0; 8]);
        self.are_in_key(&key, length)
    }

    /// Whether one of them may begin somewhere in these bytes.
    fn may_begin_in(&self, word: &[u8]) -> bool {
        let Some((mut before, rest)) = word.split_first() else {
            return false;
        };
        for byte in rest {
            if self.may_begin(*before, *byte) {
                return true;
            }
            before = byte;
        }
        self.may_begin(*before, 0)
    }

    fn may_begin(&self, one: u8, other: u8) -> bool {
        let pair = pair(one, other);
        self.pairs[pair / 64] >> (pair % 64) & 1 == 1
    }

    /// Whether one of them stands in a key of so many bytes, with eight more behind it.
    fn are_in_key(&self, key: &[u8], length: usize) -> bool {
        key.windows(8).take(length).any(|run| {
            self.may_begin(run[0], run[1]) && {
                let here = run.first_chunk().map_or(0, |run| u64::from_le_bytes(*run));
                self.all.iter().any(|(start, mask)| here & mask == *start)
            }
        })
    }
}

const MANY: usize = 100;

/// So many letters of a key are looked for: more would tell more words apart, but have more exceptions.
pub const PREFIX_CHARS: usize = 3;

/// Stands behind a letter that is a piece only where a link follows.
pub const NEEDS_LINK: &[u8] = b"=";

/// What a form of a lemma nearly always holds: the first letters of its key. Behind a hyphen stands another word.
pub fn key_prefix(key: &str) -> &str {
    let end = key.char_indices().nth(PREFIX_CHARS).map_or(key.len(), |(end, _)| end);
    match key[..end].find('-') {
        Some(hyphen) => &key[..=hyphen],
        None => &key[..end],
    }
}

/// Whether a key may begin so that ends so. A letter that is a piece only where a link follows ends none.
fn may_be_piece(rest: &str) -> bool {
    let is_listed = || {
        let ends = ALTERNATIVES.step(ALTERNATIVES.descend(ALTERNATIVES.root(), rest.as_bytes())?, 0)?;
        let mut is_listed = false;
        ALTERNATIVES.ends(ends.target, &mut |start| is_listed |= start != NEEDS_LINK);
        Some(is_listed)
    };
    rest.chars().count() >= PREFIX_CHARS || !rest.is_empty() && is_listed() == Some(true)
}

const MAX_PLAIN: usize = 64;

/// Writes the lower key of a word of ASCII and the letters æ, ø and å, which is nearly every one; `false` for others.
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

    const EACH: [Standard; 3] = [Standard::Bokmal, Standard::Nynorsk, Standard::Both];

    /// Every term of a word is looked for in it.
    #[track_caller]
    fn check(text: &str) {
        for_each_word(text, |word| {
            for standard in EACH {
                let read = analyze_word(word.text, standard);
                let has = |add: fn(&mut PrefixFilter, &str), term: &str| {
                    let mut starts = PrefixFilter::default();
                    add(&mut starts, term);
                    assert!(starts.may_match(word.text), "{term} is not looked for in {:?}", word.text);
                };
                has(PrefixFilter::add_form, read.exact());
                read.lemmas().chain(read.components()).for_each(|key| has(PrefixFilter::add_key, key));
            }
        });
    }

    /// Some forms of the lexicon, each once.
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
    fn forms_are_found_by_their_keys() {
        // All of them take a debug build a minute.
        forms(if cfg!(debug_assertions) { 37 } else { 1 }).iter().for_each(|form| check(form));
    }

    #[test]
    fn few_words_are_looked_at_in_vain() {
        let starts_of = |key: &str| {
            let mut starts = PrefixFilter::default();
            starts.add_key(key);
            starts
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
            assert_eq!(starts_of(key).may_match(word), expected, "{key} in {word}");
        }
    }

    #[test]
    fn the_plain_key_is_the_lower_key() {
        for word in ["Ærlig", "ØSTPÅ", "på", "pc'en", "EU-debatt", "kafé", "é", "×", "İ", "a\u{30a}", "Ÿ", "ÿ"]
        {
            let mut key = [0; MAX_PLAIN + 8];
            if write_plain_key(word, &mut key) {
                assert_eq!(&key[..word.len()], normalize::lower_key(&normalize::normalize(word)).as_bytes(), "{word}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

        #[test]
        fn compounds_are_found_by_their_keys(
            pieces in proptest::collection::vec(any::<proptest::sample::Index>(), 2..4),
            links in proptest::collection::vec(proptest::sample::select(&["", "s", "e", "-", "ing"][..]), 3),
        ) {
            thread_local!(static FORMS: Vec<String> = forms(7));
            let mut word = String::new();
            FORMS.with(|forms| {
                for (piece, link) in pieces.iter().zip(&links) {
                    word.push_str(&forms[piece.index(forms.len())]);
                    word.push_str(link);
                }
            });
            check(&word);
            // Of three equal letters one is dropped.
            let mut shorter: Vec<char> = word.chars().collect();
            shorter.dedup_by(|one, other| one == other && !"aeiou".contains(*one));
            check(&shorter.into_iter().collect::<String>());
        }

        #[test]
        fn any_letters_are_found_by_their_keys(
            word in "[A-Ca-eg-pr-vyæøåÆØÅ]{1,9}(el|elt|ere|mm|s|ene|het|'s|)",
            before in "([a-z0-9]{1,3}-|)",
        ) {
            check(&format!("{before}{word}"));
        }
    }
}

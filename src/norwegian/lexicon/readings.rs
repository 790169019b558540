//! Looks up the readings of a word form: its lemmas, word classes and written standards.
//!
//! `data/forms.dawg` contains the forms of Norsk Ordbank and Bokmålsordboka, and the Nynorsk forms derived from them.
//! `data/lexicon.py` builds it and documents its format.

use smallvec::SmallVec;
use smol_str::{SmolStr, SmolStrBuilder};

use super::dawg::Dawg;
use crate::norwegian::standard::Standard;

/// The byte that encodes the number 0 in the data. Numbers are offset by it, so that none of them is a line feed or the
/// zero byte after a key.
pub const ENCODED_ZERO: u8 = 32;

static FORMS: Dawg = Dawg(include_bytes!("../../../data/forms.dawg"));

/// Word classes, nouns by gender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Masculine,
    Feminine,
    Neuter,
    Verb,
    Adjective,
    /// Closed-class words, adverbs, interjections, abbreviations.
    Other,
}

impl Class {
    pub fn is_noun(self) -> bool {
        matches!(self, Class::Masculine | Class::Feminine | Class::Neuter)
    }

    pub const ALL: [Class; 6] =
        [Class::Masculine, Class::Feminine, Class::Neuter, Class::Verb, Class::Adjective, Class::Other];

    /// The letter for the class in `data/lexicon.py`.
    pub fn letter(self) -> char {
        match self {
            Class::Masculine => 'M',
            Class::Feminine => 'F',
            Class::Neuter => 'N',
            Class::Verb => 'V',
            Class::Adjective => 'A',
            Class::Other => 'X',
        }
    }

    /// Whether both are nouns (of any gender), both verbs, and so on.
    pub fn agrees_with(self, other: Class) -> bool {
        self == other || self.is_noun() && other.is_noun()
    }
}

/// A lemma that a form can belong to.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The first Bokmål spelling of the lemma, which is the key in both written standards.
    pub key: SmolStr,
    pub class: Class,
    /// Whether the form is a spelling of the lemma itself.
    pub is_lemma: bool,
    /// Whether the lemma is the most common lemma of the form in one of the standards.
    pub is_main: bool,
    /// Whether the dictionary marks the lemma as a loanword, which is never a compound.
    pub is_loan: bool,
    pub is_bokmal: bool,
    pub is_nynorsk: bool,
}

/// The readings of a form; few forms have more than two.
pub type Readings = SmallVec<[Reading; 2]>;

/// Returns the readings of a form, given as its lookup key, the most common first: only those in the standard if there
/// are any, otherwise all.
pub fn readings(form: &str, standard: Standard) -> Readings {
    let mut found = Readings::new();
    let Some(after_key) = FORMS.descend(FORMS.root(), form.as_bytes()).and_then(|node| FORMS.step(node, 0)) else {
        return found;
    };
    FORMS.for_each_suffix(after_key.target, &mut |end| {
        if let [flags, removed, appended @ ..] = end {
            found.extend(reading(form, *flags, *removed, appended));
        }
    });
    let is_in_standard = |reading: &Reading| match standard {
        Standard::Bokmal => reading.is_bokmal,
        Standard::Nynorsk => reading.is_nynorsk,
        Standard::Both => true,
    };
    if found.len() < 2 {
        return found;
    }
    if found.iter().any(is_in_standard) {
        found.retain(|reading| is_in_standard(reading));
    }
    // In Nynorsk "verke" is primarily the counterpart of Bokmål "virke", not of Bokmål "verke".
    let is_counterpart = |reading: &Reading| standard == Standard::Nynorsk && reading.key != form;
    found.sort_by(|one, other| {
        let by_class = (one.class as u8).cmp(&(other.class as u8));
        let by_key = || one.key.cmp(&other.key).then(by_class).then(other.is_lemma.cmp(&one.is_lemma));
        other.is_main.cmp(&one.is_main).then(is_counterpart(other).cmp(&is_counterpart(one))).then_with(by_key)
    });
    found
}

/// Returns the readings of a form. If it has none but is a genitive, returns those of the form without the ending.
pub fn readings_or_genitive(word: &str, standard: Standard) -> Readings {
    let found = readings(word, standard);
    if !found.is_empty() {
        return found;
    }
    let Some(stem) = word.strip_suffix(['s', '\'']) else {
        return found;
    };
    let mut found = readings(stem.trim_end_matches('\''), standard);
    for reading in &mut found {
        reading.is_lemma = false;
    }
    found
}

/// Calls `each` for every reading of every form of the lexicon.
pub fn for_each_reading(mut each: impl FnMut(&str, &Reading)) {
    FORMS.for_each_suffix(FORMS.root(), &mut |line| {
        let mut fields = line.splitn(2, |byte| *byte == 0);
        if let (Some(Ok(form)), Some([flags, removed, appended @ ..])) =
            (fields.next().map(std::str::from_utf8), fields.next())
            && let Some(reading) = reading(form, *flags, *removed, appended)
        {
            each(form, &reading);
        }
    });
}

/// Calls `each` with the length in bytes of every prefix of `word` that is a form of the lexicon.
pub fn for_each_prefix(word: &str, mut each: impl FnMut(usize)) {
    let mut node = FORMS.root();
    for (at, byte) in word.bytes().enumerate() {
        let Some(arc) = FORMS.step(node, byte) else {
            return;
        };
        node = arc.target;
        if FORMS.step(node, 0).is_some() {
            each(at + 1);
        }
    }
}

/// Decodes a reading. Its key is the form with the last `removed` bytes (a number offset by `ENCODED_ZERO`) replaced by
/// `appended`.
fn reading(form: &str, flags: u8, removed: u8, appended: &[u8]) -> Option<Reading> {
    let kept = form.get(..(form.len() + usize::from(ENCODED_ZERO)).checked_sub(usize::from(removed))?)?;
    let mut key = SmolStrBuilder::new();
    key.push_str(kept);
    key.push_str(std::str::from_utf8(appended).ok()?);
    Some(Reading {
        key: key.finish(),
        class: *Class::ALL.get(usize::from(flags & 7))?,
        is_lemma: flags & 8 != 0,
        is_main: flags & 16 != 0,
        is_loan: flags & 32 != 0,
        is_bokmal: flags & 64 != 0,
        is_nynorsk: flags & 128 != 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys and classes of a form, the main reading first.
    #[track_caller]
    fn check(form: &str, standard: Standard, expected: &[(&str, Class)]) {
        let found = readings(form, standard);
        let found: Vec<(&str, Class)> = found.iter().map(|reading| (&*reading.key, reading.class)).collect();
        assert_eq!(found, expected, "{form}");
    }

    #[test]
    fn returns_the_readings_of_the_standard() {
        check("bøkene", Standard::Bokmal, &[("bok", Class::Feminine), ("bøk", Class::Masculine)]);
        check("skolene", Standard::Bokmal, &[("skole", Class::Masculine)]);
        check("skulane", Standard::Nynorsk, &[("skole", Class::Masculine)]);
        check("xyzzy", Standard::Both, &[]);
        check("", Standard::Both, &[]);
    }

    #[test]
    fn falls_back_to_the_other_standard() {
        check("skulane", Standard::Bokmal, &[("skole", Class::Masculine)]);
    }

    #[test]
    fn distinguishes_a_lemma_from_its_forms() {
        let is_lemma = |form: &str| readings(form, Standard::Bokmal).iter().any(|reading| reading.is_lemma);
        assert!(is_lemma("bok") && is_lemma("kommune"));
        assert!(!is_lemma("bøkene") && !is_lemma("kommunene"));
    }

    #[test]
    fn finds_prefixes_that_are_forms() {
        let mut found = Vec::new();
        for_each_prefix("bokstav", |length| found.push(&"bokstav"[..length]));
        assert!(found.contains(&"bok") && found.contains(&"bokstav") && !found.contains(&"boksta"), "{found:?}");
    }
}

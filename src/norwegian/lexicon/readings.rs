//! Given a form in its lower key, which lemmas can it be of?
//!
//! `data/forms.dawg` holds the forms of Norsk Ordbank and Bokmålsordboka and the Nynorsk forms made from them;
//! `data/parts.dawg` how many of their compounds share a modifier or a head, and of which pieces those are made. Both
//! are searched as they lie in the program: nothing is read or built at the start. `data/lexicon.py` makes them and
//! describes their bytes.

use smallvec::SmallVec;
use smol_str::{SmolStr, SmolStrBuilder};

use super::dawg::Dawg;
use crate::norwegian::standard::Standard;

/// Numbers in the data count from here, so that none is taken for the end of a line or of a string.
pub const FIRST: u8 = 32;

static FORMS: Dawg = Dawg(include_bytes!("../../../data/forms.dawg"));

/// Word classes, nouns by gender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Masculine,
    Feminine,
    Neuter,
    Verb,
    Adjective,
    /// Closed classes, adverbs, interjections, abbreviations.
    Other,
}

impl Class {
    pub fn is_noun(self) -> bool {
        matches!(self, Class::Masculine | Class::Feminine | Class::Neuter)
    }

    pub const ALL: [Class; 6] =
        [Class::Masculine, Class::Feminine, Class::Neuter, Class::Verb, Class::Adjective, Class::Other];

    /// Its letter in `data/parts.dawg`.
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

    /// Whether both are nouns, or both verbs, and so on.
    pub fn agrees_with(self, other: Class) -> bool {
        self == other || self.is_noun() && other.is_noun()
    }
}

/// What a form can be.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The first Bokmål spelling of the lemma: the canonical key that both standards share.
    pub key: SmolStr,
    pub class: Class,
    /// The form is the lemma itself, in its own spelling.
    pub is_lemma: bool,
    /// The commonest lemma of this form in a standard.
    pub is_main: bool,
    /// The dictionary says that the lemma was borrowed whole: no compound.
    pub is_loan: bool,
    pub is_bokmal: bool,
    pub is_nynorsk: bool,
}

/// Few forms have more than two.
pub type Readings = SmallVec<[Reading; 2]>;

/// The readings of a form in its lower key; those of one standard where it has any in that standard, else all.
pub fn readings(form: &str, standard: Standard) -> Readings {
    let mut found = Readings::new();
    let Some(ends) = FORMS.descend(FORMS.root(), form.as_bytes()).and_then(|node| FORMS.step(node, 0)) else {
        return found;
    };
    FORMS.ends(ends.target, &mut |end| {
        if let [flags, cut, appended @ ..] = end {
            found.extend(reading(form, *flags, *cut, appended));
        }
    });
    let is_asked = |reading: &Reading| match standard {
        Standard::Bokmal => reading.is_bokmal,
        Standard::Nynorsk => reading.is_nynorsk,
        Standard::Both => true,
    };
    if found.len() < 2 {
        return found;
    }
    if found.iter().any(is_asked) {
        found.retain(|reading| is_asked(reading));
    }
    // In Nynorsk "verke" is first of all the counterpart of "virke", and not what Bokmål spells so.
    let is_twin = |reading: &Reading| standard == Standard::Nynorsk && reading.key != form;
    found.sort_by(|one, other| {
        let by_class = (one.class as u8).cmp(&(other.class as u8));
        let by_key = || one.key.cmp(&other.key).then(by_class).then(other.is_lemma.cmp(&one.is_lemma));
        other.is_main.cmp(&one.is_main).then(is_twin(other).cmp(&is_twin(one))).then_with(by_key)
    });
    found
}

/// The readings of a form or of its genitive.
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

/// Calls `each` with every form of the lexicon and each of its readings.
pub fn for_each_reading(mut each: impl FnMut(&str, &Reading)) {
    FORMS.ends(FORMS.root(), &mut |line| {
        let mut halves = line.splitn(2, |byte| *byte == 0);
        if let (Some(Ok(form)), Some([flags, cut, appended @ ..])) =
            (halves.next().map(std::str::from_utf8), halves.next())
            && let Some(reading) = reading(form, *flags, *cut, appended)
        {
            each(form, &reading);
        }
    });
}

/// Calls `each` with the length of every beginning of `word` that stands in the lexicon as a form.
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

fn reading(form: &str, flags: u8, cut: u8, appended: &[u8]) -> Option<Reading> {
    let kept = form.get(..(form.len() + usize::from(FIRST)).checked_sub(usize::from(cut))?)?;
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
    fn a_form_has_the_readings_of_the_standard() {
        check("bøkene", Standard::Bokmal, &[("bok", Class::Feminine), ("bøk", Class::Masculine)]);
        check("skolene", Standard::Bokmal, &[("skole", Class::Masculine)]);
        check("skulane", Standard::Nynorsk, &[("skole", Class::Masculine)]);
        check("xyzzy", Standard::Both, &[]);
        check("", Standard::Both, &[]);
    }

    #[test]
    fn a_form_of_the_other_standard_alone_is_read_as_that() {
        check("skulane", Standard::Bokmal, &[("skole", Class::Masculine)]);
    }

    #[test]
    fn the_lemma_is_told_from_its_forms() {
        let is_lemma = |form: &str| readings(form, Standard::Bokmal).iter().any(|reading| reading.is_lemma);
        assert!(is_lemma("bok") && is_lemma("kommune"));
        assert!(!is_lemma("bøkene") && !is_lemma("kommunene"));
    }

    #[test]
    fn beginnings_that_are_forms_are_found() {
        let mut found = Vec::new();
        for_each_prefix("bokstav", |length| found.push(&"bokstav"[..length]));
        assert!(found.contains(&"bok") && found.contains(&"bokstav") && !found.contains(&"boksta"), "{found:?}");
    }
}

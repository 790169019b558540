//! Looks up what the two sides of a split can be: words of the lexicon as modifiers and heads of compounds.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use rustc_hash::FxBuildHasher;
use smol_str::format_smolstr;

use super::affixes::{has_vowel, is_ending, is_particle};
use crate::norwegian::lexicon::compound_info::{CompoundInfo, Link, compound_info};
use crate::norwegian::lexicon::readings::{Class, Reading, readings, readings_or_genitive};
use crate::norwegian::standard::Standard;

/// The kind of word that is split.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum WordKind {
    /// A lemma of the lexicon, of this class: its head is a lemma.
    Lemma(Class),
    /// A word that the lexicon lacks: its head may be any form.
    Unknown,
}

/// A word of the lexicon as one side of a split.
pub struct Constituent {
    pub reading: Reading,
    pub info: CompoundInfo,
}

impl Constituent {
    fn new(reading: Reading) -> Constituent {
        Constituent { info: compound_info(&reading.key), reading }
    }

    /// The canonical key of the word.
    pub fn key(&self) -> &str {
        self.info.key.as_ref().unwrap_or(&self.reading.key)
    }
}

/// Looks up the lemma with this spelling. Except in Nynorsk, a lemma whose key is this spelling is preferred to one
/// that has it only as a variant.
pub fn lemma_constituent(spelling: &str, standard: Standard) -> Option<Rc<Constituent>> {
    LEMMAS.with_borrow_mut(|cache| {
        cached(&mut cache[standard as usize], spelling, || {
            let mut lemmas = readings(spelling, standard).into_iter().filter(|reading| reading.is_lemma);
            let first = lemmas.next()?;
            if standard == Standard::Nynorsk || first.key == spelling {
                return Some(Rc::new(Constituent::new(first)));
            }
            let same = lemmas.find(|reading| reading.key == spelling && reading.class != Class::Other);
            Some(Rc::new(Constituent::new(same.unwrap_or(first))))
        })
    })
}

/// Looks up the modifier of a compound. Before a link, it must be the lemma of a noun. Without a link, it can be any
/// lemma, an inflected form (brødre+par) or the stem of a verb (tenn+plugg).
pub fn modifier_constituent(spelling: &str, link: Link, standard: Standard) -> Option<Rc<Constituent>> {
    let lemma = lemma_constituent(spelling, standard);
    if link.text().is_empty() {
        return lemma.or_else(|| inflected_constituent(spelling, standard));
    }
    let lemma = lemma?;
    if lemma.reading.class.is_noun() {
        return Some(lemma);
    }
    let noun = readings(spelling, standard).into_iter().find(|reading| reading.is_lemma && reading.class.is_noun())?;
    Some(Rc::new(Constituent::new(noun)))
}

fn inflected_constituent(spelling: &str, standard: Standard) -> Option<Rc<Constituent>> {
    INFLECTED.with_borrow_mut(|cache| {
        cached(&mut cache[standard as usize], spelling, || {
            let form = readings(spelling, standard).into_iter().find(|reading| is_modifier_form(spelling, reading))?;
            Some(Rc::new(Constituent::new(form)))
        })
    })
}

/// Whether an inflected form can be a modifier. A noun must not have the ending of a definite form, and a verb must be
/// a bare stem.
fn is_modifier_form(form: &str, reading: &Reading) -> bool {
    match reading.class {
        Class::Verb => reading.key.strip_suffix('e') == Some(form),
        Class::Adjective | Class::Other => true,
        _ => {
            form.len() <= reading.key.len() || !["en", "et", "ene", "ane"].iter().any(|article| form.ends_with(article))
        }
    }
}

/// Looks up a head as a noun, an adjective and a verb. If the standard has no noun for the head of an unknown word,
/// both standards are searched: texts in Bokmål also contain Nynorsk names of laws, which end in -lova.
pub fn head_constituents(head: &str, kind: WordKind, standard: Standard) -> Rc<[Constituent]> {
    let constituents = |readings: &mut dyn Iterator<Item = Reading>| -> Rc<[Constituent]> {
        readings.filter(|reading| reading.class != Class::Other).map(Constituent::new).collect()
    };
    if let WordKind::Lemma(class) = kind {
        let is_adjective = class == Class::Adjective;
        let is_verb = class == Class::Verb;
        let can_be_head = |reading: &Reading| {
            (reading.is_lemma || is_adjective && !reading.class.is_noun()) && (!is_verb || reading.class == Class::Verb)
        };
        let found = constituents(&mut readings(head, standard).into_iter().filter(can_be_head));
        if !found.is_empty() {
            return found;
        }
        // The head of an adjective may be a genitive: fire+dørs.
        if is_adjective && head.ends_with('s') && readings(head, standard).is_empty() {
            return constituents(&mut readings_or_genitive(head, standard).into_iter());
        }
        return constituents(&mut derived_head(head, class).into_iter());
    }
    let found = HEADS.with_borrow_mut(|cache| {
        cached(&mut cache[standard as usize], head, || {
            let mut readings = readings_or_genitive(head, standard);
            if !readings.is_empty() && !readings.iter().any(|reading| reading.class.is_noun()) {
                readings = readings_or_genitive(head, Standard::Both);
            }
            (!readings.is_empty()).then(|| constituents(&mut readings.into_iter()))
        })
    });
    found.unwrap_or_else(|| NO_HEADS.with(Rc::clone))
}

/// How many compounds of the lexicon share this noun as their head, as ln(1 + n); 0 if the head is not a noun.
pub fn noun_head_log_count(head: &str, kind: WordKind, standard: Standard) -> f64 {
    let heads = head_constituents(head, kind, standard);
    let nouns = heads.iter().filter(|head| head.reading.class.is_noun());
    nouns.map(|head| head.info.head_log_count()).fold(0.0, f64::max)
}

/// The reading of a head that is not a lemma but is derived from one: lang+halset from hals, vann+fordamper from
/// fordampe.
fn derived_head(head: &str, class: Class) -> Option<Reading> {
    // Each ending, and what the base has in its place.
    let endings: &[(&str, &str)] = match class {
        Class::Adjective => &[("et", ""), ("ete", ""), ("a", ""), ("t", ""), ("a", "e")],
        Class::Verb | Class::Other => return None,
        _ => &[("er", "e"), ("ing", "e")],
    };
    // Adjectives are derived from nouns, nouns from verbs.
    let is_base = |base: Class| if class == Class::Adjective { base.is_noun() } else { base == Class::Verb };
    let is_derived = endings.iter().any(|(ending, replaced)| {
        let base = head.strip_suffix(ending).filter(|base| base.chars().count() >= MIN_BASE);
        base.is_some_and(|base| {
            let base = readings(&format_smolstr!("{base}{replaced}"), Standard::Bokmal);
            base.iter().any(|reading| reading.is_lemma && is_base(reading.class))
        })
    });
    is_derived.then(|| Reading {
        key: head.into(),
        class,
        is_lemma: false,
        is_main: true,
        is_loan: false,
        is_bokmal: true,
        is_nynorsk: false,
    })
}

/// Minimum number of letters in the base of a derived head.
const MIN_BASE: usize = 3;

/// Length of an array that is indexed by `Standard`.
const STANDARDS: usize = 3;
const _: () = assert!(Standard::Both as usize + 1 == STANDARDS, "Both is the last standard");

thread_local! {
    static LEMMAS: RefCell<[Cache<Rc<Constituent>>; STANDARDS]> = RefCell::default();
    static INFLECTED: RefCell<[Cache<Rc<Constituent>>; STANDARDS]> = RefCell::default();
    static HEADS: RefCell<[Cache<Rc<[Constituent]>>; STANDARDS]> = RefCell::default();
    static NO_HEADS: Rc<[Constituent]> = Rc::new([]);
}

/// Lookups by spelling, for one standard: most words that the lexicon lacks share their modifiers and heads with other
/// words.
type Cache<T> = HashMap<Box<str>, T, FxBuildHasher>;

/// The maximum number of entries of a cache, which is cleared when it is full.
const MAX_ENTRIES: usize = 20_000;

fn cached<T: Clone>(cache: &mut Cache<T>, spelling: &str, find: impl FnOnce() -> Option<T>) -> Option<T> {
    if let Some(known) = cache.get(spelling) {
        return Some(known.clone());
    }
    let found = find()?;
    if cache.len() >= MAX_ENTRIES {
        cache.clear();
    }
    cache.insert(spelling.into(), found.clone());
    Some(found)
}

/// Whether a form with this reading can be the modifier of a compound that the lexicon lacks, and whether it can be the
/// head of such a compound.
pub fn can_be_modifier_or_head(form: &str, reading: &Reading) -> (bool, bool) {
    // Whether the form with this link is a word rather than an ending such as -het.
    let is_head_with_link = |link: &str| !is_ending("", &format!("{form}{link}"));
    let is_head =
        reading.class != Class::Other && !form.contains('-') && (is_head_with_link("") || is_head_with_link("s"));
    let is_modifier = reading.is_lemma && !is_particle(form) && (has_vowel(form) || reading.class.is_noun());
    (is_modifier && (reading.class != Class::Verb || form.ends_with('e')), is_head)
}

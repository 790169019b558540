//! Looks up what the two sides of a split can be: words of the lexicon as modifiers and heads of compounds.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use rustc_hash::FxBuildHasher;

use super::affixes::{has_vowel, is_ending, is_particle};
use crate::norwegian::lexicon::compound_info::{CompoundInfo, compound_info};
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

/// Looks up the nouns, adjectives and verbs that a head can be. If the standard has no noun for the head of an unknown
/// word, both standards are searched: texts in Bokmål also contain Nynorsk names of laws, which end in -lova.
pub fn head_constituents(head: &str, kind: WordKind, standard: Standard) -> Rc<[Constituent]> {
    let constituents = |readings: &mut dyn Iterator<Item = Reading>| -> Rc<[Constituent]> {
        readings.filter(|reading| reading.class != Class::Other).map(Constituent::new).collect()
    };
    if let WordKind::Lemma(_) = kind {
        return constituents(&mut readings(head, standard).into_iter().filter(|reading| reading.is_lemma));
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

/// Length of an array that is indexed by `Standard`.
const STANDARDS: usize = 3;
const _: () = assert!(Standard::Both as usize + 1 == STANDARDS, "Both is the last standard");

thread_local! {
    static LEMMAS: RefCell<[Cache<Rc<Constituent>>; STANDARDS]> = RefCell::default();
    static HEADS: RefCell<[Cache<Rc<[Constituent]>>; STANDARDS]> = RefCell::default();
    static NO_HEADS: Rc<[Constituent]> = Rc::new([]);
}

/// Lookups by spelling, for one standard: most words that the lexicon lacks share their modifiers and heads with
/// others.
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
/// head of one.
pub fn can_be_modifier_or_head(form: &str, reading: &Reading) -> (bool, bool) {
    let is_used = |link: &str| !is_ending("", &format!("{form}{link}"));
    let is_head = reading.class != Class::Other && !form.contains('-') && (is_used("") || is_used("s"));
    let is_modifier = reading.is_lemma && !is_particle(form) && (has_vowel(form) || reading.class.is_noun());
    (is_modifier && (reading.class != Class::Verb || form.ends_with('e')), is_head)
}

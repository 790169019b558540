//! Given a lemma or an unknown word, where is it put together?
//!
//! Every place where what follows is a noun, adjective or verb of the lexicon, and what precedes a lemma, a lemma and
//! its link (-s-, -e-), a lemma that has lost the last of three equal letters, a verb in -e, or an unknown compound,
//! is a candidate. A logistic score over how many compounds share that modifier or head, the lengths, and whether the
//! word classes agree chooses, or says that it is no compound.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use rustc_hash::FxBuildHasher;
use smallvec::SmallVec;
use smol_str::{SmolStr, format_smolstr};

use super::Standard;
use super::lexicon::{self, Class, Link, Reading, Relations};
use super::listed::{is_one_of, packed};

/// Where a word is cut in two.
#[derive(Clone, Debug, PartialEq)]
pub struct Cut {
    /// The modifier's lemma as it is spelt in the word, with a letter that the word has dropped.
    pub modifier: SmolStr,
    /// Where its letters end, in bytes; the link stands between there and the head.
    pub modifier_end: usize,
    pub link: Link,
    /// Where the head begins, in bytes.
    pub head: usize,
}

impl Cut {
    /// The cut of a word that is in two at `head`; `None` where the link doesn't stand there.
    fn at(word: &str, head: usize, link: Link) -> Option<Cut> {
        let modifier = spelt(word.get(..head)?, link)?;
        Some(Cut { modifier_end: modifier.len().min(head), modifier, link, head })
    }
}

/// The modifier that stands before a head and ends in this link, as it is spelt by itself.
fn spelt(first: &str, link: Link) -> Option<SmolStr> {
    match link {
        Link::Dropped => Some(format_smolstr!("{first}{}", first.chars().next_back()?)),
        _ => first.strip_suffix(link.text()).map(SmolStr::new),
    }
}

/// What the caller knows of the word.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Whole {
    /// A lemma of the lexicon, of this class: its head is a lemma.
    Lemma(Class),
    /// A word that the lexicon doesn't have: its head may be any form.
    Unknown,
}

/// The best cut of a word in its lower key; `None` for a word that is no compound.
pub fn find(word: &str, whole: Whole, standard: Standard) -> Option<Cut> {
    find_at_depth(word, whole, standard, 0)
}

/// Longer words are no words.
const MAX_BYTES: usize = 80;
/// A modifier that is itself an unknown compound is not cut into unknown compounds again.
const MAX_DEPTH: usize = 1;
/// Such a modifier has at least so many bytes, and its head is that of at least so many compounds, as ln(1 + n).
const UNKNOWN_MODIFIER: (usize, f64) = (8, 1.7);

fn find_at_depth(word: &str, whole: Whole, standard: Standard, depth: usize) -> Option<Cut> {
    // Verbs are seldom compounds, and often look so: be+skrive, av+legge, an+klage.
    if whole == Whole::Lemma(Class::Verb) || word.len() < 5 || word.len() > MAX_BYTES {
        return None;
    }
    if word.contains('-') || is_derived(word) {
        return None;
    }
    let mut is_form = [false; MAX_BYTES + 1];
    lexicon::prefixes(word, |length| is_form[length] = true);
    let mut best: Option<(f64, Cut)> = None;
    let mut has_known_modifier = [false; MAX_BYTES + 1];
    for (head_at, _) in word.char_indices().skip(2) {
        let (first, head) = word.split_at(head_at);
        let links = links(first, head, &is_form);
        if links == [None; 3] || is_no_half(first, head) {
            continue;
        }
        let heads = heads(head, whole, standard);
        if heads.is_empty() {
            continue;
        }
        let modifiers: SmallVec<[Modifier; 3]> =
            links.into_iter().flatten().filter_map(|link| modifier(first, link, standard)).collect();
        has_known_modifier[head_at] = !modifiers.is_empty();
        // kake+fat rather than kak+e+fat, leve+alder rather than lev+e+alder, but jul+e+gave.
        let ends_in_e = |modifier: &Modifier| {
            modifier.link == Link::None && (modifier.class.is_noun() || modifier.length <= 4) && first.ends_with('e')
        };
        let no_link = modifiers.iter().any(ends_in_e);
        for modifier in modifiers.iter().filter(|modifier| !(no_link && modifier.link == Link::E)) {
            let score = best_score(word, head_at, modifier, &heads, whole);
            keep_best(&mut best, score, || Cut::at(word, head_at, modifier.link));
        }
    }
    if best.is_none() && depth < MAX_DEPTH {
        for (head_at, _) in word.char_indices().filter(|(at, _)| *at >= UNKNOWN_MODIFIER.0 && !has_known_modifier[*at])
        {
            let (first, head) = word.split_at(head_at);
            if is_no_half(first, head) {
                continue;
            }
            let heads = heads(head, whole, standard);
            if heads.iter().any(|head| head.relations.as_head() >= UNKNOWN_MODIFIER.1)
                && let Some(modifier) = unknown_modifier(first, standard, depth)
            {
                let score = best_score(word, head_at, &modifier, &heads, whole);
                keep_best(&mut best, score, || Cut::at(word, head_at, modifier.link));
            }
        }
    }
    let (_, cut) = best?;
    Some(with_dropped_letter(word, &cut, &is_form, whole, standard).unwrap_or(cut))
}

fn is_no_half(first: &str, head: &str) -> bool {
    is_particle(first) || is_ending(first, head) || !has_vowel(first)
}

/// A head that many compounds share and that begins with the modifier's last letter has that letter too, where only
/// one of them is written: buss+stopp rather than buss+topp.
fn with_dropped_letter(word: &str, cut: &Cut, is_form: &[bool], whole: Whole, standard: Standard) -> Option<Cut> {
    let last = cut.modifier.chars().next_back().filter(|_| cut.link == Link::None)?;
    let head_at = cut.head - last.len_utf8();
    let (first, head) = word.split_at(head_at);
    if !first.ends_with(last) || !links(first, head, is_form).contains(&Some(Link::Dropped)) {
        return None;
    }
    let shared = |head: &str| {
        let heads = heads(head, whole, standard);
        heads
            .iter()
            .filter(|head| head.reading.class.is_noun())
            .map(|head| head.relations.as_head())
            .fold(0.0, f64::max)
    };
    let is_shared = shared(head) >= DROPPED && shared(head) + DROPPED > shared(&word[cut.head..]);
    is_shared.then(|| Cut::at(word, head_at, Link::Dropped)).flatten()
}

/// How many compounds have a head that a letter is taken to be dropped before, as ln(1 + n).
const DROPPED: f64 = 1.5;

fn keep_best(best: &mut Option<(f64, Cut)>, score: f64, cut: impl FnOnce() -> Option<Cut>) {
    if score > best.as_ref().map_or(0.0, |(top, _)| *top)
        && let Some(cut) = cut()
    {
        *best = Some((score, cut));
    }
}

/// What one half of a cut word can be.
pub struct Half {
    pub reading: Reading,
    pub relations: Relations,
}

impl Half {
    fn new(reading: Reading) -> Half {
        Half { relations: lexicon::relations(&reading.key), reading }
    }
}

fn best_score(word: &str, head_at: usize, modifier: &Modifier, heads: &[Half], whole: Whole) -> f64 {
    heads.iter().map(|head| score(word, head_at, modifier, head, whole)).fold(f64::MIN, f64::max)
}

#[derive(Clone, Copy)]
struct Modifier {
    /// Without the link, in bytes.
    length: usize,
    link: Link,
    family: f64,
    class: Class,
}

/// The links that what precedes a head may end in.
fn links(first: &str, head: &str, is_form: &[bool]) -> [Option<Link>; 3] {
    let end = first.len();
    let linked = match first.as_bytes()[end - 1] {
        b's' if is_form[end - 1] => Some(Link::S),
        b'e' if is_form[end - 1] => Some(Link::E),
        _ => None,
    };
    let last = first.chars().next_back();
    let is_dropped = last.is_some_and(|last| !VOWELS.contains(last)) && last == head.chars().next() && head.len() > 3;
    [is_form[end].then_some(Link::None), linked, is_dropped.then_some(Link::Dropped)]
}

/// What precedes a head, read as a lemma and this link.
fn modifier(first: &str, link: Link, standard: Standard) -> Option<Modifier> {
    let spelling = spelt(first, link)?;
    if link != Link::None && is_particle(&spelling) {
        return None;
    }
    let half = lemma(&spelling, standard)?;
    let (class, family) = (half.reading.class, half.relations.as_modifier(link));
    let is_allowed = match link {
        // opplæring+s+lov, never opplæring+lov, but helse+lov; skrive+bord, never a verb without its -e
        Link::None if class.is_noun() && LINKED.iter().any(|end| spelling.ends_with(end)) => {
            family > half.relations.as_modifier(Link::S)
        }
        Link::None | Link::Dropped => class != Class::Verb || spelling.ends_with('e'),
        Link::S | Link::E => class.is_noun(),
    };
    is_allowed.then(|| Modifier { length: first.len() - link.text().len(), link, family, class })
}

/// A modifier that is a compound of its own that no lexicon has: veiledningsgruppe+møte.
fn unknown_modifier(first: &str, standard: Standard, depth: usize) -> Option<Modifier> {
    [Link::S, Link::None].into_iter().find_map(|link| {
        let spelling = first.strip_suffix(link.text())?;
        let cut = find_at_depth(spelling, Whole::Unknown, standard, depth + 1)?;
        let head = Some(&spelling[cut.head..]).filter(|head| !is_particle(head))?;
        let head = lemma(head, standard).filter(|head| head.reading.class.is_noun())?;
        let family = head.relations.as_modifier(link).min(UNKNOWN_FAMILY);
        Some(Modifier { length: spelling.len(), link, family, class: head.reading.class })
    })
}

/// What a modifier weighs that is itself made up: as one that a few compounds share.
const UNKNOWN_FAMILY: f64 = 1.4;

/// What a spelling is as a lemma: in Bokmål the one that is spelt so before the one of which it is a variant.
pub fn lemma(spelling: &str, standard: Standard) -> Option<Rc<Half>> {
    LEMMAS.with_borrow_mut(|seen| {
        remembered(&mut seen[standard as usize], spelling, || {
            let mut lemmas = lexicon::readings(spelling, standard).into_iter().filter(|reading| reading.is_lemma);
            let first = lemmas.next()?;
            if standard == Standard::Nynorsk || first.key == spelling {
                return Some(Rc::new(Half::new(first)));
            }
            let same = lemmas.find(|reading| reading.key == spelling && reading.class != Class::Other);
            Some(Rc::new(Half::new(same.unwrap_or(first))))
        })
    })
}

/// What a head can be: noun, adjective or verb. Of a word that the lexicon doesn't have, in the other standard too where
/// this one knows no noun: laws are called -lova in either.
pub fn heads(head: &str, whole: Whole, standard: Standard) -> Rc<[Half]> {
    let halves = |readings: &mut dyn Iterator<Item = Reading>| -> Rc<[Half]> {
        readings.filter(|reading| reading.class != Class::Other).map(Half::new).collect()
    };
    if let Whole::Lemma(_) = whole {
        return halves(&mut lexicon::readings(head, standard).into_iter().filter(|reading| reading.is_lemma));
    }
    let found = HEADS.with_borrow_mut(|seen| {
        remembered(&mut seen[standard as usize], head, || {
            let mut readings = super::forms::known(head, standard);
            if !readings.is_empty() && !readings.iter().any(|reading| reading.class.is_noun()) {
                readings = super::forms::known(head, Standard::Both);
            }
            (!readings.is_empty()).then(|| halves(&mut readings.into_iter()))
        })
    });
    found.unwrap_or_else(|| NO_HEADS.with(Rc::clone))
}

thread_local! {
    static LEMMAS: RefCell<[Seen<Rc<Half>>; 3]> = RefCell::default();
    static HEADS: RefCell<[Seen<Rc<[Half]>>; 3]> = RefCell::default();
    static NO_HEADS: Rc<[Half]> = Rc::new([]);
}

/// What was found for a spelling, by standard: most words that no lexicon has share their halves with others.
type Seen<T> = HashMap<Box<str>, T, FxBuildHasher>;

const MAX_SEEN: usize = 20_000;

fn remembered<T: Clone>(seen: &mut Seen<T>, spelling: &str, find: impl FnOnce() -> Option<T>) -> Option<T> {
    if let Some(known) = seen.get(spelling) {
        return Some(known.clone());
    }
    let found = find()?;
    if seen.len() >= MAX_SEEN {
        seen.clear();
    }
    seen.insert(spelling.into(), found.clone());
    Some(found)
}

/// Whether a form, so read, may be the modifier of a compound that the lexicon doesn't have, and whether its head.
pub fn can_be_half(form: &str, reading: &Reading) -> (bool, bool) {
    let is_used = |link: &str| !is_ending("", &format!("{form}{link}"));
    let is_head = reading.class != Class::Other && !form.contains('-') && (is_used("") || is_used("s"));
    let is_modifier = reading.is_lemma && !is_particle(form) && (has_vowel(form) || reading.class.is_noun());
    (is_modifier && (reading.class != Class::Verb || form.ends_with('e')), is_head)
}

fn is_particle(text: &str) -> bool {
    is_one_of(&PARTICLES, text)
}

fn has_vowel(text: &str) -> bool {
    text.chars().any(|c| VOWELS.contains(c))
}

const VOWELS: &str = "aeiouyæøå";

/// Never the head of a compound: what derives and inflects words, and what looks so.
fn is_ending(first: &str, head: &str) -> bool {
    let is_short = head.chars().count() < 3 && !is_one_of(&SHORT_HEADS, head);
    is_short || is_one_of(&ENDINGS, head) || head == "ring" && first.ends_with('e') || !has_vowel(head)
}

/// How likely the cut is, as the logarithm of its odds. The weights are those of a logistic regression over compounds
/// and loans that Bokmålsordboka names as such and hand-split development words (November 2026).
fn score(word: &str, head_at: usize, modifier: &Modifier, head: &Half, whole: Whole) -> f64 {
    let (shared_head, head) = (head.relations.as_head(), head.reading.class);
    let head_text = &word[head_at..];
    let modifier_chars = word[..modifier.length].chars().count().min(8) as f64;
    let head_chars = head_text.chars().count().min(8) as f64;
    let shared_modifier = modifier.family;
    let alone = |family: f64| family > 0.0 && family <= 0.7;
    let mut score = -1.54 + 0.9 * shared_modifier + 0.32 * shared_head + 0.13 * shared_modifier * shared_head;
    score += 0.26 * modifier_chars + 0.24 * head_chars;
    let mut add = |holds: bool, weight: f64| score += if holds { weight } else { 0.0 };
    add(shared_modifier == 0.0, 1.32);
    add(shared_head == 0.0, -1.14);
    add(alone(shared_modifier), -0.88);
    add(alone(shared_head), -1.8);
    add(modifier.link == Link::S, -3.11);
    add(modifier.link == Link::E, 0.76);
    add(modifier.class == Class::Other, -0.21);
    add(modifier.class == Class::Verb, 1.12);
    add(modifier.class == Class::Adjective, -0.09);
    add(head == Class::Verb, 0.22);
    add(modifier.link == Link::Dropped, -2.23);
    if let Whole::Lemma(class) = whole {
        add(true, -1.1);
        add(class == head, 1.11);
        add(!class.agrees_with(head), 0.21);
    }
    // Between two words that the lexicon has an s is a link, in a word that it doesn't have or where it often is one.
    let is_usual = whole == Whole::Unknown && modifier_chars >= 5.0 || shared_modifier >= USUAL;
    add(modifier.link == Link::S && is_usual, LINKED_S);
    // rek+ord, ham+mer, sup+port
    let is_odd = modifier.link == Link::None && modifier_chars <= 4.0 && shared_modifier < ODD;
    add(is_odd && matches!(whole, Whole::Lemma(_)), -2.5);
    add(modifier_chars <= 2.0, -0.25);
    add(modifier.link.text().is_empty() && modifier_chars <= 3.0, -0.52);
    add(head_chars <= 2.0, -2.9);
    add(head_chars == 3.0, -0.62);
    add(looks_derived(head_text), -1.31);
    score
}

const LINKED_S: f64 = 2.0;
/// So many compounds share a modifier with its -s-, as ln(1 + n), and so many a short one without a link.
const USUAL: f64 = 3.0;
const ODD: f64 = 1.8;

/// kartlegging comes from kartlegge rather than from kart and legging.
fn is_derived(word: &str) -> bool {
    ["ing", "ning", "else", "er", "ende"].iter().any(|ending| {
        let is_verb = |reading: &Reading| reading.is_lemma && reading.class == Class::Verb;
        word.strip_suffix(ending)
            .is_some_and(|stem| lexicon::readings(&format_smolstr!("{stem}e"), Standard::Bokmal).iter().any(is_verb))
    })
}

/// One consonant and an ending: +rasjon, +tikk, +ring.
fn looks_derived(head: &str) -> bool {
    let mut chars = head.chars();
    chars.next().is_some_and(|c| !VOWELS.contains(c)) && is_one_of(&DERIVING, chars.as_str())
}

/// The words of two letters that end compounds: others are endings that look like words.
static SHORT_HEADS: [u64; 10] = packed(["bu", "by", "is", "ku", "tå", "ur", "år", "ås", "øl", "øy"]);

/// A modifier with one of these endings is linked with -s- unless the lexicon shows that it mostly isn't.
const LINKED: [&str; 10] = ["ing", "sjon", "het", "heit", "skap", "else", "dom", "tet", "leik", "nad"];

/// Prefixes and particles: what begins with one is derived or inflected, not compounded.
static PARTICLES: [u64; 220] = packed([
    "a", "ab", "ad", "aks", "all", "alt", "an", "ana", "and", "ank", "ansam", "anti", "ap", "ar", "at", "att",
    "attende", "auto", "av", "bak", "bare", "be", "besk", "bi", "bio", "bli", "bort", "både", "da", "de", "den", "der",
    "des", "det", "di", "dia", "dis", "du", "ei", "ein", "eit", "eks", "ekstra", "eller", "ellers", "en", "end", "er",
    "et", "etter", "fa", "fe", "fi", "fin", "for", "fore", "fors", "forst", "fra", "fram", "frem", "frå", "fus", "før",
    "føre", "gam", "gamm", "gar", "ge", "geo", "gi", "gjen", "gjennom", "gra", "h", "ha", "ham", "han", "har", "hen",
    "her", "hjem", "hun", "hva", "hver", "hvor", "hyper", "i", "igjen", "ikke", "ikkje", "il", "im", "imot", "in",
    "infra", "inn", "innen", "inter", "intra", "ir", "jo", "ka", "kan", "ko", "kom", "kon", "kont", "kontra", "kri",
    "krist", "kvar", "la", "le", "li", "lo", "ma", "makro", "man", "me", "med", "mellom", "mens", "mer", "meta", "mi",
    "mikro", "min", "mis", "mo", "mono", "mot", "mu", "multi", "må", "na", "ne", "ned", "neo", "no", "nu", "nå", "når",
    "nær", "og", "om", "opp", "or", "oss", "over", "pa", "para", "pe", "per", "pi", "po", "poly", "post", "pre", "pro",
    "pseudo", "på", "ra", "re", "rek", "ri", "ro", "ru", "sa", "sam", "saman", "samen", "samme", "sammen", "samt",
    "se", "seg", "selv", "si", "sin", "skal", "som", "sta", "sub", "sup", "super", "sy", "syn", "så", "ta", "te",
    "tek", "ti", "til", "tilbake", "to", "trans", "tri", "ty", "u", "ultra", "under", "uni", "unna", "ut", "ute", "va",
    "van", "var", "vas", "ve", "ved", "vel", "vi", "vice", "vil", "vy", "vå", "være", "å",
]);

/// Endings that derive or inflect words.
static ENDINGS: [u64; 129] = packed([
    "abel", "aktig", "al", "ale", "ande", "ane", "ann", "ans", "ant", "ar", "ard", "are", "asjon", "av", "bar", "dig",
    "dige", "dom", "e", "elig", "ell", "else", "en", "ende", "ene", "enn", "ens", "ent", "er", "ere", "eri", "ering",
    "ert", "est", "este", "et", "ete", "fon", "gel", "gen", "heit", "het", "ide", "idig", "ige", "ighet", "iker",
    "ikk", "ing", "inn", "inne", "ise", "isering", "isk", "isme", "ist", "itet", "ium", "iv", "jon", "leg", "leik",
    "lem", "len", "lett", "lig", "ligere", "lighet", "ling", "logi", "løse", "me", "ment", "messig", "met", "minnelig",
    "nad", "ne", "nikk", "ning", "ode", "om", "opp", "or", "parat", "pen", "per", "pisk", "pløse", "pæl", "rat", "re",
    "roll", "sam", "se", "sel", "sen", "si", "sid", "sion", "sjon", "skap", "skapelig", "ske", "sle", "slig", "sløs",
    "som", "ste", "stendig", "ster", "sting", "ta", "te", "tel", "tet", "tikk", "tisk", "tor", "um", "ur", "us", "ut",
    "var", "varlig", "ve", "vel", "vis", "ør",
]);

/// Endings of borrowed words that hide behind one consonant.
static DERIVING: [u64; 21] = packed([
    "al", "ant", "asjon", "at", "el", "ent", "er", "ere", "eri", "ering", "ikk", "ing", "isjon", "isk", "isme", "ist",
    "itet", "iv", "ment", "ologi", "ør",
]);

#[cfg(test)]
mod tests {
    use super::super::head;
    use super::*;

    /// `*` stands where the head begins.
    #[track_caller]
    fn check(standard: Standard, marked: &str) {
        let word = marked.replace('*', "");
        let cut = match head(&word, standard) {
            Some(at) => format!("{}*{}", &word[..at], &word[at..]),
            None => word,
        };
        assert_eq!(cut, marked);
    }

    #[test]
    fn compounds_are_cut_where_their_head_begins() {
        for marked in [
            "nat*tog",
            "musik*korps",
            "trafik*kontroll",
            "bus*sjåfør",
            "top*politiker",
            "barneverns*tjenesten",
            "taushets*pliktens",
            "opplærings*lova",
            "opplærings*loven",
            "støtte*ressurser",
            "barne*hagene",
            "jule*gave",
            "skrive*bord",
            "arbeidsmiljø*loven",
            "veiledningsgruppe*møte",
        ] {
            check(Standard::Bokmal, marked);
        }
        for marked in ["opplærings*lova", "verke*midla", "spørje*undersøkinga", "sjuke*huset", "fylkes*kommunane"] {
            check(Standard::Nynorsk, marked);
        }
    }

    #[test]
    fn simplex_words_are_left_whole() {
        for word in [
            "rapport",
            "rapporten",
            "barnet",
            "ministrene",
            "selskapet",
            "kartleggingen",
            "forskjell",
            "tjeneste",
            "gammel",
            "kontroll",
            "apparat",
            "metode",
            "våpen",
            "regjering",
            "regjeringen",
            "avtale",
            "kommune",
            "forening",
            "utdanning",
            "undervisning",
            "melding",
            "skatten",
            "verden",
            "bilene",
            "husene",
            "organisasjon",
            "informasjon",
            "universitet",
            "lærerne",
        ] {
            check(Standard::Bokmal, word);
            check(Standard::Both, word);
        }
    }

    #[test]
    fn of_three_equal_letters_one_is_dropped() {
        let cut = find("musikkorps", Whole::Unknown, Standard::Bokmal).unwrap();
        assert_eq!(cut, Cut { modifier: "musikk".into(), modifier_end: 5, link: Link::Dropped, head: 5 });
    }
}

//! Splits compounds into modifier and head, at the position that a logistic model scores highest (`split_score.rs`).
//!
//! A position is a candidate if a noun, adjective or verb of the lexicon follows it, and a modifier precedes it. A
//! modifier is a lemma, a noun with a link (-s-, -e-), a lemma that has lost the last of three equal letters, a verb in
//! -e or its stem, an inflected form, or an unknown compound. If no candidate has a positive score, the word is not a
//! compound.
//!
//! Verbs, participles and derivations of verbs have no components; only `treff analyze` prints their parts
//! (`opaque_split.rs`).

use smallvec::SmallVec;
use smol_str::{SmolStr, format_smolstr};

use super::affixes::{VOWELS, has_vowel, is_ending, is_particle, is_usually_linked};
use super::constituents::{
    Constituent, WordKind, head_constituents, lemma_constituent, modifier_constituent, noun_head_log_count,
};
use super::split_score::{Form, Modifier, best_score};
use crate::norwegian::lexicon::compound_info::Link;
use crate::norwegian::lexicon::readings::{Class, Reading, for_each_prefix, readings};
use crate::norwegian::standard::Standard;

/// Where a word is split in two.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    /// The modifier without its link, as spelled in the word; a dropped letter is restored.
    pub modifier: SmolStr,
    /// Byte offset of the end of the modifier; the link is between it and the head.
    pub modifier_end: usize,
    pub link: Link,
    /// Byte offset of the head.
    pub head: usize,
    /// Whether the parts are components and thus index terms. Otherwise, only `treff analyze` prints the parts.
    pub has_components: bool,
    /// Whether the word is derived from a verb of the lexicon (see `base_verb`).
    pub is_derived: bool,
}

impl Split {
    /// Splits a word at `head`; `None` if the link doesn't precede it.
    fn at(word: &str, head: usize, link: Link, form: Form) -> Option<Split> {
        let modifier = modifier_spelling(word.get(..head)?, link)?;
        // Words with an inflected modifier often only look like compounds: till+egg, dyn+asti.
        let has_components = form != Form::Inflected;
        Some(Split { modifier_end: modifier.len().min(head), modifier, link, head, has_components, is_derived: false })
    }
}

/// The spelling of a modifier as a separate word: without its link, or with the dropped letter.
fn modifier_spelling(before: &str, link: Link) -> Option<SmolStr> {
    match link {
        Link::Dropped => Some(format_smolstr!("{before}{}", before.chars().next_back()?)),
        _ => before.strip_suffix(link.text()).map(SmolStr::new),
    }
}

/// Returns the best split of a word, given as its lookup key, into components; `None` if the word has no components.
pub fn find_split(word: &str, kind: WordKind, standard: Standard) -> Option<Split> {
    find_any_split(word, kind, standard).filter(|split| split.has_components)
}

/// Returns the best split of a word, given as its lookup key; `None` if it is not a compound.
pub fn find_any_split(word: &str, kind: WordKind, standard: Standard) -> Option<Split> {
    find_at_depth(word, kind, standard, 0)
}

/// Longer runs of letters are not split: the longest word of Norsk Ordbank has 60 letters.
const MAX_BYTES: usize = 80;
/// The modifier of an unknown compound may itself be an unknown compound, but only one whose own modifier is
/// known.
const MAX_DEPTH: usize = 1;
/// Minimum length, in bytes, of a modifier that is an unknown compound.
const MIN_UNKNOWN_MODIFIER: usize = 8;
/// After an unknown compound, the head must be shared by at least this many compounds, as ln(1 + n).
const MIN_HEAD_AFTER_UNKNOWN: f64 = 1.7;

/// Returns the best split of a word, given as its lookup key, whose head has the key `head_key`. The word is a form of
/// a compound in the lexicon.
pub fn find_split_with_head(word: &str, head_key: &str, standard: Standard) -> Option<Split> {
    find_best(word, WordKind::Unknown, standard, 0, Some(head_key))
}

fn find_at_depth(word: &str, kind: WordKind, standard: Standard, depth: usize) -> Option<Split> {
    find_best(word, kind, standard, depth, None)
}

/// Finds the best split. If `head_key` is given, the head must have this key; otherwise, the score must be positive.
fn find_best(word: &str, kind: WordKind, standard: Standard, depth: usize, head_key: Option<&str>) -> Option<Split> {
    let min_score = if head_key.is_some() { f64::MIN } else { 0.0 };
    if word.len() < 5 || word.len() > MAX_BYTES || word.contains('-') {
        return None;
    }
    let mut is_form = [false; MAX_BYTES + 1];
    for_each_prefix(word, |length| is_form[length] = true);
    let mut best: Option<(f64, Split)> = None;
    for_each_candidate(word, kind, standard, depth, &is_form, &mut |head_at, modifier, heads| {
        if head_key.is_some_and(|key| heads.iter().all(|head| head.key() != key)) {
            return best.is_some();
        }
        let score = best_score(word, head_at, modifier, heads, kind);
        if score > best.as_ref().map_or(min_score, |(top, _)| *top)
            && let Some(split) = Split::at(word, head_at, modifier.link, modifier.form)
        {
            best = Some((score, split));
        }
        best.is_some()
    });
    let (_, split) = best?;
    if head_key.is_some() {
        return Some(split);
    }
    let has_components = split.has_components;
    let mut split = with_dropped_letter(word, &split, &is_form, kind, standard)
        .or_else(|| with_longer_modifier(word, &split, kind, standard, depth))
        .unwrap_or(split);
    if let Some(verb) = base_verb(word) {
        // A derivation is split only if its verb is: losjerende is derived from losjere, which is not a compound.
        split.is_derived = true;
        find_at_depth(&verb, WordKind::Lemma(Class::Verb), standard, depth)?;
    }
    split.has_components = has_components && !split.is_derived && can_have_components(word, &split, kind);
    Some(split)
}

/// Calls `each` with every possible split; `each` returns whether a split has been found. Unknown compounds are tried
/// as modifiers only if no split has been found by then.
fn for_each_candidate(
    word: &str,
    kind: WordKind,
    standard: Standard,
    depth: usize,
    is_form: &[bool],
    each: &mut dyn FnMut(usize, &Modifier, &[Constituent]) -> bool,
) {
    let mut found = false;
    let mut has_known_modifier = [false; MAX_BYTES + 1];
    for (head_at, _) in word.char_indices().skip(2) {
        let (before, head) = word.split_at(head_at);
        let links = links(before, head, is_form);
        if links == [None; 3] || is_excluded(before, head) {
            continue;
        }
        let heads = head_constituents(head, kind, standard);
        if heads.is_empty() {
            continue;
        }
        let may_be_link = || starts_with_link(word, head_at, kind, standard);
        let has_noun = heads.iter().any(|head| head.reading.class.is_noun());
        let modifiers: SmallVec<[Modifier; 3]> = links
            .into_iter()
            .flatten()
            .filter(|link| *link == Link::S || has_noun || !head.starts_with('s') || !may_be_link())
            .filter_map(|link| modifier(before, head, link, standard))
            .collect();
        has_known_modifier[head_at] = !modifiers.is_empty();
        // kake+fat rather than kak+e+fat, leve+alder rather than lev+e+alder, but jul+e+gave.
        let ends_in_e = |modifier: &Modifier| {
            modifier.link == Link::None
                && modifier.form == Form::Lemma
                && (modifier.class.is_noun() || modifier.length <= 4)
                && before.ends_with('e')
        };
        let has_modifier_in_e = modifiers.iter().any(ends_in_e);
        // fort+sette is a derivation, ny+danne a compound.
        let is_adverb = |modifier: &Modifier| kind == WordKind::Lemma(Class::Verb) && modifier.class == Class::Other;
        for modifier in
            modifiers.iter().filter(|modifier| !(has_modifier_in_e && modifier.link == Link::E || is_adverb(modifier)))
        {
            found = each(head_at, modifier, &heads);
        }
    }
    if found || depth >= MAX_DEPTH {
        return;
    }
    for (head_at, _) in word.char_indices().filter(|(at, _)| *at >= MIN_UNKNOWN_MODIFIER && !has_known_modifier[*at]) {
        let (before, head) = word.split_at(head_at);
        if is_excluded(before, head) {
            continue;
        }
        let heads = head_constituents(head, kind, standard);
        if heads.iter().any(|head| head.info.head_log_count() >= MIN_HEAD_AFTER_UNKNOWN)
            && let Some(modifier) = unknown_modifier(before, standard, depth)
        {
            each(head_at, &modifier, &heads);
        }
    }
}

/// Whether a word that is split can have components. A lemma has none if it is a verb or a participle (dillende is not
/// dill+lende), or if its head is not a lemma (langhalset).
fn can_have_components(word: &str, split: &Split, kind: WordKind) -> bool {
    let WordKind::Lemma(class) = kind else {
        return true;
    };
    let is_participle = class == Class::Adjective && word.ends_with("ende");
    let heads = || head_constituents(&word[split.head..], kind, Standard::Bokmal);
    class != Class::Verb && !is_participle && heads().iter().any(|head| head.reading.is_lemma)
}

/// Whether the first letter of a head can be a link before a noun: styre+s+makt rather than styre+smakt, since smakt is
/// only a form of a verb.
fn starts_with_link(word: &str, head_at: usize, kind: WordKind, standard: Standard) -> bool {
    let (before, head) = word.split_at(head_at + Link::S.text().len());
    !is_excluded(before, head)
        && modifier(before, head, Link::S, standard).is_some()
        && head_constituents(head, kind, standard).iter().any(|head| head.reading.class.is_noun())
}

/// Whether the two sides can't be a modifier and a head.
fn is_excluded(before: &str, head: &str) -> bool {
    is_particle(before) || is_ending(before, head) || !has_vowel(before)
}

/// Prefers a split with a dropped letter: if many compounds share a head that starts with the last letter of the
/// modifier, that letter belongs to both. busstopp is buss+stopp rather than buss+topp.
fn with_dropped_letter(
    word: &str,
    split: &Split,
    is_form: &[bool],
    kind: WordKind,
    standard: Standard,
) -> Option<Split> {
    let last = split.modifier.chars().next_back().filter(|_| split.link == Link::None)?;
    let head_at = split.head - last.len_utf8();
    let (before, head) = word.split_at(head_at);
    if !before.ends_with(last) || !links(before, head, is_form).contains(&Some(Link::Dropped)) {
        return None;
    }
    let shared = noun_head_log_count(head, kind, standard);
    let is_dropped = shared >= MIN_DROPPED_HEAD
        && shared + MIN_DROPPED_HEAD > noun_head_log_count(&word[split.head..], kind, standard);
    is_dropped.then(|| Split::at(word, head_at, Link::Dropped, Form::Lemma)).flatten()
}

/// Minimum number of compounds, as ln(1 + n), that share a head before which a letter was dropped. A split without
/// a dropped letter is preferred only if its head is at least this much more common.
const MIN_DROPPED_HEAD: f64 = 1.5;

/// Returns the split with a longer modifier if both that modifier and the current head are compounds in the lexicon:
/// veiledningsgruppe+møte rather than veilednings+gruppemøte. In compounds of three words, the modifier is the compound
/// more often than the head.
fn with_longer_modifier(word: &str, split: &Split, kind: WordKind, standard: Standard, depth: usize) -> Option<Split> {
    let head = &word[split.head..];
    let is_compound = |constituent: &Constituent| !constituent.info.components.is_empty();
    if kind != WordKind::Unknown || !head_constituents(head, kind, standard).iter().any(is_compound) {
        return None;
    }
    let head_at = split.head + find_at_depth(head, kind, standard, depth + 1)?.head;
    let (before, head) = word.split_at(head_at);
    [Link::None, Link::S].into_iter().find_map(|link| {
        let spelling = modifier_spelling(before, link)?;
        let constituent = modifier_constituent(&spelling, link, standard)?;
        let modifier = modifier(before, head, link, standard)?;
        (is_compound(&constituent) && modifier.form == Form::Lemma)
            .then(|| Split::at(word, head_at, link, Form::Lemma))
            .flatten()
    })
}

/// The links with which the part before a head may end.
fn links(before: &str, head: &str, is_form: &[bool]) -> [Option<Link>; 3] {
    let end = before.len();
    let linked = match before.as_bytes()[end - 1] {
        b's' if is_form[end - 1] => Some(Link::S),
        b'e' if is_form[end - 1] => Some(Link::E),
        _ => None,
    };
    let last = before.chars().next_back();
    let is_dropped = last.is_some_and(|last| !VOWELS.contains(last)) && last == head.chars().next() && head.len() > 3;
    [is_form[end].then_some(Link::None), linked, is_dropped.then_some(Link::Dropped)]
}

/// The part before a head, read as a modifier with this link.
fn modifier(before: &str, head: &str, link: Link, standard: Standard) -> Option<Modifier> {
    let spelling = modifier_spelling(before, link)?;
    if link != Link::None && is_particle(&spelling) {
        return None;
    }
    let constituent = modifier_constituent(&spelling, link, standard)?;
    let Constituent { reading, info } = &*constituent;
    let (class, log_count) = (reading.class, info.modifier_log_count(link));
    let is_allowed = match link {
        // opplæring+s+lov, never opplæring+lov, but helse+lov; skrive+bord: a verb keeps its -e.
        Link::None if class.is_noun() && is_usually_linked(&spelling) => log_count > info.modifier_log_count(Link::S),
        Link::Dropped => reading.is_lemma && (class != Class::Verb || spelling.ends_with('e')),
        Link::None => class != Class::Verb || spelling.ends_with('e') || !reading.is_lemma,
        Link::S | Link::E => true,
    };
    // How much more common the modifier is with the link `other`, if the head starts with the letter of that link.
    let lost = |letter, other| {
        if link == Link::None && class.is_noun() && head.starts_with(letter) {
            info.modifier_log_count(other) - log_count
        } else {
            0.0
        }
    };
    let lost_link = lost('s', Link::S) + lost('e', Link::E);
    is_allowed.then(|| Modifier {
        length: before.len() - link.text().len(),
        link,
        log_count: if reading.is_lemma { log_count } else { 0.0 },
        class,
        form: if reading.is_lemma {
            Form::Lemma
        } else if class.is_noun() && !has_regular_stem(&spelling, &reading.key) {
            Form::Irregular
        } else {
            Form::Inflected
        },
        lost_link,
    })
}

/// Whether an inflected noun begins with its lemma, apart from a final -e. Plurals in -er also count as regular,
/// because they are not used as modifiers: Henderson is not hender+son.
fn has_regular_stem(form: &str, lemma: &str) -> bool {
    form.starts_with(lemma.trim_end_matches('e')) || form.ends_with("er")
}

/// The part before a head, read as a compound that the lexicon lacks: veiledningsgruppe+møte.
fn unknown_modifier(before: &str, standard: Standard, depth: usize) -> Option<Modifier> {
    [Link::S, Link::None].into_iter().find_map(|link| {
        let spelling = before.strip_suffix(link.text())?;
        let split = find_at_depth(spelling, WordKind::Unknown, standard, depth + 1);
        let split = split.filter(|split| split.has_components)?;
        let head = Some(&spelling[split.head..]).filter(|head| !is_particle(head))?;
        let head = lemma_constituent(head, standard).filter(|head| head.reading.class.is_noun())?;
        let log_count = head.info.modifier_log_count(link).min(MAX_UNKNOWN_LOG_COUNT);
        Some(Modifier {
            length: spelling.len(),
            link,
            log_count,
            class: head.reading.class,
            form: Form::UnknownCompound,
            lost_link: 0.0,
        })
    })
}

/// Maximum log count of a modifier that is an unknown compound: the count of a modifier that three compounds share.
const MAX_UNKNOWN_LOG_COUNT: f64 = 1.4;

/// The verb of the lexicon from which a word is derived: kartlegging comes from kartlegge, not from kart and legging.
fn base_verb(word: &str) -> Option<String> {
    ["ing", "ning", "else", "er", "ende"].iter().find_map(|ending| {
        let verb = format!("{}e", word.strip_suffix(ending)?);
        let is_verb = |reading: &Reading| reading.is_lemma && reading.class == Class::Verb;
        readings(&verb, Standard::Bokmal).iter().any(is_verb).then_some(verb)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::norwegian::head_offset;

    /// `*` marks where the head starts.
    #[track_caller]
    fn check(standard: Standard, marked: &str) {
        let word = marked.replace('*', "");
        let split = match head_offset(&word, standard) {
            Some(at) => format!("{}*{}", &word[..at], &word[at..]),
            None => word,
        };
        assert_eq!(split, marked);
    }

    #[test]
    fn splits_compounds_where_their_head_starts() {
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
            "døds*straff",
            "billed*språk",
            "brødre*par",
            "elektro*magnetisk",
            "fast*legge",
            "ny*danne",
            "vekst*fremmende",
            "kollisjons*skadet",
            "lang*halset",
            "fire*dørs",
            "bygnings*messig",
        ] {
            check(Standard::Bokmal, marked);
        }
        for marked in [
            "vass*hjul",
            "vindaugs*rute",
            "bilet*støtte",
            "idrotts*ungdom",
            "kaffi*kopp",
            "utførsle*løyve",
            "opplærings*lova",
            "verke*midla",
            "spørje*undersøkinga",
            "sjuke*huset",
            "fylkes*kommunane",
        ] {
            check(Standard::Nynorsk, marked);
        }
    }

    #[test]
    fn leaves_simplex_words_whole() {
        for word in [
            "rapport",
            "rapporten",
            "barnet",
            "ministrene",
            "selskapet",
            "kartleggingen",
            "bistand",
            "oversikt",
            "framtid",
            "fremtid",
            "forklare",
            "utvikling",
            "overføringene",
            "fortsette",
            "motarbeide",
            "undervise",
            "diakonisse",
            "lommedøl",
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
    fn restores_a_dropped_letter() {
        let split = find_split("musikkorps", WordKind::Unknown, Standard::Bokmal).unwrap();
        assert_eq!(
            split,
            Split {
                modifier: "musikk".into(),
                modifier_end: 5,
                link: Link::Dropped,
                head: 5,
                has_components: true,
                is_derived: false
            }
        );
    }
}

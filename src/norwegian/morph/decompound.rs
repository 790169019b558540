//! Splits compounds into modifier and head, at the position that a logistic model scores highest (`split_score.rs`).
//!
//! A position is a candidate if a noun, adjective or verb of the lexicon follows it, and one of these precedes it: a
//! lemma, a lemma with a link (-s-, -e-), a lemma that has lost the last of three equal letters, a verb in -e, or an
//! unknown compound. If no candidate has a positive score, the word is not a compound.

use smallvec::SmallVec;
use smol_str::{SmolStr, format_smolstr};

use super::affixes::{VOWELS, has_vowel, is_ending, is_particle, is_usually_linked};
use super::constituents::{WordKind, head_constituents, lemma_constituent};
use super::split_score::{Modifier, best_score};
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
}

impl Split {
    /// Splits a word at `head`; `None` if the link doesn't precede it.
    fn at(word: &str, head: usize, link: Link) -> Option<Split> {
        let modifier = modifier_spelling(word.get(..head)?, link)?;
        Some(Split { modifier_end: modifier.len().min(head), modifier, link, head })
    }
}

/// The spelling of a modifier as a separate word: without its link, or with the dropped letter.
fn modifier_spelling(before: &str, link: Link) -> Option<SmolStr> {
    match link {
        Link::Dropped => Some(format_smolstr!("{before}{}", before.chars().next_back()?)),
        _ => before.strip_suffix(link.text()).map(SmolStr::new),
    }
}

/// Returns the best split of a word, given as its lookup key; `None` if it is not a compound.
pub fn find_split(word: &str, kind: WordKind, standard: Standard) -> Option<Split> {
    find_at_depth(word, kind, standard, 0)
}

/// Longer runs of letters are not split: the longest word of Norsk Ordbank has 60 letters.
const MAX_BYTES: usize = 80;
/// The modifier of an unknown compound may itself be an unknown compound, but the modifier of that one may not.
const MAX_DEPTH: usize = 1;
/// Minimum length, in bytes, of a modifier that is an unknown compound.
const MIN_UNKNOWN_MODIFIER: usize = 8;
/// Minimum number of compounds, as ln(1 + n), that share the head after such a modifier.
const MIN_HEAD_AFTER_UNKNOWN: f64 = 1.7;

fn find_at_depth(word: &str, kind: WordKind, standard: Standard, depth: usize) -> Option<Split> {
    // Verbs are seldom compounds but often look like one: be+skrive, av+legge, an+klage.
    if kind == WordKind::Lemma(Class::Verb) || word.len() < 5 || word.len() > MAX_BYTES {
        return None;
    }
    if word.contains('-') || is_derived(word) {
        return None;
    }
    let mut is_form = [false; MAX_BYTES + 1];
    for_each_prefix(word, |length| is_form[length] = true);
    let mut best: Option<(f64, Split)> = None;
    let mut has_known_modifier = [false; MAX_BYTES + 1];
    for (head_at, _) in word.char_indices().skip(2) {
        let (before, head) = word.split_at(head_at);
        let links = links(before, head, &is_form);
        if links == [None; 3] || is_excluded(before, head) {
            continue;
        }
        let heads = head_constituents(head, kind, standard);
        if heads.is_empty() {
            continue;
        }
        let modifiers: SmallVec<[Modifier; 3]> =
            links.into_iter().flatten().filter_map(|link| modifier(before, link, standard)).collect();
        has_known_modifier[head_at] = !modifiers.is_empty();
        // kake+fat rather than kak+e+fat, leve+alder rather than lev+e+alder, but jul+e+gave.
        let ends_in_e = |modifier: &Modifier| {
            modifier.link == Link::None && (modifier.class.is_noun() || modifier.length <= 4) && before.ends_with('e')
        };
        let no_link = modifiers.iter().any(ends_in_e);
        for modifier in modifiers.iter().filter(|modifier| !(no_link && modifier.link == Link::E)) {
            let score = best_score(word, head_at, modifier, &heads, kind);
            keep_best(&mut best, score, || Split::at(word, head_at, modifier.link));
        }
    }
    if best.is_none() && depth < MAX_DEPTH {
        for (head_at, _) in
            word.char_indices().filter(|(at, _)| *at >= MIN_UNKNOWN_MODIFIER && !has_known_modifier[*at])
        {
            let (before, head) = word.split_at(head_at);
            if is_excluded(before, head) {
                continue;
            }
            let heads = head_constituents(head, kind, standard);
            if heads.iter().any(|head| head.info.head_log_count() >= MIN_HEAD_AFTER_UNKNOWN)
                && let Some(modifier) = unknown_modifier(before, standard, depth)
            {
                let score = best_score(word, head_at, &modifier, &heads, kind);
                keep_best(&mut best, score, || Split::at(word, head_at, modifier.link));
            }
        }
    }
    let (_, split) = best?;
    Some(with_dropped_letter(word, &split, &is_form, kind, standard).unwrap_or(split))
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
    let head_log_count = |head: &str| {
        let heads = head_constituents(head, kind, standard);
        heads
            .iter()
            .filter(|head| head.reading.class.is_noun())
            .map(|head| head.info.head_log_count())
            .fold(0.0, f64::max)
    };
    let is_dropped = head_log_count(head) >= MIN_DROPPED_HEAD
        && head_log_count(head) + MIN_DROPPED_HEAD > head_log_count(&word[split.head..]);
    is_dropped.then(|| Split::at(word, head_at, Link::Dropped)).flatten()
}

/// Minimum number of compounds, as ln(1 + n), that share a head before which a letter was dropped. A split without
/// a dropped letter is preferred only if its head is at least this much more common.
const MIN_DROPPED_HEAD: f64 = 1.5;

fn keep_best(best: &mut Option<(f64, Split)>, score: f64, split: impl FnOnce() -> Option<Split>) {
    if score > best.as_ref().map_or(0.0, |(top, _)| *top)
        && let Some(split) = split()
    {
        *best = Some((score, split));
    }
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

/// The part before a head, read as a lemma with this link.
fn modifier(before: &str, link: Link, standard: Standard) -> Option<Modifier> {
    let spelling = modifier_spelling(before, link)?;
    if link != Link::None && is_particle(&spelling) {
        return None;
    }
    let constituent = lemma_constituent(&spelling, standard)?;
    let (class, log_count) = (constituent.reading.class, constituent.info.modifier_log_count(link));
    let is_allowed = match link {
        // opplæring+s+lov, never opplæring+lov, but helse+lov; skrive+bord: a verb keeps its -e.
        Link::None if class.is_noun() && is_usually_linked(&spelling) => {
            log_count > constituent.info.modifier_log_count(Link::S)
        }
        Link::None | Link::Dropped => class != Class::Verb || spelling.ends_with('e'),
        Link::S | Link::E => class.is_noun(),
    };
    is_allowed.then(|| Modifier { length: before.len() - link.text().len(), link, log_count, class })
}

/// The part before a head, read as a compound that the lexicon lacks: veiledningsgruppe+møte.
fn unknown_modifier(before: &str, standard: Standard, depth: usize) -> Option<Modifier> {
    [Link::S, Link::None].into_iter().find_map(|link| {
        let spelling = before.strip_suffix(link.text())?;
        let split = find_at_depth(spelling, WordKind::Unknown, standard, depth + 1)?;
        let head = Some(&spelling[split.head..]).filter(|head| !is_particle(head))?;
        let head = lemma_constituent(head, standard).filter(|head| head.reading.class.is_noun())?;
        let log_count = head.info.modifier_log_count(link).min(MAX_UNKNOWN_LOG_COUNT);
        Some(Modifier { length: spelling.len(), link, log_count, class: head.reading.class })
    })
}

/// Maximum log count of a modifier that is an unknown compound: the count of a modifier that three compounds share.
const MAX_UNKNOWN_LOG_COUNT: f64 = 1.4;

/// Whether a word is derived from a verb of the lexicon: kartlegging comes from kartlegge, not from kart and legging.
fn is_derived(word: &str) -> bool {
    ["ing", "ning", "else", "er", "ende"].iter().any(|ending| {
        let is_verb = |reading: &Reading| reading.is_lemma && reading.class == Class::Verb;
        word.strip_suffix(ending)
            .is_some_and(|stem| readings(&format_smolstr!("{stem}e"), Standard::Bokmal).iter().any(is_verb))
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
        ] {
            check(Standard::Bokmal, marked);
        }
        for marked in ["opplærings*lova", "verke*midla", "spørje*undersøkinga", "sjuke*huset", "fylkes*kommunane"] {
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
        assert_eq!(split, Split { modifier: "musikk".into(), modifier_end: 5, link: Link::Dropped, head: 5 });
    }
}

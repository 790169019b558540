//! Given a lemma or an unknown word, where is it put together?
//!
//! Every place where what follows is a noun, adjective or verb of the lexicon, and what precedes a lemma, a lemma and
//! its link (-s-, -e-), a lemma that has lost the last of three equal letters, a verb in -e, or an unknown compound,
//! is a candidate. A logistic score over how many compounds share that modifier or head, the lengths, and whether the
//! word classes agree chooses, or says that it is no compound.

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
    /// The modifier's lemma as it is spelt in the word, with a letter that the word has dropped.
    pub modifier: SmolStr,
    /// Where its letters end, in bytes; the link stands between there and the head.
    pub modifier_end: usize,
    pub link: Link,
    /// Where the head begins, in bytes.
    pub head: usize,
}

impl Split {
    /// The split of a word that is in two at `head`; `None` where the link doesn't stand there.
    fn at(word: &str, head: usize, link: Link) -> Option<Split> {
        let modifier = spelt(word.get(..head)?, link)?;
        Some(Split { modifier_end: modifier.len().min(head), modifier, link, head })
    }
}

/// The modifier that stands before a head and ends in this link, as it is spelt by itself.
fn spelt(first: &str, link: Link) -> Option<SmolStr> {
    match link {
        Link::Dropped => Some(format_smolstr!("{first}{}", first.chars().next_back()?)),
        _ => first.strip_suffix(link.text()).map(SmolStr::new),
    }
}

/// The best split of a word in its lower key; `None` for a word that is no compound.
pub fn find_split(word: &str, kind: WordKind, standard: Standard) -> Option<Split> {
    find_at_depth(word, kind, standard, 0)
}

/// Longer words are no words.
const MAX_BYTES: usize = 80;
/// A modifier that is itself an unknown compound is not split into unknown compounds again.
const MAX_DEPTH: usize = 1;
/// Such a modifier has at least so many bytes, and its head is that of at least so many compounds, as ln(1 + n).
const UNKNOWN_MODIFIER: (usize, f64) = (8, 1.7);

fn find_at_depth(word: &str, kind: WordKind, standard: Standard, depth: usize) -> Option<Split> {
    // Verbs are seldom compounds, and often look so: be+skrive, av+legge, an+klage.
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
        let (first, head) = word.split_at(head_at);
        let links = links(first, head, &is_form);
        if links == [None; 3] || cannot_be_split(first, head) {
            continue;
        }
        let heads = head_constituents(head, kind, standard);
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
            let score = best_score(word, head_at, modifier, &heads, kind);
            keep_best(&mut best, score, || Split::at(word, head_at, modifier.link));
        }
    }
    if best.is_none() && depth < MAX_DEPTH {
        for (head_at, _) in word.char_indices().filter(|(at, _)| *at >= UNKNOWN_MODIFIER.0 && !has_known_modifier[*at])
        {
            let (first, head) = word.split_at(head_at);
            if cannot_be_split(first, head) {
                continue;
            }
            let heads = head_constituents(head, kind, standard);
            if heads.iter().any(|head| head.info.head_log_count() >= UNKNOWN_MODIFIER.1)
                && let Some(modifier) = unknown_modifier(first, standard, depth)
            {
                let score = best_score(word, head_at, &modifier, &heads, kind);
                keep_best(&mut best, score, || Split::at(word, head_at, modifier.link));
            }
        }
    }
    let (_, split) = best?;
    Some(with_dropped_letter(word, &split, &is_form, kind, standard).unwrap_or(split))
}

fn cannot_be_split(first: &str, head: &str) -> bool {
    is_particle(first) || is_ending(first, head) || !has_vowel(first)
}

/// A head that many compounds share and that begins with the modifier's last letter has that letter too, where only
/// one of them is written: buss+stopp rather than buss+topp.
fn with_dropped_letter(
    word: &str,
    split: &Split,
    is_form: &[bool],
    kind: WordKind,
    standard: Standard,
) -> Option<Split> {
    let last = split.modifier.chars().next_back().filter(|_| split.link == Link::None)?;
    let head_at = split.head - last.len_utf8();
    let (first, head) = word.split_at(head_at);
    if !first.ends_with(last) || !links(first, head, is_form).contains(&Some(Link::Dropped)) {
        return None;
    }
    let shared = |head: &str| {
        let heads = head_constituents(head, kind, standard);
        heads
            .iter()
            .filter(|head| head.reading.class.is_noun())
            .map(|head| head.info.head_log_count())
            .fold(0.0, f64::max)
    };
    let is_shared = shared(head) >= DROPPED && shared(head) + DROPPED > shared(&word[split.head..]);
    is_shared.then(|| Split::at(word, head_at, Link::Dropped)).flatten()
}

/// How many compounds have a head that a letter is taken to be dropped before, as ln(1 + n).
const DROPPED: f64 = 1.5;

fn keep_best(best: &mut Option<(f64, Split)>, score: f64, split: impl FnOnce() -> Option<Split>) {
    if score > best.as_ref().map_or(0.0, |(top, _)| *top)
        && let Some(split) = split()
    {
        *best = Some((score, split));
    }
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
    let constituent = lemma_constituent(&spelling, standard)?;
    let (class, log_count) = (constituent.reading.class, constituent.info.modifier_log_count(link));
    let is_allowed = match link {
        // opplæring+s+lov, never opplæring+lov, but helse+lov; skrive+bord, never a verb without its -e
        Link::None if class.is_noun() && is_usually_linked(&spelling) => {
            log_count > constituent.info.modifier_log_count(Link::S)
        }
        Link::None | Link::Dropped => class != Class::Verb || spelling.ends_with('e'),
        Link::S | Link::E => class.is_noun(),
    };
    is_allowed.then(|| Modifier { length: first.len() - link.text().len(), link, log_count, class })
}

/// A modifier that is a compound of its own that no lexicon has: veiledningsgruppe+møte.
fn unknown_modifier(first: &str, standard: Standard, depth: usize) -> Option<Modifier> {
    [Link::S, Link::None].into_iter().find_map(|link| {
        let spelling = first.strip_suffix(link.text())?;
        let split = find_at_depth(spelling, WordKind::Unknown, standard, depth + 1)?;
        let head = Some(&spelling[split.head..]).filter(|head| !is_particle(head))?;
        let head = lemma_constituent(head, standard).filter(|head| head.reading.class.is_noun())?;
        let log_count = head.info.modifier_log_count(link).min(MAX_UNKNOWN_LOG_COUNT);
        Some(Modifier { length: spelling.len(), link, log_count, class: head.reading.class })
    })
}

/// What a modifier weighs that is itself made up: as one that a few compounds share.
const MAX_UNKNOWN_LOG_COUNT: f64 = 1.4;

/// kartlegging comes from kartlegge rather than from kart and legging.
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

    /// `*` stands where the head begins.
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
        let split = find_split("musikkorps", WordKind::Unknown, Standard::Bokmal).unwrap();
        assert_eq!(split, Split { modifier: "musikk".into(), modifier_end: 5, link: Link::Dropped, head: 5 });
    }
}

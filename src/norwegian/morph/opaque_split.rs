//! Finds the head of words that are split in two but have no components: inn|gjerde, for|virre, fast|legge.
//!
//! The meaning of such a word is seldom that of its parts, so the parts are not index terms: a search for *virre* does
//! not find *forvirre*. Only `treff analyze` prints the parts, each as a `part`. Such words begin with a particle or a
//! prefix, are verbs or derivations of verbs, or have a part that is not in the lexicon. Common words of the lexicon
//! are not split at all (`lexicon_build.rs`): forklare, utvikling, kartlegging.

use smol_str::format_smolstr;

use super::affixes::{VOWELS, has_vowel, is_ending, is_particle};
use super::constituents::{WordKind, modifier_constituent, noun_head_log_count};
use super::decompound::find_any_split;
use crate::norwegian::lexicon::compound_info::{Link, compound_info};
use crate::norwegian::lexicon::readings::{Class, Reading, for_each_prefix, readings, readings_or_genitive};
use crate::norwegian::standard::Standard;

/// Particles and prefixes, longer ones first.
const PARTICLES: [&str; 42] = [
    "tilbake", "gjennom", "overens", "mellom", "sammen", "saman", "under", "etter", "forut", "inter", "føre", "unna",
    "bort", "fram", "frem", "fore", "gjen", "over", "inn", "opp", "ned", "att", "for", "fra", "frå", "før", "hen",
    "med", "mis", "mot", "sam", "van", "ved", "vel", "til", "bi", "an", "av", "om", "på", "ut", "be",
];

/// The particle in the key of a word that begins with `particle`, which may be Nynorsk.
fn particle_of_key(particle: &str) -> &str {
    match particle {
        "saman" => "sammen",
        "føre" => "fore",
        "fram" => "frem",
        "att" => "gjen",
        "frå" => "fra",
        other => other,
    }
}

/// Returns the byte offset of the head of a word without components; `None` if the word is not split. `word` is its
/// lookup key.
pub fn opaque_head(word: &str, standard: Standard) -> Option<usize> {
    let readings = readings_or_genitive(word, standard);
    let Some(first) = readings.first() else {
        return head_of_unknown(word, standard);
    };
    let offset = compound_info(&first.key).head_offset?;
    if word.get(..offset) == first.key.get(..offset) {
        return Some(offset);
    }
    // The word is spelled differently from the key of its lemma, for example in Nynorsk.
    head_after_particle(word, standard)
        .or_else(|| find_any_split(word, WordKind::Unknown, standard).map(|split| split.head))
}

/// The head of a word that the lexicon lacks.
fn head_of_unknown(word: &str, standard: Standard) -> Option<usize> {
    if let Some(head) = head_after_particle(word, standard) {
        return Some(head).filter(|_| !is_established(word, standard));
    }
    let split = find_any_split(word, WordKind::Unknown, standard).map(|split| split.head);
    split.or_else(|| half_known_head(word, standard))
}

/// The head of a word with only one side in the lexicon, if many compounds share that side.
fn half_known_head(word: &str, standard: Standard) -> Option<usize> {
    let mut best: Option<(f64, usize)> = None;
    for (at, _) in word.char_indices().skip(MIN_LETTERS) {
        let (before, head) = word.split_at(at);
        if is_ending(before, head) || !has_vowel(before) || head.chars().count() < MIN_HALF_KNOWN {
            continue;
        }
        let shared_head = noun_head_log_count(head, WordKind::Unknown, standard);
        let modifiers = [Link::None, Link::S, Link::E].into_iter().filter_map(|link| {
            let spelling = before.strip_suffix(link.text()).filter(|spelling| !is_particle(spelling))?;
            Some(modifier_constituent(spelling, link, standard)?.info.modifier_log_count(link))
        });
        let shared_modifier = if starts_like_a_word(head) { modifiers.fold(0.0, f64::max) } else { 0.0 };
        let letters = |side: &str| LETTER * side.chars().count().min(8) as f64;
        let score = (shared_head + letters(head)).max(shared_modifier + letters(before) - KNOWN_MODIFIER);
        let is_shared = shared_head >= MIN_SHARED_HEAD || shared_modifier >= MIN_SHARED_MODIFIER;
        if is_shared && score > best.map_or(0.0, |(score, _)| score) {
            best = Some((score, at));
        }
    }
    best.map(|(_, at)| at)
}

/// Whether the first two letters of a text can start a word: one of them is a vowel, or they are in `ONSETS`.
fn starts_like_a_word(text: &str) -> bool {
    text.chars().take(2).any(|c| VOWELS.contains(c)) || ONSETS.iter().any(|onset| text.starts_with(onset))
}

/// The pairs of consonants that Norwegian words start with.
const ONSETS: [&str; 34] = [
    "bj", "bl", "br", "dj", "dr", "fj", "fl", "fn", "fr", "gj", "gl", "gn", "gr", "hj", "hv", "kj", "kl", "kn", "kr",
    "kv", "lj", "mj", "pl", "pr", "sj", "sk", "sl", "sm", "sn", "sp", "st", "sv", "tr", "tv",
];

/// Minimum number of letters in the head of a word with only one side in the lexicon, whether that is the head or the
/// modifier.
const MIN_HALF_KNOWN: usize = 4;
/// Minimum number of compounds, as ln(1 + n), that share the head if only the head is in the lexicon.
const MIN_SHARED_HEAD: f64 = 2.5;
/// The same minimum for the modifier if only the modifier is in the lexicon.
const MIN_SHARED_MODIFIER: f64 = 3.0;
/// Added to the log count for each of the first eight letters of the side in the lexicon, so that longer sides are
/// preferred.
const LETTER: f64 = 0.8;
/// Subtracted from the log count if that side is the modifier.
const KNOWN_MODIFIER: f64 = 1.0;

/// Returns the byte offset after the particle of a word, if a word of the lexicon or a derivation of one follows.
pub fn head_after_particle(word: &str, standard: Standard) -> Option<usize> {
    let particle = PARTICLES.into_iter().find(|particle| word.starts_with(particle))?;
    is_head(&word[particle.len()..], standard).then_some(particle.len())
}

/// Minimum number of letters in a head after a particle, in the form at the start of a derived head, and in the
/// modifier of a word with only one side in the lexicon.
const MIN_LETTERS: usize = 3;

/// Whether the letters after a particle are a form in the lexicon, or such a form and an ending that derives words.
fn is_head(head: &str, standard: Standard) -> bool {
    let is_word = |form: &str| {
        form.chars().count() >= MIN_LETTERS
            && has_vowel(form)
            && readings_or_genitive(form, standard).iter().any(|reading| reading.class != Class::Other)
    };
    let mut is_derived = false;
    for_each_prefix(head, |length| {
        let (form, ending) = head.split_at(length);
        is_derived |= !ending.is_empty() && is_ending(form, ending) && is_word(form);
    });
    is_derived || is_word(head)
}

/// Whether a word that the lexicon lacks is a derivation or another spelling of a word that stays whole: utteljing is
/// another spelling of uttelling.
fn is_established(word: &str, standard: Standard) -> bool {
    let is_whole = |reading: &Reading| compound_info(&reading.key).head_offset.is_none();
    let any_whole = |form: &str| readings(form, Standard::Both).iter().any(is_whole);
    let derived = ["het", "heit", "ing", "else", "er", "ar", "bar", "lig", "leg"].iter().any(|ending| {
        word.strip_suffix(ending).is_some_and(|stem| any_whole(stem) || any_whole(&format_smolstr!("{stem}e")))
    });
    derived
        || PARTICLES.into_iter().any(|particle| {
            word.strip_prefix(particle).is_some_and(|head| {
                let (particle, keys) = (particle_of_key(particle), readings_or_genitive(head, standard));
                keys.iter().any(|reading| any_whole(&format_smolstr!("{particle}{}", reading.key)))
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::norwegian::{analyze, head_offset};

    /// Checks that a word is split where `*` is, but has no components.
    #[track_caller]
    fn check(standard: Standard, marked: &str) {
        let word = marked.replace('*', "");
        let shown = head_offset(&word, standard).map(|at| format!("{}*{}", &word[..at], &word[at..]));
        assert_eq!(shown.as_deref(), Some(marked));
        assert_eq!(analyze(&word, standard)[0].components().count(), 0, "{word}");
    }

    #[test]
    fn words_with_a_particle_are_split_without_components() {
        for marked in ["opp*spise", "sammen*krøllet", "ned*brenne", "for*tørste", "tilbake*sende", "med*passasjer"] {
            check(Standard::Bokmal, marked);
        }
        for marked in ["opp*tørka", "sam*arve", "bort*vise"] {
            check(Standard::Nynorsk, marked);
        }
    }

    #[test]
    fn verbs_are_split_without_components() {
        for marked in ["ny*danne", "fast*legge", "støv*suge"] {
            check(Standard::Bokmal, marked);
        }
    }

    #[test]
    fn a_word_may_have_one_part_that_the_lexicon_lacks() {
        for marked in ["xyle*festival", "zyrle*kurs"] {
            check(Standard::Bokmal, marked);
        }
    }

    #[test]
    fn common_words_with_a_particle_stay_whole() {
        for word in ["forretning", "oppdrag", "avslutning", "erfaring", "utsette", "mistanke", "tilbud", "innføring"] {
            assert_eq!(head_offset(word, Standard::Bokmal), None, "{word}");
        }
        for word in ["tilbod", "oppleving", "innbyggjar", "utbetaling", "forsikringa"] {
            assert_eq!(head_offset(word, Standard::Nynorsk), None, "{word}");
        }
    }
}

//! Completes suspended compounds with the component that they share with a neighbor.
//!
//! `støtte- og veiledningsressurser` yields støtteressurser, `samarbeidskultur og -praksis` yields samarbeidspraksis,
//! and `Barne-, ungdoms- og familiedirektoratet` yields barnedirektoratet and ungdomsdirektoratet. A suspended particle
//! takes the head of any word that begins with a particle: `inn- og utbetalinger` yields innbetalinger.

use std::borrow::Cow;

/// The part that is missing at the hyphen before or after a word. The hyphen itself is not part of the word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuspendedHyphen {
    None,
    /// `støtte-` lacks its head, which a later word has.
    MissingHead,
    /// `-praksis` lacks its modifier, which an earlier word has.
    MissingModifier,
}

/// Words between the members of a coordination.
const CONJUNCTIONS: [&str; 7] = ["og", "eller", "samt", "men", "til", "som", "òg"];
/// Particles that form words with the same heads: *innbetaling* and *utbetaling*. The lexicon has no components for
/// most of these words.
const PARTICLES: [&str; 23] = [
    "an", "av", "bak", "bort", "etter", "for", "fra", "fram", "frem", "før", "frå", "inn", "mot", "ned", "om", "opp",
    "over", "på", "til", "under", "ut", "ute", "ved",
];
/// The maximum distance, in words, to the word with the shared component. Words farther apart don't share one.
const MAX_DISTANCE: usize = 8;

/// Returns the completed compounds of a text, each with the index of the word that lacks a component.
///
/// `text` returns the exact form of the word at an index, and `head_offset` the byte offset of its head if it is a
/// compound. `is_word` returns whether a word exists.
pub fn complete<'a>(
    hyphens: &[SuspendedHyphen],
    text: impl Fn(usize) -> Cow<'a, str>,
    mut head_offset: impl FnMut(usize) -> Option<usize>,
    is_word: impl Fn(&str) -> bool,
) -> Vec<(usize, String)> {
    let mut completed = |index: usize| {
        let other = partner(hyphens, &text, index)?;
        if hyphens[index] == SuspendedHyphen::MissingHead
            && let Some(word) = complete_particle(&text(index), &text(other), &is_word)
        {
            return Some(word);
        }
        let head = head_offset(other)?;
        Some(match hyphens[index] {
            SuspendedHyphen::MissingModifier => format!("{}{}", &text(other)[..head], text(index)),
            _ => format!("{}{}", text(index), &text(other)[head..]),
        })
    };
    let suspended = (0..hyphens.len()).filter(|index| hyphens[*index] != SuspendedHyphen::None);
    suspended.filter_map(|index| Some((index, completed(index)?))).collect()
}

/// The index of the word that has the component which the word at `index` lacks.
fn partner<'a>(hyphens: &[SuspendedHyphen], text: &impl Fn(usize) -> Cow<'a, str>, index: usize) -> Option<usize> {
    let own = hyphens[index];
    let is_partner = |other: &usize| hyphens[*other] != own && !is_conjunction(&text(*other));
    let other = match own {
        // The next word with a head, skipping words that also lack one.
        SuspendedHyphen::MissingHead => (index + 1..hyphens.len()).take(MAX_DISTANCE).find(is_partner),
        // The last word with a modifier, skipping words that also lack one.
        SuspendedHyphen::MissingModifier => (index.saturating_sub(MAX_DISTANCE)..index).rfind(is_partner),
        SuspendedHyphen::None => None,
    };
    other.filter(|other| hyphens[*other] == SuspendedHyphen::None)
}

/// Replaces the particle at the start of `other` with `particle`, and returns the result if it is a word. If `other`
/// starts with several particles (*ut* and *ute*), a longer one is preferred.
fn complete_particle(particle: &str, other: &str, is_word: impl Fn(&str) -> bool) -> Option<String> {
    if !PARTICLES.contains(&particle) {
        return None;
    }
    let heads = PARTICLES.iter().filter_map(|known| other.strip_prefix(known)).filter(|head| !head.is_empty());
    let words = heads.map(|head| format!("{particle}{head}")).filter(|word| is_word(word));
    words.min_by_key(String::len)
}

fn is_conjunction(word: &str) -> bool {
    CONJUNCTIONS.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS_AFTER_PARTICLES: [&str; 5] =
        ["innbetalinger", "forarbeid", "opptrapping", "opptrappingsplan", "tilkobling"];

    fn check(text: &str, expected: &str) {
        let words: Vec<&str> = text.split(' ').collect();
        let hyphen = |word: &&str| match (word.ends_with('-'), word.starts_with('-')) {
            (true, _) => SuspendedHyphen::MissingHead,
            (_, true) => SuspendedHyphen::MissingModifier,
            _ => SuspendedHyphen::None,
        };
        let hyphens: Vec<SuspendedHyphen> = words.iter().map(hyphen).collect();
        let exact = |index: usize| Cow::Owned(words[index].replace('|', "").trim_matches('-').to_string());
        let is_word = |word: &str| WORDS_AFTER_PARTICLES.contains(&word);
        let found = complete(&hyphens, exact, |index| words[index].find('|'), is_word);
        let found: Vec<_> = found.into_iter().map(|(_, compound)| compound).collect();
        assert_eq!(found.join(" "), expected, "{text}");
    }

    #[test]
    fn adds_the_missing_component() {
        check("støtte- og veilednings|ressurser", "støtteressurser");
        check("barne- ungdoms- og familie|direktoratet", "barnedirektoratet ungdomsdirektoratet");
        check("samarbeids|kultur og -praksis", "samarbeidspraksis");
        check("barne- og ungdom", "");
        check("barne- i samarbeids|kultur", "");
        check("kultur og -praksis", "");
    }

    #[test]
    fn replaces_a_particle_if_that_gives_a_word() {
        check("inn- og utbetalinger", "innbetalinger");
        check("for- og etter|arbeid", "forarbeid");
        check("opp- og nedtrappings|plan", "opptrappingsplan");
        check("til- eller frakobling", "tilkobling");
        check("inn- og utleie", "");
        check("inn- og betalinger", "");
        check("støtte- og utbetalinger", "");
        check("betalinger og -inn", "");
    }
}

//! The two steps of building the lexicon's data (`data/lexicon.py`) that need the analysis: the components of lemmas
//! that are compounds, and the prefixes of the prefix filter.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use smallvec::SmallVec;

use super::lexicon::compound_info::Link;
use super::lexicon::prefix_filter::{NEEDS_LINK, PREFIX_CHARS, key_prefix};
use super::lexicon::readings::{Class, ENCODED_ZERO, Reading, for_each_reading};
use super::morph::constituents::{
    Constituent, WordKind, can_be_modifier_or_head, head_constituents, modifier_constituent,
};
use super::morph::decompound::{Split, find_any_split, find_split};
use super::morph::lemma::Lemma;
use super::morph::opaque_split::head_after_particle;
use super::standard::Standard;

/// Returns the canonical key of a lemma that is split, and the bytes that encode the split in `data/compounds.dawg`:
/// `p` and the components, or `w` and the offset of the head if the lemma has no components. Ignores the splits that
/// are already in the data.
///
/// `class` is the letter of its word class, and `weight` returns how often a lemma is used. Returns `None` for a lemma
/// that is not split and for an unknown class.
pub fn encoded_split(lemma: &str, class: char, weight: &dyn Fn(&str) -> f64) -> Option<(String, Vec<u8>)> {
    let class = Class::ALL.into_iter().find(|known| known.letter() == class)?;
    if let Some(compound) = decompound_lemma(lemma, class, weight, 0) {
        let code = compound.encode_components()?;
        return Some((compound.key.into(), [b"p", &*code].concat()));
    }
    let head = u8::try_from(opaque_head_of_lemma(lemma, class, weight)?).ok()?;
    Some((lemma.into(), vec![b'w', ENCODED_ZERO.checked_add(head)?]))
}

/// Words with a particle, and derivations of verbs, stay whole if their weight is higher than this. Of 107 words with a
/// particle that annotators did not split, all but a few have a higher weight. Of the words with a particle that Norsk Ordbank
/// splits, half have a lower weight.
const MAX_OPAQUE_WEIGHT: f64 = 2.0;

/// The offset of the head of a lemma that is split but has no components.
fn opaque_head_of_lemma(lemma: &str, class: Class, weight: &dyn Fn(&str) -> f64) -> Option<usize> {
    let is_rare = weight(lemma) <= MAX_OPAQUE_WEIGHT;
    if let Some(head) = head_after_particle(lemma, Standard::Bokmal) {
        return is_rare.then_some(head);
    }
    let split = find_any_split(lemma, WordKind::Lemma(class), Standard::Bokmal)?;
    (is_rare || !split.is_derived && !is_too_common(lemma, &split, weight)).then_some(split.head)
}

/// Whether a lemma is used much more than the sides of a split, so that it is not a compound of them.
fn is_too_common(lemma: &str, split: &Split, weight: &dyn Fn(&str) -> f64) -> bool {
    let lemma_weight = weight(lemma);
    // Some modifiers together with their link are words: felles in felles+betegnelse.
    let modifier_weight = weight(&split.modifier).max(weight(&lemma[..split.head]));
    let is_linked = split.link == Link::S && split.modifier.len() >= SURE_MODIFIER;
    // Combining forms such as døds and vass don't occur alone, so only their heads count.
    let is_combining = modifier_constituent(&split.modifier, split.link, Standard::Bokmal).is_some_and(|modifier| {
        let Constituent { reading, info } = &*modifier;
        weight(&split.modifier) < SELDOM
            && reading.key == split.modifier
            && info.modifier_log_count(split.link) >= COMBINING
    });
    let modifier_weight = if is_combining { f64::INFINITY } else { modifier_weight };
    !is_linked && lemma_weight > COMMON && lemma_weight > MAX_RATIO * modifier_weight.min(weight(&lemma[split.head..]))
}

/// A lemma that is used more than `COMMON` times, and more than `MAX_RATIO` times as often as the rarer of its two
/// sides, is not a compound of them: kontroll is not kont+roll.
const COMMON: f64 = 10.0;
const MAX_RATIO: f64 = 12.0;
/// `COMMON` and `MAX_RATIO` don't apply if a modifier of at least this many bytes is linked with -s-: arbeidsgiver.
const SURE_MODIFIER: usize = 5;
/// A modifier that is used less than `SELDOM` times is a combining form if at least this many compounds, as ln(1 + n),
/// share it: døds, vass, elektro.
const COMBINING: f64 = 3.0;
const SELDOM: f64 = 1.0;
/// Components are split again down to this depth.
const MAX_DEPTH: usize = 4;

fn decompound_lemma(lemma: &str, class: Class, weight: &dyn Fn(&str) -> f64, depth: usize) -> Option<Lemma> {
    let kind = WordKind::Lemma(class);
    let split = find_split(lemma, kind, Standard::Bokmal).filter(|_| depth < MAX_DEPTH)?;
    let head = &lemma[split.head..];
    if is_too_common(lemma, &split, weight) {
        return None;
    }
    let side = |spelling: &str, reading: &Reading| {
        let may_be_compound = !reading.is_loan && reading.class != Class::Other;
        let compound = may_be_compound.then(|| decompound_lemma(spelling, reading.class, weight, depth + 1)).flatten();
        compound.unwrap_or_else(|| Lemma::simplex(&reading.key))
    };
    let heads = head_constituents(head, kind, Standard::Bokmal);
    let mut readings = heads.iter().map(|head| &head.reading);
    let of_class = |is: &dyn Fn(&Reading) -> bool| readings.clone().find(|head| head.class == class && is(head));
    let reading = of_class(&|reading| reading.key == head).or_else(|| of_class(&|_| true)).or(readings.next())?;
    let head = side(head, reading);
    let modifier = match modifier_constituent(&split.modifier, split.link, Standard::Bokmal) {
        Some(constituent) => side(&split.modifier, &constituent.reading),
        None => decompound_lemma(&split.modifier, Class::Masculine, weight, depth + 1)?,
    };
    Some(Lemma::join(modifier, &split, head, lemma))
}

/// Returns the sorted lines of `data/prefixes.dawg`. Each is a lemma key, a zero byte, and letters that occur in forms
/// of the lemma that lack the prefix of the key.
///
/// The letters of a component that is shorter than a prefix occur in too many words, so the filter looks for the prefix
/// of the next component instead. The key of such a short component is marked as a possible component: its line has the key itself in place of
/// the letters, or `NEEDS_LINK` if a linking element must follow.
pub fn prefix_lines() -> Vec<Vec<u8>> {
    let mut lines: BTreeSet<Vec<u8>> = BTreeSet::new();
    let mut forms_without_prefix: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut form_counts: HashMap<String, u32> = HashMap::new();
    for_each_reading(|form, reading| {
        for letters in letter_runs(form) {
            *form_counts.entry(letters.to_string()).or_default() += 1;
        }
        let lemma = Lemma::from_reading(reading, form);
        let mut keys: SmallVec<[(usize, usize); 4]> = lemma.components.iter().map(|component| component.key).collect();
        if keys.is_empty() {
            keys.push((0, lemma.key.len()));
        }
        for (index, (from, to)) in keys.iter().enumerate() {
            let key = &lemma.key[*from..*to];
            let is_single_letter = key.chars().count() == 1;
            let (is_modifier, is_head) = can_be_modifier_or_head(form, reading);
            if is_head && is_single_letter || (is_head || is_modifier || keys.len() > 1) && key.chars().count() == 2 {
                lines.insert(line(key, key));
            } else if is_modifier && is_single_letter {
                lines.insert([key.as_bytes(), &[0], NEEDS_LINK].concat());
            }
            // A single letter that can't be a head needs a link, except in compounds of the lexicon. To find these,
            // every run of components that starts with a single letter is treated as a key.
            let ends = keys[index..].iter().take(if is_single_letter { keys.len() } else { 1 });
            for key in ends.map(|(_, end)| &lemma.key[*from..*end]) {
                if !form.contains(key_prefix(key)) {
                    forms_without_prefix.entry(key.to_string()).or_default().insert(form.to_string());
                }
            }
        }
    });
    for (key, mut forms) in forms_without_prefix {
        while !forms.is_empty() {
            let letters = most_common_letters(&forms, &form_counts);
            lines.insert(line(&key, &letters));
            forms.retain(|form| !form.contains(&*letters));
        }
    }
    lines.into_iter().collect()
}

fn line(key: &str, letters: &str) -> Vec<u8> {
    [key.as_bytes(), &[0], letters.as_bytes()].concat()
}

/// Returns the run of letters that is most common in these forms; in a tie, the one that occurs in the fewest forms of
/// the lexicon.
fn most_common_letters(forms: &BTreeSet<String>, form_counts: &HashMap<String, u32>) -> String {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for form in forms {
        for letters in letter_runs(form) {
            *counts.entry(letters).or_default() += 1;
        }
    }
    let rank = |(letters, count): &(&str, u32)| (*count, u32::MAX - form_counts.get(*letters).copied().unwrap_or(0));
    counts.into_iter().max_by_key(rank).map_or(String::new(), |(letters, _)| letters.to_string())
}

/// Returns every distinct run of `PREFIX_CHARS` letters of a form, or the form itself if it is not longer.
fn letter_runs(form: &str) -> Vec<&str> {
    let offsets: Vec<usize> = form.char_indices().map(|(at, _)| at).chain([form.len()]).collect();
    if offsets.len() <= PREFIX_CHARS {
        return vec![form];
    }
    let mut runs: Vec<&str> =
        offsets.windows(PREFIX_CHARS + 1).map(|window| &form[window[0]..window[PREFIX_CHARS]]).collect();
    runs.sort_unstable();
    runs.dedup();
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_the_components_of_a_lemma() {
        let weight = |_: &str| 1.0;
        let (key, code) = encoded_split("barneverntjeneste", 'M', &weight).unwrap();
        assert_eq!(key, "barneverntjeneste");
        assert_eq!(code, [b'p', ENCODED_ZERO + 2, ENCODED_ZERO + 4 * 4 + 2, ENCODED_ZERO + 4 * 4]);
    }

    #[test]
    fn does_not_split_a_lemma_much_more_common_than_its_sides() {
        let weight = |word: &str| if word == "skolebok" { 1000.0 } else { 1.0 };
        assert_eq!(encoded_split("skolebok", 'F', &weight), None);
    }
}

//! Scores the splits of a word with a logistic model over compound counts, lengths and word classes.

use super::affixes::looks_derived;
use super::constituents::{Constituent, WordKind};
use crate::norwegian::lexicon::compound_info::Link;
use crate::norwegian::lexicon::readings::Class;

/// The part of a word before the head, read as a modifier and a link.
#[derive(Clone, Copy)]
pub struct Modifier {
    /// Length without the link, in bytes.
    pub length: usize,
    pub link: Link,
    /// How many compounds of the lexicon share the modifier with this link, as ln(1 + n).
    pub log_count: f64,
    pub class: Class,
    pub form: Form,
    /// For a noun without a link before a head that starts with s or e: its log count with that letter as the link,
    /// minus its log count without a link. A high value suggests that the letter is the link. Otherwise 0.
    pub lost_link: f64,
}

/// The form in which a modifier is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Lemma,
    Inflected,
    /// An inflected noun whose stem differs from its lemma, as in brødre+par and billed+kunst.
    Irregular,
    UnknownCompound,
}

/// The score of a split with the best-scoring reading of its head.
pub fn best_score(word: &str, head_at: usize, modifier: &Modifier, heads: &[Constituent], kind: WordKind) -> f64 {
    heads.iter().map(|head| score(word, head_at, modifier, head, kind)).fold(f64::MIN, f64::max)
}

/// The log-odds that a split is correct.
fn score(word: &str, head_at: usize, modifier: &Modifier, head: &Constituent, kind: WordKind) -> f64 {
    let column = usize::from(kind != WordKind::Unknown);
    let features = features(word, head_at, modifier, head, kind);
    features.iter().zip(&WEIGHTS).map(|(value, weights)| value * weights[column]).sum()
}

/// The number of features of a split.
const FEATURES: usize = 38;

/// The weights of the features: first in words that the lexicon lacks, then in lemmas of the lexicon.
///
/// They were fitted by two logistic regressions (November 2026, scikit-learn with C = 1). Each observation is a
/// possible split (`for_each_candidate`) of one of these words:
///
/// - 6,400 words that are split in Leddanalyse, the compound analysis of Norsk Ordbank: the half whose SHA-256 has an
///   even first digit
/// - the loanwords of Bokmålsordboka and an inflected form of each, which must stay whole. The second regression gives
///   them a weight of 0.3, because loanwords of the lexicon are not split at all.
/// - 400 words split by hand
///
/// The intercepts (the first row) are 0.3 and 0.4 higher than fitted, which favors recall. docs/norwegian.md has the results on the
/// other half of Leddanalyse.
#[rustfmt::skip]
static WEIGHTS: [[f64; 2]; FEATURES] = [
    [-3.62, -3.91],
    [0.74, 0.43],
    [0.48, 0.50],
    [0.05, 0.17],
    [0.27, 0.43],
    [0.38, 0.19],
    [0.19, 0.97],
    [1.04, 1.16],
    [-0.91, -0.95],
    [-0.34, -0.73],
    [-1.62, -1.82],
    [0.74, 0.79],
    [-3.49, -1.76],
    [0.01, -0.75],
    [1.76, 1.70],
    [-0.27, 0.13],
    [-0.96, -1.19],
    [-0.16, -0.39],
    [-0.53, -0.58],
    [1.48, 0.15],
    [1.27, 1.63],
    [-1.83, -0.51],
    [-0.60, 0.55],
    [-0.15, 0.28],
    [-0.82, -0.91],
    [0.00, 0.67],
    [0.00, -0.41],
    [0.00, -1.13],
    [0.00, 0.46],
    [0.95, 0.30],
    [1.03, 1.42],
    [0.47, 0.47],
    [-1.18, -0.23],
    [-1.37, -0.66],
    [-2.76, -2.00],
    [-0.64, -0.38],
    [-1.30, -1.65],
    [-0.29, -0.64],
];

/// The features of a split, in the order of `WEIGHTS`.
fn features(word: &str, head_at: usize, modifier: &Modifier, head: &Constituent, kind: WordKind) -> [f64; FEATURES] {
    let (shared_head, head_class) = (head.info.head_log_count(), head.reading.class);
    let head_text = &word[head_at..];
    let modifier_chars = word[..modifier.length].chars().count().min(8) as f64;
    let head_chars = head_text.chars().count().min(8) as f64;
    let shared = modifier.log_count;
    // One compound: ln(1 + 1) = 0.69.
    let is_single = |log_count: f64| log_count > 0.0 && log_count <= 0.7;
    let is = |holds: bool| f64::from(u8::from(holds));
    let is_lemma = modifier.form == Form::Lemma || modifier.form == Form::UnknownCompound;
    let is_inflected = modifier.form == Form::Inflected || modifier.form == Form::Irregular;
    let class = modifier.class;
    let has_link = !modifier.link.text().is_empty();
    let word_class = match kind {
        WordKind::Lemma(class) => Some(class),
        WordKind::Unknown => None,
    };
    [
        1.0,
        shared,
        shared_head,
        shared * shared_head,
        modifier_chars,
        head_chars,
        is(shared == 0.0 && is_lemma),
        is(shared_head == 0.0),
        is(is_single(shared)),
        is(is_single(shared_head)),
        is(modifier.link == Link::S),
        is(modifier.link == Link::E),
        is(modifier.link == Link::Dropped),
        is(is_lemma && class == Class::Other),
        is(is_lemma && class == Class::Verb),
        is(is_lemma && class == Class::Adjective),
        is(is_inflected && class.is_noun()),
        is(is_inflected && class == Class::Adjective),
        is(is_inflected && class == Class::Verb),
        is(is_inflected && class == Class::Other),
        is(head_class == Class::Verb && !head.reading.is_lemma),
        is(modifier.form == Form::UnknownCompound),
        is(head_class == Class::Verb),
        is(head_class == Class::Adjective),
        is(!head.reading.is_lemma),
        is(word_class == Some(head_class)),
        is(word_class.is_some_and(|class| !class.agrees_with(head_class))),
        is(word_class == Some(Class::Verb)),
        is(word_class == Some(Class::Adjective)),
        is(modifier.link == Link::S && modifier_chars >= 5.0),
        is(modifier.link == Link::S && shared >= USUAL_LINK),
        is(!has_link && modifier_chars <= 4.0 && shared < RARE_MODIFIER),
        is(modifier_chars <= 2.0),
        is(!has_link && modifier_chars <= 3.0),
        is(head_chars <= 2.0),
        is(head_chars == 3.0),
        is(looks_derived(head_text)),
        modifier.lost_link,
    ]
}

/// The minimum number of compounds, as ln(1 + n), for which the -s- of a modifier counts as usual.
const USUAL_LINK: f64 = 3.0;
/// If fewer compounds than this (as ln(1 + n)) share a short modifier without a link, that word is seldom a modifier.
const RARE_MODIFIER: f64 = 1.8;

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
}

/// The score of a split with the best-scoring reading of its head.
pub fn best_score(word: &str, head_at: usize, modifier: &Modifier, heads: &[Constituent], kind: WordKind) -> f64 {
    heads.iter().map(|head| score(word, head_at, modifier, head, kind)).fold(f64::MIN, f64::max)
}

/// The log-odds of a split. The weights are those of a logistic regression over the compounds and loanwords that
/// Bokmålsordboka labels as such, and over development words split by hand (November 2026).
fn score(word: &str, head_at: usize, modifier: &Modifier, head: &Constituent, kind: WordKind) -> f64 {
    let (shared_head, head) = (head.info.head_log_count(), head.reading.class);
    let head_text = &word[head_at..];
    let modifier_chars = word[..modifier.length].chars().count().min(8) as f64;
    let head_chars = head_text.chars().count().min(8) as f64;
    let shared_modifier = modifier.log_count;
    // One compound: ln(1 + 1) = 0.69.
    let is_single = |log_count: f64| log_count > 0.0 && log_count <= 0.7;
    let mut score = -1.54 + 0.9 * shared_modifier + 0.32 * shared_head + 0.13 * shared_modifier * shared_head;
    score += 0.26 * modifier_chars + 0.24 * head_chars;
    let mut add = |holds: bool, weight: f64| score += if holds { weight } else { 0.0 };
    add(shared_modifier == 0.0, 1.32);
    add(shared_head == 0.0, -1.14);
    add(is_single(shared_modifier), -0.88);
    add(is_single(shared_head), -1.8);
    add(modifier.link == Link::S, -3.11);
    add(modifier.link == Link::E, 0.76);
    add(modifier.class == Class::Other, -0.21);
    add(modifier.class == Class::Verb, 1.12);
    add(modifier.class == Class::Adjective, -0.09);
    add(head == Class::Verb, 0.22);
    add(modifier.link == Link::Dropped, -2.23);
    if let WordKind::Lemma(class) = kind {
        add(true, -1.1);
        add(class == head, 1.11);
        add(!class.agrees_with(head), 0.21);
    }
    // An s between two words of the lexicon is a link if the lexicon lacks the compound or if the modifier often has
    // the link.
    let is_usual = kind == WordKind::Unknown && modifier_chars >= 5.0 || shared_modifier >= USUAL_LINK;
    add(modifier.link == Link::S && is_usual, LINKED_S);
    // Words that only look like compounds: rek+ord, ham+mer, sup+port.
    let is_rare = modifier.link == Link::None && modifier_chars <= 4.0 && shared_modifier < RARE_MODIFIER;
    add(is_rare && matches!(kind, WordKind::Lemma(_)), -2.5);
    add(modifier_chars <= 2.0, -0.25);
    add(modifier.link.text().is_empty() && modifier_chars <= 3.0, -0.52);
    add(head_chars <= 2.0, -2.9);
    add(head_chars == 3.0, -0.62);
    add(looks_derived(head_text), -1.31);
    score
}

/// The weight of a link -s- that the modifier usually has.
const LINKED_S: f64 = 2.0;
/// The minimum number of compounds, as ln(1 + n), for which the -s- of a modifier counts as usual.
const USUAL_LINK: f64 = 3.0;
/// If fewer compounds than this (as ln(1 + n)) share a short modifier without a link, it is seldom a modifier.
const RARE_MODIFIER: f64 = 1.8;

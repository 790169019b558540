//! Expands wildcard and fuzzy patterns to the terms of the index that they match, with automata over the term
//! dictionary.

use std::cmp::Reverse;
use std::collections::HashMap;

use tantivy::Term;
use tantivy::query::FuzzyTermQuery;
use tantivy_fst::Automaton;

use super::term_dict::TermDictionaries;
use crate::error::Result;
use crate::index::Index;
use crate::query::{Pattern, PatternKind, Query};
use crate::search::interrupt::{Interrupt, StopCheck};

/// Maximum number of terms that a pattern is expanded to: each adds a posting list to read.
pub const MAX_EXPANSIONS: usize = 300;

/// Expands each pattern of a query to terms of the content, and of the boilerplate if that is searched. Patterns that
/// already have expansions are skipped, and those for which there is no time. Returns a message for each pattern that
/// matches more terms than are searched.
pub fn expand_patterns(
    index: &Index,
    query: &mut Query,
    with_boilerplate: bool,
    interrupt: &Interrupt,
) -> Result<Vec<String>> {
    expand_patterns_until(index, query, with_boilerplate, &StopCheck::new(interrupt))
}

/// `expand_patterns` as part of a search.
pub fn expand_patterns_until(
    index: &Index,
    query: &mut Query,
    with_boilerplate: bool,
    stop: &StopCheck,
) -> Result<Vec<String>> {
    let mut notes = Vec::new();
    for pattern in query.patterns.iter_mut().filter(|pattern| pattern.expansions.is_none()) {
        let mut forms = matching_forms(index, pattern, with_boilerplate, stop)?;
        if stop.should_stop() {
            break;
        }
        let all = forms.len();
        let by_frequency =
            |one: &(String, u64), other: &(String, u64)| (Reverse(one.1), &one.0).cmp(&(Reverse(other.1), &other.0));
        if all > MAX_EXPANSIONS {
            let text = &pattern.text;
            notes.push(format!("{text} matches {all} words; only the {MAX_EXPANSIONS} most frequent are searched"));
            forms.select_nth_unstable_by(MAX_EXPANSIONS, by_frequency);
            forms.truncate(MAX_EXPANSIONS);
        }
        forms.sort_by(by_frequency);
        let forms = forms.into_iter().map(|(form, _)| form).collect();
        pattern.expansions = Some(forms);
    }
    Ok(notes)
}

/// All forms that a pattern matches, with the number of passages that contain them. Incomplete if the search is
/// stopped.
fn matching_forms(
    index: &Index,
    pattern: &Pattern,
    with_boilerplate: bool,
    stop: &StopCheck,
) -> Result<Vec<(String, u64)>> {
    let mut counts: HashMap<String, u64> = HashMap::new();
    let boilerplate = index.fields.of_boilerplate().exact;
    for field in [index.fields.exact].into_iter().chain(with_boilerplate.then_some(boilerplate)) {
        let dictionaries = TermDictionaries::open(index, field, stop)?;
        let add = |form: &str, passages: &dyn Fn() -> Result<u64>| {
            *counts.entry(form.to_string()).or_default() += passages()?;
            Ok(())
        };
        match &pattern.kind {
            PatternKind::Wildcard(pattern) => dictionaries.for_each_match(&WildcardAutomaton::new(pattern), add)?,
            PatternKind::Fuzzy { word, max_edits } => {
                let fuzzy = FuzzyTermQuery::new(Term::from_field_text(field, word), *max_edits, true).automaton()?;
                dictionaries.for_each_match(&fuzzy, add)?;
            }
        }
    }
    Ok(counts.into_iter().filter(|(_, passages)| *passages > 0).collect())
}

/// A bit-parallel NFA for a pattern with `*`: bit `i` of a state means that the first `i` bytes of the pattern have
/// matched.
struct WildcardAutomaton {
    /// For each byte, the offsets in the pattern where it occurs.
    byte_offsets: [u128; 256],
    star_offsets: u128,
    length: usize,
}

impl WildcardAutomaton {
    /// Patterns are cut at 127 bytes, the most that fit in a state. `pattern` must not contain `**`.
    fn new(pattern: &str) -> WildcardAutomaton {
        let pattern = &pattern.as_bytes()[..pattern.len().min(127)];
        let mut automaton = WildcardAutomaton { byte_offsets: [0; 256], star_offsets: 0, length: pattern.len() };
        for (offset, byte) in pattern.iter().enumerate() {
            let offsets = match byte {
                b'*' => &mut automaton.star_offsets,
                _ => &mut automaton.byte_offsets[usize::from(*byte)],
            };
            *offsets |= 1 << offset;
        }
        automaton
    }

    /// Adds the states reached by letting a star match nothing.
    fn skip_stars(&self, state: u128) -> u128 {
        state | (state & self.star_offsets) << 1
    }
}

impl Automaton for WildcardAutomaton {
    type State = u128;

    fn start(&self) -> u128 {
        self.skip_stars(1)
    }

    fn is_match(&self, state: &u128) -> bool {
        state >> self.length & 1 == 1
    }

    fn can_match(&self, state: &u128) -> bool {
        *state != 0
    }

    fn accept(&self, state: &u128, byte: u8) -> u128 {
        self.skip_stars((state & self.byte_offsets[usize::from(byte)]) << 1 | state & self.star_offsets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn star_matches_any_letters_or_none() {
        let check = |pattern: &str, word: &str, expected: bool| {
            let automaton = WildcardAutomaton::new(pattern);
            let state = word.bytes().fold(automaton.start(), |state, byte| automaton.accept(&state, byte));
            assert_eq!(automaton.is_match(&state), expected, "{pattern} {word}");
        };
        check("ord*", "ord", true);
        check("ord*", "ordene", true);
        check("ord*", "jord", false);
        check("*plikt", "taushetsplikt", true);
        check("*plikt", "plikten", false);
        check("sam*ing", "samhandling", true);
        check("sam*ing", "samingen", false);
        check("å*ø*å", "åøå", true);
        check("*ør*", "sørge", true);
        check("a*a", "a", false);
    }
}

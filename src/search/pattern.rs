//! Given a pattern, for which words of the index does it stand?

use std::cmp::Reverse;
use std::collections::HashMap;

use tantivy::Term;
use tantivy::query::FuzzyTermQuery;
use tantivy_fst::Automaton;

use super::suggest::Dictionaries;
use crate::error::Result;
use crate::index::Index;
use crate::query::{Pattern, PatternKind, Query};

/// A pattern stands for so many words at the most: each is looked for by itself.
const MAX_FORMS: usize = 300;

/// Looks up what the patterns of a query stand for in the content, and among what was dropped where that is searched, too.
/// Says of which not all words were taken.
pub fn expand_patterns(index: &Index, query: &mut Query, with_boilerplate: bool) -> Result<Vec<String>> {
    let mut notes = Vec::new();
    for pattern in query.patterns.iter_mut().filter(|pattern| pattern.expansions.is_none()) {
        let mut forms = forms(index, pattern, with_boilerplate)?;
        if forms.len() > MAX_FORMS {
            let (text, all) = (&pattern.text, forms.len());
            notes.push(format!("{text} stands for {all} words; only the {MAX_FORMS} commonest are searched"));
            forms.truncate(MAX_FORMS);
        }
        pattern.expansions = Some(forms);
    }
    Ok(notes)
}

/// Commonest first, equals in the order of the alphabet.
fn forms(index: &Index, pattern: &Pattern, with_boilerplate: bool) -> Result<Vec<String>> {
    let mut found: HashMap<String, u64> = HashMap::new();
    let dropped = index.fields.of_boilerplate().exact;
    for field in [index.fields.exact].into_iter().chain(with_boilerplate.then_some(dropped)) {
        let dictionaries = Dictionaries::open(index, field)?;
        match &pattern.kind {
            PatternKind::Wildcard(pattern) => dictionaries.each(&Like::new(pattern), |form, passages| {
                *found.entry(form.to_string()).or_default() += passages;
            })?,
            PatternKind::Fuzzy { word, max_edits: edits } => {
                let near = FuzzyTermQuery::new(Term::from_field_text(field, word), *edits, true).automaton()?;
                dictionaries.each(&near, |form, passages| *found.entry(form.to_string()).or_default() += passages)?;
            }
        }
    }
    let mut found: Vec<(String, u64)> = found.into_iter().filter(|(_, passages)| *passages > 0).collect();
    found.sort_by(|one, other| (Reverse(one.1), &one.0).cmp(&(Reverse(other.1), &other.0)));
    Ok(found.into_iter().map(|(form, _)| form).collect())
}

/// Words that a text with `*` stands for. A state has a bit for each place in the text that may have been reached.
struct Like {
    /// The places of each byte, and of `*`.
    bytes: [u128; 256],
    stars: u128,
    end: usize,
}

impl Like {
    /// Of 127 bytes at the most, without two stars in a row.
    fn new(pattern: &str) -> Like {
        let pattern = &pattern.as_bytes()[..pattern.len().min(127)];
        let mut like = Like { bytes: [0; 256], stars: 0, end: pattern.len() };
        for (place, byte) in pattern.iter().enumerate() {
            let places = if *byte == b'*' { &mut like.stars } else { &mut like.bytes[usize::from(*byte)] };
            *places |= 1 << place;
        }
        like
    }

    /// A star may stand for nothing: with its place the one behind it is reached.
    fn with_empty_stars(&self, state: u128) -> u128 {
        state | (state & self.stars) << 1
    }
}

impl Automaton for Like {
    type State = u128;

    fn start(&self) -> u128 {
        self.with_empty_stars(1)
    }

    fn is_match(&self, state: &u128) -> bool {
        state >> self.end & 1 == 1
    }

    fn can_match(&self, state: &u128) -> bool {
        *state != 0
    }

    fn accept(&self, state: &u128, byte: u8) -> u128 {
        self.with_empty_stars((state & self.bytes[usize::from(byte)]) << 1 | state & self.stars)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_letters_or_none() {
        let check = |pattern: &str, word: &str, expected: bool| {
            let like = Like::new(pattern);
            let state = word.bytes().fold(like.start(), |state, byte| like.accept(&state, byte));
            assert_eq!(like.is_match(&state), expected, "{pattern} {word}");
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

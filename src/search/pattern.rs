//! Given a pattern, for which words of the index does it stand?

use std::cmp::Reverse;
use std::collections::HashMap;

use tantivy::Term;
use tantivy::query::FuzzyTermQuery;
use tantivy_fst::Automaton;

use super::suggest::Dictionaries;
use crate::error::Result;
use crate::index::Index;
use crate::query::{Kind, Pattern, Query};

/// A pattern stands for so many words at the most: each is looked for by itself.
const MAX_FORMS: usize = 300;

/// Looks up what the patterns of a query stand for in the content, and among what was dropped where that is searched, too.
/// Says of which not all words were taken.
pub fn expand(index: &Index, query: &mut Query, with_boilerplate: bool) -> Result<Vec<String>> {
    let mut notes = Vec::new();
    for pattern in query.patterns.iter_mut().filter(|pattern| pattern.forms.is_none()) {
        let mut forms = forms(index, pattern, with_boilerplate)?;
        if forms.len() > MAX_FORMS {
            let (text, all) = (&pattern.text, forms.len());
            notes.push(format!("{text} stands for {all} words; only the {MAX_FORMS} commonest are searched"));
            forms.truncate(MAX_FORMS);
        }
        pattern.forms = Some(forms);
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
            Kind::Like(pattern) => dictionaries.each(&Like::new(pattern), |form, passages| {
                *found.entry(form.to_string()).or_default() += passages;
            })?,
            Kind::Near { word, edits } => {
                let near = FuzzyTermQuery::new(Term::from_field_text(field, word), *edits, true).automaton()?;
                dictionaries.each(&near, |form, passages| *found.entry(form.to_string()).or_default() += passages)?;
            }
        }
    }
    let mut found: Vec<(String, u64)> = found.into_iter().filter(|(_, passages)| *passages > 0).collect();
    found.sort_by(|one, other| (Reverse(one.1), &one.0).cmp(&(Reverse(other.1), &other.0)));
    Ok(found.into_iter().map(|(form, _)| form).collect())
}

/// Words that a text with `*` stands for, of 127 bytes at the most. A state has a bit for each place in the pattern that
/// may have been reached.
struct Like<'a>(&'a [u8]);

impl<'a> Like<'a> {
    fn new(pattern: &'a str) -> Like<'a> {
        Like(&pattern.as_bytes()[..pattern.len().min(127)])
    }

    /// Behind a place before `*` that of the letter after it is reached, too.
    fn with_stars(&self, mut state: u128) -> u128 {
        for (place, byte) in self.0.iter().enumerate() {
            if *byte == b'*' && state >> place & 1 == 1 {
                state |= 1 << (place + 1);
            }
        }
        state
    }
}

impl Automaton for Like<'_> {
    type State = u128;

    fn start(&self) -> u128 {
        self.with_stars(1)
    }

    fn is_match(&self, state: &u128) -> bool {
        state >> self.0.len() & 1 == 1
    }

    fn can_match(&self, state: &u128) -> bool {
        *state != 0
    }

    fn accept(&self, state: &u128, byte: u8) -> u128 {
        let mut next = 0;
        for (place, asked) in self.0.iter().enumerate() {
            if state >> place & 1 == 1 {
                if *asked == b'*' {
                    next |= 1 << place;
                } else if *asked == byte {
                    next |= 1 << (place + 1);
                }
            }
        }
        self.with_stars(next)
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

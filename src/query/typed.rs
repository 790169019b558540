//! Given what a person typed, where do the words stand that may be replaced?

use std::ops::Range;

use super::{positions, syntax, typed};
use crate::norwegian::{self, Standard};

/// Where the words stand that are neither quoted nor excluded, in order, each with its exact term. Of a
/// hyphenated word its parts.
pub fn unquoted(text: &str) -> Vec<(Range<usize>, String)> {
    let mut words = Vec::new();
    for clause in syntax::clauses(text) {
        let syntax::Clause::Words(clause) = clause else {
            continue;
        };
        let begin = clause.as_ptr() as usize - text.as_ptr() as usize;
        for word in positions(&norwegian::analyze(clause, Standard::Both)).filter_map(typed) {
            words.push((begin + word.start..begin + word.end, word.word.exact().to_string()));
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_where_they_were_typed() {
        let text = "Barne-ungdoms «ledelse» -skole \"og alt\" i Økonomi";
        let words = unquoted(text);
        let found: Vec<_> = words.iter().map(|(place, exact)| (&text[place.clone()], exact.as_str())).collect();
        assert_eq!(found, [("Barne", "barne"), ("ungdoms", "ungdoms"), ("i", "i"), ("Økonomi", "økonomi")]);
    }
}

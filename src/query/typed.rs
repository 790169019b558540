//! Given what a person typed, where do the words stand that may be replaced?

use std::ops::Range;

use super::syntax::{self, Node};
use super::{positions, typed};
use crate::norwegian::{self, Standard};

/// Where the words stand that are neither quoted nor excluded, nor in a pattern or a field, in order, each with its exact
/// term. Of a hyphenated word its parts.
pub fn unquoted(text: &str) -> Vec<(Range<usize>, String)> {
    let mut words = Vec::new();
    add_words(&syntax::read(text).node, text, &mut words);
    words.sort_by_key(|(place, _)| place.start);
    words
}

fn add_words(node: &Node, text: &str, words: &mut Vec<(Range<usize>, String)>) {
    match node {
        Node::Words(typed_words) => {
            let begin = typed_words.as_ptr() as usize - text.as_ptr() as usize;
            for word in positions(&norwegian::analyze(typed_words, Standard::Both)).filter_map(typed) {
                words.push((begin + word.start..begin + word.end, word.word.exact().to_string()));
            }
        }
        Node::Required(node) => add_words(node, text, words),
        Node::Beside(nodes) | Node::All(nodes) | Node::Any(nodes) => {
            nodes.iter().for_each(|node| add_words(node, text, words));
        }
        _ => {}
    }
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
        let built = "title:barn (Skolen OR unge*) AND NOT elever -x source:ipsos =y lærere";
        let found: Vec<_> = unquoted(built).into_iter().map(|(place, _)| &built[place]).collect();
        assert_eq!(found, ["Skolen", "lærere"]);
    }
}

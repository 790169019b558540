//! The words of a query as they were typed, with their byte ranges.

use std::ops::Range;

use super::ast::Node;
use super::lex::{is_field_name, is_operator};
use super::parse::parse_syntax;
use crate::norwegian::{AnalyzedWord, Standard, Token, analyze};

/// The tokens of a text, grouped by position.
pub fn group_by_position(tokens: &[Token]) -> impl Iterator<Item = &[Token]> {
    tokens.chunk_by(|one, other| one.position == other.position)
}

/// The words as they were typed; a hyphenated word counts as one.
pub fn whole_words(tokens: &[Token]) -> impl Iterator<Item = &AnalyzedWord> {
    group_by_position(tokens)
        .filter_map(|group| group.iter().find(|token| !token.is_hyphen_part && !token.is_implied))
        .map(|token| &token.word)
}

/// The token that was typed, among the tokens at one position; for a hyphenated word, its part at this position.
pub fn typed_token(group: &[Token]) -> Option<&Token> {
    let mut typed = group.iter().filter(|token| !token.is_implied);
    typed.clone().find(|token| token.is_hyphen_part).or_else(|| typed.next())
}

/// The lemma keys of a word, in the order of its lemmas.
pub fn lemma_keys(word: &AnalyzedWord) -> Vec<String> {
    word.lemmas().map(str::to_string).collect()
}

/// The plain words of a query, which a spelling suggestion may replace: those that are not quoted, not excluded,
/// and not in a pattern or a field. Each has its byte range in the query and its exact form, in the order of the
/// ranges; a hyphenated word is given as its parts.
pub fn plain_words(text: &str) -> Vec<(Range<usize>, String)> {
    let words = replaceable_words(text).into_iter().filter(|word| word.is_plain);
    words.map(|word| (word.range, word.exact)).collect()
}

/// A word of a query that a correction may replace.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplaceableWord {
    /// Its byte range in the query.
    pub range: Range<usize>,
    /// Its exact form.
    pub exact: String,
    /// Whether it is neither quoted nor in a title. Any correction may replace a plain word; other words are replaced
    /// only to restore `æ`, `ø` and `å`.
    pub is_plain: bool,
}

/// The words of a query that are not excluded, not exact, and not in a pattern or a filter, in the order of their
/// ranges.
pub fn replaceable_words(text: &str) -> Vec<ReplaceableWord> {
    let mut words = Vec::new();
    add_replaceable_words(&parse_syntax(text).node, &mut words);
    words.sort_by_key(|word| word.range.start);
    words
}

fn add_replaceable_words(node: &Node, words: &mut Vec<ReplaceableWord>) {
    let (text, start, is_plain) = match node {
        Node::Words { text, start } => (text, start, true),
        Node::Quoted { text, start, is_exact: false, .. } | Node::Title { text, start } => (text, start, false),
        Node::Required(node) => return add_replaceable_words(node, words),
        Node::Sequence(nodes) | Node::And(nodes) | Node::Or(nodes) => {
            return nodes.iter().for_each(|node| add_replaceable_words(node, words));
        }
        _ => return,
    };
    for token in group_by_position(&analyze(text, Standard::Both)).filter_map(typed_token) {
        let typed = &text[token.start..token.end];
        // An operator or a field name is a word here only because the query has a syntax error.
        if is_operator(typed) || text[token.end..].starts_with(':') && is_field_name(typed) {
            continue;
        }
        let (range, exact) = (start + token.start..start + token.end, token.word.exact().to_string());
        words.push(ReplaceableWord { range, exact, is_plain });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_words_have_their_byte_ranges() {
        let text = "Barne-ungdoms «ledelse» -skole \"og alt\" i Økonomi";
        let words = plain_words(text);
        let found: Vec<_> = words.iter().map(|(range, exact)| (&text[range.clone()], exact.as_str())).collect();
        assert_eq!(found, [("Barne", "barne"), ("ungdoms", "ungdoms"), ("i", "i"), ("Økonomi", "økonomi")]);
        let with_operators = "title:barn (Skolen OR unge*) AND NOT elever -x source:ipsos =y lærere";
        let found: Vec<_> = plain_words(with_operators).into_iter().map(|(range, _)| &with_operators[range]).collect();
        assert_eq!(found, ["Skolen", "lærere"]);
    }

    #[test]
    fn operators_and_field_names_are_not_replaceable() {
        let replaceable = |text: &str| {
            let words: Vec<_> = replaceable_words(text).into_iter().map(|word| text[word.range].to_string()).collect();
            words.join(" ")
        };
        assert_eq!(replaceable("skole NOT"), "skole");
        assert_eq!(replaceable("NOT"), "");
        assert_eq!(replaceable("AND skole OR"), "skole");
        assert_eq!(replaceable("site::: 1"), "1");
        assert_eq!(replaceable("skole Dato:"), "skole");
        assert_eq!(replaceable("not site date"), "not site date");
    }

    #[test]
    fn quoted_words_and_titles_are_replaceable_but_not_plain() {
        let text = "+\"bjorn soras\" title:\"i Bodo\" =\"x y\" -\"z w\" =u ve*";
        let words = replaceable_words(text);
        let found: Vec<_> = words.iter().map(|word| &text[word.range.clone()]).collect();
        assert_eq!(found, ["bjorn", "soras", "i", "Bodo"]);
        assert!(words.iter().all(|word| !word.is_plain));
    }
}

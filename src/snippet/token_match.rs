//! Matches words, phrases and proximity expressions of a query against the tokens of a text.

use crate::norwegian::{PrefixFilter, Token, is_hyphen};
use crate::query::{Phrase, Proximity, proximity_spans};

/// A range of a text that matches the query.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// Byte offsets in the text.
    pub start: usize,
    pub end: usize,
    /// Number of the query word that matches, in the order of `Query::matching_words`. The phrases, proximity
    /// expressions and patterns follow, with one number each.
    pub word: usize,
    /// Whether only a component of a compound matches.
    pub is_component: bool,
}

impl Match {
    pub fn of_token(token: &Token, number: usize) -> Match {
        Match { start: token.start, end: token.end, word: number, is_component: false }
    }
}

/// Whether a token has one of these lemmas.
pub(crate) fn has_lemma(token: &Token, lemmas: &[String]) -> bool {
    token.word.lemmas().any(|lemma| lemmas.iter().any(|key| key == lemma))
}

/// Whether a token has one of these exact forms.
pub(crate) fn has_form(token: &Token, forms: &[String]) -> bool {
    !token.is_implied && forms.iter().any(|form| form == token.word.exact())
}

/// Adds the words of a phrase to a prefix filter.
pub(crate) fn add_phrase(phrase: &Phrase, prefixes: &mut PrefixFilter) {
    match phrase {
        Phrase::ExactWord(form) => prefixes.add_form(form),
        Phrase::Lemmas(words) => words.iter().flat_map(|(_, keys)| keys).for_each(|key| prefixes.add_key(key)),
        Phrase::ExactWords(words) => words.iter().for_each(|(_, form)| prefixes.add_form(form)),
    }
}

/// Adds the words of a proximity expression to a prefix filter.
pub(crate) fn add_proximity(proximity: &Proximity, prefixes: &mut PrefixFilter) {
    let keys = proximity.words.iter().flatten();
    keys.for_each(|key| if proximity.is_exact { prefixes.add_form(key) } else { prefixes.add_key(key) });
}

/// The match of the first component of a token that has one of these lemmas.
pub(super) fn component_match(text: &str, token: &Token, lemmas: &[String], number: usize) -> Option<Match> {
    let (key, (mut start, mut end)) = token.components().find(|(key, _)| lemmas.iter().any(|lemma| lemma == key))?;
    // Norwegian drops one of three equal letters in a row (buss + stopp = busstopp): the shared letter also ends the
    // first component.
    if let Some(shared) = text[end..token.end.max(end)].chars().next()
        && text[start..end].ends_with(shared)
        && key.ends_with(shared)
        && text[start..end].to_lowercase() == key[..key.len() - shared.len_utf8()]
    {
        end += shared.len_utf8();
    }
    // A linking s belongs to neither component, even if the offsets include it.
    if start > token.start && text[start..end].starts_with('s') && end - start > 1 && !key.starts_with('s') {
        start += 1;
    }
    Some(Match { start, end, word: number, is_component: true })
}

/// Adds the matches of a phrase in a text with these tokens, one per word.
pub(crate) fn find_phrase(text: &str, tokens: &[Token], phrase: &Phrase, number: usize, matches: &mut Vec<Match>) {
    let token_matches = |token: &Token| {
        let ranges: Vec<_> = match_ranges(text, tokens, token).collect();
        ranges.into_iter().map(move |(start, end)| Match { start, end, word: number, is_component: false })
    };
    let has_exact = |token: &Token, exact: &String| !token.is_implied && token.word.exact() == exact;
    match phrase {
        Phrase::ExactWord(exact) => {
            matches.extend(tokens.iter().filter(|token| has_exact(token, exact)).flat_map(token_matches));
        }
        Phrase::Lemmas(words) => {
            let offset_in_phrase =
                |token: &Token, (offset, lemmas): &(usize, Vec<String>)| has_lemma(token, lemmas).then_some(*offset);
            matches.extend(find_sequences(tokens, words, offset_in_phrase).into_iter().flat_map(token_matches));
        }
        Phrase::ExactWords(words) => {
            let offset_in_phrase =
                |token: &Token, (offset, exact): &(usize, String)| has_exact(token, exact).then_some(*offset);
            matches.extend(find_sequences(tokens, words, offset_in_phrase).into_iter().flat_map(token_matches));
        }
    }
}

/// The tokens of every occurrence of a phrase. `offset_in_phrase` returns the position of a phrase word, relative to
/// the first, if the token matches it.
fn find_sequences<'a, T>(
    tokens: &'a [Token],
    phrase: &'a [T],
    offset_in_phrase: impl Fn(&Token, &T) -> Option<usize>,
) -> Vec<&'a Token> {
    let is_first = |token: &&Token| phrase.first().is_some_and(|word| offset_in_phrase(token, word).is_some());
    let sequence_from = |first: &'a Token| -> Option<Vec<&'a Token>> {
        let token_for = |word: &T| {
            let is_match = |token: &&Token| {
                offset_in_phrase(token, word).is_some_and(|offset| token.position == first.position + offset as u32)
            };
            tokens.iter().find(is_match)
        };
        phrase.iter().map(token_for).collect()
    };
    tokens.iter().filter(is_first).filter_map(sequence_from).flatten().collect()
}

/// Adds the matches of a proximity expression, one per word within a window that contains all words.
pub(crate) fn find_proximity(tokens: &[Token], proximity: &Proximity, number: usize, matches: &mut Vec<Match>) {
    let matches_word = |token: &Token, keys: &[String]| {
        if proximity.is_exact { has_form(token, keys) } else { has_lemma(token, keys) }
    };
    let positions = |keys: &Vec<String>| {
        let matching = tokens.iter().filter(|token| matches_word(token, keys));
        let mut positions: Vec<u32> = matching.map(|token| token.position).collect();
        positions.dedup();
        positions
    };
    let positions: Vec<Vec<u32>> = proximity.words.iter().map(positions).collect();
    let windows = proximity_spans(&positions, proximity.width);
    for token in tokens {
        let is_in_window = windows.iter().any(|(first, last)| (*first..=*last).contains(&token.position));
        if is_in_window && proximity.words.iter().any(|keys| matches_word(token, keys)) {
            matches.push(Match::of_token(token, number));
        }
    }
}

/// The byte ranges to mark for a token: the token itself or, for a suspended compound, its written component with the
/// hyphen and the component that a neighboring token contributes.
pub(super) fn match_ranges<'a>(
    text: &str,
    tokens: &[Token],
    token: &'a Token,
) -> impl Iterator<Item = (usize, usize)> + use<'a> {
    let (mut own, mut shared) = ((token.start, token.end), None);
    if token.is_implied {
        let after = text[token.end..].chars().next().filter(|c| is_hyphen(*c));
        let before = text[..token.start].chars().next_back().filter(|c| is_hyphen(*c));
        own = match (after, before) {
            (Some(hyphen), _) => (token.start, token.end + hyphen.len_utf8()),
            (None, Some(hyphen)) => (token.start - hyphen.len_utf8(), token.end),
            (None, None) => own,
        };
        shared = shared_component(tokens, token, after.is_some());
    }
    std::iter::once(own).chain(shared)
}

/// How many written tokens are searched for the other part of a suspended compound. This is twice the distance in
/// `norwegian::token::suspended`, which counts words, because a hyphenated word is several tokens.
const MAX_SUSPENSION: usize = 16;

/// The component of another token that completes a suspended compound: of a later token if the hyphen follows `token`
/// (`støtte- og veiledningsressurser`), otherwise of an earlier one (`samarbeidskultur og -praksis`).
fn shared_component(tokens: &[Token], token: &Token, is_later: bool) -> Option<(usize, usize)> {
    let written = || tokens.iter().filter(|other| !other.is_implied);
    let own = written().find(|other| (other.start, other.end) == (token.start, token.end))?;
    let is_own = |key: &str| own.word.lemmas().chain(own.word.components()).any(|known| known == key);
    let missing: Vec<&str> = token.word.components().filter(|key| !is_own(key)).collect();
    let component = |other: &Token| other.components().find(|(key, _)| missing.contains(key)).map(|(_, range)| range);
    if is_later {
        written().filter(|other| other.start >= token.end).take(MAX_SUSPENSION).find_map(component)
    } else {
        written().rev().filter(|other| other.end <= token.start).take(MAX_SUSPENSION).find_map(component)
    }
}

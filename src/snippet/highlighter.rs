//! Finds everything in a text that a query matches: words, components, synonyms, phrases, proximity and patterns.

use super::token_match::{
    Match, add_phrase, add_proximity, component_match, find_phrase, find_proximity, has_form, has_lemma, match_ranges,
};
use crate::norwegian::{self, PrefixFilter, Standard, Token, is_invisible, may_have_invisible, word_breaks};
use crate::query::{Query, QueryWord};

/// Finds the matches of a query in texts.
pub struct Highlighter<'a> {
    query: &'a Query,
    prefixes: PrefixFilter,
}

impl<'a> Highlighter<'a> {
    pub fn new(query: &'a Query) -> Highlighter<'a> {
        Highlighter { query, prefixes: highlight_filter(query) }
    }

    /// Returns all matches in a text of the given written standard, ordered by position. The words of a phrase match
    /// only where the whole phrase does. The words of a synonym have the number of the query word that the synonym
    /// replaces.
    pub fn matches(&self, text: &str, standard: Standard) -> Vec<Match> {
        let has_breaks = text.contains('\n') && word_breaks(text).next().is_some();
        let has_invisible = may_have_invisible(text) && text.contains(is_invisible);
        if !has_breaks && !has_invisible {
            return self.find(text, standard);
        }
        // The offsets of components are only known for words without soft hyphens and line breaks.
        let (plain, offsets) = with_plain_words(text);
        let mut matches = self.find(&plain, standard);
        for found in &mut matches {
            found.start = offsets[found.start];
            found.end = offsets[found.end - 1] + 1;
        }
        matches
    }

    fn find(&self, text: &str, standard: Standard) -> Vec<Match> {
        find_in_tokens(&self.tokens(text, standard), text, self.query)
    }

    /// The tokens that may match, and some others.
    fn tokens(&self, text: &str, standard: Standard) -> Vec<Token> {
        let tokens = norwegian::analyze_matching(text, standard, &self.prefixes);
        // The other component of a suspended compound belongs to a neighboring token that the filter may have skipped.
        if tokens.iter().any(|token| token.is_implied) { norwegian::analyze(text, standard) } else { tokens }
    }
}

/// Removes soft hyphens and joiners between letters, and joins words that are divided at the end of a line. Also
/// returns, for each byte that is left, its offset in `text`.
pub(super) fn with_plain_words(text: &str) -> (String, Vec<usize>) {
    let (mut plain, mut offsets) = (String::with_capacity(text.len()), Vec::with_capacity(text.len()));
    let mut breaks = word_breaks(text).peekable();
    let mut chars = text.char_indices().peekable();
    while let Some((offset, c)) = chars.next() {
        if let Some(found) = breaks.next_if(|found| found.start == offset) {
            if found.keeps_hyphen {
                plain.push(c);
                offsets.extend(offset..found.hyphen_end);
            }
            while chars.next_if(|(offset, _)| *offset < found.end).is_some() {}
            continue;
        }
        let is_inside_word = is_invisible(c)
            && plain.ends_with(char::is_alphabetic)
            && text[offset..].trim_start_matches(is_invisible).starts_with(char::is_alphabetic);
        if is_inside_word {
            while chars.next_if(|(_, c)| is_invisible(*c)).is_some() {}
        } else {
            plain.push(c);
            offsets.extend(offset..offset + c.len_utf8());
        }
    }
    (plain, offsets)
}

/// A filter for the tokens that a query can match.
pub(crate) fn highlight_filter(query: &Query) -> PrefixFilter {
    let mut prefixes = PrefixFilter::default();
    for word in query.matching_words() {
        prefixes.add_form(&word.exact);
        word.lemmas.iter().chain(&word.split_compound.lemmas).for_each(|key| prefixes.add_key(key));
        word.synonyms.iter().for_each(|synonym| add_phrase(&synonym.phrase, &mut prefixes));
    }
    query.phrases.iter().for_each(|phrase| add_phrase(phrase, &mut prefixes));
    query.proximities.iter().for_each(|proximity| add_proximity(proximity, &mut prefixes));
    for pattern in query.matching_patterns() {
        pattern.expansions.iter().flatten().for_each(|form| prefixes.add_form(form));
    }
    prefixes
}

/// Finds the matches of a query among the tokens of a text. `Match::word` numbers the parts of the query in this order:
/// matching words, phrases, proximity expressions, patterns.
fn find_in_tokens(tokens: &[Token], text: &str, query: &Query) -> Vec<Match> {
    let mut matches = Vec::new();
    let mut number = 0;
    for word in query.matching_words() {
        if !word.is_quoted {
            find_word(tokens, text, word, number, &mut matches);
        }
        number += 1;
    }
    for phrase in &query.phrases {
        find_phrase(text, tokens, phrase, number, &mut matches);
        number += 1;
    }
    for proximity in &query.proximities {
        find_proximity(tokens, proximity, number, &mut matches);
        number += 1;
    }
    for pattern in query.matching_patterns() {
        let forms = pattern.expansions.as_deref().unwrap_or(&[]);
        let matching = tokens.iter().filter(|token| has_form(token, forms));
        matches.extend(matching.map(|token| Match::of_token(token, number)));
        number += 1;
    }
    matches.sort_by_key(|found| (found.start, found.end));
    matches
}

/// Adds the matches of a word and its synonyms.
fn find_word(tokens: &[Token], text: &str, word: &QueryWord, number: usize, matches: &mut Vec<Match>) {
    for synonym in &word.synonyms {
        find_phrase(text, tokens, &synonym.phrase, number, matches);
    }
    let count_after_synonyms = matches.len();
    for token in tokens {
        if has_lemma(token, &word.lemmas)
            || has_lemma(token, &word.split_compound.lemmas)
            || !token.is_implied && token.word.exact() == word.exact
        {
            matches.extend(match_ranges(text, tokens, token).map(|(start, end)| Match {
                start,
                end,
                word: number,
                is_component: false,
            }));
        } else if !token.is_implied {
            matches.extend(component_match(text, token, &word.lemmas, number));
        }
    }
    // A component of a suspended compound nearly always also occurs in the neighboring word, and is marked there.
    if matches.len() == count_after_synonyms {
        let implied = tokens.iter().filter(|token| token.is_implied);
        matches.extend(implied.filter_map(|token| component_match(text, token, &word.lemmas, number)));
    }
}

/// Merges matches that overlap or touch into byte ranges to highlight. `matches` must be ordered by position.
pub fn merge_marks<'a>(matches: impl IntoIterator<Item = &'a Match>) -> Vec<(usize, usize)> {
    let mut marks: Vec<(usize, usize)> = Vec::new();
    for found in matches {
        match marks.last_mut() {
            Some(last) if found.start <= last.1 => last.1 = last.1.max(found.end),
            _ => marks.push((found.start, found.end)),
        }
    }
    marks
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::{Index, select};

    use super::*;
    use crate::query::{Synonyms, parse};

    /// Sentences of the seed pages, and texts with special tokens (suspended compounds, soft hyphens, numbers …).
    fn sentences() -> Vec<String> {
        let seeds = concat!(env!("CARGO_MANIFEST_DIR"), "/seeds");
        let mut names: Vec<_> = std::fs::read_dir(seeds).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.sort();
        let texts = names.iter().filter_map(|name| std::fs::read_to_string(name).ok());
        let mut sentences: Vec<String> =
            texts.flat_map(|text| text.split(['.', '\n']).map(str::to_string).collect::<Vec<_>>()).collect();
        sentences.retain(|sentence| sentence.len() > 20);
        sentences.truncate(4000);
        for other in [
            "støtte- og veiledningsressurser",
            "Barne-, ungdoms- og familiedirektoratet",
            "samarbeidskultur og -praksis",
            "kommune- og skolebøker for born",
            "tau\u{ad}shets\u{ad}plikten og barne\u{ad}vernet",
            "Elevane skal få vita kva skulen gjer, og sjukehusa har teieplikt etter opplæringslova",
            "0–24-samarbeidet fra 19.02.2018 til 10. november 2020, 75 % og § 33",
            "e-tenester, pc'en, USA's og EU-debatten om vekene",
            "Haakon, oekonomi, kafeen, smör og läkare",
            "barneverns-\ntjenesten, samar\u{ad}\nbeidet, e-\npost og støtte-\nog hjelpetiltak",
            "ﬁnansielle rapporter¹ i Łódź, ordet1, 5 km² og CO₂, V E D T A K",
            "§§ 2-4 og 2-5, sak 19/04567-12, NOU 2020: 5, tlf. 22 24 90 90, Covid-19 og epost",
        ] {
            sentences.extend(std::iter::repeat_n(other.to_string(), 100));
        }
        sentences
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn filtered_tokens_have_the_matches_of_all_tokens(
            chosen in proptest::collection::vec(any::<Index>(), 1..5),
            words in proptest::collection::vec((any::<Index>(), any::<Index>()), 1..4),
            shape in select(&["{}", "\"{}\"", "\"{}\"~4", "=\"{}\"", "{}*", "{}~"][..]),
            hyphen in any::<Index>(),
            standard in select(&[Standard::Bokmal, Standard::Nynorsk, Standard::Both][..]),
        ) {
            thread_local!(static SENTENCES: Vec<String> = sentences());
            let (mut text, words) = SENTENCES.with(|sentences| {
                let text = chosen.iter().map(|one| sentences[one.index(sentences.len())].as_str()).collect::<Vec<_>>().join(". ");
                let word = |from: &str, word: &Index| {
                    let words: Vec<&str> = from.split_whitespace().collect();
                    if words.is_empty() { "og".to_string() } else { words[word.index(words.len())].to_string() }
                };
                // Half of the words occur in the text; most of the other words don't.
                let words = words.iter().enumerate().map(|(number, (sentence, one))| {
                    word(if number % 2 == 0 { &text } else { &sentences[sentence.index(sentences.len())] }, one)
                });
                let words: Vec<String> = words.collect();
                (text, words.join(" "))
            });
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            text.insert(places[hyphen.index(places.len())], '\u{ad}');
            let mut query = parse(&shape.replace("{}", &words), &Synonyms::builtin());
            for pattern in &mut query.patterns {
                pattern.expansions = Some(vec!["barn".to_string(), "barna".to_string(), pattern.text.clone()]);
            }
            let all = norwegian::analyze(&text, standard);
            let expected = find_in_tokens(&all, &text, &query);
            prop_assert_eq!(Highlighter::new(&query).find(&text, standard), expected, "{:?} in {:?}", query.text, text);
        }
    }
}

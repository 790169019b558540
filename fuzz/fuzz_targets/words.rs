//! Analyzes arbitrary text: offsets are valid, the analysis is deterministic, and the prefix filter skips no match.
#![no_main]

use libfuzzer_sys::fuzz_target;
use treff::norwegian::{PrefixFilter, Standard, Token, analyze, analyze_matching};
use treff::query::{self, Synonyms};
use treff::snippet::Highlighter;

/// Filters are seldom used for more keys than this, and a filter for many keys matches every word.
const MAX_KEYS: usize = 3;

fuzz_target!(|bytes: &[u8]| {
    let Some((first, text)) = bytes.split_first() else {
        return;
    };
    let standard = [Standard::Bokmal, Standard::Nynorsk, Standard::Both][usize::from(*first) % 3];
    let text = &*String::from_utf8_lossy(text);
    let tokens = analyze(text, standard);
    let mut position = 0;
    for token in &tokens {
        assert!(token.position >= position, "{token:?}");
        position = token.position;
        assert!(text.get(token.start..token.end).is_some_and(|word| !word.is_empty()), "{token:?}");
        assert!(token.word.lemmas().all(|key| !key.is_empty()), "{token:?}");
        for (key, (start, end)) in token.components() {
            assert!(!key.is_empty() && text.get(start..end).is_some_and(|part| !part.is_empty()), "{token:?}");
            assert!(token.start <= start && end <= token.end, "{token:?}");
        }
    }
    // Now all words are in the cache.
    let terms = |tokens: &[Token]| -> Vec<String> { tokens.iter().map(terms_of).collect() };
    assert_eq!(terms(&tokens), terms(&analyze(text, standard)));

    let every_nth = tokens.len() / MAX_KEYS + 1;
    let wanted: Vec<&str> = tokens.iter().step_by(every_nth).filter_map(|token| token.word.lemmas().next()).collect();
    let mut filter = PrefixFilter::default();
    wanted.iter().for_each(|key| filter.add_key(key));
    let has_wanted = |token: &&Token| token.word.lemmas().any(|key| wanted.contains(&key));
    let of = |tokens: &[Token]| -> Vec<String> { tokens.iter().filter(has_wanted).map(terms_of).collect() };
    assert_eq!(of(&tokens), of(&analyze_matching(text, standard, &filter)));

    let first_line = text.lines().next().unwrap_or("");
    let query = query::parse(first_line, &Synonyms::builtin());
    for problem in &query.problems {
        assert!(first_line.get(problem.span.clone()).is_some(), "{problem:?}");
    }
    for found in Highlighter::new(&query).matches(text, standard) {
        assert!(text.get(found.start..found.end).is_some_and(|marked| !marked.is_empty()), "{found:?}");
    }
});

/// The position, offsets and terms of a token.
fn terms_of(token: &Token) -> String {
    let lemmas: Vec<&str> = token.word.lemmas().collect();
    let components: Vec<_> = token.components().collect();
    format!("{} {}..{} {} {lemmas:?} {components:?}", token.position, token.start, token.end, token.word.exact())
}

//! The analysis chain: text → words → index terms.
//!
//! Pages and queries pass through the same chain, so it alone decides which words match. The steps:
//!
//! 1. The tokenizer (`token::tokenizer`) splits a text into words with positions and byte offsets.
//! 2. `WordCache` returns the analysis of words that the thread has analyzed before.
//! 3. `analyze_word` analyzes all other words: it normalizes the word, finds its lemmas and the components of a
//!    compound (`morph::lemmatize`), and packs the result (`AnalyzedWord`).
//! 4. Suspended compounds are completed (`token::suspended`): `støtte- og veiledningsressurser` also has the term of
//!    *støtteressurser*.

use std::borrow::Cow;

use smallvec::SmallVec;
use smol_str::SmolStr;

use super::analyzed_token::{TermKind, Token};
use super::analyzed_word::{AnalyzedWord, Span, WordWriter};
use super::lexicon::prefix_filter::PrefixFilter;
use super::morph::lemma::Lemma;
use super::morph::lemmatize::{self, lemmatize};
use super::morph::opaque_split::opaque_head;
use super::morph::stem::stem;
use super::standard::Standard;
use super::token::normalize::{key_with_plain_letters, lookup_key, normalize, without_hyphens};
use super::token::suspended::{self, SuspendedHyphen};
use super::token::tokenizer::{SourceWord, for_each_word};
use super::word_cache::{WordCache, with_word_cache};

/// The version of the terms that the analysis produces. An index built with another version is rebuilt.
pub const ANALYSIS_VERSION: u32 = 3;

/// Returns the tokens of a text, ordered by position; a hyphenated word comes before its parts.
///
/// ```
/// use treff::norwegian::{Standard, analyze};
///
/// let tokens = analyze("Taushetsplikten gjelder.", Standard::Bokmal);
/// let word = &tokens[0].word;
/// assert_eq!(word.exact(), "taushetsplikten");
/// assert_eq!(word.lemmas().collect::<Vec<_>>(), ["taushetsplikt"]);
/// assert_eq!(word.components().collect::<Vec<_>>(), ["taushet", "plikt"]);
/// assert_eq!((tokens[1].position, tokens[1].start, tokens[1].end), (1, 16, 23));
///
/// // Both written standards share one lemma key.
/// let tokens = analyze("Teieplikta", Standard::Nynorsk);
/// assert_eq!(tokens[0].word.lemmas().next(), Some("taushetsplikt"));
/// ```
pub fn analyze(text: &str, standard: Standard) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::with_capacity(text.len() / 6);
    let mut hyphens: Vec<SuspendedHyphen> = Vec::new();
    let mut has_suspended = false;
    with_word_cache(|cache| {
        let mut batch = cache.take_batch();
        for_each_word(text, |word| {
            has_suspended |= word.hyphen != SuspendedHyphen::None;
            if has_suspended {
                hyphens.resize(tokens.len() + batch.len(), SuspendedHyphen::None);
                hyphens.push(word.hyphen);
            }
            batch.push(&word, standard);
            if batch.is_full() {
                cache.get_all(&mut batch, standard, analyze_word, &mut tokens);
            }
        });
        cache.get_all(&mut batch, standard, analyze_word, &mut tokens);
        cache.return_batch(batch);
        if has_suspended {
            add_suspended_compounds(&mut tokens, &hyphens, standard, cache);
        }
    });
    tokens
}

/// Returns the tokens that may have one of the lemma keys or exact forms of a filter, as `analyze` returns them.
///
/// Every token that has such a key or form is returned, and some that have none. The other words of the text are not
/// analyzed, which saves most of the time.
pub fn analyze_matching(text: &str, standard: Standard, filter: &PrefixFilter) -> Vec<Token> {
    if filter.is_saturated() {
        return analyze(text, standard);
    }
    let mut tokens: Vec<Token> = Vec::new();
    let mut has_suspended = false;
    with_word_cache(|cache| {
        let mut batch = cache.take_batch();
        for_each_word(text, |word| {
            has_suspended |= word.hyphen != SuspendedHyphen::None;
            if filter.may_match(word.text) {
                batch.push(&word, standard);
                if batch.is_full() {
                    cache.get_all(&mut batch, standard, analyze_word, &mut tokens);
                }
            }
        });
        cache.get_all(&mut batch, standard, analyze_word, &mut tokens);
        cache.return_batch(batch);
        if has_suspended {
            add_matching_suspended_compounds(&mut tokens, text, standard, filter, cache);
        }
    });
    tokens
}

/// Calls `each` with the text, kind, position and byte offsets of every term of a text.
pub fn for_each_term(text: &str, standard: Standard, mut each: impl FnMut(&str, TermKind, u32, usize, usize)) {
    for token in analyze(text, standard) {
        if !token.is_implied {
            each(token.word.exact(), TermKind::Exact, token.position, token.start, token.end);
        }
        for lemma_key in token.word.lemmas() {
            each(lemma_key, TermKind::Lemma, token.position, token.start, token.end);
        }
        for (component_key, (start, end)) in token.components() {
            each(component_key, TermKind::Component, token.position, start, end);
        }
    }
}

/// Returns the analysis of a single word.
pub(super) fn cached_word(text: &str, standard: Standard) -> AnalyzedWord {
    with_word_cache(|cache| cache.get(text, standard, analyze_word))
}

/// Whether a normalized word is in the lexicon, or is a compound of words in the lexicon.
pub fn is_word(word: &str) -> bool {
    lemmatize::is_word(&lookup_key(word), Standard::Both)
}

/// Returns the byte offset of the head of a word that is split but has no components (see `opaque_split`).
pub(super) fn opaque_head_offset(exact: &str, standard: Standard) -> Option<usize> {
    let key = lookup_key(exact);
    OffsetMap::new(&key, exact).map(opaque_head(&key, standard)?)
}

/// Analyzes a single word without the cache.
pub(super) fn analyze_word(text: &str, standard: Standard) -> AnalyzedWord {
    let exact = normalize(text);
    let base = without_genitive_of_capitals(text, &exact);
    let lookup_key = lookup_key(base);
    let mut lemmas = lemmatize(&lookup_key, standard);
    add_other_spellings(base, &lookup_key, standard, &mut lemmas);

    let to_text = OffsetMap::new(&lookup_key, text);
    let to_exact = OffsetMap::new(&lookup_key, &exact);
    let head = lemmas.iter().find_map(|lemma| lemma.head_offset()).and_then(|offset| to_exact.map(offset));
    // If a word has several readings, the first one that is a compound determines the components; the other readings
    // are seldom meant.
    let compound = lemmas.iter().enumerate().find(|(_, lemma)| !lemma.components.is_empty());
    let runs =
        compound.into_iter().flat_map(|(index, lemma)| lemma.runs().map(move |(key, offsets)| (index, key, offsets)));
    let runs: SmallVec<[(usize, Span, Option<Span>); 6]> = runs.collect();

    let mut writer = WordWriter::new(lemmas.len(), runs.len());
    writer.head(head);
    writer.string(text);
    writer.string(&exact);
    let lemma_starts: SmallVec<[usize; 4]> = lemmas.iter().map(|lemma| writer.string(&lemma.key)).collect();
    for (lemma, (from, to), offsets) in runs {
        let key = (lemma_starts[lemma] + from, lemma_starts[lemma] + to);
        let offsets = offsets.and_then(|(start, end)| to_text.map(start).zip(to_text.map(end)));
        writer.component(key, offsets);
    }
    writer.finish()
}

/// Adds the lemma keys of other spellings that people type for a word: without its hyphens (`epost` for *e-post*), and
/// with `o`, `c` and `n` for `œ`, `ç` and `ñ`. A word typed without its hyphens has one of two keys: if it is split as
/// a compound, the key of the hyphenated word without the hyphens; otherwise the stem of the joined word. Both are
/// added, because finding out which one it is would require splitting the joined word, which takes as long as the rest
/// of the analysis.
fn add_other_spellings(exact: &str, lookup_key: &str, standard: Standard, lemmas: &mut Vec<Lemma>) {
    let mut keys: SmallVec<[SmolStr; 2]> = SmallVec::new();
    if let Some(joined) = without_hyphens(lookup_key) {
        keys.extend(lemmas.iter().map(|lemma| SmolStr::from(lemma.key.replace('-', ""))));
        if !joined.contains(|c: char| c.is_ascii_digit()) {
            keys.push(SmolStr::from(stem(&joined)));
        }
    }
    if let Some(key) = key_with_plain_letters(exact) {
        keys.extend(lemmatize(&key, standard).into_iter().map(|lemma| lemma.key));
    }
    for key in keys {
        if lemmas.iter().all(|known| known.key != key) {
            lemmas.push(Lemma::simplex(&key));
        }
    }
}

/// Removes the genitive -s of an abbreviation in capitals from its exact form: USAs, NAVs.
fn without_genitive_of_capitals<'a>(text: &str, exact: &'a str) -> &'a str {
    let is_abbreviation = |capitals: &str| capitals.chars().count() > 1 && capitals.chars().all(char::is_uppercase);
    match text.strip_suffix('s').filter(|capitals| is_abbreviation(capitals)) {
        Some(_) => exact.strip_suffix('s').unwrap_or(exact),
        None => exact,
    }
}

/// Maps byte offsets in the lookup key of a word to byte offsets in another spelling of it.
enum OffsetMap {
    /// All chars start at the same offsets.
    Same,
    /// Indexed by the offset in the key, including the end of the key. All are `None` unless each char of the spelling
    /// becomes exactly one char of the key. A ligature becomes two chars, a soft hyphen none.
    Moved(Vec<Option<usize>>),
}

impl OffsetMap {
    fn new(key: &str, text: &str) -> OffsetMap {
        let starts_char = |byte: &u8| byte & 0xc0 != 0x80;
        if key.len() == text.len()
            && key.bytes().zip(text.bytes()).all(|(one, other)| starts_char(&one) == starts_char(&other))
        {
            return OffsetMap::Same;
        }
        // One more than there are bytes, since a component may end where the word ends.
        let mut offsets = vec![None; key.len() + 1];
        // Comparing the numbers of chars is not enough: a word with a ligature and a soft hyphen has as many chars as
        // its key.
        let is_one_to_one = key.chars().count() == text.chars().count()
            && key.chars().zip(text.chars()).all(|(of_key, of_text)| has_key(of_text, of_key));
        if is_one_to_one {
            for ((in_key, _), (in_text, _)) in key.char_indices().zip(text.char_indices()) {
                offsets[in_key] = Some(in_text);
            }
            offsets[key.len()] = Some(text.len());
        }
        OffsetMap::Moved(offsets)
    }

    fn map(&self, offset: usize) -> Option<usize> {
        match self {
            OffsetMap::Same => Some(offset),
            OffsetMap::Moved(offsets) => offsets[offset],
        }
    }
}

/// Whether the lookup key of the one-letter word `c` is `key`.
fn has_key(c: char, key: char) -> bool {
    c == key || lookup_key(&normalize(c.encode_utf8(&mut [0; 4]))).chars().eq([key])
}

/// Adds a token for each completed suspended compound. `tokens` are all tokens of the text.
fn add_suspended_compounds(
    tokens: &mut Vec<Token>,
    hyphens: &[SuspendedHyphen],
    standard: Standard,
    cache: &mut WordCache,
) {
    let exact = |index: usize| Cow::Borrowed(tokens[index].word.exact());
    let completed = suspended::complete(hyphens, exact, |index| tokens[index].word.head_offset(), is_word);
    let mut implied = Vec::new();
    for (index, compound) in completed {
        let word = cache.get(&compound, standard, analyze_word);
        implied.push(Token { word, is_implied: true, ..tokens[index].clone() });
    }
    tokens.extend(implied);
    tokens.sort_by_key(|token| token.position);
}

/// Adds a token for each completed suspended compound that may match a filter. Few texts have suspended compounds, so
/// tokenizing those texts again is cheaper than keeping the words of every text.
fn add_matching_suspended_compounds(
    tokens: &mut Vec<Token>,
    text: &str,
    standard: Standard,
    filter: &PrefixFilter,
    cache: &mut WordCache,
) {
    let (mut letters, mut words, mut hyphens) = (String::with_capacity(text.len()), Vec::new(), Vec::new());
    for_each_word(text, |SourceWord { text, position, start, end, is_hyphen_part, hyphen }| {
        let letters_start = letters.len();
        letters.push_str(text);
        words.push((letters_start..letters.len(), position, start, end, is_hyphen_part));
        hyphens.push(hyphen);
    });
    let written = |index: usize| &letters[words[index].0.clone()];
    let head_offset = |index| cache.get(written(index), standard, analyze_word).head_offset();
    let mut completed = suspended::complete(&hyphens, |index| normalize(written(index)), head_offset, is_word);
    completed.retain(|(_, compound)| filter.may_match(compound));
    for (index, compound) in completed {
        let (_, position, start, end, is_hyphen_part) = words[index].clone();
        let word = cache.get(&compound, standard, analyze_word);
        tokens.push(Token { word, position, start, end, is_hyphen_part, is_implied: true });
    }
    tokens.sort_by_key(|token| token.position);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks the components of a text, each with the part of the text at its offsets.
    fn check(text: &str, expected: &[(&str, &str)]) {
        let mut components = Vec::new();
        for_each_term(text, Standard::Both, |term, kind, _, start, end| {
            let source = text.get(start..end);
            assert!(source.is_some_and(|source| !source.is_empty()), "{text}: {term} is at {start}..{end}");
            if kind == TermKind::Component {
                components.push((term.to_string(), &text[start..end]));
            }
        });
        let components: Vec<_> = components.iter().map(|(term, source)| (term.as_str(), *source)).collect();
        assert_eq!(components, expected, "{text}");
    }

    #[test]
    fn components_have_the_offsets_of_their_letters() {
        check("gulfinans", &[("gul", "gul"), ("finans", "finans")]);
        check("ÖLFLASKE", &[("øl", "ÖL"), ("flaske", "FLASKE")]);
        check("ölﬂaske", &[("øl", "ölﬂaske"), ("flaske", "ölﬂaske")]);
        check("e-\ngulfinans", &[("gul", "gulfinans"), ("finans", "gulfinans")]);
    }

    #[test]
    fn components_have_the_offsets_of_their_word_if_the_letters_are_not_one_to_one() {
        // A dropped soft hyphen and a ligature: the word has as many chars as its key.
        check("e-\ngulﬁnans", &[("gul", "gulﬁnans"), ("finans", "gulﬁnans")]);
        check("e-\ngulﬂagg", &[("gul", "gulﬂagg"), ("flagg", "gulﬂagg")]);
        check("e-\npaßkontroll", &[("pass", "paßkontroll"), ("kontroll", "paßkontroll")]);
        check("e-\npœsibok", &[("poesi", "pœsibok"), ("bok", "pœsibok")]);
        check("gul\u{ad}ﬁnans", &[("gul", "gul\u{ad}ﬁnans"), ("finans", "gul\u{ad}ﬁnans")]);
        check("pa\u{ad}ßkontroll", &[("pass", "pa\u{ad}ßkontroll"), ("kontroll", "pa\u{ad}ßkontroll")]);
        check("gul-\nﬁnans", &[("gul", "gul-\nﬁnans"), ("finans", "gul-\nﬁnans")]);
        check("gulﬁ-\nnans", &[("gul", "gulﬁ-\nnans"), ("finans", "gulﬁ-\nnans")]);
        check("ølﬂa\u{ad}\nske", &[("øl", "ølﬂa\u{ad}\nske"), ("flaske", "ølﬂa\u{ad}\nske")]);
    }
}

//! Phrases and proximity queries: their terms with positions.

use super::typed_words::{group_by_position, lemma_keys, typed_token};
use crate::norwegian::{self, Standard, Token, is_day};

/// Adjacent words. Positions are relative to the first word.
#[derive(Clone, Debug, PartialEq)]
pub enum Phrase {
    /// One word in its exact form.
    ExactWord(String),
    /// For each word its position and its possible lemma keys.
    Lemmas(Vec<(usize, Vec<String>)>),
    /// For each word its position and its exact form.
    ExactWords(Vec<(usize, String)>),
}

/// Words near one another, in any order.
#[derive(Clone, Debug, PartialEq)]
pub struct Proximity {
    /// For each word its lemma keys or, if `is_exact`, its exact form.
    pub words: Vec<Vec<String>>,
    pub is_exact: bool,
    /// The largest distance between the positions of the first and the last word.
    pub width: u32,
}

/// Which forms the words of a phrase match.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PhraseMode {
    /// All forms of their lemmas.
    Lemmas,
    /// All forms of their lemmas; if there is only one word, its exact form.
    Quoted,
    /// Their exact forms.
    Exact,
}

/// Parses a text as a phrase; `None` if it has no words. A date or a number in groups is one term in all of its
/// spellings, at the position of its first word.
pub fn parse_phrase(text: &str, mode: PhraseMode) -> Option<Phrase> {
    let tokens = norwegian::analyze(text, Standard::Both);
    let words = phrase_words(&tokens);
    let first = words.first()?;
    if mode != PhraseMode::Lemmas && words.len() == 1 {
        return Some(Phrase::ExactWord(first.word.exact().to_string()));
    }
    let position = |token: &&Token| (token.position - first.position) as usize;
    Some(match mode {
        PhraseMode::Exact => {
            Phrase::ExactWords(words.iter().map(|token| (position(token), token.word.exact().to_string())).collect())
        }
        _ => Phrase::Lemmas(words.iter().map(|token| (position(token), lemma_keys(&token.word))).collect()),
    })
}

/// Parses a text as words with at most `slop` other words between them; `None` if it has fewer than two words.
pub fn parse_proximity(text: &str, is_exact: bool, slop: u32) -> Option<Proximity> {
    let tokens = norwegian::analyze(text, Standard::Both);
    let words = phrase_words(&tokens);
    let terms = |token: &&Token| if is_exact { vec![token.word.exact().to_string()] } else { lemma_keys(&token.word) };
    let width = (words.len() as u32).saturating_sub(1).saturating_add(slop.min(MAX_SLOP));
    (words.len() > 1).then(|| Proximity { words: words.iter().map(terms).collect(), is_exact, width })
}

/// All lemma keys that an exact form may have in a text of any written standard, sorted; empty if the form can't be
/// analyzed alone.
pub fn possible_lemmas(form: &str) -> Vec<String> {
    // An exact form is in lower case, but capitals in the text change the analysis: an s after them may be a genitive
    // (`NAVs`), and letters that look like an ending may not be one (`NS-EN`).
    let upper = form.to_uppercase();
    let upper_genitive = form.strip_suffix('s').map(|stem| format!("{}s", stem.to_uppercase()));
    let mut lemmas = Vec::new();
    for text in [Some(form), upper_genitive.as_deref(), Some(upper.as_str())].into_iter().flatten() {
        for standard in [Standard::Both, Standard::Bokmal, Standard::Nynorsk] {
            for token in norwegian::analyze(text, standard).iter().filter(|token| token.word.exact() == form) {
                lemmas.extend(lemma_keys(&token.word));
            }
        }
    }
    lemmas.sort_unstable();
    lemmas.dedup();
    lemmas
}

/// The largest slop that is used. Larger values have no effect: no passage has that many words.
const MAX_SLOP: u32 = 10_000;

/// A telephone number has this many digits. No shorter number is written in groups with periods or hyphens.
const MIN_JOINED: usize = 8;

/// The words of a phrase as they were typed: a hyphenated word as its parts, which are adjacent, and a date or a
/// number in groups as one word.
fn phrase_words(tokens: &[Token]) -> Vec<&Token> {
    let mut words: Vec<&Token> = Vec::new();
    let mut term_end = 0;
    for group in group_by_position(tokens) {
        let Some(typed) = typed_token(group).filter(|typed| typed.start >= term_end) else {
            continue;
        };
        let covers_typed = |token: &&Token| token.start <= typed.start && token.end >= typed.end;
        // "22 24 90 90" and "22.24.90.90" have the term 22249090.
        let joins_groups = |token: &Token| {
            let term = token.word.exact();
            let is_number = term.len() >= MIN_JOINED && term.bytes().all(|byte| byte.is_ascii_digit());
            let is_longer = token.end > typed.end && term.chars().all(char::is_alphanumeric);
            !token.is_implied && (is_longer || is_number && term != typed.word.exact())
        };
        let is_one_term = |token: &&Token| is_day(token.word.exact()) || joins_groups(token);
        let one_term = group.iter().filter(covers_typed).find(is_one_term);
        term_end = one_term.map_or(term_end, |token| token.end);
        words.push(one_term.unwrap_or(typed));
    }
    words
}

/// Returns the narrowest spans (first and last position) that are no wider than `width` and contain one position
/// from each list, all of them different. `positions` has one sorted list for each word.
pub fn proximity_spans(positions: &[Vec<u32>], width: u32) -> Vec<(u32, u32)> {
    let mut starts: Vec<u32> = positions.iter().flatten().copied().collect();
    starts.sort_unstable();
    starts.dedup();
    let mut spans = Vec::new();
    for (index, start) in starts.iter().enumerate() {
        let first_from = |list: &Vec<u32>| list.get(list.partition_point(|position| position < start)).copied();
        let Some(end) =
            positions.iter().map(first_from).collect::<Option<Vec<u32>>>().and_then(|all| all.into_iter().max())
        else {
            break;
        };
        // The same position may be in several lists, but a span needs as many positions as there are words.
        let Some(min_end) = starts.get(index + positions.len() - 1) else {
            break;
        };
        let end = end.max(*min_end);
        if end - start <= width {
            spans.push((*start, end));
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_phrase(text: &str, mode: PhraseMode, expected: &[(usize, &str)]) {
        let Some(Phrase::Lemmas(words)) = parse_phrase(text, mode) else {
            panic!("{text} is not a phrase of lemmas");
        };
        let positions: Vec<usize> = words.iter().map(|(position, _)| *position).collect();
        assert_eq!(positions, expected.iter().map(|(position, _)| *position).collect::<Vec<_>>(), "{text}");
        for ((_, lemmas), (_, lemma)) in words.iter().zip(expected) {
            assert!(lemmas.iter().any(|known| known == lemma), "{lemma} in {text}: {lemmas:?}");
        }
    }

    #[test]
    fn hyphenated_words_are_phrases_of_their_parts() {
        check_phrase("0-24-samarbeidet i", PhraseMode::Quoted, &[(0, "0-24"), (1, "samarbeid"), (2, "i")]);
        check_phrase("rapport 2/2020", PhraseMode::Quoted, &[(0, "rapport"), (1, "2/2020")]);
        check_phrase("lovverket", PhraseMode::Lemmas, &[(0, "lovverk")]);
        check_phrase(
            "støtte- og veiledningsressurser",
            PhraseMode::Quoted,
            &[(0, "støtte"), (1, "og"), (2, "veiledningsressurs")],
        );
        let members = [(0, "barn"), (1, "ungdom"), (2, "og"), (3, "familiedirektorat")];
        check_phrase("Barne-, ungdoms- og familiedirektoratet", PhraseMode::Lemmas, &members);
        assert_eq!(parse_phrase("2/2020", PhraseMode::Quoted), Some(Phrase::ExactWord("2/2020".into())));
        assert_eq!(parse_phrase("lovverket", PhraseMode::Quoted), Some(Phrase::ExactWord("lovverket".into())));
        assert_eq!(parse_phrase("…", PhraseMode::Quoted), None);
    }

    #[test]
    fn a_date_or_section_is_one_term_of_a_phrase() {
        for text in ["10.11.2020", "10. november 2020", "10. nov. 2020", "2020-11-10"] {
            assert_eq!(parse_phrase(text, PhraseMode::Quoted), Some(Phrase::ExactWord("2020-11-10".into())), "{text}");
        }
        for text in ["§ 33", "paragraf 33", "§33"] {
            assert_eq!(parse_phrase(text, PhraseMode::Quoted), Some(Phrase::ExactWord("§33".into())), "{text}");
        }
        check_phrase("møtet 10. november 2020 i", PhraseMode::Quoted, &[(0, "møte"), (1, "2020-11-10"), (4, "i")]);
        check_phrase("etter § 8–1 i", PhraseMode::Quoted, &[(0, "etter"), (1, "§8-1"), (2, "i")]);
        check_phrase("november 2020", PhraseMode::Quoted, &[(0, "november"), (1, "2020")]);
        check_phrase("10.11.2020–12.11.2020 i", PhraseMode::Quoted, &[(0, "10.11.2020-12.11.2020"), (1, "i")]);
    }

    #[test]
    fn a_number_in_groups_is_one_term_of_a_phrase() {
        for text in ["22 24 90 90", "22.24.90.90", "22249090"] {
            assert_eq!(parse_phrase(text, PhraseMode::Quoted), Some(Phrase::ExactWord("22249090".into())), "{text}");
        }
        assert_eq!(parse_phrase("9876.54.32109", PhraseMode::Quoted), Some(Phrase::ExactWord("98765432109".into())));
        check_phrase("ring 22 24 90 90 nå", PhraseMode::Quoted, &[(0, "ring"), (1, "22249090"), (5, "nå")]);
    }

    #[test]
    fn exact_phrases_keep_exact_forms() {
        let words = Phrase::ExactWords(vec![(0, "utsatte".into()), (1, "barn".into())]);
        assert_eq!(parse_phrase("Utsatte barn", PhraseMode::Exact), Some(words));
        assert_eq!(parse_phrase("Barna", PhraseMode::Exact), Some(Phrase::ExactWord("barna".into())));
    }

    #[test]
    fn possible_lemmas_covers_every_analysis_in_context() {
        let seeds = std::fs::read_dir("seeds").expect("the seeds").map(|entry| entry.expect("a seed").path());
        let texts = seeds.map(|seed| std::fs::read_to_string(seed).expect("a text"));
        let others = "NAVs NS-EN støtte- og veiledningsressurser, før-/etter-måling 10. nov. 2020 kl. 12.30 jf. § 8–1, født på Åsen";
        for text in texts.chain([others.to_string()]) {
            for standard in [Standard::Bokmal, Standard::Nynorsk, Standard::Both] {
                for token in norwegian::analyze(&text, standard).iter().filter(|token| !token.is_implied) {
                    let known = possible_lemmas(token.word.exact());
                    let missing: Vec<&str> =
                        token.word.lemmas().filter(|lemma| !known.iter().any(|known| known == lemma)).collect();
                    assert!(missing.is_empty(), "{} of {}: {known:?}", missing.join(", "), token.word.exact());
                }
            }
        }
    }

    #[test]
    fn proximity_spans_ignore_word_order() {
        assert_eq!(parse_proximity("barn skole", false, 5).map(|proximity| proximity.width), Some(6));
        assert_eq!(parse_proximity("barn", false, 5), None);
        assert_eq!(proximity_spans(&[vec![1, 9], vec![4]], 3), [(1, 4)]);
        assert_eq!(proximity_spans(&[vec![4], vec![1, 9]], 5), [(1, 4), (4, 9)]);
        assert_eq!(proximity_spans(&[vec![1], vec![1]], 5), [], "one position is not two");
        assert_eq!(proximity_spans(&[vec![1, 3], vec![1, 3]], 5), [(1, 3)]);
        assert_eq!(proximity_spans(&[vec![], vec![1]], 5), []);
    }
}

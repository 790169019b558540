//! Describes a parsed query: what was read from the typed text, in words that its author can check.

use std::ops::RangeInclusive;

use jiff::civil::Date;
use serde::Serialize;

use crate::query::{Constraint, Filter, Pattern, Phrase, Proximity, Query, QueryWord};

/// A query as it was read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QueryReading {
    /// The text that was searched: as typed, or corrected.
    pub text: String,
    /// The words that score, in the order in which they were typed.
    pub words: Vec<WordReading>,
    /// Wildcard and fuzzy patterns.
    pub patterns: Vec<PatternReading>,
    /// What a passage must satisfy, in the query language; `None` if there is no such condition.
    pub condition: Option<String>,
    /// Whether a passage must also match one of the words or patterns.
    pub any_word: bool,
}

/// A word of a query and what it matches besides itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WordReading {
    /// In lower case.
    pub word: String,
    /// The dictionary forms; every inflection of each matches.
    pub lemmas: Vec<String>,
    /// The dictionary forms of the parts of a compound, which raise the score.
    pub components: Vec<String>,
    /// The compounds that the word forms with the next word.
    pub split_compounds: Vec<String>,
    pub synonyms: Vec<String>,
    /// Whether it only raises the score, because it is a word like `og`.
    pub stop_word: bool,
}

/// A pattern of a query with the words that it matches.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PatternReading {
    /// As typed.
    pub pattern: String,
    /// The most frequent words that it matches.
    pub words: Vec<String>,
    /// Number of searched words that are not listed.
    pub more: usize,
    /// Whether passages that match it are excluded.
    pub excluded: bool,
}

/// Maximum number of words to list for a pattern.
const MAX_LISTED_WORDS: usize = 20;

impl QueryReading {
    /// Describes a query. Its patterns should be expanded.
    pub fn of(query: &Query) -> QueryReading {
        QueryReading {
            text: query.text.clone(),
            words: query.words.iter().map(|word| word_reading(word, query)).collect(),
            patterns: query.patterns.iter().map(pattern_reading).collect(),
            condition: query.constraint.as_ref().map(|constraint| describe(constraint, query, None)),
            any_word: query.must_match_word,
        }
    }
}

/// What there is to say about how a query was read, apart from its problems, as sentences.
pub fn query_notes(query: &Query) -> Vec<String> {
    let mut notes = Vec::new();
    if query.is_all_caps {
        let note = "the whole query is in capitals, so OG, ELLER and IKKE are words; use AND, OR and NOT as operators";
        notes.push(note.to_string());
    }
    if query.dropped_words > 0 {
        let (searched, dropped) = (query.words.len(), query.dropped_words);
        notes.push(format!("only the first {searched} words are searched for; {dropped} were dropped"));
    }
    notes
}

fn word_reading(word: &QueryWord, query: &Query) -> WordReading {
    WordReading {
        word: word.exact.clone(),
        lemmas: word.lemmas.clone(),
        components: word.components.clone(),
        split_compounds: word.split_compound.forms.clone(),
        synonyms: word.synonyms.iter().map(|synonym| synonym.name.clone()).collect(),
        stop_word: !query.matching_words().any(|matching| std::ptr::eq(matching, word)),
    }
}

fn pattern_reading(pattern: &Pattern) -> PatternReading {
    let words = pattern.expansions.as_deref().unwrap_or_default();
    PatternReading {
        pattern: pattern.text.clone(),
        words: words.iter().take(MAX_LISTED_WORDS).cloned().collect(),
        more: words.len().saturating_sub(MAX_LISTED_WORDS),
        excluded: pattern.is_excluded,
    }
}

/// Writes a constraint in the query language. It is put in parentheses if it has an operator other than `outer`, the
/// operator around it.
fn describe(constraint: &Constraint, query: &Query, outer: Option<&str>) -> String {
    let join = |operands: &[Constraint], operator: &str| match operands {
        [operand] => describe(operand, query, outer),
        operands => {
            let parts: Vec<String> = operands.iter().map(|operand| describe(operand, query, Some(operator))).collect();
            let joined = parts.join(operator);
            if outer.is_some_and(|outer| outer != operator) { format!("({joined})") } else { joined }
        }
    };
    match constraint {
        Constraint::All(operands) => join(operands, " AND "),
        Constraint::Any(operands) => join(operands, " OR "),
        Constraint::Not(operand) => format!("NOT {}", describe(operand, query, Some("NOT "))),
        Constraint::Word(index) => query.words.get(*index).map(|word| word.exact.clone()).unwrap_or_default(),
        Constraint::Pattern(index) => query.patterns.get(*index).map(|found| found.text.clone()).unwrap_or_default(),
        Constraint::Phrase(phrase) => describe_phrase(phrase),
        Constraint::Proximity(Proximity { words, is_exact, width }) => {
            let slop = (*width as usize).saturating_sub(words.len().saturating_sub(1));
            let exact = if *is_exact { "=" } else { "" };
            format!("{exact}\"{}\"~{slop}", join_first(words.iter()))
        }
        Constraint::Title(keys) => format!("title:{}", keys.first().map_or("", String::as_str)),
        Constraint::Filter(filter) => describe_filter(filter),
    }
}

fn describe_phrase(phrase: &Phrase) -> String {
    match phrase {
        Phrase::ExactWord(word) => format!("={word}"),
        Phrase::Lemmas(words) => match &words[..] {
            [(_, lemmas)] => join_first(std::iter::once(lemmas)),
            words => format!("\"{}\"", join_first(words.iter().map(|(_, lemmas)| lemmas))),
        },
        Phrase::ExactWords(words) => {
            let words: Vec<&str> = words.iter().map(|(_, word)| word.as_str()).collect();
            format!("=\"{}\"", words.join(" "))
        }
    }
}

/// Joins the first of the alternatives for each word.
fn join_first<'a>(words: impl Iterator<Item = &'a Vec<String>>) -> String {
    let first: Vec<&str> = words.filter_map(|alternatives| alternatives.first()).map(String::as_str).collect();
    first.join(" ")
}

fn describe_filter(filter: &Filter) -> String {
    match filter {
        Filter::Source(words) => format!("source:{}", quoted(&words.join(" "))),
        Filter::Site(host) => format!("site:{}", quoted(host)),
        Filter::Path(path) => format!("path:{}", quoted(path)),
        Filter::Lang(codes) => match codes[..] {
            [code] => format!("lang:{code}"),
            _ => "lang:no".to_string(),
        },
        Filter::Days(days) => format!("date:{}", describe_days(days)),
    }
}

fn quoted(text: &str) -> String {
    if text.contains(|c: char| c.is_whitespace() || matches!(c, '(' | ')')) {
        format!("\"{text}\"")
    } else {
        text.to_string()
    }
}

/// Writes a range of days as its first and its last day. A range that is open at one end may begin or end between two
/// days, because `>2019-03` is stored as the days from 2019-03-32.
fn describe_days(days: &RangeInclusive<u64>) -> String {
    let (first, last) = (*days.start(), *days.end());
    match (iso_day(first), iso_day(last)) {
        (Some(first), Some(last)) if first == last => first,
        (Some(first), Some(last)) => format!("{first}..{last}"),
        (Some(first), None) if last == u64::MAX => format!(">={first}"),
        (None, Some(last)) if first == 0 => format!("<={last}"),
        (None, None) if first > 0 => format!(">{}", iso_day(first - 1).unwrap_or_else(|| first.to_string())),
        _ => format!("<{}", iso_day(last.saturating_add(1)).unwrap_or_else(|| last.to_string())),
    }
}

/// A day such as 20190331 in ISO 8601; `None` if there is no such day.
fn iso_day(number: u64) -> Option<String> {
    let year = i16::try_from(number / 10_000).ok()?;
    let date = Date::new(year, (number / 100 % 100) as i8, (number % 100) as i8).ok()?;
    Some(date.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{Synonyms, parse};

    #[track_caller]
    fn check(text: &str, condition: Option<&str>, any_word: bool) {
        let reading = QueryReading::of(&parse(text, &Synonyms::default()));
        assert_eq!((reading.condition.as_deref(), reading.any_word), (condition, any_word), "{text}");
    }

    #[test]
    fn shows_how_operators_were_read() {
        check("barn skole", None, true);
        check("barn AND skole OR hjelp", Some("(barn AND skole) OR hjelp"), false);
        check("barn AND (skole OR hjelp)", Some("barn AND (skole OR hjelp)"), false);
        check("(barn AND skole) AND hjelp lang:nn", Some("barn AND skole AND hjelp AND lang:nn"), false);
        check("barn -skole", Some("NOT skole"), true);
        check("barn NOT (skole OR hjelp)", Some("NOT (skole OR hjelp)"), true);
        check("samarb* AND barn", Some("samarb* AND barn"), false);
    }

    #[test]
    fn shows_filters_in_the_query_language() {
        check("barn date:2018..2020", Some("date:2018-01-01..2020-12-31"), true);
        check("barn date:2018-03-12", Some("date:2018-03-12"), true);
        check("barn date:>2019-03", Some("date:>2019-03-31"), true);
        check("barn date:<2019", Some("date:<2019-01-01"), true);
        check("barn date:>=2019", Some("date:>=2019-01-01"), true);
        check("barn date:<=2019", Some("date:<=2019-12-31"), true);
        check(
            "barn lang:no source:\"Helse Nord\" site:NAV.no",
            Some("lang:no AND source:\"helse nord\" AND site:nav.no"),
            true,
        );
        check("barn lang:nn lang:en", Some("lang:nn OR lang:en"), true);
    }

    #[test]
    fn shows_phrases() {
        check("=\"utsatte barn\"", Some("=\"utsatte barn\""), false);
        check("\"utsatte barn\"~5", Some("\"utsette barn\"~5"), false);
        check("=skolen", Some("=skolen"), false);
    }

    #[test]
    fn words_have_their_lemmas_and_role() {
        let reading = QueryReading::of(&parse("og skolene", &Synonyms::default()));
        let words: Vec<_> = reading.words.iter().map(|word| (word.word.as_str(), word.stop_word)).collect();
        assert_eq!(words, [("og", true), ("skolene", false)]);
        assert!(reading.words[1].lemmas.contains(&"skole".to_string()));
    }
}

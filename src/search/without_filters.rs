//! Removes the filters of a query, to find out whether it would have hits without them.

use crate::query::{Constraint, Query};

/// Returns the query without its filters (`site:`, `date:` …) and without exclusions that consist of filters. Returns
/// `None` if the query has none, or if nothing to search for is left.
///
/// A filter that is one alternative among others (`barn OR site:nav.no`) is removed from the alternatives.
pub fn without_filters(query: &Query) -> Option<Query> {
    let constraint = query.constraint.as_ref()?;
    let remaining = remove_filters(constraint);
    if remaining.as_ref() == Some(constraint) {
        return None;
    }
    if query.words.is_empty() && query.patterns.iter().all(|pattern| pattern.is_excluded) {
        return None;
    }
    Some(Query { constraint: remaining, ..query.clone() })
}

fn consists_of_filters(constraint: &Constraint) -> bool {
    match constraint {
        Constraint::Filter(_) => true,
        Constraint::All(operands) | Constraint::Any(operands) => operands.iter().all(consists_of_filters),
        Constraint::Not(operand) => consists_of_filters(operand),
        _ => false,
    }
}

/// `None` if nothing is left.
fn remove_filters(constraint: &Constraint) -> Option<Constraint> {
    let remaining = |operands: &[Constraint]| -> Option<Vec<Constraint>> {
        let operands: Vec<Constraint> = operands.iter().filter_map(remove_filters).collect();
        (!operands.is_empty()).then_some(operands)
    };
    match constraint {
        _ if consists_of_filters(constraint) => None,
        Constraint::All(operands) => remaining(operands).map(Constraint::All),
        Constraint::Any(operands) => remaining(operands).map(Constraint::Any),
        _ => Some(constraint.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{Synonyms, parse};

    fn parsed(text: &str) -> Query {
        parse(text, &Synonyms::builtin())
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let remaining = without_filters(&parsed(text)).expect("the query has a filter");
        let expected = parsed(expected);
        assert_eq!((remaining.words, remaining.constraint), (expected.words, expected.constraint), "{text}");
    }

    #[test]
    fn removes_only_the_filters() {
        check("\"utsatte barn\" date:>=2020", "\"utsatte barn\"");
        check("barn -skole lang:nn", "barn -skole");
        check("barn -skole -lang:nn", "barn -skole");
        check("(barn AND skole) site:nav.no source:a source:b", "(barn AND skole)");
        assert_eq!(without_filters(&parsed("barn date:2020")).map(|query| query.constraint), Some(None));
    }

    #[test]
    fn a_group_of_filters_makes_no_word_optional() {
        for text in ["barn (site:a OR site:b)", "barn* (lang:nn OR lang:en) -skole", "barn date:2020", "+lang:nn barn"]
        {
            assert!(without_filters(&parsed(text)).is_some_and(|query| query.must_match_word), "{text}");
        }
        for text in [
            "+barn skole (site:a OR site:b)",
            "skole title:barn (site:a OR site:b)",
            "\"utsatte barn\" skole lang:nn",
            "barn AND (site:a OR site:b)",
        ] {
            assert!(without_filters(&parsed(text)).is_some_and(|query| !query.must_match_word), "{text}");
        }
    }

    #[test]
    fn returns_none_without_filters_or_without_words() {
        for text in ["barn", "barn -skole", "\"barn og unge\"", "title:barn", "lang:nn", "lang:nn -barn", ""] {
            assert_eq!(without_filters(&parsed(text)), None, "{text}");
        }
    }
}

//! Given how a query hangs together, what must hold of a passage, and which words score?

use std::collections::HashMap;

use super::phrase::{Meant, near, phrase};
use super::syntax::Node;
use super::{Filter, FilterField, Pattern, Phrase, Proximity, Query, Synonyms, keys, positions, typed};
use crate::norwegian::{self, Standard, is_stop_word};

/// What must hold of a passage.
#[derive(Clone, Debug, PartialEq)]
pub enum Constraint {
    All(Vec<Constraint>),
    Any(Vec<Constraint>),
    Not(Box<Constraint>),
    /// The word of the query with this number stands in it: in any form, as a part of a compound, by another name.
    Word(usize),
    Phrase(Phrase),
    Proximity(Proximity),
    /// The pattern of the query with this number.
    Pattern(usize),
    /// The title of its page holds a word with one of these keys.
    Title(Vec<String>),
    Filter(Filter),
}

impl Constraint {
    /// Whether it holds for no passage without one of the words for which `finds` is true.
    pub fn needs_word(&self, finds: &impl Fn(usize) -> bool) -> bool {
        match self {
            Constraint::All(parts) => parts.iter().any(|part| part.needs_word(finds)),
            Constraint::Any(parts) => parts.iter().all(|part| part.needs_word(finds)),
            Constraint::Word(place) => finds(*place),
            _ => false,
        }
    }

    /// Every filter in it that says what a passage must be.
    pub fn filters(&self) -> Vec<&Filter> {
        match self {
            Constraint::All(parts) | Constraint::Any(parts) => parts.iter().flat_map(Constraint::filters).collect(),
            Constraint::Filter(filter) => vec![filter],
            _ => Vec::new(),
        }
    }
}

/// Puts into `query` what the node asks for.
pub fn lower(query: Query, node: Node, synonyms: &Synonyms) -> Query {
    let mut lowering = Lowering { query, synonyms, places: HashMap::new() };
    let items = match node {
        Node::Beside(items) => items,
        other => vec![other],
    };
    let Parts { required, finding, restricting } = lowering.parts(items, true);
    let all = if required.is_empty() && !finding.is_empty() && !restricting.iter().any(is_title) {
        lowering.query.finds_by_words = true;
        restricting
    } else {
        together(Parts { required, finding, restricting })
    };
    lowering.query.constraint = (!all.is_empty()).then_some(Constraint::All(all));
    lowering.query
}

/// Filters that hold together: one of those that ask for the same thing is enough, but for dates.
pub fn grouped(filters: Vec<Filter>) -> Vec<Constraint> {
    let mut groups: Vec<(FilterField, Vec<Constraint>)> = Vec::new();
    for filter in filters {
        let facet = filter.facet();
        match groups.iter_mut().find(|(known, _)| *known == facet && facet != FilterField::Date) {
            Some((_, group)) => group.push(Constraint::Filter(filter)),
            None => groups.push((facet, vec![Constraint::Filter(filter)])),
        }
    }
    groups.into_iter().map(|(_, group)| one_or(group, Constraint::Any)).collect()
}

fn is_title(constraint: &Constraint) -> bool {
    matches!(constraint, Constraint::Title(_))
}

fn one_or(mut parts: Vec<Constraint>, many: fn(Vec<Constraint>) -> Constraint) -> Constraint {
    if parts.len() == 1 { parts.remove(0) } else { many(parts) }
}

/// What stands side by side.
#[derive(Default)]
struct Parts {
    /// Phrases, and what stands in parentheses: each must hold.
    required: Vec<Constraint>,
    /// Words and patterns: where nothing else is asked for, one must stand there.
    finding: Vec<Constraint>,
    /// Titles, filters, exclusions.
    restricting: Vec<Constraint>,
}

fn together(parts: Parts) -> Vec<Constraint> {
    let Parts { required: mut all, finding, restricting } = parts;
    if all.is_empty() && !finding.is_empty() {
        all.push(one_or(finding, Constraint::Any));
    }
    all.extend(restricting);
    all
}

struct Lowering<'s> {
    query: Query,
    synonyms: &'s Synonyms,
    /// Where in the query's words each exact form is.
    places: HashMap<Box<str>, usize>,
}

impl Lowering<'_> {
    /// `None` for what has no letters and digits. What is not `wanted` is left out, and neither scores nor is marked.
    fn constraint(&mut self, node: Node, wanted: bool) -> Option<Constraint> {
        let many = |nodes: Vec<Node>, this: &mut Self| -> Vec<Constraint> {
            nodes.into_iter().filter_map(|node| this.constraint(node, wanted)).collect()
        };
        let parts = match node {
            Node::All(nodes) => {
                let all = many(nodes, self);
                return (!all.is_empty()).then(|| one_or(all, Constraint::All));
            }
            Node::Any(nodes) => {
                let any = many(nodes, self);
                return (!any.is_empty()).then(|| one_or(any, Constraint::Any));
            }
            Node::Beside(items) => self.parts(items, wanted),
            Node::Words(text) if wanted && !text.trim().contains(char::is_whitespace) => {
                self.add_words(text, false);
                return self.word(text);
            }
            other => self.parts(vec![other], wanted),
        };
        let all = together(parts);
        (!all.is_empty()).then(|| one_or(all, Constraint::All))
    }

    fn parts(&mut self, items: Vec<Node>, wanted: bool) -> Parts {
        let mut parts = Parts::default();
        let mut filters = Vec::new();
        for item in items {
            match item {
                Node::Words(text) if wanted => {
                    self.add_words(text, false);
                    parts.finding.extend(self.any_word(text));
                }
                Node::Words(text) => {
                    let words = text.split_whitespace().filter_map(|word| phrase(word, Meant::Lemmas));
                    parts.finding.extend(words.map(Constraint::Phrase));
                }
                Node::Quoted { text, is_exact, slop } => {
                    parts.required.extend(self.quoted(text, is_exact, slop, wanted));
                }
                Node::Exact(text) => parts.required.extend(self.quoted(text, true, None, wanted)),
                Node::Pattern(pattern) => {
                    self.query.asks |= wanted;
                    parts.finding.push(Constraint::Pattern(self.query.patterns.len()));
                    self.query.patterns.push(Pattern { is_excluded: !wanted, ..pattern });
                }
                Node::Title(text) => {
                    if wanted {
                        self.add_words(text, false);
                    }
                    parts.restricting.extend(title(text));
                }
                Node::Filter(filter) => {
                    self.query.asks |= wanted;
                    filters.push(filter);
                }
                Node::Not(node) => match *node {
                    Node::Not(node) => parts.required.extend(self.constraint(*node, wanted)),
                    // What is kept of what is left out finds nothing by itself.
                    node => {
                        let left_out = self.constraint(node, false);
                        parts.restricting.extend(left_out.map(|left_out| Constraint::Not(Box::new(left_out))));
                    }
                },
                Node::Required(node) => parts.required.extend(self.constraint(*node, wanted)),
                // Parentheses around words only are none.
                Node::Beside(items) => {
                    let inner = self.parts(items, wanted);
                    parts.required.extend(inner.required);
                    parts.finding.extend(inner.finding);
                    parts.restricting.extend(inner.restricting);
                }
                other => parts.required.extend(self.constraint(other, wanted)),
            }
        }
        parts.restricting.extend(grouped(filters));
        parts
    }

    fn add_words(&mut self, text: &str, is_quoted: bool) {
        let typed = self.query.add_words(text, is_quoted, &mut self.places);
        self.query.asks |= !typed.is_empty();
        if !is_quoted {
            self.query.add_joined(&typed, &self.places);
            self.query.add_synonyms(&typed, self.synonyms, &self.places);
        }
    }

    /// Any of the words of a text; of stop words only where there are no others.
    fn any_word(&self, text: &str) -> Vec<Constraint> {
        let words = norwegian::analyze(text, Standard::Both);
        let only_stop_words = words.iter().all(|word| is_stop_word(word.word.exact()));
        let finding = words.iter().filter(|word| only_stop_words || !is_stop_word(word.word.exact()));
        let mut places: Vec<usize> = finding.filter_map(|word| self.places.get(word.word.exact()).copied()).collect();
        places.sort_unstable();
        places.dedup();
        places.into_iter().map(Constraint::Word).collect()
    }

    /// One word typed by itself; of a hyphenated word its parts must follow one another.
    fn word(&self, text: &str) -> Option<Constraint> {
        let words = norwegian::analyze(text, Standard::Both);
        let mut any = if positions(&words).filter_map(typed).nth(1).is_some() {
            let wholes = words.iter().filter(|word| !word.is_hyphen_part);
            let whole = wholes.max_by_key(|word| word.end - word.start)?;
            let whole = self.places.get(whole.word.exact()).map(|place| Constraint::Word(*place));
            whole.into_iter().chain(phrase(text, Meant::Lemmas).map(Constraint::Phrase)).collect()
        } else {
            self.any_word(text)
        };
        match any.len() {
            0 => None,
            1 => any.pop(),
            _ => Some(Constraint::Any(any)),
        }
    }

    fn quoted(&mut self, text: &str, is_exact: bool, slop: Option<u32>, wanted: bool) -> Option<Constraint> {
        let near = slop.filter(|slop| *slop > 0).and_then(|slop| near(text, is_exact, slop));
        let found = match near {
            Some(near) => Constraint::Proximity(near),
            None => Constraint::Phrase(phrase(text, if is_exact { Meant::Exact } else { Meant::Quoted })?),
        };
        if wanted {
            self.add_words(text, true);
            match &found {
                Constraint::Proximity(near) => self.query.nears.push(near.clone()),
                Constraint::Phrase(phrase) => self.query.phrases.push(phrase.clone()),
                _ => {}
            }
        }
        Some(found)
    }
}

/// Each word of the text stands in the title.
fn title(text: &str) -> Vec<Constraint> {
    let words = norwegian::analyze(text, Standard::Both);
    positions(&words).filter_map(typed).map(|word| Constraint::Title(keys(&word.word))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::parse;

    fn shown(constraint: &Constraint, query: &Query) -> String {
        let many = |parts: &[Constraint], by: &str| {
            let shown: Vec<String> = parts.iter().map(|part| shown(part, query)).collect();
            if shown.len() == 1 { shown[0].clone() } else { format!("({})", shown.join(by)) }
        };
        match constraint {
            Constraint::All(parts) => many(parts, " AND "),
            Constraint::Any(parts) => many(parts, " OR "),
            Constraint::Not(part) => format!("-{}", shown(part, query)),
            Constraint::Word(place) => query.words[*place].exact.clone(),
            Constraint::Phrase(Phrase::Exact(word)) => format!("={word}"),
            Constraint::Phrase(Phrase::Lemmas(words)) => {
                let words: Vec<&str> = words.iter().map(|(_, keys)| keys[0].as_str()).collect();
                format!("\"{}\"", words.join(" "))
            }
            Constraint::Phrase(Phrase::Row(words)) => {
                let words: Vec<&str> = words.iter().map(|(_, word)| word.as_str()).collect();
                format!("=\"{}\"", words.join(" "))
            }
            Constraint::Proximity(near) => format!("near {}", near.width),
            Constraint::Pattern(place) => query.patterns[*place].text.clone(),
            Constraint::Title(keys) => format!("title:{}", keys[0]),
            Constraint::Filter(filter) => format!("{:?}", filter.facet()),
        }
    }

    /// `words` are those that score; a constraint beside which a word must stand begins with `…`.
    #[track_caller]
    fn check(text: &str, words: &str, expected: &str) {
        let query = parse(text, &Synonyms::builtin());
        let found: Vec<&str> = query.words.iter().map(|word| word.exact.as_str()).collect();
        let all = query.constraint.as_ref().map_or(String::new(), |all| shown(all, &query));
        let all = if query.finds_by_words { format!("…{all}") } else { all };
        assert_eq!((found.join(" ").as_str(), all.as_str()), (words, expected), "{text}");
    }

    #[test]
    fn words_find_by_themselves() {
        check("barn og unge", "barn og unge", "…");
        check("barn -unge", "barn", "…-\"ung\"");
        check("barn source:ipsos kilde:nova date:>2017 date:<2020", "barn", "…((Source OR Source) AND Date AND Date)");
        check("barn skol*", "barn", "…");
        check("barn -skol*", "barn", "…-skol*");
        check("barn -\"de unge\"", "barn", "…-\"de ung\"");
    }

    #[test]
    fn phrases_and_parentheses_must_hold() {
        check("\"barn og unge\" skole", "barn og unge skole", "\"barn og ung\"");
        check("=barna =\"utsatte barn\"", "barna utsatte barn", "(=barna AND =\"utsatte barn\")");
        check("\"barn skole\"~3 \"barn\"~3", "barn skole", "(near 4 AND =barn)");
        check("skole (barn OR unge)", "skole barn unge", "(barn OR unge)");
    }

    #[test]
    fn what_has_a_plus_must_hold() {
        check("+barn unge", "barn unge", "barn");
        check("+barn +unge skole", "barn unge skole", "(barn AND unge)");
        check("+\"barn og unge\" +skol* -elev", "barn og unge", "(\"barn og ung\" AND skol* AND -\"elev\")");
        check("+47 22 22 C++ a + b", "47 22 c a b", "…");
    }

    #[test]
    fn operators_hold_between_groups_of_words() {
        check("barn AND unge", "barn unge", "(barn AND unge)");
        check("barn unge AND hva er skole", "barn unge hva er skole", "((barn OR unge) AND skole)");
        check("hva er AND barn", "hva er barn", "((hva OR er) AND barn)");
        check("barn NOT unge", "barn", "…-\"ung\"");
        check("barn AND NOT (unge OR \"en skole\")", "barn", "(barn AND -(\"ung\" OR \"en skole\"))");
        check("barn OR unge source:ipsos", "barn unge", "((barn OR unge) AND Source)");
        check("barn AND …", "barn", "barn");
        check(
            "0-24-samarbeid AND barn",
            "0-24-samarbeid 0-24 samarbeid barn",
            "((0-24-samarbeid OR \"0-24 samarbeid\") AND barn)",
        );
        check("NOT NOT barn", "barn", "barn");
        check("barn NOT (unge NOT skole)", "barn", "…-(\"ung\" AND -\"skole\")");
        check("barn -(unge -skol*)", "barn", "…-(\"ung\" AND -skol*)");
    }

    #[test]
    fn a_filter_is_enough_to_ask() {
        let asks = |text: &str| parse(text, &Synonyms::builtin()).asks;
        assert!(asks("source:ipsos") && asks("barn*") && asks("title:barn") && asks("-source:ipsos lang:nn"));
        assert!(!asks("-source:ipsos") && !asks("-barn") && !asks("…") && !asks("NOT barn*"));
        check("title:\"utsatte barn\"", "utsatte barn", "(title:utsette AND title:barn)");
        check("title:barn skole", "barn skole", "(skole AND title:barn)");
    }
}

//! Lowers the syntax tree of a query: its words become index terms, and the tree becomes a constraint.

use std::collections::HashMap;

use super::ast::{Node, QueryProblem, QueryProblemKind, unwrap_single};
use super::parse::{Syntax, parse_syntax};
use super::parsed_query::{Constraint, Query, QueryWord, Synonym, combine_filters};
use super::pattern::Pattern;
use super::phrase::{Phrase, PhraseMode, parse_phrase, parse_proximity};
use super::split_compound::{SplitCompound, split_compound};
use super::synonyms::{Expansion, SynonymName, Synonyms};
use super::typed_words::{group_by_position, lemma_keys, typed_token, whole_words};
use crate::norwegian::{AnalyzedWord, MAX_WORD_CHARS, Standard, Token, analyze, is_stop_word, is_word_char};

/// The maximum number of query words. Nobody types that many; a longer query is pasted text.
const MAX_WORDS: usize = 256;

/// Parses a query. Every text is a query; one without letters and digits matches nothing. Words outside of quotes and
/// exclusions get their synonyms.
pub fn parse(text: &str, synonyms: &Synonyms) -> Query {
    let Syntax { node, problems, is_all_caps } = parse_syntax(text);
    let problems = problems.into_iter().chain(too_long_words(text)).collect();
    let query = Query { text: text.to_string(), problems, is_all_caps, ..Query::default() };
    let mut lowering = Lowering { query, synonyms, word_indices: HashMap::new() };
    let nodes = match node {
        Node::Sequence(nodes) => nodes,
        other => vec![other],
    };
    let clauses = lowering.lower_sequence(nodes, true);
    let Clauses { required, optional, restricting } = &clauses;
    let has_title = restricting.iter().any(contains_title);
    let all = if required.is_empty() && !optional.is_empty() && !has_title {
        lowering.query.must_match_word = true;
        clauses.restricting
    } else {
        clauses.into_constraints()
    };
    lowering.query.constraint = (!all.is_empty()).then_some(Constraint::All(all));
    lowering.query
}

/// A problem for each word that is too long to be in the index.
fn too_long_words(text: &str) -> impl Iterator<Item = QueryProblem> {
    let words = text.split(|c: char| !is_word_char(c)).filter(|word| word.len() > MAX_WORD_CHARS);
    words.filter(|word| word.chars().count() > MAX_WORD_CHARS).map(|word| {
        let start = word.as_ptr() as usize - text.as_ptr() as usize;
        let message = format!("a word of more than {MAX_WORD_CHARS} letters is not in the index");
        QueryProblem {
            fallback: "searching for the other words",
            ..QueryProblem::new(QueryProblemKind::WordTooLong, message, start..start + word.len())
        }
    })
}

/// The constraints of a sequence of nodes.
#[derive(Default)]
struct Clauses {
    /// Phrases and other groups in parentheses; each must match.
    required: Vec<Constraint>,
    /// Words and patterns; one must match if nothing is required.
    optional: Vec<Constraint>,
    /// Titles, filters, exclusions, and groups of them; each must match, in addition to `required` and `optional`.
    restricting: Vec<Constraint>,
}

impl Clauses {
    /// The constraints that must all be satisfied.
    fn into_constraints(self) -> Vec<Constraint> {
        let Clauses { required: mut all, optional, restricting } = self;
        if all.is_empty() && !optional.is_empty() {
            all.push(unwrap_single(optional, Constraint::Any));
        }
        all.extend(restricting);
        all
    }
}

struct Lowering<'s> {
    query: Query,
    synonyms: &'s Synonyms,
    /// The index of each exact form in the words of the query.
    word_indices: HashMap<Box<str>, usize>,
}

impl Lowering<'_> {
    /// The constraint of a node; `None` if it has no letters or digits. If `is_positive` is false, the node is
    /// excluded: its words neither score nor are highlighted.
    fn lower_node(&mut self, node: Node, is_positive: bool) -> Option<Constraint> {
        let operands = |nodes: Vec<Node>, this: &mut Self| -> Vec<Constraint> {
            nodes.into_iter().filter_map(|node| this.lower_node(node, is_positive)).collect()
        };
        let clauses = match node {
            Node::And(nodes) => {
                let all = operands(nodes, self);
                return (!all.is_empty()).then(|| unwrap_single(all, Constraint::All));
            }
            Node::Or(nodes) => {
                let any = operands(nodes, self);
                return (!any.is_empty()).then(|| unwrap_single(any, Constraint::Any));
            }
            Node::Sequence(nodes) => self.lower_sequence(nodes, is_positive),
            Node::Words { text, .. } if is_positive && !text.trim().contains(char::is_whitespace) => {
                self.add_text(text, false);
                return self.lower_word(text);
            }
            other => self.lower_sequence(vec![other], is_positive),
        };
        let all = clauses.into_constraints();
        (!all.is_empty()).then(|| unwrap_single(all, Constraint::All))
    }

    fn lower_sequence(&mut self, nodes: Vec<Node>, is_positive: bool) -> Clauses {
        let mut clauses = Clauses::default();
        let mut filters = Vec::new();
        for node in nodes {
            match node {
                Node::Words { text, .. } if is_positive => {
                    self.add_text(text, false);
                    clauses.optional.extend(self.lower_words(text));
                }
                Node::Words { text, .. } => {
                    let words = text.split_whitespace().filter_map(|word| parse_phrase(word, PhraseMode::Lemmas));
                    clauses.optional.extend(words.map(Constraint::Phrase));
                }
                Node::Quoted { text, is_exact, slop, .. } => {
                    clauses.required.extend(self.lower_quoted(text, is_exact, slop, is_positive));
                }
                Node::ExactWord(text) => {
                    clauses.required.extend(self.lower_quoted(text, true, None, is_positive));
                }
                Node::Pattern(pattern) => {
                    self.query.has_positive_clause |= is_positive;
                    clauses.optional.push(Constraint::Pattern(self.query.patterns.len()));
                    self.query.patterns.push(Pattern { is_excluded: !is_positive, ..pattern });
                }
                Node::Title { text, .. } => {
                    if is_positive {
                        self.add_text(text, false);
                    }
                    clauses.restricting.extend(lower_title(text));
                }
                Node::Filter(filter) => {
                    self.query.has_positive_clause |= is_positive;
                    filters.push(filter);
                }
                Node::Not(node) => match *node {
                    Node::Not(node) if node.restricts() => {
                        clauses.restricting.extend(self.lower_node(*node, is_positive));
                    }
                    Node::Not(node) => clauses.required.extend(self.lower_node(*node, is_positive)),
                    // An excluded node is never a positive clause, even if it is inside another exclusion.
                    node => {
                        let excluded = self.lower_node(node, false);
                        clauses.restricting.extend(excluded.map(|excluded| Constraint::Not(Box::new(excluded))));
                    }
                },
                // A filter is required anyway.
                Node::Required(node) if node.restricts() => {
                    clauses.restricting.extend(self.lower_node(*node, is_positive));
                }
                Node::Required(node) => clauses.required.extend(self.lower_node(*node, is_positive)),
                // Parentheses without an operator in them have no effect.
                Node::Sequence(nodes) => {
                    let inner = self.lower_sequence(nodes, is_positive);
                    clauses.required.extend(inner.required);
                    clauses.optional.extend(inner.optional);
                    clauses.restricting.extend(inner.restricting);
                }
                group if group.restricts_or_is_title() => {
                    clauses.restricting.extend(self.lower_node(group, is_positive));
                }
                other => clauses.required.extend(self.lower_node(other, is_positive)),
            }
        }
        clauses.restricting.extend(combine_filters(filters));
        clauses
    }

    /// Returns a constraint for each word of a text; any of the words may match. Stop words are included only if there
    /// are no other words.
    fn lower_words(&self, text: &str) -> Vec<Constraint> {
        let tokens = analyze(text, Standard::Both);
        let has_only_stop_words = tokens.iter().all(|token| is_stop_word(token.word.exact()));
        let matching = tokens.iter().filter(|token| has_only_stop_words || !is_stop_word(token.word.exact()));
        let mut indices: Vec<usize> =
            matching.filter_map(|token| self.word_indices.get(token.word.exact()).copied()).collect();
        indices.sort_unstable();
        indices.dedup();
        indices.into_iter().map(Constraint::Word).collect()
    }

    /// Returns the constraint of a single word. A hyphenated word matches as a whole, or its parts as a phrase.
    fn lower_word(&self, text: &str) -> Option<Constraint> {
        let tokens = analyze(text, Standard::Both);
        let has_parts = group_by_position(&tokens).filter_map(typed_token).nth(1).is_some();
        let mut any = if has_parts {
            let whole =
                tokens.iter().filter(|token| !token.is_hyphen_part).max_by_key(|token| token.end - token.start)?;
            let whole = self.word_indices.get(whole.word.exact()).map(|index| Constraint::Word(*index));
            whole.into_iter().chain(parse_phrase(text, PhraseMode::Lemmas).map(Constraint::Phrase)).collect()
        } else {
            self.lower_words(text)
        };
        match any.len() {
            0 => None,
            1 => any.pop(),
            _ => Some(Constraint::Any(any)),
        }
    }

    fn lower_quoted(&mut self, text: &str, is_exact: bool, slop: Option<u32>, is_positive: bool) -> Option<Constraint> {
        let proximity = slop.filter(|slop| *slop > 0).and_then(|slop| parse_proximity(text, is_exact, slop));
        let constraint = match proximity {
            Some(proximity) => Constraint::Proximity(proximity),
            None => {
                let mode = if is_exact { PhraseMode::Exact } else { PhraseMode::Quoted };
                Constraint::Phrase(parse_phrase(text, mode)?)
            }
        };
        if is_positive {
            self.add_text(text, true);
            match &constraint {
                Constraint::Proximity(proximity) => self.query.proximities.push(proximity.clone()),
                Constraint::Phrase(phrase) => self.query.phrases.push(phrase.clone()),
                _ => {}
            }
        }
        Some(constraint)
    }

    /// Adds the words of a text to the words of the query, and, unless it is quoted, their split compounds and
    /// synonyms.
    fn add_text(&mut self, text: &str, is_quoted: bool) {
        let tokens = analyze(text, Standard::Both);
        self.query.has_positive_clause |= !tokens.is_empty();
        self.add_words(&tokens, is_quoted);
        if !is_quoted {
            self.add_split_compounds(&tokens);
            self.add_synonyms(&tokens);
        }
    }

    fn add_words(&mut self, tokens: &[Token], is_quoted: bool) {
        for Token { word, .. } in tokens {
            if let Some(index) = self.word_indices.get(word.exact()) {
                self.query.words[*index].is_quoted &= is_quoted;
                continue;
            }
            if self.query.words.len() >= MAX_WORDS {
                self.query.dropped_words += 1;
                continue;
            }
            self.word_indices.insert(word.exact().into(), self.query.words.len());
            self.query.words.push(QueryWord {
                exact: word.exact().to_string(),
                lemmas: lemma_keys(word),
                components: word.components().map(str::to_string).collect(),
                split_compound: SplitCompound::default(),
                synonyms: Vec::new(),
                is_stop_word: is_stop_word(word.exact()),
                is_quoted,
            });
        }
    }

    /// Adds the compounds that pairs of adjacent words form.
    fn add_split_compounds(&mut self, tokens: &[Token]) {
        let words: Vec<&AnalyzedWord> = whole_words(tokens).collect();
        for pair in words.windows(2) {
            if let Some(index) = self.word_indices.get(pair[0].exact()) {
                let SplitCompound { forms, lemmas } = split_compound(pair[0], pair[1]);
                let known = &mut self.query.words[*index].split_compound;
                known.forms.extend(forms);
                known.lemmas.extend(lemmas);
            }
        }
    }

    /// Adds the synonyms of adjacent words. Stop words in them don't match by themselves, so they get none.
    fn add_synonyms(&mut self, tokens: &[Token]) {
        let words: Vec<&AnalyzedWord> = whole_words(tokens).collect();
        for Expansion { words: range, names } in self.synonyms.expansions(&words) {
            let mut covered: Vec<usize> =
                words[range].iter().filter_map(|word| self.word_indices.get(word.exact()).copied()).collect();
            covered.sort_unstable();
            covered.dedup();
            if covered.iter().any(|index| !self.query.words[*index].is_stop_word) {
                covered.retain(|index| !self.query.words[*index].is_stop_word);
            }
            for SynonymName { text, is_near } in names {
                let Some(phrase) = parse_phrase(&text, PhraseMode::Lemmas) else {
                    continue;
                };
                for index in &covered {
                    let word = &mut self.query.words[*index];
                    let is_same_word = matches!(&phrase, Phrase::Lemmas(words) if matches!(
                        words.as_slice(), [(_, keys)] if keys.iter().all(|key| word.lemmas.contains(key))));
                    if !is_same_word && !word.synonyms.iter().any(|synonym| synonym.phrase == phrase) {
                        let (name, phrase) = (text.clone(), phrase.clone());
                        word.synonyms.push(Synonym { name, phrase, is_near, covered_words: covered.len() });
                    }
                }
            }
        }
    }
}

/// Whether a constraint contains a title condition that is not negated.
fn contains_title(constraint: &Constraint) -> bool {
    match constraint {
        Constraint::Title(_) => true,
        Constraint::All(operands) | Constraint::Any(operands) => operands.iter().any(contains_title),
        _ => false,
    }
}

/// Returns a constraint for each word of the text; the title must contain all of them.
fn lower_title(text: &str) -> Vec<Constraint> {
    let tokens = analyze(text, Standard::Both);
    group_by_position(&tokens).filter_map(typed_token).map(|token| Constraint::Title(lemma_keys(&token.word))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(constraint: &Constraint, query: &Query) -> String {
        let join = |operands: &[Constraint], operator: &str| {
            let shown: Vec<String> = operands.iter().map(|operand| shown(operand, query)).collect();
            if shown.len() == 1 { shown[0].clone() } else { format!("({})", shown.join(operator)) }
        };
        match constraint {
            Constraint::All(operands) => join(operands, " AND "),
            Constraint::Any(operands) => join(operands, " OR "),
            Constraint::Not(operand) => format!("-{}", shown(operand, query)),
            Constraint::Word(index) => query.words[*index].exact.clone(),
            Constraint::Phrase(Phrase::ExactWord(word)) => format!("={word}"),
            Constraint::Phrase(Phrase::Lemmas(words)) => {
                let words: Vec<&str> = words.iter().map(|(_, keys)| keys[0].as_str()).collect();
                format!("\"{}\"", words.join(" "))
            }
            Constraint::Phrase(Phrase::ExactWords(words)) => {
                let words: Vec<&str> = words.iter().map(|(_, word)| word.as_str()).collect();
                format!("=\"{}\"", words.join(" "))
            }
            Constraint::Proximity(proximity) => format!("near {}", proximity.width),
            Constraint::Pattern(index) => query.patterns[*index].text.clone(),
            Constraint::Title(keys) => format!("title:{}", keys[0]),
            Constraint::Filter(filter) => format!("{:?}", filter.field()),
        }
    }

    /// `words` are those that score; `…` at the beginning of `expected` means `must_match_word`.
    #[track_caller]
    fn check(text: &str, words: &str, expected: &str) {
        let query = parse(text, &Synonyms::builtin());
        let found: Vec<&str> = query.words.iter().map(|word| word.exact.as_str()).collect();
        let all = query.constraint.as_ref().map_or(String::new(), |all| shown(all, &query));
        let all = if query.must_match_word { format!("…{all}") } else { all };
        assert_eq!((found.join(" ").as_str(), all.as_str()), (words, expected), "{text}");
    }

    #[test]
    fn words_alone_make_no_constraint() {
        check("barn og unge", "barn og unge", "…");
        check("barn -unge", "barn", "…-\"ung\"");
        check("barn source:ipsos kilde:nova date:>2017 date:<2020", "barn", "…((Source OR Source) AND Date AND Date)");
        check("barn skol*", "barn", "…");
        check("barn -skol*", "barn", "…-skol*");
        check("barn -\"de unge\"", "barn", "…-\"de ung\"");
    }

    #[test]
    fn phrases_and_parentheses_are_required() {
        check("\"barn og unge\" skole", "barn og unge skole", "\"barn og ung\"");
        check("=barna =\"utsatte barn\"", "barna utsatte barn", "(=barna AND =\"utsatte barn\")");
        check("\"barn skole\"~3 \"barn\"~3", "barn skole", "(near 4 AND =barn)");
        check("skole (barn OR unge)", "skole barn unge", "(barn OR unge)");
    }

    #[test]
    fn a_group_of_filters_leaves_the_words_required() {
        check("barn (lang:nb OR lang:nn)", "barn", "…(Lang OR Lang)");
        check("barn unge (site:a OR source:b) -skole", "barn unge", "…((Site OR Source) AND -\"skole\")");
        check("barn (lang:nb AND -site:a)", "barn", "…(Lang AND -Site)");
        check("barn (lang:nn OR -skole)", "barn", "…(Lang OR -\"skole\")");
        check("barn OR unge (lang:nb OR lang:nn)", "barn unge", "((barn OR unge) AND (Lang OR Lang))");
        check("barn OR (lang:nb OR lang:nn)", "barn", "(barn OR (Lang OR Lang))");
        check("((lang:nb OR lang:nn) barn) AND unge", "barn unge", "((barn AND (Lang OR Lang)) AND unge)");
        check("+lang:nn barn", "barn", "…Lang");
        check("skole (title:barn OR title:unge)", "skole barn unge", "(skole AND (title:barn OR title:ung))");
        check(
            "\"barn og unge\" skole (lang:nb OR lang:nn)",
            "barn og unge skole",
            "(\"barn og ung\" AND (Lang OR Lang))",
        );
        // A word among the filters makes the group required.
        check("skole (barn OR lang:nn)", "skole barn", "(barn OR Lang)");
    }

    #[test]
    fn plus_makes_a_term_required() {
        check("+barn unge", "barn unge", "barn");
        check("+barn +unge skole", "barn unge skole", "(barn AND unge)");
        check("+\"barn og unge\" +skol* -elev", "barn og unge", "(\"barn og ung\" AND skol* AND -\"elev\")");
        check("+47 22 22 C++ a + b", "47 22 c a b", "…");
    }

    #[test]
    fn operators_combine_groups_of_words() {
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
    fn a_filter_alone_is_a_positive_clause() {
        let is_positive = |text: &str| parse(text, &Synonyms::builtin()).has_positive_clause;
        assert!(
            is_positive("source:ipsos")
                && is_positive("barn*")
                && is_positive("title:barn")
                && is_positive("-source:ipsos lang:nn")
        );
        assert!(
            !is_positive("-source:ipsos") && !is_positive("-barn") && !is_positive("…") && !is_positive("NOT barn*")
        );
        check("title:\"utsatte barn\"", "utsatte barn", "(title:utsette AND title:barn)");
        check("title:barn skole", "barn skole", "(skole AND title:barn)");
    }

    fn parsed(text: &str) -> Query {
        parse(text, &Synonyms::builtin())
    }

    fn excluded_count(query: &Query) -> usize {
        let Some(Constraint::All(all)) = &query.constraint else {
            return 0;
        };
        all.iter().filter(|operand| matches!(operand, Constraint::Not(_))).count()
    }

    #[track_caller]
    fn check_counts(text: &str, words: &str, phrases: usize, excluded: usize) {
        let query = parsed(text);
        let found: Vec<&str> = query.words.iter().map(|word| word.exact.as_str()).collect();
        assert_eq!(
            (found.join(" ").as_str(), query.phrases.len(), excluded_count(&query)),
            (words, phrases, excluded),
            "{text}"
        );
    }

    #[test]
    fn every_text_is_a_query() {
        check_counts("taushetsplikt", "taushetsplikt", 0, 0);
        check_counts("\"utsatte barn\" og unge", "utsatte barn og unge", 1, 0);
        check_counts("barn -unge", "barn", 0, 1);
        check_counts("0-24", "0-24", 0, 0);
        check_counts("(barn", "barn", 0, 0);
        check_counts("barn OR", "barn or", 0, 0);
        check_counts(":", "", 0, 0);
        check_counts("\"", "", 0, 0);
        check_counts("\"barn", "barn", 0, 0);
        check_counts("-barn", "", 0, 1);
        check_counts("🙂", "", 0, 0);
        check_counts("- barn", "barn", 0, 0);
        check_counts("barn -\"de unge\"", "barn", 0, 1);
        check_counts("«utsatte barn»", "utsatte barn", 1, 0);
        check_counts("barn Barn barn", "barn", 0, 0);
    }

    #[test]
    fn an_overlong_word_is_a_problem() {
        let long = "ø".repeat(MAX_WORD_CHARS + 1);
        let allowed = "ø".repeat(MAX_WORD_CHARS);
        for text in [format!("barn +{long}"), format!("barn {long}"), format!("\"barn {long}\""), long.clone()] {
            let problems = parsed(&text).problems;
            assert_eq!(problems.len(), 1, "{text}");
            assert_eq!(text[problems[0].span.clone()], long);
        }
        assert_eq!(parsed(&format!("barn +{allowed}")).problems, []);
    }

    #[test]
    fn counts_the_dropped_words_of_a_pasted_text() {
        let text: String = (0..1000).map(|number| format!("x{number} ")).collect();
        let query = parsed(&text);
        assert_eq!((query.words.len(), query.dropped_words), (MAX_WORDS, 1000 - MAX_WORDS));
    }

    #[test]
    fn stop_words_match_only_when_alone() {
        let found = |text: &str| parsed(text).matching_words().map(|word| word.exact.clone()).collect::<Vec<_>>();
        assert_eq!(found("barn og unge"), ["barn", "unge"]);
        assert_eq!(found("hva er"), ["hva", "er"]);
    }

    #[test]
    fn adjacent_words_get_their_synonyms() {
        let named = |text: &str| -> Vec<(String, usize)> {
            let words = parsed(text).words.into_iter().flat_map(|word| word.synonyms);
            words.map(|synonym| (synonym.name, synonym.covered_words)).collect()
        };
        let full = "Barne-, ungdoms- og familiedirektoratet";
        assert_eq!(named("fra Bufdir"), [(full.to_string(), 1)]);
        assert_eq!(named(full), vec![("Bufdir".to_string(), 3); 3], "the stop word gets none");
        assert_eq!(named("\"Bufdir\" -Bufdir"), []);
        assert_eq!(named("Bufdir bufdir"), [(full.to_string(), 1)]);
        // Two of its three synonyms differ only in a hyphen and become the same phrase.
        assert_eq!(named("PP-tjenesten").len(), 2);
        let pasted: String = (0..MAX_WORDS).map(|number| format!("x{number} ")).collect();
        assert_eq!(named(&format!("{pasted} Bufdir")), []);
        let mut own = Synonyms::builtin();
        own.add("pct. = %", "own").unwrap();
        let names =
            |text| parse(text, &own).words.into_iter().flat_map(|word| word.synonyms).map(|synonym| synonym.name);
        assert!(names("75 %").eq(["pct.".to_string()]));
        assert!(names("pct").eq(["prosent".to_string()]));
    }
}

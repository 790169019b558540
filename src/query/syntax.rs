//! Given what a person typed, how does it hang together?
//!
//! ```text
//! any    = all { "OR" all }
//! all    = beside { "AND" beside }
//! beside = item { item }
//! item   = [ "NOT" | "-" | "+" ] ( "(" any ")" | words | quoted | exact | pattern | filter )
//! ```
//!
//! Words that stand side by side are one item. A filter or an exclusion beside something else holds for everything in
//! its parentheses, or for the whole query, wherever it stands. What can't be read so is words.

use std::ops::Range;

use super::filter::{Filter, FilterField};
use super::lex::{Lexed, Token, lex};
use super::pattern::Pattern;

/// A piece of a query, in its own text.
#[derive(Clone, Debug, PartialEq)]
pub enum Node<'a> {
    Words(&'a str),
    /// In quotes; `~5` behind them says how many words may stand between.
    Quoted {
        text: &'a str,
        is_exact: bool,
        slop: Option<u32>,
    },
    /// `=ordet`.
    Exact(&'a str),
    Pattern(Pattern),
    Title(&'a str),
    Filter(Filter),
    Not(Box<Node<'a>>),
    /// What must be there, also where other words would do: `+ordet`.
    Required(Box<Node<'a>>),
    /// Without an operator between them.
    Beside(Vec<Node<'a>>),
    All(Vec<Node<'a>>),
    Any(Vec<Node<'a>>),
}

/// What can't be read as it was probably meant.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryProblem {
    pub message: String,
    /// Where in the query, in bytes.
    pub place: Range<usize>,
}

/// A query as it was read, and what of it was read as words for want of a better reading.
#[derive(Debug, PartialEq)]
pub struct Reading<'a> {
    pub node: Node<'a>,
    pub problems: Vec<QueryProblem>,
    /// All was written in capitals, so that the Norwegian operators are words.
    pub is_shouted: bool,
}

/// Reads a query.
pub fn read(text: &str) -> Reading<'_> {
    let Lexed { tokens, problems, is_shouted, is_built } = lex(text, true);
    let parsed = Parser { tokens: &tokens, at: 0, depth: 0, end: text.len() }.whole();
    match parsed {
        Ok(node) if is_built => Reading { node, problems, is_shouted },
        // Parentheses without operators are punctuation.
        parsed => {
            let Lexed { tokens, mut problems, .. } = lex(text, false);
            problems.extend(parsed.err());
            problems.sort_by_key(|problem| problem.place.start);
            let items = tokens.into_iter().filter_map(|(token, _)| match token {
                Token::Leaf(node) => Some(node),
                _ => None,
            });
            Reading { node: Node::Beside(items.collect()), problems, is_shouted }
        }
    }
}

/// Parentheses inside one another; more of them are no query.
const MAX_DEPTH: usize = 50;

struct Parser<'t, 'a> {
    tokens: &'t [(Token<'a>, Range<usize>)],
    at: usize,
    depth: usize,
    /// Where the text ends.
    end: usize,
}

impl<'a> Parser<'_, 'a> {
    fn whole(&mut self) -> Result<Node<'a>, QueryProblem> {
        if self.tokens.is_empty() {
            return Ok(Node::Beside(Vec::new()));
        }
        let node = self.any()?;
        match self.tokens.get(self.at) {
            None => Ok(node),
            Some((_, place)) => Err(problem("a parenthesis is closed that was never opened", place.clone())),
        }
    }

    fn any(&mut self) -> Result<Node<'a>, QueryProblem> {
        let mut of_all = Vec::new();
        let mut nodes = vec![self.all(&mut of_all)?];
        while self.take(&Token::Or) {
            nodes.push(self.all(&mut of_all)?);
        }
        let node = one_or(nodes, Node::Any);
        if of_all.is_empty() {
            return Ok(node);
        }
        of_all.insert(0, node);
        Ok(Node::Beside(of_all))
    }

    fn all(&mut self, of_all: &mut Vec<Node<'a>>) -> Result<Node<'a>, QueryProblem> {
        let mut nodes = vec![self.beside(of_all)?];
        while self.take(&Token::And) {
            nodes.push(self.beside(of_all)?);
        }
        Ok(one_or(nodes, Node::All))
    }

    /// Adds to `of_all` what holds for more than this.
    fn beside(&mut self, of_all: &mut Vec<Node<'a>>) -> Result<Node<'a>, QueryProblem> {
        let mut items = Vec::new();
        while let Some(item) = self.item()? {
            items.push(item);
        }
        if items.is_empty() {
            return Err(self.nothing());
        }
        let restricts = |item: &Node| matches!(item, Node::Filter(_) | Node::Not(_));
        if items.len() > 1 && !items.iter().all(restricts) {
            let (restricting, others) = items.into_iter().partition(restricts);
            of_all.extend::<Vec<Node>>(restricting);
            items = others;
        }
        Ok(one_or(items, Node::Beside))
    }

    fn item(&mut self) -> Result<Option<Node<'a>>, QueryProblem> {
        let Some((token, place)) = self.tokens.get(self.at) else {
            return Ok(None);
        };
        self.at += 1;
        if matches!(token, Token::Open | Token::Not) {
            self.depth += 1;
            if self.depth > MAX_DEPTH {
                return Err(problem("this is too deep inside parentheses", place.clone()));
            }
        }
        let item = match token {
            Token::Leaf(node) => return Ok(Some(node.clone())),
            Token::Not => {
                let Some(item) = self.item()? else {
                    return Err(problem("there is nothing behind it to leave out", place.clone()));
                };
                Node::Not(Box::new(item))
            }
            Token::Open => {
                let node = self.any()?;
                if !self.take(&Token::Close) {
                    return Err(problem("the parenthesis is never closed", place.clone()));
                }
                node
            }
            Token::And | Token::Or | Token::Close => {
                self.at -= 1;
                return Ok(None);
            }
        };
        self.depth -= 1;
        Ok(Some(item))
    }

    fn take(&mut self, token: &Token) -> bool {
        let is_next = self.tokens.get(self.at).is_some_and(|(next, _)| next == token);
        self.at += usize::from(is_next);
        is_next
    }

    /// Why nothing stands here that could be looked for.
    fn nothing(&self) -> QueryProblem {
        let next = self.tokens.get(self.at);
        let before = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        match (before, next) {
            (Some((Token::And | Token::Or, place)), _) => problem("there is nothing behind it", place.clone()),
            (_, Some((Token::And | Token::Or, place))) => problem("there is nothing before it", place.clone()),
            (Some((Token::Open, place)), Some((Token::Close, end))) => {
                problem("there is nothing between the parentheses", place.start..end.end)
            }
            (Some((Token::Open, place)), None) => problem("the parenthesis is never closed", place.clone()),
            (_, Some((_, place))) => problem("a parenthesis is closed that was never opened", place.clone()),
            (_, None) => problem("there is nothing behind it", self.end..self.end),
        }
    }
}

fn problem(message: &str, place: Range<usize>) -> QueryProblem {
    QueryProblem { message: message.to_string(), place }
}

fn one_or<'a>(mut nodes: Vec<Node<'a>>, many: fn(Vec<Node<'a>>) -> Node<'a>) -> Node<'a> {
    if nodes.len() == 1 { nodes.remove(0) } else { many(nodes) }
}

/// The fields that a query can ask of, in the order in which they are listed for people.
pub const FIELDS: [(&str, Option<FilterField>); 11] = [
    ("title", None),
    ("tittel", None),
    ("source", Some(FilterField::Source)),
    ("kilde", Some(FilterField::Source)),
    ("site", Some(FilterField::Site)),
    ("nettsted", Some(FilterField::Site)),
    ("path", Some(FilterField::Path)),
    ("lang", Some(FilterField::Lang)),
    ("språk", Some(FilterField::Lang)),
    ("date", Some(FilterField::Date)),
    ("dato", Some(FilterField::Date)),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// A node in a short form: words bare, what hangs together in parentheses.
    fn shown(node: &Node) -> String {
        let joined = |nodes: &[Node], by: &str| {
            let shown: Vec<String> = nodes.iter().map(shown).collect();
            if shown.len() == 1 { shown[0].clone() } else { format!("({})", shown.join(by)) }
        };
        match node {
            Node::Words(text) => format!("‹{}›", text.trim()),
            Node::Quoted { text, is_exact, slop } => {
                let slop = slop.map_or(String::new(), |slop| format!("~{slop}"));
                format!("{}\"{text}\"{slop}", if *is_exact { "=" } else { "" })
            }
            Node::Exact(text) => format!("={text}"),
            Node::Pattern(pattern) => pattern.text.clone(),
            Node::Title(text) => format!("title:{text}"),
            Node::Filter(filter) => format!("{filter:?}"),
            Node::Not(node) => format!("-{}", shown(node)),
            Node::Required(node) => format!("+{}", shown(node)),
            Node::Beside(nodes) => joined(nodes, " "),
            Node::All(nodes) => joined(nodes, " AND "),
            Node::Any(nodes) => joined(nodes, " OR "),
        }
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let read = read(text);
        assert_eq!((shown(&read.node).as_str(), read.problems), (expected, vec![]), "{text}");
    }

    #[track_caller]
    fn check_problem(text: &str, expected: &str, place: &str, message: &str) {
        let read = read(text);
        assert_eq!(shown(&read.node), expected, "{text}");
        let problem = &read.problems[0];
        assert_eq!((&text[problem.place.clone()], read.problems.len()), (place, 1), "{text}");
        assert!(problem.message.contains(message), "{text}: {}", problem.message);
    }

    #[test]
    fn plain_words_are_one_piece() {
        check("", "()");
        check("barn og unge", "‹barn og unge›");
        check("barn (0-18 år) og unge", "‹barn (0-18 år) og unge›");
        check("0-24 a-b", "‹0-24 a-b›");
        check("kl. 10:30, se https://x.no/a?b og Bufdir: barn", "‹kl. 10:30, se https://x.no/a?b og Bufdir: barn›");
        check("5 * 3 ~ **viktig**", "‹5 * 3 ~ **viktig**›");
        check("or and not ikke ELLERS", "‹or and not ikke ELLERS›");
        check("a = b", "‹a = b›");
        check("Dato:2018 Kilde: SSB", "‹Dato:2018 Kilde: SSB›");
    }

    #[test]
    fn quotes_and_exclusions() {
        check("a \"b c\" -d x-y -\"e f\"", "(‹a› \"b c\" -‹d› ‹x-y› -\"e f\")");
        check("„a b“ «c d»~5 a\"b c\"", "(\"a b\" \"c d\"~5 ‹a› \"b c\")");
        check("=\"utsatte barn\" =ordet", "(=\"utsatte barn\" =ordet)");
        check("(a) -g", "(‹(a)› -‹g›)");
        check("+a b+c +\"d e\" +=f", "(+‹a› ‹b+c› +\"d e\" +=f)");
    }

    #[test]
    fn operators_bind_not_and_or() {
        check("a AND b", "(‹a› AND ‹b›)");
        check("a OG b ELLER c IKKE d", "(((‹a› AND ‹b›) OR ‹c›) -‹d›)");
        check("a b AND c", "(‹a b› AND ‹c›)");
        check("a OR b AND c", "(‹a› OR (‹b› AND ‹c›))");
        check("(a OR b) AND c", "((‹a› OR ‹b›) AND ‹c›)");
        check("a AND NOT b c", "((‹a› AND ‹c›) -‹b›)");
        check("a AND NOT b", "(‹a› AND -‹b›)");
        check("a -(b OR c)", "(‹a› -(‹b› OR ‹c›))");
        check("NOT NOT a", "--‹a›");
        check("a OR \"b c\" d", "(‹a› OR (\"b c\" ‹d›))");
        check("a AND((b))", "(‹a› AND ‹b›)");
    }

    #[test]
    fn filters_and_exclusions_hold_for_all_beside_them() {
        let ipsos = "Source([\"ipsos\"])";
        check("a OR b source:ipsos", &format!("((‹a› OR ‹b›) {ipsos})"));
        check("a OR source:ipsos", &format!("(‹a› OR {ipsos})"));
        check("(a OR b kilde:ipsos) AND c", &format!("(((‹a› OR ‹b›) {ipsos}) AND ‹c›)"));
        check("a OR b -c", "((‹a› OR ‹b›) -‹c›)");
        check("title:barn title:\"utsatte barn\"", "(title:barn title:utsatte barn)");
        check("dato:2018..2019", "Days(20180101..=20191231)");
        check("source:\"NIBR ved OsloMet\" x", "(Source([\"nibr\", \"ved\", \"oslomet\"]) ‹x›)");
        check("-lang:nn a", "(-Lang([\"nn\"]) ‹a›)");
    }

    #[test]
    fn patterns_stand_for_words() {
        check("ord* *plikt sam*ing ord~1", "(ord* *plikt sam*ing ord~1)");
        check("barn* AND -skole~", "(barn* AND -skole~)");
        check("barn*, unge", "(barn* ‹unge›)");
    }

    #[test]
    fn what_cant_be_read_is_words() {
        check_problem("barn AND", "‹barn AND›", "AND", "nothing behind it");
        check_problem("OR barn", "‹OR barn›", "OR", "nothing before it");
        check_problem("barn AND OR unge", "‹barn AND OR unge›", "AND", "nothing behind it");
        check_problem("barn NOT", "‹barn NOT›", "NOT", "nothing behind it");
        check_problem("(barn AND unge", "‹(barn AND unge›", "(", "never closed");
        check_problem("barn AND unge)", "‹barn AND unge)›", ")", "never opened");
        check_problem("barn AND ()", "‹barn AND ()›", "()", "nothing between");
        check_problem("title:barn*", "title:barn*", "*", "in a word by itself");
        check_problem("(barn", "‹(barn›", "(", "never closed");
        check_problem("\"barn og", "‹\"barn og›", "\"", "never closed");
        check_problem("foo:bar AND barn", "(‹foo:bar› AND ‹barn›)", "foo", "no field");
        check_problem("date:igår barn", "‹date:igår barn›", "igår", "no date");
        check_problem("a* barn", "‹a* barn›", "a*", "two letters");
        check_problem(
            "barn AND -x source:ipsos OR",
            "(‹barn AND› -‹x› Source([\"ipsos\"]) ‹OR›)",
            "OR",
            "nothing behind",
        );
        let deep = "(".repeat(1000) + "a AND b";
        assert!(read(&deep).problems[0].message.contains("deep"));
    }

    #[test]
    fn capitals_are_operators_where_not_all_is_capitals() {
        check("NAV OG BARN", "‹NAV OG BARN›");
        assert!(read("NAV OG BARN").is_shouted);
        check("NAV AND BARN", "(‹NAV› AND ‹BARN›)");
        check("NAV OG barn", "(‹NAV› AND ‹barn›)");
        assert!(!read("NAV OG barn").is_shouted && !read("NAV").is_shouted);
    }
}

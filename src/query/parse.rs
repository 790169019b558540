//! Recursive-descent parser of the query syntax.
//!
//! ```text
//! query       = conjunction { "OR" conjunction }
//! conjunction = sequence { "AND" sequence }
//! sequence    = item { item }
//! item        = { "NOT" | "-" } ( "(" query ")" | [ "+" ] ( words | quoted | exact | pattern | filter ) )
//! ```
//!
//! Adjacent words are one item. A filter or an exclusion next to other items applies to everything in the parentheses
//! around it or, outside of parentheses, to the whole query, wherever it stands. A query that doesn't parse is read
//! as words.

use std::ops::Range;

use super::ast::{Node, QueryProblem, QueryProblemKind, unwrap_single};
use super::lex::{Lexed, QueryToken, lex};

/// A parsed query.
#[derive(Debug, PartialEq)]
pub struct Syntax<'a> {
    pub node: Node<'a>,
    /// The parts of the query that can't be parsed as they were probably meant, in order.
    pub problems: Vec<QueryProblem>,
    /// Whether the query contains a Norwegian operator and no lower-case letter; if so, its Norwegian operators were
    /// read as words.
    pub is_all_caps: bool,
}

/// Parses the syntax of a query.
pub fn parse_syntax(text: &str) -> Syntax<'_> {
    let Lexed { tokens, problems, is_all_caps, has_operators } = lex(text, true);
    let parsed = Parser { text, tokens: &tokens, next: 0, depth: 0 }.parse();
    match parsed {
        Ok(node) if has_operators => Syntax { node, problems, is_all_caps },
        // Without operators, parentheses are punctuation.
        parsed => {
            let Lexed { tokens, mut problems, .. } = lex(text, false);
            problems.extend(parsed.err());
            problems.sort_by_key(|problem| problem.span.start);
            let operands = tokens.into_iter().filter_map(|(token, _)| match token {
                QueryToken::Operand(node) => Some(node),
                _ => None,
            });
            Syntax { node: Node::Sequence(operands.collect()), problems, is_all_caps }
        }
    }
}

/// The deepest nesting of parentheses. It bounds the recursion of the parser; no real query comes near it.
const MAX_DEPTH: usize = 50;

struct Parser<'t, 'a> {
    text: &'a str,
    tokens: &'t [(QueryToken<'a>, Range<usize>)],
    /// The index of the next token.
    next: usize,
    depth: usize,
}

impl<'a> Parser<'_, 'a> {
    fn parse(&mut self) -> Result<Node<'a>, QueryProblem> {
        if self.tokens.is_empty() {
            return Ok(Node::Sequence(Vec::new()));
        }
        let node = self.or()?;
        match self.tokens.get(self.next) {
            None => Ok(node),
            Some((_, span)) => Err(unopened(span.clone())),
        }
    }

    fn or(&mut self) -> Result<Node<'a>, QueryProblem> {
        let mut hoisted = Vec::new();
        let mut nodes = vec![self.and(&mut hoisted)?];
        while self.accept(&QueryToken::Or) {
            nodes.push(self.and(&mut hoisted)?);
        }
        let node = unwrap_single(nodes, Node::Or);
        if hoisted.is_empty() {
            return Ok(node);
        }
        hoisted.insert(0, node);
        Ok(Node::Sequence(hoisted))
    }

    fn and(&mut self, hoisted: &mut Vec<Node<'a>>) -> Result<Node<'a>, QueryProblem> {
        let mut nodes = vec![self.sequence(hoisted)?];
        while self.accept(&QueryToken::And) {
            nodes.push(self.sequence(hoisted)?);
        }
        Ok(unwrap_single(nodes, Node::And))
    }

    /// Parses a sequence. Filters and exclusions that stand next to other items are moved to `hoisted`: they apply to
    /// everything in the current parentheses.
    fn sequence(&mut self, hoisted: &mut Vec<Node<'a>>) -> Result<Node<'a>, QueryProblem> {
        let mut items = Vec::new();
        while let Some(item) = self.item()? {
            items.push(item);
        }
        if items.is_empty() {
            return Err(self.missing_operand());
        }
        if items.len() > 1 && !items.iter().all(Node::restricts) {
            let (restricting, others) = items.into_iter().partition(Node::restricts);
            hoisted.extend::<Vec<Node>>(restricting);
            items = others;
        }
        Ok(unwrap_single(items, Node::Sequence))
    }

    fn item(&mut self) -> Result<Option<Node<'a>>, QueryProblem> {
        let Some((token, span)) = self.tokens.get(self.next) else {
            return Ok(None);
        };
        self.next += 1;
        if matches!(token, QueryToken::OpenParen | QueryToken::Not) {
            self.depth += 1;
            if self.depth > MAX_DEPTH {
                let message = format!("parentheses and `NOT` can be nested at most {MAX_DEPTH} deep");
                return Err(QueryProblem::new(QueryProblemKind::TooDeep, message, span.clone()));
            }
        }
        let item = match token {
            QueryToken::Operand(node) => return Ok(Some(node.clone())),
            QueryToken::Not => {
                let Some(item) = self.item()? else {
                    return Err(self.needs_operand(span, "after"));
                };
                Node::Not(Box::new(item))
            }
            QueryToken::OpenParen => {
                let node = self.or()?;
                if !self.accept(&QueryToken::CloseParen) {
                    return Err(unclosed(span.clone()));
                }
                node
            }
            QueryToken::And | QueryToken::Or | QueryToken::CloseParen => {
                self.next -= 1;
                return Ok(None);
            }
        };
        self.depth -= 1;
        Ok(Some(item))
    }

    fn accept(&mut self, token: &QueryToken) -> bool {
        let is_next = self.tokens.get(self.next).is_some_and(|(next, _)| next == token);
        self.next += usize::from(is_next);
        is_next
    }

    /// Why there is no item where one is expected.
    fn missing_operand(&self) -> QueryProblem {
        let next = self.tokens.get(self.next);
        let previous = self.next.checked_sub(1).and_then(|index| self.tokens.get(index));
        match (previous, next) {
            (Some((QueryToken::And | QueryToken::Or, span)), _) => self.needs_operand(span, "after"),
            (_, Some((QueryToken::And | QueryToken::Or, span))) => self.needs_operand(span, "before"),
            (Some((QueryToken::OpenParen, open)), Some((QueryToken::CloseParen, close))) => QueryProblem::new(
                QueryProblemKind::EmptyParentheses,
                "the parentheses `()` are empty",
                open.start..close.end,
            ),
            (Some((QueryToken::OpenParen, span)), None) => unclosed(span.clone()),
            (_, Some((_, span))) => unopened(span.clone()),
            (_, None) => QueryProblem::new(
                QueryProblemKind::NothingAfter,
                "a term is missing at the end",
                self.text.len()..self.text.len(),
            ),
        }
    }

    /// An operator without a term on one side, "before" or "after" it.
    fn needs_operand(&self, operator: &Range<usize>, side: &str) -> QueryProblem {
        let message = format!("`{}` needs a term {side} it", &self.text[operator.clone()]);
        let kind = if side == "after" { QueryProblemKind::NothingAfter } else { QueryProblemKind::NothingBefore };
        QueryProblem::new(kind, message, operator.clone())
    }
}

fn unclosed(span: Range<usize>) -> QueryProblem {
    QueryProblem::new(QueryProblemKind::UnclosedParenthesis, "the parenthesis `(` is never closed", span)
}

fn unopened(span: Range<usize>) -> QueryProblem {
    QueryProblem::new(QueryProblemKind::UnopenedParenthesis, "the parenthesis `)` was never opened", span)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A node in a short form: words in `‹›`, each operator with its operands in parentheses.
    fn shown(node: &Node) -> String {
        let join = |nodes: &[Node], operator: &str| {
            let shown: Vec<String> = nodes.iter().map(shown).collect();
            if shown.len() == 1 { shown[0].clone() } else { format!("({})", shown.join(operator)) }
        };
        match node {
            Node::Words { text, .. } => format!("‹{}›", text.trim()),
            Node::Quoted { text, is_exact, slop, .. } => {
                let slop = slop.map_or(String::new(), |slop| format!("~{slop}"));
                format!("{}\"{text}\"{slop}", if *is_exact { "=" } else { "" })
            }
            Node::ExactWord(text) => format!("={text}"),
            Node::Pattern(pattern) => pattern.text.clone(),
            Node::Title { text, .. } => format!("title:{text}"),
            Node::Filter(filter) => format!("{filter:?}"),
            Node::Not(node) => format!("-{}", shown(node)),
            Node::Required(node) => format!("+{}", shown(node)),
            Node::Sequence(nodes) => join(nodes, " "),
            Node::And(nodes) => join(nodes, " AND "),
            Node::Or(nodes) => join(nodes, " OR "),
        }
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let syntax = parse_syntax(text);
        assert_eq!((shown(&syntax.node).as_str(), syntax.problems), (expected, vec![]), "{text}");
    }

    #[track_caller]
    fn check_problem(text: &str, expected: &str, span: &str, message: &str) {
        let syntax = parse_syntax(text);
        assert_eq!(shown(&syntax.node), expected, "{text}");
        let problem = &syntax.problems[0];
        assert_eq!((&text[problem.span.clone()], syntax.problems.len()), (span, 1), "{text}");
        assert!(problem.message.contains(message), "{text}: {}", problem.message);
    }

    #[test]
    fn adjacent_words_are_one_node() {
        check("", "()");
        check("barn og unge", "‹barn og unge›");
        check("barn (0-18 år) og unge", "‹barn (0-18 år) og unge›");
        check("0-24 a-b", "‹0-24 a-b›");
        check("kl. 10:30, se https://x.no/a?b og Bufdir: barn", "‹kl. 10:30, se https://x.no/a?b og Bufdir: barn›");
        check("5 * 3 ~ **viktig**", "‹5 * 3 ~ **viktig**›");
        check("or and not ikke ELLERS", "‹or and not ikke ELLERS›");
        check("a = b", "‹a = b›");
        check("a == b --> +-5 27\" C++", "‹a == b --> +-5 27\" C++›");
        check("Dato: 2018 Kilde: SSB", "‹Dato: 2018 Kilde: SSB›");
    }

    #[test]
    fn parses_quotes_and_exclusions() {
        check("a \"b c\" -d x-y -\"e f\"", "(‹a› \"b c\" -‹d› ‹x-y› -\"e f\")");
        check("„a b“ «c d»~5 a\"b c\"", "(\"a b\" \"c d\"~5 ‹a› \"b c\")");
        check("=\"utsatte barn\" =ordet", "(=\"utsatte barn\" =ordet)");
        check("(a) -g", "(‹(a)› -‹g›)");
        check("+a b+c +\"d e\" +=f", "(+‹a› ‹b+c› +\"d e\" +=f)");
    }

    #[test]
    fn not_binds_tightest_then_and_then_or() {
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
    fn filters_and_exclusions_apply_to_the_whole_group() {
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
    fn field_names_are_recognized_in_any_case() {
        let ipsos = "Source([\"ipsos\"])";
        check("SOURCE:ipsos x", &format!("({ipsos} ‹x›)"));
        check("Kilde:ipsos x", &format!("({ipsos} ‹x›)"));
        check("Site:ssb.no", "Site(\"ssb.no\")");
        check("Spra\u{30a}k:nn", "Lang([\"nn\"])");
        check("-DATO:2018 x", "(-Days(20180101..=20181231) ‹x›)");
        check("TITLE:barn", "title:barn");
        check("\"a b\"~99999999999", "\"a b\"~4294967295");
        check("a-b C++ +47 8:30", "‹a-b C++ +47 8:30›");
    }

    #[test]
    fn parses_patterns() {
        check("ord* *plikt sam*ing ord~1", "(ord* *plikt sam*ing ord~1)");
        check("barn* AND -skole~", "(barn* AND -skole~)");
        check("barn*, unge", "(barn* ‹unge›)");
    }

    #[test]
    fn reads_an_invalid_query_as_words() {
        check_problem("barn AND", "‹barn AND›", "AND", "`AND` needs a term after it");
        check_problem("OR barn", "‹OR barn›", "OR", "`OR` needs a term before it");
        check_problem("barn AND OR unge", "‹barn AND OR unge›", "AND", "`AND` needs a term after it");
        check_problem("barn NOT", "‹barn NOT›", "NOT", "`NOT` needs a term after it");
        check_problem("(barn AND unge", "‹(barn AND unge›", "(", "never closed");
        check_problem("barn AND unge)", "‹barn AND unge)›", ")", "never opened");
        check_problem("barn AND ()", "‹barn AND ()›", "()", "are empty");
        check_problem("title:barn*", "title:barn*", "*", "only in a plain word");
        check_problem("(barn", "‹(barn›", "(", "never closed");
        check_problem("\"barn og", "‹\"barn og›", "\"", "never closed");
        check_problem("foo:bar AND barn", "(‹foo:bar› AND ‹barn›)", "foo", "no field is named `foo`");
        check_problem("date:igår barn", "‹date:igår barn›", "igår", "not a date");
        check_problem("a* barn", "‹a* barn›", "a*", "two letters");
        check_problem("barn site:", "‹barn site:›", "site:", "`site:` needs a value");
        check_problem("site: ssb.no barn", "‹site: ssb.no barn›", "site:", "needs a value");
        check_problem("barn SITE:", "‹barn SITE:›", "SITE:", "needs a value");
        check_problem("title:\"\" barn", "(‹title:› \"\" ‹barn›)", "title:", "needs a value");
        check_problem("barn Kilde:", "‹barn Kilde:›", "Kilde:", "needs a value");
        check_problem("=\"skole og", "‹=\"skole og›", "\"", "never closed");
        check_problem("title:\"barn og", "‹title:\"barn og›", "\"", "never closed");
        check_problem("x -source:«barn", "(‹x› -‹source:«barn›)", "«", "never closed");
        check_problem("\"a b\"~x", "(\"a b\" ‹~x›)", "~x", "needs a number");
        check_problem("=\"a b\"~ c", "(=\"a b\" ‹~ c›)", "~", "needs a number");
        check_problem("\"a b\"~5x", "(\"a b\"~5 ‹x›)", "~5x", "needs a number");
        check_problem("barn +", "‹barn +›", "+", "`+` applies only to a word");
        check_problem("- barn", "‹- barn›", "-", "`-` applies only to a word");
        check_problem("barn − skole", "‹barn − skole›", "−", "`−` applies only to a word");
        check_problem("-+barn", "‹-+barn›", "-+", "`-+` has no meaning");
        check_problem("skole +-barn", "‹skole +-barn›", "+-", "`+-` has no meaning");
        check_problem("--barn skole", "‹--barn skole›", "--", "`--` has no meaning");
        check_problem("==barn", "‹==barn›", "==", "`==` has no meaning");
        check_problem("skole\"", "‹skole\"›", "\"", "never closed");
        check_problem("en skole.” x", "‹en skole.” x›", "”", "never closed");
        check_problem("skole» x", "‹skole» x›", "»", "never opened");
        check_problem("title:(barn OR tall)", "(‹title:› (‹barn› OR ‹tall›))", "title:", "not parentheses");
        check_problem("Kilde:(ssb)", "‹Kilde:(ssb)›", "Kilde:", "not parentheses");
        check_problem(
            "barn AND -x source:ipsos OR",
            "(‹barn AND› -‹x› Source([\"ipsos\"]) ‹OR›)",
            "OR",
            "`OR` needs a term after it",
        );
        let deep = "(".repeat(1000) + "a AND b";
        assert!(parse_syntax(&deep).problems[0].message.contains("50 deep"));
    }

    #[test]
    fn norwegian_operators_are_words_in_an_all_caps_query() {
        check("NAV OG BARN", "‹NAV OG BARN›");
        assert!(parse_syntax("NAV OG BARN").is_all_caps);
        check("NAV AND BARN", "(‹NAV› AND ‹BARN›)");
        check("NAV OG barn", "(‹NAV› AND ‹barn›)");
        assert!(!parse_syntax("NAV OG barn").is_all_caps && !parse_syntax("NAV").is_all_caps);
    }
}

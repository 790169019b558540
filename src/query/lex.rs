//! Splits a query into tokens: words, quoted texts, operators, parentheses, patterns and fields.

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

use super::ast::{Node, QueryProblem, QueryProblemKind};
use super::filter::{Filter, FilterField, comparable_text};
use super::pattern::Pattern;

/// The field names of the query syntax, in the order in which a message lists them. They may be typed in any case.
/// `title` is not a filter, since titles are analyzed.
const FIELDS: [(&str, Option<FilterField>); 11] = [
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

/// Field names that are also common labels in Norwegian prose (`Kilde: SSB`), as they are written there.
const LABELS: [&str; 5] = ["Tittel", "Kilde", "Nettsted", "Språk", "Dato"];

#[derive(Clone, Debug, PartialEq)]
pub enum QueryToken<'a> {
    Operand(Node<'a>),
    And,
    Or,
    /// Excludes the next operand or group.
    Not,
    OpenParen,
    CloseParen,
}

/// The tokens of a query.
#[derive(Debug)]
pub struct Lexed<'a> {
    /// Each with its byte range, in order.
    pub tokens: Vec<(QueryToken<'a>, Range<usize>)>,
    /// The parts of the query that can't be read as they were probably meant.
    pub problems: Vec<QueryProblem>,
    /// Whether the query contains a Norwegian operator and no lower-case letter; if so, its Norwegian operators were
    /// read as words.
    pub is_all_caps: bool,
    /// Whether an operator is among the tokens; without one, parentheses are punctuation.
    pub has_operators: bool,
}

/// The operators in English and in Norwegian. In a query that is all capitals, the Norwegian ones are words.
const OPERATORS: [(&str, &str, QueryToken); 3] =
    [("AND", "OG", QueryToken::And), ("OR", "ELLER", QueryToken::Or), ("NOT", "IKKE", QueryToken::Not)];

/// Splits a query into tokens. If `with_operators` is false, operators and parentheses are read as words.
pub fn lex(text: &str, with_operators: bool) -> Lexed<'_> {
    let is_all_caps = is_all_caps(text);
    let lexed = Lexed { tokens: Vec::new(), problems: Vec::new(), is_all_caps, has_operators: false };
    let mut lexer = Lexer { text, with_operators, lexed, words_start: None };
    let mut offset = 0;
    let mut is_word_start = true;
    while let Some(c) = text[offset..].chars().next() {
        let end = lexer.token(offset, c, is_word_start);
        is_word_start = match end {
            Some(_) => true,
            None => c.is_whitespace() || !with_operators && c == '(',
        };
        if end.is_none() && !c.is_whitespace() {
            lexer.words_start.get_or_insert(offset);
        } else if end.is_none() && lexer.is_after_not() {
            lexer.end_words(offset);
        }
        offset = end.unwrap_or(offset + c.len_utf8());
    }
    lexer.end_words(offset);
    lexer.lexed
}

/// Whether the query contains a Norwegian operator and no lower-case letter.
fn is_all_caps(text: &str) -> bool {
    text.split_whitespace().any(|word| OPERATORS.iter().any(|(_, norwegian, _)| *norwegian == word))
        && !text.chars().any(char::is_lowercase)
}

struct Lexer<'a> {
    text: &'a str,
    with_operators: bool,
    lexed: Lexed<'a>,
    /// The offset of the words that are not yet part of a token.
    words_start: Option<usize>,
}

impl<'a> Lexer<'a> {
    /// Reads the token at the offset `at`, which starts with the character `c`, and returns its end. Returns `None` if
    /// the token is a word.
    fn token(&mut self, at: usize, c: char, is_word_start: bool) -> Option<usize> {
        if self.with_operators && matches!(c, '(' | ')') {
            let end = at + 1;
            self.push(if c == '(' { QueryToken::OpenParen } else { QueryToken::CloseParen }, at..end);
            return Some(end);
        }
        if is_word_start {
            if self.with_operators
                && let Some((operator, end)) = self.operator(at)
            {
                self.lexed.has_operators = true;
                self.push(operator, at..end);
                return Some(end);
            }
            if matches!(c, '-' | '−') {
                return self.excluded(at, at + c.len_utf8());
            }
            if c == '+' {
                return self.required(at, at + 1);
            }
        }
        let (node, end) = self.operand(at, c, is_word_start)?;
        self.push(QueryToken::Operand(node), at..end);
        Some(end)
    }

    fn operator(&self, at: usize) -> Option<(QueryToken<'a>, usize)> {
        let rest = &self.text[at..];
        let length = rest.find(|c: char| c.is_whitespace() || matches!(c, '(' | ')')).unwrap_or(rest.len());
        let is_typed = |(english, norwegian, _): &&(&str, &str, QueryToken)| {
            rest[..length] == **english || rest[..length] == **norwegian && !self.lexed.is_all_caps
        };
        let (_, _, operator) = OPERATORS.iter().find(is_typed)?;
        Some((operator.clone(), at + length))
    }

    /// Reads what a minus sign excludes.
    fn excluded(&mut self, minus: usize, at: usize) -> Option<usize> {
        self.lone_sign(minus..at);
        let c = self.text[at..].chars().next()?;
        if c == '(' && self.with_operators {
            self.lexed.has_operators = true;
            self.push(QueryToken::Not, minus..at);
            return Some(at);
        }
        let (node, end) = self.signed(at, c, char::is_alphanumeric)?;
        self.push(QueryToken::Operand(Node::Not(Box::new(node))), minus..end);
        Some(end)
    }

    /// Reads what a plus sign requires. `+47` is a number.
    fn required(&mut self, plus: usize, at: usize) -> Option<usize> {
        self.lone_sign(plus..at);
        let c = self.text[at..].chars().next()?;
        let (node, end) = self.signed(at, c, char::is_alphabetic)?;
        self.push(QueryToken::Operand(Node::Required(Box::new(node))), plus..end);
        Some(end)
    }

    /// Reads the operand of a sign: a quoted text, a pattern, a field or a word. Returns it with its end.
    fn signed(&mut self, at: usize, c: char, starts_word: fn(char) -> bool) -> Option<(Node<'a>, usize)> {
        self.operand(at, c, true).or_else(|| {
            let end = if starts_word(c) { self.word_end(at) } else { at };
            (end > at).then_some((Node::Words { text: &self.text[at..end], start: at }, end))
        })
    }

    /// Reads a quoted text, an exact form, a field or a pattern. Returns it with its end.
    fn operand(&mut self, at: usize, c: char, is_word_start: bool) -> Option<(Node<'a>, usize)> {
        let text = self.text;
        if is_quote(c) {
            let Some((inner, end)) = quoted(text, at) else {
                if is_word_start || self.follows_word(at) {
                    self.unclosed_quote(at);
                }
                return None;
            };
            self.reject_star(inner.clone());
            return Some(self.with_slop(inner, false, end));
        }
        if c == '»' && self.follows_word(at) {
            self.problem(
                QueryProblemKind::UnopenedQuote,
                "the quotation mark `»` was never opened".to_string(),
                at..at + c.len_utf8(),
            );
        }
        if !is_word_start {
            return None;
        }
        if c == '=' {
            let after = at + 1;
            self.repeated_sign(at..after, &['=', '+', '-', '−']);
            if let Some((inner, end)) = quoted(text, after) {
                self.reject_star(inner.clone());
                return Some(self.with_slop(inner, true, end));
            }
            if text[after..].starts_with(is_quote) {
                self.unclosed_quote(after);
                return None;
            }
            let end = self.word_end(after);
            self.reject_star(after..end);
            return text[after..]
                .starts_with(char::is_alphanumeric)
                .then_some((Node::ExactWord(&text[after..end]), end));
        }
        self.field(at).or_else(|| self.pattern(at))
    }

    /// Reads `name:value`.
    fn field(&mut self, at: usize) -> Option<(Node<'a>, usize)> {
        let rest = &self.text[at..];
        let is_in_name = |c: char| c.is_alphabetic() || is_combining_mark(c);
        let colon = rest.find(|c: char| !is_in_name(c)).filter(|end| rest[*end..].starts_with(':'))?;
        let (name, start) = (&rest[..colon], at + colon + 1);
        let next = self.text[start..].chars().next().unwrap_or(' ');
        let comparable_name = comparable_text(name);
        let Some((_, field)) = FIELDS.iter().find(|(known, _)| *known == comparable_name) else {
            let is_field = name.chars().all(char::is_lowercase) && (next.is_alphanumeric() || is_quote(next));
            if is_field {
                let known: Vec<&str> = FIELDS.iter().map(|(name, _)| *name).collect();
                let message = format!("no field is named `{name}`; the fields are {}", known.join(", "));
                self.problem(QueryProblemKind::UnknownField, message, at..at + colon);
            }
            return None;
        };
        let (value, end) = match quoted(self.text, start) {
            Some((inner, end)) => (inner, end),
            None if is_quote(next) => {
                self.unclosed_quote(start);
                return None;
            }
            None => {
                let end = self.value_end(start);
                (start..start + self.text[start..end].trim_end_matches([',', ';']).len(), end)
            }
        };
        let (text, value_start) = (&self.text[value.clone()], value.start);
        match field {
            _ if text.trim().is_empty() => {
                if next == '(' {
                    self.problem(
                        QueryProblemKind::FieldWithParentheses,
                        format!("`{name}:` takes a word or a quoted text, not parentheses"),
                        at..start,
                    );
                } else if !(LABELS.contains(&name) && next.is_whitespace()) || self.text[start..].trim().is_empty() {
                    self.problem(
                        QueryProblemKind::FieldWithoutValue,
                        format!("`{name}:` needs a value, without a space before it"),
                        at..start,
                    );
                }
                None
            }
            None => {
                self.reject_star(value);
                Some((Node::Title { text, start: value_start }, end))
            }
            Some(field) => self.filter(*field, value).map(|filter| (Node::Filter(filter), end)),
        }
    }

    /// Returns the node of a quoted text that ends at `end`, including `~N` if it follows, and the offset after both.
    fn with_slop(&mut self, inner: Range<usize>, is_exact: bool, end: usize) -> (Node<'a>, usize) {
        let text = self.text;
        let Some(rest) = text[end..].strip_prefix('~') else {
            return (Node::Quoted { start: inner.start, text: &text[inner], is_exact, slop: None }, end);
        };
        let digits = &rest[..rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())];
        let after = end + 1 + digits.len();
        let value_end = self.value_end(end);
        if digits.is_empty() || text[after..value_end].starts_with(char::is_alphanumeric) {
            let message = "`~` after a phrase needs a number of words, as in `~5`";
            self.problem(QueryProblemKind::InvalidDistance, message.to_string(), end..value_end);
        }
        if digits.is_empty() {
            return (Node::Quoted { start: inner.start, text: &text[inner], is_exact, slop: None }, end);
        }
        // A number that is too large for `u32` allows any number of words.
        let slop = digits.parse().unwrap_or(u32::MAX);
        (Node::Quoted { start: inner.start, text: &text[inner], is_exact, slop: Some(slop) }, after)
    }

    fn unclosed_quote(&mut self, at: usize) {
        let quote: String = self.text[at..].chars().take(1).collect();
        self.problem(
            QueryProblemKind::UnclosedQuote,
            format!("the quotation mark `{quote}` is never closed"),
            at..at + quote.len(),
        );
    }

    /// Whether a letter precedes the offset, directly or before punctuation. A digit is not enough, because a quotation
    /// mark after a digit means inches or seconds.
    fn follows_word(&self, at: usize) -> bool {
        self.text[..at].trim_end_matches(['.', ',', '!', '?']).ends_with(char::is_alphabetic)
    }

    /// Reports a sign that is followed by one of `signs`, and then by a word or a quoted text: `-+barn`, `==barn`.
    fn repeated_sign(&mut self, sign: Range<usize>, signs: &[char]) {
        let rest = &self.text[sign.end..];
        let operand = rest.trim_start_matches(['+', '-', '−', '=']);
        if rest.starts_with(signs) && operand.starts_with(|c: char| c.is_alphabetic() || is_quote(c)) {
            let end = self.text.len() - operand.len();
            let typed = &self.text[sign.start..end];
            self.problem(
                QueryProblemKind::RepeatedSign,
                format!("`{typed}` has no meaning; write one sign before a word"),
                sign.start..end,
            );
        }
    }

    /// Reports a sign that is repeated or isn't followed by a word.
    fn lone_sign(&mut self, sign: Range<usize>) {
        self.repeated_sign(sign.clone(), &['+', '-', '−']);
        if !self.text[sign.end..].starts_with(|c: char| !c.is_whitespace()) {
            let typed = &self.text[sign.clone()];
            self.problem(
                QueryProblemKind::LoneSign,
                format!("`{typed}` applies only to a word that follows it without a space"),
                sign,
            );
        }
    }

    /// Reports a star in a text in which it is ignored like other punctuation.
    fn reject_star(&mut self, span: Range<usize>) {
        if let Some(star) = self.text[span.clone()].find('*') {
            let at = span.start + star;
            self.problem(
                QueryProblemKind::MisplacedStar,
                "`*` is a wildcard only in a plain word, not in quotes or after `=` or `title:`".to_string(),
                at..at + 1,
            );
        }
    }

    fn filter(&mut self, field: FilterField, value: Range<usize>) -> Option<Filter> {
        match Filter::parse(field, &self.text[value.clone()]) {
            Ok(filter) => Some(filter),
            Err(message) => {
                self.problem(QueryProblemKind::InvalidValue, message, value);
                None
            }
        }
    }

    fn pattern(&mut self, at: usize) -> Option<(Node<'a>, usize)> {
        let word = self.text[at..self.value_end(at)].trim_end_matches(['.', ',', ';', ':', '!', '?']);
        let end = at + word.len();
        match Pattern::parse(word)? {
            Ok(pattern) => Some((Node::Pattern(pattern), self.value_end(at))),
            Err(message) => {
                self.problem(QueryProblemKind::InvalidPattern, message, at..end);
                None
            }
        }
    }

    /// The end of the field value at `at`.
    fn value_end(&self, at: usize) -> usize {
        let rest = &self.text[at..];
        at + rest.find(|c: char| c.is_whitespace() || matches!(c, '(' | ')')).unwrap_or(rest.len())
    }

    /// The end of the word at `at`.
    fn word_end(&self, at: usize) -> usize {
        let rest = &self.text[at..];
        at + if self.with_operators {
            self.value_end(at) - at
        } else {
            rest.find(char::is_whitespace).unwrap_or(rest.len())
        }
    }

    fn problem(&mut self, kind: QueryProblemKind, message: String, span: Range<usize>) {
        self.lexed.problems.push(QueryProblem::new(kind, message, span));
    }

    /// Whether the current words follow `NOT`, which excludes a single word.
    fn is_after_not(&self) -> bool {
        self.words_start.is_some() && matches!(self.lexed.tokens.last(), Some((QueryToken::Not, _)))
    }

    fn push(&mut self, token: QueryToken<'a>, span: Range<usize>) {
        self.end_words(span.start);
        self.lexed.tokens.push((token, span));
    }

    fn end_words(&mut self, end: usize) {
        if let Some(start) = self.words_start.take() {
            let words = Node::Words { text: &self.text[start..end], start };
            self.lexed.tokens.push((QueryToken::Operand(words), start..end));
        }
    }
}

/// Whether a word of a query is an operator. Operators are in capitals.
pub fn is_operator(word: &str) -> bool {
    OPERATORS.iter().any(|(english, norwegian, _)| word == *english || word == *norwegian)
}

/// Whether a word is the name of a field of the query syntax.
pub fn is_field_name(word: &str) -> bool {
    let word = comparable_text(word);
    FIELDS.iter().any(|(name, _)| *name == word)
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '«' | '“' | '”' | '„')
}

/// Reads a quoted text at `at`. Returns the range between the quotation marks and the end of the closing one; `None` if
/// there is no quotation mark or it is never closed.
fn quoted(text: &str, at: usize) -> Option<(Range<usize>, usize)> {
    let open = text[at..].chars().next().filter(|c| is_quote(*c))?;
    let start = at + open.len_utf8();
    let is_close = |c: char| match open {
        '«' => c == '»',
        _ => matches!(c, '"' | '“' | '”'),
    };
    let (length, close) = text[start..].char_indices().find(|(_, c)| is_close(*c))?;
    Some((start..start + length, start + length + close.len_utf8()))
}

//! Given what a person typed, where do its words, signs and fields begin and end?

use std::ops::Range;

use super::filter::{Filter, FilterField};
use super::pattern::Pattern;
use super::syntax::{FIELDS, Node, QueryProblem};

#[derive(Clone, Debug, PartialEq)]
pub enum Token<'a> {
    Leaf(Node<'a>),
    And,
    Or,
    /// Before what is left out.
    Not,
    Open,
    Close,
}

/// The tokens of a query, each with its place, and what of it can be no more than words.
#[derive(Debug)]
pub struct Lexed<'a> {
    pub tokens: Vec<(Token<'a>, Range<usize>)>,
    pub problems: Vec<QueryProblem>,
    /// All was written in capitals, so that the Norwegian operators are words.
    pub is_shouted: bool,
    /// An operator is among them; without one parentheses mean nothing.
    pub is_built: bool,
}

/// Operators, each in English, which are also operators where all is in capitals, and in Norwegian.
const OPERATORS: [(&str, &str, Token); 3] =
    [("AND", "OG", Token::And), ("OR", "ELLER", Token::Or), ("NOT", "IKKE", Token::Not)];

/// Cuts a query into tokens; without operators these and parentheses are words.
pub fn lex(text: &str, with_operators: bool) -> Lexed<'_> {
    let is_shouted = is_shouted(text);
    let lexed = Lexed { tokens: Vec::new(), problems: Vec::new(), is_shouted, is_built: false };
    let mut lexer = Lexer { text, with_operators, lexed, words_begin: None };
    let mut at = 0;
    let mut is_word_start = true;
    while let Some(c) = text[at..].chars().next() {
        let end = lexer.token(at, c, is_word_start);
        is_word_start = match end {
            Some(_) => true,
            None => c.is_whitespace() || !with_operators && c == '(',
        };
        if end.is_none() && !c.is_whitespace() {
            lexer.words_begin.get_or_insert(at);
        } else if end.is_none() && lexer.is_behind_not() {
            lexer.end_words(at);
        }
        at = end.unwrap_or(at + c.len_utf8());
    }
    lexer.end_words(at);
    lexer.lexed
}

/// Whether a Norwegian operator is among the words and all of them are in capitals.
fn is_shouted(text: &str) -> bool {
    text.split_whitespace().any(|word| OPERATORS.iter().any(|(_, norwegian, _)| *norwegian == word))
        && !text.chars().any(char::is_lowercase)
}

struct Lexer<'a> {
    text: &'a str,
    with_operators: bool,
    lexed: Lexed<'a>,
    /// Where the words begin that are not yet a token.
    words_begin: Option<usize>,
}

impl<'a> Lexer<'a> {
    /// Takes what begins at `at` with `c` and is more than words, and gives its end.
    fn token(&mut self, at: usize, c: char, is_word_start: bool) -> Option<usize> {
        if self.with_operators && matches!(c, '(' | ')') {
            let end = at + 1;
            self.push(if c == '(' { Token::Open } else { Token::Close }, at..end);
            return Some(end);
        }
        if is_word_start {
            if self.with_operators
                && let Some((operator, end)) = self.operator(at)
            {
                self.lexed.is_built = true;
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
        let (node, end) = self.leaf(at, c, is_word_start)?;
        self.push(Token::Leaf(node), at..end);
        Some(end)
    }

    fn operator(&self, at: usize) -> Option<(Token<'a>, usize)> {
        let rest = &self.text[at..];
        let length = rest.find(|c: char| c.is_whitespace() || matches!(c, '(' | ')')).unwrap_or(rest.len());
        let is_written = |(english, norwegian, _): &&(&str, &str, Token)| {
            rest[..length] == **english || rest[..length] == **norwegian && !self.lexed.is_shouted
        };
        let (_, _, operator) = OPERATORS.iter().find(is_written)?;
        Some((operator.clone(), at + length))
    }

    /// What stands behind a minus sign.
    fn excluded(&mut self, minus: usize, at: usize) -> Option<usize> {
        let c = self.text[at..].chars().next()?;
        if c == '(' && self.with_operators {
            self.lexed.is_built = true;
            self.push(Token::Not, minus..at);
            return Some(at);
        }
        let (node, end) = self.signed(at, c, char::is_alphanumeric)?;
        self.push(Token::Leaf(Node::Not(Box::new(node))), minus..end);
        Some(end)
    }

    /// What stands behind a plus sign: no number, since that begins so by itself.
    fn required(&mut self, plus: usize, at: usize) -> Option<usize> {
        let c = self.text[at..].chars().next()?;
        let (node, end) = self.signed(at, c, char::is_alphabetic)?;
        self.push(Token::Leaf(Node::Required(Box::new(node))), plus..end);
        Some(end)
    }

    /// What a sign before it concerns, a leaf or a word that begins so, and its end.
    fn signed(&mut self, at: usize, c: char, begins_word: fn(char) -> bool) -> Option<(Node<'a>, usize)> {
        self.leaf(at, c, true).or_else(|| {
            let end = if begins_word(c) { self.chunk_end(at) } else { at };
            (end > at).then_some((Node::Words(&self.text[at..end]), end))
        })
    }

    /// A phrase, an exact form, a field or a pattern, and its end.
    fn leaf(&mut self, at: usize, c: char, is_word_start: bool) -> Option<(Node<'a>, usize)> {
        let text = self.text;
        if is_quote(c) {
            let Some((inner, end)) = quoted(text, at) else {
                if is_word_start {
                    self.problem("the quotation mark is never closed", at..at + c.len_utf8());
                }
                return None;
            };
            self.takes_no_star(inner.clone());
            return Some(with_slop(text, inner, false, end));
        }
        if !is_word_start {
            return None;
        }
        if c == '=' {
            let after = at + 1;
            if let Some((inner, end)) = quoted(text, after) {
                self.takes_no_star(inner.clone());
                return Some(with_slop(text, inner, true, end));
            }
            let end = self.chunk_end(after);
            self.takes_no_star(after..end);
            return text[after..].starts_with(char::is_alphanumeric).then_some((Node::Exact(&text[after..end]), end));
        }
        self.field(at).or_else(|| self.pattern(at))
    }

    /// `name:value`.
    fn field(&mut self, at: usize) -> Option<(Node<'a>, usize)> {
        let rest = &self.text[at..];
        let colon = rest.find(|c: char| !c.is_alphabetic()).filter(|end| rest[*end..].starts_with(':'))?;
        let (name, begin) = (&rest[..colon], at + colon + 1);
        let next = self.text[begin..].chars().next()?;
        let Some((_, facet)) = FIELDS.iter().find(|(known, _)| *known == name) else {
            let is_field = name.chars().all(char::is_lowercase) && (next.is_alphanumeric() || is_quote(next));
            if is_field {
                let known: Vec<&str> = FIELDS.iter().map(|(name, _)| *name).collect();
                let message = format!("there is no field called \"{name}\"; there are {}", known.join(", "));
                self.problem(&message, at..at + colon);
            }
            return None;
        };
        let (value, end) = match quoted(self.text, begin) {
            Some((inner, end)) => (inner, end),
            None => {
                let end = self.value_end(begin);
                (begin..begin + self.text[begin..end].trim_end_matches([',', ';']).len(), end)
            }
        };
        let text = &self.text[value.clone()];
        match facet {
            _ if text.trim().is_empty() => None,
            None => {
                self.takes_no_star(value);
                Some((Node::Title(text), end))
            }
            Some(facet) => self.filter(*facet, value).map(|filter| (Node::Filter(filter), end)),
        }
    }

    /// Here a star would be left out like any other sign.
    fn takes_no_star(&mut self, place: Range<usize>) {
        if let Some(star) = self.text[place.clone()].find('*') {
            let at = place.start + star;
            self.problem("* stands for letters only in a word by itself", at..at + 1);
        }
    }

    fn filter(&mut self, facet: FilterField, value: Range<usize>) -> Option<Filter> {
        match Filter::parse(facet, &self.text[value.clone()]) {
            Ok(filter) => Some(filter),
            Err(message) => {
                self.problem(&message, value);
                None
            }
        }
    }

    fn pattern(&mut self, at: usize) -> Option<(Node<'a>, usize)> {
        let chunk = self.text[at..self.value_end(at)].trim_end_matches(['.', ',', ';', ':', '!', '?']);
        let end = at + chunk.len();
        match Pattern::parse(chunk)? {
            Ok(pattern) => Some((Node::Pattern(pattern), self.value_end(at))),
            Err(message) => {
                self.problem(&message, at..end);
                None
            }
        }
    }

    /// Where the value of a field that begins here ends.
    fn value_end(&self, at: usize) -> usize {
        let rest = &self.text[at..];
        at + rest.find(|c: char| c.is_whitespace() || matches!(c, '(' | ')')).unwrap_or(rest.len())
    }

    /// Where the word that begins here ends.
    fn chunk_end(&self, at: usize) -> usize {
        let rest = &self.text[at..];
        at + if self.with_operators {
            self.value_end(at) - at
        } else {
            rest.find(char::is_whitespace).unwrap_or(rest.len())
        }
    }

    fn problem(&mut self, message: &str, place: Range<usize>) {
        self.lexed.problems.push(QueryProblem { message: message.to_string(), place });
    }

    /// Whether the words that end here are what NOT leaves out: it takes one.
    fn is_behind_not(&self) -> bool {
        self.words_begin.is_some() && matches!(self.lexed.tokens.last(), Some((Token::Not, _)))
    }

    fn push(&mut self, token: Token<'a>, place: Range<usize>) {
        self.end_words(place.start);
        self.lexed.tokens.push((token, place));
    }

    fn end_words(&mut self, end: usize) {
        if let Some(begin) = self.words_begin.take() {
            self.lexed.tokens.push((Token::Leaf(Node::Words(&self.text[begin..end])), begin..end));
        }
    }
}

fn with_slop(text: &str, inner: Range<usize>, is_exact: bool, end: usize) -> (Node<'_>, usize) {
    let digits = |rest: &str| rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let behind = text[end..].strip_prefix('~').map(|rest| &rest[..digits(rest)]);
    let slop = behind.and_then(|digits| digits.parse().ok());
    let end = if slop.is_some() { end + 1 + behind.map_or(0, str::len) } else { end };
    (Node::Quoted { text: &text[inner], is_exact, slop }, end)
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '«' | '“' | '”' | '„')
}

/// What a quotation mark at `at` holds, and where it ends. One that isn't closed is none.
fn quoted(text: &str, at: usize) -> Option<(Range<usize>, usize)> {
    let open = text[at..].chars().next().filter(|c| is_quote(*c))?;
    let begin = at + open.len_utf8();
    let is_close = |c: char| match open {
        '«' => c == '»',
        _ => matches!(c, '"' | '“' | '”'),
    };
    let (length, close) = text[begin..].char_indices().find(|(_, c)| is_close(*c))?;
    Some((begin..begin + length, begin + length + close.len_utf8()))
}

//! The syntax tree of a query, and the problems found while parsing it.

use std::ops::Range;

use super::filter::Filter;
use super::pattern::Pattern;

/// A node of the syntax tree. Its texts are slices of the query, and each `start` is the byte offset of the text.
#[derive(Clone, Debug, PartialEq)]
pub enum Node<'a> {
    /// Words without quotes or operators between them.
    Words {
        text: &'a str,
        start: usize,
    },
    /// `"…"`, `="…"`, or with `~5` a proximity query.
    Quoted {
        text: &'a str,
        start: usize,
        is_exact: bool,
        slop: Option<u32>,
    },
    /// `=word`.
    ExactWord(&'a str),
    Pattern(Pattern),
    /// `title:…`.
    Title {
        text: &'a str,
        start: usize,
    },
    Filter(Filter),
    Not(Box<Node<'a>>),
    /// `+…`: must match; it is not enough that other words do.
    Required(Box<Node<'a>>),
    /// Adjacent nodes without an operator between them.
    Sequence(Vec<Node<'a>>),
    And(Vec<Node<'a>>),
    Or(Vec<Node<'a>>),
}

impl Node<'_> {
    /// Whether it consists of filters and exclusions, which restrict what other nodes match.
    pub fn restricts(&self) -> bool {
        match self {
            Node::Filter(_) | Node::Not(_) => true,
            Node::Required(node) => node.restricts(),
            Node::Sequence(nodes) | Node::And(nodes) | Node::Or(nodes) => {
                !nodes.is_empty() && nodes.iter().all(Node::restricts)
            }
            _ => false,
        }
    }

    /// Whether it consists of titles, filters and exclusions.
    pub fn restricts_or_is_title(&self) -> bool {
        match self {
            Node::Title { .. } => true,
            Node::Sequence(nodes) | Node::And(nodes) | Node::Or(nodes) => {
                !nodes.is_empty() && nodes.iter().all(Node::restricts_or_is_title)
            }
            node => node.restricts(),
        }
    }
}

/// Returns a single operand unchanged, and wraps several in `operator`. Operands are nodes or constraints.
pub fn unwrap_single<T>(mut operands: Vec<T>, operator: fn(Vec<T>) -> T) -> T {
    if operands.len() == 1 { operands.remove(0) } else { operator(operands) }
}

/// What is wrong with a part of a query. Programs that write messages in other languages choose them by this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryProblemKind {
    UnclosedQuote,
    UnopenedQuote,
    UnclosedParenthesis,
    UnopenedParenthesis,
    EmptyParentheses,
    TooDeep,
    /// An operator without a term before it.
    NothingBefore,
    /// An operator without a term after it, or the end of the query where a term is expected.
    NothingAfter,
    UnknownField,
    FieldWithoutValue,
    FieldWithParentheses,
    InvalidValue,
    InvalidPattern,
    /// `~` after a phrase without a number.
    InvalidDistance,
    MisplacedStar,
    RepeatedSign,
    LoneSign,
    WordTooLong,
}

/// A part of a query that can't be parsed as it was probably meant.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryProblem {
    pub kind: QueryProblemKind,
    /// A lower-case message that quotes the part.
    pub message: String,
    /// The byte range of the part in the query.
    pub span: Range<usize>,
    /// What is searched for, as the second half of a message.
    pub fallback: &'static str,
}

impl QueryProblem {
    pub fn new(kind: QueryProblemKind, message: impl Into<String>, span: Range<usize>) -> QueryProblem {
        QueryProblem { kind, message: message.into(), span, fallback: "searching for the words instead" }
    }
}

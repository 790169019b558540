//! The syntax tree of a query, and the problems found while parsing it.

use std::ops::Range;

use super::field_filter::Filter;
use super::pattern::Pattern;

/// A node of the syntax tree. Its texts are slices of the query.
#[derive(Clone, Debug, PartialEq)]
pub enum Node<'a> {
    /// Words without quotes or operators between them; `start` is their byte offset in the query.
    Words {
        text: &'a str,
        start: usize,
    },
    /// `"…"`, `="…"`, or with `~5` a proximity query.
    Quoted {
        text: &'a str,
        is_exact: bool,
        slop: Option<u32>,
    },
    /// `=word`.
    ExactWord(&'a str),
    Pattern(Pattern),
    /// `title:…`.
    Title(&'a str),
    Filter(Filter),
    Not(Box<Node<'a>>),
    /// `+…`: must match even if other words do.
    Required(Box<Node<'a>>),
    /// Adjacent nodes without an operator between them.
    Sequence(Vec<Node<'a>>),
    And(Vec<Node<'a>>),
    Or(Vec<Node<'a>>),
}

/// A part of a query that can't be parsed as it was probably meant.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryProblem {
    /// A lower-case message that quotes the part.
    pub message: String,
    /// The byte range of the part in the query.
    pub span: Range<usize>,
}

impl QueryProblem {
    pub fn new(message: impl Into<String>, span: Range<usize>) -> QueryProblem {
        QueryProblem { message: message.into(), span }
    }
}

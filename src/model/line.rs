//! Lines of a page and the classes that cleaning assigns to them.

use serde::{Deserialize, Serialize};

use super::reason::OutsideReason;

/// One line of a text page, or one block (heading, paragraph, list item, table row) of an HTML or Markdown page.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The source line on which it starts, counted from 1.
    pub number: u32,
    /// The text as in the source. For HTML and Markdown pages, tags are removed and white space is collapsed.
    pub text: String,
    pub markup: Markup,
}

/// The characters that start a list item in a text page.
pub const BULLETS: [char; 14] = ['•', '·', '▪', '◦', '‣', '●', '○', '■', '*', '-', '–', '—', '➢', '\u{f0b7}'];

/// What the markup of the page states about a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Markup {
    /// A line of a text page, which has no markup.
    None,
    /// `<h1>` to `<h6>`, `#` to `######`.
    Heading(u8),
    Paragraph,
    Item,
    /// A row of a table, with its cells joined by ` | `.
    Row,
    /// A block that the markup of the page places outside its content.
    Outside(OutsideReason),
}

/// The class that cleaning assigns to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LineClass {
    Blank,
    Title,
    /// States when the page was published or updated, and often by whom.
    Date,
    Heading,
    Content,
    /// A list item, which is content.
    Item,
    /// A "read more" link, such as "Les hele rapporten >> HER", which is not content.
    Link,
    Boilerplate,
}

impl LineClass {
    /// Whether the line is content, which searches look at by default.
    pub fn is_kept(self) -> bool {
        !matches!(self, LineClass::Blank | LineClass::Link | LineClass::Boilerplate)
    }

    /// Whether the line has text that is not content.
    pub fn is_dropped(self) -> bool {
        self != LineClass::Blank && !self.is_kept()
    }

    pub fn name(self) -> &'static str {
        match self {
            LineClass::Blank => "blank",
            LineClass::Title => "title",
            LineClass::Date => "date",
            LineClass::Heading => "heading",
            LineClass::Content => "content",
            LineClass::Item => "item",
            LineClass::Link => "link",
            LineClass::Boilerplate => "boilerplate",
        }
    }
}

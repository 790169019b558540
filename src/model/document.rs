//! A cleaned page: its classified lines and its metadata.

use serde::{Deserialize, Serialize};

use super::line::LineClass;
use super::reason::Reason;

/// A line with its class and the reason for it.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassifiedLine {
    /// The source line on which it starts, counted from 1.
    pub number: u32,
    pub text: String,
    pub class: LineClass,
    pub reason: Reason,
    /// Whether the line continues the paragraph of the kept line before it.
    pub continues_paragraph: bool,
    /// Whether the line is kept prose that recurs on other pages of the site.
    pub is_repeated: bool,
    /// Whether the line may be content that was lost: it was dropped by a rule that sometimes drops content, and not
    /// by a user rule.
    pub may_be_lost_content: bool,
}

/// The written language of a page, detected from its closed-class words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lang {
    #[serde(rename = "nb")]
    Bokmal,
    #[serde(rename = "nn")]
    Nynorsk,
    #[serde(rename = "en")]
    English,
    /// Another language, or too little text to detect one.
    #[default]
    #[serde(rename = "und")]
    Other,
}

impl Lang {
    /// The BCP 47 code: `nb`, `nn`, `en` or `und`.
    pub fn code(self) -> &'static str {
        match self {
            Lang::Bokmal => "nb",
            Lang::Nynorsk => "nn",
            Lang::English => "en",
            Lang::Other => "und",
        }
    }
}

/// A cleaned page: every line of the source with its class, and the metadata of the page.
#[derive(Clone, Debug)]
pub struct Document {
    pub title: Option<String>,
    pub published: Option<jiff::civil::Date>,
    pub updated: Option<jiff::civil::Date>,
    pub source: Option<String>,
    pub url: Option<String>,
    pub lang: Lang,
    pub origins: MetadataOrigins,
    pub lines: Vec<ClassifiedLine>,
}

/// Where the metadata of a document was found, in words for the user; empty for a field without a value.
#[derive(Clone, Debug, Default)]
pub struct MetadataOrigins {
    pub title: String,
    pub published: String,
    pub updated: String,
    pub source: String,
    pub url: String,
    pub lang: String,
}

//! What flows through the house: a page as it was read, the document it becomes, the passages it holds.
//!
//! Plain values with public fields. Every room takes one of them and gives the next; none of them knows a room.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// Which page is meant: a file, or one record of a file that holds many.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PageId {
    /// The file, by the name under which the index stores it (see `index::BaseDir`).
    pub path: String,
    /// The record's own name inside the file: `id` or `_id` of a `.jsonl` line, else "line 7"; in an archive the
    /// path of the member or the address of the page, for a line of a `.jsonl` member both ("a/b.jsonl#line 7").
    pub record: Option<String>,
}

impl PageId {
    /// The one string that names this page in the index. U+001F stands in no record's name.
    pub fn key(&self) -> String {
        match &self.record {
            Some(record) => format!("{}\u{1f}{record}", self.path),
            None => self.path.clone(),
        }
    }
}

impl std::fmt::Display for PageId {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match &self.record {
            Some(record) => write!(f, "{}#{record}", self.path),
            None => f.write_str(&self.path),
        }
    }
}

/// How the text of a page is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    Text,
    Html,
    Markdown,
}

/// A page as it was read: decoded, nothing judged yet.
#[derive(Clone, Debug)]
pub struct Page {
    pub id: PageId,
    /// Where it stands among the pages of its file, counted from 0.
    pub nth: u32,
    /// Of a page that is a line of a `.jsonl` file: which line, counted from 1.
    pub line: Option<u32>,
    pub format: Format,
    pub text: String,
    /// What is said of it outside its text.
    pub given: PageMetadata,
    /// Said when the bytes were not plain UTF-8: the encoding that was found, or what was replaced.
    pub note: Option<String>,
}

/// Fields that a record carries beside its text; of a page in a web archive its address.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PageMetadata {
    pub url: Option<String>,
    pub title: Option<String>,
    pub date: Option<String>,
    pub source: Option<String>,
    pub lang: Option<String>,
}

/// One line of a text page, or one block (heading, paragraph, item, table row) of a marked-up page.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The line of the page at which it begins, counted from 1.
    pub number: u32,
    /// As it stands in the source; for marked-up pages with white space collapsed and tags gone.
    pub text: String,
    pub markup: Markup,
}

/// What an item of a list begins with in a text page.
pub const BULLETS: [char; 14] = ['•', '·', '▪', '◦', '‣', '●', '○', '■', '*', '-', '–', '—', '➢', '\u{f0b7}'];

/// What the page's own markup says about a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Markup {
    /// A line of a text page: nothing is said.
    None,
    /// `<h1>` to `<h6>`, `#` to `######`.
    Heading(u8),
    Paragraph,
    Item,
    /// A row of a table, cells joined by ` | `.
    Row,
    /// Inside an element that holds no content; the element's name.
    Outside(&'static str),
}

/// What a line of a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LineClass {
    Blank,
    Title,
    /// States when the page was published or updated, and often by whom.
    Date,
    Heading,
    Content,
    /// An item of a list: content.
    Item,
    /// A call to follow a link, such as "Les hele rapporten >> HER": not content.
    Link,
    Boilerplate,
}

impl LineClass {
    /// Whether the line can be searched.
    pub fn is_kept(self) -> bool {
        !matches!(self, LineClass::Blank | LineClass::Link | LineClass::Boilerplate)
    }

    /// Whether something stands in the line and can't be searched.
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

/// A line with what was decided about it and why.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassifiedLine {
    pub number: u32,
    pub text: String,
    pub verdict: LineClass,
    pub reason: Cow<'static, str>,
    /// The line goes on with the paragraph of the kept line before it.
    pub continues: bool,
    /// It is kept prose that other pages of the site say too.
    pub repeats: bool,
    /// It is dropped, and neither the page's own markup nor a person's rule says so.
    pub may_be_missed: bool,
}

/// The written language of a page, found from its closed-class words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lang {
    /// Bokmål.
    #[serde(rename = "nb")]
    Bokmal,
    #[serde(rename = "nn")]
    Nynorsk,
    #[serde(rename = "en")]
    English,
    /// Another language, or too little text to tell.
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

/// A cleaned page: every line of the source with its verdict, and what was found out about the page.
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

/// Where the facts of a document were read, for people; empty for a fact that is unknown.
#[derive(Clone, Debug, Default)]
pub struct MetadataOrigins {
    pub title: String,
    pub published: String,
    pub updated: String,
    pub source: String,
    pub url: String,
    pub lang: String,
}

/// What a reader lands on: a paragraph, or a heading with what stands under it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Passage {
    /// The heading it stands under; the first passage of a section begins with it.
    pub heading: Option<String>,
    /// Source lines of one paragraph are joined by `\n`, paragraphs, items and headings by `\n\n`.
    pub text: String,
    /// The source line of each non-empty line of `text`.
    pub lines: Vec<u32>,
    /// For each of those the byte of the source line at which it begins, `None` for a title that stands in no line.
    /// Empty where the text is not that of source lines: for marked-up pages.
    pub columns: Vec<Option<u32>>,
    /// What each paragraph, item or heading of `text` is.
    pub kinds: Vec<LineClass>,
    /// Other pages of the site say all of it too, headings aside.
    pub repeats: bool,
}

impl Passage {
    /// First and last source line.
    pub fn range(&self) -> (u32, u32) {
        (self.lines.first().copied().unwrap_or(1), self.lines.last().copied().unwrap_or(1))
    }

    /// The source line that the byte `offset` of `text` stands on.
    pub fn line_at(&self, offset: usize) -> u32 {
        let before = self.text[..offset].split('\n').filter(|line| !line.is_empty()).count();
        let begins_line = self.text[..offset].is_empty() || self.text[..offset].ends_with('\n');
        let index = if begins_line { before } else { before.saturating_sub(1) };
        self.lines.get(index).copied().unwrap_or_else(|| self.range().1)
    }

    /// Where the bytes `start..end` of `text` stand in the source: for each line of it the line's number and the bytes
    /// in it. Empty where that can't be said.
    pub fn in_source(&self, start: usize, end: usize) -> Vec<(u32, usize, usize)> {
        let mut found = Vec::new();
        let mut places = self.lines.iter().zip(&self.columns);
        let mut offset = 0;
        for line in self.text.split('\n') {
            let (begin, stop) = (offset, offset + line.len());
            offset = stop + 1;
            if line.is_empty() {
                continue;
            }
            let Some((number, column)) = places.next() else {
                break;
            };
            let (from, to) = (start.max(begin), end.min(stop));
            if let Some(column) = column
                && from < to
            {
                let shift = *column as usize;
                found.push((*number, from - begin + shift, to - begin + shift));
            }
        }
        found
    }

    pub fn words(&self) -> usize {
        word_count(&self.text)
    }
}

/// The text, or as many of its words as `max_chars` characters hold, and `…`.
pub fn shortened(text: &str, max_chars: usize) -> String {
    let Some((limit, _)) = text.char_indices().nth(max_chars) else {
        return text.to_string();
    };
    let end = text[..limit].rfind(' ').unwrap_or(limit);
    format!("{}…", text[..end].trim_end_matches([' ', ',', ';', ':']))
}

/// How many words white space divides the text into.
pub fn word_count(text: &str) -> usize {
    words_up_to(text, usize::MAX)
}

/// Whether the text has so many words; it is read no further than that.
pub fn has_words(text: &str, least: usize) -> bool {
    words_up_to(text, least) == least
}

/// As many as `str::split_whitespace` gives, or `most`. Every line is counted several times in an index, so this looks at
/// many bytes at once, and decodes only what may begin a space beyond ASCII.
fn words_up_to(text: &str, most: usize) -> usize {
    const CHUNK: usize = 32;
    let is_space = |byte: u8| byte == b' ' || byte.wrapping_sub(b'\t') < 5;
    let may_begin_space = |byte: u8| byte == 0xc2 || byte.wrapping_sub(0xe1) < 3;
    let bytes = text.as_bytes();
    let (mut words, mut is_apart, mut at) = (0, true, 0);
    while at < bytes.len() && words < most {
        if let Some(chunk) = bytes[at..].first_chunk::<CHUNK>()
            && !chunk.iter().fold(false, |any, byte| any | may_begin_space(*byte))
        {
            let begins = chunk.windows(2).map(|pair| u8::from(is_space(pair[0]) & !is_space(pair[1]))).sum::<u8>();
            words += usize::from(begins) + usize::from(is_apart && !is_space(chunk[0]));
            is_apart = is_space(chunk[CHUNK - 1]);
            at += CHUNK;
            continue;
        }
        let end = (at + CHUNK).min(bytes.len());
        while at < end {
            let byte = bytes[at];
            // Else this may be the middle of a char.
            let beyond = if may_begin_space(byte) { text[at..].chars().next() } else { None };
            let (is_space, length) = beyond.map_or((is_space(byte), 1), |c| (c.is_whitespace(), c.len_utf8()));
            words += usize::from(is_apart && !is_space);
            is_apart = is_space;
            at += length;
        }
    }
    words.min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_as_white_space_divides_them() {
        for text in [
            "",
            " ",
            "en",
            " en  to\n",
            "«en»\u{a0}to – tre",
            "\u{2003}å\u{85}é\u{3000}中\u{1680}a\u{202f}b\u{1f}c",
            "… ’ \u{200b}",
            &"åtte ord\u{a0}og – «ett» ".repeat(9),
            &" ord ".repeat(40),
        ] {
            let words = text.split_whitespace().count();
            assert_eq!(word_count(text), words, "{text:?}");
            assert!(has_words(text, words) && !has_words(text, words + 1), "{text:?}");
        }
    }
}

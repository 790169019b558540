//! Given a page in HTML, which blocks of text does it show, and what does its head say of it?
//!
//! html5ever's tokenizer reads whatever the markup's state; a stack of open elements tells blocks, hidden
//! parts and parts without content apart. No tree is built: html5ever's tree builder looks through all open
//! elements at every tag, which takes minutes where a page nests 100,000 of them, and it loses the line
//! numbers. Every block becomes a `Line` with the source line at which it begins.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, CharacterTokens, EndTag, StartTag, Tag, TagToken, Token, TokenSink, TokenSinkResult, Tokenizer,
};
use html5ever::{Attribute, LocalName};

use super::{Parsed, is_prose};
use crate::page::{Given, Line, Markup};

/// The blocks of the page in the order of the source, and what its head states.
pub fn parse(source: &str) -> Parsed {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(without_huge_tags(source).as_ref()));
    let tokenizer = Tokenizer::new(Sink::default(), Default::default());
    // Scripts are passed over, so the tokenizer stops at each of them and at the end.
    while let html5ever::TokenizerResult::Script(()) = tokenizer.feed(&input) {}
    tokenizer.end();
    let mut page = tokenizer.sink.0.into_inner();
    page.close_down_to(0);
    page.end_block(Markup::Paragraph);
    let Reader { blocks, head, .. } = page;
    Parsed {
        given: Given {
            title: head.page_title().filter(|title| !title.is_empty()),
            url: head.url,
            date: head.published,
            source: head.site_name,
            lang: head.lang,
        },
        lines: lines(blocks),
        updated: head.modified,
    }
}

/// Longer tags hold encoded data, or an attack: html5ever compares each attribute of a tag with all others.
const MAX_TAG_BYTES: usize = 64 << 10;

/// The source without the tags that are longer than any tag needs to be; their line breaks stay.
fn without_huge_tags(source: &str) -> Cow<'_, str> {
    let mut kept = String::new();
    let mut from = 0;
    let mut at = 0;
    while let Some(open) = source[at..].find('<').map(|offset| at + offset) {
        at = open + 1;
        if !source[at..].starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let end = source[open..].find('>').map_or(source.len(), |offset| open + offset + 1);
        if end - open > MAX_TAG_BYTES {
            kept.push_str(&source[from..open]);
            kept.extend(source[open..end].chars().filter(|c| *c == '\n'));
            from = end;
        }
        at = end;
    }
    if from == 0 {
        return Cow::Borrowed(source);
    }
    kept.push_str(&source[from..]);
    Cow::Owned(kept)
}

/// A block, and the elements without content that it stands in, outermost first.
struct Block {
    line: Line,
    outside: Vec<&'static str>,
}

/// No page that a person reads nests more of them.
const MAX_OUTSIDE: usize = 8;

/// The lines of the blocks. A page that keeps most of its prose inside `<form>` or `<aside>` was built so as a
/// whole (ASP.NET wraps every page in a form): there the element says nothing.
fn lines(mut blocks: Vec<Block>) -> Vec<Line> {
    let prose_words = |keep: &dyn Fn(&Block) -> bool| -> usize {
        let prose = blocks.iter().filter(|block| keep(block) && is_prose(&block.line.text));
        prose.map(|block| block.line.text.split(' ').count()).sum()
    };
    let all = prose_words(&|_| true);
    let says_nothing = ["form", "aside", "banner"]
        .into_iter()
        .find(|name| prose_words(&|block| block.outside.first() == Some(name)) * 2 > all);
    for block in &mut blocks {
        block.outside.retain(|name| Some(*name) != says_nothing);
        if let Some(name) = block.outside.first() {
            block.line.markup = Markup::Outside(name);
        }
    }
    blocks.into_iter().map(|block| block.line).collect()
}

#[derive(Default)]
struct Head {
    title: Option<String>,
    og_title: Option<String>,
    site_name: Option<String>,
    published: Option<String>,
    modified: Option<String>,
    url: Option<String>,
    lang: Option<String>,
}

impl Head {
    fn page_title(&self) -> Option<String> {
        if self.og_title.is_some() {
            return self.og_title.clone();
        }
        let title = self.title.as_deref()?.split_whitespace().collect::<Vec<_>>().join(" ");
        // "Taushetsplikt - Helsedirektoratet": the site's name is no part of the title.
        let own = [" | ", " - ", " – ", " — ", " :: "]
            .iter()
            .find_map(|divider| title.rsplit_once(divider))
            .filter(|(own, after)| {
                self.site_name.as_deref() == Some(*after) || own.split(' ').count() > after.split(' ').count()
            })
            .map(|(own, _)| own.to_string());
        Some(own.unwrap_or(title))
    }

    fn meta(&mut self, attrs: &[Attribute]) {
        let name = attr(attrs, "property").or_else(|| attr(attrs, "name"));
        let (Some(name), Some(content)) = (name, attr(attrs, "content")) else {
            return;
        };
        let content = content.split_whitespace().collect::<Vec<_>>().join(" ");
        if content.is_empty() {
            return;
        }
        let slot = match name.to_ascii_lowercase().as_str() {
            "og:title" => &mut self.og_title,
            "og:site_name" | "dc.publisher" | "dcterms.publisher" => &mut self.site_name,
            "article:published_time" | "dc.date.issued" | "dcterms.issued" | "dcterms.created" => &mut self.published,
            "article:modified_time" | "og:updated_time" | "dcterms.modified" | "dc.date.modified" => &mut self.modified,
            "og:url" => &mut self.url,
            _ => return,
        };
        slot.get_or_insert(content);
    }
}

/// Stands for `<br>` in a block that is being read; white space of the source never stays as it is.
const LINE_BREAK: char = '\u{b}';

/// The name of elements that the page doesn't show.
const HIDDEN: &str = "hidden";

/// Elements whose text is not shown, or is not running text.
const SKIPPED: [&str; 17] = [
    "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "canvas", "audio", "video", "select",
    "textarea", "datalist", "noframes", "map", "xmp",
];
const OUTSIDE: [&str; 8] = ["nav", "footer", "aside", "form", "button", "dialog", "menu", "label"];
const OUTSIDE_ROLES: [&str; 9] =
    ["navigation", "contentinfo", "complementary", "search", "dialog", "alertdialog", "menu", "menubar", "banner"];
const BLOCKS: [&str; 34] = [
    "address",
    "article",
    "blockquote",
    "body",
    "caption",
    "center",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "header",
    "hgroup",
    "hr",
    "html",
    "legend",
    "li",
    "main",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
];
const VOID: [&str; 14] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];

fn is_block(name: &str) -> bool {
    BLOCKS.contains(&name) || heading_level(name).is_some()
}

fn heading_level(name: &str) -> Option<u8> {
    match name.as_bytes() {
        [b'h', level @ b'1'..=b'6'] => Some(level - b'0'),
        _ => None,
    }
}

/// Lays out a page when it stands in a cell; a row of data holds words only.
fn breaks_row(name: &str) -> bool {
    matches!(name, "p" | "div" | "ul" | "ol" | "table") || heading_level(name).is_some()
}

fn attr<'a>(attrs: &'a [Attribute], name: &str) -> Option<&'a str> {
    attrs.iter().find(|attr| &*attr.name.local == name).map(|attr| &*attr.value)
}

fn is_hidden(attrs: &[Attribute]) -> bool {
    // "until-found" is made to be found by a search.
    attr(attrs, "hidden").is_some_and(|how| !how.eq_ignore_ascii_case("until-found"))
        || attr(attrs, "aria-hidden") == Some("true")
        || attr(attrs, "style").is_some_and(|style| {
            let style: String = style.split_whitespace().collect();
            style.contains("display:none") || style.contains("visibility:hidden")
        })
}

/// An element that is open, and what it opened.
struct Open {
    name: LocalName,
    skips: bool,
    outside: bool,
    row: bool,
}

/// What was read so far, and the block that is being read.
#[derive(Default)]
struct Reader {
    blocks: Vec<Block>,
    head: Head,
    text: String,
    begins: u64,
    open: Vec<Open>,
    /// How many elements of a name are open, so that a stray end tag costs nothing.
    open_by_name: HashMap<LocalName, usize>,
    skipping: usize,
    outside: Vec<&'static str>,
    in_row: bool,
    /// Nothing stands between here and the end of a link.
    after_link: bool,
}

impl Reader {
    fn start(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name = &*tag.name;
        match name {
            "html" if self.head.lang.is_none() => self.head.lang = attr(&tag.attrs, "lang").map(str::to_string),
            "meta" => self.head.meta(&tag.attrs),
            "link" if attr(&tag.attrs, "rel") == Some("canonical") => {
                let url = attr(&tag.attrs, "href").filter(|url| url.starts_with("http"));
                self.head.url = url.map(str::to_string).or(self.head.url.take());
            }
            "a" if self.after_link => self.space(),
            "br" if self.text.ends_with(LINE_BREAK) => self.end_block(Markup::Paragraph),
            "br" if !self.text.is_empty() => self.text.push(LINE_BREAK),
            "p" | "li" | "tr" | "td" | "th" | "dt" | "dd" | "option" => self.close_implied(name),
            _ => {}
        }
        if is_block(name) {
            if self.in_row && breaks_row(name) {
                self.in_row = false;
            }
            self.end_block(Markup::Paragraph);
        }
        if VOID.contains(&name) || (tag.self_closing && name != "title") {
            return TokenSinkResult::Continue;
        }
        let outside = self.outside_of(name, &tag.attrs);
        if let Some(outside) = outside {
            self.end_block(Markup::Paragraph);
            self.outside.push(outside);
        }
        let skips = SKIPPED.contains(&name);
        self.skipping += usize::from(skips);
        self.in_row = name == "tr" || self.in_row && name != "table";
        self.open.push(Open { name: tag.name.clone(), skips, outside: outside.is_some(), row: name == "tr" });
        *self.open_by_name.entry(tag.name.clone()).or_default() += 1;
        match name {
            "script" => TokenSinkResult::RawData(RawKind::ScriptData),
            "style" | "noscript" | "iframe" | "noframes" | "xmp" => TokenSinkResult::RawData(RawKind::Rawtext),
            "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
            _ => TokenSinkResult::Continue,
        }
    }

    /// The name under which the element holds no content, if it holds none.
    fn outside_of(&self, name: &str, attrs: &[Attribute]) -> Option<&'static str> {
        let is_inside = |names: &[&str]| names.iter().any(|name| self.is_open(name));
        let is_content = match name {
            // Of the article, not of the page: its source, its author.
            "footer" => is_inside(&["article", "main"]),
            // The heading of a part that opens.
            "button" => {
                attr(attrs, "aria-expanded").is_some() || is_inside(&["h1", "h2", "h3", "h4", "h5", "h6", "summary"])
            }
            _ => false,
        };
        if is_hidden(attrs) {
            return Some(HIDDEN);
        }
        let by_name = OUTSIDE.iter().find(|outside| **outside == name).filter(|_| !is_content);
        let by_role = || {
            let role = attr(attrs, "role")?;
            OUTSIDE_ROLES.iter().find(|outside| **outside == role)
        };
        by_name.or_else(by_role).copied()
    }

    fn is_open(&self, name: &str) -> bool {
        self.open_by_name.get(&LocalName::from(name)).is_some_and(|count| *count > 0)
    }

    /// Elements that end where the next of their kind begins.
    fn close_implied(&mut self, name: &str) {
        let (closes, within): (&[&str], &[&str]) = match name {
            "p" => (&["p"], &["div", "td", "th", "li", "section", "article", "blockquote", "body", "table", "button"]),
            "li" => (&["li"], &["ul", "ol", "menu"]),
            "tr" => (&["tr"], &["table"]),
            "td" | "th" => (&["td", "th"], &["tr", "table"]),
            "dt" | "dd" => (&["dt", "dd"], &["dl"]),
            _ => return,
        };
        if !closes.iter().any(|name| self.is_open(name)) {
            return;
        }
        // No real page nests inline markup deeper than this inside such an element.
        for depth in (0..self.open.len()).rev().take(50) {
            let open = &*self.open[depth].name;
            if closes.contains(&open) {
                self.close_down_to(depth);
                return;
            }
            if within.contains(&open) {
                return;
            }
        }
    }

    fn end(&mut self, name: &LocalName) {
        self.after_link = &**name == "a";
        if &**name == "p" || is_block(name) {
            let markup = match &**name {
                "li" | "dd" => Markup::Item,
                name => heading_level(name).map_or(Markup::Paragraph, Markup::Heading),
            };
            if !matches!(&**name, "td" | "th" | "tr") {
                self.end_block(markup);
            }
        }
        if !self.is_open(name) {
            return;
        }
        if let Some(depth) = self.open.iter().rposition(|open| open.name == *name) {
            self.close_down_to(depth);
        }
    }

    fn close_down_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            let Some(open) = self.open.pop() else {
                return;
            };
            if let Some(count) = self.open_by_name.get_mut(&open.name) {
                *count -= 1;
            }
            match &*open.name {
                "td" | "th" if self.in_row => {
                    self.space();
                    self.text.push_str("| ");
                }
                "li" | "dd" => self.end_block(Markup::Item),
                _ => {}
            }
            if open.row {
                let markup = if self.in_row { Markup::Row } else { Markup::Paragraph };
                self.in_row = false;
                self.end_block(markup);
            }
            if open.outside {
                self.end_block(Markup::Paragraph);
                self.outside.pop();
            }
            self.skipping -= usize::from(open.skips);
        }
    }

    fn characters(&mut self, text: &str, mut line: u64) {
        if self.open.last().is_some_and(|open| &*open.name == "title") && self.skipping == 0 {
            self.head.title.get_or_insert_default().push_str(text);
            return;
        }
        if self.skipping > 0 {
            return;
        }
        self.after_link = false;
        for c in text.chars() {
            if c.is_whitespace() {
                line += u64::from(c == '\n');
                self.space();
            } else {
                if self.text.is_empty() {
                    self.begins = line;
                }
                self.text.push(c);
            }
        }
    }

    fn space(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with([' ', LINE_BREAK]) {
            self.text.push(' ');
        }
    }

    /// Inside a row, a block only separates words: its cells make one line.
    fn end_block(&mut self, markup: Markup) {
        if self.in_row {
            self.space();
            return;
        }
        let text = self.text.replace(LINE_BREAK, " ");
        let text = text.replace("  ", " ");
        let text = text.trim_matches(['|', ' ']);
        if !text.is_empty() {
            let number = u32::try_from(self.begins.max(1)).unwrap_or(u32::MAX);
            self.blocks.push(Block {
                line: Line { number, text: text.to_string(), markup },
                outside: self.outside.iter().take(MAX_OUTSIDE).copied().collect(),
            });
        }
        self.text.clear();
    }
}

#[derive(Default)]
struct Sink(RefCell<Reader>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<()> {
        let mut reader = self.0.borrow_mut();
        match token {
            CharacterTokens(text) => reader.characters(&text, line),
            TagToken(tag) => match tag.kind {
                StartTag => return reader.start(&tag),
                EndTag => reader.end(&tag.name),
            },
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, expected: &[(u32, &str, Markup)]) {
        let lines = parse(html).lines;
        let found: Vec<_> = lines.iter().map(|line| (line.number, line.text.as_str(), line.markup)).collect();
        assert_eq!(found, expected, "{html}");
    }

    #[test]
    fn blocks_come_in_order_with_their_lines() {
        check(
            "<html><body>\n<h1>Tittel</h1>\n<p>En <b>halv</b>\nsetning.</p>\n<ul><li>a</li>\n<li>b</li></ul>",
            &[
                (2, "Tittel", Markup::Heading(1)),
                (3, "En halv setning.", Markup::Paragraph),
                (5, "a", Markup::Item),
                (6, "b", Markup::Item),
            ],
        );
    }

    #[test]
    fn what_is_not_shown_or_not_content_is_told_apart() {
        check(
            "<nav><a>Meny</a></nav><p>Tekst</p><script>var x</script><p hidden>x</p><p style='display: none'>y</p><!-- z -->",
            &[
                (1, "Meny", Markup::Outside("nav")),
                (1, "Tekst", Markup::Paragraph),
                (1, "x", Markup::Outside("hidden")),
                (1, "y", Markup::Outside("hidden")),
            ],
        );
    }

    #[test]
    fn rows_keep_their_cells_and_layout_tables_do_not() {
        check(
            "<table><tr><th>År</th><th>Antall</th></tr><tr><td>2020</td><td>124</td></tr></table>",
            &[(1, "År | Antall", Markup::Row), (1, "2020 | 124", Markup::Row)],
        );
        check(
            "<table><tr><td><p>En.</p><p>To.</p></td></tr></table>",
            &[(1, "En.", Markup::Paragraph), (1, "To.", Markup::Paragraph)],
        );
    }

    #[test]
    fn words_in_inline_markup_are_not_torn_or_glued() {
        check("<p>taushets<b>plikt</b> er<i> en</i> plikt</p>", &[(1, "taushetsplikt er en plikt", Markup::Paragraph)]);
        check("<p>a<br>b<br><br>c</p>", &[(1, "a b", Markup::Paragraph), (1, "c", Markup::Paragraph)]);
    }

    #[test]
    fn parts_that_open_keep_their_headings_and_an_article_its_footer() {
        check(
            "<h2><button aria-expanded=false>Meld fra</button></h2><p hidden=until-found>Ring.</p>\
             <article><p>Tekst</p><footer>Kjelde</footer></article><footer>Sidefot</footer>",
            &[
                (1, "Meld fra", Markup::Heading(2)),
                (1, "Ring.", Markup::Paragraph),
                (1, "Tekst", Markup::Paragraph),
                (1, "Kjelde", Markup::Paragraph),
                (1, "Sidefot", Markup::Outside("footer")),
            ],
        );
    }

    #[test]
    fn neighbouring_links_are_two_words() {
        check("<p><a>Facebook</a><a>Skriv ut</a></p>", &[(1, "Facebook Skriv ut", Markup::Paragraph)]);
    }

    #[test]
    fn a_huge_tag_is_left_out() {
        let page = format!("<p>a</p><img src='{}'>\n<p>b</p>", "x".repeat(100_000));
        check(&page, &[(1, "a", Markup::Paragraph), (2, "b", Markup::Paragraph)]);
    }

    #[test]
    fn a_page_inside_a_form_is_a_page() {
        let prose = "Kommunen har plikt til å sørge for et forsvarlig tilbud til alle barn.";
        check(
            &format!("<form><nav>Tjenester</nav><h1>Bevis</h1><p>{prose}</p></form>"),
            &[
                (1, "Tjenester", Markup::Outside("nav")),
                (1, "Bevis", Markup::Heading(1)),
                (1, prose, Markup::Paragraph),
            ],
        );
    }

    #[test]
    fn the_head_tells_title_site_and_dates() {
        let given = parse(
            "<html lang=nn><head><title>Teieplikt - Helsedirektoratet</title><meta property='og:site_name' content='Helsedirektoratet'>\
             <meta property='article:published_time' content='2020-01-02'><link rel=canonical href='https://a.no/b'>",
        )
        .given;
        assert_eq!(given.title.as_deref(), Some("Teieplikt"));
        assert_eq!(given.source.as_deref(), Some("Helsedirektoratet"));
        assert_eq!(given.date.as_deref(), Some("2020-01-02"));
        assert_eq!(given.lang.as_deref(), Some("nn"));
        assert_eq!(given.url.as_deref(), Some("https://a.no/b"));
    }

    #[test]
    fn depth_and_damage_are_survived() {
        assert_eq!(parse(&"<div>".repeat(100_000)).lines, []);
        assert_eq!(parse("").lines, []);
        assert_eq!(parse("<p>a</b></i><table><p>b<tr><td>c").lines.len(), 3);
    }
}

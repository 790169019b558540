//! Given a page in HTML, which elements does it have, and which blocks of text stand in them?
//!
//! html5ever's tokenizer reads whatever the markup's state; a stack of open elements makes a light tree of the elements
//! that matter and cuts the text into blocks. html5ever's own tree builder looks through all open elements at every
//! tag, which takes minutes where a page nests 100,000 of them, and it loses the line numbers.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, CharacterTokens, EndTag, StartTag, Tag, TagToken, Token, TokenSink, TokenSinkResult, Tokenizer,
};
use html5ever::{Attribute, LocalName};

use super::attr;
use super::elements::{ASIDE, INLINE, SKIPPED, VOID, breaks_row, heading_level, is_block};
use super::hints::{self, HIDDEN, Hint};
use super::stated_metadata::StatedMetadata;
use crate::model::{Line, Markup};

/// A page as it was read.
#[derive(Default)]
pub struct Tree {
    /// Parents come before their children; the first is the page itself.
    pub elements: Vec<Element>,
    /// In the order of the source.
    pub blocks: Vec<Block>,
    pub head: StatedMetadata,
}

/// An element that may decide over the text in it.
pub struct Element {
    /// Index of the element around it.
    pub parent: usize,
    pub name: LocalName,
    pub hint: Hint,
}

/// A block of text, with what extraction needs to know of it.
pub struct Block {
    pub line: Line,
    /// The innermost element that it stands in.
    pub element: usize,
    /// Characters that are no white space, and how many of them are links.
    pub chars: usize,
    pub link_chars: usize,
    pub links: usize,
    /// The text that stands for an image.
    pub is_image: bool,
}

/// Reads the page whatever its state.
pub fn read(source: &str) -> Tree {
    read_by(Reader::default(), source)
}

fn read_by(reader: Reader, source: &str) -> Tree {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(source));
    let tokenizer = Tokenizer::new(Sink(RefCell::new(reader)), Default::default());
    // Scripts are passed over, so the tokenizer stops at each of them and at the end.
    while let html5ever::TokenizerResult::Script(()) = tokenizer.feed(&input) {}
    tokenizer.end();
    let mut reader = tokenizer.sink.0.into_inner();
    reader.close_down_to(0);
    reader.end_block(Markup::Paragraph);
    // What a control of the page opens is only closed, not hidden.
    for (element, id) in &reader.hidden_by_id {
        if reader.controlled.contains(id) {
            reader.tree.elements[*element].hint.outside = None;
        }
    }
    reader.tree
}

/// Stands for `<br>` in a block that is being read; white space of the source never stays as it is.
const LINE_BREAK: char = '\u{b}';

/// Past these the page is an attack, and what follows counts for the element around it.
const MAX_ELEMENTS: usize = 1 << 20;
const MAX_IDS: usize = 10_000;
/// The text of an image with fewer words is a name or a symbol.
const MIN_ALT_WORDS: usize = 4;
/// No real page nests inline markup deeper than this.
const MAX_INLINE: usize = 50;
/// No element of a real page holds more open ones where it ends.
const MAX_OPEN: usize = 1000;
/// Longer JSON-LD is not read.
const MAX_DATA_BYTES: usize = 512 << 10;

/// An element that is open, and what it opened.
struct Open {
    name: LocalName,
    /// In `Tree::elements`: its own, or that of the element around it.
    element: usize,
    skips: bool,
    /// The text around it waits until it is closed.
    breaks: bool,
    suspends: bool,
    link: bool,
    row: bool,
}

/// The block that is being read.
#[derive(Default)]
struct Partial {
    text: String,
    begins: u64,
    element: usize,
    chars: usize,
    link_chars: usize,
    links: usize,
    in_row: bool,
}

/// What was read so far.
struct Reader {
    tree: Tree,
    block: Partial,
    open: Vec<Open>,
    /// How many elements of a name are open, so that a stray end tag costs nothing.
    open_by_name: HashMap<LocalName, usize>,
    /// Blocks that go on when a hidden part inside them ends.
    suspended: Vec<Partial>,
    skipping: usize,
    in_links: usize,
    /// Nothing was read yet of the link that is open.
    at_link_start: bool,
    /// Nothing stands between here and the end of a link.
    after_link: bool,
    /// The text of a script that describes the page.
    data: Option<String>,
    /// The text of an element of `ASIDE`, and the line where it begins.
    aside: Option<(u64, String)>,
    /// This is the text of such an element itself.
    is_aside: bool,
    hidden_by_id: Vec<(usize, String)>,
    /// Ids that a button or a link of the page names.
    controlled: HashSet<String>,
    /// The line of the source that is being read.
    line: u64,
}

impl Default for Reader {
    fn default() -> Reader {
        let page = Element { parent: 0, name: LocalName::from(""), hint: Hint::default() };
        Reader {
            tree: Tree { elements: vec![page], ..Tree::default() },
            block: Partial::default(),
            open: Vec::new(),
            open_by_name: HashMap::new(),
            suspended: Vec::new(),
            skipping: 0,
            in_links: 0,
            at_link_start: false,
            after_link: false,
            data: None,
            aside: None,
            is_aside: false,
            hidden_by_id: Vec::new(),
            controlled: HashSet::new(),
            line: 1,
        }
    }
}

impl Reader {
    fn start(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name = &*tag.name;
        let is_link = name == "a" && attr(&tag.attrs, "href").is_some();
        match name {
            "html" if self.tree.head.lang.is_none() => {
                self.tree.head.lang = attr(&tag.attrs, "lang").map(str::to_string);
            }
            "meta" => self.tree.head.meta(&tag.attrs),
            "link" if attr(&tag.attrs, "rel") == Some("canonical") => self.tree.head.canonical(&tag.attrs),
            "time" if self.skipping == 0 => self.tree.head.time_element(&tag.attrs, &self.block.text),
            "a" => {
                if self.after_link {
                    self.space();
                }
                self.close_inline(&tag.name);
            }
            "br" if self.block.text.ends_with(LINE_BREAK) => self.end_block(Markup::Paragraph),
            "br" if !self.block.text.is_empty() => self.block.text.push(LINE_BREAK),
            "img" if self.skipping == 0 => self.image(&tag.attrs),
            "option" | "optgroup" => {
                if let Some((_, aside)) = &mut self.aside {
                    aside.push(' ');
                }
            }
            "p" | "li" | "tr" | "td" | "th" | "dt" | "dd" => self.close_implied(name),
            _ => {}
        }
        self.note_controls(&tag.attrs);
        let is_block = is_block(name);
        if is_block {
            if self.block.in_row && breaks_row(name) {
                self.block.in_row = false;
            }
            self.end_block(Markup::Paragraph);
        }
        if VOID.contains(&name) || (tag.self_closing && name != "title") {
            return TokenSinkResult::Continue;
        }
        self.push(tag, is_block, is_link);
        match name {
            "script" => {
                let is_data = attr(&tag.attrs, "type").is_some_and(|kind| kind.starts_with("application/ld+json"));
                self.data = is_data.then(String::new);
                TokenSinkResult::RawData(RawKind::ScriptData)
            }
            "style" | "noscript" | "iframe" | "noframes" | "xmp" => TokenSinkResult::RawData(RawKind::Rawtext),
            "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
            _ => TokenSinkResult::Continue,
        }
    }

    fn push(&mut self, tag: &Tag, is_block: bool, is_link: bool) {
        let name = &*tag.name;
        let is_inline = INLINE.contains(&name);
        let mut hint = hints::of(name, &tag.attrs, &|names| names.iter().any(|name| self.is_open(name)));
        if is_inline && hint.by_words {
            hint = Hint::default();
        }
        let is_outside = hint.outside.is_some() && !hint.by_words;
        let suspends = is_outside && is_inline && self.suspended.is_empty() && !self.block.text.is_empty();
        let mut element = self.open.last().map_or(0, |open| open.element);
        if suspends {
            let around = Partial { in_row: self.block.in_row, ..Partial::default() };
            self.suspended.push(std::mem::replace(&mut self.block, around));
            self.block.in_row = false;
        } else if is_outside {
            self.end_block(Markup::Paragraph);
        }
        if (is_block || is_outside || name.contains('-')) && self.tree.elements.len() < MAX_ELEMENTS {
            self.tree.elements.push(Element { parent: element, name: tag.name.clone(), hint });
            element = self.tree.elements.len() - 1;
            if hint.outside == Some(HIDDEN)
                && let Some(id) = attr(&tag.attrs, "id")
                && self.hidden_by_id.len() < MAX_IDS
            {
                self.hidden_by_id.push((element, id.to_string()));
            }
        }
        let skips = SKIPPED.contains(&name);
        if self.skipping == 0 && ASIDE.contains(&name) && !self.is_aside {
            self.aside = Some((self.line, String::new()));
        }
        self.skipping += usize::from(skips);
        self.in_links += usize::from(is_link);
        self.at_link_start |= is_link;
        self.block.in_row = name == "tr" || self.block.in_row && name != "table";
        if name == "tr" {
            self.block.element = element;
        }
        *self.open_by_name.entry(tag.name.clone()).or_default() += 1;
        self.open.push(Open {
            name: tag.name.clone(),
            element,
            skips,
            breaks: is_outside && !suspends,
            suspends,
            link: is_link,
            row: name == "tr",
        });
    }

    /// Ids that `aria-controls`, Bootstrap's `data-target` or a link to a part of the page name.
    fn note_controls(&mut self, attrs: &[Attribute]) {
        for attr in attrs {
            let name = &*attr.name.local;
            let ids = match name {
                "aria-controls" | "data-target" | "data-bs-target" => &*attr.value,
                "href" => attr.value.strip_prefix('#').unwrap_or(""),
                _ => continue,
            };
            for id in ids.split_whitespace().map(|id| id.trim_start_matches('#')).filter(|id| !id.is_empty()) {
                if self.controlled.len() < MAX_IDS {
                    self.controlled.insert(id.to_string());
                }
            }
        }
    }

    /// What an image shows is a block of its own where the image stands by itself and its text says something.
    fn image(&mut self, attrs: &[Attribute]) {
        let text = attr(attrs, "alt").unwrap_or("").split_whitespace().collect::<Vec<_>>().join(" ");
        let is_small = |name| attr(attrs, name).and_then(|size| size.parse().ok()).is_some_and(|size: u32| size < 100);
        let says_something = text.split(' ').count() >= MIN_ALT_WORDS && !text.contains(['_', '/']);
        if !says_something
            || self.in_links > 0
            || !self.block.text.is_empty()
            || is_small("width")
            || is_small("height")
        {
            return;
        }
        self.tree.blocks.push(Block {
            element: self.open.last().map_or(0, |open| open.element),
            chars: text.chars().filter(|c| !c.is_whitespace()).count(),
            link_chars: 0,
            links: 0,
            is_image: true,
            line: Line { number: number(self.line), text, markup: Markup::Paragraph },
        });
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
        for depth in (0..self.open.len()).rev().take(MAX_INLINE) {
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
        if is_block(name) {
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
        if INLINE.contains(&&**name) || &**name == "form" {
            self.close_inline(name);
            return;
        }
        // The end of a <div> inside a cell closes nothing outside the table.
        let is_of_table = matches!(&**name, "table" | "tr" | "tbody" | "thead" | "tfoot" | "html" | "body");
        for depth in (0..self.open.len()).rev().take(MAX_OPEN) {
            let open = &self.open[depth].name;
            if open == name {
                self.close_down_to(depth);
                return;
            }
            if !is_of_table && matches!(&**open, "td" | "th" | "caption") {
                return;
            }
        }
    }

    /// Closes an element without the blocks that were opened in it, as misnested markup has them.
    fn close_inline(&mut self, name: &LocalName) {
        let Some(depth) = (0..self.open.len()).rev().take(MAX_INLINE).find(|depth| self.open[*depth].name == *name)
        else {
            return;
        };
        if self.open[depth + 1..].iter().all(|open| INLINE.contains(&&*open.name)) {
            self.close_down_to(depth);
            return;
        }
        let open = self.open.remove(depth);
        self.closed(&open);
    }

    fn close_down_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            let Some(open) = self.open.pop() else {
                return;
            };
            match &*open.name {
                "td" | "th" if self.block.in_row => {
                    self.space();
                    self.block.text.push_str("| ");
                }
                "li" | "dd" => self.end_block(Markup::Item),
                _ => {}
            }
            if open.row {
                let markup = if self.block.in_row { Markup::Row } else { Markup::Paragraph };
                self.block.in_row = false;
                self.end_block(markup);
            }
            self.closed(&open);
        }
    }

    fn closed(&mut self, open: &Open) {
        if let Some(count) = self.open_by_name.get_mut(&open.name) {
            *count -= 1;
        }
        if open.breaks {
            self.end_block(Markup::Paragraph);
        }
        if open.suspends {
            self.block.in_row = false;
            self.end_block(Markup::Paragraph);
            self.block = self.suspended.pop().unwrap_or_default();
        }
        self.skipping -= usize::from(open.skips);
        self.in_links -= usize::from(open.link);
        if self.skipping == 0
            && let Some((line, text)) = self.aside.take()
        {
            self.note_aside(&open.name, line, &text);
        }
        if &*open.name == "script"
            && let Some(data) = self.data.take()
        {
            self.tree.head.data(&data);
        }
    }

    /// Blocks of their own for what an element of `ASIDE` says; the text around it goes on.
    fn note_aside(&mut self, name: &LocalName, line: u64, text: &str) {
        let is_markup = &**name == "noscript";
        let blocks = if is_markup {
            let inside = Reader { is_aside: true, ..Reader::default() };
            read_by(inside, text).blocks
        } else {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let chars = text.chars().filter(|c| !c.is_whitespace()).count();
            let line = Line { number: 1, text, markup: Markup::Paragraph };
            vec![Block { line, element: 0, chars, link_chars: 0, links: 0, is_image: false }]
        };
        let blocks: Vec<Block> = blocks.into_iter().filter(|block| !block.line.text.is_empty()).collect();
        if blocks.is_empty() || self.tree.elements.len() >= MAX_ELEMENTS {
            return;
        }
        let outside = Some(if is_markup { hints::UNSCRIPTED } else { hints::FIELD });
        let parent = self.open.last().map_or(0, |open| open.element);
        self.tree.elements.push(Element { parent, name: name.clone(), hint: Hint { outside, ..Hint::default() } });
        let element = self.tree.elements.len() - 1;
        self.tree.blocks.extend(blocks.into_iter().map(|mut block| {
            block.line.number = block.line.number.saturating_add(number(line) - 1);
            block.element = element;
            block
        }));
    }

    /// `line` is the one on which the characters end.
    fn characters(&mut self, text: &str, line: u64) {
        if let Some(data) = &mut self.data {
            if data.len() + text.len() <= MAX_DATA_BYTES {
                data.push_str(text);
            }
            return;
        }
        if self.skipping > 0 {
            if let Some((_, aside)) = &mut self.aside {
                aside.push_str(text);
            }
            return;
        }
        if self.open.last().is_some_and(|open| &*open.name == "title") {
            self.tree.head.title.get_or_insert_default().push_str(text);
            return;
        }
        self.after_link = false;
        let mut line = line.saturating_sub(text.bytes().filter(|byte| *byte == b'\n').count() as u64);
        for c in text.chars() {
            if c.is_whitespace() {
                line += u64::from(c == '\n');
                self.space();
                continue;
            }
            if self.block.text.is_empty() {
                self.block.begins = line;
                if !self.block.in_row {
                    self.block.element = self.open.last().map_or(0, |open| open.element);
                }
            }
            self.block.text.push(c);
            self.block.chars += 1;
            if self.in_links > 0 {
                self.block.link_chars += 1;
                self.block.links += usize::from(std::mem::take(&mut self.at_link_start));
            }
        }
    }

    fn space(&mut self) {
        if !self.block.text.is_empty() && !self.block.text.ends_with([' ', LINE_BREAK]) {
            self.block.text.push(' ');
        }
    }

    /// Inside a row, a block only separates words: its cells make one line.
    fn end_block(&mut self, markup: Markup) {
        if self.block.in_row {
            self.space();
            return;
        }
        let block = std::mem::take(&mut self.block);
        let text = block.text.replace(LINE_BREAK, " ");
        let text = text.replace("  ", " ");
        let text = text.trim_matches(['|', ' ']);
        if !text.is_empty() {
            self.tree.blocks.push(Block {
                line: Line { number: number(block.begins), text: text.to_string(), markup },
                element: block.element,
                chars: block.chars,
                link_chars: block.link_chars,
                links: block.links,
                is_image: false,
            });
        }
    }
}

fn number(line: u64) -> u32 {
    u32::try_from(line.max(1)).unwrap_or(u32::MAX)
}

struct Sink(RefCell<Reader>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<()> {
        let mut reader = self.0.borrow_mut();
        reader.line = line;
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

    fn texts(html: &str) -> Vec<String> {
        read(html).blocks.into_iter().map(|block| block.line.text).collect()
    }

    #[test]
    fn links_and_their_characters_are_counted() {
        let tree = read("<p>Se <a href=/a>her</a> og <a href=/b>der</a> og <a name=c>anker</a></p>");
        let block = &tree.blocks[0];
        assert_eq!((block.chars, block.link_chars, block.links), (17, 6, 2));
    }

    #[test]
    fn an_end_tag_in_the_wrong_place_closes_no_block() {
        let tree = read("<main><b><p>En</b> to</p><form><div></form>tre</div></main><p>fire");
        let depth = |at: usize| {
            let mut element = tree.blocks[at].element;
            std::iter::from_fn(|| {
                element = tree.elements[element].parent;
                (element != 0).then_some(())
            })
            .count()
        };
        assert_eq!(
            tree.blocks.iter().map(|block| block.line.text.as_str()).collect::<Vec<_>>(),
            ["En to", "tre", "fire"]
        );
        assert_eq!([depth(0), depth(2)], [1, 0]);
    }

    #[test]
    fn a_hidden_word_does_not_tear_its_paragraph() {
        assert_eq!(texts("<p>Les <span aria-hidden=true>pil</span> mer her</p>"), ["pil", "Les mer her"]);
    }

    #[test]
    fn what_a_control_opens_is_not_hidden() {
        let hints =
            |html: &str| -> Vec<_> { read(html).elements.iter().filter_map(|element| element.hint.outside).collect() };
        assert_eq!(hints("<a href=#a>Vis</a><div id=a hidden>Svar</div>"), [""; 0]);
        assert_eq!(hints("<div id=a hidden>Svar</div>"), [HIDDEN]);
    }

    #[test]
    fn images_say_what_they_show() {
        assert_eq!(
            texts("<img alt='Kart over de nye bydelene'><img alt='Logo'><img alt='a_b c d e f'>"),
            ["Kart over de nye bydelene"]
        );
        assert_eq!(texts("<a href=/><img alt='Til forsiden av nettstedet vårt'></a>"), [""; 0]);
    }

    #[test]
    fn hostile_pages_take_bounded_time() {
        let began = std::time::Instant::now();
        let pages = [
            "<div>".repeat(100_000),
            "<b><div>".repeat(20_000) + &"</b>".repeat(20_000),
            "<section><td>".to_string() + &"<b>".repeat(20_000) + &"</section>".repeat(20_000),
            "<p>a<span hidden>b".repeat(20_000),
            "<table><tr><td>".repeat(20_000),
            "<a href=#a>x".repeat(20_000),
        ];
        for page in pages {
            super::super::parse(&page);
        }
        assert!(began.elapsed().as_secs() < 30, "{:?}", began.elapsed());
    }
}

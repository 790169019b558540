//! Builds a lightweight tree of elements and blocks of text from HTML.
//!
//! html5ever's tokenizer accepts any markup. A stack of open elements turns its tokens into a tree of the elements that
//! matter, and splits the text into blocks. html5ever's own tree builder is not used: it searches all open elements at
//! every tag, which takes minutes for a page that nests 100,000 of them, and doesn't keep line numbers.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, CharacterTokens, EndTag, StartTag, Tag, TagToken, Token, TokenSink, TokenSinkResult, Tokenizer,
};
use html5ever::{Attribute, LocalName};

use super::elements::{INLINE, SEPARATE, SKIPPED, VOID, attribute, heading_level, is_block, is_layout_in_row};
use super::hints::{Hint, controlled_ids, element_hint, is_control, is_hidden, is_open_prompt};
use super::stated_metadata::{MAX_JSON_LD_BYTES, StatedMetadata, is_comment_item};
use crate::model::{Line, Markup, OutsideReason};
use crate::norwegian::{is_break_hyphen, join_word_breaks};

/// A parsed page.
#[derive(Default)]
pub struct Tree {
    /// Parents come before their children. The first element is the page itself.
    pub elements: Vec<Element>,
    /// In the order of the source.
    pub blocks: Vec<Block>,
    pub stated: StatedMetadata,
}

/// A block element, a custom element, or an element with a hint.
pub struct Element {
    /// The index of the element around it; 0 for the page itself.
    pub parent: usize,
    pub name: LocalName,
    pub hint: Hint,
}

/// A block of text, with the counts that content extraction needs.
pub struct Block {
    pub line: Line,
    /// The index of the innermost element around it.
    pub element: usize,
    /// Characters that are not white space, and how many of them are in links.
    pub chars: usize,
    pub link_chars: usize,
    pub links: usize,
    /// Whether it is the alternative text of an image.
    pub is_image: bool,
}

/// Parses a page. Any input is accepted.
pub fn build_tree(source: &str) -> Tree {
    build_with(TreeBuilder::default(), source)
}

fn build_with(builder: TreeBuilder, source: &str) -> Tree {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(source));
    let tokenizer = Tokenizer::new(Sink(RefCell::new(builder)), Default::default());
    // The tokenizer returns at the end, and at every script, so that the caller can run it.
    while let html5ever::TokenizerResult::Script(()) = tokenizer.feed(&input) {}
    tokenizer.end();
    let mut builder = tokenizer.sink.0.into_inner();
    builder.close_down_to(0);
    builder.end_block(Markup::Paragraph);
    // A hidden element that a control of the page can open is marked as closed (`Hint::is_closed`) instead of being
    // dropped as hidden.
    for hidden in &builder.hidden {
        let is_controlled = || hidden.ids.iter().any(|id| builder.controlled_ids.contains(id));
        if hidden.has_control || is_controlled() {
            builder.tree.elements[hidden.element].hint = Hint { is_closed: true, ..hidden.hint };
        }
    }
    builder.tree
}

/// Represents `<br>` in the current block. It never occurs in the text itself, because white space in the source is
/// collapsed.
const LINE_BREAK: char = '\u{b}';
/// Represents the end of a source line after a hyphen in the current block, where a word may be divided.
const SOURCE_LINE_END: char = '\u{c}';

/// More elements than any real page has. The text of further elements belongs to the element around them.
const MAX_ELEMENTS: usize = 1 << 20;
/// More ids of hidden elements or of controls than any real page has. Further ones are ignored.
const MAX_IDS: usize = 10_000;
/// An alternative text with fewer words is a name or a symbol.
const MIN_ALT_WORDS: usize = 4;
/// No real page nests inline elements this deeply. Limits the search for the start of an element.
const MAX_INLINE: usize = 50;
/// Maximum number of open elements that are searched for the one that an end tag closes. No real page has this many
/// open elements between a start tag and its end tag.
const MAX_OPEN: usize = 1000;
const HEADINGS: [&str; 6] = ["h1", "h2", "h3", "h4", "h5", "h6"];
/// How many elements around a hidden one are searched for a section that the reader can open.
const MAX_SECTION_DEPTH: usize = 4;

/// An open element, and what to undo when it is closed.
struct OpenElement {
    name: LocalName,
    /// Its index in `Tree::elements`, or the index of the nearest element around it that has one.
    element: usize,
    is_skipped: bool,
    /// Whether closing it ends the current block.
    ends_block: bool,
    /// Whether the block around it is suspended until it is closed.
    suspends_block: bool,
    is_link: bool,
    is_row: bool,
    is_collapsible: bool,
    /// The length of the current block when the element was opened.
    text_start: usize,
    /// Whether a reader can open something with it.
    is_control: bool,
    /// Whether it is a label that contains a checkbox or a radio button, or belongs to one.
    is_toggle_label: bool,
    /// Its index in `TreeBuilder::hidden`.
    hidden: Option<usize>,
    /// Whether it is, or is in, a comment or a review.
    is_comment: bool,
}

/// An element that the page doesn't show at first: a hidden element, or a closed dialog.
struct HiddenElement {
    element: usize,
    /// The hint of the element when it is shown.
    hint: Hint,
    /// Its own id, and the ids of the elements that label it.
    ids: Vec<String>,
    /// Whether a control next to it, or a name of an element around it, shows that the reader can open it.
    has_control: bool,
}

/// Where a control, or a hidden element, ended: a hidden element belongs to the control next to it.
#[derive(Clone, Copy)]
struct Ending {
    /// The element around it, and the element around that one.
    parents: [usize; 2],
    /// The number of blocks before the ending.
    blocks: usize,
}

/// A block under construction.
#[derive(Default)]
struct PartialBlock {
    text: String,
    first_line: u64,
    element: usize,
    chars: usize,
    link_chars: usize,
    links: usize,
    in_row: bool,
}

struct TreeBuilder {
    tree: Tree,
    block: PartialBlock,
    open: Vec<OpenElement>,
    /// The number of open elements by name, so that a stray end tag needs no search.
    open_by_name: HashMap<LocalName, usize>,
    /// Blocks that continue after an element inside them that is not content.
    suspended: Vec<PartialBlock>,
    /// The number of open elements of `SKIPPED`, and of open links.
    skipped_depth: usize,
    link_depth: usize,
    /// Whether the open link has no text yet.
    is_at_link_start: bool,
    /// Whether a link has just ended and no text has followed it yet.
    is_after_link: bool,
    /// The length of the current block before an open element that may be a footnote mark.
    mark_start: Option<usize>,
    /// The text of an open JSON-LD script.
    json_ld: Option<String>,
    /// The first line and the text of an open element of `SEPARATE`.
    separate: Option<(u64, String)>,
    /// Whether the source is the contents of an element of `SEPARATE`. If so, elements of `SEPARATE` nested in it don't
    /// become separate blocks.
    is_separate: bool,
    hidden: Vec<HiddenElement>,
    /// The end of the last control and, if the control is a label, the index of the label in `Tree::elements`.
    last_control: Option<(Ending, Option<usize>)>,
    /// The end of the last hidden element, and its index in `hidden`.
    last_hidden: Option<(Ending, usize)>,
    /// The id of the last element that has one.
    last_id: String,
    /// Ids that a button or a link of the page refers to.
    controlled_ids: HashSet<String>,
    /// Ids of checkboxes and radio buttons outside forms.
    toggle_ids: HashSet<String>,
    /// The current line of the source, from 1.
    line: u64,
}

impl Default for TreeBuilder {
    fn default() -> TreeBuilder {
        let page = Element { parent: 0, name: LocalName::from(""), hint: Hint::default() };
        TreeBuilder {
            tree: Tree { elements: vec![page], ..Tree::default() },
            block: PartialBlock::default(),
            open: Vec::new(),
            open_by_name: HashMap::new(),
            suspended: Vec::new(),
            skipped_depth: 0,
            link_depth: 0,
            is_at_link_start: false,
            is_after_link: false,
            mark_start: None,
            json_ld: None,
            separate: None,
            is_separate: false,
            hidden: Vec::new(),
            last_control: None,
            last_hidden: None,
            last_id: String::new(),
            controlled_ids: HashSet::new(),
            toggle_ids: HashSet::new(),
            line: 1,
        }
    }
}

impl TreeBuilder {
    fn start_tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name = &*tag.name;
        let is_link = name == "a" && attribute(&tag.attrs, "href").is_some_and(|href| !self.is_own_anchor(href));
        if let Some(id) = attribute(&tag.attrs, "id") {
            self.last_id.clear();
            self.last_id.push_str(id);
        }
        match name {
            "html" if self.tree.stated.lang.is_none() => {
                self.tree.stated.lang = attribute(&tag.attrs, "lang").map(str::to_string);
            }
            "meta" if !self.is_in_comment() => self.tree.stated.add_meta(&tag.attrs),
            "link" if attribute(&tag.attrs, "rel") == Some("canonical") => {
                self.tree.stated.add_canonical_link(&tag.attrs)
            }
            "time" if self.skipped_depth == 0 && !self.is_in_comment() => {
                self.tree.stated.add_time(&tag.attrs, &self.block.text)
            }
            "a" => {
                // Neighboring links are separate words.
                if self.is_after_link {
                    self.push_space();
                }
                self.close_inline(&tag.name);
                let is_in_page = attribute(&tag.attrs, "href").is_some_and(|href| href.starts_with('#'));
                if is_in_page && self.block.text.ends_with(char::is_alphabetic) {
                    self.mark_start.get_or_insert(self.block.text.len());
                }
            }
            "sup" => _ = self.mark_start.get_or_insert(self.block.text.len()),
            "br" if self.block.text.ends_with(LINE_BREAK) => self.end_block(Markup::Paragraph),
            "br" if !self.block.text.is_empty() => self.block.text.push(LINE_BREAK),
            "img" if self.skipped_depth == 0 => self.image(&tag.attrs),
            "input" => self.input(&tag.attrs),
            "option" | "optgroup" => {
                if let Some((_, text)) = &mut self.separate {
                    text.push(' ');
                }
            }
            "p" | "li" | "tr" | "td" | "th" | "dt" | "dd" => self.close_implied(name),
            _ => {}
        }
        controlled_ids(name, &tag.attrs).for_each(|id| self.record_controlled(id));
        let is_block = is_block(name);
        if is_block {
            if self.block.in_row && is_layout_in_row(name) {
                self.block.in_row = false;
            }
            self.end_block(Markup::Paragraph);
        }
        if VOID.contains(&name) || (tag.self_closing && name != "title") {
            return TokenSinkResult::Continue;
        }
        self.open_element(tag, is_block, is_link);
        match name {
            "script" => {
                let is_json_ld =
                    attribute(&tag.attrs, "type").is_some_and(|kind| kind.starts_with("application/ld+json"));
                self.json_ld = is_json_ld.then(String::new);
                TokenSinkResult::RawData(RawKind::ScriptData)
            }
            "style" | "noscript" | "iframe" | "noframes" | "xmp" => TokenSinkResult::RawData(RawKind::Rawtext),
            "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
            _ => TokenSinkResult::Continue,
        }
    }

    fn open_element(&mut self, tag: &Tag, is_block: bool, is_link: bool) {
        let name = &*tag.name;
        // A declarative shadow root: the page shows it as the contents of a custom element.
        let is_shadow_root = name == "template"
            && ["shadowrootmode", "shadowroot"].iter().any(|name| attribute(&tag.attrs, name).is_some());
        let is_inline = INLINE.contains(&name);
        let mut hint = element_hint(name, &tag.attrs, &|names| names.iter().any(|name| self.is_open(name)));
        if is_inline && hint.is_by_name {
            hint = Hint::default();
        }
        let shown = hint;
        let is_hidden = is_hidden(&tag.attrs);
        if is_hidden {
            hint = Hint { outside: Some(OutsideReason::Hidden), ..Hint::default() };
        }
        let is_outside = hint.outside.is_some() && !hint.is_by_name;
        let suspends_block = is_outside && is_inline && self.suspended.is_empty() && !self.block.text.is_empty();
        let mut element = self.open.last().map_or(0, |open| open.element);
        let mut hidden = None;
        if suspends_block {
            let inner = PartialBlock { in_row: self.block.in_row, ..PartialBlock::default() };
            self.suspended.push(std::mem::replace(&mut self.block, inner));
            self.block.in_row = false;
        } else if is_outside || is_shadow_root {
            self.end_block(Markup::Paragraph);
        }
        if (is_block || is_outside || name.contains('-')) && self.tree.elements.len() < MAX_ELEMENTS {
            self.tree.elements.push(Element { parent: element, name: tag.name.clone(), hint });
            element = self.tree.elements.len() - 1;
            let is_closed_dialog = name == "dialog" && attribute(&tag.attrs, "open").is_none();
            if (is_hidden || is_closed_dialog) && self.hidden.len() < MAX_IDS {
                hidden = Some(self.hidden.len());
                self.keep_label_before();
                let ids = ["id", "aria-labelledby"].into_iter().filter_map(|name| attribute(&tag.attrs, name));
                self.hidden.push(HiddenElement {
                    element,
                    hint: shown,
                    ids: ids.flat_map(str::split_whitespace).map(str::to_string).collect(),
                    has_control: self.can_be_opened(&tag.attrs, shown),
                });
            }
        }
        let is_toggle_label =
            name == "label" && attribute(&tag.attrs, "for").is_some_and(|id| self.toggle_ids.contains(id));
        let is_control = is_control(name, &tag.attrs, shown) || is_toggle_label;
        if is_control {
            self.open_hidden_before();
        }
        let is_skipped = SKIPPED.contains(&name) && !is_shadow_root;
        if self.skipped_depth == 0 && SEPARATE.contains(&name) && !self.is_separate {
            self.separate = Some((self.line, String::new()));
        }
        self.skipped_depth += usize::from(is_skipped);
        self.link_depth += usize::from(is_link);
        self.is_at_link_start |= is_link;
        self.block.in_row = name == "tr" || self.block.in_row && name != "table";
        if name == "tr" {
            self.block.element = element;
        }
        let is_comment =
            self.is_in_comment() || hint.outside == Some(OutsideReason::Comments) || is_comment_item(&tag.attrs);
        *self.open_by_name.entry(tag.name.clone()).or_default() += 1;
        self.open.push(OpenElement {
            name: tag.name.clone(),
            element,
            is_skipped,
            ends_block: is_outside && !suspends_block || is_shadow_root,
            suspends_block,
            is_link,
            is_row: name == "tr",
            is_collapsible: shown.is_collapsible,
            text_start: self.block.text.len(),
            is_control,
            is_toggle_label,
            hidden,
            is_comment,
        });
    }

    /// Records a checkbox or radio button outside a form as a control that opens a hidden element next to it or to its
    /// label. CSS alone can open it this way.
    fn input(&mut self, attrs: &[Attribute]) {
        let is_toggle = attribute(attrs, "type")
            .is_some_and(|kind| kind.eq_ignore_ascii_case("checkbox") || kind.eq_ignore_ascii_case("radio"));
        if !is_toggle || self.is_open("form") {
            return;
        }
        self.open_hidden_before();
        self.last_control = Some((self.ending(), None));
        if let Some(label) = self.open.last_mut().filter(|open| &*open.name == "label") {
            label.is_control = true;
            label.is_toggle_label = true;
        }
        if let Some(id) = attribute(attrs, "id").filter(|_| self.toggle_ids.len() < MAX_IDS) {
            self.toggle_ids.insert(id.to_string());
        }
    }

    /// If a label opens the hidden element that starts here, keeps the label as the heading of a section.
    fn keep_label_before(&mut self) {
        if let Some((end, Some(label))) = self.last_control
            && self.is_next_to(end)
        {
            self.tree.elements[label].hint = Hint::default();
        }
    }

    /// Whether a hidden element belongs to a section that the reader can open, or follows a control.
    fn can_be_opened(&self, attrs: &[Attribute], hint: Hint) -> bool {
        let is_tab = attribute(attrs, "role") == Some("tabpanel");
        let is_in_section = || self.open.iter().rev().take(MAX_SECTION_DEPTH).any(|open| open.is_collapsible);
        is_tab
            || hint.is_collapsible
            || is_in_section()
            || self.last_control.is_some_and(|(end, _)| self.is_next_to(end))
    }

    /// Whether the current position directly follows an ending.
    fn is_next_to(&self, end: Ending) -> bool {
        let parents = self.parents();
        end.parents.contains(&parents[0]) && self.tree.blocks.len() <= end.blocks
    }

    /// The two innermost open elements.
    fn parents(&self) -> [usize; 2] {
        let inner = self.open.last().map_or(0, |open| open.element);
        [inner, self.tree.elements[inner].parent]
    }

    /// An ending at the current position.
    fn ending(&self) -> Ending {
        let is_started = |block: &&PartialBlock| !block.text.is_empty();
        let started = self.suspended.iter().chain([&self.block]).filter(is_started).count();
        Ending { parents: self.parents(), blocks: self.tree.blocks.len() + started }
    }

    /// Records that a control here opens the hidden element just before it.
    fn open_hidden_before(&mut self) {
        if let Some((end, hidden)) = self.last_hidden
            && self.is_next_to(end)
        {
            self.hidden[hidden].has_control = true;
        }
    }

    /// Whether a link of a heading leads to the heading itself: `#top`, or `page.html#section-2` in a section with that
    /// id.
    fn is_own_anchor(&self, href: &str) -> bool {
        let is_own = |(page, id): (&str, &str)| !id.is_empty() && (page.is_empty() || id == self.last_id);
        href.split_once('#').is_some_and(is_own) && HEADINGS.iter().any(|name| self.is_open(name))
    }

    /// Records an id that a control refers to, unless the control is inside the element with this id: such a control
    /// may close the element or lead to its top, but it can't open it.
    fn record_controlled(&mut self, id: &str) {
        let id = id.trim_start_matches('#');
        let is_own = |hidden: usize| self.hidden[hidden].ids.iter().any(|own| own == id);
        let is_inside = || self.open.iter().rev().take(MAX_OPEN).filter_map(|open| open.hidden).any(is_own);
        if !id.is_empty() && self.controlled_ids.len() < MAX_IDS && !is_inside() {
            self.controlled_ids.insert(id.to_string());
        }
    }

    /// Adds the alternative text of an image as a block, unless the image is inside text or a link, the text is too
    /// short to be informative, or the image is less than 100 pixels wide or high.
    fn image(&mut self, attrs: &[Attribute]) {
        let text = attribute(attrs, "alt").unwrap_or("").split_whitespace().collect::<Vec<_>>().join(" ");
        let is_small =
            |name| attribute(attrs, name).and_then(|size| size.parse().ok()).is_some_and(|size: u32| size < 100);
        let is_informative = text.split(' ').count() >= MIN_ALT_WORDS && !text.contains(['_', '/']);
        if !is_informative
            || self.link_depth > 0
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
            line: Line { number: line_number(self.line), text, markup: Markup::Paragraph },
        });
    }

    /// Whether the current element is in a comment or a review. The dates in it are not those of the page.
    fn is_in_comment(&self) -> bool {
        self.open.last().is_some_and(|open| open.is_comment)
    }

    fn is_open(&self, name: &str) -> bool {
        self.open_by_name.get(&LocalName::from(name)).is_some_and(|count| *count > 0)
    }

    /// Closes an element whose end tag is optional when the next one of its kind starts.
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

    fn end_tag(&mut self, name: &LocalName) {
        if matches!(&**name, "sup" | "a")
            && let Some(start) = self.mark_start.take()
        {
            self.raise_mark(start);
        }
        self.is_after_link = &**name == "a";
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
        // A </div> inside a cell closes no element outside the table.
        let is_table_part = matches!(&**name, "table" | "tr" | "tbody" | "thead" | "tfoot" | "html" | "body");
        for depth in (0..self.open.len()).rev().take(MAX_OPEN) {
            let open = &self.open[depth].name;
            if open == name {
                self.close_down_to(depth);
                return;
            }
            if !is_table_part && matches!(&**open, "td" | "th" | "caption") {
                return;
            }
        }
    }

    /// Turns the text of the current block from `start` on into superscripts if it is a footnote mark or an exponent:
    /// digits, a letter or a lower-case Roman numeral. In plain digits or letters, the mark would run
    /// into the word before it.
    fn raise_mark(&mut self, start: usize) {
        let Some(mark) = self.block.text.get(start..).filter(|mark| !mark.is_empty()) else {
            return;
        };
        // A letter, or a lower-case Roman numeral: `i`, `iv`.
        let is_letter = (mark.len() == 1 || mark.bytes().all(|byte| matches!(byte, b'i' | b'v')))
            && self.block.text[..start].ends_with(char::is_lowercase);
        let raised: Option<String> =
            mark.chars().map(|c| raised(c).filter(|_| is_letter || !c.is_alphabetic())).collect();
        if let Some(raised) = raised {
            self.block.text.replace_range(start.., &raised);
        }
    }

    /// Closes an inline element or form, but not the blocks that misnested markup opened in it.
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
        self.on_closed(&open);
    }

    fn close_down_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            let Some(open) = self.open.pop() else {
                return;
            };
            match &*open.name {
                "td" | "th" if self.block.in_row => {
                    self.push_space();
                    self.block.text.push_str("| ");
                }
                "li" | "dd" => self.end_block(Markup::Item),
                _ => {}
            }
            if open.is_row {
                let markup = if self.block.in_row { Markup::Row } else { Markup::Paragraph };
                self.block.in_row = false;
                self.end_block(markup);
            }
            self.on_closed(&open);
        }
    }

    fn on_closed(&mut self, open: &OpenElement) {
        self.record_ending(open);
        if let Some(count) = self.open_by_name.get_mut(&open.name) {
            *count -= 1;
        }
        if open.ends_block {
            self.end_block(Markup::Paragraph);
        }
        if open.suspends_block {
            self.block.in_row = false;
            self.end_block(Markup::Paragraph);
            self.block = self.suspended.pop().unwrap_or_default();
        }
        self.skipped_depth -= usize::from(open.is_skipped);
        self.link_depth -= usize::from(open.is_link);
        if self.skipped_depth == 0
            && let Some((line, text)) = self.separate.take()
        {
            self.add_separate_blocks(&open.name, line, &text);
        }
        if &*open.name == "script"
            && let Some(json) = self.json_ld.take()
        {
            self.tree.stated.add_json_ld(&json);
        }
    }

    /// Remembers where a control or a hidden element ends.
    fn record_ending(&mut self, open: &OpenElement) {
        if let Some(hidden) = open.hidden {
            self.last_hidden = Some((self.ending(), hidden));
        }
        let is_button = matches!(&*open.name, "a" | "button" | "span");
        let opens_more = is_button && self.block.text.get(open.text_start..).is_some_and(is_open_prompt);
        if opens_more {
            self.open_hidden_before();
        }
        if open.is_control || opens_more {
            let label = open.is_toggle_label.then_some(open.element);
            self.last_control = Some((self.ending(), label));
        }
    }

    /// Adds the contents of an element of `SEPARATE` as separate blocks. The block around it continues.
    fn add_separate_blocks(&mut self, name: &LocalName, line: u64, text: &str) {
        let is_markup = matches!(&**name, "noframes" | "noscript");
        let blocks = if is_markup {
            let builder = TreeBuilder { is_separate: true, ..TreeBuilder::default() };
            build_with(builder, text).blocks
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
        let outside = Some(if is_markup { OutsideReason::NoScript } else { OutsideReason::FormField });
        let parent = self.open.last().map_or(0, |open| open.element);
        self.tree.elements.push(Element { parent, name: name.clone(), hint: Hint { outside, ..Hint::default() } });
        let element = self.tree.elements.len() - 1;
        self.tree.blocks.extend(blocks.into_iter().map(|mut block| {
            block.line.number = block.line.number.saturating_add(line_number(line) - 1);
            block.element = element;
            block
        }));
    }

    /// Adds text to the current block, with white space collapsed. `line` is the line on which the text ends.
    fn characters(&mut self, text: &str, line: u64) {
        if let Some(json) = &mut self.json_ld {
            if json.len() + text.len() <= MAX_JSON_LD_BYTES {
                json.push_str(text);
            }
            return;
        }
        if self.skipped_depth > 0 {
            if let Some((_, separate)) = &mut self.separate {
                separate.push_str(text);
            }
            return;
        }
        if self.open.last().is_some_and(|open| &*open.name == "title") {
            self.tree.stated.title.get_or_insert_default().push_str(text);
            return;
        }
        self.is_after_link = false;
        let mut line = line.saturating_sub(text.bytes().filter(|byte| *byte == b'\n').count() as u64);
        for c in text.chars() {
            if c.is_whitespace() {
                line += u64::from(c == '\n');
                let before_space = self.block.text.trim_end_matches(' ');
                if c == '\n' && before_space.ends_with(is_break_hyphen) {
                    self.block.text.truncate(before_space.len());
                    self.block.text.push(SOURCE_LINE_END);
                } else {
                    self.push_space();
                }
                continue;
            }
            if self.block.text.is_empty() {
                self.block.first_line = line;
                if !self.block.in_row {
                    self.block.element = self.open.last().map_or(0, |open| open.element);
                }
            }
            self.block.text.push(c);
            self.block.chars += 1;
            if self.link_depth > 0 {
                self.block.link_chars += 1;
                self.block.links += usize::from(std::mem::take(&mut self.is_at_link_start));
            }
        }
    }

    fn push_space(&mut self) {
        if !self.block.text.is_empty() && !self.block.text.ends_with([' ', LINE_BREAK, SOURCE_LINE_END]) {
            self.block.text.push(' ');
        }
    }

    /// Adds the current block to the tree. Inside a table row, blocks only separate words, since the cells of a row
    /// form one line.
    fn end_block(&mut self, markup: Markup) {
        if self.block.in_row {
            self.push_space();
            return;
        }
        let block = std::mem::take(&mut self.block);
        let mut text = block.text;
        if text.contains([LINE_BREAK, SOURCE_LINE_END]) {
            let lines = text.replace(SOURCE_LINE_END, "\n").replace("\n\u{b}", "\n").replace(LINE_BREAK, "\n");
            text = join_word_breaks(&lines).replace('\n', " ");
        }
        let text = text.replace("  ", " ");
        let text = text.trim_matches(['|', ' ']);
        if !text.is_empty() {
            self.tree.blocks.push(Block {
                line: Line { number: line_number(block.first_line), text: text.to_string(), markup },
                element: block.element,
                chars: block.chars,
                link_chars: block.link_chars,
                links: block.links,
                is_image: false,
            });
        }
    }
}

/// The superscript of a digit or letter of a footnote mark; the separators of a list of marks are unchanged.
fn raised(c: char) -> Option<char> {
    Some(match c {
        '0' => '⁰',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4' => '⁴',
        '5' => '⁵',
        '6' => '⁶',
        '7' => '⁷',
        '8' => '⁸',
        '9' => '⁹',
        'a' => 'ᵃ',
        'b' => 'ᵇ',
        'c' => 'ᶜ',
        'd' => 'ᵈ',
        'e' => 'ᵉ',
        'i' => 'ⁱ',
        'v' => 'ᵛ',
        ',' | ' ' | '–' | '-' | '−' => c,
        _ => return None,
    })
}

fn line_number(line: u64) -> u32 {
    u32::try_from(line.max(1)).unwrap_or(u32::MAX)
}

struct Sink(RefCell<TreeBuilder>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<()> {
        let mut builder = self.0.borrow_mut();
        builder.line = line;
        match token {
            CharacterTokens(text) => builder.characters(&text, line),
            TagToken(tag) => match tag.kind {
                StartTag => return builder.start_tag(&tag),
                EndTag => builder.end_tag(&tag.name),
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
        build_tree(html).blocks.into_iter().map(|block| block.line.text).collect()
    }

    #[test]
    fn counts_links_and_their_characters() {
        let tree = build_tree("<p>Se <a href=/a>her</a> og <a href=/b>der</a> og <a name=c>anker</a></p>");
        let block = &tree.blocks[0];
        assert_eq!((block.chars, block.link_chars, block.links), (17, 6, 2));
    }

    #[test]
    fn misplaced_end_tags_close_no_block() {
        let tree = build_tree("<main><b><p>En</b> to</p><form><div></form>tre</div></main><p>fire");
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
    fn a_hidden_word_does_not_split_its_paragraph() {
        assert_eq!(texts("<p>Les <span aria-hidden=true>pil</span> mer her</p>"), ["pil", "Les mer her"]);
    }

    #[test]
    fn joins_words_that_are_divided_at_the_end_of_a_line() {
        assert_eq!(texts("<p>har barneverns-\n  tjenesten</p>"), ["har barnevernstjenesten"]);
        assert_eq!(texts("<p>har barneverns-<br>tjenesten</p>"), ["har barnevernstjenesten"]);
        assert_eq!(texts("<p>har barneverns- <br />\r\ntjenesten</p>"), ["har barnevernstjenesten"]);
        assert_eq!(texts("<li>samar&shy;\nbeidet<li>samar<b>-</b>\nbeid"), ["samarbeidet", "samarbeid"]);
        assert_eq!(texts("<p>støtte-<br>og hjelpetiltak, e-\npost</p>"), ["støtte- og hjelpetiltak, e-post"]);
        assert_eq!(texts("<p>Nord-\nNorge -\nog -<br>mer</p>"), ["Nord-Norge - og - mer"]);
    }

    #[test]
    fn raises_footnote_marks_and_exponents() {
        assert_eq!(texts("<p>loven<sup>1</sup> er 5 m<sup>2</sup></p>"), ["loven¹ er 5 m²"]);
        assert_eq!(texts("<p>loven<sup><a href=#f1>12</a></sup>.</p>"), ["loven¹²."]);
        assert_eq!(texts("<p>loven<a href=#f1><sup>3</sup></a></p>"), ["loven³"]);
        assert_eq!(texts("<p>loven<a href='#f1'>3</a></p>"), ["loven³"]);
        assert_eq!(texts("<p>loven<sup>1, 2</sup> og loven<sup>a</sup></p>"), ["loven¹, ² og lovenᵃ"]);
        assert_eq!(texts("<p>loven<sup>i</sup>, målet<sup>iv</sup>, EU<sup>i</sup></p>"), ["lovenⁱ, måletⁱᵛ, EUi"]);
        assert_eq!(texts("<p>10<sup>6</sup>, CO<sub>2</sub>, 1<sup>st</sup></p>"), ["10⁶, CO2, 1st"]);
        assert_eq!(texts("<p>side <a href=#2>2</a>, loven<sup>[1]</sup>, M<sup>e</sup></p>"), ["side 2, loven[1], Me"]);
    }

    #[test]
    fn elements_opened_by_a_control_are_not_hidden() {
        let hints = |html: &str| -> Vec<_> {
            build_tree(html).elements.iter().filter_map(|element| element.hint.outside).collect()
        };
        assert_eq!(hints("<a href=#a>Vis</a><div id=a hidden>Svar</div>"), []);
        assert_eq!(hints("<div id=a hidden>Svar</div>"), [OutsideReason::Hidden]);
    }

    #[test]
    fn informative_alternative_texts_are_blocks() {
        assert_eq!(
            texts("<img alt='Kart over de nye bydelene'><img alt='Logo'><img alt='a_b c d e f'>"),
            ["Kart over de nye bydelene"]
        );
        assert_eq!(texts("<a href=/><img alt='Til forsiden av nettstedet vårt'></a>"), [""; 0]);
    }

    #[test]
    fn malicious_pages_take_bounded_time() {
        // Quadratic time would take hours, so the test would not end.
        let pages = [
            "<div>".repeat(100_000),
            "<b><div>".repeat(20_000) + &"</b>".repeat(20_000),
            "<section><td>".to_string() + &"<b>".repeat(20_000) + &"</section>".repeat(20_000),
            "<p>a<span hidden>b".repeat(20_000),
            "<table><tr><td>".repeat(20_000),
            "<a href=#a>x".repeat(20_000),
        ];
        for page in pages {
            build_tree(&page);
        }
    }
}

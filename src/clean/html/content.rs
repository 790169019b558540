//! Given the elements and blocks of a page, which blocks stand outside its content, and why?
//!
//! Steps take blocks away, each with its reason: what is hidden, what elements and their names mark, what stands outside
//! the element with the content, lists of links, lists of other pages. A step is held back where it would take too much:
//! an element that holds most of the page's prose is not a menu, whatever it is called.
//!
//! Two kinds of pages are told apart by their own text. Where most words are prose, lists of links lead elsewhere; where
//! they aren't (a list of forms, of services, of products), the lists are what the page is for, and stay.

use std::collections::HashMap;

use super::hints::{COMMENTS, FIELD, HIDDEN, UNSCRIPTED};
use super::tree::{Block, Tree};
use crate::clean::site::line_hash;
use crate::clean::text::{is_prose, is_statement};
use crate::model::Markup;

/// Why a block is no content, a name of `outside_reason`; `None` if nothing speaks against it.
pub type Outside = Option<&'static str>;

/// Whether each block of the page stands outside its content, and why.
pub fn outside(tree: &Tree) -> Vec<Outside> {
    let mut page = Page::new(tree);
    page.notices();
    page.no_text();
    page.hidden();
    page.hints();
    page.main();
    page.find_kind();
    page.lists_of_links();
    page.container();
    page.focus();
    page.above_the_title();
    page.cards();
    page.under_headings();
    page.calls();
    page.at_the_end();
    page.images();
    page.repeated();
    page.around_posts();
    page.outside
}

/// An element that holds more than this share of the prose is the page, whatever it is called.
const MOST: f64 = 0.6;
/// `<nav>` and buttons are seldom called so by mistake, and comments of an article may be longer than it.
const NEARLY_ALL: f64 = 0.9;
/// With fewer words of prose, or a smaller share of it, shares are counted in characters.
const LITTLE_PROSE: usize = 30;
const LITTLE_PROSE_SHARE: f64 = 0.1;
/// What holds so many words of prose is no row of buttons.
const BUTTON_WORDS: usize = 8;
/// Comments that are more of the prose, where nothing says article, are the posts of a forum.
pub(super) const THREAD: f64 = 0.4;
/// A box beside the text with prose, so many words, and fewer of its characters in links, is a part of the text.
const BOX_WORDS: usize = 16;
const BOX_LINKS: f64 = 0.2;
/// A form with so many words of prose tells what it is about.
const FORM_PROSE: usize = 60;
/// The share of the prose that `<main>` or the like must hold, and what is only named so.
const MAIN_SHARE: f64 = 0.6;
const NAMED_MAIN_SHARE: f64 = 0.7;
/// From this share of prose among all words on, a page is prose. One that calls itself an article needs less, or so many
/// words of prose.
const PROSE_SHARE: f64 = 0.5;
const ARTICLE_PROSE: usize = 100;
const ARTICLE_PROSE_SHARE: f64 = 0.25;
/// The share of characters in links from which on an element is a list of links, in articles and elsewhere.
const ARTICLE_LINKS: f64 = 0.4;
const LINKS: f64 = 0.5;
/// A list that holds more of the page than this is what the page is for, in articles and elsewhere.
const ARTICLE_LIST: f64 = 0.5;
const LIST: f64 = 0.3;
/// Menus say things in fewer words a link than lists of pages, forms or products.
const MENU_LINK_WORDS: f64 = 3.0;
/// The share of the words that are no links which the element with the content must hold, in articles and elsewhere.
const ARTICLE_GUARD: f64 = 0.5;
const GUARD: f64 = 0.65;
/// The share of the prose that the innermost element around an article holds.
const FOCUS: f64 = 0.75;
/// The most prose above the title that can be the site's: as the page states the title, or not.
const ABOVE_STATED_TITLE: f64 = 0.7;
const ABOVE_TITLE: f64 = 0.3;

/// Sums over blocks.
#[derive(Clone, Copy, Default)]
pub(super) struct Sums {
    pub chars: usize,
    pub link_chars: usize,
    pub links: usize,
    pub words: usize,
    /// Words that are no links, and those of them in prose.
    pub own_words: usize,
    pub prose: usize,
    /// What an element with these blocks has for and against it as the container of the content.
    value: isize,
    has_title: bool,
}

impl Sums {
    fn of(block: &Block) -> Sums {
        let words = block.line.text.split(' ').count();
        let own_words = words * (block.chars - block.link_chars) / block.chars.max(1);
        // Without punctuation at its end a long block is prose too: "… (NTB)".
        let is_prose = own_words * 2 > words && (is_prose(&block.line.text) || own_words >= 20);
        let prose = if is_prose { own_words } else { 0 };
        // A table or a list of facts beside the text of a product or a service.
        let is_fact = block.links == 0 && matches!(block.line.markup, Markup::Row | Markup::Item);
        let own_value = if is_fact { own_words } else { prose };
        Sums {
            chars: block.chars,
            link_chars: block.link_chars,
            links: block.links,
            words,
            own_words,
            prose,
            value: own_value as isize - (words - own_words) as isize - 1,
            has_title: block.line.markup == Markup::Heading(1),
        }
    }

    fn add(&mut self, other: &Sums) {
        self.chars += other.chars;
        self.link_chars += other.link_chars;
        self.links += other.links;
        self.words += other.words;
        self.own_words += other.own_words;
        self.prose += other.prose;
        self.value += other.value;
        self.has_title |= other.has_title;
    }

    fn link_share(&self) -> f64 {
        share(self.link_chars, self.chars)
    }

    /// The share of all that these blocks hold, by prose where there is any.
    fn share_of(&self, all: &Sums) -> f64 {
        let has_prose = all.prose >= LITTLE_PROSE && share(all.prose, all.words) >= LITTLE_PROSE_SHARE;
        if has_prose { share(self.prose, all.prose) } else { share(self.chars, all.chars) }
    }
}

fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// "4:42 PM on 12/07/2012": a clock time and a year, and little more.
fn is_moment(text: &str) -> bool {
    const MAX_WORDS: usize = 6;
    let words: Vec<&str> = text.split([' ', '/', '.', '-']).collect();
    let is_number = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    let is_time = |word: &&str| word.split_once(':').is_some_and(|(hour, minute)| is_number(hour) && is_number(minute));
    let is_year =
        |word: &&str| word.len() == 4 && is_number(word) && (word.starts_with("19") || word.starts_with("20"));
    words.len() <= MAX_WORDS && words.iter().any(is_time) && words.iter().any(is_year)
}

/// Cookies, consent, the browser: what sites tell at their top whatever the page is about.
fn is_about_browsing(text: &str) -> bool {
    const WORDS: [&str; 10] = [
        "cookie",
        "informasjonskaps",
        "personvern",
        "privacy",
        "samtykke",
        "consent",
        "nettleser",
        "nettlesar",
        "browser",
        "javascript",
    ];
    let lower = text.to_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}

pub(super) struct Page<'a> {
    pub tree: &'a Tree,
    pub blocks: &'a [Block],
    pub sums: Vec<Sums>,
    pub outside: Vec<Outside>,
    pub in_notice: Vec<bool>,
    /// A notice of the site that stays wherever it stands.
    is_notice: Vec<bool>,
    /// Most of the page is prose.
    pub is_prose: bool,
    /// One text, by what the page says of itself and by its prose.
    pub is_article: bool,
    has_main: bool,
}

impl<'a> Page<'a> {
    fn new(tree: &'a Tree) -> Page<'a> {
        Page {
            tree,
            blocks: &tree.blocks,
            sums: tree.blocks.iter().map(Sums::of).collect(),
            outside: vec![None; tree.blocks.len()],
            in_notice: vec![false; tree.blocks.len()],
            is_notice: vec![false; tree.blocks.len()],
            is_prose: false,
            is_article: false,
            has_main: false,
        }
    }

    pub fn is_open(&self, at: usize) -> bool {
        self.outside[at].is_none()
    }

    pub fn drop(&mut self, at: usize, why: &'static str) {
        let is_by_place = matches!(why, "outside" | "banner" | "links");
        if !(is_by_place && self.is_notice[at]) {
            self.outside[at].get_or_insert(why);
        }
    }

    /// What the open blocks of a range hold.
    pub fn held(&self, range: std::ops::Range<usize>) -> Sums {
        let mut sums = Sums::default();
        range.filter(|at| self.is_open(*at)).for_each(|at| sums.add(&self.sums[at]));
        sums
    }

    /// What the open blocks of each element hold.
    fn held_by_elements(&self) -> Vec<Sums> {
        let mut held = vec![Sums::default(); self.tree.elements.len()];
        for (at, block) in self.blocks.iter().enumerate().filter(|(at, _)| self.is_open(*at)) {
            held[block.element].add(&self.sums[at]);
        }
        for index in (1..held.len()).rev() {
            let own = held[index];
            held[self.tree.elements[index].parent].add(&own);
        }
        held
    }

    /// Drops the blocks in the elements of which `why` says something; of nested ones the outermost counts.
    fn drop_elements(&mut self, why: impl Fn(usize) -> Outside) {
        let inherited = self.inherited(why);
        for (at, block) in self.blocks.iter().enumerate() {
            if let Some(why) = inherited[block.element] {
                self.drop(at, why);
            }
        }
    }

    fn inherited<T: Copy>(&self, of: impl Fn(usize) -> Option<T>) -> Vec<Option<T>> {
        let mut inherited: Vec<Option<T>> = Vec::with_capacity(self.tree.elements.len());
        for (index, element) in self.tree.elements.iter().enumerate() {
            let around = if index == 0 { None } else { inherited[element.parent] };
            inherited.push(around.or_else(|| of(index)));
        }
        inherited
    }

    /// "Tjenesten er stengt 24. desember." above the main part: sentences, and not about the site's own workings.
    fn notices(&mut self) {
        let inherited = self.inherited(|index| self.tree.elements[index].hint.is_notice.then_some(()));
        for (at, block) in self.blocks.iter().enumerate() {
            let says_something = is_prose(&block.line.text) || is_statement(&block.line.text);
            self.in_notice[at] = inherited[block.element].is_some();
            self.is_notice[at] = self.in_notice[at]
                && says_something
                && self.sums[at].link_share() < LINKS
                && !is_about_browsing(&block.line.text);
        }
    }

    /// A page that hides most of its text shows it when a script has run, or has it for those without scripts.
    fn hidden(&mut self) {
        let held = self.held_by_elements();
        let is_most = |index: usize| held[index].prose * 2 > held[0].prose;
        let why = |index: usize| {
            let name = self.tree.elements[index].hint.outside?;
            let is_hidden = match name {
                HIDDEN => !is_most(index),
                UNSCRIPTED => !is_most(index) || held[index].prose < FORM_PROSE,
                FIELD => true,
                _ => false,
            };
            is_hidden.then_some(name)
        };
        let why: Vec<Outside> = (0..held.len()).map(why).collect();
        self.drop_elements(|index| why[index]);
    }

    fn hints(&mut self) {
        let held = self.held_by_elements();
        let outermost: Vec<(usize, &str)> = {
            let hint = |index: usize| self.tree.elements[index].hint.outside;
            let around = self.inherited(hint);
            (1..held.len())
                .filter(|index| around[self.tree.elements[*index].parent].is_none())
                .filter_map(|index| Some((index, hint(index)?)))
                .collect()
        };
        let in_main = self.inherited(|index| {
            let element = &self.tree.elements[index];
            (element.hint.is_main && !element.hint.by_words).then_some(())
        });
        let in_text = self.inherited(|index| {
            let element = &self.tree.elements[index];
            (element.hint.is_main && !element.hint.by_words || &*element.name == "article").then_some(())
        });
        let head = &self.tree.head;
        // The posts of a forum are named comments one by one, the items of a list related or promoted.
        let mut by_name: HashMap<&str, Sums> = HashMap::new();
        for (index, name) in outermost {
            by_name.entry(name).or_default().add(&held[index]);
        }
        let why: Vec<Outside> = (0..held.len())
            .map(|index| {
                let hint = &self.tree.elements[index].hint;
                let name = hint.outside.filter(|name| *name != UNSCRIPTED)?;
                let own = &held[index];
                let of_name = by_name.get(name).filter(|_| hint.by_words && !head.is_article());
                let share = of_name.unwrap_or(own).share_of(&held[0]);
                let is_content = match name {
                    "nav" | "button" | "footer" | "contentinfo" => share > NEARLY_ALL,
                    COMMENTS if head.is_thread || head.is_product => true,
                    "about a post" => share > MOST,
                    COMMENTS if head.is_article() => share > NEARLY_ALL,
                    COMMENTS => share > THREAD || own.has_title,
                    // The site's own services, on the page that lists them.
                    "promoted" if in_main[index].is_some() && !head.is_news() => true,
                    "sharing" | "about the author" | "advertising" | "promoted" if hint.by_words => {
                        share > MOST || own.prose > BUTTON_WORDS && own.link_share() < LINKS
                    }
                    // The box with the address, the opening hours, the facts.
                    "aside" | "complementary" if !hint.by_words && in_main[index].is_some() && !head.is_news() => {
                        own.link_share() < LINKS
                    }
                    // A box of facts.
                    "aside" | "complementary"
                        if in_text[index].is_some()
                            && own.prose > 0
                            && own.own_words >= BOX_WORDS
                            && own.link_share() < BOX_LINKS =>
                    {
                        true
                    }
                    "form" if !hint.by_words && !head.is_news() && own.prose >= FORM_PROSE => true,
                    "dialog" | "alertdialog" | "cookies" => share > MOST,
                    _ => share > MOST || own.has_title,
                };
                (!is_content).then_some(name)
            })
            .collect();
        self.drop_elements(|index| why[index]);
    }

    /// The innermost element that the page calls its main part, if that holds what such a part must.
    fn main(&mut self) {
        let held = self.held_by_elements();
        let is_main = |index: usize| {
            let hint = &self.tree.elements[index].hint;
            let needed = match hint.by_words {
                // One tab of several.
                true if self.tree.head.is_product => NEARLY_ALL,
                true => NAMED_MAIN_SHARE,
                false => MAIN_SHARE,
            };
            hint.is_main && held[index].chars > 0 && held[index].share_of(&held[0]) > needed
        };
        if let Some(main) = (0..held.len()).rev().find(|index| is_main(*index)) {
            self.has_main = true;
            self.keep_only(main);
        }
    }

    /// Drops what stands outside an element, but not the title above it and what leads from there to the text.
    fn keep_only(&mut self, element: usize) {
        let inside = self.inherited(|index| (index == element).then_some(()));
        let is_inside = |at: usize| inside[self.blocks[at].element].is_some();
        let Some(first) = (0..self.blocks.len()).find(|at| is_inside(*at)) else {
            return;
        };
        let title = self.title().map(|(title, _)| title).filter(|title| *title < first);
        // Above an article stand its authors, its date and its section; above other texts a price, a phone number.
        let leads_on = |at: usize| {
            let has_links = self.sums[at].links > 0;
            let is_lead = self.sums[at].prose > 0 || !has_links && is_statement(&self.blocks[at].line.text);
            let is_text = matches!(self.blocks[at].line.markup, Markup::Paragraph | Markup::Heading(_));
            let is_scrap = !has_links && !self.tree.head.is_article() && !is_moment(&self.blocks[at].line.text);
            is_lead && is_text || is_scrap
        };
        let leads = |at: usize| title.is_some_and(|title| at == title || at > title && at < first && leads_on(at));
        let dropped: Vec<usize> = (0..self.blocks.len()).filter(|at| !is_inside(*at) && !leads(*at)).collect();
        dropped.into_iter().for_each(|at| self.drop(at, "outside"));
    }

    /// The heading that says the page's name, and whether it is what the page states it to be.
    pub fn title(&self) -> Option<(usize, bool)> {
        let stated = self.tree.head.page_title().and_then(|title| line_hash(&title));
        let is_stated = |at: &usize| stated.is_some() && line_hash(&self.blocks[*at].line.text) == stated;
        let of_level = |levels: std::ops::RangeInclusive<u8>| {
            let is_heading = move |at: &usize| matches!(self.blocks[*at].line.markup, Markup::Heading(level) if levels.contains(&level));
            (0..self.blocks.len()).filter(|at| self.is_open(*at)).filter(is_heading)
        };
        let by_name = of_level(1..=2).find(is_stated).map(|at| (at, true));
        let of_page = by_name.or_else(|| of_level(1..=1).next().map(|at| (at, false)));
        of_page.or_else(|| (0..self.blocks.len()).filter(|at| self.is_open(*at)).find(is_stated).map(|at| (at, true)))
    }

    fn find_kind(&mut self) {
        let all = self.held(0..self.blocks.len());
        let prose = share(all.prose, all.words);
        self.is_prose = prose >= PROSE_SHARE;
        self.is_article = self.tree.head.is_article() && (all.prose >= ARTICLE_PROSE || prose >= ARTICLE_PROSE_SHARE);
    }

    fn lists_of_links(&mut self) {
        let held = self.held_by_elements();
        let is_news = self.is_article && self.tree.head.is_news();
        let (links, most) = if is_news { (ARTICLE_LINKS, ARTICLE_LIST) } else { (LINKS, LIST) };
        let is_text = self.is_prose || self.is_article;
        if !is_text && self.has_main {
            return;
        }
        // What stands in `<main>` leads on from the text, if it says where to.
        let keeps_lists = self.has_main && !is_news;
        let why: Vec<Outside> = (0..held.len())
            .map(|index| {
                let own = &held[index];
                let is_inside_text = super::elements::heading_level(&self.tree.elements[index].name).is_some()
                    || matches!(&*self.tree.elements[index].name, "p" | "li" | "tr");
                let is_list = own.links >= 2
                    && own.link_share() > links
                    && share(own.chars, held[0].chars) < most
                    && !own.has_title
                    && !is_inside_text;
                let is_menu = share(own.words - own.own_words, own.links) < MENU_LINK_WORDS;
                (is_list && (is_text && !keeps_lists || is_menu)).then_some("links")
            })
            .collect();
        // Many lists in a part that the page calls its main one are no menu.
        let inherited = self.inherited(|index| why[index]);
        let listed = |at: &usize| self.is_open(*at) && inherited[self.blocks[*at].element].is_some();
        let chars: usize = (0..self.blocks.len()).filter(listed).map(|at| self.blocks[at].chars).sum();
        if is_news || !self.has_main || share(chars, held[0].chars) < LIST {
            self.drop_elements(|index| why[index]);
        }
    }

    /// The element in which prose outweighs links and scraps the most.
    fn container(&mut self) {
        let held = self.held_by_elements();
        let mut best = 0;
        for (index, own) in held.iter().enumerate() {
            if own.value >= held[best].value && self.may_hold_more(index) {
                best = index;
            }
        }
        let guard = match self.is_article {
            true => ARTICLE_GUARD,
            // Tabs with a description, with facts and with reviews.
            false if self.tree.head.is_product => NEARLY_ALL,
            false => GUARD,
        };
        let keeps_enough = share(held[best].own_words, held[0].own_words) >= guard;
        let keeps_lists = self.is_prose || self.is_article || share(held[best].words, held[0].words) >= guard;
        if keeps_enough && keeps_lists {
            self.keep_only(best);
        }
    }

    /// Not a paragraph or the like: a long one beside short ones is no frame around the text.
    fn may_hold_more(&self, index: usize) -> bool {
        let name = &*self.tree.elements[index].name;
        let is_text = matches!(name, "p" | "li" | "tr" | "dt" | "dd" | "pre" | "blockquote" | "figure" | "figcaption");
        !is_text && super::elements::heading_level(name).is_none()
    }

    /// The innermost element around an article's paragraphs.
    fn focus(&mut self) {
        if !self.is_article {
            return;
        }
        let held = self.held_by_elements();
        let holds =
            |index: &usize| held[*index].prose as f64 >= FOCUS * held[0].prose as f64 && self.may_hold_more(*index);
        if held[0].prose >= LITTLE_PROSE
            && let Some(innermost) = (1..held.len()).rev().find(holds)
        {
            self.keep_only(innermost);
        }
    }

    /// What stands above the title belongs to the site: all of it in an article or above the title that the page
    /// states, else links.
    fn above_the_title(&mut self) {
        let Some((title, is_stated)) = self.title() else {
            return;
        };
        let (above, all) = (self.held(0..title), self.held(0..self.blocks.len()));
        let limit = if is_stated { ABOVE_STATED_TITLE } else { ABOVE_TITLE };
        let is_site = (self.is_article || is_stated) && above.prose as f64 <= limit * all.prose as f64;
        let is_menu = share(above.chars, all.chars) < 0.5;
        for at in 0..title {
            let is_link = self.sums[at].link_share() > LINKS;
            if is_site || is_menu && is_link {
                self.drop(at, "outside");
            }
        }
    }
}

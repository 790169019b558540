//! Given the pages of a site, which of their lines are content?
//!
//! A page is parsed into lines (`parse`), the lines of all pages of a site show its template
//! (`template`), and with both every line gets a verdict and a reason (`clean`). A verdict depends on the
//! page and on how often its own lines recur in the site, and on nothing else.
//!
//! The rules lean towards keeping: for a search engine lost content is worse than a leftover menu line.

mod comments;
mod dates;
mod html;
mod markdown;
mod menus;
mod phrases;
mod rules;
mod shape;
mod template;

pub use rules::{PageRules, Rules};
pub use template::{Sketch, Template, is_prose};

use std::borrow::Cow;

use dates::{Dateline, Label};
use menus::{Outside, Seen};
use rules::Ruling;
use template::Recurrence;

use crate::norwegian::detect_lang;
use crate::page::{Document, Format, Given, JudgedLine, Lang, Line, Markup, Page, Verdict, shortened};

/// A page cut into lines, with what it says of itself.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    pub lines: Vec<Line>,
    /// From the record or the page's head; the record goes first.
    pub given: Given,
    pub updated: Option<String>,
}

/// Cuts a page into lines. Numbers count the lines of the page, also inside a record.
pub fn parse(page: &Page) -> Parsed {
    let mut parsed = match page.format {
        Format::Text => Parsed { lines: text_lines(&page.text), ..Parsed::default() },
        Format::Html => html::parse(&page.text),
        Format::Markdown => markdown::parse(&page.text),
    };
    let record = page.given.clone();
    let found = std::mem::take(&mut parsed.given);
    parsed.given = Given {
        url: record.url.or(found.url),
        title: record.title.or(found.title),
        date: record.date.or(found.date),
        source: record.source.or(found.source),
        lang: record.lang.or(found.lang),
    };
    parsed
}

fn text_lines(text: &str) -> Vec<Line> {
    let ends_in_cr_only = text.contains('\r') && !text.contains('\n');
    let line =
        |(index, text): (usize, &str)| Line { number: index as u32 + 1, text: text.to_string(), markup: Markup::None };
    if ends_in_cr_only {
        text.split('\r').enumerate().map(line).collect()
    } else {
        text.lines().enumerate().map(line).collect()
    }
}

/// Every passage keeps its page's title and source; a longer one is text in the wrong place.
const MAX_FACT_CHARS: usize = 300;
/// Longer sentences stay, however many pages have them.
const MAX_ASIDE_WORDS: usize = 12;
/// Such a sentence goes with the lines of a template around it when these are so many.
const MIN_TEMPLATE: usize = 4;
/// A shorter line says no title: it is the name of a section or of the site.
const MIN_TITLE_WORDS: usize = 3;
/// Longer addresses carry data (browsers stop at about this length too).
const MAX_URL_BYTES: usize = 2000;

/// Judges every line of a page, given the template of its site.
pub fn clean(parsed: Parsed, template: &Template) -> Document {
    clean_by(parsed, template, &PageRules::default())
}

/// The same with a person's rules, which overrule all others.
pub fn clean_by(parsed: Parsed, template: &Template, rules: &PageRules) -> Document {
    let rulings: Vec<Option<Ruling>> = parsed.lines.iter().map(|line| rules.ruling(&line.text)).collect();
    let mut judge = Judge::new(&parsed.lines, template);
    judge.drop_by_rule(&rulings);
    judge.markup();
    judge.date_lines();
    judge.links();
    judge.menus();
    judge.runs_at_the_ends();
    judge.runs_inside();
    judge.interface_at_the_ends();
    let title = judge.title(parsed.given.title.as_deref());
    judge.repeated_title();
    judge.structure();
    let Judge { verdicts, datelines, continues, .. } = judge;
    // The line above the first date is taken for the title even where a rule dropped it.
    let is_dropped = |(verdict, ruling): (&Option<(Verdict, _)>, &Option<Ruling>)| {
        matches!(verdict, Some((Verdict::Title, _))) && ruling.as_ref().is_some_and(|ruling| !ruling.keeps)
    };
    let title = title.filter(|_| !verdicts.iter().zip(&rulings).any(is_dropped));
    let dated =
        |label: fn(Label) -> bool| datelines.iter().flatten().find(|line| label(line.label)).map(|line| line.date);
    let lines: Vec<JudgedLine> = parsed
        .lines
        .into_iter()
        .zip(verdicts)
        .zip(continues)
        .zip(rulings)
        .map(|(((line, verdict), continues), ruling)| {
            let (verdict, reason) = verdict.unwrap_or((Verdict::Content, "nothing speaks against it"));
            let (verdict, reason) = ruled(&line, verdict, reason, ruling, rules.keeps_all());
            JudgedLine { number: line.number, text: line.text, verdict, reason, continues }
        })
        .collect();
    let source_line = datelines.iter().flatten().find_map(|line| line.source.clone());
    let short = |text: String| shortened(&text, MAX_FACT_CHARS);
    Document {
        title: title.map(short),
        published: parsed
            .given
            .date
            .as_deref()
            .and_then(dates::date)
            .or_else(|| dated(|label| label != Label::Updated)),
        updated: parsed.updated.as_deref().and_then(dates::date).or_else(|| dated(|label| label == Label::Updated)),
        source: parsed.given.source.or(source_line).or_else(|| parsed.given.url.as_deref().and_then(host)).map(short),
        url: parsed.given.url.filter(|url| url.len() <= MAX_URL_BYTES && !url.contains(char::is_control)),
        lang: language(&lines, parsed.given.lang.as_deref()),
        lines,
    }
}

/// The last word on a line, after all rules but a person's.
fn ruled(
    line: &Line,
    verdict: Verdict,
    reason: &'static str,
    ruling: Option<Ruling>,
    keeps_all: bool,
) -> (Verdict, Cow<'static, str>) {
    let as_content = match line.markup {
        _ if verdict.is_kept() => verdict,
        Markup::Heading(_) => Verdict::Heading,
        Markup::Item => Verdict::Item,
        _ => Verdict::Content,
    };
    match ruling {
        _ if verdict == Verdict::Blank => (verdict, reason.into()),
        Some(Ruling { keeps: true, reason }) => (as_content, reason.into()),
        Some(Ruling { keeps: false, reason }) => (Verdict::Boilerplate, reason.into()),
        None if keeps_all && !verdict.is_kept() => (as_content, "kept, as the index keeps all lines".into()),
        None => (verdict, reason.into()),
    }
}

/// The host of an address, without `www.`.
pub fn host(url: &str) -> Option<String> {
    let rest = url.split_once("://")?.1;
    let host = rest.split(['/', '?', '#', ':']).next()?;
    let host = host.strip_prefix("www.").unwrap_or(host);
    (!host.is_empty()).then(|| host.to_lowercase())
}

fn language(lines: &[JudgedLine], claimed: Option<&str>) -> Lang {
    let mut text = String::new();
    for line in lines.iter().filter(|line| line.verdict.is_kept()) {
        text.push_str(&line.text);
        text.push('\n');
    }
    let claimed = match claimed.map(|lang| lang.to_ascii_lowercase()) {
        Some(lang) if lang.starts_with("nb") || lang.starts_with("no") => Lang::Bokmal,
        Some(lang) if lang.starts_with("nn") => Lang::Nynorsk,
        Some(lang) if lang.starts_with("en") => Lang::English,
        _ => Lang::Other,
    };
    detect_lang(&text, claimed)
}

struct Judge<'a> {
    lines: &'a [Line],
    verdicts: Vec<Option<(Verdict, &'static str)>>,
    datelines: Vec<Vec<Dateline>>,
    /// Whether the line goes on with the paragraph of the line before it.
    continues: Vec<bool>,
    recurrence: Vec<Recurrence>,
    is_interface: Vec<bool>,
    is_prose: Vec<bool>,
    /// The first line of a page, if it says what one above the text says too, and that one.
    says_title: Vec<bool>,
    /// Lines that hold anything, in order.
    filled: Vec<usize>,
}

impl<'a> Judge<'a> {
    fn new(lines: &'a [Line], template: &Template) -> Judge<'a> {
        let continues = shape::continuations(lines);
        let mut judge = Judge {
            lines,
            verdicts: vec![None; lines.len()],
            datelines: vec![Vec::new(); lines.len()],
            recurrence: lines.iter().map(|line| template.recurrence(&line.text)).collect(),
            is_interface: lines
                .iter()
                .map(|line| phrases::is_interface(&line.text) || shape::is_counter(&line.text))
                .collect(),
            is_prose: vec![false; lines.len()],
            says_title: vec![false; lines.len()],
            filled: Vec::new(),
            continues,
        };
        for (index, line) in lines.iter().enumerate() {
            if line.text.trim().is_empty() {
                judge.verdicts[index] = Some((Verdict::Blank, "nothing stands in it"));
            } else if !line.text.contains(char::is_alphanumeric) {
                judge.verdicts[index] = Some((Verdict::Boilerplate, "neither letters nor digits"));
            } else {
                judge.filled.push(index);
            }
        }
        judge.find_prose();
        judge.find_title();
        judge
    }

    /// The lines of a broken paragraph are prose together or not at all.
    fn find_prose(&mut self) {
        let mut index = 0;
        while index < self.lines.len() {
            let mut end = index + 1;
            while end < self.lines.len() && self.continues[end] {
                end += 1;
            }
            let is_prose = if end == index + 1 {
                is_prose(&self.lines[index].text)
            } else {
                let texts: Vec<&str> = self.lines[index..end].iter().map(|line| line.text.trim()).collect();
                is_prose(&texts.join(" "))
            };
            self.is_prose[index..end].fill(is_prose);
            index = end;
        }
    }

    /// A dump begins with what the browser's tab shows: the title, and often the name of the site before or behind it.
    /// The title alone stands above the text. Both may stand in other pages too, which list this one.
    fn find_title(&mut self) {
        let Some(&first) = self.filled.first().filter(|first| self.lines[**first].markup == Markup::None) else {
            return;
        };
        let shown = template::folded(&self.lines[first].text);
        for index in self.filled.iter().copied().skip(1) {
            let title = template::folded(&self.lines[index].text);
            let is_whole =
                shown.split(&title).all(|rest| rest.is_empty() || rest.starts_with(' ') || rest.ends_with(' '));
            if shape::words(&title) >= MIN_TITLE_WORDS && shown.contains(&title) && is_whole {
                self.says_title[first] = true;
                self.says_title[index] = true;
            }
        }
    }

    /// Never dropped for standing in other pages too.
    fn is_sentence(&self, index: usize) -> bool {
        self.is_prose[index] || shape::is_statement(&self.lines[index].text)
    }

    fn open(&self, index: usize) -> bool {
        self.verdicts[index].is_none()
    }

    /// First of all, so that no rule takes such a line for the title or a neighbour.
    fn drop_by_rule(&mut self, rulings: &[Option<Ruling>]) {
        for (index, ruling) in rulings.iter().enumerate() {
            if self.open(index) && ruling.as_ref().is_some_and(|ruling| !ruling.keeps) {
                self.verdicts[index] = Some((Verdict::Boilerplate, "dropped by a rule"));
            }
        }
    }

    fn markup(&mut self) {
        for index in self.filled.clone() {
            if let Markup::Outside(name) = self.lines[index].markup {
                self.verdicts[index] = Some((Verdict::Boilerplate, outside_reason(name)));
            }
        }
    }

    /// The first and the last line that only content has: the heading of the page, and what this page alone
    /// states in sentences. Where it states nothing alone, what it shares with others.
    fn content_ends(&self) -> Option<(usize, usize)> {
        let ends = |own_only: bool| {
            let mut stated = self.filled.iter().copied().filter(|index| {
                let line = &self.lines[*index];
                let is_stated =
                    self.is_sentence(*index) && !shape::is_link(&line.text) || line.markup == Markup::Heading(1);
                is_stated
                    && !self.is_interface[*index]
                    && !matches!(line.markup, Markup::Outside(_))
                    && (!own_only || self.recurrence[*index] == Recurrence::Rare)
            });
            let first = stated.next()?;
            Some((first, stated.next_back().unwrap_or(first)))
        };
        ends(true).or_else(|| ends(false))
    }

    fn date_lines(&mut self) {
        let prose = self.filled.iter().copied().find(|index| self.is_prose[*index] && !self.is_interface[*index]);
        for index in self.filled.clone() {
            if !self.open(index) || self.continues[index] {
                continue;
            }
            let found = dates::datelines(&self.lines[index].text);
            let Some(line) = found.first() else {
                continue;
            };
            // A bare date between paragraphs may be part of a list of events.
            let is_at_top = prose.is_none_or(|first| index < first);
            if line.label != Label::None || is_at_top {
                self.verdicts[index] = Some((Verdict::Date, "says when the page was published or updated"));
                self.datelines[index] = found;
            }
        }
    }

    fn links(&mut self) {
        for index in self.filled.clone() {
            if self.open(index) && shape::is_link(&self.lines[index].text) {
                self.verdicts[index] = Some((Verdict::Link, "a call to follow a link"));
            }
        }
    }

    /// A text page tells its menus by their shape, whatever other pages have.
    fn menus(&mut self) {
        if self.lines.iter().any(|line| line.markup != Markup::None) {
            return;
        }
        let lines: Vec<(&str, bool)> =
            self.filled.iter().map(|index| (self.lines[*index].text.as_str(), self.is_prose[*index])).collect();
        if let Some(begin) = comments::begin(&lines) {
            for index in self.filled.split_off(begin) {
                self.verdicts[index] = Some((Verdict::Boilerplate, "a comment of a reader, or below one"));
            }
        }
        let seen = |index: &usize| Seen {
            text: &self.lines[*index].text,
            is_prose: self.is_prose[*index] || shape::is_long(&self.lines[*index].text),
            is_title: self.says_title[*index],
        };
        let outside = menus::outside(&self.filled.iter().map(seen).collect::<Vec<_>>());
        for (index, outside) in self.filled.clone().into_iter().zip(outside) {
            if let Some(outside) = outside.filter(|_| self.open(index)) {
                let reason = match outside {
                    Outside::Menu => "in a run of short lines outside the text",
                    Outside::Beyond => "beyond a menu, and no sentence",
                    Outside::Between => "a few sentences between menus",
                };
                self.verdicts[index] = Some((Verdict::Boilerplate, reason));
            }
        }
    }

    /// Menus stand above the content, notices and forms below it, both line on line.
    fn runs_at_the_ends(&mut self) {
        let top: Vec<usize> = self.filled.clone();
        let foot: Vec<usize> = self.filled.iter().rev().copied().collect();
        for (run, reason) in [
            (top, "recurs in other pages, in a run from the top"),
            (foot, "recurs in other pages, in a run to the foot"),
        ] {
            let mut recurring = Vec::new();
            // Where in the run short sentences stand that most pages say.
            let mut asides = Vec::new();
            let mut gone = 0;
            let mut stopped_at = None;
            for index in run {
                let passes_by = !self.open(index) || self.is_interface[index] || self.says_title[index];
                if passes_by {
                    gone += 1;
                    continue;
                }
                let is_aside = self.is_aside(index);
                if self.recurrence[index] == Recurrence::Rare || self.is_sentence(index) && !is_aside {
                    stopped_at = Some(index);
                    break;
                }
                if is_aside {
                    asides.push(recurring.len());
                }
                recurring.push(index);
            }
            // They are the template's only inside of it: else the run ended at the first of them.
            let is_template = |index: &&usize| !self.is_sentence(**index);
            let is_large = recurring.iter().filter(is_template).count() + gone >= MIN_TEMPLATE;
            let is_inside = |aside: usize| is_large && recurring[aside..].iter().any(|index| is_template(&index));
            if let Some(last) = asides.into_iter().find(|aside| !is_inside(*aside)) {
                stopped_at = stopped_at.map(|_| recurring[last]);
                recurring.truncate(last);
            }
            let Some(stopped_at) = stopped_at else {
                // All of the page recurs: it is no template around something else.
                continue;
            };
            // A lone line is a byline, or "Hovedfunn" above a paragraph, unless it stands in most pages.
            if let [lone] = recurring[..] {
                let is_heading = self.is_prose[stopped_at] && stopped_at > lone;
                if is_heading || self.recurrence[lone] != Recurrence::Everywhere {
                    continue;
                }
            }
            for index in recurring {
                self.verdicts[index] = Some((Verdict::Boilerplate, reason));
            }
        }
    }

    /// A short sentence or a remark in parentheses that most pages say: "Hold Ctrl-tasten nede."
    fn is_aside(&self, index: usize) -> bool {
        let text = &self.lines[index].text;
        self.is_sentence(index)
            && self.recurrence[index] == Recurrence::Everywhere
            && (shape::words(text) <= MAX_ASIDE_WORDS || shape::is_in_parentheses(text))
    }

    /// Share buttons and the like between paragraphs: three lines and more that stand in most pages. Nothing is
    /// dropped where a page has no other lines.
    fn runs_inside(&mut self) {
        let recurs: Vec<bool> = (0..self.lines.len())
            .map(|index| {
                self.open(index) && self.recurrence[index] == Recurrence::Everywhere && !self.is_sentence(index)
            })
            .collect();
        let is_own = |index: &usize| self.open(*index) && !self.is_interface[*index] && !recurs[*index];
        if !self.filled.iter().any(is_own) {
            return;
        }
        for run in self.filled.clone().chunk_by(|one, other| recurs[*one] && recurs[*other]) {
            if run.len() >= 3 {
                for index in run {
                    self.verdicts[*index] =
                        Some((Verdict::Boilerplate, "recurs in most pages, in a run of such lines"));
                }
            }
        }
    }

    fn interface_at_the_ends(&mut self) {
        let content = self.content_ends();
        for index in self.filled.clone() {
            let is_at_an_end = content.is_none_or(|(first, last)| index < first || index > last);
            if is_at_an_end && self.open(index) && self.is_interface[index] {
                self.verdicts[index] = Some((Verdict::Boilerplate, "an interface phrase above or below the content"));
            }
        }
    }

    /// The page's title; its line, if it has one, is marked.
    fn title(&mut self, given: Option<&str>) -> Option<String> {
        if let Some(first) = self
            .filled
            .iter()
            .copied()
            .find(|index| self.open(*index) && self.lines[*index].markup == Markup::Heading(1))
        {
            self.verdicts[first] = Some((Verdict::Title, "the first heading of the first level"));
            return Some(self.lines[first].text.clone());
        }
        if let Some(given) = given {
            let same = template::line_hash(given);
            let line = self
                .filled
                .iter()
                .copied()
                .take_while(|index| !self.is_prose[*index])
                .find(|index| self.open(*index) && template::line_hash(&self.lines[*index].text) == same);
            if let Some(line) = line {
                self.verdicts[line] = Some((Verdict::Title, "the title that the page states"));
            }
            return Some(given.split_whitespace().collect::<Vec<_>>().join(" "));
        }
        let index = self.title_line()?;
        self.verdicts[index] = Some((Verdict::Title, "the first line of the content, of a title's shape"));
        Some(self.lines[index].text.trim().to_string())
    }

    /// The last step of a breadcrumb says the title once more, above it.
    fn repeated_title(&mut self) {
        let is_title = |index: &usize| matches!(self.verdicts[*index], Some((Verdict::Title, _)));
        let Some(title) = self.filled.iter().copied().find(is_title) else {
            return;
        };
        let same = template::line_hash(&self.lines[title].text);
        for index in self.filled.clone().into_iter().take_while(|index| *index < title) {
            if self.open(index) && template::line_hash(&self.lines[index].text) == same {
                self.verdicts[index] = Some((Verdict::Boilerplate, "says the title above the title"));
            }
        }
    }

    fn title_line(&self) -> Option<usize> {
        let is_title = |index: usize| {
            let text = self.lines[index].text.trim();
            !self.is_interface[index]
                && !self.is_prose[index]
                && !self.continues[index]
                && self.continues.get(index + 1) != Some(&true)
                && shape::is_title(text)
                && matches!(self.lines[index].markup, Markup::None | Markup::Heading(_))
        };
        let first = self.filled.iter().copied().find(|index| self.open(*index));
        if let Some(first) = first.filter(|first| is_title(*first)) {
            // A line with nothing under it is no title but all there is.
            let has_body = self.filled.iter().any(|index| *index > first && self.open(*index));
            return has_body.then_some(first);
        }
        // Copies of a page share its title too: the line above the first date line was only taken for a
        // template's because it recurs.
        let dated = (0..self.lines.len()).find(|index| !self.datelines[*index].is_empty())?;
        let above = self.filled.iter().copied().rfind(|index| *index < dated)?;
        let is_at_top = first.is_none_or(|first| dated < first);
        (is_at_top && is_title(above)).then_some(above)
    }

    /// Headings, items and paragraphs among the lines that stay.
    fn structure(&mut self) {
        let kept: Vec<usize> = self.filled.iter().copied().filter(|index| self.open(*index)).collect();
        for (at, &index) in kept.iter().enumerate() {
            let line = &self.lines[index];
            let next = kept.get(at + 1).map(|next| &self.lines[*next]);
            let verdict = match line.markup {
                Markup::Heading(_) => (Verdict::Heading, "a heading by its markup"),
                Markup::Item => (Verdict::Item, "an item of a list by its markup"),
                Markup::Paragraph | Markup::Row => (Verdict::Content, "a block of text by its markup"),
                Markup::Outside(_) => (Verdict::Content, "nothing speaks against it"),
                Markup::None if shape::is_item(&line.text) => (Verdict::Item, "begins as an item of a list"),
                Markup::None
                    if !self.continues[index]
                        && self.continues.get(index + 1) != Some(&true)
                        && shape::is_heading(
                            &line.text,
                            self.stands_apart(index),
                            next.map(|next| next.text.as_str()),
                        ) =>
                {
                    (Verdict::Heading, "a short line above longer ones")
                }
                Markup::None if self.is_prose[index] => (Verdict::Content, "prose"),
                Markup::None => (Verdict::Content, "nothing speaks against it"),
            };
            self.verdicts[index] = Some(verdict);
        }
        // A dropped line between two lines of a paragraph ends it.
        for index in 1..self.lines.len() {
            if self.continues[index] {
                let is_text =
                    |index: usize| matches!(self.verdicts[index], Some((Verdict::Content | Verdict::Item, _)));
                self.continues[index] = is_text(index - 1) && is_text(index);
            }
        }
    }

    /// The line above is blank, gone, or ends a sentence.
    fn stands_apart(&self, index: usize) -> bool {
        match index.checked_sub(1) {
            None => true,
            Some(above) => {
                !matches!(self.verdicts[above], None | Some((Verdict::Content | Verdict::Item, _)))
                    || self.lines[above].text.trim_end().ends_with(['.', '!', '?', '»', '"', ')'])
            }
        }
    }
}

fn outside_reason(name: &str) -> &'static str {
    match name {
        "nav" | "navigation" | "menu" | "menubar" => "inside a navigation element",
        "footer" | "contentinfo" => "inside the page's footer",
        "aside" | "complementary" => "inside an aside",
        "form" | "label" | "search" => "inside a form",
        "button" => "inside a button",
        "hidden" => "hidden by the page",
        "banner" => "inside the page's banner",
        "outside" => "outside the main content",
        "links" => "a list of links",
        "nothing under" => "a heading with nothing under it",
        "markup" => "markup, not text",
        "repeated" => "stands on the page already",
        "sharing" => "inside buttons for sharing",
        "related" => "inside a list of other pages",
        "promoted" => "inside a box that promotes",
        "advertising" => "inside an advertisement",
        "comments" => "comments of readers",
        "sign up" => "inside a form for signing up",
        "cookies" => "inside a notice about cookies",
        "about the author" => "about the author and the tags",
        _ => "inside a dialog",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::PageId;

    pub fn page(text: &str) -> Parsed {
        parse(&Page {
            id: PageId { path: "a.txt".into(), record: None },
            nth: 0,
            line: None,
            format: Format::Text,
            text: text.into(),
            given: Given::default(),
            note: None,
        })
    }

    /// Verdicts of the first page, one letter a line, when it is indexed with the others.
    fn check(pages: &[&str], expected: &str) {
        let parsed: Vec<Parsed> = pages.iter().map(|text| page(text)).collect();
        let sketches: Vec<Sketch> = parsed.iter().map(|parsed| Sketch::of(&parsed.lines)).collect();
        let template = Template::of(&sketches.iter().collect::<Vec<_>>());
        let document = clean(parsed[0].clone(), &template);
        let found: String = document.lines.iter().map(|line| &line.verdict.name()[..1]).collect();
        assert_eq!(found, expected, "{:#?}", document.lines);
    }

    const ONE: &str = "Kommunen har plikt til å sørge for et forsvarlig tilbud til alle barn.";
    const TWO: &str = "Loven skal sikre at elevene får den opplæringen som de har krav på.";
    const THREE: &str = "Rapporten viser at tjenestene samarbeider mer enn før om utsatte unge.";

    #[test]
    fn a_page_alone_loses_its_interface_and_nothing_else() {
        check(
            &[&format!(
                "Skriv ut side\nFacebook\n\nPlikten\n\n12.03.2018 | Ipsos\n\n{ONE}\n\nFann du det du leita etter?\n0/250"
            )],
            "bbbtbdbcbbb",
        );
    }

    #[test]
    fn a_template_goes_and_headings_stay() {
        let other = |prose: &str| {
            format!(
                "Min kommune\nTjenester\nEgen {}\n{prose}\nHovedfunn\n{prose}\nNettstedet driftes av IKT",
                prose.len()
            )
        };
        check(
            &[
                &format!("Min kommune\nTjenester\nEgen tittel\n{ONE}\nHovedfunn\n{ONE}\nNettstedet driftes av IKT"),
                &other(TWO),
                &other(THREE),
            ],
            "bbtchcb",
        );
    }

    #[test]
    fn copies_lose_nothing() {
        let text = format!("Egen tittel\n\n12.03.2018\n\n{ONE}\n\nHovedfunn\n\n{TWO}\n\nNoter");
        check(&[&text, &text, &text], "tbdbcbhbcbc");
        let near = format!("{text}\n\n{THREE}");
        check(&[&text, &near, &near], "tbdbcbhbcbc");
    }

    #[test]
    fn a_shared_paragraph_stays() {
        let shared = "Programmet er et femårig program der flere sektorer jobber sammen på tvers.";
        let with = |prose: &str| format!("{prose}\n\nOm programmet\n\n{shared}");
        check(&[&with(ONE), &with(TWO), &with(THREE)], "cbhbc");
    }

    #[test]
    fn a_broken_paragraph_is_one() {
        let text = "Proba har i rapporten Hva må til for at barn og unge\ngjennomfører sin opplæring? – Erfaringer\ndokumentert innspill fra brukerne.";
        let document = clean(page(text), &Template::default());
        assert_eq!(document.lines.iter().map(|line| line.continues).collect::<Vec<_>>(), [false, true, true]);
    }

    #[test]
    fn a_short_sentence_inside_a_template_goes_with_it() {
        let page = |own: &str| {
            format!(
                "Min kommune\nTjenester\nHold tasten nede for å forstørre.\nOm oss\nPolitikk\n(Adressen din blir lagt inn i meldingen som du sender.)\nMeld inn\n\n{own}"
            )
        };
        let own = |one: &str, more: &str| {
            page(&format!(
                "{one}\n\n{more} står det i den {more} første av de {more} tre rapportene.\n\n{more} viser den {more} andre av dem {more} det samme i fjor."
            ))
        };
        check(&[&own(ONE, "Dette"), &own(TWO, "Dessuten"), &own(THREE, "Likevel")], "bbbbbbbbcbcbc");
        let law = |own: &str| format!("{own}\n\nIkrafttredelse\n\nLoven trer i kraft straks.");
        check(&[&law(ONE), &law(TWO), &law(THREE)], "cbcbc");
    }

    #[test]
    fn a_title_that_other_pages_list_stays() {
        let page = |title: &str, own: &str, others: [&str; 2]| {
            format!("{title} - Vår kommune\nForsiden\n{title}\n\n{own}\n\n{}\n{}", others[0], others[1])
        };
        let titles = ["Plikten til å varsle", "Retten til skole", "Samarbeid om unge"];
        let pages = [
            page(titles[0], ONE, [titles[1], titles[2]]),
            page(titles[1], TWO, [titles[0], titles[2]]),
            page(titles[2], THREE, [titles[0], titles[1]]),
        ];
        let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
        check(&pages, "tbhbcbbb");
    }

    #[test]
    fn a_page_of_interface_only_has_no_content() {
        check(&["Meny\nSøk\nLogg inn\n\u{a0}\n***"], "bbbbb");
    }

    #[test]
    fn a_page_of_lists_only_stays() {
        check(&["Skjemaer\n\n• Søknad om plass\n• Klage på vedtak"], "tbii");
    }

    #[test]
    fn dates_and_source_are_read() {
        let document = clean(
            page(&format!("Tittel\n\n19.02.2018 | Rapport fra Ipsos\n\n{ONE}\n\nOppdatert 13. desember 2017.")),
            &Template::default(),
        );
        assert_eq!(document.published.unwrap().to_string(), "2018-02-19");
        assert_eq!(document.updated.unwrap().to_string(), "2017-12-13");
        assert_eq!(document.source.as_deref(), Some("Ipsos"));
        assert_eq!(document.lang, Lang::Bokmal);
    }

    #[test]
    fn pages_that_differ_by_numbers_keep_their_lines() {
        let page = |number: u32| {
            format!(
                "Referat fra møte {number}\n\nSak {number}/2024 ble vedtatt.\n\nGebyret er {number}00 kr.\n\nMøtet ble hevet klokken tolv."
            )
        };
        check(&[&page(1), &page(2), &page(3)], "tbcbcbc");
    }

    #[test]
    fn interface_phrases_between_statements_stay() {
        check(
            &[
                "Kontakt legekontoret\n\nLegekontoret har åpent hver dag.\n\nKontakt oss\n\nTimer bestilles fra klokken åtte.",
            ],
            "tbcbcbc",
        );
    }
}

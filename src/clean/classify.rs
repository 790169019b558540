//! Given the lines of a page and the template of its site, what is each line?
//!
//! UserRules one after another, from the surest to the weakest; the first that speaks of a line decides it. `judge` shows
//! their order.

use super::dates::{self, Dateline, Label};
use super::site::template::{self, Recurrence, SiteTemplate};
use super::text::comments;
use super::text::interface_phrases;
use super::text::menus::{self, Outside, Seen};
use super::text::shape::{self, is_prose};
use super::user_rules::UserRule;
use crate::model::{Line, LineClass, Markup, OutsideReason, Reason};

/// Longer sentences stay, however many pages have them.
const MAX_ASIDE_WORDS: usize = 12;
/// Such a sentence goes with the lines of a template around it when these are so many.
const MIN_TEMPLATE: usize = 4;
/// A shorter line says no title: it is the name of a section or of the site.
const MIN_TITLE_WORDS: usize = 3;

/// What was found out about a page, line by line.
pub struct Judged {
    pub verdicts: Vec<Option<(LineClass, Reason)>>,
    pub datelines: Vec<Vec<Dateline>>,
    /// Whether the line goes on with the paragraph of the line before it.
    pub continues: Vec<bool>,
    /// Whether the line is prose that recurs in other pages.
    pub repeats: Vec<bool>,
    /// Whether no reader misses the line: not what the page's own markup sets outside its content (menus, footers,
    /// forms: half of a page is often that), what its readers wrote, what it says twice. In a text page nothing tells a
    /// menu but the lines themselves, so there all of it may be missed.
    pub is_expected: Vec<bool>,
    pub title: Option<String>,
}

/// Judges the lines of a page. `given` is the title that its record or its head states.
pub fn judge(lines: &[Line], template: &SiteTemplate, rulings: &[Option<&UserRule>], given: Option<&str>) -> Judged {
    let mut judge = Judge::new(lines, template);
    judge.drop_by_rule(rulings);
    judge.markup();
    judge.date_lines();
    judge.links();
    judge.menus();
    judge.runs_at_the_ends();
    judge.runs_inside();
    judge.interface_at_the_ends();
    let title = judge.title(given);
    judge.repeated_title();
    judge.structure();
    let recurs = judge.recurrence.iter().map(|recurrence| *recurrence != Recurrence::Rare);
    let repeats = recurs.zip(&judge.is_prose).map(|(recurs, is_prose)| recurs && *is_prose).collect();
    let Judge { verdicts, datelines, continues, is_expected, .. } = judge;
    Judged { verdicts, datelines, continues, repeats, is_expected, title }
}

struct Judge<'a> {
    lines: &'a [Line],
    verdicts: Vec<Option<(LineClass, Reason)>>,
    datelines: Vec<Vec<Dateline>>,
    /// Whether the line goes on with the paragraph of the line before it.
    continues: Vec<bool>,
    recurrence: Vec<Recurrence>,
    is_interface: Vec<bool>,
    is_prose: Vec<bool>,
    is_expected: Vec<bool>,
    /// The first line of a page, if it says what one above the text says too, and that one.
    says_title: Vec<bool>,
    /// Lines that hold anything, in order.
    filled: Vec<usize>,
}

impl<'a> Judge<'a> {
    fn new(lines: &'a [Line], template: &SiteTemplate) -> Judge<'a> {
        let continues = shape::continuations(lines);
        let mut judge = Judge {
            lines,
            verdicts: vec![None; lines.len()],
            datelines: vec![Vec::new(); lines.len()],
            recurrence: lines.iter().map(|line| recurrence(&line.text, template)).collect(),
            is_interface: lines
                .iter()
                .map(|line| interface_phrases::is_interface(&line.text) || shape::is_counter(&line.text))
                .collect(),
            is_prose: vec![false; lines.len()],
            is_expected: vec![false; lines.len()],
            says_title: vec![false; lines.len()],
            filled: Vec::new(),
            continues,
        };
        for (index, line) in lines.iter().enumerate() {
            if line.text.trim().is_empty() {
                judge.verdicts[index] = Some((LineClass::Blank, Reason::Blank));
            } else if !line.text.contains(char::is_alphanumeric) {
                judge.verdicts[index] = Some((LineClass::Boilerplate, Reason::NoLettersOrDigits));
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
            let text = &self.lines[index].text;
            // Nearly no line stands in the first one, which its first word tells already.
            if !shown.contains(&template::first_word(text)) {
                continue;
            }
            let Some(title) = template::folded_within(text, shown.len()) else {
                continue;
            };
            let is_whole =
                || shown.split(&title).all(|rest| rest.is_empty() || rest.starts_with(' ') || rest.ends_with(' '));
            if shown.contains(&title) && shape::words(&title) >= MIN_TITLE_WORDS && is_whole() {
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
    fn drop_by_rule(&mut self, rulings: &[Option<&UserRule>]) {
        for (index, rule) in rulings.iter().enumerate() {
            if let Some(rule) = rule.filter(|rule| self.open(index) && !rule.keeps) {
                self.verdicts[index] = Some((LineClass::Boilerplate, rule.reason()));
            }
        }
    }

    fn markup(&mut self) {
        for index in self.filled.clone() {
            if let Markup::Outside(reason) = self.lines[index].markup {
                self.verdicts[index] = Some((LineClass::Boilerplate, Reason::Outside(reason)));
                // Told by where it stands, or by its words.
                self.is_expected[index] = !matches!(
                    reason,
                    OutsideReason::OutsideMain
                        | OutsideReason::EmptyHeading
                        | OutsideReason::AuthorDetails
                        | OutsideReason::MediaCredit
                );
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
            if let Markup::Outside(OutsideReason::Footer | OutsideReason::ContentInfo) = self.lines[index].markup {
                // Pages like to say at their foot when they were updated: it counts, and is no content.
                self.datelines[index] = dates::datelines(&self.lines[index].text);
                self.datelines[index].retain(|line| line.label != Label::None);
                continue;
            }
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
                self.verdicts[index] = Some((LineClass::Date, Reason::DateLine));
                self.datelines[index] = found;
            }
        }
    }

    fn links(&mut self) {
        for index in self.filled.clone() {
            if self.open(index) && shape::is_link(&self.lines[index].text) {
                self.verdicts[index] = Some((LineClass::Link, Reason::LinkCall));
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
                self.verdicts[index] = Some((LineClass::Boilerplate, Reason::ReaderComment));
                self.is_expected[index] = true;
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
                    Outside::Menu => Reason::MenuRun,
                    Outside::Beyond => Reason::BeyondMenu,
                    Outside::Between => Reason::BetweenMenus,
                };
                self.verdicts[index] = Some((LineClass::Boilerplate, reason));
            }
        }
    }

    /// Menus stand above the content, notices and forms below it, both line on line.
    fn runs_at_the_ends(&mut self) {
        let top: Vec<usize> = self.filled.clone();
        let foot: Vec<usize> = self.filled.iter().rev().copied().collect();
        for (run, reason) in [(top, Reason::RecursAtTop), (foot, Reason::RecursAtEnd)] {
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
            // The page's own entry of the menu, said again right above the text, is its heading.
            if let [.., last] = recurring[..]
                && last < stopped_at
                && self.is_prose[stopped_at]
                && self.is_said_above(last)
            {
                recurring.pop();
            }
            // A lone line is a byline, or "Hovedfunn" above a paragraph, unless it stands in most pages.
            if let [lone] = recurring[..] {
                let is_heading = self.is_prose[stopped_at] && stopped_at > lone;
                if is_heading || self.recurrence[lone] != Recurrence::Everywhere {
                    continue;
                }
            }
            for index in recurring {
                self.verdicts[index] = Some((LineClass::Boilerplate, reason));
            }
        }
    }

    fn is_said_above(&self, index: usize) -> bool {
        let same = template::line_hash(&self.lines[index].text);
        self.lines[..index].iter().any(|above| template::line_hash(&above.text) == same)
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
                    self.verdicts[*index] = Some((LineClass::Boilerplate, Reason::RecursInside));
                }
            }
        }
    }

    fn interface_at_the_ends(&mut self) {
        let is_sentence = |last: usize| self.lines[last].markup != Markup::Heading(1);
        let content = self.content_ends().filter(|(_, last)| is_sentence(*last));
        for (place, index) in self.filled.clone().into_iter().enumerate() {
            let is_at_an_end = match content {
                Some((first, last)) => index < first || index > last,
                // Without a sentence the page has no ends; then its own markup says what is no paragraph for itself:
                // "Logg inn med ID-porten" is an entry of a list of services.
                None => !matches!(self.lines[index].markup, Markup::Heading(_) | Markup::Item | Markup::Row),
            };
            let is_content = match self.lines[index].markup {
                Markup::Heading(1) => true,
                // "Kontakt" above an address.
                Markup::Heading(_) => self.filled.get(place + 1).is_some_and(|next| {
                    let is_heading = matches!(self.lines[*next].markup, Markup::Heading(_));
                    self.open(*next) && !self.is_interface[*next] && !is_heading
                }),
                // "Nei." under "Kan jeg fiske gratis?".
                Markup::Paragraph => place.checked_sub(1).map(|above| self.filled[above]).is_some_and(|above| {
                    let asks = self.lines[above].text.trim_end().ends_with('?');
                    asks && matches!(self.lines[above].markup, Markup::Heading(_)) && !self.is_interface[above]
                }),
                _ => false,
            };
            if is_at_an_end && !is_content && self.open(index) && self.is_interface[index] {
                self.verdicts[index] = Some((LineClass::Boilerplate, Reason::InterfacePhrase));
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
            self.verdicts[first] = Some((LineClass::Title, Reason::FirstHeading));
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
                self.verdicts[line] = Some((LineClass::Title, Reason::StatedTitle));
            }
            return Some(given.split_whitespace().collect::<Vec<_>>().join(" "));
        }
        let index = self.title_line()?;
        self.verdicts[index] = Some((LineClass::Title, Reason::TitleShape));
        Some(self.lines[index].text.trim().to_string())
    }

    /// The last step of a breadcrumb says the title once more, above it.
    fn repeated_title(&mut self) {
        let is_title = |index: &usize| matches!(self.verdicts[*index], Some((LineClass::Title, _)));
        let Some(title) = self.filled.iter().copied().find(is_title) else {
            return;
        };
        let same = template::line_hash(&self.lines[title].text);
        for index in self.filled.clone().into_iter().take_while(|index| *index < title) {
            if self.open(index) && template::line_hash(&self.lines[index].text) == same {
                self.verdicts[index] = Some((LineClass::Boilerplate, Reason::RepeatsTitle));
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
        let dated = (0..self.lines.len()).find(|index| matches!(self.verdicts[*index], Some((LineClass::Date, _))))?;
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
                Markup::Heading(_) => (LineClass::Heading, Reason::MarkupHeading),
                Markup::Item => (LineClass::Item, Reason::MarkupItem),
                Markup::Paragraph | Markup::Row => (LineClass::Content, Reason::MarkupText),
                Markup::Outside(_) => (LineClass::Content, Reason::NoRule),
                Markup::None if shape::is_item(&line.text) => (LineClass::Item, Reason::ItemShape),
                Markup::None
                    if !self.continues[index]
                        && self.continues.get(index + 1) != Some(&true)
                        && shape::is_heading(
                            &line.text,
                            self.stands_apart(index),
                            next.map(|next| next.text.as_str()),
                        ) =>
                {
                    (LineClass::Heading, Reason::HeadingShape)
                }
                Markup::None if self.is_prose[index] => (LineClass::Content, Reason::Prose),
                Markup::None => (LineClass::Content, Reason::NoRule),
            };
            self.verdicts[index] = Some(verdict);
        }
        // A dropped line between two lines of a paragraph ends it.
        for index in 1..self.lines.len() {
            if self.continues[index] {
                let is_text =
                    |index: usize| matches!(self.verdicts[index], Some((LineClass::Content | LineClass::Item, _)));
                self.continues[index] = is_text(index - 1) && is_text(index);
            }
        }
    }

    /// The line above is blank, gone, or ends a sentence.
    fn stands_apart(&self, index: usize) -> bool {
        match index.checked_sub(1) {
            None => true,
            Some(above) => {
                !matches!(self.verdicts[above], None | Some((LineClass::Content | LineClass::Item, _)))
                    || self.lines[above].text.trim_end().ends_with(['.', '!', '?', '»', '"', ')'])
            }
        }
    }
}

/// How a line recurs. Pages of code and of tables share lines as a site's pages do, but no menus.
fn recurrence(text: &str, template: &SiteTemplate) -> Recurrence {
    match template.recurrence(text) {
        Recurrence::InSite if !menus::may_be_entry(text) => Recurrence::Rare,
        found => found,
    }
}

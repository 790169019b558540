//! The state of a page while the rules classify its lines.

use crate::clean::parse_date::StatedDate;
use crate::clean::site::{Recurrence, SiteTemplate, first_folded_word, fold_line, fold_line_within};
use crate::clean::text::closing_lists::{ListLine, find_closing_lists};
use crate::clean::text::interface_phrases::{is_common_menu_entry, is_interface, is_row_of_links};
use crate::clean::text::{menus, shape};
use crate::clean::user_rules::{PageRules, UserRule};
use crate::model::{Line, LineClass, Markup, OutsideReason, Reason};

/// A line with fewer words names a section or the site, not a page.
const MIN_TITLE_WORDS: usize = 3;

/// A page whose lines are being classified.
pub struct LineClassifier<'a> {
    pub lines: Vec<LineState<'a>>,
    /// The indices of the lines that rules consider, in order: those with letters or digits. `drop_reader_comments`
    /// removes the line that announces the comments and all lines below it.
    pub candidates: Vec<usize>,
    /// The title that the record or the page itself states.
    pub stated_title: Option<&'a str>,
    /// The title of the page, once the title rule has run.
    pub title: Option<String>,
}

/// A line with everything that the rules know about it.
pub struct LineState<'a> {
    pub line: Line,
    /// The class and its reason, once a rule has matched.
    pub class: Option<(LineClass, Reason)>,
    /// The first user rule that matches the line.
    pub user_rule: Option<&'a UserRule>,
    /// The dates that a date line states.
    pub stated_dates: Vec<StatedDate>,
    /// Whether the line continues the paragraph of the line before it.
    pub continues_paragraph: bool,
    pub recurrence: Recurrence,
    /// Whether the line is a phrase of web interfaces, the character counter of a form field (`0/250`), or a row
    /// of links.
    pub is_interface: bool,
    /// Whether the line, or the hard-wrapped paragraph that it belongs to, is prose.
    pub is_prose: bool,
    /// Whether the line is one of the two that state the title of a text page: the first line, or a later line whose
    /// text is part of the first (see `find_title_lines`).
    pub is_title_line: bool,
    /// Whether the line belongs to a list below the text of a text page, such as its attachments (see `closing_lists`).
    /// It counts as content, even if it recurs.
    pub is_in_closing_list: bool,
    /// Whether dropping the line needs no warning: the markup of the page places it outside the content (menus, footers
    /// and forms are often half of a page), or it is a reader comment or a repetition. On a text page, no markup
    /// indicates a menu, so any other dropped line there may be lost content.
    pub is_expected_loss: bool,
}

impl LineState<'_> {
    /// Whether no rule has matched the line yet.
    pub fn is_open(&self) -> bool {
        self.class.is_none()
    }

    pub fn set(&mut self, class: LineClass, reason: Reason) {
        self.class = Some((class, reason));
    }

    pub fn has_class(&self, class: LineClass) -> bool {
        self.class.is_some_and(|(own, _)| own == class)
    }

    /// Whether the line is text of the page, so that a paragraph can continue from it or into it.
    pub fn is_body(&self) -> bool {
        self.has_class(LineClass::Content) || self.has_class(LineClass::Item)
    }

    /// Whether the line is a sentence, which is not dropped just because it recurs on other pages.
    pub fn is_sentence(&self) -> bool {
        self.is_prose || shape::is_statement(&self.line.text)
    }
}

impl<'a> LineClassifier<'a> {
    pub fn new(
        lines: Vec<Line>,
        template: &SiteTemplate,
        rules: &'a PageRules,
        stated_title: Option<&'a str>,
    ) -> LineClassifier<'a> {
        let continues = shape::find_continuations(&lines);
        let state = |(line, continues_paragraph): (Line, bool)| LineState {
            class: None,
            user_rule: rules.first_match(&line.text),
            stated_dates: Vec::new(),
            continues_paragraph,
            recurrence: recurrence(&line.text, template),
            is_interface: is_interface(&line.text)
                || shape::is_counter(&line.text)
                || line.markup == Markup::None && is_row_of_links(&line.text),
            is_prose: false,
            is_title_line: false,
            is_in_closing_list: false,
            is_expected_loss: false,
            line,
        };
        let lines: Vec<LineState> = lines.into_iter().zip(continues).map(state).collect();
        let candidates =
            (0..lines.len()).filter(|index| lines[*index].line.text.contains(char::is_alphanumeric)).collect();
        let mut classifier = LineClassifier { lines, candidates, stated_title, title: None };
        classifier.find_prose();
        classifier.find_title_lines();
        if classifier.is_text_page() {
            classifier.find_closing_lists();
        }
        classifier
    }

    /// Whether the page has no markup.
    pub fn is_text_page(&self) -> bool {
        self.lines.iter().all(|state| state.line.markup == Markup::None)
    }

    /// Whether the page is assumed to have been cleaned before, so that hardly any of its lines belong to the template
    /// of the site. This applies to text pages in which no menu was found. Valid once the rule for menus has run.
    pub fn is_cleaned_text(&self) -> bool {
        let is_in_menu = |state: &LineState| state.class.is_some_and(|(_, reason)| reason == Reason::MenuRun);
        self.is_text_page() && !self.lines.iter().any(is_in_menu)
    }

    /// The candidates that no rule has matched yet.
    pub fn open_candidates(&self) -> impl DoubleEndedIterator<Item = usize> + '_ {
        self.candidates.iter().copied().filter(|index| self.lines[*index].is_open())
    }

    pub fn text(&self, index: usize) -> &str {
        &self.lines[index].line.text
    }

    pub fn markup(&self, index: usize) -> Markup {
        self.lines[index].line.markup
    }

    /// The first and the last line that can only be content: a main heading or a sentence. If some of these are
    /// rare on the site, only those count.
    pub fn content_ends(&self) -> Option<(usize, usize)> {
        let ends = |must_be_rare: bool| {
            let mut content = self.candidates.iter().copied().filter(|index| {
                let state = &self.lines[*index];
                let is_main_heading = state.line.markup == Markup::Heading(1);
                (state.is_sentence() && !shape::is_read_more_link(&state.line.text) || is_main_heading)
                    && !state.is_interface
                    && !matches!(state.line.markup, Markup::Outside(_))
                    && (!must_be_rare || state.recurrence == Recurrence::Rare)
            });
            let first = content.next()?;
            Some((first, content.next_back().unwrap_or(first)))
        };
        ends(true).or_else(|| ends(false))
    }

    /// Finds prose. The lines of a hard-wrapped paragraph are classified together.
    fn find_prose(&mut self) {
        let mut start = 0;
        while start < self.lines.len() {
            let mut end = start + 1;
            while end < self.lines.len() && self.lines[end].continues_paragraph {
                end += 1;
            }
            let is_prose = if end == start + 1 {
                shape::is_prose(self.text(start))
            } else {
                let texts: Vec<&str> = (start..end).map(|index| self.text(index).trim()).collect();
                shape::is_prose(&texts.join(" "))
            };
            self.lines[start..end].iter_mut().for_each(|state| state.is_prose = is_prose);
            start = end;
        }
    }

    /// Finds the lists below the text. Their lines may recur, but not because they belong to the template of the site.
    fn find_closing_lists(&mut self) {
        let lines: Vec<ListLine> = self
            .candidates
            .iter()
            .map(|index| &self.lines[*index])
            .map(|state| ListLine {
                text: &state.line.text,
                is_prose: state.is_prose,
                is_interface: state.is_interface,
                is_menu_entry: is_common_menu_entry(&state.line.text),
            })
            .collect();
        let is_in_list = find_closing_lists(&lines);
        for (index, _) in self.candidates.iter().zip(is_in_list).filter(|(_, is_in_list)| *is_in_list) {
            self.lines[*index].is_in_closing_list = true;
            if !self.lines[*index].is_prose {
                self.lines[*index].recurrence = Recurrence::Rare;
            }
        }
    }

    /// A text dump starts with the text of the browser tab: the title of the page, often with the site's name before or
    /// after it. The title alone is repeated above the text. Both lines may recur, since other pages link to this one.
    fn find_title_lines(&mut self) {
        let first = self.candidates.first().copied().filter(|first| self.markup(*first) == Markup::None);
        let Some(first) = first else {
            return;
        };
        let tab_text = fold_line(self.text(first));
        for index in self.candidates.clone().into_iter().skip(1) {
            // Cheap test first: the text of the tab contains few of the page's lines.
            if !tab_text.contains(&first_folded_word(self.text(index))) {
                continue;
            }
            let Some(title) = fold_line_within(self.text(index), tab_text.len()) else {
                continue;
            };
            let is_at_word_boundaries =
                || tab_text.split(&title).all(|rest| rest.is_empty() || rest.starts_with(' ') || rest.ends_with(' '));
            if tab_text.contains(&title)
                && shape::alphanumeric_words(&title) >= MIN_TITLE_WORDS
                && is_at_word_boundaries()
            {
                self.lines[first].is_title_line = true;
                self.lines[index].is_title_line = true;
            }
        }
    }
}

/// The recurrence of a line. Pages of source code or tables share lines as the pages of a site do, but those lines are
/// not menus.
fn recurrence(text: &str, template: &SiteTemplate) -> Recurrence {
    match template.recurrence(text) {
        Recurrence::InSubsite if !menus::may_be_menu_entry(text) => Recurrence::Rare,
        recurrence => recurrence,
    }
}

/// Whether dropping a block for this reason needs no warning. The other reasons depend on the position or the words
/// of the block, which may mislead.
pub fn is_expected(reason: OutsideReason) -> bool {
    !matches!(
        reason,
        OutsideReason::OutsideMain
            | OutsideReason::EmptyHeading
            | OutsideReason::AuthorDetails
            | OutsideReason::MediaCredit
    )
}

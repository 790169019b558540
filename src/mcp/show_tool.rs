//! The tool `show`, and the resource of a passage: a page near one of its passages, in at most 20 kB.

use std::borrow::Cow;
use std::fmt::Write;
use std::ops::Range;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::arguments::Arguments;
use super::search_tool::place;
use super::tool_definitions::URI_SCHEME;
use super::tool_output::{IndexAccess, ToolError, ToolOutput};
use crate::index::Index;
use crate::model::shortened;
use crate::search::{PageOfHit, hit_id, page_of_hit, similar_hit_ids};
use crate::service::{PathShortener, cut_text, is_visible, one_line, page_window, shown_text, shown_title, shown_url};
use crate::snippet::full_snippet;

/// Maximum number of bytes of a result.
const MAX_RESULT_BYTES: usize = 20_000;
const MAX_TITLE_CHARS: usize = 300;
const MAX_PATH_CHARS: usize = 500;
const MAX_URL_BYTES: usize = 1000;
const MAX_ID_CHARS: usize = 100;

/// Runs the tool.
pub fn show(arguments: Map<String, Value>, access: &IndexAccess) -> Result<ToolOutput, ToolError> {
    let mut arguments = Arguments::new(arguments);
    let id = arguments.required_text("id", MAX_ID_CHARS)?;
    let from = arguments.integer("from", 1..=usize::MAX)?;
    arguments.finish()?;
    let id = id.trim();
    let id = id.strip_prefix(URI_SCHEME).unwrap_or(id);
    let page = match find(id, access)? {
        Found::Page(page) => page,
        Found::Similar(ids) => return Err(ToolError(missing(id, &ids))),
    };
    let count = page.passages.len();
    if from.is_some_and(|from| from > count) {
        return Err(ToolError(format!("the page has {count} passages; use `from` up to {count}")));
    }
    let shown = ShownPage::of(&page, &access.snapshot()?.index, access);
    Ok(shown.fitting(page.position, from.map(|from| from - 1), |shown, range| {
        let output = shown.output(range);
        (output.to_json().to_string().len() <= MAX_RESULT_BYTES).then_some(output)
    }))
}

/// Reads a resource. Returns `None` if the URI names no passage of the index.
pub fn read_resource(uri: &str, access: &IndexAccess) -> Result<Option<Value>, ToolError> {
    let Some(id) = uri.strip_prefix(URI_SCHEME) else { return Ok(None) };
    let Found::Page(page) = find(id, access)? else { return Ok(None) };
    let shown = ShownPage::of(&page, &access.snapshot()?.index, access);
    Ok(Some(shown.fitting(page.position, None, |shown, range| {
        let next = |passage: &ShownPassage| format!("{URI_SCHEME}{}", passage.id);
        let text = shown.text(range, next);
        let contents = json!([{"uri": uri, "mimeType": "text/plain", "text": text}]);
        (contents.to_string().len() <= MAX_RESULT_BYTES).then_some(contents)
    })))
}

enum Found {
    Page(PageOfHit),
    /// There is no such passage; these ids are similar.
    Similar(Vec<String>),
}

fn find(id: &str, access: &IndexAccess) -> Result<Found, ToolError> {
    let snapshot = access.snapshot()?;
    let found = snapshot.guarded(|| match page_of_hit(&snapshot.index, id)? {
        Some(page) => Ok(Found::Page(page)),
        None => similar_hit_ids(&snapshot.index, id).map(Found::Similar),
    });
    found.map_err(|error| access.index_error(&error))
}

/// The message for an id that is not in the index.
fn missing(id: &str, similar: &[String]) -> String {
    let id = shortened(id, 50);
    if similar.is_empty() {
        format!(
            "no passage has the id {id:?}; use an id that `search` returned, or search again if the index has changed"
        )
    } else {
        format!("no passage has the id {id:?}; similar ids are {}", similar.join(", "))
    }
}

/// A page as the model sees it.
#[derive(Serialize)]
struct ShownPage {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    path: String,
    lang: &'static str,
    #[serde(skip)]
    passages: Vec<ShownPassage>,
}

#[derive(Clone, Serialize)]
struct ShownPassage {
    id: String,
    lines: (u32, u32),
    text: String,
}

impl ShownPage {
    fn of(page: &PageOfHit, index: &Index, access: &IndexAccess) -> ShownPage {
        let hit = page.hit();
        let path = index.base.show(&hit.page.path);
        let path = PathShortener::new(index, access.hides_folders).shorten(&path).to_string();
        let passages = page.passages.iter().map(|stored| {
            let mut text = shown_text(&full_snippet(&stored.passage, &[]).text).into_owned();
            // Longer ones don't fit, and rendering them would take long.
            cut_text(&mut text, MAX_RESULT_BYTES);
            ShownPassage { id: hit_id(stored), lines: stored.passage.range(), text }
        });
        let short = |text: Option<&str>| text.map(|text| shortened(one_line(text).trim(), MAX_TITLE_CHARS));
        let url = hit.url.as_deref().and_then(shown_url).map(Cow::into_owned);
        ShownPage {
            id: hit_id(hit),
            title: short(shown_title(hit.title.as_deref(), hit.opening.as_deref())),
            source: short(hit.source.as_deref().filter(|source| is_visible(source))),
            published: hit.published.as_deref().map(one_line),
            updated: hit.updated.as_deref().map(one_line),
            url: url.filter(|url| url.len() <= MAX_URL_BYTES),
            path: shortened(&one_line(&place(&path, hit.page.record.as_deref())), MAX_PATH_CHARS),
            lang: hit.lang.code(),
            passages: passages.collect(),
        }
    }

    /// Renders as many passages as fit, from `from` on or, without it, near the passage at `position` (see
    /// `page_window`). `render` returns `None` if its result is too large. A single passage that is too large is cut.
    fn fitting<T>(
        mut self,
        position: usize,
        from: Option<usize>,
        render: impl Fn(&ShownPage, Range<usize>) -> Option<T>,
    ) -> T {
        let lengths: Vec<usize> = self.passages.iter().map(|passage| passage.text.len()).collect();
        // Each passage takes up more bytes than its text has.
        let Range { start, mut end } = page_window(&lengths, position, from, MAX_RESULT_BYTES);
        loop {
            if let Some(result) = render(&self, start..end) {
                return result;
            }
            if end > start + 1 {
                end -= 1;
            } else {
                let text = &mut self.passages[start].text;
                let max_chars = text.chars().count() * 3 / 4;
                *text = shortened(text, max_chars);
            }
        }
    }

    fn output(&self, range: Range<usize>) -> ToolOutput {
        let text = self.text(range.clone(), |passage| {
            let from = self.passages.iter().position(|other| other.id == passage.id).unwrap_or(0) + 1;
            format!("`show` with from {from}")
        });
        let mut structured = json!(self);
        structured["count"] = json!(self.passages.len());
        structured["passages"] = json!(&self.passages[range.clone()]);
        if range.end < self.passages.len() {
            structured["next"] = json!(range.end + 1);
        }
        ToolOutput { text, structured }
    }

    /// The passages of a range as text. `next` says how to get the passage after them.
    fn text(&self, range: Range<usize>, next: impl Fn(&ShownPassage) -> String) -> String {
        let mut text = String::new();
        let _ = writeln!(text, "{}", self.title.as_deref().unwrap_or("(without a title)"));
        let updated = self.updated.as_ref().map(|date| format!("updated {date}"));
        let fields = [&self.source, &self.published, &updated, &self.url].into_iter().flatten();
        let fields: Vec<&str> = fields.map(String::as_str).chain([self.path.as_str()]).collect();
        let _ = writeln!(text, "{}", fields.join(" · "));
        let (first, last, count) = (range.start + 1, range.end, self.passages.len());
        let _ = writeln!(
            text,
            "Passages {first} to {last} of {count}; the title, the line after it and lines after `>` are quoted from the page. \
             The hit is {}.",
            self.id
        );
        if let Some(passage) = self.passages.get(range.end) {
            let _ = writeln!(text, "More: {}.", next(passage));
        }
        for passage in &self.passages[range] {
            let (first, last) = passage.lines;
            let _ = writeln!(text, "\n[{}, lines {first}–{last}]", passage.id);
            for line in passage.text.lines() {
                let _ = writeln!(text, "> {}", one_line(line));
            }
        }
        text
    }
}

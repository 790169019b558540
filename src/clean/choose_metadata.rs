//! Determines title, dates, source, URL and language of a page, and where each was found.
//!
//! What the record states takes precedence over what the page states (HTML head, front matter). For dates and source,
//! both take precedence over the lines of the page. The title is found by `title_rules`, and the language is detected
//! from the kept lines.

use jiff::civil::Date;

use super::classify::LineState;
use super::host::host;
use super::parse_date::{Label, parse_date};
use super::parsed_page::ParsedPage;
use crate::model::{ClassifiedLine, Document, Lang, LineClass, MetadataOrigins, shortened};
use crate::norwegian::detect_lang_in;

/// Maximum number of characters of a title or source. Longer values are text in the wrong field.
const MAX_FIELD_CHARS: usize = 300;
/// Longer URLs contain embedded data. Browsers have about the same limit.
const MAX_URL_BYTES: usize = 2000;

/// A value and where it was found, in words for the user.
type Found<T> = Option<(T, String)>;

/// A page with this many different dates of publication lists other pages.
const MIN_LISTED_DATES: usize = 3;

/// The metadata that the date lines of a page state.
pub struct DateLineMetadata {
    published: Found<Date>,
    /// A date without a label: the date of publication, unless the other dates contradict it.
    unlabeled: Found<Date>,
    updated: Found<Date>,
    source: Found<String>,
}

/// Collects the metadata from the date lines. The first value of each kind is used, unless the lines belong to a list
/// of other pages.
pub fn from_date_lines(lines: &[LineState]) -> DateLineMetadata {
    let date = |label: Label| {
        let mut dates = lines.iter().flat_map(|state| {
            let stated_dates = state.stated_dates.iter().filter(move |stated_date| stated_date.label == label);
            stated_dates.map(|stated_date| (stated_date.date, state.line.number))
        });
        let (first, number) = dates.next()?;
        let mut different: Vec<Date> = dates.map(|(date, _)| date).filter(|date| *date != first).collect();
        different.sort_unstable();
        different.dedup();
        let is_list = label != Label::Updated && different.len() + 1 >= MIN_LISTED_DATES;
        (!is_list).then(|| (first, format!("line {number}")))
    };
    let source = lines.iter().find_map(|state| {
        let source = state.stated_dates.iter().find_map(|stated_date| stated_date.source.clone())?;
        Some((source, format!("line {}", state.line.number)))
    });
    DateLineMetadata {
        published: date(Label::Published),
        unlabeled: date(Label::None),
        updated: date(Label::Updated),
        source,
    }
}

/// Assembles the document of a page from its classified lines and its metadata. Only the stated metadata of `page` is
/// used, not its lines.
pub fn assemble(
    page: ParsedPage,
    date_lines: DateLineMetadata,
    title: Option<String>,
    lines: Vec<ClassifiedLine>,
) -> Document {
    let ParsedPage { metadata: stated, updated: stated_update, record, .. } = page;
    let published = stated_date(stated.date.as_deref(), record.date.is_some());
    let updated = stated_date(stated_update.as_deref(), false);
    let (published, updated) = choose_dates(published, updated, &date_lines);
    let (published, updated) = (published.unzip(), updated.unzip());
    let host = stated.url.as_deref().and_then(host).map(|host| (host, "the URL".to_string()));
    let source = stated.source.map(|source| (source, origin(record.source.is_some())));
    let source = source.or(date_lines.source).or(host).unzip();
    let title_origin = match lines.iter().find(|line| line.class == LineClass::Title) {
        Some(line) => format!("line {}: {}", line.number, line.reason),
        None => origin(record.title.is_some()),
    };
    let url = stated.url.filter(|url| url.len() <= MAX_URL_BYTES && !url.contains(char::is_control));
    let (lang, lang_origin) = detect_language(&lines, stated.lang.as_deref());
    let short = |text: String| shortened(&text, MAX_FIELD_CHARS);
    let origins = MetadataOrigins {
        title: title.as_ref().map(|_| title_origin).unwrap_or_default(),
        published: published.1.unwrap_or_default(),
        updated: updated.1.unwrap_or_default(),
        source: source.1.unwrap_or_default(),
        url: url.as_ref().map(|_| origin(record.url.is_some())).unwrap_or_default(),
        lang: lang_origin.to_string(),
    };
    Document {
        title: title.map(short),
        published: published.0,
        updated: updated.0,
        source: source.0.map(short),
        url,
        lang,
        origins,
        lines,
    }
}

/// Chooses the dates of publication and of the last change from the dates that the record or the head of the page
/// states, and from its date lines. A page can't have been changed before it was published. If the stated dates
/// contradict this, the date lines decide. If these don't help, a remark that it is earlier than the date of
/// publication is added to the origin of the modification date.
fn choose_dates(published: Found<Date>, updated: Found<Date>, lines: &DateLineMetadata) -> (Found<Date>, Found<Date>) {
    let is_before = |one: &Found<Date>, other: &Found<Date>| match (one, other) {
        (Some((one, _)), Some((other, _))) => one < other,
        _ => false,
    };
    let is_same = |one: &Found<Date>, other: &Found<Date>| match (one, other) {
        (Some((one, _)), Some((other, _))) => one == other,
        _ => false,
    };
    if is_before(&updated, &published) {
        // The lines state the same dates the other way round.
        let lines_agree = !is_before(&lines.updated, &lines.published);
        if lines_agree && (is_same(&lines.published, &updated) || is_same(&lines.updated, &published)) {
            return (updated, published);
        }
    }
    let labeled = published.or_else(|| lines.published.clone());
    let mut updated = updated.or_else(|| lines.updated.clone());
    // A date that has neither a label nor a source and is later than the last change is not the date of publication,
    // but perhaps the date of an event.
    let is_other = is_before(&updated, &lines.unlabeled) && lines.source.is_none();
    let published = labeled.or_else(|| lines.unlabeled.clone().filter(|_| !is_other));
    if is_before(&updated, &published)
        && let Some((_, origin)) = &mut updated
    {
        origin.push_str("; earlier than the date of publication");
    }
    (published, updated)
}

fn origin(is_from_record: bool) -> String {
    if is_from_record { "the record" } else { "the page's head" }.to_string()
}

fn stated_date(text: Option<&str>, is_from_record: bool) -> Found<Date> {
    text.and_then(parse_date).map(|date| (date, origin(is_from_record)))
}

/// Detects the language of the kept lines, and returns what it was detected from. The stated language decides between
/// languages that the words don't distinguish.
fn detect_language(lines: &[ClassifiedLine], stated: Option<&str>) -> (Lang, &'static str) {
    let stated = match stated.map(|lang| lang.to_ascii_lowercase()) {
        Some(lang) if lang.starts_with("nb") || lang.starts_with("no") => Lang::Bokmal,
        Some(lang) if lang.starts_with("nn") => Lang::Nynorsk,
        Some(lang) if lang.starts_with("en") => Lang::English,
        _ => Lang::Other,
    };
    let kept = lines.iter().filter(|line| line.class.is_kept());
    let detected = detect_lang_in(kept.map(|line| line.text.as_str()), stated);
    let origin = match detected {
        Lang::Other => "",
        detected if detected == stated => "declared by the page and confirmed by its closed-class words",
        _ => "closed-class words",
    };
    (detected, origin)
}

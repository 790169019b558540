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

/// Every passage stores its page's title and source; longer values are text in the wrong field.
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
    /// A date without a label, which is that of publication unless the other dates contradict it.
    unlabelled: Found<Date>,
    updated: Found<Date>,
    source: Found<String>,
}

/// Collects the metadata from the date lines. The first statement of each kind is used, unless the lines belong to a list
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
        unlabelled: date(Label::None),
        updated: date(Label::Updated),
        source,
    }
}

/// Assembles the document of a page from its classified lines and its metadata. `page` has the stated metadata; its lines
/// are not used.
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

/// Chooses the dates of publication and of the last change from those that the record or the head of the page states,
/// and those of the date lines. A page can't have been changed before it was published: if it says so, other statements
/// decide, and if there are none, the origin of the second date says that it is earlier.
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
    let labelled = published.or_else(|| lines.published.clone());
    let mut updated = updated.or_else(|| lines.updated.clone());
    // A date that stands alone and is later than the last change is that of an event, or of something else.
    let is_other = is_before(&updated, &lines.unlabelled) && lines.source.is_none();
    let published = labelled.or_else(|| lines.unlabelled.clone().filter(|_| !is_other));
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
        detected if detected == stated => "the page's statement and its closed-class words",
        _ => "closed-class words",
    };
    (detected, origin)
}

#[cfg(test)]
mod tests {
    use crate::clean::site::SiteTemplate;
    use crate::clean::{clean, parse};
    use crate::model::{Document, Format, Page, PageId, PageMetadata};

    const PROSE: &str = "Kommunen har plikt til å sørge for et forsvarlig tilbud til alle barn og unge som bor der.";

    fn cleaned(text: &str) -> Document {
        let page = Page {
            id: PageId { path: "page".into(), record: None },
            index_in_file: 0,
            line: None,
            format: if text.starts_with('<') { Format::Html } else { Format::Text },
            text: text.into(),
            metadata: PageMetadata::default(),
            note: None,
        };
        clean(parse(&page), &SiteTemplate::default())
    }

    /// `expected` has the dates of publication and of the last change, or `-`.
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let document = cleaned(text);
        let show = |date: Option<jiff::civil::Date>| date.map_or("-".to_string(), |date| date.to_string());
        assert_eq!(format!("{} {}", show(document.published), show(document.updated)), expected, "{text}");
    }

    #[test]
    fn reads_labelled_dates_above_and_below_the_text() {
        check(&format!("Plikten\n\n{PROSE}\n\nSiden ble sist endret 3. mai 2021 kl. 10:15."), "- 2021-05-03");
        check(&format!("Plikten\n\n{PROSE}\n\nSida vart sist endra 03.05.2021"), "- 2021-05-03");
        check(&format!("Plikten\n\n{PROSE}\n\nUtgivelsesdato: 3/5-2021"), "2021-05-03 -");
        check(
            &format!("Plikten\n\n{PROSE}\n\nThis page was last edited on 3 May 2021, at 10:15 (UTC)."),
            "- 2021-05-03",
        );
        check(
            &format!("Plikten\nPublisert\n3. mai 2021\nSist oppdatert\n4. mai 2021\n\n{PROSE}"),
            "2021-05-03 2021-05-04",
        );
        let aside = format!(
            "<main><h1>Plikten</h1><p>{PROSE}</p></main><aside><p>Liste sist oppdatert: mandag 3. mai 2021</p></aside>"
        );
        check(&aside, "- 2021-05-03");
        check(&format!("<h1>Plikten</h1><p>{PROSE}</p><footer>Sist oppdatert: 3.5.2021</footer>"), "- 2021-05-03");
    }

    #[test]
    fn ignores_dates_of_other_things() {
        let comments = "Legg igjen en kommentar\nKari sier:\nBra.\nPublisert 3. mai 2021\nOla sier:\nEnig.";
        check(&format!("Plikten\n{}\n{comments}", [PROSE; 4].join("\n")), "- -");
        check(&format!("Konsert\n\nDato: 12. mai 2024\nTid: 18.00\nSted: Rådhuset\n\n{PROSE}"), "- -");
        check(&format!("Konsert\n\n12. mai 2024 kl. 18.00–20.00\n\n{PROSE}"), "- -");
        check(&format!("Stilling\n\nSøknadsfrist: 12. mai 2024\n\n{PROSE}"), "- -");
        check(&format!("Loven\n\nLoven ble sist endret 3. mai 2021\n\n{PROSE}"), "- -");
        check(&format!("Plikten\n\nmandag 3. mai\n\n{PROSE}"), "- -");
        let comment = format!(
            "<article><h1>Plikten</h1><p>{PROSE}</p></article><div class=comments><time itemprop=datePublished datetime=2021-05-03>i går</time></div>"
        );
        check(&comment, "- -");
        let review = format!(
            "<h1>Ski</h1><p>{PROSE}</p><div itemprop=review itemscope itemtype='https://schema.org/Review'><meta itemprop=datePublished content=2021-05-03></div>"
        );
        check(&review, "- -");
        let list =
            "Nyheter\nEn sak\nPublisert 3. mai 2021\nEn annen\nPublisert 2. mai 2021\nEn tredje\nPublisert 1. mai 2021";
        check(list, "- -");
    }

    #[test]
    fn dates_in_the_wrong_order_are_put_right_or_reported() {
        let head = "<meta property=article:published_time content=2021-05-03><meta property=article:modified_time content=2020-01-02>";
        let swapped = format!("{head}<h1>Plikten</h1><p>Publisert 02.01.2020. Oppdatert 03.05.2021</p><p>{PROSE}</p>");
        check(&swapped, "2020-01-02 2021-05-03");
        let unclear = format!("{head}<h1>Plikten</h1><p>{PROSE}</p>");
        check(&unclear, "2021-05-03 2020-01-02");
        let origin = cleaned(&unclear).origins.updated;
        assert_eq!(origin, "the page's head; earlier than the date of publication");
        check(&format!("Plikten\n\n12. juni 2024\n\nSist oppdatert 3. mai 2021\n\n{PROSE}"), "- 2021-05-03");
    }
}

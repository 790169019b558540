//! Reads the metadata that a page states: title, source, dates and URL, from `<meta>` (Open Graph, Dublin Core),
//! JSON-LD and `<time>`, in this order of precedence.
//!
//! If `<time>` elements state different dates, none is used: a missing date is better than a wrong one.

use html5ever::Attribute;
use serde_json::{Map, Value};

use super::elements::attribute;
use crate::clean::parse_date::{Label, announced_label, parse_date};
use crate::model::PageMetadata;

/// What a page states about itself.
#[derive(Default)]
pub struct StatedMetadata {
    /// The text of `<title>`.
    pub title: Option<String>,
    /// Whether the page is a forum thread or a question with answers: its posts are the content.
    pub is_thread: bool,
    /// Whether the page describes a product, whose data and reviews are content.
    pub is_product: bool,
    claims_article: bool,
    meta: Facts,
    /// A date in `<meta>` whose name doesn't state whether it is the date of publication.
    meta_date: Option<String>,
    /// What the JSON-LD states about the articles, the pages, and the other things that it describes.
    articles: Vec<Facts>,
    pages: Vec<Facts>,
    others: Vec<Facts>,
    times: Vec<(DateKind, String)>,
    url: Option<String>,
    pub lang: Option<String>,
}

#[derive(Clone, Default)]
struct Facts {
    title: Option<String>,
    source: Option<String>,
    published: Option<String>,
    modified: Option<String>,
}

#[derive(Clone, Copy, PartialEq)]
pub enum DateKind {
    Published,
    Updated,
}

/// Longer JSON-LD is a catalog, and is ignored.
pub const MAX_JSON_LD_BYTES: usize = 512 << 10;
/// Further objects in JSON-LD are ignored.
const MAX_DESCRIBED: usize = 1000;
/// Further `<time>` elements are ignored: a page with more of them is probably a list of events.
const MAX_TIMES: usize = 100;

impl StatedMetadata {
    /// The metadata, and the date of the last change.
    pub fn into_metadata(self) -> (PageMetadata, Option<String>) {
        let title = self.page_title().filter(|title| !title.is_empty());
        let published = self
            .meta
            .published
            .clone()
            .or_else(|| self.described(|facts| &facts.published))
            .or_else(|| self.time_of(DateKind::Published))
            .or_else(|| self.meta_date.clone());
        let updated = self
            .meta
            .modified
            .clone()
            .or_else(|| self.described(|facts| &facts.modified))
            .or_else(|| self.time_of(DateKind::Updated));
        let source = self.site_name().map(str::to_string);
        (PageMetadata { title, url: self.url, date: published, source, lang: self.lang }, updated)
    }

    /// The date that the JSON-LD states for the article, for the page, or for another thing that the page is about. If
    /// it describes several articles or things with different dates, none of the dates is the page's own.
    fn described(&self, date: fn(&Facts) -> &Option<String>) -> Option<String> {
        let only = |facts: &[Facts]| {
            let mut dates = facts.iter().filter_map(|facts| date(facts).as_ref());
            let first = dates.next()?;
            let all_agree = dates.all(|other| parse_date(other) == parse_date(first));
            all_agree.then(|| first.clone())
        };
        only(&self.articles).or_else(|| only(&self.pages)).or_else(|| match self.articles.len() {
            0 => only(&self.others),
            _ => None,
        })
    }

    /// What the JSON-LD states about the only article or, if there are none or several, about the page.
    fn described_text(&self, text: fn(&Facts) -> &Option<String>) -> Option<&str> {
        let article = if let [article] = &self.articles[..] { text(article).as_deref() } else { None };
        article.or_else(|| self.pages.iter().find_map(|page| text(page).as_deref()))
    }

    /// Whether the page states that it is an article. An article is one text; everything else on its page belongs to
    /// the site.
    pub fn is_article(&self) -> bool {
        self.claims_article && !self.is_thread
    }

    /// Whether the page states that it is an article and has a date or an article in JSON-LD, as news articles do. Many
    /// sites call all of their pages articles, even those about their services.
    pub fn is_news(&self) -> bool {
        let is_dated = !self.articles.is_empty() || self.meta.published.is_some() || !self.times.is_empty();
        self.is_article() && is_dated
    }

    pub fn site_name(&self) -> Option<&str> {
        self.meta.source.as_deref().or_else(|| {
            let publishers = self.articles.iter().chain(&self.pages);
            publishers.filter_map(|facts| facts.source.as_deref()).next()
        })
    }

    /// The title without the name of the site.
    pub fn page_title(&self) -> Option<String> {
        let stated = self.meta.title.as_deref().or_else(|| self.described_text(|facts| &facts.title));
        if let Some(title) = stated {
            return Some(title.to_string());
        }
        let title = collapse_whitespace(self.title.as_deref()?);
        let source = self.site_name();
        // "Taushetsplikt - Helsedirektoratet" → "Taushetsplikt".
        let without_site = [" | ", " - ", " – ", " — ", " :: "]
            .iter()
            .find_map(|divider| title.rsplit_once(divider))
            .filter(|(own, site)| source == Some(*site) || own.split(' ').count() > site.split(' ').count())
            .map(|(own, _)| own.to_string());
        Some(without_site.unwrap_or(title))
    }

    /// The date of this kind in `<time>` elements, if they agree.
    fn time_of(&self, kind: DateKind) -> Option<String> {
        let mut times = self.times.iter().filter(|(own, _)| *own == kind).map(|(_, time)| time);
        let first = times.next()?;
        times.all(|other| parse_date(other) == parse_date(first)).then(|| first.clone())
    }

    /// Adds a `<meta>` element.
    pub fn add_meta(&mut self, attrs: &[Attribute]) {
        let Some(content) = attribute(attrs, "content").map(collapse_whitespace).filter(|content| !content.is_empty())
        else {
            return;
        };
        for name in ["property", "name", "itemprop", "http-equiv"].iter().filter_map(|name| attribute(attrs, name)) {
            self.add_named(&name.to_ascii_lowercase(), content.clone());
        }
    }

    /// Adds what a `<meta>` element with this name states.
    fn add_named(&mut self, name: &str, content: String) {
        // "dcterms:modified", "dc.date.issued", "article.published_time"
        let name = name.replace(':', ".").replace('_', "-");
        let is_date = || parse_date(&content).is_some();
        let slot = match name.as_str() {
            "og.type" => {
                self.claims_article |= content.eq_ignore_ascii_case("article");
                self.is_product |=
                    content.eq_ignore_ascii_case("product") || content.eq_ignore_ascii_case("og:product");
                return;
            }
            "og.title" | "dc.title" | "dcterms.title" => &mut self.meta.title,
            "og.site-name" | "dc.publisher" | "dcterms.publisher" => &mut self.meta.source,
            "datepublished" => return self.push_time(DateKind::Published, content),
            "datemodified" => return self.push_time(DateKind::Updated, content),
            "generator" => {
                self.is_thread |= is_forum_generator(&content);
                return;
            }
            "og.url" => {
                self.is_thread |= is_thread_url(&content);
                &mut self.url
            }
            "og.locale" | "dc.language" | "dcterms.language" => &mut self.lang,
            name if PUBLISHED_NAMES.contains(&name) && is_date() => &mut self.meta.published,
            name if MODIFIED_NAMES.contains(&name) && is_date() => &mut self.meta.modified,
            name if DATE_NAMES.contains(&name) && is_date() => &mut self.meta_date,
            _ => return,
        };
        slot.get_or_insert(content);
    }

    /// Adds a `<link rel=canonical>`.
    pub fn add_canonical_link(&mut self, attrs: &[Attribute]) {
        if let Some(url) = attribute(attrs, "href").filter(|url| url.starts_with("http")) {
            self.is_thread |= is_thread_url(url);
            self.url = Some(url.to_string());
        }
    }

    /// Adds a `<time>` element. `before` is the text of the block before it, such as "Sist oppdatert".
    pub fn add_time(&mut self, attrs: &[Attribute], before: &str) {
        let Some(time) = attribute(attrs, "datetime") else {
            return;
        };
        if let Some(kind) = date_kind(attrs, before) {
            self.push_time(kind, time.trim().to_string());
        }
    }

    fn push_time(&mut self, kind: DateKind, time: String) {
        if self.times.len() < MAX_TIMES && parse_date(&time).is_some() {
            self.times.push((kind, time));
        }
    }

    /// Adds a `<script type="application/ld+json">`. Invalid JSON is ignored.
    pub fn add_json_ld(&mut self, json: &str) {
        if json.len() > MAX_JSON_LD_BYTES {
            return;
        }
        // Some pages hide the script from old browsers: `//<![CDATA[ … //]]>`, `<!-- … -->`.
        let is_wrapper = |c: char| c.is_whitespace() || matches!(c, '/' | '*' | '<' | '>' | '!' | '-' | ';');
        let json = json.trim_matches(is_wrapper);
        let json = json.strip_prefix("[CDATA[").and_then(|json| json.strip_suffix("]]")).unwrap_or(json);
        let json = json.trim_matches(is_wrapper);
        let Ok(value) = serde_json::from_str::<Value>(json) else {
            return;
        };
        let mut described = vec![&value];
        for _ in 0..MAX_DESCRIBED {
            match described.pop() {
                Some(Value::Array(values)) => described.extend(values.iter().rev()),
                Some(Value::Object(fields)) => {
                    // The page may contain its subject (`mainEntity`), or the other way round (`mainEntityOfPage`).
                    let inner =
                        ["@graph", "mainEntity", "mainEntityOfPage"].iter().filter_map(|name| fields.get(*name));
                    let inner: Vec<&Value> = inner.filter(|value| !is_list(value)).collect();
                    described.extend(inner.into_iter().rev());
                    self.add_described(fields);
                }
                Some(_) => {}
                None => break,
            }
        }
    }

    /// Adds the facts of a JSON-LD object, unless it describes only part of the page, or something with its own date.
    fn add_described(&mut self, object: &Map<String, Value>) {
        let types: Vec<&str> = match object.get("@type") {
            Some(Value::String(name)) => vec![name],
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            _ => return,
        };
        // "https://schema.org/Recipe", "schema:Recipe"
        let types: Vec<&str> = types.iter().map(|name| name.rsplit(['/', '#', ':']).next().unwrap_or(name)).collect();
        let is_article =
            types.iter().any(|name| name.ends_with("Article") || *name == "BlogPosting" || *name == "Report");
        self.is_thread |= types.iter().any(|name| matches!(*name, "DiscussionForumPosting" | "QAPage" | "Question"));
        self.is_product |= types.contains(&"Product");
        self.claims_article |= is_article;
        if types.iter().any(|name| NOT_THE_PAGE.contains(name)) {
            return;
        }
        let text = |value: Option<&Value>| {
            let value = match value? {
                Value::Array(values) => values.first()?,
                Value::Object(fields) => fields.get("@value")?,
                value => value,
            };
            value.as_str().map(collapse_whitespace).filter(|text| !text.is_empty())
        };
        let date = |name: &str| text(object.get(name)).filter(|date| parse_date(date).is_some());
        let facts = Facts {
            title: text(object.get("headline")),
            source: object.get("publisher").and_then(|publisher| text(publisher.get("name"))),
            published: date("datePublished").or_else(|| date("datePosted")),
            modified: date("dateModified"),
        };
        if is_article {
            self.articles.push(facts);
        } else if types.iter().any(|name| name.ends_with("Page")) {
            self.pages.push(facts);
        } else {
            self.others.push(facts);
        }
    }
}

/// Whether a JSON-LD value is a list of items, such as search results. It doesn't describe the page.
fn is_list(value: &Value) -> bool {
    value["@type"].as_str().is_some_and(|name| name.ends_with("ItemList"))
}

/// The names of `<meta>` elements with the date of publication, with `.` for `:` and `-` for `_`.
const PUBLISHED_NAMES: [&str; 33] = [
    "article.published-time",
    "article.published",
    "og.article.published-time",
    "og.published-time",
    "og.pubdate",
    "dc.date.issued",
    "dc.date.created",
    "dc.date.published",
    "dc.date.available",
    "dc.created",
    "dc.issued",
    "dcterms.issued",
    "dcterms.created",
    "dcterms.available",
    "dcterms.date.issued",
    "sailthru.date",
    "parsely-pub-date",
    "pubdate",
    "publishdate",
    "publish-date",
    "published",
    "published-date",
    "published-time",
    "publisheddate",
    "publication-date",
    "publicationdate",
    "date-published",
    "date.published",
    "cxenseparse.recs.publishtime",
    "cxenseparse.publishtime",
    "citation-publication-date",
    "citation-online-date",
    "prism.publicationdate",
];
/// The names of `<meta>` elements with the date of the last change, spelled in the same way.
const MODIFIED_NAMES: [&str; 27] = [
    "article.modified-time",
    "article.modified",
    "article.updated-time",
    "article.updated",
    "og.updated-time",
    "og.modified-time",
    "og.article.modified-time",
    "dc.date.modified",
    "dc.date.updated",
    "dc.modified",
    "dcterms.modified",
    "dcterms.date.modified",
    "last-modified",
    "lastmodified",
    "lastmod",
    "last-updated",
    "last-update",
    "lastupdated",
    "modified",
    "modified-date",
    "modified-time",
    "date-modified",
    "date.modified",
    "updated",
    "updated-time",
    "revised",
    "revision-date",
];
/// The names of `<meta>` elements with a date of either kind.
const DATE_NAMES: [&str; 5] = ["date", "dc.date", "dcterms.date", "article.date", "created"];
/// The JSON-LD types of things that are not the page, or that were published elsewhere.
const NOT_THE_PAGE: [&str; 31] = [
    "AggregateRating",
    "Answer",
    "AudioObject",
    "Book",
    "BreadcrumbList",
    "Comment",
    "CriticReview",
    "Game",
    "ImageObject",
    "ItemList",
    "ListItem",
    "MediaObject",
    "Movie",
    "MusicAlbum",
    "MusicRecording",
    "NewsMediaOrganization",
    "Offer",
    "Organization",
    "Periodical",
    "Person",
    "Rating",
    "Review",
    "SiteNavigationElement",
    "TVSeries",
    "UserReview",
    "VideoGame",
    "VideoObject",
    "WPFooter",
    "WPHeader",
    "WPSideBar",
    "WebSite",
];

/// The kind of date that a `<time>` element states, judging by its attributes or the word before it.
fn date_kind(attrs: &[Attribute], before: &str) -> Option<DateKind> {
    let by_name = |name: &str| match name {
        "datePublished" | "published" | "entry-date" | "dt-published" => Some(DateKind::Published),
        "dateModified" | "updated" | "modified" | "dt-updated" => Some(DateKind::Updated),
        _ => None,
    };
    if let Some(kind) = attribute(attrs, "itemprop").and_then(by_name) {
        return Some(kind);
    }
    if attribute(attrs, "pubdate").is_some() {
        return Some(DateKind::Published);
    }
    // WordPress sets both classes on the date of publication if the page was never changed.
    let classes = attribute(attrs, "class").unwrap_or("");
    if let Some(kind) = classes.split_whitespace().find_map(by_name) {
        return Some(kind);
    }
    match announced_label(before) {
        Label::Published => Some(DateKind::Published),
        Label::Updated => Some(DateKind::Updated),
        Label::None => None,
    }
}

/// Whether microdata marks an element as a comment or a review.
pub fn is_comment_item(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| match &*attr.name.local {
        "itemtype" => {
            ["/Review", "/Comment", "/UserComments", "/UserReview"].iter().any(|kind| attr.value.ends_with(kind))
        }
        "itemprop" => matches!(&*attr.value, "review" | "reviews" | "comment"),
        _ => false,
    })
}

fn is_forum_generator(generator: &str) -> bool {
    let generator = generator.to_lowercase();
    ["phpbb", "vbulletin", "xenforo", "discourse", "mybb", "smf", "flarum", "vanilla forums", "nodebb"]
        .iter()
        .any(|name| generator.contains(name))
}

/// Whether a URL looks like the address of a forum thread: `https://a.no/forum/bil/123`,
/// `https://forum.a.no/viewtopic.php?t=1`.
fn is_thread_url(url: &str) -> bool {
    let address = url.split_once("://").map_or(url, |(_, address)| address).to_lowercase();
    address.split(['/', '.', '?']).any(|part| {
        matches!(
            part,
            "forum"
                | "forums"
                | "thread"
                | "threads"
                | "topic"
                | "viewtopic"
                | "showthread"
                | "viewthread"
                | "questions"
                | "comments"
                | "discussion"
                | "discussions"
        )
    })
}

fn collapse_whitespace(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use crate::clean::html::parse_html::parse_html;

    #[track_caller]
    fn check_dates(html: &str, published: Option<&str>, updated: Option<&str>) {
        let parsed = parse_html(html);
        assert_eq!((parsed.metadata.date.as_deref(), parsed.updated.as_deref()), (published, updated), "{html}");
    }

    fn json_ld(json: &str) -> String {
        format!("<script type='application/ld+json'>{json}</script>")
    }

    #[test]
    fn reads_title_source_and_dates_from_json_ld() {
        let article = r#"{"@graph":[{"@type":"WebPage","datePublished":"2019-01-01"},{"@type":["NewsArticle"],
            "headline":"Ny skole","datePublished":"2020-01-02T10:00:00Z","dateModified":"2020-01-03",
            "publisher":{"@type":"Organization","name":"Avisa"}}]}"#;
        check_dates(&json_ld(article), Some("2020-01-02T10:00:00Z"), Some("2020-01-03"));
        let metadata = parse_html(&json_ld(article)).metadata;
        assert_eq!((metadata.title.as_deref(), metadata.source.as_deref()), (Some("Ny skole"), Some("Avisa")));
    }

    #[test]
    fn ignores_json_ld_that_is_damaged_or_describes_several_articles() {
        let two =
            r#"[{"@type":"Article","datePublished":"2020-01-02"},{"@type":"Article","datePublished":"2020-01-05"}]"#;
        check_dates(&json_ld(two), None, None);
        check_dates(&json_ld(r#"{"@type":"Article","datePublished":"#), None, None);
        let deep = json_ld(&"[".repeat(100_000));
        check_dates(&deep, None, None);
    }

    #[test]
    fn reads_dates_from_json_ld_of_any_type_that_describes_the_page() {
        for kind in
            ["Recipe", "Product", "Event", "LegislationObject", "HowTo", "https://schema.org/Dataset", "schema:Course"]
        {
            let object = format!(
                r#"{{"@type":"{kind}","datePublished":"2021-11-25","dateModified":"2022-01-02T10:00:00+01:00"}}"#
            );
            check_dates(&json_ld(&object), Some("2021-11-25"), Some("2022-01-02T10:00:00+01:00"));
            check_dates(&json_ld(&format!("[{{}},{object}]")), Some("2021-11-25"), Some("2022-01-02T10:00:00+01:00"));
        }
        let main = r#"{"@type":"ItemPage","mainEntity":{"@type":"Product","datePublished":"2021-11-25"}}"#;
        check_dates(&json_ld(main), Some("2021-11-25"), None);
        check_dates(
            &json_ld(r#"{"@type":"JobPosting","datePosted":"2021-11-25","validThrough":"2021-12-31"}"#),
            Some("2021-11-25"),
            None,
        );
        check_dates(
            &json_ld("//<![CDATA[\n{\"@type\":\"Recipe\",\"datePublished\":\"2021-11-25\"}\n//]]>"),
            Some("2021-11-25"),
            None,
        );
        // The page's own date takes precedence over the date of its subject.
        let graph = r#"{"@graph":[{"@type":"Recipe","datePublished":"2019-01-01"},{"@type":"WebPage","datePublished":"2020-01-01"}]}"#;
        check_dates(&json_ld(graph), Some("2020-01-01"), None);
    }

    #[test]
    fn ignores_json_ld_dates_of_other_things() {
        check_dates(&json_ld(r#"{"@type":"Event","startDate":"2021-11-25","endDate":"2021-11-26"}"#), None, None);
        check_dates(&json_ld(r#"{"@type":"Legislation","legislationDate":"1998-07-17"}"#), None, None);
        let review = r#"{"@type":"Product","review":[{"@type":"Review","datePublished":"2021-11-25"}]}"#;
        check_dates(&json_ld(review), None, None);
        check_dates(&json_ld(r#"{"@type":"Comment","datePublished":"2021-11-25"}"#), None, None);
        check_dates(&json_ld(r#"{"@type":["Product","Book"],"datePublished":"1968-01-01"}"#), None, None);
        let list = r#"{"@type":"CollectionPage","mainEntity":{"@type":"ItemList","itemListElement":[{"@type":"Recipe","datePublished":"2021-11-25"}]}}"#;
        check_dates(&json_ld(list), None, None);
        let two =
            r#"[{"@type":"Recipe","datePublished":"2020-01-02"},{"@type":"Recipe","datePublished":"2020-01-05"}]"#;
        check_dates(&json_ld(two), None, None);
        check_dates(&json_ld(r#"{"@type":"Recipe","datePublished":"i fjor"}"#), None, None);
    }

    #[test]
    fn reads_dates_from_common_meta_names() {
        for name in [
            "property='article:published_time'",
            "name='DC.date.issued'",
            "name='dcterms.created'",
            "name='sailthru.date'",
            "name='parsely-pub-date'",
            "name='publish-date'",
            "name='date'",
            "itemprop='datePublished'",
        ] {
            check_dates(&format!("<meta {name} content='2020-01-02T10:00:00Z'>"), Some("2020-01-02T10:00:00Z"), None);
        }
        for name in [
            "property='article:modified_time'",
            "property='og:updated_time'",
            "name='DCTERMS.modified'",
            "name='last-modified'",
            "name='DC.Date.Modified'",
            "http-equiv='Last-Modified'",
            "itemprop='dateModified'",
        ] {
            check_dates(&format!("<meta {name} content='2020-01-02'>"), None, Some("2020-01-02"));
        }
        // A value that isn't a date doesn't hide a later one that is.
        check_dates("<meta name=pubdate content=now><meta name=pubdate content=20200102>", Some("20200102"), None);
        check_dates("<meta name=date content=03/05/2021>", None, None);
        check_dates("<meta name=expires content=2030-01-01><meta name=event-date content=2021-01-01>", None, None);
    }

    #[test]
    fn reads_labeled_time_elements() {
        check_dates("<time itemprop=datePublished datetime=2020-01-02>2. januar</time>", Some("2020-01-02"), None);
        check_dates("<p>Sist oppdatert: <time datetime=2021-03-04>i går</time></p>", None, Some("2021-03-04"));
        check_dates("<p>Møtet er <time datetime=2021-03-04>i dag</time></p>", None, None);
        check_dates("<p>Lista sist endra <time datetime=2021-03-04>i går</time></p>", None, Some("2021-03-04"));
        check_dates("<p>Utgivelsesdato: <time datetime=2021-03-04>i går</time></p>", Some("2021-03-04"), None);
        check_dates("<p>Søknadsfrist: <time datetime=2021-03-04>i går</time></p>", None, None);
        check_dates("<p>Loven sist endret <time datetime=2021-03-04>i går</time></p>", None, None);
        let two = "<time pubdate datetime=2020-01-02>a</time><time pubdate datetime=2020-01-09>b</time>";
        check_dates(two, None, None);
    }
}

//! Reads the metadata that a page states: title, source, dates and URL, from `<meta>` (Open Graph, Dublin Core),
//! JSON-LD and `<time>`, in this order of precedence.
//!
//! If `<time>` elements state different dates, none is used: a missing date is better than a wrong one.

use html5ever::Attribute;
use serde_json::Value;

use super::elements::attribute;
use crate::model::PageMetadata;

/// What a page states about itself.
#[derive(Default)]
pub struct StatedMetadata {
    /// The text of `<title>`.
    pub title: Option<String>,
    /// Whether the page is a forum thread, or questions and answers, in which the posts are the content.
    pub is_thread: bool,
    /// Whether the page describes a product, whose data and reviews are content.
    pub is_product: bool,
    claims_article: bool,
    meta: Facts,
    json_ld: Facts,
    /// The number of articles that the JSON-LD describes. If there are several, none of them is the page.
    article_count: usize,
    times: Vec<(DateKind, String)>,
    url: Option<String>,
    pub lang: Option<String>,
}

#[derive(Default)]
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
const MAX_JSON_LD_BYTES: usize = 512 << 10;
/// Further `<time>` elements are ignored: a page with more of them is probably a list of events.
const MAX_TIMES: usize = 100;

impl StatedMetadata {
    /// The metadata, and the date of the last change.
    pub fn into_metadata(self) -> (PageMetadata, Option<String>) {
        let title = self.page_title().filter(|title| !title.is_empty());
        let published = self.time_of(DateKind::Published);
        let updated = self.time_of(DateKind::Updated);
        let metadata = PageMetadata {
            title,
            url: self.url,
            date: self.meta.published.or(self.json_ld.published).or(published),
            source: self.meta.source.or(self.json_ld.source),
            lang: self.lang,
        };
        (metadata, self.meta.modified.or(self.json_ld.modified).or(updated))
    }

    /// Whether the page states that it is an article. An article is one text; everything else on its page belongs to
    /// the site.
    pub fn is_article(&self) -> bool {
        self.claims_article && !self.is_thread
    }

    /// Whether the page states that it is an article and has a date or an article in JSON-LD, as news articles do. Many sites call all of their pages articles,
    /// even those about their services.
    pub fn is_news(&self) -> bool {
        let is_dated = self.article_count > 0 || self.meta.published.is_some() || !self.times.is_empty();
        self.is_article() && is_dated
    }

    pub fn site_name(&self) -> Option<&str> {
        self.meta.source.as_deref().or(self.json_ld.source.as_deref())
    }

    /// The title without the name of the site.
    pub fn page_title(&self) -> Option<String> {
        if let Some(title) = self.meta.title.as_ref().or(self.json_ld.title.as_ref()) {
            return Some(title.clone());
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
        let day = |time: &str| time.get(..10).unwrap_or(time).to_string();
        let mut times = self.times.iter().filter(|(own, _)| *own == kind).map(|(_, time)| time);
        let first = times.next()?;
        times.all(|other| day(other) == day(first)).then(|| first.clone())
    }

    /// Adds a `<meta>` element.
    pub fn add_meta(&mut self, attrs: &[Attribute]) {
        let name =
            attribute(attrs, "property").or_else(|| attribute(attrs, "name")).or_else(|| attribute(attrs, "itemprop"));
        let (Some(name), Some(content)) = (name, attribute(attrs, "content")) else {
            return;
        };
        let content = collapse_whitespace(content);
        if content.is_empty() {
            return;
        }
        let slot = match name.to_ascii_lowercase().as_str() {
            "og:type" => {
                self.claims_article |= content.eq_ignore_ascii_case("article");
                self.is_product |=
                    content.eq_ignore_ascii_case("product") || content.eq_ignore_ascii_case("og:product");
                return;
            }
            "og:title" | "dc.title" | "dcterms.title" => &mut self.meta.title,
            "og:site_name" | "dc.publisher" | "dcterms.publisher" => &mut self.meta.source,
            "article:published_time" | "dc.date.issued" | "dcterms.issued" | "dcterms.created" => {
                &mut self.meta.published
            }
            "article:modified_time" | "og:updated_time" | "dcterms.modified" | "dc.date.modified" => {
                &mut self.meta.modified
            }
            "datepublished" => return self.push_time(DateKind::Published, content),
            "datemodified" => return self.push_time(DateKind::Updated, content),
            "generator" => {
                self.is_thread |= is_forum_generator(&content);
                return;
            }
            "og:url" => {
                self.is_thread |= is_thread_url(&content);
                &mut self.url
            }
            "og:locale" | "dc.language" | "dcterms.language" => &mut self.lang,
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
        if self.times.len() < MAX_TIMES {
            self.times.push((kind, time));
        }
    }

    /// Adds a `<script type="application/ld+json">`. Invalid JSON is ignored.
    pub fn add_json_ld(&mut self, json: &str) {
        if json.len() > MAX_JSON_LD_BYTES {
            return;
        }
        let Ok(value) = serde_json::from_str::<Value>(json.trim().trim_end_matches(';')) else {
            return;
        };
        let mut described = vec![&value];
        while let Some(value) = described.pop() {
            match value {
                Value::Array(values) => described.extend(values.iter().rev()),
                Value::Object(fields) if fields.contains_key("@graph") => described.extend(fields.get("@graph")),
                Value::Object(_) => self.add_described(value),
                _ => {}
            }
        }
    }

    /// Adds the facts of a JSON-LD object if it describes a page or an article.
    fn add_described(&mut self, object: &Value) {
        let types: Vec<&str> = match &object["@type"] {
            Value::String(name) => vec![name],
            Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
            _ => return,
        };
        let is_article =
            types.iter().any(|name| name.ends_with("Article") || *name == "BlogPosting" || *name == "Report");
        self.is_thread |= types.iter().any(|name| matches!(*name, "DiscussionForumPosting" | "QAPage" | "Question"));
        self.is_product |= types.contains(&"Product");
        if !is_article && !types.contains(&"WebPage") {
            return;
        }
        let text = |value: &Value| value.as_str().map(collapse_whitespace).filter(|text| !text.is_empty());
        let facts = Facts {
            title: text(&object["headline"]),
            source: text(&object["publisher"]["name"]),
            published: text(&object["datePublished"]),
            modified: text(&object["dateModified"]),
        };
        self.article_count += usize::from(is_article);
        self.claims_article |= is_article;
        if is_article && self.article_count > 1 {
            self.json_ld = Facts { source: self.json_ld.source.take(), ..Facts::default() };
            return;
        }
        let (first, second) = if is_article {
            (facts, std::mem::take(&mut self.json_ld))
        } else {
            (std::mem::take(&mut self.json_ld), facts)
        };
        self.json_ld = Facts {
            title: first.title.or(second.title),
            source: first.source.or(second.source),
            published: first.published.or(second.published),
            modified: first.modified.or(second.modified),
        };
    }
}

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
    let before = before.trim_end_matches([' ', ':', '\u{b}']);
    let last: Vec<char> = before.chars().rev().take_while(|c| c.is_alphabetic()).collect();
    let last: String = last.into_iter().rev().flat_map(char::to_lowercase).collect();
    match last.as_str() {
        "publisert" | "published" => Some(DateKind::Published),
        "oppdatert" | "endret" | "endra" | "updated" | "modified" => Some(DateKind::Updated),
        _ => None,
    }
}

fn is_forum_generator(generator: &str) -> bool {
    let generator = generator.to_lowercase();
    ["phpbb", "vbulletin", "xenforo", "discourse", "mybb", "smf", "flarum", "vanilla forums", "nodebb"]
        .iter()
        .any(|name| generator.contains(name))
}

/// Whether a URL looks like that of a forum thread: `https://a.no/forum/bil/123`,
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
        check_dates(&json_ld(r#"{"@type":"Event","datePublished":"2020-01-02"}"#), None, None);
        let deep = json_ld(&"[".repeat(100_000));
        check_dates(&deep, None, None);
    }

    #[test]
    fn reads_time_elements_whose_kind_the_page_states() {
        check_dates("<time itemprop=datePublished datetime=2020-01-02>2. januar</time>", Some("2020-01-02"), None);
        check_dates("<p>Sist oppdatert: <time datetime=2021-03-04>i går</time></p>", None, Some("2021-03-04"));
        check_dates("<p>Møtet er <time datetime=2021-03-04>i dag</time></p>", None, None);
        let two = "<time pubdate datetime=2020-01-02>a</time><time pubdate datetime=2020-01-09>b</time>";
        check_dates(two, None, None);
    }
}

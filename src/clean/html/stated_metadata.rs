//! PageMetadata what a page says of itself in its markup, what are its title, source and dates?
//!
//! Statements count in this order: `<meta>`, JSON-LD, `<time>`. A date that the page states in two ways that differ
//! is none: a missing date is better than a wrong one.

use html5ever::Attribute;
use serde_json::Value;

use super::attr;
use crate::model::PageMetadata;

/// What the head and the marked-up data of a page state.
#[derive(Default)]
pub struct StatedMetadata {
    pub title: Option<String>,
    /// Questions and answers, or posts of a forum: what readers write is the content.
    pub is_thread: bool,
    /// Something to buy: its facts and reviews are content.
    pub is_product: bool,
    calls_itself_article: bool,
    meta: Facts,
    data: Facts,
    /// How many articles the JSON-LD describes. Of a list of articles none is the page.
    articles: usize,
    times: Vec<(Moment, String)>,
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
pub enum Moment {
    Published,
    Updated,
}

/// More JSON-LD is a catalogue.
const MAX_DATA_BYTES: usize = 512 << 10;
/// More `<time>` elements are a list of events.
const MAX_TIMES: usize = 100;

impl StatedMetadata {
    /// What the page states, and when it says that it was last changed.
    pub fn stated(self) -> (PageMetadata, Option<String>) {
        let title = self.page_title().filter(|title| !title.is_empty());
        let published = self.time(Moment::Published);
        let updated = self.time(Moment::Updated);
        let given = PageMetadata {
            title,
            url: self.url,
            date: self.meta.published.or(self.data.published).or(published),
            source: self.meta.source.or(self.data.source),
            lang: self.lang,
        };
        (given, self.meta.modified.or(self.data.modified).or(updated))
    }

    /// The page calls itself an article: one text, and what else is on the page belongs to the site.
    pub fn is_article(&self) -> bool {
        self.calls_itself_article && !self.is_thread
    }

    /// An article with a date, as news have it. Many a site calls all its pages articles, those of its services too.
    pub fn is_news(&self) -> bool {
        let is_dated = self.articles > 0 || self.meta.published.is_some() || !self.times.is_empty();
        self.is_article() && is_dated
    }

    pub fn site_name(&self) -> Option<&str> {
        self.meta.source.as_deref().or(self.data.source.as_deref())
    }

    pub fn page_title(&self) -> Option<String> {
        if let Some(title) = self.meta.title.as_ref().or(self.data.title.as_ref()) {
            return Some(title.clone());
        }
        let title = collapsed(self.title.as_deref()?);
        let source = self.site_name();
        // "Taushetsplikt - Helsedirektoratet": the site's name is no part of the title.
        let own = [" | ", " - ", " – ", " — ", " :: "]
            .iter()
            .find_map(|divider| title.rsplit_once(divider))
            .filter(|(own, after)| source == Some(*after) || own.split(' ').count() > after.split(' ').count())
            .map(|(own, _)| own.to_string());
        Some(own.unwrap_or(title))
    }

    /// The one date of this kind that `<time>` elements give.
    fn time(&self, moment: Moment) -> Option<String> {
        let day = |time: &str| time.get(..10).unwrap_or(time).to_string();
        let mut times = self.times.iter().filter(|(of, _)| *of == moment).map(|(_, time)| time);
        let first = times.next()?;
        times.all(|other| day(other) == day(first)).then(|| first.clone())
    }

    pub fn meta(&mut self, attrs: &[Attribute]) {
        let name = attr(attrs, "property").or_else(|| attr(attrs, "name")).or_else(|| attr(attrs, "itemprop"));
        let (Some(name), Some(content)) = (name, attr(attrs, "content")) else {
            return;
        };
        let content = collapsed(content);
        if content.is_empty() {
            return;
        }
        let slot = match name.to_ascii_lowercase().as_str() {
            "og:type" => {
                self.calls_itself_article |= content.eq_ignore_ascii_case("article");
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
            "datepublished" => return self.push_time(Moment::Published, content),
            "datemodified" => return self.push_time(Moment::Updated, content),
            "generator" => {
                self.is_thread |= is_forum_software(&content);
                return;
            }
            "og:url" => {
                self.is_thread |= is_address_of_thread(&content);
                &mut self.url
            }
            "og:locale" | "dc.language" | "dcterms.language" => &mut self.lang,
            _ => return,
        };
        slot.get_or_insert(content);
    }

    pub fn canonical(&mut self, attrs: &[Attribute]) {
        if let Some(url) = attr(attrs, "href").filter(|url| url.starts_with("http")) {
            self.is_thread |= is_address_of_thread(url);
            self.url = Some(url.to_string());
        }
    }

    /// `before` is the text of the block up to the element: "Sist oppdatert".
    pub fn time_element(&mut self, attrs: &[Attribute], before: &str) {
        let Some(time) = attr(attrs, "datetime") else {
            return;
        };
        if let Some(moment) = moment_of(attrs, before) {
            self.push_time(moment, time.trim().to_string());
        }
    }

    fn push_time(&mut self, moment: Moment, time: String) {
        if self.times.len() < MAX_TIMES {
            self.times.push((moment, time));
        }
    }

    /// The text of a `<script type="application/ld+json">`.
    pub fn data(&mut self, json: &str) {
        if json.len() > MAX_DATA_BYTES {
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
                Value::Object(_) => self.describes(value),
                _ => {}
            }
        }
    }

    fn describes(&mut self, thing: &Value) {
        let types: Vec<&str> = match &thing["@type"] {
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
        let text = |value: &Value| value.as_str().map(collapsed).filter(|text| !text.is_empty());
        let facts = Facts {
            title: text(&thing["headline"]),
            source: text(&thing["publisher"]["name"]),
            published: text(&thing["datePublished"]),
            modified: text(&thing["dateModified"]),
        };
        self.articles += usize::from(is_article);
        self.calls_itself_article |= is_article;
        if is_article && self.articles > 1 {
            self.data = Facts { source: self.data.source.take(), ..Facts::default() };
            return;
        }
        let (first, second) =
            if is_article { (facts, std::mem::take(&mut self.data)) } else { (std::mem::take(&mut self.data), facts) };
        self.data = Facts {
            title: first.title.or(second.title),
            source: first.source.or(second.source),
            published: first.published.or(second.published),
            modified: first.modified.or(second.modified),
        };
    }
}

/// Which of the page's dates a `<time>` gives, by its attributes or by the words before it.
fn moment_of(attrs: &[Attribute], before: &str) -> Option<Moment> {
    let by_name = |name: &str| match name {
        "datePublished" | "published" | "entry-date" | "dt-published" => Some(Moment::Published),
        "dateModified" | "updated" | "modified" | "dt-updated" => Some(Moment::Updated),
        _ => None,
    };
    if let Some(moment) = attr(attrs, "itemprop").and_then(by_name) {
        return Some(moment);
    }
    if attr(attrs, "pubdate").is_some() {
        return Some(Moment::Published);
    }
    // WordPress gives the date of publication both classes if the page was never changed.
    let classes = attr(attrs, "class").unwrap_or("");
    if let Some(moment) = classes.split_whitespace().find_map(by_name) {
        return Some(moment);
    }
    let before = before.trim_end_matches([' ', ':', '\u{b}']);
    let last: Vec<char> = before.chars().rev().take_while(|c| c.is_alphabetic()).collect();
    let last: String = last.into_iter().rev().flat_map(char::to_lowercase).collect();
    match last.as_str() {
        "publisert" | "published" => Some(Moment::Published),
        "oppdatert" | "endret" | "endra" | "updated" | "modified" => Some(Moment::Updated),
        _ => None,
    }
}

fn is_forum_software(generator: &str) -> bool {
    let generator = generator.to_lowercase();
    ["phpbb", "vbulletin", "xenforo", "discourse", "mybb", "smf", "flarum", "vanilla forums", "nodebb"]
        .iter()
        .any(|name| generator.contains(name))
}

/// `https://a.no/forum/bil/123`, `https://forum.a.no/viewtopic.php?t=1`.
fn is_address_of_thread(url: &str) -> bool {
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

fn collapsed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use crate::clean::html::parse;

    #[track_caller]
    fn check_dates(html: &str, published: Option<&str>, updated: Option<&str>) {
        let parsed = parse(html);
        assert_eq!((parsed.metadata.date.as_deref(), parsed.updated.as_deref()), (published, updated), "{html}");
    }

    fn data(json: &str) -> String {
        format!("<script type='application/ld+json'>{json}</script>")
    }

    #[test]
    fn json_ld_tells_title_source_and_dates() {
        let article = r#"{"@graph":[{"@type":"WebPage","datePublished":"2019-01-01"},{"@type":["NewsArticle"],
            "headline":"Ny skole","datePublished":"2020-01-02T10:00:00Z","dateModified":"2020-01-03",
            "publisher":{"@type":"Organization","name":"Avisa"}}]}"#;
        check_dates(&data(article), Some("2020-01-02T10:00:00Z"), Some("2020-01-03"));
        let given = parse(&data(article)).metadata;
        assert_eq!((given.title.as_deref(), given.source.as_deref()), (Some("Ny skole"), Some("Avisa")));
    }

    #[test]
    fn data_of_many_articles_or_that_is_damaged_tells_no_date() {
        let two =
            r#"[{"@type":"Article","datePublished":"2020-01-02"},{"@type":"Article","datePublished":"2020-01-05"}]"#;
        check_dates(&data(two), None, None);
        check_dates(&data(r#"{"@type":"Article","datePublished":"#), None, None);
        check_dates(&data(r#"{"@type":"Event","datePublished":"2020-01-02"}"#), None, None);
        let deep = data(&"[".repeat(100_000));
        check_dates(&deep, None, None);
    }

    #[test]
    fn a_time_counts_where_the_page_says_what_it_is() {
        check_dates("<time itemprop=datePublished datetime=2020-01-02>2. januar</time>", Some("2020-01-02"), None);
        check_dates("<p>Sist oppdatert: <time datetime=2021-03-04>i går</time></p>", None, Some("2021-03-04"));
        check_dates("<p>Møtet er <time datetime=2021-03-04>i dag</time></p>", None, None);
        let two = "<time pubdate datetime=2020-01-02>a</time><time pubdate datetime=2020-01-09>b</time>";
        check_dates(two, None, None);
    }
}

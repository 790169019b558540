//! Given a line of a `.jsonl` file, which page is it?

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::page::{Format, Given, Page, PageId};

#[derive(Deserialize)]
struct Record {
    #[serde(alias = "_id")]
    id: Option<serde_json::Value>,
    text: Option<String>,
    html: Option<String>,
    url: Option<String>,
    title: Option<String>,
    date: Option<String>,
    source: Option<String>,
    lang: Option<String>,
}

/// A JSON object with `text` or `html`, and optionally `id` or `_id`, `url`, `title`, `date`, `source`, `lang`.
pub fn parse(file: &str, line: u32, bytes: &[u8]) -> Result<Page> {
    let place = || format!("{file}:{line}");
    let record: Record = serde_json::from_slice(bytes.trim_ascii()).map_err(|error| {
        // serde_json counts lines inside this one line; only the column means something here.
        let reason = error.to_string();
        let reason = reason.split(" at line").next().unwrap_or(&reason);
        Error::page(
            place(),
            format!("not a page as JSON: {reason} at column {}; mend or remove the line", error.column()),
        )
    })?;
    let (text, format) = match (record.text, record.html) {
        (Some(text), _) => (text, Format::Text),
        (None, Some(html)) => (html, Format::Html),
        (None, None) => {
            return Err(Error::page(place(), "has neither \"text\" nor \"html\"; a page needs one of them"));
        }
    };
    let id = match record.id {
        Some(serde_json::Value::String(id)) if !id.is_empty() => id,
        Some(serde_json::Value::Number(id)) => id.to_string(),
        _ => line.to_string(),
    };
    Ok(Page {
        id: PageId { path: file.to_string(), record: Some(id) },
        first_line: line,
        format,
        text: text.replace('\0', " "),
        given: Given {
            url: record.url,
            title: record.title.filter(|title| !title.trim().is_empty()),
            date: record.date,
            source: record.source,
            lang: record.lang,
        },
        note: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_a_page_with_what_it_says_of_itself() {
        let page = parse("p.jsonl", 3, br#"{"_id":"a","text":"Hei","title":"T","date":"2020-01-02"}"#).unwrap();
        assert_eq!(page.id.to_string(), "p.jsonl#a");
        assert_eq!(page.given.title.as_deref(), Some("T"));
        assert_eq!(parse("p.jsonl", 3, br#"{"id":7,"html":"<p>"}"#).unwrap().id.to_string(), "p.jsonl#7");
        assert_eq!(parse("p.jsonl", 3, br#"{"text":""}"#).unwrap().id.to_string(), "p.jsonl#3");
    }

    #[test]
    fn a_bad_record_is_named_with_line_and_column() {
        let error = parse("p.jsonl", 3, b"{\"text\": oops}").unwrap_err().to_string();
        assert!(error.starts_with("p.jsonl:3: not a page as JSON: expected value at column 10"), "{error}");
        let error = parse("p.jsonl", 4, b"{\"id\":1}").unwrap_err().to_string();
        assert!(error.contains("neither \"text\" nor \"html\""), "{error}");
    }
}

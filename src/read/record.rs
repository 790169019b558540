//! PageMetadata the lines of a `.jsonl` file, which pages are they?

use std::io::{BufRead, Read};

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::ahead::{Body, Flow, MAX_ID_BYTES, Out, Raw};
use super::{MAX_PAGE_BYTES, place, reason, too_large};
use crate::error::{Error, Result};
use crate::model::{Format, Page, PageId, PageMetadata};

/// Fields as they come; what is of another type than expected is passed over, not the page.
#[derive(Deserialize)]
struct Record {
    id: Option<Box<RawValue>>,
    _id: Option<Box<RawValue>>,
    text: Option<Value>,
    html: Option<Value>,
    url: Option<Value>,
    title: Option<Value>,
    date: Option<Value>,
    source: Option<Value>,
    lang: Option<Value>,
}

/// Reads the lines of a file, or of the `member` of an archive; each is a page.
pub fn read(file: &str, member: Option<&str>, reader: &mut dyn BufRead, out: &mut Out) -> Flow {
    let place = place(file, member);
    let mut line = 0;
    loop {
        line += 1;
        let mut bytes = Vec::new();
        match (&mut *reader).take(MAX_PAGE_BYTES + 1).read_until(b'\n', &mut bytes) {
            Err(error) => {
                let why = format!("cannot be read: {}; the pages before this line are used", reason(&error));
                return out.problem(Error::page(format!("{place}:{line}"), why));
            }
            Ok(0) => return Flow::Continue(()),
            Ok(_) if bytes.len() as u64 > MAX_PAGE_BYTES => {
                out.problem(too_large(&format!("{place}:{line}")))?;
                if let Err(error) = skip_line(reader) {
                    let why = format!("cannot be read: {}; the pages before this line are used", reason(&error));
                    return out.problem(Error::page(format!("{place}:{line}"), why));
                }
            }
            Ok(_) => {
                if line == 1 && bytes.starts_with(b"\xef\xbb\xbf") {
                    bytes.drain(..3);
                }
                if bytes.trim_ascii().is_empty() {
                    continue;
                }
                let member = member.map(str::to_string);
                out.page(Raw { file: file.to_string(), member, nth: 0, body: Body::Record { line }, bytes })?;
            }
        }
    }
}

/// A JSON object with `text` or `html`, and optionally `id` or `_id`, `url`, `title`, `date`, `source`, `lang`.
pub fn parse(file: &str, member: Option<&str>, line: u32, bytes: &[u8]) -> Result<Page> {
    let wrong = |reason: String| Error::page(format!("{}:{line}", place(file, member)), reason);
    let bytes = bytes.trim_ascii();
    if !bytes.starts_with(b"{") {
        return Err(wrong("not a page as JSON: a line must be an object, {\"text\": …}; mend or remove it".into()));
    }
    let record: Record = serde_json::from_slice(bytes).map_err(|error| {
        // serde_json counts lines inside this one line; only the column means something here.
        let reason = error.to_string();
        let reason = reason.split(" at line").next().unwrap_or(&reason);
        wrong(format!("not a page as JSON: {reason} at column {}; mend or remove the line", error.column()))
    })?;
    let (text, format) = match (filled(record.text), filled(record.html)) {
        (Some(text), _) => (text, Format::Text),
        (None, Some(html)) => (html, Format::Html),
        (None, None) => return Err(wrong("has neither \"text\" nor \"html\"; a page needs one of them".into())),
    };
    // "line 7" for one without: an id of its own can be 7 too.
    let id = record.id.or(record._id).and_then(|id| name(&id)).unwrap_or_else(|| format!("line {line}"));
    let id = member.map_or_else(|| id.clone(), |member| format!("{member}#{id}"));
    if id.len() > MAX_ID_BYTES {
        return Err(wrong(format!("its id has {} bytes, more than {MAX_ID_BYTES}; shorten it", id.len())));
    }
    Ok(Page {
        id: PageId { path: file.to_string(), record: Some(id) },
        index_in_file: 0,
        line: Some(line),
        format,
        text: text.replace('\0', " "),
        metadata: PageMetadata {
            url: filled(record.url),
            title: filled(record.title),
            date: filled(record.date),
            source: filled(record.source),
            lang: filled(record.lang),
        },
        note: None,
    })
}

fn skip_line(reader: &mut dyn BufRead) -> std::io::Result<()> {
    reader.skip_until(b'\n').map(|_| ())
}

/// The string, if it holds anything.
fn filled(value: Option<Value>) -> Option<String> {
    match value {
        Some(Value::String(text)) if !text.trim().is_empty() => Some(text),
        _ => None,
    }
}

/// The id as it is written: a long number keeps all its digits.
fn name(id: &RawValue) -> Option<String> {
    match serde_json::from_str(id.get()).ok()? {
        Value::String(id) => Some(id.replace('\u{1f}', " ")).filter(|id| !id.is_empty()),
        Value::Number(_) => Some(id.get().to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_a_page_with_what_it_says_of_itself() {
        let page = parse("p.jsonl", None, 3, br#"{"_id":"a","text":"Hei","title":"T","date":"2020-01-02"}"#).unwrap();
        assert_eq!(page.id.to_string(), "p.jsonl#a");
        assert_eq!(page.metadata.title.as_deref(), Some("T"));
        assert_eq!(parse("p.jsonl", None, 3, br#"{"id":7,"html":"<p>"}"#).unwrap().id.to_string(), "p.jsonl#7");
        let both = br#"{"id":123456789012345678901,"_id":"b","text":"a","title":5,"date":[1]}"#;
        assert_eq!(parse("p.jsonl", None, 3, both).unwrap().id.to_string(), "p.jsonl#123456789012345678901");
        assert_eq!(parse("p.jsonl", None, 3, br#"{"text":"a"}"#).unwrap().id.to_string(), "p.jsonl#line 3");
        let inside = parse("p.zip", Some("a/b.jsonl"), 3, br#"{"text":"a"}"#).unwrap();
        assert_eq!(inside.id.to_string(), "p.zip#a/b.jsonl#line 3");
    }

    #[test]
    fn a_bad_record_is_named_with_line_and_column() {
        let error = parse("p.jsonl", None, 3, b"{\"text\": oops}").unwrap_err().to_string();
        assert!(error.starts_with("p.jsonl:3: not a page as JSON: expected value at column 10"), "{error}");
        let error = parse("p.jsonl", None, 4, b"{\"id\":1}").unwrap_err().to_string();
        assert!(error.contains("neither \"text\" nor \"html\""), "{error}");
    }
}

//! Reads JSON Lines: each line of a `.jsonl` file is a JSON object and one page.

use std::io::{BufRead, Read};

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::page_errors::{MAX_PAGE_BYTES, io_reason, location, too_large};
use super::prefetch::{Flow, UnitSink};
use super::unit::{MAX_ID_BYTES, RawBody, RawPage};
use crate::error::{Error, Result};
use crate::model::{Format, Page, PageId, PageMetadata};

/// The fields of a record. They are untyped, so that a field of an unexpected type is ignored without losing the page.
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

/// Adds each line of a file, or of the `member` of an archive, as a page. Blank lines are skipped.
pub fn read_records(file: &str, member: Option<&str>, reader: &mut dyn BufRead, sink: &mut UnitSink) -> Flow {
    let location = location(file, member);
    let cannot_be_read = |line: u32, error: &std::io::Error| {
        let reason = format!("cannot be read: {}; the lines before it were read", io_reason(error));
        Error::page(format!("{location}:{line}"), reason)
    };
    let mut line = 0;
    loop {
        line += 1;
        let mut bytes = Vec::new();
        match (&mut *reader).take(MAX_PAGE_BYTES + 1).read_until(b'\n', &mut bytes) {
            Err(error) => {
                let record = record_name(member, line, &bytes);
                return sink.push_rest(cannot_be_read(line, &error), Some(&record), member);
            }
            Ok(0) => return Flow::Continue(()),
            Ok(_) if bytes.len() as u64 > MAX_PAGE_BYTES => {
                let record = record_name(member, line, &bytes);
                sink.push_lost(too_large(&format!("{location}:{line}")), Some(&record))?;
                if let Err(error) = reader.skip_until(b'\n') {
                    return sink.push_rest(cannot_be_read(line, &error), None, member);
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
                let body = RawBody::Record { line };
                let file = file.to_string();
                sink.push_page(RawPage { file, member, index_in_file: 0, body, bytes, note: None })?;
            }
        }
    }
}

/// Parses a record: a JSON object with `text` or `html`, and optionally `id` or `_id`, `url`, `title`, `date`, `source`
/// and `lang`. `line` is its line number, from 1. `index_in_file` is left at 0 for the caller to set.
pub fn parse_record(file: &str, member: Option<&str>, line: u32, bytes: &[u8]) -> Result<Page> {
    let invalid = |reason: String| Error::page(format!("{}:{line}", location(file, member)), reason);
    let bytes = bytes.trim_ascii();
    if !bytes.starts_with(b"{") {
        let reason = "not a JSON object; each line must be one, like {\"text\": \"…\"}; fix or remove the line";
        return Err(invalid(reason.into()));
    }
    let record: Record = serde_json::from_slice(bytes).map_err(|error| {
        // serde_json counts lines within this one line; only its column is meaningful.
        let reason = error.to_string();
        let reason = reason.split(" at line").next().unwrap_or(&reason);
        invalid(format!("invalid JSON: {reason} at column {}; fix or remove the line", error.column()))
    })?;
    let (text, format) = match (non_blank(record.text), non_blank(record.html)) {
        (Some(text), _) => (text, Format::Text),
        (None, Some(html)) => (html, Format::Html),
        (None, None) => {
            return Err(invalid("has neither \"text\" nor \"html\"; add one of them or remove the line".into()));
        }
    };
    let id = name_of(member, line, record.id.or(record._id).and_then(|id| id_text(&id)));
    if id.len() > MAX_ID_BYTES {
        return Err(invalid(format!("its id of {} bytes exceeds the limit of {MAX_ID_BYTES}; shorten it", id.len())));
    }
    Ok(Page {
        id: PageId { path: file.to_string(), record: Some(id) },
        index_in_file: 0,
        line: Some(line),
        format,
        text: text.replace('\0', " "),
        metadata: PageMetadata {
            url: non_blank(record.url),
            title: non_blank(record.title),
            date: non_blank(record.date),
            source: non_blank(record.source),
            lang: non_blank(record.lang),
        },
        note: None,
    })
}

/// The record name of a line with this id.
fn name_of(member: Option<&str>, line: u32, id: Option<String>) -> String {
    // "line 7", not "7", which could be the id of another record.
    let id = id.unwrap_or_else(|| format!("line {line}"));
    match member {
        Some(member) => format!("{member}#{id}"),
        None => id,
    }
}

/// The record name of a line that can't be parsed: the id that it states before the fault or, without one, the value of
/// the only field that looks like an id. Otherwise the name contains the line number.
pub fn record_name(member: Option<&str>, line: u32, bytes: &[u8]) -> String {
    let mut ids = StatedIds::default();
    // The error is ignored: the caller reports the record.
    let _ = serde_json::Deserializer::from_slice(bytes).deserialize_map(IdVisitor(&mut ids));
    let id = ids.id.or(ids._id).and_then(|id| id_text(&id)).or_else(|| only_id(bytes));
    name_of(member, line, id)
}

/// The ids of a record, as far as it can be parsed.
#[derive(Default)]
struct StatedIds {
    id: Option<Box<RawValue>>,
    _id: Option<Box<RawValue>>,
}

struct IdVisitor<'a>(&'a mut StatedIds);

impl<'de> Visitor<'de> for IdVisitor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "id" => self.0.id = Some(map.next_value()?),
                "_id" => self.0._id = Some(map.next_value()?),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// The value of the only `"id":` or `"_id":` in a line. Within a string, the quotation marks would be escaped.
fn only_id(bytes: &[u8]) -> Option<String> {
    let mut found = ["\"id\"", "\"_id\""].into_iter().flat_map(|key| {
        let values = memchr::memmem::find_iter(bytes, key).map(move |at| bytes[at + key.len()..].trim_ascii_start());
        values.filter_map(|value| value.strip_prefix(b":"))
    });
    let (Some(value), None) = (found.next(), found.next()) else {
        return None;
    };
    let value = serde_json::Deserializer::from_slice(value).into_iter::<Box<RawValue>>().next()?.ok()?;
    id_text(&value)
}

/// The value if it is a string that isn't blank.
fn non_blank(value: Option<Value>) -> Option<String> {
    match value {
        Some(Value::String(text)) if !text.trim().is_empty() => Some(text),
        _ => None,
    }
}

/// An id as text. A number is kept as written, so that a long one loses no digits.
fn id_text(id: &RawValue) -> Option<String> {
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
    fn parses_ids_and_metadata() {
        let page =
            parse_record("p.jsonl", None, 3, br#"{"_id":"a","text":"Hei","title":"T","date":"2020-01-02"}"#).unwrap();
        assert_eq!(page.id.to_string(), "p.jsonl#a");
        assert_eq!(page.metadata.title.as_deref(), Some("T"));
        assert_eq!(parse_record("p.jsonl", None, 3, br#"{"id":7,"html":"<p>"}"#).unwrap().id.to_string(), "p.jsonl#7");
        let both = br#"{"id":123456789012345678901,"_id":"b","text":"a","title":5,"date":[1]}"#;
        assert_eq!(parse_record("p.jsonl", None, 3, both).unwrap().id.to_string(), "p.jsonl#123456789012345678901");
        assert_eq!(parse_record("p.jsonl", None, 3, br#"{"text":"a"}"#).unwrap().id.to_string(), "p.jsonl#line 3");
        let inside = parse_record("p.zip", Some("a/b.jsonl"), 3, br#"{"text":"a"}"#).unwrap();
        assert_eq!(inside.id.to_string(), "p.zip#a/b.jsonl#line 3");
    }

    #[test]
    fn names_damaged_records_by_their_id() {
        let check = |line: &str, expected: &str| assert_eq!(record_name(None, 7, line.as_bytes()), expected, "{line}");
        check(r#"{"id":"a","text":oops}"#, "a");
        check(r#"{"id": 12, "text": "cut"#, "12");
        check(r#"{"_id":"b","text":"cut"#, "b");
        check(r#"{"text":oops,"id":"c"}"#, "c");
        check(r#"{"id":"d"}"#, "d");
        check(r#"{"text":"about \"id\": \"x\"" oops}"#, "line 7");
        check(r#"{"text":oops,"id":"c","related":{"id":"d"}}"#, "line 7");
        check(r#"{"i"#, "line 7");
        check("oops", "line 7");
        check("", "line 7");
        assert_eq!(record_name(Some("a.jsonl"), 7, b"oops"), "a.jsonl#line 7");
    }

    #[test]
    fn errors_name_line_and_column() {
        let error = parse_record("p.jsonl", None, 3, b"{\"text\": oops}").unwrap_err().to_string();
        assert!(error.starts_with("p.jsonl:3: invalid JSON: expected value at column 10"), "{error}");
        let error = parse_record("p.jsonl", None, 4, b"{\"id\":1}").unwrap_err().to_string();
        assert!(error.contains("neither \"text\" nor \"html\""), "{error}");
    }
}

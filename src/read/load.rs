//! Decodes units into pages.

use super::charset;
use super::jsonl;
use super::page_errors::location;
use super::unit::{LostPages, RawBody, RawPage, ReadResult, Unit, Unreadable, shorten_name};
use crate::error::{Error, Result};
use crate::model::{Page, PageId, PageMetadata};

/// A decoded unit.
pub enum Loaded {
    Page(Box<Page>),
    /// A message that isn't about any one page.
    Note(String),
}

/// Decodes a unit. Errors name the file, the record or member, and the reason.
pub fn load(unit: Unit) -> ReadResult<Loaded> {
    match unit {
        Unit::Page(raw) => load_page(raw),
        Unit::Note(note) => Ok(Loaded::Note(note)),
    }
}

fn load_page(raw: RawPage) -> ReadResult<Loaded> {
    let index_in_file = raw.index_in_file;
    let lost = |record| LostPages::One { record, index_in_file };
    if let RawBody::Record { line } = raw.body {
        let member = raw.member.as_deref();
        return match jsonl::parse_record(&raw.file, member, line, &raw.bytes) {
            Ok(page) => Ok(Loaded::Page(Box::new(Page { index_in_file, ..page }))),
            Err(error) => Err(Unreadable { error, lost: lost(Some(jsonl::record_name(member, line, &raw.bytes))) }),
        };
    }
    let record = raw.member.as_deref().map(shorten_name);
    decode(raw).map(|page| Loaded::Page(Box::new(page))).map_err(|error| Unreadable { error, lost: lost(record) })
}

fn decode(raw: RawPage) -> Result<Page> {
    let location = location(&raw.file, raw.member.as_deref());
    let (format, url, bytes, charset) = match raw.body {
        RawBody::Record { .. } => unreachable!("records are parsed as JSON"),
        RawBody::Page(format) => (format, None, raw.bytes, None),
        RawBody::Web { format, url, encoding } => {
            let bytes = encoding.decode(raw.bytes, &location)?;
            (format, url, bytes, encoding.charset)
        }
    };
    let decoded = charset::decode(bytes, format, charset.as_deref());
    let (text, note) = decoded.map_err(|reason| Error::page(&location, reason))?;
    Ok(Page {
        id: PageId { path: raw.file, record: raw.member.map(|name| shorten_name(&name)) },
        index_in_file: raw.index_in_file,
        line: None,
        format,
        text,
        metadata: PageMetadata { url, ..PageMetadata::default() },
        note,
    })
}

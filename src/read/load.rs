//! Decodes units into pages.

use super::archive::http::sniff_body;
use super::archive::mhtml;
use super::charset;
use super::jsonl;
use super::magic_numbers::kind_of_bytes;
use super::page_errors::location;
use super::repair::repair;
use super::unit::{LostPages, RawBody, RawPage, ReadResult, Unit, Unreadable, shorten_name};
use crate::error::{Error, Result};
use crate::model::{Format, Page, PageId, PageMetadata};

/// A decoded unit.
pub enum Loaded {
    Page(Box<Page>),
    /// A message that isn't about any one page.
    Note(String),
    /// What is not read (files, members or records): a singular noun, and how many there are.
    NotRead(String, u64),
}

/// Decodes a unit. Errors name the file, the record or member, and the reason.
pub fn load(unit: Unit) -> ReadResult<Loaded> {
    match unit {
        Unit::Page(raw) => load_page(raw).map(repaired),
        Unit::Note(note) => Ok(Loaded::Note(note)),
        Unit::NotRead(kind, count) => Ok(Loaded::NotRead(kind, count)),
    }
}

/// Repairs the text and the stated title of a page.
fn repaired(mut loaded: Loaded) -> Loaded {
    if let Loaded::Page(page) = &mut loaded {
        let mut notes = Vec::from_iter(page.note.take());
        page.text = repair(std::mem::take(&mut page.text), page.format, &mut notes);
        page.metadata.title = page.metadata.title.take().map(|title| {
            let mut title_notes = Vec::new();
            let title = repair(title, Format::Text, &mut title_notes);
            notes.extend(title_notes.into_iter().map(|note| format!("title: {note}")));
            title
        });
        page.note = (!notes.is_empty()).then(|| notes.join("; "));
    }
    loaded
}

fn load_page(raw: RawPage) -> ReadResult<Loaded> {
    let index_in_file = raw.index_in_file;
    let lost = |record| LostPages::One { record, index_in_file };
    if let RawBody::Record { line } = raw.body {
        let member = raw.member.as_deref();
        return match parse_record(&raw, line) {
            Ok(page) => Ok(Loaded::Page(Box::new(Page { index_in_file, ..page }))),
            Err(error) => Err(Unreadable { error, lost: lost(Some(jsonl::record_name(member, line, &raw.bytes))) }),
        };
    }
    let record = raw.member.as_deref().map(shorten_name);
    decode(raw).map_err(|error| Unreadable { error, lost: lost(record) })
}

/// Parses a record. One that isn't UTF-8, as JSON must be, is decoded like a text page.
fn parse_record(raw: &RawPage, line: u32) -> Result<Page> {
    let parse = |bytes: &[u8]| jsonl::parse_record(&raw.file, raw.member.as_deref(), line, bytes);
    parse(&raw.bytes).or_else(|error| {
        if std::str::from_utf8(&raw.bytes).is_ok() {
            return Err(error);
        }
        let Ok((text, note)) = charset::decode(raw.bytes.clone(), Format::Text, None) else { return Err(error) };
        let page = parse(text.as_bytes()).map_err(|_| error)?;
        Ok(Page { note, ..page })
    })
}

/// The bytes of a page, and what is known about them.
struct PageBytes {
    bytes: Vec<u8>,
    format: Format,
    charset: Option<String>,
    url: Option<String>,
    notes: Vec<String>,
}

/// Decodes a page other than a record.
fn decode(raw: RawPage) -> Result<Loaded> {
    let location = location(&raw.file, raw.member.as_deref());
    let plain = |format, bytes| PageBytes { bytes, format, charset: None, url: None, notes: Vec::new() };
    let page = match raw.body {
        RawBody::Record { .. } => unreachable!("records are parsed as JSON"),
        RawBody::Page(format) => plain(format, raw.bytes),
        RawBody::Mhtml => {
            let page = mhtml::saved_page(&raw.bytes)
                .map_err(|reason| Error::page(&location, format!("{reason}; save the page again, as HTML")))?;
            let frames = match page.frames {
                0 => None,
                1 => Some("1 frame is not read; save it as a separate page".to_string()),
                count => Some(format!("{count} frames are not read; save them as separate pages")),
            };
            let damage = page.damage.map(|damage| format!("{damage}; save the page again"));
            let notes = damage.into_iter().chain(frames).collect();
            PageBytes { bytes: page.html, format: Format::Html, charset: page.charset, url: page.url, notes }
        }
        RawBody::Web { format, url, encoding, note } => {
            let body = encoding.decode(raw.bytes, &location)?;
            let format = match (format, kind_of_bytes(&body.bytes)) {
                (Some(_), Some(kind)) => Err(kind.to_string()),
                (Some(format), None) => Ok(format),
                (None, _) => sniff_body(&body.bytes, url.as_deref()),
            };
            let format = match format {
                Ok(format) => format,
                Err(kind) => return Ok(Loaded::NotRead(kind, 1)),
            };
            let notes = note.into_iter().chain(body.notes).collect();
            PageBytes { bytes: body.bytes, format, charset: encoding.charset, url, notes }
        }
    };
    let PageBytes { bytes, format, charset, url, mut notes } = page;
    notes.extend(raw.note);
    let decoded = charset::decode(bytes, format, charset.as_deref());
    let (text, note) = decoded.map_err(|reason| Error::page(&location, reason))?;
    notes.extend(note);
    Ok(Loaded::Page(Box::new(Page {
        id: PageId { path: raw.file, record: raw.member.map(|name| shorten_name(&name)) },
        index_in_file: raw.index_in_file,
        line: None,
        format,
        text,
        metadata: PageMetadata { url, ..PageMetadata::default() },
        note: (!notes.is_empty()).then(|| notes.join("; ")),
    })))
}

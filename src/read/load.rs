//! Decodes units into pages.

use super::decode::{decode_html, decode_text};
use super::jsonl;
use super::page_errors::location;
use super::unit::{MAX_ID_BYTES, RawBody, RawPage, Unit};
use crate::error::{Error, Result};
use crate::model::{Format, Page, PageId, PageMetadata};

/// A decoded unit.
pub enum Loaded {
    Page(Box<Page>),
    /// A message that isn't about any one page.
    Note(String),
}

/// Decodes a unit. Errors name the file, the record or member, and the reason.
pub fn load(unit: Unit) -> Result<Loaded> {
    match unit {
        Unit::Page(raw) => decode(raw).map(|page| Loaded::Page(Box::new(page))),
        Unit::Note(note) => Ok(Loaded::Note(note)),
    }
}

fn decode(raw: RawPage) -> Result<Page> {
    let location = location(&raw.file, raw.member.as_deref());
    let (format, url, bytes, charset) = match raw.body {
        RawBody::Record { line } => {
            let page = jsonl::parse_record(&raw.file, raw.member.as_deref(), line, &raw.bytes)?;
            return Ok(Page { index_in_file: raw.index_in_file, ..page });
        }
        RawBody::Page(format) => (format, None, raw.bytes, None),
        RawBody::Web { format, url, encoding } => {
            let bytes = encoding.decode(raw.bytes, &location)?;
            (format, url, bytes, encoding.charset)
        }
    };
    let decoded = match format {
        Format::Html => decode_html(bytes, charset.as_deref()),
        Format::Text | Format::Markdown => decode_text(bytes, charset.as_deref()),
    };
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

/// Shortens a name to at most `MAX_ID_BYTES`. A shortened name ends in a hash of the full one, so that different names
/// stay different.
fn shorten_name(name: &str) -> String {
    if name.len() <= MAX_ID_BYTES {
        return name.to_string();
    }
    let hash = xxhash_rust::xxh3::xxh3_64(name.as_bytes());
    let mut end = MAX_ID_BYTES - 20;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…{hash:016x}", &name[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortened_names_stay_distinct() {
        let names: Vec<String> = ["a", "b"].map(|end| shorten_name(&format!("{}{end}", "å".repeat(2000)))).into();
        assert!(names[0].len() <= MAX_ID_BYTES && names[0] != names[1]);
        assert_eq!(shorten_name("å.html"), "å.html");
    }
}

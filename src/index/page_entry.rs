//! Makes the manifest entry of a page: its input hash (XXH3), its site and its fingerprint.

use std::path::Path;

use xxhash_rust::xxh3::Xxh3;

use super::store::manifest::{PageEntry, PageOutcome};
use crate::clean::{self, PageFingerprint, ParsedPage};
use crate::model::{Page, PageMetadata};

/// Returns the entry of a page that is not cleaned yet: without outcome and template fingerprint. `site` is its
/// `site_name`.
pub fn page_entry(page: &Page, parsed: &ParsedPage, site: String) -> PageEntry {
    PageEntry {
        record: page.id.record.clone(),
        hash: input_hash(page),
        site,
        fingerprint: PageFingerprint::of(&parsed.lines),
        template_fingerprint: 0,
        index_in_file: page.index_in_file,
        line: page.line,
        outcome: PageOutcome::default(),
        bytes: page.text.len() as u64,
    }
}

/// Hashes everything that the indexed form of a page depends on, except the other pages of its site and the user rules.
pub fn input_hash(page: &Page) -> u64 {
    let mut hash = Xxh3::new();
    let PageMetadata { url, title, date, source, lang } = &page.metadata;
    for value in [url, title, date, source, lang] {
        hash.update(value.as_deref().unwrap_or("\u{0}").as_bytes());
        hash.update(b"\x1f");
    }
    hash.update(&[page.format as u8]);
    hash.update(&page.line.unwrap_or(0).to_le_bytes());
    hash.update(page.text.as_bytes());
    hash.digest()
}

/// Returns the name of the site that a page belongs to: the host of its URL. Without a URL, it is the file and `source`
/// for a line of a `.jsonl` file, and for other pages the folder, which may be in an archive.
pub fn site_name(page: &Page, parsed: &ParsedPage) -> String {
    let path = &page.id.path;
    let without_url = || match (&page.id.record, page.line) {
        (Some(_), Some(_)) => format!("{path}\u{1f}{}", page.metadata.source.as_deref().unwrap_or("")),
        (Some(member), None) => format!("{path}\u{1f}{}/", member.rsplit_once('/').map_or("", |(folder, _)| folder)),
        (None, _) => Path::new(path).parent().map(|folder| format!("{}/", folder.display())).unwrap_or_default(),
    };
    parsed.metadata.url.as_deref().and_then(clean::host).unwrap_or_else(without_url)
}

//! Given a cleaned page, which documents of the index does it become?

use tantivy::indexer::UserOperation;
use tantivy::{IndexWriter, TantivyDocument};
use xxhash_rust::xxh3::Xxh3;

use super::backpressure::Queue;
use crate::chunk;
use crate::error::Result;
use crate::index::minhash::MinHash;
use crate::index::schema::{DocumentKind, Fields, REPEATED_ON_SITE, boilerplate_key, page_hash};
use crate::index::store::compression::Compressor;
use crate::index::store::manifest::PageOutcome;
use crate::index::store::stored_fields::StoredPassage;
use crate::index::term_tokenizer::with_standard;
use crate::model::{Document, Format, LineClass, Page, PageId, Passage, word_count};
use crate::norwegian::{Standard, detect_lang};

/// Characters shown of the first sentence of a page without a title: about a line of a terminal.
const OPENING_CHARS: usize = 80;

/// What documents are added to.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    pub writer: &'a IndexWriter,
    pub fields: Fields,
    pub queue: &'a Queue,
    pub compressor: &'a Compressor,
}

/// Adds the passages of a page, and what was dropped of it.
pub fn add_page(target: Target, page: &Page, document: &Document) -> Result<PageOutcome> {
    let Target { writer, fields, queue, .. } = target;
    let (outcome, passages) = outcome(document);
    let key = page.id.key();
    let mut entries = Vec::with_capacity(passages.len() + 1);
    let opening = match (&document.title, passages.first()) {
        (None, Some(first)) => Some(chunk::opening(&first.text, OPENING_CHARS)),
        _ => None,
    };
    let (signature, digest) = MinHash::of(passages.iter().map(|passage| passage.text.as_str()));
    for (ordinal, passage) in (0u32..).zip(passages) {
        let standard = Standard::from(detect_lang(&passage.text, document.lang));
        let stored =
            StoredPassage { opening: opening.clone(), standard, ..stored(page, document, ordinal, &outcome, passage) };
        let mut entry = entry(fields, &key, &stored);
        entry.add_bool(fields.continues_page, ordinal > 0);
        let text = with_standard(standard, &stored.passage.text);
        for field in [fields.exact, fields.lemma, fields.component] {
            entry.add_text(field, &text);
        }
        if let Some(heading) = &stored.passage.heading {
            entry.add_text(fields.heading, with_standard(standard, heading));
        }
        if ordinal == 0 {
            if let Some(title) = &document.title {
                entry.add_text(fields.title, with_standard(standard, title));
            }
            if let Some(digest) = digest {
                entry.add_bytes(fields.minhash, signature.bytes());
                entry.add_u64(fields.coarse_minhash, digest.to_u64());
            }
        }
        if stored.passage.is_repeated {
            entry.add_u64(fields.duplicate_key, REPEATED_ON_SITE);
        }
        entry.add_bytes(fields.stored, &stored.into_bytes(target.compressor));
        entries.push(UserOperation::Add(entry));
    }
    if let Some(mut dropped) = boilerplate(target, page, document, &outcome) {
        dropped.add_bool(fields.continues_page, outcome.passages > 0);
        entries.push(UserOperation::Add(dropped));
    }
    queue.enter(entries.len());
    // In one piece: the passages of a page stand one after the other in one segment.
    writer.run(entries)?;
    Ok(outcome)
}

/// Adds what was dropped of a page, and that its passages are those of another.
pub fn add_copy(target: Target, page: &Page, document: &Document) -> Result<PageOutcome> {
    let (outcome, _) = outcome(document);
    if let Some(mut entry) = boilerplate(target, page, document, &outcome) {
        entry.add_bool(target.fields.continues_page, false);
        target.writer.add_document(entry)?;
    }
    add_place(target, &page.id, document.url.as_deref(), outcome.content)?;
    Ok(PageOutcome { is_copy: true, ..outcome })
}

/// Adds that this page, known under this address too, has the content of another.
pub fn add_place(target: Target, page: &PageId, url: Option<&str>, content: u64) -> Result<()> {
    let Target { writer, fields, compressor, .. } = target;
    let stored = StoredPassage {
        page: page.clone(),
        line: None,
        ordinal: 0,
        kind: DocumentKind::Copy,
        content,
        title: None,
        opening: None,
        source: None,
        published: None,
        updated: None,
        url: url.map(str::to_string),
        lang: Default::default(),
        standard: Standard::Both,
        passage: Passage::default(),
    };
    let mut entry = TantivyDocument::default();
    entry.add_text(fields.page, page.key());
    entry.add_u64(fields.duplicate_key, content);
    // A bit that every document has is read faster.
    entry.add_bool(fields.continues_page, false);
    entry.add_bytes(fields.stored, &stored.into_bytes(compressor));
    writer.add_document(entry)?;
    Ok(())
}

/// What cleaning made of a page, and its passages.
fn outcome(document: &Document) -> (PageOutcome, Vec<Passage>) {
    let passages = chunk::passages(document);
    let outcome = PageOutcome {
        passages: passages.len() as u32,
        repeated: passages.iter().filter(|passage| passage.is_repeated).count() as u32,
        words: passages.iter().map(|passage| passage.words() as u32).sum(),
        dropped_lines: document.lines.iter().filter(|line| line.class.is_dropped()).count() as u32,
        lost_words: lost_words(document),
        content: content(document, &passages),
        is_copy: false,
        has_body: document.lines.iter().any(|line| matches!(line.class, LineClass::Content | LineClass::Item)),
    };
    (outcome, passages)
}

/// Words in dropped lines that a reader may miss.
fn lost_words(document: &Document) -> u32 {
    let lost = document.lines.iter().filter(|line| line.may_be_missed);
    lost.map(|line| word_count(&line.text) as u32).sum()
}

/// Equal for pages that have the same to be found: title and passages. Their addresses, sources and dates outside the
/// text may differ, and so may what was dropped. 0 for pages without passages.
fn content(document: &Document, passages: &[Passage]) -> u64 {
    if passages.is_empty() {
        return 0;
    }
    let mut hash = Xxh3::new();
    let mut add = |part: Option<&str>| {
        hash.update(part.unwrap_or("\u{0}").as_bytes());
        hash.update(b"\x1f");
    };
    add(document.title.as_deref());
    for passage in passages {
        add(passage.heading.as_deref());
        add(Some(&passage.text));
    }
    hash.digest().max(REPEATED_ON_SITE + 1)
}

/// What was dropped of a page, as a document.
fn boilerplate(target: Target, page: &Page, document: &Document, outcome: &PageOutcome) -> Option<TantivyDocument> {
    let fields = target.fields;
    let passage = chunk::dropped(document)?;
    let standard = Standard::from(document.lang);
    let stored = StoredPassage {
        kind: DocumentKind::Boilerplate,
        standard,
        ..stored(page, document, outcome.passages, outcome, passage)
    };
    let mut entry = entry(fields, &page.id.key(), &stored);
    let text = with_standard(standard, &stored.passage.text);
    for field in [fields.boilerplate_exact, fields.boilerplate_lemma, fields.boilerplate_component] {
        entry.add_text(field, &text);
    }
    entry.add_bytes(fields.stored, &stored.into_bytes(target.compressor));
    Some(entry)
}

fn stored(
    page: &Page,
    document: &Document,
    ordinal: u32,
    outcome: &PageOutcome,
    mut passage: Passage,
) -> StoredPassage {
    if page.format != Format::Text {
        // Its lines are blocks: what stands where in the source is not known.
        passage.columns.clear();
    }
    StoredPassage {
        page: page.id.clone(),
        line: page.line,
        ordinal,
        kind: DocumentKind::Passage,
        content: outcome.content,
        title: document.title.clone(),
        opening: None,
        source: document.source.clone(),
        published: document.published.map(|date| date.to_string()),
        updated: document.updated.map(|date| date.to_string()),
        url: document.url.clone(),
        lang: document.lang,
        standard: Standard::Both,
        passage,
    }
}

/// A document with what all that can be found have.
fn entry(fields: Fields, key: &str, stored: &StoredPassage) -> TantivyDocument {
    let mut entry = TantivyDocument::default();
    let place = if stored.kind == DocumentKind::Boilerplate { boilerplate_key(key) } else { key.to_string() };
    entry.add_text(fields.page, place);
    entry.add_u64(fields.page_hash, page_hash(key));
    if let Some(source) = &stored.source {
        entry.add_text(fields.source, source);
    }
    if let Some(site) = stored.site() {
        entry.add_text(fields.site, site);
    }
    entry.add_text(fields.lang, stored.lang.code());
    if let Some(day) = stored.day() {
        entry.add_u64(fields.day, day);
    }
    entry
}

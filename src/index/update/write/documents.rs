//! Converts cleaned pages to tantivy documents: one for each passage, one for the boilerplate, one for a copy.

use tantivy::indexer::UserOperation;
use tantivy::{IndexWriter, TantivyDocument, Term};
use xxhash_rust::xxh3::Xxh3;

use super::backpressure::Backpressure;
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

/// For a page without a title, the first sentence is shown, up to this many characters: about a line of a terminal.
const OPENING_CHARS: usize = 80;

/// The index writer, and everything needed to add documents to it.
#[derive(Clone, Copy)]
pub struct IndexTarget<'a> {
    pub writer: &'a IndexWriter,
    pub fields: Fields,
    pub backpressure: &'a Backpressure,
    pub compressor: &'a Compressor,
}

/// Adds the passages of a page, and its boilerplate as one more document.
pub fn add_page(target: IndexTarget, page: &Page, document: &Document) -> Result<PageOutcome> {
    let IndexTarget { writer, fields, backpressure, .. } = target;
    let (outcome, passages) = split_into_passages(document);
    let key = page.id.key();
    let mut operations = Vec::with_capacity(passages.len() + 1);
    let opening = match (&document.title, passages.first()) {
        (None, Some(first)) => Some(chunk::opening(&first.text, OPENING_CHARS)),
        _ => None,
    };
    let (minhash, coarse_minhash) = MinHash::of(passages.iter().map(|passage| passage.text.as_str()));
    for (ordinal, passage) in (0u32..).zip(passages) {
        let standard = Standard::from(detect_lang(&passage.text, document.lang));
        let stored = StoredPassage {
            opening: opening.clone(),
            standard,
            ..stored_passage(page, document, ordinal, &outcome, passage)
        };
        let mut passage_document = new_document(fields, &key, &stored);
        passage_document.add_bool(fields.continues_page, ordinal > 0);
        let text = with_standard(standard, &stored.passage.text);
        for field in [fields.exact, fields.lemma, fields.component] {
            passage_document.add_text(field, &text);
        }
        if let Some(heading) = &stored.passage.heading {
            passage_document.add_text(fields.heading, with_standard(standard, heading));
        }
        if ordinal == 0 {
            if let Some(title) = &document.title {
                passage_document.add_text(fields.title, with_standard(standard, title));
            }
            if let Some(coarse_minhash) = coarse_minhash {
                passage_document.add_bytes(fields.minhash, minhash.bytes());
                passage_document.add_u64(fields.coarse_minhash, coarse_minhash.to_u64());
            }
        }
        if stored.passage.is_repeated {
            passage_document.add_u64(fields.duplicate_key, REPEATED_ON_SITE);
        }
        passage_document.add_bytes(fields.stored, &stored.into_bytes(target.compressor));
        operations.push(UserOperation::Add(passage_document));
    }
    if let Some(mut boilerplate) = boilerplate_document(target, page, document, &outcome) {
        boilerplate.add_bool(fields.continues_page, outcome.passages > 0);
        operations.push(UserOperation::Add(boilerplate));
    }
    backpressure.enter(operations.len());
    // In one call, so that the documents of a page are consecutive in one segment.
    writer.run(operations)?;
    Ok(outcome)
}

/// Adds a page with the same passages as another page: its boilerplate and a copy marker.
pub fn add_copy(target: IndexTarget, page: &Page, document: &Document) -> Result<PageOutcome> {
    let (outcome, _) = split_into_passages(document);
    if let Some(mut boilerplate) = boilerplate_document(target, page, document, &outcome) {
        boilerplate.add_bool(target.fields.continues_page, false);
        target.writer.add_document(boilerplate)?;
    }
    add_copy_marker(target, &page.id, document.url.as_deref(), outcome.content)?;
    Ok(PageOutcome { is_copy: true, ..outcome })
}

/// Adds the document that marks a page as a copy of another one. It is found only through its `duplicate_key`, and
/// names the page and its URL.
pub fn add_copy_marker(target: IndexTarget, page: &PageId, url: Option<&str>, content: u64) -> Result<()> {
    let IndexTarget { writer, fields, compressor, .. } = target;
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
    let mut marker = TantivyDocument::default();
    marker.add_text(fields.page, page.key());
    marker.add_u64(fields.duplicate_key, content);
    // Every document has this value: a full fast field is read faster than an optional one.
    marker.add_bool(fields.continues_page, false);
    marker.add_bytes(fields.stored, &stored.into_bytes(compressor));
    writer.add_document(marker)?;
    Ok(())
}

/// Deletes all documents of a page from the index.
pub fn delete_page(IndexTarget { writer, fields, .. }: IndexTarget, page: &PageId) {
    let key = page.key();
    writer.delete_term(Term::from_field_text(fields.page, &boilerplate_key(&key)));
    writer.delete_term(Term::from_field_text(fields.page, &key));
}

/// Splits a cleaned page into passages and counts what cleaning kept and dropped.
fn split_into_passages(document: &Document) -> (PageOutcome, Vec<Passage>) {
    let passages = chunk::passages(document);
    let outcome = PageOutcome {
        passages: passages.len() as u32,
        repeated: passages.iter().filter(|passage| passage.is_repeated).count() as u32,
        words: passages.iter().map(|passage| passage.words() as u32).sum(),
        dropped_lines: document.lines.iter().filter(|line| line.class.is_dropped()).count() as u32,
        lost_words: lost_words(document),
        content: content_hash(document, &passages),
        is_copy: false,
        has_body: document.lines.iter().any(|line| matches!(line.class, LineClass::Content | LineClass::Item)),
    };
    (outcome, passages)
}

/// The number of words in dropped lines that may be content.
fn lost_words(document: &Document) -> u32 {
    let lost_lines = document.lines.iter().filter(|line| line.may_be_lost_content);
    lost_lines.map(|line| word_count(&line.text) as u32).sum()
}

/// Hashes the title and the passages (XXH3). Pages with the same hash are copies: they match the same queries, though
/// their URLs, sources, dates and boilerplate may differ. 0 for pages without passages.
fn content_hash(document: &Document, passages: &[Passage]) -> u64 {
    if passages.is_empty() {
        return 0;
    }
    let mut hash = Xxh3::new();
    let mut add = |text: Option<&str>| {
        hash.update(text.unwrap_or("\u{0}").as_bytes());
        hash.update(b"\x1f");
    };
    add(document.title.as_deref());
    for passage in passages {
        add(passage.heading.as_deref());
        add(Some(&passage.text));
    }
    // The values up to `REPEATED_ON_SITE` have other meanings.
    hash.digest().max(REPEATED_ON_SITE + 1)
}

/// Makes one document of all the boilerplate of a page.
fn boilerplate_document(
    target: IndexTarget,
    page: &Page,
    document: &Document,
    outcome: &PageOutcome,
) -> Option<TantivyDocument> {
    let fields = target.fields;
    let passage = chunk::dropped_passage(document)?;
    let standard = Standard::from(document.lang);
    let stored = StoredPassage {
        kind: DocumentKind::Boilerplate,
        standard,
        ..stored_passage(page, document, outcome.passages, outcome, passage)
    };
    let mut boilerplate = new_document(fields, &page.id.key(), &stored);
    let text = with_standard(standard, &stored.passage.text);
    for field in [fields.boilerplate_exact, fields.boilerplate_lemma, fields.boilerplate_component] {
        boilerplate.add_text(field, &text);
    }
    boilerplate.add_bytes(fields.stored, &stored.into_bytes(target.compressor));
    Some(boilerplate)
}

fn stored_passage(
    page: &Page,
    document: &Document,
    ordinal: u32,
    outcome: &PageOutcome,
    mut passage: Passage,
) -> StoredPassage {
    if page.format != Format::Text {
        // The lines of other formats are blocks, whose columns in the source are not known.
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

/// Makes a document with the fields that passages and boilerplate share: the page, and the fields that filters use.
fn new_document(fields: Fields, key: &str, stored: &StoredPassage) -> TantivyDocument {
    let mut new_document = TantivyDocument::default();
    let page_key = if stored.kind == DocumentKind::Boilerplate { boilerplate_key(key) } else { key.to_string() };
    new_document.add_text(fields.page, page_key);
    new_document.add_u64(fields.page_hash, page_hash(key));
    if let Some(source) = &stored.source {
        new_document.add_text(fields.source, source);
    }
    if let Some(site) = stored.site() {
        new_document.add_text(fields.site, site);
    }
    new_document.add_text(fields.lang, stored.lang.code());
    if let Some(day) = stored.day() {
        new_document.add_u64(fields.day, day);
    }
    new_document
}

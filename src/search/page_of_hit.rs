//! Finds the passages of a page by the id of a hit, or by the key of the page.

use tantivy::Term;

use super::hit::{DIGITS, hit_id, parse_hit_id};
use crate::error::Result;
use crate::index::{DocumentKind, Index, StoredPassage, contradiction_error, page_hash};

/// The page of a hit.
#[derive(Clone, Debug)]
pub struct PageOfHit {
    /// The passages of the page in order; boilerplate only if the hit is boilerplate.
    pub passages: Vec<StoredPassage>,
    /// The index of the hit in `passages`.
    pub position: usize,
}

impl PageOfHit {
    /// The passage that was found.
    pub fn hit(&self) -> &StoredPassage {
        &self.passages[self.position]
    }
}

/// Finds the page of a hit by the id that `search` returned for it. Returns `None` if `id` is not a hit id, or if the
/// index contains no such passage.
pub fn page_of_hit(index: &Index, id: &str) -> Result<Option<PageOfHit>> {
    let Some((hash, ordinal)) = parse_hit_id(id) else {
        return Ok(None);
    };
    let term = Term::from_field_u64(index.fields.page_hash, hash);
    let passages = passages_with(index, &term, |stored| page_hash(&stored.page.key()) == hash)?;
    let Some(hit) = passages.iter().find(|passage| passage.ordinal == ordinal) else {
        return Ok(None);
    };
    // The hashes of two pages may be equal.
    let (page, kind) = (hit.page.clone(), hit.kind);
    let is_shown = |passage: &StoredPassage| {
        passage.page == page && (passage.kind == DocumentKind::Passage || kind == DocumentKind::Boilerplate)
    };
    let passages: Vec<StoredPassage> = passages.into_iter().filter(is_shown).collect();
    let position = passages.iter().position(|passage| passage.ordinal == ordinal);
    Ok(position.map(|position| PageOfHit { passages, position }))
}

/// Maximum number of similar ids.
const MAX_SIMILAR: usize = 3;

/// Ids of passages that exist and differ little from an id that names none: another passage of the same page, or a page
/// whose id differs in one character or in the order of two. For each page, the passage with the nearest position.
pub fn similar_hit_ids(index: &Index, id: &str) -> Result<Vec<String>> {
    let (digits, position) = id.split_once('.').unwrap_or((id, ""));
    let position: i64 = position.parse().unwrap_or(1);
    let mut ids = Vec::new();
    for digits in similar_digits(digits) {
        let Some((hash, _)) = parse_hit_id(&format!("{digits}.1")) else { continue };
        let term = Term::from_field_u64(index.fields.page_hash, hash);
        if index.doc_freq_alive(&term)? == 0 {
            continue;
        }
        let passages = passages_with(index, &term, |stored| page_hash(&stored.page.key()) == hash)?;
        let is_shown = |stored: &&StoredPassage| stored.kind == DocumentKind::Passage;
        let distance = |stored: &&StoredPassage| (i64::from(stored.ordinal) + 1).abs_diff(position);
        let nearest = passages.iter().filter(is_shown).min_by_key(distance).map(hit_id);
        ids.extend(nearest.filter(|nearest| !ids.contains(nearest)));
        if ids.len() == MAX_SIMILAR {
            break;
        }
    }
    Ok(ids)
}

/// The digits themselves, and all within an edit distance of one; a transposition is one edit.
fn similar_digits(digits: &str) -> Vec<String> {
    let mut similar = vec![digits.to_string()];
    if !digits.is_ascii() || !(7..=9).contains(&digits.len()) {
        return similar;
    }
    for at in 0..digits.len() {
        let (before, rest) = digits.split_at(at);
        similar.push(format!("{before}{}", &rest[1..]));
        if rest.len() > 1 {
            similar.push(format!("{before}{}{}{}", &rest[1..2], &rest[..1], &rest[2..]));
        }
    }
    for at in 0..=digits.len() {
        let (before, rest) = digits.split_at(at);
        for digit in DIGITS.iter().map(|digit| char::from(*digit)) {
            similar.push(format!("{before}{digit}{rest}"));
            if !rest.is_empty() {
                similar.push(format!("{before}{digit}{}", &rest[1..]));
            }
        }
    }
    similar
}

/// The passages of the page with this key, without its boilerplate. A copy of another page has one empty passage.
#[doc(hidden)]
pub fn passages_of_page(index: &Index, key: &str) -> Result<Vec<StoredPassage>> {
    passages_with(index, &Term::from_field_text(index.fields.page, key), |stored| stored.page.key() == key)
}

/// The passages that contain a term. If `is_expected` is false for any of them, the index is damaged.
fn passages_with(
    index: &Index,
    term: &Term,
    is_expected: impl Fn(&StoredPassage) -> bool,
) -> Result<Vec<StoredPassage>> {
    let passages = index.passages_with(term)?;
    if passages.iter().all(is_expected) { Ok(passages) } else { Err(contradiction_error(index)) }
}

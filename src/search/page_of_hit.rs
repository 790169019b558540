//! Finds the passages of a page by the id of a hit, or by the key of the page.

use tantivy::Term;

use super::hit::parse_hit_id;
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

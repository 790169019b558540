//! Collapses hits from near-duplicate pages into the best of them, by the MinHashes of the pages.

use tantivy::{DocAddress, TantivyError};

use crate::error::Result;
use crate::index::{CoarseMinHash, Index, MinHash, NumericColumn, TextColumn};
use crate::search::ranking::ScoredPassage;

/// A hit, and lower-ranked hits from near-duplicates of its page.
pub struct HitGroup {
    pub best: ScoredPassage,
    pub similar: Vec<ScoredPassage>,
}

impl HitGroup {
    /// Number of hits.
    pub fn len(&self) -> usize {
        1 + self.similar.len()
    }
}

/// Number of preceding pages that a hit is compared with. Near-duplicates have nearly the same score, so they are close
/// to one another in the ranking.
const MAX_COMPARED: usize = 100;

/// Puts every hit into a separate group.
pub fn ungrouped(hits: &[ScoredPassage]) -> Vec<HitGroup> {
    hits.iter().map(|hit| HitGroup { best: *hit, similar: Vec::new() }).collect()
}

/// Groups the hits: a hit joins the group of the best hit of a higher-ranked page if its own page is a near-duplicate
/// of that page. Hits from the same page are not grouped with one another. The order is kept.
pub fn collapse_duplicates(index: &Index, hits: &[ScoredPassage]) -> Result<Vec<HitGroup>> {
    if hits.len() < 2 {
        return Ok(ungrouped(hits));
    }
    let mut groups: Vec<HitGroup> = Vec::new();
    // Each page once, with the index of the group that its best hit started.
    let mut pages: Vec<(usize, CoarseMinHash)> = Vec::new();
    for hit in hits {
        let coarse = match first_passage(index, hit.address)? {
            Some(first) => index.fast_fields.number(first, NumericColumn::CoarseMinHash)?.map(CoarseMinHash::from_u64),
            None => None,
        };
        let mut is_new_page = true;
        let mut duplicate_of = None;
        for (group, other) in pages.iter().rev().take(MAX_COMPARED) {
            if !coarse.is_some_and(|coarse| coarse.may_be_similar(*other)) {
                continue;
            }
            let other = groups[*group].best.address;
            if is_same_page(index, hit.address, other)? {
                is_new_page = false;
            } else if are_near_duplicates(index, hit.address, other)? {
                duplicate_of = Some(*group);
            }
        }
        match duplicate_of {
            Some(group) if is_new_page => groups[group].similar.push(*hit),
            _ => {
                if let Some(coarse) = coarse.filter(|_| is_new_page) {
                    pages.push((groups.len(), coarse));
                }
                groups.push(HitGroup { best: *hit, similar: Vec::new() });
            }
        }
    }
    Ok(groups)
}

fn is_same_page(index: &Index, one: DocAddress, other: DocAddress) -> Result<bool> {
    if one.segment_ord == other.segment_ord {
        return Ok(index.fast_fields.text_ordinal(one, TextColumn::Page)?
            == index.fast_fields.text_ordinal(other, TextColumn::Page)?);
    }
    Ok(index.fast_fields.text(one, TextColumn::Page)? == index.fast_fields.text(other, TextColumn::Page)?)
}

fn are_near_duplicates(index: &Index, one: DocAddress, other: DocAddress) -> Result<bool> {
    let (one, other) = (page_minhash(index, one)?, page_minhash(index, other)?);
    Ok(one.zip(other).is_some_and(|(one, other)| one.is_similar(&other)))
}

/// The first passage of a passage's page, with which the MinHashes of the page are stored. `None` for boilerplate.
fn first_passage(index: &Index, address: DocAddress) -> Result<Option<DocAddress>> {
    let first =
        DocAddress { doc_id: index.fast_fields.page_spans(address.segment_ord)?.first(address.doc_id), ..address };
    Ok(is_same_page(index, address, first)?.then_some(first))
}

fn page_minhash(index: &Index, address: DocAddress) -> Result<Option<MinHash>> {
    let mut bytes = Vec::new();
    if let Some(first) = first_passage(index, address)?
        && let Some(column) = index.fast_fields.minhash_column(first.segment_ord)?
        && let Some(ordinal) = column.term_ords(first.doc_id).next()
    {
        column.ord_to_bytes(ordinal, &mut bytes).map_err(TantivyError::from)?;
    }
    Ok(MinHash::from_bytes(&bytes))
}

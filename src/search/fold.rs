//! Given hits in order, which of them come from pages that are nearly the same?
//!
//! Only hits that are about to be shown are compared, by the signatures of their pages.

use tantivy::{DocAddress, TantivyError};

use super::ranking::ScoredPassage;
use crate::error::Result;
use crate::index::{CoarseMinHash, Index, MinHash, NumericColumn, TextColumn};

/// A hit, and those after it whose pages are nearly the same as its own.
pub struct Group {
    pub best: ScoredPassage,
    pub similar: Vec<ScoredPassage>,
}

/// A hit is compared with the best hits of so many pages before it: what is nearly the same scores nearly the same.
const COMPARED: usize = 100;

/// Every hit by itself.
pub fn apart(hits: &[ScoredPassage]) -> Vec<Group> {
    hits.iter().map(|hit| Group { best: *hit, similar: Vec::new() }).collect()
}

/// The hits in the same order, without those that go with one before them.
pub fn fold(index: &Index, hits: &[ScoredPassage]) -> Result<Vec<Group>> {
    if hits.len() < 2 {
        return Ok(apart(hits));
    }
    let mut groups: Vec<Group> = Vec::new();
    // A page is here once, with the group that its first hit began.
    let mut pages: Vec<(usize, CoarseMinHash)> = Vec::new();
    for hit in hits {
        let digest = match first(index, hit.address)? {
            Some(first) => index.fast_fields.number(first, NumericColumn::CoarseMinHash)?.map(CoarseMinHash::from_u64),
            None => None,
        };
        let mut is_new_page = true;
        let mut group = None;
        for (place, other) in pages.iter().rev().take(COMPARED) {
            if !digest.is_some_and(|digest| digest.may_be_similar(*other)) {
                continue;
            }
            let other = groups[*place].best.address;
            if is_same_page(index, hit.address, other)? {
                is_new_page = false;
            } else if are_similar(index, hit.address, other)? {
                group = Some(*place);
            }
        }
        match group {
            Some(place) if is_new_page => groups[place].similar.push(*hit),
            _ => {
                if let Some(digest) = digest.filter(|_| is_new_page) {
                    pages.push((groups.len(), digest));
                }
                groups.push(Group { best: *hit, similar: Vec::new() });
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

fn are_similar(index: &Index, one: DocAddress, other: DocAddress) -> Result<bool> {
    let (one, other) = (signature(index, one)?, signature(index, other)?);
    Ok(one.zip(other).is_some_and(|(one, other)| one.is_similar(&other)))
}

/// The first passage of a passage's page, which tells of the page; `None` for what is no passage.
fn first(index: &Index, address: DocAddress) -> Result<Option<DocAddress>> {
    let first =
        DocAddress { doc_id: index.fast_fields.page_spans(address.segment_ord)?.first(address.doc_id), ..address };
    Ok(is_same_page(index, address, first)?.then_some(first))
}

fn signature(index: &Index, address: DocAddress) -> Result<Option<MinHash>> {
    let mut bytes = Vec::new();
    if let Some(first) = first(index, address)?
        && let Some(column) = index.fast_fields.minhash_column(first.segment_ord)?
        && let Some(place) = column.term_ords(first.doc_id).next()
    {
        column.ord_to_bytes(place, &mut bytes).map_err(TantivyError::from)?;
    }
    Ok(MinHash::from_bytes(&bytes))
}

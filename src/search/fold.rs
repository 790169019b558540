//! Given hits in order, which of them come from pages that are nearly the same?
//!
//! Only hits that are about to be shown are compared, by the signatures of their pages.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use tantivy::columnar::{BytesColumn, Column, StrColumn};
use tantivy::{DocAddress, TantivyError};

use super::rank::Scored;
use crate::error::Result;
use crate::index::{Digest, Index, Signature};

/// A hit, and those after it whose pages are nearly the same as its own.
pub struct Group {
    pub best: Scored,
    pub similar: Vec<Scored>,
}

/// A hit is compared with the best hits of so many pages before it: what is nearly the same scores nearly the same.
const COMPARED: usize = 100;

/// Every hit by itself.
pub fn apart(hits: &[Scored]) -> Vec<Group> {
    hits.iter().map(|hit| Group { best: *hit, similar: Vec::new() }).collect()
}

/// The hits in the same order, without those that go with one before them.
pub fn fold(index: &Index, hits: &[Scored]) -> Result<Vec<Group>> {
    if hits.len() < 2 {
        return Ok(apart(hits));
    }
    let mut fields = FastFields { index, columns: HashMap::new() };
    let mut groups: Vec<Group> = Vec::new();
    // A page is here once, with the group that its first hit began.
    let mut pages: Vec<(usize, Digest)> = Vec::new();
    for hit in hits {
        let digest = fields.digest(hit.address)?;
        let mut is_new_page = true;
        let mut group = None;
        for (place, other) in pages.iter().rev().take(COMPARED) {
            if !digest.is_some_and(|digest| digest.may_be_similar(*other)) {
                continue;
            }
            let other = groups[*place].best.address;
            if fields.page(hit.address)? == fields.page(other)? {
                is_new_page = false;
            } else if fields.are_similar(hit.address, other)? {
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

/// Reads of which page a hit is and what that is like; columns are opened once a segment.
struct FastFields<'a> {
    index: &'a Index,
    columns: HashMap<u32, Columns>,
}

struct Columns {
    /// None where all pages of the segment are short.
    digests: Option<Column<u64>>,
    signatures: Option<BytesColumn>,
    pages: Option<StrColumn>,
}

impl FastFields<'_> {
    fn digest(&mut self, address: DocAddress) -> Result<Option<Digest>> {
        let digests = self.columns_of(address)?.digests.as_ref();
        Ok(digests.and_then(|digests| digests.first(address.doc_id)).map(Digest::read))
    }

    fn are_similar(&mut self, one: DocAddress, other: DocAddress) -> Result<bool> {
        let (one, other) = (self.signature(one)?, self.signature(other)?);
        Ok(one.zip(other).is_some_and(|(one, other)| one.is_similar(&other)))
    }

    fn signature(&mut self, address: DocAddress) -> Result<Option<Signature>> {
        let mut bytes = Vec::new();
        if let Some(column) = &self.columns_of(address)?.signatures
            && let Some(place) = column.term_ords(address.doc_id).next()
        {
            column.ord_to_bytes(place, &mut bytes).map_err(TantivyError::from)?;
        }
        Ok(Signature::read(&bytes))
    }

    fn page(&mut self, address: DocAddress) -> Result<String> {
        let mut page = String::new();
        if let Some(column) = &self.columns_of(address)?.pages
            && let Some(place) = column.term_ords(address.doc_id).next()
        {
            column.ord_to_str(place, &mut page).map_err(TantivyError::from)?;
        }
        Ok(page)
    }

    fn columns_of(&mut self, address: DocAddress) -> Result<&Columns> {
        Ok(match self.columns.entry(address.segment_ord) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let fast = self.index.searcher.segment_reader(address.segment_ord).fast_fields();
                unknown.insert(Columns {
                    digests: fast.column_opt("digest")?,
                    signatures: fast.bytes("signature")?,
                    pages: fast.str("page")?,
                })
            }
        })
    }
}

//! Given hits in order, which of them come from pages that are nearly the same?
//!
//! Only hits that are about to be shown are compared, by the signatures of their pages.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use tantivy::columnar::{BytesColumn, StrColumn};
use tantivy::{DocAddress, TantivyError};

use super::rank::Scored;
use crate::error::Result;
use crate::index::{Index, Signature};

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
    let mut signatures = Signatures { index, columns: HashMap::new() };
    let mut groups: Vec<Group> = Vec::new();
    // A page is here once, with the first of its hits.
    let mut pages: Vec<(usize, Signature)> = Vec::new();
    for hit in hits {
        let signature = signatures.of(hit.address)?;
        let mut is_new_page = true;
        let mut group = None;
        if let Some(signature) = &signature {
            let similar = pages.iter().rev().take(COMPARED).filter(|(_, other)| other.is_similar(signature));
            for (place, _) in similar {
                if signatures.is_same_page(hit.address, groups[*place].best.address)? {
                    is_new_page = false;
                } else {
                    group = Some(*place);
                }
            }
        }
        match group {
            Some(place) if is_new_page => groups[place].similar.push(*hit),
            _ => {
                if let Some(signature) = signature.filter(|_| is_new_page) {
                    pages.push((groups.len(), signature));
                }
                groups.push(Group { best: *hit, similar: Vec::new() });
            }
        }
    }
    Ok(groups)
}

/// Reads signatures from the fast fields; their columns are opened once a segment.
struct Signatures<'a> {
    index: &'a Index,
    columns: HashMap<u32, (Option<BytesColumn>, Option<StrColumn>)>,
}

impl Signatures<'_> {
    fn of(&mut self, address: DocAddress) -> Result<Option<Signature>> {
        let (signatures, _) = self.columns_of(address)?;
        let mut bytes = Vec::new();
        if let Some(column) = signatures
            && let Some(place) = column.term_ords(address.doc_id).next()
        {
            column.ord_to_bytes(place, &mut bytes).map_err(TantivyError::from)?;
        }
        Ok(Signature::read(&bytes))
    }

    fn is_same_page(&mut self, one: DocAddress, other: DocAddress) -> Result<bool> {
        Ok(self.page(one)? == self.page(other)?)
    }

    fn page(&mut self, address: DocAddress) -> Result<String> {
        let (_, pages) = self.columns_of(address)?;
        let mut page = String::new();
        if let Some(column) = pages
            && let Some(place) = column.term_ords(address.doc_id).next()
        {
            column.ord_to_str(place, &mut page).map_err(TantivyError::from)?;
        }
        Ok(page)
    }

    fn columns_of(&mut self, address: DocAddress) -> Result<&(Option<BytesColumn>, Option<StrColumn>)> {
        Ok(match self.columns.entry(address.segment_ord) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let fast = self.index.searcher.segment_reader(address.segment_ord).fast_fields();
                unknown.insert((fast.bytes("signature")?, fast.str("page")?))
            }
        })
    }
}

//! Groups passages by page, from the page spans of the index: passages of one page have consecutive doc ids.

use rustc_hash::{FxHashMap, FxHashSet};
use tantivy::DocAddress;

use crate::error::Result;
use crate::index::{Index, TextColumn, boilerplate_key};
use crate::search::interrupt::StopCheck;
use crate::search::ranking::ScoredPassage;

/// Maps passages to pages. A page is identified by the address of its first document.
pub struct PageGroups<'a> {
    index: &'a Index,
    /// Whether there are boilerplate documents among the passages. Such a document need not be next to the passages of
    /// its page.
    with_boilerplate: bool,
}

impl<'a> PageGroups<'a> {
    pub fn new(index: &'a Index, with_boilerplate: bool) -> PageGroups<'a> {
        PageGroups { index, with_boilerplate }
    }

    /// The page of a passage.
    pub fn page_of(&self, address: DocAddress) -> Result<DocAddress> {
        let first = self.index.fast_fields.page_spans(address.segment_ord)?.first(address.doc_id);
        if self.with_boilerplate && first != address.doc_id {
            let key = self.index.fast_fields.text(address, TextColumn::Page)?;
            let key_of_first =
                self.index.fast_fields.text(DocAddress::new(address.segment_ord, first), TextColumn::Page)?;
            if key != key_of_first && key != boilerplate_key(&key_of_first) {
                return Ok(address);
            }
        }
        Ok(DocAddress::new(address.segment_ord, first))
    }

    /// Number of the given passages on each page; incomplete if the search is canceled.
    pub fn count_passages(&self, passages: &[ScoredPassage], stop: &StopCheck) -> Result<FxHashMap<DocAddress, u32>> {
        let mut counts = FxHashMap::default();
        for (number, scored) in passages.iter().enumerate() {
            if stop.is_canceled_at(number) {
                break;
            }
            *counts.entry(self.page_of(scored.address)?).or_insert(0) += 1;
        }
        Ok(counts)
    }

    /// Keeps the first passage of each page, in the same order.
    pub fn first_of_each_page(&self, hits: Vec<ScoredPassage>) -> Result<Vec<ScoredPassage>> {
        let mut seen = FxHashSet::default();
        let mut kept = Vec::new();
        for hit in hits {
            if seen.insert(self.page_of(hit.address)?) {
                kept.push(hit);
            }
        }
        Ok(kept)
    }
}

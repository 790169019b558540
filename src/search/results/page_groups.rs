//! Groups passages by page, from the page spans of the index: passages of one page have consecutive doc ids.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;
use tantivy::{DocAddress, DocId};

use crate::error::Result;
use crate::index::{Index, TextColumn, boilerplate_key};
use crate::query::Query;
use crate::search::matching;
use crate::search::ranking::ScoredPassage;
use crate::search::searched_scopes::{PerScope, WeightedScope};

/// The number of matching passages of each page, by page.
pub struct PageCounts(Vec<(DocAddress, usize)>);

impl PageCounts {
    /// The pages with matches, in ascending order.
    pub fn pages(&self) -> impl ExactSizeIterator<Item = DocAddress> {
        self.0.iter().map(|(page, _)| *page)
    }

    /// Number of matching passages on all pages.
    pub fn passages(&self) -> usize {
        self.0.iter().map(|(_, count)| count).sum()
    }

    /// Number of matching passages on a page.
    pub fn of_page(&self, page: DocAddress) -> usize {
        self.0.binary_search_by_key(&page, |(page, _)| *page).map_or(0, |index| self.0[index].1)
    }
}

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

    /// Counts the passages of each page that match. If the search is stopped, the counts are lower bounds.
    pub fn count_passages(&self, scopes: &PerScope<WeightedScope>, query: &Query) -> Result<PageCounts> {
        let mut counts: Vec<(DocAddress, usize)> = Vec::new();
        for WeightedScope { scope, .. } in scopes.iter() {
            let (mut segment, mut page_end) = (None, 0);
            matching::for_each_window(scope, query, |segment_ord, window| {
                let spans = self.index.fast_fields.page_spans(segment_ord)?;
                if segment.replace(segment_ord) != Some(segment_ord) {
                    page_end = 0;
                }
                let mut result = Ok(());
                window.for_each(|position| {
                    let doc = window.begin() + position as DocId;
                    match counts.last_mut() {
                        Some((_, count)) if doc < page_end => *count += 1,
                        _ => match self.page_of(DocAddress::new(segment_ord, doc)) {
                            Ok(page) => {
                                // With boilerplate, the next document may be that of another page.
                                page_end = if self.with_boilerplate { 0 } else { spans.end(doc) };
                                counts.push((page, 1));
                            }
                            Err(error) => result = Err(error),
                        },
                    }
                });
                result
            })?;
        }
        counts.sort_unstable();
        counts.dedup_by(|(page, count), (previous, sum)| {
            let is_same = page == previous;
            *sum += if is_same { *count } else { 0 };
            is_same
        });
        Ok(PageCounts(counts))
    }

    /// Keeps the first passage of each page, in the same order.
    pub fn first_of_each_page(&self, hits: Vec<ScoredPassage>) -> Result<Vec<ScoredPassage>> {
        let mut seen = FxHashSet::default();
        // The end of each page seen, by its first document: finding the page of every passage of a long page again
        // would take quadratic time.
        let mut ends: BTreeMap<DocAddress, DocId> = BTreeMap::new();
        let mut kept = Vec::new();
        for hit in hits {
            let DocAddress { segment_ord, doc_id } = hit.address;
            let before = ends.range(..=hit.address).next_back();
            if before.is_some_and(|(page, end)| page.segment_ord == segment_ord && doc_id < *end) {
                continue;
            }
            let page = self.page_of(hit.address)?;
            if seen.insert(page) {
                kept.push(hit);
                if !self.with_boilerplate {
                    ends.insert(page, self.index.fast_fields.page_spans(segment_ord)?.end(doc_id));
                }
            }
        }
        Ok(kept)
    }
}

//! Merges segments after a commit: into one after a build, into at most four after an update.

use std::path::Path;

use tantivy::{IndexWriter, SegmentMeta};

use crate::error::Result;
use crate::index::store::verify::{SegmentFiles, verify_segments};

/// Maximum number of segments after an update. A search opens every segment, so each one costs time. Other values were
/// not measured.
const MAX_SEGMENTS: usize = 4;

/// A segment is small if it has less than a tenth of all live documents. Small segments are merged first, so that
/// adding a page to a large index doesn't write all of it again. Other values were not measured.
const SMALL_DIVISOR: u64 = 10;

/// A segment with more than a third as many deleted documents as live ones is merged, because deleted documents still
/// take space and time. Other values were not measured.
const DELETED_DIVISOR: u32 = 3;

/// Merges segments if there are too many or if many of their documents are deleted. A new generation gets one segment.
pub fn merge_segments(writer: &mut IndexWriter, index: &tantivy::Index, generation: &Path, is_new: bool) -> Result<()> {
    let segments = choose_segments(index.searchable_segment_metas()?, is_new);
    if !segments.is_empty() {
        // A merged file has a valid checksum, even if it was written from damaged ones.
        verify_segments(index, generation, SegmentFiles::All, &segments)?;
        let ids: Vec<_> = segments.iter().map(|segment| segment.id()).collect();
        writer.merge(&ids).wait()?;
    }
    Ok(())
}

/// Returns the segments to merge into one.
fn choose_segments(segments: Vec<SegmentMeta>, is_new: bool) -> Vec<SegmentMeta> {
    let total: u64 = segments.iter().map(|segment| u64::from(segment.num_docs())).sum();
    let is_small = |segment: &SegmentMeta| u64::from(segment.num_docs()) * SMALL_DIVISOR < total;
    let has_many_deletes = |segment: &SegmentMeta| segment.num_deleted_docs() * DELETED_DIVISOR > segment.num_docs();
    let small: Vec<SegmentMeta> =
        segments.iter().filter(|segment| is_small(segment) || has_many_deletes(segment)).cloned().collect();
    let remaining = segments.len() - small.len() + usize::from(!small.is_empty());
    if is_new && segments.len() > 1 || remaining > MAX_SEGMENTS {
        segments
    } else if segments.len() > MAX_SEGMENTS || segments.iter().any(has_many_deletes) {
        small
    } else {
        Vec::new()
    }
}

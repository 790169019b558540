//! Verifies the checksums of a generation's files.

use std::path::{Path, PathBuf};

use tantivy::index::SegmentComponent;
use tantivy::{Directory, SegmentMeta, SegmentReader};

use super::checksum::{self, MISMATCH};
use super::directory::MANAGED_FILE;
use super::generation::{open_error, read_error};
use crate::error::{Error, Result};

/// The files of a segment to verify.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SegmentFiles {
    All,
    /// The files that are read to find the documents of a term.
    Postings,
}

/// Returns an error if one of the given files of the segments is damaged. Must be called before segments are merged:
/// the merged files get new checksums, which would be valid even if the content is damaged.
pub fn verify_segments(
    index: &tantivy::Index,
    generation: &Path,
    files: SegmentFiles,
    segments: &[SegmentMeta],
) -> Result<()> {
    for name in segments.iter().flat_map(|segment| segment_files(segment, files)) {
        if let Some(reason) = find_fault(index, generation, &name) {
            return Err(Error::Damaged { file: generation.join(name), reason });
        }
    }
    Ok(())
}

/// Returns an error if the list of deleted documents of a segment is damaged: a deleted passage in the postings looks
/// like any other. These files are small, one bit per document.
pub fn verify_deletes(index: &tantivy::Index, generation: &Path, segments: &[SegmentReader]) -> Result<()> {
    for segment in segments {
        if let Some(opstamp) = segment.delete_opstamp() {
            let name = PathBuf::from(format!("{}.{opstamp}.del", segment.segment_id().uuid_string()));
            if let Some(reason) = find_fault(index, generation, &name) {
                return Err(Error::Damaged { file: generation.join(name), reason });
            }
        }
    }
    Ok(())
}

/// Returns an error if tantivy's list of files, which only a writer needs, is damaged.
pub fn verify_file_list(generation: &Path) -> Result<()> {
    let file = generation.join(MANAGED_FILE);
    let list = std::fs::read(&file).map_err(|error| read_error(&file, &error))?;
    if checksum::verify(&list).is_none() {
        return Err(Error::Damaged { file, reason: MISMATCH.to_string() });
    }
    Ok(())
}

/// Returns the names of the given files of a segment.
pub fn segment_files(segment: &SegmentMeta, files: SegmentFiles) -> Vec<PathBuf> {
    let mut components = vec![SegmentComponent::Terms, SegmentComponent::Postings];
    if segment.has_deletes() {
        components.push(SegmentComponent::Delete);
    }
    if files == SegmentFiles::All {
        components.extend([SegmentComponent::Positions, SegmentComponent::FieldNorms]);
        components.extend([SegmentComponent::FastFields, SegmentComponent::Store]);
    }
    components.into_iter().map(|component| segment.relative_path(component)).collect()
}

/// Returns what is wrong with a file that tantivy wrote; `None` for an intact file.
pub fn find_fault(index: &tantivy::Index, generation: &Path, name: &Path) -> Option<String> {
    let directory = index.directory();
    let is_valid = directory.open_read(name).and_then(|_| directory.validate_checksum(name));
    match is_valid {
        Ok(true) => None,
        Ok(false) => Some(MISMATCH.to_string()),
        Err(error) => match open_error(generation, error.into()) {
            Error::Damaged { reason, .. } => Some(reason),
            other => Some(other.to_string()),
        },
    }
}

//! The fingerprint of a page: the hashes of its lines and a bottom-k MinHash of its prose.

use serde::{Deserialize, Serialize};

use super::fold_line::fold_line_into;
use super::line_hash::{hash_folded, short_hash};
use crate::clean::text::shape::is_prose;
use crate::model::Line;

/// What a site template is built from: the lines of a page and a sketch of its prose.
///
/// The manifest stores the fields in this order (postcard).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PageFingerprint {
    /// The hashes of its lines (see `line_hash`). Sorted, without duplicates.
    #[serde(with = "hashes")]
    pub lines: Vec<u32>,
    /// The `SKETCH_SIZE` smallest hashes of the shingles of its prose, from which the resemblance of two pages is
    /// estimated. Sorted, without duplicates.
    #[serde(with = "hashes")]
    pub(super) shingles: Vec<u32>,
}

/// Serializes hashes as raw bytes: as varints they would take up to five bytes each, and more time to decode.
mod hashes {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(hashes: &[u32], serializer: S) -> Result<S::Ok, S::Error> {
        let bytes: Vec<u8> = hashes.iter().flat_map(|hash| hash.to_le_bytes()).collect();
        serializer.serialize_bytes(&bytes)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u32>, D::Error> {
        let bytes = <&[u8]>::deserialize(deserializer)?;
        let (hashes, _) = bytes.as_chunks();
        Ok(hashes.iter().map(|hash| u32::from_le_bytes(*hash)).collect())
    }
}

/// The number of words in a shingle (A. Broder, "On the resemblance and containment of documents", 1997).
const SHINGLE_WORDS: usize = 5;
/// The number of shingle hashes stored for each page. In a corpus of 98,000 pages, 1,626 pairs share four fifths of all
/// their shingles; 24 hashes identify 96 % of these pairs. Of the pages that end up in a duplicate cluster, 80 %
/// share at least four fifths of their shingles with another page of the cluster, and 94 % at least seven tenths.
const SKETCH_SIZE: usize = 24;

impl PageFingerprint {
    pub fn of(lines: &[Line]) -> PageFingerprint {
        let mut fingerprint = PageFingerprint::default();
        let mut folded = Vec::new();
        let mut max_hash = u32::MAX;
        for line in lines {
            fold_line_into(&line.text, &mut folded);
            let is_prose = is_prose(&line.text);
            fingerprint.lines.extend(hash_folded(&line.text, &folded, is_prose));
            if is_prose {
                fingerprint.shingles.extend(shingles(&folded).filter(|shingle| *shingle <= max_hash));
                // Truncating now and then is cheaper than keeping a heap.
                if fingerprint.shingles.len() > 4 * SKETCH_SIZE {
                    fingerprint.keep_smallest();
                    max_hash = fingerprint.complete_up_to();
                }
            }
        }
        fingerprint.lines.sort_unstable();
        fingerprint.lines.dedup();
        fingerprint.keep_smallest();
        fingerprint.shingles.shrink_to_fit();
        fingerprint
    }

    fn keep_smallest(&mut self) {
        self.shingles.sort_unstable();
        self.shingles.dedup();
        self.shingles.truncate(SKETCH_SIZE);
    }

    /// The largest hash up to which `shingles` has all shingles of the page.
    pub fn complete_up_to(&self) -> u32 {
        if self.shingles.len() < SKETCH_SIZE { u32::MAX } else { self.shingles[SKETCH_SIZE - 1] }
    }
}

/// The hashes of all runs of five words in a folded line.
fn shingles(folded: &[u8]) -> impl Iterator<Item = u32> + '_ {
    let spaces = || folded.iter().enumerate().filter(|(_, byte)| **byte == b' ').map(|(offset, _)| offset);
    let starts = std::iter::once(0).chain(spaces().map(|offset| offset + 1));
    let ends = spaces().chain(std::iter::once(folded.len()));
    starts.zip(ends.skip(SHINGLE_WORDS - 1)).map(|(start, end)| short_hash(&folded[start..end]))
}

//! Clusters the copies and near-duplicates among the pages of a site by the resemblance of their MinHash sketches.
//!
//! Resemblance is the Jaccard coefficient of two pages' shingles (A. Broder, 1997). Clusters are the connected
//! components of the pairs that reach a threshold, found by union-find.

use rustc_hash::{FxHashMap, FxHashSet};

use super::page_fingerprint::PageFingerprint;
use super::recurrence::SMALL_SITE;
use super::union_find::UnionFind;

/// Pages with at least this resemblance count as copies of each other.
const COPY_SHARE: f64 = 0.8;
/// The lower minimum on a site of at most `SMALL_SITE` pages. There, two pages are enough for a template, so two
/// versions of one page must not count as two pages.
const VERSION_SHARE: f64 = 0.5;

/// Assigns a cluster number to each page, counted from 0 in the order of the pages. The clusters depend on the set of
/// pages alone.
pub fn duplicate_clusters(pages: &[&PageFingerprint]) -> Vec<usize> {
    let copy_share = if pages.len() <= SMALL_SITE { VERSION_SHARE } else { COPY_SHARE };
    let (shared, notices) = count_shared_shingles(pages);
    let mut clusters = UnionFind::new(pages.len());
    for ((one, other), shared) in shared {
        let (one, other) = (one as usize, other as usize);
        let complete_up_to = pages[one].complete_up_to().min(pages[other].complete_up_to());
        let is_compared = |shingle: &&u32| **shingle <= complete_up_to && !notices.contains(*shingle);
        let size = |page: usize| pages[page].shingles.iter().filter(is_compared).count();
        if shared as f64 >= copy_share * (size(one) + size(other) - shared) as f64 {
            clusters.union(one, other);
        }
    }
    // Copies without prose have no shingles to compare, but they have the same lines.
    let mut last_with: FxHashMap<&[u32], usize> = FxHashMap::default();
    for (index, page) in pages.iter().enumerate().filter(|(_, page)| page.lines.len() > 1) {
        if let Some(copy) = last_with.insert(&page.lines, index) {
            clusters.union(copy, index);
        }
    }
    let mut numbers: FxHashMap<usize, usize> = FxHashMap::default();
    (0..pages.len())
        .map(|page| {
            let next = numbers.len();
            *numbers.entry(clusters.root(page)).or_insert(next)
        })
        .collect()
}

/// Counts the shingles that each pair of pages shares. Also returns the shingles that are not counted because too many
/// pages contain them: such shingles come from a notice that the site repeats, and don't indicate copies.
fn count_shared_shingles(pages: &[&PageFingerprint]) -> (FxHashMap<(u32, u32), usize>, FxHashSet<u32>) {
    // A tenth of the pages. At least 5, so that shingles that a few versions of one page share are counted on a small
    // site too; at most 40, because the number of pairs grows quadratically.
    let max_copies = (pages.len() / 10).clamp(5, 40);
    let mut occurrences: Vec<(u32, u32)> = pages
        .iter()
        .zip(0u32..)
        .flat_map(|(page, index)| page.shingles.iter().map(move |shingle| (*shingle, index)))
        .collect();
    occurrences.sort_unstable();
    let mut notices = FxHashSet::default();
    let mut shared: FxHashMap<(u32, u32), usize> = FxHashMap::default();
    for pages in occurrences.chunk_by(|one, other| one.0 == other.0) {
        if pages.len() > max_copies {
            notices.insert(pages[0].0);
            continue;
        }
        for (index, (_, one)) in pages.iter().enumerate() {
            for (_, other) in &pages[index + 1..] {
                *shared.entry((*one, *other)).or_default() += 1;
            }
        }
    }
    (shared, notices)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Line, Markup};

    fn fingerprint(page: &str) -> PageFingerprint {
        let lines: Vec<Line> =
            page.lines().map(|text| Line { number: 1, text: text.to_string(), markup: Markup::None }).collect();
        PageFingerprint::of(&lines)
    }

    /// A page of forty sentences in which every n-th word is replaced.
    fn page(name: &str, replaced_every: usize) -> String {
        let word = |number: usize| {
            let is_replaced = number % replaced_every == replaced_every - 1;
            format!("{name}{}{number}", if is_replaced { "annet" } else { "ord" })
        };
        let sentence = |first: usize| (first..first + 15).map(word).collect::<Vec<_>>().join(" ") + ".\n";
        (0..600).step_by(15).map(sentence).collect()
    }

    #[test]
    fn near_duplicates_share_four_fifths_of_their_shingles_or_half_in_a_small_site() {
        let clusters = |replaced_every: usize, fillers: usize| {
            let fillers = (0..fillers).map(|number| page(&format!("side{number}"), usize::MAX));
            let pages = [page("", usize::MAX), page("", replaced_every)].into_iter().chain(fillers);
            let pages: Vec<PageFingerprint> = pages.map(|page| fingerprint(&page)).collect();
            duplicate_clusters(&pages.iter().collect::<Vec<_>>())[1] + 1
        };
        // Replacing one word in 100 changes at most 30 of 440 shingles; replacing one in 20 changes 11 of every 44.
        assert_eq!((clusters(100, 30), clusters(20, 30)), (1, 2));
        assert_eq!((clusters(100, 0), clusters(20, 0), clusters(5, 0)), (1, 1, 2));
    }
}

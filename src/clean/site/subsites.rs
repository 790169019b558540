//! Detects lines that recur on one of several sites whose pages are mixed in a large folder.
//!
//! The menu lines of a small site occur on too small a share of a large folder to count as recurring there. But all of
//! these lines occur on exactly the same pages. Five such lines that are not prose identify these pages as a site, no
//! matter which other pages are in the folder. Menus that share a page belong to one site. In each site, lines are
//! counted as if it were alone in the folder.
//!
//! Measured on 69 labeled dumps of four sites among 5,000 reviews in one folder: this drops 4,452 words of boilerplate
//! instead of 4,284, and the same 39 words of content. On 98,000 pages of laws and similar texts, it accounts for
//! 12 of the 10,557 dropped lines. If the lines did not have to look like menu entries, it would drop 395.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::line_hash::is_prose_hash;
use super::recurrence::{MIN_CLUSTERS, Recurrence, recurrence};
use super::union_find::UnionFind;

/// The duplicate clusters in which a line occurs.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct LineOccurrence {
    /// The number of clusters in which the line occurs.
    pub clusters: usize,
    /// Identifies the set of these clusters: the wrapping sum of the hashes of their numbers.
    pub cluster_set: u64,
}

/// This many lines on exactly the same pages identify these pages as a site.
const MENU_LINES: usize = 5;
/// A line belongs to the template if this share of its occurrences is in sites in which it recurs.
const SITE_SHARE: f64 = 0.8;

/// Returns the lines that recur in sites within a folder but are rare in the folder as a whole.
///
/// `clusters` lists the lines of each duplicate cluster, `occurrences` states where each line occurs, and `is_rare`
/// decides which lines are rare in the folder. The caller must check that the lines look like menu entries: similar
/// pages of laws and of code also share lines.
pub fn recurring_in_subsites(
    clusters: &[Cow<[u32]>],
    occurrences: &FxHashMap<u32, LineOccurrence>,
    is_rare: impl Fn(u32) -> bool,
) -> Vec<u32> {
    let may_recur = |line: u32| occurrences[&line].clusters >= MIN_CLUSTERS && is_rare(line);
    if !occurrences.keys().any(|line| may_recur(*line)) {
        return Vec::new();
    }
    let site_of_cluster = assign_sites(clusters, occurrences);
    let mut site_sizes: FxHashMap<usize, usize> = FxHashMap::default();
    let mut in_site: FxHashMap<(u32, usize), usize> = FxHashMap::default();
    for (lines, site) in clusters.iter().zip(site_of_cluster) {
        let Some(site) = site else {
            continue;
        };
        *site_sizes.entry(site).or_default() += 1;
        for line in lines.iter().filter(|line| may_recur(**line)) {
            *in_site.entry((*line, site)).or_default() += 1;
        }
    }
    // For each line, the number of clusters in which it occurs, counting only the sites in which it recurs.
    let mut recurring_counts: FxHashMap<u32, usize> = FxHashMap::default();
    for ((line, site), count) in in_site {
        if count >= MIN_CLUSTERS && recurrence(line, count, site_sizes[&site]) != Recurrence::Rare {
            *recurring_counts.entry(line).or_default() += count;
        }
    }
    recurring_counts.retain(|line, count| *count as f64 >= SITE_SHARE * occurrences[line].clusters as f64);
    recurring_counts.into_keys().collect()
}

/// Assigns each cluster to a site; `None` if it has no menu.
fn assign_sites(clusters: &[Cow<[u32]>], occurrences: &FxHashMap<u32, LineOccurrence>) -> Vec<Option<usize>> {
    let mut menus: FxHashMap<LineOccurrence, Vec<u32>> = FxHashMap::default();
    let may_be_in_menu =
        |line: u32, occurrence: &LineOccurrence| occurrence.clusters >= MIN_CLUSTERS && !is_prose_hash(line);
    for (line, occurrence) in occurrences.iter().filter(|(line, occurrence)| may_be_in_menu(**line, occurrence)) {
        menus.entry(*occurrence).or_default().push(*line);
    }
    let menus: Vec<Vec<u32>> = menus.into_values().filter(|lines| lines.len() >= MENU_LINES).collect();
    let lines_of = |(menu, lines): (usize, &Vec<u32>)| lines.iter().map(|line| (*line, menu)).collect::<Vec<_>>();
    let menu_of: FxHashMap<u32, usize> = menus.iter().enumerate().flat_map(lines_of).collect();
    let mut sites = UnionFind::new(menus.len());
    let mut first_menus = Vec::new();
    for lines in clusters {
        let mut found = lines.iter().filter_map(|line| menu_of.get(line)).copied();
        let first = found.next();
        for other in found {
            sites.union(first.unwrap_or(other), other);
        }
        first_menus.push(first);
    }
    first_menus.into_iter().map(|menu| menu.map(|menu| sites.root(menu))).collect()
}

//! Given the lines of all pages of a folder, which of them recur in sites that lie mixed in it?
//!
//! A small site's menu stands in too small a share of a large folder to mean anything there. But its lines stand in the
//! very same pages: five such lines that are no prose make these pages a site, whatever else is in the folder. Menus
//! that have a page in common are one site's. In each site lines are counted as if it were alone.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::template::{MIN_FAMILIES, Recurrence, recurrence, root};

/// Where a line stands.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Standing {
    /// In how many families of pages.
    pub families: usize,
    /// The same for lines that stand in the same ones: the hashes of their numbers, added up.
    pub which: u64,
}

/// So many lines that stand in the same pages make these a site.
const MENU_LINES: usize = 5;
/// A line is a site's when it stands in this share of its pages in sites where it recurs.
const SITE_SHARE: f64 = 0.8;

/// The lines that recur in the sites within a folder and are rare in the folder itself. `families` has the lines of each
/// family of pages, `standing` where each line stands, `is_rare` says which are rare. Of similar pages of laws and code,
/// these are their formulas: who asks must look what the lines are.
pub fn recurring(
    families: &[Cow<[u32]>],
    standing: &FxHashMap<u32, Standing>,
    is_rare: impl Fn(u32) -> bool,
) -> Vec<u32> {
    let may_recur = |line: u32| standing[&line].families >= MIN_FAMILIES && is_rare(line);
    if !standing.keys().any(|line| may_recur(*line)) {
        return Vec::new();
    }
    let mut menus: FxHashMap<Standing, Vec<u32>> = FxHashMap::default();
    let is_prose = |line: u32| line & 1 == 1;
    for (line, at) in standing.iter().filter(|(line, at)| at.families >= MIN_FAMILIES && !is_prose(**line)) {
        menus.entry(*at).or_default().push(*line);
    }
    let menus: Vec<Vec<u32>> = menus.into_values().filter(|lines| lines.len() >= MENU_LINES).collect();
    let lines_of = |(number, lines): (usize, &Vec<u32>)| lines.iter().map(|line| (*line, number)).collect::<Vec<_>>();
    let menu_of: FxHashMap<u32, usize> = menus.iter().enumerate().flat_map(lines_of).collect();
    let mut parent: Vec<usize> = (0..menus.len()).collect();
    let mut first_menus = Vec::new();
    for lines in families {
        let mut found = lines.iter().filter_map(|line| menu_of.get(line)).copied();
        let first = found.next();
        for other in found {
            let (one, other) = (root(&mut parent, first.unwrap_or(other)), root(&mut parent, other));
            parent[one.max(other)] = one.min(other);
        }
        first_menus.push(first);
    }
    // Of each site the families, and of each line in it in how many it stands.
    let mut sizes: FxHashMap<usize, usize> = FxHashMap::default();
    let mut in_site: FxHashMap<(u32, usize), usize> = FxHashMap::default();
    for (lines, menu) in families.iter().zip(first_menus) {
        let Some(menu) = menu else {
            continue;
        };
        let site = root(&mut parent, menu);
        *sizes.entry(site).or_default() += 1;
        for line in lines.iter().filter(|line| may_recur(**line)) {
            *in_site.entry((*line, site)).or_default() += 1;
        }
    }
    // In how many families a line stands in sites where it recurs.
    let mut recurs: FxHashMap<u32, usize> = FxHashMap::default();
    for ((line, site), stands_in) in in_site {
        if stands_in >= MIN_FAMILIES && recurrence(line, stands_in, sizes[&site]) != Recurrence::Rare {
            *recurs.entry(line).or_default() += stands_in;
        }
    }
    recurs.retain(|line, stands_in| *stands_in as f64 >= SITE_SHARE * standing[line].families as f64);
    recurs.into_keys().collect()
}

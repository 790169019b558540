//! Decides whether a line belongs to the template of a site, from the number of pages that contain it.

use super::line_hash::is_prose_hash;

/// How often a line occurs on other pages of the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Recurrence {
    /// On too few pages to mean anything.
    Rare,
    /// On too few pages of the folder, but on enough pages of one of the sites that are mixed in it (see `subsites`).
    /// It is a line of the template if it looks like a menu entry and is above or below the content.
    InSubsite,
    /// On two pages of a small site. A text page without menus is assumed to have been cleaned before; there, such a
    /// line doesn't count as a line of the template.
    OnTwoPages,
    /// On enough pages to be a line of the template, if it is above or below the content.
    Recurs,
    /// On so large a share of all pages that it is a line of the template even between lines of content.
    Everywhere,
}

/// A line recurs if it occurs in at least this many duplicate clusters. A cluster is a page together with its copies
/// and near-duplicates; most clusters are a single page.
pub const MIN_CLUSTERS: usize = 3;
/// On a site with at most this many clusters, two are enough for a line that is not prose.
pub const SMALL_SITE: usize = 20;
/// On large sites, headings recur by chance, so a line must also occur in this share of the clusters.
const MIN_SHARE: f64 = 0.01;
/// A line that occurs in at least this share of the clusters is part of the template even between lines of content.
const EVERYWHERE_SHARE: f64 = 0.30;

/// The recurrence of a line that occurs in `occurrences` of `clusters` duplicate clusters.
pub fn recurrence(line: u32, occurrences: usize, clusters: usize) -> Recurrence {
    let share = occurrences as f64 / clusters as f64;
    let recurs = (occurrences >= MIN_CLUSTERS && share >= MIN_SHARE)
        || (occurrences == 2 && clusters <= SMALL_SITE && !is_prose_hash(line));
    match recurs {
        false => Recurrence::Rare,
        true if occurrences >= MIN_CLUSTERS && share >= EVERYWHERE_SHARE => Recurrence::Everywhere,
        true if occurrences == 2 => Recurrence::OnTwoPages,
        true => Recurrence::Recurs,
    }
}

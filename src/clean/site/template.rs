//! Builds the template of a site: the lines that recur on its pages.
//!
//! Lines are counted by duplicate cluster, not by page: otherwise the copies of a page would make its content look like
//! a template. The counts depend on the set of pages alone, not on their order.

use std::borrow::Cow;

use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::xxh3_64;

use super::duplicate_clusters::duplicate_clusters;
use super::line_hash::line_hash;
use super::page_fingerprint::PageFingerprint;
use super::recurrence::{Recurrence, recurrence};
use super::subsites::{LineOccurrence, recurring_in_subsites};

/// The lines that recur on a site.
#[derive(Debug, Default)]
pub struct SiteTemplate {
    /// The recurrence of each line that is not rare, by its hash.
    recurring: FxHashMap<u32, Recurrence>,
}

impl SiteTemplate {
    /// Builds the template of a site from the fingerprints of its pages.
    pub fn of(pages: &[&PageFingerprint]) -> SiteTemplate {
        let clusters = lines_of_clusters(pages);
        let mut occurrences: FxHashMap<u32, LineOccurrence> = FxHashMap::default();
        for (number, lines) in (0u64..).zip(&clusters) {
            let cluster_hash = xxh3_64(&number.to_le_bytes());
            for line in lines.iter() {
                let occurrence = occurrences.entry(*line).or_default();
                occurrence.clusters += 1;
                occurrence.cluster_set = occurrence.cluster_set.wrapping_add(cluster_hash);
            }
        }
        let mut recurring: FxHashMap<u32, Recurrence> = occurrences
            .iter()
            .map(|(line, occurrence)| (*line, recurrence(*line, occurrence.clusters, clusters.len())))
            .filter(|(_, recurrence)| *recurrence != Recurrence::Rare)
            .collect();
        let in_subsites = recurring_in_subsites(&clusters, &occurrences, |line| !recurring.contains_key(&line));
        recurring.extend(in_subsites.into_iter().map(|line| (line, Recurrence::InSubsite)));
        SiteTemplate { recurring }
    }

    pub fn recurrence(&self, line: &str) -> Recurrence {
        if self.recurring.is_empty() {
            return Recurrence::Rare;
        }
        line_hash(line).map_or(Recurrence::Rare, |hash| self.recurrence_of_hash(hash))
    }

    /// The template fingerprint of a page: a hash that changes if and only if the recurrence of one of the page's lines
    /// changes. When it changes, the page has to be cleaned again.
    pub fn fingerprint(&self, page: &PageFingerprint) -> u64 {
        let recurring: Vec<u8> = page
            .lines
            .iter()
            .enumerate()
            .filter(|(_, line)| self.recurring.contains_key(line))
            .flat_map(|(index, line)| {
                let mut entry = (index as u32).to_le_bytes().to_vec();
                entry.push(self.recurrence_of_hash(*line) as u8);
                entry
            })
            .collect();
        xxh3_64(&recurring)
    }

    fn recurrence_of_hash(&self, hash: u32) -> Recurrence {
        self.recurring.get(&hash).copied().unwrap_or(Recurrence::Rare)
    }
}

/// The lines of each duplicate cluster. Sorted, without duplicates.
fn lines_of_clusters<'a>(pages: &[&'a PageFingerprint]) -> Vec<Cow<'a, [u32]>> {
    let numbers = duplicate_clusters(pages);
    let count = numbers.iter().copied().max().map_or(0, |last| last + 1);
    let mut members: Vec<Vec<&[u32]>> = vec![Vec::new(); count];
    for (page, cluster) in pages.iter().zip(numbers) {
        members[cluster].push(&page.lines);
    }
    members.into_iter().map(merged).collect()
}

fn merged(pages: Vec<&[u32]>) -> Cow<'_, [u32]> {
    if let [page] = pages[..] {
        return Cow::Borrowed(page);
    }
    let mut lines = pages.concat();
    lines.sort_unstable();
    lines.dedup();
    Cow::Owned(lines)
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

    fn template(pages: &[&str]) -> SiteTemplate {
        let pages: Vec<PageFingerprint> = pages.iter().map(|page| fingerprint(page)).collect();
        SiteTemplate::of(&pages.iter().collect::<Vec<_>>())
    }

    const PROSE: &str = "Kommunen har plikt til å sørge for et forsvarlig tilbud til alle barn.";
    const OTHER: &str = "Loven skal sikre at elevene får den opplæringen som de har krav på.";
    const THIRD: &str = "Rapporten viser at tjenestene samarbeider mer enn før om utsatte unge.";

    #[test]
    fn a_line_on_pages_with_different_content_recurs() {
        let pages = [&format!("Meny\n{PROSE}")[..], &format!("Meny\n{OTHER}"), &format!("Meny\n{THIRD}")];
        let template = template(&pages);
        assert_eq!(template.recurrence("  MENY "), Recurrence::Everywhere);
        assert_eq!(template.recurrence(PROSE), Recurrence::Rare);
    }

    #[test]
    fn copies_of_a_page_count_once() {
        let page = format!("Tittel\n{PROSE}\n{OTHER}\nKontakt");
        let near_copy = format!("Tittel\n{PROSE}\n{OTHER}\n{THIRD}\nKontakt");
        let template = template(&[&page, &page, &near_copy]);
        assert_eq!(template.recurrence("Tittel"), Recurrence::Rare);
        assert_eq!(template.recurrence("Kontakt"), Recurrence::Rare);
    }

    #[test]
    fn copies_that_were_edited_in_every_line_count_once() {
        let page = format!("Tittel\n{PROSE}\n{OTHER}\n{THIRD}\nKontakt");
        let edited = page.replace("Kommunen", "Fylket").replace("krav på", "rett til").replace("unge.", "unge i fjor.");
        let template = template(&[&page, &edited, &edited]);
        assert_eq!(template.recurrence("Tittel"), Recurrence::Rare);
        assert_eq!(template.recurrence("Kontakt"), Recurrence::Rare);
    }

    #[test]
    fn the_template_fingerprint_depends_only_on_the_lines_of_the_page() {
        let page = fingerprint(&format!("Meny\n{PROSE}"));
        let before = template(&[&format!("Meny\n{PROSE}"), OTHER]);
        let unrelated = template(&[&format!("Meny\n{PROSE}"), &format!("{OTHER}\nNoe annet")]);
        let after = template(&[&format!("Meny\n{PROSE}"), &format!("Meny\n{OTHER}")]);
        assert_eq!(before.fingerprint(&page), unrelated.fingerprint(&page));
        assert_ne!(before.fingerprint(&page), after.fingerprint(&page));
    }
}

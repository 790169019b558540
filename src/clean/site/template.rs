//! Given all pages of a site, which of their lines belong to its template?
//!
//! Lines are compared with case, bullets and punctuation folded, and counted by family of pages:
//! copies and near-copies of a page are one family, else a page's own copies would make its content look
//! like a template. The counts depend on the set of pages alone, never on the order they came in.

use std::borrow::Cow;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::subsites::{self, Standing};
use crate::clean::text::shape::is_prose;
use crate::model::Line;

/// What the other pages need to know of a page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PageFingerprint {
    /// Its lines as hashes (see `line_hash`). The lowest bit says whether the line is prose. Sorted, each line once.
    #[serde(with = "hashes")]
    pub lines: Vec<u32>,
    /// Of all runs of five words in its lines of prose the `SKETCHED` smallest hashes: what copies that were edited
    /// since still share. Sorted, each once.
    #[serde(with = "hashes")]
    shingles: Vec<u32>,
}

/// Hashes as so many bytes: as numbers of any length they would take more, and more time to read.
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

/// How often a line stands in other pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Recurrence {
    /// In too few pages to mean anything.
    Rare,
    /// In too few pages, but in enough of a site that lies mixed among others (see `sites`): if it looks like a menu's,
    /// it is a template's line where templates live.
    InSite,
    /// In enough pages to be a template's line where templates live, above and below the content.
    Recurs,
    /// In a share of all pages that makes it a template's line even between content.
    Everywhere,
}

/// The lines that recur in a site.
#[derive(Debug, Default)]
pub struct SiteTemplate {
    recurring: FxHashMap<u32, Recurrence>,
}

/// A line recurs when it stands in this many families of pages …
pub const MIN_FAMILIES: usize = 3;
/// … or in two, when the site has no more families than this and the line isn't prose.
const SMALL_SITE: usize = 20;
/// In large sites chance repeats headings; a line must stand in this share of the families.
const MIN_SHARE: f64 = 0.01;
/// From this share on, a line is a template's line between content as well.
const EVERYWHERE_SHARE: f64 = 0.30;
/// Pages that share this part of their shingles are copies of one another.
const COPY_SHARE: f64 = 0.8;
/// In a small site, where two pages are enough for a template, already versions of a page must not pass for two.
const VERSION_SHARE: f64 = 0.5;
/// How many words make a shingle (A. Broder, "On the resemblance and containment of documents", 1997).
const SHINGLE: usize = 5;
/// How many shingles of a page are kept. Of 1,626 pairs of pages of a corpus that share four fifths of all their shingles
/// so many find 96 %; of the pages that they join 80 % have such a partner, 94 % one that shares seven tenths.
const SKETCHED: usize = 24;

impl PageFingerprint {
    pub fn of(lines: &[Line]) -> PageFingerprint {
        let mut sketch = PageFingerprint::default();
        let mut folded = Vec::new();
        let mut greatest = u32::MAX;
        for line in lines {
            fold(&line.text, &mut folded);
            let is_prose = is_prose(&line.text);
            sketch.lines.extend(hash(&line.text, &folded, is_prose));
            if is_prose {
                sketch.shingles.extend(shingles(&folded).filter(|shingle| *shingle <= greatest));
                if sketch.shingles.len() > 4 * SKETCHED {
                    sketch.keep_smallest();
                    greatest = sketch.known_to();
                }
            }
        }
        sketch.lines.sort_unstable();
        sketch.lines.dedup();
        sketch.keep_smallest();
        sketch.shingles.shrink_to_fit();
        sketch
    }

    fn keep_smallest(&mut self) {
        self.shingles.sort_unstable();
        self.shingles.dedup();
        self.shingles.truncate(SKETCHED);
    }

    /// The greatest hash up to which all shingles of the page are known.
    fn known_to(&self) -> u32 {
        if self.shingles.len() < SKETCHED { u32::MAX } else { self.shingles[SKETCHED - 1] }
    }
}

/// All runs of five words, as hashes.
fn shingles(folded: &[u8]) -> impl Iterator<Item = u32> + '_ {
    let spaces = || folded.iter().enumerate().filter(|(_, byte)| **byte == b' ').map(|(at, _)| at);
    let begins = std::iter::once(0).chain(spaces().map(|at| at + 1));
    let ends = spaces().chain(std::iter::once(folded.len()));
    begins.zip(ends.skip(SHINGLE - 1)).map(|(begin, end)| short_hash(&folded[begin..end]))
}

/// The hash under which a line is counted; `None` for a line without letters and digits.
pub fn line_hash(text: &str) -> Option<u32> {
    let mut folded = Vec::new();
    fold(text, &mut folded);
    hash(text, &folded, is_prose(text))
}

fn hash(text: &str, folded: &[u8], is_prose: bool) -> Option<u32> {
    let masked = if is_prose { None } else { without_counts(text, folded) };
    let counted = masked.as_ref().map_or(folded, String::as_bytes);
    (!folded.is_empty()).then(|| short_hash(counted) & !1 | u32::from(is_prose))
}

/// What a page counts, of itself or of others.
const COUNTED: [&str; 39] = [
    "anmeldelser",
    "annonser",
    "artikler",
    "besøk",
    "comments",
    "delinger",
    "ganger",
    "innlegg",
    "items",
    "kommentar",
    "kommentarar",
    "kommentarer",
    "lesere",
    "lesarar",
    "likes",
    "medlemmer",
    "meldinger",
    "oppslag",
    "page",
    "posts",
    "produkter",
    "reaksjoner",
    "replies",
    "resultat",
    "resultater",
    "results",
    "reviews",
    "saker",
    "seere",
    "side",
    "stemmer",
    "svar",
    "tegn",
    "treff",
    "varer",
    "views",
    "visning",
    "visningar",
    "visninger",
];

/// A line with `0` for the numbers that differ from page to page though the line is the template's: "Kommentarer (12)",
/// "532 visninger", "Side 3 av 14", "0/250", "© 2021". Numbers that name something stay: "§ 5", "Kapittel 3", "Steg 1",
/// "2018". `None` for a line without such numbers.
fn without_counts(text: &str, folded: &[u8]) -> Option<String> {
    // Most lines have no digit.
    if !folded.iter().any(u8::is_ascii_digit) || text.contains('§') {
        return None;
    }
    let folded = std::str::from_utf8(folded).ok()?;
    let words: Vec<(&str, bool)> =
        folded.split(' ').map(|word| (word, word.bytes().all(|byte| byte.is_ascii_digit()))).collect();
    if words.iter().all(|(_, is_number)| !is_number) {
        return None;
    }
    let is_copyright = text.contains('©') || folded.split(' ').any(|word| word == "copyright");
    let ends_in_parentheses = text.trim_end().ends_with(')') && {
        let inner = text.trim_end().trim_end_matches(')').rsplit('(').next().unwrap_or("");
        !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_digit()) && !is_year(inner)
    };
    // "3 av 14", and "0/250" when nothing else is said.
    let share = |first: usize| match &words[first..] {
        [(_, true), ("av" | "of" | "fra" | "frå", _), (_, true), ..] => Some(2),
        [(_, true), (_, true)] if first == 0 && text.contains('/') => Some(1),
        _ => None,
    };
    let counts = |at: usize| {
        let is_counted = |at: usize| words.get(at).is_some_and(|(word, _)| COUNTED.contains(word));
        let is_in_share = (0..=at.min(2)).any(|back| share(at - back) == Some(back)) || share(at).is_some();
        is_copyright && is_year(words[at].0)
            || ends_in_parentheses && at + 1 == words.len()
            || is_counted(at + 1)
            || at.checked_sub(1).is_some_and(is_counted)
            || is_in_share
    };
    let masked: Vec<&str> = words
        .iter()
        .enumerate()
        .map(|(at, (word, is_number))| if *is_number && counts(at) { "0" } else { *word })
        .collect();
    Some(masked.join(" "))
}

fn is_year(number: &str) -> bool {
    number.len() == 4 && (number.starts_with("19") || number.starts_with("20"))
}

/// Half of a hash, since each page has dozens: of a million lines 0.05 % have that of another, most of which stand in
/// one page.
fn short_hash(text: &[u8]) -> u32 {
    (xxh3_64(text) >> 32) as u32
}

/// The letters and digits of a line in lower case, what stands between them as one space.
pub fn folded(text: &str) -> String {
    folded_within(text, usize::MAX).unwrap_or_default()
}

/// The same of a text of which it has no more than `max` bytes.
pub fn folded_within(text: &str, max: usize) -> Option<String> {
    let mut folded = Vec::new();
    if fold_within(text, max, &mut folded) { String::from_utf8(folded).ok() } else { None }
}

/// The first word of the folded text.
pub fn first_word(text: &str) -> String {
    text.split(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty()).map(folded).unwrap_or_default()
}

/// Puts the folded text in the place of what `folded` held.
fn fold(text: &str, folded: &mut Vec<u8>) {
    folded.clear();
    fold_within(text, usize::MAX, folded);
}

/// Appends the folded text, or a beginning of it that is longer than `max` bytes. Whether it is the whole. Each line is
/// folded several times in an index, so the letters of nearly all words are read as bytes.
fn fold_within(text: &str, max: usize, folded: &mut Vec<u8>) -> bool {
    let bytes = text.as_bytes();
    folded.reserve((text.len() + 1).min(max));
    let mut is_apart = false;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if folded.len() > max {
            return false;
        }
        let (lower, length) = match (FOLDED[usize::from(*byte)], bytes.get(at + 1)) {
            (BETWEEN, _) => (Lower::None, 1),
            // U+00C0 to U+00FF without × and ÷; capitals stand 32 before the other letters.
            (BEYOND, Some(next)) if *byte == 0xc3 && !matches!(next, 0x97 | 0xb7) => {
                (Lower::Two([0xc3, if *next < 0x9f { next + 0x20 } else { *next }]), 2)
            }
            (BEYOND, _) => match text[at..].chars().next() {
                Some(c) if c.is_alphanumeric() => (Lower::Of(c), c.len_utf8()),
                c => (Lower::None, c.map_or(1, char::len_utf8)),
            },
            (lower, _) => (Lower::One(lower), 1),
        };
        at += length;
        if matches!(lower, Lower::None) {
            is_apart = true;
            continue;
        }
        if is_apart && !folded.is_empty() {
            folded.push(b' ');
        }
        is_apart = false;
        match lower {
            Lower::None => {}
            Lower::One(byte) => folded.push(byte),
            Lower::Two(bytes) => folded.extend(bytes),
            Lower::Of(c) => c.to_lowercase().for_each(|c| folded.extend(c.encode_utf8(&mut [0; 4]).bytes())),
        }
    }
    folded.len() <= max
}

/// A letter or digit in lower case.
enum Lower {
    None,
    One(u8),
    Two([u8; 2]),
    Of(char),
}

/// Each letter and digit of ASCII in lower case.
static FOLDED: [u8; 256] = {
    let mut folded = [BEYOND; 256];
    let mut byte = 0;
    while byte < 128 {
        let c = byte as u8;
        folded[byte] = if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { BETWEEN };
        byte += 1;
    }
    folded
};
const BETWEEN: u8 = 0;
/// A part of a char beyond ASCII.
const BEYOND: u8 = 1;

impl SiteTemplate {
    /// The template of a site whose pages have these sketches.
    pub fn of(sketches: &[&PageFingerprint]) -> SiteTemplate {
        let families = families(sketches);
        let count = families.iter().copied().max().map_or(0, |last| last + 1);
        let mut members: Vec<Vec<&[u32]>> = vec![Vec::new(); count];
        for (sketch, family) in sketches.iter().zip(families) {
            members[family].push(&sketch.lines);
        }
        let members: Vec<Cow<[u32]>> = members.into_iter().map(together).collect();
        let mut standing: FxHashMap<u32, Standing> = FxHashMap::default();
        for (number, lines) in (0u64..).zip(&members) {
            let which = xxh3_64(&number.to_le_bytes());
            for line in lines.iter() {
                let at = standing.entry(*line).or_default();
                at.families += 1;
                at.which = at.which.wrapping_add(which);
            }
        }
        let found = standing.iter().map(|(line, at)| (*line, recurrence(*line, at.families, count)));
        let mut recurring: FxHashMap<u32, Recurrence> =
            found.filter(|(_, recurrence)| *recurrence != Recurrence::Rare).collect();
        let in_sites = subsites::recurring(&members, &standing, |line| !recurring.contains_key(&line));
        recurring.extend(in_sites.into_iter().map(|line| (line, Recurrence::InSite)));
        SiteTemplate { recurring }
    }

    pub fn recurrence(&self, line: &str) -> Recurrence {
        if self.recurring.is_empty() {
            return Recurrence::Rare;
        }
        line_hash(line).map_or(Recurrence::Rare, |hash| self.of_hash(hash))
    }

    /// A number that changes when, and only when, the recurrence of one of the page's lines changes: the
    /// page has then to be cleaned again.
    pub fn fingerprint(&self, sketch: &PageFingerprint) -> u64 {
        let recurring: Vec<u8> = sketch
            .lines
            .iter()
            .enumerate()
            .filter(|(_, line)| self.recurring.contains_key(line))
            .flat_map(|(index, line)| {
                let mut entry = (index as u32).to_le_bytes().to_vec();
                entry.push(self.of_hash(*line) as u8);
                entry
            })
            .collect();
        xxh3_64(&recurring)
    }

    fn of_hash(&self, hash: u32) -> Recurrence {
        self.recurring.get(&hash).copied().unwrap_or(Recurrence::Rare)
    }
}

/// The lines of the pages of a family, each once.
fn together(pages: Vec<&[u32]>) -> Cow<'_, [u32]> {
    if let [page] = pages[..] {
        return Cow::Borrowed(page);
    }
    let mut lines = pages.concat();
    lines.sort_unstable();
    lines.dedup();
    Cow::Owned(lines)
}

/// How a line recurs that stands in so many of so many families of pages.
pub fn recurrence(line: u32, stands_in: usize, families: usize) -> Recurrence {
    let is_prose = line & 1 == 1;
    let share = stands_in as f64 / families as f64;
    let recurs =
        (stands_in >= MIN_FAMILIES && share >= MIN_SHARE) || (stands_in == 2 && families <= SMALL_SITE && !is_prose);
    match recurs {
        false => Recurrence::Rare,
        true if stands_in >= MIN_FAMILIES && share >= EVERYWHERE_SHARE => Recurrence::Everywhere,
        true => Recurrence::Recurs,
    }
}

/// A family number for each page, counted from 0 in the order of the pages.
fn families(sketches: &[&PageFingerprint]) -> Vec<usize> {
    let copy_share = if sketches.len() <= SMALL_SITE { VERSION_SHARE } else { COPY_SHARE };
    // Prose that stands in more pages than this is a site's notice, not a sign of copies.
    let common = (sketches.len() / 10).clamp(5, 40);
    let all = sketches.iter().zip(0u32..);
    let mut standing: Vec<(u32, u32)> =
        all.flat_map(|(sketch, page)| sketch.shingles.iter().map(move |shingle| (*shingle, page))).collect();
    standing.sort_unstable();
    let mut notices = FxHashSet::default();
    let mut shared: FxHashMap<(u32, u32), usize> = FxHashMap::default();
    for pages in standing.chunk_by(|one, other| one.0 == other.0) {
        if pages.len() > common {
            notices.insert(pages[0].0);
            continue;
        }
        for (index, (_, one)) in pages.iter().enumerate() {
            for (_, other) in &pages[index + 1..] {
                *shared.entry((*one, *other)).or_default() += 1;
            }
        }
    }
    let mut parent: Vec<usize> = (0..sketches.len()).collect();
    for ((one, other), count) in shared {
        let (one, other) = (one as usize, other as usize);
        let known_to = sketches[one].known_to().min(sketches[other].known_to());
        let is_known = |shingle: &&u32| **shingle <= known_to && !notices.contains(*shingle);
        let size = |page: usize| sketches[page].shingles.iter().filter(is_known).count();
        if count as f64 >= copy_share * (size(one) + size(other) - count) as f64 {
            let (one, other) = (root(&mut parent, one), root(&mut parent, other));
            // The smaller number stays, whichever pair is seen first.
            parent[one.max(other)] = one.min(other);
        }
    }
    // Copies without prose share nothing that tells, but are the same to the line.
    let mut first_with: FxHashMap<&[u32], usize> = FxHashMap::default();
    for (page, sketch) in sketches.iter().enumerate().filter(|(_, sketch)| sketch.lines.len() > 1) {
        if let Some(first) = first_with.insert(&sketch.lines, page) {
            let (one, other) = (root(&mut parent, first), root(&mut parent, page));
            parent[one.max(other)] = one.min(other);
        }
    }
    let mut numbers: FxHashMap<usize, usize> = FxHashMap::default();
    (0..sketches.len())
        .map(|page| {
            let next = numbers.len();
            *numbers.entry(root(&mut parent, page)).or_insert(next)
        })
        .collect()
}

/// The first of those that were joined with a page.
pub fn root(parent: &mut [usize], mut page: usize) -> usize {
    while parent[page] != page {
        parent[page] = parent[parent[page]];
        page = parent[page];
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Markup;

    fn sketch(page: &str) -> PageFingerprint {
        let lines: Vec<Line> =
            page.lines().map(|text| Line { number: 1, text: text.to_string(), markup: Markup::None }).collect();
        PageFingerprint::of(&lines)
    }

    fn template(pages: &[&str]) -> SiteTemplate {
        let sketches: Vec<PageFingerprint> = pages.iter().map(|page| sketch(page)).collect();
        SiteTemplate::of(&sketches.iter().collect::<Vec<_>>())
    }

    const PROSE: &str = "Kommunen har plikt til å sørge for et forsvarlig tilbud til alle barn.";
    const OTHER: &str = "Loven skal sikre at elevene får den opplæringen som de har krav på.";
    const THIRD: &str = "Rapporten viser at tjenestene samarbeider mer enn før om utsatte unge.";

    #[test]
    fn what_stands_in_pages_of_different_content_recurs() {
        let pages = [&format!("Meny\n{PROSE}")[..], &format!("Meny\n{OTHER}"), &format!("Meny\n{THIRD}")];
        let template = template(&pages);
        assert_eq!(template.recurrence("  MENY "), Recurrence::Everywhere);
        assert_eq!(template.recurrence(PROSE), Recurrence::Rare);
    }

    #[test]
    fn copies_of_a_page_count_once() {
        let page = format!("Tittel\n{PROSE}\n{OTHER}\nKontakt");
        let near = format!("Tittel\n{PROSE}\n{OTHER}\n{THIRD}\nKontakt");
        let template = template(&[&page, &page, &near]);
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

    /// A page of forty sentences, in which every n-th word is another one.
    fn page(name: &str, other_every: usize) -> String {
        let word = |number: usize| {
            let is_other = number % other_every == other_every - 1;
            format!("{name}{}{number}", if is_other { "annet" } else { "ord" })
        };
        let sentence = |first: usize| (first..first + 15).map(word).collect::<Vec<_>>().join(" ") + ".\n";
        (0..600).step_by(15).map(sentence).collect()
    }

    #[test]
    fn near_copies_share_four_fifths_and_in_a_small_site_half_of_their_shingles() {
        let families = |other_every: usize, fillers: usize| {
            let fillers = (0..fillers).map(|number| page(&format!("side{number}"), usize::MAX));
            let pages = [page("", usize::MAX), page("", other_every)].into_iter().chain(fillers);
            let sketches: Vec<PageFingerprint> = pages.map(|page| sketch(&page)).collect();
            families(&sketches.iter().collect::<Vec<_>>())[1] + 1
        };
        // One word in 100: of 440 shingles at most 30 are others. One in 20: of each 44, 11.
        assert_eq!((families(100, 30), families(20, 30)), (1, 2));
        assert_eq!((families(100, 0), families(20, 0), families(5, 0)), (1, 1, 2));
    }

    #[test]
    fn case_and_bullets_do_not_matter_and_numbers_do() {
        assert_eq!(line_hash("• Vis treff:"), line_hash("vis  treff"));
        assert_ne!(line_hash("§ 5 skal lyde"), line_hash("§ 7 skal lyde"));
        assert_eq!(line_hash(" – "), None);
    }

    #[test]
    fn what_a_page_counts_does_not_matter_and_what_a_number_names_does() {
        for (one, other) in [
            ("Kommentarer (12)", "Kommentarer (3)"),
            ("532 visninger", "1 visninger"),
            ("Lest 12 ganger", "Lest 7 ganger"),
            ("Side 3 av 14", "Side 11 av 12"),
            ("0/250", "17/250"),
            ("© 2021 Etaten", "© 2019 Etaten"),
            ("Visninger: 5", "Visninger: 87"),
        ] {
            assert_eq!(line_hash(one), line_hash(other), "{one}");
        }
        for (one, other) in [
            ("Kapittel 3", "Kapittel 4"),
            ("Tabell 2", "Tabell 3"),
            ("2018", "2019"),
            ("12. mars 2020", "13. mars 2020"),
            ("Rapport (2018)", "Rapport (2019)"),
            ("§ 5-3 (2)", "§ 5-3 (3)"),
            ("Steg 1", "Steg 2"),
            ("Møte 3", "Møte 4"),
            ("10/2020 Rapport", "11/2020 Rapport"),
        ] {
            assert_ne!(line_hash(one), line_hash(other), "{one}");
        }
    }

    #[test]
    fn the_fingerprint_follows_the_recurrence_of_own_lines_only() {
        let page = sketch(&format!("Meny\n{PROSE}"));
        let before = template(&[&format!("Meny\n{PROSE}"), OTHER]);
        let unrelated = template(&[&format!("Meny\n{PROSE}"), &format!("{OTHER}\nNoe annet")]);
        let after = template(&[&format!("Meny\n{PROSE}"), &format!("Meny\n{OTHER}")]);
        assert_eq!(before.fingerprint(&page), unrelated.fingerprint(&page));
        assert_ne!(before.fingerprint(&page), after.fingerprint(&page));
    }
}

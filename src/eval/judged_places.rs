//! Maps judged places (pages, or lines of pages) to the passages of an index, and a ranking of passages to documents.
//!
//! A page has several names: its URL; the name of its record; its path, complete or shortened from the left at a slash;
//! and path and record joined by `#`.

use std::collections::{BTreeSet, HashMap, HashSet};

use tantivy::DocAddress;

use super::formats::page_and_line;
use super::measures::Grades;
use crate::index::{DocumentKind, StoredPassage};
use crate::model::PageId;

/// Finds judged places among the documents of an index, which are added one by one.
pub struct PlaceFinder {
    ids: Vec<String>,
    /// The places by the name of their page. An id with a line number is listed twice: in full, and without the number.
    by_name: HashMap<String, Vec<Place>>,
    passages: Vec<(DocAddress, JudgedPassage)>,
    /// Places on copies, with the hash of the content. The content is indexed under the name of another page.
    on_copies: Vec<(u64, Place)>,
    page_numbers: HashMap<PageId, usize>,
    pages: Vec<PageId>,
    is_by_record: bool,
}

/// A judged place: a page, or a line of a page.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Place {
    /// Index into `ids`.
    id: usize,
    line: Option<u32>,
}

struct JudgedPassage {
    /// Index into `pages`.
    page: usize,
    content: u64,
    /// First and last line.
    lines: (u32, u32),
    /// The judged places in the passage.
    places: Vec<Place>,
}

/// The judged places of an index.
pub struct JudgedPlaces {
    ids: Vec<String>,
    pages: Vec<PageId>,
    passages: HashMap<DocAddress, JudgedPassage>,
    /// Whether the judgments name any page by its record alone.
    is_by_record: bool,
    /// The judged places that are whole pages.
    whole_pages: HashSet<String>,
}

impl PlaceFinder {
    /// `ids` are the judged places as the judgments name them.
    pub fn new(ids: BTreeSet<String>) -> PlaceFinder {
        let mut by_name: HashMap<String, Vec<Place>> = HashMap::new();
        let ids: Vec<String> = ids.into_iter().collect();
        for (id, name) in ids.iter().enumerate() {
            let mut add = |page: &str, line| {
                let page = page.trim_start_matches("../").trim_start_matches("./");
                by_name.entry(page.to_string()).or_default().push(Place { id, line });
            };
            add(name, None);
            if let Some((page, line)) = page_and_line(name) {
                add(page, Some(line));
            }
        }
        PlaceFinder {
            ids,
            by_name,
            passages: Vec::new(),
            on_copies: Vec::new(),
            page_numbers: HashMap::new(),
            pages: Vec::new(),
            is_by_record: false,
        }
    }

    /// Adds a document of the index. `path` is the absolute path of its file, `shown` the path as it is printed.
    pub fn add(&mut self, address: DocAddress, stored: &StoredPassage, path: &str, shown: &str) {
        if stored.kind == DocumentKind::Boilerplate {
            return;
        }
        let places = self.places_on_page(stored, path);
        if stored.kind == DocumentKind::Copy {
            self.on_copies.extend(places.into_iter().map(|place| (stored.content, place)));
            return;
        }
        let page = *self.page_numbers.entry(stored.page.clone()).or_insert_with(|| {
            self.pages.push(PageId { path: shown.to_string(), record: stored.page.record.clone() });
            self.pages.len() - 1
        });
        let mut passage =
            JudgedPassage { page, content: stored.content, lines: stored.passage.range(), places: Vec::new() };
        places.into_iter().for_each(|place| passage.add(place));
        self.passages.push((address, passage));
    }

    /// The judged places on the page of a document.
    fn places_on_page(&mut self, stored: &StoredPassage, path: &str) -> Vec<Place> {
        let places_named = |name: &str| self.by_name.get(name).map_or(&[][..], Vec::as_slice);
        let mut places = stored.url.as_deref().map_or(Vec::new(), |url| places_named(url).to_vec());
        let Some(record) = &stored.page.record else {
            places.extend(path_suffixes(path).flat_map(places_named));
            return places;
        };
        places.extend(places_named(record));
        self.is_by_record |= !places_named(record).is_empty();
        for name in path_suffixes(path) {
            places.extend(places_named(&format!("{name}#{record}")));
            // In a file of records, a line is a record.
            let of_record = places_named(name).iter().filter(|place| place.line.is_none() || place.line == stored.line);
            places.extend(of_record.map(|place| Place { line: None, ..*place }));
        }
        places
    }

    /// Must be called after all documents have been added.
    pub fn finish(mut self) -> JudgedPlaces {
        let mut on_copies: HashMap<u64, Vec<Place>> = HashMap::new();
        for (content, place) in self.on_copies {
            on_copies.entry(content).or_default().push(place);
        }
        for (_, passage) in &mut self.passages {
            on_copies.get(&passage.content).into_iter().flatten().for_each(|place| passage.add(*place));
        }
        // An id that names a whole page does not also name a line of another page.
        let places = self.passages.iter().flat_map(|(_, passage)| &passage.places);
        let whole_pages: HashSet<usize> = places.filter(|place| place.line.is_none()).map(|place| place.id).collect();
        for (_, passage) in &mut self.passages {
            passage.places.retain(|place| place.line.is_none() || !whole_pages.contains(&place.id));
        }
        let whole_pages = whole_pages.into_iter().map(|id| self.ids[id].clone()).collect();
        JudgedPlaces {
            ids: self.ids,
            pages: self.pages,
            passages: self.passages.into_iter().collect(),
            is_by_record: self.is_by_record,
            whole_pages,
        }
    }
}

impl JudgedPassage {
    /// Adds a place on the page of this passage, unless it is a line outside the passage.
    fn add(&mut self, place: Place) {
        let (first, last) = self.lines;
        let is_covered = place.line.is_none_or(|line| (first..=last).contains(&line));
        if is_covered && self.places.iter().all(|known| known.id != place.id) {
            self.places.push(place);
        }
    }
}

/// The path, and the path after each of its slashes.
fn path_suffixes(path: &str) -> impl Iterator<Item = &str> {
    std::iter::once(path).chain(path.match_indices('/').map(|(slash, _)| &path[slash + 1..]))
}

impl JudgedPlaces {
    /// The judged places that no passage contains.
    pub fn missing(&self) -> Vec<&str> {
        let found: HashSet<usize> = self.found().map(|(id, _)| id).collect();
        (0..self.ids.len()).filter(|id| !found.contains(id)).map(|id| self.ids[id].as_str()).collect()
    }

    /// The judged places whose names match several pages.
    pub fn ambiguous(&self) -> Vec<&str> {
        let mut pages: HashMap<usize, usize> = HashMap::new();
        let several: BTreeSet<usize> =
            self.found().filter(|(id, page)| *pages.entry(*id).or_insert(*page) != *page).map(|(id, _)| id).collect();
        several.into_iter().map(|id| self.ids[id].as_str()).collect()
    }

    /// The judged places that are in passages, each with the page it is on.
    fn found(&self) -> impl Iterator<Item = (usize, usize)> {
        self.passages.values().flat_map(|passage| passage.places.iter().map(|place| (place.id, passage.page)))
    }

    /// Converts a ranking of passages to a ranking of documents: their names, best first, at most `depth`.
    ///
    /// A page counts once, at the rank of its best passage. If the query is judged by lines, each passage without a
    /// judged line counts as a separate document.
    pub fn documents(&self, passages: &[DocAddress], grades: &Grades, depth: usize) -> Vec<String> {
        let is_by_line = grades.keys().any(|id| page_and_line(id).is_some() && !self.whole_pages.contains(id));
        let mut documents = Vec::new();
        let (mut seen_ids, mut seen_pages) = (HashSet::new(), HashSet::new());
        for passage in passages.iter().filter_map(|address| self.passages.get(address)) {
            let judged = |place: &Place| grades.get_key_value(&self.ids[place.id]);
            let mut judged: Vec<(&String, &i64)> = passage.places.iter().filter_map(judged).collect();
            judged.sort_by(|one, other| other.1.cmp(one.1).then_with(|| one.0.cmp(other.0)));
            if judged.is_empty() {
                if is_by_line {
                    documents.push(format!("{}:{}", self.unjudged_name(passage.page), passage.lines.0));
                } else if seen_pages.insert(passage.page) {
                    documents.push(self.unjudged_name(passage.page));
                }
            }
            let new = judged.into_iter().filter(|(id, _)| seen_ids.insert(*id));
            documents.extend(new.map(|(id, _)| id.clone()));
            if documents.len() >= depth {
                break;
            }
        }
        documents.truncate(depth);
        documents
    }

    /// The name of a page that isn't judged, in the style in which the judgments name pages.
    fn unjudged_name(&self, page: usize) -> String {
        match &self.pages[page] {
            PageId { record: Some(record), .. } if self.is_by_record => record.clone(),
            page => page.to_string(),
        }
    }
}

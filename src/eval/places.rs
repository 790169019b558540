//! Given the names of judged places, which passages of an index are they?
//!
//! A place is a page, or a line of one. A page has several names: its address; the name of a record; its path, whole or
//! its last parts down to the name of the file; path and record with `#` between them.

use std::collections::{BTreeSet, HashMap, HashSet};

use tantivy::DocAddress;

use super::Grades;
use super::forms::line_of;
use crate::index::{DocumentKind, StoredPassage};
use crate::model::PageId;

/// The places that are looked for while the documents of an index go by.
pub struct Wanted {
    ids: Vec<String>,
    /// The places that begin with a page of this name: the whole of the place, or what stands before its line.
    by_name: HashMap<String, Vec<Place>>,
    passages: Vec<(DocAddress, Passage)>,
    /// Places on pages whose content stands under another name, with that content.
    on_copies: Vec<(u64, Place)>,
    pages: HashMap<PageId, usize>,
    names: Vec<PageId>,
    is_by_record: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Place {
    /// Which of the ids.
    id: usize,
    line: Option<u32>,
}

struct Passage {
    page: usize,
    content: u64,
    lines: (u32, u32),
    /// Judged places that it covers.
    places: Vec<Place>,
}

/// The judged places in an index.
pub struct Places {
    ids: Vec<String>,
    names: Vec<PageId>,
    passages: HashMap<DocAddress, Passage>,
    /// Some page is judged by the name of its record alone.
    is_by_record: bool,
    /// Judged places that are pages as a whole.
    whole: HashSet<String>,
}

impl Wanted {
    pub fn new(ids: BTreeSet<String>) -> Wanted {
        let mut by_name: HashMap<String, Vec<Place>> = HashMap::new();
        let ids: Vec<String> = ids.into_iter().collect();
        for (id, name) in ids.iter().enumerate() {
            let mut add = |page: &str, line| {
                let page = page.trim_start_matches("../").trim_start_matches("./");
                by_name.entry(page.to_string()).or_default().push(Place { id, line });
            };
            add(name, None);
            if let Some((page, line)) = line_of(name) {
                add(page, Some(line));
            }
        }
        Wanted {
            ids,
            by_name,
            passages: Vec::new(),
            on_copies: Vec::new(),
            pages: HashMap::new(),
            names: Vec::new(),
            is_by_record: false,
        }
    }

    /// Takes a document of the index, whose page stands at `path`, absolute, and is shown as `shown`.
    pub fn look_at(&mut self, address: DocAddress, stored: &StoredPassage, path: &str, shown: &str) {
        if stored.kind == DocumentKind::Boilerplate {
            return;
        }
        let places = self.places(stored, path);
        if stored.kind == DocumentKind::Copy {
            self.on_copies.extend(places.into_iter().map(|place| (stored.content, place)));
            return;
        }
        let page = *self.pages.entry(stored.page.clone()).or_insert_with(|| {
            self.names.push(PageId { path: shown.to_string(), record: stored.page.record.clone() });
            self.names.len() - 1
        });
        let mut passage = Passage { page, content: stored.content, lines: stored.passage.range(), places: Vec::new() };
        places.into_iter().for_each(|place| passage.add(place));
        self.passages.push((address, passage));
    }

    /// The judged places on the page of this document.
    fn places(&mut self, stored: &StoredPassage, path: &str) -> Vec<Place> {
        let named = |name: &str| self.by_name.get(name).map_or(&[][..], Vec::as_slice);
        let mut places = stored.url.as_deref().map_or(Vec::new(), |url| named(url).to_vec());
        let Some(record) = &stored.page.record else {
            places.extend(with_suffixes(path).flat_map(named));
            return places;
        };
        places.extend(named(record));
        self.is_by_record |= !named(record).is_empty();
        for name in with_suffixes(path) {
            places.extend(named(&format!("{name}#{record}")));
            // Of a file of records a line is a record.
            let here = named(name).iter().filter(|place| place.line.is_none() || place.line == stored.line);
            places.extend(here.map(|place| Place { line: None, ..*place }));
        }
        places
    }

    /// When all documents went by.
    pub fn found(mut self) -> Places {
        let mut on_copies: HashMap<u64, Vec<Place>> = HashMap::new();
        for (content, place) in self.on_copies {
            on_copies.entry(content).or_default().push(place);
        }
        for (_, passage) in &mut self.passages {
            on_copies.get(&passage.content).into_iter().flatten().for_each(|place| passage.add(*place));
        }
        // What is the name of a page as a whole is no line of another.
        let places = self.passages.iter().flat_map(|(_, passage)| &passage.places);
        let whole: HashSet<usize> = places.filter(|place| place.line.is_none()).map(|place| place.id).collect();
        for (_, passage) in &mut self.passages {
            passage.places.retain(|place| place.line.is_none() || !whole.contains(&place.id));
        }
        let whole = whole.into_iter().map(|id| self.ids[id].clone()).collect();
        Places {
            ids: self.ids,
            names: self.names,
            passages: self.passages.into_iter().collect(),
            is_by_record: self.is_by_record,
            whole,
        }
    }
}

impl Passage {
    fn add(&mut self, place: Place) {
        let (first, last) = self.lines;
        let is_covered = place.line.is_none_or(|line| (first..=last).contains(&line));
        if is_covered && self.places.iter().all(|known| known.id != place.id) {
            self.places.push(place);
        }
    }
}

/// The path, and what stands behind each of its slashes.
fn with_suffixes(path: &str) -> impl Iterator<Item = &str> {
    std::iter::once(path).chain(path.match_indices('/').map(|(at, _)| &path[at + 1..]))
}

impl Places {
    /// Judged places that are in no passage.
    pub fn missing(&self) -> Vec<&str> {
        let found: HashSet<usize> = self.found().map(|(id, _)| id).collect();
        (0..self.ids.len()).filter(|id| !found.contains(id)).map(|id| self.ids[id].as_str()).collect()
    }

    /// Judged places whose name several pages have.
    pub fn ambiguous(&self) -> Vec<&str> {
        let mut pages: HashMap<usize, usize> = HashMap::new();
        let several: BTreeSet<usize> =
            self.found().filter(|(id, page)| *pages.entry(*id).or_insert(*page) != *page).map(|(id, _)| id).collect();
        several.into_iter().map(|id| self.ids[id].as_str()).collect()
    }

    /// The judged places that were found, each with a page.
    fn found(&self) -> impl Iterator<Item = (usize, usize)> {
        self.passages.values().flat_map(|passage| passage.places.iter().map(|place| (place.id, passage.page)))
    }

    /// The documents that passages stand for, best first, by their names, at most `depth`.
    ///
    /// A page counts once, where its best passage stands. Where the query is judged by lines, a passage that covers none of
    /// them counts for itself.
    pub fn documents(&self, passages: &[DocAddress], grades: &Grades, depth: usize) -> Vec<String> {
        let is_by_line = grades.keys().any(|id| line_of(id).is_some() && !self.whole.contains(id));
        let mut documents = Vec::new();
        let (mut seen_ids, mut seen_pages) = (HashSet::new(), HashSet::new());
        for passage in passages.iter().filter_map(|address| self.passages.get(address)) {
            let judged = |place: &Place| grades.get_key_value(&self.ids[place.id]);
            let mut judged: Vec<(&String, &i64)> = passage.places.iter().filter_map(judged).collect();
            judged.sort_by(|one, other| other.1.cmp(one.1).then_with(|| one.0.cmp(other.0)));
            if judged.is_empty() {
                if is_by_line {
                    documents.push(format!("{}:{}", self.name(passage.page), passage.lines.0));
                } else if seen_pages.insert(passage.page) {
                    documents.push(self.name(passage.page));
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

    /// The name of a page that isn't judged, of the kind that the judged ones have.
    fn name(&self, page: usize) -> String {
        match &self.names[page] {
            PageId { record: Some(record), .. } if self.is_by_record => record.clone(),
            page => page.to_string(),
        }
    }
}

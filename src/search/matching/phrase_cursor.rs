//! `PhraseCursor`: finds the documents of a segment that contain a phrase, by intersecting posting lists and then
//! positions.

use tantivy::postings::{Postings, SegmentPostings};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED};

use super::postings_cursor::{open_postings, seek};
use crate::error::Result;

/// The documents in which words occur at given distances, in ascending order. tantivy's phrase query has one term for
/// each word; with several lemmas for a word, that would take a query for each combination of them.
#[derive(Clone)]
pub struct PhraseCursor {
    /// The rarest word first: it decides which documents are looked up in the other lists.
    words: Vec<PhraseWord>,
    doc: DocId,
    /// The positions at which the phrase may begin, and those of the next word. Kept to reuse their memory.
    begins: Vec<u32>,
    next_begins: Vec<u32>,
}

/// A word of a phrase: the posting lists of its lemmas.
#[derive(Clone)]
struct PhraseWord {
    /// Added to a position of the word, it is the same number for all words of an occurrence of the phrase.
    shift: u32,
    lists: Vec<SegmentPostings>,
}

impl PhraseCursor {
    /// `lemmas` has, for each word, its offset in the phrase and its possible lemmas.
    pub fn open(segment: &SegmentReader, field: Field, lemmas: &[(usize, Vec<String>)]) -> Result<PhraseCursor> {
        let last = lemmas.iter().map(|(offset, _)| *offset).max().unwrap_or(0);
        let open_word = |(offset, keys): &(usize, Vec<String>)| {
            let lists = open_postings(segment, field, keys, IndexRecordOption::WithFreqsAndPositions)?;
            Ok(PhraseWord { shift: (last - offset) as u32, lists })
        };
        let mut words = lemmas.iter().map(open_word).collect::<Result<Vec<PhraseWord>>>()?;
        words.sort_by_key(PhraseWord::doc_freq);
        let mut cursor = PhraseCursor { words, doc: 0, begins: Vec::new(), next_begins: Vec::new() };
        cursor.move_to_match(0);
        Ok(cursor)
    }

    /// The current document, or `TERMINATED`.
    pub fn doc(&self) -> DocId {
        self.doc
    }

    pub fn advance(&mut self) -> DocId {
        self.move_to_match(self.doc.saturating_add(1))
    }

    /// Moves to the first document at or after `doc`; never moves back.
    pub fn seek(&mut self, doc: DocId) -> DocId {
        if self.doc < doc { self.move_to_match(doc) } else { self.doc }
    }

    /// An upper bound of the number of documents: the number of those with the rarest word.
    pub fn max_doc_freq(&self) -> usize {
        self.words.first().map_or(0, PhraseWord::doc_freq)
    }

    fn move_to_match(&mut self, mut from: DocId) -> DocId {
        loop {
            self.doc = self.next_with_all_words(from);
            if self.doc >= TERMINATED || self.has_phrase() {
                return self.doc;
            }
            from = self.doc + 1;
        }
    }

    /// The first document at or after `from` in which all words occur.
    fn next_with_all_words(&mut self, mut from: DocId) -> DocId {
        let Some((rarest, others)) = self.words.split_first_mut() else {
            return TERMINATED;
        };
        'candidates: loop {
            let doc = rarest.seek(from);
            for word in &mut *others {
                from = word.seek(doc);
                if from > doc {
                    continue 'candidates;
                }
            }
            return doc;
        }
    }

    /// Whether the words occur at their distances in the current document, which has all of them.
    fn has_phrase(&mut self) -> bool {
        let PhraseCursor { words, doc, begins, next_begins } = self;
        let Some((rarest, others)) = words.split_first_mut() else {
            return false;
        };
        if others.is_empty() {
            return true;
        }
        rarest.read_positions(*doc, begins);
        for word in others {
            if begins.is_empty() {
                return false;
            }
            word.read_positions(*doc, next_begins);
            retain_common(begins, next_begins);
        }
        !begins.is_empty()
    }
}

impl PhraseWord {
    fn doc_freq(&self) -> usize {
        self.lists.iter().map(|list| list.doc_freq() as usize).sum()
    }

    fn seek(&mut self, doc: DocId) -> DocId {
        self.lists.iter_mut().map(|list| seek(list, doc)).min().unwrap_or(TERMINATED)
    }

    /// Replaces `positions` with the shifted positions of the word in a document, in ascending order.
    fn read_positions(&mut self, doc: DocId, positions: &mut Vec<u32>) {
        positions.clear();
        for list in self.lists.iter_mut().filter(|list| list.doc() == doc) {
            let is_first = positions.is_empty();
            list.append_positions_with_offset(self.shift, positions);
            if !is_first {
                positions.sort_unstable();
            }
        }
    }
}

/// Removes the elements of `one` that are not in `other`. Both are in ascending order.
fn retain_common(one: &mut Vec<u32>, other: &[u32]) {
    let mut rest = other.iter();
    let mut next = rest.next();
    one.retain(|position| {
        while next.is_some_and(|other| other < position) {
            next = rest.next();
        }
        next == Some(position)
    });
}

#[cfg(test)]
mod tests {
    use tantivy::schema::{Schema, TEXT};
    use tantivy::{Index, doc};

    use super::*;

    /// The documents that contain a phrase, found by `advance` and by `seek`.
    fn find(texts: &[&str], lemmas: &[(usize, &[&str])]) -> Vec<DocId> {
        let mut schema = Schema::builder();
        let field = schema.add_text_field("text", TEXT);
        let index = Index::create_in_ram(schema.build());
        let mut writer = index.writer_with_num_threads(1, 15_000_000).unwrap();
        for text in texts {
            writer.add_document(doc!(field => *text)).unwrap();
        }
        writer.commit().unwrap();
        let searcher = index.reader().unwrap().searcher();
        let owned = |keys: &[&str]| keys.iter().map(ToString::to_string).collect();
        let lemmas: Vec<(usize, Vec<String>)> = lemmas.iter().map(|(offset, keys)| (*offset, owned(keys))).collect();
        let open = || PhraseCursor::open(searcher.segment_reader(0), field, &lemmas).unwrap();
        let mut found = Vec::new();
        let mut cursor = open();
        while cursor.doc() < TERMINATED {
            found.push(cursor.doc());
            cursor.advance();
        }
        for doc in 0..texts.len() as DocId {
            let next = found.iter().copied().find(|found| *found >= doc).unwrap_or(TERMINATED);
            assert_eq!(open().seek(doc), next);
        }
        found
    }

    #[test]
    fn finds_words_at_their_distances() {
        let texts = ["a b c", "b a", "a x b", "c a b", "a", "a a b c", "x b c a"];
        assert_eq!(find(&texts, &[(0, &["a"]), (1, &["b"])]), [0, 3, 5]);
        assert_eq!(find(&texts, &[(0, &["a"]), (1, &["b"]), (2, &["c"])]), [0, 5]);
        assert_eq!(find(&texts, &[(0, &["a"]), (2, &["b"])]), [2, 5], "a word may be left out");
        assert_eq!(find(&texts, &[(0, &["b"]), (0, &["b"])]), [0, 1, 2, 3, 5, 6]);
        assert_eq!(find(&texts, &[(0, &["a"]), (1, &["y"])]), [0; 0]);
        assert_eq!(find(&texts, &[]), [0; 0]);
    }

    #[test]
    fn each_word_may_have_several_lemmas() {
        let texts = ["a b", "x b", "b a", "x y", "a y z x b", "y b"];
        assert_eq!(find(&texts, &[(0, &["a", "x"]), (1, &["b"])]), [0, 1, 4]);
        assert_eq!(find(&texts, &[(0, &["x", "a"]), (1, &["y", "b"])]), [0, 1, 3, 4]);
        assert_eq!(find(&texts, &[(0, &["q", "y"]), (1, &["b", "q"])]), [5]);
    }
}

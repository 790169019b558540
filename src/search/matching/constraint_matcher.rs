//! `ConstraintMatcher`: evaluates a query's constraint tree against one segment.

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocAddress, DocId, SegmentReader, TERMINATED};

use super::doc_window::DocWindow;
use super::phrase_cursor::PhraseCursor;
use super::postings_cursor::{PostingsCursor, open_postings, seek};
use super::title_postings::TitlePostings;
use super::value_set::ValueSet;
use crate::error::{Error, Result};
use crate::norwegian::{PrefixFilter, Token, analyze_matching};
use crate::query::{Constraint, Phrase, Query, QueryWord, possible_lemmas, proximity_spans};
use crate::search::scope::SearchScope;
use crate::snippet::{Match, find_phrase, find_proximity};

/// A constraint, opened in a segment. Its cursors never move back, so documents must be tested in ascending order.
pub enum ConstraintMatcher<'a> {
    All(Vec<ConstraintMatcher<'a>>),
    Any(Vec<ConstraintMatcher<'a>>),
    Not(Box<ConstraintMatcher<'a>>),
    Term(Box<PostingsCursor>),
    Phrase(Box<PhraseCursor>),
    Title(Box<TitlePostings>),
    /// The posting lists of each word, and the width of the window in which all must occur.
    Proximity(Vec<Vec<SegmentPostings>>, u32),
    /// Loads the text of the passage. Remembers the first error; see `take_error`. Matches nothing once the search is
    /// stopped.
    Text(Box<dyn FnMut(DocId) -> Result<bool> + 'a>, Option<Error>),
    Filter(ValueSet),
    /// The document has words in this scope: it is neither a copy nor a document of the other scope.
    InScope(FieldNormReader),
}

/// Below this many documents in a window, testing them one by one is faster than reading posting lists.
const FEW_DOCS: usize = 32;

impl<'a> ConstraintMatcher<'a> {
    /// Opens the constraint of a query; `None` where every passage with a matching word is a hit. If the search is
    /// stopped meanwhile, parts are missing.
    pub fn open(scope: &'a SearchScope, segment_ord: u32, query: &'a Query) -> Result<Option<ConstraintMatcher<'a>>> {
        let Some(constraint) = &query.constraint else {
            return Ok(None);
        };
        let constraint = open_constraint(scope, segment_ord, query, constraint)?;
        if query.must_match_word {
            return Ok(Some(constraint));
        }
        let lengths = scope.segment(segment_ord).get_fieldnorms_reader(scope.fields.lemma)?;
        Ok(Some(ConstraintMatcher::All(vec![constraint, ConstraintMatcher::InScope(lengths)])))
    }

    /// A lower bound of the first match at or after `doc`: no document between them matches. The bound itself need not
    /// match.
    pub fn seek(&mut self, doc: DocId) -> DocId {
        match self {
            ConstraintMatcher::All(parts) => parts.iter_mut().map(|part| part.seek(doc)).max().unwrap_or(doc),
            ConstraintMatcher::Any(parts) => parts.iter_mut().map(|part| part.seek(doc)).min().unwrap_or(TERMINATED),
            ConstraintMatcher::Term(postings) => postings.seek(doc),
            ConstraintMatcher::Title(titles) => titles.seek(doc),
            ConstraintMatcher::Phrase(phrase) => phrase.seek(doc),
            ConstraintMatcher::Proximity(words, _) => {
                let next = |word: &mut Vec<SegmentPostings>| word.iter_mut().map(|list| seek(list, doc)).min();
                words.iter_mut().map(|word| next(word).unwrap_or(TERMINATED)).max().unwrap_or(TERMINATED)
            }
            ConstraintMatcher::Not(_)
            | ConstraintMatcher::Filter(_)
            | ConstraintMatcher::InScope(_)
            | ConstraintMatcher::Text(..) => doc,
        }
    }

    /// Removes the documents that don't match. Windows must be passed in ascending order.
    pub fn retain_matching(&mut self, docs: &mut DocWindow) {
        if docs.len() < FEW_DOCS {
            let begin = docs.begin();
            docs.retain(|position| self.matches(begin + position as u32));
            return;
        }
        match self {
            ConstraintMatcher::All(parts) => {
                for part in parts {
                    if docs.is_empty() {
                        return;
                    }
                    part.retain_matching(docs);
                }
            }
            ConstraintMatcher::Any(parts) => {
                let mut matching = docs.emptied();
                for part in parts {
                    if let ConstraintMatcher::Term(postings) = part {
                        postings.insert_into(&mut matching);
                    } else {
                        let mut part_matching = docs.clone();
                        part.retain_matching(&mut part_matching);
                        matching.or(&part_matching);
                    }
                }
                docs.and(&matching);
            }
            ConstraintMatcher::Not(part) => {
                let mut excluded = docs.clone();
                part.retain_matching(&mut excluded);
                docs.and_not(&excluded);
            }
            ConstraintMatcher::Term(postings) => {
                let mut matching = docs.emptied();
                postings.insert_into(&mut matching);
                docs.and(&matching);
            }
            ConstraintMatcher::Title(_) | ConstraintMatcher::Phrase(_) | ConstraintMatcher::Proximity(..) => {
                let begin = docs.begin();
                let mut matching = docs.emptied();
                let mut from = 0;
                while let Some(position) = docs.first_from(from) {
                    let doc = begin + position as u32;
                    let next = self.seek(doc);
                    if next == doc && self.matches(doc) {
                        matching.insert(position);
                    }
                    from = (next.max(doc + 1) - begin) as usize;
                }
                *docs = matching;
            }
            ConstraintMatcher::Filter(_) | ConstraintMatcher::InScope(_) | ConstraintMatcher::Text(..) => {
                let begin = docs.begin();
                docs.retain(|position| self.matches(begin + position as u32));
            }
        }
    }

    /// The first error that occurred while loading a text. Documents tested after it may have been classified wrongly.
    pub fn take_error(&mut self) -> Option<Error> {
        match self {
            ConstraintMatcher::All(parts) | ConstraintMatcher::Any(parts) => {
                parts.iter_mut().find_map(ConstraintMatcher::take_error)
            }
            ConstraintMatcher::Not(part) => part.take_error(),
            ConstraintMatcher::Text(_, error) => error.take(),
            _ => None,
        }
    }

    /// Whether it reads positions or texts; such parts of a conjunction are tested last.
    fn is_expensive(&self) -> bool {
        match self {
            ConstraintMatcher::All(parts) | ConstraintMatcher::Any(parts) => {
                parts.iter().any(ConstraintMatcher::is_expensive)
            }
            ConstraintMatcher::Not(part) => part.is_expensive(),
            ConstraintMatcher::Phrase(_) | ConstraintMatcher::Proximity(..) | ConstraintMatcher::Text(..) => true,
            ConstraintMatcher::Term(_)
            | ConstraintMatcher::Title(_)
            | ConstraintMatcher::Filter(_)
            | ConstraintMatcher::InScope(_) => false,
        }
    }

    pub fn matches(&mut self, doc: DocId) -> bool {
        match self {
            ConstraintMatcher::All(parts) => parts.iter_mut().all(|part| part.matches(doc)),
            ConstraintMatcher::Any(parts) => parts.iter_mut().any(|part| part.matches(doc)),
            ConstraintMatcher::Not(part) => !part.matches(doc),
            ConstraintMatcher::Term(postings) => postings.seek(doc) == doc,
            ConstraintMatcher::Title(titles) => titles.seek(doc) == doc,
            ConstraintMatcher::Text(matches, first_error) => matches(doc).unwrap_or_else(|error| {
                first_error.get_or_insert(error);
                false
            }),
            ConstraintMatcher::Phrase(phrase) => phrase.seek(doc) == doc,
            ConstraintMatcher::Proximity(words, width) => {
                let positions: Option<Vec<Vec<u32>>> = words.iter_mut().map(|word| positions(word, doc)).collect();
                positions.is_some_and(|positions| !proximity_spans(&positions, *width).is_empty())
            }
            ConstraintMatcher::Filter(values) => values.contains(doc),
            ConstraintMatcher::InScope(lengths) => lengths.fieldnorm_id(doc) > 0,
        }
    }
}

/// Removes the documents of a window that are deleted or don't satisfy the constraint. Windows must be passed in
/// ascending order.
pub fn retain_hits(window: &mut DocWindow, segment: &SegmentReader, constraint: &mut Option<ConstraintMatcher>) {
    if let Some(constraint) = constraint.as_mut().filter(|_| !window.is_empty()) {
        constraint.retain_matching(window);
    }
    if let Some(alive) = segment.alive_bitset() {
        let begin = window.begin();
        window.retain(|position| alive.is_alive(begin + position as u32));
    }
}

fn open_constraint<'a>(
    scope: &'a SearchScope,
    segment_ord: u32,
    query: &'a Query,
    constraint: &'a Constraint,
) -> Result<ConstraintMatcher<'a>> {
    if scope.stop.should_stop() {
        return Ok(ConstraintMatcher::Any(Vec::new()));
    }
    let segment = scope.segment(segment_ord);
    let open_all = |parts: &'a [Constraint]| -> Result<Vec<ConstraintMatcher<'a>>> {
        parts.iter().map(|part| open_constraint(scope, segment_ord, query, part)).collect()
    };
    let fields = &scope.fields;
    Ok(match constraint {
        Constraint::All(parts) => {
            let mut parts = open_all(parts)?;
            parts.sort_by_key(ConstraintMatcher::is_expensive);
            ConstraintMatcher::All(parts)
        }
        Constraint::Any(parts) => ConstraintMatcher::Any(open_all(parts)?),
        Constraint::Not(part) => ConstraintMatcher::Not(Box::new(open_constraint(scope, segment_ord, query, part)?)),
        Constraint::Word(index) => open_word(scope, segment, &query.words[*index])?,
        Constraint::Phrase(phrase @ Phrase::ExactWords(words)) => {
            let forms: Vec<&String> = words.iter().map(|(_, form)| form).collect();
            let width = words.last().map_or(0, |(offset, _)| *offset as u32);
            let find = |text: &str, tokens: &[Token], matches: &mut Vec<Match>| {
                find_phrase(text, tokens, phrase, 0, matches);
            };
            open_exact_forms(scope, segment_ord, &forms, width, find)?
        }
        Constraint::Phrase(Phrase::ExactWord(form)) => {
            ConstraintMatcher::Any(open_terms(segment, fields.exact, std::slice::from_ref(form))?)
        }
        Constraint::Phrase(Phrase::Lemmas(lemmas)) => {
            ConstraintMatcher::Phrase(Box::new(PhraseCursor::open(segment, fields.lemma, lemmas)?))
        }
        Constraint::Proximity(proximity) if proximity.is_exact => {
            let forms: Vec<&String> = proximity.words.iter().flatten().collect();
            let find =
                |_: &str, tokens: &[Token], matches: &mut Vec<Match>| find_proximity(tokens, proximity, 0, matches);
            open_exact_forms(scope, segment_ord, &forms, proximity.width, find)?
        }
        Constraint::Proximity(proximity) => open_proximity(scope, segment, &proximity.words, proximity.width)?,
        Constraint::Pattern(index) => {
            let forms = query.patterns[*index].expansions.as_deref().unwrap_or(&[]);
            ConstraintMatcher::Any(open_terms(segment, fields.exact, forms)?)
        }
        Constraint::Title(keys) => open_title(scope, segment_ord, keys)?,
        Constraint::Filter(filter) => {
            let values = ValueSet::open(scope, segment_ord, filter)?;
            values.map_or(ConstraintMatcher::Any(Vec::new()), ConstraintMatcher::Filter)
        }
    })
}

/// The passages that the word matches in any way.
fn open_word<'a>(scope: &SearchScope, segment: &SegmentReader, word: &QueryWord) -> Result<ConstraintMatcher<'a>> {
    let fields = &scope.fields;
    let mut any = open_terms(segment, fields.exact, std::slice::from_ref(&word.exact))?;
    any.extend(open_terms(segment, fields.lemma, &word.lemmas)?);
    any.extend(open_terms(segment, fields.component, &word.lemmas)?);
    for synonym in &word.synonyms {
        if let Phrase::Lemmas(lemmas) = &synonym.phrase {
            any.push(ConstraintMatcher::Phrase(Box::new(PhraseCursor::open(segment, fields.lemma, lemmas)?)));
        }
    }
    Ok(ConstraintMatcher::Any(any))
}

fn open_terms<'a>(segment: &SegmentReader, field: Field, keys: &[String]) -> Result<Vec<ConstraintMatcher<'a>>> {
    let lists = PostingsCursor::open_all(segment, field, keys)?;
    Ok(lists.into_iter().map(|postings| ConstraintMatcher::Term(Box::new(postings))).collect())
}

/// The passages of pages with any of the keys in the title. Boilerplate has no title.
fn open_title<'a>(scope: &SearchScope, segment_ord: u32, keys: &[String]) -> Result<ConstraintMatcher<'a>> {
    let mut any = Vec::new();
    if scope.is_content {
        for postings in PostingsCursor::open_all(scope.segment(segment_ord), scope.fields.title, keys)? {
            let titles = TitlePostings::new(postings, scope.index.fast_fields.page_spans(segment_ord)?);
            any.push(ConstraintMatcher::Title(Box::new(titles)));
        }
    }
    Ok(ConstraintMatcher::Any(any))
}

fn open_proximity<'a>(
    scope: &SearchScope,
    segment: &SegmentReader,
    words: &[Vec<String>],
    width: u32,
) -> Result<ConstraintMatcher<'a>> {
    let open_word =
        |keys: &Vec<String>| open_postings(segment, scope.fields.lemma, keys, IndexRecordOption::WithFreqsAndPositions);
    Ok(ConstraintMatcher::Proximity(words.iter().map(open_word).collect::<Result<_>>()?, width))
}

/// The passages that contain all of the exact forms, and in whose tokens `find` finds a match. The index has no
/// positions of exact forms, but it has the passages that contain them and the positions of their lemmas, so few texts
/// must be loaded.
fn open_exact_forms<'a>(
    scope: &'a SearchScope,
    segment_ord: u32,
    forms: &[&String],
    width: u32,
    find: impl Fn(&str, &[Token], &mut Vec<Match>) + 'a,
) -> Result<ConstraintMatcher<'a>> {
    let segment = scope.segment(segment_ord);
    let mut parts = Vec::new();
    for form in forms {
        parts.push(ConstraintMatcher::Any(open_terms(segment, scope.fields.exact, std::slice::from_ref(form))?));
    }
    let lemmas: Vec<Vec<String>> = forms.iter().map(|form| possible_lemmas(form)).collect();
    if lemmas.iter().all(|lemmas| !lemmas.is_empty()) {
        parts.push(open_proximity(scope, segment, &lemmas, width)?);
    }
    let mut prefixes = PrefixFilter::default();
    forms.iter().for_each(|form| prefixes.add_form(form));
    let matches = move |doc| {
        if scope.stop.should_stop() {
            return Ok(false);
        }
        let serialized = scope.index.serialized(DocAddress::new(segment_ord, doc))?;
        let text = &serialized.passage.text;
        let mut found = Vec::new();
        find(text, &analyze_matching(text, serialized.standard, &prefixes), &mut found);
        Ok(!found.is_empty())
    };
    parts.push(ConstraintMatcher::Text(Box::new(matches), None));
    Ok(ConstraintMatcher::All(parts))
}

/// The positions of a word in a document, ascending and distinct; `None` where it doesn't occur.
fn positions(word: &mut [SegmentPostings], doc: DocId) -> Option<Vec<u32>> {
    let mut positions = Vec::new();
    for list in word {
        if seek(list, doc) == doc {
            list.append_positions_with_offset(0, &mut positions);
        }
    }
    positions.sort_unstable();
    positions.dedup();
    (!positions.is_empty()).then_some(positions)
}

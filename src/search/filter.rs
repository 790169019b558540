//! Given what must hold of a passage, which passages of a segment are it?

use tantivy::columnar::{Column, StrColumn};
use tantivy::error::DataCorruption;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::query::Scorer;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocAddress, DocId, DocSet, SegmentReader, TERMINATED, TantivyError, Term};

use super::rank::{SearchScope, docs, titled};
use super::titles::Titled;
use super::window::{Run, Window};
use crate::error::{Error, Result};
use crate::index::{Index, NumericColumn, TextColumn};
use crate::norwegian::{PrefixFilter, Token, analyze_matching};
use crate::query::{Constraint, Filter, FilterField, Phrase, Query, QueryWord, possible_lemmas, proximity_spans};
use crate::snippet::{Match, find_near, find_phrase};

/// A constraint in a segment. Asked for documents in rising order.
pub enum Test<'a> {
    All(Vec<Test<'a>>),
    Any(Vec<Test<'a>>),
    Not(Box<Test<'a>>),
    Term(Box<Run>),
    Phrase(Box<dyn Scorer>),
    Titled(Box<Titled>),
    Near(Vec<Vec<SegmentPostings>>, u32),
    /// The text of the passage is read; and the first error of that, if there was one (see `Test::failure`).
    Text(Box<dyn FnMut(DocId) -> Result<bool> + 'a>, Option<Error>),
    /// A column of numbers, and which of them fit.
    Numbers(Column<u64>, Fitting),
    /// Something is to be found in the document on this shelf: it stands for no copy, and for nothing of another shelf.
    Holds(FieldNormReader),
}

/// Which numbers of a column fit.
pub enum Fitting {
    Between(u64, u64),
    /// Those that are `true` here.
    Listed(Vec<bool>),
}

/// What the query asks of the passages in a segment; `None` where any that its words find is right.
pub fn open<'a>(shelf: &'a SearchScope, number: u32, query: &'a Query) -> Result<Option<Test<'a>>> {
    let Some(constraint) = &query.constraint else {
        return Ok(None);
    };
    let constraint = test(shelf, number, query, constraint)?;
    if query.must_match_word {
        return Ok(Some(constraint));
    }
    let segment = shelf.index.searcher.segment_reader(number);
    let holds = Test::Holds(segment.get_fieldnorms_reader(shelf.fields.lemma)?);
    Ok(Some(Test::All(vec![constraint, holds])))
}

fn test<'a>(shelf: &'a SearchScope, number: u32, query: &'a Query, constraint: &'a Constraint) -> Result<Test<'a>> {
    let segment = shelf.index.searcher.segment_reader(number);
    let all = |parts: &'a [Constraint]| -> Result<Vec<Test<'a>>> {
        parts.iter().map(|part| test(shelf, number, query, part)).collect()
    };
    let fields = &shelf.fields;
    Ok(match constraint {
        Constraint::All(parts) => {
            let mut parts = all(parts)?;
            parts.sort_by_key(Test::is_dear);
            Test::All(parts)
        }
        Constraint::Any(parts) => Test::Any(all(parts)?),
        Constraint::Not(part) => Test::Not(Box::new(test(shelf, number, query, part)?)),
        Constraint::Word(place) => word(shelf, segment, &query.words[*place])?,
        Constraint::Phrase(phrase @ Phrase::ExactWords(row)) => {
            let forms: Vec<&String> = row.iter().map(|(_, form)| form).collect();
            let width = row.last().map_or(0, |(place, _)| *place as u32);
            let stands =
                |text: &str, words: &[Token], found: &mut Vec<Match>| find_phrase(text, words, phrase, 0, found);
            exactly(shelf, number, &forms, width, stands)?
        }
        Constraint::Phrase(Phrase::ExactWord(form)) => {
            Test::Any(terms(segment, fields.exact, std::slice::from_ref(form))?)
        }
        Constraint::Phrase(Phrase::Lemmas(row)) => Test::Phrase(docs(shelf, segment, row)?),
        Constraint::Proximity(near) if near.is_exact => {
            let stands = |_: &str, words: &[Token], found: &mut Vec<Match>| find_near(words, near, 0, found);
            exactly(shelf, number, &near.words.iter().flatten().collect::<Vec<_>>(), near.width, stands)?
        }
        Constraint::Proximity(near) => self::near(shelf, segment, &near.words, near.width)?,
        Constraint::Pattern(place) => {
            let forms = query.patterns[*place].expansions.as_deref().unwrap_or(&[]);
            Test::Any(terms(segment, fields.exact, forms)?)
        }
        Constraint::Title(keys) => self::title(shelf, number, keys)?,
        Constraint::Filter(filter) => self::filter(shelf.index, number, filter)?,
    })
}

/// Where the word finds.
fn word<'a>(shelf: &SearchScope, segment: &SegmentReader, word: &QueryWord) -> Result<Test<'a>> {
    let fields = &shelf.fields;
    let mut any = terms(segment, fields.exact, std::slice::from_ref(&word.exact))?;
    any.extend(terms(segment, fields.lemma, &word.lemmas)?);
    any.extend(terms(segment, fields.component, &word.lemmas)?);
    for synonym in &word.synonyms {
        if let Phrase::Lemmas(row) = &synonym.phrase {
            any.push(Test::Phrase(docs(shelf, segment, row)?));
        }
    }
    Ok(Test::Any(any))
}

fn terms<'a>(segment: &SegmentReader, field: Field, keys: &[String]) -> Result<Vec<Test<'a>>> {
    Ok(runs_of(segment, field, keys)?.into_iter().map(|run| Test::Term(Box::new(run))).collect())
}

fn runs_of(segment: &SegmentReader, field: Field, keys: &[String]) -> Result<Vec<Run>> {
    let inverted = segment.inverted_index(field)?;
    let mut found = Vec::new();
    for key in keys {
        found.extend(Run::of(&inverted, &Term::from_field_text(field, key), IndexRecordOption::Basic)?);
    }
    Ok(found)
}

/// Where one of these stands in the title; what was dropped of a page has none.
fn title<'a>(shelf: &SearchScope, number: u32, keys: &[String]) -> Result<Test<'a>> {
    let mut any = Vec::new();
    if shelf.has_pages {
        for firsts in runs_of(shelf.index.searcher.segment_reader(number), shelf.fields.title, keys)? {
            any.push(Test::Titled(Box::new(titled(shelf, number, firsts)?)));
        }
    }
    Ok(Test::Any(any))
}

pub(super) fn postings(
    segment: &SegmentReader,
    field: Field,
    keys: &[String],
    option: IndexRecordOption,
) -> Result<Vec<SegmentPostings>> {
    let inverted = segment.inverted_index(field)?;
    let mut found = Vec::new();
    for key in keys {
        let term = Term::from_field_text(field, key);
        found.extend(inverted.read_postings(&term, option).map_err(TantivyError::from)?);
    }
    Ok(found)
}

fn near<'a>(shelf: &SearchScope, segment: &SegmentReader, words: &[Vec<String>], width: u32) -> Result<Test<'a>> {
    let of_word =
        |keys: &Vec<String>| postings(segment, shelf.fields.lemma, keys, IndexRecordOption::WithFreqsAndPositions);
    Ok(Test::Near(words.iter().map(of_word).collect::<Result<_>>()?, width))
}

/// Where forms stand as `stands` finds them in the words of a text. Where a form stands is not in the index, but which
/// passages hold it is, and where its lemmas stand: few texts are left to be read.
fn exactly<'a>(
    shelf: &'a SearchScope,
    number: u32,
    forms: &[&String],
    width: u32,
    stands: impl Fn(&str, &[Token], &mut Vec<Match>) + 'a,
) -> Result<Test<'a>> {
    let segment = shelf.index.searcher.segment_reader(number);
    let mut parts = Vec::new();
    for form in forms {
        parts.push(Test::Any(terms(segment, shelf.fields.exact, std::slice::from_ref(form))?));
    }
    let lemmas: Vec<Vec<String>> = forms.iter().map(|form| possible_lemmas(form)).collect();
    if lemmas.iter().all(|lemmas| !lemmas.is_empty()) {
        parts.push(near(shelf, segment, &lemmas, width)?);
    }
    let mut asked = PrefixFilter::default();
    forms.iter().for_each(|form| asked.add_form(form));
    let stands_in = move |doc| {
        let record = shelf.index.record(DocAddress::new(number, doc))?;
        let text = &record.passage.text;
        let mut found = Vec::new();
        stands(text, &analyze_matching(text, record.standard, &asked), &mut found);
        Ok(!found.is_empty())
    };
    parts.push(Test::Text(Box::new(stands_in), None));
    Ok(Test::All(parts))
}

fn filter<'a>(index: &Index, segment: u32, filter: &Filter) -> Result<Test<'a>> {
    let nothing = Test::Any(Vec::new());
    if let Filter::Days(days) = filter {
        let between = Fitting::Between(*days.start(), *days.end());
        let days_known = index.fast_fields.numeric_column(segment, NumericColumn::Day)?;
        return Ok(days_known.map_or(nothing, |column| Test::Numbers(column.clone(), between)));
    }
    let Some(column) = values(index, segment, filter.field())? else {
        return Ok(nothing);
    };
    let mut fitting = Vec::with_capacity(column.num_terms());
    match filter {
        Filter::Path(_) => {
            let mut paths = Paths { index, filter, known: None };
            each_value(column, |key| fitting.push(paths.fits(key)))?;
        }
        _ => each_value(column, |value| fitting.push(filter.matches(value)))?,
    }
    if fitting.contains(&true) {
        Ok(Test::Numbers(column.ords().clone(), Fitting::Listed(fitting)))
    } else {
        Ok(nothing)
    }
}

/// The paths of pages, as they are shown.
struct Paths<'a> {
    index: &'a Index,
    filter: &'a Filter,
    /// The last file, since the pages of one follow one another: as stored, as shown, and whether it fits.
    known: Option<(String, String, bool)>,
}

impl Paths<'_> {
    /// Whether the file of the page fits, or the page in it.
    fn fits(&mut self, key: &str) -> bool {
        let filter = self.filter;
        let (shown, fits, record) = self.file(key);
        fits || record.is_some_and(|record| filter.matches(&format!("{shown}#{record}")))
    }

    fn shown(&mut self, key: &str) -> String {
        match self.file(key) {
            (shown, _, Some(record)) => format!("{shown}#{record}"),
            (shown, ..) => shown.to_string(),
        }
    }

    /// The page's file as it is shown, whether that fits, and the record in it.
    fn file<'k>(&mut self, key: &'k str) -> (&str, bool, Option<&'k str>) {
        let key = key.trim_end_matches('\u{1f}');
        let (path, record) = key.split_once('\u{1f}').map_or((key, None), |(path, record)| (path, Some(record)));
        let known = self.known.take().filter(|(known, ..)| known == path);
        let (_, shown, fits) = self.known.insert(known.unwrap_or_else(|| {
            let shown = self.index.base.show(path);
            let fits = self.filter.matches(&shown);
            (path.to_string(), shown, fits)
        }));
        (shown, *fits, record)
    }
}

/// The column of what a filter asks for.
fn values(index: &Index, segment: u32, facet: FilterField) -> Result<Option<&StrColumn>> {
    let text = match facet {
        FilterField::Source => TextColumn::Source,
        FilterField::Site => TextColumn::Site,
        FilterField::Path => TextColumn::Page,
        FilterField::Lang => TextColumn::Lang,
        FilterField::Date => return Ok(None),
    };
    let column = index.fast_fields.text_column(segment, text)?;
    let max_doc = index.searcher.segment_reader(segment).max_doc();
    // No document has two: a number beyond is none that was written, and room for as many may not be had.
    if column.is_some_and(|column| column.num_terms() > max_doc as usize) {
        return Err(TantivyError::from(DataCorruption::comment_only(format!("too many values of {text:?}"))).into());
    }
    Ok(column)
}

/// Calls `each` with every value of a column, in the order of their numbers.
fn each_value(column: &StrColumn, mut each: impl FnMut(&str)) -> Result<()> {
    let mut values = column.dictionary().stream().map_err(TantivyError::from)?;
    while values.advance() {
        each(std::str::from_utf8(values.key()).unwrap_or(""));
    }
    Ok(())
}

/// Fewer documents of a window are asked about one by one.
const FEW: usize = 32;

impl Test<'_> {
    /// The first document from `doc` on for which it may hold.
    pub fn seek(&mut self, doc: DocId) -> DocId {
        match self {
            Test::All(parts) => parts.iter_mut().map(|part| part.seek(doc)).max().unwrap_or(doc),
            Test::Any(parts) => parts.iter_mut().map(|part| part.seek(doc)).min().unwrap_or(TERMINATED),
            Test::Term(run) => run.seek(doc),
            Test::Titled(titled) => titled.seek(doc),
            Test::Phrase(docs) => seek(docs.as_mut(), doc),
            Test::Near(words, _) => {
                let next = |word: &mut Vec<SegmentPostings>| word.iter_mut().map(|docs| seek(docs, doc)).min();
                words.iter_mut().map(|word| next(word).unwrap_or(TERMINATED)).max().unwrap_or(TERMINATED)
            }
            Test::Not(_) | Test::Numbers(..) | Test::Holds(_) | Test::Text(..) => doc,
        }
    }

    /// Leaves of the documents those for which it holds. Windows are asked for in rising order.
    pub fn keep(&mut self, docs: &mut Window) {
        if docs.count() < FEW {
            let begin = docs.begin();
            docs.retain(|place| self.holds(begin + place as u32));
            return;
        }
        match self {
            Test::All(parts) => {
                for part in parts {
                    if docs.is_empty() {
                        return;
                    }
                    part.keep(docs);
                }
            }
            Test::Any(parts) => {
                let mut found = docs.emptied();
                for part in parts {
                    if let Test::Term(run) = part {
                        run.add_to(&mut found);
                    } else {
                        let mut of_part = docs.clone();
                        part.keep(&mut of_part);
                        found.or(&of_part);
                    }
                }
                docs.and(&found);
            }
            Test::Not(part) => {
                let mut held = docs.clone();
                part.keep(&mut held);
                docs.and_not(&held);
            }
            Test::Term(run) => {
                let mut found = docs.emptied();
                run.add_to(&mut found);
                docs.and(&found);
            }
            Test::Titled(_)
            | Test::Phrase(_)
            | Test::Near(..)
            | Test::Numbers(..)
            | Test::Holds(_)
            | Test::Text(..) => {
                let begin = docs.begin();
                let mut next = 0;
                docs.retain(|place| {
                    let doc = begin + place as u32;
                    if doc >= next {
                        next = self.seek(doc);
                    }
                    doc == next && self.holds(doc)
                });
            }
        }
    }

    /// What went wrong since it was asked first: what it told since then may be wrong.
    pub fn failure(&mut self) -> Option<Error> {
        match self {
            Test::All(parts) | Test::Any(parts) => parts.iter_mut().find_map(Test::failure),
            Test::Not(part) => part.failure(),
            Test::Text(_, failure) => failure.take(),
            _ => None,
        }
    }

    /// More must be read for it than for others.
    fn is_dear(&self) -> bool {
        match self {
            Test::All(parts) | Test::Any(parts) => parts.iter().any(Test::is_dear),
            Test::Not(part) => part.is_dear(),
            Test::Phrase(_) | Test::Near(..) | Test::Text(..) => true,
            Test::Term(_) | Test::Titled(_) | Test::Numbers(..) | Test::Holds(_) => false,
        }
    }

    /// Whether it holds for the document.
    pub fn holds(&mut self, doc: DocId) -> bool {
        match self {
            Test::All(parts) => parts.iter_mut().all(|part| part.holds(doc)),
            Test::Any(parts) => parts.iter_mut().any(|part| part.holds(doc)),
            Test::Not(part) => !part.holds(doc),
            Test::Term(run) => run.seek(doc) == doc,
            Test::Titled(titled) => titled.seek(doc) == doc,
            Test::Text(holds, failure) => holds(doc).unwrap_or_else(|error| {
                failure.get_or_insert(error);
                false
            }),
            Test::Phrase(docs) => seek(docs.as_mut(), doc) == doc,
            Test::Near(words, width) => {
                let places: Option<Vec<Vec<u32>>> = words.iter_mut().map(|word| places(word, doc)).collect();
                places.is_some_and(|places| !proximity_spans(&places, *width).is_empty())
            }
            Test::Numbers(column, fitting) => column.first(doc).is_some_and(|number| match fitting {
                Fitting::Between(from, to) => (*from..=*to).contains(&number),
                Fitting::Listed(fitting) => fitting.get(number as usize).copied().unwrap_or(false),
            }),
            Test::Holds(lengths) => lengths.fieldnorm_id(doc) > 0,
        }
    }
}

/// The document itself if it is among those, else the next that is.
pub(super) fn seek(docs: &mut (impl DocSet + ?Sized), doc: DocId) -> DocId {
    if docs.doc() < doc { docs.seek(doc) } else { docs.doc() }
}

/// Where a word stands in a document, in rising order; `None` where it doesn't.
fn places(word: &mut [SegmentPostings], doc: DocId) -> Option<Vec<u32>> {
    let mut all = Vec::new();
    for postings in word {
        if seek(postings, doc) == doc {
            postings.append_positions_with_offset(0, &mut all);
        }
    }
    all.sort_unstable();
    all.dedup();
    (!all.is_empty()).then_some(all)
}

/// So many values are named where one is unknown.
const MAX_NAMED: usize = 5;

/// For each filter of the query that no page of the index fits, what there is instead, as a sentence for people.
pub fn unknown_filter_values(index: &Index, query: &Query) -> Result<Vec<String>> {
    let filters = query.constraint.as_ref().map(Constraint::filters).unwrap_or_default();
    let mut sentences = Vec::new();
    for filter in filters {
        sentences.extend(unknown_value(index, filter)?);
    }
    Ok(sentences)
}

fn unknown_value(index: &Index, filter: &Filter) -> Result<Option<String>> {
    let (asked, what) = match filter {
        Filter::Days(days) => return unknown_days(index, *days.start(), *days.end()),
        Filter::Source(words) => (words.join(" "), "source"),
        Filter::Site(site) => (site.clone(), "site"),
        Filter::Path(path) => (path.clone(), "path"),
        Filter::Lang(codes) => (codes.join(" or "), "language"),
    };
    let mut paths = Paths { index, filter, known: None };
    let mut known: Vec<String> = Vec::new();
    let mut has_fitting = false;
    for (place, segment) in (0u32..).zip(index.searcher.segment_readers()) {
        let Some(column) = values(index, place, filter.field())? else {
            continue;
        };
        let is_path = matches!(filter, Filter::Path(_));
        let mut is_alive = vec![false; column.num_terms()];
        for doc in segment.doc_ids_alive() {
            column.term_ords(doc).for_each(|value| is_alive[value as usize] = true);
        }
        let mut number = 0;
        each_value(column, |value| {
            if is_alive[number] {
                has_fitting |= if is_path { paths.fits(value) } else { filter.matches(value) };
                known.push(if is_path { paths.shown(value) } else { value.to_string() });
            }
            number += 1;
        })?;
    }
    if has_fitting {
        return Ok(None);
    }
    if known.is_empty() {
        return Ok(Some(format!("no page here states its {what}")));
    }
    known.sort_by_cached_key(|value| (distance(&asked, &value.to_lowercase()), value.clone()));
    known.dedup();
    let more = if known.len() > MAX_NAMED { ", …" } else { "" };
    known.truncate(MAX_NAMED);
    let preposition = if matches!(filter, Filter::Lang(_)) { "in" } else { "from" };
    Ok(Some(format!("no page is {preposition} {what} \"{asked}\"; {what}s here: {}{more}", known.join(", "))))
}

fn unknown_days(index: &Index, from: u64, to: u64) -> Result<Option<String>> {
    let (mut first, mut last) = (u64::MAX, 0);
    for (number, segment) in (0u32..).zip(index.searcher.segment_readers()) {
        let Some(column) = index.fast_fields.numeric_column(number, NumericColumn::Day)? else {
            continue;
        };
        for day in segment.doc_ids_alive().filter_map(|doc| column.first(doc)) {
            if (from..=to).contains(&day) {
                return Ok(None);
            }
            (first, last) = (first.min(day), last.max(day));
        }
    }
    let date = |day: u64| format!("{:04}-{:02}-{:02}", day / 10_000, day / 100 % 100, day % 100);
    Ok(Some(if last == 0 {
        "no page here states its date".to_string()
    } else {
        format!("no page is of these dates; pages here are from {} to {}", date(first), date(last))
    }))
}

/// How many letters differ between what was asked and the nearest word of a value, or the whole of it.
fn distance(asked: &str, value: &str) -> usize {
    let words = value.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.chain([value]).map(|word| edits(asked, word)).min().unwrap_or(usize::MAX)
}

fn edits(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, c) in one.chars().enumerate() {
        let mut before = std::mem::replace(&mut row[0], i + 1);
        for (j, d) in other.iter().enumerate() {
            let exchanged = before + usize::from(c != *d);
            before = row[j + 1];
            row[j + 1] = exchanged.min(before + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_of_a_value_tells_its_distance() {
        assert_eq!(distance("ipso", "rapport fra ipsos"), 1);
        assert_eq!(distance("ipsos", "ipsos"), 0);
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("skoel", "skole"), 2);
    }
}

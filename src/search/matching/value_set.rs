//! Compiles a metadata filter to the set of column values that pass it.

use tantivy::columnar::{Column, StrColumn};
use tantivy::error::DataCorruption;
use tantivy::{DocId, TantivyError};

use crate::error::Result;
use crate::index::{Index, NumericColumn, TextColumn};
use crate::query::{Filter, FilterField};
use crate::search::scope::SearchScope;

/// The number of values after which a search checks whether it must stop.
const VALUES_PER_CHECK: usize = 1024;

/// A column of a segment, and the values in it that pass a filter.
pub struct ValueSet {
    column: Column<u64>,
    passing: Passing,
}

enum Passing {
    Range(u64, u64),
    /// By the ordinals of a text column.
    Ordinals(Vec<bool>),
}

impl ValueSet {
    /// `None` if no document has a value, or none of the text values passes. A range of days is not checked in advance.
    /// If the search is stopped meanwhile, values are missing.
    pub fn open(scope: &SearchScope, segment_ord: u32, filter: &Filter) -> Result<Option<ValueSet>> {
        let SearchScope { index, stop, .. } = *scope;
        if let Filter::Days(days) = filter {
            let passing = Passing::Range(*days.start(), *days.end());
            let column = index.fast_fields.numeric_column(segment_ord, NumericColumn::Day)?;
            return Ok(column.map(|column| ValueSet { column: column.clone(), passing }));
        }
        let Some(column) = text_column(index, segment_ord, filter.field())? else {
            return Ok(None);
        };
        let mut passing = Vec::with_capacity(column.num_terms());
        match filter {
            Filter::Path(_) => {
                let mut paths = PathFilter::new(index, filter);
                // Every page has a value.
                let mut is_stopped = false;
                for_each_value(column, |key| {
                    is_stopped |= passing.len().is_multiple_of(VALUES_PER_CHECK) && stop.should_stop();
                    passing.push(!is_stopped && paths.passes(key));
                })?;
            }
            _ => for_each_value(column, |value| passing.push(filter.matches(value)))?,
        }
        if !passing.contains(&true) {
            return Ok(None);
        }
        Ok(Some(ValueSet { column: column.ords().clone(), passing: Passing::Ordinals(passing) }))
    }

    pub fn contains(&self, doc: DocId) -> bool {
        self.column.first(doc).is_some_and(|value| match &self.passing {
            Passing::Range(from, to) => (*from..=*to).contains(&value),
            Passing::Ordinals(passing) => passing.get(value as usize).copied().unwrap_or(false),
        })
    }
}

/// Evaluates a path filter on page keys. The pages of one file are adjacent, so the result for the last file is kept.
pub struct PathFilter<'a> {
    index: &'a Index,
    filter: &'a Filter,
    last: Option<FileMatch>,
}

struct FileMatch {
    /// As in the index.
    path: String,
    /// As shown to users, which is what the filter matches.
    shown: String,
    passes: bool,
}

impl<'a> PathFilter<'a> {
    pub fn new(index: &'a Index, filter: &'a Filter) -> PathFilter<'a> {
        PathFilter { index, filter, last: None }
    }

    /// Whether the file of the page passes, or the page itself as `file#record`.
    pub fn passes(&mut self, key: &str) -> bool {
        let filter = self.filter;
        let (file, record) = self.file(key);
        file.passes || record.is_some_and(|record| filter.matches(&format!("{}#{record}", file.shown)))
    }

    /// The page as shown to users.
    pub fn shown(&mut self, key: &str) -> String {
        match self.file(key) {
            (file, Some(record)) => format!("{}#{record}", file.shown),
            (file, None) => file.shown.to_string(),
        }
    }

    /// The page's file, and the record in it.
    fn file<'k>(&mut self, key: &'k str) -> (&FileMatch, Option<&'k str>) {
        let key = key.trim_end_matches('\u{1f}');
        let (path, record) = key.split_once('\u{1f}').map_or((key, None), |(path, record)| (path, Some(record)));
        let last = self.last.take().filter(|last| last.path == path);
        let file = self.last.insert(last.unwrap_or_else(|| {
            let shown = self.index.base.show(path);
            let passes = self.filter.matches(&shown);
            FileMatch { path: path.to_string(), shown, passes }
        }));
        (file, record)
    }
}

/// The text column that a filter reads. `None` where no document of the segment has a value, and for dates, which are
/// numbers.
pub fn text_column(index: &Index, segment_ord: u32, field: FilterField) -> Result<Option<&StrColumn>> {
    let text = match field {
        FilterField::Source => TextColumn::Source,
        FilterField::Site => TextColumn::Site,
        FilterField::Path => TextColumn::Page,
        FilterField::Lang => TextColumn::Lang,
        FilterField::Date => return Ok(None),
    };
    let column = index.fast_fields.text_column(segment_ord, text)?;
    let max_doc = index.searcher.segment_reader(segment_ord).max_doc();
    // Columns are single-valued, so more values than documents means corruption; don't allocate for it.
    if column.is_some_and(|column| column.num_terms() > max_doc as usize) {
        return Err(TantivyError::from(DataCorruption::comment_only(format!("too many values of {text:?}"))).into());
    }
    Ok(column)
}

/// Calls `visit` with every value of a column, in the order of ordinals.
pub fn for_each_value(column: &StrColumn, mut visit: impl FnMut(&str)) -> Result<()> {
    let mut values = column.dictionary().stream().map_err(TantivyError::from)?;
    while values.advance() {
        visit(std::str::from_utf8(values.key()).unwrap_or(""));
    }
    Ok(())
}

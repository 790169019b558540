//! The scopes that a search covers: content always, boilerplate on request.

use super::interrupt::StopCheck;
use super::ranking::query_idfs;
use super::scope::SearchScope;
use crate::error::Result;
use crate::index::{DocumentKind, Index};
use crate::query::Query;

/// One value for each scope that is searched.
pub struct PerScope<T> {
    pub content: T,
    /// `None` if boilerplate is not searched.
    pub boilerplate: Option<T>,
}

impl<T> PerScope<T> {
    /// Content first.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        std::iter::once(&self.content).chain(&self.boilerplate)
    }

    /// The value of the scope that contains documents of this kind, if that scope is searched.
    pub fn containing(&self, kind: DocumentKind) -> Option<&T> {
        match kind {
            DocumentKind::Boilerplate => self.boilerplate.as_ref(),
            _ => Some(&self.content),
        }
    }

    pub fn try_map<'a, U>(&'a self, mut convert: impl FnMut(&'a T) -> Result<U>) -> Result<PerScope<U>> {
        Ok(PerScope {
            content: convert(&self.content)?,
            boilerplate: self.boilerplate.as_ref().map(convert).transpose()?,
        })
    }
}

/// A scope with the idfs of the matching words in it, in the order of `Query::matching_words`.
pub struct WeightedScope<'a> {
    pub scope: SearchScope<'a>,
    pub idfs: Vec<f64>,
}

/// The scopes that a search of `query` covers.
pub fn searched_scopes<'a>(
    index: &'a Index,
    query: &Query,
    with_boilerplate: bool,
    stop: &'a StopCheck<'a>,
) -> Result<PerScope<WeightedScope<'a>>> {
    let weighted = |scope: SearchScope<'a>| -> Result<WeightedScope<'a>> {
        let scope = SearchScope { stop, ..scope };
        let idfs = query_idfs(&scope, query)?;
        Ok(WeightedScope { scope, idfs })
    };
    Ok(PerScope {
        content: weighted(SearchScope::content(index))?,
        boilerplate: with_boilerplate.then(|| weighted(SearchScope::boilerplate(index))).transpose()?,
    })
}

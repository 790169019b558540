//! Paths of files as people on other machines may see them: never absolute.

use std::path::Path;

use super::search_request::SearchOutcome;
use crate::index::Index;
use crate::query::FilterField;
use crate::search::{Hit, PageLocation};

/// Shortens absolute paths: to the part below the folder of the index or, elsewhere, to the file name. A server that
/// others can reach shows no folders of its machine.
pub struct PathShortener {
    /// The folder that contains the index, as hits show it; `None` if paths are shown as they are.
    base: Option<String>,
}

impl PathShortener {
    /// `hides_folders` is false if only this machine is served; paths are then shown as they are.
    pub fn new(index: &Index, hides_folders: bool) -> PathShortener {
        PathShortener { base: hides_folders.then(|| index.base.show(".")) }
    }

    /// Shortens a path if it is absolute and folders are hidden.
    pub fn shorten<'a>(&self, path: &'a str) -> &'a str {
        let Some(base) = self.base.as_ref().filter(|_| Path::new(path).is_absolute()) else {
            return path;
        };
        let below = Path::new(path).strip_prefix(base).ok().and_then(Path::to_str);
        let name = || Path::new(path).file_name().and_then(|name| name.to_str());
        below.filter(|below| !below.is_empty()).or_else(name).unwrap_or("")
    }

    /// Shortens all paths in the outcome of a search.
    pub fn shorten_outcome(&self, outcome: &mut SearchOutcome) {
        outcome.results.hits.iter_mut().for_each(|hit| self.shorten_hit(hit));
        let unknown = outcome.unknown_filters.iter_mut().filter(|unknown| unknown.field == FilterField::Path);
        for path in unknown.flat_map(|unknown| &mut unknown.nearest) {
            *path = self.shorten(path).to_string();
        }
    }

    /// Shortens the paths of a hit, of its copies and of similar pages.
    fn shorten_hit(&self, hit: &mut Hit) {
        let Hit { path, copies, similar, .. } = hit;
        let others = copies.iter_mut().chain(similar).map(|PageLocation { path, .. }| path);
        for path in others.chain([path]) {
            *path = self.shorten(path).to_string();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn absolute_paths_lose_their_folders() {
        let check = |path: &str, expected: &str| {
            let shortener = PathShortener { base: Some("/srv/treff".to_string()) };
            assert_eq!(shortener.shorten(path), expected);
        };
        check("seeds/a.txt", "seeds/a.txt");
        check("/srv/treff/seeds/a.txt", "seeds/a.txt");
        check("/srv/treff-2/a.txt", "a.txt");
        check("/home/kari/notater/b.html", "b.html");
        check("/srv/treff", "treff");
        check("-", "-");
        check("/", "");
    }
}

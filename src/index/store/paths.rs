//! Stored names of files: relative to the folder that contains the index, or absolute.
//!
//! A file below that folder has a relative name, so that a project can be moved or copied together with its index.
//! Names that are not UTF-8 are escaped (see `read::escape_path`).

use std::path::{Component, Path, PathBuf};

use crate::error::{Error, Result};
use crate::read;

/// The stored name of standard input.
pub const STDIN: &str = "-";

/// The folder that contains an index, as an absolute path.
#[derive(Clone, Debug)]
pub struct BaseDir {
    folder: PathBuf,
    index: PathBuf,
}

impl BaseDir {
    pub fn of(index: &Path) -> Result<BaseDir> {
        let index = absolute(index)?;
        Ok(BaseDir { folder: index.parent().unwrap_or(&index).to_path_buf(), index })
    }

    /// The folder of the index itself, as an absolute path. A walk skips it.
    pub fn index(&self) -> &Path {
        &self.index
    }

    /// The stored name of a path that the user gave.
    pub fn stored_name(&self, path: &Path) -> Result<String> {
        let path = absolute(path)?;
        let name = path.strip_prefix(&self.folder).unwrap_or(&path);
        let name = if name.as_os_str().is_empty() { Path::new(".") } else { name };
        Ok(read::escape_path(name))
    }

    /// The path of a stored name.
    pub fn resolve(&self, stored: &str) -> PathBuf {
        if stored == "." { self.folder.clone() } else { self.folder.join(read::unescape_path(stored)) }
    }

    /// The path of a stored name, relative to the working directory if it is below that, as a user would write it.
    pub fn resolve_for_display(&self, stored: &str) -> PathBuf {
        let path = self.resolve(stored);
        let here = std::env::current_dir().ok();
        match here.and_then(|here| path.strip_prefix(&here).ok().map(Path::to_path_buf)) {
            Some(near) if near.as_os_str().is_empty() => PathBuf::from("."),
            Some(near) => near,
            None => path,
        }
    }

    /// A stored name as it is shown to users.
    pub fn show(&self, stored: &str) -> String {
        if stored == STDIN { stored.to_string() } else { read::escape_path(&self.resolve_for_display(stored)) }
    }
}

/// Whether the stored name `file` is `root` or is below it.
pub fn is_below(file: &str, root: &str) -> bool {
    if root == "." {
        return !Path::new(file).is_absolute() && file != STDIN;
    }
    Path::new(file).starts_with(root)
}

/// An absolute path without `.` and `..`. Symbolic links are kept, except in a path with `..`: users know a file by the
/// name that they typed.
fn absolute(path: &Path) -> Result<PathBuf> {
    if path.components().any(|component| component == Component::ParentDir)
        && let Ok(path) = path.canonicalize()
    {
        return Ok(path);
    }
    std::path::absolute(path).map_err(Error::io(path, "find"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_names_are_relative_below_the_base_and_absolute_elsewhere() {
        let base = BaseDir::of(Path::new("/a/b/index")).unwrap();
        assert_eq!(base.stored_name(Path::new("/a/b/seeds/x.txt")).unwrap(), "seeds/x.txt");
        assert_eq!(base.stored_name(Path::new("/a/c/x.txt")).unwrap(), "/a/c/x.txt");
        assert_eq!(base.stored_name(Path::new("/a/b")).unwrap(), ".");
        assert_eq!(base.resolve("seeds/x.txt"), Path::new("/a/b/seeds/x.txt"));
        assert_eq!(base.resolve("/a/c"), Path::new("/a/c"));
    }

    #[test]
    fn is_below_compares_whole_components() {
        assert!(is_below("seeds/x.txt", "seeds"));
        assert!(is_below("seeds", "seeds"));
        assert!(!is_below("seeds2/x.txt", "seeds"));
        assert!(is_below("x.txt", "."));
        assert!(!is_below("/c/x.txt", "."));
    }
}

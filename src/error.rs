//! What can go wrong: the thing, the place, and what to do next.

use std::fmt;
use std::path::{Path, PathBuf};

/// Everything that treff can fail with. Messages are lower-case and end with the next step.
#[derive(Debug)]
pub enum Error {
    /// A file or folder could not be read or written.
    Io {
        path: PathBuf,
        doing: &'static str,
        source: std::io::Error,
    },
    /// A page that can't be used; the others can.
    Page {
        place: String,
        reason: String,
    },
    /// There is no index where one was looked for.
    NoIndex {
        dir: PathBuf,
        hint: String,
    },
    /// The index was written in another format.
    OtherFormat {
        dir: PathBuf,
        built_by: String,
        hint: String,
    },
    /// Files of the index are missing or damaged.
    Damaged {
        file: PathBuf,
        reason: String,
    },
    /// Another process writes to the index.
    Locked {
        dir: PathBuf,
        holder: String,
    },
    /// What the person asked for makes no sense as asked.
    Usage(String),
    Tantivy(tantivy::TantivyError),
}

pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// `io(path, "read")` as the argument of `map_err`.
    pub fn io<'a>(path: &'a Path, doing: &'static str) -> impl FnOnce(std::io::Error) -> Error + 'a {
        move |source| Error::Io { path: path.to_path_buf(), doing, source }
    }

    /// There is nothing to search in this folder.
    pub fn no_index(dir: &Path) -> Error {
        Error::NoIndex { dir: dir.to_path_buf(), hint: "build one with `treff index PATH`".to_string() }
    }

    /// The index in this folder is that of another version.
    pub fn other_format(dir: &Path, built_by: String) -> Error {
        let hint = "run `treff index --rebuild` with the folders it was built from".to_string();
        Error::OtherFormat { dir: dir.to_path_buf(), built_by, hint }
    }

    pub fn page(place: impl fmt::Display, reason: impl Into<String>) -> Error {
        Error::Page { place: place.to_string(), reason: reason.into() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Error::Io { path, doing, source } => {
                write!(f, "{}: cannot {doing}: {}", path.display(), reason(source))
            }
            Error::Page { place, reason } => write!(f, "{place}: {reason}"),
            Error::NoIndex { dir, hint } => write!(f, "no index in {}; {hint}", dir.display()),
            Error::OtherFormat { dir, built_by, hint } => write!(
                f,
                "the index in {} was built by treff {built_by}, which this treff can't read; {hint}",
                dir.display()
            ),
            Error::Damaged { file, reason } => write!(
                f,
                "{}: {reason}; `treff index --rebuild` builds the index again from its sources, and `treff check` names \
                 all that is damaged",
                file.display()
            ),
            Error::Locked { dir, holder } => {
                write!(f, "the index in {} is being written by {holder}; try again when it is done", dir.display())
            }
            Error::Usage(message) => f.write_str(message),
            Error::Tantivy(source) => {
                write!(f, "the index can't be used: {source}; if this stays, run `treff index --rebuild`")
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Io { source, .. } => Some(source),
            Error::Tantivy(source) => Some(source),
            _ => None,
        }
    }
}

impl From<tantivy::TantivyError> for Error {
    fn from(source: tantivy::TantivyError) -> Error {
        Error::Tantivy(source)
    }
}

/// The system's reason without its error number.
pub fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => text.to_string(),
    }
}

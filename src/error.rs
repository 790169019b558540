//! The error type of the library: what failed, where and why, as data.
//!
//! Most messages state no more than that. What to type next depends on the program that uses the library; treff's command
//! line adds it (`cli::advice`).

use std::fmt;
use std::path::{Path, PathBuf};

/// The errors of the library. Messages are lower-case and have no final full stop.
#[derive(Debug)]
pub enum Error {
    /// A file or folder could not be read or written.
    Io {
        path: PathBuf,
        /// The verb of the failed operation, as in "cannot read".
        action: &'static str,
        source: std::io::Error,
    },
    /// A page or its file can't be used. The other pages can be used: an update reports the error and continues.
    Page {
        /// The file, with the record or line where there is one.
        place: String,
        reason: String,
    },
    /// A file that the user wrote for treff (synonyms, cleaning rules, queries, judgments, runs) has an error.
    InputFile {
        file: String,
        /// Counted from 1. `None` if the error concerns the whole file.
        line: Option<usize>,
        reason: String,
    },
    /// The folder contains no index.
    NoIndex {
        dir: PathBuf,
    },
    /// The index was written in a format that this version can't read.
    OtherFormat {
        dir: PathBuf,
        /// The version of treff that built the index.
        built_by: String,
    },
    /// A file of the index is missing or damaged. Rebuilding the index repairs it.
    Damaged {
        file: PathBuf,
        reason: String,
    },
    /// The stored copy of standard input is damaged. No other file has its contents, so a rebuild can't repair it.
    DamagedStdin {
        file: PathBuf,
        reason: String,
    },
    /// Another process is writing to the index.
    Locked {
        dir: PathBuf,
        holder: String,
    },
    /// The folder contains files that don't belong to an index, so no index is built there.
    ForeignFolder {
        dir: PathBuf,
        /// The name of one such file.
        file: String,
    },
    /// An index must be rebuilt, but some of its sources can't be read, so pages would be lost. The index was left
    /// unchanged.
    SourcesMissing {
        /// The damage that makes a rebuild necessary; `None` if there is another reason.
        damage: Option<Box<Error>>,
        /// What is wrong with the source.
        cause: Box<Error>,
    },
    /// No path was given, and there is no default path or it can't be read.
    NoPath {
        /// What is wrong with the default path, if there is one.
        cause: Option<Box<Error>>,
    },
    /// None of the given paths can be read.
    NoReadablePath,
    /// Standard input is one of the sources, but nothing has been read from it yet.
    NoStdin,
    Tantivy(tantivy::TantivyError),
}

pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Converts an I/O error; use as `map_err(Error::io(path, "read"))`.
    pub fn io<'a>(path: &'a Path, action: &'static str) -> impl FnOnce(std::io::Error) -> Error + 'a {
        move |source| Error::Io { path: path.to_path_buf(), action, source }
    }

    pub fn page(place: impl fmt::Display, reason: impl Into<String>) -> Error {
        Error::Page { place: place.to_string(), reason: reason.into() }
    }

    pub fn input_file(file: impl fmt::Display, line: Option<usize>, reason: impl Into<String>) -> Error {
        Error::InputFile { file: file.to_string(), line, reason: reason.into() }
    }

    /// The error for a file that the user wrote in an encoding other than UTF-8.
    pub fn not_utf8(file: impl fmt::Display) -> Error {
        Error::input_file(file, None, "the text is not UTF-8; save the file as UTF-8")
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Error::Io { path, action, source } => {
                write!(f, "{}: cannot {action}: {}", path.display(), reason(source))
            }
            Error::Page { place, reason } => write!(f, "{place}: {reason}"),
            Error::InputFile { file, line: Some(line), reason } => write!(f, "{file}:{line}: {reason}"),
            Error::InputFile { file, line: None, reason } => write!(f, "{file}: {reason}"),
            Error::NoIndex { dir } => write!(f, "no index in {}", dir.display()),
            Error::OtherFormat { dir, built_by } => write!(
                f,
                "the index in {} was built by treff {built_by}, whose format this version can't read",
                dir.display()
            ),
            Error::Damaged { file, reason } | Error::DamagedStdin { file, reason } => {
                write!(f, "{}: {reason}", file.display())
            }
            Error::Locked { dir, holder } => write!(f, "the index in {} is being written by {holder}", dir.display()),
            Error::ForeignFolder { dir, file } => {
                write!(f, "{} contains files that are not part of an index ({file})", dir.display())
            }
            Error::SourcesMissing { damage: Some(damage), cause } => {
                write!(f, "{damage}, and {cause}; the index was left unchanged")
            }
            Error::SourcesMissing { damage: None, cause } => write!(f, "{cause}; the index was left unchanged"),
            Error::NoPath { cause: Some(cause) } => write!(f, "no path was given, and {cause}"),
            Error::NoPath { cause: None } => f.write_str("no path was given"),
            Error::NoReadablePath => f.write_str("none of the paths can be read"),
            Error::NoStdin => f.write_str("no pages have been read from standard input yet"),
            Error::Tantivy(source) => write!(f, "the index can't be used: {source}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Io { source, .. } => Some(source),
            Error::SourcesMissing { cause, .. } | Error::NoPath { cause: Some(cause) } => Some(cause.as_ref()),
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

/// The operating system's reason in lower case, without the error number.
pub fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => text.to_string(),
    }
}

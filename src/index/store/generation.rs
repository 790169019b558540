//! A generation: one tantivy index with its manifest and compression dictionary, in the folder `generation-N`.
//!
//! The payload of tantivy's commit names the manifest and the dictionary that belong to it, so the three change
//! together.

use std::io::ErrorKind;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use tantivy::TantivyError;
use tantivy::directory::error::{OpenDirectoryError, OpenReadError};

use super::checksum;
use super::directory::META_FILE;
use crate::error::{Error, Result, reason};

/// The payload of a commit: the files that belong to it, and totals of the whole index.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct CommitPayload {
    pub manifest: String,
    /// The compression dictionary of stored passages, if the generation has one.
    pub dictionary: Option<String>,
    pub pages: u64,
    pub passages: u64,
    pub words: u64,
    /// Passages that consist of prose that recurs on other pages of their site.
    pub repeated: u64,
    pub copies: u64,
}

impl CommitPayload {
    /// Parses the payload in `meta`, the content of tantivy's `meta.json` without its checksum.
    pub fn parse(meta: &[u8], generation: &Path) -> Result<CommitPayload> {
        #[derive(Deserialize)]
        struct Meta {
            #[serde(default)]
            payload: String,
        }
        let damaged = |reason| Error::Damaged { file: generation.join(META_FILE), reason };
        let payload = serde_json::from_slice(meta).and_then(|meta: Meta| serde_json::from_str(&meta.payload));
        payload.map_err(|error| damaged(format!("its commit names no manifest ({error})")))
    }
}

/// Reads tantivy's `meta.json` with its checksum. A search reads it once, and treff parses only the payload: parsing
/// all of it, as tantivy does, would take longer than many queries.
pub fn read_meta(generation: &Path) -> std::io::Result<Vec<u8>> {
    std::fs::read(generation.join(META_FILE))
}

/// Returns the content of `meta.json` without its checksum, or an error if the checksum is wrong.
pub fn verify_meta<'a>(meta: &'a [u8], generation: &Path) -> Result<&'a [u8]> {
    let damaged = || Error::Damaged { file: generation.join(META_FILE), reason: checksum::MISMATCH.to_string() };
    checksum::verify(meta).ok_or_else(damaged)
}

/// Returns N of a folder named `generation-N`.
pub fn generation_number(name: &str) -> Option<u64> {
    name.strip_prefix("generation-")?.parse().ok()
}

/// Nanoseconds since 1970, used in the names of manifests, dictionaries and copies of standard input.
pub fn unix_nanos() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as i64)
}

/// Converts tantivy's error on opening a generation. A file that the user may not read, or that can't be opened because
/// too many files are open, is not damaged: a rebuild would not help.
pub fn open_error(generation: &Path, error: TantivyError) -> Error {
    match error {
        TantivyError::OpenReadError(OpenReadError::IoError { io_error, filepath }) => {
            read_error(&generation.join(filepath), &io_error)
        }
        TantivyError::OpenReadError(OpenReadError::FileDoesNotExist(file)) => {
            Error::Damaged { file: generation.join(file), reason: "the file is missing".to_string() }
        }
        TantivyError::OpenDirectoryError(OpenDirectoryError::IoError { io_error, directory_path }) => {
            read_error(&directory_path, &io_error)
        }
        TantivyError::IoError(error) => read_error(generation, &error),
        error => Error::Damaged { file: generation.to_path_buf(), reason: error.to_string() },
    }
}

/// Converts an error on reading a file of a generation: to `Error::Damaged` if the file is missing or truncated, else
/// to `Error::Io`.
pub fn read_error(file: &Path, error: &std::io::Error) -> Error {
    let damaged = |reason: String| Error::Damaged { file: file.to_path_buf(), reason };
    match error.kind() {
        ErrorKind::NotFound => damaged("the file is missing".to_string()),
        // tantivy checks the footer of each file; its own messages are written for developers.
        ErrorKind::InvalidData | ErrorKind::UnexpectedEof => {
            damaged("the file is truncated or its footer is damaged".to_string())
        }
        ErrorKind::IsADirectory | ErrorKind::NotADirectory => damaged(reason(error)),
        kind => {
            let source = error.raw_os_error().map_or_else(|| kind.into(), std::io::Error::from_raw_os_error);
            Error::Io { path: file.to_path_buf(), action: "read", source }
        }
    }
}

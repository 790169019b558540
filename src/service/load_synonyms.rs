//! Loads the synonyms for a query: built-in synonyms, and synonyms from the user's files.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result, reason};
use crate::index::SYNONYMS;
use crate::query::Synonyms;

/// The user's files of synonyms, as they were read.
pub struct SynonymFiles {
    files: Vec<(PathBuf, Vec<u8>)>,
}

impl SynonymFiles {
    /// Reads `synonyms.txt` of the index folder `dir`, if there is one, and `file`.
    ///
    /// # Errors
    ///
    /// `Error::InputFile` for a file that can't be read.
    pub fn read(dir: &Path, file: Option<&Path>) -> Result<SynonymFiles> {
        let mut files = Vec::new();
        let in_index = dir.join(SYNONYMS);
        match std::fs::read(&in_index) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            read => files.push((in_index.clone(), read.map_err(|error| unreadable(&in_index, &error))?)),
        }
        if let Some(path) = file {
            files.push((path.to_path_buf(), std::fs::read(path).map_err(|error| unreadable(path, &error))?));
        }
        Ok(SynonymFiles { files })
    }

    /// The built-in synonyms together with those in the files.
    ///
    /// # Errors
    ///
    /// `Error::InputFile` for a file that is not UTF-8 or has a syntax error.
    pub fn parse(self) -> Result<Synonyms> {
        let mut synonyms = Synonyms::builtin();
        for (path, bytes) in self.files {
            let text = String::from_utf8(bytes).map_err(|_| Error::not_utf8(path.display()))?;
            synonyms.add(&text, &path.display().to_string())?;
        }
        Ok(synonyms)
    }

    /// A hash of the paths and the contents.
    pub fn hash(&self) -> u64 {
        let mut hasher = xxhash_rust::xxh3::Xxh3::new();
        for (path, bytes) in &self.files {
            hasher.update(path.as_os_str().as_encoded_bytes());
            hasher.update(&[0]);
            hasher.update(bytes);
            hasher.update(&[0]);
        }
        hasher.digest()
    }
}

/// Returns the built-in synonyms together with those in `synonyms.txt` of the index folder `dir` and in `file`, if
/// there are such files.
pub fn load_synonyms(dir: &Path, file: Option<&Path>) -> Result<Synonyms> {
    SynonymFiles::read(dir, file)?.parse()
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::input_file(path.display(), None, format!("cannot read: {}", reason(error)))
}

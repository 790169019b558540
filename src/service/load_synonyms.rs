//! Loads the synonyms for a query: built-in synonyms, and synonyms from the user's files.

use std::io::ErrorKind;
use std::path::Path;

use crate::error::{Error, Result};
use crate::index::SYNONYMS;
use crate::query::Synonyms;

/// Returns the built-in synonyms together with those in `synonyms.txt` of the index folder `dir` and in `file`, if
/// there are such files.
pub fn load_synonyms(dir: &Path, file: Option<&Path>) -> Result<Synonyms> {
    let mut synonyms = Synonyms::builtin();
    if let Some(bytes) = read_if_exists(&dir.join(SYNONYMS))? {
        add(&mut synonyms, &dir.join(SYNONYMS), bytes)?;
    }
    if let Some(path) = file {
        let bytes = std::fs::read(path).map_err(Error::io(path, "read"))?;
        add(&mut synonyms, path, bytes)?;
    }
    Ok(synonyms)
}

/// A hash of the files that `load_synonyms` reads. A missing file counts as empty.
pub fn synonyms_hash(dir: &Path, file: Option<&Path>) -> Result<u64> {
    let mut hasher = xxhash_rust::xxh3::Xxh3::new();
    for path in std::iter::once(dir.join(SYNONYMS).as_path()).chain(file) {
        hasher.update(&read_if_exists(path)?.unwrap_or_default());
        hasher.update(&[0]);
    }
    Ok(hasher.digest())
}

fn read_if_exists(path: &Path) -> Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        read => read.map(Some).map_err(Error::io(path, "read")),
    }
}

fn add(synonyms: &mut Synonyms, path: &Path, bytes: Vec<u8>) -> Result<()> {
    let text = String::from_utf8(bytes).map_err(|_| Error::not_utf8(path.display()))?;
    synonyms.add(&text, &path.display().to_string())
}

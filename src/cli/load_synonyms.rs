//! Loads the synonyms for a query: built-in synonyms, and synonyms from the user's files.

use std::io::ErrorKind;
use std::path::Path;

use treff::error::{Error, Result};
use treff::index::SYNONYMS;
use treff::query::Synonyms;

use crate::cli::globals::Globals;

/// Returns the built-in synonyms together with those in the index folder's `synonyms.txt` and in `file`, if there are
/// such files.
pub fn load_synonyms(file: Option<&Path>, globals: &Globals) -> Result<Synonyms> {
    let mut synonyms = Synonyms::builtin();
    match add_file(&mut synonyms, &globals.index.join(SYNONYMS)) {
        Err(Error::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {}
        added => added?,
    }
    if let Some(path) = file {
        add_file(&mut synonyms, path)?;
    }
    Ok(synonyms)
}

fn add_file(synonyms: &mut Synonyms, path: &Path) -> Result<()> {
    let bytes = std::fs::read(path).map_err(Error::io(path, "read"))?;
    let text = String::from_utf8(bytes).map_err(|_| Error::not_utf8(path.display()))?;
    synonyms.add(&text, &path.display().to_string())
}

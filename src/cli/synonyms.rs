//! Which names stand for the same: those that treff knows, and those that a person has added.

use std::io::ErrorKind;
use std::path::Path;

use treff::error::{Error, Result};
use treff::index::SYNONYMS;
use treff::query::Synonyms;

use super::Globals;

/// The synonyms of treff, of the file beside the index, and of the file given; the last two may be missing.
pub fn read(given: Option<&Path>, globals: &Globals) -> Result<Synonyms> {
    let mut synonyms = Synonyms::builtin();
    let beside = globals.index.join(SYNONYMS);
    match add(&mut synonyms, &beside) {
        Err(Error::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {}
        added => added?,
    }
    if let Some(path) = given {
        add(&mut synonyms, path)?;
    }
    Ok(synonyms)
}

fn add(synonyms: &mut Synonyms, path: &Path) -> Result<()> {
    let bytes = std::fs::read(path).map_err(Error::io(path, "read"))?;
    let name = path.display().to_string();
    let text = String::from_utf8(bytes)
        .map_err(|_| Error::Usage(format!("{name}: the text is not UTF-8; save the file as UTF-8")))?;
    synonyms.add(&text, &name)
}

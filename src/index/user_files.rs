//! The files that a user may put into the folder of an index: `synonyms.txt` and `rules.txt`.

use std::path::Path;

use crate::clean::UserRules;
use crate::error::{Error, Result};

/// The user's synonyms. treff never writes this file.
pub const SYNONYMS: &str = "synonyms.txt";

/// The user's cleaning rules (see `clean::UserRules`). treff never writes this file.
pub const RULES: &str = "rules.txt";

/// Reads the user's rules for the index in `dir`; a missing file means no rules.
pub fn read_rules(dir: &Path, keep_all: bool) -> Result<UserRules> {
    let path = dir.join(RULES);
    let bytes = match std::fs::read(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        read => read.map_err(Error::io(&path, "read"))?,
    };
    let text = String::from_utf8(bytes).map_err(|_| Error::not_utf8(path.display()))?;
    UserRules::parse(&text, keep_all).map_err(|(line, reason)| Error::input_file(path.display(), Some(line), reason))
}

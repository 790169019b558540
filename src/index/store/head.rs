//! The head file, `treff.json`: format version and name of the current generation.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::super::schema::FORMAT;
use super::{checksum, directory};
use crate::error::{Error, Result};
use crate::norwegian::ANALYSIS_VERSION;

pub const HEAD_FILE: &str = "treff.json";

/// The head file before it is renamed into place.
pub const NEW_HEAD_FILE: &str = "treff.json.new";

/// The first format whose head file has a checksum.
const CHECKSUM_SINCE_FORMAT: u32 = 6;

/// The content of `treff.json`. Every later version must keep the names of these fields, and the checksum as the last
/// field, so that any version can read what another one wrote.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Head {
    pub format: u32,
    pub analysis: u32,
    /// The version of treff that created the generation.
    pub treff: String,
    pub generation: String,
    /// The roots of the index, as stored names (see `paths`). Another version of treff rebuilds the index from them.
    pub roots: Vec<String>,
    /// Whether cleaning is turned off, so that no lines are dropped from the pages.
    #[serde(default)]
    pub keep_all: bool,
}

impl Head {
    /// Reads the head file of the index in `dir`; `None` if there is none.
    pub fn read(dir: &Path) -> Result<Option<Head>> {
        let path = dir.join(HEAD_FILE);
        let bytes = match std::fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            read => read.map_err(Error::io(&path, "read"))?,
        };
        let damaged = |reason: String| Error::Damaged { file: path.clone(), reason };
        let has_valid_checksum = checksum::verify_json(&bytes);
        if has_valid_checksum == Some(false) {
            return Err(damaged(checksum::MISMATCH.to_string()));
        }
        let head: Head =
            serde_json::from_slice(&bytes).map_err(|error| damaged(format!("the file can't be read ({error})")))?;
        if has_valid_checksum.is_none() && head.format >= CHECKSUM_SINCE_FORMAT {
            return Err(damaged("its checksum is missing".to_string()));
        }
        Ok(Some(head))
    }

    /// Replaces the head file of the index in `dir` atomically.
    pub fn write(&self, dir: &Path) -> Result<()> {
        let path = dir.join(HEAD_FILE);
        let text = serde_json::to_string_pretty(self).expect("plain strings and numbers always encode");
        let text = checksum::append_to_json(&text);
        let write = || directory::replace(&path, text.as_bytes()).and_then(|()| std::fs::File::open(dir)?.sync_all());
        write().map_err(Error::io(&path, "write"))
    }

    /// Whether this version of treff can read the generation.
    pub fn is_current(&self) -> bool {
        self.format == FORMAT && self.analysis == ANALYSIS_VERSION
    }
}

//! What tools get and return: access to the index, output, and errors that a model can act on.

use std::sync::Arc;

use serde_json::{Value, json};

use super::arguments::Mistake;
use crate::error::Error;
use crate::search::Interrupt;
use crate::service::{IndexStatus, Snapshot};

/// Maximum number of bytes of a message from a client.
pub const MAX_MESSAGE_BYTES: usize = 64 * 1024;

/// Maximum number of characters of a query.
pub const MAX_QUERY_CHARS: usize = 1024;

/// What a tool gets to read the index.
pub struct IndexAccess {
    pub status: IndexStatus,
    /// Stops a search when its time is over, or when the client no longer waits for the result.
    pub interrupt: Interrupt,
    /// Whether absolute paths are hidden, because the client may be on another machine.
    pub hides_folders: bool,
}

impl IndexAccess {
    /// The snapshot to read.
    pub fn snapshot(&self) -> Result<&Arc<Snapshot>, ToolError> {
        match &self.status {
            IndexStatus::Open(snapshot) => Ok(snapshot),
            IndexStatus::Unavailable(error) => Err(self.index_error(error)),
        }
    }

    /// The error for an index that can't be read.
    pub fn index_error(&self, error: &Error) -> ToolError {
        let step = match error {
            Error::NoIndex { .. } => "ask the user to build one with `treff index PATH`",
            Error::OtherFormat { .. } => "ask the user to rebuild it with `treff index --rebuild`",
            Error::InputFile { .. } => "ask the user to correct this file",
            _ => "ask the user to run `treff check`",
        };
        let what = match error {
            _ if !self.hides_folders => error.to_string(),
            Error::NoIndex { .. } => "there is no index yet".to_string(),
            Error::OtherFormat { built_by, .. } => format!("the index was built by treff {built_by}"),
            Error::InputFile { .. } => "a file of synonyms can't be read".to_string(),
            _ => "the index can't be read".to_string(),
        };
        ToolError(format!("{what}; {step}"))
    }
}

/// Why a call has no result, with the next step.
#[derive(Debug, PartialEq)]
pub struct ToolError(pub String);

impl From<Mistake> for ToolError {
    fn from(mistake: Mistake) -> ToolError {
        ToolError(mistake)
    }
}

/// What a tool returns: the same content for people and models, and for programs.
#[derive(Debug)]
pub struct ToolOutput {
    pub text: String,
    pub structured: Value,
}

impl ToolOutput {
    /// The result of the call.
    pub fn to_json(&self) -> Value {
        json!({"content": [{"type": "text", "text": self.text}], "structuredContent": self.structured})
    }
}

//! The tool `status`: how much is indexed, and when it was updated.

use serde_json::{Map, Value, json};

use super::arguments::Arguments;
use super::tool_output::{IndexAccess, ToolError, ToolOutput};

pub fn status(arguments: Map<String, Value>, access: &IndexAccess) -> Result<ToolOutput, ToolError> {
    Arguments::new(arguments).finish()?;
    let snapshot = access.snapshot()?;
    let index = &snapshot.index;
    let updated = snapshot.guarded(|| snapshot.updated()).map_err(|error| access.index_error(&error))?;
    let updated = jiff::Timestamp::from_second(updated).map(|time| time.to_string()).unwrap_or_default();
    let (pages, passages, words) = (index.pages, index.passages, index.words);
    let version = env!("CARGO_PKG_VERSION");
    let text = format!("{pages} pages, {passages} passages, {words} words; updated {updated}; treff {version}");
    let structured = json!({
        "pages": pages,
        "passages": passages,
        "words": words,
        "updated": updated,
        "generation": snapshot.version,
        "version": version,
    });
    Ok(ToolOutput { text, structured })
}

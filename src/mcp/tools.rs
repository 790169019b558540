//! The tools by name.

use serde_json::{Map, Value, json};

use super::tool_output::{IndexAccess, ToolError};
use super::{search_tool, show_tool, status_tool};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    Search,
    Show,
    Status,
}

impl Tool {
    /// Every tool with its name.
    pub const ALL: [(&str, Tool); 3] = [("search", Tool::Search), ("show", Tool::Show), ("status", Tool::Status)];

    pub fn of(name: &str) -> Option<Tool> {
        Tool::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, tool)| tool)
    }

    /// Runs the tool. A mistake is a result, too, so that the model sees it and can correct the call.
    pub fn call(self, arguments: Map<String, Value>, access: &IndexAccess) -> Value {
        let output = match self {
            Tool::Search => search_tool::search(arguments, access),
            Tool::Show => show_tool::show(arguments, access),
            Tool::Status => status_tool::status(arguments, access),
        };
        match output {
            Ok(output) => output.to_json(),
            Err(ToolError(message)) => json!({"content": [{"type": "text", "text": message}], "isError": true}),
        }
    }
}

//! The methods of MCP: what a client can ask, in each revision of the protocol.

use serde_json::{Map, Value, json};

use super::jsonrpc::{
    INVALID_PARAMS, METHOD_NOT_FOUND, RESOURCE_NOT_FOUND, Request, RpcError, error_response, result_response,
};
use super::revision::{HANDSHAKE_VERSIONS, Revision, RoutingHeaders, SUPPORTED_VERSIONS, revision};
use super::tool_definitions::{INSTRUCTIONS, resource_templates, tools};
use super::tool_output::{IndexAccess, ToolError};
use super::tools::Tool;
use crate::model::shortened;

/// A request that has been checked, and how to answer it.
pub struct PreparedRequest {
    pub id: Value,
    pub revision: Revision,
    pub action: Action,
}

/// How a request is answered.
pub enum Action {
    /// With this result, which does not depend on the index.
    Answer(Value),
    CallTool(Tool, Map<String, Value>),
    ReadResource(String),
}

/// Whether, and for how long, a client may keep a result.
#[derive(Clone, Copy)]
enum Caching {
    /// The method has no hints for caching.
    None,
    /// Until treff is replaced: ten minutes.
    Definition,
    /// The index may change at any time.
    Fresh,
}

/// Checks a request. `headers` is `None` for a transport without headers.
///
/// # Errors
///
/// The error to answer with, and the revision if it is known.
pub fn prepare(
    request: Request,
    headers: Option<&RoutingHeaders>,
) -> Result<PreparedRequest, (Option<Revision>, RpcError)> {
    let revision = revision(&request, headers).map_err(|error| (None, error))?;
    let action = action(&request.method, request.params, revision).map_err(|error| (Some(revision), error))?;
    Ok(PreparedRequest { id: request.id, revision, action })
}

fn action(method: &str, mut params: Map<String, Value>, revision: Revision) -> Result<Action, RpcError> {
    let answer = |result, caching| Ok(Action::Answer(complete(result, revision, caching)));
    match (method, revision) {
        ("initialize", Revision::Handshake) => answer(initialize(&params)?, Caching::None),
        ("ping", Revision::Handshake) => answer(json!({}), Caching::None),
        ("server/discover", Revision::Stateless) => {
            let result = json!({
                "supportedVersions": SUPPORTED_VERSIONS,
                "capabilities": capabilities(),
                "instructions": INSTRUCTIONS,
            });
            answer(result, Caching::Definition)
        }
        ("tools/list", _) => answer(list("tools", tools(), &params)?, Caching::Definition),
        ("resources/list", _) => answer(list("resources", json!([]), &params)?, Caching::Definition),
        ("resources/templates/list", _) => {
            answer(list("resourceTemplates", resource_templates(), &params)?, Caching::Definition)
        }
        ("tools/call", _) => {
            let name = text(&params, "name")?;
            let tool = Tool::of(name).ok_or_else(|| {
                let names = Tool::ALL.map(|(name, _)| name).join(", ");
                RpcError::new(INVALID_PARAMS, format!("unknown tool {:?}; the tools are {names}", shortened(name, 50)))
            })?;
            match params.remove("arguments") {
                None | Some(Value::Null) => Ok(Action::CallTool(tool, Map::new())),
                Some(Value::Object(arguments)) => Ok(Action::CallTool(tool, arguments)),
                Some(_) => Err(RpcError::new(INVALID_PARAMS, "`arguments` must be an object")),
            }
        }
        ("resources/read", _) => Ok(Action::ReadResource(text(&params, "uri")?.to_string())),
        _ => Err(RpcError::new(METHOD_NOT_FOUND, format!("there is no method {:?}", shortened(method, 50)))),
    }
}

/// A text that must be among the parameters.
fn text<'a>(params: &'a Map<String, Value>, name: &str) -> Result<&'a str, RpcError> {
    let value = params.get(name).and_then(Value::as_str);
    value.ok_or_else(|| RpcError::new(INVALID_PARAMS, format!("`{name}` must be a string")))
}

fn initialize(params: &Map<String, Value>) -> Result<Value, RpcError> {
    let requested = text(params, "protocolVersion")?;
    // A client that doesn't support the version in the response closes the connection.
    let version = HANDSHAKE_VERSIONS.into_iter().find(|version| *version == requested).unwrap_or(HANDSHAKE_VERSIONS[0]);
    Ok(json!({
        "protocolVersion": version,
        "capabilities": capabilities(),
        "serverInfo": server_info(),
        "instructions": INSTRUCTIONS,
    }))
}

fn capabilities() -> Value {
    json!({"tools": {}, "resources": {}})
}

fn server_info() -> Value {
    json!({"name": "treff", "title": "treff", "version": env!("CARGO_PKG_VERSION")})
}

/// A list, which fits on one page.
fn list(name: &str, items: Value, params: &Map<String, Value>) -> Result<Value, RpcError> {
    match params.get("cursor") {
        None | Some(Value::Null) => Ok(json!({ name: items })),
        Some(_) => Err(RpcError::new(INVALID_PARAMS, "unknown cursor; all items are on the first page")),
    }
}

/// Adds what the revision requires of a result.
fn complete(mut result: Value, revision: Revision, caching: Caching) -> Value {
    if revision == Revision::Stateless {
        result["resultType"] = json!("complete");
        result["_meta"] = json!({"io.modelcontextprotocol/serverInfo": server_info()});
        let hints = match caching {
            Caching::None => None,
            Caching::Definition => Some((600_000, "public")),
            Caching::Fresh => Some((0, "private")),
        };
        if let Some((milliseconds, scope)) = hints {
            result["ttlMs"] = json!(milliseconds);
            result["cacheScope"] = json!(scope);
        }
    }
    result
}

impl PreparedRequest {
    /// Whether the answer depends on the index.
    pub fn needs_index(&self) -> bool {
        !matches!(self.action, Action::Answer(_))
    }

    /// Answers the request. Returns the response, and its error if it is one.
    pub fn respond(self, access: impl FnOnce() -> IndexAccess) -> (Value, Option<RpcError>) {
        let PreparedRequest { id, revision, action } = self;
        let result = match action {
            Action::Answer(result) => Ok(result),
            Action::CallTool(tool, arguments) => Ok(complete(tool.call(arguments, &access()), revision, Caching::None)),
            Action::ReadResource(uri) => read_resource(&uri, revision, &access()),
        };
        match result {
            Ok(result) => (result_response(&id, result), None),
            Err(error) => (error_response(&id, &error), Some(error)),
        }
    }
}

fn read_resource(uri: &str, revision: Revision, access: &IndexAccess) -> Result<Value, RpcError> {
    match super::show_tool::read_resource(uri, access) {
        Ok(Some(contents)) => Ok(complete(json!({"contents": contents}), revision, Caching::Fresh)),
        Ok(None) => {
            let code = match revision {
                Revision::Handshake => RESOURCE_NOT_FOUND,
                Revision::Stateless => INVALID_PARAMS,
            };
            Err(RpcError::new(code, "no passage has this URI; use treff:// and the id of a hit")
                .with_data(json!({"uri": shortened(uri, 200)})))
        }
        Err(ToolError(message)) => Err(RpcError::new(super::jsonrpc::INTERNAL_ERROR, message)),
    }
}

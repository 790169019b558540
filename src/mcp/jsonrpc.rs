//! JSON-RPC 2.0 messages, as far as MCP uses them: single requests and notifications with named parameters.

use serde_json::{Map, Value, json};

/// A message from a client.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    Request(Request),
    /// Gets no response.
    Notification {
        method: String,
        params: Map<String, Value>,
    },
    /// A response to a request of the server, which sends none.
    Response,
}

/// A request.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// A string or an integer.
    pub id: Value,
    pub method: String,
    /// Empty if the message has none.
    pub params: Map<String, Value>,
}

impl Request {
    /// The metadata of the request, if it has any.
    pub fn meta(&self) -> Option<&Map<String, Value>> {
        self.params.get("_meta").and_then(Value::as_object)
    }
}

/// An error as JSON-RPC defines it.
#[derive(Clone, Debug, PartialEq)]
pub struct RpcError {
    pub code: i64,
    pub message: String,
    pub data: Option<Value>,
}

/// The codes of JSON-RPC 2.0.
pub const PARSE_ERROR: i64 = -32700;
pub const INVALID_REQUEST: i64 = -32600;
pub const METHOD_NOT_FOUND: i64 = -32601;
pub const INVALID_PARAMS: i64 = -32602;
pub const INTERNAL_ERROR: i64 = -32603;
/// The codes of MCP.
pub const RESOURCE_NOT_FOUND: i64 = -32002;
pub const HEADER_MISMATCH: i64 = -32020;
pub const UNSUPPORTED_VERSION: i64 = -32022;

impl RpcError {
    pub fn new(code: i64, message: impl Into<String>) -> RpcError {
        RpcError { code, message: message.into(), data: None }
    }

    pub fn with_data(mut self, data: Value) -> RpcError {
        self.data = Some(data);
        self
    }

    /// The error for a message that is not allowed.
    pub fn invalid(message: impl Into<String>) -> RpcError {
        RpcError::new(INVALID_REQUEST, message)
    }

    /// The error for a bug in treff.
    pub fn internal() -> RpcError {
        RpcError::new(INTERNAL_ERROR, "the request failed because of a bug in treff")
    }
}

/// The response to a request.
pub fn result_response(id: &Value, result: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "result": result})
}

/// The error response to a request. `id` is null if the request has no valid id.
pub fn error_response(id: &Value, error: &RpcError) -> Value {
    let mut object = json!({"code": error.code, "message": error.message});
    if let Some(data) = &error.data {
        object["data"] = data.clone();
    }
    json!({"jsonrpc": "2.0", "id": id, "error": object})
}

/// Parses a message.
///
/// # Errors
///
/// The error to answer with, and the id of the message, or null if it has no valid one.
pub fn parse(bytes: &[u8]) -> Result<Message, (Value, RpcError)> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| {
        (Value::Null, RpcError::new(PARSE_ERROR, format!("the message is not valid JSON: {error}")))
    })?;
    let mut object = match value {
        Value::Object(object) => object,
        Value::Array(_) => return Err(invalid(Value::Null, "batches are not part of MCP; send one message at a time")),
        _ => return Err(invalid(Value::Null, "a message is a JSON object")),
    };
    let id = object.remove("id");
    let valid_id = id.clone().filter(|id| id.is_string() || id.is_i64() || id.is_u64());
    let answer_id = valid_id.clone().unwrap_or(Value::Null);
    if object.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
        return Err(invalid(answer_id, "`jsonrpc` must be \"2.0\""));
    }
    let method = match object.remove("method") {
        Some(Value::String(method)) => method,
        None if object.contains_key("result") || object.contains_key("error") => return Ok(Message::Response),
        _ => return Err(invalid(answer_id, "`method` must be a string")),
    };
    let params = match object.remove("params") {
        None => Map::new(),
        Some(Value::Object(params)) => params,
        Some(_) => return Err(invalid(answer_id, "`params` must be an object")),
    };
    match (id, valid_id) {
        (None, _) => Ok(Message::Notification { method, params }),
        (Some(_), Some(id)) => Ok(Message::Request(Request { id, method, params })),
        (Some(_), None) => Err(invalid(Value::Null, "`id` must be a string or an integer")),
    }
}

fn invalid(id: Value, message: &str) -> (Value, RpcError) {
    (id, RpcError::invalid(message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> (Value, i64) {
        let (id, error) = parse(text.as_bytes()).unwrap_err();
        (id, error.code)
    }

    #[test]
    fn parses_requests_and_notifications() {
        let request = parse(br#"{"jsonrpc":"2.0","id":"a","method":"ping"}"#).unwrap();
        let expected = Request { id: json!("a"), method: "ping".to_string(), params: Map::new() };
        assert_eq!(request, Message::Request(expected));
        let notification = parse(br#"{"jsonrpc":"2.0","method":"n","params":{"x":1}}"#).unwrap();
        let Message::Notification { method, params } = notification else { panic!("{notification:?}") };
        assert_eq!((method.as_str(), &params["x"]), ("n", &json!(1)));
        assert_eq!(parse(br#"{"jsonrpc":"2.0","id":1,"result":{}}"#).unwrap(), Message::Response);
    }

    #[test]
    fn errors_name_the_request_if_it_has_an_id() {
        assert_eq!(code("{"), (Value::Null, PARSE_ERROR));
        assert_eq!(code(""), (Value::Null, PARSE_ERROR));
        assert_eq!(parse(&[b'"', 0xff, b'"']).unwrap_err().1.code, PARSE_ERROR);
        assert_eq!(code(&"[".repeat(10_000)), (Value::Null, PARSE_ERROR));
        for text in ["[]", "1", "null", r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#] {
            assert_eq!(code(text), (Value::Null, INVALID_REQUEST), "{text}");
        }
        assert_eq!(code(r#"{"id":1,"method":"ping"}"#), (json!(1), INVALID_REQUEST));
        assert_eq!(code(r#"{"jsonrpc":"2.0","id":1,"method":2}"#), (json!(1), INVALID_REQUEST));
        assert_eq!(code(r#"{"jsonrpc":"2.0","id":1,"method":"a","params":[1]}"#), (json!(1), INVALID_REQUEST));
        for id in ["null", "1.5", "{}", "true", "1e400"] {
            let text = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#);
            assert_eq!(code(&text).0, Value::Null, "{text}");
        }
    }
}

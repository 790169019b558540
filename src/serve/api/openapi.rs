//! `GET /api/v1/openapi.json`: the description of the API (OpenAPI 3.1). The tests compare it with the code.

use crate::serve::http::{Answer, Problem};
use crate::serve::parameters::{pairs, unknown_parameter};
use crate::serve::request::{AcceptedRequest, Server};

const OPENAPI: &str = include_str!("openapi.json");

/// Answers `/api/v1/openapi.json`.
pub fn openapi(_: &Server, request: &AcceptedRequest) -> Result<Answer, Problem> {
    if let Some((name, _)) = pairs(&request.query).next() {
        return Err(unknown_parameter(&name));
    }
    let version = format!("openapi-{:016x}", xxhash_rust::xxh3::xxh3_64(OPENAPI.as_bytes()));
    Ok(Answer::new("application/json", OPENAPI).with_version(version))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::search::{FacetField, SearchOptions};
    use crate::serve::http::ProblemKind;
    use crate::serve::limits::Limits;
    use crate::serve::parameters::{SearchParameter, Strictness, search_request};

    fn description() -> Value {
        serde_json::from_str(OPENAPI).unwrap()
    }

    /// The parameters of the search, without `generation`.
    fn parameters() -> Vec<Value> {
        let parameters = description()["paths"]["/api/v1/search"]["get"]["parameters"].as_array().unwrap().clone();
        parameters.into_iter().filter(|parameter| parameter["name"] != "generation").collect()
    }

    fn read(query: &str) -> Result<crate::service::SearchRequest, Problem> {
        search_request(query, &Limits::default(), Strictness::Reject, |_, _| false)
    }

    #[test]
    fn all_parameters_are_described_in_order() {
        let described = parameters();
        let described: Vec<&str> = described.iter().map(|parameter| parameter["name"].as_str().unwrap()).collect();
        let names: Vec<&str> = SearchParameter::ALL.iter().map(|parameter| parameter.name()).collect();
        assert_eq!(described, names);
    }

    #[test]
    fn parameters_accept_what_is_described_and_nothing_else() {
        for (described, parameter) in parameters().iter().zip(SearchParameter::ALL) {
            let (name, schema) = (parameter.name(), &described["schema"]);
            let kind = schema["type"].as_str().unwrap();
            assert_eq!(kind == "array", parameter.is_repeatable(), "{name}");
            let item = if kind == "array" { &schema["items"] } else { schema };
            let (valid, invalid): (Vec<String>, &[&str]) = match item["type"].as_str().unwrap() {
                "boolean" => (vec!["true".to_string(), "false".to_string()], &["", "yes", "TRUE", "1", "0"]),
                "integer" => {
                    let bounds = [&item["minimum"], &item["maximum"]].into_iter().filter_map(Value::as_u64);
                    (bounds.map(|bound| bound.to_string()).collect(), &["", "-1", "1.5", "ti"])
                }
                _ => match item["enum"].as_array() {
                    Some(values) if name != "lang" => {
                        (values.iter().map(|value| value.as_str().unwrap().to_string()).collect(), &["", "other"])
                    }
                    _ => (vec!["nb".to_string()], &[]),
                },
            };
            for value in valid {
                // A limit of 1,000 leaves no room for an offset, and the other way round.
                let rest = if name == "offset" { "&limit=0" } else { "" };
                assert!(read(&format!("{name}={value}{rest}")).is_ok(), "{name}={value}");
            }
            for value in invalid {
                let problem = read(&format!("{name}={value}")).unwrap_err();
                assert_eq!(problem.kind, ProblemKind::BadParameter, "{name}={value}");
                assert_eq!(problem.members["parameter"], name);
            }
            let repeated = read(&format!("{name}={0}&{name}={0}", valid_value(item)));
            assert_eq!(repeated.is_ok(), parameter.is_repeatable(), "{name}");
        }
    }

    fn valid_value(item: &Value) -> &str {
        match item["type"].as_str().unwrap() {
            "boolean" => "true",
            "integer" => "5",
            _ => item["enum"][0].as_str().unwrap_or("2018"),
        }
    }

    #[test]
    fn described_defaults_and_limits_are_those_of_the_code() {
        let find = |name: &str| {
            let found = parameters().into_iter().find(|parameter| parameter["name"] == name);
            found.unwrap()["schema"].clone()
        };
        assert_eq!(find("limit")["default"], SearchOptions::DEFAULT.limit);
        assert_eq!(find("snippet-chars")["default"], SearchOptions::DEFAULT.snippet_chars);
        assert_eq!(find("limit")["maximum"], Limits::default().hits);
        assert_eq!(find("offset")["maximum"], Limits::default().hits);
        assert_eq!(find("q")["maxLength"], Limits::default().query_chars);
        let facets = FacetField::ALL.map(FacetField::name);
        assert_eq!(find("facets")["items"]["enum"], serde_json::json!(facets));
    }

    #[test]
    fn all_problem_types_and_statuses_are_described() {
        let description = description();
        let types = &description["components"]["schemas"]["Problem"]["properties"]["type"]["enum"];
        let expected: Vec<String> = ProblemKind::ALL.iter().map(|kind| format!("/problems/{}", kind.name())).collect();
        assert_eq!(*types, serde_json::json!(expected));
        let responses = description["paths"].as_object().unwrap().values();
        let statuses: BTreeSet<&str> = responses
            .flat_map(|path| path["get"]["responses"].as_object().unwrap().keys().map(String::as_str))
            .collect();
        // Only POST requests have a body.
        let without_body =
            ProblemKind::ALL.iter().map(|kind| kind.status()).filter(|status| ![411, 413].contains(status));
        for status in without_body {
            assert!(statuses.contains(status.to_string().as_str()), "{status}");
        }
    }

    #[test]
    fn references_lead_somewhere() {
        let description = description();
        let mut referenced = BTreeSet::new();
        for part in OPENAPI.split("{\"$ref\": \"#").skip(1) {
            let pointer = part.split('"').next().unwrap();
            assert!(description.pointer(pointer).is_some(), "{pointer}");
            referenced.insert(pointer.to_string());
        }
        for name in description["components"]["schemas"].as_object().unwrap().keys() {
            assert!(referenced.contains(&format!("/components/schemas/{name}")), "{name} is not used");
        }
    }
}

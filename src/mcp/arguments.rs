//! Reads the arguments of a tool strictly: each name must be known, and each value must have its type and range.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use crate::model::shortened;

/// The arguments of a call, from which a tool takes one after the other.
pub struct Arguments {
    values: Map<String, Value>,
    /// The names that were taken, present or not.
    known: Vec<&'static str>,
}

/// What is wrong with the arguments, as a sentence that says what to send instead.
pub type Mistake = String;

impl Arguments {
    pub fn new(values: Map<String, Value>) -> Arguments {
        Arguments { values, known: Vec::new() }
    }

    /// Takes a value; null is the same as none.
    fn take(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        self.values.remove(name).filter(|value| !value.is_null())
    }

    /// Takes a text of at most `max_chars` characters.
    pub fn text(&mut self, name: &'static str, max_chars: usize) -> Result<Option<String>, Mistake> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.chars().count() <= max_chars => Ok(Some(text)),
            Some(Value::String(_)) => Err(format!("`{name}` has more than {max_chars} characters; shorten it")),
            Some(_) => Err(format!("`{name}` must be a string")),
        }
    }

    /// Takes a text that must be present and contain more than white space.
    pub fn required_text(&mut self, name: &'static str, max_chars: usize) -> Result<String, Mistake> {
        let text = self.text(name, max_chars)?.filter(|text| !text.trim().is_empty());
        text.ok_or_else(|| format!("`{name}` is required"))
    }

    /// Takes an integer.
    pub fn integer(&mut self, name: &'static str, range: RangeInclusive<usize>) -> Result<Option<usize>, Mistake> {
        let Some(value) = self.take(name) else { return Ok(None) };
        // 10.0 is an integer in JSON Schema.
        let whole = value.as_f64().filter(|number| number.fract() == 0.0 && (0.0..1e9).contains(number));
        let number = value.as_u64().map(|number| number as usize).or(whole.map(|number| number as usize));
        match number.filter(|number| range.contains(number)) {
            Some(number) => Ok(Some(number)),
            None if *range.end() == usize::MAX => {
                Err(format!("`{name}` must be an integer, {} or more", range.start()))
            }
            None => Err(format!("`{name}` must be an integer from {} to {}", range.start(), range.end())),
        }
    }

    /// Takes a flag, which is false by default.
    pub fn flag(&mut self, name: &'static str) -> Result<bool, Mistake> {
        match self.take(name) {
            None => Ok(false),
            Some(Value::Bool(value)) => Ok(value),
            Some(_) => Err(format!("`{name}` must be true or false")),
        }
    }

    /// Takes one of several words.
    pub fn choice(
        &mut self,
        name: &'static str,
        choices: &'static [&'static str],
    ) -> Result<Option<&'static str>, Mistake> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let chosen = choices.iter().find(|choice| value == **choice);
        chosen.map(|choice| Some(*choice)).ok_or_else(|| format!("`{name}` must be one of {}", choices.join(", ")))
    }

    /// Checks that no argument is left.
    pub fn finish(self) -> Result<(), Mistake> {
        match self.values.keys().next() {
            None => Ok(()),
            Some(name) => {
                let known = if self.known.is_empty() { "none".to_string() } else { self.known.join(", ") };
                Err(format!("unknown argument {:?}; this tool takes: {known}", shortened(name, 50)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn arguments(value: Value) -> Arguments {
        Arguments::new(value.as_object().cloned().unwrap())
    }

    #[test]
    fn values_must_have_their_type_and_range() {
        let mut all = arguments(json!({"a": "x", "b": 10, "c": true, "d": "score", "e": null, "f": 2.0}));
        assert_eq!(all.required_text("a", 1).unwrap(), "x");
        assert_eq!(all.integer("b", 1..=20).unwrap(), Some(10));
        assert!(all.flag("c").unwrap());
        assert_eq!(all.choice("d", &["score", "date"]).unwrap(), Some("score"));
        assert_eq!(all.text("e", 1).unwrap(), None);
        assert_eq!(all.integer("f", 1..=20).unwrap(), Some(2));
        assert_eq!(all.finish(), Ok(()));
        assert!(arguments(json!({"a": "æøå"})).text("a", 2).is_err());
        assert!(arguments(json!({"a": 1})).text("a", 2).is_err());
        assert!(arguments(json!({"a": " "})).required_text("a", 2).is_err());
        assert!(arguments(json!({})).required_text("a", 2).is_err());
        for wrong in [json!(0), json!(21), json!(-1), json!(1.5), json!("1"), json!(1e300), json!([])] {
            assert!(arguments(json!({"a": wrong})).integer("a", 1..=20).is_err(), "{wrong}");
        }
        let open = arguments(json!({"a": 0})).integer("a", 1..=usize::MAX).unwrap_err();
        assert_eq!(open, "`a` must be an integer, 1 or more");
        assert!(arguments(json!({"a": "true"})).flag("a").is_err());
        assert!(arguments(json!({"a": "x"})).choice("a", &["score"]).is_err());
    }

    #[test]
    fn unknown_names_are_mistakes() {
        let mut query = arguments(json!({"query": "x", "max": 1}));
        query.required_text("query", 9).unwrap();
        query.flag("group").unwrap();
        let mistake = query.finish().unwrap_err();
        assert_eq!(mistake, "unknown argument \"max\"; this tool takes: query, group");
        assert!(arguments(json!({"x": 1})).finish().unwrap_err().ends_with("takes: none"));
    }
}

//! Writes JSON on one line, even for readers that split lines at every Unicode line separator.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// Writes a value as JSON and a line end.
pub fn print_json_line(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, OneLine))?;
    writeln!(out)
}

/// Escapes U+0085, U+2028 and U+2029, which JSON allows in strings.
struct OneLine;

impl Formatter for OneLine {
    fn write_string_fragment<W: Write + ?Sized>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        // A cheap test first: these characters begin with 0xc2 and 0xe2.
        if !fragment.bytes().any(|byte| matches!(byte, 0xc2 | 0xe2)) {
            return out.write_all(fragment.as_bytes());
        }
        let mut rest = fragment;
        while let Some(at) = rest.find(['\u{85}', '\u{2028}', '\u{2029}']) {
            let (before, from) = rest.split_at(at);
            out.write_all(before.as_bytes())?;
            let mut chars = from.chars();
            if let Some(separator) = chars.next() {
                write!(out, "\\u{:04x}", u32::from(separator))?;
            }
            rest = chars.as_str();
        }
        out.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_line_separators() {
        let check = |text: &str, expected: &str| {
            let mut out = Vec::new();
            print_json_line(&mut out, &[text]).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), format!("[\"{expected}\"]\n"));
            let back: Vec<String> = serde_json::from_str(&format!("[\"{expected}\"]")).unwrap();
            assert_eq!(back, [text]);
        };
        check("a\u{2028}b\u{2029}\u{85}", "a\\u2028b\\u2029\\u0085");
        check("“på” § 2 – €\n", "“på” § 2 – €\\n");
    }
}

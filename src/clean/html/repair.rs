//! Repairs HTML source before tokenizing: closes unclosed comments and raw-text elements, removes oversized tags, and
//! reads CDATA sections.
//!
//! As the HTML standard requires, html5ever treats everything after an unclosed comment, title or the like as part of
//! it. A browser may lose the rest of such a page; treff keeps it. html5ever also compares each attribute of a tag with
//! all others, so an oversized tag would take quadratic time.

use std::borrow::Cow;
use std::collections::HashMap;

/// The start of a CDATA section, after its "<".
const CDATA: &str = "![CDATA[";
/// Longer tags contain encoded data, or are an attack.
const MAX_TAG_BYTES: usize = 64 << 10;

/// Elements whose text ends only at their own end tag, or that are skipped together with their contents. Without an end
/// tag, the rest of the page would be lost.
const SWALLOWING: [&str; 17] = [
    "audio", "canvas", "datalist", "iframe", "map", "math", "noframes", "noscript", "script", "select", "style", "svg",
    "template", "textarea", "title", "video", "xmp",
];
/// The elements of `SWALLOWING` whose contents are text, not markup.
const RAW: [&str; 7] = ["iframe", "noframes", "script", "style", "textarea", "title", "xmp"];

/// Removes tags longer than `MAX_TAG_BYTES` and ends unclosed elements: a title or style ends at the next tag or the
/// end of the line, and an unclosed comment is removed up to there. For any other unclosed element, only the start tag
/// is removed. Line numbers stay the same.
///
/// The contents of a CDATA section, which XHTML shows and HTML ignores, become text, or markup if there are end tags.
///
/// An unclosed script is kept, because a truncated page may end in one, and its code is not text.
pub fn repair_html(source: &str) -> Cow<'_, str> {
    let mut repaired = String::new();
    // The source before this offset has been copied to `repaired`, or removed.
    let mut copied = 0;
    let mut at = 0;
    let mut ends = EndFinder { source, next: HashMap::new() };
    while let Some(open) = source[at..].find('<').map(|offset| at + offset) {
        at = open + 1;
        if source[at..].starts_with("!--") {
            if let Some(end) = ends.comment_end(open + 2) {
                at = end;
                continue;
            }
            let end = end_of_line_or_tag(source, open + 4);
            repaired.push_str(&source[copied..open]);
            repaired.extend(source[open..end].chars().filter(|c| *c == '\n'));
            (copied, at) = (end, end);
            continue;
        }
        if source[at..].starts_with(CDATA) {
            let start = at + CDATA.len();
            let end = ends.cdata_end(start);
            let text = &source[start..end.unwrap_or(start)];
            repaired.push_str(&source[copied..open]);
            if text.contains("</") {
                repaired.push_str(&repair_html(text));
            } else {
                repaired.push_str(&text.replace('<', "&lt;"));
            }
            copied = start + text.len() + if end.is_some() { "]]>".len() } else { 0 };
            at = copied;
            continue;
        }
        let length = source[at..].bytes().take_while(u8::is_ascii_alphanumeric).count();
        if !source[at..].starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let name = &source[at..at + length];
        let end = source[open..].find('>').map_or(source.len(), |offset| open + offset + 1);
        at = end;
        if end - open > MAX_TAG_BYTES {
            repaired.push_str(&source[copied..open]);
            repaired.extend(source[open..end].chars().filter(|c| *c == '\n'));
            copied = end;
            continue;
        }
        let Some(name) = SWALLOWING.iter().find(|known| known.eq_ignore_ascii_case(name)) else {
            continue;
        };
        let is_raw = RAW.contains(name);
        if source[open..end].ends_with("/>") && *name != "title" {
            continue;
        }
        match (ends.end_tag(name, end), *name) {
            (Some(close), _) => at = if is_raw { close } else { end },
            (None, "script") => break,
            (None, "title" | "style") => {
                let text_end = end_of_line_or_tag(source, end);
                repaired.push_str(&source[copied..text_end]);
                repaired.push_str("</");
                repaired.push_str(name);
                repaired.push('>');
                (copied, at) = (text_end, text_end);
            }
            (None, _) => {
                repaired.push_str(&source[copied..open]);
                repaired.extend(source[open..end].chars().filter(|c| *c == '\n'));
                copied = end;
            }
        }
    }
    if copied == 0 {
        return Cow::Borrowed(source);
    }
    repaired.push_str(&source[copied..]);
    Cow::Owned(repaired)
}

/// The end of unclosed text: the next tag, or the end of the first line that is not blank.
fn end_of_line_or_tag(source: &str, start: usize) -> usize {
    let Some(rest) = source.get(start..) else {
        return source.len();
    };
    let text = start + rest.len() - rest.trim_start().len();
    source[text..].find(['<', '\n']).map_or(source.len(), |offset| text + offset)
}

/// Finds ends of comments and elements in linear time: it remembers the last end found for each name, so that no part
/// of the source is searched twice for the same name.
struct EndFinder<'a> {
    source: &'a str,
    /// For each name, the first end after the offset from which it was last searched; `None` if there is none.
    next: HashMap<&'static str, Option<usize>>,
}

impl EndFinder<'_> {
    /// The offset after a comment whose dashes start at `from`.
    fn comment_end(&mut self, from: usize) -> Option<usize> {
        // `<!-->` and `<!--->` are complete comments.
        if let Some(short) = ["-->", "--->"].iter().find(|short| self.source[from..].starts_with(**short)) {
            return Some(from + short.len());
        }
        let source = self.source;
        let find = |from: usize| {
            let rest = &source.as_bytes()[from..];
            let is_end = |at: &usize| rest[..*at].ends_with(b"--") || rest[..*at].ends_with(b"--!");
            let mut ends = source[from..].match_indices('>').map(|(at, _)| at);
            ends.find(is_end).map(|at| from + at + 1)
        };
        self.next("!--", from + 2, find)
    }

    /// The offset of the end of a CDATA section whose text starts at `from`.
    fn cdata_end(&mut self, from: usize) -> Option<usize> {
        let source = self.source;
        self.next("]]", from, |from| source[from..].find("]]>").map(|at| from + at))
    }

    /// The offset of the first end tag of an element from `from` on.
    fn end_tag(&mut self, name: &'static str, from: usize) -> Option<usize> {
        let source = self.source;
        let find = |from: usize| {
            let mut ends = source[from..].match_indices("</").map(|(at, _)| from + at);
            ends.find(|at| {
                let rest = &source.as_bytes()[at + 2..];
                let ends_name = !rest.get(name.len()).is_some_and(u8::is_ascii_alphanumeric);
                rest.get(..name.len()).is_some_and(|end| end.eq_ignore_ascii_case(name.as_bytes())) && ends_name
            })
        };
        self.next(name, from, find)
    }

    fn next(&mut self, name: &'static str, from: usize, find: impl Fn(usize) -> Option<usize>) -> Option<usize> {
        match self.next.get(name) {
            Some(None) => None,
            Some(Some(end)) if *end >= from => Some(*end),
            _ => {
                let found = find(from);
                self.next.insert(name, found);
                found
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_elements_are_unchanged() {
        for page in [
            "<title>a</title><!-- b --><script>'<title>'</script><svg/>c",
            "<!--><p>a<!---->b<!-- c --!>d<STYLE>e</style >",
            "<script src=a>b",
            "a < b && c <",
            "<!-",
            "",
        ] {
            assert_eq!(repair_html(page), page);
        }
    }

    #[test]
    fn unclosed_elements_are_ended_or_removed() {
        assert_eq!(repair_html("<title>A\n<p>b"), "<title>A</title>\n<p>b");
        assert_eq!(repair_html("<title>\n A<p>b"), "<title>\n A</title><p>b");
        assert_eq!(repair_html("<!-- a <p>b"), "<p>b");
        assert_eq!(repair_html("<!--\na\n<p>b"), "\n\n<p>b");
        assert_eq!(repair_html("a<textarea\n>b<p>c"), "a\nb<p>c");
        assert_eq!(repair_html("<select><option>a<p>b"), "<option>a<p>b");
        assert_eq!(repair_html("<style>p {}<p>b"), "<style>p {}</style><p>b");
        assert_eq!(repair_html("<!--"), "");
        assert_eq!(repair_html("<!--æ"), "");
    }

    #[test]
    fn cdata_sections_are_text_or_markup() {
        assert_eq!(repair_html("<p><![CDATA[a < b]]> c"), "<p>a &lt; b c");
        assert_eq!(repair_html("<![CDATA[<p>a</p>\n<!-- b]]><p>c"), "<p>a</p>\n<p>c");
        assert_eq!(repair_html("<![CDATA[<p>a"), "<p>a");
        let script = "<script>//<![CDATA[\na < b\n//]]></script>c";
        assert_eq!(repair_html(script), script);
    }

    #[test]
    fn takes_linear_time() {
        // Quadratic time would take hours, so the test would not end.
        for repeated in ["<!--a", "<title>", "<svg>", "<select></b>", "<!--a--", "<textarea></textare>", "<![CDATA[a"] {
            repair_html(&repeated.repeat(200_000));
            repair_html(&(repeated.repeat(200_000) + "</svg></select>"));
        }
    }
}

//! Given the source of a page, what must be mended of it before a tokenizer may read it?
//!
//! html5ever reads on to the end of the page where a comment, a title or the like is never closed, as the standard
//! wants it, and compares each attribute of a tag with all others. A browser may lose what follows; here it is kept.

use std::borrow::Cow;
use std::collections::HashMap;

/// Longer tags hold encoded data, or an attack.
const MAX_TAG_BYTES: usize = 64 << 10;

/// Elements whose text no tag but their own end tag ends, or that is passed over as a whole. Without an end tag they
/// would take the rest of the page with them.
const SWALLOWING: [&str; 17] = [
    "audio", "canvas", "datalist", "iframe", "map", "math", "noframes", "noscript", "script", "select", "style", "svg",
    "template", "textarea", "title", "video", "xmp",
];
/// Those of them that are read as bare text.
const RAW: [&str; 7] = ["iframe", "noframes", "script", "style", "textarea", "title", "xmp"];

/// The source without the tags that are longer than any tag needs to be, and with an end for what is never closed: a
/// title, a comment or a style ends at the next tag or at the end of its line, of all others only the start tag is left
/// out. The lines of the source keep their numbers.
///
/// A script without an end stays as it is: a page that was cut off ends in one, and its code is no text.
pub fn repair(source: &str) -> Cow<'_, str> {
    let mut kept = String::new();
    // Up to where the source is in `kept`.
    let mut from = 0;
    let mut at = 0;
    let mut ends = Ends { source, next: HashMap::new() };
    while let Some(open) = source[at..].find('<').map(|offset| at + offset) {
        at = open + 1;
        if source[at..].starts_with("!--") {
            if let Some(end) = ends.of_comment(open + 2) {
                at = end;
                continue;
            }
            let end = end_of_line_or_tag(source, open + 4);
            kept.push_str(&source[from..open]);
            kept.extend(source[open..end].chars().filter(|c| *c == '\n'));
            (from, at) = (end, end);
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
            kept.push_str(&source[from..open]);
            kept.extend(source[open..end].chars().filter(|c| *c == '\n'));
            from = end;
            continue;
        }
        let Some(name) = SWALLOWING.iter().find(|known| known.eq_ignore_ascii_case(name)) else {
            continue;
        };
        let is_raw = RAW.contains(name);
        if source[open..end].ends_with("/>") && *name != "title" {
            continue;
        }
        match (ends.of_element(name, end), *name) {
            (Some(close), _) => at = if is_raw { close } else { end },
            (None, "script") => break,
            (None, "title" | "style") => {
                let text_end = end_of_line_or_tag(source, end);
                kept.push_str(&source[from..text_end]);
                kept.push_str("</");
                kept.push_str(name);
                kept.push('>');
                (from, at) = (text_end, text_end);
            }
            (None, _) => {
                kept.push_str(&source[from..open]);
                kept.extend(source[open..end].chars().filter(|c| *c == '\n'));
                from = end;
            }
        }
    }
    if from == 0 {
        return Cow::Borrowed(source);
    }
    kept.push_str(&source[from..]);
    Cow::Owned(kept)
}

/// Where text that nothing closes ends: before the next tag, or with the line on which it begins.
fn end_of_line_or_tag(source: &str, begin: usize) -> usize {
    let Some(rest) = source.get(begin..) else {
        return source.len();
    };
    let text = begin + rest.len() - rest.trim_start().len();
    source[text..].find(['<', '\n']).map_or(source.len(), |offset| text + offset)
}

/// Looks for ends, each stretch of the source at most once for each name.
struct Ends<'a> {
    source: &'a str,
    /// For each name where its next end is from the place last asked for.
    next: HashMap<&'static str, Option<usize>>,
}

impl Ends<'_> {
    /// Behind the end of a comment whose dashes begin at `from`.
    fn of_comment(&mut self, from: usize) -> Option<usize> {
        // `<!-->` and `<!--->` are whole comments.
        if let Some(short) = ["-->", "--->"].iter().find(|short| self.source[from..].starts_with(**short)) {
            return Some(from + short.len());
        }
        let source = self.source;
        let find = |from: usize| {
            let rest = &source.as_bytes()[from..];
            let ends_there = |at: &usize| rest[..*at].ends_with(b"--") || rest[..*at].ends_with(b"--!");
            let mut ends = source[from..].match_indices('>').map(|(at, _)| at);
            ends.find(ends_there).map(|at| from + at + 1)
        };
        self.next("!--", from + 2, find)
    }

    /// The end tag of an element after `from`.
    fn of_element(&mut self, name: &'static str, from: usize) -> Option<usize> {
        let source = self.source;
        let find = |from: usize| {
            let mut ends = source[from..].match_indices("</").map(|(at, _)| from + at);
            ends.find(|at| {
                let rest = &source.as_bytes()[at + 2..];
                let ends_there = !rest.get(name.len()).is_some_and(u8::is_ascii_alphanumeric);
                rest.get(..name.len()).is_some_and(|end| end.eq_ignore_ascii_case(name.as_bytes())) && ends_there
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
    fn what_is_closed_stays_as_it_is() {
        for page in [
            "<title>a</title><!-- b --><script>'<title>'</script><svg/>c",
            "<!--><p>a<!---->b<!-- c --!>d<STYLE>e</style >",
            "<script src=a>b",
            "a < b && c <",
            "<!-",
            "",
        ] {
            assert_eq!(repair(page), page);
        }
    }

    #[test]
    fn what_nothing_closes_gets_an_end() {
        assert_eq!(repair("<title>A\n<p>b"), "<title>A</title>\n<p>b");
        assert_eq!(repair("<title>\n A<p>b"), "<title>\n A</title><p>b");
        assert_eq!(repair("<!-- a <p>b"), "<p>b");
        assert_eq!(repair("<!--\na\n<p>b"), "\n\n<p>b");
        assert_eq!(repair("a<textarea\n>b<p>c"), "a\nb<p>c");
        assert_eq!(repair("<select><option>a<p>b"), "<option>a<p>b");
        assert_eq!(repair("<style>p {}<p>b"), "<style>p {}</style><p>b");
        assert_eq!(repair("<!--"), "");
        assert_eq!(repair("<!--æ"), "");
    }

    #[test]
    fn many_ends_take_linear_time() {
        let began = std::time::Instant::now();
        for part in ["<!--a", "<title>", "<svg>", "<select></b>", "<!--a--", "<textarea></textare>"] {
            repair(&part.repeat(200_000));
            repair(&(part.repeat(200_000) + "</svg></select>"));
        }
        assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
    }
}

//! Writes texts of pages and users into HTML: escaped by maud, without characters that no page should contain.

use std::fmt::Write;

use maud::{Escaper, Markup, Render, html};

use crate::service::shown_char;

/// A text with the characters that `service::shown_char` shows.
pub struct Displayed<'a>(&'a str);

pub fn displayed(text: &str) -> Displayed<'_> {
    Displayed(text)
}

impl Render for Displayed<'_> {
    fn render_to(&self, buffer: &mut String) {
        let mut escaper = Escaper::new(buffer);
        let mut rest = self.0;
        while let Some(at) = rest.find(|c| shown_char(c) != Some(c)) {
            // Writing to a `String` never fails.
            let _ = escaper.write_str(&rest[..at]);
            let unwanted = rest[at..].chars().next().unwrap_or_default();
            if let Some(blank) = shown_char(unwanted) {
                let _ = escaper.write_char(blank);
            }
            rest = &rest[at + unwanted.len_utf8()..];
        }
        let _ = escaper.write_str(rest);
    }
}

/// The text as it is written into a page.
pub fn escaped_html(text: &str) -> String {
    displayed(text).render().into_string()
}

/// A text with marks at byte ranges, which are in order and don't overlap.
pub fn marked(text: &str, marks: &[(usize, usize)]) -> Markup {
    let ends = std::iter::once(0).chain(marks.iter().map(|(_, end)| *end));
    let last_end = marks.last().map_or(0, |(_, end)| *end);
    html! {
        @for (&(start, end), previous_end) in marks.iter().zip(ends) {
            (displayed(&text[previous_end..start]))
            mark { (displayed(&text[start..end])) }
        }
        (displayed(&text[last_end..]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_marks() {
        assert_eq!(
            marked("a <b> & c", &[(2, 5), (8, 9)]).into_string(),
            "a <mark>&lt;b&gt;</mark> &amp; <mark>c</mark>"
        );
        assert_eq!(marked("<", &[]).into_string(), "&lt;");
    }

    #[test]
    fn leaves_out_what_no_page_should_contain() {
        assert_eq!(displayed("a\0b\u{85}c\r\nd\u{202e}e\u{fffe}f\u{1ffff}").render().into_string(), "a b c \ndef");
        assert_eq!(displayed("\"blåbær\" 🫐").render().into_string(), "&quot;blåbær&quot; 🫐");
    }
}

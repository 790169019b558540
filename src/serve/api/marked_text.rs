//! Marks for JavaScript and other languages whose strings are UTF-16, and marks as HTML.

/// Converts byte ranges in a text to ranges of UTF-16 code units. The ranges are in order and begin and end between
/// characters.
pub fn utf16_ranges(text: &str, ranges: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let (mut bytes, mut units) = (0, 0);
    let mut units_at = |offset: usize| {
        // Ranges may be out of order if they come from elsewhere than `marks`.
        if offset < bytes {
            (bytes, units) = (0, 0);
        }
        units += text[bytes..offset].encode_utf16().count();
        bytes = offset;
        units
    };
    ranges.iter().map(|(start, end)| (units_at(*start), units_at(*end))).collect()
}

/// Writes a text as HTML, with `<mark>` around the byte ranges `marks`, which are in order and don't overlap.
pub fn marked_html(text: &str, marks: &[(usize, usize)]) -> String {
    let mut html = String::with_capacity(text.len() + marks.len() * "<mark></mark>".len());
    let mut written = 0;
    for (start, end) in marks {
        push_escaped(&mut html, &text[written..*start]);
        html.push_str("<mark>");
        push_escaped(&mut html, &text[*start..*end]);
        html.push_str("</mark>");
        written = *end;
    }
    push_escaped(&mut html, &text[written..]);
    html
}

/// Escapes a text for HTML, between tags and in quoted attributes.
fn push_escaped(html: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            _ => html.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn counts_utf16_code_units() {
        let text = "på 𝄞 gård";
        let marks = [(0, 3), (4, 8), (9, 14)];
        assert_eq!(marks.map(|(start, end)| &text[start..end]), ["på", "𝄞", "gård"]);
        assert_eq!(utf16_ranges(text, &marks), [(0, 2), (3, 5), (6, 10)]);
        assert_eq!(utf16_ranges(text, &[(9, 14), (0, 3)]), [(6, 10), (0, 2)]);
        assert_eq!(utf16_ranges("", &[]), []);
    }

    #[test]
    fn marks_are_elements_and_text_is_escaped() {
        assert_eq!(marked_html("på & <b>", &[(0, 3), (6, 9)]), "<mark>på</mark> &amp; <mark>&lt;b&gt;</mark>");
        assert_eq!(marked_html("\"'", &[]), "&quot;&#39;");
    }

    proptest! {
        #[test]
        fn utf16_ranges_cut_the_same_text(text in "\\PC{0,40}", cut in any::<[prop::sample::Index; 2]>()) {
            let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let mut range = cut.map(|index| *index.get(&ends));
            range.sort_unstable();
            let [start, end] = range;
            let units: Vec<u16> = text.encode_utf16().collect();
            let (from, to) = utf16_ranges(&text, &[(start, end)])[0];
            prop_assert_eq!(String::from_utf16(&units[from..to]).unwrap(), &text[start..end]);
            let html = marked_html(&text, &[(start, end)]);
            prop_assert_eq!(html.matches('<').count(), 2);
            let plain = html.replace("<mark>", "").replace("</mark>", "");
            let plain = plain.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
            prop_assert_eq!(plain.replace("&amp;", "&"), text);
        }
    }
}

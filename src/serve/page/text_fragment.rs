//! Links to a text in a page of another site (text fragments, `#:~:text=`).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::chunk::paragraphs;
use crate::snippet::visible_text;

/// What is encoded in a text directive: everything but unreserved characters, and of these the hyphen, which separates
/// the parts of a directive, as `,` and `&` do.
const ENCODED: AsciiSet = NON_ALPHANUMERIC.remove(b'.').remove(b'_').remove(b'~');

/// A text of up to this many words is given as a whole; of a longer one, its first and last `END_WORDS`.
const MAX_WORDS: usize = 8;
const END_WORDS: usize = 4;

/// The URL with a directive that makes a browser scroll to the words of a snippet and highlight them. `passage` is the
/// text that the snippet is from; the words are taken from one paragraph of it, exactly as there.
pub fn with_text_fragment(url: &str, passage: &str, snippet: &str, first_mark: Option<usize>) -> String {
    let url = url.split(":~:").next().unwrap_or(url);
    let words = quoted_words(passage, snippet, first_mark);
    if words.is_empty() {
        return url.trim_end_matches('#').to_string();
    }
    let encode = |words: &[String]| utf8_percent_encode(&words.join(" "), &ENCODED).to_string();
    let directive = if words.len() <= MAX_WORDS {
        encode(&words)
    } else {
        format!("{},{}", encode(&words[..END_WORDS]), encode(&words[words.len() - END_WORDS..]))
    };
    let separator = if url.contains('#') { "" } else { "#" };
    format!("{url}{separator}:~:text={directive}")
}

/// The words of the snippet around its first mark that follow each other in one paragraph of the passage.
fn quoted_words(passage: &str, snippet: &str, first_mark: Option<usize>) -> Vec<String> {
    let mark = first_mark.unwrap_or(0).min(snippet.len());
    // An ellipsis marks omitted text.
    let mut start = 0;
    let mut segment = "";
    for part in snippet.split('…') {
        segment = part;
        if start + part.len() > mark {
            break;
        }
        start += part.len() + '…'.len_utf8();
    }
    let words: Vec<&str> = segment.split_whitespace().collect();
    // The number of the word with the mark.
    let offset = mark.saturating_sub(start).min(segment.len());
    let before = segment.get(..offset).unwrap_or("");
    let is_inside_word = before.ends_with(|c: char| !c.is_whitespace());
    let marked = before.split_whitespace().count() - usize::from(is_inside_word);
    let marked = marked.min(words.len().saturating_sub(1));
    let mut best: Vec<String> = Vec::new();
    for (at, paragraph) in paragraphs(passage) {
        let visible = visible_text(passage, at, at + paragraph.len(), &[]).text;
        let known: Vec<&str> = visible.split_whitespace().collect();
        let run = common_run(&words, marked, &known);
        if run.len() > best.len() {
            best = run.iter().map(|word| word.to_string()).collect();
        }
    }
    // A bullet is not part of the text of an HTML page.
    let is_word = |word: &String| word.contains(char::is_alphanumeric);
    let (first, last) = (best.iter().position(is_word), best.iter().rposition(is_word));
    first.zip(last).map_or_else(Vec::new, |(first, last)| best[first..=last].to_vec())
}

/// The longest run of `words` that contains the word with the number `marked` and also occurs in `known`.
fn common_run<'a>(words: &[&'a str], marked: usize, known: &[&str]) -> Vec<&'a str> {
    let mut best: &[&str] = &[];
    for at in (0..known.len()).filter(|at| words.get(marked) == Some(&known[*at])) {
        let before = words[..marked].iter().rev().zip(known[..at].iter().rev()).take_while(|(one, other)| one == other);
        let after = words[marked..].iter().zip(&known[at..]).take_while(|(one, other)| one == other);
        let (before, after) = (before.count(), after.count());
        if before + after > best.len() {
            best = &words[marked - before..marked + after];
        }
    }
    best.to_vec()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn link(passage: &str, snippet: &str, mark: &str) -> String {
        with_text_fragment("https://a.no/x", passage, snippet, snippet.find(mark))
    }

    #[test]
    fn quotes_short_texts_and_the_ends_of_long_ones() {
        assert_eq!(
            link("Barn & unge, 0-24.", "Barn & unge, 0-24.", "unge"),
            "https://a.no/x#:~:text=Barn%20%26%20unge%2C%200%2D24."
        );
        let long = "Én to tre fire fem seks sju åtte ni ti.";
        assert_eq!(
            link(long, long, "fem"),
            "https://a.no/x#:~:text=%C3%89n%20to%20tre%20fire,sju%20%C3%A5tte%20ni%20ti."
        );
    }

    #[test]
    fn quotes_the_part_with_the_mark_and_stays_in_one_paragraph() {
        let passage = "Overskrift\n\nDet første.\nDet andre er her.\n\n• Punkt en\n\n• Punkt to";
        assert_eq!(link(passage, "…andre er her.", "her"), "https://a.no/x#:~:text=andre%20er%20her.");
        assert_eq!(link(passage, "• Punkt en • Punkt to", "to"), "https://a.no/x#:~:text=Punkt%20to");
        assert_eq!(
            link(passage, "Det første. Det andre… Punkt", "andre"),
            "https://a.no/x#:~:text=Det%20f%C3%B8rste.%20Det%20andre"
        );
        assert_eq!(link(passage, "noe annet", "annet"), "https://a.no/x");
        let component = "Loven om taushetsplikt gjelder.";
        assert_eq!(
            link(component, "Loven om taushetsplikt…", "plikt"),
            "https://a.no/x#:~:text=Loven%20om%20taushetsplikt"
        );
        assert_eq!(
            link(component, "…taushetsplikt gjelder.", "plikt"),
            "https://a.no/x#:~:text=taushetsplikt%20gjelder."
        );
    }

    #[test]
    fn keeps_the_fragment_of_the_url_and_replaces_its_directive() {
        let with = |url| with_text_fragment(url, "ord", "ord", None);
        assert_eq!(with("https://a.no/#kap-2"), "https://a.no/#kap-2:~:text=ord");
        assert_eq!(with("https://a.no/#:~:text=gammelt"), "https://a.no/#:~:text=ord");
        assert_eq!(with("https://a.no/?q=1"), "https://a.no/?q=1#:~:text=ord");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// A directive has only characters that need no encoding in a URL, and at most one separator.
        #[test]
        fn directives_are_encoded(passage in any::<String>(), snippet in any::<String>(), mark in 0usize..20) {
            for snippet in [&snippet, &passage] {
                let url = with_text_fragment("https://a.no/", &passage, snippet, Some(mark));
                if let Some((_, directive)) = url.split_once("#:~:text=") {
                    prop_assert!(directive.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".,_~%".contains(&byte)));
                    prop_assert!(directive.matches(',').count() <= 1);
                    prop_assert!(!directive.is_empty());
                } else {
                    prop_assert_eq!(url, "https://a.no/");
                }
            }
        }
    }
}

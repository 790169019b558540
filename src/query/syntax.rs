//! Given what a person typed, which words, phrases and exclusions stand in it?
//!
//! `"…"` (also `«…»` and `“…”`) is a phrase, `-word` and `-"…"` exclude. Everything else is words.

/// A piece of a query, in its own text.
#[derive(Debug, PartialEq)]
pub enum Clause<'a> {
    Words(&'a str),
    Phrase(&'a str),
    Excluded { text: &'a str, is_quoted: bool },
}

/// Cuts a query into its clauses. A quote that isn't closed is none.
pub fn clauses(text: &str) -> Vec<Clause<'_>> {
    let mut clauses = Vec::new();
    let mut words_begin = 0;
    let mut at = 0;
    let mut is_word_start = true;
    while let Some(c) = text[at..].chars().next() {
        let after = at + c.len_utf8();
        let is_minus = is_word_start && matches!(c, '-' | '−');
        let quote_at = if is_minus { after } else { at };
        if let Some((inner, end)) = quoted(&text[quote_at..]).filter(|_| is_minus || is_quote(c)) {
            push_words(&mut clauses, &text[words_begin..at]);
            let inner = &text[quote_at + inner.0..quote_at + inner.1];
            clauses.push(if is_minus {
                Clause::Excluded { text: inner, is_quoted: true }
            } else {
                Clause::Phrase(inner)
            });
            at = quote_at + end;
            words_begin = at;
            is_word_start = true;
            continue;
        }
        if is_minus && text[after..].starts_with(char::is_alphanumeric) {
            push_words(&mut clauses, &text[words_begin..at]);
            let length = text[after..].find(char::is_whitespace).unwrap_or(text.len() - after);
            clauses.push(Clause::Excluded { text: &text[after..after + length], is_quoted: false });
            at = after + length;
            words_begin = at;
            is_word_start = true;
            continue;
        }
        is_word_start = c.is_whitespace() || c == '(';
        at = after;
    }
    push_words(&mut clauses, &text[words_begin..]);
    clauses
}

fn push_words<'a>(clauses: &mut Vec<Clause<'a>>, text: &'a str) {
    if !text.trim().is_empty() {
        clauses.push(Clause::Words(text));
    }
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '«' | '“' | '”' | '„')
}

/// What a quote at the beginning of the text holds, and where it ends.
fn quoted(text: &str) -> Option<((usize, usize), usize)> {
    let open = text.chars().next().filter(|c| is_quote(*c))?;
    let begin = open.len_utf8();
    let is_close = |c: char| match open {
        '«' => c == '»',
        _ => matches!(c, '"' | '“' | '”'),
    };
    let (length, close) = text[begin..].char_indices().find(|(_, c)| is_close(*c))?;
    Some(((begin, begin + length), begin + length + close.len_utf8()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_keep_their_order_and_text() {
        assert_eq!(
            clauses("a \"b c\" -d x-y -\"e f\" (-g"),
            [
                Clause::Words("a "),
                Clause::Phrase("b c"),
                Clause::Excluded { text: "d", is_quoted: false },
                Clause::Words(" x-y "),
                Clause::Excluded { text: "e f", is_quoted: true },
                Clause::Words(" ("),
                Clause::Excluded { text: "g", is_quoted: false },
            ]
        );
        assert_eq!(clauses("0-24 a\"b"), [Clause::Words("0-24 a\"b")]);
        assert_eq!(clauses("„a b“"), [Clause::Phrase("a b")]);
        assert_eq!(clauses(""), []);
    }
}

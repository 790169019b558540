//! Given text, which words stand in it, and where?
//!
//! What Norwegian asks beyond splitting at white space: `0-24` and `2/2020` are one number each,
//! `0–24-samarbeidet` is one word and two, `støtte-` has lost its head to the next word, `pc-en` and
//! `USA's` are inflected forms and not compounds.

use unicode_normalization::char::is_combining_mark;

use super::PARAGRAPH_GAP;

/// A word of the text, or a part of a hyphenated one.
pub struct Word<'a> {
    /// The text to index, as it stands in the source but for a left-out inflection after a hyphen.
    pub text: &'a str,
    pub start: usize,
    pub end: usize,
    pub position: u32,
    pub part: bool,
}

/// Longer runs of letters are encoded data, not words (the longest word of Norsk Ordbank has 60).
const MAX_WORD_CHARS: usize = 200;

/// Calls `each` for every word of `text`, the whole of a hyphenated word first, then its parts.
pub fn each(text: &str, mut each: impl FnMut(Word)) {
    let mut position = 0;
    let mut last_end = 0;
    let mut atoms: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    while let Some(start) = next_word_char(text, at) {
        let end = token_end(text, start, &mut atoms);
        if last_end > 0 && has_blank_line(&text[last_end..start]) {
            position += PARAGRAPH_GAP;
        }
        last_end = end;
        at = end;
        if text[start..end].chars().count() > MAX_WORD_CHARS {
            position += 1;
            continue;
        }
        let is_inflected = atoms.len() > 1 && {
            let (last_start, last_end) = atoms[atoms.len() - 1];
            is_inflection(&text[last_start..last_end])
        };
        if is_inflected {
            atoms.pop();
        }
        let stem_end = atoms.last().map_or(end, |atom| atom.1);
        each(Word { text: without_clitic(&text[start..stem_end]), start, end, position, part: false });
        if atoms.len() == 1 {
            for year in years(&text[start..stem_end]) {
                each(Word {
                    text: &text[start + year..start + year + 4],
                    start: start + year,
                    end: start + year + 4,
                    position,
                    part: false,
                });
            }
            position += 1;
            continue;
        }
        for &(start, end) in &atoms {
            each(Word { text: without_clitic(&text[start..end]), start, end, position, part: true });
            position += 1;
        }
    }
}

fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c) || c == '§'
}

/// Soft hyphens and joiners belong to the word they stand in and are folded away.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

pub fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}' | '\u{2011}' | '\u{2012}' | '–' | '\u{2212}')
}

pub fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '\u{2bc}' | '´')
}

fn next_word_char(text: &str, from: usize) -> Option<usize> {
    text[from..]
        .char_indices()
        .find(|(_, c)| is_word_char(*c) && !is_combining_mark(*c))
        .map(|(offset, _)| from + offset)
}

/// The end of the token that begins at `start`. Its atoms, the parts between hyphens, are left in `atoms`.
fn token_end(text: &str, start: usize, atoms: &mut Vec<(usize, usize)>) -> usize {
    atoms.clear();
    let mut atom_start = start;
    let mut end = start;
    let mut all_digits = true;
    let mut chars = text[start..].char_indices().peekable();
    while let Some((offset, c)) = chars.next() {
        let at = start + offset;
        if is_word_char(c) {
            all_digits &= c.is_numeric();
            end = at + c.len_utf8();
            continue;
        }
        if is_invisible(c) {
            continue;
        }
        let next = chars.peek().map(|(_, next)| *next);
        let joins_word = next.is_some_and(char::is_alphanumeric) && end == at;
        let next_is_digit = next.is_some_and(char::is_numeric);
        let after = at + c.len_utf8();
        if joins_word && is_hyphen(c) {
            // "0-24" is a range, one number; "0-24-samarbeidet" begins a new atom at its second hyphen.
            if !(all_digits && next_is_digit && digits_until_break(&text[after..])) {
                atoms.push((atom_start, end));
                atom_start = after;
                all_digits = true;
            }
            continue;
        }
        if joins_word && is_apostrophe(c) && !all_digits {
            continue;
        }
        if joins_word && all_digits && next_is_digit && matches!(c, '.' | ',' | ':' | '/') {
            continue;
        }
        break;
    }
    atoms.push((atom_start, end));
    end
}

/// Whether the letters and digits that follow are digits only.
fn digits_until_break(text: &str) -> bool {
    text.chars().take_while(|c| is_word_char(*c)).all(char::is_numeric)
}

fn has_blank_line(between: &str) -> bool {
    let mut newlines = between.split('\n');
    newlines.next();
    let mut lines: Vec<&str> = newlines.collect();
    lines.pop();
    lines.iter().any(|line| line.trim().is_empty())
}

/// The endings that a hyphen or an apostrophe sets apart: `pc-en`, `USA-s`, `tv-ane`.
fn is_inflection(text: &str) -> bool {
    matches!(
        text,
        "en" | "et" | "er" | "ene" | "ane" | "ar" | "a" | "s" | "ens" | "ets" | "ers" | "enes" | "as" | "anes" | "t"
    )
}

/// `pc'en` → `pc`, `USA's` → `USA`; `O'Connor` stays.
fn without_clitic(word: &str) -> &str {
    match word.rfind(is_apostrophe) {
        Some(at) if at > 0 => {
            let after = word[at..].chars().next().map_or(1, char::len_utf8);
            if is_inflection(&word[at + after..]) { &word[..at] } else { word }
        }
        _ => word,
    }
}

/// Where a number such as `19.02.2018`, `2/2020` or `2017–2020` holds a year.
fn years(number: &str) -> impl Iterator<Item = usize> + '_ {
    let is_joined = number.contains(|c: char| !c.is_alphanumeric());
    number
        .split(|c: char| !c.is_ascii_digit())
        .filter(move |part| is_joined && part.len() == 4 && part.starts_with(['1', '2']))
        .map(|part| part.as_ptr() as usize - number.as_ptr() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let mut words = Vec::new();
        each(text, |word| words.push(word.text.to_string()));
        assert_eq!(words.join(" "), expected, "{text}");
    }

    #[test]
    fn words_are_cut_as_norwegian_needs() {
        check("Barne-, ungdoms- og familiedirektoratet", "Barne ungdoms og familiedirektoratet");
        check("samarbeidskultur og -praksis.", "samarbeidskultur og praksis");
        check("0-24, 0–24!", "0-24 0–24");
        check("0–24-samarbeidet", "0–24-samarbeidet 0–24 samarbeidet");
        check("survey- og intervju-undersøkelse", "survey og intervju-undersøkelse intervju undersøkelse");
        check("pc-en pc'en USA’s USA-s O'Connor", "pc pc USA USA O'Connor");
        check("FaF0-rapport 2/2020", "FaF0-rapport FaF0 rapport 2/2020 2020");
        check("19.02.2018 | kl. 10.15", "19.02.2018 2018 kl 10.15");
        check("1.234,5 kr og 75 %.", "1.234,5 kr og 75");
        check("(barn OR \"unge", "barn OR unge");
        check("🙂 : - – '", "");
        check("a.b@c.no https://x.no/y", "a b c no https x no y");
        check("forebyg\u{ad}ging", "forebyg\u{ad}ging");
        check("og/eller", "og eller");
        check("24-åring", "24-åring 24 åring");
        check("2017–2020", "2017–2020 2017 2020");
    }

    #[test]
    fn encoded_data_is_no_word() {
        check(&format!("a {} b", "x".repeat(500)), "a b");
    }
}

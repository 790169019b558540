//! Recognizes references whose parts are written in several ways: lists and ranges of sections of a law (`§§ 2-4 og
//! 2-5`, `§§ 21–23`), case numbers with a document number (`19/04567-12`), and numbered reports (`NOU 2020: 5`).

use super::char_classes::{is_hyphen, is_word_char};
use super::numbers::{self, Section};

/// The state of a list of sections while it is read.
#[derive(Clone, Copy)]
pub struct SectionList {
    /// Whether several sections were announced, by `§§` or a plural. After a single `§`, only numbers that
    /// include the chapter continue the list (`§ 2-4 og 2-5`: sections 4 and 5 of chapter 2).
    pub is_plural: bool,
    /// Whether numbers with hyphens include the chapter, rather than being ranges.
    pub has_chapters: bool,
    /// Whether a conjunction has announced the last section.
    pub is_last: bool,
}

/// The first and the last section of a range, without section signs.
pub type RangeEnds = Option<[String; 2]>;

/// Section numbers have at most this many digits; longer ones are years and amounts.
const MAX_DIGITS: usize = 3;

impl SectionList {
    pub fn new(is_plural: bool) -> SectionList {
        SectionList { is_plural, has_chapters: false, is_last: false }
    }

    /// The section after the one that ends at `end`, if the list continues there.
    pub fn next(&mut self, text: &str, end: usize) -> Option<Section> {
        let at = after_details(text, end);
        let (start, is_conjunction) = after_separator(text, at)?;
        let section = numbers::section(text, start)?;
        let number = &text[section.start..section.end];
        let is_chapter = number.contains(is_hyphen);
        let is_section = number.split(|c: char| !c.is_ascii_digit()).all(|digits| digits.len() <= MAX_DIGITS)
            && !number.contains('.')
            && ends_section(text, section.end);
        let continues = is_chapter || self.is_plural && (!self.is_last || is_conjunction);
        self.is_last |= is_conjunction;
        (is_section && continues).then_some(section)
    }

    /// The first and the last section of `number`, the list element that ends at `end`, if it is a range. A number with one
    /// hyphen is a range (`§§ 21–23`), unless the next number of the list includes a chapter (`§§ 2-4 og 2-5`).
    pub fn range_ends(&mut self, text: &str, number: &str, end: usize) -> RangeEnds {
        if !self.is_plural || number.contains('.') {
            return None;
        }
        let parts: Vec<&str> = number.split(is_hyphen).collect();
        match parts.as_slice() {
            [from, to] if !self.has_chapters && is_below(from, to) => {
                let follower = SectionList { ..*self }.next(text, end);
                let next_from = follower.map(|next| text[next.start..next.end].split(is_hyphen).collect::<Vec<_>>());
                let is_range = match next_from.as_deref() {
                    Some([next_from, _, ..]) => number.contains('–') && is_below(to, next_from),
                    _ => true,
                };
                self.has_chapters |= !is_range;
                is_range.then(|| [(*from).to_string(), (*to).to_string()])
            }
            [_, _] => {
                self.has_chapters = true;
                None
            }
            [chapter, from, to] if is_below(from, to) => Some([format!("{chapter}-{from}"), format!("{chapter}-{to}")]),
            [chapter, from, to_chapter, to] => Some([format!("{chapter}-{from}"), format!("{to_chapter}-{to}")]),
            _ => None,
        }
        .filter(|[from, to]| from != to)
    }
}

fn is_below(from: &str, to: &str) -> bool {
    let value = |digits: &str| digits.parse::<u32>().ok();
    value(from).zip(value(to)).is_some_and(|(from, to)| from < to)
}

/// Whether a section number may end at `at`: a letter may follow it, but no percent sign, decimals or month.
fn ends_section(text: &str, at: usize) -> bool {
    let rest = &text[at..];
    let after_letter = rest.strip_prefix(|c: char| c.is_ascii_lowercase()).unwrap_or(rest);
    let is_date = rest.strip_prefix('.').is_some_and(|rest| rest.trim_start().starts_with(char::is_lowercase));
    !after_letter.starts_with(is_word_char)
        && numbers::percent_end(text, at).is_none()
        && !is_date
        && !rest.strip_prefix([',', ':', '/']).is_some_and(|rest| rest.starts_with(char::is_numeric))
}

/// Words of a reference after the number of its section: `første ledd bokstav a`.
const DETAILS: [&str; 16] = [
    "ledd",
    "punktum",
    "bokstav",
    "nr",
    "nummer",
    "første",
    "fyrste",
    "andre",
    "annet",
    "anna",
    "tredje",
    "fjerde",
    "femte",
    "sjette",
    "siste",
    "strekpunkt",
];
/// Maximum number of words in the details of a section.
const MAX_DETAILS: usize = 8;

/// The end of the letter and the details after the section that ends at `at`.
fn after_details(text: &str, at: usize) -> usize {
    let mut end = at + text[at..].chars().next().filter(char::is_ascii_lowercase).map_or(0, char::len_utf8);
    for _ in 0..MAX_DETAILS {
        let rest = &text[end..];
        let word = rest.strip_prefix('.').unwrap_or(rest).trim_start_matches([' ', '\u{a0}', '\n']);
        let letters = word.split(|c: char| !is_word_char(c)).next().unwrap_or("");
        let is_letter = letters.len() == 1 && letters.bytes().all(|byte| byte.is_ascii_lowercase() && byte != b'i');
        let is_number = !letters.is_empty() && letters.len() <= 2 && letters.bytes().all(|byte| byte.is_ascii_digit());
        let is_after_nr = is_number && text[..end].ends_with(['r', '.']) && end > at;
        if word.len() == rest.len() || !(is_letter || is_after_nr || DETAILS.contains(&letters)) {
            break;
        }
        end = text.len() - word.len() + letters.len();
    }
    end
}

/// The offset after the separator of a list at `at`, and whether it is a conjunction.
fn after_separator(text: &str, at: usize) -> Option<(usize, bool)> {
    let is_space = |c: char| matches!(c, ' ' | '\u{a0}' | '\n' | '\u{202f}');
    let offset = |rest: &str| text.len() - rest.len();
    let rest = &text[at..];
    if let Some(rest) = rest.strip_prefix([',', ';']) {
        let next = rest.trim_start_matches(is_space);
        // "3-1, og 3-2"
        return match after_conjunction(next) {
            Some(next) => Some((offset(next), true)),
            None => (next.len() < rest.len()).then(|| (offset(next), false)),
        };
    }
    let word = rest.trim_start_matches(is_space);
    if let Some(next) = word.strip_prefix(['–', '-', '/']) {
        return Some((offset(next.trim_start_matches(is_space)), false));
    }
    (word.len() < rest.len()).then_some(())?;
    after_conjunction(word).map(|next| (offset(next), true))
}

fn after_conjunction(text: &str) -> Option<&str> {
    ["og", "eller", "samt", "til", "jf.", "jf", "og/eller"].iter().find_map(|word| {
        let rest = text.strip_prefix(word)?;
        let next = rest.trim_start_matches([' ', '\u{a0}', '\n']);
        (next.len() < rest.len()).then_some(next)
    })
}

/// The length of the case number in front of a document number, in bytes: `19/04567` in `19/04567-12`.
pub fn case_number(number: &str) -> Option<usize> {
    let hyphen = number.find(is_hyphen)?;
    let (year, case) = number[..hyphen].split_once('/')?;
    let is_case = [year, case].iter().all(|part| !part.is_empty() && numbers::has_only_digits(part));
    is_case.then_some(hyphen)
}

/// The byte offsets of the number of a report.
pub struct ReportNumber {
    pub start: usize,
    /// The end of its year or volume.
    pub year_end: usize,
    /// The start of its number within the year or volume.
    pub number_start: usize,
    pub end: usize,
}

/// The number after the word at `start..end`, if that is the name of a series of reports and the parts of the number
/// are separate words: `NOU 2020: 5`, `NOU 2020 nr. 5`, `Dok. 8: 12`.
pub fn report_number(text: &str, start: usize, end: usize) -> Option<ReportNumber> {
    let word = &text[start..end];
    if !["nou", "sou", "dok", "dokument"].iter().any(|series| word.eq_ignore_ascii_case(series)) {
        return None;
    }
    let start = numbers::after_gap(text, end, true)?;
    let year_end = numbers::digits_end(text, start);
    let rest = &text[year_end..];
    let spaced = rest.trim_start_matches([' ', '\u{a0}']);
    let number = match spaced.strip_prefix(':') {
        Some(number) => number.trim_start_matches([' ', '\u{a0}']),
        None => {
            let number = spaced.strip_prefix("nr").filter(|_| spaced.len() < rest.len())?;
            number.strip_prefix('.').unwrap_or(number).trim_start_matches([' ', '\u{a0}'])
        }
    };
    let number_start = text.len() - number.len();
    let end = numbers::digits_end(text, number_start);
    let is_apart = number_start > year_end + 1;
    let has_digits = (1..=4).contains(&(year_end - start)) && (1..=3).contains(&(end - number_start));
    (is_apart && has_digits && !text[end..].starts_with(is_word_char)).then_some(ReportNumber {
        start,
        year_end,
        number_start,
        end,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sections of a list after the first, and the first and last sections of ranges.
    fn sections(text: &str) -> String {
        let signs_end = numbers::signs_end(text, 0);
        let mut list = SectionList::new(signs_end > '§'.len_utf8());
        let mut found = Vec::new();
        let mut next = numbers::section_at_sign(text, signs_end);
        while let Some(section) = next {
            let number = &text[section.start..section.end];
            found.push(number.to_string());
            found.extend(list.range_ends(text, number, section.end).into_iter().flatten());
            next = list.next(text, section.end);
        }
        found.join(" ")
    }

    #[test]
    fn a_list_of_sections_continues_after_its_separators() {
        let check = |text: &str, expected: &str| assert_eq!(sections(text), expected, "{text}");
        check("§§ 2-4 og 2-5", "2-4 2-5");
        check("§§ 3-1, 3-2 og 3-7", "3-1 3-2 3-7");
        check("§§ 4 og 5", "4 5");
        check("§§ 41, 42 eller 43 barn", "41 42 43");
        check("§§ 12a og 13 b, 14", "12 13");
        check("§§ 2-4 første ledd og 2-5 annet ledd bokstav a, 2-6", "2-4 2-5 2-6");
        check("§ 2-4 og 2-5", "2-4 2-5");
        check("§§ 4 og 5, 2020", "4 5");
        check("§§ 4 og 5, 12 barn", "4 5");
        check("§§ 4, 10. mai", "4");
        check("§§ 4 og 5 %", "4");
        check("§ 4 og 5 barn", "4");
        check("§ 4, 5", "4");
        check("§ 33 a", "33");
    }

    #[test]
    fn a_range_yields_its_first_and_last_section() {
        let check = |text: &str, expected: &str| assert_eq!(sections(text), expected, "{text}");
        check("§§ 21–23", "21–23 21 23");
        check("§§ 21-23 og 30", "21-23 21 23 30");
        check("§§ 8–10 og 12–14", "8–10 8 10 12–14 12 14");
        check("§§ 2–4 og 2–5", "2–4 2–5");
        check("§§ 3-1 til 3-7", "3-1 3-7");
        check("§§ 3-1 – 3-7", "3-1 3-7");
        check("§§ 3-1–3-7", "3-1–3-7 3-1 3-7");
        check("§§ 3-1–7", "3-1–7 3-1 3-7");
        check("§ 21–23", "21–23");
        check("§§ 4-4", "4-4");
    }

    #[test]
    fn reads_case_numbers_and_numbers_of_reports() {
        let case = |number: &'static str| case_number(number).map(|length| &number[..length]);
        assert_eq!(case("19/04567-12"), Some("19/04567"));
        assert_eq!(case("2022/55–12"), Some("2022/55"));
        assert_eq!(case("2017-2020"), None);
        assert_eq!(case("2/2020"), None);
        let report = |text: &str| {
            let end = text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len());
            report_number(text, 0, end)
                .map(|found| format!("{}:{}", &text[found.start..found.year_end], &text[found.number_start..found.end]))
        };
        for text in ["NOU 2020: 5", "nou 2020 : 5.", "NOU 2020 nr. 5", "NOU\u{a0}2020:\u{a0}5 om"] {
            assert_eq!(report(text).as_deref(), Some("2020:5"), "{text}");
        }
        assert_eq!(report("Dok. 8: 12 S").as_deref(), Some("8:12"));
        for text in ["NOU 2020:5", "NOU 2020", "NOU 2020, 5", "i 2020: 5", "NOU 2020: fem"] {
            assert_eq!(report(text), None, "{text}");
        }
    }
}

//! Recognizes telephone numbers, account numbers and ISBNs that are written in groups, and joins their digits:
//! `22 24 90 90`, `1234.56.78903`, `NO93 8601 1117 947`, `978-82-02-12345-6`.
//!
//! Groups of digits may also be years, dates, or amounts in a row of a table. So groups are joined only in patterns
//! that years, dates and amounts seldom have.

use smallvec::SmallVec;

use super::char_classes::{is_hyphen, is_word_char};
use super::numbers::is_inner_space;

/// A number has at most this many groups: an ISBN has five.
const MAX_GROUPS: usize = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Separator {
    Space,
    Period,
    Hyphen,
}

/// The groups of digits that start at an offset, with the same separator between all of them.
struct Groups<'a> {
    groups: SmallVec<[&'a str; MAX_GROUPS]>,
    separator: Option<Separator>,
    end: usize,
}

/// A number in groups, by the byte offsets of its first and its last digit.
#[derive(Debug, PartialEq, Eq)]
pub struct GroupedNumber {
    pub start: usize,
    pub end: usize,
}

/// The telephone number, account number or ISBN whose first group is at `start`; `None` if there is none. A number
/// without groups is returned only if it is a telephone number directly after its country code (`+4722249090`). The
/// country code is not part of the number.
pub fn grouped_number(text: &str, start: usize) -> Option<GroupedNumber> {
    let before = &text[..start];
    let follows_code = before.trim_end_matches([' ', '\u{a0}', ')']).ends_with("+47")
        || before.trim_end_matches([' ', '\u{a0}']).ends_with("0047");
    let is_after_number =
        before.strip_suffix(|c: char| is_inner_space(c) || is_hyphen(c)).is_some_and(|rest| rest.ends_with(is_digit));
    if is_after_number && !follows_code {
        return None;
    }
    let Groups { mut groups, separator, end } = read_groups(text, start)?;
    let mut number_start = start;
    if before.ends_with('+') || groups.first() == Some(&"0047") || groups[0].starts_with("0047") && groups.len() == 1 {
        let first = groups[0];
        let code = if first.starts_with("0047") { 4 } else { 2 };
        match (&first[..code.min(first.len())], first.len() > code) {
            // "+4722249090"
            ("47" | "0047", true) => {
                groups[0] = &first[code..];
                number_start += code;
                if groups.len() == 1 {
                    return (groups[0].len() == 8).then_some(GroupedNumber { start: number_start, end });
                }
            }
            // "+47-22-24-90-90". If a space follows the country code, the number starts with the next token.
            ("47" | "0047", false) if separator.is_some_and(|separator| separator != Separator::Space) => {
                groups.remove(0);
                number_start += code + 1;
                if groups.len() == 1 {
                    return (groups[0].len() == 8).then_some(GroupedNumber { start: number_start, end });
                }
            }
            _ => return None,
        }
    }
    let separator = separator?;
    let has_cue = follows_code || number_start > start || has_telephone_cue(before);
    is_number(&groups, separator, has_cue).then_some(GroupedNumber { start: number_start, end })
}

fn is_number(groups: &[&str], separator: Separator, has_cue: bool) -> bool {
    let mut lengths = [0; MAX_GROUPS];
    for (length, group) in lengths.iter_mut().zip(groups) {
        *length = group.len();
    }
    let digits: usize = lengths.iter().sum();
    let starts_as_telephone = matches!(groups[0].as_bytes()[0], b'2'..=b'9');
    match (lengths, digits) {
        ([2, 2, 2, 2, 0], _) => starts_as_telephone && (has_cue || !is_series(groups) && !are_dates(groups)),
        ([3, 2, 3, 0, 0], _) => starts_as_telephone,
        ([2, 3, 3, 0, 0], _) => starts_as_telephone && separator == Separator::Hyphen,
        ([4, 4, 0, 0, 0] | [3, 3, 2, 0, 0] | [5, 3, 0, 0, 0] | [3, 5, 0, 0, 0] | [2, 6, 0, 0, 0], _) => {
            starts_as_telephone
                && has_cue
                && separator == Separator::Space
                && !groups.iter().any(|group| is_year(group))
        }
        ([4, 2, 5, 0, 0], _) => true,
        ([3, ..], 13) => groups.len() >= 3 && matches!(groups[0], "978" | "979") && separator != Separator::Period,
        ([.., 1, 0], 10) => groups.len() == 4 && separator == Separator::Hyphen,
        _ => false,
    }
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

fn is_year(group: &str) -> bool {
    group.len() == 4 && matches!(&group[..2], "18" | "19" | "20")
}

/// Whether each number is larger than the one before it by the same amount, as in a scale: `20 30 40 50`.
fn is_series(groups: &[&str]) -> bool {
    let values: Vec<i32> = groups.iter().filter_map(|group| group.parse().ok()).collect();
    let steps: Vec<i32> = values.windows(2).map(|pair| pair[1] - pair[0]).collect();
    steps.windows(2).all(|pair| pair[0] == pair[1])
}

/// Whether the groups may be two dates, each a day and a month: `24 12 31 12`.
fn are_dates(groups: &[&str]) -> bool {
    let within = |group: &str, last: u32| group.parse().is_ok_and(|value: u32| (1..=last).contains(&value));
    groups.chunks(2).all(|date| within(date[0], 31) && date.get(1).is_some_and(|month| within(month, 12)))
}

/// Whether a text ends with a word that announces a telephone number. Also `true` if nothing precedes the number, as in
/// a query that consists of a number.
fn has_telephone_cue(before: &str) -> bool {
    let before = before.trim_end_matches([' ', '\u{a0}', '.', ':', '(']);
    let word = before.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or("");
    before.is_empty()
        || ["tlf", "telefon", "telefonnummer", "mobil", "mob", "ring", "nr", "sms", "vakttelefon"]
            .iter()
            .any(|cue| word.eq_ignore_ascii_case(cue))
}

/// Reads the groups of digits at `start`. `None` if there are too many groups or digits, or if they are part of another
/// kind of number.
fn read_groups(text: &str, start: usize) -> Option<Groups<'_>> {
    let mut groups = SmallVec::new();
    let mut separator = None;
    let mut at = start;
    loop {
        let end = at + text.as_bytes()[at..].iter().take(14).take_while(|byte| byte.is_ascii_digit()).count();
        if end == at || end - at > 13 || groups.len() == MAX_GROUPS {
            return None;
        }
        groups.push(&text[at..end]);
        let mut rest = text[end..].chars();
        let Some(c) = rest.next() else {
            return Some(Groups { groups, separator, end });
        };
        let next = rest.next();
        let kind = match c {
            '.' => Some(Separator::Period),
            c if is_hyphen(c) => Some(Separator::Hyphen),
            c if is_inner_space(c) => Some(Separator::Space),
            _ => None,
        };
        match kind {
            Some(kind) if next.is_some_and(is_digit) => {
                if separator.is_some_and(|known| known != kind) {
                    return None;
                }
                separator = Some(kind);
                at = end + c.len_utf8();
            }
            None if is_word_char(c) || matches!(c, ',' | ':' | '/' | '%') && next.is_some_and(is_digit) => return None,
            _ => return Some(Groups { groups, separator, end }),
        }
    }
}

/// The end of the bank account number (IBAN) whose first group, the country and two digits, is `start..end`.
pub fn iban_end(text: &str, start: usize, end: usize) -> Option<usize> {
    let is_start =
        |first: &[u8]| first[..2].iter().all(u8::is_ascii_alphabetic) && first[2..].iter().all(u8::is_ascii_digit);
    if end - start != 4 || !is_start(&text.as_bytes()[start..end]) {
        return None;
    }
    let (mut at, mut characters, mut digits) = (end, 4, 2);
    while let Some(space) = text[at..].chars().next().filter(|c| is_inner_space(*c)) {
        let group = at + space.len_utf8();
        let length = text.as_bytes()[group..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let group_digits = text.as_bytes()[group..group + length].iter().filter(|byte| byte.is_ascii_digit()).count();
        // Only the last group may be shorter, and then it has only digits.
        if !(1..=4).contains(&length) || length < 4 && group_digits < length || characters + length > MAX_IBAN {
            break;
        }
        (at, characters, digits) = (group + length, characters + length, digits + group_digits);
        if length < 4 {
            break;
        }
    }
    let is_iban = characters >= MIN_IBAN && digits >= MIN_IBAN_DIGITS && !text[at..].starts_with(is_word_char);
    is_iban.then_some(at)
}

/// The lengths of the shortest (Norwegian) and the longest IBAN that ISO 13616 allows, in characters.
const MIN_IBAN: usize = 15;
const MAX_IBAN: usize = 34;
/// Nearly every IBAN has at least this many digits. With fewer digits, the groups are more likely to be words in
/// capitals.
const MIN_IBAN_DIGITS: usize = 10;

/// Appends the letters and digits of a number in groups.
pub fn write_joined(number: &str, out: &mut String) {
    out.extend(number.chars().filter(char::is_ascii_alphanumeric));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks the number that starts after `before`; `expected` is the number with its groups joined.
    fn check_after(before: &str, number: &str, expected: Option<&str>) {
        let text = format!("{before}{number}");
        let found = grouped_number(&text, before.len()).map(|found| {
            let mut joined = String::new();
            write_joined(&text[found.start..found.end], &mut joined);
            joined
        });
        assert_eq!(found.as_deref(), expected, "{text}");
    }

    #[test]
    fn joins_the_groups_of_a_number() {
        let check = |number: &str, expected: &str| check_after("Se ", number, Some(expected));
        check("22 24 90 90, konto", "22249090");
        check("22.24.90.90", "22249090");
        check("22-24-90-90.", "22249090");
        check("22\u{a0}24\u{a0}90\u{a0}90", "22249090");
        check("915 03 742 eller", "91503742");
        check("815 00 000", "81500000");
        check("1234.56.78903.", "12345678903");
        check("1234 56 78903", "12345678903");
        check("978-82-02-12345-6", "9788202123456");
        check("978 82 02 12345 6", "9788202123456");
        check("82-02-12345-6", "8202123456");
        check_after("tlf. ", "2224 9090", Some("22249090"));
        check_after("", "915 037 42", Some("91503742"));
        check_after("+47 ", "22 24 90 90", Some("22249090"));
        check_after("(+47) ", "915 03 742", Some("91503742"));
        check_after("0047 ", "915 03 742", Some("91503742"));
        check_after("+", "4722249090", Some("22249090"));
        check_after("", "004722249090", Some("22249090"));
        check_after("+", "47-22-24-90-90", Some("22249090"));
    }

    #[test]
    fn does_not_join_years_amounts_and_dates() {
        for number in [
            "22249090",
            "2017 2018",
            "2224 9090",
            "22 24 90 90 12",
            "22 24 90",
            "12 24 90 90",
            "20 30 40 50",
            "24 12 31 12",
            "24.12.31.12",
            "10.11.2020",
            "2017-2020",
            "12 000 13 500",
            "22 24 90 90,5",
            "22 24 90 9012",
            "22 24-90 90",
            "1 2 3 4",
            "100 200 300",
        ] {
            check_after("Se ", number, None);
        }
        check_after("12 ", "22 24 90 90", None);
        check_after("", "2017 2018", None);
        check_after("+", "47", None);
        check_after("+", "46 22 24 90 90", None);
    }

    #[test]
    fn joins_the_groups_of_an_iban() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(iban_end(text, 0, 4).map(|end| &text[..end]), expected, "{text}");
        };
        check("NO93 8601 1117 947", Some("NO93 8601 1117 947"));
        check("NO93 8601 1117 947, og", Some("NO93 8601 1117 947"));
        check("GB29 NWBK 6016 1331 9268 19 i", Some("GB29 NWBK 6016 1331 9268 19"));
        check("NO93 8601", None);
        check("AB12 barn skal sove 1234", None);
        check("A123 8601 1117 947", None);
    }
}

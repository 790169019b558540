//! Recognizes numbers, dates, percentages and sections of laws, and writes their canonical spellings.
//!
//! `3 000` and `3.000` are the same number, `07:00` and `07.00` the same time, `10.11.2020` and `10. november 2020` the
//! same day. The functions take a text and a byte offset at a char boundary, and return byte offsets in the same text;
//! canonical spellings are appended to the caller's string. They run at every number, so none of them looks further
//! ahead than a few words.

use std::fmt::Write;

use super::char_classes::{is_apostrophe, is_hyphen, is_invisible, is_word_char};

/// A day, month or year. `month` and `day` are 0 where the unit is coarser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateUnit {
    year: u16,
    month: u8,
    day: u8,
}

impl DateUnit {
    /// Appends `2020-11-10`, `2020-11` or `2020`.
    pub fn write(self, out: &mut String) {
        // Writing into a string can't fail.
        let _ = match (self.month, self.day) {
            (0, _) => write!(out, "{:04}", self.year),
            (month, 0) => write!(out, "{:04}-{month:02}", self.year),
            (month, day) => write!(out, "{:04}-{month:02}-{day:02}", self.year),
        };
    }
}

/// Whether a term is a day as `DateUnit::write` writes it.
pub fn is_day(term: &str) -> bool {
    let is_expected = |(at, byte): (usize, u8)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() };
    term.len() == 10 && term.bytes().enumerate().all(is_expected)
}

/// The units at one position with their byte offsets in the text, each unit once.
pub type DateUnits = Vec<(DateUnit, usize, usize)>;

fn add(units: &mut DateUnits, unit: DateUnit, start: usize, end: usize) {
    if !units.iter().any(|(known, ..)| *known == unit) {
        units.push((unit, start, end));
    }
}

/// The maximum number of groups of three digits in a number. A longer sequence is a row of a table; scanning to its end
/// from every number would take quadratic time.
const MAX_GROUPS: usize = 6;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Separator {
    Period,
    Space,
    Apostrophe,
}

fn separator(c: char) -> Option<Separator> {
    match c {
        '.' => Some(Separator::Period),
        c if is_inner_space(c) => Some(Separator::Space),
        c if is_apostrophe(c) => Some(Separator::Apostrophe),
        _ => None,
    }
}

/// Whether a char is a space that is used inside a number or before its percent sign. A line break is not one.
pub fn is_inner_space(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{2007}' | '\u{2009}' | '\u{202f}')
}

fn char_at(text: &str, at: usize) -> Option<char> {
    text[at..].chars().next()
}

/// The end of the ASCII digits at `at`.
pub fn digits_end(text: &str, at: usize) -> usize {
    at + text.as_bytes()[at..].iter().take_while(|byte| byte.is_ascii_digit()).count()
}

fn has_digit_at(text: &str, at: usize) -> bool {
    text.as_bytes().get(at).is_some_and(u8::is_ascii_digit)
}

/// Whether a number may end at `at`: it doesn't continue as a word, a date, a fraction or a time.
fn ends_number(text: &str, at: usize) -> bool {
    match char_at(text, at) {
        None => true,
        Some('.' | ',' | ':' | '/') => !char_at(text, at + 1).is_some_and(char::is_numeric),
        Some(c) => !is_word_char(c) && !is_invisible(c),
    }
}

/// The end of a number in groups of three digits that starts at `at`, decimals included: `1 234,5`. `None` if there is
/// no such number, as in `2020 150` and `1 234 56`.
pub fn grouped_end(text: &str, at: usize, may_be_spaced: bool) -> Option<usize> {
    let lead = text.as_bytes()[at..].iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
    // Digits that start with a zero are a code or a telephone number.
    if !(1..=3).contains(&lead) || text.as_bytes()[at] == b'0' {
        return None;
    }
    let mut end = at + lead;
    let kind = separator(char_at(text, end)?).filter(|kind| may_be_spaced || *kind != Separator::Space)?;
    let mut groups = 0;
    while let Some(c) = char_at(text, end).filter(|c| separator(*c) == Some(kind)) {
        let group = end + c.len_utf8();
        match text.as_bytes()[group..].iter().take(4).take_while(|byte| byte.is_ascii_digit()).count() {
            0 => break,
            3 if groups < MAX_GROUPS => end = group + 3,
            _ => return None,
        }
        groups += 1;
    }
    if groups == 0 {
        return None;
    }
    if text.as_bytes().get(end) == Some(&b',') && has_digit_at(text, end + 1) {
        end = digits_end(text, end + 1);
    }
    ends_number(text, end).then_some(end)
}

/// Whether the number after the dash of a range may be grouped by spaces: `3 000–5 000` and `500–1 000` are ranges, but
/// `0–24 250` is a range and a number.
pub fn may_group_range_end_by_spaces(from: &str) -> bool {
    let is_hundreds = from.len() == 3 && from.bytes().all(|byte| byte.is_ascii_digit());
    is_hundreds || grouped_end(from, 0, true) == Some(from.len())
}

/// Whether a number consists of digits only, so that it is its own canonical spelling.
pub fn has_only_digits(number: &str) -> bool {
    number.bytes().all(|byte| byte.is_ascii_digit())
}

/// Appends the canonical spelling of a number or range: no grouping, plain hyphens, `hh.mm` for a time.
pub fn write_canonical(number: &str, out: &mut String) {
    for (index, side) in number.split(is_hyphen).enumerate() {
        if index > 0 {
            out.push('-');
        }
        if !has_only_digits(side) && grouped_end(side, 0, true) == Some(side.len()) {
            out.extend(side.chars().filter(|c| c.is_ascii_digit() || *c == ','));
        } else if is_clock(side) {
            out.push_str(&side[..2]);
            out.push('.');
            out.push_str(&side[3..]);
        } else {
            out.push_str(side);
        }
    }
}

/// Whether a text is a time: `hh:mm`.
fn is_clock(text: &str) -> bool {
    let Some((hours, minutes)) = text.split_once(':') else {
        return false;
    };
    let is_below = |digits: &str, limit: u16| digits.len() == 2 && value(digits).is_some_and(|value| value < limit);
    is_below(hours, 24) && is_below(minutes, 60)
}

/// The value of one to four ASCII digits.
fn value(digits: &str) -> Option<u16> {
    if digits.is_empty() || digits.len() > 4 || !has_only_digits(digits) {
        return None;
    }
    digits.parse().ok()
}

fn year(digits: &str) -> Option<u16> {
    value(digits).filter(|year| digits.len() == 4 && (1000..3000).contains(year))
}

fn day_of_month(day: &str, month: &str) -> Option<(u8, u8)> {
    let within = |digits: &str, last: u16| {
        value(digits).filter(|value| digits.len() <= 2 && (1..=last).contains(value)).and_then(|v| u8::try_from(v).ok())
    };
    Some((within(day, 31)?, within(month, 12)?))
}

/// Adds the days, months and years that the number at `start..end` contains, unless it has only digits: then
/// the number itself is the term.
pub fn add_units_inside(text: &str, start: usize, end: usize, units: &mut DateUnits) {
    let number = &text[start..end];
    if has_only_digits(number) {
        return;
    }
    let mut sides = number.split(is_hyphen);
    if let (Some(y), Some(m), Some(d), None) = (sides.next(), sides.next(), sides.next(), sides.next())
        && let (Some(year), Some((_, month)), 2, 2) = (year(y), day_of_month(d, m), m.len(), d.len())
    {
        add(units, DateUnit { year, month, day: 0 }, start, end);
        add(units, DateUnit { year, month: 0, day: 0 }, start, start + 4);
        return;
    }
    for side in number.split(is_hyphen) {
        let side_start = start + (side.as_ptr() as usize - number.as_ptr() as usize);
        let side_end = side_start + side.len();
        if let Some((unit, year_start)) = numeric_date(side) {
            add(units, unit, side_start, side_end);
            add(units, DateUnit { day: 0, ..unit }, side_start, side_end);
            add(units, DateUnit { day: 0, month: 0, ..unit }, side_start + year_start, side_end);
        } else if !is_decimal(side) {
            add_years(side, side_start, units);
        }
    }
}

/// Whether a text is a decimal number, like `1234,5`, and not two years, like `2019,2020`.
fn is_decimal(side: &str) -> bool {
    side.rsplit_once(',').is_some_and(|(_, decimals)| year(decimals).is_none())
}

fn add_years(side: &str, start: usize, units: &mut DateUnits) {
    for part in side.split(|c: char| !c.is_ascii_digit()) {
        if let Some(year) = year(part) {
            let at = start + (part.as_ptr() as usize - side.as_ptr() as usize);
            add(units, DateUnit { year, month: 0, day: 0 }, at, at + part.len());
        }
    }
}

/// Parses `10.11.2020`, `10/11/2020` or `10.11.20`, and returns the day and the offset of the year. A year of two
/// digits requires a day and a month of two digits, since `1.2.20` is also a version number.
fn numeric_date(side: &str) -> Option<(DateUnit, usize)> {
    let mark = if side.contains('/') { '/' } else { '.' };
    let mut parts = side.split(mark);
    let (d, m, y) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (day, month) = day_of_month(d, m)?;
    if let Some(year) = year(y) {
        return Some((DateUnit { year, month, day }, side.len() - y.len()));
    }
    if mark != '.' || [d, m, y].iter().any(|part| part.len() != 2) {
        return None;
    }
    let short = value(y)?;
    let year = if short < 70 { 2000 + short } else { 1900 + short };
    // "20" alone is not the year, so the unit spans the whole date.
    Some((DateUnit { year, month, day }, 0))
}

/// Adds the units of a date whose day is at `start..end` and whose month is in letters: `10. november 2020`.
pub fn add_date_with_month_name(text: &str, start: usize, end: usize, units: &mut DateUnits) {
    let Some(day) = value(&text[start..end]).filter(|day| end - start <= 2 && (1..=31).contains(day)) else {
        return;
    };
    let Some(month_start) = after_gap(text, end, true) else {
        return;
    };
    let Some(found) = month_and_year(text, month_start) else {
        return;
    };
    let (Ok(day), DateUnit { year, month, .. }) = (u8::try_from(day), found.unit) else {
        return;
    };
    add(units, DateUnit { year, month, day }, start, found.end);
    add(units, found.unit, month_start, found.end);
    add(units, DateUnit { year, month: 0, day: 0 }, found.end - 4, found.end);
}

/// Adds the month that the word at `start` names, if a year follows: `nov. 2020`.
pub fn add_month(text: &str, start: usize, units: &mut DateUnits) {
    if let Some(found) = month_and_year(text, start) {
        add(units, found.unit, start, found.end);
    }
}

struct MonthAndYear {
    unit: DateUnit,
    end: usize,
}

fn month_and_year(text: &str, at: usize) -> Option<MonthAndYear> {
    let mut letters = Letters::default();
    let name_end = letters.read(text, at)?;
    let (month, is_abbreviated) = month(letters.as_bytes())?;
    let start = after_gap(text, name_end, is_abbreviated)?;
    let end = start + 4;
    let year = year(text.get(start..end)?)?;
    ends_number(text, end).then_some(MonthAndYear { unit: DateUnit { year, month, day: 0 }, end })
}

/// The number of a month by its name in Bokmål or Nynorsk, and whether the name is abbreviated, so that a period may
/// follow.
fn month(name: &[u8]) -> Option<(u8, bool)> {
    Some(match name {
        b"januar" => (1, false),
        b"februar" => (2, false),
        b"mars" => (3, false),
        b"april" => (4, false),
        b"mai" => (5, false),
        b"juni" => (6, false),
        b"juli" => (7, false),
        b"august" => (8, false),
        b"september" => (9, false),
        b"oktober" => (10, false),
        b"november" => (11, false),
        b"desember" => (12, false),
        b"jan" => (1, true),
        b"feb" | b"febr" => (2, true),
        b"mar" => (3, true),
        b"apr" => (4, true),
        b"jun" => (6, true),
        b"jul" => (7, true),
        b"aug" => (8, true),
        b"sep" | b"sept" => (9, true),
        b"okt" => (10, true),
        b"nov" => (11, true),
        b"des" => (12, true),
        _ => return None,
    })
}

/// A short word of ASCII letters, in lower case and without invisible chars.
#[derive(Default)]
struct Letters {
    bytes: [u8; 11],
    length: usize,
}

impl Letters {
    /// Reads the word at `at` and returns its end; `None` if it is too long or has other letters.
    fn read(&mut self, text: &str, at: usize) -> Option<usize> {
        for (offset, c) in text[at..].char_indices() {
            match u8::try_from(c) {
                Ok(byte) if byte.is_ascii_alphabetic() => {
                    *self.bytes.get_mut(self.length)? = byte.to_ascii_lowercase();
                    self.length += 1;
                }
                _ if is_invisible(c) => {}
                _ if is_word_char(c) => return None,
                _ => return Some(at + offset),
            }
        }
        Some(text.len())
    }

    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// The end of the white space at `at`; `None` if there is none, or if it contains a blank line. If `may_have_period`, a
/// period may precede or replace it.
pub fn after_gap(text: &str, at: usize, may_have_period: bool) -> Option<usize> {
    let has_period = may_have_period && text.as_bytes().get(at) == Some(&b'.');
    let from = at + usize::from(has_period);
    let mut end = from;
    let mut breaks = 0;
    for c in text[from..].chars().take_while(|c| c.is_whitespace()) {
        breaks += usize::from(c == '\n');
        if breaks > 1 {
            return None;
        }
        end += c.len_utf8();
    }
    (has_period || end > from).then_some(end)
}

/// Whether a number follows the word that ends at `at`. Only then can the word be the month of a date or introduce
/// a section of a law (`paragraf 33`).
pub fn precedes_number(text: &str, at: usize) -> bool {
    match text.as_bytes()[at..] {
        // Nearly every word of prose.
        [b' ', next, ..] if next.is_ascii_alphabetic() => false,
        [b',' | b'-' | b':' | b')', ..] | [] => false,
        _ => after_gap(text, at, true).is_some_and(|at| has_digit_at(text, at)),
    }
}

/// The byte offsets of the number of a section of a law.
pub struct Section {
    pub start: usize,
    pub end: usize,
}

/// The end of the section signs at `at`.
pub fn signs_end(text: &str, at: usize) -> usize {
    let signs = text.as_bytes()[at..].chunks_exact('§'.len_utf8()).take_while(|sign| *sign == "§".as_bytes());
    at + signs.count() * '§'.len_utf8()
}

/// The number after the section signs that end at `signs_end`: `§ 8-1`, `§§ 4 og 5`.
pub fn section_at_sign(text: &str, signs_end: usize) -> Option<Section> {
    section(text, after_gap(text, signs_end, false).unwrap_or(signs_end))
}

/// The number after the word at `start..end` if the word is `paragraf`, or its plural, and whether it is the plural.
pub fn section_at_word(text: &str, start: usize, end: usize) -> Option<(Section, bool)> {
    let mut letters = Letters::default();
    let read = letters.read(text, start)?;
    let is_plural = match letters.as_bytes() {
        b"paragraf" => false,
        b"paragrafene" | b"paragrafane" => true,
        _ => return None,
    };
    let section = section(text, after_gap(text, end, false).filter(|_| read >= end)?)?;
    Some((section, is_plural))
}

/// Returns the number at `start` without a letter that follows it, so that `§ 33a` and `§ 33 a` get the same term.
pub fn section(text: &str, start: usize) -> Option<Section> {
    let mut end = digits_end(text, start);
    if end == start {
        return None;
    }
    while let Some(c) = char_at(text, end).filter(|c| is_hyphen(*c) || *c == '.') {
        let next = digits_end(text, end + c.len_utf8());
        if next == end + c.len_utf8() {
            break;
        }
        end = next;
    }
    Some(Section { start, end })
}

/// Appends `§8-1`.
pub fn write_section(number: &str, out: &mut String) {
    out.push('§');
    out.extend(number.chars().map(|c| if is_hyphen(c) { '-' } else { c }));
}

/// The end of the percent sign after a number that ends at `at`. The `%` of `2020%20rapport` is part of a URL.
pub fn percent_end(text: &str, at: usize) -> Option<usize> {
    let rest = &text[at..];
    let sign = rest.strip_prefix(is_inner_space).unwrap_or(rest).strip_prefix('%')?;
    (!sign.starts_with(|c: char| c.is_ascii_digit())).then(|| text.len() - sign.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digit_groups_are_one_number() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(grouped_end(text, 0, true).map(|end| &text[..end]), expected, "{text}");
        };
        check("3 000 kr", Some("3 000"));
        check("12 345", Some("12 345"));
        check("1.234,5", Some("1.234,5"));
        check("1\u{a0}234\u{202f}567", Some("1\u{a0}234\u{202f}567"));
        check("1'234", Some("1'234"));
        check("10 100 200", Some("10 100 200"));
        check("3.000.", Some("3.000"));
        check("3 000, 5", Some("3 000"));
        check("3 000–5 000", Some("3 000"));
        check("1 234 56", None);
        check("2020 150", None);
        check("3.14", None);
        check("1.234.5", None);
        check("1.234/2", None);
        check("1 234kr", None);
        check("00 100", None);
        check("1\n234", None);
        check("3 00", None);
        check("3 ", None);
        check("3", None);
        check("", None);
        check(&"100 ".repeat(20), None);
    }

    #[test]
    fn writes_one_spelling_of_a_number() {
        let check = |text: &str, expected: &str| {
            let mut out = String::new();
            write_canonical(text, &mut out);
            assert_eq!(out, expected, "{text}");
        };
        check("0–24", "0-24");
        check("1 234,5", "1234,5");
        check("1.234,5", "1234,5");
        check("1234,5", "1234,5");
        check("3.14", "3.14");
        check("500–1 000", "500-1000");
        check("07:00–16:30", "07.00-16.30");
        check("24:00", "24:00");
        check("7:00", "7:00");
        check("07:00:15", "07:00:15");
        check("2/2020", "2/2020");
    }

    /// Checks the units of the number at the start of the text, with their slices of the text.
    fn check_units(text: &str, expected: &str) {
        let end = text.find(|c: char| c.is_whitespace() || c.is_alphabetic()).unwrap_or(text.len());
        let end = text[..end].trim_end_matches('.').len();
        let mut units = DateUnits::new();
        add_units_inside(text, 0, end, &mut units);
        add_date_with_month_name(text, 0, end, &mut units);
        let mut found = Vec::new();
        for (unit, start, end) in units {
            let mut out = String::new();
            unit.write(&mut out);
            found.push(format!("{out}={}", &text[start..end]));
        }
        assert_eq!(found.join(" | "), expected, "{text}");
    }

    #[test]
    fn dates_have_day_month_and_year() {
        let check_spelled = |text: &str, month: &str| {
            let date = text.trim_end_matches('!');
            check_units(text, &format!("2020-11-10={date} | 2020-11={month} | 2020=2020"));
        };
        check_spelled("10. november 2020!", "november 2020");
        check_spelled("10 NOVEMBER 2020", "NOVEMBER 2020");
        check_spelled("10.nov.2020", "nov.2020");
        check_spelled("10. nov. 2020", "nov. 2020");
        check_spelled("10. novem\u{ad}ber\n2020", "novem\u{ad}ber\n2020");
        check_spelled("10.\r\nnovember 2020", "november 2020");
        check_units("10.11.2020", "2020-11-10=10.11.2020 | 2020-11=10.11.2020 | 2020=2020");
        check_units("10/11/2020", "2020-11-10=10/11/2020 | 2020-11=10/11/2020 | 2020=2020");
        check_units("2020–11–10", "2020-11=2020–11–10 | 2020=2020");
        check_units("10.11.20", "2020-11-10=10.11.20 | 2020-11=10.11.20 | 2020=10.11.20");
        check_units("01.02.99", "1999-02-01=01.02.99 | 1999-02=01.02.99 | 1999=01.02.99");
        check_units("1.1.2020-2.1.2020", "2020-01-01=1.1.2020 | 2020-01=1.1.2020 | 2020=2020 | 2020-01-02=2.1.2020");
    }

    #[test]
    fn ignores_what_is_not_a_date() {
        for text in [
            "1.2.20",
            "10/11/20",
            "0. november 2020",
            "32. november 2020",
            "100. november 2020",
            "10. novembers 2020",
            "10. november 202",
            "10. november 20201",
            "10. november 2020/21",
            "10. november 2020.5",
            "10. november. 2020",
            "10. november, 2020",
            "10.\n\nnovember 2020",
            "10. november\n \n2020",
            "10november 2020",
            "10. november 3020",
            "10. november ٢٠٢٠",
            "1234,5",
            "1.234",
            "0-24",
            "10.",
            "10. ",
            "10. mai",
        ] {
            check_units(text, "");
        }
        check_units("2/2020", "2020=2020");
        check_units("2019–2020", "2019=2019 | 2020=2020");
        check_units("2020–2020", "2020=2020");
        check_units("32.11.2020", "2020=2020");
        check_units("10.13.2020", "2020=2020");
        check_units("2020-13-10", "2020=2020");
        check_units("2019,2020", "2019=2019 | 2020=2020");
    }

    #[test]
    fn the_number_of_a_section_ends_before_its_letter() {
        let check = |text: &str, expected: Option<&str>| {
            let section = section_at_sign(text, signs_end(text, 0));
            assert_eq!(section.map(|section| &text[section.start..section.end]), expected, "{text}");
        };
        check("§ 33 a", Some("33"));
        check("§33a", Some("33"));
        check("§\u{a0}8–1.", Some("8–1"));
        check("§§ 4 og 5", Some("4"));
        check("§\n4", Some("4"));
        check("§ 8-a", Some("8"));
        check("§", None);
        check("§ a", None);
        check("§\n\n4", None);
    }

    #[test]
    fn a_percent_sign_follows_its_number() {
        for text in ["75%", "75 %", "75\u{a0}%", "75\u{202f}%-andel"] {
            assert!(percent_end(text, 2).is_some_and(|end| text[..end].ends_with('%')), "{text}");
        }
        for text in ["75", "75  %", "75\n%", "75%20", "75 a%"] {
            assert_eq!(percent_end(text, 2), None, "{text}");
        }
    }
}

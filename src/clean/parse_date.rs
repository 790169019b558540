//! Parses date lines, which state when a page was published or updated, and dates in metadata.

use jiff::civil::Date;

use crate::model::has_words;

/// A date with its label and source, as a date line states them.
#[derive(Clone, Debug, PartialEq)]
pub struct StatedDate {
    pub label: Label,
    pub date: Date,
    /// The publisher or author, if the line names one.
    pub source: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// No label says what the date refers to.
    None,
    Published,
    Updated,
}

/// The labels before a date of publication, in lower case.
const PUBLISHED: [&str; 34] = [
    "publisert",
    "publisert dato",
    "publiseringsdato",
    "dato publisert",
    "dato for publisering",
    "dato for utgivelse",
    "først publisert",
    "fyrst publisert",
    "lagt ut",
    "lagt ut på nett",
    "opprettet",
    "oppretta",
    "utgitt",
    "utgjeve",
    "utgjeven",
    "utgivelsesdato",
    "utgivingsdato",
    "utgjevingsdato",
    "utgjevardato",
    "skrevet",
    "skrive",
    "postet",
    "posta",
    "published",
    "published on",
    "first published",
    "date published",
    "publication date",
    "publish date",
    "originally published",
    "posted",
    "posted on",
    "issued",
    "date issued",
];
/// The labels before a date of the last change, in lower case.
const UPDATED: [&str; 40] = [
    "sist oppdatert",
    "sist oppdaterte",
    "sist oppdatert dato",
    "oppdatert",
    "oppdatert dato",
    "sist endret",
    "sist endra",
    "endret",
    "endra",
    "sist redigert",
    "sist revidert",
    "revidert",
    "sist vedlikeholdt",
    "sist faglig oppdatert",
    "sist fagleg oppdatert",
    "faglig oppdatert",
    "fagleg oppdatert",
    "oppdateringsdato",
    "endringsdato",
    "dato oppdatert",
    "dato endret",
    "dato for oppdatering",
    "dato for siste oppdatering",
    "dato for siste endring",
    "siste oppdatering",
    "siste endring",
    "last updated",
    "last updated on",
    "last modified",
    "last modified on",
    "last revised",
    "last edited",
    "last edited on",
    "last changed",
    "updated",
    "updated on",
    "modified",
    "date modified",
    "date updated",
    "revised",
];
/// A label that often names a date other than the page's own, such as the date of an event.
const AMBIGUOUS: &str = "dato";
/// The labels that may follow the name of what was changed: "Liste sist oppdatert", "Siden ble sist endret".
const AFTER_SUBJECT: [&str; 14] = [
    "sist oppdatert",
    "sist endret",
    "sist endra",
    "sist redigert",
    "sist revidert",
    "sist vedlikeholdt",
    "sist faglig oppdatert",
    "sist fagleg oppdatert",
    "last updated",
    "last updated on",
    "last modified",
    "last modified on",
    "last edited",
    "last edited on",
];
/// The labels that may follow a word for the page itself: "Artikkelen ble publisert", "Sida vart oppdatert".
const AFTER_PAGE: [&str; 9] = [
    "publisert",
    "først publisert",
    "oppdatert",
    "endret",
    "endra",
    "published",
    "published on",
    "updated",
    "updated on",
];
/// Words for the page itself.
const PAGE_WORDS: [&str; 24] = [
    "siden",
    "sida",
    "nettsiden",
    "nettsida",
    "nettstedet",
    "nettstaden",
    "artikkelen",
    "saken",
    "saka",
    "teksten",
    "innholdet",
    "innhaldet",
    "nyheten",
    "nyheita",
    "meldingen",
    "meldinga",
    "dokumentet",
    "lista",
    "listen",
    "oppskriften",
    "oppskrifta",
    "page",
    "article",
    "story",
];
/// The beginnings of words for things that have their own dates: laws that a page is about, comments below its text.
const OTHER_SUBJECTS: [&str; 12] = [
    "lov",
    "forskrift",
    "vedtekt",
    "direktiv",
    "traktat",
    "kommentar",
    "innlegg",
    "svar",
    "tråd",
    "profil",
    "foto",
    "comment",
];
/// More words for such things. These must match a whole word, because unrelated words begin with them.
const OTHER_SUBJECT_WORDS: [&str; 8] = ["bildet", "biletet", "emnet", "act", "regulation", "post", "thread", "reply"];
/// A label is preceded by at most this many words.
const MAX_SUBJECT_WORDS: usize = 5;
const MONTHS: [&str; 12] = [
    "januar",
    "februar",
    "mars",
    "april",
    "mai",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "desember",
];
const ENGLISH_MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The words that may precede a date.
const BEFORE_DATE: [&str; 37] = [
    "mandag",
    "tirsdag",
    "onsdag",
    "torsdag",
    "fredag",
    "lørdag",
    "søndag",
    "måndag",
    "tysdag",
    "laurdag",
    "sundag",
    "man",
    "tir",
    "tirs",
    "ons",
    "tor",
    "tors",
    "fre",
    "lør",
    "søn",
    "mån",
    "tys",
    "lau",
    "sun",
    "den",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "mon",
    "tue",
    "wed",
    "thu",
    "sat",
];

/// Longer lines are sentences, not date lines.
const MAX_BYTES: usize = 160;
/// With more words after the date, the line is a sentence, not a date with a source.
const MAX_SOURCE_WORDS: usize = 8;

/// Parses lines such as `19.02.2018 | Rapport fra Ipsos`, `Publisert 31. august 2017.`, `Sist oppdatert: 3. mars 2021
/// kl. 10.15` or `2020-11-10`. Returns two dates for "Publisert 12.03.2024. Sist oppdatert 13.03.2024", and none for a
/// line that is not a date line: a date inside a sentence doesn't count.
pub fn parse_stated_dates(line: &str) -> Vec<StatedDate> {
    let line = line.trim();
    // Cheap tests first: most lines have no digit, or don't start as date lines do.
    if line.len() > MAX_BYTES || !line.bytes().any(|byte| byte.is_ascii_digit()) || !may_state_date(line) {
        return Vec::new();
    }
    if let Some(stated_date) = parse_stated_date(line) {
        return vec![stated_date];
    }
    let both =
        line.match_indices(['.', ',', '|', '·', '•', '–', '/', '-', ' ', '\u{a0}']).find_map(|(offset, divider)| {
            let first = parse_stated_date(&line[..offset])?;
            let rest = line[offset + divider.len()..].trim();
            let second = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(rest);
            let second = parse_stated_date(second).filter(|second| second.label != Label::None)?;
            Some(vec![first, second])
        });
    both.unwrap_or_default()
}

/// Whether the line starts as all date lines do: with a date, with a label and the words that may precede it, or with a
/// word that may precede a date.
fn may_state_date(line: &str) -> bool {
    let line = line.trim_start_matches([':', ' ', '\u{a0}']);
    if line.starts_with(|c: char| c.is_ascii_digit()) {
        return parse_leading_date(line).is_some();
    }
    let first = line.split([' ', ':', '\u{a0}', ',', '.']).next().unwrap_or("").to_lowercase();
    BEFORE_DATE.contains(&first.as_str())
        || english_month(&first).is_some()
        || split_label(line).0 != Label::None
        || first == AMBIGUOUS
        || starts_with_friday(line)
}

/// The label that a line consists of: "Sist oppdatert:".
pub fn parse_label(line: &str) -> Label {
    const MAX_LABEL_BYTES: usize = 60;
    if line.len() > MAX_LABEL_BYTES {
        return Label::None;
    }
    let line = format!("{} ", line.trim().trim_end_matches(':'));
    match split_label(&line) {
        (label, rest) if rest.trim().is_empty() => label,
        _ => Label::None,
    }
}

/// The kind of date that is announced by a text that ends in a label: "Publisert:", "Liste sist oppdatert". In the
/// text, `\u{b}` is a `<br>` (`LINE_BREAK` in `html/tree.rs`).
pub fn announced_label(text: &str) -> Label {
    let text = text.trim_end_matches([' ', ':', '\u{a0}', '\u{b}', '-', '–', '|']);
    // The label may be the end of a longer text: "Av Kari Nordmann. Publisert".
    let last = text.rsplit(['.', ',', '|', '·', '•', '\u{b}', '(', '/']).next().unwrap_or("").trim();
    let line = format!("{last} ");
    let (label, rest) = split_label(&line);
    if label != Label::None && rest.trim().is_empty() {
        return label;
    }
    // For example "Kari Nordmann publisert": the text of neighboring elements is joined without punctuation.
    let lower = last.to_lowercase();
    let ends_in = |labels: &[&str]| {
        labels.iter().any(|label| lower.strip_suffix(label).is_some_and(|rest| rest.ends_with(char::is_whitespace)))
    };
    let names_other = lower.split_whitespace().any(is_other_subject);
    match () {
        () if names_other => Label::None,
        () if ends_in(&UPDATED) => Label::Updated,
        () if ends_in(&PUBLISHED) => Label::Published,
        () => Label::None,
    }
}

fn parse_stated_date(line: &str) -> Option<StatedDate> {
    let line = line.trim();
    let (label, rest) = split_label(line);
    let rest = if label == Label::None { strip_ambiguous_label(rest) } else { rest };
    let rest = rest.trim_start_matches([':', ' ', '\u{a0}', '\t', '|', '-', '–']);
    if label != Label::None
        && let Some(rest) = rest.strip_prefix("av ")
    {
        return parse_name_and_date(label, rest);
    }
    let (date, rest) = parse_leading_date(strip_weekday(rest))?;
    let rest = strip_time(rest);
    // "3. mai 2021 kl. 18.00–20.00" is the time of an event.
    if label == Label::None && rest.trim_start_matches([' ', '–', '-']).starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let source = rest.trim_start_matches([' ', '\u{a0}', '|', '·', '•', '–', '-', ',', '.', '/']);
    if source.is_empty() {
        return Some(StatedDate { label, date, source: None });
    }
    if label != Label::None
        && let Some(name) = rest.trim_start().strip_prefix("av ").filter(|name| is_name(name))
    {
        return Some(StatedDate { label, date, source: Some(name.to_string()) });
    }
    // Without a divider, the date starts a sentence: "10. november 2020 vedtok …".
    let divider = rest.trim_start_matches([' ', '\u{a0}']);
    if !divider.starts_with(['|', '·', '•', '–', '-', ',', '/']) {
        return None;
    }
    if !is_name(source) || parse_stated_date(source).is_some() {
        return None;
    }
    Some(StatedDate { label, date, source: Some(strip_source_label(source)) })
}

/// Strips "Dato:" from the start of the line.
fn strip_ambiguous_label(line: &str) -> &str {
    let start = line.get(..AMBIGUOUS.len()).filter(|start| start.to_lowercase() == AMBIGUOUS);
    start.map_or(line, |_| &line[AMBIGUOUS.len()..]).trim_start_matches([':', ' '])
}

/// Whether the text is short and doesn't end as a sentence does.
fn is_name(text: &str) -> bool {
    !has_words(text, MAX_SOURCE_WORDS + 1) && !text.ends_with(['.', '!', '?', ':', ';'])
}

/// Parses what follows "Sist oppdatert av": a name and a date, such as "Ola Hansen, 4. juli 2016".
fn parse_name_and_date(label: Label, text: &str) -> Option<StatedDate> {
    text.match_indices([' ', '\u{a0}']).find_map(|(offset, space)| {
        let name = text[..offset].trim_end_matches([',', ':']);
        let (date, rest) = parse_leading_date(strip_weekday(&text[offset + space.len()..]))?;
        let is_end = strip_time(rest).trim_matches([' ', '.']).is_empty();
        (is_end && is_name(name)).then(|| StatedDate { label, date, source: Some(name.to_string()) })
    })
}

/// Strips the words that may precede a date: "torsdag 3. mars 2021", "den 1. oktober 2015".
fn strip_weekday(text: &str) -> &str {
    let mut rest = text;
    while let Some((word, after)) = rest.split_once([' ', '\u{a0}'])
        && !word.starts_with(|c: char| c.is_ascii_digit())
    {
        let word = word.trim_end_matches([',', '.']).to_lowercase();
        if !BEFORE_DATE.contains(&word.as_str()) && !starts_with_friday(rest) {
            break;
        }
        rest = after.trim_start();
    }
    rest
}

/// Whether the text starts with `Fri,`, as in RFC 2822. Without the comma, *fri* is Norwegian for "off work": "Fri 15.
/// mai 2026".
fn starts_with_friday(text: &str) -> bool {
    text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("Fri,"))
}

/// Parses a date in metadata: ISO 8601 with or without a time, RFC 2822 (`Mon, 03 May 2021 10:00:00 GMT`), or a
/// Norwegian or English form. A date such as `03/05/2021` is ambiguous, since many programs write the month first.
pub fn parse_date(text: &str) -> Option<Date> {
    let text = strip_weekday(text.trim());
    if let Some(date) = compact_date(text) {
        return Some(date);
    }
    let (date, rest) = parse_leading_date(text)?;
    let is_ambiguous = || {
        let numbers: Vec<&str> = text.split('/').collect();
        numbers.len() >= 3 && numbers[0].len() <= 2 && date.day() <= 12 && date.day() != date.month()
    };
    let is_end = rest.is_empty() || rest.starts_with(['T', ' ', '+', 'Z', ',', '.']);
    (is_end && !is_ambiguous()).then_some(date)
}

/// Parses `20210503`, with or without a time.
fn compact_date(text: &str) -> Option<Date> {
    let digits = text.split(['T', ' ']).next().filter(|digits| digits.len() == 8 && is_digits(digits))?;
    date(digits[..4].parse().ok()?, digits[4..6].parse().ok()?, digits[6..].parse().ok()?)
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// "Rapport fra Ipsos" → "Ipsos", "Av Kari Nordmann" → "Kari Nordmann". Text without a label is returned unchanged.
fn strip_source_label(text: &str) -> String {
    let lower = text.to_lowercase();
    for label in ["rapport fra ", "rapport frå ", "kilde: ", "kjelde: ", "publisert av ", "fra ", "frå ", "av "] {
        if lower.starts_with(label)
            && let Some(rest) = text.get(label.len()..)
        {
            return rest.trim().to_string();
        }
    }
    text.to_string()
}

/// Splits the longest label off the start of the line, with the words before it: "Liste sist oppdatert".
fn split_label(line: &str) -> (Label, &str) {
    let lower = line.to_lowercase();
    if let Some((label, length)) = leading_label(&lower, &UPDATED, &PUBLISHED) {
        // Lower-casing may change the length of a text, but not of a label.
        return (label, line.get(length..).unwrap_or(""));
    }
    label_after_subject(&lower)
        .and_then(|(label, end)| Some((label, line.get(end..)?)))
        // If the lower case of a letter has another length, `end` is not an offset in `line`.
        .filter(|_| lower.len() == line.len())
        .unwrap_or((Label::None, line))
}

/// The longest label at the start of the text, and its length in bytes.
fn leading_label(lower: &str, updated: &[&str], published: &[&str]) -> Option<(Label, usize)> {
    let updated = updated.iter().map(|word| (Label::Updated, word.len(), word));
    let published = published.iter().map(|word| (Label::Published, word.len(), word));
    updated
        .chain(published)
        .filter(|(_, _, word)| {
            lower.strip_prefix(**word).is_some_and(|rest| rest.starts_with([' ', ':', '\u{a0}', '\t', '|']))
        })
        .max_by_key(|(_, length, _)| *length)
        .map(|(label, length, _)| (label, length))
}

/// Finds the label after the name of what was changed; returns the label and its end. `None` if a law or a reader's
/// comment was changed.
fn label_after_subject(lower: &str) -> Option<(Label, usize)> {
    let mut start = 0;
    let mut names_page = false;
    for _ in 0..MAX_SUBJECT_WORDS {
        let end = start + lower[start..].find([' ', '\u{a0}'])?;
        let word = lower[start..end].trim_end_matches(':');
        if word.is_empty() || is_other_subject(word) || !word.chars().all(|c| c.is_alphabetic() || c == '-') {
            return None;
        }
        names_page |= PAGE_WORDS.contains(&word);
        start = end + lower[end..].chars().next().map_or(1, char::len_utf8);
        let rest = &lower[start..];
        let is_known = |label: &str| AFTER_SUBJECT.contains(&label) || names_page && AFTER_PAGE.contains(&label);
        if let Some((label, length)) = leading_label(rest, &UPDATED, &PUBLISHED)
            && is_known(&rest[..length])
        {
            return Some((label, start + length));
        }
    }
    None
}

fn is_other_subject(word: &str) -> bool {
    OTHER_SUBJECTS.iter().any(|start| word.starts_with(start)) || OTHER_SUBJECT_WORDS.contains(&word)
}

/// Strips a time from the start of the text: `kl. 10.15`, `klokka 10:15`, `10:15`, `at 10:15 (UTC)`.
fn strip_time(text: &str) -> &str {
    // ISO 8601 has a T before the time.
    let trimmed = text.strip_prefix('T').unwrap_or(text).trim_start_matches([' ', '\u{a0}', ',', '-', '–', '|']);
    let lower = trimmed.to_lowercase();
    let word = ["klokka ", "klokken ", "klokka: ", "kl. ", "kl ", "kl.", "kl: ", "at "]
        .iter()
        .find(|word| lower.starts_with(**word))
        .map_or(0, |word| word.len());
    let time = trimmed.get(word..).unwrap_or("");
    let digits = time.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ':').unwrap_or(time.len());
    let is_time = time[..digits].trim_end_matches('.').split(['.', ':']).count() >= 2
        || word > 0 && (1..=4).contains(&time[..digits].len());
    if !is_time {
        return text;
    }
    strip_time_zone(&time[digits..])
}

/// Strips a time zone from the start of the text: ` (UTC)`, `Z`, `+02:00`.
fn strip_time_zone(text: &str) -> &str {
    const NAMES: [&str; 12] =
        ["(utc)", "(cet)", "(cest)", "utc", "gmt", "cest", "cet", "z", "am", "pm", "a.m.", "p.m."];
    if let Some(offset) = text.strip_prefix('+') {
        return offset.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':');
    }
    let zone = text.trim_start();
    let is_name = |name: &&&str| {
        zone.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
            && !zone[name.len()..].starts_with(char::is_alphanumeric)
    };
    NAMES.iter().find(is_name).map_or(text, |name| &zone[name.len()..])
}

/// Parses a date at the start of the text; returns the date and the rest of the text. A date in digits is
/// read as day, month and year, as in Norwegian, or as year, month and day.
fn parse_leading_date(text: &str) -> Option<(Date, &str)> {
    if text.starts_with(char::is_alphabetic) {
        return parse_month_first(text);
    }
    let (first, rest) = parse_number(text)?;
    if first >= 1000 {
        let divider = rest.chars().next().filter(|c| matches!(c, '-' | '/' | '.'))?;
        let (month, rest) = parse_number(&rest[1..])?;
        let (day, rest) = parse_number(rest.strip_prefix(divider)?)?;
        return Some((date(first, month, day)?, rest));
    }
    // 03.05.2021, 3/5-2021, 03-05-2021
    if let Some((month, rest)) = rest
        .strip_prefix(['.', '/', '-'])
        .map(|rest| rest.trim_start_matches(' '))
        .and_then(parse_number)
        .and_then(|(month, rest)| Some((month, rest.strip_prefix(['.', '/', '-'])?.trim_start_matches(' '))))
    {
        let (year, rest) = parse_number(rest)?;
        return Some((date(year, month, first)?, rest));
    }
    let rest = rest.strip_prefix('.').unwrap_or(rest);
    let rest = ["st ", "nd ", "rd ", "th "].iter().find_map(|ordinal| rest.strip_prefix(ordinal)).unwrap_or(rest);
    let (month, rest) = parse_month(rest.trim_start_matches([' ', '\u{a0}', '-']))?;
    let (year, rest) = parse_number(rest.trim_start_matches(['.', ',', ' ', '\u{a0}', '-']))?;
    Some((date(year, month, first)?, rest))
}

/// Parses `May 3, 2021` or `Mar. 3rd, 2021`.
fn parse_month_first(text: &str) -> Option<(Date, &str)> {
    let word = text.split(|c: char| !c.is_alphabetic()).next().unwrap_or("");
    let month = english_month(&word.to_lowercase())?;
    let (day, rest) = parse_number(text[word.len()..].trim_start_matches(['.', ' ', '\u{a0}']))?;
    let rest = ["st", "nd", "rd", "th"].iter().find_map(|ordinal| rest.strip_prefix(ordinal)).unwrap_or(rest);
    let (year, rest) = parse_number(rest.strip_prefix(',').unwrap_or(rest).strip_prefix([' ', '\u{a0}'])?)?;
    Some((date(year, month, day)?, rest))
}

/// Parses the name of a month, which may be abbreviated ("okt. 2015", "sept. 2015", "okt 2015"), at the start of the
/// text; returns its number and the rest of the text.
fn parse_month(text: &str) -> Option<(u32, &str)> {
    let word = text.split(|c: char| !c.is_alphabetic()).next().unwrap_or("");
    let lower = word.to_lowercase();
    let month = month_of(&MONTHS, &lower).or_else(|| english_month(&lower))?;
    Some((month, &text[word.len()..]))
}

/// The number of the month with this English name or abbreviation, in lower case.
fn english_month(word: &str) -> Option<u32> {
    month_of(&ENGLISH_MONTHS, word)
}

fn month_of(months: &[&str; 12], word: &str) -> Option<u32> {
    let is_name = |name: &&str| {
        *name == word || word.len() == 3 && name.starts_with(word) || word.len() == 4 && name.starts_with(word)
    };
    (1..).zip(months).find(|(_, name)| is_name(name)).map(|(month, _)| month)
}

fn date(year: u32, month: u32, day: u32) -> Option<Date> {
    Date::new(full_year(year)?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// Accepts years of four digits only: "12.03.18" may be 1918 or 2018.
fn full_year(year: u32) -> Option<i16> {
    (1000..3000).contains(&year).then_some(year as i16)
}

/// Parses a number of up to four digits at the start of the text; returns it and the rest of the text.
fn parse_number(text: &str) -> Option<(u32, &str)> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    if !(1..=4).contains(&digits) {
        return None;
    }
    Some((text[..digits].parse().ok()?, &text[digits..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &str) {
        let found: Vec<String> = parse_stated_dates(line)
            .into_iter()
            .map(|found| {
                let source = found.source.unwrap_or_default();
                format!("{:?} {} {source}", found.label, found.date).trim().to_string()
            })
            .collect();
        let found = if found.is_empty() { "-".to_string() } else { found.join(" ") };
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn parses_norwegian_date_lines() {
        check("19.02.2018 | Rapport fra Ipsos", "None 2018-02-19 Ipsos");
        check("07.04.2020 | FaF0-rapport 2/2020", "None 2020-04-07 FaF0-rapport 2/2020");
        check("Publisert 31. august 2017.", "Published 2017-08-31");
        check("Sist oppdatert: 3. mars 2021 kl. 10.15", "Updated 2021-03-03");
        check("Sist endra 03.03.2021", "Updated 2021-03-03");
        check("Oppdatert 13. desember 2017.", "Updated 2017-12-13");
        check("2020-11-10", "None 2020-11-10");
        check("Publisert: 1/2/2020, 09:30", "Published 2020-02-01");
        check("Publisert 12.03.2024. Sist oppdatert 13.03.2024", "Published 2024-03-12 Updated 2024-03-13");
        check("Publisert: 12. mars 2024, sist endret 13.03.2024 kl. 12.00", "Published 2024-03-12 Updated 2024-03-13");
        check("Publisert: 05.03.2024 | Oppdatert: 07.03.2024", "Published 2024-03-05 Updated 2024-03-07");
    }

    #[test]
    fn ignores_dates_inside_sentences() {
        check("10. november 2020 vedtok Stortinget loven.", "-");
        check("Publisert forskning viser 20 prosent.", "-");
        check("31.02.2018", "-");
        check("12.03.18", "-");
        check("12-03-18", "-");
        check("2020-260-05", "-");
        check("75 prosent av virkemidlene", "-");
        check("1. Hva skjer i kommunene?", "-");
        check("", "-");
    }

    #[test]
    fn parses_dates_in_metadata() {
        assert_eq!(parse_date("2020-04-07T10:00:00Z").unwrap().to_string(), "2020-04-07");
        assert_eq!(parse_date("7. april 2020").unwrap().to_string(), "2020-04-07");
        assert_eq!(parse_date("i fjor"), None);
    }

    #[test]
    fn parses_dates_with_weekdays_names_times_and_other_dates() {
        check("Publisert torsdag 3. mars 2021", "Published 2021-03-03");
        check("Publisert den 1. oktober 2015", "Published 2015-10-01");
        check("Sist oppdatert den 3. mars 2021 klokken 10:15", "Updated 2021-03-03");
        check("Publisert 1. okt. 2015", "Published 2015-10-01");
        check("Publisert 1. sept 2015", "Published 2015-09-01");
        check("Oppdatert 2019-06-07T08:00", "Updated 2019-06-07");
        check("Publisert 3. mars 2021 kl. 10.15 av Kari Nordmann", "Published 2021-03-03 Kari Nordmann");
        check("Sist oppdatert av Ola Hansen, 4. juli 2016", "Updated 2016-07-04 Ola Hansen");
        check("Publisert av Kari Nordmann 3. mars 2021", "Published 2021-03-03 Kari Nordmann");
        check("Publisert 3. mars 2021 Sist endra 4. mars 2021", "Published 2021-03-03 Updated 2021-03-04");
        check("Publisert 17.05.2018 (oppdatert 18.05.2018)", "Published 2018-05-17 Updated 2018-05-18");
        check("Oppdatert av departementet som vedtok loven 3. mars 2021 og sendte den ut", "-");
        check("3. mars 2021 av mange grunner", "-");
    }

    #[test]
    fn parses_labels_of_both_written_standards_and_in_english() {
        check("Utgivelsesdato: 3. mai 2021", "Published 2021-05-03");
        check("Først publisert: 03.05.2021", "Published 2021-05-03");
        check("Lagt ut på nett 3.mai 2021", "Published 2021-05-03");
        check("Utgjeven: 3. mai 2021", "Published 2021-05-03");
        check("Sist redigert 3/5-2021 kl. 10", "Updated 2021-05-03");
        check("Siste oppdatering: 2021-05-03T10:15:00+02:00", "Updated 2021-05-03");
        check("Siste oppdatering: 2021-05-03T10:15", "Updated 2021-05-03");
        check("Published on May 3, 2021", "Published 2021-05-03");
        check("Last modified: Mon, 3 May 2021 10:15 GMT", "Updated 2021-05-03");
        check("Last modified: Fri, 7 May 2021 10:15 GMT", "Updated 2021-05-07");
        check("Fri, 7 May 2021", "None 2021-05-07");
        check("Last updated on 3rd May 2021", "Updated 2021-05-03");
        check("Oppdatert tysdag 3. mai 2021 kl. 10.15", "Updated 2021-05-03");
        check("Sist oppdatert | 3. mai 2021", "Updated 2021-05-03");
    }

    #[test]
    fn parses_labels_after_the_name_of_the_changed_part() {
        check("Liste sist oppdatert: 3. mai 2021", "Updated 2021-05-03");
        check("Siden ble sist endret 3. mai 2021 kl. 10:15.", "Updated 2021-05-03");
        check("Denne sida vart sist oppdatert mandag 3. mai 2021", "Updated 2021-05-03");
        check("Artikkelen ble publisert 3. mai 2021", "Published 2021-05-03");
        check("Saka er oppdatert 3.5.2021", "Updated 2021-05-03");
        check("This page was last updated on 3 May 2021", "Updated 2021-05-03");
        check("Loven sist endret 3. mai 2021", "-");
        check("Forskriften ble sist endra 3. mai 2021", "-");
        check("Kommentaren ble sist redigert 3. mai 2021", "-");
        check("Regjeringen publiserte 3. mai 2021", "-");
        check("Rapporten ble publisert 3. mai 2021 og drøftet i rådet.", "-");
        check("Sist endret ved lov 3. mai 2021", "-");
    }

    #[test]
    fn ignores_deadlines_and_events() {
        check("Søknadsfrist: 3. mai 2021", "-");
        check("Høringsfrist 03.05.2021", "-");
        check("Ikrafttredelse: 01.01.2022", "-");
        check("Møtet er 3. mai 2021", "-");
        check("lørdag 3. mai 2021 kl. 18.00–20.00", "-");
        check("3. mai 2021 – 5. mai 2021", "-");
        check("mandag 3. mai", "-");
        check("Fri 7. mai 2021", "-");
    }

    #[test]
    fn metadata_has_dates_in_many_forms() {
        for text in [
            "2021-05-03T10:00:00+02:00",
            "20210503",
            "20210503T100000Z",
            "2021/05/03 10:00",
            "Mon, 03 May 2021 10:00:00 GMT",
            "May 3, 2021",
            "3. mai 2021",
            "03.05.2021",
        ] {
            assert_eq!(parse_date(text).map(|date| date.to_string()).as_deref(), Some("2021-05-03"), "{text}");
        }
        let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        for (weekday, day) in weekdays.iter().zip(3..) {
            let text = format!("{weekday}, {day:02} May 2021 10:00:00 GMT");
            assert_eq!(parse_date(&text).map(|date| date.to_string()), Some(format!("2021-05-{day:02}")), "{text}");
        }
        for text in ["03/05/2021", "2021", "2021-05", "mai 2021", "1620032400", "2021-13-01", "03-05-21"] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }

    #[test]
    fn finds_the_label_before_an_element() {
        for (text, label) in [
            ("Publisert: ", Label::Published),
            ("Av Kari Nordmann. Sist oppdatert", Label::Updated),
            ("Liste sist endra\u{b}", Label::Updated),
            ("Kari Nordmann publisert", Label::Published),
            ("Vi møtes", Label::None),
            ("Loven ble endret", Label::None),
            ("Søknadsfrist:", Label::None),
            ("Dato:", Label::None),
        ] {
            assert_eq!(announced_label(text), label, "{text}");
        }
    }
}

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
const PUBLISHED: [&str; 11] = [
    "publisert",
    "publisert dato",
    "publiseringsdato",
    "først publisert",
    "fyrst publisert",
    "lagt ut",
    "dato",
    "published",
    "utgitt",
    "utgjeve",
    "skrevet",
];
/// The labels before a date of the last change, in lower case.
const UPDATED: [&str; 13] = [
    "sist oppdatert",
    "oppdatert",
    "sist endret",
    "sist endra",
    "endret",
    "endra",
    "sist revidert",
    "sist faglig oppdatert",
    "sist fagleg oppdatert",
    "oppdateringsdato",
    "last updated",
    "updated",
    "modified",
];
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

/// The words that may precede a date.
const BEFORE_DATE: [&str; 12] = [
    "mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag", "måndag", "tysdag", "laurdag", "sundag",
    "den",
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

/// Whether the line starts with a date, with the first word of a label, or with a word that may precede a date, as all
/// date lines do.
fn may_state_date(line: &str) -> bool {
    let line = line.trim_start_matches([':', ' ', '\u{a0}']);
    if line.starts_with(|c: char| c.is_ascii_digit()) {
        return parse_leading_date(line).is_some();
    }
    let first = line.split([' ', ':', '\u{a0}', ',', '.']).next().unwrap_or("").to_lowercase();
    let has_first_word =
        |label: &&str| label.strip_prefix(first.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
    BEFORE_DATE.iter().chain(&UPDATED).chain(&PUBLISHED).any(has_first_word)
}

fn parse_stated_date(line: &str) -> Option<StatedDate> {
    let line = line.trim();
    let (label, rest) = split_label(line);
    let rest = rest.trim_start_matches([':', ' ', '\u{a0}']);
    if label != Label::None
        && let Some(rest) = rest.strip_prefix("av ")
    {
        return parse_name_and_date(label, rest);
    }
    let (date, rest) = parse_leading_date(strip_weekday(rest))?;
    let rest = strip_time(rest);
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
    while let Some((word, after)) = rest.split_once([' ', '\u{a0}']) {
        let word = word.trim_end_matches([',', '.']).to_lowercase();
        if !BEFORE_DATE.contains(&word.as_str()) {
            break;
        }
        rest = after.trim_start();
    }
    rest
}

/// Parses a date in metadata: ISO 8601 with or without a time, or a Norwegian form.
pub fn parse_date(text: &str) -> Option<Date> {
    let text = text.trim();
    let (date, rest) = parse_leading_date(text)?;
    let is_end = rest.is_empty() || rest.starts_with(['T', ' ', '+', 'Z', ',', '.']);
    is_end.then_some(date)
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

/// Splits the longest label off the start of the line.
fn split_label(line: &str) -> (Label, &str) {
    let lower = line.to_lowercase();
    let candidates = UPDATED
        .iter()
        .map(|word| (Label::Updated, *word))
        .chain(PUBLISHED.iter().map(|word| (Label::Published, *word)));
    let longest = candidates
        .filter(|(_, word)| lower.strip_prefix(word).is_some_and(|rest| rest.starts_with([' ', ':', '\u{a0}'])))
        .max_by_key(|(_, word)| word.len());
    match longest {
        // Lower-casing may change the length of a text, but not that of the labels.
        Some((label, word)) => (label, line.get(word.len()..).unwrap_or("")),
        None => (Label::None, line),
    }
}

/// Strips a time from the start of the text: `kl. 10.15`, `klokka 10:15`, `10:15`.
fn strip_time(text: &str) -> &str {
    // ISO 8601 has a T before the time.
    let trimmed = text.strip_prefix('T').unwrap_or(text).trim_start_matches([' ', '\u{a0}', ',']);
    let lower = trimmed.to_lowercase();
    let word = ["klokka ", "klokken ", "kl. ", "kl "]
        .iter()
        .find(|word| lower.starts_with(**word))
        .map_or(0, |word| word.len());
    let time = trimmed.get(word..).unwrap_or("");
    let digits = time.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ':').unwrap_or(time.len());
    let is_time = time[..digits].trim_end_matches('.').split(['.', ':']).count() >= 2;
    if is_time { &time[digits..] } else { text }
}

/// Parses a date at the start of the text; returns the date and the rest of the text.
fn parse_leading_date(text: &str) -> Option<(Date, &str)> {
    let (first, rest) = parse_number(text)?;
    if let Some(rest) = rest.strip_prefix('-') {
        let (month, rest) = parse_number(rest)?;
        let (day, rest) = parse_number(rest.strip_prefix('-')?)?;
        let date = Date::new(full_year(first)?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
        return Some((date, rest));
    }
    if let Some((month, rest)) = rest
        .strip_prefix(['.', '/'])
        .and_then(parse_number)
        .and_then(|(month, rest)| Some((month, rest.strip_prefix(['.', '/'])?)))
    {
        let (year, rest) = parse_number(rest)?;
        let date = Date::new(full_year(year)?, i8::try_from(month).ok()?, i8::try_from(first).ok()?).ok()?;
        return Some((date, rest));
    }
    let rest = rest.strip_prefix('.').unwrap_or(rest).trim_start_matches([' ', '\u{a0}']);
    let lower = rest.to_lowercase();
    let (month, length) = (1i8..).zip(MONTHS).find_map(|(month, name)| {
        // "okt. 2015", "sept. 2015", "okt 2015"
        let spellings = [name, &name[..name.len().min(4)], &name[..3]];
        let is_word = |length: usize| !lower[length..].starts_with(char::is_alphabetic);
        let spelling =
            spellings.into_iter().find(|spelling| lower.starts_with(*spelling) && is_word(spelling.len()))?;
        Some((month, spelling.len()))
    })?;
    let rest = rest.get(length..)?.trim_start_matches(['.', ' ', '\u{a0}']);
    let (year, rest) = parse_number(rest)?;
    let date = Date::new(full_year(year)?, month, i8::try_from(first).ok()?).ok()?;
    Some((date, rest))
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
}

//! Given a line, does it state when the page was published or updated?

use jiff::civil::Date;

use crate::model::has_words;

/// What a date line says.
#[derive(Clone, Debug, PartialEq)]
pub struct Dateline {
    pub label: Label,
    pub date: Date,
    /// Who published it, where the line says so behind the date.
    pub source: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// No word says what the date is.
    None,
    Published,
    Updated,
}

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

const BEFORE_DATE: [&str; 12] = [
    "mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag", "måndag", "tysdag", "laurdag", "sundag",
    "den",
];

/// Longer lines are sentences.
const MAX_BYTES: usize = 160;
/// The most words that may follow the date as the name of a source; more make a sentence of it.
const MAX_SOURCE_WORDS: usize = 8;

/// Reads `19.02.2018 | Rapport fra Ipsos`, `Publisert 31. august 2017.`, `Sist oppdatert: 3. mars 2021
/// kl. 10.15`, `2020-11-10`. The whole line must be of this form: a date inside a sentence is no date line.
///
/// "Publisert 12.03.2024. Sist oppdatert 13.03.2024" gives both.
pub fn datelines(line: &str) -> Vec<Dateline> {
    let line = line.trim();
    // Most lines have no digit, and none is read further than that.
    if line.len() > MAX_BYTES || !line.bytes().any(|byte| byte.is_ascii_digit()) || !may_begin(line) {
        return Vec::new();
    }
    let whole = dateline(line);
    if whole.is_some() {
        return whole.into_iter().collect();
    }
    let both = line.match_indices(['.', ',', '|', '·', '•', '–', '/', '-', ' ', '\u{a0}']).find_map(|(at, divider)| {
        let first = dateline(&line[..at])?;
        let rest = line[at + divider.len()..].trim();
        let second = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(rest);
        let second = dateline(second).filter(|second| second.label != Label::None)?;
        Some(vec![first, second])
    });
    both.unwrap_or_default()
}

/// Whether a line begins with a date, or as a label or the name of a weekday does: every date line, and the first of every
/// two of them.
fn may_begin(line: &str) -> bool {
    let line = line.trim_start_matches([':', ' ', '\u{a0}']);
    if line.starts_with(|c: char| c.is_ascii_digit()) {
        return leading_date(line).is_some();
    }
    let first = line.split([' ', ':', '\u{a0}', ',', '.']).next().unwrap_or("").to_lowercase();
    let is_first =
        |word: &&str| word.strip_prefix(first.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
    BEFORE_DATE.iter().chain(&UPDATED).chain(&PUBLISHED).any(is_first)
}

fn dateline(line: &str) -> Option<Dateline> {
    let line = line.trim();
    let (label, rest) = label(line);
    let rest = rest.trim_start_matches([':', ' ', '\u{a0}']);
    if label != Label::None
        && let Some(by_name) = rest.strip_prefix("av ")
    {
        return dated_behind_name(label, by_name);
    }
    let (date, rest) = leading_date(without_weekday(rest))?;
    let rest = without_time(rest);
    let source = rest.trim_start_matches([' ', '\u{a0}', '|', '·', '•', '–', '-', ',', '.', '/']);
    if source.is_empty() {
        return Some(Dateline { label, date, source: None });
    }
    if label != Label::None
        && let Some(name) = rest.trim_start().strip_prefix("av ").filter(|name| is_name(name))
    {
        return Some(Dateline { label, date, source: Some(name.to_string()) });
    }
    // Without a divider, what follows goes on with a sentence: "10. november 2020 vedtok …".
    let divider = rest.trim_start_matches([' ', '\u{a0}']);
    if !divider.starts_with(['|', '·', '•', '–', '-', ',', '/']) {
        return None;
    }
    if !is_name(source) || dateline(source).is_some() {
        return None;
    }
    Some(Dateline { label, date, source: Some(source_name(source)) })
}

fn is_name(source: &str) -> bool {
    !has_words(source, MAX_SOURCE_WORDS + 1) && !source.ends_with(['.', '!', '?', ':', ';'])
}

/// "Sist oppdatert av Ola Hansen, 4. juli 2016"
fn dated_behind_name(label: Label, by_name: &str) -> Option<Dateline> {
    by_name.match_indices([' ', '\u{a0}']).find_map(|(at, space)| {
        let name = by_name[..at].trim_end_matches([',', ':']);
        let (date, rest) = leading_date(without_weekday(&by_name[at + space.len()..]))?;
        let is_end = without_time(rest).trim_matches([' ', '.']).is_empty();
        (is_end && is_name(name)).then(|| Dateline { label, date, source: Some(name.to_string()) })
    })
}

/// "torsdag 3. mars 2021", "den 1. oktober 2015"
fn without_weekday(text: &str) -> &str {
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

/// A date alone, as records and metadata give it: ISO with or without a time, or a Norwegian form.
pub fn date(text: &str) -> Option<Date> {
    let text = text.trim();
    let (date, rest) = leading_date(text)?;
    let is_end = rest.is_empty() || rest.starts_with(['T', ' ', '+', 'Z', ',', '.']);
    is_end.then_some(date)
}

/// "Rapport fra Ipsos" → "Ipsos", "Av Kari Nordmann" → "Kari Nordmann"; others as they stand.
fn source_name(text: &str) -> String {
    let lower = text.to_lowercase();
    for lead in ["rapport fra ", "rapport frå ", "kilde: ", "kjelde: ", "publisert av ", "fra ", "frå ", "av "] {
        if lower.starts_with(lead)
            && let Some(rest) = text.get(lead.len()..)
        {
            return rest.trim().to_string();
        }
    }
    text.to_string()
}

fn label(line: &str) -> (Label, &str) {
    let lower = line.to_lowercase();
    let candidates = UPDATED
        .iter()
        .map(|word| (Label::Updated, *word))
        .chain(PUBLISHED.iter().map(|word| (Label::Published, *word)));
    let longest = candidates
        .filter(|(_, word)| lower.strip_prefix(word).is_some_and(|rest| rest.starts_with([' ', ':', '\u{a0}'])))
        .max_by_key(|(_, word)| word.len());
    match longest {
        // Lower-casing may change lengths only outside the labels, which are plain.
        Some((label, word)) => (label, line.get(word.len()..).unwrap_or("")),
        None => (Label::None, line),
    }
}

/// `kl. 10.15`, `klokka 10:15`, `10:15`.
fn without_time(text: &str) -> &str {
    // ISO 8601 sets a T before the time.
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

/// A date at the beginning of the text, and what follows it.
fn leading_date(text: &str) -> Option<(Date, &str)> {
    let (first, rest) = number(text)?;
    if let Some(rest) = rest.strip_prefix('-') {
        let (month, rest) = number(rest)?;
        let (day, rest) = number(rest.strip_prefix('-')?)?;
        let date = Date::new(full_year(first)?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
        return Some((date, rest));
    }
    if let Some((month, rest)) = rest
        .strip_prefix(['.', '/'])
        .and_then(number)
        .and_then(|(month, rest)| Some((month, rest.strip_prefix(['.', '/'])?)))
    {
        let (year, rest) = number(rest)?;
        let date = Date::new(full_year(year)?, i8::try_from(month).ok()?, i8::try_from(first).ok()?).ok()?;
        return Some((date, rest));
    }
    let rest = rest.strip_prefix('.').unwrap_or(rest).trim_start_matches([' ', '\u{a0}']);
    let lower = rest.to_lowercase();
    let (month, length) = (1i8..).zip(MONTHS).find_map(|(month, name)| {
        // "okt. 2015", "sept. 2015", "okt 2015"
        let spellings = [name, &name[..name.len().min(4)], &name[..3]];
        let ends = |length: usize| !lower[length..].starts_with(char::is_alphabetic);
        let spelt = spellings.into_iter().find(|spelt| lower.starts_with(*spelt) && ends(spelt.len()))?;
        Some((month, spelt.len()))
    })?;
    let rest = rest.get(length..)?.trim_start_matches(['.', ' ', '\u{a0}']);
    let (year, rest) = number(rest)?;
    let date = Date::new(full_year(year)?, month, i8::try_from(first).ok()?).ok()?;
    Some((date, rest))
}

/// A year of four digits in the time of writing; "12.03.18" is as likely 1918 as 2018, and not guessed.
fn full_year(year: u32) -> Option<i16> {
    (1000..3000).contains(&year).then_some(year as i16)
}

fn number(text: &str) -> Option<(u32, &str)> {
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
        let found: Vec<String> = datelines(line)
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
    fn date_lines_are_read_in_norwegian_forms() {
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
    fn a_date_inside_a_sentence_is_no_date_line() {
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
    fn dates_of_records_are_read() {
        assert_eq!(date("2020-04-07T10:00:00Z").unwrap().to_string(), "2020-04-07");
        assert_eq!(date("7. april 2020").unwrap().to_string(), "2020-04-07");
        assert_eq!(date("i fjor"), None);
    }

    #[test]
    fn dates_stand_with_weekdays_names_times_and_one_another() {
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

//! Given a filter as typed, which values of a page does it fit?

use std::ops::RangeInclusive;

use jiff::civil::Date;

/// What a filter asks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilterField {
    Source,
    Site,
    Path,
    Lang,
    Date,
}

/// What a page must be, apart from its words.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// Its source holds these words, in lower case.
    Source(Vec<String>),
    /// It is of this host or of one below it; a value without a dot is any part of the host's name.
    Site(String),
    /// Its path holds this; with `*` it is this, from the beginning of any of its folders on. In lower case.
    Path(String),
    /// It is in one of the languages with these codes.
    Lang(Vec<&'static str>),
    /// It was published, or else last updated, on one of these days, as numbers (20201110).
    Days(RangeInclusive<u64>),
}

impl Filter {
    /// Reads a value; of what can't be read, why.
    pub fn parse(facet: FilterField, value: &str) -> Result<Filter, String> {
        let value = value.trim();
        match facet {
            FilterField::Source => {
                let words = source_words(value);
                if words.is_empty() { Err("the source has no letters".to_string()) } else { Ok(Filter::Source(words)) }
            }
            FilterField::Site => match host(value) {
                "" => Err("the site has no name".to_string()),
                host => Ok(Filter::Site(host.to_lowercase())),
            },
            FilterField::Path => {
                let is_all = value.chars().all(|c| c == '*');
                if is_all { Err("the path is empty".to_string()) } else { Ok(Filter::Path(value.to_lowercase())) }
            }
            FilterField::Lang => languages(value)
                .map(|codes| Filter::Lang(codes.to_vec()))
                .ok_or_else(|| format!("no language is called \"{value}\"; there are nb, nn and en")),
            FilterField::Date => days(value).map(Filter::Days),
        }
    }

    pub fn facet(&self) -> FilterField {
        match self {
            Filter::Source(_) => FilterField::Source,
            Filter::Site(_) => FilterField::Site,
            Filter::Path(_) => FilterField::Path,
            Filter::Lang(_) => FilterField::Lang,
            Filter::Days(_) => FilterField::Date,
        }
    }

    /// Whether a value of a page fits; a day never does as text. A path as it is shown, with `#` before a record.
    pub fn fits(&self, value: &str) -> bool {
        match self {
            Filter::Source(words) => {
                let known = source_words(value);
                words.iter().all(|word| known.contains(word))
            }
            Filter::Site(asked) if asked.contains('.') => {
                value.strip_suffix(asked.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
            Filter::Site(asked) => value.split('.').any(|part| part == asked),
            Filter::Path(asked) => {
                let value = value.to_lowercase();
                if !asked.contains('*') {
                    return value.contains(asked);
                }
                let begins = value.match_indices(['/', '\\', '#']).map(|(at, _)| at + 1);
                std::iter::once(0).chain(begins).any(|begin| is_like(asked, &value[begin..]))
            }
            Filter::Lang(codes) => codes.contains(&value),
            Filter::Days(_) => false,
        }
    }
}

fn source_words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

/// Of an address its host, as the index has it.
fn host(value: &str) -> &str {
    let host = value.split_once("://").map_or(value, |(_, rest)| rest);
    let host = host.split(['/', '?', '#', ':']).next().unwrap_or(host);
    host.strip_prefix("www.").unwrap_or(host).trim_matches('.')
}

fn languages(value: &str) -> Option<&'static [&'static str]> {
    Some(match value.to_lowercase().as_str() {
        "nb" | "bokmål" | "bokmal" => &["nb"],
        "nn" | "nynorsk" => &["nn"],
        "no" | "norsk" => &["nb", "nn"],
        "en" | "engelsk" | "english" => &["en"],
        "und" => &["und"],
        _ => return None,
    })
}

/// Whether the whole text is the pattern, in which `*` stands for anything.
pub fn is_like(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(first) else {
        return false;
    };
    let mut pieces: Vec<&str> = rest.split('*').collect();
    let last = pieces.pop().unwrap_or("");
    for piece in pieces {
        let Some(at) = text.find(piece) else {
            return false;
        };
        text = &text[at + piece.len()..];
    }
    text.ends_with(last)
}

/// `2018`, `2018-03`, `2018-03-12`, `12.03.2018`, `03.2018`; two of them with `..` between them, of which one may be
/// missing; one behind `>=`, `>`, `<=` or `<`.
fn days(value: &str) -> Result<RangeInclusive<u64>, String> {
    let wrong = || format!("\"{value}\" is no date; write 2018, 2018-03, 2018-03-12, 12.03.2018, 2017..2020 or >=2019");
    let one = |text: &str| span(text.trim()).ok_or_else(wrong);
    let range = if let Some((from, to)) = value.split_once("..").or_else(|| years(value)) {
        let from = if from.trim().is_empty() { None } else { Some(*one(from)?.start()) };
        let to = if to.trim().is_empty() { None } else { Some(*one(to)?.end()) };
        if from.is_none() && to.is_none() {
            return Err(wrong());
        }
        from.unwrap_or(0)..=to.unwrap_or(u64::MAX)
    } else if let Some(rest) = value.strip_prefix(">=").or_else(|| value.strip_prefix('≥')) {
        *one(rest)?.start()..=u64::MAX
    } else if let Some(rest) = value.strip_prefix("<=").or_else(|| value.strip_prefix('≤')) {
        0..=*one(rest)?.end()
    } else if let Some(rest) = value.strip_prefix('>') {
        one(rest)?.end() + 1..=u64::MAX
    } else if let Some(rest) = value.strip_prefix('<') {
        0..=one(rest)?.start() - 1
    } else {
        one(value)?
    };
    if range.is_empty() { Err(format!("in \"{value}\" the end lies before the beginning")) } else { Ok(range) }
}

/// The years of `2017-2020`, with any dash.
fn years(value: &str) -> Option<(&str, &str)> {
    let (from, to) = value.split_once(['-', '–', '—'])?;
    let is_year = |text: &str| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    (is_year(from) && is_year(to)).then_some((from, to))
}

/// The first and the last day of a year, a month or a day.
fn span(text: &str) -> Option<RangeInclusive<u64>> {
    let mut numbers = text.split(['-', '.']).map(|part| (part.len(), part));
    let parts: Vec<(usize, u64)> = numbers
        .by_ref()
        .map(|(length, part)| {
            let is_number = length > 0 && part.bytes().all(|byte| byte.is_ascii_digit());
            Some((length, part.parse().ok().filter(|_| is_number)?))
        })
        .collect::<Option<_>>()?;
    let is_norwegian = text.contains('.') && !text.contains('-');
    let (year, month, day) = match (parts.as_slice(), is_norwegian) {
        ([(4, year)], false) => (*year, None, None),
        ([(4, year), (1 | 2, month)], false) | ([(1 | 2, month), (4, year)], true) => (*year, Some(*month), None),
        ([(4, year), (1 | 2, month), (1 | 2, day)], false) | ([(1 | 2, day), (1 | 2, month), (4, year)], true) => {
            (*year, Some(*month), Some(*day))
        }
        _ => return None,
    };
    let number = |month: u64, day: u64| year * 10_000 + month * 100 + day;
    let first = Date::new(year as i16, month.unwrap_or(1) as i8, day.unwrap_or(1) as i8).ok()?;
    Some(match (month, day) {
        (None, _) => number(1, 1)..=number(12, 31),
        (Some(month), None) => number(month, 1)..=number(month, first.days_in_month() as u64),
        (Some(month), Some(day)) => number(month, day)..=number(month, day),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_spans_of_days() {
        let check = |value: &str, from: u64, to: u64| {
            assert_eq!(Filter::parse(FilterField::Date, value), Ok(Filter::Days(from..=to)), "{value}");
        };
        check("2018", 20180101, 20181231);
        check("2018-02", 20180201, 20180228);
        check("02.2020", 20200201, 20200229);
        check("2018-03-12", 20180312, 20180312);
        check("12.03.2018", 20180312, 20180312);
        check("1.3.2018", 20180301, 20180301);
        check("2017..2020", 20170101, 20201231);
        check("2017–2020", 20170101, 20201231);
        check("2017-03..12.04.2018", 20170301, 20180412);
        check("..2019", 0, 20191231);
        check("2019..", 20190101, u64::MAX);
        check(">=2019-03", 20190301, u64::MAX);
        check(">2019-03", 20190332, u64::MAX);
        check("<2019", 0, 20190100);
        check("<=2019", 0, 20191231);
    }

    #[test]
    fn what_is_no_date_is_said_so() {
        let wrong =
            ["", "..", "201", "20188", "2018-13", "31.02.2018", "i fjor", "2020..2017", ">", "2018-", "1.2", "-1"];
        for value in wrong.into_iter().chain(["12-03-2018", "2018.03", "99999999999999999999", "2018-03-12-01"]) {
            assert!(Filter::parse(FilterField::Date, value).is_err(), "{value}");
        }
    }

    #[test]
    fn values_of_pages_fit_or_not() {
        let check = |facet: FilterField, asked: &str, value: &str, expected: bool| {
            assert_eq!(Filter::parse(facet, asked).unwrap().fits(value), expected, "{asked} {value}");
        };
        check(FilterField::Source, "ipsos", "Rapport fra Ipsos", true);
        check(FilterField::Source, "NIBR ved OsloMet", "NIBR ved OsloMet", true);
        check(FilterField::Source, "ips", "Ipsos", false);
        check(FilterField::Site, "regjeringen.no", "regjeringen.no", true);
        check(FilterField::Site, "https://www.regjeringen.no/no/", "nettsteder.regjeringen.no", true);
        check(FilterField::Site, "jeringen.no", "regjeringen.no", false);
        check(FilterField::Site, "ssb", "data.ssb.no", true);
        check(FilterField::Path, "Lover/*", "data/lover/1.txt", true);
        check(FilterField::Path, "lover/*", "data/forlover/1.txt", false);
        check(FilterField::Path, "*.txt", "data/lover/1.txt", true);
        check(FilterField::Path, "lover", "data/forlover/1.txt", true);
        check(FilterField::Path, "a*c*e", "abcde", true);
        check(FilterField::Path, "a*e*c", "abcde", false);
        check(FilterField::Lang, "Nynorsk", "nn", true);
        check(FilterField::Lang, "nb", "nn", false);
        assert!(Filter::parse(FilterField::Lang, "klingon").is_err());
    }
}

//! Filters on metadata (`site:`, `date:` …): parses their values and matches them against the metadata of a page.

use std::ops::RangeInclusive;

use jiff::civil::Date;

use super::comparable::{comparable_host, comparable_path, comparable_source, comparable_text};
use crate::model::{canonical_ipv6, url_host};

/// The metadata field that a filter tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilterField {
    Source,
    Site,
    Path,
    Lang,
    Date,
}

/// A condition on the metadata of a page. Its texts are in their comparable forms (see `comparable_text`); `matches`
/// converts the value of a page to the same form.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// Its source contains all of these words.
    Source(Vec<String>),
    /// Its host is this host or a subdomain; a value without a dot matches any label of the host name.
    Site(String),
    /// Its path contains this text. If the text contains `*`, it is a wildcard pattern that must match a suffix
    /// of the path that starts at a folder or file name.
    Path(String),
    /// Its language has one of these codes.
    Lang(Vec<&'static str>),
    /// The day it was published or, if that is unknown, last updated is in this range (2020-11-10 is 20201110).
    Days(RangeInclusive<u64>),
}

impl Filter {
    /// Parses a value. The error is a message for the user.
    pub fn parse(field: FilterField, value: &str) -> Result<Filter, String> {
        let value = value.trim();
        match field {
            FilterField::Source => {
                let words = source_words(value);
                if words.is_empty() {
                    Err("a source needs letters or digits".to_string())
                } else {
                    Ok(Filter::Source(words))
                }
            }
            FilterField::Site => match site_host(value) {
                host if host.is_empty() => Err("a site needs a host name".to_string()),
                host => Ok(Filter::Site(host)),
            },
            FilterField::Path => {
                let is_all = value.chars().all(|c| c == '*');
                if is_all {
                    Err("a path needs more than `*`".to_string())
                } else {
                    Ok(Filter::Path(comparable_path(value).into_owned()))
                }
            }
            FilterField::Lang => languages(value)
                .map(|codes| Filter::Lang(codes.to_vec()))
                .ok_or_else(|| format!("`{value}` is not a language code; use nb, nn, en, or `no` (both nb and nn)")),
            FilterField::Date if value.is_ascii() => days(value).map(Filter::Days),
            FilterField::Date => days(&comparable_text(value)).map(Filter::Days),
        }
    }

    pub fn field(&self) -> FilterField {
        match self {
            Filter::Source(_) => FilterField::Source,
            Filter::Site(_) => FilterField::Site,
            Filter::Path(_) => FilterField::Path,
            Filter::Lang(_) => FilterField::Lang,
            Filter::Days(_) => FilterField::Date,
        }
    }

    /// Whether the filter matches a text value of a page; `Days` never does. A path is given as it is shown, with `#`
    /// before a record.
    pub fn matches(&self, value: &str) -> bool {
        match self {
            Filter::Source(words) => {
                let known = source_words(value);
                words.iter().all(|word| known.contains(word))
            }
            Filter::Site(site) => {
                let host = comparable_host(value);
                if !site.contains('.') {
                    return host.split('.').any(|label| label == site);
                }
                host.strip_suffix(site.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
            Filter::Path(pattern) => {
                let value = comparable_path(value);
                if !pattern.contains('*') {
                    return value.contains(pattern);
                }
                let starts = value.match_indices(['/', '\\', '#']).map(|(offset, _)| offset + 1);
                std::iter::once(0).chain(starts).any(|start| matches_wildcard(pattern, &value[start..]))
            }
            Filter::Lang(codes) => codes.contains(&value),
            Filter::Days(_) => false,
        }
    }
}

/// The comparable form of a host, of an IPv6 address, or of the host in a URL.
fn site_host(value: &str) -> String {
    canonical_ipv6(value)
        .or_else(|| canonical_ipv6(url_host(value)))
        .unwrap_or_else(|| comparable_host(url_host(value)).into_owned())
}

fn source_words(text: &str) -> Vec<String> {
    let text = comparable_source(text);
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_string).collect()
}

fn languages(value: &str) -> Option<&'static [&'static str]> {
    Some(match &*comparable_text(value) {
        "nb" | "bokmål" | "bokmal" => &["nb"],
        "nn" | "nynorsk" => &["nn"],
        "no" | "norsk" => &["nb", "nn"],
        "en" | "engelsk" | "english" => &["en"],
        "und" => &["und"],
        _ => return None,
    })
}

/// Whether the whole text matches the pattern, in which `*` matches any text.
fn matches_wildcard(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(first) else {
        return false;
    };
    let mut literals: Vec<&str> = rest.split('*').collect();
    let last = literals.pop().unwrap_or("");
    for literal in literals {
        let Some(offset) = text.find(literal) else {
            return false;
        };
        text = &text[offset + literal.len()..];
    }
    text.ends_with(last)
}

/// Parses a date (`2018`, `2018-03`, `2018-03-12`, `12.03.2018` or `03.2018`), a date after `>=`, `>`, `<=` or `<`, or
/// a range: two dates separated by `..`. Either end of a range may be missing.
fn days(value: &str) -> Result<RangeInclusive<u64>, String> {
    let invalid =
        || format!("`{value}` is not a date; write 2018, 2018-03, 2018-03-12, 12.03.2018, 2017..2020 or >=2019");
    let parse_one = |text: &str| span(text.trim()).ok_or_else(invalid);
    let range = if let Some((from, to)) = value.split_once("..").or_else(|| years(value)) {
        let from = if from.trim().is_empty() { None } else { Some(*parse_one(from)?.start()) };
        let to = if to.trim().is_empty() { None } else { Some(*parse_one(to)?.end()) };
        if from.is_none() && to.is_none() {
            return Err(invalid());
        }
        from.unwrap_or(0)..=to.unwrap_or(u64::MAX)
    } else if let Some(rest) = value.strip_prefix(">=").or_else(|| value.strip_prefix('≥')) {
        *parse_one(rest)?.start()..=u64::MAX
    } else if let Some(rest) = value.strip_prefix("<=").or_else(|| value.strip_prefix('≤')) {
        0..=*parse_one(rest)?.end()
    } else if let Some(rest) = value.strip_prefix('>') {
        parse_one(rest)?.end() + 1..=u64::MAX
    } else if let Some(rest) = value.strip_prefix('<') {
        0..=parse_one(rest)?.start() - 1
    } else {
        parse_one(value)?
    };
    if range.is_empty() { Err(format!("the range `{value}` ends before it starts")) } else { Ok(range) }
}

/// Splits `2017-2020` at any dash.
fn years(value: &str) -> Option<(&str, &str)> {
    let (from, to) = value.split_once(['-', '–', '—'])?;
    let is_year = |text: &str| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    (is_year(from) && is_year(to)).then_some((from, to))
}

/// The first and the last day of a year, a month or a day; `None` if the text is none of them.
fn span(text: &str) -> Option<RangeInclusive<u64>> {
    let mut numbers = text.split(['-', '.']).map(|number| (number.len(), number));
    let numbers: Vec<(usize, u64)> = numbers
        .by_ref()
        .map(|(length, digits)| {
            let is_number = length > 0 && digits.bytes().all(|byte| byte.is_ascii_digit());
            Some((length, digits.parse().ok().filter(|_| is_number)?))
        })
        .collect::<Option<_>>()?;
    let is_day_first = text.contains('.') && !text.contains('-');
    let (year, month, day) = match (numbers.as_slice(), is_day_first) {
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
    fn parses_dates_as_ranges_of_days() {
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
    fn rejects_invalid_dates() {
        let invalid =
            ["", "..", "201", "20188", "2018-13", "31.02.2018", "i fjor", "2020..2017", ">", "2018-", "1.2", "-1"];
        for value in invalid.into_iter().chain(["12-03-2018", "2018.03", "99999999999999999999", "2018-03-12-01"]) {
            assert!(Filter::parse(FilterField::Date, value).is_err(), "{value}");
        }
    }

    #[test]
    fn filters_match_values_of_pages() {
        let check = |field: FilterField, filter: &str, value: &str, expected: bool| {
            assert_eq!(Filter::parse(field, filter).unwrap().matches(value), expected, "{filter} {value}");
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

    #[test]
    fn values_match_in_any_form() {
        let check = |field: FilterField, filter: &str, value: &str, expected: bool| {
            assert_eq!(Filter::parse(field, filter).unwrap().matches(value), expected, "{filter} {value}");
        };
        check(FilterField::Source, "Tromsø", "Troms\u{f8} kommune", true);
        check(FilterField::Source, "a\u{30a}lesund", "ÅLESUND KOMMUNE", true);
        check(FilterField::Source, "ålesund", "A\u{30a}le\u{ad}sund", true);
        check(FilterField::Source, "ＳＳＢ", "ssb", true);
        check(FilterField::Source, "alesund", "Ålesund", false);
        check(FilterField::Source, "blåbær.no", "xn--blbr-roah.no", true);
        check(FilterField::Source, "xn--blbr-roah.no", "blåbær.no", true);
        check(FilterField::Source, "blåbær", "Nettstedet XN--BLBR-ROAH.no", true);
        check(FilterField::Source, "blabar.no", "xn--blbr-roah.no", false);
        check(FilterField::Site, "blåbær.no", "xn--blbr-roah.no", true);
        check(FilterField::Site, "xn--blbr-roah.no", "blåbær.no", true);
        check(FilterField::Site, "https://WWW.BLA\u{30a}BÆR.no:443/x", "nye.xn--blbr-roah.no", true);
        check(FilterField::Site, "blåbær", "xn--blbr-roah.no", true);
        check(FilterField::Site, "ssb.no.", "ssb.no", true);
        check(FilterField::Site, "ssb.no", "ssb.no.", true);
        check(FilterField::Site, "blabar.no", "xn--blbr-roah.no", false);
        check(FilterField::Site, "https://bruker:pw@nrk.no/x", "nrk.no", true);
        check(FilterField::Site, "[2001:DB8::1]", "[2001:db8::1]", true);
        check(FilterField::Site, "2001:db8::1", "[2001:db8::1]", true);
        check(FilterField::Site, "http://[2001:db8:0::1]:80/x", "[2001:db8::1]", true);
        check(FilterField::Site, "[2001:db8::2]", "[2001:db8::1]", false);
        check(FilterField::Path, "blåbær", "p/bl%C3%A5b%C3%A6r.html", true);
        check(FilterField::Path, "p/bl%C3%A5b*", "p/bla\u{30a}bær.html", true);
        check(FilterField::Path, "blåbær.no/a", "c.warc#https://xn--blbr-roah.no/a", true);
        check(FilterField::Path, "blabar", "p/blåbær.html", false);
        check(FilterField::Lang, "bokma\u{30a}l", "nb", true);
        assert_eq!(Filter::parse(FilterField::Date, "２０１８‑03"), Filter::parse(FilterField::Date, "2018-03"));
    }
}

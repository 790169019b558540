//! Parses and matches user rules: lines of `rules.txt` that keep or drop matching lines, overriding all other rules.
//!
//! ```text
//! # a comment
//! keep: Les også
//! site: kommune.no
//! drop: Sist endret av *
//! ```
//!
//! A pattern matches a whole line, ignoring case; `*` matches any run of characters. Rules below `site:` apply to the
//! pages of that host or to the files below that path; `site: *` ends the section. The first rule that matches a line
//! decides.

use xxhash_rust::xxh3::Xxh3;

use super::host::host;
use crate::model::Reason;

/// The rules of a `rules.txt`, and whether all lines that no rule drops are kept.
#[derive(Clone, Debug, Default)]
pub struct UserRules {
    rules: Vec<UserRule>,
    keep_all: bool,
}

/// Keeps or drops the lines that match its pattern.
#[derive(Clone, Debug)]
pub struct UserRule {
    /// The line of `rules.txt`, counted from 1.
    number: usize,
    pub keeps: bool,
    /// The normalized pattern, split at `*`.
    pattern: Vec<String>,
    /// The host or path to which the rule applies; `None` for all pages.
    site: Option<String>,
}

/// The rules that apply to a page.
#[derive(Clone, Debug, Default)]
pub struct PageRules<'a> {
    rules: Vec<&'a UserRule>,
    keep_all: bool,
}

impl UserRules {
    /// Parses the text of a `rules.txt`. An error is the number of a line, counted from 1, and what is wrong with it.
    pub fn parse(text: &str, keep_all: bool) -> Result<UserRules, (usize, String)> {
        let mut rules = Vec::new();
        let mut site = None;
        for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let error = |message: &str| Err((number, message.to_string()));
            let Some((name, value)) = line.split_once(':').map(|(name, value)| (name.trim_end(), value.trim())) else {
                return error("not a rule; write `keep: LINE`, `drop: LINE` or `site: HOST`");
            };
            if value.is_empty() {
                return error(&format!("no text after `{name}:`"));
            }
            match name {
                "site" => site = (value != "*").then(|| rule_site(value)),
                "keep" | "drop" => rules.push(UserRule {
                    number,
                    keeps: name == "keep",
                    pattern: normalized(value).split('*').map(str::to_string).collect(),
                    site: site.clone(),
                }),
                _ => {
                    return error(&format!("unknown rule `{name}:`; write `keep: LINE`, `drop: LINE` or `site: HOST`"));
                }
            }
        }
        Ok(UserRules { rules, keep_all })
    }

    /// A hash that changes if any rule changes; 0 if there are no rules.
    pub fn fingerprint(&self) -> u64 {
        PageRules { rules: self.rules.iter().collect(), keep_all: self.keep_all }.fingerprint()
    }

    /// The rules that apply to a page of this site in this file.
    pub fn of(&self, site: &str, path: &str) -> PageRules<'_> {
        let applies = |rule: &&UserRule| {
            rule.site.as_deref().is_none_or(|of_rule| of_rule == site || is_at_or_below(path, of_rule))
        };
        PageRules { rules: self.rules.iter().filter(applies).collect(), keep_all: self.keep_all }
    }
}

impl UserRule {
    pub fn reason(&self) -> Reason {
        if self.keeps { Reason::KeptByUserRule(self.number) } else { Reason::DroppedByUserRule(self.number) }
    }
}

impl PageRules<'_> {
    /// The first rule that matches the line.
    pub fn first_match(&self, line: &str) -> Option<&UserRule> {
        if self.rules.is_empty() {
            return None;
        }
        let line = normalized(line);
        self.rules.iter().find(|rule| matches(&rule.pattern, &line)).copied()
    }

    /// Whether lines that no rule matches are also kept.
    pub fn keeps_all(&self) -> bool {
        self.keep_all
    }

    /// A hash that changes if the page has to be cleaned again because of its rules; 0 if there are no rules.
    pub fn fingerprint(&self) -> u64 {
        if self.rules.is_empty() && !self.keep_all {
            return 0;
        }
        let mut hash = Xxh3::new();
        hash.update(&[u8::from(self.keep_all)]);
        for UserRule { keeps, pattern, site, .. } in &self.rules {
            hash.update(&[u8::from(*keeps)]);
            for text in [&pattern.join("*"), site.as_deref().unwrap_or("*")] {
                hash.update(text.as_bytes());
                hash.update(b"\x1f");
            }
        }
        hash.digest()
    }
}

/// Normalizes the site of a rule: a URL becomes its host; a host or path is spelled as in `clean::host` and `PageId`.
fn rule_site(value: &str) -> String {
    host(value).unwrap_or_else(|| {
        let value = value.strip_prefix("./").unwrap_or(value);
        let value = value.strip_prefix("www.").unwrap_or(value);
        if value.len() > 1 { value.trim_end_matches('/').to_string() } else { value.to_string() }
    })
}

/// Whether the file is `folder` or below it.
fn is_at_or_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || folder.ends_with('/'))
}

/// The line in lower case with white space collapsed.
fn normalized(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Whether the whole line matches a pattern split at `*`. Taking the first match of each inner part is enough, since
/// the parts may be any distance apart.
fn matches(pattern: &[String], line: &str) -> bool {
    let [first, inner @ .., last] = pattern else {
        return pattern.first().is_some_and(|text| text == line);
    };
    let Some(mut rest) = line.strip_prefix(first.as_str()) else {
        return false;
    };
    for text in inner {
        match rest.find(text.as_str()) {
            Some(offset) => rest = &rest[offset + text.len()..],
            None => return false,
        }
    }
    rest.ends_with(last.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_a_whole_line() {
        let check = |pattern: &str, line: &str, expected: bool| {
            let rules = UserRules::parse(&format!("drop: {pattern}"), false).unwrap();
            assert_eq!(rules.of("", "").first_match(line).is_some(), expected, "{pattern} {line}");
        };
        check("Les også", "  les  OGSÅ ", true);
        check("Les også", "les også om barn", false);
        check("Les også*", "les også om barn", true);
        check("*endret*av*", "Sist endret 3. mai av Kari", true);
        check("a*a", "a", false);
        check("a*a", "aa", true);
        check("*", "hva som helst", true);
    }

    #[test]
    fn the_first_match_decides_and_a_section_applies_to_its_site() {
        let text = "# mine\nkeep: Meny A\ndrop: meny *\n\nsite: https://www.Kommune.no/\ndrop: vår *\nsite: sider/b/\ndrop: egen\nsite: *\nkeep: alle\n";
        let rules = UserRules::parse(text, false).unwrap();
        let check = |site: &str, path: &str, line: &str, expected: Option<&str>| {
            let rules = rules.of(site, path);
            let reason = rules.first_match(line).map(|rule| rule.reason().to_string());
            assert_eq!(reason.as_deref(), expected, "{site} {path} {line}");
        };
        check("x/", "x/1", "Meny A", Some("kept by line 2 of rules.txt"));
        check("x/", "x/1", "Meny B", Some("dropped by line 3 of rules.txt"));
        check("kommune.no", "x/1", "Vår dag", Some("dropped by line 6 of rules.txt"));
        check("x/", "x/1", "Vår dag", None);
        check("h.no", "sider/b/1.txt", "egen", Some("dropped by line 8 of rules.txt"));
        check("h.no", "sider/bc/1.txt", "egen", None);
        check("h.no", "x", "Alle", Some("kept by line 10 of rules.txt"));
    }

    #[test]
    fn an_error_names_the_line() {
        let check = |text: &str, expected_line: usize, expected: &str| {
            let (line, error) = UserRules::parse(text, false).unwrap_err();
            assert!(line == expected_line && error.contains(expected), "{line}: {error}");
        };
        check("keep: a\nLes også\n", 2, "not a rule");
        check("behold: a", 1, "unknown rule `behold:`");
        check("\n\ndrop:  \n", 3, "no text after `drop:`");
    }

    #[test]
    fn the_fingerprint_depends_only_on_the_rules_that_apply() {
        let of = |text: &str, site: &str| UserRules::parse(text, false).unwrap().of(site, "").fingerprint();
        assert_eq!(of("# only a comment", "a.no"), 0);
        assert_eq!(of("keep: a", "a.no"), of("# one\n\nkeep:  A", "b.no"));
        assert_ne!(of("keep: a", "a.no"), of("drop: a", "a.no"));
        assert_eq!(of("site: b.no\nkeep: a", "a.no"), 0);
        assert_ne!(of("", "a.no"), UserRules::parse("", true).unwrap().of("a.no", "").fingerprint());
    }
}

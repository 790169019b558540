//! Which lines does a person want kept or dropped, whatever the other rules say?
//!
//! ```text
//! # a comment
//! keep: Les også
//! site: kommune.no
//! drop: Sist endret av *
//! ```
//!
//! A pattern is a whole line, in any case; `*` stands for any run of characters. UserRules under `site:` hold for the
//! pages of that host, or for the files below that path; `site: *` ends the section. The first rule that fits a line
//! decides.

use xxhash_rust::xxh3::Xxh3;

use super::metadata::host;
use crate::model::Reason;

/// A person's rules, and whether everything is to be kept that no rule drops.
#[derive(Clone, Debug, Default)]
pub struct UserRules {
    rules: Vec<UserRule>,
    keep_all: bool,
}

/// Keeps or drops the lines that match its pattern.
#[derive(Clone, Debug)]
pub struct UserRule {
    /// The line of the file, for explanations.
    number: usize,
    pub keeps: bool,
    /// In lower case, between its `*`.
    pieces: Vec<String>,
    /// A host or a path; none for all pages.
    site: Option<String>,
}

/// The rules that hold for a page.
#[derive(Clone, Debug, Default)]
pub struct PageRules<'a> {
    rules: Vec<&'a UserRule>,
    keep_all: bool,
}

impl UserRules {
    /// Parses the rules of a text. An error is the number of a line, counted from 1, and what is wrong with it.
    pub fn parse(text: &str, keep_all: bool) -> Result<UserRules, (usize, String)> {
        let mut rules = Vec::new();
        let mut site = None;
        for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let wrong = |what: &str| Err((number, what.to_string()));
            let Some((name, value)) = line.split_once(':').map(|(name, value)| (name.trim_end(), value.trim())) else {
                return wrong("is no rule; write `keep: LINE`, `drop: LINE` or `site: HOST`");
            };
            if value.is_empty() {
                return wrong(&format!("nothing stands behind `{name}:`"));
            }
            match name {
                "site" => site = (value != "*").then(|| site_name(value)),
                "keep" | "drop" => rules.push(UserRule {
                    number,
                    keeps: name == "keep",
                    pieces: folded(value).split('*').map(str::to_string).collect(),
                    site: site.clone(),
                }),
                _ => return wrong(&format!("{name:?} is unknown; write `keep: LINE`, `drop: LINE` or `site: HOST`")),
            }
        }
        Ok(UserRules { rules, keep_all })
    }

    /// Changes when any rule does; 0 where there are none.
    pub fn fingerprint(&self) -> u64 {
        self.of_any().fingerprint()
    }

    /// The rules for the page of this site in this file.
    pub fn of(&self, site: &str, path: &str) -> PageRules<'_> {
        let holds =
            |rule: &&UserRule| rule.site.as_deref().is_none_or(|wanted| wanted == site || is_below(path, wanted));
        PageRules { rules: self.rules.iter().filter(holds).collect(), keep_all: self.keep_all }
    }

    fn of_any(&self) -> PageRules<'_> {
        PageRules { rules: self.rules.iter().collect(), keep_all: self.keep_all }
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
        let line = folded(line);
        self.rules.iter().find(|rule| fits(&rule.pieces, &line)).copied()
    }

    /// Whether a line that no rule speaks of is kept, too.
    pub fn keeps_all(&self) -> bool {
        self.keep_all
    }

    /// Changes when the page has to be cleaned again for its rules; 0 where there are none.
    pub fn fingerprint(&self) -> u64 {
        if self.rules.is_empty() && !self.keep_all {
            return 0;
        }
        let mut hash = Xxh3::new();
        hash.update(&[u8::from(self.keep_all)]);
        for UserRule { keeps, pieces, site, .. } in &self.rules {
            hash.update(&[u8::from(*keeps)]);
            for part in [&pieces.join("*"), site.as_deref().unwrap_or("*")] {
                hash.update(part.as_bytes());
                hash.update(b"\x1f");
            }
        }
        hash.digest()
    }
}

/// A host as `clean::host` has it, or a path; of an address its host.
fn site_name(value: &str) -> String {
    host(value).unwrap_or_else(|| {
        let value = value.strip_prefix("./").unwrap_or(value);
        let value = value.strip_prefix("www.").unwrap_or(value);
        if value.len() > 1 { value.trim_end_matches('/').to_string() } else { value.to_string() }
    })
}

/// Whether the file is `place` or lies below it.
fn is_below(path: &str, place: &str) -> bool {
    path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || place.ends_with('/'))
}

/// Lower case, white space folded.
fn folded(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn fits(pieces: &[String], line: &str) -> bool {
    let [first, inner @ .., last] = pieces else {
        return pieces.first().is_some_and(|whole| whole == line);
    };
    let Some(mut rest) = line.strip_prefix(first.as_str()) else {
        return false;
    };
    for piece in inner {
        match rest.find(piece.as_str()) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_a_whole_line_with_stars_for_any_run() {
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
    fn the_first_rule_that_fits_decides_and_a_section_holds_for_its_site() {
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
    fn a_bad_line_is_named() {
        let check = |text: &str, expected_line: usize, expected: &str| {
            let (line, error) = UserRules::parse(text, false).unwrap_err();
            assert!(line == expected_line && error.contains(expected), "{line}: {error}");
        };
        check("keep: a\nLes også\n", 2, "is no rule");
        check("behold: a", 1, "\"behold\" is unknown");
        check("\n\ndrop:  \n", 3, "nothing stands behind `drop:`");
    }

    #[test]
    fn the_fingerprint_follows_the_rules_that_hold_and_nothing_else() {
        let of = |text: &str, site: &str| UserRules::parse(text, false).unwrap().of(site, "").fingerprint();
        assert_eq!(of("# only a comment", "a.no"), 0);
        assert_eq!(of("keep: a", "a.no"), of("# one\n\nkeep:  A", "b.no"));
        assert_ne!(of("keep: a", "a.no"), of("drop: a", "a.no"));
        assert_eq!(of("site: b.no\nkeep: a", "a.no"), 0);
        assert_ne!(of("", "a.no"), UserRules::parse("", true).unwrap().of("a.no", "").fingerprint());
    }
}

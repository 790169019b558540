//! Synonyms: finds the members of synonym groups among adjacent query words.
//!
//! The groups are kept as the text of their files and scanned for every query: a query has few words, and the scan costs
//! less than building a table of all members would.

use std::borrow::Cow;
use std::ops::Range;

use crate::error::{Error, Result};

/// One group per line, its members separated by ` = `; a line that starts with `#` is a comment.
const BUILTIN: &str = include_str!("../../data/synonyms.txt");
const SEPARATOR: &str = " = ";

/// Groups of names for the same thing.
#[derive(Clone, Debug)]
pub struct Synonyms {
    added: Vec<String>,
}

/// Adjacent query words that are a member of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expansion {
    /// The indices of the query words.
    pub words: Range<usize>,
    /// The other members of their groups, as text, each once.
    pub names: Vec<String>,
}

impl Default for Synonyms {
    fn default() -> Synonyms {
        Synonyms::builtin()
    }
}

impl Synonyms {
    /// The groups that are built into treff.
    pub const fn builtin() -> Synonyms {
        Synonyms { added: Vec::new() }
    }

    /// Adds the groups of `text`, which has the format of `data/synonyms.txt`. Errors name the line in `name`, the name of
    /// the file, and leave the groups unchanged.
    pub fn add(&mut self, text: &str, name: &str) -> Result<()> {
        let text = text.trim_start_matches('\u{feff}');
        for (number, line) in (1..).zip(text.lines()) {
            check_line(line).map_err(|problem| Error::input_file(name, Some(number), problem))?;
        }
        self.added.push(text.to_string());
        Ok(())
    }

    /// Finds the runs of adjacent words that are a member of a group, and returns the other members for each. `words` are
    /// the exact forms in the order in which they were typed, with a hyphenated word as one. Runs are chosen from left to
    /// right, the longest first, and don't overlap.
    pub fn expansions(&self, words: &[&str]) -> Vec<Expansion> {
        let mut found: Vec<Expansion> = Vec::new();
        // The first byte rules out most members.
        let first_bytes: Vec<u8> = words.iter().map(|word| first_byte(word)).collect();
        for group in self.texts().flat_map(groups) {
            for member in group.split(SEPARATOR) {
                if member.starts_with(|c: char| c.is_ascii_alphabetic()) && !first_bytes.contains(&first_byte(member)) {
                    continue;
                }
                let first = trim_signs(member.split_whitespace().next().unwrap_or(member));
                for start in 0..words.len() {
                    if first_bytes[start] == first_byte(first)
                        && equals_ignoring_case(first, words[start])
                        && let Some(length) = matching_length(member, &words[start..])
                    {
                        let others = group.split(SEPARATOR).filter(|other| *other != member);
                        // A sign alone can't be searched for.
                        let names =
                            others.map(str::trim).map(|other| if other == "%" { trim_signs(other) } else { other });
                        add_names(&mut found, start..start + length, names);
                    }
                }
            }
        }
        found.sort_by_key(|expansion| (expansion.words.start, std::cmp::Reverse(expansion.words.end)));
        let mut end = 0;
        found.retain(|expansion| {
            let is_free = expansion.words.start >= end;
            if is_free {
                end = expansion.words.end;
            }
            is_free
        });
        found
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        std::iter::once(BUILTIN).chain(self.added.iter().map(String::as_str))
    }
}

fn groups(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Adds names to the expansion of these words.
fn add_names<'a>(found: &mut Vec<Expansion>, words: Range<usize>, names: impl Iterator<Item = &'a str>) {
    let index = found.iter().position(|expansion| expansion.words == words).unwrap_or(found.len());
    if index == found.len() {
        found.push(Expansion { words, names: Vec::new() });
    }
    for name in names {
        if !found[index].names.iter().any(|known| known == name) {
            found[index].names.push(name.to_string());
        }
    }
}

/// The number of words of the member, if `words` starts with them.
fn matching_length(member: &str, words: &[&str]) -> Option<usize> {
    let mut length = 0;
    for own in member.split_whitespace() {
        words.get(length).filter(|word| equals_ignoring_case(trim_signs(own), word))?;
        length += 1;
    }
    Some(length)
}

/// Removes the punctuation around a word that has letters or digits. A percent sign becomes the word for it, as in the
/// analysis.
fn trim_signs(word: &str) -> &str {
    let trimmed = word.trim_matches(|c: char| !c.is_alphanumeric());
    match word {
        "%" => "prosent",
        _ if trimmed.is_empty() => word,
        _ => trimmed,
    }
}

/// The first byte in lower case; 0 for every letter outside ASCII.
fn first_byte(word: &str) -> u8 {
    word.bytes().next().filter(u8::is_ascii).map_or(0, |byte| byte.to_ascii_lowercase())
}

fn equals_ignoring_case(one: &str, other: &str) -> bool {
    one.chars().flat_map(char::to_lowercase).eq(other.chars().flat_map(char::to_lowercase))
}

/// Checks a line of a synonym file; the message says what is wrong and how to correct it.
fn check_line(line: &str) -> std::result::Result<(), Cow<'static, str>> {
    let Some(group) = groups(line).next() else {
        return Ok(());
    };
    let members: Vec<&str> = group.split(SEPARATOR).map(str::trim).collect();
    if members.iter().any(|member| member.is_empty() || *member == "=")
        || group.starts_with("= ")
        || group.ends_with(" =")
    {
        return Err("a name is missing; write names on both sides of every \" = \"".into());
    }
    if members.len() < 2 {
        return Err(
            "a group needs two names; write \"one name = another name\", with a space on each side of the =".into()
        );
    }
    for (index, member) in members.iter().enumerate() {
        if members[..index].iter().any(|before| equals_ignoring_case(before, member)) {
            return Err(format!("\"{member}\" occurs twice; remove one").into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::norwegian::{Standard, analyze};

    fn expanded(synonyms: &Synonyms, text: &str) -> Vec<(String, Vec<String>)> {
        let found = analyze(text, Standard::Both);
        let words: Vec<&str> = found
            .iter()
            .filter(|word| !word.is_hyphen_part && !word.is_implied)
            .map(|word| word.word.exact())
            .collect();
        let expansions = synonyms.expansions(&words);
        expansions.into_iter().map(|found| (words[found.words].join(" "), found.names)).collect()
    }

    #[track_caller]
    fn check_builtin(text: &str, words: &str, names: &[&str]) {
        let names: Vec<String> = names.iter().map(|member| member.to_string()).collect();
        assert_eq!(expanded(&Synonyms::builtin(), text), [(words.to_string(), names)], "{text}");
    }

    #[test]
    fn members_expand_to_each_other_ignoring_case() {
        check_builtin("rapport fra Bufdir", "bufdir", &["Barne-, ungdoms- og familiedirektoratet"]);
        check_builtin(
            "Barne-, ungdoms- og familiedirektoratet om fosterhjem",
            "barne ungdoms og familiedirektoratet",
            &["Bufdir"],
        );
        check_builtin("IMDI", "imdi", &["Integrerings- og mangfoldsdirektoratet"]);
        check_builtin("nav", "nav", &["Arbeids- og velferdsetaten", "Arbeids- og velferdsforvaltningen"]);
        check_builtin(
            "pp-tjenesten",
            "pp-tjenesten",
            &["PPT", "pedagogisk-psykologisk tjeneste", "pedagogisk psykologisk tjeneste"],
        );
        check_builtin("helse eøs", "eøs", &["Det europeiske økonomiske samarbeidsområde"]);
        assert_eq!(expanded(&Synonyms::builtin(), "barne og familiedirektoratet utdanning"), []);
        assert_eq!(expanded(&Synonyms::builtin(), ""), []);
    }

    #[test]
    fn every_member_of_a_builtin_group_expands() {
        for (number, line) in BUILTIN.lines().enumerate() {
            assert_eq!(check_line(line), Ok(()), "line {}", number + 1);
        }
        let mut seen = std::collections::HashSet::new();
        for member in groups(BUILTIN).flat_map(|group| group.split(SEPARATOR)) {
            assert!(seen.insert(member.to_lowercase()), "{member} is in two groups");
            assert_eq!(expanded(&Synonyms::builtin(), member).len(), 1, "{member}");
        }
    }

    #[test]
    fn prefers_the_longest_run_and_merges_groups() {
        let mut synonyms = Synonyms::builtin();
        synonyms.add("\u{feff}# mine\r\n\r\nNorge = Noreg\r\nLO = Lofoten\r\n", "a").unwrap();
        synonyms.add("Noreg = Norwegen", "b").unwrap();
        let found = |text: &str| expanded(&synonyms, text);
        assert_eq!(found("norge"), [("norge".to_string(), vec!["Noreg".to_string()])]);
        assert_eq!(found("noreg"), [("noreg".to_string(), vec!["Norge".to_string(), "Norwegen".to_string()])]);
        assert_eq!(found("landsorganisasjonen i norge")[0].0, "landsorganisasjonen i norge");
        assert_eq!(found("landsorganisasjonen i norge").len(), 1);
        assert_eq!(found("lo")[0].1, ["Landsorganisasjonen i Norge", "Landsorganisasjonen", "Lofoten"]);
        assert_eq!(found("norge og nav og norge").len(), 3);
    }

    #[test]
    fn errors_name_the_line_and_the_correction() {
        let check = |text: &str, line: usize, hint: &str| {
            let error = Synonyms::builtin().add(text, "mine.txt").unwrap_err().to_string();
            assert!(error.starts_with(&format!("mine.txt:{line}: ")) && error.contains(hint), "{error}");
        };
        check("a = b\nc=d\n", 2, "a space on each side");
        check("# c\n\nNAV\n", 3, "one name = another name");
        check("a = \n", 1, "both sides");
        check("= b\n", 1, "both sides");
        check("a =  = b\n", 1, "both sides");
        check("NAV = nav\n", 1, "occurs twice");
        let mut synonyms = Synonyms::builtin();
        assert!(synonyms.add("a = b\nc\n", "mine.txt").is_err() && synonyms.expansions(&["a"]).is_empty());
    }
}

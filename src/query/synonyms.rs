//! Given the words of a query, which other names stand for the same?
//!
//! The groups are kept as the text of their files and read at every query: a query has few words, and a scan
//! for them costs less than a table of all members would.

use std::borrow::Cow;
use std::ops::Range;

use crate::error::{Error, Result};

/// `data/synonyms.txt`: one group a line, its members set apart by ` = `; `#` begins a comment line.
const BUILTIN: &str = include_str!("../../data/synonyms.txt");
const SEPARATOR: &str = " = ";

/// Groups of names that stand for the same.
#[derive(Clone, Debug)]
pub struct Synonyms {
    added: Vec<String>,
}

/// Words of a query, and what else stands for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expansion {
    /// Which words of the query, by index.
    pub from: Range<usize>,
    /// The other members of their groups, as text, each once.
    pub to: Vec<String>,
}

impl Default for Synonyms {
    fn default() -> Synonyms {
        Synonyms::builtin()
    }
}

impl Synonyms {
    /// The groups that treff comes with.
    pub const fn builtin() -> Synonyms {
        Synonyms { added: Vec::new() }
    }

    /// Adds the groups of `text`, which has the form of `data/synonyms.txt`. Errors name the place in `name`,
    /// and leave the groups as they were.
    pub fn add(&mut self, text: &str, name: &str) -> Result<()> {
        let text = text.trim_start_matches('\u{feff}');
        for (number, line) in (1..).zip(text.lines()) {
            check(line).map_err(|problem| Error::input_file(name, Some(number), problem))?;
        }
        self.added.push(text.to_string());
        Ok(())
    }

    /// What else stands for the words of a query: of each run of words that is a member of a group, the other
    /// members. `words` are the exact terms in the order in which they were typed, a hyphenated word once, as
    /// a whole. Runs are found from left to right, the longest first, and don't overlap.
    pub fn expansions(&self, words: &[&str]) -> Vec<Expansion> {
        let mut found: Vec<Expansion> = Vec::new();
        // Most members are passed over for how they begin.
        let heads: Vec<u8> = words.iter().map(|word| head(word)).collect();
        for group in self.texts().flat_map(groups) {
            for member in group.split(SEPARATOR) {
                if member.starts_with(|c: char| c.is_ascii_alphabetic()) && !heads.contains(&head(member)) {
                    continue;
                }
                let first = bare(member.split_whitespace().next().unwrap_or(member));
                for begin in 0..words.len() {
                    if heads[begin] == head(first)
                        && is_same(first, words[begin])
                        && let Some(length) = length_in(member, &words[begin..])
                    {
                        let others = group.split(SEPARATOR).filter(|other| *other != member);
                        // A sign alone is no word to search for.
                        let named = others.map(str::trim).map(|other| if other == "%" { bare(other) } else { other });
                        add(&mut found, begin..begin + length, named);
                    }
                }
            }
        }
        found.sort_by_key(|expansion| (expansion.from.start, std::cmp::Reverse(expansion.from.end)));
        let mut end = 0;
        found.retain(|expansion| {
            let is_free = expansion.from.start >= end;
            if is_free {
                end = expansion.from.end;
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

fn add<'a>(found: &mut Vec<Expansion>, from: Range<usize>, others: impl Iterator<Item = &'a str>) {
    let at = found.iter().position(|expansion| expansion.from == from).unwrap_or(found.len());
    if at == found.len() {
        found.push(Expansion { from, to: Vec::new() });
    }
    for other in others {
        if !found[at].to.iter().any(|known| known == other) {
            found[at].to.push(other.to_string());
        }
    }
}

/// How many words the member has, if the first words are these.
fn length_in(member: &str, words: &[&str]) -> Option<usize> {
    let mut length = 0;
    for part in member.split_whitespace() {
        words.get(length).filter(|word| is_same(bare(part), word))?;
        length += 1;
    }
    Some(length)
}

/// A word without the signs around it, unless it is nothing else. A per cent sign is the word that it is for the analysis.
fn bare(word: &str) -> &str {
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
    match word {
        "%" => "prosent",
        _ if bare.is_empty() => word,
        _ => bare,
    }
}

/// How a word begins, the same for words that differ in case; all letters beyond ASCII are one.
fn head(word: &str) -> u8 {
    word.bytes().next().filter(u8::is_ascii).map_or(0, |byte| byte.to_ascii_lowercase())
}

fn is_same(one: &str, other: &str) -> bool {
    one.chars().flat_map(char::to_lowercase).eq(other.chars().flat_map(char::to_lowercase))
}

/// What is wrong with a line, and how to make it right.
fn check(line: &str) -> std::result::Result<(), Cow<'static, str>> {
    let Some(group) = groups(line).next() else {
        return Ok(());
    };
    let members: Vec<&str> = group.split(SEPARATOR).map(str::trim).collect();
    if members.iter().any(|member| member.is_empty() || *member == "=")
        || group.starts_with("= ")
        || group.ends_with(" =")
    {
        return Err("a member is missing; write names on both sides of every \" = \"".into());
    }
    if members.len() < 2 {
        return Err("only one member; write \"one name = another name\", with a space on each side of the =".into());
    }
    for (index, member) in members.iter().enumerate() {
        if members[..index].iter().any(|before| is_same(before, member)) {
            return Err(format!("\"{member}\" stands twice; leave one out").into());
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
        expansions.into_iter().map(|found| (words[found.from].join(" "), found.to)).collect()
    }

    #[track_caller]
    fn check_builtin(text: &str, from: &str, to: &[&str]) {
        let to: Vec<String> = to.iter().map(|member| member.to_string()).collect();
        assert_eq!(expanded(&Synonyms::builtin(), text), [(from.to_string(), to)], "{text}");
    }

    #[test]
    fn names_give_one_another_whatever_their_case() {
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
    fn every_group_that_comes_with_treff_is_found_by_each_member() {
        for (number, line) in BUILTIN.lines().enumerate() {
            assert_eq!(check(line), Ok(()), "line {}", number + 1);
        }
        let mut seen = std::collections::HashSet::new();
        for member in groups(BUILTIN).flat_map(|group| group.split(SEPARATOR)) {
            assert!(seen.insert(member.to_lowercase()), "{member} stands in two groups");
            assert_eq!(expanded(&Synonyms::builtin(), member).len(), 1, "{member}");
        }
    }

    #[test]
    fn the_longest_run_counts_and_groups_are_joined() {
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
    fn a_bad_line_is_named_with_the_way_out() {
        let check = |text: &str, line: usize, hint: &str| {
            let error = Synonyms::builtin().add(text, "mine.txt").unwrap_err().to_string();
            assert!(error.starts_with(&format!("mine.txt:{line}: ")) && error.contains(hint), "{error}");
        };
        check("a = b\nc=d\n", 2, "a space on each side");
        check("# c\n\nNAV\n", 3, "one name = another name");
        check("a = \n", 1, "both sides");
        check("= b\n", 1, "both sides");
        check("a =  = b\n", 1, "both sides");
        check("NAV = nav\n", 1, "stands twice");
        let mut synonyms = Synonyms::builtin();
        assert!(synonyms.add("a = b\nc\n", "mine.txt").is_err() && synonyms.expansions(&["a"]).is_empty());
    }
}

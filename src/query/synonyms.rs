//! Synonyms: finds the members of synonym groups among adjacent query words, by lemma.
//!
//! A sorted table, `data/synonyms.index`, maps the lemma keys of the first word of each member to the byte offset of
//! the member in the built-in file. A query looks up its words by binary search and analyzes only the members that
//! begin with one of them, so the size of the file doesn't slow down a search. A user's own files are scanned with a
//! `PrefixFilter`.

use std::borrow::Cow;
use std::ops::Range;

use super::typed_words::whole_words;
use crate::error::{Error, Result};
use crate::norwegian::{AnalyzedWord, PrefixFilter, Standard, analyze};

/// One group per line. ` = ` separates names of the same thing, ` ~ ` words of similar meaning; a line that starts with
/// `#` is a comment.
const BUILTIN: &str = include_str!("../../data/synonyms.txt");
/// One line for each key, sorted by bytes: the key, then the byte offsets of the members in `BUILTIN`, separated by
/// spaces. `UPDATE_GOLDEN=1 cargo test --lib synonyms` writes it.
const BUILTIN_INDEX: &str = include_str!("../../data/synonyms.index");
const SAME: &str = " = ";
const NEAR: &str = " ~ ";

/// Groups of words and names with the same or a similar meaning.
#[derive(Clone, Debug)]
pub struct Synonyms {
    added: Vec<String>,
}

/// Adjacent query words that are a member of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expansion {
    /// The indices of the query words.
    pub words: Range<usize>,
    /// The other members of their groups, each once.
    pub names: Vec<SynonymName>,
}

/// A member of a group, and whether it means the same as the member that was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SynonymName {
    /// As written in the group.
    pub text: String,
    /// Whether its meaning is only similar.
    pub is_near: bool,
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

    /// Adds the groups of `text`, which has the format of `data/synonyms.txt`. An error names the file (`name`) and the
    /// line, and leaves the groups unchanged.
    pub fn add(&mut self, text: &str, name: &str) -> Result<()> {
        let text = text.trim_start_matches('\u{feff}');
        for (number, line) in (1..).zip(text.lines()) {
            check_line(line).map_err(|problem| Error::input_file(name, Some(number), problem))?;
        }
        self.added.push(text.to_string());
        Ok(())
    }

    /// Finds the runs of adjacent words that are a member of a group in any inflection, and returns the other members
    /// for each. `words` are in the order in which they were typed, with a hyphenated word as one. Runs are chosen from
    /// left to right, the longest first, and don't overlap.
    pub fn expansions(&self, words: &[&AnalyzedWord]) -> Vec<Expansion> {
        let mut found: Vec<Expansion> = Vec::new();
        // Analyzing a member is slow in a search from the shell, so the filter rules out most members.
        let mut filter = PrefixFilter::default();
        for word in words {
            filter.add_form(word.exact());
            word.lemmas().for_each(|lemma| filter.add_key(lemma));
        }
        for (start, word) in words.iter().enumerate() {
            let mut offsets: Vec<usize> = keys(word).flat_map(builtin_offsets).collect();
            offsets.sort_unstable();
            offsets.dedup();
            for offset in offsets {
                let line_start = BUILTIN[..offset].rfind('\n').map_or(0, |newline| newline + 1);
                if let Some(group) = groups(&BUILTIN[line_start..]).next() {
                    let member = members(&BUILTIN[offset..]).next().unwrap_or_default();
                    if may_match(member, &filter) {
                        add_member(&mut found, group, member, words, start);
                    }
                }
            }
        }
        for group in self.added.iter().flat_map(|text| groups(text)) {
            for member in members(group).filter(|member| may_match(member, &filter)) {
                (0..words.len()).for_each(|start| add_member(&mut found, group, member, words, start));
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
}

/// Whether a filter may match all words of a member.
fn may_match(member: &str, filter: &PrefixFilter) -> bool {
    written_words(member).all(|word| filter.may_match(word))
}

/// The words of a member as written, without symbols that stand alone.
fn written_words(member: &str) -> impl Iterator<Item = &str> {
    member.split_whitespace().filter(|word| word.contains(char::is_alphanumeric))
}

/// The groups of a text, one per line.
fn groups(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The members of the group that a text begins with.
fn members(text: &str) -> impl Iterator<Item = &str> {
    let line = text.lines().next().unwrap_or_default();
    line.split(NEAR).flat_map(|names| names.split(SAME)).map(str::trim)
}

/// The keys under which the first word of a member is found: its exact form and its lemma keys.
fn keys(word: &AnalyzedWord) -> impl Iterator<Item = &str> {
    let lemmas = word.lemmas().filter(|lemma| *lemma != word.exact());
    std::iter::once(word.exact()).chain(lemmas)
}

/// The byte offsets in `BUILTIN` of the members that have this key.
fn builtin_offsets(key: &str) -> impl Iterator<Item = usize> {
    // Binary search among lines: `from` and `to` are always starts of lines, or the end.
    let (mut from, mut to) = (0, BUILTIN_INDEX.len());
    let mut offsets = "";
    while from < to {
        let middle = from.midpoint(to);
        let bytes = BUILTIN_INDEX.as_bytes();
        let start =
            bytes[from..middle].iter().rposition(|byte| *byte == b'\n').map_or(from, |newline| from + newline + 1);
        let end = bytes[middle..to].iter().position(|byte| *byte == b'\n').map_or(to, |newline| middle + newline + 1);
        let (found, places) = BUILTIN_INDEX[start..end].split_once(' ').unwrap_or_default();
        match found.cmp(key) {
            std::cmp::Ordering::Less => from = end,
            std::cmp::Ordering::Greater => to = start,
            std::cmp::Ordering::Equal => {
                offsets = places;
                break;
            }
        }
    }
    offsets.split_ascii_whitespace().filter_map(|offset| offset.parse().ok())
}

/// Adds an expansion if the words from `start` begin with the member of the group.
fn add_member(found: &mut Vec<Expansion>, group: &str, member: &str, words: &[&AnalyzedWord], start: usize) {
    // The analysis reads `%` only after a number, so the word for it, *prosent*, is analyzed instead.
    let tokens = analyze(if member == "%" { "prosent" } else { member }, Standard::Both);
    let member_words: Vec<&AnalyzedWord> = whole_words(&tokens).collect();
    let Some(typed) = words.get(start..start + member_words.len()).filter(|typed| !typed.is_empty()) else {
        return;
    };
    // `whole_words` has one word for each written word, unless the member has symbols that stand alone.
    let is_abbreviation = written_words(member).map(is_abbreviation).chain(std::iter::repeat(false));
    let mut pairs = member_words.iter().zip(typed).zip(is_abbreviation);
    if !pairs.all(|((member_word, typed), is_abbreviation)| matches(member_word, typed, is_abbreviation)) {
        return;
    }
    let run = start..start + member_words.len();
    let index = found.iter().position(|expansion| expansion.words == run).unwrap_or(found.len());
    if index == found.len() {
        found.push(Expansion { words: run, names: Vec::new() });
    }
    let names = &mut found[index].names;
    for same in group.split(NEAR) {
        let is_near = !same.split(SAME).any(|name| name.trim() == member);
        for name in same.split(SAME).map(str::trim).filter(|name| *name != member) {
            // A symbol alone can't be searched for.
            let text = if name == "%" { "prosent" } else { name };
            match names.iter_mut().find(|known| known.text == text) {
                Some(known) => known.is_near &= is_near,
                None => names.push(SynonymName { text: text.to_string(), is_near }),
            }
        }
    }
}

/// Whether a query word matches a word of a member: in any inflection or, if the member's word is an abbreviation, only
/// in the same form or the genitive.
fn matches(member_word: &AnalyzedWord, typed: &AnalyzedWord, is_abbreviation: bool) -> bool {
    let shares_lemma = || typed.lemmas().any(|lemma| member_word.lemmas().any(|known| known == lemma));
    let is_genitive = || typed.exact().strip_suffix('s') == Some(member_word.exact());
    member_word.exact() == typed.exact() || (!is_abbreviation || is_genitive()) && shares_lemma()
}

/// Whether a word has two capitals, as `LO`, `UiO` and `PP-tjenesten` do.
fn is_abbreviation(word: &str) -> bool {
    word.chars().filter(|c| c.is_uppercase()).nth(1).is_some()
}

/// Checks a line of a synonym file; the message says what is wrong and how to correct it.
fn check_line(line: &str) -> std::result::Result<(), Cow<'static, str>> {
    let Some(group) = groups(line).next() else {
        return Ok(());
    };
    let members: Vec<&str> = members(group).collect();
    if members.iter().any(|member| matches!(*member, "" | "=" | "~"))
        || group.starts_with("= ")
        || group.starts_with("~ ")
        || group.ends_with(" =")
        || group.ends_with(" ~")
    {
        return Err("a name is missing; write names on both sides of every \" = \" or \" ~ \"".into());
    }
    if members.len() < 2 {
        return Err(
            "a group needs two names; write \"one name = another name\", with a space on each side of the = or ~"
                .into(),
        );
    }
    for (index, member) in members.iter().enumerate() {
        if members[..index].iter().any(|before| before.to_lowercase() == member.to_lowercase()) {
            return Err(format!("\"{member}\" occurs twice; remove one").into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashSet};

    use super::*;

    fn expanded(synonyms: &Synonyms, text: &str) -> Vec<(String, Vec<String>)> {
        let tokens = analyze(text, Standard::Both);
        let words: Vec<&AnalyzedWord> = whole_words(&tokens).collect();
        let shown = |Expansion { words: range, names }: Expansion| {
            let typed: Vec<&str> = words[range].iter().map(|word| word.exact()).collect();
            (typed.join(" "), names.into_iter().map(|name| name.text).collect())
        };
        synonyms.expansions(&words).into_iter().map(shown).collect()
    }

    #[track_caller]
    fn check_builtin(text: &str, words: &str, names: &[&str]) {
        let names: Vec<String> = names.iter().map(|member| member.to_string()).collect();
        assert_eq!(expanded(&Synonyms::builtin(), text), [(words.to_string(), names)], "{text}");
    }

    #[test]
    fn members_expand_to_each_other_ignoring_case() {
        check_builtin("notat fra Bufdir", "bufdir", &["Barne-, ungdoms- og familiedirektoratet"]);
        check_builtin(
            "Barne-, ungdoms- og familiedirektoratet i dag",
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
        check_builtin("eøs", "eøs", &["Det europeiske økonomiske samarbeidsområde"]);
        assert_eq!(expanded(&Synonyms::builtin(), "barne og familiedirektoratet"), []);
        assert_eq!(expanded(&Synonyms::builtin(), ""), []);
    }

    #[test]
    fn members_match_in_all_inflections_and_both_standards() {
        let own = || {
            let mut synonyms = Synonyms::builtin();
            synonyms.add("fjas ~ tullprat\nstige fram ~ framstigning\nØP = ørkenplan\nørret ~ sjøaure", "own").unwrap();
            synonyms
        };
        let check = |text: &str, words: &str, first: &str| {
            let found = expanded(&own(), text);
            assert_eq!(
                found.first().map(|(words, names)| (words.as_str(), names[0].as_str())),
                Some((words, first)),
                "{text}"
            );
        };
        for inflection in ["flyplassen", "flyplassane", "flyplassenes"] {
            check(inflection, inflection, "lufthavn");
        }
        check("lufthavnene", "lufthavnene", "flyplass");
        check("kommunene som slo sammen skolene", "slo sammen", "sammenslåing");
        check("dei slår saman bankar", "slår saman", "sammenslåing");
        check("sammenslåinga", "sammenslåinga", "slå sammen");
        check("fjaset", "fjaset", "tullprat");
        check("steig fram", "steig fram", "framstigning");
        check("ØPs", "øps", "ørkenplan");
        check("ørkenplanene", "ørkenplanene", "ØP");
        // An abbreviation has no inflections, and words that are not adjacent are not a phrase.
        assert_eq!(expanded(&own(), "øpene"), []);
        assert_eq!(expanded(&own(), "navet"), []);
        assert_eq!(expanded(&own(), "steig ikkje fram"), []);
    }

    #[test]
    fn distinguishes_near_synonyms() {
        let mut synonyms = Synonyms::builtin();
        synonyms.add("fugla = fugli ~ fuglo", "a").unwrap();
        synonyms.add("fuglo = fugla", "b").unwrap();
        let names = |text: &str| {
            let tokens = analyze(text, Standard::Both);
            let words: Vec<&AnalyzedWord> = whole_words(&tokens).collect();
            let names = synonyms.expansions(&words).remove(0).names;
            names.into_iter().map(|name| (name.text, name.is_near)).collect::<Vec<_>>()
        };
        assert_eq!(names("fugli"), [("fugla".to_string(), false), ("fuglo".to_string(), true)]);
        assert_eq!(names("fugla"), [("fugli".to_string(), false), ("fuglo".to_string(), false)], "the closer relation");
    }

    #[test]
    fn every_member_of_a_builtin_group_expands() {
        for (number, line) in BUILTIN.lines().enumerate() {
            assert_eq!(check_line(line), Ok(()), "line {}", number + 1);
        }
        let mut seen = HashSet::new();
        for member in groups(BUILTIN).flat_map(members) {
            assert!(seen.insert(member.to_lowercase()), "{member} is in two groups");
            let found = expanded(&Synonyms::builtin(), member);
            assert_eq!(found.len(), 1, "{member}: {found:?}");
        }
    }

    /// `UPDATE_GOLDEN=1` rewrites the index.
    #[test]
    fn the_builtin_index_has_every_member() {
        let mut offsets: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for member in groups(BUILTIN).flat_map(members) {
            let offset = member.as_ptr() as usize - BUILTIN.as_ptr() as usize;
            let tokens = analyze(member, Standard::Both);
            let first = whole_words(&tokens).next().expect("a member has a word");
            let is_abbreviation = is_abbreviation(member.split_whitespace().next().unwrap_or(member));
            for key in keys(first).take(if is_abbreviation { 1 } else { usize::MAX }) {
                offsets.entry(key.to_string()).or_default().push(offset);
            }
        }
        let mut index = String::new();
        for (key, offsets) in offsets {
            let offsets: Vec<String> = offsets.iter().map(usize::to_string).collect();
            index.push_str(&format!("{key} {}\n", offsets.join(" ")));
        }
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/data/synonyms.index");
        if std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1") {
            std::fs::write(path, &index).expect("data/ is writable");
            return;
        }
        assert!(index == BUILTIN_INDEX, "{path} differs; write it with UPDATE_GOLDEN=1 cargo test --lib synonyms");
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
        check("a ~ b\nc~d\n", 2, "a space on each side");
        check("# c\n\nNAV\n", 3, "one name = another name");
        check("a = \n", 1, "both sides");
        check("a ~ \n", 1, "both sides");
        check("= b\n", 1, "both sides");
        check("~ b\n", 1, "both sides");
        check("a =  = b\n", 1, "both sides");
        check("NAV = nav\n", 1, "occurs twice");
        check("NAV = b ~ nav\n", 1, "occurs twice");
        let mut synonyms = Synonyms::builtin();
        assert!(synonyms.add("a = b\nc\n", "mine.txt").is_err() && expanded(&synonyms, "b").is_empty());
    }
}

//! Given the words of a text, which compounds have left a part to a neighbour?
//!
//! `støtte- og veiledningsressurser` is støtteressurser too, `samarbeidskultur og -praksis` samarbeidspraksis,
//! `Barne-, ungdoms- og familiedirektoratet` barnedirektoratet and ungdomsdirektoratet.

use std::borrow::Cow;

/// What a hyphen at the edge of a word shows to be missing there. The hyphen itself is not part of the word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuspendedHyphen {
    None,
    /// `støtte-` lacks its head, which a later word has.
    MissingHead,
    /// `-praksis` lacks its modifier, which an earlier word has.
    MissingModifier,
}

/// Words that stand between the members of such a row.
const JOINING: [&str; 7] = ["og", "eller", "samt", "men", "til", "som", "òg"];
/// As many words may stand between a part and its other half: long rows are enumerations of something else.
const REACH: usize = 8;

/// The whole compounds of a text, each with the place of the word that lacks a part. `text` gives the word at a place in
/// its exact form, `head` where the head of a compound begins there, in bytes.
pub fn complete<'a>(
    hyphens: &[SuspendedHyphen],
    text: impl Fn(usize) -> Cow<'a, str>,
    mut head: impl FnMut(usize) -> Option<usize>,
) -> Vec<(usize, String)> {
    let mut whole = |place: usize| {
        let other = other(hyphens, &text, place)?;
        let head = head(other)?;
        Some(match hyphens[place] {
            SuspendedHyphen::MissingModifier => format!("{}{}", &text(other)[..head], text(place)),
            _ => format!("{}{}", text(place), &text(other)[head..]),
        })
    };
    let hanging = (0..hyphens.len()).filter(|place| hyphens[*place] != SuspendedHyphen::None);
    hanging.filter_map(|place| Some((place, whole(place)?))).collect()
}

/// The word that has what the one at `place` lacks, if it is a compound.
fn other<'a>(hyphens: &[SuspendedHyphen], text: &impl Fn(usize) -> Cow<'a, str>, place: usize) -> Option<usize> {
    let own = hyphens[place];
    let is_other = |other: &usize| hyphens[*other] != own && !is_joining(&text(*other));
    let other = match own {
        // The next word that has a head, behind others that lack theirs.
        SuspendedHyphen::MissingHead => (place + 1..hyphens.len()).take(REACH).find(is_other),
        // The last word that has a modifier, before others that lack theirs.
        SuspendedHyphen::MissingModifier => (place.saturating_sub(REACH)..place).rfind(is_other),
        SuspendedHyphen::None => None,
    };
    other.filter(|other| hyphens[*other] == SuspendedHyphen::None)
}

fn is_joining(word: &str) -> bool {
    JOINING.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let words: Vec<&str> = text.split(' ').collect();
        let hang = |word: &&str| match (word.ends_with('-'), word.starts_with('-')) {
            (true, _) => SuspendedHyphen::MissingHead,
            (_, true) => SuspendedHyphen::MissingModifier,
            _ => SuspendedHyphen::None,
        };
        let hyphens: Vec<SuspendedHyphen> = words.iter().map(hang).collect();
        let exact = |place: usize| Cow::Owned(words[place].replace('|', "").trim_matches('-').to_string());
        let found = complete(&hyphens, exact, |place| words[place].find('|'));
        let found: Vec<_> = found.into_iter().map(|(_, whole)| whole).collect();
        assert_eq!(found.join(" "), expected, "{text}");
    }

    #[test]
    fn the_part_that_was_left_out_is_put_back() {
        check("støtte- og veilednings|ressurser", "støtteressurser");
        check("barne- ungdoms- og familie|direktoratet", "barnedirektoratet ungdomsdirektoratet");
        check("samarbeids|kultur og -praksis", "samarbeidspraksis");
        check("barne- og ungdom", "");
        check("barne- i samarbeids|kultur", "");
        check("kultur og -praksis", "");
    }
}

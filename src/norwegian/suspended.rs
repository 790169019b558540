//! Given the words of a text, which compounds have left a part to a neighbour?
//!
//! `støtte- og veiledningsressurser` is støtteressurser too, `samarbeidskultur og -praksis` samarbeidspraksis,
//! `Barne-, ungdoms- og familiedirektoratet` barnedirektoratet and ungdomsdirektoratet.

use super::words::Hang;

/// What of a word is needed here.
#[derive(Clone, Debug)]
pub struct Neighbour<'a> {
    pub text: &'a str,
    pub hang: Hang,
    /// Where the head of a compound begins, in bytes of `text`.
    pub head: Option<usize>,
}

/// Words that stand between the members of such a row.
const JOINING: [&str; 7] = ["og", "eller", "samt", "men", "til", "som", "òg"];
/// As many words may stand between a part and its other half: long rows are enumerations of something else.
const REACH: usize = 8;

/// The whole compounds of a text, each with the place of the word that lacks a part.
pub fn completed(words: &[Neighbour]) -> Vec<(usize, String)> {
    let hanging = words.iter().enumerate().filter(|(_, word)| word.hang != Hang::None);
    hanging.filter_map(|(place, _)| Some((place, whole(words, place)?))).collect()
}

fn whole(words: &[Neighbour], place: usize) -> Option<String> {
    let word = &words[place];
    match word.hang {
        // The next word that has a head, behind others that lack theirs.
        Hang::Right => words[place + 1..]
            .iter()
            .take(REACH)
            .find(|other| other.hang != Hang::Right && !is_joining(other.text))
            .filter(|other| other.hang == Hang::None)
            .and_then(|other| Some(format!("{}{}", word.text, &other.text[other.head?..]))),
        // The last word that has a modifier, before others that lack theirs.
        Hang::Left => words[place.saturating_sub(REACH)..place]
            .iter()
            .rfind(|other| other.hang != Hang::Left && !is_joining(other.text))
            .filter(|other| other.hang == Hang::None)
            .and_then(|other| Some(format!("{}{}", &other.text[..other.head?], word.text))),
        Hang::None => None,
    }
}

fn is_joining(word: &str) -> bool {
    JOINING.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &'static str) -> Neighbour<'static> {
        let hang = if text.ends_with('-') {
            Hang::Right
        } else if text.starts_with('-') {
            Hang::Left
        } else {
            Hang::None
        };
        let head = text.find('|');
        let text: &str = match head {
            Some(at) => Box::leak(format!("{}{}", &text[..at], &text[at + 1..]).into_boxed_str()),
            None => text.trim_matches('-'),
        };
        Neighbour { text, hang, head }
    }

    fn check(text: &'static str, expected: &str) {
        let words: Vec<_> = text.split(' ').map(word).collect();
        let found: Vec<_> = completed(&words).into_iter().map(|(_, whole)| whole).collect();
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

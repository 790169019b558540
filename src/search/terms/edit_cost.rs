//! A weighted edit distance for Norwegian spelling mistakes: optimal string alignment with costs for confusable
//! letters, doubled and silent letters, linking elements of compounds, and `æøå` typed without a Norwegian keyboard.

/// What people type for `æøå` and similar letters if they have no key for them.
pub const RESPELLINGS: [(&str, &str); 10] = [
    ("o", "ø"),
    ("a", "å"),
    ("e", "æ"),
    ("e", "é"),
    ("ö", "ø"),
    ("ä", "æ"),
    ("aa", "å"),
    ("ae", "æ"),
    ("oe", "ø"),
    ("ä", "å"),
];

/// The distance of a word from what was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cost {
    pub points: u32,
    /// Number of edits other than respellings.
    pub edits: u32,
}

// The more likely a mistake, the lower its cost.

/// Cost of a respelled `æ`, `ø` or `å` (see `RESPELLINGS`), which is not a mistake.
pub const RESPELLING: u32 = 1;
/// Cost of a doubled letter written once or the reverse, and of letters that sound alike or are silent.
pub const SIMILAR_SOUND: u32 = 5;
/// Cost of a missing linking `s` or `e` between the components of a compound.
pub const LINKING_LETTER: u32 = 6;
/// Cost of transposing two neighboring letters.
pub const TRANSPOSITION: u32 = 8;
/// Cost of any other edit.
pub const OTHER_EDIT: u32 = 10;
/// Cost added for an edit of the first letter, which people seldom get wrong.
pub const FIRST_LETTER: u32 = 3;

/// The highest cost of a correction of a typed word with this many letters. At a higher cost, a similar word is more
/// likely to be unrelated: a nonsense word is often only one or two edits away from some real word.
pub fn max_cost(letters: usize) -> u32 {
    match letters {
        0..6 => OTHER_EDIT,
        6..8 => OTHER_EDIT + FIRST_LETTER,
        8..10 => OTHER_EDIT + LINKING_LETTER,
        10..12 => 2 * OTHER_EDIT,
        _ => 2 * OTHER_EDIT + FIRST_LETTER,
    }
}

/// The lowest cost of changing `meant` into `typed`.
pub fn edit_cost(typed: &[char], meant: &[char]) -> Cost {
    let width = meant.len() + 1;
    let mut table = vec![Cost { points: 0, edits: 0 }; (typed.len() + 1) * width];
    for i in 0..=typed.len() {
        for j in 0..=meant.len() {
            // The cost of reaching (i, j) by an edit of the last letters of both prefixes.
            let after = |typed_letters: usize, meant_letters: usize, points: u32| {
                let before = table[(i - typed_letters) * width + j - meant_letters];
                let is_edit = points > RESPELLING;
                let is_first = is_edit && (i == typed_letters || j == meant_letters);
                Cost {
                    points: before.points + points + if is_first { FIRST_LETTER } else { 0 },
                    edits: before.edits + u32::from(is_edit),
                }
            };
            let mut alternatives = [None; 5];
            if i > 0 {
                alternatives[0] = Some(after(1, 0, insertion_cost(typed, i - 1)));
            }
            if j > 0 {
                let may_link = matches!(meant[j - 1], 's' | 'e') && i > 1 && j < meant.len();
                let linking = if may_link { LINKING_LETTER } else { OTHER_EDIT };
                alternatives[1] = Some(after(0, 1, insertion_cost(meant, j - 1).min(linking)));
            }
            if i > 0 && j > 0 {
                alternatives[2] = Some(after(1, 1, substitution_cost(typed, i - 1, meant, j - 1)));
            }
            if i > 1 && j > 0 && is_respelling(&typed[i - 2..i], meant[j - 1]) {
                alternatives[3] = Some(after(2, 1, RESPELLING));
            }
            if i > 1 && j > 1 && typed[i - 1] == meant[j - 2] && typed[i - 2] == meant[j - 1] {
                alternatives[4] = Some(after(2, 2, TRANSPOSITION));
            }
            if let Some(best) = alternatives.into_iter().flatten().min() {
                table[i * width + j] = best;
            }
        }
    }
    table[table.len() - 1]
}

fn is_respelling(typed: &[char], meant: char) -> bool {
    RESPELLINGS.iter().any(|(from, to)| from.chars().eq(typed.iter().copied()) && to.starts_with(meant))
}

/// The cost of a letter that only one of the two words has: the letter of `word` at `index`.
fn insertion_cost(word: &[char], index: usize) -> u32 {
    let previous = index.checked_sub(1).map(|index| word[index]);
    let next = word.get(index + 1).copied();
    let is_doubled = previous == Some(word[index]) || next == Some(word[index]);
    let is_silent = match word[index] {
        'h' => matches!(next, Some('v' | 'j')),
        'g' => next == Some('j'),
        'k' => previous == Some('s') && next == Some('j'),
        's' => next == Some('k') && word.get(index + 2) == Some(&'j'),
        'd' | 't' => matches!(previous, Some('l' | 'n' | 'r')) || matches!(next, Some('d' | 't' | 's') | None),
        _ => false,
    };
    if is_doubled || is_silent { SIMILAR_SOUND } else { OTHER_EDIT }
}

/// The cost of typing one letter instead of another.
fn substitution_cost(typed: &[char], typed_index: usize, meant: &[char], meant_index: usize) -> u32 {
    let (one, other) = (typed[typed_index], meant[meant_index]);
    if one == other {
        return 0;
    }
    if is_respelling(&[one], other) {
        return RESPELLING;
    }
    let precede_j = typed.get(typed_index + 1) == Some(&'j') && meant.get(meant_index + 1) == Some(&'j');
    let sound_alike = match (one.min(other), one.max(other)) {
        ('o', 'å' | 'ø') | ('e' | 'a', 'æ') | ('a', 'å') | ('d', 't') => true,
        ('k', 's' | 't') | ('s', 't') => precede_j,
        _ => false,
    };
    if sound_alike { SIMILAR_SOUND } else { OTHER_EDIT }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(typed: &str, meant: &str) -> u32 {
        let letters = |word: &str| word.chars().collect::<Vec<_>>();
        edit_cost(&letters(typed), &letters(meant)).points
    }

    #[test]
    fn likely_mistakes_cost_less_than_others() {
        let check = |typed: &str, meant: &str, expected: u32| assert_eq!(points(typed, meant), expected, "{typed}");
        check("råd", "råd", 0);
        check("rad", "råd", RESPELLING);
        check("okonomi", "økonomi", RESPELLING);
        check("laerer", "lærer", RESPELLING);
        check("komune", "kommune", SIMILAR_SOUND);
        check("kommunne", "kommune", SIMILAR_SOUND);
        check("åpning", "opning", SIMILAR_SOUND + FIRST_LETTER);
        check("skjokolade", "sjokolade", SIMILAR_SOUND);
        check("kjokolade", "sjokolade", SIMILAR_SOUND + FIRST_LETTER);
        check("jerne", "gjerne", SIMILAR_SOUND + FIRST_LETTER);
        check("vordan", "hvordan", SIMILAR_SOUND + FIRST_LETTER);
        check("barnevær", "barnever", SIMILAR_SOUND);
        check("lan", "land", SIMILAR_SOUND);
        check("taushetplikt", "taushetsplikt", LINKING_LETTER);
        check("barnvern", "barnevern", LINKING_LETTER);
        check("skoel", "skole", TRANSPOSITION);
        check("skile", "skole", OTHER_EDIT);
        check("xkole", "skole", OTHER_EDIT + FIRST_LETTER);
        check("skolx", "skole", OTHER_EDIT);
        assert!(points("barnhgae", "barnehage") > TRANSPOSITION);
    }

    #[test]
    fn only_equal_words_cost_nothing() {
        let words = ["barn", "bran", "barna", "bærn", "", "arn", "barnn", "møte", "mote"];
        for one in words {
            for other in words {
                assert_eq!(points(one, other) == 0, one == other, "{one} {other}");
            }
        }
    }
}

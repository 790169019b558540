//! Given text, which words stand in it, and where?
//!
//! What Norwegian asks beyond splitting at white space: `0-24` and `2/2020` are one number each,
//! `0–24-samarbeidet` is one word and two, `støtte-` has lost its head to the next word, `pc-en` and
//! `USA's` are inflected forms and not compounds. Numbers, dates, per cent and paragraphs of laws are units
//! that meet however they are written; `numbers.rs` knows them.
//!
//! In goes any text. Out come words with positions that never decrease, each with the bytes of the source
//! that it stands for, at char boundaries. Of several words at one position the first is what stands there;
//! the others are what else it can be found by, none of them twice.

use unicode_normalization::char::is_combining_mark;

use super::char_classes::{is_apostrophe, is_hyphen, is_invisible, is_word_char};
use super::numbers::{self, Units};
use super::suspended::SuspendedHyphen;

/// A word of the text, a part of a hyphenated one, or a unit.
pub struct SourceWord<'a> {
    /// The text to index, not yet folded. It stands in the source but for a left-out inflection after a
    /// hyphen, and for numbers and units, which are written in one way whatever the source does.
    pub text: &'a str,
    pub start: usize,
    pub end: usize,
    pub position: u32,
    pub is_hyphen_part: bool,
    pub hyphen: SuspendedHyphen,
}

/// Positions between the last word of a paragraph and the first of the next, beyond the usual one.
pub const PARAGRAPH_GAP: u32 = 4;

/// Longer runs of letters are encoded data, not words (the longest word of Norsk Ordbank has 60).
pub const MAX_WORD_CHARS: usize = 200;

/// Calls `each` for every word of `text`: the whole of a hyphenated word first, then its parts; a word before
/// the units beside it, but `§33` before the words it was made of. `SourceWord::text` lives for the call only.
pub fn for_each_word(text: &str, each: impl FnMut(SourceWord)) {
    let mut cutter = Cutter { text, each, position: 0, atoms: Vec::new(), scratch: String::new(), units: Units::new() };
    let mut last_end = 0;
    let mut at = 0;
    while let Some(start) = next_start(text, at) {
        let signs_end = numbers::signs_end(text, start);
        let section = if signs_end > start { numbers::section_at_sign(text, signs_end) } else { None };
        if signs_end > start && section.is_none() {
            at = signs_end;
            continue;
        }
        if last_end > 0 && has_blank_line(&text[last_end..start]) {
            cutter.position += PARAGRAPH_GAP;
        }
        at = match section {
            Some(section) => cutter.section(start, section, None),
            None => match plain_end(text, start) {
                Some(end) => cutter.plain(start, end),
                None => cutter.token(start),
            },
        };
        last_end = at;
    }
}

struct Cutter<'a, F> {
    text: &'a str,
    each: F,
    position: u32,
    /// Those of the token at hand.
    atoms: Vec<Atom>,
    /// The text of a word that stands otherwise in the source.
    scratch: String,
    /// Those of the position at hand.
    units: Units,
}

/// A piece between the hyphens that join a word.
#[derive(Clone, Copy)]
struct Atom {
    start: usize,
    end: usize,
    is_number: bool,
}

/// Each method takes what begins at `start` and gives where it ended.
impl<F: FnMut(SourceWord)> Cutter<'_, F> {
    /// A word of letters alone, which is nearly every one.
    fn plain(&mut self, start: usize, end: usize) -> usize {
        if is_too_long(&self.text[start..end]) {
            self.position += 1;
            return end;
        }
        let leads_to_number = numbers::leads_to_number(self.text, end);
        if leads_to_number && let Some(section) = numbers::section_at_word(self.text, start, end) {
            return self.section(start, section, Some(end));
        }
        self.word(&self.text[start..end], start, end, false, hang_left(self.text, start));
        if leads_to_number {
            self.month(start);
        }
        self.position += 1;
        end
    }

    /// Any other word or number.
    fn token(&mut self, start: usize) -> usize {
        let end = token_end(self.text, start, &mut self.atoms);
        if is_too_long(&self.text[start..end]) {
            self.position += 1;
            return end;
        }
        if let [.., last] = self.atoms.as_slice()
            && self.atoms.len() > 1
            && is_inflection(&self.text[last.start..last.end])
        {
            self.atoms.pop();
        }
        if let [atom] = self.atoms.as_slice() {
            return if atom.is_number { self.number(*atom, end) } else { self.single(*atom, end) };
        }
        self.compound(start, end);
        end
    }

    fn single(&mut self, atom: Atom, end: usize) -> usize {
        let (start, text) = (atom.start, self.text);
        let leads_to_number = numbers::leads_to_number(text, end);
        if leads_to_number && let Some(section) = numbers::section_at_word(text, start, end) {
            return self.section(start, section, Some(end));
        }
        self.word(without_clitic(&text[start..atom.end]), start, end, false, hang(text, start, end));
        if leads_to_number {
            self.month(start);
        }
        self.position += 1;
        end
    }

    fn number(&mut self, atom: Atom, end: usize) -> usize {
        let text = self.text;
        self.number_word(atom, end, false);
        self.units.clear();
        numbers::add_units_inside(text, atom.start, atom.end, &mut self.units);
        numbers::add_spelt_date(text, atom.start, end, &mut self.units);
        self.write_units();
        self.position += 1;
        let Some(after) = numbers::percent_end(text, end) else {
            return end;
        };
        // It stands for the number as well, since a sign alone is no word.
        self.word("prosent", atom.start, after, false, SuspendedHyphen::None);
        self.position += 1;
        after
    }

    fn compound(&mut self, start: usize, end: usize) {
        let text = self.text;
        let whole_hyphen = hang(text, start, end);
        let last = self.atoms.len() - 1;
        let is_rewritten =
            self.atoms.iter().any(|atom| atom.is_number && !numbers::is_canonical(&text[atom.start..atom.end]));
        if is_rewritten {
            self.scratch.clear();
            for (index, atom) in self.atoms.iter().enumerate() {
                if index > 0 {
                    self.scratch.push('-');
                }
                write_atom(text, *atom, &mut self.scratch);
            }
            let whole = without_clitic(&self.scratch);
            let position = self.position;
            (self.each)(SourceWord { text: whole, start, end, position, is_hyphen_part: false, hyphen: whole_hyphen });
        } else {
            self.word(without_clitic(&text[start..self.atoms[last].end]), start, end, false, whole_hyphen);
        }
        for index in 0..=last {
            let atom = self.atoms[index];
            if atom.is_number {
                self.number_word(atom, atom.end, true);
            } else {
                let hang = match whole_hyphen {
                    SuspendedHyphen::MissingModifier if index == 0 => SuspendedHyphen::MissingModifier,
                    SuspendedHyphen::MissingHead if index == last => SuspendedHyphen::MissingHead,
                    _ => SuspendedHyphen::None,
                };
                self.word(without_clitic(&text[atom.start..atom.end]), atom.start, atom.end, true, hang);
                // "mai–juni 2020"
                if index == last && numbers::leads_to_number(text, end) {
                    self.month(atom.start);
                }
            }
            self.position += 1;
        }
    }

    /// A paragraph of a law, which began with signs or with the word that ends at `word_end`.
    fn section(&mut self, start: usize, section: numbers::Section, word_end: Option<usize>) -> usize {
        let text = self.text;
        let end = section.end;
        let number = &text[section.start..end];
        if is_too_long(number) {
            self.position += 1;
            return end;
        }
        self.scratch.clear();
        numbers::write_section(number, &mut self.scratch);
        self.written(start, end);
        if let Some(word_end) = word_end {
            self.word(&text[start..word_end], start, word_end, false, SuspendedHyphen::None);
        }
        if !numbers::is_canonical(number) {
            self.scratch.clear();
            numbers::write_canonical(number, &mut self.scratch);
            self.written(section.start, end);
        }
        self.position += 1;
        end
    }

    fn month(&mut self, start: usize) {
        self.units.clear();
        numbers::add_month(self.text, start, &mut self.units);
        self.write_units();
    }

    fn write_units(&mut self) {
        for index in 0..self.units.len() {
            let (unit, start, end) = self.units[index];
            self.scratch.clear();
            unit.write(&mut self.scratch);
            self.written(start, end);
        }
    }

    /// The unit that `scratch` holds.
    fn written(&mut self, start: usize, end: usize) {
        let (text, position) = (self.scratch.as_str(), self.position);
        (self.each)(SourceWord { text, start, end, position, is_hyphen_part: false, hyphen: SuspendedHyphen::None });
    }

    fn number_word(&mut self, atom: Atom, end: usize, is_hyphen_part: bool) {
        let number = &self.text[atom.start..atom.end];
        let (start, position, hyphen) = (atom.start, self.position, SuspendedHyphen::None);
        let text = if numbers::is_canonical(number) {
            number
        } else {
            self.scratch.clear();
            numbers::write_canonical(number, &mut self.scratch);
            &self.scratch
        };
        (self.each)(SourceWord { text, start, end, position, is_hyphen_part, hyphen });
    }

    fn word(&mut self, text: &str, start: usize, end: usize, is_hyphen_part: bool, hyphen: SuspendedHyphen) {
        (self.each)(SourceWord { text, start, end, position: self.position, is_hyphen_part, hyphen });
    }
}

fn write_atom(text: &str, atom: Atom, out: &mut String) {
    let source = &text[atom.start..atom.end];
    if atom.is_number { numbers::write_canonical(source, out) } else { out.push_str(source) }
}

fn is_too_long(word: &str) -> bool {
    word.len() > MAX_WORD_CHARS && word.chars().count() > MAX_WORD_CHARS
}

/// Where the next word or paragraph sign begins.
fn next_start(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(byte) = bytes.get(at) {
        if byte.is_ascii() {
            if byte.is_ascii_alphanumeric() {
                return Some(at);
            }
            at += 1;
            continue;
        }
        let c = text[at..].chars().next()?;
        if c == '§' || is_word_char(c) && !is_combining_mark(c) {
            return Some(at);
        }
        at += c.len_utf8();
    }
    None
}

/// The end of the word at `start` if it begins with a letter, has none but ASCII and Latin-1 ones and digits,
/// and nothing that may join it to more.
fn plain_end(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    if bytes[start].is_ascii_digit() {
        return None;
    }
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        at += match PLAIN[usize::from(*byte)] {
            Plain::Letter => 1,
            // U+00C0 to U+00FF without × and ÷.
            Plain::Latin if !matches!(bytes[at + 1], 0x97 | 0xb7) => 2,
            Plain::End => return Some(at),
            Plain::Latin | Plain::Joined => return None,
        };
    }
    Some(at)
}

/// What a byte is to a plain word.
#[derive(Clone, Copy)]
enum Plain {
    Letter,
    /// The first of two bytes.
    Latin,
    /// It may join the word to more.
    Joined,
    End,
}

static PLAIN: [Plain; 256] = {
    let mut plain = [Plain::End; 256];
    let mut byte = 0;
    while byte < 256 {
        plain[byte] = match byte as u8 {
            0xc3 => Plain::Latin,
            b'-' | b'\'' | 0x80.. => Plain::Joined,
            letter if letter.is_ascii_alphanumeric() => Plain::Letter,
            _ => Plain::End,
        };
        byte += 1;
    }
    plain
};

/// The end of the token that begins at `start`. Its atoms, the parts between hyphens, are left in `atoms`.
fn token_end(text: &str, start: usize, atoms: &mut Vec<Atom>) -> usize {
    atoms.clear();
    let mut atom_start = start;
    let mut piece_start = start;
    let mut is_number = true;
    let mut at = numbers::grouped_end(text, start, true).unwrap_or(start);
    let mut end = at;
    while let Some(c) = text[at..].chars().next() {
        let here = at;
        at += c.len_utf8();
        if is_word_char(c) {
            is_number &= c.is_numeric();
            end = at;
            continue;
        }
        if is_invisible(c) {
            continue;
        }
        let next = text[at..].chars().next();
        let joins_word = next.is_some_and(char::is_alphanumeric) && end == here;
        let next_is_digit = next.is_some_and(char::is_numeric);
        if joins_word && is_hyphen(c) {
            // "0-24" is a range, one number; "0-24-samarbeidet" begins a new atom at its second hyphen.
            let is_range = is_number && next_is_digit && digits_until_break(&text[at..]);
            if !is_range {
                atoms.push(Atom { start: atom_start, end, is_number });
                atom_start = at;
                is_number = true;
            }
            let may_be_spaced = !is_range || numbers::may_range_to_spaced(&text[piece_start..end]);
            piece_start = at;
            if let Some(grouped) = numbers::grouped_end(text, at, may_be_spaced) {
                at = grouped;
                end = grouped;
            }
            continue;
        }
        if joins_word && is_apostrophe(c) && !is_number {
            continue;
        }
        if joins_word && is_number && next_is_digit && matches!(c, '.' | ',' | ':' | '/') {
            continue;
        }
        break;
    }
    atoms.push(Atom { start: atom_start, end, is_number });
    end
}

/// Whether the letters and digits that follow are digits only.
fn digits_until_break(text: &str) -> bool {
    text.chars().take_while(|c| is_word_char(*c)).all(char::is_numeric)
}

/// Dashes are set between words as well, so only what is always a hyphen hangs.
const HANGING: [char; 3] = ['-', '\u{2010}', '\u{2011}'];

fn hang(text: &str, start: usize, end: usize) -> SuspendedHyphen {
    if hangs_right(text, end) { SuspendedHyphen::MissingHead } else { hang_left(text, start) }
}

/// `støtte- og`, `støtte-, `, `støtte-/`, `støtte-)`; not `2017-` and not `ord--ord`.
fn hangs_right(text: &str, end: usize) -> bool {
    text[end..].strip_prefix(HANGING).is_some_and(|after| {
        let is_more = |c| is_word_char(c) || is_hyphen(c) || is_invisible(c);
        !after.starts_with(is_more) && !text[..end].ends_with(char::is_numeric)
    })
}

fn hang_left(text: &str, start: usize) -> SuspendedHyphen {
    if start == 0 || text.as_bytes()[start - 1] == b' ' {
        return SuspendedHyphen::None;
    }
    let Some(before) = text[..start].strip_suffix(HANGING) else {
        return SuspendedHyphen::None;
    };
    let opens = |c: char| c.is_whitespace() || matches!(c, '(' | '[' | '{' | '«' | '"' | '“' | '„' | '/');
    let is_open = before.is_empty() || before.ends_with(opens);
    if is_open && text[start..].starts_with(char::is_alphabetic) {
        SuspendedHyphen::MissingModifier
    } else {
        SuspendedHyphen::None
    }
}

fn has_blank_line(between: &str) -> bool {
    // Nearly always a space, or a sign and a space.
    if between.len() < 2 || between.bytes().filter(|byte| *byte == b'\n').count() < 2 {
        return false;
    }
    let mut lines = between.split('\n').skip(1).peekable();
    std::iter::from_fn(|| lines.next().filter(|_| lines.peek().is_some())).any(|line| line.trim().is_empty())
}

/// The endings that a hyphen or an apostrophe sets apart: `pc-en`, `USA-s`, `tv-ane`.
fn is_inflection(text: &str) -> bool {
    matches!(
        text,
        "en" | "et" | "er" | "ene" | "ane" | "ar" | "a" | "s" | "ens" | "ets" | "ers" | "enes" | "as" | "anes" | "t"
    )
}

/// `pc'en` → `pc`, `USA's` → `USA`; `O'Connor` stays.
fn without_clitic(word: &str) -> &str {
    match word.rfind(is_apostrophe) {
        Some(at) if at > 0 => {
            let after = word[at..].chars().next().map_or(1, char::len_utf8);
            if is_inflection(&word[at + after..]) { &word[..at] } else { word }
        }
        _ => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let mut words = Vec::new();
        for_each_word(text, |word| words.push(word.text.to_string()));
        assert_eq!(words.join(" "), expected, "{text}");
    }

    /// With the position of each word and what it stands for in the source.
    fn check_places(text: &str, expected: &[(&str, u32, &str)]) {
        let mut words = Vec::new();
        for_each_word(text, |word| words.push((word.text.to_string(), word.position, &text[word.start..word.end])));
        let words: Vec<_> = words.iter().map(|(word, position, source)| (word.as_str(), *position, *source)).collect();
        assert_eq!(words, expected, "{text}");
    }

    #[test]
    fn words_are_cut_as_norwegian_needs() {
        check("Barne-, ungdoms- og familiedirektoratet", "Barne ungdoms og familiedirektoratet");
        check("samarbeidskultur og -praksis.", "samarbeidskultur og praksis");
        check("0-24, 0–24!", "0-24 0-24");
        check("0–24-samarbeidet", "0-24-samarbeidet 0-24 samarbeidet");
        check("survey- og intervju-undersøkelse", "survey og intervju-undersøkelse intervju undersøkelse");
        check("pc-en pc'en USA’s USA-s O'Connor", "pc pc USA USA O'Connor");
        check("FaF0-rapport 2/2020", "FaF0-rapport FaF0 rapport 2/2020 2020");
        check("(barn OR \"unge", "barn OR unge");
        check("🙂 : - – ' § %", "");
        check("a.b@c.no https://x.no/y", "a b c no https x no y");
        check("forebyg\u{ad}ging", "forebyg\u{ad}ging");
        check("og/eller", "og eller");
        check("24-åring", "24-åring 24 åring");
        check("barne-/ungdomsskole (støtte-)ressurser", "barne ungdomsskole støtte ressurser");
        check("a\u{30a}r × år÷2", "a\u{30a}r år 2");
        check("Æ ß ÿ Œ 中", "Æ ß ÿ Œ 中");
    }

    #[test]
    fn numbers_meet_however_they_are_written() {
        check("1.234,5 kr og 1 234,5 og 1234,5", "1234,5 kr og 1234,5 og 1234,5");
        check("3 000 = 3.000 = 3'000 = 3\u{202f}000 = 3000", "3000 3000 3000 3000 3000");
        check("i 2018 100 barn, 2020 150, 1 234 56, 3.14", "i 2018 100 barn 2020 150 1 234 56 3.14");
        check("12 345-tallet", "12345-tallet 12345 tallet");
        check("3 000–5 000 og 500–1 000 og 0–24 250", "3000-5000 og 500-1000 og 0-24 250");
        check("0 - 24", "0 24");
        check("kl. 07.00–16.30, 07:00-16:30, 25:00", "kl 07.00-16.30 07.00-16.30 25:00");
        check("2017–2020 og 2020–2020", "2017-2020 2017 2020 og 2020-2020 2020");
        check("Det er nr. 10. Så", "Det er nr 10 Så");
        check("1980-ene 1980-åra", "1980 1980-åra 1980 åra");
        check("+47 22 24 90 90", "47 22 24 90 90");
    }

    #[test]
    fn a_per_cent_sign_is_its_word() {
        for text in ["75 prosent", "75 %", "75%", "75\u{a0}%", "75\u{202f}%."] {
            check(text, "75 prosent");
        }
        check("50 %-stilling, a %, % 5, 100 000 %", "50 prosent stilling a 5 100000 prosent");
        check_places("75 % av", &[("75", 0, "75"), ("prosent", 1, "75 %"), ("av", 2, "av")]);
    }

    #[test]
    fn dates_have_units_beside_their_words() {
        check("19.02.2018 | kl. 10.15", "19.02.2018 2018-02-19 2018-02 2018 kl 10.15");
        check("10/11/2020 10.11.20", "10/11/2020 2020-11-10 2020-11 2020 10.11.20 2020-11-10 2020-11 2020");
        check("2020-11-10 2020–11–10", "2020-11-10 2020-11 2020 2020-11-10 2020-11 2020");
        check("versjon 1.2.20", "versjon 1.2.20");
        check("i nov. 2020 og Mai 2021", "i nov 2020-11 2020 og Mai 2021-05 2021");
        check("mai–juni 2020", "mai–juni mai juni 2020-06 2020");
        check("i november.\n\n2020", "i november 2020");
        check("10. november og 3 barn", "10 november og 3 barn");
        check("10.–12. november 2020", "10 12 2020-11-12 2020-11 2020 november 2020-11 2020");
        check_places(
            "10. november 2020.",
            &[
                ("10", 0, "10"),
                ("2020-11-10", 0, "10. november 2020"),
                ("2020-11", 0, "november 2020"),
                ("2020", 0, "2020"),
                ("november", 1, "november"),
                ("2020-11", 1, "november 2020"),
                ("2020", 2, "2020"),
            ],
        );
    }

    #[test]
    fn a_paragraph_and_its_number_are_one_unit() {
        check("§ 33, §33, §\u{a0}33 og paragraf 33", "§33 §33 §33 og §33 paragraf");
        check("§ 33 a, § 33a", "§33 a §33 a");
        check("§ 8-1 og Paragraf 8–1", "§8-1 8-1 og §8-1 Paragraf 8-1");
        check("§§ 4 og 5", "§4 og 5");
        check("§ og § a, a§ 4 §", "og a a §4");
        check("paragraf om 5 paragrafer 6 paragraf-en 7", "paragraf om 5 paragrafer 6 paragraf 7");
        check("§ 33 100 kroner", "§33 100 kroner");
        check_places("i § 8-1 a", &[("i", 0, "i"), ("§8-1", 1, "§ 8-1"), ("8-1", 1, "8-1"), ("a", 2, "a")]);
        check_places("paragraf\n33", &[("§33", 0, "paragraf\n33"), ("paragraf", 0, "paragraf")]);
        check_places("a\n\n§ 3", &[("a", 0, "a"), ("§3", 5, "§ 3")]);
    }

    #[test]
    fn a_hyphen_at_the_edge_says_what_is_missing() {
        let check = |text: &str, expected: &str| {
            let mut words = Vec::new();
            for_each_word(text, |word| {
                words.push(match word.hyphen {
                    SuspendedHyphen::None => word.text.to_string(),
                    SuspendedHyphen::MissingHead => format!("{}>", word.text),
                    SuspendedHyphen::MissingModifier => format!("<{}", word.text),
                });
            });
            assert_eq!(words.join(" "), expected, "{text}");
        };
        check("Barne-, ungdoms- og familiedirektoratet", "Barne> ungdoms> og familiedirektoratet");
        check("kultur og -praksis (-vaner) -ånd", "kultur og <praksis <vaner <ånd");
        check("- ord\n-ord", "ord <ord");
        check("barne-/ungdomsskole (støtte-)ressurser", "barne> ungdomsskole støtte> ressurser");
        check("støtte-", "støtte>");
        check("-5 2017- FaF0- ord--ord ord – ord –ord", "5 2017 FaF0 ord ord ord ord ord");
        check("intervju-støtte- og a", "intervju-støtte> intervju støtte> og a");
        check("-intervju-støtte", "<intervju-støtte <intervju støtte");
        check("50 %-stilling", "50 prosent stilling");
    }

    #[test]
    fn encoded_data_is_no_word() {
        check(&format!("a {} b", "x".repeat(500)), "a b");
        check(&format!("a {} b", "5".repeat(500)), "a b");
        check(&format!("a § {} b", "5".repeat(500)), "a b");
        check(&format!("a {} b", "ø".repeat(150)), &format!("a {} b", "ø".repeat(150)));
    }

    #[test]
    fn the_same_word_never_stands_twice_at_a_position() {
        let text = "10.11.2020–12.11.2020 2020-2020 §§ 4-4 10. nov. 2020-2021 2020-11-10";
        let mut words = Vec::new();
        for_each_word(text, |word| words.push((word.position, word.text.to_string())));
        let count = words.len();
        words.sort();
        words.dedup();
        assert_eq!(words.len(), count);
    }
}

//! Splits a text into words, numbers and dates with positions and byte offsets: a rule-based scanner for Norwegian.
//!
//! Norwegian needs more than splitting at white space: `0-24` and `2/2020` are one number each, `0–24-samarbeidet` is
//! one hyphenated word with two parts, `støtte-` shares the head of a later word, and `pc-en` and `USA's` are inflected
//! forms, not compounds. Numbers, dates, percentages and sections of laws get the same terms in all of their spellings
//! (`numbers.rs`, `references.rs`, `digit_groups.rs`). Words that are divided at the end of a line, letter-spaced, or
//! followed by a footnote mark get the terms of the word (`line_breaks.rs`, `spaced_letters.rs`, `footnote_marks.rs`).
//!
//! Any text is accepted. Positions never decrease, and the byte offsets of a word are char boundaries of the source. If
//! several words share a position, the first is the one in the text or, for a section of a law, its term (`§33`). The
//! other words are alternative terms, and no word occurs twice.

use unicode_normalization::char::is_combining_mark;

use super::char_classes::{is_apostrophe, is_hyphen, is_invisible, is_word_char};
use super::line_breaks::{WordBreak, is_break_hyphen, word_break};
use super::numbers::{self, DateUnits};
use super::references::{self, ReportNumber, SectionList};
use super::suspended::SuspendedHyphen;
use super::{digit_groups, footnote_marks, spaced_letters};

/// A word of the text, a part of a hyphenated word, or a date unit (year, month or day).
pub struct SourceWord<'a> {
    /// The text to index, not yet normalized. It is a slice of the source without the inflection after a hyphen or
    /// apostrophe; numbers, sections and date units are in their canonical spelling.
    pub text: &'a str,
    /// Byte offsets in the source.
    pub start: usize,
    pub end: usize,
    pub position: u32,
    pub is_hyphen_part: bool,
    pub hyphen: SuspendedHyphen,
}

/// The number of positions that a blank line adds between two words.
pub const PARAGRAPH_GAP: u32 = 4;

/// Longer runs of letters are encoded data, not words: the longest word of Norsk Ordbank has 60 letters.
pub const MAX_WORD_CHARS: usize = 200;

/// Calls `each` for every word of a text: a hyphenated word before its parts, a word before the date units at its
/// position, and a section number (`§33`) before the words it was written with. `SourceWord::text` is valid only during the call.
pub fn for_each_word(text: &str, each: impl FnMut(SourceWord)) {
    let mut scanner = Scanner {
        text,
        each,
        position: 0,
        atoms: Vec::new(),
        breaks: Vec::new(),
        scratch: String::new(),
        units: DateUnits::new(),
        announced_start: usize::MAX,
        announced: None,
    };
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
            scanner.position += PARAGRAPH_GAP;
        }
        at = match section {
            Some(section) => {
                let is_plural = signs_end > start + '§'.len_utf8();
                scanner.section(start, section, None, SectionList::new(is_plural))
            }
            None if start == scanner.announced_start => scanner.announced(start),
            None => scanner.any_word(start),
        };
        last_end = at;
    }
}

struct Scanner<'a, F> {
    text: &'a str,
    each: F,
    position: u32,
    /// The atoms of the current token.
    atoms: Vec<Atom>,
    /// The line breaks inside the current token.
    breaks: Vec<WordBreak>,
    /// The canonical spelling of a word that is spelled differently in the source.
    scratch: String,
    /// The date units of the current position.
    units: DateUnits,
    /// The number that an earlier word of a reference has announced, and the offset at which it starts.
    announced_start: usize,
    announced: Option<Announced>,
}

/// A number that is recognized as part of a reference only by the words before it.
enum Announced {
    /// A further section of a list.
    Section(numbers::Section, SectionList),
    Report(ReportNumber),
}

/// A part of a token between hyphens.
#[derive(Clone, Copy)]
struct Atom {
    start: usize,
    end: usize,
    is_number: bool,
}

/// The methods that return an offset emit the token that starts at `start` and return the offset of its end.
impl<F: FnMut(SourceWord)> Scanner<'_, F> {
    fn any_word(&mut self, start: usize) -> usize {
        match plain_end(self.text, start) {
            Some(end) => self.plain(start, end),
            None => self.token(start),
        }
    }

    /// A word without hyphens, apostrophes or invisible chars, like nearly every word.
    fn plain(&mut self, start: usize, end: usize) -> usize {
        if is_too_long(&self.text[start..end]) {
            self.position += 1;
            return end;
        }
        let length = end - start;
        let is_one_letter = length == 1 || length == 2 && !self.text.as_bytes()[start].is_ascii();
        if is_one_letter && let Some(end) = self.spaced_word(start, end) {
            return end;
        }
        let precedes_number = numbers::precedes_number(self.text, end);
        if precedes_number && let Some((section, is_plural)) = numbers::section_at_word(self.text, start, end) {
            return self.section(start, section, Some(end), SectionList::new(is_plural));
        }
        self.word(&self.text[start..end], start, end, false, hyphen_before(self.text, start));
        if self.text.as_bytes()[end - 1].is_ascii_digit() {
            self.other_readings(start, end);
        }
        if precedes_number {
            self.month(start);
            self.report(start, end);
        }
        self.position += 1;
        end
    }

    /// A letter-spaced word that starts with the letter at `start..end`; `None` if the letter doesn't start one.
    fn spaced_word(&mut self, start: usize, end: usize) -> Option<usize> {
        let found = spaced_letters::spaced_word(self.text, start, end - start)?;
        self.scratch.clear();
        // The soft hyphen indicates that the offsets of the word's components are unknown.
        self.scratch.extend(
            found
                .letters
                .chars()
                .enumerate()
                .flat_map(|(index, letter)| std::iter::once(letter).chain((index == 0).then_some('\u{ad}'))),
        );
        if found.is_known {
            self.emit_scratch(start, found.end);
            self.position += 1;
            return Some(found.end);
        }
        self.word(&self.text[start..end], start, end, false, SuspendedHyphen::None);
        self.emit_scratch(start, found.end);
        self.position += 1;
        Some(end)
    }

    /// Emits the other readings of a word that ends in digits: a word with a footnote mark, or the first group of an
    /// IBAN.
    fn other_readings(&mut self, start: usize, end: usize) {
        let text = self.text;
        if let Some(length) = footnote_marks::length_before_digits(&text[start..end]) {
            self.word(&text[start..start + length], start, start + length, false, SuspendedHyphen::None);
        }
        if let Some(iban_end) = digit_groups::iban_end(text, start, end) {
            self.scratch.clear();
            digit_groups::write_joined(&text[start..iban_end], &mut self.scratch);
            self.emit_scratch(start, iban_end);
        }
    }

    /// Any other word, or a number.
    fn token(&mut self, start: usize) -> usize {
        let text = self.text;
        if !text.as_bytes()[start].is_ascii() {
            let mark = footnote_marks::leading_mark(&text[start..]);
            if mark > 0 {
                return self.any_word(start + mark);
            }
        }
        let token_end = token_end(text, start, &mut self.atoms, &mut self.breaks);
        if is_too_long(&text[start..token_end]) {
            self.position += 1;
            return token_end;
        }
        if !self.breaks.is_empty() {
            self.divided(start, token_end);
            return token_end;
        }
        self.remove_footnote_mark();
        let end = self.atoms.last().map_or(token_end, |last| last.end);
        if let [.., last] = self.atoms.as_slice()
            && self.atoms.len() > 1
            && is_inflection(&text[last.start..last.end])
        {
            self.atoms.pop();
        }
        if let [atom] = self.atoms.as_slice() {
            let end = if atom.is_number { self.number(*atom, end) } else { self.single(*atom, end) };
            return end.max(token_end);
        }
        self.hyphenated(start, end);
        token_end
    }

    /// Removes the footnote mark at the end of the last atom.
    fn remove_footnote_mark(&mut self) {
        let is_part = self.atoms.len() > 1;
        let Some(last) = self.atoms.last_mut() else {
            return;
        };
        let word = &self.text[last.start..last.end];
        if !word.is_ascii() {
            last.end = last.start + footnote_marks::length_without_mark(word, is_part);
        } else if is_part
            && !last.is_number
            && word.ends_with(|c: char| c.is_ascii_digit())
            && let Some(length) = footnote_marks::length_before_digits(word)
        {
            last.end = last.start + length;
        }
    }

    /// A word divided by line breaks; it is joined and scanned again.
    fn divided(&mut self, start: usize, end: usize) {
        let text = self.text;
        let (mut joined, mut offsets) = (String::with_capacity(end - start), Vec::with_capacity(end - start));
        let mut copied = start;
        for found in self.breaks.drain(..) {
            let before = copied..if found.keeps_hyphen { found.hyphen_end } else { found.start };
            joined.push_str(&text[before.clone()]);
            offsets.extend(before);
            copied = found.end;
            // A soft hyphen inside the word indicates that the offsets of its components are unknown.
            if found.keeps_hyphen
                && let Some(letter) = text[copied..end].chars().next().filter(|c| c.is_alphabetic())
            {
                joined.push(letter);
                offsets.extend(copied..copied + letter.len_utf8());
                copied += letter.len_utf8();
            }
            joined.push('\u{ad}');
            offsets.extend([copied; '\u{ad}'.len_utf8()]);
        }
        joined.push_str(&text[copied..end]);
        offsets.extend(copied..end);
        if has_hyphen_after(text, end) {
            joined.push('-');
        }
        let (first, mut next) = (self.position, self.position + 1);
        let mut each = |word: SourceWord| {
            let position = first + word.position;
            next = position + 1;
            // An inserted soft hyphen corresponds to no byte of the source. A word may end with one, if a footnote mark
            // follows.
            let last = joined[..word.end].trim_end_matches('\u{ad}').len() - 1;
            let (start, end) = (offsets[word.start], offsets[last] + 1);
            (self.each)(SourceWord { start, end, position, ..word });
        };
        for_each_word(&joined, &mut each as &mut dyn FnMut(SourceWord));
        self.position = next;
    }

    fn single(&mut self, atom: Atom, end: usize) -> usize {
        let (start, text) = (atom.start, self.text);
        let mut letters = text[start..end].chars();
        if letters.next().is_some_and(char::is_alphabetic)
            && letters.next().is_none()
            && let Some(end) = self.spaced_word(start, end)
        {
            return end;
        }
        let precedes_number = numbers::precedes_number(text, end);
        if precedes_number && let Some((section, is_plural)) = numbers::section_at_word(text, start, end) {
            return self.section(start, section, Some(end), SectionList::new(is_plural));
        }
        self.word(without_clitic(&text[start..atom.end]), start, end, false, suspended_hyphen(text, start, end));
        let is_line_start = start == 0 || text.as_bytes()[start - 1] == b'\n';
        if is_line_start
            && text.as_bytes()[start].is_ascii_digit()
            && let Some(length) = footnote_marks::length_of_leading_digits(&text[start..atom.end])
        {
            self.word(&text[start + length..atom.end], start + length, atom.end, false, SuspendedHyphen::None);
        }
        if precedes_number {
            self.month(start);
            self.report(start, end);
        }
        self.position += 1;
        end
    }

    fn number(&mut self, atom: Atom, end: usize) -> usize {
        let text = self.text;
        self.number_word(atom, end, false);
        self.units.clear();
        numbers::add_units_inside(text, atom.start, atom.end, &mut self.units);
        numbers::add_date_with_month_name(text, atom.start, end, &mut self.units);
        self.emit_units();
        let number = &text[atom.start..atom.end];
        if !numbers::has_only_digits(number)
            && let Some(length) = references::case_number(number)
        {
            self.scratch.clear();
            self.scratch.push_str(&number[..length]);
            self.emit_scratch(atom.start, atom.start + length);
        }
        if (!numbers::has_only_digits(number) || number.len() > 9 || precedes_digit(text, end))
            && let Some(found) = digit_groups::grouped_number(text, atom.start)
        {
            self.scratch.clear();
            digit_groups::write_joined(&text[found.start..found.end], &mut self.scratch);
            self.emit_scratch(found.start, found.end);
        }
        self.position += 1;
        let Some(after) = numbers::percent_end(text, end) else {
            return end;
        };
        // The word also spans the number, since a percent sign alone is not a word.
        self.word("prosent", atom.start, after, false, SuspendedHyphen::None);
        self.position += 1;
        after
    }

    fn hyphenated(&mut self, start: usize, end: usize) {
        let text = self.text;
        let word_hyphen = suspended_hyphen(text, start, end);
        let last = self.atoms.len() - 1;
        let is_rewritten =
            self.atoms.iter().any(|atom| atom.is_number && !numbers::has_only_digits(&text[atom.start..atom.end]));
        if is_rewritten {
            self.scratch.clear();
            for (index, atom) in self.atoms.iter().enumerate() {
                if index > 0 {
                    self.scratch.push('-');
                }
                write_atom(text, *atom, &mut self.scratch);
            }
            let text = without_clitic(&self.scratch);
            let position = self.position;
            (self.each)(SourceWord { text, start, end, position, is_hyphen_part: false, hyphen: word_hyphen });
        } else {
            self.word(without_clitic(&text[start..self.atoms[last].end]), start, end, false, word_hyphen);
        }
        for index in 0..=last {
            let atom = self.atoms[index];
            if atom.is_number {
                self.number_word(atom, atom.end, true);
            } else {
                let part_hyphen = match word_hyphen {
                    SuspendedHyphen::MissingModifier if index == 0 => SuspendedHyphen::MissingModifier,
                    SuspendedHyphen::MissingHead if index == last => SuspendedHyphen::MissingHead,
                    _ => SuspendedHyphen::None,
                };
                self.word(without_clitic(&text[atom.start..atom.end]), atom.start, atom.end, true, part_hyphen);
                // "mai–juni 2020"
                if index == last && numbers::precedes_number(text, end) {
                    self.month(atom.start);
                }
            }
            self.position += 1;
        }
    }

    /// A section of a law, introduced by section signs, by the word that ends at `word_end`, or by a section before it.
    fn section(
        &mut self,
        start: usize,
        section: numbers::Section,
        word_end: Option<usize>,
        mut list: SectionList,
    ) -> usize {
        let text = self.text;
        let end = section.end;
        let number = &text[section.start..end];
        if is_too_long(number) {
            self.position += 1;
            return end;
        }
        self.scratch.clear();
        numbers::write_section(number, &mut self.scratch);
        self.emit_scratch(start, end);
        if let Some(word_end) = word_end {
            self.word(&text[start..word_end], start, word_end, false, SuspendedHyphen::None);
        }
        let is_listed = section.start == start;
        if is_listed || !numbers::has_only_digits(number) {
            self.scratch.clear();
            numbers::write_canonical(number, &mut self.scratch);
            self.emit_scratch(section.start, end);
        }
        for range_end in list.range_ends(text, number, end).into_iter().flatten() {
            self.scratch.clear();
            numbers::write_section(&range_end, &mut self.scratch);
            self.emit_scratch(start, end);
        }
        if let Some(next) = list.next(text, end) {
            self.announced_start = next.start;
            self.announced = Some(Announced::Section(next, list));
        }
        self.position += 1;
        end
    }

    /// Remembers the report number that follows the name of a series (`NOU 2020: 5`).
    fn report(&mut self, start: usize, end: usize) {
        if let Some(report) = references::report_number(self.text, start, end) {
            self.announced_start = report.start;
            self.announced = Some(Announced::Report(report));
        }
    }

    fn announced(&mut self, start: usize) -> usize {
        let text = self.text;
        match self.announced.take() {
            Some(Announced::Section(section, list)) => self.section(start, section, None, list),
            Some(Announced::Report(ReportNumber { year_end, number_start, end, .. })) => {
                let (year, number) = (&text[start..year_end], &text[number_start..end]);
                self.scratch.clear();
                self.scratch.extend([year, ":", number]);
                self.emit_scratch(start, end);
                if year.len() == 4 {
                    self.word(year, start, year_end, false, SuspendedHyphen::None);
                }
                self.position += 1;
                end
            }
            None => self.any_word(start),
        }
    }

    fn month(&mut self, start: usize) {
        self.units.clear();
        numbers::add_month(self.text, start, &mut self.units);
        self.emit_units();
    }

    fn emit_units(&mut self) {
        for index in 0..self.units.len() {
            let (unit, start, end) = self.units[index];
            self.scratch.clear();
            unit.write(&mut self.scratch);
            self.emit_scratch(start, end);
        }
    }

    /// Emits the text in `scratch`.
    fn emit_scratch(&mut self, start: usize, end: usize) {
        let (text, position) = (self.scratch.as_str(), self.position);
        (self.each)(SourceWord { text, start, end, position, is_hyphen_part: false, hyphen: SuspendedHyphen::None });
    }

    fn number_word(&mut self, atom: Atom, end: usize, is_hyphen_part: bool) {
        let number = &self.text[atom.start..atom.end];
        let (start, position, hyphen) = (atom.start, self.position, SuspendedHyphen::None);
        let text = if numbers::has_only_digits(number) {
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

/// The offset of the next word or section sign.
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

/// The end of the word at `start` if it starts with a letter, contains only digits and letters of ASCII and Latin-1,
/// and is not followed by a char that may continue it.
fn plain_end(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    if bytes[start].is_ascii_digit() {
        return None;
    }
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        at += match BYTE_CLASSES[usize::from(*byte)] {
            ByteClass::Letter => 1,
            // U+00C0 to U+00FF without × and ÷.
            ByteClass::Latin if !matches!(bytes[at + 1], 0x97 | 0xb7) => 2,
            ByteClass::End => return Some(at),
            ByteClass::Latin | ByteClass::Joiner => return None,
        };
    }
    Some(at)
}

/// The role of a byte in a plain word.
#[derive(Clone, Copy)]
enum ByteClass {
    Letter,
    /// The first of two bytes of a Latin-1 letter.
    Latin,
    /// May continue the word.
    Joiner,
    End,
}

static BYTE_CLASSES: [ByteClass; 256] = {
    let mut classes = [ByteClass::End; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            0xc3 => ByteClass::Latin,
            b'-' | b'\'' | 0x80.. => ByteClass::Joiner,
            letter if letter.is_ascii_alphanumeric() => ByteClass::Letter,
            _ => ByteClass::End,
        };
        byte += 1;
    }
    classes
};

/// Whether a space and a digit follow.
fn precedes_digit(text: &str, at: usize) -> bool {
    let mut chars = text[at..].chars();
    chars.next().is_some_and(numbers::is_inner_space) && chars.next().is_some_and(|c| c.is_ascii_digit())
}

/// Returns the end of the token that starts at `start`. Puts its atoms into `atoms`, and the line breaks inside it into
/// `breaks`. The atoms of a token with breaks are not valid.
fn token_end(text: &str, start: usize, atoms: &mut Vec<Atom>, breaks: &mut Vec<WordBreak>) -> usize {
    atoms.clear();
    breaks.clear();
    let mut atom_start = start;
    let mut number_start = start;
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
        let next = text[at..].chars().next();
        if is_break_hyphen(c)
            && end == here
            && next.is_some_and(char::is_whitespace)
            && let Some(found) = word_break(text, here, c)
        {
            breaks.push(found);
            at = found.end;
            end = at;
            continue;
        }
        if is_invisible(c) {
            continue;
        }
        let joins_word = next.is_some_and(char::is_alphanumeric) && end == here;
        let next_is_digit = next.is_some_and(char::is_numeric);
        if joins_word && is_hyphen(c) {
            // "0-24" is a range and one number; "0-24-samarbeidet" starts a new atom at its second hyphen.
            let is_range = is_number && next_is_digit && is_numeric_until_break(&text[at..]);
            if !is_range {
                atoms.push(Atom { start: atom_start, end, is_number });
                atom_start = at;
                is_number = true;
            }
            let may_be_spaced = !is_range || numbers::may_group_range_end_by_spaces(&text[number_start..end]);
            number_start = at;
            if let Some(grouped) = numbers::grouped_end(text, at, may_be_spaced) {
                at = grouped;
                end = grouped;
            }
            continue;
        }
        // A digit after an apostrophe is a year: "OL'94".
        if joins_word && is_apostrophe(c) && !is_number && !next_is_digit {
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

/// Whether the word that starts here consists of digits.
fn is_numeric_until_break(text: &str) -> bool {
    text.chars().take_while(|c| is_word_char(*c)).all(char::is_numeric)
}

/// The hyphens that suspend a component. Dashes don't, since they also separate words.
const SUSPENDING: [char; 3] = ['-', '\u{2010}', '\u{2011}'];

fn suspended_hyphen(text: &str, start: usize, end: usize) -> SuspendedHyphen {
    if has_hyphen_after(text, end) { SuspendedHyphen::MissingHead } else { hyphen_before(text, start) }
}

/// Whether a hyphen ends the word: `støtte- og`, `støtte-, `, `støtte-/`, `støtte-)`, but not `2017-` or `ord--ord`.
fn has_hyphen_after(text: &str, end: usize) -> bool {
    text[end..].strip_prefix(SUSPENDING).is_some_and(|after| {
        let continues = |c| is_word_char(c) || is_hyphen(c) || is_invisible(c);
        !after.starts_with(continues) && !text[..end].ends_with(char::is_numeric)
    })
}

fn hyphen_before(text: &str, start: usize) -> SuspendedHyphen {
    if start == 0 || text.as_bytes()[start - 1] == b' ' {
        return SuspendedHyphen::None;
    }
    let Some(before) = text[..start].strip_suffix(SUSPENDING) else {
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
    // Nearly always a space, or a punctuation mark and a space.
    if between.len() < 2 || between.bytes().filter(|byte| *byte == b'\n').count() < 2 {
        return false;
    }
    let mut lines = between.split('\n').skip(1).peekable();
    std::iter::from_fn(|| lines.next().filter(|_| lines.peek().is_some())).any(|line| line.trim().is_empty())
}

/// Whether this is an ending that a hyphen or apostrophe separates from its word: `pc-en`, `USA-s`, `tv-ane`.
fn is_inflection(text: &str) -> bool {
    matches!(
        text,
        "en" | "et" | "er" | "ene" | "ane" | "ar" | "a" | "s" | "ens" | "ets" | "ers" | "enes" | "as" | "anes" | "t"
    )
}

/// Removes an inflection after an apostrophe: `pc'en` → `pc`, `USA's` → `USA`, but `O'Connor` is unchanged.
fn without_clitic(word: &str) -> &str {
    match word.rfind(is_apostrophe) {
        Some(at) if at > 0 => {
            let after = word[at..].chars().next().map_or(1, char::len_utf8);
            if is_inflection(&word[at + after..].to_lowercase()) { &word[..at] } else { word }
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

    /// The text and position of each word, and its slice of the source.
    fn check_positions(text: &str, expected: &[(&str, u32, &str)]) {
        let mut words = Vec::new();
        for_each_word(text, |word| words.push((word.text.to_string(), word.position, &text[word.start..word.end])));
        let words: Vec<_> = words.iter().map(|(word, position, source)| (word.as_str(), *position, *source)).collect();
        assert_eq!(words, expected, "{text}");
    }

    #[test]
    fn divided_words_end_before_their_footnote_marks() {
        let check_source = |text: &str, expected: &str| {
            for_each_word(text, |word| {
                let source = text.get(word.start..word.end);
                assert!(source.is_some_and(|source| !source.is_empty()), "{text}: {}..{}", word.start, word.end);
                if word.position == 0 && !word.is_hyphen_part {
                    assert_eq!(source, Some(expected), "{text}");
                }
            });
        };
        check_source("e-\np¹, mål", "e-\np");
        check_source("e-\npost² og", "e-\npost");
        check_source("e-\nå³.", "e-\nå");
        check_source("Nord-\nNorge¹", "Nord-\nNorge");
        check_source("barneverns-\ntjenesten⁴ er", "barneverns-\ntjenesten");
        check_source("samar\u{ad}\nbeidet¹²", "samar\u{ad}\nbeidet");
    }

    #[test]
    fn splits_words_numbers_and_hyphenated_words() {
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
    fn numbers_have_one_spelling() {
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
        check("+47 22 24 90 90", "47 22 22249090 24 90 90");
    }

    #[test]
    fn a_percent_sign_becomes_prosent() {
        for text in ["75 prosent", "75 %", "75%", "75\u{a0}%", "75\u{202f}%."] {
            check(text, "75 prosent");
        }
        check("50 %-stilling, a %, % 5, 100 000 %", "50 prosent stilling a 5 100000 prosent");
        check_positions("75 % av", &[("75", 0, "75"), ("prosent", 1, "75 %"), ("av", 2, "av")]);
    }

    #[test]
    fn dates_get_units_at_the_position_of_their_words() {
        check("19.02.2018 | kl. 10.15", "19.02.2018 2018-02-19 2018-02 2018 kl 10.15");
        check("10/11/2020 10.11.20", "10/11/2020 2020-11-10 2020-11 2020 10.11.20 2020-11-10 2020-11 2020");
        check("2020-11-10 2020–11–10", "2020-11-10 2020-11 2020 2020-11-10 2020-11 2020");
        check("versjon 1.2.20", "versjon 1.2.20");
        check("i nov. 2020 og Mai 2021", "i nov 2020-11 2020 og Mai 2021-05 2021");
        check("mai–juni 2020", "mai–juni mai juni 2020-06 2020");
        check("i november.\n\n2020", "i november 2020");
        check("10. november og 3 barn", "10 november og 3 barn");
        check("10.–12. november 2020", "10 12 2020-11-12 2020-11 2020 november 2020-11 2020");
        check_positions(
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
    fn a_section_sign_and_its_number_are_one_term() {
        check("§ 33, §33, §\u{a0}33 og paragraf 33", "§33 §33 §33 og §33 paragraf");
        check("§ 33 a, § 33a", "§33 a §33 a");
        check("§ 8-1 og Paragraf 8–1", "§8-1 8-1 og §8-1 Paragraf 8-1");
        check("§§ 4 og 5", "§4 og §5 5");
        check("§ og § a, a§ 4 §", "og a a §4");
        check("paragraf om 5 paragrafer 6 paragraf-en 7", "paragraf om 5 paragrafer 6 paragraf 7");
        check("§ 33 100 kroner", "§33 100 kroner");
        check_positions("i § 8-1 a", &[("i", 0, "i"), ("§8-1", 1, "§ 8-1"), ("8-1", 1, "8-1"), ("a", 2, "a")]);
        check_positions("paragraf\n33", &[("§33", 0, "paragraf\n33"), ("paragraf", 0, "paragraf")]);
        check_positions("a\n\n§ 3", &[("a", 0, "a"), ("§3", 5, "§ 3")]);
    }

    #[test]
    fn a_hyphen_at_an_edge_marks_a_suspended_compound() {
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
    fn skips_encoded_data() {
        check(&format!("a {} b", "x".repeat(500)), "a b");
        check(&format!("a {} b", "5".repeat(500)), "a b");
        check(&format!("a § {} b", "5".repeat(500)), "a b");
        check(&format!("a {} b", "ø".repeat(150)), &format!("a {} b", "ø".repeat(150)));
    }

    #[test]
    fn a_word_occurs_once_at_a_position() {
        let text = "10.11.2020–12.11.2020 2020-2020 §§ 4-4 10. nov. 2020-2021 2020-11-10";
        let mut words = Vec::new();
        for_each_word(text, |word| words.push((word.position, word.text.to_string())));
        let count = words.len();
        words.sort();
        words.dedup();
        assert_eq!(words.len(), count);
    }
}

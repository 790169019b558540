//! Divides a document into passages, and the text of a passage into paragraphs and sentences.
//!
//! A passage is a paragraph, or a heading with the text below it. Short paragraphs are joined, long ones and lists are
//! divided, and no passage extends past a heading.

use crate::model::{BULLETS, ClassifiedLine, Document, LineClass, Passage, shortened, word_count};
use crate::norwegian::{is_break_hyphen, join_word_breaks};

/// A passage with fewer words is joined with what follows under the same heading.
const MIN_WORDS: usize = 40;
/// Stored headings are cut to this length, since every passage stores one. Longer ones are body text that is marked up
/// as a heading.
const MAX_HEADING_CHARS: usize = 300;
/// A passage with more words is divided, at the end of a paragraph, an item or a sentence.
const MAX_WORDS: usize = 200;

/// The passages of a document, in the order of the page. Every kept line is in exactly one of them, or divided among
/// several if it is too long for one.
pub fn passages(document: &Document) -> Vec<Passage> {
    let mut passages = Vec::new();
    let mut section = Section::default();
    for block in blocks(document) {
        let starts_section = matches!(block.class, LineClass::Heading | LineClass::Title);
        if starts_section && section.has_body {
            section.close(&mut passages);
        }
        section.add(block);
    }
    section.close(&mut passages);
    passages
}

/// The dropped lines of a document as one passage, for searches in boilerplate; `None` if there are none.
pub fn dropped_passage(document: &Document) -> Option<Passage> {
    let lines = || document.lines.iter().filter(|line| line.class.is_dropped());
    let texts: Vec<&str> = lines().map(|line| line.text.trim()).collect();
    (!texts.is_empty()).then(|| Passage {
        text: texts.join("\n\n"),
        lines: lines().map(|line| line.number).collect(),
        columns: lines().map(|line| Some(indent(&line.text))).collect(),
        classes: lines().map(|line| line.class).collect(),
        ..Passage::default()
    })
}

/// The number of bytes of white space before the text of a line.
fn indent(line: &str) -> u32 {
    (line.len() - line.trim_start().len()) as u32
}

/// A source line, or a part of one that is too long for a passage.
struct LinePart {
    /// The number of the source line.
    number: u32,
    /// The byte offset in the source line at which the part starts; `None` for a title that is not a line of the page.
    column: Option<u32>,
    text: String,
    words: usize,
}

/// The lines of one paragraph, item or heading.
struct Block {
    class: LineClass,
    lines: Vec<LinePart>,
    words: usize,
    is_repeated: bool,
}

impl Block {
    fn of(class: LineClass, line: LinePart, is_repeated: bool) -> Block {
        let words = line.words;
        Block { class, lines: vec![line], words, is_repeated }
    }

    /// Whether its last word may continue on the next line; a paragraph is not divided there.
    fn ends_in_divided_word(&self) -> bool {
        self.lines.last().is_some_and(|line| line.text.ends_with(is_break_hyphen))
    }

    fn is_body(&self) -> bool {
        !matches!(self.class, LineClass::Heading | LineClass::Title | LineClass::Date)
    }
}

fn blocks(document: &Document) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let kept = || document.lines.iter().filter(|line| line.class.is_kept());
    // A title that is not a line of the page is also made searchable. It gets the number of the first content line.
    if let Some(title) = &document.title
        && kept().all(|line| line.class != LineClass::Title)
    {
        let number = kept().next().map_or(1, |line| line.number);
        let line = LinePart { number, column: None, text: title.clone(), words: word_count(title) };
        blocks.push(Block::of(LineClass::Title, line, false));
    }
    for line in kept() {
        for (index, part) in split_line(line).into_iter().enumerate() {
            let part = Block::of(line.class, part, line.is_repeated);
            match blocks.last_mut() {
                Some(block)
                    if index == 0
                        && line.continues_paragraph
                        && (block.words + part.words <= MAX_WORDS || block.ends_in_divided_word()) =>
                {
                    block.words += part.words;
                    block.is_repeated &= part.is_repeated;
                    block.lines.extend(part.lines);
                }
                _ => blocks.push(part),
            }
        }
    }
    blocks
}

/// Splits a line with more words than a passage may have, after a sentence if possible, otherwise after a word.
fn split_line(line: &ClassifiedLine) -> Vec<LinePart> {
    let text = line.text.trim();
    let part = |start: usize, end: usize, words: usize| LinePart {
        number: line.number,
        column: Some(indent(&line.text) + start as u32 + indent(&text[start..end])),
        text: text[start..end].trim().to_string(),
        words,
    };
    let all_words = word_count(text);
    if all_words <= MAX_WORDS {
        return vec![part(0, text.len(), all_words)];
    }
    let mut parts = Vec::new();
    let mut start = 0;
    let mut words = 0;
    let mut sentence_end = None;
    let mut offset = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        offset += word.len();
        words += usize::from(!word.trim().is_empty());
        if word.trim_end().ends_with(['.', '!', '?', ';']) {
            sentence_end = Some(offset);
        }
        if words >= MAX_WORDS {
            let end = sentence_end.take().unwrap_or(offset);
            parts.push(part(start, end, word_count(&text[start..end])));
            words = word_count(&text[end..offset]);
            start = end;
        }
    }
    parts.push(part(start, text.len(), word_count(&text[start..])));
    parts.retain(|part| !part.text.is_empty());
    parts
}

/// The passages under one heading, built from the blocks below it.
#[derive(Default)]
struct Section {
    heading: Option<String>,
    /// The blocks of the passage being built.
    blocks: Vec<Block>,
    /// Whether `blocks` contains body text: anything but titles, dates and headings.
    has_body: bool,
    /// The number of words of body text in `blocks`.
    body_words: usize,
    /// The number of words of titles, dates and headings.
    heading_words: usize,
    passages: Vec<Passage>,
}

impl Section {
    fn add(&mut self, block: Block) {
        if block.is_body() {
            let is_full = self.body_words >= MIN_WORDS || self.body_words + block.words > MAX_WORDS;
            // A list stays with the line that introduces it.
            let continues_list =
                block.class == LineClass::Item && self.body_words + block.words <= MAX_WORDS && !self.blocks.is_empty();
            if self.has_body && is_full && !continues_list {
                self.flush();
            }
            self.has_body = true;
            self.body_words += block.words;
        } else {
            // Many headings without text between them are a list marked up as headings, which is divided too.
            self.heading_words += block.words;
            if self.heading_words > MAX_WORDS {
                self.flush();
            }
        }
        if block.class == LineClass::Heading {
            self.heading = Some(shortened(&block.lines[0].text, MAX_HEADING_CHARS));
        }
        self.blocks.push(block);
    }

    /// Ends the passage being built.
    fn flush(&mut self) {
        if self.blocks.is_empty() {
            return;
        }
        let is_repeated = self.has_body && self.blocks.iter().all(|block| block.is_repeated || !block.is_body());
        let mut text = String::new();
        let (mut lines, mut columns, mut classes) = (Vec::new(), Vec::new(), Vec::new());
        for block in self.blocks.drain(..) {
            classes.push(block.class);
            if !text.is_empty() {
                text.push_str("\n\n");
            }
            for (index, line) in block.lines.into_iter().enumerate() {
                if index > 0 {
                    text.push('\n');
                }
                text.push_str(&line.text);
                lines.push(line.number);
                columns.push(line.column);
            }
        }
        self.passages.push(Passage { heading: self.heading.clone(), text, lines, columns, classes, is_repeated });
        self.has_body = false;
        self.body_words = 0;
        self.heading_words = 0;
    }

    /// Ends the section and moves its passages to `passages`. A short last passage is joined with the one before it if
    /// the two are not too long together.
    fn close(&mut self, passages: &mut Vec<Passage>) {
        let last_words = self.body_words;
        self.flush();
        if last_words < MIN_WORDS
            && self.passages.len() > 1
            && let Some(rest) = self.passages.pop()
        {
            match self.passages.last_mut() {
                Some(last) if last.words() + rest.words() <= MAX_WORDS => {
                    last.text.push_str("\n\n");
                    last.text.push_str(&rest.text);
                    last.lines.extend(rest.lines);
                    last.columns.extend(rest.columns);
                    last.classes.extend(rest.classes);
                    last.is_repeated &= rest.is_repeated;
                }
                _ => self.passages.push(rest),
            }
        }
        passages.append(&mut self.passages);
        *self = Section::default();
    }
}

/// The paragraphs, items and headings of a passage's text, each with its byte offset.
pub fn paragraphs(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut breaks = memchr::memmem::find_iter(text.as_bytes(), "\n\n");
    let mut next = Some(0);
    std::iter::from_fn(move || {
        let start = next?;
        let end = breaks.next();
        next = end.map(|end| end + 2);
        Some((start, &text[start..end.unwrap_or(text.len())]))
    })
}

/// A sentence of a passage's text.
pub struct Sentence {
    /// The byte offset of its start.
    pub start: usize,
    /// The byte offset of its end, exclusive.
    pub end: usize,
    /// The index of its paragraph, item or heading in the text.
    pub paragraph: usize,
}

/// Abbreviations whose full stop doesn't end a sentence, even before a capital.
const ABBREVIATIONS: [&str; 24] = [
    "art", "bl.a", "ca", "dr", "dvs", "evt", "f.eks", "fig", "gl", "inkl", "jf", "jfr", "kap", "kl", "mht", "mrk",
    "nr", "pga", "pkt", "prof", "s", "st", "tlf", "vgl",
];

/// The sentences of a passage's text. They don't extend past the end of a paragraph or include the bullet of an item.
pub fn sentences(text: &str) -> Vec<Sentence> {
    let mut sentences = Vec::new();
    for (paragraph, (offset, block)) in paragraphs(text).enumerate() {
        let after_bullet = block.trim_start_matches(BULLETS);
        let is_item = after_bullet.len() < block.len() && after_bullet.starts_with(char::is_whitespace);
        let mut start = if is_item { block.len() - after_bullet.trim_start().len() } else { 0 };
        let mut marks_end = 0;
        // 0xe2 is the first byte of `…` (and of other characters).
        let may_end = |(offset, byte): (usize, u8)| matches!(byte, b'.' | b'!' | b'?' | 0xe2).then_some(offset);
        for end in block.bytes().enumerate().filter_map(may_end) {
            let Some(mark) = block[end..].chars().next().filter(|c| matches!(c, '.' | '!' | '?' | '…')) else {
                continue;
            };
            // The second mark of "?!" doesn't end another sentence.
            if end < marks_end {
                continue;
            }
            let rest = &block[end + mark.len_utf8()..];
            let after_marks = rest.trim_start_matches(['"', '»', '”', ')', '.', '!', '?']);
            marks_end = block.len() - after_marks.len();
            let next = after_marks.trim_start();
            let starts_sentence = after_marks.len() > next.len()
                && next.starts_with(|c: char| c.is_uppercase() || c.is_numeric() || "«\"“–•(".contains(c));
            if !starts_sentence || end < start {
                continue;
            }
            let word = block[start..end].rsplit(char::is_whitespace).next().unwrap_or("");
            let word = word.trim_start_matches(['(', '«', '"']).to_lowercase();
            let is_number =
                mark == '.' && word.chars().all(|c| c.is_ascii_digit()) && !word.is_empty() && word.len() <= 2;
            if ABBREVIATIONS.contains(&word.as_str()) || is_number {
                continue;
            }
            sentences.push(Sentence { start: offset + start, end: offset + marks_end, paragraph });
            start = block.len() - next.len();
        }
        if start < block.len() {
            sentences.push(Sentence { start: offset + start, end: offset + block.len(), paragraph });
        }
    }
    sentences
}

/// The first sentence of a text, shortened to `max_chars` characters.
pub fn opening(text: &str, max_chars: usize) -> String {
    let first = sentences(text).into_iter().next().map_or("", |first| &text[first.start..first.end]);
    shortened(&join_word_breaks(first).replace('\n', " "), max_chars)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Reason;

    /// Each line is `letter text`: t title, d date, h heading, c content, r repeated content, i item, x boilerplate,
    /// + continuation. `expected` has the heading and the lines of each passage.
    fn check(lines: &str, expected: &[(&str, &[u32])]) {
        let lines = lines
            .lines()
            .enumerate()
            .map(|(index, line)| {
                let (letter, text) = line.split_once(' ').unwrap();
                ClassifiedLine {
                    number: index as u32 + 1,
                    text: text.to_string(),
                    class: match letter {
                        "t" => LineClass::Title,
                        "d" => LineClass::Date,
                        "h" => LineClass::Heading,
                        "i" => LineClass::Item,
                        "x" => LineClass::Boilerplate,
                        _ => LineClass::Content,
                    },
                    is_repeated: letter == "r",
                    may_be_lost_content: false,
                    reason: Reason::NoRule,
                    continues_paragraph: letter == "+",
                }
            })
            .collect();
        let document = Document {
            title: None,
            published: None,
            updated: None,
            source: None,
            url: None,
            lang: Default::default(),
            origins: Default::default(),
            lines,
        };
        let found = passages(&document);
        let found: Vec<(&str, &[u32])> =
            found.iter().map(|passage| (passage.heading.as_deref().unwrap_or(""), passage.lines.as_slice())).collect();
        assert_eq!(found, expected);
    }

    fn words(count: usize) -> String {
        "ord ".repeat(count).trim().to_string()
    }

    #[test]
    fn the_title_joins_the_first_paragraph_and_long_paragraphs_are_passages() {
        let long = words(60);
        check(&format!("t T\nd D\nc {long}\nc {long}"), &[("", &[1, 2, 3]), ("", &[4])]);
    }

    #[test]
    fn no_passage_extends_past_a_heading() {
        let short = words(5);
        check(
            &format!("c {short}\nh H\nc {short}\nx {short}\nh G\nc {short}"),
            &[("", &[1]), ("H", &[2, 3]), ("G", &[5, 6])],
        );
    }

    #[test]
    fn divides_headings_without_text() {
        let long = words(90);
        check(
            &format!("h {long}\nh {long}\nh {long}"),
            &[(&shortened(&long, 300), &[1, 2]), (&shortened(&long, 300), &[3])],
        );
    }

    #[test]
    fn a_list_stays_with_its_introduction_unless_it_is_long() {
        let lead = words(50);
        check(&format!("h H\nc {lead}\ni a\ni b\nc {lead}"), &[("H", &[1, 2, 3, 4]), ("H", &[5])]);
        let item = words(80);
        check(&format!("c {lead}\ni {item}\ni {item}"), &[("", &[1, 2]), ("", &[3])]);
    }

    #[test]
    fn joins_a_short_last_passage_with_the_one_before() {
        let long = words(60);
        check(&format!("c {long}\nc kort"), &[("", &[1, 2])]);
    }

    #[test]
    fn divides_a_long_paragraph_after_sentences() {
        let text = format!("{}. {}.", words(150), words(150));
        check(&format!("c {text}"), &[("", &[1]), ("", &[1])]);
        check(&format!("c {}", words(450)), &[("", &[1]), ("", &[1]), ("", &[1])]);
    }

    #[test]
    fn abbreviations_and_ordinals_do_not_end_a_sentence() {
        let check = |text: &str, count: usize| assert_eq!(sentences(text).len(), count, "{text}");
        check("Det gjelder bl.a. Oslo og f.eks. Bergen.", 1);
        check("Den 31. August kom. Så gikk det.", 2);
        check("Hva skjer? 2. Hvilke behov?", 2);
        check("Se kap. 3 i St. Olavs skrift!", 1);
        check("Hva?! Slik er det...? Ja.", 3);
        check("Tittel\n\n• et punkt\n\nEn setning.", 3);
    }

    #[test]
    fn opening_is_the_first_sentence() {
        assert_eq!(opening("Barn og unge. De er her.", 100), "Barn og unge.");
        assert_eq!(opening("Barn og unge opplever, at de", 24), "Barn og unge opplever…");
    }

    #[test]
    fn joins_broken_lines_until_the_passage_is_full() {
        check("c en linje\n+ og en til", &[("", &[1, 2])]);
        let line = words(90);
        check(&format!("c {line}\n+ {line}\n+ {line}"), &[("", &[1, 2]), ("", &[3])]);
    }
}

//! Given a document, which passages does a reader want to land on?
//!
//! A paragraph, or a heading with what stands under it. Short paragraphs are taken together, long ones and
//! lists divided, and no passage reaches from under one heading into the text under the next.

use crate::model::{BULLETS, ClassifiedLine, Document, LineClass, Passage, shortened, word_count};

/// Fewer words are taken together with what follows under the same heading.
const MIN_WORDS: usize = 40;
/// Every passage under a heading keeps it; longer ones are no headings but text in their markup.
const MAX_HEADING_CHARS: usize = 300;
/// More words are divided, at the end of a paragraph, an item or a sentence.
const MAX_WORDS: usize = 200;

/// The passages of a cleaned page, in the order of the page. Every kept line is in exactly one of them.
pub fn passages(document: &Document) -> Vec<Passage> {
    let blocks = blocks(document);
    let mut passages = Vec::new();
    let mut section = Section::default();
    for block in blocks {
        let begins_section = matches!(block.class, LineClass::Heading | LineClass::Title);
        if begins_section && section.has_body {
            section.close(&mut passages);
        }
        section.add(block);
    }
    section.close(&mut passages);
    passages
}

/// What the passages leave out: the dropped lines of a page in one, for those who ask for boilerplate. `None` where
/// nothing was dropped.
pub fn dropped(document: &Document) -> Option<Passage> {
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

/// Bytes of white space before the text of a line.
fn indent(line: &str) -> u32 {
    (line.len() - line.trim_start().len()) as u32
}

/// A line of a passage.
struct Piece {
    number: u32,
    words: usize,
    /// Where in that line it begins.
    column: Option<u32>,
    text: String,
}

/// Lines that make one paragraph, item or heading.
struct Block {
    class: LineClass,
    lines: Vec<Piece>,
    words: usize,
    is_repeated: bool,
}

impl Block {
    fn of(class: LineClass, line: Piece, is_repeated: bool) -> Block {
        let words = line.words;
        Block { class, lines: vec![line], words, is_repeated }
    }

    fn is_body(&self) -> bool {
        !matches!(self.class, LineClass::Heading | LineClass::Title | LineClass::Date)
    }
}

fn blocks(document: &Document) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let kept = || document.lines.iter().filter(|line| line.class.is_kept());
    // A title that stands in no line is searchable all the same, with the line of the first content.
    if let Some(title) = &document.title
        && kept().all(|line| line.class != LineClass::Title)
    {
        let number = kept().next().map_or(1, |line| line.number);
        blocks.push(Block::of(
            LineClass::Title,
            Piece { number, words: word_count(title), column: None, text: title.clone() },
            false,
        ));
    }
    for line in kept() {
        for (index, piece) in pieces(line).into_iter().enumerate() {
            let piece = Block::of(line.class, piece, line.is_repeated);
            match blocks.last_mut() {
                Some(block) if index == 0 && line.continues_paragraph && block.words + piece.words <= MAX_WORDS => {
                    block.words += piece.words;
                    block.is_repeated &= piece.is_repeated;
                    block.lines.extend(piece.lines);
                }
                _ => blocks.push(piece),
            }
        }
    }
    blocks
}

/// A line of more words than a passage may have, divided at its sentences, else at its words.
fn pieces(line: &ClassifiedLine) -> Vec<Piece> {
    let text = line.text.trim();
    let piece = |begin: usize, end: usize, words: usize| Piece {
        number: line.number,
        words,
        column: Some(indent(&line.text) + begin as u32 + indent(&text[begin..end])),
        text: text[begin..end].trim().to_string(),
    };
    let all = word_count(text);
    if all <= MAX_WORDS {
        return vec![piece(0, text.len(), all)];
    }
    let mut pieces = Vec::new();
    let mut begin = 0;
    let mut words = 0;
    let mut last_end = None;
    let mut at = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        at += word.len();
        words += usize::from(!word.trim().is_empty());
        if word.trim_end().ends_with(['.', '!', '?', ';']) {
            last_end = Some(at);
        }
        if words >= MAX_WORDS {
            let end = last_end.take().unwrap_or(at);
            pieces.push(piece(begin, end, word_count(&text[begin..end])));
            words = word_count(&text[end..at]);
            begin = end;
        }
    }
    pieces.push(piece(begin, text.len(), word_count(&text[begin..])));
    pieces.retain(|piece| !piece.text.is_empty());
    pieces
}

/// What stands under one heading, while it is being read.
#[derive(Default)]
struct Section {
    heading: Option<String>,
    has_body: bool,
    blocks: Vec<Block>,
    words: usize,
    /// Words of titles, dates and headings.
    lead_words: usize,
    passages: Vec<Passage>,
}

impl Section {
    fn add(&mut self, block: Block) {
        if block.is_body() {
            let words = block.words;
            let is_full = self.words >= MIN_WORDS || self.words + words > MAX_WORDS;
            // A list stays with the line that leads into it.
            let leads_into_list =
                block.class == LineClass::Item && self.words + words <= MAX_WORDS && !self.blocks.is_empty();
            if self.has_body && is_full && !leads_into_list {
                self.flush();
            }
            self.has_body = true;
            self.words += words;
        } else {
            // Headings without text between them are a list in other clothes.
            self.lead_words += block.words;
            if self.lead_words > MAX_WORDS {
                self.flush();
            }
        }
        if block.class == LineClass::Heading {
            self.heading = Some(shortened(&block.lines[0].text, MAX_HEADING_CHARS));
        }
        self.blocks.push(block);
    }

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
            for (index, piece) in block.lines.into_iter().enumerate() {
                if index > 0 {
                    text.push('\n');
                }
                text.push_str(&piece.text);
                lines.push(piece.number);
                columns.push(piece.column);
            }
        }
        self.passages.push(Passage { heading: self.heading.clone(), text, lines, columns, classes, is_repeated });
        self.has_body = false;
        self.words = 0;
        self.lead_words = 0;
    }

    /// A short rest goes with the passage before it, if both stay within the bounds.
    fn close(&mut self, passages: &mut Vec<Passage>) {
        let rest_words = self.words;
        self.flush();
        if rest_words < MIN_WORDS
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

/// The paragraphs of a passage's text, each with where it begins.
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

/// A sentence of a passage's text, as byte offsets.
pub struct Sentence {
    pub start: usize,
    pub end: usize,
    /// Counts the paragraphs, items and headings of the text.
    pub paragraph: usize,
}

/// Abbreviations whose full stop ends no sentence, however the next word begins.
const ABBREVIATIONS: [&str; 24] = [
    "art", "bl.a", "ca", "dr", "dvs", "evt", "f.eks", "fig", "gl", "inkl", "jf", "jfr", "kap", "kl", "mht", "mrk",
    "nr", "pga", "pkt", "prof", "s", "st", "tlf", "vgl",
];

/// The sentences of a passage's text; none reaches over the end of a paragraph, and the bullet of an item is
/// in none.
pub fn sentences(text: &str) -> Vec<Sentence> {
    let mut sentences = Vec::new();
    for (paragraph, (offset, block)) in paragraphs(text).enumerate() {
        let after_bullet = block.trim_start_matches(BULLETS);
        let is_item = after_bullet.len() < block.len() && after_bullet.starts_with(char::is_whitespace);
        let mut start = if is_item { block.len() - after_bullet.trim_start().len() } else { 0 };
        let mut run_end = 0;
        // The first byte of … is that of other signs too.
        let may_end = |(at, byte): (usize, u8)| matches!(byte, b'.' | b'!' | b'?' | 0xe2).then_some(at);
        for at in block.bytes().enumerate().filter_map(may_end) {
            let Some(mark) = block[at..].chars().next().filter(|c| matches!(c, '.' | '!' | '?' | '…')) else {
                continue;
            };
            // The second mark of "?!" is judged with the first.
            if at < run_end {
                continue;
            }
            let rest = &block[at + mark.len_utf8()..];
            let closed = rest.trim_start_matches(['"', '»', '”', ')', '.', '!', '?']);
            run_end = block.len() - closed.len();
            let next = closed.trim_start();
            let begins_sentence = closed.len() > next.len()
                && next.starts_with(|c: char| c.is_uppercase() || c.is_numeric() || "«\"“–•(".contains(c));
            if !begins_sentence || at < start {
                continue;
            }
            let word = block[start..at].rsplit(char::is_whitespace).next().unwrap_or("");
            let word = word.trim_start_matches(['(', '«', '"']).to_lowercase();
            let is_number =
                mark == '.' && word.chars().all(|c| c.is_ascii_digit()) && !word.is_empty() && word.len() <= 2;
            if ABBREVIATIONS.contains(&word.as_str()) || is_number {
                continue;
            }
            sentences.push(Sentence { start: offset + start, end: offset + run_end, paragraph });
            start = block.len() - next.len();
        }
        if start < block.len() {
            sentences.push(Sentence { start: offset + start, end: offset + block.len(), paragraph });
        }
    }
    sentences
}

/// How a text begins: its first sentence, cut at a word after `max_chars` characters.
pub fn opening(text: &str, max_chars: usize) -> String {
    let first = sentences(text).into_iter().next().map_or("", |first| &text[first.start..first.end]);
    shortened(&first.replace('\n', " "), max_chars)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines are `letter text`: t title, d date, h heading, c content, i item, + goes on.
    fn check(lines: &str, expected: &[(&str, &[u32])]) {
        let lines = lines
            .lines()
            .enumerate()
            .map(|(index, line)| {
                let (kind, text) = line.split_once(' ').unwrap();
                ClassifiedLine {
                    number: index as u32 + 1,
                    text: text.to_string(),
                    class: match kind {
                        "t" => LineClass::Title,
                        "d" => LineClass::Date,
                        "h" => LineClass::Heading,
                        "i" => LineClass::Item,
                        "x" => LineClass::Boilerplate,
                        _ => LineClass::Content,
                    },
                    is_repeated: kind == "r",
                    may_be_missed: false,
                    reason: crate::model::Reason::NoRule,
                    continues_paragraph: kind == "+",
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
    fn the_title_goes_with_the_first_paragraph_and_long_paragraphs_stand_alone() {
        let long = words(60);
        check(&format!("t T\nd D\nc {long}\nc {long}"), &[("", &[1, 2, 3]), ("", &[4])]);
    }

    #[test]
    fn no_passage_crosses_a_heading() {
        let short = words(5);
        check(
            &format!("c {short}\nh H\nc {short}\nx {short}\nh G\nc {short}"),
            &[("", &[1]), ("H", &[2, 3]), ("G", &[5, 6])],
        );
    }

    #[test]
    fn headings_without_text_are_divided_too() {
        let many = words(90);
        check(
            &format!("h {many}\nh {many}\nh {many}"),
            &[(&shortened(&many, 300), &[1, 2]), (&shortened(&many, 300), &[3])],
        );
    }

    #[test]
    fn a_list_stays_with_its_lead_and_is_divided_when_long() {
        let lead = words(50);
        check(&format!("h H\nc {lead}\ni a\ni b\nc {lead}"), &[("H", &[1, 2, 3, 4]), ("H", &[5])]);
        let item = words(80);
        check(&format!("c {lead}\ni {item}\ni {item}"), &[("", &[1, 2]), ("", &[3])]);
    }

    #[test]
    fn a_short_rest_goes_with_the_passage_before_it() {
        let long = words(60);
        check(&format!("c {long}\nc kort"), &[("", &[1, 2])]);
    }

    #[test]
    fn a_paragraph_of_many_words_is_divided_at_sentences() {
        let text = format!("{}. {}.", words(150), words(150));
        check(&format!("c {text}"), &[("", &[1]), ("", &[1])]);
        check(&format!("c {}", words(450)), &[("", &[1]), ("", &[1]), ("", &[1])]);
    }

    #[test]
    fn abbreviations_and_ordinals_end_no_sentence() {
        let check = |text: &str, count: usize| assert_eq!(sentences(text).len(), count, "{text}");
        check("Det gjelder bl.a. Oslo og f.eks. Bergen.", 1);
        check("Den 31. August kom. Så gikk det.", 2);
        check("Hva skjer? 2. Hvilke behov?", 2);
        check("Se kap. 3 i St. Olavs skrift!", 1);
        check("Hva?! Slik er det...? Ja.", 3);
        check("Tittel\n\n• et punkt\n\nEn setning.", 3);
    }

    #[test]
    fn a_text_opens_with_its_first_sentence() {
        assert_eq!(opening("Barn og unge. De er her.", 100), "Barn og unge.");
        assert_eq!(opening("Barn og unge opplever, at de", 24), "Barn og unge opplever…");
    }

    #[test]
    fn broken_lines_are_one_block_until_it_is_full() {
        check("c en linje\n+ og en til", &[("", &[1, 2])]);
        let line = words(90);
        check(&format!("c {line}\n+ {line}\n+ {line}"), &[("", &[1, 2]), ("", &[3])]);
    }
}

//! Parses Markdown (CommonMark with tables, footnotes and YAML front matter) into blocks of text, with pulldown-cmark.

use pulldown_cmark::{Event, MetadataBlockKind, Options, Parser, Tag, TagEnd};

use super::html;
use super::parsed_page::ParsedPage;
use crate::model::{Line, Markup, PageMetadata};
use crate::norwegian::{is_break_hyphen, join_word_breaks};

/// Represents a line break after a hyphen inside a block, where a word may be divided. It is white space, so it is
/// trimmed at both ends of a block.
const DIVIDING_BREAK: char = '\u{c}';

/// Returns the blocks of the page, and `title`, `date`, `source`, `url` and `lang` from its front matter.
pub fn parse(source: &str) -> ParsedPage {
    let options = Options::ENABLE_TABLES | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS | Options::ENABLE_FOOTNOTES;
    let mut lines: Vec<Line> = Vec::new();
    let mut metadata = PageMetadata::default();
    let mut text = String::new();
    let mut start = 0;
    let mut in_front_matter = false;
    let mut list_depth = 0usize;
    let newlines: Vec<usize> = source.match_indices('\n').map(|(offset, _)| offset).collect();
    let mut flush = |text: &mut String, start: usize, markup: Markup| {
        let number = 1 + newlines.partition_point(|newline| *newline < start) as u32;
        // Only code blocks keep line breaks; each of their lines is a block.
        for (index, line) in (0u32..).zip(text.trim_matches(['\n', ' ']).lines()) {
            let divided = line.replace(DIVIDING_BREAK, "\n");
            let joined = join_word_breaks(&divided).replace('\n', " ");
            let line = joined.trim().trim_end_matches(" |");
            if !line.is_empty() {
                lines.push(Line { number: number + index, text: line.to_string(), markup });
            }
        }
        text.clear();
    };
    for (event, range) in Parser::new_ext(source, options).into_offset_iter() {
        if text.is_empty() {
            start = range.start;
        }
        match event {
            Event::Start(Tag::MetadataBlock(MetadataBlockKind::YamlStyle)) => in_front_matter = true,
            Event::End(TagEnd::MetadataBlock(_)) => {
                read_front_matter(&text, &mut metadata);
                text.clear();
                in_front_matter = false;
            }
            Event::Text(words) | Event::Code(words) => text.push_str(&words),
            Event::Html(markup) | Event::InlineHtml(markup) => {
                for line in html::parse_html(&markup).lines {
                    text.push(' ');
                    text.push_str(&line.text);
                }
            }
            Event::End(TagEnd::HtmlBlock) => flush(&mut text, start, Markup::Paragraph),
            Event::SoftBreak | Event::HardBreak => {
                text.push(if text.trim_end().ends_with(is_break_hyphen) { DIVIDING_BREAK } else { ' ' })
            }
            Event::Start(Tag::List(_)) => {
                flush(&mut text, start, Markup::Item);
                list_depth += 1;
            }
            Event::End(TagEnd::List(_)) => list_depth = list_depth.saturating_sub(1),
            Event::End(TagEnd::Item) => flush(&mut text, start, Markup::Item),
            Event::End(TagEnd::TableCell) => text.push_str(" | "),
            Event::End(TagEnd::TableRow | TagEnd::TableHead) => flush(&mut text, start, Markup::Row),
            Event::End(TagEnd::Heading(level)) => flush(&mut text, start, Markup::Heading(level as u8)),
            Event::End(TagEnd::Paragraph | TagEnd::CodeBlock | TagEnd::BlockQuote(_)) if !in_front_matter => {
                let markup = if list_depth > 0 { Markup::Item } else { Markup::Paragraph };
                flush(&mut text, start, markup);
            }
            _ => {}
        }
    }
    flush(&mut text, start, Markup::Paragraph);
    ParsedPage { lines, metadata, ..ParsedPage::default() }
}

/// Reads plain `key: value` lines. Other YAML contains nothing that treff uses.
fn read_front_matter(block: &str, metadata: &mut PageMetadata) {
    for line in block.lines() {
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        let value = value.trim().trim_matches(['"', '\'']);
        if value.is_empty() {
            continue;
        }
        let field = match key.trim().to_ascii_lowercase().as_str() {
            "title" | "tittel" => &mut metadata.title,
            "date" | "dato" => &mut metadata.date,
            "source" | "kilde" | "kjelde" => &mut metadata.source,
            "url" => &mut metadata.url,
            "lang" | "language" => &mut metadata.lang,
            _ => continue,
        };
        *field = Some(value.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_blocks_with_their_line_numbers() {
        let parsed = parse(
            "---\ntitle: \"Plikt\"\ndate: 2020-01-02\n---\n\n# Om *plikt*\n\nEn linje\nog en til.\n\n- a\n- b\n\n| x | y |\n|---|---|\n| 1 | 2 |\n",
        );
        let found: Vec<_> = parsed.lines.iter().map(|line| (line.number, line.text.as_str(), line.markup)).collect();
        assert_eq!(
            found,
            [
                (6, "Om plikt", Markup::Heading(1)),
                (8, "En linje og en til.", Markup::Paragraph),
                (11, "a", Markup::Item),
                (12, "b", Markup::Item),
                (14, "x | y", Markup::Row),
                (16, "1 | 2", Markup::Row),
            ]
        );
        assert_eq!(
            parse("har barneverns-\ntjenesten, støtte-\nog").lines[0].text,
            "har barnevernstjenesten, støtte- og"
        );
        assert_eq!(parse("<div>\nRå *tekst*\n</div>\n").lines[0].text, "Rå *tekst*");
        assert_eq!(parsed.metadata.title.as_deref(), Some("Plikt"));
        assert_eq!(parsed.metadata.date.as_deref(), Some("2020-01-02"));
    }
}

//! Parses a page into lines with the parser for its format.

use super::parsed_page::ParsedPage;
use super::{html, markdown};
use crate::model::{Format, Line, Markup, Page, PageMetadata};

/// Parses a page. Lines are numbered from 1 within the page, even if it is a record of a file.
pub fn parse(page: &Page) -> ParsedPage {
    let mut parsed = match page.format {
        Format::Text => ParsedPage { lines: text_lines(&page.text), ..ParsedPage::default() },
        Format::Html => html::parse_html(&page.text),
        Format::Markdown => markdown::parse(&page.text),
    };
    let record = page.metadata.clone();
    let stated = std::mem::take(&mut parsed.metadata);
    parsed.metadata = PageMetadata {
        url: record.url.or(stated.url),
        title: record.title.or(stated.title),
        date: record.date.or(stated.date),
        source: record.source.or(stated.source),
        lang: record.lang.or(stated.lang),
    };
    parsed.record = page.metadata.clone();
    parsed
}

/// The lines of a text page. They end in LF or CR LF, or in CR on a page without any LF.
fn text_lines(text: &str) -> Vec<Line> {
    let ends_in_cr_only = text.contains('\r') && !text.contains('\n');
    let line =
        |(index, text): (usize, &str)| Line { number: index as u32 + 1, text: text.to_string(), markup: Markup::None };
    if ends_in_cr_only {
        text.split('\r').enumerate().map(line).collect()
    } else {
        text.lines().enumerate().map(line).collect()
    }
}

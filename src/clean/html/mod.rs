//! Given a page in HTML, which blocks of text does it show, which of them are its content, and what does it say of
//! itself?
//!
//! `mended` closes what is never closed, `blocks` reads the page into a light tree of elements and blocks of text,
//! `hints` tells what an element's name says, `extract` weighs the blocks, `others` and `threads` go through what is
//! left, `head` reads title and dates. Every block becomes a `Line` with the source line at which it begins.

mod content;
mod elements;
mod hints;
mod related;
mod repair;
mod stated_metadata;
mod threads;
mod tree;

use html5ever::Attribute;

use super::parsed_page::ParsedPage;
use crate::model::{Markup, OutsideReason};

/// The blocks of the page in the order of the source, and what it states of itself.
pub fn parse(source: &str) -> ParsedPage {
    let tree = tree::read(&repair::repair(source));
    let outside = content::outside(&tree);
    let (metadata, updated) = tree.head.stated();
    let lines = tree.blocks.into_iter().zip(outside).map(|(block, outside)| {
        let mut line = block.line;
        if let Some(outside) = outside {
            line.markup = Markup::Outside(OutsideReason::from_name(outside));
        }
        line
    });
    ParsedPage { metadata, lines: lines.collect(), updated, ..ParsedPage::default() }
}

fn attr<'a>(attrs: &'a [Attribute], name: &str) -> Option<&'a str> {
    attrs.iter().find(|attr| &*attr.name.local == name).map(|attr| &*attr.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, expected: &[(u32, &str, Markup)]) {
        let lines = parse(html).lines;
        let found: Vec<_> = lines.iter().map(|line| (line.number, line.text.as_str(), line.markup)).collect();
        assert_eq!(found, expected, "{html}");
    }

    #[test]
    fn blocks_come_in_order_with_their_lines() {
        check(
            "<html><body>\n<h1>Tittel</h1>\n<p>En <b>halv</b>\nsetning.</p>\n<ul><li>a</li>\n<li>b</li></ul>",
            &[
                (2, "Tittel", Markup::Heading(1)),
                (3, "En halv setning.", Markup::Paragraph),
                (5, "a", Markup::Item),
                (6, "b", Markup::Item),
            ],
        );
    }

    #[test]
    fn what_is_not_shown_or_not_content_is_told_apart() {
        check(
            "<nav><a>Meny</a></nav><p>Tekst</p><script>var x</script><p hidden>x</p><p style='display: none'>y</p><!-- z -->",
            &[
                (1, "Meny", Markup::Outside(OutsideReason::Nav)),
                (1, "Tekst", Markup::Paragraph),
                (1, "x", Markup::Outside(OutsideReason::Hidden)),
                (1, "y", Markup::Outside(OutsideReason::Hidden)),
            ],
        );
    }

    #[test]
    fn rows_keep_their_cells_and_layout_tables_do_not() {
        check(
            "<table><tr><th>År</th><th>Antall</th></tr><tr><td>2020</td><td>124</td></tr></table>",
            &[(1, "År | Antall", Markup::Row), (1, "2020 | 124", Markup::Row)],
        );
        check(
            "<table><tr><td><p>En.</p><p>To.</p></td></tr></table>",
            &[(1, "En.", Markup::Paragraph), (1, "To.", Markup::Paragraph)],
        );
    }

    #[test]
    fn words_in_inline_markup_are_not_torn_or_glued() {
        check("<p>taushets<b>plikt</b> er<i> en</i> plikt</p>", &[(1, "taushetsplikt er en plikt", Markup::Paragraph)]);
        check("<p>a<br>b<br><br>c</p>", &[(1, "a b", Markup::Paragraph), (1, "c", Markup::Paragraph)]);
    }

    #[test]
    fn parts_that_open_keep_their_headings_and_an_article_its_footer() {
        check(
            "<h2><button aria-expanded=false>Meld fra</button></h2><p hidden=until-found>Ring.</p>\
             <article><p>Tekst</p><footer>Kjelde</footer></article><footer>Sidefot</footer>",
            &[
                (1, "Meld fra", Markup::Heading(2)),
                (1, "Ring.", Markup::Paragraph),
                (1, "Tekst", Markup::Paragraph),
                (1, "Kjelde", Markup::Paragraph),
                (1, "Sidefot", Markup::Outside(OutsideReason::Footer)),
            ],
        );
    }

    #[test]
    fn neighbouring_links_are_two_words() {
        check("<p><a>Facebook</a><a>Skriv ut</a></p>", &[(1, "Facebook Skriv ut", Markup::Paragraph)]);
    }

    #[test]
    fn a_huge_tag_is_left_out() {
        let page = format!("<p>a</p><img src='{}'>\n<p>b</p>", "x".repeat(100_000));
        check(&page, &[(1, "a", Markup::Paragraph), (2, "b", Markup::Paragraph)]);
    }

    #[test]
    fn a_page_inside_a_form_is_a_page() {
        let prose = "Kommunen har plikt til å sørge for et forsvarlig tilbud til alle barn.";
        check(
            &format!("<form><nav>Tjenester</nav><h1>Bevis</h1><p>{prose}</p></form>"),
            &[
                (1, "Tjenester", Markup::Outside(OutsideReason::Nav)),
                (1, "Bevis", Markup::Heading(1)),
                (1, prose, Markup::Paragraph),
            ],
        );
    }

    #[test]
    fn the_head_tells_title_site_and_dates() {
        let metadata = parse(
            "<html lang=nn><head><title>Teieplikt - Helsedirektoratet</title><meta property='og:site_name' content='Helsedirektoratet'>\
             <meta property='article:published_time' content='2020-01-02'><link rel=canonical href='https://a.no/b'>",
        )
        .metadata;
        assert_eq!(metadata.title.as_deref(), Some("Teieplikt"));
        assert_eq!(metadata.source.as_deref(), Some("Helsedirektoratet"));
        assert_eq!(metadata.date.as_deref(), Some("2020-01-02"));
        assert_eq!(metadata.lang.as_deref(), Some("nn"));
        assert_eq!(metadata.url.as_deref(), Some("https://a.no/b"));
    }

    #[test]
    fn depth_and_damage_are_survived() {
        assert_eq!(parse(&"<div>".repeat(100_000)).lines, []);
        assert_eq!(parse("").lines, []);
        assert_eq!(parse("<p>a</b></i><table><p>b<tr><td>c").lines.len(), 3);
    }
}

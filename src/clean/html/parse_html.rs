//! Parses an HTML page into lines, one for each block of text. Blocks outside the content are marked with the reason.

use super::content::outside_reasons;
use super::repair::repair_html;
use super::tree::build_tree;
use crate::clean::parsed_page::ParsedPage;
use crate::model::Markup;

/// Parses a page. Lines are in source order, and numbered by the source line on which their block starts.
pub fn parse_html(source: &str) -> ParsedPage {
    let tree = build_tree(&repair_html(source));
    let reasons = outside_reasons(&tree);
    let (metadata, updated) = tree.stated.into_metadata();
    let lines = tree.blocks.into_iter().zip(reasons).map(|(block, reason)| {
        let mut line = block.line;
        if let Some(reason) = reason {
            line.markup = Markup::Outside(reason);
        }
        line
    });
    ParsedPage { metadata, lines: lines.collect(), updated, ..ParsedPage::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::OutsideReason;

    fn check(html: &str, expected: &[(u32, &str, Markup)]) {
        let lines = parse_html(html).lines;
        let found: Vec<_> = lines.iter().map(|line| (line.number, line.text.as_str(), line.markup)).collect();
        assert_eq!(found, expected, "{html}");
    }

    #[test]
    fn blocks_are_in_order_and_have_line_numbers() {
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
    fn nav_and_hidden_elements_are_outside_the_content() {
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
    fn table_rows_are_lines_but_layout_tables_are_not() {
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
    fn inline_markup_neither_splits_nor_joins_words() {
        check("<p>taushets<b>plikt</b> er<i> en</i> plikt</p>", &[(1, "taushetsplikt er en plikt", Markup::Paragraph)]);
        check("<p>a<br>b<br><br>c</p>", &[(1, "a b", Markup::Paragraph), (1, "c", Markup::Paragraph)]);
    }

    #[test]
    fn collapsible_headings_and_article_footers_are_content() {
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
    fn neighboring_links_are_separate_words() {
        check("<p><a>Facebook</a><a>Skriv ut</a></p>", &[(1, "Facebook Skriv ut", Markup::Paragraph)]);
    }

    #[test]
    fn removes_huge_tags() {
        let page = format!("<p>a</p><img src='{}'>\n<p>b</p>", "x".repeat(100_000));
        check(&page, &[(1, "a", Markup::Paragraph), (2, "b", Markup::Paragraph)]);
    }

    #[test]
    fn a_form_around_the_page_is_content() {
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
    fn reads_metadata_from_the_head() {
        let metadata = parse_html(
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
    fn survives_deep_and_damaged_markup() {
        assert_eq!(parse_html(&"<div>".repeat(100_000)).lines, []);
        assert_eq!(parse_html("").lines, []);
        assert_eq!(parse_html("<p>a</b></i><table><p>b<tr><td>c").lines.len(), 3);
    }
}

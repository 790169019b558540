//! Finds the lists that follow a text: signatures, attachments, recipients, sources.
//!
//! They consist of short lines that recur in the documents of an office, so they look like the menus of a site. The
//! heading or the closing formula above them says that they belong to the text.

use super::shape;
use crate::clean::site::fold_line_within;

/// What `find_closing_lists` needs to know about a line.
pub struct ListLine<'a> {
    pub text: &'a str,
    pub is_prose: bool,
    /// Whether the line is an interface phrase.
    pub is_interface: bool,
    /// Whether the line is a phrase that many sites have in their menus.
    pub is_menu_entry: bool,
}

/// Longer lines are not headings of lists.
const MAX_HEADING_BYTES: usize = 80;
/// This many menu entries in a row end a closing list.
const MENU_ENTRIES_THAT_END_A_LIST: usize = 2;

/// Whether each line belongs to a closing list. A list extends to an interface phrase, to a menu, or to the end of the
/// page.
pub fn find_closing_lists(lines: &[ListLine]) -> Vec<bool> {
    let mut is_in_list = vec![false; lines.len()];
    let Some(first_prose) = lines.iter().position(|line| line.is_prose) else {
        return is_in_list;
    };
    let mut is_inside = false;
    let mut entries = 0;
    for (index, line) in lines.iter().enumerate().skip(first_prose + 1) {
        if is_list_heading(line.text) {
            (is_inside, entries) = (true, 0);
        } else if line.is_interface {
            is_inside = false;
        } else if line.is_menu_entry {
            entries += 1;
            if entries == MENU_ENTRIES_THAT_END_A_LIST {
                is_inside = false;
                is_in_list[index - 1] = false;
            }
        } else {
            entries = 0;
        }
        is_in_list[index] = is_inside;
    }
    is_in_list
}

/// "Med vennlig hilsen", "Vedlegg:", "Liste over høringsinstanser", "Kopi til".
fn is_list_heading(text: &str) -> bool {
    const WORDS: [&str; 46] = [
        "adresseliste",
        "adresselister",
        "adressater",
        "adressatar",
        "attachments",
        "avsendere",
        "bibliography",
        "deltakarar",
        "deltakere",
        "enclosures",
        "fotnotar",
        "fotnoter",
        "footnotes",
        "forfall",
        "frammøtte",
        "fremmøtte",
        "gjenpart",
        "høringsinstanser",
        "høringsinstansene",
        "høyringsinstansar",
        "høyringsinstansane",
        "kilder",
        "kildeliste",
        "kjelder",
        "kjeldeliste",
        "kopi",
        "kopimottakarar",
        "kopimottakere",
        "litteratur",
        "litteraturliste",
        "litteraturlista",
        "møtedeltakere",
        "mottakarar",
        "mottakere",
        "mottakerliste",
        "mottakarliste",
        "mvh",
        "notar",
        "noter",
        "recipients",
        "references",
        "referansar",
        "referanser",
        "sources",
        "vedlegg",
        "underskrifter",
    ];
    const STARTS: [&str; 12] = [
        "etter fullmakt",
        "kopi til",
        "likelydande brev",
        "likelydende brev",
        "liste over",
        "med helsing",
        "med hilsen",
        "sendt til",
        "til stede",
        "til stades",
        "vedlegg til",
        "vedlagt følger",
    ];
    const LAST_WORDS: [&str; 6] = ["hilsen", "helsing", "hilsning", "regards", "sincerely", "faithfully"];
    const MAX_WORDS: usize = 5;
    if text.len() > MAX_HEADING_BYTES || shape::is_prose(text) {
        return false;
    }
    let Some(folded) = fold_line_within(text, MAX_HEADING_BYTES) else {
        return false;
    };
    let words: Vec<&str> = folded.split(' ').collect();
    if words.len() > MAX_WORDS {
        return false;
    }
    let ends_in_formula = || {
        words.last().is_some_and(|last| LAST_WORDS.contains(last))
            && ["med", "vennlig", "venleg", "beste", "hjertelig", "kind", "best", "yours", "warm"].contains(&words[0])
    };
    // "Vedlegg", "Vedlegg 3", "Kilder:".
    let is_heading = || words.len() <= 2 && WORDS.contains(&words[0]) && words[1..].iter().all(|word| is_number(word));
    let starts_list = || {
        STARTS
            .iter()
            .any(|start| folded.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')))
    };
    is_heading() || starts_list() || ends_in_formula()
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::text::interface_phrases::{is_common_menu_entry, is_interface};

    const PROSE: &str = "Kommunen har plikt til å sørge for et forsvarlig tilbud til alle barn og unge som bor der.";

    /// `expected` has `l` for each line in a closing list, and `-` for each other line.
    #[track_caller]
    fn check(page: &str, expected: &str) {
        let line = |text| ListLine {
            text,
            is_prose: shape::is_prose(text),
            is_interface: is_interface(text),
            is_menu_entry: is_common_menu_entry(text),
        };
        let lines: Vec<ListLine> = page.lines().map(line).collect();
        let found: String =
            find_closing_lists(&lines).into_iter().map(|is_in_list| if is_in_list { 'l' } else { '-' }).collect();
        assert_eq!(found, expected, "{page}");
    }

    #[test]
    fn finds_signatures_attachments_and_recipients() {
        check(&format!("Høring\n{PROSE}\nMed hilsen\nKari Dal (e.f.)\navdelingsdirektør"), "--lll");
        check(&format!("{PROSE}\nMed venleg helsing\nOla Dal"), "-ll");
        check(&format!("{PROSE}\nVennlig hilsen\nOla Dal\nVedlegg: 2\nNotat\nKart"), "-lllll");
        check(&format!("{PROSE}\nHøyringsinstansar:\nAlvdal Ull\nHavdur"), "-lll");
        check(&format!("{PROSE}\nKopi til:\nFylkesmannen"), "-ll");
        check(&format!("{PROSE}\nYours sincerely\nKari Dal"), "-ll");
        check(&format!("{PROSE}\nKilder\nSSB 2020"), "-ll");
    }

    #[test]
    fn a_list_ends_at_the_menu_below_it() {
        check(&format!("{PROSE}\nVedlegg\nNotat\nDel på Facebook\nTema"), "-ll--");
        check(&format!("{PROSE}\nVedlegg\nNotat\nHelse\nKart\nTjenester\nÅpningstider\nPost"), "-llll---");
    }

    #[test]
    fn ignores_headings_above_other_text() {
        check(&format!("Vedlegg\nForsiden\n{PROSE}\nTema"), "----");
        check(&format!("{PROSE}\nVedleggene er unntatt offentlighet\nNotat"), "---");
        check(&format!("{PROSE}\nKilder og metoder i rapporten\nNotat"), "---");
    }
}

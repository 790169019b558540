//! Recognizes the phrases of web interfaces, such as "Skriv ut", and the entries of menus, such as "Åpningstider".

use std::sync::LazyLock;

use super::phrase_list::PhraseList;

/// `data/interface.txt`, parsed when the first page is cleaned. Searching doesn't use it.
static INTERFACE: LazyLock<PhraseList> =
    LazyLock::new(|| PhraseList::parse(include_str!("../../../data/interface.txt")));

/// `data/menu-entries.txt`, parsed when the first text page is cleaned.
static MENU_ENTRIES: LazyLock<PhraseList> =
    LazyLock::new(|| PhraseList::parse(include_str!("../../../data/menu-entries.txt")));

/// Whether the line is a phrase of web interfaces, such as "Skriv ut" or "Fant du det du lette etter?".
pub fn is_interface(line: &str) -> bool {
    INTERFACE.contains(line)
}

/// The characters between the links of a row.
const DIVIDERS: [char; 5] = ['|', '·', '•', '/', '»'];

/// Whether the line of a text page is a row of links, most of which are in the lists of phrases: "Terms of Use | Privacy | Contact us".
pub fn is_row_of_links(line: &str) -> bool {
    const MIN_LINKS: usize = 3;
    const MAX_BYTES: usize = 200;
    if line.len() > MAX_BYTES || !line.contains(DIVIDERS) {
        return false;
    }
    let links: Vec<&str> = line.split(DIVIDERS).map(str::trim).filter(|link| !link.is_empty()).collect();
    let phrases = links.iter().filter(|link| INTERFACE.contains(link) || MENU_ENTRIES.contains(link)).count();
    links.len() >= MIN_LINKS && phrases * 3 >= links.len() * 2
}

/// Whether the line is a phrase that many sites have in their menus, such as "Åpningstider" or "Handlekurv". Such a
/// line may also be content.
pub fn is_common_menu_entry(line: &str) -> bool {
    MENU_ENTRIES.contains(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_phrases_of_both_written_standards() {
        for line in [
            "Skriv ut side",
            "  Facebook ",
            "Hold Ctrl-tasten nede (Cmd på Mac).",
            "Fann du det du leita etter?",
            "Tusen takk for hjelpen!",
            "Tips en venn om nettstedet",
            "(tar under 1 min)",
            "Del på LinkedIn",
            "© 2020 Helsedirektoratet",
        ] {
            assert!(is_interface(line), "{line}");
        }
    }

    #[test]
    fn recognizes_rows_of_links() {
        for line in ["Terms of Use | Privacy | Contact us", "Kontakt oss · Personvern · Om oss · Helsenorge"] {
            assert!(is_row_of_links(line), "{line}");
        }
        for line in
            ["Ja/nei", "Oslo | Bergen | Kontakt", "Om oss / Bergen / Hordaland fylke", "12/2020 | Del 3 | Side 4"]
        {
            assert!(!is_row_of_links(line), "{line}");
        }
    }

    #[test]
    fn does_not_match_sentences() {
        for line in [
            "Hovedfunn",
            "Del påstanden opp i to og vurder hver for seg.",
            "Ja, det er mulig å få utsettelse.",
            "Skriv ut fra legens journal må oppbevares.",
            "Del på ansvaret er avtalt mellom de tre kommunene som gikk sammen om tilbudet i fjor.",
        ] {
            assert!(!is_interface(line), "{line}");
        }
    }
}

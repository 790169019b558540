//! Finds the menus in a text page by the shape of its lines and by evidence that they are menu entries.
//!
//! Menus are runs of short lines that don't end a sentence and contain evidence: lines that recur on the site,
//! interface phrases, common menu entries. If a page has enough of these runs, they divide it into sections. The
//! sections with the most words in sentences, and everything between them, are the text. The lines between the text and
//! the nearest evidence are kept: a list below the text looks like the menu that follows it. A page without evidence,
//! or without a menu above the text (a text that has already been cleaned, a law, a list), loses nothing here.
//!
//! The limits on the shape were chosen by a sweep over 181 articles from 181 sites and 69 pages of four portals, dumped
//! to lines (November 2026). The amount of evidence was chosen on 168 pages of seven types, dumped both completely and
//! after another tool had cleaned them:
//!
//! ```text
//!                                   complete: F1, precision, lose > 20 %     cleaned: precision
//! shape alone                       .758   .824   14.3 %                     .502
//! MIN_EVIDENCE 2, MIN_STRONG 1      .760   .966    1.9 %                     .855
//! MIN_EVIDENCE 3, MIN_STRONG 1      .752   .972    1.9 %                     .909
//! MIN_EVIDENCE 3, MIN_STRONG 2      .736   .972    1.2 %                     .909
//! MIN_EVIDENCE 4, MIN_STRONG 1      .747   .974    1.2 %                     .907
//! ```
//!
//! "Precision" is the share of boilerplate among the dropped words, and "lose > 20 %" the share of pages that lose
//! more than a fifth of their content.

use rustc_hash::FxHashSet;

use super::shape;
use crate::clean::site::fold_line;
use crate::model::Reason;

/// A line with letters or digits.
#[derive(Clone, Copy)]
pub struct PageLine<'a> {
    pub text: &'a str,
    /// Whether the line is a sentence, or part of a paragraph that is broken into lines.
    pub is_prose: bool,
    /// Whether the line states the title of the page.
    pub is_title: bool,
    /// Why the line may be a menu entry, beyond its shape.
    pub evidence: Evidence,
}

/// What indicates that a line is a menu entry, beyond its shape.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Evidence {
    /// Nothing, or the line belongs to a list below the text (see `closing_lists`).
    None,
    /// The line is a phrase that many sites have in their menus, or a number that recurs on the site, as the numbers in
    /// the cells of tables do.
    Weak,
    /// The line recurs on the site, or is an interface phrase.
    Strong,
}

/// Longer lines are not menu entries.
const MAX_ENTRY_WORDS: usize = 10;
/// The lines of a run have at most this many words on average.
const MEAN_WORDS: f64 = 4.5;
/// Minimum number of lines in a run.
const MIN_RUN: usize = 3;
/// Minimum number of different lines with evidence in a run.
const MIN_EVIDENCE: usize = 3;
/// Minimum number of different lines with strong evidence in a run.
const MIN_STRONG: usize = 1;
/// If the runs with enough evidence have fewer lines in total, the page has no menus. Of 408 cleaned dumps, 44 have
/// such runs: one dump has at least 20 lines in them, three have at least 12. On complete dumps, a limit of 12 leaves
/// the precision unchanged and raises F1 by up to .002.
const MIN_MENU_LINES: usize = 20;
/// If all runs of a page together have fewer different lines with evidence, the page has no menus. The runs may be a
/// list of products with a button below each, or a list of recent pages that another tool left below a text. Of 329
/// complete dumps with at least `MIN_MENU_LINES` lines in runs, 318 have at least 6 different lines with evidence.
const MIN_PAGE_EVIDENCE: usize = 6;
/// A page with fewer words in sentences has no text that could be separated from its menus.
const MIN_PROSE_WORDS: usize = 50;
/// The text starts and ends with sections that have at least this share of the prose words of the largest section.
const TEXT_SHARE: f64 = 0.3;
/// A section above or below the text is dropped if it has at most this share of the prose words of the largest
/// section.
const SMALL_SHARE: f64 = 0.2;
/// Replaces `SMALL_SHARE` on a page with fewer than `AMPLE_EVIDENCE` different lines with evidence. On 163 complete
/// dumps of seven types, this raises the precision from .984 to .987 and leaves F1 unchanged.
const SMALL_SHARE_WITH_LITTLE_EVIDENCE: f64 = 0.1;
const AMPLE_EVIDENCE: usize = 10;
/// A shorter line just above the text is a button, not its heading.
const MIN_HEADING_WORDS: usize = 3;
/// At the edge of the text, a line with more words than this, or with a digit, is part of a table or list, not of a
/// menu.
const MAX_EDGE_MENU_WORDS: usize = 4;

/// Returns for each line why it is outside the text: `MenuRun`, `BeyondMenu` or `BetweenMenus`. `None` for the lines of
/// the text, and for all lines of a page without menus.
pub fn lines_outside_text(lines: &[PageLine]) -> Vec<Option<Reason>> {
    let mut reasons = vec![None; lines.len()];
    let words: Vec<usize> = lines.iter().map(|line| shape::alphanumeric_words(line.text)).collect();
    let is_menu = find_menu_runs(lines, &words);
    let menu_lines = || lines.iter().zip(&is_menu).filter(|(_, is_menu)| **is_menu).map(|(line, _)| line);
    let page_evidence = count_different(menu_lines(), |evidence| evidence != Evidence::None);
    if menu_lines().count() < MIN_MENU_LINES || page_evidence < MIN_PAGE_EVIDENCE {
        return reasons;
    }
    let sections = sections_between_menus(lines, &words, &is_menu);
    let is_notice = |section: &Section| is_about_consent(&lines[section.start..section.end]);
    let without_notices: Vec<&Section> = sections.iter().filter(|section| !is_notice(section)).collect();
    // A cookie notice is often longer than the text of a short page, but the text of a page may itself be about
    // cookies.
    let Some((start, end, largest)) = text_range(&without_notices) else {
        return reasons;
    };
    let (start, end) = text_range(&sections.iter().collect::<Vec<_>>())
        .map_or((start, end), |(first, last, _)| (start.min(first), end.max(last)));
    let share = |section: &Section| section.prose_words as f64 / largest as f64;
    // A page without a menu above the text is assumed to have been cleaned before.
    if !is_menu[..start].contains(&true) {
        return reasons;
    }
    for index in (0..start).chain(end..lines.len()) {
        reasons[index] = match (is_menu[index], lines[index].is_prose) {
            (true, _) => Some(Reason::MenuRun),
            (false, false) => Some(Reason::BeyondMenu),
            (false, true) => None,
        };
    }
    let small_share = if page_evidence < AMPLE_EVIDENCE { SMALL_SHARE_WITH_LITTLE_EVIDENCE } else { SMALL_SHARE };
    let is_outside = |section: &&Section| section.end <= start || section.start >= end;
    for section in sections.iter().filter(is_outside).filter(|section| share(section) <= small_share) {
        for index in section.start..section.end {
            reasons[index] = Some(if lines[index].is_prose { Reason::BetweenMenus } else { Reason::BeyondMenu });
        }
    }
    // Tables and lists at the edge of the text look like menus, but have numbers or longer lines.
    let is_table = |index: &usize| {
        is_menu[*index]
            && (words[*index] > MAX_EDGE_MENU_WORDS || lines[*index].text.contains(|c: char| c.is_ascii_digit()))
    };
    let below = (end..lines.len()).take_while(is_table);
    let above = (0..start).rev().take_while(is_table);
    let titles = (0..start).filter(|index| {
        // The line just above the text is its heading, unless it is a byline or a button.
        lines[*index].is_title
            || *index + 1 == start && words[*index] >= MIN_HEADING_WORDS && shape::may_be_title(lines[*index].text)
    });
    for index in below.chain(above).chain(titles).collect::<Vec<_>>() {
        reasons[index] = None;
    }
    let is_unmarked = |index: &usize| lines[*index].evidence == Evidence::None;
    let below = (end..lines.len()).take_while(is_unmarked);
    let above = (0..start).rev().take_while(is_unmarked);
    below.chain(above).for_each(|index| reasons[index] = None);
    reasons
}

/// The first line of the text, the line after its last one, and the number of prose words in its largest section.
/// `None` if no section has enough prose.
fn text_range(sections: &[&Section]) -> Option<(usize, usize, usize)> {
    let largest = sections.iter().map(|section| section.prose_words).max().filter(|words| *words >= MIN_PROSE_WORDS)?;
    let mut large = sections.iter().filter(|section| section.prose_words as f64 >= TEXT_SHARE * largest as f64);
    let first = large.next()?;
    Some((first.start, large.next_back().unwrap_or(first).end, largest))
}

/// Whether a third of the prose mentions cookies or consent to them, as in a cookie notice.
fn is_about_consent(lines: &[PageLine]) -> bool {
    const WORDS: [&str; 8] = [
        "berettiga interesse",
        "berettiget interesse",
        "consent",
        "cookie",
        "informasjonskaps",
        "legitimate interest",
        "our partners",
        "samtykke",
    ];
    let mentions = |line: &&PageLine| {
        let text = line.text.to_lowercase();
        WORDS.iter().any(|word| text.contains(word))
    };
    let prose = || lines.iter().filter(|line| line.is_prose);
    let mentioned = prose().filter(mentions).count();
    mentioned > 0 && mentioned * 3 >= prose().count()
}

/// Whether a line has the shape of a menu entry.
pub fn may_be_menu_entry(text: &str) -> bool {
    shape::alphanumeric_words(text) <= MAX_ENTRY_WORDS && looks_like_link(text)
}

/// Whether a run of short lines contains enough evidence for a menu.
fn has_evidence(run: &[PageLine]) -> bool {
    count_different(run, |evidence| evidence == Evidence::Strong) >= MIN_STRONG
        && count_different(run, |evidence| evidence != Evidence::None) >= MIN_EVIDENCE
}

/// The number of different texts among the lines whose evidence `is_counted`.
fn count_different<'l, 'p: 'l>(
    lines: impl IntoIterator<Item = &'l PageLine<'p>>,
    is_counted: fn(Evidence) -> bool,
) -> usize {
    let counted = lines.into_iter().filter(|line| is_counted(line.evidence));
    counted.map(|line| fold_line(line.text)).collect::<FxHashSet<_>>().len()
}

/// Whether each line is in a run of lines that look like menu entries.
fn find_menu_runs(lines: &[PageLine], words: &[usize]) -> Vec<bool> {
    let may_be_entry =
        |index: usize| !lines[index].is_prose && words[index] <= MAX_ENTRY_WORDS && looks_like_link(lines[index].text);
    let mut is_menu = vec![false; lines.len()];
    let mut start = 0;
    while start < lines.len() {
        let end = (start..lines.len()).find(|index| !may_be_entry(*index)).unwrap_or(lines.len());
        let run = start..end;
        // "Dette må du legge ved:" announces a list.
        let is_announced = start > 0 && lines[start - 1].text.trim_end().ends_with(':');
        let mean = words[run.clone()].iter().sum::<usize>() as f64 / run.len().max(1) as f64;
        let lower_case = lines[run.clone()].iter().filter(|line| shape::starts_lower(line.text)).count();
        if run.len() >= MIN_RUN
            && mean <= MEAN_WORDS
            && !is_announced
            && lower_case * 2 <= run.len()
            && has_evidence(&lines[run.clone()])
        {
            is_menu[run].fill(true);
        }
        start = end.max(start + 1);
    }
    is_menu
}

/// Whether a text doesn't end a sentence or clause, and doesn't look like a line of a law, a numbered list or source
/// code.
fn looks_like_link(text: &str) -> bool {
    let text = text.trim();
    let is_numbered = text.starts_with(|c: char| c.is_ascii_digit()) && shape::alphanumeric_words(text) > 1;
    !text.ends_with(['.', ',', ';', ':'])
        && !text.contains(['§', '{', '}', '=', '<'])
        && !text.starts_with('"')
        && !is_numbered
}

/// Adjacent lines that are not in a menu.
struct Section {
    start: usize,
    /// Exclusive.
    end: usize,
    /// The number of words in sentences.
    prose_words: usize,
}

fn sections_between_menus(lines: &[PageLine], words: &[usize], is_menu: &[bool]) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for index in (0..lines.len()).filter(|index| !is_menu[*index]) {
        let prose_words = if lines[index].is_prose { words[index] } else { 0 };
        match sections.last_mut().filter(|section| section.end == index) {
            Some(section) => {
                section.end = index + 1;
                section.prose_words += prose_words;
            }
            None => sections.push(Section { start: index, end: index + 1, prose_words }),
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROSE: &str = "Kommunen har plikt til å sørge for et forsvarlig tilbud til alle barn og unge som bor der.";

    /// `expected` has a letter for each line: `-` text, `m` menu, `b` beyond a menu, `s` sentence between menus.
    #[track_caller]
    fn check(page: &str, expected: &str) {
        let lines: Vec<PageLine> =
            page.lines()
                .map(|text| PageLine {
                    text,
                    is_prose: shape::is_prose(text),
                    evidence: match text {
                        "Forsiden" | "Logg inn" | "Søk" | "Meny" | "Del" | "Lytt" => Evidence::Strong,
                        "Tjenester" | "Barnehage" | "Skole" | "Helse og omsorg" | "Kontakt oss" | "Hjelp"
                        | "Skriv ut" => Evidence::Weak,
                        _ => Evidence::None,
                    },
                    is_title: text.starts_with("Plikten i kommunen"),
                })
                .collect();
        let letter = |reason: Option<Reason>| match reason {
            None => '-',
            Some(Reason::MenuRun) => 'm',
            Some(Reason::BeyondMenu) => 'b',
            Some(Reason::BetweenMenus) => 's',
            Some(other) => panic!("{other}"),
        };
        assert_eq!(lines_outside_text(&lines).into_iter().map(letter).collect::<String>(), expected, "{page}");
    }

    fn text() -> String {
        [PROSE; 6].join("\n")
    }

    #[test]
    fn drops_menus_around_the_text_and_everything_beyond_them() {
        let menu = "Forsiden\nTjenester\nBarnehage\nSkole\nHelse og omsorg\nPlan\nKart\nKultur\nIdrett\nKontakt oss";
        let page = |text: &str| {
            format!(
                "{menu}\nKommunens plikt\n{text}\n{menu}\nDette er en lang overskrift i en annen sak som ingen har bedt om\n{PROSE}"
            )
        };
        check(&page(&[PROSE; 12].join("\n")), &format!("{}{}{}bs", "m".repeat(10), "-".repeat(13), "m".repeat(10)));
        // With few known phrases in the menus, a section must be smaller to be dropped.
        check(&page(&text()), "mmmmmmmmmm-------mmmmmmmmmmb-");
    }

    #[test]
    fn keeps_a_title_above_buttons() {
        let menu = "Forsiden\nTjenester\nBarnehage\nSkole\nHelse og omsorg\nPolitikk\nKontakt oss\n".repeat(3);
        let page =
            format!("Plikten i kommunen - Vår kommune\n{menu}Plikten i kommunen\nDel\nSkriv ut\nLytt\n{}", text());
        check(&page, &format!("-{}-mmm------", "m".repeat(21)));
    }

    #[test]
    fn keeps_all_of_a_text_without_menus() {
        check(&format!("Plikten\nHovedfunn\n{}\nNoter\nKilder\nVedlegg", text()), "-----------");
        let law = "§ 1. Formål\n§ 2. Virkeområde\n§ 3. Ansvar\n§ 4. Tilsyn\n".repeat(4);
        check(&format!("{law}{}", text()), &"-".repeat(22));
    }

    #[test]
    fn a_list_announced_by_a_sentence_is_not_a_menu() {
        let list =
            "naturmangfold\nfriluftsliv\nlandskap\nkulturminner\nforurensning\nklima\nhelse\nvann\njord\nlandbruk";
        check(&format!("{}\nDette gjelder:\n{list}", text()), &"-".repeat(17));
    }

    #[test]
    fn source_code_is_not_a_menu() {
        let code = "{\n\"Action\": \"Read\"\n\"Name\": \"Default\"\n}\n<soap:Body>\n<ns:ssn>\nx = 1\ny = 2\n</soap:Body>\nz = 3\nu = 4";
        check(&format!("{}\n{code}", text()), &"-".repeat(17));
    }

    #[test]
    fn keeps_a_table_below_the_text() {
        let menu = "Forsiden\nTjenester\nBarnehage\nSkole\nHelse og omsorg\nKontakt oss\nLogg inn\nSøk\nMeny\nHjelp";
        let table = "Mai 20 timer\nJuni 18 timer\nJuli 4 timer";
        check(
            &format!("{menu}\n{}\n{table}\n{menu}", text()),
            &format!("{}{}{}", "m".repeat(10), "-".repeat(9), "m".repeat(10)),
        );
    }

    #[test]
    fn a_list_without_evidence_is_not_a_menu() {
        let list = "Alvdal Ull\nBondens Venner\nDalens Sau AS\nFjellbruket\nGarnlaget\nHavdur\n".repeat(3);
        check(&format!("{}\n{list}", text()), &"-".repeat(24));
        // One phrase, however often it is repeated, is not enough.
        let list = "Del\nKari Dal\nOla Dal\n".repeat(6);
        check(&format!("{}\n{list}", text()), &"-".repeat(24));
        // Section names alone may be a list of subjects.
        let list = "Tjenester\nKontakt oss\nSkriv ut\nBarnehage\nSkole\nPolitikk\n".repeat(3);
        check(&format!("{}\n{list}", text()), &"-".repeat(24));
    }

    #[test]
    fn keeps_a_list_between_the_text_and_a_menu() {
        let menu = "Forsiden\nTjenester\nBarnehage\nSkole\nHelse og omsorg\nKontakt oss\nKart\nBiblioteket";
        let list = "Alvdal Ull\nBondens Venner\nDalens Sau AS\nFjellbruket";
        check(
            &format!("{menu}\n{list}\n{}\n{list}\n{menu}", text()),
            &format!("{}{}{}", "m".repeat(6), "-".repeat(16), "m".repeat(8)),
        );
        // A text without a menu above it is assumed to have been cleaned before.
        check(&format!("{}\n{list}\n{menu}\n{menu}", text()), &"-".repeat(26));
    }

    #[test]
    fn a_cookie_notice_is_not_the_text_of_a_short_page() {
        let menu = "Forsiden\nTjenester\nSkole\nKart\nSøk\nHjelp\nPlan\nVei\nVann\nSkatt\nKontakt oss";
        for sentence in [
            "Vi bruker informasjonskapsler for å huske valgene dine og for å se hvordan nettstedet blir brukt.",
            "Ved å trykke på knappen gir du samtykke til at vi lagrer opplysninger om deg i nettleseren.",
            "Desse leverandørane meiner at dei har berettiga interesse i å måle kor mange som ser annonsane.",
        ] {
            let notice = [sentence; 20].join("\n");
            let dash = |count: usize| "-".repeat(count);
            let menus = |count: usize| "m".repeat(count);
            // The text has fewer words than the notice.
            let page = format!("{menu}\nPlikten i kommunen\n{}\n{menu}\n{notice}", [PROSE; 3].join("\n"));
            check(&page, &format!("{}{}{}{}", menus(11), dash(4), dash(11), dash(20)));
            // A page without sentences.
            let page = format!("{menu}\nBryggen kino\nSvømmehallen\n{menu}\n{notice}");
            check(&page, &dash(44));
        }
    }

    #[test]
    fn nothing_is_dropped_if_the_menus_are_short() {
        // What another tool left of a page: two share buttons, and a list above the text.
        let list = "Del\nLytt\nHjelp\nAlvdal Ull\nBondens Venner\nDalens Sau AS\nFjellbruket\nGarnlaget\nHavdur\nIdrettslaget\nJordlaget\nKoret\nLensmannen";
        check(&format!("{list}\n{}", text()), &"-".repeat(19));
    }

    #[test]
    fn a_few_phrases_in_a_long_list_are_not_a_menu() {
        let rows = |phrases: [&str; 3]| {
            let [one, two, three] = phrases;
            format!("Sengetøy\n{one}\nGardiner\n{two}\nPledd\n{three}\nDyner\nPuter\n").repeat(4)
        };
        let page = format!("{}{}", rows(["Del", "Lytt", "Hjelp"]), text());
        check(&page, &"-".repeat(38));
        let page = format!("{}Forsiden\nSøk\nMeny\n{}", rows(["Del", "Lytt", "Hjelp"]), text());
        check(&page, &format!("{}------", "m".repeat(35)));
    }

    #[test]
    fn keeps_all_of_a_page_with_nothing_but_links() {
        check(&"Søknad om plass\nKlage på vedtak\nSkjema\n".repeat(5), &"-".repeat(15));
    }
}

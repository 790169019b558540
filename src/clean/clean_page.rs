//! Cleans a page: classifies its lines and determines its metadata.

use super::choose_metadata::{assemble, from_date_lines};
use super::classify::{LineState, classify};
use super::parsed_page::ParsedPage;
use super::site::{Recurrence, SiteTemplate};
use super::user_rules::PageRules;
use crate::model::{ClassifiedLine, Document, LineClass, Markup, Reason};

/// Cleans a page with the template of its site.
pub fn clean(page: ParsedPage, template: &SiteTemplate) -> Document {
    clean_with_rules(page, template, &PageRules::default())
}

/// Cleans a page with the template of its site and with user rules, which override all other rules.
pub fn clean_with_rules(mut page: ParsedPage, template: &SiteTemplate, user_rules: &PageRules) -> Document {
    let lines = std::mem::take(&mut page.lines);
    let stated_title = page.metadata.title.clone();
    let classified = classify(lines, template, user_rules, stated_title.as_deref());
    // A line above the first date line may be chosen as the title even though a user rule drops it.
    let is_dropped_title =
        |state: &LineState| state.has_class(LineClass::Title) && state.user_rule.is_some_and(|rule| !rule.keeps);
    let title = classified.title.filter(|_| !classified.lines.iter().any(is_dropped_title));
    let date_lines = from_date_lines(&classified.lines);
    let lines = classified.lines.into_iter().map(|state| classified_line(state, user_rules.keeps_all())).collect();
    assemble(page, date_lines, title, lines)
}

/// Applies the user rule for a line, or `--keep-all`, after all other rules.
fn classified_line(state: LineState, keeps_all: bool) -> ClassifiedLine {
    let (class, reason) = state.class.unwrap_or((LineClass::Content, Reason::NoRule));
    let class_if_kept = match state.line.markup {
        _ if class.is_kept() => class,
        Markup::Heading(_) => LineClass::Heading,
        Markup::Item => LineClass::Item,
        _ => LineClass::Content,
    };
    let (class, reason) = match state.user_rule {
        _ if class == LineClass::Blank => (class, reason),
        Some(rule) if rule.keeps => (class_if_kept, rule.reason()),
        Some(rule) => (LineClass::Boilerplate, rule.reason()),
        None if keeps_all && !class.is_kept() => (class_if_kept, Reason::KeepAll),
        None => (class, reason),
    };
    ClassifiedLine {
        number: state.line.number,
        text: state.line.text,
        class,
        reason,
        continues_paragraph: state.continues_paragraph,
        is_repeated: state.is_prose && state.recurrence != Recurrence::Rare && class.is_kept(),
        may_be_lost_content: class.is_dropped() && !state.is_expected_loss && state.user_rule.is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::parse_page::parse;
    use crate::clean::site::PageFingerprint;
    use crate::model::{Format, Lang, Page, PageId, PageMetadata};

    pub fn page(text: &str) -> ParsedPage {
        page_of(Format::Text, text)
    }

    fn page_of(format: Format, text: &str) -> ParsedPage {
        parse(&Page {
            id: PageId { path: "a.txt".into(), record: None },
            index_in_file: 0,
            line: None,
            format,
            text: text.into(),
            metadata: PageMetadata::default(),
            note: None,
        })
    }

    /// `expected` has the first letter of the class of each line of the first page, cleaned with the others.
    fn check(pages: &[&str], expected: &str) {
        let parsed: Vec<ParsedPage> = pages.iter().map(|text| page(text)).collect();
        let fingerprints: Vec<PageFingerprint> =
            parsed.iter().map(|parsed| PageFingerprint::of(&parsed.lines)).collect();
        let template = SiteTemplate::of(&fingerprints.iter().collect::<Vec<_>>());
        let document = clean(parsed[0].clone(), &template);
        let found: String = document.lines.iter().map(|line| &line.class.name()[..1]).collect();
        assert_eq!(found, expected, "{:#?}", document.lines);
    }

    const ONE: &str = "Kommunen har plikt til å sørge for et forsvarlig tilbud til alle barn.";
    const TWO: &str = "Loven skal sikre at elevene får den opplæringen som de har krav på.";
    const THREE: &str = "Rapporten viser at tjenestene samarbeider mer enn før om utsatte unge.";

    #[test]
    fn a_single_page_loses_only_interface_phrases() {
        check(
            &[&format!(
                "Skriv ut side\nFacebook\n\nPlikten\n\n12.03.2018 | Ipsos\n\n{ONE}\n\nFann du det du leita etter?\n0/250"
            )],
            "bbbtbdbcbbb",
        );
    }

    #[test]
    fn drops_the_template_but_not_recurring_headings() {
        let other = |prose: &str| {
            format!(
                "Min kommune\nTjenester\nEgen {}\n{prose}\nHovedfunn\n{prose}\nNettstedet driftes av IKT",
                prose.len()
            )
        };
        check(
            &[
                &format!("Min kommune\nTjenester\nEgen tittel\n{ONE}\nHovedfunn\n{ONE}\nNettstedet driftes av IKT"),
                &other(TWO),
                &other(THREE),
            ],
            "bbtchcb",
        );
    }

    #[test]
    fn copies_of_a_page_lose_nothing() {
        let text = format!("Egen tittel\n\n12.03.2018\n\n{ONE}\n\nHovedfunn\n\n{TWO}\n\nNoter");
        check(&[&text, &text, &text], "tbdbcbhbcbc");
        let near = format!("{text}\n\n{THREE}");
        check(&[&text, &near, &near], "tbdbcbhbcbc");
    }

    #[test]
    fn keeps_a_paragraph_that_pages_share() {
        let shared = "Programmet er et femårig program der flere sektorer jobber sammen på tvers.";
        let with = |prose: &str| format!("{prose}\n\nOm programmet\n\n{shared}");
        check(&[&with(ONE), &with(TWO), &with(THREE)], "cbhbc");
    }

    #[test]
    fn keeps_closing_lists_shared_by_several_documents() {
        let letter = |own: &str| {
            format!(
                "{own}\n\nMed hilsen\nKari Dal (e.f.)\navdelingsdirektør\n\nHøringsinstanser\nAlvdal Ull\nBondens Venner\nGarnlaget\nHavdur"
            )
        };
        check(&[&letter(ONE), &letter(TWO), &letter(THREE)], "cbcccbccccc");
        let with_footer = |own: &str| format!("{}\n\nSkriv ut\nVåre kontorer", letter(own));
        check(&[&with_footer(ONE), &with_footer(TWO), &with_footer(THREE)], "cbcccbcccccbbb");
    }

    #[test]
    fn keeps_lines_that_only_two_cleaned_pages_share() {
        let page = |own: &str| format!("Kommunestyret\nÅrsberetning\n\n{own}\n\nVedtak\nEnstemmig vedtatt\nOrdfører");
        check(&[&page(ONE), &page(TWO)], "thbcbccc");
        let pages = [page(ONE), page(TWO), page(THREE)];
        check(&pages.each_ref().map(String::as_str), "bbbcbbbb");
    }

    #[test]
    fn numbered_sections_and_code_are_not_a_template() {
        let page = |own: &str| format!("{own}\n\n2.1 Formål\n2.2 Verkeområde\n§ 3\n</skjema>\n4. Ikrafttredelse");
        check(&[&page(ONE), &page(TWO), &page(THREE)], "cbcccci");
        let page = |own: &str| format!("§ 1\n1.2. Definisjoner\n\n{own}\n\nOm oss\nPersonvern");
        check(&[&page(ONE), &page(TWO), &page(THREE)], "ccbcbbb");
    }

    #[test]
    fn versions_of_a_document_share_its_table_of_contents() {
        let page = |own: &str, list: &str| format!("{own}\n\n{list}\n\n{own} {own}");
        let contents = "Systemkrav\nMaskinvare\nNettverk\nOppgradering";
        check(&[&page(ONE, contents), &page(TWO, contents), &page(THREE, contents)], "cbccccbc");
        let buttons = "Del på Facebook\nSystemkrav\nSkriv ut";
        check(&[&page(ONE, buttons), &page(TWO, buttons), &page(THREE, buttons)], "cbbbbbc");
    }

    #[test]
    fn keeps_the_answer_to_a_question() {
        check(&[&format!("{ONE}\n\nEr det gratis?\nJa\n\nKva med hundar?\nNei.")], "cbccbcc");
        check(&[&format!("{ONE}\n\nEr det gratis?\nJa\nNei")], "cbcbb");
        check(&[&format!("{ONE}\n\nFann du det du leita etter?\nJa")], "cbbb");
    }

    #[test]
    fn keeps_interface_phrases_inside_a_list() {
        check(&["Skjema\nOslo\nKontakt oss\nBergen\nSkriv ut"], "tcccb");
    }

    #[test]
    fn joins_the_lines_of_a_broken_paragraph() {
        let text = "Proba har i rapporten Hva må til for at barn og unge\ngjennomfører sin opplæring? – Erfaringer\ndokumentert innspill fra brukerne.";
        let document = clean(page(text), &SiteTemplate::default());
        assert_eq!(document.lines.iter().map(|line| line.continues_paragraph).collect::<Vec<_>>(), [false, true, true]);
    }

    #[test]
    fn drops_a_short_sentence_inside_a_template() {
        let page = |own: &str| {
            format!(
                "Min kommune\nTjenester\nHold tasten nede for å forstørre.\nOm oss\nPolitikk\n(Adressen din blir lagt inn i meldingen som du sender.)\nMeld inn\n\n{own}"
            )
        };
        let own = |one: &str, more: &str| {
            page(&format!(
                "{one}\n\n{more} står det i den {more} første av de {more} tre rapportene.\n\n{more} viser den {more} andre av dem {more} det samme i fjor."
            ))
        };
        check(&[&own(ONE, "Dette"), &own(TWO, "Dessuten"), &own(THREE, "Likevel")], "bbbbbbbbcbcbc");
        let law = |own: &str| format!("{own}\n\nIkrafttredelse\n\nLoven trer i kraft straks.");
        check(&[&law(ONE), &law(TWO), &law(THREE)], "cbcbc");
    }

    #[test]
    fn keeps_a_title_that_other_pages_link_to() {
        let page = |title: &str, own: &str, others: [&str; 2]| {
            format!("{title} - Vår kommune\nForsiden\n{title}\n\n{own}\n\n{}\n{}", others[0], others[1])
        };
        let titles = ["Plikten til å varsle", "Retten til skole", "Samarbeid om unge"];
        let pages = [
            page(titles[0], ONE, [titles[1], titles[2]]),
            page(titles[1], TWO, [titles[0], titles[2]]),
            page(titles[2], THREE, [titles[0], titles[1]]),
        ];
        let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
        check(&pages, "tbhbcbbb");
    }

    #[test]
    fn a_page_of_interface_phrases_has_no_content() {
        check(&["Meny\nSøk\nLogg inn\n\u{a0}\n***"], "bbbbb");
    }

    #[test]
    fn keeps_a_page_with_nothing_but_lists() {
        check(&["Skjemaer\n\n• Søknad om plass\n• Klage på vedtak"], "tbii");
    }

    #[test]
    fn reads_dates_and_source_from_date_lines() {
        let document = clean(
            page(&format!("Tittel\n\n19.02.2018 | Rapport fra Ipsos\n\n{ONE}\n\nOppdatert 13. desember 2017.")),
            &SiteTemplate::default(),
        );
        assert_eq!(document.published.unwrap().to_string(), "2018-02-19");
        assert_eq!(document.updated.unwrap().to_string(), "2017-12-13");
        assert_eq!(document.source.as_deref(), Some("Ipsos"));
        assert_eq!(document.lang, Lang::Bokmal);
    }

    #[test]
    fn keeps_the_lines_of_pages_that_differ_in_numbers() {
        let page = |number: u32| {
            format!(
                "Referat fra møte {number}\n\nSak {number}/2024 ble vedtatt.\n\nGebyret er {number}00 kr.\n\nMøtet ble hevet klokken tolv."
            )
        };
        check(&[&page(1), &page(2), &page(3)], "tbcbcbc");
    }

    #[test]
    fn keeps_interface_phrases_between_statements() {
        check(
            &[
                "Kontakt legekontoret\n\nLegekontoret har åpent hver dag.\n\nKontakt oss\n\nTimer bestilles fra klokken åtte.",
            ],
            "tbcbcbc",
        );
    }

    const LONG: &str = "Kommunen har plikt til å sørge for et forsvarlig tilbud til alle barn og unge som bor der.";

    fn cleaned(text: &str) -> Document {
        let format = if text.starts_with('<') { Format::Html } else { Format::Text };
        clean(page_of(format, text), &SiteTemplate::default())
    }

    /// `expected` has the dates of publication and of the last change, or `-`.
    #[track_caller]
    fn check_dates(text: &str, expected: &str) {
        let document = cleaned(text);
        let show = |date: Option<jiff::civil::Date>| date.map_or("-".to_string(), |date| date.to_string());
        assert_eq!(format!("{} {}", show(document.published), show(document.updated)), expected, "{text}");
    }

    #[test]
    fn reads_labeled_dates_above_and_below_the_text() {
        check_dates(&format!("Plikten\n\n{LONG}\n\nSiden ble sist endret 3. mai 2021 kl. 10:15."), "- 2021-05-03");
        check_dates(&format!("Plikten\n\n{LONG}\n\nSida vart sist endra 03.05.2021"), "- 2021-05-03");
        check_dates(&format!("Plikten\n\n{LONG}\n\nUtgivelsesdato: 3/5-2021"), "2021-05-03 -");
        check_dates(
            &format!("Plikten\n\n{LONG}\n\nThis page was last edited on 3 May 2021, at 10:15 (UTC)."),
            "- 2021-05-03",
        );
        check_dates(
            &format!("Plikten\nPublisert\n3. mai 2021\nSist oppdatert\n4. mai 2021\n\n{LONG}"),
            "2021-05-03 2021-05-04",
        );
        let aside = format!(
            "<main><h1>Plikten</h1><p>{LONG}</p></main><aside><p>Liste sist oppdatert: mandag 3. mai 2021</p></aside>"
        );
        check_dates(&aside, "- 2021-05-03");
        check_dates(&format!("<h1>Plikten</h1><p>{LONG}</p><footer>Sist oppdatert: 3.5.2021</footer>"), "- 2021-05-03");
    }

    #[test]
    fn ignores_dates_of_other_things() {
        let comments = "Legg igjen en kommentar\nKari sier:\nBra.\nPublisert 3. mai 2021\nOla sier:\nEnig.";
        check_dates(&format!("Plikten\n{}\n{comments}", [LONG; 9].join("\n")), "- -");
        check_dates(&format!("Konsert\n\nDato: 12. mai 2024\nTid: 18.00\nSted: Rådhuset\n\n{LONG}"), "- -");
        check_dates(&format!("Konsert\n\n12. mai 2024 kl. 18.00–20.00\n\n{LONG}"), "- -");
        check_dates(&format!("Stilling\n\nSøknadsfrist: 12. mai 2024\n\n{LONG}"), "- -");
        check_dates(&format!("Loven\n\nLoven ble sist endret 3. mai 2021\n\n{LONG}"), "- -");
        check_dates(&format!("Plikten\n\nmandag 3. mai\n\n{LONG}"), "- -");
        let comment = format!(
            "<article><h1>Plikten</h1><p>{LONG}</p></article><div class=comments><time itemprop=datePublished datetime=2021-05-03>i går</time></div>"
        );
        check_dates(&comment, "- -");
        let review = format!(
            "<h1>Ski</h1><p>{LONG}</p><div itemprop=review itemscope itemtype='https://schema.org/Review'><meta itemprop=datePublished content=2021-05-03></div>"
        );
        check_dates(&review, "- -");
        let list =
            "Nyheter\nEn sak\nPublisert 3. mai 2021\nEn annen\nPublisert 2. mai 2021\nEn tredje\nPublisert 1. mai 2021";
        check_dates(list, "- -");
    }

    #[test]
    fn swaps_or_reports_dates_in_the_wrong_order() {
        let head = "<meta property=article:published_time content=2021-05-03><meta property=article:modified_time content=2020-01-02>";
        let swapped = format!("{head}<h1>Plikten</h1><p>Publisert 02.01.2020. Oppdatert 03.05.2021</p><p>{LONG}</p>");
        check_dates(&swapped, "2020-01-02 2021-05-03");
        let unclear = format!("{head}<h1>Plikten</h1><p>{LONG}</p>");
        check_dates(&unclear, "2021-05-03 2020-01-02");
        let origin = cleaned(&unclear).origins.updated;
        assert_eq!(origin, "the page's head; earlier than the date of publication");
        check_dates(&format!("Plikten\n\n12. juni 2024\n\nSist oppdatert 3. mai 2021\n\n{LONG}"), "- 2021-05-03");
    }
}

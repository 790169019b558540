//! The table of classification rules, in the order in which they run.
//!
//! To add a rule, write a function that sets the class of lines that no rule has matched yet (`LineState::is_open`),
//! add a variant to `Reason` with its text, and add a row here with an example. A test runs every example, with and
//! without its rule.

use super::line_classifier::LineClassifier;
use super::{dump_rules, single_line_rules, structure_rules, template_rules, title_rules};
use crate::clean::site::SiteTemplate;
use crate::clean::user_rules::PageRules;
use crate::model::{Line, LineClass, Reason};

/// Classifies the lines of a page and finds its title.
///
/// The class of a line depends only on the page, the recurrence of the page's own lines, and the user rules for the
/// page. `stated_title` is the title that the record or the page itself states.
pub fn classify<'a>(
    lines: Vec<Line>,
    template: &SiteTemplate,
    user_rules: &'a PageRules,
    stated_title: Option<&'a str>,
) -> LineClassifier<'a> {
    let mut page = LineClassifier::new(lines, template, user_rules, stated_title);
    run(&mut page, RULES.iter());
    page
}

fn run<'r>(page: &mut LineClassifier, rules: impl Iterator<Item = &'r Rule>) {
    let is_text_page = page.is_text_page();
    for rule in rules.filter(|rule| is_text_page || rule.pages == Pages::All) {
        (rule.apply)(page);
    }
}

/// A row of the table.
#[cfg_attr(not(test), expect(dead_code, reason = "the documentation columns are read by the tests"))]
struct Rule {
    name: &'static str,
    /// Sets the class of the lines that the rule matches.
    apply: fn(&mut LineClassifier),
    /// The pages to which the rule applies.
    pages: Pages,
    /// The part of the page in which the rule drops lines.
    zone: Zone,
    examples: &'static [Example],
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Pages {
    All,
    /// Pages without markup.
    Text,
}

/// A part of a page, relative to the first and last kept line.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Zone {
    Anywhere,
    /// Above the kept lines.
    Top,
    /// Above or below the kept lines.
    TopOrEnd,
}

/// An example of a rule: on this page, it gives `line` the class and the reason.
#[cfg_attr(not(test), expect(dead_code, reason = "read by the tests"))]
struct Example {
    /// A text page, or an HTML page if it starts with `<`.
    page: &'static str,
    /// Other pages of the site.
    others: &'static [&'static str],
    user_rules: &'static str,
    line: &'static str,
    class: LineClass,
    reason: Reason,
}

/// The rules, from the most certain to the least: an earlier rule takes precedence, since a rule considers only lines
/// that no rule has matched. A line without a match is content, because lost content is worse for a search engine than
/// a leftover menu line.
static RULES: [Rule; 13] = [
    Rule {
        name: "lines without words",
        apply: single_line_rules::drop_lines_without_words,
        pages: Pages::All,
        zone: Zone::Anywhere,
        examples: &[example(
            "***\nPlikten\nKommunen har plikt.",
            "***",
            LineClass::Boilerplate,
            Reason::NoLettersOrDigits,
        )],
    },
    Rule {
        name: "user rules that drop",
        apply: single_line_rules::drop_by_user_rule,
        pages: Pages::All,
        zone: Zone::Anywhere,
        examples: &[Example {
            user_rules: "drop: sist lest *",
            ..example(
                "Plikten\n\nKommunen har plikt.\n\nSist lest i går.",
                "Sist lest i går.",
                LineClass::Boilerplate,
                Reason::DroppedByUserRule(1),
            )
        }],
    },
    Rule {
        name: "blocks that the markup places outside the content",
        apply: single_line_rules::drop_outside_markup,
        pages: Pages::All,
        zone: Zone::Anywhere,
        examples: &[example(
            "<nav>Barnehage</nav><p>Kommunen har plikt.</p>",
            "Barnehage",
            LineClass::Boilerplate,
            Reason::Outside(crate::model::OutsideReason::Nav),
        )],
    },
    Rule {
        name: "date lines",
        apply: single_line_rules::find_date_lines,
        pages: Pages::All,
        zone: Zone::Anywhere,
        examples: &[example(
            "Plikten\n\nPublisert 12.03.2018\n\nKommunen har plikt.",
            "Publisert 12.03.2018",
            LineClass::Date,
            Reason::DateLine,
        )],
    },
    Rule {
        name: "\"read more\" links",
        apply: single_line_rules::find_read_more_links,
        pages: Pages::All,
        zone: Zone::Anywhere,
        examples: &[example(
            "Plikten\n\nKommunen har plikt.\n\nLes hele rapporten >> HER",
            "Les hele rapporten >> HER",
            LineClass::Link,
            Reason::ReadMoreLink,
        )],
    },
    Rule {
        name: "reader comments",
        apply: dump_rules::drop_reader_comments,
        pages: Pages::Text,
        zone: Zone::TopOrEnd,
        examples: &[example(
            PAGE_WITH_COMMENTS,
            "Det er bra at noen passer på.",
            LineClass::Boilerplate,
            Reason::ReaderComment,
        )],
    },
    Rule {
        name: "menus of a text dump",
        apply: dump_rules::drop_menus,
        pages: Pages::Text,
        zone: Zone::Anywhere,
        examples: &[
            example(TEXT_DUMP, "Helse og omsorg", LineClass::Boilerplate, Reason::MenuRun),
            example(TEXT_DUMP, SIDE_STORY, LineClass::Boilerplate, Reason::BeyondMenu),
            example(TEXT_DUMP, SIDE_STORY_TEXT, LineClass::Boilerplate, Reason::BetweenMenus),
        ],
    },
    Rule {
        name: "recurring lines at the top and the end",
        apply: template_rules::drop_recurring_at_ends,
        pages: Pages::All,
        zone: Zone::TopOrEnd,
        examples: &[
            Example {
                others: OTHER_PAGES,
                ..example(SITE_PAGE, "Tjenester", LineClass::Boilerplate, Reason::RecursAtTop)
            },
            Example {
                others: OTHER_PAGES,
                ..example(SITE_PAGE, "Nettstedet driftes av IKT", LineClass::Boilerplate, Reason::RecursAtEnd)
            },
        ],
    },
    Rule {
        name: "recurring lines inside the content",
        apply: template_rules::drop_recurring_inside,
        pages: Pages::All,
        zone: Zone::Anywhere,
        examples: &[Example {
            others: OTHER_PAGES,
            ..example(SITE_PAGE, "Om metoden", LineClass::Boilerplate, Reason::RecursInside)
        }],
    },
    Rule {
        name: "interface phrases",
        apply: template_rules::drop_interface_at_ends,
        pages: Pages::All,
        zone: Zone::TopOrEnd,
        examples: &[example(
            "Plikten\n\nKommunen har plikt til å sørge for et forsvarlig tilbud.\n\nSkriv ut side",
            "Skriv ut side",
            LineClass::Boilerplate,
            Reason::InterfacePhrase,
        )],
    },
    Rule {
        name: "title",
        apply: title_rules::find_title,
        pages: Pages::All,
        zone: Zone::Anywhere,
        examples: &[
            example("<h1>Plikten</h1><p>Kommunen har plikt.</p>", "Plikten", LineClass::Title, Reason::FirstHeading),
            example(
                "<title>Plikten</title><h2>Plikten</h2><p>Kommunen har plikt.</p>",
                "Plikten",
                LineClass::Title,
                Reason::StatedTitle,
            ),
            example("Plikten\n\nKommunen har plikt.", "Plikten", LineClass::Title, Reason::TitleShape),
        ],
    },
    Rule {
        name: "repetitions of the title",
        apply: title_rules::drop_repeated_title,
        pages: Pages::All,
        zone: Zone::Top,
        examples: &[example(
            "<p>Plikten</p><h1>Plikten</h1><p>Kommunen har plikt.</p>",
            "Plikten",
            LineClass::Boilerplate,
            Reason::RepeatsTitle,
        )],
    },
    Rule {
        name: "headings, list items and text",
        apply: structure_rules::classify_content,
        pages: Pages::All,
        zone: Zone::Anywhere,
        examples: &[
            example(SECTIONS, "Hvem som har plikt", LineClass::Heading, Reason::HeadingShape),
            example(SECTIONS, "• barnehager", LineClass::Item, Reason::ItemShape),
            example(SECTIONS, "Kommunen har plikt til å sørge for et godt tilbud.", LineClass::Content, Reason::Prose),
            example("<h1>A</h1><h2>Hjemmel</h2><p>Loven.</p>", "Hjemmel", LineClass::Heading, Reason::MarkupHeading),
            example("<h1>A</h1><ul><li>Skole</li></ul>", "Skole", LineClass::Item, Reason::MarkupItem),
            example("<h1>A</h1><p>Loven.</p>", "Loven.", LineClass::Content, Reason::MarkupText),
            example("Plikten\n\nKommunen har plikt.", "Kommunen har plikt.", LineClass::Content, Reason::NoRule),
        ],
    },
];

const fn example(page: &'static str, line: &'static str, class: LineClass, reason: Reason) -> Example {
    Example { page, others: &[], user_rules: "", line, class, reason }
}

const SECTIONS: &str = "Plikten\n\n\
    Hvem som har plikt\n\
    Kommunen har plikt til å sørge for et godt tilbud.\n\n\
    Dette gjelder:\n\
    • barnehager\n";

const PAGE_WITH_COMMENTS: &str = "Plikten\n\n\
    Kommunen har plikt til å sørge for et forsvarlig tilbud til alle barn og unge som bor der, uansett alder.\n\
    Loven skal sikre at elevene får den opplæringen som de har krav på, og at foreldrene blir hørt om den.\n\
    Rapporten viser at tjenestene samarbeider mer enn før om utsatte unge, særlig i de største kommunene.\n\
    Barnehagen samarbeider med skolen om overgangen, slik at barna kjenner både bygget og de voksne der.\n\
    Barnevernet undersøker hver melding så snart som mulig og forteller familien hva det har kommet fram til.\n\
    Statsforvalteren fører tilsyn med tilbudet og kan pålegge kommunen å rette feil innen en bestemt frist.\n\
    Foreldre som er uenige i et vedtak, kan klage på det uten at det koster dem noen ting.\n\
    Klagen sendes til den som har fattet vedtaket, og skal begrunnes så godt som det lar seg gjøre.\n\
    Departementet vil vurdere ordningen på nytt om to år, når de første erfaringene er samlet inn.\n\
    Legg igjen en kommentar\n\
    Kari sier:\n\
    Det er bra at noen passer på.\n\
    Ola sier:\n\
    Enig.\n";

const SIDE_STORY: &str = "Dette er en lang overskrift i en annen sak som ingen har bedt om";
const SIDE_STORY_TEXT: &str = "Rådet møtes igjen til høsten for å drøfte saken.";
const TEXT_DUMP: &str = "Forsiden\nTjenester\nBarnehage\nSkole\nHelse og omsorg\nKultur\nBryggen\nFritid\nKart\nIdrett\n\
    Kommunens plikt\n\
    Kommunen har plikt til å sørge for et forsvarlig tilbud til alle barn og unge som bor der, uansett alder.\n\
    Loven skal sikre at elevene får den opplæringen som de har krav på, og at foreldrene blir hørt om den.\n\
    Rapporten viser at tjenestene samarbeider mer enn før om utsatte unge, særlig i de største kommunene.\n\
    Foreldre som er uenige i et vedtak, kan klage på det uten at det koster dem noen ting.\n\
    Klagen sendes til den som har fattet vedtaket, og skal begrunnes så godt som det lar seg gjøre.\n\
    Mest lest\nKultur\nTeater\nMuseer\nBibliotek\nSvømmehall\nKino\nKulturskole\nKontakt oss\n\
    Dette er en lang overskrift i en annen sak som ingen har bedt om\n\
    Rådet møtes igjen til høsten for å drøfte saken.\n";

const SITE_PAGE: &str = "Min kommune\nTjenester\nPlikten\n\
    Kommunen har plikt til å sørge for et forsvarlig tilbud til alle barn.\n\
    Om tallene\nOm metoden\nSkriv ut\n\
    Plikten gjelder også for de barna som bare bor i kommunen en del av året.\n\
    Nettstedet driftes av IKT\n";
const OTHER_PAGES: &[&str] = &[
    "Min kommune\nTjenester\nOpplæring\n\
     Loven skal sikre at elevene får den opplæringen som de har krav på.\n\
     Om tallene\nOm metoden\nSkriv ut\n\
     Foreldrene skal bli hørt før skolen fatter vedtak om opplæringen til barna.\n\
     Nettstedet driftes av IKT\n",
    "Min kommune\nTjenester\nSamarbeid\n\
     Rapporten viser at tjenestene samarbeider mer enn før om utsatte unge.\n\
     Om tallene\nOm metoden\nSkriv ut\n\
     Funnene er særlig tydelige i de kommunene som har felles ledelse for tjenestene.\n\
     Nettstedet driftes av IKT\n",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::parse_page::parse;
    use crate::clean::parsed_page::ParsedPage;
    use crate::clean::site::PageFingerprint;
    use crate::clean::user_rules::UserRules;
    use crate::model::{Format, Page, PageId, PageMetadata};

    fn parsed(text: &str) -> ParsedPage {
        parse(&Page {
            id: PageId { path: "page".into(), record: None },
            index_in_file: 0,
            line: None,
            format: if text.starts_with('<') { Format::Html } else { Format::Text },
            text: text.into(),
            metadata: PageMetadata::default(),
            note: None,
        })
    }

    /// The class of the example's line, and whether the line is in the zone, after these rules.
    fn outcome<'r>(
        example: &Example,
        zone: Zone,
        rules: impl Iterator<Item = &'r Rule>,
    ) -> (Option<(LineClass, Reason)>, bool) {
        let page = parsed(example.page);
        let others: Vec<ParsedPage> = example.others.iter().map(|other| parsed(other)).collect();
        let fingerprints: Vec<PageFingerprint> =
            [&page].into_iter().chain(&others).map(|page| PageFingerprint::of(&page.lines)).collect();
        let template = SiteTemplate::of(&fingerprints.iter().collect::<Vec<_>>());
        let user_rules = UserRules::parse(example.user_rules, false).unwrap();
        let user_rules = user_rules.of("", "");
        let mut classifier = LineClassifier::new(page.lines, &template, &user_rules, page.metadata.title.as_deref());
        run(&mut classifier, rules);
        let is_kept = |state: &super::super::LineState| state.class.is_none_or(|(class, _)| class.is_kept());
        let is_example_line = |index: &usize| classifier.text(*index).trim() == example.line;
        let index = (0..classifier.lines.len()).find(is_example_line).expect(example.line);
        let is_in_zone = match zone {
            Zone::Anywhere => true,
            Zone::Top => !classifier.lines[..index].iter().any(is_kept),
            Zone::TopOrEnd => {
                !classifier.lines[..index].iter().any(is_kept) || !classifier.lines[index..].iter().any(is_kept)
            }
        };
        (classifier.lines[index].class, is_in_zone)
    }

    #[test]
    fn every_rule_does_what_its_examples_show() {
        for (row, rule) in RULES.iter().enumerate() {
            assert!(!rule.examples.is_empty(), "{} has no example", rule.name);
            for example in rule.examples {
                let expected = Some((example.class, example.reason));
                let (class, is_in_zone) = outcome(example, rule.zone, RULES.iter());
                assert_eq!(class, expected, "{}: {}", rule.name, example.line);
                assert!(is_in_zone, "{}: {} is not in the zone {:?}", rule.name, example.line, rule.zone);
                let without = RULES.iter().enumerate().filter(|(other, _)| *other != row).map(|(_, rule)| rule);
                let (class, _) = outcome(example, rule.zone, without);
                assert_ne!(class, expected, "{}: {} doesn't need the rule", rule.name, example.line);
            }
        }
    }
}

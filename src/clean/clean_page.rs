//! Cleans a page: classifies its lines and determines its metadata.

use super::classify::{self, Judged};
use super::dates::{self, Label};
use super::metadata::{host, language};
use super::parsed_page::ParsedPage;
use super::site::template::SiteTemplate;
use super::user_rules::{PageRules, UserRule};
use crate::model::{ClassifiedLine, Document, Line, LineClass, Markup, MetadataOrigins, Reason, shortened};

/// Every passage keeps its page's title and source; a longer one is text in the wrong place.
const MAX_FACT_CHARS: usize = 300;
/// Longer addresses carry data (browsers stop at about this length too).
const MAX_URL_BYTES: usize = 2000;

/// Judges every line of a page, given the template of its site.
pub fn clean(parsed: ParsedPage, template: &SiteTemplate) -> Document {
    clean_with_rules(parsed, template, &PageRules::default())
}

/// The same with a person's rules, which overrule all others.
pub fn clean_with_rules(parsed: ParsedPage, template: &SiteTemplate, rules: &PageRules) -> Document {
    let user_rules: Vec<Option<&UserRule>> = parsed.lines.iter().map(|line| rules.first_match(&line.text)).collect();
    let Judged { verdicts, datelines, continues, repeats, is_expected, title } =
        classify::judge(&parsed.lines, template, &user_rules, parsed.metadata.title.as_deref());
    // The line above the first date is taken for the title even where a rule dropped it.
    let is_dropped = |(verdict, rule): (&Option<(LineClass, _)>, &Option<&UserRule>)| {
        matches!(verdict, Some((LineClass::Title, _))) && rule.is_some_and(|rule| !rule.keeps)
    };
    let title = title.filter(|_| !verdicts.iter().zip(&user_rules).any(is_dropped));
    let dated = |label: fn(Label) -> bool| {
        let mut lines = parsed.lines.iter().zip(&datelines);
        lines.find_map(|(line, found)| {
            let found = found.iter().find(|found| label(found.label))?;
            Some((found.date, format!("line {}", line.number)))
        })
    };
    let of = |is_of_record: bool| if is_of_record { "the record" } else { "the page's head" }.to_string();
    let stated =
        |fact: Option<&str>, is_of_record: bool| fact.and_then(dates::date).map(|date| (date, of(is_of_record)));
    let published = stated(parsed.metadata.date.as_deref(), parsed.record.date.is_some());
    let published = published.or_else(|| dated(|label| label != Label::Updated)).unzip();
    let updated = stated(parsed.updated.as_deref(), false);
    let updated = updated.or_else(|| dated(|label| label == Label::Updated)).unzip();
    let mut source_lines = parsed.lines.iter().zip(&datelines);
    let source_line = source_lines.find_map(|(line, found)| {
        let source = found.iter().find_map(|found| found.source.clone())?;
        Some((source, format!("line {}", line.number)))
    });
    let lines: Vec<ClassifiedLine> = parsed
        .lines
        .into_iter()
        .zip(verdicts)
        .zip(continues)
        .zip(repeats)
        .zip(is_expected)
        .zip(user_rules)
        .map(|(((((line, verdict), continues), repeats), is_expected), rule)| {
            let (verdict, reason) = verdict.unwrap_or((LineClass::Content, Reason::NoRule));
            let is_expected = is_expected || rule.is_some();
            let (class, reason) = ruled(&line, verdict, reason, rule, rules.keeps_all());
            let is_repeated = repeats && class.is_kept();
            let may_be_missed = class.is_dropped() && !is_expected;
            ClassifiedLine {
                number: line.number,
                text: line.text,
                class,
                reason,
                continues_paragraph: continues,
                is_repeated,
                may_be_missed,
            }
        })
        .collect();
    let short = |text: String| shortened(&text, MAX_FACT_CHARS);
    let title_line = lines.iter().find(|line| line.class == LineClass::Title);
    let title_origin = match title_line {
        Some(line) => format!("line {}: {}", line.number, line.reason),
        None => of(parsed.record.title.is_some()),
    };
    let host_of_url = parsed.metadata.url.as_deref().and_then(host).map(|host| (host, "the address".to_string()));
    let source = parsed.metadata.source.map(|source| (source, of(parsed.record.source.is_some())));
    let source = source.or(source_line).or(host_of_url).unzip();
    let url = parsed.metadata.url.filter(|url| url.len() <= MAX_URL_BYTES && !url.contains(char::is_control));
    let lang = language(&lines, parsed.metadata.lang.as_deref());
    let origins = MetadataOrigins {
        title: title.as_ref().map(|_| title_origin).unwrap_or_default(),
        published: published.1.unwrap_or_default(),
        updated: updated.1.unwrap_or_default(),
        source: source.1.unwrap_or_default(),
        url: url.as_ref().map(|_| of(parsed.record.url.is_some())).unwrap_or_default(),
        lang: lang.1.to_string(),
    };
    Document {
        title: title.map(short),
        published: published.0,
        updated: updated.0,
        source: source.0.map(short),
        url,
        lang: lang.0,
        origins,
        lines,
    }
}

/// The last word on a line, after all rules but a person's.
fn ruled(
    line: &Line,
    verdict: LineClass,
    reason: Reason,
    rule: Option<&UserRule>,
    keeps_all: bool,
) -> (LineClass, Reason) {
    let as_content = match line.markup {
        _ if verdict.is_kept() => verdict,
        Markup::Heading(_) => LineClass::Heading,
        Markup::Item => LineClass::Item,
        _ => LineClass::Content,
    };
    match rule {
        _ if verdict == LineClass::Blank => (verdict, reason),
        Some(rule) if rule.keeps => (as_content, rule.reason()),
        Some(rule) => (LineClass::Boilerplate, rule.reason()),
        None if keeps_all && !verdict.is_kept() => (as_content, Reason::KeepAll),
        None => (verdict, reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::parse_page::parse;
    use crate::clean::site::template::PageFingerprint;
    use crate::model::{Format, Lang, Page, PageId, PageMetadata};

    pub fn page(text: &str) -> ParsedPage {
        parse(&Page {
            id: PageId { path: "a.txt".into(), record: None },
            index_in_file: 0,
            line: None,
            format: Format::Text,
            text: text.into(),
            metadata: PageMetadata::default(),
            note: None,
        })
    }

    /// Verdicts of the first page, one letter a line, when it is indexed with the others.
    fn check(pages: &[&str], expected: &str) {
        let parsed: Vec<ParsedPage> = pages.iter().map(|text| page(text)).collect();
        let sketches: Vec<PageFingerprint> = parsed.iter().map(|parsed| PageFingerprint::of(&parsed.lines)).collect();
        let template = SiteTemplate::of(&sketches.iter().collect::<Vec<_>>());
        let document = clean(parsed[0].clone(), &template);
        let found: String = document.lines.iter().map(|line| &line.class.name()[..1]).collect();
        assert_eq!(found, expected, "{:#?}", document.lines);
    }

    const ONE: &str = "Kommunen har plikt til å sørge for et forsvarlig tilbud til alle barn.";
    const TWO: &str = "Loven skal sikre at elevene får den opplæringen som de har krav på.";
    const THREE: &str = "Rapporten viser at tjenestene samarbeider mer enn før om utsatte unge.";

    #[test]
    fn a_page_alone_loses_its_interface_and_nothing_else() {
        check(
            &[&format!(
                "Skriv ut side\nFacebook\n\nPlikten\n\n12.03.2018 | Ipsos\n\n{ONE}\n\nFann du det du leita etter?\n0/250"
            )],
            "bbbtbdbcbbb",
        );
    }

    #[test]
    fn a_template_goes_and_headings_stay() {
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
    fn copies_lose_nothing() {
        let text = format!("Egen tittel\n\n12.03.2018\n\n{ONE}\n\nHovedfunn\n\n{TWO}\n\nNoter");
        check(&[&text, &text, &text], "tbdbcbhbcbc");
        let near = format!("{text}\n\n{THREE}");
        check(&[&text, &near, &near], "tbdbcbhbcbc");
    }

    #[test]
    fn a_shared_paragraph_stays() {
        let shared = "Programmet er et femårig program der flere sektorer jobber sammen på tvers.";
        let with = |prose: &str| format!("{prose}\n\nOm programmet\n\n{shared}");
        check(&[&with(ONE), &with(TWO), &with(THREE)], "cbhbc");
    }

    #[test]
    fn a_broken_paragraph_is_one() {
        let text = "Proba har i rapporten Hva må til for at barn og unge\ngjennomfører sin opplæring? – Erfaringer\ndokumentert innspill fra brukerne.";
        let document = clean(page(text), &SiteTemplate::default());
        assert_eq!(document.lines.iter().map(|line| line.continues_paragraph).collect::<Vec<_>>(), [false, true, true]);
    }

    #[test]
    fn a_short_sentence_inside_a_template_goes_with_it() {
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
    fn a_title_that_other_pages_list_stays() {
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
    fn a_page_of_interface_only_has_no_content() {
        check(&["Meny\nSøk\nLogg inn\n\u{a0}\n***"], "bbbbb");
    }

    #[test]
    fn a_page_of_lists_only_stays() {
        check(&["Skjemaer\n\n• Søknad om plass\n• Klage på vedtak"], "tbii");
    }

    #[test]
    fn dates_and_source_are_read() {
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
    fn pages_that_differ_by_numbers_keep_their_lines() {
        let page = |number: u32| {
            format!(
                "Referat fra møte {number}\n\nSak {number}/2024 ble vedtatt.\n\nGebyret er {number}00 kr.\n\nMøtet ble hevet klokken tolv."
            )
        };
        check(&[&page(1), &page(2), &page(3)], "tbcbcbc");
    }

    #[test]
    fn interface_phrases_between_statements_stay() {
        check(
            &[
                "Kontakt legekontoret\n\nLegekontoret har åpent hver dag.\n\nKontakt oss\n\nTimer bestilles fra klokken åtte.",
            ],
            "tbcbcbc",
        );
    }
}

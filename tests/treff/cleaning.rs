//! Tests the guarantees of cleaning on whole pages.

use std::collections::HashMap;
use std::fmt::Write;

use treff::clean::{self, PageFingerprint, ParsedPage, SiteTemplate};
use treff::model::{Document, Format, LineClass, Page, PageId, PageMetadata};

use crate::{SEEDS, TestEnv, repository};

/// Cleans pages of one site.
fn cleaned(pages: &[String], format: Format) -> Vec<Document> {
    let parsed: Vec<ParsedPage> = pages
        .iter()
        .map(|text| {
            clean::parse(&Page {
                id: PageId { path: "page".into(), record: None },
                index_in_file: 0,
                line: None,
                format,
                text: text.clone(),
                metadata: PageMetadata::default(),
                note: None,
            })
        })
        .collect();
    let fingerprints: Vec<PageFingerprint> = parsed.iter().map(|parsed| PageFingerprint::of(&parsed.lines)).collect();
    let template = SiteTemplate::of(&fingerprints.iter().collect::<Vec<_>>());
    parsed.into_iter().map(|parsed| clean::clean(parsed, &template)).collect()
}

fn seed(name: &str) -> String {
    std::fs::read_to_string(repository().join("seeds").join(name)).unwrap()
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_string).collect()
}

/// The words of the lines that `line_classes.txt`, which a person has reviewed, lists as content of a seed page.
fn content_of_seed(name: &str) -> Vec<String> {
    let classes = std::fs::read_to_string(repository().join("tests/golden/line_classes.txt")).unwrap();
    let kept: Vec<usize> = classes
        .lines()
        .skip_while(|line| *line != name)
        .skip(1)
        .map_while(|line| line.split_once('\t'))
        .filter(|(_, class)| !["blank", "link", "boilerplate"].contains(class))
        .map(|(number, _)| number.parse().unwrap())
        .collect();
    assert!(kept.len() > 5, "{name} is missing from line_classes.txt");
    let text = seed(name);
    let lines: Vec<&str> = text.lines().collect();
    kept.into_iter().flat_map(|number| words(lines[number - 1])).collect()
}

fn kept(document: &Document) -> Vec<String> {
    document.lines.iter().filter(|line| line.class.is_kept()).flat_map(|line| words(&line.text)).collect()
}

/// Checks that every word of `expected` was kept, at least as often as it occurs there.
#[track_caller]
fn check_nothing_lost(document: &Document, expected: &[String], name: &str) {
    let mut left: HashMap<String, usize> = HashMap::new();
    for word in kept(document) {
        *left.entry(word).or_default() += 1;
    }
    let lost: Vec<&String> = expected
        .iter()
        .filter(|word| match left.get_mut(*word) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        })
        .collect();
    assert!(lost.is_empty(), "{name} loses {lost:?}: {:#?}", document.lines);
}

#[test]
fn single_seed_pages_lose_no_content() {
    for name in SEEDS {
        check_nothing_lost(&cleaned(&[seed(name)], Format::Text)[0], &content_of_seed(name), name);
    }
}

#[test]
fn a_page_with_copies_and_near_duplicates_loses_no_content() {
    let all: Vec<String> = SEEDS.iter().map(|name| seed(name)).collect();
    for (index, name) in SEEDS.iter().enumerate() {
        // A later version of the page: the first “og” of each long line is replaced.
        let edited: Vec<String> = all[index]
            .lines()
            .map(|line| match line.split_once(" og ") {
                Some((before, after)) if line.len() > 80 => format!("{before} samt {after}"),
                _ => line.to_string(),
            })
            .collect();
        let shortened: Vec<&str> = all[index].lines().take(all[index].lines().count() * 9 / 10).collect();
        let mut pages = all.clone();
        pages.extend([all[index].clone(), all[index].clone(), edited.join("\n"), shortened.join("\n")]);
        let documents = cleaned(&pages, Format::Text);
        check_nothing_lost(&documents[index], &content_of_seed(name), name);
    }
}

#[test]
fn crlf_and_wrapped_lines_lose_no_content() {
    for name in SEEDS {
        let text = seed(name);
        let expected = content_of_seed(name);
        check_nothing_lost(&cleaned(&[text.replace('\n', "\r\n")], Format::Text)[0], &expected, name);
        let blank = text.replace("\n\n", "\n\u{a0}\u{a0}\n");
        check_nothing_lost(&cleaned(&[blank], Format::Text)[0], &expected, name);
        let mut wrapped = String::new();
        for line in text.lines() {
            let mut width = 0;
            for word in line.split_whitespace() {
                let length = word.chars().count();
                if width > 0 && width + 1 + length > 80 {
                    wrapped.push('\n');
                    width = 0;
                }
                write!(wrapped, "{}{word}", if width > 0 { " " } else { "" }).unwrap();
                width += length + usize::from(width > 0);
            }
            wrapped.push('\n');
        }
        check_nothing_lost(&cleaned(&[wrapped], Format::Text)[0], &expected, name);
    }
}

/// Checks that lines marked `+` are kept and lines marked `-` are dropped.
#[track_caller]
fn check_labeled(pages: &[&str]) {
    let texts: Vec<String> = pages
        .iter()
        .map(|page| page.lines().map(|line| line.get(1..).unwrap_or("")).collect::<Vec<_>>().join("\n"))
        .collect();
    for (page, document) in pages.iter().zip(cleaned(&texts, Format::Text)) {
        for (line, classified) in page.lines().zip(&document.lines) {
            let is_right = match line.as_bytes().first() {
                Some(b'+') => classified.class.is_kept(),
                Some(b'-') => !classified.class.is_kept(),
                _ => classified.class == LineClass::Blank,
            };
            assert!(is_right, "{line:?} is classified as {:?}: {}", classified.class, classified.reason);
        }
    }
}

#[test]
fn keeps_a_heading_that_is_also_a_menu_entry() {
    let sections = ["Barnehage", "Byggesak", "Helse og omsorg", "Kultur og fritid", "Skatt og avgift", "Vann og avløp"];
    let page = |own: &str| {
        let text = format!("Kommunen har ansvar for {own} og svarer på spørsmål om det på hverdager fra klokka ni.");
        format!("{}\n\n{own}\n\n{text}\n", sections.join("\n"))
    };
    let env = TestEnv::empty();
    for (number, own) in sections.iter().enumerate() {
        env.write(&format!("pages/{number}.txt"), page(own));
    }
    env.run(&["index", "pages"]).exits(0);
    for own in sections {
        let hits = env.run(&["search", "--json", &format!("\"{own}\"")]).exits(0).hits();
        assert_eq!(hits[0]["title"], own);
    }
    // The menu itself is dropped: each page matches only by its own heading and text.
    assert_eq!(env.run(&["search", "--json", "byggesak"]).exits(0).hits().len(), 1);
}

const MENU: &str = "-Hopp til innhald\n-Meny\n-Søk\n-Barnehage og skule\n-Helse og omsorg\n-Bygg og eigedom\n-Kultur og fritid\n-Skatt og avgift\n-Politikk og innsyn\n-Ledige stillingar\n-Kontakt oss";
const FOOTER: &str = "-Fann du det du leita etter?\n-Ja\n-Nei\n-Del på Facebook\n-Skriv ut\n-Relaterte artiklar\n-Søk barnehageplass\n-Foreldrebetaling\n-Opningstider\n-Personvern\n-Informasjonskapslar\n-Til toppen";

#[test]
fn a_single_page_is_reduced_to_its_content() {
    check_labeled(&[&format!(
        "{MENU}\n+Redusert foreldrebetaling i barnehage\n\n\
         +Familiar med låg inntekt kan søkje om redusert foreldrebetaling for plass i kommunale og private barnehagar.\n\
         +Ordninga gjeld hushald der den samla inntekta er lågare enn grensa som Stortinget set kvart år.\n\n\
         +Slik søkjer du\n\n\
         +Du søkjer elektronisk, og du må leggje ved skattemelding for alle vaksne i hushaldet som bur på same adressa.\n\
         +Dette må du leggje ved:\n+• skattemelding\n+• lønnsslipp\n+• vedtak frå Nav\n\n\
         +Vedtaket gjeld til barnehageåret er slutt, og du må difor søkje på nytt kvart år før fristen går ut.\n{FOOTER}"
    )]);
}

#[test]
fn drops_a_template_that_three_of_five_pages_share() {
    let with = |own: &str| {
        format!("-Startside\n-Tenester\n-Politikk\n{own}\n-Ansvarleg redaktør er rådmannen\n-Org.nr. 123 456 789")
    };
    let pages = [
        with("+Kommunen har plikt til å sørgje for eit forsvarleg tilbod til alle barn."),
        with("+Lova skal sikre at elevane får den opplæringa som dei har krav på."),
        with("+Rapporten viser at tenestene samarbeider meir enn før om utsette unge."),
        "+Ein heilt annan tekst som er henta frå ein annan stad i den same mappa.".to_string(),
        "+Endå ein tekst, som ikkje liknar på nokon av dei andre i denne mappa.".to_string(),
    ];
    check_labeled(&pages.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn keeps_every_line_of_laws_questions_and_lists() {
    let law = "+Kapittel 1. Innledende bestemmelser\n\n+§ 1. Formål\n+Loven skal sikre barn og unge et likeverdig tilbud i hele landet.\n\n\
               +§ 2. Virkeområde\n+Loven gjelder for kommuner og fylkeskommuner, og for private som utfører oppgaver for dem.\n\n\
               +§ 3. Definisjoner\n+I loven menes med\n+a) barn: personer under 18 år,\n+b) tjenester: helse, skole, barnevern,\n\n+§ 4. Ikrafttredelse\n+Loven trer i kraft straks.";
    let questions = "+Ofte stilte spørsmål\n\n+Hvem kan søke?\n+Alle som bor i kommunen.\n\n+Når er fristen?\n+1. mars hvert år.\n\n+Hva koster det?\n+Ingenting.";
    let list = "+Skjemaer\n\n+Søknad om barnehageplass\n+Søknad om redusert betaling\n+Oppsigelse av plass\n+Klage på vedtak\n+Permisjon\n+SFO\n+Skoleskyss\n+Leksehjelp\n+Kulturskole\n+Ferie\n+Flytting\n+Foresatte";
    for page in [law, questions, list] {
        check_labeled(&[page]);
        check_labeled(&[page, law, questions, list]);
    }
}

#[test]
fn keeps_a_paragraph_that_pages_share() {
    let shared = "+Om 0-24-programmet\n+Programmet er et femårig samarbeid mellom departementene om tjenester til utsatte barn og unge.";
    let own = [
        "+Rapporten viser at tjenestene samarbeider mer enn før om utsatte unge i kommunene.",
        "+Undersøkelsen ble gjennomført blant ansatte i skole, barnevern, helse og Nav høsten 2019.",
        "+Funnene tyder på at felles ledelse gir bedre tilbud til familiene over lengre tid.",
    ];
    let pages: Vec<String> = own.iter().map(|own| format!("{own}\n\n{shared}")).collect();
    check_labeled(&pages.iter().map(String::as_str).collect::<Vec<_>>());
    check_labeled(&[&pages[0], &pages[1], own[2]]);
}

#[test]
fn explain_shows_the_zone_the_reason_and_the_other_pages_of_a_line() {
    let env = TestEnv::empty();
    for (name, own) in [
        ("a", "Kommunen har plikt til å sørge for et forsvarlig tilbud til alle barn."),
        ("b", "Loven skal sikre at elevene får den opplæringen som de har krav på."),
        ("c", "Rapporten viser at tjenestene samarbeider mer enn før om utsatte unge."),
    ] {
        env.write(&format!("pages/{name}.txt"), format!("Min kommune\nPolitikk\nTjenester\n\n{own}\n\nOrg.nr. 123"));
    }
    env.run(&["index", "pages"]).exits(0);
    let explained = env.run(&["clean", "--explain", "pages/b.txt"]).exits(0);
    let lines: Vec<Vec<&str>> = explained.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    let of = |word: &str| lines.iter().position(|line| line.len() > 2 && line.last() == Some(&word)).unwrap();
    assert_eq!(lines[of("Tjenester")][1..3], ["boilerplate", "top"]);
    assert_eq!(lines[of("123")][2], "end");
    assert_eq!(lines[of("Tjenester") + 1].join(" "), "on 2 other pages of the site: pages/a.txt, pages/c.txt");
    assert!(
        explained.stdout.contains("recurs on other pages, in a run that starts at the top"),
        "{}",
        explained.stdout
    );
}

#[test]
fn a_recurring_paragraph_ranks_below_a_unique_one() {
    let env = TestEnv::empty();
    let shared = "Tilskudd til frivillige lag og foreninger gis hvert år etter søknad til kommunen innen fristen.";
    for (name, own) in [
        ("a", "Nemnda behandlet to klager, og begge ble avvist fordi fristen var gått ut før de kom inn."),
        ("b", "Rådet drøftet planen for neste år og ba om at flere parter får uttale seg før vedtaket."),
        ("c", "Styret vedtok budsjettet med de endringene som ble foreslått av to medlemmer i møtet."),
    ] {
        env.write(&format!("pages/{name}.txt"), format!("{own}\n\nOm {name}\n\n{shared}\n"));
    }
    // The same length and the same query words, but on one page only.
    let alone = "Tilskudd til private haller og anlegg gis hvert år etter søknad til fylket innen fristen.";
    env.write(
        "pages/z.txt",
        format!("Utvalget skrev en lang uttalelse om saken som ble sendt videre.\n\nOm z\n\n{alone}\n"),
    );
    env.run(&["index", "pages"]).exits(0);
    assert!(env.places("tilskudd søknad")[0].starts_with("z.txt"), "{:?}", env.places("tilskudd søknad"));
}

#[test]
fn keeps_headings_and_list_items_that_read_like_buttons() {
    let page = "<h1>Informasjonskapsler</h1><p>Kommunen bruker informasjonskapsler for å telle besøk på sidene sine.</p>\
                <h2>Kontakt</h2><p>Torget 1, 0001 Byen</p><h2>Meny</h2>";
    let document = &cleaned(&[page.to_string()], Format::Html)[0];
    let kept: Vec<&str> =
        document.lines.iter().filter(|line| line.class.is_kept()).map(|line| line.text.as_str()).collect();
    assert!(kept.contains(&"Informasjonskapsler") && kept.contains(&"Kontakt"), "{kept:?}");
    assert!(!kept.contains(&"Meny"), "{kept:?}");
    let questions = "<h1>Fiske</h1><p>Alle som vil fiske i elva, må ha kort fra laget som eier fisket.</p>\
                     <h2>Kan jeg fiske gratis?</h2><p>Nei</p>";
    let document = &cleaned(&[questions.to_string()], Format::Html)[0];
    assert!(document.lines.iter().all(|line| line.class.is_kept()), "{:#?}", document.lines);
    let list =
        "<h1>Tjenester</h1><ul><li>Logg inn med ID-porten</li><li>Fyll ut skjemaet</li><li>Søknad om plass</li></ul>";
    let document = &cleaned(&[list.to_string()], Format::Html)[0];
    assert!(document.lines.iter().all(|line| line.class.is_kept()), "{:#?}", document.lines);
}

/// Forty sites in one folder, without URLs, each with its own menu, footer and prose.
#[test]
fn sites_mixed_in_one_folder_lose_their_menus_but_no_content() {
    let places = ["Bergen", "Molde", "Narvik", "Hamar", "Alta", "Skien", "Voss", "Lom"];
    let kinds = ["kommune", "museum", "bibliotek", "sykehus", "idrettslag"];
    let entries = ["Forsiden i", "Nyheter fra", "Ansatte i", "Ledige stillinger i", "Historien til"];
    let subjects = ["barnehagen", "biblioteket", "skogen", "havnen", "skolen", "verkstedet", "museet", "elven"];
    let verbs = ["åpnet", "fikk", "mistet", "viste", "valgte", "samlet", "flyttet"];
    let (mut pages, mut own) = (Vec::new(), Vec::new());
    for site in 0..40 {
        let name = format!("{} {}", places[site % 8], kinds[site / 8]);
        let menu: Vec<String> = entries.iter().map(|entry| format!("{entry} {name}")).collect();
        for page in 0..5 + site * 25 / 39 {
            let sentence = |number: usize| {
                let word =
                    |n: usize| format!("{}{}", subjects[(page + number + n) % 8], site * 1000 + page * 10 + number);
                let (one, other, verb) = (word(0), word(3), verbs[(page * 3 + number) % 7]);
                format!("Etter lang tid {verb} {one} nye venner, og {other} ble med {one} på {name} i år {number}.")
            };
            let heading = format!("Om {} nummer {page} hos {name}", subjects[page % 8]);
            let paragraphs: Vec<String> = (0..6).map(sentence).collect();
            let content = format!(
                "{heading}\n\nInnledning\n\n{}\n\nHovedfunn\n\n{}",
                paragraphs[..3].join("\n\n"),
                paragraphs[3..].join("\n\n")
            );
            // The menu has too few lines to be recognized by its shape. On some pages it has one entry fewer.
            let mut menu = menu.clone();
            if page % 4 == 3 {
                menu.remove(1 + page / 4 % 2);
            }
            let footer = format!("Personvern hos {name}\nAlle rettigheter: {name}");
            pages.push(format!("{}\n\n{content}\n\n{footer}", menu.join("\n")));
            own.push(content);
        }
    }
    assert!(pages.len() > 500);
    for (document, own) in cleaned(&pages, Format::Text).iter().zip(&own) {
        check_nothing_lost(document, &words(own), "a page");
        let kept = kept(document).len();
        assert_eq!(kept, words(own).len(), "{:#?}", document.lines);
    }
}

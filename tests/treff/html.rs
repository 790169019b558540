//! Content extraction from HTML pages that imitate common kinds of Norwegian sites.
//!
//! Lines that contain “BORT” (“away”) must be dropped, and all others kept.

use treff::clean::{self, SiteTemplate};
use treff::model::{Document, Format, Page, PageId, PageMetadata};

fn cleaned(html: &str) -> Document {
    let page = Page {
        id: PageId { path: "a.html".into(), record: None },
        index_in_file: 0,
        line: None,
        format: Format::Html,
        text: html.into(),
        metadata: PageMetadata::default(),
        note: None,
    };
    clean::clean(clean::parse(&page), &SiteTemplate::default())
}

#[track_caller]
fn check(html: &str) {
    let document = cleaned(html);
    let wrong: Vec<String> = document
        .lines
        .iter()
        .filter(|line| line.class.is_kept() == line.text.contains("BORT"))
        .map(|line| format!("{}: {}: {}: {}", line.number, line.class.name(), line.reason, line.text))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    let text: String = document.lines.iter().map(|line| line.text.as_str()).collect();
    assert!(text.len() > 100, "the page should have text");
}

const MENU: &str = "<header><a href=/>BORT Kommunen</a><nav><ul><li><a href=/a>BORT Skole</a><li><a href=/b>BORT Helse</a>\
    <li><a href=/c>BORT Plan</a></ul></nav></header>";
const FOOTER: &str = "<footer><p>BORT Postboks 1, 0101 Oslo</p><a href=/p>BORT Personvern</a></footer>";

#[test]
fn public_sector_page_without_main() {
    check(&format!(
        "<html><body>{MENU}<div id=wrapper><div class=breadcrumb><a href=/>BORT Hjem</a> / <a href=/x>BORT Skole</a></div>
        <div class=content><h1>Skoleskyss</h1><p>Elever som bor langt fra skolen har rett til gratis skyss.</p>
        <h2>Slik søker du</h2><ol><li>Finn fram bostedsadressen</li><li>Send inn skjemaet</li></ol>
        <h2>Frister</h2><table><tr><th>Trinn</th><th>Frist</th></tr><tr><td>1. trinn</td><td>1. mai</td></tr></table>
        <p>Telefon: 22 22 22 22</p></div>
        <div class=sidebar><h3>BORT Snarveier</h3><ul><li><a href=/1>BORT Feriekalender</a></li><li><a href=/2>BORT SFO</a></li></ul></div>
        </div>{FOOTER}</body></html>"
    ));
}

#[test]
fn page_inside_a_form() {
    check(&format!(
        "<html><body><form id=aspnetForm>{MENU}<div id=innhold><h1>Byggesak</h1>
        <p>Du må søke kommunen om tillatelse før du bygger på huset ditt.</p>
        <p>Saken blir behandlet innen tolv uker når søknaden er fullstendig.</p>
        <ul><li>Tegninger</li><li>Situasjonskart</li></ul></div>{FOOTER}</form></body></html>"
    ));
}

#[test]
fn law_page() {
    check(&format!(
        "<html><body>{MENU}<main><h1>Lov om barnehager</h1><h2>Kapittel I. Formål</h2>
        <h3>§ 1. Formål</h3><p>Barnehagen skal i samarbeid og forståelse med hjemmet ivareta barnas behov.</p>
        <p>Barna skal få utfolde skaperglede.</p><h3>§ 2. Innhold</h3><p>Barnehagen skal være en pedagogisk virksomhet.</p>
        <ol type=a><li>lek</li><li>omsorg, se <a href=/lov/1>§ 1</a></li></ol>
        <h3>§ 3. (Opphevet)</h3></main>{FOOTER}</body></html>"
    ));
}

#[test]
fn collapsible_questions_and_answers() {
    check(&format!(
        "<html><body>{MENU}<main><h1>Spørsmål og svar</h1>
        <h2><button aria-expanded=false aria-controls=s1>Hvem kan få støtte?</button></h2>
        <div id=s1 hidden><p>Alle som bor i kommunen, kan få støtte etter søknad.</p></div>
        <button aria-expanded=false aria-controls=s2>Når får jeg svar?</button>
        <div id=s2 style='display:none'><p>Innen tre uker.</p></div>
        <details><summary>Kan jeg klage?</summary><p>Ja, innen tre uker fra du fikk vedtaket.</p></details>
        <div class=accordion><a href=#s3>Hva koster det?</a><div id=s3 aria-hidden=true>Det er gratis.</div></div>
        <div hidden>BORT aldri vist</div></main>{FOOTER}</body></html>"
    ));
}

#[test]
fn list_as_content() {
    check(&format!(
        "<html><body>{MENU}<main><h1>Skjemaer</h1>
        <h2>Barnehage</h2><ul><li><a href=/1>Søknad om barnehageplass</a></li><li><a href=/2>Søknad om redusert betaling</a></li>
        <li><a href=/3>Oppsigelse</a></li></ul><h2>Skole</h2><ul><li><a href=/4>Innskriving til første trinn</a></li>
        <li><a href=/5>Søknad om fri</a></li></ul><h2>Helse</h2><ul><li><a href=/6>Ledsagerbevis</a></li>
        <li><a href=/7>Søknad om hjemmetjenester</a></li></ul></main>{FOOTER}</body></html>"
    ));
}

#[test]
fn box_with_an_address() {
    check(&format!(
        "<html><body>{MENU}<main><h1>Legevakten</h1><p>Ring legevakten før du kommer, hvis du kan.</p>
        <aside><h2>Her er vi</h2><p>Telefon 116 117</p><p>Besøksadresse: Storgata 40, 0182 Oslo</p>
        <p>Åpent hele døgnet</p></aside></main>
        <aside><h2>BORT Snarveier</h2><a href=/1>BORT Tannlege</a> <a href=/2>BORT Fastlege</a></aside>{FOOTER}</body></html>"
    ));
}

#[test]
fn product_page() {
    check(&format!(
        "<html><body>{MENU}<div class=product><h1>Regnjakke for barn</h1><div class=price>499 kr</div>
        <p>Jakken er vanntett og har sveisede sømmer og refleks på ermene.</p>
        <table><tr><th>Materiale</th><td>Polyester</td></tr><tr><th>Vannsøyle</th><td>10 000 mm</td></tr></table></div>
        <div class=cookie-consent role=dialog><p>BORT Vi bruker informasjonskapsler for å gi deg en bedre opplevelse.</p>
        <button>BORT Godta alle</button></div>{FOOTER}</body></html>"
    ));
}

#[test]
fn forum_thread() {
    check(&format!(
        "<html><body>{MENU}<div class=topic><h1>Hvordan isolere loftet?</h1>
        <div class='comment first'><p>Vi har et kaldt loft og vurderer å isolere det selv i sommer.</p></div>
        <div class=comment><p>Husk dampsperre på den varme siden, ellers får du råte.</p></div>
        <div class=comment><p>Vi brukte innblåst isolasjon, og det gikk på en dag.</p></div></div>{FOOTER}</body></html>"
    ));
}

#[test]
fn article_with_menus_and_related_pages() {
    let prose = "Kommunestyret vedtok i går kveld å bygge en ny skole ved elva, etter en lang debatt om økonomien.";
    let text: String = (1..=6).map(|number| format!("<p>{prose} Avsnitt {number} sier mer.</p>")).collect();
    let cards: String = (1..=4)
        .map(|number| format!("<div class=box><h3><a href=/{number}>BORT Sak {number}</a></h3><p>BORT Noe annet skjedde i nabobyen denne uka.</p></div>"))
        .collect();
    check(&format!(
        "<html><head><meta property=og:type content=article><title>Ny skole - Avisa</title></head><body>{MENU}
        <div class=page><h1>Ny skole</h1><p>Lang debatt endte med ja.</p><div class=share><a href=/f>BORT Facebook</a></div>
        <div class=text>{text}<p>Les også: <a href=/9>BORT Skolen som forsvant i flommen</a></p>
        <figure><img src=a.jpg alt=''><figcaption>Skolen skal stå ferdig om tre år.</figcaption></figure></div>
        <div>{cards}</div><h2>BORT Les også</h2><ul><li><a href=/5>BORT Ny bru over elva</a></li><li><a href=/6>BORT Dyrere buss</a></li></ul>
        <section id=comments><h2>BORT Kommentarer</h2><p>BORT Dette var et dumt vedtak, og jeg skal stemme på noen andre.</p></section>
        <p>BORT Meld deg på nyhetsbrevet vårt.</p></div>{FOOTER}</body></html>"
    ));
}

#[test]
fn documentation_with_a_sidebar() {
    check(&format!(
        "<html><body>{MENU}<div class=layout><div class=doc-sidebar><ul><li><a href=/1>BORT Kom i gang</a></li>
        <li><a href=/2>BORT Oppsett</a></li><li><a href=/3>BORT API</a></li></ul></div>
        <article><h1>Oppsett</h1><p>Programmet leser oppsettet fra en fil i hjemmemappa di.</p>
        <pre><code>port = 80</code></pre><h2>Valg</h2><table><tr><th>Navn</th><th>Betydning</th></tr>
        <tr><td>port</td><td>Porten som tjeneren lytter på</td></tr></table></article>
        <div class=pagination><a href=/1>BORT Forrige</a><a href=/3>BORT Neste</a></div></div>{FOOTER}</body></html>"
    ));
}

#[test]
fn page_about_cookies() {
    check(&format!(
        "<html><body>{MENU}<main class=cookie-page><h1>Informasjonskapsler hos oss</h1>
        <p>En informasjonskapsel er en liten fil som nettleseren lagrer når du besøker et nettsted.</p>
        <p>Du kan slette informasjonskapsler i innstillingene til nettleseren.</p></main>{FOOTER}</body></html>"
    ));
}

#[test]
fn list_of_news() {
    let items: String = (1..=8)
        .map(|number| {
            format!(
                "<div class=teaser><h3><a href=/{number}>Nyhet nummer {number} fra kommunen</a></h3>\
                 <p>Kommunestyret har vedtatt en plan for skolene i bydel {number}.</p></div>"
            )
        })
        .collect();
    check(&format!("<html><body>{MENU}<div class=page><h1>Aktuelt</h1>{items}</div>{FOOTER}</body></html>"));
}

#[test]
fn services_with_the_class_promo() {
    let names = ["Barnehageplass", "Skoleskyss", "Ledsagerbevis", "Støttekontakt", "Startlån", "Byggesak", "Feiing"];
    let items: String = names
        .iter()
        .map(|name| format!("<div class=promo-box><a href=/{name}>{name} – slik søker du</a></div>"))
        .collect();
    check(&format!(
        "<html><body>{MENU}<main><h1>Tjenester</h1><p>Her finner du kommunens tjenester og hvordan du søker om dem.</p>\
         {items}</main>{FOOTER}</body></html>"
    ));
}

#[test]
fn list_of_addresses() {
    let people: String = ["Kari Nordmann", "Ola Hansen", "Ingrid Moe"]
        .iter()
        .map(|name| format!("<div class=person><h3>{name}</h3><div>Rådgiver</div><div>Telefon 55 55 55 55</div></div>"))
        .collect();
    check(&format!(
        "<html><body>{MENU}<div class=main-content><h1>Ansatte</h1><div class=adresse>Rådhusgata 1<br>5000 Bergen</div>\
         {people}</div>{FOOTER}</body></html>"
    ));
}

#[test]
fn steps_in_sections_with_different_classes() {
    let step = |number: u32| {
        format!(
            "<div class='block b{number}'><h2>Steg {number}</h2><p>Du må levere dokumentasjon på steg {number} før fristen.</p>\
             <a href=/skjema{number}>Gå til skjema {number}</a></div>"
        )
    };
    let steps: String = (1..=4).map(step).collect();
    check(&format!(
        "<html><body>{MENU}<div><div><h1>Slik søker du</h1><p class=ingress>Du søker i fire steg.</p></div></div>\
         <div>{steps}</div>{FOOTER}</body></html>"
    ));
}

#[test]
fn product_with_long_text_and_a_table() {
    let sentence = "Sekken har god bæring, regulerbar rygg og plass til alt du trenger på en helgetur i fjellet. ";
    let rows: String =
        ["Vekt|1,9 kg", "Volum|65 liter", "Farge|Blå", "Materiale|Nylon", "Garanti|5 år", "Art.nr.|12345"]
            .iter()
            .filter_map(|row| row.split_once('|'))
            .map(|(name, value)| format!("<tr><th>{name}</th><td>{value}</td></tr>"))
            .collect();
    check(&format!(
        "<html><body>{MENU}<div class=product-page><div class=summary><h1>Tursekk 65</h1><span class=price>1 499 kr</span>
        <div class=stock>På lager i 12 butikker</div><ul class=bullets><li>Vanntett</li><li>Regntrekk følger med</li></ul></div>
        <div class=tabs><div class=description><p>{}</p><p>{}</p></div>
        <div class=specs><h2>Spesifikasjoner</h2><table>{rows}</table></div>
        <div class=reviews><h2>Anmeldelser</h2><div class=review><b>Kari</b><p>Beste sekken jeg har hatt.</p></div>
        <div class=review><b>Per</b><p>Litt tung, men sitter godt.</p></div></div></div></div>{FOOTER}</body></html>",
        sentence.repeat(3),
        sentence.to_uppercase().repeat(2)
    ));
}

#[test]
fn thread_with_a_long_question_and_short_answers() {
    let question = "Vi har kjøpt et hus fra 1962 med kaldt loft og lurer på hvor mye isolasjon det er plass til. ";
    let answers: String = (1..=6)
        .map(|number| {
            format!(
                "<div class='comment' id=comment-{number}><span class=author>bruker{number}</span>\
                 <p>Jeg ville ha brukt {number}0 cm med mineralull.</p></div>"
            )
        })
        .collect();
    check(&format!(
        "<html><head><link rel=canonical href='https://forum.no/forum/bygg/tak-123'></head><body>{MENU}
        <div class=page><h1>Hvor mye isolasjon?</h1><div class=question><p>{}</p></div>
        <h2>Kommentarer</h2><div class=comments>{answers}</div></div>{FOOTER}</body></html>",
        question.repeat(5)
    ));
}

#[test]
fn thread_with_an_article_element_for_each_post() {
    let posts: String = (1..=5)
        .map(|number| {
            format!(
                "<article class=post><header><a href=/u{number}>bruker{number}</a></header>\
                 <p>Svar {number}: jeg har hatt samme bil i {number} år, og den har aldri sviktet meg.</p></article>"
            )
        })
        .collect();
    check(&format!("<html><body>{MENU}<h1>Hvilken bil?</h1><div>{posts}</div>{FOOTER}</body></html>"));
}

#[test]
fn search_results_page() {
    let results: String = (1..=6)
        .map(|number| {
            format!("<li><h3><a href=/{number}>Vedtekt {number}</a></h3><div>Sist endret 2020. Vedtekt om parkering.</div></li>")
        })
        .collect();
    check(&format!(
        "<html><body>{MENU}<div id=results><h1>Treff i vedtektene</h1><p>6 treff på «vedtekt»</p><ol>{results}</ol></div>{FOOTER}</body></html>"
    ));
}

#[test]
fn product_category_with_an_introduction() {
    let sentence = "Hos oss finner du klær for barn i alle aldre, fra de minste i barnehagen til tenåringen på tur. ";
    let cards: String = (1..=8)
        .map(|number| {
            format!(
                "<div class=card><h2><a href=/{number}>Jakke nummer {number} for barn</a></h2>\
                 <p>Varm og god, for kalde dager i barnehagen.</p><span>{number}99 kr</span></div>"
            )
        })
        .collect();
    check(&format!(
        "<html><body>{MENU}<div class=category><h1>Jakker</h1><p>{}</p><div class=grid>{cards}</div></div>{FOOTER}</body></html>",
        sentence.repeat(7)
    ));
}

#[test]
fn lists_of_links_within_the_main_text() {
    let section = |name: &str| {
        let links: String = (1..=5)
            .map(|number| format!("<li><a href=/{name}{number}>{name} – veileder nummer {number}</a></li>"))
            .collect();
        format!(
            "<h2>{name}</h2><p>Du må sende søknaden om {name} til kommunen før arbeidet begynner, og du får svar innen tolv uker.</p>\
             <div class=links><ul>{links}</ul></div>"
        )
    };
    let sections: String = ["Garasje", "Terrasse", "Støttemur", "Gjerde"].iter().map(|name| section(name)).collect();
    check(&format!("<html><body>{MENU}<main><h1>Bygge uten å søke</h1>{sections}</main>{FOOTER}</body></html>"));
}

#[test]
fn main_element_that_contains_the_menu() {
    check(&format!(
        "<html><body><main>{MENU}<h1>Ledsagerbevis</h1><p>Ledsagerbevis er for deg som trenger følge på grunn av funksjonsnedsettelse.</p>
        <h2>Spør oss</h2><div class=kontaktboks><div>Servicetorget</div><div>Telefon 12 34 56 78</div>
        <a href=mailto:post@a.no>post@a.no</a></div></main>{FOOTER}</body></html>"
    ));
}

#[test]
fn code_documentation_with_little_prose() {
    check(&format!(
        "<html><body>{MENU}<div class=wy-nav-side><ul class=toctree><li><a href=/1>BORT Innledning</a></li><li><a href=/2>BORT Bruk</a></li>
        <li><a href=/3>BORT Referanse</a></li></ul></div><div class=document><section id=bruk><h1>Bruk</h1>
        <pre>import treff\nindeks = treff.open('a')\nfor side in indeks.search('skole'):\n    print(side.title)</pre>
        <section id=search><h2>search(tekst, antall=10)</h2><p>Gir sidene som passer best.</p>
        <dl><dt>tekst</dt><dd>Det du leter etter.</dd><dt>antall</dt><dd>Hvor mange sider du vil ha.</dd></dl></section>
        <section id=open><h2>open(mappe)</h2><p>Åpner en indeks som finnes fra før i mappen du oppgir, og sier fra hvis den er skadet.</p>
        <div class='admonition note'><p>Merk</p><p>Bare én kan skrive om gangen.</p></div></section></section></div>
        <div class=prev-next><a href=/1>BORT Forrige</a><a href=/3>BORT Neste</a></div>{FOOTER}</body></html>"
    ));
}

#[test]
fn form_with_long_explanations() {
    let help = "Fyll ut alle feltene, og legg ved kopi av skattemeldingen for alle som bor i husstanden. ";
    check(&format!(
        "<html><body>{MENU}<main><h1>Søk om redusert betaling</h1><p>{}</p><form><h2>Om husstanden</h2><p>{}</p>
        <h2>Om inntekten</h2><p>{}</p></form></main>{FOOTER}</body></html>",
        help.repeat(6),
        help.repeat(3),
        help.replace("legg", "send").repeat(4)
    ));
}

#[test]
fn table_below_a_long_paragraph() {
    let text = "Årets sesong begynner i mars og slutter i desember, med løp i tolv byer. ".repeat(5);
    let races: String = (1..=9).map(|number| format!("<p>* Løp nummer {number}</p>")).collect();
    check(&format!(
        "<html><head><meta property=og:type content=article></head><body>{MENU}<div class=a><h1>Terminliste</h1>
        <h3>Sesongen</h3><p>{text}</p>{races}</div>{FOOTER}</body></html>"
    ));
}

#[test]
fn product_with_facts_below_a_long_description() {
    let text =
        "Sekken har god bæring, regulerbar rygg og plass til alt du trenger på en helgetur i fjellet. ".repeat(9);
    let rows: String =
        (1..=15).map(|number| format!("<tr><td>Egenskap {number}</td><td>{number} cm</td></tr>")).collect();
    check(&format!(
        "<html><body>{MENU}<div class=p><div class=top><h1>Tursekk 65</h1><div>1 499 kr</div><div>På lager</div></div>
        <div class=tab><p>{text}</p></div><div class=tab><table>{rows}</table></div>
        <div class=tab><ul><li>Tåler maskinvask på tretti grader</li><li>Fem års garanti</li></ul></div></div>{FOOTER}</body></html>"
    ));
}

#[test]
fn public_sector_page_with_the_type_article() {
    let text = "Du kan få støttekontakt hvis du trenger hjelp til å komme ut og møte andre mennesker. ";
    check(&format!(
        "<html><head><meta property=og:type content=article></head><body>{MENU}<main><h1>Støttekontakt</h1>
        <p>{}</p><h2>Slik søker du</h2><p>{}</p><p><a href=/skjema>Søk om støttekontakt</a></p>
        <ul><li><a href=/1>Søknad for foreldre eller verger</a></li><li><a href=/2>Søknad på papir for utskrift</a></li></ul>
        <aside><h2>Spør oss</h2><p>Servicetorget</p><p>Telefon 12 34 56 78</p></aside></main>{FOOTER}</body></html>",
        text.repeat(8),
        text.replace("Du kan", "Dere kan").repeat(2)
    ));
}

#[test]
fn thread_without_metadata() {
    let post = |number: u32| {
        format!(
            "<div class=comment><b>bruker{number}</b><p>Svar {number}: vi la mineralull på loftet selv, og det gikk fint på en helg.</p></div>"
        )
    };
    let posts: String = (1..=5).map(post).collect();
    let question = "Vi har kjøpt et hus fra 1962 med kaldt loft og lurer på hvor mye isolasjon det er plass til. ";
    check(&format!(
        "<html><body>{MENU}<div class=page><h1>Isolasjon</h1><div class=first><p>{}</p></div><div>{posts}</div></div>{FOOTER}</body></html>",
        question.repeat(5)
    ));
}

#[test]
fn reads_a_date_in_the_footer() {
    let html = "<h1>Plass</h1><p>Kommunen har plikt til å sørge for et forsvarlig tilbud til alle barn.</p>\
                <footer><p>Sist oppdatert 1.2.2021</p><p>3.4.2020</p></footer>";
    let document = cleaned(html);
    assert_eq!(document.updated.unwrap().to_string(), "2021-02-01");
    assert_eq!(document.published, None);
}

#[test]
fn collapsed_sections_are_content() {
    check(
        "<main><h1>Byggesak</h1><div class=accordion>
        <button class=accordion-toggle>Hva koster det å søke om garasje?</button>
        <div class=accordion-content style='display:none'><p>Gebyret er 4 300 kroner for garasje inntil 70 kvadratmeter.</p></div>
        <button class=accordion-toggle>Hvor lang tid tar det?</button>
        <div class=accordion-content style='display:none'><p>Det tar tre uker fra søknaden er komplett til vedtaket kommer.</p></div>
        </div><div style='display:none'><p>BORT Denne teksten er aldri synlig for dem som leser siden.</p></div>
        <button class=menu-toggle>BORT Vis menyen</button></main>",
    );
}

#[test]
fn form_fields_and_noscript_are_not_content() {
    check(
        "<main><h1>Kollektivtransport</h1><p>Velg <select><option>BORT Oslo<option>BORT Viken</select> for å se ruter i fylket ditt.</p>
        <noscript><p>BORT Slå på JavaScript for å se kartet.</p><iframe src=/kart></noscript>
        <p>Skriv til oss hvis bussen ikke kommer, så svarer vi innen to dager.</p>
        <textarea>BORT Hva gjelder det?</textarea></main>",
    );
    let document = cleaned("<p>En\n<noscript>\n<p>To</noscript><textarea>Tre\n</textarea>\n<p>Fire");
    let lines: Vec<_> = document.lines.iter().map(|line| (line.number, line.text.as_str())).collect();
    assert_eq!(lines, [(3, "To"), (3, "Tre"), (1, "En"), (5, "Fire")]);
}

#[test]
fn unclosed_elements_lose_no_text() {
    let page = |head: &str, body: &str| {
        check(&format!(
            "<html><head>{head}\n<meta charset=utf-8></head><body>{body}<h1>Feiing</h1>
            <p>Feieren kommer hvert fjerde år, og du får varsel minst to uker i forveien.</p>
            <p>Du må sørge for at feieren kommer trygt opp på taket.</p></body></html>"
        ));
    };
    page("<title>Feiing", "");
    page("<style>p { color: red }", "");
    page("", "<!-- her begynner siden ");
    page("", "<textarea>");
    page("", "<noscript>");
    page("", "<iframe src=/a>");
    page("", "<svg>");
}

/// Checks that the source lines with "¤" are dropped and all others kept. "¤" is removed before parsing, so that
/// the lines look like the source of a real site.
#[track_caller]
fn check_lines(html: &str) {
    let document = cleaned(&html.replace('¤', ""));
    let marked: Vec<bool> = html.lines().map(|line| line.contains('¤')).collect();
    let wrong: Vec<String> = document
        .lines
        .iter()
        .filter(|line| line.class.is_kept() == marked[line.number as usize - 1])
        .map(|line| format!("{}: {}: {}: {}", line.number, line.class.name(), line.reason, line.text))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(document.lines.len() > 5, "the page should have text");
}

#[test]
fn lines_around_the_posts_of_a_thread() {
    check_lines(
        "<html><head><link rel=canonical href='https://www.byggforum.no/viewtopic.php?t=48213'>
        <title>Varmepumpe som lager lyd om natten - Byggforum</title></head><body>
        <div class=headerbar role=banner><h1>¤Byggforum</h1></div>
        <div id=page-body role=main><h2 class=topic-title><a href=/t>Varmepumpe som lager lyd om natten</a></h2>
        <div class=action-bar><a href=/reply class=button>¤Svar</a></div>
        <div id=p1 class='post bg2'><dl class=postprofile><dt><a href=/u51 class=username>¤Rørleggeren</a></dt>
        <dd class=profile-posts><strong>¤Innlegg:</strong> <a href=/s51>127</a></dd></dl>
        <div class=postbody><p class=author>¤<a href=/p301>Innlegg</a> av <a href=/u51>Rørleggeren</a> » 03 nov 2022 21:14</p>
        <div class=content>Vi fikk montert varmepumpe i september, og den siste uka har utedelen begynt å brumme.</div>
        <div class=signature>¤Mvh Rørleggeren – det ordner seg for snille gutter</div></div></div>
        <div id=p2 class='post bg1'><div class=user><b>¤Registrert:</b> 02 mar 2009</div>
        <div class=postbody><h3><a href=/p302>¤Re: Varmepumpe som lager lyd om natten</a></h3>
        <div class=content>Da er det nok avrimingen du hører. Sjekk at utedelen står på gummiføtter.</div>
        <div>¤Svar Siter Rapporter</div></div></div>
        <div id=p3 class='post bg2'><div class=content>Takk, det var braketten!</div></div></div>
        <div role=contentinfo>¤Drives av phpBB</div></body></html>",
    );
}

#[test]
fn question_with_answers() {
    check_lines(
        "<html><head><script type='application/ld+json'>{\"@type\":\"QAPage\",\"name\":\"a\"}</script></head><body>
        <header><a href=/>¤Spør juristen</a></header>
        <div class=container><div class=question><h1>Kan utleier si meg opp uten grunn?</h1>
        <div class=votes>¤14</div>
        <p>Jeg har leid en hybel i tre år og fikk plutselig en oppsigelse uten begrunnelse. Er det lov?</p>
        <div>¤Spurt av Lisa, 12. mars 2021</div></div>
        <div class=answer><p>Nei. Etter husleieloven § 9-5 må en oppsigelse av leieavtalen ha saklig grunn.</p>
        <div>¤Svart av advokat Hansen, 13. mars 2021</div>
        <div class=comments><div class=comment>Gjelder det også når utleier bor i samme hus?</div></div></div></div>
        <div class=side><h3>¤Lignende spørsmål</h3>
        <ul><li>¤<a href=/1>Hvor lang er oppsigelsestiden for en hybel?</a></li>
        <li>¤<a href=/2>Kan jeg få igjen depositumet?</a></li></ul></div>
        <footer>¤© Spør juristen AS</footer></body></html>",
    );
}

#[test]
fn notice_above_the_main_element() {
    check_lines(
        "<html><body><div class='alert alert-warning' role=alert><p>Servicetorget er stengt torsdag 24. desember på grunn av julaften.</p></div>
        <div id=top role=alert>¤Vi bruker informasjonskapsler for å lage statistikk over besøkene våre.</div>
        <header><a href=/>¤Lillevik kommune</a></header>
        <main><h1>Barnehageplass</h1>
        <p>Alle barn som fyller ett år innen 30. november, har rett til plass i barnehage.</p>
        <p>Søknadsfristen for hovedopptaket er 1. mars, og du får svar i april.</p></main>
        <footer>¤Postboks 12, 4321 Lillevik</footer></body></html>",
    );
}

#[test]
fn fact_box_in_an_article() {
    let line = |number: u32| {
        format!(
            "<p>Fosterheim {number} gjer ein viktig jobb for barn som treng ein trygg heim, seier statsråden.</p>\n"
        )
    };
    let text: String = (1..=5).map(line).collect();
    check_lines(&format!(
        "<html><head><meta property=og:type content=article><meta property=article:published_time content=2022-06-14></head><body>
        <header><a href=/>¤Forsida</a></header>
        <div><article><h1>Nye reglar for fosterheimar</h1>\n{text}
        <aside class=factbox><h2>Fakta om fosterheimar</h2><ul><li>Om lag 9 000 barn budde i fosterheim i 2021</li></ul>
        <p>Ein fosterheim er ein privat heim som tek imot barn. Barnevernet godkjenner heimen.</p></aside>
        <aside><h2>¤Les òg</h2>
        <a href=/1>¤Høyring om barnevernslova</a>
        <a href=/2>¤Fleire fosterheimar i fjor</a></aside></article></div></body></html>"
    ));
}

#[test]
fn product_in_tabs_with_reviews() {
    check_lines(
        "<html><head><meta property=og:type content=product></head><body><header><a href=/>¤Fjellbua</a></header>
        <main><div class=summary><h1>Ullteppe Elgtråkk</h1><p class=price>1 499 kr</p>
        <p>Mykt og varmt teppe i ren norsk lammeull, vevd på Røros.</p><p>Produktnummer: RT-2210</p></div>
        <div class=tabs><div class=entry-content role=tabpanel>
        <p>Elgtråkk er et av de mest kjente mønstrene fra Røros. Teppet er vevd av ren lammeull og børstet til det er mykt.</p>
        <p>Det varmer på hytta, i sofaen og på terrassen, og holder seg pent i mange år.</p></div>
        <div class=entry-content role=tabpanel style=display:none><table><tr><th>Vekt</th><td>1,1 kg</td></tr>
        <tr><th>Størrelse</th><td>135 × 200 cm</td></tr></table></div>
        <div id=reviews role=tabpanel style=display:none><ol class=commentlist><li class=review>
        <div class=comment-text><p>Nydelig teppe, akkurat like mykt som de sier.</p></div></ol></div></div>
        <section class='related products'><h2>¤Relaterte produkter</h2>
        <ul><li><a href=/1>¤Ullteppe Stjerne</a></li></ul></section></main>
        <footer>¤© Fjellbua</footer></body></html>",
    );
}

#[test]
fn other_events_below_an_event() {
    check_lines(
        "<html><body><div class=header><div class=logo><a href=/>¤Lillevik bibliotek</a></div></div>
        <div class=event><h1>Babysang på biblioteket</h1>
        <dl><dt>Når</dt><dd>Onsdag 19. april kl. 11.00–12.00</dd><dt>Sted</dt><dd>Barneavdelingen</dd><dt>Pris</dt><dd>Gratis</dd></dl>
        <p>Velkommen til en rolig stund med sang og rytme for de aller minste.</p>
        <div class=event-more><h2>¤Andre arrangementer</h2>
        <h3><a href=/1>¤Lesesirkel for voksne</a></h3>
        <h3><a href=/2>¤Kodeklubb</a></h3></div></div></body></html>",
    );
}

const PROSE: &str = "Reven gikk over den gamle broen hver morgen, og bøndene visste at snøen snart ville komme.";

/// Checks a page with a menu, a text of two paragraphs, and something between these.
#[track_caller]
fn check_between(html: &str) {
    check(&format!(
        "<title>Vinter</title><body>{MENU}<main><h1>Vinter</h1><p>{PROSE} Først.</p>{html}<p>{PROSE} Sist.</p></main>{FOOTER}"
    ));
}

#[test]
fn hidden_elements_with_a_control_are_content() {
    for closed in [
        "<button aria-expanded=false aria-controls=a>Hva koster det?</button><div id=a hidden>Ti kroner.</div>",
        "<h3><button aria-expanded=false>Hva koster det?</button></h3><div style='display: none'>Ti kroner.</div>",
        "<h3><button id=q aria-expanded=false>Pris?</button></h3><p>Svar</p><div role=region aria-labelledby=q hidden>Ti.</div>",
        "<div class=accordion><h3>Hva koster det?</h3><div class=panel style=display:none>Ti kroner.</div></div>",
        "<dl class=faq-list><dt>Hva koster det?</dt><dd aria-hidden=true>Ti kroner.</dd></dl>",
        "<div class=tab-pane style=display:none>Ti kroner.</div>",
        "<a href=#svar>Pris</a><div id=svar style=visibility:hidden>Ti kroner.</div>",
        "<a href='javascript:void(0)' onclick=\"vis('svar')\">Pris</a><p>Se svar.</p><div id=svar hidden>Ti kroner.</div>",
        "<p>Kort svar.</p><div style=display:none>Ti kroner.</div><a class=more href=#>Les mer</a>",
        "<details><summary>Hva koster det?</summary>Ti kroner.</details>",
        "<details><summary>Hva koster det?</summary><div hidden>Ti kroner.</div></details>",
        "<details><summary><h3>Hva koster det?</h3></summary><div style='display: none'><p>Ti kroner.</p></div></details>",
        "<p>Kort svar. <span style=display:none>Ti kroner for dem som vil.</span></p><a href=# onclick='vis()'>Les mer</a>",
        "<p>Kort svar <span id=p>…</span> <span class=rest style='display: none'>Ti kroner.</span> <a href=#>Vis mer</a></p>",
        "<span role=button aria-expanded=false>Pris</span><div hidden><p>Ti kroner.</p></div>",
        "<button aria-controls=a aria-expanded=false>Fakta</button><div id=a hidden><ul><li><a href=/s>Søknad om plass i barnehage</a></ul></div>",
        "<ul class=tabs><li><a data-tab=t2>Mat</a></ul><p>Første fane.</p><div id=t2 style='display:none'>Ti kroner.</div>",
        "<button data-panel=mat>BORT Mat</button><p>Først.</p><div id=mat hidden>Ti kroner.</div>",
        "<p><span role=tab data-vis='#mat'>Mat</span></p><p>Først.</p><div id=mat hidden>Ti kroner.</div>",
        "<input type=checkbox id=k><label for=k>Hva koster det?</label><div style='display:none'>Ti kroner.</div>",
        "<input type=RADIO name=f id=k><label for=k>Hva koster det?</label><div style='display:none'>Ti kroner.</div>",
        "<label><input type=checkbox> Hva koster det?</label><div style='display:none'>Ti kroner.</div>",
        "<h3>Hva koster det?</h3><input type=checkbox><div style='display:none'>Ti kroner.</div>",
        "<p>Kort svar.</p><input type=checkbox id=k><div style='display:none'>Ti kroner.</div>",
        "<h3 class=toggle>Hva koster det?</h3><div style='display:none'>Ti kroner.</div>",
        "<p class=faq-question><b>Hva koster det?</b></p><div style='display:none'>Ti kroner.</div>",
        "<dl><dt class=expander>Hva koster det?<dd style='display:none'>Ti kroner.</dl>",
        "<h3 onclick='vis(this)'>Hva koster det?</h3><div style='display:none'>Ti kroner.</div>",
        "<button onclick=\"document.getElementById('d').showModal()\">BORT Les mer om maten</button>\
         <dialog id=d><p>Barna får varm mat hver dag, og den lages på kjøkkenet i barnehagen.</p></dialog>",
        "<button onclick=d.showModal()>BORT Les meir om maten</button>\
         <dialog id=d><p>Barna får varm mat kvar dag, og han blir laga på kjøkenet i barnehagen.</p></dialog>",
        "<button commandfor=d command=show-modal>BORT Les mer om maten</button>\
         <dialog id=d><p>Barna får varm mat hver dag, og den lages på kjøkkenet i barnehagen.</p></dialog>",
    ] {
        check_between(closed);
    }
}

#[test]
fn hidden_elements_without_a_control_are_not_content() {
    for hidden in [
        "<div hidden>BORT Ti kroner.</div>",
        "<p>Kort svar <span style=display:none>BORT Ti kroner.</span> i dag.</p><p>Og mer.</p><a class=more href=#>Les mer</a>",
        "<details><summary>Pris</summary><p>Se svar.</p><div hidden>BORT Ti kroner.</div></details>",
        "<p>Les mer om dette.</p><p>Og dette.</p><div style=display:none>BORT Ti kroner.</div>",
        "<button aria-controls=b aria-expanded=false>BORT Del</button><p>Tekst imellom.</p><div hidden>BORT Ti kroner.</div>",
        "<button aria-controls=m aria-expanded=false>BORT Meny</button><nav id=m hidden><a href=/a>BORT Skole</a></nav>",
        "<button aria-controls=m aria-expanded=false>BORT Vilkår</button><div id=m class=cookie-consent hidden>BORT Godta.</div>",
        "<div style='DISPLAY:NONE'>BORT Ti kroner.</div>",
        "<div style='color:red; Display : None !important'>BORT Ti kroner.</div>",
        "<div style='Visibility:Hidden'>BORT Ti kroner.</div>",
        "<div id=p hidden><p>BORT Ti kroner.</p><a href=#p>BORT Til toppen</a><button data-close=p>BORT Lukk</button></div>",
        "<h3>Hva koster det?</h3><div style='display:none'>BORT Ti kroner.</div>",
        "<p class=ingress>Kort svar.</p><div style='display:none'>BORT Ti kroner.</div>",
        "<form><input type=checkbox id=k><label for=k>BORT Godta</label><div style='display:none'>BORT Du må godta.</div></form>",
        "<input type=text id=k><label for=k>BORT Navn</label><div style='display:none'>BORT Du må svare.</div>",
        "<dialog><p>BORT Barna får varm mat hver dag, og den lages på kjøkkenet i barnehagen.</p></dialog>",
        "<button onclick=d.showModal()>BORT Betingelser</button><dialog id=d><p>BORT Vi bruker informasjonskapsler for å gjøre nettstedet vårt bedre for deg.</p></dialog>",
    ] {
        check_between(&hidden.replace("BORT Meny", "Meny").replace("BORT Del", "Del").replace("BORT Vilkår", "Vilkår"));
    }
}

#[test]
fn a_menu_opened_by_a_button_stays_a_menu() {
    for menu in [
        "<nav id=m aria-hidden=true><ul><li><a href=/a>BORT Skoler</a><li><a href=/b>BORT Vei og vann</a></ul></nav>",
        "<div id=m hidden><ul><li><a href=/a>BORT Skoler</a><li><a href=/b>BORT Vei og vann</a></ul></div>",
        "<ul id=m class=collapse style=display:none><li><a href=/a>BORT Skoler</a><li><a href=/b>BORT Vei og vann</a></ul>",
    ] {
        check(&format!(
            "<body><button aria-controls=m aria-expanded=false>BORT Meny</button>{menu}<main><h1>Møter</h1><p>{PROSE}</p></main>"
        ));
    }
}

#[test]
fn boxes_between_paragraphs_are_content() {
    for text in [
        "<div class=sidebar><p class=title>TIPS</p><p>Reven er rød.</p></div>",
        "<div class=sidebar><ul><li>Grunnlagt 1905</li><li>Tre ansatte</li></ul></div>",
        "<aside class=admonition><p>Merk: Husk ved.</p></aside>",
        "<div class='sidebar rightcol'>Ring 22 22 22 22</div>",
    ] {
        check_between(text);
    }
    check_between("<div class=sidebar><a href=/a>BORT Snarveier</a> <a href=/b>BORT Kalender</a></div>");
}

#[test]
fn linked_headings_inside_a_text_are_not_cards() {
    for link in ["href='#del{}'", "id=del{} href='side.html#del{}'", "href='/emne/{}'"] {
        let section = |number: usize| {
            let number = number.to_string();
            format!("<h2><a {}>Del {number}</a></h2><p>{PROSE} Avsnitt {number}.</p>", link.replace("{}", &number))
        };
        let sections: String = (0..5).map(section).collect();
        check(&format!(
            "<html><meta property=og:type content=article><body><main><h1>Vinter</h1><p>{PROSE} Innledning.</p>{sections}</main>"
        ));
    }
}

#[test]
fn posts_of_users_are_content() {
    for class in ["message-userContent", "message-user-content", "message-userText"] {
        check(&format!(
            "<h1>Vinter</h1><p>{PROSE} Først.</p><article class=message><div class=message-user><h4>BORT Kari</h4></div>
            <div class={class}><p>{PROSE} Svar.</p></div></article><p>{PROSE} Slutt.</p>"
        ));
    }
}

#[test]
fn a_thread_loses_repeated_quotes_but_not_posts() {
    check(
        &format!(
        "<link rel=canonical href='https://a.no/forum/1'><h1>Vinter</h1><p>{PROSE} Først.</p>
        <blockquote><p>BORT Kari skrev:</p><p>BORTE</p></blockquote><p>Jeg er enig.</p>
        <blockquote><p>Loven sier noe som ikke står her.</p></blockquote><p>{PROSE} Sist.</p><p>BORT for 2 år siden</p>"
    )
        .replace("BORTE", &format!("{PROSE} Først."))
        .replace(&format!("<p>{PROSE} Først.</p></blockquote>"), "</blockquote>"),
    );
}

#[test]
fn facts_beside_the_prose_of_an_article_are_content() {
    let steps: String = (0..5).map(|step| format!("<p>{PROSE} Trinn {step}.</p>")).collect();
    check(&format!(
        "<html><meta property=og:type content=article><body><article><h1>Suppe</h1><p>Suppen er god.</p>
        <div class=ing><h3>Ingredienser</h3><ul><li>1 ss krydder og 1 dl fløte<li>2 ss malt pepper og salt<li>3 dl kaldt vann
        <li>4 fedd hvitløk og en løk</ul></div><h2>Slik gjør du</h2><div class=steps>{steps}</div></article>"
    ));
}

#[test]
fn labels_with_the_text_of_a_list_are_content() {
    check_between(
        "<ol><li><label><input type=checkbox><span>Kutt løken fint.</span></label><li><label><input type=checkbox>Ha i fløte og salt</label></ol>",
    );
    check_between("<label for=a>Dette er en lang forklaring som handler om noe helt annet enn et felt.</label>");
    check_between("<label for=a>BORT Navn</label><ul><li><label>BORT Skole</label><li><label>BORT Helse</label></ul>");
}

#[test]
fn a_cookie_notice_longer_than_the_text_is_dropped() {
    let notice =
        "<p>BORT Vi bruker informasjonskapsler for å gi deg en bedre opplevelse av nettstedet vårt.</p>".repeat(8);
    check(&format!(
        "<body><div id=cookie-consent><h2>BORT Ditt valg</h2>{notice}</div><main><h1>Vinter</h1><p>{PROSE}</p><p>Ta med ved.</p></main>"
    ));
    check(&format!(
        "<body class=cookie-consent><div class=cookie-consent-page><main><h1>Vinter</h1><p>{PROSE}</p><p>Ta med ved.</p></main></div>"
    ));
    check(&format!(
        "<title>Informasjonskapsler</title><div class=cookies><h1>Informasjonskapsler</h1><p>{PROSE}</p><p>Vi lagrer ved.</p></div>"
    ));
}

#[test]
fn shadow_roots_cdata_and_frames_are_read() {
    for text in [
        "<x-kort><template shadowrootmode=open><p>Reven er rød.</p></template></x-kort>",
        "<x-kort><template shadowrootmode=closed>Reven er <b>rød</b>.</template></x-kort>",
        "<x-kort><template shadowroot=open><div>Reven er rød.</div></template></x-kort>",
        "<p><![CDATA[Reven er < rød & stor.]]></p>",
        "<div><![CDATA[<p>Reven er <b>rød</b>.</p>]]></div>",
    ] {
        let document = cleaned(&format!("<main><p>{PROSE}</p>{text}</main>"));
        let text = document.lines.iter().filter(|line| line.class.is_kept()).map(|line| &*line.text);
        let text: Vec<&str> = text.collect();
        assert!(text.iter().any(|text| text.contains("Reven er") && text.contains("rød")), "{text:?}");
    }
    let document = cleaned("<main><p>Kort.</p><template><p>Mal</p></template></main>");
    assert_eq!(document.lines.len(), 1);
    check(&format!(
        "<frameset><frame src=a.html><noframes><body><p>{PROSE} Rammer.</p><p>Ring.</p></body></noframes></frameset>"
    ));
}

#[test]
fn other_pages_below_a_recipe_are_dropped() {
    for heading in ["La deg inspirere", "Populært akkurat nå", "Du liker kanskje disse også", "Del denne oppskriften"]
    {
        let document = cleaned(&format!(
            "<main><h1>Suppe</h1><p>{PROSE} En.</p><p>{PROSE} To.</p><section><h2>{heading}</h2><ul>
            <li><a href=/1>Brød med rosiner</a><li><a href=/2>Kake med sjokolade</a></ul></section></main>"
        ));
        let kept = document.lines.iter().filter(|line| line.class.is_kept()).map(|line| &*line.text);
        let kept: Vec<&str> = kept.collect();
        assert_eq!(kept, ["Suppe", &format!("{PROSE} En."), &format!("{PROSE} To.")], "{heading}");
    }
}

/// Two paragraphs, each on its own line.
const TEXT: &str = "<p>Reven gikk over den gamle broen hver morgen, og bøndene visste at snøen snart ville komme.</p>\n\
    <p>Om kvelden tente de lys i vinduene, og barna hørte vinden i skogen bak det røde huset.</p>\n";

#[test]
fn the_second_copy_of_a_list_for_narrow_screens_is_dropped() {
    let plans = |mark: &str| {
        [
            "<h3>Liten</h3>",
            "<p>Fem brukere, ti gigabyte og svar på e-post innen to dager.</p>",
            "<h3>Stor</h3>",
            "<p>Tjue brukere, hundre gigabyte og svar på telefon samme dag.</p>",
            "<h3>Kommune</h3>",
            "<p>Alle ansatte, egen kontaktperson og opplæring på stedet.</p>",
        ]
        .map(|line| line.replacen('>', &format!(">{mark}"), 1))
        .join("\n")
    };
    let page = |second: &str| {
        format!(
            "<html><body><main><h1>Priser</h1>\n<p>Velg det abonnementet som passer for dere.</p>\n\
             <div class=desktop>\n{}\n</div><div class=mobil>\n{second}\n</div></main></body></html>",
            plans("")
        )
    };
    check_lines(&page(&plans("¤")));
    // A sentence that two sections share is not a copy of the page.
    let shared = "<p>Departementet kan gi forskrift om saksbehandling, frister, gebyr og klage i saker etter dette kapittelet.</p>";
    let sections = (1..=12).map(|number| {
        let end = if number < 3 { shared } else { "" };
        format!("<h2>Kapittel {number}</h2>\n<p>Dette er regel nummer {number}, og den gjelder bare for kapittel {number} i loven om vern av skog.</p>\n{end}\n")
    });
    check_lines(&format!("<html><body><main><h1>Lov</h1>\n{}</main></body></html>", sections.collect::<String>()));
}

#[test]
fn a_scrolling_banner_is_dropped() {
    let page = |line: &str| {
        check_lines(&format!(
            "<html><body><main><h1>Design</h1>\n{TEXT}<div>{line}</div>\n\
             <h2>Pris</h2>\n<p>Vi gir et tilbud innen en uke.</p></main></body></html>"
        ));
    };
    page(&format!("¤{}", "Bestill time nå * ".repeat(20)));
    page(&format!("¤{}", "Gratis frakt – Fri retur – ".repeat(6)));
    page("Tra la la la la la la, sang de.");
    page("1 0 1 0 1 1 1 0");
}

#[test]
fn reviews_below_a_product_are_dropped() {
    let reviews = |mark: &str| {
        format!(
            "<h2>{mark}Omtaler</h2>\n<p>{mark}{}</p>\n<p>{mark}{}</p>\n",
            "Fin jakke, men litt liten i størrelsen, så kjøp en større. ".repeat(6),
            "Har brukt den hele vinteren, og den holder meg tørr. ".repeat(6),
        )
    };
    let page = |title: &str, open: &str, mark: &str| {
        check_lines(&format!(
            "<html><head><title>{title}</title></head><body><main><h1>{title}</h1>\n{TEXT}\
             {open}\n{}</div></main></body></html>",
            reviews(mark)
        ));
    };
    page("Regnjakke for voksne", "<div id=reviews>", "¤");
    page("Regnjakke for voksne", "<div class=kundeomtaler>", "¤");
    page("Regnjakke for voksne", "<section class='product-reviews__list'><div>", "¤");
    page("Regnjakke for voksne", "<div class='anmeldelser-boks'>", "¤");
    page("Omtaler av regnjakker", "<div class=reviews>", "");
    page("Regnjakke for voksne", "<div class=preview>", "");
}

#[test]
fn filters_of_a_list_are_dropped() {
    let page = |open: &str, mark: &str| {
        check_lines(&format!(
            "<html><body><main><h1>Ski</h1>\n<p>Her finner du ski til barn og voksne.</p>\n{open}<h3>{mark}Farge</h3>\n\
             <ul><li>{mark}Rød (3)</li>\n<li>{mark}Blå (5)</li></ul></div>\n<ul><li>Langrennsski, 1 999 kr</li>\n\
             <li>Fjellski, 2 999 kr</li>\n<li>Barneski, 999 kr</li></ul></main></body></html>"
        ));
    };
    page("<div class=product-filters>", "¤");
    page("<div class='facets__wrapper'>", "¤");
    page("<div class=sortering>", "¤");
    page("<div class=filtered>", "");
}

#[test]
fn a_menu_may_be_longer_than_the_text() {
    let languages: String =
        (0..80).map(|number| format!("<li><a href=/{number}>¤Språk nummer {number}</a></li>\n")).collect();
    check_lines(&format!(
        "<html><body><main><h1>Veileder</h1>\n<div class=select-menu><ul>\n{languages}</ul></div>\n{TEXT}<p>Ring skolen hvis du har spørsmål om språket, så hjelper vi deg. Vi har åpent hver dag hele året.</p>\n<p>Skolen har tolker som kan hjelpe deg på telefon, og det koster ingenting. Du må bestille dem to dager før.</p>\n<p>Barnet ditt har rett til opplæring i norsk, og foreldrene kan ta kurs om kvelden. Meld deg på innen mai.</p>\n</main></body></html>"
    ));
    // According to its class the element is a menu, but it contains the texts that its entries open, so it is content.
    let answers: String = (1..=6).map(|number| format!("<p>{number}. {PROSE}</p>\n")).collect();
    check_lines(&format!(
        "<html><body><main><h1>Spørsmål og svar</h1>\n<p>Vi har samlet det som folk spør om.</p>\n<p>Her er svarene.</p>\n\
         <div class=faq-tabs-menu>{answers}</div></main></body></html>"
    ));
}

#[test]
fn elements_hidden_by_class_at_every_width_are_not_content() {
    let page = |class: &str, mark: &str| {
        check_lines(&format!(
            "<html><body><main><h1>Frakt</h1>\n{TEXT}\
             <div class='{class}'><p>{mark}Gratis frakt til Sverige for bestillinger over 900 kroner.</p></div>\n\
             <p>Vi sender varene hver dag.</p>\n<p>Ring oss.</p>\n<p>Takk!</p></main></body></html>"
        ));
    };
    page("promo-line hide", "¤");
    page("hidden", "");
    page("row d-none", "¤");
    page("hide lg:block", "");
    page("d-none d-md-block", "");
    page("hide-mobile", "");
    page("unhidden", "");
    // A button opens it.
    check_lines(&format!(
        "<html><body><main><h1>Frakt</h1>\n{TEXT}\
         <p>Vi sender hver dag.</p>\n<button aria-controls=mer aria-expanded=false>Hvor lang tid tar det?</button>\n\
         <div id=mer class=hide><p>Det tar to dager i Sør-Norge og fire dager i nord.</p></div>\n<p>Ring oss.</p></main></body></html>"
    ));
}

#[test]
fn cards_in_the_main_part_of_a_page_that_is_not_an_article_are_content() {
    let cards: String = ["Hjemmesykepleie", "Trygghetsalarm", "Matombringing", "Støttekontakt"]
        .map(|name| format!("<div class=card><h3><a href=/{name}>{name}</a></h3>\n<p>Du kan få {name} hvis du trenger hjelp hjemme.</p></div>\n"))
        .concat();
    let prose: String = (1..=6).map(|number| format!("<p>{number}. {PROSE}</p>\n")).collect();
    check_lines(&format!("<html><body><main><h1>Hjelp hjemme</h1>\n{prose}<div>{cards}</div></main></body></html>"));
    // A link around each entry.
    let links: String = ["Hjemmesykepleie", "Trygghetsalarm", "Matombringing", "Støttekontakt"]
        .map(|name| {
            format!(
                "<a href=/{name}><h3>{name}</h3>\n<p>Du kan få {name} hvis du har vedtak om det fra kommunen.</p></a>\n"
            )
        })
        .concat();
    check_lines(&format!("<html><body><main><h1>Hjelp hjemme</h1>\n{prose}<div>{links}</div></main></body></html>"));
}

#[test]
fn a_section_id_does_not_mark_a_list_of_other_pages() {
    let section = |open: &str, mark: &str| {
        check_lines(&format!(
            "<html><body><div><h1>Lister</h1>\n{TEXT}\
             {open}<h2>{mark}Lister med tall</h2>\n<p>{mark}Se <a href=/1>tallene</a> i tabellen, som viser hvor mange det er.</p>\n\
             </section>\n<h2>Ordbøker</h2>\n<p>Ordbøker har nøkler og verdier.</p></div></body></html>"
        ));
    };
    section("<section id=more-on-lists>", "");
    section("<section id=see-also-numbers>", "");
    section("<section class=more-on>", "¤");
}

#[test]
fn references_with_explanations_are_content() {
    check_lines(&format!(
        "<html><body><main><h1>Portage</h1>\n{TEXT}<h2>Se også</h2>\n\
         <ul><li><a href=/1>make.conf</a> – filen med innstillingene som gjelder for alle pakker</li>\n\
         <li><a href=/2>emerge</a> – programmet som bygger og installerer pakkene</li></ul></main></body></html>"
    ));
    check_lines(&format!(
        "<html><body><main><h1>Portage</h1>\n{TEXT}<h2>¤Se også</h2>\n\
         <ul><li><a href=/1>¤Filen make.conf</a></li>\n<li><a href=/2>¤Programmet emerge</a></li></ul></main></body></html>"
    ));
}

#[test]
fn alt_texts_outside_articles_are_content_only_on_pages_without_prose() {
    let image = "<img alt='To barn leker i snøen foran en rød låve'>";
    check_lines(&format!(
        "<html><body><main><h1>Barnehager</h1>\n<div>¤{image}</div>\n{TEXT}<h2>Pris</h2>\n<p>Maks 2 000 kr.</p>\n<p>Søk før 1. mars.</p></main></body></html>"
    ));
    check_lines(&format!(
        "<html><body><main><h1>Barnehager</h1>\n<div>{image}</div>\n<p>Ring.</p>\n<p>Kom.</p>\n<p>Hei.</p>\n<p>Nå.</p></main></body></html>"
    ));
}

#[test]
fn only_the_posts_of_a_thread_are_content() {
    // A signature in an aside, a comment in a form, and a box about the forum.
    check_lines(
        "<html><head><link rel=canonical href='https://www.turforum.no/threads/telt.12/'></head><body><main><h1>Telt til vinteren</h1>
        <article class=message><div class=message-body><p>Hvilket telt tåler mye vind på fjellet om vinteren?</p></div>
        <aside class=message-signature><p>¤Telt: Hilleberg. Ski: Åsnes. Primus siden 1987, og aldri hatt noe annet.</p></aside></article>
        <article class=message><div class=comment><form class=edit><p>Tunneltelt, helt klart</p></form></div></article>
        <article class=message><div class=message-body><p>Jeg har hatt det samme teltet i ti år, og det står ennå.</p></div></article>
        <aside><p>¤Turforum er et forum for alle som liker å gå på tur i skog og fjell.</p></aside>
        <h3>¤Lignende tråder</h3>
        <ul><li><a href=/1>¤Sovepose til vinteren</a></li>
        <li><a href=/2>¤Underlag til vinteren</a></li></ul></main></body></html>",
    );
}

#[test]
fn parts_named_like_a_block_that_is_content_are_content() {
    // Details in a dialog, each part of which has the name of the dialog.
    check(&format!(
        "<title>Benk i furu</title><body>{MENU}<main><h1>Benk i furu</h1><p>{PROSE}</p><button aria-controls=mer>BORT Vis</button>
        <div class=vare-modal id=mer><div class=vare-modal__body><p class=vare-modal__text>Benken er oljet.</p>
        <p class=vare-modal__text>Den tåler regn og snø gjennom hele vinteren, og bør oljes på nytt hver vår.</p>
        <p class=vare-modal__text>Furua er fra Hedmark og er hogd om vinteren, da veden er tettest.</p></div></div></main>{FOOTER}"
    ));
    // A page that calls itself an article and contains only comments, which are nested.
    let comment = |text: &str| format!("<li class=comment><div class=comment-text><p>{text}</p></div></li>");
    check(&format!(
        "<meta property=og:type content=article><title>Nye mål for språket</title><body>{MENU}<div id=inside>
        <h1>Nye mål for språket</h1><ol class=comments>{}<li><ol class=comments>{}{}</ol></li>{}</ol></div>{FOOTER}",
        comment(&format!("{PROSE} Jeg gleder meg mest til raskere bygging.")),
        comment("Enig, men jeg er redd for at reglene blir vanskeligere å lære bort."),
        comment("Det trenger de ikke å bli. Kompilatoren kan forklare dem når noe går galt."),
        comment("Hos oss tar et bygg ti minutter, og det meste av tiden går til lenking."),
    ));
    // The parts of a text that is marked as an aside.
    check(&format!(
        "<title>Om oss</title><body>{MENU}<div class=sidebar><h1>Om oss</h1><p class=sidebar-text>{PROSE}</p>
        <p class=sidebar-text>Vi holder til i andre etasje på rådhuset.</p></div>{FOOTER}"
    ));
}

#[test]
fn promotions_that_make_up_the_page_are_content() {
    let promo = |name: &str, text: &str| {
        format!(
            "<div class='promo promo-{name}'><a href=/{name}><h3>{name}</h3><div class=promo__desc>{text}</div></a></div>"
        )
    };
    let services = [
        ("Revisjon", "Vi reviderer regnskapet og gir styret råd om rutiner, risiko og internkontroll."),
        ("Skatt", "Våre advokater hjelper bedrifter med skatt og avgift i Norge og i utlandet."),
        ("Rådgivning", "Konsulentene våre følger deg fra strategi til ferdig løsning."),
    ];
    let list: String = services.iter().map(|(name, text)| promo(name, text)).collect();
    check(&format!("<title>Tjenester</title><body>{MENU}<h1>Tjenester</h1><p>{PROSE}</p>{list}{FOOTER}"));
    check(&format!(
        "<title>Tjenester</title><body>{MENU}<h1>Tjenester</h1><p>Dette kan vi tilby.</p><div class=promos>{list}</div>{FOOTER}"
    ));
    // A single promotion below a text.
    check(&format!(
        "<title>Revisjon</title><body>{MENU}<h1>Revisjon</h1><p>{PROSE}</p><p>Revisjonen begynner med et møte der vi går gjennom regnskapet.</p>
        <p>Til slutt får styret en rapport med det vi har funnet, og forslag til hva som kan bli bedre.</p>
        <div class=promo><a href=/kurs>BORT Meld deg på kurs</a></div>{FOOTER}"
    ));
}

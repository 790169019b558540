//! The search page over HTTP: valid HTML, escaping of hostile texts, accessibility that a program can check, languages,
//! links, and sizes.

use std::collections::HashSet;
use std::io::Read;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::html_document::{Document, Element};
use crate::serve_support::{HttpResponse, TestServer};
use crate::{TestEnv, repository};

fn encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Gets a page and checks what must be true of every page.
#[track_caller]
fn page(server: &TestServer, target: &str) -> Document {
    check(&server.get(target).has_status(200), target)
}

/// Checks what must be true of every page: valid HTML, unique ids, labels, headings in order, no inline code, no links
/// to anything but this server and web sites, and the headers.
#[track_caller]
fn check(response: &HttpResponse, target: &str) -> Document {
    assert_eq!(response.header("content-type"), Some("text/html; charset=utf-8"), "{target}");
    let policy = response.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(response.header("referrer-policy"), Some("no-referrer"));
    let document = Document::parse(response.text());
    assert_eq!(document.errors, Vec::<String>::new(), "{target}\n{}", response.text());
    let mut ids = HashSet::new();
    for element in &document.elements {
        let place = format!("{target}: {} {:?}", element.name(), element.attributes);
        for (name, value) in &element.attributes {
            assert!(!name.starts_with("on") && name != "style", "{place}");
            if name == "id" {
                assert!(ids.insert(value.clone()), "{place}");
            }
            if matches!(name.as_str(), "aria-labelledby" | "aria-describedby" | "for") {
                assert!(value.split(' ').all(|id| document.with_id(id).is_some()), "{place}");
            }
            if matches!(name.as_str(), "href" | "src" | "action") {
                let is_here =
                    value.is_empty() || value.starts_with('#') || value.starts_with('/') && !value.starts_with("//");
                let is_web =
                    value.to_lowercase().starts_with("https://") || value.to_lowercase().starts_with("http://");
                assert!(is_here || is_web && name == "href" && element.name() == "a", "{place}");
            }
            if name == "lang" {
                assert!(matches!(value.as_str(), "nb" | "nn" | "en" | "und"), "{place}");
            }
        }
        match element.name() {
            "script" => assert!(element.text.is_empty() && element.attribute("src").is_some(), "{place}"),
            "style" | "iframe" | "object" | "embed" | "base" | "img" | "svg" => panic!("{place}"),
            "input" if element.attribute("type") != Some("hidden") => {
                let id = element.attribute("id").unwrap();
                assert!(document.all("label").any(|label| label.attribute("for") == Some(id)), "{place}");
            }
            "a" | "button" => {
                let name = element.attribute("aria-label").unwrap_or(&element.text);
                assert!(!name.trim().is_empty(), "{place}");
            }
            _ => {}
        }
    }
    let levels: Vec<u32> = document.elements.iter().filter_map(heading_level).collect();
    assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1, "{target}: {levels:?}");
    assert_eq!(levels[0], 1, "{target}");
    assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{target}: {levels:?}");
    assert_eq!(document.all("title").count(), 1, "{target}");
    assert_eq!(document.all("main").count(), 1, "{target}");
    document
}

fn heading_level(element: &Element) -> Option<u32> {
    element.name().strip_prefix('h')?.parse().ok()
}

fn heading(document: &Document) -> &str {
    &document.all("h1").next().unwrap().text
}

/// The links with this text.
fn links<'a>(document: &'a Document, text: &str) -> Vec<&'a str> {
    let links = document.all("a").filter(|link| link.text == text);
    links.filter_map(|link| link.attribute("href")).collect()
}

#[track_caller]
fn link<'a>(document: &'a Document, text: &str) -> &'a str {
    match links(document, text)[..] {
        [link] => link,
        ref links => panic!("{links:?} for {text}"),
    }
}

fn hits(document: &Document) -> Vec<&Element> {
    let headings = document.all("h2");
    headings.filter(|heading| document.is_in(heading, "ol")).collect()
}

#[test]
fn shows_hits_with_their_exact_number_and_pages() {
    let server = TestServer::start();
    let first = page(&server, "/?q=barn+unge");
    assert_eq!(heading(&first), "18 treff på «barn unge»");
    assert_eq!(first.all("title").next().unwrap().text, "18 treff på «barn unge» – treff");
    assert_eq!(hits(&first).len(), 10);
    assert!(first.all("mark").any(|mark| mark.text == "unge"));
    let dates: Vec<(&str, &str)> =
        first.all("time").map(|time| (time.text.as_str(), time.attribute("datetime").unwrap())).collect();
    assert!(dates.contains(&("7. april 2020", "2020-04-07")), "{dates:?}");
    let second = page(&server, link(&first, "2"));
    assert_eq!(second.all("title").next().unwrap().text, "18 treff på «barn unge», side 2 – treff");
    assert_eq!(second.all("ol").next().unwrap().attribute("start"), Some("11"));
    assert_eq!(hits(&second).len(), 8);
    assert_eq!(link(&second, "← Forrige"), "/?q=barn+unge");
    let beyond = page(&server, "/?q=barn+unge&page=90");
    assert_eq!(heading(&beyond), "18 treff på «barn unge»");
    assert_eq!(hits(&beyond).len(), 8);
}

#[test]
fn filters_are_links_with_counts_and_can_be_removed() {
    let server = TestServer::start();
    let all = page(&server, "/?q=samarbeid&ui=nb&page=2");
    let is_year = |text: &&str| text.len() == 4 && text.parse::<u16>().is_ok();
    let years: Vec<&str> = all.all("a").map(|link| link.text.as_str()).filter(is_year).collect();
    assert_eq!(years, ["2020", "2018", "2017"]);
    let filtered = page(&server, link(&all, "Ipsos"));
    assert_eq!(heading(&filtered), "3 treff på «samarbeid»");
    let year = page(&server, link(&filtered, "2018"));
    assert_eq!(link(&year, "Fjern filteret Kilde: Ipsos"), "/?q=samarbeid&since=2018&until=2018&ui=nb");
    assert_eq!(link(&year, "Fjern filteret År: 2018"), "/?q=samarbeid&source=Ipsos&ui=nb");
    assert_eq!(link(&year, "Fjern alle filtre"), "/?q=samarbeid&ui=nb");
    // The form keeps the filters when the query changes.
    let hidden: Vec<(&str, &str)> = year
        .all("input")
        .filter(|input| input.attribute("type") == Some("hidden"))
        .map(|input| (input.attribute("name").unwrap(), input.attribute("value").unwrap()))
        .collect();
    assert_eq!(hidden[..4], [("source", "Ipsos"), ("since", "2018"), ("until", "2018"), ("ui", "nb")]);
    let invalid = page(&server, "/?q=samarbeid&since=i+fjor&lang=xx&site=&foo=1");
    assert_eq!(heading(&invalid), heading(&all));
    let field = invalid.with_id("since").unwrap();
    assert_eq!((field.attribute("value"), field.attribute("aria-invalid")), (Some("i fjor"), Some("true")));
}

#[test]
fn nothing_found_says_what_to_try() {
    let server = TestServer::start();
    let suggestion = page(&server, "/?q=taushetsplict&ui=nn");
    assert_eq!(heading(&suggestion), "Ingen treff på «taushetsplict»");
    assert_eq!(link(&suggestion, "taushetsplikt"), "/?q=taushetsplikt&ui=nn");
    let filtered = page(&server, "/?q=taushetsplikt&source=Ipsos&ui=en");
    assert_eq!(link(&filtered, "Search without the filters"), "/?q=taushetsplikt&ui=en");
    // There is no order to explain.
    assert!(links(&filtered, "Explain the order").is_empty());
    let menus = page(&server, "/?q=facebook");
    let outside = link(&menus, "Søk også i menyer, bunntekster og annet som ikke er innhold");
    assert_eq!(outside, "/?q=facebook&with-boilerplate=true");
    assert!(heading(&page(&server, outside)).starts_with("3 treff"));
    let unknown = page(&server, "/?q=barn&source=Ipsus");
    assert!(unknown.all("li").any(|item| item.text.contains("Det nærmeste som finnes, er «Ipsos»")));
    let respelled = page(&server, "/?q=okonomi");
    assert!(respelled.all("p").any(|note| note.text == "Viser treff på «økonomi» i stedet for «okonomi»."));
    for (query, note) in [
        ("skole+AND", "Det mangler noe etter «AND». Det er søkt etter ordene i stedet."),
        ("%22barn", "Anførselstegnet «\"» er ikke lukket. Det er søkt etter ordene i stedet."),
        ("forfatter:hansen", "Det er ikke noe felt som heter «forfatter». Det er søkt etter ordene i stedet."),
    ] {
        let document = page(&server, &format!("/?q={query}"));
        assert!(document.all("p").any(|found| found.text == note), "{query}");
    }
    assert_eq!(heading(&page(&server, "/?q=-skole")), "Ingenting å søke etter");
    assert_eq!(heading(&page(&server, "/?q=%3F%21")), "Ingenting å søke etter");
}

#[test]
fn a_search_that_is_stopped_without_hits_does_not_say_that_there_are_none() {
    let server = TestServer::with(|config| config.limits.search_time = std::time::Duration::ZERO);
    for (ui, expected) in
        [("nb", "Søket tok for lang tid"), ("nn", "Søket tok for lang tid"), ("en", "The search took too long")]
    {
        for query in ["barn", "xyzzyx", "barn&group=true", "barn&page=3"] {
            let document = page(&server, &format!("/?q={query}&ui={ui}"));
            let heading = heading(&document);
            assert_eq!(heading == expected, hits(&document).is_empty(), "{query} {ui}: {heading}");
            let texts: String = document.elements.iter().map(|element| element.text.as_str()).collect();
            for text in ["No results", "Ingen treff", "There are no more results", "Det er ikke flere", "stavefeil"] {
                assert!(!texts.contains(text), "{query} {ui}: {text}");
            }
        }
    }
}

#[test]
fn a_passage_is_shown_in_its_page_with_a_way_back() {
    let server = TestServer::start();
    let results = page(&server, "/?q=barn+unge&source=Ipsos&page=1&ui=nb");
    let target =
        results.all("a").find(|link| link.attribute("href").is_some_and(|url| url.starts_with("/p/"))).unwrap();
    let target = target.attribute("href").unwrap();
    let passage = page(&server, target.strip_suffix("#hit").unwrap());
    assert_eq!(heading(&passage), "Kartlegging av samhandling om utsatte barn og unge");
    assert_eq!(link(&passage, "← Tilbake til treffene"), "/?q=barn+unge&source=Ipsos&ui=nb");
    let hit = passage.with_id("hit").unwrap();
    assert!(hit.text.contains("utsatte barn og unge") && !hit.text.contains("Hovedfunnene"));
    assert!(passage.all("li").any(|item| item.text.starts_with("Både myke og harde virkemidler")));
    assert!(passage.all("mark").all(|mark| passage.is_in(mark, "article")));
    let missing = server.get("/p/00000000.1?q=barn&ui=en").has_status(404);
    let missing = check(&missing, "missing");
    assert_eq!((heading(&missing), link(&missing, "Back to the results")), ("Passage not found", "/?q=barn&ui=en"));
}

#[test]
fn the_language_is_chosen_by_the_url_then_by_the_browser() {
    let server = TestServer::start();
    let language = |target: &str, accepted: &str| {
        let response = server.request("GET", target, &[("Accept-Language", accepted)], "");
        check(&response, target).all("html").next().unwrap().attribute("lang").unwrap().to_string()
    };
    assert_eq!(language("/", ""), "nb");
    assert_eq!(language("/?q=barn", "nn-NO,nb;q=0.5"), "nn");
    assert_eq!(language("/?q=barn&ui=en", "nn-NO"), "en");
    assert_eq!(language("/?q=barn&ui=de", "en"), "en");
    assert_eq!(language("/nowhere", "nn"), "nn");
    assert_eq!(language("/p/x?ui=en", "nn"), "en");
    let document = page(&server, "/?q=barn&sort=date&ui=nn");
    assert_eq!(link(&document, "English"), "/?q=barn&sort=date&ui=en");
}

#[test]
fn errors_are_pages_for_people_and_problems_for_programs() {
    let server = TestServer::start();
    let response = server.get("/finnes-ikke").has_status(404);
    let document = check(&response, "/finnes-ikke");
    assert_eq!((heading(&document), link(&document, "Til søket")), ("Fant ikke siden", "/"));
    server.get("/api/v1/nothing").expect_problem(404, "not-found");
    server.get("/assets/style-0.css").has_status(404);
    let response = server.request("POST", "/?ui=en", &[], "q=barn").has_status(405);
    assert_eq!(response.header("allow"), Some("GET, HEAD"));
    assert_eq!(heading(&check(&response, "POST")), "The request can't be answered");
    let waiting = TestServer::of(TestEnv::empty(), |_| {});
    let response = waiting.get("/?q=barn").has_status(503);
    assert_eq!(heading(&check(&response, "no index")), "Søket er ikke klart ennå");
    assert!(response.header("retry-after").is_some());
}

#[test]
fn wild_parameters_are_ignored() {
    let server = TestServer::start();
    let long = "x".repeat(5000);
    for target in [
        "/?",
        "/?&&=&=x",
        "/?q",
        "/?q=%FF%FE",
        "/?q=barn&page=99999999999999999999",
        "/?q=barn&page=-1&sort=x",
        "/?q=barn&limit=0&offset=999999&full=1&snippet-chars=0&facets=x",
        "/?source=%00&site=%0A",
        "/?since=9999&until=0",
        "/?q=barn&since=2020&until=2018",
        "/?q=barn&q=skole&lang=nn&lang=nb&group=true&similar=1&explain=true",
        "/?lang=nb",
        "/?site=no",
        "/?q=barn%22%3E%3Cscript%3E",
        "/?q=a*+b~1+%22c+d%22~9",
        "/?ui=%F0%9F%98%80",
        &format!("/?q={long}"),
    ] {
        page(&server, target);
    }
}

#[test]
fn pages_beyond_the_last_show_the_last() {
    let server = TestServer::start();
    let ids = |document: &Document| -> Vec<String> {
        let links = document.all("a").filter_map(|link| link.attribute("href"));
        links
            .filter(|url| url.starts_with("/p/"))
            .map(|url| url.split(['?', '#']).next().unwrap().to_string())
            .collect()
    };
    let last = (1..).find(|number| {
        let document = page(&server, &format!("/?q=barn+unge&page={number}&similar=true"));
        !document.all("a").any(|link| link.attribute("rel") == Some("next"))
    });
    let last = last.unwrap();
    let expected = ids(&page(&server, &format!("/?q=barn+unge&page={last}&similar=true")));
    assert!(last > 1 && !expected.is_empty());
    for number in ["101", "4711", "99999999999999999999", &(last + 1).to_string()] {
        let document = page(&server, &format!("/?q=barn+unge&page={number}&similar=true"));
        assert_eq!(ids(&document), expected, "{number}");
        assert!(document.all("a").any(|link| link.attribute("aria-current") == Some("page")), "{number}");
    }
    let first = ids(&page(&server, "/?q=barn+unge&similar=true"));
    for number in ["-1", "0", "x", "1e9", "1.5", ""] {
        assert_eq!(ids(&page(&server, &format!("/?q=barn+unge&page={number}&similar=true"))), first, "{number}");
    }
}

#[test]
fn an_empty_query_says_why() {
    let server = TestServer::start();
    let text = |query: &str| server.get(&format!("/?q={query}&ui=en")).has_status(200).text().to_string();
    let long = "b".repeat(201);
    for query in [long.clone(), format!("{long}+{long}"), format!("%22{long}%22"), "%C3%A6".repeat(1000)] {
        assert!(text(&query).contains("only words of more than 200 letters"), "{query}");
    }
    assert!(text("%3F").contains("no letters or digits"));
    assert!(text("-barn").contains("what to leave out"));
    let detail = server.get(&format!("/api/v1/search?q={long}")).json()["detail"].as_str().unwrap().to_string();
    assert_eq!(detail, "words of more than 200 letters are not indexed");
}

#[test]
fn invisible_characters_of_pages_are_left_out() {
    let env = TestEnv::empty();
    let pages = [
        serde_json::json!({"title": "\u{202e}nraB\u{202c}", "source": "K\u{2067}ilde\u{e0041}", "text": "Om barn og unge i kommunen.",
            "url": "https://a.no/\u{202e}gnp\"><b>\u{200b}.exe"}),
        serde_json::json!({"title": "\u{200b}\u{2066}\u{3164}", "source": "\u{2069}", "text": "Meir om barn og unge i kommunen."}),
        serde_json::json!({"title": "C", "text": "Enda meir om barn og unge.", "url": "https://a\u{202e}.no/"}),
    ];
    env.write("a.jsonl", pages.map(|page| format!("{page}\n")).concat());
    env.run(&["index", "a.jsonl"]).exits(0);
    let server = TestServer::of(env, |_| {});
    let document = page(&server, "/?q=unge");
    assert_eq!(
        link(&document, "Åpne på a.no").split('#').next(),
        Some("https://a.no/%E2%80%AEgnp%22%3E%3Cb%3E%E2%80%8B.exe")
    );
    let links = document.all("a").filter_map(|link| link.attribute("href").map(str::to_string));
    let targets: Vec<String> = links.filter(|url| url.starts_with("/p/")).collect();
    assert_eq!(targets.len(), 3);
    for target in targets.iter().map(String::as_str).chain(["/?q=unge&ui=en"]) {
        let html = server.get(target.trim_end_matches("#hit")).has_status(200).text().to_string();
        let is_hidden = |c| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{3164}' | '\u{e0041}');
        assert!(!html.contains(is_hidden), "{html}");
        assert!(
            !html.contains("https://a."[..8].repeat(2).as_str()) && !html.contains("href=\"https://a\u{202e}"),
            "{html}"
        );
    }
}

/// Text that breaks out of HTML if it is not escaped, or that browsers read in special ways.
fn hostile() -> impl Strategy<Value = String> {
    let parts = prop_oneof![
        Just("<script>alert(1)</script>".to_string()),
        Just("\"><img src=x onerror=alert(1)>".to_string()),
        Just("'-->&lt;!--<!--".to_string()),
        Just("</title></textarea></style>&amp;&".to_string()),
        Just("javascript:alert(1)".to_string()),
        Just("\u{202e}\u{0}\u{b}\u{fffe}\r\n\u{85}".to_string()),
        Just("barn".to_string()),
        any::<String>(),
        "[a-zæøå]{1,12}",
    ];
    proptest::collection::vec(parts, 1..5).prop_map(|parts| parts.join(" "))
}

fn hostile_url() -> impl Strategy<Value = String> {
    let schemes = prop_oneof![
        Just("javascript:alert(1)//"),
        Just("JAVASCRIPT://a.no/%0aalert(1)//"),
        Just("data:text/html,<script>"),
        Just("https://a.no/"),
        Just("http://a.no/?\"'<>#"),
        Just("vbscript://"),
        Just("https://"),
        Just(" https://b.no/ #:~:text=x&"),
    ];
    (schemes, hostile()).prop_map(|(scheme, rest)| format!("{scheme}{rest}"))
}

#[test]
fn hostile_pages_are_escaped_everywhere() {
    let mut runner = TestRunner::deterministic();
    let env = TestEnv::empty();
    let mut lines = String::new();
    for number in 0..60 {
        let mut text = || hostile().new_tree(&mut runner).unwrap().current();
        let (title, source, body) = (text(), text(), text());
        let url = hostile_url().new_tree(&mut runner).unwrap().current();
        let text = format!("Barn {body} og unge i kommunen nummer {number}.\n\n• {title}\n\n{source}");
        let record = serde_json::json!({"id": format!("{title}{number}"), "title": title, "source": source, "url": url, "text": text, "date": "2020-04-07"});
        lines.push_str(&format!("{record}\n"));
    }
    env.write("<b>'\"&.jsonl", lines);
    env.run(&["index", "<b>'\"&.jsonl"]).exits(0);
    let server = TestServer::of(env, |_| {});
    let mut passages = HashSet::new();
    for number in 1..=8 {
        let document = page(&server, &format!("/?q=barn&similar=true&explain=true&page={number}"));
        for facet in document.all("a").filter(|link| document.is_in(link, "aside")) {
            page(&server, facet.attribute("href").unwrap());
        }
        let links = document.all("a").filter_map(|link| link.attribute("href"));
        passages.extend(links.filter(|url| url.starts_with("/p/")).map(|url| url.replace("#hit", "")));
    }
    assert!(passages.len() >= 50, "{}", passages.len());
    for target in passages {
        let document = page(&server, &target);
        assert!(document.with_id("hit").is_some(), "{target}");
    }
}

#[test]
fn hostile_queries_are_escaped_and_stay_in_the_form() {
    let server = TestServer::start();
    let mut runner = TestRunner::deterministic();
    for _ in 0..100 {
        let text: String = hostile().new_tree(&mut runner).unwrap().current().chars().take(300).collect();
        let source = hostile().new_tree(&mut runner).unwrap().current();
        let source: String = source.chars().take(100).collect();
        let document = page(&server, &format!("/?q={}&source={}", encode(&text), encode(&source)));
        let value = document.with_id("q").unwrap().attribute("value").unwrap().to_string();
        let is_plain = |c: &char| c.is_alphanumeric() || "<>\"'&:;/*()".contains(*c);
        let plain = |text: &str| text.chars().filter(is_plain).collect::<String>();
        assert_eq!(plain(&value), plain(&text));
    }
}

#[test]
fn pages_with_an_address_link_to_the_passage_there() {
    let env = TestEnv::empty();
    let text = "Kommunen skal hjelpe barn & unge 0-24, og samarbeide med skolen om det når de trenger det.";
    let with_url = serde_json::json!({"title": "Barnevern", "url": "https://www.kommune.no/barn?id=1", "text": text});
    env.write("a.jsonl", format!("{with_url}\n"));
    env.run(&["index", "a.jsonl"]).exits(0);
    let server = TestServer::of(env, |_| {});
    let document = page(&server, "/?q=unge");
    let url = link(&document, "Åpne på kommune.no");
    assert_eq!(
        url,
        "https://www.kommune.no/barn?id=1#:~:text=Kommunen%20skal%20hjelpe%20barn,n%C3%A5r%20de%20trenger%20det."
    );
    assert!(document.all("li").any(|item| item.text == "www.kommune.no/barn?id=1"));
}

#[test]
fn other_machines_do_not_see_folders() {
    let env = TestEnv::with_seeds();
    let folder = env.path("").to_str().unwrap().to_string();
    env.run(&["index", "seeds"]).exits(0);
    let server = TestServer::of(env, |config| config.address = ([0, 0, 0, 0], 0).into());
    let local = |target: &str| server.request("GET", target, &[("Host", "localhost")], "").has_status(200);
    let results = local("/?q=barn");
    assert!(!results.text().contains(folder.trim_end_matches('/')) && results.text().contains("seeds/00"));
    let document = check(&results, "results");
    let target =
        document.all("a").filter_map(|link| link.attribute("href")).find(|url| url.starts_with("/p/")).unwrap();
    let passage = local(target.strip_suffix("#hit").unwrap());
    assert!(!passage.text().contains(folder.trim_end_matches('/')), "{}", passage.text());
}

#[test]
fn a_style_sheet_can_be_added() {
    let server = TestServer::with(|config| config.css = Some(":root { --link: #00f }".to_string()));
    let document = page(&server, "/");
    let mut sheets = document.all("link").filter(|link| link.attribute("rel") == Some("stylesheet"));
    let response = server.get(sheets.next().unwrap().attribute("href").unwrap()).has_status(200);
    assert!(response.text().ends_with(":root { --link: #00f }"));
    assert!(response.header("cache-control").unwrap().contains("immutable"));
    assert_eq!(response.header("content-type"), Some("text/css; charset=utf-8"));
}

#[test]
fn pages_and_their_files_are_small() {
    let server = TestServer::start();
    let size = |target: &str| {
        let response = server.request("GET", target, &[("Accept-Encoding", "gzip")], "").has_status(200);
        let mut decoded = Vec::new();
        if response.header("content-encoding") == Some("gzip") {
            flate2::read::GzDecoder::new(&response.body[..]).read_to_end(&mut decoded).unwrap();
        }
        (response.body.len(), String::from_utf8(decoded).unwrap())
    };
    let (html, text) = size("/?q=barn+unge");
    assert!(html <= 8192, "{html} bytes of HTML");
    let document = Document::parse(&text);
    let files = document.all("link").chain(document.all("script"));
    let files: Vec<&str> = files
        .filter(|file| file.name() == "script" || file.attribute("rel") == Some("stylesheet"))
        .filter_map(|file| file.attribute("src").or(file.attribute("href")))
        .collect();
    assert_eq!(files.len(), 2);
    for (file, limit) in [(".css", 4096), (".js", 2048)] {
        let (size, _) = size(files.iter().find(|name| name.ends_with(file)).unwrap());
        assert!(size <= limit, "{size} bytes of {file}");
    }
}

#[test]
fn an_unchanged_page_is_sent_once() {
    let server = TestServer::start();
    let etag = server.get("/?q=barn").header("etag").unwrap().to_string();
    let again = server.request("GET", "/?q=barn", &[("If-None-Match", &etag)], "");
    assert!(again.has_status(304).body.is_empty());
    server.request("GET", "/?q=barn&ui=nn", &[("If-None-Match", &etag)], "").has_status(200);
}

#[test]
fn describes_itself_to_browsers_and_crawlers() {
    let server = TestServer::start();
    let response = server.get("/opensearch.xml").has_status(200);
    assert_eq!(response.header("content-type"), Some("application/opensearchdescription+xml"));
    let template = format!("template=\"http://{}/?q={{searchTerms}}\"", server.address());
    assert!(response.text().contains(&template), "{}", response.text());
    assert!(server.get("/robots.txt").has_status(200).text().contains("Disallow: /\n"));
    let icon = server.get("/favicon.ico").has_status(200);
    assert_eq!(icon.header("content-type"), Some("image/svg+xml"));
}

/// The relative luminance of a color `#rrggbb` (WCAG 2.2).
fn luminance(color: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&color[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    one.max(other) / one.min(other)
}

#[test]
fn colors_have_enough_contrast() {
    let css = std::fs::read_to_string(repository().join("src/serve/page/assets/style.css")).unwrap();
    let blocks: Vec<&str> = css.split(":root {").skip(1).map(|block| block.split('}').next().unwrap()).collect();
    // Light, dark; the third is for print.
    for block in &blocks[..2] {
        let color = |name: &str| {
            let value = block.split(&format!("--{name}: ")).nth(1).unwrap_or_else(|| panic!("no {name} in {block}"));
            value.split(';').next().unwrap().to_string()
        };
        let check = |foreground: &str, background: &str, least: f64| {
            let found = contrast(&color(foreground), &color(background));
            assert!(found >= least, "{foreground} on {background}: {found:.2}");
        };
        for text in ["text", "muted", "link", "visited", "error"] {
            check(text, "paper", 4.5);
        }
        for text in ["text", "link", "visited"] {
            check(text, "note", 4.5);
        }
        check("mark-text", "mark", 4.5);
        check("button-text", "button", 4.5);
        for line in ["field-line", "button", "focus"] {
            check(line, "paper", 3.0);
        }
        check("focus", "note", 3.0);
    }
    assert!((contrast("#ffffff", "#000000") - 21.0).abs() < 0.01);
    assert!((contrast("#777777", "#ffffff") - 4.48).abs() < 0.01);
}

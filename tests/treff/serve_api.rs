//! The JSON API of `treff serve`: the same hits as the command line, the forms that its OpenAPI description states, and
//! errors.

use std::collections::BTreeSet;
use std::io::Read;
use std::sync::OnceLock;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::serve_support::{HttpResponse, TestServer, indexed_seeds};
use crate::{TestEnv, repository};

/// Encodes a parameter value.
fn encoded(value: &str) -> String {
    utf8_percent_encode(value, NON_ALPHANUMERIC).to_string()
}

/// The target of a search with a query and further parameters.
fn search_target(query: &str, parameters: &str) -> String {
    format!("/api/v1/search?q={}{parameters}", encoded(query))
}

/// The queries with judgments.
fn judged_queries() -> Vec<String> {
    let text = std::fs::read_to_string(repository().join("tests/judged.tsv")).unwrap();
    text.lines().skip(1).map(|line| line.split('\t').next().unwrap().to_string()).collect()
}

/// What `treff search --json` prints, as JSON values. It runs in the folder of this process, so that it shows paths as
/// the server does.
fn printed_by_command_line(server: &TestServer, query: &str, options: &str) -> Vec<Value> {
    let index = server.env.path("index");
    let mut args = vec!["--index", index.to_str().unwrap(), "search", "--json"];
    args.extend(options.split_whitespace());
    args.extend(["--", query]);
    let mut command = server.env.command(&args);
    let output = command.current_dir(std::env::current_dir().unwrap()).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What the API answers, in the form of the command line's output.
fn answered_by_api(server: &TestServer, query: &str, options: &str) -> Vec<Value> {
    let mut parameters = String::new();
    let mut words = options.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let value = words.next_if(|next| !next.starts_with("--")).unwrap_or("true");
        parameters.push_str(&format!("&{}={}", word.trim_start_matches('-'), encoded(value)));
    }
    let answer = server.get(&search_target(query, &parameters)).has_status(200).json();
    let mut lines = answer["hits"].as_array().unwrap().clone();
    for hit in &mut lines {
        let hit = hit.as_object_mut().unwrap();
        assert!(hit.remove("snippet_html").is_some() && hit.remove("marks_utf16").is_some());
        assert_eq!(hit.remove("cut"), Some(json!(false)));
    }
    if answer["facets"].as_object().is_some_and(|facets| !facets.is_empty()) {
        lines.push(json!({"v": answer["v"], "facets": answer["facets"]}));
    }
    lines
}

#[test]
fn api_and_command_line_give_the_same() {
    let server = TestServer::start();
    let options = [
        "",
        "--group --facets source,year,lang,site",
        "--sort date --similar",
        "--with-boilerplate --explain --limit 25",
        "--correct --full",
        "--group --sort date --offset 2 --limit 3 --lang nn --since 2010 --snippet-chars 60",
    ];
    let mut found = 0;
    for query in judged_queries().iter().map(String::as_str).chain(["okonomi", "barnevrn", "plikt* AND barn", "a (b"]) {
        for options in options {
            let printed = printed_by_command_line(&server, query, options);
            assert_eq!(answered_by_api(&server, query, options), printed, "{query} {options}");
            found += printed.len();
        }
    }
    assert!(found > 900, "only {found} hits were compared");
}

#[test]
fn the_envelope_says_how_the_query_was_read() {
    let server = TestServer::start();
    let search = |query: &str, parameters: &str| server.get(&search_target(query, parameters)).has_status(200).json();

    let answer = search("skolene AND (barn OR samarb*) date:>=2000", "&limit=3&offset=1");
    assert_eq!(answer["query"], "skolene AND (barn OR samarb*) date:>=2000");
    assert_eq!(answer["read_as"]["condition"], "skolene AND (barn OR samarb*) AND date:>=2000-01-01");
    assert_eq!(answer["read_as"]["words"][0]["lemmas"], json!(["skole"]));
    assert_eq!((&answer["limit"], &answer["offset"]), (&json!(3), &json!(1)));
    assert_eq!((&answer["partial"], &answer["corrected"]), (&json!(false), &json!(false)));

    let answer = search("okonomi", "");
    assert_eq!((&answer["corrected"], &answer["read_as"]["text"]), (&json!(true), &json!("økonomi")));
    assert_eq!(answer["query"], "okonomi");

    let answer = search("å (barn", "");
    let problem = &answer["problems"][0];
    assert_eq!((&problem["span"], &problem["span_utf16"]), (&json!([3, 4]), &json!([2, 3])), "{problem}");

    // The number is that of the suggestion, `barn`.
    let answer = search("barrn", "&site=finnesikke.no");
    assert_eq!((&answer["total"], &answer["hits"]), (&json!(0), &json!([])));
    assert!(answer["without_filters"].as_u64().is_some_and(|passages| passages > 0), "{answer}");
    assert!(answer["notes"][0].as_str().is_some_and(|note| note.contains("site")), "{answer}");
}

#[test]
fn totals_are_exact() {
    let server = TestServer::start();
    for (query, parameters) in [("barn", ""), ("barn", "&group=true"), ("barn skole", "&sort=date"), ("lang:nn", "")] {
        let total = |limit: &str| {
            let answer = server.get(&search_target(query, &format!("{parameters}{limit}"))).has_status(200).json();
            (answer["total"].as_u64().unwrap(), answer["hits"].as_array().unwrap().len() as u64)
        };
        let (total_of_all, hits) = total("&limit=1000&similar=true");
        assert_eq!(total_of_all, hits, "{query} {parameters}");
        assert_eq!(total("&limit=0"), (total_of_all, 0));
        assert_eq!(total("&limit=2").0, total_of_all);
        assert_eq!(total("&limit=2&offset=900"), (total_of_all, 0));
    }
}

#[test]
fn marks_have_three_forms() {
    let server = TestServer::start();
    let answer = server.get(&search_target("spørjeundersøking på skole", "")).has_status(200).json();
    let hits = answer["hits"].as_array().unwrap();
    let pairs = |marks: &Value| -> Vec<(usize, usize)> { serde_json::from_value(marks.clone()).unwrap() };
    let mut differing = 0;
    for hit in hits {
        let snippet = hit["snippet"].as_str().unwrap();
        let units: Vec<u16> = snippet.encode_utf16().collect();
        let marked: Vec<&str> = pairs(&hit["marks"]).iter().map(|(start, end)| &snippet[*start..*end]).collect();
        let ranges = pairs(&hit["marks_utf16"]);
        let in_utf16: Vec<String> =
            ranges.iter().map(|(start, end)| String::from_utf16(&units[*start..*end]).unwrap()).collect();
        assert_eq!(in_utf16, marked);
        let html = hit["snippet_html"].as_str().unwrap();
        let elements: Vec<&str> = html.split("<mark>").skip(1).map(|part| part.split('<').next().unwrap()).collect();
        assert_eq!(elements, marked);
        differing += usize::from(hit["marks"] != hit["marks_utf16"]);
    }
    assert!(differing > 0, "no mark follows a letter outside ASCII");
}

#[test]
fn passages_have_what_show_prints() {
    let server = TestServer::start();
    let hit = server.get(&search_target("taushetsplikt", "&limit=1")).json()["hits"][0].clone();
    let id = hit["id"].as_str().unwrap();
    let page = server.get(&format!("/api/v1/passages/{id}?q=taushetsplikt")).has_status(200).json();
    for name in ["id", "title", "source", "date", "updated", "url", "lang", "path", "record"] {
        assert_eq!(page[name], hit[name], "{name}");
    }
    let shown = server.env.run(&["show", id, "taushetsplikt"]).exits(0).stdout;
    let shown: Vec<&str> = shown.lines().skip(3).filter(|line| !line.is_empty()).collect();
    let mut lines = Vec::new();
    let mut marks = 0;
    for passage in page["passages"].as_array().unwrap() {
        for line in passage["paragraphs"].as_array().unwrap().iter().flat_map(|lines| lines.as_array().unwrap()) {
            let gutter = if passage["hit"] == true { '>' } else { ' ' };
            lines.push(format!("{gutter}{:>5}  {}", line["line"].as_u64().unwrap(), line["text"].as_str().unwrap()));
            let count = line["marks"].as_array().unwrap().len();
            assert_eq!(line["html"].as_str().unwrap().matches("<mark>").count(), count);
            assert!(count == 0 || passage["hit"] == true);
            marks += count;
        }
    }
    assert_eq!(lines, shown);
    assert!(marks > 0);
    let is_hit = |passage: &&Value| passage["hit"] == true;
    let found: Vec<&Value> = page["passages"].as_array().unwrap().iter().filter(is_hit).collect();
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0]["id"], &found[0]["text"]), (&hit["id"], &hit["passage"]));
    let marks = |query: &str| {
        let target = format!("/api/v1/passages/{id}?q={}", encoded(query));
        server.get(&target).has_status(200).text().matches("<mark>").count()
    };
    assert!(marks("taushetspl*") > 0, "the words of a pattern are not marked");
    assert_eq!(marks("finnesikke"), 0);
    for wrong in ["zzzzzzzz.1", "x", "", "seeds/a.txt:3", "..%2f..%2fetc%2fpasswd", "%00"] {
        server.get(&format!("/api/v1/passages/{wrong}")).expect_problem(404, "not-found");
    }
    server.get(&format!("/api/v1/passages/{id}?query=barn")).expect_problem(400, "bad-parameter");
}

#[test]
fn errors_are_problems_with_a_place() {
    let server = TestServer::start();
    let problem = |target: &str, status: u16, name: &str| server.get(target).expect_problem(status, name).json();
    for (parameters, parameter) in [
        ("q=barn&limt=3", "limt"),
        ("q=barn&limt=", "limt"),
        ("q=barn&limit=-1", "limit"),
        ("q=barn&limit=1001", "limit"),
        ("q=barn&offset=995", "offset"),
        ("q=barn&q=skole", "q"),
        ("q=barn&group", "group"),
        ("q=barn&group=1", "group"),
        ("q=barn&strict=0", "strict"),
        ("q=barn&explain=TRUE", "explain"),
        ("q=%ff", "q"),
        ("q=bl%e5b%e6r", "q"),
        ("q=barn&source=%c3", "source"),
        ("q=barn&%c3%28=x", "\u{fffd}("),
        ("q=barn&facets=source%80", "facets"),
        ("q=%ed%a0%80", "q"),
        ("q=barn&sort=rank", "sort"),
        ("q=barn&facets=source,author", "facets"),
        ("q=barn&lang=de", "lang"),
        ("q=barn&since=i+fjor", "since"),
        ("q=barn&source=%2B", "source"),
        (&format!("q={}", "a".repeat(1025)), "q"),
    ] {
        let problem = problem(&format!("/api/v1/search?{parameters}"), 400, "bad-parameter");
        assert_eq!(problem["parameter"], parameter, "{parameters}");
        assert!(!problem["detail"].as_str().unwrap().contains("Err"), "{problem}");
    }
    let large = problem("/api/v1/search?q=barn&offset=99999999999999999999", 400, "bad-parameter");
    assert!(large["detail"].as_str().unwrap().ends_with("is too large"), "{large}");
    let syntax = problem("/api/v1/search?q=%C3%A5+(barn&strict=true", 400, "query-syntax");
    assert_eq!((&syntax["span"], &syntax["span_utf16"]), (&json!([3, 4]), &json!([2, 3])));
    for query in ["", "%3F%21", "-barn"] {
        problem(&format!("/api/v1/search?q={query}"), 400, "empty-query");
    }
    problem("/api/v1/search", 400, "empty-query");
    problem("/api/v1/passages/x?q=%ff", 400, "bad-parameter");
    // Invalid escapes are read as they are.
    server.get("/api/v1/search?q=100%25+barn%zz").has_status(200);
    problem("/api/v1/status?x=1", 400, "bad-parameter");
    problem("/api/v1/", 404, "not-found");
    problem("/problems/other", 404, "not-found");
    for target in ["/api/v1/search?q=barn", "/api/v1/passages/x", "/api/v1/status", "/api/v1/openapi.json"] {
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
            let response = server.request(method, target, &[], "").expect_problem(405, "method-not-allowed");
            assert_eq!(response.header("allow"), Some("GET, HEAD"));
        }
    }
}

#[test]
fn an_answer_that_ran_out_of_time_is_partial_and_has_no_tag() {
    let server = TestServer::with(|config| config.limits.search_time = std::time::Duration::ZERO);
    for parameters in
        ["", "&group=true&facets=source", "&sort=date", "&site=x.no", "&with-boilerplate=true&explain=true"]
    {
        for query in ["barn", "plikt* OR skol*", "barrn", "okonomi", "\"barn og unge\" AND NOT skole"] {
            let response = server.get(&search_target(query, parameters)).has_status(200);
            assert_eq!(response.json()["partial"], true, "{query} {parameters}");
            assert_eq!(response.header("etag"), None);
            check_response("/api/v1/search", &response, &mut BTreeSet::new());
        }
    }
}

#[test]
fn a_generation_pins_the_answers() {
    let server = TestServer::start();
    let answer = server.get(&search_target("barn", "")).json();
    let generation = answer["generation"].as_str().unwrap();
    let same = server.get(&search_target("barn", &format!("&offset=10&generation={generation}"))).has_status(200);
    assert_eq!(same.json()["generation"], generation);
    for other in ["1-0", "", "x"] {
        let response = server.get(&search_target("barn", &format!("&generation={other}")));
        assert_eq!(response.expect_problem(409, "generation-changed").json()["generation"], generation);
    }
}

#[test]
fn answers_are_revalidated_and_compressed() {
    let server = TestServer::start();
    let id = server.get(&search_target("barn", "")).json()["hits"][0]["id"].as_str().unwrap().to_string();
    let mut tags = BTreeSet::new();
    let targets = [
        search_target("barn", ""),
        search_target("barn", "&limit=5"),
        format!("/api/v1/passages/{id}"),
        format!("/api/v1/passages/{id}?q=barn"),
        "/api/v1/status".to_string(),
        "/api/v1/openapi.json".to_string(),
    ];
    let request = |method: &str, target: &str, headers: &[(&str, &str)]| server.request(method, target, headers, "");
    for target in &targets {
        let answer = server.get(target).has_status(200);
        let tag = answer.header("etag").unwrap().to_string();
        let unchanged = request("GET", target, &[("If-None-Match", &tag)]).has_status(304);
        assert_eq!((unchanged.header("etag"), &unchanged.body[..]), (Some(tag.as_str()), &[][..]));
        request("HEAD", target, &[("If-None-Match", &tag)]).has_status(304);
        request("GET", target, &[("If-None-Match", "W/\"other\"")]).has_status(200);
        let head = request("HEAD", target, &[]).has_status(200);
        assert_eq!((head.header("etag"), head.body.len()), (Some(tag.as_str()), 0));
        if !target.contains("search") {
            // The time of a search has a varying number of digits.
            assert_eq!(head.header("content-length"), answer.header("content-length"), "{target}");
        }
        let compressed = request("GET", target, &[("Accept-Encoding", "gzip")]).has_status(200);
        if let Some(encoding) = compressed.header("content-encoding") {
            assert_eq!(encoding, "gzip");
            let mut body = Vec::new();
            flate2::read::GzDecoder::new(&compressed.body[..]).read_to_end(&mut body).unwrap();
            assert!(serde_json::from_slice::<Value>(&body).is_ok());
        } else {
            assert!(compressed.body.len() < 1024, "{target} is not compressed");
        }
        tags.insert(tag);
    }
    assert_eq!(tags.len(), targets.len(), "answers share an entity tag");
    // An error has no tag.
    assert_eq!(request("GET", "/api/v1/search?q=", &[("If-None-Match", "*")]).has_status(400).header("etag"), None);
}

#[test]
fn other_machines_see_no_absolute_paths() {
    let env = indexed_seeds();
    let folder = env.path("").to_str().unwrap().to_string();
    let server = TestServer::of(env, |config| config.host_names = vec!["treff.example.no".to_string()]);
    let answer = server.get(&search_target("barn", "&limit=100")).has_status(200);
    let page = answer.json()["hits"][0]["id"].as_str().unwrap().to_string();
    let page = server.get(&format!("/api/v1/passages/{page}")).has_status(200);
    let unknown = server.get(&search_target("path:zzz", "")).has_status(200);
    assert!(unknown.text().contains("no page has the path"), "{}", unknown.text());
    let unknown_on_page = server.get("/?q=path:zzz").has_status(200);
    for answer in [&answer, &page, &unknown, &unknown_on_page] {
        assert!(!answer.text().contains(folder.trim_end_matches('/')), "{}", answer.text());
    }
    assert!(page.json()["path"].as_str().unwrap().starts_with("seeds/"));
}

/// Words of 500 letters that differ from each other, together about `bytes` long.
fn long_words(seed: usize, bytes: usize) -> String {
    let word = |number: usize| {
        let mut state = (seed * 1_000_003 + number) as u64;
        let letter = |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from(b'a' + (state >> 59) as u8 % 26)
        };
        (0..500).map(letter).collect::<String>()
    };
    (0..bytes / 501).map(word).collect::<Vec<_>>().join(" ")
}

#[test]
fn answers_are_bounded_and_can_be_continued() {
    let env = TestEnv::empty();
    let mut lines = String::new();
    for number in 0..60 {
        let text = format!("Fjellrev {number} {}", long_words(number, 90_000));
        lines.push_str(&format!(
            "{}\n",
            json!({"id": format!("{number}"), "title": format!("Side {number}"), "text": text})
        ));
    }
    // One passage that is longer than an answer may be, in characters of two bytes.
    let text = format!("Jerv {}", "øæ".repeat(600_000));
    lines.push_str(&format!("{}\n", json!({"id": "long", "title": "Lang", "text": text})));
    let paragraphs: Vec<String> =
        (0..30).map(|part| format!("Gaupe {part} {}", long_words(1000 + part, 80_000))).collect();
    lines.push_str(&format!("{}\n", json!({"id": "page", "title": "Stor", "text": paragraphs.join("\n\n")})));
    env.write("pages.jsonl", lines);
    env.run(&["index", "pages.jsonl"]).exits(0);
    let server = TestServer::of(env, |_| {});
    for (parameters, max_bytes) in [("", 6_000_000), ("&full=true&explain=true", 10_000_000)] {
        let (mut ids, mut requests) = (BTreeSet::new(), 0);
        let mut offset = 0;
        loop {
            let target = search_target("fjellrev", &format!("&limit=1000&offset={offset}&similar=true{parameters}"));
            let target = target.replace("limit=1000", &format!("limit={}", 1000 - offset));
            let response = server.get(&target).has_status(200);
            assert!(response.body.len() < max_bytes, "{}", response.body.len());
            check_response("/api/v1/search", &response, &mut BTreeSet::new());
            let answer = response.json();
            assert_eq!((&answer["partial"], &answer["total"]), (&json!(false), &json!(60)));
            let hits = answer["hits"].as_array().unwrap();
            assert!(hits.iter().all(|hit| hit["cut"] == false && hit["passage"].as_str().unwrap().len() > 80_000));
            ids.extend(hits.iter().map(|hit| hit["id"].as_str().unwrap().to_string()));
            requests += 1;
            match answer["next"].as_u64() {
                Some(next) => offset = next as usize,
                None => break,
            }
            assert_eq!(offset, ids.len());
        }
        assert!(ids.len() == 60 && requests > 1, "{} in {requests} requests", ids.len());
    }

    let long = server.get(&search_target("jerv", "&full=true")).has_status(200).json()["hits"][0].clone();
    assert_eq!(long["cut"], true);
    for name in ["passage", "snippet"] {
        let text = long[name].as_str().unwrap();
        assert!(text.contains("Jerv øæ") && text.ends_with('…'), "{text:.100}");
        assert!((99_998..=100_003).contains(&text.len()), "{}", text.len());
    }
    assert!(long["snippet_html"].as_str().unwrap().contains("<mark>Jerv</mark> øæ"));
    let page = server.get(&format!("/api/v1/passages/{}?q=jerv", long["id"].as_str().unwrap())).has_status(200);
    check_response("/api/v1/passages/{id}", &page, &mut BTreeSet::new());
    let page = page.json();
    assert_eq!((&page["passages"][0]["cut"], &page["count"], &page["next"]), (&json!(true), &json!(1), &Value::Null));
    assert!(page["passages"][0]["text"].as_str().unwrap().len() <= 100_003);

    let hits = server.get(&search_target("gaupe", "&limit=50&similar=true")).has_status(200).json()["hits"].clone();
    for hit in [&hits[0], &hits[20], &hits[29]] {
        let id = hit["id"].as_str().unwrap();
        let near = server.get(&format!("/api/v1/passages/{id}")).has_status(200);
        assert!(near.body.len() < 5_000_000, "{}", near.body.len());
        let is_hit = |passage: &&Value| passage["hit"] == true;
        assert_eq!(near.json()["passages"].as_array().unwrap().iter().filter(is_hit).count(), 1, "{id}");
        let mut read = 0;
        let mut next = json!(1);
        while let Some(from) = next.as_u64() {
            let answer = server.get(&format!("/api/v1/passages/{id}?from={from}")).has_status(200).json();
            assert_eq!((&answer["from"], &answer["count"]), (&json!(from), &json!(30)), "{from}");
            read += answer["passages"].as_array().unwrap().len();
            next = answer["next"].clone();
        }
        assert_eq!(read, 30);
        let html = server.get(&format!("/p/{id}?q=gaupe")).has_status(200);
        assert!(html.body.len() < 1_200_000 && html.text().contains("Siden er for lang til å vises i sin helhet"));
        for from in ["0", "31", "-1", "x", "", "1&from=2"] {
            let problem =
                server.get(&format!("/api/v1/passages/{id}?from={from}")).expect_problem(400, "bad-parameter");
            assert_eq!(problem.json()["parameter"], "from", "{from}");
        }
    }
}

#[test]
fn filters_have_a_limited_number_of_values() {
    let server = TestServer::start();
    for name in ["source", "site", "lang"] {
        let value = |number: usize| if name == "lang" { "nb".to_string() } else { format!("a{number}") };
        let values = |count: usize| (0..count).map(|number| format!("&{name}={}", value(number))).collect::<String>();
        server.get(&search_target("barn", &values(20))).has_status(200);
        let problem = server.get(&search_target("barn", &values(21))).has_status(400).json();
        assert_eq!(problem["parameter"], name);
        // The page ignores the values beyond the limit.
        let size = |count: usize| server.get(&format!("/?q=barn{}", values(count))).has_status(200).text().len();
        assert_eq!(size(20), size(200));
    }
}

#[test]
fn sources_in_facets_are_filters() {
    let env = TestEnv::empty();
    let sources = ["\u{1}", "–", &"a".repeat(3000), "Nav"];
    let page = |(number, source): (usize, &&str)| {
        let text = format!("Kommunen skal hjelpe barn nr{number}.");
        serde_json::json!({"id": number, "source": source, "text": text}).to_string() + "\n"
    };
    env.write("pages.jsonl", sources.iter().enumerate().map(page).collect::<String>());
    crate::update(&env.path("index"), &[env.path("pages.jsonl")]);
    let server = TestServer::of(env, |_| {});
    let facet = &server.get("/api/v1/search?q=barn&facets=source").has_status(200).json()["facets"]["source"];
    let values = facet["values"].as_array().unwrap();
    assert_eq!((values.len(), &facet["without"]), (2, &Value::from(2)), "{facet}");
    for value in values {
        let filter = encoded(value["value"].as_str().unwrap());
        let found = server.get(&format!("/api/v1/search?q=barn&source={filter}&group=true")).has_status(200).json();
        assert_eq!(found["total"], value["pages"], "{filter}");
    }
}

#[test]
fn problem_types_are_explained() {
    let server = TestServer::start();
    for kind in schema("Problem")["properties"]["type"]["enum"].as_array().unwrap() {
        let page = server.get(kind.as_str().unwrap()).has_status(200);
        assert!(page.text().lines().count() >= 3 && page.text().len() > 80, "{kind}: {}", page.text());
    }
}

/// The OpenAPI description, as the server answers it.
fn description() -> &'static Value {
    static DESCRIPTION: OnceLock<Value> = OnceLock::new();
    DESCRIPTION.get_or_init(|| TestServer::start().get("/api/v1/openapi.json").has_status(200).json())
}

fn schema(name: &str) -> &'static Value {
    &description()["components"]["schemas"][name]
}

/// Compares JSON with a schema, more strictly than JSON Schema does: members that are not described are errors.
struct SchemaCheck<'a> {
    errors: Vec<String>,
    /// The members that occurred, as `schema.member`.
    seen: &'a mut BTreeSet<String>,
}

impl SchemaCheck<'_> {
    fn check(&mut self, value: &Value, schema: &Value, place: &str) {
        let known =
            ["$ref", "anyOf", "const", "default", "description", "enum", "examples", "items", "maximum", "maxItems"];
        let known = known.iter().chain(&["minimum", "minItems", "additionalProperties", "properties", "propertyNames"]);
        let known: Vec<&str> = known.chain(&["required", "type"]).copied().collect();
        for keyword in schema.as_object().unwrap().keys() {
            assert!(known.contains(&keyword.as_str()), "{place}: this check doesn't know `{keyword}`");
        }
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.rsplit('/').next().unwrap();
            let found = description().pointer(reference.trim_start_matches('#')).unwrap();
            return self.check(value, found, name);
        }
        if let Some(alternatives) = schema["anyOf"].as_array() {
            let found = alternatives.iter().find(|alternative| value.is_null() == (alternative["type"] == "null"));
            return self.check(value, found.expect("the alternatives are something and null"), place);
        }
        let types = &schema["type"];
        let types = types.as_array().map_or_else(|| vec![types], |types| types.iter().collect());
        if !types.iter().any(|kind| is_of_type(value, kind.as_str().unwrap())) {
            self.errors.push(format!("{place}: {value} is not of type {types:?}"));
        }
        let allows = |keyword: &str, is_allowed: &dyn Fn(&Value) -> bool| {
            schema.get(keyword).is_none_or(|argument| value.is_null() || is_allowed(argument))
        };
        let length = value.as_array().map(|items| items.len() as f64);
        let holds = allows("const", &|constant| constant == value)
            && allows("enum", &|values| values.as_array().unwrap().contains(value))
            && allows("minimum", &|minimum| value.as_f64() >= minimum.as_f64())
            && allows("maximum", &|maximum| value.as_f64() <= maximum.as_f64())
            && allows("minItems", &|minimum| length >= minimum.as_f64())
            && allows("maxItems", &|maximum| length <= maximum.as_f64());
        if !holds {
            self.errors.push(format!("{place}: {value} doesn't match {schema}"));
        }
        for item in value.as_array().into_iter().flatten() {
            self.check(item, &schema["items"], &format!("{place}[]"));
        }
        let Some(members) = value.as_object() else { return };
        for required in schema["required"].as_array().into_iter().flatten() {
            if !members.contains_key(required.as_str().unwrap()) {
                self.errors.push(format!("{place}: {required} is missing"));
            }
        }
        for (name, member) in members {
            let names = &schema["propertyNames"]["enum"];
            if names.as_array().is_some_and(|names| !names.contains(&json!(name))) {
                self.errors.push(format!("{place}: {name} is not one of the names"));
            }
            if let Some(described) = schema["properties"].get(name) {
                self.seen.insert(format!("{place}.{name}"));
                self.check(member, described, &format!("{place}.{name}"));
            } else if let Some(described) = schema.get("additionalProperties") {
                self.check(member, described, &format!("{place}.*"));
            } else {
                self.errors.push(format!("{place}: {name} is not described"));
            }
        }
    }
}

fn is_of_type(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => panic!("unknown type {name}"),
    }
}

/// Checks the body of a response against the description of its route.
fn check_response(path: &str, response: &HttpResponse, seen: &mut BTreeSet<String>) {
    let responses = &description()["paths"][path]["get"]["responses"];
    let mut described = &responses[response.status.to_string()];
    assert!(described.is_object(), "{path}: status {} is not described", response.status);
    if let Some(reference) = described["$ref"].as_str() {
        described = description().pointer(reference.trim_start_matches('#')).unwrap();
    }
    let schema = &described["content"][response.header("content-type").unwrap()]["schema"];
    assert!(schema.is_object(), "{path}: {:?} is not described", response.header("content-type"));
    let mut check = SchemaCheck { errors: Vec::new(), seen };
    check.check(&response.json(), schema, "answer");
    assert!(check.errors.is_empty(), "{path}: {:#?}", check.errors);
}

#[test]
fn answers_have_the_described_form_and_every_described_member_occurs() {
    let env = indexed_seeds();
    let seed = std::fs::read(repository().join("seeds").join(crate::SEEDS[0])).unwrap();
    env.write("seeds/copy.txt", &seed);
    // A near-duplicate, and a record of a `.jsonl` file.
    env.write("seeds/similar.txt", [&seed[..], "\n\nSist endret i dag av en som heter Kari.\n".as_bytes()].concat());
    let record =
        json!({"id": "1", "url": "https://nav.no/a", "date": "2020-01-01", "text": "Kjøreopplæring for barn."});
    env.write("seeds/records.jsonl", record.to_string());
    env.run(&["index"]).exits(0);
    let server = TestServer::of(env, |_| {});
    let mut seen = BTreeSet::new();
    let mut answers = Vec::new();
    for query in judged_queries().iter().map(String::as_str).chain(["okonomi", "barnevrn", "skol* og (barn", "nav ks"])
    {
        for parameters in
            ["&explain=true&facets=source,year,lang,site", "&with-boilerplate=true&group=true", "&site=x.no"]
        {
            let response = server.get(&search_target(query, parameters)).has_status(200);
            check_response("/api/v1/search", &response, &mut seen);
            answers.push(response.json());
        }
    }
    let hits = || answers.iter().flat_map(|answer| answer["hits"].as_array().unwrap());
    let ids: BTreeSet<&str> = hits().map(|hit| hit["id"].as_str().unwrap()).collect();
    for id in ids.iter().take(50) {
        let response = server.get(&format!("/api/v1/passages/{id}?q=barn")).has_status(200);
        check_response("/api/v1/passages/{id}", &response, &mut seen);
    }
    for target in ["/api/v1/status", "/api/v1/status?x"] {
        check_response("/api/v1/status", &server.get(target), &mut seen);
    }
    for parameters in ["q=(&strict=true", "q=", "q=a&generation=x", "limit=x"] {
        check_response("/api/v1/search", &server.get(&format!("/api/v1/search?{parameters}")), &mut seen);
    }
    check_response("/api/v1/passages/{id}", &server.get("/api/v1/passages/x"), &mut seen);
    let mut missing = Vec::new();
    for (name, schema) in description()["components"]["schemas"].as_object().unwrap() {
        for member in schema["properties"].as_object().unwrap().keys() {
            if !seen.contains(&format!("{name}.{member}")) {
                missing.push(format!("{name}.{member}"));
            }
        }
    }
    assert!(missing.is_empty(), "described, but never answered: {missing:?}");
}

/// Parameter values that a client might send by mistake or on purpose.
fn wild_value() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,12}",
        "[a-zæøå*~\"()=+:. -]{0,20}",
        any::<i64>().prop_map(|number| number.to_string()),
        prop::sample::select(vec![
            "true",
            "0",
            "date",
            "source,year",
            "nn",
            "2018-02-31",
            "9999",
            "title:",
            "\"",
            "((((",
            "barn~99",
            "a*",
            "date:>=0",
            "*:*",
            "\u{0}",
            "\u{202e}",
            "𝄞",
            "-",
            "barn OR",
            "site:http://[::",
            "path:/etc/",
            "lang:no",
        ])
        .prop_map(str::to_string),
        proptest::collection::vec(any::<u8>(), 0..8).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn wild_parameters_never_fail_the_server(
        parameters in proptest::collection::vec((any::<prop::sample::Index>(), wild_value()), 0..6),
        raw in "[%&=+;a-z0-9]{0,12}",
    ) {
        static SERVER: OnceLock<TestServer> = OnceLock::new();
        let server = SERVER.get_or_init(TestServer::start);
        let described = description()["paths"]["/api/v1/search"]["get"]["parameters"].as_array().unwrap();
        let mut target = "/api/v1/search?".to_string();
        for (name, value) in &parameters {
            let name = described[name.index(described.len())]["name"].as_str().unwrap();
            target.push_str(&format!("{name}={}&", encoded(value)));
        }
        if parameters.len() % 2 == 0 {
            target.push_str(&raw);
        }
        for target in [target.clone(), target.replace("/search", "/passages/7f3k2m9q.1")] {
            let response = server.get(&target);
            prop_assert!([200, 400, 404, 409].contains(&response.status), "{} {}", response.status, target);
            let path = if target.contains("/search") { "/api/v1/search" } else { "/api/v1/passages/{id}" };
            check_response(path, &response, &mut BTreeSet::new());
        }
    }
}

/// A request in docs/api.md with the part of the answer that is shown.
fn shown_answers(text: &str) -> Vec<(String, Value)> {
    let blocks = text.split("```http\n").skip(1).map(|part| part.split("```").next().unwrap());
    let parse = |block: &str| {
        let (request, answer) = block.split_once("\n\n").unwrap();
        let target = request.strip_prefix("GET ").unwrap().to_string();
        (target, serde_json::from_str(answer).unwrap_or_else(|error| panic!("{error}: {answer}")))
    };
    blocks.map(parse).collect()
}

/// Asserts that `answer` has the members of `shown`. A list must have the same length.
#[track_caller]
fn assert_shows(shown: &Value, answer: &Value, place: &str) {
    match (shown, answer) {
        (Value::Object(members), Value::Object(_)) => {
            members.iter().for_each(|(name, member)| assert_shows(member, &answer[name], &format!("{place}.{name}")));
        }
        (Value::Array(shown), Value::Array(answer)) => {
            assert_eq!(shown.len(), answer.len(), "{place}");
            shown.iter().zip(answer).for_each(|(shown, answer)| assert_shows(shown, answer, place));
        }
        _ => assert_eq!(shown, answer, "{place}"),
    }
}

#[test]
fn documentation_shows_what_is_answered() {
    // In the folder of the repository, so that paths are shown as there.
    let server = TestServer::start();
    let text = std::fs::read_to_string(repository().join("docs/api.md")).unwrap();
    let passage = server.get(&search_target("taushetsplikt", "&limit=1")).json()["hits"][0]["id"].clone();
    let folder = format!("{}/", server.env.path("").to_str().unwrap().trim_end_matches('/'));
    let shown = shown_answers(&text);
    assert!(shown.len() >= 4);
    for (target, shown) in shown {
        let response = server.get(&target.replace("PASSAGE", passage.as_str().unwrap()));
        let answer = response.text().replace(&folder, "");
        assert_shows(&shown, &serde_json::from_str(&answer).unwrap(), &target);
    }
    let named: BTreeSet<&str> = text.split('`').skip(1).step_by(2).collect();
    let parameters = description()["paths"]["/api/v1/search"]["get"]["parameters"].as_array().unwrap();
    let parameters = parameters.iter().map(|parameter| parameter["name"].as_str().unwrap());
    let types = schema("Problem")["properties"]["type"]["enum"].as_array().unwrap().iter();
    let types = types.map(|kind| kind.as_str().unwrap().trim_start_matches("/problems/"));
    let members = ["SearchAnswer", "QueryReading", "QueryProblem", "Suggestion", "WordReading", "PatternReading"];
    let members = members.iter().flat_map(|name| schema(name)["properties"].as_object().unwrap().keys());
    let is_missing = |name: &&str| !named.contains(name);
    let missing: Vec<&str> = parameters.chain(types).chain(members.map(String::as_str)).filter(is_missing).collect();
    assert!(missing.is_empty(), "not in docs/api.md: {missing:?}");
}

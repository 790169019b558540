//! Tests what happens to dropped lines and duplicate pages: nothing disappears silently.

use treff::index::{self, update};
use treff::search;

use crate::{CommandOutput, PLAIN, TestEnv, answers, answers_with, options};

const OWN: [&str; 3] = [
    "Kommunen har plikt til å sørge for et forsvarlig tilbud til alle barn.",
    "Loven skal sikre at elevene får den opplæringen som de har krav på.",
    "Rapporten viser at tjenestene samarbeider mer enn før om utsatte unge.",
];
const FOOTER: &str = "Våre tjenester\n\nFinn ansatte\n\nÅpningstider i barnehagene";

/// Writes three pages, each with a different line above the footer that they share.
fn write(env: &TestEnv, footer: &str) {
    for (number, own) in OWN.iter().enumerate() {
        env.write(&format!("pages/{number}.txt"), format!("Side {number}\n\n{own}\n\n{footer}"));
    }
}

fn site() -> TestEnv {
    let env = TestEnv::empty();
    write(&env, FOOTER);
    env.run(&["index", "pages"]).exits(0);
    env
}

#[test]
fn boilerplate_can_be_searched_and_is_marked() {
    let env = site();
    env.run(&["search", "ansatt"]).exits(1);
    let ran = env.run(&["search", "--with-boilerplate", "ansatt"]).exits(0);
    assert_eq!(ran.prints("dropped as boilerplate").stdout.matches("Finn ansatte").count(), 3);
    let hits = env.run(&["search", "--with-boilerplate", "--json", "ansatt"]).hits();
    assert!(hits.len() == 3 && hits.iter().all(|hit| hit["boilerplate"] == true && hit["line"] == 7), "{hits:?}");
    let mark = &hits[0]["marks"][0];
    assert_eq!(&hits[0]["snippet"].as_str().unwrap()[mark[0].as_u64().unwrap() as usize..], "ansatte");
    // Phrases, exclusions and compound components also match in boilerplate.
    let found = |query: &str| env.run(&["search", "--with-boilerplate", "--json", "--", query]).hits().len();
    assert_eq!(found("\"finn ansatte\""), 3);
    assert_eq!(found("\"ansatte finn\""), 0);
    assert_eq!(found("ansatt -tjeneste"), 0);
    assert_eq!(found("hage"), 3);
    // Content and boilerplate are ranked in one list, and content is not marked.
    let hits = env.run(&["search", "--with-boilerplate", "--json", "tjenestene"]).hits();
    assert_eq!(hits.iter().filter(|hit| hit.get("boilerplate").is_none()).count(), 1);
    assert_eq!(hits.len(), 4);
    // `show` with the id of such a hit prints the boilerplate.
    let id = hits.iter().find(|hit| hit["boilerplate"] == true).unwrap()["id"].as_str().unwrap();
    env.run(&["show", id]).exits(0).prints(">    7  Finn ansatte").prints("     3  ");
    let page = env.run(&["show", "pages/0.txt:3"]).exits(0);
    assert!(!page.stdout.contains("Finn ansatte"));
}

#[test]
fn results_are_the_same_with_and_without_stored_boilerplate() {
    let (with, without) = (site(), TestEnv::empty());
    write(&without, "");
    without.run(&["index", "pages"]).exits(0);
    let queries =
        ["tjenester", "barn", "ansatte", "ansate", "åpningstid", "kommunen -barn", "\"finn ansatte\"", "side"];
    let of = |env: &TestEnv| {
        let index = index::open(&env.path("index")).unwrap();
        // The results differ only in the folder of the pages.
        let here = env.path("").display().to_string();
        answers(&index, &queries).iter().map(|line| line.replace(&here, "")).collect::<Vec<_>>()
    };
    assert_eq!(of(&with), of(&without));
    assert!(of(&with).len() > queries.len() + 5);
}

#[test]
fn keep_all_lasts_until_the_index_is_rebuilt() {
    let env = site();
    env.run(&["index", "--keep-all"]).exits(0).prints("3 cleaned again").prints(" 0 lines dropped");
    assert_eq!(env.places("ansatt").len(), 3);
    env.write("pages/3.txt", format!("Side 3\n\nSkolen melder fra når den er bekymret for et barn.\n\n{FOOTER}"));
    env.run(&["index"]).exits(0).prints("1 added");
    assert_eq!(env.places("ansatt").len(), 4);
    env.run(&["--index", "fresh", "index", "--keep-all", "pages"]).exits(0);
    let all = |index: &str| answers(&index::open(&env.path(index)).unwrap(), &["ansatt", "barn", "side", "tjeneste"]);
    assert_eq!(all("index"), all("fresh"));
    env.run(&["status"]).exits(0).prints("built with --keep-all");
    env.run(&["clean", "--explain", "pages/0.txt"]).exits(0).prints("kept because the index keeps all lines");
    // Rebuilding an index of another format preserves the setting.
    let head = env.path("index/treff.json");
    let mut fields: serde_json::Value = serde_json::from_slice(&std::fs::read(&head).unwrap()).unwrap();
    fields["format"] = 0.into();
    // The head file of such an old format has no checksum.
    fields.as_object_mut().unwrap().remove("checksum").expect("a checksum");
    std::fs::write(&head, fields.to_string()).unwrap();
    assert_eq!(env.places("ansatt").len(), 4);
    env.run(&["index", "--rebuild"]).exits(0);
    env.run(&["ansatt"]).exits(1);
    assert!(!env.run(&["status"]).stdout.contains("built with --keep-all"));
}

#[test]
fn a_line_dropped_by_a_user_rule_is_not_the_title() {
    let env = TestEnv::empty();
    env.write("a.txt", format!("Rapport A\n\n12.03.2018 | Ipsos\n\n{}\n", OWN[0]));
    env.run(&["clean", "--explain", "a.txt"]).exits(0).prints("title      Rapport A");
    env.write("index/rules.txt", "drop: rapport *\n");
    env.run(&["clean", "--explain", "a.txt"]).exits(0).prints("title      -");
}

#[test]
fn user_rules_override_all_other_rules() {
    let env = site();
    env.write("index/rules.txt", "# mine\nkeep: finn *\nsite: pages/1.txt\ndrop: Loven *\n");
    env.run(&["status"]).exits(0).prints("changed since the last update: rules.txt; run `treff index`");
    env.run(&["index"]).exits(0).prints("3 cleaned again");
    env.run(&["status"]).exits(0).prints("up to date");
    assert_eq!(env.places("ansatt").len(), 3);
    env.run(&["elevene"]).exits(1);
    let explained = env.run(&["clean", "--explain", "pages/1.txt"]).exits(0);
    explained.prints("kept by line 2 of rules.txt").prints("dropped by line 4 of rules.txt");
    env.run(&["index"]).exits(0).prints("nothing changed");
    // Only pages to which a changed rule applies are cleaned again.
    env.write("index/rules.txt", "keep: finn *\n");
    env.run(&["index"]).exits(0).prints("(1 cleaned again)");
    assert_eq!(env.places("elevene").len(), 1);
    std::fs::remove_file(env.path("index/rules.txt")).unwrap();
    env.run(&["index"]).exits(0).prints("3 cleaned again");
    env.run(&["ansatt"]).exits(1);
    let check = |rules: &[u8], message: &str| {
        env.write("index/rules.txt", rules);
        env.run(&["index"]).exits(2).says("index/rules.txt").says(message);
        env.run(&["clean", "pages/1.txt"]).exits(2).says(message);
    };
    check(b"keep: a\nFinn ansatte\n", "rules.txt:2: not a rule; write `keep: LINE`");
    check(b"keep:\n", "rules.txt:1: no text after `keep:`");
    check(b"keep: b\xf8rn\n", "UTF-8");
    // The rules also apply to the first build, and to `treff clean` if there is no index.
    let env = TestEnv::empty();
    write(&env, FOOTER);
    env.write("index/rules.txt", "drop: rapporten *\n");
    env.run(&["clean", "--explain", "pages/2.txt"]).exits(0).prints("dropped by line 1 of rules.txt");
    env.run(&["index", "pages"]).exits(0);
    env.run(&["rapporten"]).exits(1);
    env.run(&["index", "--rebuild"]).exits(0);
    env.run(&["rapporten"]).exits(1);
}

fn mostly_menu(number: usize, own: &str) -> String {
    let menu: Vec<String> = (0..20).map(|line| format!("Tjeneste nummer {line} her")).collect();
    format!("{}\n\n{own} {number}.\n", menu.join("\n"))
}

#[test]
fn warns_about_pages_that_lose_most_of_their_words() {
    let env = TestEnv::empty();
    for (number, own) in OWN.iter().enumerate() {
        env.write(&format!("pages/{number}.txt"), mostly_menu(number, own));
    }
    let message =
        "pages/1.txt: 80 words dropped as boilerplate, 14 kept; to see why, run `treff clean --explain pages/1.txt`";
    let ran = env.run(&["index", "pages"]).exits(0).says(message);
    assert_eq!(ran.stderr.lines().count(), 3);
    env.run(&["status"]).exits(0).prints("3 pages with more than half of the words dropped");
    // The warning is not repeated until the page is cleaned again.
    assert_eq!(env.run(&["index"]).exits(0).stderr, "");
    let many = TestEnv::empty();
    for number in 0..25 {
        many.write(&format!("pages/{number}.txt"), mostly_menu(number, &format!("Egen setning{number} {}", OWN[0])));
    }
    let ran = many.run(&["index", "pages"]).exits(0).says("… and 5 more pages");
    assert_eq!(ran.stderr.lines().count(), 21);
}

#[test]
fn does_not_warn_about_lines_that_the_markup_excludes() {
    let env = TestEnv::empty();
    let links: String = (0..100).map(|number| format!("<li><a href=\"/\">Tjeneste {number}</a></li>")).collect();
    env.write("page.html", format!("<nav><ul>{links}</ul></nav><h1>Side</h1><p>{}</p>", OWN[0]));
    assert_eq!(env.run(&["index", "page.html"]).exits(0).stderr, "");
}

#[test]
fn status_lists_pages_without_content() {
    let env = site();
    env.write("pages/empty.txt", "Meny\nSøk\nLogg inn\n");
    env.run(&["index"]).exits(0);
    env.run(&["status"]).exits(0).prints("1 page without content:").prints("pages/empty.txt");
}

#[test]
fn copies_of_a_page_are_one_hit_with_all_locations() {
    let env = TestEnv::empty();
    let record = |id: &str| serde_json::json!({"id": id, "title": "Plikten", "url": format!("https://{id}.no/"), "text": OWN[0]});
    env.write("p.jsonl", format!("{}\n{}\n{}\n", record("b"), record("a"), record("c")));
    env.run(&["index", "p.jsonl"]).exits(0).prints("3 pages (3 added), 2 copies of other pages, 1 passage,");
    let ran = env.run(&["forsvarlig"]).exits(0).prints("#a").prints("also at https://b.no/, https://c.no/");
    assert_eq!(ran.stdout.matches("forsvarlig").count(), 1);
    let hits = env.run(&["search", "--json", "forsvarlig"]).hits();
    assert_eq!(hits.len(), 1);
    assert_eq!(hits[0]["url"], "https://a.no/");
    assert_eq!(hits[0]["copies"][0], serde_json::json!({"path": "p.jsonl", "record": "b", "url": "https://b.no/"}));
    env.run(&["status"]).exits(0).prints("2 copies of other pages");
    // `treff show` accepts the location of a copy, too.
    env.run(&["show", "p.jsonl:1"]).exits(0).prints("forsvarlig").prints("#a");
}

/// A page of 100 words. Such pages differ only in the last word.
fn near_duplicate(own: &str) -> String {
    let words: Vec<String> = (0..99).map(|number| format!("ord{number}")).collect();
    format!("{} {own}.", words.join(" "))
}

#[test]
fn near_duplicates_are_counted_under_the_best_hit() {
    let env = TestEnv::empty();
    for own in ["en", "to", "tre", "fire"] {
        env.write(&format!("pages/{own}.txt"), near_duplicate(own));
    }
    env.write("pages/other.txt", format!("Noe helt annet om ord5. {}", OWN[1]));
    env.run(&["index", "pages"]).exits(0).prints("5 passages");
    let hits = env.run(&["search", "--json", "ord5"]).hits();
    assert_eq!(hits.len(), 2, "{hits:?}");
    let similar = hits.iter().find_map(|hit| hit["similar"].as_array()).unwrap();
    assert_eq!(similar.len(), 3);
    env.run(&["ord5"]).exits(0).prints("3 similar pages not shown; see --similar");
    assert_eq!(env.run(&["search", "--similar", "--json", "ord5"]).hits().len(), 5);
    // Each is a hit for the word that only it contains.
    assert_eq!(env.places("tre"), ["tre.txt:1"]);
    // Two searches with a limit of one hit return, together, the same hits as one search for all.
    let ids = |args: &[&str]| -> Vec<String> {
        let hits = env.run(&[&["search", "--json"], args, &["ord5"]].concat()).hits();
        hits.iter().map(|hit| format!("{} {}", hit["rank"], hit["id"])).collect()
    };
    assert_eq!([ids(&["-n", "1"]), ids(&["-n", "1", "--offset", "1"])].concat(), ids(&[]));
}

#[test]
fn hits_of_one_page_are_not_collapsed() {
    let env = TestEnv::empty();
    let passage = |begin: usize| (begin..begin + 60).map(|number| format!("ord{number}")).collect::<Vec<_>>().join(" ");
    env.write("pages/a.txt", format!("{} samme.\n\n{} samme.", passage(0), passage(100)));
    env.write("pages/b.txt", format!("{} samme.\n\n{} samme. Her.", passage(0), passage(100)));
    env.run(&["index", "pages"]).exits(0).prints("4 passages");
    let hits = env.run(&["search", "--json", "samme"]).hits();
    assert_eq!(hits.len(), 2);
    assert!(hits.iter().all(|hit| hit["path"] == hits[0]["path"]), "{hits:?}");
    assert_eq!(hits.iter().filter_map(|hit| hit["similar"].as_array()).flatten().count(), 1);
}

#[test]
fn a_boilerplate_search_finds_the_typed_word_without_correcting_it() {
    let env = TestEnv::empty();
    write(&env, "Okonomi og regnskap\n\nFinn ansatte");
    env.write("pages/3.txt", "Side 3\n\nØkonomi er et fag som alle i skolen må lære seg noe om.");
    env.run(&["index", "pages"]).exits(0);
    let found = index::open(&env.path("index")).unwrap();
    let with = search::SearchOptions { with_boilerplate: true, ..PLAIN };
    assert_eq!(answers_with(&found, "okonomi", &with).len(), 4);
    let _: CommandOutput = env.run(&["search", "--with-boilerplate", "okonomi"]).exits(0).prints("Okonomi");
    // An update in this process succeeds, too.
    update(&options(&env.path("index"), &[env.path("pages")])).unwrap();
}

#[test]
fn status_lists_a_page_with_nothing_but_a_title() {
    let env = TestEnv::empty();
    env.write(
        "p/menu.html",
        "<title>Bare meny</title><nav><a href=/>Forsiden</a> <a href=/b>Meny</a></nav><form>Søk</form>",
    );
    env.write("p/side.html", format!("<title>Side</title><p>{}</p>", OWN[0]));
    env.run(&["index", "p"]).exits(0);
    env.run(&["status"]).exits(0).prints("1 page without content:").prints("p/menu.html");
}

#[test]
fn hits_have_marks_in_the_lines_of_the_source() {
    let env = TestEnv::empty();
    let long = "Ord for ord for ord uten mening her. ".repeat(40);
    env.write(
        "pages/a.txt",
        format!("Tittel\n\n  \t• Barna har taus\u{ad}hets\u{ad}plikt.\n\n{long}Noe om taushetsplikt."),
    );
    env.write("pages/b.html", "<h1>Tittel</h1><p>Barna har taushetsplikt i alle saker som er her.</p>");
    env.write("pages/c.jsonl", "{\"title\":\"Om plikt\",\"text\":\"Først dette.\\n\\nSå taushetsplikt.\"}\n");
    env.run(&["index", "pages"]).exits(0);
    let hits = env.run(&["search", "--json", "taushetsplikt"]).exits(0).hits();
    let marks = |line: u64| {
        let hit = hits.iter().find(|hit| hit["path"] == "pages/a.txt" && hit["page_marks"][0][0] == line).unwrap();
        (hit["page_marks"].to_string(), hit["snippet"].as_str().unwrap().to_string())
    };
    let source = std::fs::read_to_string(env.path("pages/a.txt")).unwrap();
    assert_eq!(marks(3), ("[[3,17,34]]".to_string(), "Barna har taushetsplikt.".to_string()));
    assert_eq!(source.lines().nth(2).unwrap().get(17..34), Some("taus\u{ad}hets\u{ad}plikt"));
    let end = source.lines().nth(4).unwrap().len() - 1;
    assert_eq!(marks(5).0, format!("[[5,{},{end}]]", end - "taushetsplikt".len()));
    let of = |path: &str| hits.iter().find(|hit| hit["path"] == path).unwrap()["page_marks"].to_string();
    assert_eq!(of("pages/b.html"), "[]");
    assert_eq!(of("pages/c.jsonl"), "[[3,4,17]]");
}

#[test]
fn search_full_marks_the_same_words_as_show() {
    let env = TestEnv::indexed();
    let full = env.run(&["--color", "always", "search", "--full", "-n1", "taushetsplikt"]).exits(0);
    let hit = &env.run(&["search", "--json", "--full", "-n1", "taushetsplikt"]).exits(0).hits()[0];
    let id = hit["id"].as_str().unwrap();
    let shown = env.run(&["--color", "always", "show", id, "taushetsplikt"]).exits(0);
    let marked = |text: &str| text.matches("\x1b[1;31mtaushetsplikt\x1b[0m").count();
    assert!(marked(&shown.stdout) > 0, "{shown:?}");
    assert_eq!(marked(&shown.stdout), marked(&full.stdout));
    assert_eq!(hit["snippet"], hit["passage"].as_str().unwrap());
    let short = env.run(&["search", "--json", "--snippet-chars", "40", "taushetsplikt"]).exits(0).hits();
    assert!(short.iter().all(|hit| hit["snippet"].as_str().unwrap().chars().count() <= 42), "{short:?}");
}

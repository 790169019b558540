//! Property tests: an index updated step by step answers every query like one built from scratch from the same files.

use std::path::{Path, PathBuf};
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::Config;

use treff::index;
use treff::search;

use crate::{PLAIN, TestEnv, answers, answers_in, answers_with, set_age, update};

const PROSE: [&str; 9] = [
    "Kommunen har plikt til å sørge for et forsvarlig tilbud til alle barn og unge.",
    "Loven skal sikre at elevene får den opplæringen som de har krav på.",
    "Rapporten viser at tjenestene samarbeider mer enn før om utsatte unge.",
    "Kommunane skal gi born og unge eit tilbod som er tilpassa kvar einskild.",
    "Skolen og barnehagen melder fra når de er bekymret for et barn.",
    "Undersøkelsen ble gjennomført høsten 2019 for Barne-, ungdoms- og familiedirektoratet.",
    "Tjenestene mangler ofte rutiner for å dele opplysninger med Bufdir.",
    "Foreldrene forteller at de må fortelle den samme historien mange ganger.",
    "Dette nettstedet bruker informasjonskapsler for å gi deg en bedre opplevelse av det.",
];
const TITLES: [&str; 4] = ["Samarbeid om barn", "Barn og unge", "Skolen i kommunen", "Hovedfunn"];
const HEADINGS: [&str; 3] = ["Hovedfunn", "Om undersøkelsen", "Les også"];
// None of these is an interface phrase, so only the site template drops them.
const MENU: [&str; 4] = ["Våre tjenester", "Finn ansatte", "Åpningstider i kommunen", "Ledige stillinger 12"];
const SHARE_LINES: [&str; 3] = ["Send til kollega", "Legg i permen", "Bestill på papir"];
const FOOTER: [&str; 3] = ["Redaktør Kari Nordmann", "Besøksadresse Storgata 1", PROSE[8]];

const QUERIES: [&str; 23] = [
    "kommunen",
    "barn og unge",
    "tjenester",
    "\"våre tjenester\"",
    "redaktør",
    "skolen -barnehagen",
    "informasjonskapsler",
    "born tilbod",
    "hovedfunn",
    "2019 undersøkelsen",
    "papir kollega permen",
    "\"Samarbeid om barn\" rapporten",
    "Bufdir",
    "Barne-, ungdoms- og familiedirektoratet kommunen",
    "\"barn og unge\" bufdir opplæringsplikt",
    "kommunen AND (barn OR skolen) NOT rapporten",
    "=\"barn og unge\" =skolen",
    "\"tilbud barn\"~5 OR \"skolen barn\"~9",
    "samarb* *skap*",
    "rapprten~ kommun*",
    "title:barn date:2018..2020",
    "lang:nb -rapporten",
    "path:pages/* AND NOT barn",
];

/// Two indexes in the same folder, so that they store the same paths: one updated, one rebuilt.
struct IndexPair {
    env: TestEnv,
    clock: u64,
}

impl IndexPair {
    fn new() -> IndexPair {
        let env = TestEnv::empty();
        std::fs::create_dir(env.path("pages")).unwrap();
        IndexPair { env, clock: 0 }
    }

    /// Writes a file with a unique modification time in the distant past, so that an update reads only changed files.
    fn write(&mut self, name: &str, content: &str) {
        self.env.write(name, content);
        self.clock += 1;
        set_age(&self.env.path(name), Duration::from_secs(1_000_000 - self.clock));
    }

    fn remove(&self, name: &str) {
        let _ = std::fs::remove_file(self.env.path(name));
    }

    fn update(&self) -> treff::index::UpdateReport {
        update(&self.env.path("index-a"), &[self.env.path("pages")])
    }

    fn hit_count(&self, query: &str) -> usize {
        answers_in(&self.env.path("index-a"), &[query]).len() - 2
    }

    #[track_caller]
    fn check(&self) {
        let (updated, rebuilt) = (self.env.path("index-a"), self.env.path("index-b"));
        let _ = std::fs::remove_dir_all(&rebuilt);
        std::fs::create_dir(&rebuilt).unwrap();
        let _ = std::fs::copy(updated.join("rules.txt"), rebuilt.join("rules.txt"));
        update(&rebuilt, &[self.env.path("pages")]);
        let all = |index: &Path| {
            let index = index::open(index).unwrap();
            let everything = search::SearchOptions { with_boilerplate: true, with_similar: true, ..PLAIN };
            let with_everything = QUERIES.iter().flat_map(|text| answers_with(&index, text, &everything));
            let copies = format!("{} copies", index.copies);
            answers(&index, &QUERIES).into_iter().chain(with_everything).chain([copies]).collect::<Vec<_>>()
        };
        let (updated, rebuilt) = (all(&updated), all(&rebuilt));
        for (one, other) in updated.iter().zip(&rebuilt) {
            assert_eq!(one, other, "left: the updated index; right: the rebuilt one");
        }
        assert_eq!(updated.len(), rebuilt.len());
    }
}

#[derive(Clone, Debug)]
struct PageText {
    menu: u8,
    title: usize,
    day: Option<u32>,
    paragraphs: Vec<usize>,
    heading: Option<usize>,
    has_share_lines: bool,
    footer: u8,
}

impl PageText {
    fn text(&self) -> String {
        let chosen = |mask: u8, lines: &[&str]| -> Vec<String> {
            let lines = lines.iter().enumerate().filter(|(index, _)| mask >> index & 1 == 1);
            lines.map(|(_, line)| line.to_string()).collect()
        };
        let mut lines = chosen(self.menu, &MENU);
        lines.push(format!("\n{}\n", TITLES[self.title]));
        lines.extend(self.day.map(|day| format!("{day:02}.03.2019 | Rapport fra Ipsos\n")));
        for (index, paragraph) in self.paragraphs.iter().enumerate() {
            if index == 1 {
                lines.extend(self.heading.map(|heading| format!("{}\n", HEADINGS[heading])));
                lines.extend(chosen(if self.has_share_lines { 7 } else { 0 }, &SHARE_LINES));
            }
            lines.push(format!("{}\n", PROSE[*paragraph]));
        }
        lines.extend(chosen(self.footer, &FOOTER));
        lines.join("\n")
    }
}

#[derive(Clone, Debug)]
struct Record {
    id: Option<u8>,
    host: Option<u8>,
    page: PageText,
}

#[derive(Clone, Debug)]
enum Step {
    Write(usize, PageText),
    WriteRecords(usize, Vec<Record>),
    Remove(usize),
    Rename(usize, usize),
    Copy(usize, usize),
    /// Sets the modification time to now, as if the file had been edited during the update. A later edit within the
    /// resolution of the clock would leave the time unchanged.
    Touch(usize),
    Rules(usize),
}

const RULES: [&str; 4] = [
    "# none",
    "keep: våre *\ndrop: hovedfunn",
    "keep: ledige *\nsite: pages/a\ndrop: Skolen og *",
    "site: h0.no\ndrop: kommun*\nkeep: *",
];
const FILES: [&str; 8] = ["a/0.txt", "a/1.txt", "a/2.txt", "a/3.txt", "b/0.txt", "b/1.txt", "b/2.md", "c.txt"];
const RECORD_FILES: [&str; 2] = ["a/r.jsonl", "b/r.jsonl"];

fn page_text() -> impl Strategy<Value = PageText> {
    // Often the whole menu and footer, so that pages share a template.
    let mask = |all: u8| prop_oneof![3 => Just(all), 2 => Just(0), 1 => 0..=all];
    let paragraphs = proptest::collection::vec(0..PROSE.len(), 0..7);
    let heading = proptest::option::of(0..HEADINGS.len());
    (mask(15), 0..TITLES.len(), proptest::option::of(1..29u32), paragraphs, heading, any::<bool>(), mask(7)).prop_map(
        |(menu, title, day, paragraphs, heading, has_share_lines, footer)| PageText {
            menu,
            title,
            day,
            paragraphs,
            heading,
            has_share_lines,
            footer,
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let record = (proptest::option::of(0..4u8), proptest::option::of(0..2u8), page_text())
        .prop_map(|(id, host, page)| Record { id, host, page });
    let file = || 0..FILES.len();
    prop_oneof![
        5 => (file(), page_text()).prop_map(|(file, page)| Step::Write(file, page)),
        3 => (0..RECORD_FILES.len(), proptest::collection::vec(record, 0..5)).prop_map(|(file, records)| Step::WriteRecords(file, records)),
        2 => (0..FILES.len() + RECORD_FILES.len()).prop_map(Step::Remove),
        2 => (file(), file()).prop_map(|(from, to)| Step::Rename(from, to)),
        2 => (file(), file()).prop_map(|(from, to)| Step::Copy(from, to)),
        1 => file().prop_map(Step::Touch),
        1 => (0..RULES.len()).prop_map(Step::Rules),
    ]
}

fn apply(pair: &mut IndexPair, step: &Step) {
    let name = |file: usize| format!("pages/{}", FILES.iter().chain(&RECORD_FILES).nth(file).unwrap());
    match step {
        Step::Write(file, page) => pair.write(&name(*file), &page.text()),
        Step::WriteRecords(file, records) => {
            let line = |record: &Record| {
                let mut json = serde_json::json!({"text": record.page.text(), "title": TITLES[record.page.title]});
                if let Some(id) = record.id {
                    json["id"] = id.into();
                }
                if let Some(host) = record.host {
                    json["url"] = format!("https://www.h{host}.no/{:?}", record.id).into();
                }
                json.to_string()
            };
            let lines: Vec<String> = records.iter().map(line).collect();
            pair.write(&name(FILES.len() + file), &lines.join("\n"));
        }
        Step::Remove(file) => pair.remove(&name(*file)),
        Step::Rename(from, to) => drop(std::fs::rename(pair.env.path(&name(*from)), pair.env.path(&name(*to)))),
        Step::Copy(from, to) => {
            if let Ok(text) = std::fs::read_to_string(pair.env.path(&name(*from))) {
                pair.write(&name(*to), &text);
            }
        }
        Step::Rules(rules) => pair.env.write("index-a/rules.txt", RULES[*rules]),
        Step::Touch(file) => {
            let path = pair.env.path(&name(*file));
            if path.exists() {
                set_age(&path, Duration::ZERO);
            }
        }
    }
}

proptest! {
    #![proptest_config(Config { cases: 24, failure_persistence: None, ..Config::default() })]

    #[test]
    fn updated_index_equals_rebuilt_index(initial in proptest::collection::vec(step(), 1..12), updates in proptest::collection::vec(proptest::collection::vec(step(), 1..5), 1..6)) {
        let mut pair = IndexPair::new();
        for step in &initial {
            apply(&mut pair, step);
        }
        pair.update();
        for steps in &updates {
            for step in steps {
                apply(&mut pair, step);
            }
            pair.update();
        }
        pair.check();
    }
}

fn page(menu: &[&str], title: &str, prose: &[usize]) -> String {
    let prose: Vec<&str> = prose.iter().map(|index| PROSE[*index]).collect();
    format!("{}\n\n{title}\n\n{}\n", menu.join("\n"), prose.join("\n\n"))
}

#[test]
fn a_third_page_makes_shared_lines_a_template() {
    let mut pair = IndexPair::new();
    pair.write("pages/1.txt", &page(&MENU, "Samarbeid om barn", &[0, 1]));
    pair.update();
    assert_eq!(pair.hit_count("\"Finn ansatte\""), 1);
    pair.check();
    // Two pages may share lines by chance.
    pair.write("pages/2.txt", &page(&MENU, "Skolen i kommunen", &[4, 5]));
    pair.update();
    assert_eq!(pair.hit_count("\"Finn ansatte\""), 2);
    pair.check();
    pair.write("pages/3.txt", &page(&MENU, "Barn og unge", &[2]));
    let report = pair.update();
    assert_eq!((report.added, report.changed, report.cleaned_again), (1, 0, 2));
    assert_eq!(pair.hit_count("\"Finn ansatte\""), 0);
    pair.check();
    pair.remove("pages/3.txt");
    let report = pair.update();
    assert_eq!((report.removed, report.changed, report.cleaned_again), (1, 0, 2));
    assert_eq!(pair.hit_count("\"Finn ansatte\""), 2);
    pair.check();
}

#[test]
fn template_changes_when_a_site_crosses_the_small_site_limit() {
    let mut pair = IndexPair::new();
    let numbers = ["null", "en", "to", "tre", "fire", "fem", "seks", "sju", "åtte", "ni", "ti"];
    let own = |index: usize| {
        let word = format!("{}{}", numbers[index % 11], numbers[index / 11]);
        format!("Avsnittet handler om {word} og om hva kommunen gjør med {word} til daglig.")
    };
    let write = |pair: &mut IndexPair, index: usize| {
        // A paragraph that is on two pages is part of the template only on a small site.
        let menu: &[&str] = if index < 2 { &MENU[..2] } else { &MENU[2..] };
        let text = format!("{}\n\nSide {index}\n\n{}\n", menu.join("\n\n"), own(index));
        pair.write(&format!("pages/{index}.md"), &text);
    };
    for index in 0..18 {
        write(&mut pair, index);
    }
    pair.update();
    pair.check();
    assert_eq!(pair.hit_count("\"Finn ansatte\""), 0);
    for index in 18..23 {
        write(&mut pair, index);
        pair.update();
    }
    pair.check();
    assert_eq!(pair.hit_count("\"Finn ansatte\""), 2);
    for index in [5, 9, 22, 18, 7] {
        pair.remove(&format!("pages/{index}.md"));
        pair.update();
    }
    pair.check();
    assert_eq!(pair.hit_count("\"Finn ansatte\""), 0);
}

#[test]
fn cleaning_again_uses_the_first_record_with_an_id() {
    let mut pair = IndexPair::new();
    let record = |id: &str, prose: &[usize]| {
        serde_json::json!({"id": id, "url": "https://a.no/", "text": page(&MENU, "Samarbeid om barn", prose)})
            .to_string()
    };
    pair.write("pages/one.jsonl", &format!("{}\n{}\n", record("a", &[0]), record("a", &[1])));
    pair.update();
    pair.check();
    pair.write("pages/two.jsonl", &record("b", &[5]));
    let report = pair.update();
    assert_eq!((report.added, report.cleaned_again), (1, 1));
    pair.check();
}

#[test]
fn order_of_added_roots_does_not_matter() {
    let mut pair = IndexPair::new();
    for (index, folder) in ["a", "b", "c"].iter().enumerate() {
        pair.write(&format!("pages/{folder}/1.txt"), &page(&MENU, TITLES[index], &[index, index + 3]));
    }
    let folder = |name: &str| -> Vec<PathBuf> { vec![pair.env.path(name)] };
    for name in ["pages/c", "pages/a/1.txt", "pages/b", "pages/a", "pages"] {
        update(&pair.env.path("index-a"), &folder(name));
    }
    pair.check();
}

/// Passages of many lengths, more than fit into one block of postings, in segments of different sizes.
#[test]
fn results_do_not_depend_on_segments() {
    let mut pair = IndexPair::new();
    let records = |from: usize, to: usize, words: usize| -> String {
        let record = |number: usize| {
            let filler = "ord ".repeat(1 + (number * 7) % words);
            format!("{{\"id\":\"{number}\",\"text\":\"kommunen {filler} barn og unge {number}\"}}\n")
        };
        (from..to).map(record).collect()
    };
    pair.write("pages/short.jsonl", &records(0, 2000, 10));
    pair.update();
    pair.write("pages/long.jsonl", &records(2000, 2400, 150));
    pair.update();
    assert_eq!(pair.hit_count("kommunen"), 50, "limited to 50 hits");
    pair.check();
    pair.write("pages/short.jsonl", &records(0, 1500, 12));
    pair.update();
    pair.check();
}

#[test]
fn unreadable_page_stays_indexed_when_its_site_changes() {
    let mut pair = IndexPair::new();
    let page = |own: &str| format!("Våre tjenester\nFinn ansatte\nLedige stillinger\n\n{own}");
    pair.write("pages/a/1.txt", &page(PROSE[0]));
    pair.write("pages/a/2.txt", &page(PROSE[1]));
    pair.update();
    assert_eq!(pair.hit_count("kommunen"), 1);
    std::fs::write(pair.env.path("pages/a/1.txt"), [0u8; 100]).unwrap();
    pair.write("pages/a/3.txt", &page(PROSE[2]));
    pair.write("pages/a/4.txt", &page(PROSE[4]));
    let report = pair.update();
    assert_eq!(report.problems.len(), 1, "{:?}", report.problems);
    assert_eq!(pair.hit_count("kommunen"), 1, "the indexed version of the page is kept");
}

#[test]
fn updates_reconsider_which_copy_is_indexed() {
    let mut pair = IndexPair::new();
    let text = page(&MENU, "Samarbeid om barn", &[0, 1]);
    let paths = |pair: &IndexPair| -> Vec<String> {
        let answers = answers_in(&pair.env.path("index-a"), &["opplæringen"]);
        let hits = answers[2..].iter().map(|hit| serde_json::from_str::<serde_json::Value>(hit).unwrap());
        let name = |page: &serde_json::Value| page["path"].as_str().unwrap().rsplit('/').next().unwrap().to_string();
        hits.flat_map(|hit| {
            let copies: Vec<String> = hit["copies"].as_array().into_iter().flatten().map(name).collect();
            std::iter::once(name(&hit)).chain(copies).collect::<Vec<_>>()
        })
        .collect()
    };
    pair.write("pages/b.txt", &text);
    pair.update();
    assert_eq!(paths(&pair), ["b.txt"]);
    // A copy that sorts before it, and one that sorts after it and has no menu.
    pair.write("pages/a.txt", &text);
    pair.write("pages/c.txt", &page(&[], "Samarbeid om barn", &[0, 1]));
    pair.write("pages/d.txt", &page(&MENU, "Skolen i kommunen", &[4, 5]));
    pair.write("pages/e.txt", &page(&MENU, "Tilsyn i kommunen", &[3]));
    assert_eq!(pair.update().copies, 2);
    assert_eq!(paths(&pair), ["a.txt", "b.txt", "c.txt"]);
    pair.check();
    // The first is removed and the second changes: the third, which didn't change, becomes the indexed one.
    pair.remove("pages/a.txt");
    pair.write("pages/b.txt", &page(&MENU, "Barn og unge", &[2]));
    assert_eq!(pair.update().copies, 0);
    assert_eq!(paths(&pair), ["c.txt"]);
    pair.check();
    pair.write("pages/a.txt", &text);
    assert_eq!(pair.update().copies, 1);
    assert_eq!(paths(&pair), ["a.txt", "c.txt"]);
    pair.check();
    pair.remove("pages/c.txt");
    pair.update();
    assert_eq!(paths(&pair), ["a.txt"]);
    pair.check();
}

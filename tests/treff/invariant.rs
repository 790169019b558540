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
// None of these is a known interface phrase, so that only the site template drops them.
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
struct Twins {
    env: TestEnv,
    clock: u64,
}

impl Twins {
    fn new() -> Twins {
        let env = TestEnv::empty();
        std::fs::create_dir(env.path("pages")).unwrap();
        Twins { env, clock: 0 }
    }

    /// Each write gets its own modification time, long ago, so that an update reads only changed files.
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
    /// Sets the modification time to now, as if the file was edited during the update: its time may not change with the
    /// next edit.
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
const RECORDS: [&str; 2] = ["a/r.jsonl", "b/r.jsonl"];

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
        3 => (0..RECORDS.len(), proptest::collection::vec(record, 0..5)).prop_map(|(file, records)| Step::WriteRecords(file, records)),
        2 => (0..FILES.len() + RECORDS.len()).prop_map(Step::Remove),
        2 => (file(), file()).prop_map(|(from, to)| Step::Rename(from, to)),
        2 => (file(), file()).prop_map(|(from, to)| Step::Copy(from, to)),
        1 => file().prop_map(Step::Touch),
        1 => (0..RULES.len()).prop_map(Step::Rules),
    ]
}

fn apply(twins: &mut Twins, step: &Step) {
    let name = |file: usize| format!("pages/{}", FILES.iter().chain(&RECORDS).nth(file).unwrap());
    match step {
        Step::Write(file, page) => twins.write(&name(*file), &page.text()),
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
            twins.write(&name(FILES.len() + file), &lines.join("\n"));
        }
        Step::Remove(file) => twins.remove(&name(*file)),
        Step::Rename(from, to) => drop(std::fs::rename(twins.env.path(&name(*from)), twins.env.path(&name(*to)))),
        Step::Copy(from, to) => {
            if let Ok(text) = std::fs::read_to_string(twins.env.path(&name(*from))) {
                twins.write(&name(*to), &text);
            }
        }
        Step::Rules(rules) => twins.env.write("index-a/rules.txt", RULES[*rules]),
        Step::Touch(file) => {
            let path = twins.env.path(&name(*file));
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
        let mut twins = Twins::new();
        for step in &initial {
            apply(&mut twins, step);
        }
        twins.update();
        for steps in &updates {
            for step in steps {
                apply(&mut twins, step);
            }
            twins.update();
        }
        twins.check();
    }
}

fn page(menu: &[&str], title: &str, prose: &[usize]) -> String {
    let prose: Vec<&str> = prose.iter().map(|index| PROSE[*index]).collect();
    format!("{}\n\n{title}\n\n{}\n", menu.join("\n"), prose.join("\n\n"))
}

#[test]
fn a_second_page_makes_shared_lines_a_template() {
    let mut twins = Twins::new();
    twins.write("pages/1.txt", &page(&MENU, "Samarbeid om barn", &[0, 1]));
    twins.update();
    assert_eq!(twins.hit_count("\"Finn ansatte\""), 1);
    twins.check();
    twins.write("pages/2.txt", &page(&MENU, "Skolen i kommunen", &[4, 5]));
    let report = twins.update();
    assert_eq!((report.added, report.changed, report.cleaned_again), (1, 0, 1));
    assert_eq!(twins.hit_count("\"Finn ansatte\""), 0);
    twins.check();
    twins.remove("pages/2.txt");
    let report = twins.update();
    assert_eq!((report.removed, report.changed, report.cleaned_again), (1, 0, 1));
    assert_eq!(twins.hit_count("\"Finn ansatte\""), 1);
    twins.check();
}

#[test]
fn template_follows_a_site_across_the_small_site_limit() {
    let mut twins = Twins::new();
    let numbers = ["null", "en", "to", "tre", "fire", "fem", "seks", "sju", "åtte", "ni", "ti"];
    let own = |index: usize| {
        let word = format!("{}{}", numbers[index % 11], numbers[index / 11]);
        format!("Avsnittet handler om {word} og om hva kommunen gjør med {word} til daglig.")
    };
    let write = |twins: &mut Twins, index: usize| {
        // A line on two pages belongs to the template in a small site only.
        let menu: &[&str] = if index < 2 { &MENU[..2] } else { &MENU[2..] };
        let text = format!("{}\n\nSide {index}\n\n{}\n", menu.join("\n"), own(index));
        twins.write(&format!("pages/{index}.txt"), &text);
    };
    for index in 0..18 {
        write(&mut twins, index);
    }
    twins.update();
    twins.check();
    assert_eq!(twins.hit_count("\"Finn ansatte\""), 0);
    for index in 18..23 {
        write(&mut twins, index);
        twins.update();
    }
    twins.check();
    assert_eq!(twins.hit_count("\"Finn ansatte\""), 2);
    for index in [5, 9, 22, 18, 7] {
        twins.remove(&format!("pages/{index}.txt"));
        twins.update();
    }
    twins.check();
    assert_eq!(twins.hit_count("\"Finn ansatte\""), 0);
}

#[test]
fn first_record_with_an_id_is_used_when_cleaned_again() {
    let mut twins = Twins::new();
    let record = |id: &str, prose: &[usize]| {
        serde_json::json!({"id": id, "url": "https://a.no/", "text": page(&MENU, "Samarbeid om barn", prose)})
            .to_string()
    };
    twins.write("pages/one.jsonl", &format!("{}\n{}\n", record("a", &[0]), record("a", &[1])));
    twins.update();
    twins.check();
    twins.write("pages/two.jsonl", &record("b", &[5]));
    let report = twins.update();
    assert_eq!((report.added, report.cleaned_again), (1, 1));
    twins.check();
}

#[test]
fn order_of_added_roots_does_not_matter() {
    let mut twins = Twins::new();
    for (index, folder) in ["a", "b", "c"].iter().enumerate() {
        twins.write(&format!("pages/{folder}/1.txt"), &page(&MENU, TITLES[index], &[index, index + 3]));
    }
    let folder = |name: &str| -> Vec<PathBuf> { vec![twins.env.path(name)] };
    for name in ["pages/c", "pages/a/1.txt", "pages/b", "pages/a", "pages"] {
        update(&twins.env.path("index-a"), &folder(name));
    }
    twins.check();
}

/// Passages of many lengths, more than fit into one block of postings, in segments of different sizes.
#[test]
fn results_do_not_depend_on_segments() {
    let mut twins = Twins::new();
    let records = |from: usize, to: usize, words: usize| -> String {
        let record = |number: usize| {
            let filler = "ord ".repeat(1 + (number * 7) % words);
            format!("{{\"id\":\"{number}\",\"text\":\"kommunen {filler} barn og unge {number}\"}}\n")
        };
        (from..to).map(record).collect()
    };
    twins.write("pages/short.jsonl", &records(0, 2000, 10));
    twins.update();
    twins.write("pages/long.jsonl", &records(2000, 2400, 150));
    twins.update();
    assert_eq!(twins.hit_count("kommunen"), 50, "limited to 50 hits");
    twins.check();
    twins.write("pages/short.jsonl", &records(0, 1500, 12));
    twins.update();
    twins.check();
}

#[test]
fn unreadable_page_stays_indexed_when_its_site_changes() {
    let mut twins = Twins::new();
    let page = |own: &str| format!("Våre tjenester\nFinn ansatte\nLedige stillinger\n\n{own}");
    twins.write("pages/a/1.txt", &page(PROSE[0]));
    twins.write("pages/a/2.txt", &page(PROSE[1]));
    twins.update();
    assert_eq!(twins.hit_count("kommunen"), 1);
    std::fs::write(twins.env.path("pages/a/1.txt"), [0u8; 100]).unwrap();
    twins.write("pages/a/3.txt", &page(PROSE[2]));
    twins.write("pages/a/4.txt", &page(PROSE[4]));
    let report = twins.update();
    assert_eq!(report.problems.len(), 1, "{:?}", report.problems);
    assert_eq!(twins.hit_count("kommunen"), 1, "the page keeps its indexed version");
}

#[test]
fn updates_choose_the_indexed_copy_again() {
    let mut twins = Twins::new();
    let text = page(&MENU, "Samarbeid om barn", &[0, 1]);
    let paths = |twins: &Twins| -> Vec<String> {
        let answers = answers_in(&twins.env.path("index-a"), &["opplæringen"]);
        let hits = answers[2..].iter().map(|hit| serde_json::from_str::<serde_json::Value>(hit).unwrap());
        let name = |page: &serde_json::Value| page["path"].as_str().unwrap().rsplit('/').next().unwrap().to_string();
        hits.flat_map(|hit| {
            let copies: Vec<String> = hit["copies"].as_array().into_iter().flatten().map(name).collect();
            std::iter::once(name(&hit)).chain(copies).collect::<Vec<_>>()
        })
        .collect()
    };
    twins.write("pages/b.txt", &text);
    twins.update();
    assert_eq!(paths(&twins), ["b.txt"]);
    // A copy that sorts before it, and one that sorts after it and has another menu.
    twins.write("pages/a.txt", &text);
    twins.write("pages/c.txt", &page(&[], "Samarbeid om barn", &[0, 1]));
    twins.write("pages/d.txt", &page(&MENU, "Skolen i kommunen", &[4, 5]));
    assert_eq!(twins.update().copies, 2);
    assert_eq!(paths(&twins), ["a.txt", "b.txt", "c.txt"]);
    twins.check();
    // The first is removed and the second changes: the third, which didn't change, becomes the indexed one.
    twins.remove("pages/a.txt");
    twins.write("pages/b.txt", &page(&MENU, "Barn og unge", &[2]));
    assert_eq!(twins.update().copies, 0);
    assert_eq!(paths(&twins), ["c.txt"]);
    twins.check();
    twins.write("pages/a.txt", &text);
    assert_eq!(twins.update().copies, 1);
    assert_eq!(paths(&twins), ["a.txt", "c.txt"]);
    twins.check();
    twins.remove("pages/c.txt");
    twins.update();
    assert_eq!(paths(&twins), ["a.txt"]);
    twins.check();
}

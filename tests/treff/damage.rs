//! Damage to an index: one changed byte anywhere is either harmless or found by `treff check`. A search may then fail
//! or find less, but it never panics or shows a wrong hit. Also: an index can be copied elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use treff::error::{Error, Result};
use treff::index::{self, Index, with_corruption_guard};
use treff::query::{self, Synonyms};
use treff::search::{self, FacetField, search};

use crate::{PLAIN, TestEnv, answers_in, repository, update};

/// The number of bytes to change; TREFF_FLIPS=20000 tries more.
const FLIPS: usize = 500;

/// The number of queries searched for each changed byte.
const QUERIES_PER_FLIP: usize = 3;

const QUERIES: [&str; 11] = [
    "kommunen",
    "barn og unge",
    "\"utsatte barn\"",
    "skole -vedtak",
    "barnehage AND (vedtak OR klage) date:2015..2019",
    "*plikt",
    "\"barn samarbeid\"~5",
    "title:samordnet",
    "source:ipsos",
    "path:nyheter -lang:en",
    "økonomi og leding",
];

/// Writes pages with menus and dates, a copy, records, and the seeds.
fn write_pages(env: &TestEnv) {
    let menu = "Våre tjenester\nFinn ansatte\nKontakt oss\n\n";
    let word = |number: usize| ["skole", "barnehage", "vedtak", "klage", "helsestasjon", "barnevern"][number % 6];
    let text = |number: usize| {
        format!(
            "{menu}Sak {number} om {}\n\nPublisert: 1{}.03.201{}\n\nKommunen behandler sak {number} om {} og {} i møtet. \
             Det er utsatte barn og unge det gjelder, og samarbeid om taushetsplikt.\n\nRedaktør Kari Nordmann\n",
            word(number),
            number % 9,
            number % 10,
            word(number + 1),
            word(number * 5 + 2),
        )
    };
    for number in 0..12 {
        env.write(&format!("pages/{number}.txt"), text(number));
    }
    env.write("pages/copy/3.txt", text(3));
    let record = |number: usize| {
        let body = format!("Nyhet {number}. Kommunen åpner {} nummer {number}, skriver Ipsos.", word(number));
        let url = format!("https://www.nyheter{}.no/{number}", number % 2);
        serde_json::json!({"id": number, "url": url, "title": format!("Nyhet {number}"), "text": body,
            "date": format!("2017-0{}-01", number % 9 + 1), "source": "Ipsos"})
    };
    let records: Vec<String> = (0..8).map(|number| record(number).to_string()).collect();
    env.write("pages/nyheter.jsonl", records.join("\n"));
    for seed in crate::SEEDS {
        env.write(&format!("pages/{seed}"), std::fs::read(repository().join("seeds").join(seed)).unwrap());
    }
}

/// An index that was built and then updated, so it has two segments and deleted pages.
fn indexed() -> TestEnv {
    let env = TestEnv::empty();
    write_pages(&env);
    let (index, paths) = (env.path("index"), [env.path("pages")]);
    update(&index, &paths);
    env.write("pages/1.txt", "En ny side om barnehagen, vedtaket og taushetsplikten i kommunen.");
    update(&index, &paths);
    env
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().map(|entry| entry.unwrap());
    entries.filter(|entry| entry.file_type().is_file()).map(|entry| entry.into_path()).collect()
}

fn copy(from: &Path, to: &Path) {
    let _ = std::fs::remove_dir_all(to);
    for file in files(from) {
        let target = to.join(file.strip_prefix(from).unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(file, target).unwrap();
    }
}

/// What must be right in the hits of a damaged index: everything but their order.
type Shown = BTreeSet<String>;

fn search_all(folder: &Path, text: &str) -> Result<Shown> {
    let with_facets =
        search::SearchOptions { facets: vec![FacetField::Source, FacetField::Year], with_boilerplate: true, ..PLAIN };
    let run = |index: &Index, options: &search::SearchOptions| -> Result<Vec<String>> {
        let results = search(index, &query::parse(text, &Synonyms::builtin()), options)?;
        let shown = |hit: &search::Hit| {
            let (about, place) = ((&hit.title, &hit.source, &hit.date, &hit.url), (&hit.path, &hit.record, hit.lines));
            let also: Vec<&String> = hit.copies.iter().map(|place| &place.path).collect();
            format!(
                "{} {about:?} {place:?} {also:?} {:?} {:?} {}",
                hit.id, hit.passage, hit.page_marks, hit.boilerplate
            )
        };
        Ok(results.hits.iter().map(shown).collect())
    };
    with_corruption_guard(folder, || {
        let index = index::open(folder)?;
        let mut found = run(&index, &search::SearchOptions { with_similar: true, ..PLAIN })?;
        found.extend(run(&index, &with_facets)?);
        Ok(found.into_iter().collect())
    })
}

/// Whether this is a lock file. No search reads one.
fn is_lock(file: &Path) -> bool {
    file.extension().is_some_and(|ending| ending == "lock")
}

/// xorshift64 (Marsaglia, 2003).
fn random(state: &mut u64, below: usize) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state % below as u64) as usize
}

#[test]
fn a_changed_byte_is_harmless_or_found() {
    let env = indexed();
    let index = env.path("index");
    assert_eq!(index::check(&index).unwrap().damaged_files, []);
    let expected: Vec<Shown> = QUERIES.iter().map(|text| search_all(&index, text).unwrap()).collect();
    assert!(expected.iter().all(|shown| !shown.is_empty()), "{expected:#?}");
    let mut files = files(&index);
    // Segment names are random, so the files are sorted by type and size to change the same bytes in every run.
    files.sort_by_key(|file| (file.extension().map(OsStr::to_owned), file.metadata().unwrap().len()));
    let bytes: Vec<Vec<u8>> = files.iter().map(|file| std::fs::read(file).unwrap()).collect();
    let flips = std::env::var("TREFF_FLIPS").map_or(FLIPS, |flips| flips.parse().unwrap());
    let mut state = 0x2545_f491_4f6c_dd1d;
    let mut found = 0;
    for flip in 0..flips {
        // Half of the changes are in a file chosen at random, so that small files are changed, too; the others are in a
        // byte chosen at random from all files.
        let number = if flip % 2 == 0 {
            random(&mut state, files.len())
        } else {
            let mut offset = random(&mut state, bytes.iter().map(Vec::len).sum());
            let contains = |bytes: &Vec<u8>| {
                offset < bytes.len() || {
                    offset -= bytes.len();
                    false
                }
            };
            bytes.iter().position(contains).unwrap()
        };
        let (file, bytes) = (&files[number], &bytes[number]);
        if bytes.is_empty() {
            continue;
        }
        let offset = random(&mut state, bytes.len());
        let mut changed = bytes.clone();
        changed[offset] ^= 1 + random(&mut state, 255) as u8;
        std::fs::write(file, &changed).unwrap();
        let about = format!("{} byte {offset}: {:#x} as {:#x}", file.display(), bytes[offset], changed[offset]);
        let damaged_files = index::check(&index).unwrap().damaged_files;
        let is_found = damaged_files.iter().any(|damaged| damaged.file == *file);
        assert!(is_found || damaged_files.is_empty(), "{about}: {damaged_files:?}");
        for number in (0..QUERIES_PER_FLIP).map(|number| (flip * QUERIES_PER_FLIP + number) % QUERIES.len()) {
            let (text, expected) = (QUERIES[number], &expected[number]);
            match search_all(&index, text) {
                Ok(shown) => {
                    let wrong: Vec<&String> = shown.difference(expected).collect();
                    assert!(wrong.is_empty(), "{about}: {text}: {wrong:#?}");
                    assert!(
                        is_found || shown == *expected,
                        "{about}: {text}: hits are missing, but no damage is found"
                    );
                }
                Err(Error::Damaged { .. }) => {
                    assert!(is_found, "{about}: {text} reports damage, but the check finds none");
                }
                Err(error) => panic!("{about}: {text}: {error}"),
            }
        }
        std::fs::write(file, bytes).unwrap();
        found += usize::from(is_found);
    }
    // The other changes are in lock files, or in bytes that only say which version of tantivy wrote a file.
    assert!(found * 100 > flips * 80, "{found} of {flips} are found");
    assert_eq!(index::check(&index).unwrap().damaged_files, []);
}

/// One file of each kind in an index.
fn files_by_kind(index: &Path) -> BTreeMap<String, PathBuf> {
    let kind = |file: &PathBuf| {
        let name = file.file_name().unwrap().to_str().unwrap().to_string();
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_string());
        let is_segment = name.len() > 32 && name.is_char_boundary(32) && name.as_bytes()[32] == b'.';
        let first = name.split('-').next().unwrap().to_string();
        ending.filter(|_| is_segment).unwrap_or(if first == "manifest" || first == "stdin" { first } else { name })
    };
    let files = files(index).into_iter().filter(|file| !is_lock(file) && file.metadata().unwrap().len() > 0);
    files.map(|file| (kind(&file), file)).collect()
}

/// Changes the middle byte of a file.
fn damage(file: &Path) {
    let mut bytes = std::fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x11;
    std::fs::write(file, bytes).unwrap();
}

fn name(file: &Path) -> &str {
    file.file_name().unwrap().to_str().unwrap()
}

#[test]
fn names_a_damaged_file_and_the_command_that_repairs_it() {
    let env = indexed();
    let (index, intact) = (env.path("index"), env.path("intact"));
    copy(&index, &intact);
    env.run(&["check"]).exits(0).prints("26 pages");
    let expected = answers_in(&index, &QUERIES);
    let kinds = files_by_kind(&index);
    let found: Vec<&str> = kinds.keys().map(String::as_str).collect();
    let small = [".managed.json", "manifest", "meta.json", "treff.json"];
    assert_eq!(
        found,
        [
            ".managed.json",
            "del",
            "fast",
            "fieldnorm",
            "idx",
            "manifest",
            "meta.json",
            "pos",
            "store",
            "term",
            "treff.json"
        ]
    );
    for (kind, file) in &kinds {
        damage(file);
        env.run(&["check"]).exits(2).prints(name(file)).prints("`treff index --rebuild`");
        let ran = env.run(&["kommunen"]);
        assert!(ran.code == Some(0) || ran.stderr.contains("treff index --rebuild"), "{kind}: {ran:#?}");
        // An update repairs the damage that it notices, and leaves alone the files that it does not read.
        let ran = env.run(&["index"]).exits(0);
        if !ran.stderr.contains("rebuilding the index") {
            assert!(!small.contains(&kind.as_str()), "{kind}: {ran:#?}");
            env.run(&["index", "--rebuild"]).exits(0);
        }
        env.run(&["check"]).exits(0);
        assert_eq!(answers_in(&index, &QUERIES), expected, "{kind}");
        copy(&intact, &index);
    }
}

#[test]
fn a_damaged_compression_dictionary_is_named_and_repaired() {
    let env = TestEnv::empty();
    let record = |number: usize| {
        let sentence =
            |at: usize| format!("Sak {} om taushetsplikt gjelder {} barn i kommune {at}.", number * at, at * 7);
        let text: Vec<String> = (1..20).map(|at| sentence(number + at)).collect();
        serde_json::json!({"id": number, "title": format!("Sak {number}"), "text": text.join(" ")}).to_string()
    };
    env.write("pages.jsonl", (0..1_200).map(record).collect::<Vec<_>>().join("\n"));
    let index = env.path("index");
    update(&index, &[env.path("pages.jsonl")]);
    let dictionaries = || files(&index).into_iter().filter(|file| name(file).starts_with("dictionary-"));
    let dictionary = dictionaries().next().unwrap();
    let queries = ["taushetsplikt kommune 1120", "sak 77"];
    let expected = answers_in(&index, &queries);
    env.run(&["check"]).exits(0);
    damage(&dictionary);
    env.run(&["check"]).exits(2).prints(name(&dictionary)).prints("`treff index --rebuild`");
    let ran = env.run(&["taushetsplikt"]).exits(2);
    assert!(ran.stderr.contains(name(&dictionary)), "{ran:#?}");
    // No passage is shown, but the phrase is verified in the stored texts.
    env.run(&["-n", "0", "=\"sak 77\""]).exits(2);
    env.run(&["index"]).exits(0).says("rebuilding the index");
    env.run(&["check"]).exits(0);
    assert_eq!((answers_in(&index, &queries), dictionaries().count()), (expected, 1));
}

#[test]
fn an_update_does_not_copy_damage_into_new_files() {
    let env = indexed();
    let (index, intact) = (env.path("index"), env.path("intact"));
    copy(&index, &intact);
    env.write("pages/2.txt", "En annen side om kommunen.");
    env.run(&["index"]).exits(0).prints("1 changed");
    let expected = answers_in(&index, &QUERIES);
    copy(&intact, &index);
    for (kind, file) in files_by_kind(&index) {
        damage(&file);
        env.run(&["index"]).exits(0);
        let damaged_files = index::check(&index).unwrap().damaged_files;
        // An update verifies what it reads, so no new file contains damaged data.
        assert!(damaged_files.iter().all(|damaged| damaged.file == file), "{kind}: {damaged_files:?}");
        if damaged_files.is_empty() {
            assert_eq!(answers_in(&index, &QUERIES), expected, "{kind}");
        }
        assert!(damaged_files.is_empty() || !["term", "idx", "del"].contains(&kind.as_str()), "{kind}");
        copy(&intact, &index);
    }
}

#[test]
fn a_rebuild_keeps_the_index_if_its_sources_are_missing() {
    let env = indexed();
    let index = env.path("index");
    let kinds = files_by_kind(&index);
    std::fs::rename(env.path("pages"), env.path("away")).unwrap();
    for kind in ["meta.json", "treff.json", "store"] {
        let file = &kinds[kind];
        let intact = std::fs::read(file).unwrap();
        damage(file);
        env.run(&["check"])
            .exits(2)
            .prints(name(file))
            .says("pages: the source no longer exists")
            .says("`treff index --rebuild PATH…`");
        env.run(&["index", "--rebuild"]).exits(2).says("the index was left unchanged");
        std::fs::write(file, intact).unwrap();
        env.run(&["check"]).exits(0);
    }
    damage(&kinds["treff.json"]);
    env.run(&["index", "--rebuild", "away"]).exits(0);
    env.run(&["check"]).exits(0);
}

#[test]
fn standard_input_is_never_lost_silently() {
    let env = TestEnv::empty();
    env.run_with_input(&["index", "-"], "En side om barnevern i kommunen.".as_bytes()).exits(0);
    let index = env.path("index");
    // The manifest names the copy of standard input, but the copy can be verified without the manifest.
    for kind in ["manifest", "meta.json", "treff.json"] {
        damage(&files_by_kind(&index)[kind]);
        let ran = env.run(&["index"]);
        if kind == "manifest" || ran.code == Some(0) {
            ran.exits(0).says("rebuilding the index");
        }
        env.run(&["barnevern"]).exits(0).prints("-:1");
        env.run(&["check"]).exits(0);
    }
    let file = &files_by_kind(&index)["stdin"];
    damage(file);
    crate::set_age(file, std::time::Duration::from_secs(10));
    env.run(&["check"]).exits(2).prints(name(file)).prints("`treff index -`");
    env.run(&["index"]).exits(2).says(name(file)).says("its pages stay in the index");
    env.run(&["index", "--rebuild"]).exits(2).says("the index was left unchanged");
    env.run(&["barnevern"]).exits(0).prints("barnevern i kommunen");
    env.run_with_input(&["index", "-"], "En side om skolen.".as_bytes()).exits(0);
    env.run(&["check"]).exits(0);
}

#[test]
fn finds_a_manifest_that_differs_from_the_index() {
    let env = indexed();
    let index = env.path("index");
    let manifest = files_by_kind(&index)["manifest"].clone();
    let mut other = index::open(&index).unwrap().manifest().unwrap();
    other.files[0].pages[0].outcome.passages += 1;
    other.files.pop();
    other.save(&manifest).unwrap();
    let reasons: Vec<String> =
        index::check(&index).unwrap().damaged_files.into_iter().map(|damaged| damaged.reason).collect();
    assert_eq!(reasons.len(), 3 + 7, "{reasons:#?}");
    assert!(reasons[0].contains("number of pages") && reasons[1].contains("differ on"), "{reasons:#?}");
    assert!(reasons[2].contains("does not list"), "{reasons:#?}");
    env.run(&["check"]).exits(2).prints(name(&manifest));
}

#[test]
fn a_copied_index_can_be_searched_and_updated() {
    let env = indexed();
    let text = "kommunen";
    let places = env.places(text);
    // Without its sources …
    copy(&env.path("index"), &env.path("elsewhere/index"));
    let elsewhere = ["--index", "elsewhere/index"];
    let run = |args: &[&str]| env.run(&[&elsewhere, args].concat());
    let hits = run(&["search", "--json", "-n", "100", text]).exits(0).hits();
    assert_eq!(hits.len(), places.len());
    run(&["check"]).exits(0);
    run(&["show", hits[0]["id"].as_str().unwrap()]).exits(0);
    run(&["status"]).exits(0).prints("sources    now missing, empty or unreadable: elsewhere/pages");
    run(&["index"]).exits(2).says("its pages stay in the index");
    assert_eq!(run(&["search", "--json", "-n", "100", text]).exits(0).hits().len(), places.len());
    // … and with them.
    copy(&env.path("pages"), &env.path("elsewhere/pages"));
    run(&["index"]).exits(0);
    run(&["status"]).exits(0).prints("up to date");
    assert_eq!(run(&["search", "--json", "-n", "100", text]).exits(0).hits().len(), places.len());
    run(&["index", "--rebuild"]).exits(0).prints("26 pages");
    run(&["check"]).exits(0);
}

/// An index in format 1, built by the first version from two pages in `sider`.
fn format_1_index() -> TestEnv {
    let env = TestEnv::empty();
    let fixture = repository().join("tests/fixtures/format-1");
    copy(&fixture.join("index"), &env.path("index"));
    copy(&fixture.join("sider"), &env.path("sider"));
    env
}

#[test]
fn recognizes_an_index_of_format_1() {
    for command in ["status", "check"] {
        let env = format_1_index();
        env.run(&[command]).exits(2).says("was built by treff 0.1.0").says("`treff index --rebuild PATH…`");
        env.run(&["index"]).exits(0).says("rebuilding it").prints("2 pages");
        env.run(&[command]).exits(0);
        env.run(&["taushetsplikten"]).exits(0).prints("sider/taushetsplikt.txt:3");
    }
    let env = format_1_index();
    env.run(&["taushetsplikten"]).exits(0).says("rebuilding it").prints("sider/taushetsplikt.txt:3");
    let env = format_1_index();
    std::fs::remove_dir_all(env.path("sider")).unwrap();
    for args in [&["taushetsplikten"][..], &["index"], &["status"], &["check"], &["show", "sider/barnevern.txt:1"]] {
        env.run(args).exits(2).says("treff index --rebuild");
    }
    assert!(env.path("index/g1/meta.json").exists());
}

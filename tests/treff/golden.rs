//! Compares output with the files in `tests/golden/`, which a person has reviewed.
//! `UPDATE_GOLDEN=1 cargo test golden` rewrites them, so that the difference can be reviewed.

use std::fmt::Write;

use crate::{SEEDS, TestEnv, repository};

#[track_caller]
pub fn check(name: &str, found: &str) {
    let path = repository().join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, found).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    if expected == found {
        return;
    }
    let mut message = format!("{} differs (UPDATE_GOLDEN=1 rewrites it):\n", path.display());
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), found.lines().collect());
    for number in 0..old.len().max(new.len()) {
        let (old, new) = (old.get(number), new.get(number));
        if old != new {
            let shown = |line: Option<&&str>| line.map_or("(no line)".to_string(), |line| line.to_string());
            writeln!(message, "line {}\n  - {}\n  + {}", number + 1, shown(old), shown(new)).unwrap();
        }
    }
    panic!("{message}");
}

#[test]
fn line_classes_of_the_seed_pages() {
    let env = TestEnv::indexed();
    let mut found = String::new();
    for page in SEEDS {
        writeln!(found, "{page}").unwrap();
        let ran = env.run(&["clean", "--explain", &format!("seeds/{page}")]).exits(0);
        for line in ran.stdout.lines() {
            let mut columns = line.split_whitespace();
            if let (Some(Ok(number)), Some(class)) = (columns.next().map(str::parse::<u32>), columns.next()) {
                writeln!(found, "{number}\t{class}").unwrap();
            }
        }
    }
    check("line_classes.txt", &found);
}

#[test]
fn passages_of_the_seed_pages() {
    let env = TestEnv::indexed();
    let index = treff::index::open(&env.path("index")).unwrap();
    let mut found = String::new();
    for page in SEEDS {
        let term = tantivy::Term::from_field_text(index.fields.page, &format!("seeds/{page}"));
        writeln!(found, "{page}").unwrap();
        for stored in index.passages_with(&term).unwrap() {
            let passage = &stored.passage;
            let (first, last) = passage.range();
            let words: Vec<&str> = passage.text.split_whitespace().take(8).collect();
            let heading = passage.heading.as_deref().unwrap_or("-");
            writeln!(found, "{first}-{last}\t{} words\t{heading}\t{}", passage.words(), words.join(" ")).unwrap();
        }
    }
    check("passages.txt", &found);
}

#[test]
fn help() {
    let env = TestEnv::empty();
    let mut found = String::new();
    let commands = [
        "search",
        "index",
        "show",
        "clean",
        "analyze",
        "bench",
        "eval",
        "status",
        "serve",
        "check",
        "completions",
        "man",
    ];
    for command in [""].into_iter().chain(commands) {
        let args: Vec<&str> = [command, "--help"].into_iter().filter(|arg| !arg.is_empty()).collect();
        let ran = env.run(&args).exits(0);
        writeln!(found, "$ treff {}\n{}", args.join(" "), ran.stdout).unwrap();
    }
    check("help.txt", &found);
}

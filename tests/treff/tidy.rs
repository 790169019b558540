//! Rules of the source that the compiler doesn't know.

use std::collections::HashSet;
use std::path::PathBuf;

use crate::repository;

/// A source file without its tests: path below `src`, and lines with their numbers.
struct Source {
    path: String,
    length: usize,
    lines: Vec<(usize, String)>,
}

fn sources() -> Vec<Source> {
    let root = repository().join("src");
    let mut sources = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let is_code = |line: &str| !line.trim_start().starts_with("//");
                let numbered = text.lines().enumerate().map(|(index, line)| (index + 1, line.to_string()));
                sources.push(Source {
                    path: path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/"),
                    length: text.lines().count(),
                    lines: numbered
                        .take_while(|(_, line)| line.trim() != "#[cfg(test)]")
                        .filter(|(_, line)| is_code(line))
                        .collect(),
                });
            }
        }
    }
    assert!(sources.len() > 20, "the sources are found");
    sources
}

/// The module at the root that a file belongs to.
fn module(path: &str) -> &str {
    path.split('/').next().unwrap().trim_end_matches(".rs")
}

/// Every line outside tests that `is_wrong` finds, named.
#[track_caller]
fn check(rule: &str, is_wrong: impl Fn(&str, &str) -> bool) {
    let mut wrong = Vec::new();
    for source in sources() {
        let lines = source.lines.iter().filter(|(_, line)| is_wrong(&source.path, line));
        wrong.extend(lines.map(|(number, line)| format!("src/{}:{number}: {}", source.path, line.trim())));
    }
    assert!(wrong.is_empty(), "{rule}:\n{}", wrong.join("\n"));
}

/// `name` may use only these modules of the house.
#[track_caller]
fn check_uses_only(name: &str, allowed: &[&str]) {
    let modules: HashSet<String> = sources().iter().map(|source| module(&source.path).to_string()).collect();
    check(&format!("{name} uses only {allowed:?}"), |path, line| {
        let uses = |other: &String| {
            line.contains(&format!("crate::{other}")) && other != name && !allowed.contains(&other.as_str())
        };
        module(path) == name && (modules.iter().any(uses) || line.contains("crate::{"))
    });
}

#[test]
fn imports_follow_the_arrows() {
    check_uses_only("model", &[]);
    check_uses_only("error", &[]);
    check_uses_only("norwegian", &["model"]);
    check_uses_only("clean", &["norwegian", "model"]);
    check_uses_only("chunk", &["norwegian", "model"]);
    check_uses_only("read", &["error", "model"]);
    check_uses_only("eval", &["error", "index", "model"]);
    check("nothing below the command line knows it", |path, line| module(path) != "cli" && line.contains("crate::cli"));
}

#[test]
fn only_the_command_line_prints() {
    let prints = ["println!", "print!(", "eprint!(", "dbg!(", "io::stdout", "io::stderr"];
    check("only src/cli prints", |path, line| module(path) != "cli" && prints.iter().any(|call| line.contains(call)));
}

#[test]
fn only_index_opens_an_index() {
    check("only src/index opens an index", |path, line| {
        module(path) != "index"
            && ["Index::open", "Index::create", "Index::builder"].iter().any(|call| line.contains(call))
    });
}

#[test]
fn nothing_unwraps() {
    check("`.unwrap()` stands in tests alone", |_, line| line.contains(".unwrap()"));
}

#[test]
fn no_file_is_too_long_to_read() {
    let long: Vec<String> = sources()
        .iter()
        .filter(|source| source.length > 900)
        .map(|source| format!("{} has {} lines", source.path, source.length))
        .collect();
    assert!(long.is_empty(), "{long:?}");
}

#[test]
fn interface_phrases_stand_once() {
    let text = std::fs::read_to_string(repository().join("data/interface.txt")).unwrap();
    let mut seen = HashSet::new();
    let phrases = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let twice: Vec<&str> = phrases.filter(|line| !seen.insert(line.to_lowercase())).collect();
    assert!(twice.is_empty(), "{twice:?}");
}

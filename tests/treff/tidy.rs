//! Enforces rules for the source tree that the compiler does not: layers, import cycles, file sizes and wording.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use crate::repository;

/// A source file below `src`.
struct Source {
    /// The path below `src`, with `/` as the separator.
    path: String,
    /// The number of lines, unit tests included.
    length: usize,
    /// The lines of code with their numbers, without comments and unit tests.
    code: Vec<(usize, String)>,
    /// All lines.
    text: String,
}

impl Source {
    fn read(root: &Path, path: &Path) -> Source {
        let text = std::fs::read_to_string(path).unwrap();
        let numbered = text.lines().enumerate().map(|(index, line)| (index + 1, line.to_string()));
        Source {
            path: path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/"),
            length: text.lines().count(),
            code: numbered
                .take_while(|(_, line)| line.trim() != "#[cfg(test)]")
                .filter(|(_, line)| !line.trim_start().starts_with("//"))
                .collect(),
            text,
        }
    }

    /// The path of the module in the crate, such as `["index", "store", "head"]`.
    fn module(&self) -> Vec<String> {
        module_path(&self.path)
    }

    /// The top-level module, such as `index`.
    fn stage(&self) -> &str {
        self.path.split('/').next().unwrap().trim_end_matches(".rs")
    }
}

fn module_path(path: &str) -> Vec<String> {
    let path = path.trim_end_matches(".rs");
    let parts = path.split('/').filter(|part| !["mod", "lib", "main"].contains(part));
    parts.map(str::to_string).collect()
}

/// All files below a folder of the repository with one of these extensions, sorted.
fn files(folder: &str, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![repository().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("target") {
                folders.push(path);
            } else if path
                .extension()
                .and_then(|ending| ending.to_str())
                .is_some_and(|ending| extensions.contains(&ending))
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn sources() -> Vec<Source> {
    let root = repository().join("src");
    let sources: Vec<Source> = files("src", &["rs"]).iter().map(|path| Source::read(&root, path)).collect();
    assert!(sources.len() > 20, "only {} files found in src", sources.len());
    sources
}

/// Fails if `is_wrong` is true of any line of code; the message lists these lines.
#[track_caller]
fn check(rule: &str, is_wrong: impl Fn(&Source, &str) -> bool) {
    let mut wrong = Vec::new();
    for source in sources() {
        let lines = source.code.iter().filter(|(_, line)| is_wrong(&source, line));
        wrong.extend(lines.map(|(number, line)| format!("src/{}:{number}: {}", source.path, line.trim())));
    }
    assert!(wrong.is_empty(), "{rule}:\n{}", wrong.join("\n"));
}

/// Returns the absolute module paths of what a file uses from this crate: paths that start with `crate::` or `super::`
/// and, in a `use`, those that start with `self::` or, in a `mod.rs`, with a child module.
fn paths_used(source: &Source, children: &HashSet<String>) -> Vec<Vec<String>> {
    let code: String = source.code.iter().map(|(_, line)| format!("{line}\n")).collect();
    let module = source.module();
    let is_mod_file = source.path.ends_with("/mod.rs") || !source.path.contains('/');
    let mut found = Vec::new();
    let mut previous = ' ';
    for (at, c) in code.char_indices() {
        let starts_word =
            (c.is_alphabetic() || c == '_') && !(previous.is_alphanumeric() || previous == '_' || previous == ':');
        previous = c;
        if !starts_word {
            continue;
        }
        let word: String = code[at..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let before = code[..at].trim_end();
        let is_import = before.ends_with("use");
        let is_child = is_mod_file && is_import && children.contains(&word);
        let rest = &code[at..];
        if (word == "crate" || word == "super" || (is_import && word == "self") || is_child)
            && rest[word.len()..].starts_with("::")
        {
            let mut tree = Vec::new();
            expand(rest, &mut Vec::new(), &mut tree);
            found.extend(tree.into_iter().map(|path| absolute(&module, path, is_child)));
        }
    }
    found
}

/// Expands the use tree at the start of `text`, such as `a::{b, c::d}`, and adds its paths to `found`. Returns the
/// number of bytes read.
fn expand(text: &str, prefix: &mut Vec<String>, found: &mut Vec<Vec<String>>) -> usize {
    let depth = prefix.len();
    let mut at = 0;
    loop {
        at += text[at..].len() - text[at..].trim_start().len();
        if text[at..].starts_with('{') {
            at += 1;
            loop {
                at += text[at..].len() - text[at..].trim_start().len();
                if text[at..].starts_with('}') {
                    at += 1;
                    break;
                }
                if text[at..].starts_with(',') {
                    at += 1;
                    continue;
                }
                let read = expand(&text[at..], prefix, found);
                if read == 0 {
                    break;
                }
                at += read;
            }
            break;
        }
        let word: String = text[at..].chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == '*').collect();
        at += word.len();
        if word.is_empty() {
            break;
        }
        prefix.push(word);
        if text[at..].starts_with("::") {
            at += 2;
        } else {
            found.push(prefix.clone());
            if let Some(alias) = text[at..].strip_prefix(" as ") {
                at += 4 + alias.chars().take_while(|c| c.is_alphanumeric() || *c == '_').count();
            }
            break;
        }
    }
    prefix.truncate(depth);
    at
}

fn absolute(module: &[String], path: Vec<String>, is_child: bool) -> Vec<String> {
    if is_child {
        return module.iter().cloned().chain(path).collect();
    }
    let mut base: Vec<String> = if path[0] == "crate" { Vec::new() } else { module.to_vec() };
    let mut rest = path.as_slice();
    while let Some(first) = rest.first() {
        match first.as_str() {
            "super" => {
                base.pop();
            }
            "crate" | "self" => {}
            _ => break,
        }
        rest = &rest[1..];
    }
    base.extend(rest.iter().cloned());
    base
}

/// For each file of `src`, the files that it imports from.
fn imports() -> BTreeMap<String, BTreeSet<String>> {
    let sources = sources();
    let by_module: HashMap<Vec<String>, String> = sources
        .iter()
        .map(|source| (source.module(), source.path.clone()))
        .filter(|(module, _)| !module.is_empty())
        .collect();
    let mut graph = BTreeMap::new();
    for source in &sources {
        let module = source.module();
        let children: HashSet<String> = by_module
            .keys()
            .filter(|other| other.len() == module.len() + 1 && other.starts_with(&module))
            .map(|other| other[module.len()].clone())
            .collect();
        let mut edges = BTreeSet::new();
        for path in paths_used(source, &children) {
            let target = (1..=path.len()).rev().find_map(|length| by_module.get(&path[..length]));
            edges.extend(target.filter(|target| **target != source.path).cloned());
        }
        graph.insert(source.path.clone(), edges);
    }
    graph
}

#[test]
fn no_import_cycles() {
    let graph = imports();
    let mut cycles = BTreeSet::new();
    for start in graph.keys() {
        // A breadth-first search from the file back to itself; the shortest cycle is the easiest to read.
        let mut queue: Vec<Vec<&String>> = vec![vec![start]];
        let mut seen = HashSet::new();
        while !queue.is_empty() {
            let path = queue.remove(0);
            for next in &graph[path[path.len() - 1]] {
                if next == start {
                    let mut names: Vec<&str> = path.iter().map(|name| name.as_str()).collect();
                    names.sort_unstable();
                    cycles.insert(names.join(", "));
                    queue.clear();
                    break;
                }
                if seen.insert(next) {
                    queue.push(path.iter().copied().chain([next]).collect());
                }
            }
        }
    }
    assert!(cycles.is_empty(), "import cycles:\n{}", cycles.into_iter().collect::<Vec<_>>().join("\n"));
}

/// Checks that `stage` imports only from these top-level modules.
#[track_caller]
fn check_layer(stage: &str, allowed: &[&str]) {
    let mut wrong = Vec::new();
    for (file, imported) in imports() {
        let stage_of = |path: &str| path.split('/').next().unwrap().trim_end_matches(".rs").to_string();
        if stage_of(&file) == stage {
            let other =
                imported.iter().filter(|path| stage_of(path) != stage && !allowed.contains(&stage_of(path).as_str()));
            wrong.extend(other.map(|other| format!("src/{file} imports from src/{other}")));
        }
    }
    assert!(wrong.is_empty(), "{stage} may import only from {allowed:?}:\n{}", wrong.join("\n"));
}

#[test]
fn imports_follow_the_layers() {
    check_layer("model", &[]);
    check_layer("error", &[]);
    check_layer("norwegian", &["model"]);
    check_layer("read", &["norwegian", "error", "model"]);
    check_layer("clean", &["norwegian", "model"]);
    check_layer("chunk", &["norwegian", "model"]);
    check_layer("index", &["chunk", "clean", "read", "norwegian", "model", "error"]);
    check_layer("query", &["index", "norwegian", "model", "error"]);
    check_layer("snippet", &["query", "chunk", "norwegian", "model"]);
    check_layer("search", &["snippet", "query", "index", "chunk", "norwegian", "model", "error"]);
    check_layer("eval", &["index", "model", "error"]);
    check_layer("service", &["search", "snippet", "query", "index", "chunk", "norwegian", "model", "error"]);
    check_layer("mcp", &["service", "search", "snippet", "query", "index", "chunk", "model", "error"]);
    check_layer(
        "serve",
        &["mcp", "service", "search", "snippet", "query", "index", "chunk", "norwegian", "model", "error"],
    );
    check("only the program imports the command line", |source, line| {
        source.stage() != "cli" && line.contains("crate::cli")
    });
}

#[test]
fn only_the_command_line_prints() {
    let prints = ["println!", "print!(", "eprint!(", "dbg!(", "io::stdout", "io::stderr"];
    check("only src/cli prints", |source, line| {
        source.stage() != "cli" && prints.iter().any(|call| line.contains(call))
    });
}

#[test]
fn only_index_opens_an_index() {
    check("only src/index opens an index", |source, line| {
        source.stage() != "index"
            && ["Index::open(", "Index::create", "Index::builder"].iter().any(|call| line.contains(call))
    });
}

#[test]
fn only_tests_unwrap() {
    check("`.unwrap()` is for tests", |_, line| line.contains(".unwrap()"));
}

#[test]
fn files_and_folders_are_small_enough_to_read() {
    let sources = sources();
    let long = sources.iter().filter(|source| source.length > 900);
    let long: Vec<String> = long.map(|source| format!("{} has {} lines", source.path, source.length)).collect();
    assert!(long.is_empty(), "{long:?}");
    let mut folders: BTreeMap<&str, usize> = BTreeMap::new();
    for source in &sources {
        *folders.entry(source.path.rsplit_once('/').map_or("", |(folder, _)| folder)).or_default() += 1;
    }
    folders.retain(|_, files| *files > 12);
    assert!(folders.is_empty(), "folders with more than twelve files: {folders:?}");
}

#[test]
fn file_names_are_unique() {
    let mut by_name: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for Source { path, .. } in sources() {
        let name = path.rsplit('/').next().unwrap().to_string();
        by_name.entry(name).or_default().push(path);
    }
    by_name.remove("mod.rs");
    by_name.retain(|_, paths| paths.len() > 1);
    assert!(by_name.is_empty(), "files with the same name: {by_name:?}");
}

#[test]
fn mod_files_only_declare_and_re_export() {
    for source in sources().iter().filter(|source| source.path.ends_with("/mod.rs")) {
        let is_item = |line: &str| {
            let line = line.trim_start().trim_start_matches("pub(crate) ").trim_start_matches("pub ");
            ["fn ", "struct ", "enum ", "impl ", "impl<", "trait ", "static ", "const "]
                .iter()
                .any(|item| line.starts_with(item))
        };
        let items: Vec<&str> = source.code.iter().map(|(_, line)| line.as_str()).filter(|line| is_item(line)).collect();
        assert!(items.is_empty(), "src/{} defines items: {items:?}", source.path);
    }
}

#[test]
fn module_docs_begin_with_a_statement() {
    for source in sources() {
        let first = source.text.lines().next().unwrap_or_default();
        assert!(first.starts_with("//! "), "src/{}: line 1 must document the module", source.path);
        assert!(!first.trim_end().ends_with('?'), "src/{}: line 1 is a question: {first}", source.path);
    }
}

/// Phrases that are literal translations from Norwegian or German, or that this project once used instead of the terms
/// of the field (see docs/glossary.md).
const UNIDIOMATIC: &[&str] = &[
    "so many of",
    "at the most",
    "at the least",
    "the house",
    "rooms of",
    "is told",
    "be told",
    "are told",
    "told apart",
    "tells apart",
    "tell of",
    "tells of",
    "asked for",
    "stands in",
    "stand in",
    "stands there",
    "stands where",
    "lies in",
    "lie in",
    "come upon",
    "comes upon",
    "each by itself",
    "as it lies",
    "is dear",
    "are dear",
    "too dear",
    "hangs together",
    "hang together",
    "speaks against",
    "speaks of",
    "said of",
    "set apart",
    "sets apart",
    "mended",
    "mends",
    "lifts",
    "mente du",
    "who reads",
    "that which",
    "taken for",
    "is meant by",
    "goes on with",
    "beside it",
    "beside the",
    "anew",
    "by turns",
    "holds for",
    "hold for",
    "in the place of",
    "sought",
    "told",
    "who has",
    "whoever",
    "put in order",
    "what else",
    "of both sides",
];

/// Whether `phrase` occurs in `line` with no letter before or after it.
fn has_words(line: &str, phrase: &str) -> bool {
    line.match_indices(phrase).any(|(at, _)| {
        let is_letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
        !is_letter(line[..at].chars().next_back()) && !is_letter(line[at + phrase.len()..].chars().next())
    })
}

#[test]
fn prose_is_idiomatic() {
    let mut files: Vec<PathBuf> = ["src", "tests", "examples", "benches", "docs", "fuzz/fuzz_targets", "data"]
        .iter()
        .flat_map(|folder| files(folder, &["rs", "md", "sh", "py"]))
        .collect();
    for name in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "build.rs", "tests/golden/help.txt"]
    {
        files.push(repository().join(name));
    }
    let mut wrong = Vec::new();
    // The texts of the search page are in Norwegian.
    let has_other_text = |path: &PathBuf| path.ends_with("tidy.rs") || path.ends_with("texts.rs");
    for path in files.iter().filter(|path| !has_other_text(path)) {
        let text = std::fs::read_to_string(path).unwrap();
        for (index, line) in text.lines().enumerate() {
            let lower = line.to_lowercase();
            for phrase in UNIDIOMATIC.iter().filter(|phrase| has_words(&lower, phrase)) {
                let place = path.strip_prefix(repository()).unwrap().display();
                wrong.push(format!("{place}:{}: {phrase:?}: {}", index + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "unidiomatic phrases:\n{}", wrong.join("\n"));
}

#[test]
fn interface_phrases_and_menu_entries_are_listed_once() {
    let mut seen = HashSet::new();
    let mut twice = Vec::new();
    for file in ["data/interface.txt", "data/menu-entries.txt"] {
        let text = std::fs::read_to_string(repository().join(file)).unwrap();
        let phrases = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        twice.extend(phrases.filter(|line| !seen.insert(line.to_lowercase())).map(str::to_string));
    }
    assert!(twice.is_empty(), "{twice:?}");
}

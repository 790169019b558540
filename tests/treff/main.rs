//! The program as a person meets it, and the promises that no single module can keep.

mod any_text;
mod archives;
mod cleaning;
mod commands;
mod damage;
mod eval;
mod explain;
mod faults;
mod floors;
mod golden;
mod html;
mod invariant;
mod kill;
mod many;
mod norwegian;
mod pages;
mod permissions;
mod queries;
mod read;
mod results;
mod suggest;
mod synonyms;
mod tidy;
mod watch;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use treff::index::{self, Index, UpdateOptions, UpdateReport};
use treff::query::{self, Synonyms};
use treff::search::{self, search};

/// A working directory of its own.
pub struct TestEnv {
    dir: tempfile::TempDir,
}

/// What a process did.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

pub const SEEDS: [&str; 5] = [
    "000_a3209f500a9dfbf1.txt",
    "001_57cddf6f4c5f92bf.txt",
    "002_d505e01479dfd589.txt",
    "003_1bcf3e5d1a9b0202.txt",
    "004_d59eab6fb950c723.txt",
];

pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

impl TestEnv {
    pub fn empty() -> TestEnv {
        TestEnv { dir: tempfile::tempdir().unwrap() }
    }

    pub fn with_seeds() -> TestEnv {
        let env = TestEnv::empty();
        for name in SEEDS {
            env.write(&format!("seeds/{name}"), std::fs::read(repository().join("seeds").join(name)).unwrap());
        }
        env
    }

    pub fn indexed() -> TestEnv {
        let env = TestEnv::with_seeds();
        env.run(&["index"]).exits(0);
        env
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Written an hour ago: a file just changed is read again by every update, which would hide whether
    /// unchanged files are left alone.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        set_age(&path, Duration::from_secs(3600));
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_treff"));
        command.args(args).current_dir(self.dir.path());
        for name in ["TREFF_INDEX", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS"] {
            command.env_remove(name);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        Ran::of(self.command(args).spawn().unwrap())
    }

    pub fn run_with_input(&self, args: &[&str], input: &[u8]) -> Ran {
        let mut child = self.command(args).stdin(Stdio::piped()).spawn().unwrap();
        // Who refuses to read may have ended before all is written.
        let _ = child.stdin.take().unwrap().write_all(input);
        Ran::of(child)
    }

    /// `path:line` of every hit, the path from its last part on.
    pub fn places(&self, query: &str) -> Vec<String> {
        let hits = self.run(&["search", "--json", "-n", "100", "--", query]).hits();
        let place = |hit: &serde_json::Value| {
            let path = hit["path"].as_str().unwrap();
            format!("{}:{}", path.rsplit('/').next().unwrap(), hit["line"])
        };
        hits.iter().map(place).collect()
    }
}

impl Ran {
    pub fn of(child: std::process::Child) -> Ran {
        let output = child.wait_with_output().unwrap();
        let ran = Ran {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("results are UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("messages are UTF-8"),
        };
        assert!(!ran.stderr.contains("panicked"), "{ran:#?}");
        ran
    }

    #[track_caller]
    pub fn exits(self, code: i32) -> Ran {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    #[track_caller]
    pub fn says(self, message: &str) -> Ran {
        assert!(self.stderr.contains(message), "{message:?} is not said: {self:#?}");
        self
    }

    #[track_caller]
    pub fn prints(self, text: &str) -> Ran {
        assert!(self.stdout.contains(text), "{text:?} is not printed: {self:#?}");
        self
    }

    #[track_caller]
    pub fn hits(&self) -> Vec<serde_json::Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

pub fn set_age(path: &Path, age: Duration) {
    let file = std::fs::File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - age).unwrap();
}

/// Brings the index in `index` up to date with `paths`, in this process.
pub fn update(index: &Path, paths: &[PathBuf]) -> UpdateReport {
    index::update(&options(index, paths)).unwrap()
}

pub fn options<'a>(index: &'a Path, paths: &'a [PathBuf]) -> UpdateOptions<'a> {
    UpdateOptions {
        index,
        paths,
        default_path: Path::new("seeds"),
        rebuild: false,
        keep_all: false,
        lock_timeout: Duration::from_secs(60),
        progress: &|_| {},
    }
}

/// Everything that an index answers to the queries: hits as JSON with scores, in order, and their number.
pub fn answers(index: &Index, queries: &[&str]) -> Vec<String> {
    let mut lines = vec![format!("{} pages, {} passages, {} words", index.pages, index.passages, index.words)];
    for text in queries {
        lines.extend(answers_with(index, text, &PLAIN));
    }
    lines
}

pub const PLAIN: search::SearchOptions = search::SearchOptions {
    limit: 50,
    offset: 0,
    snippet_chars: 240,
    full: false,
    with_boilerplate: false,
    with_similar: false,
    order: search::SortOrder::Score,
    is_grouped: false,
    is_explained: false,
    facets: Vec::new(),
};

/// What an index answers to one query: how many match, and the hits.
pub fn answers_with(index: &Index, text: &str, options: &search::SearchOptions) -> Vec<String> {
    let query = query::parse(text, &Synonyms::builtin());
    let answer = search(index, &query, options).unwrap();
    let matched = search::count_matches(index, &query, options.with_boilerplate).unwrap();
    let mut lines = vec![format!("{text}: {matched} matched, {:?}", answer.suggestion)];
    lines.extend(answer.hits.iter().map(|hit| serde_json::to_string(hit).unwrap()));
    lines
}

/// `answers` of the index in a folder.
pub fn answers_in(index: &Path, queries: &[&str]) -> Vec<String> {
    answers(&index::open(index).unwrap(), queries)
}

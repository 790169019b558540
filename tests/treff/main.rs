//! End-to-end tests: the program run as a process, and properties that span several modules.

mod any_text;
mod archives;
mod cleaning;
mod commands;
mod damage;
mod damaged_parts;
mod docs;
mod eval;
mod explain;
mod faults;
mod floors;
mod golden;
mod html;
#[cfg(feature = "serve")]
mod html_document;
mod interrupt;
mod invariant;
mod kill;
#[cfg(feature = "mcp")]
mod mcp;
#[cfg(unix)]
mod names;
mod norwegian;
mod pages;
mod permissions;
mod pruning;
mod queries;
mod read;
mod results;
#[cfg(feature = "serve")]
mod serve_api;
#[cfg(feature = "serve")]
mod serve_follow;
#[cfg(feature = "serve")]
mod serve_http;
#[cfg(all(feature = "serve", feature = "mcp"))]
mod serve_mcp;
#[cfg(feature = "serve")]
mod serve_page;
#[cfg(feature = "serve")]
mod serve_support;
mod suggest;
mod synonyms;
mod tidy;
mod watch;
mod written_forms;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use treff::index::{self, Index, UpdateOptions, UpdateReport};
use treff::query::{self, Synonyms};
use treff::search::{self, search};

/// A temporary folder in which a test runs treff.
pub struct TestEnv {
    dir: tempfile::TempDir,
}

/// The exit code and output of a process.
#[derive(Debug)]
pub struct CommandOutput {
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

    /// Writes a file and sets its modification time back an hour: every update reads a recently changed file again,
    /// which would hide whether unchanged files are skipped.
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

    pub fn run(&self, args: &[&str]) -> CommandOutput {
        CommandOutput::of(self.command(args).spawn().unwrap())
    }

    /// Runs a command line with `sh`, in which `treff` is the program under test. Returns standard output and standard
    /// error.
    #[cfg(unix)]
    pub fn shell(&self, line: &str) -> String {
        let program = self.command(&[]);
        let path = Path::new(program.get_program()).parent().unwrap();
        let path = format!("{}:{}", path.display(), std::env::var("PATH").unwrap_or_default());
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("({line}) 2>&1")]).current_dir(self.dir.path()).env("PATH", path);
        shell.env_remove("TREFF_INDEX").env("NO_COLOR", "1").stdin(Stdio::null());
        String::from_utf8(shell.output().unwrap().stdout).expect("output is UTF-8")
    }

    pub fn run_with_input(&self, args: &[&str], input: &[u8]) -> CommandOutput {
        let mut child = self.command(args).stdin(Stdio::piped()).spawn().unwrap();
        // The process may exit before it has read all of its input.
        let _ = child.stdin.take().unwrap().write_all(input);
        CommandOutput::of(child)
    }

    /// The file name and line of every hit, as `name:line`.
    pub fn places(&self, query: &str) -> Vec<String> {
        let hits = self.run(&["search", "--json", "-n", "100", "--", query]).hits();
        let place = |hit: &serde_json::Value| {
            let path = hit["path"].as_str().unwrap();
            format!("{}:{}", path.rsplit('/').next().unwrap(), hit["line"])
        };
        hits.iter().map(place).collect()
    }
}

impl CommandOutput {
    pub fn of(child: std::process::Child) -> CommandOutput {
        let output = child.wait_with_output().unwrap();
        let ran = CommandOutput {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("results are UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("messages are UTF-8"),
        };
        assert!(!ran.stderr.contains("panicked"), "{ran:#?}");
        ran
    }

    #[track_caller]
    pub fn exits(self, code: i32) -> CommandOutput {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// Asserts that standard error contains a message.
    #[track_caller]
    pub fn says(self, message: &str) -> CommandOutput {
        assert!(self.stderr.contains(message), "{message:?} is not in the messages: {self:#?}");
        self
    }

    /// Asserts that standard output contains a text.
    #[track_caller]
    pub fn prints(self, text: &str) -> CommandOutput {
        assert!(self.stdout.contains(text), "{text:?} is not in the output: {self:#?}");
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

/// Updates the index in the folder `index` with `paths`, in this process.
pub fn update(index: &Path, paths: &[PathBuf]) -> UpdateReport {
    index::update(&options(index, paths)).unwrap()
}

pub fn options<'a>(index: &'a Path, paths: &'a [PathBuf]) -> UpdateOptions<'a> {
    UpdateOptions { lock_timeout: Duration::from_secs(60), ..UpdateOptions::new(index, paths) }
}

/// The hits of each query as JSON, in order, with the number of matches.
pub fn answers(index: &Index, queries: &[&str]) -> Vec<String> {
    let mut lines = vec![format!("{} pages, {} passages, {} words", index.pages, index.passages, index.words)];
    for text in queries {
        lines.extend(answers_with(index, text, &PLAIN));
    }
    lines
}

/// Search options with a limit of 50 hits and nothing else.
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
    count_matches: false,
    max_bytes: usize::MAX,
    interrupt: search::Interrupt::NEVER,
};

/// The hits of one query as JSON, after a line with the number of matches.
pub fn answers_with(index: &Index, text: &str, options: &search::SearchOptions) -> Vec<String> {
    let query = query::parse(text, &Synonyms::builtin());
    let answer = search(index, &query, options).unwrap();
    let matched = search::count_matches(index, &query, options.with_boilerplate, &search::Interrupt::NEVER).unwrap();
    let mut lines = vec![format!("{text}: {matched} matched, {:?}", answer.suggestion)];
    lines.extend(answer.hits.iter().map(|hit| serde_json::to_string(hit).unwrap()));
    lines
}

/// The `answers` of the index in a folder.
pub fn answers_in(index: &Path, queries: &[&str]) -> Vec<String> {
    answers(&index::open(index).unwrap(), queries)
}

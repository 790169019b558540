//! `treff index --watch` as it runs: what is done to the pages is found by a search, sooner or later.
//!
//! Nothing here depends on how long something takes: each test waits until the answer is what it must become.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use treff::index;

use crate::{TestEnv, answers_in, update};

/// Much longer than anything takes.
const DEADLINE: Duration = Duration::from_secs(120);

/// A process that watches. Ends with the test.
struct Watching {
    child: Child,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
}

impl Watching {
    fn start(env: &TestEnv, args: &[&str]) -> Watching {
        let watching = Watching::spawn(env.command(args));
        watching.says("; press Ctrl-C to stop");
        watching
    }

    fn spawn(mut command: std::process::Command) -> Watching {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = lines(child.stdout.take().unwrap());
        let stderr = lines(child.stderr.take().unwrap());
        Watching { child, stdout, stderr }
    }

    /// Waits for a line on standard error.
    #[track_caller]
    fn says(&self, text: &str) {
        wait_for(&self.stderr, text);
    }

    /// Waits for a line on standard output.
    #[track_caller]
    fn prints(&self, text: &str) {
        wait_for(&self.stdout, text);
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines(of: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(of).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    receiver
}

#[track_caller]
fn wait_for(lines: &Receiver<String>, text: &str) {
    let begun = Instant::now();
    let mut others = Vec::new();
    while let Ok(line) = lines.recv_timeout(DEADLINE.saturating_sub(begun.elapsed())) {
        if line.contains(text) {
            return;
        }
        others.push(line);
    }
    panic!("{text:?} didn't come, only {others:#?}");
}

/// Waits until a search finds passages in these files, in any order.
#[track_caller]
fn wait_until_found(env: &TestEnv, query: &str, expected: &[&str]) {
    let begun = Instant::now();
    loop {
        let mut found: Vec<String> =
            env.places(query).iter().map(|place| place.split(':').next().unwrap().to_string()).collect();
        found.sort();
        if found == expected {
            return;
        }
        assert!(begun.elapsed() < DEADLINE, "{query:?} finds {found:?}, not {expected:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn pages() -> TestEnv {
    let env = TestEnv::empty();
    env.write("pages/skole.txt", "Skolen melder fra når den er bekymret for et barn.");
    env.write("pages/folder/plan.txt", "Kommunen har en plan for helse og vern.");
    env
}

#[test]
fn pages_are_followed_when_they_come_change_and_go() {
    let env = pages();
    let watching = Watching::start(&env, &["index", "pages", "--watch"]);
    watching.prints("2 pages (2 added)");
    env.write("pages/ny.md", "# Barnehage\n\nBarnehagen har et tilbud om sommeren.");
    watching.prints("3 pages (1 added)");
    wait_until_found(&env, "sommeren", &["ny.md"]);
    env.write("pages/ny.md", "# Barnehage\n\nBarnehagen har et tilbud om vinteren.");
    watching.prints("(1 changed)");
    wait_until_found(&env, "vinteren", &["ny.md"]);
    wait_until_found(&env, "sommeren", &[]);
    std::fs::rename(env.path("pages/ny.md"), env.path("pages/gammel.md")).unwrap();
    wait_until_found(&env, "vinteren", &["gammel.md"]);
    std::fs::remove_file(env.path("pages/gammel.md")).unwrap();
    wait_until_found(&env, "vinteren", &[]);
    env.write("pages/poster.jsonl", "{\"id\":\"1\",\"text\":\"Vedtaket kan påklages innen tre uker.\"}\n");
    wait_until_found(&env, "vedtak", &["poster.jsonl"]);
    env.write("pages/poster.jsonl", "{\"id\":\"1\",\"text\":\"Klagen behandles av fylkesmannen.\"}\n");
    wait_until_found(&env, "fylkesmann", &["poster.jsonl"]);
}

#[test]
fn folders_are_followed_when_they_come_move_and_go() {
    let env = pages();
    let _watching = Watching::start(&env, &["index", "pages", "--watch"]);
    env.write("pages/ny/dyp/side.txt", "Elevene har krav på opplæring.");
    wait_until_found(&env, "opplæring", &["side.txt"]);
    // In a folder that is new itself.
    env.write("pages/ny/dyp/mer.txt", "Opplæringen skjer om høsten.");
    wait_until_found(&env, "opplæring", &["mer.txt", "side.txt"]);
    std::fs::rename(env.path("pages/ny"), env.path("pages/flyttet")).unwrap();
    env.write("pages/flyttet/dyp/tre.txt", "Tilsynet kommer i mars.");
    wait_until_found(&env, "tilsyn", &["tre.txt"]);
    wait_until_found(&env, "path:pages/flyttet/*", &["mer.txt", "side.txt", "tre.txt"]);
    wait_until_found(&env, "path:pages/ny/*", &[]);
    std::fs::remove_dir_all(env.path("pages/flyttet")).unwrap();
    wait_until_found(&env, "opplæring OR tilsyn", &[]);
    wait_until_found(&env, "skole", &["skole.txt"]);
}

#[test]
fn a_root_may_go_and_come_back() {
    let env = pages();
    env.write("above/one/side.txt", "Fylket eier veien.");
    env.write("list.jsonl", "{\"id\":\"1\",\"text\":\"Vedtaket kan påklages.\"}\n");
    let watching = Watching::start(&env, &["index", "pages", "above/one", "list.jsonl", "--watch"]);
    std::fs::rename(env.path("pages"), env.path("elsewhere")).unwrap();
    watching.says("pages: cannot be read; its pages stay in the index");
    wait_until_found(&env, "skole", &["skole.txt"]);
    // Others are followed meanwhile.
    env.write("above/one/mer.txt", "Fylket eier broen.");
    wait_until_found(&env, "broen", &["mer.txt"]);
    env.write("pages/tilbake.txt", "Her er en ny mappe.");
    wait_until_found(&env, "mappe", &["tilbake.txt"]);
    wait_until_found(&env, "skole", &[]);
    env.write("pages/igjen.txt", "Enda en side i mappen.");
    wait_until_found(&env, "mappe", &["igjen.txt", "tilbake.txt"]);
    // The folder above a root: nothing happens to the root itself.
    std::fs::rename(env.path("above"), env.path("aside")).unwrap();
    env.write("above/one/annen.txt", "Staten eier banen.");
    wait_until_found(&env, "banen", &["annen.txt"]);
    wait_until_found(&env, "fylket", &[]);
    // A file, replaced as editors do it, then gone, then back.
    env.write("list.new", "{\"id\":\"1\",\"text\":\"Klagen er avvist.\"}\n");
    std::fs::rename(env.path("list.new"), env.path("list.jsonl")).unwrap();
    wait_until_found(&env, "klage", &["list.jsonl"]);
    std::fs::remove_file(env.path("list.jsonl")).unwrap();
    wait_until_found(&env, "klage", &[]);
    env.write("list.jsonl", "{\"id\":\"1\",\"text\":\"Klagen er tatt til følge.\"}\n");
    wait_until_found(&env, "følge", &["list.jsonl"]);
}

#[test]
fn ten_thousand_pages_at_once_are_found() {
    let env = pages();
    let watching = Watching::start(&env, &["index", "pages", "--watch"]);
    for number in 0..10_000 {
        env.write(&format!("pages/{}/{number}.txt", number % 100), format!("Skoleside {number} om barn."));
    }
    watching.prints("10,002 pages");
    wait_until_found(&env, "9999", &["9999.txt"]);
    env.write("pages/77/etter.txt", "Skrevet etterpå.");
    wait_until_found(&env, "etterpå", &["etter.txt"]);
    drop(watching);
    update(&env.path("afresh"), &[env.path("pages")]);
    let queries = ["skoleside", "barn", "9999", "etterpå"];
    assert_eq!(answers_in(&env.path("index"), &queries), answers_in(&env.path("afresh"), &queries));
}

/// Each update writes into the folder that is watched, and reads what is in it.
#[test]
fn the_index_may_lie_among_its_pages() {
    let env = pages();
    std::fs::create_dir(env.path("pages/index")).unwrap();
    let watching = Watching::start(&env, &["--index", "pages/index", "index", "pages", "--watch"]);
    let lock = env.path("pages/index/writer.lock");
    let last_update = || std::fs::metadata(&lock).unwrap().modified().unwrap();
    env.write("pages/ny.txt", "Barnehagen har et tilbud.");
    watching.prints("3 pages (1 added)");
    // Were it led on by what it did itself, no time would pass without an update.
    let begun = Instant::now();
    let mut before = last_update();
    loop {
        std::thread::sleep(Duration::from_secs(3));
        if last_update() == before {
            break;
        }
        before = last_update();
        assert!(begun.elapsed() < DEADLINE, "there is one update after the other");
    }
    env.write("pages/index/rules.txt", "drop: Barnehagen har *\n");
    watching.prints("cleaned again)");
}

#[test]
fn changes_that_never_end_are_followed() {
    let env = pages();
    let _watching = Watching::start(&env, &["index", "pages", "--watch"]);
    env.write("pages/side.txt", "En rolig side.");
    let begun = Instant::now();
    let mut number = 0;
    // Never as long a pause as ends a burst.
    while env.places("urolig").is_empty() {
        for _ in 0..5 {
            number += 1;
            env.write("pages/strøm.txt", format!("Urolig side, for {number}. gang."));
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(begun.elapsed() < DEADLINE, "nothing was indexed while changes went on");
    }
}

#[test]
fn another_writer_and_a_failing_update_are_survived() {
    let env = pages();
    let watching = Watching::start(&env, &["index", "pages", "--watch"]);
    watching.prints("2 pages");
    let lock = std::fs::File::options().write(true).open(env.path("index/writer.lock")).unwrap();
    lock.lock().unwrap();
    env.write("pages/ny.txt", "Barnehagen har et tilbud.");
    watching.says("waiting for another treff");
    drop(lock);
    wait_until_found(&env, "barnehage", &["ny.txt"]);
    env.write("index/rules.txt", "drop without a colon\n");
    watching.says("rules.txt");
    env.write("pages/mer.txt", "Sommeren kommer.");
    env.write("index/rules.txt", "# none\n");
    wait_until_found(&env, "sommer", &["mer.txt"]);
}

#[test]
fn standard_input_is_nothing_to_watch() {
    let env = pages();
    env.run_with_input(&["index", "-", "--watch"], b"Skolen").exits(2).says("give files or folders to --watch");
    assert_eq!(index::state(&env.path("index")).unwrap(), index::IndexState::Missing);
    env.run_with_input(&["index", "-"], b"Skolen").exits(0);
    env.run(&["index", "--watch"]).exits(2).says("give files or folders to --watch");
}

#[test]
#[cfg(unix)]
fn it_ends_at_once_when_it_is_told_to() {
    use std::os::unix::process::ExitStatusExt;
    let env = pages();
    let mut watching = Watching::start(&env, &["index", "pages", "--watch"]);
    // Not the signal of Ctrl-C, which those who test in the background may have told their processes to ignore.
    let killed = std::process::Command::new("kill").args(["-TERM", &watching.child.id().to_string()]).status();
    assert!(killed.unwrap().success());
    assert_eq!(watching.child.wait().unwrap().signal(), Some(15));
    env.run(&["search", "skole"]).exits(0);
}

/// In a namespace of its own a process may forbid itself to be told of changes; where there are none, nothing is tested.
#[test]
#[cfg(target_os = "linux")]
fn where_the_system_tells_nothing_changes_are_looked_for() {
    let env = pages();
    for (limit, said) in [("max_inotify_instances", "max_user_instances"), ("max_inotify_watches", "max_user_watches")]
    {
        let script = format!("echo 1 >/proc/sys/user/{limit} && echo 0 >/proc/sys/user/{limit} && exec \"$@\"");
        let in_namespace = |program: &Path, args: &[&str]| {
            let mut command = env.command(&[]);
            let mut wrapped = std::process::Command::new("unshare");
            wrapped.args(["--user", "--map-root-user", "sh", "-c", &script, "sh"]).arg(program).args(args);
            wrapped.current_dir(command.current_dir(env.path("")).get_current_dir().unwrap());
            wrapped
        };
        if !in_namespace(Path::new("true"), &[]).output().is_ok_and(|done| done.status.success()) {
            eprintln!("no namespaces here");
            return;
        }
        let program = Path::new(env!("CARGO_BIN_EXE_treff"));
        let watching = Watching::spawn(in_namespace(program, &["index", "pages", "--watch"]));
        watching.says(said);
        env.write("pages/ny.txt", format!("Barnehagen har et tilbud {limit}."));
        wait_until_found(&env, limit, &["ny.txt"]);
    }
}

//! `treff index --watch` as a process: a search eventually reflects every change to the pages.
//!
//! No test depends on how long something takes: each waits until the expected result appears.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use treff::index;

use crate::{TestEnv, answers_in, update};

/// Maximum time to wait for a step: much longer than any step takes.
const DEADLINE: Duration = Duration::from_secs(120);

/// A running `treff index --watch`, killed when dropped.
struct WatchProcess {
    child: Child,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
}

impl WatchProcess {
    fn start(env: &TestEnv, args: &[&str]) -> WatchProcess {
        let watch = WatchProcess::spawn(env.command(args));
        watch.says("; press Ctrl-C to stop");
        watch
    }

    fn spawn(mut command: std::process::Command) -> WatchProcess {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = lines(child.stdout.take().unwrap());
        let stderr = lines(child.stderr.take().unwrap());
        WatchProcess { child, stdout, stderr }
    }

    /// Waits for a line on standard error that contains `text`.
    #[track_caller]
    fn says(&self, text: &str) {
        wait_for(&self.stderr, text);
    }

    /// Waits for a line on standard output that contains `text`.
    #[track_caller]
    fn prints(&self, text: &str) {
        wait_for(&self.stdout, text);
    }
}

impl Drop for WatchProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines(stream: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    receiver
}

#[track_caller]
fn wait_for(lines: &Receiver<String>, text: &str) {
    let started = Instant::now();
    let mut others = Vec::new();
    while let Ok(line) = lines.recv_timeout(DEADLINE.saturating_sub(started.elapsed())) {
        if line.contains(text) {
            return;
        }
        others.push(line);
    }
    panic!("no line contains {text:?}: {others:#?}");
}

/// Waits until a search returns passages of exactly these files (sorted by name).
#[track_caller]
fn wait_until_found(env: &TestEnv, query: &str, expected: &[&str]) {
    let started = Instant::now();
    loop {
        let mut found: Vec<String> =
            env.places(query).iter().map(|place| place.split(':').next().unwrap().to_string()).collect();
        found.sort();
        if found == expected {
            return;
        }
        assert!(started.elapsed() < DEADLINE, "{query:?} matches {found:?}, not {expected:?}");
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
fn follows_added_changed_and_removed_pages() {
    let env = pages();
    let watch = WatchProcess::start(&env, &["index", "pages", "--watch"]);
    watch.prints("2 pages (2 added)");
    env.write("pages/ny.md", "# Barnehage\n\nBarnehagen har et tilbud om sommeren.");
    watch.prints("3 pages (1 added)");
    wait_until_found(&env, "sommeren", &["ny.md"]);
    env.write("pages/ny.md", "# Barnehage\n\nBarnehagen har et tilbud om vinteren.");
    watch.prints("(1 changed)");
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
fn follows_added_moved_and_removed_folders() {
    let env = pages();
    let _watch = WatchProcess::start(&env, &["index", "pages", "--watch"]);
    env.write("pages/ny/dyp/side.txt", "Elevene har krav på opplæring.");
    wait_until_found(&env, "opplæring", &["side.txt"]);
    // A file in a folder that was created while watching.
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
fn follows_roots_that_disappear_and_come_back() {
    let env = pages();
    env.write("above/one/side.txt", "Fylket eier veien.");
    env.write("list.jsonl", "{\"id\":\"1\",\"text\":\"Vedtaket kan påklages.\"}\n");
    let watch = WatchProcess::start(&env, &["index", "pages", "above/one", "list.jsonl", "--watch"]);
    std::fs::rename(env.path("pages"), env.path("elsewhere")).unwrap();
    watch.says("pages: cannot be read; its pages stay in the index");
    wait_until_found(&env, "skole", &["skole.txt"]);
    // Meanwhile, the other roots are still watched.
    env.write("above/one/mer.txt", "Fylket eier broen.");
    wait_until_found(&env, "broen", &["mer.txt"]);
    env.write("pages/tilbake.txt", "Her er en ny mappe.");
    wait_until_found(&env, "mappe", &["tilbake.txt"]);
    wait_until_found(&env, "skole", &[]);
    env.write("pages/igjen.txt", "Enda en side i mappen.");
    wait_until_found(&env, "mappe", &["igjen.txt", "tilbake.txt"]);
    // Renaming the folder above a root causes no event for the root.
    std::fs::rename(env.path("above"), env.path("aside")).unwrap();
    env.write("above/one/annen.txt", "Staten eier banen.");
    wait_until_found(&env, "banen", &["annen.txt"]);
    wait_until_found(&env, "fylket", &[]);
    // A file is replaced by renaming, as editors do, then removed, then written again.
    env.write("list.new", "{\"id\":\"1\",\"text\":\"Klagen er avvist.\"}\n");
    std::fs::rename(env.path("list.new"), env.path("list.jsonl")).unwrap();
    wait_until_found(&env, "klage", &["list.jsonl"]);
    std::fs::remove_file(env.path("list.jsonl")).unwrap();
    wait_until_found(&env, "klage", &[]);
    env.write("list.jsonl", "{\"id\":\"1\",\"text\":\"Klagen er tatt til følge.\"}\n");
    wait_until_found(&env, "følge", &["list.jsonl"]);
}

#[test]
fn follows_a_burst_of_ten_thousand_pages() {
    let env = pages();
    let watch = WatchProcess::start(&env, &["index", "pages", "--watch"]);
    for number in 0..10_000 {
        env.write(&format!("pages/{}/{number}.txt", number % 100), format!("Skoleside {number} om barn."));
    }
    watch.prints("10,002 pages");
    wait_until_found(&env, "9999", &["9999.txt"]);
    env.write("pages/77/etter.txt", "Skrevet etterpå.");
    wait_until_found(&env, "etterpå", &["etter.txt"]);
    drop(watch);
    update(&env.path("rebuilt"), &[env.path("pages")]);
    let queries = ["skoleside", "barn", "9999", "etterpå"];
    assert_eq!(answers_in(&env.path("index"), &queries), answers_in(&env.path("rebuilt"), &queries));
}

/// Every update writes to a watched folder, which must not start another update.
#[test]
fn index_inside_a_watched_root_causes_no_endless_updates() {
    let env = pages();
    std::fs::create_dir(env.path("pages/index")).unwrap();
    let watch = WatchProcess::start(&env, &["--index", "pages/index", "index", "pages", "--watch"]);
    let lock = env.path("pages/index/writer.lock");
    let last_update = || std::fs::metadata(&lock).unwrap().modified().unwrap();
    env.write("pages/ny.txt", "Barnehagen har et tilbud.");
    watch.prints("3 pages (1 added)");
    // If updates triggered one another, there would be no pause between them.
    let started = Instant::now();
    let mut before = last_update();
    loop {
        std::thread::sleep(Duration::from_secs(3));
        if last_update() == before {
            break;
        }
        before = last_update();
        assert!(started.elapsed() < DEADLINE, "updates trigger one another");
    }
    env.write("pages/index/rules.txt", "drop: Barnehagen har *\n");
    watch.prints("cleaned again)");
}

#[test]
fn follows_changes_that_never_pause() {
    let env = pages();
    let _watch = WatchProcess::start(&env, &["index", "pages", "--watch"]);
    env.write("pages/side.txt", "En rolig side.");
    let started = Instant::now();
    let mut number = 0;
    // The pauses are too short to end a burst.
    while env.places("urolig").is_empty() {
        for _ in 0..5 {
            number += 1;
            env.write("pages/strøm.txt", format!("Urolig side, for {number}. gang."));
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(started.elapsed() < DEADLINE, "no update during continuous changes");
    }
}

#[test]
fn survives_another_writer_and_a_failing_update() {
    let env = pages();
    let watch = WatchProcess::start(&env, &["index", "pages", "--watch"]);
    watch.prints("2 pages");
    let lock = std::fs::File::options().write(true).open(env.path("index/writer.lock")).unwrap();
    lock.lock().unwrap();
    env.write("pages/ny.txt", "Barnehagen har et tilbud.");
    watch.says("waiting for another treff");
    drop(lock);
    wait_until_found(&env, "barnehage", &["ny.txt"]);
    env.write("index/rules.txt", "drop without a colon\n");
    watch.says("rules.txt");
    env.write("pages/mer.txt", "Sommeren kommer.");
    env.write("index/rules.txt", "# none\n");
    wait_until_found(&env, "sommer", &["mer.txt"]);
}

#[test]
fn rejects_watching_standard_input() {
    let env = pages();
    env.run_with_input(&["index", "-", "--watch"], b"Skolen").exits(2).says("use --watch with files or folders");
    assert_eq!(index::state(&env.path("index")).unwrap(), index::IndexState::Missing);
    env.run_with_input(&["index", "-"], b"Skolen").exits(0);
    env.run(&["index", "--watch"]).exits(2).says("use --watch with files or folders");
}

#[test]
#[cfg(unix)]
fn ends_on_sigterm() {
    use std::os::unix::process::ExitStatusExt;
    let env = pages();
    let mut watch = WatchProcess::start(&env, &["index", "pages", "--watch"]);
    // Not SIGINT, which background jobs of a shell may ignore.
    let killed = std::process::Command::new("kill").args(["-TERM", &watch.child.id().to_string()]).status();
    assert!(killed.unwrap().success());
    assert_eq!(watch.child.wait().unwrap().signal(), Some(15));
    env.run(&["search", "skole"]).exits(0);
}

/// Runs in a user namespace, where a process can set its own inotify limits to 0. Skipped if user namespaces are not
/// available.
#[test]
#[cfg(target_os = "linux")]
fn updates_periodically_without_inotify() {
    let env = pages();
    for (limit, message) in
        [("max_inotify_instances", "max_user_instances"), ("max_inotify_watches", "max_user_watches")]
    {
        let script = format!("echo 1 >/proc/sys/user/{limit} && echo 0 >/proc/sys/user/{limit} && exec \"$@\"");
        let in_namespace = |program: &Path, args: &[&str]| {
            let mut command = env.command(&[]);
            let mut wrapped = std::process::Command::new("unshare");
            wrapped.args(["--user", "--map-root-user", "sh", "-c", &script, "sh"]).arg(program).args(args);
            wrapped.current_dir(command.current_dir(env.path("")).get_current_dir().unwrap());
            wrapped
        };
        if !in_namespace(Path::new("true"), &[]).output().is_ok_and(|output| output.status.success()) {
            eprintln!("skipped: user namespaces are not available");
            return;
        }
        let program = Path::new(env!("CARGO_BIN_EXE_treff"));
        let watch = WatchProcess::spawn(in_namespace(program, &["index", "pages", "--watch"]));
        watch.says(message);
        env.write("pages/ny.txt", format!("Barnehagen har et tilbud {limit}."));
        wait_until_found(&env, limit, &["ny.txt"]);
    }
}

//! Crash safety and concurrency: a process killed at any moment leaves the old index or the new one, and the next
//! update succeeds.

use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use treff::error::Error;
use treff::index::{self, IndexState, Progress};

use crate::{CommandOutput, TestEnv, answers, answers_in, options, update};

const QUERIES: [&str; 5] = ["kommunen", "\"finn ansatte\"", "side tre", "vedtak -skole", "gammel ny"];
const PAGES: usize = 150;
const KILLS: u32 = 25;

fn write_page(env: &TestEnv, number: usize, version: &str) {
    let word = |index: usize| {
        ["skole", "barnehage", "vedtak", "klage", "helse", "vern", "plan"][(number * 7 + index * index) % 7]
    };
    let prose: Vec<String> = (0..3)
        .map(|paragraph| {
            format!(
                "Kommunen behandler {} nummer {number} om {} i {version} utgave av siden.",
                word(paragraph),
                word(paragraph + 3)
            )
        })
        .collect();
    let text =
        format!("Våre tjenester\nFinn ansatte\n\nSide {number}\n\n{}\n\nRedaktør Kari Nordmann\n", prose.join("\n\n"));
    env.write(&format!("pages/{number}.txt"), text);
}

fn env_with_pages(count: usize) -> TestEnv {
    let env = TestEnv::empty();
    (0..count).for_each(|number| write_page(&env, number, "gammel"));
    env
}

/// Changes some pages, adds one and removes one if `is_new`, and otherwise undoes all of that.
fn rewrite(env: &TestEnv, pages: usize, is_new: bool) {
    let version = if is_new { "ny" } else { "gammel" };
    (0..pages).step_by(7).for_each(|number| write_page(env, number, version));
    let (added, removed) = if is_new { (pages, 1) } else { (1, pages) };
    write_page(env, added, version);
    let _ = std::fs::remove_file(env.path(&format!("pages/{removed}.txt")));
}

fn answers_of_rebuilt_index(env: &TestEnv) -> Vec<String> {
    let index = env.path("rebuilt");
    let _ = std::fs::remove_dir_all(&index);
    update(&index, &[env.path("pages")]);
    answers_in(&index, &QUERIES)
}

/// Kills `treff index` after a share of the time that it usually takes.
fn kill_at(env: &TestEnv, share: f64, usual_duration: Duration) {
    let mut child = env.command(&["index", "pages"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(usual_duration.mul_f64(share));
    child.kill().unwrap();
    child.wait().unwrap();
}

fn run_index(env: &TestEnv) -> Duration {
    let started = Instant::now();
    env.run(&["index", "pages"]).exits(0);
    started.elapsed()
}

/// Evenly spaced shares of the duration of an update.
fn moments() -> impl Iterator<Item = f64> {
    (0..KILLS).map(|step| f64::from(step) / f64::from(KILLS - 1))
}

/// Random shares, different each time the test runs; a failing test prints its share. They go up to 1.05, past the end
/// of most updates, to hit the merging and cleanup after the commit.
fn random_times(number: u64) -> impl Iterator<Item = f64> {
    let seed = std::process::id();
    (0..number)
        .map(move |nth| (xxhash_rust::xxh3::xxh3_64_with_seed(&nth.to_le_bytes(), seed.into()) % 1051) as f64 / 1000.0)
}

#[test]
fn killed_build_leaves_no_index_or_a_complete_one() {
    check_builds(PAGES, moments());
}

#[test]
fn killed_update_leaves_the_old_index_or_the_new_one() {
    check_updates(PAGES, moments());
}

/// Takes minutes: `cargo test --release --test treff -- --ignored killed`.
#[test]
#[ignore = "takes minutes"]
fn large_build_killed_at_200_random_times() {
    check_builds(2000, random_times(200));
}

#[test]
#[ignore = "takes minutes"]
fn large_update_killed_at_200_random_times() {
    check_updates(2000, random_times(200));
}

fn check_builds(pages: usize, moments: impl Iterator<Item = f64>) {
    let env = env_with_pages(pages);
    let index = env.path("index");
    let complete = answers_of_rebuilt_index(&env);
    let time = run_index(&env);
    let (mut missing, mut built) = (0, 0);
    for share in moments {
        std::fs::remove_dir_all(&index).unwrap();
        kill_at(&env, share, time);
        // A build killed before it created the folder leaves nothing.
        match index::state(&index).unwrap() {
            IndexState::Missing => {
                env.run(&["search", "kommunen"]).exits(2).says("no index in");
                missing += 1;
            }
            _ => {
                assert_eq!(answers_in(&index, &QUERIES), complete, "killed at {share}");
                built += 1;
            }
        }
        run_index(&env);
        assert_eq!(answers_in(&index, &QUERIES), complete, "built after a kill at {share}");
        assert_no_leftovers(&index);
    }
    println!(
        "{pages} pages, {time:?} per build; of the killed builds, {missing} left no index, {built} a complete one"
    );
}

fn check_updates(pages: usize, moments: impl Iterator<Item = f64>) {
    let env = env_with_pages(pages);
    let index = env.path("index");
    let old = answers_of_rebuilt_index(&env);
    rewrite(&env, pages, true);
    let new = answers_of_rebuilt_index(&env);
    assert_ne!(old, new);
    run_index(&env);
    rewrite(&env, pages, false);
    let time = run_index(&env);
    let (mut before, mut after) = (0, 0);
    for (round, share) in moments.enumerate() {
        let is_new = round % 2 == 0;
        let (from, to) = if is_new { (&old, &new) } else { (&new, &old) };
        rewrite(&env, pages, is_new);
        kill_at(&env, share, time);
        let found = answers_in(&index, &QUERIES);
        assert!(found == *from || found == *to, "killed at {share}: the answers are from neither index: {found:#?}");
        *if found == *from { &mut before } else { &mut after } += 1;
        run_index(&env);
        assert_eq!(answers_in(&index, &QUERIES), *to, "updated after a kill at {share}");
    }
    // If a process is killed after its commit, the next update removes what it left behind.
    rewrite(&env, pages, (before + after) % 2 == 0);
    run_index(&env);
    assert_no_leftovers(&index);
    println!(
        "{pages} pages, {time:?} per update; of the killed updates, {before} left the old index, {after} the new one"
    );
}

/// The worst moment, reproduced exactly: every file is written except `meta.json`, which commits them.
#[test]
fn update_killed_right_before_its_commit_can_be_repeated() {
    let env = TestEnv::empty();
    (0..20).for_each(|number| write_page(&env, number, "gammel"));
    let (index, paths) = (env.path("index"), [env.path("pages")]);
    update(&index, &paths);
    let old = answers_in(&index, &QUERIES);
    let generation = index.join(folders(&index).pop().unwrap());
    let before = env.path("before");
    std::fs::rename(&generation, &before).unwrap();
    std::fs::create_dir(&generation).unwrap();
    copy_files(&before, &generation, |_| true);
    (3..5).for_each(|number| write_page(&env, number, "ny"));
    update(&index, &paths);
    let new = answers_in(&index, &QUERIES);
    assert_ne!(old, new);
    copy_files(&generation, &before, |name| name != "meta.json");
    std::fs::remove_dir_all(&generation).unwrap();
    std::fs::rename(&before, &generation).unwrap();
    assert_eq!(answers_in(&index, &QUERIES), old);
    run_index(&env);
    assert_eq!(answers_in(&index, &QUERIES), new);
}

fn copy_files(from: &Path, to: &Path, is_included: impl Fn(&str) -> bool) {
    for name in names(from).iter().filter(|name| is_included(name)) {
        std::fs::copy(from.join(name), to.join(name)).unwrap();
    }
}

fn names(folder: &Path) -> Vec<String> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn folders(folder: &Path) -> Vec<String> {
    names(folder).into_iter().filter(|name| folder.join(name).is_dir()).collect()
}

/// Checks that there is one generation, one manifest and the files of one commit.
#[track_caller]
fn assert_no_leftovers(index: &Path) {
    let generations = folders(index);
    assert_eq!(generations.len(), 1, "{generations:?}");
    let files = names(&index.join(&generations[0]));
    assert_eq!(files.iter().filter(|name| name.starts_with("manifest-")).count(), 1, "{files:?}");
    assert!(!files.iter().any(|name| name.ends_with(".new") || name.starts_with(".tmp")), "{files:?}");
    let stores = files.iter().filter(|name| name.ends_with(".store")).count();
    assert_eq!(stores, index::open(index).unwrap().size().1, "{files:?}");
}

/// Calls `meanwhile` while an update in this process holds the writer lock.
fn during_update(env: &TestEnv, meanwhile: impl FnOnce(&mpsc::Sender<()>)) {
    let (index, paths) = (env.path("index"), [env.path("pages")]);
    let (reading, is_reading) = mpsc::channel();
    let (resume, may_resume) = mpsc::channel();
    let may_resume = std::sync::Mutex::new(may_resume);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let pause = |progress: Progress| {
                if let Progress::Reading { done, total } = progress
                    && done == total
                {
                    reading.send(()).unwrap();
                    may_resume.lock().unwrap().recv().unwrap();
                }
            };
            index::update(&index::UpdateOptions { progress: &pause, ..options(&index, &paths) }).unwrap();
        });
        is_reading.recv().unwrap();
        meanwhile(&resume);
        let _ = resume.send(());
        writer.join().unwrap();
    });
}

#[test]
fn second_writer_waits_and_then_names_the_first() {
    let env = TestEnv::empty();
    write_page(&env, 0, "gammel");
    let (index, paths) = (env.path("index"), [env.path("pages")]);
    during_update(&env, |_| {
        let waits = std::sync::Mutex::new(Vec::new());
        let wait = |progress: Progress| {
            if let Progress::Waiting(holder) = progress {
                waits.lock().unwrap().push(holder);
            }
        };
        let lock_timeout = Duration::from_millis(120);
        let error = index::update(&index::UpdateOptions { lock_timeout, progress: &wait, ..options(&index, &paths) })
            .unwrap_err();
        let myself = format!("process {}", std::process::id());
        assert!(matches!(&error, Error::Locked { holder, .. } if holder.contains(&myself)), "{error}");
        let waits = waits.into_inner().unwrap();
        assert!(waits.len() == 1 && waits[0].contains(&myself), "{waits:?}");
    });
    assert_eq!(answers_in(&index, &QUERIES), answers_of_rebuilt_index(&env));
}

#[test]
fn second_process_waits_for_the_lock() {
    use std::io::{BufRead, BufReader};
    let env = TestEnv::empty();
    write_page(&env, 0, "gammel");
    let mut second = None;
    during_update(&env, |resume| {
        let mut child = env.command(&["index", "pages"]).spawn().unwrap();
        let mut message = String::new();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        stderr.read_line(&mut message).unwrap();
        assert!(message.contains("waiting for") && message.contains(&std::process::id().to_string()), "{message}");
        resume.send(()).unwrap();
        second = Some((child, stderr));
    });
    let (child, _stderr) = second.unwrap();
    CommandOutput::of(child).exits(0).prints("nothing changed");
}

#[test]
fn search_does_not_wait_for_a_writer() {
    let env = TestEnv::empty();
    write_page(&env, 0, "gammel");
    run_index(&env);
    write_page(&env, 0, "ny");
    during_update(&env, |_| drop(env.run(&["search", "gammel"]).exits(0)));
    env.run(&["search", "gammel"]).exits(1);
}

/// Searches while the locks of treff and tantivy are held.
#[test]
fn search_takes_no_lock() {
    let env = TestEnv::empty();
    write_page(&env, 0, "gammel");
    run_index(&env);
    let locks: Vec<std::fs::File> = [".tantivy-meta.lock", ".tantivy-writer.lock", "../writer.lock"]
        .map(|name| std::fs::File::create(env.path("index/generation-1").join(name)).unwrap())
        .into_iter()
        .inspect(|file| file.lock().unwrap())
        .collect();
    env.run(&["search", "gammel"]).exits(0);
    drop(locks);
}

#[test]
fn two_concurrent_writers_both_succeed() {
    let env = env_with_pages(20);
    let index = env.path("index");
    run_index(&env);
    for round in 0..4 {
        rewrite(&env, 20, round % 2 == 0);
        let writers = [(); 2].map(|()| env.command(&["index", "pages"]).spawn().unwrap());
        writers.into_iter().for_each(|writer| drop(CommandOutput::of(writer).exits(0)));
        assert_eq!(answers_in(&index, &QUERIES), answers_of_rebuilt_index(&env));
    }
}

#[test]
fn reader_keeps_its_snapshot() {
    let env = env_with_pages(PAGES);
    let (folder, paths) = (env.path("index"), [env.path("pages")]);
    update(&folder, &paths);
    let reader = index::open(&folder).unwrap();
    let before = answers(&reader, &QUERIES);
    rewrite(&env, PAGES, true);
    update(&folder, &paths);
    assert_eq!(answers(&reader, &QUERIES), before);
    let updated = answers_in(&folder, &QUERIES);
    assert_ne!(updated, before);
    index::update(&index::UpdateOptions { rebuild: true, ..options(&folder, &paths) }).unwrap();
    assert_eq!(answers(&reader, &QUERIES), before);
    assert_eq!(answers_in(&folder, &QUERIES), updated);
}

/// Searches continuously while `rounds` updates or rebuilds switch the pages back and forth between two states.
fn check_concurrent_readers(rounds: usize, rebuild: bool) {
    let env = TestEnv::empty();
    let write = |version| (0..8).step_by(2).for_each(|number| write_page(&env, number, version));
    (0..8).for_each(|number| write_page(&env, number, "gammel"));
    let (folder, paths) = (env.path("index"), [env.path("pages")]);
    let old = answers_of_rebuilt_index(&env);
    write("ny");
    let new = answers_of_rebuilt_index(&env);
    update(&folder, &paths);
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let read = || {
            while !is_done.load(Ordering::Relaxed) {
                let found = answers_in(&folder, &QUERIES);
                assert!(found == old || found == new, "the answers are from neither index: {found:#?}");
            }
        };
        let readers = [(); 8].map(|()| scope.spawn(read));
        for round in 0..rounds {
            write(if round % 2 == 0 { "gammel" } else { "ny" });
            index::update(&index::UpdateOptions { rebuild, ..options(&folder, &paths) }).unwrap();
        }
        is_done.store(true, Ordering::Relaxed);
        readers.into_iter().for_each(|reader| reader.join().unwrap());
    });
}

#[test]
fn readers_see_consistent_indexes_during_updates() {
    check_concurrent_readers(5, false);
}

#[test]
fn readers_see_consistent_indexes_during_rebuilds() {
    check_concurrent_readers(5, true);
}

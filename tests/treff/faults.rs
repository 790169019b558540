//! Fault injection: a full disk, pages that change while they are read, folders that disappear during an update.
//! Afterwards, the index is either the old or the new one, and the next update completes the change.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use treff::index::{self, Progress};

use crate::{CommandOutput, TestEnv, answers_in, options, update};

const QUERIES: [&str; 4] = ["kommunen", "side tre", "gammel ny", "\"om skole\""];

fn write_page(env: &TestEnv, number: usize, version: &str) {
    env.write(&format!("pages/{number}.txt"), text(number, version));
}

fn text(number: usize, version: &str) -> String {
    let subject = ["skole", "barnehage", "vedtak", "klage", "helse"][number % 5];
    let line =
        |topic| format!("Kommunen behandler {topic} nummer {number} om {subject} i {version} utgave av siden.\n\n");
    format!("Side {number}\n\n{}", ["vedtak", "klager", "planer", "møter"].map(line).concat())
}

fn pages(count: usize) -> TestEnv {
    let env = TestEnv::empty();
    (0..count).for_each(|number| write_page(&env, number, "gammel"));
    env
}

fn answers_of_rebuilt_index(env: &TestEnv) -> Vec<String> {
    answers_of_index_built_in(env, "rebuilt")
}

/// `folder` must be next to the index to compare with, because stored paths are relative to it.
fn answers_of_index_built_in(env: &TestEnv, folder: &str) -> Vec<String> {
    let index = env.path(folder);
    let _ = std::fs::remove_dir_all(&index);
    update(&index, &[env.path("pages")]);
    answers_in(&index, &QUERIES)
}

/// A limit on file sizes simulates a full disk without root privileges.
#[test]
#[cfg(unix)]
fn index_survives_a_file_size_limit() {
    let env = pages(40);
    let index = env.path("index");
    env.run(&["index", "pages"]).exits(0);
    let old = answers_in(&index, &QUERIES);
    (0..40).for_each(|number| write_page(&env, number, "ny"));
    let new = answers_of_rebuilt_index(&env);
    for blocks in [0, 1, 2, 4, 8, 16, 24] {
        // `ulimit -f` counts blocks of 512 bytes.
        let run = format!("ulimit -f {blocks}; trap '' XFSZ; exec \"$0\" index pages");
        let mut command = std::process::Command::new("sh");
        command.args(["-c", &run, env!("CARGO_BIN_EXE_treff")]).current_dir(env.path(""));
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let ran = CommandOutput::of(command.spawn().unwrap());
        let found = answers_in(&index, &QUERIES);
        if ran.code == Some(0) {
            assert_eq!(found, new);
            (0..40).for_each(|number| write_page(&env, number, "gammel"));
            env.run(&["index"]).exits(0);
            (0..40).for_each(|number| write_page(&env, number, "ny"));
            continue;
        }
        assert!(found == old || found == new, "{blocks} blocks: {ran:#?}");
        ran.exits(2).says("file too large");
    }
    env.run(&["index"]).exits(0);
    assert_eq!(answers_in(&index, &QUERIES), new);
}

/// A small tmpfs, unmounted when dropped.
struct Disk<'a> {
    at: &'a Path,
}

impl Disk<'_> {
    /// Returns `None` if this process may not mount file systems.
    fn mount<'a>(at: &'a Path, size: &str) -> Option<Disk<'a>> {
        std::fs::create_dir_all(at).unwrap();
        let size = format!("size={size}");
        let mounted =
            std::process::Command::new("mount").args(["-t", "tmpfs", "-o", &size, "treff-test"]).arg(at).output();
        match mounted {
            Ok(output) if output.status.success() => Some(Disk { at }),
            other => {
                println!("skipped: a small disk can't be mounted: {other:?}");
                None
            }
        }
    }
}

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(self.at).status();
    }
}

#[test]
fn index_survives_a_full_disk() {
    let env = pages(60);
    let (folder, index) = (env.path("disk"), env.path("disk/index"));
    let Some(disk) = Disk::mount(&folder, "8m") else {
        return;
    };
    let run = || env.run(&["--index", "disk/index", "index", "pages"]);
    run().exits(0);
    let old = answers_in(&index, &QUERIES);
    (0..60).for_each(|number| write_page(&env, number, "ny"));
    let new = answers_of_index_built_in(&env, "disk/rebuilt");
    std::fs::remove_dir_all(env.path("disk/rebuilt")).unwrap();
    let mut failed = 0;
    for left in [0, 4, 8, 16, 32, 48, 64, 96] {
        fill(&folder.join("ballast"), left << 10);
        let ran = run();
        let found = answers_in(&index, &QUERIES);
        assert!(found == old || found == new, "{left} KiB left: {ran:#?}");
        if ran.code != Some(0) {
            ran.exits(2).says("no space left on device");
            failed += 1;
        }
        std::fs::remove_file(folder.join("ballast")).unwrap();
        if found == new {
            run().exits(0);
            (0..60).for_each(|number| write_page(&env, number, "gammel"));
            run().exits(0);
            assert_eq!(answers_in(&index, &QUERIES), old);
            (0..60).for_each(|number| write_page(&env, number, "ny"));
        }
    }
    assert!(failed >= 4, "the disk was full only {failed} times");
    run().exits(0);
    assert_eq!(answers_in(&index, &QUERIES), new);
    drop(disk);
}

/// Fills a disk except for `left` bytes.
fn fill(path: &Path, left: u64) {
    use std::io::Write;
    let mut file = std::fs::File::create(path).unwrap();
    while file.write_all(&[1; 4096]).is_ok() {}
    let size = file.metadata().unwrap().len();
    file.set_len(size.saturating_sub(left)).unwrap();
}

#[test]
fn rereads_pages_that_changed_during_an_update() {
    let env = pages(12);
    let (index, paths) = (env.path("index"), [env.path("pages")]);
    update(&index, &paths);
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0.. {
                if is_done.load(Ordering::Relaxed) {
                    return;
                }
                let version = ["ny", "gammel", "kortere", "mye lengre enn noen annen"][round % 4];
                (0..12).for_each(|number| {
                    std::fs::write(env.path(&format!("pages/{number}.txt")), text(number, version)).unwrap()
                });
            }
        });
        for _ in 0..6 {
            update(&index, &paths);
        }
        is_done.store(true, Ordering::Relaxed);
    });
    // The last change comes right before the last update, which must notice it.
    (0..12).for_each(|number| std::fs::write(env.path(&format!("pages/{number}.txt")), text(number, "ny")).unwrap());
    update(&index, &paths);
    assert_eq!(answers_in(&index, &QUERIES), answers_of_rebuilt_index(&env));
}

/// After some files have been read, the folder is renamed. Then there is either no folder in its place or an empty one,
/// as when a file system is unmounted.
#[test]
fn keeps_pages_of_a_root_that_disappears_during_an_update() {
    for leaves_empty_folder in [false, true] {
        let env = pages(30);
        let (index, paths) = (env.path("index"), [env.path("pages")]);
        update(&index, &paths);
        let old = answers_in(&index, &QUERIES);
        (0..30).for_each(|number| write_page(&env, number, "ny"));
        let vanish = |progress: Progress| {
            if matches!(progress, Progress::Reading { done: 3.., .. })
                && std::fs::rename(env.path("pages"), env.path("elsewhere")).is_ok()
                && leaves_empty_folder
            {
                std::fs::create_dir(env.path("pages")).unwrap();
            }
        };
        let report = index::update(&index::UpdateOptions { progress: &vanish, ..options(&index, &paths) }).unwrap();
        assert!(!report.problems.is_empty() && report.removed == 0 && report.pages == 30, "{report:?}");
        // Pages that were read are new, the others old, and further updates change nothing while the folder is missing.
        let mixed = answers_in(&index, &QUERIES);
        assert_ne!(mixed, old);
        let ran = env.run(&["index"]).exits(2).says("stay in the index");
        if leaves_empty_folder {
            ran.says("pages: the folder is empty");
        }
        env.run(&["index", "--rebuild"]).exits(2).says("the index was left unchanged");
        assert_eq!(answers_in(&index, &QUERIES), mixed);
        let _ = std::fs::remove_dir(env.path("pages"));
        std::fs::rename(env.path("elsewhere"), env.path("pages")).unwrap();
        update(&index, &paths);
        assert_eq!(answers_in(&index, &QUERIES), answers_of_rebuilt_index(&env));
    }
}

#[test]
fn rebuild_with_an_empty_folder_as_path_empties_the_index() {
    let env = pages(2);
    env.run(&["index", "pages"]).exits(0);
    (0..2).for_each(|number| std::fs::remove_file(env.path(&format!("pages/{number}.txt"))).unwrap());
    env.run(&["index"]).exits(2).says("pages: the folder is empty").prints("2 pages");
    env.run(&["index", "--rebuild", "pages"]).exits(0);
    env.run(&["search", "kommunen"]).exits(1);
}

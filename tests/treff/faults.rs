//! What the world does to an update: a full disk, pages that change under its hands, folders that go away. The
//! index answers as before or as after, and the next update makes up for it.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use treff::index::{self, Progress};

use crate::{Ran, TestEnv, answers_in, options, update};

const QUERIES: [&str; 4] = ["kommunen", "side tre", "gammel ny", "\"om skole\""];

fn write_page(env: &TestEnv, number: usize, version: &str) {
    env.write(&format!("pages/{number}.txt"), text(number, version));
}

fn text(number: usize, version: &str) -> String {
    let subject = ["skole", "barnehage", "vedtak", "klage", "helse"][number % 5];
    let line =
        |place| format!("Kommunen behandler {place} nummer {number} om {subject} i {version} utgave av siden.\n\n");
    format!("Side {number}\n\n{}", ["vedtak", "klager", "planer", "møter"].map(line).concat())
}

fn pages(number: usize) -> TestEnv {
    let env = TestEnv::empty();
    (0..number).for_each(|number| write_page(&env, number, "gammel"));
    env
}

fn afresh(env: &TestEnv) -> Vec<String> {
    afresh_in(env, "afresh")
}

/// Beside the index that it is compared with: pages are named from there.
fn afresh_in(env: &TestEnv, folder: &str) -> Vec<String> {
    let index = env.path(folder);
    let _ = std::fs::remove_dir_all(&index);
    update(&index, &[env.path("pages")]);
    answers_in(&index, &QUERIES)
}

/// A limit on the size of each file stands in for a full disk, where nobody may make one.
#[test]
#[cfg(unix)]
fn a_file_that_can_not_grow_fails_an_update_and_no_index() {
    let env = pages(40);
    let index = env.path("index");
    env.run(&["index", "pages"]).exits(0);
    let old = answers_in(&index, &QUERIES);
    (0..40).for_each(|number| write_page(&env, number, "ny"));
    let new = afresh(&env);
    for blocks in [0, 1, 2, 4, 8, 16, 24] {
        // The shell's blocks are of 512 bytes.
        let run = format!("ulimit -f {blocks}; trap '' XFSZ; exec \"$0\" index pages");
        let mut command = std::process::Command::new("sh");
        command.args(["-c", &run, env!("CARGO_BIN_EXE_treff")]).current_dir(env.path(""));
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let ran = Ran::of(command.spawn().unwrap());
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

/// A disk of a few megabytes, for the time of a test; none where this process may not make one.
struct Disk<'a> {
    at: &'a Path,
}

impl Disk<'_> {
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
fn a_full_disk_fails_an_update_and_no_index() {
    let env = pages(60);
    let (folder, index) = (env.path("disk"), env.path("disk/index"));
    let Some(disk) = Disk::mount(&folder, "8m") else {
        return;
    };
    let run = || env.run(&["--index", "disk/index", "index", "pages"]);
    run().exits(0);
    let old = answers_in(&index, &QUERIES);
    (0..60).for_each(|number| write_page(&env, number, "ny"));
    let new = afresh_in(&env, "disk/afresh");
    std::fs::remove_dir_all(env.path("disk/afresh")).unwrap();
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

/// Fills a disk but for so many bytes.
fn fill(path: &Path, left: u64) {
    use std::io::Write;
    let mut file = std::fs::File::create(path).unwrap();
    while file.write_all(&[1; 4096]).is_ok() {}
    let size = file.metadata().unwrap().len();
    file.set_len(size.saturating_sub(left)).unwrap();
}

#[test]
fn pages_that_change_while_they_are_read_are_read_again() {
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
    // Changed a moment ago, as long as before: only its content tells.
    (0..12).for_each(|number| std::fs::write(env.path(&format!("pages/{number}.txt")), text(number, "ny")).unwrap());
    update(&index, &paths);
    assert_eq!(answers_in(&index, &QUERIES), afresh(&env));
}

/// After some files were read, the folder is away, and an empty one stands where the disk was mounted, or none.
#[test]
fn a_root_that_vanishes_half_way_costs_no_page() {
    for leaves_a_folder in [false, true] {
        let env = pages(30);
        let (index, paths) = (env.path("index"), [env.path("pages")]);
        update(&index, &paths);
        let old = answers_in(&index, &QUERIES);
        (0..30).for_each(|number| write_page(&env, number, "ny"));
        let vanish = |progress: Progress| {
            if matches!(progress, Progress::Reading { done: 3.., .. })
                && std::fs::rename(env.path("pages"), env.path("elsewhere")).is_ok()
                && leaves_a_folder
            {
                std::fs::create_dir(env.path("pages")).unwrap();
            }
        };
        let report = index::update(&index::UpdateOptions { progress: &vanish, ..options(&index, &paths) }).unwrap();
        assert!(!report.problems.is_empty() && report.removed == 0 && report.pages == 30, "{report:?}");
        // What was read is new, the rest is as it was; and while the folder is away, it stays so.
        let between = answers_in(&index, &QUERIES);
        assert_ne!(between, old);
        let ran = env.run(&["index"]).exits(2).says("stay in the index");
        if leaves_a_folder {
            ran.says("pages: the folder is empty");
        }
        env.run(&["index", "--rebuild"]).exits(2).says("the index was left as it is");
        assert_eq!(answers_in(&index, &QUERIES), between);
        let _ = std::fs::remove_dir(env.path("pages"));
        std::fs::rename(env.path("elsewhere"), env.path("pages")).unwrap();
        update(&index, &paths);
        assert_eq!(answers_in(&index, &QUERIES), afresh(&env));
    }
}

/// Who means it says so.
#[test]
fn an_empty_folder_that_is_named_for_a_rebuild_is_taken_at_its_word() {
    let env = pages(2);
    env.run(&["index", "pages"]).exits(0);
    (0..2).for_each(|number| std::fs::remove_file(env.path(&format!("pages/{number}.txt"))).unwrap());
    env.run(&["index"]).exits(2).says("pages: the folder is empty").prints("2 pages");
    env.run(&["index", "--rebuild", "pages"]).exits(0);
    env.run(&["search", "kommunen"]).exits(1);
}

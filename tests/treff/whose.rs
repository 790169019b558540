//! Who may read an index, and who may write it? Whoever may read the files searches; whoever may not write them
//! is told so, and nothing is changed.
#![cfg(unix)]

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::{Ran, TestEnv};

const NOBODY: u32 = 65534;

/// Runs treff as a user who owns nothing. None, and a word why, where this process can't: who isn't root can be
/// nobody else, and the program may lie where nobody else comes.
fn as_nobody(env: &TestEnv, args: &[&str]) -> Option<Ran> {
    if !is_root() {
        println!("skipped: only root can run treff as another user");
        return None;
    }
    std::fs::set_permissions(env.path(""), mode(0o755)).unwrap();
    let mut command: Command = env.command(args);
    match command.uid(NOBODY).gid(NOBODY).spawn() {
        Ok(child) => Some(Ran::of(child)),
        Err(error) => {
            println!("skipped: another user can't run {:?}: {error}", command.get_program());
            None
        }
    }
}

/// Who isn't root is bound by the modes of files already.
fn as_who_may_not_write(env: &TestEnv, args: &[&str]) -> Option<Ran> {
    if is_root() { as_nobody(env, args) } else { Some(env.run(args)) }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

fn mode(mode: u32) -> std::fs::Permissions {
    std::fs::Permissions::from_mode(mode)
}

/// Takes from everybody the right to write at or below `path`, or gives it back to the owner.
fn set_writable(path: &Path, is_writable: bool) {
    for entry in walkdir::WalkDir::new(path).contents_first(!is_writable) {
        let path = entry.unwrap().into_path();
        let old = path.metadata().unwrap().permissions().mode();
        std::fs::set_permissions(&path, mode(if is_writable { old | 0o200 } else { old & !0o222 })).unwrap();
    }
}

fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().map(Result::unwrap);
    let files = files.filter(|entry| entry.file_type().is_file());
    files.map(|entry| (entry.path().display().to_string(), std::fs::read(entry.path()).unwrap())).collect()
}

#[test]
fn an_index_of_another_user_is_searched() {
    let env = TestEnv::indexed();
    let Some(found) = as_nobody(&env, &["search", "taushetsplikt"]) else {
        return;
    };
    assert_eq!(found.exits(0).stdout, env.run(&["search", "taushetsplikt"]).stdout);
    // Also one that was updated, whose commit is another file than that of the first build.
    env.write("seeds/new.txt", "Taushetsplikt\n\nTaushetsplikten gjelder alle som arbeider i kommunen.\n");
    env.run(&["index"]).exits(0);
    as_nobody(&env, &["search", "kilde:new OR taushetsplikt"]).unwrap().exits(0).prints("new.txt");
    as_nobody(&env, &["status"]).unwrap().exits(0).prints("6 pages");
    as_nobody(&env, &["index", "seeds"]).unwrap().exits(2).says("writer.lock: cannot write: permission denied");
}

#[test]
fn an_index_that_nobody_may_write_is_searched_and_stays() {
    let env = TestEnv::indexed();
    let (index, writable) = (env.path("index"), env.run(&["search", "taushetsplikt"]));
    set_writable(&index, false);
    let before = contents(&index);
    let found = as_who_may_not_write(&env, &["search", "taushetsplikt"]);
    let status = as_who_may_not_write(&env, &["status"]);
    env.write("seeds/new.txt", "Ny side\n\nEn ny side om taushetsplikt i kommunen.\n");
    let refused = as_who_may_not_write(&env, &["index"]);
    let after = contents(&index);
    set_writable(&index, true);
    let (Some(found), Some(status), Some(refused)) = (found, status, refused) else {
        return;
    };
    assert_eq!(found.exits(0).stdout, writable.stdout);
    status.exits(0).prints("5 pages");
    refused.exits(2).says("writer.lock: cannot write: permission denied");
    assert_eq!(before, after);
}

/// The index may be written, but not the generation in it, or some of its files.
#[test]
fn a_generation_that_may_not_be_written_is_named_and_stays() {
    let env = TestEnv::indexed();
    let (index, generation) = (env.path("index"), env.path("index/generation-1"));
    let found = env.run(&["search", "taushetsplikt"]);
    env.write("seeds/new.txt", "Ny side\n\nEn ny side om taushetsplikt i kommunen.\n");
    std::fs::set_permissions(&index, mode(0o777)).unwrap();
    std::fs::set_permissions(index.join("writer.lock"), mode(0o666)).unwrap();
    let check = |file: &str| {
        let before = contents(&generation);
        let refused = as_who_may_not_write(&env, &["index"]);
        assert_eq!(before, contents(&generation));
        refused.map(|refused| refused.exits(2).says(file).says(": cannot write: permission denied")).is_some()
    };
    set_writable(&generation, false);
    let ran = check("generation-1/.tantivy-writer.lock");
    // Its files may be written and the folder not.
    for name in [".tantivy-writer.lock", ".tantivy-meta.lock"] {
        std::fs::set_permissions(generation.join(name), mode(0o666)).unwrap();
    }
    assert_eq!(check("generation-1/manifest-"), ran);
    set_writable(&generation, true);
    assert_eq!(env.run(&["search", "taushetsplikt"]).stdout, found.stdout);
    env.run(&["index"]).exits(0).prints("6 pages");
}

/// The files of a generation that are read.
fn files(generation: &Path) -> Vec<String> {
    let names = std::fs::read_dir(generation).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| !name.starts_with('.')).collect()
}

/// A file that may not be read is not damaged: building the index again would be no help.
#[test]
fn an_index_that_may_not_be_read_is_no_damaged_one() {
    let env = TestEnv::indexed();
    let generation = env.path("index/generation-1");
    for name in files(&generation) {
        let file = generation.join(&name);
        let old = file.metadata().unwrap().permissions();
        std::fs::set_permissions(&file, mode(0o000)).unwrap();
        let refused = as_who_may_not_write(&env, &["search", "taushetsplikt"]);
        std::fs::set_permissions(&file, old).unwrap();
        let Some(refused) = refused else {
            return;
        };
        assert!(!refused.stderr.contains("rebuild"), "{refused:?}");
        refused.exits(2).says(&format!("{name}: cannot read: permission denied"));
    }
}

#[test]
fn a_missing_file_is_named() {
    let env = TestEnv::indexed();
    let generation = env.path("index/generation-1");
    for name in files(&generation) {
        let (file, away) = (generation.join(&name), env.path("away"));
        std::fs::rename(&file, &away).unwrap();
        env.run(&["search", "taushetsplikt"]).exits(2).says(&format!("{name}: is missing")).says("--rebuild");
        std::fs::rename(&away, &file).unwrap();
    }
}

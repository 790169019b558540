//! File permissions: a user who can read the files of an index can search it; for a user who can't write them, an update
//! fails with an error and changes nothing.
#![cfg(unix)]

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::{CommandOutput, TestEnv};

const NOBODY: u32 = 65534;

/// Runs treff as a user who owns nothing. Returns `None`, and prints why, if this process is not root, or if the
/// program is in a folder that this user can't access.
fn as_nobody(env: &TestEnv, args: &[&str]) -> Option<CommandOutput> {
    if !is_root() {
        println!("skipped: only root can run treff as another user");
        return None;
    }
    std::fs::set_permissions(env.path(""), mode(0o755)).unwrap();
    let mut command: Command = env.command(args);
    match command.uid(NOBODY).gid(NOBODY).spawn() {
        Ok(child) => Some(CommandOutput::of(child)),
        Err(error) => {
            println!("skipped: another user can't run {:?}: {error}", command.get_program());
            None
        }
    }
}

/// Runs treff as a user to whom file permissions apply: as another user if this process is root.
fn without_privileges(env: &TestEnv, args: &[&str]) -> Option<CommandOutput> {
    if is_root() { as_nobody(env, args) } else { Some(env.run(args)) }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

fn mode(mode: u32) -> std::fs::Permissions {
    std::fs::Permissions::from_mode(mode)
}

/// Removes everyone's write permission at and below `path`, or restores the owner's.
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
fn searches_an_index_of_another_user() {
    let env = TestEnv::indexed();
    let Some(found) = as_nobody(&env, &["search", "taushetsplikt"]) else {
        return;
    };
    assert_eq!(found.exits(0).stdout, env.run(&["search", "taushetsplikt"]).stdout);
    // That user can still search after an update, which replaces the `meta.json` of the first build with a new file.
    env.write("seeds/new.txt", "Taushetsplikt\n\nTaushetsplikten gjelder alle som arbeider i kommunen.\n");
    env.run(&["index"]).exits(0);
    as_nobody(&env, &["search", "kilde:new OR taushetsplikt"]).unwrap().exits(0).prints("new.txt");
    as_nobody(&env, &["status"]).unwrap().exits(0).prints("6 pages");
    as_nobody(&env, &["index", "seeds"]).unwrap().exits(2).says("writer.lock: cannot write: permission denied");
}

#[test]
fn searches_a_read_only_index_and_refuses_to_update_it() {
    let env = TestEnv::indexed();
    let (index, writable) = (env.path("index"), env.run(&["search", "taushetsplikt"]));
    set_writable(&index, false);
    let before = contents(&index);
    let found = without_privileges(&env, &["search", "taushetsplikt"]);
    let status = without_privileges(&env, &["status"]);
    env.write("seeds/new.txt", "Ny side\n\nEn ny side om taushetsplikt i kommunen.\n");
    let refused = without_privileges(&env, &["index"]);
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

/// The index folder is writable, but the folder of its generation or some files in it are not.
#[test]
fn names_the_file_of_a_read_only_generation_and_changes_nothing() {
    let env = TestEnv::indexed();
    let (index, generation) = (env.path("index"), env.path("index/generation-1"));
    let found = env.run(&["search", "taushetsplikt"]);
    env.write("seeds/new.txt", "Ny side\n\nEn ny side om taushetsplikt i kommunen.\n");
    std::fs::set_permissions(&index, mode(0o777)).unwrap();
    std::fs::set_permissions(index.join("writer.lock"), mode(0o666)).unwrap();
    let check = |file: &str| {
        let before = contents(&generation);
        let refused = without_privileges(&env, &["index"]);
        assert_eq!(before, contents(&generation));
        refused.map(|refused| refused.exits(2).says(file).says(": cannot write: permission denied")).is_some()
    };
    set_writable(&generation, false);
    let ran = check("generation-1/.tantivy-writer.lock");
    // The lock files are writable, but their folder is not.
    for name in [".tantivy-writer.lock", ".tantivy-meta.lock"] {
        std::fs::set_permissions(generation.join(name), mode(0o666)).unwrap();
    }
    assert_eq!(check("generation-1/manifest-"), ran);
    set_writable(&generation, true);
    assert_eq!(env.run(&["search", "taushetsplikt"]).stdout, found.stdout);
    env.run(&["index"]).exits(0).prints("6 pages");
}

/// The names of the files of a generation that a search reads.
fn files(generation: &Path) -> Vec<String> {
    let names = std::fs::read_dir(generation).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| !name.starts_with('.')).collect()
}

/// An unreadable file is not damaged: a rebuild would not help.
#[test]
fn an_unreadable_file_is_not_reported_as_damaged() {
    let env = TestEnv::indexed();
    let generation = env.path("index/generation-1");
    for name in files(&generation) {
        let file = generation.join(&name);
        let old = file.metadata().unwrap().permissions();
        std::fs::set_permissions(&file, mode(0o000)).unwrap();
        let refused = without_privileges(&env, &["search", "taushetsplikt"]);
        std::fs::set_permissions(&file, old).unwrap();
        let Some(refused) = refused else {
            return;
        };
        assert!(!refused.stderr.contains("rebuild"), "{refused:?}");
        refused.exits(2).says(&format!("{name}: cannot read: permission denied"));
    }
}

#[test]
fn names_a_missing_file() {
    let env = TestEnv::indexed();
    let generation = env.path("index/generation-1");
    for name in files(&generation) {
        let (file, aside) = (generation.join(&name), env.path("away"));
        std::fs::rename(&file, &aside).unwrap();
        env.run(&["search", "taushetsplikt"]).exits(2).says(&format!("{name}: the file is missing")).says("--rebuild");
        std::fs::rename(&aside, &file).unwrap();
    }
}

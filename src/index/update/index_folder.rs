//! Manages the folder of an index: refuses foreign folders, keeps the head file current, and removes unused files.

use std::fs::DirEntry;
use std::path::Path;

use crate::error::{Error, Result};
use crate::index::store::compression::DICTIONARY_PREFIX;
use crate::index::store::generation::generation_number;
use crate::index::store::head::{HEAD_FILE, Head, NEW_HEAD_FILE};
use crate::index::store::lock::LOCK_FILE;
use crate::index::store::manifest::{Manifest, StdinCopy};
use crate::index::store::stdin_copy;
use crate::index::user_files::{RULES, SYNONYMS};

/// The prefix of a manifest's file name, before the time when it was written.
pub const MANIFEST_PREFIX: &str = "manifest-";

/// Returns an error if the folder contains files that don't belong to an index. treff doesn't build an index among
/// other files.
pub fn check_folder(index: &Path) -> Result<()> {
    let names: Vec<String> = entries(index).map(|entry| file_name(&entry)).collect();
    let has = |file: &str| names.iter().any(|name| name == file);
    if has(HEAD_FILE) {
        return Ok(());
    }
    let belongs_to_index = |name: &str| {
        // A build that was killed leaves its lock file next to its generation. A folder `generation-1` without one was
        // not made by treff.
        generation_number(name).is_some() && has(LOCK_FILE)
            || name.starts_with(stdin_copy::PREFIX)
            || matches!(name, LOCK_FILE | ".gitignore" | NEW_HEAD_FILE | SYNONYMS | RULES)
    };
    match names.iter().find(|name| !belongs_to_index(name)) {
        Some(file) => Err(Error::ForeignFolder { dir: index.to_path_buf(), file: file.clone() }),
        None => Ok(()),
    }
}

/// Returns the name for a new generation.
pub fn next_generation(index: &Path) -> Result<String> {
    let entries = std::fs::read_dir(index).map_err(Error::io(index, "read"))?;
    let last = entries.flatten().filter_map(|entry| generation_number(entry.file_name().to_str()?)).max().unwrap_or(0);
    Ok(format!("generation-{}", last + 1))
}

/// Writes the roots and settings of the manifest to the head file, if they changed.
pub fn update_head(index: &Path, manifest: &Manifest) -> Result<()> {
    let (roots, keep_all) = (&manifest.roots, manifest.settings.keep_all);
    match Head::read(index)? {
        Some(head) if head.roots != *roots || head.keep_all != keep_all => {
            Head { roots: roots.clone(), keep_all, ..head }.write(index)
        }
        _ => Ok(()),
    }
}

/// Removes a new generation that could not be completed, to free space in case the disk is full. The next update
/// removes what a failed one leaves in an existing generation.
pub fn remove_failed_generation(index: &Path) {
    if let Ok(head) = Head::read(index) {
        remove_generations_except(index, head.as_ref().map(|head| head.generation.as_str()));
    }
}

/// Removes the files that the last commit doesn't name: other generations, copies of standard input, manifests and
/// dictionaries. `named` are the files of `generation` to keep. What can't be removed now is left to the next update.
pub fn remove_unused_files(index: &Path, generation: &str, named: &[Option<&str>], stdin: Option<&StdinCopy>) {
    remove_generations_except(index, Some(generation));
    for entry in entries(index) {
        let name = file_name(&entry);
        if name.starts_with(stdin_copy::PREFIX) && stdin.is_none_or(|stdin| stdin.file != name) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
    for entry in entries(&index.join(generation)) {
        let name = file_name(&entry);
        let is_named_by_commits = name.starts_with(MANIFEST_PREFIX) || name.starts_with(DICTIONARY_PREFIX);
        if is_named_by_commits && !named.contains(&Some(name.as_str())) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

fn remove_generations_except(index: &Path, kept: Option<&str>) {
    for entry in entries(index) {
        let name = file_name(&entry);
        if generation_number(&name).is_some() && kept.is_none_or(|kept| kept != name) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// The entries of a folder; none if it can't be read.
fn entries(folder: &Path) -> impl Iterator<Item = DirEntry> {
    std::fs::read_dir(folder).into_iter().flatten().flatten()
}

fn file_name(entry: &DirEntry) -> String {
    entry.file_name().to_string_lossy().into_owned()
}

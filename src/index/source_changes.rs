//! Counts the files that changed since the last update, without reading them.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::store::manifest::{FileEntry, Manifest};
use super::store::paths::{BaseDir, STDIN, is_below};
use super::user_files::read_rules;
use crate::error::{Error, Result};
use crate::read::{self, Walk};

/// The differences between the sources and the manifest.
#[derive(Debug, Default, PartialEq)]
pub struct SourceChanges {
    pub new: usize,
    pub changed: usize,
    pub gone: usize,
    /// Whether the user rules changed.
    pub rules: bool,
    /// Roots that can't be read.
    pub unreachable: Vec<String>,
}

/// Compares the files below the roots with the manifest, by size and modification time.
pub fn source_changes(index: &Path, manifest: &Manifest) -> Result<SourceChanges> {
    let base = BaseDir::of(index)?;
    let rules = read_rules(index, manifest.settings.keep_all)?;
    let mut changes =
        SourceChanges { rules: rules.fingerprint() != manifest.settings.rules, ..SourceChanges::default() };
    let known: HashMap<&str, &FileEntry> = manifest.files.iter().map(|file| (file.path.as_str(), file)).collect();
    for root in manifest.roots.iter().filter(|root| *root != STDIN) {
        let walk = read::walk(&base.resolve_for_display(root), base.index());
        let had_files = known.keys().any(|name| is_below(name, root));
        let check = |walk| if had_files { check_mounted(root, &base).map(|()| walk) } else { Ok(walk) };
        match walk.and_then(check) {
            Err(_) => changes.unreachable.push(base.show(root)),
            Ok(walk) => count_changes(&mut changes, &walk, root, &base, &known)?,
        }
    }
    Ok(changes)
}

fn count_changes(
    changes: &mut SourceChanges,
    walk: &Walk,
    root: &str,
    base: &BaseDir,
    known: &HashMap<&str, &FileEntry>,
) -> Result<()> {
    let mut found_names = HashSet::new();
    for found in &walk.files {
        let name = base.stored_name(&found.path)?;
        match known.get(name.as_str()) {
            None => changes.new += 1,
            Some(file) => {
                // A time of 0 only means that the next update reads the file again.
                let has_new_time = file.modified != 0 && file.modified != found.modified;
                changes.changed += usize::from(file.size != found.size || has_new_time);
            }
        }
        found_names.insert(name);
    }
    changes.gone += known.keys().filter(|name| is_below(name, root) && !found_names.contains(**name)).count();
    Ok(())
}

/// Returns an error if the folder of a root that had pages has no entries at all. Such a folder is more likely the
/// mount point of a disk that isn't mounted than a folder from which every file was deleted.
pub fn check_mounted(root: &str, base: &BaseDir) -> Result<()> {
    let is_empty = std::fs::read_dir(base.resolve(root)).is_ok_and(|mut entries| entries.next().is_none());
    if root != STDIN && is_empty {
        return Err(Error::page(base.show(root), "the folder is empty (is its disk mounted?)"));
    }
    Ok(())
}

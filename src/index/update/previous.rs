//! Loads what an update starts from: the last commit, or what can be recovered from a damaged or outdated index.

use std::path::Path;

use super::update_options::{UpdateOptions, UpdateReport};
use crate::error::{Error, Result};
use crate::index::integrity::recover::find_manifest;
use crate::index::reader::open;
use crate::index::store::head::Head;
use crate::index::store::manifest::{Manifest, StdinCopy};
use crate::index::store::stdin_copy;
use crate::index::store::verify::verify_file_list;

/// The index before the update.
#[derive(Default)]
pub struct PreviousIndex {
    /// The generation that the update writes to; `None` to create a new one.
    pub generation: Option<CurrentGeneration>,
    /// The manifest of `generation`; empty if there is none.
    pub manifest: Manifest,
    /// The roots, the `keep_all` setting and the copy of standard input that a new generation takes over.
    pub roots: Vec<String>,
    pub keep_all: bool,
    pub stdin: Option<StdinCopy>,
    /// Whether an index exists; it may be damaged or written by another version.
    pub exists: bool,
    /// Why the generation must be rebuilt, if it is damaged.
    pub damage: Option<Error>,
}

/// A generation with the files that its last commit names.
pub struct CurrentGeneration {
    /// The name of its folder.
    pub name: String,
    pub manifest_file: String,
    pub dictionary_file: Option<String>,
}

/// Loads the last commit of the index. If that is damaged or in another format, the update rebuilds the index from the
/// sources that can still be determined. `known_damage` is damage that an earlier attempt found.
pub fn load_previous(
    options: &UpdateOptions,
    known_damage: Option<Error>,
    report: &mut UpdateReport,
) -> Result<PreviousIndex> {
    let (head, mut damage) = match Head::read(options.index) {
        Err(error @ Error::Damaged { .. }) => (None, Some(error)),
        head => (head?, known_damage),
    };
    let mut previous = PreviousIndex::default();
    if let Some(head) = &head {
        previous.roots.clone_from(&head.roots);
        previous.keep_all = head.keep_all;
        if !head.is_current() {
            report.notes.push(format!("the index was built by treff {}; rebuilding it", head.treff));
        } else if damage.is_none() {
            match load_commit(options.index, head) {
                Ok((generation, manifest)) => {
                    previous.generation = Some(generation);
                    previous.roots.clone_from(&manifest.roots);
                    previous.stdin.clone_from(&manifest.stdin);
                    previous.manifest = manifest;
                }
                Err(error @ Error::Damaged { .. }) => damage = Some(error),
                Err(error) => return Err(error),
            }
        }
    }
    previous.exists = head.is_some() || damage.is_some();
    if let Some(damage) = damage {
        recover_sources(options, head.as_ref(), damage, &mut previous, report)?;
    }
    if options.rebuild {
        previous.generation = None;
        previous.manifest = Manifest::default();
    }
    Ok(previous)
}

/// Opens the current generation and verifies the files that an update depends on.
fn load_commit(index: &Path, head: &Head) -> Result<(CurrentGeneration, Manifest)> {
    let opened = open(index)?;
    verify_file_list(&index.join(&head.generation))?;
    // No stored passage can be read without it.
    opened.verify_dictionary()?;
    let generation = CurrentGeneration {
        name: head.generation.clone(),
        manifest_file: opened.manifest_file_name(),
        dictionary_file: opened.dictionary_file_name().map(str::to_string),
    };
    Ok((generation, opened.manifest()?))
}

/// Determines what a damaged index was built from. Returns the damage as an error if nothing names the sources and the
/// user doesn't name them for a rebuild.
fn recover_sources(
    options: &UpdateOptions,
    head: Option<&Head>,
    damage: Error,
    previous: &mut PreviousIndex,
    report: &mut UpdateReport,
) -> Result<()> {
    match find_manifest(options.index, head.map(|head| head.generation.as_str())) {
        Some(manifest) => {
            previous.roots = manifest.roots;
            previous.keep_all = manifest.settings.keep_all;
            previous.stdin = manifest.stdin;
        }
        None if head.is_some() || options.rebuild && !options.paths.is_empty() => {
            previous.stdin = stdin_copy::find_latest(options.index);
        }
        None => return Err(damage),
    }
    report.notes.push(format!("{damage}; rebuilding the index"));
    previous.damage = Some(damage);
    Ok(())
}

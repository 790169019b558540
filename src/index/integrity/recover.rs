//! Finds the newest intact manifest of a damaged index, which names the sources to rebuild from.

use std::fs::File;
use std::path::Path;

use crate::index::store::generation::generation_number;
use crate::index::store::manifest::Manifest;

/// The newest intact manifest of `generation`, or, if that is not known, of the newest generation that has one.
pub fn find_manifest(index: &Path, generation: Option<&str>) -> Option<Manifest> {
    let generations = match generation {
        Some(generation) => vec![generation.to_string()],
        None => {
            let mut all: Vec<String> =
                file_names(index).into_iter().filter(|name| generation_number(name).is_some()).collect();
            all.sort_by_key(|name| generation_number(name));
            all.reverse();
            all
        }
    };
    generations.iter().find_map(|generation| {
        let folder = index.join(generation);
        let mut manifests: Vec<String> =
            file_names(&folder).into_iter().filter(|name| name.starts_with("manifest-")).collect();
        manifests.sort();
        manifests.into_iter().rev().find_map(|name| {
            let path = folder.join(name);
            Manifest::read(&File::open(&path).ok()?, &path).ok()
        })
    })
}

fn file_names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

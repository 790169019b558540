//! Of an index that can't be opened, what can still be known of what it was built from?

use std::fs::File;
use std::path::Path;

use crate::index::store::generation::generation_number;
use crate::index::store::manifest::Manifest;

/// The last whole manifest of a generation; of any where it isn't known which one counts, the newest first.
pub fn find_manifest(index: &Path, generation: Option<&str>) -> Option<Manifest> {
    let generations = match generation {
        Some(generation) => vec![generation.to_string()],
        None => {
            let mut all: Vec<String> =
                names(index).into_iter().filter(|name| generation_number(name).is_some()).collect();
            all.sort_by_key(|name| generation_number(name));
            all.reverse();
            all
        }
    };
    generations.iter().find_map(|generation| {
        let folder = index.join(generation);
        let mut manifests: Vec<String> =
            names(&folder).into_iter().filter(|name| name.starts_with("manifest-")).collect();
        manifests.sort();
        manifests.into_iter().rev().find_map(|name| {
            let path = folder.join(name);
            Manifest::read(&File::open(&path).ok()?, &path).ok()
        })
    })
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

//! Walks the roots and compares the files below them with the manifest, by size and modification time.

use std::collections::{BTreeMap, HashSet};

use super::previous::PreviousIndex;
use super::update_options::{UpdateContext, UpdateOptions, UpdateReport};
use crate::error::{Error, Result};
use crate::index::source_changes::check_mounted;
use crate::index::store::checksum::MISMATCH;
use crate::index::store::manifest::{FileEntry, StdinCopy};
use crate::index::store::paths::{BaseDir, STDIN, is_below};
use crate::index::store::stdin_copy;
use crate::read::{self, SourceFile, Walk};

/// The sources as they are now.
pub struct ScanResult {
    /// The roots of the index after the update, sorted.
    pub roots: Vec<String>,
    /// The files of the manifest that still exist, sorted by path. Changed files still have their previous entries.
    pub files: Vec<FileEntry>,
    /// New and changed files, sorted by path.
    pub to_read: Vec<ChangedFile>,
}

/// A new or changed file, with its size and modification time when the scan found it.
pub struct ChangedFile {
    pub source: SourceFile,
    pub size: u64,
    pub modified: i64,
}

/// Compares the files below the roots with the manifest. `stdin` is the copy of standard input to index.
///
/// Fails if no root can be read. Also fails if the index is rebuilt and one of its roots can't be read, because the new
/// generation would lose the pages of that root.
pub fn scan(
    context: &UpdateContext,
    previous: &mut PreviousIndex,
    stdin: Option<&StdinCopy>,
    report: &mut UpdateReport,
) -> Result<ScanResult> {
    let options = context.options;
    let (roots, to_scan) = choose_roots(options, &context.base, previous)?;
    let default_root = options.default_path.map(|path| context.base.stored_name(path)).transpose()?;
    let is_new = previous.generation.is_none();
    let mut scanner = Scanner {
        context,
        stdin,
        report,
        roots,
        known: previous.manifest.files.iter().map(|file| (file.path.clone(), file.clone())).collect(),
        to_read: BTreeMap::new(),
    };
    let mut readable_roots = 0;
    for root in &to_scan {
        let is_rebuild = is_new && previous.exists;
        let had_pages = scanner.has_known_files(root) || is_rebuild && options.paths.is_empty();
        match scanner.walk(root, had_pages) {
            Ok(walk) => {
                readable_roots += 1;
                scanner.compare(root, walk)?;
            }
            Err(cause) if is_rebuild => {
                let damage = previous.damage.take().map(Box::new);
                return Err(Error::SourcesMissing { damage, cause: Box::new(cause) });
            }
            Err(cause) if Some(root) == default_root.as_ref() && options.paths.is_empty() => {
                return Err(Error::NoPath { cause: Some(Box::new(cause)) });
            }
            Err(cause) => readable_roots += usize::from(scanner.handle_unreadable_root(root, cause)),
        }
    }
    if readable_roots == 0 && scanner.known.is_empty() {
        return Err(scanner.report.problems.pop().unwrap_or(Error::NoReadablePath));
    }
    Ok(ScanResult {
        roots: scanner.roots,
        files: scanner.known.into_values().collect(),
        to_read: scanner.to_read.into_values().collect(),
    })
}

/// Returns the roots of the index after the update (sorted, none below another) and the roots to scan in this update.
/// An update with paths adds them to the index and scans only them; a rebuild with paths replaces the roots.
fn choose_roots(
    options: &UpdateOptions,
    base: &BaseDir,
    previous: &PreviousIndex,
) -> Result<(Vec<String>, Vec<String>)> {
    let stored_name = |path: &std::path::PathBuf| {
        if path.as_os_str() == STDIN { Ok(STDIN.to_string()) } else { base.stored_name(path) }
    };
    let mut to_scan = options.paths.iter().map(stored_name).collect::<Result<Vec<_>>>()?;
    let replaces_roots = options.rebuild && !to_scan.is_empty();
    if to_scan.is_empty() {
        to_scan.clone_from(&previous.roots);
    }
    if to_scan.is_empty() {
        let default_path = options.default_path.ok_or(Error::NoPath { cause: None })?;
        to_scan.push(base.stored_name(default_path)?);
    }
    let mut candidates = if replaces_roots { Vec::new() } else { previous.roots.clone() };
    candidates.extend(to_scan.iter().cloned());
    let is_below_another = |root: &String| candidates.iter().any(|other| other != root && is_below(root, other));
    let mut roots: Vec<String> = candidates.iter().filter(|root| !is_below_another(root)).cloned().collect();
    roots.sort();
    roots.dedup();
    if previous.generation.is_none() {
        to_scan.clone_from(&roots);
    }
    Ok((roots, to_scan))
}

/// The state of a scan, updated root by root.
struct Scanner<'a> {
    context: &'a UpdateContext<'a>,
    stdin: Option<&'a StdinCopy>,
    report: &'a mut UpdateReport,
    roots: Vec<String>,
    /// The files of the manifest, without those found to be gone.
    known: BTreeMap<String, FileEntry>,
    to_read: BTreeMap<String, ChangedFile>,
}

impl Scanner<'_> {
    fn has_known_files(&self, root: &str) -> bool {
        self.known.keys().any(|name| is_below(name, root))
    }

    fn walk(&self, root: &str, had_pages: bool) -> Result<Walk> {
        if root == STDIN {
            return self.walk_stdin();
        }
        let base = &self.context.base;
        let walk = read::walk(&base.resolve_for_display(root), base.index())?;
        if had_pages {
            check_mounted(root, base)?;
        }
        Ok(walk)
    }

    /// Returns the stored copy of standard input as the only file of its root.
    fn walk_stdin(&self) -> Result<Walk> {
        let stdin = self.stdin.ok_or(Error::NoStdin)?;
        let index = self.context.options.index;
        let path = index.join(&stdin.file);
        if !stdin_copy::is_intact(index, stdin).map_err(Error::io(&path, "read"))? {
            return Err(Error::DamagedStdin { file: path, reason: MISMATCH.to_string() });
        }
        let (size, modified) = read::size_and_mtime(&path).map_err(Error::io(&path, "read"))?;
        Ok(Walk { files: vec![read::FoundFile { path, kind: stdin.kind, size, modified }], ..Walk::default() })
    }

    /// Compares the files found below a root with the files in the manifest. Files that are gone are removed from
    /// `known`, except where a folder could not be listed.
    fn compare(&mut self, root: &str, walk: Walk) -> Result<()> {
        let base = &self.context.base;
        for (kind, count) in walk.not_read {
            *self.report.not_read.entry(kind).or_default() += count;
        }
        self.report.notes.extend(walk.notes);
        let mut unlisted = Vec::new();
        for (path, error) in walk.unreadable {
            unlisted.extend(base.stored_name(&path));
            self.report.problems.push(error);
        }
        let mut found_names = HashSet::new();
        for found in walk.files {
            let name = if root == STDIN { STDIN.to_string() } else { base.stored_name(&found.path)? };
            found_names.insert(name.clone());
            let is_unchanged = self
                .known
                .get(&name)
                .is_some_and(|file| file.modified != 0 && (file.size, file.modified) == (found.size, found.modified));
            if !is_unchanged {
                let source = SourceFile { path: found.path, name: name.clone(), kind: found.kind };
                self.to_read.insert(name, ChangedFile { source, size: found.size, modified: found.modified });
            }
        }
        self.known.retain(|name, _| {
            !is_below(name, root) || found_names.contains(name) || unlisted.iter().any(|folder| is_below(name, folder))
        });
        Ok(())
    }

    /// Reports a root that can't be read, and drops it from the index if no pages depend on it. Returns whether the
    /// root is a deleted file, whose pages are removed.
    fn handle_unreadable_root(&mut self, root: &str, error: Error) -> bool {
        let base = &self.context.base;
        if self.is_deleted_file(root) {
            self.known.remove(root);
            self.roots.retain(|known| known != root);
            self.report.notes.push(format!("{} no longer exists; its pages were removed", base.show(root)));
            if !self.context.options.paths.is_empty() {
                self.report.problems.push(error);
            }
            return true;
        }
        if self.has_known_files(root) {
            self.report.kept_roots.push(base.show(root));
        } else {
            self.roots.retain(|known| known != root);
        }
        self.report.problems.push(error);
        false
    }

    /// Whether a root is a file that no longer exists in a folder that has other entries. An empty or missing folder is
    /// more likely a disk that isn't mounted, and then the pages stay in the index.
    fn is_deleted_file(&self, root: &str) -> bool {
        let path = self.context.base.resolve(root);
        let siblings = || path.parent().and_then(|folder| std::fs::read_dir(folder).ok());
        self.known.contains_key(root)
            && root != STDIN
            && !path.exists()
            && siblings().is_some_and(|mut entries| entries.next().is_some())
    }
}

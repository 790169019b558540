//! Given the paths that are indexed, which files in them are new, changed or gone?

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use super::run::{Plan, ToRead, UpdateOptions, UpdateReport};
use crate::error::{Error, Result};
use crate::index::integrity::recover::find_manifest;
use crate::index::reader::open;
use crate::index::store::checksum::MISMATCH;
use crate::index::store::compression::Sample;
use crate::index::store::directory::WriteFailure;
use crate::index::store::generation::unix_nanos;
use crate::index::store::head::Head;
use crate::index::store::manifest::{FileEntry, Manifest, Settings, StdinCopy};
use crate::index::store::paths::{BaseDir, STDIN, is_below};
use crate::index::store::stdin_copy;
use crate::index::store::verify::verify_file_list;
use crate::index::user_files::read_rules;
use crate::read::{self, SourceFile};

impl Plan {
    /// Compares the files that are there with those that are indexed.
    /// `damage` is what was found of the index since, and `given_now` what came on standard input.
    pub fn make(
        options: &UpdateOptions,
        mut damage: Option<Error>,
        given_now: Option<StdinCopy>,
        report: &mut UpdateReport,
    ) -> Result<Plan> {
        let base = BaseDir::of(options.index)?;
        let begun = unix_nanos();
        let head = match Head::read(options.index) {
            Err(error @ Error::Damaged { .. }) => {
                damage = Some(error);
                None
            }
            head => head?,
        };
        let mut generation = None;
        let mut before = Manifest::default();
        let mut manifest_file = String::new();
        let mut dictionary = None;
        let mut known_roots = Vec::new();
        let mut kept_all = false;
        if let Some(head) = &head {
            known_roots = head.roots.clone();
            kept_all = head.keep_all;
            if !head.is_current() {
                report.notes.push(format!("the index was built by treff {}; building it again", head.treff));
            } else if damage.is_none() {
                let indexed = open(options.index).and_then(|index| {
                    verify_file_list(&options.index.join(&head.generation))?;
                    // Without it no passage can be read.
                    index.verify_dictionary()?;
                    Ok((
                        index.manifest()?,
                        index.manifest_file_name(),
                        index.dictionary_file_name().map(str::to_string),
                    ))
                });
                match indexed {
                    Ok((manifest, file, of_passages)) => {
                        manifest_file = file;
                        dictionary = of_passages;
                        known_roots = manifest.roots.clone();
                        before = manifest;
                        generation = Some(head.generation.clone());
                    }
                    Err(error @ Error::Damaged { .. }) => damage = Some(error),
                    Err(error) => return Err(error),
                }
            }
        }
        let mut kept_stdin = before.stdin.clone();
        // What is damaged is built again from its sources, as far as anything still tells which these were.
        if let Some(error) = &damage {
            match find_manifest(options.index, head.as_ref().map(|head| head.generation.as_str())) {
                Some(manifest) => {
                    known_roots = manifest.roots;
                    kept_all = manifest.settings.keep_all;
                    kept_stdin = manifest.stdin;
                }
                // Who begins afresh needs nothing of what is there.
                None if head.is_some() || options.rebuild && !options.paths.is_empty() => {
                    kept_stdin = stdin_copy::find_latest(options.index);
                }
                None => return Err(damage.unwrap_or(Error::NoIndex { dir: options.index.to_path_buf() })),
            }
            report.notes.push(format!("{error}; building it again"));
        }
        // An index of another version is built again as it was; who rebuilds says how.
        let keep_all = options.keep_all || !options.rebuild && kept_all;
        let rules = read_rules(options.index, keep_all)?;
        let replaced = Replaced { is_there: head.is_some() || damage.is_some(), damage };
        let begins_afresh = options.rebuild || generation.is_none();
        if begins_afresh {
            generation = None;
            before = Manifest::default();
            dictionary = None;
        }
        let mut given = Vec::new();
        for path in options.paths {
            let name = if path.as_os_str() == STDIN { STDIN.to_string() } else { base.store(path)? };
            given.push(name);
        }
        if given.is_empty() {
            given = known_roots.clone();
        }
        if given.is_empty() {
            given.push(base.store(options.default_path)?);
        }
        // An older index is followed on its old paths; `--rebuild` with paths means those paths.
        let mut roots = if options.rebuild && !options.paths.is_empty() { given.clone() } else { known_roots };
        roots.extend(given.iter().cloned());
        let all = roots.clone();
        roots.retain(|root| !all.iter().any(|other| other != root && is_below(root, other)));
        roots.sort();
        roots.dedup();
        if begins_afresh {
            given = roots.clone();
        }
        let mut plan = Plan {
            manifest: Manifest {
                roots,
                settings: Settings { keep_all, rules: rules.fingerprint() },
                updated: before.updated,
                stdin: given_now.or(kept_stdin.filter(|_| !options.rebuild || options.paths.is_empty())),
                files: Vec::new(),
            },
            base,
            generation,
            before,
            manifest_file,
            dictionary,
            sample: Sample::default(),
            to_read: Vec::new(),
            dirty: BTreeMap::new(),
            removed: Vec::new(),
            rules,
            begun,
            failure: WriteFailure::default(),
        };
        plan.compare(options, &given, replaced, report)?;
        Ok(plan)
    }

    fn compare(
        &mut self,
        options: &UpdateOptions,
        given: &[String],
        replaced: Replaced,
        report: &mut UpdateReport,
    ) -> Result<()> {
        let default = self.base.store(options.default_path)?;
        let mut kept: BTreeMap<String, FileEntry> =
            self.before.files.iter().map(|file| (file.path.clone(), file.clone())).collect();
        let mut to_read: BTreeMap<String, ToRead> = BTreeMap::new();
        let mut readable_roots = 0;
        for root in given {
            let walk = if root == STDIN {
                self.walk_stdin(options)
            } else {
                read::walk(&self.base.resolve_near(root), self.base.index())
            };
            let may_be_unmounted = kept.keys().any(|name| is_below(name, root))
                || self.generation.is_none() && replaced.is_there && options.paths.is_empty();
            let walk = match walk
                .and_then(|walk| if may_be_unmounted { not_empty(walk, root, &self.base) } else { Ok(walk) })
            {
                Ok(walk) => walk,
                // Begun afresh without it, the index would lose what it holds of it.
                Err(error) if self.generation.is_none() && replaced.is_there => {
                    let damage = replaced.damage.map(Box::new);
                    return Err(Error::SourcesMissing { damage, cause: Box::new(error) });
                }
                Err(error) if *root == default && options.paths.is_empty() => {
                    return Err(Error::NoPath { cause: Box::new(error) });
                }
                Err(error) => {
                    readable_roots += usize::from(self.missing_root(root, error, options, &mut kept, report));
                    continue;
                }
            };
            readable_roots += 1;
            report.ignored += walk.unsupported;
            report.notes.extend(walk.notes);
            let mut unseen = Vec::new();
            for (path, error) in walk.unreadable {
                unseen.extend(self.base.store(&path));
                report.problems.push(error);
            }
            let mut seen = HashSet::new();
            for found in walk.files {
                let name = if root == STDIN { STDIN.to_string() } else { self.base.store(&found.path)? };
                seen.insert(name.clone());
                let is_unchanged = kept.get(&name).is_some_and(|file| {
                    file.modified != 0 && (file.size, file.modified) == (found.size, found.modified)
                });
                if !is_unchanged {
                    let source = SourceFile { path: found.path, name: name.clone(), kind: found.kind };
                    to_read.insert(name, ToRead { source, size: found.size, modified: found.modified });
                }
            }
            kept.retain(|name, _| {
                !is_below(name, root) || seen.contains(name) || unseen.iter().any(|place| is_below(name, place))
            });
        }
        if readable_roots == 0 && kept.is_empty() {
            return Err(match report.problems.pop() {
                Some(error) => error,
                None => Error::NoReadablePath,
            });
        }
        self.manifest.files = kept.into_values().collect();
        self.to_read = to_read.into_values().collect();
        Ok(())
    }

    /// Pages vanish from the index only when the place they stood in is there without them. Whether that is so.
    fn missing_root(
        &mut self,
        root: &str,
        error: Error,
        options: &UpdateOptions,
        kept: &mut BTreeMap<String, FileEntry>,
        report: &mut UpdateReport,
    ) -> bool {
        let path = self.base.resolve(root);
        let is_gone_file = kept.contains_key(root)
            && root != STDIN
            && !path.exists()
            && path
                .parent()
                .and_then(|folder| std::fs::read_dir(folder).ok())
                .is_some_and(|mut entries| entries.next().is_some());
        if is_gone_file {
            kept.remove(root);
            self.manifest.roots.retain(|known| known != root);
            report.notes.push(format!("{} is gone; its pages were removed", self.base.show(root)));
            if !options.paths.is_empty() {
                report.problems.push(error);
            }
            return true;
        }
        let holds_pages = kept.keys().any(|name| is_below(name, root));
        if holds_pages {
            report.kept_roots.push(self.base.show(root));
        } else {
            self.manifest.roots.retain(|known| known != root);
        }
        report.problems.push(error);
        false
    }

    /// The file of what came on standard input.
    fn walk_stdin(&self, options: &UpdateOptions) -> Result<read::Walk> {
        let Some(stdin) = &self.manifest.stdin else {
            return Err(Error::NoStdin);
        };
        let path = options.index.join(&stdin.file);
        if !stdin_copy::is_intact(options.index, stdin).map_err(Error::io(&path, "read"))? {
            let hint = "give again with `treff index -` what came on standard input";
            return Err(Error::page(path.display(), format!("{MISMATCH}; {hint}")));
        }
        let (size, modified) = read::size_and_mtime(&path).map_err(Error::io(&path, "read"))?;
        Ok(read::Walk {
            files: vec![read::FoundFile { path, kind: stdin.kind, size, modified }],
            ..read::Walk::default()
        })
    }
}

/// A folder that had pages and holds nothing at all is where a disk was mounted rather than one whose pages
/// were removed one and all.
fn not_empty(walk: read::Walk, root: &str, base: &BaseDir) -> Result<read::Walk> {
    let path = base.resolve(root);
    let is_empty = std::fs::read_dir(&path).is_ok_and(|mut entries| entries.next().is_none());
    if root != STDIN && is_empty {
        let why = "is empty, as a folder is whose disk is not mounted";
        return Err(Error::page(base.show(root), why));
    }
    Ok(walk)
}

/// What an update that begins afresh takes the place of.
struct Replaced {
    is_there: bool,
    /// Why it can't be followed.
    damage: Option<Error>,
}

/// What has changed since a manifest was written: files new, changed and gone.
#[derive(Debug, Default, PartialEq)]
pub struct SourceChanges {
    pub new: usize,
    pub changed: usize,
    pub gone: usize,
    /// The person's rules are others.
    pub rules: bool,
    /// Paths that can't be looked at.
    pub unreachable: Vec<String>,
}

/// Compares the files below the roots with the manifest, by size and time; reads none.
pub fn source_changes(index: &Path, manifest: &Manifest) -> Result<SourceChanges> {
    let base = BaseDir::of(index)?;
    let rules = read_rules(index, manifest.settings.keep_all)?;
    let mut source_changes =
        SourceChanges { rules: rules.fingerprint() != manifest.settings.rules, ..SourceChanges::default() };
    let known: HashMap<&str, &FileEntry> = manifest.files.iter().map(|file| (file.path.as_str(), file)).collect();
    for root in manifest.roots.iter().filter(|root| *root != STDIN) {
        let walk = read::walk(&base.resolve_near(root), base.index());
        let had_files = known.keys().any(|name| is_below(name, root));
        match walk.and_then(|walk| if had_files { not_empty(walk, root, &base) } else { Ok(walk) }) {
            Err(_) => source_changes.unreachable.push(base.show(root)),
            Ok(walk) => {
                let mut seen = HashSet::new();
                for found in &walk.files {
                    let name = base.store(&found.path)?;
                    match known.get(name.as_str()) {
                        None => source_changes.new += 1,
                        Some(file) => {
                            let is_settled = file.modified != 0;
                            let has_changed = file.size != found.size || is_settled && file.modified != found.modified;
                            source_changes.changed += usize::from(has_changed);
                        }
                    }
                    seen.insert(name);
                }
                source_changes.gone += manifest
                    .files
                    .iter()
                    .filter(|file| is_below(&file.path, root) && !seen.contains(&file.path))
                    .count();
            }
        }
    }
    Ok(source_changes)
}

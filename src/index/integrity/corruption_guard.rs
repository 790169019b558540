//! Turns panics and vague errors on a damaged index into an error that names the damaged file.
//!
//! A search doesn't verify the checksums of large files, because that would take longer than the search itself. tantivy
//! and the code that reads its postings may therefore panic on damaged data. When that happens, all files are verified:
//! if one is damaged, the error names it; otherwise the panic continues.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::path::{Path, PathBuf};
use std::sync::{Once, OnceLock};

use super::check::first_damage;
use crate::error::{Error, Result};

#[cfg(panic = "abort")]
compile_error!("treff catches panics on damaged index files: build it with panic = \"unwind\"");

/// Runs `read`, which reads the index in `dir`. If it panics or fails without naming a file, and a file of the index is
/// damaged, returns `Error::Damaged` with that file. A panic for another reason continues.
///
/// The first call installs a panic hook for the whole process, which stays installed. While `read` runs, the hook keeps
/// the message of a panic on this thread instead of printing it. All other panics go to the hook that was installed
/// before. A program with its own panic hook should install it before the first call; a hook that is installed later
/// prints the panics that are caught here, too.
pub fn with_corruption_guard<T>(dir: &Path, read: impl FnOnce() -> Result<T>) -> Result<T> {
    CorruptionGuard::new(dir).run(read)
}

/// Does what `with_corruption_guard` does, any number of times, but verifies the files only once.
pub struct CorruptionGuard {
    dir: PathBuf,
    /// The result of the verification: the damaged file and the reason.
    damage: OnceLock<Option<(PathBuf, String)>>,
}

impl CorruptionGuard {
    /// A guard for the index in `dir`.
    pub fn new(dir: &Path) -> CorruptionGuard {
        CorruptionGuard { dir: dir.to_path_buf(), damage: OnceLock::new() }
    }

    /// See `with_corruption_guard`.
    pub fn run<T>(&self, read: impl FnOnce() -> Result<T>) -> Result<T> {
        let (result, message) = catch_silently(read);
        match result {
            Ok(Err(error)) if names_no_file(&error, &self.dir) => Err(self.damage().unwrap_or(error)),
            Ok(result) => result,
            Err(payload) => match self.damage() {
                Some(damage) => Err(damage),
                None => panic!("{}", message.unwrap_or_else(|| payload_text(payload.as_ref()))),
            },
        }
    }

    /// The damage that the first call finds.
    fn damage(&self) -> Option<Error> {
        let damage = self.damage.get_or_init(|| match find_damage(&self.dir)? {
            Error::Damaged { file, reason } | Error::DamagedStdin { file, reason } => Some((file, reason)),
            error => Some((self.dir.clone(), error.to_string())),
        });
        damage.clone().map(|(file, reason)| Error::Damaged { file, reason })
    }
}

/// Whether the error concerns the index, but no particular file of it.
fn names_no_file(error: &Error, dir: &Path) -> bool {
    match error {
        Error::Tantivy(_) => true,
        Error::Damaged { file: path, .. } | Error::Io { path, .. } => path.starts_with(dir) && path.is_dir(),
        _ => false,
    }
}

/// Verifies all files of the index in `dir`. Returns false also if there is no index, since then nothing is damaged.
pub fn is_damaged(dir: &Path) -> bool {
    find_damage(dir).is_some()
}

fn find_damage(dir: &Path) -> Option<Error> {
    catch_silently(|| first_damage(dir)).0.ok().flatten()
}

/// What the hook does with a panic.
enum PanicOutput {
    /// Passes it to the previous hook.
    Print,
    /// Keeps its message; `None` until there is a panic.
    Keep(Option<String>),
}

thread_local! {
    static PANIC_OUTPUT: RefCell<PanicOutput> = const { RefCell::new(PanicOutput::Print) };
}

/// Runs code that may panic, and returns the message of the panic instead of printing it. Panics on other threads are
/// printed as usual.
fn catch_silently<T>(run: impl FnOnce() -> T) -> (std::thread::Result<T>, Option<String>) {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let previous = take_hook();
        set_hook(Box::new(move |info| {
            if !keep_message(info) {
                previous(info);
            }
        }));
    });
    let outer = PANIC_OUTPUT.replace(PanicOutput::Keep(None));
    let result = catch_unwind(AssertUnwindSafe(run));
    let message = match PANIC_OUTPUT.replace(outer) {
        PanicOutput::Keep(message) => message,
        PanicOutput::Print => None,
    };
    (result, message)
}

/// Keeps the message of a panic if this thread is inside `catch_silently`; returns whether it is.
fn keep_message(info: &PanicHookInfo) -> bool {
    PANIC_OUTPUT.with_borrow_mut(|output| match output {
        PanicOutput::Print => false,
        PanicOutput::Keep(message) => {
            let location = info.location().map(|location| format!(" ({location})")).unwrap_or_default();
            *message = Some(payload_text(info.payload()) + &location);
            true
        }
    })
}

fn payload_text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| text.to_string());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a message".to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_without_damage_continues() {
        let dir = tempfile::tempdir().unwrap();
        let read = || -> Result<()> { panic!("a bug {}", 1) };
        let (result, message) = catch_silently(|| with_corruption_guard(dir.path(), read));
        assert!(result.is_err());
        assert!(message.is_some_and(|message| message.contains("a bug 1 (src/index/integrity/corruption_guard.rs")));
        assert_eq!(with_corruption_guard(dir.path(), || Ok(1)).unwrap(), 1);
    }
}

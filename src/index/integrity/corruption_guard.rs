//! What if an index is damaged where nothing tells before it is read?
//!
//! A search verifies no large file: that would take longer than all else that it does. tantivy, and what reads its
//! postings here, may panic over what can't have been written. Then all files are looked at, and the error names the one
//! that is damaged; where none is, the panic goes on.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::path::Path;
use std::sync::Once;

use super::check::first_damage;
use crate::error::{Error, Result};

/// Runs what reads the index in `dir`. Where it fails and a file of the index is damaged, that is the error.
pub fn with_corruption_guard<T>(dir: &Path, read: impl FnOnce() -> Result<T>) -> Result<T> {
    let (read, panic) = silently(read);
    match read {
        Ok(Err(error)) if names_no_file(&error, dir) => Err(found_damage(dir).unwrap_or(error)),
        Ok(read) => read,
        Err(payload) => match found_damage(dir) {
            Some(damage) => Err(damage),
            None => panic!("{}", panic.unwrap_or_else(|| message(payload.as_ref()))),
        },
    }
}

/// Whether the error is one of the index, but not of a certain file of it.
fn names_no_file(error: &Error, dir: &Path) -> bool {
    match error {
        Error::Tantivy(_) => true,
        Error::Damaged { file: path, .. } | Error::Io { path, .. } => path.starts_with(dir) && path.is_dir(),
        _ => false,
    }
}

fn found_damage(dir: &Path) -> Option<Error> {
    silently(|| first_damage(dir)).0.ok().flatten()
}

thread_local! {
    /// What a panic on this thread said, while nothing is printed of it; the outermost `None` prints.
    static SAID: RefCell<Option<Option<String>>> = const { RefCell::new(None) };
}

/// Runs something that may panic, and gives what the panic said. Other threads print theirs as ever.
fn silently<T>(run: impl FnOnce() -> T) -> (std::thread::Result<T>, Option<String>) {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let print = take_hook();
        set_hook(Box::new(move |info| {
            if !keep(info) {
                print(info);
            }
        }));
    });
    let before = SAID.replace(Some(None));
    let run = catch_unwind(AssertUnwindSafe(run));
    (run, SAID.replace(before).flatten())
}

/// Keeps what a panic says; whether it was asked for.
fn keep(info: &PanicHookInfo) -> bool {
    SAID.with_borrow_mut(|said| {
        let place = info.location().map(|place| format!(" ({place})")).unwrap_or_default();
        said.as_mut().map(|said| *said = Some(message(info.payload()) + &place)).is_some()
    })
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| text.to_string());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without a word".to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_over_no_damage_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let (run, said) = silently(|| with_corruption_guard(dir.path(), || -> Result<()> { panic!("a bug {}", 1) }));
        assert!(run.is_err());
        assert!(said.is_some_and(|said| said.contains("a bug 1 (src/index/integrity/corruption_guard.rs")));
        assert_eq!(with_corruption_guard(dir.path(), || Ok(1)).unwrap(), 1);
    }
}

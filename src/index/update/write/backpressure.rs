//! Limits the number of cleaned passages that wait for the index writer.
//!
//! tantivy's channel takes 10,000 batches before it blocks the sender, and a batch contains the documents of a page.
//! That many take more memory than everything else in an update, so cleaning waits here earlier. A passage stops
//! counting as waiting when the writer tokenizes it.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Maximum number of waiting passages, not counting those of the last page. With 98,348 pages, the peak memory is 500
/// MB; with tantivy's limit and more text kept in memory (see `read_pages`), it was 900 MB.
const MAX_WAITING: usize = 2048;
/// Waiting threads are woken below this number, so that they don't wake for every passage.
const WAKE_BELOW: usize = MAX_WAITING / 4 * 3;
/// A thread waits no longer than this. If the writer has failed, adding a document then returns the error.
const MAX_WAIT: Duration = Duration::from_millis(200);

/// The number of passages between cleaning and the index writer.
#[derive(Default)]
pub struct Backpressure {
    state: Mutex<WaitState>,
    has_room: Condvar,
}

#[derive(Default)]
struct WaitState {
    passages: usize,
    /// Threads that wait for room. Notifying is a system call, which is skipped if there are none.
    threads: usize,
}

impl Backpressure {
    /// Waits for room, then counts the passages of a page as waiting.
    pub fn enter(&self, passages: usize) {
        let mut state = self.lock();
        while state.passages >= MAX_WAITING {
            state.threads += 1;
            let (guard, result) = self.has_room.wait_timeout(state, MAX_WAIT).unwrap_or_else(PoisonError::into_inner);
            state = guard;
            state.threads -= 1;
            if result.timed_out() {
                break;
            }
        }
        state.passages += passages;
    }

    /// Counts a passage as taken by the index writer.
    pub fn leave(&self) {
        let mut state = self.lock();
        state.passages = state.passages.saturating_sub(1);
        if state.threads > 0 && state.passages < WAKE_BELOW {
            self.has_room.notify_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, WaitState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn waits_while_too_many_passages_wait() {
        let backpressure = Arc::new(Backpressure::default());
        backpressure.enter(MAX_WAITING);
        let writer = Arc::clone(&backpressure);
        let writing = std::thread::spawn(move || (0..MAX_WAITING).for_each(|_| writer.leave()));
        backpressure.enter(1);
        writing.join().unwrap();
        assert!(backpressure.lock().passages <= 1 + MAX_WAITING);
        // No passage leaves, but waiting ends after `MAX_WAIT`.
        backpressure.enter(2 * MAX_WAITING);
        backpressure.enter(1);
    }
}

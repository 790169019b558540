//! How many passages wait to be indexed?
//!
//! tantivy's writer takes ten thousand pieces of work before it lets who brings them wait: of passages that is more memory
//! than all else. Cleaning waits here instead.

use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::Duration;

/// So many passages wait at the most, and those of one page more.
const MAX_WAITING: usize = 2048;
/// Who waits is woken when fewer are left: not for a single page.
const REFILLED: usize = MAX_WAITING / 4 * 3;
/// Who waits goes on after this time in any case: if the writer has failed, adding to it tells why.
const PATIENCE: Duration = Duration::from_millis(200);

/// Passages between the cleaner and the writer.
#[derive(Default)]
pub struct Queue {
    waiting: Mutex<Waiting>,
    moved: Condvar,
}

#[derive(Default)]
struct Waiting {
    passages: usize,
    /// Who wait to bring more: waking nobody is a call of the system too.
    bringers: usize,
}

impl Queue {
    /// Waits for room, and takes it for the passages of a page.
    pub fn enter(&self, passages: usize) {
        let mut waiting = self.waiting();
        while waiting.passages >= MAX_WAITING {
            waiting.bringers += 1;
            let (guard, result) = match self.moved.wait_timeout(waiting, PATIENCE) {
                Ok(woken) => woken,
                Err(poisoned) => poisoned.into_inner(),
            };
            waiting = guard;
            waiting.bringers -= 1;
            if result.timed_out() {
                break;
            }
        }
        waiting.passages += passages;
    }

    /// A passage is being indexed.
    pub fn leave(&self) {
        let mut waiting = self.waiting();
        waiting.passages = waiting.passages.saturating_sub(1);
        if waiting.bringers > 0 && waiting.passages < REFILLED {
            self.moved.notify_all();
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn who_brings_more_than_is_taken_waits() {
        let queue = Arc::new(Queue::default());
        queue.enter(MAX_WAITING);
        let taker = Arc::clone(&queue);
        let taking = std::thread::spawn(move || (0..MAX_WAITING).for_each(|_| taker.leave()));
        queue.enter(1);
        taking.join().unwrap();
        assert!(queue.waiting().passages <= 1 + MAX_WAITING);
        // Nobody takes: it goes on all the same.
        queue.enter(2 * MAX_WAITING);
        queue.enter(1);
    }
}

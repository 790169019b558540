//! Stops a search early: at a deadline, or when another thread cancels it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

/// When to stop a search before it is complete. By default it is never stopped.
///
/// The search checks this at least once per 4,096 documents or terms, not at every step, so it stops some milliseconds
/// late.
#[derive(Clone, Debug, Default)]
pub struct Interrupt {
    /// From then on, the search returns what it has found so far.
    pub deadline: Option<Instant>,
    /// Cancels the search when another thread sets it: nobody needs the results.
    pub canceled: Option<Arc<AtomicBool>>,
}

impl Interrupt {
    /// Never stops a search.
    pub const NEVER: Interrupt = Interrupt { deadline: None, canceled: None };

    pub fn is_canceled(&self) -> bool {
        self.canceled.as_ref().is_some_and(|canceled| canceled.load(Ordering::Relaxed))
    }

    fn is_over(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }
}

/// See `StopCheck::is_canceled_at`.
const STEPS_PER_CHECK: usize = 4096;

/// The clock is read at one in this many checks. With every check, reading it took 1.7 % of the time of a search
/// (November 2026). There is usually less than 0.1 ms between two checks.
const CHECKS_PER_CLOCK_READ: usize = 16;

/// Checks the interrupt of one search, and remembers that it was due: the steps that follow stop as well.
pub struct StopCheck<'a> {
    /// `None` if the search is never stopped.
    interrupt: Option<&'a Interrupt>,
    is_stopped: AtomicBool,
    /// Number of checks so far.
    checks: AtomicUsize,
}

/// For searches that are never stopped.
pub static NEVER: StopCheck<'static> =
    StopCheck { interrupt: None, is_stopped: AtomicBool::new(false), checks: AtomicUsize::new(0) };

impl<'a> StopCheck<'a> {
    pub fn new(interrupt: &'a Interrupt) -> StopCheck<'a> {
        let is_set = interrupt.deadline.is_some() || interrupt.canceled.is_some();
        StopCheck {
            interrupt: is_set.then_some(interrupt),
            is_stopped: AtomicBool::new(false),
            checks: AtomicUsize::new(0),
        }
    }

    /// Whether the search may be stopped at all.
    pub fn is_active(&self) -> bool {
        self.interrupt.is_some()
    }

    /// Whether to stop now. If there is a deadline, reads the clock at the first and then at every 16th check.
    #[inline]
    pub fn should_stop(&self) -> bool {
        self.interrupt.is_some_and(|interrupt| self.is_stopped() || self.check(interrupt))
    }

    /// Whether to stop now. Reads the clock at every check: for steps that may take long, such as building a hit.
    pub fn should_stop_now(&self) -> bool {
        let is_due = |interrupt: &Interrupt| interrupt.is_canceled() || interrupt.is_over();
        if self.interrupt.is_some_and(is_due) {
            self.is_stopped.store(true, Ordering::Relaxed);
        }
        self.is_stopped()
    }

    /// Whether an earlier check found that the search must stop.
    pub fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }

    /// Whether the results are not needed any more. For steps that take little time: after a deadline, these still
    /// order, count and show what was found.
    pub fn is_canceled(&self) -> bool {
        self.interrupt.is_some_and(Interrupt::is_canceled)
    }

    /// `is_canceled` at every 4,096th step of a loop, otherwise false.
    pub fn is_canceled_at(&self, step: usize) -> bool {
        step.is_multiple_of(STEPS_PER_CHECK) && self.is_canceled()
    }

    #[cold]
    fn check(&self, interrupt: &Interrupt) -> bool {
        let is_clock_read = self.checks.fetch_add(1, Ordering::Relaxed).is_multiple_of(CHECKS_PER_CLOCK_READ);
        let is_due = interrupt.is_canceled() || is_clock_read && interrupt.is_over();
        if is_due {
            self.is_stopped.store(true, Ordering::Relaxed);
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn stops_at_the_deadline_or_when_canceled_and_stays_stopped() {
        assert!(!NEVER.should_stop() && !StopCheck::new(&Interrupt::NEVER).should_stop());
        let past = Interrupt { deadline: Some(Instant::now()), canceled: None };
        assert!(StopCheck::new(&past).should_stop());
        let future = Interrupt { deadline: Some(Instant::now() + Duration::from_secs(3600)), canceled: None };
        assert!(!StopCheck::new(&future).should_stop());
        let canceled = Arc::new(AtomicBool::new(false));
        let interrupt = Interrupt { canceled: Some(canceled.clone()), ..future };
        let check = StopCheck::new(&interrupt);
        assert!(!check.should_stop() && !check.is_canceled());
        canceled.store(true, Ordering::Relaxed);
        assert!(!check.is_stopped(), "not checked yet");
        assert!(check.should_stop() && check.is_canceled());
        canceled.store(false, Ordering::Relaxed);
        assert!(check.should_stop() && !check.is_canceled());
    }

    #[test]
    fn slow_steps_read_the_clock_at_every_check() {
        let interrupt = Interrupt { deadline: Some(Instant::now()), canceled: None };
        let check = StopCheck::new(&interrupt);
        // As if the clock had been read before the deadline.
        check.checks.store(1, Ordering::Relaxed);
        assert!(!check.should_stop() && !check.is_stopped());
        assert!(check.should_stop_now() && check.is_stopped() && check.should_stop());
        assert!(!NEVER.should_stop_now());
    }
}

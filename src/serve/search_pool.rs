//! A fixed pool of threads for searches, with a bounded queue.
//!
//! Each thread keeps its own cache of analyzed words (`norwegian`), so their number is fixed, and a search never runs on
//! the thread that serves the connections.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

type Job = Box<dyn FnOnce() + Send>;

/// Runs searches on its threads. The threads end when the pool is dropped.
pub struct SearchPool {
    queue: SyncSender<Job>,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    waiting: AtomicUsize,
    running: AtomicUsize,
}

/// How many jobs there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolLoad {
    pub waiting: usize,
    pub running: usize,
}

/// Why a job has no result.
#[derive(Debug, PartialEq)]
pub enum JobError {
    /// The queue is full.
    QueueFull,
    /// The job panicked.
    Panicked,
}

impl SearchPool {
    /// Starts `threads` threads for a queue of at most `queued` jobs.
    pub fn new(threads: usize, queued: usize) -> std::io::Result<SearchPool> {
        let (queue, jobs) = sync_channel::<Job>(queued);
        let jobs = Arc::new(Mutex::new(jobs));
        let counts = Arc::new(Counts::default());
        for number in 0..threads.max(1) {
            let (jobs, counts) = (Arc::clone(&jobs), Arc::clone(&counts));
            std::thread::Builder::new().name(format!("search-{number}")).spawn(move || run_jobs(&jobs, &counts))?;
        }
        Ok(SearchPool { queue, counts })
    }

    pub fn load(&self) -> PoolLoad {
        let count = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
        PoolLoad { waiting: count(&self.counts.waiting), running: count(&self.counts.running) }
    }

    /// Runs a job and returns its result. If the returned future is dropped, because the client is gone, the flag that
    /// `job` gets is set; a job that hasn't started is skipped.
    pub async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(Arc<AtomicBool>) -> T + Send + 'static,
    ) -> Result<T, JobError> {
        let is_cancelled = Arc::new(AtomicBool::new(false));
        let (sender, receiver) = oneshot::channel();
        let flag = Arc::clone(&is_cancelled);
        let job = Box::new(move || {
            if !flag.load(Ordering::Relaxed) {
                // The receiver is gone if the client is.
                let _ = sender.send(job(flag));
            }
        });
        self.counts.waiting.fetch_add(1, Ordering::Relaxed);
        match self.queue.try_send(job) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                self.counts.waiting.fetch_sub(1, Ordering::Relaxed);
                return Err(JobError::QueueFull);
            }
        }
        let _cancel = CancelOnDrop(is_cancelled);
        receiver.await.map_err(|_| JobError::Panicked)
    }
}

/// Runs jobs until the pool is dropped. A panic ends only its job; the panic hook has printed it.
fn run_jobs(jobs: &Mutex<Receiver<Job>>, counts: &Counts) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        counts.waiting.fetch_sub(1, Ordering::Relaxed);
        counts.running.fetch_add(1, Ordering::Relaxed);
        let _ = catch_unwind(AssertUnwindSafe(job));
        counts.running.fetch_sub(1, Ordering::Relaxed);
    }
}

struct CancelOnDrop(Arc<AtomicBool>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    #[test]
    fn a_full_queue_is_an_error_and_a_panic_ends_one_job() {
        let pool = SearchPool::new(1, 1).unwrap();
        let (started, release) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
        let (job_started, job_release) = (Arc::clone(&started), Arc::clone(&release));
        block_on(async {
            let first = pool.run(move |_| {
                job_started.wait();
                job_release.wait();
                1
            });
            let mut first = Box::pin(first);
            assert!(futures_poll(&mut first).is_none());
            started.wait();
            // One job fits into the queue while the first one runs.
            let mut second = Box::pin(pool.run(|_| 2));
            assert!(futures_poll(&mut second).is_none());
            assert_eq!(pool.load(), PoolLoad { waiting: 1, running: 1 });
            assert_eq!(pool.run(|_| 3).await, Err(JobError::QueueFull));
            release.wait();
            assert_eq!(first.await, Ok(1));
            assert_eq!(second.await, Ok(2));
            let panicking = pool.run(|_| if true { std::panic::resume_unwind(Box::new("test")) } else { 0 });
            assert_eq!(panicking.await, Err(JobError::Panicked));
            assert_eq!(pool.run(|_| 4).await, Ok(4));
        });
    }

    fn futures_poll<F: Future>(future: &mut std::pin::Pin<Box<F>>) -> Option<F::Output> {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match future.as_mut().poll(&mut context) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        }
    }

    #[test]
    fn a_dropped_future_cancels_its_job() {
        let pool = SearchPool::new(1, 4).unwrap();
        let (sender, receiver) = std::sync::mpsc::channel();
        let started = Arc::new(Barrier::new(2));
        let job_started = Arc::clone(&started);
        let mut job = Box::pin(pool.run(move |is_cancelled| {
            job_started.wait();
            while !is_cancelled.load(Ordering::Relaxed) {
                std::thread::yield_now();
            }
            sender.send("cancelled").unwrap();
        }));
        assert!(futures_poll(&mut job).is_none());
        started.wait();
        drop(job);
        assert_eq!(receiver.recv().unwrap(), "cancelled");
    }
}

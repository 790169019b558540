//! Reads the units of a file on a background thread, a bounded number of bytes ahead of the consumer.

use std::io::BufRead;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use super::page_errors::cannot_be_read;
use super::unit::{LostPages, RawBody, RawPage, ReadResult, Unit, Unreadable, shorten_name};
use crate::error::Error;

/// Small pages are sent in batches of about this many bytes.
const BATCH_BYTES: usize = 1 << 18;
/// Estimated overhead of a page or message in a batch.
const UNIT_OVERHEAD_BYTES: usize = 100;

/// `Break` when the consumer is gone.
pub type Flow = ControlFlow<()>;

type Batch = Vec<ReadResult<Unit>>;

/// Receives the units from the readers of the file formats.
pub struct UnitSink {
    batch: Batch,
    bytes: usize,
    /// The number of pages so far, including those that can't be read.
    position: u32,
    pages: u32,
    errors: u32,
    sender: SyncSender<Batch>,
}

impl UnitSink {
    /// Adds a page and numbers it.
    pub fn push_page(&mut self, mut raw: RawPage) -> Flow {
        raw.index_in_file = self.position;
        self.position += 1;
        self.pages += 1;
        self.bytes += raw.size();
        self.push(Ok(Unit::Page(raw)))
    }

    /// Reads a file or member that is one page, and adds the page or the error.
    pub fn read_page(&mut self, file: &str, member: Option<&str>, body: RawBody, reader: &mut dyn BufRead) -> Flow {
        match RawPage::read(file, member, body, reader) {
            Ok(raw) => self.push_page(raw),
            Err(error) => self.push_lost(error, member),
        }
    }

    pub fn push_note(&mut self, note: String) -> Flow {
        self.push(Ok(Unit::Note(note)))
    }

    /// Counts files or records that treff doesn't read. `kind` is a singular noun for them.
    pub fn push_not_read(&mut self, kind: String, count: u64) -> Flow {
        self.push(Ok(Unit::NotRead(kind, count)))
    }

    /// Adds the error of a page that can't be read but whose name is known.
    pub fn push_lost(&mut self, error: Error, record: Option<&str>) -> Flow {
        let record = record.map(shorten_name);
        let lost = LostPages::One { record, index_in_file: self.position };
        self.position += 1;
        self.push(Err(Unreadable { error, lost }))
    }

    /// Adds the error of a damaged part, after which the file can be read again. `record` is the name of the page in
    /// this part, if it is known.
    pub fn push_damaged(&mut self, error: Error, record: Option<&str>) -> Flow {
        match record {
            Some(record) => self.push_lost(error, Some(record)),
            None => self.push(Err(Unreadable { error, lost: LostPages::Unnamed })),
        }
    }

    /// Adds an error that makes the rest of the file, or of `member`, unreadable. `record` is the name of the first
    /// page in the rest, if it is known.
    pub fn push_rest(&mut self, error: Error, record: Option<&str>, member: Option<&str>) -> Flow {
        let (record, member) = (record.map(shorten_name), member.map(str::to_string));
        let lost = LostPages::Rest { record, member, from: self.position };
        self.push(Err(Unreadable { error, lost }))
    }

    /// The number of pages added so far, without those that can't be read.
    pub fn page_count(&self) -> u32 {
        self.pages
    }

    /// The number of errors added so far.
    pub fn error_count(&self) -> u32 {
        self.errors
    }

    fn push(&mut self, unit: ReadResult<Unit>) -> Flow {
        self.errors += u32::from(unit.is_err());
        self.batch.push(unit);
        self.bytes += UNIT_OVERHEAD_BYTES;
        if self.bytes < BATCH_BYTES { Flow::Continue(()) } else { self.send() }
    }

    fn send(&mut self) -> Flow {
        self.bytes = 0;
        match self.sender.send(std::mem::take(&mut self.batch)) {
            Ok(()) => Flow::Continue(()),
            Err(_) => Flow::Break(()),
        }
    }
}

/// Runs `reader` on a new thread and returns the units that it adds. The thread stays about one batch ahead.
/// `name` names the file in the error if no thread could be started.
pub fn prefetch(name: String, reader: impl FnOnce(&mut UnitSink) -> Flow + Send + 'static) -> Prefetch {
    let (sender, batches) = sync_channel(1);
    let mut sink = UnitSink { batch: Vec::new(), bytes: 0, position: 0, pages: 0, errors: 0, sender };
    let spawned = std::thread::Builder::new().name("treff-read".to_string()).spawn(move || {
        if reader(&mut sink).is_continue() {
            // If the consumer is gone, nothing is left to do.
            let _ = sink.send();
        }
    });
    let (thread, batch) = match spawned {
        Ok(thread) => (Some(thread), Vec::new()),
        Err(error) => {
            let error = cannot_be_read(&name, &error);
            (None, vec![Err(Unreadable { error, lost: LostPages::all() })])
        }
    };
    Prefetch { batch: batch.into_iter(), batches, thread }
}

/// The units of a file, in file order.
pub struct Prefetch {
    batch: std::vec::IntoIter<ReadResult<Unit>>,
    batches: Receiver<Batch>,
    thread: Option<JoinHandle<()>>,
}

impl Iterator for Prefetch {
    type Item = ReadResult<Unit>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(unit) = self.batch.next() {
                return Some(unit);
            }
            match self.batches.recv() {
                Ok(batch) => self.batch = batch.into_iter(),
                Err(_) => {
                    // A panic must not look like the end of the file: the pages that were not read would be removed
                    // from the index.
                    if let Some(Err(panic)) = self.thread.take().map(JoinHandle::join) {
                        std::panic::resume_unwind(panic);
                    }
                    return None;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropping_the_iterator_stops_the_reader() {
        let endless = |sink: &mut UnitSink| loop {
            sink.push_note("n".repeat(BATCH_BYTES))?;
        };
        assert_eq!(prefetch(String::new(), endless).take(3).count(), 3);
    }

    #[test]
    #[should_panic(expected = "within the reader")]
    fn propagates_panics_of_the_reader() {
        prefetch(String::new(), |_| panic!("within the reader")).count();
    }
}

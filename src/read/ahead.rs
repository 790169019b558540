//! How are the pages of a file read ahead of those who decode them, without filling the memory?

use std::io::Read;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use super::{MAX_PAGE_BYTES, Unit, cannot_be_read, decode, http, place, record, too_large};
use crate::error::{Error, Result};
use crate::model::{Format, Page, PageId, PageMetadata};

/// Small pages are handed over together, up to about this many bytes.
const BATCH_BYTES: usize = 1 << 18;
/// tantivy leaves out terms of more than 65,530 bytes, and a page that can't be named can't be removed.
pub const MAX_ID_BYTES: usize = 1000;

/// `Break` when nobody takes the pages any more.
pub type Flow = ControlFlow<()>;

/// A page still to be decoded.
pub struct Raw {
    pub(super) file: String,
    /// Its name in the archive; none where the file is the page, or a `.jsonl`.
    pub(super) member: Option<String>,
    pub(super) nth: u32,
    pub(super) body: Body,
    pub(super) bytes: Vec<u8>,
}

pub(super) enum Body {
    Page(Format),
    /// A line of a `.jsonl`.
    Record {
        line: u32,
    },
    /// What a server answered, or a crawler made of it.
    Web {
        format: Format,
        address: Option<String>,
        wrapping: http::Wrapping,
    },
}

impl Raw {
    /// Reads a page whole, if it isn't too large.
    pub fn read(file: &str, member: Option<&str>, format: Format, reader: &mut dyn std::io::BufRead) -> Result<Raw> {
        let place = place(file, member);
        let mut bytes = Vec::new();
        reader.take(MAX_PAGE_BYTES + 1).read_to_end(&mut bytes).map_err(|error| cannot_be_read(&place, &error))?;
        if bytes.len() as u64 > MAX_PAGE_BYTES {
            return Err(too_large(&place));
        }
        Ok(Raw { file: file.to_string(), member: member.map(str::to_string), nth: 0, body: Body::Page(format), bytes })
    }

    pub(super) fn decode(self) -> Result<Page> {
        let place = place(&self.file, self.member.as_deref());
        let (format, address, bytes, charset) = match self.body {
            Body::Record { line } => {
                let page = record::parse(&self.file, self.member.as_deref(), line, &self.bytes)?;
                return Ok(Page { index_in_file: self.nth, ..page });
            }
            Body::Page(format) => (format, None, self.bytes, None),
            Body::Web { format, address, wrapping } => {
                let bytes = wrapping.unwrap(self.bytes, &place)?;
                (format, address, bytes, wrapping.charset)
            }
        };
        let decoded = match format {
            Format::Html => decode::html(bytes, charset.as_deref()),
            Format::Text | Format::Markdown => decode::text(bytes, charset.as_deref()),
        };
        let (text, note) = decoded.map_err(|reason| Error::page(&place, reason))?;
        Ok(Page {
            id: PageId { path: self.file, record: self.member.map(|name| shortened(&name)) },
            index_in_file: self.nth,
            line: None,
            format,
            text,
            metadata: PageMetadata { url: address, ..PageMetadata::default() },
            note,
        })
    }

    fn size(&self) -> usize {
        self.bytes.len() + self.file.len() + self.member.as_ref().map_or(0, String::len)
    }
}

/// A name that is not too long for the index; of two long ones that differ, the short ones differ too.
fn shortened(name: &str) -> String {
    if name.len() <= MAX_ID_BYTES {
        return name.to_string();
    }
    let hash = xxhash_rust::xxh3::xxh3_64(name.as_bytes());
    let mut end = MAX_ID_BYTES - 20;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…{hash:016x}", &name[..end])
}

/// Where a reader of a format puts what it comes upon.
pub struct Out {
    batch: Vec<Result<Unit>>,
    bytes: usize,
    pages: u32,
    taker: SyncSender<Vec<Result<Unit>>>,
}

impl Out {
    pub fn page(&mut self, mut raw: Raw) -> Flow {
        raw.nth = self.pages;
        self.pages += 1;
        self.bytes += raw.size();
        self.push(Ok(Unit::Page(raw)))
    }

    pub fn note(&mut self, note: String) -> Flow {
        self.push(Ok(Unit::Note(note)))
    }

    pub fn problem(&mut self, error: Error) -> Flow {
        self.push(Err(error))
    }

    /// Pages so far.
    pub fn pages(&self) -> u32 {
        self.pages
    }

    fn push(&mut self, unit: Result<Unit>) -> Flow {
        self.batch.push(unit);
        // A page or a message takes some bytes beside its own.
        self.bytes += 100;
        if self.bytes < BATCH_BYTES { Flow::Continue(()) } else { self.hand_over() }
    }

    fn hand_over(&mut self) -> Flow {
        self.bytes = 0;
        match self.taker.send(std::mem::take(&mut self.batch)) {
            Ok(()) => Flow::Continue(()),
            Err(_) => Flow::Break(()),
        }
    }
}

/// What `reader` puts out, which runs on a thread of its own, one batch ahead.
pub fn read(name: String, reader: impl FnOnce(&mut Out) -> Flow + Send + 'static) -> Ahead {
    let (taker, batches) = sync_channel(1);
    let mut out = Out { batch: Vec::new(), bytes: 0, pages: 0, taker };
    let spawned = std::thread::Builder::new().name("treff-read".to_string()).spawn(move || {
        if reader(&mut out).is_continue() {
            // Nobody takes the last ones if nobody took those before.
            let _ = out.hand_over();
        }
    });
    let (thread, batch) = match spawned {
        Ok(thread) => (Some(thread), Vec::new()),
        Err(error) => (None, vec![Err(cannot_be_read(&name, &error))]),
    };
    Ahead { batch: batch.into_iter(), batches, thread }
}

pub struct Ahead {
    batch: std::vec::IntoIter<Result<Unit>>,
    batches: Receiver<Vec<Result<Unit>>>,
    thread: Option<JoinHandle<()>>,
}

impl Iterator for Ahead {
    type Item = Result<Unit>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(unit) = self.batch.next() {
                return Some(unit);
            }
            match self.batches.recv() {
                Ok(batch) => self.batch = batch.into_iter(),
                Err(_) => {
                    // A panic must not look like the end of the file: its other pages would vanish from the index.
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
    fn who_stops_taking_stops_the_reader() {
        let endless = |out: &mut Out| loop {
            out.note("n".repeat(BATCH_BYTES))?;
        };
        assert_eq!(read(String::new(), endless).take(3).count(), 3);
    }

    #[test]
    #[should_panic(expected = "within the reader")]
    fn a_panic_is_no_end_of_file() {
        read(String::new(), |_| panic!("within the reader")).count();
    }

    #[test]
    fn long_names_are_cut_and_stay_apart() {
        let names: Vec<String> = ["a", "b"].map(|end| shortened(&format!("{}{end}", "å".repeat(2000)))).into();
        assert!(names[0].len() <= MAX_ID_BYTES && names[0] != names[1]);
        assert_eq!(shortened("å.html"), "å.html");
    }
}

//! MCP over standard input and output: one JSON-RPC message on each line.
//!
//! One thread reads and another answers, in order, so that a client can cancel a request that is being answered. The
//! end of the input, or of a client that reads, ends both.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Map, Value};

use super::jsonrpc::{Message, Request, RpcError, error_response, parse};
use super::protocol::prepare;
use super::tool_output::{IndexAccess, MAX_MESSAGE_BYTES};
use crate::search::Interrupt;
use crate::service::CurrentIndex;

/// Maximum number of messages that wait. A client that sends more has to wait for answers.
const MAX_WAITING: usize = 64;

/// Time for the answers to messages that arrived before the end of the input.
const DRAIN_TIME: Duration = Duration::from_millis(50);

/// Time for a search. When it is over, the hits found so far are the answer.
const SEARCH_TIME: Duration = Duration::from_secs(5);

/// The requests that have no answer yet, by id, with the flag that cancels each.
type OpenRequests = Arc<Mutex<HashMap<String, Arc<AtomicBool>>>>;

/// A message that waits for its answer.
enum Waiting {
    Request(Request, Arc<AtomicBool>),
    /// A message that can't be read: the id to answer with, and the error.
    Invalid(Value, RpcError),
}

/// Answers messages until the input ends or the output is closed.
///
/// # Errors
///
/// A thread can't be started, or the output can't be written for a reason other than that it is closed.
pub fn serve_stdio(
    index: CurrentIndex,
    input: impl Read + Send + 'static,
    output: impl Write + Send + 'static,
) -> std::io::Result<()> {
    let open = OpenRequests::default();
    let (queue, waiting) = sync_channel(MAX_WAITING);
    let (done, is_done) = channel();
    let reader = Reader { queue, open: Arc::clone(&open), input_ended: done.clone() };
    let spawn = |name: &str, run: Box<dyn FnOnce() + Send>| {
        std::thread::Builder::new().name(name.to_string()).spawn(run).map(drop)
    };
    spawn("mcp-read", Box::new(move || reader.read_all(BufReader::new(input))))?;
    spawn("mcp-answer", Box::new(move || answer_all(&index, &waiting, &open, output, &done)))?;
    // The threads are not joined: the reader may wait for input, and the other one may be in a search.
    match is_done.recv() {
        Ok(Done::Input) => match is_done.recv_timeout(DRAIN_TIME) {
            Ok(Done::Output(result)) => result,
            Ok(Done::Input) | Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Ok(()),
        },
        Ok(Done::Output(result)) => result,
        Err(_) => Ok(()),
    }
}

/// What has ended.
enum Done {
    Input,
    /// The last answer is written, or can't be.
    Output(std::io::Result<()>),
}

/// Reads messages, and passes them on to be answered.
struct Reader {
    queue: SyncSender<Waiting>,
    open: OpenRequests,
    input_ended: Sender<Done>,
}

impl Reader {
    fn read_all(self, mut input: impl BufRead) {
        loop {
            let message = match read_line(&mut input) {
                Ok(Line::Complete(line)) if line.trim_ascii().is_empty() => continue,
                Ok(Line::Complete(line)) => parse(&line),
                Ok(Line::TooLong) => {
                    let message = format!("the message is larger than {MAX_MESSAGE_BYTES} bytes");
                    Err((Value::Null, RpcError::invalid(message)))
                }
                Ok(Line::End) | Err(_) => break,
            };
            let waiting = match message {
                Ok(Message::Request(request)) => {
                    let flag = Arc::new(AtomicBool::new(false));
                    self.open().insert(request.id.to_string(), Arc::clone(&flag));
                    Waiting::Request(request, flag)
                }
                Ok(Message::Notification { method, params }) => {
                    if method == "notifications/cancelled" {
                        self.cancel(&params);
                    }
                    continue;
                }
                Ok(Message::Response) => continue,
                Err((id, error)) => Waiting::Invalid(id, error),
            };
            if self.queue.send(waiting).is_err() {
                return;
            }
        }
        let Reader { queue, input_ended, .. } = self;
        // First, so that the time for the last answers begins before they are written.
        let _ = input_ended.send(Done::Input);
        drop(queue);
    }

    fn open(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<AtomicBool>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cancel(&self, params: &Map<String, Value>) {
        if let Some(flag) = params.get("requestId").and_then(|id| self.open().get(&id.to_string()).cloned()) {
            flag.store(true, Ordering::Relaxed);
        }
    }
}

/// Answers the messages of the queue until it is closed or the output is.
fn answer_all(
    index: &CurrentIndex,
    waiting: &Receiver<Waiting>,
    open: &OpenRequests,
    mut output: impl Write,
    done: &Sender<Done>,
) {
    let mut result = Ok(());
    for message in waiting {
        let response = match message {
            Waiting::Invalid(id, error) => Some(error_response(&id, &error)),
            Waiting::Request(request, flag) => {
                let id = request.id.clone();
                let response = answer(index, request, &flag);
                open.lock().unwrap_or_else(PoisonError::into_inner).remove(&id.to_string());
                // A request that was cancelled gets no response.
                (!flag.load(Ordering::Relaxed)).then_some(response)
            }
        };
        if let Some(response) = response {
            result = write_line(&mut output, &response);
        }
        if result.is_err() {
            break;
        }
    }
    let result = match result {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result,
    };
    let _ = done.send(Done::Output(result));
}

fn answer(index: &CurrentIndex, request: Request, is_cancelled: &Arc<AtomicBool>) -> Value {
    let id = request.id.clone();
    if is_cancelled.load(Ordering::Relaxed) {
        return Value::Null;
    }
    let access = || {
        let interrupt =
            Interrupt { deadline: Instant::now().checked_add(SEARCH_TIME), canceled: Some(Arc::clone(is_cancelled)) };
        IndexAccess { status: index.latest(), interrupt, hides_folders: false }
    };
    // A panic costs one request. The panic hook has printed it.
    let response = catch_unwind(AssertUnwindSafe(|| match prepare(request, None) {
        Ok(prepared) => prepared.respond(access).0,
        Err((_, error)) => error_response(&id, &error),
    }));
    response.unwrap_or_else(|_| error_response(&id, &RpcError::internal()))
}

fn write_line(output: &mut impl Write, response: &Value) -> std::io::Result<()> {
    let mut line = response.to_string();
    // Some clients split lines at every Unicode line separator. In JSON, these occur in strings alone.
    for (separator, escape) in [('\u{85}', "\\u0085"), ('\u{2028}', "\\u2028"), ('\u{2029}', "\\u2029")] {
        if line.contains(separator) {
            line = line.replace(separator, escape);
        }
    }
    line.push('\n');
    output.write_all(line.as_bytes())?;
    output.flush()
}

#[derive(Debug, PartialEq)]
enum Line {
    Complete(Vec<u8>),
    /// The line is longer than a message may be; it has been skipped.
    TooLong,
    End,
}

/// Reads a line. The last one needs no line end.
fn read_line(input: &mut impl BufRead) -> std::io::Result<Line> {
    let mut line = Vec::new();
    // One more byte for the line end.
    let limit = MAX_MESSAGE_BYTES as u64 + 1;
    input.by_ref().take(limit).read_until(b'\n', &mut line)?;
    if line.last() == Some(&b'\n') {
        return Ok(Line::Complete(line));
    }
    if line.len() < limit as usize {
        return Ok(if line.is_empty() { Line::End } else { Line::Complete(line) });
    }
    input.skip_until(b'\n')?;
    Ok(Line::TooLong)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Input that arrives at once. Reports when it has been processed, and ends when `end` is dropped.
    struct TestInput {
        bytes: Vec<u8>,
        processed: Sender<()>,
        end: Receiver<()>,
    }

    impl Read for TestInput {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            if self.bytes.is_empty() {
                self.processed.send(()).unwrap();
                let _ = self.end.recv();
                return Ok(0);
            }
            let bytes = std::mem::take(&mut self.bytes);
            buffer[..bytes.len()].copy_from_slice(&bytes);
            Ok(bytes.len())
        }
    }

    /// Output that takes nothing until the input has been processed, and ends the input with the last answer.
    struct TestOutput {
        written: Arc<Mutex<String>>,
        processed: Option<Receiver<()>>,
        end: Option<Sender<()>>,
    }

    impl Write for TestOutput {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            if let Some(processed) = self.processed.take() {
                processed.recv().unwrap();
            }
            let text = std::str::from_utf8(bytes).unwrap();
            self.written.lock().unwrap().push_str(text);
            if text.contains("\"last\"") {
                self.end = None;
            }
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_canceled_request_gets_no_response() {
        let request = |id: &str| format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"ping\"}}\n");
        let cancel = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}"#;
        let text = format!("{}{}{}{cancel}\n{}", request("1"), request("2"), request("\"2\""), request("\"last\""));
        let (processed, is_processed) = channel();
        let (end, is_ended) = channel();
        let written = Arc::new(Mutex::new(String::new()));
        let input = TestInput { bytes: text.into_bytes(), processed, end: is_ended };
        let output = TestOutput { written: Arc::clone(&written), processed: Some(is_processed), end: Some(end) };
        let index = CurrentIndex::new("/nonexistent".into(), None).unwrap();
        serve_stdio(index, input, output).unwrap();
        let written = written.lock().unwrap();
        let ids: Vec<Value> =
            written.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].clone()).collect();
        assert_eq!(ids, [serde_json::json!(1), serde_json::json!("2"), serde_json::json!("last")]);
    }

    #[test]
    fn reads_lines_up_to_the_limit() {
        let longest = "a".repeat(MAX_MESSAGE_BYTES);
        let text = format!("{longest}\n{longest}a\n{longest}{longest}{longest}\n\nb\nc");
        let mut input = BufReader::with_capacity(1000, text.as_bytes());
        let mut lines = Vec::new();
        loop {
            match read_line(&mut input).unwrap() {
                Line::End => break,
                line => lines.push(line),
            }
        }
        let complete = |text: &str| Line::Complete(text.as_bytes().to_vec());
        let expected = [
            complete(&format!("{longest}\n")),
            Line::TooLong,
            Line::TooLong,
            complete("\n"),
            complete("b\n"),
            complete("c"),
        ];
        assert_eq!(lines, expected);
    }
}

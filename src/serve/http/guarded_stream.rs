//! A socket with timeouts that passes on only complete and unambiguous requests.
//!
//! hyper's own timeout for request heads also limits how long a connection may be idle, and it has none for bodies and
//! slow readers. This stream has four: idle, head, body and write. A request that `check_head` rejects is replaced by
//! one with the method `REJECTED`, so that the client gets an answer that says what was wrong.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

use super::problem::{Problem, ProblemKind};
use super::request_head::{REJECTED, check_head};
use crate::serve::config::Limits;

/// What the stream and the handler of a connection tell each other.
#[derive(Debug, Default)]
pub struct ConnectionState {
    /// Whether a request has arrived that has not been answered yet.
    is_answering: AtomicBool,
    rejection: Mutex<Option<Problem>>,
}

impl ConnectionState {
    /// Called when a response has been handed to hyper.
    pub fn answered(&self) {
        self.is_answering.store(false, Ordering::Relaxed);
    }

    /// The reason for which the stream rejected a request, once.
    pub fn take_rejection(&self) -> Option<Problem> {
        self.rejection.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// What the next bytes from the client are.
#[derive(Debug, PartialEq)]
enum Expected {
    /// The head of a request, of which `received` has the beginning.
    Head,
    /// This many more bytes of a request. Those of the head are in `received`.
    Rest(usize),
    /// Nothing: the connection is closed once the rejection has been answered.
    Nothing,
}

/// The part of a request that a timeout is running for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Idle,
    Head,
    Body,
}

/// A TCP connection from a client, see the module's documentation.
pub struct GuardedStream {
    socket: TcpStream,
    limits: Arc<Limits>,
    state: Arc<ConnectionState>,
    expected: Expected,
    /// Bytes that have arrived and not been passed on.
    received: Vec<u8>,
    read_timeout: Option<(Phase, Pin<Box<Sleep>>)>,
    write_timeout: Option<Pin<Box<Sleep>>>,
}

impl GuardedStream {
    pub fn new(socket: TcpStream, limits: Arc<Limits>, state: Arc<ConnectionState>) -> GuardedStream {
        GuardedStream {
            socket,
            limits,
            state,
            expected: Expected::Head,
            received: Vec::new(),
            read_timeout: None,
            write_timeout: None,
        }
    }

    /// Replaces the current request by one that asks for the problem to be answered.
    fn reject(&mut self, problem: Problem) {
        *self.state.rejection.lock().unwrap_or_else(PoisonError::into_inner) = Some(problem);
        self.received = format!("{REJECTED} / HTTP/1.1\r\nConnection: close\r\n\r\n").into_bytes();
        self.expected = Expected::Rest(self.received.len());
        self.state.is_answering.store(true, Ordering::Relaxed);
    }

    /// Passes on received bytes of an accepted request. Returns whether there were any.
    fn pass_on(&mut self, buffer: &mut ReadBuf) -> bool {
        let Expected::Rest(rest) = self.expected else { return false };
        let count = rest.min(self.received.len()).min(buffer.remaining());
        if count == 0 {
            return false;
        }
        buffer.put_slice(&self.received[..count]);
        self.received.drain(..count);
        self.expected = Expected::Rest(rest - count);
        true
    }

    /// Looks for a complete head in `received`.
    fn find_head(&mut self) {
        match check_head(&self.received, &self.limits) {
            Ok(None) => {}
            Ok(Some(head)) => {
                self.expected = Expected::Rest(head.length + head.body_length);
                self.state.is_answering.store(true, Ordering::Relaxed);
            }
            Err(problem) => self.reject(problem),
        }
    }

    /// Whether the time for the current part of the request is over. Registers the task to be woken then.
    fn poll_read_timeout(&mut self, context: &mut Context) -> Poll<Phase> {
        let (phase, limit) = match self.expected {
            Expected::Head if self.received.is_empty() => (Phase::Idle, self.limits.idle_timeout),
            Expected::Head => (Phase::Head, self.limits.head_timeout),
            Expected::Rest(_) | Expected::Nothing => (Phase::Body, self.limits.head_timeout),
        };
        if phase == Phase::Idle && self.state.is_answering.load(Ordering::Relaxed) {
            self.read_timeout = None;
            return Poll::Pending;
        }
        if self.read_timeout.as_ref().is_none_or(|(running, _)| *running != phase) {
            self.read_timeout = Some((phase, timer(limit)));
        }
        match &mut self.read_timeout {
            Some((_, timer)) => timer.as_mut().poll(context).map(|()| phase),
            None => Poll::Pending,
        }
    }

    /// Reads what is there. Returns the number of bytes; 0 means that the client has closed its side.
    fn poll_receive(&mut self, context: &mut Context) -> Poll<io::Result<usize>> {
        let mut chunk = [std::mem::MaybeUninit::uninit(); 8192];
        let mut buffer = ReadBuf::uninit(&mut chunk);
        ready!(Pin::new(&mut self.socket).poll_read(context, &mut buffer))?;
        self.received.extend_from_slice(buffer.filled());
        Poll::Ready(Ok(buffer.filled().len()))
    }
}

fn timer(limit: Duration) -> Pin<Box<Sleep>> {
    Box::pin(sleep_until(Instant::now() + limit))
}

impl AsyncRead for GuardedStream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context, buffer: &mut ReadBuf) -> Poll<io::Result<()>> {
        let stream = self.get_mut();
        loop {
            if stream.expected == Expected::Rest(0) {
                // A rejection is recorded until the handler takes it.
                let is_rejected = stream.state.rejection.lock().unwrap_or_else(PoisonError::into_inner).is_some();
                stream.expected = if is_rejected { Expected::Nothing } else { Expected::Head };
            }
            if stream.pass_on(buffer) {
                stream.read_timeout = None;
                return Poll::Ready(Ok(()));
            }
            if stream.expected == Expected::Head && !stream.received.is_empty() {
                stream.find_head();
                if stream.expected != Expected::Head {
                    continue;
                }
            }
            if stream.expected == Expected::Nothing {
                stream.received.clear();
            }
            match stream.poll_receive(context) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Ok(())),
                Poll::Ready(Ok(_)) => continue,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {}
            }
            match ready!(stream.poll_read_timeout(context)) {
                Phase::Head => {
                    let seconds = stream.limits.head_timeout.as_secs_f64();
                    let detail = format!("the request head did not arrive within {seconds} seconds");
                    stream.reject(Problem::new(ProblemKind::RequestTimeout, detail));
                }
                Phase::Idle | Phase::Body => return Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            }
        }
    }
}

impl AsyncWrite for GuardedStream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let stream = self.get_mut();
        if let Poll::Ready(result) = Pin::new(&mut stream.socket).poll_write(context, bytes) {
            return Poll::Ready(result);
        }
        let limit = stream.limits.write_timeout;
        let timer = stream.write_timeout.get_or_insert_with(|| timer(limit));
        ready!(timer.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// hyper flushes when all of a response has been written.
    fn poll_flush(self: Pin<&mut Self>, context: &mut Context) -> Poll<io::Result<()>> {
        let stream = self.get_mut();
        stream.write_timeout = None;
        Pin::new(&mut stream.socket).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_shutdown(context)
    }
}

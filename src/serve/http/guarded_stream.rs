//! A socket with timeouts that passes on only complete and unambiguous requests.
//!
//! hyper's own timeout for request heads also limits how long a connection may be idle, and it has none for bodies and
//! slow readers. This stream has four: idle, head, body and write. A request that `check_head` rejects is replaced by
//! one with the method `REJECTED`, so that the client gets an answer that says what was wrong.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::Method;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

use super::problem::{Problem, ProblemKind};
use super::request_head::{REJECTED, RejectedTarget, check_head};
use crate::serve::limits::Limits;

/// What the stream and the handler of a connection tell each other.
#[derive(Debug)]
pub struct ConnectionState {
    peer: SocketAddr,
    /// Number of requests that have arrived and have not been answered yet. There are several if the client sends the
    /// next request before it has the response.
    unanswered: AtomicUsize,
    /// Set if the stream rejected the last request.
    rejection: Mutex<Option<Rejection>>,
}

/// A request that was rejected.
#[derive(Clone, Debug)]
pub struct Rejection {
    /// The reason.
    pub problem: Problem,
    pub target: RejectedTarget,
}

impl ConnectionState {
    pub fn new(peer: SocketAddr) -> ConnectionState {
        ConnectionState { peer, unanswered: AtomicUsize::new(0), rejection: Mutex::new(None) }
    }

    /// The address of the client.
    pub fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// Called when a response has been handed to hyper.
    pub fn answered(&self) {
        let count = self.unanswered.load(Ordering::Relaxed);
        self.unanswered.store(count.saturating_sub(1), Ordering::Relaxed);
    }

    /// Why and for which target a request was rejected; `method` is what hyper says the method is. Requests before the
    /// rejected one may still be waiting for their answers, so the method decides.
    pub fn rejection_of(&self, method: &Method) -> Option<Rejection> {
        let rejection = self.rejection.lock().unwrap_or_else(PoisonError::into_inner);
        rejection.clone().filter(|_| method.as_str() == REJECTED)
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
    /// Whether no request has arrived yet. The time for the first one is that for its head.
    is_new: bool,
    /// Number of empty lines that were skipped before the current request.
    empty_lines: usize,
    /// Whether a request has been rejected; nothing after it is read.
    is_rejected: bool,
    /// Bytes that have arrived and not been passed on.
    received: Vec<u8>,
    read_timeout: Option<(Phase, Pin<Box<Sleep>>)>,
    write_timeout: Option<Pin<Box<Sleep>>>,
    /// Runs while the stream waits for the client to close its side.
    linger_timeout: Option<Pin<Box<Sleep>>>,
}

/// After a rejection, what the client still sends is read for this long. If the socket were closed with unread bytes, the
/// client's system would discard the answer (RFC 9112 section 9.6).
const LINGER: Duration = Duration::from_secs(1);

/// Maximum number of empty lines before a request.
const MAX_EMPTY_LINES: usize = 8;

impl GuardedStream {
    pub fn new(socket: TcpStream, limits: Arc<Limits>, state: Arc<ConnectionState>) -> GuardedStream {
        GuardedStream {
            socket,
            limits,
            state,
            expected: Expected::Head,
            is_new: true,
            empty_lines: 0,
            is_rejected: false,
            received: Vec::new(),
            read_timeout: None,
            write_timeout: None,
            linger_timeout: None,
        }
    }

    /// Replaces the current request by one that asks for the problem to be answered.
    fn reject(&mut self, problem: Problem) {
        let rejection = Rejection { problem, target: RejectedTarget::of(&self.received) };
        *self.state.rejection.lock().unwrap_or_else(PoisonError::into_inner) = Some(rejection);
        self.received = format!("{REJECTED} / HTTP/1.1\r\nConnection: close\r\n\r\n").into_bytes();
        self.expected = Expected::Rest(self.received.len());
        self.is_rejected = true;
        self.state.unanswered.fetch_add(1, Ordering::Relaxed);
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

    /// Looks for a complete head in `received`. Some clients send an empty line after the body of the request before
    /// (RFC 9112 section 2.2).
    fn find_head(&mut self) {
        while self.received.starts_with(b"\r\n") && self.empty_lines < MAX_EMPTY_LINES {
            self.received.drain(..2);
            self.empty_lines += 1;
        }
        if self.received.is_empty() {
            return;
        }
        match check_head(&self.received, &self.limits) {
            Ok(None) => {}
            Ok(Some(head)) => {
                self.expected = Expected::Rest(head.length + head.body_length);
                (self.is_new, self.empty_lines) = (false, 0);
                self.state.unanswered.fetch_add(1, Ordering::Relaxed);
            }
            Err(problem) => self.reject(problem),
        }
    }

    /// Whether the time for the current part of the request is over. Registers the task to be woken then.
    fn poll_read_timeout(&mut self, context: &mut Context) -> Poll<Phase> {
        let (phase, limit) = match self.expected {
            Expected::Head if self.received.is_empty() && self.is_new => (Phase::Idle, self.limits.head_timeout),
            Expected::Head if self.received.is_empty() => (Phase::Idle, self.limits.idle_timeout),
            Expected::Head => (Phase::Head, self.limits.head_timeout),
            Expected::Rest(_) | Expected::Nothing => (Phase::Body, self.limits.head_timeout),
        };
        if phase == Phase::Idle && self.state.unanswered.load(Ordering::Relaxed) > 0 {
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
                stream.expected = if stream.is_rejected { Expected::Nothing } else { Expected::Head };
            }
            if stream.pass_on(buffer) {
                if stream.expected == Expected::Rest(0) {
                    stream.read_timeout = None;
                }
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
        let is_idle = stream.expected == Expected::Head && stream.received.is_empty();
        if is_idle && stream.read_timeout.is_none() {
            // hyper doesn't read again before something arrives, so this starts the timeout. If it is already over, the
            // task is woken, and the next read reports it.
            let _ = stream.poll_read_timeout(context);
        }
        Pin::new(&mut stream.socket).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context) -> Poll<io::Result<()>> {
        let stream = self.get_mut();
        if stream.linger_timeout.is_none() {
            ready!(Pin::new(&mut stream.socket).poll_shutdown(context))?;
        }
        if !stream.is_rejected {
            return Poll::Ready(Ok(()));
        }
        loop {
            let timeout = stream.linger_timeout.get_or_insert_with(|| timer(LINGER));
            if timeout.as_mut().poll(context).is_ready() {
                return Poll::Ready(Ok(()));
            }
            match ready!(stream.poll_receive(context)) {
                Ok(0) | Err(_) => return Poll::Ready(Ok(())),
                Ok(_) => stream.received.clear(),
            }
        }
    }
}

//! Binds the address, serves connections, and drains them when the process stops.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use http_body_util::Full;
use hyper::Request;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use super::config::{Log, ServeConfig};
use super::http::{ConnectionState, GuardedStream};
use super::request::Server;
use super::route::respond;
use super::search_pool::SearchPool;
use crate::error::{Error, Result};
use crate::service::CurrentIndex;

/// A server that is bound to its address.
pub struct Bound {
    runtime: tokio::runtime::Runtime,
    listener: TcpListener,
    server: Arc<Server>,
    log: Log,
}

/// Binds the address and opens the index. A missing index is not an error: the server waits for it. `log` receives
/// messages for the operator, and `access_log` a line for each request.
pub fn bind(config: ServeConfig, log: Log, access_log: Option<Log>) -> Result<Bound> {
    let io = |action: &'static str, place: String| {
        move |source: std::io::Error| Error::Io { path: place.into(), action, source }
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(io("start", "the server".to_string()))?;
    let address = config.address;
    let listener = runtime.block_on(TcpListener::bind(address)).map_err(io("listen on", address.to_string()))?;
    let follow_log = Arc::clone(&log);
    let index =
        CurrentIndex::follow(config.index.clone(), config.synonyms.clone(), move |message| follow_log(message))?;
    let pool = SearchPool::new(config.limits.search_threads, config.limits.queued_searches)
        .map_err(io("start", "a thread".to_string()))?;
    let server = Arc::new(Server::new(config, index, pool, access_log));
    Ok(Bound { runtime, listener, server, log })
}

impl Bound {
    /// The address that the server listens on, with the port that the system chose if port 0 was requested.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` completes, then drains: open requests have the drain time to complete.
    pub fn serve(self, stop: impl Future<Output = ()>, stop_now: impl Future<Output = ()>) {
        let Bound { runtime, listener, server, log } = self;
        runtime.block_on(serve(listener, server, log, stop, stop_now));
        runtime.shutdown_background();
    }

    /// Serves until the process gets SIGTERM or SIGINT. A second signal stops it at once.
    pub fn serve_until_signal(self) {
        self.serve(signal(), signal());
    }
}

/// Waits for a signal to stop.
#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
        (Ok(mut terminate), Ok(mut interrupt)) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        }
        _ => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

async fn serve(
    listener: TcpListener,
    server: Arc<Server>,
    log: Log,
    stop: impl Future<Output = ()>,
    stop_now: impl Future<Output = ()>,
) {
    let connections = Arc::new(Semaphore::new(server.config.limits.connections));
    let graceful = GracefulShutdown::new();
    tokio::pin!(stop);
    loop {
        // Connections beyond the limit wait in the listen queue of the system.
        let permit = tokio::select! {
            permit = Arc::clone(&connections).acquire_owned() => permit,
            () = &mut stop => break,
        };
        let socket = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        match socket {
            Ok((socket, peer)) => {
                // Without this, a small response may wait for the acknowledgment of the one before.
                let _ = socket.set_nodelay(true);
                let connection = graceful.watch(connection(socket, peer, Arc::clone(&server)));
                let server = Arc::clone(&server);
                tokio::spawn(async move {
                    let _open = OpenConnection::count(&server);
                    // An error here is a client that is gone or too slow.
                    let _ = connection.await;
                    drop(permit);
                });
            }
            Err(error) => {
                log(&format!("cannot accept a connection: {error}"));
                // Usually there are no file handles left; some are freed when connections end.
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    server.start_draining();
    tokio::pin!(stop_now);
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(server.config.limits.drain_time) => {}
        () = &mut stop_now => {}
    }
}

/// Counts a connection while it is open.
struct OpenConnection<'a>(&'a Server);

impl OpenConnection<'_> {
    fn count(server: &Server) -> OpenConnection<'_> {
        server.metrics.connections.fetch_add(1, Ordering::Relaxed);
        OpenConnection(server)
    }
}

impl Drop for OpenConnection<'_> {
    fn drop(&mut self) {
        self.0.metrics.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The future that serves a connection.
fn connection(
    socket: TcpStream,
    peer: SocketAddr,
    server: Arc<Server>,
) -> http1::Connection<
    TokioIo<GuardedStream>,
    impl hyper::service::HttpService<Incoming, ResBody = Full<Bytes>, Error = Infallible, Future: Send + 'static> + Send,
> {
    let state = Arc::new(ConnectionState::new(peer));
    let limits = Arc::new(server.config.limits.clone());
    let max_headers = limits.headers;
    let stream = GuardedStream::new(socket, limits, Arc::clone(&state));
    let service = service_fn(move |request: Request<Incoming>| {
        let (server, state) = (Arc::clone(&server), Arc::clone(&state));
        async move {
            let response = respond(&server, &state, request).await;
            state.answered();
            Ok::<_, Infallible>(response)
        }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        // The stream has its own limits for heads.
        .header_read_timeout(None)
        .max_headers(max_headers)
        .serve_connection(TokioIo::new(stream), service)
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::thread::JoinHandle;

    use tokio::sync::oneshot;

    use super::*;
    use crate::index::{self, UpdateOptions};

    /// A server with one search thread on an index of one page.
    struct TestServer {
        folder: tempfile::TempDir,
        address: SocketAddr,
        stop: Option<oneshot::Sender<()>>,
        stop_now: Option<oneshot::Sender<()>>,
        thread: Option<JoinHandle<()>>,
    }

    impl TestServer {
        fn start(limits: &[&str]) -> TestServer {
            let folder = tempfile::tempdir().unwrap();
            let (pages, index) = (folder.path().join("pages"), folder.path().join("index"));
            std::fs::create_dir(&pages).unwrap();
            std::fs::write(pages.join("a.md"), "# Barnevern\n\nKommunen skal hjelpe barn som trenger det.\n").unwrap();
            index::update(&UpdateOptions::new(&index, &[pages])).unwrap();
            let address = ([127, 0, 0, 1], 0).into();
            let mut config = ServeConfig { index, address, has_metrics: true, ..ServeConfig::default() };
            for limit in ["threads=1"].iter().chain(limits) {
                config.limits.set(limit).unwrap();
            }
            let bound = bind(config, Arc::new(|_| {}), None).unwrap();
            let address = bound.address().unwrap();
            let ((stop, stopped), (stop_now, stopped_now)) = (oneshot::channel::<()>(), oneshot::channel::<()>());
            let signal = |receiver: oneshot::Receiver<()>| async { receiver.await.unwrap_or(()) };
            let thread = std::thread::spawn(move || bound.serve(signal(stopped), signal(stopped_now)));
            TestServer { folder, address, stop: Some(stop), stop_now: Some(stop_now), thread: Some(thread) }
        }

        /// Sends a request on a connection that the server closes after its response.
        fn send(&self, target: &str) -> std::net::TcpStream {
            let mut socket = std::net::TcpStream::connect(self.address).unwrap();
            write!(socket, "GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
            socket
        }

        /// Sends a request that waits on the search thread until `self.release()`.
        fn send_waiting(&self) -> std::net::TcpStream {
            self.send(&format!("/test/wait?{}", self.folder.path().join("released").display()))
        }

        fn release(&self) {
            std::fs::write(self.folder.path().join("released"), "").unwrap();
        }

        fn get(&self, target: &str) -> String {
            read(self.send(target))
        }

        /// Waits until a line is among the metrics.
        fn wait_for_metric(&self, line: &str) {
            wait_until(line, || self.get("/metrics").lines().any(|found| found == line));
        }

        fn join(&mut self) {
            if let Some(thread) = self.thread.take() {
                thread.join().unwrap();
            }
        }
    }

    impl Drop for TestServer {
        fn drop(&mut self) {
            (self.stop, self.stop_now) = (None, None);
            self.join();
        }
    }

    /// Everything until the server closes the connection.
    fn read(mut socket: std::net::TcpStream) -> String {
        let mut bytes = Vec::new();
        let _ = socket.read_to_end(&mut bytes);
        String::from_utf8(bytes).unwrap()
    }

    fn wait_until(what: &str, mut is_met: impl FnMut() -> bool) {
        let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
        while !is_met() {
            assert!(std::time::Instant::now() < end, "waited in vain: {what}");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }

    #[test]
    fn a_panic_costs_one_request_a_500() {
        let server = TestServer::start(&[]);
        let mut client = std::net::TcpStream::connect(server.address).unwrap();
        let get = |target: &str| format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n");
        let requests = get("/test/panic") + "\r\n" + &get("/api/v1/search?q=barn") + "Connection: close\r\n\r\n";
        client.write_all(requests.as_bytes()).unwrap();
        let responses = read(client);
        assert!(responses.starts_with("HTTP/1.1 500 "), "{responses}");
        assert!(responses.contains("/problems/internal") && !responses.contains("a test of panics"), "{responses}");
        assert!(responses.contains("HTTP/1.1 200 ") && responses.contains("Barnevern"), "{responses}");
    }

    #[test]
    fn a_full_queue_gives_503_and_a_client_that_is_gone_stops_its_search() {
        let server = TestServer::start(&["queue=1"]);
        let running = server.send_waiting();
        server.wait_for_metric("treff_searches_running 1");
        let waiting = server.send_waiting();
        server.wait_for_metric("treff_searches_queued 1");
        let refused = server.get("/api/v1/search?q=barn");
        assert!(refused.starts_with("HTTP/1.1 503 ") && refused.contains("\r\nretry-after: 1\r\n"), "{refused}");
        assert!(refused.contains("/problems/overloaded"), "{refused}");
        assert!(server.get("/healthz").starts_with("HTTP/1.1 200 "));
        drop(running);
        server.wait_for_metric("treff_searches_queued 0");
        drop(waiting);
        server.wait_for_metric("treff_searches_running 0");
        server.wait_for_metric("treff_requests_total{route=\"/test/wait\",status=\"499\"} 2");
        assert!(server.get("/api/v1/search?q=barn").starts_with("HTTP/1.1 200 "));
    }

    #[test]
    fn open_requests_are_answered_before_the_server_stops() {
        let mut server = TestServer::start(&[]);
        let mut idle = std::net::TcpStream::connect(server.address).unwrap();
        idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let open = server.send_waiting();
        server.wait_for_metric("treff_searches_running 1");
        server.stop = None;
        assert!(read(idle).ends_with("ok\n"));
        wait_until("the port is closed", || std::net::TcpStream::connect(server.address).is_err());
        server.release();
        assert!(read(open).ends_with("the file exists\n"));
        server.join();
    }

    #[test]
    fn a_request_without_its_body_does_not_delay_the_stop() {
        let mut server = TestServer::start(&["head-time=1000", "drain-time=1000"]);
        let mut socket = std::net::TcpStream::connect(server.address).unwrap();
        let head = "POST /healthz HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 40\r\n\r\n";
        socket.write_all(head.as_bytes()).unwrap();
        let mut line = [0; 25];
        socket.read_exact(&mut line).unwrap();
        assert_eq!(&line, b"HTTP/1.1 100 Continue\r\n\r\n");
        socket.write_all(b"{\"json").unwrap();
        server.stop = None;
        server.join();
        let answer = read(socket);
        assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("/problems/shutting-down"), "{answer}");
    }

    #[test]
    fn stops_without_an_answer_when_the_drain_time_is_over_or_at_a_second_signal() {
        let mut server = TestServer::start(&["drain-time=0.05"]);
        let open = server.send_waiting();
        server.wait_for_metric("treff_searches_running 1");
        server.stop = None;
        server.join();
        assert_eq!(read(open), "");

        let mut server = TestServer::start(&["drain-time=1000"]);
        let open = server.send_waiting();
        server.wait_for_metric("treff_searches_running 1");
        (server.stop, server.stop_now) = (None, None);
        server.join();
        assert_eq!(read(open), "");
    }
}

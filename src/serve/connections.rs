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
    let index = CurrentIndex::follow(config.index.clone(), config.synonyms.clone(), move |message| follow_log(message))
        .map_err(io("start", "a thread".to_string()))?;
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

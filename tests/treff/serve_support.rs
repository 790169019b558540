//! Runs `treff serve` inside the test process, and clients for it: one that reads responses, and raw sockets.

#![allow(dead_code)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use treff::serve::{ServeConfig, bind};

use crate::TestEnv;

/// A test fails if the server is silent for so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server in a thread of the test process, on a port that the system chose. It is stopped when dropped.
pub struct TestServer {
    /// The folder with `index`, and `seeds` if these are indexed.
    pub env: TestEnv,
    address: SocketAddr,
    log: Arc<Mutex<Vec<String>>>,
    requests: Arc<Mutex<Vec<String>>>,
    stop: Option<oneshot::Sender<()>>,
    stop_now: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// A test folder with the seeds and a copy of their index, which is built once.
pub fn indexed_seeds() -> TestEnv {
    static FILES: OnceLock<Vec<(String, Vec<u8>)>> = OnceLock::new();
    let files = FILES.get_or_init(|| {
        let built = TestEnv::indexed();
        let (mut files, mut folders) = (Vec::new(), vec![PathBuf::from("index")]);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(built.path(folder.to_str().unwrap())).unwrap() {
                let entry = entry.unwrap();
                let name = folder.join(entry.file_name());
                if entry.path().is_dir() {
                    folders.push(name);
                } else {
                    files.push((name.to_str().unwrap().to_string(), std::fs::read(entry.path()).unwrap()));
                }
            }
        }
        files
    });
    let env = TestEnv::with_seeds();
    for (name, content) in files {
        env.write(name, content);
    }
    env
}

impl TestServer {
    /// Serves the index of the seeds with the default configuration.
    pub fn start() -> TestServer {
        TestServer::with(|_| {})
    }

    /// Serves the index of the seeds with a changed configuration.
    pub fn with(change: impl FnOnce(&mut ServeConfig)) -> TestServer {
        TestServer::of(indexed_seeds(), change)
    }

    /// Serves `index` in a test folder, which need not exist yet.
    pub fn of(env: TestEnv, change: impl FnOnce(&mut ServeConfig)) -> TestServer {
        let mut config =
            ServeConfig { index: env.path("index"), address: ([127, 0, 0, 1], 0).into(), ..ServeConfig::default() };
        // Other tests may take all of the processor.
        config.limits.search_time = PATIENCE;
        change(&mut config);
        let log = Arc::new(Mutex::new(Vec::new()));
        let messages = Arc::clone(&log);
        let requests = Arc::new(Mutex::new(Vec::new()));
        let lines = Arc::clone(&requests);
        let log_message = Arc::new(move |message: &str| messages.lock().unwrap().push(message.to_string()));
        let log_request = Arc::new(move |line: &str| lines.lock().unwrap().push(line.to_string()));
        let bound = bind(config, log_message, Some(log_request)).unwrap();
        let address = bound.address().unwrap();
        let ((stop, stopped), (stop_now, stopped_now)) = (oneshot::channel::<()>(), oneshot::channel::<()>());
        let ignore_result = |receiver: oneshot::Receiver<()>| async { receiver.await.unwrap_or(()) };
        let thread = std::thread::spawn(move || bound.serve(ignore_result(stopped), ignore_result(stopped_now)));
        TestServer { env, address, log, requests, stop: Some(stop), stop_now: Some(stop_now), thread: Some(thread) }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The messages for the operator so far.
    pub fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// The lines of the access log so far.
    pub fn access_log(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// Sends a GET request and returns the response.
    #[track_caller]
    pub fn get(&self, target: &str) -> HttpResponse {
        self.request("GET", target, &[], "")
    }

    /// Sends a request on a connection of its own and returns the response. `Host` is added unless it is among the
    /// headers.
    #[track_caller]
    pub fn request(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> HttpResponse {
        let mut client = self.connect();
        let mut head = format!("{method} {target} HTTP/1.1\r\n");
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            head.push_str(&format!("Host: {}\r\n", self.address));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        client.send(format!("{head}\r\n{body}"));
        client.read_response_to(method).expect("the server closed the connection without a response")
    }

    pub fn connect(&self) -> RawClient {
        RawClient::connect(self.address)
    }

    /// Sends bytes on a new connection, and returns all that the server sends until it closes the connection. The
    /// client's side stays open, so the bytes must make the server close.
    #[track_caller]
    pub fn raw(&self, bytes: impl AsRef<[u8]>) -> String {
        let mut client = self.connect();
        client.send(bytes);
        client.read_to_end()
    }

    /// Starts draining, as the first signal does.
    pub fn start_to_stop(&mut self) {
        drop(self.stop.take());
    }

    /// Ends at once, as the second signal does.
    pub fn stop_now(&mut self) {
        self.start_to_stop();
        drop(self.stop_now.take());
    }

    /// Waits until the server has stopped.
    pub fn wait(&mut self) {
        if let Some(thread) = self.thread.take() {
            let result = thread.join();
            assert!(result.is_ok() || std::thread::panicking(), "the server panicked");
        }
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.stop_now();
        self.wait();
    }
}

/// A TCP connection on which a test sends what it likes.
pub struct RawClient {
    socket: TcpStream,
    /// Bytes that arrived after the last response.
    received: Vec<u8>,
}

impl RawClient {
    pub fn connect(address: SocketAddr) -> RawClient {
        let socket = TcpStream::connect(address).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket.set_write_timeout(Some(PATIENCE)).unwrap();
        socket.set_nodelay(true).unwrap();
        RawClient { socket, received: Vec::new() }
    }

    /// Sends bytes. The server may have closed the connection, which a test sees from what it reads.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.socket.write_all(bytes.as_ref());
    }

    /// Sends as many of the bytes as there is room for. Returns whether the connection is still open.
    pub fn can_send(&mut self, bytes: &str) -> bool {
        self.socket.set_nonblocking(true).unwrap();
        let result = self.socket.write(bytes.as_bytes());
        self.socket.set_nonblocking(false).unwrap();
        result.is_ok() || result.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock)
    }

    /// Reads some bytes. Returns whether the connection is still open.
    fn receive(&mut self) -> bool {
        let mut buffer = [0; 8192];
        match self.socket.read(&mut buffer) {
            Ok(0) => false,
            Ok(count) => {
                self.received.extend_from_slice(&buffer[..count]);
                true
            }
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {
                panic!("the server is silent; received so far: {:?}", String::from_utf8_lossy(&self.received))
            }
            // A connection that is reset is closed, too.
            Err(_) => false,
        }
    }

    /// Reads everything until the server closes the connection.
    pub fn read_to_end(&mut self) -> String {
        while self.receive() {}
        String::from_utf8_lossy(&std::mem::take(&mut self.received)).into_owned()
    }

    /// Reads the response to a GET request; `None` if the server closes the connection first.
    pub fn read_response(&mut self) -> Option<HttpResponse> {
        self.read_response_to("GET")
    }

    /// Reads the response to a request with this method.
    pub fn read_response_to(&mut self, method: &str) -> Option<HttpResponse> {
        let end = loop {
            if let Some(at) = self.received.windows(4).position(|window| window == b"\r\n\r\n") {
                break at;
            }
            if !self.receive() {
                return None;
            }
        };
        let head = String::from_utf8(self.received.drain(..end + 4).take(end).collect()).expect("a head is UTF-8");
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_string(), value.to_string()));
        let headers = lines.map(|line| header(line).unwrap_or_else(|| panic!("not a header: {line:?}"))).collect();
        let mut response = HttpResponse { status, headers, body: Vec::new() };
        let has_body = method != "HEAD" && !matches!(status, 100..=199 | 204 | 304);
        let length = response.header("content-length").map_or(0, |value| value.parse().unwrap());
        if has_body {
            while self.received.len() < length {
                assert!(self.receive(), "the body ends early: {response:?}");
            }
            response.body = self.received.drain(..length).collect();
        }
        Some(response)
    }
}

/// A response of the server.
#[derive(Debug)]
pub struct HttpResponse {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl HttpResponse {
    /// The only value of a header. Fails if there are several.
    #[track_caller]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(found, _)| found.eq_ignore_ascii_case(name));
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "several {name} headers: {self:?}");
        value
    }

    /// The body as text.
    #[track_caller]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the body is UTF-8")
    }

    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// Asserts the status.
    #[track_caller]
    pub fn has_status(self, status: u16) -> HttpResponse {
        assert_eq!(self.status, status, "{:?} {}", self.headers, String::from_utf8_lossy(&self.body));
        self
    }

    /// Asserts that the response is the problem with this name.
    #[track_caller]
    pub fn expect_problem(self, status: u16, name: &str) -> HttpResponse {
        let response = self.has_status(status);
        assert_eq!(response.header("content-type"), Some("application/problem+json"));
        assert_eq!(response.json()["type"], format!("/problems/{name}"), "{}", response.text());
        response
    }
}

/// Waits until a condition is met, and fails if it isn't within a minute.
#[track_caller]
pub fn wait_until(what: &str, mut is_met: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_met() {
        assert!(Instant::now() < end, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

//! Checks the head of an HTTP/1.1 request (RFC 9112) before hyper sees it.
//!
//! hyper accepts some heads that proxies read in another way: it ignores Content-Length next to Transfer-Encoding, and
//! a second Content-Length that is equal. If the proxy and the server disagree on where a request ends, a client can
//! smuggle a second one past the proxy. Such heads are rejected here, and so are heads that exceed the limits.

use hyper::{Method, Uri};

use super::problem::{Problem, ProblemKind};
use crate::serve::limits::Limits;

/// The method of the request that hyper gets in place of a rejected one.
pub const REJECTED: &str = "TREFF-REJECTED";

/// An accepted head.
#[derive(Debug, PartialEq)]
pub struct RequestHead {
    /// Its length in bytes, including the empty line.
    pub length: usize,
    /// The length of the body.
    pub body_length: usize,
}

/// The end of a head: the empty line.
const END: &[u8] = b"\r\n\r\n";

/// Maximum number of bytes of all headers of a request with their line ends.
const MAX_HEADER_BYTES: usize = 32 * 1024;

/// Reads the head at the start of `bytes`. Returns `None` if its end has not arrived yet.
///
/// # Errors
///
/// The problem to answer with, after which the connection must be closed.
pub fn check_head(bytes: &[u8], limits: &Limits) -> Result<Option<RequestHead>, Problem> {
    if bytes.starts_with(b"\r\n") {
        return Err(malformed("there are empty lines before the request"));
    }
    let line_end = memchr::memchr(b'\n', bytes);
    // Method and version take a few bytes besides the target.
    if line_end.unwrap_or(bytes.len()) > limits.target_bytes + 32 {
        return Err(Problem::new(
            ProblemKind::UriTooLong,
            format!("the request target is longer than {} bytes", limits.target_bytes),
        ));
    }
    let end = memchr::memmem::find(bytes, END);
    let head = &bytes[..end.map_or(bytes.len(), |end| end + END.len())];
    let has_bare_line_end = memchr::memchr_iter(b'\n', head).any(|at| at == 0 || head[at - 1] != b'\r');
    if has_bare_line_end {
        return Err(malformed("a line of the request head ends without a carriage return"));
    }
    let line_length = line_end.map_or(bytes.len(), |end| end + 1);
    let Some(end) = end else {
        // Up to three bytes may be the beginning of `END`, of which the first two belong to the last header.
        let is_too_large = bytes.len() - line_length > MAX_HEADER_BYTES + 1;
        return if is_too_large { Err(headers_too_large(limits)) } else { Ok(None) };
    };
    let length = end + END.len();
    if end + 2 - line_length > MAX_HEADER_BYTES {
        return Err(headers_too_large(limits));
    }
    let mut headers = vec![httparse::EMPTY_HEADER; limits.headers];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(head) {
        Ok(httparse::Status::Complete(_)) => {}
        Ok(httparse::Status::Partial) => return Err(malformed("the request head ends too early")),
        Err(httparse::Error::TooManyHeaders) => return Err(headers_too_large(limits)),
        Err(_) => return Err(malformed("the request head is not valid HTTP/1.1")),
    }
    let target = request.path.unwrap_or_default();
    if target.len() > limits.target_bytes {
        return Err(Problem::new(
            ProblemKind::UriTooLong,
            format!("the request target is longer than {} bytes", limits.target_bytes),
        ));
    }
    // A target has no fragment (RFC 9112 section 3.2). hyper would remove it, and a proxy might not.
    if target.contains('#') {
        return Err(malformed("the request target contains a fragment; encode # as %23"));
    }
    // What hyper would reject, without saying why.
    let method = request.method.map(|method| Method::from_bytes(method.as_bytes()));
    if target.parse::<Uri>().is_err() || !matches!(method, Some(Ok(_))) {
        return Err(malformed("the request target is not a valid URL"));
    }
    let values = |name: &str| {
        let headers: Vec<&[u8]> = request
            .headers
            .iter()
            .filter(|header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.value)
            .collect();
        headers
    };
    let (lengths, encodings) = (values("content-length"), values("transfer-encoding"));
    if !encodings.is_empty() {
        return Err(if lengths.is_empty() && request.version == Some(1) {
            Problem::new(
                ProblemKind::LengthRequired,
                "a request body needs Content-Length; Transfer-Encoding is not supported",
            )
        } else {
            malformed("Transfer-Encoding is not allowed here")
        });
    }
    let body_length = match lengths[..] {
        [] => 0,
        [length] => parse_length(length).ok_or_else(|| malformed("Content-Length is not a number"))?,
        _ => return Err(malformed("there are several Content-Length headers")),
    };
    if body_length > 0 && request.method != Some("POST") {
        return Err(malformed("only POST requests may have a body"));
    }
    if body_length > limits.body_bytes {
        return Err(Problem::new(
            ProblemKind::TooLarge,
            format!("the request body is larger than {} bytes", limits.body_bytes),
        ));
    }
    Ok(Some(RequestHead { length, body_length }))
}

/// What can be said about a rejected request from the bytes that have arrived: for an answer in the right form.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RejectedTarget {
    /// The path and the parameters; empty if they can't be read. The last parameter may be cut.
    pub path: String,
    pub query: String,
    /// The value of `Accept-Language`, or nothing.
    pub accept_language: String,
}

impl RejectedTarget {
    /// Reads the beginning of a request, which need not be complete or valid.
    pub fn of(bytes: &[u8]) -> RejectedTarget {
        let mut lines = bytes.split(|byte| *byte == b'\n');
        let line = String::from_utf8_lossy(lines.next().unwrap_or_default());
        let target = line.split(' ').nth(1).filter(|target| target.starts_with('/')).unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let accept_language = lines.find_map(|line| {
            let colon = memchr::memchr(b':', line)?;
            let (name, value) = line.split_at(colon);
            name.eq_ignore_ascii_case(b"accept-language").then(|| String::from_utf8_lossy(&value[1..]).into_owned())
        });
        RejectedTarget {
            path: path.trim_end().to_string(),
            query: query.trim_end().to_string(),
            accept_language: accept_language.unwrap_or_default(),
        }
    }
}

/// Parses digits only: no sign, space or list.
fn parse_length(value: &[u8]) -> Option<usize> {
    let is_number = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(value).ok().filter(|_| is_number)?.parse().ok()
}

fn malformed(detail: &str) -> Problem {
    Problem::new(ProblemKind::BadRequest, detail)
}

fn headers_too_large(limits: &Limits) -> Problem {
    Problem::new(
        ProblemKind::HeadersTooLarge,
        format!("the request has more than {} headers or {MAX_HEADER_BYTES} bytes of them", limits.headers),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(head: &str) -> Result<Option<(usize, usize)>, ProblemKind> {
        let checked = check_head(head.as_bytes(), &Limits::default());
        checked.map(|head| head.map(|head| (head.length, head.body_length))).map_err(|problem| problem.kind)
    }

    #[test]
    fn accepts_complete_heads_only() {
        assert_eq!(check("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET"), Ok(Some((27, 0))));
        assert_eq!(check("POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"), Ok(Some((50, 5))));
        assert_eq!(check("GET / HTTP/1.1\r\nHost: a\r\n"), Ok(None));
        assert_eq!(check(""), Ok(None));
    }

    #[test]
    fn rejects_ambiguous_lengths() {
        let post = |headers: &str| check(&format!("POST / HTTP/1.1\r\nHost: a\r\n{headers}\r\n"));
        let bad = Err(ProblemKind::BadRequest);
        assert_eq!(post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), bad);
        assert_eq!(post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), bad);
        assert_eq!(post("Content-Length: 5\r\nContent-Length: 5\r\n"), bad);
        assert_eq!(post("Content-Length: +5\r\n"), bad);
        assert_eq!(post("Content-Length: 5, 5\r\n"), bad);
        assert_eq!(post("Content-Length : 5\r\n"), bad);
        assert_eq!(post("Transfer-Encoding: chunked\r\n"), Err(ProblemKind::LengthRequired));
        assert_eq!(check("GET / HTTP/1.1\nHost: a\r\n\r\n"), bad);
        assert_eq!(check("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n"), bad);
        assert_eq!(check("GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n"), bad);
        assert_eq!(check("GET /#a HTTP/1.1\r\nHost: a\r\n\r\n"), bad);
        assert_eq!(check("GET http://a/?q=c#a HTTP/1.1\r\nHost: a\r\n\r\n"), bad);
        assert_eq!(check("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), bad);
    }

    #[test]
    fn reads_what_has_arrived_of_a_rejected_request() {
        let target = |bytes: &str| {
            let RejectedTarget { path, query, accept_language } = RejectedTarget::of(bytes.as_bytes());
            (path, query, accept_language)
        };
        let expect = |path: &str, query: &str, language: &str| (path.into(), query.into(), language.into());
        assert_eq!(target("GET /p/x?q=a"), expect("/p/x", "q=a", ""));
        assert_eq!(target("GET / HTTP/1.1\r\nHost: a\r\nACCEPT-language: nn, nb\r"), expect("/", "", " nn, nb\r"));
        assert_eq!(target("GET /\r\n"), expect("/", "", ""));
        for unreadable in ["", "GET", "GET ", "GET http://a/ HTTP/1.1", "PRI * HTTP/2.0", "\u{0}\r\n:"] {
            assert_eq!(target(unreadable), expect("", "", ""), "{unreadable:?}");
        }
    }

    #[test]
    fn rejects_what_exceeds_a_limit() {
        let long = "a".repeat(17_000);
        assert_eq!(check(&format!("GET /{long} HTTP/1.1\r\n\r\n")), Err(ProblemKind::UriTooLong));
        assert_eq!(check(&format!("GET /{long}")), Err(ProblemKind::UriTooLong));
        let many = "a: b\r\n".repeat(101);
        assert_eq!(check(&format!("GET / HTTP/1.1\r\n{many}\r\n")), Err(ProblemKind::HeadersTooLarge));
        // All headers with their line ends, whatever the length of the target is.
        for target in ["/".to_string(), format!("/{}", "x".repeat(8000))] {
            for split in [1, 2, 50] {
                let headers = |bytes: usize| {
                    let length = bytes / split;
                    let mut text = format!("a: {}\r\n", "b".repeat(length - 5)).repeat(split - 1);
                    text.push_str(&format!("a: {}\r\n", "b".repeat(bytes - text.len() - 5)));
                    text
                };
                let head = |bytes: usize| format!("GET {target} HTTP/1.1\r\n{}\r\n", headers(bytes));
                assert!(matches!(check(&head(32_768)), Ok(Some(_))), "{split}");
                assert_eq!(check(&head(32_769)), Err(ProblemKind::HeadersTooLarge), "{split}");
                let unfinished = |bytes: usize| head(bytes).trim_end().to_string();
                assert_eq!(check(&unfinished(32_768)), Ok(None));
                assert_eq!(check(&unfinished(32_772)), Err(ProblemKind::HeadersTooLarge));
            }
        }
        let body = "POST / HTTP/1.1\r\nContent-Length: 65537\r\n\r\n";
        assert_eq!(check(body), Err(ProblemKind::TooLarge));
    }
}

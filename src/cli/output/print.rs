//! Writes results to standard output and messages to standard error.

use std::io::{BufWriter, Write, stderr, stdout};
use std::path::Path;

use treff::error::{Error, Result};

use super::style::printable;

/// Writes results to standard output, buffered.
pub fn print(write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<()> {
    let mut out = BufWriter::new(stdout().lock());
    write(&mut out).and_then(|()| out.flush()).map_err(Error::io(Path::new("standard output"), "write"))
}

/// Writes a line of a log to standard error.
#[cfg(feature = "serve")]
pub fn print_log_line(line: &str) {
    let _ = writeln!(stderr().lock(), "{}", printable(line));
}

/// Writes a one-line message to standard error.
pub fn say(message: &str) {
    // If standard error is closed, nobody reads the message.
    let _ = writeln!(stderr().lock(), "treff: {}", printable(message));
}

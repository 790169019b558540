//! Adapters for streams of archive members.

use std::io::{BufRead, Read};

/// Size of read buffers.
pub const BUFFER_BYTES: usize = 1 << 16;

/// `Read::read` for a type that implements `BufRead`.
pub fn read_from_buffer(reader: &mut impl BufRead, into: &mut [u8]) -> std::io::Result<usize> {
    let available = reader.fill_buf()?;
    let amount = available.len().min(into.len());
    into[..amount].copy_from_slice(&available[..amount]);
    reader.consume(amount);
    Ok(amount)
}

/// The next `left` bytes of a stream. Unlike with `std::io::Take`, a stream that ends early is an error.
pub struct ExactReader<R> {
    pub inner: R,
    pub left: u64,
}

impl<R: BufRead> ExactReader<R> {
    /// Discards the rest.
    pub fn skip(&mut self) -> std::io::Result<()> {
        while self.left > 0 {
            let available = self.fill_buf()?.len();
            self.consume(available);
        }
        Ok(())
    }
}

impl<R: BufRead> BufRead for ExactReader<R> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.left == 0 {
            return Ok(&[]);
        }
        let buffer = self.inner.fill_buf()?;
        if buffer.is_empty() {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let limit = usize::try_from(self.left).unwrap_or(usize::MAX);
        Ok(&buffer[..buffer.len().min(limit)])
    }

    fn consume(&mut self, amount: usize) {
        self.left -= amount as u64;
        self.inner.consume(amount);
    }
}

impl<R: BufRead> Read for ExactReader<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        read_from_buffer(self, into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_truncated_stream_is_an_error() {
        let mut text = String::new();
        assert_eq!(ExactReader { inner: &b"abc"[..], left: 2 }.read_to_string(&mut text).unwrap(), 2);
        assert!(ExactReader { inner: &b"abc"[..], left: 4 }.read_to_string(&mut text).is_err());
    }
}

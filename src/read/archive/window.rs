//! A buffered stream that can peek at the bytes to come, and can go back to bytes that were consumed recently.

use std::io::BufRead;

/// The number of consumed bytes that are kept. It must be at least the number of bytes that a decoder reads past the
/// end of a damaged member before it notices the damage. That was at most 1 KB in 1,300 gzip members with a flipped
/// bit; in zstd, it is a block of up to 128 KB.
const MAX_KEPT_BYTES: usize = 1 << 18;

pub struct Window<R> {
    reader: R,
    bytes: Vec<u8>,
    /// The index in `bytes` of the next byte.
    at: usize,
    /// The offset of `bytes` in the stream.
    offset: u64,
    /// The offset in the stream that was marked.
    marked: u64,
}

impl<R: BufRead> Window<R> {
    /// The start of the stream is marked.
    pub fn new(reader: R) -> Window<R> {
        Window { reader, bytes: Vec::new(), at: 0, offset: 0, marked: 0 }
    }

    /// The next bytes: at least `count` of them, unless the stream ends earlier.
    pub fn peek(&mut self, count: usize) -> std::io::Result<&[u8]> {
        while self.bytes.len() - self.at < count && self.read_more()? {}
        Ok(&self.bytes[self.at..])
    }

    /// Consumes the next `count` bytes, which `peek` must have returned.
    pub fn consume(&mut self, count: usize) {
        self.at += count;
    }

    /// Marks the current position.
    pub fn mark(&mut self) {
        self.marked = self.offset + self.at as u64;
    }

    pub fn marked_offset(&self) -> u64 {
        self.marked
    }

    /// Goes back to the byte after the marked position, or to the first byte after it that is still kept.
    pub fn return_to_mark(&mut self) {
        let after = (self.marked + 1).saturating_sub(self.offset);
        self.at = usize::try_from(after).unwrap_or(usize::MAX).min(self.bytes.len());
    }

    /// Skips to the next occurrence of a string, and returns whether there is one.
    pub fn skip_to(&mut self, string: &[u8]) -> std::io::Result<bool> {
        loop {
            if let Some(found) = memchr::memmem::find(&self.bytes[self.at..], string) {
                self.at += found;
                return Ok(true);
            }
            // The string may begin at the end of the bytes.
            self.at = self.at.max((self.bytes.len() + 1).saturating_sub(string.len()));
            self.mark();
            if !self.read_more()? {
                return Ok(false);
            }
        }
    }

    /// Reads more bytes. Returns whether there are any.
    fn read_more(&mut self) -> std::io::Result<bool> {
        let marked = usize::try_from(self.marked.saturating_sub(self.offset)).unwrap_or(usize::MAX);
        let unneeded = marked.max(self.at.saturating_sub(MAX_KEPT_BYTES)).min(self.at);
        // Not at every call, because draining moves the remaining bytes.
        if unneeded > self.bytes.len() / 2 {
            self.bytes.drain(..unneeded);
            self.at -= unneeded;
            self.offset += unneeded as u64;
        }
        let more = self.reader.fill_buf()?;
        let count = more.len();
        self.bytes.extend_from_slice(more);
        self.reader.consume(count);
        Ok(count > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_again_after_the_mark() {
        let mut window = Window::new(std::io::BufReader::with_capacity(3, &b"abcdefgh"[..]));
        assert!(window.peek(4).unwrap().starts_with(b"abcd"));
        window.consume(2);
        window.mark();
        window.consume(1);
        assert!(window.skip_to(b"gh").unwrap());
        assert_eq!(window.peek(9).unwrap(), b"gh");
        assert!(!window.skip_to(b"x").unwrap());
        assert_eq!(window.peek(1).unwrap(), b"");
    }

    #[test]
    fn keeps_a_limited_number_of_bytes() {
        let bytes: Vec<u8> = (0..5 * MAX_KEPT_BYTES).map(|number| (number % 251) as u8).collect();
        let mut window = Window::new(std::io::BufReader::new(&bytes[..]));
        for _ in 0..4 * MAX_KEPT_BYTES / 1000 {
            assert!(window.peek(1000).unwrap().len() < 3 * MAX_KEPT_BYTES);
            window.consume(1000);
        }
        let read = window.offset as usize + window.at;
        window.return_to_mark();
        let kept = read - (window.offset as usize + window.at);
        assert!((MAX_KEPT_BYTES..3 * MAX_KEPT_BYTES).contains(&kept), "{kept}");
        let at = window.offset as usize;
        assert_eq!(window.peek(10).unwrap()[..10], bytes[at..at + 10]);
    }
}

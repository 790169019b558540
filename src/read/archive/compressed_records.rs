//! Decompresses web archives, whose records are compressed one by one: gzip members (RFC 1952) or zstd frames (RFC
//! 8878). After a damaged member, reading continues at the next one that starts a record.

use std::io::{BufRead, ErrorKind, Read};

use flate2::bufread::GzDecoder;
use flate2::{Crc, Decompress, FlushDecompress, Status};
use zstd::stream::raw::{Decoder as ZstdDecoder, Operation};

use super::stream::{BUFFER_BYTES, read_from_buffer};
use super::window::Window;
use crate::read::magic_numbers::ZSTD_MAGIC;
use crate::read::page_errors::io_reason;

/// The magic number of gzip, and the number of its only compression method, deflate.
const GZIP_MEMBER_START: &[u8] = &[0x1f, 0x8b, 0x08];
pub const RECORD_START: &[u8] = b"WARC/";
/// Maximum length of a gzip header: longer than the header of any real member.
const MAX_GZIP_HEADER_BYTES: usize = 1 << 12;
/// The size of the checksum and the length at the end of a gzip member.
const GZIP_TRAILER_BYTES: usize = 8;
/// How many bytes of a gzip member are needed to decompress the first bytes of a record.
const GZIP_PROBE_BYTES: usize = MAX_GZIP_HEADER_BYTES + 512;
/// The size of the first block of a zstd frame with its headers. A block is the smallest part that can be decompressed.
const ZSTD_PROBE_BYTES: usize = (1 << 17) + 32;
/// Maximum number of bytes of an archive that are examined, in total, to find out whether a member starts where the
/// magic number occurs. Random bytes contain the magic number of gzip once in 16 MB. The limit keeps the time linear
/// for files that contain it more often.
const MAX_PROBED_BYTES: usize = 64 << 20;

/// The error of a damaged member.
#[derive(Clone, Debug)]
pub struct DamagedMember {
    /// What it is: a gzip member or a zstd frame.
    pub kind: &'static str,
    /// The byte offset in the compressed archive at which it starts.
    pub offset: u64,
    pub reason: String,
    /// The number of decompressed bytes that were read from it.
    pub bytes_read: u64,
    /// Whether the next read starts with the next intact member. Otherwise all further reads fail.
    pub continues: bool,
}

impl std::fmt::Display for DamagedMember {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for DamagedMember {}

impl DamagedMember {
    /// The damaged member that an error is about.
    pub fn of(error: &std::io::Error) -> Option<&DamagedMember> {
        error.get_ref()?.downcast_ref()
    }
}

enum Codec {
    Gzip { inflate: Decompress, checksum: Crc },
    Zstd { decoder: ZstdDecoder<'static>, dictionary: Vec<u8> },
}

/// The decompressed records of an archive.
pub struct CompressedRecords<R> {
    codec: Codec,
    window: Window<R>,
    is_header_read: bool,
    /// Decompressed bytes; those from `start` to `end` are not yet read.
    output: Vec<u8>,
    start: usize,
    end: usize,
    /// The number of bytes that were decompressed from the current member.
    decoded: u64,
    /// The error after the bytes in `output`.
    failure: Option<(ErrorKind, DamagedMember)>,
    is_at_end: bool,
    probed_bytes: usize,
}

impl<R: BufRead> CompressedRecords<R> {
    pub fn gzip(reader: R) -> CompressedRecords<R> {
        CompressedRecords::new(Codec::Gzip { inflate: Decompress::new(false), checksum: Crc::new() }, reader)
    }

    /// Fails if the dictionary, which may be empty, is damaged.
    pub fn zstd(reader: R, dictionary: Vec<u8>) -> std::io::Result<CompressedRecords<R>> {
        let decoder = ZstdDecoder::with_dictionary(&dictionary)?;
        Ok(CompressedRecords::new(Codec::Zstd { decoder, dictionary }, reader))
    }

    fn new(codec: Codec, reader: R) -> CompressedRecords<R> {
        CompressedRecords {
            codec,
            window: Window::new(reader),
            is_header_read: false,
            output: vec![0; BUFFER_BYTES],
            start: 0,
            end: 0,
            decoded: 0,
            failure: None,
            is_at_end: false,
            probed_bytes: 0,
        }
    }

    /// Decompresses more of the current member into `output`, or starts the next member.
    fn decode(&mut self) {
        let mut length = 0;
        let ended = self.decode_into_output(&mut length);
        (self.start, self.end) = (0, length);
        self.decoded += length as u64;
        let result = match ended {
            Ok(true) => self.start_next_member(),
            Ok(false) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = result {
            let (kind, reason) = (error.kind(), io_reason(&error));
            let (offset, bytes_read) = (self.window.marked_offset(), self.decoded);
            // An error of the file itself is reported as an error of this member.
            let continues = self.find_next_member().unwrap_or(false);
            let name = self.codec.member_name();
            self.failure = Some((kind, DamagedMember { kind: name, offset, reason, bytes_read, continues }));
        }
    }

    /// Sets `length` to the number of decompressed bytes, even if it fails. Returns whether the member ends after them.
    fn decode_into_output(&mut self, length: &mut usize) -> std::io::Result<bool> {
        match &mut self.codec {
            Codec::Gzip { inflate, checksum } => {
                if !self.is_header_read {
                    let header = gzip_header_length(self.window.peek(MAX_GZIP_HEADER_BYTES)?)?;
                    self.window.consume(header);
                    self.is_header_read = true;
                }
                let input = self.window.peek(1)?;
                let (read_before, decoded_before) = (inflate.total_in(), inflate.total_out());
                let status = inflate.decompress(input, &mut self.output, FlushDecompress::None);
                let (read, is_input_empty) = ((inflate.total_in() - read_before) as usize, input.is_empty());
                *length = (inflate.total_out() - decoded_before) as usize;
                checksum.update(&self.output[..*length]);
                self.window.consume(read);
                match status? {
                    Status::StreamEnd => {
                        let trailer = self.window.peek(GZIP_TRAILER_BYTES)?;
                        let Some(trailer) = trailer.get(..GZIP_TRAILER_BYTES) else {
                            return Err(ErrorKind::UnexpectedEof.into());
                        };
                        if trailer != [checksum.sum().to_le_bytes(), checksum.amount().to_le_bytes()].concat() {
                            return Err(invalid("wrong checksum"));
                        }
                        self.window.consume(GZIP_TRAILER_BYTES);
                        Ok(true)
                    }
                    _ => check_progress(read + *length, is_input_empty).map(|()| false),
                }
            }
            Codec::Zstd { decoder, .. } => {
                let input = self.window.peek(1)?;
                let is_input_empty = input.is_empty();
                let status = decoder.run_on_buffers(input, &mut self.output)?;
                self.window.consume(status.bytes_read);
                *length = status.bytes_written;
                if status.remaining == 0 {
                    return Ok(true);
                }
                check_progress(status.bytes_read + *length, is_input_empty).map(|()| false)
            }
        }
    }

    fn start_next_member(&mut self) -> std::io::Result<()> {
        self.window.mark();
        self.decoded = 0;
        self.is_header_read = false;
        match &mut self.codec {
            Codec::Gzip { inflate, checksum } => {
                inflate.reset(false);
                checksum.reset();
                self.skip_padding()?;
            }
            Codec::Zstd { decoder, .. } => decoder.reinit()?,
        }
        self.is_at_end = self.window.peek(1)?.is_empty();
        Ok(())
    }

    /// Skips zero bytes after the last gzip member. Fails if other data follows them.
    fn skip_padding(&mut self) -> std::io::Result<()> {
        let mut is_padded = false;
        loop {
            let bytes = self.window.peek(1)?;
            let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
            if zeros == 0 {
                return if is_padded && !bytes.is_empty() { Err(invalid("invalid gzip header")) } else { Ok(()) };
            }
            self.window.consume(zeros);
            is_padded = true;
        }
    }

    /// Goes to the next member that starts a record, and returns whether there is one. The search begins just after the
    /// start of the current member.
    fn find_next_member(&mut self) -> std::io::Result<bool> {
        self.window.return_to_mark();
        let (magic, probe_bytes) = match self.codec {
            Codec::Gzip { .. } => (GZIP_MEMBER_START, GZIP_PROBE_BYTES),
            Codec::Zstd { .. } => (ZSTD_MAGIC, ZSTD_PROBE_BYTES),
        };
        while self.window.skip_to(magic)? {
            let head = self.window.peek(probe_bytes)?;
            let head = &head[..head.len().min(probe_bytes)];
            self.probed_bytes += head.len();
            if self.probed_bytes > MAX_PROBED_BYTES {
                return Ok(false);
            }
            if self.codec.starts_record(head) {
                self.start_next_member()?;
                return Ok(true);
            }
            self.window.consume(1);
        }
        Ok(false)
    }
}

impl Codec {
    fn member_name(&self) -> &'static str {
        match self {
            Codec::Gzip { .. } => "gzip member",
            Codec::Zstd { .. } => "zstd frame",
        }
    }

    /// Whether the bytes are the start of a member that starts with a record.
    fn starts_record(&self, bytes: &[u8]) -> bool {
        let mut start = [0; RECORD_START.len()];
        let read = match self {
            Codec::Gzip { .. } => GzDecoder::new(bytes).read_exact(&mut start),
            Codec::Zstd { dictionary, .. } => zstd::stream::read::Decoder::with_dictionary(bytes, dictionary)
                .and_then(|mut decoder| decoder.read_exact(&mut start)),
        };
        read.is_ok() && start == RECORD_START
    }
}

/// The length of the gzip header that `bytes` start with.
fn gzip_header_length(bytes: &[u8]) -> std::io::Result<usize> {
    let decoder = GzDecoder::new(bytes);
    if decoder.header().is_some() {
        return Ok(bytes.len() - decoder.into_inner().len());
    }
    let is_cut = bytes.len() < MAX_GZIP_HEADER_BYTES
        && bytes.starts_with(&GZIP_MEMBER_START[..bytes.len().min(GZIP_MEMBER_START.len())]);
    Err(if is_cut { ErrorKind::UnexpectedEof.into() } else { invalid("invalid gzip header") })
}

/// Fails if a call of the decoder neither read nor wrote anything.
fn check_progress(bytes: usize, is_input_empty: bool) -> std::io::Result<()> {
    match bytes {
        0 if is_input_empty => Err(ErrorKind::UnexpectedEof.into()),
        0 => Err(invalid("corrupt data")),
        _ => Ok(()),
    }
}

fn invalid(reason: &str) -> std::io::Error {
    std::io::Error::new(ErrorKind::InvalidData, reason)
}

impl<R: BufRead> BufRead for CompressedRecords<R> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        while self.start == self.end {
            if let Some((kind, member)) = &self.failure {
                let error = std::io::Error::new(*kind, member.clone());
                if member.continues {
                    self.failure = None;
                }
                return Err(error);
            }
            if self.is_at_end {
                return Ok(&[]);
            }
            self.decode();
        }
        Ok(&self.output[self.start..self.end])
    }

    fn consume(&mut self, amount: usize) {
        self.start += amount;
    }
}

impl<R: BufRead> Read for CompressedRecords<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        read_from_buffer(self, into)
    }
}

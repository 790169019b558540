//! Reads zip archives: by their central directory or, where it is missing, member by member from the start.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};

use flate2::CrcReader;
use flate2::bufread::DeflateDecoder;
use rawzip::extra_fields::{ExtraFieldId, ExtraFields};
use rawzip::{CompressionMethod, RECOMMENDED_BUFFER_SIZE, ZipArchive};

use super::members::MemberReader;
use super::stream::{BUFFER_BYTES, ExactReader};
use crate::error::Error;
use crate::read::page_errors::{REPLACE_ARCHIVE, cannot_be_read, io_reason, pages_before};
use crate::read::prefetch::{Flow, UnitSink};

/// Flag of an encrypted member.
const FLAG_ENCRYPTED: u16 = 1;
/// Flag of a member whose sizes are in a data descriptor after it.
const FLAG_DATA_DESCRIPTOR: u16 = 8;
const LOCAL_HEADER_SIGNATURE: &[u8] = b"PK\x03\x04";
const DATA_DESCRIPTOR_SIGNATURE: &[u8] = b"PK\x07\x08";
/// The only version of the Unicode Path extra field.
const UNICODE_PATH_VERSION: u8 = 1;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// Adds the pages of the members that the central directory lists; if `is_wacz`, only of those that are web archives. If the
/// directory is missing, as in a truncated file, reads the members from the start, as far as possible.
pub fn read_zip(file: &str, mut archive: File, is_wacz: bool, sink: &mut UnitSink) -> Flow {
    let mut members = MemberReader::new(file, is_wacz);
    let handle = archive.try_clone();
    let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
    match ZipArchive::from_file(archive, &mut buffer) {
        Ok(directory) => read_by_directory(file, &directory, &mut buffer, &mut members, sink)?,
        Err(_) => {
            archive = match handle.and_then(|mut file| file.rewind().map(|()| file)) {
                Ok(file) => file,
                Err(error) => return sink.push_rest(cannot_be_read(file, &error), None, None),
            };
            read_sequentially(file, archive, &mut members, sink)?;
        }
    }
    members.finish(sink)
}

fn read_by_directory(
    file: &str,
    archive: &ZipArchive<rawzip::FileReader>,
    buffer: &mut [u8],
    members: &mut MemberReader,
    sink: &mut UnitSink,
) -> Flow {
    let mut listed = 0;
    let mut entries = archive.entries(buffer);
    loop {
        let entry = match entries.next_entry() {
            Ok(Some(entry)) => entry,
            Ok(None) if listed == archive.entries_hint() => return Flow::Continue(()),
            Ok(None) => {
                let expected = archive.entries_hint();
                let reason = format!("central directory lists {listed} of {expected} members; {REPLACE_ARCHIVE}");
                return sink.push_rest(Error::page(file, reason), None, None);
            }
            Err(error) => {
                let reason = format!("central directory is damaged after {listed} members: {error}; {REPLACE_ARCHIVE}");
                return sink.push_rest(Error::page(file, reason), None, None);
            }
        };
        listed += 1;
        let path = entry.file_path();
        let name = members.name(unicode_path(path.as_bytes(), entry.extra_fields()).unwrap_or(path.as_bytes()));
        let Some(kind) = members.readable_kind(&name) else {
            continue;
        };
        let member_error = |reason: String| Error::page(format!("{file}#{name}"), reason);
        if let Err(reason) = check_compression(entry.flags().bits(), entry.compression_method().as_u16()) {
            members.push_lost(&name, kind, member_error(reason), sink)?;
            continue;
        }
        let checksum = entry.crc32();
        match archive.get_entry(entry.wayfinder()) {
            Err(error) => {
                let reason = format!("not found where the central directory says: {error}; {REPLACE_ARCHIVE}");
                members.push_lost(&name, kind, member_error(reason), sink)?;
            }
            Ok(member) => {
                let compressed = BufReader::with_capacity(BUFFER_BYTES, member.reader());
                let decoder: Box<dyn Read> = match entry.compression_method() {
                    CompressionMethod::STORE => Box::new(compressed),
                    _ => Box::new(DeflateDecoder::new(compressed)),
                };
                if kind.has_record_checksums() {
                    // With the verifying reader, a damaged record could make intact ones unreadable.
                    let mut records = BufReader::with_capacity(BUFFER_BYTES, CrcReader::new(decoder));
                    let errors = sink.error_count();
                    members.read(&name, kind, &mut records, sink)?;
                    let is_valid = std::io::copy(&mut records, &mut std::io::sink()).is_ok()
                        && records.get_ref().crc().sum() == checksum;
                    if !is_valid && sink.error_count() == errors {
                        let reason = format!("wrong checksum, though no record is damaged; {REPLACE_ARCHIVE}");
                        members.push_lost(&name, kind, member_error(reason), sink)?;
                    }
                    continue;
                }
                let mut verified = BufReader::with_capacity(BUFFER_BYTES, member.verifying_reader(decoder));
                members.read(&name, kind, &mut verified, sink)?;
            }
        }
    }
}

fn check_compression(flags: u16, method: u16) -> Result<(), String> {
    if flags & FLAG_ENCRYPTED != 0 {
        return Err("encrypted; unpack it first".to_string());
    }
    if method != STORED && method != DEFLATED {
        return Err(format!("compressed by method {method}, but treff reads only deflate; unpack it first"));
    }
    Ok(())
}

/// Reads an archive without its central directory, by the local headers of its members, and reports it as damaged.
fn read_sequentially(file: &str, archive: File, members: &mut MemberReader, sink: &mut UnitSink) -> Flow {
    let mut reader = LocalHeaderReader { reader: BufReader::with_capacity(BUFFER_BYTES, archive), offset: 0 };
    let is_zip = reader.reader.fill_buf().is_ok_and(|bytes| bytes.starts_with(LOCAL_HEADER_SIGNATURE));
    let cause = loop {
        match reader.read_member(file, members, sink) {
            Ok(flow) => flow?,
            Err(cause) => break cause,
        }
    };
    let reason = if is_zip {
        let offset = reader.offset;
        let kept = pages_before(sink.page_count());
        format!("truncated: no central directory; reading stopped at byte {offset}: {cause}; {kept}; {REPLACE_ARCHIVE}")
    } else {
        format!("not a zip archive, or its start is missing; {REPLACE_ARCHIVE}")
    };
    sink.push_rest(Error::page(file, reason), None, None)
}

struct LocalHeaderReader {
    reader: BufReader<File>,
    /// Where the current local header starts.
    offset: u64,
}

impl LocalHeaderReader {
    /// Reads one member. The error says why no further member can be read.
    fn read_member(&mut self, file: &str, members: &mut MemberReader, sink: &mut UnitSink) -> Result<Flow, String> {
        let read_error = |error: std::io::Error| io_reason(&error);
        self.offset = self.reader.stream_position().map_err(read_error)?;
        let mut header = [0; 30];
        self.reader.read_exact(&mut header).map_err(read_error)?;
        if !header.starts_with(LOCAL_HEADER_SIGNATURE) {
            return Err("no local header".to_string());
        }
        let u16_at = |offset: usize| u16::from_le_bytes([header[offset], header[offset + 1]]);
        let (flags, method) = (u16_at(6), u16_at(8));
        let mut size = u64::from(u32::from_le_bytes([header[18], header[19], header[20], header[21]]));
        let mut path = vec![0; usize::from(u16_at(26))];
        self.reader.read_exact(&mut path).map_err(read_error)?;
        let mut extra = vec![0; usize::from(u16_at(28))];
        self.reader.read_exact(&mut extra).map_err(read_error)?;
        if size == u64::from(u32::MAX) {
            size = zip64_size(&extra).ok_or("a member without a size")?;
        }
        let name = members.name(unicode_path(&path, ExtraFields::new(&extra)).unwrap_or(&path));
        let kind = members.readable_kind(&name);
        let compression = check_compression(flags, method);
        let has_size = flags & FLAG_DATA_DESCRIPTOR == 0 || size > 0;
        // Without a size, only the end of the deflate stream marks the end of the member.
        if !has_size && (method != DEFLATED || compression.is_err()) {
            return Err("a member without a size".to_string());
        }
        let mut flow = Flow::Continue(());
        let mut body = ExactReader { inner: &mut self.reader, left: if has_size { size } else { u64::MAX } };
        match (kind, compression) {
            (Some(kind), Err(reason)) => {
                flow = members.push_lost(&name, kind, Error::page(format!("{file}#{name}"), reason), sink);
            }
            (Some(kind), Ok(())) if method == STORED => flow = members.read(&name, kind, &mut body, sink),
            (kind, _) => {
                let mut decoder = BufReader::new(DeflateDecoder::new(&mut body));
                if let Some(kind) = kind {
                    flow = members.read(&name, kind, &mut decoder, sink);
                }
                if !has_size {
                    std::io::copy(&mut decoder, &mut std::io::sink()).map_err(read_error)?;
                }
            }
        }
        if has_size {
            body.skip().map_err(read_error)?;
        }
        if flags & FLAG_DATA_DESCRIPTOR != 0 {
            self.skip_data_descriptor().map_err(read_error)?;
        }
        Ok(flow)
    }

    /// Skips the checksum and sizes after a member: 12 bytes, or 20 in zip64, after an optional signature.
    fn skip_data_descriptor(&mut self) -> std::io::Result<()> {
        let mut bytes = [0; 4];
        self.reader.read_exact(&mut bytes)?;
        let rest = if bytes == DATA_DESCRIPTOR_SIGNATURE { 12 } else { 8 };
        ExactReader { inner: &mut self.reader, left: rest }.skip()?;
        if self.reader.fill_buf()?.starts_with(b"PK") {
            return Ok(());
        }
        ExactReader { inner: &mut self.reader, left: 8 }.skip()
    }
}

/// The name of a member in UTF-8, from the Unicode Path extra field of Info-ZIP. The field has a checksum of the name
/// in the header. If the checksum belongs to another name, a program that doesn't know the field has renamed the
/// member.
fn unicode_path<'a>(name: &[u8], mut fields: ExtraFields<'a>) -> Option<&'a [u8]> {
    let (_, field) = fields.find(|(id, _)| *id == ExtraFieldId::INFO_ZIP_UNICODE_PATH)?;
    let (checksum, path) = field.strip_prefix(&[UNICODE_PATH_VERSION])?.split_first_chunk()?;
    let is_valid = u32::from_le_bytes(*checksum) == rawzip::crc32(name) && std::str::from_utf8(path).is_ok();
    (is_valid && !path.is_empty()).then_some(path)
}

/// The compressed size in the zip64 extra field, which members of 4 GB and more have.
fn zip64_size(mut extra: &[u8]) -> Option<u64> {
    while let [a, b, c, d, rest @ ..] = extra {
        let (id, length) = (u16::from_le_bytes([*a, *b]), usize::from(u16::from_le_bytes([*c, *d])));
        if id == 1 {
            return Some(u64::from_le_bytes(rest.get(8..16)?.try_into().ok()?));
        }
        extra = rest.get(length..)?;
    }
    None
}

//! Reads tar archives, with GNU and pax extensions.

use std::borrow::Cow;
use std::io::{BufRead, Read};

use tar::{EntryType, Header, PaxExtensions};

use super::members::MemberReader;
use super::stream::ExactReader;
use crate::error::Error;
use crate::read::file_names::member_name;
use crate::read::page_errors::{REPLACE_ARCHIVE, io_reason, location, pages_before};
use crate::read::prefetch::{Flow, UnitSink};

const BLOCK_BYTES: u64 = 512;
/// The sizes of an archive without members: only the end-of-archive marker, or the marker padded to a record of 20
/// blocks, as GNU tar does by default. A file of zeros with any other size has probably lost its contents.
const EMPTY_ARCHIVE_BYTES: [u64; 2] = [2 * BLOCK_BYTES, 20 * BLOCK_BYTES];
/// Maximum size of the name or extended header of a member. A larger one indicates damage or an attack.
const MAX_EXTENSION_BYTES: u64 = 1 << 20;

/// Adds the pages of all members, in archive order. After a damaged header, reading continues at the next valid one.
/// The `tar` crate parses the headers; its own iterator is not used, because it reads a name of any length into memory.
pub fn read_tar(file: &str, reader: &mut dyn BufRead, sink: &mut UnitSink) -> Flow {
    let mut members = MemberReader::new(file, false);
    let mut extension = Extension::default();
    let mut offset = 0;
    let mut next_header = None;
    loop {
        let start = offset;
        let (damage, name, found) =
            match read_entry(reader, next_header.take(), &mut offset, &mut extension, &mut members, sink) {
                Ok(flow) => {
                    flow?;
                    continue;
                }
                Err(Stop::Rest(reason)) => {
                    report_rest(file, &reason, start, None, sink)?;
                    break;
                }
                Err(Stop::DamagedHeader(name)) => ("damaged header", name, find_header(reader, &mut offset)),
                Err(Stop::ZeroBlock) => {
                    let found = match skip_zeros(reader, &mut offset) {
                        Ok(None) => {
                            report_end(file, start, offset - start, sink)?;
                            break;
                        }
                        Ok(Some(block)) if is_valid(&block) => Ok(Some(block)),
                        Ok(Some(_)) => find_header(reader, &mut offset),
                        Err(error) => Err(error),
                    };
                    ("zeroed blocks", extension.name.as_deref().and_then(plausible_name), found)
                }
            };
        extension = Extension::default();
        let reason = match found {
            Ok(Some(header)) => {
                next_header = Some(header);
                let reason =
                    format!("{damage} at byte {start}; the members from byte {offset} on were read; {REPLACE_ARCHIVE}");
                let error = Error::page(location(file, name.as_deref()), reason);
                sink.push_damaged(error, name.as_deref())?;
                continue;
            }
            Ok(None) if start == 0 => "damaged, or not a tar archive,".to_string(),
            Ok(None) => "damaged".to_string(),
            Err(error) => read_error(&error),
        };
        report_rest(file, &reason, start, name.as_deref(), sink)?;
        break;
    }
    members.finish(sink)
}

/// Checks the zeros at the end of an archive: an end-of-archive marker of two blocks, and any padding. Reports an
/// archive that contains nothing else, and one that ends within the marker.
fn report_end(file: &str, start: u64, zeros: u64, sink: &mut UnitSink) -> Flow {
    if start == 0 {
        if EMPTY_ARCHIVE_BYTES.contains(&zeros) {
            return sink.push_note(format!("{file}: empty archive"));
        }
        return sink.push_rest(Error::page(file, format!("contains only zero bytes; {REPLACE_ARCHIVE}")), None, None);
    }
    if zeros < 2 * BLOCK_BYTES {
        return report_rest(file, "truncated", start + zeros, None, sink);
    }
    Flow::Continue(())
}

/// Reports that an archive can't be read from `offset` on.
fn report_rest(file: &str, reason: &str, offset: u64, member: Option<&str>, sink: &mut UnitSink) -> Flow {
    let kept = pages_before(sink.page_count());
    let message = format!("{reason} at byte {offset}; {kept}; {REPLACE_ARCHIVE}");
    sink.push_rest(Error::page(file, message), member, None)
}

/// Skips to the next block that is a valid header, and returns it; `None` if there is none.
fn find_header(reader: &mut dyn BufRead, offset: &mut u64) -> std::io::Result<Option<Block>> {
    let mut block = [0; BLOCK_BYTES as usize];
    loop {
        *offset = offset.saturating_add(BLOCK_BYTES);
        match reader.read_exact(&mut block) {
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
            read => read?,
        }
        if is_valid(&block) {
            return Ok(Some(block));
        }
    }
}

/// Skips blocks of zeros, and returns the first block that contains other bytes; `None` if there is none. Moves
/// `offset` from the block of zeros just read to the returned block, or to the end of the archive. Reading to the end
/// also verifies the checksum of a compressed archive.
fn skip_zeros(reader: &mut dyn BufRead, offset: &mut u64) -> std::io::Result<Option<Block>> {
    *offset += BLOCK_BYTES;
    let mut bytes = Vec::with_capacity(BLOCK_BYTES as usize);
    loop {
        bytes.clear();
        let count = (&mut *reader).take(BLOCK_BYTES).read_to_end(&mut bytes)?;
        if bytes.iter().any(|byte| *byte != 0) {
            let mut block = [0; BLOCK_BYTES as usize];
            block[..count].copy_from_slice(&bytes);
            return Ok(Some(block));
        }
        *offset += count as u64;
        if (count as u64) < BLOCK_BYTES {
            return Ok(None);
        }
    }
}

fn is_valid(block: &Block) -> bool {
    Header::from_byte_slice(block).cksum().is_ok_and(|sum| sum == checksum(block))
}

type Block = [u8; BLOCK_BYTES as usize];

/// Why there is no member at an offset.
enum Stop {
    /// A block of zeros, as at the end of an archive.
    ZeroBlock,
    /// The header is damaged. It may still contain the name of the member.
    DamagedHeader(Option<String>),
    /// Nothing can be read from here on.
    Rest(String),
}

/// What extended headers state about the next member.
#[derive(Default)]
struct Extension {
    name: Option<Vec<u8>>,
    size: Option<u64>,
}

/// Reads a header, unless it was already read, and its body. `offset` is where the header starts in the decompressed
/// archive; it is moved to the next header, or left unchanged on an error.
fn read_entry(
    reader: &mut dyn BufRead,
    header: Option<Block>,
    offset: &mut u64,
    extension: &mut Extension,
    members: &mut MemberReader,
    sink: &mut UnitSink,
) -> Result<Flow, Stop> {
    let rest = |error: std::io::Error| Stop::Rest(read_error(&error));
    let block = match header {
        Some(block) => block,
        None => {
            let mut block = [0; BLOCK_BYTES as usize];
            reader.read_exact(&mut block).map_err(rest)?;
            block
        }
    };
    if block.iter().all(|byte| *byte == 0) {
        return Err(Stop::ZeroBlock);
    }
    let header = Header::from_byte_slice(&block);
    let damaged = || {
        let name = extension.name.as_deref().map_or_else(|| header.path_bytes(), Cow::Borrowed);
        Stop::DamagedHeader(plausible_name(&name))
    };
    if !is_valid(&block) {
        return Err(damaged());
    }
    let header_size = header.entry_size().map_err(|_| damaged())?;
    let kind = header.entry_type();
    let is_extension =
        matches!(kind, EntryType::GNULongName | EntryType::GNULongLink | EntryType::XHeader | EntryType::XGlobalHeader);
    let size = if is_extension { header_size } else { extension.size.take().unwrap_or(header_size) };
    let mut body = ExactReader { inner: reader, left: size };
    let mut flow = Flow::Continue(());
    match kind {
        EntryType::GNULongName | EntryType::XHeader => {
            if size > MAX_EXTENSION_BYTES {
                return Err(Stop::Rest(format!("member name of {size} bytes")));
            }
            let mut bytes = Vec::new();
            body.read_to_end(&mut bytes).map_err(rest)?;
            if kind == EntryType::XHeader {
                extension.parse_pax(&bytes);
            } else {
                bytes.truncate(bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len()));
                extension.name = Some(bytes);
            }
        }
        EntryType::Regular | EntryType::Continuous => {
            let header_name = header.path_bytes();
            let name = members.name(extension.name.as_deref().unwrap_or(&header_name));
            if let Some(kind) = members.readable_kind(&name) {
                flow = members.read(&name, kind, &mut body, sink);
            }
            extension.name = None;
        }
        EntryType::GNULongLink | EntryType::XGlobalHeader => {}
        _ => extension.name = None,
    }
    body.skip().map_err(rest)?;
    let padding = size.wrapping_neg() % BLOCK_BYTES;
    ExactReader { inner: body.inner, left: padding }.skip().map_err(rest)?;
    *offset = offset.saturating_add(BLOCK_BYTES).saturating_add(size).saturating_add(padding);
    Ok(flow)
}

/// The name of a member; `None` if it is empty or has control characters, and is therefore probably damaged.
fn plausible_name(name: &[u8]) -> Option<String> {
    Some(member_name(name)).filter(|name| !name.is_empty() && !name.contains(char::is_control))
}

impl Extension {
    fn parse_pax(&mut self, bytes: &[u8]) {
        for field in PaxExtensions::new(bytes).flatten() {
            match field.key_bytes() {
                b"path" => self.name = Some(field.value_bytes().to_vec()),
                b"size" => self.size = field.value().ok().and_then(|size| size.parse().ok()),
                _ => {}
            }
        }
    }
}

fn read_error(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => "truncated".to_string(),
        _ => format!("cannot be read: {},", io_reason(error)),
    }
}

/// The sum of a header's bytes, with the checksum field counted as spaces.
fn checksum(block: &Block) -> u32 {
    let sum = |bytes: &[u8]| bytes.iter().map(|byte| u32::from(*byte)).sum::<u32>();
    sum(&block[..148]) + 8 * u32::from(b' ') + sum(&block[156..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::prefetch::prefetch;
    use crate::read::unit::Unit;

    fn header(kind: EntryType, name: &str, size: u64) -> Header {
        let mut header = Header::new_ustar();
        header.set_path(name).unwrap();
        header.set_entry_type(kind);
        header.set_size(size);
        header.set_cksum();
        header
    }

    /// Names and sizes of pages, notes and errors, in order.
    fn read(archive: Vec<u8>) -> Vec<String> {
        let units = prefetch("p".to_string(), move |sink| read_tar("p", &mut &archive[..], sink));
        units
            .map(|unit| match unit {
                Ok(Unit::Page(raw)) => format!("{} {}", raw.member.unwrap(), raw.bytes.len()),
                Ok(Unit::Note(note)) => note,
                Ok(Unit::NotRead(kind, count)) => format!("{count} {kind}"),
                Err(part) => part.error.to_string(),
            })
            .collect()
    }

    #[test]
    fn extended_headers_override_name_and_size_of_the_next_member() {
        let mut archive = tar::Builder::new(Vec::new());
        let fields: [(&str, &[u8]); 2] = [("path", "mappe/å.txt".as_bytes()), ("size", b"3")];
        archive.append_pax_extensions(fields).unwrap();
        let mut archive = archive.get_ref().clone();
        archive.extend(header(EntryType::Regular, "a.txt", 0).as_bytes());
        archive.extend([b"abc", &[0; 509][..]].concat());
        archive.extend(header(EntryType::Regular, "b.txt", 0).as_bytes());
        archive.extend([0; 1024]);
        assert_eq!(read(archive), ["mappe/å.txt 3", "b.txt 0"]);
    }

    #[test]
    fn a_huge_name_is_not_read_into_memory() {
        let archive = header(EntryType::GNULongName, "a.txt", 1 << 40).as_bytes().to_vec();
        let read = read(archive);
        assert!(read.len() == 1 && read[0].starts_with("p: member name of 1099511627776 bytes at byte 0"), "{read:?}");
    }

    #[test]
    fn reports_files_that_are_not_archives() {
        assert!(
            read(b"no archive".to_vec())[0].starts_with("p: truncated at byte 0; no pages were read before this point")
        );
        assert!(read(vec![b'x'; 1024])[0].starts_with("p: damaged, or not a tar archive, at byte 0"));
        assert_eq!(read(vec![0; 1024]), ["p: empty archive"]);
        assert_eq!(read(vec![0; 10240]), ["p: empty archive"]);
        for size in [512, 5120, 20480] {
            assert!(read(vec![0; size])[0].starts_with("p: contains only zero bytes"), "{size}");
        }
    }
}

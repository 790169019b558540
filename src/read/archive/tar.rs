//! Reads tar archives, with GNU and pax extensions.

use std::io::{BufRead, Read};

use tar::{EntryType, Header, PaxExtensions};

use super::members::{MemberReader, member_name};
use super::stream::ExactReader;
use crate::error::Error;
use crate::read::page_errors::{REPLACE_ARCHIVE, io_reason, pages_before};
use crate::read::prefetch::{Flow, UnitSink};

const BLOCK_BYTES: u64 = 512;
/// Maximum size of the name or extended header of a member. A larger one indicates damage or an attack.
const MAX_EXTENSION_BYTES: u64 = 1 << 20;

/// Adds the pages of all members, in archive order. The `tar` crate parses the headers; its own iterator is not used,
/// because it reads a name of any length into memory.
pub fn read_tar(file: &str, reader: &mut dyn BufRead, sink: &mut UnitSink) -> Flow {
    let mut members = MemberReader::new(file);
    let mut extension = Extension::default();
    let mut offset = 0;
    loop {
        match read_entry(reader, &mut offset, &mut extension, &mut members, sink) {
            Ok(Step::Entry(flow)) => flow?,
            Ok(Step::End) => return members.finish(sink),
            Err(reason) => {
                let kept = pages_before(sink.page_count());
                sink.push_error(Error::page(file, format!("{reason} at byte {offset}; {kept}; {REPLACE_ARCHIVE}")))?;
                return members.finish(sink);
            }
        }
    }
}

enum Step {
    Entry(Flow),
    End,
}

/// What extended headers state about the next member.
#[derive(Default)]
struct Extension {
    name: Option<Vec<u8>>,
    size: Option<u64>,
}

/// Reads a header and its body. `offset` is where the header starts in the decompressed archive; it is moved to the next
/// header, or left unchanged on an error.
fn read_entry(
    reader: &mut dyn BufRead,
    offset: &mut u64,
    extension: &mut Extension,
    members: &mut MemberReader,
    sink: &mut UnitSink,
) -> Result<Step, String> {
    let mut block = [0; BLOCK_BYTES as usize];
    reader.read_exact(&mut block).map_err(|error| read_error(&error))?;
    if block.iter().all(|byte| *byte == 0) {
        return Ok(Step::End);
    }
    let header = Header::from_byte_slice(&block);
    if !header.cksum().is_ok_and(|sum| sum == checksum(&block)) {
        return Err("damaged, or not a tar archive,".to_string());
    }
    let header_size = header.entry_size().map_err(|_| "member without a size".to_string())?;
    let kind = header.entry_type();
    let is_extension =
        matches!(kind, EntryType::GNULongName | EntryType::GNULongLink | EntryType::XHeader | EntryType::XGlobalHeader);
    let size = if is_extension { header_size } else { extension.size.take().unwrap_or(header_size) };
    let mut body = ExactReader { inner: reader, left: size };
    let mut flow = Flow::Continue(());
    match kind {
        EntryType::GNULongName | EntryType::XHeader => {
            if size > MAX_EXTENSION_BYTES {
                return Err(format!("member name of {size} bytes"));
            }
            let mut bytes = Vec::new();
            body.read_to_end(&mut bytes).map_err(|error| read_error(&error))?;
            if kind == EntryType::XHeader {
                extension.parse_pax(&bytes);
            } else {
                bytes.truncate(bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len()));
                extension.name = Some(bytes);
            }
        }
        EntryType::Regular | EntryType::Continuous => {
            let header_name = header.path_bytes();
            let name = member_name(extension.name.as_deref().unwrap_or(&header_name));
            if let Some(kind) = members.readable_kind(&name) {
                flow = members.read(&name, kind, &mut body, sink);
            }
            extension.name = None;
        }
        EntryType::GNULongLink | EntryType::XGlobalHeader => {}
        _ => extension.name = None,
    }
    body.skip().map_err(|error| read_error(&error))?;
    let padding = size.wrapping_neg() % BLOCK_BYTES;
    ExactReader { inner: body.inner, left: padding }.skip().map_err(|error| read_error(&error))?;
    *offset = offset.saturating_add(BLOCK_BYTES).saturating_add(size).saturating_add(padding);
    Ok(Step::Entry(flow))
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

/// The sum of a header's bytes, where the bytes of the checksum itself count as spaces.
fn checksum(block: &[u8; BLOCK_BYTES as usize]) -> u32 {
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
                Err(error) => error.to_string(),
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
        assert!(read(b"no archive".to_vec())[0].starts_with("p: truncated at byte 0; no pages were read before it"));
        assert!(read(vec![b'x'; 1024])[0].starts_with("p: damaged, or not a tar archive, at byte 0"));
        assert_eq!(read(vec![0; 1024]), [""; 0]);
    }
}

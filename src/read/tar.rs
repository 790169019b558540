//! Given a tar archive, which pages are in it?

use std::io::{BufRead, Read};

use tar::{EntryType, Header, PaxExtensions};

use super::ahead::{Flow, Out};
use super::members::{Exactly, Members, name};
use super::reason;
use crate::error::Error;

const BLOCK: u64 = 512;
/// A longer name, or more said of one member, is no archive but an attack.
const MAX_EXTENSION_BYTES: u64 = 1 << 20;

/// Reads the members from front to back. The `tar` crate reads the headers; its own iterator is not used, since it
/// takes a long name of any length into memory.
pub fn read(file: &str, reader: &mut dyn BufRead, out: &mut Out) -> Flow {
    let mut members = Members::of(file);
    let mut said = Said::default();
    let mut at = 0;
    loop {
        match step(reader, &mut at, &mut said, &mut members, out) {
            Ok(Step::Read(flow)) => flow?,
            Ok(Step::End) => return members.finish(out),
            Err(reason) => {
                let pages = out.pages();
                out.problem(Error::page(
                    file,
                    format!("{reason}, at byte {at}; the {pages} pages before it are used; get the archive again"),
                ))?;
                return members.finish(out);
            }
        }
    }
}

enum Step {
    Read(Flow),
    End,
}

/// What the headers before a member say of it.
#[derive(Default)]
struct Said {
    name: Option<Vec<u8>>,
    size: Option<u64>,
}

/// One header with what follows it. `at` is where the member begins that is being read.
fn step(
    reader: &mut dyn BufRead,
    at: &mut u64,
    said: &mut Said,
    members: &mut Members,
    out: &mut Out,
) -> Result<Step, String> {
    let mut block = [0; BLOCK as usize];
    reader.read_exact(&mut block).map_err(|error| cut_off(&error))?;
    if block.iter().all(|byte| *byte == 0) {
        return Ok(Step::End);
    }
    let header = Header::from_byte_slice(&block);
    if !header.cksum().is_ok_and(|sum| sum == checksum(&block)) {
        return Err("is damaged or no tar archive".to_string());
    }
    let own_size = header.entry_size().map_err(|_| "has a member of no size".to_string())?;
    let kind = header.entry_type();
    let is_extension =
        matches!(kind, EntryType::GNULongName | EntryType::GNULongLink | EntryType::XHeader | EntryType::XGlobalHeader);
    let size = if is_extension { own_size } else { said.size.take().unwrap_or(own_size) };
    let mut body = Exactly { inner: reader, left: size };
    let mut flow = Flow::Continue(());
    match kind {
        EntryType::GNULongName | EntryType::XHeader => {
            if size > MAX_EXTENSION_BYTES {
                return Err(format!("has a name of {size} bytes"));
            }
            let mut bytes = Vec::new();
            body.read_to_end(&mut bytes).map_err(|error| cut_off(&error))?;
            if kind == EntryType::XHeader {
                said.take(&bytes);
            } else {
                bytes.truncate(bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len()));
                said.name = Some(bytes);
            }
        }
        EntryType::Regular | EntryType::Continuous => {
            let own_name = header.path_bytes();
            let name = name(said.name.as_deref().unwrap_or(&own_name));
            if let Some(kind) = members.kind_of(&name) {
                flow = members.read(&name, kind, &mut body, out);
            }
            said.name = None;
        }
        EntryType::GNULongLink | EntryType::XGlobalHeader => {}
        _ => said.name = None,
    }
    body.skip().map_err(|error| cut_off(&error))?;
    let padding = size.wrapping_neg() % BLOCK;
    Exactly { inner: body.inner, left: padding }.skip().map_err(|error| cut_off(&error))?;
    *at = at.saturating_add(BLOCK).saturating_add(size).saturating_add(padding);
    Ok(Step::Read(flow))
}

impl Said {
    /// Takes what an extended header says.
    fn take(&mut self, bytes: &[u8]) {
        for extension in PaxExtensions::new(bytes).flatten() {
            match extension.key_bytes() {
                b"path" => self.name = Some(extension.value_bytes().to_vec()),
                b"size" => self.size = extension.value().ok().and_then(|size| size.parse().ok()),
                _ => {}
            }
        }
    }
}

fn cut_off(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => "is cut off".to_string(),
        _ => format!("cannot be read: {}", reason(error)),
    }
}

/// The sum of a header's bytes, with blanks where the sum itself stands.
fn checksum(block: &[u8; BLOCK as usize]) -> u32 {
    let sum = |bytes: &[u8]| bytes.iter().map(|byte| u32::from(*byte)).sum::<u32>();
    sum(&block[..148]) + 8 * 32 + sum(&block[156..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::{Unit, ahead};

    fn header(kind: EntryType, name: &str, size: u64) -> Header {
        let mut header = Header::new_ustar();
        header.set_path(name).unwrap();
        header.set_entry_type(kind);
        header.set_size(size);
        header.set_cksum();
        header
    }

    /// Names of pages, and problems.
    fn found(archive: Vec<u8>) -> Vec<String> {
        let units = ahead::read("p".to_string(), move |out| read("p", &mut &archive[..], out));
        units
            .map(|unit| match unit {
                Ok(Unit::Page(raw)) => format!("{} {}", raw.member.unwrap(), raw.bytes.len()),
                Ok(Unit::Note(note)) => note,
                Err(error) => error.to_string(),
            })
            .collect()
    }

    #[test]
    fn extended_headers_name_and_measure_the_member_behind_them() {
        let mut archive = tar::Builder::new(Vec::new());
        let said: [(&str, &[u8]); 2] = [("path", "mappe/å.txt".as_bytes()), ("size", b"3")];
        archive.append_pax_extensions(said).unwrap();
        let mut archive = archive.get_ref().clone();
        archive.extend(header(EntryType::Regular, "a.txt", 0).as_bytes());
        archive.extend([b"abc", &[0; 509][..]].concat());
        archive.extend(header(EntryType::Regular, "b.txt", 0).as_bytes());
        archive.extend([0; 1024]);
        assert_eq!(found(archive), ["mappe/å.txt 3", "b.txt 0"]);
    }

    #[test]
    fn a_name_without_end_is_not_taken_into_memory() {
        let archive = header(EntryType::GNULongName, "a.txt", 1 << 40).as_bytes().to_vec();
        let found = found(archive);
        assert!(found.len() == 1 && found[0].starts_with("p: has a name of 1099511627776 bytes"), "{found:?}");
    }

    #[test]
    fn what_is_no_archive_is_said() {
        assert!(found(b"no archive".to_vec())[0].starts_with("p: is cut off, at byte 0"));
        assert!(found(vec![b'x'; 1024])[0].starts_with("p: is damaged or no tar archive, at byte 0"));
        assert_eq!(found(vec![0; 1024]), [""; 0]);
    }
}

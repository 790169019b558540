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

//! Given a zip archive, which pages are in it?

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};

use flate2::bufread::DeflateDecoder;
use rawzip::{CompressionMethod, RECOMMENDED_BUFFER_SIZE, ZipArchive};

use super::ahead::{Flow, Out};
use super::members::{Exactly, Members, name};
use super::{BUFFER_BYTES, cannot_be_read, reason};
use crate::error::Error;

/// Set in the flags of a member that is encrypted.
const ENCRYPTED: u16 = 1;
/// Set where the sizes stand behind the member.
const SIZES_FOLLOW: u16 = 8;
const MEMBER: &[u8] = b"PK\x03\x04";
const DESCRIPTOR: &[u8] = b"PK\x07\x08";
const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// Reads the members that the directory at the end of the archive names. Without that, as when the file is cut off,
/// they are read from the front on, as far as they go.
pub fn read(file: &str, mut archive: File, out: &mut Out) -> Flow {
    let mut members = Members::of(file);
    let again = archive.try_clone();
    let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
    match ZipArchive::from_file(archive, &mut buffer) {
        Ok(directory) => by_directory(file, &directory, &mut buffer, &mut members, out)?,
        Err(_) => {
            archive = match again.and_then(|mut file| file.rewind().map(|()| file)) {
                Ok(file) => file,
                Err(error) => return out.problem(cannot_be_read(file, &error)),
            };
            let mut front = Front { reader: BufReader::with_capacity(BUFFER_BYTES, archive), at: 0 };
            let is_zip = front.reader.fill_buf().is_ok_and(|bytes| bytes.starts_with(MEMBER));
            let why = loop {
                match front.step(file, &mut members, out) {
                    Ok(flow) => flow?,
                    Err(why) => break why,
                }
            };
            let pages = out.pages();
            let at = front.at;
            let why = match is_zip {
                true => format!(
                    "is cut off: the directory at its end is missing, and at byte {at} {why}; the {pages} pages \
                     before it are used; get the archive again"
                ),
                false => "is no zip archive, or its beginning is lost; get it again".to_string(),
            };
            out.problem(Error::page(file, why))?;
        }
    }
    members.finish(out)
}

fn by_directory(
    file: &str,
    archive: &ZipArchive<rawzip::FileReader>,
    buffer: &mut [u8],
    members: &mut Members,
    out: &mut Out,
) -> Flow {
    let mut seen = 0;
    let mut entries = archive.entries(buffer);
    loop {
        let entry = match entries.next_entry() {
            Ok(Some(entry)) => entry,
            Ok(None) if seen == archive.entries_hint() => return Flow::Continue(()),
            Ok(None) => {
                let of = archive.entries_hint();
                return out
                    .problem(Error::page(file, format!("names {seen} of its {of} files; get the archive again")));
            }
            Err(error) => {
                let why = format!("its directory is damaged after {seen} files: {error}; get the archive again");
                return out.problem(Error::page(file, why));
            }
        };
        seen += 1;
        let name = name(entry.file_path().as_bytes());
        let Some(kind) = members.kind_of(&name) else {
            continue;
        };
        let wrong = |why: String| Error::page(format!("{file}#{name}"), why);
        if let Err(why) = can_be_unpacked(entry.flags().bits(), entry.compression_method().as_u16()) {
            out.problem(wrong(why))?;
            continue;
        }
        match archive.get_entry(entry.wayfinder()) {
            Err(error) => out.problem(wrong(format!("is not where the directory says: {error}")))?,
            Ok(place) => {
                let packed = BufReader::with_capacity(BUFFER_BYTES, place.reader());
                let unpacked: Box<dyn Read> = match entry.compression_method() {
                    CompressionMethod::STORE => Box::new(packed),
                    _ => Box::new(DeflateDecoder::new(packed)),
                };
                let mut checked = BufReader::with_capacity(BUFFER_BYTES, place.verifying_reader(unpacked));
                members.read(&name, kind, &mut checked, out)?;
            }
        }
    }
}

fn can_be_unpacked(flags: u16, method: u16) -> Result<(), String> {
    if flags & ENCRYPTED != 0 {
        return Err("is encrypted; unpack it".to_string());
    }
    if method != STORED && method != DEFLATED {
        return Err(format!("is packed by method {method}; treff unpacks deflate alone"));
    }
    Ok(())
}

/// An archive read from the front on, by the headers that stand before its members.
struct Front {
    reader: BufReader<File>,
    /// Where the header begins that is being read.
    at: u64,
}

impl Front {
    /// One member. The error says why there are no more.
    fn step(&mut self, file: &str, members: &mut Members, out: &mut Out) -> Result<Flow, String> {
        let cut_off = |error: std::io::Error| reason(&error);
        let begun = self.position()?;
        self.at = begun;
        let mut fixed = [0; 30];
        self.reader.read_exact(&mut fixed).map_err(cut_off)?;
        if !fixed.starts_with(MEMBER) {
            return Err("no file begins".to_string());
        }
        let short = |at: usize| u16::from_le_bytes([fixed[at], fixed[at + 1]]);
        let (flags, method) = (short(6), short(8));
        let mut size = u64::from(u32::from_le_bytes([fixed[18], fixed[19], fixed[20], fixed[21]]));
        let mut path = vec![0; usize::from(short(26))];
        self.reader.read_exact(&mut path).map_err(cut_off)?;
        let mut extra = vec![0; usize::from(short(28))];
        self.reader.read_exact(&mut extra).map_err(cut_off)?;
        if size == u64::from(u32::MAX) {
            size = large_size(&extra).ok_or("a file has no size")?;
        }
        let name = name(&path);
        let kind = members.kind_of(&name);
        let possible = can_be_unpacked(flags, method);
        let has_end = flags & SIZES_FOLLOW == 0 || size > 0;
        if !has_end && (method != DEFLATED || possible.is_err()) {
            return Err("a file has no size".to_string());
        }
        let mut flow = Flow::Continue(());
        let mut body = Exactly { inner: &mut self.reader, left: if has_end { size } else { u64::MAX } };
        match (kind, possible) {
            (Some(_), Err(why)) => flow = out.problem(Error::page(format!("{file}#{name}"), why)),
            (Some(kind), Ok(())) if method == STORED => flow = members.read(&name, kind, &mut body, out),
            (kind, _) => {
                let mut unpacked = BufReader::new(DeflateDecoder::new(&mut body));
                if let Some(kind) = kind {
                    flow = members.read(&name, kind, &mut unpacked, out);
                }
                if !has_end {
                    std::io::copy(&mut unpacked, &mut std::io::sink()).map_err(cut_off)?;
                }
            }
        }
        if has_end {
            body.skip().map_err(cut_off)?;
        }
        if flags & SIZES_FOLLOW != 0 {
            self.skip_descriptor().map_err(cut_off)?;
        }
        Ok(flow)
    }

    /// The sizes behind a member: 12 or 20 bytes, with or without a mark.
    fn skip_descriptor(&mut self) -> std::io::Result<()> {
        let mut bytes = [0; 4];
        self.reader.read_exact(&mut bytes)?;
        let rest = if bytes == DESCRIPTOR { 12 } else { 8 };
        Exactly { inner: &mut self.reader, left: rest }.skip()?;
        if self.reader.fill_buf()?.starts_with(b"PK") {
            return Ok(());
        }
        Exactly { inner: &mut self.reader, left: 8 }.skip()
    }

    fn position(&mut self) -> Result<u64, String> {
        self.reader.stream_position().map_err(|error| reason(&error))
    }
}

/// The packed size in the extra field of a member of more than 4 GB.
fn large_size(mut extra: &[u8]) -> Option<u64> {
    while let [a, b, c, d, rest @ ..] = extra {
        let (id, length) = (u16::from_le_bytes([*a, *b]), usize::from(u16::from_le_bytes([*c, *d])));
        if id == 1 {
            return Some(u64::from_le_bytes(rest.get(8..16)?.try_into().ok()?));
        }
        extra = rest.get(length..)?;
    }
    None
}

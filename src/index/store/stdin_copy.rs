//! What came on standard input is kept inside the index, since it can't be read a second time. The file's name tells
//! when it came and the checksum of all that came, so that it proves itself whatever else is damaged.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use xxhash_rust::xxh3::Xxh3;

use super::generation::unix_nanos;
use super::manifest::StdinCopy;
use crate::error::{Error, Result};
use crate::read;

pub const PREFIX: &str = "stdin-";

/// What comes now, before all of it is there.
const TEMPORARY: &str = "stdin-new";

/// Keeps what comes on standard input.
pub fn save(index: &Path) -> Result<StdinCopy> {
    let path = index.join(TEMPORARY);
    let mut hash = Xxh3::new();
    let mut copy = || {
        let mut out = File::create(&path)?;
        each_piece(&mut io::stdin().lock(), |piece| {
            hash.update(piece);
            out.write_all(piece)
        })?;
        out.sync_all()
    };
    copy().map_err(Error::io(&path, "write"))?;
    let kind = File::open(&path).and_then(|mut file| read::sniff(&mut file)).map_err(Error::io(&path, "read"))?;
    let file = format!("{PREFIX}{}-{:016x}", unix_nanos(), hash.digest());
    std::fs::rename(&path, index.join(&file)).map_err(Error::io(&path, "rename"))?;
    Ok(StdinCopy { file, kind })
}

/// Whether a file that was kept is still what came.
pub fn is_intact(index: &Path, stdin: &StdinCopy) -> io::Result<bool> {
    let mut hash = Xxh3::new();
    each_piece(&mut File::open(index.join(&stdin.file))?, |piece| {
        hash.update(piece);
        Ok(())
    })?;
    Ok(stdin.file.rsplit_once('-').is_some_and(|(_, told)| told == format!("{:016x}", hash.digest())))
}

/// What came last, where nothing tells which file it is.
pub fn find_latest(index: &Path) -> Option<StdinCopy> {
    let names = std::fs::read_dir(index).ok()?.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| name.starts_with(PREFIX)).collect();
    names.sort();
    names.into_iter().rev().find_map(|file| {
        let kind = File::open(index.join(&file)).and_then(|mut file| read::sniff(&mut file)).ok()?;
        Some(StdinCopy { file, kind }).filter(|stdin| is_intact(index, stdin).is_ok_and(|is_whole| is_whole))
    })
}

fn each_piece(from: &mut impl Read, mut each: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut piece = vec![0; 1 << 16];
    loop {
        match from.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(length) => each(&piece[..length])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

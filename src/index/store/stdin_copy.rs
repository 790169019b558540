//! Keeps copies of standard input, which can't be read a second time, in the folder of the index.
//!
//! The name of a copy contains the time it was read and the checksum of its content, so that the copy can be verified
//! even if everything else is damaged.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use xxhash_rust::xxh3::Xxh3;

use super::generation::unix_nanos;
use super::manifest::StdinCopy;
use crate::error::{Error, Result};
use crate::read;

/// The name of a copy is this prefix, the time it was read and its checksum.
pub const PREFIX: &str = "stdin-";

/// The name of a copy that is not yet complete.
const TEMPORARY: &str = "stdin-new";

/// Reads all of standard input into a new copy. Fails if there is nothing but white space.
pub fn save(index: &Path) -> Result<StdinCopy> {
    let path = index.join(TEMPORARY);
    let mut hash = Xxh3::new();
    let mut is_blank = true;
    let mut copy = || {
        let mut out = File::create(&path)?;
        for_each_block(&mut io::stdin().lock(), |block| {
            hash.update(block);
            is_blank &= block.trim_ascii().is_empty();
            out.write_all(block)
        })?;
        out.sync_all()
    };
    copy().map_err(Error::io(&path, "write"))?;
    if is_blank {
        let _ = std::fs::remove_file(&path);
        return Err(Error::page("standard input", "it is empty; pipe the pages to `treff index -`"));
    }
    let kind = File::open(&path).and_then(|mut file| read::sniff(&mut file)).map_err(Error::io(&path, "read"))?;
    let file = format!("{PREFIX}{}-{:016x}", unix_nanos(), hash.digest());
    std::fs::rename(&path, index.join(&file)).map_err(Error::io(&path, "rename"))?;
    Ok(StdinCopy { file, kind })
}

/// Whether the content of a copy has the checksum in its name.
pub fn is_intact(index: &Path, stdin: &StdinCopy) -> io::Result<bool> {
    let mut hash = Xxh3::new();
    for_each_block(&mut File::open(index.join(&stdin.file))?, |block| {
        hash.update(block);
        Ok(())
    })?;
    Ok(stdin.file.rsplit_once('-').is_some_and(|(_, checksum)| checksum == format!("{:016x}", hash.digest())))
}

/// The latest intact copy, for an index whose manifests are all damaged.
pub fn find_latest(index: &Path) -> Option<StdinCopy> {
    let names = std::fs::read_dir(index).ok()?.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| name.starts_with(PREFIX)).collect();
    names.sort();
    names.into_iter().rev().find_map(|file| {
        let kind = File::open(index.join(&file)).and_then(|mut file| read::sniff(&mut file)).ok()?;
        Some(StdinCopy { file, kind }).filter(|stdin| is_intact(index, stdin).unwrap_or(false))
    })
}

fn for_each_block(from: &mut impl Read, mut visit: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut buffer = vec![0; 1 << 16];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(length) => visit(&buffer[..length])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

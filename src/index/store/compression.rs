//! How are passages packed, so that each is unpacked without the others?
//!
//! Each by itself with zstd and a dictionary, which holds what many pages say: without one, a text of some hundred bytes
//! hardly gets smaller. A generation has one dictionary, trained on some of its pages in the first update that brings
//! enough of them. On 98,348 pages of 289 MB of text, packed passages take 0.44 of what they are, in blocks of 4 KiB with
//! lz4 0.67; to unpack one takes a microsecond.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use zstd::bulk;
use zstd::zstd_safe::get_frame_content_size;

use super::checksum;
use super::generation::read_error;
use crate::error::Result;

/// Before the time at which it was written, which makes the name.
pub const DICTIONARY_PREFIX: &str = "dictionary-";

/// zstd's own default; the next levels take three times as long for a fiftieth.
const LEVEL: i32 = 3;
/// Twice as much saves another hundredth, and a search reads all of it.
const DICTIONARY_BYTES: usize = 64 << 10;
/// A dictionary is trained on so much text, and not on less than the second.
const SAMPLE_BYTES: usize = 4 << 20;
const LEAST_SAMPLE_BYTES: usize = 1 << 20;
/// Of a page; the first lines of a long one are like the others.
const PAGE_BYTES: usize = 8 << 10;
/// Of a page with its lines; anything longer in an index is damaged.
const MAX_BYTES: u64 = 1 << 28;
/// What every frame of zstd begins with, which need not be kept.
const MAGIC: [u8; 4] = 0xFD2F_B528_u32.to_le_bytes();

/// Of a dictionary's checksum.
const SEED: u64 = 0;

/// How a record is kept: the first byte.
const PLAIN: u8 = 0;
const ALONE: u8 = 1;
const WITH_DICTIONARY: u8 = 2;

/// Texts of pages to train a dictionary on: of all that were offered those with the smallest hashes, so that which they are
/// doesn't depend on the order in which pages are read.
#[derive(Default)]
pub struct Sample(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    texts: BTreeMap<u64, Vec<u8>>,
    bytes: usize,
}

impl Sample {
    /// `lines` are those of a page whose hash is `hash`.
    pub fn offer<'a>(&self, hash: u64, lines: impl Iterator<Item = &'a str>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = kept.bytes >= SAMPLE_BYTES;
        if is_full && kept.texts.last_key_value().is_some_and(|(last, _)| *last <= hash) {
            return;
        }
        let mut text = Vec::new();
        for line in lines {
            if text.len() + line.len() > PAGE_BYTES {
                break;
            }
            text.extend_from_slice(line.as_bytes());
            text.push(b'\n');
        }
        kept.bytes += text.len();
        if let Some(same) = kept.texts.insert(hash, text) {
            kept.bytes -= same.len();
        }
        while let Some((last, text)) = kept.texts.last_key_value()
            && kept.bytes - text.len() >= SAMPLE_BYTES
        {
            let last = *last;
            kept.bytes -= kept.texts.remove(&last).map_or(0, |text| text.len());
        }
    }

    /// `None` where there is too little text.
    fn dictionary(self) -> Option<Vec<u8>> {
        let Kept { texts, bytes } = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        if bytes < LEAST_SAMPLE_BYTES {
            return None;
        }
        // Text that nothing recurs in has no dictionary.
        zstd::dict::from_samples(&texts.into_values().collect::<Vec<_>>(), DICTIONARY_BYTES).ok()
    }
}

/// Packs records with the dictionary of a generation.
pub struct Compressor {
    dictionary: Vec<u8>,
    /// Those that no thread is using.
    idle: Mutex<Vec<bulk::Compressor<'static>>>,
}

impl Compressor {
    /// With the dictionary in the file that is named; else with one that is trained on the sample and written beside it.
    /// Gives the file's name too.
    pub fn new(
        generation: &Path,
        file: Option<String>,
        sample: Sample,
        now: i64,
    ) -> Result<(Compressor, Option<String>)> {
        let (dictionary, file) = match file {
            Some(file) => {
                let (opened, path) = open(generation, &file)?;
                (checksum::read_file(&opened, &path, SEED)?, Some(file))
            }
            None => match sample.dictionary() {
                Some(dictionary) => {
                    let file = format!("{DICTIONARY_PREFIX}{now}");
                    checksum::write_file(&generation.join(&file), &dictionary, SEED)?;
                    (dictionary, Some(file))
                }
                None => (Vec::new(), None),
            },
        };
        Ok((Compressor { dictionary, idle: Mutex::default() }, file))
    }

    pub fn compress(&self, record: &[u8]) -> Vec<u8> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let compressor = idle().pop().map_or_else(|| self.compressor(), Ok);
        let packed = compressor.and_then(|mut compressor| {
            let packed = compressor.compress(record)?;
            idle().push(compressor);
            Ok(packed)
        });
        let mut kept = Vec::new();
        match packed {
            Ok(packed) if packed.len() < record.len() && packed.starts_with(&MAGIC) => {
                kept.push(if self.dictionary.is_empty() { ALONE } else { WITH_DICTIONARY });
                kept.extend_from_slice(&packed[MAGIC.len()..]);
            }
            _ => {
                kept.push(PLAIN);
                kept.extend_from_slice(record);
            }
        }
        kept
    }

    fn compressor(&self) -> std::io::Result<bulk::Compressor<'static>> {
        let mut compressor = bulk::Compressor::with_dictionary(LEVEL, &self.dictionary)?;
        compressor.include_checksum(false)?;
        compressor.include_dictid(false)?;
        Ok(compressor)
    }
}

/// Unpacks records of a generation, of which it reads the dictionary when it first needs it.
pub struct Decompressor {
    dictionary: Option<(File, PathBuf)>,
    /// With and without the dictionary.
    decompressors: [Mutex<Option<bulk::Decompressor<'static>>>; 2],
}

impl Decompressor {
    pub fn new(generation: &Path, file: Option<&String>) -> Result<Decompressor> {
        let dictionary = file.map(|file| open(generation, file)).transpose()?;
        Ok(Decompressor { dictionary, decompressors: Default::default() })
    }

    /// Refuses a dictionary that isn't what was written.
    pub fn verify(&self) -> Result<()> {
        self.dictionary.as_ref().map_or(Ok(()), |(file, path)| checksum::read_file(file, path, SEED).map(drop))
    }

    /// The record that was packed; `None` for bytes that are none.
    pub fn decompress(&self, packed: &[u8]) -> Result<Option<Vec<u8>>> {
        let Some((how, packed)) = packed.split_first() else {
            return Ok(None);
        };
        let kept = match *how {
            PLAIN => return Ok(Some(packed.to_vec())),
            ALONE => &self.decompressors[0],
            WITH_DICTIONARY => &self.decompressors[1],
            _ => return Ok(None),
        };
        let mut frame = Vec::with_capacity(MAGIC.len() + packed.len());
        frame.extend(MAGIC);
        frame.extend_from_slice(packed);
        let Ok(Some(bytes)) = get_frame_content_size(&frame) else {
            return Ok(None);
        };
        if bytes > MAX_BYTES {
            return Ok(None);
        }
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.is_none() {
            let dictionary = match &self.dictionary {
                Some((file, path)) if *how == WITH_DICTIONARY => checksum::read_file(file, path, SEED)?,
                None if *how == WITH_DICTIONARY => return Ok(None),
                _ => Vec::new(),
            };
            *kept = bulk::Decompressor::with_dictionary(&dictionary).ok();
        }
        Ok(kept.as_mut().and_then(|decompressor| decompressor.decompress(&frame, bytes as usize).ok()))
    }
}

/// A dictionary's file, which stays readable when an update removes it.
fn open(generation: &Path, file: &str) -> Result<(File, PathBuf)> {
    let path = generation.join(file);
    match File::open(&path) {
        Ok(file) => Ok((file, path)),
        Err(error) => Err(read_error(&path, &error)),
    }
}

#[cfg(test)]
mod tests {
    use xxhash_rust::xxh3::xxh3_64;

    use super::*;
    use crate::error::Error;

    fn text(number: u64) -> String {
        format!("Etter § {number} skal departementet i sak {} om taushetsplikt gi nærmere forskrifter.", number * 7919)
    }

    #[test]
    fn what_is_packed_is_unpacked() {
        let folder = tempfile::tempdir().expect("a folder");
        let sample = Sample::default();
        for number in 0..20_000_u64 {
            sample.offer(xxh3_64(&number.to_le_bytes()), [text(number).as_str()].into_iter());
        }
        let alone = Compressor::new(folder.path(), None, Sample::default(), 1).expect("no dictionary");
        let with = Compressor::new(folder.path(), None, sample, 2).expect("a dictionary");
        assert_eq!((alone.1.as_deref(), with.1.as_deref()), (None, Some("dictionary-2")));
        let again = Compressor::new(folder.path(), with.1.clone(), Sample::default(), 3).expect("the same");
        let unpacker = Decompressor::new(folder.path(), with.1.as_ref()).expect("opened");
        for record in ["", "a", &text(3), &text(1).repeat(100)] {
            for (packer, _) in [&alone, &with, &again] {
                let packed = packer.compress(record.as_bytes());
                assert_eq!(unpacker.decompress(&packed).expect("whole"), Some(record.as_bytes().to_vec()));
            }
        }
        assert!(with.0.compress(text(9).as_bytes()).len() * 3 < text(9).len());
        assert_eq!(unpacker.decompress(&[]).expect("whole"), None);
        assert_eq!(unpacker.decompress(&[WITH_DICTIONARY, 1, 2, 3]).expect("whole"), None);
        let without = Decompressor::new(folder.path(), None).expect("opened");
        assert_eq!(without.decompress(&with.0.compress(text(5).as_bytes())).expect("whole"), None);
    }

    #[test]
    fn a_damaged_dictionary_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("dictionary-1");
        checksum::write_file(&path, b"some words", SEED).expect("written");
        let mut bytes = std::fs::read(&path).expect("read");
        bytes[3] ^= 1;
        std::fs::write(&path, bytes).expect("written");
        let verified = Decompressor::new(folder.path(), Some(&"dictionary-1".to_string())).and_then(|it| it.verify());
        assert!(matches!(verified, Err(Error::Damaged { file, .. }) if file == path));
    }

    #[test]
    fn a_sample_is_the_same_in_any_order() {
        let (one, other) = (Sample::default(), Sample::default());
        let page = |number: u64| (xxh3_64(&number.to_le_bytes()), text(number).repeat(20));
        for number in 0..10_000 {
            let (hash, text) = page(number);
            one.offer(hash, [text.as_str()].into_iter());
            let (hash, text) = page(9_999 - number);
            other.offer(hash, [text.as_str()].into_iter());
        }
        let texts = |sample: Sample| sample.0.into_inner().expect("no panic").texts;
        assert_eq!(texts(one), texts(other));
    }
}

//! Compresses stored passages one by one with zstd and a shared dictionary, so that each can be decompressed alone.
//!
//! Without a dictionary of strings that many pages contain, a text of a few hundred bytes hardly compresses. A
//! generation has one dictionary, trained on a sample of its pages by the first update that has enough of them. On
//! 98,348 pages with 289 MB of text, compressed passages take 0.44 of their original size, against 0.67 with lz4 in
//! blocks of 4 KiB; decompressing one takes a microsecond.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use zstd::bulk;
use zstd::zstd_safe::get_frame_content_size;

use super::checksum;
use super::generation::read_error;
use crate::error::Result;

/// The name of a dictionary file is this prefix and the time it was written.
pub const DICTIONARY_PREFIX: &str = "dictionary-";

/// The compression level: zstd's default. The next levels take three times as long and save another 2 %.
const LEVEL: i32 = 3;
/// The size of a dictionary. A dictionary of twice the size saves another 1 %, but a search has to read all of it.
const DICTIONARY_BYTES: usize = 64 << 10;
/// The size of the text that a dictionary is trained on: 64 times the size of the dictionary. zstd recommends about 100
/// times.
const SAMPLE_BYTES: usize = 4 << 20;
/// With less text than this, no dictionary is trained: the index is small anyway.
const MIN_SAMPLE_BYTES: usize = 1 << 20;
/// Maximum number of bytes that one page contributes to the sample; the rest of a long page is much like its beginning.
const MAX_PAGE_BYTES: usize = 8 << 10;
/// Maximum length of a serialized passage; one that claims to be longer is damaged.
const MAX_PASSAGE_BYTES: u64 = 1 << 28;
/// The magic number at the start of every zstd frame. It is not stored.
const MAGIC: [u8; 4] = 0xFD2F_B528_u32.to_le_bytes();

/// The seed of the checksum of a dictionary.
const SEED: u64 = 0;

/// The first byte of a compressed passage: how the rest is encoded.
const UNCOMPRESSED: u8 = 0;
const WITHOUT_DICTIONARY: u8 = 1;
const WITH_DICTIONARY: u8 = 2;

/// A sample of page texts to train a dictionary on: those with the smallest hashes, so that the sample doesn't depend
/// on the order in which pages are read.
#[derive(Default)]
pub struct Sample(Mutex<SampleTexts>);

#[derive(Default)]
struct SampleTexts {
    /// By page hash.
    texts: BTreeMap<u64, Vec<u8>>,
    bytes: usize,
}

impl Sample {
    /// Adds the page with this hash and these lines, if its hash is small enough.
    pub fn offer<'a>(&self, hash: u64, lines: impl Iterator<Item = &'a str>) {
        let mut sample = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = sample.bytes >= SAMPLE_BYTES;
        if is_full && sample.texts.last_key_value().is_some_and(|(last, _)| *last <= hash) {
            return;
        }
        let mut text = Vec::new();
        for line in lines {
            if text.len() + line.len() > MAX_PAGE_BYTES {
                break;
            }
            text.extend_from_slice(line.as_bytes());
            text.push(b'\n');
        }
        sample.bytes += text.len();
        if let Some(same) = sample.texts.insert(hash, text) {
            sample.bytes -= same.len();
        }
        while let Some((last, text)) = sample.texts.last_key_value()
            && sample.bytes - text.len() >= SAMPLE_BYTES
        {
            let last = *last;
            sample.bytes -= sample.texts.remove(&last).map_or(0, |text| text.len());
        }
    }

    /// Trains a dictionary; `None` if there is too little text.
    fn dictionary(self) -> Option<Vec<u8>> {
        let SampleTexts { texts, bytes } = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        if bytes < MIN_SAMPLE_BYTES {
            return None;
        }
        // Training fails on texts without common strings.
        zstd::dict::from_samples(&texts.into_values().collect::<Vec<_>>(), DICTIONARY_BYTES).ok()
    }
}

/// Compresses serialized passages with the dictionary of a generation.
pub struct Compressor {
    dictionary: Vec<u8>,
    /// Compressors that no thread is using.
    idle: Mutex<Vec<bulk::Compressor<'static>>>,
}

impl Compressor {
    /// Reads the dictionary in `file`, or trains one on the sample and writes it to the generation with `now` in its
    /// name. Also returns the file name of the dictionary.
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

    pub fn compress(&self, passage: &[u8]) -> Vec<u8> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let compressor = idle().pop().map_or_else(|| self.compressor(), Ok);
        let compressed = compressor.and_then(|mut compressor| {
            let compressed = compressor.compress(passage)?;
            idle().push(compressor);
            Ok(compressed)
        });
        let mut encoded = Vec::new();
        match compressed {
            Ok(frame) if frame.len() < passage.len() && frame.starts_with(&MAGIC) => {
                encoded.push(if self.dictionary.is_empty() { WITHOUT_DICTIONARY } else { WITH_DICTIONARY });
                encoded.extend_from_slice(&frame[MAGIC.len()..]);
            }
            _ => {
                encoded.push(UNCOMPRESSED);
                encoded.extend_from_slice(passage);
            }
        }
        encoded
    }

    fn compressor(&self) -> std::io::Result<bulk::Compressor<'static>> {
        let mut compressor = bulk::Compressor::with_dictionary(LEVEL, &self.dictionary)?;
        compressor.include_checksum(false)?;
        compressor.include_dictid(false)?;
        Ok(compressor)
    }
}

/// Decompresses passages of a generation. It reads the dictionary when it first needs it.
pub struct Decompressor {
    dictionary: Option<(File, PathBuf)>,
    without_dictionary: Mutex<Option<bulk::Decompressor<'static>>>,
    with_dictionary: Mutex<Option<bulk::Decompressor<'static>>>,
}

impl Decompressor {
    pub fn new(generation: &Path, file: Option<&String>) -> Result<Decompressor> {
        let dictionary = file.map(|file| open(generation, file)).transpose()?;
        Ok(Decompressor { dictionary, without_dictionary: Mutex::default(), with_dictionary: Mutex::default() })
    }

    /// Returns an error if the dictionary is damaged.
    pub fn verify(&self) -> Result<()> {
        self.dictionary.as_ref().map_or(Ok(()), |(file, path)| checksum::read_file(file, path, SEED).map(drop))
    }

    /// Returns the serialized passage; `None` if the bytes are not a compressed one.
    pub fn decompress(&self, encoded: &[u8]) -> Result<Option<Vec<u8>>> {
        let Some((encoding, rest)) = encoded.split_first() else {
            return Ok(None);
        };
        let decompressor = match *encoding {
            UNCOMPRESSED => return Ok(Some(rest.to_vec())),
            WITHOUT_DICTIONARY => &self.without_dictionary,
            WITH_DICTIONARY => &self.with_dictionary,
            _ => return Ok(None),
        };
        let mut frame = Vec::with_capacity(MAGIC.len() + rest.len());
        frame.extend(MAGIC);
        frame.extend_from_slice(rest);
        let Ok(Some(bytes)) = get_frame_content_size(&frame) else {
            return Ok(None);
        };
        if bytes > MAX_PASSAGE_BYTES {
            return Ok(None);
        }
        let mut decompressor = decompressor.lock().unwrap_or_else(PoisonError::into_inner);
        if decompressor.is_none() {
            let dictionary = match &self.dictionary {
                Some((file, path)) if *encoding == WITH_DICTIONARY => checksum::read_file(file, path, SEED)?,
                None if *encoding == WITH_DICTIONARY => return Ok(None),
                _ => Vec::new(),
            };
            *decompressor = bulk::Decompressor::with_dictionary(&dictionary).ok();
        }
        Ok(decompressor.as_mut().and_then(|decompressor| decompressor.decompress(&frame, bytes as usize).ok()))
    }
}

/// Opens the file of a dictionary, so that it remains readable even if an update removes it.
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
    fn compression_round_trips() {
        let folder = tempfile::tempdir().expect("a folder");
        let sample = Sample::default();
        for number in 0..20_000_u64 {
            sample.offer(xxh3_64(&number.to_le_bytes()), [text(number).as_str()].into_iter());
        }
        let alone = Compressor::new(folder.path(), None, Sample::default(), 1).expect("no dictionary");
        let with = Compressor::new(folder.path(), None, sample, 2).expect("a dictionary");
        assert_eq!((alone.1.as_deref(), with.1.as_deref()), (None, Some("dictionary-2")));
        let again = Compressor::new(folder.path(), with.1.clone(), Sample::default(), 3).expect("the same");
        let decompressor = Decompressor::new(folder.path(), with.1.as_ref()).expect("opened");
        for passage in ["", "a", &text(3), &text(1).repeat(100)] {
            for (compressor, _) in [&alone, &with, &again] {
                let compressed = compressor.compress(passage.as_bytes());
                assert_eq!(decompressor.decompress(&compressed).expect("intact"), Some(passage.as_bytes().to_vec()));
            }
        }
        assert!(with.0.compress(text(9).as_bytes()).len() * 3 < text(9).len());
        assert_eq!(decompressor.decompress(&[]).expect("intact"), None);
        assert_eq!(decompressor.decompress(&[WITH_DICTIONARY, 1, 2, 3]).expect("intact"), None);
        let without = Decompressor::new(folder.path(), None).expect("opened");
        assert_eq!(without.decompress(&with.0.compress(text(5).as_bytes())).expect("intact"), None);
    }

    #[test]
    fn names_a_damaged_dictionary() {
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

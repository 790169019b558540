//! Decompresses files: gzip, and zstd with the dictionary frame of `.warc.zst` files.

use std::io::{BufRead, BufReader, ErrorKind, Read};

use flate2::bufread::GzDecoder;

use super::compressed_records::CompressedRecords;
use super::stream::BUFFER_BYTES;
use crate::read::file_kind::{Compression, ContentType, FileKind};
use crate::read::magic_numbers::ZSTD_MAGIC;
use crate::read::page_errors::TrailingData;

/// The magic number of the skippable frame that contains the dictionary of a `.warc.zst` file ("Zstandard compression
/// for WARC files" of the IIPC).
const DICTIONARY_FRAME: &[u8] = &[0x5d, 0x2a, 0x4d, 0x18];
/// Dictionaries of crawls are about 1 MB. A much larger one indicates damage or an attack.
const MAX_DICTIONARY_BYTES: u64 = 32 << 20;

/// The first byte of a gzip member.
const GZIP_START: u8 = 0x1f;

/// Decompresses all members of a gzip file. Ignores padding (zero bytes) after the last member, as `gzip` does.
struct GzipReader<R> {
    /// The decoder of the current member; `None` after the last one.
    decoder: Option<GzDecoder<R>>,
}

impl<R: BufRead> GzipReader<R> {
    fn new(reader: R) -> GzipReader<R> {
        GzipReader { decoder: Some(GzDecoder::new(reader)) }
    }
}

impl<R: BufRead> Read for GzipReader<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        while let Some(decoder) = &mut self.decoder {
            let count = decoder.read(into)?;
            if count > 0 || into.is_empty() {
                return Ok(count);
            }
            let reader = self.decoder.take().map(GzDecoder::into_inner);
            self.decoder = reader.map(next_member).transpose()?.flatten();
        }
        Ok(0)
    }
}

/// Returns the decoder of the next member; `None` at the end of the file.
fn next_member<R: BufRead>(mut reader: R) -> std::io::Result<Option<GzDecoder<R>>> {
    let trailing_data = || Err(std::io::Error::new(ErrorKind::InvalidData, TrailingData));
    let mut is_padded = false;
    loop {
        let bytes = reader.fill_buf()?;
        match bytes.first() {
            None => return Ok(None),
            Some(0) => {
                let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
                reader.consume(zeros);
                is_padded = true;
            }
            Some(&GZIP_START) if !is_padded => break,
            Some(_) => return trailing_data(),
        }
    }
    let mut decoder = GzDecoder::new(reader);
    if decoder.header().is_none() {
        // The first read returns the error in the header.
        return match decoder.read(&mut [0]) {
            Err(error) if error.kind() != ErrorKind::InvalidInput => Err(error),
            _ => trailing_data(),
        };
    }
    Ok(Some(decoder))
}

/// The decompressed bytes of a file or member. In a web archive, a damaged record causes one error, and reading
/// continues with the next record.
pub fn decompressed<'a>(mut reader: Box<dyn BufRead + 'a>, kind: FileKind) -> std::io::Result<Box<dyn BufRead + 'a>> {
    let has_records = kind.content == ContentType::Warc;
    Ok(match kind.compression {
        Compression::None => reader,
        Compression::Gzip if has_records => Box::new(CompressedRecords::gzip(reader)),
        Compression::Gzip => Box::new(BufReader::with_capacity(BUFFER_BYTES, GzipReader::new(reader))),
        Compression::Zstd if has_records => {
            let dictionary = read_dictionary(&mut reader)?;
            Box::new(CompressedRecords::zstd(reader, dictionary)?)
        }
        Compression::Zstd => {
            Box::new(BufReader::with_capacity(BUFFER_BYTES, zstd::stream::read::Decoder::with_buffer(reader)?))
        }
    })
}

/// Reads the dictionary frame at the start of a file; empty if there is none.
fn read_dictionary(reader: &mut dyn BufRead) -> std::io::Result<Vec<u8>> {
    if !reader.fill_buf()?.starts_with(DICTIONARY_FRAME) {
        return Ok(Vec::new());
    }
    let mut header = [0; 8];
    reader.read_exact(&mut header)?;
    let size = u64::from(u32::from_le_bytes([header[4], header[5], header[6], header[7]]));
    if size > MAX_DICTIONARY_BYTES {
        return Err(std::io::Error::other(format!("zstd dictionary of {size} bytes")));
    }
    let mut dictionary = Vec::new();
    reader.take(size).read_to_end(&mut dictionary)?;
    if !dictionary.starts_with(ZSTD_MAGIC) {
        return Ok(dictionary);
    }
    let mut unpacked = Vec::new();
    zstd::stream::read::Decoder::with_buffer(&dictionary[..])?.take(MAX_DICTIONARY_BYTES).read_to_end(&mut unpacked)?;
    Ok(unpacked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> String {
        let mut text = String::new();
        let kind = FileKind { content: ContentType::Warc, compression: Compression::Zstd };
        decompressed(Box::new(bytes), kind).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn reads_zstd_frames_with_and_without_a_dictionary() {
        let records: Vec<String> =
            (0..400).map(|number| format!("WARC/1.0\r\nWARC-Type: response\r\nside {number}\r\n")).collect();
        let plain: Vec<u8> =
            records.iter().flat_map(|record| zstd::encode_all(record.as_bytes(), 3).unwrap()).collect();
        assert_eq!(read(&plain), records.concat());
        let dictionary = zstd::dict::from_samples(&records, 1000).unwrap();
        let mut encoder = zstd::bulk::Compressor::with_dictionary(3, &dictionary).unwrap();
        let packed: Vec<u8> = records.iter().flat_map(|record| encoder.compress(record.as_bytes()).unwrap()).collect();
        for stored in [dictionary.clone(), zstd::encode_all(&dictionary[..], 3).unwrap()] {
            let size = u32::try_from(stored.len()).unwrap().to_le_bytes();
            assert_eq!(read(&[DICTIONARY_FRAME, &size, &stored, &packed].concat()), records.concat());
        }
    }
}

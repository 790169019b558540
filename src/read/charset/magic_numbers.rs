//! Names the type of a file that isn't text by its magic number.

/// Magic numbers at the start of a file, and what the file is.
const MAGIC_NUMBERS: &[(&[u8], &str)] = &[
    (b"%PDF-", "PDF document"),
    (b"{\\rtf", "RTF document"),
    (b"%!PS", "PostScript document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Microsoft Office document (Word, Excel or PowerPoint)"),
    (b"PK\x03\x04", "zip archive or Office document"),
    (b"PK\x05\x06", "empty zip archive"),
    (b"\x89PNG\r\n", "PNG image"),
    (b"\xff\xd8\xff", "JPEG image"),
    (b"GIF8", "GIF image"),
    (b"II*\0", "TIFF image"),
    (b"MM\0*", "TIFF image"),
    (b"BM", "BMP image"),
    (b"\0\0\x01\0", "icon"),
    (b"\x7fELF", "executable (ELF)"),
    (b"MZ", "executable (Windows)"),
    (b"\xfe\xed\xfa\xce", "executable (macOS)"),
    (b"\xfe\xed\xfa\xcf", "executable (macOS)"),
    (b"\xcf\xfa\xed\xfe", "executable (macOS)"),
    (b"\xca\xfe\xba\xbe", "executable (Java class or macOS)"),
    (b"\0asm", "WebAssembly module"),
    (b"\x1f\x8b", "gzip data"),
    (b"\x28\xb5\x2f\xfd", "zstd data"),
    (b"BZh", "bzip2 data"),
    (b"\xfd7zXZ\0", "xz data"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip archive"),
    (b"Rar!\x1a\x07", "RAR archive"),
    (b"SQLite format 3\0", "SQLite database"),
    (b"ID3", "MP3 audio"),
    (b"\xff\xfb", "MP3 audio"),
    (b"OggS", "Ogg audio or video"),
    (b"fLaC", "FLAC audio"),
    (b"\x1a\x45\xdf\xa3", "Matroska or WebM video"),
    (b"wOFF", "font"),
    (b"wOF2", "font"),
    (b"OTTO\0", "font"),
    (b"\0\x01\0\0\0", "font"),
];

/// Names the type of a file, `None` if its magic number is unknown. Only for bytes that aren't text: some of the magic
/// numbers are letters.
pub fn binary_type(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"RIFF") {
        return match bytes.get(8..12) {
            Some(b"WEBP") => Some("WebP image"),
            Some(b"WAVE") => Some("WAV audio"),
            _ => Some("audio, video or image (RIFF)"),
        };
    }
    if bytes.get(4..8) == Some(b"ftyp") {
        return Some("MP4 video or HEIF image");
    }
    MAGIC_NUMBERS.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, name)| *name)
}

/// Names the type of a document that may consist of text bytes alone, but isn't to be read as text.
pub fn document_type(bytes: &[u8]) -> Option<&'static str> {
    MAGIC_NUMBERS[..3].iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_types_by_magic_number() {
        let check = |bytes: &[u8], expected| assert_eq!(binary_type(bytes), expected, "{bytes:?}");
        check(b"%PDF-1.7\n%\xe2\xe3", Some("PDF document"));
        check(b"\x89PNG\r\n\x1a\n\0\0", Some("PNG image"));
        check(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0", Some("Microsoft Office document (Word, Excel or PowerPoint)"));
        check(b"RIFF\x10\0\0\0WEBPVP8 ", Some("WebP image"));
        check(b"\0\0\0\x20ftypisom", Some("MP4 video or HEIF image"));
        check(b"\0\0\0\0", None);
        assert_eq!(document_type(b"{\\rtf1\\ansi Hei}"), Some("RTF document"));
        assert_eq!(document_type(b"BMI og vekt"), None);
    }
}

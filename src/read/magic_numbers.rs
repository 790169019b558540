//! Identifies the type of a file that isn't text by its magic number.

/// The magic number of a gzip member (RFC 1952).
pub const GZIP_MAGIC: &[u8] = b"\x1f\x8b";
/// The magic number of a zstd frame (RFC 8878).
pub const ZSTD_MAGIC: &[u8] = b"\x28\xb5\x2f\xfd";

/// Magic numbers at the start of a file, the name of the type for messages about one file, and the noun for counts of
/// such files, which is `None` if a text file can begin with the same bytes. The first row that matches applies.
const MAGIC_NUMBERS: &[(&[u8], &str, Option<&str>)] = &[
    (b"%PDF-", "PDF document", Some("PDF document")),
    (b"{\\rtf", "RTF document", Some("word processor document")),
    (b"%!PS", "PostScript document", None),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "Microsoft Office document (Word, Excel or PowerPoint)",
        Some("Office document"),
    ),
    (b"PK\x03\x04", "zip archive or Office document", Some("zip archive")),
    (b"PK\x05\x06", "empty zip archive", None),
    (b"\x89PNG\r\n", "PNG image", Some("image")),
    (b"\xff\xd8\xff", "JPEG image", Some("image")),
    (b"GIF87a", "GIF image", Some("image")),
    (b"GIF89a", "GIF image", Some("image")),
    (b"GIF8", "GIF image", None),
    (b"II*\0", "TIFF image", Some("image")),
    (b"MM\0*", "TIFF image", Some("image")),
    (b"BM", "BMP image", None),
    (b"\0\0\x01\0", "icon", Some("image")),
    (b"\x7fELF", "executable (ELF)", Some("program")),
    (b"MZ\x90\0", "executable (Windows)", Some("program")),
    (b"MZ", "executable (Windows)", None),
    (b"\xfe\xed\xfa\xce", "executable (macOS)", None),
    (b"\xfe\xed\xfa\xcf", "executable (macOS)", None),
    (b"\xcf\xfa\xed\xfe", "executable (macOS)", None),
    (b"\xca\xfe\xba\xbe", "executable (Java class or macOS)", None),
    (b"\0asm", "WebAssembly module", None),
    (GZIP_MAGIC, "gzip data", None),
    (ZSTD_MAGIC, "zstd data", None),
    (b"BZh", "bzip2 data", None),
    (b"\xfd7zXZ\0", "xz data", None),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip archive", None),
    (b"Rar!\x1a\x07", "RAR archive", None),
    (b"SQLite format 3\0", "SQLite database", Some("database")),
    (b"ID3", "MP3 audio", None),
    (b"\xff\xfb", "MP3 audio", None),
    (b"OggS", "Ogg audio or video", Some("audio file")),
    (b"fLaC", "FLAC audio", Some("audio file")),
    (b"\x1a\x45\xdf\xa3", "Matroska or WebM video", None),
    (b"wOFF", "font", Some("font")),
    (b"wOF2", "font", Some("font")),
    (b"OTTO\0", "font", None),
    (b"\0\x01\0\0\0", "font", None),
];

/// The name of the type of a file, and the noun for counts of such files, as in `MAGIC_NUMBERS`.
fn file_type(bytes: &[u8]) -> Option<(&'static str, Option<&'static str>)> {
    let brand = bytes.get(8..12);
    if bytes.starts_with(b"RIFF") {
        return Some(match brand {
            Some(b"WEBP") => ("WebP image", Some("image")),
            Some(b"WAVE") => ("WAV audio", Some("audio file")),
            Some(b"AVI ") => ("audio, video or image (RIFF)", Some("video")),
            _ => ("audio, video or image (RIFF)", None),
        });
    }
    if bytes.get(4..8) == Some(b"ftyp") {
        let is_image = matches!(brand, Some(b"avif" | b"heic"));
        return Some(("MP4 video or HEIF image", Some(if is_image { "image" } else { "video" })));
    }
    MAGIC_NUMBERS.iter().find(|(magic, ..)| bytes.starts_with(magic)).map(|(_, name, kind)| (*name, *kind))
}

/// Names the type of a file; `None` if its magic number is unknown. Only for bytes that aren't text: some of the magic
/// numbers are letters.
pub fn binary_type(bytes: &[u8]) -> Option<&'static str> {
    file_type(bytes).map(|(name, _)| name)
}

/// The noun for counts of files of this type; `None` if the magic number is unknown or if a text can begin with it.
pub fn kind_of_bytes(head: &[u8]) -> Option<&'static str> {
    file_type(head).and_then(|(_, kind)| kind)
}

/// Names the type of a document that must not be read as text, although all of its bytes may be text.
pub fn document_type(bytes: &[u8]) -> Option<&'static str> {
    MAGIC_NUMBERS[..3].iter().find(|(magic, ..)| bytes.starts_with(magic)).map(|(_, name, _)| *name)
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

    #[test]
    fn names_kinds_for_counting() {
        assert_eq!(kind_of_bytes(b"%PDF-1.7\n"), Some("PDF document"));
        assert_eq!(kind_of_bytes(b"RIFF\x10\0\0\0WEBPVP8 "), Some("image"));
        assert_eq!(kind_of_bytes(b"\0\0\0\x18ftypmp42"), Some("video"));
        assert_eq!(kind_of_bytes(b"GIF89a\x01"), Some("image"));
        assert_eq!(kind_of_bytes(b"MZ er et format."), None);
        assert_eq!(kind_of_bytes("PDF er et format.".as_bytes()), None);
    }
}

//! Names the kinds of content that are not read, by file extension or media type. (`magic_numbers` recognizes them by
//! the first bytes.)

use std::collections::BTreeMap;

/// How often each kind of unread content was found. Each kind is a singular noun.
pub type NotRead = BTreeMap<String, u64>;

/// A file that an editor or a download leaves beside another file.
pub const BACKUP: &str = "backup or temporary file";

/// Extensions of types that are not read. Files with these extensions are not opened.
const EXTENSIONS: [(&str, &[&str]); 15] = [
    ("PDF document", &["pdf"]),
    ("image", &["png", "jpg", "jpeg", "jpe", "gif", "webp", "svg", "bmp", "tif", "tiff", "ico", "avif", "heic", "psd"]),
    ("video", &["mp4", "m4v", "mov", "avi", "mkv", "webm", "mpg", "mpeg", "wmv", "flv"]),
    ("audio file", &["mp3", "wav", "ogg", "oga", "flac", "m4a", "aac", "wma"]),
    ("style sheet", &["css", "scss", "less"]),
    ("script", &["js", "mjs", "cjs", "ts", "jsx", "tsx", "py", "sh", "rb", "pl", "lua"]),
    ("JSON file", &["json", "map", "webmanifest", "geojson"]),
    ("XML file", &["xml", "rss", "atom", "xsl", "xslt", "xsd", "rdf"]),
    ("word processor document", &["doc", "docx", "odt", "rtf", "dot", "dotx", "pages"]),
    ("spreadsheet", &["xls", "xlsx", "xlsm", "ods", "csv", "tsv"]),
    ("presentation", &["ppt", "pptx", "odp", "pps", "key"]),
    ("e-book", &["epub", "mobi", "azw3"]),
    ("font", &["woff", "woff2", "ttf", "otf", "eot"]),
    ("archive", &["zip", "rar", "7z", "bz2", "xz", "tbz", "txz", "cab", "iso", "jar", "dmg", "deb", "rpm"]),
    (BACKUP, &["bak", "orig", "old", "tmp", "swp", "part", "crdownload"]),
];

/// The kind of content of a file with this extension (lower-case), if it is one of `EXTENSIONS`.
pub fn kind_of_extension(extension: &str) -> Option<&'static str> {
    EXTENSIONS.iter().find(|(_, extensions)| extensions.contains(&extension)).map(|(kind, _)| *kind)
}

/// The kind of content with this media type (lower-case, without parameters), which is not read.
pub fn kind_of_media_type(media_type: &str) -> String {
    let kind = match media_type {
        "application/pdf" => "PDF document",
        "text/css" => "style sheet",
        "text/javascript" | "application/javascript" | "application/x-javascript" | "application/ecmascript" => {
            "script"
        }
        "application/json" | "application/ld+json" | "application/manifest+json" => "JSON file",
        "text/xml" | "application/xml" | "application/rss+xml" | "application/atom+xml" => "XML file",
        "application/msword" => "word processor document",
        "text/csv" | "application/vnd.ms-excel" => "spreadsheet",
        "application/vnd.ms-powerpoint" => "presentation",
        "application/zip" | "application/gzip" | "application/x-gzip" => "archive",
        "text/dns" => "DNS record",
        _ if media_type.contains("wordprocessing") || media_type.contains("opendocument.text") => {
            "word processor document"
        }
        _ if media_type.contains("spreadsheet") => "spreadsheet",
        _ if media_type.contains("presentation") => "presentation",
        _ if media_type.contains("font") => "font",
        _ => match media_type.split('/').next() {
            Some("image") => "image",
            Some("video") => "video",
            Some("audio") => "audio file",
            _ => return format!("{media_type} resource"),
        },
    };
    kind.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_what_is_not_read() {
        assert_eq!(kind_of_extension("jpeg"), Some("image"));
        assert_eq!(kind_of_extension("php"), None);
        assert_eq!(kind_of_media_type("image/png"), "image");
        assert_eq!(kind_of_media_type("application/x-ukjent"), "application/x-ukjent resource");
    }
}

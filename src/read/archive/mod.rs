//! Reads the pages of tar, zip and web archives (WARC).

mod compressed;
mod compressed_records;
pub mod http;
mod members;
pub mod mhtml;
mod stream;
mod tar;
mod warc;
mod window;
mod zip;

pub use self::tar::read_tar;
pub use compressed::decompressed;
pub use stream::BUFFER_BYTES;
pub use warc::read_warc;
pub use zip::read_zip;

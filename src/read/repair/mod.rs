//! Repairs text that is valid UTF-8, but was decoded wrongly or escaped before it was saved.

mod char_refs;
mod double_utf8;
mod quoted_printable;
mod repaired;
mod seven_bit;
mod text_repair;

pub use text_repair::repair;

//! The subcommands, one file each.

pub mod analyze;
pub mod bench;
pub mod check_index;
pub mod clean;
pub mod completions;
pub mod eval;
pub mod index;
pub mod man;
pub mod search;
#[cfg(any(feature = "serve", feature = "mcp"))]
pub mod serving;
pub mod show;
pub mod status;

//! The commands that serve other programs.

#[cfg(feature = "serve")]
mod host_names;
#[cfg(feature = "mcp")]
pub mod mcp;
#[cfg(feature = "serve")]
pub mod serve;

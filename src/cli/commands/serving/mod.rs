//! The commands that serve other programs.

pub mod serve;

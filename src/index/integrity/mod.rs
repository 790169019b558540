//! Detects damaged indexes and finds what they can be rebuilt from.

pub mod check;
pub mod corruption_guard;
pub mod recover;

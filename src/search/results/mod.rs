//! Turns ranked passages into results: date order, grouping by page, near-duplicates, facets, hits and explanations.

pub mod build_hit;
pub mod collapse;
pub mod date_order;
pub mod explainer;
pub mod facets;
pub mod page_groups;
pub mod verify_hit;

//! Classifies the lines of a page by a table of rules.

mod dump_rules;
mod line_classifier;
mod rule_table;
mod single_line_rules;
mod structure_rules;
mod template_rules;
mod title_rules;

pub use line_classifier::LineState;
pub use rule_table::classify;

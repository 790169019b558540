//! The languages of the search page: their choice, their texts, and their notation of numbers and dates.

mod notation;
mod texts;
mod ui_language;

pub use texts::Texts;
pub use ui_language::UiLanguage;

//! The written standard in which a text is read: Bokmål, Nynorsk or both.

use serde::{Deserialize, Serialize};

use crate::model::Lang;

/// The written standard of a text. It decides between the readings of a form that means one thing in Bokmål and
/// another in Nynorsk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standard {
    Bokmal,
    Nynorsk,
    /// Unknown, as for a query: the readings of both standards.
    Both,
}

impl From<Lang> for Standard {
    fn from(lang: Lang) -> Standard {
        match lang {
            Lang::Bokmal => Standard::Bokmal,
            Lang::Nynorsk => Standard::Nynorsk,
            _ => Standard::Both,
        }
    }
}

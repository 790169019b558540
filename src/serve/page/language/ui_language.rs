//! Chooses the language of the page: the parameter `ui`, else `Accept-Language` (RFC 9110), else Bokmål.

use crate::serve::parameters::pairs;

use super::texts::{EN, NB, NN, Texts};

/// A language of the page. Hits have languages of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UiLanguage {
    #[default]
    Bokmal,
    Nynorsk,
    English,
}

impl UiLanguage {
    pub const ALL: [UiLanguage; 3] = [UiLanguage::Bokmal, UiLanguage::Nynorsk, UiLanguage::English];

    /// The BCP 47 code, which is also the value of `ui`.
    pub fn code(self) -> &'static str {
        match self {
            UiLanguage::Bokmal => "nb",
            UiLanguage::Nynorsk => "nn",
            UiLanguage::English => "en",
        }
    }

    /// Its name in itself.
    pub fn name(self) -> &'static str {
        match self {
            UiLanguage::Bokmal => "Bokmål",
            UiLanguage::Nynorsk => "Nynorsk",
            UiLanguage::English => "English",
        }
    }

    pub fn of_code(code: &str) -> Option<UiLanguage> {
        UiLanguage::ALL.into_iter().find(|language| language.code() == code)
    }

    pub fn texts(self) -> &'static Texts {
        match self {
            UiLanguage::Bokmal => &NB,
            UiLanguage::Nynorsk => &NN,
            UiLanguage::English => &EN,
        }
    }

    /// The language for a request with these parameters and this `Accept-Language`.
    pub fn of_request(query: &str, accept_language: &str) -> UiLanguage {
        let stated = pairs(query).filter(|(name, _)| name == "ui").filter_map(|(_, code)| UiLanguage::of_code(&code));
        stated.last().unwrap_or_else(|| UiLanguage::accepted(accept_language))
    }

    /// The language with the highest weight in `Accept-Language`; the first of several. `no` is Bokmål.
    pub fn accepted(header: &str) -> UiLanguage {
        let mut best: Option<(f32, UiLanguage)> = None;
        for item in header.split(',') {
            let mut parts = item.split(';').map(str::trim);
            let tag = parts.next().unwrap_or_default().to_ascii_lowercase();
            let language = match tag.split('-').next() {
                Some("no" | "nb") => UiLanguage::Bokmal,
                Some("nn") => UiLanguage::Nynorsk,
                Some("en") => UiLanguage::English,
                _ => continue,
            };
            let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Ok(1.0), str::parse).unwrap_or(0.0);
            if weight > 0.0 && best.is_none_or(|(known, _)| weight > known) {
                best = Some((weight, language));
            }
        }
        best.map_or_else(UiLanguage::default, |(_, language)| language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chooses_the_accepted_language_with_the_highest_weight() {
        let check = |header: &str, code: &str| assert_eq!(UiLanguage::accepted(header).code(), code, "{header}");
        check("", "nb");
        check("*", "nb");
        check("de-DE, fr;q=0.5", "nb");
        check("en-GB,en;q=0.9", "en");
        check("nn-NO, nb;q=0.8, en;q=0.5", "nn");
        check("en;q=0.5, no", "nb");
        check("da, NN;q=0.7, en;q=0.3", "nn");
        check("nn;q=0, en;q=0.1", "en");
        check("en;q=x, nn;q=0.1", "nn");
    }
}

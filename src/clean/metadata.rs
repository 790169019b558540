//! Determines the metadata of a page.

use crate::model::{ClassifiedLine, Lang};
use crate::norwegian::detect_lang_in;

/// The host of an address, without `www.`.
pub fn host(url: &str) -> Option<String> {
    let rest = url.split_once("://")?.1;
    let host = rest.split(['/', '?', '#', ':']).next()?;
    let host = host.strip_prefix("www.").unwrap_or(host);
    (!host.is_empty()).then(|| host.to_lowercase())
}

/// And where it was read.
pub fn language(lines: &[ClassifiedLine], claimed: Option<&str>) -> (Lang, &'static str) {
    let claimed = match claimed.map(|lang| lang.to_ascii_lowercase()) {
        Some(lang) if lang.starts_with("nb") || lang.starts_with("no") => Lang::Bokmal,
        Some(lang) if lang.starts_with("nn") => Lang::Nynorsk,
        Some(lang) if lang.starts_with("en") => Lang::English,
        _ => Lang::Other,
    };
    let kept = lines.iter().filter(|line| line.class.is_kept());
    let found = detect_lang_in(kept.map(|line| line.text.as_str()), claimed);
    let origin = match found {
        Lang::Other => "",
        found if found == claimed => "what the page claims, and its closed-class words",
        _ => "its closed-class words",
    };
    (found, origin)
}

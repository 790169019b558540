//! Given the name of an element, how does it stand to the text in it and around it?

/// Elements whose text is not shown, or is not running text. That of `ASIDE` is noted beside the text around it.
pub const SKIPPED: [&str; 16] = [
    "script", "style", "noscript", "template", "svg", "math", "iframe", "canvas", "audio", "video", "select",
    "textarea", "datalist", "noframes", "map", "xmp",
];
/// What a form offers or asks for, and what is shown where no scripts run.
pub const ASIDE: [&str; 3] = ["noscript", "select", "textarea"];
/// Elements that mark words inside a block. Their end tags close no block.
pub const INLINE: [&str; 26] = [
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd", "mark", "q",
    "s", "small", "span", "strong", "sub", "sup", "time", "u", "var",
];
pub const VOID: [&str; 14] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];

pub fn is_block(name: &str) -> bool {
    let is_named = matches!(
        name,
        "address"
            | "article"
            | "blockquote"
            | "body"
            | "caption"
            | "center"
            | "dd"
            | "details"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "header"
            | "hgroup"
            | "hr"
            | "html"
            | "legend"
            | "li"
            | "main"
            | "ol"
            | "p"
            | "pre"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "ul"
    );
    is_named || heading_level(name).is_some()
}

pub fn heading_level(name: &str) -> Option<u8> {
    match name.as_bytes() {
        [b'h', level @ b'1'..=b'6'] => Some(level - b'0'),
        _ => None,
    }
}

/// Lays out a page when it stands in a cell; a row of data holds words only.
pub fn breaks_row(name: &str) -> bool {
    matches!(name, "p" | "div" | "ul" | "ol" | "table") || heading_level(name).is_some()
}

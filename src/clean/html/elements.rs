//! Divides HTML elements into kinds: block, inline, void, and those without running text.

use html5ever::Attribute;

/// Elements whose text is not shown, or is not running text.
pub const SKIPPED: [&str; 16] = [
    "script", "style", "noscript", "template", "svg", "math", "iframe", "canvas", "audio", "video", "select",
    "textarea", "datalist", "noframes", "map", "xmp",
];
/// The elements of `SKIPPED` whose text becomes separate blocks: the options or text of form fields, and what is shown
/// where scripts don't run or frames are not supported.
pub const SEPARATE: [&str; 4] = ["noframes", "noscript", "select", "textarea"];
/// Elements within a block. Their end tags don't close a block.
pub const INLINE: [&str; 26] = [
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd", "mark", "q",
    "s", "small", "span", "strong", "sub", "sup", "time", "u", "var",
];
/// Elements without an end tag.
pub const VOID: [&str; 14] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];

pub fn is_block(name: &str) -> bool {
    let is_named = matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "caption"
            | "center"
            | "dd"
            | "details"
            | "dialog"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
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

/// The level of `h1` to `h6`.
pub fn heading_level(name: &str) -> Option<u8> {
    match name.as_bytes() {
        [b'h', level @ b'1'..=b'6'] => Some(level - b'0'),
        _ => None,
    }
}

/// Whether a table row that contains this element is used for layout. The cells of a data row contain only words.
pub fn is_layout_in_row(name: &str) -> bool {
    matches!(name, "p" | "div" | "ul" | "ol" | "table") || heading_level(name).is_some()
}

/// The value of an attribute.
pub fn attribute<'a>(attrs: &'a [Attribute], name: &str) -> Option<&'a str> {
    attrs.iter().find(|attr| &*attr.name.local == name).map(|attr| &*attr.value)
}

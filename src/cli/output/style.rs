//! How does a result look on a terminal?

use std::io::IsTerminal;

/// When to use colors and links.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum When {
    /// On terminals; NO_COLOR and CLICOLOR_FORCE are heeded
    Auto,
    Always,
    Never,
}

/// What may be written to standard output.
#[derive(Clone, Copy)]
pub struct Style {
    pub color: bool,
    pub links: bool,
    /// Columns to wrap at; none when the output is no terminal.
    pub width: Option<usize>,
}

/// Of bold, colours and all else.
const END: &str = "\x1b[0m";

impl Style {
    pub fn of_stdout(when: When) -> Style {
        let stdout = std::io::stdout();
        let color = match when {
            When::Always => true,
            When::Never => false,
            When::Auto => anstream::AutoStream::choice(&stdout) != anstream::ColorChoice::Never,
        };
        let is_terminal = stdout.is_terminal();
        Style {
            color,
            links: color && is_terminal && supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout),
            width: is_terminal.then(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))).flatten(),
        }
    }

    pub fn bold(&self, text: &str) -> String {
        // The end of a mark ends all.
        self.paint("1", &text.replace(END, &format!("{END}\x1b[1m")))
    }

    pub fn dim(&self, text: &str) -> String {
        self.paint("2", text)
    }

    /// Black on yellow would hide the word from some; bold red is what grep uses.
    pub fn mark(&self, text: &str) -> String {
        self.paint("1;31", text)
    }

    pub fn path(&self, text: &str) -> String {
        self.paint("35", text)
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.color && !text.is_empty() { format!("\x1b[{code}m{text}{END}") } else { text.to_string() }
    }

    /// An OSC 8 link, where the terminal has them.
    pub fn link(&self, target: &str, text: &str) -> String {
        if self.links { format!("\x1b]8;;{target}\x1b\\{text}\x1b]8;;\x1b\\") } else { text.to_string() }
    }

    /// `text` with its byte ranges `marks` highlighted, wrapped to the terminal with `indent` before each line.
    pub fn marked(&self, text: &str, marks: &[(usize, usize)], indent: &str) -> String {
        let text = printable(text);
        let room = self.width.map_or(usize::MAX, |width| width.saturating_sub(indent.len()).max(20));
        let mut shown = indent.to_string();
        let mut column = 0;
        let mut offset = 0;
        // What isn't wrapped is all one word.
        for word in text.split_inclusive(|c| c == ' ' && self.width.is_some()) {
            let length = word.trim_end().chars().count();
            if column > 0 && column + length > room {
                shown.truncate(shown.trim_end().len());
                shown.push('\n');
                shown.push_str(indent);
                column = 0;
            }
            let mut at = offset;
            let end = offset + word.len();
            for &(from, to) in marks.iter().filter(|(from, to)| *from < end && *to > offset) {
                let (from, to) = (from.max(offset), to.min(end));
                shown.push_str(&text[at..from]);
                shown.push_str(&self.mark(&text[from..to]));
                at = to;
            }
            shown.push_str(&text[at..end]);
            column += word.chars().count();
            offset = end;
        }
        shown
    }
}

/// Control characters of a scraped page must not reach the terminal. One byte for one byte, so that offsets
/// stay.
pub fn printable(text: &str) -> std::borrow::Cow<'_, str> {
    // U+0080 to U+009F begin with 0xc2, as few other chars do.
    let may_have = text.bytes().any(|byte| byte < b' ' || matches!(byte, 0x7f | 0xc2));
    if may_have && text.chars().any(is_control) {
        text.chars()
            .flat_map(|c| {
                let blanks = if is_control(c) { c.len_utf8() } else { 0 };
                std::iter::repeat_n(' ', blanks).chain((blanks == 0).then_some(c))
            })
            .collect::<String>()
            .into()
    } else {
        text.into()
    }
}

fn is_control(c: char) -> bool {
    c.is_control()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_survive_wrapping_and_control_characters_do_not() {
        let style = Style { color: true, links: false, width: Some(24) };
        assert_eq!(
            style.marked("barn og unge i kommunen", &[(8, 12)], "  "),
            "  barn og \x1b[1;31munge\x1b[0m i\n  kommunen"
        );
        assert_eq!(style.bold(&style.mark("om")), "\x1b[1m\x1b[1;31mom\x1b[0m\x1b[1m\x1b[0m");
        assert_eq!(printable("a\x1b[31mb\u{85}c"), "a [31mb  c");
    }
}

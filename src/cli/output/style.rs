//! Terminal styles: ANSI colors, OSC 8 hyperlinks, and wrapping of highlighted text.

use std::io::IsTerminal;

/// When to use colors and links.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum When {
    /// On terminals; honors NO_COLOR and CLICOLOR_FORCE
    Auto,
    Always,
    Never,
}

/// The styles that standard output supports.
#[derive(Clone, Copy)]
pub struct Style {
    pub color: bool,
    pub links: bool,
    /// Columns to wrap at. `None` if the output is not a terminal.
    pub width: Option<usize>,
}

/// Resets all attributes.
const RESET: &str = "\x1b[0m";

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
        // The reset after a mark would also end the bold text.
        self.paint("1", &text.replace(RESET, &format!("{RESET}\x1b[1m")))
    }

    pub fn dim(&self, text: &str) -> String {
        self.paint("2", text)
    }

    /// Bold red, like grep: some readers could not make out black on yellow.
    pub fn mark(&self, text: &str) -> String {
        self.paint("1;31", text)
    }

    pub fn path(&self, text: &str) -> String {
        self.paint("35", text)
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.color && !text.is_empty() { format!("\x1b[{code}m{text}{RESET}") } else { text.to_string() }
    }

    /// An OSC 8 hyperlink, if the terminal supports it.
    pub fn link(&self, target: &str, text: &str) -> String {
        if self.links { format!("\x1b]8;;{target}\x1b\\{text}\x1b]8;;\x1b\\") } else { text.to_string() }
    }

    /// Highlights the byte ranges `marks` of `text`, and wraps it to the width of the terminal, with `indent` before
    /// each line.
    pub fn marked(&self, text: &str, marks: &[(usize, usize)], indent: &str) -> String {
        let text = printable(text);
        let max_columns = self.width.map_or(usize::MAX, |width| width.saturating_sub(indent.len()).max(20));
        let mut shown = indent.to_string();
        let mut column = 0;
        let mut offset = 0;
        // Without wrapping, the text is a single word.
        for word in text.split_inclusive(|c| c == ' ' && self.width.is_some()) {
            let length = word.trim_end().chars().count();
            if column > 0 && column + length > max_columns {
                shown.truncate(shown.trim_end().len());
                shown.push('\n');
                shown.push_str(indent);
                column = 0;
            }
            let mut position = offset;
            let end = offset + word.len();
            for &(from, to) in marks.iter().filter(|(from, to)| *from < end && *to > offset) {
                let (from, to) = (from.max(offset), to.min(end));
                shown.push_str(&text[position..from]);
                shown.push_str(&self.mark(&text[from..to]));
                position = to;
            }
            shown.push_str(&text[position..end]);
            column += word.chars().count();
            offset = end;
        }
        shown
    }
}

/// Replaces control characters with blanks, so that a page can't send escape sequences to the terminal. Each byte
/// becomes one blank, so that byte offsets stay valid.
pub fn printable(text: &str) -> std::borrow::Cow<'_, str> {
    // A cheap test first: the control characters U+0080 to U+009F begin with 0xc2, as few other characters do.
    let may_contain = text.bytes().any(|byte| byte < b' ' || matches!(byte, 0x7f | 0xc2));
    if may_contain && text.chars().any(char::is_control) {
        text.chars()
            .flat_map(|c| {
                let blanks = if c.is_control() { c.len_utf8() } else { 0 };
                std::iter::repeat_n(' ', blanks).chain((blanks == 0).then_some(c))
            })
            .collect::<String>()
            .into()
    } else {
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_marks_when_wrapping_and_removes_control_characters() {
        let style = Style { color: true, links: false, width: Some(24) };
        assert_eq!(
            style.marked("barn og unge i kommunen", &[(8, 12)], "  "),
            "  barn og \x1b[1;31munge\x1b[0m i\n  kommunen"
        );
        assert_eq!(style.bold(&style.mark("om")), "\x1b[1m\x1b[1;31mom\x1b[0m\x1b[1m\x1b[0m");
        assert_eq!(printable("a\x1b[31mb\u{85}c"), "a [31mb  c");
    }
}

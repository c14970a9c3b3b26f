//! Colour, where it is wanted, and lines no longer than the terminal is wide.

use comfy_table::Color;

/// What a piece of text says by its colour. Nothing is said by colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As the terminal has it.
    Normal,
    /// A heading.
    Strong,
    /// Less important than the rest.
    Quiet,
    /// As it should be.
    Good,
    /// Not known, or to be read with care.
    Doubtful,
    /// Not as it should be.
    Bad,
}

impl Tone {
    /// The colour in a table.
    pub(super) fn color(self) -> Option<Color> {
        match self {
            Self::Normal | Self::Strong => None,
            Self::Quiet => Some(Color::DarkGrey),
            Self::Good => Some(Color::Green),
            Self::Doubtful => Some(Color::Yellow),
            Self::Bad => Some(Color::Red),
        }
    }
}

/// Whether to colour.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint(pub(super) bool);

impl Paint {
    /// `text` in a tone (ECMA-48, §8.3.117).
    pub(super) fn text(self, tone: Tone, text: &str) -> String {
        let code = match tone {
            Tone::Normal => return text.to_owned(),
            Tone::Strong => "1",
            Tone::Quiet => "90",
            Tone::Good => "32",
            Tone::Doubtful => "33",
            Tone::Bad => "31",
        };
        if self.0 {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

/// `text` in lines of at most `columns` characters, broken at spaces; every line but the first is
/// indented. A single word that is too long stays whole, so that it can be copied.
pub(super) fn wrapped(text: &str, indent: usize, columns: Option<u16>) -> Vec<String> {
    let Some(columns) = columns.map(usize::from) else {
        return vec![text.to_owned()];
    };
    let indent = indent.min(columns / 2);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut is_blank = true;
    for word in text.split_inclusive(' ') {
        let needed = line.chars().count() + word.trim_end().chars().count();
        if needed > columns && !is_blank {
            lines.push(line.trim_end().to_owned());
            line = " ".repeat(indent);
            is_blank = true;
        }
        line.push_str(word);
        is_blank = is_blank && word.trim().is_empty();
    }
    lines.push(line.trim_end().to_owned());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces_and_keep_their_indent() {
        assert_eq!(
            wrapped("one two three four", 2, Some(9)),
            ["one two", "  three", "  four"]
        );
        assert_eq!(wrapped("  one two", 4, Some(5)), ["  one", "  two"]);
        assert_eq!(
            wrapped("a unbreakable b", 0, Some(5)),
            ["a", "unbreakable", "b"]
        );
        assert_eq!(wrapped("one two", 2, None), ["one two"]);
    }
}

//! A result as lines and tables, made once for the terminal and for a pull request.
//!
//! Every text that goes in is made safe to print, wherever it came from.

use crate::plain::plain;
use crate::summary::markdown::{Table, escape};
pub use crate::terminal::paint::Tone;
use crate::terminal::{self, Style};

/// Lines and tables, in order.
#[derive(Debug, Clone, Default)]
pub struct Page {
    pub(crate) blocks: Vec<Block>,
}

/// A part of a page.
#[derive(Debug, Clone)]
pub(crate) enum Block {
    /// A sentence.
    Line(Tone, String),
    /// A sentence with a word before it.
    Labelled(Tone, String, String),
    /// A table.
    Table(Sheet),
    /// Room.
    Gap,
}

impl Page {
    /// Adds a sentence.
    pub fn line(&mut self, tone: Tone, text: &str) {
        self.blocks.push(Block::Line(tone, plain(text)));
    }

    /// Adds a sentence with a word before it, which is in the tone.
    pub fn labelled(&mut self, tone: Tone, label: &str, text: &str) {
        let (label, text) = (plain(label), plain(text));
        self.blocks.push(Block::Labelled(tone, label, text));
    }

    /// Adds a table; nothing if it has no row.
    pub fn table(&mut self, sheet: Sheet) {
        if !sheet.rows.is_empty() {
            self.blocks.push(Block::Table(sheet));
        }
    }

    /// Leaves room before what comes next.
    pub fn gap(&mut self) {
        self.blocks.push(Block::Gap);
    }

    /// The page for a terminal.
    pub fn terminal(&self, style: Style) -> String {
        terminal::page(self, style)
    }

    /// The page in Markdown (GitHub Flavored).
    pub fn markdown(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        let mut is_first = true;
        for block in &self.blocks {
            parts.push(match block {
                Block::Gap => continue,
                Block::Line(Tone::Strong, text) if is_first => format!("## {}", escape(text)),
                Block::Line(Tone::Strong, text) => format!("**{}**", escape(text)),
                Block::Line(_, text) => escape(text),
                Block::Labelled(_, label, text) => {
                    format!("**{}** {}", escape(label.trim()), escape(text))
                }
                Block::Table(sheet) => sheet.markdown(),
            });
            is_first = false;
        }
        format!("{}\n", parts.join("\n\n"))
    }
}

/// A table: names at the left, figures at the right.
#[derive(Debug, Clone)]
pub struct Sheet {
    pub(crate) headings: Vec<String>,
    /// From which column on there are figures.
    pub(crate) figures: usize,
    pub(crate) rows: Vec<Vec<(Tone, String)>>,
}

impl Sheet {
    /// An empty table. Columns from `figures` on are aligned to the right.
    pub fn new(headings: &[&str], figures: usize) -> Self {
        Self {
            headings: headings.iter().map(|heading| plain(heading)).collect(),
            figures,
            rows: Vec::new(),
        }
    }

    /// Adds a row with a cell for each heading.
    pub fn row(&mut self, cells: impl IntoIterator<Item = (Tone, String)>) {
        let cells = cells.into_iter().map(|(tone, text)| (tone, plain(&text)));
        let mut cells: Vec<_> = cells.take(self.headings.len()).collect();
        cells.resize(self.headings.len(), (Tone::Normal, String::new()));
        self.rows.push(cells);
    }

    fn markdown(&self) -> String {
        let headings: Vec<&str> = self.headings.iter().map(String::as_str).collect();
        let mut table = Table::new(&headings, self.figures);
        for row in &self.rows {
            let cells: Vec<String> = row.iter().map(|(_, text)| text.clone()).collect();
            table.row(&cells);
        }
        table.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Page {
        let mut page = Page::default();
        page.line(Tone::Strong, "a *result*");
        page.gap();
        let mut sheet = Sheet::new(&["what", "p99"], 1);
        sheet.row([
            (Tone::Normal, "a|b\u{1b}[31m".to_owned()),
            (Tone::Bad, "∞".to_owned()),
        ]);
        sheet.row([(Tone::Normal, "c".to_owned())]);
        page.table(sheet);
        page.table(Sheet::new(&["nothing"], 1));
        page.labelled(Tone::Doubtful, "note", "one\ntwo");
        page
    }

    #[test]
    fn a_page_is_the_same_on_a_terminal_and_in_a_pull_request() {
        assert_eq!(
            page().markdown(),
            "## a \\*result\\*\n\n\
             | what | p99 |\n| --- | ---: |\n| a\\|b\\\\u{1b}\\[31m | ∞ |\n| c |  |\n\n\
             **note** one\\\\ntwo\n"
        );
        let text = page().terminal(Style::default());
        assert!(!text.contains('\u{1b}'), "{text}");
        assert_eq!(text.lines().count(), 7, "{text}");
    }

    #[test]
    fn colour_is_added_and_nothing_else() {
        let style = Style {
            color: true,
            columns: None,
        };
        let text = page().terminal(style);
        assert!(text.contains("\u{1b}[1ma *result*\u{1b}[0m"), "{text}");
    }
}

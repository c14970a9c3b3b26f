//! The rows as a table, for a terminal or for a page.

use crate::row::{HEAD, Row};
use comfy_table::{Table, presets};

/// How the table is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// On a terminal.
    Terminal,
    /// As Markdown.
    Markdown,
}

/// The rows as a table.
pub(crate) fn render(rows: &[Row], style: Style) -> String {
    let mut table = Table::new();
    table
        .load_style(match style {
            Style::Terminal => presets::UTF8_HORIZONTAL_ONLY,
            Style::Markdown => presets::ASCII_MARKDOWN,
        })
        .set_header(HEAD);
    for row in rows {
        // No cell may end a cell of Markdown.
        table.add_row(
            row.cells()
                .map(|cell| cell.replace('|', "/").replace('\n', " ")),
        );
    }
    table.to_string()
}

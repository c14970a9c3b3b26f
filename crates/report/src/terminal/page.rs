//! Pages of lines and tables.

use comfy_table::{CellAlignment, ColumnConstraint};

use super::figures::{cell, empty_table, put};
use super::paint::{Paint, Tone};
use super::{Style, Text};
use crate::page::{Block, Page, Sheet};

/// A page as it is printed.
pub(crate) fn page(page: &Page, style: Style) -> String {
    let mut text = Text {
        paint: Paint(style.color),
        columns: style.columns,
        lines: String::new(),
    };
    for block in &page.blocks {
        match block {
            Block::Gap => text.gap(),
            Block::Line(of, line) => text.line(*of, 2, line),
            Block::Labelled(of, label, line) => text.labelled(*of, label, line),
            Block::Table(sheet) => table(&mut text, sheet),
        }
    }
    text.lines
}

fn table(text: &mut Text, sheet: &Sheet) {
    let mut table = empty_table(text);
    let headings = sheet.headings.iter();
    table.set_header(headings.map(|heading| cell(heading, Tone::Quiet)));
    for row in &sheet.rows {
        table.add_row(row.iter().map(|(of, content)| cell(content, *of)));
    }
    for column in table.column_iter_mut().skip(sheet.figures) {
        column.set_cell_alignment(CellAlignment::Right);
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    put(text, table);
}

//! The table of counts and response times.

use comfy_table::{
    Cell, CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle,
};

use super::Text;
use super::paint::Tone;
use crate::document::{Model, Test};
use crate::quantity::count;
use crate::rows::{CountColumn, FIGURES, Level, MOST_ROWS, Row, count_columns, rows, worst};
use crate::wording::{self, figure, footnotes, model_caveat};

/// Columns, each on its own line under the headings.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─'));

pub(super) fn write(text: &mut Text, test: &Test) {
    text.gap();
    if let Some(caveat) = model_caveat(test) {
        text.line(Tone::Doubtful, 2, &caveat);
    }
    let (rows, left_out) = worst(rows(test), MOST_ROWS);
    let counts = count_columns(&rows);
    let corner = match test.model {
        Model::Open => "",
        Model::Closed => "CLOSED model",
    };
    let whole = table(text, corner, &rows, &counts, &FIGURES);
    if text.columns.is_none_or(|columns| width(&whole) <= columns) {
        put(text, whole);
    } else {
        put(text, table(text, corner, &rows, &counts, &[]));
        text.gap();
        put(text, table(text, corner, &rows, &[], &FIGURES));
    }
    for note in left_out.into_iter().chain(footnotes(&rows)) {
        text.line(Tone::Quiet, 3, &note);
    }
}

/// The figures of each stage, of a load that has several.
pub(super) fn stages(text: &mut Text, test: &Test) {
    if test.stages.is_empty() {
        return;
    }
    text.gap();
    let mut table = empty_table(text);
    let headings = ["stage", "intended", "ok"].into_iter().chain(FIGURES);
    table.set_header(headings.map(|heading| cell(heading, Tone::Quiet)));
    for (at, stage) in test.stages.iter().enumerate() {
        let counts = [stage.totals.intended, stage.totals.ok].map(count);
        let times = FIGURES.map(|name| figure(&stage.response, name));
        let cells = std::iter::once(wording::stage(test, at, stage))
            .chain(counts)
            .chain(times);
        table.add_row(cells.map(|content| cell(&content, Tone::Normal)));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    put(text, table);
}

/// An empty table in the report's style.
pub(super) fn empty_table(text: &Text) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).force_no_tty();
    table.set_content_arrangement(ContentArrangement::Dynamic);
    if text.paint.0 {
        table.enforce_styling();
    }
    table
}

/// A cell in a tone.
pub(super) fn cell(content: &str, tone: Tone) -> Cell {
    let cell = Cell::new(content);
    match tone.color() {
        Some(color) => cell.fg(color),
        None => cell,
    }
}

/// Appends a table. Names are broken where there is no room for them; where there is not even
/// that, the terminal has to break lines.
pub(super) fn put(text: &mut Text, mut table: Table) {
    const SHORTEST_NAME: u16 = 10;
    let names = table
        .column_iter()
        .filter(|column| column.constraint().is_none())
        .map(|column| column.index);
    let widths = table.column_max_content_widths();
    let least = names.fold(width(&table), |least, name| {
        least - widths[name].saturating_sub(SHORTEST_NAME)
    });
    if let Some(columns) = text.columns.filter(|columns| *columns >= least) {
        table.set_width(columns);
    }
    for line in table.trim_fmt().lines() {
        text.raw(line);
    }
}

/// How wide a table is if no cell is broken: a column has a blank on either side.
fn width(table: &Table) -> u16 {
    let widths = table.column_max_content_widths();
    widths.iter().map(|width| width.saturating_add(2)).sum()
}

fn table(
    text: &Text,
    corner: &str,
    rows: &[Row<'_>],
    counts: &[CountColumn],
    times: &[&str],
) -> Table {
    let mut table = empty_table(text);
    let headings = std::iter::once(corner)
        .chain(counts.iter().map(|column| column.0))
        .chain(times.iter().copied());
    table.set_header(headings.map(|heading| cell(heading, Tone::Quiet)));
    for row in rows {
        table.add_row(headline_cells(row, counts, times));
        if !times.is_empty() && row.has_other_successes() {
            let indent = if row.level == Level::Step { "  " } else { "" };
            let blanks = counts.iter().map(|_| Cell::new(""));
            let figures = times
                .iter()
                .map(|name| cell(&figure(row.response_ok, name), Tone::Quiet));
            let label = cell(&format!("{indent}  ok only"), Tone::Quiet);
            table.add_row(std::iter::once(label).chain(blanks).chain(figures));
        }
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    table
}

fn headline_cells(row: &Row<'_>, counts: &[CountColumn], times: &[&str]) -> Vec<Cell> {
    let name = match row.level {
        Level::Step => format!("  {}", row.name),
        Level::Journey => format!("{} (journeys)", row.name),
        Level::Only | Level::All => row.name.clone(),
    };
    let mut cells = vec![cell(&name, Tone::Normal)];
    for (heading, read) in counts {
        let number = read(row.totals);
        let tone = match *heading {
            "intended" | "ok" => Tone::Normal,
            _ if number > 0 => Tone::Bad,
            _ => Tone::Quiet,
        };
        cells.push(cell(&count(number), tone));
    }
    for name in times {
        let tone = if row.response.is_infinite(name) {
            Tone::Bad
        } else if row.response.has_too_few_for(name) {
            Tone::Doubtful
        } else {
            Tone::Normal
        };
        cells.push(cell(&figure(row.response, name), tone));
    }
    cells
}

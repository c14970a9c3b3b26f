//! `plimsoll history`: runs kept in one file, and how their figures went.

mod add;
#[cfg(test)]
mod fixture;
mod gate;
mod kept;
mod prune;
mod trend;
mod trend_page;

use crate::args::Output;
use crate::args::history::{History as Arguments, HistoryCommand};
use crate::failure::Failure;
use crate::terminal;
use plimsoll_history::{HistoryError, Metric, Unit, Value};
use plimsoll_report::page::Page;
use plimsoll_report::quantity;
use serde::Serialize;

/// Does it.
pub(crate) fn history(arguments: &Arguments, output: &Output) -> Result<u8, Failure> {
    let file = &arguments.file;
    match &arguments.command {
        HistoryCommand::Add(add) => add::add(file, add, output),
        HistoryCommand::List(list) => kept::list(file, list, output),
        HistoryCommand::Show(show) => kept::show(file, show, output),
        HistoryCommand::Trend(trend) => return trend::trend(file, trend, output),
        HistoryCommand::Prune(prune) => prune::prune(file, prune, output),
    }?;
    Ok(0)
}

impl From<HistoryError> for Failure {
    /// Whatever is wrong with the file can be mended by whoever named it.
    fn from(error: HistoryError) -> Self {
        Self::Usage(error.to_string())
    }
}

/// Prints a page, or with `--json` the document.
fn show(page: &Page, document: &impl Serialize, output: &Output) -> Result<(), Failure> {
    terminal::print(&terminal::page_or_json(page, document, output)?);
    Ok(())
}

/// A figure for people.
fn figure(metric: Metric, value: Value) -> String {
    match (value, metric.unit()) {
        (Value::Infinite, _) => "∞".to_owned(),
        (Value::Finite(value), Unit::Nanoseconds) => quantity::duration(value.max(0.0) as u64),
        (Value::Finite(value), Unit::Share) => quantity::share(value),
        (Value::Finite(value), Unit::PerSecond) => quantity::rate(value),
    }
}

//! What is printed and needs no run: schemas and completion scripts.

use crate::args::{Arguments, Completions, Format, Schema};
use crate::failure::Failure;
use crate::terminal;
use clap::CommandFactory;

/// `plimsoll schema`
pub(crate) fn schema(schema: &Schema) -> Result<u8, Failure> {
    let document = match schema.format {
        Format::Scenario => plimsoll_scenario::schema(),
        Format::Plan => plimsoll_scenario::plan_schema(),
    };
    terminal::print(&format!("{document:#}\n"));
    Ok(0)
}

/// `plimsoll completions`
pub(crate) fn completions(completions: &Completions) -> Result<u8, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(
        completions.shell,
        &mut Arguments::command(),
        "plimsoll",
        &mut script,
    );
    terminal::print(&String::from_utf8_lossy(&script));
    Ok(0)
}

//! `report.html`: the page for the meeting, then the charts, then everything there is.
//!
//! One file that asks nothing of any network: its policy (CSP, Level 3) allows nothing but the two
//! scripts it holds, by their digest, and its own style. Everything that comes from the run is
//! escaped by the template, or is JSON in which no tag can be closed.

mod capacity;
mod chart;
mod decision;
mod detail;
mod table;
mod test;
mod words;

use std::io;

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::document::Run;
use crate::plain::plain_run;
use capacity::CapacitySection;
use decision::Decision;
use table::Table;
use test::TestSection;

const CHARTS_SCRIPT: &str = include_str!("../assets/uPlot.iife.min.js");
const CHARTS_STYLE: &str = include_str!("../assets/uPlot.min.css");
const SCRIPT: &str = include_str!("../assets/report.js");
const STYLE: &str = include_str!("../assets/report.css");

/// Writes the report of a run.
///
/// # Errors
///
/// Whatever `out` answers.
pub fn render(run: &Run, out: &mut impl io::Write) -> io::Result<()> {
    let run = plain_run(run)?;
    let page = Page {
        policy: policy(),
        charts_script: CHARTS_SCRIPT,
        charts_style: CHARTS_STYLE,
        script: SCRIPT,
        style: STYLE,
        data: embedded(&chart::data(&run))?,
        decision: Decision::of(&run),
        capacity: CapacitySection::of(&run),
        tests: run
            .tests
            .iter()
            .enumerate()
            .map(|(at, test)| TestSection::of(&run, at, test))
            .collect(),
        tables: detail::tables(&run),
        examples: detail::examples(&run),
        command: detail::command(&run),
        origin: detail::origin(&run),
        notices: detail::notices(&run),
    };
    page.write_into(out).map_err(io::Error::other)
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    policy: String,
    charts_script: &'a str,
    charts_style: &'a str,
    script: &'a str,
    style: &'a str,
    data: String,
    decision: Decision,
    capacity: Option<CapacitySection>,
    tests: Vec<TestSection>,
    tables: Vec<Table>,
    examples: Vec<detail::Shown>,
    command: String,
    origin: String,
    notices: Vec<String>,
}

/// Nothing but the scripts of this page, its style, and what it draws.
fn policy() -> String {
    let digest = |script: &str| STANDARD.encode(Sha256::digest(script.as_bytes()));
    format!(
        "default-src 'none'; script-src 'sha256-{}' 'sha256-{}'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'",
        digest(CHARTS_SCRIPT),
        digest(SCRIPT)
    )
}

/// JSON in which no tag can begin or end (HTML, §4.12.1.3).
fn embedded(data: &impl serde::Serialize) -> serde_json::Result<String> {
    let json = serde_json::to_string(data)?;
    Ok(json
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026"))
}

#[cfg(test)]
mod tests;

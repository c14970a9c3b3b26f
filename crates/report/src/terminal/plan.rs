//! The report of a run with a plan: the answer first.

use comfy_table::{CellAlignment, ColumnConstraint, Table};

use super::figures::{cell, empty_table, put};
use super::paint::Tone;
use super::{Text, failed, verdict};
use crate::document::{Item, ItemState, Plan, Run};
use crate::quantity::{plural, rate, share, span};
use crate::{meeting, wording};

/// Items that are shown; the rest is counted.
const MOST_ITEMS: usize = 30;

pub(super) fn write(text: &mut Text, run: &Run, plan: &Plan) {
    verdict::answer(text, run);
    text.gap();
    let release = wording::release(plan);
    let line = release.into_iter().chain([wording::promised_load(plan)]);
    text.labelled(
        Tone::Strong,
        &plan.name,
        &line.collect::<Vec<_>>().join(" · "),
    );
    if let Some(identity) = &run.identity {
        text.labelled(Tone::Quiet, "identity", &identity.sentence);
    }
    tiers(text, run);
    findings(text, run);
    items(text, run);
    unknowns(text, run);
    waivers(text, plan);
    tests(text, run);
    for test in &run.tests {
        failed(text, test);
    }
    if let Some(capacity) = &run.capacity {
        text.gap();
        text.page(&crate::capacity::shown(capacity));
    }
    text.gap();
    verdict::standing(text, run);
}

fn tiers(text: &mut Text, run: &Run) {
    let counts = meeting::counts(run);
    let used = meeting::used_states(&counts);
    text.gap();
    let mut table = empty_table(text);
    let headings = std::iter::once("").chain(used.iter().map(|at| meeting::STATES[*at].0));
    table.set_header(headings.map(|heading| cell(heading, Tone::Quiet)));
    for (tier, of) in &counts {
        let numbers = used
            .iter()
            .map(|at| match (of[*at], meeting::STATES[*at].0) {
                (0, _) => cell(wording::NONE, Tone::Quiet),
                (some, "pass") => cell(&some.to_string(), Tone::Good),
                (some, "fail") => cell(&some.to_string(), Tone::Bad),
                (some, _) => cell(&some.to_string(), Tone::Doubtful),
            });
        let name = cell(wording::tier(*tier), Tone::Normal);
        table.add_row(std::iter::once(name).chain(numbers));
    }
    numbers_to_the_right(&mut table);
    put(text, table);
}

fn numbers_to_the_right(table: &mut Table) {
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
}

/// How the system degrades and recovers.
fn findings(text: &mut Text, run: &Run) {
    let mut all = run
        .tests
        .iter()
        .flat_map(|test| test.findings.iter().map(move |finding| (test, finding)))
        .peekable();
    if all.peek().is_some() {
        text.gap();
    }
    for (test, finding) in all {
        text.labelled(Tone::Strong, &test.name, &finding.sentence);
    }
}

fn items(text: &mut Text, run: &Run) {
    let open = meeting::by_badness(run);
    let is_open = |item: &&Item| item.state != ItemState::Pass || item.marginal;
    let open: Vec<_> = open.into_iter().filter(is_open).collect();
    let (shown, rest) = open.split_at(open.len().min(MOST_ITEMS));
    verdict::thresholds(text, shown);
    if !rest.is_empty() {
        let line = format!("and {} that did not pass", plural(rest.len(), "more item"));
        text.line(Tone::Doubtful, 2, &line);
    }
}

fn unknowns(text: &mut Text, run: &Run) {
    let unknowns = meeting::unknowns(run);
    if unknowns.is_empty() {
        return;
    }
    text.gap();
    let head = match meeting::needed_ns(&unknowns) {
        0 => "What we do not know".to_owned(),
        ns => format!("What we do not know, and finding out takes {}", span(ns)),
    };
    text.line(Tone::Strong, 0, &head);
    for unknown in &unknowns {
        text.line(
            Tone::Doubtful,
            4,
            &format!("  {}", wording::unknown(unknown)),
        );
    }
}

fn waivers(text: &mut Text, plan: &Plan) {
    if !plan.waivers.is_empty() || !plan.risks.is_empty() {
        text.gap();
    }
    for waiver in &plan.waivers {
        let tone = if waiver.applied {
            Tone::Doubtful
        } else {
            Tone::Bad
        };
        let line = format!("{} {}", waiver.item, waiver.sentence);
        text.labelled(tone, "waiver", &line);
    }
    for risk in &plan.risks {
        let tone = match risk.proven {
            Some(true) => Tone::Good,
            Some(false) => Tone::Bad,
            None => Tone::Doubtful,
        };
        text.labelled(tone, "risk  ", &wording::risk(risk));
    }
}

/// A line a test.
fn tests(text: &mut Text, run: &Run) {
    if run.tests.is_empty() {
        return;
    }
    text.gap();
    let mut table = empty_table(text);
    let headings = [
        "test",
        "load",
        "length",
        "offered",
        "good requests",
        "not ok",
        "p95",
        "p99",
    ];
    table.set_header(headings.map(|heading| cell(heading, Tone::Quiet)));
    let or_none = |value: Option<f64>| value.map_or_else(|| wording::NONE.to_owned(), rate);
    for test in &run.tests {
        let bad = test.totals.intended.saturating_sub(test.totals.ok);
        let tone = if bad > 0 {
            Tone::Doubtful
        } else {
            Tone::Normal
        };
        let bad = match test.totals.intended {
            0 => wording::NONE.to_owned(),
            all => share(bad as f64 / all as f64),
        };
        table.add_row([
            cell(&test.name, Tone::Normal),
            cell(&or_none(meeting::peak(test)), Tone::Normal),
            cell(&span(test.elapsed_ns), Tone::Normal),
            cell(&or_none(test.offered_rate), Tone::Normal),
            cell(&or_none(test.goodput_rate), Tone::Normal),
            cell(&bad, tone),
            cell(&wording::figure(&test.response, "p95"), Tone::Normal),
            cell(&wording::figure(&test.response, "p99"), Tone::Normal),
        ]);
    }
    numbers_to_the_right(&mut table);
    put(text, table);
}

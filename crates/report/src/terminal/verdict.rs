//! The end of the report: thresholds, validity, ledger, and the answer.

use crate::quantity::plural;
use comfy_table::{Cell, CellAlignment, ColumnConstraint};

use super::figures::{cell, empty_table, put};
use super::paint::Tone;
use super::*;
use crate::document::{Item, ItemState, Outcome, ValidityStatus};

pub(super) fn write(text: &mut Text, run: &Run) {
    let items: Vec<_> = run.items.iter().collect();
    thresholds(text, &items);
    text.gap();
    standing(text, run);
    text.gap();
    answer(text, run);
}

/// Validity, ledger, notices, and an early end.
pub(super) fn standing(text: &mut Text, run: &Run) {
    validity(text, run);
    let balances = run.totals.accounted() == run.totals.intended;
    let tone = if balances { Tone::Good } else { Tone::Bad };
    text.labelled(tone, "ledger  ", &wording::ledger(&run.totals));
    for notice in &run.notices {
        let tone = match notice.level {
            NoticeLevel::Info => Tone::Quiet,
            NoticeLevel::Warn => Tone::Doubtful,
        };
        text.labelled(tone, "note    ", &notice.text);
    }
    if let Some(end) = wording::early_end(run) {
        let label = match run.status {
            Status::Incomplete => "partial ",
            _ => "stopped ",
        };
        text.labelled(Tone::Doubtful, label, &end);
    }
}

/// The answer, and what to do about it.
pub(super) fn answer(text: &mut Text, run: &Run) {
    let tone = match run.verdict.outcome {
        Some(Outcome::Go) => Tone::Good,
        Some(Outcome::NoGo) => Tone::Bad,
        Some(Outcome::Risk | Outcome::Inconclusive | Outcome::Invalid) => Tone::Doubtful,
        None => Tone::Strong,
    };
    text.line(tone, 2, &run.verdict.sentence);
    if let Some(next) = sentence::next_step(run) {
        text.line(Tone::Normal, 2, &next);
    }
}

/// The tone of a state.
pub(super) fn tone(state: ItemState) -> Tone {
    match state {
        ItemState::Pass => Tone::Good,
        ItemState::Fail => Tone::Bad,
        ItemState::Inconclusive | ItemState::Waived | ItemState::NotRun | ItemState::Invalid => {
            Tone::Doubtful
        }
    }
}

pub(super) fn thresholds(text: &mut Text, items: &[&Item]) {
    if items.is_empty() {
        return;
    }
    text.gap();
    let mut table = empty_table(text);
    let headings = ["", "threshold", "of", "observed [95 %]", "n"];
    table.set_header(headings.map(|heading| cell(heading, Tone::Quiet)));
    for item in items {
        let state = format!("{} {}", wording::sign(item.state), wording::state(item));
        table.add_row([
            cell(&state, tone(item.state)),
            Cell::new(&item.expression),
            Cell::new(
                item.id
                    .rsplit_once('/')
                    .map_or(item.id.as_str(), |(of, _)| of),
            ),
            Cell::new(wording::observed_within(item)),
            Cell::new(count(item.n)),
        ]);
    }
    for (number, column) in table.column_iter_mut().enumerate() {
        if number >= 3 {
            column.set_cell_alignment(CellAlignment::Right);
        }
        if !matches!(number, 1 | 2) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    put(text, table);
    for item in items
        .iter()
        .filter(|item| item.state != ItemState::Pass || item.marginal)
    {
        if let Some(remark) = wording::remark(item) {
            let line = format!("{} {}: {remark}", wording::sign(item.state), item.id);
            text.line(tone(item.state), 2, &line);
        }
    }
}

fn validity(text: &mut Text, run: &Run) {
    let tone = |status| match status {
        ValidityStatus::Valid => Tone::Good,
        ValidityStatus::Warn => Tone::Doubtful,
        ValidityStatus::Invalid => Tone::Bad,
    };
    let status = run.validity.status;
    text.labelled(tone(status), "validity", &wording::validity_line(run));
    for (check, tests) in wording::broken_checks(run) {
        let of = match tests.as_slice() {
            [_] if run.tests.len() < 2 => String::new(),
            [one] => format!(" in {one}"),
            [first, others @ ..] => format!(
                " in {first} and {}, at worst",
                plural(others.len(), "other test")
            ),
            [] => String::new(),
        };
        let line = format!(
            "          {}{of}: {}",
            wording::validity(check.status),
            wording::check(check)
        );
        text.line(tone(check.status), 12, &line);
    }
    if let Some(sound) = wording::sound_checks(run) {
        text.line(Tone::Quiet, 10, &format!("          {sound}"));
    }
}

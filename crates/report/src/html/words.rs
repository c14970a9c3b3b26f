//! Words and cells that several parts of the page share.

use super::table::Cell;
use crate::document::{Capacity, Item, ItemState, Latency, Outcome, Run, ValidityStatus};
use crate::wording;

/// The style of a state.
pub(super) fn tone(state: ItemState, marginal: bool) -> &'static str {
    match state {
        ItemState::Pass if marginal => "doubtful",
        ItemState::Pass => "good",
        ItemState::Fail => "bad",
        ItemState::Inconclusive | ItemState::Waived | ItemState::NotRun | ItemState::Invalid => {
            "doubtful"
        }
    }
}

/// The state of an item.
pub(super) fn state(item: &Item) -> Cell {
    let rank = crate::verdict::standing(item.state, item.marginal).severity();
    Cell::new(format!(
        "{} {}",
        wording::sign(item.state),
        wording::state(item)
    ))
    .class(tone(item.state, item.marginal))
    .sorted(rank.to_string())
}

/// A figure of a latency.
pub(super) fn latency(latency: &Latency, name: &str) -> Cell {
    let value = match latency.is_infinite(name) {
        true => Some(f64::MAX),
        false => latency.figure(name).map(|ns| ns as f64),
    };
    Cell::number(wording::figure(latency, name), value)
}

/// A figure that may not be there.
pub(super) fn figure(value: Option<f64>, words: fn(f64) -> String) -> Cell {
    let text = value.map_or_else(|| wording::NONE.to_owned(), words);
    Cell::number(text, value)
}

/// The one word of the answer, what stands under it, and its style.
pub(super) fn answer(run: &Run) -> (String, &'static str, &'static str) {
    if let Some(capacity) = run.capacity.as_ref().filter(|_| run.is_search()) {
        return search(run, capacity);
    }
    let (word, under, style) = verdict(run);
    (word.to_owned(), under, style)
}

/// The answer of a search: how much is borne.
fn search(run: &Run, capacity: &Capacity) -> (String, &'static str, &'static str) {
    let found = crate::capacity::words::sustained(capacity);
    let is_found = found.is_some();
    let word = found.unwrap_or_else(|| "NOT FOUND".to_owned());
    let (under, style) = match (run.verdict.outcome, is_found) {
        _ if !capacity.complete => ("the search did not come to its end", "doubtful"),
        (Some(Outcome::Go | Outcome::Risk), _) => ("is borne", "good"),
        (Some(Outcome::NoGo), true) => ("is borne, less than was promised", "bad"),
        (Some(Outcome::NoGo), false) => ("no rate is borne", "bad"),
        (_, true) => ("is borne, not shown to be what was promised", "doubtful"),
        (Some(Outcome::Invalid), false) => ("the generator was the limit", "doubtful"),
        (_, false) => ("nothing was confirmed", "doubtful"),
    };
    (word, under, style)
}

fn verdict(run: &Run) -> (&'static str, &'static str, &'static str) {
    let is_plan = run.plan.is_some();
    if run
        .plan
        .as_ref()
        .is_some_and(|plan| plan.rehearsal.is_some())
    {
        let style = match run.verdict.outcome {
            Some(Outcome::NoGo) => "bad",
            _ => "doubtful",
        };
        return ("REHEARSAL", "no evidence for a decision", style);
    }
    match run.verdict.outcome {
        Some(Outcome::Go) if crate::verdict::waived(run) > 0 => {
            ("GO", "all but what was let pass was shown to hold", "good")
        }
        Some(Outcome::Go) => ("GO", "everything was shown to hold", "good"),
        Some(Outcome::Risk) => ("GO-WITH-RISK", "if what is listed is accepted", "doubtful"),
        Some(Outcome::NoGo) => ("NO-GO", "a promise was shown not to hold", "bad"),
        Some(Outcome::Inconclusive) if is_plan => ("NO-GO", "evidence is missing", "bad"),
        Some(Outcome::Invalid) if is_plan => ("NO-GO", "the evidence is broken", "bad"),
        Some(Outcome::Inconclusive) => (
            "INCONCLUSIVE",
            "too little evidence for either answer",
            "doubtful",
        ),
        Some(Outcome::Invalid) => ("INVALID", "no pass may rest on this run", "doubtful"),
        None => ("NOT JUDGED", "no threshold was given", "quiet"),
    }
}

/// The style of a validity.
pub(super) fn validity(status: ValidityStatus) -> &'static str {
    match status {
        ValidityStatus::Valid => "good",
        ValidityStatus::Warn => "doubtful",
        ValidityStatus::Invalid => "bad",
    }
}

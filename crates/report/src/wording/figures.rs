//! The words in and under the tables of figures.

use super::NONE;
use crate::document::{Latency, Percentile};
use crate::quantity::{count, duration};
use crate::rows::{FIGURES, Failure, Row};

/// A figure of a latency: `412 ms`, `~412 ms` with too few samples for it, `∞`, or nothing.
pub(crate) fn figure(latency: &Latency, name: &str) -> String {
    if latency.is_infinite(name) {
        return "∞".to_owned();
    }
    match latency.figure(name) {
        Some(ns) if latency.has_too_few_for(name) => format!("~{}", duration(ns)),
        Some(ns) => duration(ns),
        None => NONE.to_owned(),
    }
}

/// Explains the signs that the rows hold, and only those.
pub(crate) fn footnotes(rows: &[Row<'_>]) -> Vec<String> {
    let any = |test: &dyn Fn(&Row<'_>, &str) -> bool| {
        rows.iter()
            .any(|row| FIGURES.iter().any(|name| test(row, name)))
    };
    let mut notes = Vec::new();
    if any(&|row, name| row.response.is_infinite(name)) {
        notes.push("∞  falls among requests that did not succeed, which count as infinitely slow; “ok only” leaves them out".to_owned());
    }
    let is_rough = |row: &Row<'_>, name: &str| {
        let rough = |latency: &Latency| latency.has_too_few_for(name) && !latency.is_infinite(name);
        rough(row.response) || row.has_other_successes() && rough(row.response_ok)
    };
    let needs: Vec<_> = Percentile::ALL
        .iter()
        .filter(|percentile| any(&|row, name| name == percentile.name && is_rough(row, name)))
        .map(|percentile| {
            let needed = count(percentile.minimum_count);
            format!("{} needs {needed}", percentile.label)
        })
        .collect();
    if !needs.is_empty() {
        notes.push(format!("~  rough: too few samples ({})", needs.join(", ")));
    }
    notes
}

/// `180 × status in book/checkout 170, search/home 10`.
pub(crate) fn failure(failure: &Failure<'_>) -> String {
    const MOST_PLACES: usize = 3;
    let places: Vec<_> = match failure.places.as_slice() {
        [(place, _)] => vec![place.clone()],
        places => places
            .iter()
            .take(MOST_PLACES)
            .map(|(place, number)| format!("{place} {}", count(*number)))
            .collect(),
    };
    let more = match failure.places.len().saturating_sub(MOST_PLACES) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "{} × {} in {}{more}",
        count(failure.count),
        failure.kind,
        places.join(", ")
    )
}

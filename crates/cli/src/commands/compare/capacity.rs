//! How much either bears, of two searches for capacity.

use plimsoll_report::document::{Capacity, Run};
use plimsoll_report::page::{Page, Tone};
use plimsoll_report::quantity::rate;
use serde::Serialize;

/// What two searches found.
#[derive(Serialize)]
pub(super) struct Capacities {
    a: Found,
    b: Found,
}

/// What a search found. Rates are journeys per second.
#[derive(Serialize)]
struct Found {
    objectives: Vec<String>,
    sustained_rate: Option<f64>,
    at_least: bool,
    upper_rate: Option<f64>,
}

/// `None` unless both are searches.
pub(super) fn of(a: &Run, b: &Run) -> Option<Capacities> {
    let found = |run: &Run| {
        let capacity = run.capacity.as_ref().filter(|_| run.is_search());
        capacity.map(Found::of)
    };
    Some(Capacities {
        a: found(a)?,
        b: found(b)?,
    })
}

impl Found {
    fn of(capacity: &Capacity) -> Self {
        Self {
            objectives: capacity.objectives.clone(),
            sustained_rate: capacity.sustained_rate,
            at_least: capacity.at_least,
            upper_rate: capacity.upper_rate,
        }
    }

    fn text(&self) -> String {
        let sustained = match (self.sustained_rate, self.at_least) {
            (Some(sustained), false) => rate(sustained),
            (Some(sustained), true) => format!("at least {}", rate(sustained)),
            (None, _) => "nothing that is known".to_owned(),
        };
        match self.upper_rate {
            Some(upper) => format!("{sustained}, and not {}", rate(upper)),
            None => sustained,
        }
    }
}

pub(super) fn show(page: &mut Page, capacities: &Capacities) {
    let Capacities { a, b } = capacities;
    page.gap();
    if a.objectives != b.objectives {
        let (a, b) = (a.objectives.join(", "), b.objectives.join(", "));
        let text = format!("what a rate had to meet: {a} in A, {b} in B");
        page.labelled(Tone::Doubtful, "differs", &text);
    }
    page.labelled(Tone::Strong, "A bears", &a.text());
    page.labelled(Tone::Strong, "B bears", &b.text());
    if let (Some(a), Some(b)) = (a.sustained_rate, b.sustained_rate) {
        let change = ((b / a - 1.0) * 1e3).round() / 10.0 + 0.0;
        page.labelled(Tone::Quiet, "change", &format!("{change:+.1} %"));
    }
}

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
    upper_is_proven: bool,
    refuted_rate: Option<f64>,
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
            upper_is_proven: capacity.upper_is_proven,
            refuted_rate: capacity.too_much(),
        }
    }

    fn text(&self) -> String {
        let sustained = match (self.sustained_rate, self.at_least) {
            (Some(sustained), false) => rate(sustained),
            (Some(sustained), true) => format!("at least {}", rate(sustained)),
            (None, _) => "nothing that is known".to_owned(),
        };
        let open = self.upper_rate.filter(|_| !self.upper_is_proven);
        let open = open.map(|upper| format!(", not shown to bear {}", rate(upper)));
        let refuted = self.refuted_rate;
        let refuted = refuted.map(|refuted| format!(", and not {}", rate(refuted)));
        [Some(sustained), open, refuted]
            .into_iter()
            .flatten()
            .collect()
    }

    /// What is known, and no bound from below.
    fn known(&self) -> Option<f64> {
        self.sustained_rate.filter(|_| !self.at_least)
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
    if let (Some(a), Some(b)) = (a.known(), b.known()) {
        let change = ((b / a - 1.0) * 1e3).round() / 10.0 + 0.0;
        page.labelled(Tone::Quiet, "change", &format!("{change:+.1} %"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(sustained_rate: f64, at_least: bool) -> Found {
        Found {
            objectives: Vec::new(),
            sustained_rate: Some(sustained_rate),
            at_least,
            upper_rate: Some(150.0),
            upper_is_proven: !at_least,
            refuted_rate: Some(150.0).filter(|_| !at_least),
        }
    }

    #[test]
    fn what_was_not_shown_to_be_too_much_is_not_said_to_be() {
        assert_eq!(found(141.0, false).text(), "141/s, and not 150/s");
        assert_eq!(
            found(141.0, true).text(),
            "at least 141/s, not shown to bear 150/s"
        );
        let both = Found {
            refuted_rate: Some(180.0),
            at_least: false,
            ..found(141.0, true)
        };
        assert_eq!(both.text(), "141/s, not shown to bear 150/s, and not 180/s");
    }

    #[test]
    fn a_bound_from_below_has_no_change() {
        let text = |a: Found, b: Found| {
            let mut page = Page::default();
            show(&mut page, &Capacities { a, b });
            format!("{page:?}")
        };
        assert!(text(found(100.0, false), found(125.0, false)).contains("+25.0 %"));
        assert!(!text(found(100.0, false), found(125.0, true)).contains("change"));
        assert!(!text(found(100.0, true), found(125.0, false)).contains("change"));
    }
}

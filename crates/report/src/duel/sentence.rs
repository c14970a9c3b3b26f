//! The answer to a duel in a sentence.

use super::{Duel, Finding, Outcome, Scale, Status};
use crate::quantity::{number, share};
use plimsoll_measure::regression::Looks;

/// The answer and its reason.
pub fn sentence(duel: &Duel) -> String {
    let rounds = count(duel.rounds.valid, "round");
    if duel.status == Status::Interrupted {
        return format!(
            "INTERRUPTED after {rounds}: not judged, because it can go on, and looking in between would make its verdict wrong more often"
        );
    }
    let of = |outcome| {
        let findings = duel.findings.iter();
        findings.filter(move |finding| finding.verdict == outcome)
    };
    // In parts of what is tolerated: percent and percentage points have no order.
    let worst = of(Outcome::Regressed).max_by(|a, b| {
        let size = |finding: &Finding| {
            let tolerated = match finding.scale {
                Scale::Ratio => duel.tolerance,
                Scale::Difference => duel.tolerance_of_shares,
            };
            finding
                .change
                .map_or(f64::INFINITY, |change| change.abs() / tolerated)
        };
        size(a).total_cmp(&size(b))
    });
    let subject = if duel.self_test { "A/A: " } else { "" };
    let outcome = duel.verdict.outcome.unwrap_or(Outcome::Inconclusive);
    let limits = format!(
        "{} (shares: by {} percentage points)",
        share(duel.tolerance),
        number(duel.tolerance_of_shares * 100.0)
    );
    let why = match outcome {
        Outcome::Regressed => {
            let more = match of(Outcome::Regressed).count() {
                0 | 1 => String::new(),
                all => format!(", and {} more", count(all - 1, "figure")),
            };
            let change = worst.and_then(change).unwrap_or_else(|| "worse".to_owned());
            let name = worst.map(Finding::name).unwrap_or_default();
            format!("{name} {change}{more}, over {rounds}")
        }
        Outcome::Improved => {
            let names: Vec<String> = of(Outcome::Improved).map(Finding::name).collect();
            format!(
                "{} better, and nothing worse by {limits}, over {rounds}",
                names.join(", ")
            )
        }
        Outcome::Ok => format!("nothing is worse by {limits}, over {rounds}"),
        Outcome::Inconclusive if duel.rounds.valid < Looks::FEWEST => {
            let verb = if duel.rounds.valid == 1 { "is" } else { "are" };
            format!(
                "{rounds} {verb} too few to judge; {} are the fewest",
                Looks::FEWEST
            )
        }
        Outcome::Inconclusive => format!(
            "{} of {} neither shown to be worse by {limits} nor not to be, over {rounds}",
            of(Outcome::Inconclusive).count(),
            count(duel.findings.len(), "figure"),
        ),
        Outcome::Invalid => format!(
            "{} of {} had to be left out, because the generator or its machine did not keep up; rest the machine, lower the load, or use another generator",
            duel.rounds.dropped,
            count(duel.rounds.dropped + duel.rounds.valid, "round"),
        ),
    };
    let method = match (duel.self_test, outcome) {
        (true, Outcome::Regressed | Outcome::Improved) => {
            "; both are one build, so that what differs is the machine or the order: do not believe duels here"
        }
        (true, Outcome::Ok) => "; duels can be believed here",
        (true, Outcome::Inconclusive) => {
            "; no difference was made up, but rounds scatter too much to exclude one so small: plan more or longer rounds"
        }
        _ => "",
    };
    format!("{subject}{}: {why}{method}", outcome.word())
}

/// A change as people read it.
pub(super) fn change(finding: &Finding) -> Option<String> {
    finding.change.map(|change| amount(finding, change))
}

/// A change in the scale of a finding, with its sign.
pub(super) fn amount(finding: &Finding, change: f64) -> String {
    let percent = change * 100.0;
    // No sign before nothing.
    let rounded = |unit: f64| (percent * unit).round() / unit + 0.0;
    match finding.scale {
        Scale::Ratio => format!("{:+.1} %", rounded(10.0)),
        Scale::Difference => format!("{:+.3} pp", rounded(1000.0)),
    }
}

fn count(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}

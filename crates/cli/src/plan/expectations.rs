//! What a test of a plan has to show besides thresholds: recovery, goodput under overload, who was
//! harmed, drift, refusals; and the findings that are worth a line whether or not they were promised.

use super::findings::{self, Stretches, Switch, switch};
use super::items::{Items, Limit};
use crate::claims::ALPHA;
use plimsoll_conduct::injection::Record as Injected;
use plimsoll_measure::degradation::{
    Objective, capacity, clients_harmed, goodput, judge_drift, objective_within, recovers_within,
};
use plimsoll_measure::{Catalogue, Comparison, Judgement, Rules, Seconds, Tally, Threshold};
use plimsoll_report::document::{Finding, Item, ItemState, Resources, Served};
use plimsoll_scenario::plan::items::expectation_id;
use plimsoll_scenario::plan::{DriftOf, PlannedTest, ReadinessPlan};
use std::time::Duration;

/// Refusals that are not as promised, at most: as a share of all.
const IMPROPER: &str = "errors < 1%";

/// What is known of a test that is over.
pub(crate) struct Evidence<'a> {
    /// The plan.
    pub plan: &'a ReadinessPlan,
    /// The test.
    pub test: &'a PlannedTest,
    /// The names behind the series.
    pub catalogue: &'a Catalogue,
    /// What was counted.
    pub tally: &'a Tally,
    /// What was done to the system.
    pub injected: &'a Injected,
    /// The target's own processes.
    pub resources: &'a [Resources],
    /// What is left out at the beginning, in nanoseconds.
    pub warmup_ns: u64,
    /// Which builds answered.
    pub served: &'a [Served],
    /// Whether this build is the one that an injection declares.
    pub is_declared: &'a dyn Fn(&str) -> bool,
}

/// What recovery means in a plan: 99 % good for ten seconds, fewer in a rehearsal, three at the least.
pub(super) fn objective(plan: &ReadinessPlan) -> Objective {
    let usual = Objective::default();
    let factor = plan.rehearsal.unwrap_or(1.0);
    Objective {
        consecutive_s: (usual.consecutive_s * factor).max(3.0),
        ..usual
    }
}

impl Evidence<'_> {
    /// What recovery means in this plan.
    pub(super) fn objective(&self) -> Objective {
        objective(self.plan)
    }

    /// Over how long goodput has to be sustained to be a capacity.
    pub(super) fn sustained_s(&self) -> f64 {
        self.objective().consecutive_s
    }

    /// The journeys that count for what the test has to show: those that matter as much as it or more.
    pub(super) fn decisive(&self) -> Seconds {
        let decisive = |name: &str| {
            let mut promises = self.plan.journeys.iter();
            promises.any(|promise| promise.name == name && promise.tier <= self.test.tier)
        };
        let journeys = self.catalogue.journeys().iter().enumerate();
        let indices: Vec<usize> = journeys
            .filter(|(_, journey)| decisive(&journey.name))
            .map(|(index, _)| index)
            .collect();
        if indices.is_empty() {
            self.tally.all_seconds()
        } else {
            self.tally.seconds(&indices)
        }
    }
}

/// The items of what the test expects, and what else it found.
pub(crate) fn judge(evidence: &Evidence<'_>, items: &Items<'_>) -> (Vec<Item>, Vec<Finding>) {
    let stretches = Stretches::of(evidence.test, evidence.injected);
    let (seconds, all) = (evidence.decisive(), evidence.tally.all_seconds());
    let test = &evidence.test.name;
    let expect = &evidence.test.expect;
    let objective = evidence.objective();
    let mut found = Vec::new();
    let mut add = |name: &str, detail: Option<&str>, limit: Limit, judgement: &Judgement| {
        found.push(items.judged(&expectation_id(test, name, detail), limit, judgement));
    };
    if let (Some((limit, _)), Some(at)) = (expect.recover_within, stretches.removed_at_s) {
        let judgement = recovers_within(&seconds, at, &objective, limit.as_secs_f64());
        add("recover_within", None, Limit::Within(limit), &judgement);
    }
    if let (Some((limit, _)), Some(at)) = (expect.objective_within, stretches.stepped_up_at_s) {
        let judgement = objective_within(&seconds, at, &objective, limit.as_secs_f64());
        add("objective_within", None, Limit::Within(limit), &judgement);
    }
    if let Some((comparison, share, _)) = expect.goodput
        && let Some(best) = capacity(&all, evidence.sustained_s())
    {
        let peak = &stretches.peak_s;
        let judgement = goodput(&all, peak, best.per_second, comparison, share, ALPHA);
        add("goodput", None, Limit::Share(share), &judgement);
    }
    if let (Some((comparison, share, _)), Some(clients)) =
        (expect.clients_harmed, evidence.tally.clients())
    {
        let judgement = clients_harmed(clients, comparison, share, ALPHA);
        add("clients_harmed", None, Limit::Share(share), &judgement);
    }
    for (of, comparison, share, _) in &expect.drift {
        let name = of.name();
        let id = expectation_id(test, "drift", Some(&name));
        let broken = broken_memory(evidence.resources).filter(|_| *of == DriftOf::Rss);
        found.push(match broken {
            Some(reason) => Item {
                limit: Some(*share),
                ..items.stated(&id, ItemState::Invalid, reason)
            },
            None => {
                let series = drifting(evidence, *of);
                let judgement = judge_drift(&name, &series, *comparison, *share, ALPHA);
                items.judged(&id, Limit::Share(*share), &judgement)
            }
        });
    }
    if expect.shed.is_some() {
        found.push(refusals(evidence, items));
    }
    if let Some((limit, _)) = expect.served_within {
        found.push(stopwatch(evidence, items, limit));
    }
    let findings = findings::all(evidence, &stretches, &seconds, &all);
    (found, findings)
}

/// Why the memory of a release that ended in between tells nothing of a drift: every process begins anew, and what
/// leaks until it is killed seems to stay level.
fn broken_memory(resources: &[Resources]) -> Option<String> {
    let restarts = resources.iter().map(|resources| resources.restarts);
    let times = match restarts.max().unwrap_or_default() {
        0 => return None,
        1 => "once".to_owned(),
        restarts => format!("{restarts} times"),
    };
    Some(format!(
        "the release ended {times} while it was measured, so its memory tells nothing of a drift; look why it ended"
    ))
}

/// A figure over time, after the warm-up.
fn drifting(evidence: &Evidence<'_>, of: DriftOf) -> Vec<(f64, f64)> {
    let from_s = evidence.warmup_ns as f64 / 1e9;
    let mut series = over_time(evidence, of);
    series.retain(|(at_s, _)| *at_s >= from_s);
    series
}

fn over_time(evidence: &Evidence<'_>, of: DriftOf) -> Vec<(f64, f64)> {
    let chart = evidence.tally.chart();
    let ns = |ns: Option<u64>| ns.map(|ns| ns as f64);
    match of {
        DriftOf::Quantile {
            numerator,
            denominator,
        } => {
            let share = f64::from(numerator) / f64::from(denominator);
            chart.over_time(|point| {
                ns(match share {
                    ..0.9 => point.p50,
                    ..0.97 => point.p95,
                    _ => point.p99,
                })
            })
        }
        DriftOf::Errors => chart.over_time(|point| point.bad_share()),
        DriftOf::Rss => evidence
            .resources
            .iter()
            .map(|resources| {
                let points = resources.points.iter();
                let of = |(at, rss): (u64, u64)| (at as f64 / 1e9, rss as f64);
                points
                    .filter_map(|point| Some((point.at_ns, point.rss_bytes?)))
                    .map(of)
                    .collect::<Vec<_>>()
            })
            .find(|series| !series.is_empty())
            .unwrap_or_default(),
    }
}

/// Whether refusals are as they were promised to be: what is refused otherwise has failed.
fn refusals(evidence: &Evidence<'_>, items: &Items<'_>) -> Item {
    let id = expectation_id(&evidence.test.name, "shed", None);
    let (mut proper, mut all, mut intended) = (0, 0, 0);
    for journey in evidence.catalogue.journeys() {
        for step in &journey.steps {
            let ledger = &evidence.tally.series(step.series).outcomes.ledger;
            proper += ledger.shed;
            all += ledger.not_ok();
            intended += ledger.intended;
        }
    }
    if all == 0 && intended > 0 {
        let reason = format!("nothing had to be refused: all {intended} requests ended well");
        return items.stated(&id, ItemState::Pass, reason);
    }
    let improper = all.saturating_sub(proper);
    let Ok(limit) = IMPROPER.parse::<Threshold>() else {
        return items.blank(&id);
    };
    let rules = Rules::independent(ALPHA);
    let promise = "requests refused otherwise than promised < 1%";
    let mut item = items.judged(
        &id,
        Limit::Share(limit.value),
        &rules.share_of(&promise, Comparison::Less, limit.value, improper, all),
    );
    item.reason = Some(format!(
        "of {all} requests that did not end well {improper} were not refused as promised: another status, too slow, or without what a refusal has to carry"
    ));
    item
}

/// How long it took until only the declared build answered.
fn stopwatch(evidence: &Evidence<'_>, items: &Items<'_>, limit: Duration) -> Item {
    let id = expectation_id(&evidence.test.name, "served_within", None);
    let Some(declared) = evidence.injected.served.first() else {
        let reason = "the injection that declares a build was not carried out".to_owned();
        return items.stated(&id, ItemState::NotRun, reason);
    };
    match switch(evidence, declared) {
        Switch::After(ns) => {
            let state = if u128::from(ns) <= limit.as_nanos() {
                ItemState::Pass
            } else {
                ItemState::Fail
            };
            let seconds = ns as f64 / 1e9;
            let reason =
                format!("only the declared build answered {seconds:.1} s after the change");
            Item {
                observed_ns: Some(ns),
                limit_ns: u64::try_from(limit.as_nanos()).ok(),
                n: 1,
                ..items.stated(&id, state, reason)
            }
        }
        Switch::Never => {
            let reason = "until the test ended, another build than the declared one answered";
            items.stated(&id, ItemState::Fail, reason.to_owned())
        }
        Switch::Unknown(why) => items.stated(&id, ItemState::Inconclusive, why.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_of_a_release_that_ended_tells_nothing_of_a_drift() {
        let resources = |restarts: u64| Resources {
            source: "process 7 (shop)".to_owned(),
            restarts,
            points: Vec::new(),
        };
        assert_eq!(broken_memory(&[]), None);
        assert_eq!(broken_memory(&[resources(0)]), None);
        let once = broken_memory(&[resources(0), resources(1)]);
        assert!(once.is_some_and(|why| why.starts_with("the release ended once while")));
        let often = broken_memory(&[resources(3)]);
        assert!(often.is_some_and(|why| why.contains("ended 3 times")));
    }
}

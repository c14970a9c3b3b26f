//! Canaries: a trickle of requests, until they are answered as quickly as at the beginning.

use super::probe::{Offer, Probed, Prober, figures, name};
use crate::failure::Failure;
use crate::session;
use plimsoll_engine::{Observer, Rules, RunOptions, Stop, Tick};
use plimsoll_measure::Outcomes;
use plimsoll_measure::capacity::{CanarySecond, CoolDown, Outcome, calm_after};
use plimsoll_measure::catalogue::SeriesKind;
use std::collections::BTreeMap;

/// Medians below this are not told apart: what is a tenth of it is noise of the machine.
const QUICK_NS: u64 = 1_000_000;
/// The slowest canary, per second: with fewer requests there are seconds without any.
const SLOWEST: f64 = 2.0;

impl Prober<'_> {
    /// Waits until the system is calm; `None` if somebody ended it. `baseline_ns` is the median of the
    /// first rate that was borne.
    pub(super) fn cool_down(
        &self,
        rate: f64,
        baseline_ns: Option<u64>,
        cool_down: &CoolDown,
    ) -> Result<Option<Probed>, Failure> {
        let rate = rate.max(SLOWEST);
        let offer = Offer {
            kind: "cool_down",
            number: 0,
            rate,
            before: None,
            trimmed_s: 0.0,
            lengths_s: vec![cool_down.longest_s],
        };
        let options = RunOptions {
            load: self.load(&[(rate, cool_down.longest_s)])?,
            rules: Rules {
                watched: Vec::new(),
                warmup: Some(std::time::Duration::ZERO),
                abort_on: Vec::new(),
                ..Rules::of(&self.subject.scenario)
            },
            ..self.options.clone()
        };
        let own_stop = Stop::default();
        let mut watcher = Watcher {
            user: &self.stop,
            own: own_stop.clone(),
            // Before anything was borne nobody knows how quick it is when it is calm: any answer will do.
            quick_ns: baseline_ns.map_or(u64::MAX / 4, |ns| cool_down.quick_ns(ns.max(QUICK_NS))),
            cool_down,
            seconds: BTreeMap::new(),
            settled_after: None,
        };
        let driven = session::drive(&self.subject.scenario, &options, &mut watcher, &own_stop)?;
        if self.stop.is_stopped() {
            return Ok(None);
        }
        // The last seconds may have come to their end since.
        let settled_after = watcher.settled_after.or_else(|| watcher.calm(u64::MAX));
        let (outcome, reason) = match settled_after {
            Some(seconds) => (
                Outcome::Settled,
                format!("as quick as at the beginning after {seconds} s"),
            ),
            None => (
                Outcome::NotSettled,
                format!(
                    "not as quick as at the beginning within {} s after it was offered too much",
                    cool_down.longest_s
                ),
            ),
        };
        let mut document = figures(&driven, &offer, reason);
        (document.throughput, document.in_flight) = (None, None);
        document.goodput = None;
        document.outcome = name(outcome).to_owned();
        Ok(Some(Probed {
            extensions: 0,
            outcome,
            document,
            test: None,
        }))
    }
}

/// Ends a canary as soon as it is calm.
struct Watcher<'u> {
    user: &'u Stop,
    own: Stop,
    quick_ns: u64,
    cool_down: &'u CoolDown,
    /// What was counted, by intended second.
    seconds: BTreeMap<u64, Outcomes>,
    settled_after: Option<usize>,
}

impl Watcher<'_> {
    /// After how many seconds it was calm, by the seconds before `until`.
    fn calm(&self, until: u64) -> Option<usize> {
        let last = self.seconds.keys().next_back().copied()?;
        let seconds: Vec<CanarySecond> = (0..=last)
            .take_while(|second| *second < until)
            .map(|second| match self.seconds.get(&second) {
                Some(outcomes) => canary_second(outcomes, self.quick_ns),
                None => CanarySecond::default(),
            })
            .collect();
        calm_after(&seconds, self.cool_down)
    }
}

fn canary_second(outcomes: &Outcomes, quick_ns: u64) -> CanarySecond {
    let slow = outcomes.response_ok.at_or_above(quick_ns.saturating_add(1));
    CanarySecond {
        all: outcomes.ledger.intended,
        quick: outcomes.ledger.ok.saturating_sub(slow),
    }
}

impl Observer for Watcher<'_> {
    fn tick(&mut self, tick: &Tick<'_>) {
        let catalogue = tick.tally.catalogue();
        let steps = tick.deltas.iter();
        for delta in steps.filter(|delta| *catalogue.kind(delta.series) == SeriesKind::Step) {
            let second = self.seconds.entry(delta.second);
            second.or_default().merge(&delta.outcomes);
        }
        if self.user.is_stopped() {
            self.own.stop();
        }
        if self.settled_after.is_none() {
            // What was intended in the last second may still be on its way.
            let until = (tick.elapsed_ns / 1_000_000_000).saturating_sub(1);
            self.settled_after = self.calm(until);
        }
        if self.settled_after.is_some() {
            self.own.stop();
        }
    }
}

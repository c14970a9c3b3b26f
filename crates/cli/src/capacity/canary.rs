//! Canaries: a trickle of requests, until they are answered as quickly as at the beginning.

use super::outcome::name;
use super::probe::{Offer, Probed, Prober, figures};
use crate::failure::Failure;
use crate::session;
use plimsoll_engine::{Observer, Rules, RunOptions, Stop, Tick};
use plimsoll_measure::Outcomes;
use plimsoll_measure::capacity::{CanarySecond, CoolDown, Outcome, calm_after};
use plimsoll_measure::catalogue::SeriesKind;
use std::collections::BTreeMap;

/// Medians that are this close are not told apart: of quick answers a tenth is less than the noise of the machine.
const QUICK_NS: u64 = 1_000_000;
/// The slowest canary, per second, where the system bears more than that: with fewer requests there are seconds
/// without any.
const SLOWEST: f64 = 2.0;
/// The largest share of the rate that was borne that a canary may be: it must not be a load itself.
const LARGEST: f64 = 0.5;
/// So many times as long as it has to be calm, a canary may at least take.
const PATIENCE: f64 = 3.0;

/// The rate of a canary, and how long it is waited for, where the cool-down asks for `rate`, a share of what was borne.
/// With less than a request a second, what has to be calm takes longer.
fn gentle(rate: f64, cool_down: &CoolDown) -> (f64, CoolDown) {
    let borne = rate / cool_down.canary_share;
    let rate = rate.max(SLOWEST).min(LARGEST * borne);
    let calm_s = cool_down.calm_s.ceil() / rate.min(1.0);
    let longest_s = cool_down.longest_s.max((PATIENCE * calm_s).ceil());
    let cool_down = match rate < 1.0 {
        true => CoolDown {
            longest_s,
            ..*cool_down
        },
        false => *cool_down,
    };
    (rate, cool_down)
}

impl Prober<'_> {
    /// Waits until the system is calm; `None` if somebody ended it. `baseline_ns` is the median of the
    /// first rate that was borne.
    pub(super) fn cool_down(
        &self,
        rate: f64,
        baseline_ns: Option<u64>,
        cool_down: &CoolDown,
    ) -> Result<Option<Probed>, Failure> {
        let (rate, cool_down) = &gentle(rate, cool_down);
        let (rate, ends_before) = (*rate, self.up.sampling.ends().len());
        let offer = Offer {
            kind: "cool_down",
            number: 0,
            rate,
            before: Vec::new(),
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
            quick_ns: baseline_ns
                .map_or(u64::MAX / 4, |ns| cool_down.quick_ns(ns).max(ns + QUICK_NS)),
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
        let reason = reason(settled_after, baseline_ns.is_some(), cool_down);
        let outcome = match settled_after {
            Some(_) => Outcome::Settled,
            None => Outcome::NotSettled,
        };
        let reason = self.with_ends(reason, ends_before);
        let mut document = figures(&driven, &offer, None, reason);
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

/// Why a canary settled, or did not.
fn reason(settled_after: Option<usize>, has_baseline: bool, cool_down: &CoolDown) -> String {
    let longest_s = cool_down.longest_s;
    match (settled_after, has_baseline) {
        (Some(seconds), true) => format!("as quick as at the beginning after {seconds} s"),
        (Some(seconds), false) => format!(
            "it answers after {seconds} s; whether as quickly as it can is not known, for no rate has passed"
        ),
        (None, true) => format!(
            "not as quick as at the beginning within {longest_s} s after it was offered too much"
        ),
        (None, false) => format!(
            "most of a trickle was not answered well within {longest_s} s after it was offered too much"
        ),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canary_is_never_a_load_itself() {
        let usual = CoolDown::default();
        // A twentieth of 1000 and of 20 a second.
        assert_eq!(gentle(50.0, &usual), (50.0, usual));
        assert_eq!(gentle(1.0, &usual), (2.0, usual));
        // 1 a second passed: 2 would be too much.
        let (rate, slow) = gentle(0.05, &usual);
        assert_eq!((rate, slow.longest_s), (0.5, 60.0));
        let (rate, slower) = gentle(0.005, &usual);
        assert!((rate - 0.05).abs() < 1e-9, "{rate}");
        assert!((300.0..302.0).contains(&slower.longest_s), "{slower:?}");
        // A request every twenty seconds, all quick, is calm in time.
        let seconds: Vec<CanarySecond> = (0..300)
            .map(|second| {
                let one = u64::from(second % 20 == 0);
                CanarySecond {
                    all: one,
                    quick: one,
                }
            })
            .collect();
        assert_eq!(calm_after(&seconds, &usual), None);
        assert_eq!(calm_after(&seconds, &slower), Some(81));
    }

    #[test]
    fn nothing_is_as_quick_as_at_a_beginning_that_nobody_saw() {
        let told = |settled, known| reason(settled, known, &CoolDown::default());
        assert!(told(Some(5), true).starts_with("as quick as at the beginning"));
        assert!(told(Some(5), false).contains("no rate has passed"));
        assert!(!told(None, false).contains("as at the beginning"));
    }
}

//! How long it takes until all is well again: after a trigger is gone, or after a step up that has
//! to be scaled out for.

use super::text;
use crate::judge::{Interval, Judgement, Observed, State};
use crate::seconds::{Second, Seconds};

/// When all is well. Shares are of whole requests: in a second with fewer than a hundred of them,
/// 99 % means every one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Objective {
    /// The share of requests that have to be good, in every second.
    pub share: f64,
    /// For so many seconds on end.
    pub consecutive_s: f64,
}

impl Default for Objective {
    /// 99 % in ten consecutive seconds.
    fn default() -> Self {
        Self {
            share: 0.99,
            consecutive_s: 10.0,
        }
    }
}

impl Objective {
    /// Whether a second meets it; `None` if nothing was intended, which says nothing.
    fn is_met(&self, second: &Second) -> Option<bool> {
        // 99 % of 100 are 99, whatever binary fractions say.
        let wanted = self.share * second.intended as f64 - 1e-9;
        (second.intended > 0).then_some(second.good as f64 >= wanted)
    }
}

/// How long it took, and how many requests were bad meanwhile. Known to a second either way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Recovery {
    /// The objective was met for as long as it has to be.
    Recovered {
        /// From so many seconds after the change on.
        after_s: f64,
        /// Bad requests intended between the change and then.
        bad: u64,
    },
    /// It was not, as far as was watched.
    NotRecovered {
        /// For how many seconds after the change it was watched.
        watched_s: f64,
        /// For how many seconds on end it was met when watching ended: less than needed.
        met_for_s: f64,
        /// Bad requests intended since the change.
        bad: u64,
    },
}

impl Recovery {
    /// Bad requests intended between the change and the recovery, or the end.
    pub const fn bad(&self) -> u64 {
        match self {
            Self::Recovered { bad, .. } | Self::NotRecovered { bad, .. } => *bad,
        }
    }
}

/// The recovery after a change at `changed_at_s`, such as the removal of a trigger:
///
/// `t − changed_at_s`, for the first second t from which on every second of
/// [`Objective::consecutive_s`] meets the objective.
///
/// Only whole seconds after the change count. Seconds in which nothing was intended neither count
/// nor interrupt.
pub fn recovery(seconds: &Seconds, changed_at_s: f64, objective: &Objective) -> Recovery {
    let width_s = seconds.width_s();
    let needed = seconds.stretches(objective.consecutive_s);
    let changed_at_s = changed_at_s.max(0.0);
    let first = (changed_at_s / width_s - 1e-9).ceil().max(0.0) as usize;
    // Of the second in which the change was, the bad requests count.
    let touched = (changed_at_s / width_s + 1e-9).floor().max(0.0) as usize;
    let bad_until = |end: usize| {
        let end = end.min(seconds.seconds.len());
        let between = &seconds.seconds[touched.min(end)..end];
        between.iter().map(Second::bad).sum()
    };
    let mut since = None;
    let mut met = 0;
    for (at, second) in seconds.seconds.iter().enumerate().skip(first) {
        match objective.is_met(second) {
            None => {}
            Some(false) => (since, met) = (None, 0),
            Some(true) => {
                let start = *since.get_or_insert(at);
                met += 1;
                if met == needed {
                    return Recovery::Recovered {
                        after_s: (start as f64 * width_s - changed_at_s).max(0.0),
                        bad: bad_until(start),
                    };
                }
            }
        }
    }
    let end = seconds.seconds.len();
    Recovery::NotRecovered {
        watched_s: (seconds.length_s() - changed_at_s).max(0.0),
        met_for_s: since.map_or(0.0, |since| (end - since) as f64 * width_s),
        bad: bad_until(end),
    }
}

/// Judges whether a system recovers within `limit_s` seconds after a trigger is removed.
///
/// It passes if it [recovered](recovery) by then, and fails if it recovered later or cannot have
/// recovered by then any more. If the test ended before either was known, neither is proven, and
/// [`Judgement::more_time_factor`] says how long a test settles it for certain. `observed` is
/// [`Observed::Infinite`] if it did not recover.
pub fn recovers_within(
    seconds: &Seconds,
    removed_at_s: f64,
    objective: &Objective,
    limit_s: f64,
) -> Judgement {
    let promise = format!("recovery within {}", text(limit_s));
    judge(seconds, removed_at_s, objective, limit_s, &promise)
}

/// Judges whether a system meets its objective within `limit_s` seconds after the load stepped up:
/// the scale-out time, by the same rule as [`recovers_within`].
pub fn objective_within(
    seconds: &Seconds,
    stepped_at_s: f64,
    objective: &Objective,
    limit_s: f64,
) -> Judgement {
    let promise = format!("the objective within {}", text(limit_s));
    judge(seconds, stepped_at_s, objective, limit_s, &promise)
}

fn judge(
    seconds: &Seconds,
    changed_at_s: f64,
    objective: &Objective,
    limit_s: f64,
    promise: &str,
) -> Judgement {
    let found = recovery(seconds, changed_at_s, objective);
    let (width_s, ns) = (seconds.width_s(), 1e9);
    let consecutive = text(objective.consecutive_s);
    let percent = objective.share * 100.0;
    let (state, observed, interval, happened) = match found {
        Recovery::Recovered { after_s, bad } => {
            let interval = Interval {
                lower: (after_s - width_s).max(0.0) * ns,
                upper: Some((after_s + width_s) * ns),
            };
            // The promise is about this very figure, which counts whole seconds.
            let state = if after_s <= limit_s + 1e-9 {
                State::Pass
            } else {
                State::Fail
            };
            let happened = format!(
                "from {} after the change on, {percent}% were good in every second of {consecutive}, with {bad} bad requests until then",
                text(after_s)
            );
            let observed = Observed::Duration((after_s * ns).round() as u64);
            (state, observed, Some(interval), happened)
        }
        Recovery::NotRecovered { watched_s, .. } if watched_s <= 0.0 => {
            let happened = "the test ended at the change".to_owned();
            (State::Inconclusive, Observed::NoData, None, happened)
        }
        Recovery::NotRecovered {
            watched_s,
            met_for_s,
            bad,
        } => {
            let earliest_s = watched_s - met_for_s;
            let interval = Interval {
                lower: earliest_s.max(0.0) * ns,
                upper: None,
            };
            let state = if earliest_s > limit_s + 1e-9 {
                State::Fail
            } else {
                State::Inconclusive
            };
            let happened = format!(
                "in the {} after the change there were no {consecutive} in which {percent}% were good in every second, and {bad} bad requests",
                text(watched_s)
            );
            (state, Observed::Infinite, Some(interval), happened)
        }
    };
    let after = seconds.within(changed_at_s, f64::INFINITY);
    let n = after.iter().map(|second| second.intended).sum();
    let needed_s = changed_at_s + limit_s + objective.consecutive_s;
    let more = needed_s / seconds.length_s();
    let is_open = state == State::Inconclusive && more.is_finite();
    let means = match state {
        State::Pass => format!("which is {promise}"),
        State::Fail => format!("which is not {promise}"),
        State::Inconclusive => format!(
            "which neither proves nor refutes {promise}; a test of {} would settle it",
            text(needed_s)
        ),
    };
    Judgement {
        state,
        observed,
        interval,
        n,
        n_eff: n as f64,
        exceeding: Some(found.bad()),
        by_failures: false,
        without_dropped: true,
        explanation: format!("{happened}, {means}"),
        more_time_factor: is_open.then_some(more.max(1.0)),
    }
}

#[cfg(test)]
mod tests;

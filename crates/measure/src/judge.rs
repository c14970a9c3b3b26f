//! Whether a threshold was met: proven, refuted, or neither.
//!
//! A threshold is a claim about the service, and a run is a sample of it. PASS and FAIL are only
//! said where the claim or its contrary is proven with an error of at most [`Rules::alpha`];
//! everything between is INCONCLUSIVE, with the time that would settle it. What is left out: whether
//! the run may be believed at all, and sliding windows.

mod early;
mod events;
pub(crate) mod evidence;
pub(crate) mod latency;
mod share;
#[cfg(test)]
mod tests;
mod window;

pub(crate) use latency::quantile_interval;

use crate::outcomes::Outcomes;
use crate::statistics::design::Dependence;
use crate::threshold::{Metric, Threshold};
use std::fmt::Display;

/// The three values of a verdict on one threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Proven to hold.
    Pass,
    /// Proven not to hold.
    Fail,
    /// Neither.
    Inconclusive,
}

/// What was seen of a metric.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Observed {
    /// There was nothing to see.
    NoData,
    /// A duration, in nanoseconds.
    Duration(u64),
    /// A duration that no response reached: it falls among those that did not end well.
    Infinite,
    /// A share of 1.
    Share(f64),
    /// Events per second.
    PerSecond(f64),
}

/// Where the true value lies with 95 % confidence, in base units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// From here; infinite where even the lower bound falls among what did not end well.
    pub lower: f64,
    /// Up to here; `None` if there is no upper bound.
    pub upper: Option<f64>,
}

/// A verdict on one threshold, with its reasons.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The verdict.
    pub state: State,
    /// What was seen.
    pub observed: Observed,
    /// What may be concluded about the true value; `None` if nothing.
    pub interval: Option<Interval>,
    /// How many samples it rests on.
    pub n: u64,
    /// How many independent samples they are worth.
    pub n_eff: f64,
    /// How many of them count against the limit, where counting is what decides.
    pub exceeding: Option<u64>,
    /// Whether requests that failed or were shed are enough to miss a limit on response times,
    /// however slow the others were: then no lateness of the generator explains it.
    pub by_failures: bool,
    /// Whether a limit on response times would be missed also if what was never sent had been fast:
    /// then no load that was not offered explains it.
    pub without_dropped: bool,
    /// The verdict in words.
    pub explanation: String,
    /// How many times as long the run would have to be to settle an inconclusive verdict, if it
    /// went on as it did; `None` if it is settled, or if what was seen sits on the threshold.
    pub more_time_factor: Option<f64>,
}

/// How strict the proof has to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rules {
    /// The probability of a wrong PASS, and that of a wrong FAIL.
    pub alpha: f64,
    /// How samples depend on each other.
    pub dependence: Dependence,
}

impl Default for Rules {
    /// An error of 5 % a side, and independent samples.
    fn default() -> Self {
        Self::independent(0.05)
    }
}

/// The error of intervals, both sides together.
const INTERVAL_ALPHA: f64 = 0.05;

/// Judges what was counted in `elapsed_ns` nanoseconds by the default rules.
pub fn judge(threshold: &Threshold, outcomes: &Outcomes, elapsed_ns: u64) -> Judgement {
    Rules::default().judge(threshold, outcomes, elapsed_ns)
}

impl Rules {
    /// For independent samples.
    pub const fn independent(alpha: f64) -> Self {
        Self {
            alpha,
            dependence: Dependence::NONE,
        }
    }

    /// Judges what was counted in `elapsed_ns` nanoseconds. A threshold with a window is judged
    /// like one without: the outcomes have to be those of the window.
    pub fn judge(&self, threshold: &Threshold, outcomes: &Outcomes, elapsed_ns: u64) -> Judgement {
        let ledger = &outcomes.ledger;
        match threshold.metric {
            Metric::Quantile {
                numerator,
                denominator,
            } => {
                let fraction = (u64::from(numerator), u64::from(denominator));
                self.quantile(threshold, outcomes, fraction)
            }
            Metric::Max => self.max(threshold, outcomes),
            Metric::Mean => self.mean(threshold, outcomes),
            Metric::Errors => self.share(threshold, ledger.not_ok(), ledger.intended),
            Metric::Timeouts => self.share(threshold, ledger.timeout, ledger.intended),
            Metric::Shed => self.share(threshold, ledger.shed, ledger.intended),
            Metric::Goodput => self.events(threshold, outcomes.good(), ledger.intended, elapsed_ns),
            Metric::Rate => self.events(threshold, ledger.completed(), ledger.intended, elapsed_ns),
        }
    }

    fn deff(&self) -> f64 {
        self.dependence.deff.max(1.0)
    }
}

impl Judgement {
    /// Zero samples are never a pass.
    pub(crate) fn no_data(threshold: &dyn Display) -> Self {
        Self {
            state: State::Inconclusive,
            observed: Observed::NoData,
            interval: None,
            n: 0,
            n_eff: 0.0,
            exceeding: None,
            by_failures: false,
            without_dropped: true,
            explanation: format!("there is no sample to judge {threshold} by"),
            more_time_factor: None,
        }
    }
}

//! What the product makes of a run: batches, design effect, interval, verdict.

use crate::models::Request;
use plimsoll_measure::statistics::design::{Batch, Dependence, dependence};
use plimsoll_measure::statistics::order;
use plimsoll_measure::{Fold, Folding, Ledger, Outcomes, Rules, State, Threshold};

/// The share of requests above the 99th percentile.
pub(crate) const TAIL: f64 = 0.01;
const SECOND_NS: u64 = 1_000_000_000;
/// From when on a run may be stopped.
const EARLIEST: u64 = Rules::EARLIEST_NS / SECOND_NS;

/// What the product keeps of a run: batches of 100 ms, of which two become one when there are more
/// than 1,024.
const BATCH_NS: u64 = SECOND_NS / 10;
const MOST_BATCHES: usize = 1024;

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Bin(pub(crate) Batch);

impl Fold for Bin {
    fn fold(&mut self, later: Self) {
        self.0.exceeding += later.0.exceeding;
        self.0.n += later.0.n;
    }
}

/// The exceedances of a limit over time.
pub(crate) struct Record(Folding<Bin>);

impl Record {
    pub(crate) fn new() -> Self {
        Self(Folding::new(BATCH_NS, MOST_BATCHES))
    }

    pub(crate) fn of(requests: &[Request], limit: f64) -> Self {
        let mut record = Self::new();
        for request in requests {
            record.add(request, limit);
        }
        record
    }

    pub(crate) fn add(&mut self, request: &Request, limit: f64) {
        let bin = self.0.at((request.at * 1e9) as u64);
        bin.0.n += 1;
        bin.0.exceeding += u64::from(request.response > limit);
    }

    /// How many requests exceeded the limit.
    pub(crate) fn exceeding(&self) -> u64 {
        self.0.bins().iter().map(|bin| bin.0.exceeding).sum()
    }

    /// The whole batches of the first seconds.
    pub(crate) fn batches(&self, seconds: u64) -> Vec<Batch> {
        let bins = self.0.within(0, seconds * SECOND_NS);
        bins.iter().map(|bin| bin.0).collect()
    }

    pub(crate) fn dependence(&self) -> Dependence {
        let batches: Vec<_> = self.0.bins().iter().map(|bin| bin.0).collect();
        dependence(&batches).expect("a run has many batches")
    }
}

/// Sorted response times, and those at the ranks that enclose the 99th percentile.
pub(crate) struct Sorted(Vec<f64>);

impl Sorted {
    pub(crate) fn of(requests: &[Request]) -> Self {
        let mut responses: Vec<_> = requests.iter().map(|request| request.response).collect();
        responses.sort_unstable_by(f64::total_cmp);
        Self(responses)
    }

    /// The observed percentile.
    pub(crate) fn quantile(&self) -> f64 {
        let rank = (self.0.len() as u64 * 99).div_ceil(100);
        self.0[rank as usize - 1]
    }

    pub(crate) fn interval(&self, deff: f64) -> (f64, f64) {
        let n = self.0.len();
        let ranks = order::scaled_ranks(n as u64, n as f64 / deff, 1.0 - TAIL, 0.05);
        let at = |rank: u64| rank.checked_sub(1).map(|below| self.0[below as usize]);
        (
            at(ranks.lower).unwrap_or(0.0),
            ranks.upper.and_then(at).unwrap_or(f64::INFINITY),
        )
    }
}

/// "At most a share of 1 % exceeds the limit", which is what the claim about the 99th percentile means.
fn threshold() -> Threshold {
    "errors < 1%".parse().expect("a threshold")
}

/// The verdict on all of a run, at its end.
pub(crate) fn verdict(batches: &[Batch], dependence: Dependence) -> State {
    let intended: u64 = batches.iter().map(|batch| batch.n).sum();
    let failed: u64 = batches.iter().map(|batch| batch.exceeding).sum();
    let mut outcomes = Outcomes::default();
    outcomes.ledger = Ledger {
        intended,
        ok: intended - failed,
        failed,
        ..Ledger::default()
    };
    let rules = Rules {
        dependence,
        ..Rules::default()
    };
    rules.judge(&threshold(), &outcomes, SECOND_NS).state
}

/// The verdict of a run that stops as soon as it is decided, and else goes on to its end.
pub(crate) fn verdict_when_decided(requests: &[Request], limit: f64, seconds: u64) -> State {
    let early = watched(requests, limit, seconds, |second, batches| {
        if second < EARLIEST {
            return State::Inconclusive;
        }
        Rules::default().early(&threshold(), batches)
    });
    if early != State::Inconclusive {
        return early;
    }
    let record = Record::of(requests, limit);
    verdict(&record.batches(seconds), record.dependence())
}

/// The verdict of somebody who looks every five seconds, takes requests for independent, and stops
/// at the first result that is significant.
pub(crate) fn verdict_by_peeking(requests: &[Request], limit: f64, seconds: u64) -> State {
    watched(requests, limit, seconds, |second, batches| {
        if second % 5 != 0 {
            return State::Inconclusive;
        }
        verdict(batches, Dependence::NONE)
    })
}

/// The first decisive verdict of those asked for after every second.
fn watched(
    requests: &[Request],
    limit: f64,
    seconds: u64,
    ask: impl Fn(u64, &[Batch]) -> State,
) -> State {
    let mut record = Record::new();
    let mut requests = requests.iter().peekable();
    for second in 1..=seconds {
        while let Some(request) = requests.next_if(|request| request.at < second as f64) {
            record.add(request, limit);
        }
        let state = ask(second, &record.batches(second));
        if state != State::Inconclusive {
            return state;
        }
    }
    State::Inconclusive
}

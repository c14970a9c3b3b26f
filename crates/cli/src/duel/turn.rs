//! Turns: the load of a round against a build, and what it showed.

use super::rounds::{Round, Stored, Turn};
use super::side::Side;
use crate::failure::Failure;
use crate::session::{self, Driven};
use jiff::Timestamp;
use plimsoll_engine::{Ended, Rules, RunOptions, Stop, Tick};
use plimsoll_measure::series::Quantile;
use plimsoll_measure::{Catalogue, Metric, Outcomes, Scope};
use plimsoll_scenario::Load;
use std::path::Path;
use std::time::Duration;

/// What all turns have in common.
pub(super) struct Field {
    pub a: Side,
    pub b: Side,
    pub load: Load,
    pub warmup: Duration,
    pub metrics: Vec<Metric>,
    pub threads: usize,
    pub seed: u64,
    pub grace: Duration,
    pub timer: plimsoll_engine::TimerMode,
    pub duet: bool,
    pub stop: Stop,
}

impl Field {
    /// The same with what commands print in files of this folder.
    pub(super) fn logging_to(mut self, folder: &Path) -> Self {
        self.a.log_to(folder);
        self.b.log_to(folder);
        self
    }

    /// Plays a round; `None` if it was interrupted.
    pub(super) fn round(&self, number: usize) -> Result<Option<Round>, Failure> {
        let seed = self.seed.wrapping_add(number as u64 - 1);
        let (a, b, order) = if self.duet {
            let threads = (self.threads / 2).max(1);
            let (a, b) = std::thread::scope(|scope| {
                let a = scope.spawn(|| self.turn(&self.a, seed, threads));
                let b = self.turn(&self.b, seed, threads);
                (a.join(), b)
            });
            let a = a.map_err(|_| anyhow::anyhow!("the thread of A panicked"))?;
            (a?, b?, "A|B")
        } else if number % 2 == 1 {
            let a = self.turn(&self.a, seed, self.threads)?;
            let b = self.turn(&self.b, seed, self.threads)?;
            (a, b, "AB")
        } else {
            let b = self.turn(&self.b, seed, self.threads)?;
            let a = self.turn(&self.a, seed, self.threads)?;
            (a, b, "BA")
        };
        Ok(a.zip(b).map(|(a, b)| Round {
            number,
            order: order.to_owned(),
            seed,
            a,
            b,
        }))
    }

    /// The load of a turn against a build; `None` if it was interrupted.
    fn turn(&self, side: &Side, seed: u64, threads: usize) -> Result<Option<Turn>, Failure> {
        if self.stop.is_stopped() {
            return Ok(None);
        }
        let up = match side.start(&self.stop) {
            Err(Failure::Interrupted(_)) => return Ok(None),
            up => up?,
        };
        let options = RunOptions {
            load: self.load.clone(),
            demo: up.demo(),
            threads,
            seed,
            drop_after: None,
            grace: self.grace,
            max_rate: None,
            timer: self.timer,
            stop_when_decided: false,
            rules: Rules {
                warmup: Some(self.warmup),
                // A build that fails is to be seen to fail, for as long as the other one does not.
                abort_on: Vec::new(),
                ..Rules::of(&side.scenario)
            },
        };
        let started_at = Timestamp::now();
        let mut unobserved = |_: &Tick<'_>| {};
        let driven = session::drive(&side.scenario, &options, &mut unobserved, &self.stop);
        let restarts = up.stop();
        let driven = driven?;
        if driven.finished.ended == Ended::Interrupted {
            return Ok(None);
        }
        let totals = driven.judged(Scope::Test).ledger;
        let spoilt_by = driven.spoilt_by();
        Ok(Some(Turn {
            started_at,
            spoilt_by: spoilt_by.map(|check| check.sentence.clone()).collect(),
            restarts,
            intended: totals.intended,
            intended_by_step: intended_by_step(&driven, &side.scenario.catalogue()),
            ok: totals.ok,
            readings: readings(&driven, &side.scenario.catalogue(), &self.metrics),
        }))
    }
}

fn intended_by_step(driven: &Driven, catalogue: &Catalogue) -> Vec<u64> {
    let steps = catalogue.journeys().iter().flat_map(|entry| &entry.steps);
    let judged = steps.map(|step| driven.judged(Scope::Series(step.series)));
    judged.map(|outcomes| outcomes.ledger.intended).collect()
}

fn readings(driven: &Driven, catalogue: &Catalogue, metrics: &[Metric]) -> Vec<Vec<Stored>> {
    let steps = catalogue.journeys().iter().flat_map(|entry| &entry.steps);
    steps
        .map(|step| {
            let outcomes = driven.judged(Scope::Series(step.series));
            let read = |metric: &Metric| read(*metric, &outcomes, driven.arriving_ns());
            metrics.iter().map(read).collect()
        })
        .collect()
}

/// What a metric is in what was counted of users who arrived for so many nanoseconds.
fn read(metric: Metric, outcomes: &Outcomes, arriving_ns: u64) -> Stored {
    let ledger = &outcomes.ledger;
    let n = ledger.intended;
    let quantile = |numerator, denominator| match outcomes.headline_quantile(numerator, denominator)
    {
        Quantile::NoData => Stored::Missing,
        Quantile::Infinite => Stored::Infinite,
        Quantile::Finite(ns) => Stored::Value(ns as f64),
    };
    let per_second = |count: u64| match n {
        0 => Stored::Missing,
        _ => Stored::Value(count as f64 * 1e9 / arriving_ns as f64),
    };
    match metric {
        Metric::Quantile {
            numerator,
            denominator,
        } => quantile(u64::from(numerator), u64::from(denominator)),
        Metric::Max => quantile(1, 1),
        Metric::Mean => match outcomes.response_ok.mean() {
            Some(mean) => Stored::Value(mean),
            None => Stored::Missing,
        },
        Metric::Errors => Stored::Share {
            count: ledger.not_ok(),
            n,
        },
        Metric::Timeouts => Stored::Share {
            count: ledger.timeout,
            n,
        },
        Metric::Shed => Stored::Share {
            count: ledger.shed,
            n,
        },
        Metric::Goodput => per_second(outcomes.good()),
        Metric::Rate => per_second(ledger.completed()),
        _ => Stored::Missing,
    }
}

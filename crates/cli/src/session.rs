//! A load test in this process that leaves no folder of its own: a turn of a duel, a probe.

use crate::claims::ALPHA;
use crate::failure::Failure;
use plimsoll_engine::{Finished, Observer, RunOptions, Stop};
use plimsoll_measure::validity::{Check, Status, assess};
use plimsoll_measure::{Cause, CheckName, ErrorKind, Judgement, Outcomes, Scope, Validity, Warmup};
use plimsoll_scenario::Scenario;
use std::borrow::Cow;
use std::sync::Arc;

/// What a load test left.
pub(crate) struct Driven {
    /// What was counted, and how it ended.
    pub finished: Finished,
    /// What of it is left out.
    pub warmup: Warmup,
    /// The judgements of what was watched, in its order.
    pub judgements: Vec<Judgement>,
    /// Whether it may be believed.
    pub validity: Validity,
}

/// Drives a load test to its end.
pub(crate) fn drive(
    scenario: &Arc<Scenario>,
    options: &RunOptions,
    observer: &mut dyn Observer,
    stop: &Stop,
) -> Result<Driven, Failure> {
    let finished = plimsoll_engine::run(Arc::clone(scenario), options, observer, stop)?;
    let tally = &finished.tally;
    let warmup = tally.warmup(finished.elapsed_ns);
    let judgements = tally.judge(ALPHA, &warmup, finished.arrivals_ns);
    let validity = assess(
        tally,
        &finished.vitals,
        &warmup,
        &judgements,
        finished.arrivals_ns,
    );
    Ok(Driven {
        warmup,
        judgements,
        validity,
        finished,
    })
}

impl Driven {
    /// What a scope is judged by.
    pub(crate) fn judged(&self, scope: Scope) -> Cow<'_, Outcomes> {
        self.finished.tally.judged(scope, &self.warmup)
    }

    /// How long that was, in nanoseconds, until the last answer.
    pub(crate) fn judged_ns(&self) -> u64 {
        let answered_ns = self.finished.arrivals_ns.max(self.finished.elapsed_ns);
        answered_ns.saturating_sub(self.warmup.until_ns).max(1)
    }

    /// For how long of that users arrived, in nanoseconds: what rates are counted in.
    pub(crate) fn arriving_ns(&self) -> u64 {
        let arrivals_ns = self.finished.arrivals_ns;
        arrivals_ns.saturating_sub(self.warmup.until_ns).max(1)
    }

    /// The checks that the generator or its machine did not pass. What the plan of the test or the
    /// service itself may cause is not among them, or else a service that drops connections would get
    /// away with it.
    pub(crate) fn spoilt_by(&self) -> impl Iterator<Item = &Check> {
        let requests = self.finished.tally.requests();
        let lacks = [ErrorKind::Descriptors, ErrorKind::Ports]
            .iter()
            .any(|kind| requests.error_count(*kind) > 0);
        let checks = self.validity.checks.iter();
        checks.filter(move |check| {
            check.status == Status::Invalid
                && check.cause != Cause::Configuration
                && (lacks || check.name != CheckName::Resources)
        })
    }
}

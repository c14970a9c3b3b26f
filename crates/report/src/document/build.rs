//! From what was measured to the document.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use plimsoll_measure::catalogue::{JourneyEntry, StepEntry};
use plimsoll_measure::series::{Quantile, SeriesTally};
use plimsoll_measure::{Histogram, Ledger, Outcomes, Scope, Tally, Warmup};
use serde::{Deserialize, Serialize};

use super::{
    Check, Hop, Item, Journey, Latency, Model, Percentile, Run, SCHEMA, StageFigures, Status, Step,
    Test, Totals, Validity, ValidityStatus, Verdict, WarmupRule,
};
use crate::facts::{Ending, LoadModel, RunFacts, TestFacts};
use crate::{sentence, verdict};

/// What a test leaves of itself: its part of the document. What was counted is not needed any more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TestDocument {
    /// The test.
    pub test: Test,
    /// What was judged in it.
    pub items: Vec<Item>,
    /// Whether it may be believed.
    pub checks: Vec<Check>,
}

impl TestDocument {
    /// The part of a test.
    pub fn of(facts: &TestFacts<'_>) -> Self {
        let checks = facts.validity.checks.iter();
        Self {
            test: test(facts),
            items: super::item::items(facts),
            checks: checks.map(|check| Check::of(&facts.name, check)).collect(),
        }
    }
}

/// The document of a run.
pub fn build(facts: &RunFacts<'_>) -> Run {
    let under_way = facts.tests.iter().map(TestDocument::of);
    let documents: Vec<_> = facts.finished.iter().cloned().chain(under_way).collect();
    let mut checks = Vec::new();
    let mut tests = Vec::new();
    let mut items = Vec::new();
    for document in documents {
        checks.extend(document.checks);
        tests.push(document.test);
        items.extend(document.items);
    }
    items.extend(facts.items.iter().cloned());
    let (status, reason) = match &facts.ending {
        Ending::Complete => (Status::Complete, None),
        Ending::Decided => {
            let reason = "every threshold was decided before its end";
            (Status::Complete, Some(reason.to_owned()))
        }
        Ending::Interrupted { reason } | Ending::Aborted { reason } => {
            (Status::Interrupted, Some(reason.clone()))
        }
        Ending::Incomplete { reason } => (Status::Incomplete, Some(reason.clone())),
    };
    let mut run = Run {
        schema: SCHEMA.to_owned(),
        name: facts.name.clone(),
        status,
        reason,
        verdict: Verdict::default(),
        validity: Validity {
            status: worst(&checks),
            checks,
        },
        totals: sum(tests.iter().map(|test| test.totals)),
        started_at: facts.started_at,
        duration_ns: facts.duration_ns,
        command: facts.command.clone(),
        engine: facts.engine.clone(),
        sources: facts.sources.clone(),
        notices: facts.notices.clone(),
        tests,
        items,
        plan: facts.plan.clone(),
        identity: facts.identity.clone(),
        circumstances: None,
        capacity: facts.capacity.clone(),
    };
    if status == Status::Incomplete {
        account(&mut run);
    }
    if !run.is_search() {
        verdict::prove_nothing_cut_short(&mut run);
    }
    let states = run.items.iter().map(|item| (item.state, item.marginal));
    let decision = verdict::decide(states, &facts.ending);
    (run.verdict.outcome, run.verdict.exit_code) = (decision.outcome, decision.exit_code);
    run.verdict.sentence = sentence::verdict(&run, &facts.ending);
    verdict::settle(&mut run, end(facts));
    run
}

/// When the run ended. Where that is not known, every waiver counts as expired.
fn end(facts: &RunFacts<'_>) -> Timestamp {
    let length = SignedDuration::from_nanos(i64::try_from(facts.duration_ns).unwrap_or(i64::MAX));
    facts
        .started_at
        .and_then(|start| start.checked_add(length).ok())
        .unwrap_or(Timestamp::MAX)
}

/// What had no end when the generator ended was in flight then.
fn account(run: &mut Run) {
    let account = |totals: &mut Totals| {
        totals.in_flight_at_end += totals.intended.saturating_sub(totals.accounted());
    };
    account(&mut run.totals);
    for test in &mut run.tests {
        account(&mut test.totals);
        for journey in &mut test.journeys {
            account(&mut journey.totals);
            journey
                .steps
                .iter_mut()
                .for_each(|step| account(&mut step.totals));
        }
    }
}

/// The worst status there is; valid where nothing was checked.
pub(crate) fn worst(checks: &[Check]) -> ValidityStatus {
    let statuses = checks.iter().map(|check| check.status);
    statuses.max().unwrap_or(ValidityStatus::Valid)
}

pub(crate) fn sum(all: impl Iterator<Item = Totals>) -> Totals {
    all.fold(Totals::default(), |sum, one| Totals {
        intended: sum.intended + one.intended,
        ok: sum.ok + one.ok,
        failed: sum.failed + one.failed,
        shed: sum.shed + one.shed,
        timeout: sum.timeout + one.timeout,
        dropped: sum.dropped + one.dropped,
        in_flight_at_end: sum.in_flight_at_end + one.in_flight_at_end,
    })
}

fn test(facts: &TestFacts<'_>) -> Test {
    let (tally, warmup) = (facts.tally, &facts.warmup);
    let requests = tally.requests();
    let judged = match warmup.until_ns {
        0 => &requests.outcomes,
        _ => &*tally.judged(Scope::Test, warmup),
    };
    let (model, arrivals, load, users, pacing_ns) = match &facts.model {
        LoadModel::Open { arrivals, load } => (
            Model::Open,
            Some(arrivals.clone()),
            Some(load.clone()),
            None,
            None,
        ),
        LoadModel::Closed { users, pacing_ns } => {
            (Model::Closed, None, None, Some(*users), Some(*pacing_ns))
        }
    };
    // JSON has no infinity: a rate over no time is no rate.
    let finite = |rate: Option<f64>| rate.filter(|rate| rate.is_finite());
    Test {
        name: facts.name.clone(),
        model,
        arrivals,
        users,
        pacing_ns,
        seed: facts.seed,
        load,
        started_ns: None,
        planned_ns: facts.planned_ns,
        elapsed_ns: facts.elapsed_ns,
        cut_short: false,
        offered_rate: finite(facts.offered_rate),
        achieved_rate: finite(facts.achieved_rate),
        goodput_rate: tally.goodput_rate(facts.arrivals_ns),
        warmup: left_out(warmup),
        totals: totals(&requests.outcomes.ledger),
        late: requests.outcomes.late,
        errors: errors(&requests),
        response: headline(judged),
        response_ok: latency(&judged.response_ok),
        dispatch_lag: latency(&requests.dispatch_lag),
        stages: stages(tally),
        journeys: facts
            .tally
            .catalogue()
            .journeys()
            .iter()
            .map(|entry| journey(tally, warmup, entry))
            .collect(),
        examples: facts.examples.clone(),
        course: course(tally),
        curve: curve(&requests.outcomes),
        marks: facts.marks.clone(),
        findings: facts.findings.clone(),
        resources: facts.resources.clone(),
    }
}

fn course(tally: &Tally) -> super::Course {
    let chart = tally.chart();
    let points = chart.points.iter().map(|point| super::Point {
        arrivals: point.arrivals,
        intended: point.intended,
        ok: point.ok,
        good: point.good,
        shed: point.shed,
        failed: point.failed,
        timeout: point.timeout,
        dropped: point.dropped,
        p50_ns: point.p50,
        p95_ns: point.p95,
        p99_ns: point.p99,
        max_ns: point.max,
    });
    super::Course {
        width_ns: chart.width_ns,
        points: points.collect(),
    }
}

fn curve(requests: &Outcomes) -> super::Curve {
    let curve = requests.curve();
    super::Curve {
        points: curve.points,
        failed_from: curve.failed_from,
    }
}

fn left_out(warmup: &Warmup) -> super::Warmup {
    let (rule, reason) = match warmup.rule {
        plimsoll_measure::WarmupRule::Declared => (WarmupRule::Declared, None),
        plimsoll_measure::WarmupRule::Estimated(_) => (WarmupRule::Estimated, None),
        plimsoll_measure::WarmupRule::NotEstimated(reason) => {
            (WarmupRule::None, Some(reason.to_owned()))
        }
    };
    super::Warmup {
        until_ns: warmup.until_ns,
        rule,
        reason,
    }
}

/// A load of one stage is the whole test, and is not shown twice.
fn stages(tally: &Tally) -> Vec<StageFigures> {
    let stages = &tally.timetable().stages;
    let several = stages.iter().filter(|_| stages.len() > 1);
    several
        .map(|stage| {
            let outcomes = tally.part(Scope::Test, stage.from_ns, stage.until_ns);
            StageFigures {
                from_ns: stage.from_ns,
                until_ns: stage.until_ns,
                totals: totals(&outcomes.ledger),
                late: outcomes.late,
                response: headline(&outcomes),
                response_ok: latency(&outcomes.response_ok),
            }
        })
        .collect()
}

fn journey(tally: &Tally, warmup: &Warmup, entry: &JourneyEntry) -> Journey {
    let series = tally.series(entry.series);
    let judged = tally.judged(Scope::Series(entry.series), warmup);
    Journey {
        name: entry.name.clone(),
        totals: totals(&series.outcomes.ledger),
        late: series.outcomes.late,
        errors: errors(series),
        response: headline(&judged),
        response_ok: latency(&judged.response_ok),
        duration: latency(&series.duration),
        steps: entry
            .steps
            .iter()
            .map(|entry| step(tally, warmup, entry))
            .collect(),
    }
}

fn step(tally: &Tally, warmup: &Warmup, entry: &StepEntry) -> Step {
    let series = tally.series(entry.series);
    let judged = tally.judged(Scope::Series(entry.series), warmup);
    Step {
        name: entry.name.clone(),
        totals: totals(&series.outcomes.ledger),
        late: series.outcomes.late,
        errors: errors(series),
        statuses: statuses(series),
        response: headline(&judged),
        response_ok: latency(&judged.response_ok),
        service: latency(&series.service),
        ttfb: latency(&series.ttfb),
        connect: latency(&series.connect),
        tls: latency(&series.tls),
        dns: latency(&series.dns),
        conn_wait: latency(&series.conn_wait),
        dispatch_lag: latency(&series.dispatch_lag),
        body_bytes: series.body_bytes,
        retries: series.retries,
        // Most requests redirect less often than they may.
        hops: (0..)
            .zip(entry.hops.iter().map(|hop| tally.series(*hop)))
            .filter(|(_, counted)| !counted.statuses().is_empty())
            .map(|(hop, counted)| Hop {
                hop,
                statuses: statuses(counted),
                response_ok: latency(&counted.outcomes.response_ok),
            })
            .collect(),
    }
}

fn statuses(series: &SeriesTally) -> BTreeMap<String, u64> {
    let counted = series.statuses().iter();
    counted
        .map(|(status, count)| (status.to_string(), *count))
        .collect()
}

fn totals(ledger: &Ledger) -> Totals {
    Totals {
        intended: ledger.intended,
        ok: ledger.ok,
        failed: ledger.failed,
        shed: ledger.shed,
        timeout: ledger.timeout,
        dropped: ledger.dropped,
        in_flight_at_end: ledger.in_flight_at_end,
    }
}

fn errors(series: &SeriesTally) -> BTreeMap<String, u64> {
    let named = |(kind, count): (plimsoll_measure::ErrorKind, u64)| (kind.name().to_owned(), count);
    series.errors().map(named).collect()
}

/// The figures of what was measured, and of nothing else.
pub(crate) fn latency(histogram: &Histogram) -> Latency {
    let mut figures = Latency {
        count: histogram.count(),
        min_ns: histogram.min(),
        mean_ns: histogram.mean().map(|mean| mean.round() as u64),
        max_ns: histogram.max(),
        ..Latency::default()
    };
    let mut quantiles = histogram.quantiles(fractions());
    for percentile in Percentile::ALL {
        figures.set(percentile, quantiles.next());
    }
    figures
}

fn fractions() -> impl Iterator<Item = (u64, u64)> {
    let all = Percentile::ALL.into_iter();
    all.map(|Percentile { fraction, .. }| (fraction.0.into(), fraction.1.into()))
}

/// The figures over everything that was intended, what did not end well counted as infinitely slow.
pub(crate) fn headline(judged: &Outcomes) -> Latency {
    let mut figures = Latency {
        count: judged.arrivals(),
        min_ns: judged.response_ok.min(),
        ..Latency::default()
    };
    if figures.count == 0 {
        return figures;
    }
    if figures.min_ns.is_none() {
        figures.infinite.insert("min");
    }
    // Neither a mean nor a maximum over something infinite is finite.
    if judged.ledger.not_ok() == 0 {
        figures.mean_ns = judged.response_ok.mean().map(|mean| mean.round() as u64);
        figures.max_ns = judged.response_ok.max();
    } else {
        figures.infinite.insert("mean");
    }
    for (percentile, quantile) in Percentile::ALL
        .into_iter()
        .zip(judged.headline_quantiles(fractions()))
    {
        match quantile {
            Quantile::NoData => {}
            Quantile::Finite(ns) => figures.set(percentile, Some(ns)),
            Quantile::Infinite => {
                figures.set(percentile, None);
                figures.infinite.insert(percentile.name);
            }
        }
    }
    if judged.ledger.not_ok() > 0 {
        figures.infinite.insert("max");
    }
    figures
}

impl Latency {
    fn set(&mut self, percentile: Percentile, ns: Option<u64>) {
        let figure = match percentile.name {
            "p50" => &mut self.p50_ns,
            "p90" => &mut self.p90_ns,
            "p95" => &mut self.p95_ns,
            "p99" => &mut self.p99_ns,
            _ => &mut self.p99_9_ns,
        };
        *figure = ns;
        if self.count > 0 && self.count < percentile.minimum_count {
            self.too_few_for.insert(percentile.name);
        }
    }
}

#[cfg(test)]
mod tests;

//! All checks of a run, from what was recorded.

use super::{Check, Validity, checks};
use crate::judge::Judgement;
use crate::sample::ErrorKind;
use crate::statistics::trend::mann_kendall;
use crate::tally::Tally;
use crate::threshold::{Kind, Metric, Threshold};
use crate::vitals::Vitals;
use crate::warmup::{Warmup, WarmupRule};

/// Fewer intervals say nothing about a trend.
const FEWEST_INTERVALS: usize = 15;
/// The probability of taking chance for a trend, over everything that is looked at.
const TREND_ALPHA: f64 = 0.01;
/// A change of the share above a limit by less than this part of what is tolerated changes nothing.
const NEGLIGIBLE_PART: f64 = 0.1;
/// Nor does a change of the median by less than this part of the tightest limit on a latency: a tenth of a
/// millisecond is a large share of what a fast service takes, and nothing to who was promised half a second.
const NEGLIGIBLE_OF_LIMIT: f64 = 0.001;

/// Makes every check that the recorded data allow. `judgements` are those of the thresholds of the
/// tally, in their order, before validity is taken into account. Arrivals ended at `arrivals_ns`, which may
/// be earlier than was planned.
pub fn assess(
    tally: &Tally,
    vitals: &Vitals,
    warmup: &Warmup,
    judgements: &[Judgement],
    arrivals_ns: u64,
) -> Validity {
    let requests = tally.requests();
    let thresholds: Vec<&Threshold> = tally
        .courses()
        .iter()
        .map(|course| &course.watched().threshold)
        .collect();
    // The tightest limit on a latency decides what lateness can be borne.
    let tightest = thresholds
        .iter()
        .filter(|threshold| threshold.metric.kind() == Kind::Duration)
        .map(|threshold| threshold.value)
        .reduce(f64::min);
    let worst = tally.timeline().worst_second();
    let (made, intended) = tally.timeline().shape();
    let environment = (vitals.throttled.is_some() || vitals.stolen.is_some()).then(|| {
        let (throttled, stolen) = (vitals.throttled, vitals.stolen);
        checks::environment(throttled.unwrap_or_default(), stolen.unwrap_or_default())
    });
    let stall = vitals.heartbeat.max();
    // A change within what the generator itself may be late is not the service's.
    let lag_ns = requests.dispatch_lag.quantile(99, 100).unwrap_or_default();
    let negligible_ns = (tightest.unwrap_or_default() * NEGLIGIBLE_OF_LIMIT).max(lag_ns as f64);
    let is_crowded = !vitals.neighbours.is_empty();
    let all = [
        Some(checks::offered_load(
            (
                requests.outcomes.ledger.dropped,
                requests.outcomes.ledger.intended,
            ),
            (worst.dropped, worst.intended),
        )),
        checks::dispatch_lag(&requests.dispatch_lag, tightest),
        Some(checks::conn_wait(&requests)),
        checks::arrival_shape(&made, &intended),
        vitals.busiest_worker.map(checks::generator_cpu),
        vitals
            .processors_busy
            .filter(|_| is_crowded)
            .map(|busy| checks::shared_processors(busy, &vitals.neighbours)),
        environment,
        stall.map(|ns| checks::loop_stall(ns as f64, tightest)),
        Some(checks::resources(&checks::Lacking {
            descriptors: requests.error_count(ErrorKind::Descriptors),
            ports: requests.error_count(ErrorKind::Ports),
            retransmits: vitals.retransmits.unwrap_or_default(),
            requests: requests.outcomes.ledger.intended,
        })),
        trend(tally, (warmup.until_ns, arrivals_ns), negligible_ns),
        match warmup.rule {
            WarmupRule::Estimated(cut) => {
                Some(checks::warmup(&cut, crate::timetable::INTERVALS as usize))
            }
            WarmupRule::Declared | WarmupRule::NotEstimated(_) => None,
        },
        samples(&thresholds, judgements),
    ];
    Validity {
        checks: all.into_iter().flatten().collect(),
    }
}

/// The largest drift of medians and of shares above a limit, within stretches of constant load. A change of the
/// median by at most `floor_ns` nanoseconds is none.
fn trend(tally: &Tally, (from_ns, until_ns): (u64, u64), floor_ns: f64) -> Option<Check> {
    let mut series: Vec<(Vec<f64>, f64)> = Vec::new();
    for stage in tally
        .timetable()
        .stages
        .iter()
        .filter(|stage| stage.is_steady)
    {
        let (from, until) = (stage.from_ns.max(from_ns), stage.until_ns.min(until_ns));
        let medians = tally.timeline().medians(from, until);
        let wanted = medians.len();
        // An interval without a success has no median: it is left out, and not the others with it.
        series.push((medians.into_iter().flatten().collect(), floor_ns));
        for course in tally.courses() {
            let threshold = &course.watched().threshold;
            if let (Metric::Quantile { .. }, Some(tolerated)) =
                (threshold.metric, threshold.share_limit())
            {
                let shares = course.shares(from, until, wanted);
                series.push((shares, tolerated * NEGLIGIBLE_PART));
            }
        }
    }
    series.retain(|(values, _)| values.len() >= FEWEST_INTERVALS);
    // Of many trends that are looked for, one is found by chance more easily (Bonferroni).
    let alpha = TREND_ALPHA / series.len().max(1) as f64;
    let drifts = series
        .iter()
        .map(|(values, floor)| drift(values, alpha, *floor));
    drifts.reduce(f64::max).map(checks::trend)
}

/// How far values went from first to last, as a share of their median; 0 where that may well be
/// chance or is at most `floor`.
fn drift(values: &[f64], alpha: f64, floor: f64) -> f64 {
    let Some(trend) = mann_kendall(values).filter(|trend| trend.p < alpha) else {
        return 0.0;
    };
    let change = trend.slope * values.len().saturating_sub(1) as f64;
    match trend.drift(values) {
        Some(drift) if change.abs() > floor => drift.abs(),
        _ => 0.0,
    }
}

/// The quantile with the fewest independent samples beyond it.
fn samples(thresholds: &[&Threshold], judgements: &[Judgement]) -> Option<Check> {
    let beyond = |(threshold, judgement): (&&Threshold, &Judgement)| match threshold.metric {
        Metric::Quantile {
            numerator,
            denominator,
        } if judgement.n > 0 && threshold.window.is_none() => {
            let q = f64::from(numerator) / f64::from(denominator);
            Some((judgement.n_eff, q))
        }
        _ => None,
    };
    thresholds
        .iter()
        .zip(judgements)
        .filter_map(beyond)
        .min_by(|a, b| (a.0 * (1.0 - a.1)).total_cmp(&(b.0 * (1.0 - b.1))))
        .map(|(n_eff, q)| checks::samples(n_eff, q, 0.05))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CheckName;
    use crate::catalogue::{Catalogue, Series};
    use crate::sample::{Outcome, Phases, Sample};
    use crate::tally::Watched;
    use crate::threshold::Scope;
    use crate::timetable::{Stage, Timetable};
    use std::sync::Arc;

    const SECOND_NS: u64 = 1_000_000_000;

    /// How far a service drifted that got slower by 3 ms in thirty seconds, and in one of them answered nothing
    /// or not, where so much was promised.
    fn drifted(silent_second: Option<u64>, promised: Option<&str>) -> f64 {
        let mut catalogue = Catalogue::default();
        catalogue.add_journey("visit", [("home", 0)]);
        let timetable = Timetable {
            duration_ns: Some(60 * SECOND_NS),
            stages: vec![Stage {
                from_ns: 0,
                until_ns: 60 * SECOND_NS,
                is_steady: true,
            }],
            warmup_ns: Some(0),
        };
        let watched = promised.map(|text| Watched {
            scope: Scope::Test,
            threshold: text.parse().unwrap(),
        });
        let watched = watched.into_iter().collect();
        let mut tally = Tally::new(Arc::new(catalogue), watched, timetable);
        let ended_ns = 30 * SECOND_NS;
        for intended in (0..ended_ns).step_by(100_000_000) {
            tally.intend(Series(1), intended / SECOND_NS, 1);
            let outcome = match Some(intended / SECOND_NS) == silent_second {
                true => Outcome::Timeout,
                false => Outcome::Ok,
            };
            tally.record(&Sample {
                series: Series(1),
                outcome,
                error: None,
                status: 200,
                intended,
                end: intended + 1_000_000 + intended / 10_000,
                thinking: 0,
                phases: Phases::default(),
                body_bytes: 0,
                client: None,
                retries: 0,
            });
        }
        let warmup = tally.warmup(ended_ns);
        let validity = assess(&tally, &Vitals::default(), &warmup, &[], ended_ns);
        let trend = |check: &&Check| check.name == CheckName::Trend;
        let trend = validity.checks.iter().find(trend);
        let trend = trend.expect("thirty intervals are enough for a trend");
        trend.observed
    }

    #[test]
    fn a_run_that_ended_early_drifts_as_far_as_it_went() {
        assert!(drifted(None, None) > 1.0);
    }

    #[test]
    fn an_interval_without_a_success_does_not_hide_the_trend() {
        assert!(drifted(Some(12), None) > 1.0);
    }

    #[test]
    fn a_change_that_is_nothing_beside_what_was_promised_is_no_drift() {
        assert_eq!(drifted(None, Some("p99 < 5s")), 0.0);
        assert!(drifted(None, Some("p99 < 2s")) > 1.0);
    }

    #[test]
    fn only_a_drift_that_is_proven_and_matters_counts() {
        let rising: Vec<f64> = (0..60).map(|i| 100.0 + f64::from(i)).collect();
        assert!((drift(&rising, 0.01, 0.0) - 59.0 / 129.5).abs() < 1e-9);
        assert_eq!(drift(&rising, 0.01, 60.0), 0.0, "below the floor");
        let noise: Vec<f64> = (0..60).map(|i| 100.0 + f64::from(i * 37 % 11)).collect();
        assert_eq!(drift(&noise, 0.01, 0.0), 0.0);
    }
}

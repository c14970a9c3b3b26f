//! What follows from the probes: how the system grows, what a request costs, and whether that is what
//! was promised.

use plimsoll_measure::capacity::{End, Found};
use plimsoll_measure::scalability::{Fit, fit, use_per_request};
use plimsoll_report::capacity::{by_rate, hold_against, measured};
use plimsoll_report::document::{
    ItemState, Journey, Law, Limit, Notice, NoticeLevel, Probe, ResourceUse, Scalability, Test,
};
use plimsoll_report::quantity::duration;

/// How far the law is told, in times of the largest concurrency measured; it is refused beyond twice.
const TOLD: f64 = 2.0;
/// Steps of its curve.
const STEPS: u32 = 40;

/// The law through the probes.
pub(super) fn scalability(probes: &[Probe]) -> Scalability {
    // One of each rate: what was offered twice is no other load.
    let points: Vec<(f64, f64)> = by_rate(measured(probes))
        .into_iter()
        .filter_map(|probe| probe.in_flight.zip(probe.throughput))
        .collect();
    let fit = match fit(&points) {
        Ok(fit) => fit,
        Err(why) => {
            return Scalability {
                law_refused: Some(why.to_string()),
                ..Scalability::default()
            };
        }
    };
    let peak = fit.peak();
    Scalability {
        law: Some(Law {
            alpha: fit.law.alpha,
            beta: fit.law.beta,
            gamma: fit.law.gamma,
            deviation: fit.deviation,
            points: fit.points,
        }),
        law_refused: None,
        n_max: peak.ok().map(|peak| peak.n),
        x_max: peak.ok().map(|peak| peak.throughput),
        peak_refused: peak.err().map(|why| why.to_string()),
        curve: curve(&fit, &points),
    }
}

/// Concurrency and throughput by the law, evenly from the least that was measured to where it is told no more.
fn curve(fit: &Fit, points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let least = points.iter().map(|point| point.0).fold(1.0, f64::min);
    let most = TOLD * fit.measured;
    let at = |step: u32| least + (most - least) * f64::from(step) / f64::from(STEPS);
    let told = (0..=STEPS).map(at);
    told.filter_map(|n| Some((n, fit.throughput(n).ok()?)))
        .collect()
}

/// What a request costs; `None` where nobody knows what the target uses. `sustained` and `target` are
/// journeys per second.
///
/// Only probes that passed say so: in the others the system worked for requests that did not end well, too.
pub(super) fn resources(
    probes: &[Probe],
    source: Option<String>,
    sustained: Option<f64>,
    target: Option<f64>,
) -> Option<ResourceUse> {
    probes.iter().find(|probe| probe.processors.is_some())?;
    let source = source.unwrap_or_default();
    let passed = by_rate(measured(probes).filter(|probe| probe.outcome == "passed"));
    let used = |probe: &&Probe| probe.throughput.zip(probe.processors);
    let points: Vec<(f64, f64)> = passed.iter().filter_map(used).collect();
    let used = match use_per_request(&points) {
        Ok(used) => used,
        Err(why) => {
            return Some(ResourceUse {
                source,
                refused: Some(why.to_string()),
                ..ResourceUse::default()
            });
        }
    };
    let ratio = |probe: &&Probe| Some(probe.throughput? / probe.rate);
    let ratio = passed.iter().rev().find_map(ratio);
    let mut resources = ResourceUse {
        source,
        processor_s_per_request: Some(used.per_request),
        interval: Some([used.per_request_interval.0, used.per_request_interval.1]),
        idle_processors: Some(used.idle),
        requests_per_journey: ratio,
        measured_rate: ratio.map(|ratio| used.measured / ratio),
        ..ResourceUse::default()
    };
    hold_against(&mut resources, sustained, target);
    Some(resources)
}

/// What to know of journeys that take longer than a rate is held before it is measured: their last steps were asked for
/// less often than at that rate. Told by the highest rate that passed; in overload all take long.
pub(super) fn short_trim(probes: &[Probe], tests: &[Test]) -> Option<Notice> {
    let passed = by_rate(measured(probes).filter(|probe| probe.outcome == "passed"));
    let probe = passed.last()?;
    let name = probe.test.as_ref()?;
    let test = tests.iter().find(|test| test.name == *name)?;
    let median = |journey: &Journey| journey.duration.p50_ns.or(journey.response_ok.p50_ns);
    let journeys = test.journeys.iter();
    let medians = journeys.filter_map(|journey| Some((median(journey)?, journey.name.as_str())));
    longer_than(probe.trimmed_ns, medians)
}

/// The same, of journeys by their medians.
fn longer_than<'j>(
    trimmed_ns: u64,
    medians: impl Iterator<Item = (u64, &'j str)>,
) -> Option<Notice> {
    let (ns, journey) = medians.max().filter(|(ns, _)| *ns > trimmed_ns)?;
    Some(Notice {
        level: NoticeLevel::Warn,
        text: format!(
            "half of the journeys `{journey}` take {} and longer, and a rate is held for {} before it is measured (--trim): \
             their last steps were asked for less often than at that rate, so that the system may bear less than was \
             found; search again with a --trim as long as journeys take",
            duration(ns),
            duration(trimmed_ns)
        ),
    })
}

/// Who could do no more, where that was shown.
pub(super) fn limit(found: &Found) -> Option<Limit> {
    match (found.end, found.refuted) {
        (End::GeneratorLimited { .. }, _) => Some(Limit::Generator),
        (_, Some(_)) => Some(Limit::Target),
        (_, None) => None,
    }
}

/// The name of an end in documents.
pub(super) const fn end(end: End) -> &'static str {
    match end {
        End::Open => "open",
        End::Confirmed => "confirmed",
        End::Most => "most",
        End::GeneratorLimited { .. } => "generator_limited",
        End::NothingPassed => "nothing_passed",
        End::NotConfirmed => "not_confirmed",
        End::NotSettled { .. } => "not_settled",
    }
}

/// The state of what was asked of a search that is over; its exit code follows from that.
pub(super) fn state(found: &Found, target: Option<f64>) -> ItemState {
    match exit_code(found, target) {
        0 => ItemState::Pass,
        20 => ItemState::Fail,
        22 => ItemState::Invalid,
        _ => ItemState::Inconclusive,
    }
}

/// The exit code of a search that is over. `target` is what was promised, in journeys per second. What was proven
/// outranks what is missing.
fn exit_code(found: &Found, target: Option<f64>) -> u8 {
    let capacity = found.capacity();
    let is_enough = |capacity: f64| target.is_none_or(|target| capacity >= target);
    let is_refuted = match target {
        Some(target) => found.refutes(target),
        None => found.end == End::NothingPassed && found.refuted.is_some(),
    };
    match (found.end, capacity) {
        (_, Some(capacity)) if is_enough(capacity) => 0,
        _ if is_refuted => 20,
        (End::GeneratorLimited { .. }, None) => 22,
        _ => 21,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_measure::capacity::Upper;

    fn found(end: End, confirmed: Option<f64>, refuted: Option<f64>) -> Found {
        Found {
            lower: confirmed,
            upper: refuted.map(|rate| Upper {
                rate,
                is_proven: true,
            }),
            refuted,
            unprovable: false,
            confirmed,
            comes_back: None,
            end,
        }
    }

    /// The same, with a rate below that was only not shown to be borne.
    fn open(end: End, confirmed: Option<f64>, open: f64, refuted: Option<f64>) -> Found {
        Found {
            upper: Some(Upper {
                rate: open,
                is_proven: false,
            }),
            ..found(end, confirmed, refuted)
        }
    }

    const NOT_SETTLED: End = End::NotSettled { after: 180.0 };

    #[test]
    fn the_exit_code_answers_what_was_asked() {
        let code = |end, confirmed, upper, target| exit_code(&found(end, confirmed, upper), target);
        assert_eq!(code(End::Confirmed, Some(100.0), Some(105.0), None), 0);
        assert_eq!(
            code(End::Confirmed, Some(100.0), Some(105.0), Some(90.0)),
            0
        );
        assert_eq!(
            code(End::Confirmed, Some(100.0), Some(105.0), Some(120.0)),
            20
        );
        // Between both ends nobody knows.
        assert_eq!(
            code(End::Confirmed, Some(100.0), Some(105.0), Some(103.0)),
            21
        );
        assert_eq!(code(End::NothingPassed, None, Some(1.0), None), 20);
        let unproven = open(End::NothingPassed, None, 1.0, None);
        assert_eq!(exit_code(&unproven, None), 21);
        assert_eq!(exit_code(&unproven, Some(10.0)), 21);
        let limited = End::GeneratorLimited { at: 200.0 };
        assert_eq!(code(limited, Some(100.0), None, None), 0);
        assert_eq!(code(limited, Some(100.0), None, Some(120.0)), 21);
        assert_eq!(code(limited, None, None, None), 22);
        assert_eq!(code(NOT_SETTLED, None, Some(180.0), None), 21);
    }

    #[test]
    fn a_target_that_was_refuted_stays_so_whatever_is_missing() {
        // 180 was shown to be too much; 165 was only not shown to be borne.
        let confirmed = open(End::Confirmed, Some(158.0), 165.0, Some(180.0));
        assert_eq!(exit_code(&confirmed, Some(180.0)), 20);
        assert_eq!(exit_code(&confirmed, Some(170.0)), 21);
        assert_eq!(exit_code(&confirmed, None), 0);
        for end in [NOT_SETTLED, End::NotConfirmed, End::NothingPassed] {
            for found in [
                found(end, None, Some(180.0)),
                open(end, None, 165.0, Some(180.0)),
            ] {
                assert_eq!(exit_code(&found, Some(180.0)), 20, "{found:?}");
                assert_eq!(exit_code(&found, Some(179.0)), 21, "{found:?}");
            }
        }
        let limited = End::GeneratorLimited { at: 90.0 };
        assert_eq!(
            exit_code(&found(limited, None, Some(180.0)), Some(200.0)),
            20
        );
    }

    #[test]
    fn who_could_do_no_more_is_said_where_it_was_shown() {
        let limit_of = |found: Found| limit(&found);
        assert_eq!(
            limit_of(open(End::Confirmed, Some(158.0), 165.0, None)),
            None
        );
        assert_eq!(
            limit_of(open(End::Confirmed, Some(158.0), 165.0, Some(180.0))),
            Some(Limit::Target)
        );
        let limited = End::GeneratorLimited { at: 9.0 };
        assert_eq!(
            limit_of(found(limited, Some(1.0), Some(5.0))),
            Some(Limit::Generator)
        );
    }

    /// A probe of requests that each cost 2 ms of CPU, with a system of which 0.2 are idle.
    fn probe(kind: &str, rate: f64, outcome: &str) -> Probe {
        Probe {
            kind: kind.to_owned(),
            outcome: outcome.to_owned(),
            rate,
            throughput: Some(rate),
            in_flight: Some(rate / 20.0),
            processors: Some(0.2 + 0.002 * rate),
            ..Probe::default()
        }
    }

    #[test]
    fn journeys_that_outlast_the_trim_are_said_to() {
        const S: u64 = 1_000_000_000;
        let told =
            |trimmed_ns| longer_than(trimmed_ns, [(9 * S, "browse"), (2 * S, "buy")].into_iter());
        assert_eq!(told(9 * S), None);
        let text = told(5 * S).unwrap().text;
        assert!(
            text.starts_with("half of the journeys `browse` take 9"),
            "{text}"
        );
        assert_eq!(longer_than(0, [].into_iter()), None);
    }

    #[test]
    fn the_cost_is_of_probes_that_passed() {
        let mut probes: Vec<Probe> = [100.0, 200.0, 300.0, 400.0]
            .map(|rate| probe("probe", rate, "passed"))
            .into();
        // Most of what it worked for was refused.
        let mut failed = probe("probe", 450.0, "failed");
        failed.processors = Some(4.0);
        probes.push(failed);
        let told = resources(&probes, None, Some(400.0), None).unwrap();
        let cost = told.processor_s_per_request.unwrap();
        assert!((cost - 0.002).abs() < 1e-9, "{cost}");
        assert_eq!(told.measured_rate, Some(400.0));
    }

    #[test]
    fn what_is_offered_again_is_no_other_load() {
        let mut probes: Vec<Probe> = (1..=5)
            .map(|at| probe("probe", f64::from(at) * 50.0, "passed"))
            .collect();
        for (at, kind) in ["confirm", "from_above"].into_iter().enumerate() {
            let mut again = probe(kind, 250.0, "passed");
            // No two measurements are the same.
            again.in_flight = Some(9.0 + at as f64);
            probes.push(again);
        }
        let refused = scalability(&probes).law_refused.unwrap();
        assert!(refused.starts_with("5 different loads"), "{refused}");
    }
}

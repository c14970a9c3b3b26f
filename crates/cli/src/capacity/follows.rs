//! What follows from the probes: how the system grows, what a request costs, and whether that is what
//! was promised.

use plimsoll_measure::capacity::{End, Found};
use plimsoll_measure::scalability::{Fit, fit, use_per_request};
use plimsoll_report::document::{ItemState, Law, Limit, Probe, ResourceUse, Scalability};

/// How far the law is told, in times of the largest concurrency measured; it is refused beyond twice.
const TOLD: f64 = 2.0;
/// Steps of its curve.
const STEPS: u32 = 40;

/// Probes whose figures are the system's, and not those of a canary or of a generator that was late.
fn measured(probes: &[Probe]) -> impl Iterator<Item = &Probe> {
    probes
        .iter()
        .filter(|probe| probe.kind != "cool_down" && probe.outcome != "generator_limited")
}

/// The law through the probes.
pub(super) fn scalability(probes: &[Probe]) -> Scalability {
    let points: Vec<(f64, f64)> = measured(probes)
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
pub(super) fn resources(
    probes: &[Probe],
    source: Option<String>,
    sustained: Option<f64>,
    target: Option<f64>,
) -> Option<ResourceUse> {
    let points: Vec<(f64, f64)> = measured(probes)
        .filter_map(|probe| probe.throughput.zip(probe.processors))
        .collect();
    if points.is_empty() {
        return None;
    }
    let source = source.unwrap_or_default();
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
    // Requests of a journey, as they were in the probes that passed.
    let ratio = measured(probes)
        .filter(|probe| probe.outcome == "passed")
        .filter_map(|probe| Some(probe.throughput? / probe.rate))
        .last();
    let at = |journeys: Option<f64>| {
        journeys
            .zip(ratio)
            .map(|(rate, ratio)| used.at(rate * ratio))
    };
    let (at_sustained, at_target) = (at(sustained), at(target));
    let refused = [&at_sustained, &at_target]
        .into_iter()
        .flatten()
        .find_map(|at| at.as_ref().err().map(ToString::to_string));
    Some(ResourceUse {
        source,
        processor_s_per_request: Some(used.per_request),
        interval: Some([used.per_request_interval.0, used.per_request_interval.1]),
        idle_processors: Some(used.idle),
        requests_per_journey: ratio,
        measured_rate: ratio.map(|ratio| used.measured / ratio),
        processors_at_sustained: at_sustained.and_then(Result::ok),
        processors_at_target: at_target.and_then(Result::ok),
        refused,
    })
}

/// Who could do no more.
pub(super) fn limit(found: &Found) -> Option<Limit> {
    match (found.end, found.upper) {
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

/// The exit code of a search that is over. `target` is what was promised, in journeys per second.
fn exit_code(found: &Found, target: Option<f64>) -> u8 {
    let capacity = found.capacity();
    let is_enough = |capacity: f64| target.is_none_or(|target| capacity >= target);
    // Shown not to be borne, though it was promised.
    let is_refuted = |target: f64| {
        let upper = found.upper.filter(|upper| upper.is_proven);
        upper.is_some_and(|upper| upper.rate <= target)
    };
    match (found.end, capacity) {
        // What nobody could judge was not refuted.
        (End::NothingPassed, _) => match found.upper.is_some_and(|upper| upper.is_proven) {
            true => 20,
            false => 21,
        },
        (End::GeneratorLimited { .. }, None) => 22,
        (_, Some(capacity)) if is_enough(capacity) => 0,
        (_, Some(_)) if target.is_some_and(is_refuted) => 20,
        _ => 21,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_measure::capacity::Upper;

    fn found(end: End, confirmed: Option<f64>, upper: Option<f64>) -> Found {
        Found {
            lower: confirmed,
            upper: upper.map(|rate| Upper {
                rate,
                is_proven: true,
            }),
            confirmed,
            comes_back: None,
            end,
        }
    }

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
        let mut unproven = found(End::NothingPassed, None, Some(1.0));
        unproven.upper = unproven.upper.map(|upper| Upper {
            is_proven: false,
            ..upper
        });
        assert_eq!(exit_code(&unproven, None), 21);
        assert_eq!(exit_code(&unproven, Some(10.0)), 21);
        let limited = End::GeneratorLimited { at: 200.0 };
        assert_eq!(code(limited, Some(100.0), None, None), 0);
        assert_eq!(code(limited, Some(100.0), None, Some(120.0)), 21);
        assert_eq!(code(limited, None, None, None), 22);
        assert_eq!(
            code(End::NotSettled { after: 9.0 }, None, Some(9.0), None),
            21
        );
    }
}

//! How many processors a load needs, by what a request costs.

use plimsoll_measure::scalability::Beyond;

use crate::document::ResourceUse;

/// How far the cost of a request is trusted beyond the highest rate measured.
const REACH: f64 = 2.0;

/// Processors in use at a rate of journeys; `None` where the cost is not known.
///
/// # Errors
///
/// If that is more than twice what was measured.
pub(super) fn processors(resources: &ResourceUse, rate: f64) -> Option<Result<f64, Beyond>> {
    let per_request = resources.processor_s_per_request?;
    let requests = resources.requests_per_journey? * rate;
    let measured = resources.measured_rate?;
    Some(match rate <= REACH * measured {
        true => Ok(resources.idle_processors.unwrap_or_default() + per_request * requests),
        false => Err(Beyond { n: rate, measured }),
    })
}

/// Says what the sustained rate and the agreed load need, or why that is not told. Where nothing is known of the cost,
/// the reason stays as it is.
pub fn hold_against(resources: &mut ResourceUse, sustained: Option<f64>, target: Option<f64>) {
    if resources.processor_s_per_request.is_none() {
        return;
    }
    let at = |rate: Option<f64>| rate.and_then(|rate| processors(resources, rate));
    let (at_sustained, at_target) = (at(sustained), at(target));
    let both = [&at_sustained, &at_target].into_iter().flatten();
    let mut refused = both.filter_map(|at| at.as_ref().err().map(ToString::to_string));
    resources.refused = refused.next_back();
    resources.processors_at_sustained = at_sustained.and_then(Result::ok);
    resources.processors_at_target = at_target.and_then(Result::ok);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_load_needs_is_told_near_what_was_measured_and_else_refused() {
        let mut resources = ResourceUse {
            processor_s_per_request: Some(0.002),
            idle_processors: Some(0.2),
            requests_per_journey: Some(2.0),
            measured_rate: Some(90.0),
            refused: Some("of another load".to_owned()),
            ..ResourceUse::default()
        };
        hold_against(&mut resources, Some(90.0), Some(150.0));
        // 0.2 + 0.002 · 2 · 90, and of 150.
        let told = [
            resources.processors_at_sustained,
            resources.processors_at_target,
        ];
        let close = |(told, expected): (Option<f64>, f64)| {
            assert!((told.unwrap() - expected).abs() < 1e-9, "{told:?}");
        };
        told.into_iter().zip([0.56, 0.8]).for_each(close);
        assert_eq!(resources.refused, None);
        hold_against(&mut resources, Some(90.0), Some(181.0));
        assert_eq!(resources.processors_at_target, None);
        let why = resources.refused.as_deref().unwrap();
        assert!(why.contains("181.0 is more than twice the 90.0"), "{why}");
        let mut unknown = ResourceUse {
            refused: Some("too few points".to_owned()),
            ..ResourceUse::default()
        };
        hold_against(&mut unknown, Some(1.0), Some(1.0));
        assert_eq!(unknown.refused.as_deref(), Some("too few points"));
    }
}

//! Whether a capacity will be enough, and what loads need.

use plimsoll_measure::scalability::{MonthsLeft, forecast, headroom, instances_for, months_left};

use super::resources::processors;
use crate::document::{Forecast, Need, Planning, ResourceUse};

/// By how much the peak may grow every month, where nobody says.
const ASSUMED: [f64; 3] = [0.02, 0.05, 0.10];
/// Up to which shares what loads need is told, besides the one that was asked for.
const UTILISATIONS: [f64; 2] = [0.6, 0.8];
/// The fewest months of a forecast, and the most.
const MONTHS: (u32, u32) = (12, 60);

/// What a capacity is held against.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Demand {
    /// The peak, and that with what was agreed on top; `None`: nobody said.
    pub peak: Option<(f64, f64)>,
    /// By which share the peak grows every month; `None`: nobody said.
    pub growth: Option<f64>,
    /// Up to which share the capacity is to be used.
    pub utilisation: f64,
}

/// Whether it will be enough. `sustained` is what may be relied on, `resources` what a request costs.
pub fn planning(
    sustained: Option<f64>,
    demand: &Demand,
    resources: Option<&ResourceUse>,
) -> Planning {
    let Demand {
        peak,
        growth,
        utilisation,
    } = *demand;
    let base = Planning {
        peak: peak.map(|(peak, _)| peak),
        target: peak.map(|(_, target)| target),
        utilisation,
        growth,
        ..Planning::default()
    };
    let Some((peak, target)) = peak else {
        return base;
    };
    let instances = |load: f64, utilisation: f64| {
        sustained.and_then(|capacity| instances_for(load, capacity, utilisation))
    };
    let forecasts = sustained.map_or_else(Vec::new, |capacity| {
        forecasts(capacity, utilisation, peak, growth)
    });
    let mut said = forecasts.iter().filter(|forecast| !forecast.is_assumed);
    let mut loads = vec![
        ("peak", peak),
        ("target", target),
        ("twice_the_peak", 2.0 * peak),
    ];
    loads.retain(|(of, load)| *of != "target" || *load != peak);
    let mut utilisations: Vec<f64> = UTILISATIONS.into_iter().chain([utilisation]).collect();
    utilisations.sort_by(f64::total_cmp);
    utilisations.dedup();
    let needs = loads.iter().flat_map(|(of, load)| {
        utilisations.iter().map(|utilisation| Need {
            of: (*of).to_owned(),
            rate: *load,
            utilisation: *utilisation,
            instances: instances(*load, *utilisation),
            processors: resources
                .and_then(|resources| processors(resources, *load)?.ok())
                .map(|used| used / *utilisation),
        })
    });
    let is_told = |need: &Need| need.instances.is_some() || need.processors.is_some();
    Planning {
        headroom: sustained.and_then(|capacity| headroom(capacity, peak)),
        months_left: said.next().and_then(|forecast| forecast.months_left),
        instances: instances(target, utilisation),
        needs: needs.filter(is_told).collect(),
        forecasts,
        ..base
    }
}

fn forecasts(capacity: f64, utilisation: f64, peak: f64, growth: Option<f64>) -> Vec<Forecast> {
    let (growths, is_assumed) = match growth {
        Some(growth) => (vec![growth], false),
        None => (ASSUMED.to_vec(), true),
    };
    let left = |growth: f64| match months_left(capacity, utilisation, peak, growth) {
        MonthsLeft::None => Some(0.0),
        MonthsLeft::Months(months) => Some(months),
        MonthsLeft::Always => None,
    };
    let longest = growths.iter().filter_map(|growth| left(*growth));
    let longest = longest.fold(0.0, f64::max);
    let (fewest, most) = MONTHS;
    // A little beyond where they meet. The cast saturates.
    let months = (longest.ceil() as u32)
        .saturating_add(2)
        .clamp(fewest, most);
    let of = |growth: f64| Forecast {
        growth,
        is_assumed,
        months_left: left(growth),
        peaks: forecast(peak, growth, months),
    };
    growths.iter().map(|growth| of(*growth)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demand(peak: Option<(f64, f64)>, growth: Option<f64>) -> Demand {
        Demand {
            peak,
            growth,
            utilisation: 0.8,
        }
    }

    #[test]
    fn months_and_instances_follow_from_a_known_capacity_only() {
        let known = demand(Some((2000.0, 3000.0)), Some(0.05));
        let told = planning(Some(3644.0), &known, None);
        assert!((told.months_left.unwrap() - 7.72).abs() < 5e-3);
        assert!((told.headroom.unwrap() - 0.822).abs() < 5e-4);
        assert_eq!(told.instances, Some(2));
        let [forecast] = told.forecasts.as_slice() else {
            unreachable!()
        };
        assert!(!forecast.is_assumed);
        // The eighth month is the first above 80 % of the capacity.
        let limit = 0.8 * 3644.0;
        assert!(forecast.peaks[7] < limit && forecast.peaks[8] > limit);
        let unknown = planning(None, &known, None);
        assert_eq!((unknown.months_left, unknown.headroom), (None, None));
        assert_eq!((unknown.forecasts.len(), unknown.needs.len()), (0, 0));
        assert_eq!((unknown.peak, unknown.growth), (Some(2000.0), Some(0.05)));
    }

    #[test]
    fn a_growth_that_nobody_said_is_assumed_and_no_months_are_promised() {
        let told = planning(Some(3644.0), &demand(Some((2000.0, 2000.0)), None), None);
        assert_eq!(told.months_left, None);
        let growths: Vec<f64> = told.forecasts.iter().map(|one| one.growth).collect();
        assert_eq!(growths, ASSUMED);
        assert!(told.forecasts.iter().all(|one| one.is_assumed));
        // ln(3644 · 0.8 / 2000) / ln 1.02 = 19.03 months; all lines are as long, and a little longer.
        assert!((told.forecasts[0].months_left.unwrap() - 19.03).abs() < 5e-3);
        assert!(told.forecasts.iter().all(|one| one.peaks.len() == 23));
        // A target that is the peak is told once: of two loads, two utilisations each.
        assert_eq!(told.needs.len(), 4);
        let nobody = planning(Some(3644.0), &demand(None, Some(0.05)), None);
        assert_eq!((nobody.headroom, nobody.forecasts.len()), (None, 0));
    }

    #[test]
    fn processors_are_told_for_loads_near_what_was_measured() {
        let resources = ResourceUse {
            processor_s_per_request: Some(0.002),
            idle_processors: Some(0.2),
            requests_per_journey: Some(2.0),
            measured_rate: Some(90.0),
            ..ResourceUse::default()
        };
        let told = planning(None, &demand(Some((100.0, 150.0)), None), Some(&resources));
        let found: Vec<_> = told
            .needs
            .iter()
            .filter(|need| need.utilisation == 0.8)
            .map(|need| (need.of.as_str(), need.instances, need.processors))
            .collect();
        // (0.2 + 0.002 · 2 · 100) / 0.8; twice the peak is more than twice what was measured.
        let [("peak", None, Some(peak)), ("target", None, Some(target))] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert!((peak - 0.75).abs() < 1e-9 && (target - 1.0).abs() < 1e-9);
    }
}

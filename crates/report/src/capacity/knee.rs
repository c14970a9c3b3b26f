//! Where goodput stops growing.

use super::measured;
use crate::document::Probe;

/// How close to the best counts as no less.
const CLOSE: f64 = 0.95;

/// The lowest rate tried under which goodput was within 5 % of the best; `None` if at the highest rate
/// tried that share of it was still served, so that it may grow further, or if nothing was served at any.
pub fn knee_rate(probes: &[Probe]) -> Option<f64> {
    let mut points: Vec<(f64, f64)> = measured(probes)
        .map(|probe| (probe.rate, probe.goodput.unwrap_or_default()))
        .collect();
    points.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (highest, served) = *points.last()?;
    if served >= CLOSE * highest {
        return None;
    }
    let best = points.iter().map(|point| point.1).fold(0.0, f64::max);
    let mut points = points.into_iter();
    let knee = points.find(|(_, goodput)| best > 0.0 && *goodput >= CLOSE * best);
    knee.map(|(rate, _)| rate)
}

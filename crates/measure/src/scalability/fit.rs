//! The universal scalability law through measured points.

mod least_squares;

use super::universal::{Beyond, Peak, PeakError, Usl};
use least_squares::Solution;

/// With fewer loads, three parameters fit almost anything.
const FEWEST: usize = 6;
/// So many loads have to lie on either side of the knee.
const FEWEST_PER_SIDE: usize = 2;
/// The least share of the variance of throughput that the law has to explain.
const EXPLAINED: f64 = 0.8;
/// How far the law is trusted beyond the largest concurrency measured.
const REACH: f64 = 2.0;
/// So many times the largest throughput measured, a peak may be: a higher one lies between loads where nobody looked.
const HIGHEST: f64 = 1.25;

/// The law through measured points, and how far it goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    /// The law.
    pub law: Usl,
    /// The standard deviation of measured throughput around it.
    pub deviation: f64,
    /// The largest concurrency measured.
    pub measured: f64,
    /// The largest throughput measured.
    pub most: f64,
    /// How many points it rests on.
    pub points: usize,
}

/// Why there is no law.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum FitError {
    /// There are too few different loads.
    #[error(
        "{0} different loads are too few for a law of three parameters; measure at {FEWEST} or more"
    )]
    TooFew(usize),
    /// A point is none.
    #[error(
        "point {0}, counted from 0, is not of a concurrency and throughput above 0; leave it out"
    )]
    NotAPoint(usize),
    /// The points do not reach the loads where it bends.
    #[error(
        "throughput still grows almost in proportion at the largest load; measure where it does not any more"
    )]
    BelowKnee,
    /// All points lie beyond where it bends.
    #[error(
        "too few loads lie below a concurrency of {0:.1}, where throughput stops growing in proportion; measure at lower loads too"
    )]
    AboveKnee(f64),
    /// The points scatter too much around it.
    #[error(
        "the law explains {:.0} % of how throughput varies, and not {:.0} %; measure for longer, or look for the point that is out of line",
        .0 * 100.0,
        EXPLAINED * 100.0
    )]
    Scattered(f64),
}

/// Fits the law to points of concurrency (the measured mean in flight, [`super::mean_in_flight`]) and
/// throughput per second, by least squares with α, β, γ ≥ 0.
///
/// # Errors
///
/// If the points do not carry a law: fewer than six different loads, or fewer than two of them on either
/// side of the [knee](Usl::knee), or if they scatter too much around it.
pub fn fit(points: &[(f64, f64)]) -> Result<Fit, FitError> {
    let is_point = |value: f64| value.is_finite() && value > 0.0;
    let wrong = points.iter().position(|p| !is_point(p.0) || !is_point(p.1));
    if let Some(at) = wrong {
        return Err(FitError::NotAPoint(at));
    }
    let mut loads: Vec<_> = points.iter().map(|point| point.0).collect();
    loads.sort_by(f64::total_cmp);
    loads.dedup();
    if loads.len() < FEWEST {
        return Err(FitError::TooFew(loads.len()));
    }
    let solution = least_squares::solve(points).ok_or(FitError::Scattered(0.0))?;
    // The knee of a law that does not hold means nothing.
    let explained = 1.0 - solution.squares / variation(points);
    if explained.is_nan() || explained < EXPLAINED {
        return Err(FitError::Scattered(explained.max(0.0)));
    }
    let knee = solution.law.knee();
    let below = loads.iter().filter(|load| **load <= knee).count();
    let above = loads.iter().filter(|load| **load >= knee).count();
    if above < FEWEST_PER_SIDE {
        return Err(FitError::BelowKnee);
    }
    if below < FEWEST_PER_SIDE {
        return Err(FitError::AboveKnee(knee));
    }
    let Solution { law, deviation, .. } = solution;
    Ok(Fit {
        law,
        deviation,
        measured: loads.last().copied().unwrap_or_default(),
        most: points.iter().map(|point| point.1).fold(0.0, f64::max),
        points: points.len(),
    })
}

/// The sum of the squares of the distances of throughput from its mean.
fn variation(points: &[(f64, f64)]) -> f64 {
    let mean = points.iter().map(|point| point.1).sum::<f64>() / points.len() as f64;
    points.iter().map(|point| (point.1 - mean).powi(2)).sum()
}

impl Fit {
    /// Throughput per second at a concurrency.
    ///
    /// # Errors
    ///
    /// If that is more than twice what was measured.
    pub fn throughput(&self, n: f64) -> Result<f64, Beyond> {
        self.within_reach(n).map(|n| self.law.formula(n))
    }

    /// The most that the system does.
    ///
    /// # Errors
    ///
    /// If there is no peak, none within twice what was measured, or one far above all throughput that was measured.
    pub fn peak(&self) -> Result<Peak, PeakError> {
        let peak = self.law.peak().ok_or(PeakError::NoPeak)?;
        self.within_reach(peak.n)?;
        if peak.throughput > HIGHEST * self.most {
            return Err(PeakError::NotSeen {
                throughput: peak.throughput,
                most: self.most,
            });
        }
        Ok(peak)
    }

    fn within_reach(&self, n: f64) -> Result<f64, Beyond> {
        if n <= REACH * self.measured {
            Ok(n)
        } else {
            Err(Beyond {
                n,
                measured: self.measured,
            })
        }
    }
}

#[cfg(test)]
mod tests;

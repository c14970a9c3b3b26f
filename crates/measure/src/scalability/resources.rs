//! What a request costs.

use crate::statistics::line::{self, Line};

/// With fewer loads a line says nothing about how well it fits.
const FEWEST: usize = 4;
/// The largest throughput has to be so many times the smallest.
const SPREAD: f64 = 1.5;

/// How the use of a resource grows with throughput: a line through measured points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ResourceUse {
    /// What one request more a second costs: of CPU in cores, the CPU seconds of a request.
    pub per_request: f64,
    /// Where that lies with 95 % confidence.
    pub per_request_interval: (f64, f64),
    /// What is used without any request.
    pub idle: f64,
    /// The standard deviation of points around the line.
    pub deviation: f64,
    /// The largest throughput measured, per second.
    pub measured: f64,
    /// How many points it rests on.
    pub points: usize,
}

/// Why nothing is known of the cost of a request.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum ResourceUseError {
    /// There are too few points.
    #[error(
        "{0} points are too few for a line and its uncertainty; measure at {FEWEST} loads or more"
    )]
    TooFew(usize),
    /// A point is none.
    #[error(
        "point {0}, counted from 0, is not of a throughput and a use of 0 and more; leave it out"
    )]
    NotAPoint(usize),
    /// The loads are too much alike to tell the cost of requests from what is used anyway.
    #[error(
        "the largest throughput is less than {SPREAD} times the smallest; measure at loads further apart"
    )]
    TooClose,
    /// Use does not grow with throughput.
    #[error(
        "use does not grow with throughput, so that it is not requests that it is of; look at another resource or process"
    )]
    NotByRequests,
}

/// Tells the cost of a request from what is used anyway, by points of throughput per second and use,
/// such as cores (CPU seconds per second). Take one point of every step of load: neighbouring seconds
/// depend on each other, and make the interval too narrow.
///
/// Source: the utilisation law U = XD, as in Lazowska, Zahorjan and others, "Quantitative System
/// Performance" (1984), section 3.3, with service demand as the slope.
///
/// # Errors
///
/// If the points do not carry a line.
pub fn use_per_request(points: &[(f64, f64)]) -> Result<ResourceUse, ResourceUseError> {
    let is_fine = |value: f64| value.is_finite() && value >= 0.0;
    let wrong = points.iter().position(|p| !is_fine(p.0) || !is_fine(p.1));
    if let Some(at) = wrong {
        return Err(ResourceUseError::NotAPoint(at));
    }
    if points.len() < FEWEST {
        return Err(ResourceUseError::TooFew(points.len()));
    }
    let throughputs = points.iter().map(|point| point.0);
    let (smallest, largest) = throughputs.fold((f64::INFINITY, 0.0_f64), |(low, high), x| {
        (low.min(x), high.max(x))
    });
    if largest <= 0.0 || largest < SPREAD * smallest {
        return Err(ResourceUseError::TooClose);
    }
    let line = line::through(points).ok_or(ResourceUseError::TooClose)?;
    let Line {
        slope, intercept, ..
    } = line;
    let per_request_interval = line.slope_interval(0.05);
    if per_request_interval.0 <= 0.0 {
        return Err(ResourceUseError::NotByRequests);
    }
    Ok(ResourceUse {
        per_request: slope,
        per_request_interval,
        idle: intercept,
        deviation: line.deviation,
        measured: largest,
        points: points.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 0.2 cores idle and 2 ms a request, give or take.
    const POINTS: [(f64, f64); 5] = [
        (100.0, 0.41),
        (200.0, 0.59),
        (400.0, 1.00),
        (800.0, 1.81),
        (1600.0, 3.39),
    ];

    #[test]
    fn the_cost_of_a_request_is_told_from_what_is_idle() {
        let found = use_per_request(&POINTS).unwrap();
        // By scipy.stats.linregress, with t₀.₉₇₅,₃ = 3.182446.
        let close = |got: f64, expected: f64| {
            assert!((got - expected).abs() < 1e-7, "{got} is not {expected}");
        };
        close(found.per_request, 0.001_993_951_6);
        close(found.per_request_interval.0, 0.001_965_951_3);
        close(found.per_request_interval.1, 0.002_021_952_0);
        close(found.idle, 0.203_75);
        assert_eq!((found.measured, found.points), (1600.0, 5));
    }

    #[test]
    fn what_carries_no_line_is_refused() {
        let refused = |points: &[(f64, f64)]| use_per_request(points).unwrap_err();
        assert_eq!(refused(&POINTS[..3]), ResourceUseError::TooFew(3));
        assert_eq!(refused(&[(1.0, -1.0)]), ResourceUseError::NotAPoint(0));
        let alike = [(100.0, 1.0), (101.0, 1.1), (102.0, 1.0), (103.0, 1.2)];
        assert_eq!(refused(&alike), ResourceUseError::TooClose);
        assert_eq!(refused(&[(0.0, 1.0); 4]), ResourceUseError::TooClose);
        let flat = [(100.0, 1.0), (200.0, 1.1), (300.0, 0.9), (400.0, 1.0)];
        assert_eq!(refused(&flat), ResourceUseError::NotByRequests);
    }
}

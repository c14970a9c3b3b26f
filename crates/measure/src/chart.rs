//! A test over time, fit to be drawn.

mod buckets;
mod packed;
mod stretches;

use crate::seconds::{Second, Seconds};
pub(crate) use stretches::Stretches;

/// The most stretches of a chart: about as many as a wide screen has room for.
const MOST_POINTS: usize = 960;

/// All requests over time, by their intended time, in stretches of equal length: one second at
/// first, and a power of two of them in tests of more than 16 minutes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chart {
    /// The length of a stretch, in nanoseconds.
    pub width_ns: u64,
    /// The stretches, from the start of the test on and without gaps: 960 at most.
    pub points: Vec<ChartPoint>,
}

/// What became of what was intended in a stretch. Response times are those of successes, in
/// nanoseconds, to 1 % of their value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ChartPoint {
    /// Journeys asked for.
    pub arrivals: u64,
    /// Requests asked for.
    pub intended: u64,
    /// Requests that ended well.
    pub ok: u64,
    /// Those among them that were in time.
    pub good: u64,
    /// Refused on purpose.
    pub shed: u64,
    /// Wrong.
    pub failed: u64,
    /// Not answered in time.
    pub timeout: u64,
    /// Never sent.
    pub dropped: u64,
    /// The median response time; `None` without a success.
    pub p50: Option<u64>,
    /// The response time that 95 % do not exceed.
    pub p95: Option<u64>,
    /// The response time that 99 % do not exceed.
    pub p99: Option<u64>,
    /// The largest, exactly.
    pub max: Option<u64>,
}

impl Chart {
    /// A figure over time: the middle of each stretch in seconds
    /// since the start, and the figure, of those that have it.
    pub fn over_time(&self, figure: impl Fn(&ChartPoint) -> Option<f64>) -> Vec<(f64, f64)> {
        let width_s = self.width_ns as f64 / 1e9;
        let points = self.points.iter().enumerate();
        let of = |(at, point)| Some(((at as f64 + 0.5) * width_s, figure(point)?));
        points.filter_map(of).collect()
    }
}

impl ChartPoint {
    /// The share of requests that were not good; `None` if none was intended.
    pub fn bad_share(&self) -> Option<f64> {
        let bad = self.intended.saturating_sub(self.good);
        (self.intended > 0).then(|| bad as f64 / self.intended as f64)
    }
}

/// Puts counts and response times together, in stretches as long as either needs.
pub(crate) fn chart(seconds: &Seconds, responses: &Stretches) -> Chart {
    let mut width_ns = seconds.width_ns.max(responses.width_ns());
    let length = seconds.seconds.len() as u64;
    let points_at = |width_ns: u64| length.div_ceil((width_ns / seconds.width_ns.max(1)).max(1));
    while points_at(width_ns) > MOST_POINTS as u64 {
        width_ns = width_ns.saturating_mul(2);
    }
    let mut counts = seconds.coarsened(width_ns).seconds.into_iter();
    let mut responses = responses.coarsened(width_ns);
    // Either may go on for longer: arrivals without an answer, answers of a scope without arrivals.
    let pairs = std::iter::from_fn(|| match (responses.next(), counts.next()) {
        (None, None) => None,
        (responses, second) => Some((responses.unwrap_or_default(), second.unwrap_or_default())),
    });
    let points = pairs.map(|(responses, second)| {
        let Second {
            arrivals,
            intended,
            ok,
            good,
            shed,
            failed,
            timeout,
            dropped,
        } = second;
        ChartPoint {
            arrivals,
            intended,
            ok,
            good,
            shed,
            failed,
            timeout,
            dropped,
            p50: responses.quantile(50, 100),
            p95: responses.quantile(95, 100),
            p99: responses.quantile(99, 100),
            max: responses.max(),
        }
    });
    Chart {
        width_ns,
        points: points.collect(),
    }
}

#[cfg(test)]
mod tests;

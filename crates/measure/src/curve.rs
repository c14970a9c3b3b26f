//! Response times by quantile, on an axis that gives every nine the same room.

use crate::histogram::rank;
use crate::outcomes::Outcomes;

/// Steps from any quantile to half of what is left above it.
const TICKS: u64 = 5;

/// Response times of successes, quantile by quantile.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Curve {
    /// Ascending quantiles, of 1, and the response time there in nanoseconds.
    pub points: Vec<(f64, u64)>,
    /// The quantile from which on requests did not end well, which have no response time; `None`
    /// where all did.
    pub failed_from: Option<f64>,
}

impl Outcomes {
    /// The curve of response times. Quantiles are over everything that was intended, so that a
    /// curve of a run with failures ends below 1.
    ///
    /// Five points to every halving of what lies above, until there is nothing left: 0, 10, 20, 30,
    /// 40, 50, 55, 60 % and so on. The last one is the slowest success.
    ///
    /// Source of the axis: Gil Tene, HdrHistogram, `percentiles(5)`.
    pub fn curve(&self) -> Curve {
        let (all, ok) = (self.arrivals(), self.response_ok.count());
        if all == 0 {
            return Curve::default();
        }
        let share_ok = ok as f64 / all as f64;
        // 2⁻ᵏ of all lies above the kth halving; beyond the last rank there is nothing to see.
        let halvings = (0..58).take_while(|halving| all >> halving > 0);
        let ticks = halvings.flat_map(|halving| {
            let whole = (2 * TICKS) << halving;
            (0..TICKS).map(move |tick| (whole - 2 * TICKS + tick, whole))
        });
        let (quantiles, ranks): (Vec<f64>, Vec<u64>) = ticks
            .map(|(numerator, whole)| {
                let quantile = numerator as f64 / whole as f64;
                (quantile, rank(all, numerator, whole))
            })
            .take_while(|(_, rank)| *rank < ok)
            .chain((ok > 0).then_some((share_ok, ok)))
            .unzip();
        let times = self.response_ok.at_ranks(ranks.into_iter());
        Curve {
            points: quantiles.into_iter().zip(times).collect(),
            failed_from: (ok < all).then_some(share_ok),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Series;
    use crate::sample::{Outcome, Phases, Sample};

    fn outcomes(ok: u64, failed: u64) -> Outcomes {
        let mut outcomes = Outcomes::default();
        for n in 0..ok + failed {
            outcomes.ledger.intended += 1;
            outcomes.record(&Sample {
                series: Series(0),
                outcome: if n < ok { Outcome::Ok } else { Outcome::Failed },
                error: None,
                status: 0,
                intended: 0,
                end: n + 1,
                thinking: 0,
                phases: Phases::default(),
                body_bytes: 0,
                client: None,
                retries: 0,
            });
        }
        outcomes
    }

    #[test]
    fn points_are_those_of_the_axis_and_the_last_is_the_slowest() {
        let curve = outcomes(1000, 0).curve();
        assert_eq!(curve.failed_from, None);
        let quantiles: Vec<_> = curve.points.iter().map(|point| point.0).collect();
        assert_eq!(
            quantiles[..12],
            [
                0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.775
            ]
        );
        assert_eq!(curve.points[0].1, 1);
        assert_eq!(curve.points[5].1, 500);
        assert_eq!(curve.points[10].1, 750);
        assert_eq!(curve.points.last(), Some(&(1.0, 1000)));
        assert!(curve.points.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1));
        assert!((40..=60).contains(&curve.points.len()));
    }

    #[test]
    fn with_failures_it_ends_where_they_begin() {
        let curve = outcomes(985, 15).curve();
        assert_eq!(curve.failed_from, Some(0.985));
        assert_eq!(curve.points.last(), Some(&(0.985, 985)));
        // Half of all that was intended, not of all that succeeded.
        assert_eq!(curve.points[5], (0.5, 500));
    }

    #[test]
    fn nothing_has_no_curve_and_failures_alone_have_no_points() {
        assert_eq!(outcomes(0, 0).curve(), Curve::default());
        let failed = outcomes(0, 3).curve();
        assert_eq!((failed.points.len(), failed.failed_from), (0, Some(0.0)));
        assert_eq!(outcomes(1, 0).curve().points, [(1.0, 1)]);
    }
}

//! What is compared, and from when on a difference matters.

use crate::threshold::{Kind, Metric};

/// Which of two values is the better one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// The smaller, as of response times and errors.
    Lower,
    /// The larger, as of throughput.
    Higher,
}

/// How two values are held against each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// By the logarithm of their ratio: twice as slow is as far off as twice as fast.
    Ratio,
    /// By their difference: for shares, of which many are 0 and have no ratio.
    Difference,
}

/// How a metric is compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measure {
    /// Which is the better value.
    pub better: Better,
    /// How values are held against each other.
    pub scale: Scale,
    /// What is tolerated. On the scale of ratios, the share by which B may be worse than A: 0.05
    /// for 5 %. On that of differences, a difference in the unit of the metric: 0.001 for a tenth of
    /// a percentage point.
    pub delta: f64,
}

impl Measure {
    /// What is tolerated of ratios: 5 %.
    pub const RATIO_DELTA: f64 = 0.05;
    /// What is tolerated of shares: a tenth of a percentage point.
    pub const SHARE_DELTA: f64 = 0.001;

    /// How this metric is compared unless it is said otherwise: durations by ratio, the smaller the
    /// better; events per second by ratio, the more the better; shares of what went wrong by
    /// difference.
    pub const fn of(metric: Metric) -> Self {
        match metric.kind() {
            Kind::Duration => Self {
                better: Better::Lower,
                scale: Scale::Ratio,
                delta: Self::RATIO_DELTA,
            },
            Kind::PerSecond => Self {
                better: Better::Higher,
                scale: Scale::Ratio,
                delta: Self::RATIO_DELTA,
            },
            Kind::Share => Self {
                better: Better::Lower,
                scale: Scale::Difference,
                delta: Self::SHARE_DELTA,
            },
        }
    }

    /// The tolerated difference on the scale: ln(1 + δ) for ratios. At least 0.
    pub fn limit(&self) -> f64 {
        match self.scale {
            Scale::Ratio => self.delta.max(0.0).ln_1p(),
            Scale::Difference => self.delta.max(0.0),
        }
    }

    /// How far B is from A on the scale: ln(B / A), or B − A. Infinite where only one of the two is
    /// infinite or, as a ratio, 0. `None` where both are, of which nobody knows how far they are
    /// apart, and where a value is none (NaN, or negative in a ratio).
    pub fn distance(&self, a: f64, b: f64) -> Option<f64> {
        let distance = match self.scale {
            Scale::Ratio if a < 0.0 || b < 0.0 => f64::NAN,
            Scale::Ratio => b.ln() - a.ln(),
            Scale::Difference => b - a,
        };
        (!distance.is_nan()).then_some(distance)
    }

    /// How much worse than A a distance makes B: positive for worse.
    pub const fn harm(&self, distance: f64) -> f64 {
        match self.better {
            Better::Lower => distance,
            Better::Higher => -distance,
        }
    }

    /// The interval of the harm.
    pub(super) const fn harm_of(&self, (lower, upper): (f64, f64)) -> (f64, f64) {
        match self.better {
            Better::Lower => (lower, upper),
            Better::Higher => (-upper, -lower),
        }
    }

    /// A distance as people read it: by which share of A B is larger (0.05 for 5 %), or the
    /// difference itself.
    pub fn change(&self, distance: f64) -> f64 {
        match self.scale {
            Scale::Ratio => distance.exp_m1(),
            Scale::Difference => distance,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_compared_by_what_they_are() {
        let p99 = Metric::Quantile {
            numerator: 99,
            denominator: 100,
        };
        let by = |metric| {
            let measure = Measure::of(metric);
            (measure.better, measure.scale)
        };
        assert_eq!(by(p99), (Better::Lower, Scale::Ratio));
        assert_eq!(by(Metric::Goodput), (Better::Higher, Scale::Ratio));
        assert_eq!(by(Metric::Errors), (Better::Lower, Scale::Difference));
    }

    #[test]
    fn distances_of_ratios_mirror_and_zero_and_infinity_have_none_that_is_finite() {
        let ratio = Measure::of(Metric::Mean);
        let distance = |a, b| ratio.distance(a, b);
        assert_eq!(distance(2.0, 4.0), distance(4.0, 2.0).map(|back| -back));
        assert_eq!(distance(0.0, 1.0), Some(f64::INFINITY));
        assert_eq!(distance(f64::INFINITY, 1.0), Some(f64::NEG_INFINITY));
        assert_eq!(distance(0.0, 0.0), None);
        assert_eq!(distance(f64::INFINITY, f64::INFINITY), None);
        assert_eq!((distance(-1.0, 1.0), distance(f64::NAN, 1.0)), (None, None));
        assert!((ratio.limit() - 1.05_f64.ln()).abs() < 1e-15);
        assert!((ratio.change(1.1_f64.ln()) - 0.1).abs() < 1e-12);
    }

    #[test]
    fn shares_differ_by_points() {
        let errors = Measure::of(Metric::Errors);
        assert_eq!(errors.distance(0.25, 0.0), Some(-0.25));
        assert_eq!((errors.limit(), errors.change(0.25)), (0.001, 0.25));
        assert_eq!(Measure::of(Metric::Rate).harm(0.5), -0.5);
    }
}

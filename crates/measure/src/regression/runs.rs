//! Two single runs, and how little they tell of two builds.

use super::measure::Measure;
use super::words;
use crate::histogram::rank;
use crate::judge::{Interval, quantile_interval};
use crate::outcomes::Outcomes;
use crate::series::Quantile;

/// By how much the load of two runs may differ.
const SAME_LOAD: f64 = 1.05;
const NS_PER_SECOND: f64 = 1e9;

/// A figure of a run with what is needed to hold it against another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RunFigure {
    /// The figure, in base units; infinite where a quantile falls among what did not end well.
    pub value: f64,
    /// Where the true value lies, as far as this run tells; `None` if it does not.
    pub interval: Option<Interval>,
    /// How many samples it rests on.
    pub n: u64,
    /// How many requests a second were intended. Response times under different loads are not
    /// comparable.
    pub offered_per_second: f64,
    /// Whether the run may be believed at all.
    pub is_valid: bool,
}

impl RunFigure {
    /// The quantile `numerator / denominator` over everything that was intended in `elapsed_ns`
    /// nanoseconds, with its 95 % interval. `deff` is the design effect
    /// ([`crate::statistics::design`]).
    pub fn of_quantile(
        outcomes: &Outcomes,
        (numerator, denominator): (u64, u64),
        deff: f64,
        elapsed_ns: u64,
        is_valid: bool,
    ) -> Self {
        let n = outcomes.arrivals();
        let n_eff = n as f64 / deff.max(1.0);
        let value = outcomes.headline_at_rank(rank(n, numerator, denominator));
        let interval = || quantile_interval(outcomes, n_eff, numerator, denominator);
        Self {
            value: match value {
                Quantile::Finite(ns) => ns as f64,
                Quantile::NoData | Quantile::Infinite => f64::INFINITY,
            },
            interval: (n > 0).then(interval),
            n,
            offered_per_second: n as f64 * NS_PER_SECOND / elapsed_ns.max(1) as f64,
            is_valid,
        }
    }
}

/// Why figures cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum NotComparable {
    /// A run that may not be believed says nothing about a build.
    #[error("run {0} is invalid; look at its validity and run it again")]
    Invalid(char),
    /// A run without samples.
    #[error("run {0} has no sample of it")]
    NoData(char),
    /// A figure without an interval.
    #[error("it is not known how certain the figure of run {0} is; a longer run would tell")]
    NoInterval(char),
    /// The runs were under different loads.
    #[error("A had {a:.1} requests per second and B {b:.1}; compare runs of the same load")]
    DifferentLoad {
        /// Requests per second that were intended in A.
        a: f64,
        /// Requests per second that were intended in B.
        b: f64,
    },
    /// There are too few earlier runs.
    #[error("{0} earlier runs do not tell how much runs differ; {least} do", least = super::history::FEWEST)]
    TooFewEarlier(usize),
    /// The run has no value to compare.
    #[error("the run has no value to compare")]
    NoValue,
}

/// What two runs tell.
#[derive(Debug, Clone, PartialEq)]
pub struct RunComparison {
    /// Whether the runs differ, as far as single runs tell; nothing about why.
    pub differs: bool,
    /// The distance of B from A on the scale of the measure; `None` where both are infinite or, in a
    /// ratio, 0.
    pub distance: Option<f64>,
    /// The same in words.
    pub explanation: String,
}

/// Compares a figure of two single runs: they differ if their intervals do not overlap.
///
/// **This is weak.** The intervals tell how certain the figure of each run is, and nothing of how much
/// runs of one and the same build differ, which is often more. So a difference is one between two
/// runs, which a rerun may show as well, and is no verdict on a build. That intervals of 95 % do
/// not overlap happens in about 0.6 % of pairs with equal true values, and in at most 5 %, so that small
/// differences stay unseen (Schenker and Gentleman, "On judging the significance of differences by
/// examining the overlap between confidence intervals", The American Statistician 55, 2001).
///
/// # Errors
///
/// If the two are not comparable.
pub fn compare_runs(
    measure: &Measure,
    a: &RunFigure,
    b: &RunFigure,
) -> Result<RunComparison, NotComparable> {
    let interval_a = usable(a, 'A')?;
    let interval_b = usable(b, 'B')?;
    let loads = (a.offered_per_second, b.offered_per_second);
    if !is_same_load(loads.0, loads.1) {
        return Err(NotComparable::DifferentLoad {
            a: loads.0,
            b: loads.1,
        });
    }
    let is_below =
        |one: Interval, other: Interval| one.upper.is_some_and(|upper| upper < other.lower);
    let differs = is_below(interval_a, interval_b) || is_below(interval_b, interval_a);
    let distance = measure.distance(a.value, b.value);
    let amount = distance.map(|distance| words::amount(measure, distance));
    let amount = amount.unwrap_or_else(|| "no ratio".to_owned());
    let explanation = if differs {
        format!(
            "{amount}: the runs differ, but two runs of one build may differ as much; only rounds in \
             turn or a history of runs tell whether the build is why"
        )
    } else {
        format!(
            "{amount}: no difference within what single runs can tell, which is no proof that \
             there is none"
        )
    };
    Ok(RunComparison {
        differs,
        distance,
        explanation,
    })
}

fn usable(figure: &RunFigure, name: char) -> Result<Interval, NotComparable> {
    if !figure.is_valid {
        Err(NotComparable::Invalid(name))
    } else if figure.n == 0 || figure.value.is_nan() {
        Err(NotComparable::NoData(name))
    } else {
        figure.interval.ok_or(NotComparable::NoInterval(name))
    }
}

fn is_same_load(a: f64, b: f64) -> bool {
    a == b || (a.max(b) <= a.min(b) * SAME_LOAD)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threshold::Metric;

    fn figure(value: f64, lower: f64, upper: Option<f64>) -> RunFigure {
        RunFigure {
            value,
            interval: Some(Interval { lower, upper }),
            n: 1000,
            offered_per_second: 100.0,
            is_valid: true,
        }
    }

    fn compare(a: &RunFigure, b: &RunFigure) -> Result<RunComparison, NotComparable> {
        compare_runs(&Measure::of(Metric::Mean), a, b)
    }

    #[test]
    fn runs_differ_if_their_intervals_do_not_meet() {
        let a = figure(10.0, 9.0, Some(11.0));
        let differs = |b: &RunFigure| compare(&a, b).unwrap().differs;
        assert!(differs(&figure(12.0, 11.1, Some(13.0))));
        assert!(differs(&figure(8.0, 7.0, Some(8.9))));
        assert!(!differs(&figure(12.0, 11.0, Some(13.0))));
        assert!(differs(&figure(12.0, 11.1, None)));
        assert!(!differs(&figure(12.0, 10.0, None)));
        let told = compare(&a, &figure(12.0, 11.1, Some(13.0))).unwrap();
        assert!(
            told.explanation.starts_with("+20.0%: the runs differ, but"),
            "{}",
            told.explanation
        );
    }

    #[test]
    fn what_falls_among_failures_lies_above_all_that_does_not() {
        let infinite = figure(f64::INFINITY, f64::INFINITY, None);
        let told = compare(&figure(10.0, 9.0, Some(11.0)), &infinite).unwrap();
        assert!(told.differs && told.explanation.starts_with("beyond any ratio"));
        let both = compare(&infinite, &infinite).unwrap();
        assert_eq!((both.differs, both.distance), (false, None));
    }

    #[test]
    fn what_cannot_be_compared_is_not() {
        let fine = figure(10.0, 9.0, Some(11.0));
        let invalid = RunFigure {
            is_valid: false,
            ..fine
        };
        let empty = RunFigure { n: 0, ..fine };
        let blind = RunFigure {
            interval: None,
            ..fine
        };
        let faster = RunFigure {
            offered_per_second: 106.0,
            ..fine
        };
        let reason = |a, b| compare(a, b).unwrap_err();
        assert_eq!(reason(&invalid, &fine), NotComparable::Invalid('A'));
        assert_eq!(reason(&fine, &empty), NotComparable::NoData('B'));
        assert_eq!(reason(&fine, &blind), NotComparable::NoInterval('B'));
        assert_eq!(
            reason(&fine, &faster).to_string(),
            "A had 100.0 requests per second and B 106.0; compare runs of the same load"
        );
        assert!(
            compare(
                &fine,
                &RunFigure {
                    offered_per_second: 104.0,
                    ..fine
                }
            )
            .is_ok()
        );
    }

    #[test]
    fn a_percentile_has_the_interval_of_its_verdict() {
        let mut outcomes = Outcomes::default();
        outcomes.ledger.intended = 1000;
        for ms in 1..=1000 {
            outcomes.response_ok.record(ms * 1_000_000);
        }
        let figure = RunFigure::of_quantile(&outcomes, (99, 100), 1.0, 10_000_000_000, true);
        // Ranks 983 and 997, to the precision of the histogram.
        let interval = figure.interval.unwrap();
        assert!((figure.value / 990e6 - 1.0).abs() < 1e-3);
        assert!((interval.lower / 983e6 - 1.0).abs() < 1e-3);
        assert!((interval.upper.unwrap() / 997e6 - 1.0).abs() < 1e-3);
        assert_eq!((figure.n, figure.offered_per_second), (1000, 100.0));
        let none = RunFigure::of_quantile(&Outcomes::default(), (99, 100), 1.0, 0, true);
        assert_eq!((none.n, none.interval), (0, None));
    }
}

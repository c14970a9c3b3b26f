//! What was read of one metric of one step in the rounds of a duel.

use super::measure::{Measure, Scale};

/// What one build showed of a metric in one round.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reading {
    /// There was no sample.
    Missing,
    /// A value, in base units. Infinite where a quantile falls among what did not end well.
    Value(f64),
    /// So many of so many.
    Share {
        /// How many.
        count: u64,
        /// Of how many; nothing follows from none.
        n: u64,
    },
}

impl Reading {
    pub(super) fn value(self) -> Option<f64> {
        match self {
            Self::Value(value) => Some(value),
            Self::Share { count, n } if n > 0 => Some(count as f64 / n as f64),
            Self::Missing | Self::Share { .. } => None,
        }
    }
}

/// One metric of one step, over the rounds of a duel.
#[derive(Debug, Clone, PartialEq)]
pub struct Contest {
    /// How it is compared.
    pub measure: Measure,
    /// What A and B showed, round by round. A round in which either was invalid has to be left out
    /// for both, of all metrics.
    pub rounds: Vec<(Reading, Reading)>,
}

/// The distances of a contest, round by round.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Distances {
    /// On the scale of the measure; some may be infinite.
    pub(super) values: Vec<f64>,
    /// How many rounds had none, because a value was missing.
    pub(super) missing: usize,
    /// The least standard error of their mean that counting allows.
    pub(super) least_error: f64,
}

impl Contest {
    pub(super) fn distances(&self) -> Distances {
        let distance = |(a, b): &(Reading, Reading)| self.measure.distance(a.value()?, b.value()?);
        let values: Vec<_> = self.rounds.iter().filter_map(distance).collect();
        Distances {
            missing: self.rounds.len() - values.len(),
            least_error: match self.measure.scale {
                Scale::Ratio => 0.0,
                Scale::Difference => self.error_of_counting(),
            },
            values,
        }
    }

    /// The standard error of the difference of two shares, one success and one failure added to
    /// each: so none among a hundred is not as good as none among a million. 0 where nothing was
    /// counted.
    ///
    /// Source: Agresti and Caffo, "Simple and effective confidence intervals for proportions and
    /// differences of proportions", The American Statistician 54 (2000).
    fn error_of_counting(&self) -> f64 {
        let a = self.rounds.iter().map(|round| round.0);
        let b = self.rounds.iter().map(|round| round.1);
        (variance_of_share(a) + variance_of_share(b)).sqrt()
    }
}

/// The squared standard error of the share of all readings together; 0 where nothing was counted.
pub(super) fn variance_of_share(readings: impl Iterator<Item = Reading>) -> f64 {
    let (mut all_count, mut all) = (0.0, 0.0);
    for reading in readings {
        if let Reading::Share { count, n } = reading {
            all_count += count as f64;
            all += n as f64;
        }
    }
    if all == 0.0 {
        return 0.0;
    }
    let share = ((all_count + 1.0) / (all + 2.0)).min(1.0);
    share * (1.0 - share) / (all + 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threshold::Metric;

    fn contest(metric: Metric, rounds: &[(Reading, Reading)]) -> Contest {
        Contest {
            measure: Measure::of(metric),
            rounds: rounds.to_vec(),
        }
    }

    const fn share(count: u64, n: u64) -> Reading {
        Reading::Share { count, n }
    }

    #[test]
    fn rounds_without_a_value_on_either_side_are_dropped_as_pairs() {
        let distances = contest(
            Metric::Mean,
            &[
                (Reading::Value(1.0), Reading::Value(2.0)),
                (Reading::Missing, Reading::Value(2.0)),
                (Reading::Value(1.0), Reading::Value(f64::NAN)),
                (Reading::Value(1.0), share(0, 0)),
                (Reading::Value(1.0), Reading::Value(f64::INFINITY)),
            ],
        )
        .distances();
        assert_eq!(distances.values, [2_f64.ln(), f64::INFINITY]);
        assert_eq!((distances.missing, distances.least_error), (3, 0.0));
    }

    #[test]
    fn no_errors_among_few_are_less_certain_than_among_many() {
        let few = contest(Metric::Errors, &[(share(0, 5), share(0, 5)); 20]).distances();
        let many = contest(Metric::Errors, &[(share(0, 5000), share(0, 5000)); 20]).distances();
        assert_eq!(few.values, [0.0; 20]);
        // √(2 · (1/102) · (101/102) / 102).
        assert!(
            (few.least_error - 0.013_796_7).abs() < 1e-7,
            "{}",
            few.least_error
        );
        assert!(many.least_error < 2e-5);
    }
}

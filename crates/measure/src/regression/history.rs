//! One run among earlier ones of the same kind.

use super::contest::{Reading, variance_of_share};
use super::measure::{Measure, Scale};
use super::runs::NotComparable;
use super::words;
use crate::statistics::paired::Mean;

/// So many earlier runs are needed to know how much runs differ.
pub(super) const FEWEST: usize = 5;

/// Where a run lies among earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Where one more run like the earlier ones may lie, or not further away than is tolerated.
    Expected,
    /// Worse than that.
    Worse,
    /// Better than that.
    Better,
}

/// A run among earlier ones.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryComparison {
    /// Where it lies.
    pub place: Place,
    /// The mean of the earlier runs, in the unit of the metric; of ratios the geometric one.
    pub typical: f64,
    /// Where one more run like them lies, in the unit of the metric.
    pub expected: (f64, f64),
    /// The distance from the typical run, on the scale of the measure.
    pub distance: f64,
    /// How many earlier runs it rests on.
    pub earlier: usize,
    /// How many earlier runs were left out, because they have no finite value.
    pub left_out: usize,
    /// The same in words.
    pub explanation: String,
}

/// Compares a run with earlier runs of the same series: it is worse or better if it lies outside the
/// interval where one more run like them would lie with probability 1 − `alpha` ([`Mean::prediction`],
/// of logarithms where the measure is a ratio), and further from them than is tolerated.
///
/// The earlier runs have to be of one kind: those since the last change
/// ([`crate::change_points`]). Of comparisons of many figures, a share of `alpha` falls outside where
/// nothing changed.
///
/// # Errors
///
/// If fewer than five earlier runs have a finite value (and, in a ratio, one above 0; the others are
/// left out), or this one has none. That of this run may be infinite or 0, which is outside.
pub fn against_history(
    measure: &Measure,
    earlier: &[Reading],
    now: Reading,
    alpha: f64,
) -> Result<HistoryComparison, NotComparable> {
    let on_scale = |reading: &Reading| {
        let value = reading.value()?;
        let value = match measure.scale {
            Scale::Ratio => value.ln(),
            Scale::Difference => value,
        };
        (!value.is_nan()).then_some(value)
    };
    let values = earlier.iter().filter_map(on_scale);
    let values: Vec<_> = values.filter(|value| value.is_finite()).collect();
    if values.len() < FEWEST {
        return Err(NotComparable::TooFewEarlier(values.len()));
    }
    let now_value = on_scale(&now).ok_or(NotComparable::NoValue)?;
    let mean = Mean::of(&values).ok_or(NotComparable::NoValue)?;
    let least_error = match measure.scale {
        Scale::Ratio => 0.0,
        Scale::Difference => {
            let all = earlier.iter().copied();
            (variance_of_share(all) + variance_of_share(std::iter::once(now))).sqrt()
        }
    };
    let expected = mean.prediction(alpha, least_error);
    let distance = now_value - mean.mean;
    let harm = measure.harm(distance);
    let is_outside = now_value < expected.0 || now_value > expected.1;
    let place = match is_outside && harm.abs() >= measure.limit() {
        true if harm > 0.0 => Place::Worse,
        true => Place::Better,
        false => Place::Expected,
    };
    let unit = |value: f64| match measure.scale {
        Scale::Ratio => value.exp(),
        Scale::Difference => value,
    };
    Ok(HistoryComparison {
        place,
        typical: unit(mean.mean),
        expected: (unit(expected.0), unit(expected.1)),
        distance,
        earlier: values.len(),
        left_out: earlier.len() - values.len(),
        explanation: explain(measure, place, distance, is_outside, &mean, expected),
    })
}

fn explain(
    measure: &Measure,
    place: Place,
    distance: f64,
    is_outside: bool,
    mean: &Mean,
    expected: (f64, f64),
) -> String {
    let amount = |distance| words::amount(measure, distance);
    let meaning = match place {
        Place::Worse => "worse than one more run like them would be".to_owned(),
        Place::Better => "better than one more run like them would be".to_owned(),
        Place::Expected if is_outside => format!(
            "outside of where one more run like them would be, by less than {}",
            words::tolerated(measure)
        ),
        Place::Expected => "where one more run like them may be".to_owned(),
    };
    format!(
        "{} against {} earlier runs, where {} to {} were to be expected: {meaning}",
        amount(distance),
        mean.n,
        amount(expected.0 - mean.mean),
        amount(expected.1 - mean.mean)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threshold::Metric;

    const ALPHA: f64 = 0.05;

    fn values(values: &[f64]) -> Vec<Reading> {
        values.iter().map(|value| Reading::Value(*value)).collect()
    }

    fn compare(now: f64) -> HistoryComparison {
        let earlier = values(&[100.0, 104.0, 98.0, 102.0, 97.0, 101.0]);
        against_history(
            &Measure::of(Metric::Mean),
            &earlier,
            Reading::Value(now),
            ALPHA,
        )
        .unwrap()
    }

    #[test]
    fn a_run_is_held_against_the_scatter_of_earlier_ones() {
        let slower = compare(110.0);
        assert_eq!(slower.place, Place::Worse);
        // By logarithms: mean 4.608222, s 0.025727, t₀.₉₇₅,₅ · s · √(7/6) = 0.071433.
        assert!((slower.typical - 100.305_66).abs() < 1e-4, "{slower:?}");
        assert!((slower.expected.0 - 93.390_48).abs() < 1e-4, "{slower:?}");
        assert!((slower.expected.1 - 107.732_89).abs() < 1e-4, "{slower:?}");
        assert_eq!(compare(90.0).place, Place::Better);
        assert_eq!(compare(107.0).place, Place::Expected);
        let failing = compare(f64::INFINITY);
        assert_eq!(failing.place, Place::Worse);
        assert_eq!(
            failing.explanation,
            "beyond any ratio against 6 earlier runs, where -6.9% to +7.4% were to be expected: \
             worse than one more run like them would be"
        );
    }

    #[test]
    fn of_throughput_more_is_better() {
        let measure = Measure::of(Metric::Rate);
        let earlier = values(&[100.0, 104.0, 98.0, 102.0, 97.0, 101.0]);
        let now = Reading::Value(110.0);
        let compared = against_history(&measure, &earlier, now, ALPHA).unwrap();
        assert_eq!(compared.place, Place::Better);
    }

    #[test]
    fn what_is_tolerated_is_expected_however_steady_the_history() {
        let earlier = values(&[100.0; 5]);
        let place = |now| {
            let now = Reading::Value(now);
            let compared = against_history(&Measure::of(Metric::Mean), &earlier, now, ALPHA);
            compared.unwrap().place
        };
        assert_eq!(place(104.0), Place::Expected);
        assert_eq!(place(106.0), Place::Worse);
    }

    #[test]
    fn one_error_in_a_short_run_is_no_news() {
        let errors = Measure::of(Metric::Errors);
        let share = |count, n| Reading::Share { count, n };
        let against = |earlier, now| {
            let compared = against_history(&errors, &[earlier; 6], now, ALPHA);
            compared.unwrap().place
        };
        assert_eq!(against(share(0, 500), share(1, 500)), Place::Expected);
        assert_eq!(against(share(0, 500), share(20, 500)), Place::Worse);
    }

    #[test]
    fn without_history_or_value_nothing_is_compared() {
        let measure = Measure::of(Metric::Mean);
        let mut earlier = values(&[1.0, 2.0, 3.0, 4.0]);
        earlier.extend([Reading::Value(f64::INFINITY), Reading::Missing]);
        let compare =
            |earlier: &[Reading], now| against_history(&measure, earlier, now, ALPHA).unwrap_err();
        let now = Reading::Value(1.0);
        assert_eq!(compare(&earlier, now), NotComparable::TooFewEarlier(4));
        let full = values(&[1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(compare(&full, Reading::Value(-1.0)), NotComparable::NoValue);
        assert_eq!(compare(&full, Reading::Missing), NotComparable::NoValue);
    }
}

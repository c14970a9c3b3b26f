//! How far a figure goes from the start of a test to its end.

use crate::judge::evidence::conclusion;
use crate::judge::{Interval, Judgement, Observed, State};
use crate::statistics::normal;
use crate::statistics::trend::{mann_kendall, median};
use crate::threshold::{Comparison, display};

/// A longer series is put together into so many values: much of what depends on each other is then
/// within one of them, and there are few pairs to compare.
const MOST_VALUES: usize = 60;
/// Fewer values have no trend that could be told from chance.
const FEWEST_VALUES: usize = 8;
/// The error of the interval that is shown, both sides together.
const INTERVAL_ALPHA: f64 = 0.05;

/// How far a figure goes, as a share of what it was at the start: 0.05 is 5 % more at the end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drift {
    /// What was seen.
    pub share: f64,
    /// Where it lies with the confidence asked for.
    pub lower: f64,
    /// The other end of that; infinite where what it was at the start may be 0.
    pub upper: f64,
    /// How many values it rests on.
    pub n: usize,
    /// How many of these tell as much as one independent value, at least 1.
    pub deff: f64,
}

/// The drift of a series of times (seconds, in order) and values, with an error of `alpha` / 2 on
/// each side:
///
/// `drift = slope · (t_last − t_first) / level`, where
/// `slope = median of (v_j − v_i) / (t_j − t_i) over all pairs i < j` (Theil and Sen) and
/// `level = median of v_i − slope · (t_i − t_first)`, what the line through the series starts with.
///
/// Of the N slopes in order, those of the ranks (N − C)/2 and (N + C)/2 + 1 enclose the slope, where
/// C = z·√(Var(S)·(1+ρ)/(1−ρ)) and Var(S) is that of Kendall's S, ties accounted for; each has a level
/// of its own. Where there are no such ranks, the smallest and the largest slope stand for them.
///
/// ρ is how much a value is like the one before: the autocorrelation of the ranks of v_j − slope · t_j, less
/// its bias, from 0 to 0.8. A level that wanders looks like a trend otherwise: from 60 values of an
/// autoregressive series with ρ = 0.5 one was found in 17 of 100 where 5 are allowed, and in 6 with it. (The
/// correction that is usual, Hamed and Rao's, left 12.)
///
/// Series of more than 60 values are first put together into 60 medians. `None` for fewer than
/// eight values, or if they are not finite or not in order. Something that starts at 0 drifts
/// infinitely far if it rises at all.
///
/// Sources: Theil, Indagationes Mathematicae 12 (1950); Sen, "Estimates of the regression
/// coefficient based on Kendall's tau", JASA 63 (1968). Bias: Kendall, "Note on bias in the estimation of
/// autocorrelation", Biometrika 41 (1954), for a series less its trend.
pub fn drift(series: &[(f64, f64)], alpha: f64) -> Option<Drift> {
    let is_finite = |(time, value): &(f64, f64)| time.is_finite() && value.is_finite();
    if !series.iter().all(is_finite) || !series.is_sorted_by(|a, b| a.0 < b.0) {
        return None;
    }
    let (first, last) = (series.first()?.0, series.last()?.0);
    let values = together(series);
    if values.len() < FEWEST_VALUES {
        return None;
    }
    let slopes = slopes(&values);
    let of_values: Vec<f64> = values.iter().map(|(_, value)| *value).collect();
    let variance = mann_kendall(&of_values)?.variance.max(0.0);
    let slope = median(&mut slopes.clone())?;
    let deff = inflation(&values, slope);
    let reach = -normal::quantile(alpha / 2.0) * (variance * deff).sqrt();
    let pairs = slopes.len() as f64;
    // Ranks from 1. Beyond the ends there is no bound, and the last slope stands for it.
    let lower = ((pairs - reach) / 2.0).floor().max(1.0) as usize - 1;
    let upper = ((pairs + reach) / 2.0).ceil() as usize;
    let share = |slope: f64| share(&values, slope, first, last - first);
    Some(Drift {
        share: share(slope)?,
        lower: share(slopes[lower])?,
        upper: share(slopes[upper.min(slopes.len() - 1)])?,
        n: values.len(),
        deff,
    })
}

/// A leak that is no straight line leaves something that is alike too; with more than this it would not be
/// found in few values.
const MOST_ALIKE: f64 = 0.8;

/// How many times the variance of independent values that of such a series is: (1+ρ)/(1−ρ), of the
/// ranks of what its trend leaves.
fn inflation(values: &[(f64, f64)], slope: f64) -> f64 {
    let rest: Vec<f64> = values.iter().map(|(at, v)| v - slope * at).collect();
    let ranks = ranks(&rest);
    let n = ranks.len() as f64;
    let mean = (n + 1.0) / 2.0;
    let squares: f64 = ranks.iter().map(|rank| (rank - mean).powi(2)).sum();
    let pairs = ranks.iter().zip(&ranks[1..]);
    let products: f64 = pairs.map(|(a, b)| (a - mean) * (b - mean)).sum();
    if squares <= 0.0 {
        return 1.0;
    }
    // Less a trend, it is too small by about (2 + 4ρ) / n.
    let rho = (products / squares * n + 2.0) / (n - 4.0);
    let rho = rho.clamp(0.0, MOST_ALIKE);
    (1.0 + rho) / (1.0 - rho)
}

/// From 1; equal values have the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for equal in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let rank = before as f64 + (equal.len() + 1) as f64 / 2.0;
        equal.iter().for_each(|at| ranks[*at] = rank);
        before += equal.len();
    }
    ranks
}

/// The slopes of all pairs, in order.
fn slopes(values: &[(f64, f64)]) -> Vec<f64> {
    let mut slopes = Vec::with_capacity(values.len() * values.len() / 2);
    for (i, earlier) in values.iter().enumerate() {
        let later = values[i + 1..].iter();
        slopes.extend(later.map(|later| (later.1 - earlier.1) / (later.0 - earlier.0)));
    }
    slopes.sort_unstable_by(f64::total_cmp);
    slopes
}

/// How far the line of this slope through the values goes, as a share of what it starts with.
fn share(values: &[(f64, f64)], slope: f64, first: f64, length: f64) -> Option<f64> {
    let at_start = values
        .iter()
        .map(|(time, value)| value - slope * (time - first));
    let level = median(&mut at_start.collect::<Vec<_>>())?;
    let rise = slope * length;
    Some(match level {
        _ if rise == 0.0 => 0.0,
        _ if level > 0.0 => rise / level,
        _ => f64::INFINITY.copysign(rise),
    })
}

/// At most [`MOST_VALUES`], each the median of equally many (the last may be of fewer), at the mean
/// of their times.
fn together(series: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let size = series.len().div_ceil(MOST_VALUES).max(1);
    let value = |chunk: &[(f64, f64)]| {
        let time = chunk.iter().map(|(time, _)| time).sum::<f64>() / chunk.len() as f64;
        let mut values: Vec<f64> = chunk.iter().map(|(_, value)| *value).collect();
        Some((time, median(&mut values)?))
    };
    series.chunks(size).filter_map(value).collect()
}

/// Judges how far a figure drifts, with an error of `alpha` a side. `what` names the figure:
/// `p95`, `errors`, `resident memory`.
pub fn judge_drift(
    what: &str,
    series: &[(f64, f64)],
    comparison: Comparison,
    limit: f64,
    alpha: f64,
) -> Judgement {
    let promise = format!("drift of {what} {comparison} {}", display::share(limit));
    let (Some(sided), Some(shown)) = (drift(series, 2.0 * alpha), drift(series, INTERVAL_ALPHA))
    else {
        return Judgement::no_data(&promise);
    };
    let holds = |share| comparison.holds(share, limit);
    let state = match (holds(sided.lower), holds(sided.upper)) {
        (true, true) => State::Pass,
        (false, false) => State::Fail,
        _ => State::Inconclusive,
    };
    let settled = match state {
        State::Inconclusive => {
            format!("which neither proves nor refutes {promise}; a longer test tells more")
        }
        state => conclusion(state, &promise, None),
    };
    Judgement {
        state,
        observed: if sided.share.is_finite() {
            Observed::Share(sided.share)
        } else {
            Observed::Infinite
        },
        interval: Some(Interval {
            lower: shown.lower,
            upper: shown.upper.is_finite().then_some(shown.upper),
        }),
        n: series.len() as u64,
        n_eff: sided.n as f64 / sided.deff,
        exceeding: None,
        by_failures: false,
        without_dropped: true,
        explanation: format!(
            "{what} went {} from start to end, {settled}",
            went(sided.share)
        ),
        more_time_factor: None,
    }
}

fn went(share: f64) -> String {
    if share.is_infinite() {
        return "from nothing to something".to_owned();
    }
    let direction = if share < 0.0 { "down" } else { "up" };
    format!("{direction} by {:.2}%", 100.0 * share.abs())
}

#[cfg(test)]
mod tests;

//! Whether values rise or fall over time, whatever their distribution.

use super::normal;

/// The Mann-Kendall test and Sen's slope.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trend {
    /// Rising pairs less falling pairs.
    pub s: i64,
    /// The variance of that without a trend, ties accounted for.
    pub variance: f64,
    /// How many standard deviations it is from none, corrected for continuity.
    pub z: f64,
    /// The probability of seeing as much without a trend, on both sides.
    pub p: f64,
    /// The median slope of all pairs, per step.
    pub slope: f64,
}

/// The trend of values at equal distances in time; `None` for fewer than three. The cost grows with
/// the square of their number: sum hours of seconds up before.
///
/// Sources: Mann, Econometrica 13 (1945); Kendall, "Rank Correlation Methods" (1975); Sen, JASA 63
/// (1968).
pub fn mann_kendall(values: &[f64]) -> Option<Trend> {
    let n = values.len();
    if n < 3 {
        return None;
    }
    let mut s = 0_i64;
    let mut slopes = Vec::with_capacity(n * (n - 1) / 2);
    for (i, earlier) in values.iter().enumerate() {
        for (distance, later) in (1_u32..).zip(&values[i + 1..]) {
            let rise = later - earlier;
            s += i64::from(rise > 0.0) - i64::from(rise < 0.0);
            slopes.push(rise / f64::from(distance));
        }
    }
    let variance = (spread(n) - ties(values).map(spread).sum::<f64>()) / 18.0;
    let z = if s == 0 || variance <= 0.0 {
        0.0
    } else {
        (s - s.signum()) as f64 / variance.sqrt()
    };
    Some(Trend {
        s,
        variance,
        z,
        p: 2.0 * normal::below(-z.abs()),
        slope: median(&mut slopes)?,
    })
}

/// n(n−1)(2n+5), of all values and of each group of equal ones.
fn spread(n: usize) -> f64 {
    let n = n as f64;
    n * (n - 1.0) * (2.0 * n + 5.0)
}

fn ties(values: &[f64]) -> impl Iterator<Item = usize> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let groups: Vec<_> = sorted.chunk_by(|a, b| a == b).map(<[f64]>::len).collect();
    groups.into_iter()
}

/// The median; `None` without values. Reorders them.
pub fn median(values: &mut [f64]) -> Option<f64> {
    let middle = values.len() / 2;
    if values.is_empty() {
        return None;
    }
    let is_even = values.len().is_multiple_of(2);
    let (below, &mut upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let lower = below.iter().copied().max_by(f64::total_cmp);
    Some(match lower {
        Some(lower) if is_even => f64::midpoint(lower, upper),
        _ => upper,
    })
}

impl Trend {
    /// How far `values`, of which this is the trend, went from first to last, as a share of their
    /// median; `None` if that is 0.
    pub fn drift(&self, values: &[f64]) -> Option<f64> {
        let median = median(&mut values.to_vec()).filter(|median| *median != 0.0)?;
        Some(self.slope * (values.len() - 1) as f64 / median)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rise_is_found() {
        let values = [10., 11., 10., 12., 11., 13., 12., 14., 13., 15.];
        let trend = mann_kendall(&values).unwrap();
        assert_eq!((trend.s, trend.variance, trend.slope), (33, 121.0, 0.5));
        assert!((trend.z - 2.909).abs() < 5e-4 && (trend.p - 0.00362).abs() < 1e-5);
        assert_eq!(trend.drift(&values), Some(4.5 / 12.0));
    }

    #[test]
    fn noise_is_no_trend() {
        let trend = mann_kendall(&[10., 12., 11., 10., 13., 11., 12., 10., 11., 12.]).unwrap();
        assert_eq!(trend.s, 6);
        assert!((trend.z - 0.468).abs() < 5e-4 && (trend.p - 0.640).abs() < 5e-4);
    }

    #[test]
    fn equal_values_have_no_trend_and_few_no_test() {
        let trend = mann_kendall(&[3.0; 10]).unwrap();
        assert_eq!((trend.s, trend.z, trend.p, trend.slope), (0, 0.0, 1.0, 0.0));
        assert_eq!(mann_kendall(&[1.0, 2.0]), None);
        assert_eq!(trend.drift(&[0.0; 10]), None);
        assert_eq!(median(&mut []), None);
    }
}

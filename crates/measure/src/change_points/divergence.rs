//! Where a series is most unlike itself.

/// A split of a series into what is before `index` and what is from there on up to `end`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Split {
    /// The first value of what is different.
    pub index: usize,
    /// Where what is different ends: the length of the series, or where it changes again.
    pub end: usize,
    /// How different: Q(τ, κ).
    pub q: f64,
}

/// The split with the largest divergence: the maximum over all τ < κ ≤ n of
///
/// `Q(τ, κ) = τ(κ − τ)/κ · (2·E|X − Y| − E|X − X'| − E|Y − Y'|)`
///
/// for X among the first τ values, Y among those after them up to κ, and X' and Y' other ones of
/// the same. That the second part may end before the series does finds changes that are
/// followed by others. The first of equals; `None` for fewer than two values.
///
/// Source: Matteson and James, "A nonparametric approach for multiple change point analysis of
/// multivariate data", JASA 109 (2014), equations 5 and 7, with the exponent 1.
pub fn strongest_split(values: &[f64]) -> Option<Split> {
    let n = values.len();
    let within = Within::of(values);
    let mut best: Option<Split> = None;
    for index in 1..n {
        for end in index + 1..=n {
            let q = divergence(&within, index, end);
            if best.is_none_or(|best| q > best.q) {
                best = Some(Split { index, end, q });
            }
        }
    }
    best
}

fn divergence(within: &Within, index: usize, end: usize) -> f64 {
    let (left, right) = (within.sum(0, index), within.sum(index, end));
    let between = within.sum(0, end) - left - right;
    let (n, m) = (index as f64, (end - index) as f64);
    let mean = |sum: f64, count: f64| {
        // Of a single value there are no pairs.
        if count > 1.0 {
            2.0 * sum / (count * (count - 1.0))
        } else {
            0.0
        }
    };
    n * m / (n + m) * (2.0 * between / (n * m) - mean(left, n) - mean(right, m))
}

/// Sums of the distances of all pairs within stretches.
struct Within {
    n: usize,
    sums: Vec<f64>,
}

impl Within {
    fn of(values: &[f64]) -> Self {
        let n = values.len();
        // sums[start * (n + 1) + end]
        let mut sums = vec![0.0; (n + 1) * (n + 1)];
        for end in 1..=n {
            let last = values[end - 1];
            let mut to_last = 0.0;
            for start in (0..end).rev() {
                to_last += (values[start] - last).abs();
                sums[start * (n + 1) + end] = sums[start * (n + 1) + end - 1] + to_last;
            }
        }
        Self { n, sums }
    }

    fn sum(&self, start: usize, end: usize) -> f64 {
        self.sums[start * (self.n + 1) + end]
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{HALVED, STAIRS};
    use super::*;
    use proptest::prelude::*;

    /// By its definition.
    fn direct(values: &[f64], index: usize, end: usize) -> f64 {
        let (left, right) = (&values[..index], &values[index..end]);
        let mean = |one: &[f64], other: &[f64], pairs: usize| {
            let pair = |a: &f64| other.iter().map(|b| (a - b).abs()).sum::<f64>();
            one.iter().map(pair).sum::<f64>() / pairs.max(1) as f64
        };
        let (n, m) = (left.len(), right.len());
        let apart = 2.0 * mean(left, right, n * m)
            - mean(left, left, n * (n - 1))
            - mean(right, right, m * (m - 1));
        (n * m) as f64 / (n + m) as f64 * apart
    }

    #[test]
    fn the_references_are_met() {
        let split = strongest_split(&STAIRS).unwrap();
        assert_eq!((split.index, split.end), (5, 14));
        assert!((split.q - 761.2821).abs() < 5e-5, "{}", split.q);
        let split = strongest_split(&HALVED).unwrap();
        assert_eq!((split.index, split.end), (10, 20));
        assert!((split.q - 4.682_22).abs() < 5e-6, "{}", split.q);
    }

    #[test]
    fn a_change_back_does_not_hide_a_change() {
        let values: Vec<_> = (0..30)
            .map(|i| if (10..20).contains(&i) { 2.0 } else { 1.0 })
            .collect();
        let split = strongest_split(&values).unwrap();
        assert_eq!((split.index, split.end), (10, 20));
        assert_eq!(
            (strongest_split(&[]), strongest_split(&[1.0])),
            (None, None)
        );
    }

    proptest! {
        #[test]
        fn sums_of_sums_are_sums(values in prop::collection::vec(-9.0..9.0_f64, 2..12)) {
            let within = Within::of(&values);
            for index in 1..values.len() {
                for end in index + 1..=values.len() {
                    let off = divergence(&within, index, end) - direct(&values, index, end);
                    prop_assert!(off.abs() < 1e-9, "{} {}: {}", index, end, off);
                }
            }
        }
    }
}

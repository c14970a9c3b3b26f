//! The exact test of whether differences are as often above 0 as below.

use super::binomial;

/// More values than this are not counted out: there are 2⁴⁰ ways to flip their signs.
pub const MOST: usize = 40;

/// The probability of a sum as far from 0, on either side, if every value could as well have had
/// the other sign: the share of all 2ⁿ choices of signs whose sum is at least as large. It assumes
/// nothing of the distribution but its symmetry, which two equal builds in a round have. It cannot be
/// less than 2 / 2ⁿ. `None` without values, for more than [`MOST`], or where one is not finite.
///
/// All choices are counted without going through them: the sums of the one half of the values and
/// those of the other are sorted, and it is counted which pairs are large enough (Horowitz and Sahni,
/// "Computing partitions with applications to the knapsack problem", JACM 21, 1974). 2²⁰ steps are
/// enough for 40 values.
///
/// Source: Fisher, "The Design of Experiments" (1935), section 21.
pub fn p(values: &[f64]) -> Option<f64> {
    let n = values.len();
    let finite = values.iter().all(|value| value.is_finite());
    if n == 0 || n > MOST || !finite {
        return None;
    }
    let scale: f64 = values.iter().map(|value| value.abs()).sum();
    let observed = values.iter().sum::<f64>().abs();
    // Equal sums come out a little different in another order; they count as large enough.
    let enough = observed - 1e-9 * scale;
    if enough <= 0.0 || !scale.is_finite() {
        return Some(1.0);
    }
    let (left, right) = values.split_at(n / 2);
    let (left, right) = (signed_sums(left), signed_sums(right));
    let mut count = 0_u64;
    let mut first = right.len();
    for sum in left {
        while first > 0 && sum + right[first - 1] >= enough {
            first -= 1;
        }
        count += (right.len() - first) as u64;
    }
    // As many sums are as far below 0.
    Some((2.0 * count as f64 / 2_f64.powi(n as i32)).min(1.0))
}

/// The same where it is only known how many values are above 0 and how many below: the sign test.
/// Values of 0 count on neither side.
///
/// Source: Dixon and Mood, "The statistical sign test", JASA 41 (1946).
pub fn p_of_signs(above: usize, below: usize) -> f64 {
    let (n, larger) = ((above + below) as f64, above.max(below) as f64);
    (2.0 * binomial::at_least(larger, n, 0.5)).min(1.0)
}

/// The sums of all choices of signs, ascending.
fn signed_sums(values: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0];
    for value in values.iter().map(|value| value.abs()) {
        sums = merge(&sums, value);
    }
    sums
}

/// Sorted sums with `value` taken from and added to each, sorted.
fn merge(sums: &[f64], value: f64) -> Vec<f64> {
    let mut merged = Vec::with_capacity(2 * sums.len());
    let mut larger = sums.iter().map(|sum| sum + value).peekable();
    for smaller in sums.iter().map(|sum| sum - value) {
        while let Some(sum) = larger.next_if(|sum| *sum < smaller) {
            merged.push(sum);
        }
        merged.push(smaller);
    }
    merged.extend(larger);
    merged
}

#[cfg(test)]
mod tests {
    use super::super::paired::tests::ROUNDS;
    use super::*;
    use proptest::prelude::*;

    /// One choice of signs after the other.
    fn by_enumeration(values: &[f64]) -> f64 {
        let n = values.len();
        let observed = values.iter().sum::<f64>().abs();
        let scale: f64 = values.iter().map(|value| value.abs()).sum();
        let large = |signs: &u64| {
            let signed = values.iter().enumerate();
            let sum: f64 = signed
                .map(|(at, value)| if signs >> at & 1 == 1 { -value } else { *value })
                .sum();
            sum.abs() >= observed - 1e-9 * scale
        };
        (0..1_u64 << n).filter(large).count() as f64 / (1_u64 << n) as f64
    }

    #[test]
    fn the_reference_is_met() {
        assert_eq!(p(&ROUNDS), Some(4.0 / 1024.0));
    }

    #[test]
    fn the_least_is_that_of_all_on_one_side() {
        for (rounds, least) in [(6, 0.031_25), (8, 0.007_812_5), (10, 0.001_953_125)] {
            let values: Vec<_> = (1..=rounds).map(f64::from).collect();
            assert_eq!(p(&values), Some(least));
            let mirrored: Vec<_> = values.iter().map(|value| -value).collect();
            assert_eq!(p(&mirrored), Some(least));
        }
    }

    #[test]
    fn forty_values_are_counted_exactly() {
        // Of equal values, a sum of at least 20 is 30 heads of 40 or more.
        let mut values = vec![1.0; 30];
        values.extend([-1.0; 10]);
        let tail: f64 = (30..=40).map(|k| choose(40, k)).sum();
        assert_eq!(p(&values), Some(2.0 * tail / 2_f64.powi(40)));
        assert_eq!(p(&[1.0; 41]), None);
    }

    #[test]
    fn signs_alone_prove_less() {
        assert!((p_of_signs(6, 0) - 2.0 / 64.0).abs() < 1e-15);
        assert!((p_of_signs(1, 9) - 22.0 / 1024.0).abs() < 1e-15);
        assert_eq!((p_of_signs(5, 5), p_of_signs(0, 0)), (1.0, 1.0));
    }

    fn choose(n: u32, k: u32) -> f64 {
        (1..=k).fold(1.0, |product, i| {
            product * f64::from(n - k + i) / f64::from(i)
        })
    }

    #[test]
    fn nothing_follows_from_nothing_and_zeros_are_no_effect() {
        assert_eq!(p(&[]), None);
        assert_eq!(p(&[1.0, f64::NAN]), None);
        assert_eq!(p(&[0.0; 8]), Some(1.0));
        assert_eq!(p(&[1.0, -1.0]), Some(1.0));
        assert_eq!(p(&[f64::MAX; 6]), Some(1.0));
    }

    proptest! {
        #[test]
        fn counting_pairs_is_counting_all(
            values in prop::collection::vec(prop_oneof![-1.0..1.0, (-3..4).prop_map(f64::from)], 1..13),
        ) {
            prop_assert_eq!(p(&values), Some(by_enumeration(&values)));
        }
    }
}

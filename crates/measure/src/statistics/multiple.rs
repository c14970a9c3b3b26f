//! Many tests at once: of twenty tests at 5 %, one finds something where there is nothing.

/// The p-values adjusted after Holm, in the order given: those at most α belong to a set that
/// contains any wrong one with probability α at most, however the tests depend on each other.
///
/// Source: Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
/// Statistics 6 (1979).
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut adjusted = vec![0.0; p.len()];
    let mut largest = 0.0_f64;
    for (done, at) in ascending(p).into_iter().enumerate() {
        largest = largest.max(p[at] * (p.len() - done) as f64).min(1.0);
        adjusted[at] = largest;
    }
    adjusted
}

/// The p-values adjusted after Benjamini and Hochberg, in the order given: of those at most q, a
/// share of q at most is wrong on average, where the tests are independent or depend positively.
///
/// Source: Benjamini and Hochberg, "Controlling the false discovery rate", Journal of the Royal
/// Statistical Society B 57 (1995).
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let mut adjusted = vec![0.0; p.len()];
    let mut smallest = 1.0_f64;
    for (below, at) in ascending(p).into_iter().enumerate().rev() {
        smallest = smallest.min(p[at] * p.len() as f64 / (below + 1) as f64);
        adjusted[at] = smallest;
    }
    adjusted
}

fn ascending(p: &[f64]) -> Vec<usize> {
    let mut order: Vec<_> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const P: [f64; 5] = [0.001, 0.008, 0.012, 0.04, 0.2];

    fn close(got: &[f64], expected: &[f64]) {
        let off = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-12;
        assert!(got.iter().zip(expected).all(off), "{got:?}");
        assert_eq!(got.len(), expected.len());
    }

    #[test]
    fn the_references_are_met() {
        close(&holm(&P), &[0.005, 0.032, 0.036, 0.08, 0.2]);
        close(&benjamini_hochberg(&P), &[0.005, 0.02, 0.02, 0.05, 0.2]);
    }

    #[test]
    fn the_order_given_is_kept() {
        close(&holm(&[0.2, 0.001, 0.012]), &[0.2, 0.003, 0.024]);
        close(&benjamini_hochberg(&[0.2, 0.001]), &[0.2, 0.002]);
        close(&holm(&[]), &[]);
    }

    proptest! {
        #[test]
        fn adjusting_makes_no_p_smaller_and_keeps_their_order(
            p in prop::collection::vec(0.0..=1.0_f64, 0..20),
        ) {
            for adjusted in [holm(&p), benjamini_hochberg(&p)] {
                for (a, before) in adjusted.iter().zip(&p) {
                    prop_assert!(*a >= before - 1e-15 && *a <= 1.0);
                    for (b, other) in adjusted.iter().zip(&p) {
                        prop_assert!(before > other || a <= b);
                    }
                }
            }
        }
    }
}

use super::*;
use proptest::prelude::*;

fn of(values: impl IntoIterator<Item = u64>, precision: Precision) -> Histogram {
    let mut histogram = Histogram::new(precision);
    values.into_iter().for_each(|ns| histogram.record(ns));
    histogram
}

/// The same counts as the library has them; `None` if nothing was counted.
fn to_hdr(histogram: &Histogram) -> Option<hdrhistogram::Histogram<u64>> {
    let mut hdr = hdrhistogram::Histogram::new(histogram.digits()).unwrap();
    for (low, _, count) in histogram.buckets.iter().flat_map(Buckets::steps) {
        hdr.record_n(low, count).unwrap();
    }
    (!histogram.is_empty()).then_some(hdr)
}

#[test]
fn ranks_are_exact() {
    let histogram = of(1..=100, Precision::Fine);
    for percent in [7, 14, 28, 55, 56, 1, 99, 100] {
        assert_eq!(histogram.quantile(percent, 100), Some(percent));
    }
    assert_eq!(histogram.quantile(0, 100), Some(1));
    assert_eq!(histogram.quantile(999, 1000), Some(100));
    assert_eq!(histogram.quantile(101, 100), None);
}

#[test]
fn several_quantiles_at_once_are_each_of_them() {
    let fractions = [(0, 1), (1, 2), (9, 10), (999, 1000), (1, 1)];
    for values in [0, 1, 9, 100, 5_000] {
        let histogram = of((0..values).map(|n| n * n), Precision::Fine);
        let each = fractions.map(|(n, d)| histogram.quantile(n, d));
        let at_once: Vec<_> = histogram.quantiles(fractions).collect();
        assert_eq!(at_once, each.into_iter().flatten().collect::<Vec<_>>());
    }
}

#[test]
fn an_empty_histogram_has_no_data_and_no_memory() {
    let empty = Histogram::default();
    assert_eq!(empty.quantile(1, 2), None);
    assert_eq!((empty.min(), empty.max(), empty.mean()), (None, None, None));
    assert!(!empty.has_memory() && empty.is_empty());
}

#[test]
fn extremes_and_mean_are_exact() {
    let histogram = of([1_234_567, 89_012_345_678, 1_234_568], Precision::Coarse);
    assert_eq!(histogram.min(), Some(1_234_567));
    assert_eq!(histogram.max(), Some(89_012_345_678));
    assert_eq!(histogram.sum(), 89_014_814_813);
    assert_eq!(histogram.quantile(1, 1), Some(89_012_345_678));
    assert_eq!(of([7], Precision::Fine).mean(), Some(7.0));
}

#[test]
fn the_deviation_is_that_of_a_sample() {
    let moments = of([2, 4, 4, 4, 5, 5, 7, 9], Precision::Fine).moments();
    assert!((moments.deviation().unwrap() - 2.138_089_935).abs() < 1e-9);
    assert_eq!(of([5], Precision::Fine).moments().deviation(), None);

    let mut added = Moments::default();
    added.merge(&of([2, 4, 4], Precision::Fine).moments());
    added.merge(&Moments::default());
    added.merge(&of([4, 5, 5, 7, 9], Precision::Fine).moments());
    assert!((added.mean - moments.mean).abs() < 1e-12);
    assert!((added.squares - moments.squares).abs() < 1e-9);
}

#[test]
fn the_largest_numbers_are_counted() {
    let histogram = of([0, u64::MAX], Precision::Fine);
    assert_eq!(histogram.count(), 2);
    assert_eq!(histogram.max(), Some(u64::MAX));
    assert_eq!(histogram.quantile(1, 2), Some(0));
}

#[test]
fn counting_from_a_duration_on_includes_its_bucket() {
    let histogram = of([1, 2, 3, 1_000_000, 1_000_001], Precision::Fine);
    assert_eq!(histogram.at_or_above(3), 3);
    assert_eq!(histogram.at_or_above(1_000_001), 2);
    assert_eq!(histogram.at_or_above(1_000_002), 0);
    assert_eq!(histogram.at_or_above(0), 5);
    assert_eq!(Histogram::default().at_or_above(0), 0);
}

#[test]
fn a_cleared_histogram_counts_anew() {
    let mut histogram = of([5, 500_000], Precision::Fine);
    histogram.clear();
    assert!(histogram.is_empty() && histogram.has_memory());
    histogram.record(7);
    assert_eq!((histogram.min(), histogram.max()), (Some(7), Some(7)));
    assert_eq!(histogram.quantile(1, 2), Some(7));
}

#[test]
fn many_buckets_are_what_few_of_them_were() {
    // In a list, in a vector because they are close together, and in one because they are many.
    for (values, by) in [(100, 10), (100, 0), (2_000, 16)] {
        let values = || (0..values).map(|n| n << by);
        let mut histogram = of(values(), Precision::Fine);
        assert_eq!(histogram.quantile(1, 2_000), Some(0));
        let added = of([5, 5 << by, 9_000 << by], Precision::Fine);
        histogram.merge(&added);
        let everything = || values().chain([5, 5 << by, 9_000 << by]);
        let mut theirs = hdrhistogram::Histogram::<u64>::new(3).unwrap();
        everything().for_each(|value| theirs.record(value).unwrap());
        assert_eq!(to_hdr(&histogram), Some(theirs));
        let mut few = added.clone();
        few.merge(&of(values(), Precision::Fine));
        assert_eq!(to_hdr(&few), to_hdr(&histogram));
        histogram.clear();
        histogram.merge(&added);
        assert_eq!(to_hdr(&histogram), to_hdr(&added));
    }
}

#[test]
fn a_bucket_of_a_list_counts_beyond_32_bits() {
    let many = |times: u32| {
        let mut histogram = of([7], Precision::Fine);
        for _ in 0..times {
            let same = histogram.clone();
            histogram.merge(&same);
        }
        histogram
    };
    let mut histogram = many(33);
    histogram.record(1_000_000);
    let steps: Vec<_> = histogram.steps().collect();
    assert_eq!(
        steps.iter().map(|step| step.1).collect::<Vec<_>>(),
        [1 << 33, 1]
    );
    let mut list = of([9], Precision::Fine);
    list.merge(&histogram);
    assert_eq!(list.at_or_above(8), 2);
    assert_eq!(list.count(), (1 << 33) + 2);
}

proptest! {
    #[test]
    fn quantiles_are_within_the_precision_of_the_sorted_values(
        mut values in prop::collection::vec(0_u64..10_000_000_000, 1..200),
        percent in 1_u64..=100,
    ) {
        let fine = of(values.iter().copied(), Precision::Fine);
        let coarse = of(values.iter().copied(), Precision::Coarse);
        values.sort_unstable();
        let exact = values[rank(values.len() as u64, percent, 100) as usize - 1];
        let off = |histogram: &Histogram| {
            histogram.quantile(percent, 100).unwrap() as f64 - exact as f64
        };
        prop_assert!((0.0..=exact as f64 * 0.001 + 1.0).contains(&off(&fine)));
        prop_assert!((0.0..=exact as f64 * 0.01 + 1.0).contains(&off(&coarse)));
    }

    #[test]
    fn buckets_are_those_of_hdr_histogram(
        values in prop::collection::vec(0_u64..=LARGEST_NS, 1..600),
        exponents in prop::collection::vec(0_u32..61, 1..200),
        percent in 1_u64..=100,
    ) {
        let values = values.iter().zip(exponents.iter().cycle()).map(|(value, by)| value >> by);
        let values: Vec<u64> = values.collect();
        for precision in [Precision::Coarse, Precision::Fine] {
            let ours = of(values.iter().copied(), precision);
            let mut theirs = hdrhistogram::Histogram::<u64>::new(precision.digits()).unwrap();
            values.iter().for_each(|value| theirs.record(*value).unwrap());
            prop_assert_eq!(to_hdr(&ours).unwrap(), theirs.clone());
            let rank = rank(values.len() as u64, percent, 100);
            let mut seen = 0;
            let top = theirs.iter_recorded().find_map(|step| {
                seen += step.count_since_last_iteration();
                (seen >= rank).then(|| step.value_iterated_to())
            });
            let (min, max) = (ours.min().unwrap(), ours.max().unwrap());
            prop_assert_eq!(ours.at_rank(rank), top.map(|top| top.clamp(min, max)));
            let middle = values[values.len() / 2];
            let below = theirs.iter_recorded()
                .filter(|step| step.value_iterated_to() < middle)
                .map(|step| step.count_since_last_iteration())
                .sum::<u64>();
            prop_assert_eq!(ours.at_or_above(middle), ours.count() - below);
        }
    }

    #[test]
    fn several_ranks_are_found_in_one_walk(
        values in prop::collection::vec(0_u64..1_000_000, 1..600),
    ) {
        let histogram = of(values.iter().copied(), Precision::Fine);
        let ranks = 1..=histogram.count();
        let single: Vec<_> = ranks.clone().filter_map(|rank| histogram.at_rank(rank)).collect();
        prop_assert_eq!(histogram.at_ranks(ranks).collect::<Vec<_>>(), single);
    }

    #[test]
    fn a_coarse_histogram_takes_in_a_fine_one(
        values in prop::collection::vec(0_u64..10_000_000_000, 1..100),
    ) {
        let mut merged = Histogram::new(Precision::Coarse);
        merged.merge(&of(values.iter().copied(), Precision::Fine));
        let direct = of(values.iter().copied(), Precision::Coarse);
        prop_assert_eq!(to_hdr(&merged), to_hdr(&direct));
    }

    #[test]
    fn merging_is_counting_everything_in_one(
        left in prop::collection::vec(0_u64..10_000_000_000, 0..600),
        right in prop::collection::vec(0_u64..10_000_000_000, 0..600),
    ) {
        let mut merged = of(left.iter().copied(), Precision::Fine);
        merged.merge(&of(right.iter().copied(), Precision::Fine));
        let whole = of(left.into_iter().chain(right), Precision::Fine);
        prop_assert_eq!(merged.count(), whole.count());
        prop_assert_eq!(merged.sum(), whole.sum());
        prop_assert_eq!((merged.min(), merged.max()), (whole.min(), whole.max()));
        let steps = |histogram: &Histogram| histogram.steps().collect::<Vec<_>>();
        prop_assert_eq!(steps(&merged), steps(&whole));
    }
}

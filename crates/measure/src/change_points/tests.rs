use super::*;
use plimsoll_schedule::SplitMix64;
use proptest::prelude::*;

pub(super) const STAIRS: [f64; 14] = [
    0.3, 2.4, 1.5, -0.9, -0.5, 99.7, 98.3, 99.1, 149.0, 149.7, 149.5, 149.1, 148.8, 150.0,
];

pub(super) const HALVED: [f64; 20] = [
    1.02, 0.95, 0.99, 1.0, 1.12, 1.0, 1.01, 0.98, 1.01, 0.96, 0.50, 0.51, 0.48, 0.48, 0.55, 0.50,
    0.49, 0.51, 0.50, 0.49,
];

fn indexes(values: &[f64]) -> Vec<usize> {
    let found = change_points(values, &Options::default()).unwrap();
    found.iter().map(|change| change.index).collect()
}

/// Normal noise of 2 % around levels.
fn noisy(levels: impl IntoIterator<Item = f64>, seed: u64) -> Vec<f64> {
    let numbers = SplitMix64::new(seed);
    let draw = |i: u64| (0..12).map(|j| numbers.uniform(12 * i + j)).sum::<f64>() - 6.0;
    let levels = (0..).zip(levels);
    levels
        .map(|(i, level)| level * (1.0 + 0.02 * draw(i)))
        .collect()
}

#[test]
fn the_references_are_met() {
    assert_eq!(indexes(&STAIRS), [5, 8]);
    let found = change_points(&HALVED, &Options::default()).unwrap();
    assert_eq!(indexes(&HALVED), [10]);
    let change = found[0].change().unwrap();
    assert!((change + 0.5010).abs() < 5e-5, "{change}");
    assert!((found[0].magnitude() - 1.004).abs() < 1e-3);
    assert!(!found[0].is_provisional && found[0].p < 1e-10);
    assert_eq!((found[0].before.n, found[0].after.n), (10, 10));
}

#[test]
fn changes_are_found_wherever_windows_end() {
    for at in [20, 25, 40, 49, 50, 51, 75, 110] {
        let levels = (0..130).map(|i| if i < at { 1.0 } else { 1.1 });
        assert_eq!(indexes(&noisy(levels, 3)), [at], "{at}");
    }
    let stairs = (0..300).map(|i| f64::from(10 + i / 60));
    assert_eq!(indexes(&noisy(stairs, 5)), [60, 120, 180, 240]);
}

#[test]
fn a_change_is_provisional_until_enough_follows() {
    let after = |n: usize| {
        let levels = (0..30 + n).map(|i| if i < 30 { 1.0 } else { 1.5 });
        change_points(&noisy(levels, 9), &Options::default()).unwrap()
    };
    let provisional = |n| {
        after(n)
            .iter()
            .map(|c| c.is_provisional)
            .collect::<Vec<_>>()
    };
    assert_eq!(provisional(4), [true]);
    assert_eq!(provisional(5), [false]);
}

#[test]
fn two_bad_nights_are_no_change_and_a_bad_week_is_two() {
    let bad = |nights: usize| {
        noisy(
            (0..60).map(|i| {
                if (30..30 + nights).contains(&i) {
                    2.0
                } else {
                    1.0
                }
            }),
            11,
        )
    };
    assert_eq!(indexes(&bad(1)), [0; 0]);
    assert_eq!(indexes(&bad(2)), [0; 0]);
    assert_eq!(indexes(&bad(2)[..32]), [0; 0]);
    assert_eq!(indexes(&bad(3)), [30, 33]);
    assert_eq!(indexes(&bad(7)), [30, 37]);
    let any = Options {
        shortest: 1,
        ..Options::default()
    };
    let after_one = change_points(&bad(1)[..31], &any).unwrap();
    assert_eq!(after_one.len(), 1);
}

#[test]
fn small_changes_are_not_worth_a_word_however_certain() {
    let levels = (0..60).map(|i| if i < 30 { 1.0 } else { 1.02 });
    let values: Vec<_> = levels
        .enumerate()
        .map(|(i, level)| level + 0.0001 * (i % 3) as f64)
        .collect();
    assert_eq!(indexes(&values), [0; 0]);
    let strict = Options {
        least_magnitude: 0.01,
        ..Options::default()
    };
    assert_eq!(change_points(&values, &strict).unwrap()[0].index, 30);
}

#[test]
fn magnitudes_are_the_same_both_ways() {
    let between = |one: f64, other: f64| ChangePoint::between(&[one, other], 0, 1, 2);
    assert_eq!(between(2.0, 1.0).magnitude(), between(1.0, 2.0).magnitude());
    assert_eq!(between(0.0, 1.0).magnitude(), f64::INFINITY);
    assert_eq!(
        (between(0.0, 0.0).magnitude(), between(0.0, 1.0).change()),
        (0.0, None)
    );
}

#[test]
fn what_is_no_number_is_refused_and_little_has_no_change() {
    let refused = change_points(&[1.0, f64::NAN], &Options::default());
    assert_eq!(refused, Err(SeriesError::NotFinite(1)));
    assert_eq!(indexes(&[]), [0; 0]);
    assert_eq!(indexes(&[1.0, 100.0]), [0; 0]);
    assert_eq!(indexes(&[7.0; 120]), [0; 0]);
}

proptest! {
    #[test]
    fn whatever_the_series_changes_ascend_within_it(
        values in prop::collection::vec(prop_oneof![0.0..10.0, -1e300..1e300], 0..80),
        window in 0..200_usize, p_limit in 0.0..0.5, settled_after in 0..9_usize, shortest in 0..5_usize,
    ) {
        let options = Options { window, p_limit, least_magnitude: 0.0, shortest, settled_after };
        let found = change_points(&values, &options).unwrap();
        prop_assert!(found.is_sorted_by(|a, b| a.index < b.index));
        for change in &found {
            prop_assert!((1..values.len()).contains(&change.index));
            prop_assert!(change.p < p_limit);
            prop_assert!(change.before.n >= shortest && change.after.n >= shortest);
        }
    }

    #[test]
    fn the_unit_does_not_matter(values in prop::collection::vec(1.0..2.0_f64, 10..60), at in 5..50_usize) {
        let stepped: Vec<_> = values.iter().enumerate()
            .map(|(i, value)| if i < at { *value } else { value * 3.0 })
            .collect();
        let larger: Vec<_> = stepped.iter().map(|value| value * 1024.0).collect();
        prop_assert_eq!(indexes(&stepped), indexes(&larger));
    }
}

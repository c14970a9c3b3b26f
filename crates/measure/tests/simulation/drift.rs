//! Whether a level that wanders is told from a drift.

use crate::SEED;
use crate::draws::Draws;
use crate::rate::Rate;
use plimsoll_measure::degradation::judge_drift;
use plimsoll_measure::statistics::trend::mann_kendall;
use plimsoll_measure::{Comparison, State};

/// A first-order autoregressive series around 100 whose values scatter by 1, and that rises by so much.
fn series(n: usize, phi: f64, rise: f64, draws: &mut Draws) -> Vec<f64> {
    let mut level = draws.normal();
    let scale = (1.0 - phi * phi).sqrt();
    let value = |at: usize| {
        level = phi * level + scale * draws.normal();
        100.0 + level + rise * at as f64 / (n - 1) as f64
    };
    (0..n).map(value).collect()
}

/// Whether more than no rise was proven, with an error of 5 %.
fn is_found(values: &[f64]) -> bool {
    let points = values.iter().enumerate();
    let points: Vec<_> = points.map(|(at, value)| (at as f64, *value)).collect();
    let judgement = judge_drift("p95", &points, Comparison::LessOrEqual, 0.0, 0.05);
    judgement.state == State::Fail
}

/// The same of values that are taken for independent.
fn is_found_by_the_plain_test(values: &[f64]) -> bool {
    mann_kendall(values).is_some_and(|trend| trend.s > 0 && trend.p / 2.0 <= 0.05)
}

#[test]
#[ignore = "thousands of series, for the table of docs/statistics.md; a few run always"]
fn a_level_that_wanders_is_told_from_a_drift() {
    println!("| values | ρ | a rise that is none | by the plain test | a rise by three |");
    for n in [12, 30, 60, 480] {
        for phi in [0.0, 0.5, 0.8] {
            let [mut wrong, mut plain, mut right] = [Rate::default(); 3];
            for replication in 0..2000 {
                let draws = &mut Draws::new(SEED + 5, replication);
                let values = series(n, phi, 0.0, draws);
                wrong.count(is_found(&values));
                plain.count(is_found_by_the_plain_test(&values));
                right.count(is_found(&series(n, phi, 3.0, draws)));
            }
            println!("| {n} | {phi} | {wrong} | {plain} | {right} |");
            let most = 0.05 + 2.0 * wrong.error(0.05);
            let is_promised = n >= 60 && phi < 0.6;
            assert!(!is_promised || wrong.share() <= most, "{n} {phi}: {wrong}");
        }
    }
}

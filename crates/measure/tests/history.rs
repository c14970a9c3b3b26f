//! Whether histories in which nothing changed are left alone, and changes found.
//!
//! `cargo test --release -p plimsoll-measure --test history -- --ignored --nocapture --test-threads=1`
//! takes seconds, and prints the tables of `docs/statistics.md`.

#[path = "simulation/draws.rs"]
mod draws;
#[path = "simulation/rate.rs"]
mod rate;

use draws::Draws;
use plimsoll_measure::Metric;
use plimsoll_measure::change_points::{ChangePoint, Options, change_points};
use plimsoll_measure::regression::{Measure, Place, Reading, against_history};
use rate::Rate;

const SEED: u64 = 20_251_126;

/// What results of one and the same build differ by.
#[derive(Debug, Clone, Copy)]
enum Noise {
    Normal,
    /// Double exponential: more far out.
    Laplace,
    /// One night in twenty is slow by 30 %.
    BadNights,
}

impl Noise {
    const ALL: [Self; 3] = [Self::Normal, Self::Laplace, Self::BadNights];

    const fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Laplace => "double exponential",
            Self::BadNights => "one bad night in twenty",
        }
    }

    /// A result around 1 that scatters by 5 %.
    fn draw(self, draws: &mut Draws) -> f64 {
        let noise = match self {
            Self::Normal => draws.normal(),
            Self::Laplace => {
                (draws.exponential(1.0) - draws.exponential(1.0)) / std::f64::consts::SQRT_2
            }
            // Below one in twenty.
            Self::BadNights if draws.below(20) == 0 => 6.0 + draws.normal(),
            Self::BadNights => draws.normal(),
        };
        1.0 + 0.05 * noise
    }
}

/// So many results, of which those from `changed_at` on are `by` larger.
fn series(noise: Noise, n: usize, changed_at: usize, by: f64, draws: &mut Draws) -> Vec<f64> {
    let level = |at| if at < changed_at { 1.0 } else { 1.0 + by };
    (0..n).map(|at| level(at) * noise.draw(draws)).collect()
}

fn found(values: &[f64], options: &Options) -> Vec<ChangePoint> {
    change_points(values, options).expect("finite values")
}

/// In how many of so many series in which nothing changes a change is found, and in how many one
/// that is not provisional.
fn flagged(noise: Noise, n: usize, options: &Options, of: u64) -> (Rate, Rate) {
    let (mut any, mut settled) = (Rate::default(), Rate::default());
    for replication in 0..of {
        let draws = &mut Draws::new(SEED, replication);
        let values = series(noise, n, n, 0.0, draws);
        let found = found(&values, options);
        any.count(!found.is_empty());
        settled.count(found.iter().any(|change| !change.is_provisional));
    }
    (any, settled)
}

#[test]
#[ignore = "thousands of histories, for the tables of docs/statistics.md; a few run always"]
fn a_history_without_changes_is_left_alone() {
    let usual = Options {
        p_limit: 0.01,
        ..Options::default()
    };
    println!("| noise | results | flagged | with a settled change | flagged at p < 0.01 |");
    for noise in Noise::ALL {
        for n in [30, 100, 365] {
            let (strict, settled) = flagged(noise, n, &Options::default(), 1000);
            let (lax, _) = flagged(noise, n, &usual, 1000);
            println!("| {} | {n} | {strict} | {settled} | {lax} |", noise.name());
            let most = 0.01 + 2.0 * strict.error(0.01);
            let is_promised = matches!(noise, Noise::Normal);
            assert!(!is_promised || strict.share() <= most, "{n}: {strict}");
        }
    }
}

#[test]
#[ignore = "thousands of histories, for the tables of docs/statistics.md; a few run always"]
fn a_change_is_found_once_enough_follows() {
    println!(
        "| change | found after 5 results | after 10 | after 20 | of these, off by more than 2 |"
    );
    for percent in [5, 10, 15, 20, 30] {
        let mut rates = [Rate::default(); 3];
        let mut off = Rate::default();
        for (rate, following) in rates.iter_mut().zip([5, 10, 20]) {
            for replication in 0..1000 {
                let draws = &mut Draws::new(SEED + 1, replication);
                let by = f64::from(percent) / 100.0;
                let values = series(Noise::Normal, 60 + following, 60, by, draws);
                let found = found(&values, &Options::default());
                let nearest = found.iter().map(|change| change.index.abs_diff(60)).min();
                rate.count(nearest.is_some());
                if let Some(nearest) = nearest.filter(|_| following == 20) {
                    off.count(nearest > 2);
                }
            }
        }
        let [five, ten, twenty] = rates;
        println!("| {percent} % | {five} | {ten} | {twenty} | {off} |");
        assert!(percent < 20 || ten.share() >= 0.95, "{percent}: {ten}");
    }
}

/// The first of these with the 200 series that were promised.
#[test]
fn of_two_hundred_histories_without_changes_two_at_most_are_flagged() {
    let (flagged, _) = flagged(Noise::Normal, 60, &Options::default(), 200);
    assert!(flagged.share() <= 0.01, "{flagged}");
}

/// Five per cent are outside by what the interval means, half of them on the worse side.
#[test]
fn one_more_run_of_the_same_kind_is_as_rarely_outside_as_promised() {
    let mut measure = Measure::of(Metric::Mean);
    measure.delta = 0.0;
    for n in [5, 20] {
        let mut worse = Rate::default();
        for replication in 0..4000 {
            let draws = &mut Draws::new(SEED + 2, replication);
            let mut run = || Reading::Value((0.2 * draws.normal()).exp());
            let earlier: Vec<_> = (0..n).map(|_| run()).collect();
            let compared = against_history(&measure, &earlier, run(), 0.05);
            worse.count(compared.expect("a history").place == Place::Worse);
        }
        assert!((worse.share() - 0.025).abs() < 0.008, "{n}: {worse}");
    }
}

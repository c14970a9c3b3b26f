use super::*;
use plimsoll_schedule::SplitMix64;

/// Ten values whose slopes have been counted: S = 33, Var = 121, Sen's slope 0.5.
const RISING: [f64; 10] = [10., 11., 10., 12., 11., 13., 12., 14., 13., 15.];

fn over_time(values: &[f64]) -> Vec<(f64, f64)> {
    let points = values.iter().enumerate();
    points.map(|(t, value)| (t as f64, *value)).collect()
}

#[test]
fn it_is_sens_slope_over_the_level_at_the_start() {
    let found = drift(&over_time(&RISING), 0.05).unwrap();
    // The line is 10.25 + 0.5·t: of the values less 0.5·t, the median is 10.25.
    assert!((found.share - 4.5 / 10.25).abs() < 1e-12, "{found:?}");
    assert_eq!(found.n, 10);
    // C = 1.96·11 = 21.56, so that of 45 slopes the 11th and the 35th enclose it.
    let slopes = slopes(&over_time(&RISING));
    let (lower, upper) = (slopes[10], slopes[34]);
    assert_eq!((lower, upper), (0.25, 5.0 / 7.0));
    let level = |slope: f64| {
        let at_start = RISING.iter().enumerate().map(|(t, v)| v - slope * t as f64);
        median(&mut at_start.collect::<Vec<_>>()).unwrap()
    };
    assert!((found.lower - 9.0 * lower / level(lower)).abs() < 1e-12);
    assert!((found.upper - 9.0 * upper / level(upper)).abs() < 1e-12);
}

fn noisy(per_step: f64, seed: u64, n: u64) -> Vec<(f64, f64)> {
    let numbers = SplitMix64::new(seed);
    let value = |t: u64| 100.0 + per_step * t as f64 + 4.0 * numbers.exponential(t);
    (0..n).map(|t| (t as f64 * 30.0, value(t))).collect()
}

fn judged(series: &[(f64, f64)]) -> Judgement {
    judge_drift("p95", series, Comparison::LessOrEqual, 0.05, 0.05)
}

#[test]
fn it_is_proven_refuted_or_neither() {
    let steady = judged(&noisy(0.0, 1, 960));
    assert_eq!(steady.state, State::Pass, "{steady:?}");
    let leaking = judged(&noisy(0.02, 1, 960));
    assert_eq!(leaking.state, State::Fail, "{leaking:?}");
    assert_eq!(leaking.n, 960);
    assert!((30.0..=60.0).contains(&leaking.n_eff), "{leaking:?}");
    let Observed::Share(share) = leaking.observed else {
        panic!("{leaking:?}");
    };
    // 0.02 · 959 over the start level of about 103.
    assert!((share - 0.186).abs() < 0.02, "{share}");
    assert_eq!(judged(&noisy(0.45, 4, 12)).state, State::Inconclusive);
    let says = leaking.explanation;
    assert!(says.starts_with("p95 went up by 19."), "{says}");
    assert!(says.ends_with("which refutes drift of p95 <= 5%"), "{says}");
}

/// How often it was decided, of a figure that drifts exactly as far as it may.
fn decided(n: u64, seeds: std::ops::Range<u64>) -> (u64, u64) {
    let (mut passed, mut failed) = (0, 0);
    for seed in seeds {
        // 5 % of the level at the start, which is 100 and the median of the noise.
        let rise = 0.05 * (100.0 + 4.0 * 2.0_f64.ln());
        match judged(&noisy(rise / (n - 1) as f64, seed, n)).state {
            State::Pass => passed += 1,
            State::Fail => failed += 1,
            State::Inconclusive => {}
        }
    }
    (passed, failed)
}

#[test]
fn on_the_limit_it_is_rarely_decided() {
    for (n, seeds) in [(240, 1000..1400), (12, 7000..7400)] {
        let (passed, failed) = decided(n, seeds);
        // 5 % a side are promised, which are 20 of 400, to two standard errors.
        assert!(passed <= 28 && failed <= 28, "{n}: {passed} {failed}");
    }
}

/// How often a drift of more than nothing was found in 60 values each of which is like the one before, on
/// top of one of so many percent.
fn found(phi: f64, percent: f64, series: u64) -> usize {
    let found = |seed: u64| {
        let numbers = SplitMix64::new(seed);
        let mut level = 0.0;
        let value = |t: u64| {
            // A sum of 12 uniforms is nearly normal, of variance 1.
            let draw: f64 = (0..12).map(|j| numbers.uniform(12 * t + j)).sum();
            level = phi * level + (1.0 - phi * phi).sqrt() * (draw - 6.0);
            100.0 + level + percent * t as f64 / 59.0
        };
        let values: Vec<f64> = (0..60).map(value).collect();
        let judged = judge_drift(
            "p95",
            &over_time(&values),
            Comparison::LessOrEqual,
            0.0,
            0.05,
        );
        judged.state == State::Fail
    };
    (0..series).filter(|seed| found(*seed)).count()
}

#[test]
fn a_level_that_wanders_is_no_drift_and_a_leak_is_one() {
    // 5 % are promised, which are 10 of 200, to two standard errors.
    for phi in [0.0, 0.5, 0.8] {
        let found = found(phi, 0.0, 200);
        assert!(found <= 16, "{phi}: {found}");
    }
    // By five standard deviations of the noise.
    for (phi, least) in [(0.0, 60), (0.5, 57), (0.8, 45)] {
        let found = found(phi, 5.0, 60);
        assert!(found >= least, "{phi}: {found}");
    }
}

#[test]
fn a_wave_is_no_drift_and_a_leak_need_not_be_straight() {
    // Each value is nearly the one before.
    let wave = |t: i32| 100.0 + 50.0 * (f64::from(t) / 2.0).sin();
    let wave: Vec<f64> = (0..12).map(wave).collect();
    assert_eq!(judged(&over_time(&wave)).state, State::Inconclusive);
    for n in [20, 30, 60] {
        let part = |t: i32| f64::from(t) / f64::from(n - 1);
        let bent: Vec<f64> = (0..n).map(|t| 100.0 + 50.0 * part(t).powi(2)).collect();
        let waning: Vec<f64> = (0..n).map(|t| 100.0 + 50.0 * part(t).sqrt()).collect();
        let stairs: Vec<f64> = (0..n)
            .map(|t| 100.0 + 10.0 * (5.0 * part(t)).floor())
            .collect();
        for leak in [bent, waning, stairs] {
            let judged = judged(&over_time(&leak));
            assert_eq!(judged.state, State::Fail, "{n}: {judged:?}");
        }
    }
}

#[test]
fn what_was_nothing_at_the_start_has_no_share() {
    let state = |values: &[f64]| judged(&over_time(values)).state;
    assert_eq!(state(&[0.0; 20]), State::Pass);
    // An error now and then is no trend.
    let rare: Vec<f64> = (0..60).map(|t| f64::from(u8::from(t % 9 == 4))).collect();
    assert_eq!(state(&rare), State::Pass);
    let growing: Vec<f64> = (0..60).map(f64::from).collect();
    let judgement = judged(&over_time(&growing));
    assert_eq!(
        (judgement.state, judgement.observed),
        (State::Fail, Observed::Infinite)
    );
    assert!(judgement.interval.unwrap().upper.is_none());
}

#[test]
fn falling_is_no_rise_and_a_lower_limit_turns_it_around() {
    let falling: Vec<f64> = RISING.iter().rev().copied().collect();
    assert_eq!(judged(&over_time(&falling)).state, State::Pass);
    let kept = |values: &[f64]| {
        judge_drift(
            "rate",
            &over_time(values),
            Comparison::GreaterOrEqual,
            -0.05,
            0.05,
        )
        .state
    };
    assert_eq!(kept(&falling), State::Fail);
    assert_eq!(kept(&RISING), State::Pass);
}

#[test]
fn few_values_and_broken_ones_prove_nothing() {
    assert_eq!(drift(&over_time(&RISING[..7]), 0.05), None);
    let mut broken = over_time(&RISING);
    broken[3].1 = f64::NAN;
    assert_eq!(drift(&broken, 0.05), None);
    broken[3] = (2.0, 1.0);
    assert_eq!(drift(&broken, 0.05), None);
    assert_eq!(judged(&[]).state, State::Inconclusive);
}

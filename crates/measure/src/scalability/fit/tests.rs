use super::*;
use proptest::prelude::*;

/// Source: SPEC SDM, a benchmark of 1991, as in Gunther, "Guerrilla Capacity Planning" (2007).
const SDM91: [(f64, f64); 7] = [
    (1.0, 64.9),
    (18.0, 995.9),
    (36.0, 1652.4),
    (72.0, 1853.2),
    (108.0, 1828.9),
    (144.0, 1775.0),
    (216.0, 1702.2),
];

fn close(got: f64, expected: f64, off: f64) {
    assert!((got - expected).abs() <= off, "{got} is not {expected}");
}

fn measured(law: &Usl, loads: &[f64]) -> Vec<(f64, f64)> {
    loads.iter().map(|n| (*n, law.formula(*n))).collect()
}

#[test]
fn the_reference_is_met() {
    let fit = fit(&SDM91).unwrap();
    close(fit.law.alpha, 0.027_728_4, 1e-7);
    close(fit.law.beta, 0.000_104_366, 1e-9);
    close(fit.law.gamma, 89.9951, 3e-4);
    let peak = fit.peak().unwrap();
    close(peak.n, 96.52, 5e-3);
    close(peak.throughput, 1883.9, 5e-2);
}

/// By scipy.optimize.curve_fit.
#[test]
fn its_deviation_is_that_of_another_program() {
    let fit = fit(&SDM91).unwrap();
    close(fit.law.alpha, 0.027_728_475_4, 1e-9);
    close(fit.law.beta, 0.000_104_365_483, 1e-11);
    close(fit.law.gamma, 89.995_232_6, 1e-5);
    close(fit.deviation, 82.8458, 1e-3);
}

#[test]
fn exact_points_give_the_law_back() {
    let points = [
        (1.0, 1.0),
        (2.0, 1.8868),
        (4.0, 3.0769),
        (6.0, 3.5294),
        (8.0, 3.5398),
        (10.0, 3.3557),
    ];
    let fit = fit(&points).unwrap();
    close(fit.law.alpha, 0.02, 5e-5);
    close(fit.law.beta, 0.02, 5e-5);
    close(fit.law.gamma, 1.0, 5e-5);
}

#[test]
fn without_coherency_cost_there_is_no_peak() {
    let law = Usl {
        alpha: 0.1,
        beta: 0.0,
        gamma: 50.0,
    };
    let fit = fit(&measured(&law, &[1.0, 4.0, 8.0, 16.0, 32.0, 64.0])).unwrap();
    close(fit.law.alpha, 0.1, 1e-6);
    assert_eq!(fit.law.beta, 0.0);
    assert_eq!(fit.peak(), Err(PeakError::NoPeak));
}

#[test]
fn it_is_not_told_far_beyond_what_was_measured() {
    let fit = fit(&SDM91).unwrap();
    assert!(fit.throughput(432.0).is_ok());
    let beyond = fit.throughput(433.0).unwrap_err();
    assert_eq!(
        beyond.to_string(),
        "433.0 is more than twice the 216.0 that were measured; measure at higher loads"
    );
    let late = Usl {
        alpha: 0.1,
        beta: 1e-5,
        gamma: 10.0,
    };
    let fit = super::fit(&measured(&late, &[1.0, 5.0, 10.0, 20.0, 40.0, 60.0])).unwrap();
    assert!(matches!(fit.peak(), Err(PeakError::Beyond(_))));
}

#[test]
fn a_peak_that_nobody_saw_is_not_told() {
    // A service that bears 287 a second and collapses: nothing was measured with 4 to 150 in flight.
    let points = [
        (0.631, 50.0),
        (1.19, 99.0),
        (2.34, 202.0),
        (3.56, 283.0),
        (153.0, 162.0),
        (173.0, 141.0),
        (180.0, 129.0),
        (180.5, 125.0),
    ];
    let fit = fit(&points).unwrap();
    assert!(fit.law.peak().unwrap().throughput > 500.0);
    let why = fit.peak().unwrap_err();
    assert!(
        matches!(why, PeakError::NotSeen { most: 283.0, .. }),
        "{why:?}"
    );
}

#[test]
fn points_that_carry_no_law_are_refused() {
    assert_eq!(fit(&SDM91[..5]), Err(FitError::TooFew(5)));
    let mut repeated = SDM91[..5].to_vec();
    repeated.extend_from_slice(&SDM91[..5]);
    assert_eq!(fit(&repeated), Err(FitError::TooFew(5)));
    let mut wrong = SDM91.to_vec();
    wrong[3].1 = f64::NAN;
    assert_eq!(fit(&wrong), Err(FitError::NotAPoint(3)));
    let proportional: Vec<_> = (1..=8)
        .map(|n| (f64::from(n), 10.0 * f64::from(n)))
        .collect();
    assert_eq!(fit(&proportional), Err(FitError::BelowKnee));
    let law = Usl {
        alpha: 0.05,
        beta: 0.001,
        gamma: 10.0,
    };
    let below = measured(&law, &[1.0, 1.5, 2.0, 2.5, 3.0, 3.5]);
    assert_eq!(fit(&below), Err(FitError::BelowKnee));
    let above = measured(&law, &[20.0, 30.0, 40.0, 50.0, 60.0, 70.0]);
    assert!(matches!(fit(&above), Err(FitError::AboveKnee(_))));
}

#[test]
fn points_that_scatter_are_refused() {
    let mut points = SDM91.to_vec();
    points[3].1 = 100.0;
    let Err(FitError::Scattered(explained)) = fit(&points) else {
        unreachable!("{:?}", fit(&points))
    };
    assert!((0.1..0.8).contains(&explained), "{explained}");
}

proptest! {
    #[test]
    fn a_law_is_found_from_what_it_says(
        alpha in 0.005..0.3_f64, beta in 1e-4..0.01_f64, gamma in 0.1..1e5_f64,
    ) {
        let law = Usl { alpha, beta, gamma };
        let (peak, knee) = (law.peak().unwrap().n, law.knee());
        let below = [0.2, 0.5, 0.9].map(|share| share * knee);
        let above = [0.7, 1.0, 1.5, 2.0].map(|share| knee + share * peak);
        let loads = [&below[..], &above[..]].concat();
        let fit = fit(&measured(&law, &loads)).unwrap();
        prop_assert!((fit.law.alpha / alpha - 1.0).abs() < 1e-4, "{:?}", fit);
        prop_assert!((fit.law.beta / beta - 1.0).abs() < 1e-4, "{:?}", fit);
        prop_assert!((fit.law.gamma / gamma - 1.0).abs() < 1e-4, "{:?}", fit);
    }

    #[test]
    fn whatever_was_measured_nothing_panics_and_nothing_is_negative(
        points in prop::collection::vec((0.1..1e4_f64, 1e-3..1e7_f64), 0..12),
    ) {
        if let Ok(fit) = fit(&points) {
            prop_assert!(fit.law.alpha >= 0.0 && fit.law.beta >= 0.0 && fit.law.gamma > 0.0);
            prop_assert!(fit.deviation.is_finite());
        }
    }
}

use super::*;

fn window(text: &str) -> SlidingWindow {
    SlidingWindow::new(&text.parse().unwrap(), 0).unwrap()
}

fn second(ok: u64, failed: u64) -> Stretch {
    Stretch {
        ledger: Ledger {
            intended: ok + failed,
            ok,
            failed,
            ..Ledger::default()
        },
        ..Stretch::default()
    }
}

#[test]
fn the_worst_window_is_found_wherever_it_lies() {
    let mut window = window("errors < 10% for 3s");
    for failed in [0, 0, 5, 9, 1, 0, 0, 2] {
        window.push(second(10 - failed, failed));
    }
    let (first, stretch) = window.worst().unwrap();
    assert_eq!((first, stretch.ledger.failed), (2, 15));
    assert_eq!((window.windows(), window.length()), (6, 3));
}

#[test]
fn few_requests_prove_less_than_many_and_refute_less() {
    let mut window = window("errors < 1% for 1s");
    for (ok, failed) in [(55, 0), (9950, 50), (9800, 200), (2, 1), (10_000, 0)] {
        window.push(second(ok, failed));
    }
    // A third of three is likelier by chance than a fiftieth of ten thousand.
    assert_eq!(window.worst().unwrap().0, 2);
    let mut ramp = self::window("errors < 1% for 1s");
    for (ok, failed) in [(55, 0), (9950, 50), (10_000, 0)] {
        ramp.push(second(ok, failed));
    }
    assert_eq!(ramp.least_proven().unwrap().0, 0);
    assert_eq!(ramp.worst().unwrap().0, 1);
}

#[test]
fn under_a_lower_limit_the_worst_is_the_smallest() {
    let mut window = window("goodput >= 5/s for 1500ms");
    for ok in [9, 4, 7, 2, 8] {
        window.push(second(ok, 1));
    }
    let (first, stretch) = window.worst().unwrap();
    assert_eq!((first, stretch.ledger.ok), (2, 9));
}

#[test]
fn giving_up_needs_a_full_window() {
    let mut window = window("errors > 50% for 2s");
    window.push(second(0, 10));
    assert_eq!(window.holds_now(), None);
    window.push(second(10, 0));
    assert_eq!(window.holds_now(), Some(false));
    window.push(second(9, 10));
    assert_eq!(window.holds_now(), Some(false));
    window.push(second(0, 1));
    assert_eq!(window.holds_now(), Some(true));
}

#[test]
fn a_quantile_is_compared_by_what_exceeds_its_limit() {
    let mut window = window("p90 > 1s for 1s");
    let exceeding = |exceeding| Stretch {
        exceeding,
        ..second(100, 0)
    };
    window.push(exceeding(10));
    assert_eq!(window.holds_now(), Some(false));
    window.push(exceeding(11));
    assert_eq!(window.holds_now(), Some(true));
}

#[test]
fn means_and_maxima_slide_too() {
    let stretch = |mean: f64, slowest| Stretch {
        responses: Moments {
            count: 2,
            mean,
            squares: 0.0,
        },
        slowest,
        ..second(2, 0)
    };
    let (mut mean, mut max) = (window("mean < 1us for 1s"), window("max < 1us for 1s"));
    for (value, slowest) in [(500.0, 999), (1500.0, 2000), (600.0, 700)] {
        mean.push(stretch(value, slowest));
        max.push(stretch(value, slowest));
    }
    assert_eq!(mean.worst().unwrap().0, 1);
    assert_eq!(max.worst().unwrap().0, 1);
    max.push(second(1, 1));
    assert_eq!((max.worst().unwrap().0, max.holds_now()), (3, Some(false)));
}

#[test]
fn a_mean_without_scatter_is_certain_and_one_of_few_or_with_failures_is_not() {
    let stretch = |count, mean, squares, failed| Stretch {
        responses: Moments {
            count,
            mean,
            squares,
        },
        ..second(count, failed)
    };
    let scattered = stretch(100, 990.0, 1e6, 0);
    let least_proven = |others: &[Stretch]| {
        let mut mean = window("mean < 1us for 1s");
        others.iter().for_each(|other| mean.push(*other));
        mean.push(scattered);
        mean.least_proven().unwrap().0
    };
    assert_eq!(least_proven(&[stretch(100, 500.0, 0.0, 0)]), 1);
    assert_eq!(least_proven(&[stretch(20, 500.0, 1.0, 0)]), 0);
    assert_eq!(least_proven(&[stretch(100, 500.0, 1.0, 1)]), 0);
    assert_eq!(least_proven(&[second(0, 9)]), 0, "no success at all");
}

#[test]
fn seconds_in_which_nothing_was_intended_have_no_value() {
    let mut window = window("errors < 10% for 1s");
    window.push(Stretch::default());
    assert_eq!((window.worst(), window.holds_now()), (None, None));
    assert!(SlidingWindow::new(&"errors < 1%".parse().unwrap(), 0).is_none());
}

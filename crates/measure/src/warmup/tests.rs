use super::*;
use plimsoll_schedule::SplitMix64;

fn medians(at: impl Fn(usize) -> f64) -> Vec<Option<f64>> {
    (0..60).map(|i| Some(at(i) + (i * 7 % 5) as f64)).collect()
}

/// The same without noise.
fn exact(at: impl Fn(usize) -> f64) -> Vec<Option<f64>> {
    (0..60).map(|i| Some(at(i))).collect()
}

#[test]
fn a_cold_start_is_cut_off() {
    let cut = estimate(&medians(|i| if i < 9 { 300.0 } else { 100.0 })).unwrap();
    assert_eq!((cut.values, cut.is_last_candidate), (10, false));
}

#[test]
fn a_steady_run_and_a_stall_after_a_good_beginning_are_left_whole() {
    assert_eq!(estimate(&medians(|_| 100.0)).unwrap().values, 0);
    let stalled = medians(|i| if (7..9).contains(&i) { 900.0 } else { 100.0 });
    assert_eq!(estimate(&stalled).unwrap().values, 0);
}

#[test]
fn a_stall_later_on_does_not_hide_a_cold_start() {
    let stalled = |i| match i {
        0..10 => 120.0,
        40..42 => 1500.0,
        _ => 20.0,
    };
    assert_eq!(estimate(&medians(stalled)).unwrap().values, 10);
}

/// Heavy-tailed noise, as of medians on a busy machine.
#[test]
fn a_noisy_steady_run_is_mostly_left_whole_and_never_invalid() {
    let mut cut_off = 0;
    for seed in 0..2000 {
        let numbers = SplitMix64::new(seed);
        let noisy = estimate(&medians(|i| 20.0 + 5.0 * numbers.exponential(i as u64)));
        let cut = noisy.unwrap();
        cut_off += u64::from(cut.values > 0);
        let invalid = cut.is_last_candidate && cut.values > 15;
        assert!(!invalid, "{seed}: {cut:?}");
    }
    // About one in twenty loses a batch, which harms nothing.
    assert!(cut_off < 150, "{cut_off}");
}

#[test]
fn what_settles_no_sooner_than_the_last_candidate_says_so() {
    let cut = estimate(&medians(|i| if i < 30 { 300.0 } else { 100.0 })).unwrap();
    assert_eq!((cut.values, cut.is_last_candidate), (30, true));
}

#[test]
fn gaps_and_short_runs_allow_no_estimate() {
    let mut gap = medians(|_| 100.0);
    gap[30] = None;
    assert!(estimate(&gap).is_err());
    assert!(estimate(&gap[..20]).is_err());
}

#[test]
fn a_long_stall_later_on_does_not_hide_a_cold_start_either() {
    // Four of five intervals of a batch, and worse than the cold start: MSER alone cuts nothing.
    let stalled = |i| match i {
        0..13 => 600.0,
        41..45 => 1500.0,
        _ => 20.0,
    };
    assert_eq!(estimate(&medians(stalled)).unwrap().values, 15);
    let twice = |i| match i {
        0..13 => 600.0,
        33..37 | 50..54 => 1500.0,
        _ => 20.0,
    };
    assert_eq!(estimate(&medians(twice)).unwrap().values, 15);
}

#[test]
fn what_settles_within_a_batch_is_left_out_with_it() {
    let slow_for = |intervals| {
        let cut = estimate(&exact(|i| if i < intervals { 600.0 } else { 20.0 })).unwrap();
        (cut.values, cut.is_last_candidate)
    };
    assert_eq!(slow_for(2), (0, false));
    assert_eq!(slow_for(3), (5, false));
    assert_eq!(slow_for(6), (10, false));
    assert_eq!(slow_for(10), (10, false));
    assert_eq!(slow_for(11), (15, false));
    assert_eq!(slow_for(15), (15, false));
    // It has settled by then, as opposed to one that is slow for all of the first half.
    assert_eq!(slow_for(26), (30, false));
    assert_eq!(slow_for(40), (30, true));
}

#[test]
fn a_difference_that_does_not_matter_is_none() {
    let steps = |first: f64| move |i| if i < 12 { first } else { 100.0 };
    assert_eq!(estimate(&exact(steps(104.0))).unwrap().values, 0);
    assert_eq!(estimate(&exact(steps(106.0))).unwrap().values, 15);
}

/// A run of 24 s at 50 requests a second on a busy machine: 600 ms for `slow_s` seconds, then 20 ms,
/// each with exponential noise, and so many stalls of up to 2 s in which everything takes between
/// 100 and 1,500 ms longer. Requests count by their intended time, however late they end.
fn busy(seed: u64, slow_s: f64, stalls: u64) -> Vec<Option<f64>> {
    let numbers = SplitMix64::new(seed);
    let stall = |n: u64| {
        let draw = |part| numbers.uniform(10_000 + 3 * n + part);
        let from_s = 24.0 * draw(0);
        (from_s..from_s + 2.0 * draw(1), 100.0 + 1400.0 * draw(2))
    };
    let stalls: Vec<_> = (0..stalls).map(stall).collect();
    let response = |n: u64| {
        let at_s = n as f64 / 50.0;
        let base = if at_s < slow_s { 600.0 } else { 20.0 };
        let stalled = stalls.iter().filter(|stall| stall.0.contains(&at_s));
        let longer = stalled.map(|stall| stall.1).fold(0.0, f64::max);
        base + 5.0 * numbers.exponential(n) + longer
    };
    let interval = |i: u64| median(&mut (20 * i..20 * (i + 1)).map(response).collect::<Vec<_>>());
    (0..60).map(interval).collect()
}

/// How many of 1,000 such runs are cut at how many batches.
fn cuts(slow_s: std::ops::Range<f64>, stalls: u64) -> [u64; 7] {
    let mut cuts = [0; 7];
    for seed in 0..1000 {
        let part = SplitMix64::new(seed).uniform(99_999);
        let slow_s = slow_s.start + part * (slow_s.end - slow_s.start);
        let cut = estimate(&busy(seed, slow_s, stalls)).unwrap();
        cuts[cut.values / BATCH as usize] += 1;
    }
    cuts
}

#[test]
fn on_a_busy_machine_a_cold_start_is_cut_off_where_it_ends() {
    for stalls in [0, 1, 2] {
        let cuts = cuts(5.0..6.0, stalls);
        // Never less than it takes, and more only where a stall follows at once: at 6 s, or at 8.
        assert_eq!(cuts[..3], [0; 3], "{stalls} stalls: {cuts:?}");
        assert!(cuts[3] >= 800, "{stalls} stalls: {cuts:?}");
        assert!(cuts[5] + cuts[6] <= 40, "{stalls} stalls: {cuts:?}");
    }
}

#[test]
fn on_a_busy_machine_stalls_of_a_steady_service_are_mostly_left_in() {
    for (stalls, fewest) in [(0, 980), (1, 940), (2, 900)] {
        let cuts = cuts(0.0..0.0, stalls);
        assert!(cuts[0] >= fewest, "{stalls} stalls: {cuts:?}");
        // What is cut is a stall at the very beginning.
        assert!(
            cuts[3..].iter().sum::<u64>() <= 20,
            "{stalls} stalls: {cuts:?}"
        );
    }
}

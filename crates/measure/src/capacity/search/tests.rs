use super::*;
use Outcome::{Doubtful, Failed, GeneratorLimited, Inconclusive, NotSettled, Passed, Settled};

fn search(options: Options) -> Search {
    Search::new(options).unwrap()
}

fn starting_at(start: f64) -> Options {
    Options {
        start,
        ..Options::default()
    }
}

/// The rate that is judged.
fn judged(action: &Action) -> Option<f64> {
    match *action {
        Action::Probe { rate, .. }
        | Action::Extend { rate, .. }
        | Action::Confirm { rate, .. }
        | Action::FromAbove { rate, .. } => Some(rate),
        Action::CoolDown { .. } | Action::Done => None,
    }
}

/// Searches a system of which `told` says what comes of a rate; the search, and what was done with what came of it.
fn explore_as(options: Options, told: impl Fn(f64) -> Outcome) -> (Search, Vec<(Action, Outcome)>) {
    let mut search = search(options);
    let mut trials = Vec::new();
    while search.next() != Action::Done {
        let action = search.next();
        let outcome = judged(&action).map_or(Settled, &told);
        search.tell(outcome).unwrap();
        trials.push((action, outcome));
    }
    (search, trials)
}

/// Searches a system that bears what `bears` says.
fn explore(options: Options, bears: impl Fn(f64) -> bool) -> (Search, Vec<(Action, Outcome)>) {
    explore_as(options, |rate| if bears(rate) { Passed } else { Failed })
}

/// The probes, with whether they passed.
fn probes(trials: &[(Action, Outcome)]) -> Vec<(f64, bool)> {
    let trials = trials.iter();
    trials
        .filter_map(|(action, outcome)| match action {
            Action::Probe { rate, .. } => Some((*rate, *outcome == Passed)),
            _ => None,
        })
        .collect()
}

/// Tells what came of one action after the other.
fn told(options: Options, outcomes: &[Outcome]) -> Search {
    Search::replay(options, outcomes.iter().copied()).unwrap()
}

#[test]
fn the_reference_of_eleven_probes_is_met() {
    let (search, trials) = explore(Options::default(), |rate| rate <= 3700.0);
    let rounded: Vec<_> = probes(&trials)
        .into_iter()
        .map(|(rate, passed)| (rate.round(), passed))
        .collect();
    assert_eq!(
        rounded,
        [
            (100.0, true),
            (200.0, true),
            (400.0, true),
            (800.0, true),
            (1600.0, true),
            (3200.0, true),
            (6400.0, false),
            (4525.0, false),
            (3805.0, false),
            (3490.0, true),
            (3644.0, true),
        ]
    );
    let found = search.found();
    assert!((found.lower.unwrap() - 3644.1).abs() < 0.05);
    assert!((found.upper.unwrap().rate - 3805.5).abs() < 0.05);
    assert_eq!(found.confirmed, found.lower);
    assert_eq!((found.end, found.comes_back), (End::Confirmed, Some(true)));
    assert_eq!(found.capacity(), found.lower);
    assert_eq!(
        found.to_string(),
        "3644.1 per second, confirmed; 3805.5 is too much; the system comes back to it from overload"
    );
}

#[test]
fn the_reference_of_seven_probes_is_met() {
    let (search, trials) = explore(starting_at(1000.0), |rate| rate <= 3700.0);
    assert_eq!(probes(&trials).len(), 7);
    assert!((search.found().lower.unwrap() - 3668.0).abs() < 0.05);
    assert!((search.found().upper.unwrap().rate - 3830.4).abs() < 0.05);
}

/// The 99th percentile of a queue with one server, random arrivals and random service times of a mean
/// of 1/μ is ln 100 / (μ − λ).
///
/// Source: Kleinrock, "Queueing Systems" I (1975), section 3.2.
fn p99_ms(rate: f64) -> f64 {
    match 1000.0 - rate {
        spare if spare > 0.0 => 1000.0 * 100_f64.ln() / spare,
        _ => f64::INFINITY,
    }
}

#[test]
fn a_queue_bears_what_theory_says() {
    for (rate, ms) in [(500.0, 9.210), (800.0, 23.026), (900.0, 46.052)] {
        assert!((p99_ms(rate) - ms).abs() < 5e-4);
    }
    let options = Options {
        resolution: 1.001,
        ..Options::default()
    };
    let (search, _) = explore(options, |rate| p99_ms(rate) <= 50.0);
    let found = search.found();
    let upper = found.upper.unwrap().rate;
    assert!((found.lower.unwrap()..upper).contains(&907.9));
    assert!(upper / found.lower.unwrap() <= 1.001);
}

#[test]
fn what_proves_nothing_is_extended_and_then_not_proven() {
    let mut search = told(Options::default(), &[Passed, Inconclusive]);
    let extend = |rate, measured_s| Action::Extend { rate, measured_s };
    assert_eq!(search.next(), extend(200.0, 60.0));
    search.tell(Inconclusive).unwrap();
    assert_eq!(search.next(), extend(200.0, 90.0));
    let extended = search.clone();
    search.tell(Inconclusive).unwrap();
    let upper = Upper {
        rate: 200.0,
        is_proven: false,
    };
    assert_eq!(search.found().upper, Some(upper));
    assert!(matches!(search.next(), Action::CoolDown { .. }));
    let mut passed = extended;
    passed.tell(Passed).unwrap();
    assert_eq!(passed.found().lower, Some(200.0));
    assert!(matches!(passed.next(), Action::Probe { rate, .. } if rate == 400.0));
}

#[test]
fn a_rate_that_was_refuted_stays_so_when_a_lower_one_is_only_open() {
    let options = Options {
        start: 90.0,
        ..Options::default()
    };
    // 180 is too much, 165 is never proven, what is below passes.
    let (search, trials) = explore_as(options, |rate| match rate {
        180.0 => Failed,
        rate if rate > 160.0 => Inconclusive,
        _ => Passed,
    });
    let found = search.found();
    assert_eq!(found.end, End::Confirmed);
    assert!(found.upper.is_some_and(|upper| !upper.is_proven));
    assert_eq!(found.refuted, Some(180.0));
    assert!(found.refutes(180.0) && !found.refutes(179.0));
    assert!(!found.is_at_least(), "180 bounds it");
    let text = found.to_string();
    assert!(text.contains("is not proven; 180.0 is too much"), "{text}");
    // What was only not proven is no overload.
    let above = trials.iter().find_map(|(action, _)| match action {
        Action::FromAbove { from, .. } => Some(*from),
        _ => None,
    });
    assert!(above.is_some_and(|from| from >= 180.0), "{above:?}");
}

#[test]
fn what_nothing_bounds_from_above_is_at_least_that() {
    let (open, trials) = explore_as(Options::default(), |rate| match rate {
        100.0 => Passed,
        _ => Inconclusive,
    });
    let found = open.found();
    assert_eq!((found.end, found.refuted), (End::Confirmed, None));
    assert!(found.is_at_least());
    assert!(found.to_string().starts_with("at least 100.0"), "{found}");
    let is_above = |(action, _): &(Action, Outcome)| matches!(action, Action::FromAbove { .. });
    assert!(!trials.iter().any(is_above), "no overload is known");
    // The generator was the limit before both ends met.
    let limited = [GeneratorLimited, Settled, GeneratorLimited, Settled, Passed];
    let begun = [&[Passed, Failed, Settled], &limited[..]].concat();
    let limited = told(Options::default(), &begun);
    assert_eq!(limited.found().capacity(), Some(100.0));
    assert_eq!(limited.found().refuted, Some(200.0));
    assert!(limited.found().is_at_least());
}

#[test]
fn what_no_probe_could_prove_is_not_offered() {
    // 90 s of 3.3 a second are 297.
    let options = Options {
        fewest: 299.0,
        ..Options::default()
    };
    let (search, trials) = explore_as(options, |rate| match rate {
        rate if rate < 10.0 => Inconclusive,
        _ => Failed,
    });
    let rates: Vec<f64> = probes(&trials).iter().map(|probe| probe.0).collect();
    assert_eq!(rates, [100.0, 50.0, 25.0, 12.5, 6.25]);
    let found = search.found();
    assert_eq!((found.end, found.refuted), (End::NothingPassed, Some(12.5)));
    let text = found.to_string();
    assert!(text.contains("12.5 is too much; lower rates"), "{text}");
}

#[test]
fn what_was_confirmed_stays_so_where_it_was_not_approached_from_above() {
    let options = Options {
        resolution: 2.0,
        ..Options::default()
    };
    let search = told(options, &[Passed, Failed, Settled, Passed]);
    assert!(matches!(search.next(), Action::FromAbove { .. }));
    assert_eq!(
        search.found().to_string(),
        "100.0 per second, confirmed; 200.0 is too much; whether the system comes back to it is not known yet"
    );
}

#[test]
fn the_generator_ends_the_search_and_is_no_limit_of_the_system() {
    let limited = [GeneratorLimited, Settled, GeneratorLimited, Settled];
    let begun = [&[Passed, Passed], &limited[..]].concat();
    let search = told(Options::default(), &begun);
    // What passed a short probe is confirmed before it is said.
    assert!(matches!(search.next(), Action::Confirm { rate: 200.0, .. }));
    assert_eq!(search.found().capacity(), None);
    let mut confirmed = search.clone();
    confirmed.tell(Passed).unwrap();
    assert_eq!(confirmed.next(), Action::Done);
    let found = confirmed.found();
    assert_eq!(found.end, End::GeneratorLimited { at: 400.0 });
    assert_eq!((found.capacity(), found.upper), (Some(200.0), None));
    assert!(found.is_at_least());
    assert_eq!(
        found.to_string(),
        "at least 200.0 per second, confirmed; the generator was at its limit at 400.0 per second"
    );
    let mut not_confirmed = search.clone();
    for outcome in [GeneratorLimited, Settled, GeneratorLimited] {
        not_confirmed.tell(outcome).unwrap();
    }
    let found = not_confirmed.found();
    assert_eq!(found.end, End::GeneratorLimited { at: 400.0 });
    assert_eq!(found.capacity(), None);
    assert!(found.to_string().contains("was not confirmed"), "{found}");
    // It is the system that does not bear it for longer.
    let mut lowered = search;
    for outcome in [Failed, Settled, Passed, Passed] {
        lowered.tell(outcome).unwrap();
    }
    assert_eq!(
        (lowered.found().end, lowered.found().capacity()),
        (End::Confirmed, Some(190.0))
    );
    let nothing = told(
        Options::default(),
        &[GeneratorLimited, Settled, GeneratorLimited],
    );
    assert_eq!(nothing.found().capacity(), None);
    assert!(nothing.found().to_string().starts_with("not known;"));
}

#[test]
fn one_hitch_of_the_generator_is_tried_again() {
    let mut search = told(Options::default(), &[Passed, Inconclusive]);
    let extended = search.next();
    assert!(matches!(extended, Action::Extend { .. }));
    search.tell(GeneratorLimited).unwrap();
    assert!(matches!(search.next(), Action::CoolDown { .. }));
    search.tell(Settled).unwrap();
    assert_eq!(search.next(), extended, "the same again");
    search.tell(Passed).unwrap();
    search.tell(GeneratorLimited).unwrap();
    search.tell(Settled).unwrap();
    assert!(
        matches!(search.next(), Action::Probe { rate: 400.0, .. }),
        "each has a second try"
    );
    search.tell(Passed).unwrap();
    assert!(matches!(search.next(), Action::Probe { rate: 800.0, .. }));
}

#[test]
fn what_fails_in_a_hitch_fails_only_if_it_does_so_again() {
    let mut search = told(Options::default(), &[Passed, Passed, Doubtful, Settled]);
    assert!(matches!(search.next(), Action::Probe { rate: 400.0, .. }));
    assert_eq!((search.found().upper, search.found().refuted), (None, None));
    let mut borne = search.clone();
    borne.tell(Passed).unwrap();
    assert_eq!(borne.found().lower, Some(400.0));
    search.tell(Doubtful).unwrap();
    assert_eq!(search.found().refuted, Some(400.0));
    assert_eq!(
        search.found().upper.map(|upper| upper.is_proven),
        Some(true)
    );
    let mut limited = told(Options::default(), &[Passed, Doubtful, Settled]);
    limited.tell(GeneratorLimited).unwrap();
    assert_eq!(limited.found().refuted, None, "it was not shown by itself");
}

#[test]
fn after_too_much_the_system_cools_down() {
    let mut search = told(Options::default(), &[Passed, Passed, Failed]);
    let cool_down = Action::CoolDown {
        rate: 10.0,
        longest_s: 60.0,
    };
    assert_eq!(search.next(), cool_down);
    let mut restless = search.clone();
    search.tell(Settled).unwrap();
    assert!(matches!(search.next(), Action::Probe { rate, .. } if (rate - 282.84).abs() < 0.01));
    restless.tell(NotSettled).unwrap();
    assert_eq!(restless.next(), Action::Done);
    let found = restless.found();
    assert_eq!(found.end, End::NotSettled { after: 400.0 });
    assert_eq!((found.lower, found.capacity()), (Some(200.0), None));
}

#[test]
fn what_passes_short_and_not_long_is_lowered_three_times() {
    // Two doublings, and bisections up to the first confirmation.
    let options = Options {
        resolution: 2.0,
        ..Options::default()
    };
    let begun = [Passed, Passed, Failed, Settled];
    let mut search = told(options, &begun);
    let mut rates = Vec::new();
    while let Action::Confirm { rate, .. } = search.next() {
        rates.push(rate);
        search.tell(Inconclusive).unwrap();
        if search.next() != Action::Done {
            search.tell(Settled).unwrap();
        }
    }
    assert_eq!(rates.len(), 4);
    for (at, rate) in (0..).zip(rates) {
        assert!((rate - 200.0 * 0.95_f64.powi(at)).abs() < 1e-9);
    }
    assert_eq!(search.found().end, End::NotConfirmed);
    assert_eq!(
        (search.found().lower, search.found().capacity()),
        (Some(200.0), None)
    );

    let mut second = told(options, &begun);
    for outcome in [Failed, Settled, Passed, Failed] {
        second.tell(outcome).unwrap();
    }
    assert_eq!(second.found().confirmed, Some(190.0));
    assert_eq!(second.found().comes_back, Some(false));
    let upper = Upper {
        rate: 200.0,
        is_proven: true,
    };
    assert_eq!(second.found().upper, Some(upper));

    // Too slow a generator at less than what passed is no bound from below.
    let mut limited = told(options, &begun);
    for outcome in [Failed, Settled, GeneratorLimited, Settled, GeneratorLimited] {
        limited.tell(outcome).unwrap();
    }
    assert_eq!(
        (limited.found().end, limited.found().capacity()),
        (End::NotConfirmed, None)
    );
}

#[test]
fn it_is_approached_from_above_once() {
    let (_, trials) = explore(Options::default(), |rate| rate <= 3700.0);
    let above: Vec<_> = trials
        .iter()
        .filter(|(action, _)| matches!(action, Action::FromAbove { .. }))
        .collect();
    assert_eq!(above.len(), 1);
    let Action::FromAbove {
        from, drain, rate, ..
    } = above[0].0
    else {
        unreachable!()
    };
    assert!((rate - 3644.1).abs() < 0.05);
    assert!((from - 1.25 * rate).abs() < 1e-9 && (drain - 0.8 * rate).abs() < 1e-9);
    // No higher rate than is allowed, but never less than was shown to be too much.
    let options = Options {
        most: 3805.5,
        ..Options::default()
    };
    let (_, trials) = explore(options, |rate| rate <= 3700.0);
    let most = trials.iter().map(|(action, _)| match action {
        Action::FromAbove { from, .. } => *from,
        other => judged(other).unwrap_or_default(),
    });
    assert_eq!(most.fold(0.0, f64::max), 3805.5);
}

#[test]
fn the_ends_of_what_is_allowed_end_it() {
    let options = Options {
        most: 1500.0,
        ..Options::default()
    };
    let (all, trials) = explore(options, |_| true);
    let rates: Vec<_> = probes(&trials).iter().map(|probe| probe.0).collect();
    assert_eq!(rates, [100.0, 200.0, 400.0, 800.0, 1500.0]);
    assert_eq!(
        (all.found().end, all.found().capacity()),
        (End::Most, Some(1500.0))
    );
    assert_eq!(
        all.found().to_string(),
        "at least 1500.0 per second, confirmed"
    );
    let (none, trials) = explore(options, |_| false);
    assert_eq!(
        (none.found().end, none.found().capacity()),
        (End::NothingPassed, None)
    );
    assert_eq!(probes(&trials).len(), 11);
    let (little, _) = explore(options, |rate| rate <= 7.0);
    let found = little.found();
    assert!(found.lower.unwrap() <= 7.0 && found.upper.unwrap().rate > 7.0);
}

#[test]
fn what_cannot_be_is_refused_and_changes_nothing() {
    let mut search = search(Options::default());
    let before = search.clone();
    assert!(search.tell(Settled).is_err());
    assert_eq!(search, before);
    let stored = [Failed, Passed];
    assert!(matches!(
        Search::replay(Options::default(), stored),
        Err(ReplayError::Misfit(Misfit {
            outcome: Passed,
            ..
        }))
    ));
    assert!(Search::replay(starting_at(-1.0), []).is_err());
    let (mut done, _) = explore(Options::default(), |_| true);
    assert!(done.tell(Passed).is_err());
}

mod properties;

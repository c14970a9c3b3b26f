use super::*;
use crate::regression::contest::Reading;
use crate::regression::measure::Measure;
use crate::statistics::paired::tests::ROUNDS;
use crate::threshold::Metric;
use proptest::prelude::*;

/// Rounds in which A takes 100 ms and B differs by these logarithms.
fn contest(metric: Metric, distances: &[f64]) -> Contest {
    let round = |distance: &f64| (Reading::Value(1e8), Reading::Value(1e8 * distance.exp()));
    Contest {
        measure: Measure::of(metric),
        rounds: distances.iter().map(round).collect(),
    }
}

/// So many rounds that scatter by about 2 % around a distance.
fn around(distance: f64, rounds: usize) -> Vec<f64> {
    let scatter = [0.02, -0.03, 0.01, -0.01, 0.03, -0.02];
    let scatter = scatter.into_iter().cycle().take(rounds);
    scatter.map(|off| distance + off).collect()
}

fn shares(a: u64, b: u64, n: u64, rounds: usize) -> Contest {
    let share = |count| Reading::Share { count, n };
    Contest {
        measure: Measure::of(Metric::Errors),
        rounds: vec![(share(a), share(b)); rounds],
    }
}

fn verdicts(duel: &Duel) -> Vec<Verdict> {
    let findings = duel.findings.iter();
    findings.map(|finding| finding.verdict).collect()
}

fn once(rounds: usize) -> Looks {
    Looks::once(rounds, 0.05).unwrap()
}

fn near(got: f64, expected: f64, off: f64) {
    assert!((got - expected).abs() < off, "{got} is not {expected}");
}

#[test]
fn the_reference_is_met() {
    let duel = judge(&[contest(Metric::Mean, &ROUNDS)], &once(10)).unwrap();
    assert_eq!(duel.verdict(), Verdict::Ok);
    let finding = &duel.findings[0];
    near(finding.estimate.unwrap(), 0.0285, 1e-9);
    near(finding.interval.unwrap().0, 0.013_92, 5e-6);
    near(finding.interval.unwrap().1, 0.043_08, 5e-6);
    near(finding.p, 0.001_666, 5e-7);
    near(finding.sign_flip_p, 0.003_906, 5e-7);
    near(finding.middle.unwrap(), 0.028, 1e-9);
    near(finding.middle_interval.unwrap().0, 0.0135, 1e-9);
    // 4.97 % are found with a deviation of 5 %.
    near(
        finding.minimum_detectable.unwrap(),
        4.97 * 0.020_381 / 5.0,
        2e-5,
    );
    assert_eq!(
        finding.explanation,
        "+2.9% (+1.4% to +4.4%) over 10 rounds: not worse by 5%"
    );
}

#[test]
fn a_slower_build_regressed_and_a_faster_one_improved() {
    let contests = [
        contest(Metric::Mean, &around(0.1, 12)),
        contest(Metric::Mean, &around(-0.1, 12)),
        contest(Metric::Mean, &around(0.0, 12)),
        contest(Metric::Goodput, &around(-0.1, 12)),
        contest(Metric::Goodput, &around(0.1, 12)),
    ];
    let duel = judge(&contests, &Looks::default()).unwrap();
    use Verdict::{Improved, Ok, Regressed};
    assert_eq!(
        verdicts(&duel),
        [Regressed, Improved, Ok, Regressed, Improved]
    );
    assert_eq!(duel.verdict(), Regressed);
    assert!(duel.is_decided());
    let explanation = &duel.findings[0].explanation;
    assert!(
        explanation.starts_with(
            "+10.5% (+8.7% to +12.3%) over 12 rounds: worse, by 5% or more as measured"
        ),
        "{explanation}"
    );
    assert!(
        explanation.ends_with("(p < 0.0001 after Holm over 5 comparisons, where 0.03 is enough in this look; p = 0.00049 by sign flips)"),
        "{explanation}"
    );
}

#[test]
fn a_difference_that_is_certain_but_tolerated_is_no_regression() {
    let duel = judge(&[contest(Metric::Mean, &around(0.02, 12))], &once(12)).unwrap();
    assert!(duel.findings[0].p < 0.05);
    assert_eq!(duel.verdict(), Verdict::Ok);
}

#[test]
fn between_looks_nothing_is_said() {
    let after = |rounds| [contest(Metric::Mean, &around(0.5, rounds))];
    let looks = Looks::default();
    for rounds in [0, 5, 7, 9, 11, 13, 31] {
        assert_eq!(judge(&after(rounds), &looks), None, "{rounds}");
    }
    let early = judge(&after(6), &looks).unwrap();
    assert_eq!(
        (early.verdict(), early.next_look),
        (Verdict::Regressed, Some(8))
    );
    let cut_off = judge_at_end(&after(9), &looks).unwrap();
    assert_eq!(
        (cut_off.verdict(), cut_off.next_look),
        (Verdict::Regressed, None)
    );
    assert_eq!(judge_at_end(&after(5), &looks), None);
    assert_eq!(judge(&[], &looks), None);
}

#[test]
fn what_is_found_among_few_may_be_chance_among_many() {
    // p = 0.0035 alone.
    let unsure: Vec<_> = [
        0.2, 0.01, 0.1, 0.03, 0.15, 0.0, 0.12, 0.02, 0.06, 0.01, 0.09, -0.02,
    ]
    .into_iter()
    .collect();
    let mut contests = vec![contest(Metric::Mean, &unsure)];
    let alone = judge(&contests, &once(12)).unwrap();
    assert_eq!(verdicts(&alone), [Verdict::Regressed]);
    contests.extend((0..30).map(|_| contest(Metric::Mean, &around(0.0, 12))));
    let among = judge(&contests, &once(12)).unwrap();
    assert_eq!(among.findings[0].p, alone.findings[0].p);
    assert!(among.findings[0].holm_p > 0.05);
    assert_eq!(verdicts(&among)[0], Verdict::Inconclusive);
    assert!(!among.is_decided());
}

#[test]
fn the_sign_flip_test_has_to_confirm() {
    let looks = Looks::once(6, 0.02).unwrap();
    let duel = judge(&[contest(Metric::Mean, &around(0.5, 6))], &looks).unwrap();
    // Six rounds cannot confirm below 2 / 2⁶.
    assert!(duel.findings[0].p < 1e-5);
    assert_eq!(duel.findings[0].sign_flip_p, 0.031_25);
    assert_eq!(duel.verdict(), Verdict::Inconclusive);
}

#[test]
fn errors_that_were_none_before_are_found() {
    let duel = judge(&[shares(0, 30, 3000, 12)], &Looks::default()).unwrap();
    assert_eq!(duel.verdict(), Verdict::Regressed);
    near(duel.findings[0].estimate.unwrap(), 0.01, 1e-12);
    let explanation = &duel.findings[0].explanation;
    assert!(
        explanation.starts_with("+1.000 percentage points (+"),
        "{explanation}"
    );
}

#[test]
fn no_errors_are_as_good_as_they_are_many() {
    let many = judge(&[shares(0, 0, 3000, 12)], &Looks::default()).unwrap();
    assert_eq!(many.verdict(), Verdict::Ok);
    let few = judge(&[shares(0, 0, 10, 12)], &Looks::default()).unwrap();
    assert_eq!(few.verdict(), Verdict::Inconclusive);
}

fn infinite(rounds: usize, infinite_b: usize) -> Contest {
    let b = |round| match round < infinite_b {
        true => f64::INFINITY,
        false => 1e8,
    };
    Contest {
        measure: Measure::of(Metric::Mean),
        rounds: (0..rounds)
            .map(|round| (Reading::Value(1e8 + 0.01), Reading::Value(b(round))))
            .collect(),
    }
}

#[test]
fn a_percentile_among_failures_is_no_reason_to_say_nothing() {
    let all = judge(&[infinite(12, 12)], &Looks::default()).unwrap();
    assert_eq!(all.verdict(), Verdict::Regressed);
    assert_eq!(all.findings[0].interval, None);
    assert!(
        all.findings[0].explanation.starts_with(
            "worse in 12 of 12 rounds and better in 0, in 12 of them beyond any ratio"
        ),
        "{}",
        all.findings[0].explanation
    );
    let one = judge(&[infinite(12, 1)], &Looks::default()).unwrap();
    assert_eq!(one.verdict(), Verdict::Inconclusive);
    let both = Contest {
        rounds: vec![(Reading::Value(f64::INFINITY), Reading::Value(f64::INFINITY)); 12],
        ..infinite(0, 0)
    };
    let both = judge(&[both], &Looks::default()).unwrap();
    assert_eq!(both.verdict(), Verdict::Inconclusive);
    assert_eq!((both.findings[0].rounds, both.findings[0].missing), (0, 12));
}

#[test]
fn without_values_nothing_is_decided() {
    let missing = Contest {
        rounds: vec![(Reading::Missing, Reading::Value(1.0)); 12],
        ..infinite(0, 0)
    };
    let mut few = contest(Metric::Mean, &around(0.5, 12));
    for round in &mut few.rounds[5..] {
        round.0 = Reading::Missing;
    }
    let duel = judge(&[missing, few], &Looks::default()).unwrap();
    assert_eq!(verdicts(&duel), [Verdict::Inconclusive; 2]);
    assert_eq!(
        duel.findings[1].explanation,
        "5 rounds are too few to judge; 6 are needed; 7 more had no value on one side or on both"
    );
    assert!(!duel.is_decided());
}

#[test]
fn the_explanation_names_what_can_be_found() {
    let wide: Vec<_> = around(0.03, 12).iter().map(|d| d * 3.0 - 0.06).collect();
    let duel = judge(&[contest(Metric::Mean, &wide)], &once(12)).unwrap();
    assert_eq!(
        duel.findings[0].explanation,
        "+3.0% (-1.3% to +7.6%) over 12 rounds: neither shown to be worse nor not to be; \
         rounds that scatter so find 6.2% in four of five cases, and 18 of them 5%"
    );
}

fn reading() -> impl Strategy<Value = Reading> {
    prop_oneof![
        Just(Reading::Missing),
        Just(Reading::Value(f64::INFINITY)),
        Just(Reading::Value(0.0)),
        any::<f64>().prop_map(Reading::Value),
        (1.0..1e12).prop_map(Reading::Value),
        (any::<u64>(), any::<u64>()).prop_map(|(count, n)| Reading::Share { count, n }),
    ]
}

proptest! {
    #[test]
    fn whatever_was_read_nothing_panics_and_parts_agree(
        rounds in prop::collection::vec(
            prop::collection::vec((reading(), reading()), 12), 1..4),
        errors in any::<bool>(),
    ) {
        let metric = if errors { Metric::Errors } else { Metric::Mean };
        let contest = |rounds| Contest { measure: Measure::of(metric), rounds };
        let contests: Vec<_> = rounds.into_iter().map(contest).collect();
        let duel = judge(&contests, &Looks::default()).unwrap();
        for finding in &duel.findings {
            prop_assert!(finding.holm_p >= finding.benjamini_hochberg_p - 1e-15);
            prop_assert!((0.0..=1.0).contains(&finding.p));
            let is_found = matches!(finding.verdict, Verdict::Regressed | Verdict::Improved);
            prop_assert!(!is_found || finding.holm_p <= duel.look.alpha);
        }
    }

    #[test]
    fn exchanging_the_builds_mirrors_the_findings(
        distances in prop::collection::vec(-0.2..0.3, 12),
    ) {
        let there = contest(Metric::Mean, &distances);
        let mut back = there.clone();
        for round in &mut back.rounds {
            *round = (round.1, round.0);
        }
        let judge = |contest| judge(&[contest], &once(12)).unwrap().findings.remove(0);
        let (there, back) = (judge(there), judge(back));
        prop_assert!((there.p - back.p).abs() < 1e-12);
        prop_assert_eq!(there.verdict == Verdict::Regressed, back.verdict == Verdict::Improved);
        prop_assert_eq!(there.verdict == Verdict::Improved, back.verdict == Verdict::Regressed);
    }
}

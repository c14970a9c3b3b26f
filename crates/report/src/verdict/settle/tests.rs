use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::document::{IdentityStatus, Waiver};
use crate::fixture;

const STATES: [ItemState; 5] = [
    ItemState::Pass,
    ItemState::Inconclusive,
    ItemState::NotRun,
    ItemState::Invalid,
    ItemState::Fail,
];

fn now() -> Timestamp {
    "2026-11-18T09:30:00Z".parse().unwrap()
}

/// A plan's run with one item a pair; they are called `t/0/p99`, `t/1/p99` and so on.
fn run_of(items: &[(Tier, ItemState)]) -> Run {
    let mut run = fixture::go();
    run.identity = None;
    run.items = items
        .iter()
        .enumerate()
        .map(|(at, (tier, state))| Item {
            tier: Some(tier.name().to_owned()),
            test: Some("expected".to_owned()),
            ..fixture::item(&format!("t/{at}/p99"), "p99 < 500ms", *state)
        })
        .collect();
    settle(&mut run, now());
    run
}

fn waiver(at: usize, approved_by: &[&str]) -> Waiver {
    Waiver {
        item: format!("t/{at}/p99"),
        ceiling: None,
        reason: "known".to_owned(),
        approved_by: approved_by.iter().map(|name| (*name).to_owned()).collect(),
        expires: "2026-11-18".to_owned(),
        line: 1,
        applied: false,
        sentence: String::new(),
    }
}

/// The exit code and the waiver's sentence, with one item and one waiver.
fn waived(tier: Tier, state: ItemState, with: impl FnOnce(&mut Waiver)) -> (u8, String) {
    let mut run = run_of(&[(Tier::Critical, ItemState::Pass), (tier, state)]);
    let mut waiver = waiver(1, &["ann"]);
    with(&mut waiver);
    run.plan.as_mut().unwrap().waivers = vec![waiver];
    settle(&mut run, now());
    let waiver = &run.plan.as_ref().unwrap().waivers[0];
    assert_eq!(waiver.applied, run.items[1].state == ItemState::Waived);
    assert_eq!(waiver.applied, run.items[1].waived_from == Some(state));
    (run.verdict.exit_code, waiver.sentence.clone())
}

#[test]
fn the_exit_code_says_the_answer() {
    use ItemState::{Fail, Inconclusive, Invalid, NotRun, Pass};
    use Tier::{Critical, Important, NiceToHave};
    let code = |items: &[(Tier, ItemState)]| run_of(items).verdict.exit_code;
    assert_eq!(code(&[(Critical, Pass), (Important, Pass)]), 0);
    assert_eq!(code(&[(Critical, Pass), (NiceToHave, Fail)]), 10);
    assert_eq!(code(&[(Critical, Pass), (Important, Fail)]), 20);
    assert_eq!(code(&[(Critical, NotRun), (NiceToHave, Fail)]), 21);
    assert_eq!(code(&[(Critical, Inconclusive), (Important, Invalid)]), 22);
    assert_eq!(code(&[(Critical, Invalid), (Important, Fail)]), 20);
}

#[test]
fn without_a_critical_item_the_answer_is_no() {
    let run = run_of(&[(Tier::Important, ItemState::Pass)]);
    assert_eq!(run.verdict.exit_code, 21);
    assert!(
        run.verdict.sentence.starts_with("NO-GO"),
        "{}",
        run.verdict.sentence
    );
    assert!(run.verdict.sentence.contains("no critical item"));
    let run = run_of(&[(Tier::NiceToHave, ItemState::Fail)]);
    assert_eq!(run.verdict.exit_code, 21);
    assert!(
        run.verdict.sentence.starts_with("NO-GO"),
        "{}",
        run.verdict.sentence
    );
}

#[test]
fn a_waiver_needs_enough_people_who_are_different_people() {
    use ItemState::{Fail, Inconclusive, NotRun};
    assert_eq!(waived(Tier::Important, Fail, |_| ()).0, 10);
    assert_eq!(waived(Tier::NiceToHave, Fail, |_| ()).0, 0);
    assert_eq!(waived(Tier::Critical, NotRun, |_| ()).0, 21);
    let by = |names: &'static [&'static str]| {
        move |waiver: &mut Waiver| {
            waiver.approved_by = names.iter().map(|name| (*name).to_owned()).collect()
        }
    };
    assert_eq!(
        waived(Tier::Critical, Inconclusive, by(&["ann", "bob"])).0,
        10
    );
    let (code, why) = waived(Tier::Critical, Inconclusive, by(&["ann", " Ann ", ""]));
    assert_eq!(code, 21);
    assert_eq!(
        why,
        "not applied: critical items that are inconclusive take 2 approvals, and 1 was given"
    );
    let (code, why) = waived(Tier::Critical, Fail, by(&["ann", "bob", "eve"]));
    assert_eq!(code, 20);
    assert_eq!(
        why,
        "not applied: a proven failure of a critical item cannot be let pass"
    );
}

#[test]
fn a_waiver_has_an_end_and_a_ceiling() {
    let fails = |with: fn(&mut Waiver)| waived(Tier::Important, ItemState::Fail, with);
    // Its last day is the day of the run.
    assert_eq!(fails(|_| ()).0, 10);
    let (code, why) = fails(|waiver| waiver.expires = "2026-11-17".to_owned());
    assert_eq!(
        (code, why.as_str()),
        (20, "not applied: it expired on 2026-11-17")
    );
    // What was observed is 412 ms.
    let ceiling = |waiver: &mut Waiver, text: &str| waiver.ceiling = Some(text.to_owned());
    assert_eq!(
        waived(Tier::Important, ItemState::Fail, |waiver| ceiling(
            waiver,
            "p99 < 413ms"
        ))
        .0,
        10
    );
    let (code, why) = waived(Tier::Important, ItemState::Fail, |waiver| {
        ceiling(waiver, "p99 < 412ms")
    });
    assert_eq!(code, 20);
    assert_eq!(
        why,
        "not applied: 412 ms was observed, which is beyond the ceiling `p99 < 412ms`"
    );
    let (code, why) = waived(Tier::Important, ItemState::Fail, |waiver| {
        ceiling(waiver, "p95 < 1s")
    });
    assert_eq!((code, why.contains("another metric")), (20, true));
    let (code, why) = fails(|waiver| waiver.item = "t/9/p99".to_owned());
    assert_eq!(
        (code, why.as_str()),
        (20, "not applied: there is no item of this id")
    );
    let (_, why) = waived(Tier::Important, ItemState::Pass, |_| ());
    assert!(why.contains("nothing to let pass"));
}

#[test]
fn evidence_grows_old() {
    let mut run = fixture::go();
    let plan = run.plan.as_mut().unwrap();
    (plan.meeting, plan.evidence_max_age_ns) = (None, Some(86_400_000_000_000));
    settle(&mut run, now());
    assert_eq!(run.verdict.exit_code, 0);
    let later = now() + jiff::SignedDuration::from_hours(24 * 9);
    settle(&mut run, later);
    assert_eq!(run.verdict.exit_code, 21);
    let item = &run.items[0];
    assert_eq!(
        (item.state, item.outdated_from),
        (ItemState::NotRun, Some(ItemState::Pass))
    );
    assert_eq!(
        item.reason.as_deref(),
        Some("the evidence is too old: 9.5 days now, at most 24 h")
    );
    let checklist = run
        .items
        .iter()
        .find(|item| item.id == "checklist/M1")
        .unwrap();
    assert_eq!(
        checklist.state,
        ItemState::Pass,
        "what people sign expires by its own date"
    );
    settle(&mut run, now());
    assert_eq!(run.verdict.exit_code, 0, "the time alone decided");
}

#[test]
fn what_people_sign_counts_up_to_its_last_day() {
    let mut run = fixture::go();
    run.plan.as_mut().unwrap().meeting = None;
    let signed = |item: &&mut Item| item.id == "checklist/M1";
    let item = run.items.iter_mut().find(signed).unwrap();
    item.expires = Some("2026-11-21".to_owned());
    for (time, code) in [
        ("2026-11-21T23:59:59Z", 0),
        ("2026-11-22T00:00:00Z", 21),
        ("2026-11-18T09:30:00Z", 0),
    ] {
        settle(&mut run, time.parse().unwrap());
        assert_eq!(run.verdict.exit_code, code, "{time}");
        if code == 21 {
            let item = run.items.iter_mut().find(signed).unwrap();
            let reason = item.reason.as_deref().unwrap();
            let why =
                "the evidence is too old: it counts until 2026-11-21, and now it is 2026-11-22";
            assert!(reason.starts_with(why), "{reason}");
        }
    }
}

#[test]
fn a_proven_failure_that_has_grown_old_cannot_be_let_pass_either() {
    let mut run = run_of(&[
        (Tier::Critical, ItemState::Pass),
        (Tier::Critical, ItemState::Fail),
    ]);
    let plan = run.plan.as_mut().unwrap();
    plan.waivers = vec![waiver(1, &["ann", "bob"])];
    (plan.meeting, plan.evidence_max_age_ns) = (None, Some(3_600_000_000_000));
    // A day on which the waiver counts.
    run.started_at = Some("2026-11-18T01:00:00Z".parse().unwrap());
    settle(&mut run, now());
    assert_eq!(run.items[1].outdated_from, Some(ItemState::Fail));
    let waiver = &run.plan.as_ref().unwrap().waivers[0];
    assert!(!waiver.applied);
    let why = "a proven failure of a critical item cannot be let pass";
    assert!(waiver.sentence.contains(why), "{}", waiver.sentence);
}

#[test]
fn another_build_is_a_no_whatever_its_tier() {
    let mut run = fixture::go();
    let component = &mut run.identity.as_mut().unwrap().components[1];
    assert_eq!(component.tier, "nice_to_have");
    component.status = IdentityStatus::Changed;
    settle(&mut run, now());
    assert_eq!(run.verdict.exit_code, 10);
    run.identity.as_mut().unwrap().components[1].status = IdentityStatus::Mismatch;
    settle(&mut run, now());
    assert_eq!(run.verdict.exit_code, 22);
    assert!(
        run.verdict.sentence.contains("identity/recommender"),
        "{}",
        run.verdict.sentence
    );
    run.identity.as_mut().unwrap().components[1].status = IdentityStatus::Proven;
    run.items.retain(|item| item.id != "identity/recommender");
    settle(&mut run, now());
    assert_eq!(run.verdict.exit_code, 0);
}

#[test]
fn a_rehearsal_is_no_evidence() {
    let rehearsal = |items: &[(Tier, ItemState)]| {
        let mut run = run_of(items);
        run.plan.as_mut().unwrap().rehearsal = Some(10.0);
        settle(&mut run, now());
        (run.verdict.exit_code, run.verdict.sentence)
    };
    let (code, sentence) = rehearsal(&[(Tier::Critical, ItemState::Pass)]);
    assert_eq!(code, 21);
    assert!(
        sentence.starts_with("REHEARSAL: would be GO: "),
        "{sentence}"
    );
    assert_eq!(rehearsal(&[(Tier::Critical, ItemState::Fail)]).0, 20);
    assert_eq!(rehearsal(&[(Tier::Critical, ItemState::Invalid)]).0, 22);
}

#[test]
fn a_planned_test_without_a_trace_is_evidence_that_is_missing() {
    let mut run = fixture::go();
    run.tests.retain(|test| test.name != "soak");
    run.items
        .retain(|item| item.test.as_deref() != Some("soak"));
    settle(&mut run, now());
    assert_eq!(run.verdict.exit_code, 21);
    assert_eq!(
        run.verdict.sentence,
        "NO-GO, evidence is missing: soak/run was not shown: the test was not run (critical). Shortest path to GO: run soak (8 h)"
    );
}

#[test]
fn a_risk_is_proven_by_all_items_of_its_tests() {
    let mut run = fixture::go();
    let proven = |run: &Run| run.plan.as_ref().unwrap().risks[0].proven;
    assert_eq!(proven(&run), Some(true));
    assert_eq!(run.plan.as_ref().unwrap().risks[1].proven, None);
    let item = run
        .items
        .iter_mut()
        .find(|item| item.id == "rollback/served_within");
    item.unwrap().state = ItemState::Inconclusive;
    settle(&mut run, now());
    assert_eq!(proven(&run), Some(false));
}

#[test]
fn settling_twice_changes_nothing() {
    for (name, run) in fixture::plans().into_iter().chain(fixture::all()) {
        let mut again = run.clone();
        settle(&mut again, now());
        let mut twice = again.clone();
        settle(&mut twice, now());
        assert_eq!(again, twice, "{name}");
        if run.plan.is_none() && name != "hostile" {
            let outcome = (run.verdict.outcome, run.verdict.exit_code);
            assert_eq!(
                (again.verdict.outcome, again.verdict.exit_code),
                outcome,
                "{name}"
            );
        }
    }
}

fn badness(outcome: Option<Outcome>) -> Option<usize> {
    let order = [
        Outcome::Go,
        Outcome::Risk,
        Outcome::Inconclusive,
        Outcome::Invalid,
        Outcome::NoGo,
    ];
    order.iter().position(|one| Some(*one) == outcome)
}

proptest! {
    #[test]
    fn making_an_item_worse_never_makes_the_outcome_better(
        items in proptest::collection::vec((select(Tier::ALL.to_vec()), select(STATES.to_vec())), 1..8),
        at in any::<prop::sample::Index>(),
        worse in select(STATES.to_vec()),
        approvals in proptest::collection::vec(0_usize..3, 8),
        rehearsal in any::<bool>(),
    ) {
        let at = at.index(items.len());
        let severity = |state| standing(state, false).severity();
        prop_assume!(severity(worse) >= severity(items[at].1));
        let outcome = |items: &[(Tier, ItemState)]| {
            let mut run = run_of(items);
            let plan = run.plan.as_mut().unwrap();
            plan.rehearsal = rehearsal.then_some(10.0);
            plan.waivers = approvals
                .iter()
                .enumerate()
                .map(|(at, number)| waiver(at, &["ann", "bob"][..*number]))
                .collect();
            settle(&mut run, now());
            badness(run.verdict.outcome)
        };
        let mut worsened = items.clone();
        worsened[at].1 = worse;
        prop_assert!(outcome(&worsened) >= outcome(&items));
    }
}

#[test]
fn a_go_says_what_was_let_pass_and_an_early_end_is_none() {
    let items = [
        (Tier::Critical, ItemState::Pass),
        (Tier::NiceToHave, ItemState::Fail),
    ];
    let mut run = run_of(&items);
    run.plan.as_mut().unwrap().waivers = vec![waiver(1, &["ann"])];
    settle(&mut run, now());
    assert_eq!(run.verdict.exit_code, 0);
    assert_eq!(
        run.verdict.sentence,
        "GO: 1 of 2 items were shown to hold, and 1 was let pass; 1 is critical"
    );
    run.status = Status::Incomplete;
    run.reason = Some("it was killed".to_owned());
    settle(&mut run, now());
    assert_eq!(run.verdict.exit_code, 21);
    assert_eq!(
        run.verdict.sentence,
        "INCOMPLETE (it was killed): NO-GO, evidence is missing: the run ended before everything was shown"
    );
}

#[test]
fn a_test_that_nothing_is_judged_in_may_have_its_last_answer_before_its_end() {
    let mut run = run_of(&[(Tier::Critical, ItemState::Pass)]);
    let last = run.tests.last_mut().unwrap();
    (last.elapsed_ns, last.planned_ns) = (59_000_000_000, Some(60_000_000_000));
    settle(&mut run, now());
    assert_eq!(run.verdict.exit_code, 0, "{}", run.verdict.sentence);
    // Of a run that was killed it is the test that it was killed in.
    run.status = Status::Incomplete;
    settle(&mut run, now());
    let missing = run.items.last().unwrap();
    assert_eq!(
        missing.reason.as_deref(),
        Some("the test was not run to its end")
    );
}

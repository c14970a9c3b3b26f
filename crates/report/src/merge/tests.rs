use super::*;
use crate::fixture;

fn now() -> Timestamp {
    "2026-11-18T09:30:00Z".parse().unwrap()
}

/// A single run that started then.
fn at(mut run: Run, start: &str) -> Run {
    run.started_at = start.parse().ok();
    run.items.iter_mut().for_each(|item| item.attempts.clear());
    run
}

fn named<'a>(run: &'a Run, id: &str) -> &'a Item {
    run.items.iter().find(|item| item.id == id).unwrap()
}

/// Only the soak, of the plan of `fixture::missing`.
fn soak_alone() -> Run {
    let mut run = fixture::go();
    let is_kept = |name: &str| matches!(name, "soak" | "rollback");
    run.tests.retain(|test| is_kept(&test.name));
    for item in &mut run.items {
        if item.test.as_deref().is_some_and(|test| !is_kept(test)) {
            item.state = ItemState::NotRun;
        }
    }
    run
}

#[test]
fn what_one_run_lacks_another_may_have() {
    let first = at(fixture::missing(), "2026-11-16T20:00:00Z");
    assert_eq!(first.verdict.exit_code, 21);
    let second = at(soak_alone(), "2026-11-17T20:00:00Z");
    let merged = merge(
        vec![
            ("b".to_owned(), second.clone()),
            ("a".to_owned(), first.clone()),
        ],
        now(),
    )
    .unwrap();
    assert_eq!(
        named(&merged, "headroom/recommend/p95").state,
        ItemState::Pass
    );
    assert_eq!(merged.verdict.exit_code, 0, "{}", merged.verdict.sentence);
    let names: Vec<_> = merged.tests.iter().map(|test| test.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "smoke", "expected", "headroom", "spike", "soak", "overload", "rollback"
        ]
    );
    let both = [&first, &second].map(|run| sum(run.tests.iter().map(|test| test.totals)).intended);
    assert_eq!(merged.totals.intended, both[0] + both[1]);
    assert_eq!(merged.totals.accounted(), merged.totals.intended);
    assert_eq!(merged.started_at, first.started_at);
    assert!(merged.plan.unwrap().tests.iter().all(|test| test.ran));
}

#[test]
fn the_newest_attempt_counts_and_all_are_listed() {
    let good = at(fixture::go(), "2026-11-16T20:00:00Z");
    let bad = at(fixture::no_go(), "2026-11-17T20:00:00Z");
    let id = "headroom/search/p99";
    let merged = merge(
        vec![
            ("good".to_owned(), good.clone()),
            ("bad".to_owned(), bad.clone()),
        ],
        now(),
    )
    .unwrap();
    assert_eq!(named(&merged, id).state, ItemState::Fail);
    let attempts = &named(&merged, id).attempts;
    let runs: Vec<_> = attempts
        .iter()
        .map(|one| (one.run.as_str(), one.state))
        .collect();
    assert_eq!(runs, [("good", ItemState::Pass), ("bad", ItemState::Fail)]);
    assert_eq!(merged.verdict.exit_code, 20);
    assert!(
        merged
            .notices
            .iter()
            .any(|notice| notice.text.starts_with("headroom was run 2 times"))
    );
    // The other way round, it was mended meanwhile, and everybody can see that it failed before.
    let good = at(good, "2026-11-17T22:00:00Z");
    let merged = merge(
        vec![("good".to_owned(), good), ("bad".to_owned(), bad)],
        now(),
    )
    .unwrap();
    assert_eq!(merged.verdict.exit_code, 0);
    assert_eq!(named(&merged, id).attempts[0].state, ItemState::Fail);
}

#[test]
fn what_was_cut_short_proves_nothing() {
    let mut cut = at(fixture::go(), "2026-11-17T20:00:00Z");
    cut.status = Status::Interrupted;
    cut.verdict.exit_code = 130;
    cut.tests.last_mut().unwrap().elapsed_ns = 60_000_000_000;
    let whole = at(fixture::go(), "2026-11-16T20:00:00Z");
    let merged = merge(vec![("a".to_owned(), whole), ("b".to_owned(), cut)], now()).unwrap();
    assert_eq!(
        named(&merged, "rollback/served_within").state,
        ItemState::Inconclusive
    );
    assert_eq!(merged.verdict.exit_code, 21);
}

/// Two limits on one metric are two items, although they have one id.
#[test]
fn several_limits_on_a_metric_stay_apart() {
    let mut run = at(fixture::go(), "2026-11-17T20:00:00Z");
    let mut other = named(&run, "headroom/search/p99").clone();
    other.expression = "p99 < 3s for 10s".to_owned();
    other.state = ItemState::Fail;
    run.items.push(other);
    let of_metric = |run: &Run| {
        let items = run.items.iter();
        let items = items.filter(|item| item.id == "headroom/search/p99");
        items.map(|item| item.state).collect::<Vec<_>>()
    };
    let merged = merge(
        vec![("a".to_owned(), run.clone()), ("b".to_owned(), run)],
        now(),
    )
    .unwrap();
    assert_eq!(of_metric(&merged), [ItemState::Pass, ItemState::Fail]);
    assert_eq!(merged.verdict.exit_code, 20);
}

#[test]
fn runs_of_different_plans_are_not_one() {
    let mut other = fixture::go();
    other.plan.as_mut().unwrap().sha256 = "0000".to_owned();
    let error = merge(
        vec![("a".to_owned(), fixture::go()), ("b".to_owned(), other)],
        now(),
    )
    .unwrap_err()
    .to_string();
    assert!(
        error.contains("3b1f2c9d") && error.contains("0000"),
        "{error}"
    );
    assert!(error.contains("a and b"), "{error}");
    let error = merge(
        vec![
            ("a".to_owned(), fixture::healthy()),
            ("b".to_owned(), fixture::go()),
        ],
        now(),
    );
    assert!(matches!(error, Err(MergeError::NoPlan { folder }) if folder == "a"));
    assert!(matches!(merge(Vec::new(), now()), Err(MergeError::Nothing)));
    let alone = merge(vec![("a".to_owned(), fixture::healthy())], now()).unwrap();
    assert_eq!(alone.verdict.exit_code, 0);
}

#[test]
fn runs_that_were_killed_do_not_add_up_to_a_whole() {
    // The last test had begun, nothing of it was judged, and what is known at the end only is not there.
    let killed = |start: &str| {
        let mut run = at(fixture::go(), start);
        run.status = Status::Incomplete;
        run.verdict.exit_code = 21;
        run.identity = None;
        let last = run.tests.last_mut().unwrap();
        (last.elapsed_ns, last.planned_ns) = (1_000_000_000, Some(60_000_000_000));
        let last = last.name.clone();
        let of_others = |item: &Item| item.test.as_ref().is_some_and(|test| *test != last);
        run.items.retain(of_others);
        (start.to_owned(), run)
    };
    let runs = ["2026-11-16T20:00:00Z", "2026-11-17T20:00:00Z"].map(killed);
    let merged = merge(runs.to_vec(), now()).unwrap();
    assert_eq!(named(&merged, "rollback/run").state, ItemState::NotRun);
    assert_eq!(merged.verdict.exit_code, 21, "{}", merged.verdict.sentence);

    let mut all_judged = runs.to_vec();
    for (_, run) in &mut all_judged {
        run.tests.pop();
        let plan = run.plan.as_mut().unwrap();
        plan.tests.retain(|test| test.name != "rollback");
    }
    let merged = merge(all_judged, now()).unwrap();
    assert_eq!(merged.verdict.exit_code, 21, "{}", merged.verdict.sentence);
    assert!(
        merged
            .verdict
            .sentence
            .ends_with("the run ended before everything was shown"),
        "{}",
        merged.verdict.sentence
    );
}

#[test]
fn what_was_merged_is_not_merged_again() {
    let run = |start: &str| (start.to_owned(), at(fixture::go(), start));
    let both = ["2026-11-16T20:00:00Z", "2026-11-17T20:00:00Z"].map(run);
    let merged = merge(both.to_vec(), now()).unwrap();
    let problem = merge(
        vec![("m".to_owned(), merged), run("2026-11-17T10:00:00Z")],
        now(),
    )
    .unwrap_err();
    assert_eq!(
        problem.to_string(),
        "m was made of several runs: name the folders that it was made of"
    );
}

#[test]
fn the_worst_configuration_is_kept() {
    let config = |matches: bool, problem: Option<&str>| Config {
        rendered: "a".to_owned(),
        deployed: "b".to_owned(),
        matches,
        differences: Vec::new(),
        problem: problem.map(str::to_owned),
    };
    let run = |start: &str, config| {
        let mut run = at(fixture::go(), start);
        run.identity.as_mut().unwrap().config = Some(config);
        (start.to_owned(), run)
    };
    let runs = vec![
        run("2026-11-15T20:00:00Z", config(false, Some("unreadable"))),
        run("2026-11-16T20:00:00Z", config(false, None)),
        run("2026-11-17T20:00:00Z", config(true, None)),
    ];
    let merged = merge(runs, now()).unwrap();
    assert_eq!(merged.identity.unwrap().config, Some(config(false, None)));
}

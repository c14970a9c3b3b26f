use std::sync::Arc;

use plimsoll_measure::judge::{Interval, Observed, State, judge};
use plimsoll_measure::validity::{self, Check};
use plimsoll_measure::{Catalogue, ErrorKind, Outcome as Ended, Sample, Series, Threshold};

use super::*;
use crate::document::{ItemState, Load, Outcome};
use crate::facts::ItemFacts;

const MS: u64 = 1_000_000;
const SECOND: u64 = 1_000 * MS;

/// A journey `book` with a step `checkout`: `ok` successes of 1 ms, 2 ms … and `failed` failures.
fn tally(ok: u64, failed: u64) -> Tally {
    let mut catalogue = Catalogue::default();
    catalogue.add_journey("book", [("checkout", 1)]);
    let mut tally = Tally::new(Arc::new(catalogue), Vec::new(), Default::default());
    for series in [0, 1].map(Series) {
        tally.intend(series, 0, ok + failed);
        for number in 0..ok + failed {
            let is_ok = number < ok;
            tally.record(&Sample {
                series,
                outcome: if is_ok { Ended::Ok } else { Ended::Failed },
                error: (!is_ok).then_some(ErrorKind::Status),
                status: if is_ok { 201 } else { 500 },
                intended: 0,
                end: (number % 100 + 1) * MS,
                thinking: 0,
                phases: Default::default(),
                body_bytes: 10,
                client: None,
                retries: 0,
            });
        }
    }
    tally
}

fn facts<'a>(tally: &'a Tally, thresholds: &[&str], checks: Vec<Check>) -> RunFacts<'a> {
    let items = thresholds.iter().map(|text| {
        let threshold: Threshold = text.parse().unwrap();
        ItemFacts {
            id: format!("expected/book/checkout/{}", threshold.metric.name()),
            tier: None,
            judgement: judge(&threshold, &tally.series(Series(1)).outcomes, 10 * SECOND),
            threshold,
            lenient: None,
            about: Default::default(),
        }
    });
    RunFacts {
        name: "shop".to_owned(),
        ending: Ending::Complete,
        started_at: None,
        duration_ns: 10 * SECOND,
        command: vec!["plimsoll".to_owned()],
        engine: Default::default(),
        sources: Vec::new(),
        notices: Vec::new(),
        finished: Vec::new(),
        tests: vec![TestFacts {
            name: "expected".to_owned(),
            model: LoadModel::Open {
                arrivals: "even".to_owned(),
                load: Load {
                    expected_per_s: Some(100.0),
                    headroom: None,
                    target_per_s: Some(100.0),
                    stages: Vec::new(),
                },
            },
            seed: Some(1),
            planned_ns: Some(10 * SECOND),
            elapsed_ns: 10 * SECOND,
            arrivals_ns: 10 * SECOND,
            offered_rate: Some(100.0),
            achieved_rate: Some(f64::NAN),
            tally,
            warmup: tally.warmup(10 * SECOND),
            items: items.collect(),
            validity: plimsoll_measure::Validity { checks },
            examples: Vec::new(),
            expectations: Vec::new(),
            marks: Vec::new(),
            findings: Vec::new(),
            resources: Vec::new(),
        }],
        items: Vec::new(),
        plan: None,
        identity: None,
        capacity: None,
    }
}

/// 985 successes of at most 100 ms and 15 failures: p99 is infinite, of successes it is not.
#[test]
fn failures_count_as_infinitely_slow() {
    let tally = tally(985, 15);
    let run = build(&facts(&tally, &["p99 < 200ms"], Vec::new()));
    let step = &run.tests[0].journeys[0].steps[0];
    assert_eq!(step.response.count, 1_000);
    assert_eq!(step.response.p99_ns, None);
    let infinite: Vec<_> = step.response.infinite.names().collect();
    assert_eq!(infinite, ["mean", "p99", "p99_9", "max"]);
    assert_eq!(step.response.p95_ns.map(|ns| ns / MS), Some(97));
    assert_eq!(step.response_ok.count, 985);
    assert!(step.response_ok.p99_ns.is_some_and(|ns| ns <= 100 * MS));
    assert!(step.response_ok.infinite.is_empty());
    assert_eq!(step.errors["status"], 15);
    assert_eq!((step.statuses["201"], step.statuses["500"]), (985, 15));
    assert_eq!(step.totals.accounted(), step.totals.intended);
    assert_eq!(run.totals.intended, 1_000, "requests, not journeys");
    let item = &run.items[0];
    assert_eq!((item.observed_ns, item.observed_infinite), (None, true));
    assert_eq!(item.limit_ns, Some(200 * MS));
}

#[test]
fn nothing_measured_is_null_and_never_zero() {
    let tally = tally(0, 0);
    let run = build(&facts(&tally, &["p99 < 200ms"], Vec::new()));
    let step = &run.tests[0].journeys[0].steps[0];
    for latency in [
        &step.response,
        &step.response_ok,
        &step.service,
        &step.connect,
    ] {
        assert_eq!(*latency, Latency::default());
    }
    let item = serde_json::to_value(&run.items[0]).unwrap();
    assert!(item["observed_ns"].is_null() && item["interval_ns"].is_null());
    assert_eq!(run.items[0].state, ItemState::Inconclusive);
    assert_eq!(run.verdict.exit_code, 21);
    assert_eq!(run.tests[0].achieved_rate, None);
}

#[test]
fn too_few_samples_for_a_percentile_are_said() {
    let tally = tally(100, 0);
    let run = build(&facts(&tally, &[], Vec::new()));
    let too_few: Vec<_> = run.tests[0].response.too_few_for.names().collect();
    assert_eq!(too_few, ["p99", "p99_9"]);
    assert_eq!(run.verdict.outcome, None);
    assert_eq!(run.verdict.exit_code, 0);
    assert_eq!(
        run.verdict.sentence,
        "nothing was to be judged: no threshold"
    );
}

#[test]
fn the_sentence_names_the_reason() {
    let tally = tally(1_000, 0);
    let sentence = |thresholds: &[&str]| {
        let run = build(&facts(&tally, thresholds, Vec::new()));
        (run.verdict.exit_code, run.verdict.sentence)
    };
    assert_eq!(
        sentence(&["p99 < 200ms"]),
        (
            0,
            "GO: p99 < 200ms on book/checkout was shown to hold".to_owned()
        )
    );
    assert_eq!(
        sentence(&["p99 < 200ms", "errors < 1%"]),
        (0, "GO: all 2 thresholds were shown to hold".to_owned())
    );
    assert_eq!(
        sentence(&["p99 < 200ms", "p50 < 20ms", "p90 < 20ms"]),
        (
            20,
            "NO-GO: p50 of book/checkout was 50.0 ms, limit 20 ms (and 1 more)".to_owned()
        )
    );
    let (code, inconclusive) = sentence(&["errors < 0.2%"]);
    assert_eq!(code, 21);
    assert_eq!(
        inconclusive,
        "INCONCLUSIVE: errors < 0.2% on book/checkout could not be settled: run about 1.5× longer (15 s)"
    );
}

#[test]
fn an_invalid_run_proves_no_pass() {
    let tally = tally(1_000, 0);
    let mut lag = Histogram::default();
    lag.record(12 * MS);
    let lag = validity::dispatch_lag(&lag, None).unwrap();
    let run = build(&facts(&tally, &["p99 < 200ms"], vec![lag.clone()]));
    assert_eq!(run.items[0].state, ItemState::Invalid);
    assert_eq!(run.verdict.outcome, Some(Outcome::Invalid));
    assert_eq!(run.verdict.exit_code, 22);
    assert_eq!(
        run.verdict.sentence,
        "INVALID: no pass may rest on this run: dispatch lag was 12.0 ms, limit 10.0 ms"
    );
    // A generator that lags may be why a time is long.
    let run = build(&facts(&tally, &["p50 < 20ms"], vec![lag.clone()]));
    assert_eq!(run.items[0].state, ItemState::Invalid);
    // It is not why requests fail, so what their failures alone refute stays refuted.
    let tally = super::tests::tally(900, 100);
    let run = build(&facts(&tally, &["p99 < 200ms", "errors < 1%"], vec![lag]));
    let states: Vec<_> = run.items.iter().map(|item| item.state).collect();
    assert_eq!(states, [ItemState::Fail, ItemState::Fail]);
    assert_eq!(run.verdict.exit_code, 20);
}

/// A document as it comes from real judgements, as a person sees it.
#[test]
fn a_built_run_reads_well() {
    let tally = tally(1_000, 5);
    let thresholds = ["p99 < 200ms", "errors < 0.6%", "p50 < 20ms", "rate > 50/s"];
    let mut facts = facts(&tally, &thresholds, vec![validity::generator_cpu(0.8)]);
    facts.ending = Ending::Interrupted {
        reason: "SIGINT after 10 s".to_owned(),
    };
    let mut out = Vec::new();
    let style = crate::terminal::Style {
        columns: Some(100),
        ..Default::default()
    };
    crate::terminal::render(&build(&facts), style, &mut out).unwrap();
    insta::assert_snapshot!(String::from_utf8(out).unwrap());
}

#[test]
fn a_run_that_was_cut_short_proves_no_pass_and_still_a_failure() {
    let tally = tally(1_000, 0);
    let reason = || "SIGINT".to_owned();
    let states = |ending: Ending, planned_s: u64| {
        let mut facts = facts(&tally, &["p99 < 200ms", "p99 < 1ms"], Vec::new());
        facts.ending = ending;
        facts.tests[0].planned_ns = Some(planned_s * SECOND);
        let run = build(&facts);
        [run.items[0].state, run.items[1].state]
    };
    let proven = [ItemState::Pass, ItemState::Fail];
    assert_eq!(states(Ending::Complete, 10), proven);
    assert_eq!(states(Ending::Decided, 60), proven);
    // Everybody had arrived.
    assert_eq!(states(Ending::Interrupted { reason: reason() }, 10), proven);
    for ending in [
        Ending::Interrupted { reason: reason() },
        Ending::Aborted { reason: reason() },
        Ending::Incomplete { reason: reason() },
    ] {
        assert_eq!(
            states(ending, 60),
            [ItemState::Inconclusive, ItemState::Fail]
        );
    }
}

#[test]
fn an_early_end_is_the_reason_that_is_told() {
    let tally = tally(1_000, 0);
    let mut facts = facts(&tally, &["p99 < 200ms"], Vec::new());
    facts.ending = Ending::Interrupted {
        reason: "SIGINT".to_owned(),
    };
    facts.tests[0].planned_ns = Some(60 * SECOND);
    assert_eq!(
        build(&facts).verdict.sentence,
        "INTERRUPTED (SIGINT): INCONCLUSIVE: p99 < 200ms on book/checkout could not be settled: it ended before its time"
    );
}

#[test]
fn a_percentile_over_a_window_is_told_by_the_share_that_was_slower() {
    let tally = tally(1_000, 0);
    let mut facts = facts(&tally, &["p99 < 50ms for 10s"], Vec::new());
    let judgement = &mut facts.tests[0].items[0].judgement;
    judgement.state = State::Fail;
    judgement.observed = Observed::Share(0.0123);
    judgement.interval = Some(Interval {
        lower: 0.004,
        upper: Some(0.02),
    });
    let run = build(&facts);
    let item = &run.items[0];
    assert_eq!(item.interval, Some([Some(0.004), Some(0.02)]));
    assert_eq!(item.interval_ns, None);
    assert_eq!(
        crate::wording::observed_within(item),
        "1.23 % slower [0.4 %, 2 %]"
    );
    assert_eq!(
        run.verdict.sentence,
        "NO-GO: p99 of book/checkout: in a stretch 1.23 % took longer than 50 ms, or failed"
    );
}

/// A limit that cannot be passed is no limit, and JSON could not hold it.
#[test]
fn a_check_without_limit_has_none() {
    let tally = tally(1_000, 0);
    let check = Check {
        limit: f64::INFINITY,
        ..validity::generator_cpu(0.1)
    };
    let run = build(&facts(&tally, &[], vec![check]));
    assert_eq!(run.validity.checks[0].limit, None);
    let mut json = Vec::new();
    run.write(&mut json).unwrap();
    assert_eq!(Run::read(&String::from_utf8(json).unwrap()).unwrap(), run);
}

/// The keys that other programs rely on.
#[test]
fn the_document_keeps_its_contract() {
    let tally = tally(1_000, 3);
    let run = build(&facts(&tally, &["p99 < 200ms"], Vec::new()));
    let value = serde_json::to_value(&run).unwrap();
    let has = |at: &str, keys: &[&str]| {
        let part = value.pointer(at).unwrap();
        for key in keys {
            assert!(part.get(key).is_some(), "{at} lacks `{key}`");
        }
    };
    const TOTALS: [&str; 7] = [
        "intended",
        "ok",
        "failed",
        "shed",
        "timeout",
        "dropped",
        "in_flight_at_end",
    ];
    const LATENCY: [&str; 9] = [
        "count", "min_ns", "mean_ns", "p50_ns", "p90_ns", "p95_ns", "p99_ns", "p99_9_ns", "max_ns",
    ];
    has(
        "",
        &[
            "schema", "status", "verdict", "validity", "totals", "tests", "items",
        ],
    );
    has("/verdict", &["outcome", "exit_code"]);
    has("/validity", &["status", "checks"]);
    has(
        "/tests/0",
        &[
            "name",
            "offered_rate",
            "achieved_rate",
            "totals",
            "journeys",
        ],
    );
    has(
        "/tests/0/journeys/0",
        &["name", "totals", "response", "steps"],
    );
    let step = "/tests/0/journeys/0/steps/0";
    has(step, &["name", "totals", "errors"]);
    for totals in ["/totals", "/tests/0/totals", "/tests/0/journeys/0/totals"] {
        has(totals, &TOTALS);
    }
    has(&format!("{step}/totals"), &TOTALS);
    for latency in [
        "response",
        "response_ok",
        "service",
        "ttfb",
        "connect",
        "tls",
        "dns",
        "conn_wait",
        "dispatch_lag",
    ] {
        has(&format!("{step}/{latency}"), &LATENCY);
    }
    has(
        "/items/0",
        &[
            "id",
            "tier",
            "state",
            "expression",
            "observed_ns",
            "interval_ns",
            "n",
            "n_eff",
        ],
    );
    assert_eq!(value["schema"], "plimsoll.run/1");
    assert_eq!(value["status"], "complete");
    assert_eq!(value["verdict"]["outcome"], "go");
    assert_eq!(value["items"][0]["state"], "pass");
    assert!(value.pointer(step).unwrap()["connect"]["p50_ns"].is_null());
}

#[test]
fn another_schema_is_refused_by_name() {
    let error = Run::read(r#"{"schema":"plimsoll.run/2"}"#).unwrap_err();
    assert!(error.to_string().contains("`plimsoll.run/2`"), "{error}");
    assert!(Run::read("{").is_err());
}

/// Two limits: the strict one is refuted, the lenient one holds.
#[test]
fn between_two_limits_a_pass_is_marginal() {
    let tally = tally(1_000, 0);
    let with_lenient = |text: &str, checks: Vec<Check>| {
        let mut facts = facts(&tally, &["p50 < 20ms"], checks);
        let lenient: Threshold = text.parse().unwrap();
        let judgement = judge(&lenient, &tally.series(Series(1)).outcomes, 10 * SECOND);
        facts.tests[0].items[0].lenient = Some((lenient, judgement));
        build(&facts)
    };
    let run = with_lenient("p50 < 200ms", Vec::new());
    let item = &run.items[0];
    assert_eq!((item.state, item.marginal), (ItemState::Pass, true));
    assert_eq!(item.expression, "p50 < 20ms");
    assert_eq!(run.verdict.exit_code, 10);
    assert_eq!(item.test.as_deref(), Some("expected"));
    assert_eq!(item.between_ns, Some([0, 10 * SECOND]));
    assert_eq!((item.offered_rate, item.achieved_rate), (Some(100.0), None));
    let run = with_lenient("p50 < 30ms", Vec::new());
    assert_eq!(
        (run.items[0].state, run.items[0].marginal),
        (ItemState::Fail, false)
    );
    let mut lag = Histogram::default();
    lag.record(12 * MS);
    let lag = validity::dispatch_lag(&lag, None).unwrap();
    let run = with_lenient("p50 < 200ms", vec![lag]);
    assert_eq!(
        (run.items[0].state, run.items[0].marginal),
        (ItemState::Invalid, false)
    );
}

#[test]
fn an_expectation_follows_the_rule_of_thresholds() {
    let tally = tally(1_000, 0);
    let states = |checks: Vec<Check>| {
        let mut facts = facts(&tally, &[], checks);
        let states = [
            ItemState::Pass,
            ItemState::Inconclusive,
            ItemState::Fail,
            ItemState::NotRun,
        ];
        facts.tests[0].expectations = states
            .map(|state| crate::fixture::item("expected/recovery", "recovery <= 2m", state))
            .to_vec();
        let items = build(&facts).items;
        items.iter().map(|item| item.state).collect::<Vec<_>>()
    };
    use ItemState::{Fail, Inconclusive, Invalid, NotRun, Pass};
    assert_eq!(states(Vec::new()), [Pass, Inconclusive, Fail, NotRun]);
    let mut lag = Histogram::default();
    lag.record(12 * MS);
    let lag = validity::dispatch_lag(&lag, None).unwrap();
    assert_eq!(states(vec![lag]), [Invalid, Invalid, Fail, NotRun]);
}

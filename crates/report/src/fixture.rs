//! Runs to render in tests.
// Outside of this crate's own tests, not all of it is used.
#![allow(dead_code, clippy::unwrap_used)]

mod course;
mod hostile;
mod large;
mod parts;
mod plan;
mod search;

use std::collections::BTreeMap;

pub use hostile::{hostile, hostile_plan};
pub use large::large;
pub(crate) use parts::item;
pub use plan::{go, invalid_plan, missing, no_go, plans, rehearsal, risk};
pub use search::{planned_search, refused_search, search};

use crate::document::*;
use parts::{MS, SECOND, check, infinite, journey, latency, step, totals};

/// Two journeys, nothing wrong, both thresholds shown to hold.
pub fn healthy() -> Run {
    let test = Test {
        name: "expected".to_owned(),
        model: Model::Open,
        arrivals: Some("even".to_owned()),
        users: None,
        pacing_ns: None,
        seed: Some(42),
        load: Some(Load {
            expected_per_s: Some(100.0),
            headroom: Some(0.3),
            target_per_s: Some(130.0),
            stages: vec![Stage {
                from_per_s: 130.0,
                to_per_s: 130.0,
                duration_ns: 60 * SECOND,
            }],
        }),
        started_ns: None,
        planned_ns: Some(60 * SECOND),
        elapsed_ns: 60_012 * MS,
        cut_short: false,
        offered_rate: Some(130.0),
        achieved_rate: Some(129.98),
        goodput_rate: Some(216.9),
        warmup: Warmup {
            until_ns: 5 * SECOND,
            rule: WarmupRule::Estimated,
            reason: None,
        },
        totals: totals(13_260, 0, 0),
        late: 240,
        errors: BTreeMap::new(),
        response: latency(13_260, 388),
        response_ok: latency(13_260, 388),
        dispatch_lag: Latency {
            count: 13_260,
            p99_ns: Some(87_000),
            ..Latency::default()
        },
        stages: Vec::new(),
        journeys: vec![
            journey(
                "search",
                5_460,
                402,
                vec![step("home", 5_460, 41), step("results", 5_460, 388)],
            ),
            journey("book", 2_340, 490, vec![step("checkout", 2_340, 412)]),
        ],
        examples: Vec::new(),
        course: Default::default(),
        curve: Default::default(),
        marks: Vec::new(),
        findings: Vec::new(),
        resources: Vec::new(),
    };
    Run {
        schema: SCHEMA.to_owned(),
        name: "travel-shop".to_owned(),
        status: Status::Complete,
        reason: None,
        verdict: Verdict {
            outcome: Some(Outcome::Go),
            exit_code: 0,
            sentence: "GO: both thresholds were shown to hold".to_owned(),
        },
        validity: Validity {
            status: ValidityStatus::Valid,
            checks: vec![
                check("offered_load", 0.0, 0.0001, "share"),
                check("dispatch_lag", 87_000.0, 1e6, "ns"),
            ],
        },
        totals: test.totals,
        started_at: "2026-11-18T14:00:00Z".parse().ok(),
        duration_ns: 60_012 * MS,
        command: ["plimsoll", "run", "travel-shop.yaml", "--rate", "130/s"]
            .map(str::to_owned)
            .to_vec(),
        engine: Engine {
            version: "0.1.0".to_owned(),
            timer: "timerfd".to_owned(),
            threads: Some(2),
            ..Engine::default()
        },
        sources: vec![Source {
            role: "scenario".to_owned(),
            path: "travel-shop.yaml".to_owned(),
            sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
        }],
        notices: Vec::new(),
        tests: vec![test],
        items: vec![
            item(
                "expected/search/results/p99",
                "p99 < 500ms",
                ItemState::Pass,
            ),
            Item {
                limit_ns: None,
                limit: Some(0.001),
                observed_ns: None,
                observed: Some(0.0),
                interval_ns: None,
                interval: Some([Some(0.0), Some(0.0006)]),
                ..item("expected/book/errors", "errors < 0.1%", ItemState::Pass)
            },
        ],
        plan: None,
        identity: None,
        circumstances: None,
        capacity: None,
    }
}

/// One request in ten of a step times out or is answered with an error, and its p99 with it.
pub fn failing() -> Run {
    let mut run = healthy();
    let errors = BTreeMap::from([("status".to_owned(), 180), ("timeout".to_owned(), 54)]);
    let test = &mut run.tests[0];
    let all = ["mean", "p95", "p99", "p99_9", "max"];
    test.totals = totals(13_026, 180, 54);
    test.errors.clone_from(&errors);
    test.response_ok = latency(13_026, 388);
    test.response = infinite(&test.response_ok, 13_260, &["mean", "p99", "p99_9", "max"]);
    let journey = &mut test.journeys[1];
    journey.totals = totals(2_106, 180, 54);
    journey.errors.clone_from(&errors);
    journey.response_ok = latency(2_106, 490);
    journey.response = infinite(&journey.response_ok, 2_340, &all);
    let step = &mut journey.steps[0];
    step.totals = journey.totals;
    step.errors = errors;
    step.statuses = BTreeMap::from([("201".to_owned(), 2_106), ("500".to_owned(), 180)]);
    step.response_ok = latency(2_106, 412);
    step.response = infinite(&step.response_ok, 2_340, &all);
    test.examples = vec![
        Example {
            journey: "book".to_owned(),
            step: "checkout".to_owned(),
            kind: "status".to_owned(),
            at_ns: 12_300 * MS,
            status: Some(500),
            message: "500, expected 201".to_owned(),
            request: None,
            response: None,
            body: Some("{\"error\":\"no seats left\"}".to_owned()),
        },
        Example {
            journey: "book".to_owned(),
            step: "checkout".to_owned(),
            kind: "timeout".to_owned(),
            at_ns: 14_100 * MS,
            status: None,
            message: "no complete answer within 5 s".to_owned(),
            request: None,
            response: None,
            body: None,
        },
    ];
    run.totals = test.totals;
    run.items = vec![
        item("expected/search/results/p99", "p99 < 500ms", ItemState::Pass),
        Item {
            observed_ns: None,
            observed_infinite: true,
            interval_ns: Some([None, None]),
            reason: Some("10 % of requests did not succeed, which is more than the 1 % that may exceed the limit".to_owned()),
            ..item("expected/book/checkout/p99", "p99 < 500ms", ItemState::Fail)
        },
    ];
    run.verdict = Verdict {
        outcome: Some(Outcome::NoGo),
        exit_code: 20,
        sentence: "NO-GO: p99 of expected/book/checkout was ∞ (10 % did not succeed), limit 500 ms"
            .to_owned(),
    };
    run
}

/// Too few samples to tell.
pub fn inconclusive() -> Run {
    let mut run = healthy();
    let test = &mut run.tests[0];
    test.planned_ns = Some(2 * SECOND);
    test.elapsed_ns = 2_004 * MS;
    test.totals = totals(130, 0, 0);
    test.response = latency(130, 388);
    test.response_ok = latency(130, 388);
    test.journeys = vec![journey("search", 130, 388, vec![step("search", 130, 388)])];
    run.totals = test.totals;
    run.duration_ns = test.elapsed_ns;
    run.items = vec![Item {
        interval_ns: Some([Some(301 * MS), None]),
        n: 130,
        n_eff: Some(130.0),
        reason: Some("130 samples are too few to show that p99 holds: it takes 299".to_owned()),
        advice: Some("run for at least 6 s".to_owned()),
        settles_in_ns: Some(6 * SECOND),
        ..item(
            "expected/search/p99",
            "p99 < 500ms",
            ItemState::Inconclusive,
        )
    }];
    run.verdict = Verdict {
        outcome: Some(Outcome::Inconclusive),
        exit_code: 21,
        sentence: "INCONCLUSIVE: 1 of 1 thresholds could not be settled; run about 3× longer (6 s)"
            .to_owned(),
    };
    run
}

/// Nothing was ever sent.
pub fn empty() -> Run {
    let mut run = healthy();
    let nothing = journey(
        "search",
        0,
        0,
        vec![Step {
            statuses: BTreeMap::new(),
            response: Latency::default(),
            response_ok: Latency::default(),
            ..step("results", 0, 0)
        }],
    );
    let test = &mut run.tests[0];
    test.load = None;
    test.dispatch_lag = Latency::default();
    test.elapsed_ns = 0;
    (test.offered_rate, test.achieved_rate) = (None, None);
    test.totals = Totals::default();
    (test.response, test.response_ok) = (Latency::default(), Latency::default());
    test.journeys = vec![Journey {
        duration: Latency::default(),
        response: Latency::default(),
        response_ok: Latency::default(),
        ..nothing
    }];
    run.totals = Totals::default();
    run.duration_ns = 0;
    run.status = Status::Interrupted;
    run.reason = Some("interrupted before the first arrival".to_owned());
    run.validity.checks.clear();
    run.items = vec![Item {
        observed_ns: None,
        interval_ns: None,
        n: 0,
        n_eff: None,
        reason: Some("there are no samples".to_owned()),
        advice: Some("check that the journey has a weight above 0".to_owned()),
        ..item(
            "expected/search/results/p99",
            "p99 < 500ms",
            ItemState::Inconclusive,
        )
    }];
    run.verdict = Verdict {
        outcome: Some(Outcome::Inconclusive),
        exit_code: 130,
        sentence: "INTERRUPTED: 1 of 1 thresholds could not be settled".to_owned(),
    };
    run
}

/// The generator could not keep up.
pub fn invalid() -> Run {
    let mut run = healthy();
    let check = &mut run.validity.checks[1];
    run.tests[0].dispatch_lag.p99_ns = Some(31 * MS);
    check.status = ValidityStatus::Invalid;
    check.observed = Some(31e6);
    check.limit = Some(10e6);
    check.sentence =
        "31.000 ms is above the limit of 10.000 ms: requests were sent late; lower the rate"
            .to_owned();
    run.validity.status = ValidityStatus::Invalid;
    for item in &mut run.items {
        item.state = ItemState::Invalid;
        item.reason = Some("it would pass, but the run is not valid".to_owned());
    }
    run.notices = vec![Notice {
        level: NoticeLevel::Warn,
        text: "this is a debug build of the generator".to_owned(),
    }];
    run.verdict = Verdict {
        outcome: Some(Outcome::Invalid),
        exit_code: 22,
        sentence: "INVALID: no pass may rest on this run: dispatch lag was 31.0 ms, limit 10.0 ms"
            .to_owned(),
    };
    run
}

/// Fifty users who wait for their answers, and nothing to judge.
pub fn closed() -> Run {
    let mut run = healthy();
    let test = &mut run.tests[0];
    test.model = Model::Closed;
    test.arrivals = None;
    test.users = Some(50);
    test.pacing_ns = Some(SECOND);
    test.load = None;
    run.items.clear();
    run.verdict = Verdict {
        outcome: None,
        exit_code: 0,
        sentence: "nothing was to be judged: no threshold".to_owned(),
    };
    run
}

/// A test that went well and one that did not.
pub fn two_tests() -> Run {
    let mut run = healthy();
    let mut failing = failing();
    failing.tests[0].name = "spike".to_owned();
    run.tests.append(&mut failing.tests);
    run.items.push(Item {
        id: "spike/book/checkout/p99".to_owned(),
        ..failing.items.remove(1)
    });
    run.totals = totals(26_286, 180, 54);
    run.verdict = failing.verdict;
    run
}

/// A ramp to the load, which is then held; some of the ramp is slow.
pub fn stepped() -> Run {
    let mut run = healthy();
    let test = &mut run.tests[0];
    let ends = [(0.0, 0, 30), (130.0, 30, 60)];
    if let Some(load) = &mut test.load {
        let stage = |(from_per_s, from, until): (f64, u64, u64)| Stage {
            from_per_s,
            to_per_s: 130.0,
            duration_ns: (until - from) * SECOND,
        };
        load.stages = ends.map(stage).to_vec();
    }
    let figures = |(_, from, until): (f64, u64, u64)| StageFigures {
        from_ns: from * SECOND,
        until_ns: until * SECOND,
        totals: totals(from.max(15) * 130, 0, 0),
        late: 0,
        response: latency(from.max(15) * 130, 300 + from),
        response_ok: latency(from.max(15) * 130, 300 + from),
    };
    test.stages = ends.map(figures).to_vec();
    run
}

/// All of them, by name.
pub fn all() -> [(&'static str, Run); 9] {
    [
        ("healthy", healthy()),
        ("failing", failing()),
        ("inconclusive", inconclusive()),
        ("empty", empty()),
        ("invalid", invalid()),
        ("closed", closed()),
        ("two_tests", two_tests()),
        ("stepped", stepped()),
        ("hostile", hostile()),
    ]
}

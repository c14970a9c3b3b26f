//! Scripts in virtual time.

use super::*;

fn script(json: &str) -> Script {
    Script::new(serde_json::from_str(json).expect("a behaviour"), ms(0))
}

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

#[test]
fn a_stall_comes_before_the_latency() {
    let mut script = script(r#"{"stall":"1s/10s+0s","latency":["20ms","50ms@/search"]}"#);
    assert_eq!(
        script.plan(ms(400), "/", None),
        Plan {
            at: ms(1_020),
            act: Act::Answer(Quality::Full)
        }
    );
    assert_eq!(
        script.plan(ms(400), "/search", None),
        Plan {
            at: ms(1_050),
            act: Act::Answer(Quality::Full)
        }
    );
    assert_eq!(
        script.plan(ms(2_000), "/", None),
        Plan {
            at: ms(2_020),
            act: Act::Answer(Quality::Full)
        }
    );
}

#[test]
fn a_full_line_refuses_at_once_and_says_when_to_return() {
    let mut script = script(r#"{"capacity":"1/s","queue":1,"refusal":"429","latency":["20ms"]}"#);
    assert_eq!(script.plan(ms(0), "/", None).at, ms(20));
    assert_eq!(script.plan(ms(0), "/", None).at, ms(1_020));
    let refusal = Refusal::TooManyRequests;
    let act = Act::Refuse {
        refusal,
        retry_after_seconds: 2,
    };
    assert_eq!(script.plan(ms(0), "/", None), Plan { at: ms(0), act });
}

#[test]
fn errors_are_exact_per_path() {
    let mut script = script(r#"{"errors":["1%","50%@/checkout"]}"#);
    let mut failed = |path| {
        (0..1_000)
            .filter(|_| script.plan(ms(0), path, None).act == Act::Fail)
            .count()
    };
    assert_eq!(failed("/"), 10);
    assert_eq!(failed("/checkout"), 500);
    assert_eq!(failed("/search"), 10);
}

#[test]
fn faults_cover_their_paths_only() {
    let mut script = script(r#"{"faults":["reset=10%@/basket","close=100%@/account"]}"#);
    let mut hit = |path| {
        let plans = (0..100).map(|_| script.plan(ms(0), path, None).act);
        plans.filter(|act| matches!(act, Act::Misbehave(_))).count()
    };
    assert_eq!((hit("/"), hit("/basket"), hit("/account")), (0, 10, 100));
}

#[test]
fn the_default_is_idle() {
    assert!(script("{}").is_idle());
    for busy in [
        r#"{"latency":["1ms"]}"#,
        r#"{"fifo":"1ms"}"#,
        r#"{"ageing":"1ms/s"}"#,
        r#"{"leak":"1KB"}"#,
        r#"{"wrong":["1%"]}"#,
        r#"{"dependency":{"paths":["/a"]}}"#,
    ] {
        assert!(!script(busy).is_idle(), "{busy}");
    }
}

/// The share of requests at an even rate from `from` to `to`, in seconds, that are
/// answered within a second.
fn goodput(script: &mut Script, per_second: u64, from: u64, to: u64) -> f64 {
    let gap = Duration::from_secs(1) / per_second as u32;
    let arrivals =
        (0..(to - from) * per_second).map(|n| Duration::from_secs(from) + gap * n as u32);
    let good = arrivals.filter(|now| {
        let plan = script.plan(*now, "/", None);
        matches!(plan.act, Act::Answer(_)) && plan.at - *now <= ms(1_000)
    });
    good.count() as f64 / ((to - from) * per_second) as f64
}

#[test]
fn a_metastable_service_stays_down_until_the_load_falls_below_what_it_used_to_bear() {
    let mut script = script(r#"{"capacity":"1000/s","queue":600,"collapse":"1s"}"#);
    assert_eq!(goodput(&mut script, 800, 0, 60), 1.0, "before the trigger");
    goodput(&mut script, 2_000, 60, 65);
    let after = goodput(&mut script, 800, 65, 365);
    assert!(
        after < 0.05,
        "five minutes at the load it used to bear: {after}"
    );
    assert!(
        goodput(&mut script, 500, 365, 425) < 0.05,
        "500/s is still above 400/s"
    );
    goodput(&mut script, 300, 425, 455);
    assert_eq!(goodput(&mut script, 300, 455, 515), 1.0, "released");
    assert_eq!(
        goodput(&mut script, 800, 515, 575),
        1.0,
        "and as good as before"
    );
}

#[test]
fn without_collapse_the_same_service_recovers_by_itself() {
    let mut script = script(r#"{"capacity":"1000/s","queue":600}"#);
    goodput(&mut script, 2_000, 0, 5);
    assert_eq!(goodput(&mut script, 800, 10, 60), 1.0);
}

/// Refusals of `rounds` rounds of one request for each of these paths and marks, at 3 × 50/s against 100/s.
fn refused(script: &mut Script, kinds: [(&str, Option<&str>); 3], rounds: u64) -> [u64; 3] {
    let mut refused = [0; 3];
    for round in 0..rounds {
        for (count, (path, tier)) in refused.iter_mut().zip(kinds) {
            let plan = script.plan(ms(round * 20), path, tier);
            *count += u64::from(matches!(plan.act, Act::Refuse { .. }));
        }
    }
    refused
}

const TIERED: &str = r#"{"capacity":"100/s","queue":30,"priority":["2@/recommend","1@/search"]}"#;

#[test]
fn what_matters_least_is_refused_first_and_what_matters_most_never() {
    // What matters most comes last in every round: places go by what it is, not by who is first.
    let paths = [("/recommend", None), ("/search", None), ("/checkout", None)];
    let [third, second, first] = refused(&mut script(TIERED), paths, 1_000);
    assert_eq!(first, 0);
    assert!(second < 20, "100/s bear the first two: {second}");
    assert!(third > 900, "{third}");
    let plain = TIERED.replace(r#","priority":["2@/recommend","1@/search"]"#, "");
    let [.., first] = refused(&mut script(&plain), paths, 1_000);
    assert!(
        first > 200,
        "without priorities it suffers like the rest: {first}"
    );
}

#[test]
fn a_mark_goes_before_the_path_and_nonsense_is_no_mark() {
    let marked = [
        ("/recommend", Some("critical")),
        ("/checkout", Some("nice_to_have")),
        ("/search", Some("urgent!")),
    ];
    let [critical, least, path] = refused(&mut script(TIERED), marked, 1_000);
    assert_eq!(critical, 0);
    assert!(least > 900 && path < 20, "{least}, {path}");
}

#[test]
fn a_service_scales_out_once_it_has_been_busy_long_enough() {
    let json =
        r#"{"capacity":"200/s","queue":100,"scale":{"to":"600/s","after":"10s","load":"80%"}}"#;
    let mut scaling = script(json);
    let before = goodput(&mut scaling, 400, 0, 10);
    assert!((0.5..0.55).contains(&before), "half of it: {before}");
    assert_eq!(goodput(&mut scaling, 400, 10, 60), 1.0);
    let mut anew = script(json);
    goodput(&mut anew, 400, 0, 20);
    let mut anew = anew.changed(anew.behaviour().clone(), ms(20_000));
    assert_eq!(
        goodput(&mut anew, 400, 20, 30),
        1.0,
        "nothing of it changed"
    );
    let slower: Behaviour =
        serde_json::from_str(r#"{"capacity":"200/s","queue":100}"#).expect("valid");
    let mut never = anew.changed(slower, ms(30_000));
    assert!(
        goodput(&mut never, 400, 30, 90) < 0.55,
        "it fell back and stays"
    );
}

#[test]
fn a_scaled_service_starts_no_more_than_it_was_scaled_to() {
    let json = r#"{"capacity":"200/s","scale":{"to":"600/s","after":"10s"}}"#;
    let mut script = script(json);
    let plans = (0..40_000u64).map(|n| script.plan(ms(n), "/", None).at.as_millis());
    let mut starts: Vec<u128> = plans.collect();
    starts.sort_unstable();
    let in_second = |second: u128| starts.iter().filter(|at| **at / 1_000 == second).count();
    assert_eq!(in_second(5), 200);
    for second in [12, 20, 39] {
        assert!(
            (598..=602).contains(&in_second(second)),
            "{}",
            in_second(second)
        );
    }
}

#[test]
fn ageing_adds_to_the_latency_from_the_moment_it_is_set() {
    let json = r#"{"ageing":"1ms/s","latency":["20ms"]}"#;
    let mut script = Script::new(serde_json::from_str(json).expect("valid"), ms(5_000));
    assert_eq!(script.plan(ms(5_000), "/", None).at, ms(5_020));
    assert_eq!(script.plan(ms(65_000), "/", None).at, ms(65_080));
    let other = serde_json::from_str(r#"{"ageing":"1ms/s","latency":["10ms"]}"#).expect("valid");
    let mut script = script.changed(other, ms(65_000));
    assert_eq!(
        script.plan(ms(65_000), "/", None).at,
        ms(65_070),
        "it is as old as before"
    );
    let younger = serde_json::from_str(r#"{"ageing":"2ms/s","latency":["10ms"]}"#).expect("valid");
    let mut script = script.changed(younger, ms(65_000));
    assert_eq!(script.plan(ms(66_000), "/", None).at, ms(66_012));
}

#[test]
fn waiting_calls_take_the_workers_from_other_pages() {
    let slow = r#"{"dependency":{"state":"slow","latency":"2s","paths":["/recommend"],"pool":4}}"#;
    let answered = |json: &str, path: &str| {
        let mut script = script(json);
        for _ in 0..8 {
            script.plan(ms(0), "/recommend", None);
        }
        script.plan(ms(0), path, None)
    };
    let full = Act::Answer(Quality::Full);
    assert_eq!(
        answered(slow, "/search"),
        Plan {
            at: ms(4_000),
            act: full
        }
    );
    let down = slow.replace("slow", "down");
    assert_eq!(
        answered(&down, "/search").at,
        ms(4_000),
        "calls that fail late too"
    );
    assert_eq!(
        answered(&down, "/recommend"),
        Plan {
            at: ms(6_000),
            act: Act::Miss
        }
    );
    for spared in [
        slow.replace(r#","pool":4"#, ""),
        slow.replace(r#""pool":4"#, r#""pool":4,"fallback":true"#),
        slow.replace("slow", "up"),
    ] {
        assert_eq!(
            answered(&spared, "/search"),
            Plan {
                at: ms(0),
                act: full
            },
            "{spared}"
        );
    }
    let fallback = slow.replace(r#""pool":4"#, r#""fallback":true"#);
    let degraded = Plan {
        at: ms(0),
        act: Act::Answer(Quality::Degraded),
    };
    assert_eq!(answered(&fallback, "/recommend"), degraded);
}

#[test]
fn a_change_keeps_the_line_unless_it_becomes_another_kind() {
    let changed = |from: &str, to: &str| {
        let mut script = script(from);
        for _ in 0..10 {
            script.plan(ms(0), "/", None);
        }
        let to = serde_json::from_str(to).expect("valid");
        let mut script = script.changed(to, ms(100));
        script.plan(ms(100), "/", None).at.as_millis()
    };
    let line = r#"{"capacity":"10/s"}"#;
    let errors = r#"{"capacity":"10/s","errors":["100%"]}"#;
    assert_eq!(changed(line, errors), 1_000);
    // 900 ms of work at 10/s are left.
    assert_eq!(changed(line, r#"{"capacity":"5/s"}"#), 1_900);
    assert_eq!(changed(line, r#"{"capacity":"20/s"}"#), 550);
    assert_eq!(changed(line, r#"{"fifo":"100ms"}"#), 200, "another kind");
    let single = r#"{"fifo":"100ms"}"#;
    assert_eq!(changed(single, r#"{"fifo":"50ms"}"#), 600);
}

#[test]
fn a_dip_that_is_undone_leaves_a_metastable_service_down() {
    let json = r#"{"capacity":"1000/s","queue":600,"collapse":"1s"}"#;
    let whole: Behaviour = serde_json::from_str(json).expect("valid");
    let dip = json.replace("1000/s", "700/s");
    let mut script = script(json);
    assert_eq!(goodput(&mut script, 800, 0, 10), 1.0);
    let mut script = script.changed(serde_json::from_str(&dip).expect("valid"), ms(10_000));
    goodput(&mut script, 800, 10, 30);
    let mut script = script.changed(whole, ms(30_000));
    assert!(goodput(&mut script, 800, 30, 330) < 0.05);
    goodput(&mut script, 300, 330, 360);
    assert_eq!(goodput(&mut script, 800, 360, 420), 1.0);
}

#[test]
fn a_change_keeps_workers_leaks_and_shares_that_it_does_not_concern() {
    let json = r#"{"leak":"1KB","errors":["10%"],"dependency":{"paths":["/a"],"pool":1},"latency":["1s"]}"#;
    let mut script = script(json);
    script.plan(ms(0), "/", None);
    let merged = |script: &Script, change: &str| {
        let change = serde_json::from_str(change).expect("json");
        script.behaviour().merged(&change).expect("a change")
    };
    let to = merged(&script, r#"{"latency":["2s"]}"#);
    let mut script = script.changed(to, ms(0));
    assert_eq!(
        script.plan(ms(0), "/", None).at,
        ms(3_000),
        "the worker is taken"
    );
    assert_eq!(script.leak.as_ref().map(Leak::taken), Some(2_000));
    let rest = (0..8).filter(|_| script.plan(ms(0), "/", None).act == Act::Fail);
    let failed_before = usize::from(script_failed_early(json));
    assert_eq!(rest.count() + failed_before, 1, "one of ten in all");
    let to = merged(&script, r#"{"leak":"2KB","dependency":{"state":"down"}}"#);
    let mut script = script.changed(to, ms(0));
    assert_eq!(script.leak.as_ref().map(Leak::taken), Some(0));
    assert_eq!(
        script.plan(ms(0), "/", None).at,
        ms(2_000),
        "the workers are free"
    );
}

/// Whether one of the first two requests fails.
fn script_failed_early(json: &str) -> bool {
    let mut script = script(json);
    (0..2).any(|_| script.plan(ms(0), "/", None).act == Act::Fail)
}

#[test]
fn wrong_answers_are_exact_per_path() {
    let mut script = script(r#"{"wrong":["5%@/search"]}"#);
    let mut wrong = |path| {
        let acts = (0..1_000).map(|_| script.plan(ms(0), path, None).act);
        acts.filter(|act| *act == Act::Answer(Quality::Wrong))
            .count()
    };
    assert_eq!((wrong("/search"), wrong("/recommend")), (50, 0));
}

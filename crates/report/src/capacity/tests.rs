use super::*;
use crate::terminal::Style;

fn probe(kind: &str, rate: f64, outcome: &str) -> Probe {
    let is_canary = kind == "cool_down";
    Probe {
        kind: kind.to_owned(),
        rate,
        outcome: outcome.to_owned(),
        trimmed_ns: 5_000_000_000,
        measured_ns: 30_000_000_000,
        throughput: (!is_canary).then_some(rate * 2.0),
        in_flight: (!is_canary).then_some(rate * 0.04),
        p50_ns: Some(18_000_000),
        p95_ns: Some(30_000_000),
        p99_ns: (outcome != "failed").then_some(48_000_000),
        p99_infinite: outcome == "failed",
        errors: (!is_canary).then_some(if outcome == "failed" { 0.12 } else { 0.0 }),
        processors: None,
        reason: "because it is so".to_owned(),
    }
}

fn run() -> CapacityRun {
    CapacityRun {
        schema: SCHEMA.to_owned(),
        name: "travel-shop".to_owned(),
        complete: true,
        exit_code: 0,
        sentence: "CAPACITY: 141.4 per second, confirmed; 150.0 is too much".to_owned(),
        objectives: vec!["p99 < 400ms of all requests".to_owned()],
        capacity: Capacity {
            sustained_rate: Some(141.4),
            at_least: false,
            upper_rate: Some(150.0),
            upper_is_proven: true,
            limited_by: Some(Limit::Target),
            probed_rate: Some(141.4),
            comes_back: Some(true),
            end: "confirmed".to_owned(),
            probes: vec![
                probe("probe", 100.0, "passed"),
                probe("probe", 200.0, "failed"),
                probe("cool_down", 5.0, "settled"),
                probe("confirm", 141.4, "passed"),
                probe("from_above", 141.4, "generator_limited"),
            ],
        },
        scalability: Scalability {
            law: Some(Law {
                alpha: 0.02,
                beta: 0.0001,
                gamma: 90.0,
                deviation: 2.0,
                points: 8,
            }),
            n_max: Some(96.5),
            x_max: Some(1883.9),
            ..Scalability::default()
        },
        resources: Some(ResourceUse {
            source: "process 1 (shop)".to_owned(),
            processor_s_per_request: Some(0.002),
            interval: Some([0.0019, 0.0021]),
            idle_processors: Some(0.2),
            processors_at_sustained: Some(0.77),
            processors_at_target: None,
            refused: Some("too far".to_owned()),
        }),
        planning: Some(Planning {
            peak: 100.0,
            target: 150.0,
            headroom: Some(0.414),
            utilisation: 0.8,
            growth: Some(0.05),
            months_left: Some(2.53),
            instances: Some(2),
        }),
        started_at: Timestamp::UNIX_EPOCH,
        notices: Vec::new(),
        command: Vec::new(),
        engine: Engine::default(),
        sources: Vec::new(),
        circumstances: Circumstances::default(),
    }
}

#[test]
fn a_search_on_a_terminal() {
    let style = Style {
        color: false,
        columns: Some(120),
    };
    insta::assert_snapshot!("found", page(&run()).terminal(style));
    let mut limited = run();
    limited.capacity.at_least = true;
    limited.capacity.limited_by = Some(Limit::Generator);
    limited.scalability = Scalability {
        law_refused: Some("too few".to_owned()),
        ..Scalability::default()
    };
    limited.resources = None;
    insta::assert_snapshot!("generator_limited", page(&limited).terminal(style));
    insta::assert_snapshot!("markdown", page(&run()).markdown());
}

#[test]
fn a_document_is_read_as_it_was_written() {
    let mut text = Vec::new();
    run().write(&mut text).unwrap();
    let read: CapacityRun = serde_json::from_slice(&text).unwrap();
    assert_eq!(read, run());
}

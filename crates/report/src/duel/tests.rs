use super::*;
use crate::terminal::Style;

fn finding(step: &str, metric: &str, verdict: Outcome, change: f64) -> Finding {
    let is_share = metric == "errors";
    Finding {
        journey: "search".to_owned(),
        step: step.to_owned(),
        metric: metric.to_owned(),
        unit: if is_share { "share" } else { "ns" }.to_owned(),
        verdict,
        a: Some(if is_share { 0.0 } else { 41_200_000.0 }),
        a_infinite: false,
        b: Some(if is_share {
            0.0
        } else {
            41_200_000.0 * (1.0 + change)
        }),
        b_infinite: false,
        scale: if is_share {
            Scale::Difference
        } else {
            Scale::Ratio
        },
        change: Some(change),
        interval: Some([change - 0.02, change + 0.02]),
        minimum_detectable: Some(0.0312),
        rounds: 12,
        missing: 0,
        rounds_needed: Some(6),
        p: 0.001,
        holm_p: 0.004,
        benjamini_hochberg_p: 0.002,
        sign_flip_p: 0.0005,
        explanation: "as it is explained".to_owned(),
    }
}

fn duel(outcome: Option<Outcome>, findings: Vec<Finding>) -> Duel {
    let mut duel = Duel {
        schema: SCHEMA.to_owned(),
        name: "travel-shop".to_owned(),
        status: Status::Complete,
        verdict: DuelVerdict {
            outcome,
            exit_code: outcome.map_or(130, Outcome::exit_code),
            sentence: String::new(),
        },
        self_test: false,
        duet: false,
        a: Side {
            what: "./shop-4.11".to_owned(),
            restarted: true,
        },
        b: Side {
            what: "http://b.test\u{1b}[31m:8080".to_owned(),
            restarted: false,
        },
        started_at: Timestamp::UNIX_EPOCH,
        load: "open, even: 50/s for 30 s".to_owned(),
        seed: 1,
        round_ns: 30_000_000_000,
        warmup_ns: 5_000_000_000,
        tolerance: 0.05,
        tolerance_of_shares: 0.001,
        rounds: Rounds {
            planned: 12,
            most: 30,
            valid: 12,
            dropped: 1,
        },
        look: Some(Look {
            rounds: 12,
            alpha: 0.03,
        }),
        findings,
        dropped: vec![Dropped {
            round: 4,
            reasons: vec!["B: the machine was busy".to_owned()],
        }],
        notices: Vec::new(),
        command: Vec::new(),
        engine: Engine::default(),
        sources: Vec::new(),
        circumstances: Circumstances::default(),
    };
    if outcome.is_none() {
        duel.status = Status::Interrupted;
    }
    duel.verdict.sentence = sentence(&duel);
    duel
}

fn all() -> Vec<Finding> {
    let mut infinite = finding("basket", "p99", Outcome::Inconclusive, 0.0);
    (infinite.b, infinite.b_infinite) = (None, true);
    (infinite.change, infinite.interval) = (None, None);
    vec![
        finding("results", "p50", Outcome::Ok, 0.001),
        finding("results", "p99", Outcome::Regressed, 0.123),
        finding("results", "errors", Outcome::Ok, 0.0),
        infinite,
        finding("home", "p99", Outcome::Improved, -0.2),
    ]
}

fn shown(duel: &Duel) -> String {
    page(duel).terminal(Style {
        color: false,
        columns: Some(110),
    })
}

#[test]
fn duels_on_a_terminal() {
    insta::assert_snapshot!("regressed", shown(&duel(Some(Outcome::Regressed), all())));
    let fine = vec![finding("results", "p50", Outcome::Ok, 0.001)];
    insta::assert_snapshot!("ok", shown(&duel(Some(Outcome::Ok), fine.clone())));
    insta::assert_snapshot!("interrupted", shown(&duel(None, fine.clone())));
    insta::assert_snapshot!("invalid", shown(&duel(Some(Outcome::Invalid), Vec::new())));
    let mut same = duel(Some(Outcome::Ok), fine);
    same.self_test = true;
    same.verdict.sentence = sentence(&same);
    insta::assert_snapshot!("self_test", shown(&same));
}

#[test]
fn a_duel_in_a_pull_request() {
    insta::assert_snapshot!(
        "markdown",
        page(&duel(Some(Outcome::Regressed), all())).markdown()
    );
}

#[test]
fn a_document_is_read_as_it_was_written() {
    let duel = duel(Some(Outcome::Regressed), all());
    let mut text = Vec::new();
    duel.write(&mut text).unwrap();
    let read: Duel = serde_json::from_slice(&text).unwrap();
    assert_eq!(read, duel);
}

#[test]
fn the_worst_is_the_furthest_from_what_is_tolerated() {
    let findings = vec![
        finding("results", "p50", Outcome::Regressed, 0.07),
        finding("results", "errors", Outcome::Regressed, 0.02),
    ];
    let told = sentence(&duel(Some(Outcome::Regressed), findings));
    assert!(
        told.starts_with("REGRESSED: search/results errors +2.000 pp, and 1 figure more"),
        "{told}"
    );
}

#[test]
fn too_few_rounds_are_told_as_such() {
    let mut few = duel(Some(Outcome::Inconclusive), Vec::new());
    few.rounds.valid = 1;
    let told = sentence(&few);
    assert!(
        told.contains("1 round is too few to judge; 6 are the fewest"),
        "{told}"
    );
}

#[test]
fn nothing_is_annotated_of_a_duel_that_is_invalid_but_that() {
    let told = |outcome| {
        let all = crate::annotations::of_duel(&duel(Some(outcome), all()));
        let titles = all.into_iter().map(|one| one.title);
        titles.collect::<Vec<_>>()
    };
    assert_eq!(told(Outcome::Regressed), ["REGRESSED: search/results p99"]);
    assert_eq!(told(Outcome::Invalid), ["travel-shop"]);
}

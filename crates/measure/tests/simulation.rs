//! Whether intervals and verdicts keep their promises, on services whose truth is known.
//!
//! `cargo test --release -p plimsoll-measure --test simulation -- --ignored --nocapture --test-threads=1`
//! takes minutes, and prints the tables of `docs/statistics.md`.

#[path = "simulation/bootstrap.rs"]
mod bootstrap;
#[path = "simulation/draws.rs"]
mod draws;
#[path = "simulation/drift.rs"]
mod drift;
#[path = "simulation/method.rs"]
mod method;
#[path = "simulation/models.rs"]
mod models;
#[path = "simulation/rate.rs"]
mod rate;
#[path = "simulation/tally.rs"]
mod tally;

use draws::Draws;
use method::{Record, Sorted, TAIL, verdict, verdict_by_peeking, verdict_when_decided};
use models::Model;
use plimsoll_measure::statistics::design::Dependence;
use rate::Rate;
use tally::Verdicts;

const SEED: u64 = 20_251_124;

/// Those for which intervals and verdicts are promised to be right.
const PROMISED: [Model; 5] = [
    Model::Independent,
    Model::Stalls,
    Model::Queue(0.8),
    Model::Neighbours(0.5),
    Model::Neighbours(0.9),
];

/// Those whose dependence reaches so far that a run of a minute has few independent parts.
const BEYOND: [Model; 3] = [Model::Queue(0.9), Model::Seconds(0.5), Model::Seconds(0.9)];

/// The models, with whether the promise holds for them, and for how many seconds they run.
fn runs() -> impl Iterator<Item = (Model, bool, u64)> {
    let promised = PROMISED.map(|model| (model, true));
    let beyond = BEYOND.map(|model| (model, false));
    let models = promised.into_iter().chain(beyond);
    models.flat_map(|(model, promised)| [60, 300].map(|seconds| (model, promised, seconds)))
}

fn replications(seconds: u64) -> u64 {
    if seconds > 100 { 1000 } else { 4000 }
}

#[test]
#[ignore = "minutes of simulation, for the tables of docs/statistics.md; run when an interval or a verdict changes"]
fn intervals_cover_the_truth() {
    println!("| service | seconds | design effect | coverage | of textbooks |");
    for (model, promised, seconds) in runs() {
        let truth = model.quantile(TAIL);
        let (mut covered, mut textbook) = (Rate::default(), Rate::default());
        let mut effects = Vec::new();
        for replication in 0..replications(seconds) {
            let requests = model.requests(&mut Draws::new(SEED, replication), seconds as f64);
            let sorted = Sorted::of(&requests);
            let deff = Record::of(&requests, sorted.quantile()).dependence().deff;
            let covers = |(lower, upper)| (lower..=upper).contains(&truth);
            covered.count(covers(sorted.interval(deff)));
            textbook.count(covers(sorted.interval(1.0)));
            effects.push(deff);
        }
        effects.sort_by(f64::total_cmp);
        let median = effects[effects.len() / 2];
        let name = model.name();
        println!("| {name} | {seconds} | {median:.1} | {covered} | {textbook} |");
        let enough = 0.93 - 2.0 * covered.error(0.93);
        assert!(!promised || covered.share() >= enough, "{name}: {covered}");
    }
}

#[test]
#[ignore = "minutes of simulation, for the tables of docs/statistics.md; run when an interval or a verdict changes"]
fn verdicts_on_the_threshold_are_rarely_decisive() {
    println!(
        "| service | seconds | PASS | FAIL | PASS, stopped | FAIL, stopped | PASS, peeking | FAIL, peeking |"
    );
    for (model, promised, seconds) in runs() {
        let limit = model.quantile(TAIL);
        let [mut end, mut stopped, mut peeking] = [Verdicts::default(); 3];
        for replication in 0..replications(seconds) {
            let requests = model.requests(&mut Draws::new(SEED + 1, replication), seconds as f64);
            let record = Record::of(&requests, limit);
            end.count(verdict(&record.batches(seconds), record.dependence()));
            stopped.count(verdict_when_decided(&requests, limit, seconds));
            peeking.count(verdict_by_peeking(&requests, limit, seconds));
        }
        let name = model.name();
        println!("| {name} | {seconds} | {end} | {stopped} | {peeking} |");
        for wrong in [end.pass, end.fail, stopped.pass, stopped.fail] {
            let most = 0.05 + 2.0 * wrong.error(0.05);
            assert!(!promised || wrong.share() <= most, "{name}: {wrong}");
        }
    }
}

#[test]
#[ignore = "minutes of simulation, for the tables of docs/statistics.md; run when an interval or a verdict changes"]
fn verdicts_off_the_threshold_are_often_decisive() {
    println!("| service | seconds | PASS at a fifth | PASS at half | FAIL at double |");
    for (model, _, seconds) in runs() {
        let [mut fifth, mut half, mut double] = [Verdicts::default(); 3];
        for replication in 0..replications(seconds) / 4 {
            let requests = model.requests(&mut Draws::new(SEED + 2, replication), seconds as f64);
            for (share, verdicts) in [(0.2, &mut fifth), (0.5, &mut half), (2.0, &mut double)] {
                let record = Record::of(&requests, model.quantile(share * TAIL));
                verdicts.count(verdict(&record.batches(seconds), record.dependence()));
            }
        }
        let name = model.name();
        println!(
            "| {name} | {seconds} | {} | {} | {} |",
            fifth.pass, half.pass, double.fail
        );
    }
}

/// The other way to allow for dependence is to draw whole blocks of the run again and again; both
/// ought to find intervals of about the same width.
#[test]
fn intervals_are_as_wide_as_those_of_a_block_bootstrap() {
    for model in [Model::Independent, Model::Stalls, Model::Queue(0.8)] {
        let mut ratios = [0; 5].map(|_| 0.0);
        for (replication, ratio) in ratios.iter_mut().enumerate() {
            let draws = &mut Draws::new(SEED + 3, replication as u64);
            let requests = model.requests(draws, 60.0);
            let sorted = Sorted::of(&requests);
            let deff = Record::of(&requests, sorted.quantile()).dependence().deff;
            let width = |(lower, upper)| upper - lower;
            let drawn = bootstrap::interval(&requests, draws);
            *ratio = width(sorted.interval(deff)) / width(drawn);
        }
        ratios.sort_by(f64::total_cmp);
        assert!(
            (0.8..2.0).contains(&ratios[2]),
            "{}: {ratios:?}",
            model.name()
        );
    }
}

/// The formulas behind [`Model::quantile`] agree with what the services do, as far as the length
/// of the run tells.
#[test]
fn the_truth_of_every_model_is_what_it_settles_at() {
    for (model, ..) in runs() {
        let requests = model.requests(&mut Draws::new(SEED + 4, 0), 2000.0);
        for tail in [0.1, 0.01] {
            let record = Record::of(&requests, model.quantile(tail));
            let Dependence { deff, .. } = record.dependence();
            let n = requests.len() as f64;
            let share = record.exceeding() as f64 / n;
            let error = (deff * tail * (1.0 - tail) / n).sqrt();
            let off = (share - tail) / error;
            assert!(off.abs() < 3.5, "{} {tail}: {share}, {off}", model.name());
        }
    }
}

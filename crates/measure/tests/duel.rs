//! Whether duels keep their promises, on builds whose difference is known.
//!
//! `cargo test --release -p plimsoll-measure --test duel -- --ignored --nocapture --test-threads=1`
//! takes minutes, and prints the tables of `docs/statistics.md`.

#[path = "simulation/draws.rs"]
mod draws;
#[path = "duel/game.rs"]
mod game;
#[path = "duel/noise.rs"]
mod noise;
#[path = "simulation/rate.rs"]
mod rate;

use game::{Game, STEPS};
use noise::Noise;
use plimsoll_measure::regression::Looks;
use rate::Rate;

const SEED: u64 = 20_251_125;
const NORMAL_5: Noise = Noise::Normal(0.05);

/// What became of many duels.
#[derive(Default)]
struct Outcome {
    regressed: Rate,
    regressed_by_planned: Rate,
    elsewhere: Rate,
    ok: Rate,
    peeking: Rate,
    rounds: usize,
    duels: usize,
}

impl Outcome {
    /// Duels of equal builds, but for one step that takes `slower` more at the 99th percentile.
    fn of(noise: Noise, slower: f64, duels: u64, looks: &Looks) -> Self {
        let mut outcome = Self::default();
        for duel in 0..duels {
            let game = Game::play(noise, slower, SEED, duel, looks);
            let planned = |rounds: &usize| *rounds <= 12;
            outcome.regressed.count(game.regressed.is_some());
            outcome
                .regressed_by_planned
                .count(game.regressed.as_ref().is_some_and(planned));
            outcome.elsewhere.count(game.elsewhere);
            outcome.ok.count(game.is_ok);
            outcome.peeking.count(game.peeking);
            outcome.rounds += game.rounds;
            outcome.duels += 1;
        }
        outcome
    }

    fn rounds(&self) -> f64 {
        self.rounds as f64 / self.duels as f64
    }
}

fn at_most(rate: &Rate, most: f64) -> bool {
    rate.share() <= most + 2.0 * rate.error(most)
}

#[test]
#[ignore = "ten minutes of simulation, for the tables of docs/statistics.md; a short one runs always"]
fn equal_builds_are_rarely_told_apart() {
    println!("| noise | REGRESSED | OK | rounds | REGRESSED, judged after every round |");
    for noise in Noise::ALL {
        let outcome = Outcome::of(noise, 0.0, noise.duels(), &Looks::default());
        println!(
            "| {} | {} | {} | {:.1} | {} |",
            noise.name(),
            outcome.elsewhere,
            outcome.ok,
            outcome.rounds(),
            outcome.peeking
        );
        assert!(at_most(&outcome.elsewhere, 0.05), "{}", noise.name());
    }
}

#[test]
#[ignore = "ten minutes of simulation, for the tables of docs/statistics.md; a short one runs always"]
fn slower_builds_are_found() {
    println!(
        "| noise | slower | REGRESSED within 12 rounds | within 30 | rounds | REGRESSED elsewhere |"
    );
    for noise in [
        Noise::Normal(0.03),
        NORMAL_5,
        Noise::Normal(0.1),
        Noise::Wild(0.05),
    ] {
        for percent in [5, 10, 20] {
            let slower = f64::from(percent) / 100.0;
            let outcome = Outcome::of(noise, slower, 500, &Looks::default());
            println!(
                "| {} | {percent} % | {} | {} | {:.1} | {} |",
                noise.name(),
                outcome.regressed_by_planned,
                outcome.regressed,
                outcome.rounds(),
                outcome.elsewhere
            );
            assert!(at_most(&outcome.elsewhere, 0.05), "{}", noise.name());
            let enough = outcome.regressed_by_planned.share() >= 0.9;
            assert!(noise != NORMAL_5 || percent < 10 || enough, "{percent}");
        }
    }
}

/// The same in a few seconds, with fewer duels.
#[test]
fn equal_builds_are_rarely_told_apart_by_a_few_duels() {
    let looks = Looks::new(12, 16, 0.05).unwrap();
    let outcome = Outcome::of(NORMAL_5, 0.0, 100, &looks);
    assert!(outcome.elsewhere.share() <= 0.05, "{}", outcome.elsewhere);
    // What the looks are for: without them, chance is found.
    assert!(outcome.peeking.share() >= 0.1, "{}", outcome.peeking);
}

#[test]
fn slower_builds_are_found_by_a_few_duels() {
    let looks = Looks::new(12, 12, 0.05).unwrap();
    let slower = Outcome::of(NORMAL_5, 0.1, 60, &looks);
    assert!(slower.regressed.share() >= 0.9, "{}", slower.regressed);
    let much = Outcome::of(NORMAL_5, 0.2, 60, &looks);
    assert!(much.regressed.share() >= 0.98, "{}", much.regressed);
    assert!(much.elsewhere.share() <= 0.05, "{}", much.elsewhere);
    assert_eq!(STEPS, 5);
}

//! The rounds of a duel on disk: a line each, written as soon as both turns are over.

use super::settings::Settings;
use crate::failure::Failure;
use crate::journal::{self, Journal, Kind};
use jiff::Timestamp;
use plimsoll_measure::regression::Reading;
use plimsoll_report::document::Source;
use serde::{Deserialize, Serialize};
use std::path::Path;

const KIND: Kind = Kind {
    schema: "plimsoll.duel.rounds/1",
    name: journal::ROUNDS,
    what: "a duel",
};

/// A line after the first.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Round(Box<Round>),
    /// It was judged for good, and cannot go on.
    Ended,
}

/// A round.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Round {
    /// Which one, from 1.
    pub number: usize,
    /// Who came first: `AB`, `BA`, or `A|B` where both were at once.
    pub order: String,
    pub seed: u64,
    pub a: Turn,
    pub b: Turn,
}

/// What a build showed in a round.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Turn {
    pub started_at: Timestamp,
    /// Why it may not be believed; empty if it may.
    pub spoilt_by: Vec<String>,
    /// How often its process ended by itself and was started again.
    pub restarts: usize,
    /// Requests asked for.
    pub intended: u64,
    /// The same by step.
    #[serde(default)]
    pub intended_by_step: Vec<u64>,
    /// Those that ended well.
    pub ok: u64,
    /// By step and metric.
    pub readings: Vec<Vec<Stored>>,
}

/// A reading, infinite ones included, which JSON has no number for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stored {
    Missing,
    Infinite,
    Value(f64),
    Share { count: u64, n: u64 },
}

impl From<Stored> for Reading {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Missing => Self::Missing,
            Stored::Infinite => Self::Value(f64::INFINITY),
            Stored::Value(value) => Self::Value(value),
            Stored::Share { count, n } => Self::Share { count, n },
        }
    }
}

impl Round {
    /// Whether it counts: neither turn was spoilt.
    pub(super) fn is_valid(&self) -> bool {
        self.a.spoilt_by.is_empty() && self.b.spoilt_by.is_empty()
    }
}

/// The rounds so far, and where they are kept.
pub(super) struct Rounds {
    pub journal: Journal<Settings>,
    pub all: Vec<Round>,
    /// Whether it was judged for good, and cannot go on.
    pub are_over: bool,
}

impl Rounds {
    /// Begins a file in a folder.
    pub(super) fn begin(
        folder: &Path,
        settings: Settings,
        sources: Vec<Source>,
        started_at: Timestamp,
    ) -> Result<Self, Failure> {
        let journal = Journal::begin(KIND, folder, settings, sources, started_at)?;
        Ok(Self {
            journal,
            all: Vec::new(),
            are_over: false,
        })
    }

    /// Takes a file up again.
    pub(super) fn resume(folder: &Path) -> Result<Self, Failure> {
        let (journal, lines) = Journal::resume(KIND, folder)?;
        let mut all: Vec<Round> = Vec::new();
        let mut are_over = false;
        for line in lines {
            match line {
                Line::Round(round) if round.number == all.len() + 1 && !are_over => {
                    all.push(*round);
                }
                Line::Round(round) => {
                    return Err(journal.cannot_go_on(&format!(
                        "round {} stands where round {} belongs, so that it is not known which rounds count; begin another duel",
                        round.number,
                        all.len() + 1
                    )));
                }
                Line::Ended => are_over = true,
            }
        }
        Ok(Self {
            journal,
            all,
            are_over,
        })
    }

    /// The rounds that count.
    pub(super) fn valid(&self) -> impl Iterator<Item = &Round> + Clone {
        self.all.iter().filter(|round| round.is_valid())
    }

    /// Keeps a round.
    pub(super) fn add(&mut self, round: Round) -> Result<(), Failure> {
        self.journal.append(&Line::Round(Box::new(round.clone())))?;
        self.all.push(round);
        Ok(())
    }

    /// Notes that it is judged for good.
    pub(super) fn end(&mut self) -> Result<(), Failure> {
        if !self.are_over {
            self.journal.append(&Line::Ended)?;
            self.are_over = true;
        }
        Ok(())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::settings::tests::settings;
    use super::*;

    /// A round with so many requests of its two steps in the turn of B.
    pub(crate) fn round(number: usize, steps: [u64; 2]) -> Round {
        let turn = |steps: &[u64]| Turn {
            started_at: Timestamp::UNIX_EPOCH,
            spoilt_by: Vec::new(),
            restarts: 0,
            intended: steps.iter().sum(),
            intended_by_step: steps.to_vec(),
            ok: 0,
            readings: Vec::new(),
        };
        Round {
            number,
            order: "AB".to_owned(),
            seed: 1,
            a: turn(&[5000, 5000]),
            b: turn(&steps),
        }
    }

    #[test]
    fn rounds_are_taken_up_in_order_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let begin = || Rounds::begin(folder.path(), settings(), Vec::new(), Timestamp::UNIX_EPOCH);
        let mut rounds = begin().unwrap();
        rounds.add(round(1, [1, 2])).unwrap();
        rounds.add(round(2, [3, 4])).unwrap();
        drop(rounds);
        let mut again = Rounds::resume(folder.path()).unwrap();
        assert_eq!(again.all, [round(1, [1, 2]), round(2, [3, 4])]);
        assert!(!again.are_over);
        again.end().unwrap();
        again.end().unwrap();
        drop(again);
        let mut over = Rounds::resume(folder.path()).unwrap();
        assert_eq!((over.all.len(), over.are_over), (2, true));
        // As if two had gone on with it at once.
        over.add(round(2, [3, 4])).unwrap();
        drop(over);
        let told = Rounds::resume(folder.path()).map(|_| ()).unwrap_err();
        assert!(
            told.to_string()
                .contains("round 2 stands where round 3 belongs"),
            "{told}"
        );
    }

    #[test]
    fn readings_survive_the_file() {
        for stored in [
            Stored::Missing,
            Stored::Infinite,
            Stored::Value(1.25e6),
            Stored::Share { count: 1, n: 3 },
        ] {
            let text = serde_json::to_string(&stored).unwrap();
            assert_eq!(serde_json::from_str::<Stored>(&text).unwrap(), stored);
        }
        assert_eq!(
            Reading::from(Stored::Infinite),
            Reading::Value(f64::INFINITY)
        );
    }
}

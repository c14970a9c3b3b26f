//! `duel.json`: two builds that took turns, and what that shows.
//!
//! Wire types, like those of `run.json`: keys may be added and are never renamed within a schema
//! version, and `null` stands where there is no number, or none that is finite.

mod page;
mod sentence;

use std::io;

use jiff::Timestamp;
use plimsoll_measure::regression;
use serde::{Deserialize, Serialize};

use crate::document::{Circumstances, Engine, Notice, Source};

pub use page::page;
pub use sentence::sentence;

/// The schema that this crate writes.
pub const SCHEMA: &str = "plimsoll.duel/1";

/// A duel: the whole of `duel.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Duel {
    /// [`SCHEMA`].
    pub schema: String,
    /// The scenario's name.
    pub name: String,
    /// Whether it went to its end; an interrupted duel is not judged, for it can go on.
    pub status: Status,
    /// What follows from it.
    pub verdict: DuelVerdict,
    /// Whether both builds are one: then any regression is of the method or the machine.
    pub self_test: bool,
    /// Whether both were loaded at the same time instead of in turn.
    pub duet: bool,
    /// The build to compare with.
    pub a: Side,
    /// The build that is judged.
    pub b: Side,
    /// When it started, by the generator's wall clock.
    pub started_at: Timestamp,
    /// The load of every turn, in words.
    pub load: String,
    /// The seed of the first round; each round has the next one, for both builds.
    pub seed: u64,
    /// How long users arrive in a turn.
    pub round_ns: u64,
    /// How much of the beginning of a turn is left out.
    pub warmup_ns: u64,
    /// By which share a figure may be worse.
    pub tolerance: f64,
    /// By how much a share, such as errors, may be worse: 0.001 for a tenth of a percentage point.
    pub tolerance_of_shares: f64,
    /// How many rounds there were.
    pub rounds: Rounds,
    /// The look that it was judged at.
    pub look: Option<Look>,
    /// What is known of every figure of every step.
    pub findings: Vec<Finding>,
    /// The rounds that were left out.
    pub dropped: Vec<Dropped>,
    /// What a reader ought to know besides.
    pub notices: Vec<Notice>,
    /// The command that reproduces it, one argument an element.
    pub command: Vec<String>,
    /// What generated the load.
    pub engine: Engine,
    /// The files that it was made of.
    pub sources: Vec<Source>,
    /// Under which circumstances it was made.
    pub circumstances: Circumstances,
}

/// Whether a duel went to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It did.
    Complete,
    /// A person ended it; `--resume` goes on.
    Interrupted,
}

/// The verdict on B.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DuelVerdict {
    /// The answer; `null` where nothing was judged.
    pub outcome: Option<Outcome>,
    /// What the program exits with: 0 not worse, 20 regressed, 21 inconclusive, 22 invalid, 130
    /// interrupted.
    pub exit_code: u8,
    /// The answer and its reason in a sentence.
    pub sentence: String,
}

/// The answers there are, to a duel and to each of its figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// B is worse, and by what is tolerated or more.
    Regressed,
    /// B is not worse by as much as is tolerated.
    Ok,
    /// B is better, and by as much as is tolerated of the contrary or more.
    Improved,
    /// None of these is shown.
    Inconclusive,
    /// Too many rounds had to be left out.
    Invalid,
}

impl Outcome {
    /// What the program exits with.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Ok | Self::Improved => 0,
            Self::Regressed => 20,
            Self::Inconclusive => 21,
            Self::Invalid => 22,
        }
    }

    /// The word for people.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Regressed => "REGRESSED",
            Self::Ok => "OK",
            Self::Improved => "IMPROVED",
            Self::Inconclusive => "INCONCLUSIVE",
            Self::Invalid => "INVALID",
        }
    }
}

impl From<regression::Verdict> for Outcome {
    fn from(verdict: regression::Verdict) -> Self {
        match verdict {
            regression::Verdict::Regressed => Self::Regressed,
            regression::Verdict::Ok => Self::Ok,
            regression::Verdict::Improved => Self::Improved,
            regression::Verdict::Inconclusive => Self::Inconclusive,
        }
    }
}

/// One of the two builds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// Its URL, the command that starts it, or `demo`.
    pub what: String,
    /// Whether it was started anew for every turn.
    pub restarted: bool,
}

/// How many rounds there were. In a round both builds have a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rounds {
    /// How many were planned.
    pub planned: usize,
    /// How many there were to be at most.
    pub most: usize,
    /// How many there are to judge by.
    pub valid: usize,
    /// How many were left out, both turns of each.
    pub dropped: usize,
}

/// A number of rounds after which it was judged.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Look {
    /// After so many rounds.
    pub rounds: usize,
    /// The probability of a wrong finding in this look, over all figures.
    pub alpha: f64,
}

/// What is known of a figure of a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The journey.
    pub journey: String,
    /// The step.
    pub step: String,
    /// The figure, such as `p99`.
    pub metric: String,
    /// What it is measured in: `ns`, `share` (of 1) or `per_s`.
    pub unit: String,
    /// The verdict.
    pub verdict: Outcome,
    /// The median of A's turns.
    pub a: Option<f64>,
    /// Whether that falls among requests that did not succeed.
    #[serde(default)]
    pub a_infinite: bool,
    /// The median of B's turns.
    pub b: Option<f64>,
    /// Whether that falls among requests that did not succeed.
    #[serde(default)]
    pub b_infinite: bool,
    /// Whether `change` is a share of A (`ratio`: 0.05 for 5 % more) or B less A (`difference`).
    pub scale: Scale,
    /// From A to B, over the rounds.
    pub change: Option<f64>,
    /// Where the true change lies.
    pub interval: Option<[f64; 2]>,
    /// The smallest change that so many rounds find in four of five cases.
    pub minimum_detectable: Option<f64>,
    /// How many rounds it rests on.
    pub rounds: usize,
    /// How many rounds had no figure on one side or on both.
    pub missing: usize,
    /// How many rounds would find what is tolerated in four of five cases.
    pub rounds_needed: Option<usize>,
    /// The probability of such a change by chance, in this figure alone.
    pub p: f64,
    /// The same adjusted for all figures (Holm): decides.
    pub holm_p: f64,
    /// The same adjusted after Benjamini and Hochberg: for what may be worth a look.
    pub benjamini_hochberg_p: f64,
    /// The probability by the exact sign-flip test, which has to confirm.
    pub sign_flip_p: f64,
    /// The verdict in words.
    pub explanation: String,
}

impl Finding {
    /// The step and the figure, as people read them.
    pub fn name(&self) -> String {
        format!("{}/{} {}", self.journey, self.step, self.metric)
    }
}

/// How A and B are held against each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// By their ratio.
    Ratio,
    /// By their difference.
    Difference,
}

/// A round that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    /// Which one, from 1.
    pub round: usize,
    /// Why.
    pub reasons: Vec<String>,
}

impl Duel {
    /// Writes `duel.json`, indented, with a newline at the end.
    ///
    /// # Errors
    ///
    /// Whatever `out` answers.
    pub fn write(&self, out: &mut impl io::Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        out.write_all(b"\n")
    }
}

#[cfg(test)]
mod tests;

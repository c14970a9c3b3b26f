//! The probes of a search on disk: a line each, written as soon as it is over.

use super::settings::Settings;
use crate::failure::Failure;
use crate::journal::{self, Journal, Kind};
use jiff::Timestamp;
use plimsoll_measure::capacity::Outcome;
use plimsoll_report::document::{Probe, Source, TestDocument};
use serde::{Deserialize, Serialize};
use std::path::Path;

const KIND: Kind = Kind {
    schema: "plimsoll.capacity.probes/1",
    name: journal::PROBES,
    what: "a search",
};

/// A line after the first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Tried {
    /// How often it was judged without proof before its outcome was.
    pub extensions: usize,
    pub probe: Probe,
    /// Its test; cool-downs are none. What was judged in it is with the probe.
    #[serde(default)]
    pub test: Option<TestDocument>,
}

/// The probes so far, and where they are kept.
pub(super) struct Trials {
    pub journal: Journal<Settings>,
    pub all: Vec<Tried>,
}

impl Trials {
    /// Begins a file in a folder.
    pub(super) fn begin(
        folder: &Path,
        settings: Settings,
        sources: Vec<Source>,
        started_at: Timestamp,
    ) -> Result<Self, Failure> {
        let journal = Journal::begin(KIND, folder, settings, sources, started_at)?;
        let all = Vec::new();
        Ok(Self { journal, all })
    }

    /// Takes a file up again.
    pub(super) fn resume(folder: &Path) -> Result<Self, Failure> {
        let (journal, all) = Journal::resume(KIND, folder)?;
        Ok(Self { journal, all })
    }

    /// The probes without what is only on disk.
    pub(super) fn probes(&self) -> Vec<Probe> {
        self.all.iter().map(|tried| tried.probe.clone()).collect()
    }

    /// How many of them are tests.
    pub(super) fn tests(&self) -> usize {
        self.all.iter().filter(|tried| tried.test.is_some()).count()
    }

    /// What a search was told, in order.
    pub(super) fn outcomes(&self) -> Result<Vec<Outcome>, Failure> {
        let mut outcomes = Vec::new();
        for tried in &self.all {
            outcomes.extend(std::iter::repeat_n(Outcome::Inconclusive, tried.extensions));
            outcomes.push(outcome(&tried.probe.outcome).ok_or_else(|| {
                let name = &tried.probe.outcome;
                let problem = format!("there is no outcome `{name}`; begin anew");
                self.journal.cannot_go_on(&problem)
            })?);
        }
        Ok(outcomes)
    }

    /// Keeps a probe.
    pub(super) fn add(&mut self, tried: Tried) -> Result<(), Failure> {
        self.journal.append(&tried)?;
        self.all.push(tried);
        Ok(())
    }
}

/// The outcome of this name.
fn outcome(name: &str) -> Option<Outcome> {
    let all = [
        Outcome::Passed,
        Outcome::Failed,
        Outcome::Doubtful,
        Outcome::Inconclusive,
        Outcome::GeneratorLimited,
        Outcome::Settled,
        Outcome::NotSettled,
    ];
    all.into_iter()
        .find(|one| super::outcome::name(*one) == name)
}

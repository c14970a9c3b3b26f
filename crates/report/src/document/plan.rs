//! The plan that a run was made by: what was promised.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A readiness plan, as far as a report needs it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Its name.
    pub name: String,
    /// Its file, as it was named on the command line.
    pub file: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// By which factor every duration was shortened, of a rehearsal: it is no evidence.
    pub rehearsal: Option<f64>,
    /// The tests that were to run (`--only`); `null`: all.
    pub only: Option<Vec<String>>,
    /// When people meet to decide.
    pub meeting: Option<Timestamp>,
    /// When the release goes live: from, until.
    pub go_live: Option<[Timestamp; 2]>,
    /// Evidence older than this is none.
    pub evidence_max_age_ns: Option<u64>,
    /// Version of the release.
    pub version: Option<String>,
    /// Commit of the release.
    pub revision: Option<String>,
    /// The load that was agreed.
    pub expected: Expected,
    /// The journeys, each with its tier.
    pub journeys: Vec<PlannedJourney>,
    /// The tests of the plan, the smoke test first, whether or not they were run.
    pub tests: Vec<PlannedTest>,
    /// What may go wrong.
    pub risks: Vec<Risk>,
    /// What people let pass.
    pub waivers: Vec<Waiver>,
}

/// The load that was agreed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    /// Journeys started per second at the peak.
    pub peak_per_s: f64,
    /// The margin on top, as a share.
    pub headroom: f64,
    /// Peak plus headroom.
    pub target_per_s: f64,
    /// Where the figure comes from.
    pub source: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Who agreed.
    pub agreed_by: Vec<String>,
    /// When, as `2026-10-30`.
    pub agreed_on: Option<String>,
    /// The line of the plan.
    pub line: u32,
}

/// A journey of the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedJourney {
    /// Its name.
    pub name: String,
    /// `critical`, `important` or `nice_to_have`.
    pub tier: String,
    /// Its share of arrivals.
    pub share: f64,
    /// Who answers for it.
    pub owner: Option<String>,
}

/// A test of the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedTest {
    /// Its name.
    pub name: String,
    /// The highest rate, in journeys per second.
    pub peak_per_s: f64,
    /// How long it takes.
    pub duration_ns: u64,
    /// The line of the plan; `null` of the smoke test, which every plan has.
    pub line: Option<u32>,
    /// Whether it was run in this run.
    pub ran: bool,
}

/// Something that may go wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Risk {
    /// Its id.
    pub id: String,
    /// What it is.
    pub title: String,
    /// From 1 to 5.
    pub likelihood: u8,
    /// From 1 to 5.
    pub impact: u8,
    /// Who answers for it.
    pub owner: Option<String>,
    /// What is done about it.
    pub mitigation: Option<String>,
    /// The tests that are to show that this works.
    pub proven_by: Vec<String>,
    /// Whether all of them passed; `null` where none is named.
    pub proven: Option<bool>,
}

/// Something that people let pass.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Waiver {
    /// The item.
    pub item: String,
    /// How bad it may be at worst.
    pub ceiling: Option<String>,
    /// Why.
    pub reason: String,
    /// Who let it pass.
    pub approved_by: Vec<String>,
    /// Until when, inclusive, as `2026-12-01`.
    pub expires: String,
    /// The line of the plan.
    pub line: u32,
    /// Whether it was applied.
    pub applied: bool,
    /// Why it was not, or what it was applied to.
    pub sentence: String,
}

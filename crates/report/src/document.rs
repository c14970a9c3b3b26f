//! `run.json`: everything there is to know about a run, in the form that is stored and rendered.
//!
//! Integers are nanoseconds and counts, `null` stands where there is no data (never 0), and keys
//! may be added but are never renamed within a schema version. These are wire types: they carry
//! no behaviour beyond reading and writing. [`build`] makes one from what was measured.

pub(crate) mod build;
mod capacity;
mod circumstances;
mod course;
mod identity;
mod item;
mod latency;
mod origin;
mod plan;
mod test;
mod validity;
mod verdict;

use std::io;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use build::{TestDocument, build};
pub use capacity::{
    Capacity, EarlierSearch, Forecast, Gives, Law, Limit, NamedRelease, Need, Planning, Probe,
    ResourceUse, Scalability,
};
pub use circumstances::{Circumstances, Machine, Origin};
pub use course::{Course, Curve, Finding, Mark, Point, ResourcePoint, Resources};
pub use identity::{
    ComponentIdentity, Config, Difference, Identity, IdentityStatus, Proof, Served,
};
pub use item::{Answer, Attempt, Item, ItemState};
pub use latency::{FigureSet, Latency, Percentile};
pub use origin::{Engine, Notice, NoticeLevel, Source};
pub use plan::{Expected, Plan, PlannedJourney, PlannedTest, Risk, Waiver};
pub use test::{
    Example, Hop, Journey, Load, Model, Stage, StageFigures, Step, Test, Totals, Warmup, WarmupRule,
};
pub use validity::{Check, Validity, ValidityStatus};
pub use verdict::{Outcome, Verdict};

/// The schema that this crate writes and reads.
pub const SCHEMA: &str = "plimsoll.run/1";

/// A run: the whole of `run.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// [`SCHEMA`].
    pub schema: String,
    /// The scenario's or plan's name.
    pub name: String,
    /// Whether it ran to its end.
    pub status: Status,
    /// Why it did not, if it did not.
    pub reason: Option<String>,
    /// What follows from it.
    pub verdict: Verdict,
    /// Whether its figures may be believed.
    pub validity: Validity,
    /// Requests of all tests together.
    pub totals: Totals,
    /// When the first test started, by the generator's wall clock.
    pub started_at: Option<Timestamp>,
    /// From the start of the first test to the end of the last.
    pub duration_ns: u64,
    /// The command that reproduces the run, one argument an element.
    pub command: Vec<String>,
    /// What generated the load.
    pub engine: Engine,
    /// The files that the run was made of.
    pub sources: Vec<Source>,
    /// What a reader ought to know besides.
    pub notices: Vec<Notice>,
    /// The tests, in the order in which they ran.
    pub tests: Vec<Test>,
    /// Everything that was to be judged.
    pub items: Vec<Item>,
    /// The plan that it was made by.
    #[serde(default)]
    pub plan: Option<Plan>,
    /// Which build was tested, if the plan says which it should be.
    #[serde(default)]
    pub identity: Option<Identity>,
    /// Under which circumstances it was run, as far as they are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub circumstances: Option<Circumstances>,
    /// How much load the system bears: of a search for it, or of the run of a plan that was told of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Capacity>,
}

/// Whether a run went to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It did.
    Complete,
    /// It was ended early, by a person or by a threshold that aborts; what there is, is consistent.
    Interrupted,
    /// The generator ended without saying so; up to a second of the end is missing.
    Incomplete,
}

/// Why a `run.json` cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// It is not JSON, or not in the shape that the schema asks for.
    #[error("this is not a {SCHEMA} document: {0}")]
    Shape(#[from] serde_json::Error),
    /// It follows a schema that this version does not know.
    #[error(
        "this document follows the schema `{found}`, and this version of plimsoll reads `{SCHEMA}`: render it with the version that wrote it (`engine.version` in the document)"
    )]
    Schema {
        /// The schema it names.
        found: String,
    },
}

impl Run {
    /// Whether the run is a search for capacity, whose tests are its probes.
    pub fn is_search(&self) -> bool {
        let capacity = self.capacity.as_ref();
        capacity.is_some_and(|capacity| capacity.earlier.is_none())
    }

    /// Reads a `run.json`.
    ///
    /// # Errors
    ///
    /// [`ReadError`] if the text is not JSON, is cut off, or follows another schema.
    pub fn read(json: &str) -> Result<Self, ReadError> {
        #[derive(Deserialize)]
        struct Head {
            schema: String,
        }
        let head: Head = serde_json::from_str(json)?;
        if head.schema != SCHEMA {
            return Err(ReadError::Schema { found: head.schema });
        }
        Ok(serde_json::from_str(json)?)
    }

    /// Writes `run.json`, indented, with a newline at the end.
    ///
    /// # Errors
    ///
    /// Whatever `out` answers.
    pub fn write(&self, out: &mut impl io::Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        out.write_all(b"\n")
    }
}

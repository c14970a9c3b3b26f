//! `capacity.json`: how much load a system bears, how that was found, and what follows from it.
//!
//! Wire types, like those of `run.json`. Rates are journeys started per second unless it is said that
//! they are of requests.

mod page;

use std::io;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::document::{Circumstances, Engine, Notice, Source};

pub use page::page;

/// The schema that this crate writes.
pub const SCHEMA: &str = "plimsoll.capacity/1";

/// A search for the capacity of a system: the whole of `capacity.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CapacityRun {
    /// [`SCHEMA`].
    pub schema: String,
    /// The scenario's or plan's name.
    pub name: String,
    /// Whether the search went to its end; if not, `--resume` goes on.
    pub complete: bool,
    /// What the program exits with: 0 found, 20 nothing is borne or less than was promised, 21 not
    /// settled or not confirmed, 22 the generator was the limit before anything passed, 130
    /// interrupted.
    pub exit_code: u8,
    /// What was found, in a sentence.
    pub sentence: String,
    /// What a rate has to meet to be borne, such as `p99 < 400ms`, with what it is about.
    pub objectives: Vec<String>,
    /// What was found.
    pub capacity: Capacity,
    /// How throughput grows with concurrency.
    pub scalability: Scalability,
    /// What a request costs, where the target's processors are known.
    pub resources: Option<ResourceUse>,
    /// Whether it will be enough, where a peak is known.
    pub planning: Option<Planning>,
    /// When the search started, by the generator's wall clock.
    pub started_at: Timestamp,
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

/// What a search found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Capacity {
    /// The highest rate that may be relied on; `null` if none may.
    pub sustained_rate: Option<f64>,
    /// Whether the true capacity may be far higher: nothing above was shown to be too much.
    pub at_least: bool,
    /// The lowest rate that was not borne; `null` if all were.
    pub upper_rate: Option<f64>,
    /// Whether that was shown to be too much; if not, it was only not shown to be borne.
    pub upper_is_proven: bool,
    /// Who could do no more: `null` if neither was found to be at its limit.
    pub limited_by: Option<Limit>,
    /// The highest rate that passed a short probe.
    pub probed_rate: Option<f64>,
    /// Whether the system comes back to the sustained rate from overload; `null` if it was not tried
    /// or cannot be told.
    pub comes_back: Option<bool>,
    /// Why the search ended: `confirmed`, `most`, `generator_limited`, `nothing_passed`,
    /// `not_confirmed`, `not_settled`, or `open` if it did not.
    pub end: String,
    /// Everything that was tried, in order.
    pub probes: Vec<Probe>,
}

/// Who could do no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// The system under test.
    Target,
    /// What loads it.
    Generator,
}

/// A rate that was tried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// `probe`, `confirm`, `from_above` or `cool_down`.
    pub kind: String,
    /// The rate.
    pub rate: f64,
    /// `passed`, `failed`, `inconclusive`, `generator_limited`, `settled` or `not_settled`.
    pub outcome: String,
    /// How long it was held before it was measured.
    pub trimmed_ns: u64,
    /// How long it was measured.
    pub measured_ns: u64,
    /// Requests that ended well, a second.
    pub throughput: Option<f64>,
    /// Requests in flight on average: throughput times mean response time (Little's law).
    pub in_flight: Option<f64>,
    /// The median response time over all requests.
    pub p50_ns: Option<u64>,
    /// The same at 95 of 100.
    pub p95_ns: Option<u64>,
    /// The same at 99 of 100.
    pub p99_ns: Option<u64>,
    /// Whether the last falls among requests that did not succeed.
    #[serde(default)]
    pub p99_infinite: bool,
    /// Share of requests that did not end well.
    pub errors: Option<f64>,
    /// Processors that the target used on average.
    pub processors: Option<f64>,
    /// Why the outcome is what it is.
    pub reason: String,
}

/// How throughput (requests per second) grows with concurrency (requests in flight).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Scalability {
    /// The universal scalability law through the probes.
    pub law: Option<Law>,
    /// Why there is none.
    pub law_refused: Option<String>,
    /// The concurrency at which throughput is highest.
    pub n_max: Option<f64>,
    /// Throughput there, in requests per second.
    pub x_max: Option<f64>,
    /// Why the peak is not told.
    pub peak_refused: Option<String>,
}

/// The universal scalability law.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Law {
    /// Contention.
    pub alpha: f64,
    /// Coherency.
    pub beta: f64,
    /// Requests per second of a single one at a time.
    pub gamma: f64,
    /// The standard deviation of probes around it, in requests per second.
    pub deviation: f64,
    /// How many probes it rests on.
    pub points: usize,
}

/// What a request costs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ResourceUse {
    /// Where the figures come from.
    pub source: String,
    /// Processor time of a request, in seconds; `null` if it cannot be told.
    pub processor_s_per_request: Option<f64>,
    /// Where that lies with 95 % confidence.
    pub interval: Option<[f64; 2]>,
    /// Processors that are used without any request.
    pub idle_processors: Option<f64>,
    /// Processors that the sustained rate needs.
    pub processors_at_sustained: Option<f64>,
    /// Processors that the agreed load needs.
    pub processors_at_target: Option<f64>,
    /// Why something is not told.
    pub refused: Option<String>,
}

/// Whether it will be enough.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Planning {
    /// The peak, in journeys per second.
    pub peak: f64,
    /// What is to be borne: the peak with what was agreed on top.
    pub target: f64,
    /// How much more than the peak is borne, as a share of it.
    pub headroom: Option<f64>,
    /// Up to which share the capacity is to be used.
    pub utilisation: f64,
    /// By which share the peak grows every month, if that was said.
    pub growth: Option<f64>,
    /// In how many months the peak reaches that share; 0: it has already, `null`: never, or nobody
    /// said how it grows.
    pub months_left: Option<f64>,
    /// How many of what was tested bear the target at that share.
    pub instances: Option<u64>,
}

impl CapacityRun {
    /// Writes `capacity.json`, indented, with a newline at the end.
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

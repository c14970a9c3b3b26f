//! How much load a system bears, how that was found, and what follows from it.
//!
//! Rates are journeys started per second unless it is said that they are of requests.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Item;

/// What a search for capacity found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Capacity {
    /// Whether the search went to its end; if not, `--resume` goes on.
    pub complete: bool,
    /// What was found, in a sentence.
    pub sentence: String,
    /// What a rate has to meet to be borne, such as `p99 < 400ms`, with what it is about.
    pub objectives: Vec<String>,
    /// The highest rate that may be relied on; `null` if none may.
    pub sustained_rate: Option<f64>,
    /// Whether the sustained rate is a bound from below alone: no rate was shown to be too much, or the generator
    /// was the limit before both ends met.
    pub at_least: bool,
    /// The lowest rate that was not borne; `null` if all were.
    pub upper_rate: Option<f64>,
    /// Whether that was shown to be too much; if not, it was only not shown to be borne.
    pub upper_is_proven: bool,
    /// The lowest rate that was shown to be too much, which may be above `upper_rate`; `null` if none was.
    #[serde(default)]
    pub refuted_rate: Option<f64>,
    /// Who could do no more: `null` if neither was shown to be at its limit.
    pub limited_by: Option<Limit>,
    /// The highest rate that passed a short probe.
    pub probed_rate: Option<f64>,
    /// The lowest rate tried from which on goodput grows no more, within 5 %; `null` if it grew up to
    /// the highest.
    pub knee_rate: Option<f64>,
    /// Whether the system comes back to the sustained rate from `upper_rate`; `null` if it was not tried
    /// or cannot be told.
    pub comes_back: Option<bool>,
    /// Why the search ended: `confirmed`, `most`, `generator_limited`, `nothing_passed`,
    /// `not_confirmed`, `not_settled`, or `open` if it did not.
    pub end: String,
    /// Everything that was tried, in order.
    pub probes: Vec<Probe>,
    /// What stopped holding as the rate grew, the first first.
    pub gives: Vec<Gives>,
    /// How throughput grows with concurrency.
    pub scalability: Scalability,
    /// What a request costs, where the target's processors are known.
    pub resources: Option<ResourceUse>,
    /// Whether it will be enough.
    pub planning: Planning,
    /// The release that the plan of the search names, which the search did not prove.
    pub release: Option<NamedRelease>,
    /// The search that it was taken from, in the run of a plan; `null` in the run of the search itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier: Option<EarlierSearch>,
}

impl Capacity {
    /// The lowest rate that was shown to be too much, also in documents that only say whether the lowest rate that
    /// was not borne was.
    pub fn too_much(&self) -> Option<f64> {
        let upper = self.upper_rate.filter(|_| self.upper_is_proven);
        self.refuted_rate.or(upper)
    }

    /// The lowest rate that was not borne, where it was not shown to be too much.
    pub(crate) fn not_proven(&self) -> Option<f64> {
        self.upper_rate.filter(|_| !self.upper_is_proven)
    }
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
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// `probe`, `confirm`, `from_above` or `cool_down`.
    pub kind: String,
    /// Its test in the run of the search; cool-downs are none.
    pub test: Option<String>,
    /// The rate.
    pub rate: f64,
    /// `passed`, `failed`, `doubtful` (it failed, but the generator had a hitch), `inconclusive`, `generator_limited`, `settled` or `not_settled`.
    pub outcome: String,
    /// How long it was held before it was measured.
    pub trimmed_ns: u64,
    /// How long it was measured.
    pub measured_ns: u64,
    /// Requests that ended well, a second, while the rate was offered.
    pub throughput: Option<f64>,
    /// Journeys that were served well and in time, a second: the rate times the share of journeys that ended well
    /// times the share of requests in time among those that ended well.
    pub goodput: Option<f64>,
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
    /// How each objective went.
    pub objectives: Vec<Item>,
}

/// Something that held at low rates and did not at a higher one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gives {
    /// The journey; `null`: all requests.
    pub journey: Option<String>,
    /// The step; `null`: all of the journey.
    pub step: Option<String>,
    /// What did not hold, such as `p99 < 400ms`.
    pub expression: String,
    /// Whether it is an objective of the search; otherwise a step that an objective is about among
    /// others was held against its limit, as measured and without judging.
    pub is_objective: bool,
    /// Whether it was shown not to hold, of an objective; otherwise it was only not shown to hold.
    pub is_proven: bool,
    /// The highest rate below at which it held.
    pub held_at: Option<f64>,
    /// The lowest rate at which it did not.
    pub missed_at: f64,
    /// The latency there.
    pub observed_ns: Option<u64>,
    /// The share there.
    pub observed: Option<f64>,
    /// The latency falls among requests that did not succeed.
    pub observed_infinite: bool,
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
    /// Concurrency and throughput by the law, from one request in flight to twice what was measured:
    /// it is not told beyond.
    pub curve: Vec<(f64, f64)>,
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
    /// Requests of a journey, as they were in the probes that passed.
    pub requests_per_journey: Option<f64>,
    /// The highest rate measured; processors are not told beyond twice that.
    pub measured_rate: Option<f64>,
    /// Processors that the sustained rate needs.
    pub processors_at_sustained: Option<f64>,
    /// Processors that the agreed load needs.
    pub processors_at_target: Option<f64>,
    /// Why something is not told.
    pub refused: Option<String>,
}

/// Whether it will be enough.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Planning {
    /// The peak; `null`: nobody said.
    pub peak: Option<f64>,
    /// What is to be borne: the peak with what was agreed on top.
    pub target: Option<f64>,
    /// How much more than the peak is borne, as a share of it.
    pub headroom: Option<f64>,
    /// Up to which share the capacity is to be used.
    pub utilisation: f64,
    /// By which share the peak grows every month, if that was said.
    pub growth: Option<f64>,
    /// In how many months the peak reaches that share; 0: it has already, `null`: never, or nobody
    /// said how it grows.
    pub months_left: Option<f64>,
    /// How many instances of what was tested bear the agreed load at that utilisation, spares apart.
    pub instances: Option<u64>,
    /// The peaks of months to come: by the growth that was said, or else by several that are assumed.
    pub forecasts: Vec<Forecast>,
    /// What other loads need.
    pub needs: Vec<Need>,
}

/// The peaks of months to come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// By which share the peak grows every month.
    pub growth: f64,
    /// Whether nobody said so.
    pub is_assumed: bool,
    /// In how many months the peak reaches the share of the capacity that is to be used; 0: it has
    /// already, `null`: never.
    pub months_left: Option<f64>,
    /// The peak now, in one month, in two, and so on.
    pub peaks: Vec<f64>,
}

/// What a load needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Need {
    /// Which load it is: `peak`, `target`, `twice_the_peak`.
    pub of: String,
    /// The load.
    pub rate: f64,
    /// Up to which share instances and processors are to be used.
    pub utilisation: f64,
    /// How many instances of what was tested bear it, spares apart.
    pub instances: Option<u64>,
    /// How many processors bear it; `null` where nobody knows what a request costs, or far beyond what
    /// was measured.
    pub processors: Option<f64>,
}

/// A release by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedRelease {
    /// Its version.
    pub version: String,
    /// Its revision.
    pub revision: Option<String>,
}

/// A search of its own whose result stands in the run of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierSearch {
    /// The folder of its run.
    pub folder: String,
    /// What was searched: a scenario or a plan by its name.
    pub name: String,
    /// When it started.
    pub started_at: Option<Timestamp>,
    /// How much earlier that was than the run; `null` where it was not earlier, or nobody knows.
    pub age_ns: Option<u64>,
    /// In what it differs from the run, so that its figures may be others here.
    pub differences: Vec<String>,
    /// What nobody knows to be the same.
    pub unknown: Vec<String>,
}

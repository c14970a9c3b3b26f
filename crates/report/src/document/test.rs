//! One test of a run: what was driven, and what came back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Course, Curve, Finding, Latency, Mark, Resources};

/// The ledger: `intended = ok + failed + shed + timeout + dropped + in_flight_at_end`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// What the schedule asked for.
    pub intended: u64,
    /// Ended as expected.
    pub ok: u64,
    /// Went wrong.
    pub failed: u64,
    /// Refused on purpose.
    pub shed: u64,
    /// Not answered in time.
    pub timeout: u64,
    /// Never sent: the generator gave it up.
    pub dropped: u64,
    /// Unanswered when the grace time was over.
    pub in_flight_at_end: u64,
}

impl Totals {
    /// All counts, in their order.
    pub fn counts(&self) -> [u64; 7] {
        [
            self.intended,
            self.ok,
            self.failed,
            self.shed,
            self.timeout,
            self.dropped,
            self.in_flight_at_end,
        ]
    }

    /// Everything that the ledger accounts for; the same as `intended` if it balances.
    pub fn accounted(&self) -> u64 {
        self.ok + self.failed + self.shed + self.timeout + self.dropped + self.in_flight_at_end
    }
}

/// One test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Test {
    /// Its name, unique in the run.
    pub name: String,
    /// Whether users arrive whatever the system does, or come back only when they are served.
    pub model: Model,
    /// How arrivals are spaced, of an open model: `even` or `poisson`.
    pub arrivals: Option<String>,
    /// How many users there are, of a closed model.
    pub users: Option<u64>,
    /// The least time between two journeys of a user, of a closed model.
    pub pacing_ns: Option<u64>,
    /// The seed of everything random in it.
    pub seed: Option<u64>,
    /// The load that was planned, of an open model.
    pub load: Option<Load>,
    /// When its clock was started, since the start of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_ns: Option<u64>,
    /// How long it was meant to take.
    pub planned_ns: Option<u64>,
    /// How long it took.
    pub elapsed_ns: u64,
    /// Whether it was given up or interrupted before its end, so that its figures are of a part: of a test of a plan.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut_short: bool,
    /// Journeys started a second by the schedule, over the whole test.
    pub offered_rate: Option<f64>,
    /// Journeys that came to an end a second, until the last answer.
    pub achieved_rate: Option<f64>,
    /// Correct answers that came in time, a second, to requests intended while users arrived.
    #[serde(default)]
    pub goodput_rate: Option<f64>,
    /// What was left out of response times and of what was judged. Counts are of everything.
    #[serde(default)]
    pub warmup: Warmup,
    /// Its requests.
    pub totals: Totals,
    /// Requests among those that were ok that were answered too late to be worth anything.
    #[serde(default)]
    pub late: u64,
    /// Why requests did not succeed, by kind.
    pub errors: BTreeMap<String, u64>,
    /// Response times over all requests that were intended; one without success is infinitely slow.
    pub response: Latency,
    /// Response times of successes alone.
    pub response_ok: Latency,
    /// The generator's own lateness.
    pub dispatch_lag: Latency,
    /// The stages, of a load that has several.
    #[serde(default)]
    pub stages: Vec<StageFigures>,
    /// The journeys, in file order.
    pub journeys: Vec<Journey>,
    /// What some of the failures looked like.
    pub examples: Vec<Example>,
    /// The test over time.
    #[serde(default)]
    pub course: Course,
    /// Response times of successes, quantile by quantile.
    #[serde(default)]
    pub curve: Curve,
    /// What happened to the system and to the load, in order.
    #[serde(default)]
    pub marks: Vec<Mark>,
    /// How the system degraded and recovered.
    #[serde(default)]
    pub findings: Vec<Finding>,
    /// The target's own processes.
    #[serde(default)]
    pub resources: Vec<Resources>,
}

/// Who decides when the next journey starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Model {
    /// The schedule.
    Open,
    /// The system under test, by answering.
    Closed,
}

/// The load of an open model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Load {
    /// What was agreed, in journeys a second.
    pub expected_per_s: Option<f64>,
    /// The margin on top, as a share of what was agreed.
    pub headroom: Option<f64>,
    /// What the test aims at, in journeys a second.
    pub target_per_s: Option<f64>,
    /// The shape, one stage after the other.
    pub stages: Vec<Stage>,
}

/// A stretch of a test in which the rate is constant or changes evenly.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// The rate it starts at.
    pub from_per_s: f64,
    /// The rate it ends at.
    pub to_per_s: f64,
    /// How long it takes.
    pub duration_ns: u64,
}

/// The beginning of a test that is left out of response times and of what is judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warmup {
    /// Until when, since the start of the test; 0 where nothing is left out.
    pub until_ns: u64,
    /// By which rule.
    pub rule: WarmupRule,
    /// Why it was not estimated, if it was not.
    pub reason: Option<String>,
}

/// How the end of a warm-up is found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WarmupRule {
    /// It was said beforehand.
    Declared,
    /// By MSER-5 on the medians of intervals.
    Estimated,
    /// It is not looked for, and nothing is left out.
    #[default]
    None,
}

/// What came back of the requests that were intended in a stage of the load.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageFigures {
    /// Its start, since that of the test.
    pub from_ns: u64,
    /// Its end.
    pub until_ns: u64,
    /// Its requests.
    pub totals: Totals,
    /// Those among the ok ones that were late.
    pub late: u64,
    /// Their response times; one without success is infinitely slow.
    pub response: Latency,
    /// The same of successes alone.
    pub response_ok: Latency,
}

/// A journey. Its totals count journeys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Journey {
    /// Its name, unique in the test.
    pub name: String,
    /// How its journeys ended.
    pub totals: Totals,
    /// Those among the ok ones that were late.
    #[serde(default)]
    pub late: u64,
    /// Why they did not succeed, by kind.
    pub errors: BTreeMap<String, u64>,
    /// Times from the intended start to the end of the last step, think times taken out, over all
    /// that were intended; one without success is infinitely slow.
    pub response: Latency,
    /// The same of successes alone.
    pub response_ok: Latency,
    /// Times of successes with think times left in; of journeys that think.
    pub duration: Latency,
    /// Its steps, in file order.
    pub steps: Vec<Step>,
}

/// A step of a journey. Its totals count requests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Its name, unique in the journey.
    pub name: String,
    /// How its requests ended.
    pub totals: Totals,
    /// Those among the ok ones that were late.
    #[serde(default)]
    pub late: u64,
    /// Why they did not succeed, by kind.
    pub errors: BTreeMap<String, u64>,
    /// Responses by status.
    pub statuses: BTreeMap<String, u64>,
    /// Response times over all requests that were intended, from the instant each was intended;
    /// one without success is infinitely slow.
    pub response: Latency,
    /// The same of successes alone.
    pub response_ok: Latency,
    /// Times from the first byte written to the last byte read.
    pub service: Latency,
    /// Times from the first byte written to the first byte read.
    pub ttfb: Latency,
    /// TCP connects.
    pub connect: Latency,
    /// TLS handshakes.
    pub tls: Latency,
    /// Name look-ups.
    pub dns: Latency,
    /// Waits for a connection.
    pub conn_wait: Latency,
    /// The generator's own lateness.
    pub dispatch_lag: Latency,
    /// Bytes of response bodies as received.
    pub body_bytes: u64,
    /// Attempts after the first: requests that were sent and that nobody had asked for.
    #[serde(default)]
    pub retries: u64,
    /// The hops of a step that follows redirects.
    pub hops: Vec<Hop>,
}

/// One hop of a step that follows redirects; hop 0 is the request itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    /// Which one.
    pub hop: u8,
    /// Responses by status.
    pub statuses: BTreeMap<String, u64>,
    /// Response times of the hop by itself, where it was answered.
    pub response_ok: Latency,
}

/// What one failure looked like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// The journey it was in.
    pub journey: String,
    /// The step it was in.
    pub step: String,
    /// Its kind, as in `errors`.
    pub kind: String,
    /// When it was intended, since the start of the test.
    pub at_ns: u64,
    /// The response's status, if there was one.
    pub status: Option<u16>,
    /// What was wrong.
    pub message: String,
    /// Request line, headers and body, with secrets masked.
    pub request: Option<String>,
    /// Status line and headers of the response, with secrets masked.
    pub response: Option<String>,
    /// The start of the response's body, with secrets masked.
    pub body: Option<String>,
}

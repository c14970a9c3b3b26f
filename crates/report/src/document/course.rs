//! A test in the course of time: for charts, and for what only shows over time.

use serde::{Deserialize, Serialize};

/// A test over time, in stretches of equal length: one second in short tests, longer ones in long
/// tests, so that there are never more than a thousand.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Course {
    /// The length of a stretch.
    pub width_ns: u64,
    /// The stretches, from the start on.
    pub points: Vec<Point>,
}

/// A stretch of a test: requests by their intended time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Journeys that the schedule asked for.
    pub arrivals: u64,
    /// Requests that were intended.
    pub intended: u64,
    /// Requests that ended well.
    pub ok: u64,
    /// Those among them that were in time.
    pub good: u64,
    /// Refused on purpose.
    pub shed: u64,
    /// Wrong.
    pub failed: u64,
    /// Not answered in time.
    pub timeout: u64,
    /// Never sent.
    pub dropped: u64,
    /// Median response time of successes.
    pub p50_ns: Option<u64>,
    /// The same at p95.
    pub p95_ns: Option<u64>,
    /// The same at p99.
    pub p99_ns: Option<u64>,
    /// The largest.
    pub max_ns: Option<u64>,
}

/// Something that happened at an instant: an injection, its undo, a jump of the load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// When, since the start of the test.
    pub at_ns: u64,
    /// What sort: `inject`, `undo`, `jump`, `release`, `restart`.
    pub kind: String,
    /// What happened, in a few words.
    pub text: String,
}

/// A figure of how the system degraded and recovered: one line for the meeting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What it is, such as `recovery`, `objective`, `collapse_ratio`, `clients_harmed`, `isolation/critical`,
    /// `first_shed/nice_to_have`, `metastable`, `served_within`, `drift/p95`.
    pub name: String,
    /// A duration.
    pub ns: Option<u64>,
    /// A share, ratio or rate.
    pub value: Option<f64>,
    /// `ns`, `share`, `ratio`, `per_s` or `count`.
    pub unit: String,
    /// What that means, in a sentence.
    pub sentence: String,
}

/// What was seen of the target's own processes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resources {
    /// Who: `process 1234 (./server)` or `metrics http://…`.
    pub source: String,
    /// How often it was started again meanwhile.
    pub restarts: u64,
    /// Over time, at most a thousand points.
    pub points: Vec<ResourcePoint>,
}

/// The target at an instant.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ResourcePoint {
    /// When, since the start of the test.
    pub at_ns: u64,
    /// Processors in use since the point before: 1.5 is one and a half.
    pub processors: Option<f64>,
    /// Resident memory.
    pub rss_bytes: Option<u64>,
    /// Open file descriptors.
    pub descriptors: Option<u64>,
}

/// A percentile curve by the axis of HdrHistogram: how many nines, and the response time there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// Points with ascending quantile: quantile of 1, and nanoseconds; failures are left out, see `failed_from`.
    pub points: Vec<(f64, u64)>,
    /// The quantile from which on requests did not end well; `null` where all did.
    pub failed_from: Option<f64>,
}

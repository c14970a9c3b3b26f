//! Which keys a scenario and a readiness plan have and what they hold: one table per kind of map. The decoder refuses
//! every key that is not in them and the JSON Schema is generated from them, so that the two
//! cannot differ.

mod load;
mod openslo;
mod plan;
mod request;
mod scenario;
mod schema;
mod steps;

pub(crate) use load::{LOAD, STAGE};
pub(crate) use openslo::{DOCUMENT, INDICATOR, METADATA, OBJECTIVE, RATIO, SLI, SLO, TIME_WINDOW};
pub(crate) use plan::{
    AGREEMENT, ALLOWED, BASELINE, BASELINE_THRESHOLD, CHECKLIST, COMPONENT, CONFIG, DECISION,
    DRIFT, EXPECTATIONS, EXPECTED_LOAD, GO_LIVE, IDENTITY, INJECTION, METRICS, OWN_TARGET, PLAN,
    PLANNED_THRESHOLD, PROMISE, RELEASE, RISK, SERVED, SHED_EXPECTATION, STEP_PROMISE, TEST, TIER,
    TIERS, WAIVER,
};
pub(crate) use request::{
    BASIC_AUTH, BODY_TEST, CAPTURE, EXPECT, HEADER_TEST, JSON_TEST, PART, REQUEST, RETRY,
};
pub(crate) use scenario::{
    CLIENTS, CONNECTIONS, DATA, DEFAULTS, JOURNEY, POOLED, SCENARIO, SECRET, SHED, TARGET, TLS,
};
pub use schema::{plan_schema, schema};
pub(crate) use steps::{
    EXPONENTIAL, GROUP, IF, NORMAL, PARALLEL, REPEAT, ROUNDS, THINK, THINK_TIME,
};

/// The keys of one kind of map.
pub(crate) struct Table {
    /// What such a map is, for messages and as the schema's definition: `target`.
    pub(crate) name: &'static str,
    /// What it says.
    pub(crate) about: &'static str,
    /// Its keys.
    pub(crate) keys: &'static [Key],
}

/// A key of a map.
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) required: bool,
    pub(crate) shape: Shape,
    pub(crate) about: &'static str,
}

/// What a key may hold.
pub(crate) enum Shape {
    /// Text.
    Text,
    /// Text with `{{ }}` parts.
    Template,
    /// `250ms`, `2s`, `5m`, `8h`, `7d`.
    Duration,
    /// `120/s`, `4/min`.
    Rate,
    /// `30%`.
    Share,
    /// `2026-11-18T14:00:00Z`.
    Timestamp,
    /// `2026-10-30`.
    Date,
    /// `p99 < 50ms`.
    Threshold,
    /// `< 500ms`.
    Comparison,
    /// A whole number from 0, or from 1.
    Count,
    /// A number.
    Number,
    /// `true` or `false`.
    Bool,
    /// A text, number, or truth value; texts may have `{{ }}` parts.
    Scalar,
    /// Any value; texts in it may have `{{ }}` parts.
    Anything,
    /// One of these words.
    Words(&'static [&'static str]),
    /// A map of this kind.
    Map(&'static Table),
    /// A map from names to values.
    MapOf(&'static Shape),
    /// A list.
    ListOf(&'static Shape),
    /// One of several shapes.
    Either(&'static [Shape]),
    /// A list of steps.
    Steps,
}

impl Table {
    /// The names of its keys.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.keys.iter().map(|key| key.name).collect()
    }
}

const fn key(name: &'static str, shape: Shape, about: &'static str) -> Key {
    Key {
        name,
        required: false,
        shape,
        about,
    }
}

const fn required(name: &'static str, shape: Shape, about: &'static str) -> Key {
    Key {
        name,
        required: true,
        shape,
        about,
    }
}

#[cfg(test)]
mod tests;

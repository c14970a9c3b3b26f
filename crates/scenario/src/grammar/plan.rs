//! The top of a readiness plan: what was promised, and what is to be decided.

mod people;
mod promises;
mod release;
mod tests;

pub(crate) use people::{CHECKLIST, RISK, WAIVER};
pub(crate) use promises::{PLANNED_THRESHOLD, PROMISE, STEP_PROMISE, TIER, TIERS};
pub(crate) use release::{
    ALLOWED, BASELINE, BASELINE_THRESHOLD, COMPONENT, CONFIG, IDENTITY, METRICS, OWN_TARGET,
    RELEASE,
};
pub(crate) use tests::{DRIFT, EXPECTATIONS, INJECTION, SERVED, SHED_EXPECTATION, TEST};

use super::Shape::{
    self, Date, Duration, Either, ListOf, Map, MapOf, Rate, Share, Text, Timestamp, Words,
};
use super::{Table, key, required};

/// One name or several.
const NAMES: Shape = Either(&[Text, ListOf(&Text)]);

/// Program and arguments.
const COMMAND: Shape = ListOf(&Text);

const TIER_NAMES: Shape = Words(&["critical", "important", "nice_to_have"]);

pub(crate) static PLAN: Table = Table {
    name: "plan",
    about: "What was promised of a release, and how it is tried.",
    keys: &[
        required("name", Text, "The plan's name."),
        key("description", Text, "What it is for."),
        required(
            "scenario",
            Text,
            "The file that says what users do, in the plan's folder or below. Its own load, thresholds and abort rule do not count here.",
        ),
        key(
            "decision",
            Map(&DECISION),
            "What is to be decided, and when.",
        ),
        key("release", Map(&RELEASE), "Which build is going out."),
        key(
            "target",
            Map(&OWN_TARGET),
            "The release as a program that is started for the tests, or how the demo service behaves.",
        ),
        required(
            "expected_load",
            Map(&EXPECTED_LOAD),
            "The load that was agreed.",
        ),
        key(
            "tiers",
            Map(&TIERS),
            "What holds for every journey of a tier.",
        ),
        key(
            "journeys",
            MapOf(&Map(&PROMISE)),
            "What is promised of each journey, by its name in the scenario.",
        ),
        required(
            "tests",
            ListOf(&Map(&TEST)),
            "What is tried, in order. A smoke test always goes first.",
        ),
        key(
            "settle",
            Duration,
            "How long the system is left alone between two tests. Unless stated: 5s.",
        ),
        key(
            "metrics",
            Map(&METRICS),
            "Where the target publishes its own figures.",
        ),
        key("baseline", Map(&BASELINE), "The release to compare with."),
        key("risks", ListOf(&Map(&RISK)), "What may go wrong."),
        key(
            "checklist",
            ListOf(&Map(&CHECKLIST)),
            "What people have to have done.",
        ),
        key("waivers", ListOf(&Map(&WAIVER)), "What people let pass."),
    ],
};

pub(crate) static DECISION: Table = Table {
    name: "decision",
    about: "What is to be decided, and when.",
    keys: &[
        key("meeting", Timestamp, "When people meet to decide."),
        key("go_live", Map(&GO_LIVE), "When the release goes live."),
        key(
            "evidence_max_age",
            Duration,
            "Evidence older than this, counted back from the meeting, is none.",
        ),
    ],
};

pub(crate) static GO_LIVE: Table = Table {
    name: "go-live window",
    about: "When the release goes live.",
    keys: &[
        required("start", Timestamp, "From when."),
        required("end", Timestamp, "Until when."),
    ],
};

pub(crate) static EXPECTED_LOAD: Table = Table {
    name: "expected load",
    about: "The load that was agreed. Every load of the plan can be written as a multiple of it.",
    keys: &[
        required("peak", Rate, "Journeys started per second at the peak."),
        key(
            "headroom",
            Share,
            "The margin on top; peak and headroom make the target. Unless stated: 0%.",
        ),
        key("source", Text, "Where the figure comes from."),
        key("owner", Text, "Who answers for it."),
        key("agreed", Map(&AGREEMENT), "Who agreed, and when."),
    ],
};

pub(crate) static AGREEMENT: Table = Table {
    name: "agreement",
    about: "Who agreed, and when.",
    keys: &[
        required("by", NAMES, "Who agreed."),
        key("on", Date, "When they did."),
    ],
};

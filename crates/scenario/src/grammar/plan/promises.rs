//! Tiers and journeys: what is promised.

use super::super::Shape::{self, Bool, Either, ListOf, Map, MapOf, Text, Threshold};
use super::super::{Table, key, required};
use super::{NAMES, TIER_NAMES};

/// A threshold, or a map of a strict and a lenient one.
const PLANNED: Shape = Either(&[Threshold, Map(&PLANNED_THRESHOLD)]);

/// One threshold or several.
const THRESHOLDS: Shape = Either(&[Threshold, Map(&PLANNED_THRESHOLD), ListOf(&PLANNED)]);

pub(crate) static PLANNED_THRESHOLD: Table = Table {
    name: "threshold",
    about: "A threshold with more to say: `{ pass: p99 < 2s, warn: p99 < 2.5s }`.",
    keys: &[
        required("pass", Threshold, "What passes."),
        key(
            "warn",
            Threshold,
            "What passes marginally: the same metric with a more lenient limit.",
        ),
        key(
            "abort",
            Bool,
            "Whether the test is given up when it does not hold. Needs a window, such as `errors < 5% for 10s`. Unless stated: false.",
        ),
    ],
};

pub(crate) static TIERS: Table = Table {
    name: "tiers",
    about: "What holds for every journey of a tier, for metrics that neither the journey nor its SLO names.",
    keys: &[
        key(
            "critical",
            Map(&TIER),
            "Without these journeys there is no release.",
        ),
        key(
            "important",
            Map(&TIER),
            "Their failure has to be accepted by somebody.",
        ),
        key(
            "nice_to_have",
            Map(&TIER),
            "Their failure is listed as a risk.",
        ),
    ],
};

pub(crate) static TIER: Table = Table {
    name: "tier",
    about: "What holds for every journey of a tier.",
    keys: &[required(
        "thresholds",
        THRESHOLDS,
        "What must hold of each journey of the tier.",
    )],
};

pub(crate) static PROMISE: Table = Table {
    name: "journey",
    about: "What is promised of a journey.",
    keys: &[
        key(
            "tier",
            TIER_NAMES,
            "How much it matters. Unless stated: `critical`.",
        ),
        key("owner", Text, "Who answers for it."),
        key(
            "slo",
            NAMES,
            "OpenSLO v1 files, in the plan's folder or below.",
        ),
        key(
            "thresholds",
            THRESHOLDS,
            "What must hold of the journey as a whole.",
        ),
        key(
            "steps",
            MapOf(&Map(&STEP_PROMISE)),
            "What must hold of its steps, by name.",
        ),
    ],
};

pub(crate) static STEP_PROMISE: Table = Table {
    name: "step of a journey",
    about: "What is promised of a step.",
    keys: &[required(
        "thresholds",
        THRESHOLDS,
        "What must hold of this step.",
    )],
};

//! What is read of OpenSLO documents (OpenSLO v1). What is only of interest to whoever queries a
//! metric source may be anything.

use super::Shape::{Anything, Bool, Count, Either, ListOf, Map, MapOf, Number, Text, Words};
use super::{Table, key, required};

pub(crate) static DOCUMENT: Table = Table {
    name: "OpenSLO document",
    about: "An OpenSLO object.",
    keys: &[
        required("apiVersion", Words(&["openslo/v1"]), "`openslo/v1`."),
        required("kind", Text, "What it is: `SLO`, `SLI`, `Service`, …"),
        required("metadata", Map(&METADATA), "Its name."),
        key("spec", Anything, "Its content."),
    ],
};

pub(crate) static METADATA: Table = Table {
    name: "metadata",
    about: "An object's name.",
    keys: &[
        required("name", Text, "Its name."),
        key("displayName", Text, "Its name for people."),
        key("labels", MapOf(&Anything), "Labels."),
        key(
            "annotations",
            MapOf(&Anything),
            "Annotations; `plimsoll/unit: ms` says that values are milliseconds.",
        ),
    ],
};

pub(crate) static SLO: Table = Table {
    name: "SLO",
    about: "A service level objective.",
    keys: &[
        key("description", Text, "What it is for."),
        key("service", Text, "The service it belongs to."),
        key("indicator", Map(&INDICATOR), "The indicator, written here."),
        key("indicatorRef", Text, "The name of an SLI."),
        key(
            "timeWindow",
            ListOf(&Map(&TIME_WINDOW)),
            "The window of the budget.",
        ),
        required("budgetingMethod", Text, "`Occurrences`."),
        required("objectives", ListOf(&Map(&OBJECTIVE)), "What is promised."),
        key("alertPolicies", Anything, "Not read."),
    ],
};

pub(crate) static TIME_WINDOW: Table = Table {
    name: "time window",
    about: "The window of the budget.",
    keys: &[
        required("duration", Text, "How long, such as `4w`."),
        key("isRolling", Bool, "Whether it rolls."),
        key("calendar", Anything, "Where it starts otherwise."),
    ],
};

pub(crate) static OBJECTIVE: Table = Table {
    name: "objective",
    about: "What is promised.",
    keys: &[
        key("displayName", Text, "Its name for people."),
        key(
            "op",
            Words(&["lte", "lt", "gte", "gt"]),
            "How a value compares with the limit.",
        ),
        key("value", Number, "The limit."),
        key(
            "target",
            Number,
            "The share that has to be good, from 0 to 1.",
        ),
        key("targetPercent", Number, "The same in per cent."),
        key("timeSliceTarget", Number, "Of time slices."),
        key("timeSliceWindow", Either(&[Count, Text]), "Of time slices."),
    ],
};

pub(crate) static INDICATOR: Table = Table {
    name: "indicator",
    about: "A service level indicator inside an SLO.",
    keys: &[
        key("metadata", Map(&METADATA), "Its name."),
        required("spec", Map(&SLI), "How it is measured."),
    ],
};

pub(crate) static SLI: Table = Table {
    name: "SLI",
    about: "A service level indicator.",
    keys: &[
        key("description", Text, "What it is."),
        key(
            "thresholdMetric",
            Anything,
            "A metric whose values are compared with a limit.",
        ),
        key("ratioMetric", Map(&RATIO), "Good or bad over total."),
    ],
};

pub(crate) static RATIO: Table = Table {
    name: "ratio metric",
    about: "Good or bad over total, or the ratio itself.",
    keys: &[
        key("counter", Bool, "Whether the metrics are counters."),
        key("good", Anything, "What is good."),
        key("bad", Anything, "What is bad."),
        key("total", Anything, "Everything."),
        key(
            "rawType",
            Words(&["success", "failure"]),
            "What the ratio is of.",
        ),
        key("raw", Anything, "The ratio itself."),
    ],
};

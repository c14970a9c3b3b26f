//! The release: its identity, the program itself, what it publishes, and the one before.

use super::super::Shape::{Anything, Count, Duration, Either, ListOf, Map, MapOf, Scalar, Text};
use super::super::{Table, key, required};
use super::{COMMAND, TIER_NAMES};

pub(crate) static RELEASE: Table = Table {
    name: "release",
    about: "Which build is going out.",
    keys: &[
        required("version", Text, "Its version."),
        key("revision", Text, "The commit it was built from."),
        key(
            "min_sources",
            Count,
            "How many sources have to agree on each component. Unless stated: 1.",
        ),
        required("components", ListOf(&Map(&COMPONENT)), "Its parts."),
        key(
            "config",
            Map(&CONFIG),
            "Two configurations that have to be the same.",
        ),
    ],
};

pub(crate) static COMPONENT: Table = Table {
    name: "component",
    about: "A part of a release.",
    keys: &[
        required("name", Text, "Its name, unique in the plan."),
        key(
            "tier",
            TIER_NAMES,
            "How much it matters. Unless stated: `critical`.",
        ),
        key(
            "version",
            Text,
            "Its version. Unless stated: the release's.",
        ),
        key(
            "revision",
            Text,
            "Its revision. Unless stated: the release's.",
        ),
        required(
            "sources",
            ListOf(&Map(&IDENTITY)),
            "Who says which build it is.",
        ),
    ],
};

pub(crate) static IDENTITY: Table = Table {
    name: "identity source",
    about: "Who says which build is running: one of `endpoint`, `header`, `run`, `file`, `image`.",
    keys: &[
        key(
            "endpoint",
            Text,
            "A path of the default target, or a URL, that answers with the identity.",
        ),
        key(
            "header",
            Text,
            "A response header, counted on every response of the run.",
        ),
        key(
            "run",
            COMMAND,
            "A command that prints the identity, run from the plan's folder.",
        ),
        key(
            "file",
            Text,
            "A file, such as the binary; needs `sha256`. It may lie anywhere.",
        ),
        key(
            "image",
            COMMAND,
            "A command that prints the digest of an OCI image; needs `digest`.",
        ),
        key(
            "version",
            Text,
            "Where the version is in the JSON of `endpoint` or `run`: a member or a JSONPath.",
        ),
        key(
            "revision",
            Text,
            "Where the revision is in the JSON of `endpoint` or `run`.",
        ),
        key(
            "sha256",
            Text,
            "What the file's SHA-256 has to be: 64 hexadecimal digits.",
        ),
        key(
            "digest",
            Text,
            "What the image's digest has to be: `sha256:` and 64 hexadecimal digits.",
        ),
    ],
};

pub(crate) static CONFIG: Table = Table {
    name: "configuration",
    about: "Two configurations that have to be the same but for declared differences. The files may lie anywhere.",
    keys: &[
        required(
            "rendered",
            Text,
            "The file that was rendered for the release.",
        ),
        required(
            "deployed",
            Text,
            "The file that is deployed where it is tested.",
        ),
        key(
            "allowed_differences",
            ListOf(&Map(&ALLOWED)),
            "What may differ.",
        ),
    ],
};

pub(crate) static ALLOWED: Table = Table {
    name: "allowed difference",
    about: "A difference that was declared.",
    keys: &[
        required(
            "path",
            Text,
            "A JSON pointer (RFC 6901); what lies below it may differ too.",
        ),
        required("reason", Text, "Why."),
        required("owner", Text, "Who answers for it."),
    ],
};

pub(crate) static OWN_TARGET: Table = Table {
    name: "own target",
    about: "A target that is started for the tests: one of `run` and `demo`.",
    keys: &[
        key(
            "run",
            COMMAND,
            "Program and arguments, started from the plan's folder before the first test and ended after the last.",
        ),
        key(
            "ready",
            Text,
            "A path of the default target that answers 2xx when it is ready; with `run`.",
        ),
        key(
            "ready_within",
            Duration,
            "How long that may take; with `run`. Unless stated: 30s.",
        ),
        key(
            "sha256",
            Text,
            "What the program's SHA-256 has to be; with `run`.",
        ),
        key(
            "env",
            MapOf(&Scalar),
            "Environment variables of the program; with `run`.",
        ),
        key(
            "demo",
            MapOf(&Anything),
            "How the demo service behaves, if it is the scenario's target.",
        ),
    ],
};

pub(crate) static METRICS: Table = Table {
    name: "metrics source",
    about: "A Prometheus endpoint of the target, read during the tests.",
    keys: &[
        required("url", Text, "A path of the default target, or a URL."),
        key(
            "rss",
            Text,
            "Resident memory in bytes. Unless stated: `process_resident_memory_bytes`.",
        ),
        key(
            "cpu",
            Text,
            "CPU time used, in seconds. Unless stated: `process_cpu_seconds_total`.",
        ),
        key(
            "fds",
            Text,
            "Open file descriptors. Unless stated: `process_open_fds`.",
        ),
    ],
};

pub(crate) static BASELINE: Table = Table {
    name: "baseline",
    about: "The release to compare with.",
    keys: &[
        required("release", Text, "Its version."),
        key(
            "min_runs",
            Count,
            "How many runs of it there have to be. Unless stated: 1.",
        ),
        required(
            "thresholds",
            ListOf(&Either(&[Text, Map(&BASELINE_THRESHOLD)])),
            "Relative limits, such as `p95 <= +10%`.",
        ),
    ],
};

pub(crate) static BASELINE_THRESHOLD: Table = Table {
    name: "relative threshold",
    about: "A strict and a lenient relative limit.",
    keys: &[
        required("pass", Text, "What passes, such as `p95 <= +10%`."),
        key("warn", Text, "What passes marginally."),
    ],
};

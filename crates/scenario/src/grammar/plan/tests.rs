//! Tests: load, what is done to the system meanwhile, what has to come of it.

use super::super::Shape::{
    self, Anything, Bool, Comparison, Count, Duration, Either, ListOf, Map, MapOf, Rate, Text,
    Words,
};
use super::super::load::STAGE;
use super::super::{Table, key, required};
use super::{COMMAND, NAMES, TIER_NAMES};

pub(crate) static TEST: Table = Table {
    name: "test",
    about: "Something that is tried: a load given by `at` and `hold`, or by `stages`.",
    keys: &[
        required("name", Text, "Its name, unique in the plan."),
        key("description", Text, "What it is for."),
        key(
            "tier",
            TIER_NAMES,
            "How much its expectations matter; thresholds go by their journey's tier. Unless stated: `critical`.",
        ),
        key(
            "at",
            Either(&[Rate, Text]),
            "The load: a multiple of the peak (`1x`), `target` (peak with headroom), or a rate.",
        ),
        key("hold", Duration, "How long; with `at`."),
        key(
            "stages",
            ListOf(&Map(&STAGE)),
            "A load over time, one stage after the other, from 0.",
        ),
        key(
            "arrivals",
            Words(&["even", "poisson"]),
            "How arrivals are spread. Unless stated: `even`.",
        ),
        key(
            "warmup",
            Duration,
            "How much of the beginning is left out; `0s` for nothing. Unless stated, it is estimated.",
        ),
        key(
            "thresholds",
            Bool,
            "Whether the thresholds of journeys are judged in it. Unless stated: where the load stays at or below the target, nothing jumps and nothing is injected, or where nothing else is expected.",
        ),
        key(
            "inject",
            Either(&[Map(&INJECTION), ListOf(&Map(&INJECTION))]),
            "What is done to the system meanwhile.",
        ),
        key(
            "expect",
            Map(&EXPECTATIONS),
            "What it has to show besides thresholds.",
        ),
    ],
};

pub(crate) static INJECTION: Table = Table {
    name: "injection",
    about: "Something done to the system during a test: one of `run` and `demo`.",
    keys: &[
        required("after", Duration, "When, since the start of the test."),
        key(
            "run",
            COMMAND,
            "A command: program and arguments, run from the plan's folder.",
        ),
        key(
            "demo",
            MapOf(&Anything),
            "How the demo service behaves from then on; undone to the behaviour before.",
        ),
        key(
            "undo",
            COMMAND,
            "The command that undoes `run`, whatever happens.",
        ),
        key(
            "undo_after",
            Duration,
            "When it is undone, since the start of the test. Unless stated: when the test ends.",
        ),
        key(
            "timeout",
            Duration,
            "How long a command may take. Unless stated: 60s.",
        ),
        key(
            "serves",
            Map(&SERVED),
            "The build that is served from then on: what makes a declared change of one.",
        ),
    ],
};

pub(crate) static SERVED: Table = Table {
    name: "served build",
    about: "A build.",
    keys: &[
        required("version", Text, "Its version."),
        key("revision", Text, "Its revision."),
    ],
};

pub(crate) static EXPECTATIONS: Table = Table {
    name: "expectations",
    about: "What a test has to show besides thresholds. Everything is optional.",
    keys: &[
        key(
            "recover_within",
            Duration,
            "After the last jump down, or after the injection is undone: until the objective is met for ten seconds.",
        ),
        key(
            "objective_within",
            Duration,
            "After the first jump up: until the objective is met for ten seconds.",
        ),
        key(
            "goodput",
            Text,
            "Goodput while overloaded, as a share of the best that was reached: `>= 90% of capacity`.",
        ),
        key(
            "clients_harmed",
            Comparison,
            "Share of clients with a bad request: `<= 35%`. Needs `clients` in the scenario.",
        ),
        key(
            "protected",
            Either(&[TIER_NAMES, ListOf(&TIER_NAMES)]),
            "Tiers whose journeys' thresholds have to hold all through.",
        ),
        key(
            "unaffected",
            NAMES,
            "Journeys whose thresholds have to hold all through.",
        ),
        key(
            "shed",
            Map(&SHED_EXPECTATION),
            "How load is to be shed: what is refused otherwise is a failure.",
        ),
        key(
            "drift",
            Map(&DRIFT),
            "How far figures may drift from the start to the end.",
        ),
        key(
            "served_within",
            Duration,
            "After the injection: until only the build that it declares under `serves` is served.",
        ),
        key(
            "errors",
            Text,
            "Share of bad requests over the whole test: `< 1%`.",
        ),
        key(
            "invariants",
            ListOf(&COMMAND),
            "Commands that have to exit with 0 when the test is over.",
        ),
    ],
};

pub(crate) static SHED_EXPECTATION: Table = Table {
    name: "shed expectation",
    about: "How load is to be shed.",
    keys: &[
        key(
            "status",
            Either(&[Count, ListOf(&Count)]),
            "The statuses of a refusal. Unless stated: 429 and 503.",
        ),
        key("header", Text, "A header that a refusal has to carry."),
        key("within", Duration, "How quick a refusal has to be."),
    ],
};

const LIMIT: Shape = Comparison;

pub(crate) static DRIFT: Table = Table {
    name: "drift",
    about: "How far figures may drift from the start to the end, as a share: `<= 5%`.",
    keys: &[
        key("p50", LIMIT, "The median response time."),
        key("p95", LIMIT, "A percentile of response times."),
        key("p99", LIMIT, "A percentile of response times."),
        key("errors", LIMIT, "The share of bad requests."),
        key("rss", LIMIT, "The target's resident memory."),
    ],
};

//! The load block.

use super::Shape::{Count, Duration, Either, ListOf, Map, Rate, Share, Words};
use super::{Table, key};

pub(crate) static LOAD: Table = Table {
    name: "load",
    about: "Open: `expected` with `headroom` and `duration`, or `rate` with `duration`, or `stages`. Closed: `users` with `duration` or `iterations`.",
    keys: &[
        key(
            "expected",
            Rate,
            "Journeys that are expected to start per second. The load is this with the headroom on top.",
        ),
        key(
            "headroom",
            Share,
            "How much more than expected is driven: `30%`. Unless stated: 0%.",
        ),
        key("rate", Rate, "Journeys started per second."),
        key("duration", Duration, "How long."),
        key(
            "arrivals",
            Words(&["even", "poisson"]),
            "How arrivals are spread. Unless stated: `even`.",
        ),
        key(
            "stages",
            ListOf(&Map(&STAGE)),
            "A rate over time, one stage after the other, from 0.",
        ),
        key(
            "users",
            Count,
            "A fixed number of users, each starting again when it has finished: a closed load.",
        ),
        key(
            "pacing",
            Duration,
            "From one start of a user to its next at the earliest. With `users` only.",
        ),
        key(
            "iterations",
            Count,
            "How many journeys over all users at most. With `users` only.",
        ),
    ],
};

const LEVEL: super::Shape = Either(&[Rate, super::Shape::Text]);

pub(crate) static STAGE: Table = Table {
    name: "stage",
    about: "One of `{ ramp: 5m, to: 100/s }`, `{ at: 50/s, hold: 5m }`, `{ jump: 100/s, hold: 5m }`, `{ hold: 5m }`. A rate is absolute (`100/s`) or, where a load is expected, a multiple of it (`1.5x`) or `target` (expected with headroom).",
    keys: &[
        key(
            "ramp",
            Duration,
            "Goes evenly from the rate before to that of `to`, in this time.",
        ),
        key("to", LEVEL, "Where a ramp ends."),
        key("at", LEVEL, "Goes to this rate at once; needs `hold`."),
        key(
            "jump",
            LEVEL,
            "The same as `at`, for a change that is the point of the test.",
        ),
        key("hold", Duration, "Stays at the rate for this time."),
    ],
};

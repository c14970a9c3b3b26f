//! Steps that are no requests.

use super::Shape::{Count, Duration, Either, Map, Steps, Text};
use super::{Table, key, required};

pub(crate) static THINK: Table = Table {
    name: "think",
    about: "Waits as a person would. Think times count into no latency.",
    keys: &[required(
        "think",
        Either(&[Duration, Text, Map(&THINK_TIME)]),
        "`2s`, uniform `1s..3s`, `{ normal: … }` or `{ exponential: … }`.",
    )],
};

pub(crate) static THINK_TIME: Table = Table {
    name: "think time",
    about: "A distribution of think times: one of the two.",
    keys: &[
        key("normal", Map(&NORMAL), "Normal, cut off at 0."),
        key("exponential", Map(&EXPONENTIAL), "Exponential."),
    ],
};

pub(crate) static NORMAL: Table = Table {
    name: "normal",
    about: "A normal distribution, cut off at 0.",
    keys: &[
        required("mean", Duration, "Mean."),
        required("sd", Duration, "Standard deviation."),
    ],
};

pub(crate) static EXPONENTIAL: Table = Table {
    name: "exponential",
    about: "An exponential distribution.",
    keys: &[required("mean", Duration, "Mean.")],
};

pub(crate) static IF: Table = Table {
    name: "if",
    about: "Steps under a condition.",
    keys: &[
        required(
            "if",
            Either(&[Text, super::Shape::Bool]),
            "A Jinja expression, with or without `{{ }}`. The texts `false`, `no`, `0` and the empty text are false.",
        ),
        required("steps", Steps, "What to do where it holds."),
        key("else", Steps, "What to do where it does not."),
    ],
};

pub(crate) static REPEAT: Table = Table {
    name: "repeat",
    about: "Steps several times.",
    keys: &[
        required(
            "repeat",
            Either(&[Count, Map(&ROUNDS)]),
            "How often, at most 1,000,000 times.",
        ),
        required(
            "steps",
            Steps,
            "The steps. `{{ repeat.index }}` counts the rounds from 0.",
        ),
    ],
};

pub(crate) static ROUNDS: Table = Table {
    name: "repeat options",
    about: "How often steps are repeated.",
    keys: &[
        key(
            "times",
            Count,
            "How often at most. Unless stated: 1,000,000 times.",
        ),
        key(
            "while",
            Text,
            "Stops before a round in which this does not hold.",
        ),
    ],
};

pub(crate) static PARALLEL: Table = Table {
    name: "parallel",
    about: "Steps at the same time; goes on when all are over.",
    keys: &[required(
        "parallel",
        Steps,
        "Each runs beside the others; a `group` makes several into one.",
    )],
};

pub(crate) static GROUP: Table = Table {
    name: "group",
    about: "Steps under a name.",
    keys: &[
        required("group", Text, "The name."),
        required("steps", Steps, "The steps."),
    ],
};

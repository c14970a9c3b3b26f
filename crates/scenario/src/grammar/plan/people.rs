//! What people know, have done, and let pass.

use super::super::Shape::{Bool, Count, Date, Text, Threshold};
use super::super::{Table, key, required};
use super::{NAMES, TIER_NAMES};

pub(crate) static RISK: Table = Table {
    name: "risk",
    about: "Something that may go wrong.",
    keys: &[
        required("id", Text, "Its id, unique in the plan."),
        required("title", Text, "What it is."),
        required("likelihood", Count, "From 1 to 5."),
        required("impact", Count, "From 1 to 5."),
        key("owner", Text, "Who answers for it."),
        key("mitigation", Text, "What is done about it."),
        key(
            "proven_by",
            NAMES,
            "Tests that show that the mitigation works.",
        ),
    ],
};

pub(crate) static CHECKLIST: Table = Table {
    name: "checklist item",
    about: "Something that people have to have done.",
    keys: &[
        required("id", Text, "Its id, unique in the plan."),
        required("title", Text, "What it is."),
        key(
            "tier",
            TIER_NAMES,
            "How much it matters. Unless stated: `critical`.",
        ),
        key("owner", Text, "Who answers for it."),
        key(
            "evidence",
            Text,
            "`required` as long as there is none; then a file in the plan's folder, or a text such as a URL.",
        ),
        key(
            "done",
            Bool,
            "Whether it is done. Unless stated: if there is evidence.",
        ),
        key("expires", Date, "Until when that counts, inclusive."),
    ],
};

pub(crate) static WAIVER: Table = Table {
    name: "waiver",
    about: "Something that people let pass.",
    keys: &[
        required("item", Text, "The item's id, such as `headroom/book/p99`."),
        key(
            "ceiling",
            Threshold,
            "How bad it may be at worst: a threshold on the item's metric.",
        ),
        required("reason", Text, "Why."),
        required("approved_by", NAMES, "Who let it pass."),
        required("expires", Date, "Until when, inclusive."),
    ],
};

//! What follows from a run.

use serde::{Deserialize, Serialize};

/// The computed verdict.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The answer; `null` where nothing was to be judged.
    pub outcome: Option<Outcome>,
    /// What the program exits with: 0 go, 10 risk, 20 proven failure, 21 inconclusive,
    /// 22 evidence invalid, 130 interrupted.
    pub exit_code: u8,
    /// The answer and its reason in one sentence.
    pub sentence: String,
}

/// The answers there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every threshold was shown to hold.
    Go,
    /// It may be done, with what is listed known and accepted.
    Risk,
    /// Something was shown not to hold.
    NoGo,
    /// Nothing was shown to fail, and not everything was shown to hold.
    Inconclusive,
    /// The evidence itself is broken.
    Invalid,
}

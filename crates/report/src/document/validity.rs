//! Whether the figures of a run may be believed.

use plimsoll_measure::validity;
use serde::{Deserialize, Serialize};

/// All checks together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Validity {
    /// The worst status among the checks.
    pub status: ValidityStatus,
    /// The checks that were made.
    pub checks: Vec<Check>,
}

/// How much a figure may be believed, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValidityStatus {
    /// Nothing speaks against it.
    Valid,
    /// Read it with care.
    Warn,
    /// No pass may rest on it.
    Invalid,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// Which one, such as `dispatch_lag`.
    pub name: String,
    /// The test that it was made on.
    pub test: String,
    /// What came of it.
    pub status: ValidityStatus,
    /// What was measured, in `unit`; `null` where it could not be.
    pub observed: Option<f64>,
    /// The limit that decided the status, or the first one that would have.
    pub limit: Option<f64>,
    /// `ns`, `share` (of 1), `count` or `distance`.
    pub unit: String,
    /// Where to look: `generator`, `configuration` or `environment`.
    pub cause: String,
    /// What was seen, and what to do about it.
    pub sentence: String,
}

impl From<validity::Status> for ValidityStatus {
    fn from(status: validity::Status) -> Self {
        match status {
            validity::Status::Valid => Self::Valid,
            validity::Status::Warn => Self::Warn,
            validity::Status::Invalid => Self::Invalid,
        }
    }
}

impl Check {
    /// The document of a check that was made on `test`.
    pub(super) fn of(test: &str, check: &validity::Check) -> Self {
        // JSON knows finite numbers only, and an infinite limit is none.
        let finite = |value: f64| value.is_finite().then_some(value);
        Self {
            name: check.name.name().to_owned(),
            test: test.to_owned(),
            status: check.status.into(),
            observed: finite(check.observed),
            limit: finite(check.limit),
            unit: check.unit.name().to_owned(),
            cause: check.cause.name().to_owned(),
            sentence: check.sentence.clone(),
        }
    }
}

//! Words and numbers as they stand in the file.

use jiff::Timestamp;
use plimsoll_report::document::{Outcome, Status, ValidityStatus};

use crate::error::Failure;

fn meaningless(word: &str) -> Failure {
    Failure::Damaged(format!("`{word}` has no meaning there"))
}

pub(crate) const fn of_status(status: Status) -> &'static str {
    match status {
        Status::Complete => "complete",
        Status::Interrupted => "interrupted",
        Status::Incomplete => "incomplete",
    }
}

pub(crate) fn status(word: &str) -> Result<Status, Failure> {
    Ok(match word {
        "complete" => Status::Complete,
        "interrupted" => Status::Interrupted,
        "incomplete" => Status::Incomplete,
        _ => return Err(meaningless(word)),
    })
}

pub(crate) const fn of_outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Go => "go",
        Outcome::Risk => "risk",
        Outcome::NoGo => "no_go",
        Outcome::Inconclusive => "inconclusive",
        Outcome::Invalid => "invalid",
    }
}

pub(crate) fn outcome(word: &str) -> Result<Outcome, Failure> {
    Ok(match word {
        "go" => Outcome::Go,
        "risk" => Outcome::Risk,
        "no_go" => Outcome::NoGo,
        "inconclusive" => Outcome::Inconclusive,
        "invalid" => Outcome::Invalid,
        _ => return Err(meaningless(word)),
    })
}

pub(crate) const fn of_validity(validity: ValidityStatus) -> &'static str {
    match validity {
        ValidityStatus::Valid => "valid",
        ValidityStatus::Warn => "warn",
        ValidityStatus::Invalid => "invalid",
    }
}

pub(crate) fn validity(word: &str) -> Result<ValidityStatus, Failure> {
    Ok(match word {
        "valid" => ValidityStatus::Valid,
        "warn" => ValidityStatus::Warn,
        "invalid" => ValidityStatus::Invalid,
        _ => return Err(meaningless(word)),
    })
}

/// A count or a duration for SQLite, which has no unsigned numbers: what does not fit, and never
/// comes up, is the largest.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The same on its way back.
pub(crate) fn unsigned(number: i64) -> Result<u64, Failure> {
    u64::try_from(number).map_err(|_| Failure::Damaged(format!("a count is {number}")))
}

/// Nanoseconds since 1970; `None` where they do not fit: before 1678 and after 2261.
pub(crate) fn of_timestamp(timestamp: Timestamp) -> Option<i64> {
    i64::try_from(timestamp.as_nanosecond()).ok()
}

/// The same on its way back.
pub(crate) fn timestamp(ns: i64) -> Result<Timestamp, Failure> {
    Timestamp::from_nanosecond(i128::from(ns))
        .map_err(|_| Failure::Damaged(format!("{ns} is no time")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_back_and_is_that_of_the_document() {
        use Outcome::*;
        for one in [Status::Complete, Status::Interrupted, Status::Incomplete] {
            assert_eq!(status(of_status(one)).unwrap(), one);
            assert_eq!(serde_json::to_value(one).unwrap(), of_status(one));
        }
        for one in [Go, Risk, NoGo, Inconclusive, Invalid] {
            assert_eq!(outcome(of_outcome(one)).unwrap(), one);
            assert_eq!(serde_json::to_value(one).unwrap(), of_outcome(one));
        }
        for one in [
            ValidityStatus::Valid,
            ValidityStatus::Warn,
            ValidityStatus::Invalid,
        ] {
            assert_eq!(validity(of_validity(one)).unwrap(), one);
            assert_eq!(serde_json::to_value(one).unwrap(), of_validity(one));
        }
        assert!(outcome("maybe").is_err() && status("").is_err() && validity("go").is_err());
    }

    #[test]
    fn times_are_read_back_to_the_nanosecond() {
        let time: Timestamp = "2026-11-18T14:00:00.123456789Z".parse().unwrap();
        assert_eq!(timestamp(of_timestamp(time).unwrap()).unwrap(), time);
        assert_eq!(of_timestamp(Timestamp::MAX), None);
        assert_eq!(of_timestamp(Timestamp::MIN), None);
    }

    #[test]
    fn counts_that_cannot_be_are_told() {
        assert_eq!(signed(u64::MAX), i64::MAX);
        assert_eq!(unsigned(7).unwrap(), 7);
        assert!(unsigned(-1).is_err());
    }
}

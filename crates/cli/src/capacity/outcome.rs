//! What came of a probe: whether the system bears a rate, does not, or nobody can tell.

use super::probe::{Offer, Span};
use super::subject::Objective;
use crate::session::Driven;
use plimsoll_engine::Ended;
use plimsoll_measure::capacity::Outcome;
use plimsoll_measure::{
    Check, CheckName, ErrorKind, Judgement, Kind, Outcomes, Scope, State, Status, Threshold,
    Validity, Watched,
};

/// What came of it, and why.
pub(super) fn outcome(
    objectives: &[Objective],
    driven: &Driven,
    offer: &Offer,
    span: Span,
) -> (Outcome, String) {
    let aborted = match &driven.finished.ended {
        Ended::Aborted(reason) => Some(reason),
        _ => None,
    };
    let pairs = || objectives.iter().zip(&driven.judgements);
    let refuted = || pairs().filter(|(_, judgement)| judgement.state == State::Fail);
    let told = |judgement: &Judgement| judgement.explanation.clone();
    if let Some(check) = driven.spoilt_by().next() {
        // The generator's lateness, and what it did not send, refute nothing.
        let mut by_the_system =
            refuted().filter(|(objective, _)| is_by_the_system(driven, &objective.watched));
        return match by_the_system.next() {
            Some((_, judgement)) => {
                let reason = format!("{}; but {}", told(judgement), check.sentence);
                (Outcome::Doubtful, reason)
            }
            None => (Outcome::GeneratorLimited, check.sentence.clone()),
        };
    }
    let reason = aborted.cloned();
    if let Some(reason) = reason.or_else(|| Some(told(refuted().next()?.1))) {
        return match is_working_off(driven, offer, span) {
            true => (
                Outcome::Inconclusive,
                format!(
                    "{reason}; but all that was asked was served meanwhile: the queue that overload left is not worked off yet"
                ),
            ),
            false => (Outcome::Failed, reason),
        };
    }
    let open = pairs().find(|(_, judgement)| judgement.state != State::Pass);
    if let Some((_, judgement)) = open {
        return (Outcome::Inconclusive, told(judgement));
    }
    match drift(&driven.validity) {
        Some(check) => (Outcome::Inconclusive, check.sentence.clone()),
        None => (Outcome::Passed, "every objective is proven".to_owned()),
    }
}

/// Whether a threshold is refuted by what the system answered or did not answer in time, alone: without what was
/// not sent, or not waited for, and what the generator's own machine refused.
fn is_by_the_system(driven: &Driven, watched: &Watched) -> bool {
    let requests = driven.finished.tally.requests();
    let lacking = [ErrorKind::Descriptors, ErrorKind::Ports];
    let lacking = lacking.iter().map(|kind| requests.error_count(*kind)).sum();
    is_refuted(
        &watched.threshold,
        &answered(&driven.judged(watched.scope), lacking),
    )
}

fn is_refuted(threshold: &Threshold, answered: &Outcomes) -> bool {
    let judged = plimsoll_measure::judge(threshold, answered, 1);
    match threshold.metric.kind() {
        Kind::Share => judged.state == State::Fail,
        Kind::Duration => judged.by_failures,
        Kind::PerSecond => false,
    }
}

/// Of outcomes those that the system had a part in; of the failures `lacking` are the generator's.
fn answered(outcomes: &Outcomes, lacking: u64) -> Outcomes {
    let mut answered = outcomes.clone();
    let ledger = &mut answered.ledger;
    let lacking = lacking.min(ledger.failed);
    let not_seen = ledger.dropped + ledger.in_flight_at_end + lacking;
    ledger.failed -= lacking;
    ledger.intended = ledger.intended.saturating_sub(not_seen);
    (ledger.dropped, ledger.in_flight_at_end) = (0, 0);
    answered
}

/// Less than this share of what was asked is not all of it.
const ALL: f64 = 0.97;

/// Whether what overload left is being worked off: late answers, but as many as there are requests. A system that does
/// not come back serves fewer.
fn is_working_off(driven: &Driven, offer: &Offer, span: Span) -> bool {
    let asked = driven.judged(Scope::Test).ledger.intended as f64;
    let seconds = driven.arriving_ns() as f64 / 1e9;
    let served = span.throughput().unwrap_or_default();
    !offer.before.is_empty() && served >= ALL * asked / seconds
}

/// A trend that spoils a proof: a queue that grows will be too long sooner or later.
pub(super) fn drift(validity: &Validity) -> Option<&Check> {
    let mut checks = validity.checks.iter();
    checks.find(|check| check.name == CheckName::Trend && check.status == Status::Invalid)
}

/// The word for an outcome in documents.
pub(super) const fn name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::Failed => "failed",
        Outcome::Doubtful => "doubtful",
        Outcome::Inconclusive => "inconclusive",
        Outcome::GeneratorLimited => "generator_limited",
        Outcome::Settled => "settled",
        Outcome::NotSettled => "not_settled",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_measure::Ledger;

    /// Of 10,000 so many ended badly, each in its way.
    fn outcomes(failed: u64, shed: u64, dropped: u64, in_flight_at_end: u64) -> Outcomes {
        let mut outcomes = Outcomes::default();
        outcomes.ledger = Ledger {
            intended: 10_000,
            ok: 10_000 - failed - shed - dropped - in_flight_at_end,
            failed,
            shed,
            timeout: 0,
            dropped,
            in_flight_at_end,
        };
        outcomes
    }

    fn refuted(outcomes: &Outcomes, lacking: u64) -> bool {
        let answered = answered(outcomes, lacking);
        let ledger = &answered.ledger;
        assert_eq!(ledger.intended, ledger.ok + ledger.failed + ledger.shed);
        let refutes = |text: &str| is_refuted(&text.parse().unwrap(), &answered);
        assert_eq!(refutes("errors < 1%"), refutes("p99 < 300ms"));
        assert!(!refutes("goodput > 1000000/s"));
        refutes("errors < 1%")
    }

    #[test]
    fn what_was_not_sent_or_not_waited_for_refutes_nothing() {
        assert!(!refuted(&outcomes(0, 0, 4_900, 0), 0));
        assert!(!refuted(&outcomes(0, 0, 0, 2_500), 0));
        assert!(!refuted(&outcomes(6_000, 0, 0, 0), 6_000));
        assert!(!refuted(&outcomes(50, 0, 4_900, 0), 0));
        assert!(refuted(&outcomes(200, 0, 0, 0), 0));
        assert!(refuted(&outcomes(0, 200, 4_900, 0), 0));
        assert!(refuted(&outcomes(6_000, 0, 0, 0), 5_000));
    }
}

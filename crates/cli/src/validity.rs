//! The checks that are made on every run.

use plimsoll_measure::validity::{self, Validity};
use plimsoll_measure::{Kind, Scope, Tally};
use plimsoll_scenario::SourcedThreshold;

/// Whether the load was offered, on time, and without waits for connections.
pub(crate) fn checks(tally: &Tally, watched: &[(String, Scope, SourcedThreshold)]) -> Validity {
    let requests = tally.requests();
    // The tightest limit on a latency decides what lateness can be borne.
    let tightest = watched
        .iter()
        .filter(|(_, _, sourced)| sourced.threshold.metric.kind() == Kind::Duration)
        .map(|(_, _, sourced)| sourced.threshold.value)
        .reduce(f64::min);
    let made = [
        Some(validity::offered_load(
            &requests.outcomes.ledger,
            &requests.outcomes.ledger,
        )),
        validity::dispatch_lag(&requests.dispatch_lag, tightest),
        Some(validity::conn_wait(&requests)),
    ];
    Validity {
        checks: made.into_iter().flatten().collect(),
    }
}

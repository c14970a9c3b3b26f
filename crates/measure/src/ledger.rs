//! Where everything that was asked for ended up.

use crate::sample::Outcome;

/// Counts of arrivals by how they ended. `intended` is counted when a request is asked for and the
/// others when it ends, independently of each other, so that [`Self::balances`] is a real check.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Asked for.
    pub intended: u64,
    /// Every expectation held.
    pub ok: u64,
    /// Something was wrong.
    pub failed: u64,
    /// Refused on purpose.
    pub shed: u64,
    /// No complete answer in time.
    pub timeout: u64,
    /// Never sent.
    pub dropped: u64,
    /// Unanswered when the run's grace time was over.
    pub in_flight_at_end: u64,
}

impl Ledger {
    /// Counts an end. `intended` stays as it is.
    pub fn end(&mut self, outcome: Outcome) {
        *self.slot(outcome) += 1;
    }

    /// How many ended with `outcome`.
    pub const fn count(&self, outcome: Outcome) -> u64 {
        match outcome {
            Outcome::Ok => self.ok,
            Outcome::Failed => self.failed,
            Outcome::Shed => self.shed,
            Outcome::Timeout => self.timeout,
            Outcome::Dropped => self.dropped,
            Outcome::InFlight => self.in_flight_at_end,
        }
    }

    fn slot(&mut self, outcome: Outcome) -> &mut u64 {
        match outcome {
            Outcome::Ok => &mut self.ok,
            Outcome::Failed => &mut self.failed,
            Outcome::Shed => &mut self.shed,
            Outcome::Timeout => &mut self.timeout,
            Outcome::Dropped => &mut self.dropped,
            Outcome::InFlight => &mut self.in_flight_at_end,
        }
    }

    /// Everything that has ended, in whatever way.
    pub const fn ended(&self) -> u64 {
        self.ok + self.bad()
    }

    /// Sent and over: ok, failed, shed or timed out.
    pub const fn completed(&self) -> u64 {
        self.ok + self.failed + self.shed + self.timeout
    }

    /// Known not to have ended well, dropped and unanswered ones included.
    pub const fn bad(&self) -> u64 {
        self.failed + self.shed + self.timeout + self.dropped + self.in_flight_at_end
    }

    /// Asked for and not (yet) ended well: what a quantile counts as infinitely slow.
    pub const fn not_ok(&self) -> u64 {
        self.intended.saturating_sub(self.ok)
    }

    /// Whether all that was asked for is accounted for: true of every run that is over.
    pub const fn balances(&self) -> bool {
        self.intended == self.ended()
    }

    /// Adds the counts of another ledger.
    pub const fn merge(&mut self, other: &Self) {
        self.intended += other.intended;
        self.ok += other.ok;
        self.failed += other.failed;
        self.shed += other.shed;
        self.timeout += other.timeout;
        self.dropped += other.dropped;
        self.in_flight_at_end += other.in_flight_at_end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_has_its_own_count_and_the_ledger_balances() {
        let mut ledger = Ledger {
            intended: 21,
            ..Ledger::default()
        };
        for (times, outcome) in (1..).zip(Outcome::ALL) {
            assert!(!ledger.balances());
            (0..times).for_each(|_| ledger.end(outcome));
            assert_eq!(ledger.count(outcome), times);
        }
        assert!(ledger.balances());
        assert_eq!(
            (ledger.completed(), ledger.bad(), ledger.not_ok()),
            (10, 20, 20)
        );
        let mut twice = ledger;
        twice.merge(&ledger);
        assert!(twice.balances());
        assert_eq!((twice.intended, twice.in_flight_at_end), (42, 12));
    }
}

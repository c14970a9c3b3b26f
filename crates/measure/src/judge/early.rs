//! Whether a run may stop before its time because it is decided already.

use super::evidence::certain;
use super::{Rules, State};
use crate::statistics::design::{Batch, dependence};
use crate::statistics::sequential;
use crate::threshold::Threshold;

/// With fewer batches, dependence between them cannot be estimated.
const FEWEST_BATCHES: usize = 30;

impl Rules {
    /// Nothing is decided before so many nanoseconds: 30 s.
    pub const EARLIEST_NS: u64 = 30_000_000_000;

    /// The verdict so far, which may be asked for after every second without losing the bound on
    /// its error. `batches` are stretches of equal duration, one after the other, of
    /// which every arrival has ended; their design effect is estimated here. Thresholds that are not
    /// a matter of counting are never decided early.
    pub fn early(&self, threshold: &Threshold, batches: &[Batch]) -> State {
        let n: u64 = batches.iter().map(|batch| batch.n).sum();
        let exceeding: u64 = batches.iter().map(|batch| batch.exceeding).sum();
        let (Some(limit), Some(dependence)) = (threshold.share_limit(), dependence(batches)) else {
            return State::Inconclusive;
        };
        let (x, n) = (exceeding as f64, n as f64);
        let deff = if x / n < limit {
            // As unlikely as the mixture has to find it, in standard errors.
            let z = (2.0 * (1.0 / self.alpha).ln()).sqrt();
            dependence.deff_from_below(z)
        } else {
            dependence.deff
        };
        let (x, size) = (x / deff, n / deff);
        if batches.len() >= FEWEST_BATCHES && sequential::is_decisive(x, size, limit, self.alpha) {
            // Decisive evidence is never on the limit, so strictness does not matter.
            certain((x / size < limit) == threshold.comparison.is_upper_limit())
        } else {
            State::Inconclusive
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn early(text: &str, batches: usize, exceeding: u64) -> State {
        let batch = Batch { exceeding, n: 1000 };
        Rules::default().early(&text.parse().unwrap(), &vec![batch; batches])
    }

    #[test]
    fn clear_cases_are_decided_after_thirty_batches() {
        assert_eq!(early("p99 < 50ms", 30, 0), State::Pass);
        assert_eq!(early("p99 < 50ms", 29, 0), State::Inconclusive);
        assert_eq!(early("errors < 1%", 30, 20), State::Fail);
        assert_eq!(early("errors > 1%", 30, 20), State::Pass);
    }

    #[test]
    fn unclear_cases_and_other_metrics_are_not() {
        assert_eq!(early("errors < 1%", 300, 10), State::Inconclusive);
        assert_eq!(early("rate > 1/s", 300, 0), State::Inconclusive);
    }

    #[test]
    fn one_burst_does_not_decide() {
        let mut batches = vec![
            Batch {
                exceeding: 0,
                n: 1000
            };
            60
        ];
        batches[40].exceeding = 1000;
        let state = Rules::default().early(&"errors < 1%".parse().unwrap(), &batches);
        assert_eq!(state, State::Inconclusive);
    }
}

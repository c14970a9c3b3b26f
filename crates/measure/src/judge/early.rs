//! Whether a run may stop before its time because it is decided already.

use super::evidence::certain;
use super::{Rules, State};
use crate::statistics::design::{Batch, design_effect};
use crate::statistics::sequential;
use crate::threshold::Threshold;

/// Before so many seconds, dependence between them cannot be estimated.
const FEWEST_SECONDS: usize = 30;

impl Rules {
    /// The verdict so far, which may be asked for after every second without losing the bound on
    /// its error. `seconds` are those, from the start, of which every arrival has ended
    /// ([`crate::Stretch::batch`]); their design effect is estimated here. Thresholds that are not
    /// a matter of counting are never decided early.
    pub fn early(&self, threshold: &Threshold, seconds: &[Batch]) -> State {
        let n: u64 = seconds.iter().map(|second| second.n).sum();
        let exceeding: u64 = seconds.iter().map(|second| second.exceeding).sum();
        let (Some(limit), Some(deff)) = (threshold.share_limit(), design_effect(seconds)) else {
            return State::Inconclusive;
        };
        let (x, size) = (exceeding as f64 / deff, n as f64 / deff);
        if seconds.len() >= FEWEST_SECONDS && sequential::is_decisive(x, size, limit, self.alpha) {
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

    fn early(text: &str, seconds: usize, exceeding: u64) -> State {
        let second = Batch { exceeding, n: 1000 };
        Rules::default().early(&text.parse().unwrap(), &vec![second; seconds])
    }

    #[test]
    fn clear_cases_are_decided_after_thirty_seconds() {
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
        let mut seconds = vec![
            Batch {
                exceeding: 0,
                n: 1000
            };
            60
        ];
        seconds[40].exceeding = 1000;
        let state = Rules::default().early(&"errors < 1%".parse().unwrap(), &seconds);
        assert_eq!(state, State::Inconclusive);
    }
}

//! When to give a run up: a share of bad endings that stays above a limit.

use crate::ledger::Ledger;
use crate::threshold::{Kind, Metric, Threshold};
use std::collections::VecDeque;

const SECOND_NS: u64 = 1_000_000_000;
/// The window where the rule names none.
const USUAL_WINDOW_NS: u64 = 10 * SECOND_NS;

/// Watches for a condition such as `errors > 50% for 10s` over what ended in the last seconds.
///
/// It looks at what has *ended*, because a run is given up on evidence: requests that are still
/// unanswered count when their timeout has passed.
#[derive(Debug, Clone)]
pub struct AbortRule {
    threshold: Threshold,
    seconds: usize,
    recent: VecDeque<Ledger>,
}

impl AbortRule {
    /// A rule about a share (`errors`, `timeouts`, `shed`); `None` for any other metric.
    pub fn new(threshold: &Threshold) -> Option<Self> {
        if threshold.metric.kind() != Kind::Share {
            return None;
        }
        let window = threshold.window.unwrap_or(USUAL_WINDOW_NS);
        Some(Self {
            threshold: threshold.clone(),
            seconds: usize::try_from(window.div_ceil(SECOND_NS))
                .unwrap_or(usize::MAX)
                .max(1),
            recent: VecDeque::new(),
        })
    }

    /// Takes what ended in the last second, and says why to stop where the condition has held over
    /// a whole window.
    pub fn observe(&mut self, second: Ledger) -> Option<String> {
        self.recent.push_back(second);
        if self.recent.len() > self.seconds {
            self.recent.pop_front();
        }
        if self.recent.len() < self.seconds {
            return None;
        }
        let mut window = Ledger::default();
        self.recent.iter().for_each(|second| window.merge(second));
        let ended = window.ended();
        if ended == 0 {
            return None;
        }
        let counted = match self.threshold.metric {
            Metric::Timeouts => window.timeout,
            Metric::Shed => window.shed,
            _ => window.bad(),
        };
        let share = counted as f64 / ended as f64;
        self.threshold
            .comparison
            .holds(share, self.threshold.value)
            .then(|| {
                format!(
                    "{} were {:.1} % of {ended} requests in {} s (abort_on: {})",
                    self.threshold.metric.name(),
                    share * 100.0,
                    self.seconds,
                    self.threshold
                )
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(ok: u64, failed: u64) -> Ledger {
        Ledger {
            ok,
            failed,
            ..Ledger::default()
        }
    }

    fn rule(text: &str) -> AbortRule {
        AbortRule::new(&text.parse().unwrap()).unwrap()
    }

    #[test]
    fn it_takes_a_whole_window_above_the_limit() {
        let mut rule = rule("errors > 50% for 3s");
        assert_eq!(rule.observe(second(0, 10)), None);
        assert_eq!(rule.observe(second(0, 10)), None);
        let reason = rule.observe(second(5, 10)).unwrap();
        assert!(reason.contains("85.7 % of 35 requests in 3 s"), "{reason}");
        assert_eq!(rule.observe(second(50, 0)), None, "the window slides");
    }

    #[test]
    fn nothing_that_ended_is_no_reason_and_neither_is_exactly_the_limit() {
        let mut rule = rule("errors > 50% for 1s");
        assert_eq!(rule.observe(second(0, 0)), None);
        assert_eq!(rule.observe(second(5, 5)), None);
        assert!(rule.observe(second(4, 5)).is_some());
    }

    #[test]
    fn only_shares_can_be_watched() {
        assert!(AbortRule::new(&"p99 < 50ms".parse().unwrap()).is_none());
        assert!(AbortRule::new(&"shed > 5%".parse().unwrap()).is_some());
    }
}

//! Thresholds on sliding windows: the worst one decides.

use super::{Judgement, Observed, Rules, State, evidence};
use crate::threshold::{Kind, Metric, Threshold};
use crate::window::{SlidingWindow, Stretch};

impl Rules {
    /// Judges a threshold with a window by the worst window there was. It holds if even that proves
    /// it. That one of many windows is bad by chance is likelier than that one chosen before is,
    /// so a refutation has to be stronger by their number (Bonferroni).
    ///
    /// The value of a quantile is not known of a window, only how many exceed its limit: `observed`
    /// is that share.
    pub fn judge_window(&self, window: &SlidingWindow) -> Judgement {
        let threshold = window.threshold();
        let Some((first, stretch)) = window.worst() else {
            return Judgement::no_data(threshold);
        };
        let strict = Self {
            alpha: self.alpha / window.disjoint().max(1) as f64,
            ..*self
        };
        let length = window.length();
        let refuted = strict.stretch(threshold, &stretch, length);
        let mut judgement = self.stretch(threshold, &stretch, length);
        if judgement.state == State::Fail && refuted.state != State::Fail {
            judgement = refuted;
        }
        judgement.explanation = format!(
            "the worst {length} s began at {first} s: {}",
            judgement.explanation
        );
        judgement
    }

    fn stretch(&self, threshold: &Threshold, stretch: &Stretch, seconds: usize) -> Judgement {
        let (ledger, elapsed_ns) = (&stretch.ledger, seconds as u64 * 1_000_000_000);
        if let Some(batch) = stretch.batch(threshold) {
            return self.share(threshold, batch.exceeding, batch.n);
        }
        match threshold.metric {
            Metric::Mean => self.mean_of(threshold, &stretch.responses),
            Metric::Goodput => {
                let good = ledger.ok.saturating_sub(stretch.late);
                self.events(threshold, good, ledger.intended, elapsed_ns)
            }
            _ if threshold.metric.kind() == Kind::PerSecond => {
                self.events(threshold, ledger.completed(), ledger.intended, elapsed_ns)
            }
            _ => self.slowest(threshold, stretch),
        }
    }

    fn slowest(&self, threshold: &Threshold, stretch: &Stretch) -> Judgement {
        let failed = stretch.ledger.not_ok() > 0;
        let ns = if failed {
            f64::INFINITY
        } else {
            stretch.slowest as f64
        };
        let state = evidence::certain(threshold.comparison.holds(ns, threshold.value));
        let n = stretch.ledger.intended;
        Judgement {
            state,
            observed: if failed {
                Observed::Infinite
            } else {
                Observed::Duration(stretch.slowest)
            },
            interval: None,
            n,
            n_eff: n as f64 / self.deff(),
            exceeding: None,
            by_failures: false,
            explanation: format!(
                "the largest of {n}, {}",
                evidence::conclusion(state, threshold, None)
            ),
            more_time_factor: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Ledger;

    fn judged(text: &str, seconds: u64, bad_second: Option<u64>, failed: u64) -> Judgement {
        let mut window = SlidingWindow::new(&text.parse().unwrap()).unwrap();
        for second in 0..seconds {
            let failed = if bad_second == Some(second) {
                failed
            } else {
                0
            };
            window.push(Stretch {
                ledger: Ledger {
                    intended: 1000,
                    ok: 1000 - failed,
                    failed,
                    ..Ledger::default()
                },
                slowest: 7,
                ..Stretch::default()
            });
        }
        Rules::default().judge_window(&window)
    }

    #[test]
    fn one_bad_window_refutes() {
        let judgement = judged("errors < 1% for 1s", 20, Some(7), 100);
        assert_eq!(judgement.state, State::Fail);
        assert_eq!(
            judgement.explanation,
            "the worst 1 s began at 7 s: 100 of 1000 (10.000%), which refutes errors < 1% for 1s"
        );
        assert_eq!(judged("max < 1s for 2s", 20, Some(7), 1).state, State::Fail);
        assert_eq!(judged("max < 1s for 2s", 20, None, 0).state, State::Pass);
        assert_eq!(
            judged("goodput >= 980/s for 1s", 9, Some(4), 100).state,
            State::Fail
        );
    }

    #[test]
    fn the_more_windows_the_stronger_a_refutation_must_be() {
        // 16 of 1,000 refute 1 % alone, and not as the worst of 50.
        assert_eq!(
            judged("errors < 1% for 1s", 1, Some(0), 16).state,
            State::Fail
        );
        let of_many = judged("errors < 1% for 1s", 50, Some(9), 16);
        assert_eq!(of_many.state, State::Inconclusive);
    }

    #[test]
    fn without_a_full_window_there_is_nothing_to_judge() {
        let judgement = judged("errors < 1% for 10s", 9, None, 0);
        assert_eq!(
            (judgement.state, judgement.observed),
            (State::Inconclusive, Observed::NoData)
        );
        assert_eq!(
            judged("errors < 1% for 10s", 10, None, 0).state,
            State::Pass
        );
    }
}

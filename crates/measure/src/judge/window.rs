//! Thresholds on sliding windows: the worst one refutes, the least proven one proves.

use super::latency::{failed_or_shed, largest, sent};
use super::{Judgement, Observed, Rules, State, evidence};
use crate::threshold::{Kind, Metric, Threshold};
use crate::window::{SlidingWindow, Stretch};

impl Rules {
    /// Judges a threshold with a window. It holds if every window proves it, which the least proven one
    /// decides: few requests prove little, however well they went. It does not hold if the window that
    /// speaks most against it refutes it. That one of many windows is bad by chance is likelier than
    /// that one chosen before is, so a refutation has to be stronger by the number of windows that were
    /// looked at, which is one a second and not one in ten (Bonferroni).
    ///
    /// The value of a quantile is not known of a window, only how many exceed its limit: `observed`
    /// is that share.
    pub fn judge_window(&self, window: &SlidingWindow) -> Judgement {
        let threshold = window.threshold();
        let (Some(worst), Some(least_proven)) = (window.worst(), window.least_proven()) else {
            return Judgement::no_data(threshold);
        };
        let strict = Self {
            alpha: self.alpha / window.windows().max(1) as f64,
            ..*self
        };
        let length = window.length();
        let refuted = strict.stretch(threshold, &worst.1, length);
        let (mut judgement, which, first) = if refuted.state == State::Fail {
            (refuted, "worst", worst.0)
        } else {
            let (first, stretch) = least_proven;
            let judgement = match self.stretch(threshold, &stretch, length) {
                // Not by this proof, which is one of many.
                judgement if judgement.state == State::Fail => {
                    strict.stretch(threshold, &stretch, length)
                }
                judgement => judgement,
            };
            let which = match first == worst.0 {
                true => "worst",
                false => "least certain",
            };
            (judgement, which, first)
        };
        // A longer run has more windows, and no larger ones.
        if let Some(factor) = judgement.more_time_factor.take() {
            judgement.explanation = judgement
                .explanation
                .replace(&evidence::longer(factor), &more_requests(factor, length));
        }
        judgement.explanation = format!(
            "the {which} {length} s began at {first} s: {}",
            judgement.explanation
        );
        judgement
    }

    fn stretch(&self, threshold: &Threshold, stretch: &Stretch, seconds: usize) -> Judgement {
        let (ledger, elapsed_ns) = (&stretch.ledger, seconds as u64 * 1_000_000_000);
        if let Some(batch) = stretch.batch(threshold) {
            let mut judgement = self.share(threshold, batch.exceeding, batch.n);
            if threshold.metric.kind() == Kind::Duration {
                let missed = |exceeding| self.is_missed(threshold, exceeding, batch.n);
                judgement.by_failures = missed(failed_or_shed(ledger));
                judgement.without_dropped = missed(sent(batch.exceeding, ledger));
            }
            return judgement;
        }
        match threshold.metric {
            Metric::Mean => self.mean_of(threshold, &stretch.responses, ledger),
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
        let n_eff = n as f64 / self.deff();
        let is_slow = !threshold
            .comparison
            .holds(stretch.slowest as f64, threshold.value);
        Judgement {
            state,
            observed: if failed {
                Observed::Infinite
            } else {
                Observed::Duration(stretch.slowest)
            },
            interval: None,
            n,
            n_eff,
            exceeding: None,
            by_failures: failed_or_shed(&stretch.ledger) > 0,
            without_dropped: is_slow || sent(stretch.ledger.not_ok(), &stretch.ledger) > 0,
            explanation: format!("the largest of {n}, {}", largest(state, threshold, n_eff)),
            more_time_factor: None,
        }
    }
}

fn more_requests(factor: f64, seconds: usize) -> String {
    format!(
        "{} times as many requests in {seconds} s would settle it",
        (factor * 10.0).ceil() / 10.0
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Ledger;
    use plimsoll_schedule::SplitMix64;

    fn judged(text: &str, seconds: u64, bad_second: Option<u64>, failed: u64) -> Judgement {
        let mut window = SlidingWindow::new(&text.parse().unwrap(), 0).unwrap();
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

    fn pushed(text: &str, seconds: impl IntoIterator<Item = (u64, u64)>) -> Judgement {
        let mut window = SlidingWindow::new(&text.parse().unwrap(), 0).unwrap();
        for (intended, failed) in seconds {
            window.push(Stretch {
                ledger: Ledger {
                    intended,
                    ok: intended - failed,
                    failed,
                    ..Ledger::default()
                },
                ..Stretch::default()
            });
        }
        Rules::default().judge_window(&window)
    }

    #[test]
    fn every_window_has_to_prove_it() {
        let ramp = [(55, 0), (1000, 0), (10_000, 30)];
        let judgement = pushed("errors < 1% for 1s", ramp);
        assert_eq!(judgement.state, State::Inconclusive);
        assert_eq!(judgement.more_time_factor, None);
        assert_eq!(
            judgement.explanation,
            "the least certain 1 s began at 0 s: 0 of 55 (0.000%), which neither proves nor refutes errors < 1% for 1s; 5.5 times as many requests in 1 s would settle it"
        );
        assert_eq!(
            pushed("errors < 1% for 1s", ramp.into_iter().skip(1)).state,
            State::Pass
        );
        // A share that is larger by chance does not hide the one that refutes.
        let hidden = pushed("errors < 1% for 1s", [(3, 1), (10_000, 200)]);
        assert_eq!(hidden.state, State::Fail);
    }

    /// On its limit, no window is refuted more often than is promised, although one begins every second.
    #[test]
    fn on_the_limit_the_worst_of_all_windows_is_rarely_refuted() {
        let numbers = SplitMix64::new(3);
        let (runs, seconds, each) = (200, 300, 100);
        let failed = |run: u64| {
            let second = |second: u64| {
                let first = (run * seconds + second) * each;
                let is_bad = |i: &u64| numbers.uniform(*i) < 0.02;
                (each, (first..first + each).filter(is_bad).count() as u64)
            };
            pushed("errors < 2% for 10s", (0..seconds).map(second)).state == State::Fail
        };
        let failed = (0..runs).filter(|run| failed(*run)).count();
        // 5 % are promised, which are 10.
        assert!(failed <= 10, "{failed}");
    }

    #[test]
    fn a_window_of_a_feed_that_ran_out_is_not_missed_by_what_was_sent() {
        let judged = |ledger: Ledger| {
            let mut window = SlidingWindow::new(&"p90 < 1s for 1s".parse().unwrap(), 0).unwrap();
            let exceeding = ledger.not_ok();
            window.push(Stretch {
                ledger,
                exceeding,
                ..Stretch::default()
            });
            let judgement = Rules::default().judge_window(&window);
            assert_eq!(judgement.state, State::Fail);
            (judgement.by_failures, judgement.without_dropped)
        };
        let ledger = |failed, timeout, dropped| Ledger {
            intended: 1000,
            ok: 500,
            failed,
            timeout,
            dropped,
            ..Ledger::default()
        };
        assert_eq!(judged(ledger(500, 0, 0)), (true, true));
        assert_eq!(judged(ledger(0, 500, 0)), (false, true));
        assert_eq!(judged(ledger(0, 0, 500)), (false, false));
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

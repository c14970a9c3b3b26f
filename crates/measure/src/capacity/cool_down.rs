//! When a system has come to rest.

use crate::histogram::rank;
use std::collections::VecDeque;

/// How a system comes to rest: nothing more in flight, then a canary of few requests until they are
/// answered as quickly as at the beginning.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CoolDown {
    /// The rate of the canary, as a share of the highest rate that passed.
    pub canary_share: f64,
    /// By which share the median may exceed that of the beginning.
    pub within: f64,
    /// Over so many seconds.
    pub calm_s: f64,
    /// It is waited for as long at most, in seconds.
    pub longest_s: f64,
}

impl Default for CoolDown {
    /// A twentieth of the rate; within 10 % for 5 s; 60 s at most.
    fn default() -> Self {
        Self {
            canary_share: 0.05,
            within: 0.1,
            calm_s: 5.0,
            longest_s: 60.0,
        }
    }
}

impl CoolDown {
    /// The slowest answer that counts as quick, in nanoseconds, for the median of the first probe that passed.
    #[must_use]
    pub fn quick_ns(&self, baseline_ns: u64) -> u64 {
        (baseline_ns as f64 * (1.0 + self.within)) as u64
    }
}

/// The canary's requests of a second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CanarySecond {
    /// How many were intended.
    pub all: u64,
    /// How many of these succeeded within [`CoolDown::quick_ns`].
    pub quick: u64,
}

/// After how many seconds the canary was calm: the median of all requests of [`CoolDown::calm_s`] seconds was
/// quick. `None` if it is not yet, or not in time.
///
/// It is the median over all these seconds, and not one for each: a trickle has a handful of requests a
/// second, whose median alone exceeds that of the beginning by a tenth now and then. Seconds without a request are
/// passed over.
#[must_use]
pub fn calm_after(seconds: &[CanarySecond], cool_down: &CoolDown) -> Option<usize> {
    let needed = (cool_down.calm_s.ceil() as usize).max(1);
    let in_time = seconds.iter().take(cool_down.longest_s.ceil() as usize);
    let mut window: VecDeque<CanarySecond> = VecDeque::with_capacity(needed);
    for (index, second) in in_time.enumerate() {
        if second.all == 0 {
            continue;
        }
        if window.len() == needed {
            window.pop_front();
        }
        window.push_back(*second);
        let all = window.iter().map(|second| second.all).sum();
        let quick: u64 = window.iter().map(|second| second.quick).sum();
        if window.len() == needed && quick >= rank(all, 1, 2) {
            return Some(index + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: CanarySecond = CanarySecond { all: 0, quick: 0 };

    fn of(all: u64, quick: u64) -> CanarySecond {
        CanarySecond { all, quick }
    }

    fn calm(seconds: &[CanarySecond]) -> Option<usize> {
        calm_after(seconds, &CoolDown::default())
    }

    #[test]
    fn what_is_quick_is_a_tenth_above_the_beginning_at_most() {
        assert_eq!(CoolDown::default().quick_ns(1000), 1100);
    }

    #[test]
    fn five_seconds_with_a_quick_median_are_rest() {
        assert_eq!(calm(&[of(9, 9); 5]), Some(5));
        assert_eq!(calm(&[of(9, 9); 4]), None);
        assert_eq!(calm(&[of(9, 4); 60]), None, "the fifth of nine is not");
        let single = [of(1, 1), of(1, 0), of(1, 1), of(1, 0), of(1, 1)];
        assert_eq!(calm(&single), Some(5));
    }

    #[test]
    fn one_second_may_be_slower_by_chance_and_an_overload_may_not() {
        let by_chance = [of(8, 7), of(8, 3), of(8, 5), of(8, 8), of(8, 4)];
        assert_eq!(calm(&by_chance), Some(5));
        let mut drained = vec![of(8, 0); 7];
        drained.extend([of(8, 8); 5]);
        assert_eq!(calm(&drained), Some(10), "three of five seconds");
    }

    #[test]
    fn seconds_without_a_request_are_passed_over() {
        let mut seconds = vec![of(2, 2), NONE, of(2, 2), of(2, 2), NONE, of(2, 2)];
        assert_eq!(calm(&seconds), None);
        seconds.push(of(2, 2));
        assert_eq!(calm(&seconds), Some(7));
    }

    #[test]
    fn what_is_calm_too_late_is_not() {
        let mut seconds = vec![of(4, 0); 58];
        seconds.extend([of(4, 4); 10]);
        assert_eq!(calm(&seconds), None);
        assert_eq!(calm(&seconds[1..]), Some(60));
    }

    #[test]
    fn noise_of_a_trickle_is_hardly_ever_taken_for_an_overload() {
        // 8 requests a second, evenly spread from 5 to 15 ms; the median of the beginning is 10 ms.
        let random = plimsoll_schedule::SplitMix64::new(1);
        let is_quick = |draw: &u64| 5.0 + 10.0 * random.uniform(*draw) <= 11.0;
        let trickle = |second: u64| {
            let draws = 8 * second..8 * (second + 1);
            of(8, draws.filter(is_quick).count() as u64)
        };
        let settled = (0..1000).filter(|run| {
            let seconds: Vec<CanarySecond> = (30 * run..30 * (run + 1)).map(trickle).collect();
            calm(&seconds).is_some()
        });
        assert_eq!(settled.count(), 1000);
    }
}

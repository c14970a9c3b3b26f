//! When a system has come to rest.

use crate::series::Quantile;

/// How a system comes to rest: nothing more in flight, then a canary of few requests until they are
/// answered as quickly as at the beginning.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CoolDown {
    /// The rate of the canary, as a share of the highest rate that passed.
    pub canary_share: f64,
    /// By which share the median may exceed that of the beginning.
    pub within: f64,
    /// For so many seconds on end.
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

/// After how many seconds the canary was calm, from its medians second by second and the median of
/// the first probe that passed, in nanoseconds; `None` if it is not yet, or not in time. Seconds
/// without a request neither count nor interrupt.
pub fn calm_after(medians: &[Quantile], baseline_ns: u64, cool_down: &CoolDown) -> Option<usize> {
    let most = baseline_ns as f64 * (1.0 + cool_down.within);
    let needed = (cool_down.calm_s.ceil() as usize).max(1);
    let mut calm = 0;
    let in_time = medians.iter().take(cool_down.longest_s.ceil() as usize);
    for (second, median) in in_time.enumerate() {
        match median {
            Quantile::NoData => {}
            Quantile::Finite(ns) if *ns as f64 <= most => calm += 1,
            Quantile::Finite(_) | Quantile::Infinite => calm = 0,
        }
        if calm == needed {
            return Some(second + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use Quantile::{Finite, Infinite, NoData};

    fn calm(medians: &[Quantile]) -> Option<usize> {
        calm_after(medians, 1000, &CoolDown::default())
    }

    #[test]
    fn five_calm_seconds_on_end_are_rest() {
        assert_eq!(calm(&[Finite(1100); 5]), Some(5));
        assert_eq!(calm(&[Finite(1101); 60]), None);
        assert_eq!(calm(&[Finite(10); 4]), None);
        let mut late = vec![
            Finite(5000),
            Finite(900),
            Finite(900),
            Infinite,
            Finite(900),
        ];
        late.extend([NoData, Finite(900), Finite(900), Finite(900), Finite(900)]);
        assert_eq!(calm(&late), Some(10));
    }

    #[test]
    fn what_is_calm_too_late_is_not() {
        let mut medians = vec![Infinite; 56];
        medians.extend([Finite(1000); 10]);
        assert_eq!(calm(&medians), None);
        assert_eq!(calm(&medians[1..]), Some(60));
    }
}

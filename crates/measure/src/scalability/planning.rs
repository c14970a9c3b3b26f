//! Whether it will be enough, and for how long.

/// How much more than the peak a system bears, as a share of the peak: `capacity / peak − 1`. Negative
/// if it is too small; `None` without a peak.
pub fn headroom(capacity: f64, peak: f64) -> Option<f64> {
    let headroom = capacity / peak - 1.0;
    (peak > 0.0 && headroom.is_finite()).then_some(headroom)
}

/// How long a capacity will do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MonthsLeft {
    /// It does not do already.
    None,
    /// So many months.
    Months(f64),
    /// Always: the load does not grow.
    Always,
}

/// In how many months the peak reaches a share `utilisation` of the capacity, if it grows by the share
/// `growth` every month: `ln(capacity · utilisation / peak) / ln(1 + growth)`.
/// [`MonthsLeft::None`] too where the numbers make no sense.
pub fn months_left(capacity: f64, utilisation: f64, peak: f64, growth: f64) -> MonthsLeft {
    let room = capacity * utilisation / peak;
    let is_known = peak > 0.0 && room.is_finite() && !growth.is_nan();
    if !is_known || room < 1.0 {
        MonthsLeft::None
    } else if growth <= 0.0 {
        MonthsLeft::Always
    } else {
        MonthsLeft::Months(room.ln() / growth.ln_1p())
    }
}

/// How many instances bear a load of which one bears `per_instance`, when each is used up to the
/// share `utilisation`; add those that may fail. `None` where no number does.
pub fn instances_for(load: f64, per_instance: f64, utilisation: f64) -> Option<u64> {
    let needed = load / (per_instance * utilisation);
    let is_known = load >= 0.0 && per_instance > 0.0 && utilisation > 0.0 && needed < 1e15;
    // 3 is enough for 3.0000000000000004, which is what 0.3 / 0.1 may come to.
    is_known.then(|| (needed * (1.0 - 1e-12)).ceil() as u64)
}

/// The peaks now, in a month, in two, and so on for so many months (600 at most), if they grow by the share
/// `growth` every month.
pub fn forecast(peak: f64, growth: f64, months: u32) -> Vec<f64> {
    let at = |month: u32| peak * (1.0 + growth).powi(month as i32);
    (0..=months.min(600)).map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CAPACITY: f64 = 3644.0;

    #[test]
    fn the_references_are_met() {
        let room = headroom(CAPACITY, 2000.0).unwrap();
        assert!((room - 0.822).abs() < 5e-4, "{room}");
        for (utilisation, expected) in [(0.8, 7.72), (1.0, 12.30)] {
            let MonthsLeft::Months(months) = months_left(CAPACITY, utilisation, 2000.0, 0.05)
            else {
                unreachable!()
            };
            assert!((months - expected).abs() < 5e-3, "{months}");
        }
    }

    #[test]
    fn a_load_that_does_not_grow_lasts_and_one_too_large_does_not() {
        assert_eq!(months_left(100.0, 0.8, 50.0, 0.0), MonthsLeft::Always);
        assert_eq!(months_left(100.0, 0.8, 50.0, -0.1), MonthsLeft::Always);
        assert_eq!(months_left(100.0, 0.8, 81.0, -0.1), MonthsLeft::None);
        assert_eq!(months_left(100.0, 0.8, 0.0, 0.1), MonthsLeft::None);
        assert_eq!(headroom(100.0, 0.0), None);
        assert_eq!(headroom(100.0, 200.0), Some(-0.5));
    }

    #[test]
    fn instances_are_whole_and_enough() {
        assert_eq!(instances_for(2000.0, 500.0, 0.8), Some(5));
        assert_eq!(instances_for(2001.0, 500.0, 0.8), Some(6));
        assert_eq!(instances_for(0.3, 0.1, 1.0), Some(3));
        assert_eq!(instances_for(0.0, 500.0, 0.8), Some(0));
        assert_eq!(instances_for(1.0, 0.0, 0.8), None);
        assert_eq!(instances_for(f64::NAN, 1.0, 0.8), None);
    }

    #[test]
    fn the_forecast_reaches_the_limit_when_the_months_are_over() {
        let peaks = forecast(2000.0, 0.05, 13);
        assert_eq!((peaks.len(), peaks[0]), (14, 2000.0));
        assert!(peaks[7] < 0.8 * CAPACITY && peaks[8] > 0.8 * CAPACITY);
        assert!(peaks[12] < CAPACITY && peaks[13] > CAPACITY);
        assert_eq!(forecast(1.0, 0.0, u32::MAX).len(), 601);
    }

    proptest! {
        #[test]
        fn so_many_instances_are_enough_and_one_less_is_not(
            load in 1.0..1e9_f64, per_instance in 1.0..1e6_f64, utilisation in 0.1..1.0_f64,
        ) {
            let needed = instances_for(load, per_instance, utilisation).unwrap() as f64;
            let bears = |instances: f64| instances * per_instance * utilisation;
            prop_assert!(bears(needed) >= load * (1.0 - 1e-9));
            prop_assert!(bears(needed - 1.0) < load);
        }
    }
}

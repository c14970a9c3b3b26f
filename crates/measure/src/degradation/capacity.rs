//! How much a system does well at best, and what is left of that under more load.

use crate::seconds::{Second, Seconds};
use std::ops::Range;

/// The most good responses per second that were sustained.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Capacity {
    /// Good responses per second.
    pub per_second: f64,
    /// When that stretch began, in seconds since the start.
    pub from_s: f64,
    /// When it ended.
    pub until_s: f64,
}

/// The best goodput sustained over `sustained_s` seconds (10, unless durations are shortened):
///
/// `capacity = max over t of Σ good(t .. t + sustained_s) / sustained_s`
///
/// The first of equals; `None` if the test was shorter. As the best of many stretches it is rather
/// too high than too low, which makes shares of it the stricter.
pub fn capacity(seconds: &Seconds, sustained_s: f64) -> Option<Capacity> {
    let length = seconds.stretches(sustained_s);
    let width_s = seconds.width_s();
    let per_second = |stretch: &[Second]| goods(stretch) as f64 / (length as f64 * width_s);
    let windows = seconds.seconds.windows(length).enumerate();
    let (first, best) = windows
        .map(|(first, stretch)| (first, per_second(stretch)))
        .rev()
        .max_by(|a, b| a.1.total_cmp(&b.1))?;
    let from_s = first as f64 * width_s;
    Some(Capacity {
        per_second: best,
        from_s,
        until_s: from_s + length as f64 * width_s,
    })
}

/// Good responses per second in a stretch; `None` if it holds no whole second.
pub fn mean_goodput(seconds: &Seconds, stretch: &Range<f64>) -> Option<f64> {
    let stretch = seconds.within(stretch.start, stretch.end);
    let length_s = stretch.len() as f64 * seconds.width_s();
    (!stretch.is_empty()).then(|| goods(stretch) as f64 / length_s)
}

fn goods(stretch: &[Second]) -> u64 {
    stretch.iter().map(|second| second.good).sum()
}

/// How well a system bears more load than it can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grade {
    /// Nine tenths of its capacity or more are left.
    Good,
    /// Between the two.
    Degraded,
    /// Less than half is left.
    Collapse,
}

/// What is left of the capacity under more load.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Collapse {
    /// Goodput under more load over goodput at capacity.
    pub ratio: f64,
    /// What that means.
    pub grade: Grade,
}

/// `goodput(2C) / goodput(C)`, from good responses per second in a stretch of overload and at
/// capacity; `None` if there is no capacity. 0.9 and more are good, less than 0.5 is a collapse.
pub fn collapse_ratio(overloaded: f64, at_capacity: f64) -> Option<Collapse> {
    let ratio = overloaded / at_capacity;
    let grade = match ratio {
        0.9.. => Grade::Good,
        0.5.. => Grade::Degraded,
        _ => Grade::Collapse,
    };
    (at_capacity > 0.0 && ratio.is_finite()).then_some(Collapse { ratio, grade })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::degradation::fixture::seconds;

    #[test]
    fn capacity_is_the_best_that_lasts() {
        // A burst of one second is no capacity, and what is offered is none either.
        let good = |t| match t {
            5 => 3000,
            20..30 => 800,
            40..45 => 2000,
            _ => 500,
        };
        let seconds = seconds((0..60).map(|t| (3000, good(t))));
        let best = capacity(&seconds, 10.0).unwrap();
        assert_eq!(best.per_second, (5.0 * 2000.0 + 5.0 * 500.0) / 10.0);
        assert_eq!((best.from_s, best.until_s), (35.0, 45.0));
        let best = capacity(&seconds, 1.0).unwrap();
        assert_eq!((best.per_second, best.from_s), (3000.0, 5.0));
        assert_eq!(capacity(&seconds, 61.0), None);
        assert_eq!(mean_goodput(&seconds, &(20.0..30.0)), Some(800.0));
        assert_eq!(mean_goodput(&seconds, &(60.0..70.0)), None);
    }

    #[test]
    fn wider_stretches_make_the_same_rate() {
        let mut wide = seconds((0..20).map(|_| (400, 400)));
        wide.width_ns *= 4;
        let best = capacity(&wide, 10.0).unwrap();
        assert_eq!((best.per_second, best.until_s), (100.0, 12.0));
    }

    #[test]
    fn what_is_left_has_three_grades() {
        let grade = |left| collapse_ratio(left, 1000.0).unwrap().grade;
        assert_eq!(grade(900.0), Grade::Good);
        assert_eq!(grade(899.0), Grade::Degraded);
        assert_eq!(grade(500.0), Grade::Degraded);
        assert_eq!(grade(499.0), Grade::Collapse);
        assert_eq!(collapse_ratio(850.0, 1000.0).unwrap().ratio, 0.85);
        assert_eq!(collapse_ratio(5.0, 0.0), None);
    }
}

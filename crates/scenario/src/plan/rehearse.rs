//! A plan in a hurry: everything is tried, nothing is proven.

use super::{PlannedTest, ReadinessPlan};
use crate::model::Load;
use plimsoll_schedule::{LoadShape, Segment};
use std::time::Duration;

/// What a stage, a limit or a pause is never shortened below, unless it was shorter before.
const SHORTEST: Duration = Duration::from_secs(1);

impl ReadinessPlan {
    /// Makes everything that takes time in tests take `factor` of it, a number between 0 and 1: with
    /// 0.1, ten minutes become one. Stages, limits and pauses keep at least a second, rates stay. What is done during a
    /// test stays at the same place of its load. Time limits of single requests and commands, and
    /// windows of thresholds, stay as well.
    ///
    /// Any other factor changes nothing: that would be no rehearsal.
    pub fn rehearse(&mut self, factor: f64) {
        if factor.is_nan() || factor <= 0.0 || factor >= 1.0 {
            return;
        }
        self.settle = shortened(self.settle, factor);
        for test in &mut self.tests {
            test.rehearse(factor);
        }
        self.rehearsal = Some(self.rehearsal.unwrap_or(1.0) * factor);
    }
}

impl PlannedTest {
    fn rehearse(&mut self, factor: f64) {
        let Load::Open { shape, .. } = &mut self.load else {
            return;
        };
        let before: Vec<Segment> = shape.segments().collect();
        let after: Vec<Segment> = before
            .iter()
            .map(|segment| {
                let duration = shortened(Duration::from_nanos(segment.duration_ns), factor);
                Segment {
                    duration_ns: nanoseconds(duration),
                    ..*segment
                }
            })
            .collect();
        // Shorter than a shape that was valid, so valid too.
        let Ok(rehearsed) = LoadShape::new(after.iter().copied()) else {
            return;
        };
        *shape = rehearsed;
        let place = Place { before, after };
        for jump in &mut self.jumps {
            jump.at_ns = place.of(jump.at_ns);
        }
        for injection in &mut self.inject {
            injection.after = place.of_duration(injection.after);
            injection.undo_after = injection.undo_after.map(|after| place.of_duration(after));
        }
        self.warmup = self.warmup.map(|warmup| place.of_duration(warmup));
        let expect = &mut self.expect;
        let limits = [
            &mut expect.recover_within,
            &mut expect.objective_within,
            &mut expect.served_within,
        ];
        for (limit, _) in limits.into_iter().flatten() {
            *limit = shortened(*limit, factor);
        }
    }
}

/// Stages of a load before and after they were shortened.
struct Place {
    before: Vec<Segment>,
    after: Vec<Segment>,
}

impl Place {
    /// Where a moment of the load has gone: it keeps its share of its stage.
    fn of(&self, at_ns: u64) -> u64 {
        let (mut rest, mut start) = (at_ns, 0_u64);
        for (before, after) in self.before.iter().zip(&self.after) {
            if rest < before.duration_ns {
                let share = rest as f64 / before.duration_ns as f64;
                return start.saturating_add((share * after.duration_ns as f64) as u64);
            }
            rest -= before.duration_ns;
            start = start.saturating_add(after.duration_ns);
        }
        start
    }

    fn of_duration(&self, at: Duration) -> Duration {
        Duration::from_nanos(self.of(nanoseconds(at)))
    }
}

fn shortened(duration: Duration, factor: f64) -> Duration {
    duration.mul_f64(factor).max(duration.min(SHORTEST))
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

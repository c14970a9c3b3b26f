//! Looks as points of a course, of which there are never too many.

use super::{Look, MOST_POINTS};
use plimsoll_report::document::ResourcePoint;
use std::time::Duration;

/// Shortest time over which processors in use are worked out: below, the ticks of the clock are too coarse.
const SHORTEST: Duration = Duration::from_millis(100);

/// The course so far.
pub(super) struct Folded {
    points: Vec<ResourcePoint>,
    /// How many looks make a point.
    width: usize,
    /// The looks of the point that is not complete.
    open: Vec<ResourcePoint>,
    before: Option<(Duration, Look)>,
}

impl Default for Folded {
    fn default() -> Self {
        Self {
            points: Vec::new(),
            width: 1,
            open: Vec::new(),
            before: None,
        }
    }
}

impl Folded {
    pub(super) fn add(&mut self, at: Duration, look: Look) {
        let processors = self.before.and_then(|(then, before)| {
            let time = at.checked_sub(then).filter(|time| *time >= SHORTEST)?;
            let used = look.processor_seconds? - before.processor_seconds?;
            // A counter that went back began anew.
            (used >= 0.0 && look.generation == before.generation).then(|| used / time.as_secs_f64())
        });
        self.before = Some((at, look));
        self.open.push(ResourcePoint {
            at_ns: u64::try_from(at.as_nanos()).unwrap_or(u64::MAX),
            processors,
            rss_bytes: look.rss_bytes,
            descriptors: look.descriptors,
        });
        if self.open.len() == self.width {
            self.close();
        }
    }

    fn close(&mut self) {
        self.points.extend(folded(&self.open));
        self.open.clear();
        if self.points.len() > MOST_POINTS {
            self.points = self.points.chunks(2).filter_map(folded).collect();
            self.width *= 2;
        }
    }

    pub(super) fn points(mut self) -> Vec<ResourcePoint> {
        self.close();
        self.points
    }
}

/// Several points as one: the last of what is a level, the mean of what is a rate.
fn folded(points: &[ResourcePoint]) -> Option<ResourcePoint> {
    let last = points.last()?;
    let rates: Vec<f64> = points.iter().filter_map(|point| point.processors).collect();
    Some(ResourcePoint {
        at_ns: last.at_ns,
        processors: (!rates.is_empty()).then(|| rates.iter().sum::<f64>() / rates.len() as f64),
        rss_bytes: points.iter().rev().find_map(|point| point.rss_bytes),
        descriptors: points.iter().rev().find_map(|point| point.descriptors),
    })
}

//! What is known of the course of a run before it begins.

/// A stretch of the load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stage {
    /// Its first nanosecond.
    pub from_ns: u64,
    /// The first nanosecond after it.
    pub until_ns: u64,
    /// Whether the load stays the same all through it.
    pub is_steady: bool,
}

/// When what is planned to happen. Times are nanoseconds since the start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timetable {
    /// When arrivals end; `None` if that depends on the answers.
    pub duration_ns: Option<u64>,
    /// The stages of the load, in order, without gaps. A load without stages is one stage.
    pub stages: Vec<Stage>,
    /// How much of the beginning is declared to be warm-up. `None`: it is estimated.
    pub warmup_ns: Option<u64>,
}

/// A run is looked at in so many intervals of equal length.
pub(crate) const INTERVALS: u64 = 60;
/// Intervals in a batch of the warm-up rule MSER-5.
pub(crate) const BATCH: u64 = 5;
/// Shorter runs are not searched for a warm-up: their intervals are too short to mean anything.
const SHORTEST_SEARCHED_NS: u64 = 20_000_000_000;

impl Timetable {
    /// Whether the end of the warm-up is to be estimated: in a run of known length under a load that
    /// does not change, long enough to be cut into intervals.
    pub fn estimates_warmup(&self) -> Result<(), &'static str> {
        match (self.duration_ns, self.stages.as_slice()) {
            _ if self.warmup_ns.is_some() => Err("it was declared"),
            (None, _) => Err("the length of the run was not known beforehand"),
            (
                Some(_),
                [_, _, ..]
                | [
                    Stage {
                        is_steady: false, ..
                    },
                ],
            ) => Err("the load changes, so that a beginning that differs says nothing"),
            (Some(ns), _) if ns < SHORTEST_SEARCHED_NS => Err("the run is shorter than 20 s"),
            (Some(_), _) => Ok(()),
        }
    }

    /// The length of an interval, in nanoseconds.
    pub(crate) fn interval_ns(&self) -> Option<u64> {
        let ns = self.duration_ns? / INTERVALS;
        (ns > 0).then_some(ns)
    }

    /// Where a run may have to be taken apart: at the stages, after the declared warm-up, and where
    /// the estimated one may turn out to end, which is in the first half.
    pub(crate) fn seams(&self) -> Vec<u64> {
        let candidates = match self.estimates_warmup() {
            Ok(()) => INTERVALS / BATCH / 2,
            Err(_) => 0,
        };
        let interval = self.interval_ns().unwrap_or_default();
        let mut seams: Vec<u64> = (1..=candidates)
            .map(|batch| batch * BATCH * interval)
            .chain(self.stages.iter().map(|stage| stage.from_ns))
            .chain(self.warmup_ns)
            .chain([0])
            .collect();
        seams.sort_unstable();
        seams.dedup();
        seams
    }
}

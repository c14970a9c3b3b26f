//! How much load there is at each moment: a rate over time made of straight lines.

use crate::rate::Rate;
use thiserror::Error;

const NS_PER_SECOND: f64 = 1e9;

/// A stretch of time over which the rate changes evenly from one value to another. A jump is two
/// segments, of which the second starts at another rate than the first ends with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segment {
    /// How long it lasts, in nanoseconds.
    pub duration_ns: u64,
    /// The rate at its start.
    pub from: Rate,
    /// The rate at its end.
    pub to: Rate,
}

impl Segment {
    /// A stretch of constant rate.
    pub const fn hold(rate: Rate, duration_ns: u64) -> Self {
        Self {
            duration_ns,
            from: rate,
            to: rate,
        }
    }

    fn seconds(&self) -> f64 {
        self.duration_ns as f64 / NS_PER_SECOND
    }

    fn arrivals(&self) -> f64 {
        (self.from.get() + self.to.get()) / 2.0 * self.seconds()
    }
}

/// Why a list of segments is no load shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ShapeError {
    /// No segment lasts any time.
    #[error("the load lasts no time: give it a duration above zero")]
    NoDuration,
    /// The durations do not fit into 64 bits of nanoseconds.
    #[error("the load lasts longer than 584 years: shorten it")]
    TooLong,
    /// More arrivals than can be counted exactly.
    #[error("the load has more than 9007199254740992 arrivals: lower its rates or shorten it")]
    TooManyArrivals,
}

/// The most arrivals whose numbers are exact as floating point.
const MOST_ARRIVALS: f64 = (1_u64 << 53) as f64;

/// A segment with what came before it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Piece {
    start_ns: u64,
    /// Arrivals up to its start and up to its end.
    before: f64,
    until: f64,
    segment: Segment,
    /// Arrivals per second, per second.
    slope: f64,
}

/// Rate over time: at least one segment, lasting longer than zero in all.
///
/// Its heart is the cumulative function Λ: how many arrivals there are up to a time. Fractions of
/// an arrival carry across segments.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadShape {
    pieces: Vec<Piece>,
    duration_ns: u64,
    total: f64,
}

impl LoadShape {
    /// A shape made of `segments`, one after the other. Those that last no time are left out.
    ///
    /// # Errors
    /// If nothing is left, or if time or arrivals are beyond what can be counted.
    pub fn new(segments: impl IntoIterator<Item = Segment>) -> Result<Self, ShapeError> {
        let mut pieces: Vec<Piece> = Vec::new();
        let (mut start_ns, mut before) = (0_u64, 0.0);
        for segment in segments.into_iter().filter(|s| s.duration_ns > 0) {
            let until = whole(before + segment.arrivals());
            pieces.push(Piece {
                start_ns,
                before,
                until,
                segment,
                slope: (segment.to.get() - segment.from.get()) / segment.seconds(),
            });
            start_ns = start_ns
                .checked_add(segment.duration_ns)
                .ok_or(ShapeError::TooLong)?;
            before = until;
        }
        if pieces.is_empty() {
            return Err(ShapeError::NoDuration);
        }
        if before.is_nan() || before >= MOST_ARRIVALS {
            return Err(ShapeError::TooManyArrivals);
        }
        Ok(Self {
            pieces,
            duration_ns: start_ns,
            total: before,
        })
    }

    /// The same rate throughout.
    ///
    /// # Errors
    /// If the duration is zero, or the arrivals are beyond what can be counted.
    pub fn constant(rate: Rate, duration_ns: u64) -> Result<Self, ShapeError> {
        Self::new([Segment::hold(rate, duration_ns)])
    }

    /// Its segments, in order.
    pub fn segments(&self) -> impl ExactSizeIterator<Item = Segment> + '_ {
        self.pieces.iter().map(|piece| piece.segment)
    }

    /// How long it lasts, in nanoseconds.
    pub const fn duration_ns(&self) -> u64 {
        self.duration_ns
    }

    /// Λ at its end: the expected number of arrivals. Even arrivals are this many, rounded up.
    pub const fn total_arrivals(&self) -> f64 {
        self.total
    }

    /// The highest rate at any moment.
    pub fn peak_rate(&self) -> Rate {
        self.pieces
            .iter()
            .flat_map(|piece| [piece.segment.from, piece.segment.to])
            .fold(
                Rate::ZERO,
                |peak, rate| if rate > peak { rate } else { peak },
            )
    }

    /// The rate in arrivals per second at a moment; where two segments meet, that of the later
    /// one, and 0 once it is over.
    pub fn rate_at(&self, ns: u64) -> f64 {
        if ns >= self.duration_ns {
            return 0.0;
        }
        self.piece_at(ns).map_or(0.0, |piece| {
            let seconds = (ns - piece.start_ns) as f64 / NS_PER_SECOND;
            (piece.segment.from.get() + piece.slope * seconds).max(0.0)
        })
    }

    /// Λ: the expected number of arrivals before a moment.
    pub fn cumulative(&self, ns: u64) -> f64 {
        if ns >= self.duration_ns {
            return self.total;
        }
        self.piece_at(ns).map_or(0.0, |piece| {
            let seconds = (ns - piece.start_ns) as f64 / NS_PER_SECOND;
            let arrivals = (piece.segment.from.get() + piece.slope * seconds / 2.0) * seconds;
            (piece.before + arrivals).clamp(piece.before, piece.until)
        })
    }

    /// The moment, in nanoseconds, at which Λ reaches `gamma`; `None` at or beyond the total.
    /// Where the rate is zero for a while, that is the end of the while.
    pub fn invert(&self, gamma: f64) -> Option<u64> {
        self.invert_from(&mut 0, gamma)
    }

    /// As [`Self::invert`], starting to look at piece `cursor` and leaving it where it was found:
    /// a run of rising `gamma` costs constant time each.
    pub(crate) fn invert_from(&self, cursor: &mut usize, gamma: f64) -> Option<u64> {
        if gamma.is_nan() || gamma < 0.0 {
            return None;
        }
        loop {
            let piece = self.pieces.get(*cursor)?;
            if gamma < piece.until {
                return Some(piece.invert(gamma));
            }
            *cursor += 1;
        }
    }

    fn piece_at(&self, ns: u64) -> Option<&Piece> {
        let after = self.pieces.partition_point(|piece| piece.start_ns <= ns);
        self.pieces.get(after.checked_sub(1)?)
    }
}

impl Piece {
    /// The root of `from·t + slope·t²/2 = x` in the form that stays exact as the slope or the
    /// starting rate goes to zero.
    fn invert(&self, gamma: f64) -> u64 {
        let x = gamma - self.before;
        if x <= 0.0 {
            return self.start_ns;
        }
        let from = self.segment.from.get();
        let root = (from * from + 2.0 * self.slope * x).max(0.0).sqrt();
        let seconds = 2.0 * x / (from + root);
        let ns = (seconds * NS_PER_SECOND + 0.5) as u64;
        self.start_ns + ns.min(self.segment.duration_ns)
    }
}

/// A number of arrivals that is whole but for rounding: 4/min for 60 s is 4 arrivals, not 4 and one more by an error in the
/// 16th digit.
fn whole(arrivals: f64) -> f64 {
    let whole = arrivals.round();
    match (arrivals - whole).abs() <= 1e-9_f64.max(whole * 1e-14) {
        true => whole,
        false => arrivals,
    }
}

#[cfg(test)]
mod tests;

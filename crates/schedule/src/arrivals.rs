//! The intended time of every arrival, and which of them a shard has to make.
//!
//! Every shard generates the whole stream and keeps its own part, so that shards need not talk to
//! each other and their union is the same however many there are.

use crate::random::{Exponentials, SplitMix64};
use crate::shape::LoadShape;
use thiserror::Error;

/// How arrivals are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Arrivals {
    /// Evenly: at a constant rate every gap is the same.
    #[default]
    Even,
    /// As a Poisson process: gaps are exponential, as with users who know nothing of each other.
    Poisson,
}

/// One arrival of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arrival {
    /// Its number in the whole stream, from 0.
    pub index: u64,
    /// When it should start, in nanoseconds since the start of the test.
    pub at_ns: u64,
}

/// One of several parts that a stream is split into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shard {
    index: u32,
    of: u32,
}

/// A shard that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("there is no shard {index} of {of}: shards are numbered from 0 and there is at least one")]
pub struct ShardError {
    index: u32,
    of: u32,
}

impl Shard {
    /// The whole stream.
    pub const WHOLE: Self = Self { index: 0, of: 1 };

    /// Part `index`, from 0, of `of` parts.
    ///
    /// # Errors
    /// If `index` is not below `of`.
    pub const fn new(index: u32, of: u32) -> Result<Self, ShardError> {
        if index < of {
            Ok(Self { index, of })
        } else {
            Err(ShardError { index, of })
        }
    }

    /// Its number, from 0.
    pub const fn index(self) -> u32 {
        self.index
    }

    /// How many parts there are.
    pub const fn of(self) -> u32 {
        self.of
    }
}

impl Default for Shard {
    fn default() -> Self {
        Self::WHOLE
    }
}

/// The purpose for which the seed is forked to assign arrivals to shards.
const ASSIGNMENT: u64 = 1;

/// How the positions of arrivals on the Λ axis come about.
#[derive(Debug, Clone, PartialEq)]
enum Positions {
    Even {
        assignment: SplitMix64,
    },
    Poisson {
        gaps: Exponentials,
        /// Where the arrival before stood.
        sum: f64,
        assignment: SplitMix64,
    },
}

/// The arrivals of a load shape, in order.
///
/// As an iterator it yields those of its shard. [`Self::next_global`] yields those of all shards
/// and says whose they are; both move the same position forward.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    shape: LoadShape,
    shard: Shard,
    positions: Positions,
    /// The number of the next arrival of the whole stream.
    next: u64,
    /// The piece of the shape in which the last arrival was.
    cursor: usize,
}

impl Schedule {
    /// The arrivals of `shape`. The same shape, kind of arrivals and seed give the same arrivals
    /// on every machine; the seed does not matter to even ones.
    pub const fn new(shape: LoadShape, arrivals: Arrivals, seed: u64, shard: Shard) -> Self {
        let positions = match arrivals {
            Arrivals::Even => Positions::Even {
                assignment: SplitMix64::new(0).fork(ASSIGNMENT),
            },
            Arrivals::Poisson => Positions::Poisson {
                gaps: Exponentials::new(seed),
                sum: 0.0,
                assignment: SplitMix64::new(seed).fork(ASSIGNMENT),
            },
        };
        Self {
            shape,
            shard,
            positions,
            next: 0,
            cursor: 0,
        }
    }

    /// The shape it follows.
    pub const fn shape(&self) -> &LoadShape {
        &self.shape
    }

    /// The next arrival of the whole stream, and whether it belongs to this shard.
    pub fn next_global(&mut self) -> Option<(Arrival, bool)> {
        let (index, gamma, ours) = self.advance();
        let at_ns = self.shape.invert_from(&mut self.cursor, gamma)?;
        Some((Arrival { index, at_ns }, ours))
    }

    /// Number, position on the Λ axis and ownership of the next arrival of the whole stream.
    fn advance(&mut self) -> (u64, f64, bool) {
        let index = self.next;
        self.next += 1;
        let of = u64::from(self.shard.of);
        let (gamma, ticket) = match &mut self.positions {
            Positions::Even { assignment } => {
                // Of as many in a row as there are shards each has one, and which is a hash: with a stride, a shard
                // would have every other journey of a mix, and none of the rest.
                let first = if of == 1 {
                    0
                } else {
                    assignment.at(index / of)
                };
                (index as f64, first.wrapping_add(index % of))
            }
            Positions::Poisson {
                gaps,
                sum,
                assignment,
            } => {
                *sum += gaps.draw();
                // With a stride instead of a hash, each shard would be an Erlang process.
                let ticket = if of == 1 { 0 } else { assignment.at(index) };
                (*sum, ticket)
            }
        };
        let ours = of == 1 || ticket % of == u64::from(self.shard.index);
        (index, gamma, ours)
    }
}

impl Iterator for Schedule {
    type Item = Arrival;

    fn next(&mut self) -> Option<Arrival> {
        loop {
            let (index, gamma, ours) = self.advance();
            if ours {
                let at_ns = self.shape.invert_from(&mut self.cursor, gamma)?;
                return Some(Arrival { index, at_ns });
            }
            if gamma >= self.shape.total_arrivals() {
                return None;
            }
        }
    }
}

#[cfg(test)]
mod tests;

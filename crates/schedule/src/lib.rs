//! When each journey of a test should start, and which journey that is.
//!
//! A [`LoadShape`] says how many arrivals there are up to each moment, a [`Schedule`] turns that
//! into the intended time of every arrival, and a [`Mix`] says which journey the nth one takes.
//! Pure: no clock, no I/O. Times are whole nanoseconds since the start of the test, computed from
//! the arrival's number and never by adding to "now", so that every machine agrees on them.
//! What is left out: waiting for those times, and anything that depends on responses.
#![forbid(unsafe_code)]

pub mod arrivals;
pub mod mix;
pub mod random;
pub mod rate;
pub mod shape;

pub use arrivals::{Arrival, Arrivals, Schedule, Shard, ShardError};
pub use mix::{Mix, MixError};
pub use random::{Exponentials, SplitMix64};
pub use rate::{Rate, RateError};
pub use shape::{LoadShape, Segment, ShapeError};

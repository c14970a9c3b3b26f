//! When each journey should start. Pure: no clock, no I/O; times are nanoseconds since the start.
#![forbid(unsafe_code)]

/// Rate over time.
#[derive(Debug, Clone)]
pub struct LoadShape {}
/// How arrivals are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Arrivals {
    /// Evenly.
    #[default]
    Even,
    /// As a Poisson process.
    Poisson,
}
/// Which journey the nth arrival takes.
#[derive(Debug, Clone)]
pub struct Mix {}

//! What a load test observed, and what may be concluded from it.
//!
//! Pure: no clock, no file, no network, no async runtime. Samples go in; ledgers, latency
//! figures and three-valued verdicts come out. Times are nanoseconds since the start of the test.
#![forbid(unsafe_code)]

pub mod catalogue;
pub mod sample;
pub mod threshold;

pub use catalogue::{Catalogue, JourneyEntry, Series};
pub use sample::{ErrorKind, Outcome, Phases, Sample};
pub use threshold::{Comparison, Metric, Scope, Threshold};

//! What a load test observed, and what may be concluded from it.
//!
//! Pure: no clock, no file, no network, no async runtime. Samples go in; ledgers, latency
//! figures and three-valued verdicts come out. Times are nanoseconds since the start of the test.
#![forbid(unsafe_code)]

pub mod abort;
pub mod capacity;
pub mod catalogue;
pub mod change_points;
pub mod chart;
pub mod clients;
pub mod course;
pub mod curve;
pub mod degradation;
pub mod delta;
pub mod folding;
pub mod histogram;
pub mod judge;
pub mod ledger;
pub mod outcomes;
mod periods;
pub mod readiness;
pub mod regression;
pub mod sample;
pub mod scalability;
pub mod seconds;
pub mod series;
pub mod statistics;
pub mod tally;
pub mod threshold;
pub mod tier;
mod timeline;
pub mod timetable;
pub mod validity;
pub mod vitals;
pub mod warmup;
pub mod window;

pub use abort::AbortRule;
pub use catalogue::{Catalogue, JourneyEntry, Series};
pub use chart::{Chart, ChartPoint};
pub use clients::Clients;
pub use course::Course;
pub use curve::Curve;
pub use delta::{Delta, Glance};
pub use folding::{Fold, Folding};
pub use histogram::{Histogram, Moments, Precision};
pub use judge::{Interval, Judgement, Observed, Rules, State, judge};
pub use ledger::Ledger;
pub use outcomes::Outcomes;
pub use sample::{ErrorKind, Outcome, Phases, Sample};
pub use seconds::{Second, Seconds};
pub use series::{Limit, Quantile, SeriesTally};
pub use tally::{Tally, Watched};
pub use threshold::{Comparison, Kind, Metric, Scope, Threshold, ThresholdError};
pub use tier::Tier;
pub use timetable::{Stage, Timetable};
pub use validity::{Cause, Check, CheckName, Status, Validity};
pub use vitals::Vitals;
pub use warmup::{Warmup, WarmupRule};
pub use window::{SlidingWindow, Stretch};

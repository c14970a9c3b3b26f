//! The history of runs: one SQLite file that finished runs are kept in, as points of series.
//!
//! A run comes in as the document that `run.json` holds ([`History::add`]) and is kept as its head,
//! its tests with the [`Environment`] of each, a [`Point`] for every figure of every series, and, if
//! they are given, the response times themselves as histograms. It comes out as a list
//! ([`History::list`]), as itself ([`History::show`]), as the course of a figure over runs
//! ([`History::trend`]) or as what a new run is compared with ([`History::baseline`]).
//!
//! What was measured under other circumstances is never compared silently: every selection takes an
//! environment, and says how many runs it left out and in what they differed. Nothing is judged or
//! averaged here: this crate stores and selects.
//!
//! # The file
//!
//! - One file, also when the program that writes it is over: SQLite's rollback journal is used
//!   (`journal_mode = DELETE`), not its write-ahead log, so that a job of a continuous integration
//!   can cache the file by itself. While a run is being added a `-journal` stands beside it. If the
//!   program is killed in just that moment, it stays there and belongs to the file: the next program
//!   that opens the file rolls back what was half done.
//! - Everything that is written is written in one immediate transaction. Programs that write at the
//!   same time wait for each other, [`PATIENCE`] at most, and all of it is kept.
//! - The version of the schema is the file's `user_version`. Older files are brought up to date when
//!   they are opened, newer ones are refused.
//! - Times are nanoseconds, shares are of 1, rates are per second. A figure that falls among
//!   requests that did not succeed is infinite and is `NULL` in the file; where there was no sample
//!   there is no point.
#![forbid(unsafe_code)]

mod add;
mod baseline;
mod codec;
mod environment;
mod error;
mod figures;
mod file;
mod histograms;
mod identity;
mod kept;
mod list;
mod metric;
mod prune;
mod schema;
mod selection;
mod show;
mod text;
mod trend;

pub use add::{Added, NewRun, Provenance};
pub use baseline::{Baseline, BaselineQuery};
pub use environment::{Circumstances, Difference, Environment, Machine, Part, UnknownPart};
pub use error::{HistoryError, Refusal};
pub use figures::{Figure, Series};
pub use file::{History, PATIENCE};
pub use histograms::{Histograms, LogError};
pub use identity::RunId;
pub use kept::KeptRun;
pub use list::Filter;
pub use metric::{Metric, Unit, UnknownMetric, Value};
pub use prune::{Pruned, Pruning, Surplus};
pub use schema::SCHEMA_VERSION;
pub use selection::{Exclusion, LeftOut, Point};
pub use show::{KeptSeries, KeptTest, RunDetail};
pub use trend::{Trend, TrendQuery};

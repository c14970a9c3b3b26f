//! Whether one build is worse than another.
//!
//! Runs of one and the same build differ: by the machine, by its neighbours, by the order of
//! things. Two runs compared request by request differ "significantly" in four of five cases. So the
//! unit is the round, in which both builds had their turn, and what decides is how rounds scatter
//! ([`judge`]). Two single runs can be compared only as far as they go ([`compare_runs`]); a single run with
//! earlier ones of its kind, by how those scatter ([`against_history`]).

mod contest;
mod duel;
mod finding;
mod history;
mod looks;
mod measure;
mod runs;
mod words;

pub use contest::{Contest, Reading};
pub use duel::{Duel, judge, judge_at_end};
pub use finding::{Finding, Verdict};
pub use history::{HistoryComparison, Place, against_history};
pub use looks::{Look, Looks, LooksError};
pub use measure::{Better, Measure, Scale};
pub use runs::{NotComparable, RunComparison, RunFigure, compare_runs};

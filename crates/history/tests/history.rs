//! What is promised of a history, through its public interface.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot do what it is to try has failed"
)]

#[path = "history/common.rs"]
mod common;
#[path = "history/damage.rs"]
mod damage;
#[path = "history/keeping.rs"]
mod keeping;
#[path = "history/migrating.rs"]
mod migrating;
#[path = "history/model.rs"]
mod model;
#[path = "history/opening.rs"]
mod opening;
#[path = "history/pruning.rs"]
mod pruning;
#[path = "history/selecting.rs"]
mod selecting;
#[path = "history/writers.rs"]
mod writers;

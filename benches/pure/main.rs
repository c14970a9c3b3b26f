//! What every arrival, request and sample costs in the pure crates, and what a verdict costs at the end.
#![allow(missing_docs, reason = "criterion's macros make functions without any")]

mod measure;
mod scenario;
mod schedule;

use criterion::{criterion_group, criterion_main};

criterion_group!(
    benches,
    schedule::arrivals,
    scenario::render,
    scenario::examine,
    measure::record,
    measure::merge,
    measure::judge
);
criterion_main!(benches);

//! What surrounds the load when a plan is run: which build it is, what is done to it, and what it costs.
//!
//! A sequential runner calls these parts. Everything is synchronous: threads and processes of the
//! standard library, no runtime. HTTP is spoken by whoever implements [`Fetch`].
#![forbid(unsafe_code)]

pub mod attest;
pub mod checklist;
pub mod command;
pub mod configuration;
mod digest;
mod fetch;
#[cfg(test)]
mod fixture;
pub mod identity;
pub mod injection;
pub mod invariants;
pub mod metrics;
mod pending;
pub mod resources;
pub mod server;
mod text;

pub use digest::{sha256_of, sha256_of_file};
pub use fetch::{Fetch, Fetched, LONGEST_BODY};
pub use pending::undo_pending_now;

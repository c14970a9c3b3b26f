//! From what a run observed to what people and programs read.
//!
//! [`document::Run`] is the hinge: it is exactly `run.json`. The terminal report and `summary.md` are
//! rendered from it and from nothing else, so a run read back from disk renders the same as it did
//! when it ended. Beside it stand the two files that grow while a run goes on, `intervals.hlog`
//! ([`hlog`]) and `events.ndjson` ([`events`]), and the plain progress line ([`progress`]).
//!
//! Everything writes to an [`std::io::Write`] or returns a string. No file is opened, no clock is
//! read and nothing is judged here.
#![forbid(unsafe_code)]

pub mod annotations;
pub mod capacity;
pub mod document;
pub mod duel;
pub mod events;
pub mod facts;
pub mod hlog;
pub mod html;
pub mod junit;
mod meeting;
pub mod merge;
pub mod metrics;
pub mod page;
mod plain;
pub mod progress;
pub mod quantity;
mod rows;
mod sentence;
pub mod summary;
pub mod terminal;
pub mod verdict;
mod wording;

#[cfg(any(test, feature = "fixture"))]
pub mod fixture;

//! Drives the journeys of a scenario over HTTP at their intended times.
//!
//! One worker thread per core owns a current-thread runtime, its users and its connections. What it
//! observes leaves it in batches; the collector, on the caller's thread, files the samples. Nothing is
//! judged or rendered here.
//!
//! The way in is [`run`] for a load test and [`try_journeys`] for a single traced pass.
#![forbid(unsafe_code)]

mod answer;
mod attempt;
mod buffer;
mod clock;
mod collector;
mod compiled;
mod connect;
mod connection;
mod cookies;
mod course;
mod deadline;
mod decode;
mod dispatch;
mod error;
mod exchange;
mod fetch;
mod health;
mod http1;
mod http2;
mod io;
mod journey;
mod limits;
mod machine;
mod message;
mod origin;
mod pool;
mod queue;
mod recorder;
mod redirect;
mod resolve;
mod rules;
mod run;
mod safety;
mod served;
mod shared;
mod step;
#[cfg(test)]
mod testing;
mod timer;
mod tls;
mod trace;
mod user;
mod worker;

pub use collector::{Observer, Tick};
pub use error::EngineError;
pub use fetch::{Fetched, Fetcher};
pub use limits::{Limits, raise_descriptor_limit};
pub use recorder::Example;
pub use rules::Rules;
pub use run::{Ended, Finished, RunOptions, Stop, run};
pub use safety::{Reach, check_reach, is_nearby};
pub use served::Served;
pub use shared::Event;
pub use timer::{TimerMode, measure_timers};
pub use trace::{Trace, TracedExchange, try_each_journey, try_journeys};

//! The validated scenario: what the engine drives. Nothing in here can be wrong any more.

mod data;
mod journey;
mod load;
mod request;
mod target;

pub use data::{Clients, Feed, Take};
pub use journey::{Journey, RequestInfo, Step, Think};
pub use load::{Load, Promise, ShedRule};
pub use request::{Body, Part, PartContent, Request, Retry};
pub use target::{Address, Connections, HttpVersion, Pem, Resolve, Target, Tls};

use crate::mask::Masker;
use plimsoll_measure::Threshold;
use plimsoll_schedule::Mix;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// A whole scenario, compiled.
#[derive(Debug)]
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// Where requests go; the first is the default target.
    pub targets: Vec<Target>,
    /// Data feeds.
    pub feeds: Vec<Feed>,
    /// What users do.
    pub journeys: Vec<Journey>,
    /// Which journey the nth arrival takes: exact shares by deficit round-robin.
    pub mix: Mix,
    /// Persistent identities of arriving users.
    pub clients: Option<Clients>,
    /// The load to drive when the command line says nothing.
    pub load: Option<Load>,
    /// How much of the beginning is left out of what is judged. `None`: it is estimated.
    pub warmup: Option<Duration>,
    /// Scenario-wide thresholds, over all requests.
    pub thresholds: Vec<SourcedThreshold>,
    /// What counts as shed.
    pub shed: ShedRule,
    /// When to give up early. `None`: switched off. Absent in the file: errors > 50 % for 10 s.
    pub abort_on: Option<Threshold>,
    /// Hosts that may be loaded although they are neither loopback nor private.
    pub allow: Vec<String>,
    /// What may not appear in any output.
    pub secrets: Masker,
    /// Every file that went into it (the scenario itself first), for the result bundle.
    pub sources: Vec<SourceFile>,
}

/// A file that was read.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// Path as written (relative to the scenario's folder for the files that it names).
    pub path: PathBuf,
    /// Its bytes.
    pub content: Arc<[u8]>,
}

/// A threshold as written, so that reports can quote it.
#[derive(Debug, Clone, PartialEq)]
pub struct SourcedThreshold {
    /// The text as written, such as `p99 < 50ms`.
    pub text: String,
    /// Its meaning.
    pub threshold: Threshold,
    /// The line of the scenario that it begins in, from 1; `None` if it stands elsewhere.
    pub line: Option<u32>,
}

impl SourcedThreshold {
    /// Reads a threshold.
    ///
    /// # Errors
    /// What is wrong with it, and what to write instead.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim().to_owned();
        let threshold: Threshold = text.parse().map_err(|error| format!("{error}"))?;
        Ok(Self {
            text,
            threshold,
            line: None,
        })
    }
}

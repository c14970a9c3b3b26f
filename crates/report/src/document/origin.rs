//! Where a run comes from: the engine, the files, and what was said along the way.

use serde::{Deserialize, Serialize};

/// What generated the load.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Engine {
    /// Version of the program.
    pub version: String,
    /// Whether it was built without optimisation, which makes its figures those of a debug build.
    pub debug_build: bool,
    /// The timer that starts arrivals: `timerfd`, `spin` or `tokio`.
    pub timer: String,
    /// Worker threads that generated load.
    pub threads: Option<u32>,
    /// Operating system and architecture, such as `linux x86_64`.
    pub platform: Option<String>,
    /// Median lateness of the timer in the self-test at start-up.
    pub timer_p50_ns: Option<u64>,
    /// Lateness of the timer at p99 in the same test.
    pub timer_p99_ns: Option<u64>,
}

/// A file that the run was made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// What it is: `scenario`, `plan`, `data`.
    pub role: String,
    /// Where it was, as the user named it.
    pub path: String,
    /// SHA-256 of its bytes, in lower-case hexadecimal.
    pub sha256: String,
}

/// What a reader ought to know besides the figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// How much it matters.
    pub level: NoticeLevel,
    /// The notice.
    pub text: String,
}

/// How much a notice matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeLevel {
    /// Good to know.
    Info,
    /// It bears on how the figures are read.
    Warn,
}

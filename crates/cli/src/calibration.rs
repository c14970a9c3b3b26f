//! What this machine was found to be able to do as a generator, kept between runs.

use crate::notices;
use plimsoll_engine::TimerMode;
use plimsoll_measure::Scope;
use plimsoll_report::document::{Notice, NoticeLevel};
use plimsoll_scenario::{Load, Scenario};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::PathBuf;

/// The outcome of `plimsoll calibrate`. Times are nanoseconds, rates per second.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Calibration {
    /// What it is true of.
    pub generator: Generator,
    /// How late each timer was.
    pub timers: Vec<TimerLateness>,
    /// The highest rate at which requests to a server that does nothing were sent on time.
    pub sustained_rate: f64,
    /// The lowest rate at which they were not; `None` if none was found.
    pub upper_rate: Option<f64>,
    /// Processor time of the worker threads per request, at the highest sustained rate.
    pub cpu_per_request_ns: Option<u64>,
    /// The 99th percentile of the dispatch lag there.
    pub dispatch_lag_p99_ns: Option<u64>,
    /// File descriptors that the process may open.
    pub descriptors: u64,
    /// Local ports for each address of a target; 0 where unknown.
    pub ports: u64,
}

/// A machine and a build: with another, all is different.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Generator {
    pub version: String,
    pub debug_build: bool,
    pub processor: String,
    pub processors: usize,
    pub threads: usize,
    pub timer: String,
}

/// How late a timer was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TimerLateness {
    pub timer: String,
    pub p50_ns: Option<u64>,
    pub p99_ns: Option<u64>,
    pub max_ns: Option<u64>,
}

impl Generator {
    /// This program on this machine.
    pub(crate) fn this(threads: usize, timer: TimerMode) -> Self {
        let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let processor = info
            .lines()
            .find_map(|line| line.strip_prefix("model name"))
            .and_then(|rest| rest.split_once(':'))
            .map_or("unknown", |(_, name)| name.trim());
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            debug_build: cfg!(debug_assertions),
            processor: processor.to_owned(),
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            threads,
            timer: timer.name().to_owned(),
        }
    }
}

impl Calibration {
    /// Keeps it for later runs, and says where.
    pub(crate) fn keep(&self) -> io::Result<PathBuf> {
        let path = file().ok_or_else(|| {
            io::Error::other("neither XDG_CACHE_HOME nor HOME says where caches are kept")
        })?;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&path, serde_json::to_vec_pretty(self)?)?;
        Ok(path)
    }

    /// What was kept, if it is true of `generator`.
    fn kept(generator: &Generator) -> Option<Self> {
        let text = std::fs::read(file()?).ok()?;
        // One that cannot be read any more is no calibration.
        let kept: Self = serde_json::from_slice(&text).ok()?;
        (kept.generator == *generator).then_some(kept)
    }
}

fn file() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let caches = set("XDG_CACHE_HOME").map(PathBuf::from);
    let caches = caches.or_else(|| Some(PathBuf::from(set("HOME")?).join(".cache")))?;
    Some(caches.join("plimsoll").join("calibration.json"))
}

/// Says so if a load asks for more than this machine was found to be able to send on time.
pub(crate) fn doubt(
    scenario: &Scenario,
    load: &Load,
    threads: usize,
    timer: TimerMode,
) -> Option<Notice> {
    let Load::Open { shape, .. } = load else {
        return None;
    };
    let kept = Calibration::kept(&Generator::this(threads, timer))?;
    let wanted = shape.peak_rate().get() * notices::requests_per_arrival(scenario, Scope::Test);
    (wanted > kept.sustained_rate).then(|| Notice {
        level: NoticeLevel::Warn,
        text: format!(
            "the load peaks at about {wanted:.0} requests/s, and `plimsoll calibrate` found that this machine sends up to {:.0}/s on time: expect an invalid run, or use more cores or machines",
            kept.sustained_rate
        ),
    })
}

//! What is known of a run as a whole, and the folder that it goes to. Tests come and go; what they
//! leave is their part of the document.

use crate::bundle::Bundle;
use jiff::Timestamp;
use plimsoll_engine::TimerMode;
use plimsoll_report::document::{
    Capacity, Circumstances, Engine, Identity, Item, Notice, Plan, Run, Source,
};
use plimsoll_report::document::{TestDocument, build};
use plimsoll_report::events::Event;
use plimsoll_report::facts::{Ending, RunFacts, TestFacts};
use plimsoll_scenario::{Masker, Scenario, SourceFile};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::time::Instant;

/// A run under way: one test of a scenario, or all those of a plan.
pub(crate) struct Record {
    /// The scenario's or plan's name.
    pub name: String,
    /// When it started.
    pub started_at: Timestamp,
    /// The folder that it goes to.
    pub bundle: Bundle,
    /// What generates the load.
    pub engine: Engine,
    /// The files that it is made of.
    pub sources: Vec<Source>,
    /// What a reader ought to know besides.
    pub notices: Vec<Notice>,
    /// What the tests left that are over.
    pub tests: Vec<TestDocument>,
    /// What is to be shown outside of tests.
    pub items: Vec<Item>,
    /// The plan, if there is one.
    pub plan: Option<Plan>,
    /// Which build it is about.
    pub identity: Option<Identity>,
    /// Under which circumstances it is made.
    pub circumstances: Option<Circumstances>,
    /// How much load the system bears, as a search before it found.
    pub capacity: Option<Capacity>,
    /// When the clocks of its tests were started, by name.
    pub starts: BTreeMap<String, u64>,
    command: Vec<String>,
    start: Instant,
}

impl Record {
    /// Begins a run, and its log.
    pub(crate) fn begin(
        name: &str,
        started_at: Timestamp,
        mut bundle: Bundle,
        engine: Engine,
        sources: Vec<Source>,
        secrets: &Masker,
    ) -> Self {
        bundle.event(
            0,
            Event::Started {
                name: name.to_owned(),
                started_at,
            },
        );
        Self {
            name: name.to_owned(),
            started_at,
            bundle,
            engine,
            sources,
            notices: Vec::new(),
            tests: Vec::new(),
            items: Vec::new(),
            plan: None,
            identity: None,
            circumstances: None,
            capacity: None,
            starts: BTreeMap::new(),
            command: command(secrets),
            start: Instant::now(),
        }
    }

    /// Since the beginning, in nanoseconds.
    pub(crate) fn elapsed_ns(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// Notes what a reader ought to know.
    pub(crate) fn notice(&mut self, notice: Notice) {
        let event = Event::Notice {
            level: notice.level,
            text: notice.text.clone(),
        };
        let at_ns = if self.tests.is_empty() && self.notices.is_empty() {
            0
        } else {
            self.elapsed_ns()
        };
        self.bundle.event(at_ns, event);
        self.notices.push(notice);
    }

    /// The document of what there is, with the test that is under way.
    pub(crate) fn document(
        &self,
        current: Option<TestFacts<'_>>,
        ending: Ending,
        duration_ns: u64,
    ) -> Run {
        let mut run = build(&RunFacts {
            name: self.name.clone(),
            ending,
            started_at: Some(self.started_at),
            duration_ns,
            command: self.command.clone(),
            engine: self.engine.clone(),
            sources: self.sources.clone(),
            notices: self.notices.clone(),
            finished: self.tests.clone(),
            tests: current.into_iter().collect(),
            items: self.items.clone(),
            plan: self.plan.clone(),
            identity: self.identity.clone(),
            capacity: self.capacity.clone(),
        });
        run.circumstances = self.circumstances.clone();
        for test in &mut run.tests {
            test.started_ns = self.starts.get(&test.name).copied();
        }
        run
    }
}

/// The command line of this process, an argument an element, with secrets masked. What is no text is shown
/// as far as it is.
pub(crate) fn command(secrets: &Masker) -> Vec<String> {
    std::env::args_os()
        .map(|argument| secrets.mask(&argument.to_string_lossy()).into_owned())
        .collect()
}

/// What generates the load.
pub(crate) fn engine(timer: TimerMode, threads: usize) -> Engine {
    Engine {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        debug_build: cfg!(debug_assertions),
        timer: timer.name().to_owned(),
        threads: u32::try_from(threads).ok(),
        platform: Some(format!(
            "{} {}",
            std::env::consts::OS,
            std::env::consts::ARCH
        )),
        timer_p50_ns: None,
        timer_p99_ns: None,
    }
}

/// A file by its digest.
pub(crate) fn source(role: &str, file: &SourceFile) -> Source {
    Source {
        role: role.to_owned(),
        path: file.path.display().to_string(),
        sha256: hex_digest(&file.content),
    }
}

/// SHA-256 in lower-case hexadecimal.
pub(crate) fn hex_digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The files of a scenario: itself, then its data.
pub(crate) fn sources(scenario: &Scenario) -> Vec<Source> {
    let files = scenario.sources.iter().enumerate();
    files
        .map(|(index, file)| source(if index == 0 { "scenario" } else { "data" }, file))
        .collect()
}

/// The program itself, which generates the load.
pub(crate) fn program() -> Option<Source> {
    let path = std::env::current_exe().ok()?;
    Some(Source {
        role: "engine".to_owned(),
        sha256: plimsoll_conduct::sha256_of_file(&path).ok()?,
        path: path.file_name()?.to_string_lossy().into_owned(),
    })
}

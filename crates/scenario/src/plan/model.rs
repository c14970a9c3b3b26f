//! A readiness plan, validated: what was promised, and how it is to be tried.

use crate::model::{Load, Scenario, SourceFile, SourcedThreshold};
use jiff::Timestamp;
use jiff::civil::Date;
use plimsoll_measure::{Comparison, Tier};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// A plan and the scenario that it refers to.
#[derive(Debug)]
pub struct ReadinessPlan {
    /// Its name.
    pub name: String,
    /// What users do. Its own load, thresholds and abort rule do not count under a plan.
    pub scenario: Arc<Scenario>,
    /// What is to be decided, and when.
    pub decision: Decision,
    /// Which build is going out.
    pub release: Option<Release>,
    /// The release that Plimsoll starts itself, or how the demo service behaves.
    pub target: Option<OwnTarget>,
    /// The load that was agreed.
    pub expected: ExpectedLoad,
    /// Every journey of the scenario that has a weight, in its order.
    pub journeys: Vec<JourneyPromise>,
    /// What is tried, in order. The smoke test, which always goes first, is not among them.
    pub tests: Vec<PlannedTest>,
    /// How long the system is left alone between two tests.
    pub settle: Duration,
    /// Where the target publishes its own figures.
    pub metrics: Option<MetricsSource>,
    /// The release to compare with.
    pub baseline: Option<Baseline>,
    /// What may go wrong.
    pub risks: Vec<Risk>,
    /// What people have to have done.
    pub checklist: Vec<ChecklistItem>,
    /// What people let pass.
    pub waivers: Vec<Waiver>,
    /// By which factor every duration was shortened, of a rehearsal.
    pub rehearsal: Option<f64>,
    /// Every file that was read for it: the plan first, then SLO documents. The scenario has its own.
    pub sources: Vec<SourceFile>,
    /// The folder of the plan: relative paths of commands are run from here.
    pub folder: PathBuf,
}

/// A line of the plan's text, from 1: what a figure of a report can be traced to.
pub type Line = u32;

/// What is to be decided, and when.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decision {
    /// When people meet to decide.
    pub meeting: Option<Timestamp>,
    /// When the release goes live: from, until.
    pub go_live: Option<(Timestamp, Timestamp)>,
    /// Evidence older than this, counted back from the meeting (or from now), is none.
    pub evidence_max_age: Option<Duration>,
}

/// The build that is going out.
#[derive(Debug, Clone, PartialEq)]
pub struct Release {
    /// Its version.
    pub version: String,
    /// The commit it was built from.
    pub revision: Option<String>,
    /// How many sources have to agree on each component.
    pub min_sources: usize,
    /// Its parts.
    pub components: Vec<Component>,
    /// The configuration that was rendered for the release, and the one that is deployed where it is tested.
    pub config: Option<ConfigComparison>,
    /// Where it stands.
    pub line: Line,
}

/// A part of a release.
#[derive(Debug, Clone, PartialEq)]
pub struct Component {
    /// Its name.
    pub name: String,
    /// How much it matters.
    pub tier: Tier,
    /// Its version, where it is not that of the release.
    pub version: String,
    /// Its revision, where it is not that of the release.
    pub revision: Option<String>,
    /// Who says which build it is.
    pub sources: Vec<IdentitySource>,
    /// Where it stands.
    pub line: Line,
}

/// Who says which build is running.
#[derive(Debug, Clone, PartialEq)]
pub enum IdentitySource {
    /// An HTTP endpoint: a path of the default target or a URL. JSON, of which two members are read by JSONPath or
    /// name; without them the whole text is the identity.
    Endpoint {
        /// Path or URL.
        url: String,
        /// Where the version is.
        version: Option<String>,
        /// Where the revision is.
        revision: Option<String>,
    },
    /// A response header, counted on every response of the run.
    Header {
        /// Its name, in lower case.
        name: String,
    },
    /// A command that prints the identity, or JSON that holds it.
    Command {
        /// Program and arguments.
        run: Vec<String>,
        /// Where the version is in its JSON.
        version: Option<String>,
        /// Where the revision is in its JSON.
        revision: Option<String>,
    },
    /// The SHA-256 of a file, such as the binary.
    File {
        /// The file.
        path: PathBuf,
        /// What its digest has to be, in lower-case hexadecimal.
        sha256: String,
    },
    /// An OCI image digest that a command prints.
    Image {
        /// Program and arguments.
        run: Vec<String>,
        /// What it has to be: `sha256:…`.
        digest: String,
    },
}

/// Two configurations that have to be the same but for declared differences.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfigComparison {
    /// The file that was rendered for the release.
    pub rendered: PathBuf,
    /// The file that is deployed where it is tested.
    pub deployed: PathBuf,
    /// What may differ.
    pub allowed: Vec<AllowedDifference>,
    /// Where it stands.
    pub line: Line,
}

/// A difference that was declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedDifference {
    /// A JSON pointer (RFC 6901); what lies below it may differ too.
    pub path: String,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
}

/// A target that Plimsoll has in its own hands.
#[derive(Debug, Clone, PartialEq)]
pub enum OwnTarget {
    /// A program that is started before the first test and ended after the last.
    Command {
        /// Program and arguments; a relative program is looked for from the plan's folder.
        run: Vec<String>,
        /// A path of the default target that answers 2xx when it is ready.
        ready: Option<String>,
        /// How long that may take.
        ready_within: Duration,
        /// What the program's SHA-256 has to be.
        sha256: Option<String>,
        /// Environment variables.
        env: Vec<(String, String)>,
    },
    /// The demo service inside the program, which behaves like this: a JSON object.
    Demo(serde_json::Value),
}

/// A Prometheus endpoint of the target, and the names of its figures there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricsSource {
    /// A path of the default target or a URL.
    pub url: String,
    /// Resident memory, in bytes.
    pub rss: String,
    /// CPU time used, in seconds.
    pub cpu: String,
    /// Open file descriptors.
    pub fds: String,
}

/// The load that was agreed.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpectedLoad {
    /// Journeys started per second at the peak.
    pub peak: f64,
    /// The margin on top, as a share of the peak.
    pub headroom: f64,
    /// Where the figure comes from.
    pub source: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Who agreed.
    pub agreed_by: Vec<String>,
    /// When they did.
    pub agreed_on: Option<Date>,
    /// Where it stands.
    pub line: Line,
}

impl ExpectedLoad {
    /// Peak plus headroom, in journeys started per second.
    pub fn target(&self) -> f64 {
        self.peak * (1.0 + self.headroom)
    }
}

/// What is promised of a journey.
#[derive(Debug, Clone, PartialEq)]
pub struct JourneyPromise {
    /// Its name.
    pub name: String,
    /// How much it matters.
    pub tier: Tier,
    /// Who answers for it.
    pub owner: Option<String>,
    /// What must hold of the journey as a whole: its own, those of its SLO, and those of its tier for metrics that
    /// neither names.
    pub thresholds: Vec<PlannedThreshold>,
    /// What must hold of its steps: step name and threshold.
    pub steps: Vec<(String, PlannedThreshold)>,
    /// Where it stands; 0 if the plan does not name it.
    pub line: Line,
}

/// A threshold of a plan: one limit, or a strict and a lenient one.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedThreshold {
    /// What passes.
    pub pass: SourcedThreshold,
    /// What passes marginally.
    pub warn: Option<SourcedThreshold>,
    /// Whether the test is given up when it does not hold; needs a window (`for 10s`).
    pub abort: bool,
    /// The file it stands in, as an index into the plan's `sources`.
    pub source: usize,
    /// Where it stands there.
    pub line: Line,
}

/// Something that is tried.
#[derive(Debug, Clone)]
pub struct PlannedTest {
    /// Its name, unique in the plan.
    pub name: String,
    /// How much its expectations matter. Thresholds go by their journey's tier.
    pub tier: Tier,
    /// The load, in journeys per second.
    pub load: Load,
    /// Whether the thresholds of journeys are judged in it: unless stated, if its load stays at or below the target,
    /// does not jump and nothing is injected, or if it expects nothing else.
    pub judges_thresholds: bool,
    /// Whether it troubles the system on purpose: its load jumps or exceeds the target, or something is
    /// injected. Then neither a warm-up nor a trend is looked for.
    pub is_disturbed: bool,
    /// Where `jump` stages begin, in nanoseconds, with the rate before and after.
    pub jumps: Vec<Jump>,
    /// How much of the beginning is left out. `None`: estimated.
    pub warmup: Option<Duration>,
    /// What is done to the system meanwhile.
    pub inject: Vec<Injection>,
    /// What it has to show.
    pub expect: Expectations,
    /// Where it stands.
    pub line: Line,
}

impl PlannedTest {
    /// Whether the thresholds of a journey are judged in it: all are, or the journey is expected
    /// to be protected or unaffected.
    pub fn judges(&self, journey: &JourneyPromise) -> bool {
        let protected = |tier: &(Tier, Line)| tier.0 == journey.tier;
        let unaffected = |name: &(String, Line)| name.0 == journey.name;
        self.judges_thresholds
            || self.expect.protected.iter().any(protected)
            || self.expect.unaffected.iter().any(unaffected)
    }
}

/// A sudden change of the load.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Jump {
    /// When, in nanoseconds since the start.
    pub at_ns: u64,
    /// Journeys per second before.
    pub from: f64,
    /// Journeys per second after.
    pub to: f64,
}

/// Something done to the system during a test.
#[derive(Debug, Clone, PartialEq)]
pub struct Injection {
    /// When, since the start of the test.
    pub after: Duration,
    /// What is done.
    pub action: Action,
    /// What undoes it, whatever happens: at `undo_after`, or when the test ends.
    pub undo: Option<Action>,
    /// When it is undone, since the start of the test; `None`: when the test ends.
    pub undo_after: Option<Duration>,
    /// How long a command may take.
    pub timeout: Duration,
    /// The build that is served from then on: what makes a declared change of one.
    pub serves: Option<Served>,
    /// Where it stands.
    pub line: Line,
}

/// A build, named in part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// Its version.
    pub version: String,
    /// Its revision.
    pub revision: Option<String>,
}

/// What an injection does.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Runs a command: program and arguments, from the plan's folder.
    Run(Vec<String>),
    /// Changes the demo service's behaviour: a JSON object. The undo of it is the behaviour before.
    Demo(serde_json::Value),
}

/// What a test has to show besides thresholds. Everything is optional.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Expectations {
    /// After the last jump down, or after the injection is undone: until the objective is met again for ten seconds.
    pub recover_within: Option<(Duration, Line)>,
    /// After the first jump up: until the objective is met for ten seconds.
    pub objective_within: Option<(Duration, Line)>,
    /// Goodput while overloaded, as a share of the best that was reached: `>= 90% of capacity`.
    pub goodput: Option<(Comparison, f64, Line)>,
    /// Share of client identities with a bad request. Needs `clients` in the scenario.
    pub clients_harmed: Option<(Comparison, f64, Line)>,
    /// Tiers whose journeys' thresholds have to hold all through.
    pub protected: Vec<(Tier, Line)>,
    /// Journeys whose thresholds have to hold all through.
    pub unaffected: Vec<(String, Line)>,
    /// How load is to be shed: what is refused otherwise is a failure.
    pub shed: Option<(ShedExpectation, Line)>,
    /// How far figures may drift from the start to the end, as a share: of `p50`, `p95`, `p99`, `errors`, `rss`.
    pub drift: Vec<(DriftOf, Comparison, f64, Line)>,
    /// After the injection: until only the build that it declares is served.
    pub served_within: Option<(Duration, Line)>,
    /// Share of bad requests over the whole test.
    pub errors: Option<(SourcedThreshold, Line)>,
    /// Commands that have to exit with 0 when the test is over.
    pub invariants: Vec<(Vec<String>, Line)>,
}

impl Expectations {
    /// Whether nothing is expected.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// How load is to be shed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShedExpectation {
    /// The statuses of a refusal.
    pub status: Vec<u16>,
    /// A header that a refusal has to carry, in lower case.
    pub header: Option<String>,
    /// How quick a refusal has to be.
    pub within: Option<Duration>,
}

/// What may drift.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DriftOf {
    /// A response-time quantile, as an exact fraction.
    Quantile {
        /// Numerator.
        numerator: u32,
        /// Denominator.
        denominator: u32,
    },
    /// The share of bad requests.
    Errors,
    /// The target's resident memory.
    Rss,
}

/// The release to compare with. Its thresholds are relative: `p95 <= +10%`.
#[derive(Debug, Clone, PartialEq)]
pub struct Baseline {
    /// Its version.
    pub release: String,
    /// How many runs of it there have to be.
    pub min_runs: u64,
    /// As written: pass and warn.
    pub thresholds: Vec<(String, Option<String>)>,
    /// Where it stands.
    pub line: Line,
}

/// Something that may go wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Risk {
    /// Its id, unique in the plan.
    pub id: String,
    /// What it is.
    pub title: String,
    /// From 1 to 5.
    pub likelihood: u8,
    /// From 1 to 5.
    pub impact: u8,
    /// Who answers for it.
    pub owner: Option<String>,
    /// What is done about it.
    pub mitigation: Option<String>,
    /// Tests that show that the mitigation works.
    pub proven_by: Vec<String>,
    /// Where it stands.
    pub line: Line,
}

/// Something that people have to have done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChecklistItem {
    /// Its id, unique in the plan.
    pub id: String,
    /// How much it matters.
    pub tier: Tier,
    /// What it is.
    pub title: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Whether there has to be evidence.
    pub evidence_required: bool,
    /// The evidence: a file in the plan's folder or a text such as a URL.
    pub evidence: Option<String>,
    /// Whether it is done.
    pub done: bool,
    /// Until when that counts.
    pub expires: Option<Date>,
    /// Where it stands.
    pub line: Line,
}

/// Something that people let pass.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiver {
    /// The id of the item.
    pub item: String,
    /// How bad it may be at worst; a threshold on the item's metric.
    pub ceiling: Option<SourcedThreshold>,
    /// Why.
    pub reason: String,
    /// Who let it pass.
    pub approved_by: Vec<String>,
    /// Until when, inclusive.
    pub expires: Date,
    /// Where it stands.
    pub line: Line,
}

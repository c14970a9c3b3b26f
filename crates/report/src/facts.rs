//! What the program knows when a run is over, before it becomes a document.

use jiff::Timestamp;
use plimsoll_measure::judge::Judgement;
use plimsoll_measure::{Tally, Threshold, Tier, Validity, Warmup};

use crate::document::{
    Capacity, Engine, Example, Finding, Identity, Item, Load, Mark, Notice, Plan, Resources,
    Source, TestDocument,
};

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// It went to its end.
    Complete,
    /// It ended early because every threshold was decided.
    Decided,
    /// A person ended it.
    Interrupted {
        /// How, such as `SIGINT after 12 s`.
        reason: String,
    },
    /// A threshold that aborts ended it.
    Aborted {
        /// Which, and what was seen.
        reason: String,
    },
    /// It is rendered from what it left behind.
    Incomplete {
        /// What is missing.
        reason: String,
    },
}

/// Who decides when the next journey starts.
#[derive(Debug, Clone, PartialEq)]
pub enum LoadModel {
    /// The schedule.
    Open {
        /// How arrivals are spaced: `even` or `poisson`.
        arrivals: String,
        /// The load that was planned.
        load: Load,
    },
    /// The system under test, by answering.
    Closed {
        /// How many users there are.
        users: u64,
        /// The least time between two journeys of a user.
        pacing_ns: u64,
    },
}

/// A threshold that was judged.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemFacts {
    /// `test/journey/step/metric`, or fewer parts where it is about more.
    pub id: String,
    /// The tier of its journey, with a plan.
    pub tier: Option<Tier>,
    /// The threshold.
    pub threshold: Threshold,
    /// How that went; validity is taken into account when the document is built.
    pub judgement: Judgement,
    /// A more lenient threshold, and how that went: if only that holds, the item passes marginally.
    pub lenient: Option<(Threshold, Judgement)>,
    /// What it is about, and where that was promised.
    pub about: About,
}

/// What an item is about, and where that was promised.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// The journey; `None`: the test as a whole.
    pub journey: Option<String>,
    /// The step; `None`: the journey as a whole.
    pub step: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Where it was promised: `plan.yaml:34`.
    pub promised_at: Option<String>,
}

/// A test.
#[derive(Debug)]
pub struct TestFacts<'a> {
    /// Its name, unique in the run.
    pub name: String,
    /// Its model and what belongs to it.
    pub model: LoadModel,
    /// The seed of everything random in it.
    pub seed: Option<u64>,
    /// How long it was meant to take, if that was fixed.
    pub planned_ns: Option<u64>,
    /// How long it took.
    pub elapsed_ns: u64,
    /// For how long of that users arrived.
    pub arrivals_ns: u64,
    /// Journeys that the schedule asked for, per second.
    pub offered_rate: Option<f64>,
    /// Journeys that came to an end, per second until the last answer.
    pub achieved_rate: Option<f64>,
    /// What was counted.
    pub tally: &'a Tally,
    /// What of it is left out of response times and of what was judged.
    pub warmup: Warmup,
    /// What was judged.
    pub items: Vec<ItemFacts>,
    /// Whether it may be believed.
    pub validity: Validity,
    /// What some of the failures looked like, secrets masked.
    pub examples: Vec<Example>,
    /// What was expected besides thresholds, and how that went before validity is taken into account.
    pub expectations: Vec<Item>,
    /// What happened to the system and to the load, in order.
    pub marks: Vec<Mark>,
    /// How the system degraded and recovered.
    pub findings: Vec<Finding>,
    /// The target's own processes.
    pub resources: Vec<Resources>,
}

/// A run.
#[derive(Debug)]
pub struct RunFacts<'a> {
    /// The scenario's or plan's name.
    pub name: String,
    /// How it ended.
    pub ending: Ending,
    /// When it started, by the wall clock.
    pub started_at: Option<Timestamp>,
    /// From the start of the first test to the end of the last.
    pub duration_ns: u64,
    /// The command that reproduces it, one argument an element, secrets masked.
    pub command: Vec<String>,
    /// What generated the load.
    pub engine: Engine,
    /// The files that it was made of.
    pub sources: Vec<Source>,
    /// What a reader ought to know besides.
    pub notices: Vec<Notice>,
    /// What the tests left that are over, in the order in which they ran.
    pub finished: Vec<TestDocument>,
    /// The tests after these that are still known in full.
    pub tests: Vec<TestFacts<'a>>,
    /// What was to be shown outside of tests: checklist, identity, tests that were not run.
    pub items: Vec<Item>,
    /// The plan that it was made by.
    pub plan: Option<Plan>,
    /// Which build was tested.
    pub identity: Option<Identity>,
    /// How much load the system bears.
    pub capacity: Option<Capacity>,
}

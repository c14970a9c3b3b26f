//! What was to be judged, and how that went.

use plimsoll_measure::Validity;
use plimsoll_measure::judge::Observed;
use plimsoll_measure::threshold::Kind;
use serde::{Deserialize, Serialize};

use crate::facts::{ItemFacts, TestFacts};
use crate::quantity::span;
use crate::verdict;

/// One judged threshold. A latency is in the `_ns` fields; a share (of 1) or a rate (per second)
/// is in the plain ones.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// `test/journey/step/metric`, or fewer parts where it is about more.
    pub id: String,
    /// The tier of its journey; `null` without a plan.
    pub tier: Option<String>,
    /// How it went.
    pub state: ItemState,
    /// Passed only by the weaker of two limits.
    #[serde(default)]
    pub marginal: bool,
    /// The threshold as it was written.
    pub expression: String,
    /// The limit, of a latency.
    pub limit_ns: Option<u64>,
    /// The limit, of a share or a rate.
    pub limit: Option<f64>,
    /// The latency observed.
    pub observed_ns: Option<u64>,
    /// The share or rate observed.
    pub observed: Option<f64>,
    /// The latency's rank falls among requests that did not succeed: there is no finite figure.
    #[serde(default)]
    pub observed_infinite: bool,
    /// The latency's confidence interval; an end that has no bound is `null`.
    pub interval_ns: Option<[Option<u64>; 2]>,
    /// The confidence interval of a share or a rate.
    pub interval: Option<[Option<f64>; 2]>,
    /// Samples that it rests on.
    pub n: u64,
    /// Independent samples that these are worth.
    pub n_eff: Option<f64>,
    /// Why it is in this state, in a sentence.
    pub reason: Option<String>,
    /// What to do about it.
    pub advice: Option<String>,
    /// How long a run would probably settle it, if it is inconclusive.
    pub settles_in_ns: Option<u64>,
    /// The test that it was judged in; `null` of a checklist and the like.
    #[serde(default)]
    pub test: Option<String>,
    /// The journey that it is about.
    #[serde(default)]
    pub journey: Option<String>,
    /// The step that it is about.
    #[serde(default)]
    pub step: Option<String>,
    /// Who answers for it.
    #[serde(default)]
    pub owner: Option<String>,
    /// Where it was promised: `plan.yaml:34`.
    #[serde(default)]
    pub promised_at: Option<String>,
    /// The stretch of the test that it rests on, from and until, since the start of the test.
    #[serde(default)]
    pub between_ns: Option<[u64; 2]>,
    /// Journeys asked for per second in that test.
    #[serde(default)]
    pub offered_rate: Option<f64>,
    /// Journeys ended per second in that test.
    #[serde(default)]
    pub achieved_rate: Option<f64>,
    /// What it contributes to the verdict.
    #[serde(default)]
    pub answer: Option<Answer>,
    /// Its state before people let it pass, if they did.
    #[serde(default)]
    pub waived_from: Option<ItemState>,
    /// Every attempt, the oldest first; what counts is the newest.
    #[serde(default)]
    pub attempts: Vec<Attempt>,
}

/// What an item contributes to the verdict, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Nothing against it.
    Go,
    /// Nothing against it, but worth a line.
    Listed,
    /// It may be done, if this is known and accepted.
    Risk,
    /// No: there is not enough evidence.
    NoGoMissing,
    /// No: the evidence is broken.
    NoGoInvalid,
    /// No: a promise was shown not to hold.
    NoGoProven,
}

/// One time that an item was judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When the run started.
    pub started_at: Option<jiff::Timestamp>,
    /// The folder of the run.
    pub run: String,
    /// How it went, before waivers.
    pub state: ItemState,
    /// What was seen, in words.
    pub observed: String,
}

/// How a judgement went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    /// Shown to hold.
    Pass,
    /// Shown not to hold.
    Fail,
    /// Neither.
    Inconclusive,
    /// Let pass by people, by name.
    Waived,
    /// No evidence, or evidence that is too old.
    #[default]
    NotRun,
    /// Its evidence is broken.
    Invalid,
}

/// The items of a test.
pub(super) fn items(test: &TestFacts<'_>) -> Vec<Item> {
    // What is to be lengthened is the plan, not the time that it took.
    let base_ns = test.planned_ns.unwrap_or(test.elapsed_ns);
    let item = |facts| item(facts, &test.validity, base_ns);
    test.items.iter().map(item).collect()
}

fn item(facts: &ItemFacts, validity: &Validity, base_ns: u64) -> Item {
    let threshold = &facts.threshold;
    let judgement = validity.qualify(threshold, facts.judgement.clone());
    let is_duration = threshold.metric.kind() == Kind::Duration;
    let state = verdict::item_state(judgement.state, validity.status().into());
    let (observed_ns, observed) = match judgement.observed {
        Observed::NoData | Observed::Infinite => (None, None),
        Observed::Duration(ns) => (Some(ns), None),
        Observed::Share(value) | Observed::PerSecond(value) => (None, finite(value)),
    };
    let bounds = judgement
        .interval
        .map(|interval| [finite(interval.lower), interval.upper.and_then(finite)]);
    let settles_in_ns = judgement
        .more_time_factor
        .filter(|_| state == ItemState::Inconclusive)
        .map(|factor| (factor * base_ns as f64).ceil() as u64)
        .filter(|ns| *ns > 0);
    Item {
        id: facts.id.clone(),
        tier: facts.tier.map(|tier| tier.name().to_owned()),
        state,
        marginal: false,
        expression: threshold.to_string(),
        limit_ns: is_duration.then(|| threshold.value.round() as u64),
        limit: (!is_duration).then_some(threshold.value),
        observed_ns,
        observed,
        observed_infinite: judgement.observed == Observed::Infinite,
        interval_ns: bounds
            .filter(|_| is_duration)
            .map(|ends| ends.map(|end| end.map(|ns| ns.round() as u64))),
        interval: bounds.filter(|_| !is_duration),
        n: judgement.n,
        n_eff: finite(judgement.n_eff),
        reason: Some(judgement.explanation),
        advice: settles_in_ns.map(|ns| format!("run it for about {}", span(ns))),
        settles_in_ns,
        journey: facts.about.journey.clone(),
        step: facts.about.step.clone(),
        owner: facts.about.owner.clone(),
        promised_at: facts.about.promised_at.clone(),
        ..Item::default()
    }
}

/// JSON knows finite numbers only.
fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

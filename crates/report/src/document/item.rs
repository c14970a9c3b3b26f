//! What was to be judged, and how that went.

use plimsoll_measure::judge::{Judgement, Observed, State};
use plimsoll_measure::readiness;
use plimsoll_measure::threshold::Kind;
use plimsoll_measure::{Tier, Validity};
use serde::{Deserialize, Serialize};

use crate::facts::{ItemFacts, TestFacts};
use crate::quantity::span;
use crate::verdict;

/// One judged threshold. A latency is in the `_ns` fields; a share (of 1) or a rate (per second)
/// is in the plain ones. A percentile over a window (`p99 < 50ms for 10s`) has its limit in `limit_ns`, and what was
/// observed is the share that was slower.
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
    /// The last day on which it counts (`2026-11-21`, UTC), of what people have signed until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// Its state before it was found to be too old, if it was.
    #[serde(default)]
    pub outdated_from: Option<ItemState>,
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

impl From<readiness::Answer> for Answer {
    fn from(answer: readiness::Answer) -> Self {
        match answer {
            readiness::Answer::Go => Self::Go,
            readiness::Answer::Listed => Self::Listed,
            readiness::Answer::Risk => Self::Risk,
            readiness::Answer::NoGoMissing => Self::NoGoMissing,
            readiness::Answer::NoGoInvalid => Self::NoGoInvalid,
            readiness::Answer::NoGoProven => Self::NoGoProven,
        }
    }
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

impl Item {
    /// Its tier; an item that names none counts as critical.
    pub fn tier(&self) -> Tier {
        let named = self.tier.as_deref().and_then(Tier::named);
        named.unwrap_or_default()
    }
}

/// The items of a test: its thresholds, then what else was expected of it.
pub(super) fn items(test: &TestFacts<'_>) -> Vec<Item> {
    let judged = test.items.iter().map(|facts| item(facts, test));
    let expected = test.expectations.iter().map(|item| expected(item, test));
    judged.chain(expected).collect()
}

fn item(facts: &ItemFacts, test: &TestFacts<'_>) -> Item {
    // What is to be lengthened is the plan, not the time that it took; of a test that ended early, what there was of it.
    let planned_ns = test.planned_ns;
    let base_ns = planned_ns.map_or(test.elapsed_ns, |planned| planned.min(test.arrivals_ns));
    let threshold = &facts.threshold;
    let Judged {
        judgement,
        marginal,
    } = judged(facts, &test.validity);
    let is_duration = threshold.metric.kind() == Kind::Duration;
    // A percentile over a window is judged by the share that was slower.
    let is_plain = matches!(
        judgement.observed,
        Observed::Share(_) | Observed::PerSecond(_)
    );
    let state = verdict::item_state(judgement.state, test.validity.status().into());
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
        marginal: marginal && state == ItemState::Pass,
        expression: threshold.to_string(),
        limit_ns: is_duration.then(|| threshold.value.round() as u64),
        limit: (!is_duration).then_some(threshold.value),
        observed_ns,
        observed,
        observed_infinite: judgement.observed == Observed::Infinite,
        interval_ns: bounds
            .filter(|_| is_duration && !is_plain)
            .map(|ends| ends.map(|end| end.map(|ns| ns.round() as u64))),
        interval: bounds.filter(|_| is_plain || !is_duration),
        n: judgement.n,
        n_eff: finite(judgement.n_eff),
        reason: Some(judgement.explanation),
        advice: settles_in_ns.map(|ns| format!("run it for about {}", span(ns))),
        settles_in_ns,
        journey: facts.about.journey.clone(),
        step: facts.about.step.clone(),
        owner: facts.about.owner.clone(),
        promised_at: facts.about.promised_at.clone(),
        between_ns: Some([test.warmup.until_ns.min(test.elapsed_ns), test.elapsed_ns]),
        ..in_test(Item::default(), test)
    }
}

/// The judgement that counts, and whether it is of the lenient limit.
struct Judged {
    judgement: Judgement,
    marginal: bool,
}

/// Where there are two limits, an item fails only if the lenient one is refuted too: between the
/// two it is marginal, and where that is not known, it is inconclusive.
fn judged(facts: &ItemFacts, validity: &Validity) -> Judged {
    let strict = validity.qualify(&facts.threshold, facts.judgement.clone());
    let Some((threshold, lenient)) = &facts.lenient else {
        return Judged {
            judgement: strict,
            marginal: false,
        };
    };
    let lenient = validity.qualify(threshold, lenient.clone());
    let explained = |word: &str| {
        let (strict, lenient) = (&strict.explanation, &lenient.explanation);
        format!("{strict}; the lenient limit, {threshold}, {word}: {lenient}")
    };
    let (explanation, marginal) = match (strict.state, lenient.state) {
        (State::Pass, _) | (_, State::Fail) => {
            return Judged {
                judgement: strict,
                marginal: false,
            };
        }
        (_, State::Pass) => (explained("holds"), true),
        (State::Fail, State::Inconclusive) => (explained("may hold"), false),
        (State::Inconclusive, State::Inconclusive) => (explained("may hold too"), false),
    };
    Judged {
        judgement: Judgement {
            state: lenient.state,
            explanation,
            more_time_factor: lenient.more_time_factor,
            ..strict
        },
        marginal,
    }
}

/// An expectation by the rule that thresholds follow: on broken evidence nothing but a failure stands.
fn expected(item: &Item, test: &TestFacts<'_>) -> Item {
    let judged = match item.state {
        ItemState::Pass => Some(State::Pass),
        ItemState::Inconclusive => Some(State::Inconclusive),
        ItemState::Fail | ItemState::Waived | ItemState::NotRun | ItemState::Invalid => None,
    };
    let state = judged.map_or(item.state, |state| {
        verdict::item_state(state, test.validity.status().into())
    });
    let mut expected = in_test(item.clone(), test);
    if state != item.state {
        let objection = "the run is not valid, so this proves nothing";
        expected.reason = Some(match &item.reason {
            Some(reason) => format!("{reason}; but {objection}"),
            None => objection.to_owned(),
        });
        expected.marginal = false;
        expected.settles_in_ns = None;
    }
    expected.state = state;
    expected
}

/// An item with what it has from its test.
fn in_test(item: Item, test: &TestFacts<'_>) -> Item {
    let rate = |rate: Option<f64>| rate.and_then(finite);
    Item {
        test: Some(test.name.clone()),
        offered_rate: rate(test.offered_rate),
        achieved_rate: rate(test.achieved_rate),
        ..item
    }
}

/// JSON knows finite numbers only.
fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

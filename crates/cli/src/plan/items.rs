//! Items of a plan, from what was planned to what is known of them.

use super::claims::place;
use plimsoll_measure::judge::Observed;
use plimsoll_measure::readiness::Standing;
use plimsoll_measure::{Judgement, State};
use plimsoll_report::document::{Item, ItemState};
use plimsoll_scenario::plan::ReadinessPlan;
use plimsoll_scenario::plan::items::{PlannedItem, all_items};
use std::time::Duration;

/// The items of a plan.
pub(crate) struct Items<'p> {
    plan: &'p ReadinessPlan,
    planned: Vec<PlannedItem>,
}

impl<'p> Items<'p> {
    /// Those of this plan.
    pub(crate) fn of(plan: &'p ReadinessPlan) -> Self {
        Self {
            planned: all_items(plan),
            plan,
        }
    }

    /// An item of the plan without any evidence.
    pub(crate) fn blank(&self, id: &str) -> Item {
        let planned = self.planned.iter().find(|planned| planned.id == id);
        planned.map_or_else(
            || Item {
                id: id.to_owned(),
                ..Item::default()
            },
            |planned| self.unproven(planned),
        )
    }

    fn unproven(&self, planned: &PlannedItem) -> Item {
        Item {
            id: planned.id.clone(),
            tier: Some(planned.tier.name().to_owned()),
            state: ItemState::NotRun,
            expression: planned.expression.clone(),
            test: planned.test.clone(),
            journey: planned.journey.clone(),
            step: planned.step.clone(),
            owner: planned.owner.clone(),
            promised_at: (planned.line > 0).then(|| place(self.plan, planned.source, planned.line)),
            ..Item::default()
        }
    }

    /// An item in a state, for a reason.
    pub(crate) fn stated(&self, id: &str, state: ItemState, reason: String) -> Item {
        Item {
            state,
            reason: Some(reason),
            ..self.blank(id)
        }
    }

    /// An item that was judged against a limit: nanoseconds of a duration, or a share of 1.
    pub(crate) fn judged(&self, id: &str, limit: Limit, judgement: &Judgement) -> Item {
        let (observed_ns, observed) = match judgement.observed {
            Observed::NoData | Observed::Infinite => (None, None),
            Observed::Duration(ns) => (Some(ns), None),
            Observed::Share(value) | Observed::PerSecond(value) => (None, finite(value)),
        };
        let bounds = judgement
            .interval
            .map(|interval| [finite(interval.lower), interval.upper.and_then(finite)]);
        let is_duration = matches!(limit, Limit::Within(_)) && observed.is_none();
        Item {
            state: match judgement.state {
                State::Pass => ItemState::Pass,
                State::Fail => ItemState::Fail,
                State::Inconclusive => ItemState::Inconclusive,
            },
            observed_ns,
            observed,
            limit_ns: limit.ns(),
            limit: limit.share(),
            observed_infinite: judgement.observed == Observed::Infinite,
            interval_ns: bounds
                .filter(|_| is_duration)
                .map(|ends| ends.map(|end| end.map(|ns| ns.round() as u64))),
            interval: bounds.filter(|_| !is_duration),
            n: judgement.n,
            n_eff: finite(judgement.n_eff),
            reason: Some(judgement.explanation.clone()),
            ..self.blank(id)
        }
    }

    /// Every item that is not among those that are known, as not run: for this reason.
    pub(crate) fn missing<'i>(
        &self,
        known: impl Iterator<Item = &'i Item> + Clone,
        why: impl Fn(&PlannedItem) -> String,
    ) -> Vec<Item> {
        let is_known = |planned: &&PlannedItem| known.clone().any(|item| item.id == planned.id);
        self.planned
            .iter()
            .filter(|planned| !is_known(planned))
            .map(|planned| Item {
                reason: Some(why(planned)),
                ..self.unproven(planned)
            })
            .collect()
    }
}

/// What an expectation is held against.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Limit {
    /// A time within which something has to happen.
    Within(Duration),
    /// A share of 1.
    Share(f64),
}

impl Limit {
    fn ns(self) -> Option<u64> {
        match self {
            Self::Within(limit) => u64::try_from(limit.as_nanos()).ok(),
            Self::Share(_) => None,
        }
    }

    fn share(self) -> Option<f64> {
        match self {
            Self::Within(_) => None,
            Self::Share(limit) => Some(limit),
        }
    }
}

/// The state of an item that stands so.
pub(crate) fn state_of(standing: Standing) -> ItemState {
    match standing {
        Standing::Pass | Standing::Marginal => ItemState::Pass,
        Standing::Fail => ItemState::Fail,
        Standing::Inconclusive => ItemState::Inconclusive,
        Standing::NotRun => ItemState::NotRun,
        Standing::Invalid => ItemState::Invalid,
        Standing::Waived => ItemState::Waived,
    }
}

/// JSON knows finite numbers only.
fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

//! What can be seen to go wrong once everything is known.

use super::tests::highest_of;
use super::{Decoder, Fields};
use crate::plan::items::{self, PlannedItem};
use crate::plan::{ReadinessPlan, Waiver};
use crate::problem::MOST_SHOWN;
use crate::text::{Node, Span};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use plimsoll_measure::Tier;
use plimsoll_measure::readiness::{Standing, approvals};
use std::collections::{HashMap, HashSet};

/// Most items that a plan may be judged by.
const MOST_ITEMS: usize = 20_000;

impl Decoder<'_> {
    /// Whether there are few enough items.
    pub(super) fn check_size(
        &mut self,
        root: &Node,
        fields: Fields<'_>,
        plan: &ReadinessPlan,
    ) -> bool {
        let count = items::count(plan);
        if count <= MOST_ITEMS {
            return true;
        }
        let span = fields
            .entry("tests")
            .map_or(&root.span, |entry| &entry.key_span);
        let message = format!("{count} items to judge, at most {MOST_ITEMS} are possible");
        let help = "use fewer tests or thresholds, or say `thresholds: false` in tests that are about something else";
        self.error(span, message, help.to_owned());
        false
    }

    /// Two items of one id could not be told apart.
    pub(super) fn check_ids(&mut self, root: &Node, fields: Fields<'_>, items: &[PlannedItem]) {
        let mut ids = HashSet::new();
        let span = fields
            .entry("tests")
            .map_or(&root.span, |entry| &entry.key_span);
        for item in items.iter().filter(|item| !ids.insert(item.id.as_str())) {
            let message = format!("two items would have the id `{}`", item.id);
            let help = "give the test, the journey or the step another name".to_owned();
            self.error(span, message, help);
        }
    }

    pub(super) fn check_waivers(
        &mut self,
        plan: &ReadinessPlan,
        waivers: &[(Waiver, Span)],
        items: &[PlannedItem],
    ) {
        let known: HashMap<&str, &PlannedItem> =
            items.iter().map(|item| (item.id.as_str(), item)).collect();
        let meeting = plan.decision.meeting.map(day);
        for (waiver, span) in waivers {
            let Some(item) = known.get(waiver.item.as_str()) else {
                self.unknown_item(span, &waiver.item, items);
                continue;
            };
            if let Some(ceiling) = &waiver.ceiling {
                let metric = items::metric_name(&ceiling.threshold);
                if waiver.item.rsplit('/').next() != Some(metric.as_str()) {
                    let message = format!(
                        "the ceiling `{}` is not on the metric of `{}`",
                        ceiling.text, waiver.item
                    );
                    let help = format!("the item says `{}`", item.expression);
                    self.error(span, message, help);
                }
            }
            let least = approvals(item.tier, Standing::Inconclusive).unwrap_or(usize::MAX);
            if waiver.approved_by.len() < least {
                let message = format!(
                    "an item of the tier `{}` needs {least} approvals and has {}",
                    item.tier.name(),
                    waiver.approved_by.len()
                );
                let help = match item.tier {
                    Tier::Critical => {
                        "two people may let pass that there is no answer; a proven failure nobody"
                            .to_owned()
                    }
                    _ => "add who approved".to_owned(),
                };
                self.warn(span, message, help);
            }
            if meeting.is_some_and(|meeting| waiver.expires < meeting) {
                let message = format!(
                    "the waiver expires on {}, before the meeting",
                    waiver.expires
                );
                self.warn(span, message, "it will not count by then".to_owned());
            }
        }
    }

    fn unknown_item(&mut self, span: &Span, id: &str, items: &[PlannedItem]) {
        let message = format!("the plan has no item `{}`", crate::excerpt::short(id));
        let test = id.split('/').next();
        let same_test = items
            .iter()
            .filter(|item| item.id.split('/').next() == test);
        let mut names: Vec<&str> = same_test.map(|item| item.id.as_str()).collect();
        if names.is_empty() {
            names = items.iter().map(|item| item.id.as_str()).collect();
        }
        names.truncate(MOST_SHOWN * 10);
        let help = self.suggestion(id, &names);
        self.error(span, message, help);
    }

    /// What a plan as a whole lacks.
    pub(super) fn check_promises(
        &mut self,
        root: &Node,
        fields: Fields<'_>,
        plan: &ReadinessPlan,
        items: &[PlannedItem],
    ) {
        let place = |key: &str| {
            let entry = fields.entry(key);
            entry.map_or(root.span.start..root.span.start, |entry| {
                entry.key_span.clone()
            })
        };
        // The smoke test shows that a critical journey works, not that it is ready.
        let is_promise =
            |item: &&PlannedItem| item.tier == Tier::Critical && item.expression != items::SMOKE;
        if items.iter().find(is_promise).is_none() {
            let help =
                "give a critical journey a threshold: without a critical item the answer is no"
                    .to_owned();
            self.warn(
                &place("journeys"),
                "the plan promises nothing critical",
                help,
            );
        }
        for journey in &plan.journeys {
            if journey.thresholds.is_empty() && journey.steps.is_empty() {
                let message = format!("nothing is promised of the journey `{}`", journey.name);
                let help = format!(
                    "add `thresholds`, here or under `tiers` for `{}`",
                    journey.tier.name()
                );
                self.warn(&place("journeys"), message, help);
            }
        }
        let load = place("expected_load");
        if plan.expected.headroom <= 0.0 {
            let help = "add `headroom: 30%`, or whatever was agreed".to_owned();
            self.warn(&load, "there is no headroom above the expected load", help);
        }
        for test in &plan.tests {
            for (tier, _) in &test.expect.protected {
                if !plan.journeys.iter().any(|journey| journey.tier == *tier) {
                    let message = format!(
                        "the test `{}` protects the tier `{}`, which has no journey",
                        test.name,
                        tier.name()
                    );
                    self.warn(&place("tests"), message, None);
                }
            }
        }
        let target = plan.expected.target();
        let reaches = |rate: f64| rate >= target * (1.0 - 1e-9);
        if !plan.tests.iter().map(highest_of).any(reaches) {
            let message = format!("no test reaches the target of {target}/s");
            let help = "add a test such as `{ name: headroom, at: target, hold: 20m }`".to_owned();
            self.warn(&place("tests"), message, help);
        }
        if fields.get("decision").is_some() && plan.decision.evidence_max_age.is_none() {
            let help = "add `evidence_max_age: 7d`: else evidence of any age counts".to_owned();
            self.warn(
                &place("decision"),
                "the decision does not say how old evidence may be",
                help,
            );
        }
        if let (Some(meeting), Some(agreed)) = (plan.decision.meeting, plan.expected.agreed_on)
            && agreed > day(meeting)
        {
            let message = format!("the load was agreed on {agreed}, after the meeting");
            self.warn(&load, message, "one of the two dates is wrong".to_owned());
        }
    }
}

/// The day of a moment, in UTC.
fn day(moment: Timestamp) -> Date {
    Offset::UTC.to_datetime(moment).date()
}

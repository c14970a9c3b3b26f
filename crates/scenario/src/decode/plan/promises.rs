//! Tiers and journeys.

use super::openslo::Documents;
use super::outline::{Outline, Part};
use super::{Decoder, Fields};
use crate::grammar::{PROMISE, STEP_PROMISE, TIER, TIERS};
use crate::plan::{JourneyPromise, PlannedThreshold};
use crate::text::{Entry, Node, Span};
use plimsoll_measure::Tier;
use std::collections::HashMap;

impl Decoder<'_> {
    /// What is promised of every journey that is loaded, in the scenario's order.
    pub(super) fn promises(
        &mut self,
        root: &Node,
        fields: Fields<'_>,
        outline: &Outline,
    ) -> Vec<JourneyPromise> {
        let tiers = self.tier_thresholds(fields.get("tiers"));
        let mut promised = HashMap::new();
        let mut documents = Documents::default();
        if let Some(node) = fields.get("journeys") {
            for entry in self.named_entries(node, "journeys") {
                if let Some(promise) = self.promise_of(entry, outline, &mut documents) {
                    promised.insert(entry.key.clone(), promise);
                }
            }
        }
        let place = fields
            .entry("journeys")
            .map_or(&root.span, |entry| &entry.key_span);
        let mut journeys = Vec::new();
        let loaded = outline.journeys.iter().flatten().filter(|part| part.loaded);
        for part in loaded {
            let mut journey = match promised.remove(&part.name) {
                Some(journey) => journey,
                None => self.unlisted(&part.name, fields, place),
            };
            let tier = tiers.get(&journey.tier).map_or(&[][..], Vec::as_slice);
            add_missing(&mut journey.thresholds, tier);
            journeys.push(journey);
        }
        journeys
    }

    /// A journey that the plan does not name counts as critical.
    fn unlisted(&mut self, name: &str, fields: Fields<'_>, place: &Span) -> JourneyPromise {
        let broken = fields
            .get("journeys")
            .is_some_and(|node| node.get(name).is_some());
        if !broken {
            let message =
                format!("the plan says nothing of the journey `{name}`: it counts as critical");
            let help = format!("name it under `journeys`, such as `{name}: {{ tier: important }}`");
            self.warn(place, message, help);
        }
        JourneyPromise {
            name: name.to_owned(),
            tier: Tier::Critical,
            owner: None,
            thresholds: Vec::new(),
            steps: Vec::new(),
            line: 0,
        }
    }

    fn tier_thresholds(&mut self, node: Option<&Node>) -> HashMap<Tier, Vec<PlannedThreshold>> {
        let mut tiers = HashMap::new();
        let Some(fields) = node.and_then(|node| self.fields(node, &TIERS)) else {
            return tiers;
        };
        for tier in Tier::ALL {
            if let Some(fields) = fields
                .get(tier.name())
                .and_then(|node| self.fields(node, &TIER))
            {
                tiers.insert(tier, self.planned_thresholds(fields.get("thresholds")));
            }
        }
        tiers
    }

    fn promise_of(
        &mut self,
        entry: &Entry,
        outline: &Outline,
        documents: &mut Documents,
    ) -> Option<JourneyPromise> {
        let name = &entry.key;
        let part = outline.journey(name);
        if outline.journeys.is_some() && part.is_none() {
            let message = format!(
                "the scenario has no journey `{}`",
                crate::excerpt::short(name)
            );
            let help = self.suggestion(name, &outline.names());
            self.error(&entry.key_span, message, help);
        } else if part.is_some_and(|part| !part.loaded) {
            let message =
                format!("the journey `{name}` has no weight: it is tried, but never loaded");
            let help = "give it a weight in the scenario, or leave it out here".to_owned();
            self.warn(&entry.key_span, message, help);
        }
        let line = self.file.line(&entry.key_span);
        let fields = self.fields(&entry.value, &PROMISE)?;
        let tier = self.tier(fields.get("tier"));
        let owner = self.optional(fields.get("owner"), "a name");
        let mut thresholds = self.planned_thresholds(fields.get("thresholds"));
        if let Some(node) = fields.get("slo") {
            let objectives = self.slo(node, documents);
            self.overridden(node, &thresholds, &objectives);
            add_missing(&mut thresholds, &objectives);
        }
        let mut steps = Vec::new();
        if let Some(node) = fields.get("steps") {
            for step in self.named_entries(node, "steps") {
                self.check_step(step, name, part);
                let fields = self.fields(&step.value, &STEP_PROMISE);
                let thresholds = fields.and_then(|fields| fields.get("thresholds"));
                for threshold in self.planned_thresholds(thresholds) {
                    steps.push((step.key.clone(), threshold));
                }
            }
        }
        Some(JourneyPromise {
            name: name.clone(),
            tier: tier?,
            owner,
            thresholds,
            steps,
            line,
        })
    }

    fn check_step(&mut self, step: &Entry, journey: &str, part: Option<&Part>) {
        let Some(steps) = part.and_then(|part| part.steps.as_ref()) else {
            return;
        };
        if !steps.contains(&step.key) {
            let message = format!(
                "the journey `{journey}` has no step `{}`",
                crate::excerpt::short(&step.key)
            );
            let names: Vec<&str> = steps.iter().map(String::as_str).collect();
            let help = self.suggestion(&step.key, &names);
            self.error(&step.key_span, message, help);
        }
    }

    /// Warns where a journey says something else than its SLO.
    fn overridden(&mut self, node: &Node, own: &[PlannedThreshold], slo: &[PlannedThreshold]) {
        for objective in slo {
            let other = own.iter().find(|own| is_about_the_same(own, objective));
            if let Some(other) = other {
                let message = format!(
                    "`{}` of the SLO does not count: the journey has `{}`",
                    objective.pass.text, other.pass.text
                );
                self.warn(&node.span, message, "keep one of the two".to_owned());
            }
        }
    }
}

/// Adds thresholds on metrics that are not among the others yet.
fn add_missing(thresholds: &mut Vec<PlannedThreshold>, more: &[PlannedThreshold]) {
    let before = thresholds.len();
    for threshold in more {
        let named = thresholds[..before]
            .iter()
            .any(|known| is_about_the_same(known, threshold));
        if !named {
            thresholds.push(threshold.clone());
        }
    }
}

/// Whether two thresholds are on the same metric, over the whole test or over windows of one length.
fn is_about_the_same(one: &PlannedThreshold, other: &PlannedThreshold) -> bool {
    let (one, other) = (&one.pass.threshold, &other.pass.threshold);
    one.metric == other.metric && one.window == other.window
}

//! Journeys.

use super::Decoder;
use super::names::Scope;
use super::target::Defaults;
use crate::grammar::JOURNEY;
use crate::model::Journey;
use crate::text::{Entry, Kind, Node};
use std::collections::HashMap;

/// Most journeys of a scenario.
const MOST_JOURNEYS: usize = 1_000;

/// Most requests of a journey.
const MOST_REQUESTS: usize = 10_000;

impl Decoder<'_> {
    pub(super) fn journeys(&mut self, node: &Node, defaults: &Defaults<'_>) -> Vec<Journey> {
        let entries = self
            .map(node, "a map from names to journeys")
            .unwrap_or_default();
        if entries.is_empty() {
            self.error(
                &node.span,
                "there is no journey",
                "a scenario needs at least one".to_owned(),
            );
        }
        if entries.len() > MOST_JOURNEYS {
            self.error(
                &node.span,
                format!(
                    "{} journeys, at most {MOST_JOURNEYS} are possible",
                    entries.len()
                ),
                None,
            );
            return Vec::new();
        }
        entries
            .iter()
            .filter_map(|entry| self.journey(entry, defaults))
            .collect()
    }

    fn journey(&mut self, entry: &Entry, defaults: &Defaults<'_>) -> Option<Journey> {
        let key = &entry.key;
        if key.trim().is_empty() || key.len() > 200 || key.contains(['/', '\n', '\r', '\t']) {
            self.error(
                &entry.key_span,
                "a journey's name is 1 to 200 characters without `/`",
                "`/` stands between journey and step in the names of results".to_owned(),
            );
        }
        let fields = self.fields(&entry.value, &JOURNEY)?;
        let weight = match fields.get("weight") {
            Some(node) => self.count(node, 0..=u64::from(u32::MAX))? as u32,
            None => 1,
        };
        let thresholds = self.thresholds(fields.get("thresholds"));
        let node = fields.get("steps")?;
        let mut anywhere = HashMap::new();
        let mut requests = 0;
        survey(node, &mut anywhere, &mut requests);
        if requests > MOST_REQUESTS {
            self.error(
                &node.span,
                format!("{requests} requests in a journey, at most {MOST_REQUESTS} are possible"),
                None,
            );
            return None;
        }
        self.scope = Scope {
            anywhere,
            ..Scope::default()
        };
        let steps = self.steps(node, defaults);
        let scope = std::mem::take(&mut self.scope);
        for (slot, name) in scope.slots.iter().enumerate() {
            if !scope.used.contains(&slot) {
                self.warn(
                    &scope.saved_at[slot],
                    format!("nothing uses `{name}`"),
                    None,
                );
            }
        }
        if scope.requests.is_empty() && !self.failed() {
            self.error(
                &entry.key_span,
                format!("the journey `{key}` has no request"),
                None,
            );
        }
        Some(Journey {
            name: key.clone(),
            weight,
            steps,
            slots: scope.slots.len(),
            feeds: scope.feeds.into_iter().collect(),
            requests: scope.requests,
            thresholds,
        })
    }
}

/// Every variable that steps save, with the name of the first that does, and how many requests there are.
fn survey(node: &Node, saved: &mut HashMap<String, String>, requests: &mut usize) {
    let Kind::List(steps) = &node.kind else {
        return;
    };
    for step in steps {
        if let Some(Kind::Map(entries)) = step.get("save").map(|node| &node.kind) {
            let name = step.get("name").and_then(Node::scalar_text);
            for entry in entries {
                saved
                    .entry(entry.key.clone())
                    .or_insert_with(|| name.unwrap_or("that").to_owned());
            }
        }
        let inner = ["steps", "else", "parallel"]
            .into_iter()
            .filter_map(|key| step.get(key));
        let before = *requests;
        let mut nested = false;
        for inner in inner {
            nested = true;
            survey(inner, saved, requests);
        }
        *requests += usize::from(!nested && *requests == before);
    }
}

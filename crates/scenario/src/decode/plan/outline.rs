//! What a plan may refer to in its scenario.

use crate::model::{Address, Scenario};
use crate::text::{Kind, Node};
use std::collections::HashMap;

/// The names of a scenario. Of a broken one only what could be made out.
#[derive(Default)]
pub(super) struct Outline {
    /// Its journeys in order; `None` if not even their names are known.
    pub(super) journeys: Option<Vec<Part>>,
    places: HashMap<String, usize>,
    /// Whether there is a demo target, and one that is none; `None` if unknown.
    pub(super) demo: Option<(bool, bool)>,
    /// Whether users are persistent clients; `None` if unknown.
    pub(super) clients: Option<bool>,
}

/// A journey of a scenario.
pub(super) struct Part {
    pub(super) name: String,
    /// Whether it is ever loaded.
    pub(super) loaded: bool,
    /// Its steps; `None` if unknown.
    pub(super) steps: Option<Vec<String>>,
}

impl Outline {
    /// Everything.
    pub(super) fn of(scenario: &Scenario) -> Self {
        let journeys = scenario.journeys.iter().map(|journey| Part {
            name: journey.name.clone(),
            loaded: journey.weight > 0,
            steps: Some(
                journey
                    .requests
                    .iter()
                    .map(|request| request.name.clone())
                    .collect(),
            ),
        });
        let is_demo = |address: &Address| *address == Address::Demo;
        let demo = scenario
            .targets
            .iter()
            .any(|target| is_demo(&target.address));
        let other = scenario
            .targets
            .iter()
            .any(|target| !is_demo(&target.address));
        Self {
            demo: Some((demo, other)),
            clients: Some(scenario.clients.is_some()),
            ..Self::with(journeys.collect())
        }
    }

    /// What a broken scenario's text still says.
    pub(super) fn of_text(root: &Node) -> Self {
        let Some(Kind::Map(entries)) = root.get("journeys").map(|node| &node.kind) else {
            return Self::default();
        };
        let journeys = entries.iter().map(|entry| Part {
            name: entry.key.clone(),
            loaded: true,
            steps: None,
        });
        Self::with(journeys.collect())
    }

    fn with(journeys: Vec<Part>) -> Self {
        let named = journeys.iter().enumerate();
        let places = named.map(|(index, part)| (part.name.clone(), index));
        Self {
            places: places.collect(),
            journeys: Some(journeys),
            ..Self::default()
        }
    }

    /// The journey of this name.
    pub(super) fn journey(&self, name: &str) -> Option<&Part> {
        self.journeys.as_ref()?.get(*self.places.get(name)?)
    }

    /// The names of its journeys.
    pub(super) fn names(&self) -> Vec<&str> {
        let parts = self.journeys.iter().flatten();
        parts.map(|part| part.name.as_str()).collect()
    }
}

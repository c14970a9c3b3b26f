//! The series that a scenario has, and what must hold of each.

use crate::model::{Scenario, SourcedThreshold};
use plimsoll_measure::{Catalogue, Scope};

impl Scenario {
    /// Every series: journeys in file order, each with its requests and their redirect hops.
    /// [`crate::Request::index`] counts the steps of a journey's entry.
    pub fn catalogue(&self) -> Catalogue {
        let mut catalogue = Catalogue::default();
        for journey in &self.journeys {
            let requests = journey
                .requests
                .iter()
                .map(|request| (request.name.as_str(), request.hops));
            catalogue.add_journey(&journey.name, requests);
        }
        catalogue
    }

    /// Every threshold with what it judges and the beginning of its item's id: empty for all
    /// requests, `journey` or `journey/step`.
    pub fn watched(&self) -> Vec<(String, Scope, SourcedThreshold)> {
        let catalogue = self.catalogue();
        let mut watched = Vec::new();
        let mut add = |id: &str, scope: Scope, thresholds: &[SourcedThreshold]| {
            watched.extend(
                thresholds
                    .iter()
                    .map(|threshold| (id.to_owned(), scope, threshold.clone())),
            );
        };
        add("", Scope::Test, &self.thresholds);
        for (journey, entry) in self.journeys.iter().zip(catalogue.journeys()) {
            add(
                &journey.name,
                Scope::Series(entry.series),
                &journey.thresholds,
            );
            for (request, step) in journey.requests.iter().zip(&entry.steps) {
                let id = format!("{}/{}", journey.name, request.name);
                add(&id, Scope::Series(step.series), &request.thresholds);
            }
        }
        watched
    }
}

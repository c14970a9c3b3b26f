//! Pages outside of any load, fetched the way that requests go.

use crate::failure::Failure;
use plimsoll_conduct::{Fetch, Fetched};
use plimsoll_engine::Fetcher;
use plimsoll_scenario::Scenario;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// How long a target has to take a connection before anything is measured.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// The engine's own client.
#[derive(Debug)]
pub(crate) struct Http(Fetcher);

impl Http {
    /// For the targets of a scenario.
    pub(crate) fn new(scenario: Arc<Scenario>, demo: Option<SocketAddr>) -> Result<Self, Failure> {
        Ok(Self(Fetcher::new(scenario, demo)?))
    }

    /// Sees that every target takes a connection.
    pub(crate) fn connect(&self) -> Result<(), String> {
        self.0.connect(CONNECT_WITHIN)
    }

    /// The first target's base URL.
    pub(crate) fn base_url(&self) -> String {
        self.0.base_url()
    }
}

impl Fetch for Http {
    fn get(&self, url: &str, timeout: Duration) -> Result<Fetched, String> {
        let fetched = self.0.get(url, timeout)?;
        Ok(Fetched {
            status: fetched.status,
            headers: fetched.headers,
            body: fetched.body,
        })
    }
}

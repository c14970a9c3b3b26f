//! Systems that a command starts, for as long as something is measured.

use crate::failure::Failure;
use crate::plan::Http;
use plimsoll_conduct::server::{Ready, Server, ServerError, ServerPlan};
use plimsoll_engine::Stop;
use plimsoll_scenario::Scenario;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// What is started, and how it is known to be ready.
#[derive(Debug, Clone)]
pub(crate) struct Starting {
    /// What it is called in messages.
    pub name: String,
    /// What the shell is given.
    pub command: String,
    /// A path that answers 2xx; `None`: the port is open.
    pub ready: Option<String>,
    /// How long that may take.
    pub within: Duration,
    /// Where its output goes.
    pub log: PathBuf,
    /// What to do where it does not get ready.
    pub cure: String,
}

/// Starts it where the scenario sends requests.
pub(crate) fn start(
    starting: &Starting,
    scenario: &Arc<Scenario>,
    demo: Option<SocketAddr>,
    stop: &Stop,
) -> Result<Server, Failure> {
    let http = Http::new(Arc::clone(scenario), demo)?;
    let base_url = http.base_url();
    let ready = match &starting.ready {
        Some(path) => Ready::Answers(path.clone()),
        None => Ready::Listens(base_url.clone()),
    };
    let plan = ServerPlan {
        // The shell reads quotes and variables, as whoever wrote the command expects.
        run: vec!["sh".to_owned(), "-c".to_owned(), starting.command.clone()],
        environment: vec![("PLIMSOLL_TARGET".to_owned(), base_url)],
        folder: std::env::current_dir().unwrap_or_default(),
        sha256: None,
        ready: Some(ready),
        ready_within: starting.within,
        cure: starting.cure.clone(),
        log: starting.log.clone(),
        masker: scenario.secrets.clone(),
    };
    Server::start(plan, &http, &|| stop.is_stopped()).map_err(|problem| {
        let text = format!("{}: {problem}", starting.name);
        match problem {
            ServerError::Interrupted { .. } => Failure::Interrupted(text),
            _ => Failure::Usage(text),
        }
    })
}

//! Systems that a command starts, for as long as something is measured.

use crate::failure::Failure;
use crate::plan::Http;
use plimsoll_conduct::server::{Server, ServerPlan};
use plimsoll_scenario::Scenario;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use url::Url;

/// How long to wait between two looks at a port.
const PAUSE: Duration = Duration::from_millis(20);

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
    /// What to do where nobody listens.
    pub cure: String,
}

/// Starts it where the scenario sends requests.
pub(crate) fn start(
    starting: &Starting,
    scenario: &Arc<Scenario>,
    demo: Option<SocketAddr>,
) -> Result<Server, Failure> {
    let http = Http::new(Arc::clone(scenario), demo)?;
    let base_url = http.base_url();
    let plan = ServerPlan {
        // The shell reads quotes and variables, as whoever wrote the command expects.
        run: vec!["sh".to_owned(), "-c".to_owned(), starting.command.clone()],
        environment: vec![("PLIMSOLL_TARGET".to_owned(), base_url.clone())],
        folder: std::env::current_dir().unwrap_or_default(),
        sha256: None,
        ready: starting.ready.clone(),
        ready_within: starting.within,
        log: starting.log.clone(),
        masker: scenario.secrets.clone(),
    };
    let name = &starting.name;
    let server = Server::start(plan, &http)
        .map_err(|problem| Failure::Usage(format!("{name}: {problem}")))?;
    if starting.ready.is_none() {
        wait_for_port(starting, &base_url, &server)?;
    }
    Ok(server)
}

/// Waits until somebody listens.
fn wait_for_port(starting: &Starting, base_url: &str, server: &Server) -> Result<(), Failure> {
    let until = Instant::now() + starting.within;
    let (name, log) = (&starting.name, starting.log.display());
    loop {
        if let Some(restart) = server.restarts().first() {
            return Err(Failure::Usage(format!(
                "{name} does not stay up: {}; what it printed is in {log}",
                restart.text
            )));
        }
        if is_open(base_url) {
            return Ok(());
        }
        if Instant::now() >= until {
            return Err(Failure::Usage(format!(
                "{name} does not listen at {base_url} within {:?}: {}; what it printed is in {log}",
                starting.within, starting.cure
            )));
        }
        // Nobody tells when a port of another process opens.
        std::thread::sleep(PAUSE);
    }
}

/// Whether somebody listens there.
fn is_open(url: &str) -> bool {
    let addresses = || {
        let url = Url::parse(url).ok()?;
        let port = url.port_or_known_default()?;
        // An address in brackets is none for the resolver.
        let host = url.host_str()?.trim_matches(['[', ']']).to_owned();
        (host.as_str(), port).to_socket_addrs().ok()
    };
    let mut addresses = addresses().into_iter().flatten();
    addresses.any(|address| TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok())
}

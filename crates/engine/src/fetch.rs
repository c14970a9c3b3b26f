//! A single GET outside of any load: who answers, and with what. For probes of which build is running,
//! of readiness, of metrics. It goes the way that requests go: same TLS options, same addresses.

use crate::answer::Hold;
use crate::attempt::{Failure, Progress};
use crate::clock::Clock;
use crate::compiled::Compiled;
use crate::connect::Route;
use crate::error::EngineError;
use crate::exchange::{Exchanged, exchange};
use crate::message::Message;
use crate::origin::Origin;
use crate::pool::{Lease, Pool, Way};
use crate::run::local_runtime;
use crate::timer::TimerMode;
use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, Method};
use plimsoll_scenario::Scenario;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// The most of a body that is read.
const MOST_BYTES: usize = 1 << 20;

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The status.
    pub status: u16,
    /// The headers, names in lower case; values that are no text are left out.
    pub headers: Vec<(String, String)>,
    /// The body, at most 1 MiB.
    pub body: Vec<u8>,
}

/// Fetches from the targets of a scenario, and from wherever a URL leads.
pub struct Fetcher {
    compiled: Arc<Compiled>,
}

impl std::fmt::Debug for Fetcher {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Fetcher")
    }
}

impl Fetcher {
    /// Ready to fetch; `demo` is where the demo service listens.
    ///
    /// # Errors
    /// When a target of the scenario is unusable.
    pub fn new(scenario: Arc<Scenario>, demo: Option<SocketAddr>) -> Result<Self, EngineError> {
        let compiled = Compiled::compile(scenario, demo)?;
        Ok(Self { compiled })
    }

    /// The first target's base URL, without a slash at its end.
    pub fn base_url(&self) -> String {
        self.compiled
            .targets
            .first()
            .map_or_else(String::new, |target| {
                let origin = &target.origin;
                format!(
                    "{}://{}{}",
                    origin.scheme(),
                    origin.authority(),
                    target.base_path
                )
            })
    }

    /// Opens a connection to every target, and closes it. Blocks the thread.
    ///
    /// # Errors
    /// Where there is none and why, in a sentence, of the first target that takes none.
    pub fn connect(&self, timeout: Duration) -> Result<(), String> {
        for target in &self.compiled.targets {
            let (scheme, authority) = (target.origin.scheme(), target.origin.authority());
            let wrong = |problem: String| format!("{scheme}://{authority}: {problem}");
            let route = target.route(target.origin.clone());
            let route = route.map_err(|problem| wrong(problem.to_string()))?;
            let opened = bounded(timeout, async {
                lease(&Rc::new(route), Clock::starting_in(0), &Progress::default())
                    .await
                    .map(drop)
            });
            opened.map_err(wrong)?;
        }
        Ok(())
    }

    /// GETs a path of the first target, or a URL. Redirects are not followed. Blocks the thread.
    ///
    /// # Errors
    /// Why there is no complete response, in a sentence.
    pub fn get(&self, url: &str, timeout: Duration) -> Result<Fetched, String> {
        let target = self
            .compiled
            .targets
            .first()
            .ok_or("the scenario has no target")?;
        let (origin, path) = if url.starts_with('/') {
            (target.origin.clone(), format!("{}{url}", target.base_path))
        } else {
            let parsed = Url::parse(url).map_err(|problem| format!("`{url}`: {problem}"))?;
            let origin = Origin::of(&parsed)
                .ok_or_else(|| format!("`{url}` is neither a path nor an http or https URL"))?;
            let query = parsed.query().map(|query| format!("?{query}"));
            let path = format!("{}{}", parsed.path(), query.unwrap_or_default());
            (origin, path)
        };
        let path = PathAndQuery::try_from(path).map_err(|problem| format!("`{url}`: {problem}"))?;
        let route = target
            .route(origin)
            .map_err(|problem| problem.to_string())?;
        let fetched = bounded(timeout, async {
            let (route, clock) = (Rc::new(route), Clock::starting_in(0));
            let progress = Progress::default();
            let mut lease = lease(&route, clock, &progress).await?;
            let message = Message::new(Method::GET, path, HeaderMap::new(), Bytes::new());
            let hold = Hold::Excerpt(MOST_BYTES);
            exchange(&mut lease, &route, &message, hold, clock, &progress).await
        });
        match fetched? {
            Exchanged::NotSent => Err("the connection was closed at once".to_owned()),
            Exchanged::Answer(answer) => Ok(Fetched {
                status: answer.status.as_u16(),
                headers: answer
                    .headers()
                    .filter_map(|(name, value)| {
                        let name = std::str::from_utf8(name).ok()?.to_ascii_lowercase();
                        Some((name, std::str::from_utf8(value).ok()?.to_owned()))
                    })
                    .collect(),
                body: answer.body().to_vec(),
            }),
        }
    }
}

/// A connection for one request, or for none.
async fn lease(route: &Rc<Route>, clock: Clock, progress: &Progress) -> Result<Lease, Failure> {
    let way = Way {
        route,
        resolver: &Rc::default(),
        means: &Rc::default(),
        clock,
    };
    Pool::without_reuse().lease(way, progress).await
}

/// Waits for what is done, on a runtime of its own.
fn bounded<T>(
    timeout: Duration,
    what: impl Future<Output = Result<T, Failure>>,
) -> Result<T, String> {
    let runtime = local_runtime(TimerMode::Tokio).map_err(|problem| problem.to_string())?;
    let done = runtime.block_on(async { tokio::time::timeout(timeout, what).await });
    // A name that is still being looked up is nobody's any more.
    runtime.shutdown_background();
    done.map_err(|_| format!("no answer within {} ms", timeout.as_millis()))?
        .map_err(|failure| failure.text)
}

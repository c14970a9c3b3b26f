//! The target's own processes, while a test runs.

use plimsoll_conduct::Fetch;
use plimsoll_conduct::command::shown;
use plimsoll_conduct::metrics::Names;
use plimsoll_conduct::resources::Sampler;
use plimsoll_conduct::server::Server;
use plimsoll_report::document::Resources;
use plimsoll_scenario::Masker;
use plimsoll_scenario::plan::{MetricsSource, OwnTarget, ReadinessPlan};
use plimsoll_target::Demo;
use std::sync::Arc;
use std::time::Instant;

/// What the demo service is called.
const DEMO: &str = "thread of the demo service";

/// Where the target's figures come from.
pub(crate) struct Sampling {
    /// The release, where the program started it, and what it is called.
    server: Option<(Server, String)>,
    metrics: Option<MetricsSource>,
    demo: Option<Arc<Demo>>,
    fetch: Arc<dyn Fetch>,
    secrets: Masker,
}

impl Sampling {
    /// From the server that was started for a plan, and from the page that the plan names.
    pub(crate) fn of(plan: &ReadinessPlan, server: Option<Server>, fetch: Arc<dyn Fetch>) -> Self {
        let secrets = plan.scenario.secrets.clone();
        let name = match &plan.target {
            Some(OwnTarget::Command { run, .. }) => {
                secrets.mask(&shown(&run[..run.len().min(1)])).into_owned()
            }
            _ => String::new(),
        };
        Self {
            server: server.map(|server| (server, name)),
            metrics: plan.metrics.clone(),
            demo: None,
            fetch,
            secrets,
        }
    }

    /// From a server that was started without a plan, with what it is called.
    pub(crate) fn alone(server: Option<(Server, String)>, fetch: Arc<dyn Fetch>) -> Self {
        Self {
            server,
            metrics: None,
            demo: None,
            fetch,
            secrets: Masker::default(),
        }
    }

    /// With the processor time of the demo service, which runs in this process on a thread of its own.
    pub(crate) fn with_demo(self, demo: Arc<Demo>) -> Self {
        Self {
            demo: Some(demo),
            ..self
        }
    }

    /// Where the figures come from, in words; `None` if there are none.
    pub(crate) fn source(&self) -> Option<String> {
        let server = self.server.as_ref();
        let server = server.map(|(_, name)| format!("process of `{name}`"));
        let source = server.or_else(|| {
            let metrics = self.metrics.as_ref()?;
            Some(format!("metrics {}", self.secrets.mask(&metrics.url)))
        });
        let demo = self.demo.as_ref().map(|_| DEMO.to_owned());
        source.or(demo)
    }

    /// Begins to look, for a test that starts now.
    pub(crate) fn begin(&self) -> Samplers<'_> {
        let started = Instant::now();
        let server = self.server.as_ref();
        let mut samplers = Vec::new();
        samplers.extend(
            server
                .map(|(server, name)| Sampler::of_process(server.process_source(), name, started)),
        );
        samplers.extend(self.metrics.as_ref().map(|metrics| {
            let names = Names {
                rss: metrics.rss.clone(),
                processors: metrics.cpu.clone(),
                descriptors: metrics.fds.clone(),
            };
            let fetch = self.fetch.clone();
            Sampler::of_metrics(&metrics.url, names, fetch, &self.secrets, started)
        }));
        samplers.extend(self.demo.as_ref().map(|demo| {
            let demo = Arc::clone(demo);
            Sampler::of_processor_time(DEMO, move || demo.processor_time(), started)
        }));
        Samplers {
            restarts_before: self.restarts(),
            sampling: self,
            samplers,
        }
    }

    fn restarts(&self) -> usize {
        let server = self.server.as_ref();
        server.map_or(0, |(server, _)| server.restarts().len())
    }

    /// A sentence about every time that the release ended by itself.
    pub(crate) fn ends(&self) -> Vec<String> {
        let server = self.server.as_ref();
        let restarts = server
            .map(|(server, _)| server.restarts())
            .unwrap_or_default();
        restarts.into_iter().map(|restart| restart.text).collect()
    }
}

/// Looks that go on.
pub(crate) struct Samplers<'s> {
    sampling: &'s Sampling,
    samplers: Vec<Sampler>,
    restarts_before: usize,
}

impl Samplers<'_> {
    /// What was seen.
    pub(crate) fn end(self) -> Vec<Resources> {
        let restarts = self.sampling.restarts() - self.restarts_before;
        let samplers = self.samplers.into_iter();
        samplers
            .map(|sampler| sampler.finish(restarts as u64))
            .filter(|resources| !resources.points.is_empty())
            .collect()
    }
}

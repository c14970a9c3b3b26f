//! Which build is tested: asked before, while and after the tests run.

use super::document::SMOKE;
use plimsoll_conduct::configuration;
use plimsoll_conduct::identity::{
    Context, Declared, Evidence, Phase, Reading, Sighting, TestSpan, agrees, assess, probe,
    read_text, undeclared_since,
};
use plimsoll_conduct::{Fetch, injection};
use plimsoll_measure::Tier;
use plimsoll_report::document::{Config, Identity, IdentityStatus, Served};
use plimsoll_scenario::plan::Served as Build;
use plimsoll_scenario::plan::{Component, IdentitySource, ReadinessPlan, Release};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

/// How long a source may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two questions while a test runs, at the least.
const SHORTEST_PAUSE: Duration = Duration::from_secs(2);
/// How often sources are asked in a test.
const QUESTIONS: u32 = 20;

/// What was found out about a release so far.
pub(crate) struct Watch<'p> {
    plan: &'p ReadinessPlan,
    release: &'p Release,
    fetch: &'p dyn Fetch,
    sightings: Vec<Sighting>,
    served: Vec<Served>,
    declared: Vec<Declared>,
    tests: Vec<TestSpan>,
    config: Option<Config>,
}

impl<'p> Watch<'p> {
    /// Of this plan's release; `None` if it names none.
    pub(crate) fn of(plan: &'p ReadinessPlan, fetch: &'p dyn Fetch) -> Option<Self> {
        let release = plan.release.as_ref()?;
        Some(Self {
            plan,
            release,
            fetch,
            sightings: Vec::new(),
            served: Vec::new(),
            declared: Vec::new(),
            tests: Vec::new(),
            config: None,
        })
    }

    /// The headers that name the build, to count responses by.
    pub(crate) fn headers(&self) -> Vec<String> {
        let sources = self
            .release
            .components
            .iter()
            .flat_map(|part| &part.sources);
        let mut names: Vec<String> = sources
            .filter_map(|source| match source {
                IdentitySource::Header { name } => Some(name.clone()),
                _ => None,
            })
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// Asks every source, and compares the configurations the first time.
    pub(crate) fn ask(&mut self, phase: Phase, at_ns: u64) {
        if let (None, Some(comparison)) = (&self.config, &self.release.config) {
            let masker = &self.plan.scenario.secrets;
            self.config = Some(configuration::compare(
                comparison,
                &self.plan.folder,
                masker,
            ));
        }
        let mut sightings = questions(self.plan, self.release, self.fetch, phase, None, &|| at_ns);
        self.sightings.append(&mut sightings);
        if phase == Phase::Before {
            self.read_headers(at_ns);
        }
    }

    /// Reads the headers that name the build once, so that another build is known before any load.
    fn read_headers(&mut self, at_ns: u64) {
        let headers = self.headers();
        if headers.is_empty() {
            return;
        }
        self.tests.push(TestSpan {
            name: SMOKE.to_owned(),
            from_ns: at_ns,
            until_ns: at_ns,
        });
        let Ok(fetched) = self.fetch.get("/", PATIENCE) else {
            return;
        };
        for header in headers {
            let mut found = fetched.headers.iter();
            let value = found.find(|(name, _)| name.eq_ignore_ascii_case(&header));
            self.served.push(Served {
                test: SMOKE.to_owned(),
                header,
                value: value.map(|(_, value)| value.clone()),
                responses: 1,
                first_ns: 0,
                last_ns: 0,
                expected: false,
            });
        }
    }

    /// Goes on asking while a test runs, until the sender that comes back is dropped.
    pub(crate) fn keep_asking<'s, 'e>(
        &self,
        scope: &'s Scope<'s, 'e>,
        begun_ns: u64,
        test: &str,
        length: Duration,
    ) -> (Sender<()>, ScopedJoinHandle<'s, Vec<Sighting>>)
    where
        'p: 's,
    {
        let (end, ended) = mpsc::channel::<()>();
        let (plan, release, fetch) = (self.plan, self.release, self.fetch);
        let pause = (length / QUESTIONS).max(SHORTEST_PAUSE);
        let started = Instant::now();
        let test = test.to_owned();
        let asking = scope.spawn(move || {
            let mut sightings: Vec<Sighting> = Vec::new();
            // First at once: a change between two tests must not cast doubt on the one before.
            loop {
                let now = || {
                    let ns = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
                    begun_ns.saturating_add(ns)
                };
                let seen = questions(plan, release, fetch, Phase::During, Some(&test), &now);
                seen.into_iter()
                    .for_each(|sighting| note(&mut sightings, sighting));
                if ended.recv_timeout(pause) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
            }
            sightings
        });
        (end, asking)
    }

    /// Notes what a test showed.
    pub(crate) fn note(
        &mut self,
        span: TestSpan,
        sightings: Vec<Sighting>,
        served: Vec<Served>,
        declared: &[injection::DeclaredBuild],
    ) {
        self.declared
            .extend(declared.iter().map(|declared| Declared {
                test: span.name.clone(),
                from_ns: declared.from_ns,
                version: declared.build.version.clone(),
                revision: declared.build.revision.clone(),
            }));
        self.tests.push(span);
        self.sightings.extend(sightings);
        self.served.extend(served);
    }

    fn evidence(&self) -> Evidence<'_> {
        Evidence {
            sightings: &self.sightings,
            served: &self.served,
            declared: &self.declared,
            tests: &self.tests,
            config: self.config.clone(),
        }
    }

    /// What is known so far.
    pub(crate) fn identity(&self) -> Identity {
        assess(self.release, &self.evidence())
    }

    /// Whether another build than the release is known to run.
    pub(crate) fn is_another(&self) -> bool {
        self.identity().status == IdentityStatus::Mismatch
    }

    /// Since when a build ran that nobody had declared: test, and nanoseconds since its start.
    pub(crate) fn undeclared_since(&self) -> Option<(String, u64)> {
        undeclared_since(self.release, &self.evidence())
    }

    /// Whether a header's value names this build.
    pub(crate) fn names(build: &Build, value: &str) -> bool {
        let component = Component {
            name: String::new(),
            tier: Tier::Critical,
            version: build.version.clone(),
            revision: build.revision.clone(),
            sources: Vec::new(),
            line: 0,
        };
        let said = read_text(value, &build.version);
        said.is_ok_and(|said| agrees(&said, &component).whole() == Some(true))
    }
}

/// Adds a sighting. Of several alike in a row, the first and the last are kept: when it began, and until
/// when it is known.
fn note(sightings: &mut Vec<Sighting>, new: Sighting) {
    let of_source =
        |known: &Sighting| (&known.component, known.source) == (&new.component, new.source);
    let same: Vec<usize> = (0..sightings.len())
        .rev()
        .filter(|&at| of_source(&sightings[at]))
        .take(2)
        .collect();
    let is_alike = |&at: &usize| sightings[at].reading == new.reading;
    if let [last, _] = same[..]
        && same.iter().all(is_alike)
    {
        sightings[last].at_ns = new.at_ns;
    } else {
        sightings.push(new);
    }
}

/// What every source but headers says, each at the time of its answer.
fn questions(
    plan: &ReadinessPlan,
    release: &Release,
    fetch: &dyn Fetch,
    phase: Phase,
    test: Option<&str>,
    now: &dyn Fn() -> u64,
) -> Vec<Sighting> {
    let context = Context {
        fetch,
        folder: &plan.folder,
        masker: &plan.scenario.secrets,
        timeout: PATIENCE,
    };
    let sighting = |component: &Component, source: usize, reading: Reading| Sighting {
        component: component.name.clone(),
        source,
        phase,
        test: test.map(str::to_owned),
        // When it had answered: what was asked before a change may be answered after it.
        at_ns: now(),
        reading,
    };
    let components = release.components.iter();
    components
        .flat_map(|component| {
            let sources = component.sources.iter().enumerate();
            sources
                .filter(|(_, source)| !matches!(source, IdentitySource::Header { .. }))
                .map(move |(index, source)| {
                    sighting(component, index, probe(component, source, context))
                })
        })
        .collect()
}

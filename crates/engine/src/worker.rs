//! A worker thread: a runtime, its users, its connections. It owns everything it touches while a
//! request is under way.

use crate::attempt::Failure;
use crate::clock::Clock;
use crate::compiled::Compiled;
use crate::connect::Route;
use crate::deadline::Deadlines;
use crate::error::EngineError;
use crate::http1::Means;
use crate::message::Message;
use crate::origin::Origin;
use crate::pool::Pool;
use crate::recorder::Recorder;
use crate::resolve::Resolver;
use crate::shared::Shared;
use crate::timer::{TimerMode, Timers};
use crate::trace::TracedExchange;
use plimsoll_scenario::Connections;
use std::cell::{Cell, OnceCell, RefCell};
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use tokio::sync::{Notify, watch};

/// How often a worker hands its batch over.
const HAND_OVER_NS: u64 = 100_000_000;

/// How often a worker looks whether it is late.
const HEARTBEAT_NS: u64 = 10_000_000;

/// What is said of a worker one of whose tasks did.
const PANICKED: &str = "a task of it panicked";

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// Users arrive.
    Running,
    /// No more users; those there are may finish.
    Draining,
    /// Over: whoever is left is cut off.
    Over,
}

/// An origin that requests go to, with this thread's connections to it.
pub(crate) struct Endpoint {
    pub(crate) id: usize,
    pub(crate) target: usize,
    pub(crate) route: Rc<Route>,
    connections: Connections,
    pool: Option<Rc<Pool>>,
}

impl Endpoint {
    /// The pool a user's request takes its connection from.
    pub(crate) fn pool(&self, user: &crate::user::User) -> Rc<Pool> {
        match &self.pool {
            Some(pool) => pool.clone(),
            None => user.pool(self.id, self.connections),
        }
    }
}

/// A worker's state.
pub(crate) struct Worker {
    pub(crate) clock: Clock,
    pub(crate) shared: Arc<Shared>,
    pub(crate) timers: Rc<Timers>,
    pub(crate) deadlines: Deadlines,
    pub(crate) recorder: Recorder,
    pub(crate) resolver: Rc<Resolver>,
    pub(crate) means: Rc<Means>,
    /// By journey and request: those that are the same for every user.
    prepared: Vec<Vec<OnceCell<Rc<Message>>>>,
    pub(crate) trace: Option<Sender<TracedExchange>>,
    endpoints: RefCell<Vec<Rc<Endpoint>>>,
    threads: usize,
    users: Cell<u64>,
    emptied: Notify,
}

impl Worker {
    /// Sets a worker up; needs a runtime on this thread.
    pub(crate) fn new(
        shared: Arc<Shared>,
        recorder: Recorder,
        threads: usize,
        timer: TimerMode,
        trace: Option<Sender<TracedExchange>>,
    ) -> io::Result<Rc<Self>> {
        let timers = Timers::new(shared.clock, timer)?;
        let journeys = shared.compiled.journeys.iter();
        let prepared = journeys.map(|journey| vec![OnceCell::new(); journey.requests.len()]);
        let worker = Self {
            clock: shared.clock,
            deadlines: Deadlines::new(timers.clone()),
            recorder,
            resolver: Rc::default(),
            means: Means::with(timers.clone()),
            timers,
            prepared: prepared.collect(),
            trace,
            endpoints: RefCell::default(),
            threads,
            users: Cell::new(0),
            emptied: Notify::new(),
            shared,
        };
        for (target, compiled) in worker.compiled().targets.iter().enumerate() {
            worker
                .add_endpoint(target, compiled.origin.clone())
                .map_err(io::Error::other)?;
        }
        Ok(Rc::new(worker))
    }

    pub(crate) fn compiled(&self) -> &Compiled {
        &self.shared.compiled
    }

    /// A request that is the same for every user, made by the first who sends it.
    pub(crate) fn prepared(
        &self,
        journey: usize,
        request: usize,
        make: impl FnOnce() -> Result<Message, Failure>,
    ) -> Result<Rc<Message>, Failure> {
        let slot = &self.prepared[journey][request];
        match slot.get() {
            Some(message) => Ok(message.clone()),
            None => {
                let message = Rc::new(make()?);
                Ok(slot.get_or_init(|| message).clone())
            }
        }
    }

    /// A target's own endpoint.
    pub(crate) fn endpoint(&self, target: usize) -> Rc<Endpoint> {
        self.endpoints.borrow()[target].clone()
    }

    /// The endpoint for an origin that was asked for while running (a redirect, an absolute URL);
    /// `None` when it is not one that the scenario names.
    pub(crate) fn endpoint_for(&self, from: usize, origin: &Origin) -> Option<Rc<Endpoint>> {
        let targets = &self.compiled().targets;
        let covered = std::iter::once(from)
            .chain(0..targets.len())
            .find(|&target| targets[target].origin.covers(origin));
        let allowed = || {
            let allow = &self.compiled().scenario.allow;
            allow
                .iter()
                .any(|host| host.eq_ignore_ascii_case(&origin.host) || *host == origin.authority())
        };
        let target = covered.or_else(|| allowed().then_some(from))?;
        let known = self
            .endpoints
            .borrow()
            .iter()
            .find(|endpoint| endpoint.target == target && endpoint.route.origin == *origin)
            .cloned();
        known.or_else(|| self.add_endpoint(target, origin.clone()).ok())
    }

    fn add_endpoint(&self, target: usize, origin: Origin) -> Result<Rc<Endpoint>, EngineError> {
        let compiled = &self.compiled().targets[target];
        let mut endpoints = self.endpoints.borrow_mut();
        let pool = match compiled.connections {
            Connections::Pooled { max, streams } => {
                let share =
                    max.map(|max| share_of(max as usize, self.recorder.worker(), self.threads));
                Some(Pool::new(share, streams.map(|streams| streams as usize)))
            }
            Connections::PerUser | Connections::NewEachRequest => None,
        };
        let endpoint = Rc::new(Endpoint {
            id: endpoints.len(),
            target,
            route: Rc::new(compiled.route(origin)?),
            connections: compiled.connections,
            pool,
        });
        endpoints.push(endpoint.clone());
        Ok(endpoint)
    }

    /// Counts a user in.
    pub(crate) fn arrive(self: &Rc<Self>) -> Presence {
        self.users.set(self.users.get() + 1);
        self.recorder.set_users(self.users.get());
        Presence(self.clone())
    }

    /// Starts the tasks that every worker has.
    pub(crate) fn spawn_services(self: &Rc<Self>) {
        let worker = Needed(self.clone());
        tokio::task::spawn_local(async move { worker.0.timers.clone().drive().await });
        let worker = Needed(self.clone());
        tokio::task::spawn_local(async move { worker.0.deadlines.drive().await });
        let needed = Needed(self.clone());
        tokio::task::spawn_local(async move {
            let worker = &needed.0;
            for turn in 1.. {
                worker.timers.sleep_until(turn * HAND_OVER_NS).await;
                worker.recorder.set_spun(worker.timers.spun_ns());
                worker.recorder.hand_over();
            }
        });
        let needed = Needed(self.clone());
        tokio::task::spawn_local(async move {
            let worker = &needed.0;
            let mut beat = HEARTBEAT_NS;
            loop {
                worker.timers.sleep_until(beat).await;
                let now = worker.clock.now();
                worker.recorder.beat(now.saturating_sub(beat));
                // Beats that were missed meanwhile are one stall, not many.
                beat = (now / HEARTBEAT_NS + 1) * HEARTBEAT_NS;
            }
        });
    }

    /// Runs what sends users, then waits for the users to finish, unless it is over before.
    ///
    /// # Errors
    /// When a task has panicked or another worker could not be set up, so that what was counted is not complete.
    pub(crate) async fn work(
        self: &Rc<Self>,
        arrivals: impl Future<Output = ()> + 'static,
        mut phase: watch::Receiver<Phase>,
    ) -> Result<(), EngineError> {
        // A task like the others: it has its turn in the order of being woken. The future that the
        // runtime blocks on only has its turn when all tasks have had theirs.
        let arrivals = tokio::task::spawn_local(arrivals);
        let finish = async {
            if let Err(error) = arrivals.await
                && error.is_panic()
            {
                std::panic::resume_unwind(error.into_panic());
            }
            while self.users.get() > 0 {
                self.emptied.notified().await;
            }
        };
        tokio::select! {
            () = finish => {}
            () = until(&mut phase, Phase::Over) => {}
        }
        match self.shared.broken() {
            Some(why) => Err(EngineError::Worker(why.to_owned())),
            None => Ok(()),
        }
    }
}

/// A worker's share of a number of connections; never none, because it has users to serve.
fn share_of(all: usize, worker: usize, workers: usize) -> usize {
    let more = usize::from(worker < all % workers);
    (all / workers + more).max(1)
}

/// Waits until a run is at least as far as `wanted`.
pub(crate) async fn until(phase: &mut watch::Receiver<Phase>, wanted: Phase) {
    // A sender that is gone means that the run is over too.
    let _ = phase.wait_for(|phase| *phase >= wanted).await;
}

/// A user's presence, ended by dropping it.
pub(crate) struct Presence(Rc<Worker>);

/// A task that the run cannot do without.
struct Needed(Rc<Worker>);

impl Drop for Needed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.shared.breaks(PANICKED);
        }
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.shared.breaks(PANICKED);
        }
        let left = self.0.users.get().saturating_sub(1);
        self.0.users.set(left);
        self.0.recorder.set_users(left);
        if left == 0 {
            self.0.emptied.notify_one();
        }
    }
}

//! A whole load test: starts the workers together, collects until all is done, and says how it ended.

use crate::clock::Clock;
use crate::collector::{Collector, Observer};
use crate::compiled::Compiled;
use crate::course::Course;
use crate::dispatch::{self, ClosedRules};
use crate::error::EngineError;
use crate::recorder::{Batch, Example, Recorder};
use crate::rules::Rules;
use crate::served::Served;
use crate::shared::Shared;
use crate::timer::TimerMode;
use crate::worker::{Phase, Worker};
use plimsoll_measure::{AbortRule, Stage, Tally, Timetable, Vitals};
use plimsoll_scenario::{Connections, Load, Scenario};
use plimsoll_schedule::{Schedule, Shard};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::sync::{Arc, Barrier};
use std::time::Duration;
use tokio::runtime::{Builder, LocalOptions, LocalRuntime};
use tokio::sync::watch;

const SECOND: u64 = 1_000_000_000;
/// From "all threads are ready" to the start.
const LEAD_NS: u64 = 2_000_000;

/// How to run a load test.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// The load.
    pub load: Load,
    /// Where the demo service listens, for targets that are the demo service.
    pub demo: Option<SocketAddr>,
    /// Worker threads.
    pub threads: usize,
    /// Everything random follows from it.
    pub seed: u64,
    /// Arrivals later than this are dropped; `None`: sent, however late.
    pub drop_after: Option<Duration>,
    /// How long journeys may take to finish after the last arrival.
    pub grace: Duration,
    /// At most so many journeys a second in the closed model.
    pub max_rate: Option<f64>,
    /// Which timer arrivals wait on.
    pub timer: TimerMode,
    /// End arrivals as soon as every threshold is decided.
    pub stop_when_decided: bool,
    /// What is judged, and what ends the run early.
    pub rules: Rules,
}

/// A request to stop arrivals, from a signal handler or another thread.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicU8>);

/// How urgent a [`Stop`] is. A more urgent one replaces one that is less so.
const ENOUGH: u8 = 1;
const AT_ONCE: u8 = 2;

impl Stop {
    /// Stops arrivals; journeys that are under way may finish within a few seconds, or within the grace if that
    /// is shorter.
    pub fn stop(&self) {
        self.0.fetch_max(AT_ONCE, Ordering::Relaxed);
    }

    /// Stops arrivals because what was seen is enough. Journeys that are under way have the whole grace, so that
    /// what decided is judged when all answers are there; the run ends as [`Ended::Decided`].
    pub fn enough(&self) {
        self.0.fetch_max(ENOUGH, Ordering::Relaxed);
    }

    /// Whether it was asked for, in either way.
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= ENOUGH
    }

    /// Whether journeys that are under way are not to be waited for long.
    pub(crate) fn is_urgent(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= AT_ONCE
    }
}

/// Why a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// All of the load was driven.
    Complete,
    /// Somebody asked for it.
    Interrupted,
    /// The rule under `abort_on` held.
    Aborted(String),
    /// Every threshold was decided, and that was to end it, or [`Stop::enough`] was called.
    Decided,
}

/// What a run leaves behind.
#[derive(Debug)]
pub struct Finished {
    /// All samples.
    pub tally: Tally,
    /// From the start to the end of arrivals, in nanoseconds: the base of every rate.
    pub arrivals_ns: u64,
    /// From the start until the last journey had ended or was cut off, in nanoseconds.
    pub elapsed_ns: u64,
    /// Why it ended.
    pub ended: Ended,
    /// Examples of failures, the first few of each kind per step.
    pub examples: Vec<Example>,
    /// What the generator observed of itself.
    pub vitals: Vitals,
    /// Which builds answered.
    pub served: Vec<Served>,
}

/// The runtime of a thread that waits by `timer`. Tokio's own timers cost something at every turn of
/// the event loop, so that they are left out where nothing needs them.
pub(crate) fn local_runtime(timer: TimerMode) -> std::io::Result<LocalRuntime> {
    let mut builder = Builder::new_current_thread();
    builder.enable_io();
    if timer == TimerMode::Tokio || !cfg!(target_os = "linux") {
        builder.enable_time();
    }
    builder.build_local(LocalOptions::default())
}

/// Drives a load test to its end. The calling thread collects and calls the observer.
///
/// # Errors
/// When it cannot be started, or a worker thread ends abnormally. Whatever happens to requests is
/// in the tally.
pub fn run(
    scenario: Arc<Scenario>,
    options: &RunOptions,
    observer: &mut dyn Observer,
    stop: &Stop,
) -> Result<Finished, EngineError> {
    let threads = threads(&scenario, options.threads);
    let plan = Plan::of(&scenario, options)?;
    let compiled = Compiled::compile(scenario, options.demo)?;
    let series = compiled.catalogue.len();

    let (batches, received) = mpsc::channel();
    let (event_sender, events) = mpsc::channel();
    let (phase, phases) = watch::channel(Phase::Running);
    let (spares, mut recorders) = recorders(threads, series, &batches);
    drop(batches);

    // Runtimes and timers are set up before the clock is, so that the first arrival is not late.
    let ready = Arc::new(Barrier::new(threads + 1));
    let (clocks, clock_of): (Vec<Sender<Arc<Shared>>>, Vec<_>) =
        (0..threads).map(|_| mpsc::channel()).unzip();
    let mut workers = Vec::new();
    for (index, shared) in clock_of.into_iter().enumerate() {
        let Some(recorder) = recorders.pop() else {
            break;
        };
        let start = Start {
            index,
            threads,
            shared,
            recorder,
            ready: ready.clone(),
            phase: phases.clone(),
            plan: plan.clone(),
        };
        workers.push(
            std::thread::Builder::new()
                .name(format!("worker-{index}"))
                .spawn(move || {
                    let runtime = local_runtime(start.plan.timer);
                    start.run(runtime)
                })?,
        );
    }
    ready.wait();
    let clock = Clock::starting_in(LEAD_NS);
    let drop_after = options.drop_after.map(|limit| limit.as_nanos() as u64);
    let shared = Shared::new(
        clock,
        compiled.clone(),
        options.seed,
        drop_after,
        options.rules.clone(),
        event_sender,
    );
    for sender in clocks {
        let _ = sender.send(shared.clone());
    }
    observer.begin();

    let mut course = Course {
        clock,
        shared,
        is_closed: matches!(options.load, Load::Closed { .. }),
        collector: Collector::new(
            compiled.catalogue.clone(),
            options.rules.watched.clone(),
            timetable(options.rules.warmup, &plan),
            spares,
        ),
        received,
        events,
        phase,
        planned_ns: plan.duration_ns,
        grace_ns: options.grace.as_nanos() as u64,
        abort: options
            .rules
            .abort_on
            .iter()
            .filter_map(|watched| Some((watched.scope, AbortRule::new(&watched.threshold)?)))
            .collect(),
        stop_when_decided: options.stop_when_decided,
        ended: Ended::Complete,
        arrivals_ended: None,
        hurried_until: None,
        is_over: false,
        last_batch_ns: 0,
    };
    course.collector.health.neighbours(&compiled);
    course.follow(observer, stop);
    for worker in workers {
        worker
            .join()
            .map_err(|_| EngineError::Worker("it panicked".into()))??;
    }
    Ok(course.finish(observer))
}

/// When what is planned to happen, as far as the load says it.
fn timetable(warmup: Option<Duration>, plan: &Plan) -> Timetable {
    let mut from_ns = 0;
    let stages = match &plan.load {
        Load::Open { shape, .. } => shape
            .segments()
            .map(|segment| {
                let until_ns = from_ns + segment.duration_ns;
                let stage = Stage {
                    from_ns,
                    until_ns,
                    is_steady: segment.from == segment.to,
                };
                from_ns = until_ns;
                stage
            })
            .collect(),
        Load::Closed { .. } => plan
            .duration_ns
            .map(|until_ns| Stage {
                from_ns,
                until_ns,
                is_steady: true,
            })
            .into_iter()
            .collect(),
    };
    Timetable {
        duration_ns: plan.duration_ns,
        stages,
        warmup_ns: warmup.map(|warmup| warmup.as_nanos() as u64),
    }
}

/// No more threads than a limited pool has connections: each thread needs one of its own.
fn threads(scenario: &Scenario, wanted: usize) -> usize {
    let pools = scenario
        .targets
        .iter()
        .filter_map(|target| match target.connections {
            Connections::Pooled { max, .. } => max,
            _ => None,
        });
    pools
        .map(|max| max as usize)
        .fold(wanted, usize::min)
        .max(1)
}

/// Emptied batches that wait for their worker at most: one is being filled and one filed.
const SPARE_BATCHES: usize = 2;

fn recorders(
    threads: usize,
    series: usize,
    batches: &Sender<Batch>,
) -> (Vec<SyncSender<Batch>>, Vec<Recorder>) {
    (0..threads)
        .map(|_| mpsc::sync_channel(SPARE_BATCHES))
        .enumerate()
        .map(|(index, (give, take))| {
            // Workers are started from the end of the list.
            let worker = threads - 1 - index;
            (give, Recorder::new(worker, series, batches.clone(), take))
        })
        .fold(
            (Vec::new(), Vec::new()),
            |(mut gives, mut recorders), (give, recorder)| {
                gives.insert(0, give);
                recorders.push(recorder);
                (gives, recorders)
            },
        )
}

/// The load, resolved.
#[derive(Debug, Clone)]
struct Plan {
    load: Load,
    seed: u64,
    /// When the last arrival should start; `None`: when the iterations are done.
    duration_ns: Option<u64>,
    max_rate: Option<f64>,
    timer: TimerMode,
}

impl Plan {
    fn of(scenario: &Scenario, options: &RunOptions) -> Result<Self, EngineError> {
        if scenario.journeys.is_empty() {
            return Err(EngineError::NoLoad("the scenario has no journeys".into()));
        }
        let duration_ns = match &options.load {
            Load::Open { shape, .. } => Some(shape.duration_ns()),
            Load::Closed {
                users,
                duration,
                iterations,
                ..
            } => {
                if *users == 0 {
                    return Err(EngineError::NoLoad("there are 0 users".into()));
                }
                if duration.is_none() && iterations.is_none() {
                    return Err(EngineError::NoLoad(
                        "users without a duration or a number of iterations would never stop"
                            .into(),
                    ));
                }
                duration.map(|duration| duration.as_nanos() as u64)
            }
        };
        Ok(Self {
            load: options.load.clone(),
            seed: options.seed,
            duration_ns,
            max_rate: options.max_rate,
            timer: options.timer,
        })
    }
}

/// What a worker thread is started with.
struct Start {
    index: usize,
    threads: usize,
    shared: Receiver<Arc<Shared>>,
    recorder: Recorder,
    ready: Arc<Barrier>,
    phase: watch::Receiver<Phase>,
    plan: Plan,
}

impl Start {
    /// Runs a worker with the runtime of this thread, if there is one.
    ///
    /// # Errors
    /// When it cannot be set up or ends abnormally; the others then end too, because their share of the load says
    /// nothing alone.
    fn run(self, runtime: std::io::Result<LocalRuntime>) -> Result<(), EngineError> {
        self.ready.wait();
        let Ok(shared) = self.shared.recv() else {
            return Ok(());
        };
        let worked = runtime
            .map_err(EngineError::from)
            .and_then(|runtime| self.work(runtime, shared.clone()));
        if let Err(error) = &worked {
            shared.breaks(error.to_string());
        }
        worked
    }

    fn work(self, runtime: LocalRuntime, shared: Arc<Shared>) -> Result<(), EngineError> {
        let worked = runtime.block_on(async {
            let worker = Worker::new(shared, self.recorder, self.threads, self.plan.timer, None)?;
            worker.spawn_services();
            worker.clock.wait_for_start();
            let phase = self.phase.clone();
            let arrivals = arrivals(worker.clone(), self.plan, self.index, self.threads, phase);
            worker.work(arrivals, self.phase).await
        });
        // Dropping the runtime drops the journeys that are left, which file themselves as in flight;
        // the recorder hands the last batch over when it is dropped in its turn. A name that is still
        // being looked up is not waited for: the system may take minutes to give up.
        runtime.shutdown_background();
        worked
    }
}

async fn arrivals(
    worker: Rc<Worker>,
    plan: Plan,
    index: usize,
    threads: usize,
    phase: watch::Receiver<Phase>,
) {
    let whole = |of: usize| u32::try_from(of).unwrap_or(u32::MAX);
    match &plan.load {
        Load::Open {
            shape, arrivals, ..
        } => {
            let shard = Shard::new(whole(index), whole(threads)).unwrap_or(Shard::WHOLE);
            let schedule = Schedule::new(shape.clone(), *arrivals, plan.seed, shard);
            dispatch::open(worker, schedule, phase).await;
        }
        Load::Closed {
            users,
            pacing,
            iterations,
            ..
        } => {
            let rules = ClosedRules {
                pacing: pacing.map_or(0, |pacing| pacing.as_nanos() as u64),
                until: plan.duration_ns.unwrap_or(u64::MAX),
                iterations: iterations.unwrap_or(u64::MAX),
                // Rounded up, because it is a limit.
                spacing: plan
                    .max_rate
                    .map(|rate| (SECOND as f64 / rate).ceil() as u64),
            };
            let mine = (0..*users).filter(|user| user % threads as u64 == index as u64);
            let users: Vec<_> = mine
                .map(|_| {
                    let user = dispatch::closed(worker.clone(), rules, phase.clone());
                    tokio::task::spawn_local(user)
                })
                .collect();
            for user in users {
                let _ = user.await;
            }
        }
    }
}

#[cfg(test)]
mod tests;

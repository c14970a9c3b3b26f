//! Who starts when. The open model sends arrivals at their intended times and never waits for an
//! answer; the closed model has a fixed number of users, each starting again when it has finished.

use crate::cookies::Jar;
use crate::journey;
use crate::shared::Shared;
use crate::user::User;
use crate::worker::{Phase, Worker, until};
use plimsoll_measure::{ErrorKind, Outcome};
use plimsoll_scenario::Variables;
use plimsoll_schedule::{Schedule, SplitMix64};
use std::rc::Rc;
use std::sync::atomic::Ordering;
use tokio::sync::watch;

/// How many overdue arrivals are sent before other tasks get a turn.
const BURST: u32 = 16;

/// How long a user waits who has found only clients without a row.
const ANOTHER_NS: u64 = 1_000_000;

/// Sends this worker's share of an arrival schedule.
pub(crate) async fn open(
    worker: Rc<Worker>,
    schedule: Schedule,
    mut phase: watch::Receiver<Phase>,
) {
    let shared = worker.shared.clone();
    let scenario = &shared.compiled.scenario;
    let mut takers = vec![0_u64; scenario.feeds.len()];
    let mut burst = 0;
    let mut stop = phase.clone();
    let mut due = Due {
        worker: &worker,
        schedule,
        next: None,
    };
    let mut stopped = std::pin::pin!(until(&mut stop, Phase::Draining));
    // Every worker walks the whole stream, so that all of them agree, without asking each other, on
    // which journey the nth arrival takes and which row of a feed is its.
    while let Some((arrival, ours)) = due.schedule.next_global() {
        let journey = scenario.mix.pick(arrival.index);
        let feeds = &scenario.journeys[journey].feeds;
        if ours {
            due.next = Some((arrival.at_ns, journey));
            if worker.clock.now() < arrival.at_ns {
                burst = 0;
                tokio::select! {
                    biased;
                    () = worker.timers.sleep_until(arrival.at_ns) => {}
                    () = &mut stopped => return,
                }
            } else {
                burst += 1;
                if burst >= BURST {
                    burst = 0;
                    tokio::task::yield_now().await;
                    if *phase.borrow_and_update() >= Phase::Draining {
                        return;
                    }
                }
            }
            due.next = None;
            let late = worker.clock.now().saturating_sub(arrival.at_ns);
            if shared.drop_after.is_some_and(|limit| late > limit) {
                journey::drop_arrival(&worker, journey, arrival.at_ns, ErrorKind::TooLate);
            } else {
                start(&worker, journey, arrival.index, arrival.at_ns, &takers);
            }
        }
        for &feed in feeds {
            takers[feed] += 1;
        }
    }
}

/// The arrivals that are still to come. Dropped when the run is stopped, also without another turn of the
/// dispatch: what was due by then and had not been sent counts as asked for and dropped.
struct Due<'a> {
    worker: &'a Worker,
    schedule: Schedule,
    /// This worker's next arrival: when it is due and which journey it takes.
    next: Option<(u64, usize)>,
}

impl Drop for Due<'_> {
    fn drop(&mut self) {
        let now = self.worker.clock.now();
        let drop_arrival = |journey, at| {
            if journey::drop_arrival(self.worker, journey, at, ErrorKind::NotStarted) {
                // There may be millions, and nobody is in a hurry.
                self.worker.recorder.wait_for_collector();
            }
        };
        if let Some((at, journey)) = self.next {
            if at > now {
                return;
            }
            drop_arrival(journey, at);
        }
        let mix = &self.worker.compiled().scenario.mix;
        while let Some((arrival, ours)) = self.schedule.next_global() {
            if arrival.at_ns > now {
                break;
            }
            if ours {
                drop_arrival(mix.pick(arrival.index), arrival.at_ns);
            }
        }
    }
}

/// A user who has arrived and had no turn yet. Dropped before that, it counts as asked for and dropped.
struct Arrived {
    worker: Rc<Worker>,
    journey: usize,
    at: u64,
    has_begun: bool,
}

impl Drop for Arrived {
    fn drop(&mut self) {
        if !self.has_begun {
            journey::drop_arrival(&self.worker, self.journey, self.at, ErrorKind::NotStarted);
        }
    }
}

fn start(worker: &Rc<Worker>, journey: usize, index: u64, at: u64, takers: &[u64]) {
    let Some(user) = new_user(&worker.shared, journey, index, |feed| takers[feed]) else {
        journey::drop_arrival(worker, journey, at, ErrorKind::DataExhausted);
        return;
    };
    let presence = worker.arrive();
    let mut arrived = Arrived {
        worker: worker.clone(),
        journey,
        at,
        has_begun: false,
    };
    tokio::task::spawn_local(async move {
        arrived.has_begun = true;
        let worker = &arrived.worker;
        journey::run(worker, &user, journey, at).await;
        leave(&worker.shared, user);
        drop(presence);
    });
}

/// A user for the nth arrival; `None` where a feed has no row left for it.
pub(crate) fn new_user(
    shared: &Shared,
    journey: usize,
    index: u64,
    taker: impl Fn(usize) -> u64,
) -> Option<User> {
    let scenario = &shared.compiled.scenario;
    let plan = &scenario.journeys[journey];
    let client = shared
        .clients
        .as_ref()
        .map(|clients| clients.identity(index));
    let mut rows = Vec::new();
    if !plan.feeds.is_empty() {
        rows.resize(scenario.feeds.len(), None);
    }
    for &feed in &plan.feeds {
        // A persistent client keeps its row.
        rows[feed] = Some(shared.row(feed, client.unwrap_or_else(|| taker(feed)))?);
    }
    let variables = Variables {
        slots: vec![None; plan.slots],
        rows,
        client: client.unwrap_or(index),
        iteration: index,
        repeat: 0,
    };
    let jar = match (&shared.clients, client) {
        (Some(clients), Some(client)) => clients.take(client),
        _ => Jar::default(),
    };
    let random = SplitMix64::new(shared.seed).fork(index);
    Some(User::new(variables, jar, client, random))
}

pub(crate) fn leave(shared: &Shared, user: User) {
    if let (Some(clients), Some(client)) = (&shared.clients, user.client) {
        clients.put(client, user.jar.into_inner());
    }
}

/// The closed model's rules.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClosedRules {
    /// From one start of a user to its next, at the earliest.
    pub(crate) pacing: u64,
    /// No journey starts later than this.
    pub(crate) until: u64,
    /// At most so many journeys over all users.
    pub(crate) iterations: u64,
    /// At the least so long between two starts over all users, in nanoseconds.
    pub(crate) spacing: Option<u64>,
}

/// A user of a closed model, who goes for good when it is dropped.
struct Member(Rc<Worker>);

impl Drop for Member {
    fn drop(&mut self) {
        self.0.shared.user_gone();
    }
}

/// Runs one of the users of a closed model.
pub(crate) async fn closed(
    worker: Rc<Worker>,
    rules: ClosedRules,
    mut phase: watch::Receiver<Phase>,
) {
    let presence = worker.arrive();
    let member = Member(worker.clone());
    let shared = worker.shared.clone();
    let scenario = &shared.compiled.scenario;
    let mut intended = 0_u64;
    let mut free = 0;
    let mut dropped = 0;
    loop {
        let index = shared.iterations.fetch_add(1, Ordering::Relaxed);
        if index >= rules.iterations {
            break;
        }
        if intended >= rules.until || *phase.borrow() >= Phase::Draining {
            break;
        }
        if free < intended && !is_time(&worker, intended, &mut phase).await {
            break;
        }
        if let Some(spacing) = rules.spacing {
            // Not before its own time has come, or it would take a place before those who are ready sooner.
            intended = shared.reserve_start(intended, spacing);
            if intended >= rules.until || !is_time(&worker, intended, &mut phase).await {
                break;
            }
        }
        let journey = scenario.mix.pick(index);
        let rows = |feed: usize| shared.taken[feed].fetch_add(1, Ordering::Relaxed);
        let Some(user) = new_user(&shared, journey, index, rows) else {
            if !shared.has_rows() {
                // No journey will be started any more, so that none is asked for.
                break;
            }
            journey::drop_arrival(&worker, journey, intended, ErrorKind::DataExhausted);
            dropped += 1;
            if dropped > scenario.mix.cycle_length() {
                // Once around the mix among clients without a row: not a busy loop.
                let later = worker.clock.now().saturating_add(ANOTHER_NS);
                worker.timers.sleep_until(later).await;
                intended = intended.max(later);
            }
            continue;
        };
        dropped = 0;
        let outcome = journey::run(&worker, &user, journey, intended).await;
        leave(&shared, user);
        free = worker.clock.now();
        intended = free.max(intended + rules.pacing);
        if outcome != Outcome::Ok {
            // A journey that fails at once must not turn the loop into a busy one.
            tokio::task::yield_now().await;
        }
        // Nor must one that has nothing to send keep the thread to itself.
        tokio::task::coop::consume_budget().await;
    }
    drop(member);
    drop(presence);
}

/// Waits for a time, in nanoseconds since the start; `false`: nobody is to start any more.
async fn is_time(worker: &Worker, at: u64, phase: &mut watch::Receiver<Phase>) -> bool {
    if worker.clock.now() >= at {
        return true;
    }
    tokio::select! {
        biased;
        () = until(phase, Phase::Draining) => false,
        () = worker.timers.sleep_until(at) => true,
    }
}

#[cfg(test)]
mod tests;

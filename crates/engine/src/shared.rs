//! What all worker threads share. Touched when a user arrives or leaves, never for a request.

use crate::clock::Clock;
use crate::compiled::Compiled;
use crate::cookies::Jar;
use crate::rules::Rules;
use crate::run::Ended;
use plimsoll_scenario::Row;
use plimsoll_scenario::{Feed, Take};
use plimsoll_schedule::SplitMix64;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, OnceLock};

/// Something worth a line in the log of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A `take: once` feed has no row left; journeys that need one are not started any more.
    FeedExhausted {
        /// When, in nanoseconds since the start.
        at_ns: u64,
        /// The feed.
        feed: String,
        /// How many rows it had.
        rows: u64,
    },
    /// Arrivals were stopped before their time, or those who had arrived were not waited for.
    Stopped {
        /// When, in nanoseconds since the start.
        at_ns: u64,
        /// Why.
        why: Ended,
    },
}

/// The shared part of a run.
pub(crate) struct Shared {
    pub(crate) clock: Clock,
    pub(crate) compiled: Arc<Compiled>,
    pub(crate) seed: u64,
    pub(crate) drop_after: Option<u64>,
    pub(crate) rules: Rules,
    pub(crate) clients: Option<ClientTable>,
    /// Closed model: iterations begun, and rows taken of each feed.
    pub(crate) iterations: AtomicU64,
    pub(crate) taken: Vec<AtomicU64>,
    /// Closed model with a limit on starts: when the next journey may start, in nanoseconds since the start.
    next_start: AtomicU64,
    /// Closed model: when the last user so far went for good; 0: none has.
    users_gone_ns: AtomicU64,
    /// Why what is counted is not complete.
    broken: OnceLock<String>,
    exhausted: Vec<AtomicBool>,
    events: Mutex<Sender<Event>>,
}

impl Shared {
    pub(crate) fn new(
        clock: Clock,
        compiled: Arc<Compiled>,
        seed: u64,
        drop_after: Option<u64>,
        rules: Rules,
        events: Sender<Event>,
    ) -> Arc<Self> {
        let feeds = compiled.scenario.feeds.len();
        let clients = compiled.scenario.clients.as_ref();
        Arc::new(Self {
            clients: clients.map(|clients| ClientTable::new(clients.population, seed)),
            clock,
            compiled,
            seed,
            drop_after,
            rules,
            iterations: AtomicU64::new(0),
            taken: (0..feeds).map(|_| AtomicU64::new(0)).collect(),
            next_start: AtomicU64::new(0),
            users_gone_ns: AtomicU64::new(0),
            broken: OnceLock::new(),
            exhausted: (0..feeds).map(|_| AtomicBool::new(false)).collect(),
            events: Mutex::new(events),
        })
    }

    /// The row of a feed for its nth taker; `None` when a `once` feed has none left, which is said
    /// aloud the first time.
    pub(crate) fn row(&self, feed_index: usize, taker: u64) -> Option<Row> {
        let feed = &self.compiled.scenario.feeds[feed_index];
        let row = row_of(
            feed,
            taker,
            SplitMix64::new(self.seed).fork(feed_index as u64),
        );
        if row.is_none() && !self.exhausted[feed_index].swap(true, Ordering::Relaxed) {
            self.tell(Event::FeedExhausted {
                at_ns: self.clock.now(),
                feed: feed.name.clone(),
                rows: feed.rows.len() as u64,
            });
        }
        row
    }

    /// Closed model: whether there is still a row of every feed that a journey of the mix takes one of. Clients keep
    /// their rows, so that there is always one who has some.
    pub(crate) fn has_rows(&self) -> bool {
        let scenario = &self.compiled.scenario;
        let is_left = |feed: usize| {
            let (of, taken) = (&scenario.feeds[feed], &self.taken[feed]);
            of.take != Take::Once || taken.load(Ordering::Relaxed) < of.rows.len() as u64
        };
        let mut loaded = scenario
            .journeys
            .iter()
            .filter(|journey| journey.weight > 0);
        self.clients.is_some()
            || loaded.any(|journey| journey.feeds.iter().all(|&feed| is_left(feed)))
    }

    /// Notes that a task has panicked or a worker could not be set up: what is counted is not complete.
    pub(crate) fn breaks(&self, why: impl Into<String>) {
        let _ = self.broken.set(why.into());
    }

    /// Why what is counted is not complete, the first reason; `None`: it is.
    pub(crate) fn broken(&self) -> Option<&str> {
        self.broken.get().map(String::as_str)
    }

    /// When somebody who would start a journey at `wanted` may do so, at the least `spacing` after the one before.
    /// What was not used by then is lost: those who were all held up do not make up for it together. Times are in
    /// nanoseconds since the start.
    pub(crate) fn reserve_start(&self, wanted: u64, spacing: u64) -> u64 {
        let next = |next: u64| Some(next.max(wanted).saturating_add(spacing));
        let (Ok(next) | Err(next)) =
            self.next_start
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        next.max(wanted)
    }

    /// Notes that a user of the closed model has gone for good.
    pub(crate) fn user_gone(&self) {
        self.users_gone_ns
            .fetch_max(self.clock.now().max(1), Ordering::Relaxed);
    }

    /// When the last user of the closed model went, in nanoseconds since the start.
    pub(crate) fn users_gone_ns(&self) -> Option<u64> {
        Some(self.users_gone_ns.load(Ordering::Relaxed)).filter(|at| *at > 0)
    }

    /// Reports an event.
    pub(crate) fn tell(&self, event: Event) {
        if let Ok(events) = self.events.lock() {
            let _ = events.send(event);
        }
    }
}

fn row_of(feed: &Feed, taker: u64, random: SplitMix64) -> Option<Row> {
    let rows = feed.rows.len() as u64;
    let place = match feed.take {
        Take::Once => taker,
        Take::Cycle => taker % rows.max(1),
        // The bias of a remainder of 64 bits is below one in 2^32 for any feed that fits in memory.
        Take::Random => random.at(taker) % rows.max(1),
    };
    feed.rows.get(usize::try_from(place).ok()?).cloned()
}

/// The stable identities of arriving users, each with its cookies.
pub(crate) struct ClientTable {
    random: SplitMix64,
    jars: Box<[Mutex<Jar>]>,
}

impl ClientTable {
    fn new(population: u64, seed: u64) -> Self {
        Self {
            random: SplitMix64::new(seed).fork(u64::MAX),
            jars: (0..population).map(|_| Mutex::default()).collect(),
        }
    }

    /// Who the nth arrival is.
    pub(crate) fn identity(&self, arrival: u64) -> u64 {
        self.random.at(arrival) % (self.jars.len() as u64).max(1)
    }

    /// Takes a client's cookies for the length of a journey. A client that is on another journey
    /// right now has left its cookies behind, and starts that one without.
    pub(crate) fn take(&self, client: u64) -> Jar {
        self.jars
            .get(client as usize)
            .and_then(|jar| jar.lock().ok().map(|mut jar| std::mem::take(&mut *jar)))
            .unwrap_or_default()
    }

    /// Gives them back.
    pub(crate) fn put(&self, client: u64, jar: Jar) {
        if let Some(slot) = self.jars.get(client as usize)
            && let Ok(mut slot) = slot.lock()
        {
            *slot = jar;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_scenario::Value;

    fn feed(take: Take) -> Feed {
        Feed {
            name: "travellers".into(),
            columns: vec!["name".into()],
            rows: (0..3).map(|n| Row::from(vec![Value::from(n)])).collect(),
            take,
        }
    }

    fn rows(take: Take, takers: std::ops::Range<u64>) -> Vec<Option<String>> {
        let feed = feed(take);
        takers
            .map(|taker| row_of(&feed, taker, SplitMix64::new(1)).map(|row| row[0].to_string()))
            .collect()
    }

    #[test]
    fn rows_are_handed_out_in_the_order_that_was_asked_for() {
        let texts = |rows: Vec<Option<String>>| {
            rows.into_iter()
                .map(|row| row.unwrap_or("-".into()))
                .collect::<String>()
        };
        assert_eq!(texts(rows(Take::Once, 0..5)), "012--");
        assert_eq!(texts(rows(Take::Cycle, 0..7)), "0120120");
        let random = texts(rows(Take::Random, 0..300));
        for row in ["0", "1", "2"] {
            assert!((70..130).contains(&random.matches(row).count()), "{random}");
        }
        assert_eq!(
            random,
            texts(rows(Take::Random, 0..300)),
            "the seed decides"
        );
    }
}

//! The one place where samples are filed. Workers send batches; the collector, on a thread of its
//! own, adds them up and once a second shows an observer what there is.

use crate::health::Health;
use crate::recorder::{Batch, EXAMPLES, Example};
use crate::served::{Counts, Served};
use crate::shared::Event;
use plimsoll_measure::{
    Catalogue, Delta, ErrorKind, Glance, Series, Tally, Timetable, Vitals, Watched,
};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

/// The state of a run, shown once a second and once more at the end.
#[derive(Debug)]
pub struct Tick<'a> {
    /// Since the start, in nanoseconds.
    pub elapsed_ns: u64,
    /// What ended since the last tick.
    pub glance: Glance,
    /// Everything so far.
    pub tally: &'a Tally,
    /// What was filed since the last tick, by intended second and series.
    pub deltas: &'a [Delta],
    /// Requests without an answer.
    pub in_flight: u64,
    /// Users on a journey.
    pub users: u64,
    /// What happened since the last tick.
    pub events: &'a [Event],
    /// Examples of failures so far.
    pub examples: &'a [Example],
    /// What the generator observed of itself so far.
    pub vitals: &'a Vitals,
    /// Which builds answered so far.
    pub served: &'a [Served],
}

/// Whoever wants to know how a run is going.
pub trait Observer {
    /// Called once, when the clock of the run has been started.
    fn begin(&mut self) {}

    /// Called about once a second, on the collector's thread; what it takes delays nobody's request.
    fn tick(&mut self, tick: &Tick<'_>);
}

impl<F: FnMut(&Tick<'_>)> Observer for F {
    fn tick(&mut self, tick: &Tick<'_>) {
        self(tick);
    }
}

/// Adds up what the workers send.
pub(crate) struct Collector {
    pub(crate) tally: Tally,
    pub(crate) examples: Vec<Example>,
    pub(crate) events: Vec<Event>,
    pub(crate) health: Health,
    pub(crate) served: Counts,
    exemplified: HashMap<(Series, ErrorKind), u8>,
    gauges: Vec<(u64, u64)>,
    spare: Vec<SyncSender<Batch>>,
}

impl Collector {
    pub(crate) fn new(
        catalogue: Arc<Catalogue>,
        watched: Vec<Watched>,
        timetable: Timetable,
        spare: Vec<SyncSender<Batch>>,
    ) -> Self {
        Self {
            tally: Tally::new(catalogue, watched, timetable),
            examples: Vec::new(),
            events: Vec::new(),
            health: Health::new(spare.len()),
            served: Counts::default(),
            exemplified: HashMap::new(),
            gauges: vec![(0, 0); spare.len()],
            spare,
        }
    }

    /// Files a batch and gives it back to its worker.
    pub(crate) fn file(&mut self, mut batch: Batch) {
        for (second, counts) in &batch.intended {
            for (series, &count) in (0..).map(Series).zip(counts) {
                if count > 0 {
                    self.tally.intend(series, *second, u64::from(count));
                }
            }
        }
        self.health.note(&batch);
        for sample in &batch.samples {
            self.tally.record(sample);
        }
        batch.samples.clear();
        for served in batch.served.drain(..) {
            self.served.add(served);
        }
        for example in batch.examples.drain(..) {
            let kept = self
                .exemplified
                .entry((example.series, example.kind))
                .or_default();
            if *kept < EXAMPLES {
                *kept += 1;
                self.examples.push(example);
            }
        }
        if let Some(gauge) = self.gauges.get_mut(batch.worker) {
            *gauge = (batch.in_flight, batch.users);
        }
        if let Some(spare) = self.spare.get(batch.worker) {
            // A stall leaves more of them than are needed.
            let _ = spare.try_send(batch);
        }
    }

    /// Takes what was filed since the last time, in detail and at a glance.
    pub(crate) fn take(&mut self) -> (Vec<Delta>, Glance) {
        let deltas = self.tally.take_deltas();
        let mut glance = Glance::default();
        glance.add(self.tally.catalogue(), &deltas);
        (deltas, glance)
    }

    /// Shows the state to an observer, with what was [taken](Self::take).
    pub(crate) fn show(
        &mut self,
        elapsed_ns: u64,
        deltas: Vec<Delta>,
        glance: Glance,
        observer: &mut dyn Observer,
    ) {
        let (in_flight, users) = self.gauges.iter().fold((0, 0), |(requests, users), gauge| {
            (requests + gauge.0, users + gauge.1)
        });
        observer.tick(&Tick {
            elapsed_ns,
            glance,
            tally: &self.tally,
            deltas: &deltas,
            in_flight,
            users,
            events: &self.events,
            examples: &self.examples,
            vitals: self.health.vitals(),
            served: self.served.all(),
        });
        self.events.clear();
        self.tally.recycle(deltas);
    }
}

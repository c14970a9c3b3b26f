//! A run under way: batches are collected, rules for giving up early watched, the observer shown the
//! state once a second, and whoever is left at the end cut off.

use crate::clock::Clock;
use crate::collector::{Collector, Observer};
use crate::recorder::Batch;
use crate::run::{Ended, Finished, Stop};
use crate::shared::{Event, Shared};
use crate::worker::Phase;
use plimsoll_measure::{AbortRule, Delta, Scope};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;
use tokio::sync::watch;

const SECOND: u64 = 1_000_000_000;
/// A second is looked at when batches that were filled in it have had time to come in.
const SETTLING_NS: u64 = 300_000_000;
/// The error of an early verdict, a side: that of every verdict.
const ALPHA: f64 = 0.05;
/// How long journeys are waited for, at most, when somebody wants the end of it.
const PATIENCE_NS: u64 = 5 * SECOND;
/// What workers get to hand over their last batch when they are cut off.
const CUT_OFF_NS: u64 = 50_000_000;

/// A run under way, as the collecting thread sees it.
pub(crate) struct Course {
    pub(crate) clock: Clock,
    pub(crate) shared: Arc<Shared>,
    /// Whether the load is a number of users, who may all be gone before the planned end.
    pub(crate) is_closed: bool,
    pub(crate) collector: Collector,
    pub(crate) received: Receiver<Batch>,
    pub(crate) events: Receiver<Event>,
    pub(crate) phase: watch::Sender<Phase>,
    pub(crate) planned_ns: Option<u64>,
    pub(crate) grace_ns: u64,
    pub(crate) abort: Vec<(Scope, AbortRule)>,
    pub(crate) stop_when_decided: bool,
    pub(crate) ended: Ended,
    /// When arrivals were ended before their time.
    pub(crate) arrivals_ended: Option<u64>,
    /// Until when those under way are waited for, where somebody would not wait for the end of the grace.
    pub(crate) hurried_until: Option<u64>,
    /// Whether every worker is gone.
    pub(crate) is_over: bool,
    /// When the last batch came.
    pub(crate) last_batch_ns: u64,
}

impl Course {
    /// Collects until every worker is gone.
    pub(crate) fn follow(&mut self, observer: &mut dyn Observer, stop: &Stop) {
        let mut next_tick = SECOND;
        let mut cut_off = self
            .planned_ns
            .map_or(u64::MAX, |end| end.saturating_add(self.grace_ns));
        loop {
            let now = self.clock.now();
            // Short waits, because a stop that was asked for is looked for here.
            let wait = next_tick.saturating_sub(now).min(50_000_000);
            match self.received.recv_timeout(Duration::from_nanos(wait)) {
                Ok(batch) => {
                    self.last_batch_ns = self.clock.now();
                    self.collector.file(batch);
                    // All that have come, or a slow tick would be followed by one batch, and the next one.
                    for batch in self.received.try_iter().take(64) {
                        self.collector.file(batch);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            let now = self.clock.now();
            if now >= next_tick {
                next_tick = (now / SECOND + 1) * SECOND;
                self.tick(now, observer);
            }
            cut_off = cut_off.min(self.heed(stop, now));
            if self.shared.broken().is_some() {
                // What comes of it is not to be believed, so nobody is to wait for it.
                self.phase.send_replace(Phase::Over);
            }
            if now >= cut_off {
                if self.hurried_until == Some(cut_off) && self.ended != Ended::Interrupted {
                    // Whoever is cut off now would have had more time.
                    self.ended = Ended::Interrupted;
                    self.tell_stopped(now);
                }
                // Arrivals that are overdue are given up, then whoever is left is cut off.
                let over = now >= cut_off.saturating_add(CUT_OFF_NS);
                let wanted = if over { Phase::Over } else { Phase::Draining };
                self.phase.send_if_modified(|phase| {
                    let changed = *phase < wanted;
                    *phase = (*phase).max(wanted);
                    changed
                });
            }
        }
    }

    /// Ends arrivals if that was asked for, and says until when those under way are waited for as far as that
    /// depends on an end before the time.
    fn heed(&mut self, stop: &Stop, now: u64) -> u64 {
        if stop.is_stopped() && self.ended == Ended::Complete && !self.has_arrived(now) {
            self.end_arrivals(
                now,
                if stop.is_urgent() {
                    Ended::Interrupted
                } else {
                    Ended::Decided
                },
            );
        }
        let patience = self.grace_ns.min(PATIENCE_NS);
        let has_grace = match self.ended {
            Ended::Complete => self.has_arrived(now),
            Ended::Decided => true,
            Ended::Interrupted | Ended::Aborted(_) => false,
        };
        if stop.is_urgent() && has_grace {
            self.hurried_until
                .get_or_insert(now.saturating_add(patience));
        }
        let cut_off = match (&self.ended, self.arrivals_ended) {
            (_, None) => u64::MAX,
            // What decided is judged when all answers are there.
            (Ended::Decided, Some(at)) => at.saturating_add(self.grace_ns),
            (_, Some(at)) => at.saturating_add(patience),
        };
        cut_off.min(self.hurried_until.unwrap_or(u64::MAX))
    }

    /// Whether all that was planned has arrived.
    fn has_arrived(&self, now: u64) -> bool {
        self.is_over || self.planned_ns.is_some_and(|planned| now >= planned)
    }

    fn end_arrivals(&mut self, now: u64, why: Ended) {
        self.ended = why;
        self.tell_stopped(now);
        self.arrivals_ended = Some(now);
        self.phase.send_replace(Phase::Draining);
    }

    fn tell_stopped(&mut self, at_ns: u64) {
        let why = self.ended.clone();
        self.collector.events.push(Event::Stopped { at_ns, why });
    }

    fn tick(&mut self, now: u64, observer: &mut dyn Observer) {
        self.collector.events.extend(self.events.try_iter());
        let (deltas, glance) = self.collector.take();
        // What ends when all have arrived is what hung, and there is nothing left to spare anybody.
        if self.ended == Ended::Complete
            && !self.has_arrived(now)
            && let Some(reason) = self.reason_to_abort(&deltas)
        {
            self.end_arrivals(now, Ended::Aborted(reason));
        }
        let arrivals_end = self.arrivals_ended.or(self.planned_ns).unwrap_or(now);
        self.collector
            .tally
            .settle(now.saturating_sub(SETTLING_NS), arrivals_end);
        if self.stop_when_decided
            && self.ended == Ended::Complete
            && !self.has_arrived(now)
            && self.collector.tally.is_decided(ALPHA)
        {
            self.end_arrivals(now, Ended::Decided);
        }
        self.collector.health.look();
        self.collector.show(now, deltas, glance, observer);
    }

    /// Shows the rules what ended since the last tick. Every rule has to see every second, also those after
    /// one that held.
    fn reason_to_abort(&mut self, deltas: &[Delta]) -> Option<String> {
        let catalogue = self.collector.tally.catalogue().clone();
        let reasons = self
            .abort
            .iter_mut()
            .filter_map(|(scope, rule)| rule.observe(Delta::ended(*scope, &catalogue, deltas)));
        reasons.fold(None, |first, reason| first.or(Some(reason)))
    }

    /// When arrivals ended, in nanoseconds since the start.
    fn arrivals_ns(&self, now: u64) -> u64 {
        if let Some(at) = self.arrivals_ended {
            return at;
        }
        // A run that went to its end had users arriving for as long as was planned, also if the last
        // of them came and went before that. A fixed number of users that have all gone leaves nobody.
        let planned = self.planned_ns.unwrap_or(now);
        match self.shared.users_gone_ns() {
            Some(gone) if self.is_closed => planned.min(gone),
            _ => planned,
        }
    }

    /// Closes the books.
    pub(crate) fn finish(mut self, observer: &mut dyn Observer) -> Finished {
        let now = self.last_batch_ns;
        self.is_over = true;
        let arrivals_ns = self.arrivals_ns(now);
        // Everything has ended, so that every second is complete.
        self.collector.tally.settle(u64::MAX, arrivals_ns);
        self.tick(now, observer);
        Finished {
            tally: self.collector.tally,
            arrivals_ns,
            elapsed_ns: now,
            ended: self.ended,
            examples: self.collector.examples,
            vitals: self.collector.health.vitals().clone(),
            served: self.collector.served.all().to_vec(),
        }
    }
}

#[cfg(test)]
mod tests;

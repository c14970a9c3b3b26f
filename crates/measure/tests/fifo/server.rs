//! A server that serves one request after the other, and clients that give up and try again.

use plimsoll_measure::{Catalogue, Outcome, Phases, Sample, Series, Tally};
use std::collections::VecDeque;
use std::sync::Arc;

pub(crate) const SECOND_NS: u64 = 1_000_000_000;
/// 1,000 requests per second.
const SERVICE_NS: u64 = SECOND_NS / 1000;
/// For so long a client waits.
const TIMEOUT_NS: u64 = SECOND_NS;

/// The journey of what clients want, and that of their attempts to get it.
pub(crate) const CALLS: usize = 0;
pub(crate) const ATTEMPTS: usize = 1;
const JOURNEY: Series = Series(0);
const CALL: Series = Series(1);
const ATTEMPT: Series = Series(3);

/// What was seen of a server that works through its queue in order, also through what nobody waits
/// for any more.
pub(crate) struct Server {
    pub(crate) tally: Tally,
    /// How many requests waited or were being served at most.
    pub(crate) peak_backlog: u64,
    /// By attempt: when it arrived, and how long after that its answer was ready.
    pub(crate) delays: Vec<(u64, u64)>,
    retries: u64,
    free_at: u64,
}

/// What a client wants since `intended`, tried for the `tries`th time at `at`.
#[derive(Clone, Copy)]
struct Attempt {
    intended: u64,
    at: u64,
    tries: u64,
}

impl Server {
    /// Serves calls at `rates`, each given with the second until which it applies, evenly spaced.
    /// After a timeout, a client tries again at once, up to `retries` times.
    pub(crate) fn run(rates: &[(u64, u64)], retries: u64) -> Self {
        let mut catalogue = Catalogue::default();
        catalogue.add_journey("calls", [("call", 0)]);
        catalogue.add_journey("attempts", [("attempt", 0)]);
        let mut server = Self {
            tally: Tally::new(Arc::new(catalogue), Vec::new(), Default::default()),
            peak_backlog: 0,
            delays: Vec::new(),
            retries,
            free_at: 0,
        };
        // Timeouts come in the order of the attempts, so that one queue is in order too.
        let mut again = VecDeque::new();
        for intended in arrivals(rates) {
            while again
                .front()
                .is_some_and(|retry: &Attempt| retry.at <= intended)
            {
                again = server.serve_next(again);
            }
            for series in [JOURNEY, CALL] {
                server.tally.intend(series, intended / SECOND_NS, 1);
            }
            let at = intended;
            let first = Attempt {
                intended,
                at,
                tries: 1,
            };
            again.extend(server.serve(first));
        }
        while !again.is_empty() {
            again = server.serve_next(again);
        }
        server
    }

    /// Serves the first of those who try again, who may do so once more.
    fn serve_next(&mut self, mut again: VecDeque<Attempt>) -> VecDeque<Attempt> {
        let retry = again.pop_front().map(|retry| self.serve(retry));
        again.extend(retry.flatten());
        again
    }

    /// Serves an attempt, and says when the client tries again.
    fn serve(&mut self, attempt: Attempt) -> Option<Attempt> {
        let Attempt {
            intended,
            at,
            tries,
        } = attempt;
        self.free_at = self.free_at.max(at) + SERVICE_NS;
        let delay = self.free_at - at;
        self.peak_backlog = self.peak_backlog.max(delay / SERVICE_NS);
        self.delays.push((at, delay));
        let (outcome, end) = if delay <= TIMEOUT_NS {
            (Outcome::Ok, self.free_at)
        } else {
            (Outcome::Timeout, at + TIMEOUT_NS)
        };
        self.tally.intend(ATTEMPT, at / SECOND_NS, 1);
        self.tally.record(&sample(ATTEMPT, outcome, at, end));
        if outcome == Outcome::Timeout && tries <= self.retries {
            return Some(Attempt {
                at: end,
                tries: tries + 1,
                ..attempt
            });
        }
        self.tally.record(&sample(CALL, outcome, intended, end));
        None
    }
}

fn arrivals(rates: &[(u64, u64)]) -> impl Iterator<Item = u64> {
    let starts = std::iter::once(0).chain(rates.iter().map(|(until_s, _)| *until_s));
    starts.zip(rates).flat_map(|(from_s, &(until_s, rate))| {
        let count = (until_s - from_s) * rate;
        (0..count).map(move |n| from_s * SECOND_NS + n * SECOND_NS / rate)
    })
}

fn sample(series: Series, outcome: Outcome, intended: u64, end: u64) -> Sample {
    Sample {
        series,
        outcome,
        error: None,
        status: 0,
        intended,
        end,
        thinking: 0,
        phases: Phases::default(),
        body_bytes: 0,
        client: None,
        retries: 0,
    }
}

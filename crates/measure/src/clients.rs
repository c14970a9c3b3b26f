//! Which of the persistent clients were harmed.

use crate::sample::Sample;

/// Clients are counted up to this id, so that they take 32 megabytes at most.
const MOST: u32 = 4_000_000;

#[derive(Debug, Clone, Copy, Default)]
struct Client {
    requests: u32,
    bad: u32,
}

/// Requests by client identity. A client is harmed by one request that was not good: wrong,
/// refused, late, or not answered.
///
/// Takes eight bytes for each id up to the largest that was seen.
#[derive(Debug, Clone, Default)]
pub struct Clients {
    clients: Vec<Client>,
    seen: u64,
    harmed: u64,
    ignored: u64,
}

impl Clients {
    /// Files the end of a request; one without an identity is passed over.
    pub(crate) fn record(&mut self, sample: &Sample, is_good: bool) {
        let Some(id) = sample.client else { return };
        if id >= MOST {
            self.ignored += 1;
            return;
        }
        let id = id as usize;
        if id >= self.clients.len() {
            self.clients.resize(id + 1, Client::default());
        }
        let client = &mut self.clients[id];
        self.seen += u64::from(client.requests == 0);
        client.requests = client.requests.saturating_add(1);
        if !is_good {
            self.harmed += u64::from(client.bad == 0);
            client.bad = client.bad.saturating_add(1);
        }
    }

    /// Clients of which a request has ended.
    pub const fn seen(&self) -> u64 {
        self.seen
    }

    /// Those among them with at least one request that was not good.
    pub const fn harmed(&self) -> u64 {
        self.harmed
    }

    /// Those of which the share of good requests is below an objective (0.99 for 99 %).
    pub fn below(&self, objective: f64) -> u64 {
        let is_below = |client: &&Client| {
            let good = f64::from(client.requests - client.bad.min(client.requests));
            client.requests > 0 && good < objective * f64::from(client.requests)
        };
        self.clients.iter().filter(is_below).count() as u64
    }

    /// Requests that are not counted here because the id of their client is 4,000,000 or more.
    pub const fn ignored(&self) -> u64 {
        self.ignored
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.seen == 0 && self.ignored == 0
    }
}

#[cfg(test)]
mod tests {
    use crate::catalogue::{Catalogue, Series};
    use crate::sample::{Outcome, Phases, Sample};
    use crate::tally::{Tally, Watched};
    use crate::threshold::Scope;
    use std::sync::Arc;

    fn request(tally: &mut Tally, client: Option<u32>, outcome: Outcome, took_ms: u64) {
        for series in [Series(0), Series(1)] {
            tally.intend(series, 0, 1);
            tally.record(&Sample {
                series,
                outcome,
                error: None,
                status: 0,
                intended: 0,
                end: took_ms * 1_000_000,
                thinking: 0,
                phases: Phases::default(),
                body_bytes: 0,
                client,
                retries: 0,
            });
        }
    }

    fn tally() -> Tally {
        let mut catalogue = Catalogue::default();
        catalogue.add_journey("visit", [("home", 0)]);
        let late = Watched {
            scope: Scope::Test,
            threshold: "p99 < 100ms".parse().unwrap(),
        };
        Tally::new(Arc::new(catalogue), vec![late], Default::default())
    }

    #[test]
    fn one_bad_request_harms_and_many_fall_below() {
        let mut tally = tally();
        for _ in 0..9 {
            request(&mut tally, Some(7), Outcome::Ok, 1);
            request(&mut tally, Some(3), Outcome::Ok, 1);
        }
        request(&mut tally, Some(7), Outcome::Shed, 1);
        request(&mut tally, Some(3), Outcome::Ok, 1);
        request(&mut tally, Some(1), Outcome::Ok, 100); // Late.
        request(&mut tally, None, Outcome::Failed, 1);
        request(&mut tally, Some(0), Outcome::InFlight, 1);
        request(&mut tally, Some(0), Outcome::Timeout, 1);
        request(&mut tally, Some(4_000_000), Outcome::Failed, 1);
        let clients = tally.clients().unwrap();
        assert_eq!((clients.seen(), clients.harmed()), (4, 3));
        assert_eq!((clients.below(0.99), clients.below(0.9)), (3, 2));
        assert_eq!(clients.below(0.0), 0);
        assert_eq!(clients.ignored(), 1);
    }

    #[test]
    fn without_identities_there_are_no_clients() {
        let mut tally = tally();
        request(&mut tally, None, Outcome::Failed, 1);
        assert!(tally.clients().is_none());
        request(&mut tally, Some(u32::MAX), Outcome::Ok, 1);
        assert_eq!(tally.clients().unwrap().seen(), 0);
    }
}

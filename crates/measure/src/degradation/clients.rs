//! Which share of the clients was harmed.

use crate::clients::Clients;
use crate::judge::{Judgement, Rules};
use crate::threshold::{Comparison, display};

/// Judges the share of client identities with at least one bad request, `harmed / seen`, with an
/// error of `alpha` a side: the binomial test, as of independent clients.
pub fn clients_harmed(
    clients: &Clients,
    comparison: Comparison,
    limit: f64,
    alpha: f64,
) -> Judgement {
    let promise = format!("clients harmed {comparison} {}", display::share(limit));
    let (harmed, seen) = (clients.harmed(), clients.seen());
    Rules::independent(alpha).share_of(&promise, comparison, limit, harmed, seen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Series;
    use crate::judge::{Observed, State};
    use crate::sample::{Outcome, Phases, Sample};

    fn clients(seen: u32, harmed: u32) -> Clients {
        let mut clients = Clients::default();
        for client in 0..seen {
            let sample = Sample {
                series: Series(0),
                outcome: Outcome::Ok,
                error: None,
                status: 0,
                intended: 0,
                end: 0,
                thinking: 0,
                phases: Phases::default(),
                body_bytes: 0,
                client: Some(client),
                retries: 0,
            };
            clients.record(&sample, true);
            clients.record(&sample, client >= harmed);
        }
        clients
    }

    /// The table of the binomial test: of 1,000, at most 4 prove 1 % and 16 refute it.
    #[test]
    fn it_is_a_share_of_clients() {
        let state = |harmed| {
            clients_harmed(&clients(1000, harmed), Comparison::LessOrEqual, 0.01, 0.05).state
        };
        assert_eq!((state(4), state(5)), (State::Pass, State::Inconclusive));
        assert_eq!((state(15), state(16)), (State::Inconclusive, State::Fail));
        let judgement = clients_harmed(&clients(100, 20), Comparison::LessOrEqual, 0.35, 0.05);
        assert_eq!(judgement.observed, Observed::Share(0.2));
        assert_eq!(
            judgement.explanation,
            "20 of 100 (20.000%), which proves clients harmed <= 35%"
        );
    }

    #[test]
    fn without_clients_nothing_is_proven() {
        let none = clients_harmed(&Clients::default(), Comparison::LessOrEqual, 0.35, 0.05);
        assert_eq!(
            (none.state, none.observed),
            (State::Inconclusive, Observed::NoData)
        );
    }
}

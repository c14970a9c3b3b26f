//! Names to addresses: overrides first, then the system's resolver, so that the generator sees what
//! any other program on this machine sees (`/etc/hosts` included). Answers are kept for a while,
//! failures briefly, and all addresses are used in turn.

use plimsoll_scenario::Resolve;
use std::cell::RefCell;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// How long an answer is used. Load balancers by DNS change theirs within about a minute.
const KEEP: Duration = Duration::from_secs(30);
/// How long a failure is used, so that a broken name does not become a load test of the resolver.
const KEEP_FAILURE: Duration = Duration::from_secs(1);

struct Entry {
    answer: Result<Rc<[IpAddr]>, String>,
    until: Instant,
    turn: usize,
}

/// A thread's resolver.
#[derive(Default)]
pub(crate) struct Resolver {
    cache: RefCell<HashMap<String, Entry>>,
}

impl Resolver {
    /// The addresses for a host, the one whose turn it is first, and whether a look-up was made.
    pub(crate) async fn resolve(
        &self,
        host: &str,
        port: u16,
        overrides: &[Resolve],
    ) -> (Result<Vec<SocketAddr>, String>, bool) {
        if let Ok(address) = host.parse::<IpAddr>() {
            return (Ok(vec![SocketAddr::new(address, port)]), false);
        }
        let fixed = overrides.iter().find(|entry| {
            entry.host.eq_ignore_ascii_case(host) && entry.port.is_none_or(|only| only == port)
        });
        let mut looked_up = false;
        if !self.is_fresh(host) {
            let (answer, keep) = match fixed {
                Some(fixed) => (Ok(fixed.addresses.as_slice().into()), Duration::MAX),
                None => {
                    looked_up = true;
                    match look_up(host).await {
                        Ok(addresses) => (Ok(addresses), KEEP),
                        Err(problem) => (Err(problem), KEEP_FAILURE),
                    }
                }
            };
            let now = Instant::now();
            let until = now
                .checked_add(keep)
                .unwrap_or(now + Duration::from_secs(1 << 32));
            let mut cache = self.cache.borrow_mut();
            let turn = cache.get(host).map_or(0, |entry| entry.turn);
            cache.insert(
                host.to_owned(),
                Entry {
                    answer,
                    until,
                    turn,
                },
            );
        }
        (self.take_turn(host, port), looked_up)
    }

    fn is_fresh(&self, host: &str) -> bool {
        let cache = self.cache.borrow();
        cache
            .get(host)
            .is_some_and(|entry| entry.until > Instant::now())
    }

    fn take_turn(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, String> {
        let mut cache = self.cache.borrow_mut();
        let Some(entry) = cache.get_mut(host) else {
            return Err("no answer".into());
        };
        let addresses = entry.answer.as_ref().map_err(Clone::clone)?;
        let first = entry.turn % addresses.len().max(1);
        entry.turn = entry.turn.wrapping_add(1);
        let (before, from) = addresses.split_at(first);
        Ok(from
            .iter()
            .chain(before)
            .map(|address| SocketAddr::new(*address, port))
            .collect())
    }
}

/// Asks the system's resolver.
pub(crate) async fn look_up(host: &str) -> Result<Rc<[IpAddr]>, String> {
    let found = tokio::net::lookup_host((host, 0))
        .await
        .map_err(|problem| problem.to_string())?;
    let mut addresses: Vec<IpAddr> = Vec::new();
    for address in found {
        if !addresses.contains(&address.ip()) {
            addresses.push(address.ip());
        }
    }
    if addresses.is_empty() {
        return Err("the name has no address".into());
    }
    Ok(addresses.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(future)
    }

    #[test]
    fn overrides_are_used_in_turn_and_all_of_them() {
        let resolver = Resolver::default();
        let overrides = [Resolve {
            host: "shop.example".into(),
            port: None,
            addresses: vec![[127, 0, 0, 1].into(), [127, 0, 0, 2].into()],
        }];
        block_on(async {
            let mut first = Vec::new();
            for _ in 0..4 {
                let (answer, looked_up) = resolver.resolve("shop.example", 80, &overrides).await;
                let answer = answer.unwrap();
                assert_eq!(answer.len(), 2);
                assert!(!looked_up);
                first.push(answer[0].ip().to_string());
            }
            assert_eq!(first, ["127.0.0.1", "127.0.0.2", "127.0.0.1", "127.0.0.2"]);
        });
    }

    #[test]
    fn addresses_need_no_look_up_and_unknown_names_fail() {
        let resolver = Resolver::default();
        block_on(async {
            let (answer, looked_up) = resolver.resolve("::1", 8080, &[]).await;
            assert_eq!(answer.unwrap()[0].to_string(), "[::1]:8080");
            assert!(!looked_up);
            let (answer, looked_up) = resolver.resolve("nowhere.invalid", 80, &[]).await;
            assert!(answer.is_err() && looked_up);
            let (_, looked_up) = resolver.resolve("nowhere.invalid", 80, &[]).await;
            assert!(!looked_up, "a failure is kept for a moment");
        });
    }
}

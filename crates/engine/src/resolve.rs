//! Names to addresses: overrides first, then the system's resolver, so that the generator sees what
//! any other program on this machine sees (`/etc/hosts` included). Answers are kept for a while,
//! failures briefly, and all addresses are used in turn.

use plimsoll_scenario::Resolve;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// How long an answer is used. Load balancers by DNS change theirs within about a minute.
const KEEP: Duration = Duration::from_secs(30);
/// How long a failure is used, so that a broken name does not become a load test of the resolver.
const KEEP_FAILURE: Duration = Duration::from_secs(1);

struct Entry {
    answer: Result<Rc<[IpAddr]>, String>,
    until: Instant,
}

/// A thread's resolver.
#[derive(Default)]
pub(crate) struct Resolver {
    cache: RefCell<HashMap<String, Entry>>,
    /// Look-ups under way, each for everybody who wants to know.
    pending: RefCell<HashMap<String, watch::Receiver<()>>>,
    turn: Cell<usize>,
}

impl Resolver {
    /// The addresses for a host, the one whose turn it is first, and whether a look-up was made.
    pub(crate) async fn resolve(
        self: &Rc<Self>,
        host: &str,
        port: u16,
        overrides: &[Resolve],
    ) -> (Result<Vec<SocketAddr>, String>, bool) {
        if let Ok(address) = host.parse::<IpAddr>() {
            return (Ok(vec![SocketAddr::new(address, port)]), false);
        }
        if let Some(fixed) = overriding(overrides, host, port) {
            return (Ok(self.in_turn(&fixed.addresses, port)), false);
        }
        let mut looked_up = false;
        if !self.is_fresh(host) {
            looked_up = true;
            let mut done = self.begin(host);
            // The look-up is over when its task is, which holds the other end.
            let _ = done.changed().await;
        }
        let cache = self.cache.borrow();
        let answer = match cache.get(host).map(|entry| &entry.answer) {
            Some(Ok(addresses)) => Ok(self.in_turn(addresses, port)),
            Some(Err(problem)) => Err(problem.clone()),
            None => Err("no answer".into()),
        };
        (answer, looked_up)
    }

    /// The look-up of a host: the one that is under way, or another. It is a task of its own, because whoever
    /// asked first may not wait until its end.
    fn begin(self: &Rc<Self>, host: &str) -> watch::Receiver<()> {
        if let Some(pending) = self.pending.borrow().get(host) {
            return pending.clone();
        }
        let (ends, end) = watch::channel(());
        self.pending
            .borrow_mut()
            .insert(host.to_owned(), end.clone());
        let (resolver, host) = (self.clone(), host.to_owned());
        tokio::task::spawn_local(async move {
            let (answer, keep) = match look_up(&host).await {
                Ok(addresses) => (Ok(addresses), KEEP),
                Err(problem) => (Err(problem), KEEP_FAILURE),
            };
            let until = Instant::now() + keep;
            resolver.pending.borrow_mut().remove(&host);
            let entry = Entry { answer, until };
            resolver.cache.borrow_mut().insert(host, entry);
            drop(ends);
        });
        end
    }

    fn is_fresh(&self, host: &str) -> bool {
        let cache = self.cache.borrow();
        cache
            .get(host)
            .is_some_and(|entry| entry.until > Instant::now())
    }

    /// The addresses, beginning with another one each time.
    fn in_turn(&self, addresses: &[IpAddr], port: u16) -> Vec<SocketAddr> {
        let turn = self.turn.get();
        self.turn.set(turn.wrapping_add(1));
        let (before, from) = addresses.split_at(turn % addresses.len().max(1));
        from.iter()
            .chain(before)
            .map(|address| SocketAddr::new(*address, port))
            .collect()
    }
}

/// What stands under `resolve:` for a host and port.
pub(crate) fn overriding<'a>(
    overrides: &'a [Resolve],
    host: &str,
    port: u16,
) -> Option<&'a Resolve> {
    overrides.iter().find(|entry| {
        entry.host.eq_ignore_ascii_case(host) && entry.port.is_none_or(|only| only == port)
    })
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
    use std::future::poll_fn;
    use std::task::Poll;

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        tokio::task::LocalSet::new().block_on(&runtime, future)
    }

    #[test]
    fn overrides_are_used_in_turn_and_all_of_them() {
        let resolver = Rc::new(Resolver::default());
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
    fn one_look_up_serves_all_who_wait_and_outlives_whoever_began_it() {
        let resolver = Rc::new(Resolver::default());
        block_on(async {
            let ask = || resolver.resolve("nowhere.invalid", 80, &[]);
            let (mut first, mut second) = (Box::pin(ask()), Box::pin(ask()));
            poll_fn(|context| {
                assert!(first.as_mut().poll(context).is_pending());
                assert!(second.as_mut().poll(context).is_pending());
                Poll::Ready(())
            })
            .await;
            assert_eq!(Rc::strong_count(&resolver), 2, "held by one look-up");
            drop(first);
            assert!(second.await.0.is_err());
            assert!(resolver.pending.borrow().is_empty());
            assert!(!ask().await.1, "it was looked up for everybody");
        });
    }

    #[test]
    fn overrides_are_told_apart_by_port_and_by_target() {
        let resolver = Rc::new(Resolver::default());
        let fixed = |port, last| Resolve {
            host: "shop.example".into(),
            port,
            addresses: vec![[127, 0, 0, last].into()],
        };
        let overrides = [fixed(Some(81), 1), fixed(Some(82), 2)];
        block_on(async {
            for (port, expected) in [(81, "127.0.0.1:81"), (82, "127.0.0.2:82")] {
                let (answer, _) = resolver.resolve("shop.example", port, &overrides).await;
                assert_eq!(answer.unwrap()[0].to_string(), expected);
            }
            let (answer, _) = resolver
                .resolve("shop.example", 81, &[fixed(None, 3)])
                .await;
            assert_eq!(answer.unwrap()[0].to_string(), "127.0.0.3:81");
        });
    }

    #[test]
    fn addresses_need_no_look_up_and_unknown_names_fail() {
        let resolver = Rc::new(Resolver::default());
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

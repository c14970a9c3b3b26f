//! Which build answers, and going over from one to another.

use crate::behaviour::{Behaviour, Release};
use crate::random::{mix, uniform};
use bytes::Bytes;
use http::HeaderValue;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;

/// A release, ready to be sent.
#[derive(Debug)]
pub(crate) struct Identity {
    /// The value of `x-release-id`.
    pub(crate) header: Option<HeaderValue>,
    /// The page `/version`.
    pub(crate) version: Bytes,
}

#[derive(Serialize)]
struct Version<'a> {
    version: &'a str,
    commit: &'a str,
}

impl Identity {
    fn new(release: &Release) -> Self {
        let Release {
            version,
            commit,
            id,
        } = release;
        let header = match id {
            Some(id) => HeaderValue::from_str(id),
            None => HeaderValue::from_str(&format!("{version}+{commit}")),
        };
        // Two texts cannot fail to be JSON.
        let json = serde_json::to_vec(&Version { version, commit }).unwrap_or_default();
        Self {
            header: header.ok(),
            version: json.into(),
        }
    }
}

/// The build that is there, and the one that is coming.
#[derive(Debug)]
pub(crate) struct Deployment {
    present: Arc<Identity>,
    coming: Option<Coming>,
}

#[derive(Debug)]
struct Coming {
    identity: Arc<Identity>,
    since: Duration,
    over: Duration,
    seed: u64,
    number: u64,
}

impl Deployment {
    /// What a behaviour says of releases, from `now` on.
    pub(crate) fn new(behaviour: &Behaviour, now: Duration) -> Self {
        let coming = behaviour.release_switch.as_ref().map(|switch| Coming {
            identity: Arc::new(Identity::new(&switch.to)),
            since: now,
            over: switch.over,
            seed: mix(!behaviour.seed),
            number: 0,
        });
        Self {
            present: Arc::new(Identity::new(&behaviour.release)),
            coming,
        }
    }

    /// Whether there are two builds.
    pub(crate) fn is_under_way(&self) -> bool {
        self.coming.is_some()
    }

    /// The build where there is one only.
    pub(crate) fn settled(&self) -> Arc<Identity> {
        Arc::clone(&self.present)
    }

    /// The build that answers a request which arrives at `now`.
    pub(crate) fn identity(&mut self, now: Duration) -> Arc<Identity> {
        let Some(coming) = &mut self.coming else {
            return self.settled();
        };
        let elapsed = now.saturating_sub(coming.since);
        if elapsed >= coming.over {
            // All is done: nothing is drawn any more.
            self.present = Arc::clone(&coming.identity);
            self.coming = None;
            return self.settled();
        }
        coming.number += 1;
        let share = elapsed.as_secs_f64() / coming.over.as_secs_f64();
        if uniform(coming.seed, coming.number) < share {
            Arc::clone(&coming.identity)
        } else {
            Arc::clone(&self.present)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_of_the_new_build_grows_to_all() {
        let behaviour = Behaviour {
            release_switch: "version=2,commit=b,over=10s".parse().ok(),
            ..Behaviour::default()
        };
        let mut deployment = Deployment::new(&behaviour, Duration::from_secs(5));
        let mut of_the_new = |from_ms: u64| {
            let answers = (0..1_000).map(|n| Duration::from_millis(from_ms + n));
            let new = answers.filter(|now| {
                let identity = deployment.identity(*now);
                identity.header.as_ref().is_some_and(|id| id == "2+b")
                    && &identity.version[..] == br#"{"version":"2","commit":"b"}"#
            });
            new.count()
        };
        let shares = [5_000, 7_000, 9_500, 14_000].map(&mut of_the_new);
        for (share, expected) in shares.into_iter().zip([50, 250, 500, 950]) {
            assert!(usize::abs_diff(share, expected) < 70, "{shares:?}");
        }
        assert_eq!(of_the_new(15_000), 1_000);
        assert!(!deployment.is_under_way());
    }
}

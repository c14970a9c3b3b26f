//! What arrived, counted by the service itself: the other side of a generator's books.

use crate::route::Route;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

const PLACES: usize = Route::Other as usize + 1;

/// Counters that a service writes and anybody may read.
#[derive(Debug, Default)]
pub struct Counters {
    connections: AtomicU64,
    requests: [AtomicU64; PLACES],
    failed: AtomicU64,
    refused: AtomicU64,
    faults: AtomicU64,
    wrong: AtomicU64,
}

/// What a service had counted at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Connections accepted.
    pub connections: u64,
    /// Requests whose head arrived whole, whatever became of them.
    pub requests: u64,
    /// Of those, how many for each page, by the first segment of the path (`/search`); `other` for unknown ones.
    /// Pages that nobody asked for are left out.
    pub by_path: BTreeMap<&'static str, u64>,
    /// Requests failed on purpose, with status 500, or 502 for want of a dependency.
    pub failed: u64,
    /// Requests refused for want of room.
    pub refused: u64,
    /// Requests met with a fault.
    pub faults: u64,
    /// Requests answered with wrong data.
    pub wrong: u64,
}

impl Counts {
    /// Requests for a page and those below it, such as `/search`.
    pub fn of(&self, path: &str) -> u64 {
        self.by_path.get(path).copied().unwrap_or(0)
    }
}

impl Counters {
    /// What has been counted so far.
    pub fn snapshot(&self) -> Counts {
        let by_path: BTreeMap<&'static str, u64> = Route::NAMES
            .iter()
            .zip(&self.requests)
            .map(|(name, count)| (*name, count.load(Relaxed)))
            .filter(|(_, count)| *count > 0)
            .collect();
        Counts {
            connections: self.connections.load(Relaxed),
            requests: by_path.values().sum(),
            by_path,
            failed: self.failed.load(Relaxed),
            refused: self.refused.load(Relaxed),
            faults: self.faults.load(Relaxed),
            wrong: self.wrong.load(Relaxed),
        }
    }

    pub(crate) fn connection(&self) {
        self.connections.fetch_add(1, Relaxed);
    }

    pub(crate) fn request(&self, route: Route) {
        if let Some(count) = self.requests.get(route as usize) {
            count.fetch_add(1, Relaxed);
        }
    }

    pub(crate) fn failed(&self) {
        self.failed.fetch_add(1, Relaxed);
    }

    pub(crate) fn refused(&self) {
        self.refused.fetch_add(1, Relaxed);
    }

    pub(crate) fn wrong(&self) {
        self.wrong.fetch_add(1, Relaxed);
    }

    pub(crate) fn fault(&self) {
        self.faults.fetch_add(1, Relaxed);
    }
}

//! Workers that requests hold until they are answered, in virtual time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

/// So many workers, and when each will be free. Requests get them in the order of their arrival.
#[derive(Debug)]
pub(crate) struct Pool {
    workers: usize,
    free_at: BinaryHeap<Reverse<Duration>>,
}

impl Pool {
    pub(crate) fn new(workers: u32) -> Self {
        Self {
            workers: workers as usize,
            free_at: BinaryHeap::new(),
        }
    }

    /// When a request that could begin at `ready` gets a worker, which it holds for `hold`.
    pub(crate) fn take(&mut self, ready: Duration, hold: Duration) -> Duration {
        let start = if self.free_at.len() < self.workers {
            ready
        } else {
            let earliest = self.free_at.pop();
            earliest.map_or(ready, |Reverse(free_at)| free_at.max(ready))
        };
        self.free_at.push(Reverse(start + hold));
        start
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_finds_no_worker_waits_for_the_first_to_be_free() {
        let second = Duration::from_secs;
        let mut pool = Pool::new(2);
        let mut take = |ready, hold| pool.take(second(ready), second(hold)).as_secs();
        assert_eq!(take(0, 10), 0);
        assert_eq!(take(0, 4), 0);
        assert_eq!(take(1, 0), 4, "the second is free first");
        assert_eq!(take(1, 1), 4, "and at once free again");
        assert_eq!(take(20, 5), 20);
    }
}

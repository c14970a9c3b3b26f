//! A line of requests before a service of limited speed, in virtual time.
//!
//! When each request starts is computed on its arrival, from the arrivals alone, so that late timers never lower the
//! speed of the service and a client that gives up does not give its work back.

use super::autoscaler::Autoscaler;
use crate::behaviour::{Behaviour, Priority, Stall};
use crate::quantity::Rate;
use std::collections::VecDeque;
use std::time::Duration;

/// The most that a collapsing service slows down.
const MOST_SLOWED: f64 = 100.0;

/// A line. Times count from the start of the service.
#[derive(Debug)]
pub(crate) struct Line {
    /// Usually one. Speed that is added serves what arrives later, and leaves what is in line where it is.
    lanes: Vec<Lane>,
    /// Whether the answer comes at the end of the service time (a single server) or at its start (a limit on starts).
    answer_at_end: bool,
    /// How many may wait.
    limit: Option<u32>,
    /// What matters least.
    least: Priority,
    /// The time in line that doubles the service time.
    collapse: Option<Duration>,
    autoscaler: Option<Autoscaler>,
}

/// A part of the service's speed.
#[derive(Debug)]
struct Lane {
    /// The time that one request occupies it.
    gap: Duration,
    free_at: Duration,
    /// When those in line start.
    starts: VecDeque<Duration>,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// It is through the line at this time.
    Until(Duration),
    /// The line is full, for one of its priority; it empties after this long.
    Full(Duration),
}

impl Lane {
    fn new(gap: Duration, free_at: Duration) -> Self {
        Self {
            gap,
            free_at,
            starts: VecDeque::new(),
        }
    }

    /// Requests per second.
    fn speed(&self) -> f64 {
        1.0 / self.gap.as_secs_f64()
    }
}

impl Line {
    /// A line with nobody in it.
    pub(crate) fn new(gap: Duration, answer_at_end: bool) -> Self {
        Self {
            lanes: vec![Lane::new(gap, Duration::ZERO)],
            answer_at_end,
            limit: None,
            least: Priority::FIRST,
            collapse: None,
            autoscaler: None,
        }
    }

    /// The line that a behaviour asks for at `now`, empty.
    pub(crate) fn of(behaviour: &Behaviour, now: Duration) -> Option<Self> {
        let mut line = match (behaviour.fifo, behaviour.capacity) {
            (Some(service), _) => Self::new(service, true),
            (None, Some(rate)) => Self::new(rate.gap(), false),
            (None, None) => return None,
        };
        line.rule(behaviour, now);
        Some(line)
    }

    /// Whom the line takes, and when it scales, from `now` on.
    fn rule(&mut self, behaviour: &Behaviour, now: Duration) {
        self.limit = behaviour.queue;
        self.collapse = behaviour.collapse;
        let priorities = behaviour.priority.iter().map(|setting| setting.value);
        self.least = priorities.max().unwrap_or_default();
        self.autoscaler = match (&behaviour.scale, behaviour.capacity) {
            (Some(scale), Some(capacity)) => Some(Autoscaler::new(scale, capacity, now)),
            _ => None,
        };
    }

    /// Goes over from one behaviour to another without losing those who are in line; a service that has scaled out falls
    /// back where its speed is changed. The two are lines of one kind.
    pub(crate) fn change(&mut self, from: &Behaviour, to: &Behaviour, now: Duration) {
        let autoscaler = self.autoscaler.take();
        self.rule(to, now);
        if (from.fifo, from.capacity, from.scale) == (to.fifo, to.capacity, to.scale) {
            self.autoscaler = autoscaler;
        } else if let Some(gap) = to.fifo.or(to.capacity.map(Rate::gap)) {
            self.set_gap(gap, now);
        }
    }

    /// Another speed from `now` on. Newcomers find the work in line done at the new speed; the answers of those who are
    /// in it are on their way, and keep their times.
    fn set_gap(&mut self, gap: Duration, now: Duration) {
        let speed: f64 = self.lanes.iter().map(Lane::speed).sum();
        let left = self.lanes.iter().map(|lane| {
            let left = lane.free_at.saturating_sub(now);
            left.as_secs_f64() * lane.speed()
        });
        let free_at = now + saturating_seconds(left.sum::<f64>() * gap.as_secs_f64());
        let stretched = speed * gap.as_secs_f64();
        let starts = self.lanes.drain(..).flat_map(|lane| lane.starts);
        let mut starts: Vec<Duration> = starts
            .map(|start| {
                let wait = start.saturating_sub(now).as_secs_f64() * stretched;
                (now + saturating_seconds(wait)).min(free_at)
            })
            .collect();
        starts.sort_unstable();
        self.lanes.push(Lane {
            gap,
            free_at,
            starts: starts.into(),
        });
    }

    /// New servers beside the old ones: they take what arrives from `now` on and leave what is in line where it is, so
    /// that the service never does more than its speed.
    fn add_servers(&mut self, to: Rate, now: Duration) {
        let speed: f64 = self.lanes.iter().map(Lane::speed).sum();
        let added = to.per_second() - speed;
        // What is lost in rounding is no server.
        if added > speed * 1e-6 {
            let gap = saturating_seconds(1.0 / added).max(Duration::from_nanos(1));
            self.lanes.push(Lane::new(gap, now));
        }
    }

    /// How many are in line at `now`.
    pub(crate) fn waiting(&mut self, now: Duration) -> usize {
        let mut waiting = 0;
        for lane in &mut self.lanes {
            while lane.starts.front().is_some_and(|start| *start <= now) {
                lane.starts.pop_front();
            }
            waiting += lane.starts.len();
        }
        waiting
    }

    /// A request arrives at `now`, no earlier than the one before it.
    pub(crate) fn join(
        &mut self,
        now: Duration,
        stall: Option<&Stall>,
        priority: Priority,
    ) -> Place {
        if let Some(to) = self
            .autoscaler
            .as_mut()
            .and_then(|scaler| scaler.arrives(now))
        {
            self.add_servers(to, now);
        }
        let waiting = self.waiting(now);
        let next = self
            .lanes
            .iter_mut()
            .min_by_key(|lane| lane.free_at.max(now));
        let Some(lane) = next else {
            // There is always one.
            return Place::Until(now);
        };
        let free_at = lane.free_at.max(now);
        let start = stall.map_or(free_at, |stall| stall.release(free_at));
        let wait = start - now;
        if !wait.is_zero() {
            let room = self.limit.map(|limit| priority.room(limit, self.least));
            if room.is_some_and(|room| waiting >= room as usize) {
                return Place::Full(wait);
            }
            lane.starts.push_back(start);
        }
        let occupied = match self.collapse {
            Some(collapse) => {
                let slowed = 1.0 + wait.as_secs_f64() / collapse.as_secs_f64();
                lane.gap.mul_f64(slowed.min(MOST_SLOWED))
            }
            None => lane.gap,
        };
        lane.free_at = start + occupied;
        Place::Until(if self.answer_at_end {
            lane.free_at
        } else {
            start
        })
    }
}

/// So many seconds, at most some centuries.
fn saturating_seconds(seconds: f64) -> Duration {
    // The cast saturates.
    Duration::from_nanos((seconds * 1e9) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    /// Response times in ms, sorted, of even arrivals at 100/s for 100 s.
    fn responses(mut through: impl FnMut(Duration) -> Duration) -> Vec<f64> {
        let mut responses: Vec<f64> = (0..10_000)
            .map(|number| ms(number * 10))
            .map(|now| (through(now) - now).as_nanos() as f64 / 1e6)
            .collect();
        responses.sort_by(f64::total_cmp);
        responses
    }

    fn rank(sorted: &[f64], numerator: usize, denominator: usize) -> f64 {
        sorted[(sorted.len() * numerator).div_ceil(denominator) - 1]
    }

    fn mean(values: &[f64]) -> f64 {
        values.iter().sum::<f64>() / values.len() as f64
    }

    /// Coordinated-omission oracles: 100/s against 1 ms of service and a stall of 1 s every 10 s, for 100 s.
    #[test]
    fn a_single_server_with_stalls_has_the_published_distribution() {
        let stall: Stall = "1s/10s".parse().expect("a stall");
        let mut line = Line::new(ms(1), true);
        let sorted = responses(|now| match line.join(now, Some(&stall), Priority::FIRST) {
            Place::Until(end) => end,
            Place::Full(_) => panic!("no limit was set"),
        });
        assert_eq!(rank(&sorted, 50, 100), 1.0);
        assert_eq!(rank(&sorted, 95, 100), 551.0);
        assert_eq!(rank(&sorted, 99, 100), 911.0);
        assert_eq!(rank(&sorted, 999, 1000), 992.0);
        assert_eq!(sorted[9_999], 1001.0);
        assert!((mean(&sorted) - 57.0).abs() <= 0.1, "{}", mean(&sorted));
    }

    #[test]
    fn unlimited_concurrency_with_stalls_has_the_published_distribution() {
        let stall: Stall = "1s/10s".parse().expect("a stall");
        let sorted = responses(|now| stall.release(now) + ms(1));
        assert_eq!(rank(&sorted, 50, 100), 1.0);
        assert_eq!(rank(&sorted, 95, 100), 501.0);
        assert_eq!(rank(&sorted, 99, 100), 901.0);
        assert_eq!(rank(&sorted, 999, 1000), 991.0);
        assert_eq!(sorted[9_999], 1001.0);
        assert!((mean(&sorted) - 51.5).abs() < 1e-6, "{}", mean(&sorted));
    }

    #[test]
    fn a_capacity_spaces_the_starts_and_lets_unused_time_go() {
        let mut line = Line::new(ms(10), false);
        let places: Vec<Place> = [0, 0, 5, 100, 100]
            .map(|now| line.join(ms(now), None, Priority::FIRST))
            .into_iter()
            .collect();
        assert_eq!(places, [0, 10, 20, 100, 110].map(|at| Place::Until(ms(at))));
    }

    #[test]
    fn a_full_line_refuses_until_somebody_has_left_it() {
        let mut line = Line {
            limit: Some(2),
            ..Line::new(ms(10), false)
        };
        let mut at = |now| line.join(ms(now), None, Priority::FIRST);
        assert_eq!(at(0), Place::Until(ms(0)));
        assert_eq!(at(0), Place::Until(ms(10)));
        assert_eq!(at(0), Place::Until(ms(20)));
        assert_eq!(at(0), Place::Full(ms(30)));
        assert_eq!(at(9), Place::Full(ms(21)));
        assert_eq!(at(10), Place::Until(ms(30)));
        assert_eq!(at(10), Place::Full(ms(30)));
    }

    #[test]
    fn no_line_at_all_sheds_whatever_cannot_start() {
        let mut line = Line {
            limit: Some(0),
            ..Line::new(ms(10), false)
        };
        assert_eq!(line.join(ms(0), None, Priority::FIRST), Place::Until(ms(0)));
        assert_eq!(line.join(ms(9), None, Priority::FIRST), Place::Full(ms(1)));
        assert_eq!(
            line.join(ms(10), None, Priority::FIRST),
            Place::Until(ms(10))
        );
    }

    #[test]
    fn a_spike_drains_as_the_fluid_model_says() {
        // 1000/s of capacity; 1500/s for 10 s after 500/s: a backlog of 5 s, drained 10 s later at 500/s.
        let mut line = Line::new(ms(1), true);
        let mut wait_at = |micros: u64| {
            let now = Duration::from_micros(micros);
            match line.join(now, None, Priority::FIRST) {
                Place::Until(end) => (end - now).as_secs_f64(),
                Place::Full(_) => f64::INFINITY,
            }
        };
        let peak = (0..15_000)
            .map(|i| wait_at(i * 1_000_000 / 1500))
            .fold(0.0, f64::max);
        assert!((peak - 5.0).abs() < 0.01, "{peak}");
        let after: Vec<f64> = (0..6_000)
            .map(|i| wait_at(10_000_000 + i * 2_000))
            .collect();
        let drained = after
            .iter()
            .position(|wait| *wait <= 0.001 + 1e-9)
            .expect("it drains");
        assert!((drained as f64 / 500.0 - 10.0).abs() < 0.05, "{drained}");
    }

    #[test]
    fn a_collapsed_service_does_not_recover_at_the_load_it_used_to_bear() {
        let wait_after = |collapse: Option<Duration>| {
            let mut line = Line {
                collapse,
                ..Line::new(ms(1), false)
            };
            let mut wait = Duration::ZERO;
            let spike = (0..6_000u64).map(|i| i * 500);
            let calm = (0..20_000u64).map(|i| 3_000_000 + i * 1_250);
            for now in spike.chain(calm).map(Duration::from_micros) {
                if let Place::Until(start) = line.join(now, None, Priority::FIRST) {
                    wait = start - now;
                }
            }
            wait
        };
        assert_eq!(
            wait_after(None),
            Duration::ZERO,
            "800/s drains a backlog at 1000/s"
        );
        assert!(wait_after(Some(Duration::from_secs(1))) > Duration::from_secs(20));
    }

    proptest! {
        #[test]
        fn order_and_speed_hold_for_any_arrivals(
            gaps in prop::collection::vec(0u64..30, 1..200), limit in prop::option::of(0u32..5),
        ) {
            let mut line = Line { limit, ..Line::new(ms(10), false) };
            let (mut now, mut last) = (Duration::ZERO, None::<Duration>);
            let mut starts: Vec<Duration> = Vec::new();
            for gap in gaps {
                now += ms(gap);
                if let Place::Until(start) = line.join(now, None, Priority::FIRST) {
                    prop_assert!(start >= now);
                    prop_assert!(last.is_none_or(|last| start >= last + ms(10)));
                    last = Some(start);
                    starts.push(start);
                    let waiting = starts.iter().filter(|start| **start > now).count();
                    prop_assert!(limit.is_none_or(|limit| waiting <= limit as usize));
                }
            }
        }
    }
}

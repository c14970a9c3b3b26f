//! Deciding when to scale out, from the arrivals alone.

use crate::behaviour::Scale;
use crate::quantity::Rate;
use std::time::Duration;

/// How many windows in a row have to be busy; together they are `after`.
const WINDOWS: u32 = 10;

/// Watches the load and says once that the time has come.
#[derive(Debug)]
pub(crate) struct Autoscaler {
    to: Rate,
    window: Duration,
    /// How many arrivals in a window are not yet many.
    bearable: f64,
    began: Duration,
    arrived: u64,
    busy: u32,
    done: bool,
}

impl Autoscaler {
    pub(crate) fn new(scale: &Scale, capacity: Rate, now: Duration) -> Self {
        // A window of nothing would never end.
        let window = (scale.after / WINDOWS).max(Duration::from_nanos(1));
        let bearable = capacity.per_second() * scale.load.fraction() * window.as_secs_f64();
        Self {
            to: scale.to,
            window,
            bearable,
            began: now,
            arrived: 0,
            busy: 0,
            done: false,
        }
    }

    /// A request arrives; the new capacity, if it comes with it.
    pub(crate) fn arrives(&mut self, now: Duration) -> Option<Rate> {
        if self.done {
            return None;
        }
        let past = now.saturating_sub(self.began).as_nanos() / self.window.as_nanos();
        if past > 0 {
            let was_busy = self.arrived as f64 > self.bearable;
            self.busy = if was_busy { self.busy + 1 } else { 0 };
            // Windows that went by without anybody.
            if past > 1 && self.busy < WINDOWS {
                self.busy = 0;
            }
            self.arrived = 0;
            let over = now.saturating_sub(self.began).as_nanos() % self.window.as_nanos();
            self.began = now - Duration::from_nanos(over as u64);
        }
        self.arrived += 1;
        self.done = self.busy >= WINDOWS;
        self.done.then_some(self.to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 100/s scaling at 80 % after 10 s.
    fn autoscaler() -> Autoscaler {
        let scale = "to=300/s,after=10s".parse().expect("a scale-out");
        let capacity = "100/s".parse().expect("a rate");
        Autoscaler::new(&scale, capacity, Duration::ZERO)
    }

    /// When it scales, in ms, at arrivals of one in so many ms for a minute.
    fn scales_at(arrivals: impl Iterator<Item = u64>) -> Option<u64> {
        let mut autoscaler = autoscaler();
        let mut arrivals = arrivals.take_while(|at| *at < 60_000);
        arrivals.find(|at| autoscaler.arrives(Duration::from_millis(*at)).is_some())
    }

    #[test]
    fn ten_busy_windows_scale_and_a_bearable_load_never_does() {
        assert_eq!(scales_at((0..).map(|n| n * 10)), Some(10_000));
        assert_eq!(scales_at((0..).map(|n| n * 20)), None, "50/s of 80/s");
    }

    #[test]
    fn a_pause_begins_it_anew() {
        let busy_again = (0..900).chain(1_200..).map(|n| n * 10);
        assert_eq!(scales_at(busy_again), Some(22_000));
        let quiet_second = (0..900).chain((900..1_000).step_by(2)).chain(1_000..);
        assert_eq!(scales_at(quiet_second.map(|n| n * 10)), Some(20_000));
    }

    #[test]
    fn it_scales_once_and_to_what_it_was_told() {
        let mut autoscaler = autoscaler();
        let steps: Vec<f64> = (0..10_000)
            .filter_map(|n| autoscaler.arrives(Duration::from_millis(n * 10)))
            .map(Rate::per_second)
            .collect();
        assert_eq!(steps, [300.0]);
    }
}

//! Whether a system stays down although what brought it down is gone.

use super::capacity::mean_goodput;
use super::recovery::{Objective, Recovery, recovery};
use crate::seconds::{Second, Seconds};
use std::ops::Range;

/// Whether it stays down.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Metastability {
    /// It does, for as long as it takes to say so, under no more load than before.
    Metastable {
        /// From when on, in seconds since the start.
        from_s: f64,
        /// For how long it was watched.
        for_s: f64,
        /// The share of requests that were good meanwhile.
        good_share: f64,
    },
    /// It does not.
    Recovers,
    /// It was down when the test ended, for less time than it takes to say so.
    Undecided {
        /// For so many seconds.
        for_s: f64,
        /// Of so many.
        needed_s: f64,
    },
}

/// What is down: less than half of the requests are good.
const DOWN: f64 = 0.5;
/// For at least so long.
const LEAST_S: f64 = 60.0;
/// And for so many times the clients' timeout.
const TIMEOUTS: f64 = 10.0;

/// Whether a system stays down in `after`, when the trigger is gone: in every second of
/// `max(60 s, 10 · timeout_s) · scale` less than half of the requests are good, while no more
/// journeys are asked for than in the stretch `before` the trigger (to three standard errors of a
/// Poisson count). `scale` is 1 unless durations are shortened, as in a rehearsal.
///
/// Sources: Bronson et al., "Metastable Failures in Distributed Systems", HotOS 2021; Huang et al.,
/// "Metastable Failures in the Wild", OSDI 2022.
pub fn metastable(
    seconds: &Seconds,
    before: &Range<f64>,
    after: &Range<f64>,
    timeout_s: f64,
    scale: f64,
) -> Metastability {
    let width_s = seconds.width_s();
    let needed_s = LEAST_S.max(TIMEOUTS * timeout_s) * scale;
    let needed = seconds.stretches(needed_s);
    let first = (after.start / width_s - 1e-9).ceil().max(0.0) as usize;
    let offered_before = rate(seconds, before).unwrap_or(f64::INFINITY);
    let watched = seconds.within(after.start, after.end);
    // Seconds in which nothing was intended say nothing, and belong to what is around them.
    let is_up = |second: &Second| second.good_share().is_some_and(|share| share >= DOWN);
    let mut at = first;
    for run in watched.split(is_up) {
        let from_s = at as f64 * width_s;
        let for_s = run.len() as f64 * width_s;
        at = at.saturating_add(run.len() + 1);
        let mut sum = Second::default();
        run.iter().for_each(|second| sum.add(second));
        let allowed = offered_before * for_s;
        let is_no_more = sum.arrivals as f64 <= allowed + 3.0 * allowed.sqrt();
        let Some(good_share) = sum.good_share().filter(|_| is_no_more) else {
            continue;
        };
        if run.len() >= needed {
            return Metastability::Metastable {
                from_s,
                for_s,
                good_share,
            };
        }
        if at > first.saturating_add(watched.len()) {
            return Metastability::Undecided { for_s, needed_s };
        }
    }
    Metastability::Recovers
}

/// Journeys asked for per second.
fn rate(seconds: &Seconds, stretch: &Range<f64>) -> Option<f64> {
    let stretch = seconds.within(stretch.start, stretch.end);
    let arrivals: u64 = stretch.iter().map(|second| second.arrivals).sum();
    let length_s = stretch.len() as f64 * seconds.width_s();
    (!stretch.is_empty()).then(|| arrivals as f64 / length_s)
}

/// The load at which a system that stays down gets up again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Release {
    /// Journeys asked for per second.
    pub rate: f64,
    /// How many seconds after that load began.
    pub after_s: f64,
    /// Good responses per second under that load.
    pub goodput: f64,
}

/// The release rate: that of the first of `steps` (stretches of constant load, from high to low)
/// in which the system [recovers](recovery()). `None` if it does in none of them.
pub fn release_rate(
    seconds: &Seconds,
    steps: &[Range<f64>],
    objective: &Objective,
) -> Option<Release> {
    steps.iter().find_map(|step| {
        let until_step = Seconds {
            width_ns: seconds.width_ns,
            seconds: seconds.within(0.0, step.end).to_vec(),
        };
        match recovery(&until_step, step.start, objective) {
            Recovery::Recovered { after_s, .. } => Some(Release {
                rate: rate(seconds, step)?,
                after_s,
                goodput: mean_goodput(seconds, step)?,
            }),
            Recovery::NotRecovered { .. } => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::degradation::fixture::seconds;

    /// 100 a second, 150 from 10 to 20 s; down from 12 s until `up_at`; 200 s in all.
    fn down_until(up_at: u64) -> Seconds {
        seconds((0..200).map(|t| {
            let offered = if (10..20).contains(&t) { 150 } else { 100 };
            let is_down = (12..up_at).contains(&t);
            (offered, if is_down { 49 } else { offered })
        }))
    }

    fn found(up_at: u64, timeout_s: f64, scale: f64) -> Metastability {
        let seconds = down_until(up_at);
        metastable(&seconds, &(0.0..10.0), &(20.0..200.0), timeout_s, scale)
    }

    #[test]
    fn down_for_a_minute_or_ten_timeouts_is_metastable() {
        let Metastability::Metastable {
            from_s,
            for_s,
            good_share,
        } = found(80, 1.0, 1.0)
        else {
            panic!("it is metastable");
        };
        assert_eq!((from_s, for_s, good_share), (20.0, 60.0, 0.49));
        assert_eq!(found(79, 1.0, 1.0), Metastability::Recovers);
        assert_eq!(found(80, 7.0, 1.0), Metastability::Recovers);
        assert!(matches!(
            found(90, 7.0, 1.0),
            Metastability::Metastable { for_s: 70.0, .. }
        ));
        // A rehearsal at a tenth of all durations.
        assert!(matches!(
            found(26, 1.0, 0.1),
            Metastability::Metastable { for_s: 6.0, .. }
        ));
    }

    #[test]
    fn more_load_than_before_explains_it() {
        let mut seconds = down_until(200);
        seconds.seconds[20..]
            .iter_mut()
            .for_each(|second| second.arrivals = 110);
        let found = metastable(&seconds, &(0.0..10.0), &(20.0..200.0), 1.0, 1.0);
        assert_eq!(found, Metastability::Recovers);
    }

    #[test]
    fn too_short_a_test_leaves_it_open() {
        let seconds = down_until(200);
        let found = metastable(&seconds, &(0.0..10.0), &(20.0..70.0), 1.0, 1.0);
        let expected = Metastability::Undecided {
            for_s: 50.0,
            needed_s: 60.0,
        };
        assert_eq!(found, expected);
        let nothing = metastable(&seconds, &(0.0..10.0), &(300.0..400.0), 1.0, 1.0);
        assert_eq!(nothing, Metastability::Recovers);
    }

    #[test]
    fn it_is_released_by_the_first_load_that_it_recovers_under() {
        let seconds = seconds((0..150).map(|t| match t {
            0..50 => (400, 10),
            50..100 => (300, 10),
            _ => (200, if t < 107 { 10 } else { 200 }),
        }));
        let steps = [0.0..50.0, 50.0..100.0, 100.0..150.0];
        let release = release_rate(&seconds, &steps, &Objective::default()).unwrap();
        assert_eq!((release.rate, release.after_s), (200.0, 7.0));
        assert_eq!(release.goodput, (7.0 * 10.0 + 43.0 * 200.0) / 50.0);
        assert_eq!(
            release_rate(&seconds, &steps[..2], &Objective::default()),
            None
        );
    }
}

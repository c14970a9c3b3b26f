//! One plain line that says how a run is going, for logs and pipes.

use crate::quantity::{count, duration, rate, span};

/// A run at a glance.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Glance {
    /// How long it has been going.
    pub elapsed_ns: u64,
    /// How long it is meant to take, if that is known.
    pub planned_ns: Option<u64>,
    /// Journeys a second that the schedule asked for in the last second.
    pub intended_rate: f64,
    /// Journeys that started in the last second.
    pub achieved_rate: f64,
    /// Requests that are unanswered now.
    pub in_flight: u64,
    /// Requests that ended well, since the start.
    pub ok: u64,
    /// Requests that went wrong, since the start, timeouts and drops included.
    pub failed: u64,
    /// Requests that were shed, since the start.
    pub shed: u64,
    /// The median response time of the last second that is known.
    pub p50_ns: Option<u64>,
    /// The response time at p99 of the same second.
    pub p99_ns: Option<u64>,
}

/// The glance as a line, without a line end.
pub fn progress_line(glance: &Glance) -> String {
    let time = match glance.planned_ns {
        Some(planned) => format!("{} of {}", clock(glance.elapsed_ns), span(planned)),
        None => clock(glance.elapsed_ns),
    };
    let figure = |ns: Option<u64>| ns.map_or_else(|| "—".to_owned(), duration);
    let shed = match glance.shed {
        0 => String::new(),
        shed => format!("  shed {}", count(shed)),
    };
    format!(
        "{time}  {} of {}  in flight {}  ok {}  failed {}{shed}  p50 {}  p99 {}",
        rate(glance.achieved_rate),
        rate(glance.intended_rate),
        count(glance.in_flight),
        count(glance.ok),
        count(glance.failed),
        figure(glance.p50_ns),
        figure(glance.p99_ns),
    )
}

/// Minutes and seconds, or hours before them: `0:07`, `1:02:07`.
fn clock(ns: u64) -> String {
    let seconds = ns / 1_000_000_000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_it_goes() {
        let glance = Glance {
            elapsed_ns: 12_400_000_000,
            planned_ns: Some(60_000_000_000),
            intended_rate: 130.0,
            achieved_rate: 129.6,
            in_flight: 12,
            ok: 1_540,
            failed: 2,
            shed: 0,
            p50_ns: Some(12_300_000),
            p99_ns: Some(451_000_000),
        };
        assert_eq!(
            progress_line(&glance),
            "0:12 of 60 s  130/s of 130/s  in flight 12  ok 1,540  failed 2  p50 12.3 ms  p99 451 ms"
        );
        let shedding = Glance {
            shed: 1_200,
            elapsed_ns: 3_727_000_000_000,
            ..glance
        };
        assert_eq!(
            progress_line(&shedding),
            "1:02:07 of 60 s  130/s of 130/s  in flight 12  ok 1,540  failed 2  shed 1,200  p50 12.3 ms  p99 451 ms"
        );
    }

    #[test]
    fn a_second_without_answers_has_no_figures() {
        assert_eq!(
            progress_line(&Glance::default()),
            "0:00  0/s of 0/s  in flight 0  ok 0  failed 0  p50 —  p99 —"
        );
    }
}

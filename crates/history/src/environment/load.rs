//! The load of a test in a line.

use plimsoll_report::document::{Model, Test};

/// The load that was planned, so that two tests have the same line if and only if they were to be
/// driven alike. Rates are per second, durations are in seconds.
pub(super) fn of(test: &Test) -> String {
    match test.model {
        Model::Open => open(test),
        Model::Closed => closed(test),
    }
}

fn open(test: &Test) -> String {
    let arrivals = test.arrivals.as_deref().unwrap_or("even");
    let stages = test.load.iter().flat_map(|load| &load.stages);
    let stages: Vec<_> = stages
        .map(|stage| {
            let seconds = seconds(stage.duration_ns);
            match stage.from_per_s == stage.to_per_s {
                true => format!("{}/s for {seconds}", stage.from_per_s),
                false => format!("{} to {}/s in {seconds}", stage.from_per_s, stage.to_per_s),
            }
        })
        .collect();
    format!("open, {arrivals}: {}", stages.join(", "))
}

fn closed(test: &Test) -> String {
    let users = test.users.unwrap_or_default();
    let mut line = format!("closed: {users} users");
    if let Some(pacing_ns) = test.pacing_ns.filter(|pacing_ns| *pacing_ns > 0) {
        line.push_str(&format!(", {} apart", seconds(pacing_ns)));
    }
    // Without it the test ends after a number of journeys.
    if let Some(planned_ns) = test.planned_ns {
        line.push_str(&format!(" for {}", seconds(planned_ns)));
    }
    line
}

/// Exact: dividing as floating point would give two lengths one line.
fn seconds(ns: u64) -> String {
    let (whole, rest) = (ns / 1_000_000_000, ns % 1_000_000_000);
    match rest {
        0 => format!("{whole} s"),
        rest => {
            let fraction = format!("{rest:09}");
            format!("{whole}.{} s", fraction.trim_end_matches('0'))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_report::{document::Stage, fixture};

    #[test]
    fn a_load_is_told_by_its_stages() {
        let mut test = fixture::healthy().tests.remove(0);
        assert_eq!(of(&test), "open, even: 130/s for 60 s");
        test.arrivals = Some("poisson".to_owned());
        test.load.as_mut().unwrap().stages.insert(
            0,
            Stage {
                from_per_s: 0.0,
                to_per_s: 130.0,
                duration_ns: 1_250_000_001,
            },
        );
        assert_eq!(
            of(&test),
            "open, poisson: 0 to 130/s in 1.250000001 s, 130/s for 60 s"
        );
    }

    #[test]
    fn a_closed_load_is_told_by_its_users() {
        let mut test = fixture::closed().tests.remove(0);
        (test.users, test.pacing_ns, test.planned_ns) = (Some(50), Some(0), None);
        assert_eq!(of(&test), "closed: 50 users");
        (test.pacing_ns, test.planned_ns) = (Some(1_500_000_000), Some(60_000_000_000));
        assert_eq!(of(&test), "closed: 50 users, 1.5 s apart for 60 s");
    }
}

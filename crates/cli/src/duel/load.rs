//! The load of a turn, and what may be wrong with it.

use super::rounds::{Round, Turn};
use super::settings::Settings;
use crate::args;
use crate::failure::Failure;
use crate::load;
use plimsoll_measure::Metric;
use plimsoll_report::document::{Notice, NoticeLevel};
use plimsoll_report::quantity::{number, span};
use plimsoll_scenario::{Load, Scenario};
use plimsoll_schedule::{Arrivals, LoadShape, Rate};
use std::time::Duration;

/// What is driven where nobody says: journeys per second.
const USUAL_RATE: f64 = 50.0;

/// The load of every turn.
pub(super) fn resolve(settings: &Settings, scenario: &Scenario) -> Result<Load, Failure> {
    let round = Duration::from_nanos(settings.round_ns);
    let is_staged = |load: &Load| match load {
        Load::Open { shape, .. } => shape.segments().len() > 1,
        Load::Closed { .. } => false,
    };
    let is_said = settings.rate.is_some() || settings.users.is_some();
    if !is_said && scenario.load.as_ref().is_some_and(is_staged) {
        return Err(Failure::Usage(
            "the load of the scenario has stages, and a turn has one load from its start to its end: say --rate or --users"
                .to_owned(),
        ));
    }
    let given = args::Load {
        rate: settings.rate,
        users: settings.users,
        duration: Some(round),
        driving: args::driving::Driving {
            arrivals: settings.arrivals,
            ..args::driving::Driving::default()
        },
        ..args::Load::default()
    };
    let usual = || -> Option<Load> {
        let rate = Rate::per_second(USUAL_RATE).ok()?;
        Some(Load::Open {
            shape: LoadShape::constant(rate, settings.round_ns).ok()?,
            arrivals: Arrivals::Even,
            promise: None,
        })
    };
    let fallback = usual().filter(|_| settings.scenario.is_none());
    load::resolve(&given, scenario.load.as_ref(), fallback)
}

/// A load in words.
pub(crate) fn in_words(load: &Load) -> String {
    match load {
        Load::Open {
            shape, arrivals, ..
        } => {
            let arrivals = match arrivals {
                Arrivals::Even => "even",
                Arrivals::Poisson => "poisson",
            };
            format!("open, {arrivals}: {}/s", number(shape.peak_rate().get()))
        }
        Load::Closed { users, pacing, .. } => match pacing {
            Some(pacing) => format!(
                "closed: {users} users, {} apart",
                span(u64::try_from(pacing.as_nanos()).unwrap_or(u64::MAX))
            ),
            None => format!("closed: {users} users"),
        },
    }
}

/// That a turn has too few requests for its percentiles, which are then one of its slowest requests.
pub(super) fn too_few<'r>(
    rounds: impl Iterator<Item = &'r Round>,
    metrics: &[Metric],
) -> Option<Notice> {
    // Of the step that has the fewest; a duel of an older version has counted no steps.
    let of_turn = |turn: &Turn| turn.intended_by_step.iter().min().copied();
    let fewest = rounds
        .flat_map(|round| [&round.a, &round.b])
        .map(|turn| of_turn(turn).unwrap_or(turn.intended))
        .min()?;
    let quantiles = metrics.iter().filter_map(|metric| match metric {
        Metric::Quantile {
            numerator,
            denominator,
        } => Some((*metric, u64::from(*numerator), u64::from(*denominator))),
        _ => None,
    });
    // Ten requests beyond a quantile make it more than a matter of one or two of them.
    let (metric, wanted) = quantiles
        .map(|(metric, numerator, denominator)| {
            let beyond = denominator.saturating_sub(numerator).max(1);
            (metric, (10 * denominator).div_ceil(beyond))
        })
        .max_by_key(|(_, wanted)| *wanted)?;
    (fewest < wanted).then(|| Notice {
        level: NoticeLevel::Info,
        text: format!(
            "a turn has as few as {fewest} requests of a step, so that {} rests on a few of them and scatters: with {wanted}, rounds would find smaller differences (--round, --rate)",
            metric.name()
        ),
    })
}

/// That a server did not stay up.
pub(super) fn restarted(letter: char, restarts: usize) -> Option<Notice> {
    let times = match restarts {
        0 => return None,
        1 => "once".to_owned(),
        times => format!("{times} times"),
    };
    Some(Notice {
        level: NoticeLevel::Warn,
        text: format!(
            "{letter} ended by itself {times} during its turns and was started again; what it printed is in {}.log",
            letter.to_ascii_lowercase()
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::super::rounds::tests::round;
    use super::*;

    #[test]
    fn requests_are_too_few_where_one_step_has_too_few() {
        let metrics = ["p50", "p99", "errors"].map(|name| name.parse::<Metric>().unwrap());
        let told = |steps| {
            let rounds = [round(1, [2000, 2000]), round(2, steps)];
            too_few(rounds.iter(), &metrics).map(|notice| notice.text)
        };
        assert_eq!(told([1000, 1000]), None);
        let few = told([5000, 30]).unwrap();
        assert!(
            few.starts_with("a turn has as few as 30 requests of a step, so that p99 rests")
                && few.contains("with 1000,"),
            "{few}"
        );
        assert_eq!(too_few(std::iter::empty(), &metrics), None);
    }
}

//! The words for a search that terminal, summary and page share.

use crate::document::{Capacity, EarlierSearch, Forecast, Gives, Planning, ResourceUse};
use crate::quantity::{duration, number, plural, rate, share};
use crate::verdict::days;
use crate::wording;

/// `141/s`, `at least 141/s`.
pub(crate) fn sustained(capacity: &Capacity) -> Option<String> {
    let sustained = capacity.sustained_rate.map(rate)?;
    Some(format!("{}{sustained}", least(capacity)))
}

/// What comes before a figure that may be far higher.
pub(crate) fn least(capacity: &Capacity) -> &'static str {
    if capacity.at_least { "at least " } else { "" }
}

/// What bounds it from above, rate by rate: `165/s was not shown to be borne`, `180/s is too much`.
pub(crate) fn bounds(capacity: &Capacity) -> Vec<String> {
    let not_proven = capacity.not_proven().map(rate);
    let too_much = capacity.too_much().map(rate);
    let not_proven = not_proven.map(|rate| format!("{rate} was not shown to be borne"));
    let too_much = too_much.map(|rate| format!("{rate} is too much"));
    not_proven.into_iter().chain(too_much).collect()
}

/// The word for a kind of probe.
pub(crate) fn kind(kind: &str) -> &str {
    match kind {
        "from_above" => "from above",
        "cool_down" => "cool-down",
        kind => kind,
    }
}

/// What something that gave is about: `search/results`, `search`, `all requests`.
pub(crate) fn about(gives: &Gives) -> String {
    match (&gives.journey, &gives.step) {
        (Some(journey), Some(step)) => format!("{journey}/{step}"),
        (Some(journey), None) => journey.clone(),
        (None, _) => "all requests".to_owned(),
    }
}

/// What was seen where something gave.
pub(crate) fn observed(gives: &Gives) -> String {
    match (gives.observed_infinite, gives.observed_ns, gives.observed) {
        (true, ..) => "∞".to_owned(),
        (false, Some(ns), _) => duration(ns),
        (false, None, Some(value)) if gives.expression.contains('%') => share(value),
        (false, None, Some(value)) => rate(value),
        (false, None, None) => wording::NONE.to_owned(),
    }
}

/// What gives first, in a sentence or two: the objective, then the step. Empty where nothing did.
pub(crate) fn gives_first(capacity: &Capacity) -> String {
    let first = |is_objective: bool| {
        let mut all = capacity.gives.iter();
        all.find(|gives| gives.is_objective == is_objective)
    };
    let told = |gives: &Gives| {
        let held = gives.held_at.map_or_else(
            || "at no lower rate tried did it hold".to_owned(),
            |held| format!("it held at {}", rate(held)),
        );
        format!(
            "{} of {} ({} at {}; {held})",
            gives.expression,
            about(gives),
            observed(gives),
            rate(gives.missed_at)
        )
    };
    let mut parts = Vec::new();
    if let Some(objective) = first(true) {
        let how = if objective.is_proven {
            ""
        } else {
            ", which was only not shown to hold"
        };
        parts.push(format!("{}{how}", told(objective)));
    }
    if let Some(step) = first(false) {
        let others = capacity.gives.iter().filter(|gives| {
            !gives.is_objective && gives.missed_at <= step.missed_at && about(gives) != about(step)
        });
        let mut names: Vec<String> = others.map(about).collect();
        // Of several objectives, a step may be missed by each.
        names.sort();
        names.dedup();
        let others = match names.len() {
            0 => String::new(),
            some => format!(", with {}", plural(some, "other step")),
        };
        parts.push(format!("of the steps, as measured, {}{others}", told(step)));
    }
    parts.join("; ")
}

/// `2.00 ms of CPU a request (1.90 ms to 2.10 ms), 0.2 CPUs idle; 0.77 CPUs at the capacity`.
pub(crate) fn cost(resources: &ResourceUse) -> Option<String> {
    let (seconds, [lower, upper]) = resources.processor_s_per_request.zip(resources.interval)?;
    let time = |seconds: f64| duration((seconds.max(0.0) * 1e9) as u64);
    let mut text = format!(
        "{} of CPU a request ({} to {}), {} CPUs idle",
        time(seconds),
        time(lower),
        time(upper),
        number(resources.idle_processors.unwrap_or_default().max(0.0))
    );
    for (value, at) in [
        (resources.processors_at_sustained, "the capacity"),
        (resources.processors_at_target, "the agreed load"),
    ] {
        if let Some(value) = value {
            text.push_str(&format!("; {} CPUs at {at}", number(value)));
        }
    }
    Some(text)
}

/// `+41.4 % over the peak of 100/s`.
pub(crate) fn headroom(capacity: &Capacity) -> Option<String> {
    let planning = &capacity.planning;
    let (headroom, peak) = planning.headroom.zip(planning.peak)?;
    let percent = (headroom * 1e3).round() / 10.0 + 0.0;
    let least = least(capacity);
    if !least.is_empty() && headroom < 0.0 {
        return Some(format!(
            "not known: the peak of {} is more than was shown to be borne",
            rate(peak)
        ));
    }
    Some(format!(
        "{least}{percent:+.1} % over the peak of {}",
        rate(peak)
    ))
}

/// How long it will do, by the growth that was said or by several that are assumed.
pub(crate) fn time_left(capacity: &Capacity) -> Option<String> {
    let forecasts = &capacity.planning.forecasts;
    if let Some(said) = forecasts.iter().find(|forecast| !forecast.is_assumed) {
        return Some(months(capacity, said));
    }
    // However it grows, it is too large already.
    if let Some(none) = forecasts.iter().find(|one| one.months_left == Some(0.0)) {
        return Some(months(capacity, none));
    }
    let told = forecasts.iter().map(|forecast| match forecast.months_left {
        Some(months) => format!("{months:.1} months at {}", growth(forecast.growth)),
        None => format!("never at {}", growth(forecast.growth)),
    });
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| {
        format!(
            "{}{} a month until the peak reaches {} of the capacity; these growths are assumed, nobody said how it grows",
            least(capacity),
            told.join(", "),
            share(capacity.planning.utilisation)
        )
    })
}

/// How long it will do by a forecast.
pub(crate) fn months(capacity: &Capacity, forecast: &Forecast) -> String {
    let limit = share(capacity.planning.utilisation);
    match forecast.months_left {
        None => format!("it does not grow, and never reaches {limit} of the capacity"),
        Some(0.0) if !least(capacity).is_empty() => {
            format!("not known: the peak is above {limit} of what was shown to be borne")
        }
        Some(0.0) => format!("none: the peak is above {limit} of the capacity already"),
        Some(months) => format!(
            "{}{months:.1} months until the peak reaches {limit} of the capacity, at {} a month",
            least(capacity),
            growth(forecast.growth)
        ),
    }
}

/// `+5 %`.
pub(crate) fn growth(growth: f64) -> String {
    format!("{:+} %", (growth * 1e4).round() / 100.0 + 0.0)
}

/// How many instances bear the agreed load.
pub(crate) fn instances(capacity: &Capacity) -> Option<String> {
    let Planning {
        target,
        instances,
        utilisation,
        ..
    } = &capacity.planning;
    let (instances, target) = (*instances).zip(*target)?;
    let most = if capacity.at_least { "at most " } else { "" };
    Some(format!(
        "{most}{instances} of what was tested bear {} at {} of their capacity; add those that may fail",
        rate(target),
        share(*utilisation)
    ))
}

/// Where the result is from, if not from this run: its search, how old it is, and what it is of.
pub(crate) fn origin(earlier: &EarlierSearch) -> String {
    let age = match (earlier.age_ns, earlier.started_at) {
        (Some(ns), _) => format!("{} before this run", days(ns)),
        (None, Some(at)) => format!("at {at}, not before this run"),
        (None, None) => "nobody knows when".to_owned(),
    };
    format!(
        "from a search of {} ({}), {age}",
        earlier.name, earlier.folder
    )
}

/// Why the result may not be that of this run: in what the search differs, and what nobody knows.
pub(crate) fn doubts(earlier: &EarlierSearch) -> Vec<String> {
    let differences = earlier.differences.iter();
    let unknown = earlier.unknown.iter();
    differences
        .map(|one| format!("NOT THE SAME: {one}"))
        .chain(unknown.map(|one| format!("not known to be the same: {one}")))
        .collect()
}

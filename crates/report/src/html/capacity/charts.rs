//! The charts of a capacity, each with a sentence and a table that say the same; or why there is none.

use crate::capacity::{by_rate, measured, words};
use crate::document::Capacity;
use crate::html::table::{Cell, Table};
use crate::html::test::Chart;
use crate::html::words as cells;
use crate::quantity::{duration, number, rate, share};
use crate::wording;

pub(super) fn charts(capacity: &Capacity) -> Vec<Chart> {
    vec![rates(capacity), law(capacity), forecast(capacity)]
}

/// What stands where a chart would be of figures that are not told.
fn refused(title: &str, reason: &str) -> Chart {
    Chart {
        kind: "",
        number: 0,
        title: title.to_owned(),
        sentence: format!("Not shown: {reason}."),
        table: Table::default(),
    }
}

fn unsorted(headings: &[&str]) -> Table {
    let mut table = Table::new("", "", headings);
    table.sorts = false;
    table
}

fn rates(capacity: &Capacity) -> Chart {
    const TITLE: &str = "Response time and goodput by load";
    let probes = by_rate(measured(&capacity.probes));
    if probes.is_empty() {
        return refused(
            TITLE,
            "no rate was measured that says something of the system",
        );
    }
    let mut table = unsorted(&["#offered/s", "#p99", "#goodput/s"]);
    table.rows = probes
        .iter()
        .map(|probe| {
            let p99 = match (probe.p99_ns, probe.p99_infinite) {
                (Some(ns), _) => duration(ns),
                (None, true) => "∞".to_owned(),
                (None, false) => wording::NONE.to_owned(),
            };
            vec![
                Cell::new(number(probe.rate)),
                Cell::new(p99),
                cells::figure(probe.goodput, number),
            ]
        })
        .collect();
    let borne = match words::sustained(capacity) {
        Some(sustained) => format!("{sustained} is borne"),
        None => "no rate is known to be borne".to_owned(),
    };
    let upper = words::bounds(capacity);
    let upper: String = upper.iter().map(|bound| format!("; {bound}")).collect();
    let has_goodput = probes.iter().any(|probe| probe.goodput > Some(0.0));
    let knee = match (capacity.knee_rate, has_goodput) {
        (Some(knee), _) => format!(" From {} on goodput grows no more: the knee.", rate(knee)),
        (None, true) => {
            " Goodput grew up to the highest rate tried, so that no knee is seen.".to_owned()
        }
        (None, false) => {
            " Nothing was served well and in time at any rate, so that no knee is seen.".to_owned()
        }
    };
    Chart {
        kind: "capacity-rates",
        number: 0,
        title: TITLE.to_owned(),
        sentence: format!(
            "{}{upper}.{knee} Journeys a second; goodput is those that were served well and in time (the rate times the share of journeys that ended well times that of requests in time).",
            wording::capital(&borne)
        ),
        table,
    }
}

fn law(capacity: &Capacity) -> Chart {
    const TITLE: &str = "Scalability";
    let scalability = &capacity.scalability;
    let Some(law) = &scalability.law else {
        let reason = scalability.law_refused.as_deref();
        return refused(
            TITLE,
            reason.unwrap_or("there is no law through the probes"),
        );
    };
    let mut table = unsorted(&["#in flight", "#requests/s"]);
    let mut points: Vec<(f64, f64)> = by_rate(measured(&capacity.probes))
        .into_iter()
        .filter_map(|probe| probe.in_flight.zip(probe.throughput))
        .collect();
    points.sort_by(|one, other| one.0.total_cmp(&other.0));
    table.rows = points
        .iter()
        .map(|(n, throughput)| vec![Cell::new(number(*n)), Cell::new(number(*throughput))])
        .collect();
    let peak = match (
        scalability.n_max,
        scalability.x_max,
        &scalability.peak_refused,
    ) {
        (Some(n), Some(x), _) => format!(
            "By it, throughput is highest with Nmax = {} in flight: Xmax = {} requests",
            number(n),
            rate(x)
        ),
        (_, _, Some(why)) => format!("Its peak is not told: {why}"),
        _ => "It has no peak".to_owned(),
    };
    Chart {
        kind: "capacity-law",
        number: 0,
        title: TITLE.to_owned(),
        sentence: format!(
            "The universal scalability law through {} probes: contention α = {}, coherency β = {}, γ = {} (± {}). {peak}. Not drawn beyond twice what was measured.",
            law.points,
            number(law.alpha),
            number(law.beta),
            rate(law.gamma),
            rate(law.deviation),
        ),
        table,
    }
}

fn forecast(capacity: &Capacity) -> Chart {
    const TITLE: &str = "When it runs out";
    let planning = &capacity.planning;
    let Some(peak) = planning.peak else {
        return refused(
            TITLE,
            "nobody said what the peak is; search by a plan, or with --peak",
        );
    };
    let Some(sustained) = capacity.sustained_rate else {
        return refused(TITLE, "no capacity is known that the peak could reach");
    };
    let limit = sustained * planning.utilisation;
    let names = planning.forecasts.iter();
    let names = names.map(|forecast| format!("#peak at {}", words::growth(forecast.growth)));
    let headings: Vec<String> = std::iter::once("#month".to_owned()).chain(names).collect();
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
    let mut table = unsorted(&headings);
    let months = planning
        .forecasts
        .iter()
        .map(|forecast| forecast.peaks.len());
    table.rows = (0..months.min().unwrap_or_default())
        .map(|month| {
            let peaks = planning.forecasts.iter();
            let peaks = peaks.map(|forecast| {
                let peak = forecast.peaks.get(month).copied();
                let class = if peak >= Some(limit) { "bad" } else { "" };
                cells::figure(peak, rate).class(class)
            });
            std::iter::once(Cell::new(month.to_string()))
                .chain(peaks)
                .collect()
        })
        .collect();
    if table.rows.is_empty() {
        return refused(TITLE, "nothing is known of months to come");
    }
    let is_assumed = planning
        .forecasts
        .iter()
        .any(|forecast| forecast.is_assumed);
    let assumed = match is_assumed {
        true => " Nobody said how the peak grows: these growths are ASSUMED (--growth says it).",
        false => "",
    };
    let months = planning
        .forecasts
        .iter()
        .map(|forecast| match forecast.months_left {
            None => format!("at {} a month, never", words::growth(forecast.growth)),
            Some(0.0) => format!(
                "at {} a month, it has already",
                words::growth(forecast.growth)
            ),
            Some(months) => format!(
                "at {} a month, in {}{months:.1} months",
                words::growth(forecast.growth),
                words::least(capacity)
            ),
        });
    let months: Vec<String> = months.collect();
    Chart {
        kind: "capacity-forecast",
        number: 0,
        title: TITLE.to_owned(),
        sentence: format!(
            "The peak of {} reaches {} of the capacity, which is {}{}: {}.{assumed}",
            rate(peak),
            share(planning.utilisation),
            words::least(capacity),
            rate(limit),
            months.join("; ")
        ),
        table,
    }
}

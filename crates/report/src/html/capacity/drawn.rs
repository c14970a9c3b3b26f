//! The data that the charts of a capacity are drawn from.

use serde::Serialize;

use crate::capacity::{by_rate, measured, words};
use crate::document::{Capacity, Item, Run};
use crate::html::chart::{finite, rounded};

/// What is drawn of a capacity.
#[derive(Debug, Serialize)]
pub(in crate::html) struct CapacityData {
    rates: RatesData,
    law: LawData,
    forecast: ForecastData,
}

/// Response time and goodput by the rate that was offered. Rates are journeys a second, times
/// milliseconds.
#[derive(Debug, Serialize)]
struct RatesData {
    rate: Vec<f64>,
    p99: Vec<Option<f64>>,
    goodput: Vec<Option<f64>>,
    /// The rates at which the p99 was infinite.
    infinite: Vec<f64>,
    /// The limit of the p99, if the search had one for all requests.
    limit: Option<f64>,
    sustained: Option<f64>,
    at_least: bool,
    not_proven: Option<f64>,
    too_much: Option<f64>,
    knee: Option<f64>,
    peak: Option<f64>,
    target: Option<f64>,
}

/// Throughput by concurrency: as measured, and by the law.
#[derive(Debug, Serialize)]
struct LawData {
    in_flight: Vec<f64>,
    measured: Vec<Option<f64>>,
    law: Vec<Option<f64>>,
    n_max: Option<f64>,
}

/// The peaks of months to come, against the share of the capacity that is to be used.
#[derive(Debug, Serialize)]
struct ForecastData {
    month: Vec<usize>,
    growths: Vec<(String, Vec<f64>)>,
    limit: Option<f64>,
    limit_text: String,
    meets: Vec<(f64, String)>,
}

pub(in crate::html) fn data(run: &Run) -> Option<CapacityData> {
    let capacity = run.capacity.as_ref()?;
    Some(CapacityData {
        rates: rates(capacity),
        law: law(capacity),
        forecast: forecast(capacity),
    })
}

fn rates(capacity: &Capacity) -> RatesData {
    let probes = by_rate(measured(&capacity.probes));
    let limits = capacity.probes.iter().flat_map(|probe| &probe.objectives);
    let of_all = |item: &&Item| item.journey.is_none() && item.expression.starts_with("p99 ");
    RatesData {
        rate: probes.iter().map(|probe| rounded(probe.rate)).collect(),
        p99: probes
            .iter()
            .map(|probe| probe.p99_ns.map(|ns| rounded(ns as f64 / 1e6)))
            .collect(),
        goodput: probes
            .iter()
            .map(|probe| probe.goodput.and_then(finite))
            .collect(),
        infinite: probes
            .iter()
            .filter(|probe| probe.p99_infinite)
            .map(|probe| rounded(probe.rate))
            .collect(),
        limit: limits
            .filter(of_all)
            .filter_map(|item| item.limit_ns)
            .min()
            .map(|ns| rounded(ns as f64 / 1e6)),
        sustained: capacity.sustained_rate.and_then(finite),
        at_least: capacity.at_least,
        not_proven: capacity.not_proven().and_then(finite),
        too_much: capacity.too_much().and_then(finite),
        knee: capacity.knee_rate.and_then(finite),
        peak: capacity.planning.peak.and_then(finite),
        target: capacity.planning.target.and_then(finite),
    }
}

/// Points of the law and of the probes on one axis.
fn law(capacity: &Capacity) -> LawData {
    let curve = capacity.scalability.curve.iter();
    let curve = curve.map(|(n, throughput)| (*n, None, Some(*throughput)));
    let points = by_rate(measured(&capacity.probes))
        .into_iter()
        .filter_map(|probe| Some((probe.in_flight?, Some(probe.throughput?), None)));
    let mut all: Vec<(f64, Option<f64>, Option<f64>)> = curve.chain(points).collect();
    all.sort_by(|one, other| one.0.total_cmp(&other.0));
    LawData {
        in_flight: all.iter().map(|one| rounded(one.0)).collect(),
        measured: all.iter().map(|one| one.1.and_then(finite)).collect(),
        law: all.iter().map(|one| one.2.and_then(finite)).collect(),
        n_max: capacity.scalability.n_max.and_then(finite),
    }
}

fn forecast(capacity: &Capacity) -> ForecastData {
    let planning = &capacity.planning;
    let months = planning
        .forecasts
        .iter()
        .map(|forecast| forecast.peaks.len());
    let limit = capacity
        .sustained_rate
        .map(|sustained| sustained * planning.utilisation);
    ForecastData {
        month: (0..months.min().unwrap_or_default()).collect(),
        growths: planning
            .forecasts
            .iter()
            .map(|forecast| {
                let peaks = forecast.peaks.iter().map(|peak| rounded(*peak));
                (words::growth(forecast.growth), peaks.collect())
            })
            .collect(),
        limit: limit.and_then(finite),
        limit_text: format!(
            "{} of the capacity",
            crate::quantity::share(planning.utilisation)
        ),
        meets: planning
            .forecasts
            .iter()
            .filter_map(|forecast| {
                let months = forecast.months_left?;
                let text = format!("{months:.1} months at {}", words::growth(forecast.growth));
                Some((rounded(months), text))
            })
            .collect(),
    }
}

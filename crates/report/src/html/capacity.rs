//! How much it bears, what gives first, and when it runs out.

mod charts;
pub(super) mod drawn;

use super::table::{Cell, Table};
use super::test::Chart;
use super::words as cells;
use crate::capacity::words;
use crate::document::{Capacity, Limit, Need, Probe, Run};
use crate::plain::start_of;
use crate::quantity::{duration, number, rate, share, span};
use crate::wording;

/// Characters of a sentence.
const LONGEST: usize = 700;

/// The section of the page.
pub(super) struct CapacitySection {
    pub(super) sentence: String,
    /// Where it is from, if not from this run.
    pub(super) origin: String,
    /// Why it may not be what this run would have found.
    pub(super) doubts: Vec<String>,
    pub(super) facts: Vec<(&'static str, String)>,
    pub(super) charts: Vec<Chart>,
    pub(super) tables: Vec<Table>,
}

impl CapacitySection {
    pub(super) fn of(run: &Run) -> Option<Self> {
        let capacity = run.capacity.as_ref()?;
        let earlier = capacity.earlier.as_ref();
        let short = |text: String| start_of(&text, LONGEST);
        Some(Self {
            sentence: short(format!("{}.", capacity.sentence)),
            origin: short(earlier.map(words::origin).unwrap_or_default()),
            doubts: earlier
                .map(words::doubts)
                .unwrap_or_default()
                .into_iter()
                .map(short)
                .collect(),
            facts: facts(capacity)
                .into_iter()
                .map(|(name, value)| (name, short(value)))
                .collect(),
            charts: charts::charts(capacity),
            tables: Table::filled([gives(capacity), needs(capacity), probes(capacity)]),
        })
    }
}

fn facts(capacity: &Capacity) -> Vec<(&'static str, String)> {
    let mut facts = vec![("Borne if", wording::listed(&capacity.objectives))];
    let mut add = |name, value: Option<String>| facts.extend(value.map(|value| (name, value)));
    add("Sustained", words::sustained(capacity));
    add(
        "Not proven",
        capacity.not_proven().map(|upper| {
            let doubt = "which was not shown to be too much, and not to be borne either";
            format!("{}, {doubt}", rate(upper))
        }),
    );
    add("Too much", capacity.too_much().map(rate));
    add("The limit is", capacity.limited_by.map(limit));
    let first = words::gives_first(capacity);
    add("Gives first", Some(first).filter(|first| !first.is_empty()));
    add("Processors", processors(capacity));
    add("In flight", in_flight(capacity));
    add("From above", comes_back(capacity));
    let resources = capacity.resources.as_ref();
    add("Cost", resources.and_then(words::cost));
    add(
        "Cost refused",
        resources.and_then(|resources| resources.refused.clone()),
    );
    add("Headroom", words::headroom(capacity));
    add("Time left", words::time_left(capacity));
    add("Instances", words::instances(capacity));
    facts
}

fn limit(limit: Limit) -> String {
    match limit {
        Limit::Target => "the system under test",
        Limit::Generator => "the generator: the system may bear more",
    }
    .to_owned()
}

fn comes_back(capacity: &Capacity) -> Option<String> {
    let does = match capacity.comes_back? {
        true => "comes back",
        false => "does NOT come back",
    };
    Some(format!(
        "the system {does} to what it sustains, from overload"
    ))
}

/// What the target's processors did at the lowest rate that was measured and at the highest.
fn processors(capacity: &Capacity) -> Option<String> {
    let probes = crate::capacity::measured(&capacity.probes);
    let mut used: Vec<(f64, f64)> = probes
        .filter_map(|probe| Some((probe.rate, probe.processors?)))
        .collect();
    used.sort_by(|one, other| one.0.total_cmp(&other.0));
    let told = |(of, processors): &(f64, f64)| format!("{} at {}", number(*processors), rate(*of));
    let source = capacity.resources.as_ref()?.source.as_str();
    match used.as_slice() {
        [] => None,
        [only] => Some(format!("{} ({source})", told(only))),
        [first, .., last] => Some(format!("{}, {} ({source})", told(first), told(last))),
    }
}

/// Little's law at the highest rate that passed a probe.
fn in_flight(capacity: &Capacity) -> Option<String> {
    let probes = crate::capacity::measured(&capacity.probes);
    let passed = probes.filter(|probe| probe.outcome == "passed");
    let highest = passed.max_by(|one, other| one.rate.total_cmp(&other.rate))?;
    let (in_flight, throughput) = highest.in_flight.zip(highest.throughput)?;
    let mean_ns = (in_flight / throughput * 1e9) as u64;
    Some(format!(
        "{} requests on average at {}: {} of them a second, {} each (Little's law)",
        number(in_flight),
        rate(highest.rate),
        number(throughput),
        duration(mean_ns)
    ))
}

/// What stopped holding as the rate grew.
fn gives(capacity: &Capacity) -> Table {
    let headings = [
        "what",
        "limit",
        "#held at",
        "#missed at",
        "#there it was",
        "how it is known",
    ];
    let mut table = Table::new("gives", "What gives first", &headings);
    table.lead = "In order: the lowest rate at which something missed its limit, then by how far. Steps are held against the limit of the objective that they are a part of.".to_owned();
    for gives in &capacity.gives {
        let known = match (gives.is_objective, gives.is_proven) {
            (true, true) => Cell::new("judged").class("bad"),
            (true, false) => Cell::new("judged: not shown to hold").class("doubtful"),
            (false, _) => Cell::new("as measured"),
        };
        let value = gives.observed_ns.map(|ns| ns as f64).or(gives.observed);
        let value = match gives.observed_infinite {
            true => Some(f64::MAX),
            false => value,
        };
        table.rows.push(vec![
            Cell::new(words::about(gives)).class("strong"),
            Cell::new(&gives.expression),
            cells::figure(gives.held_at, rate),
            cells::figure(Some(gives.missed_at), rate),
            Cell::number(words::observed(gives), value),
            known,
        ]);
    }
    table
}

/// What loads need.
fn needs(capacity: &Capacity) -> Table {
    let headings = ["load", "#journeys", "#used up to", "#instances", "#CPUs"];
    let mut table = Table::new("needs", "What a load needs", &headings);
    let most = if capacity.at_least {
        " At most: the capacity may be higher."
    } else {
        ""
    };
    table.lead = format!(
        "Instances of what was tested, and processors where it is known what a request costs (not beyond twice what was measured); add those that may fail.{most}"
    );
    for need in &capacity.planning.needs {
        let instances = need.instances.map(|instances| instances as f64);
        table.rows.push(vec![
            Cell::new(load_name(need)).class("strong"),
            cells::figure(Some(need.rate), rate),
            cells::figure(Some(need.utilisation), share),
            cells::figure(instances, number),
            cells::figure(need.processors, number),
        ]);
    }
    table
}

fn load_name(need: &Need) -> &str {
    match need.of.as_str() {
        "peak" => "the peak",
        "target" => "the target: the peak with its headroom",
        "twice_the_peak" => "twice the peak",
        other => other,
    }
}

/// Everything that was tried.
fn probes(capacity: &Capacity) -> Table {
    let headings = [
        "probe",
        "#journeys",
        "#measured",
        "#requests",
        "#goodput",
        "#in flight",
        "#p50",
        "#p95",
        "#p99",
        "#errors",
        "#CPUs",
        "outcome",
        "why",
    ];
    let mut table = Table::new("probes", "Probes", &headings);
    table.lead =
        "Requests are those that ended well, a second. Goodput is of journeys: the rate times the share of journeys that ended well times the share of requests in time among those that ended well."
            .to_owned();
    for probe in &capacity.probes {
        let name = probe.test.as_deref().unwrap_or(words::kind(&probe.kind));
        let time = |ns: Option<u64>, is_infinite: bool| match ns {
            None if is_infinite => Cell::number("∞", Some(f64::MAX)),
            None => Cell::number(wording::NONE, None),
            Some(ns) => Cell::number(duration(ns), Some(ns as f64)),
        };
        table.rows.push(vec![
            Cell::new(name).class("strong"),
            cells::figure(Some(probe.rate), rate),
            Cell::number(span(probe.measured_ns), Some(probe.measured_ns as f64)),
            cells::figure(probe.throughput, rate),
            cells::figure(probe.goodput, rate),
            cells::figure(probe.in_flight, number),
            time(probe.p50_ns, false),
            time(probe.p95_ns, false),
            time(probe.p99_ns, probe.p99_infinite),
            cells::figure(probe.errors, share),
            cells::figure(probe.processors, number),
            Cell::new(probe.outcome.replace('_', " ")).class(tone(probe)),
            Cell::new(&probe.reason),
        ]);
    }
    table
}

fn tone(probe: &Probe) -> &'static str {
    match probe.outcome.as_str() {
        "passed" | "settled" => "good",
        "failed" => "bad",
        _ => "doubtful",
    }
}

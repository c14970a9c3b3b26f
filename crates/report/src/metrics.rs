//! `metrics.txt`: what a run measured, in the text format of OpenMetrics 1.0, for scrapers and for the
//! metrics reports of GitLab.
//!
//! Times are in seconds, and counts are those of this run: gauges, since the next run begins anew. A
//! percentile that falls among requests that did not succeed is `+Inf`; where there is no data, there
//! is no sample. States are state sets: 1 for the one that holds, 0 for the others.
//!
//! GitLab reads a line as a shell would, less everything from a `#` on, quoted or not. So a `#` in a
//! name is written as its full-width twin, `＃`.
//!
//! Source: OpenMetrics 1.0, "Text Format" and "Metric Types".

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io;

use crate::document::{ItemState, Latency, Outcome, Percentile, Run, Test, Totals, ValidityStatus};
use crate::plain::plain_run;

const VERDICTS: [(&str, Option<Outcome>); 6] = [
    ("go", Some(Outcome::Go)),
    ("risk", Some(Outcome::Risk)),
    ("no_go", Some(Outcome::NoGo)),
    ("inconclusive", Some(Outcome::Inconclusive)),
    ("invalid", Some(Outcome::Invalid)),
    ("none", None),
];
const VALIDITIES: [(&str, ValidityStatus); 3] = [
    ("valid", ValidityStatus::Valid),
    ("warn", ValidityStatus::Warn),
    ("invalid", ValidityStatus::Invalid),
];
const STATES: [(&str, ItemState); 6] = [
    ("pass", ItemState::Pass),
    ("fail", ItemState::Fail),
    ("inconclusive", ItemState::Inconclusive),
    ("waived", ItemState::Waived),
    ("not_run", ItemState::NotRun),
    ("invalid", ItemState::Invalid),
];

/// Writes `metrics.txt`. Nothing is kept of what is written: there are runs with thousands of steps.
///
/// # Errors
///
/// Whatever `out` answers.
pub fn render(run: &Run, out: &mut impl io::Write) -> io::Result<()> {
    let run = plain_run(run)?;
    of_run(&run, out)?;
    of_tests(&run, out)?;
    out.write_all(b"# EOF\n")
}

fn of_run(run: &Run, out: &mut impl io::Write) -> io::Result<()> {
    let name = Labels::default().and("run", &run.name);
    let mut started = Family::gauge(
        "plimsoll_run_started_timestamp_seconds",
        Some("seconds"),
        "When the run started, since 1970.",
    );
    if let Some(at) = run.started_at {
        started.sample(out, "", &name, &at.as_second().to_string())?;
    }
    let mut duration = Family::gauge(
        "plimsoll_run_duration_seconds",
        Some("seconds"),
        "How long the run took.",
    );
    duration.sample(out, "", &name, &seconds(run.duration_ns))?;
    let mut exit_code = Family::gauge(
        "plimsoll_run_exit_code",
        None,
        "What the program ended with: 0 go, 10 risk, 20 no-go, 21 inconclusive, 22 invalid, 130 interrupted.",
    );
    exit_code.sample(out, "", &name, &run.verdict.exit_code.to_string())?;
    let mut verdict = Family::states("plimsoll_run_verdict", "What follows from the run.");
    verdict.state(out, &name, &VERDICTS, run.verdict.outcome)?;
    let mut validity = Family::states(
        "plimsoll_run_validity",
        "Whether the figures may be believed.",
    );
    validity.state(out, &name, &VALIDITIES, run.validity.status)?;
    let mut items = Family::states("plimsoll_item_state", "How what was to be judged went.");
    let judged = run.items.iter().map(|item| {
        let labels = name.and("item", &item.id);
        (labels.and("threshold", &item.expression), item.state)
    });
    // The same threshold may be asked for twice.
    for (labels, state) in unlike(judged) {
        items.state(out, &labels, &STATES, state)?;
    }
    Ok(())
}

fn of_tests(run: &Run, out: &mut impl io::Write) -> io::Result<()> {
    let labelled: Vec<_> = run
        .tests
        .iter()
        .map(|test| (labels(run, test), test))
        .collect();
    let mut offered = Family::gauge(
        "plimsoll_test_offered_journeys_per_second",
        Some("journeys_per_second"),
        "Journeys that the schedule asked for.",
    );
    let mut achieved = Family::gauge(
        "plimsoll_test_achieved_journeys_per_second",
        Some("journeys_per_second"),
        "Journeys that came to an end, until the last answer.",
    );
    let offered_rate: fn(&Test) -> Option<f64> = |test| test.offered_rate;
    let achieved_rate: fn(&Test) -> Option<f64> = |test| test.achieved_rate;
    for (family, rate) in [(&mut offered, offered_rate), (&mut achieved, achieved_rate)] {
        for (labels, test) in unlike(labelled.iter().cloned()) {
            if let Some(rate) = rate(test).filter(|rate| rate.is_finite()) {
                family.sample(out, "", &labels, &rate.to_string())?;
            }
        }
    }
    let tests = labelled
        .iter()
        .map(|(labels, test)| (labels.clone(), (test.totals, &test.response)));
    level(out, "test", "requests of a test", unlike(tests))?;
    let journeys = labelled.iter().flat_map(|(labels, test)| {
        let journeys = test.journeys.iter();
        journeys.map(|journey| (labels.and("journey", &journey.name), journey))
    });
    let counted = journeys
        .clone()
        .map(|(labels, journey)| (labels, (journey.totals, &journey.response)));
    level(out, "journey", "journeys", unlike(counted))?;
    let steps = journeys.flat_map(|(labels, journey)| {
        let steps = journey.steps.iter();
        steps.map(move |step| {
            (
                labels.and("step", &step.name),
                (step.totals, &step.response),
            )
        })
    });
    level(out, "step", "requests of a step", unlike(steps))
}

fn labels(run: &Run, test: &Test) -> Labels {
    Labels::default()
        .and("run", &run.name)
        .and("test", &test.name)
}

/// Those whose labels no other before them has: there must not be two samples of one name and labels.
fn unlike<T>(all: impl Iterator<Item = (Labels, T)>) -> Vec<(Labels, T)> {
    let mut known = HashSet::new();
    let mut rest: Vec<_> = all.collect();
    rest.retain(|(labels, _)| known.insert(labels.clone()));
    rest
}

/// Writes what is known of all tests, of all journeys or of all steps. They are families of their own, so
/// that sums count nothing twice.
fn level(
    out: &mut impl io::Write,
    what: &str,
    counted: &str,
    rows: Vec<(Labels, (Totals, &Latency))>,
) -> io::Result<()> {
    let mut intended = Family::gauge(
        &format!("plimsoll_{what}_intended"),
        None,
        &format!("What the schedule asked for: {counted}."),
    );
    for (labels, (totals, _)) in &rows {
        intended.sample(out, "", labels, &totals.intended.to_string())?;
    }
    let mut outcomes = Family::gauge(
        &format!("plimsoll_{what}_outcomes"),
        None,
        &format!("How what was intended ended: {counted}."),
    );
    for (labels, (totals, _)) in &rows {
        for (outcome, count) in [
            ("ok", totals.ok),
            ("failed", totals.failed),
            ("shed", totals.shed),
            ("timeout", totals.timeout),
            ("dropped", totals.dropped),
            ("in_flight_at_end", totals.in_flight_at_end),
        ] {
            let labels = labels.and("outcome", outcome);
            outcomes.sample(out, "", &labels, &count.to_string())?;
        }
    }
    let mut times = Family::new(
        &format!("plimsoll_{what}_response_seconds"),
        "summary",
        Some("seconds"),
        &format!(
            "Response times from the intended start, less warm-up and think times: {counted}. What did not succeed is infinitely slow. A confidence interval needs 368 of them at quantile 0.99, and 3688 at 0.999."
        ),
    );
    for (labels, (_, response)) in &rows {
        times.quantiles(out, labels, response)?;
    }
    Ok(())
}

/// Labels as they are written, without braces.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
struct Labels(String);

impl Labels {
    /// These, and one more.
    fn and(&self, name: &str, value: &str) -> Self {
        let mut text = self.0.clone();
        if !text.is_empty() {
            text.push(',');
        }
        let _ = write!(text, "{name}=\"{}\"", escaped(value));
        Self(text)
    }
}

/// A metric family: its metadata, which is written before its first sample, and not at all without one.
struct Family {
    name: String,
    kind: &'static str,
    unit: Option<&'static str>,
    help: String,
    is_begun: bool,
}

impl Family {
    fn new(name: &str, kind: &'static str, unit: Option<&'static str>, help: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            unit,
            help: help.to_owned(),
            is_begun: false,
        }
    }

    fn gauge(name: &str, unit: Option<&'static str>, help: &str) -> Self {
        Self::new(name, "gauge", unit, help)
    }

    fn states(name: &str, help: &str) -> Self {
        Self::new(name, "stateset", None, help)
    }

    fn sample(
        &mut self,
        out: &mut impl io::Write,
        suffix: &str,
        labels: &Labels,
        value: &str,
    ) -> io::Result<()> {
        if !self.is_begun {
            self.begin(out)?;
            self.is_begun = true;
        }
        writeln!(out, "{}{suffix}{{{}}} {value}", self.name, labels.0)
    }

    fn begin(&self, out: &mut impl io::Write) -> io::Result<()> {
        let name = &self.name;
        writeln!(out, "# TYPE {name} {}", self.kind)?;
        if let Some(unit) = self.unit {
            writeln!(out, "# UNIT {name} {unit}")?;
        }
        writeln!(out, "# HELP {name} {}", self.help)
    }

    /// A sample for each state that there is: which one holds.
    fn state<S: PartialEq + Copy>(
        &mut self,
        out: &mut impl io::Write,
        labels: &Labels,
        all: &[(&str, S)],
        holds: S,
    ) -> io::Result<()> {
        for (name, state) in all {
            let labels = labels.and(&self.name, name);
            let value = if *state == holds { "1" } else { "0" };
            self.sample(out, "", &labels, value)?;
        }
        Ok(())
    }

    /// The samples of a summary.
    fn quantiles(
        &mut self,
        out: &mut impl io::Write,
        labels: &Labels,
        response: &Latency,
    ) -> io::Result<()> {
        let percentiles = Percentile::ALL.iter().map(|percentile| {
            let (numerator, denominator) = percentile.fraction;
            let quantile = f64::from(numerator) / f64::from(denominator);
            (percentile.name, quantile.to_string())
        });
        for (name, quantile) in percentiles.chain([("max", "1.0".to_owned())]) {
            let value = match response.figure(name) {
                Some(ns) => seconds(ns),
                None if response.is_infinite(name) => "+Inf".to_owned(),
                None => continue,
            };
            self.sample(out, "", &labels.and("quantile", &quantile), &value)?;
        }
        self.sample(out, "_count", labels, &response.count.to_string())
    }
}

/// A label's value: what the format asks for, and no `#`, at which GitLab stops.
fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for one in value.chars() {
        match one {
            '\\' => text.push_str("\\\\"),
            '"' => text.push_str("\\\""),
            '\n' => text.push_str("\\n"),
            '#' => text.push('＃'),
            one => text.push(one),
        }
    }
    text
}

/// Nanoseconds in seconds, exactly.
fn seconds(ns: u64) -> String {
    const SECOND: u64 = 1_000_000_000;
    let text = format!("{}.{:09}", ns / SECOND, ns % SECOND);
    let trimmed = text.trim_end_matches('0');
    match trimmed.strip_suffix('.') {
        Some(whole) => format!("{whole}.0"),
        None => trimmed.to_owned(),
    }
}

#[cfg(test)]
mod tests;

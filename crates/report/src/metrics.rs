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

use std::collections::BTreeSet;
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

/// Writes `metrics.txt`.
///
/// # Errors
///
/// Whatever `out` answers.
pub fn render(run: &Run, out: &mut impl io::Write) -> io::Result<()> {
    let run = plain_run(run)?;
    let mut text = String::new();
    for family in of_run(&run).into_iter().chain(of_tests(&run)) {
        text.clear();
        family.write(&mut text);
        out.write_all(text.as_bytes())?;
    }
    out.write_all(b"# EOF\n")
}

fn of_run(run: &Run) -> Vec<Family> {
    let name = Labels::default().and("run", &run.name);
    let mut started = Family::gauge(
        "plimsoll_run_started_timestamp_seconds",
        Some("seconds"),
        "When the run started, since 1970.",
    );
    if let Some(at) = run.started_at {
        started.sample("", &name, at.as_second().to_string());
    }
    let mut duration = Family::gauge(
        "plimsoll_run_duration_seconds",
        Some("seconds"),
        "How long the run took.",
    );
    duration.sample("", &name, seconds(run.duration_ns));
    let mut exit_code = Family::gauge(
        "plimsoll_run_exit_code",
        None,
        "What the program ended with: 0 go, 10 risk, 20 no-go, 21 inconclusive, 22 invalid, 130 interrupted.",
    );
    exit_code.sample("", &name, run.verdict.exit_code.to_string());
    let mut verdict = Family::states("plimsoll_run_verdict", "What follows from the run.");
    verdict.state(&name, &VERDICTS, run.verdict.outcome);
    let mut validity = Family::states(
        "plimsoll_run_validity",
        "Whether the figures may be believed.",
    );
    validity.state(&name, &VALIDITIES, run.validity.status);
    let mut items = Family::states("plimsoll_item_state", "How what was to be judged went.");
    for item in &run.items {
        let labels = name.and("item", &item.id);
        let labels = labels.and("threshold", &item.expression);
        items.state(&labels, &STATES, item.state);
    }
    vec![started, duration, exit_code, verdict, validity, items]
}

fn of_tests(run: &Run) -> Vec<Family> {
    let mut rates = [
        Family::gauge(
            "plimsoll_test_offered_journeys_per_second",
            Some("journeys_per_second"),
            "Journeys that the schedule asked for.",
        ),
        Family::gauge(
            "plimsoll_test_achieved_journeys_per_second",
            Some("journeys_per_second"),
            "Journeys that came to an end, until the last answer.",
        ),
    ];
    let mut tests = Level::new("test", "requests of a test");
    let mut journeys = Level::new("journey", "journeys");
    let mut steps = Level::new("step", "requests of a step");
    for test in &run.tests {
        let labels = labels(run, test);
        for (family, rate) in rates
            .iter_mut()
            .zip([test.offered_rate, test.achieved_rate])
        {
            if let Some(rate) = rate.filter(|rate| rate.is_finite()) {
                family.sample("", &labels, rate.to_string());
            }
        }
        tests.add(&labels, &test.totals, &test.response);
        for journey in &test.journeys {
            let labels = labels.and("journey", &journey.name);
            journeys.add(&labels, &journey.totals, &journey.response);
            for step in &journey.steps {
                steps.add(
                    &labels.and("step", &step.name),
                    &step.totals,
                    &step.response,
                );
            }
        }
    }
    let levels = [tests, journeys, steps].into_iter();
    rates
        .into_iter()
        .chain(levels.flat_map(|level| [level.intended, level.outcomes, level.response]))
        .collect()
}

fn labels(run: &Run, test: &Test) -> Labels {
    Labels::default()
        .and("run", &run.name)
        .and("test", &test.name)
}

/// What is known of all tests, of all journeys or of all steps. They are families of their own, so
/// that sums count nothing twice.
struct Level {
    intended: Family,
    outcomes: Family,
    response: Family,
}

impl Level {
    fn new(what: &str, counted: &str) -> Self {
        let intended = format!("What the schedule asked for: {counted}.");
        let outcomes = format!("How what was intended ended: {counted}.");
        let response = format!(
            "Response times from the intended start, less warm-up and think times: {counted}. What did not succeed is infinitely slow. A confidence interval needs 368 of them at quantile 0.99, and 3688 at 0.999."
        );
        Self {
            intended: Family::gauge(&format!("plimsoll_{what}_intended"), None, &intended),
            outcomes: Family::gauge(&format!("plimsoll_{what}_outcomes"), None, &outcomes),
            response: Family::new(
                &format!("plimsoll_{what}_response_seconds"),
                "summary",
                Some("seconds"),
                &response,
            ),
        }
    }

    fn add(&mut self, labels: &Labels, totals: &Totals, response: &Latency) {
        self.intended
            .sample("", labels, totals.intended.to_string());
        for (outcome, count) in [
            ("ok", totals.ok),
            ("failed", totals.failed),
            ("shed", totals.shed),
            ("timeout", totals.timeout),
            ("dropped", totals.dropped),
            ("in_flight_at_end", totals.in_flight_at_end),
        ] {
            let labels = labels.and("outcome", outcome);
            self.outcomes.sample("", &labels, count.to_string());
        }
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
            let labels = labels.and("quantile", &quantile);
            self.response.sample("", &labels, value);
        }
        self.response
            .sample("_count", labels, response.count.to_string());
    }
}

/// Labels as they are written, without braces.
#[derive(Clone, Default)]
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

/// A metric family: its metadata, and samples in the order in which they are added.
struct Family {
    name: String,
    kind: &'static str,
    unit: Option<&'static str>,
    help: String,
    samples: String,
    /// What has a sample. There must not be two of one name and labels: the same threshold may be
    /// asked for twice.
    known: BTreeSet<String>,
}

impl Family {
    fn new(name: &str, kind: &'static str, unit: Option<&'static str>, help: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            unit,
            help: help.to_owned(),
            samples: String::new(),
            known: BTreeSet::new(),
        }
    }

    fn gauge(name: &str, unit: Option<&'static str>, help: &str) -> Self {
        Self::new(name, "gauge", unit, help)
    }

    fn states(name: &str, help: &str) -> Self {
        Self::new(name, "stateset", None, help)
    }

    fn sample(&mut self, suffix: &str, labels: &Labels, value: String) {
        let series = format!("{}{suffix}{{{}}}", self.name, labels.0);
        if self.known.contains(&series) {
            return;
        }
        let _ = writeln!(self.samples, "{series} {value}");
        self.known.insert(series);
    }

    /// A sample for each state that there is: which one holds.
    fn state<S: PartialEq + Copy>(&mut self, labels: &Labels, all: &[(&str, S)], holds: S) {
        for (name, state) in all {
            let labels = labels.and(&self.name, name);
            self.sample("", &labels, u8::from(*state == holds).to_string());
        }
    }

    fn write(&self, text: &mut String) {
        if self.samples.is_empty() {
            return;
        }
        let name = &self.name;
        let _ = writeln!(text, "# TYPE {name} {}", self.kind);
        if let Some(unit) = self.unit {
            let _ = writeln!(text, "# UNIT {name} {unit}");
        }
        let _ = writeln!(text, "# HELP {name} {}", self.help);
        text.push_str(&self.samples);
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

//! From the document of a run to the figures of its series.

use std::collections::BTreeSet;

use plimsoll_report::document::{Latency, Run, Test, Totals};

use crate::error::Refusal;
use crate::metric::{Metric, Value};

/// What figures are of: a test as a whole (its requests), one of its journeys, or a step of that.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Series {
    /// The scenario.
    pub scenario: String,
    /// The test.
    pub test: String,
    /// The journey; `None`: the test as a whole.
    pub journey: Option<String>,
    /// The step; `None`: the journey as a whole.
    pub step: Option<String>,
}

/// A figure of a series in one run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figure {
    /// Which one.
    pub metric: Metric,
    /// What it is.
    pub value: Value,
    /// How many samples it rests on: of a percentile and a mean the response times, of a share what
    /// was intended, of a rate the events that were counted.
    pub samples: u64,
}

/// The figures of one series of a run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SeriesFigures<'a> {
    pub(crate) journey: Option<&'a str>,
    pub(crate) step: Option<&'a str>,
    pub(crate) figures: Vec<Figure>,
}

/// What the series of a test have in common in the document.
struct Counted<'a> {
    totals: &'a Totals,
    late: u64,
    response: &'a Latency,
    response_ok: &'a Latency,
}

/// The figures of all series of a test: itself, then each journey with its steps, in file order.
pub(crate) fn of(test: &Test) -> Vec<SeriesFigures<'_>> {
    let counted = Counted {
        totals: &test.totals,
        late: test.late,
        response: &test.response,
        response_ok: &test.response_ok,
    };
    let arriving_ns = arriving_ns(test);
    let mut figures = counted.figures(arriving_ns);
    figures.extend(offered(test));
    let mut all = vec![SeriesFigures {
        journey: None,
        step: None,
        figures,
    }];
    for journey in &test.journeys {
        let counted = Counted {
            totals: &journey.totals,
            late: journey.late,
            response: &journey.response,
            response_ok: &journey.response_ok,
        };
        all.push(SeriesFigures {
            journey: Some(&journey.name),
            step: None,
            figures: counted.figures(arriving_ns),
        });
        for step in &journey.steps {
            let counted = Counted {
                totals: &step.totals,
                late: step.late,
                response: &step.response,
                response_ok: &step.response_ok,
            };
            all.push(SeriesFigures {
                journey: Some(&journey.name),
                step: Some(&step.name),
                figures: counted.figures(arriving_ns),
            });
        }
    }
    all
}

/// How long users arrived, in nanoseconds: what rates are counted in. The wait for a last answer is no time in which
/// a service served less.
fn arriving_ns(test: &Test) -> u64 {
    let planned_ns = test.planned_ns.unwrap_or(test.elapsed_ns);
    planned_ns.min(test.elapsed_ns)
}

fn offered(test: &Test) -> Option<Figure> {
    let journeys = test.journeys.iter().map(|journey| journey.totals.intended);
    Some(Figure {
        metric: Metric::Offered,
        value: Value::Finite(test.offered_rate?),
        samples: journeys.fold(0, u64::saturating_add),
    })
}

impl Counted<'_> {
    fn figures(&self, arriving_ns: u64) -> Vec<Figure> {
        let (response, ok) = (self.response, self.response_ok);
        let times = [
            (Metric::P50, response, "p50"),
            (Metric::P90, response, "p90"),
            (Metric::P95, response, "p95"),
            (Metric::P99, response, "p99"),
            (Metric::P999, response, "p99_9"),
            (Metric::Max, response, "max"),
            (Metric::Mean, ok, "mean"),
            (Metric::P50OfSuccesses, ok, "p50"),
            (Metric::P95OfSuccesses, ok, "p95"),
            (Metric::P99OfSuccesses, ok, "p99"),
            (Metric::MaxOfSuccesses, ok, "max"),
        ];
        let times = times
            .into_iter()
            .filter_map(|(metric, latency, name)| time(metric, latency, name));
        let totals = self.totals;
        let shares = [
            (Metric::Errors, totals.intended.saturating_sub(totals.ok)),
            (Metric::Timeouts, totals.timeout),
            (Metric::Shed, totals.shed),
        ];
        let shares = shares
            .into_iter()
            .filter(|_| totals.intended > 0)
            .map(|(metric, count)| Figure {
                metric,
                value: Value::Finite(count as f64 / totals.intended as f64),
                samples: totals.intended,
            });
        let completed = [totals.ok, totals.failed, totals.shed, totals.timeout];
        let rates = [
            (
                Metric::Rate,
                completed.into_iter().fold(0, u64::saturating_add),
            ),
            (Metric::Goodput, totals.ok.saturating_sub(self.late)),
        ];
        let rates = rates
            .into_iter()
            .filter(|_| arriving_ns > 0 && totals.intended > 0)
            .map(|(metric, count)| Figure {
                metric,
                value: Value::Finite(count as f64 * 1e9 / arriving_ns as f64),
                samples: count,
            });
        times.chain(shares).chain(rates).collect()
    }
}

fn time(metric: Metric, latency: &Latency, name: &str) -> Option<Figure> {
    let value = match latency.figure(name) {
        Some(ns) => Value::Finite(ns as f64),
        None if latency.is_infinite(name) => Value::Infinite,
        None => return None,
    };
    Some(Figure {
        metric,
        value,
        samples: latency.count,
    })
}

/// Sees that every series of a run has a name of its own.
pub(crate) fn told_apart(run: &Run) -> Result<(), Refusal> {
    distinct(run.tests.iter().map(|test| &test.name))?;
    for test in &run.tests {
        distinct(test.journeys.iter().map(|journey| &journey.name))?;
        for journey in &test.journeys {
            distinct(journey.steps.iter().map(|step| &step.name))?;
        }
    }
    Ok(())
}

fn distinct<'a>(mut names: impl Iterator<Item = &'a String>) -> Result<(), Refusal> {
    let mut seen = BTreeSet::new();
    match names.find(|name| !seen.insert(*name)) {
        None => Ok(()),
        Some(name) => Err(Refusal::SameName { name: name.clone() }),
    }
}

#[cfg(test)]
mod tests;

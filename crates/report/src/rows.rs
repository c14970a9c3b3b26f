//! What the tables of a test hold, before anything is laid out.

use std::collections::BTreeMap;

use crate::document::{Example, Journey, Latency, Step, Test, Totals};

/// What a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// A journey; its counts are of journeys.
    Journey,
    /// A step; its counts are of requests.
    Step,
    /// A journey with a single step, which says nothing that the step does not.
    Only,
    /// All requests of the test.
    All,
}

/// The figures of one journey or step.
#[derive(Debug, Clone)]
pub(crate) struct Row<'a> {
    pub(crate) level: Level,
    pub(crate) name: String,
    pub(crate) totals: &'a Totals,
    /// Over everything intended.
    pub(crate) response: &'a Latency,
    /// Over successes.
    pub(crate) response_ok: &'a Latency,
}

/// The percentiles and the extreme that a row shows, named as in the document.
pub(crate) const FIGURES: [&str; 5] = ["p50", "p90", "p95", "p99", "max"];

impl Row<'_> {
    /// Whether the figures of successes alone differ from the headline.
    pub(crate) fn has_other_successes(&self) -> bool {
        self.response_ok.count > 0
            && FIGURES.iter().any(|name| {
                self.response.is_infinite(name)
                    || self.response.figure(name) != self.response_ok.figure(name)
            })
    }
}

/// The rows of a test: each journey and its steps, then everything together.
pub(crate) fn rows(test: &Test) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for journey in &test.journeys {
        match journey.steps.as_slice() {
            [only] if says_nothing_more(journey, only) => rows.push(Row {
                level: Level::Only,
                name: if journey.name == only.name {
                    only.name.clone()
                } else {
                    format!("{}/{}", journey.name, only.name)
                },
                totals: &only.totals,
                response: &only.response,
                response_ok: &only.response_ok,
            }),
            steps => {
                rows.push(Row {
                    level: Level::Journey,
                    name: journey.name.clone(),
                    totals: &journey.totals,
                    response: &journey.response,
                    response_ok: &journey.response_ok,
                });
                rows.extend(steps.iter().map(|step| Row {
                    level: Level::Step,
                    name: step.name.clone(),
                    totals: &step.totals,
                    response: &step.response,
                    response_ok: &step.response_ok,
                }));
            }
        }
    }
    if rows
        .iter()
        .filter(|row| row.level != Level::Journey)
        .count()
        > 1
    {
        rows.push(Row {
            level: Level::All,
            name: "all requests".to_owned(),
            totals: &test.totals,
            response: &test.response,
            response_ok: &test.response_ok,
        });
    }
    rows
}

fn says_nothing_more(journey: &Journey, only: &Step) -> bool {
    journey.totals == only.totals && journey.response == only.response
}

/// A column of counts: its heading, and how to read it off a ledger.
pub(crate) type CountColumn = (&'static str, fn(&Totals) -> u64);

/// The columns of counts that these rows need; those that are 0 everywhere are left out, except
/// for the three that answer the first questions.
pub(crate) fn count_columns(rows: &[Row<'_>]) -> Vec<CountColumn> {
    let always: [CountColumn; 3] = [
        ("intended", |totals| totals.intended),
        ("ok", |totals| totals.ok),
        ("failed", |totals| totals.failed),
    ];
    let if_any: [CountColumn; 4] = [
        ("timeout", |totals| totals.timeout),
        ("shed", |totals| totals.shed),
        ("dropped", |totals| totals.dropped),
        ("in flight", |totals| totals.in_flight_at_end),
    ];
    let needed = |column: &CountColumn| rows.iter().any(|row| column.1(row.totals) > 0);
    always
        .into_iter()
        .chain(if_any.into_iter().filter(needed))
        .collect()
}

/// A kind of failure in a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure<'a> {
    /// The kind's name.
    pub(crate) kind: &'a str,
    /// How often it occurred.
    pub(crate) count: u64,
    /// Where, as `journey/step`, most often first.
    pub(crate) places: Vec<(String, u64)>,
    /// What one looked like.
    pub(crate) example: Option<&'a Example>,
}

/// The failures of a test's requests by kind, most frequent first.
pub(crate) fn failures(test: &Test) -> Vec<Failure<'_>> {
    let mut places: BTreeMap<&str, Vec<(String, u64)>> = BTreeMap::new();
    for journey in &test.journeys {
        for step in &journey.steps {
            for (kind, count) in &step.errors {
                let place = format!("{}/{}", journey.name, step.name);
                places.entry(kind).or_default().push((place, *count));
            }
        }
    }
    let mut failures: Vec<_> = places
        .into_iter()
        .map(|(kind, mut places)| {
            places.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
            Failure {
                kind,
                count: places.iter().map(|(_, count)| count).sum(),
                places,
                example: test.examples.iter().find(|example| example.kind == kind),
            }
        })
        .collect();
    failures.sort_by_key(|failure| std::cmp::Reverse(failure.count));
    failures
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn a_journey_that_says_no_more_than_its_step_is_one_row() {
        let run = fixture::inconclusive();
        let names: Vec<_> = rows(&run.tests[0])
            .into_iter()
            .map(|row| row.name)
            .collect();
        assert_eq!(names, ["search"]);
        let run = fixture::healthy();
        let names: Vec<_> = rows(&run.tests[0])
            .into_iter()
            .map(|row| row.name)
            .collect();
        assert_eq!(
            names,
            [
                "search",
                "home",
                "results",
                "book",
                "checkout",
                "all requests"
            ]
        );
    }

    #[test]
    fn counts_that_are_zero_everywhere_have_no_column() {
        let headings = |run: &crate::document::Run| {
            let columns = count_columns(&rows(&run.tests[0]));
            columns.iter().map(|column| column.0).collect::<Vec<_>>()
        };
        assert_eq!(headings(&fixture::healthy()), ["intended", "ok", "failed"]);
        assert_eq!(
            headings(&fixture::failing()),
            ["intended", "ok", "failed", "timeout"]
        );
    }

    #[test]
    fn failures_come_by_kind_with_an_example() {
        let run = fixture::failing();
        let failures = failures(&run.tests[0]);
        let kinds: Vec<_> = failures.iter().map(|one| (one.kind, one.count)).collect();
        assert_eq!(kinds, [("status", 180), ("timeout", 54)]);
        assert_eq!(failures[0].places, [("book/checkout".to_owned(), 180)]);
        assert_eq!(failures[0].example.map(|one| one.status), Some(Some(500)));
    }
}

//! What the tables of a test hold, before anything is laid out.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::document::{Example, Journey, Latency, Step, Test, Totals};
use crate::quantity::count;

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
    /// How badly its requests went: the share that was not ok, in millionths, and among equals the p99.
    fn badness(&self) -> (u64, Option<u64>) {
        let Totals { intended, ok, .. } = *self.totals;
        let share = intended.saturating_sub(ok) as f64 / intended.max(1) as f64;
        ((share * 1e6).round() as u64, self.response.p99_ns)
    }

    /// How many lines it takes: it may have a second one, of successes alone.
    fn lines(&self) -> usize {
        1 + usize::from(self.has_other_successes())
    }

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

/// Lines of a table that people read.
pub(crate) const MOST_ROWS: usize = 100;

/// The rows of a test that take at most `most` lines, in their order: where there are more, those of the requests that went
/// worst, each step below its journey, and the row of everything together. Then, in words, how many are not among them.
pub(crate) fn worst(mut rows: Vec<Row<'_>>, most: usize) -> (Vec<Row<'_>>, Option<String>) {
    if rows.iter().map(Row::lines).sum::<usize>() <= most {
        return (rows, None);
    }
    let mut worst_first: Vec<usize> = (0..rows.len())
        .filter(|at| matches!(rows[*at].level, Level::Step | Level::Only))
        .collect();
    worst_first.sort_by_key(|at| Reverse(rows[*at].badness()));
    let mut journey = 0;
    let journeys: Vec<_> = (rows.iter().enumerate())
        .map(|(at, row)| {
            if row.level != Level::Step {
                journey = at;
            }
            journey
        })
        .collect();
    let mut shown = BTreeSet::from([rows.len() - 1]);
    let mut taken = rows.last().map_or(0, Row::lines);
    for at in worst_first {
        let new: BTreeSet<_> = [at, journeys[at]].into_iter().collect();
        let new: BTreeSet<_> = new.difference(&shown).copied().collect();
        taken += new.iter().map(|at| rows[*at].lines()).sum::<usize>();
        if taken > most {
            break;
        }
        shown.extend(new);
    }
    let left_out = format!(
        "… {} rows of what went better are left out here: run.json has all",
        count(rows.len() as u64 - shown.len() as u64)
    );
    let mut at = 0;
    rows.retain(|_| {
        at += 1;
        shown.contains(&(at - 1))
    });
    (rows, Some(left_out))
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
            places.sort_by_key(|(_, count)| Reverse(*count));
            Failure {
                kind,
                count: places.iter().map(|(_, count)| count).sum(),
                places,
                example: test.examples.iter().find(|example| example.kind == kind),
            }
        })
        .collect();
    failures.sort_by_key(|failure| Reverse(failure.count));
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

    /// 40 journeys of 10 steps, of which one has failures, one is slow and the others are alike.
    fn many_steps() -> Test {
        let mut test = fixture::healthy().tests.remove(0);
        let mut journey = test.journeys[0].clone();
        let step = journey.steps[0].clone();
        journey.steps = (0..10)
            .map(|at| Step {
                name: format!("step-{at}"),
                ..step.clone()
            })
            .collect();
        test.journeys = (0..40)
            .map(|at| Journey {
                name: format!("journey-{at}"),
                ..journey.clone()
            })
            .collect();
        test.journeys[7].steps[3].totals.ok -= 10;
        test.journeys[7].steps[3].totals.failed += 10;
        let slow = &mut test.journeys[30].steps[9].response.p99_ns;
        *slow = slow.map(|ns| ns * 3);
        test
    }

    #[test]
    fn of_too_many_rows_the_worst_are_shown_below_their_journey() {
        let test = many_steps();
        let names = |most| {
            let (shown, left_out) = worst(rows(&test), most);
            let names: Vec<_> = shown.into_iter().map(|row| row.name).collect();
            (names, left_out)
        };
        // The slow step has a second line, of successes alone.
        let (shown, left_out) = names(6);
        assert_eq!(
            shown,
            [
                "journey-7",
                "step-3",
                "journey-30",
                "step-9",
                "all requests"
            ]
        );
        assert_eq!(
            left_out.as_deref(),
            Some("… 436 rows of what went better are left out here: run.json has all")
        );
        // A step without its journey says nothing.
        assert_eq!(names(5).0.len(), 3);
        assert_eq!((names(442).0.len(), names(442).1), (441, None));
        let (most, _) = names(441);
        assert!((430..=440).contains(&most.len()), "{}", most.len());
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

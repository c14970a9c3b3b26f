//! What a new run is compared with.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;

use crate::environment::{Environment, Part};
use crate::error::{Failure, HistoryError};
use crate::figures::Series;
use crate::file::History;
use crate::kept::{COLUMNS, KeptRun, NEWEST_FIRST};
use crate::metric::Metric;
use crate::selection::{LeftOut, Likeness, Point, left_out};
use crate::show;
use crate::text::unsigned;

/// Which runs of which test to compare with.
#[derive(Debug, Clone, Copy)]
pub struct BaselineQuery<'a> {
    /// The scenario.
    pub scenario: &'a str,
    /// The test.
    pub test: &'a str,
    /// Runs of this release: by the version in their plan, or by their label.
    pub release: &'a str,
    /// The circumstances of the new run: only runs that do not differ from these are compared.
    pub environment: &'a Environment,
    /// Parts that may differ all the same.
    pub disregarded: &'a BTreeSet<Part>,
}

/// What a new run is compared with.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Baseline {
    /// The runs, the oldest first.
    pub runs: Vec<KeptRun>,
    /// Their points by series and metric, the oldest first. A run without the figure has none.
    pub points: BTreeMap<Series, BTreeMap<Metric, Vec<Point>>>,
    /// The runs of the test of that release that cannot be compared.
    pub left_out: Vec<LeftOut>,
}

impl History {
    /// The runs to compare with, and the points of one of their tests: those that are of the
    /// release, complete and not invalid, and were run under the same circumstances.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] if the file cannot be read or is damaged. That nothing can be compared is no
    /// error.
    pub fn baseline(&self, query: &BaselineQuery<'_>) -> Result<Baseline, HistoryError> {
        baseline(&self.connection, query).map_err(|failure| self.failed(failure))
    }
}

fn baseline(connection: &Connection, query: &BaselineQuery<'_>) -> Result<Baseline, Failure> {
    let transaction = connection.unchecked_transaction()?;
    let likeness = Likeness {
        environment: query.environment,
        disregarded: query.disregarded,
    };
    let sql = format!(
        "SELECT {COLUMNS}, test.environment, test.cut_short
         FROM run JOIN test ON test.run = run.key AND test.name = ?2
         WHERE run.scenario = ?1 AND (run.release = ?3 OR run.label = ?3)
         ORDER BY {NEWEST_FIRST}"
    );
    let candidates = likeness.candidates(
        &transaction,
        &sql,
        &[&query.scenario, &query.test, &query.release],
        |_, _| Ok(()),
    )?;
    let (mut chosen, mut exclusions) = (Vec::new(), Vec::new());
    for candidate in candidates {
        match candidate.exclusion {
            Some(why) => exclusions.push(why),
            None => chosen.push((candidate.key, candidate.run)),
        }
    }
    chosen.reverse();
    let mut baseline = Baseline {
        left_out: left_out(exclusions),
        ..Baseline::default()
    };
    for (key, run) in chosen {
        points(&transaction, key, &run, query.test, &mut baseline.points)?;
        baseline.runs.push(run);
    }
    Ok(baseline)
}

/// Adds the points of a test of a run.
fn points(
    connection: &Connection,
    key: i64,
    run: &KeptRun,
    test: &str,
    all: &mut BTreeMap<Series, BTreeMap<Metric, Vec<Point>>>,
) -> Result<(), Failure> {
    let mut statement = connection.prepare(
        "SELECT series.journey, series.step, metric.name, point.value, point.samples
         FROM point
         JOIN series ON series.key = point.series
         JOIN metric ON metric.key = point.metric
         WHERE point.run = ?1 AND series.test = ?2",
    )?;
    let mut rows = statement.query((key, test))?;
    while let Some(row) = rows.next()? {
        // What a newer version kept besides is not known here.
        let Ok(metric) = row.get::<_, String>(2)?.parse() else {
            continue;
        };
        let series = Series {
            scenario: run.scenario.clone(),
            test: test.to_owned(),
            journey: row.get(0)?,
            step: row.get(1)?,
        };
        let points = all.entry(series).or_default().entry(metric).or_default();
        points.push(Point {
            run: run.id.clone(),
            started_at: run.started_at,
            value: show::value(row.get(3)?),
            samples: unsigned(row.get(4)?)?,
        });
    }
    Ok(())
}

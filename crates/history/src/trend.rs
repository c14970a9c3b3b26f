//! The course of a figure over runs.

use std::collections::BTreeSet;

use rusqlite::Connection;

use crate::environment::{Environment, Part};
use crate::error::{Failure, HistoryError};
use crate::figures::Series;
use crate::file::History;
use crate::kept::{self, COLUMNS, KeptRun, NEWEST_FIRST};
use crate::metric::{Metric, Value};
use crate::selection::{Exclusion, LeftOut, Likeness, Point, left_out};
use crate::show;
use crate::text::unsigned;

/// Which figure, of which runs.
#[derive(Debug, Clone, Copy)]
pub struct TrendQuery<'a> {
    /// The series.
    pub series: &'a Series,
    /// The figure.
    pub metric: Metric,
    /// The circumstances: only runs that do not differ from these are compared.
    pub environment: &'a Environment,
    /// Parts that may differ all the same.
    pub disregarded: &'a BTreeSet<Part>,
    /// Only runs of this branch.
    pub branch: Option<&'a str>,
    /// No more than so many points, the newest.
    pub limit: Option<usize>,
}

/// The course of a figure.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trend {
    /// The points, the oldest first.
    pub points: Vec<Point>,
    /// The runs of the test that are not among them, those beyond the limit apart.
    pub left_out: Vec<LeftOut>,
}

impl History {
    /// The course of a figure over the runs that can be compared: complete, not invalid, and under
    /// the same circumstances.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] if the file cannot be read or is damaged. A series that there are no points of
    /// is no error.
    pub fn trend(&self, query: &TrendQuery<'_>) -> Result<Trend, HistoryError> {
        trend(&self.connection, query).map_err(|failure| self.failed(failure))
    }

    /// The newest run that has this test, with the circumstances it was run under there: what a trend
    /// is usually asked for by.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] if the file cannot be read or is damaged.
    pub fn newest_environment(
        &self,
        scenario: &str,
        test: &str,
        branch: Option<&str>,
    ) -> Result<Option<(KeptRun, Environment)>, HistoryError> {
        let newest = || -> Result<_, Failure> {
            let transaction = self.connection.unchecked_transaction()?;
            let sql = format!(
                "SELECT {COLUMNS} FROM run
                 JOIN test ON test.run = run.key AND test.name = ?2
                 WHERE run.scenario = ?1 AND (?3 IS NULL OR run.branch = ?3)
                 ORDER BY {NEWEST_FIRST} LIMIT 1"
            );
            let runs = kept::all(&transaction, &sql, &[&scenario, &test, &branch])?;
            let Some((key, run)) = runs.into_iter().next() else {
                return Ok(None);
            };
            let environment = transaction.query_row(
                "SELECT environment FROM test WHERE run = ?1 AND name = ?2",
                (key, test),
                |row| row.get(0),
            )?;
            Ok(Some((run, show::environment(&transaction, environment)?)))
        };
        newest().map_err(|failure| self.failed(failure))
    }
}

fn trend(connection: &Connection, query: &TrendQuery<'_>) -> Result<Trend, Failure> {
    let transaction = connection.unchecked_transaction()?;
    let series = show::series_key(&transaction, query.series)?;
    let metric = show::metric_key(&transaction, query.metric)?;
    let likeness = Likeness {
        environment: query.environment,
        disregarded: query.disregarded,
    };
    // A run without a point has no row of its own, and is not to vanish.
    let sql = format!(
        "SELECT {COLUMNS}, test.environment, test.cut_short, point.run, point.value, point.samples
         FROM run
         JOIN test ON test.run = run.key AND test.name = ?2
         LEFT JOIN point ON point.run = run.key AND point.series = ?4 AND point.metric = ?5
         WHERE run.scenario = ?1 AND (?3 IS NULL OR run.branch = ?3)
         ORDER BY {NEWEST_FIRST}"
    );
    let candidates = likeness.candidates(
        &transaction,
        &sql,
        &[
            &query.series.scenario,
            &query.series.test,
            &query.branch,
            &series,
            &metric,
        ],
        |row, at| -> Result<Option<(Value, u64)>, Failure> {
            if row.get::<_, Option<i64>>(at)?.is_none() {
                return Ok(None);
            }
            let value = show::value(row.get(at + 1)?);
            Ok(Some((value, unsigned(row.get(at + 2)?)?)))
        },
    )?;
    let (mut points, mut exclusions) = (Vec::new(), Vec::new());
    for candidate in candidates {
        match (candidate.exclusion, candidate.rest) {
            (Some(why), _) => exclusions.push(why),
            (None, None) => exclusions.push(Exclusion::NoFigure),
            (None, Some((value, samples))) => points.push(Point {
                run: candidate.run.id,
                started_at: candidate.run.started_at,
                value,
                samples,
            }),
        }
    }
    points.truncate(query.limit.unwrap_or(usize::MAX));
    points.reverse();
    Ok(Trend {
        points,
        left_out: left_out(exclusions),
    })
}

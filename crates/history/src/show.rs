//! A run with everything that is kept of it.

use hdrhistogram::Histogram;
use rusqlite::{Connection, OptionalExtension};

use crate::codec;
use crate::environment::{Environment, Part};
use crate::error::{Failure, HistoryError};
use crate::figures::{Figure, Series};
use crate::file::History;
use crate::identity::RunId;
use crate::kept::{self, KeptRun};
use crate::metric::{Metric, Value};
use crate::text::unsigned;

/// A run with its tests.
#[derive(Debug, Clone, PartialEq)]
pub struct RunDetail {
    /// Its head.
    pub run: KeptRun,
    /// Its tests, in the order in which they ran.
    pub tests: Vec<KeptTest>,
}

/// A test of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptTest {
    /// Its name.
    pub name: String,
    /// The circumstances it was run under.
    pub environment: Environment,
    /// How long it took.
    pub elapsed_ns: u64,
    /// How much of its beginning is left out of response times; nothing is left out of the
    /// histograms.
    pub warmup_ns: u64,
    /// Its series.
    pub series: Vec<KeptSeries>,
}

/// A series in a run.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptSeries {
    /// The journey; `None`: the test as a whole.
    pub journey: Option<String>,
    /// The step; `None`: the journey as a whole.
    pub step: Option<String>,
    /// Its figures.
    pub figures: Vec<Figure>,
    /// How many response times its histogram holds; `None`: none was kept.
    pub histogram_samples: Option<u64>,
}

impl History {
    /// Shows a run.
    ///
    /// # Errors
    ///
    /// [`HistoryError::UnknownRun`] if there is none with this id; others if the file cannot be read
    /// or is damaged.
    pub fn show(&self, id: &RunId) -> Result<RunDetail, HistoryError> {
        let show = || -> Result<RunDetail, Failure> {
            // One state of the file, whatever another program does meanwhile.
            let transaction = self.connection.unchecked_transaction()?;
            let (key, run) = kept::required(&transaction, id)?;
            let tests = tests(&transaction, key)?;
            Ok(RunDetail { run, tests })
        };
        show().map_err(|failure| self.failed(failure))
    }

    /// The response times of successes of a series in a run, in nanoseconds, warm-up included; `None`
    /// if none were kept.
    ///
    /// # Errors
    ///
    /// [`HistoryError::UnknownRun`] if there is no such run; others if the file cannot be read or is
    /// damaged.
    pub fn histogram(
        &self,
        id: &RunId,
        series: &Series,
    ) -> Result<Option<Histogram<u64>>, HistoryError> {
        histogram(&self.connection, id, series).map_err(|failure| self.failed(failure))
    }
}

fn tests(connection: &Connection, run: i64) -> Result<Vec<KeptTest>, Failure> {
    let mut statement = connection.prepare(
        "SELECT name, environment, elapsed_ns, warmup_ns FROM test WHERE run = ?1 ORDER BY position",
    )?;
    let mut rows = statement.query([run])?;
    let mut tests = Vec::new();
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        tests.push(KeptTest {
            environment: environment(connection, row.get(1)?)?,
            elapsed_ns: unsigned(row.get(2)?)?,
            warmup_ns: unsigned(row.get(3)?)?,
            series: series(connection, run, &name)?,
            name,
        });
    }
    Ok(tests)
}

/// The environment with this key.
pub(crate) fn environment(connection: &Connection, key: i64) -> Result<Environment, Failure> {
    let mut statement =
        connection.prepare("SELECT name, value FROM environment_part WHERE environment = ?1")?;
    let parts = statement.query_map([key], |row| {
        Ok((Part::kept(row.get(0)?), row.get::<_, String>(1)?))
    })?;
    Ok(parts.collect::<Result<_, _>>()?)
}

fn series(connection: &Connection, run: i64, test: &str) -> Result<Vec<KeptSeries>, Failure> {
    let mut statement = connection.prepare(
        "SELECT series.key, series.journey, series.step, histogram.samples,
                metric.name, point.value, point.samples
         FROM point
         JOIN series ON series.key = point.series
         JOIN metric ON metric.key = point.metric
         LEFT JOIN histogram ON histogram.run = point.run AND histogram.series = point.series
         WHERE point.run = ?1 AND series.test = ?2
         ORDER BY series.key, metric.key",
    )?;
    let mut rows = statement.query((run, test))?;
    let mut all: Vec<KeptSeries> = Vec::new();
    let mut last = None;
    while let Some(row) = rows.next()? {
        let key: i64 = row.get(0)?;
        if last != Some(key) {
            last = Some(key);
            let samples: Option<i64> = row.get(3)?;
            all.push(KeptSeries {
                journey: row.get(1)?,
                step: row.get(2)?,
                figures: Vec::new(),
                histogram_samples: samples.map(unsigned).transpose()?,
            });
        }
        // What a newer version kept besides is not known here.
        if let (Some(series), Ok(metric)) = (all.last_mut(), row.get::<_, String>(4)?.parse()) {
            series.figures.push(Figure {
                metric,
                value: value(row.get(5)?),
                samples: unsigned(row.get(6)?)?,
            });
        }
    }
    Ok(all)
}

/// A value as it is kept: `NULL` is infinite.
pub(crate) fn value(kept: Option<f64>) -> Value {
    kept.map_or(Value::Infinite, Value::Finite)
}

/// The key of a series, if there are points of it.
pub(crate) fn series_key(connection: &Connection, series: &Series) -> Result<Option<i64>, Failure> {
    let key = connection.query_row(
        "SELECT key FROM series
         WHERE scenario = ?1 AND test = ?2 AND journey IS ?3 AND step IS ?4",
        (
            &series.scenario,
            &series.test,
            &series.journey,
            &series.step,
        ),
        |row| row.get(0),
    );
    Ok(key.optional()?)
}

/// The key of a metric, if there are points of it.
pub(crate) fn metric_key(connection: &Connection, metric: Metric) -> Result<Option<i64>, Failure> {
    let sql = "SELECT key FROM metric WHERE name = ?1";
    let key = connection.query_row(sql, [metric.name()], |row| row.get(0));
    Ok(key.optional()?)
}

fn histogram(
    connection: &Connection,
    id: &RunId,
    series: &Series,
) -> Result<Option<Histogram<u64>>, Failure> {
    let transaction = connection.unchecked_transaction()?;
    let (run, _) = kept::required(&transaction, id)?;
    let Some(series) = series_key(&transaction, series)? else {
        return Ok(None);
    };
    let kept = transaction.query_row(
        "SELECT samples, encoded FROM histogram WHERE run = ?1 AND series = ?2",
        (run, series),
        |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)),
    );
    let Some((samples, encoded)) = kept.optional()? else {
        return Ok(None);
    };
    let histogram = codec::decode(&encoded);
    let histogram = histogram.filter(|histogram| i64::try_from(histogram.len()) == Ok(samples));
    match histogram {
        Some(histogram) => Ok(Some(histogram)),
        None => Err(Failure::Damaged("a histogram cannot be read".to_owned())),
    }
}

//! What a new run is compared with.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;

use crate::environment::{Environment, Part};
use crate::error::{Failure, HistoryError};
use crate::figures::Series;
use crate::file::History;
use crate::identity::RunId;
use crate::kept::{self, COLUMNS, KeptRun, NEWEST_FIRST};
use crate::metric::Metric;
use crate::selection::{Exclusion, LeftOut, Likeness, Point, left_out};
use crate::show;
use crate::text::unsigned;

/// Which runs to compare with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// Those of a branch.
    Branch(String),
    /// Those with a label.
    Label(String),
    /// Those of a release: by the version in their plan, or by their label.
    Release(String),
    /// This one.
    Run(RunId),
}

/// Which runs of which test to compare with.
#[derive(Debug, Clone, Copy)]
pub struct BaselineQuery<'a> {
    /// The scenario.
    pub scenario: &'a str,
    /// The test.
    pub test: &'a str,
    /// Which runs.
    pub reference: &'a Reference,
    /// The circumstances of the new run: only runs that do not differ from these are compared.
    pub environment: &'a Environment,
    /// Parts that may differ all the same.
    pub disregarded: &'a BTreeSet<Part>,
    /// The new run itself, which may have been added already and is not compared with itself.
    pub except: Option<&'a RunId>,
    /// No more than so many runs, the newest.
    pub limit: Option<usize>,
}

/// What a new run is compared with.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Baseline {
    /// The runs, the oldest first.
    pub runs: Vec<KeptRun>,
    /// Their points by series and metric, the oldest first. A run without the figure has none.
    pub points: BTreeMap<Series, BTreeMap<Metric, Vec<Point>>>,
    /// The runs of the test that match the reference and cannot be compared.
    pub left_out: Vec<LeftOut>,
}

impl History {
    /// The runs to compare with, and the points of one of their tests: those that match the
    /// reference, are complete and not invalid, and were run under the same circumstances. A run that
    /// is named by its id is held to the same.
    ///
    /// # Errors
    ///
    /// [`HistoryError::UnknownRun`] if there is no run of the id that is referred to; others if the
    /// file cannot be read or is damaged. That nothing can be compared is no error.
    pub fn baseline(&self, query: &BaselineQuery<'_>) -> Result<Baseline, HistoryError> {
        baseline(&self.connection, query).map_err(|failure| self.failed(failure))
    }
}

fn baseline(connection: &Connection, query: &BaselineQuery<'_>) -> Result<Baseline, Failure> {
    let transaction = connection.unchecked_transaction()?;
    let (condition, wanted) = match query.reference {
        Reference::Branch(name) => ("run.branch = ?3", name.as_str()),
        Reference::Label(name) => ("run.label = ?3", name.as_str()),
        Reference::Release(name) => ("(run.release = ?3 OR run.label = ?3)", name.as_str()),
        Reference::Run(id) => {
            kept::required(&transaction, id)?;
            ("run.id = ?3", id.as_str())
        }
    };
    let likeness = Likeness {
        environment: query.environment,
        disregarded: query.disregarded,
    };
    let sql = format!(
        "SELECT {COLUMNS}, test.environment
         FROM run JOIN test ON test.run = run.key AND test.name = ?2
         WHERE run.scenario = ?1 AND {condition} AND (?4 IS NULL OR run.id <> ?4)
         ORDER BY {NEWEST_FIRST}"
    );
    let except = query.except.map(RunId::as_str);
    let candidates = likeness.candidates(
        &transaction,
        &sql,
        &[&query.scenario, &query.test, &wanted, &except],
        |_, _| Ok(()),
    )?;
    let (mut chosen, mut exclusions) = (Vec::new(), Vec::new());
    if let Reference::Run(id) = query.reference
        && candidates.is_empty()
        && query.except != Some(id)
    {
        exclusions.push(Exclusion::OtherTest);
    }
    for candidate in candidates {
        match candidate.exclusion {
            Some(why) => exclusions.push(why),
            None => chosen.push((candidate.key, candidate.run)),
        }
    }
    chosen.truncate(query.limit.unwrap_or(usize::MAX));
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

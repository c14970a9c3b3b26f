//! The head of a run that is kept.

use jiff::Timestamp;
use plimsoll_report::document::{Outcome, Status, ValidityStatus};
use rusqlite::{Connection, Row, ToSql};

use crate::error::{Failure, HistoryError};
use crate::file::History;
use crate::identity::RunId;
use crate::text;

/// A run that is kept: what is said of it in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRun {
    /// What it is recognised by.
    pub id: RunId,
    /// The scenario that it is a run of: what its series are found by.
    pub scenario: String,
    /// The name of its scenario or plan.
    pub name: String,
    /// The version of the release that was tested.
    pub release: Option<String>,
    /// The name that it was given here. A run with a label is not pruned unless that is asked for.
    pub label: Option<String>,
    /// The revision that was tested, such as a commit of Git.
    pub revision: Option<String>,
    /// The branch that was tested.
    pub branch: Option<String>,
    /// When it started.
    pub started_at: Timestamp,
    /// From the start of the first test to the end of the last.
    pub duration_ns: u64,
    /// Whether it went to its end.
    pub status: Status,
    /// The verdict; `None` where nothing was to be judged.
    pub outcome: Option<Outcome>,
    /// The verdict and its reason in a sentence.
    pub sentence: String,
    /// Whether its figures may be believed.
    pub validity: ValidityStatus,
}

/// What [`KeptRun::read`] reads, in its order.
pub(crate) const COLUMNS: &str = "run.key, run.id, run.scenario, run.name, run.release, run.label, \
     run.revision, run.branch, run.started_ns, run.duration_ns, run.status, run.outcome, \
     run.sentence, run.validity";

/// How many columns that is.
pub(crate) const WIDTH: usize = 14;

/// The order of runs, the newest first. Runs that started together have one all the same.
pub(crate) const NEWEST_FIRST: &str = "run.started_ns DESC, run.id DESC";

impl KeptRun {
    /// The run of a row that begins with [`COLUMNS`], and its key.
    pub(crate) fn read(row: &Row<'_>) -> Result<(i64, Self), Failure> {
        let id: String = row.get(1)?;
        let outcome: Option<String> = row.get(11)?;
        let run = Self {
            id: RunId::parse(&id)
                .ok_or_else(|| Failure::Damaged("the id of a run is none".to_owned()))?,
            scenario: row.get(2)?,
            name: row.get(3)?,
            release: row.get(4)?,
            label: row.get(5)?,
            revision: row.get(6)?,
            branch: row.get(7)?,
            started_at: text::timestamp(row.get(8)?)?,
            duration_ns: text::unsigned(row.get(9)?)?,
            status: text::status(&row.get::<_, String>(10)?)?,
            outcome: outcome.as_deref().map(text::outcome).transpose()?,
            sentence: row.get(12)?,
            validity: text::validity(&row.get::<_, String>(13)?)?,
        };
        Ok((row.get(0)?, run))
    }
}

/// The runs of a statement whose rows begin with [`COLUMNS`].
pub(crate) fn all(
    connection: &Connection,
    sql: &str,
    parameters: &[&dyn ToSql],
) -> Result<Vec<(i64, KeptRun)>, Failure> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query(parameters)?;
    let mut runs = Vec::new();
    while let Some(row) = rows.next()? {
        runs.push(KeptRun::read(row)?);
    }
    Ok(runs)
}

/// The run with this id, and its key.
pub(crate) fn with_id(
    connection: &Connection,
    id: &RunId,
) -> Result<Option<(i64, KeptRun)>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM run WHERE run.id = ?1");
    Ok(all(connection, &sql, &[&id.as_str()])?.pop())
}

/// The same where there has to be one.
pub(crate) fn required(connection: &Connection, id: &RunId) -> Result<(i64, KeptRun), Failure> {
    with_id(connection, id)?.ok_or_else(|| Failure::UnknownRun(id.as_str().to_owned()))
}

impl History {
    /// Finds the run whose id begins with `prefix`.
    ///
    /// # Errors
    ///
    /// [`HistoryError::UnknownRun`] if there is none, [`HistoryError::AmbiguousRun`] if there are
    /// several; others if the file cannot be read.
    pub fn find(&self, prefix: &str) -> Result<KeptRun, HistoryError> {
        find(&self.connection, prefix).map_err(|failure| self.failed(failure))
    }

    /// Gives a run a label, or takes it away.
    ///
    /// # Errors
    ///
    /// [`HistoryError::UnknownRun`] if there is no such run; others if the file cannot be written.
    pub fn set_label(&mut self, id: &RunId, label: Option<&str>) -> Result<(), HistoryError> {
        let label = label.filter(|label| !label.is_empty());
        let set = self.connection.execute(
            "UPDATE run SET label = ?2 WHERE id = ?1",
            (id.as_str(), label),
        );
        match set {
            Ok(0) => Err(self.failed(Failure::UnknownRun(id.as_str().to_owned()))),
            Ok(_) => Ok(()),
            Err(error) => Err(self.failed(error)),
        }
    }
}

fn find(connection: &Connection, prefix: &str) -> Result<KeptRun, Failure> {
    // Not by LIKE, which knows wildcards.
    let sql = format!(
        "SELECT {COLUMNS} FROM run WHERE substr(run.id, 1, length(?1)) = ?1 ORDER BY {NEWEST_FIRST}"
    );
    let mut runs = all(connection, &sql, &[&prefix])?;
    match (runs.len(), runs.pop()) {
        (1, Some((_, run))) => Ok(run),
        (0, _) | (_, None) => Err(Failure::UnknownRun(prefix.to_owned())),
        (matches, _) => Err(Failure::AmbiguousRun {
            id: prefix.to_owned(),
            matches,
        }),
    }
}

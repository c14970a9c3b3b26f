//! Which runs there are.

use crate::error::{Failure, HistoryError};
use crate::figures::Series;
use crate::file::History;
use crate::kept::{self, COLUMNS, KeptRun, NEWEST_FIRST};

/// Which runs to list. Without anything, all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only those of this scenario.
    pub scenario: Option<String>,
    /// Only those of this branch.
    pub branch: Option<String>,
    /// Only those with this label.
    pub label: Option<String>,
    /// No more than so many, the newest.
    pub limit: Option<usize>,
}

impl History {
    /// Lists runs, the newest first.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] if the file cannot be read or is damaged.
    pub fn list(&self, filter: &Filter) -> Result<Vec<KeptRun>, HistoryError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM run
             WHERE (?1 IS NULL OR run.scenario = ?1)
               AND (?2 IS NULL OR run.branch = ?2)
               AND (?3 IS NULL OR run.label = ?3)
             ORDER BY {NEWEST_FIRST} LIMIT ?4"
        );
        // For SQLite, a negative limit is none.
        let limit = filter.limit.map_or(-1, |limit| limit as i64);
        let runs = kept::all(
            &self.connection,
            &sql,
            &[&filter.scenario, &filter.branch, &filter.label, &limit],
        );
        let runs = runs.map_err(|failure| self.failed(failure))?;
        Ok(runs.into_iter().map(|(_, run)| run).collect())
    }

    /// The series that there are points of, of one scenario or of all, in the order in which they
    /// were first seen.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] if the file cannot be read or is damaged.
    pub fn all_series(&self, scenario: Option<&str>) -> Result<Vec<Series>, HistoryError> {
        let read = || -> Result<Vec<Series>, Failure> {
            let mut statement = self.connection.prepare(
                "SELECT scenario, test, journey, step FROM series
                 WHERE ?1 IS NULL OR scenario = ?1 ORDER BY key",
            )?;
            let series = statement.query_map([scenario], |row| {
                Ok(Series {
                    scenario: row.get(0)?,
                    test: row.get(1)?,
                    journey: row.get(2)?,
                    step: row.get(3)?,
                })
            })?;
            Ok(series.collect::<Result<_, _>>()?)
        };
        read().map_err(|failure| self.failed(failure))
    }
}

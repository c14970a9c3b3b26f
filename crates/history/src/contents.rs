//! What a history holds, in numbers.

use jiff::Timestamp;

use crate::error::{Failure, HistoryError};
use crate::file::History;
use crate::text::{timestamp, unsigned};

/// How much there is in a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// Runs.
    pub runs: u64,
    /// Those among them with a label.
    pub labelled: u64,
    /// Scenarios.
    pub scenarios: u64,
    /// Series of all scenarios.
    pub series: u64,
    /// Points of all series.
    pub points: u64,
    /// Histograms.
    pub histograms: u64,
    /// Different circumstances.
    pub environments: u64,
    /// When the oldest run started.
    pub oldest: Option<Timestamp>,
    /// When the newest run started.
    pub newest: Option<Timestamp>,
    /// The size of the file.
    pub bytes: u64,
    /// The version of its schema.
    pub schema: u64,
}

impl History {
    /// What there is.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] if the file cannot be read or is damaged.
    pub fn contents(&self) -> Result<Contents, HistoryError> {
        let contents = || -> Result<Contents, Failure> {
            let transaction = self.connection.unchecked_transaction()?;
            let number = |what: &str| -> Result<u64, Failure> {
                let sql = format!("SELECT {what}");
                unsigned(transaction.query_row(&sql, [], |row| row.get(0))?)
            };
            let time = |what: &str| -> Result<Option<Timestamp>, Failure> {
                let sql = format!("SELECT {what}(started_ns) FROM run");
                let ns: Option<i64> = transaction.query_row(&sql, [], |row| row.get(0))?;
                ns.map(timestamp).transpose()
            };
            Ok(Contents {
                runs: number("count(*) FROM run")?,
                labelled: number("count(label) FROM run")?,
                scenarios: number("count(DISTINCT scenario) FROM run")?,
                series: number("count(*) FROM series")?,
                points: number("count(*) FROM point")?,
                histograms: number("count(*) FROM histogram")?,
                environments: number("count(*) FROM environment")?,
                oldest: time("min")?,
                newest: time("max")?,
                bytes: number("page_count * page_size FROM pragma_page_count, pragma_page_size")?,
                schema: number("user_version FROM pragma_user_version")?,
            })
        };
        contents().map_err(|failure| self.failed(failure))
    }
}

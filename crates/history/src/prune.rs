//! Runs go.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{Connection, TransactionBehavior};

use crate::error::{Failure, HistoryError};
use crate::file::History;
use crate::kept::{self, COLUMNS, KeptRun, NEWEST_FIRST};

/// Which runs are too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surplus {
    /// All but the newest so many of each branch of each scenario. Runs of no branch are a branch.
    BeyondNewest(usize),
    /// Those that started before.
    StartedBefore(Timestamp),
}

/// What to prune.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pruning {
    /// Which runs.
    pub surplus: Surplus,
    /// Only those of this scenario.
    pub scenario: Option<String>,
    /// Only those of this branch.
    pub branch: Option<String>,
    /// Those with a label too. Otherwise they stay, and do not count among the newest.
    pub labelled: bool,
}

impl Pruning {
    /// Everywhere, those with a label apart.
    pub const fn of(surplus: Surplus) -> Self {
        Self {
            surplus,
            scenario: None,
            branch: None,
            labelled: false,
        }
    }
}

/// What came of pruning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pruned {
    /// The runs that went, the newest first.
    pub runs: Vec<KeptRun>,
    /// Why the room they took was not given back, if it was not: another program uses the file, or there is no
    /// room for a smaller copy of it. It is used again for runs to come then.
    pub not_compacted: Option<String>,
}

impl History {
    /// The runs that [`prune`](Self::prune) would remove, the newest first.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] if the file cannot be read or is damaged.
    pub fn surplus(&self, pruning: &Pruning) -> Result<Vec<KeptRun>, HistoryError> {
        let surplus = surplus(&self.connection, pruning).map_err(|failure| self.failed(failure))?;
        Ok(surplus.into_iter().map(|(_, run)| run).collect())
    }

    /// Removes runs with everything that is kept of them, all of them or none, and makes the file
    /// smaller.
    ///
    /// # Errors
    ///
    /// [`HistoryError::Busy`] if another program does not finish writing; others if the file cannot
    /// be written or is damaged.
    pub fn prune(&mut self, pruning: &Pruning) -> Result<Pruned, HistoryError> {
        let runs = prune(&mut self.connection, pruning).map_err(|failure| self.failed(failure))?;
        // What was removed stays removed, whatever comes of this.
        let compaction = match runs.is_empty() {
            true => Ok(()),
            false => self.connection.execute_batch("VACUUM"),
        };
        let not_compacted = compaction.err().map(|error| self.failed(error).to_string());
        Ok(Pruned {
            runs,
            not_compacted,
        })
    }
}

fn surplus(connection: &Connection, pruning: &Pruning) -> Result<Vec<(i64, KeptRun)>, Failure> {
    let sql = format!(
        "SELECT {COLUMNS} FROM run
         WHERE (?1 IS NULL OR run.scenario = ?1)
           AND (?2 IS NULL OR run.branch = ?2)
           AND (?3 OR run.label IS NULL)
         ORDER BY {NEWEST_FIRST}"
    );
    let parameters: [&dyn rusqlite::ToSql; 3] =
        [&pruning.scenario, &pruning.branch, &pruning.labelled];
    let mut runs = kept::all(connection, &sql, &parameters)?;
    match pruning.surplus {
        Surplus::StartedBefore(time) => runs.retain(|(_, run)| run.started_at < time),
        Surplus::BeyondNewest(count) => {
            let mut seen = BTreeMap::<_, usize>::new();
            runs.retain(|(_, run)| {
                let of = (run.scenario.clone(), run.branch.clone());
                let seen = seen.entry(of).or_default();
                *seen += 1;
                *seen > count
            });
        }
    }
    Ok(runs)
}

/// What belongs to a run, what it is of coming last.
const OF_A_RUN: [&str; 4] = [
    "DELETE FROM point WHERE run = ?1",
    "DELETE FROM histogram WHERE run = ?1",
    "DELETE FROM test WHERE run = ?1",
    "DELETE FROM run WHERE key = ?1",
];

/// What nothing refers to any more.
const ORPHANS: &str = "
    DELETE FROM series WHERE key NOT IN (SELECT series FROM point)
        AND key NOT IN (SELECT series FROM histogram);
    DELETE FROM environment_part WHERE environment NOT IN (SELECT environment FROM test);
    DELETE FROM environment WHERE key NOT IN (SELECT environment FROM test);";

fn prune(connection: &mut Connection, pruning: &Pruning) -> Result<Vec<KeptRun>, Failure> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let runs = surplus(&transaction, pruning)?;
    for (key, _) in &runs {
        for statement in OF_A_RUN {
            transaction.execute(statement, [key])?;
        }
    }
    if !runs.is_empty() {
        transaction.execute_batch(ORPHANS)?;
    }
    transaction.commit()?;
    Ok(runs.into_iter().map(|(_, run)| run).collect())
}

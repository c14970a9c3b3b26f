//! Which runs of a test can be compared, and which are left out and why.

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};
use std::fmt;

use jiff::Timestamp;
use plimsoll_report::document::{Status, ValidityStatus};
use rusqlite::{Connection, ToSql};

use crate::environment::{Difference, Environment, Part};
use crate::error::Failure;
use crate::identity::RunId;
use crate::kept::{KeptRun, WIDTH};
use crate::metric::Value;
use crate::show;

/// A figure of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// The run.
    pub run: RunId,
    /// When it started.
    pub started_at: Timestamp,
    /// What the figure is.
    pub value: Value,
    /// How many samples it rests on.
    pub samples: u64,
}

/// Why runs are left out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Exclusion {
    /// They did not go to their end, or this test of theirs did not, so that their figures are of a part.
    NotComplete,
    /// Their figures may not be believed.
    Invalid,
    /// They were run under other circumstances, which differ in this.
    Environment(Vec<Difference>),
    /// They have no such figure: nothing was counted, or the series was not there.
    NoFigure,
}

/// Runs that were left out of a selection for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// How many.
    pub runs: usize,
    /// Why.
    pub why: Exclusion,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.runs {
            1 => write!(formatter, "1 run was left out: "),
            runs => write!(formatter, "{runs} runs were left out: "),
        }?;
        match &self.why {
            Exclusion::NotComplete => write!(formatter, "not run to the end"),
            Exclusion::Invalid => write!(formatter, "not valid"),
            Exclusion::NoFigure => write!(formatter, "without such a figure"),
            Exclusion::Environment(differences) => {
                let all: Vec<_> = differences.iter().map(Difference::to_string).collect();
                formatter.write_str(&all.join(", "))
            }
        }
    }
}

/// A test of a run that may be compared, or why it may not.
pub(crate) struct Candidate<R> {
    /// The key of the run.
    pub(crate) key: i64,
    pub(crate) run: KeptRun,
    /// What else was asked for.
    pub(crate) rest: R,
    pub(crate) exclusion: Option<Exclusion>,
}

/// What candidates are held against.
pub(crate) struct Likeness<'a> {
    pub(crate) environment: &'a Environment,
    pub(crate) disregarded: &'a BTreeSet<Part>,
}

impl Likeness<'_> {
    /// Reads runs of a test: `sql` gives the columns of a run, the key of the test's environment, whether the
    /// test was cut short, and whatever `rest` reads from the next column on.
    pub(crate) fn candidates<R>(
        &self,
        connection: &Connection,
        sql: &str,
        parameters: &[&dyn ToSql],
        rest: impl Fn(&rusqlite::Row<'_>, usize) -> Result<R, Failure>,
    ) -> Result<Vec<Candidate<R>>, Failure> {
        let mut statement = connection.prepare(sql)?;
        let mut rows = statement.query(parameters)?;
        let mut known = BTreeMap::new();
        let mut candidates = Vec::new();
        while let Some(row) = rows.next()? {
            let (key, run) = KeptRun::read(row)?;
            let environment: i64 = row.get(WIDTH)?;
            let differences = match known.entry(environment) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unknown) => {
                    let other = show::environment(connection, environment)?;
                    unknown.insert(self.environment.differences(&other, self.disregarded))
                }
            };
            candidates.push(Candidate {
                exclusion: exclusion(&run, row.get(WIDTH + 1)?, differences),
                key,
                run,
                rest: rest(row, WIDTH + 2)?,
            });
        }
        Ok(candidates)
    }
}

fn exclusion(run: &KeptRun, is_cut_short: bool, differences: &[Difference]) -> Option<Exclusion> {
    if !differences.is_empty() {
        Some(Exclusion::Environment(differences.to_vec()))
    } else if run.status != Status::Complete || is_cut_short {
        Some(Exclusion::NotComplete)
    } else if run.validity == ValidityStatus::Invalid {
        Some(Exclusion::Invalid)
    } else {
        None
    }
}

/// Counts exclusions, those of most runs first.
pub(crate) fn left_out(exclusions: impl IntoIterator<Item = Exclusion>) -> Vec<LeftOut> {
    let mut counts = BTreeMap::<_, usize>::new();
    for why in exclusions {
        *counts.entry(why).or_default() += 1;
    }
    let counts = counts.into_iter();
    let mut all: Vec<_> = counts.map(|(why, runs)| LeftOut { runs, why }).collect();
    all.sort_by_key(|one| std::cmp::Reverse(one.runs));
    all
}

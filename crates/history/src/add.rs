//! A run comes in.

use std::collections::BTreeMap;

use jiff::Timestamp;
use plimsoll_report::document::{Run, Status, Test};
use rusqlite::{Connection, OptionalExtension, Statement, Transaction, TransactionBehavior};

use crate::codec;
use crate::environment::{Circumstances, Environment};
use crate::error::{Failure, HistoryError, Refusal};
use crate::figures::{self, SeriesFigures};
use crate::file::History;
use crate::histograms::Histograms;
use crate::identity::RunId;
use crate::kept::{self, KeptRun};
use crate::metric::Metric;
use crate::text::{of_outcome, of_status, of_timestamp, of_validity, signed};

/// Where a run comes from, as far as its document does not say. What is empty counts as not said:
/// the variables of a continuous integration often are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provenance {
    /// The scenario, if it has another name than the run: that of a plan's run is the plan's, and
    /// plans change with every release.
    pub scenario: Option<String>,
    /// The version of the release, if it is not the plan's.
    pub release: Option<String>,
    /// The revision, such as a commit of Git, if it is not the plan's.
    pub revision: Option<String>,
    /// The branch.
    pub branch: Option<String>,
    /// A name to find this run by, such as `4.11.3` or `before the migration`.
    pub label: Option<String>,
}

/// A run that is to be added.
#[derive(Debug, Clone, Copy)]
pub struct NewRun<'a> {
    /// Its document.
    pub run: &'a Run,
    /// Its circumstances.
    pub circumstances: &'a Circumstances,
    /// Where it comes from.
    pub provenance: &'a Provenance,
    /// Its response times, as far as they are to be kept.
    pub histograms: &'a Histograms,
}

/// What came of adding a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Added {
    /// It is kept now.
    New(KeptRun),
    /// It was there already, as it is given here, and nothing was changed.
    Known(KeptRun),
}

impl Added {
    /// The run as it is kept.
    pub const fn run(&self) -> &KeptRun {
        match self {
            Self::New(run) | Self::Known(run) => run,
        }
    }
}

impl History {
    /// Sees whether a run can be kept, before any is.
    ///
    /// # Errors
    ///
    /// [`HistoryError::Refused`] if not.
    pub fn accepts(run: &Run) -> Result<(), HistoryError> {
        match start(run) {
            Ok(_) => Ok(()),
            Err(refusal) => Err(HistoryError::Refused {
                name: run.name.clone(),
                refusal,
            }),
        }
    }

    /// Adds a run that is over, all of it or nothing. A run that is there already is recognised by
    /// [`RunId`] and not added twice.
    ///
    /// # Errors
    ///
    /// [`HistoryError::Refused`] if it is nothing that can be kept, [`HistoryError::Busy`] if another
    /// program does not finish writing; others if the file cannot be written or is damaged.
    pub fn add(&mut self, new: &NewRun<'_>) -> Result<Added, HistoryError> {
        add(&mut self.connection, new).map_err(|failure| self.failed(failure))
    }
}

fn add(connection: &mut Connection, new: &NewRun<'_>) -> Result<Added, Failure> {
    let refused = |refusal| Failure::Refused {
        name: new.run.name.clone(),
        refusal,
    };
    let kept = head(new).map_err(refused)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if let Some((_, known)) = kept::with_id(&transaction, &kept.id)? {
        return Ok(Added::Known(known));
    }
    let mut writer = Writer {
        new,
        scenario: &kept.scenario,
        run: insert_head(&transaction, &kept)?,
        metrics: metrics(&transaction)?,
        point: transaction.prepare(
            "INSERT INTO point (series, metric, run, value, samples) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?,
        transaction: &transaction,
    };
    for (position, test) in (0_i64..).zip(&new.run.tests) {
        writer.test(position, test)?;
    }
    drop(writer);
    transaction.commit()?;
    Ok(Added::New(kept))
}

/// When a run started, if it is one that can be kept.
fn start(run: &Run) -> Result<Timestamp, Refusal> {
    if run.status == Status::Incomplete {
        return Err(Refusal::NotOver);
    }
    if run.items.iter().any(|item| !item.attempts.is_empty()) {
        return Err(Refusal::Merged);
    }
    if run.is_search() {
        return Err(Refusal::Search);
    }
    if run.tests.is_empty() {
        return Err(Refusal::NothingMeasured);
    }
    let started_at = run.started_at.ok_or(Refusal::NoStart)?;
    of_timestamp(started_at).ok_or(Refusal::ImpossibleStart)?;
    figures::told_apart(run)?;
    Ok(started_at)
}

/// The head of a run, if it can be kept.
fn head(new: &NewRun<'_>) -> Result<KeptRun, Refusal> {
    let (run, provenance) = (new.run, new.provenance);
    let started_at = start(run)?;
    let said = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let plan = run.plan.as_ref();
    Ok(KeptRun {
        id: RunId::of(run),
        scenario: said(&provenance.scenario).unwrap_or_else(|| run.name.clone()),
        name: run.name.clone(),
        release: said(&provenance.release).or_else(|| plan?.version.clone()),
        label: said(&provenance.label),
        revision: said(&provenance.revision).or_else(|| plan?.revision.clone()),
        branch: said(&provenance.branch),
        started_at,
        duration_ns: run.duration_ns.min(i64::MAX as u64),
        status: run.status,
        outcome: run.verdict.outcome,
        sentence: run.verdict.sentence.clone(),
        validity: run.validity.status,
    })
}

fn insert_head(transaction: &Transaction<'_>, run: &KeptRun) -> Result<i64, Failure> {
    transaction.execute(
        "INSERT INTO run (id, scenario, name, release, label, revision, branch, started_ns,
             duration_ns, status, outcome, sentence, validity)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        (
            run.id.as_str(),
            &run.scenario,
            &run.name,
            &run.release,
            &run.label,
            &run.revision,
            &run.branch,
            of_timestamp(run.started_at),
            signed(run.duration_ns),
            of_status(run.status),
            run.outcome.map(of_outcome),
            &run.sentence,
            of_validity(run.validity),
        ),
    )?;
    Ok(transaction.last_insert_rowid())
}

/// Writes what belongs to a run.
struct Writer<'a> {
    transaction: &'a Transaction<'a>,
    new: &'a NewRun<'a>,
    scenario: &'a str,
    /// The key of the run.
    run: i64,
    /// The keys of the metrics.
    metrics: BTreeMap<Metric, i64>,
    /// Inserts a point.
    point: Statement<'a>,
}

impl Writer<'_> {
    fn test(&mut self, position: i64, test: &Test) -> Result<(), Failure> {
        let environment = Environment::of(self.new.run, test, self.new.circumstances);
        self.transaction.execute(
            "INSERT INTO test (run, name, position, environment, elapsed_ns, warmup_ns, cut_short)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            (
                self.run,
                &test.name,
                position,
                self.environment(&environment)?,
                signed(test.elapsed_ns),
                signed(test.warmup.until_ns),
                test.cut_short,
            ),
        )?;
        for series in figures::of(test) {
            self.series(test, &series)?;
        }
        Ok(())
    }

    /// The key of an environment.
    fn environment(&self, environment: &Environment) -> Result<i64, Failure> {
        let digest = environment.digest();
        let known = "SELECT key FROM environment WHERE digest = ?1";
        let known = self
            .transaction
            .query_row(known, [&digest], |row| row.get(0));
        if let Some(key) = known.optional()? {
            return Ok(key);
        }
        let insert = "INSERT INTO environment (digest) VALUES (?1)";
        self.transaction.execute(insert, [&digest])?;
        let key = self.transaction.last_insert_rowid();
        for (part, value) in environment.parts() {
            self.transaction.execute(
                "INSERT INTO environment_part (environment, name, value) VALUES (?1, ?2, ?3)",
                (key, part.name(), value),
            )?;
        }
        Ok(key)
    }

    fn series(&mut self, test: &Test, series: &SeriesFigures<'_>) -> Result<(), Failure> {
        let key = self.series_key(&test.name, series)?;
        for figure in &series.figures {
            self.point.execute((
                key,
                self.metrics.get(&figure.metric),
                self.run,
                figure.value.finite(),
                signed(figure.samples),
            ))?;
        }
        let histogram = self
            .new
            .histograms
            .get(&test.name, series.journey, series.step)
            .filter(|histogram| !histogram.is_empty());
        if let Some(histogram) = histogram {
            let encoded = codec::encode(histogram).ok_or_else(|| Failure::Refused {
                name: self.new.run.name.clone(),
                refusal: Refusal::Histogram {
                    name: series
                        .step
                        .or(series.journey)
                        .unwrap_or(&test.name)
                        .to_owned(),
                },
            })?;
            self.transaction.execute(
                "INSERT INTO histogram (run, series, samples, encoded) VALUES (?1, ?2, ?3, ?4)",
                (self.run, key, signed(histogram.len()), encoded),
            )?;
        }
        Ok(())
    }

    fn series_key(&self, test: &str, series: &SeriesFigures<'_>) -> Result<i64, Failure> {
        let names = (self.scenario, test, series.journey, series.step);
        let known = "SELECT key FROM series
             WHERE scenario = ?1 AND test = ?2 AND journey IS ?3 AND step IS ?4";
        let known = self.transaction.query_row(known, names, |row| row.get(0));
        if let Some(key) = known.optional()? {
            return Ok(key);
        }
        let insert = "INSERT INTO series (scenario, test, journey, step) VALUES (?1, ?2, ?3, ?4)";
        self.transaction.execute(insert, names)?;
        Ok(self.transaction.last_insert_rowid())
    }
}

/// The keys of all metrics.
fn metrics(transaction: &Transaction<'_>) -> Result<BTreeMap<Metric, i64>, Failure> {
    let mut insert =
        transaction.prepare("INSERT OR IGNORE INTO metric (name, unit) VALUES (?1, ?2)")?;
    let mut find = transaction.prepare("SELECT key FROM metric WHERE name = ?1")?;
    let mut keys = BTreeMap::new();
    for metric in Metric::ALL {
        insert.execute((metric.name(), metric.unit().name()))?;
        keys.insert(metric, find.query_row([metric.name()], |row| row.get(0))?);
    }
    Ok(keys)
}

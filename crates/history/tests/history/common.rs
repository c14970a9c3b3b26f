//! Runs to keep, and where to keep them.

use std::collections::BTreeSet;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use plimsoll_history::{
    Added, Circumstances, Environment, Histograms, History, HistoryError, Machine, NewRun, Part,
    Provenance, Series,
};
use plimsoll_report::document::Run;
use plimsoll_report::fixture;
use rusqlite::Connection;
use tempfile::TempDir;

/// A run like any other; what is measured and when depends on the number alone.
pub(crate) fn run(number: u64) -> Run {
    let mut run = fixture::healthy();
    run.started_at = Some(minute(number));
    let test = &mut run.tests[0];
    test.seed = Some(number);
    test.journeys[0].steps[1].response.p99_ns = Some(p99_ns(number));
    run
}

/// When it starts.
pub(crate) fn minute(number: u64) -> Timestamp {
    let start: Timestamp = "2026-11-18T14:00:00Z".parse().unwrap();
    start + SignedDuration::from_mins(i64::try_from(number).unwrap())
}

/// What is measured of `expected/search/results` in it.
pub(crate) fn p99_ns(number: u64) -> u64 {
    380_000_000 + number
}

/// The series that this is measured of.
pub(crate) fn results() -> Series {
    Series {
        scenario: "travel-shop".to_owned(),
        test: "expected".to_owned(),
        journey: Some("search".to_owned()),
        step: Some("results".to_owned()),
    }
}

/// The circumstances of a run on a machine of this kind.
pub(crate) fn on(processor: &str) -> Circumstances {
    Circumstances {
        machine: Machine {
            processor: Some(processor.to_owned()),
            cores: Some(4),
            memory_bytes: Some(16_000_000_000),
            kernel: Some("6.11".to_owned()),
        },
        target: Some("demo".to_owned()),
        options: None,
    }
}

/// The environment of [`run`] under these circumstances.
pub(crate) fn environment(circumstances: &Circumstances) -> Environment {
    let run = run(0);
    Environment::of(&run, &run.tests[0], circumstances)
}

/// Everything matters.
pub(crate) static STRICT: BTreeSet<Part> = BTreeSet::new();

/// A run of a branch.
pub(crate) fn of_branch(branch: &str) -> Provenance {
    Provenance {
        branch: Some(branch.to_owned()),
        ..Provenance::default()
    }
}

/// Adds a run.
pub(crate) fn add(
    history: &mut History,
    run: &Run,
    circumstances: &Circumstances,
    provenance: &Provenance,
) -> Result<Added, HistoryError> {
    history.add(&NewRun {
        run,
        circumstances,
        provenance,
        histograms: &Histograms::default(),
    })
}

/// Adds [`run`] on a usual machine.
pub(crate) fn add_number(history: &mut History, number: u64) -> Added {
    add(history, &run(number), &on("EPYC"), &of_branch("main")).unwrap()
}

/// A folder with the path of a history in it that is not there yet.
pub(crate) fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.sqlite");
    (folder, path)
}

/// A new history.
pub(crate) fn begun() -> (TempDir, History) {
    let (folder, path) = place();
    let history = History::create(path).unwrap();
    (folder, history)
}

/// What stands in a folder.
pub(crate) fn names_in(folder: &TempDir) -> Vec<String> {
    let entries = std::fs::read_dir(folder.path()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

/// Reads all of the file and sees whether it can be what was written.
pub(crate) fn check(history: &History) -> Result<(), String> {
    let connection = Connection::open(history.path()).unwrap();
    let first = |sql| connection.query_row(sql, [], |row| row.get::<_, String>(0));
    match first("PRAGMA integrity_check(1)") {
        Ok(found) if found == "ok" => {}
        Ok(found) => return Err(found),
        Err(error) => return Err(error.to_string()),
    }
    match first("SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1") {
        Err(rusqlite::Error::QueryReturnedNoRows) => Ok(()),
        Ok(table) => Err(format!("a row of `{table}` belongs to nothing")),
        Err(error) => Err(error.to_string()),
    }
}

/// How many rows a table of the file has.
pub(crate) fn count(history: &History, table: &str) -> i64 {
    let connection = Connection::open(history.path()).unwrap();
    let sql = format!("SELECT count(*) FROM {table}");
    connection.query_row(&sql, [], |row| row.get(0)).unwrap()
}

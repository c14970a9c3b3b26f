//! Files of every version that there ever was are read.

use crate::common::*;
use plimsoll_history::{
    Filter, History, Metric, Part, RunId, SCHEMA_VERSION, Series, TrendQuery, Value,
};
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::path::Path;

/// A file as version 1 wrote it: two runs on two machines, the first with a label.
fn version_1(path: &Path) {
    let connection = Connection::open(path).unwrap();
    connection
        .execute_batch(include_str!("version_1.sql"))
        .unwrap();
}

/// What makes the schema of a file.
fn schema(path: &Path) -> Vec<(String, Option<String>)> {
    let connection = Connection::open(path).unwrap();
    let sql = "SELECT name, sql FROM sqlite_schema ORDER BY name";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

fn search() -> Series {
    Series {
        step: None,
        ..results()
    }
}

#[test]
fn a_file_of_version_1_has_what_it_had() {
    let (folder, path) = place();
    version_1(&path);
    let history = History::open(&path).unwrap();
    check(&history).unwrap();
    let runs = history.list(&Filter::default()).unwrap();
    let [second, first] = runs.as_slice() else {
        panic!("{runs:?}")
    };
    assert_eq!(
        (first.started_at, second.started_at),
        (minute(0), minute(1))
    );
    assert_eq!(first.label.as_deref(), Some("before the migration"));
    assert_eq!(second.label, None);
    for run in &runs {
        assert_eq!(run.release.as_deref(), Some("4.11.3"));
        assert_eq!(run.revision.as_deref(), Some("9f2c1e0"));
        assert_eq!(run.branch.as_deref(), Some("main"));
    }
    let shown = history.show(&second.id).unwrap();
    let environment = &shown.tests[0].environment;
    assert_eq!(environment.get(&Part::PROCESSOR), Some("Xeon"));
    let counted = history.histogram(&first.id, &results()).unwrap().unwrap();
    assert_eq!(counted.len(), 4);
    assert_eq!(counted.max(), 388_235_263);
    let trend = |metric| {
        let trend = history.trend(&TrendQuery {
            series: &results(),
            metric,
            environment,
            disregarded: &BTreeSet::from([Part::PROCESSOR]),
            branch: None,
            limit: None,
        });
        let points = trend.unwrap().points.into_iter();
        points.map(|point| point.value).collect::<Vec<_>>()
    };
    let p95 = Value::Finite(283_240_000.0);
    assert_eq!(trend(Metric::P95), [p95, p95]);
    assert_eq!(
        trend(Metric::Max),
        [Value::Finite(671_240_000.0), Value::Infinite]
    );
    assert_eq!(history.all_series(None).unwrap()[1], search());
    drop(history);
    assert_eq!(names_in(&folder), ["history.sqlite"]);
}

#[test]
fn a_file_of_version_1_is_brought_up_to_date_and_goes_on() {
    let (_folder, old) = place();
    version_1(&old);
    let mut history = History::open(&old).unwrap();
    let connection = Connection::open(&old).unwrap();
    let sql = "SELECT user_version FROM pragma_user_version";
    let version: u32 = connection.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(version, SCHEMA_VERSION);
    drop(connection);
    let added = add_number(&mut history, 2);
    assert_eq!(added.run().id, RunId::of(&run(2)));
    assert_eq!(history.list(&Filter::default()).unwrap().len(), 3);
    drop(history);
    let (_folder, new) = place();
    drop(History::create(&new).unwrap());
    assert_eq!(schema(&old), schema(&new));
}

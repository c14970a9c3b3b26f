//! What cannot be opened is told apart, with its place and its cure.

use crate::common::*;
use plimsoll_history::{Filter, History, HistoryError};
use rusqlite::Connection;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// The error has to name the file.
fn refused(opened: Result<History, HistoryError>, path: &Path) -> (HistoryError, String) {
    let error = opened.unwrap_err();
    let text = error.to_string();
    assert!(text.contains(&*path.to_string_lossy()), "{text}");
    (error, text)
}

#[test]
fn where_there_is_no_file_there_is_nothing_to_open() {
    let (_folder, path) = place();
    let (error, text) = refused(History::open(&path), &path);
    assert!(matches!(error, HistoryError::Missing { .. }), "{text}");
    assert!(text.contains("add one to begin it"), "{text}");
    assert!(!path.exists());
}

#[test]
fn where_there_is_no_folder_nothing_is_begun() {
    let (folder, _) = place();
    let path = folder.path().join("no/such/history.sqlite");
    let (error, text) = refused(History::create(&path), &path);
    assert!(matches!(error, HistoryError::NoFolder { .. }), "{text}");
    assert!(text.contains("make it"), "{text}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_takes_no_files_is_told() {
    // Not even the superuser may make a file there.
    let path = Path::new("/proc/self/history.sqlite");
    let (error, text) = refused(History::create(path), path);
    assert!(matches!(error, HistoryError::NotReadable { .. }), "{text}");
}

#[test]
fn a_folder_is_no_history() {
    let (folder, _) = place();
    for opened in [History::open(folder.path()), History::create(folder.path())] {
        let (error, text) = refused(opened, folder.path());
        assert!(matches!(error, HistoryError::NotReadable { .. }), "{text}");
    }
}

#[test]
fn special_names_are_names() {
    assert!(matches!(
        History::open(":memory:"),
        Err(HistoryError::Missing { .. })
    ));
    assert!(matches!(
        History::open("file:x?mode=memory"),
        Err(HistoryError::Missing { .. })
    ));
    History::create("").unwrap_err();
}

#[test]
fn a_file_of_something_else_is_refused_and_left_alone() {
    let (_folder, path) = place();
    let noise: Vec<u8> = (0..8_192_u32)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    for content in [
        b"{\"schema\": \"plimsoll.run/1\"}".to_vec(),
        b"SQLite format 3\0".to_vec(),
        noise,
    ] {
        fs::write(&path, &content).unwrap();
        for opened in [History::open(&path), History::create(&path)] {
            let (error, text) = refused(opened, &path);
            assert!(matches!(error, HistoryError::Foreign { .. }), "{text}");
            assert!(text.contains("name another file"), "{text}");
        }
        assert_eq!(fs::read(&path).unwrap(), content);
    }
}

#[test]
fn the_database_of_another_program_is_refused_and_left_alone() {
    let (_folder, path) = place();
    let sql = "CREATE TABLE run (key INTEGER); PRAGMA user_version = 1;";
    Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    let before = fs::read(&path).unwrap();
    for opened in [History::open(&path), History::create(&path)] {
        let (error, text) = refused(opened, &path);
        assert!(matches!(error, HistoryError::Foreign { .. }), "{text}");
    }
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn an_empty_file_is_begun_and_not_opened() {
    let (_folder, path) = place();
    fs::write(&path, b"").unwrap();
    let (error, text) = refused(History::open(&path), &path);
    assert!(matches!(error, HistoryError::Foreign { .. }), "{text}");
    let mut history = History::create(&path).unwrap();
    add_number(&mut history, 0);
}

#[test]
fn a_file_of_a_newer_schema_is_refused_with_the_cure() {
    let (_folder, path) = place();
    drop(History::create(&path).unwrap());
    let sql = "PRAGMA user_version = 99";
    Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    let (error, text) = refused(History::open(&path), &path);
    assert!(
        matches!(
            error,
            HistoryError::Newer {
                found: 99,
                known: 2,
                ..
            }
        ),
        "{text}"
    );
    assert!(
        text.contains("use that plimsoll, or begin another file"),
        "{text}"
    );
}

#[test]
fn a_file_of_a_newer_schema_is_left_as_it_is() {
    let (_folder, path) = place();
    drop(History::create(&path).unwrap());
    let sql = "PRAGMA journal_mode = WAL; PRAGMA user_version = 99;";
    Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    let before = fs::read(&path).unwrap();
    History::open(&path).unwrap_err();
    History::create(&path).unwrap_err();
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_file_that_somebody_gave_a_log_is_one_file_again() {
    let (folder, path) = place();
    add_number(&mut History::create(&path).unwrap(), 0);
    let sql = "PRAGMA journal_mode = WAL; UPDATE run SET label = 'x';";
    Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    assert_eq!(versions(&path), [2, 2]);
    add_number(&mut History::open(&path).unwrap(), 1);
    assert_eq!(versions(&path), [1, 1]);
    assert_eq!(names_in(&folder), ["history.sqlite"]);
    let history = History::open(&path).unwrap();
    assert_eq!(history.list(&Filter::default()).unwrap().len(), 2);
}

/// How a file is written and read by its header (SQLite's file format, 1.3.3): 1 with a rollback
/// journal, 2 with a write-ahead log.
fn versions(path: &Path) -> [u8; 2] {
    let bytes = fs::read(path).unwrap();
    [bytes[18], bytes[19]]
}

#[test]
fn nothing_that_stands_in_a_file_is_run() {
    let (_folder, path) = place();
    let mut history = History::create(&path).unwrap();
    add_number(&mut history, 0);
    let trigger = "CREATE TRIGGER gone AFTER INSERT ON run BEGIN DELETE FROM histogram; \
         UPDATE run SET label = 'taken'; END";
    Connection::open(&path)
        .unwrap()
        .execute_batch(trigger)
        .unwrap();
    let mut history = History::open(&path).unwrap();
    add_number(&mut history, 1);
    let runs = history.list(&Filter::default()).unwrap();
    assert!(runs.iter().all(|run| run.label.is_none()), "{runs:?}");
}

#[test]
fn a_program_that_does_not_stop_writing_is_told_and_nothing_is_changed() {
    let (_folder, mut history) = begun();
    add_number(&mut history, 0);
    let other = Connection::open(history.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    history.set_patience(Duration::ZERO).unwrap();
    let error = add(&mut history, &run(1), &on("EPYC"), &of_branch("main")).unwrap_err();
    assert!(matches!(error, HistoryError::Busy { .. }), "{error}");
    assert!(
        error.to_string().contains("wait for it or end it"),
        "{error}"
    );
    // Who only reads is not kept waiting.
    assert_eq!(history.list(&Filter::default()).unwrap().len(), 1);
    other.execute_batch("ROLLBACK").unwrap();
    add_number(&mut history, 1);
}

#[test]
fn tables_that_are_not_as_they_should_be_are_damage() {
    for sql in [
        "DROP TABLE histogram",
        "ALTER TABLE run RENAME COLUMN sentence TO words",
        "UPDATE run SET status = 'perhaps'",
        "UPDATE run SET duration_ns = -1",
        "UPDATE run SET id = 'short'",
        "UPDATE test SET elapsed_ns = -5",
    ] {
        let (_folder, path) = place();
        let mut history = History::create(&path).unwrap();
        let id = add_number(&mut history, 0).run().id.clone();
        drop(history);
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        let history = History::open(&path).unwrap();
        let read = history.find("").and_then(|_| history.show(&id));
        let read = read.and_then(|_| history.histogram(&id, &results()));
        let error = read.unwrap_err();
        assert!(
            matches!(error, HistoryError::Damaged { .. }),
            "{sql}: {error}"
        );
        assert!(error.to_string().contains("put back a copy"), "{error}");
    }
}

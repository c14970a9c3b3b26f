use super::*;
use crate::add::{NewRun, Provenance};
use crate::environment::Circumstances;
use crate::histograms::Histograms;
use crate::list::Filter;
use plimsoll_report::fixture;

#[test]
fn a_file_that_may_only_be_read_can_be_read_and_says_so_when_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.sqlite");
    drop(History::create(&path).unwrap());
    let connection = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut history = History {
        connection: prepared(connection, &path, false).unwrap(),
        path: path.clone(),
    };
    assert_eq!(history.list(&Filter::default()).unwrap(), []);
    let error = history
        .add(&NewRun {
            run: &fixture::healthy(),
            circumstances: &Circumstances::default(),
            provenance: &Provenance::default(),
            histograms: &Histograms::default(),
        })
        .unwrap_err();
    assert!(matches!(error, HistoryError::NotWritable { .. }), "{error}");
    assert!(
        error.to_string().contains(&*path.to_string_lossy()),
        "{error}"
    );
}

//! Whatever became of the file, there is an error of some kind, and never worse.

use crate::common::*;
use plimsoll_history::{
    BaselineQuery, Filter, Histograms, History, HistoryError, Metric, NewRun, Pruning, Surplus,
    TrendQuery,
};
use proptest::prelude::*;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

/// A history of four runs, one with response times.
fn whole() -> Vec<u8> {
    static WHOLE: OnceLock<Vec<u8>> = OnceLock::new();
    WHOLE.get_or_init(write_whole).clone()
}

fn write_whole() -> Vec<u8> {
    let (_folder, mut history) = begun();
    for number in 0..3 {
        add_number(&mut history, number);
    }
    let mut histograms = Histograms::default();
    let mut counted = hdrhistogram::Histogram::<u64>::new(3).unwrap();
    for step in 1..400_u64 {
        counted.record(step * step * 10_000).unwrap();
    }
    histograms.insert("expected", Some("search"), Some("results"), counted);
    let new = NewRun {
        run: &run(3),
        circumstances: &on("EPYC"),
        provenance: &of_branch("main"),
        histograms: &histograms,
    };
    history.add(&new).unwrap();
    fs::read(history.path()).unwrap()
}

/// Does everything that can be done with a history.
fn exercise(path: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let mut history = History::open(path)?;
    let environment = environment(&on("EPYC"));
    for run in history.list(&Filter::default())? {
        history.show(&run.id)?;
        history.histogram(&run.id, &results())?;
    }
    history.trend(&TrendQuery {
        series: &results(),
        metric: Metric::P99,
        environment: &environment,
        disregarded: &STRICT,
        branch: None,
        limit: None,
    })?;
    history.baseline(&BaselineQuery {
        scenario: "travel-shop",
        test: "expected",
        release: "4.11.3",
        environment: &environment,
        disregarded: &STRICT,
    })?;
    history.newest_environment("travel-shop", "expected", None)?;
    history.all_series(None)?;
    check(&history)?;
    add(&mut history, &run(50), &on("EPYC"), &of_branch("main"))?;
    history.prune(&Pruning::of(Surplus::BeyondNewest(2)))?;
    Ok(check(&history)?)
}

#[test]
fn a_file_that_is_whole_can_be_used() {
    let (_folder, path) = place();
    fs::write(&path, whole()).unwrap();
    exercise(&path).unwrap();
}

#[test]
fn a_file_that_is_cut_off_anywhere_is_told_and_not_written() {
    let whole = whole();
    let (_folder, path) = place();
    for length in (0..whole.len()).step_by(512) {
        fs::write(&path, &whole[..length]).unwrap();
        let error = History::open(&path).unwrap_err();
        let is_told = matches!(
            error,
            HistoryError::Damaged { .. } | HistoryError::Foreign { .. }
        );
        assert!(is_told, "{length}: {error}");
        assert_eq!(fs::read(&path).unwrap(), whole[..length], "{length}");
        if length > 0 {
            assert!(
                History::create(&path).is_err(),
                "{length} of {}",
                whole.len()
            );
        }
    }
}

#[test]
fn response_times_that_changed_on_the_disk_are_told() {
    let whole = whole();
    // The cookie of a deflated histogram, big-endian.
    let cookie = 0x1c84_9314_u32.to_be_bytes();
    let at = whole.windows(4).position(|four| four == cookie).unwrap();
    let (_folder, path) = place();
    for change in [0, 5, 9, 20, 40, 80] {
        let mut bytes = whole.clone();
        bytes[at + change] ^= 0x10;
        fs::write(&path, &bytes).unwrap();
        let history = History::open(&path).unwrap();
        let newest = history.list(&Filter::default()).unwrap().remove(0);
        let error = history.histogram(&newest.id, &results()).unwrap_err();
        assert!(
            matches!(error, HistoryError::Damaged { .. }),
            "{change}: {error}"
        );
    }
}

#[test]
fn a_histogram_of_another_count_is_told() {
    let (_folder, path) = place();
    fs::write(&path, whole()).unwrap();
    let sql = "UPDATE histogram SET samples = samples + 1";
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch(sql).unwrap();
    let history = History::open(&path).unwrap();
    let newest = history.list(&Filter::default()).unwrap().remove(0);
    let error = history.histogram(&newest.id, &results()).unwrap_err();
    assert!(matches!(error, HistoryError::Damaged { .. }), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn bytes_that_changed_anywhere_never_end_in_a_panic(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        at_the_beginning in any::<bool>(),
    ) {
        let mut bytes = whole();
        let length = if at_the_beginning { 4_096 } else { bytes.len() };
        for (at, byte) in changes {
            bytes[at.index(length)] = byte;
        }
        let (_folder, path) = place();
        fs::write(&path, &bytes).unwrap();
        if let Err(error) = exercise(&path) {
            prop_assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn a_page_of_noise_never_ends_in_a_panic(
        page in any::<prop::sample::Index>(),
        noise in proptest::collection::vec(any::<u8>(), 4_096),
    ) {
        let mut bytes = whole();
        let page = page.index(bytes.len() / 4_096);
        bytes[page * 4_096..][..4_096].copy_from_slice(&noise);
        let (_folder, path) = place();
        fs::write(&path, &bytes).unwrap();
        exercise(&path).unwrap_err();
    }
}

use super::*;
use plimsoll_report::fixture;
use plimsoll_report::hlog::HlogWriter;
use proptest::prelude::*;

fn of(values: &[u64]) -> plimsoll_measure::Histogram {
    let mut histogram = plimsoll_measure::Histogram::default();
    values.iter().for_each(|ns| histogram.record(*ns));
    histogram
}

fn log(lines: &[(u64, &str, &[u64])]) -> Vec<u8> {
    let started_at = "2026-11-18T14:00:00Z".parse().unwrap();
    let mut log = HlogWriter::begin(Vec::new(), started_at).unwrap();
    for (second, tag, values) in lines {
        log.write(*second, tag, &of(values)).unwrap();
    }
    log.into_inner()
}

#[test]
fn the_seconds_of_a_series_add_up_and_the_steps_to_the_test() {
    let run = fixture::healthy();
    let log = log(&[
        (0, "search/home", &[1_000_000, 2_000_000]),
        (0, "search/home", &[3_000_000]),
        (1, "search/results", &[40_000_000_000]),
        (1, "search", &[41_000_000_000]),
        (1, "nobody/knows", &[5]),
    ]);
    let read = Histograms::read_log(&log, &run).unwrap();
    let count = |journey, step| {
        let histogram = read.get("expected", journey, step);
        histogram.map(Histogram::len)
    };
    assert_eq!(count(Some("search"), Some("home")), Some(3));
    assert_eq!(count(Some("search"), None), Some(1));
    assert_eq!(count(None, None), Some(4));
    assert_eq!(count(Some("book"), None), None);
    let test = read.get("expected", None, None).unwrap();
    assert!(test.max() >= 40_000_000_000, "{}", test.max());
}

#[test]
fn in_the_run_of_a_plan_tags_begin_with_the_test() {
    let run = fixture::go();
    let (test, journey) = (&run.tests[0], &run.tests[0].journeys[0]);
    let tag = tag([test.name.as_str(), &journey.name]);
    let read = Histograms::read_log(&log(&[(3, &tag, &[7])]), &run).unwrap();
    let histogram = read.get(&test.name, Some(&journey.name), None);
    assert_eq!(histogram.map(Histogram::len), Some(1));
}

#[test]
fn a_line_that_is_none_is_named() {
    let run = fixture::healthy();
    let mut log = log(&[(0, "search/home", &[1_000_000])]);
    let lines = log.iter().filter(|byte| **byte == b'\n').count();
    log.extend(b"nonsense\n");
    let error = Histograms::read_log(&log, &run).unwrap_err();
    assert_eq!(error, LogError::Line { line: lines + 1 });
    log.truncate(log.len() - b"nonsense\n".len());
    log.extend(b"Tag=search/home,0.000,1.000,0.001,HISTFAAAAA==\n");
    let error = Histograms::read_log(&log, &run).unwrap_err();
    assert_eq!(error, LogError::Histogram { line: lines + 1 });
}

#[test]
fn the_log_of_another_run_is_told() {
    let mut run = fixture::healthy();
    run.tests[0].journeys[0].steps[0].totals.ok = 2;
    let log = log(&[(0, "search/home", &[1, 2, 3])]);
    let error = Histograms::read_log(&log, &run).unwrap_err();
    let expected = LogError::OtherRun {
        series: "expected/search/home".to_owned(),
        counted: 3,
        expected: 2,
    };
    assert_eq!(error, expected);
}

proptest! {
    #[test]
    fn no_log_is_too_strange(at in 0_usize..2_000, byte in any::<u8>(), length in 0_usize..2_000) {
        let run = fixture::healthy();
        let mut log = log(&[(0, "search/home", &[1, 2, 3]), (1, "search", &[1 << 40, 9])]);
        let whole = log.len();
        log[at % whole] = byte;
        let _ = Histograms::read_log(&log, &run);
        log.truncate(length % whole);
        let _ = Histograms::read_log(&log, &run);
    }
}

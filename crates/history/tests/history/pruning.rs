//! What is pruned is gone with everything that belongs to it, and nothing else is.

use crate::common::*;
use plimsoll_history::{Filter, Histograms, History, NewRun, Provenance, Pruning, Surplus};

fn times(history: &History) -> Vec<jiff::Timestamp> {
    let runs = history.list(&Filter::default()).unwrap();
    runs.into_iter().map(|run| run.started_at).collect()
}

/// Five runs of main, two of a branch, one of no branch; run 0 has a label.
fn several() -> (tempfile::TempDir, History) {
    let (folder, mut history) = begun();
    for number in 0..8 {
        let provenance = Provenance {
            branch: match number {
                0..5 => Some("main".to_owned()),
                5..7 => Some("feature".to_owned()),
                _ => None,
            },
            label: (number == 0).then(|| "4.11.3".to_owned()),
            ..Provenance::default()
        };
        add(&mut history, &run(number), &on("EPYC"), &provenance).unwrap();
    }
    (folder, history)
}

#[test]
fn the_newest_of_each_branch_stay_and_those_with_a_label() {
    let (_folder, mut history) = several();
    let pruning = Pruning::of(Surplus::BeyondNewest(1));
    let foreseen = history.surplus(&pruning).unwrap();
    assert_eq!(times(&history).len(), 8);
    let pruned = history.prune(&pruning).unwrap();
    assert_eq!(pruned.runs, foreseen);
    assert_eq!(pruned.not_compacted, None);
    assert_eq!(times(&history), [7, 6, 4, 0].map(minute));
    check(&history).unwrap();
}

#[test]
fn those_with_a_label_go_when_that_is_asked_for() {
    let (_folder, mut history) = several();
    let pruning = Pruning {
        labelled: true,
        branch: Some("main".to_owned()),
        ..Pruning::of(Surplus::StartedBefore(minute(2)))
    };
    history.prune(&pruning).unwrap();
    assert_eq!(times(&history), [7, 6, 5, 4, 3, 2].map(minute));
}

#[test]
fn a_scenario_is_pruned_by_itself() {
    let (_folder, mut history) = several();
    let other = Pruning {
        scenario: Some("other".to_owned()),
        ..Pruning::of(Surplus::BeyondNewest(0))
    };
    let pruned = history.prune(&other).unwrap();
    assert_eq!((pruned.runs.len(), pruned.not_compacted), (0, None));
    assert_eq!(times(&history).len(), 8);
}

#[test]
fn nothing_stays_of_what_is_gone_and_the_file_gets_smaller() {
    let (_folder, mut history) = begun();
    let rows = |history: &History| {
        ["run", "series", "point", "histogram", "environment"].map(|table| count(history, table))
    };
    let size = |history: &History| std::fs::metadata(history.path()).unwrap().len();
    for number in 0..20 {
        let run = run(number);
        let mut histograms = Histograms::default();
        let mut counted = hdrhistogram::Histogram::<u64>::new(3).unwrap();
        counted.record(number + 1).unwrap();
        histograms.insert("expected", Some("search"), None, counted);
        let new = NewRun {
            run: &run,
            circumstances: &on(&format!("machine {number}")),
            provenance: &Provenance::default(),
            histograms: &histograms,
        };
        history.add(&new).unwrap();
    }
    let full = size(&history);
    assert_eq!(rows(&history)[3..], [20, 20]);
    history
        .prune(&Pruning::of(Surplus::BeyondNewest(0)))
        .unwrap();
    let pruned = size(&history);
    assert!(pruned < full, "{pruned} {full}");
    assert_eq!(rows(&history), [0; 5]);
    check(&history).unwrap();
}

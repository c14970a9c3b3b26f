//! Series for tests.

use super::trend_page::Course;
use jiff::Timestamp;
use plimsoll_history::{KeptRun, Metric, Point, RunId, Series, Trend, Value};
use plimsoll_measure::change_points::{Options, change_points};
use plimsoll_report::document::{Status, ValidityStatus};

fn id() -> RunId {
    RunId::parse(&"0".repeat(32)).expect("an id")
}

fn run() -> KeptRun {
    KeptRun {
        id: id(),
        scenario: "shop".to_owned(),
        name: "shop".to_owned(),
        release: None,
        label: None,
        revision: None,
        branch: None,
        started_at: Timestamp::UNIX_EPOCH,
        duration_ns: 1,
        status: Status::Complete,
        outcome: None,
        sentence: String::new(),
        validity: ValidityStatus::Valid,
    }
}

/// A series with so many results of each level, which scatter a little.
pub(super) fn course(test: &str, levels: &[(usize, f64)]) -> Course {
    let values = levels
        .iter()
        .flat_map(|(count, level)| std::iter::repeat_n(*level, *count));
    let values: Vec<f64> = values
        .enumerate()
        .map(|(index, level)| level * (1.0 + 0.001 * ((index * 7) % 5) as f64))
        .collect();
    let changes = change_points(&values, &Options::default()).expect("finite values");
    Course {
        series: Series {
            scenario: "shop".to_owned(),
            test: test.to_owned(),
            journey: None,
            step: None,
        },
        is_current: true,
        metric: Metric::P95,
        newest: run(),
        trend: Trend {
            points: values
                .iter()
                .map(|value| Point {
                    run: id(),
                    started_at: Timestamp::UNIX_EPOCH,
                    value: Value::Finite(*value),
                    samples: 1000,
                })
                .collect(),
            left_out: Vec::new(),
        },
        changes: changes
            .into_iter()
            .map(|change| (change.index, change))
            .collect(),
    }
}

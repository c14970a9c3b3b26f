//! What a sample costs, and what the figures of a run cost at its end.

use criterion::{BatchSize, Criterion, Throughput};
use plimsoll_measure::{
    Catalogue, Outcome, Phases, Sample, Scope, Series, SeriesTally, Tally, Timetable, Watched,
};
use std::hint::black_box;
use std::sync::Arc;

const SECOND_NS: u64 = 1_000_000_000;
/// How long the run lasted that is judged.
const SECONDS: u64 = 600;
/// How many series a worker's figures are merged for.
const SERIES: usize = 50;

fn sample(series: Series, at: u64) -> Sample {
    let after = |ns: u64| Some(at + ns);
    Sample {
        series,
        outcome: Outcome::Ok,
        error: None,
        status: 200,
        intended: at,
        end: at + 90_000 + at % 1024,
        thinking: 0,
        phases: Phases {
            dispatched: after(30_000),
            conn_ready: after(31_000),
            first_byte_written: after(40_000),
            first_byte_read: after(80_000),
            ..Phases::default()
        },
        body_bytes: 64,
        client: None,
        retries: 0,
    }
}

/// A test of one step, with thresholds.
fn tally(thresholds: &[&str]) -> (Tally, Series) {
    let mut catalogue = Catalogue::default();
    let series = catalogue.add_journey("visit", [("home", 0)]).steps[0].series;
    let watched = thresholds.iter().map(|text| Watched {
        scope: Scope::Test,
        threshold: text.parse().expect("a threshold"),
    });
    let timetable = Timetable {
        duration_ns: Some(SECONDS * SECOND_NS),
        ..Timetable::default()
    };
    (
        Tally::new(Arc::new(catalogue), watched.collect(), timetable),
        series,
    )
}

/// Filing a sample, with and without thresholds that watch it.
pub(crate) fn record(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("record");
    group.throughput(Throughput::Elements(1));
    for (name, thresholds) in [
        ("sample", &[][..]),
        (
            "watched sample",
            &["p99 < 400ms", "errors < 1%", "p95 < 1ms for 10s"][..],
        ),
    ] {
        let (mut tally, series) = tally(thresholds);
        let mut at = 0;
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                at = (at + 100_003) % SECOND_NS;
                tally.intend(series, 0, 1);
                tally.record(black_box(&sample(series, at)));
            });
        });
    }
    group.finish();
}

/// Adding the figures of fifty steps to those of all requests, as the end of a run does.
pub(crate) fn merge(criterion: &mut Criterion) {
    let mut step = SeriesTally::new([400_000_000]);
    for at in 0..10_000 {
        step.outcomes.ledger.intended += 1;
        step.record(&sample(Series(0), at * 100_003));
    }
    let steps = vec![step; SERIES];
    let mut group = criterion.benchmark_group("merge");
    group.throughput(Throughput::Elements(SERIES as u64));
    group.bench_function("series", |bencher| {
        bencher.iter_batched(
            || SeriesTally::new([400_000_000]),
            |mut sum| {
                steps.iter().for_each(|step| sum.merge(step));
                sum
            },
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

/// Judging three thresholds on a run of ten minutes.
pub(crate) fn judge(criterion: &mut Criterion) {
    let (mut tally, series) = tally(&["p99 < 400ms", "errors < 1%", "p50 < 1ms"]);
    for at in (0..SECONDS * SECOND_NS).step_by(10_000_019) {
        tally.intend(series, at / SECOND_NS, 1);
        tally.record(&sample(series, at));
    }
    let elapsed_ns = SECONDS * SECOND_NS;
    let warmup = tally.warmup(elapsed_ns);
    criterion.bench_function("judge/three thresholds", |bencher| {
        bencher.iter(|| black_box(tally.judge(0.05, &warmup, elapsed_ns)));
    });
}

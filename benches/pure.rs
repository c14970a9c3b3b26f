//! What every arrival and every sample costs in the pure crates.
#![allow(missing_docs, reason = "criterion's macros make functions without any")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use plimsoll_measure::{Catalogue, Outcome, Phases, Sample, Tally};
use plimsoll_schedule::{Arrivals, LoadShape, Rate, Schedule, Shard};
use std::hint::black_box;
use std::sync::Arc;

const ARRIVALS: u64 = 10_000;
const SECOND: u64 = 1_000_000_000;

fn schedule(criterion: &mut Criterion) {
    let rate = Rate::per_second(ARRIVALS as f64).expect("a rate");
    let shape = LoadShape::constant(rate, SECOND).expect("a shape");
    let mut group = criterion.benchmark_group("schedule");
    group.throughput(Throughput::Elements(ARRIVALS));
    for (name, arrivals) in [("even", Arrivals::Even), ("poisson", Arrivals::Poisson)] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                Schedule::new(shape.clone(), arrivals, 1, Shard::WHOLE).for_each(|arrival| {
                    black_box(arrival.at_ns);
                })
            });
        });
    }
    group.finish();
}

fn record(criterion: &mut Criterion) {
    let mut catalogue = Catalogue::default();
    let series = catalogue.add_journey("visit", [("home", 0)]).steps[0].series;
    let mut tally = Tally::new(Arc::new(catalogue), Vec::new(), Default::default());
    let mut at = 0;
    let mut group = criterion.benchmark_group("record");
    group.throughput(Throughput::Elements(1));
    group.bench_function("sample", |bencher| {
        bencher.iter(|| {
            at = (at + 100_003) % SECOND;
            let after = |ns: u64| Some(at + ns);
            tally.intend(series, 0, 1);
            tally.record(black_box(&Sample {
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
            }));
        });
    });
    group.finish();
}

criterion_group!(benches, schedule, record);
criterion_main!(benches);

//! When arrivals come.

use criterion::{Criterion, Throughput};
use plimsoll_schedule::{Arrivals, LoadShape, Rate, Schedule, Shard};
use std::hint::black_box;

const ARRIVALS: u64 = 10_000;
const SECOND_NS: u64 = 1_000_000_000;

pub(crate) fn arrivals(criterion: &mut Criterion) {
    let rate = Rate::per_second(ARRIVALS as f64).expect("a rate");
    let shape = LoadShape::constant(rate, SECOND_NS).expect("a shape");
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

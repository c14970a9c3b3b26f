use super::*;
use crate::rate::Rate;
use crate::shape::Segment;
use proptest::prelude::*;

fn rate(per_second: f64) -> Rate {
    Rate::per_second(per_second).unwrap()
}

fn constant(per_second: f64, seconds: u64) -> LoadShape {
    LoadShape::constant(rate(per_second), seconds * 1_000_000_000).unwrap()
}

fn times(shape: LoadShape, arrivals: Arrivals, count: usize) -> Vec<u64> {
    Schedule::new(shape, arrivals, 42, Shard::WHOLE)
        .map(|arrival| arrival.at_ns)
        .take(count)
        .collect()
}

#[test]
fn even_arrivals_at_a_constant_rate_are_evenly_spaced() {
    let all: Vec<_> = Schedule::new(constant(1000.0, 2), Arrivals::Even, 0, Shard::WHOLE).collect();
    let expected: Vec<_> = (0..2000)
        .map(|index| Arrival {
            index,
            at_ns: index * 1_000_000,
        })
        .collect();
    assert_eq!(all, expected);
}

#[test]
fn a_fraction_of_an_arrival_at_the_end_is_one_more() {
    assert_eq!(times(constant(2.5, 1), Arrivals::Even, 9).len(), 3);
    assert_eq!(times(constant(3.0, 1), Arrivals::Even, 9).len(), 3);
}

#[test]
fn poisson_arrivals_of_seed_42_are_those_of_the_reference() {
    assert_eq!(
        times(constant(1000.0, 10), Arrivals::Poisson, 4),
        [298_993, 2_132_134, 3_410_108, 4_476_668]
    );
    let ramp = LoadShape::new([Segment {
        duration_ns: 10_000_000_000,
        from: Rate::ZERO,
        to: rate(100.0),
    }])
    .unwrap();
    assert_eq!(
        times(ramp, Arrivals::Poisson, 2),
        [244_537_369, 653_013_674]
    );
}

/// Kolmogorov-Smirnov distance of gaps from the exponential distribution of mean 1.
fn distance_from_exponential(mut gaps: Vec<f64>) -> f64 {
    gaps.sort_by(f64::total_cmp);
    let n = gaps.len() as f64;
    gaps.iter()
        .enumerate()
        .map(|(i, gap)| {
            let expected = 1.0 - (-gap).exp();
            (expected - i as f64 / n).max((i + 1) as f64 / n - expected)
        })
        .fold(0.0, f64::max)
}

fn gaps(times: impl Iterator<Item = u64>, per_second: f64) -> Vec<f64> {
    let mut before = 0;
    times
        .map(|at| {
            let gap = (at - before) as f64 * 1e-9 * per_second;
            before = at;
            gap
        })
        .collect()
}

#[test]
fn poisson_gaps_are_exponential() {
    let all = times(constant(1000.0, 200), Arrivals::Poisson, 100_000);
    let distance = distance_from_exponential(gaps(all.into_iter(), 1000.0));
    assert!((distance - 0.003_804).abs() < 1e-6, "{distance}");
}

#[test]
fn a_shard_of_a_poisson_stream_is_a_poisson_stream() {
    let shard = Shard::new(3, 4).unwrap();
    let own: Vec<_> = Schedule::new(constant(4000.0, 30), Arrivals::Poisson, 42, shard)
        .map(|arrival| arrival.at_ns)
        .take(10_000)
        .collect();
    assert_eq!(own.len(), 10_000);
    let distance = distance_from_exponential(gaps(own.into_iter(), 1000.0));
    assert!(distance < 0.016_26, "{distance}");
}

#[test]
fn every_shard_of_an_even_stream_has_its_share_of_whatever_takes_turns() {
    for of in [2_u32, 3, 4] {
        for cycle in [2_u64, 3, 10] {
            let shard = Shard::new(1, of).unwrap();
            let own = Schedule::new(constant(12_000.0, 1), Arrivals::Even, 7, shard);
            let mut turns = vec![0_u32; cycle as usize];
            own.for_each(|arrival| turns[(arrival.index % cycle) as usize] += 1);
            let share = 12_000 / of / cycle as u32;
            assert!(
                turns.iter().all(|turn| turn.abs_diff(share) < share / 5),
                "{of} shards, {cycle}: {turns:?}"
            );
        }
    }
}

#[test]
fn every_shard_has_one_of_so_many_even_arrivals_in_a_row() {
    let shard = Shard::new(2, 4).unwrap();
    let own: Vec<_> = Schedule::new(constant(4000.0, 1), Arrivals::Even, 0, shard).collect();
    assert!(own.iter().map(|arrival| arrival.index / 4).eq(0..1000));
}

#[test]
fn shards_are_numbered_below_their_count() {
    assert_eq!(Shard::default(), Shard::WHOLE);
    assert!(Shard::new(0, 0).is_err());
    assert_eq!(
        Shard::new(2, 2).unwrap_err().to_string(),
        "there is no shard 2 of 2: shards are numbered from 0 and there is at least one"
    );
}

fn shapes() -> impl Strategy<Value = LoadShape> {
    let segment = (1_u64..4_000_000_000, 0_u32..300, 0_u32..300);
    prop::collection::vec(segment, 1..5).prop_map(|list| {
        LoadShape::new(list.into_iter().map(|(duration_ns, from, to)| Segment {
            duration_ns,
            from: rate(f64::from(from) / 3.0),
            to: rate(f64::from(to) / 3.0),
        }))
        .unwrap()
    })
}

fn kinds() -> impl Strategy<Value = Arrivals> {
    prop_oneof![Just(Arrivals::Even), Just(Arrivals::Poisson)]
}

proptest! {
    #[test]
    fn the_union_of_shards_is_the_same_for_every_count(
        shape in shapes(), kind in kinds(), seed: u64, of in 1_u32..9,
    ) {
        let whole: Vec<_> = Schedule::new(shape.clone(), kind, seed, Shard::WHOLE).collect();
        let mut union = Vec::new();
        for index in 0..of {
            let shard = Shard::new(index, of).unwrap();
            union.extend(Schedule::new(shape.clone(), kind, seed, shard));
        }
        union.sort();
        prop_assert_eq!(union, whole);
    }

    #[test]
    fn the_global_view_marks_exactly_the_own_arrivals(
        shape in shapes(), kind in kinds(), seed: u64, of in 1_u32..9,
    ) {
        let shard = Shard::new(of - 1, of).unwrap();
        let own: Vec<_> = Schedule::new(shape.clone(), kind, seed, shard).collect();
        let mut stream = Schedule::new(shape.clone(), kind, seed, shard);
        let global: Vec<_> = std::iter::from_fn(|| stream.next_global()).collect();
        let whole: Vec<_> = Schedule::new(shape, kind, seed, Shard::WHOLE).collect();
        prop_assert_eq!(global.iter().map(|(a, _)| *a).collect::<Vec<_>>(), whole);
        let marked: Vec<_> = global.into_iter().filter(|(_, ours)| *ours).map(|(a, _)| a).collect();
        prop_assert_eq!(marked, own);
    }

    #[test]
    fn arrivals_never_go_back_and_stay_within_the_shape(shape in shapes(), kind in kinds(), seed: u64) {
        let end = shape.duration_ns();
        let all: Vec<_> = Schedule::new(shape, kind, seed, Shard::WHOLE).collect();
        prop_assert!(all.is_sorted_by(|a, b| a.index + 1 == b.index && a.at_ns <= b.at_ns));
        prop_assert!(all.iter().all(|arrival| arrival.at_ns <= end));
    }

    #[test]
    fn even_arrivals_are_the_total_rounded_up(shape in shapes()) {
        let expected = shape.total_arrivals().ceil();
        let count = Schedule::new(shape, Arrivals::Even, 0, Shard::WHOLE).count();
        prop_assert_eq!(count as f64, expected);
    }

    #[test]
    fn poisson_arrivals_are_about_the_total(seed: u64) {
        // Six standard deviations of a Poisson count of 10,000.
        let count = Schedule::new(constant(1000.0, 10), Arrivals::Poisson, seed, Shard::WHOLE).count();
        prop_assert!((9_400..10_600).contains(&count), "{}", count);
    }
}

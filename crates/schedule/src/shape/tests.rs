use super::*;
use proptest::prelude::*;

fn rate(per_second: f64) -> Rate {
    Rate::per_second(per_second).unwrap()
}

fn ramp(seconds: u64, from: f64, to: f64) -> Segment {
    Segment {
        duration_ns: seconds * 1_000_000_000,
        from: rate(from),
        to: rate(to),
    }
}

fn assert_times(shape: &LoadShape, expected: &[(f64, f64)]) {
    for &(gamma, seconds) in expected {
        let ns = shape.invert(gamma).unwrap() as f64;
        assert!((ns / 1e9 - seconds).abs() < 6e-8, "{gamma}: {ns}");
    }
}

#[test]
fn ramp_from_zero() {
    let shape = LoadShape::new([ramp(10, 0.0, 100.0)]).unwrap();
    assert_eq!(shape.total_arrivals(), 500.0);
    assert_times(
        &shape,
        &[
            (0.0, 0.0),
            (1.0, 0.447_213_6),
            (100.0, 4.472_136_0),
            (499.0, 9.989_995_0),
        ],
    );
    assert_eq!(shape.invert(500.0), None);
}

#[test]
fn ramp_from_ten() {
    let shape = LoadShape::new([ramp(10, 10.0, 110.0)]).unwrap();
    assert_eq!(shape.total_arrivals(), 600.0);
    assert_times(
        &shape,
        &[
            (1.0, 0.095_445_1),
            (100.0, 3.582_575_7),
            (599.0, 9.990_905_3),
        ],
    );
}

#[test]
fn fractions_carry_across_segments() {
    let shape = LoadShape::new([ramp(5, 2.0, 2.0), ramp(5, 2.0, 3.0)]).unwrap();
    assert_eq!(shape.total_arrivals(), 22.5);
    assert_times(&shape, &[(12.0, 5.954_451_2), (22.0, 9.832_397_0)]);
}

#[test]
fn a_pause_moves_the_arrival_at_its_edge_to_its_end() {
    let shape =
        LoadShape::new([ramp(1, 10.0, 10.0), ramp(10, 0.0, 0.0), ramp(1, 10.0, 10.0)]).unwrap();
    assert_times(&shape, &[(9.0, 0.9), (10.0, 11.0), (11.0, 11.1)]);
}

#[test]
fn a_ramp_down_to_zero_ends_in_time() {
    let shape = LoadShape::new([ramp(10, 100.0, 0.0)]).unwrap();
    assert_times(&shape, &[(499.0, 10.0 - 0.447_213_6)]);
    assert!(shape.invert(499.999_999_9).unwrap() <= shape.duration_ns());
}

#[test]
fn a_total_that_is_whole_but_for_rounding_is_whole() {
    let per_minute = LoadShape::constant(rate(4.0 / 60.0), 60_000_000_000).unwrap();
    assert_eq!(per_minute.total_arrivals(), 4.0);
    let thirds = LoadShape::new((0..30).map(|_| ramp(1, 0.1, 0.1))).unwrap();
    assert_eq!(thirds.total_arrivals(), 3.0);
    // Nor one more before a part without any: 0.55 times 100 is more than 55 in binary.
    let silent = LoadShape::new([
        Segment::hold(rate(0.55), 100_000_000_000),
        Segment::hold(rate(0.0), 60_000_000_000),
    ])
    .unwrap();
    let mut cursor = 0;
    assert!(silent.invert_from(&mut cursor, 54.0).is_some());
    assert_eq!(silent.invert_from(&mut cursor, 55.0), None);
    assert_eq!(thirds.invert(3.0), None);
    assert!(thirds.invert(2.999).is_some());
}

#[test]
fn rates_are_those_of_the_segments() {
    let shape = LoadShape::new([ramp(10, 0.0, 100.0), ramp(10, 20.0, 20.0)]).unwrap();
    assert_eq!(shape.rate_at(5_000_000_000), 50.0);
    assert_eq!(shape.rate_at(10_000_000_000), 20.0);
    assert_eq!(shape.rate_at(20_000_000_000), 0.0);
    assert_eq!(shape.peak_rate(), rate(100.0));
    assert_eq!(shape.duration_ns(), 20_000_000_000);
    assert_eq!(shape.segments().len(), 2);
}

#[test]
fn nothing_and_too_much_are_refused() {
    assert_eq!(LoadShape::new([]), Err(ShapeError::NoDuration));
    assert_eq!(
        LoadShape::constant(rate(1.0), 0),
        Err(ShapeError::NoDuration)
    );
    let long = Segment::hold(rate(0.0), u64::MAX);
    assert_eq!(LoadShape::new([long, long]), Err(ShapeError::TooLong));
    for much in [1e300, f64::MAX] {
        assert_eq!(
            LoadShape::constant(rate(much), 1_000_000_000),
            Err(ShapeError::TooManyArrivals)
        );
    }
}

#[test]
fn no_load_at_all_is_a_load() {
    let shape = LoadShape::constant(Rate::ZERO, 1_000).unwrap();
    assert_eq!((shape.total_arrivals(), shape.invert(0.0)), (0.0, None));
}

fn segments() -> impl Strategy<Value = Vec<Segment>> {
    let segment = (1_u64..20, 0_u32..200, 0_u32..200);
    prop::collection::vec(segment, 1..6).prop_map(|list| {
        list.into_iter()
            .map(|(s, from, to)| ramp(s, f64::from(from) / 4.0, f64::from(to) / 4.0))
            .collect()
    })
}

proptest! {
    #[test]
    fn inverting_undoes_cumulating(list in segments(), part in 0.0..1.0_f64) {
        let shape = LoadShape::new(list).unwrap();
        let gamma = part * shape.total_arrivals();
        if let Some(at) = shape.invert(gamma) {
            // One nanosecond is worth at most peak·1e-9 arrivals.
            let slack = 1e-6 + shape.peak_rate().get() * 1e-9;
            prop_assert!((shape.cumulative(at) - gamma).abs() < slack);
        }
    }

    #[test]
    fn cumulating_never_falls(list in segments(), a in 0_u64..120, b in 0_u64..120) {
        let shape = LoadShape::new(list).unwrap();
        let (a, b) = (a.min(b) * 1_000_000_007, a.max(b) * 1_000_000_007);
        prop_assert!(shape.cumulative(a) <= shape.cumulative(b));
        prop_assert!(shape.cumulative(b) <= shape.total_arrivals());
    }
}

use super::*;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use proptest::prelude::*;
use std::io::Write;

fn of(values: &[u64]) -> Histogram<u64> {
    let mut histogram = Histogram::new(3).unwrap();
    values.iter().for_each(|ns| histogram.record(*ns).unwrap());
    histogram
}

fn deflated(inflated: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(inflated).unwrap();
    let body = encoder.finish().unwrap();
    let mut bytes = COMPRESSED_COOKIE.to_be_bytes().to_vec();
    bytes.extend((body.len() as u32).to_be_bytes());
    bytes.extend(body);
    bytes
}

fn inflated(histogram: &Histogram<u64>) -> Vec<u8> {
    let mut bytes = Vec::new();
    hdrhistogram::serialization::V2Serializer::new()
        .serialize(histogram, &mut bytes)
        .unwrap();
    bytes
}

#[test]
fn the_largest_duration_that_is_told_apart_is_kept() {
    for ns in [0, 1, 1 << 61] {
        let histogram = of(&[ns]);
        assert_eq!(decode(&encode(&histogram).unwrap()), Some(histogram));
    }
}

#[test]
fn what_could_not_be_read_again_is_not_written() {
    let mut histogram = Histogram::<u64>::new_with_bounds(1, u64::MAX, 3).unwrap();
    histogram.record(u64::MAX).unwrap();
    assert_eq!(encode(&histogram), None);
}

#[test]
fn a_length_that_lies_is_not_believed() {
    let mut lie = inflated(&of(&[1_000_000]));
    lie[4..8].copy_from_slice(&u32::MAX.to_be_bytes());
    // The decoder would take four gigabytes first.
    assert!(!is_sound(&lie));
    assert_eq!(decode(&deflated(&lie)), None);
}

#[test]
fn a_bomb_is_not_inflated() {
    let mut bomb = inflated(&of(&[1_000_000]));
    bomb.resize(LARGEST_PAYLOAD as usize * 8, 0);
    let length = (bomb.len() - HEADER) as u32;
    bomb[4..8].copy_from_slice(&length.to_be_bytes());
    assert_eq!(decode(&deflated(&bomb)), None);
}

#[test]
fn the_number_without_a_negative_is_refused_wherever_it_stands() {
    for before in 0..12 {
        let mut bytes = inflated(&of(&[1_000_000]));
        bytes.truncate(HEADER);
        bytes.extend(vec![2; before]);
        bytes.extend([0xff; 9]);
        bytes.extend([2; 12]);
        let length = (bytes.len() - HEADER) as u32;
        bytes[4..8].copy_from_slice(&length.to_be_bytes());
        assert_eq!(decode(&deflated(&bytes)), None, "{before}");
    }
}

proptest! {
    #[test]
    fn a_histogram_comes_back_as_it_was(values in proptest::collection::vec(0..1_u64 << 61, 0..200)) {
        let histogram = of(&values);
        let bytes = encode(&histogram).unwrap();
        prop_assert_eq!(decode(&bytes), Some(histogram));
    }

    #[test]
    fn no_bytes_are_too_strange(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = decode(&bytes);
        let _ = decode(&deflated(&bytes));
        let mut counts = inflated(&of(&[]));
        counts.extend(&bytes);
        let length = (counts.len() - HEADER) as u32;
        counts[4..8].copy_from_slice(&length.to_be_bytes());
        let _ = decode(&deflated(&counts));
    }

    #[test]
    fn no_change_to_the_inside_is_too_strange(at in 0_usize..120, byte in any::<u8>(), other in 0_usize..120) {
        let mut bytes = inflated(&of(&[1, 5_000, 1_000_000, 77_000_000, 1 << 61]));
        let length = bytes.len();
        bytes[at % length] = byte;
        bytes[other % length] ^= 0x80;
        let _ = decode(&deflated(&bytes));
    }
}

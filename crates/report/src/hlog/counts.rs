//! HdrHistogram's V2 format, from the few buckets that hold something.
//!
//! The library writes it from a histogram with all its buckets, a hundred kilobytes that would have to be
//! cleared and walked through for each second of each step, on the machine that generates the load.
//!
//! Source: HdrHistogram's V2 encoding (`EncodableHistogram`, `ZigZagLEB128` in its Java implementation).

use plimsoll_measure::Histogram;

/// Marks a V2 histogram.
const COOKIE: u32 = 0x1c84_9303 | 0x10;
/// Cookie, length, offset, digits, two values, a factor.
const HEADER_BYTES: usize = 40;

/// Appends what was counted.
pub(super) fn encode(histogram: &Histogram, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(&COOKIE.to_be_bytes());
    // The length of the counts, once it is known; then the offset of the first bucket.
    out.extend_from_slice(&[0; 8]);
    out.extend_from_slice(&u32::from(histogram.digits()).to_be_bytes());
    out.extend_from_slice(&1_u64.to_be_bytes());
    out.extend_from_slice(&highest(histogram).to_be_bytes());
    out.extend_from_slice(&1.0_f64.to_be_bytes());
    let mut next = 0;
    for (bucket, count) in histogram.buckets() {
        if bucket > next {
            // A run of empty buckets is their number, below zero.
            encode_number(-(bucket as i64 - next as i64), out);
        }
        encode_number(i64::try_from(count).unwrap_or(i64::MAX), out);
        next = bucket + 1;
    }
    let length = (out.len() - start - HEADER_BYTES) as u32;
    out[start + 4..start + 8].copy_from_slice(&length.to_be_bytes());
}

/// The largest value that a reader has to have buckets for. The format wants two at least.
fn highest(histogram: &Histogram) -> u64 {
    histogram.quantile(1, 1).unwrap_or_default().max(2)
}

/// Zig-zag and LEB128 of at most nine bytes, the last of which has eight bits.
fn encode_number(number: i64, out: &mut Vec<u8>) {
    let mut rest = ((number << 1) ^ (number >> 63)).cast_unsigned();
    for _ in 0..8 {
        if rest < 0x80 {
            break;
        }
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

#[cfg(test)]
mod tests {
    use super::*;
    use hdrhistogram::serialization::Deserializer;
    use proptest::prelude::*;

    fn read(bytes: &[u8]) -> hdrhistogram::Histogram<u64> {
        Deserializer::new().deserialize(&mut &bytes[..]).unwrap()
    }

    #[test]
    fn numbers_take_the_bytes_that_they_need() {
        let bytes = |number| {
            let mut out = Vec::new();
            encode_number(number, &mut out);
            out
        };
        assert_eq!(bytes(0), [0]);
        assert_eq!(bytes(-1), [1]);
        assert_eq!(bytes(63), [126]);
        assert_eq!(bytes(64), [0x80, 1]);
        assert_eq!(bytes(i64::MAX).len(), 9);
        assert_eq!(bytes(i64::MIN), [0xff; 9]);
    }

    proptest! {
        #[test]
        fn the_library_reads_what_was_counted(
            values in prop::collection::vec(0_u64..1 << 61, 1..300),
            exponents in prop::collection::vec(0_u32..61, 1..50),
        ) {
            let mut histogram = Histogram::default();
            let mut expected = hdrhistogram::Histogram::<u64>::new(3).unwrap();
            for (value, by) in values.iter().zip(exponents.iter().cycle()) {
                histogram.record(value >> by);
                expected.record(value >> by).unwrap();
            }
            let mut bytes = Vec::new();
            encode(&histogram, &mut bytes);
            prop_assert_eq!(read(&bytes), expected);
        }
    }
}

//! HdrHistogram's compressed V2 format without compression: a zlib stream of stored blocks, which every
//! reader inflates. A compressor would clear hundreds of kilobytes for each second of each step to save a few
//! hundred bytes, on the machine that generates the load.
//!
//! Sources: RFC 1950 (zlib), RFC 1951 §3.2.4 (stored blocks), HdrHistogram's V2 encoding.

use super::counts;
use plimsoll_measure::Histogram;

/// Marks a V2 histogram in a zlib stream.
const COOKIE: u32 = 0x1c84_9304 | 0x10;
/// The largest stored block.
const BLOCK: usize = u16::MAX as usize;

/// Writes histograms that way, and keeps the memory for the next one.
#[derive(Default)]
pub(super) struct Stored {
    plain: Vec<u8>,
    stream: Vec<u8>,
}

impl Stored {
    /// What was counted, in that format.
    pub(super) fn encode(&mut self, histogram: &Histogram) -> &[u8] {
        self.plain.clear();
        counts::encode(histogram, &mut self.plain);
        self.stream.clear();
        self.stream.extend_from_slice(&COOKIE.to_be_bytes());
        self.stream.extend_from_slice(&[0; 4]);
        store(&self.plain, &mut self.stream);
        let length = (self.stream.len() - 8) as u32;
        self.stream[4..8].copy_from_slice(&length.to_be_bytes());
        &self.stream
    }
}

fn store(plain: &[u8], out: &mut Vec<u8>) {
    // A window of 32 KiB, the fastest algorithm, no dictionary.
    out.extend_from_slice(&[0x78, 0x01]);
    let last = plain.len().div_ceil(BLOCK).max(1) - 1;
    for number in 0..=last {
        let rest = &plain[number * BLOCK..];
        let block = &rest[..rest.len().min(BLOCK)];
        let length = block.len() as u16;
        out.push(u8::from(number == last));
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(block);
    }
    out.extend_from_slice(&adler2::adler32_slice(plain).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use hdrhistogram::serialization::Deserializer;
    use std::io::Read;

    #[test]
    fn what_is_written_is_read_back_whatever_its_size() {
        let mut stored = Stored::default();
        for values in [1, 1_000, 200_000_u64] {
            let mut histogram = Histogram::default();
            let mut expected = hdrhistogram::Histogram::<u64>::new(3).unwrap();
            for n in 0..values {
                // Neighbours of a doubling fall into the same bucket, and many doublings into others.
                histogram.record(n * n * n);
                expected.record(n * n * n).unwrap();
            }
            let bytes = stored.encode(&histogram);
            let read: hdrhistogram::Histogram<u64> =
                Deserializer::new().deserialize(&mut &bytes[..]).unwrap();
            assert_eq!(read, expected);
        }
    }

    #[test]
    fn long_streams_are_several_blocks() {
        let plain: Vec<u8> = (0..200_000_u32).map(|n| n as u8).collect();
        let mut stream = Vec::new();
        store(&plain, &mut stream);
        assert_eq!(stream.len(), 2 + 4 * 5 + plain.len() + 4);
        let mut read = Vec::new();
        flate2::read::ZlibDecoder::new(&stream[..])
            .read_to_end(&mut read)
            .unwrap();
        assert_eq!(read, plain);
    }
}

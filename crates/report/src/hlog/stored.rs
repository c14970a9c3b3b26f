//! HdrHistogram's compressed V2 format without compression: a zlib stream of stored blocks, which every
//! reader inflates. A compressor would clear hundreds of kilobytes for each second of each step to save a few
//! hundred bytes, on the machine that generates the load.
//!
//! Sources: RFC 1950 (zlib), RFC 1951 §3.2.4 (stored blocks), HdrHistogram's V2 encoding.

use hdrhistogram::serialization::{Serializer, V2SerializeError, V2Serializer};
use std::io;

/// Marks a V2 histogram in a zlib stream.
const COOKIE: u32 = 0x1c84_9304 | 0x10;
/// The largest stored block.
const BLOCK: usize = u16::MAX as usize;

/// Writes histograms that way.
#[derive(Default)]
pub(super) struct StoredSerializer {
    encoder: V2Serializer,
    plain: Vec<u8>,
    stream: Vec<u8>,
}

impl Serializer for StoredSerializer {
    type SerializeError = V2SerializeError;

    fn serialize<T: hdrhistogram::Counter, W: io::Write>(
        &mut self,
        histogram: &hdrhistogram::Histogram<T>,
        writer: &mut W,
    ) -> Result<usize, V2SerializeError> {
        self.plain.clear();
        self.encoder.serialize(histogram, &mut self.plain)?;
        self.stream.clear();
        store(&self.plain, &mut self.stream);
        let length = u32::try_from(self.stream.len()).map_err(io::Error::other)?;
        writer.write_all(&COOKIE.to_be_bytes())?;
        writer.write_all(&length.to_be_bytes())?;
        writer.write_all(&self.stream)?;
        Ok(self.stream.len() + 8)
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

    #[test]
    fn what_is_written_is_read_back_whatever_its_size() {
        let mut serializer = StoredSerializer::default();
        for values in [0, 1, 1_000, 200_000_u64] {
            let mut histogram = hdrhistogram::Histogram::<u64>::new(5).unwrap();
            for n in 0..values {
                histogram.record_n(n * n, n % 7 * 1_000_000 + 1).unwrap();
            }
            let mut bytes = Vec::new();
            let written = serializer.serialize(&histogram, &mut bytes).unwrap();
            assert_eq!(written, bytes.len());
            assert!(values < 200_000 || bytes.len() > 2 * BLOCK, "{written}");
            let read: hdrhistogram::Histogram<u64> =
                Deserializer::new().deserialize(&mut &bytes[..]).unwrap();
            assert_eq!(read, histogram);
        }
    }
}
